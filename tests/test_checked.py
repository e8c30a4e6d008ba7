"""What participants said of quotations and concepts, as marks on the text and ratings by concept."""

from itertools import pairwise

import pytest
from checking import asked, frame, quoted, rated
from hypothesis import given
from hypothesis import strategies as st

from qualcode.checked import (
    AMENDED_NOTE,
    INSTEAD,
    Checked,
    Mark,
    Ratings,
    effect_of,
    last_decisions,
    last_ratings,
    unanswered,
)

TEXT = "One two three four five six seven eight nine ten."
EFFECTS = ("kept", "amended", "withdrawn", "waits for words")
SPAN = st.tuples(st.integers(0, len(TEXT)), st.integers(1, 20)).map(lambda at: (at[0], min(len(TEXT), at[0] + at[1])))
MARKS = st.lists(
    st.tuples(SPAN, st.sampled_from(EFFECTS), st.sampled_from("ab")).filter(lambda mark: mark[0][0] < mark[0][1]),
    max_size=8,
)


def checked(marks) -> Checked:
    """Marks on TEXT as ((start, end), effect, person); amended words are put into capitals, which TEXT has nowhere."""
    rows = [
        quoted(
            person, effect, "talk", start, TEXT[start:end], f"1.{number}",
            words="NEW" if effect == "amended" else "", return_code=person,
        )
        for number, ((start, end), effect, person) in enumerate(marks, 1)
    ]  # fmt: skip
    return Checked.of(frame(rows))


def plain(pieces) -> str:
    """The letters of the text itself among what is shown."""
    for marker in (*INSTEAD.values(), f"NEW {AMENDED_NOTE}"):
        pieces = pieces.replace(marker, "")
    return pieces


@given(MARKS, SPAN)
def test_no_covered_character_is_told_and_every_other_one_is(marks, span):
    made, (start, end) = checked(marks), span
    covered = {at for (first, last), effect, _ in marks if effect != "kept" for at in range(first, last)}
    told = made.told("talk", start, TEXT[start:end])
    assert plain(told) == "".join(TEXT[at] for at in range(start, end) if at not in covered)
    assert not covered.isdisjoint(range(start, end)) or told == TEXT[start:end]


@given(MARKS, SPAN)
def test_pieces_join_without_gap_or_overlap(marks, span):
    made, (start, end) = checked(marks), span
    pieces = made.pieces("talk", start, TEXT[start:end])
    assert [at for first, last, _ in pieces for at in range(first, last)] == list(range(start, end))
    for first, last, shown in pieces:
        assert shown == TEXT[first:last] or made.covering("talk", first, last)


@given(MARKS)
def test_marks_that_cover_never_share_words_and_withdrawn_outranks(marks):
    made = checked(marks)
    covering = [mark for mark in made.marks.get("talk", ()) if mark.covers]
    for before, after in pairwise(covering):
        assert before.end <= after.start
    for (first, last), effect, _ in marks:
        if effect == "withdrawn":
            assert {mark.kind for mark in made.covering("talk", first, last)} == {"withdrawn"}


@given(MARKS, SPAN)
def test_touching_is_what_a_look_at_each_mark_says(marks, span):
    made, (start, end) = checked(marks), span
    assert made.touching("talk", start, end) == [
        mark for mark in made.marks.get("talk", ()) if mark.start < end and start < mark.end
    ]


@given(MARKS, SPAN)
def test_what_is_not_barred_shows_nothing_taken_back_and_only_whole_amendments(marks, span):
    made, (start, end) = checked(marks), span
    told = made.told("talk", start, TEXT[start:end])
    if not made.bars("talk", (start, end)):
        assert INSTEAD["withdrawn"] not in told and INSTEAD["waits for words"] not in told
    elif start < end:
        assert made.covering("talk", start, end)


@given(MARKS, SPAN)
def test_allowed_is_what_the_person_kept_or_amended_to_the_last_character(marks, span):
    made, (start, end) = checked(marks), span
    left = {at for mark in made.marks.get("talk", ()) if mark.participant == "a" and mark.kind in ("kept", "amended")
            for at in range(mark.start, mark.end)}  # fmt: skip
    if start < end:
        assert made.allows("a", "talk", start, end) == (set(range(start, end)) <= left)


def test_an_amended_quotation_is_shown_whole_or_not_at_all():
    made = checked([((4, 13), "amended", "a")])
    assert made.told("talk", 0, TEXT[:18]) == f"One NEW {AMENDED_NOTE} four"
    assert not made.bars("talk", (0, 18)) and made.bars("talk", (0, 8))
    assert made.told("talk", 0, TEXT[:7]) == f"One {INSTEAD['amended']}"
    assert made.told("other", 0, TEXT) == TEXT


def test_the_later_of_two_changes_holds_and_withdrawn_before_all():
    twice = checked([((4, 13), "waits for words", "a"), ((4, 13), "amended", "a")])
    assert [mark.kind for mark in twice.marks["talk"]] == ["amended"]
    again = checked([((4, 13), "amended", "a"), ((4, 13), "waits for words", "a")])
    assert [mark.kind for mark in again.marks["talk"]] == ["waits for words"]
    part = checked([((4, 13), "withdrawn", "a"), ((4, 18), "amended", "a")])
    assert [(mark.start, mark.end, mark.kind, mark.words) for mark in part.marks["talk"]] == [
        (4, 13, "withdrawn", ""),
        (13, 18, "amended", ""),
    ]


def test_a_row_without_a_place_marks_nothing():
    row = quoted("a", "withdrawn", "", 0, "gone") | {"start": None, "end": None}
    assert Checked.of(frame([row])) == Checked()


@pytest.mark.parametrize(
    ("rows", "ratings"),
    [
        ([rated("a", "help", 5), rated("b", "help", 3), rated("c", "help", 1)], Ratings(1, 1, 1)),
        ([rated("a", "help", 1, return_code="x"), rated("a", "help", 4, return_code="y")], Ratings(1, 0, 0)),
        # Two concepts of one packet that were merged since.
        ([rated("a", "help", 5, 1), rated("a", "help", 2, 2)], Ratings(0, 0, 1)),
        ([rated("a", "help", 2, 1, return_code="x"), rated("a", "help", 3, 1, return_code="y"),
          rated("a", "help", 5, 2, return_code="y")], Ratings(0, 1, 0)),
        ([asked("a", "help", "Say more.")], None),
    ],
)  # fmt: skip
def test_each_person_counts_once_by_what_they_said_last(rows, ratings):
    rows = [{"return_code": row["participant"], **row} for row in rows]
    assert Checked.of(frame(rows)).concepts.get("help") == ratings
    assert len(last_ratings(frame(rows))) == (ratings.answered if ratings else 0)


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        (["kept", "withdrawn"], ["withdrawn"]),
        (["withdrawn", "kept"], ["withdrawn"]),
        (["withdrawn", "amended"], ["withdrawn"]),
        (["amended", "waits for words"], ["waits for words"]),
        # A later packet shows the amended words.
        (["amended", "kept"], ["amended"]),
    ],
)
def test_words_that_were_asked_about_twice_are_one_quotation(rows, holds):
    """Asked in two packets under two concepts; of a quotation the second part is no quotation of its own."""
    made = [
        {**quoted("a", effect, "talk", 4 + 20 * part, "two three", number, part=part + 1),
         "return_code": number, "concept": number}
        for effect, number in zip(rows, ("1.1", "2.1"), strict=True) for part in range(2)
    ]  # fmt: skip
    made.append({**quoted("b", "kept", "talk", 4, "two three"), "return_code": "b"})
    found = last_decisions(frame(made))
    mine = found[found["participant"] == "a"]
    assert len(mine) == 2 and list(mine.drop_duplicates("quotation")["effect"]) == holds
    assert found["quotation"].nunique() == 2


def test_words_that_are_not_found_are_a_quotation_for_each_question():
    lost = {"source": "", "start": None, "end": None}
    rows = [
        {**quoted("a", "withdrawn", "talk", 4, "two", "1.1", return_code="x"), **lost},
        quoted("a", "withdrawn", "talk", 30, "nine", "1.1", return_code="x", part=2),
        {**quoted("a", "withdrawn", "talk", 4, "three", "1.2", return_code="x"), **lost},
        quoted("a", "kept", "talk", 30, "nine", "1.1", return_code="y"),
    ]
    found = last_decisions(frame(rows))
    assert [(row.question, row.effect) for row in found.itertuples()] == [
        ("quotation 1.1", "withdrawn"),
        ("quotation 1.2", "withdrawn"),
        ("quotation 1.1", "withdrawn"),
    ]
    assert found["quotation"].nunique() == 2
    assert last_decisions(frame([])).empty


def test_who_has_answered_nothing_and_who_not_the_last():
    sent = [("a", True), ("b", False), ("c", False), ("d", True), ("b", True), ("c", False), ("d", False)]
    assert unanswered(sent) == (["c"], ["d"])
    assert unanswered([]) == ([], [])


def test_disagreement_is_a_sentence_and_agreement_none():
    assert Ratings(2, 0, 0).told() == "" == Ratings().told()
    assert Ratings(2, 0, 1).told().startswith("Member check: 1 of 3 people who rated it says that")
    assert "2 of 2 people who rated it say that" in Ratings(0, 0, 2).told()
    assert "who rated it as “Guides” say that" in Ratings(0, 0, 2, ("Help", "Guides")).told("Help")


@pytest.mark.parametrize(
    ("values", "effect"),
    [
        ({}, ""),
        ({"quotation 1.2": "keep"}, "kept"),
        ({"quotation 1.2": "withdraw"}, "withdrawn"),
        ({"quotation 1.2": "change"}, "waits for words"),
        ({"quotation 1.2": "change", "words 1.2": "So."}, "amended"),
        ({"quotation 1.1": "keep", "words 11.2": "So."}, ""),
    ],
)
def test_what_becomes_of_a_quotation(values, effect):
    assert effect_of(values, "1.2") == effect


def test_many_marks_are_looked_up_quickly():
    marks = tuple(Mark(10 * at, 10 * at + 5, "kept", "a") for at in range(20_000))
    made = Checked({"talk": marks})
    assert sum(len(made.touching("talk", 10 * at, 10 * at + 20)) for at in range(20_000)) == 39_999
