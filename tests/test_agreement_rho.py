from bisect import bisect_left
from itertools import product

import numpy as np
import pytest
from scipy.stats import multivariate_hypergeom

from qualcode.agreement.rho import rho, sampled, simulated
from qualcode.measures.coefficients import kappa as cohen


def by_hand(kappa: float, base_rate: float, units: int, replicates: int) -> float:
    """Rho from its description alone: recall is found by trying, and every unit of a population is written down."""
    random = np.random.default_rng(99)
    reached = told = 0
    while told < replicates:
        true, precision = random.uniform(0.4, 0.65), random.uniform(0.6, 1)
        low, high = 0.0, 1.0
        for _ in range(20):
            recall = (low + high) / 2
            cells = table(base_rate, precision, recall)
            low, high = (recall, high) if cells[3] >= 0 and textbook(*cells) < true else (low, recall)
        if abs(textbook(*cells) - true) > 1e-3 or min(cells) < 0:
            continue
        population = np.repeat(np.arange(4), np.rint(np.array(cells) * 10_000).astype(int))
        found = textbook(*np.bincount(random.choice(population, units, replace=False), minlength=4).tolist())
        told += found == found
        reached += found >= kappa - 1e-9
    return reached / told


def table(base_rate: float, precision: float, recall: float) -> list[float]:
    both = base_rate * recall
    wrong = both * (1 - precision) / precision
    return [both, base_rate - both, wrong, 1 - base_rate - wrong]


def textbook(both: float, missed: float, wrong: float, neither: float) -> float:
    total = both + missed + wrong + neither
    by_chance = (both + missed) * (both + wrong) / total**2 + (missed + neither) * (wrong + neither) / total**2
    return ((both + neither) / total - by_chance) / (1 - by_chance) if by_chance < 1 else float("nan")


@pytest.mark.parametrize(
    ("kappa", "base_rate", "units"), [(0.88, 0.2, 80), (0.7, 0.2, 80), (0.75, 0.5, 40), (0.7, 0.8, 60), (0.8, 0.05, 80)]
)
def test_rho_is_what_its_description_says(kappa, base_rate, units):
    ours = rho(kappa, base_rate, units)
    replicates = 1000
    error = np.sqrt(max(ours, 0.002) * (1 - ours) / replicates)
    assert by_hand(kappa, base_rate, units, replicates) == pytest.approx(ours, abs=4 * error + 0.001)


def test_populations_are_those_of_the_method():
    cells = simulated(0.2, 0.65, 5000, 10_000, np.random.default_rng(1))
    assert cells.shape == (5000, 4) and cells.min() >= 0 and (cells.sum(axis=1) == 10_000).all()
    both, missed, wrong, _ = cells.T
    assert (both + missed == 2000).all()
    kappa = cohen(cells)
    assert kappa.max() < 0.65 and kappa.min() > 0.399
    # Uniform: the quarters of 0.4 to 0.65 hold a quarter each.
    assert np.quantile(kappa, [0.25, 0.5, 0.75]) == pytest.approx([0.4625, 0.525, 0.5875], abs=0.01)
    precision = both / (both + wrong)
    assert precision.min() > 0.599 and np.quantile(precision, [0.25, 0.5, 0.75]) == pytest.approx(
        [0.7, 0.8, 0.9], abs=0.02
    )


def test_samples_are_drawn_without_replacement_and_as_often_as_chance_says():
    population = np.array([3, 2, 1, 4])
    drawn = sampled(np.tile(population, (40_000, 1)), 5, np.random.default_rng(2))
    assert (drawn.sum(axis=1) == 5).all() and (drawn <= population).all()
    for cells in product(range(4), range(3), range(2), range(5)):
        if sum(cells) == 5:
            expected = multivariate_hypergeom.pmf(cells, population, 5)
            assert (drawn == cells).all(axis=1).mean() == pytest.approx(expected, abs=0.01)
    assert (sampled(population[np.newaxis], 10, np.random.default_rng(2)) == population).all()


def test_rho_falls_with_kappa_and_with_the_size_of_the_sample():
    by_kappa = [rho(kappa, 0.2, 80) for kappa in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)]
    assert by_kappa == sorted(by_kappa, reverse=True) and by_kappa[0] > 0.5 and by_kappa[-1] < 0.001
    by_units = [rho(0.75, 0.2, units) for units in (20, 40, 80, 160, 320)]
    assert by_units == sorted(by_units, reverse=True) and by_units[0] > 0.1 and by_units[-1] < 0.01
    assert rho(0.88, 0.2, 80, threshold=0.9) > rho(0.88, 0.2, 80)


@pytest.mark.parametrize(("base_rate", "units"), [(0.2, 80), (0.1, 80), (0.3, 40), (0.2, 200)])
def test_rules_below_the_threshold_pass_in_5_percent_of_samples(base_rate, units):
    random = np.random.default_rng(3)
    populations = simulated(base_rate, 0.65, 20_000, 10_000, random)
    samples = cohen(sampled(populations, units, random))
    seen = np.unique(samples[~np.isnan(samples)])
    # Rho falls with kappa: the first that passes is found by halving.
    first = bisect_left(seen, True, key=lambda kappa: rho(kappa, base_rate, units) < 0.05)
    passed = samples >= seen[first]
    assert 0.03 < passed.mean() < 0.056
    # That is their average: those that are just below the threshold pass more often.
    just_below = passed[cohen(populations) > 0.64].mean()
    assert 0.1 < just_below < 0.27


def test_it_is_the_same_every_time():
    assert rho(0.7, 0.13, 77) == rho(0.7, 0.13, 77)
    assert rho(0.7, 0.13, 77, seed=1) == pytest.approx(rho(0.7, 0.13, 77), abs=0.02)


@pytest.mark.parametrize(
    ("kappa", "base_rate", "units"),
    [(None, 0.2, 80), (float("nan"), 0.2, 80), (0.0, 0.0, 80), (0.0, 1.0, 80), (0.9, 0.2, 0), (0.9, 0.00001, 80)],
)
def test_where_there_is_nothing_to_tell_it_tells_nothing(kappa, base_rate, units):
    assert rho(kappa, base_rate, units) is None


def test_rare_and_common_codes_need_more_than_80_units():
    """Perfect agreement on a few units with the code says little."""
    assert rho(1.0, 1 / 80, 80) > 0.05
    assert rho(1.0, 79 / 80, 80) > 0.05
    assert rho(1.0, 40 / 80, 80) < 0.001


def test_a_sample_of_more_units_than_a_population_has_is_taken_whole():
    assert rho(0.66, 0.2, 12_000) == 0.0
    assert rho(0.5, 0.2, 12_000) == pytest.approx(0.6, abs=0.03)
