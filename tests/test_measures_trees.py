"""Trees without crossing lines, by hand and against scipy's dendrogram."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import dendrogram, linkage

from qualcode.measures.trees import brackets, leaves
from qualcode.tables import frame


def joined(*rows):
    keys = ("merge", "left", "right", "distance", "utterances")
    return frame("theme_hierarchy", [dict(zip(keys, row, strict=True), terms="") for row in rows])


def test_the_larger_side_comes_first():
    # Sizes: theme 1 has 10 utterances, 2 has 9, 3 has 8, 4 has 3.
    table = joined((5, 2, 4, 1.0, 12), (6, 3, 5, 2.0, 20), (7, 1, 6, 3.0, 30))
    assert leaves(table) == [2, 4, 3, 1]


def test_a_large_theme_stands_before_what_was_joined_of_small_ones():
    # 20, 4 and 3: the first is what is left of the last joining.
    assert leaves(joined((4, 2, 3, 1.0, 7), (5, 1, 4, 2.0, 27))) == [1, 2, 3]


def test_of_equals_the_smallest_number_comes_first():
    assert leaves(joined((5, 1, 4, 1.0, 6), (6, 2, 3, 1.0, 6), (7, 5, 6, 2.0, 12))) == [1, 4, 2, 3]
    assert leaves(joined((4, 2, 3, 1.0, 6), (5, 1, 4, 2.0, 12))) == [1, 2, 3]


def test_no_themes_and_two():
    assert leaves(joined()) == [] and brackets(joined()) == []
    assert leaves(joined((3, 1, 2, 1.0, 5))) == [1, 2]


def test_a_bracket_leads_from_side_to_side():
    found = brackets(joined((5, 2, 4, 1.0, 12), (6, 3, 5, 2.0, 20), (7, 1, 6, 3.0, 30)))
    assert [(b.merge, b.height, b.places, b.heights, b.place) for b in found] == [
        (5, 1.0, (0, 1), (0, 0), 0.5),
        (6, 2.0, (0.5, 2), (1.0, 0), 1.25),
        (7, 3.0, (1.25, 3), (2.0, 0), 2.125),
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 25), st.integers(0, 2**32 - 1))
def test_brackets_are_those_of_scipys_dendrogram(themes, seed):
    tree = linkage(np.random.default_rng(seed).normal(size=(themes, 3)), "ward")
    table = joined(
        *[(themes + n, min(row[:2]) + 1, max(row[:2]) + 1, row[2], row[3]) for n, row in enumerate(tree.tolist(), 1)]
    )
    order, found = leaves(table), brackets(table)
    assert sorted(order) == list(range(1, themes + 1))
    drawn = dendrogram(tree, no_plot=True, count_sort="descending")
    assert sorted(b.height for b in found) == sorted(corner[1] for corner in drawn["dcoord"])
    assert sorted(b.heights[0] + b.heights[1] for b in found) == sorted(c[0] + c[3] for c in drawn["dcoord"])
    inside = {leaf: {place} for place, leaf in enumerate(order)}
    size = dict.fromkeys(order, 1)
    for row, bracket in zip(table.itertuples(), found, strict=True):
        inside[row.merge] = inside[row.left] | inside[row.right]
        size[row.merge] = size[row.left] + size[row.right]
        assert max(inside[row.merge]) - min(inside[row.merge]) == len(inside[row.merge]) - 1, "lines would cross"
        larger, smaller = sorted((row.left, row.right), key=lambda side: min(inside[side]))
        assert size[larger] >= size[smaller]
        assert bracket.places[0] < bracket.place < bracket.places[1]
