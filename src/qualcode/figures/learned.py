"""What is drawn of suggestions: how good they became as more was coded, and whether their probabilities hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..codebook.colours import PALETTE
from ..console import counted_words
from .drawing import GREY, INK, RULE, SMALL, Drawn, canvas, head, nothing, put

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WIDE, HIGH, SQUARE = 330.0, 200.0, 260.0
NONE = "The machine has learned no code from what people coded, so that there is nothing to judge."


def learning_curve(table: pd.DataFrame, study: str) -> Drawn:
    """Kappa and F1 of suggestions on what was held out, by what was learned from; the forecast is hollow.

    `table` is suggestion_learning, of which the mean over codes is drawn.
    """
    title = "How good suggestions became as more was coded"
    rows = table[(table["code"] == "all") & table["kappa"].notna()].sort_values("step")
    measured, forecast = (rows[rows["kind"] == kind] for kind in ("measured", "forecast"))
    if measured.empty:
        return nothing(title, study, NONE)
    figure, axes = canvas(WIDE, HIGH)
    for at, (column, name, mark) in enumerate((("kappa", "kappa", "o"), ("f1", "F1", "s"))):
        colour = PALETTE[at]
        axes.plot(measured["share"], measured[column], color=colour, marker=mark, markersize=4, label=name)
        if len(forecast) and forecast[column].notna().any():
            # The forecast goes on from the last that was measured.
            ends = [measured.iloc[-1], *(row for _, row in forecast.iterrows())]
            axes.plot([row["share"] for row in ends], [row[column] for row in ends], color=colour, linestyle=":",
                      marker=mark, markersize=4, markerfacecolor="white", zorder=1)  # fmt: skip
    axes.set_xlabel("Share of what is coded now that was learned from, %")
    axes.set_ylabel("On what was held out")
    _finished(axes, (min(0.0, float(rows[["kappa", "f1"]].min().min())) - 0.02, 1.02))
    axes.set_xlim(0, float(rows["share"].max()) * 1.06)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.2)
    notes = [study, "Mean over the codes that are learned, each sentence judged by what was learned without its "
             "source, person or answer.", "Hollow: a forecast." if len(forecast) else ""]  # fmt: skip
    head(axes, title, notes, -32, WIDE + 32, 26)
    told = "; ".join(
        f"{row['share']:.0f} %: {row['kappa']:.2f}" + (" (forecast)" if row["kind"] == "forecast" else "")
        for row in rows.to_dict("records")
    )
    return Drawn(
        title, f"Lines of kappa and F1 by the share of the coding that was learned from. Kappa at {told}.", figure
    )


def calibration(table: pd.DataFrame, study: str) -> Drawn:
    """The share that people gave the code by the probability that was said; on the diagonal it means what it says."""
    title = "Whether a suggestion's probability holds"
    bins = table[(table["units"] > 0) & table["coded"].notna()]
    if bins.empty:
        return nothing(title, study, NONE)
    figure, axes = canvas(SQUARE, SQUARE)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    axes.plot(bins["probability"], bins["coded"], color=PALETTE[0], marker="o", markersize=5, clip_on=False)
    axes.set_xlabel("Probability that was said (mean of the bin)")
    axes.set_ylabel("Share that people gave the code")
    _finished(axes, (0, 1))
    axes.set_xlim(0, 1)
    # How many a dot rests on stands in a row above: beside the dots it would stand on the line.
    for low, high, units in zip(bins["low"], bins["high"], bins["units"], strict=True):
        put(
            axes,
            f"{int(units):,}",
            ((low + min(high, 1)) / 2, 1),
            (0, 3),
            ha="center",
            fontsize=SMALL * 0.7,
            color=GREY,
        )
    notes = [study, "Pairs of sentence and code that were held out, in bins by probability; their number stands above. "
             "Dashed: a probability means what it says."]  # fmt: skip
    head(axes, title, notes, -32, SQUARE + 32, 18)
    told = "; ".join(
        f"{row['probability']:.2f}: {row['coded']:.2f} of {counted_words(int(row['units']), 'pair')}"
        for row in bins.to_dict("records")
    )
    return Drawn(title, f"Line of the share coded by people against the probability that was said. {told}.", figure)


def _finished(axes: Axes, limits: tuple[float, float]) -> None:
    axes.set_ylim(*limits)
    axes.tick_params(labelsize=SMALL, colors=INK)
    axes.grid(color=RULE, linewidth=0.6)
