"""What a packet is made of, for whatever writes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import groupby

from ..answers import Asked, AskedConcept, AskedPart, AskedQuotation


@dataclass(frozen=True)
class Passage:
    """A participant's own words under one coding in one utterance: text[start:end] of the source.

    `position` is the utterance's place in the study, `base` where it begins in the source, and `said` all its words;
    `backchannel` says that it only signals listening, and `question` is the id of the guide question that was open.
    `alone`: the coding covers no other utterance. `shown` is the span of the source that a packet shows of it, with
    what stands around the words.
    """

    coding: str
    concept: str
    use: str
    source: str
    utterance: str
    position: int
    start: int
    end: int
    text: str
    backchannel: bool
    base: int = 0
    said: str = ""
    question: str = ""
    alone: bool = False
    shown: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Quotation:
    """Words of the participant as the packet shows them, made of `parts`; `number` is what an answer refers to.

    `before` and `after` are the participant's own words around them in the same utterance, with … where they were cut
    ('' where there are none), `question` the words of the guide question that was open.
    """

    number: str
    text: str
    parts: tuple[Passage, ...] = ()
    before: str = ""
    after: str = ""
    question: str = ""


@dataclass(frozen=True)
class Concept:
    """A main concept with the participant's quotations; no quotations if others spoke of it and they did not.

    `voices` are quotations of others (`show: all`): plain words, each of another person, in no telling order.
    """

    code: str
    category: str
    name: str
    definition: str
    number: int = 0
    people: int = 0
    quotations: tuple[Quotation, ...] = ()
    voices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packet:
    """What one participant is sent. `people` is how many took part.

    `draft` says why it may not be sent yet ('' if it may), `language` is a tag such as en-GB, `wording` what
    study.yaml puts in the place of the packet's own words (`member_checks: wording`, defaults filled in), and `letter`
    the text of the letter, the study's own or the built-in one.
    """

    participant: str
    pseudonym: str
    quote_consent: str
    kind: str
    title: str
    people: int
    concepts: tuple[Concept, ...]
    others: tuple[Concept, ...]
    contact: str = ""
    deadline: str = ""
    draft: str = ""
    language: str = "en"
    wording: Mapping[str, str] = field(default_factory=dict)
    letter: str = ""

    @property
    def quotations(self) -> int:
        return sum(len(concept.quotations) for concept in self.concepts)

    @property
    def voices(self) -> int:
        """How many quotations of others are shown."""
        return sum(len(concept.voices) for concept in self.concepts)

    @property
    def decides(self) -> bool:
        """Whether the participant is asked what may be quoted."""
        return self.quote_consent != "no"

    @property
    def by_category(self) -> list[tuple[str, list[Concept]]]:
        return _by_category(self.concepts)

    @property
    def others_by_category(self) -> list[tuple[str, list[Concept]]]:
        return _by_category(self.others)

    @cached_property
    def asked(self) -> Asked:
        """What the packet asks: the file beside it, from which its return code is made."""
        numbered = [(concept, str(concept.number)) for concept in self.concepts]
        return Asked(
            study=self.title,
            participant=self.participant,
            concepts=tuple(AskedConcept(number, concept.code, concept.name) for concept, number in numbered),
            quotations=tuple(
                AskedQuotation(item.number, number, item.text, tuple(map(_part, item.parts)))
                for concept, number in numbered
                for item in concept.quotations
            ),
            decides=self.decides,
            content=self._digest(),
        )

    @property
    def return_code(self) -> str:
        return self.asked.return_code

    def _digest(self) -> str:
        """Of all that is shown: where quotations stand in the source moves with what others say, and is not."""
        shown = asdict(self)
        for concept in shown["concepts"]:
            for item in concept["quotations"]:
                del item["parts"]
        return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


# This much of an utterance before and after a part is kept beside it, so that it is found again after corrections.
_AROUND = 32


def _part(passage: Passage) -> AskedPart:
    start, end = passage.start - passage.base, passage.end - passage.base
    before, after = passage.said[max(0, start - _AROUND) : start], passage.said[end : end + _AROUND]
    return AskedPart(passage.source, passage.utterance, start, end, passage.text, before, after)


def _by_category(concepts: Iterable[Concept]) -> list[tuple[str, list[Concept]]]:
    return [(category, list(group)) for category, group in groupby(concepts, key=lambda concept: concept.category)]
