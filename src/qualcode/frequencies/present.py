"""Who was there: people who spoke or answered, and people who are listed and said nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..study import Study

if TYPE_CHECKING:
    import pandas as pd

TALK = ("focus_group", "interview")


@dataclass(frozen=True)
class Silent:
    """A person of participants.csv who said nothing: the sources they sat in (none: not known), and what is known."""

    participant: str
    sources: frozenset[str]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Present:
    """The people by the sources in which they are heard, and those who are heard nowhere."""

    heard: Mapping[str, frozenset[str]]
    silent: tuple[Silent, ...]

    @classmethod
    def of(cls, study: Study, utterances: pd.DataFrame, participants: pd.DataFrame) -> Present:
        """Who withdrew was never there. Where a study has one talk, whoever is listed for no source sat in it."""
        speaking = utterances[utterances["role"] == "participant"]
        heard = {str(source): frozenset(people) for source, people in speaking.groupby("source")["participant"]}
        talks = [source.source for source in study.sources if source.kind in TALK]
        everywhere = frozenset(talks) if len(talks) == 1 else frozenset()
        met = set(participants["participant"])
        hide = study.everyone.hide
        listed: dict[str, Silent] = {}
        for person in study.participants:
            sat = frozenset([person.source]) & frozenset(talks) if person.source else everywhere
            if person.participant in met or person.role != "participant" or person.status == "withdrawn":
                continue
            if not talks or (person.source and not sat):
                continue
            known = {hide(name): hide(value) for name, value in person.attributes.items()}
            before = listed.get(person.participant)
            listed[person.participant] = Silent(
                person.participant,
                sat | before.sources if before else sat,
                known | dict(before.attributes if before else {}),
            )
        return cls(heard, tuple(listed.values()))

    def everyone(self) -> int:
        """How many people were there at all."""
        return len(set().union(*self.heard.values())) + len(self.silent)

    def in_sources(self, sources: Iterable[str]) -> int:
        """How many people were there in any of these sources, as far as it is known."""
        wanted = frozenset(sources)
        heard = set().union(*(self.heard.get(source, frozenset()) for source in wanted))
        return len(heard) + sum(bool(person.sources & wanted) for person in self.silent)

    def with_value(self, heard: Collection[str], attribute: str, value: str) -> int:
        """How many people have a value of an attribute: those `heard`, and silent ones."""
        return len(heard) + sum(person.attributes.get(attribute) == value for person in self.silent)
