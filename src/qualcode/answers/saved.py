"""Answers that the form in the browser saved: a small json file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import failure
from ..files import decode
from ..text import clean
from .filled import Filled, question_of
from .model import ANSWERS_MARK, PACKET_MARK

# The longest packet, answered at length, has a thousandth of it.
_LIMIT = 20 * 1024 * 1024
_AGAIN = "Ask for the file again that the form saves (answers-….json), or type what it says into a csv."


def read_saved(path: Path) -> Filled:
    """Read a file of answers. Raises QualcodeError where it is none, or damaged."""
    if path.stat().st_size > _LIMIT:
        raise failure(path, "", f"the file has more than {_LIMIT // 2**20} MB, as no answers have", _AGAIN)
    try:
        document = json.loads(decode(path)[0], object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise failure(path, "", "the file is damaged: it is not the json that the form saves", _AGAIN) from None
    mark = document.get("qualcode") if isinstance(document, dict) else None
    if mark == PACKET_MARK:
        raise failure(path, "", "this is what a packet asks, and no answer", "Take it away: issued/ has it.")
    if mark != ANSWERS_MARK:
        raise failure(path, "", "this is no file of answers that this version of qualcode knows", _AGAIN)
    answers, code, title = (document.get(key) for key in ("answers", "return_code", "study"))
    if not (isinstance(answers, dict) and all(isinstance(text, str) for text in (code, title, *answers.values()))):
        raise failure(path, "", "the file is damaged: its answers are not texts by question", _AGAIN)
    values = {question_of(key) or key: [clean(_written(value))[0].strip()] for key, value in answers.items()}
    if len(values) < len(answers):
        raise failure(path, "", "the file is damaged: a question stands twice in it", _AGAIN)
    return Filled(path, str(code), str(title), values, frozenset(values))


def _written(text: str) -> str:
    """A text that can be written again: json may hold one half of a sign that has two."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of json in which no key stands twice: the last would win in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
