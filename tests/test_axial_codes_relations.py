import math
import re
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.axial_codes.relations import relate, turns_of
from qualcode.axial_codes.wording import Told, connectives, worded
from qualcode.codebook import Code, Codebook
from qualcode.language import docbin, load_pipeline
from qualcode.tokens import Tokens

STEPS = ("utterances", "parses", "phrases", "open_codes", "axial_codes")
BOOK = """codebook: Mentors
codes:
  - code: conditions
    codes:
      - {code: clarity, words: [expectations]}
      - {code: time, words: [hours, calendar]}
  - {code: support, words: [mentor]}
  - {code: strain, words: [tired, stress]}
"""
PEOPLE = "participant,role,labels\na,participant,Ana\nb,participant,Ben\n"


def flat(*codes: str) -> Codebook:
    return Codebook(Path(), "", "", tuple(Code(code, code, "", 1, (code,), 1, True) for code in codes))


def talk(*turns: tuple[str, str, str], source: str = "t") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Utterances and credits of (speaker, codes joined by blanks, role) turns."""
    rows = [(f"{source}:{n}", source, who, role, False) for n, (who, _, role) in enumerate(turns, 1)]
    utterances = pd.DataFrame(rows, columns=["utterance", "source", "participant", "role", "backchannel"])
    credits = [(code, f"{source}:{n}", who) for n, (who, codes, _) in enumerate(turns, 1) for code in codes.split()]
    return utterances, pd.DataFrame(credits, columns=["code", "utterance", "participant"])


def said_by(*turns: tuple[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return talk(*((who, codes, "participant") for who, codes in turns))


def found(made: pd.DataFrame, relation: str, *columns: str) -> list[tuple[object, ...]]:
    rows = made[(made["relation"] == relation) & (made["of"] == "codes")]
    return list(rows[["code_a", "code_b", *columns]].itertuples(index=False, name=None))


def test_together_counts_utterances_and_the_people_credited_with_both():
    utterances, credits = said_by(("p", "x y"), ("p", "x y"), ("q", "x"), ("", "x y"), ("q", ""))
    credits = pd.concat([credits, credits])
    made = relate(credits, utterances, [], flat("x", "y"), [], 3)
    (row,) = made.to_dict("records")
    assert (row["relation"], row["code_a"], row["code_b"], row["utterance"]) == ("together", "x", "y", "t:1")
    assert (row["utterances"], row["participants"], row["units"], row["units_a"], row["units_b"]) == (3, 1, 5, 4, 3)
    assert row["expected"] == pytest.approx(4 * 3 / 5)
    assert row["lift"] == pytest.approx(3 / 2.4)
    assert row["npmi"] == pytest.approx(math.log((3 / 5) / (4 / 5 * 3 / 5)) / -math.log(3 / 5))


def test_npmi_is_one_where_two_codes_are_never_apart_and_nothing_where_every_unit_carries_both():
    always, credits = said_by(("p", "x y"), ("p", ""))
    assert relate(credits, always, [], flat("x", "y"), [], 3)["npmi"].tolist() == [pytest.approx(1.0)]
    every, credits = said_by(("p", "x y"))
    assert relate(credits, every, [], flat("x", "y"), [], 3)["npmi"].isna().tolist() == [True]


def test_nearby_counts_windows_that_slide_over_a_source_and_never_into_the_next():
    utterances, credits = said_by(("p", "x"), ("q", ""), ("q", "y"), ("p", ""), ("p", ""))
    after, far = talk(("p", "x y", "participant"), source="u")
    both = pd.concat([utterances, after], ignore_index=True)
    made = relate(pd.concat([credits, far]), both, [], flat("x", "y"), ["t", "u"], 3)
    # Of t three windows, one of which has both; u is shorter than a window, and is one.
    assert found(made, "nearby", "utterances", "units", "units_a", "units_b") == [("x", "y", 2, 4, 2, 4)]
    assert not found(relate(credits, utterances, [], flat("x", "y"), [], 3), "nearby"), "surveys have no turns"
    assert not found(relate(credits, utterances, [], flat("x", "y"), ["t"], 2), "nearby")


def test_answered_looks_at_the_next_turns_of_others():
    utterances, credits = said_by(("p", "x"), ("p", "y"), ("q", "y"), ("q", "x"), ("", "y"))
    made = relate(credits, utterances, [], flat("x", "y"), ["t"], 2)
    # Turn 1 is answered by 3, turn 2 by 3 and 4; 3 and 4 only by someone who is not known.
    assert found(made, "answered", "utterances", "units", "units_a", "units_b", "participants", "utterance") == [
        ("x", "y", 1, 2, 1, 2, 1, "t:1"),
        ("y", "x", 1, 2, 1, 1, 1, "t:2"),
        ("y", "y", 1, 2, 1, 2, 1, "t:2"),
    ]


def test_units_are_what_is_data_and_signals_of_listening_only_where_they_are_coded():
    utterances, _ = talk(("p", "", "participant"), ("m", "", "moderator"), ("q", "", "participant"), ("", "", ""))
    utterances["backchannel"] = [True, False, True, False]
    assert list(turns_of(utterances, ["t:3"])["utterance"]) == ["t:3", "t:4"]


CODES = st.lists(st.sampled_from("wxyz"), max_size=4).map(" ".join)


@given(st.lists(st.tuples(st.sampled_from(["p", "q", ""]), CODES), min_size=1, max_size=12), st.integers(2, 4))
def test_counts_are_those_of_counting_by_hand(turns, window):
    utterances, credits = said_by(*turns)
    made = relate(credits, utterances, [], flat(*"wxyz"), ["t"], window)
    codes = [set(listed.split()) for _, listed in turns]
    number = max(1, len(turns) - window + 1)
    windows = [set().union(*codes[at : at + window]) for at in range(number)]
    for relation, units in (("together", codes), ("nearby", windows)):
        expected = {
            (a, b): (both, len(units), sum(a in unit for unit in units), sum(b in unit for unit in units))
            for a, b in combinations("wxyz", 2)
            if (both := sum({a, b} <= unit for unit in units))
        }
        rows = found(made, relation, "utterances", "units", "units_a", "units_b")
        assert {row[:2]: row[2:] for row in rows} == expected
    answers = {
        at: set().union(*near)
        for at, (who, _) in enumerate(turns)
        if (
            near := [
                codes[k]
                for k in range(at + 1, min(len(turns), at + window + 1))
                if who and turns[k][0] not in ("", who)
            ]
        )
    }
    expected = {
        (a, b): (both, len(answers))
        for a in "wxyz"
        for b in "wxyz"
        if (both := sum(a in codes[at] and b in answer for at, answer in answers.items()))
    }
    assert {row[:2]: row[2:] for row in found(made, "answered", "utterances", "units")} == expected


CODE_OF = {"expectations": "clarity", "hours": "time", "calendar": "time", "mentor": "support"}
CODE_OF |= {"tired": "strain", "stress": "strain", "Stress": "strain", "Hours": "time"}


@pytest.fixture(scope="module", params=["en_core_web_sm", "blank:en"])
def pipeline(request):
    return load_pipeline(request.param)


def told(pipeline, *turns: str) -> list[Told]:
    """What is told in turns of one person, coded where the words of CODE_OF stand."""
    container = docbin()
    for doc in pipeline.pipe(turns):
        container.add(doc)
    starts = [sum(map(len, turns[:at])) + at for at in range(len(turns))]
    bounds = [
        (f"t:{at}", "t", start, start + len(text), text)
        for at, (start, text) in enumerate(zip(starts, turns, strict=True))
    ]
    utterances = pd.DataFrame(bounds, columns=["utterance", "source", "start", "end", "text"])
    places = [
        (
            f"{at}.{match.start()}",
            "t",
            CODE_OF[match[0]],
            starts[at] + match.start(),
            starts[at] + match.end(),
            f"t:{at}",
        )
        for at, text in enumerate(turns)
        for match in re.finditer("|".join(CODE_OF), text)
    ]
    rows = pd.DataFrame(places, columns=["coding", "source", "code", "start", "end", "utterance"])
    credits = rows[["coding", "utterance"]].assign(participant="p")
    return worded(rows.drop(columns="utterance"), credits, utterances, lambda _: Tokens(container))


WORDED = [
    ("I was tired because the expectations changed.", "because", "clarity", "strain"),
    ("Because the expectations changed, I was tired.", "because", "clarity", "strain"),
    ("I was tired because of the hours.", "because", "time", "strain"),
    ("My mentor wrote it down so that I would be less tired.", "so that", "support", "strain"),
    ("I call my mentor in order to lower my stress.", "in order to", "support", "strain"),
    ("In order to lower my stress, I call my mentor.", "in order to", "support", "strain"),
    ("If the expectations are clear, my mentor can help me.", "if", "clarity", "support"),
    ("My mentor can help me if the expectations are clear.", "if", "clarity", "support"),
    ("Such expectations lead to stress.", "leads to", "clarity", "strain"),
    ("It takes many hours, so I am tired.", "leads to", "time", "strain"),
]
PARSED = [
    ("I was tired 'cause of the hours, and my mentor was fine.", "because", "time", "strain"),
    ("I felt the stress. Because of the hours.", "because", "time", "strain"),
    ("It takes many hours. That's why I am tired.", "leads to", "time", "strain"),
]


@pytest.mark.parametrize(("words", "relation", "cause", "consequence"), WORDED)
def test_words_tell_a_relation_and_its_direction(pipeline, words, relation, cause, consequence):
    assert {(item.relation, item.code_a, item.code_b) for item in told(pipeline, words)} == {
        (relation, cause, consequence)
    }


@pytest.mark.parametrize(("words", "relation", "cause", "consequence"), PARSED)
def test_the_parse_tells_what_is_coordinated_and_a_reason_that_belongs_to_the_sentence_before(
    words, relation, cause, consequence
):
    made = told(load_pipeline("en_core_web_sm"), words)
    assert {(item.relation, item.code_a, item.code_b) for item in made} == {(relation, cause, consequence)}


OTHERS = [
    "I was tired, and the expectations changed.",
    "Even if the hours are long, I call my mentor.",
    "I was tired, but not because of the hours.",
    "Stress is the cause of my long hours.",
    "I have had many hours, so far I am tired.",
    "I was tired because it rained. The expectations changed.",
    "Because the expectations changed and I was tired, nothing worked.",
    "I know if the expectations cause stress.",
]


@pytest.mark.parametrize("words", OTHERS)
def test_other_words_tell_none(pipeline, words):
    assert told(pipeline, words) == []


def test_what_is_told_stands_in_the_order_of_the_talk_with_its_sentence(pipeline):
    texts = [WORDED[0][0], OTHERS[0], f"Um. {WORDED[5][0]} Right."]
    made = told(pipeline, *texts)
    assert [(item.utterance, item.quotation, item.wording) for item in made] == [
        ("t:0", WORDED[0][0], "because"),
        ("t:2", WORDED[5][0], "in order to"),
    ]
    assert {item.participants for item in made} == {frozenset({"p"})}


def step(study, words: str) -> list[dict[str, str]]:
    """The relations that the step finds in one person's words, coded by the codebook's words."""
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules: apply\n")
    study.write("codebook.yaml", BOOK)
    study.write("participants.csv", PEOPLE)
    study.write("transcripts/talk.txt", f"Ana: {words}\n")
    (study.path / "codings/anna/coding.csv").unlink()
    assert study.run(*STEPS) == 0
    return study.rows("relations")


def test_a_relation_is_counted_with_its_words_its_first_sentence_and_the_people_who_tell_it(study):
    words = "I was tired because of the hours. Um, I felt stress because of the calendar.\n\nBen: Hours lead to stress."
    row = next(row for row in step(study, words) if row["relation"] == "because" and row["of"] == "codes")
    assert (row["code_a"], row["code_b"], row["utterances"], row["participants"]) == ("time", "strain", "1", "1")
    assert row["wording"] == "because"
    assert row["quotation"] == "I was tired because of the hours."
    assert row["utterance"] == "talk:1"
    assert row["units"] == row["npmi"] == ""


def test_categories_are_related_as_well_with_all_that_is_below_them(study):
    rows = step(study, "I was tired because of the hours.")
    for relation, pairs in (
        ("together", [("codes", "time", "strain"), ("categories", "conditions", "strain")]),
        ("because", [("codes", "time", "strain"), ("categories", "conditions", "strain")]),
    ):
        assert [(row["of"], row["code_a"], row["code_b"]) for row in rows if row["relation"] == relation] == pairs


def people_code(study, *rows: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\n")
    study.write("codebook.yaml", BOOK)
    study.write("participants.csv", PEOPLE)
    study.write("transcripts/talk.txt", "Ana: I was so worn out because of the hours. It was fine.\n")
    study.codings("anna", [{"source": "talk", "code": code, "quote": quote} for code, quote in rows])
    assert study.run(*STEPS) == 0
    told = [row for row in study.rows("relations") if row["wording"] and row["of"] == "codes"]
    ways = {"true": "leads to", "false": "either way"}
    return [(row["relation"], row["code_a"], ways[row["directed"]], row["code_b"]) for row in told]


def test_a_persons_coding_tells_the_direction_where_it_stands_on_one_side(study):
    whole = "I was so worn out because of the hours."
    assert people_code(study, ("strain", "I was so worn out"), ("clarity", "of the hours")) == [
        ("because", "clarity", "leads to", "strain")
    ]
    either = [("because", "clarity", "either way", "strain")]
    assert people_code(study, ("strain", whole), ("clarity", "of the hours")) == either
    assert people_code(study, ("strain", f"{whole} It was fine."), ("clarity", whole)) == either
    assert people_code(study, ("strain", "so worn out"), ("clarity", "I was so worn out")) == []
    assert people_code(study, ("strain", whole), ("clarity", "It was fine.")) == []


def test_where_the_codebooks_words_stand_in_a_persons_quotation_they_tell_the_side(study):
    whole = "I was so worn out because of the hours."
    assert people_code(study, ("strain", "I was so worn out"), ("time", whole)) == [
        ("because", "time", "leads to", "strain")
    ]


def test_the_longer_of_two_connectives_is_taken():
    words = ["and", "that", "'s", "why", ",", "so", "to", "speak", ",", "in", "order", "to", "rest"]
    assert [(item.words, at) for item, at in connectives(words)] == [
        (("that", "'s", "why"), 1),
        (("in", "order", "to"), 9),
    ]
