"""The figure of a choice among numbers: what speaks for each, one panel below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..codebook.colours import PALETTE
from .drawing import GREY, INK, POINT, RULE, SMALL, head, put, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HIGH, APART = 440.0, 84.0, 30.0


@dataclass(frozen=True)
class Panel:
    """What one measure says of each number, and what chance alone would give (empty: nothing to compare with)."""

    name: str
    values: Sequence[float]
    chance: Sequence[float] = ()
    colour: str = PALETTE[0]


def choice(
    numbers: Sequence[int],
    allowed: Sequence[bool],
    chosen: int | None,
    panels: Sequence[Panel],
    axis: str,
    title: str,
    notes: Sequence[str],
) -> Figure:
    """A line per panel over the numbers; those that are not `allowed` are hollow, and the chosen one is marked."""
    from matplotlib.figure import Figure

    whole = HIGH * len(panels) + APART * (len(panels) - 1)
    figure = Figure(figsize=(WIDE * POINT, whole * POINT))
    for row, panel in enumerate(panels):
        bottom = whole - HIGH * (row + 1) - APART * row
        axes = figure.add_axes((0.0, bottom / whole, 1.0, HIGH / whole))
        _panel(axes, numbers, allowed, chosen, panel)
        _ticks(axes, numbers, chosen, named=row == len(panels) - 1)
        if not row:
            head(axes, title, notes, -34, WIDE + 34, APART)
    axes.set_xlabel(axis)
    return figure


def _panel(axes: Axes, numbers: Sequence[int], allowed: Sequence[bool], chosen: int | None, panel: Panel) -> None:
    from matplotlib.ticker import MaxNLocator

    if chosen is not None:
        axes.axvline(chosen, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    if panel.chance:
        axes.plot(numbers, panel.chance, color=GREY, marker=".", markersize=3, linestyle=":", linewidth=1.0, zorder=1)
    axes.plot(numbers, panel.values, color=panel.colour, linewidth=1.2, zorder=2)
    for number, value, fair in zip(numbers, panel.values, allowed, strict=True):
        axes.plot(
            [number],
            [value],
            marker="o",
            markersize=8 if number == chosen else 5,
            color=panel.colour if fair else GREY,
            markerfacecolor=panel.colour if fair else "white",
            zorder=3,
        )
    both = [*panel.values, *panel.chance]
    low, high = min(both), max(both)
    room = max(high - low, 0.05) * 0.2
    axes.set_ylim(low - room, high + room)
    first, last = numbers[0], numbers[-1]
    beside = max(last - first, 1) * 0.04
    axes.set_xlim(first - beside, last + beside)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.tick_params(labelsize=SMALL)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    of_chosen = [f"{value:.2f}" for number, value in zip(numbers, panel.values, strict=True) if number == chosen]
    name = f"{panel.name} (of {chosen}: {of_chosen[0]})" if of_chosen else panel.name
    put(axes, name, (0, 1), (-34, 5), fontsize=SMALL, fontweight="bold")


def _ticks(axes: Axes, numbers: Sequence[int], chosen: int | None, named: bool) -> None:
    """Every number that has room beside those before it, the chosen one before all others."""
    first, last = axes.get_xlim()
    wanted = [number for number in numbers if number == chosen] + list(numbers)
    shown: list[int] = []
    for number in wanted:
        room = (width(str(number), SMALL) + 6) * (last - first) / WIDE
        if all(abs(number - other) >= room for other in shown):
            shown.append(number)
    shown.sort()
    texts = ["" if not named else f"{number}\nchosen" if number == chosen else str(number) for number in shown]
    axes.set_xticks(shown, texts)
    for number, label in zip(shown, axes.get_xticklabels(), strict=True):
        label.set_fontweight("bold" if number == chosen else "normal")
