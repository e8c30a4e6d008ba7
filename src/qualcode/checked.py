"""What participants said of their quotations and of the concepts in member checks, for whatever shows either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .console import counted_words

if TYPE_CHECKING:
    import pandas as pd

# What became of a quotation (column effect of member_checks).
KEPT, AMENDED, WITHDRAWN, WAITS = "kept", "amended", "withdrawn", "waits for words"
# What a rating says of a concept: 4 and 5, 3, 1 and 2.
AGREES, NEITHER, DISAGREES = "agrees", "neither", "disagrees"
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


@dataclass(frozen=True)
class Ratings:
    """How many people rated a concept, and what they said."""

    agree: int = 0
    neither: int = 0
    disagree: int = 0

    @property
    def answered(self) -> int:
        return self.agree + self.neither + self.disagree

    @property
    def told(self) -> str:
        """The disagreement as a sentence, '' if there is none."""
        if not self.disagree:
            return ""
        said = "says" if self.disagree == 1 else "say"
        return (
            f"Member check: {self.disagree} of {counted_words(self.answered, 'person', 'people')} who rated it {said} "
            "that it does not reflect their experience."
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
        wanted = ["source", "start", "end", "effect", "participant", "words", "part"]
        for source, start, end, effect, person, words, part in placed[wanted].itertuples(index=False, name=None):
            if effect in (KEPT, *INSTEAD):
                # The new words stand in the place of the first part, once.
                shown = words if effect == AMENDED and part == 1 else ""
                found.setdefault(source, []).append(Mark(int(start), int(end), effect, person, shown))
        rated = member_checks[member_checks["effect"].isin([AGREES, NEITHER, DISAGREES])]
        # Who was asked twice is counted by what they said last: the table is in the order of issuing.
        last = rated.drop_duplicates(["participant", "concept"], keep="last")
        concepts = {
            str(code): Ratings(*(int((of["effect"] == effect).sum()) for effect in (AGREES, NEITHER, DISAGREES)))
            for code, of in last.groupby("concept", sort=False)
        }
        return cls({source: tuple(_apart(marks)) for source, marks in found.items()}, concepts)

    def touching(self, source: str, start: int, end: int) -> list[Mark]:
        """The marks that share words with a span."""
        marks = self.marks.get(source, ())
        return [mark for mark in marks if mark.start < end and start < mark.end]

    def covering(self, source: str, start: int, end: int) -> list[Mark]:
        """Those of them whose words may not be shown as they were said."""
        return [mark for mark in self.touching(source, start, end) if mark.covers]

    def bars(self, source: str, start: int, end: int) -> bool:
        """Whether a span cannot be quoted: words in it were withdrawn, or only part of what was amended is in it."""
        marks = self.covering(source, start, end)
        whole = all(mark.kind == AMENDED and start <= mark.start and mark.end <= end for mark in marks)
        return not whole or (bool(marks) and not any(mark.words for mark in marks))

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

    An amended quotation that shares words with one that was withdrawn cannot be shown amended: what is left of it is
    covered too.
    """
    rank = {WITHDRAWN: 0, WAITS: 1, AMENDED: 2}
    kept = [mark for mark in marks if not mark.covers]
    whole: list[Mark] = []
    for mark in sorted((m for m in marks if m.covers), key=lambda m: (rank[m.kind], m.start, m.end)):
        pieces = [(mark.start, mark.end)]
        for other in whole:
            pieces = [
                (first, last)
                for begin, end in pieces
                for first, last in ((begin, min(end, other.start)), (max(begin, other.end), end))
                if first < last
            ]
        cut = pieces != [(mark.start, mark.end)]
        whole += [Mark(first, last, mark.kind, mark.participant, "" if cut else mark.words) for first, last in pieces]
    return sorted([*kept, *whole], key=lambda mark: (mark.start, mark.end, mark.kind))
