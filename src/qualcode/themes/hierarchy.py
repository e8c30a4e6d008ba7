"""Which themes are alike: the two nearest are joined, then the next, up to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .. import tables

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def hierarchy(
    centres: Mapping[int, np.ndarray], sizes: Mapping[int, int], terms_of: Callable[[frozenset[int]], Sequence[str]]
) -> pd.DataFrame:
    """The table theme_hierarchy: themes joined by Ward's method (1963), as if their utterances all stood at the centre.

    `centres`: the mean vector of each theme, shape (d,); `sizes`: its utterances, 1 or more; `terms_of` gives the
    leading terms of several themes together. The distance of two is sqrt(2ab/(a + b)) times that of their centres for
    a and b utterances, which is what the formula of Lance & Williams (1967) gives: the square root of twice what
    joining them adds to the sum of squares within themes. The nearest are joined first, of equals those with the
    smaller numbers. One theme, or none: no rows.
    """
    numbers = sorted(centres)
    members = [frozenset([number]) for number in numbers]
    near = _Nearest([centres[number] for number in numbers], [sizes[number] for number in numbers])
    rows = []
    while near.several:
        left, right, distance, size = near.join()
        numbers.append(numbers[-1] + 1)
        members.append(members[left] | members[right])
        rows.append(
            {
                "merge": numbers[-1],
                "left": numbers[left],
                "right": numbers[right],
                "distance": distance,
                "utterances": size,
                "terms": "; ".join(terms_of(members[-1])),
            }
        )
    return tables.frame("theme_hierarchy", rows)


class _Nearest:
    """Clusters by their place: those given, then those that are made of two."""

    def __init__(self, centres: Sequence[np.ndarray], sizes: Sequence[int]) -> None:
        import numpy as np

        self._centre: list[np.ndarray] = []
        self._size: list[int] = []
        self._open: list[int] = []
        # The upper triangle: what is not to be joined, or no longer, is endlessly far.
        self._apart = np.full((2 * len(centres), 2 * len(centres)), np.inf)
        for centre, size in zip(centres, sizes, strict=True):
            self._add(np.asarray(centre, dtype=np.float64), int(size))

    @property
    def several(self) -> bool:
        return len(self._open) > 1

    def join(self) -> tuple[int, int, float, int]:
        """The places of the two nearest, their distance and their common size; they are one from now on."""
        import numpy as np

        # The first of equals has the smaller numbers.
        left, right = (int(place) for place in np.unravel_index(self._apart.argmin(), self._apart.shape))
        distance = float(self._apart[left, right])
        self._apart[[left, right]] = np.inf
        self._apart[:, [left, right]] = np.inf
        self._open = [place for place in self._open if place not in (left, right)]
        size = self._size[left] + self._size[right]
        self._add((self._size[left] * self._centre[left] + self._size[right] * self._centre[right]) / size, size)
        return left, right, distance, size

    def _add(self, centre: np.ndarray, size: int) -> None:
        import numpy as np

        if self._open:
            others = np.array([self._size[place] for place in self._open])
            length = np.linalg.norm(np.array([self._centre[place] for place in self._open]) - centre, axis=1)
            # Rounded, so that equals stay equal whatever their last digits say.
            self._apart[self._open, len(self._size)] = (np.sqrt(2 * others * size / (others + size)) * length).round(9)
        self._open.append(len(self._size))
        self._centre.append(centre)
        self._size.append(size)
