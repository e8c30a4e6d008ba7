"""The table new_information: what its units are, what it says, and what it warns of."""

import pandas as pd
import pytest
from saturating import SETTINGS, coded, finished, listed, talk

from qualcode.saturation.information import new_information
from qualcode.saturation.units import read_by_coders

TEN = [f"s{number:02}" for number in range(1, 11)]
CODES = ["abc", "ade", "abf", "ghij", "akl", "abc", "am", "", "gh", "an"]


def interviews(*codes: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(codings, utterances) of interviews with one utterance each, of one person each."""
    names = TEN[: len(codes)]
    rows = [(f"{n}{c}", c, f"{n}:1", True) for n, found in zip(names, codes, strict=True) for c in found]
    people = [f"p-{utterance}" for _, _, utterance, _ in rows]
    turns = [(name, "participant", 10, f"p-{name}:1") for name in names]
    return coded(*rows, people=people), talk(*turns)


def found(rows, utterances, sources, coders=None, **settings) -> pd.DataFrame:
    read = read_by_coders(utterances, coders)
    return new_information(rows, utterances, read, sources, {**SETTINGS, **settings})


def first(table: pd.DataFrame, scope: str) -> dict[str, object]:
    row = table[(table["scope"] == scope) & (table["position"] == 0)]
    assert len(row) == 1
    return row.iloc[0].to_dict()


def column(table: pd.DataFrame, scope: str, name: str) -> list[object]:
    rows = table[(table["scope"] == scope) & (table["position"] > 0)]
    return [None if value != value else value for value in rows[name]]


def test_sources_in_the_given_order():
    table = found(*interviews(*CODES), listed(*TEN))
    assert set(table["scope"]) == {"source"} and list(table["position"]) == list(range(11))
    assert column(table, "source", "new_codes") == [3, 2, 1, 4, 2, 0, 1, 0, 0, 1]
    assert column(table, "source", "codes_so_far") == [3, 5, 6, 10, 12, 12, 13, 13, 13, 14]
    assert column(table, "source", "run_codes") == [None] * 3 + [2, 1, 1, 0, 1] + [None] * 2
    assert column(table, "source", "run_percent") == [None] * 3 + [20, 10, 10, 0, 10] + [None] * 2
    told = first(table, "source")
    assert told["units"] == 10 and told["orders"] == 200
    assert told["sentence"].endswith("In the order of the study it was reached at 7 (+2). By then 13 of 14 codes had "
                                     "been met.")  # fmt: skip
    assert "a later run was above the threshold in" in told["note"] and "in the given order" in told["note"]


def test_the_sentence_says_what_the_rows_say():
    table = found(*interviews(*CODES), listed(*TEN), orders=1000, threshold=50)
    reached = column(table, "source", "reached_percent")
    median, low, high = (next(at for at, share in enumerate(reached, 1) if share >= part) for part in (50, 5, 95))
    start = f"Saturation (base 4, run 2, at most 50 % new) was reached at {median} (+2) of 10 interviews in the median "
    assert first(table, "source")["sentence"].startswith(
        f"{start}of 1,000 random orders (90 % of orders between {low} and {high}"
    )
    assert reached[:3] == [0, 0, 0] and reached == sorted(reached)


def test_bands_close_when_all_was_read():
    table = found(*interviews(*CODES), listed(*TEN))
    for name in ("codes_median", "codes_low", "codes_high"):
        assert column(table, "source", name)[-1] == 14
    low, middle, high = (column(table, "source", f"codes_{name}") for name in ("low", "median", "high"))
    assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True)) and low[0] < high[0]


def test_the_same_seed_gives_the_same_table():
    given = (*interviews(*CODES), listed(*TEN))
    pd.testing.assert_frame_equal(found(*given), found(*given))


def test_sources_that_nobody_finished_are_no_units_and_those_without_codings_are():
    rows, utterances = interviews(*CODES)
    who = [(name, "anna", 10, True) for name in TEN[:8]] + [("s09", "ben", 10, False), ("s10", "anna", 0, True)]
    table = found(rows, utterances, listed(*TEN), finished(*who))
    assert column(table, "source", "new_codes") == [3, 2, 1, 4, 2, 0, 1, 0]
    assert "2 sources that no coder finished are left out." in first(table, "source")["note"]


def test_what_was_not_read_is_told():
    rows, utterances = interviews(*CODES[:7])
    longer = talk(*[(name, "participant", 10) for name in TEN[:7] for _ in (1, 2)])
    who = [(name, "anna", 20, True) for name in TEN[:6]] + [("s07", "anna", 10, True)]
    note = first(found(rows, longer, listed(*TEN), finished(*who)), "source")["note"]
    assert "Of 1 source only the part counts" in note
    assert "the part counts" not in first(found(rows, utterances, listed(*TEN)), "source")["note"]


@pytest.mark.parametrize(
    ("dates", "warning"),
    [
        ([], "Not all sources have a date"),
        ([f"2026-01-{day:02}" for day in range(1, 11)], ""),
        ([f"2026-01-{day:02}" for day in range(20, 10, -1)], "is not that of their dates"),
    ],
)
def test_the_order_needs_dates(dates, warning):
    note = first(found(*interviews(*CODES), listed(*TEN, dates=dates)), "source")["note"]
    assert warning in note
    assert warning or "date" not in note.replace("threshold", "")


def test_few_units_are_few():
    assert "With 10 interviews there are few" in first(found(*interviews(*CODES), listed(*TEN)), "source")["note"]
    small = found(*interviews(*CODES), listed(*TEN), base=2, run=1)
    assert "there are few" not in first(small, "source")["note"]


def test_a_base_in_which_the_threshold_is_no_whole_code():
    told = first(found(*interviews(*CODES), listed(*TEN)), "source")["note"]
    assert "5 % is less than one code" in told
    told = first(found(*interviews(*CODES), listed(*TEN), threshold=50), "source")["note"]
    assert "less than one code" not in told


def test_orders_with_an_empty_base_are_told():
    table = found(*interviews("", "", "", "", "", "", "", "a"), listed(*TEN[:8]))
    told = first(table, "source")
    empty = sum(value == 0 for value in column(table, "source", "codes_low"))
    assert empty and "of the orders the base had no codes" in told["note"]
    assert "In the order of the study it was not reached." in told["sentence"]
    assert column(table, "source", "run_percent") == [None] * 8


def test_nowhere_reached():
    different = ["abc", "def", "ghi", "jkl", "mno", "pqr", "stu"]
    told = first(found(*interviews(*different), listed(*TEN[:7])), "source")
    assert told["orders"] == 5040
    assert told["sentence"] == (
        "Saturation (base 4, run 2, at most 5 % new) was not reached in any of all 5,040 orders of the 7 interviews. "
        "In the order of the study it was not reached."
    )


def test_all_orders_alike_and_some_that_never_reach_it():
    same = first(found(*interviews(*["abc"] * 8), listed(*TEN[:8])), "source")["sentence"]
    assert "reached at 4 (+2) of 8 interviews in the median of 200 random orders (90 % of orders at 4)." in same
    assert "By then 3 of 3 codes had been met, in the median of the orders that reached it." in same
    table = found(*interviews(*["abc"] * 7, "xyz"), listed(*TEN[:8]), run=4, orders=1000)
    missed = round(100 - column(table, "source", "reached_percent")[-1], 1)
    assert 35 < missed < 65
    assert f"{missed:g} %" in first(table, "source")["sentence"]


def test_nothing_coded():
    rows, utterances = interviews(*CODES)
    table = found(rows.iloc[:0], utterances, listed(*TEN))
    assert list(table["sentence"]) == [
        "Saturation cannot be computed by source: no coding counts in what coders finished."
    ]


def test_nothing_finished():
    table = found(*interviews(*CODES), listed(*TEN), finished(("s01", "anna", 10, False)))
    assert list(table["position"]) == [0, 0, 0]
    assert all("has 0 " in told or "finished 0 " in told for told in table["sentence"])


def test_a_talk_of_six_people_by_person_and_by_tenth():
    turns = [("talk", "participant", 10, f"p{number % 6}") for number in range(10)]
    rows = [(f"c{n}{c}", c, f"talk:{n + 1}", True) for n, found_ in enumerate(CODES) for c in found_]
    people = [f"p{int(coding[1]) % 6}" for coding, *_ in rows]
    table = found(coded(*rows, people=people), talk(*turns), listed("talk", kind="focus_group"))
    assert "what coders finished has 1 focus group, and base 4 and run 2 need 6" in first(table, "source")["sentence"]
    assert first(table, "participant")["orders"] == 720
    assert "6 participants in the median of all 720 orders" in first(table, "participant")["sentence"] or (
        "720 orders of the 6 participants" in first(table, "participant")["sentence"]
    )
    assert "People in one talk answer each other" in first(table, "participant")["note"]
    # What one person said, by place, is no one else's to read.
    assert column(table, "participant", "new_codes") == [None] * 6
    assert column(table, "tenth", "new_codes") == [3, 2, 1, 4, 2, 0, 1, 0, 0, 1]
    assert first(table, "tenth")["orders"] == 0 and column(table, "tenth", "reached_percent") == [None] * 10
    assert first(table, "tenth")["sentence"] == (
        "Saturation (base 4, run 2, at most 5 % new) was reached at 7 (+2) of 10 tenths of the talk, in the order in "
        "which it went. By then 13 of 14 codes had been met."
    )


def test_tenths_that_were_not_read_are_no_units():
    turns = [("talk", "participant", 10) for _ in range(10)]
    rows = [(f"c{n}{c}", c, f"talk:{n + 1}", True) for n, found_ in enumerate(CODES) for c in found_]
    one = listed("talk", kind="focus_group")
    table = found(coded(*rows), talk(*turns), one, finished(("talk", "anna", 65, True)))
    assert column(table, "tenth", "new_codes") == [3, 2, 1, 4, 2, 0, 1]
    table = found(coded(*rows), talk(*turns), one, finished(("talk", "anna", 45, True)))
    assert "what coders finished has 5 tenths" in first(table, "tenth")["sentence"]


def test_a_talk_whose_beginning_has_no_codes():
    turns = [("talk", "participant", 10) for _ in range(10)]
    table = found(coded(("c", "a", "talk:9", True)), talk(*turns), listed("talk", kind="focus_group"))
    assert "the first 4 tenths, which are the base, have no codes" in first(table, "tenth")["sentence"]


def test_people_of_a_survey_are_the_units():
    names = [f"r{number}" for number in range(10)]
    turns = [("survey", "participant", 10, name) for name in names]
    rows = [(f"c{n}{c}", c, f"survey:{n + 1}", True) for n, found_ in enumerate(CODES) for c in found_]
    people = [names[int(coding[1])] for coding, *_ in rows]
    table = found(coded(*rows, people=people), talk(*turns), listed("survey", kind="survey"))
    told = first(table, "participant")
    assert told["units"] == 10 and told["orders"] == 200
    missed = round(100 - column(table, "participant", "reached_percent")[-1], 1)
    assert f"was not reached in {missed:g} % of 200 random orders of the 10 participants" in told["sentence"]
    assert "answer each other" not in told["note"]
    assert "do not follow one another like a talk" in first(table, "tenth")["sentence"]


def test_what_no_one_is_credited_with_is_no_persons():
    rows, utterances = interviews(*CODES[:5])
    table = found(rows.assign(participant=""), utterances, listed(*TEN[:5]), base=3, run=3)
    assert (
        "what coders finished has 5 participants, and base 3 and run 3 need 6"
        in first(table, "participant")["sentence"]
    )


def test_the_cautions_are_always_there():
    note = first(found(*interviews(*CODES), listed(*TEN)), "source")["note"]
    assert "Hennink, Kaiser & Marconi 2017" in note and "Braun & Clarke 2021" in note and "by chance" in note


def test_who_leads_the_talk_and_codes_above_are_not_counted():
    turns = [("talk", "participant", 10, f"p{number}") for number in range(6)]
    turns += [("talk", "", 10, "unknown"), ("talk", "moderator", 10, "m1")]
    rows = [(f"c{n}", code, f"talk:{n + 1}", own) for n in range(8) for code, own in ((f"k{n}", True), ("all", False))]
    people = [f"p{n}" if n < 6 else "m1" for n in range(8) for _ in (1, 2)]
    table = found(coded(*rows, people=people), talk(*turns), listed("talk", kind="focus_group"))
    assert first(table, "participant")["units"] == 6
    assert column(table, "participant", "codes_high")[-1] == 6


def test_a_source_is_read_as_far_as_the_coder_who_came_farthest():
    turns = [("talk", "participant", 10) for _ in range(10)]
    rows = [(f"c{n}{c}", c, f"talk:{n + 1}", True) for n, found_ in enumerate(CODES) for c in found_]
    coders = finished(("talk", "anna", 65, True), ("talk", "ben", 20, True), ("talk", "cleo", 100, False))
    table = found(coded(*rows), talk(*turns, ("other", "participant", 400)), listed("talk", "other"), coders)
    assert column(table, "tenth", "new_codes") == [3, 2, 1, 4, 2, 0, 1]
    assert "1 source that no coder finished is left out." in first(table, "tenth")["note"]
