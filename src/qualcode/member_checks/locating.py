"""Find the words that were issued in the texts as they are now: corrected, cut, moved, with other names hidden."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..answers import AskedPart
from ..study import Study
from ..text import ENDS, FUZZY_MINIMUM, Folded, Place, SourceText, Utterance, count_words
from ..text.folding import find_all, fold, fold_all, letters_of, same_beginning
from ..text.likeness import most_alike, whole_words
from ..typed import Gone

if TYPE_CHECKING:
    import pandas as pd

# So many words are no chance: where they stand, they are those that were issued.
SURELY = 5
# How alike (0-100) changed words must be to what was issued: anywhere, between the words that stood around them, and
# as the whole of an utterance.
ALIKE, BETWEEN, WHOLE = 80, 60, 75
# Letters of what stood at one side that tell a place, and of both sides for the words between them to be looked at.
ENOUGH, _FRAME = 12, 8
# Letters around a few words that must agree besides one whole side.
_LEAST = 4
NOT_BOTH = -1
# Over so many of a person's turns others may have parted one since.
_TURNS = 3
# Names were hidden behind words in brackets; what stands there now is as long at most.
_BRACKETS = re.compile(r"\[[^\[\]]{1,40}\]")
_NAME = r".{1,40}?"

MISSING = "not found in the texts any more"
CHANGED = "changed since it was issued ({score:.0f} of 100 alike): look whether it is this"
OTHER_WORDS = "changed since it was issued: what was kept are other words"
SEVERAL = "stands several times, and nothing tells which is meant: all are taken"
COPY = "the same words stand here too"
LEFT = "some of its words in a row: look whether it is this"
ANOTHER = "stands in words of another person now"

Span = tuple[str, int, int]


@dataclass(frozen=True)
class Stand:
    """Where issued words stand now: (source, start, end), several where a turn was parted since.

    `same`: the words are those that were issued, but for case, white space and punctuation, and names hidden since.
    `around`: how many letters of what stood around them stand there still; NOT_BOTH unless both sides agree.
    """

    spans: tuple[Span, ...]
    note: str = ""
    same: bool = True
    around: int = NOT_BOTH


@dataclass(frozen=True)
class _Candidate:
    """A place that may be meant: at how many sides and by how many letters what stood around agrees, and how far it is.

    `held`: enough agrees to know it by that.
    """

    spans: tuple[Span, ...]
    same: bool
    held: bool
    sides: int
    letters: int
    away: tuple[Any, ...]

    @property
    def rank(self) -> tuple[Any, ...]:
        return -self.sides, -self.letters, self.away


class Talk:
    """The texts of a study, to find in them what was issued to participants."""

    def __init__(self, study: Study, results: Path, utterances: pd.DataFrame) -> None:
        self._study, self._results = study, results
        self._own: dict[str, dict[str, list[Utterance]]] = {}
        self._words: dict[str, tuple[Utterance, str, str]] = {}
        self._scopes: dict[tuple[str, str], _Scope] = {}
        wanted = ["source", "utterance", "participant", "role", "start", "end", "text"]
        for source, key, person, role, start, end, words in utterances[wanted].itertuples(index=False, name=None):
            if role in ("withdrawn", "heading"):
                continue
            item = Utterance(key, person, role, start, end)
            self._words[key] = item, source, words
            for whose in {person, ""}:
                self._own.setdefault(whose, {}).setdefault(source, []).append(item)

    def find(self, person: str, part: AskedPart) -> list[Stand]:
        """Where a part of a person's quotation stands now: one place, several if nothing tells them apart, or none."""
        return self._unmoved(person, part) or self._moved(person, part)

    def further(self, person: str, part: AskedPart, found: Sequence[Stand], taken: list[Span]) -> list[Stand]:
        """Further places in the person's words that would tell what stands at those found; `taken` grows by them.

        The same words again, if they are no chance. Where the talk was changed, what was found may be another place
        than the one that was issued: so also what resembles the words, or has some of them in a row, where it was.
        """
        again = []
        if count_words(part.text) >= SURELY:
            again = [
                Stand(scope.spans(place, part.text)[0], COPY)
                for scope in self._speaking(person)
                for words in self._wordings(scope.source, part.text)
                for place in scope.equals(words)
            ]
        further = left(again, taken)
        if not self._unmoved(person, part):
            near = self._near(person, part) if found else self._speaking(person)
            framed = (stand for stand in _framed(near, part, self._wordings) if not _meet(stand, taken))
            further += left(islice(framed, 1), taken)
            if not self.settles(person, part, found, ENOUGH):
                further += left(_alike(near, part, self._wordings, taken), taken)
                further += left(self._remains(near, part), taken)
        return further

    def settles(self, person: str, part: AskedPart, found: Sequence[Stand], letters: int = 0) -> bool:
        """Whether the place that was issued is among those found, by so many letters of what stood around it."""
        near = {scope.source for scope in self._near(person, part)}
        return any(stand.around >= letters and stand.spans[0][0] in near for stand in found)

    def _remains(self, scopes: Iterable[_Scope], part: AskedPart) -> Iterator[Stand]:
        """Stretches of a person's words with some words in a row of a part."""
        for scope in scopes:
            gone = Gone([("", words) for words in self._wordings(scope.source, part.text)])
            for item in scope.text.spoken:
                for start, end, _ in gone.spans(scope.text.text[item.start : item.end]):
                    yield Stand(((scope.source, item.start + start, item.start + end),), LEFT, same=False)

    # --- where it was -------------------------------------------------------------------------------------------------

    def _unmoved(self, person: str, part: AskedPart) -> list[Stand]:
        """The place that was issued, if the same words of the same person stand there between the same words."""
        item, source, words = self._words.get(part.utterance, (None, "", ""))
        if item is None or source != part.source or item.participant != person:
            return []
        stays = words[part.start : part.end] == part.text
        around = words[: part.start].endswith(part.before) and words[part.end :].startswith(part.after)
        span = (source, item.start + part.start, item.start + part.end)
        return [Stand((span,), around=ENOUGH)] if stays and around else []

    # --- where it may be now ------------------------------------------------------------------------------------------

    def _moved(self, person: str, part: AskedPart) -> list[Stand]:
        """The first of these ways that leads somewhere."""
        near = self._near(person, part)
        far = [scope for scope in self._speaking(person) if scope not in near]
        sure = count_words(part.text) >= SURELY
        return (
            self._best(near, part, sure)
            or (self._best(far, part, sure) if sure else [])
            or _framed(near, part, self._wordings)[:1]
            or _alike(near, part, self._wordings)[:1]
            or [replace(item, note=ANOTHER) for item in (self._best(self._speaking(""), part, sure) if sure else [])]
        )

    def _speaking(self, person: str) -> list[_Scope]:
        """The texts in which a person speaks, with only their words; without a person, all words.

        Of a person that is not known any more all words may be theirs.
        """
        whose = person if person in self._own else ""
        return [self._scope(source, whose) for source in self._own.get(whose, {})]

    def _near(self, person: str, part: AskedPart) -> list[_Scope]:
        """Those of the source of a part; where the person speaks there no more, all."""
        scopes = self._speaking(person)
        return [scope for scope in scopes if scope.source == part.source] or scopes

    def _scope(self, source: str, whose: str) -> _Scope:
        if (source, whose) not in self._scopes:
            text = (self._results / "texts" / f"{source}.txt").read_text(encoding="utf-8")
            self._scopes[source, whose] = _Scope(source, SourceText(text, self._own[whose][source]))
        return self._scopes[source, whose]

    def _wordings(self, source: str, words: str) -> list[str]:
        """Words as they were issued, and as they stand where names were listed since."""
        return self._study.hider(source).variants(words)

    def _standing(self, scope: _Scope, part: AskedPart) -> list[_Candidate]:
        """Where the words of a part stand in what a person said, whatever stands around them."""
        places: list[Place] = []
        for wording in self._wordings(scope.source, part.text):
            places = places or [place for place in scope.text.stands(wording) if place.method != "elided"]
        if not places and (opened := _opened(part.text)):
            places = [Place(start, end, "normalised") for start, end in scope.text.spans(opened)]
        before, after = (self._wordings(scope.source, words) for words in (part.before, part.after))
        candidates = []
        for place in places:
            met = scope.text.covered(place.start, place.end)
            sides = (
                _agreeing(before, scope.text.text[met[0].start : place.start], -1),
                _agreeing(after, scope.text.text[place.end : met[-1].end], 1),
            )
            spans, widened = scope.spans(place, part.text)
            agree, letters = sum(agrees for agrees, _ in sides), sum(letters for _, letters in sides)
            held = agree == len(sides) or (agree > 0 and letters >= _LEAST)
            candidates.append(_Candidate(spans, not widened, held, agree, letters, _away(scope, place.start, part)))
        return candidates

    def _best(self, scopes: Sequence[_Scope], part: AskedPart, sure: bool) -> list[Stand]:
        """Where the words stand between those that agree most; a few words only where some of these agree."""
        found = [item for scope in scopes for item in self._standing(scope, part) if sure or item.held]
        found.sort(key=lambda item: item.rank)
        ties = [item for item in found if item.rank[:2] == found[0].rank[:2]]
        note = SEVERAL if len(ties) > 1 else ""
        return [Stand(item.spans, note, item.same, item.letters if item.sides == 2 else NOT_BOTH) for item in ties]


class _Scope:
    """A person's words in a source."""

    def __init__(self, source: str, text: SourceText) -> None:
        self.source, self.text = source, text

    def spans(self, place: Place, words: str) -> tuple[tuple[Span, ...], bool]:
        """A place of issued words utterance by utterance, with the punctuation that they had at their end.

        A word that would be cut is in it whole; the second says whether one was.
        """
        text, start, end = self.text.text, place.start, place.end
        while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
            start -= 1
        while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
        widened = (start, end) != (place.start, place.end)
        ending = words[len(words.rstrip(ENDS)) :]
        if not text.endswith(ending, start, end) and text.startswith(ending, end):
            end += len(ending)
        return self.parted(start, end), widened

    def parted(self, start: int, end: int) -> tuple[Span, ...]:
        """A span utterance by utterance."""
        met = self.text.covered(start, end)
        return tuple((self.source, max(item.start, start), min(item.end, end)) for item in met)

    def equals(self, words: str) -> list[Place]:
        """Every place where the letters of words stand as whole words, whatever the case and punctuation."""
        wanted = letters_of(words)
        spans = (self._letters.span(hit, len(wanted)) for hit in find_all(wanted, self._letters.text))
        return [Place(*span, "normalised") for span in spans if whole_words(self.text.text, *span)]

    @cached_property
    def _letters(self) -> Folded:
        folded = self.text.folded
        kept = [char.isalnum() for char in folded.text]
        return Folded("".join(compress(folded.text, kept)), list(compress(folded.positions, kept)))

    @cached_property
    def folded(self) -> list[Folded]:
        """Each utterance by itself, and with those that the person says next."""
        spans = [(item.start, item.end) for item in self.text.spoken]
        return [
            Folded.of(self.text.text, spans[first : first + turns])
            for turns in range(1, _TURNS + 1)
            for first in range(len(spans) - turns + 1)
        ]

    def gaps(self, taken: Iterable[Span]) -> list[tuple[int, int]]:
        """The stretches of the folded text between spans that are taken, each from one character to another."""
        positions = self.text.folded.positions
        spans = sorted(span[1:] for span in taken if span[0] == self.source)
        starts = [0, *(bisect_left(positions, end) for _, end in spans)]
        ends = [*(bisect_left(positions, start) for start, _ in spans), len(positions)]
        return list(zip(starts, ends, strict=True))


def _opened(words: str) -> re.Pattern[str] | None:
    """Folded words with any name in the place of those in brackets; None where there are none, or little else."""
    parts = [fold_all(part) for part in _BRACKETS.split(words)]
    if len(parts) < 2 or sum(map(len, parts)) < _FRAME:
        return None
    return re.compile(_NAME.join(map(re.escape, parts)))


def _agreeing(said: Iterable[str], now: str, step: int) -> tuple[bool, int]:
    """Whether what stood at one side stands there still, and how many of its letters do, from the passage outwards.

    Of what stood there are several wordings; ENOUGH letters of it tell. Where nothing stood, nothing may stand now.
    """
    here = letters_of(now)[::step]
    best = (False, 0)
    for words in said:
        there = letters_of(words)[::step]
        same = same_beginning(there, here)
        agrees = same >= min(ENOUGH, len(there)) if there else not here
        best = max(best, (agrees, same))
    return best


def _away(scope: _Scope, start: int, part: AskedPart) -> tuple[Any, ...]:
    """How far a place is from where it was issued: in utterances, then in the order of the study."""
    item = scope.text.covered(start, start + 1)[0]
    return item.utterance != part.utterance, abs(_number(item.utterance) - _number(part.utterance)), start


def _number(utterance: str) -> int:
    number = utterance.rpartition(":")[2]
    return int(number) if number.isdecimal() else 0


def _framed(scopes: Sequence[_Scope], part: AskedPart, wordings: Callable[[str, str], list[str]]) -> list[Stand]:
    """What stands between the words that stood around a part, if it resembles it; the likest first."""
    from rapidfuzz.distance import Indel

    found: list[tuple[float, tuple[Any, ...], Stand]] = []
    key = fold_all(part.text)
    for scope in scopes:
        frames = [
            (fold_all(before), fold_all(after))
            for before in wordings(scope.source, part.before)
            for after in wordings(scope.source, part.after)
        ]
        least = BETWEEN if max(len(before) + len(after) for before, after in frames) >= _FRAME else WHOLE
        for folded in scope.folded:
            for first, last in _between(folded.text, frames):
                score = 100 * Indel.normalized_similarity(key, folded.text[first:last])
                if score >= least:
                    start, end = folded.span(first, last - first)
                    stand = Stand(scope.parted(start, end), CHANGED.format(score=score), same=False)
                    found.append((-score, _away(scope, start, part), stand))
    return [stand for *_, stand in sorted(found, key=lambda entry: entry[:2])]


def _between(folded: str, frames: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Where something stands in folded words between others; where there were none, from or to the end of these."""
    for before, after in frames:
        for hit in find_all(before, folded) if before else [0]:
            first = hit + len(before)
            last = folded.find(after, first) if after else len(folded)
            if first < last:
                yield first, last


def _alike(
    scopes: Sequence[_Scope], part: AskedPart, wordings: Callable[[str, str], list[str]], taken: Sequence[Span] = ()
) -> list[Stand]:
    """The words of each stretch not taken that resemble a part most, if they do so enough; the likest first."""
    found: list[tuple[float, tuple[Any, ...], Stand]] = []
    for scope in scopes if len(fold_all(part.text)) >= FUZZY_MINIMUM else ():
        text = scope.text
        for key in [fold(text.without_labels(words)) for words in wordings(scope.source, part.text)]:
            for low, high in scope.gaps(taken):
                if hit := most_alike(key, text.text, text.folded, low, high, ALIKE):
                    spans = scope.spans(Place(*hit[:2], "fuzzy", hit[2]), part.text)[0]
                    stand = Stand(spans, CHANGED.format(score=hit[2]), same=False)
                    found.append((-hit[2], _away(scope, hit[0], part), stand))
    return [stand for *_, stand in sorted(found, key=lambda entry: entry[:2])]


def left(stands: Iterable[Stand], taken: list[Span]) -> list[Stand]:
    """What of the places is not taken yet; `taken` grows by it."""
    left = []
    for stand in stands:
        spans = list(stand.spans)
        for other in taken:
            spans = [piece for span in spans for piece in _without(span, other)]
        if spans:
            taken += spans
            left.append(replace(stand, spans=tuple(spans)))
    return left


def _without(span: Span, other: Span) -> list[Span]:
    source, start, end = span
    if source != other[0]:
        return [span]
    pieces = (start, min(end, other[1])), (max(start, other[2]), end)
    return [(source, first, last) for first, last in pieces if first < last]


def _meet(stand: Stand, taken: Iterable[Span]) -> bool:
    """Whether a place shares words with what is taken."""
    return any(_without(span, other) != [span] for span in stand.spans for other in taken)
