"""Where new codes run out in an order of units, and over many orders (Guest, Namey & Chen 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

from .units import Units

if TYPE_CHECKING:
    import numpy as np

# All orders of so many units are tried (5,040), instead of some of them.
ENUMERATED = 7


@dataclass(frozen=True)
class Criterion:
    """Base size and run length in units, threshold in %."""

    base: int
    run: int
    threshold: float

    @property
    def least(self) -> int:
        """The fewest units in which there is a run at all."""
        return self.base + self.run


def new_codes(units: Units, position: np.ndarray) -> np.ndarray:
    """How many codes are met first at each place of an order, in which unit `i` has the place `position[i]`.

    Shape (units,).
    """
    import numpy as np

    if not units.codes:
        return np.zeros(units.number, dtype=np.int64)
    first = np.minimum.reduceat(position[units.unit], units.starts)
    return np.bincount(first, minlength=units.number)


def over_orders(units: Units, orders: int, seed: int) -> np.ndarray:
    """`new_codes` of random orders, or of all orders of seven units or fewer. Shape (orders, units)."""
    import numpy as np

    return np.array([new_codes(units, position) for position in _orders(units.number, orders, seed)])


def _orders(units: int, orders: int, seed: int) -> Iterator[np.ndarray]:
    import numpy as np

    if units <= ENUMERATED:
        yield from (np.array(order) for order in permutations(range(units)))
    else:
        random = np.random.default_rng(seed)
        yield from (random.permutation(units) for _ in range(orders))


@dataclass(frozen=True)
class Course:
    """How new information falls in some orders. `new` has shape (orders, units): codes met first at each place.

    A run is looked at from each place on, from that of the base to the last after which there is a whole run: arrays
    of shape (orders, runs). Saturation is reached at the first place, counted from 1, after which a run brings no more
    than the threshold.
    """

    new: np.ndarray
    criterion: Criterion

    @cached_property
    def so_far(self) -> np.ndarray:
        return self.new.cumsum(axis=1)

    @cached_property
    def base_codes(self) -> np.ndarray:
        return self.so_far[:, self.criterion.base - 1]

    @cached_property
    def run_codes(self) -> np.ndarray:
        base, run = self.criterion.base, self.criterion.run
        return self.so_far[:, base + run - 1 :] - self.so_far[:, base - 1 : -run]

    @cached_property
    def run_percent(self) -> np.ndarray:
        """Codes of each run in % of those of the base; infinite where the base has none."""
        import numpy as np

        base = self.base_codes[:, None]
        return np.where(base > 0, 100 * self.run_codes / np.maximum(base, 1), np.inf)

    @cached_property
    def below(self) -> np.ndarray:
        """Whether each run brings no more than the threshold. Counts are compared, since 5 % of 60 is 3 exactly."""
        import numpy as np

        threshold = Fraction(str(self.criterion.threshold))
        most = np.array([threshold * codes // 100 for codes in range(int(self.base_codes.max()) + 1)], dtype=np.int64)
        return (self.run_codes <= most[self.base_codes][:, None]) & (self.base_codes > 0)[:, None]

    @cached_property
    def points(self) -> np.ndarray:
        """Where each order reaches saturation, in ascending order; one more than there are units: it does not."""
        import numpy as np

        reached = np.where(self.below.any(axis=1), self.criterion.base + self.below.argmax(axis=1), self.never)
        return np.sort(reached)

    @cached_property
    def met(self) -> np.ndarray:
        """How many codes had been met where saturation was reached, in each order that reached it."""
        first = self.criterion.base - 1 + self.below.argmax(axis=1)
        reached = self.below.any(axis=1)
        return self.so_far[reached, first[reached]]

    @property
    def codes(self) -> int:
        return int(self.so_far[0, -1])

    @property
    def never(self) -> int:
        return int(self.new.shape[1]) + 1

    @property
    def reaching(self) -> int:
        """How many orders reach saturation."""
        return int((self.points < self.never).sum())

    @property
    def rising(self) -> int:
        """In how many of them a later run brings more than the threshold again."""
        import numpy as np

        return int((np.maximum.accumulate(self.below, axis=1) & ~self.below).any(axis=1).sum())


def quantiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median, 5th and 95th percentile over orders (the first axis), each a value that was met.

    Each is the smallest value that so many of the orders do not exceed.
    """
    import numpy as np

    ordered = np.sort(values, axis=0)
    # In whole numbers: 0.95 * 20 is a little more than 19.
    at = [-(-len(ordered) * share // 100) - 1 for share in (50, 5, 95)]
    return ordered[at[0]], ordered[at[1]], ordered[at[2]]
