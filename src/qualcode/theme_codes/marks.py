"""Marks by which a theme is known again, whatever its number is: digests of its most central utterances."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..text import digest
from ..text.folding import letters_of

if TYPE_CHECKING:
    import pandas as pd

# So many of the most central utterances are marks; as the schema has them, each is 8 hexadecimal digits.
MARKS, DIGITS = 10, 8
# Of a code's marks this share is found in the theme that it was made of, and this number (all, where there are fewer).
SHARE, FEWEST = 0.5, 2


def mark_of(text: str) -> str:
    """The mark of a wording, whatever its case, white space and punctuation; '' where it has neither letter nor digit.

    >>> mark_of("My mentor, always there!") == mark_of("my mentor always there")
    True
    """
    letters = letters_of(text)
    return digest(letters)[:DIGITS] if letters else ""


def marks(voices: pd.DataFrame) -> dict[int, list[str]]:
    """The marks of each theme. `voices` are those of `quotations.voices`, the most central first."""
    found: dict[int, list[str]] = {}
    for theme, text in zip(voices["theme"], voices["text"], strict=True):
        own = found.setdefault(int(theme), [])
        if len(own) < MARKS and (mark := mark_of(text)) and mark not in own:
            own.append(mark)
    return found


def adopted(said_in: pd.DataFrame, codebook: Codebook) -> dict[int, str]:
    """Themes of which a code was made, each with that code.

    `said_in` has theme (from 1) and text of every utterance of a theme. A theme is that of a code where at least half
    of the code's marks stand among its utterances (and at least two, if the code has so many). Codes that were merged
    keep the marks of all: half of those of one are enough. Of several codes a theme takes the one with most marks in
    it, of equals the first in the codebook.
    """
    marked = {code.code: set(code.theme) for code in codebook.codes if code.theme}
    if not marked:
        return {}
    wanted = set().union(*marked.values())
    themes_of: dict[str, set[int]] = {}
    for theme, text in zip(said_in["theme"], said_in["text"], strict=True):
        if (mark := mark_of(text)) in wanted:
            themes_of.setdefault(mark, set()).add(int(theme))
    best: dict[int, tuple[int, str]] = {}
    for code, own in marked.items():
        found = Counter(theme for mark in own for theme in themes_of.get(mark, ()))
        enough = max(SHARE * min(len(own), MARKS), min(FEWEST, len(own)))
        for theme, number in found.items():
            if number >= enough and number > best.get(theme, (0, ""))[0]:
                best[theme] = (number, code)
    return {theme: code for theme, (_, code) in best.items()}
