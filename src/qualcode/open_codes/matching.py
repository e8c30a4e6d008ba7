"""Indicators met in the stored parses: each looked up by its most telling word, so that their number costs nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ..codebook.indicators import Indicator, Piece
from ..tokens import Tokens
from .negation import AFFIXED, bases

if TYPE_CHECKING:
    import numpy as np


class Hit(NamedTuple):
    """An indicator that was met: tokens `start` to `end` (exclusive) of the source.

    `affixed`: the word was met within one that turns it into its opposite ("unsupportive").
    """

    indicator: Indicator
    start: int
    end: int
    affixed: bool = False


class _Anchored(NamedTuple):
    """An indicator by one of its pieces: the one that is met least often, as far as its length can tell."""

    indicator: Indicator
    anchor: int


class Matching:
    """Indicators, ready to be met."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        self._words: dict[str, list[_Anchored]] = defaultdict(list)
        self._beginnings: dict[str, list[_Anchored]] = defaultdict(list)
        self._known: dict[tuple[str, str], list[_Anchored]] = {}
        for indicator in indicators:
            anchor = max(range(len(indicator.pieces)), key=lambda n, i=indicator: _telling(i.pieces[n]))  # type: ignore[misc]
            piece = indicator.pieces[anchor]
            where = self._words[piece.word] if piece.word else self._beginnings[piece.beginning]
            where.append(_Anchored(indicator, anchor))
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})

    def __bool__(self) -> bool:
        return bool(self._words or self._beginnings)

    def find(self, text: Text) -> list[Hit]:
        """Every hit in a source, by position. An indicator is met once at each of its most telling words."""
        hits = [*text.met(self._anchored), *self._affixed(text)]
        # Stable: indicators that are met at the same words stay in the order of the codebook.
        return sorted(hits, key=itemgetter(1, 2))

    def _anchored(self, surface: str, lemma: str) -> list[_Anchored]:
        """What may be met at a token of this form and lemma."""
        found = self._known.get((surface, lemma))
        if found is None:
            found = list(self._of_form(surface))
            if lemma and lemma != surface:
                seen = {id(item.indicator) for item in found}
                found += [
                    item
                    for item in self._of_form(lemma)
                    if not item.indicator.pieces[item.anchor].exact and id(item.indicator) not in seen
                ]
            self._known[surface, lemma] = found
        return found

    def _of_form(self, form: str) -> Iterator[_Anchored]:
        yield from self._words.get(form, ())
        for length in self._lengths:
            if length > len(form):
                break
            yield from self._beginnings.get(form[:length], ())

    def _affixed(self, text: Text) -> Iterator[Hit]:
        """Hits of single words within their opposites, where the parse says that it is one."""
        for position, base in text.opposites:
            for item in self._of_form(base):
                single = len(item.indicator.pieces) == 1 and not item.indicator.pieces[0].exact
                if single and not item.indicator.veto and text.tokens.pos[position] in AFFIXED:
                    yield Hit(item.indicator, position, position + 1, True)


def _telling(piece: Piece) -> tuple[bool, int]:
    return bool(piece.word), len(piece.word or piece.beginning)


class Text:
    """The words of a source without white space, each by its form, its lemma, and where it stands."""

    def __init__(self, tokens: Tokens) -> None:
        import numpy as np

        self.tokens = tokens
        # Positions here are among the tokens that are no white space; `position` leads back.
        position = np.flatnonzero(~tokens.space)
        self.position: list[int] = position.tolist()
        self.plain = tokens.plain
        self._surface = tokens.surface[position]
        self._lemma = tokens.lemma[position]

    @cached_property
    def surface(self) -> list[str]:
        return [self.plain[code] for code in self._surface.tolist()]

    @cached_property
    def lemma(self) -> list[str]:
        return [self.plain[code] for code in self._lemma.tolist()]

    @cached_property
    def utterance(self) -> list[int]:
        return self.tokens.utterance[self.position].tolist()

    @cached_property
    def sentence(self) -> list[int]:
        return self.tokens.sentence[self.position].tolist()

    @cached_property
    def words(self) -> list[int]:
        """How many words, punctuation not counted, stand before each token; and in the whole."""
        import numpy as np

        wordlike = np.array([form.isalnum() for form in self.plain] or [False])[self._surface]
        return [0, *np.cumsum(wordlike).tolist()]

    @cached_property
    def _pairs(self) -> tuple[list[tuple[str, str]], np.ndarray]:
        """Every pair of form and lemma that is met, and which one each token is."""
        import numpy as np

        size = len(self.plain)
        pairs, codes = np.unique(self._surface.astype(np.int64) * size + self._lemma, return_inverse=True)
        return [(self.plain[pair // size], self.plain[pair % size]) for pair in pairs.tolist()], codes

    def met(self, anchored: Callable[[str, str], list[_Anchored]]) -> Iterator[Hit]:
        """What is met, by `anchored`: what may be met at a token of a form and a lemma."""
        import numpy as np

        if not self.position:
            return
        pairs, codes = self._pairs
        found = [anchored(surface, lemma) for surface, lemma in pairs]
        where = np.flatnonzero(np.array([bool(item) for item in found])[codes])
        for place, pair in zip(where.tolist(), codes[where].tolist(), strict=True):
            for indicator, anchor in found[pair]:
                if len(indicator.pieces) == 1:
                    yield Hit(indicator, self.position[place], self.position[place] + 1)
                elif span := self._span(place, indicator.pieces, anchor):
                    yield Hit(indicator, self.position[span[0]], self.position[span[1]] + 1)

    def _span(self, place: int, pieces: Sequence[Piece], anchor: int) -> tuple[int, int] | None:
        """The first and last token of an indicator around its most telling word; None if the others are not there."""
        if not any(piece.gap for piece in pieces):
            return self._phrase(place - anchor, pieces)
        right = _reach(self, place, [(piece, piece.gap) for piece in pieces[anchor + 1 :]], 1)
        if right is None:
            return None
        # What stands before is met backwards: the gap is that of the piece one comes from.
        gaps = [piece.gap for piece in pieces[anchor:0:-1]]
        left = _reach(self, place, list(zip(pieces[:anchor][::-1], gaps, strict=True)), -1)
        return None if left is None else (left, right)

    def _phrase(self, start: int, pieces: Sequence[Piece]) -> tuple[int, int] | None:
        """The same where all stand side by side."""
        end = start + len(pieces)
        if start < 0 or end > len(self.position) or self.utterance[start] != self.utterance[end - 1]:
            return None
        for place, piece in enumerate(pieces, start):
            if not _fits(self, place, piece):
                return None
        return start, end - 1

    @cached_property
    def opposites(self) -> list[tuple[int, str]]:
        """(token of the source, word) for every word that stands in its opposite."""
        import numpy as np

        made = {code: words for code, form in enumerate(self.plain) if (words := _bases(form))}
        surface = self.tokens.surface
        where = np.flatnonzero(np.isin(surface, list(made))).tolist() if made else []
        return [(position, base) for position in where for base in made[int(surface[position])]]


# The same forms come back in every source.
_bases = cache(bases)


def _reach(text: Text, position: int, pieces: Sequence[tuple[Piece, int]], step: int) -> int | None:
    """Where the nearest run of these pieces ends, going from a token to the right (1) or left (-1).

    All places of a piece are kept and gone on from, so that no indicator takes more steps than its gaps are wide.
    """
    reached = {position}
    for piece, gap in pieces:
        reached = {there for here in reached for there in _near(text, here, gap, step) if _fits(text, there, piece)}
        if not reached:
            return None
    return min(reached) if step > 0 else max(reached)


def _near(text: Text, position: int, gap: int, step: int) -> Iterator[int]:
    """The tokens that may be next: the neighbour, and over a gap those of the sentence with so many words between."""
    there = position + step
    while 0 <= there < len(text.surface) and text.utterance[there] == text.utterance[position]:
        low, high = (position + 1, there) if step > 0 else (there + 1, position)
        between = text.words[high] - text.words[low]
        if between > gap or (there != position + step and text.sentence[there] != text.sentence[position]):
            return
        yield there
        if not gap:
            return
        there += step


def _fits(text: Text, position: int, piece: Piece) -> bool:
    word, beginning, exact, _ = piece
    surface = text.surface[position]
    if word:
        return surface == word or (not exact and text.lemma[position] == word)
    if beginning:
        return surface.startswith(beginning) or (not exact and text.lemma[position].startswith(beginning))
    return surface.isalnum()
