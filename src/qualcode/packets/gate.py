"""What keeps a packet back: names that nobody has decided on, and codings that nobody has looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..hiding.phrases import Phrases
from ..study import ADDED, Study, unaccepted
from .model import Packet, Passage

if TYPE_CHECKING:
    import pandas as pd

# How the reasons begin for which a packet is held back until people have decided.
WAITS = "names or other identifiers in its quotations wait for a decision"
UNFINISHED = "no coder whose word counts has finished all that this person said"
UNREVIEWED = "codings of rules that no person has accepted count in it"
# More of them are not named.
_MOST_NAMED = 8


@dataclass(frozen=True)
class Gate:
    """What waits for people. Identifiers stand in `waiting` by utterance, (start, end, phrase) of the canonical text.

    `unfinished` has by person the sources that no coder has finished, `unreviewed` the ids of codings.
    """

    waiting: Mapping[str, Sequence[tuple[int, int, str]]] = field(default_factory=dict)
    phrases: Phrases = field(default_factory=lambda: Phrases(()))
    unfinished: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unreviewed: Collection[str] = frozenset()

    @classmethod
    def of(
        cls,
        study: Study,
        utterances: pd.DataFrame,
        identifiers: pd.DataFrame,
        open_codes: pd.DataFrame,
        decisions: pd.DataFrame,
        coders: pd.DataFrame,
    ) -> Gate:
        """From the tables of these names. No identifier waits if the study accepts what is left of them."""
        phrases = Phrases(unaccepted(identifiers, study)["text"])
        said = utterances[utterances["role"] == "participant"]
        kinds = {source.source: source.kind for source in study.sources}
        # What was added in an answer is no part of what the packet was about.
        talk = said[~said["backchannel"] & (said["source"].map(kinds) != ADDED)]
        return cls(
            waiting=_places(phrases, said),
            phrases=phrases,
            unfinished=unfinished(talk, coders),
            unreviewed=unreviewed(open_codes, decisions),
        )

    def touching(self, utterance: str, start: int, end: int) -> Iterator[str]:
        """The undecided phrases that a span of the canonical text touches."""
        return (phrase for first, last, phrase in self.waiting.get(utterance, ()) if first < end and start < last)

    def within(self, text: str) -> Iterator[str]:
        """The undecided phrases in words that do not stand in the canonical text."""
        return (phrase for _, _, phrase in self.phrases.find(text))

    def reasons(self, made: Packet, spoken: Iterable[Passage]) -> list[str]:
        """Why the packet may not be sent. `spoken` is all that it tells of, whether it quotes it or not."""
        found = []
        if held := self._undecided(made):
            do = "write each into redactions.csv as redact or keep, or accept what identifiers.csv lists (README)"
            found.append(f"{WAITS}: {_named(held)}. To do: {do}")
        if sources := self.unfinished.get(made.participant):
            do = "code the rest, and write a row with `done`"
            found.append(f"{UNFINISHED}: {_named(sources)}. To do: {do}")
        if alone := {passage.coding for passage in spoken} & set(self.unreviewed):
            do = "accept or reject them in a review sheet (`qualcode review`)"
            found.append(f"{UNREVIEWED}: {len(alone)}. To do: {do}")
        return found

    def _undecided(self, made: Packet) -> list[str]:
        """The phrases in the packet's quotations and in the words shown around them, each once."""
        quotations = [item for concept in made.concepts for item in concept.quotations]
        spans = [(part.utterance, *part.shown) for item in quotations for part in item.parts]
        found = {phrase for span in spans for phrase in self.touching(*span)}
        return sorted(found | {phrase for item in quotations for phrase in self.within(item.text)})


def _named(items: Sequence[str]) -> str:
    return "; ".join(items[:_MOST_NAMED]) + (f"; {len(items) - _MOST_NAMED} more" if len(items) > _MOST_NAMED else "")


def _places(phrases: Phrases, said: pd.DataFrame) -> dict[str, list[tuple[int, int, str]]]:
    found: dict[str, list[tuple[int, int, str]]] = {}
    for utterance, base, text in zip(said["utterance"], said["start"], said["text"], strict=True):
        for start, end, phrase in phrases.find(text):
            found.setdefault(utterance, []).append((base + start, base + end, phrase))
    return found


def unfinished(said: pd.DataFrame, coders: pd.DataFrame) -> dict[str, list[str]]:
    """By person the sources in which they said more than any coder finished whose word counts there.

    `said` are utterances that matter, `coders` is the table.
    """
    finished = coders[coders["counts"]].groupby("source")["done_to"].max().to_dict()
    last = said.groupby(["participant", "source"], sort=False)["end"].max()
    found: dict[str, list[str]] = {}
    for (person, source), end in last.items():
        if finished.get(source, 0) < end:
            found.setdefault(str(person), []).append(str(source))
    return found


def unreviewed(open_codes: pd.DataFrame, decisions: pd.DataFrame) -> frozenset[str]:
    """The ids of codings that count although only a rule made them and nobody accepted them."""
    alone = open_codes.loc[open_codes["counts"] & (open_codes["basis"] == "rule"), "coding"]
    accepted = decisions.loc[(decisions["action"] == "accept") & decisions["holds"], "coding"]
    return frozenset(alone) - {coding for ids in accepted for coding in ids.split("; ")}
