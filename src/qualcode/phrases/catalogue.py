"""All candidates of a study with their places: those that are the same by their lemmas are one phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .candidates import KINDS, WIDEST, candidates

if TYPE_CHECKING:
    import numpy as np

    from ..tokens import Tokens


# In a small study every phrase is looked at; in a large one, those that are met but once would never be among the best.
_LARGEST = 20_000


class Vocabulary:
    """Numbers for words, counted from 1; 0 stands for none."""

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._number = {"": 0}

    def __len__(self) -> int:
        return len(self.words)

    def number(self, word: str) -> int:
        if word not in self._number:
            self._number[word] = len(self.words)
            self.words.append(word)
        return self._number[word]


@dataclass
class Places:
    """Places of phrases, an entry each: arrays of shape (places,), but for the words: (places, WIDEST).

    `surface` and `lemma` are numbers in the vocabulary, `gap` the words between each part and the one before.
    `utterance` is the row in the table of utterances; `start` to `end` and the sentence are characters within it.
    """

    kind: np.ndarray
    surface: np.ndarray
    lemma: np.ndarray
    gap: np.ndarray
    utterance: np.ndarray
    start: np.ndarray
    end: np.ndarray
    sentence_start: np.ndarray
    sentence_end: np.ndarray

    @classmethod
    def together(cls, parts: Sequence[Places]) -> Places:
        import numpy as np

        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in cls.__annotations__})

    def at(self, chosen: np.ndarray) -> Places:
        return Places(**{name: getattr(self, name)[chosen] for name in type(self).__annotations__})


@dataclass
class Reader:
    """Reads sources one after the other; `spoken` counts every word that is data, by the numbers of its two forms."""

    names: Collection[str]
    stop: Collection[str]
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    spoken: Counter[tuple[int, int]] = field(default_factory=Counter)
    places: list[Places] = field(default_factory=list)

    def read(self, tokens: Tokens, said: np.ndarray, row: int) -> None:
        """Read a source. `said`, shape (utterances,): which are data; `row`: that of the first in their table."""
        import numpy as np

        if not len(tokens):
            return
        told = said[tokens.utterance]
        number = np.array([self.vocabulary.number(form) for form in tokens.plain])
        surface, lemma = number[tokens.surface], number[tokens.lemma]
        lemma = np.where(lemma, lemma, surface)
        pairs, counts = np.unique(np.stack([surface[told], lemma[told]], axis=1), axis=0, return_counts=True)
        for (form, base), count in zip(pairs.tolist(), counts.tolist(), strict=True):
            self.spoken[form, base] += count
        spans = np.array(tokens.spans)
        for kind, parts in candidates(tokens, told, self.names, self.stop):
            there = parts >= 0
            first, last = parts[:, 0], parts.max(axis=1, initial=-1)
            sentence = spans[tokens.sentence[first]]
            gap = np.zeros_like(parts)
            gap[:, 1:] = np.where(there[:, 1:], parts[:, 1:] - parts[:, :-1] - 1, 0)
            self.places.append(
                Places(
                    np.full(len(parts), KINDS.index(kind)),
                    np.where(there, surface[parts], 0),
                    np.where(there, lemma[parts], 0),
                    gap,
                    tokens.utterance[first] + row,
                    tokens.start[first],
                    tokens.end[last],
                    sentence[:, 1],
                    sentence[:, 2],
                )
            )

    def catalogue(self) -> Catalogue:
        import numpy as np

        nothing = np.zeros(0, dtype=np.int64)
        words = np.zeros((0, WIDEST), dtype=np.int64)
        none = Places(nothing, words, words, words, *[nothing] * 5)
        return Catalogue(self.vocabulary.words, self.spoken, Places.together([none, *self.places]))


class Catalogue:
    """The phrases that are met most often, numbered from 0: `phrase` is the one of each place."""

    def __init__(self, words: Sequence[str], spoken: Counter[tuple[int, int]], places: Places) -> None:
        import numpy as np

        self.words = words
        self.spoken = spoken
        keys = np.concatenate([places.kind[:, None], self._one_lemma(places)], axis=1)
        kinds, phrase = _distinct(keys)
        often = _most(np.bincount(phrase, minlength=len(kinds)))
        kept = often[phrase]
        self.places = places.at(kept)
        self.phrase = (np.cumsum(often) - 1)[phrase[kept]]
        self.keys: list[tuple[int, ...]] = [
            (row[0], *(word for word in row[1:] if word)) for row in kinds[often].tolist()
        ]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def counts(self) -> np.ndarray:
        """Places of each phrase, shape (phrases,)."""
        import numpy as np

        return np.bincount(self.phrase, minlength=len(self))

    @cached_property
    def lemma_of(self) -> dict[int, int]:
        """The lemma that each form has most often: a tagger gives "data" now one, now the other."""
        ranked = sorted(self.spoken.items(), key=lambda item: (item[1], -item[0][1]))
        return {form: base for (form, base), _ in ranked}

    def _one_lemma(self, places: Places) -> np.ndarray:
        """Lemmas of the places' words. Only nouns' are made one: "meeting" is one of "meet" where it has an object."""
        import numpy as np

        lookup = np.arange(len(self.words))
        for form, base in self.lemma_of.items():
            lookup[form] = base
        noun = (places.kind == 0)[:, None]
        return np.where(noun, lookup[places.surface], places.lemma)

    @cached_property
    def groups(self) -> list[np.ndarray]:
        """The places of each phrase, in order."""
        import numpy as np

        order = np.argsort(self.phrase, kind="stable")
        return np.split(order, np.cumsum(self.counts)[:-1])


def _most(counts: np.ndarray) -> np.ndarray:
    """Which phrases are met most often, _LARGEST of them or fewer: those that are met as often stay or go together."""
    import numpy as np

    if len(counts) <= _LARGEST:
        return np.ones(len(counts), dtype=bool)
    return counts > np.sort(counts)[-_LARGEST - 1]


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows in order, and for each row which one it is."""
    import numpy as np

    distinct, which = np.unique(rows, axis=0, return_inverse=True)
    return distinct, which.reshape(-1)
