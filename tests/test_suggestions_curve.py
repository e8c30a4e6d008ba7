"""The learning curve, against counting by hand, and its forecasts against curves that are known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from qualcode import tables
from qualcode.measures.forecasts import told
from qualcode.suggestions.ceiling import ALL
from qualcode.suggestions.curve import curve_table, further, subsets
from qualcode.suggestions.quality import Judged

CODES = ["support", "training", "feeling"]


def learner(groups=8, each=50, seed=0, learned=(True, True, False), what="source", needs=2.0):
    """What is judged when all groups are learned from, and a learner that errs less the more groups it has.

    Each sentence has a difficulty: a learner with k groups is wrong where it is above 1 - 1 / (needs sqrt(k)).
    """
    random = np.random.default_rng(seed)
    sentences = groups * each
    given = random.random((sentences, len(CODES))) < 0.3
    hard = random.random(given.shape)
    held_out = np.repeat(np.arange(groups), each)
    asked = []

    def judge(kept):
        asked.append(list(kept))
        wrong = hard > 1 - 1 / (needs * math.sqrt(len(kept)))
        known = np.isin(held_out, kept)[:, np.newaxis] & np.ones(len(CODES), dtype=bool)
        suggested = (given ^ wrong) & known
        probability = np.where(known, np.where(suggested, 0.8, 0.2), np.nan)
        return Judged(CODES, np.array(learned), given, known, probability, suggested, held_out, what)

    whole = judge(range(groups))
    asked.clear()
    codings = np.zeros((groups, len(CODES)), dtype=int)
    np.add.at(codings, held_out, given)
    return whole, judge, codings, asked


def rows(table, code):
    return table[table["code"] == code].to_dict("records")


@given(st.integers(2, 60))
def test_each_group_has_its_turn_at_each_step(number):
    groups = [3 * group + 1 for group in range(number)]
    steps = subsets(groups)
    sizes = [len(parts[0]) for parts in steps]
    assert sizes == sorted(set(sizes)) and sizes[-1] == number and sizes[0] == max(2, math.ceil(number / 4))
    for parts in steps:
        assert {group for part in parts for group in part} == set(groups)
        assert len({tuple(part) for part in parts}) == len(parts) <= 4
        assert all(len(part) == len(parts[0]) and part == sorted(part) for part in parts)
        often = [sum(group in part for part in parts) for group in groups]
        assert max(often) - min(often) <= 1
    assert len(steps[-1]) == 1
    assert len(steps) == (4 if number > 7 else len({max(2, math.ceil(number * part / 4)) for part in (1, 2, 3, 4)}))


def test_one_group_is_no_curve():
    assert subsets([]) == subsets([4]) == []
    whole, judge, codings, asked = learner(groups=1)
    table = curve_table(whole, judge, codings)
    assert table.empty and not asked
    assert told(table, "source") == [
        "the learning curve needs two sources that are coded, and a code that is learned from them"
    ]
    assert told(table, "") == told(table, "source")


def test_steps_are_counted_over_what_was_judged(tmp_path):
    whole, judge, codings, asked = learner()
    table = curve_table(whole, judge, codings)
    assert set(table["code"]) == {"support", "training", ALL}
    # The last step is what is known already.
    assert [len(kept) for kept in asked] == [2] * 4 + [4] * 2 + [6] * 2
    found = rows(table, "support")
    assert [row["kind"] for row in found] == ["measured"] * 4 + ["forecast"]
    assert [row["sources"] for row in found] == [2, 4, 6, 8, 12]
    assert [row["share"] for row in found] == [25, 50, 75, 100, 150]
    for row, parts in zip(found, subsets(range(8)), strict=False):
        given, suggested = [], []
        for part in parts:
            inside = np.isin(whole.held_out, part)
            given += whole.given[inside, 0].tolist()
            suggested += judge(part).suggested[inside, 0].tolist()
        assert row["kappa"] == pytest.approx(metrics.cohen_kappa_score(given, suggested))
        assert row["f1"] == pytest.approx(metrics.f1_score(given, suggested))
        assert row["codings"] == pytest.approx(np.mean([codings[part, 0].sum() for part in parts]))
    every = rows(table, ALL)
    for at, row in enumerate(every[:4]):
        assert row["kappa"] == pytest.approx((found[at]["kappa"] + rows(table, "training")[at]["kappa"]) / 2)
    tables.write(tmp_path, "suggestion_learning", table)
    assert len(tables.read(tmp_path, "suggestion_learning")) == 15


def test_sentences_that_are_not_known_count_nowhere():
    whole, judge, codings, _ = learner()
    known = whole.known.copy()
    known[:, 0] &= np.arange(len(known)) % 2 == 0
    # One group is not finished at all: it is no part of any step.
    known[whole.held_out == 3] = False
    table = curve_table(replace(whole, known=known), judge, codings)
    found = rows(table, "support")
    assert [row["sources"] for row in found] == [2, 4, 6, 7, 11]
    last = known[:, 0]
    assert found[3]["kappa"] == pytest.approx(metrics.cohen_kappa_score(whole.given[last, 0], whole.suggested[last, 0]))


def test_what_could_not_be_learned_from_so_few_is_missed():
    """A code of two groups: where none of these is learned from, nothing is suggested, and the step says so."""
    whole, judge, codings, _ = learner(learned=(True, False, False))

    def shy(kept):
        made = judge(kept)
        if len(kept) < 4:
            made.suggested[:], made.probability[:] = False, np.nan
        return made

    found = rows(curve_table(whole, shy, codings), "support")
    assert (found[0]["kappa"], found[0]["f1"]) == (0, 0)
    assert found[1]["kappa"] > 0.3


@settings(max_examples=60, deadline=None)
@given(st.floats(0.3, 0.9), st.floats(0, 2), st.integers(3, 4), st.integers(20, 400))
def test_the_forecast_goes_on_a_curve_that_is_known(limit, lost, steps, most):
    codings = most * np.arange(1, steps + 1) / steps
    figures = limit - lost / np.sqrt(codings)
    wanted = limit - lost / np.sqrt(1.5 * most)
    assert further(codings, figures) == pytest.approx(max(wanted, figures[-1]), abs=1e-9)


def test_the_forecast_stays_between_the_last_step_and_one():
    codings = np.array([10.0, 20, 30, 40])
    assert further(codings, np.array([0.6, 0.5, 0.5, 0.4])) == 0.4
    assert further(codings, np.array([0.1, 0.6, 0.9, 0.99])) == 1
    assert further(codings, np.array([0.5] * 4)) == pytest.approx(0.5)


def test_the_forecast_is_nearer_than_a_line_in_the_logarithm_where_the_curve_flattens():
    """Curves that end at their limit, of a form that is not the forecast's."""
    random = np.random.default_rng(0)
    share, errors = np.array([0.25, 0.5, 0.75, 1]), []
    for _ in range(300):
        limit, fast = random.uniform(0.4, 0.9), random.uniform(0.5, 4)
        lost = random.uniform(0.2, 0.6) * limit

        def curve(at, limit=limit, lost=lost, fast=fast):
            return limit - lost * np.exp(-fast * (at - 0.25))

        steps, true = curve(share) + random.normal(0, 0.02, 4), curve(1.5)
        slope, begin = np.polyfit(np.log2(share), steps, 1)
        line = min(max(begin + slope * np.log2(1.5), steps[-1]), 1)
        errors.append((further(100 * share, steps) - true, line - true, steps[-1] - true))
    ours, line, last = np.abs(errors).mean(axis=0)
    assert ours < 0.04 and ours < 0.9 * line and ours < 0.9 * last


@pytest.mark.parametrize(("groups", "said"), [(2, "2 sources"), (3, "3 sources")])
def test_too_few_steps_are_no_forecast(groups, said):
    whole, judge, codings, _ = learner(groups=groups)
    table = curve_table(whole, judge, codings)
    assert set(table["kind"]) == {"measured"}
    assert rows(table, ALL)[-1]["note"].endswith(f"no forecast: {said}, 4 are needed")
    assert told(table, "source") == [
        f"what more coding would bring cannot be told yet: no forecast: {said}, 4 are needed"
    ]


def test_four_groups_are_enough():
    whole, judge, codings, _ = learner(groups=4, what="participant")
    table = curve_table(whole, judge, codings)
    assert [row["sources"] for row in rows(table, ALL)] == [2, 3, 4, 6]
    assert told(table, "participant")[0].startswith("half as much again (2 participants): mean kappa of learned codes")


def test_a_code_that_nobody_gave_is_empty_and_left_out_of_the_mean():
    whole, judge, codings, _ = learner()
    whole.given[:, 1], whole.suggested[:, 1], codings[:, 1] = False, False, 0

    def never(kept):
        made = judge(kept)
        made.suggested[:, 1] = False
        return made

    table = curve_table(whole, never, codings)
    found = rows(table, "training")
    assert len(found) == 4 and all(math.isnan(row["kappa"]) for row in found)
    assert "no forecast: kappa or F1 is not defined" in found[-1]["note"]
    assert [row["kappa"] for row in rows(table, ALL)[:4]] == [row["kappa"] for row in rows(table, "support")[:4]]
    assert not any("training" in line for line in told(table, "source"))


def test_nothing_learned_is_no_curve():
    whole, judge, codings, asked = learner(learned=(False, False, False))
    assert curve_table(whole, judge, codings).empty and not asked
    empty = replace(whole, known=np.zeros_like(whole.known), learned=np.array([True, True, True]))
    assert curve_table(empty, judge, codings).empty


def test_the_curve_is_the_same_each_time():
    whole, judge, codings, _ = learner(seed=4)
    assert curve_table(whole, judge, codings).equals(curve_table(whole, judge, codings))


def curve(*codes, sources=8):
    """A table of codes with kappa now and ahead."""
    made = []
    for code, now, ahead in codes:
        same = {"code": code, "share": 100, "codings": 20, "f1": 0.5, "note": ""}
        made.append({**same, "step": 4, "kind": "measured", "sources": sources, "kappa": now})
        made.append({**same, "step": 5, "kind": "forecast", "sources": 3 * sources // 2, "kappa": ahead})
    return tables.frame("suggestion_learning", made)


def test_what_the_log_says():
    codes = [(f"code-{n}", 0.4, 0.404 + n / 100) for n in range(12)]
    lines = told(curve(*codes, (ALL, 0.412, 0.448)), "answer")
    assert lines == [
        "half as much again (4 answers): mean kappa of learned codes may rise from 0.41 to about 0.45",
        "  code-11 may rise from 0.40 to about 0.51",
        "  code-10 may rise from 0.40 to about 0.50",
        "  code-9 may rise from 0.40 to about 0.49",
        "  code-8 may rise from 0.40 to about 0.48",
        "  code-7 may rise from 0.40 to about 0.47",
        "  2 more codes may gain less than these",
        "no gain in sight by more of the same: code-0 and code-1",
    ]
    flat = told(curve(("x", 0.5, 0.51), (ALL, 0.5, 0.51)), "source")
    assert flat == [
        "half as much again (4 sources): mean kappa of learned codes stays at about 0.50",
        "no gain in sight by more of the same: x",
    ]


def test_a_code_that_is_hardly_found_is_not_said_to_have_learned_all_it_can():
    lines = told(curve(("rare", 0.0, 0.0), ("flat", 0.5, 0.5), (ALL, 0.25, 0.25)), "source")
    assert lines[1:] == [
        "no gain in sight by more of the same: flat",
        "hardly found so far, so that what more codings would bring cannot be told: rare",
    ]
