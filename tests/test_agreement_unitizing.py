"""Krippendorff's alpha for unitizing against what he published, and against the definition counted out."""

from __future__ import annotations

import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.agreement.unitizing import unitizing_alpha

# Krippendorff (2004), Content Analysis, p. 254: two observers, two categories, positions 150 to 450.
C = [[(225, 295), (370, 400)], [(220, 300), (355, 375), (400, 420)]]
K = [[(180, 240), (300, 350)], [(180, 240), (300, 350)]]
# Krippendorff (1995), p. 57: two observers each, of a continuum of 24.
A_1995 = [[(2, 10), (14, 20)], [(4, 8), (15, 17)]]
B_1995 = [[(0, 18)], [(0, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 9), (9, 10)]]
C_1995 = [[(2, 8), (10, 12), (14, 18), (20, 22)], [(0, 2), (4, 8), (10, 14), (16, 18), (20, 22)]]
D_1995 = [
    [(0, 2), (2, 10), (10, 14), (14, 20), (20, 24)],
    [(0, 4), (4, 8), (8, 15), (15, 17), (17, 24)],
]


def moved(coders, by):
    return [[(start + by, end + by) for start, end in spans] for spans in coders]


def stretched(coders, factor):
    return [[(int(start * factor), int(end * factor)) for start, end in spans] for spans in coders]


def test_the_published_example_of_2004():
    c, k = moved(C, -150), moved(K, -150)
    assert unitizing_alpha([c], 300) == pytest.approx(0.7286, abs=5e-5)
    assert unitizing_alpha([k], 300) == 1.0
    # Printed with disagreements that were rounded before: 1 - (0.0144 + 0) / (0.0532 + 0.0490) = 0.859.
    assert unitizing_alpha([c, k], 300) == pytest.approx(0.859, abs=5e-4)


@pytest.mark.parametrize(
    ("coders", "published", "within"),
    [(A_1995, 0.553, 5e-4), (B_1995, -0.926, 3e-3), (C_1995, 0.679, 1.5e-2), (D_1995, 0.066, 5e-4)],
)
def test_the_published_examples_of_1995(coders, published, within):
    """He printed the limits of ever finer units. A and D are met.

    His expected disagreement of C, 0.0864, is what his formula gives without the sum in its denominator (199.11 / 2304
    instead of 199.11 / 2200), though his figure for 12 units has it; B is a little off too. The tests of DKPro
    Statistics allow 0.02 for the same reason.
    """
    assert unitizing_alpha([stretched(coders, 50_000)], 1_200_000) == pytest.approx(published, abs=within)


def test_the_values_of_an_independent_implementation():
    """Example of the tests of DKPro Statistics (Apache-2.0), UnitizingAgreementTest."""
    assert unitizing_alpha([[[(1, 9)], [(2, 3), (4, 5), (6, 7)]]], 10) == pytest.approx(-0.7003, abs=5e-5)
    # And of Krippendorff (1995), twelve units: 1 - 0.02777 / 0.05494.
    assert unitizing_alpha([stretched(C_1995, 0.5)], 12) == pytest.approx(1 - 0.02777 / 0.05494, abs=5e-4)


def distance(a, b):
    """Between two sections (start, length, marked), as Krippendorff (1995; 2004) defines it."""
    (start, size, marked), (other, width, also) = a, b
    if marked and also and -size < start - other < width:
        return (start - other) ** 2 + (start + size - other - width) ** 2
    if marked and not also and other <= start and start + size <= other + width:
        return size**2
    if also and not marked and start <= other and other + width <= start + size:
        return width**2
    return 0


def sections(spans, length):
    found, at = [], 0
    for start, end in sorted(spans):
        if start > at:
            found.append((at, start - at, False))
        found.append((start, end - start, True))
        at = end
    return [*found, (at, length - at, False)] if at < length else found


def counted_out(coders, length):
    """Alpha by trying every two sections of all coders in every position to each other."""
    m = len(coders)
    cut = [sections(spans, length) for spans in coders]
    observed = (
        sum(distance(a, b) for x, y in combinations(cut, 2) for a in x for b in y) * 2 / (m * (m - 1) * length**2)
    )
    every = [section for part in cut for section in part]
    total = 0
    for g, (_, size, marked) in enumerate(every):
        for h, (_, width, also) in enumerate(every):
            if marked and (not also or g < h):
                total += sum(distance((place, size, True), (0, width, also)) for place in range(-size, width + 1))
    marked = [size for _, size, is_marked in every if is_marked]
    ways = m * length * (m * length - 1) - sum(size * (size - 1) for size in marked)
    expected = 2 / length * total / ways
    return 1 - observed / expected if expected else None


@st.composite
def marked_texts(draw, most_coders=3):
    length = draw(st.integers(2, 24))
    coders = []
    for _ in range(draw(st.integers(2, most_coders))):
        edges = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
        kept = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
        coders.append([span for span, keep in zip(pairwise(edges), kept, strict=False) if keep])
    return coders, length


@given(marked_texts())
def test_it_is_what_counting_out_gives(drawn):
    coders, length = drawn
    found, wanted = unitizing_alpha([coders], length), counted_out(coders, length)
    assert found == (None if wanted is None else pytest.approx(wanted, abs=1e-9))


@given(marked_texts(), st.randoms(use_true_random=False))
def test_neither_order_nor_direction_matters(drawn, shuffle):
    coders, length = drawn
    wanted = unitizing_alpha([coders], length)
    mirrored = [[(length - end, length - start) for start, end in spans] for spans in coders]
    assert unitizing_alpha([mirrored], length) == wanted
    for spans in coders:
        shuffle.shuffle(spans)
    shuffle.shuffle(coders)
    assert unitizing_alpha([coders], length) == wanted


@given(marked_texts(most_coders=2))
def test_identical_coders_agree_fully(drawn):
    (spans, _), length = drawn
    assert unitizing_alpha([[spans, list(spans), list(spans)]], length) in ((1.0, None) if spans else (None,))
    if any(end - start > 1 for start, end in spans):
        assert unitizing_alpha([[spans, spans]], length) == 1.0


def test_overlapping_spans_are_one_and_touching_ones_are_two():
    other = [(3, 9)]
    assert unitizing_alpha([[[(1, 5), (4, 8), (4, 6), (7, 7)], other]], 20) == unitizing_alpha([[[(1, 8)], other]], 20)
    assert unitizing_alpha([[[(1, 4), (4, 8)], other]], 20) != unitizing_alpha([[[(1, 8)], other]], 20)


def test_what_is_not_defined_is_none():
    assert unitizing_alpha([[[], []]], 50) is None
    assert unitizing_alpha([], 50) is None
    assert unitizing_alpha([[[], []]], 0) is None
    # One coder marked, the other did not: disagreement, and no more than chance would have it.
    assert unitizing_alpha([[[(10, 20)], []]], 50) < 0.5


def test_a_span_outside_of_the_text_is_refused():
    with pytest.raises(ValueError, match="span 40-51 is not within 0-50"):
        unitizing_alpha([[[(40, 51)], []]], 50)


def test_five_thousand_spans_take_less_than_half_a_second():
    random.seed(5)
    coders = []
    for _ in range(2):
        starts = sorted(random.sample(range(0, 600_000, 40), 2_500))
        coders.append([(start, start + random.randint(5, 39)) for start in starts])
    began = time.perf_counter()
    assert -1 < unitizing_alpha([coders], 600_000) < 1
    assert time.perf_counter() - began < 0.5
