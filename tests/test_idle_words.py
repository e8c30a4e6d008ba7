import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.idle_words import FILLERS, GENERIC, HEDGES, LIGHT, POINTING, bracketed, share_in_english
from qualcode.tokens import tokens_of

BLANK = spacy.blank("en")


def remarks(*texts: str) -> list[list[str]]:
    """The words of each text that stand in square brackets."""
    tokens = tokens_of(map(BLANK, texts))
    found: list[list[str]] = [[] for _ in texts]
    for at in np.flatnonzero(bracketed(tokens)).tolist():
        found[tokens.utterance[at]].append(tokens.forms[tokens.surface[at]])
    return found


@pytest.mark.parametrize("listed", [FILLERS, GENERIC, HEDGES, LIGHT, POINTING])
def test_lists_are_of_words_in_lower_case(listed):
    assert listed
    assert all(word == word.casefold() and word.strip("'-") == word for word in listed)


def test_words_are_on_the_lists_that_they_belong_to():
    assert {"um", "yeah", "mm-hm", "actually", "unintelligible"} <= FILLERS
    assert {"thing", "way", "year"} <= GENERIC
    assert {"know", "say", "get"} <= LIGHT
    assert {"good", "first"} <= POINTING
    telling = {"feedback", "mentor", "school", "lesson", "supportive", "travel", "workload"}
    assert not telling & (FILLERS | GENERIC | HEDGES | LIGHT | POINTING)


def test_what_only_counts_stands_for_anything():
    assert not {"lot", "kind", "bunch", "couple", "type", "way"} - (HEDGES & (GENERIC | FILLERS))


def test_common_words_make_more_of_english_and_unknown_ones_hardly_any():
    assert share_in_english("the") > share_in_english("school") > share_in_english("handbook") > 0
    assert share_in_english("zzyzzx") <= share_in_english("handbook")


def test_remarks_stand_in_square_brackets():
    assert remarks("I went [laughs loudly] home", "no [school] here", "none") == [
        ["[", "laughs", "loudly", "]"],
        ["[", "school", "]"],
        [],
    ]


def test_a_bracket_that_is_never_closed_ends_with_its_utterance():
    assert remarks("we [pause", "then we met", "a ] b") == [["[", "pause"], [], ["]"]]


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab []", max_size=12), max_size=5))
def test_an_utterance_is_read_by_itself(texts):
    assert remarks(*texts) == [remarks(text)[0] for text in texts]
