"""Memos as people write them: a head of `key: value` lines between rules of dashes, and what they say."""

from __future__ import annotations

import re
from pathlib import Path

from ..files import decode

_HEAD = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def read_memo(path: Path) -> tuple[list[tuple[str, str]], str]:
    """The keys and values of a memo's head, those that are empty left out, and the memo below it."""
    text = decode(path)[0].replace("\r\n", "\n")
    head = _HEAD.match(text)
    if head is None:
        return [], text
    lines = (line.partition(":") for line in head[1].split("\n"))
    return [(key.strip(), value.strip()) for key, _, value in lines if value.strip()], text[head.end() :]
