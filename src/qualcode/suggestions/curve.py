"""The learning curve: how good suggestions were when less was coded, and what coding more may bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .. import tables
from ..console import counted_words
from ..measures.coefficients import kappa
from .ceiling import ALL
from .quality import Judged, cells_of, f1

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

PARTS = 4
# A forecast needs three steps, of which so many groups are the fewest; it looks half as far again.
FEWEST_GROUPS, FURTHER = 4, 1.5


class _Step(NamedTuple):
    """Means over repeats of one step: groups, sentences in %, and by code (last: the mean) codings, kappa and F1."""

    groups: int
    share: float
    codings: np.ndarray
    kappa: np.ndarray
    f1: np.ndarray


def curve_table(judged: Judged, judge: Callable[[Sequence[int]], Judged], codings: np.ndarray) -> pd.DataFrame:
    """The table suggestion_learning, for codes that are learned and `all`, the mean over them.

    `judged` holds all that is known, the last step. `judge` does the same with these groups alone: what it learns and
    what it judges is theirs. `codings` (groups, codes): codings of people's that count.

    A step learns from a part of the groups, again from others until each has had its turn (eight calls of `judge` at
    most), and judges what these hold, together. What could not be learned from so few counts as not suggested.

    The forecast is a power law (Figueroa et al. 2012, Predicting sample size required for classification performance),
    kappa = a - b / sqrt(codings), by least squares. Its exponent is fixed, because a curve of four steps cannot tell
    three parameters. On simulated curves (power laws, exponential and logarithmic, with noise) it is off by 0.02 to
    0.03 on average; a line in the logarithm of codings promises too much wherever the curve flattens.
    """
    import numpy as np

    groups: list[int] = np.unique(judged.held_out[judged.known.any(axis=1)]).tolist()
    learned = np.flatnonzero(judged.learned).tolist()
    steps = [_measured(judged, judge, codings, parts) for parts in subsets(groups)] if learned else []
    rows: list[dict[str, object]] = []
    for at in [*learned, -1] if learned else []:
        rows += _rows(ALL if at < 0 else judged.codes[at], at, steps, judged.what)
    return tables.frame("suggestion_learning", rows)


def subsets(groups: Sequence[int]) -> list[list[list[int]]]:
    """For each step the parts of the groups that are learned from, in a circle; nothing of fewer than 2 groups.

    >>> subsets([0, 1, 2])
    [[[0, 1], [1, 2]], [[0, 1, 2]]]
    """
    number = len(groups)
    if number < 2:
        return []
    found = []
    for size in sorted({max(2, -(-number * part // PARTS)) for part in range(1, PARTS + 1)}):
        repeats = -(-number // size)
        starts = [repeat * number // repeats for repeat in range(repeats)]
        found.append([[groups[at] for at in sorted((start + i) % number for i in range(size))] for start in starts])
    return found


def _measured(
    whole: Judged, judge: Callable[[Sequence[int]], Judged], codings: np.ndarray, parts: Sequence[Sequence[int]]
) -> _Step:
    import numpy as np

    cells = np.zeros((len(whole.codes) + 1, 4), dtype=np.int64)
    of_codes, sentences = [], []
    finished = whole.known.any(axis=1)
    for kept in parts:
        inside = np.isin(whole.held_out, kept)
        part = whole if (inside | ~finished).all() else judge(kept)
        pairs = whole.known & whole.learned & inside[:, np.newaxis]
        cells += cells_of(whole.given, part.suggested, pairs, np.zeros(len(inside), dtype=np.int64)).sum(axis=0)
        of_codes.append(codings[list(kept)].sum(axis=0))
        sentences.append((inside & finished).sum())
    share = 100 * float(np.mean(sentences)) / int(finished.sum())
    figures = (np.mean(of_codes, axis=0), kappa(cells[:-1]), f1(cells[:-1]))
    return _Step(len(parts[0]), share, *(np.append(of, _mean(of[whole.learned])) for of in figures))


def _mean(values: np.ndarray) -> float:
    """The mean of what is defined."""
    import numpy as np

    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _rows(code: str, at: int, steps: Sequence[_Step], what: str) -> Iterator[dict[str, object]]:
    """The rows of one code: its steps, and the forecast or why there is none."""
    said = f"each {what} is judged by what was learned from the others"
    ahead = _forecast(at, steps, what)
    for number, step in enumerate(steps, 1):
        note = said
        if number == len(steps) and isinstance(ahead, str):
            note = f"{said}; {ahead}"
        yield {
            "code": code,
            "step": number,
            "kind": "measured",
            "sources": step.groups,
            "share": step.share,
            "codings": step.codings[at],
            "kappa": step.kappa[at],
            "f1": step.f1[at],
            "note": note,
        }
    if not isinstance(ahead, str):
        yield {
            "code": code,
            "step": len(steps) + 1,
            "kind": "forecast",
            "sources": -(-3 * steps[-1].groups // 2),
            "share": 100 * FURTHER,
            "codings": FURTHER * steps[-1].codings[at],
            "kappa": ahead[0],
            "f1": ahead[1],
            "note": f"a curve through {counted_words(len(steps), 'step')}, drawn on: what may come, and no promise",
        }


def _forecast(at: int, steps: Sequence[_Step], what: str) -> tuple[float, float] | str:
    """Kappa and F1 with half as many codings again, or why they cannot be told."""
    import numpy as np

    if (groups := steps[-1].groups if steps else 0) < FEWEST_GROUPS:
        return f"no forecast: {counted_words(groups, what)}, {FEWEST_GROUPS} are needed"
    codings = np.array([step.codings[at] for step in steps])
    figures = [np.array([getattr(step, name)[at] for step in steps]) for name in ("kappa", "f1")]
    if np.isnan(figures).any() or (np.diff(codings) <= 0).any() or codings[0] <= 0:
        return "no forecast: kappa or F1 is not defined at each step, or the steps have as many codings"
    kappa_ahead, f1_ahead = (further(codings, of) for of in figures)
    return kappa_ahead, f1_ahead


def further(codings: np.ndarray, figures: np.ndarray) -> float:
    """The figure with half as many codings again, by the power law in `curve_table`: not below the last, nor above 1.

    >>> import numpy as np
    >>> round(further(np.array([25, 50, 100]), 0.8 - 2 / np.sqrt([25, 50, 100])), 4) == round(0.8 - 2 / 150 ** 0.5, 4)
    True
    """
    import numpy as np

    slope, begin = np.polyfit(codings**-0.5, figures, 1)
    ahead = begin + slope * (FURTHER * codings[-1]) ** -0.5
    # By such a curve, from all to half as much again brings 1.2 times of what came from three quarters to all: one that
    # flattened promises no more, and one that falls promises nothing.
    gained = 1.2 * max(figures[-1] - figures[-2], 0.0)
    return float(min(max(ahead, figures[-1]), figures[-1] + gained, 1.0)) if slope < 0 else float(figures[-1])
