"""Which themes are joined with which, against Ward's clustering by scipy and by hand."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from qualcode.tables import read, write
from qualcode.themes.hierarchy import hierarchy


def nothing(themes):
    return []


def points(*values):
    return {number: np.array([float(value)]) for number, value in enumerate(values, 1)}


def rows(table):
    return [(r.merge, r.left, r.right, round(r.distance, 4), r.utterances) for r in table.itertuples()]


def test_by_hand():
    """Two utterances at 0, one at 3, one at 7: 0 and 3 are sqrt(2 * 2 / 3) * 3 apart, 3 and 7 sqrt(2 / 2) * 4."""
    assert rows(hierarchy(points(0, 3, 7), {1: 2, 2: 1, 3: 1}, nothing)) == [
        (4, 1, 2, 3.4641, 3),
        # These three stand at 1 together, sqrt(2 * 3 / 4) * 6 from 7.
        (5, 3, 4, 7.3485, 4),
    ]


def test_the_size_of_themes_decides_what_is_joined():
    """By their centres alone 1 and 2 would be joined first; they are large, and to join them tells more apart."""
    centres = points(0, 3, 7)
    assert rows(hierarchy(centres, {1: 1, 2: 1, 3: 1}, nothing))[0][:3] == (4, 1, 2)
    assert rows(hierarchy(centres, {1: 50, 2: 10, 3: 1}, nothing))[0] == (4, 2, 3, 5.3936, 11)


def test_of_equals_the_smaller_numbers_are_joined_first():
    found = rows(hierarchy(points(0, 1, 10, 11, 20, 21), dict.fromkeys(range(1, 7), 4), nothing))
    assert [row[:3] for row in found[:3]] == [(7, 1, 2), (8, 3, 4), (9, 5, 6)]
    assert [row[:3] for row in found[3:]] == [(10, 7, 8), (11, 9, 10)]
    # 0.1 + 0.2 and 0.3 differ in their last digit only.
    found = rows(hierarchy(points(0.3, 0, 0.1 + 0.2 + 0.3), {1: 1, 2: 1, 3: 1}, nothing))
    assert found[0][:3] == (4, 1, 2)


def test_terms_are_those_of_the_themes_that_are_joined():
    asked = []

    def terms_of(themes):
        asked.append(themes)
        return [f"t{theme}" for theme in sorted(themes)]

    table = hierarchy(points(0, 9, 1), {1: 1, 2: 1, 3: 1}, terms_of)
    assert asked == [frozenset({1, 3}), frozenset({1, 2, 3})]
    assert list(table["terms"]) == ["t1; t3", "t1; t2; t3"]


@pytest.mark.parametrize("themes", [0, 1])
def test_one_theme_joins_nothing(themes, tmp_path):
    table = hierarchy(points(*range(themes)), dict.fromkeys(range(1, themes + 1), 3), nothing)
    assert not len(table)
    write(tmp_path, "theme_hierarchy", table)
    assert not len(read(tmp_path, "theme_hierarchy"))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_as_scipys_ward_on_all_utterances(themes, dimensions, seed):
    """Each theme's utterances at its centre are joined at once, at no distance; what follows is the hierarchy."""
    chance = np.random.default_rng(seed)
    centres = {number: chance.normal(size=dimensions) for number in range(1, themes + 1)}
    sizes = {number: int(chance.integers(1, 9)) for number in centres}
    spread = np.repeat(np.array(list(centres.values())), list(sizes.values()), axis=0)
    whose = np.repeat(list(sizes), list(sizes.values()))
    table = hierarchy(centres, sizes, nothing)
    expected = linkage(spread, "ward")
    inside = [{place} for place in range(len(spread))]
    for left, right, *_ in expected:
        inside.append(inside[int(left)] | inside[int(right)])
    expected = expected[len(spread) - themes :]
    np.testing.assert_allclose(table["distance"], expected[:, 2], atol=1e-7)
    assert list(table["utterances"]) == list(expected[:, 3])
    joined = {number: {number} for number in centres}
    for row in table.itertuples():
        joined[row.merge] = joined[row.left] | joined[row.right]
        assert row.left < row.right < row.merge
    theirs = [{int(whose[place]) for place in members} for members in inside[2 * len(spread) - themes :]]
    assert [joined[merge] for merge in table["merge"]] == theirs


def test_the_order_of_the_themes_and_the_last_digits_change_nothing():
    chance = np.random.default_rng(7)
    centres = {number: chance.normal(size=20) for number in range(1, 31)}
    sizes = {number: int(chance.integers(1, 99)) for number in centres}
    table = hierarchy(centres, sizes, nothing)
    noisy = {number: centre + chance.normal(size=20) * 1e-9 for number, centre in reversed(centres.items())}
    assert rows(hierarchy(noisy, sizes, nothing)) == rows(table)


def test_hundreds_of_themes_take_no_time():
    chance = np.random.default_rng(7)
    centres = {number: chance.normal(size=20) for number in range(1, 301)}
    start = time.perf_counter()
    table = hierarchy(centres, dict.fromkeys(centres, 2), nothing)
    assert time.perf_counter() - start < 10
    assert list(table["merge"]) == list(range(301, 600))
    assert (table["distance"].diff().dropna() >= -1e-9).all()
