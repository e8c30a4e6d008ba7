"""What a suggestion is learned from: shifts and means within the talk, and views of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from suggesting import SAYING, Words, sentence

from qualcode.suggestions.features import Talk, views


def talk_of(stretch: list[int], utterance: list[int] | None = None, texts: list[str] | None = None) -> Talk:
    texts = texts or [f"Sentence {at}." for at in range(len(stretch))]
    zeros = np.zeros(len(stretch), dtype=int)
    where = np.array(stretch, dtype=int)
    return Talk(texts, Words().encode(texts), where, np.array(utterance or stretch, dtype=int), zeros, zeros)


runs = st.lists(st.integers(1, 5), max_size=6).map(
    lambda sizes: [n for n, size in enumerate(sizes) for _ in range(size)]
)


@given(runs, st.integers(-7, 7).filter(bool), st.integers(1, 3))
def test_shifted_takes_the_values_of_a_neighbour_of_the_same_stretch(stretch, by, width):
    values = np.arange(1, 1 + len(stretch) * width, dtype=float).reshape(-1, width)
    found = talk_of(stretch).shifted(values, by)
    for at, row in enumerate(found):
        of = at - by
        same = 0 <= of < len(stretch) and stretch[of] == stretch[at]
        assert row.tolist() == (values[of].tolist() if same else [0.0] * width)


@given(runs, st.integers(0, 6))
def test_shifted_of_single_numbers(stretch, by):
    values = np.arange(1, 1 + len(stretch))
    found = talk_of(stretch).shifted(values, by + 1).tolist()
    assert found == [
        values[at - by - 1] if at > by and stretch[at - by - 1] == stretch[at] else 0 for at in range(len(stretch))
    ]


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-5, 5)), max_size=12))
def test_of_utterance_is_the_mean_over_the_utterance(pairs):
    utterance = [number for number, _ in pairs]
    values = np.array([[value, -value] for _, value in pairs]).reshape(-1, 2)
    found = talk_of(utterance, utterance).of_utterance(values)
    for at, number in enumerate(utterance):
        same = [value for other, value in pairs if other == number]
        assert found[at].tolist() == pytest.approx([np.mean(same), -np.mean(same)])


@pytest.mark.parametrize("size", [1, 2, 3, 12])
def test_views_of_little_talk_are_finite(size):
    texts = ["Yes."] * size
    for view in views(talk_of([0] * size, list(range(size)), texts)):
        assert len(view) == size and np.isfinite(view).all()


def test_views_do_not_depend_on_what_stands_in_another_stretch():
    """Up to the components, which are of all talk: so the same sentences in another order of sources are as near."""
    kinds = [code for code in SAYING for _ in range(4)]
    texts = [sentence(code, at, "s") for at, code in enumerate(kinds)]
    first = talk_of([0] * 8 + [1] * 8, list(range(16)), texts)
    second = talk_of([0] * 8 + [1] * 8, list(range(16)), texts[8:] + texts[:8])
    alone, around = views(first), views(second)
    for before, after in zip(alone, around, strict=True):
        moved = np.concatenate([after[8:], after[:8]])
        assert np.allclose(before @ before.T, moved @ moved.T, atol=1e-6)


def test_the_second_view_tells_what_stands_around_a_sentence():
    texts = [sentence(code, 0, "s") for code in ("support", "", "training", "")] * 3
    alone, around = views(talk_of([0] * 12, list(range(12)), texts))
    number = slice(None)
    # Two sentences of the same words, one after a sentence of support and one after a sentence of training.
    near = np.linalg.norm(alone[1] - alone[3]), np.linalg.norm(around[1] - around[3])
    assert near[1] > near[0] and np.isfinite(around[number]).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(list(SAYING)), min_size=2, max_size=12))
def test_views_are_the_same_each_time(codes):
    talk = talk_of(
        [0] * len(codes), list(range(len(codes))), [sentence(code, at, "s") for at, code in enumerate(codes)]
    )
    for one, other in zip(views(talk), views(talk), strict=True):
        assert one.tobytes() == other.tobytes()
