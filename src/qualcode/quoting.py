"""Who may be quoted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Speech:
    """Who speaks where, who may be quoted, and which spans a coder said never to quote.

    `spoken` has the utterances of each source in the order of the text, none within another.
    """

    spoken: Mapping[str, Sequence[tuple[int, int, str]]]
    consent: Mapping[str, str]
    never: Mapping[str, Sequence[tuple[int, int]]]
    documents: frozenset[str]

    @classmethod
    def of(cls, study: Study, utterances: pd.DataFrame, participants: pd.DataFrame, codings: pd.DataFrame) -> Speech:
        spoken: dict[str, list[tuple[int, int, str]]] = {}
        for source, start, end, person in columns(utterances, "source", "start", "end", "participant"):
            spoken.setdefault(source, []).append((start, end, person))
        for spans in spoken.values():
            spans.sort()
        never: dict[str, list[tuple[int, int]]] = {}
        for source, start, end in columns(codings[codings["use"] == "never"], "source", "start", "end"):
            never.setdefault(source, []).append((start, end))
        consent = dict(columns(participants, "participant", "quote_consent"))
        documents = frozenset(source.source for source in study.sources if source.kind == "document")
        return cls(spoken, consent, never, documents)

    def speakers(self, source: str, start: int, end: int) -> list[str]:
        """The people whose words a span holds, '' for words of no known person."""
        spans = self.spoken.get(source, ())
        last = first = bisect_left(spans, (end,))
        while first and spans[first - 1][1] > start:
            first -= 1
        return list(dict.fromkeys(person for _, _, person in spans[first:last]))

    def refusing(self, source: str, start: int, end: int) -> list[str]:
        """The speakers in a span who have not said yes to being quoted. Documents have no one to ask."""
        people = [person for person in self.speakers(source, start, end) if person or source not in self.documents]
        return [person for person in people if self.consent.get(person) != "yes"]

    def may_quote(self, source: str, start: int, end: int) -> bool:
        barred = any(begin < end and start < stop for begin, stop in self.never.get(source, ()))
        return not barred and not self.refusing(source, start, end)


def exemplars(
    codings: pd.DataFrame, speech: Speech, pseudonyms: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """The first quotable exemplar of each code, and how many exemplars wait for each person's yes (by pseudonym)."""
    shown: dict[str, dict[str, str]] = {}
    waiting: dict[str, int] = {}
    marked = codings[codings["counts"] & (codings["use"] == "exemplar")]
    for source, start, end, code, words in columns(marked, "source", "start", "end", "code", "quote"):
        for person in speech.refusing(source, start, end):
            name = pseudonyms.get(person, "a person who is not known")
            waiting[name] = waiting.get(name, 0) + 1
        if code not in shown and speech.may_quote(source, start, end):
            people = [pseudonyms[person] for person in speech.speakers(source, start, end) if person]
            shown[code] = {"words": words, "who": " and ".join(people) or source}
    return shown, waiting


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dicts."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def columns(table: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """The rows of some columns as tuples."""
    return list(table[list(names)].itertuples(index=False, name=None))
