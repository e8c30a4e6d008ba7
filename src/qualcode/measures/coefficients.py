"""Coefficients of agreement between coders, their intervals, and what to be careful about.

A code is given to a unit or not, so that the judgements of m coders are m + 1 counts: how many units got the code from
none of them, from one, … from all. Counts of any shape (..., m + 1) give coefficients of shape (...): many codes and
resamples at once. For data with more categories or missing judgements, `counts` weighs the rows of a `table` (rows,
categories) that says how many coders put such a unit into each category. What is not defined is nan (None in figures).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from .. import tables

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

FEWEST_PARTICIPANTS = 10
FEW_UNITS = 30
# statsmodels takes a row for each unit for Fleiss' kappa: the characters of a study would not fit in memory.
MOST_ROWS = 100_000
# Where kappa misleads (Feinstein and Cicchetti 1990): their example of high agreement, and a kappa that convention
# (Landis and Koch 1977) calls no more than moderate. Kappa falls that low at such agreement only where the code is rare
# or nearly everywhere: (pabak - p² + b²) / (1 - p² + b²), p and b the indices of Byrt, Bishop and Carlin (1993).
HIGH_AGREEMENT, LOW_KAPPA = 85.0, 0.6


def tally(judgements: Sequence[Sequence[Hashable | None]]) -> Array:
    """The table (units, categories) of judgements (units, coders); None is missing; categories as they first occur.

    >>> tally([["a", "b"], ["b", None]])
    array([[1., 1.],
           [0., 1.]])
    """
    import numpy as np

    categories = list(dict.fromkeys(value for row in judgements for value in row if value is not None))
    return np.array([[row.count(category) for category in categories] for row in map(list, judgements)], dtype=float)


def counts_of_two(cells: npt.ArrayLike) -> Array:
    """Counts (..., 3) of cells (..., 4), which are units coded by both, only the first, only the second, neither."""
    import numpy as np

    both, only_a, only_b, neither = np.moveaxis(np.asarray(cells, dtype=float), -1, 0)
    return np.stack([neither, only_a + only_b, both], axis=-1)


def kappa(cells: npt.ArrayLike) -> Array:
    """Cohen's kappa (Cohen 1960) of cells (..., 4) as in `counts_of_two`; nan where chance alone agrees fully."""
    import numpy as np

    both, only_a, only_b, neither = np.moveaxis(np.asarray(cells, dtype=float), -1, 0)
    of_a, of_b, units = both + only_a, both + only_b, both + only_a + only_b + neither
    return _ratio(2 * (both * neither - only_a * only_b), of_a * (units - of_b) + of_b * (units - of_a))


def defined_kappa(cells: Sequence[int]) -> float | None:
    """Cohen's kappa of one table of cells, by our own formula; None where it is not defined."""
    found = float(kappa(cells))
    return None if found != found else found


def agreed(counts: npt.ArrayLike, table: Array | None = None) -> Array:
    """Share of pairs of coders who agree on a unit, averaged over the units that two or more judged (Fleiss 1971)."""
    weights, table = _patterns(counts, table)
    judged = table.sum(-1)
    pairs = _ratio((table * (table - 1)).sum(-1), judged * (judged - 1), undefined=0)
    return _ratio(_sum(weights, pairs), _sum(weights, judged > 1))


def alpha(counts: npt.ArrayLike, table: Array | None = None) -> Array:
    """Krippendorff's alpha for nominal data (Krippendorff 2011), by the coincidences of values within units.

    Units that fewer than two coders judged are left out. Not defined where only one value was ever given.
    """
    weights, table = _patterns(counts, table)
    judged = table.sum(-1)
    differing = _ratio((table * (judged[..., None] - table)).sum(-1), judged - 1, undefined=0)
    values = _sum(weights[..., None, :], (table * (judged > 1)[:, None]).T)
    total = values.sum(-1)
    return 1 - _ratio(_sum(weights, differing) * (total - 1), (values * (total[..., None] - values)).sum(-1))


def ac1(counts: npt.ArrayLike, table: Array | None = None) -> Array:
    """Gwet's AC1 (Gwet 2008; of several coders and with missing judgements Gwet 2014); of one category not defined."""
    weights, table = _patterns(counts, table)
    shares = _shares(weights, table)
    return _beyond(agreed(weights, table), _ratio((shares * (1 - shares)).sum(-1), table.shape[-1] - 1))


def fleiss(counts: npt.ArrayLike, table: Array | None = None) -> Array:
    """Fleiss' kappa (Fleiss 1971; with missing judgements Gwet 2014); nan where only one value was ever given."""
    weights, table = _patterns(counts, table)
    return _beyond(agreed(weights, table), (_shares(weights, table) ** 2).sum(-1))


def pabak(counts: npt.ArrayLike) -> Array:
    """Prevalence-adjusted bias-adjusted kappa (Byrt, Bishop and Carlin 1993); of more coders Brennan and Prediger's."""
    return 2 * agreed(counts) - 1


def library_kappa(cells: Sequence[int]) -> float | None:
    """Cohen's kappa of one table of cells, by statsmodels; None where it is not defined.

    >>> round(library_kappa([20, 5, 10, 15]), 4)
    0.4
    """
    both, only_a, only_b, neither = (int(cell) for cell in cells)
    if max(both, neither) == both + only_a + only_b + neither:
        return None
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    return float(cohens_kappa(np.array([[both, only_a], [only_b, neither]]), return_results=False))


def library_fleiss(counts: Sequence[int]) -> float | None:
    """Fleiss' kappa of one code's counts, by statsmodels (by `fleiss` beyond 100,000 units); None: not defined."""
    if max(counts[0], counts[-1]) == sum(counts):
        return None
    if sum(counts) > MOST_ROWS:
        return float(fleiss(counts))
    import numpy as np
    from statsmodels.stats.inter_rater import fleiss_kappa

    return float(fleiss_kappa(np.repeat(_patterns(counts)[1], np.asarray(counts, dtype=int), axis=0)))


def intervals(
    by_participant: npt.ArrayLike,
    coefficient: Callable[[Array], Array],
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[Array, Array]:
    """95 % percentile intervals (codes,), (codes,) by a bootstrap over participants (Efron and Tibshirani 1993).

    `by_participant` is (participants, codes, cells): people are drawn, because units of one person resemble each other.
    Who has no units is left out. Replicates without a coefficient are left out; nan where these are more than half, and
    for fewer than 10 participants.
    """
    return _percentiles(coefficient(_resampled(_with_units(by_participant), replicates, seed)))


def _resampled(cells: Array, replicates: int = 1000, seed: int = 0) -> Array:
    """Sums of (participants, codes, cells) over people drawn: (replicates, codes, cells), nan if these are too few."""
    import numpy as np

    people, codes, width = cells.shape
    if people < FEWEST_PARTICIPANTS:
        return np.full((1, codes, width), np.nan)
    # Sums of whole numbers below 2**53 are exact in any order: no number of threads changes them.
    return (_drawn(people, replicates, seed) @ cells.reshape(people, -1)).reshape(replicates, codes, width)


@lru_cache(maxsize=32)
def _drawn(people: int, replicates: int, seed: int) -> Array:
    """How often each of the people is drawn: (replicates, people). Comparisons of as many people share their draws."""
    import numpy as np

    drawn = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=replicates).astype(float)
    drawn.setflags(write=False)
    return drawn


def _percentiles(values: Array) -> tuple[Array, Array]:
    """2.5 and 97.5 % of what is defined of values (replicates, codes); nan where that is less than half."""
    import numpy as np

    ordered = np.sort(values, axis=0)
    known = np.count_nonzero(~np.isnan(ordered), axis=0)
    found = []
    for share in (0.025, 0.975):
        at = share * np.maximum(known - 1, 0)
        below = np.floor(at).astype(int)
        above = np.minimum(below + 1, np.maximum(known - 1, 0))
        first, second = (np.take_along_axis(ordered, edge[np.newaxis], axis=0)[0] for edge in (below, above))
        found.append(np.where(2 * known >= len(values), first + (second - first) * (at - below), np.nan))
    return found[0], found[1]


def compare_two(by_participant: npt.ArrayLike, seed: int = 0) -> list[dict[str, object]]:
    """Columns `participants` to `note` of the table `agreement`, per code, of two coders.

    `by_participant` is (participants, codes, 4), cells as in `counts_of_two`. `fleiss` and `unitizing_alpha` are None.
    """
    cells = _with_units(by_participant)
    rows = _compare(cells, counts_of_two, kappa, seed)
    for row, of_code in zip(rows, cells.sum(axis=0).astype(int).tolist(), strict=True):
        row |= dict(zip(("both", "only_a", "only_b", "neither"), of_code, strict=True))
        row["kappa"] = library_kappa(of_code)
        row["note"] = note(row.pop("counts"), row["participants"], row["kappa"], row["low"] is not None)
    return rows


def compare_more(by_participant: npt.ArrayLike, seed: int = 0) -> list[dict[str, object]]:
    """The same of m > 2 coders: (participants, codes, m + 1) counts. `low` and `high` are the interval of `fleiss`."""
    counts = _with_units(by_participant)
    rows = _compare(counts, lambda cells: cells, fleiss, seed)
    for row, of_code in zip(rows, counts.sum(axis=0).astype(int).tolist(), strict=True):
        row |= {"both": of_code[-1], "only_a": sum(of_code[1:-1]), "only_b": 0, "neither": of_code[0]}
        row["fleiss"] = library_fleiss(of_code)
        row["note"] = note(row.pop("counts"), row["participants"], row["fleiss"], row["low"] is not None)
    return rows


def note(counts: Sequence[int], participants: int, kappa: float | None, interval: bool) -> str:
    """What to be careful about in plain words, '' if nothing: why a figure is empty, and where kappa misleads.

    `counts` as above; `kappa` is Cohen's, of more than two coders Fleiss'; `interval` whether it has one. A misleading
    kappa comes with the agreement on the rarer answer alone (Cicchetti and Feinstein 1990): ac1 and pabak are high for
    a rare code even where the coders never meet. Fewer than 30 units are called few, a convention.

    >>> note([500, 0, 0], 4, None, False)
    'neither gave the code: kappa and alpha are not defined; no interval: 4 participants, 10 are needed'
    """
    units = sum(counts)
    if not units:
        return "there is no unit that all of them finished"
    found = [_undefined(counts) or _misleading(counts, kappa)]
    if units < FEW_UNITS:
        found.append(f"few units ({units})")
    if participants < FEWEST_PARTICIPANTS:
        people = "participant" if participants == 1 else "participants"
        found.append(f"no interval: {participants} {people}, {FEWEST_PARTICIPANTS} are needed")
    elif kappa is not None and not interval:
        found.append("no interval for kappa: it is not defined in most resamples")
    return "; ".join(filter(None, found))


def _undefined(counts: Sequence[int]) -> str:
    nobody, everybody = ("neither", "both") if len(counts) == 3 else ("none of them", "all of them")
    if counts[0] == sum(counts):
        return f"{nobody} gave the code: kappa and alpha are not defined"
    if counts[-1] == sum(counts):
        return f"{everybody} gave the code to every unit: kappa and alpha are not defined"
    return ""


def _misleading(counts: Sequence[int], kappa: float | None) -> str:
    """Why kappa is low where agreement is high, and how often the coders meet on the rarer answer."""
    agreement, prevalence = _percentages(counts)
    if kappa is None or kappa >= LOW_KAPPA or agreement < HIGH_AGREEMENT:
        return ""
    two, rare = len(counts) == 3, prevalence < 50
    all_of, any_of, did = (
        ("both" if two else "all"),
        ("either" if two else "any"),
        ("gave it" if rare else "withheld it"),
    )
    on_all, on_none = (counts[-1], counts[0]) if rare else (counts[0], counts[-1])
    why = f"the code is rare ({prevalence:g} %)" if rare else f"nearly every unit has the code ({prevalence:g} %)"
    # With no unit that both gave it, kappa is 0 only where one of them gave it to nothing.
    if two and rare and not on_all and not kappa:
        why += " and only one of them gave it"
    return (
        f"kappa is {kappa:.2f} although they agree on {agreement:g} % of the units, because {why}: read ac1 and pabak "
        f"beside it; of the {sum(counts) - on_none} units where {any_of} {did}, {all_of} did in {on_all}"
    )


def _compare(
    cells: Array, counts_of: Callable[[Array], Array], coefficient: Callable[[Array], Array], seed: int
) -> list[dict]:
    """What two and more coders have in common; `coefficient` of `cells` gives `low` and `high`."""
    counts, drawn = counts_of(cells), _resampled(cells, seed=seed)
    pooled = counts.sum(axis=0)
    columns = {"alpha": alpha(pooled), "ac1": ac1(pooled), "pabak": pabak(pooled)}
    again = counts_of(drawn)
    for prefix, values in (("", coefficient(drawn)), ("alpha_", alpha(again)), ("ac1_", ac1(again))):
        columns[f"{prefix}low"], columns[f"{prefix}high"] = _percentiles(values)
    rows = []
    for code, of_code in enumerate(pooled.astype(int).tolist()):
        share, prevalence = _percentages(of_code)
        row = {"participants": len(counts), "units": sum(of_code), "prevalence": prevalence, "percent": share}
        row |= {"kappa": None, "fleiss": None, "unitizing_alpha": None, "counts": of_code}
        rows.append(row | {name: _or_none(values[code]) for name, values in columns.items()})
    return rows


def _percentages(counts: Sequence[int]) -> tuple[float, float]:
    """Agreement in % of pairs of coders, and how many judgements in % give the code."""
    coders, units = len(counts) - 1, sum(counts)
    same = sum(units * (k * (k - 1) + (coders - k) * (coders - k - 1)) for k, units in enumerate(counts))
    given = sum(k * units for k, units in enumerate(counts))
    return tables.percent(same, units * coders * (coders - 1)), tables.percent(given, units * coders)


def _with_units(by_participant: npt.ArrayLike) -> Array:
    import numpy as np

    cells = np.asarray(by_participant, dtype=float)
    return cells[cells.sum(axis=(1, 2)) > 0]


def _patterns(counts: npt.ArrayLike, table: Array | None = None) -> tuple[Array, Array]:
    """Weights (..., rows) and the table (rows, categories) they belong to: for a code [given, not given]."""
    import numpy as np

    weights = np.asarray(counts, dtype=float)
    if table is None:
        given = np.arange(weights.shape[-1], dtype=float)
        table = np.stack([given, given[::-1]], axis=-1)
    return weights, table


def _shares(weights: Array, table: Array) -> Array:
    """How common each category is (..., categories): its share of a unit's judgements, averaged over units with any."""
    judged = table.sum(-1)
    shares = _sum(weights[..., None, :], _ratio(table, judged[:, None], undefined=0).T)
    return _ratio(shares, _sum(weights, judged > 0)[..., None])


def _sum(weights: Array, values: Array) -> Array:
    # Several times as fast as a sum over the last axis, which has a few entries only.
    total = weights[..., 0] * values[..., 0]
    for row in range(1, values.shape[-1]):
        total = total + weights[..., row] * values[..., row]
    return total


def _beyond(observed: Array, chance: Array) -> Array:
    return _ratio(observed - chance, 1 - chance)


def _ratio(part: Array, whole: npt.ArrayLike, undefined: float = float("nan")) -> Array:
    import numpy as np

    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.full(whole.shape, float(undefined)), where=whole > 0)


def _or_none(value: float) -> float | None:
    return None if value != value else float(value)
