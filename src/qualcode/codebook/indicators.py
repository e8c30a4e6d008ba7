"""Indicators: the words and phrases of a codebook's rules, as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

# More words than this between two words of an indicator are no phrase any more.
WIDEST_GAP = 20
LONGEST = 30

_QUOTES = str.maketrans("“”„‟", '""""')
# Signs that people, phones and transcription services put for one another.
_ALIKE = str.maketrans("’‘ʼ´`‐‑", "'" * 5 + "--")
_GAP = re.compile(r"~([0-9]{1,3})")


class Piece(NamedTuple):
    """One token of an indicator: a word, the beginning of a word, or (both empty) any word.

    `exact`: only as it is written, not by its lemma. `gap`: so many words may stand between the piece before and it.
    """

    word: str = ""
    beginning: str = ""
    exact: bool = False
    gap: int = 0

    @property
    def any(self) -> bool:
        return not self.word and not self.beginning


@dataclass(frozen=True)
class Indicator:
    """An indicator of a code as it was typed, and what it is made of."""

    code: str
    typed: str
    pieces: tuple[Piece, ...]
    veto: bool = False


def plain(form: str) -> str:
    """A word as it is compared: without case, apostrophes and hyphens of one kind."""
    return form.casefold().translate(_ALIKE)


def pieces(typed: str, tokens_of: Callable[[str], Iterable[str]] = str.split) -> tuple[Piece, ...]:
    """What an indicator is made of. `tokens_of` cuts a word into tokens as the parses have them.

    A word stands for itself, by its surface form or its lemma in context; `*` at its end for any ending, alone for one
    word; `~n` for a gap of up to n words; what is in quotation marks is met only as it is written. Raises ValueError
    with a sentence for what cannot be read.

    >>> pieces('mentor* ~2 "meeting"')
    (Piece(word='', beginning='mentor', exact=False, gap=0), Piece(word='meeting', beginning='', exact=True, gap=2))
    """
    text = unicodedata.normalize("NFC", typed).translate(_QUOTES).replace("\u00ad", "")
    if text.count('"') % 2:
        raise ValueError("a quotation mark is not closed")
    found: list[Piece] = []
    gap = None
    for word, exact in _words(text):
        if word.startswith("~") and not exact:
            match = _GAP.fullmatch(word)
            if not match or not 1 <= int(match[1]) <= WIDEST_GAP:
                raise ValueError(f"'{word}' must give a number of words from 1 to {WIDEST_GAP}, as in ~2")
            if not found or gap is not None:
                raise ValueError(f"'{word}' must stand between two words")
            gap = int(match[1])
            continue
        found += _of_word(word, exact, gap or 0, tokens_of)
        gap = None
    if gap is not None:
        raise ValueError(f"'~{gap}' must stand between two words")
    if all(piece.any for piece in found):
        raise ValueError("there is no word in it, so that it would be met everywhere")
    if len(found) > LONGEST:
        raise ValueError(f"it has {len(found)} words, and an indicator may have {LONGEST}")
    return tuple(found)


def wordings(typed: str, tokens_of: Callable[[str], Iterable[str]]) -> list[tuple[Piece, ...]]:
    """The ways in which talk may have an indicator cut into tokens: "DON'T" and "Mr." by their case, and some not."""
    written = (typed, typed.lower(), typed.upper(), typed.title())
    return list(dict.fromkeys([*(pieces(text, tokens_of) for text in written), pieces(typed)]))


def _words(text: str) -> Iterator[tuple[str, bool]]:
    for position, part in enumerate(text.split('"')):
        for word in part.split():
            yield word, position % 2 == 1


def _of_word(word: str, exact: bool, gap: int, tokens_of: Callable[[str], Iterable[str]]) -> list[Piece]:
    stem, star = (word[:-1], True) if word.endswith("*") else (word, False)
    if "*" in stem:
        raise ValueError(f"in '{word}', * must be the end of a word, or stand alone for one word")
    if not stem:
        return [Piece(gap=gap)]
    *first, last = [plain(token) for token in tokens_of(stem) if not token.isspace()]
    made = [Piece(token, exact=exact) for token in first]
    made.append(Piece(beginning=last, exact=exact) if star else Piece(last, exact=exact))
    made[0] = made[0]._replace(gap=gap)
    return made
