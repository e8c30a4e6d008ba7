"""The text of a source, and finding a quotation in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

from .cleaning import digest
from .folding import Folded, find_all, fold, letters_of, same_beginning, split_at_ellipses
from .likeness import FUZZY_MINIMUM, FUZZY_THRESHOLD, RIVAL, most_alike, unlike_ends, whole_words

# The most letters that an ellipsis may stand for (about 200 words), and the fewest that the parts must have together.
_LEFT_OUT = 1000
_LEFT_IN = 6

# Time codes that a copy of a transcript brings along: "[00:04:32]", and bare ones beside a speaker's label.
_TIME = r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?"
_CODE = rf"(?:\[{_TIME}\]|\({_TIME}\))"

# What stands in a context where the talk begins or ends, and where words of someone were withdrawn.
EDGE, GONE = "\x02", "\x03"


@dataclass(frozen=True)
class Utterance:
    """What locating needs of an utterance: `text[start:end]` of the source is its words."""

    utterance: str
    participant: str
    role: str
    start: int
    end: int
    question: str = ""

    @property
    def gone(self) -> bool:
        """Whether it only marks where the words of someone stood who withdrew."""
        return self.role == "withdrawn"


@dataclass(frozen=True)
class Place:
    """Where a quotation stands, how it was found (exact, normalised, elided, fuzzy) and how alike it is (0-100)."""

    start: int
    end: int
    method: str
    score: float = 100.0


class SourceText:
    """The canonical text of a source, ready to find quotations in. Speaker labels and white space are passed over.

    `answers`: each utterance is an answer to a question, as in a survey, and what stands around it is no context.
    """

    def __init__(
        self, text: str, utterances: Sequence[Utterance], labels: Iterable[str] = (), answers: bool = False
    ) -> None:
        self.text = text
        self.utterances = utterances
        self.answers = answers
        # The marker that stands in the place of withdrawn words is no one's words.
        self.spoken = [utterance for utterance in utterances if not utterance.gone]
        longest = sorted(set(labels), key=lambda label: (-len(label), label))
        joined = "|".join(map(re.escape, longest))
        time = rf"(?:{_CODE}|{_TIME})"
        label = rf"(?:(?<=^)|(?<=\s))(?:{time}\s*)?\[?(?:{joined})\]?(?:\s*{time})?\s*:\s*|" if joined else ""
        self._labels = re.compile(label + _CODE, re.MULTILINE | re.IGNORECASE)
        self._starts = [utterance.start for utterance in self.spoken]
        self._ends = [utterance.end for utterance in self.spoken]
        self._occurrences: dict[str, list[int]] = {}
        self._nearest: dict[str, Place | None] = {}

    @cached_property
    def folded(self) -> Folded:
        return Folded.of(self.text, [(utterance.start, utterance.end) for utterance in self.spoken])

    @cached_property
    def _lettered(self) -> Folded:
        """The folded text without punctuation."""
        kept = list(map(str.isalnum, self.folded.text))
        return Folded("".join(compress(self.folded.text, kept)), list(compress(self.folded.positions, kept)))

    @cached_property
    def version(self) -> str:
        """A digest of the whole text: positions hold as long as it is the same."""
        return digest(self.text)

    def covered(self, start: int, end: int) -> Sequence[Utterance]:
        """The utterances that a span touches, but for those that are gone."""
        return self.spoken[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

    def key(self, start: int, end: int) -> str:
        """The words of a span without the speaker labels in it, folded: what identity is made of."""
        return fold(" ".join(self.text[max(start, u.start) : min(end, u.end)] for u in self.covered(start, end)))

    def occurrence(self, start: int, end: int) -> int:
        """Which of the equal quotations in the source this span is, counted from 1."""
        key = self.key(start, end)
        if key not in self._occurrences:
            self._occurrences[key] = [self.folded.positions[hit] for hit in self._hits(key)]
        return bisect_left(self._occurrences[key], start) + 1

    def places(self, quote: str) -> list[Place]:
        """Every place where the quotation stands: exactly, else normalised or elided, else those most alike."""
        return self.stands(quote) or self._fuzzy(quote)

    def stands(self, quote: str) -> list[Place]:
        """Every place where the quotation stands: exactly, else normalised, else with words left out (`…`).

        Normalised is without regard to case, white space and quotation marks, and in the end to punctuation.
        """
        if not fold(quote):
            return []
        wordings = dict.fromkeys((quote, self.without_labels(quote)))
        for cut in (False, True):
            for wording in wordings:
                # A selection with the mouse may cut a word at its ends; so may only a quotation too long to be chance.
                if cut and len(fold(wording)) < FUZZY_MINIMUM:
                    continue
                if found := self._exact(wording.strip(), cut) or self._normalised(wording, cut):
                    return found
        unlabelled = self.without_labels(quote)
        parts = split_at_ellipses(unlabelled)
        found = self._elided(parts) if parts != [fold(unlabelled)] else []
        return found or (self._unpunctuated(unlabelled) if len(parts) == 1 else [])

    def agreeing(self, place: Place, before: str, after: str) -> int:
        """How many letters of the talk around a place agree with what someone says that stands before and after it."""
        # There may be more blanks and punctuation here than there.
        now = self.around(place.start, place.end, 2 * (len(before) + len(after)))
        sides = ((letters_of(before)[::-1], letters_of(now[0])[::-1]), (letters_of(after), letters_of(now[1])))
        return sum(same_beginning(said, now) for said, now in sides)

    def spans(self, wording: str | re.Pattern[str]) -> list[tuple[int, int]]:
        """Where folded words stand, or match, be it within words; also where such places overlap."""
        if isinstance(wording, str):
            return [self._span(hit, len(wording)) for hit in self._hits(wording)] if wording else []
        overlapping = re.compile(f"(?=({wording.pattern}))")
        found = (match.span(1) for match in overlapping.finditer(self.folded.text))
        return [self._span(start, end - start) for start, end in found if end > start]

    def around(self, start: int, end: int, width: int) -> tuple[str, str]:
        """At most `width` characters of talk before and after a span, a line for each utterance, labels left out.

        EDGE stands where the talk begins or ends, GONE where words were withdrawn; neither counts as a character.
        """
        before: list[str] = []
        for item in map(self.utterances.__getitem__, range(bisect_left(self._all_starts, start) - 1, -1, -1)):
            before.insert(0, GONE if item.gone else self.text[item.start : min(item.end, start)])
            if item.gone or sum(map(len, before)) + len(before) > width:
                break
        else:
            before.insert(0, EDGE)
        after: list[str] = []
        for item in map(self.utterances.__getitem__, range(bisect_right(self._all_ends, end), len(self.utterances))):
            after.append(GONE if item.gone else self.text[max(item.start, end) : item.end])
            if item.gone or sum(map(len, after)) + len(after) > width:
                break
        else:
            after.append(EDGE)
        left, right = "\n".join(before), "\n".join(after)
        kept = width + 2  # a mark and its line end
        return (
            left if left[:1] in (EDGE, GONE) and len(left) <= kept else left[-width:],
            right if right[-1:] in (EDGE, GONE) and len(right) <= kept else right[:width],
        )

    def answer(self, start: int, end: int) -> str:
        """Whose answer to which question a span stands in; '' in talk, and where it stands in several."""
        found = self.covered(start, end) if self.answers else []
        return _answer(found[0]) if len(found) == 1 and found[0].participant else ""

    def within(self, answer: str) -> SourceText | None:
        """That answer alone, with its place in the text."""
        if answer not in self._answers:
            return None
        return SourceText(self.text, self._answers[answer])

    @cached_property
    def _answers(self) -> dict[str, list[Utterance]]:
        answers: dict[str, list[Utterance]] = {}
        for item in self.spoken:
            answers.setdefault(_answer(item), []).append(item)
        return answers

    @cached_property
    def _all_starts(self) -> list[int]:
        return [utterance.start for utterance in self.utterances]

    @cached_property
    def _all_ends(self) -> list[int]:
        return [utterance.end for utterance in self.utterances]

    def without_labels(self, quote: str) -> str:
        """The quotation without the speaker labels and time codes that a copy across turns brings along."""
        return self._labels.sub(" ", quote)

    def nearest(self, quote: str) -> Place | None:
        """The passage that resembles the quotation most, however little."""
        key = fold(self.without_labels(quote))
        if key not in self._nearest:
            self._nearest[key] = self._alike(key, 0, len(self.folded.text))
        return self._nearest[key]

    def _alike(self, key: str, low: int, high: int, least: float = 0.0) -> Place | None:
        found = most_alike(key, self.text, self.folded, low, high, least)
        return Place(found[0], found[1], "fuzzy", found[2]) if found else None

    def _exact(self, quote: str, cut: bool) -> list[Place]:
        found = []
        position = self.text.find(quote) if quote else -1
        while position >= 0:
            start, end = position, position + len(quote)
            # A speaker's label is no one's words, nor is the marker of withdrawn ones.
            if (
                self.covered(start, end)
                and not self._on_marker(start, end)
                and (cut or whole_words(self.text, start, end))
            ):
                found.append(Place(start, end, "exact"))
            position = self.text.find(quote, position + 1)
        return found

    def _on_marker(self, start: int, end: int) -> bool:
        """Whether a span that covers words begins or ends in the marker of withdrawn ones."""
        first, last = bisect_right(self._all_ends, start), bisect_left(self._all_starts, end) - 1
        return self.utterances[first].gone or self.utterances[last].gone

    def _normalised(self, quote: str, cut: bool) -> list[Place]:
        key = fold(quote)
        spans = [self._span(hit, len(key)) for hit in self._hits(key)] if key else []
        return [Place(start, end, "normalised") for start, end in spans if cut or whole_words(self.text, start, end)]

    def _unpunctuated(self, quote: str) -> list[Place]:
        """Where the letters and digits of a quotation stand as whole words, whatever punctuation is between them."""
        key = letters_of(quote)
        hits = find_all(key, self._lettered.text) if key else []
        spans = [self._lettered.span(hit, len(key)) for hit in hits]
        return [Place(*span, "normalised") for span in spans if whole_words(self.text, *span)]

    def _elided(self, parts: Sequence[str]) -> list[Place]:
        """Where the parts around the ellipses stand one after the other, however far apart within reach.

        Where one begins or ends inside another, nothing tells which of them is meant.
        """
        if sum(map(len, parts)) < _LEFT_IN:
            return []
        # Each end of a chain of parts, with all the places where such a chain begins.
        chains = {end: {start} for start, end in self._whole(parts[0])}
        for part in parts[1:]:
            ends = sorted(chains)
            reached = {}
            for start, end in self._whole(part):
                before = ends[bisect_left(ends, start - _LEFT_OUT) : bisect_right(ends, start)]
                if before:
                    reached[end] = set().union(*(chains[earlier] for earlier in before))
            chains = reached
        found = sorted((start, end) for end, starts in chains.items() for start in starts)
        return [Place(*self._span(start, end - start), "elided") for start, end in found]

    def _whole(self, key: str) -> list[tuple[int, int]]:
        """Where folded words stand as whole words, in characters of the folded text."""
        return [(hit, hit + len(key)) for hit in self._hits(key) if whole_words(self.text, *self._span(hit, len(key)))]

    def _fuzzy(self, quote: str) -> list[Place]:
        """The passage most alike, if it is alike enough, and others that are nearly as much alike."""
        key = fold(self.without_labels(quote))
        if len(key) < FUZZY_MINIMUM or not (best := self.nearest(quote)) or best.score < FUZZY_THRESHOLD:
            return []
        positions = self.folded.positions
        start, end = bisect_left(positions, best.start), bisect_left(positions, best.end)
        # Where the quotation begins or ends with words that are not there, the passage is only a piece of it.
        parts = split_at_ellipses(self.without_labels(quote))
        lost = unlike_ends(key, self.folded.text[start:end])
        if any(
            letters >= min(len(part), FUZZY_MINIMUM) for letters, part in zip(lost, (parts[0], parts[-1]), strict=True)
        ):
            return []
        least = best.score - RIVAL
        sides = (self._alike(key, *side, least) for side in ((0, start), (end, len(positions))))
        return sorted([best, *filter(None, sides)], key=lambda place: place.start)

    def _hits(self, key: str) -> list[int]:
        return find_all(key, self.folded.text)

    def _span(self, hit: int, length: int) -> tuple[int, int]:
        return self.folded.span(hit, length)


def _answer(utterance: Utterance) -> str:
    return f"{utterance.participant}: {utterance.question}".rstrip()
