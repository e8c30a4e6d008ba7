"""The figures of how much was still new as the talk went on."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from ..codebook.colours import PALETTE, paler
from .drawing import GREY, INK, POINT, RULE, SIZE, SMALL, Drawn, head, nothing, put, shortened, width

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HIGH, APART, BESIDE = 330.0, 200.0, 60.0, 32.0
# With more sources than this their names do not fit below the axis.
MOST_NAMES = 12
SCOPES = {
    "source": "Sources",
    "participant": "Participants",
    "tenth": "Tenths of the one talk, in its order",
}


def saturation(table: pd.DataFrame, study: str) -> Drawn:
    """How many different codes had been met as the talk went on, by tenth and by source."""
    title = "How much was still new towards the end"
    if not table["codings"].sum():
        return nothing(title, study, "No coding counts yet, so there is no code to meet.")
    parts = {scope: table[table["scope"] == scope].sort_values("position") for scope in ("tenth", "source")}
    axes = {"tenth": "Tenth of what participants said, by length", "source": "Source, in the order of the study"}
    single = len(parts["source"]) < 2
    panels = [(parts[scope], axis) for scope, axis in axes.items() if not (scope == "source" and single)]
    figure, drawn = _panels(len(panels))
    for place, (part, axis) in zip(drawn, panels, strict=True):
        _curve(place, part, axis)
    notes = [study, "Only counted codings, each on its own code."]
    notes += ["There is one source, so there is no curve by source."] if single else []
    head(drawn[0], title, notes, -BESIDE, _whole(len(panels)) + BESIDE, 26)
    return Drawn(title, " ".join(_grown(part, scope) for scope, part in parts.items() if len(part) > 1), figure)


def new_information(table: pd.DataFrame, threshold: float, study: str) -> Drawn:
    """Whether new codes had run out (Guest, Namey & Chen 2020): codes so far above, new ones in % below.

    Bands hold nine of ten orders; `threshold` is in %. `table` is the one of this name.
    """
    title = "Whether new codes had run out"
    sentences = [str(sentence) for sentence in table.loc[table["position"] == 0, "sentence"] if sentence]
    parts = {scope: table[(table["scope"] == scope) & (table["position"] > 0)] for scope in SCOPES}
    parts = {scope: part.sort_values("position") for scope, part in parts.items() if len(part)}
    if not parts:
        return nothing(title, study, " ".join(sentences) or "The step saturation has not been run.")
    figure, drawn = _panels(len(parts), 2)
    for at, (scope, part) in enumerate(parts.items()):
        _band(drawn[2 * at], part, "codes", "codes_so_far", "Different codes so far")
        _band(drawn[2 * at + 1], part, "run", "run_percent", "New codes of a run, %")
        drawn[2 * at + 1].axhline(threshold, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        drawn[2 * at + 1].set_xlabel(SCOPES[scope])
    ordered = any(part["codes_median"].notna().any() for part in parts.values())
    given = any(part["codes_so_far"].notna().any() for part in parts.values())
    notes = [study, *sentences, "Below: new codes of the run that follows, in % of those of the base. "
             f"Dashed: the threshold of {threshold:g} %.",
             "Line with dots: the median of the orders tried; the band holds nine of ten of them." if ordered else "",
             "Dotted line with squares: the order of the study." if given else ""]  # fmt: skip
    head(drawn[0], title, notes, -BESIDE, _whole(len(parts)) + BESIDE, 10)
    return Drawn(title, _ran_out(parts, sentences), figure)


def _whole(panels: int) -> float:
    return WIDE * panels + APART * (panels - 1)


def _panels(columns: int, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Axes side by side, and below each other within a column; column by column."""
    from matplotlib.figure import Figure

    high, between = HIGH if rows == 1 else HIGH * 0.75, 26.0
    tall, whole = high * rows + between * (rows - 1), _whole(columns)
    figure = Figure(figsize=(whole * POINT, tall * POINT))
    made = []
    for column in range(columns):
        for row in range(rows):
            bottom = tall - high * (row + 1) - between * row
            made.append(figure.add_axes((column * (WIDE + APART) / whole, bottom / tall, WIDE / whole, high / tall)))
    return figure, made


def _curve(axes: Axes, part: pd.DataFrame, axis: str) -> None:
    from matplotlib.ticker import MaxNLocator

    positions, so_far, new = (
        [int(value) for value in part[name]] for name in ("position", "codes_so_far", "new_codes")
    )
    axes.bar(positions, new, width=0.7, color=PALETTE[5], label="new codes")
    axes.plot(positions, so_far, color=PALETTE[0], marker="o", markersize=4, label="different codes so far")
    top = max(so_far, default=0) * 1.12 + 1
    for at in _with_room(so_far, WIDE / max(len(positions), 1)):
        position, total, fresh = positions[at], so_far[at], new[at]
        put(axes, str(total), (position, total), (0, 5), xycoords="data", ha="center", fontsize=SMALL)
        # The bar's number would run into that of the line where both are nearly as high.
        if fresh and (total - fresh) * HIGH / top > SIZE + 2:
            put(axes, str(fresh), (position, fresh), (0, 1), xycoords="data", ha="center", fontsize=SMALL, color=GREY)
    axes.set_ylim(0, top)
    axes.set_xlim(0.4, max(positions, default=1) + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    named = [name for name in part["source"] if name]
    if named and len(named) <= MOST_NAMES:
        style: dict[str, Any] = {"rotation": 40, "ha": "right", "rotation_mode": "anchor", "fontsize": SMALL}
        axes.set_xticks(positions, [shortened(name, 120, SMALL)[0] for name in named], **style)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_xlabel(axis)
    axes.set_ylabel("Number of codes")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.2)


def _with_room(numbers: Sequence[int], each: float) -> range:
    """Which numbers are written where each has so many points: all, or every so many, the last one always."""
    widest = max((width(str(number), SMALL) for number in numbers), default=0.0)
    step = max(1, ceil((widest + 3) / each))
    return range((len(numbers) - 1) % step, len(numbers), step)


def _band(axes: Axes, part: pd.DataFrame, stem: str, given: str, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    tried = part[part[f"{stem}_median"].notna()]
    if len(tried):
        at = tried["position"]
        axes.fill_between(at, tried[f"{stem}_low"], tried[f"{stem}_high"], color=paler(PALETTE[0], 0.7), linewidth=0)
        axes.plot(at, tried[f"{stem}_median"], color=PALETTE[0], marker="o", markersize=3, linewidth=1.2)
    own = part[part[given].notna()]
    axes.plot(own["position"], own[given], color=PALETTE[1], marker="s", markersize=3, linewidth=1, linestyle=":")
    axes.margins(y=0.1)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0.5, float(part["position"].max()) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=stem == "codes"))
    axes.tick_params(labelsize=SMALL)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_ylabel(name, fontsize=SMALL)


def _grown(part: pd.DataFrame, scope: str) -> str:
    last = part.iloc[-1]
    fresh = ", ".join(str(int(number)) for number in part["new_codes"])
    of = "tenth of the talk" if scope == "tenth" else "source"
    return f"{int(last['codes_so_far'])} different codes in all. New codes by {of}, in order: {fresh}."


def _ran_out(parts: dict[str, pd.DataFrame], sentences: Sequence[str]) -> str:
    told = list(sentences)
    for scope, part in parts.items():
        for column, what in (("run_median", "median over the orders"), ("run_percent", "in the given order")):
            values = part[part[column].notna()]
            if len(values):
                shares = ", ".join(f"{value:g}" for value in values[column])
                told.append(f"{SCOPES[scope]}: new codes of a run in % ({what}), from the base on: {shares}.")
    return " ".join(told)
