"""How stable, coherent and different themes are, and how well they match people's topics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

SEED = 2511
# Of a topic, the words that say what it is about.
LEADING = 10


def bootstraps(units: int, times: int) -> Iterator[np.ndarray]:
    """Rows that are drawn with replacement, each kept once, in order; the same for the same number of units."""
    import numpy as np

    for number in range(times):
        yield np.unique(np.random.default_rng([SEED, number]).integers(0, units, units))


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index (Hubert & Arabie 1985) of what both have in a topic; 0 where they share no unit."""
    from sklearn.metrics import adjusted_rand_score

    both = (a >= 0) & (b >= 0)
    return float(adjusted_rand_score(a[both], b[both])) if both.any() else 0.0


def nearest(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels with each outlier (-1) in the topic whose mean vector is most like it by cosine; of equals the first.

    Without any topic all are in one. BERTopic's reduce_outliers(strategy="embeddings") does the same.
    """
    import numpy as np

    if (labels < 0).all():
        return np.zeros_like(labels)
    filled = labels.copy()
    out = labels < 0
    filled[out] = np.argmax(_unit(vectors[out]) @ _centres(vectors, labels).T, axis=1)
    return filled


def covering(vectors: np.ndarray, labels: np.ndarray, share: float) -> np.ndarray:
    """Labels of the share of units that are most like the mean vector of their topic, -1 for the others."""
    import numpy as np

    like = (_unit(vectors) * _centres(vectors, labels)[labels]).sum(axis=1)
    kept = np.argsort(-like, kind="stable")[: round(share * len(labels))]
    made = np.full_like(labels, -1)
    made[kept] = labels[kept]
    return made


def _centres(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    import numpy as np

    return _unit(np.stack([vectors[labels == label].mean(axis=0) for label in range(int(labels.max()) + 1)]))


def _unit(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def coherence(topics: Sequence[Sequence[str]], units: Sequence[frozenset[str]]) -> float:
    """Mean over topics of the mean NPMI of pairs of their words, counted in units (Bouma 2009; Lau et al. 2014).

    From -1 to 1; words that never meet have -1. A topic with less than two words says nothing; nan if none says any.
    """
    import numpy as np

    said = {
        word: frozenset(row for row, unit in enumerate(units) if word in unit) for words in topics for word in words
    }
    values = [
        np.mean(
            [_npmi(len(said[a]), len(said[b]), len(said[a] & said[b]), len(units)) for a, b in combinations(words, 2)]
        )
        for words in topics
        if len(words) > 1
    ]
    return float(np.mean(values)) if values else float("nan")


def _npmi(a: int, b: int, both: int, units: int) -> float:
    import math

    if not both:
        return -1.0
    if both == units:
        return 1.0
    return math.log(both * units / (a * b)) / -math.log(both / units)


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Share of the words that are different (Dieng et al. 2020); nan without words."""
    words = [word for topic in topics for word in topic]
    return len(set(words)) / len(words) if words else float("nan")


def information(people: np.ndarray, labels: np.ndarray) -> float:
    """Normalised mutual information, by the arithmetic mean of both entropies (Vinh et al. 2010), 0 to 1."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(people, labels)) if len(labels) else float("nan")


def best_match(people: np.ndarray, labels: np.ndarray) -> float:
    """F1 of each of people's topics with the topic that fits it best, weighted by its units (Larsen & Aone 1999)."""
    import numpy as np

    if not len(people):
        return float("nan")
    rows, columns = (np.unique(side, return_inverse=True)[1] for side in (people, labels))
    shared = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(shared, (rows, columns), 1)
    mine, theirs = shared.sum(axis=1), shared.sum(axis=0)
    return float(((2 * shared / (mine[:, None] + theirs)).max(axis=1) * mine).sum() / mine.sum())


def leading_words(labels: np.ndarray, counts: csr_matrix, words: Sequence[str], least: int = 1) -> list[list[str]]:
    """LEADING words of each topic by c-TF-IDF as BERTopic weighs them with `reduce_frequent_words`
    (Grootendorst 2022), equals by the alphabet. `counts`: shape (units, words); outliers (-1) are left out, and
    words in less than `least` units.
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    topics = int(labels.max()) + 1 if len(labels) else 0
    common = np.flatnonzero(np.asarray((counts > 0).sum(axis=0)).ravel() >= least)
    counts, words = counts[:, common], [words[column] for column in common.tolist()]
    rows = np.flatnonzero(labels >= 0)
    indicator = csr_matrix((np.ones(len(rows)), (labels[rows], rows)), shape=(topics, len(labels)))
    said = (indicator @ counts).tocsr()
    total = np.asarray(said.sum(axis=0)).ravel()
    of_topic = np.maximum(np.asarray(said.sum(axis=1)).ravel(), 1)
    rare = np.log(1 + int(said.sum() / max(1, topics)) / np.maximum(total, 1))
    made = []
    for topic in range(topics):
        row = said[topic]
        weights = np.sqrt(row.data / of_topic[topic]) * rare[row.indices]
        ranked = sorted(
            zip(-np.round(weights, 9), row.indices, strict=True), key=lambda pair: (pair[0], words[pair[1]])
        )
        made.append([words[column] for _, column in ranked[:LEADING]])
    return made
