"""Words of other people that a packet may show, and nothing that tells whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ..hiding.phrases import Phrases
from ..quoting import LONGEST, Speech, masked
from ..text import count_words
from .choosing import choose
from .gate import Gate
from .model import Passage


class Voices:
    """One quotation of each person under each concept: of those who agreed to be quoted, and of one speaker alone.

    Left out are words that hold someone's pseudonym, the mark of a name, or what waits for a decision, those that
    repeat what someone else took back, and more than 120 words. `pseudonyms` are those of everybody.
    """

    def __init__(
        self,
        spoken: Mapping[str, Sequence[Passage]],
        speech: Speech,
        gate: Gate,
        never: Mapping[str, Sequence[tuple[int, int]]],
        pseudonyms: Iterable[str],
    ):
        self._speech, self._gate = speech, gate
        self._telling = Phrases([*pseudonyms, "[name]"])
        self._shown: dict[str, dict[str, str]] = {}
        for person in sorted(spoken):
            fitting: dict[str, list[Passage]] = {}
            for passage in spoken[person]:
                if self._fits(passage, person):
                    fitting.setdefault(passage.concept, []).append(passage)
            for concept, passages in fitting.items():
                for parts in choose(passages, 1, never, speech.checked):
                    self._shown.setdefault(concept, {})[person] = self._told(parts[0])

    def of_others(self, concept: str, participant: str, most: int) -> tuple[str, ...]:
        """At most `most` quotations under a concept, none of the participant's, in an order that tells nothing."""
        others = {words for person, words in self._shown.get(concept, {}).items() if person != participant}
        return tuple(sorted(others, key=_shuffled)[:most])

    def _fits(self, passage: Passage, person: str) -> bool:
        words = self._told(passage)
        return (
            passage.alone
            and count_words(words) <= LONGEST
            and not masked(words)
            and self._speech.may_pick(passage.source, passage.start, passage.end)
            and self._speech.speakers(passage.source, passage.start, passage.end) == [person]
            and not any(self._gate.touching(passage.utterance, passage.start, passage.end))
            and not any(self._gate.within(words))
            and not any(self._telling.find(words))
        )

    def _told(self, passage: Passage) -> str:
        return self._speech.checked.told(passage.source, passage.start, passage.text)


@cache
def _shuffled(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
