from types import SimpleNamespace

import pandas as pd
import pytest
from checking import code_of, frame, quoted
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode import quoting, tables
from qualcode.quoting import Speech, exemplars

UTTERANCES = [("talk", 0, 10, "ana"), ("talk", 11, 20, "ben"), ("talk", 21, 30, ""), ("paper", 0, 9, "")]


def speech(never=(), utterances=UTTERANCES, answers=(), **consent: str) -> Speech:
    study = SimpleNamespace(
        sources=[SimpleNamespace(source="talk", kind="interview"), SimpleNamespace(source="paper", kind="document")]
    )
    people = pd.DataFrame(
        list(({"ana": "yes", "ben": "no"} | consent).items()), columns=["participant", "quote_consent"]
    )
    numbers = [f"{source}:{number}" for number, (source, *_) in enumerate(utterances, 1)]
    spoken = pd.DataFrame(utterances, columns=["source", "start", "end", "participant"])
    spoken = spoken.assign(text=["x" * (end - start) for _, start, end, _ in utterances])
    spoken = spoken.assign(utterance=numbers, time_start=["00:00:04", *[""] * (len(numbers) - 1)][: len(numbers)])
    codings = pd.DataFrame([(*place, "never") for place in never], columns=["source", "start", "end", "use"])
    return Speech.of(study, spoken, people, codings, frame(answers))


@pytest.mark.parametrize(
    ("place", "may"),
    [
        (("talk", 0, 10), True),
        (("talk", 11, 20), False),
        (("talk", 5, 12), False),
        (("talk", 10, 11), True),  # between two utterances stands no one's word
        (("talk", 21, 30), False),
        (("paper", 0, 9), True),
    ],
)
def test_who_said_yes_may_be_quoted_and_documents_have_no_one_to_ask(place, may):
    assert speech().may_quote(*place) == may


@pytest.mark.parametrize("said", ["no", "pending", ""])
def test_nothing_but_yes_is_consent(said):
    assert not speech(ana=said).may_quote("talk", 0, 10)
    assert speech(ana=said).refusing("talk", 0, 10) == ["ana"]


@pytest.mark.parametrize(("barred", "may"), [((8, 12), False), ((10, 12), True), ((2, 3), False)])
def test_what_a_coder_said_never_to_quote_bars_all_that_it_overlaps(barred, may):
    assert speech([("talk", *barred)]).may_quote("talk", 0, 10) == may
    assert speech([("paper", *barred)]).may_quote("talk", 0, 10)


@pytest.mark.parametrize(
    ("span", "place"),
    [
        (("talk", 0, 4), "talk, turn 1, 00:00:04"),
        (("talk", 12, 15), "talk, turn 2"),
        (("talk", 5, 22), "talk, turns 1 to 3, 00:00:04"),
        (("paper", 0, 4), "paper, paragraph 4"),
        (("elsewhere", 0, 4), "elsewhere"),
    ],
)
def test_a_place_is_told_by_turn_or_paragraph_with_the_time_code_where_there_is_one(span, place):
    assert speech().place(*span) == place


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2), st.sampled_from("abc")), max_size=12),
    st.integers(0, 60),
    st.integers(0, 60),
    st.randoms(use_true_random=False),
)
def test_speakers_of_any_span_are_those_whose_words_it_overlaps(lengths, start, end, chance):
    utterances, at = [], 0
    for length, gap, person in lengths:
        utterances.append(("talk", at, at + length, person))
        at += length + gap
    mixed = chance.sample(utterances, len(utterances))
    expected = [person for _, begin, stop, person in utterances if begin < end and start < stop]
    assert speech(utterances=mixed).speakers("talk", start, end) == list(dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("consent", "declined", "waiting"),
    [("no", {"Karl": 1}, {}), ("ask", {}, {"Karl": 1}), ("pending", {}, {"Karl": 1})],
)
def test_exemplars_are_shown_or_wait_for_an_answer_or_may_not_be_quoted(consent, declined, waiting):
    codings = pd.DataFrame(
        [
            ("talk", 11, 20, "a", "Ben's words", "exemplar", True),
            ("talk", 0, 10, "a", "Ana's words", "exemplar", True),
            ("talk", 2, 10, "a", "more of hers", "exemplar", True),
            ("talk", 0, 10, "b", "rejected", "exemplar", False),
        ],
        columns=["source", "start", "end", "code", "quote", "use", "counts"],
    )
    shown, marked = exemplars(codings, speech(ben=consent), {"ana": "Rosa", "ben": "Karl"})
    assert shown == {"a": {"words": "Ana's words", "who": "Rosa", "place": "talk, turn 1, 00:00:04"}}
    assert (marked.declined, marked.waiting, marked.waits) == (declined, waiting, len(waiting))


def test_who_said_no_decides_whatever_others_who_speak_with_them_will_answer():
    codings = pd.DataFrame([("talk", 0, 20, "a", "both")], columns=["source", "start", "end", "code", "quote"])
    names = {"ana": "Rosa", "ben": "Karl"}
    found = quoting.quotable(codings, speech(ana="ask"), names)
    assert (found.declined, found.waiting) == ({"Karl": 1}, {})
    (shown,) = quoting.quotable(codings, speech(ben="yes"), names).quotations
    assert (shown.words, shown.told, shown.who) == ("both", "Rosa: both", "Rosa and Karl")


def test_masked_speech_comes_last():
    words = ("We went to XXXX and it was good for all of us there.", "That was so.")
    assert [quoting.masked(text) for text in (*words, "an xxx here", "XX and Maxx")] == [True, False, True, False]
    spoken = [(100 * at, 100 * at + len(text), f"p{at}") for at, text in enumerate(words)]
    sentences = quoting.Sentences({"s": [(start, end, words[at], start) for at, (start, end, _) in enumerate(spoken)]})
    consenting = quoting.Speech({"s": spoken}, {"p0": "yes", "p1": "yes"}, {}, frozenset())
    codings = pd.DataFrame([{"source": "s", "start": start, "end": end, "code": "x"} for start, end, _ in spoken])
    found = quoting.candidates(codings, sentences, consenting, {"p0": "Rosa", "p1": "Karl"})
    assert [item.words for item in found] == [words[1], words[0]]


def test_candidates_of_equal_words_stand_once():
    words = ("The training was good, and it helped us to teach.", "the training was good, and it helped us to teach.")
    spoken = [(100 * at, 100 * at + len(text), f"p{at}") for at, text in enumerate(words)]
    sentences = quoting.Sentences({"s": [(start, end, words[at], start) for at, (start, end, _) in enumerate(spoken)]})
    speech = quoting.Speech({"s": spoken}, {"p0": "yes", "p1": "yes"}, {}, frozenset())
    codings = pd.DataFrame([{"source": "s", "start": start, "end": end, "code": "x"} for start, end, _ in spoken])
    (found,) = quoting.candidates(codings, sentences, speech, {"p0": "Rosa", "p1": "Karl"})
    assert (found.words, found.who) == (words[0], "Rosa")


# --- what participants answered to member checks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "at", "place", "may"),
    [
        ("withdrawn", 4, (0, 4), True),
        ("withdrawn", 4, (0, 5), False),
        ("withdrawn", 4, (4, 6), False),
        ("waits for words", 4, (0, 10), False),
        ("amended", 4, (0, 10), True),
        ("amended", 4, (5, 10), False),
        ("kept", 4, (0, 10), True),
    ],
)
def test_what_was_withdrawn_or_cuts_what_was_amended_is_not_quoted(effect, at, place, may):
    answers = [quoted("ana", effect, "talk", at, "ab", words="new" if effect == "amended" else "")]
    of = speech(answers=answers)
    assert of.may_quote("talk", *place) == may
    assert of.withdrawing("talk", *place) == ([] if may else ["ana"])


def test_who_wants_to_be_asked_is_quoted_where_they_kept_it_and_nowhere_else():
    of = speech(answers=[quoted("ana", "kept", "talk", 0, "abcdef")], ana="ask")
    assert of.may_quote("talk", 0, 6) and of.may_quote("talk", 2, 4)
    assert not of.may_quote("talk", 0, 7) and of.refusing("talk", 0, 7) == ["ana"]
    no = speech(answers=[quoted("ana", "kept", "talk", 0, "abcdef")], ana="no")
    assert not no.may_quote("talk", 0, 6), "who said no may answer what they like"


def test_each_coding_that_is_not_quoted_has_one_reason():
    said = {"source": "talk", "code": "k", "counts": True, "use": "exemplar"}
    rows = [{**said, "start": at, "end": at + 3, "quote": "abc"} for at in (0, 4, 7)]
    rows += [{**said, "start": 11, "end": 14, "quote": "abc"}]
    answers = [
        quoted("ana", "withdrawn", "talk", 0, "abc"),
        quoted("ana", "amended", "talk", 4, "abc", words="other words"),
        quoted("ben", "withdrawn", "talk", 11, "abc"),
    ]
    shown, found = exemplars(pd.DataFrame(rows), speech(answers=answers, ben="no"), {"ana": "Rosa", "ben": "Karl"})
    assert [(item.words, item.amended) for item in found.quotations] == [
        ("other words [amended by the participant]", True),
        ("abc", False),
    ]
    assert (found.withdrawn, found.waits, found.never, dict(found.declined)) == (1, 0, 0, {"Karl": 1})
    assert shown["k"]["words"] == "other words [amended by the participant]"


def test_who_withdrew_it_does_not_keep_anyone_waiting():
    row = {"source": "talk", "code": "k", "counts": True, "use": "exemplar", "start": 0, "end": 3, "quote": "abc"}
    of = speech(answers=[quoted("ana", "withdrawn", "talk", 0, "abc")], ana="ask")
    found = exemplars(pd.DataFrame([row]), of, {"ana": "Rosa"})[1]
    assert (found.withdrawn, found.waits, dict(found.waiting)) == (1, 0, {})


# --- what others repeat of it ---------------------------------------------------------------------------------------


SAID = "My turquoise bicycle got stolen behind the gymnasium twice."
TURNS = [
    ("p1", f"Well. {SAID} That was all."),
    ("p2", "As Alice said, my turquoise bicycle got STOLEN — mine was not."),
    ("p1", "Yes, my turquoise bicycle got stolen."),
    ("i1", "So it got stolen behind the gymnasium?"),
    ("p2", "It got stolen behind it."),
]


def talk(turns=TURNS) -> pd.DataFrame:
    rows, at = [], 0
    for number, (person, text) in enumerate(turns, 1):
        row = {"utterance": f"talk:{number}", "source": "talk", "participant": person, "role": "participant"}
        row |= {"question": "", "backchannel": False, "time_start": "", "time_end": ""}
        rows.append({**row, "start": at, "end": at + len(text), "text": text})
        at += len(text) + 1
    return tables.frame("utterances", rows)


def answered(*rows) -> pd.DataFrame:
    return frame([{"return_code": code_of(str(row["participant"])), **row} for row in rows])


def echoing(*rows, turns=TURNS) -> list[tuple[str, str]]:
    """Utterance and words of each."""
    utterances = talk(turns)
    text = "\n".join(words for _, words in turns)
    return [(echo.utterance, text[echo.start : echo.end]) for echo in quoting.echoes(answered(*rows), utterances)]


@pytest.mark.parametrize("effect", ["withdrawn", "amended", "waits for words"])
def test_five_words_in_a_row_of_someone_else_are_an_echo_and_ones_own_are_not(effect):
    assert echoing(quoted("p1", effect, "talk", 6, SAID)) == [
        ("talk:2", "my turquoise bicycle got STOLEN"),
        ("talk:4", "got stolen behind the gymnasium"),
    ]


def test_where_nothing_was_taken_back_there_are_none():
    assert echoing(quoted("p1", "kept", "talk", 6, SAID)) == []


def test_words_are_known_as_they_were_issued_and_as_they_are_now():
    turns = [("p1", "My green bicycle got stolen there."), ("p2", "Your green bicycle got stolen there."), *TURNS[1:2]]
    row = {**quoted("p1", "withdrawn", "talk", 0, SAID), "end": len(turns[0][1])}
    assert [utterance for utterance, _ in echoing(row, turns=turns)] == ["talk:2", "talk:3"]
    assert [utterance for utterance, _ in echoing({**row, "source": "", "start": None, "end": None}, turns=turns)] == [
        "talk:3"
    ]


def test_what_the_speaker_took_back_too_is_none():
    turns = [("p1", SAID), ("p2", SAID)]
    mine = quoted("p1", "withdrawn", "talk", 0, SAID)
    assert echoing(mine, turns=turns) == [("talk:2", SAID.removesuffix("."))]
    assert echoing(mine, quoted("p2", "withdrawn", "talk", len(SAID) + 1, SAID), turns=turns) == []


def test_each_quotation_is_told_with_who_repeats_it_and_where():
    other = quoted("p1", "withdrawn", "talk", 0, "Well.", number="1.2")
    rows = answered(quoted("p1", "withdrawn", "talk", 6, SAID), other)
    assert quoting.repeated(quoting.echoes(rows, talk())) == {
        (code_of("p1"), "quotation 1.1"):
            "others use words of it too (p2 in talk:2, i1 in talk:4): look whether they may be quoted",
    }  # fmt: skip
