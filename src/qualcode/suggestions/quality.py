"""How good suggestions are: each sentence is judged by what was learned without its source, participant or answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .. import tables
from ..console import counted_words
from ..measures.coefficients import FEW_UNITS, FEWEST_PARTICIPANTS, defined_kappa, intervals, kappa
from ..measures.groups import errors_by, errors_of, share
from .ceiling import ALL, Ceiling

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BINS = 10


@dataclass(frozen=True, eq=False)
class Judged:
    """What people gave and what was suggested, by sentence and code: arrays of shape (sentences, codes).

    `given` is only told of what is `known`. `probability` is that of a sentence by what was learned without its group
    (nan: nothing was left to learn from), and `suggested` what follows from it. `held_out` (sentences,) numbers the
    groups from 0; `what` they are: source, participant or answer, '' where there are not two, so that nothing can be
    judged. `learned` (codes,): the others are not judged.
    """

    codes: Sequence[str]
    learned: np.ndarray
    given: np.ndarray
    known: np.ndarray
    probability: np.ndarray
    suggested: np.ndarray
    held_out: np.ndarray
    what: str

    @cached_property
    def pairs(self) -> np.ndarray:
        """Which sentences and codes are judged."""
        import numpy as np

        return self.known & self.learned & ~np.isnan(self.probability) & bool(self.what)

    @cached_property
    def cells(self) -> np.ndarray:
        """Cells of each group that is held out, as in `cells_of`."""
        return cells_of(self.given, self.suggested, self.pairs, self.held_out)


def cells_of(given: np.ndarray, suggested: np.ndarray, pairs: np.ndarray, group: np.ndarray) -> np.ndarray:
    """How many `pairs` are found, missed, suggested wrongly, neither: (groups, codes + 1, 4), last all codes together.

    `given`, `suggested` and `pairs` are (sentences, codes), `group` (sentences,) numbers from 0.
    """
    import numpy as np

    sentences, codes = pairs.shape
    groups = int(group.max()) + 1 if sentences else 0
    kind = 3 - 2 * given.astype(np.int64) - suggested
    place = (group.astype(np.int64)[:, np.newaxis] * codes + np.arange(codes)) * 4 + kind
    made = np.bincount(place[pairs], minlength=groups * codes * 4).reshape(groups, codes, 4)
    return np.concatenate([made, made.sum(axis=1, keepdims=True)], axis=1)


def precision(cells: np.ndarray) -> np.ndarray:
    """Found of what is suggested, of cells (..., 4) as in `cells_of`; nan where nothing is."""
    return _ratio(cells[..., 0], cells[..., 0] + cells[..., 2])


def recall(cells: np.ndarray) -> np.ndarray:
    """Found of what people gave; nan where they gave nothing."""
    return _ratio(cells[..., 0], cells[..., 0] + cells[..., 1])


def f1(cells: np.ndarray) -> np.ndarray:
    """Harmonic mean of precision and recall (van Rijsbergen 1979); 0 where nothing is suggested of what people gave."""
    return _ratio(2 * cells[..., 0], 2 * cells[..., 0] + cells[..., 1] + cells[..., 2])


# Columns with an interval.
_COEFFICIENTS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "kappa": kappa,
}


def quality_table(
    judged: Judged,
    thresholds: Sequence[float],
    counted: Mapping[str, tuple[int, int]],
    least: float,
    needed: int,
    ceilings: Mapping[str, Ceiling],
    above: Collection[str] = (),
) -> pd.DataFrame:
    """The table suggestion_quality: a row for each code, in their order, and `all` where any is learned.

    `thresholds` (codes,) are those from which on new talk is suggested, nan where a code abstains. `counted` tells how
    many codings count and in how many sources they stand, by code and for `all`. `least` is the precision and `needed`
    the number of codings that the study asks. Of codes in `above` only those below them are offered. Intervals are by
    bootstrap over what is held out, because sentences of one talk resemble each other.
    """
    figures = _Figures(judged, least, needed, above)
    rows = [figures.row(at, counted[code], float(thresholds[at])) for at, code in enumerate(judged.codes)]
    if judged.learned.any():
        rows.append(figures.pooled(counted[ALL], [t for t, of in zip(thresholds, judged.learned, strict=True) if of]))
    return tables.frame("suggestion_quality", [_beside(row, ceilings.get(str(row["code"]))) for row in rows])


def _beside(row: dict[str, object], ceiling: Ceiling | None) -> dict[str, object]:
    """A row with the ceiling beside it."""
    if ceiling is None:
        return row | {"people": ""}
    note = str(row["note"])
    if ceiling.units < FEW_UNITS:
        few = f"{ceiling.people} share only {counted_words(ceiling.units, 'sentence')}"
        note = f"{note}; {few}" if note else few
    return row | {"people": ceiling.people, "people_kappa": ceiling.kappa, "note": note}


class _Figures:
    """Rows of the table suggestion_quality, without the ceiling."""

    def __init__(self, judged: Judged, least: float, needed: int, above: Collection[str]) -> None:
        self.judged, self.least, self.needed, self.above = judged, least, needed, above
        self.cells = judged.cells.sum(axis=0)
        # Groups with anything judged, by code.
        self.groups = (judged.cells.sum(axis=2) > 0).sum(axis=0)
        self.bounds = {name: intervals(judged.cells, of) for name, of in _COEFFICIENTS.items()}

    def row(self, at: int, counted: tuple[int, int], threshold: float) -> dict[str, object]:
        judged = self.judged
        same = {"code": judged.codes[at], "codings": counted[0], "sources": counted[1]}
        if not judged.learned[at]:
            known, given = judged.known[:, at], judged.given[:, at] & judged.known[:, at]
            missed = int(given.sum())
            cells = errors_of([0, missed, 0, int(known.sum()) - missed]) | {"recall": None}
            note = self._too_few(judged.codes[at], *counted)
            return same | cells | {"basis": "nearest", "held_out": "", "abstains": False, "note": note}
        abstains = threshold != threshold
        notes = [*([self._abstains(at)] if abstains else ()), *self._careful(at)]
        row = same | self._measured(at, slice(at, at + 1))
        return row | {"abstains": abstains, "threshold": None if abstains else threshold, "note": "; ".join(notes)}

    def pooled(self, counted: tuple[int, int], thresholds: Sequence[float]) -> dict[str, object]:
        import numpy as np

        abstain = int(np.isnan(np.asarray(thresholds, dtype=float)).sum())
        at, notes = len(self.judged.codes), []
        if abstain:
            verb, who = ("abstains", "it") if abstain == 1 else ("abstain", "they")
            notes.append(
                f"{abstain} of {counted_words(len(thresholds), 'code')} {verb}: what {who} would suggest counts"
            )
        same = {"code": ALL, "codings": counted[0], "sources": counted[1], "abstains": abstain == len(thresholds)}
        found = self._measured(at, slice(None))
        return same | found | {"note": "; ".join([*notes, *self._careful(at)])}

    def _measured(self, at: int, columns: slice) -> dict[str, object]:
        judged, cells = self.judged, self.cells[at].tolist()
        row = errors_of(cells) | {"basis": "learned", "held_out": judged.what}
        row |= {"f1": share(2 * cells[0], 2 * cells[0] + cells[1] + cells[2]), "kappa": defined_kappa(cells)}
        for name, (low, high) in self.bounds.items():
            enough = self.groups[at] >= FEWEST_PARTICIPANTS
            row |= {f"{name}_low": low[at] if enough else None, f"{name}_high": high[at] if enough else None}
        pairs = judged.pairs[:, columns]
        probability, given = judged.probability[:, columns][pairs], judged.given[:, columns][pairs]
        return row | {"brier": brier(probability, given), "calibration_error": calibration_error(probability, given)}

    def _too_few(self, code: str, codings: int, sources: int) -> str:
        number = counted_words(codings, "coding")
        if code in self.above:
            return f"{number} of it or of codes below it: only these are suggested"
        if codings < self.needed:
            return f"{number}, {self.needed} are needed: what is nearest to its definition and examples is offered"
        return (
            f"{number} in {counted_words(sources, 'source')}: too few apart from each other to judge what is learned, "
            "so that what is nearest to its definition and examples is offered"
        )

    def _abstains(self, at: int) -> str:
        """Why a code abstains: the precision that was reached, or R-precision where nothing was suggested.

        That is how many are right of the most probable, as many as people gave (Manning, Raghavan and Schütze 2008).
        """
        import numpy as np

        found, missed, wrong, _ = self.cells[at].tolist()
        asked = f"nothing is suggested: the study asks for a precision of {self.least:.2f}"
        if found + wrong:
            return f"{asked}, and of {found + wrong:,} suggested on what was held out, {found:,} are right"
        pairs = self.judged.pairs[:, at]
        most = np.argsort(-self.judged.probability[pairs, at], kind="stable")[:missed]
        right = int(self.judged.given[pairs, at][most].sum())
        return (
            f"{asked}, and of the {missed:,} most probable sentences held out, {right:,} are right" if missed else asked
        )

    def _careful(self, at: int) -> Iterator[str]:
        """Why figures are empty, or to be taken with care."""
        found, missed, wrong, neither = self.cells[at].tolist()
        units, groups, what = found + missed + wrong + neither, int(self.groups[at]), self.judged.what
        if not units:
            yield "nothing could be judged: with what is held out, nothing is left to learn from"
            return
        if not found + missed:
            yield "people gave it to no sentence that is judged: recall is not defined"
        elif not neither + wrong:
            yield "people gave it to every sentence that is judged: kappa is not defined"
        if not found + wrong:
            yield "nothing was suggested: precision is not defined"
        if units < FEW_UNITS:
            yield f"few sentences ({units})"
        if groups < FEWEST_PARTICIPANTS:
            yield f"no interval: {counted_words(groups, what)}, {FEWEST_PARTICIPANTS} are needed"


def quality_by_table(judged: Judged, participants: Sequence[str], attributes: pd.DataFrame) -> pd.DataFrame:
    """The table suggestion_quality_by: errors of codes that are learned, and of all together, by who said the sentence.

    `participants` (sentences,) are ids, '' where no one is known, which is left out; `attributes` the table of that
    name.
    """
    import numpy as np

    people = list(dict.fromkeys(filter(None, participants)))
    number = {person: position for position, person in enumerate(people)}
    who = np.array([number.get(person, -1) for person in participants], dtype=np.int64)
    known = who >= 0
    cells = cells_of(judged.given[known], judged.suggested[known], judged.pairs[known], who[known])
    # The units of `all` are pairs of a sentence and a code.
    return tables.frame("suggestion_quality_by", errors_by(cells, [*judged.codes, ALL], people, attributes))


def calibration_table(judged: Judged) -> pd.DataFrame:
    """The table suggestion_calibration: ten bins of equal width (a reliability diagram: DeGroot and Fienberg 1983)."""
    units, probability, coded = binned(judged.probability[judged.pairs], judged.given[judged.pairs])
    rows = [
        {
            "low": at / BINS,
            "high": (at + 1) / BINS,
            "units": int(units[at]),
            "probability": probability[at],
            "coded": coded[at],
        }
        for at in range(BINS)
    ]
    return tables.frame("suggestion_calibration", rows)


def binned(probability: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units, mean probability and share given (10,) in bins of equal width, 1 in the last; nan where a bin is empty."""
    import numpy as np

    bins = np.digitize(probability, np.arange(1, BINS) / BINS)
    units = np.bincount(bins, minlength=BINS)
    sums = (np.bincount(bins, weights, BINS) for weights in (probability, given.astype(float)))
    mean, coded = (_ratio(total, units) for total in sums)
    return units, mean, coded


def calibration_error(probability: np.ndarray, given: np.ndarray) -> float | None:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015): bins weigh by their units. None of no units."""
    import numpy as np

    units, mean, coded = binned(probability, given)
    return float(np.nansum(units * np.abs(mean - coded)) / units.sum()) if units.any() else None


def brier(probability: np.ndarray, given: np.ndarray) -> float | None:
    """Mean squared error of probabilities (Brier 1950, of one of his two classes). None of no units."""
    return float(((probability - given) ** 2).mean()) if len(given) else None


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
