"""Coefficients of agreement against what was published, and against the libraries."""

from __future__ import annotations

import csv
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.measures.coefficients import (
    ac1,
    agreed,
    alpha,
    compare_more,
    compare_two,
    counts_of_two,
    fleiss,
    intervals,
    kappa,
    library_fleiss,
    library_kappa,
    note,
    pabak,
    tally,
)

# Krippendorff (2011), Computing Krippendorff's alpha-reliability: A (two observers, binary; the coincidences are 10, 4, 4
# and 2), B (two, five categories) and C (four, missing data); * is missing.
BINARY = ["0100000000", "1110010010"]
NOMINAL = ["aabbdcccedda", "babbbccceddd"]
# Also in Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, p. 120.
FOUR = ["123321412***", "1233224125**", "*33323422513", "12332441251*"]
# Fleiss (1971), table 1: thirty patients, five diagnoses, six psychiatrists.
FLEISS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)


def by_unit(coders):
    return tally([[None if value == "*" else value for value in unit] for unit in zip(*coders, strict=True)])


def ones(table):
    return np.ones(len(table))


def test_krippendorff_2011():
    for coders, published in ((BINARY, 0.095), (NOMINAL, 0.692), (FOUR, 0.743)):
        table = by_unit(coders)
        assert alpha(ones(table), table) == pytest.approx(published, abs=5e-4)
    # The binary one by its counts: 5 units with no 1, 4 with one, 1 with two.
    assert alpha([5, 4, 1]) == pytest.approx(1 - 19 * 4 / (14 * 6), abs=1e-12)


def test_gwet_2014_with_missing_judgements():
    """Printed there, and in the documentation of irrCAC (cac.raw4raters)."""
    table = by_unit(FOUR)
    assert agreed(ones(table), table) == pytest.approx(0.8181818, abs=5e-8)
    assert ac1(ones(table), table) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss(ones(table), table) == pytest.approx(0.76117, abs=5e-6)
    assert alpha(ones(table), table) == pytest.approx(0.74342, abs=5e-6)


def test_gwet_2014_of_two_raters():
    """Ectopic pregnancies, two abstractors (irrCAC: cont3x3abstractors): AC1 0.8493, alpha 0.7973, agreement 0.89."""
    table = np.array([[2, 0, 0], [0, 2, 0], [0, 1, 1], [0, 0, 2]], dtype=float)
    units = [13, 20, 11, 56]
    assert agreed(units, table) == pytest.approx(0.89)
    assert ac1(units, table) == pytest.approx(0.8493305, abs=5e-8)
    assert alpha(units, table) == pytest.approx(0.7972585, abs=5e-8)


def test_fleiss_1971():
    table = np.array([[int(digit) for digit in patient] for patient in FLEISS.split()], dtype=float)
    assert table.sum() == 180
    assert round(float(fleiss(ones(table), table)), 4) == 0.4302
    # Its first fifteen patients (irrCAC: distrib.6raters).
    first = table[:15]
    assert fleiss(ones(first), first) == pytest.approx(0.4139265, abs=5e-8)
    assert ac1(ones(first), first) == pytest.approx(0.4448007, abs=5e-8)
    assert alpha(ones(first), first) == pytest.approx(0.4204384, abs=5e-8)


def test_byrt_bishop_and_carlin_1993():
    """Their identity: kappa is pabak with the prevalence index p and the bias index b worked in."""
    both, only_a, only_b, neither = cells = 80, 10, 5, 5
    p, b = (both - neither) / 100, (only_a - only_b) / 100
    adjusted = pabak(counts_of_two(cells))
    assert adjusted == pytest.approx(0.7)
    assert kappa(cells) == pytest.approx((adjusted - p**2 + b**2) / (1 - p**2 + b**2))


def test_feinstein_and_cicchetti_1990():
    """Their first paradox: 85 % agreement either way, kappa 0.70 and 0.32."""
    assert kappa([40, 9, 6, 45]) == pytest.approx(0.70, abs=5e-3)
    assert kappa([80, 10, 5, 5]) == pytest.approx(0.32, abs=5e-3)


def textbook(folder, name):
    with (folder / "irr-textbook" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


def kappa_of_nominal(pairs):
    """Cohen's kappa of several categories, which the product never needs: by the library it takes kappa from."""
    from statsmodels.stats.inter_rater import cohens_kappa

    values = sorted({value for pair in pairs for value in pair})
    square = np.array([[sum(pair == [a, b] for pair in pairs) for b in values] for a in values])
    return cohens_kappa(square, return_results=False)


def test_the_textbook_data_of_irr(real_data):
    """Figures of the R package irr for its data sets: kappam.fleiss, kappa2 (unweighted) and agree."""
    diagnoses, anxiety, video = (textbook(real_data, name) for name in ("diagnoses", "anxiety", "video"))
    table = tally(diagnoses)
    assert round(float(fleiss(ones(table), table)), 4) == 0.4302
    assert kappa_of_nominal([row[1:3] for row in diagnoses]) == pytest.approx(0.631, abs=5e-4)
    assert kappa_of_nominal([row[:2] for row in anxiety]) == pytest.approx(0.119, abs=5e-4)
    # Percent agreement there is of units on which all agree: 35 %.
    assert sum(max(unit) == 4 for unit in tally(video).tolist()) / len(video) == 0.35
    first_two = tally([row[:2] for row in video])
    assert agreed(ones(first_two), first_two) == sum(row[0] == row[1] for row in video) / len(video)


def test_the_acuity_of_7477_women(real_data):
    """Stuart (1953): 1520 + 1512 + 1772 + 492 of 7477 women have the same grade in both eyes."""
    pairs = textbook(real_data, "vision")
    table = tally(pairs)
    assert len(pairs) == 7477
    assert agreed(ones(table), table) == 5296 / 7477
    # Binary, by counts alone: first grade or not.
    first = [[grade == "1st grade" for grade in pair] for pair in pairs]
    cells = [sum(pair == wanted for pair in first) for wanted in ([1, 1], [1, 0], [0, 1], [0, 0])]
    assert kappa(cells) == pytest.approx(kappa_of_nominal(first), abs=1e-12)
    assert alpha(counts_of_two(cells)) == pytest.approx(alpha(ones(table), tally(first)), abs=1e-12)


CELLS = st.lists(st.integers(0, 60), min_size=4, max_size=4)


# The first example imports the libraries.
@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_kappa_of_many_tables_is_that_of_the_libraries(tables):
    from sklearn.metrics import cohen_kappa_score

    for cells, found in zip(tables, kappa(tables).tolist(), strict=True):
        wanted = library_kappa(cells)
        if wanted is None:
            assert np.isnan(found)
            continue
        assert found == pytest.approx(wanted, abs=1e-12)
        second = cohen_kappa_score([1, 1, 0, 0], [1, 0, 1, 0], labels=[0, 1], sample_weight=cells)
        assert found == pytest.approx(second, abs=1e-12)


@given(st.lists(st.integers(0, 30), min_size=4, max_size=7))
def test_fleiss_of_counts_is_that_of_the_library(counts):
    found, wanted = float(fleiss(counts)), library_fleiss(counts)
    assert np.isnan(found) if wanted is None else found == pytest.approx(wanted, abs=1e-12)


@given(st.lists(st.integers(0, 8), min_size=3, max_size=6))
def test_counts_say_what_the_judgements_say(counts):
    """The binary form, and the general one over single judgements counted pair by pair as the papers define it."""
    coders = len(counts) - 1
    units = [[1] * k + [0] * (coders - k) for k, times in enumerate(counts) for _ in range(times)]
    if not units:
        assert all(np.isnan(function(counts)) for function in (agreed, alpha, ac1, fleiss, pabak))
        return
    ordered = [(a, b) for unit in units for i, a in enumerate(unit) for j, b in enumerate(unit) if i != j]
    same = sum(a == b for a, b in ordered) / len(ordered)
    values = [value for unit in units for value in unit]
    share, total = sum(values) / len(values), len(values)
    assert agreed(counts) == pytest.approx(same, abs=1e-12)
    assert pabak(counts) == pytest.approx(2 * same - 1, abs=1e-12)
    chance = 2 * share * (1 - share)
    assert ac1(counts) == pytest.approx((same - chance) / (1 - chance), abs=1e-12)
    if share in (0, 1):
        assert np.isnan(alpha(counts)) and np.isnan(fleiss(counts))
    else:
        assert alpha(counts) == pytest.approx(1 - (1 - same) / (chance * total / (total - 1)), abs=1e-12)
        assert fleiss(counts) == pytest.approx(1 - (1 - same) / chance, abs=1e-12)


def test_fleiss_of_millions_of_characters_takes_no_time():
    """Beyond 100,000 units the library would need a row for each: the formula that is held equal to it takes over."""
    counts = [30_000_000, 400_000, 90_000, 700_000]
    began = time.perf_counter()
    assert library_fleiss(counts) == pytest.approx(library_fleiss([count // 10_000 for count in counts]), abs=1e-12)
    assert time.perf_counter() - began < 1


def test_what_is_not_defined_and_what_is_nought():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for cells in ([0, 0, 0, 500], [500, 0, 0, 0], [0, 0, 0, 0]):
            assert library_kappa(cells) is None and np.isnan(kappa(cells))
        # One gave the code to nothing, the other to something: chance explains all of it.
        assert library_kappa([0, 15, 0, 485]) == 0 == kappa([0, 15, 0, 485])
        assert library_fleiss([0, 0, 0, 9]) is None and library_fleiss([9, 0, 0, 0]) is None
        assert np.isnan(alpha([20, 0, 0])) and np.isnan(ac1([0, 0, 0]))
        assert ac1([20, 0, 0]) == 1
    one_category = tally([["a", "a"], ["a", None]])
    assert np.isnan(ac1([1, 1], one_category)) and np.isnan(alpha([1, 1], one_category))
    alone = tally([["a", None], ["b", None]])
    assert np.isnan(agreed([1, 1], alone)) and np.isnan(alpha([1, 1], alone))


def talk(participants=40, codes=30, seed=1):
    """Cells (participants, codes, 4) of two coders who agree more than chance would have it."""
    chances = np.random.default_rng(seed).dirichlet([2, 0.5, 0.5, 20], size=codes)
    drawn = np.random.default_rng(seed + 1)
    return np.array([[drawn.multinomial(50, chance) for chance in chances] for _ in range(participants)])


def test_intervals_are_those_of_resampling_people_one_by_one():
    cells = talk(participants=12, codes=2)
    low, high = intervals(cells, kappa, replicates=4000)
    draw = np.random.default_rng(99)
    for code in range(2):
        people = draw.integers(0, 12, size=(4000, 12))
        values = [library_kappa(cells[drawn, code].sum(axis=0)) for drawn in people]
        assert [low[code], high[code]] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)
        assert low[code] < library_kappa(cells[:, code].sum(axis=0)) < high[code]


def test_intervals_cover_what_is_true_about_as_often_as_they_say():
    """200 small studies of 25 people of whom some are given to the code: its kappa is in 95 % of the intervals."""
    draw = np.random.default_rng(3)
    rates = draw.beta(2, 6, size=(200, 25))
    shared = np.stack([0.8 * rates, 0.1 * rates, 0.1 * rates, 1 - rates], axis=-1)
    cells = np.array([[draw.multinomial(40, chance) for chance in study] for study in shared])
    mean = np.array([0.8, 0.1, 0.1, 0]) * 0.25 + np.array([0, 0, 0, 0.75])
    low, high = intervals(cells.transpose(1, 0, 2), kappa, replicates=500)
    assert 0.88 <= np.mean((low <= kappa(mean)) & (kappa(mean) <= high)) <= 0.99


def test_there_is_no_interval_below_ten_people():
    cells = talk(participants=9, codes=2)
    assert np.isnan(intervals(cells, kappa)).all()
    # A tenth person without a unit is no tenth person.
    silent = np.zeros((1, 2, 4), dtype=int)
    assert np.isnan(intervals(np.concatenate([cells, silent]), kappa)).all()
    assert not np.isnan(intervals(talk(participants=10, codes=2), kappa)).any()


def test_resamples_without_a_coefficient_are_left_out_unless_they_are_most():
    cells = np.zeros((20, 2, 4), dtype=int)
    cells[:, :, 3] = 30
    cells[0, 0] = [5, 1, 0, 24]
    cells[:8, 1] = [5, 1, 0, 24]
    low, _ = intervals(cells, kappa)
    # One of twenty people has the code: 36 % of resamples miss that person.
    assert not np.isnan(low[0]) and not np.isnan(low[1])
    cells[:, 0] = [0, 0, 0, 30]
    assert np.isnan(intervals(cells, kappa)[0]).tolist() == [True, False]
    assert np.isnan(intervals(cells, lambda drawn: np.where(drawn[..., 0] > 45, 1.0, np.nan))[1]).all()


def test_intervals_are_the_same_every_time_and_fast():
    cells = talk()
    began = time.perf_counter()
    low, high = intervals(cells, kappa, replicates=1000, seed=4)
    assert time.perf_counter() - began < 1
    again = intervals(cells, kappa, replicates=1000, seed=4)
    assert low.tobytes() == again[0].tobytes() and high.tobytes() == again[1].tobytes()
    assert low.tobytes() != intervals(cells, kappa, replicates=1000, seed=5)[0].tobytes()
    assert (low < high).all()


def test_two_coders_in_all_columns():
    cells = np.zeros((12, 3, 4), dtype=int)
    cells[:, 0] = [4, 1, 2, 13]
    cells[:, 1] = [0, 0, 0, 20]
    cells[:6, 2], cells[6:, 2] = [0, 1, 0, 19], [0, 0, 0, 20]
    common, never, paradox = compare_two(cells)
    assert [common[name] for name in ("participants", "units", "both", "only_a", "only_b", "neither")] == [
        12, 240, 48, 12, 24, 156,
    ]  # fmt: skip
    assert common["percent"] == 85.0 and common["prevalence"] == 27.5
    assert common["kappa"] == pytest.approx(float(kappa([48, 12, 24, 156]))) == common["low"] == common["high"]
    assert common["pabak"] == pytest.approx(0.7) and common["fleiss"] is None and common["note"] == ""
    assert common["alpha_low"] < common["alpha"] + 1e-9 and common["ac1_high"] > common["ac1"] - 1e-9

    assert [never[name] for name in ("kappa", "low", "alpha", "alpha_low", "ac1", "pabak")] == [None] * 4 + [1, 1]
    assert never["note"] == "neither gave the code: kappa and alpha are not defined"

    assert paradox["kappa"] == 0 and paradox["percent"] == 97.5
    assert paradox["note"] == (
        "kappa is 0.00 although they agree on 97.5 % of the units, because the code is rare (1.3 %) and only one of them "
        "gave it: read ac1 and pabak beside it; of the 6 units where either gave it, both did in 0"
    )


def test_more_coders_in_all_columns():
    counts = np.zeros((10, 2, 4), dtype=int)
    counts[:, 0] = [10, 2, 1, 7]
    counts[:, 1] = [0, 0, 0, 20]
    some, everywhere = compare_more(counts)
    assert [some[name] for name in ("participants", "units", "both", "only_a", "only_b", "neither", "kappa")] == [
        10, 200, 70, 30, 0, 100, None,
    ]  # fmt: skip
    assert some["fleiss"] == pytest.approx(library_fleiss([100, 20, 10, 70])) == some["low"]
    assert some["alpha"] > some["fleiss"] and some["note"] == ""
    assert everywhere["fleiss"] is None and everywhere["percent"] == 100
    assert everywhere["note"] == "all of them gave the code to every unit: kappa and alpha are not defined"


def test_notes_say_what_to_be_careful_about():
    assert note([0, 0, 0], 0, None, False) == "there is no unit that all of them finished"
    assert note([12, 2, 6], 1, 0.78, False) == "few units (20); no interval: 1 participant, 10 are needed"
    assert note([60, 5, 35], 4, 0.9, False) == "no interval: 4 participants, 10 are needed"
    assert note([60, 5, 35], 12, 0.9, False) == "no interval for kappa: it is not defined in most resamples"
    assert note([60, 5, 35], 12, 0.9, True) == ""
    everywhere = note([1, 14, 485], 12, 0.113, True)
    assert "because nearly every unit has the code (98.4 %): read ac1 and pabak beside it" in everywhere
    assert everywhere.endswith("of the 15 units where either withheld it, both did in 1")
    assert note([480, 8, 6, 6], 12, 0.55, True).endswith("of the 20 units where any gave it, all did in 6")
    # Low agreement, or a kappa that nobody would turn down, misleads no one.
    assert note([60, 30, 10], 12, 0.2, True) == note([480, 6, 14], 12, 0.82, True) == ""


@given(CELLS)
def test_kappa_misleads_only_where_the_code_is_rare_or_nearly_everywhere(cells):
    """What the note says of the reason holds, whatever the table: by the criterion less than a quarter, or more than three."""
    value = library_kappa(cells)
    text = note(counts_of_two(cells).astype(int).tolist(), 12, value, True)
    if text.startswith("kappa is"):
        prevalence = (2 * cells[0] + cells[1] + cells[2]) / (2 * sum(cells))
        assert prevalence < 0.25 if "rare" in text else prevalence > 0.75
        if "only one of them gave it" in text:
            assert cells[0] == 0 and 0 in cells[1:3] and any(cells[1:3])
