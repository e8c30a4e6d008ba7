"""Finding listed phrases again in words of people: as written, whole words, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .names import TOKEN


class Phrases:
    """Phrases that are looked for as they are written; what holds no letter or digit is no phrase."""

    def __init__(self, texts: Iterable[str]):
        self._first: dict[str, list[tuple[int, str]]] = {}
        for text in dict.fromkeys(texts):
            if first := TOKEN.search(text):
                self._first.setdefault(first[0], []).append((first.start(), text))
        for alike in self._first.values():
            alike.sort(key=lambda item: (-len(item[1]), item[1]))

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, phrase) of every phrase in the text, in order and without overlaps."""
        done = 0
        for token in TOKEN.finditer(text) if self._first else ():
            for offset, phrase in self._first.get(token[0], ()):
                start = token.start() - offset
                end = start + len(phrase)
                if start >= done and text.startswith(phrase, start) and not _INSIDE_WORD.match(text, end - 1):
                    done = end
                    yield start, end, phrase
                    break


_INSIDE_WORD = re.compile(r"[^\W_][^\W_]")
