"""The folder member_checks: packets that were issued, answers held against them, and everything that is refused."""

import hashlib
import json

import pytest
from answering import asked, form, issue, saved, sheet

from qualcode.answers import Asked, typed_code
from qualcode.answers.reading import read_returned
from qualcode.errors import Problems
from qualcode.study.model import files_in

WORDS = "Nobody of the Greenfield school ever came"


@pytest.fixture
def checks(tmp_path):
    return tmp_path / "member_checks"


def read(checks, title="Talks", gone=()):
    """What is in the folder, and every problem with it as a line."""
    problems = Problems()
    returned = read_returned(checks, files_in(checks), title, set(gone), problems)
    return returned, [str(problem).replace(str(checks), "") for problem in problems.found]


def sound(checks, **further):
    returned, problems = read(checks, **further)
    assert not problems
    return returned


def refused(checks, **further):
    """The lines in which the folder is refused; none of them tells what a person wrote."""
    _, problems = read(checks, **further)
    assert problems
    for line in problems:
        assert not {"greenfield", "nobody"} & set(line.casefold().split())
    return problems


# --- what was issued -----------------------------------------------------------------------------------------------


def test_where_nothing_was_issued_there_is_nothing(checks):
    assert sound(checks) == read_returned(checks, [], "Talks", set(), Problems())
    checks.mkdir()
    (checks / ".DS_Store").write_text("x")
    (checks / "~$p1.docx").write_text("x")
    assert sound(checks).issued == ()


def test_packets_come_in_the_order_of_their_days(checks):
    third, second, first = asked("p3"), asked("p2"), asked("p1")
    issue(checks, third, day="2026-05-01")
    issue(checks, second, day="2026-04-10-2")
    issue(checks, first, day="2026-04-10")
    found = sound(checks).issued
    assert [(item.asked.participant, item.date) for item in found] == [
        ("p1", "2026-04-10"),
        ("p2", "2026-04-10"),
        ("p3", "2026-05-01"),
    ]
    assert found[0].asked == first and found[0].path.name == "p1.json"


def test_ten_issues_of_a_day_stand_in_their_order(checks):
    for number in range(1, 12):
        issue(checks, asked(f"p{number}"), day="2026-04-10" if number == 1 else f"2026-04-10-{number}")
    assert [item.asked.participant for item in sound(checks).issued] == [f"p{number}" for number in range(1, 12)]


def test_a_packet_that_was_issued_twice_counts_from_the_first_day(checks):
    issue(checks, asked())
    issue(checks, asked(), day="2026-04-12")
    assert [item.date for item in sound(checks).issued] == ["2026-04-10"]


def test_a_packet_whose_file_is_gone_is_told_from_one_that_was_never_sent(checks):
    (issue(checks, asked("p1"), asked("p2")) / "p2.json").unlink()
    (found,) = sound(checks).emptied
    assert (found.participant, found.date, found.path.name, found.row) == ("p2", "2026-04-10", "manifest.csv", 3)
    assert found.return_code == asked("p2").return_code


@pytest.mark.parametrize("suffix", ["docx", "html", "json"])
def test_a_file_that_was_changed_after_it_was_issued_is_refused(checks, suffix):
    folder = issue(checks, asked())
    path = folder / f"p1.{suffix}"
    path.write_bytes(path.read_bytes() + b" ")
    (told,) = refused(checks)
    assert told.startswith(
        f"/issued/2026-04-10/p1.{suffix}: this is not the file that was issued (manifest.csv, row 2)"
    )


def test_a_docx_is_held_against_the_form_that_was_issued_which_others_do_not_need(checks):
    folder = issue(checks, asked("p1"), asked("p2"))
    for person in ("p1", "p2"):
        (folder / f"{person}.docx").unlink()
        (folder / f"{person}.html").unlink()
    saved(checks / "p1.json", asked("p1"), {"reflects 1": "4"})
    assert sound(checks).answers[0].values == {"reflects 1": "4"}
    form(checks / "p2.docx", asked("p2"), {"add": WORDS})
    (told,) = refused(checks)
    assert (
        told.startswith("/p2.docx: the form that was issued is gone")
        and "(p2.docx). Put it back into issued/2026" in told
    )
    assert sound(checks, gone={"p2"}).answers


@pytest.mark.parametrize(
    "name",
    [
        "p1.json",
        "2026-04-31/p1.json",
        "2026-4-1/p1.json",
        "2026-04-10-1/p1.json",
        "first/p1.json",
        "2026-04-10/a/p1.json",
    ],
)
def test_what_lies_in_no_folder_of_a_day_is_told(checks, name):
    path = checks / "issued" / name
    path.parent.mkdir(parents=True)
    path.write_text(asked().to_json())
    (told,) = refused(checks)
    assert told.startswith(f"/issued/{name}: this is in no folder of a day on which packets were issued.")


def test_an_answer_that_lies_among_the_packets_is_told(checks):
    saved(issue(checks, asked()) / "answers.json", asked(), {"add": WORDS})
    (told,) = refused(checks)
    assert "/issued/2026-04-10/answers.json: manifest.csv does not name this file. An answer belongs into" in told


def test_packets_without_a_sound_manifest_are_told_once(checks):
    folder = issue(checks, asked())
    saved(checks / "a.json", asked(), {"add": WORDS})
    (folder / "manifest.csv").unlink()
    (told,) = refused(checks)
    assert "manifest.csv: the manifest of these packets is missing" in told
    sheet(folder / "manifest.csv", [["p1", asked().return_code]], ("participant", "return_code"))
    (told,) = refused(checks)
    assert "manifest.csv: row 1: columns are missing: docx, html, json" in told


def test_a_packet_in_the_place_of_another_is_refused(checks):
    folder = issue(checks, asked())
    text = json.dumps(json.loads(asked().to_json()) | {"participant": "p2"})
    for content in (text, asked("p2").to_json(), "{", "[]", "{}", "[" * 100_000):
        (folder / "p1.json").write_text(content)
        digest = hashlib.sha256(content.encode()).hexdigest()
        row = ["p1", asked().return_code, "", "", digest]
        sheet(folder / "manifest.csv", [row], ("participant", "return_code", "docx", "html", "json"))
        (folder / "p1.docx").unlink(missing_ok=True)
        (folder / "p1.html").unlink(missing_ok=True)
        (told,) = refused(checks)
        assert "p1.json: this is no packet, or not the one that the manifest names" in told


# --- answers -------------------------------------------------------------------------------------------------------


def test_answers_of_every_format_say_the_same(checks):
    people = [asked(f"p{number}") for number in range(1, 4)]
    issue(checks, *people)
    given = {"quotation 1.1": "change", "words 1.1": WORDS, "reflects 2": "5", "add": "One.\nTwo “words”."}
    form(checks / "by mail" / "one.docx", people[0], given)
    saved(checks / "two.json", people[1], given)
    sheet(checks / "typed.csv", [[people[2].return_code, *item] for item in given.items()])
    found = sound(checks).answers
    assert [answer.issued.asked.participant for answer in found] == ["p1", "p2", "p3"]
    assert [list(answer.values.items()) for answer in found] == [list(given.items())] * 3


def test_answers_stand_in_the_order_of_issuing(checks):
    issue(checks, asked("p2"), day="2026-04-01")
    issue(checks, asked("p1"), day="2026-04-02")
    saved(checks / "a.json", asked("p1"), {"add": "b"})
    saved(checks / "b.json", asked("p2"), {"add": "a"})
    found = sound(checks)
    assert [answer.path.name for answer in found.answers] == ["b.json", "a.json"]
    assert found.additions() == [("p2", "a"), ("p1", "b")]


def test_what_is_set_aside_is_not_read(checks):
    issue(checks, asked())
    (checks / "set-aside").mkdir()
    (checks / "set-aside" / "scan.pdf").write_bytes(b"%PDF")
    saved(checks / "set-aside" / "a.json", asked("p9"), {"add": WORDS})
    assert sound(checks).answers == ()


def test_new_words_without_a_tick_are_a_change(checks):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"words 1.2": WORDS})
    assert sound(checks).answers[0].values == {"quotation 1.2": "change", "words 1.2": WORDS}


def test_a_change_without_words_and_words_beside_a_withdrawal_are_read(checks):
    issue(checks, asked())
    given = {"quotation 1.1": "change", "quotation 1.2": "withdraw", "words 1.2": WORDS}
    saved(checks / "a.json", asked(), given)
    assert sound(checks).answers[0].values == given


def test_two_files_of_one_answer_must_say_the_same(checks):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"reflects 1": "4"})
    form(checks / "b.docx", asked(), {"reflects 1": "4"})
    assert [answer.path.name for answer in sound(checks).answers] == ["a.json"]
    sheet(checks / "c.csv", [[asked().return_code, "reflects 1", "5"]])
    (told,) = refused(checks)
    code = asked().return_code
    otherwise = f"a.json has the return code {code} too, and answers otherwise (reflects 1). Ask which"
    assert told.startswith(f"/c.csv: {otherwise}")


def test_people_who_are_gone_leave_nothing_but_that_they_were_sent_a_packet(checks):
    folder = issue(checks, asked("p1"), asked("p2"), asked("p3"))
    for person in ("p1", "p2", "p3"):
        saved(checks / f"{person}.json", asked(person), {"add": WORDS, "reflects 1": "1"})
    codes = [asked(person).return_code for person in ("p1", "p2", "p3")]
    decisions = [[code, "reflects 1", "changed"] for code in codes]
    sheet(checks / "decisions.csv", decisions, ("return_code", "question", "decision"))
    (folder / "p2.json").unlink()
    (checks / "p1.json").write_text(json.dumps({**json.loads((checks / "p1.json").read_text()), "answers": {}}))
    found = sound(checks, gone={"p1", "p2"})
    assert [item.asked.participant for item in found.issued] == ["p3"]
    assert [item.issued.asked.participant for item in found.answers] == ["p3"]
    assert [item.return_code for item in found.decisions] == codes[2:]
    assert sorted((item.participant, item.row) for item in found.emptied) == [("p1", 0), ("p2", 3)]


# --- what is refused -----------------------------------------------------------------------------------------------


def test_an_unknown_code_and_a_mistyped_one_are_told_apart(checks):
    issue(checks, asked())
    other, mine = asked("p9").return_code, asked().return_code
    wrong = ("2" if mine[0] != "2" else "3") + mine[1:]
    assert typed_code(wrong) == ""
    sheet(checks / "a.csv", [[other, "add", WORDS], [wrong, "add", WORDS], [WORDS, "add", "x"]])
    assert refused(checks) == [
        f"/a.csv: row 2: no packet with the return code {other} was issued. Is it an answer to another study?",
        f"/a.csv: row 3: this is no return code: it is mistyped. Is it {mine}?",
        "/a.csv: row 4: this is no return code: it is mistyped. Compare it with the packet.",
    ]


def test_a_code_is_read_however_it_is_typed(checks):
    issue(checks, asked())
    code = asked().return_code
    sheet(checks / "a.csv", [[code.lower().replace("-", " "), "Reflects  1", "4"], [code, "ADD", "x"]])
    assert sound(checks).answers[0].values == {"reflects 1": "4", "add": "x"}


def test_an_answer_to_another_study_is_told(checks):
    issue(checks, asked())
    saved(checks / "a.json", asked(study="Walks"), {"add": WORDS})
    saved(checks / "b.json", asked("p9"), {"add": WORDS}, study=" TALKS ")
    form(checks / "c.docx", asked(study=WORDS), {"add": "x"})
    told = "this is an answer to another study: it bears another title. Take it away."
    first, second, third = refused(checks)
    assert [first, third] == [f"/{name}: {told}" for name in ("a.json", "c.docx")]
    assert second.startswith("/b.json: no packet with the return code")


@pytest.mark.parametrize("title", ["Talks", "Walks", "Talks of mentors"])
def test_who_bears_a_code_of_ours_answers_us_whatever_the_title(checks, title):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"add": "x"}, study="Walks")
    assert sound(checks, title=title).answers


def test_forms_with_their_marks_removed_are_refused(checks):
    issue(checks, asked(quotations=(1,)))
    packet = asked(quotations=(1,))
    whole = {question: "" for question in packet.questions if question != "reflects 1"}
    saved(checks / "a.json", packet, {}, answers=whole | {"add": WORDS})
    form(checks / "b.docx", asked(quotations=(1,), decides=False, content="x"), {"add": WORDS})
    form(checks / "c.docx", packet, {"add": WORDS}, tags=False)
    found = read(checks)
    assert [answer.path.name for answer in found[0].answers] == ["c.docx"]
    first, second = found[1]
    assert first.startswith("/a.json: 1 mark of the form is gone, so that it cannot be read: reflects 1. Type its")
    assert second.startswith("/b.docx: no packet with the return code")


def test_questions_that_were_not_asked_are_told(checks):
    issue(checks, asked(decides=False))
    packet = asked(decides=False)
    answers = dict.fromkeys(packet.questions, "") | {"quotation 1.1": "withdraw", WORDS: "x"}
    saved(checks / "a.json", packet, {}, answers=answers)
    sheet(checks / "b.csv", [[packet.return_code, "reflects 9", "4"], [packet.return_code, WORDS, "4"]])
    assert refused(checks) == [
        "/a.json: who may not be quoted decides on no quotation (quotation 1.1). Leave it out: these words are quoted "
        "nowhere.",
        "/a.json: the packet with this return code does not ask what is answered here: a question of another form. Look "
        "at the numbers in the packet that was sent.",
        "/b.csv: row 3, question: there is no question of this kind. They are called as in `quotation 1.2`, "
        "`words 1.2`, `reflects 1`, `change 1` and `add`.",
        "/b.csv: row 2: the packet with this return code does not ask what is answered here: 'reflects 9'. Look at the "
        "numbers in the packet that was sent.",
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reflects 1": "6"}, "'reflects 1': the answer is none of 1, 2, 3, 4 or 5"),
        ({"reflects 1": WORDS}, "'reflects 1': the answer is none of 1, 2, 3, 4 or 5"),
        ({"quotation 1.1": "yes"}, "'quotation 1.1': the answer is none of keep, change or withdraw"),
        (
            {"quotation 1.1": "keep", "words 1.1": WORDS},
            "the quotation is to be kept, and other words are given for it",
        ),
        ({}, "nothing is filled in. If it came back empty, put it into set-aside/"),
        ({"add": " \n"}, "nothing is filled in"),
    ],
)
def test_answers_that_cannot_be_are_refused_in_one_line(checks, given, told):
    issue(checks, asked())
    saved(checks / "a.json", asked(), given)
    (line,) = refused(checks)
    assert line.startswith("/a.json: ") and told in line
    sheet(
        checks / "a.csv", [[asked().return_code, *item] for item in given.items()] or [[asked().return_code, "add", ""]]
    )
    (checks / "a.json").unlink()
    (line,) = refused(checks)
    rows = "row 2" if len(given) < 2 else "rows 2 and 3"
    assert line.startswith(f"/a.csv: {rows}: ") and told in line


def test_all_faults_of_all_files_are_told_and_nothing_is_half_applied(checks):
    issue(checks, asked("p1"), asked("p2"))
    given = {"reflects 1": "9", "quotation 1.1": "keep", "words 1.1": WORDS, "quotation 1.2": "withdraw"}
    saved(checks / "a.json", asked("p1"), given)
    saved(checks / "b.json", asked("p2"), {"quotation 1.1": "drop"})
    (checks / "c.pdf").write_bytes(b"%PDF")
    (checks / "d.docx").write_bytes(b"PK\x03\x04 no archive")
    returned, problems = read(checks)
    assert returned.answers == () and len(returned.issued) == 2
    assert [line.split(":")[0] for line in problems] == ["/a.json", "/a.json", "/b.json", "/c.pdf", "/d.docx"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scan.pdf", ".pdf files are not read, and it may hold an answer. Type its answers into a csv (return_code, "),
        ("scan.JPG", ".jpg files are not read"),
        ("p1.html", "A saved page holds no answers: ask for the file that its button saves"),
        ("p1.odt", "Save it as docx."),
        ("p1.xlsx", "Save the sheet as csv."),
        ("mail.txt", ".txt files are not read"),
        ("answer", "files without an ending are not read"),
    ],
)
def test_files_of_other_kinds_are_told(checks, name, told):
    checks.mkdir()
    (checks / name).write_text(WORDS)
    (line,) = refused(checks)
    assert line.startswith(f"/{name}: ") and told in line


# --- decisions -----------------------------------------------------------------------------------------------------


def decide(checks, *rows):
    return sheet(checks / "decisions.csv", rows, ("return_code", "question", "decision", "reason", "by", "at"))


def test_decisions_are_read_in_their_order(checks):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"reflects 1": "2", "change 1": WORDS, "add": "x"})
    code = asked().return_code
    decide(
        checks,
        [code.lower(), "Change 1", "Changed", "We renamed it.", "anna", "2026-05-04"],
        [code, "add", "unchanged", "", "", ""],
    )
    first, second = sound(checks).decisions
    assert (first.return_code, first.question, first.decision, first.row) == (code, "change 1", "changed", 2)
    assert (first.reason, first.by, first.at) == ("We renamed it.", "anna", "2026-05-04")
    assert (second.question, second.decision) == ("add", "unchanged")


@pytest.mark.parametrize("at", ["4.5.2026", "2026-13-04", "May"])
def test_when_it_was_decided_is_a_date(checks, at):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"change 1": WORDS})
    decide(checks, [asked().return_code, "change 1", "changed", "", "anna", at])
    (told,) = refused(checks)
    assert f"row 2, at: '{at}' does not fit: a date is written year-month-day" in told


def test_decisions_on_nothing_are_told(checks):
    issue(checks, asked("p1"), asked("p2"))
    saved(checks / "a.json", asked(), {"reflects 1": "2", "quotation 1.1": "withdraw"})
    code = asked().return_code
    decide(
        checks,
        [code, "change 1", "changed"],
        [code, "quotation 1.1", "unchanged"],
        [asked("p2").return_code, "change 1", "changed"],
        [code, "reflects 1", "perhaps"],
        [code, "reflects 1", "changed"],
        [code, "", "changed"],
        [code, "words", "changed"],
    )
    lines = refused(checks)
    for number, told in {
        2: "nothing was answered to 'change 1' with this return code",
        4: "no answer has the return code of this decision",
        6: "row 5 is a decision on the same",
        7: "'question' is missing",
    }.items():
        assert any(f"decisions.csv: row {number}" in line and told in line for line in lines), told
    assert any(
        "row 5, decision: 'perhaps' is not allowed here. Use one of: changed, unchanged." in line for line in lines
    )
    several = (
        "/decisions.csv: rows 3 and 8, question: there is nothing to decide on this. Decisions are on `reflects 1`"
    )
    assert any(line.startswith(several) for line in lines)
    assert len(lines) == 6


def test_decisions_on_an_answer_with_faults_wait_for_it(checks):
    issue(checks, asked())
    saved(checks / "a.json", asked(), {"reflects 1": "9"})
    decide(checks, [asked().return_code, "reflects 1", "changed"])
    (told,) = refused(checks)
    assert told.startswith("/a.json")


@pytest.mark.parametrize("fault", ["answer", "manifest"])
def test_a_decision_has_its_answer_perhaps_where_one_cannot_be_read(checks, fault):
    folder = issue(checks, asked("p1"), asked("p2"))
    saved(checks / "a.json", asked("p1"), {"reflects 1": "4"})
    decide(checks, [asked("p2").return_code, "reflects 1", "changed"], [asked("p1").return_code, "add", "changed"])
    if fault == "answer":
        (checks / "b.json").write_text("{")
        broken, decision = refused(checks)
        assert decision.startswith("/decisions.csv: row 3, question: nothing was answered to 'add'")
    else:
        (folder / "manifest.csv").write_text("participant\np1\n")
        (broken,) = refused(checks)
    assert broken.split(":")[0] == {"answer": "/b.json", "manifest": "/issued/2026-04-10/manifest.csv"}[fault]


def test_one_fault_of_many_rows_is_told_in_one_line(checks):
    issue(checks, asked())
    code = asked().return_code
    sheet(checks / "a.csv", [*([code, WORDS, "x"] for _ in range(38)), [WORDS, "add", "x"], [code, WORDS, "x"]])
    sheet(checks / "b.csv", [["", "add", "x"], [code, "add", "x"], ["", "add", "y"]])
    question, mistyped, empty = refused(checks)
    assert question.startswith(
        "/a.csv: rows 2, 3, 4, 5, 6, 7 and 33 more, question: there is no question of this kind."
    )
    assert mistyped.startswith("/a.csv: row 40: this is no return code")
    assert empty.startswith("/b.csv: rows 2 and 4: 'return_code' is missing")
    sheet(checks / "a.csv", [[code, WORDS, "x"] for _ in range(38)])
    assert refused(checks)[0].startswith("/a.csv: rows 2 to 39, question: there is no question of this kind.")


def test_a_line_break_in_the_name_of_a_file_breaks_no_line(checks):
    checks.mkdir()
    (checks / "a\nb\u2028.pdf").write_text("x")
    (told,) = refused(checks)
    assert told.startswith("/a\\nb\\u2028.pdf: .pdf files are not read")


def test_a_packet_is_what_its_file_says(checks):
    packet = asked(quotations=(3, 0, 2), content="abc")
    assert Asked.of(json.loads(packet.to_json())) == packet
    assert packet.questions[:3] == ["quotation 1.1", "words 1.1", "quotation 1.2"]
    assert asked(decides=False).questions == ["reflects 1", "change 1", "reflects 2", "change 2", "add"]
