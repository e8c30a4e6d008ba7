import math
import re
import tracemalloc
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.axial_codes import _places
from qualcode.axial_codes.connectives import Sentence, connectives
from qualcode.axial_codes.relations import relate, turns_of
from qualcode.axial_codes.wording import Told, worded
from qualcode.codebook import Code, Codebook
from qualcode.language import load_pipeline
from qualcode.tokens import tokens_of

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
    return worded(rows.drop(columns="utterance"), credits, utterances, lambda _: tokens_of(pipeline.pipe(turns)))


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


DENIED = [
    "Long hours don't lead to stress.",
    "Long hours never led to any stress.",
    "The hours did not result in stress.",
    "The hours lead to no stress.",
    "The hours no longer lead to stress.",
    "The hours failed to lead to stress.",
    "Nothing about the hours led to stress.",
    "I got through the hours without it leading to stress.",
    "I don't think the hours lead to stress.",
    "I don't believe it is the hours that led to stress.",
    "It isn't true that the hours led to stress.",
    "I doubt the hours led to stress.",
    "The hours do not cause sleep or lead to stress.",
    "The hours were never because of stress.",
    "I was tired not because of the hours.",
    "I don't think I was tired because of the hours.",
    "I call my mentor not in order to lower my stress.",
]
ASKED = ["Did the hours lead to stress?", "Were you tired because of the hours?"]
OTHER_WORDS = [
    "So that's why the hours gave me stress.",
    "I had so many hours so that was stress.",
    "I liked the mentor, so that hours thing was fine.",
    "Stress is led to by long hours.",
    "The hours of our results in pair work and stress.",
    "You ask what happens if the hours grow and the stress comes.",
]


@pytest.mark.parametrize("words", [*DENIED, *ASKED, *OTHER_WORDS])
def test_what_is_denied_or_asked_or_only_written_alike_is_told_by_no_one(pipeline, words):
    assert told(pipeline, words) == []


DOUBTFUL = [
    "The stress wasn't there because of the hours.",
    "I'm not tired because of the hours, I like them.",
    "I had no stress because of the hours.",
    "I don't take the hours so that I have less stress.",
]


@pytest.mark.parametrize("words", DOUBTFUL)
def test_behind_a_denial_it_is_not_told_which_way(pipeline, words):
    (item,) = told(pipeline, words)
    assert {item.code_a, item.code_b} == {"time", "strain"} and not item.directed


STANDING = [
    ("Not because of the hours, but because of my stress, I call my mentor.", "strain", "support"),
    ("The hours not only lead to stress.", "time", "strain"),
    ("The hours don't just lead to stress, they are bad.", "time", "strain"),
    ("I was tired, not just because of the hours.", "time", "strain"),
    ("I couldn't see my mentor, because of the hours.", "time", "support"),
    ("I was tired because of the hours, you know?", "time", "strain"),
    ("No, the hours lead to stress.", "time", "strain"),
    ("My mentor said no, so I had stress.", "support", "strain"),
    ("I don't know why, but the hours led to stress.", "time", "strain"),
    ("There were many hours, so that's why I had stress.", "time", "strain"),
    ("I never had a mentor, which led to stress.", "support", "strain"),
    ("If the hours are not long, I have no stress.", "time", "strain"),
]


@pytest.mark.parametrize(("words", "cause", "consequence"), STANDING)
def test_a_denial_of_something_else_denies_no_relation(pipeline, words, cause, consequence):
    assert {(item.code_a, item.code_b, item.directed) for item in told(pipeline, words)} == {(cause, consequence, True)}


def test_so_that_may_have_any_subject_where_a_parse_bears_it_out():
    pipeline = load_pipeline("en_core_web_sm")
    (item,) = told(pipeline, "My mentor comes so that teachers have less stress.")
    assert (item.relation, item.code_a, item.code_b) == ("so that", "support", "strain")


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


def test_fillers_on_one_side_make_no_relation(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\n")
    study.write("codebook.yaml", BOOK)
    study.write("participants.csv", PEOPLE)
    lines = ["Um, so I used that a lot.", "I was worn out, so I slept."]
    study.write("transcripts/talk.txt", "".join(f"Ana: {line}\n\nBen: Right.\n\n" for line in lines))
    study.codings("anna", [{"source": "talk", "code": code, "quote": q} for q in lines for code in ("strain", "time")])
    assert study.run(*STEPS) == 0
    told = [row for row in study.rows("relations") if row["wording"] and row["of"] == "codes"]
    assert [(row["quotation"], row["directed"]) for row in told] == [("I was worn out, so I slept.", "false")]


def test_where_the_codebooks_words_stand_in_a_persons_quotation_they_tell_the_side(study):
    whole = "I was so worn out because of the hours."
    assert people_code(study, ("strain", "I was so worn out"), ("time", whole)) == [
        ("because", "time", "leads to", "strain")
    ]


def test_many_hits_in_many_quotations_of_a_code_are_looked_up_and_not_paired():
    number = 5_000
    hits, quoted = (
        pd.DataFrame({"coding": [f"{kind}{at}" for at in range(number)], "start": 50 * np.arange(number)})
        for kind in "hq"
    )
    met = hits.assign(matched_start=hits["start"] + 10, matched_end=hits["start"] + 15)
    open_codes = pd.concat([met, quoted]).assign(source="t", code="a", counts=True, status="accepted")
    open_codes["end"] = open_codes["start"] + 40
    tracemalloc.start()
    made = _places(open_codes).set_index("coding")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made) == 2 * number
    assert tuple(made.loc["q7", ["start", "end"]]) == (360, 365)
    # Every pair of them would be 25 million rows.
    assert peak < 100e6


SPANS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12), st.integers(1, 6)), max_size=8)


@given(SPANS, SPANS)
def test_a_quotation_stands_where_hits_of_its_code_stand_in_it(hits, quotations):
    rows = [(f"h{n}", code, start, start + long, start, start + long) for n, (code, start, long) in enumerate(hits)]
    rows += [(f"q{n}", code, start, start + long, None, None) for n, (code, start, long) in enumerate(quotations)]
    columns = ["coding", "code", "start", "end", "matched_start", "matched_end"]
    open_codes = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], "Int64"))
    made = _places(open_codes.assign(source="t", counts=True, status="accepted"))
    for n, (code, start, long) in enumerate(quotations):
        inside = {(a, a + b) for other, a, b in hits if other == code and start <= a and a + b <= start + long}
        own = made[made["coding"] == f"q{n}"]
        assert set(zip(own["start"], own["end"], strict=True)) == (inside or {(start, start + long)})


def test_the_longer_of_two_connectives_is_taken():
    words = ["and", "that", "'s", "why", ",", "so", "to", "speak", ",", "in", "order", "to", "rest"]
    plain = [""] * len(words)
    assert [(item.words, at) for item, at in connectives(Sentence(words, plain, [0] * len(words), plain))] == [
        (("that", "'s", "why"), 1),
        (("in", "order", "to"), 9),
    ]
