"""How a tree of joinings is drawn without crossing lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bracket:
    """A joining as it is drawn: a line across at `height`, from the place of one side to that of the other.

    From each end a line leads down to the height of that side (0: a leaf). Places are those of leaves, from 0;
    the joining's own is halfway between those of its sides. The larger side comes first.
    """

    merge: int
    height: float
    places: tuple[float, float]
    heights: tuple[float, float]

    @property
    def place(self) -> float:
        return sum(self.places) / 2


def leaves(table: pd.DataFrame) -> list[int]:
    """The themes in an order in which the tree of the table theme_hierarchy has no crossing lines; [] without rows.

    The side with more utterances comes first, of equals the one with the smallest number in it.
    """
    return _orders(table).popitem()[1] if len(table) else []


def brackets(table: pd.DataFrame) -> list[Bracket]:
    """The joinings of the table theme_hierarchy, lowest first, as they are drawn over `leaves`."""
    place: dict[int, float] = {leaf: position for position, leaf in enumerate(leaves(table))}
    height: dict[int, float] = {}
    made = []
    for row in table.itertuples():
        ends = sorted((place[side], height.get(side, 0.0)) for side in (row.left, row.right))
        bracket = Bracket(row.merge, row.distance, (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]))
        place[row.merge], height[row.merge] = bracket.place, row.distance
        made.append(bracket)
    return made


def _orders(table: pd.DataFrame) -> dict[int, list[int]]:
    """The leaves of each joining in drawing order, the last joining's last.

    The table has no sizes of leaves. That of one is what is left of its joining; of two leaves, the smaller number is
    the larger one, because themes are numbered by size.
    """
    orders: dict[int, list[int]] = {}
    size: dict[int, int] = {}
    for row in table.itertuples():
        first, second = sorted((row.left, row.right), key=lambda side: min(orders.get(side, [side])))
        if first in size or second in size:
            of_second = size[second] if second in size else row.utterances - size[first]
            if 2 * of_second > row.utterances:
                first, second = second, first
        size[row.merge] = row.utterances
        orders[row.merge] = orders.get(first, [first]) + orders.get(second, [second])
    return orders
