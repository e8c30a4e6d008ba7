"""The units in which people and rules are compared: stretches of the talk that could have been coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..counting import said

if TYPE_CHECKING:
    import pandas as pd

UTTERANCE, SENTENCE, CHARACTER = "utterance", "sentence", "character"


class Passage(Protocol):
    """Words of a source, in characters of its canonical text."""

    @property
    def source(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Unit:
    """A stretch of words that is coded or not: characters `start` to `end` of its source's canonical text.

    `participant` is who said it, '' where no one is known, as in documents.
    """

    unit: str
    source: str
    start: int
    end: int
    text: str
    participant: str

    @property
    def cluster(self) -> tuple[str, str]:
        """What is drawn as a whole in a bootstrap: a person, or a source where no one is known."""
        return ("", self.participant) if self.participant else (self.source, "")


def codable_units(
    utterances: pd.DataFrame, sentences: Mapping[str, Sequence[Sequence[tuple[int, int]]]], level: str
) -> list[Unit]:
    """The units of a study in the order of the talk: utterances, or their sentences (`<utterance>.<n>`, n from 1).

    No moderator's, and none that only signals listening. `utterances` is that table; `sentences` holds for each source
    the spans of the sentences of each of its utterances, in characters of the utterance (`Tokens.sentences`).
    """
    spans = {
        row: inside
        for source, group in utterances.groupby("source", sort=False)
        if level == SENTENCE
        for row, inside in zip(group["utterance"], sentences[str(source)], strict=True)
    }
    words = said(utterances)
    units = []
    for row in words[~words["backchannel"]].itertuples():
        if level != SENTENCE:
            units.append(Unit(row.utterance, row.source, row.start, row.end, row.text, row.participant))
            continue
        for number, (start, end) in enumerate(spans[row.utterance], 1):
            key = f"{row.utterance}.{number}"
            place = row.start + start, row.start + end
            units.append(Unit(key, row.source, *place, row.text[start:end], row.participant))
    return units
