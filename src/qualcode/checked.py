"""What participants said of their quotations and of the concepts in member checks, for whatever shows either."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from .answers import CHANGE, KEEP, WITHDRAW
from .console import counted_words, enumeration

if TYPE_CHECKING:
    import pandas as pd

# What became of a quotation (column effect of member_checks).
KEPT, AMENDED, WITHDRAWN, WAITS = "kept", "amended", "withdrawn", "waits for words"
# What a rating says of a concept: 4 and 5, 3, 1 and 2.
AGREES, NEITHER, DISAGREES = "agrees", "neither", "disagrees"
# What else participants write.
ASKED, ADDITION = "change asked for", "added"
EFFECTS = (AGREES, NEITHER, DISAGREES, ASKED, KEPT, AMENDED, WITHDRAWN, WAITS, ADDITION)
# How a sentence about disagreement begins.
LEAD = "Member check: "
# Shown in the place of words, and after words that a participant put in the place of others.
INSTEAD = {
    WITHDRAWN: "[words withdrawn by the participant]",
    AMENDED: "[words amended by the participant]",
    WAITS: "[words that the participant wants to change]",
}
AMENDED_NOTE = "[amended by the participant]"


@dataclass(frozen=True)
class Mark:
    """A span of a source's canonical text of which a participant decided; `words` stand in its place if amended."""

    start: int
    end: int
    kind: str
    participant: str
    words: str = ""

    @property
    def covers(self) -> bool:
        """Whether the words may not be shown as they were said."""
        return self.kind != KEPT


def rated_as(name: str, names: Iterable[str]) -> str:
    """What a concept was called when people rated it, where it is called otherwise now; '' where it is not.

    >>> rated_as("Guides", ["Help", "Guides"]), rated_as("Help", ["Help"])
    (' as “Help”', '')
    """
    # A packet calls a category "Help (in general)", in the language of the study.
    others = [f"“{other}”" for other in names if name and name not in other]
    return f" as {enumeration(others)}" if others else ""


@dataclass(frozen=True)
class Ratings:
    """How many people rated a concept, and what they said; `names` are those that it had in their packets."""

    agree: int = 0
    neither: int = 0
    disagree: int = 0
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def answered(self) -> int:
        return self.agree + self.neither + self.disagree

    def told(self, name: str = "") -> str:
        """The disagreement as a sentence, '' if there is none; `name` is what the codebook calls the concept now."""
        if not self.disagree:
            return ""
        said = "says" if self.disagree == 1 else "say"
        return (
            f"{LEAD}{self.disagree} of {counted_words(self.answered, 'person', 'people')} who rated it"
            f"{rated_as(name, self.names)} {said} that it does not reflect their experience."
        )


@dataclass(frozen=True)
class Checked:
    """Marks by source, in order and none sharing words with another that covers; ratings by the codebook's codes."""

    marks: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    concepts: Mapping[str, Ratings] = field(default_factory=dict)

    @classmethod
    def of(cls, member_checks: pd.DataFrame) -> Checked:
        """From the table member_checks."""
        found: dict[str, list[Mark]] = {}
        placed = member_checks[(member_checks["source"] != "") & member_checks["start"].notna()]
        wanted = ["source", "start", "end", "effect", "participant", "words"]
        for source, start, end, effect, person, words in placed[wanted].itertuples(index=False, name=None):
            if effect in (KEPT, *INSTEAD):
                shown = words if effect == AMENDED else ""
                found.setdefault(source, []).append(Mark(int(start), int(end), effect, person, shown))
        rated = last_ratings(member_checks)
        concepts = {
            str(code): Ratings(
                agree=int((of["effect"] == AGREES).sum()),
                neither=int((of["effect"] == NEITHER).sum()),
                disagree=int((of["effect"] == DISAGREES).sum()),
                names=tuple(dict.fromkeys(of["concept_name"])),
            )
            for code, of in rated.groupby("concept", sort=False)
        }
        return cls({source: tuple(_apart(marks)) for source, marks in found.items()}, concepts)

    @cached_property
    def _reach(self) -> dict[str, tuple[list[int], list[int]]]:
        """By source, where each mark begins, and how far it or one before it reaches."""
        return {
            source: ([mark.start for mark in marks], list(accumulate((mark.end for mark in marks), max)))
            for source, marks in self.marks.items()
        }

    def touching(self, source: str, start: int, end: int) -> list[Mark]:
        """The marks that share words with a span."""
        if source not in self.marks:
            return []
        starts, reach = self._reach[source]
        near = self.marks[source][bisect_right(reach, start) : bisect_left(starts, end)]
        return [mark for mark in near if mark.start < end and start < mark.end]

    def covering(self, source: str, start: int, end: int) -> list[Mark]:
        """Those of them whose words may not be shown as they were said."""
        return [mark for mark in self.touching(source, start, end) if mark.covers]

    def bars(self, source: str, *spans: tuple[int, int]) -> bool:
        """Whether what stands at these spans cannot be quoted.

        Words in them were withdrawn, or what was amended is not in one of them as a whole.
        """
        marks = [(start, end, mark) for start, end in spans for mark in self.covering(source, start, end)]
        whole = all(mark.kind == AMENDED and start <= mark.start and mark.end <= end for start, end, mark in marks)
        return not whole or (bool(marks) and not any(mark.words for *_, mark in marks))

    def allows(self, person: str, source: str, start: int, end: int) -> bool:
        """Whether a person said of all these words of theirs that they may be quoted, as they are or amended."""
        at = start
        for mark in self.touching(source, start, end):
            if mark.participant == person and mark.kind in (KEPT, AMENDED) and mark.start <= at:
                at = max(at, mark.end)
        return at >= end

    def pieces(self, source: str, start: int, words: str) -> list[tuple[int, int, str]]:
        """Words that begin at `start` as pieces (start, end, what may be shown of them), in order and without a gap."""
        found: list[tuple[int, int, str]] = []
        at, stop = start, start + len(words)
        for mark in self.covering(source, start, stop):
            first, last = max(mark.start, start), min(mark.end, stop)
            if at < first:
                found.append((at, first, words[at - start : first - start]))
            found.append((first, last, _shown(mark, first, last)))
            at = last
        if at < stop:
            found.append((at, stop, words[at - start :]))
        return found

    def told(self, source: str, start: int, words: str) -> str:
        """Words that begin at `start` as they may be shown."""
        if not self.marks.get(source):
            return words
        return "".join(piece for _, _, piece in self.pieces(source, start, words))


def _shown(mark: Mark, first: int, last: int) -> str:
    if mark.kind == AMENDED and mark.words and (first, last) == (mark.start, mark.end):
        return f"{mark.words} {AMENDED_NOTE}"
    return INSTEAD[mark.kind]


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """Marks in order, those that cover cut so that none shares words with another: what was withdrawn outranks.

    Of the others the later answer does; `marks` are in the order of issuing. An amended quotation that shares words
    with one that outranks it cannot be shown amended: what is left of it is covered too.
    """
    covering = [mark for mark in reversed(marks) if mark.covers]
    whole: list[Mark] = []
    for mark in sorted(covering, key=lambda mark: mark.kind != WITHDRAWN):
        pieces = [(mark.start, mark.end)]
        at = bisect_right(whole, mark.start, key=lambda other: other.end)
        for other in whole[at : bisect_left(whole, mark.end, key=lambda other: other.start)]:
            first, last = pieces.pop()
            pieces += [(first, min(last, other.start)), (max(first, other.end), last)]
        left = [(first, last) for first, last in pieces if first < last]
        words = mark.words if left == [(mark.start, mark.end)] else ""
        for first, last in left:
            insort(whole, replace(mark, start=first, end=last, words=words), key=lambda other: other.start)
    kept = [mark for mark in marks if not mark.covers]
    return sorted([*kept, *whole], key=lambda mark: (mark.start, mark.end, mark.kind))


def last_ratings(member_checks: pd.DataFrame) -> pd.DataFrame:
    """The rows of member_checks that rate a concept, one for each person and concept.

    Who was asked twice is counted by what they said last. Where a packet asked of several concepts that are one now,
    the lowest rating counts: disagreement with part of a concept is disagreement with it.
    """
    rated = member_checks[member_checks["effect"].isin([AGREES, NEITHER, DISAGREES])]
    # The table is in the order of issuing.
    last = rated.groupby(["participant", "concept"], sort=False)["return_code"].transform("last")
    lowest = rated[rated["return_code"] == last].sort_values("answer", kind="stable")
    return lowest.drop_duplicates(["participant", "concept"]).sort_index()


def last_decisions(member_checks: pd.DataFrame) -> pd.DataFrame:
    """The rows of member_checks that decide on quotations: for each answer the first place where the words stand.

    The column `quotation` is the same for all decisions of a person on the same words, and `effect` says what holds
    for these: a withdrawal outranks, then the last that covers, as with marks, so that who keeps words that they
    amended before keeps them amended. Words that are not found are a quotation for each question.
    """
    placed = member_checks[member_checks["part"] > 0].assign(lost=member_checks["source"] == "")
    first = placed.sort_values("lost", kind="stable").drop_duplicates(["return_code", "question"]).sort_index()
    wanted = ["participant", "source", "start", "end", "return_code", "question"]
    keys = [
        (person, source, start, end) if source else asked
        for person, source, start, end, *asked in first[wanted].itertuples(index=False, name=None)
    ]
    first = first.assign(quotation=[" ".join(map(str, key)) for key in keys])
    holds = {key: _holding(list(effects)) for key, effects in first.groupby("quotation")["effect"]}
    return first.assign(effect=first["quotation"].map(holds))


def _holding(effects: Sequence[str]) -> str:
    covering = [effect for effect in effects if effect != KEPT]
    return WITHDRAWN if WITHDRAWN in covering else (covering or effects)[-1]


def unanswered(packets: Iterable[tuple[str, bool]]) -> tuple[list[str], list[str]]:
    """Who answered none of the packets that were issued to them, and who an earlier one but not the last.

    `packets`: to whom and whether it was answered, oldest first, without those of people who withdrew.
    """
    given: dict[str, list[bool]] = {}
    for participant, answered in packets:
        given.setdefault(participant, []).append(answered)
    none = [participant for participant, each in given.items() if not any(each)]
    return none, [participant for participant, each in given.items() if any(each) and not each[-1]]


def effect_of(values: Mapping[str, str], number: str) -> str:
    """What became of the quotation of that number by an answer's values; '' if nothing was answered about it."""
    choice = values.get(f"quotation {number}", "")
    if choice == CHANGE:
        return AMENDED if values.get(f"words {number}") else WAITS
    return {KEEP: KEPT, WITHDRAW: WITHDRAWN}.get(choice, "")
