from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode import quoting
from qualcode.quoting import Speech, exemplars

UTTERANCES = [("talk", 0, 10, "ana"), ("talk", 11, 20, "ben"), ("talk", 21, 30, ""), ("paper", 0, 9, "")]


def speech(never=(), utterances=UTTERANCES, **consent: str) -> Speech:
    study = SimpleNamespace(
        sources=[SimpleNamespace(source="talk", kind="interview"), SimpleNamespace(source="paper", kind="document")]
    )
    people = pd.DataFrame(
        list(({"ana": "yes", "ben": "no"} | consent).items()), columns=["participant", "quote_consent"]
    )
    numbers = [f"{source}:{number}" for number, (source, *_) in enumerate(utterances, 1)]
    spoken = pd.DataFrame(utterances, columns=["source", "start", "end", "participant"])
    spoken = spoken.assign(utterance=numbers, time_start=["00:00:04", *[""] * (len(numbers) - 1)][: len(numbers)])
    codings = pd.DataFrame([(*place, "never") for place in never], columns=["source", "start", "end", "use"])
    return Speech.of(study, spoken, people, codings)


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
