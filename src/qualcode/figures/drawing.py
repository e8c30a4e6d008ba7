"""How figures are drawn: rows of bars or cells with their labels, curves, and files that are the same in every run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codebook.colours import PALETTE
from ..files import replacing
from ..tables import round_half_up

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, RULE = "#1a1a1a", "#555555", "#d9d9d9"
DPI = 200
# Lengths are in points (1/72 inch), as the sizes of letters are.
POINT = 1 / 72
SIZE, SMALL, HEADING = 9.0, 8.0, 12.0
LINE = 1.3
LABEL_WIDTH, INDENT, GAP = 210.0, 12.0, 8.0
ROW, BAR, PLOT_WIDTH = 18.0, 12.0, 330.0
NARROWEST = 420.0


@dataclass(frozen=True)
class Row:
    """A row of a figure: what it is called, how deep it stands (0 is a category), and how it is drawn."""

    label: str
    depth: int = 0
    value: int = 0
    end: str = ""
    colour: str = PALETTE[0]


@dataclass(frozen=True)
class Placed:
    """Rows as wrapped lines, the height of each row's middle from the bottom, and the height of all (points)."""

    lines: list[list[str]]
    middles: list[float]
    height: float


@contextmanager
def fixed_style() -> Iterator[None]:
    """matplotlib as it comes, whatever matplotlibrc lies about, with everything fixed that could differ between runs.

    Only the DejaVu fonts that come with matplotlib are used. svg letters are outlines: they look the same where those
    fonts are missing, and letters that these fonts have not (emoji, Chinese) are boxes. A `$` in a code's name is a
    dollar.
    """
    import matplotlib

    settings: dict[Any, Any] = {
        key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith("backend")
    }
    settings |= {
        "font.family": ["DejaVu Sans"],
        "font.size": SIZE,
        "svg.fonttype": "path",
        "svg.hashsalt": "qualcode",
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "xtick.color": INK,
        "ytick.color": INK,
    }
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Quotations may hold any letter, and a warning for each tells a researcher nothing.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is drawn (points)."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def wrapped(text: str, limit: float, size: float, bold: bool = False) -> list[str]:
    """The text in lines of at most `limit` points; a word that is longer than a line is broken."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold) <= limit:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if lines[-1] and width(lines[-1] + char, size, bold) > limit:
                lines.append("")
            lines[-1] += char
    return lines


def shortened(text: str, limit: float, size: float, most: int = 1) -> list[str]:
    """The text in at most `most` lines of at most `limit` points, cut after a word and with `…` where it is longer."""
    lines = wrapped(text, limit, size)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while " " in last and width(f"{last}…", size) > limit:
        last = last.rpartition(" ")[0]
    # A single word that fills the line is cut within.
    while last and width(f"{last}…", size) > limit:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip(' ,;:.')}…"]


def placed(rows: Sequence[Row], limit: float = LABEL_WIDTH) -> Placed:
    """Where the rows stand: one that takes several lines is as much higher."""
    lines = [wrapped(row.label, limit - INDENT * row.depth, SIZE, _bold(row, rows)) for row in rows]
    heights = [ROW + (len(line) - 1) * SIZE * LINE for line in lines]
    # A category stands apart from what is above it.
    spaces = [ROW / 3 if number and _bold(row, rows) else 0.0 for number, row in enumerate(rows)]
    total = sum(heights) + sum(spaces)
    middles, top = [], total
    for height, space in zip(heights, spaces, strict=True):
        top -= space
        middles.append(top - height / 2)
        top -= height
    return Placed(lines, middles, total)


def _bold(row: Row, rows: Sequence[Row]) -> bool:
    return row.depth == 0 and any(other.depth for other in rows)


def canvas(wide: float, high: float) -> tuple[Figure, Axes]:
    """A figure filled by its axes (points): what stands around them is added as it is saved, so nothing is cut off."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide * POINT, high * POINT))
    return figure, figure.add_axes((0.0, 0.0, 1.0, 1.0))


def put(axes: Axes, text: str, at: tuple[Any, Any], offset: tuple[float, float], **style: Any) -> None:
    """Text at a place in the axes (fractions), moved by an offset in points."""
    style = {"ha": "left", "va": "bottom", "fontsize": SIZE, "linespacing": LINE, **style}
    where = style.pop("xycoords", "axes fraction")
    axes.annotate(text, at, xycoords=where, xytext=offset, textcoords="offset points", annotation_clip=False, **style)


def head(axes: Axes, title: str, notes: Sequence[str], left: float, wide: float, above: float = GAP) -> None:
    """Title, and below it the notes in small letters, from `left` points beside the axes' upper left corner."""
    wide = max(wide, NARROWEST)
    small = [line for note in notes if note for line in wrapped(note, wide, SMALL)]
    put(axes, "\n".join(small), (0, 1), (left, above), fontsize=SMALL, color=GREY)
    above += len(small) * SMALL * LINE + GAP / 2
    put(
        axes, "\n".join(wrapped(title, wide, HEADING, True)), (0, 1), (left, above), fontsize=HEADING, fontweight="bold"
    )


def labels(axes: Axes, rows: Sequence[Row], where: Placed) -> float:
    """Write the rows' labels left of the axes, indented by depth. Returns where they begin (points, below 0)."""
    widest = max(
        INDENT * row.depth + width(line, SIZE, _bold(row, rows))
        for row, lines in zip(rows, where.lines, strict=True)
        for line in lines
    )
    left = -widest - GAP
    for row, lines, middle in zip(rows, where.lines, where.middles, strict=True):
        put(
            axes,
            "\n".join(lines),
            (0, middle),
            (left + INDENT * row.depth, 0),
            xycoords=("axes fraction", "data"),
            va="center_baseline" if len(lines) == 1 else "center",
            fontweight="bold" if _bold(row, rows) else "normal",
        )
    axes.set_yticks([])
    return left


def bars(rows: Sequence[Row], most: int, axis: str, title: str, notes: Sequence[str]) -> Figure:
    """Horizontal bars from 0 to `most`, each with its label at the left and its count in words at its end."""
    from matplotlib.ticker import MaxNLocator

    where = placed(rows)
    figure, axes = canvas(PLOT_WIDTH, where.height)
    axes.set_xlim(0, max(most, 1))
    axes.set_ylim(0, where.height)
    axes.barh(where.middles, [row.value for row in rows], height=BAR, color=[row.colour for row in rows])
    for row, middle in zip(rows, where.middles, strict=True):
        put(axes, row.end, (row.value, middle), (4, 0), xycoords="data", va="center_baseline")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_xlabel(axis)
    left = labels(axes, rows, where)
    head(axes, title, notes, left, PLOT_WIDTH - left)
    return figure


def heat_map(
    rows: Sequence[Row],
    columns: Sequence[str],
    grid: Sequence[Sequence[int]],
    axis: Sequence[str],
    title: str,
    notes: Sequence[str],
    percents: Sequence[Sequence[float]] | None = None,
) -> Figure:
    """A cell per row and column with its count, darker the higher it is; `axis` are paragraphs below.

    Where `percents` are given, a cell is as dark as its percentage is high, and says both.
    """
    from matplotlib.colors import LinearSegmentedColormap

    where = placed(rows)
    weights = grid if percents is None else percents
    told = [
        [str(count) if percents is None else _with_percent(count, weight) for count, weight in zip(*line, strict=True)]
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
    for texts, line, lines, middle in zip(told, weights, where.lines, where.middles, strict=True):
        high = ROW + (len(lines) - 1) * SIZE * LINE
        for number, (text, weight) in enumerate(zip(texts, line, strict=True)):
            axes.bar(
                number * cell, high, cell, middle - high / 2, align="edge", color=shades(weight / most), edgecolor=RULE
            )
            put(
                axes,
                text,
                ((number + 0.5) * cell, middle),
                (0, 0),
                xycoords="data",
                ha="center",
                va="center_baseline",
                fontsize=size,
                color="white" if weight / most > 0.55 else INK if weight else GREY,
            )
    above = _column_heads(axes, columns, cell, upright)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    left = labels(axes, rows, where)
    below = [line for text in axis for line in wrapped(text, max(NARROWEST, wide - left), SIZE)]
    put(axes, "\n".join(below), (0, 0), (left, -GAP), va="top")
    head(axes, title, notes, left, wide - left, above + 4 + GAP)
    return figure


def _with_percent(count: int, percent: float) -> str:
    return f"{count} ({round_half_up(percent):.0f}%)" if count else "0"


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


def curves(saturation: pd.DataFrame, title: str, notes: Sequence[str]) -> Figure:
    """Codes so far (line) and new codes (bars), by tenth of the talk and, where there are several, by source."""
    from matplotlib.figure import Figure

    sources = saturation[saturation["scope"] == "source"]
    tenths = saturation[saturation["scope"] == "tenth"]
    panels = [(tenths, "Tenth of what participants said, by length")]
    if len(sources) > 1:
        panels.append((sources, "Source, in the order of the study"))
        head_note = ""
    else:
        head_note = "There is one source, so there is no curve by source."
    wide, high, apart = 330.0, 200.0, 60.0
    whole = wide * len(panels) + apart * (len(panels) - 1)
    figure = Figure(figsize=(whole * POINT, high * POINT))
    first = None
    for number, (part, axis) in enumerate(panels):
        axes = figure.add_axes((number * (wide + apart) / whole, 0.0, wide / whole, 1.0))
        _curve(axes, part, axis)
        first = first or axes
    assert first is not None
    head(first, title, [*notes, head_note], -32, whole + 32, 26)
    return figure


def _curve(axes: Axes, part: pd.DataFrame, axis: str) -> None:
    from matplotlib.ticker import MaxNLocator

    positions, so_far, new = (list(part[name]) for name in ("position", "codes_so_far", "new_codes"))
    axes.bar(positions, new, width=0.7, color=PALETTE[5], label="new codes")
    axes.plot(positions, so_far, color=PALETTE[0], marker="o", markersize=4, label="different codes so far")
    size = SMALL if len(positions) <= 20 else SMALL * 0.75
    for position, total, fresh in zip(positions, so_far, new, strict=True):
        put(axes, str(total), (position, total), (0, 5), xycoords="data", ha="center", fontsize=size)
        # The bar's number would run into the line where both are nearly as high.
        if fresh and fresh < total * 0.8:
            put(axes, str(fresh), (position, fresh), (0, 1), xycoords="data", ha="center", fontsize=size, color=GREY)
    axes.set_ylim(0, max(so_far, default=0) * 1.12 + 1)
    axes.set_xlim(0.4, max(positions, default=1) + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    named = [name for name in part["source"] if name]
    if named and len(named) <= 12:
        axes.set_xticks(
            positions,
            ["\n".join(wrapped(name, 100, SMALL)) for name in named],
            rotation=40,
            ha="right",
            rotation_mode="anchor",
            fontsize=SMALL,
        )
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_xlabel(axis)
    axes.set_ylabel("Number of codes")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.2)


def plain(title: str, notes: Sequence[str], message: str) -> Figure:
    """A figure that says in words why there is nothing to draw."""
    lines = wrapped(message, NARROWEST - 40, SIZE)
    figure, axes = canvas(NARROWEST, 40 + len(lines) * SIZE * LINE)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(RULE)
    put(axes, "\n".join(lines), (0.5, 0.5), (0, 0), ha="center", va="center")
    head(axes, title, notes, 0, NARROWEST)
    return figure


def save(figure: Figure, folder: Path, name: str, title: str) -> None:
    """Write the figure as svg and png, each whole or not at all, without the time and matplotlib's version."""
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Title": title, "Date": None, "Creator": None},
        "png": {"Title": title, "Software": None},
    }
    for suffix, about in metadata.items():
        with replacing(folder / f"{name}.{suffix}") as temporary:
            figure.savefig(
                temporary,
                format=suffix,
                dpi=DPI,
                metadata=about,
                bbox_inches="tight",
                pad_inches=0.15,
                facecolor="white",
            )
