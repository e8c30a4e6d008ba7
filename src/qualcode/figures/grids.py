"""The figure of a table: rows and columns of cells, each as dark as its number is high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..console import counted_words, enumeration
from ..tables import round_half_up
from .drawing import (
    GAP,
    GREY,
    LINE,
    NARROWEST,
    ROW,
    RULE,
    SIZE,
    SMALL,
    TOLD,
    Row,
    canvas,
    head,
    ink_on,
    labels,
    placed,
    put,
    width,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# What stands where a table keeps a figure back.
KEPT_BACK = "–"


def heat_map(
    rows: Sequence[Row],
    columns: Sequence[str],
    grid: Sequence[Sequence[int | None]],
    axis: Sequence[str],
    title: str,
    notes: Sequence[str],
    percents: Sequence[Sequence[float]] | None = None,
) -> Figure:
    """A cell per row and column with its count, darker the higher it is; `axis` are paragraphs below.

    Where `percents` are given, a cell is as dark as its percentage is high, and says both. A count that is None is kept
    back: its cell is blank but for a dash.
    """
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LinearSegmentedColormap

    where = placed(rows)
    weights = [[count or 0 for count in line] for line in grid] if percents is None else percents
    told = [
        [_told(count, None if percents is None else weight) for count, weight in zip(*line, strict=True)]
        for line in zip(grid, weights, strict=True)
    ]
    upright = len(columns) <= 6
    size = SIZE if upright or percents is None else SMALL
    widest = max((width(text, size) for line in told for text in line), default=0.0)
    cell = max(72.0 if upright else 30.0, widest + GAP)
    wide = cell * len(columns)
    figure, axes = canvas(wide, where.height)
    shades = LinearSegmentedColormap.from_list("counts", ["#ffffff", "#6baed6", "#08306b"])
    most = max((weight for line in weights for weight in line), default=0) or 1
    axes.set_xlim(0, wide)
    axes.set_ylim(0, where.height)
    boxes, faces = [], []
    for texts, line, lines, middle in zip(told, weights, where.lines, where.middles, strict=True):
        half = (ROW + (len(lines) - 1) * SIZE * LINE) / 2
        for number, (text, weight) in enumerate(zip(texts, line, strict=True)):
            west, east = number * cell, (number + 1) * cell
            boxes.append([(west, middle - half), (east, middle - half), (east, middle + half), (west, middle + half)])
            faces.append(shades(weight / most))
            colour = ink_on(faces[-1]) if weight else GREY
            style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": size, "color": colour}
            axes.text((west + east) / 2, middle, text, **style)
    axes.add_collection(PolyCollection(boxes, facecolors=faces, edgecolors=RULE, linewidths=0.8))
    above = _column_heads(axes, columns, cell, upright)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    left = labels(axes, rows, where)
    below = [line for text in axis for line in wrapped(text, max(NARROWEST, wide - left), SIZE)]
    put(axes, "\n".join(below), (0, 0), (left, -GAP), va="top")
    head(axes, title, notes, left, wide - left, above + 4 + GAP)
    return figure


def _told(count: int | None, percent: float | None) -> str:
    """What a cell says."""
    if count is None:
        return KEPT_BACK
    return f"{count} ({round_half_up(percent):.0f}%)" if count and percent is not None else str(count)


def _column_heads(axes: Axes, columns: Sequence[str], cell: float, upright: bool) -> float:
    """Write what the columns are called above them, slanted unless `upright`. Returns how far it rises (points)."""
    above = 0.0
    for number, column in enumerate(columns):
        lines = wrapped(column, cell - 6, SMALL) if upright else [column]
        # Slanted labels rise by the sine of their angle.
        rise = len(lines) * SMALL * LINE if upright else width(column, SMALL) * 0.87 + SMALL
        above = max(above, rise)
        style: dict[str, Any] = {"ha": "center"} if upright else {"rotation": 60, "rotation_mode": "anchor"}
        put(
            axes,
            "\n".join(lines),
            ((number + 0.5) * cell, 1),
            (0, 4),
            xycoords=("data", "axes fraction"),
            fontsize=SMALL,
            **style,
        )
    return above


def strongest(
    codes: Sequence[str], columns: Sequence[str], grid: Sequence[Sequence[int | None]], one: str, many: str = ""
) -> str:
    """The fullest cell of each column in a sentence each, the columns with most in them where there are many."""
    said = []
    for at, column in enumerate(columns):
        counts = [line[at] or 0 for line in grid]
        most = max(counts)
        names = [code for code, count in zip(codes, counts, strict=True) if count == most]
        if most:
            shown = enumeration(names, most=3)
            said.append((most, at, f"{column}: most for {shown} ({counted_words(most, one, many)})."))
        else:
            said.append((0, at, f"{column}: none."))
    ranked = sorted(said, key=lambda item: (-item[0], item[1]))[:TOLD]
    return " ".join(sentence for _, _, sentence in sorted(ranked, key=lambda item: item[1]))
