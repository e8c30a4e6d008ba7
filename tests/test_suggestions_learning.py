"""The engine: folds, thresholds, and that nothing leaks from what is held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from qualcode.suggestions.features import Talk
from qualcode.suggestions.learning import FOLDS, Task, best_threshold, folds_of, learn


def task_of(groups: int = 6, each: int = 20, codes: int = 3, seed: int = 0) -> Task:
    """Random talk of which each code stands where a direction of the features is high; code 0 is above the others."""
    random = np.random.default_rng(seed)
    size = groups * each
    view = random.normal(size=(size, 8))
    stretch = np.repeat(np.arange(groups), each)
    talk = Talk([""] * size, view, stretch, np.arange(size) // 2, np.zeros(size, dtype=int), np.zeros(size, dtype=int))
    given = view @ random.normal(size=(8, codes)) + random.normal(size=(size, codes)) > 2
    given[:, 0] |= given[:, 1:].any(axis=1)
    parents = [[], *([0] for _ in range(codes - 1))]
    own = random.normal(size=(size, codes, 2))
    views = [view, view[:, ::-1] ** 2]
    return Task(talk, lambda: views, own, parents, given, np.ones_like(given), stretch)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60), st.integers(1, 6))
def test_folds_hold_whole_groups_and_differ_by_no_more_than_one_of_them(pairs, number):
    held_out, judged = np.array([group for group, _ in pairs]), np.array([of for _, of in pairs])
    fold = folds_of(held_out, judged, number)
    sizes = {group: int(judged[held_out == group].sum()) for group in set(held_out.tolist())}
    for group, size in sizes.items():
        of = set(fold[held_out == group].tolist())
        assert len(of) == 1 and (of == {-1}) == (size == 0)
    filled = [group for group, size in sizes.items() if size]
    used = sorted(set(fold.tolist()) - {-1})
    assert used == list(range(min(number, len(filled))))
    if used:
        load = [int(judged[fold == one].sum()) for one in used]
        # Greedy, the largest first: the fullest had no more than the emptiest before its last group came.
        smallest = [min(sizes[group] for group in filled if fold[held_out == group][0] == one) for one in used]
        assert all(load[one] - smallest[one] <= min(load) for one in used)


@given(st.data())
def test_folds_follow_no_numbers_of_groups(data):
    held_out = np.array(data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=30)))
    judged = np.ones(len(held_out), dtype=bool)
    fold = folds_of(held_out, judged)
    other = folds_of(3 * held_out + 7, judged)
    assert (fold == other).all()


probabilities = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1.0]), st.booleans()), min_size=1, max_size=25
)


@given(probabilities, st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0]))
def test_a_threshold_lies_halfway_between_what_is_expected_and_what_is_observed(pairs, least):
    probability, truth = (np.array(column) for column in zip(*pairs, strict=True))
    # A code that no sentence has, or every one, is not learned.
    assume(0 < truth.mean() < 1 and 0 < probability.mean() < 1)
    found = best_threshold(probability, truth, least)
    cuts = sorted(set(probability.tolist()), reverse=True)
    allowed = [cut for cut in cuts if probability[probability >= cut].mean() >= least - 1e-9]
    if not allowed:
        assert np.isnan(found)
        return

    def expected(cut: float, weight: np.ndarray) -> float:
        """Kappa where each sentence has the code with this weight."""
        at = probability >= cut
        both, total, share = weight[at].sum(), len(weight), weight.sum()
        agreed = (2 * both - at.sum() - share + total) / total
        chance = (at.sum() * share + (total - at.sum()) * (total - share)) / total**2
        return (agreed - chance) / (1 - chance) if abs(1 - chance) > 1e-12 else float("nan")

    ways = []
    for weight in (probability, truth.astype(float)):
        kappas = [expected(cut, weight) for cut in allowed]
        best = np.nanmax(kappas)
        ways.append([cut for cut, of in zip(allowed, kappas, strict=True) if of >= best - 1e-9])
    below = {cut: max([other for other in cuts if other < cut], default=cut) for cut in cuts}
    halfway = {(one + below[one]) / 2 / 2 + (two + below[two]) / 2 / 2 for one in ways[0] for two in ways[1]}
    assert any(found == pytest.approx(value) for value in halfway)


def test_a_threshold_of_clear_cases_parts_them_with_the_highest_kappa():
    probability = np.array([0.9, 0.8, 0.7, 0.2, 0.1, 0.1])
    truth = np.array([1, 1, 1, 0, 0, 0], dtype=bool)
    found = best_threshold(probability, truth)
    assert cohen_kappa_score(truth, probability >= found) == 1


@pytest.mark.parametrize("seed", range(3))
def test_what_is_held_out_does_not_depend_on_its_own_codings(seed):
    """A fold's labels turned round change nothing in what is suggested for it by what was learned without it."""
    task = task_of(seed=seed)
    before = learn(task, [0, 1, 2])
    fold = folds_of(task.held_out, task.known[:, 0])
    assert fold.max() + 1 == FOLDS
    for number in range(FOLDS):
        inside = fold == number
        turned = replace(task, given=task.given ^ inside[:, np.newaxis])
        after = learn(turned, [0, 1, 2])
        assert (after.held_out[inside] == before.held_out[inside]).all()
        assert (after.suggested[inside] == before.suggested[inside]).all()
        assert (after.probability != before.probability).any(), "elsewhere they are learned from"


def test_of_what_nobody_judged_nothing_is_learned():
    task = task_of()
    known = task.known & (task.held_out < 4)[:, np.newaxis]
    before = learn(replace(task, known=known), [0, 1, 2])
    after = learn(replace(task, known=known, given=task.given ^ ~known), [0, 1, 2])
    for part in ("probability", "held_out", "suggested", "threshold"):
        assert getattr(before, part).tobytes() == getattr(after, part).tobytes()
    assert (np.isnan(before.held_out) == ~known).all() and not before.suggested[~known].any()


@pytest.mark.parametrize("seed", range(3))
def test_a_code_is_learned_as_if_it_were_learned_alone(seed):
    task = task_of(codes=4, seed=seed)
    # Of one code less is known than of the others, as after decisions on suggestions.
    known = task.known.copy()
    known[:, 2] = task.held_out < 5
    task = replace(task, known=known)
    together = learn(task, [0, 1, 2, 3])
    turned = learn(task, [3, 1, 0, 2])
    for at, code in enumerate([0, 1, 2, 3]):
        alone = learn(task, [code])
        for part in ("probability", "held_out", "suggested", "threshold"):
            of = getattr(together, part)[..., at]
            assert np.allclose(of, getattr(alone, part)[..., 0], atol=1e-7, equal_nan=True), part
            other = getattr(turned, part)[..., [3, 1, 0, 2].index(code)]
            assert np.allclose(of, other, atol=1e-7, equal_nan=True), part


def test_without_judging_or_predicting_only_that_is_missing():
    task = task_of()
    known = task.known & (task.held_out != 2)[:, np.newaxis]
    task = replace(task, known=known)
    whole, quick, alone = learn(task, [1, 2]), learn(task, [1, 2], judge=False), learn(task, [1, 2], predict=False)
    assert whole.probability.tobytes() == quick.probability.tobytes()
    assert whole.threshold.tobytes() == quick.threshold.tobytes()
    assert np.isnan(quick.held_out).all() and not quick.suggested.any()
    assert np.allclose(alone.held_out, whole.held_out, atol=1e-7, equal_nan=True)
    assert (alone.suggested == whole.suggested).all() and np.isnan(alone.threshold).all()


def test_what_can_be_learned_is_learned():
    task = task_of(groups=8, each=60)
    found = learn(task, [0, 1, 2])
    for at in range(3):
        assert cohen_kappa_score(task.given[:, at], found.suggested[:, at]) > 0.35
        coded = task.given[:, at]
        assert found.held_out[coded, at].mean() > found.held_out[~coded, at].mean() + 0.2
        # Probabilities mean what they say, by a tenth.
        assert abs(found.held_out[:, at].mean() - coded.mean()) < 0.1


@pytest.mark.parametrize("whole", [False, True], ids=["turns", "one long utterance"])
@pytest.mark.parametrize("groups", [2, 3])
def test_two_groups_are_judged_each_by_the_other(groups, whole):
    task = task_of(groups=groups, each=120)
    if whole:
        # A document without paragraphs is one utterance.
        task = replace(task, talk=replace(task.talk, utterance=task.talk.stretch))
    found = learn(task, [1])
    kappa = cohen_kappa_score(task.given[:, 1], found.suggested[:, 0])
    assert kappa > 0.3
    assert (found.held_out[:, 0] < 0.5).mean() > 0.5, "not everything is sure to have the code"


def test_a_view_that_tells_nothing_in_what_is_learned_from_decides_nothing_elsewhere():
    """A column that is the same in all but one group says nothing of the code, however far it goes there."""
    task = task_of()
    own = np.zeros_like(task.own)
    own[..., 0] = 1 / 3 + 1e-4 * (task.held_out == 0)[:, np.newaxis]
    without = learn(replace(task, own=np.zeros_like(own)), [1])
    found = learn(replace(task, own=own), [1])
    inside = task.held_out == 0
    assert np.allclose(found.held_out[inside], without.held_out[inside], atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_code_that_all_or_none_have_gets_no_threshold(share):
    task = task_of()
    found = learn(replace(task, given=np.full_like(task.given, bool(share))), [0, 1])
    assert np.isnan(found.threshold).all() and not found.suggested.any()
    assert (found.probability == share).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 99), st.floats(0, 1))
def test_no_threshold_lets_expected_precision_fall_below_what_is_asked(seed, least):
    random = np.random.default_rng(seed)
    probability = random.beta(0.5, 2, 200)
    threshold = best_threshold(probability, random.random(200) < probability, least)
    if threshold == threshold:
        assert probability[probability >= threshold].mean() >= least - 1e-12
