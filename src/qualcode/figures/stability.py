"""The figure of how large and how stable each emergent theme is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..codebook.colours import PALETTE
from .drawing import GAP, GREY, INK, LINE, RULE, SIZE, SMALL, canvas, head, put, shortened, width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, LEAST_HIGH, LABEL = 300.0, 220.0, 250.0
# Hennig (2007): below this a cluster is not to be trusted, where the study has no other limit; from the other on it is
# stable.
DOUBTFUL, STABLE = 0.6, 0.75


def dots_named(
    names: Sequence[str], across: Sequence[float], up: Sequence[int], pale: Sequence[bool],
    limits: Sequence[float], axes_named: tuple[str, str], title: str, notes: Sequence[str],
) -> Figure:  # fmt: skip
    """A dot per theme by stability (0 to 1) and size, hollow where `pale`; names stand in a column at the right.

    Dashed lines stand at the `limits` of stability. A line leads from each name to its dot. Names are in the order of
    the dots' heights, so that no line crosses more than it has to.
    """
    from matplotlib.ticker import MaxNLocator

    line = SIZE * LINE + 2
    high = max(LEAST_HIGH, line * len(names))
    figure, axes = canvas(WIDE, high)
    most = max(up) * 1.08
    axes.set_xlim(0, 1)
    axes.set_ylim(0, most)
    for limit in limits:
        axes.axvline(limit, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    order = sorted(range(len(names)), key=lambda at: (-up[at], -across[at], at))
    heights = _apart([up[at] / most * high for at in order], line, high)
    column = WIDE + 28
    for at, height in zip(order, heights, strict=True):
        x, y = across[at] * WIDE, up[at] / most * high
        axes.plot([x / WIDE, 1 + 10 / WIDE, column / WIDE - 2 / WIDE], [y / high, height / high, height / high],
                  transform=axes.transAxes, clip_on=False, color=RULE, linewidth=0.8, zorder=0.5)  # fmt: skip
        axes.plot([across[at]], [up[at]], marker="o", markersize=7, color=PALETTE[0], zorder=3, clip_on=False,
                  markerfacecolor="white" if pale[at] else PALETTE[0])  # fmt: skip
        put(axes, names[at], (0, 0), (column, height), va="center_baseline")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.tick_params(labelsize=SMALL)
    axes.grid(color=RULE, linewidth=0.4)
    axes.set_xlabel(axes_named[0])
    axes.set_ylabel(axes_named[1])
    axes.tick_params(axis="both", colors=INK)
    head(axes, title, notes, -40, column + max(width(name, SIZE) for name in names) + 40, GAP)
    return figure


def named(label: str, told: str) -> str:
    """A theme's name, cut where it is long, and what is told of it."""
    return f"{shortened(label, LABEL, SIZE)[0]} ({told})"


def _apart(heights: Sequence[float], room: float, high: float) -> list[float]:
    """Heights from top to bottom (points) moved as little as needed to be `room` apart, within 0 to `high`."""
    placed: list[float] = []
    for height in heights:
        top = placed[-1] - room if placed else high - room / 2
        placed.append(min(height, top))
    floor = room / 2
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = max(placed[at], floor)
        floor = placed[at] + room
    return placed
