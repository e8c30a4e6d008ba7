"""Talk maps: a mark for each code and utterance, in its place, by who says it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from drawing_checks import codebook_of, having, overlapping, shown_texts, talk_of

from qualcode.figures import drawing
from qualcode.figures.courses import MARKS, course_of, talk_maps
from qualcode.study import Source

TALK = Source("talk", Path("talk.txt"), "interview")


def map_of(codebook, talk, **further):
    with drawing.fixed_style():
        return talk_maps(
            talk.rows, talk.utterances, talk.participants, codebook, [TALK], "Why people mentor", **further
        )["talk"]


def marks(drawn) -> dict[str, list[tuple[float, float]]]:
    """The marks of each shape, without those of the key and the lines of the rows."""
    found: dict[str, list[tuple[float, float]]] = {}
    for line in drawn.figure.axes[0].lines:
        if line.get_marker() in MARKS and line.get_markeredgecolor() == "white":
            found[line.get_marker()] = list(zip(*line.get_data(), strict=True))
    return found


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("codes", "levels", "people", "questions"), [(10, 1, 1, 0), (10, 2, 3, 4), (30, 3, 8, 9), (60, 2, 20, 30)]
)
def test_no_text_meets_another(codes: int, levels: int, people: int, questions: int, seed: int) -> None:
    codebook = codebook_of(codes, levels, seed=seed)
    drawn = map_of(codebook, talk_of(codebook, 300, people, questions=questions, seed=seed))
    with drawing.fixed_style():
        assert overlapping(drawn.figure) == []


@pytest.mark.parametrize("timed", [True, False])
def test_a_mark_stands_in_the_middle_of_every_coded_utterance(timed: bool) -> None:
    codebook = codebook_of(8, 2, longest=2)
    talk = talk_of(codebook, 40, people=2, timed=timed)
    drawn = map_of(codebook, talk)
    texts = drawn.figure.axes[0].texts
    heights = {code.code: next(t.xy[1] for t in texts if t.get_text() == code.name) for code in codebook.codes
               if code.leaf and having(codebook, talk, code.code)}  # fmt: skip
    # The course by hand: half a minute for each turn and none for the last, or the words before and half of the turn's.
    middles, before = {}, 0
    for number, (key, text) in enumerate(zip(talk.utterances["utterance"], talk.utterances["text"], strict=True)):
        words = len(text.split())
        middles[key] = (number / 2 + (0.25 if number < 39 else 0)) if timed else before + words / 2
        before += words
    who = {"p1": [], "p2": []}
    for key, (speaker, codes) in talk.plain.items():
        who.get(speaker, []).extend((middles[key], heights[code]) for code in codes)
    counts = {person: sum(len(text.split()) for text, name in
                          zip(talk.utterances["text"], talk.utterances["participant"], strict=True) if name == person)
              for person in who}  # fmt: skip
    # Who says most has the first shape.
    first, second = sorted(who, key=lambda person: -counts[person])
    found = marks(drawn)
    for mark, person in zip(MARKS, (first, second), strict=False):
        assert np.allclose(sorted(found[mark]), sorted(who[person]))


def test_beside_each_code_stands_how_many_utterances_have_it() -> None:
    codebook = codebook_of(8, 2, longest=2)
    talk = talk_of(codebook, 60)
    texts = map_of(codebook, talk).figure.axes[0].texts
    by_height = {
        round(text.xy[1], 3): text.get_text() for text in texts if text.xy[0] == 1 and text.get_text().isdigit()
    }
    found = {text.get_text(): by_height.get(round(text.xy[1], 3)) for text in texts if text.xy[0] == 0}
    for code in codebook.codes:
        if code.leaf and (here := having(codebook, talk, code.code)):
            assert found[code.name] == str(len(here))


def test_more_than_eight_speakers_leave_seven_and_others() -> None:
    codebook = codebook_of(6, 1)
    talk = talk_of(codebook, 400, people=12)
    drawn = map_of(codebook, talk)
    texts = [text for text, _ in shown_texts(drawn.figure)]
    assert "5 others" in texts and "Mo" in texts
    assert sum(text.startswith("Person ") for text in texts) == 7
    said = dict.fromkeys(range(1, 13), 0)
    for name, text in zip(talk.utterances["participant"], talk.utterances["text"], strict=True):
        if name != "m":
            said[int(name[1:])] += len(text.split())
    most = sorted(said, key=lambda person: -said[person])[:7]
    assert [text for text in texts if text.startswith("Person ")][::-1] == [f"Person {n}" for n in most]
    assert sum(len(points) for points in marks(drawn).values()) == sum(len(codes) for _, codes in talk.plain.values())


def test_a_code_given_twice_to_an_utterance_is_one_mark() -> None:
    import pandas as pd

    codebook = codebook_of(5, 2)
    talk = talk_of(codebook, 30)
    twice = pd.concat([talk.rows, talk.rows.assign(coding=talk.rows["coding"] + "again")])
    with drawing.fixed_style():
        drawn = talk_maps(twice, talk.utterances, talk.participants, codebook, [TALK], "Study")["talk"]
    assert marks(drawn) == marks(map_of(codebook, talk))


def test_questions_of_the_guide_are_lines_with_their_ids() -> None:
    codebook = codebook_of(5, 2)
    axes = map_of(codebook, talk_of(codebook, 30, questions=3, timed=True)).figure.axes[0]
    lines = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert lines == [0.0, 5.0, 10.0]
    assert {"q1", "q2", "q3"} <= {text.get_text() for text in axes.texts}


def test_time_codes_that_are_missing_or_go_back_are_not_used() -> None:
    talk = talk_of(codebook_of(3, 1), 10, timed=True).utterances
    assert course_of(talk).axis.startswith("Minutes") and course_of(talk).starts[:3] == [0.0, 0.5, 1.0]
    for wrong in ("", "00:59:00"):
        told = course_of(talk.assign(time_start=[wrong if n == 4 else t for n, t in enumerate(talk["time_start"])]))
        assert told.axis == "Words said so far"
        assert told.ends[-1] == sum(len(text.split()) for text in talk["text"])


def test_the_end_of_a_turn_is_its_own_time_code_where_it_has_one() -> None:
    talk = talk_of(codebook_of(3, 1), 4, timed=True).utterances.assign(time_end=["00:00:12", "", "", "00:02:00"])
    assert course_of(talk).ends == [0.2, 1.0, 1.5, 2.0]


def test_the_alt_text_has_the_numbers_that_matter() -> None:
    codebook = codebook_of(8, 2, longest=2)
    talk = talk_of(codebook, 60, people=2, timed=True)
    drawn = map_of(codebook, talk, release="working")
    coded = [codes for _, codes in talk.plain.values() if codes]
    most = max((code for code in codebook.codes if code.leaf), key=lambda code: len(having(codebook, talk, code.code)))
    by_person = {n: set().union(*(codes for who, codes in talk.plain.values() if who == f"p{n}")) for n in (1, 2)}
    assert f"{len(set().union(*coded))} codes in {len(coded)} utterances" in drawn.alt
    assert f"“{most.name}” ({len(having(codebook, talk, most.code))} utterances)" in drawn.alt
    assert all(f"Person {n} ({len(codes)})" in drawn.alt for n, codes in by_person.items())
    assert "30 minutes" in drawn.alt and drawn.release == "working"


def test_surveys_and_documents_have_no_map() -> None:
    codebook = codebook_of(3, 1)
    talk = talk_of(codebook)
    kinds = [Source("talk", Path(), "survey"), Source("talk", Path(), "document")]
    assert talk_maps(talk.rows, talk.utterances, talk.participants, codebook, kinds, "Study") == {}


def test_codes_that_are_too_many_are_gathered_under_those_above() -> None:
    codebook = codebook_of(90, 2)
    talk = talk_of(codebook, 300)
    drawn = map_of(codebook, talk)
    assert "Down to level 1 of 2, with what is below." in drawn.alt
    roots = [code.code for code in codebook.codes if code.level == 1]
    marked = sum(len(having(codebook, talk, root)) for root in roots)
    assert sum(len(points) for points in marks(drawn).values()) == marked


def test_a_talk_without_codings_says_so() -> None:
    codebook = codebook_of(3, 1)
    drawn = map_of(codebook, talk_of(codebook, longest=0))
    assert drawn.alt == "No coding counts yet in what participants say in talk."
    with drawing.fixed_style():
        assert drawn.alt in [text for text, _ in shown_texts(drawn.figure)]


def test_thousands_of_codings_stay_vectors_of_moderate_size_and_the_same_bytes() -> None:
    codebook = codebook_of(60, 2)
    talk = talk_of(codebook, 2500, people=9)
    files = []
    for _ in range(2):
        with drawing.fixed_style():
            map_of(codebook, talk).figure.savefig(into := BytesIO(), format="svg", metadata={"Date": None})
        files.append(into.getvalue())
    assert files[0] == files[1]
    assert b"<image" not in files[0] and len(files[0]) < 2_000_000
    assert len(talk.rows) > 5000
