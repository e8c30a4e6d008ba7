"""Finding listed phrases again in words of people: as written, whole words, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .names import TOKEN


class Phrases:
    """Phrases that are looked for as they are written, with blanks as wide as they come.

    What holds no letter or digit is no phrase.
    """

    def __init__(self, texts: Iterable[str]):
        self._first: dict[str, list[tuple[int, str, re.Pattern[str]]]] = {}
        for text in dict.fromkeys(texts):
            if first := TOKEN.search(text):
                pattern = re.compile(r"\s+".join(map(re.escape, text.split())))
                start = first.start() - (len(text) - len(text.lstrip()))
                self._first.setdefault(first[0], []).append((start, text, pattern))
        for alike in self._first.values():
            alike.sort(key=lambda item: (-len(item[1]), item[1]))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, phrase) of every phrase in the text, in order and without overlaps."""
        done = 0
        for token in TOKEN.finditer(text) if self._first else ():
            for offset, phrase, pattern in self._first.get(token[0], ()):
                start = token.start() - offset
                match = pattern.match(text, start) if start >= done else None
                if match and not _INSIDE_WORD.match(text, match.end() - 1):
                    end = done = match.end()
                    yield start, end, phrase
                    break


_INSIDE_WORD = re.compile(r"[^\W_][^\W_]")
