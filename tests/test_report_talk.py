"""Marks of codings in a transcript where participants withdrew or amended words, on random talk."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise
from types import SimpleNamespace

import pytest
from checking import frame, quoted
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.checked import AMENDED, INSTEAD, KEPT, WAITS, WITHDRAWN, Checked
from qualcode.quoting import Speech
from qualcode.report.passages import Passage
from qualcode.report.talk import Highlighter, _barred

TEXT = "".join(chr(ord("a") + at % 26) for at in range(40))
CODES = SimpleNamespace(order={"k": 0, "l": 1})
CLASSES = {"k": "k0", "l": "k1"}
SHOWN = {**INSTEAD, AMENDED: "NEW <b> [amended by the participant]"}


def passage(number: int, start: int, end: int, code: str = "k") -> Passage:
    return Passage(
        f"c{number}", "talk", start, end, "", code, "anna", "human", "exact", "accepted", True, "", "", "", "", code.upper(),
        "Rosa", "talk, turn 1", "", "",
    )  # fmt: skip


def checked(*marks: tuple[str, int, int]) -> Checked:
    rows = [
        quoted("p1", kind, "talk", start, TEXT[start:end], words="NEW <b>" if kind == AMENDED else "")
        for kind, start, end in marks
    ]
    return Checked.of(frame(rows))


def shown(node: ET.Element) -> str:
    """What a reader sees without pointing at anything: all but the notes."""
    if node.get("class") == "note":
        return ""
    return (node.text or "") + "".join(shown(child) + (child.tail or "") for child in node)


def marked(codings: list[tuple[int, int]], of: Checked, *cuts: int) -> ET.Element:
    """The text as two turns, or as one."""
    made = Highlighter(CODES, CLASSES, [passage(n, *span) for n, span in enumerate(codings)], "talk", of)
    edges = [0, *cuts, len(TEXT)]
    turns = (f"<div>{made.marked(TEXT[first:last], first)}</div>" for first, last in pairwise(edges))
    return ET.fromstring(f"<div>{''.join(turns)}</div>")


def anchors(page: ET.Element) -> list[str]:
    return sorted(key for node in page.iter() if (key := node.get("id", "")).startswith("c-"))


@pytest.mark.parametrize("kind", [WITHDRAWN, WAITS, AMENDED])
def test_what_stands_in_the_place_of_words_is_one_mark_with_all_codings_that_meet_them(kind):
    page = marked([(5, 15), (12, 30), (18, 19), (35, 40)], checked((kind, 10, 20)))
    assert shown(page) == TEXT[:10] + SHOWN[kind] + TEXT[20:]
    (around,) = [node for node in page.iter("span") if node.get("class") == "p" and shown(node) == SHOWN[kind]]
    assert [node.tag for node in around if node.tag == "mark"] == ["mark"]
    (note,) = [node for node in around if node.get("class") == "note"]
    assert [name.text for name in note.iter("b")] == ["K", "K", "K"]
    assert anchors(page) == ["c-c0", "c-c1", "c-c2", "c-c3"]


def test_words_that_were_kept_stand_as_they_are():
    kept, plain = marked([(5, 15)], checked((KEPT, 10, 20))), marked([(5, 15)], Checked())
    assert ET.tostring(kept) == ET.tostring(plain)


SPANS = st.tuples(st.integers(0, 39), st.integers(1, 20)).map(lambda span: (span[0], min(40, sum(span))))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(SPANS, max_size=5),
    st.lists(st.tuples(st.sampled_from([WITHDRAWN, WAITS, AMENDED, KEPT]), SPANS), max_size=4),
    st.integers(1, 39),
)
def test_all_words_stand_in_order_and_each_coding_is_anchored_once(codings, marks, cut):
    of = checked(*((kind, *span) for kind, span in marks))
    page = marked(codings, of, cut)
    assert shown(page) == of.told("talk", 0, TEXT[:cut]) + of.told("talk", cut, TEXT[cut:])
    assert anchors(page) == sorted({f"c-c{number}" for number in range(len(codings))})
    # Each stretch that is marked is either words as they were said, or all that stands in the place of others.
    whole = {*SHOWN.values(), *INSTEAD.values()}
    for node in page.iter("mark"):
        assert shown(node) in TEXT or shown(node) in whole
    covered = {at for kind, (start, end) in marks if kind != KEPT for at in range(start, end)}
    left = [TEXT[at] for at in range(len(TEXT)) if at not in covered]
    bare = shown(page)
    for text in whole:
        bare = bare.replace(text, "")
    assert list(bare) == left


def test_a_turn_of_who_wanted_to_be_asked_says_what_of_it_was_kept():
    spoken, asked = {"talk": [(0, 40, "p1")]}, {"p1": "ask"}
    silent = Speech(spoken, asked, {}, frozenset())
    assert _barred(silent, "talk", 0, 40) == "may not be quoted yet"
    kept = Speech(spoken, asked, {}, frozenset(), checked=checked((KEPT, 5, 10)))
    assert _barred(kept, "talk", 0, 40) == "may be quoted only in what was kept in a member check"
    assert _barred(kept, "talk", 5, 10) == ""
