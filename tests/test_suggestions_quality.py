"""How good suggestions are, against counting pairs one by one and against scikit-learn."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from qualcode import tables
from qualcode.measures.units import Unit
from qualcode.suggestions.ceiling import ALL, Ceiling, best_pairs, ceilings
from qualcode.suggestions.places import Marks
from qualcode.suggestions.quality import (
    Judged,
    brier,
    calibration_error,
    calibration_table,
    cells_of,
    quality_by_table,
    quality_table,
)

CODES = ["support", "training", "feeling"]


def judged(seed=0, *, sentences=60, groups=4, learned=(True, True, True), what="source", right=0.8, share=0.3):
    """Random sentences, some not known, some not judged, of people and suggestions who often agree."""
    random = np.random.default_rng(seed)
    shape = (sentences, len(CODES))
    given = random.random(shape) < share
    probability = np.round(np.where(random.random(shape) < right, given, ~given) * 0.6 + random.random(shape) * 0.4, 2)
    held_out = random.integers(0, groups, sentences)
    known = random.random(shape) < 0.9
    suggested = probability >= 0.5
    probability[random.random(shape) < 0.05] = np.nan
    return Judged(CODES, np.array(learned), given, known, probability, suggested, held_out, what)


def made(data, *, thresholds=None, counted=None, least=0.5, needed=10, ceiling=None):
    counted = counted or dict.fromkeys([*CODES, ALL], (20, 4))
    table = quality_table(data, thresholds or [0.5] * len(CODES), counted, least, needed, ceiling or {})
    return {row["code"]: row for row in table.to_dict("records")}


def pairs(data, at):
    """Given, suggested and probability of what is judged of a code, of all that are learned for ALL: one by one."""
    found = []
    for code in range(len(CODES)) if at == ALL else [CODES.index(at)]:
        for row in range(len(data.given)):
            p = data.probability[row, code]
            if data.learned[code] and data.known[row, code] and not math.isnan(p):
                found.append((bool(data.given[row, code]), bool(data.suggested[row, code]), float(p)))
    return [np.array(column) for column in zip(*found, strict=True)] if found else [np.array([])] * 3


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([5, 40, 200]), st.sampled_from([0.05, 0.3, 0.9]))
def test_figures_are_those_of_scikit_learn(seed, sentences, share):
    data = judged(seed, sentences=sentences, share=share, learned=(True, False, True))
    table = made(data)
    for code in ("support", "feeling", ALL):
        given, suggested, probability = pairs(data, code)
        row = table[code]
        assert [row[name] for name in ("units", "coded", "found", "missed", "wrong")] == [
            len(given), given.sum(), (given & suggested).sum(), (given & ~suggested).sum(), (~given & suggested).sum(),
        ]  # fmt: skip
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            given, suggested, average="binary", zero_division=np.nan
        )
        wanted = [precision, recall, f1]
        assert [row[name] for name in ("precision", "recall", "f1")] == pytest.approx(wanted, nan_ok=True)
        if len({*given, *suggested}) > 1:
            assert row["kappa"] == pytest.approx(metrics.cohen_kappa_score(given, suggested))
        else:
            assert math.isnan(row["kappa"])
        assert row["brier"] == pytest.approx(metrics.brier_score_loss(given, probability, pos_label=True))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_calibration_is_counted_in_ten_bins(drawn):
    """Probabilities in twentieths: many ties, and many on the edge between two bins, where the upper one has them."""
    probability = np.array([twentieth / 20 for twentieth, _ in drawn])
    given = np.array([coded for _, coded in drawn])
    bins = [[] for _ in range(10)]
    for twentieth, coded in drawn:
        bins[min(twentieth // 2, 9)].append((twentieth / 20, coded))
    wanted = sum(abs(sum(p for p, _ in inside) - sum(c for _, c in inside)) for inside in bins) / len(drawn)
    assert calibration_error(probability, given) == pytest.approx(wanted)
    everything = np.ones((len(drawn), 1), dtype=bool)
    data = Judged(
        ["x"], np.array([True]), given[:, np.newaxis], everything, probability[:, np.newaxis], everything,
        np.zeros(len(drawn), dtype=int), "source",
    )  # fmt: skip
    table = calibration_table(data)
    assert table["low"].tolist() == [at / 10 for at in range(10)] and table["high"].iloc[-1] == 1
    assert table["units"].tolist() == [len(inside) for inside in bins]
    for row, inside in zip(table.to_dict("records"), bins, strict=True):
        means = [sum(p for p, _ in inside) / len(inside), sum(c for _, c in inside) / len(inside)] if inside else [
            math.nan, math.nan,
        ]  # fmt: skip
        assert [row["probability"], row["coded"]] == pytest.approx(means, nan_ok=True)


def test_what_has_no_units_has_no_calibration():
    assert calibration_error(np.array([]), np.array([], dtype=bool)) is None
    assert brier(np.array([]), np.array([], dtype=bool)) is None


def test_cells_by_hand():
    given = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=bool)
    suggested = np.array([[1, 1], [0, 1], [0, 0], [1, 0]], dtype=bool)
    where = np.array([[1, 1], [1, 1], [1, 0], [1, 1]], dtype=bool)
    cells = cells_of(given, suggested, where, np.array([0, 0, 2, 2]))
    assert cells[:, :2].tolist() == [
        [[1, 1, 0, 0], [1, 0, 1, 0]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
        [[0, 0, 1, 1], [0, 1, 0, 0]],
    ]
    assert (cells[:, 2] == cells[:, :2].sum(axis=1)).all()


def test_intervals_are_over_what_is_held_out_and_need_ten():
    few = made(judged(1, groups=9, sentences=400))
    assert "no interval: 9 sources, 10 are needed" in few["support"]["note"]
    assert math.isnan(few["support"]["kappa_low"])
    table = made(judged(1, groups=12, sentences=400))
    for code in [*CODES, ALL]:
        row = table[code]
        assert row["note"] == ""
        for name in ("precision", "recall", "f1", "kappa"):
            assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
    # All codes together are known better than one.
    wide = [table[code]["kappa_high"] - table[code]["kappa_low"] for code in ("support", ALL)]
    assert wide[1] < wide[0]


def test_sentences_of_one_group_are_no_evidence_of_their_own():
    """Each group ten times over: the interval stays, because as many talks are drawn."""
    data = judged(2, groups=12, sentences=300)
    names = ("given", "known", "probability", "suggested", "held_out")
    often = {name: np.concatenate([getattr(data, name)] * 10) for name in names}
    again = made(Judged(CODES, data.learned, what="source", **often))
    once = made(data)
    for name in ("precision_low", "kappa_high"):
        assert again["support"][name] == pytest.approx(once["support"][name])


def test_a_code_judged_in_few_groups_has_no_interval_though_others_have():
    data = judged(3, groups=15, sentences=500)
    data.known[:, 0] &= data.held_out < 5
    table = made(data)
    assert math.isnan(table["support"]["f1_low"]) and "5 sources" in table["support"]["note"]
    assert not math.isnan(table["training"]["f1_low"])


def test_codes_with_too_few_codings_say_so():
    data = judged(4, learned=(True, False, False))
    counted = {"support": (20, 4), "training": (3, 1), "feeling": (30, 1), ALL: (20, 4)}
    table = made(data, counted=counted, needed=10)
    row = table["training"]
    known, given = data.known[:, 1], data.known[:, 1] & data.given[:, 1]
    assert (row["basis"], row["held_out"], row["units"], row["coded"]) == ("nearest", "", known.sum(), given.sum())
    assert row["note"].startswith("3 codings, 10 are needed")
    assert table["feeling"]["note"].startswith("30 codings in 1 source: too few apart")
    for name in ("precision", "recall", "f1", "kappa", "brier", "calibration_error", "threshold"):
        assert math.isnan(row[name])
    # Nor are they in what is pooled.
    assert table[ALL]["coded"] == table["support"]["coded"]
    assert list(table) == [*CODES, ALL]


def test_without_a_code_that_is_learned_nothing_is_pooled():
    table = made(judged(5, learned=(False, False, False)), counted=dict.fromkeys(CODES, (0, 0)))
    assert list(table) == CODES


def test_who_abstains_says_what_precision_was_reached():
    data = judged(6, right=0.4)
    table = made(data, thresholds=[math.nan, 0.4, 0.6], least=0.75)
    row = table["support"]
    assert row["abstains"] and math.isnan(row["threshold"])
    given, suggested, _ = pairs(data, "support")
    right = f"of {suggested.sum()} suggested on what was held out, {(given & suggested).sum()} are right"
    assert f"asks for a precision of 0.75, and {right}" in row["note"]
    assert not table[ALL]["abstains"] and table[ALL]["note"].startswith(
        "1 of 3 codes abstains: what it would suggest counts"
    )


def test_who_never_suggested_says_how_many_of_the_most_probable_are_right():
    data = judged(6, right=0.4)
    data.suggested[:] = False
    table = made(data, thresholds=[math.nan] * 3)
    given, _, probability = pairs(data, "support")
    right = sum(
        coded for _, coded in sorted(zip(-probability, given, strict=True), key=lambda pair: pair[0])[: given.sum()]
    )
    assert f"of the {given.sum()} most probable sentences held out, {right} are right" in table["support"]["note"]
    assert "nothing was suggested: precision is not defined" in table["support"]["note"]
    assert table["support"]["f1"] == 0 and table[ALL]["abstains"]


def test_what_cannot_be_judged_is_empty_and_says_why():
    nothing = judged(7)
    nothing.probability[:] = np.nan
    for data in (judged(7, groups=1, what=""), nothing):
        row = made(data)["support"]
        assert (row["units"], row["held_out"]) == (0, data.what)
        assert row["note"] == "nothing could be judged: with what is held out, nothing is left to learn from"
        assert math.isnan(row["kappa"]) and math.isnan(row["brier"])
        assert calibration_table(data)["units"].sum() == 0
    none = judged(8, share=0)
    row = made(none)["support"]
    assert math.isnan(row["recall"]) and row["kappa"] == 0 and "people gave it to no sentence" in row["note"]
    every = judged(8, share=1.1)
    every.suggested[:] = True
    row = made(every)["support"]
    assert (row["precision"], row["recall"]) == (1, 1) and math.isnan(row["kappa"])
    assert "people gave it to every sentence" in row["note"]
    nowhere = judged(9)
    nowhere.known[:] = False
    assert made(nowhere)[ALL]["units"] == 0
    empty = Judged(CODES, np.ones(3, dtype=bool), *(np.zeros((0, 3), dtype=bool) for _ in range(2)),
                   np.zeros((0, 3)), np.zeros((0, 3), dtype=bool), np.zeros(0, dtype=int), "answer")  # fmt: skip
    assert made(empty)["support"]["units"] == 0
    assert calibration_table(empty)["units"].sum() == 0


def test_tables_are_as_declared(tmp_path):
    data = judged(10, learned=(True, True, False), what="answer", groups=20)
    ceiling = {"support": Ceiling("anna; ben", 0.7, 12), ALL: Ceiling("anna; ben", None, 12)}
    counted = dict.fromkeys([*CODES, ALL], (20, 4))
    made_of = {
        "suggestion_quality": quality_table(data, [0.5, math.nan, math.nan], counted, 0.5, 10, ceiling),
        "suggestion_quality_by": quality_by_table(data, ["p1", "p2"] * 30, attributes({"p1": "a", "p2": "b"})),
        "suggestion_calibration": calibration_table(data),
    }
    for name, table in made_of.items():
        tables.write(tmp_path, name, table)
        assert len(tables.read(tmp_path, name)) == len(table)
    row = tables.read(tmp_path, "suggestion_quality").set_index("code").loc["support"]
    assert (row["people"], row["people_kappa"]) == ("anna; ben", 0.7)
    assert row["note"].endswith("anna; ben share only 12 sentences")
    # Attributes that tell each person apart make no groups.
    assert made_of["suggestion_quality_by"].empty


def attributes(values):
    rows = [
        {"subject": "participant", "id": person, "attribute": "place", "value": value}
        for person, value in values.items()
    ]
    return tables.frame("attributes", rows)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_errors_by_attribute_are_counted(seed):
    data = judged(seed, sentences=90, learned=(True, True, False))
    people = [["p1", "p2", "p3", "p4", ""][at % 5] for at in range(90)]
    place = {"p1": "town", "p2": "town", "p3": "land", "p9": "land"}
    table = quality_by_table(data, people, attributes(place))
    assert set(table["attribute"]) == {"place"} and not table["fails"].any()
    for row in table.to_dict("records"):
        codes = [0, 1] if row["code"] == ALL else [CODES.index(row["code"])]
        cells = [
            (bool(data.given[at, code]), bool(data.suggested[at, code]))
            for code in codes
            for at in range(90)
            if place.get(people[at]) == row["value"] and data.pairs[at, code]
        ]
        wanted = [len(cells), *(cells.count(kind) for kind in ((True, True), (True, False), (False, True)))]
        assert [row[name] for name in ("units", "found", "missed", "wrong")] == wanted
    assert set(table["code"]) == {"support", "training", ALL}
    assert table.groupby("value")["participants"].first().to_dict() == {"land": 1, "town": 2}


def test_suggestions_that_fail_for_a_group_are_told():
    people = [f"p{n:02}" for n in range(40) for _ in range(10)]
    given = np.zeros((400, 1), dtype=bool)
    given[::2] = True
    suggested = given.copy()
    # What the second half of the people said is found once in five times.
    suggested[200:][given[200:, 0]] = np.arange(100)[:, np.newaxis] % 5 == 0
    everything, probability = np.ones((400, 1), dtype=bool), suggested.astype(float)
    data = Judged(
        ["x"], np.array([True]), given, everything, probability, suggested, np.arange(400) // 10, "participant"
    )
    place = {f"p{n:02}": "town" if n < 20 else "land" for n in range(40)}
    table = quality_by_table(data, people, attributes(place)).set_index(["code", "value"])
    land = table.loc[("x", "land")]
    assert land["fails"] and not table.loc[("x", "town")]["fails"]
    assert (land["recall"], land["recall_of_others"]) == (0.2, 1)
    assert "missed more often than elsewhere: 80 of 100 units of 20 participants" in land["note"]


# The ceiling.

BOOK = SimpleNamespace(
    codes=[
        SimpleNamespace(code="help", path=("help",)),
        SimpleNamespace(code="peers", path=("help", "peers")),
        SimpleNamespace(code="fear", path=("fear",)),
    ],
    order={"help": 0, "peers": 1, "fear": 2},
)
SENTENCES = [Unit(f"t:{n}.1", "t", 10 * n, 10 * n + 9, "", "p") for n in range(20)] + [
    Unit(f"u:{n}.1", "u", 50 * n, 50 * n + 40, "", "q") for n in range(6)
]


def codings(rows):
    names = ("coder", "source", "start", "end", "code", "basis", "status")
    made = [{"coding": f"{at:012x}", **dict(zip(names, row, strict=False))} for at, row in enumerate(rows)]
    return tables.frame("open_codes", made)


def passage(draw):
    source = draw(st.sampled_from(["t", "u", "gone"]))
    start = draw(st.integers(0, 320))
    end = start + draw(st.integers(1, 90))
    return source, start, end, draw(st.sampled_from(["help", "peers", "fear", "no code"]))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_sentence_is_marked_where_half_of_the_shorter_is_shared(data):
    rows = [passage(data.draw) for _ in range(data.draw(st.integers(0, 6)))]
    frame = codings([("anna", *row, "human", "accepted") for row in rows])
    wanted = np.zeros((len(SENTENCES), 3), dtype=bool)
    for at, unit in enumerate(SENTENCES):
        for source, start, end, code in rows:
            both = len(set(range(unit.start, unit.end)) & set(range(start, end)))
            if source == unit.source and both >= min(end - start, unit.end - unit.start) / 2:
                for above in {"help": [0], "peers": [0, 1], "fear": [2]}.get(code, []):
                    wanted[at, above] = True
    assert (Marks(SENTENCES, BOOK).of(frame) == wanted).all()


def coders(*rows):
    names = ("source", "coder", "done_to", "counts", "coded", "said")
    return tables.frame("coders", [dict(zip(names, (*row, True, True, True), strict=False)) for row in rows])


def decisions(*rows):
    names = ("coder", "source", "start", "end", "now", "action", "holds", "sample")
    same = {"code": "old", "file": "sheet.xlsx", "coding": "0123456789ab"}
    made = [{**same, "row": at, **dict(zip(names, row, strict=True))} for at, row in enumerate(rows, 2)]
    return tables.frame("decisions", made)


def test_the_ceiling_is_their_kappa_in_sentences_that_both_finished():
    anna = [("anna", "t", 10 * n, 10 * n + 9, "peers", "human", "accepted") for n in (0, 3, 4, 7, 18)]
    ben = [("ben", "t", 10 * n, 10 * n + 6, "help", "human", "proposed") for n in (0, 3, 9)]
    ben += [("ben", "t", 40, 49, "help", "human", "withdrawn"), ("", "t", 40, 49, "help", "rule", "accepted")]
    taken = decisions(
        ("ben", "t", 70, 79, "help", "accept", True, False),
        ("ben", "t", 10, 19, "help", "accept", False, False),
        ("ben", "t", 20, 29, "help", "accept", True, True),
        ("ben", "t", 50, 59, "help", "reject", True, False),
    )
    # Ben got as far as the fifteenth sentence, and cleo and the consensus are not compared.
    done = coders(("t", "anna", 200), ("t", "ben", 149), ("t", "consensus", 200), ("u", "cleo", 300))
    found = ceilings(codings(anna + ben), taken, done, SENTENCES, BOOK, ["help", "peers"])
    a = [n in (0, 3, 4, 7) for n in range(15)]
    b = [n in (0, 3, 9, 7) for n in range(15)]
    assert found["help"] == Ceiling("anna; ben", pytest.approx(metrics.cohen_kappa_score(a, b)), 15)
    assert found["peers"].kappa == 0 and found["fear"].kappa is None
    pooled = metrics.cohen_kappa_score(a + a, b + [False] * 15)
    assert found[ALL].kappa == pytest.approx(pooled)


def test_who_did_not_say_done_came_as_far_as_their_last_coding():
    both = [(who, "t", 10 * n, 10 * n + 9, "fear", "human", "accepted") for who in ("anna", "ben") for n in (1, 5)]
    done = coders(("t", "anna", 200), ("t", "ben", 200))
    assert ceilings(codings(both), decisions(), done, SENTENCES, BOOK, ["fear"])["fear"].units == 20
    done.loc[done["coder"] == "ben", "said"] = False
    assert ceilings(codings(both), decisions(), done, SENTENCES, BOOK, ["fear"])["fear"] == ("anna; ben", 1, 6)


def test_who_only_decided_is_no_ceiling():
    done = tables.frame(
        "coders",
        [
            {"source": "t", "coder": "anna", "done_to": 200, "counts": True, "coded": True, "said": True},
            {"source": "t", "coder": "ben", "done_to": 200, "counts": True, "coded": False, "said": True},
        ],
    )
    assert ceilings(codings([]), decisions(), done, SENTENCES, BOOK, ["help"]) == {}
    assert ceilings(codings([]), decisions(), coders(), [], BOOK, []) == {}


def test_the_pair_that_shares_most_speaks_where_it_can():
    column = {name: np.array(values, dtype=bool)[:, np.newaxis] for name, values in {
        "anna": [1, 0, 0, 0, 0, 0], "ben": [1, 0, 0, 0, 1, 0], "cleo": [0, 0, 0, 0, 0, 0],
    }.items()}  # fmt: skip
    given = {name: np.concatenate([of, np.zeros((6, 1), dtype=bool)], axis=1) for name, of in column.items()}
    given["anna"][2, 1] = given["ben"][2, 1] = True
    ends = {"anna": 6, "ben": 4, "cleo": 6}
    finished = {name: np.arange(6) < end for name, end in ends.items()}
    found = best_pairs(given, finished, ["x", "y"], ["x"])
    assert found["x"] == Ceiling("anna; cleo", 0.0, 6)
    assert found["y"] == Ceiling("anna; cleo", 0.0, 6)
    # Where neither of these gave a code, the next pair is asked.
    given["anna"][2, 1] = False
    assert found["y"].people != best_pairs(given, finished, ["x", "y"], ["x"])["y"].people == "anna; ben"
