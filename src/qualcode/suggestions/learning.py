"""Learn codes from what people coded, and judge each sentence by what was learned without its source.

Two stages (stacked generalisation, Wolpert 1992): ridge regressions (Hoerl and Kennard 1970) of all codes at once on
the views of the talk, then for each code a logistic regression on their scores, on the scores of the sentences around
(stacked sequential learning, Cohen and Carvalho 2005) and of the codes above, and on what the codebook says. The second
learns from scores that the first gave to folds left out, so that its probabilities are calibrated on talk that was not
learned from. For each fold all of this is done again without it, which is what quality is measured on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..measures.coefficients import kappa
from .features import Talk

if TYPE_CHECKING:
    import numpy as np

# Parts that are left out in turn, each of whole sources (participants, answers).
FOLDS = 5
# Penalty of the ridge regressions: one for all does as well as the best of several for each code.
_PENALTY = 10.0
# Inverse penalty of the logistic regressions.
_WEIGHT = 0.1
# What keeps the odds of a score of 0 or 1 finite.
_MARGIN = 0.03


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be learned. n sentences in the order of the talk, k codes.

    `views` makes those of the `talk` (n, d), where something is learned that is not known from earlier runs. `own`
    (n, k, s): what the codebook says of each sentence and code; `parents`: for each code the positions of the codes
    above it. `given` and `known` (n, k): whether people gave a code, and where they judged that. `held_out` (n,): the
    number of the source, participant or answer that is left out as a whole.
    """

    talk: Talk
    views: Callable[[], Sequence[np.ndarray]]
    own: np.ndarray
    parents: Sequence[Sequence[int]]
    given: np.ndarray
    known: np.ndarray
    held_out: np.ndarray

    def part(self, rows: np.ndarray) -> Task:
        """The same of some sentences, whole stretches of the talk."""
        views = [view[rows] for view in self.views()]
        of_rows = {name: getattr(self, name)[rows] for name in ("own", "given", "known", "held_out")}
        return replace(self, talk=self.talk.part(rows), views=lambda: views, **of_rows)


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned of k codes, for n sentences.

    `probability` (n, k): that people give the code, by all that is known. `held_out` (n, k): of sentences that are
    judged, by what was learned without their fold; nan elsewhere. `suggested` (n, k): whether that reaches a threshold
    chosen without the fold. `threshold` (k,): the one for talk that is not judged yet (nan: there is none).
    """

    probability: np.ndarray
    held_out: np.ndarray
    suggested: np.ndarray
    threshold: np.ndarray


def folds_of(held_out: np.ndarray, judged: np.ndarray, number: int = FOLDS) -> np.ndarray:
    """The fold of each sentence, -1 where nothing of what is held out with it is judged: (n,).

    Each group goes, the largest first, to the fold that has the fewest judged sentences.
    """
    import numpy as np

    groups, of = np.unique(held_out, return_inverse=True)
    size = np.bincount(of, weights=judged, minlength=len(groups))
    load, fold = np.zeros(min(number, max(int((size > 0).sum()), 1))), np.full(len(groups), -1)
    for group in np.argsort(-size, kind="stable"):
        if size[group]:
            fold[group] = int(load.argmin())
            load[fold[group]] += size[group]
    return fold[of]


def learn(task: Task, codes: Sequence[int], least: float = 0.0, judge: bool = True, predict: bool = True) -> Learned:
    """What is learned of the codes at these positions, in their order: each as if it were learned alone.

    `judge`: whether folds are held out; `predict`: whether all is learned from, for talk that is not judged yet.

    A threshold gives the highest kappa among those from which on a share of `least` of what is suggested should be
    right. Each code needs sentences with and without it in two folds at least; else it has no threshold.
    """
    import numpy as np

    size = len(task.talk)
    made = Learned(
        np.zeros((size, len(codes))),
        np.full((size, len(codes)), np.nan),
        np.zeros((size, len(codes)), dtype=bool),
        np.full(len(codes), np.nan),
    )
    judged = task.known[:, codes].any(axis=1)
    rows = np.flatnonzero(np.isin(task.talk.stretch, task.talk.stretch[judged]))
    if not predict and len(rows) < size:
        found = learn(task.part(rows), codes, least, judge, predict)
        made.held_out[rows], made.suggested[rows] = found.held_out, found.suggested
        return made
    for known, columns in _alike(task, codes):
        fold = folds_of(task.held_out, known)
        asked = sorted({up for column in columns for up in (column, *task.parents[column])})
        scores = parts = _Scores(task, asked, known, fold)
        if fold.max() == 1:
            # Without one of two folds, the first stage is held out within the other, by halves.
            parts = _Scores(task, asked, known, _halved(fold, known))
        if predict:
            around = _Around(task, asked, scores.without(set()), known)
            every = np.ones(size, dtype=bool)
            for column in columns:
                at = codes.index(column)
                probability, threshold = _second(around.of(column), task.given[:, column], known, every, least)
                made.probability[:, at], made.threshold[at] = probability, threshold
        for out in range(fold.max() + 1) if judge else ():
            left = {out} if parts is scores else {2 * out, 2 * out + 1}
            around = _Around(task, asked, parts.without(left), known)
            rows, train = known & (fold == out), known & (fold != out)
            for column in columns:
                at = codes.index(column)
                probability, threshold = _second(around.of(column), task.given[:, column], train, rows, least)
                made.held_out[rows, at], made.suggested[rows, at] = probability, probability >= threshold
    return made


def _alike(task: Task, codes: Sequence[int]) -> Iterator[tuple[np.ndarray, list[int]]]:
    """The codes by the sentences in which they were judged, which are the same for most."""
    groups: dict[bytes, list[int]] = {}
    for code in codes:
        groups.setdefault(task.known[:, code].tobytes(), []).append(code)
    for columns in groups.values():
        yield task.known[:, columns[0]], columns


def _halved(fold: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Each of two folds as two, the second from the middle of its judged sentences on."""
    import numpy as np

    made = np.where(fold < 0, -1, 2 * fold)
    for number in (0, 1):
        inside = np.flatnonzero(known & (fold == number))
        made[(fold == number) & (np.arange(len(fold)) >= inside[len(inside) // 2])] += 1
    return made


class _Scores:
    """Scores of the first stage, with and without a fold."""

    def __init__(self, task: Task, codes: Sequence[int], known: np.ndarray, fold: np.ndarray) -> None:
        import numpy as np

        self._fold = fold
        self._given = task.given[:, codes].astype(float)
        self._folds = range(fold.max() + 1)
        self._views = [np.hstack([view.astype(np.float64), np.ones((len(view), 1))]) for view in task.views()]
        inside = [known & (fold == number) for number in self._folds]
        self._squares = [[view[rows].T @ view[rows] for rows in inside] for view in self._views]
        self._products = [[view[rows].T @ self._given[rows] for rows in inside] for view in self._views]

    def without(self, out: set[int]) -> list[np.ndarray]:
        """For each view a matrix (n, codes): of each sentence by what is learned without its fold and without `out`."""
        return [self._of_view(number, out) for number in range(len(self._views))]

    def _of_view(self, view: int, out: set[int]) -> np.ndarray:
        import numpy as np

        made = np.zeros_like(self._given)
        done = np.zeros(len(made), dtype=bool)
        for number in self._folds:
            if number not in out:
                rows = self._fold == number
                made[rows] = self._views[view][rows] @ self._weights(view, {number, *out})
                done |= rows
        made[~done] = self._views[view][~done] @ self._weights(view, out)
        return made

    def _weights(self, view: int, out: set[int]) -> np.ndarray:
        import numpy as np

        kept = [number for number in self._folds if number not in out]
        if not kept:
            return np.zeros((self._views[view].shape[1], self._given.shape[1]))
        squares = np.sum([self._squares[view][number] for number in kept], axis=0)
        products = np.sum([self._products[view][number] for number in kept], axis=0)
        return np.linalg.solve(squares + _PENALTY * np.eye(len(squares)), products)


def _odds(scores: np.ndarray) -> np.ndarray:
    """Scores as log odds: a logistic regression on the scores themselves is too sure of the highest."""
    import numpy as np

    inside = np.clip(scores, 0, 1)
    return np.log((inside + _MARGIN) / (1 + _MARGIN - inside))


class _Around:
    """What the second stage learns from: scores of a sentence, of its neighbours and of its utterance, by `codes`."""

    def __init__(self, task: Task, codes: Sequence[int], scores: Sequence[np.ndarray], known: np.ndarray) -> None:
        import numpy as np

        self._task, self._codes = task, codes
        scores = [_odds(of_view) for of_view in scores]
        self._mean = np.mean(scores, axis=0)
        # Where no sentence stands, it is as if one with the mean of the scores did.
        middle = self._mean[known].mean(axis=0)
        near = [task.talk.shifted(self._mean - middle, by) for by in (1, -1, 2, -2)]
        self._blocks = [*scores, near[0], near[1], near[2] + near[3], task.talk.of_utterance(self._mean)]

    def of(self, code: int) -> np.ndarray:
        """The features of one code: (n, features)."""
        import numpy as np

        at = self._codes.index(code)
        above = [self._mean[:, self._codes.index(up)] for up in self._task.parents[code]]
        return np.column_stack([*(block[:, at] for block in self._blocks), *self._task.own[:, code].T, *above])


def _second(
    features: np.ndarray, given: np.ndarray, train: np.ndarray, rows: np.ndarray, least: float
) -> tuple[np.ndarray, float]:
    """The second stage of one code, learned from `train`: the probability of each of `rows`, and a threshold."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    share = float(given[train].mean()) if train.any() else 0.0
    if share in (0.0, 1.0):
        return np.full(rows.sum(), share), float("nan")
    mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
    # What differs by rounding only tells nothing.
    features = (features - mean) / np.where(spread > 1e-9, spread, 1)
    model = LogisticRegression(C=_WEIGHT, max_iter=1000).fit(features[train], given[train])
    threshold = best_threshold(model.predict_proba(features[train])[:, 1].round(12), given[train], least)
    # Sums of many codes at once may differ from those of one in the last digit, which decides nothing.
    return model.predict_proba(features[rows])[:, 1].round(12), threshold


def best_threshold(probability: np.ndarray, given: np.ndarray, least: float = 0.0) -> float:
    """The threshold with the highest kappa that is to be expected, halfway to the one with the highest kappa observed.

    What is expected of calibrated probabilities (Lewis 1995, of F) varies less than what is observed where few
    sentences are coded. Thresholds count from which on the expected precision is `least`; nan where there is none.
    """
    import numpy as np

    order = np.argsort(-probability, kind="stable")
    ordered = probability[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    number = np.arange(1, len(ordered) + 1)
    # What is equal but for rounding is equal.
    allowed = last & (np.cumsum(ordered) >= (least - 1e-9) * number)
    if not allowed.any():
        return float("nan")
    found = []
    for truth in (ordered, given[order].astype(float)):
        both = np.cumsum(truth)
        cells = [both, number - both, truth.sum() - both, len(truth) - number - truth.sum() + both]
        reached = np.where(allowed, kappa(np.stack(cells, axis=-1)), -np.inf)
        at = int(np.nanargmax(reached))
        following = ordered[at + 1] if at + 1 < len(ordered) else ordered[at]
        found.append((ordered[at] + following) / 2)
    return float(np.mean(found))
