import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans as SklearnKMeans
from sklearn.metrics import adjusted_rand_score

from qualcode.themes import clustering
from qualcode.themes.clustering import (
    Components,
    Joining,
    KMeans,
    Ward,
    by_size,
    centres,
    leading,
    neighbours,
    settled,
    smoothed,
    space,
    unit,
)


def clouds(sizes=(30, 20, 12), d=24, noise=0.8, seed=1):
    """Unit vectors around one axis each, and which axis; the noise is as long as said."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(d)[labels] + noise / d**0.5 * np.random.default_rng(seed).standard_normal((len(labels), d))
    return unit(vectors), labels


def test_units_have_length_one_and_nothing_stays_nothing():
    made = unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert made.tolist() == [[0.6, 0.8], [0.0, 0.0]]


@pytest.mark.parametrize("most", [1, 5, 40, 100])
def test_neighbours_are_the_nearest_others_nearest_first(most, monkeypatch):
    vectors, _ = clouds()
    found = neighbours(vectors, most)
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    assert found.tolist() == np.argsort(-similar, axis=1, kind="stable")[:, : min(most, len(vectors) - 1)].tolist()


def test_neighbours_of_very_many_are_found_in_parts():
    vectors = unit(np.random.default_rng(0).standard_normal((2300, 6)))
    similar = vectors[2290] @ vectors.T
    similar[2290] = -np.inf
    assert neighbours(vectors, 3)[2290].tolist() == np.argsort(-similar)[:3].tolist()


def test_one_utterance_has_no_neighbours():
    assert neighbours(np.ones((1, 3))).shape == (1, 0)


def test_smoothing_takes_the_mean_of_the_ten_nearest_twice():
    vectors, _ = clouds()
    near = neighbours(vectors)
    by_hand = vectors
    for _ in range(clustering.TIMES):
        by_hand = unit(by_hand + unit(np.stack([by_hand[row[:10]].mean(axis=0) for row in near])))
    assert smoothed(vectors, near) == pytest.approx(by_hand)


def test_in_a_bootstrap_neighbours_are_those_that_were_drawn():
    vectors, _ = clouds()
    drawn = np.unique(np.random.default_rng(2).integers(0, len(vectors), len(vectors)))
    assert smoothed(vectors, neighbours(vectors), drawn) == pytest.approx(
        smoothed(vectors[drawn], neighbours(vectors[drawn]))
    )


def test_leading_components_keep_cosines():
    vectors, _ = clouds(d=24)
    kept = leading(vectors)
    assert kept @ kept.T == pytest.approx(vectors @ vectors.T)


def test_ward_finds_clouds_and_so_does_kmeans():
    vectors, labels = clouds()
    for gathering in (Ward(), KMeans(1)):
        found = gathering.partitions(space(vectors), [2, 3, 4])
        assert adjusted_rand_score(labels, found[3]) == 1
        assert [len(set(found[number])) for number in (2, 3, 4)] == [2, 3, 4]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_fewer_points_than_themes_give_fewer_themes(n):
    points = np.arange(2.0 * n).reshape(n, 2)
    found = Ward().partitions(points, [5])[5]
    assert sorted(set(found.tolist())) == list(range(n))


def test_points_that_are_all_the_same_are_no_error():
    for gathering in (Ward(), KMeans(1)):
        assert len(gathering.partitions(np.ones((12, 3)), [4])[4]) == 12


def test_settling_does_what_kmeans_does_from_the_same_centres():
    points, _ = clouds(noise=3)
    begin = np.random.default_rng(5).integers(0, 4, len(points))
    begin[:4] = range(4)
    model = SklearnKMeans(4, init=centres(points, begin, 4), n_init=1, max_iter=100, tol=0).fit(points)
    assert settled(points, begin).tolist() == model.labels_.tolist()


def test_settling_leaves_no_theme_empty():
    points = np.array([[0.0], [0.1], [0.2], [10.0]])
    assert set(settled(points, np.array([0, 1, 0, 2]))) == {0, 1, 2}


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_centres_are_means_and_zero_where_there_is_none(labels):
    points = np.arange(2.0 * len(labels)).reshape(-1, 2)
    made = centres(points, np.array(labels), 5)
    for label in range(5):
        inside = points[np.array(labels) == label]
        assert made[label] == pytest.approx(inside.mean(axis=0) if len(inside) else np.zeros(2))


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(1, 3)), min_size=1, max_size=30))
def test_themes_are_numbered_by_voices_then_by_which_is_met_first(drawn):
    labels, voices = (np.array(column) for column in zip(*drawn, strict=True))
    numbers = by_size(labels, voices)
    assert ((numbers == 0) == (labels == -1)).all()
    sizes = [int(voices[numbers == number].sum()) for number in range(1, numbers.max() + 1)]
    assert sizes == sorted(sizes, reverse=True) and 0 not in sizes
    first = [int(np.argmax(numbers == number)) for number in range(1, numbers.max() + 1)]
    assert all(a < b for a, b, x, y in zip(first, first[1:], sizes, sizes[1:], strict=False) if x == y)
    assert len(set(zip(labels.tolist(), numbers.tolist(), strict=True))) == len(set(labels.tolist()))


@pytest.mark.parametrize("noise", [0.8, 2.5], ids=["clear", "blurred"])
def test_order_and_last_digits_do_not_matter(noise):
    vectors, _ = clouds(sizes=(60, 40, 30, 20), noise=noise)
    first = Ward().partitions(space(vectors), range(2, 13))
    chance = np.random.default_rng(3)
    order = chance.permutation(len(vectors))
    mixed = Ward().partitions(space(vectors[order]), range(2, 13))
    shaken = Ward().partitions(space(vectors + 1e-7 * chance.standard_normal(vectors.shape)), range(2, 13))
    for number, labels in first.items():
        assert adjusted_rand_score(labels[order], mixed[number]) == 1
        assert adjusted_rand_score(labels, shaken[number]) == 1


def test_very_many_join_the_themes_of_a_sample():
    vectors, labels = clouds(sizes=(3000, 2000, 1000), noise=0.6)
    vectors = vectors.astype(np.float32)
    sample = np.arange(0, len(vectors), 10)
    components = Components(vectors[sample])
    points = components.transform(vectors)
    assert points.dtype == np.float32 and np.linalg.norm(points, axis=1) == pytest.approx(np.ones(6000), abs=1e-4)
    joined = Joining(centres(points[sample], labels[sample], 3), 7).fit(points).labels_
    assert adjusted_rand_score(labels, joined) == 1
    assert np.array_equal(joined, Joining(centres(points[sample], labels[sample], 3), 7).fit(points).labels_)
