"""Answers that the researcher types into a csv: by rows, in the packet's own words, in addition to what came back."""

import pytest
from answering import asked, issue, saved, sheet

from qualcode.errors import QualcodeError
from qualcode.study import load_study

PACKET, CLOSED = asked("p1"), asked("p2", decides=False)
CODE, OTHER = PACKET.return_code, CLOSED.return_code
WORDS = "Nobody of the Greenfield school ever came"


@pytest.fixture
def checks(study):
    wording = 'member_checks: {wording: {keep: "So  lassen.", withdraw: "Weglassen"}}'
    study.write("study.yaml", f"{(study.path / 'study.yaml').read_text()}\n{wording}\n")
    issue(study.path / "member_checks", PACKET, CLOSED)
    return study.path / "member_checks"


def values(checks):
    """What each answer says, in the order of its questions."""
    return [list(answer.values.items()) for answer in load_study(checks.parent).returned.answers]


def refused(checks):
    with pytest.raises(QualcodeError) as raised:
        load_study(checks.parent)
    told = [str(problem).replace(str(checks), "") for problem in raised.value.problems]
    assert "Greenfield" not in "".join(told)
    return told


# --- rows ----------------------------------------------------------------------------------------------------------


def test_a_csv_with_other_columns_tells_nothing_of_its_first_row(checks):
    sheet(checks / "a.csv", [[CODE, "add", "x"]], (CODE, "add", WORDS))
    assert refused(checks) == ["/a.csv: row 1: 3 unknown columns. The columns are: return_code, question, answer."]
    sheet(checks / "a.csv", [["x", "add"]], ("return_code", "question"))
    (told,) = refused(checks)
    assert told.startswith("/a.csv: row 1: the column 'answer' is missing.")


def test_a_csv_may_answer_for_several_people_and_say_a_thing_twice(checks):
    rows = [[OTHER, "reflects 1", "4"], [CODE, "quotation 1.1", "KEEP"], [OTHER, "reflects 1", "4"]]
    sheet(checks / "a.csv", rows)
    assert values(checks) == [[("quotation 1.1", "keep")], [("reflects 1", "4")]]
    sheet(checks / "a.csv", [*rows, [OTHER, "reflects 1", "5"]])
    (told,) = refused(checks)
    assert told.startswith("/a.csv: rows 2, 4 and 5: 'reflects 1': 4 and 5 are ticked, where one can hold")


def test_a_fault_of_a_csv_is_told_by_its_row(checks):
    rows = [
        [CODE, "reflects 1", "4"],
        [OTHER, "reflects 1", "4"],
        [CODE, "reflects 2", "4"],
        [CODE, "reflects 2", "9"],
        [CODE, "words 1.1", WORDS],
        [CODE, "quotation 1.1", "keep"],
        [CODE, "quotation 1.2", ""],
        [OTHER, "quotation 1.1", "withdraw"],
        [CODE, "reflects 8", "1"],
        [CODE, "add", WORDS],
        [CODE, "add", "y"],
    ]
    sheet(checks / "a.csv", rows)
    assert [line.split(". ")[0] for line in refused(checks)] == [
        "/a.csv: row 10: the packet with this return code does not ask what is answered here: 'reflects 8'",
        "/a.csv: rows 6 and 7: 'quotation 1.1': the quotation is to be kept, and other words are given for it",
        "/a.csv: row 5: 'reflects 2': the answer is none of 1, 2, 3, 4 or 5",
        "/a.csv: rows 11 and 12: 'add': there are several answers, where one can hold",
        "/a.csv: row 9: who may not be quoted decides on no quotation (quotation 1.1)",
    ]


# --- words of choices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "rating", "read"),
    [
        ("Keep it", "4.0", ["keep", "4"]),
        ("change  it.", "5,00", ["change", "5"]),
        ("LEAVE IT OUT", "1", ["withdraw", "1"]),
        ("so lassen", " 2 ", ["keep", "2"]),
        ("Weglassen", "3.", ["withdraw", "3"]),
        ("withdraw", "", ["withdraw"]),
        ("", "3", ["3"]),
    ],
)
def test_a_csv_may_call_choices_as_the_packet_does(checks, choice, rating, read):
    sheet(checks / "a.csv", [[CODE, "quotation 1.1", choice], [CODE, "reflects 1", rating]])
    (answered,) = values(checks)
    assert [value for _, value in answered] == read


@pytest.mark.parametrize("typed", ["4", "Keep it out", "Behalten", "it"])
def test_words_that_call_no_choice_are_refused(checks, typed):
    sheet(checks / "a.csv", [[CODE, "quotation 1.1", typed]])
    (told,) = refused(checks)
    assert told.startswith("/a.csv: row 2: 'quotation 1.1': the answer is none of keep, change or withdraw.")


@pytest.mark.parametrize("typed", ["4.5", "4.01", "6.0", "keep"])
def test_what_is_no_rating_is_refused(checks, typed):
    sheet(checks / "a.csv", [[CODE, "reflects 1", typed]])
    (told,) = refused(checks)
    assert told.startswith("/a.csv: row 2: 'reflects 1': the answer is none of 1, 2, 3, 4 or 5.")


# --- in addition to a form -----------------------------------------------------------------------------------------


def test_a_csv_adds_to_an_answer_what_it_left_open(checks):
    saved(checks / "z.json", PACKET, {"quotation 1.1": "change", "reflects 1": "4"})
    sheet(checks / "call.csv", [[CODE, "words 1.1", WORDS], [CODE, "reflects 1", "4"]])
    sheet(checks / "second.csv", [[CODE, "add", "x"], [CODE, "quotation 1.2", "keep"]])
    assert values(checks) == [
        [
            ("quotation 1.1", "change"),
            ("words 1.1", WORDS),
            ("quotation 1.2", "keep"),
            ("reflects 1", "4"),
            ("add", "x"),
        ]
    ]


@pytest.mark.parametrize(
    ("given", "typed", "question"),
    [
        ({"quotation 1.1": "keep"}, ("words 1.1", WORDS), "quotation 1.1"),
        ({"quotation 1.1": "withdraw"}, ("words 1.1", WORDS), "quotation 1.1"),
        ({"add": "x"}, ("add", WORDS), "add"),
    ],
)
def test_a_csv_contradicts_no_answer(checks, given, typed, question):
    saved(checks / "z.json", PACKET, given)
    sheet(checks / "a.csv", [[CODE, *typed], [CODE, "reflects 1", "4"]])
    (told,) = refused(checks)
    assert told.startswith(f"/a.csv: z.json has the return code {CODE} too, and answers otherwise ({question}). Ask")


def test_the_file_is_named_that_answers_otherwise(checks):
    saved(checks / "a.json", PACKET, {"reflects 1": "4"})
    sheet(checks / "b.csv", [[CODE, "add", WORDS]])
    sheet(checks / "c.csv", [[CODE, "add", "x"]])
    (told,) = refused(checks)
    assert told.startswith(f"/c.csv: b.csv has the return code {CODE} too, and answers otherwise (add). Ask")


def test_what_one_form_leaves_out_another_does_not_add(checks):
    saved(checks / "a.json", PACKET, {"reflects 1": "4", "add": WORDS})
    saved(checks / "b.json", PACKET, {"reflects 1": "4"})
    (told,) = refused(checks)
    assert told.startswith(f"/b.json: a.json has the return code {CODE} too, and answers otherwise (add). Ask")
