"""Shaffer's rho: whether agreement on a random sample says that the rest would agree too (Shaffer 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..measures.coefficients import kappa as cohen

if TYPE_CHECKING:
    import numpy as np

# What counts as agreement: the custom of quantitative ethnography, where it is written rho(0.65).
THRESHOLD = 0.65
# Populations are drawn between these, of this length: the defaults in the manual of the R package rhoR 1.3.1 (whose
# own default of the threshold is 0.9).
LEAST_KAPPA = 0.4
LEAST_PRECISION, MOST_PRECISION = 0.6, 1.0
LENGTH = 10_000
# Many more than the manual's 800, so that rho is good to about 0.002 where it decides (standard error at 0.05).
REPLICATES = 10_000
# Where fewer than one draw in this many is possible, there is no such population to speak of.
DRAWS = 1_000


def rho(
    kappa: float | None,
    base_rate: float,
    units: int,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> float | None:
    """How often a sample shows so high a kappa although that of all units is below `threshold` (above 0.4): 0 to 1.

    `kappa` is Cohen's kappa of the person and the rules on a simple random sample of `units` units, of which the
    person gave the code to the share `base_rate`. Below 0.05, one may say that they would agree on all the units.

    The method (Shaffer 2017, Quantitative Ethnography; Eagan et al. 2017, CSCL; Eagan et al. 2020, LAK): populations
    of 10,000 units with that base rate, whose kappa is uniform from 0.4 to the threshold and whose precision is
    uniform from 0.6 to 1; recall follows, and combinations that are impossible are drawn again. From each, one sample
    of `units` without replacement; rho is the share of samples whose kappa is at least the one observed. Samples in
    which kappa is not defined tell nothing and are left out, which can only raise rho.

    The 5 % are an average over these populations: where the kappa of all units is just below the threshold, 13 to 24 %
    of samples of 40 to 200 units pass (tests/test_agreement_rho.py). Rules that were mended after a look at the sample
    are not tested by it.

    None where kappa is not defined, where nothing was sampled, or where no population has that base rate, kappa and
    precision (as when the person gave the code to nothing, or to everything). Same arguments, same result.
    """
    if kappa is None or kappa != kappa or units < 1:
        return None
    import numpy as np

    random = np.random.default_rng(seed)
    length = max(LENGTH, units)
    populations = simulated(base_rate, threshold, replicates, length, random)
    if populations is None:
        return None
    kappas = cohen(sampled(populations, units, random))
    known = ~np.isnan(kappas)
    if not known.any():
        return None
    # A kappa that is the observed one but for rounding is the observed one.
    return float(np.count_nonzero(kappas[known] >= kappa - 1e-9) / np.count_nonzero(known))


def simulated(
    base_rate: float, threshold: float, replicates: int, length: int, random: np.random.Generator
) -> np.ndarray | None:
    """Populations below the threshold: (replicates, 4) counts of both, only person, only rules, neither.

    With precision p, base rate b and share s of units that the rules meet, kappa = 2s(p - b) / (b + s - 2bs), so that
    s = kappa b / (2(p - b) - kappa(1 - 2b)), and recall is sp / b. None where hardly any combination is possible.
    """
    import numpy as np

    given = round(base_rate * length)
    if not 0 < given < length:
        return None
    b = given / length
    kept: list[np.ndarray] = []
    found = 0
    for _ in range(DRAWS):
        kappa = random.uniform(LEAST_KAPPA, threshold, replicates)
        precision = random.uniform(LEAST_PRECISION, MOST_PRECISION, replicates)
        below = 2 * (precision - b) - kappa * (1 - 2 * b)
        met = np.divide(kappa * b, below, out=np.full(replicates, np.inf), where=below > 0)
        possible = np.isfinite(met) & (met * precision <= b) & (met * (1 - precision) <= 1 - b)
        both = np.rint(met[possible] * precision[possible] * length)
        wrong = np.rint(met[possible] * (1 - precision[possible]) * length)
        cells = np.stack([both, given - both, wrong, length - given - wrong], axis=1).astype(np.int64)
        cells = cells[(cells >= 0).all(axis=1)]
        # Counts are whole, which may lift kappa to the threshold.
        cells = cells[cohen(cells) < threshold]
        kept.append(cells)
        found += len(cells)
        if found >= replicates:
            return np.concatenate(kept)[:replicates]
    return None


def sampled(populations: np.ndarray, units: int, random: np.random.Generator) -> np.ndarray:
    """A simple random sample of `units` from each population (n, 4), without replacement: (n, 4) counts."""
    import numpy as np

    drawn = np.zeros_like(populations)
    left = np.full(len(populations), units, dtype=np.int64)
    rest = populations.sum(axis=1)
    # Cell by cell: how many of those still to be drawn fall into it, and not into the cells after it.
    for cell in range(3):
        rest = rest - populations[:, cell]
        drawn[:, cell] = random.hypergeometric(populations[:, cell], rest, left)
        left = left - drawn[:, cell]
    drawn[:, 3] = left
    return drawn
