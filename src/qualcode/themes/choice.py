"""How many themes: by stability and coherence together, each beyond what talk without themes would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .clustering import Gathering, leading, neighbours, reduced, smoothed, unit

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

BOOTSTRAPS = 30
# Clouds without themes that the stability is compared with, and random partitions that the coherence is.
CLOUDS, SHUFFLES = 5, 5
# Bootstraps of each cloud: what is wanted is their mean.
_OF_A_CLOUD = 3
# A theme is no more stable than chance if it is not beyond so many of the themes in clouds.
BEYOND_CHANCE = 0.95
# The numbers of themes that are tried, of at least so many utterances in each on average.
NUMBERS, LEAST_UTTERANCES = (*range(2, 13), 14, 16, 18, 20, 22, 25), 10
# A theme with more than three in five of all utterances is no theme.
GIANT = 0.6
# Of numbers that come within this part of the best, the smallest is taken: fewer themes say the same.
NEAR_BEST = 0.95
# Words of a theme whose coherence is measured.
_WORDS = 10


class Bootstraps(NamedTuple):
    """`stability` of each number, shape (numbers,); `jaccard`: that of the themes at each number, a row for each."""

    stability: np.ndarray
    jaccard: list[np.ndarray]


@dataclass(frozen=True)
class Choice:
    """The chosen `number`, the `labels` of n points at it from 0, and the figures of every number that was tried.

    `jaccard`: stability of each theme at the number, shape (number,); `chance`: what 95 in 100 of the themes in clouds
    without themes do not reach. `rows` are those of the table theme_choice, `sentence` says why.
    """

    number: int
    labels: np.ndarray
    jaccard: np.ndarray
    chance: float
    rows: list[dict[str, object]]
    sentence: str


def candidates(utterances: int) -> list[int]:
    """The numbers of themes that are tried for so many utterances."""
    return [number for number in NUMBERS if number == NUMBERS[0] or number * LEAST_UTTERANCES <= utterances]


def choose(
    heard: np.ndarray,
    counts: csr_matrix,
    gathering: Gathering,
    asked: int | None,
    seed: int,
    told: Callable[[str], None],
) -> Choice:
    """The number of themes of n utterances, n at least 2.

    `heard`: unit vectors, shape (n, d). `counts`: how often each word is said, shape (n, words). `asked`: the number
    that the study wants, if it wants one. Stability is the mean adjusted Rand index (Hubert & Arabie 1985) of the
    themes of all utterances and those of bootstraps (Hennig 2007; Arfaoui et al. 2025), less that of clouds with the
    same covariance and no themes (after Tibshirani, Walther & Hastie 2001). Coherence is the mean NPMI of leading
    words (Lau et al. 2014), less that of random themes of the same sizes.
    """
    import numpy as np

    numbers = sorted({*candidates(len(heard)), *([asked] if asked else [])})
    chance = np.random.default_rng(seed)
    points = Points.gathered(leading(heard), gathering, numbers)
    told(f"{numbers[0]} to {numbers[-1]} themes of {len(heard)} utterances; {BOOTSTRAPS} bootstraps")
    real = bootstraps(points, gathering, numbers, chance, BOOTSTRAPS)
    none = _of_clouds(points.kept, gathering, numbers, chance)
    coherence = Coherence(counts)
    coherent = [coherence(points.themes[number], number) for number in numbers]
    random = [
        np.mean([coherence(chance.permutation(points.themes[number]), number) for _ in range(SHUFFLES)])
        for number in numbers
    ]
    largest = [float(np.bincount(points.themes[number]).max() / len(heard)) for number in numbers]
    gains = (real.stability - none.stability) + (np.array(coherent) - np.array(random))
    # Rounded: what differs in the last digits, by the machine, must not decide.
    scores = [round(float(gain), 4) for gain in gains]
    number, why = _best(numbers, scores, largest, asked)
    rows: list[dict[str, object]] = [
        {
            "number": tried,
            "stability": real.stability[at],
            "chance_stability": none.stability[at],
            "coherence": coherent[at],
            "chance_coherence": random[at],
            "largest_share": largest[at],
            "score": scores[at],
            "chosen": tried == number,
            "note": _note(tried == asked, largest[at]),
        }
        for at, tried in enumerate(numbers)
    ]
    at = numbers.index(number)
    least = float(np.quantile(none.jaccard[at], BEYOND_CHANCE))
    return Choice(number, points.themes[number], real.jaccard[at], least, rows, why)


def _note(asked: bool, largest: float) -> str:
    if asked:
        return "the study asks for it"
    return f"one theme holds more than {GIANT:.0%} of all" if largest > GIANT else ""


def _best(
    numbers: Sequence[int], scores: Sequence[float], largest: Sequence[float], asked: int | None
) -> tuple[int, str]:
    """The number, and the sentence that says why."""
    if asked:
        return asked, f"{asked} themes, as the study asks."
    balanced = [at for at, share in enumerate(largest) if share <= GIANT]
    if not balanced:
        at = min(range(len(numbers)), key=lambda at: (largest[at], numbers[at]))
        return numbers[at], (
            f"{numbers[at]} themes: at every number that was tried ({numbers[0]} to {numbers[-1]}) one theme holds "
            f"more than {GIANT:.0%} of the utterances, and here it holds least."
        )
    best = max(scores[at] for at in balanced)
    enough = best * NEAR_BEST if best > 0 else best
    at = next(at for at in balanced if scores[at] >= enough)
    if best <= 0:
        return numbers[at], (
            f"{numbers[at]} themes, but no number from {numbers[0]} to {numbers[-1]} is more stable and coherent than "
            "talk without themes would be."
        )
    return numbers[at], (
        f"{numbers[at]} themes: the smallest number from {numbers[0]} to {numbers[-1]} that comes within "
        f"{1 - NEAR_BEST:.0%} of the best ({scores[at]:.2f} of {best:.2f}) in stability and coherence, both beyond "
        f"what talk without themes would give, and at which no theme holds more than {GIANT:.0%} of the utterances."
    )


class Points(NamedTuple):
    """Unit vectors `kept`, shape (n, d), which are `near` which, and their `themes` at each number, shape (n,)."""

    kept: np.ndarray
    near: np.ndarray
    themes: Mapping[int, np.ndarray]

    @classmethod
    def gathered(cls, kept: np.ndarray, gathering: Gathering, numbers: Sequence[int]) -> Points:
        near = neighbours(kept)
        return cls(kept, near, gathering.partitions(reduced(smoothed(kept, near)), numbers))


def bootstraps(
    points: Points, gathering: Gathering, numbers: Sequence[int], chance: np.random.Generator, times: int
) -> Bootstraps:
    """How well the themes of all are found again in what is drawn with replacement, each utterance taken once."""
    import numpy as np

    agreed = np.zeros((times, len(numbers)))
    alike: list[list[np.ndarray]] = [[] for _ in numbers]
    for time in range(times):
        drawn = draw(chance, len(points.kept))
        part = gathering.partitions(reduced(smoothed(points.kept, points.near, drawn)), numbers)
        for at, number in enumerate(numbers):
            table = crossed(points.themes[number][drawn], part[number], number)
            agreed[time, at] = rand_index(table)
            alike[at].append(best_jaccard(table))
    return Bootstraps(agreed.mean(axis=0), [mean_of_met(rows) for rows in alike])


def draw(chance: np.random.Generator, of: int) -> np.ndarray:
    """Positions that are drawn with replacement, each once, in order."""
    import numpy as np

    return np.unique(chance.integers(0, of, of))


def mean_of_met(alike: Sequence[np.ndarray]) -> np.ndarray:
    """The mean similarity of each theme over the bootstraps in which it was drawn at all (nan where it was not)."""
    import numpy as np

    rows = np.stack(alike)
    met = ~np.isnan(rows)
    return np.where(met, rows, 0).sum(axis=0) / np.maximum(met.sum(axis=0), 1)


def _of_clouds(
    kept: np.ndarray, gathering: Gathering, numbers: Sequence[int], chance: np.random.Generator
) -> Bootstraps:
    """The same for points without themes: normal clouds with the mean and covariance of the utterances.

    The symmetric root of the covariance is taken: that of a decomposition would turn with its last digits.
    """
    import numpy as np

    middle = kept.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(kept.T))
    root = (axes * np.sqrt(np.maximum(values, 0))) @ axes.T
    stable, alike = [], []
    for _ in range(CLOUDS):
        cloud = unit(middle + chance.standard_normal(kept.shape) @ root)
        found = bootstraps(Points.gathered(cloud, gathering, numbers), gathering, numbers, chance, _OF_A_CLOUD)
        stable.append(found.stability)
        alike.append(found.jaccard)
    return Bootstraps(np.mean(stable, axis=0), [np.concatenate(rows) for rows in zip(*alike, strict=True)])


# --- figures of partitions ------------------------------------------------------------------------------------------


def crossed(first: np.ndarray, second: np.ndarray, number: int) -> np.ndarray:
    """How many utterances have each pair of labels, shape (number, number)."""
    import numpy as np

    return np.bincount(first * number + second, minlength=number * number).reshape(number, number)


def rand_index(table: np.ndarray) -> float:
    """The adjusted Rand index (Hubert & Arabie 1985) of a table of two partitions; 1 where both are the same.

    As scikit-learn has it, without the milliseconds that its checks take in each of thousands of calls.
    """

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1.0)).sum() / 2)

    together, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    everything = pairs(table.sum())
    expected = rows * columns / everything if everything else 0.0
    most = (rows + columns) / 2
    return (together - expected) / (most - expected) if most != expected else 1.0


def best_jaccard(table: np.ndarray) -> np.ndarray:
    """Each row's largest Jaccard similarity to a column (Hennig 2007), nan for rows of nothing; shape (rows,)."""
    import numpy as np

    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    either = np.maximum(rows + columns - table, 1)
    return np.where(rows[:, 0] > 0, (table / either).max(axis=1, initial=0), np.nan)


class Coherence:
    """Mean NPMI (Bouma 2009) of the pairs of ten leading words of each theme, within utterances: -1 if never together.

    Words lead by c-TF-IDF (Grootendorst 2022); those that are said in a single utterance lead nowhere. Themes of less
    than two such words are left out; without any it is -1.
    """

    def __init__(self, counts: csr_matrix) -> None:
        """`counts`: how often each word is said, shape (n, words)."""
        import numpy as np

        there = (counts > 0).astype(np.float64).tocsc()
        utterances = np.asarray(there.sum(axis=0)).ravel()
        common = utterances >= 2
        self._counts, self._there, self._utterances = counts[:, common], there[:, common], utterances[common]

    def __call__(self, labels: np.ndarray, number: int) -> float:
        """`labels` from 0, shape (n,), of so many themes."""
        import numpy as np
        from scipy.sparse import csr_matrix

        if not len(self._utterances):
            return -1.0
        ones = np.ones(len(labels))
        of_theme = csr_matrix((ones, (labels, np.arange(len(labels)))), shape=(number, len(labels)))
        said = np.asarray((of_theme @ self._counts).todense(), dtype=np.float64)
        totals = said.sum(axis=0)
        # As in the model: the root keeps words that are said everywhere from leading.
        share = np.sqrt(said / np.maximum(said.sum(axis=1, keepdims=True), 1))
        weight = share * np.log1p(totals.sum() / number / totals)
        found = []
        for row in weight:
            words = np.argsort(-np.round(row, 9), kind="stable")[:_WORDS]
            words = words[row[words] > 0]
            if len(words) > 1:
                found.append(_npmi(self._there[:, words], self._utterances[words], len(labels)))
        return float(np.mean(found)) if found else -1.0


def _npmi(there: csr_matrix, met: np.ndarray, of: int) -> float:
    """The mean over all pairs of some words; `met`: in how many of the utterances each is."""
    import numpy as np

    both = np.asarray((there.T @ there).todense()) / of
    first, second = np.triu_indices(len(met), 1)
    joint, expected = both[first, second], (met[first] / of) * (met[second] / of)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log(joint / expected) / -np.log(joint)
    return float(np.mean(np.where(joint <= 0, -1.0, np.where(joint >= 1, 1.0, value))))
