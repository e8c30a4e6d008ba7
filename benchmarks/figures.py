"""Figures of what a method proposes beside what people coded, and how sure they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

RESAMPLES, SEED = 1_000, 2007


class Figures(NamedTuple):
    """Precision, recall, F1 and kappa (Cohen 1960), each of shape (..., codes)."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    kappa: np.ndarray


def counts(proposed: np.ndarray, coded: np.ndarray, judged: np.ndarray | bool = True) -> np.ndarray:
    """Units with a code by both, the method alone, people alone, neither; and these summed over codes in a last row.

    From matrices of shape (units, codes), of shape (codes + 1, 4). What is not `judged` is not counted.
    """
    import numpy as np

    proposed, coded = proposed & judged, coded & judged
    cells = (proposed & coded, proposed & ~coded, ~proposed & coded, ~proposed & ~coded & judged)
    made = np.array([cell.sum(axis=0) for cell in cells]).T
    return np.vstack([made, made.sum(axis=0)])


def figures(cells: np.ndarray) -> Figures:
    """The figures of counts of shape (..., 4). What nothing was proposed for has precision 0."""
    import numpy as np

    both, method, people, neither = np.moveaxis(cells.astype(float), -1, 0)
    units = cells.sum(axis=-1)
    observed = (both + neither) / units
    chance = ((both + method) * (both + people) + (people + neither) * (method + neither)) / units**2
    with np.errstate(invalid="ignore", divide="ignore"):
        made = (
            both / (both + method),
            both / (both + people),
            2 * both / (2 * both + method + people),
            (observed - chance) / (1 - chance),
        )
    return Figures(*(np.nan_to_num(figure) for figure in made))


def resampled(cells: np.ndarray) -> Figures:
    """The figures where transcripts are drawn anew, shape (RESAMPLES, codes). The draws are the same for each method.

    `cells` are the counts of each transcript: shape (transcripts, codes, 4).
    """
    import numpy as np

    drawn = np.random.default_rng(SEED).integers(len(cells), size=(RESAMPLES, len(cells)))
    return figures(np.array([cells[rows].sum(axis=0) for rows in drawn]))


def interval(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 2.5th and 97.5th percentile of what was resampled (Efron 1979)."""
    import numpy as np

    return np.percentile(drawn, 2.5, axis=0), np.percentile(drawn, 97.5, axis=0)


def calibration_error(probability: np.ndarray, coded: np.ndarray) -> float:
    """Mean distance of the probabilities and the share coded in ten bins of equal width (Naeini et al. 2015)."""
    import numpy as np

    bins = np.minimum((probability * 10).astype(int), 9)
    away = [abs(np.sum(probability[bins == number] - coded[bins == number])) for number in range(10)]
    return float(sum(away) / len(coded))


def shown_within(value: float, drawn: np.ndarray) -> str:
    """A figure and the interval of what was resampled."""
    # Adding 0 takes the sign from what rounds to nothing.
    shown, low, high = (f"{round(float(figure), 2) + 0:.2f}" for figure in (value, *interval(drawn)))
    return f"{shown} ({low} to {high})"
