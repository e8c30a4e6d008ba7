"""Learn codes from what people coded, and judge each sentence by what was learned without its source.

Two stages (stacked generalisation, Wolpert 1992): ridge regressions (Hoerl and Kennard 1970) of all codes at once on
the views of the talk, then for each code a logistic regression on their scores, on the scores of the sentences around
(stacked sequential learning, Cohen and Carvalho 2005) and of the codes above, and on what the codebook says. The second
learns from scores that the first gave to folds left out, so that its probabilities are calibrated on talk that was not
learned from. For each fold all of this is done again without it, which is what quality is measured on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from ..measures.coefficients import kappa
from ..text import digest
from .features import VERSION as FEATURES
from .features import Talk

if TYPE_CHECKING:
    import numpy as np

# Parts that are left out in turn, each of whole sources (participants, answers).
FOLDS = 5
# Penalties of the ridge regressions; the one with the least squared error on folds left out is taken.
_PENALTIES = (0.3, 1.0, 3.0, 10.0)
# Inverse penalty of the logistic regressions.
_WEIGHT = 0.3
VERSION = digest(FEATURES, FOLDS, repr(_PENALTIES), _WEIGHT)


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be learned. n sentences in the order of the talk, k codes.

    `talk` and its `views` (n, d) each; `own` (n, k, s): what the codebook says of each sentence and code; `parents`:
    for each code the positions of the codes above it. `given` and `known` (n, k): whether people gave a code, and where
    they judged that. `held_out` (n,): the number of the source, participant or answer that is left out as a whole.
    """

    talk: Talk
    views: Sequence[np.ndarray]
    own: np.ndarray
    parents: Sequence[Sequence[int]]
    given: np.ndarray
    known: np.ndarray
    held_out: np.ndarray

    @cached_property
    def digest(self) -> str:
        """Of what all codes are learned from."""
        import numpy as np

        found = sha256()
        for part in (*self.views, self.held_out, self.talk.stretch, self.talk.utterance):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()


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


def learn(task: Task, codes: Sequence[int], least: float = 0.0, judge: bool = True) -> Learned:
    """What is learned of the codes at these positions, in their order: each as if it were learned alone.

    Without `judge` nothing is held out, which takes a fraction of the time.

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
    for known, columns in _alike(task, codes):
        fold = folds_of(task.held_out, known)
        asked = sorted({up for column in columns for up in (column, *task.parents[column])})
        scores = _Scores(task, asked, known, fold)
        for out in (None, *(range(fold.max() + 1) if judge else ())):
            around = _Around(task.talk, scores.without(out))
            train = known & (fold != out) if out is not None else known
            for column in columns:
                _second(task, column, around, asked, train, known & (fold == out), out, least, made, codes)
    return made


def _alike(task: Task, codes: Sequence[int]) -> Iterator[tuple[np.ndarray, list[int]]]:
    """The codes by the sentences in which they were judged, which are the same for most."""
    groups: dict[bytes, list[int]] = {}
    for code in codes:
        groups.setdefault(task.known[:, code].tobytes(), []).append(code)
    for columns in groups.values():
        yield task.known[:, columns[0]], columns


class _Scores:
    """Scores of the first stage, with and without a fold."""

    def __init__(self, task: Task, codes: Sequence[int], known: np.ndarray, fold: np.ndarray) -> None:
        import numpy as np

        self._fold, self._known = fold, known
        self._given = task.given[:, codes].astype(float)
        self._folds = range(fold.max() + 1)
        self._views = [np.hstack([view, np.ones((len(view), 1))]) for view in task.views]
        inside = [known & (fold == number) for number in self._folds]
        self._squares = [[view[rows].T @ view[rows] for rows in inside] for view in self._views]
        self._products = [[view[rows].T @ self._given[rows] for rows in inside] for view in self._views]

    def without(self, out: int | None) -> list[np.ndarray]:
        """For each view a matrix (n, codes): of each sentence by what is learned without its fold and without `out`."""
        return [self._of_view(number, out) for number in range(len(self._views))]

    def _of_view(self, view: int, out: int | None) -> np.ndarray:
        import numpy as np

        rows = self._known & (self._fold != out) if out is not None else self._known
        best = np.full(self._given.shape[1], np.inf)
        kept = np.zeros_like(self._given)
        for penalty in _PENALTIES:
            found = self._left_out(view, out, penalty)
            error = ((found[rows] - self._given[rows]) ** 2).sum(axis=0)
            better = error < best
            best[better], kept[:, better] = error[better], found[:, better]
        return kept

    def _left_out(self, view: int, out: int | None, penalty: float) -> np.ndarray:
        import numpy as np

        made = np.zeros_like(self._given)
        done = np.zeros(len(made), dtype=bool)
        for number in self._folds:
            if number != out:
                rows = self._fold == number
                made[rows] = self._views[view][rows] @ self._weights(view, {number, out}, penalty)
                done |= rows
        made[~done] = self._views[view][~done] @ self._weights(view, {out}, penalty)
        return made

    def _weights(self, view: int, out: set[int | None], penalty: float) -> np.ndarray:
        import numpy as np

        kept = [number for number in self._folds if number not in out]
        if not kept:
            return np.zeros((self._views[view].shape[1], self._given.shape[1]))
        squares = np.sum([self._squares[view][number] for number in kept], axis=0)
        products = np.sum([self._products[view][number] for number in kept], axis=0)
        return np.linalg.solve(squares + penalty * np.eye(len(squares)), products)


class _Around:
    """The scores of a sentence's neighbours and of its utterance, for all codes at once."""

    def __init__(self, talk: Talk, scores: Sequence[np.ndarray]) -> None:
        import numpy as np

        self.mean = np.mean(scores, axis=0)
        near = [talk.shifted(self.mean, by) for by in (1, -1, 2, -2)]
        self.blocks = [*scores, near[0], near[1], near[2] + near[3], talk.of_utterance(self.mean)]

    def of(self, task: Task, code: int, codes: Sequence[int]) -> np.ndarray:
        """What the second stage learns a code from: (n, features)."""
        import numpy as np

        at = codes.index(code)
        above = [self.mean[:, codes.index(up)] for up in task.parents[code]]
        return np.column_stack([*(block[:, at] for block in self.blocks), *task.own[:, code].T, *above])


def _second(
    task: Task,
    code: int,
    around: _Around,
    asked: Sequence[int],
    train: np.ndarray,
    judge: np.ndarray,
    out: int | None,
    least: float,
    made: Learned,
    codes: Sequence[int],
) -> None:
    """The second stage of one code: into `made`, of the fold `out` or, where none is left out, of all sentences."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    at, given = list(codes).index(code), task.given[:, code]
    rows = judge if out is not None else np.ones(len(given), dtype=bool)
    share = given[train].mean() if train.any() else 0.0
    if share in (0.0, 1.0):
        probability, threshold = np.full(rows.sum(), share), np.nan
    else:
        features = around.of(task, code, asked)
        mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
        features = (features - mean) / np.where(spread > 0, spread, 1)
        model = LogisticRegression(C=_WEIGHT, max_iter=1000).fit(features[train], given[train])
        probability = model.predict_proba(features[rows])[:, 1] if rows.any() else np.zeros(0)
        threshold = best_threshold(model.predict_proba(features[train])[:, 1], given[train], least)
    if out is None:
        made.probability[:, at], made.threshold[at] = probability, threshold
    else:
        made.held_out[rows, at] = probability
        made.suggested[rows, at] = probability >= threshold


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
    allowed = last & (np.cumsum(ordered) / number >= least)
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
