"""Gather utterances by what they mean: Ward's tree from fine to coarse, then each goes to the nearest centre."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

# How many of the nearest utterances each is read with, and how often: what they share stands out, what is chance
# evens out (a step of diffusion over the graph of neighbours; Coifman & Lafon 2006).
NEIGHBOURS, TIMES = 10, 2
COMPONENTS = 20
# What lies beyond so many components hardly tells themes apart, and makes every bootstrap slow.
_KEPT = 50
# Of the neighbours among all, enough to find NEIGHBOURS of them in any bootstrap, which holds 63 in 100 utterances.
_KNOWN = 40
# Unit vectors of which less is left have lost their direction.
_NOTHING = 1e-6
# Utterances that are looked at together where there are very many.
BATCH = 10_000
# Moves from centre to centre after which one stops, as k-means does.
_MOVES = 100


class Gathering(Protocol):
    """A way of gathering points into themes."""

    def partitions(self, points: np.ndarray, numbers: Iterable[int]) -> Mapping[int, np.ndarray]:
        """Themes of points (n, d) for each number of them: labels from 0, shape (n,); at most n themes."""


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows at unit length; what has no direction but that of rounding becomes zero."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths > _NOTHING, vectors, 0) / np.where(lengths > _NOTHING, lengths, 1)


def neighbours(vectors: np.ndarray, most: int = _KNOWN) -> np.ndarray:
    """The nearest other utterances of each by cosine, nearest first: positions, shape (n, min(most, n - 1))."""
    import numpy as np

    count = min(most, len(vectors) - 1)
    found = np.zeros((len(vectors), count), dtype=np.int64)
    for start in range(0, len(vectors) if count else 0, 2000):
        similar = vectors[start : start + 2000] @ vectors.T
        rows = np.arange(len(similar))
        similar[rows, rows + start] = -np.inf
        nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        order = np.lexsort((nearest, -np.take_along_axis(similar, nearest, axis=1)), axis=1)
        found[start : start + 2000] = np.take_along_axis(nearest, order, axis=1)
    return found


def smoothed(vectors: np.ndarray, near: np.ndarray, drawn: np.ndarray | None = None) -> np.ndarray:
    """Each vector with the mean of its neighbours', shape (m, d). `drawn`: positions of the m that take part (all)."""
    import numpy as np
    from scipy.sparse import csr_matrix

    taken = np.arange(len(vectors)) if drawn is None else drawn
    place = np.full(len(vectors), -1)
    place[taken] = np.arange(len(taken))
    at = place[near[taken]]
    chosen = (at >= 0) & (np.cumsum(at >= 0, axis=1) <= NEIGHBOURS)
    rows, _ = np.nonzero(chosen)
    links = csr_matrix((np.ones(len(rows), dtype=vectors.dtype), (rows, at[chosen])), shape=(len(taken), len(taken)))
    made = vectors[taken]
    for _ in range(TIMES):
        made = unit(made + unit(links @ made))
    return made


def reduced(vectors: np.ndarray, components: int = COMPONENTS) -> np.ndarray:
    """Principal components (full decomposition), at unit length, shape (n, up to `components`)."""
    import numpy as np
    from sklearn.decomposition import PCA

    # What zero-shot topics leave over may be one point, or two that are one: without any variance to share out.
    with np.errstate(divide="ignore", invalid="ignore"):
        return unit(PCA(n_components=min(components, *vectors.shape), svd_solver="full").fit_transform(vectors))


def leading(heard: np.ndarray) -> np.ndarray:
    """Unit vectors on their mean and 50 leading components, so that their cosines stay: shape (n, up to 51)."""
    import numpy as np
    from sklearn.decomposition import PCA

    with np.errstate(divide="ignore", invalid="ignore"):
        found = PCA(n_components=min(_KEPT, *heard.shape), svd_solver="full").fit(heard)
    middle = found.mean_ - (found.mean_ @ found.components_.T) @ found.components_
    return unit(heard @ unit(np.concatenate([found.components_, middle[None]])).T)


def space(heard: np.ndarray) -> np.ndarray:
    """Where utterances stand to one another: read with their neighbours, reduced; shape (n, up to 20)."""
    kept = leading(heard)
    return reduced(smoothed(kept, neighbours(kept)))


class Ward:
    """Ward's hierarchy (1963) cut at each number; then each point goes to the nearest centre until none moves.

    The tree gives fine groups and joins them, which needs no random start; moving afterwards mends what the tree
    decided too early (Punj & Stewart 1983).
    """

    def partitions(self, points: np.ndarray, numbers: Iterable[int]) -> dict[int, np.ndarray]:
        import numpy as np
        from scipy.cluster.hierarchy import fcluster, ward
        from scipy.spatial.distance import pdist

        if len(points) < 2:
            return {number: np.zeros(len(points), dtype=np.int64) for number in numbers}
        tree = ward(pdist(points))
        return {
            number: settled(points, fcluster(tree, min(number, len(points)), "maxclust").astype(np.int64) - 1)
            for number in numbers
        }


class KMeans:
    """k-means (Lloyd 1982) with ten random starts."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def partitions(self, points: np.ndarray, numbers: Iterable[int]) -> dict[int, np.ndarray]:
        import numpy as np
        from sklearn.cluster import KMeans as Model

        # Rounded: of points that differ in last digits only, it makes one theme and warns.
        most = len(np.unique(points.round(6), axis=0))
        return {
            number: Model(min(number, most), n_init=10, random_state=self.seed).fit_predict(points).astype(np.int64)
            for number in numbers
        }


def settled(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels after each point has gone to the nearest centre until none moves; no theme is left empty.

    scikit-learn's KMeans does the same, at some milliseconds a call for its checks: the bootstraps call it thousands
    of times.
    """
    import numpy as np

    number = int(labels.max()) + 1
    for _ in range(_MOVES):
        middle = centres(points, labels, number)
        moved = np.argmin((middle**2).sum(axis=1) - 2 * points @ middle.T, axis=1)
        if np.array_equal(moved, labels) or not np.bincount(moved, minlength=number).all():
            break
        labels = moved
    return labels


def centres(points: np.ndarray, labels: np.ndarray, number: int) -> np.ndarray:
    """The mean of the points of each label, shape (number, d); zero where there is none."""
    import numpy as np

    total = np.zeros((number, points.shape[1]))
    for start in range(0, len(points), BATCH):
        part = labels[start : start + BATCH]
        sizes = np.bincount(part, minlength=number)
        there = sizes > 0
        # Small integers are sorted several times as fast.
        order = np.argsort(part.astype(np.int16), kind="stable")
        first = (np.cumsum(sizes) - sizes)[there]
        total[there] += np.add.reduceat(points[start : start + BATCH][order], first, dtype=np.float64)
    return total / np.maximum(np.bincount(labels, minlength=number), 1)[:, None]


def by_size(labels: np.ndarray, voices: np.ndarray) -> np.ndarray:
    """The same themes numbered by size: the largest is 1, of equals the one that is met first. -1 becomes 0: none.

    `voices`: how many utterances each one stands for; both of shape (n,).
    """
    import numpy as np

    met, first, place = np.unique(labels, return_index=True, return_inverse=True)
    sizes = np.bincount(place, weights=voices)
    ranked = [at for at in np.lexsort((first, -sizes)) if met[at] >= 0]
    number = np.zeros(len(met), dtype=np.int64)
    number[ranked] = np.arange(1, len(ranked) + 1)
    return number[place]


class Space:
    """`space` as a part of BERTopic, in the place where it has UMAP by default."""

    def fit(self, vectors: np.ndarray, y: Any = None) -> Space:  # noqa: ARG002  BERTopic's interface
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        return space(vectors)


class Themes:
    """A way of gathering at one number, as a part of BERTopic, in the place where it has HDBSCAN by default."""

    def __init__(self, gathering: Gathering, number: int) -> None:
        self.gathering, self.number = gathering, number

    def fit(self, points: np.ndarray) -> Themes:
        self.labels_ = self.gathering.partitions(points, [self.number])[self.number]
        return self


class Components:
    """The components of a sample, for all utterances: the part of BERTopic that reduces, where they are very many.

    Neighbours are left out: to find them takes all pairs.
    """

    def __init__(self, sample: np.ndarray) -> None:
        from sklearn.decomposition import PCA

        self._found = PCA(n_components=min(COMPONENTS, *sample.shape), svd_solver="full").fit(sample)

    def fit(self, vectors: np.ndarray, y: Any = None) -> Components:  # noqa: ARG002  BERTopic's interface
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (n, up to 20), unit length."""
        import numpy as np

        made = np.empty((len(vectors), self._found.n_components_), dtype=vectors.dtype)
        for start in range(0, len(vectors), BATCH):
            made[start : start + BATCH] = unit(self._found.transform(vectors[start : start + BATCH]))
        return made


class Joining:
    """The part of BERTopic that gathers, where utterances are very many: they join the themes of a sample.

    Mini-batch k-means (Sculley 2010) begins at the centres of these themes, shape (themes, components).
    """

    def __init__(self, begin: np.ndarray, seed: int) -> None:
        self._begin, self._seed = begin, seed

    def fit(self, points: np.ndarray) -> Joining:
        from sklearn.cluster import MiniBatchKMeans

        begin = self._begin.astype(points.dtype)
        model = MiniBatchKMeans(len(begin), init=begin, n_init=1, batch_size=BATCH, random_state=self._seed)
        self.labels_ = model.fit_predict(points)
        return self
