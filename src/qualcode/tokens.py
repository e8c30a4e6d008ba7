"""The stored parses of a source as columns, a row per token: much quicker to read than spaCy's own documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from .codebook.indicators import plain
from .language import docbin

if TYPE_CHECKING:
    import numpy as np
    from spacy.tokens import Doc, DocBin


class Tokens:
    """The tokens of a source in order, utterance by utterance.

    Arrays of shape (tokens,), but for `first` (utterances + 1,): the first token of each utterance, and their number.
    `surface` and `lemma` are positions in `forms`, where each form stands as it is written.
    """

    def __init__(self, container: DocBin) -> None:
        import numpy as np
        from spacy.strings import StringStore

        self._attributes = container.attrs
        self._names = StringStore(container.strings)
        empty = np.zeros((0, len(container.attrs)), dtype=np.uint64)
        self._rows = np.concatenate([empty, *container.tokens])
        self.first = np.concatenate([[0], np.cumsum([len(rows) for rows in container.tokens], dtype=np.int64)])
        hashes, codes = np.unique(np.concatenate([self._values("ORTH"), self._values("LEMMA")]), return_inverse=True)
        self.forms: list[str] = [self._names[int(value)] if value else "" for value in hashes]
        self.surface, self.lemma = codes[: len(self)], codes[len(self) :]
        lengths = np.array([len(form) for form in self.forms], dtype=np.int64)
        length = lengths[self.surface] if len(self) else np.zeros(0, dtype=np.int64)
        spaces = np.concatenate([np.zeros(0, dtype=bool), *(item.reshape(-1) for item in container.spaces)])
        ends = np.cumsum(length + spaces)
        self.utterance = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        before = np.concatenate([[0], ends])[self.first[:-1]]
        #: characters of the utterance at which each token begins, and after which it ends
        self.start = ends - length - spaces - before[self.utterance]
        self.end = self.start + length

    def __len__(self) -> int:
        return len(self._rows)

    def _values(self, attribute: str) -> np.ndarray:
        from spacy.attrs import IDS

        return self._rows[:, self._attributes.index(IDS[attribute])]

    def _named(self, attribute: str) -> np.ndarray:
        import numpy as np

        values, codes = np.unique(self._values(attribute), return_inverse=True)
        return np.array([self._names[int(value)] if value else "" for value in values] or [""], dtype=object)[codes]

    @cached_property
    def plain(self) -> list[str]:
        """`forms` as words are compared: without case, apostrophes and hyphens of one kind."""
        return [plain(form) for form in self.forms]

    @cached_property
    def pos(self) -> np.ndarray:
        """Coarse part of speech ("NOUN"), '' without a model."""
        return self._named("POS")

    @cached_property
    def tag(self) -> np.ndarray:
        """Fine part of speech ("NNS"), '' without a model."""
        return self._named("TAG")

    @cached_property
    def dep(self) -> np.ndarray:
        """Relation to the head ("dobj"), '' without a model."""
        return self._named("DEP")

    @cached_property
    def entity(self) -> np.ndarray:
        """Kind of the entity that it belongs to ("PERSON"), '' for most and without a model."""
        return self._named("ENT_TYPE")

    @cached_property
    def head(self) -> np.ndarray:
        """The token that each depends on; a sentence's root depends on itself, as every token does without a model."""
        import numpy as np

        return np.arange(len(self)) + self._values("HEAD").astype(np.int64)

    @cached_property
    def parsed(self) -> bool:
        """Whether there are dependencies at all."""
        return bool(self._values("DEP").any())

    @cached_property
    def sentence(self) -> np.ndarray:
        """The sentence of each token, counted through the source from 0."""
        import numpy as np

        begins = self._values("SENT_START") == 1
        begins[self.first[:-1][np.diff(self.first) > 0]] = True
        return np.cumsum(begins) - 1

    @cached_property
    def glued(self) -> np.ndarray:
        """Whether each token follows the one before without a blank; shape (tokens + 1,), the last one False."""
        import numpy as np

        made = np.zeros(len(self) + 1, dtype=bool)
        made[1:-1] = (self.start[1:] == self.end[:-1]) & (self.utterance[1:] == self.utterance[:-1])
        return made

    @cached_property
    def space(self) -> np.ndarray:
        """Whether a token is only white space."""
        import numpy as np

        return np.array([form.isspace() for form in self.forms] or [False])[self.surface]

    @cached_property
    def spans(self) -> list[tuple[int, int, int]]:
        """(utterance, start, end) of each sentence in characters of the utterance, without white space around it."""
        import numpy as np

        seen = np.flatnonzero(~self.space)
        sentences, begins = np.unique(self.sentence[seen], return_index=True)
        ends = np.append(begins[1:], len(seen))[: len(begins)]
        made = [(-1, 0, 0)] * (int(self.sentence[-1]) + 1 if len(self) else 0)
        for number, first, last in zip(sentences.tolist(), seen[begins], seen[ends - 1], strict=True):
            made[number] = (int(self.utterance[first]), int(self.start[first]), int(self.end[last]))
        return made

    def sentences(self) -> list[list[tuple[int, int]]]:
        """(start, end) of the sentences of each utterance that hold words, in characters of the utterance."""
        made: list[list[tuple[int, int]]] = [[] for _ in pairwise(self.first)]
        for utterance, start, end in self.spans:
            if utterance >= 0:
                made[utterance].append((start, end))
        return made


def tokens_of(docs: Iterable[Doc]) -> Tokens:
    """Parses that are not stored as columns."""
    return Tokens(docbin(docs))


def read_tokens(path: Path) -> Tokens:
    """The stored parses of one source."""
    return Tokens(docbin().from_disk(path))


def parses_of(results: Path, source: str) -> Path:
    """Where the step parses stores those of a source."""
    return results / "parses" / f"{source}.spacy"


def stored_tokens(results: Path) -> Callable[[str], Tokens]:
    """What reads the stored parses of a source by its id."""
    return lambda source: read_tokens(parses_of(results, source))
