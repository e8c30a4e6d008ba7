"""Who said a passage, and what was said around it, as sheets for people show it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..study import Study

if TYPE_CHECKING:
    import pandas as pd

# Characters shown of the utterance before and after, and of a passage's own utterance on either side of it.
_NEIGHBOUR, _AROUND = 90, 180
_CUT = "…"


@dataclass(frozen=True)
class Turn:
    """An utterance: who said it (a pseudonym, '' where no one is known), where it stands, and its words."""

    speaker: str
    start: int
    end: int
    words: str

    @property
    def label(self) -> str:
        return f"{self.speaker}: " if self.speaker else ""


class Talk:
    """The utterances of a study. `answers` are sources in which what stands around an utterance is no context."""

    def __init__(self, turns: Mapping[str, Sequence[Turn]], texts: Mapping[str, str], answers: set[str]) -> None:
        self._turns, self._texts, self._answers = turns, texts, answers
        self._starts = {source: [turn.start for turn in found] for source, found in turns.items()}
        self._ends = {source: [turn.end for turn in found] for source, found in turns.items()}

    @classmethod
    def of(cls, study: Study, utterances: pd.DataFrame, participants: pd.DataFrame, texts: Mapping[str, str]) -> Talk:
        """The talk by the tables utterances and participants, and the canonical text of each source."""
        called = dict(zip(participants["participant"], participants["pseudonym"], strict=True))
        turns: dict[str, list[Turn]] = {source.source: [] for source in study.sources}
        for row in utterances.sort_values(["source", "start"], kind="stable").itertuples():
            speaker = "" if row.role == "withdrawn" else called.get(row.participant) or row.participant
            turns[row.source].append(Turn(speaker, row.start, row.end, row.text))
        return cls(turns, texts, {source.source for source in study.sources if source.alone})

    def words(self, source: str, start: int, end: int) -> str:
        """A passage of the canonical text, word for word."""
        return self._texts[source][start:end]

    def speakers(self, source: str, start: int, end: int) -> str:
        """Who said a passage, in the order in which they speak in it."""
        first, last = self._touched(source, start, end)
        return ", ".join(dict.fromkeys(turn.speaker for turn in self._turns[source][first:last] if turn.speaker))

    def context(self, source: str, start: int, end: int) -> tuple[str, list[tuple[int, int]]]:
        """The utterances that a passage stands in with a little of those around them, and where in that it stands."""
        first, last = self._touched(source, start, end)
        turns = self._turns[source]
        near = source not in self._answers
        lines = [turn.label + _last(turn.words, _NEIGHBOUR) for turn in turns[max(0, first - 1) : first] if near]
        marked = []
        for turn in turns[first:last]:
            before = turn.words[: max(0, start - turn.start)]
            said = turn.words[max(0, start - turn.start) : end - turn.start]
            head = turn.label + _last(before, _AROUND)
            at = sum(map(len, lines)) + len(lines) + len(head)
            marked.append((at, at + len(said)))
            lines.append(head + said + _first(turn.words[len(before) + len(said) :], _AROUND))
        lines += [turn.label + _first(turn.words, _NEIGHBOUR) for turn in turns[last : last + 1] if near]
        return "\n".join(lines), marked

    def _touched(self, source: str, start: int, end: int) -> tuple[int, int]:
        return bisect_right(self._ends[source], start), bisect_left(self._starts[source], end)


def read_talk(study: Study, results: Path, utterances: pd.DataFrame) -> Talk:
    """The talk of a study by its results; `utterances` is that table."""
    texts = {
        source.source: (results / "texts" / f"{source.source}.txt").read_text(encoding="utf-8")
        for source in study.sources
    }
    return Talk.of(study, utterances, tables.read(results, "participants"), texts)


def _last(words: str, most: int) -> str:
    """The end of a text, cut between words where it can be."""
    return words if len(words) <= most else f"{_CUT} {words[-most:].partition(' ')[2] or words[-most:]}"


def _first(words: str, most: int) -> str:
    """The beginning of a text, cut between words where it can be."""
    return words if len(words) <= most else f"{words[:most].rpartition(' ')[0] or words[:most]} {_CUT}"
