"""Which sentences a passage stands for, how far coders came, and what is left out as a whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.suggestions.judging import came_to, met
from qualcode.suggestions.places import Marks, Places


class Passage(NamedTuple):
    source: str
    start: int
    end: int


@st.composite
def talks(draw) -> list[Passage]:
    """Sentences of two sources in order, with gaps between some."""
    found = []
    for source in ("a", "b"):
        at = 0
        for gap, length in draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=8)):
            found.append(Passage(source, at + gap, at + gap + length))
            at += gap + length
    return found


@given(talks(), st.sampled_from(["a", "b", "c"]), st.integers(0, 60), st.integers(1, 30))
def test_a_passage_stands_for_sentences_that_share_half_of_the_shorter(sentences, source, start, length):
    end = start + length
    expected = []
    for at, item in enumerate(sentences):
        shared = len(set(range(start, end)) & set(range(item.start, item.end)))
        if item.source == source and shared and shared >= min(length, item.end - item.start) / 2:
            expected.append(at)
    assert Places(sentences).at(source, start, end) == expected


@given(talks())
def test_every_sentence_stands_for_itself(sentences):
    places = Places(sentences)
    assert [places.at(*item) for item in sentences] == [[at] for at in range(len(sentences))]


@given(talks(), st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 60)))
def test_what_ends_before_how_far_someone_came(sentences, to):
    expected = [item.source in to and item.end <= to[item.source] for item in sentences]
    assert Places(sentences).before(to).tolist() == expected


def frame(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


CODERS = "source coder done_to counts coded said"
DECISIONS = "source coder action holds coding file row"
MADE = "source coder end"


@pytest.mark.parametrize(
    ("coder", "decision", "made", "to"),
    [
        # Said that all is done; taken for granted, with a last coding; without one.
        (("a", "anna", 100, True, True, True), None, ("a", "anna", 40), 100),
        (("a", "anna", 100, True, True, False), None, ("a", "anna", 40), 40),
        (("a", "anna", 100, True, True, False), None, ("b", "anna", 40), None),
        # Said how far.
        (("a", "anna", 60, True, True, False), ("a", "anna", "done", True), ("a", "anna", 40), 60),
        (("a", "anna", 60, True, True, False), ("a", "anna", "done", True), ("a", "anna", 80), 60),
        # What was said no longer holds, or someone else said it, or of another source.
        (("a", "anna", 100, True, True, False), ("a", "anna", "done", False), ("a", "anna", 40), 40),
        (("a", "anna", 100, True, True, False), ("a", "ben", "done", True), ("a", "anna", 40), 40),
        (("a", "anna", 100, True, True, False), ("b", "anna", "done", True), ("a", "anna", 40), 40),
        # Who says done without a coding came to the end; who only decided on suggestions, nowhere.
        (("a", "anna", 100, True, False, True), None, ("b", "anna", 40), 100),
        (("a", "anna", 0, True, False, False), None, ("a", "anna", 40), None),
    ],
)
def test_how_far_a_coder_came(coder, decision, made, to):
    codings = frame(MADE, made).assign(basis="human", coding="1")
    decisions = [(*decision, "", "done.csv", 2)] if decision else []
    found = came_to(frame(CODERS, coder), frame(DECISIONS, *decisions), codings)
    assert found.get(("a", "anna")) == to


@pytest.mark.parametrize(
    ("actions", "to"),
    [(["apply"], 90), (["accept"], 40), (["reject", "apply"], 40), (["reject"], 90), (["accept", "reject"], 40)],
)
def test_what_a_sheet_asked_about_does_not_tell_how_far_a_coder_read(actions, to):
    made = frame(MADE, ("a", "anna", 40), ("a", "anna", 90)).assign(basis="human", coding=["1", "2"])
    rows = [("a", "anna", action, True, "3" if action == "reject" else "2", "sheet.xlsx", 7) for action in actions]
    asked = frame(DECISIONS, ("a", "anna", "apply", True, "1", "coding.csv", 7), *rows)
    coder = ("a", "anna", 100, True, True, False)
    assert came_to(frame(CODERS, coder), asked, made) == {("a", "anna"): to}
    only = made[made["coding"] == "2"]
    assert came_to(frame(CODERS, coder), asked, only) == ({("a", "anna"): 90} if to == 90 else {})


@pytest.mark.parametrize("status", ["negated", "accepted", "rejected"])
@pytest.mark.parametrize("negation", ["", "count"])
def test_what_a_rule_meets_does_not_tell_what_people_decided_on_it(tmp_path, negation, status):
    """Else what is held out would tell, by whether its negated words were decided on, how it was decided."""
    book = tmp_path / "codebook.yaml"
    how = f", negation: {negation}" if negation else ""
    book.write_text(f"codebook: B\ncodes:\n  - {{code: a, name: A, definition: A., words: [w]{how}}}\n", "utf-8")
    codebook = load_codebook(book)
    marks = Marks([Passage("t", 0, 9), Passage("t", 10, 19)], codebook)
    names = "source start end code basis status negated"
    rows = frame(names, ("t", 0, 9, "a", "rule", status, True), ("t", 10, 19, "a", "rule", "proposed", False))
    assert marks.of(met(rows, codebook)).tolist() == [[bool(negation)], [True]]


def test_without_any_sentence_nothing_is_found():
    places = Places([])
    assert places.at("a", 0, 5) == [] and places.before({"a": 5}).tolist() == []
    assert isinstance(places.before({}), np.ndarray)
