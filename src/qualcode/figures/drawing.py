"""How figures are drawn: their letters and lengths, what stands above and beside them, and bars."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..codebook.colours import PALETTE
from ..rated import MARK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    from ..tables import Release

INK, GREY, RULE = "#1a1a1a", "#555555", "#d9d9d9"
DPI = 300
# Lengths are in points (1/72 inch), as the sizes of letters are.
POINT = 1 / 72
SIZE, SMALL, HEADING = 9.0, 8.0, 12.0
LINE = 1.3
LABEL_WIDTH, INDENT, GAP = 210.0, 12.0, 8.0
ROW, BAR, PLOT_WIDTH = 18.0, 12.0, 330.0
NARROWEST = 420.0
# Of a figure that has nothing to draw, and says why.
EMPTY = 300.0
# As many things an alt text tells one by one.
TOLD = 15


@dataclass(frozen=True)
class Drawn:
    """A figure, its title, what it shows in full sentences for who cannot see it, and who may see it."""

    title: str
    alt: str
    figure: Figure
    release: Release = "shareable"


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
    fonts are missing, and letters that these fonts have not (emoji, Chinese) are boxes; in a pdf they are TrueType and
    can be edited. A `$` in a code's name is a dollar.
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
        "pdf.fonttype": 42,
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


@cache
def width(text: str, size: float, bold: bool = False) -> float:
    """How wide a line of text is drawn (points)."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(text, _font(size, bold), ismath=False)[0])


@cache
def _font(size: float, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


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


def ink_on(colour: tuple[float, ...]) -> str:
    """White or dark letters, whichever stand out more on a colour (red, green, blue, 0 to 1; contrast of WCAG 2)."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    bright = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    # 0.0103 is how bright INK is.
    return "white" if 1.05 / (bright + 0.05) > (bright + 0.05) / (0.0103 + 0.05) else INK


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


def head(
    axes: Axes, title: str, notes: Sequence[str], left: float, wide: float, above: float = GAP, least: float = NARROWEST
) -> None:
    """Title, and below it the notes in small letters, from `left` points beside the axes' upper left corner."""
    wide = max(wide, least)
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


def plain(title: str, notes: Sequence[str], message: str) -> Figure:
    """A figure that says in words why there is nothing to draw."""
    lines = wrapped(message, EMPTY - 2 * GAP, SIZE)
    figure, axes = canvas(EMPTY, 2 * GAP + len(lines) * SIZE * LINE)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(RULE)
    put(axes, "\n".join(lines), (0, 0.5), (GAP, 0), va="center")
    head(axes, title, notes, 0, EMPTY, least=EMPTY)
    return figure


def explained(meaning: str, names: Iterable[str]) -> str:
    """What the mark of disagreement means (`meaning`, '' in a study without any), if one of these names has it."""
    return meaning if meaning and any(name.endswith(MARK) for name in names) else ""


def nothing(title: str, study: str, reason: str, release: Release = "shareable") -> Drawn:
    """A figure that says in words why there is nothing to draw."""
    return Drawn(title, f"There is nothing to draw: {reason}", plain(title, [study], reason), release)
