"""Texts and lists of a codebook in the cells of a table: as people would type them, and else as JSON.

What a cell cannot tell apart (blanks at the ends, line breaks within the items of a list) stands as a JSON list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ...documents import printable

_STRAIGHT = str.maketrans("“”„‟", '""""')
# Half of a character, which JSON can name and no file can hold.
_HALF = re.compile("[\ud800-\udfff]")
# No pattern that spaCy reads is nested so deep.
_DEEPEST = 20
_TOO_DEEP = f"the JSON is nested more than {_DEEPEST} deep"


def text_cell(text: str, forbidden: tuple[str, ...] = ()) -> str:
    """A text as a cell holds it; as a JSON list of one where it would not come back, or begins as is `forbidden`.

    >>> text_cell("Time is short."), text_cell(" a "), text_cell("[sic] it is")
    ('Time is short.', '[" a "]', '[sic] it is')
    """
    plain = text == text.strip() and "\r" not in text and printable(text) == text and read_text(text) == text
    return text if plain and not text.startswith(forbidden) else json_cell([text])


def read_text(cell: str) -> str:
    """The text of a cell."""
    if cell.startswith("["):
        try:
            held = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        if isinstance(held, list) and len(held) == 1 and isinstance(held[0], str) and not _HALF.search(held[0]):
            return held[0]
    return cell


def list_cell(items: Sequence[str], separator: str = "\n", forbidden: tuple[str, ...] = (), apart: str = "") -> str:
    """The items of a list in one cell. `apart` is what else parts items when they are read.

    >>> list_cell(["a b", "c"]), list_cell(["a", "b\\nc"])
    ('a b\\nc', '["a", "b\\\\nc"]')
    """
    mark = separator.strip(" ")
    odd = any(
        not item or item != item.strip() or item[0] == "[" or "\n" in item or "\r" in item or mark in item
        or printable(item) != item or (apart and apart in item)
        for item in items
    )  # fmt: skip
    cell = separator.join(items)
    return json_cell(items) if odd or cell.startswith(forbidden) else cell


def read_list(cell: str, separator: str = "\n", apart: str = "") -> list[str]:
    """The items of a cell, which `apart` parts too, if it is given.

    Raises ValueError with a sentence where it begins with [ and is no list of texts.
    """
    if not cell.startswith("["):
        mark = separator.strip(" ")
        cell = cell.replace(apart, mark) if apart else cell
        return [item.strip() for item in cell.split(mark) if item.strip()]
    held = read_json(cell)
    if not isinstance(held, list) or not all(isinstance(item, str) for item in held):
        raise ValueError("what begins with [ must be a JSON list of texts")
    return held


def json_cell(value: Any) -> str:
    """A value as JSON with the letters of every language, and no character that XML cannot hold."""
    if isinstance(value, (list, tuple)) and not value:
        return ""
    made = json.dumps(value, ensure_ascii=False)
    return made if printable(made) == made else json.dumps(value)


def read_json(cell: str) -> Any:
    """The value of a cell of JSON, an empty list if it is empty. Raises ValueError with a sentence."""
    # Word makes quotation marks curly as people type.
    for text in (cell, cell.translate(_STRAIGHT)):
        try:
            held = json.loads(text) if text else []
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        except ValueError:
            continue
        _check_json(held)
        return held
    raise ValueError('what begins with [ must be a JSON list, as in ["one", "two"]')


def _check_json(held: Any) -> None:
    """Raise ValueError for what is valid JSON and yet can be worked with nowhere."""
    level = [held]
    for _ in range(_DEEPEST + 1):
        if any(isinstance(text, str) and _HALF.search(text) for text in level):
            raise ValueError("the JSON names half a character (\\ud800 to \\udfff), which no text can hold")
        level = [item for value in level for item in _inside(value)]
    if level:
        raise ValueError(_TOO_DEEP)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []
