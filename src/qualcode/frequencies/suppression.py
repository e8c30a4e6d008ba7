"""Which figures are left out so that none tells of fewer people than a study allows, and none can be computed back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .readers import told_exactly

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# No pass of bounds sharpens another for longer than this.
_PASSES = 60


@dataclass(frozen=True)
class Grid:
    """Counts of people: a row for each code (the first row: all people), a column for each group.

    `counts` is rows x columns; `totals` has what is told of each row for all people; `parents` the row above each
    (-1: none). `adds` says whether a code has nothing but what stands below it, so that its people are those below.
    `partitions` are sets of columns that together are all people, each person in one; `parts` are (whole, columns)
    where the columns make up another one. `never` marks cells that are not told, such as those of people of whom an
    attribute is not known, and `always` cells that other tables tell all the same. `members` says which columns people
    of each kind are in (columns x kinds of people), `kinds` how many people are of each.
    """

    counts: NDArray[np.int64]
    totals: NDArray[np.int64]
    parents: Sequence[int]
    adds: Sequence[bool]
    attributes: Sequence[int]
    partitions: Sequence[Sequence[int]]
    parts: Sequence[tuple[int, Sequence[int]]]
    never: NDArray[np.bool_]
    always: NDArray[np.bool_]
    members: NDArray[np.float64]
    kinds: NDArray[np.int64]

    @cached_property
    def below(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, parent in enumerate(self.parents):
            if parent >= 0:
                found.setdefault(parent, []).append(row)
        return found


def suppressed(grid: Grid, smallest: int, known: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """The cells to leave out (rows x columns), where no figure may tell of fewer than `smallest` people.

    Left out are cells of 1 to `smallest` - 1 people and all cells of groups of fewer people; then the next smallest of
    the same row and attribute, and where that does not do, cells above, below and beside, until no reader who knows
    the totals, the other cells and the codebook can tell that such a cell holds someone and fewer than `smallest`
    (complementary suppression: Willenborg & de Waal 2001, ch. 6; the reader's bounds are computed as by Gusfield 1988
    and sharpened over codes and attributes). `known` marks cells that are left out already.
    """
    import numpy as np

    size = grid.counts[0]
    hidden: NDArray[np.bool_] = np.zeros(grid.counts.shape, bool) if known is None else known.copy()
    small = (grid.counts > 0) & (grid.counts < smallest) & ~grid.always
    hidden |= small | ((size > 0) & (size < smallest))
    hidden[:, hidden[0] & ~grid.always[0]] = True
    hidden &= ~grid.always
    _loosen(grid, hidden, lambda: _told(grid, hidden, small, smallest))
    open_cells = [(int(row), int(column)) for row, column in np.argwhere(small & (hidden | grid.never)) if row]

    def still_told() -> list[tuple[int, int]]:
        # Leaving out more never tells more: what was not told stays so.
        open_cells[:] = told_exactly(grid, hidden | grid.never, open_cells)
        return open_cells

    _loosen(grid, hidden, still_told)
    return hidden


def _loosen(grid: Grid, hidden: NDArray[np.bool_], told: Callable[[], Sequence[tuple[int, int]]]) -> None:
    """Leave out more cells as long as there are small ones that are `told`, and cells that can be left out."""
    while cells := told():
        before = int(hidden.sum())
        # A group that is left out may be enough for all its cells, and one cell for others beside it.
        sizes = [cell for cell in cells if cell[0] == 0]
        first = {(row, grid.attributes[column]): (row, column) for row, column in reversed(sizes or cells)}
        for row, column in reversed(first.values()):
            _hide_more(grid, hidden, row, column)
            hidden[:, hidden[0]] = True
            hidden &= ~grid.always
        if int(hidden.sum()) == before:
            break


def _told(grid: Grid, hidden: NDArray[np.bool_], small: NDArray[np.bool_], smallest: int) -> list[tuple[int, int]]:
    """The small cells (row, column) of which a reader can tell that they are small, or that stand alone."""
    import numpy as np

    unseen = hidden | grid.never
    low, high = bounds(grid, unseen)
    # Utterances add up over any attribute, also where a person stands in several groups.
    alone = np.zeros_like(hidden)
    attributes = np.asarray(grid.attributes)
    for attribute in set(grid.attributes):
        columns = np.flatnonzero(attributes == attribute)
        alone[:, columns] = (unseen[:, columns].sum(axis=1) == 1)[:, None]
    told = small & unseen & (alone | ((low > 0) & (high < smallest)))
    return [(int(row), int(column)) for row, column in np.argwhere(told)]


def bounds(grid: Grid, unseen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The fewest and the most people that each cell can hold for who sees all others: two arrays, rows x columns."""
    import numpy as np

    low = np.where(unseen, 0, grid.counts)
    high = np.where(unseen, grid.totals[:, None], grid.counts)
    for _ in range(_PASSES):
        before = (low.copy(), high.copy())
        for columns in grid.partitions:
            _sharpen(low, high, list(columns), grid.totals, grid.totals)
        for whole, columns in grid.parts:
            _sharpen(low, high, list(columns), low[:, whole], high[:, whole])
            low[:, whole] = np.maximum(low[:, whole], low[:, columns].sum(axis=1))
            high[:, whole] = np.minimum(high[:, whole], high[:, columns].sum(axis=1))
        for parent, rows in grid.below.items():
            high[rows] = np.minimum(high[rows], high[parent])
            low[parent] = np.maximum(low[parent], low[rows].max(axis=0))
            if grid.adds[parent]:
                high[parent] = np.minimum(high[parent], high[rows].sum(axis=0))
                low[rows] = np.maximum(low[rows], low[parent] - (high[rows].sum(axis=0) - high[rows]))
        if (before[0] == low).all() and (before[1] == high).all():
            break
    return low, high


def _sharpen(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    columns: list[int],
    least: NDArray[np.int64],
    most: NDArray[np.int64],
) -> None:
    """Narrow the cells of columns whose sum lies between `least` and `most`."""
    import numpy as np

    lows, highs = low[:, columns], high[:, columns]
    low[:, columns] = np.maximum(lows, least[:, None] - (highs.sum(axis=1)[:, None] - highs))
    high[:, columns] = np.minimum(highs, most[:, None] - (lows.sum(axis=1)[:, None] - lows))


def _hide_more(grid: Grid, hidden: NDArray[np.bool_], row: int, column: int) -> None:
    """Leave out one more cell for the sake of another: the smallest of those that may tell of it."""
    attributes = grid.attributes
    here = [at for at, attribute in enumerate(attributes) if attribute == attributes[column]]
    others = [at for at in range(len(attributes)) if attributes[at] != attributes[column]]
    parent = grid.parents[row]
    near = [*([parent] if parent > 0 else []), *grid.below.get(row, []), *grid.below.get(parent, [])]
    own = [(row, at) for at in here]
    beside = [(line, column) for line in near]
    around = [(line, at) for line in near for at in here]
    elsewhere = [(line, at) for line in [row, *near] for at in others]
    for cells in (own, beside, around, elsewhere):
        free = [cell for cell in cells if not (hidden[cell] or grid.never[cell] or grid.always[cell])]
        if free:
            # One that holds people first: an empty one hides nothing as long as others tell the sum.
            hidden[min(free, key=lambda cell: (grid.counts[cell] == 0, grid.counts[cell], cell))] = True
            return
