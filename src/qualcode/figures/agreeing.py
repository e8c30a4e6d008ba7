"""What is drawn of coders: how far two of them agree on each code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from ..codebook.colours import PALETTE
from ..console import counted_words
from ..tables import round_half_up
from .codes import MOST_ROWS, most_spoken_of
from .drawing import (
    GAP,
    GREY,
    INK,
    PLOT_WIDTH,
    RULE,
    SMALL,
    TOLD,
    Drawn,
    Row,
    canvas,
    head,
    labels,
    nothing,
    placed,
    put,
    width,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

RULES, ALL = "rules", "all"
# A row and the words at its end; kappa, and the ends of its interval.
_Dot = tuple[Row, tuple[float, float, float]]


def agreement_by_code(agreement: pd.DataFrame, frequencies: pd.DataFrame, study: str) -> Drawn:
    """Kappa of each code with its interval, and how many units people agree on in %.

    Cohen's kappa (1960) of two coders; Fleiss' (1971) of more, where they all coded the same. Tables of these names.
    """
    title = "How far coders agree, code by code"
    compared = agreement[
        (agreement["unit"] == "utterance") & (agreement["scope"] == "all") & (agreement["round"] == "")
    ]
    compared = compared[compared["coder_b"] != RULES]
    if compared.empty:
        return nothing(title, study, "No two people have coded the same talk to its end, so that nothing is compared.")
    coders, chosen, others = _most_compared(compared)
    several = not coders[1]
    by_code = {row["code"]: row for row in chosen.to_dict("records")}
    rows, left_out = _rows(by_code, frequencies, several)
    kept = len(rows) - (ALL in by_code)
    fewer = f"The {kept} codes of most people; {left_out} more in agreement.csv." if left_out else ""
    who = coders[0].replace("; ", ", ") if several else f"{coders[0]} and {coders[1]}"
    kappa = "Fleiss' kappa" if several else "Cohen's kappa"
    units = max(int(row["units"]) for code, row in by_code.items() if code != ALL or len(by_code) == 1)
    pairs = "of pairs of coders" if several else "of units"
    notes = [
        study,
        f"{who}, {counted_words(units, 'utterance')} that all of them finished. Dot: {kappa} (1 is full agreement, 0 "
        "is what chance gives); line: 95 % interval by bootstrap over participants, where 10 or more are compared. At "
        f"the right: kappa, and agreement in % {pairs}.",
        "Kappa is low for rare codes even where people agree on nearly all: agreement.csv has further coefficients.",
        f"Of the comparisons made, the one with most utterances: {others} more in agreement.csv." if others else "",
        fewer,
    ]
    compared_rows = [row for row, _ in rows if row.end]
    told = "; ".join(f"{row.label}: {row.end}" for row in compared_rows[:TOLD])
    codes = counted_words(len(by_code) - (ALL in by_code), "code")
    alt = f"Dot chart of {kappa} between {who} for {codes}, with agreement in %. {told}."
    if len(compared_rows) > TOLD:
        alt += " The others are in agreement.csv."
    alt += f" {fewer}" if fewer else ""
    return Drawn(title, alt, _dots(rows, kappa, title, notes))


def _most_compared(compared: pd.DataFrame) -> tuple[tuple[str, str], pd.DataFrame, int]:
    """The coders compared in the figure, their rows, and how many other comparisons there are.

    All coders at once where that was compared, else the pair with most units, of equals the first.
    """
    pairs = {(str(a), str(b)): part for (a, b), part in compared.groupby(["coder_a", "coder_b"], sort=False)}
    chosen = max(pairs, key=lambda pair: (not pair[1], pairs[pair]["units"].max()))
    return chosen, pairs[chosen], len(pairs) - 1


def _rows(by_code: Mapping[str, Mapping[str, Any]], frequencies: pd.DataFrame, several: bool) -> tuple[list[_Dot], int]:
    """A row for all codes together, and for each code compared below those it stands under, in the codebook's order.

    Codes above that were not compared themselves have an empty row. The second is how many codes were left out: those
    of which fewest people speak.
    """
    above = {key for code, path in zip(frequencies["code"], frequencies["path"], strict=True) if code in by_code
             for key in path.split(" > ")}  # fmt: skip
    wanted = frequencies[frequencies["code"].isin(above)]
    kept = most_spoken_of(wanted, "participants") if len(wanted) > MOST_ROWS else wanted
    together = [{"code": ALL, "name": "All codes together", "level": 1}] * (ALL in by_code)
    shown = together + kept.to_dict("records")
    return [_dot(row, by_code.get(row["code"]), several) for row in shown], len(wanted) - len(kept)


def _dot(place: Mapping[str, Any], found: Mapping[str, Any] | None, several: bool) -> _Dot:
    """A row, and kappa with the ends of its interval (nan where not defined)."""
    if found is None:
        return Row(place["name"], place["level"] - 1), (nan, nan, nan)
    value = float(found["fleiss" if several else "kappa"])
    told = "kappa not defined" if value != value else f"{round_half_up(value, 2) + 0:.2f}"
    end = f"{told}, {found['percent']:.1f}%"
    return Row(place["name"], place["level"] - 1, 0, end), (value, float(found["low"]), float(found["high"]))


def _dots(rows: Sequence[_Dot], axis: str, title: str, notes: Sequence[str]) -> Figure:
    """A dot per row with its interval, and words at the right."""
    lines = [row for row, _ in rows]
    where = placed(lines)
    figure, axes = canvas(PLOT_WIDTH, where.height)
    least = min([0.0, *(number for _, numbers in rows for number in numbers if number == number)])
    axes.set_xlim(least - 0.04, 1.04)
    axes.set_ylim(0, where.height)
    axes.axvline(0, color=GREY, linewidth=0.8)
    for (row, (value, low, high)), middle in zip(rows, where.middles, strict=True):
        if low == low and high == high:
            axes.plot([low, high], [middle, middle], color=PALETTE[0], linewidth=1.4, solid_capstyle="butt")
        if value == value:
            axes.plot([value], [middle], marker="o", markersize=5, color=PALETTE[0], markeredgecolor="white")
        put(axes, row.end, (1, middle), (GAP, 0), xycoords=("axes fraction", "data"), va="center_baseline",
            fontsize=SMALL, color=INK)  # fmt: skip
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_xlabel(axis)
    left = labels(axes, lines, where)
    right = GAP + max(width(row.end, SMALL) for row in lines)
    head(axes, title, notes, left, PLOT_WIDTH + right - left)
    return figure
