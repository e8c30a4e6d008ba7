"""What a suggestion is learned from: a sentence's meaning, words and letters, and the talk around it.

Each block of features is reduced to its leading components over the whole talk, coded or not (latent semantic analysis,
Deerwester et al. 1990): what nobody coded yet tells which words go together, and a code is learned from a few hundred
numbers of a sentence and not from tens of thousands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Components of words and letters, of the vectors of neighbours, and of a view that brings all blocks together.
_OF_TERMS, _OF_NEIGHBOURS, _OF_VIEW = 300, 128, 400
# Sentences from which components are found; those of more talk are placed among them.
_MOST_SENTENCES = 20_000
_SEED = 1990
# How much each block of a view weighs beside the sentence's own meaning: tuned on the transcripts that the figures of
# benchmarks/suggestions.py leave out.
_AROUND, _OF_NUMBERS = 0.35, 0.1
# Sentences on either side that still say what the talk is about, and their weights.
_WINDOW = {-3: 0.4, -2: 0.6, -1: 1.0, 1: 1.0, 2: 0.6, 3: 0.4}


@dataclass(frozen=True, eq=False)
class Talk:
    """Every sentence of a study in the order of the talk, moderators' too. Arrays have the shape (sentences,).

    `vectors` (sentences, d) have unit length. `stretch`: the number of the source, of surveys the answer, beyond which
    there is no talk around a sentence. `utterance` and `voice`: the numbers of its utterance and of who said it (-1 not
    known). `question`: the number of the guide question in force (-1 none).
    """

    texts: Sequence[str]
    vectors: np.ndarray
    stretch: np.ndarray
    utterance: np.ndarray
    voice: np.ndarray
    question: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def digest(self) -> str:
        """Of all that is learned from it."""
        import numpy as np

        found = sha256("\x1f".join(self.texts).encode())
        for part in (self.vectors, self.stretch, self.utterance, self.voice, self.question):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()

    def part(self, rows: np.ndarray) -> Talk:
        """Some sentences, whole stretches of it."""
        texts = [self.texts[row] for row in rows.tolist()]
        numbers = (self.stretch, self.utterance, self.voice, self.question)
        return Talk(texts, self.vectors[rows], *(of[rows] for of in numbers))

    def shifted(self, values: np.ndarray, by: int) -> np.ndarray:
        """Of each sentence the values (sentences, …) of the one `by` before it (below 0: after it), else 0."""
        import numpy as np

        made, size = np.zeros_like(values), len(self)
        if abs(by) >= size:
            return made
        to, of = (slice(by, None), slice(None, -by)) if by > 0 else (slice(None, by), slice(-by, None))
        same = self.stretch[to] == self.stretch[of]
        made[to] = values[of] * same.reshape(-1, *[1] * (values.ndim - 1))
        return made

    def of_utterance(self, values: np.ndarray) -> np.ndarray:
        """Of each sentence the mean of the values (sentences, k) over its utterance."""
        import numpy as np

        if not len(self):
            return values
        _, number = np.unique(self.utterance, return_inverse=True)
        sums = np.zeros((number.max() + 1, values.shape[1]))
        np.add.at(sums, number, values)
        return (sums / np.bincount(number)[:, np.newaxis])[number]


def views(talk: Talk) -> list[np.ndarray]:
    """Two matrices (sentences, components), float32: the sentences by themselves, and within the talk around them."""
    import numpy as np

    vectors = talk.vectors.astype(np.float64)
    alone = [vectors, _terms(talk.texts), _OF_NUMBERS * _standardised(_numbers(talk, vectors))]
    short = _reduced(vectors, _OF_NEIGHBOURS)
    length = np.array([len(text) for text in talk.texts], dtype=float)[:, np.newaxis]
    window = np.sum([weight * talk.shifted(short, by) for by, weight in _WINDOW.items()], axis=0)
    near = [talk.shifted(short, 1), talk.shifted(short, -1), _unit(window), _unit(talk.of_utterance(short * length))]
    around = [*alone, *(_AROUND * block for block in near)]
    return [_reduced(np.hstack(blocks), _OF_VIEW).astype(np.float32) for blocks in (alone, around)]


def _terms(texts: Sequence[str]) -> np.ndarray:
    """The leading components of words, pairs of words, and letters within words, each weighted by tf-idf (Salton and
    Buckley 1988), by a randomised decomposition (Halko, Martinsson and Tropp 2011).
    """
    import numpy as np
    from scipy.sparse import hstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, token_pattern=r"(?u)\b\w+\b|[?!]")
    letters = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5), min_df=3)
    found = []
    for vectorizer in (words, letters):
        # Without a word that stands in enough sentences there is nothing to decompose.
        with suppress(ValueError):
            found.append(vectorizer.fit_transform(texts))
    terms = hstack(found).tocsr() if found else np.zeros((len(texts), 0))
    number = min(_OF_TERMS, min(terms.shape) - 1)
    if number < 1:
        return np.zeros((len(texts), 0))
    decomposed = TruncatedSVD(number, n_iter=2, random_state=_SEED).fit(terms[_sample(len(texts))])
    return decomposed.transform(terms)


def _sample(size: int) -> slice:
    """Sentences from which components are found: every so many, where there are more than are needed."""
    return slice(None, None, max(1, -(-size // _MOST_SENTENCES)))


def _reduced(features: np.ndarray, number: int) -> np.ndarray:
    """The leading principal components, which keep almost all of what a linear classifier can use."""
    import numpy as np

    if min(features.shape) <= 1:
        return features
    features = features - features.mean(axis=0)
    found = features[_sample(len(features))]
    if len(found) < found.shape[1]:
        # As many components as there are sentences, from the smaller of two matrices.
        size, sides = np.linalg.eigh(found @ found.T)
        kept = size > size[-1] * 1e-9
        axes = (found.T @ sides[:, kept]) / np.sqrt(size[kept])
    else:
        _, axes = np.linalg.eigh(found.T @ found)
    return features @ axes[:, ::-1][:, :number]


def _numbers(talk: Talk, vectors: np.ndarray) -> np.ndarray:
    """Plain numbers of each sentence: (sentences, k).

    How alike it is to those before and after it and how many of its words were said just before (who takes up what
    someone else said repeats it); whether another voice spoke before and speaks after; its length and its neighbour's;
    questions; where in the talk it stands, and under which question of the guide.
    """
    import numpy as np

    words = [frozenset(re.findall(r"\w+", text.casefold())) for text in talk.texts]
    length = np.log1p([len(text.split()) for text in talk.texts])
    asks = np.array([text.rstrip().endswith("?") for text in talk.texts], dtype=float)
    voice = talk.voice.astype(float) + 2
    columns = [(vectors * talk.shifted(vectors, by)).sum(axis=1) for by in (1, 2, 3, -1)]
    columns += [_repeated(words, talk.stretch, by) for by in (1, 2, 3)]
    columns += [np.sign(talk.shifted(voice, by)) * (1 + (talk.shifted(voice, by) == voice)) for by in (1, -1)]
    columns += [length, asks, talk.shifted(asks, 1), talk.shifted(asks, -1), _place(talk.stretch)]
    columns += [talk.shifted(length, 1)]
    columns += [(talk.question == number).astype(float) for number in np.unique(talk.question)[:30]]
    return np.column_stack(columns)


def _repeated(words: Sequence[frozenset[str]], stretch: np.ndarray, by: int) -> np.ndarray:
    """Which share of a sentence's words stand in the one `by` before it."""
    import numpy as np

    made = np.zeros(len(words))
    for at in range(by, len(words)):
        if words[at] and stretch[at] == stretch[at - by]:
            made[at] = len(words[at] & words[at - by]) / len(words[at])
    return made


def _place(stretch: np.ndarray) -> np.ndarray:
    """Where in its stretch a sentence stands, from 0 to 1."""
    import numpy as np

    _, first, number, counts = np.unique(stretch, return_index=True, return_inverse=True, return_counts=True)
    return (np.arange(len(stretch)) - first[number]) / np.maximum(counts[number] - 1, 1)


def _standardised(values: np.ndarray) -> np.ndarray:
    import numpy as np

    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
