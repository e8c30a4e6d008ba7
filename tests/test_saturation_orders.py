"""Where new codes run out: by hand, and against a count of every order in plain Python."""

import random
import time
from itertools import permutations
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.saturation.orders import Course, Criterion, new_codes, over_orders, quantiles
from qualcode.saturation.units import Units

# Codes of ten interviews. New ones: 3, 2, 1, 4 (base of four: 10), then 2, 0, 1, 0, 0, 1.
INTERVIEWS = ["abc", "ade", "abf", "ghij", "akl", "abc", "am", "", "gh", "an"]
NEW = [3, 2, 1, 4, 2, 0, 1, 0, 0, 1]


def units_of(sets) -> Units:
    pairs = sorted({(code, number) for number, codes in enumerate(sets) for code in codes})
    starts = [at for at, (code, _) in enumerate(pairs) if not at or pairs[at - 1][0] != code]
    return Units(len(sets), np.array([n for _, n in pairs], dtype=int), np.array(starts, dtype=int))


def in_order(sets, base=4, run=2, threshold=5.0) -> Course:
    return Course(new_codes(units_of(sets), np.arange(len(sets)))[None, :], Criterion(base, run, threshold))


def by_hand(sets, base, run, threshold):
    """New codes at each place, % of new codes after each place from `base` on, and where it is reached (0: nowhere)."""
    met, new = set(), []
    for codes in sets:
        new.append(len(set(codes) - met))
        met |= set(codes)
    first = sum(new[:base])
    percents = [
        100 * sum(new[at : at + run]) / first if first else float("inf") for at in range(base, len(sets) - run + 1)
    ]
    reached = next((base + at for at, percent in enumerate(percents) if percent <= threshold + 1e-12), 0)
    return new, percents, reached


def test_new_codes_in_the_given_order():
    assert in_order(INTERVIEWS).new.tolist() == [NEW]


def test_runs_overlap_and_are_told_in_percent_of_the_base():
    course = in_order(INTERVIEWS)
    assert course.base_codes.tolist() == [10]
    # After interview 4: 5 and 6; after 5: 6 and 7; ... after 8: 9 and 10.
    assert course.run_codes.tolist() == [[2, 1, 1, 0, 1]]
    assert course.run_percent.tolist() == [[20, 10, 10, 0, 10]]


@pytest.mark.parametrize(
    ("threshold", "point", "met"), [(0, 7, 13), (5, 7, 13), (9.9, 7, 13), (10, 5, 12), (20, 4, 10)]
)
def test_saturation_is_reached_before_the_first_run_that_brings_no_more(threshold, point, met):
    course = in_order(INTERVIEWS, threshold=threshold)
    assert course.points.tolist() == [point] and course.met.tolist() == [met]
    assert (course.reaching, course.codes) == (1, 14)


def test_it_can_rise_again():
    assert in_order(INTERVIEWS, threshold=5).rising == 1
    assert in_order(INTERVIEWS, threshold=10).rising == 0


def test_it_may_not_be_reached():
    course = in_order(["a", "b", "c", "d", "e", "f", "g"])
    assert course.points.tolist() == [course.never] == [8]
    assert course.reaching == 0 and course.met.tolist() == []


def test_a_base_without_codes_is_no_base():
    course = in_order(["", "", "", "", "", "", "a"])
    assert course.reaching == 0
    assert np.isinf(course.run_percent).all()


def test_a_share_that_is_the_threshold_is_within_it():
    # 5 % of 60 is 3, 0.7 % of 1,000 is 7: as floats 0.7 * 1000 / 100 is less.
    for codes, threshold, new in ((60, 5, 3), (1000, 0.7, 7), (30, 10, 3)):
        base = [str(number) for number in range(codes)]
        sets = [base, [], [f"n{number}" for number in range(new)], []]
        assert in_order(sets, base=2, run=2, threshold=threshold).points.tolist() == [2]
        sets[2].append("one more")
        assert in_order(sets, base=2, run=2, threshold=threshold).reaching == 0


SETS = st.lists(st.sets(st.sampled_from("abcdefgh")), min_size=3, max_size=7)


@settings(deadline=None, max_examples=40)
@given(SETS, st.integers(1, 3), st.integers(1, 3), st.sampled_from([0, 5, 12.5, 20, 50]))
def test_all_orders_of_few_units_as_counted_one_by_one(sets, base, run, threshold):
    base, run = min(base, len(sets) - 1), min(run, len(sets) - min(base, len(sets) - 1))
    course = Course(over_orders(units_of(sets), 3, 1), Criterion(base, run, threshold))
    counted = [by_hand(order, base, run, threshold) for order in permutations(sets)]
    assert sorted(course.new.tolist()) == sorted(new for new, _, _ in counted)
    assert course.points.tolist() == sorted(reached or len(sets) + 1 for _, _, reached in counted)
    found = np.sort(course.run_percent, axis=0)
    for at in range(found.shape[1]):
        assert found[:, at].tolist() == pytest.approx(sorted(percents[at] for _, percents, _ in counted))


def test_random_orders_come_near_to_all_orders():
    draw = random.Random(5)
    sets = [draw.sample("abcdefghijklmnop", draw.randint(0, 5)) for _ in range(8)]
    every = np.mean([by_hand(order, 4, 2, 5)[0] for order in permutations(sets)], axis=0)
    some = over_orders(units_of(sets), 4000, 1)
    assert some.shape == (4000, 8)
    assert np.abs(some.mean(axis=0) - every).max() < 0.1
    assert set(some.sum(axis=1)) == {len(set().union(*sets))}


def test_the_seed_decides_which_orders():
    units = units_of([*INTERVIEWS, "xyz"])
    assert (over_orders(units, 50, 1) == over_orders(units, 50, 1)).all()
    assert (over_orders(units, 50, 1) != over_orders(units, 50, 2)).any()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_quantiles_are_values_that_were_met(values):
    ordered = sorted(values)
    expected = [ordered[ceil(share * len(values) / 100) - 1] for share in (50, 5, 95)]
    assert [int(found) for found in quantiles(np.array(values))] == expected
    assert sum(value <= expected[2] for value in values) >= 0.95 * len(values)


def test_units_without_codes_are_units():
    assert over_orders(units_of([[]] * 9), 10, 1).tolist() == [[0] * 9] * 10


def test_a_thousand_orders_of_two_hundred_sources_are_quick():
    draw = random.Random(1)
    sets = [draw.sample(range(100), 15) for _ in range(200)]
    began = time.perf_counter()
    course = Course(over_orders(units_of(sets), 1000, 1), Criterion(4, 2, 5))
    assert course.reaching > 0 and course.run_percent.shape == (1000, 195)
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(("number", "expected"), [(20, [10, 1, 19]), (100, [50, 5, 95]), (1000, [500, 50, 950])])
def test_quantiles_of_whole_numbers(number, expected):
    assert [int(found) for found in quantiles(np.arange(1, number + 1))] == expected
