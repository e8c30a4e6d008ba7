import pandas as pd
import pytest

from qualcode.checked import Checked, Mark
from qualcode.quoting import Speech
from qualcode.tables import frame
from qualcode.theme_codes.quotations import QUOTATIONS, quotations, typical_of, voices

EVERYONE = dict.fromkeys("abcdefg", "yes")


def talk(*rows: tuple[str, float, str], source: str = "talk") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Members of theme 1 and their utterances, from (participant, similarity, words)."""
    members, utterances = [], []
    for number, (person, similarity, text) in enumerate(rows, 1):
        key = f"{source}:{number}"
        members.append({"utterance": key, "theme": 1, "fitted": 1, "similarity": similarity, "repeats": "", "note": ""})
        utterances.append(
            {"utterance": key, "source": source, "participant": person, "role": "participant", "question": ""}
            | {"backchannel": False, "start": number * 1000, "end": number * 1000 + 999, "time_start": ""}
            | {"time_end": "", "text": text}
        )
    return frame("theme_members", members), frame("utterances", utterances)


def speech(utterances, consent=EVERYONE, never=(), documents=(), checked=None, echoes=()) -> Speech:
    spoken = {}
    for row in utterances.itertuples():
        spoken.setdefault(row.source, []).append((row.start, row.end, row.participant))
    return Speech(
        spoken,
        consent,
        {"talk": list(never)},
        frozenset(documents),
        checked=checked or Checked(),
        echoes={"talk": echoes},
    )


def quoted(*rows, **more):
    members, utterances = talk(*rows)
    table = quotations(voices(members, utterances), speech(utterances, **more))
    return [(row.kind, row.rank, row.utterance) for row in table.itertuples()]


def words(number: int) -> str:
    return " ".join(["word"] * number)


def test_different_people_come_first_then_the_most_central():
    rows = [
        ("a", 0.9, words(9)),
        ("a", 0.8, words(9)),
        ("b", 0.5, words(9)),
        ("c", 0.7, words(9)),
        ("a", 0.6, words(9)),
    ]
    found = quoted(*rows)
    assert found == [("typical", rank, f"talk:{n}") for rank, n in enumerate((1, 4, 3, 2, 5), 1)]


def test_a_second_of_a_person_waits_until_all_who_may_be_quoted_have_one():
    rows = [
        ("a", 0.9, words(9)),
        ("a", 0.8, words(9)),
        ("b", 0.1, words(9)),
        ("c", 0.2, words(2)),
        ("d", 0.3, words(9)),
    ]
    assert [key for _, _, key in quoted(*rows, consent=EVERYONE | {"d": "no"})] == [
        "talk:1",
        "talk:3",
        "talk:4",
        "talk:2",
    ]


def test_what_repeats_words_that_someone_else_took_back_is_not_quoted():
    rows = [("a", 0.9, words(9)), ("b", 0.8, words(9)), ("c", 0.7, words(9))]
    assert [key for _, _, key in quoted(*rows, echoes=[(2005, 2030)])] == ["talk:1", "talk:3"]


def test_utterances_of_a_fitting_length_are_preferred_long_ones_come_next_short_ones_last():
    rows = [("a", 0.9, words(4)), ("a", 0.8, words(81)), ("a", 0.3, words(5)), ("a", 0.4, words(80))]
    assert [key for _, _, key in quoted(*rows)] == ["talk:4", "talk:3", "talk:2", "talk:1"]


def test_where_all_are_long_they_are_quoted_whole():
    members, utterances = talk(("a", 0.9, words(200)))
    table = quotations(voices(members, utterances), speech(utterances))
    assert list(table["quotation"]) == [words(200)]


def test_the_one_that_fits_badly_is_the_least_similar_that_may_be_quoted():
    rows = [(person, 0.9 - n / 10, words(9)) for n, person in enumerate("abcdefg")]
    found = quoted(*rows)
    assert [rank for kind, rank, _ in found if kind == "typical"] == list(range(1, QUOTATIONS + 1))
    assert found[-1] == ("fits badly", 1, "talk:7")
    assert quoted(*rows, consent=EVERYONE | {"g": ""})[-1] == ("fits badly", 1, "talk:6")
    assert {kind for kind, _, _ in quoted(*rows[:5])} == {"typical"}, "none is both"


@pytest.mark.parametrize("how", [{"consent": {}}, {"never": [(0, 10_000)]}])
def test_who_may_not_be_quoted_is_not(how):
    assert quoted(("a", 0.9, words(9)), ("b", 0.8, words(9)), **how) == []


def test_words_of_no_known_person_are_quoted_of_documents_alone():
    members, utterances = talk(("", 0.9, words(9)), ("", 0.8, words(9)))
    central = voices(members, utterances)
    assert quotations(central, speech(utterances)).empty
    assert len(quotations(central, speech(utterances, documents=["talk"]))) == 2


def test_repeats_what_fits_none_and_what_was_moved_are_no_voices():
    members, utterances = talk(*[("a", 0.9, words(9))] * 5)
    members.loc[1, ["theme", "note"]] = [0, "fits no theme"]
    members.loc[2, "repeats"] = "talk:1"
    members.loc[3, "fitted"] = 2
    assert list(voices(members, utterances)["utterance"]) == ["talk:1", "talk:5"]


def test_the_order_of_the_rows_does_not_matter():
    rows = [("ab"[n % 2], 0.5 + (n % 3) / 10, words(9)) for n in range(12)]
    members, utterances = talk(*rows)
    expected = quotations(voices(members, utterances), speech(utterances))
    mixed = voices(members.sample(frac=1, random_state=3), utterances.sample(frac=1, random_state=4))
    pd.testing.assert_frame_equal(quotations(mixed, speech(utterances)), expected)
    assert typical_of(expected) == {1: [words(9)] * QUOTATIONS}


def test_masked_speech_comes_last():
    rows = [("a", 0.9, f"{words(6)} XXXX {words(4)}"), ("b", 0.1, words(9)), ("c", 0.5, words(9))]
    assert [key for _, _, key in quoted(*rows)] == ["talk:3", "talk:2", "talk:1"]


def test_what_was_withdrawn_is_passed_over_and_what_was_amended_stands_so():
    said = "one two three four five six"
    members, utterances = talk(("a", 0.9, said), ("b", 0.8, said), ("c", 0.7, said))
    marks = {
        "talk": (
            Mark(1004, 1007, "amended", "a", "zwei"),
            Mark(2004, 2007, "withdrawn", "b"),
            Mark(3000, 3003, "kept", "c"),
        )
    }
    table = quotations(voices(members, utterances), speech(utterances, checked=Checked(marks)))
    assert list(table["quotation"]) == ["one zwei [amended by the participant] three four five six", said]
