"""What a reader can compute who knows who is who: the attack that suppressed figures have to stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .suppression import Grid

# With more kinds of people than this the attack takes too long; figures of so many are hardly ever told by others.
MOST_KINDS = 150


def told_exactly(grid: Grid, unseen: NDArray[np.bool_], cells: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of the unseen cells (row, column) that follow exactly from what is seen.

    The reader knows of each person every attribute, and of each code how many people there are in all, whether it has
    anything besides what stands below it, and every cell that is not `unseen`: linear programming over how many people
    of each kind speak of each code gives the fewest and the most that a cell can hold (Fischetti & Salazar 2001).
    """
    if grid.members.shape[1] > MOST_KINDS:
        return
    by_family: dict[int, list[tuple[int, int]]] = {}
    for row, column in cells:
        by_family.setdefault(_root(grid, row), []).append((row, column))
    for root, inside in by_family.items():
        reader = _Reader(grid, unseen, root)
        for row, column in inside:
            if reader.tells(row, column):
                yield row, column


def _root(grid: Grid, row: int) -> int:
    while grid.parents[row] > 0:
        row = grid.parents[row]
    return row


class _Reader:
    """One category and all below it: a variable for each code and kind of people."""

    def __init__(self, grid: Grid, unseen: NDArray[np.bool_], root: int) -> None:
        import numpy as np

        self._grid = grid
        self._lines = [row for row in range(1, len(grid.parents)) if _root(grid, row) == root]
        self._kinds = grid.members.shape[1]
        self._highest = np.tile(grid.kinds, len(self._lines))
        equal, upper = [], []
        for row in self._lines:
            equal.append((self._of(row, np.ones(self._kinds)), grid.totals[row]))
            equal += [
                (self._of(row, grid.members[column]), grid.counts[row, column])
                for columns in grid.partitions
                for column in columns
                if not unseen[row, column]
            ]
            below = grid.below.get(row, [])
            for kind in np.eye(self._kinds):
                upper += [self._of(child, kind) - self._of(row, kind) for child in below]
                if grid.adds[row] and below:
                    upper.append(self._of(row, kind) - sum(self._of(child, kind) for child in below))
        self._equal, self._sums = np.array([left for left, _ in equal]), np.array([right for _, right in equal])
        self._upper = np.array(upper) if upper else None

    def _of(self, row: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        made = np.zeros(len(self._lines) * self._kinds)
        at = self._lines.index(row) * self._kinds
        made[at : at + self._kinds] = weights
        return made

    def tells(self, row: int, column: int) -> bool:
        goal = self._of(row, self._grid.members[column])
        there = self._grid.counts[row, column]
        return self._least(goal) > there - 1 + 1e-6 and -self._least(-goal) < there + 1 - 1e-6

    def _least(self, goal: NDArray[np.float64]) -> float:
        import numpy as np
        from scipy.optimize import linprog

        found = linprog(
            goal,
            A_ub=self._upper,
            b_ub=None if self._upper is None else np.zeros(len(self._upper)),
            A_eq=self._equal,
            b_eq=self._sums,
            bounds=np.stack([np.zeros(len(self._highest)), self._highest], axis=1),
        )
        return float(found.fun) if found.success else float("inf")  # what cannot be computed is taken for told
