"""Codes that share utterances: how many each two share as a matrix, and the strongest ties as a network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..codebook import Code, Codebook
from ..console import counted_words, enumeration
from .codes import colours
from .drawing import (
    GAP,
    GREY,
    INK,
    LINE,
    ROW,
    RULE,
    SIZE,
    SMALL,
    Drawn,
    canvas,
    explained,
    head,
    plain,
    put,
    shortened,
    width,
    wrapped,
)  # fmt: skip
from .hierarchy import NOTHING, by_code, names_of, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

MATRIX = "Which codes are spoken of together"
NETWORK = "The strongest ties between codes"
# Names beside the diagonal, and those of categories at the left.
NAMES, CATEGORIES = 300.0, 150.0
# More chords than this are a tangle.
MOST_TIES = 60
LEAST_RADIUS, DOT, THICKEST, PER_UTTERANCE = 100.0, 15.0, 7.0, 1.2


@dataclass(frozen=True)
class _Tie:
    """Two codes that share utterances, the first of the codebook first."""

    first: str
    second: str
    utterances: int
    jaccard: float

    @property
    def rank(self) -> tuple[int, float]:
        return self.utterances, self.jaccard


def cooccurrence_matrix(
    cooccurrences: pd.DataFrame, frequencies: pd.DataFrame, codebook: Codebook, study: str, smallest: int = 0,
    mark: str = "",
) -> Drawn:  # fmt: skip
    """Utterances that each two codes share, the darker the higher their Jaccard (1901) index.

    `cooccurrences` and `frequencies` are the tables of these names. Only the half below the diagonal is drawn; at the
    diagonal stand the utterances of the code and its name, which is that of the row to its left and the column below.
    `mark` says what a mark at a code's name means.
    """
    utterances = by_code(frequencies, "utterances")
    codes, fewer = shown(codebook, utterances)
    ties = _ties(cooccurrences, codes)
    if not ties:
        return _nothing(MATRIX, utterances, study)
    darkest = max(tie.jaccard for tie in ties)
    lines = [wrapped(code.name, NAMES, SIZE) for code in codes]
    numbers = [str(tie.utterances) for tie in ties] + [str(utterances.get(code.code, 0)) for code in codes]
    cell = max(ROW, max(width(number, SMALL) for number in numbers) + 5)
    highs = [ROW + (len(line) - 1) * SIZE * LINE for line in lines]
    tops = [sum(highs[number:]) for number in range(len(highs))]
    wide = cell * len(codes)
    figure, axes = canvas(wide, tops[0])
    axes.set_xlim(0, wide)
    axes.set_ylim(0, tops[0])
    _cells(axes, codes, ties, cell, highs, tops, darkest)
    for number, (code, line, high, top) in enumerate(zip(codes, lines, highs, tops, strict=True)):
        at = ((number + 1) * cell, top - high / 2)
        put(axes, "\n".join(line), at, (4, 0), xycoords="data", va="center_baseline" if len(line) == 1 else "center")
        put(axes, str(utterances.get(code.code, 0)), (at[0] - cell / 2, at[1]), (0, 0), xycoords="data", ha="center",
            va="center_baseline", fontsize=SMALL, color=GREY)  # fmt: skip
    left = _categories(axes, codebook, codes, highs, tops, cell)
    axes.set_axis_off()
    disagreed = explained(mark, names_of(codebook, codes))
    notes = [
        study,
        "Cells: utterances with both the code of the row and that of the column, which are named at the diagonal, with "
        "the utterances of each. Empty: none. The darker, the larger the part of the utterances with either of them "
        f"that have both (Jaccard 1901; darkest: {darkest:.2f}).",
        disagreed,
        fewer,
        _left_out(smallest),
    ]
    head(axes, MATRIX, notes, left, wide - left)
    return Drawn(MATRIX, _alt("A matrix", codes, ties, disagreed, fewer, _left_out(smallest)), figure)


def _ties(cooccurrences: pd.DataFrame, codes: Sequence[Code]) -> list[_Tie]:
    """The ties between these codes, in the codebook's order."""
    order = {code.code: number for number, code in enumerate(codes)}
    columns = [cooccurrences[name] for name in ("code_a", "code_b", "utterances", "jaccard")]
    found = []
    for one, other, utterances, jaccard in zip(*columns, strict=True):
        if one in order and other in order:
            first, second = sorted((one, other), key=order.__getitem__)
            found.append(_Tie(first, second, int(utterances), float(jaccard)))
    return sorted(found, key=lambda tie: (order[tie.first], order[tie.second]))


def _nothing(title: str, utterances: Mapping[str, int], study: str) -> Drawn:
    message = "No utterance has two codes of which neither is above the other." if any(utterances.values()) else ""
    message = message or f"{NOTHING}, so that no two codes share an utterance."
    return Drawn(title, message, plain(title, [study], message))


def _left_out(smallest: int) -> str:
    return f"Pairs that fewer than {smallest} people speak of are left out." if smallest > 1 else ""


def _cells(
    axes: Axes, codes: Sequence[Code], ties: Sequence[_Tie], cell: float, highs: Sequence[float],
    tops: Sequence[float], darkest: float,
) -> None:  # fmt: skip
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("shares", ["#eaf3fb", "#6baed6", "#08306b"])
    place = {code.code: number for number, code in enumerate(codes)}
    between = {(place[tie.second], place[tie.first]): tie for tie in ties}
    boxes, faces = [], []
    style: dict[str, Any] = {"xycoords": "data", "ha": "center", "va": "center_baseline", "fontsize": SMALL}
    for row in range(len(codes)):
        low, high = tops[row] - highs[row], tops[row]
        for column in range(row + 1):
            west, east = column * cell, (column + 1) * cell
            boxes.append([(west, low), (east, low), (east, high), (west, high)])
            tie = between.get((row, column))
            share = tie.jaccard / (darkest or 1.0) if tie else 0.0
            faces.append(shades(share) if tie else "#f2f2f2" if row == column else "white")
            if tie:
                at, colour = ((west + east) / 2, (low + high) / 2), "white" if share > 0.68 else INK
                put(axes, str(tie.utterances), at, (0, 0), color=colour, **style)
    axes.add_collection(PolyCollection(boxes, facecolors=faces, edgecolors=RULE, linewidths=0.5))


def _categories(
    axes: Axes, codebook: Codebook, codes: Sequence[Code], highs: Sequence[float], tops: Sequence[float], cell: float
) -> float:
    """Mark where categories begin and name them at the left. Returns where these names begin (points, below 0)."""
    chosen, left = colours(codebook), 0.0
    for first, last in _groups(codes):
        root = codebook.by_id[codes[first].path[0]]
        low, high = tops[last] - highs[last], tops[first]
        # Both lines go as far as the diagonal.
        if first:
            axes.plot([0, first * cell], [high] * 2, color=INK, linewidth=1.0)
            axes.plot([first * cell] * 2, [high, 0], color=INK, linewidth=1.0)
        if codes[first].level == 1:
            continue
        axes.plot([-GAP / 2] * 2, [low + 2, high - 2], color=chosen[root.code], linewidth=3, clip_on=False,
                  solid_capstyle="butt")  # fmt: skip
        lines = shortened(root.name, CATEGORIES, SIZE, max(1, int((high - low) / (SIZE * LINE))))
        put(axes, "\n".join(lines), (0, (low + high) / 2), (-GAP - 2, 0), xycoords="data", ha="right", va="center",
            multialignment="right")  # fmt: skip
        left = min(left, -GAP - 2 - max(width(line, SIZE) for line in lines))
    return left


def _groups(codes: Sequence[Code]) -> list[tuple[int, int]]:
    """The first and the last place of each category, and of codes one after the other that are in none."""
    roots = [code.path[0] if code.level > 1 else "" for code in codes]
    starts = [number for number, root in enumerate(roots) if not number or root != roots[number - 1]]
    return [(first, last - 1) for first, last in zip(starts, [*starts[1:], len(codes)], strict=True)]


def _alt(what: str, codes: Sequence[Code], ties: Sequence[_Tie], *further: str) -> str:
    names = {code.code: code.name for code in codes}
    ranked = sorted(ties, key=lambda tie: tie.rank, reverse=True)
    pairs = [
        f"“{names[tie.first]}” with “{names[tie.second]}” ({counted_words(tie.utterances, 'utterance')}, "
        f"Jaccard {tie.jaccard:.2f})"
        for tie in ranked[:3]
    ]
    alone = len(codes) - len({code for tie in ties for code in (tie.first, tie.second)})
    lines = [
        f"{what} of {counted_words(len(codes), 'code')}, of which {counted_words(len(ties), 'pair')} share utterances.",
        f"Most are shared by {enumeration(pairs)}." if pairs else "",
        f"{counted_words(alone, 'code shares', 'codes share')} none." if alone else "",
        *further,
    ]
    return " ".join(line for line in lines if line)


@dataclass(frozen=True)
class _Spot:
    """A code on the circle: where, on which side its name stands (-1 left, 1 right), and the name's lines."""

    code: Code
    x: float
    y: float
    side: int
    lines: list[str]


@dataclass(frozen=True)
class _Line:
    """What stands beside the circle: a code's name, or the heading of its category; `apart` from what is above it."""

    lines: list[str]
    code: Code | None = None
    apart: bool = False

    @property
    def high(self) -> float:
        return (len(self.lines) - 1) * SIZE * LINE + ROW * (1.4 if self.apart else 1.0)


def cooccurrence_network(
    cooccurrences: pd.DataFrame, frequencies: pd.DataFrame, codebook: Codebook, study: str, smallest: int = 0,
    mark: str = "",
) -> Drawn:  # fmt: skip
    """Codes on a circle in the codebook's order, joined where they share most utterances.

    `cooccurrences` and `frequencies` are the tables of these names. At most MOST_TIES ties are drawn, but never some
    of those that are equally strong. Codes go down the left side and then down the right one, at even heights instead
    of even angles, so that names can be read without turning the page and never meet.
    """
    utterances = by_code(frequencies, "utterances")
    codes, fewer = shown(codebook, utterances)
    ties = _ties(cooccurrences, codes)
    if not ties:
        return _nothing(NETWORK, utterances, study)
    drawn = strongest(ties)
    sides = _sides(codes, codebook, utterances)
    radius = max(LEAST_RADIUS, *(sum(line.high for line in side) / 2 + GAP for side in sides))
    figure, axes = canvas(2 * radius, 2 * radius)
    spots = [spot for side, lines in zip((-1, 1), sides, strict=True) for spot in _spots(axes, lines, side, radius)]
    at = {spot.code.code: spot for spot in spots}
    chosen = colours(codebook)
    most = max(tie.utterances for tie in drawn)
    thick = min(PER_UTTERANCE, THICKEST / most)
    for tie in reversed(drawn):
        _chord(axes, at[tie.first], at[tie.second], tie.utterances * thick, chosen)
    _nodes(axes, spots, utterances, {code for tie in ties for code in (tie.first, tie.second)}, chosen)
    axes.set_xlim(-radius, radius)
    axes.set_ylim(-radius, radius)
    axes.set_axis_off()
    least = min(tie.utterances for tie in drawn)
    which = f"Drawn: all {counted_words(len(ties), 'pair')} that share utterances (thickest: {most})."
    if len(drawn) < len(ties):
        which = f"Drawn: of {len(ties)} pairs that share utterances the {len(drawn)} that share {least} or more"
        which += f" (thickest: {most})."
    disagreed = explained(mark, names_of(codebook, codes))
    notes = [
        study,
        "Lines are the thicker, the more utterances have both codes, and dashed between categories; dots are the "
        "larger, the more utterances have the code (in brackets). Hollow: shares none.",
        which,
        disagreed,
        fewer,
        _left_out(smallest),
    ]
    left, right = _ends(spots, radius)
    head(axes, NETWORK, notes, left + radius, right - left)
    return Drawn(
        NETWORK, _alt("Codes on a circle: a network", codes, ties, which, disagreed, fewer, _left_out(smallest)), figure
    )


def strongest(ties: Sequence[_Tie], most: int = MOST_TIES) -> list[_Tie]:
    """The ties with most utterances, equally strong ones together, as many as `most` allows; the best in any case."""
    ranked = sorted(ties, key=lambda tie: tie.rank, reverse=True)
    if len(ranked) <= most:
        return ranked
    # What follows the last that has room is no less strong than those left out.
    least = ranked[most].utterances
    above = [tie for tie in ranked if tie.utterances > least]
    return above or [tie for tie in ranked if tie.utterances == least]


def _sides(codes: Sequence[Code], codebook: Codebook, utterances: Mapping[str, int]) -> list[list[_Line]]:
    """What stands at the left and at the right, from the top: each category below its name."""
    grouped = any(code.level > 1 for code in codes)
    names: list[_Line] = []
    for code in codes:
        *most, last = wrapped(code.name, NAMES, SIZE)
        apart = code.level == 1 and bool(names)
        names.append(_Line([*most, f"{last} ({utterances.get(code.code, 0)})"], code, apart and grouped))
    middle = _middle(names)
    sides: list[list[_Line]] = []
    for first, part in ((0, names[:middle]), (middle, names[middle:])):
        side: list[_Line] = []
        for number, line in enumerate(part, first):
            root = codebook.by_id[_root(line)]
            begins = not number or _root(names[number - 1]) != root.code
            if (begins or number == first) and line.code and line.code.level > 1:
                name = root.name if begins else f"{root.name} (continued)"
                side.append(_Line(wrapped(name, NAMES, SIZE, True), apart=bool(side)))
            side.append(line)
        sides.append(side)
    return sides


def _middle(names: Sequence[_Line]) -> int:
    """How many stand at the left: both sides about equally high, and rather no category on both."""
    whole = sum(line.high for line in names)

    def cost(place: int) -> float:
        torn = place < len(names) and _root(names[place - 1]) == _root(names[place])
        return abs(whole - 2 * sum(line.high for line in names[:place])) + 6 * ROW * torn

    return min(range(1, len(names) + 1), key=cost)


def _root(line: _Line) -> str:
    return line.code.path[0] if line.code else ""


def _spots(axes: Axes, lines: Sequence[_Line], side: int, radius: float) -> list[_Spot]:
    """Write the names of one side from the top, and place its codes on the circle beside them."""
    # Few lines stand as far apart as the circle is high.
    room = (2 * radius - 2 * GAP) / sum(line.high for line in lines) if lines else 1.0
    top, spots = radius - GAP, []
    for line in lines:
        middle = top - line.high * room / 2
        edge = side * math.sqrt(max(0.0, radius**2 - middle**2))
        if line.code:
            spots.append(_Spot(line.code, edge, middle, side, line.lines))
        style: dict[str, Any] = {"fontweight": "normal" if line.code else "bold"}
        style |= {"ha": "left", "multialignment": "left"} if side > 0 else {"ha": "right", "multialignment": "right"}
        style["va"] = "center_baseline" if len(line.lines) == 1 else "center"
        put(axes, "\n".join(line.lines), (edge, middle), (side * (DOT / 2 + 4), 0), xycoords="data", **style)
        top -= line.high * room
    return spots


def _ends(spots: Sequence[_Spot], radius: float) -> tuple[float, float]:
    """How far the names reach to the left and to the right of the circle's middle."""
    beyond = [DOT / 2 + 4 + max(width(line, SIZE) for line in spot.lines) for spot in spots]
    ends = [spot.x + spot.side * beside for spot, beside in zip(spots, beyond, strict=True)]
    return min(-radius, *ends), max(radius, *ends)


def _chord(axes: Axes, one: _Spot, other: _Spot, thick: float, chosen: Mapping[str, str]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    within = one.code.path[0] == other.code.path[0]
    # Bent towards the middle, the more the farther the two stand apart.
    x, y = (one.x + other.x) / 2, (one.y + other.y) / 2
    inward = max(0.35, 1 - 0.6 * math.dist((one.x, one.y), (other.x, other.y)) / (math.hypot(x, y) or 1.0))
    curve = Path(
        [(one.x, one.y), (inward * x, inward * y), (other.x, other.y)], [Path.MOVETO, Path.CURVE3, Path.CURVE3]
    )
    colour = chosen[one.code.path[0]] if within else GREY
    style: dict[str, Any] = {
        "linestyle": "-" if within else (0, (6 / thick, 3 / thick)),
        "capstyle": "butt",
        "alpha": 0.6,
    }
    axes.add_patch(PathPatch(curve, fill=False, edgecolor=colour, linewidth=thick, **style))


def _nodes(
    axes: Axes, spots: Sequence[_Spot], utterances: Mapping[str, int], tied: set[str], chosen: Mapping[str, str]
) -> None:
    most = max((utterances.get(spot.code.code, 0) for spot in spots), default=0) or 1
    for spot in spots:
        # Areas are compared, not diameters.
        size = max(4.0, DOT * math.sqrt(utterances.get(spot.code.code, 0) / most))
        colour = chosen[spot.code.path[0]]
        axes.plot([spot.x], [spot.y], "o", markersize=size, color=colour, clip_on=False, zorder=3,
                  markerfacecolor=colour if spot.code.code in tied else "white")  # fmt: skip
