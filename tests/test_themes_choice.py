import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.metrics import adjusted_rand_score
from test_themes_clustering import clouds

from qualcode.themes import choice
from qualcode.themes.choice import Coherence, best_jaccard, candidates, choose, crossed, rand_index
from qualcode.themes.clustering import KMeans, Ward, unit

LABELS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)])
)


@given(LABELS)
def test_the_rand_index_is_that_of_scikit_learn(both):
    first, second = map(np.array, both)
    assert rand_index(crossed(first, second, 5)) == pytest.approx(adjusted_rand_score(first, second))


@given(LABELS)
def test_jaccard_by_brute_force(both):
    first, second = map(np.array, both)
    for label, found in enumerate(best_jaccard(crossed(first, second, 5))):
        inside = first == label
        if not inside.any():
            assert math.isnan(found)
            continue
        assert found == pytest.approx(
            max(((inside & (second == other)).sum() / (inside | (second == other)).sum()) for other in range(5))
        )


def test_how_many_are_tried_depends_on_how_much_was_said():
    assert [candidates(n) for n in (2, 29, 30, 45)] == [[2], [2], [2, 3], [2, 3, 4]]
    assert candidates(165) == [*range(2, 13), 14, 16]
    assert max(candidates(1_000_000)) == 25


def words_of(labels, own=4, common=3, seed=3):
    """Counts of words: each theme has words of its own, and all share some."""
    chance = np.random.default_rng(seed)
    themes = labels.max() + 1
    counts = np.zeros((len(labels), themes * own + common), dtype=np.int64)
    for row, label in enumerate(labels):
        counts[row, label * own + chance.integers(0, own, 3)] += 1
        counts[row, themes * own + chance.integers(0, common, 2)] += 1
    return csr_matrix(counts)


def chosen(vectors, labels, asked=None, gathering=None, seed=2007):
    return choose(vectors, words_of(labels), gathering or Ward(), asked, seed, lambda _: None)


def test_coherence_by_hand():
    # Theme 0 says a and b, together in two of its three utterances; theme 1 says c and d, never together.
    counts = csr_matrix(
        [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]]
    )
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    together = math.log((2 / 7) / (3 / 7 * 2 / 7)) / -math.log(2 / 7)
    assert Coherence(counts)(labels, 2) == pytest.approx((together - 1) / 2)


def test_coherence_takes_the_ten_leading_words_by_brute_force():
    labels = np.repeat([0, 1, 2], 20)
    counts = words_of(labels, own=12)
    dense = counts.toarray()
    expected = []
    for theme in range(3):
        said = np.stack([dense[labels == other].sum(axis=0) for other in range(3)])
        weight = np.sqrt(said / said.sum(axis=1, keepdims=True)) * np.log1p(said.sum() / 3 / said.sum(axis=0))
        lead = sorted(range(dense.shape[1]), key=lambda word: (-round(weight[theme][word], 9), word))[:10]
        values = []
        for a, b in combinations(lead, 2):
            joint = ((dense[:, a] > 0) & (dense[:, b] > 0)).mean()
            alone = (dense[:, a] > 0).mean() * (dense[:, b] > 0).mean()
            values.append(-1 if not joint else math.log(joint / alone) / -math.log(joint))
        expected.append(np.mean(values))
    assert Coherence(counts)(labels, 3) == pytest.approx(np.mean(expected))


def test_words_that_are_met_once_have_no_coherence():
    assert Coherence(csr_matrix(np.eye(6, dtype=int)))(np.repeat([0, 1], 3), 2) == -1


@pytest.mark.parametrize("themes", [3, 5, 8])
def test_clear_themes_are_found_in_their_number(themes):
    vectors, labels = clouds(sizes=[20 + 5 * n for n in range(themes)], noise=0.8, d=60)
    made = chosen(vectors, labels)
    # The two smallest may be joined where that says nearly as much.
    assert made.number in (themes - (themes > 5), themes)
    assert adjusted_rand_score(labels, made.labels) > 0.95
    assert made.jaccard.min() > 0.9


def two_giants():
    """Eight themes in two families that lie far apart: two giants hold together best, and say least."""
    labels = np.repeat(np.arange(8), 24)
    family = np.eye(60)[labels // 4] * 2
    chance = np.random.default_rng(2)
    return unit(family + np.eye(60)[2 + labels] + 0.09 * chance.standard_normal((len(labels), 60))), labels


def test_two_giant_themes_are_stable_and_are_not_chosen():
    vectors, labels = two_giants()
    made = chosen(vectors, labels)
    giants = next(row for row in made.rows if row["number"] == 2)
    assert giants["stability"] == pytest.approx(1)
    assert made.number == 8


def test_a_theme_that_is_a_giant_is_not_chosen_while_others_can_be():
    vectors, labels = clouds(sizes=(120, 12, 12, 12), noise=0.8, d=40)
    made = chosen(vectors, labels)
    ruled_out = [row["number"] for row in made.rows if row["note"]]
    assert made.number not in ruled_out and 4 in ruled_out
    assert all(row["largest_share"] > 0.6 for row in made.rows if row["number"] in ruled_out)


def test_one_giant_at_every_number_is_told(monkeypatch):
    monkeypatch.setattr(choice, "GIANT", 0.0)
    vectors, labels = clouds()
    assert "one theme holds more than" in chosen(vectors, labels).sentence


def test_talk_without_themes_is_told_and_its_themes_are_no_more_than_chance():
    chance = np.random.default_rng(8)
    labels = chance.integers(0, 4, 150)
    stable = []
    for seed in range(4):
        made = chosen(unit(np.random.default_rng(seed).standard_normal((150, 40))), labels)
        assert max(row["score"] for row in made.rows) < 0.3
        stable.append((made.jaccard >= max(made.chance, 0.6)).mean())
    assert np.mean(stable) < 0.25


def test_the_study_may_ask_for_a_number_also_beyond_those_that_are_tried():
    vectors, labels = clouds()
    made = chosen(vectors, labels, asked=9)
    assert made.number == 9 and len(set(made.labels)) == 9
    assert made.sentence == "9 themes, as the study asks."
    assert [row["note"] for row in made.rows if row["chosen"]] == ["the study asks for it"]


def test_the_smallest_number_near_the_best_is_taken_and_the_sentence_says_so():
    vectors, labels = clouds(noise=2)
    made = chosen(vectors, labels)
    open_to = [row for row in made.rows if row["largest_share"] <= 0.6]
    best = max(row["score"] for row in open_to)
    assert made.number == min(row["number"] for row in open_to if row["score"] >= 0.95 * best)
    score = next(row["score"] for row in made.rows if row["chosen"])
    assert f"{made.number} themes: the smallest number from 2 to 6" in made.sentence
    assert f"({score:.2f} of {best:.2f})" in made.sentence


def test_the_score_is_what_both_figures_are_beyond_chance():
    vectors, labels = clouds()
    for row in chosen(vectors, labels).rows:
        beyond = row["stability"] - row["chance_stability"] + row["coherence"] - row["chance_coherence"]
        assert row["score"] == pytest.approx(beyond, abs=1e-4)


@pytest.mark.parametrize("noise", [0.8, 2])
def test_the_choice_is_the_same_with_other_last_digits(noise):
    vectors, labels = clouds(noise=noise)
    shaken = vectors + 1e-7 * np.random.default_rng(4).standard_normal(vectors.shape)
    first, again = chosen(vectors, labels), chosen(shaken, labels)
    assert first.number == again.number and np.array_equal(first.labels, again.labels)
    assert [row["score"] for row in first.rows] == pytest.approx([row["score"] for row in again.rows], abs=2e-4)


def test_stability_is_that_of_at_least_thirty_bootstraps_made_anew():
    vectors, labels = clouds(noise=2)
    made = chosen(vectors, labels, asked=3)
    assert choice.BOOTSTRAPS >= 30
    from qualcode.themes.clustering import space

    full = Ward().partitions(space(vectors), [3])[3]
    chance = np.random.default_rng(11)
    values = []
    for _ in range(60):
        drawn = np.unique(chance.integers(0, len(vectors), len(vectors)))
        values.append(adjusted_rand_score(full[drawn], Ward().partitions(space(vectors[drawn]), [3])[3]))
    row = next(row for row in made.rows if row["number"] == 3)
    assert row["stability"] == pytest.approx(np.mean(values), abs=0.08)


def test_another_gathering_is_measured_by_the_same_rule():
    vectors, labels = clouds()
    assert chosen(vectors, labels, gathering=KMeans(1)).number == 3
