"""Words as quotations are compared: folded, with the place of each character that is left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

# Punctuation that a quotation may begin or end with or not.
ENDS = ".,;:!?…-"

# Where words were left out of a quotation: "we … agreed", "we [...] agreed".
_ELLIPSIS = re.compile(r"\s*(?:[\[(]\s*)?(?:…|\.\s?\.\s?\.)\.?(?:\s*[\])])?\s*")
_QUOTES = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")


class _FoldedCharacters(dict[str, str]):
    """What is left of each character in a folded text, worked out when it is first met."""

    def __missing__(self, char: str) -> str:
        # Soft hyphens, joiners and marks of direction are not seen.
        nothing = char.isspace() or char in _QUOTES or unicodedata.category(char) == "Cf"
        folded = "" if nothing else _DASHES.get(char) or unicodedata.normalize("NFKC", char).casefold()
        self[char] = folded
        return folded


_FOLDED = _FoldedCharacters()


@dataclass(frozen=True)
class Folded:
    """A text without case, white space, quotation marks and what is not seen, and where each character left stands."""

    text: str
    positions: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, text: str, spans: Iterable[tuple[int, int]]) -> Folded:
        letters: list[str] = []
        positions: list[int] = []
        for start, end in spans:
            folded = list(map(_FOLDED.__getitem__, text[start:end]))
            letters += folded
            if max(map(len, folded), default=0) < 2:
                positions += compress(range(start, end), folded)
            else:
                # Some characters fold to several: each of these keeps the one's position.
                positions += (at for at, part in zip(range(start, end), folded, strict=True) for _ in part)
        return cls("".join(letters), positions)

    def span(self, hit: int, length: int) -> tuple[int, int]:
        """Where `length` characters from `hit` on stand in the text."""
        return self.positions[hit], self.positions[hit + length - 1] + 1


def fold_all(text: str) -> str:
    """A text without case, white space, quotation marks and what is not seen."""
    return "".join(map(_FOLDED.__getitem__, text))


def fold(quote: str) -> str:
    """A quotation as it is compared: without case, white space, quotation marks and punctuation at its ends."""
    folded = fold_all(quote)
    return folded.strip(ENDS) or folded


def letters_of(text: str) -> str:
    """The letters and digits of a text, folded."""
    return "".join(char for char in fold_all(text) if char.isalnum())


def split_at_ellipses(quote: str) -> list[str]:
    """The folded parts of a quotation between its ellipses."""
    return [key for part in _ELLIPSIS.split(quote) if (key := fold(part))]


def find_all(key: str, text: str) -> list[int]:
    """Where folded words stand in a folded text, also where these places overlap."""
    found = []
    hit = text.find(key)
    while hit >= 0:
        found.append(hit)
        hit = text.find(key, hit + 1)
    return found


def same_beginning(first: str, second: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
