"""Answers as docx, json and csv: what is filled in comes back as it was, whatever the program that saved it."""

import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from answering import PROMPT, asked, form, issue, saved, sheet
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from office_files import pack

from qualcode.answers import CHOICES, RATINGS
from qualcode.answers.filled import choices
from qualcode.answers.reading import read_returned
from qualcode.answers.word import read_word
from qualcode.errors import Problems, QualcodeError
from qualcode.study.model import files_in
from qualcode.text import clean

PACKET = asked(quotations=(2, 0, 1))
# XML has no other control characters, and none of the signs that are no characters.
SIGNS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="✎") | st.sampled_from(
    "\n\t<>&\"';,=☒☐[]\\"
)
WORDS = st.text(SIGNS, max_size=40)


@st.composite
def answers(draw, words=WORDS):
    """Whatever a person may fill in: values by question, cleaned and stripped as they are read."""
    found = {}
    for question in PACKET.questions:
        value = draw(st.sampled_from(("", *choices(question)))) if choices(question) else draw(words)
        kind, _, number = question.partition(" ")
        if kind == "words" and found.get(f"quotation {number}") == "keep":
            value = ""
        if value := clean(value)[0].strip():
            found[question] = value
            if kind == "words" and f"quotation {number}" not in found:
                found[f"quotation {number}"] = "change"
    return found or {"reflects 1": "3"}


def read(folder):
    problems = Problems()
    returned = read_returned(folder, files_in(folder), "Talks", set(), problems)
    problems.stop()
    return returned


def back(write, issued=True):
    """What is read of an answer that `write` writes into the folder member_checks."""
    with tempfile.TemporaryDirectory() as made:
        checks = Path(made) / "member_checks"
        folder = issue(checks, PACKET)
        if not issued:
            (folder / "p1.docx").unlink()
        write(checks)
        (answer,) = read(checks).answers
        return dict(answer.values)


def refusal(tmp_path, write):
    checks = tmp_path / "member_checks"
    issue(checks, PACKET)
    write(checks)
    with pytest.raises(QualcodeError) as raised:
        read(checks)
    (problem,) = raised.value.problems
    return str(problem).replace(str(checks), "")


# --- round trips ---------------------------------------------------------------------------------------------------


@examples(max_examples=60, deadline=None)
@given(answers(), st.sampled_from(("inline", "block", "nested")), st.booleans(), st.booleans())
def test_what_is_filled_into_a_docx_comes_back(filled, shape, tags, issued):
    assert back(lambda checks: form(checks / "a.docx", PACKET, filled, shape=shape, tags=tags), issued) == filled


@examples(max_examples=60, deadline=None)
@given(answers(st.text(max_size=60).filter(lambda text: text.isprintable() or "\n" in text)))
def test_what_the_browser_saves_comes_back(filled):
    assert back(lambda checks: saved(checks / "answers.json.txt", PACKET, filled, read_me="For people.")) == filled


@examples(max_examples=60, deadline=None)
@given(answers(), st.sampled_from((",", ";", "\t")), st.sampled_from(("utf-8", "utf-8-sig", "utf-16")))
def test_what_is_typed_into_a_csv_comes_back(filled, separator, encoding):
    rows = [[PACKET.return_code, *item] for item in filled.items()]
    found = back(lambda checks: sheet(checks / "a.csv", rows, separator=separator, encoding=encoding))
    assert {key: value.split() for key, value in found.items()} == {key: value.split() for key, value in filled.items()}


@examples(max_examples=40, deadline=None)
@given(
    answers(
        st.lists(
            st.sampled_from(["über", "señor", "it’s", "50€", "Straße", "„so“", "…", "a;", "b,", "c"]), max_size=9
        ).map(" ".join)
    )
)
def test_a_csv_that_excel_saved_in_windows_1252_comes_back(filled):
    rows = [[PACKET.return_code, *item] for item in filled.items()]
    assert back(lambda checks: sheet(checks / "a.csv", rows, separator=";", encoding="cp1252")) == filled


def test_the_form_that_is_sent_is_empty():
    with tempfile.TemporaryDirectory() as made:
        found = read_word(form(Path(made) / "a.docx", PACKET)).filled()
    assert found.code == PACKET.return_code and found.title == "Talks"
    assert not any(value for given in found.values.values() for value in given)


# --- docx ----------------------------------------------------------------------------------------------------------


def changed(path, change):
    """A docx whose text was changed as XML."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["word/document.xml"] = change(parts["word/document.xml"])
    return pack(path, parts)


def box_of(text, mark, change):
    """The document with the control of that mark changed."""
    found = re.search(rf'<w:sdt><w:sdtPr><w:tag w:val="{mark}"/>.*?</w:sdt>', text)
    return text.replace(found[0], change(found[0]))


@pytest.mark.parametrize("glyph", ["☒", "☑", "✓", "✔", "x", "X", "✗", "<w:sym>"])
def test_a_box_is_ticked_by_what_is_seen_in_it(glyph):
    def tick(control):
        if glyph == "<w:sym>":
            return control.replace('<w:t xml:space="preserve">☐</w:t>', '<w:sym w:font="Wingdings" w:char="F0FE"/>')
        return control.replace("☐", glyph)

    path = lambda checks: form(checks / "a.docx", PACKET)  # noqa: E731
    assert back(lambda checks: changed(path(checks), lambda text: box_of(text, "reflects 1=4", tick))) == {
        "reflects 1": "4"
    }


@pytest.mark.parametrize("value", ["1", "true", "on"])
def test_a_box_without_a_sign_is_ticked_by_its_mark(value):
    def tick(control):
        control = control.replace("☐", "")
        return control.replace('w14:checked w14:val="0"', f'w14:checked w14:val="{value}"')

    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET), lambda text: box_of(text, "quotation 1.2=withdraw", tick)
    )
    assert back(write) == {"quotation 1.2": "withdraw"}


def test_a_box_that_shows_no_tick_is_not_ticked():
    def empty(control):
        return control.replace("☒", "☐")

    given = {"reflects 1": "2", "reflects 2": "3"}
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, given), lambda text: box_of(text, "reflects 1=2", empty)
    )
    assert back(write) == {"reflects 2": "3"}


def test_something_else_than_a_tick_is_refused(tmp_path):
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET), lambda text: box_of(text, "reflects 1=2", lambda c: c.replace("☐", "maybe"))
    )
    assert refusal(tmp_path, write).startswith("/a.docx: 'reflects 1': the answer is none of 1, 2, 3, 4 or 5")


def test_two_ticks_for_one_question_are_refused(tmp_path):
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, {"reflects 1": "2"}),
        lambda text: box_of(text, "reflects 1=5", lambda c: c.replace("☐", "☒")),
    )
    assert refusal(tmp_path, write).startswith("/a.docx: 'reflects 1': 2 and 5 are ticked, where one can hold.")


def test_a_lost_field_is_named(tmp_path):
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, {"add": "x"}), lambda text: box_of(text, "change 2", lambda _: "")
    )
    told = refusal(tmp_path, write)
    assert told.startswith("/a.docx: 1 mark of the form is gone, so that it cannot be read: change 2. Type its answers")


def test_a_form_whose_controls_are_all_gone_is_refused(tmp_path):
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, {"add": "x"}),
        lambda text: re.sub(r"</?w:sdt>|<w:sdtPr>.*?</w:sdtPr>", "", text),
    )
    assert refusal(tmp_path, write).startswith("/a.docx: the return code is gone, so that nobody can tell whose answer")


def test_controls_without_tags_are_known_by_their_order_only_where_all_are_there(tmp_path):
    def lose(text):
        return text.replace(f"<w:sdt>{text.rpartition('<w:sdt>')[2].partition('</w:sdt>')[0]}</w:sdt>", "")

    write = lambda checks: changed(form(checks / "a.docx", PACKET, {"reflects 1": "2"}, tags=False), lose)  # noqa: E731
    assert "marks of the form are gone, so that it cannot be read" in refusal(tmp_path, write)


def test_words_beside_the_fields_are_not_lost_in_silence(tmp_path):
    write = lambda checks: form(checks / "a.docx", PACKET, {"add": "x"}, beside="Please leave it out")  # noqa: E731
    told = refusal(tmp_path, write)
    assert told.startswith("/a.docx: 4 words were written beside the fields, where nothing is read. Type its answers")


def test_words_in_the_paragraph_of_a_field_go_with_it():
    def beside(text):
        return box_of(text, "add", lambda control: f"<w:r><w:t>Not </w:t></w:r>{control}<w:r><w:t> yet</w:t></w:r>")

    write = lambda checks: changed(form(checks / "a.docx", PACKET, {"add": "it"}), beside)  # noqa: E731
    assert back(write) == {"add": "Not it yet"}
    write = lambda checks: changed(form(checks / "a.docx", PACKET), beside)  # noqa: E731
    assert back(write) == {"add": "Not  yet"}


def test_a_prompt_is_no_answer_even_where_its_mark_is_lost():
    lost = lambda text: text.replace("<w:showingPlcHdr/>", "")  # noqa: E731
    for issued in (True, False):
        write = lambda checks: changed(form(checks / "a.docx", PACKET, {"reflects 1": "1"}), lost)  # noqa: E731
        assert back(write, issued) == {"reflects 1": "1"}
        write = lambda checks: changed(  # noqa: E731
            form(checks / "a.docx", PACKET), lambda text: lost(text).replace(PROMPT, f"{PROMPT}But why?", 1)
        )
        assert back(write, issued) == {"quotation 1.1": "change", "words 1.1": "But why?"}


def test_words_that_were_taken_out_by_a_tracked_change_are_no_answer():
    def track(text):
        gone = '<w:del w:id="1"><w:r><w:delText>never</w:delText></w:r></w:del>'
        new = '<w:ins w:id="2"><w:r><w:t>always</w:t></w:r></w:ins>'
        return text.replace('<w:r><w:t xml:space="preserve">sometimes</w:t></w:r>', gone + new)

    assert back(lambda checks: changed(form(checks / "a.docx", PACKET, {"add": "sometimes"}), track)) == {
        "add": "always"
    }


def test_the_strict_dialect_of_word_is_read():
    strict = lambda text: text.replace(  # noqa: E731
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    given = {"reflects 1": "4", "add": "x\ny"}
    assert back(lambda checks: changed(form(checks / "a.docx", PACKET, given), strict)) == given


def test_hostile_files_are_refused(tmp_path):
    bomb = lambda checks: changed(form(checks / "a.docx", PACKET), lambda _: "<p>" + "<b/>" * 3_000_000)  # noqa: E731
    assert "the file holds more marks of layout" in refusal(tmp_path / "1", bomb)
    declared = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET), lambda text: f'<!DOCTYPE a [<!ENTITY b "c">]>{text}'
    )
    assert "declares a document type" in refusal(tmp_path / "2", declared)
    deep = lambda checks: changed(form(checks / "a.docx", PACKET), lambda _: "<a>" * 5000 + "</a>" * 5000)  # noqa: E731
    assert "/a.docx: the file is damaged" in refusal(tmp_path / "3", deep)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: this test was not run")
def test_a_form_that_libreoffice_saved_is_read(tmp_path):
    given = {
        "quotation 1.1": "keep",
        "words 1.2": "In its place",
        "reflects 1": "4",
        "reflects 3": "1",
        "add": "Últimas",
    }
    filled = form(tmp_path / "filled.docx", PACKET, given)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    again = ["soffice", profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir"]
    subprocess.run([*again, str(tmp_path / "saved"), str(filled)], check=True, capture_output=True, timeout=120)
    found = back(lambda checks: shutil.copy(tmp_path / "saved" / "filled.docx", checks / "a.docx"))
    assert found == given | {"quotation 1.2": "change"}


# --- json and csv --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "the file is damaged: it is not the json that the form saves"),
        ("[" * 100_000, "the file is damaged"),
        ('{"qualcode": "a", "qualcode": "b"}', "the file is damaged"),
        ("[]", "this is no file of answers that this version of qualcode knows"),
        ('{"qualcode": "qualcode answers 2"}', "this is no file of answers that this version of qualcode knows"),
        ('{"qualcode": "qualcode answers 1", "answers": {}}', "its answers are not texts by question"),
        (
            '{"qualcode": "qualcode answers 1", "study": "", "return_code": "", "answers": {"add": 1}}',
            "its answers are not texts by question",
        ),
        (PACKET.to_json(), "this is what a packet asks, and no answer"),
        (
            '{"qualcode": "qualcode answers 1", "study": "", "return_code": "", "answers": {}}',
            "the return code is gone",
        ),
    ],
)
def test_a_json_that_no_form_saved_is_refused(tmp_path, text, told):
    line = refusal(tmp_path, lambda checks: (checks / "a.json").write_text(text))
    assert line.startswith("/a.json: ") and told in line


def test_a_csv_with_other_columns_tells_nothing_of_its_first_row(tmp_path):
    rows = [[PACKET.return_code, "add", "x"]]
    told = refusal(
        tmp_path / "1", lambda checks: sheet(checks / "a.csv", rows, (PACKET.return_code, "add", "My secret"))
    )
    assert told == "/a.csv: row 1: 3 unknown columns. The columns are: return_code, question, answer."
    told = refusal(tmp_path / "2", lambda checks: sheet(checks / "a.csv", [["x", "add"]], ("return_code", "question")))
    assert told.startswith("/a.csv: row 1: the column 'answer' is missing.")


def test_a_csv_may_answer_for_several_people_and_say_a_thing_twice(tmp_path):
    others = [asked(f"p{number}") for number in (2, 3)]
    checks = tmp_path / "member_checks"
    issue(checks, *others)
    rows = [
        [others[1].return_code, "reflects 1", "4"],
        [others[0].return_code, "quotation 1.1", "KEEP"],
        [others[1].return_code, "reflects 1", "4"],
    ]
    sheet(checks / "a.csv", rows)
    assert [dict(answer.values) for answer in read(checks).answers] == [{"quotation 1.1": "keep"}, {"reflects 1": "4"}]
    sheet(checks / "a.csv", [*rows, [others[1].return_code, "reflects 1", "5"]])
    with pytest.raises(QualcodeError, match="row 2: 'reflects 1': 4 and 5 are ticked, where one can hold"):
        read(checks)


def test_a_hundred_answers_are_read_in_well_under_a_second(tmp_path):
    checks = tmp_path / "member_checks"
    packets = [asked(f"p{number}", quotations=(2,) * 12) for number in range(100)]
    issue(checks, *packets)
    for packet in packets:
        given = {question: (choices(question) or ["Some words of mine."])[0] for question in packet.questions}
        given = {question: value for question, value in given.items() if not question.startswith("words")}
        form(checks / f"{packet.participant}.docx", packet, given)
    files = files_in(checks)
    took = []
    for _ in range(3):
        problems = Problems()
        begun = time.process_time()
        returned = read_returned(checks, files, "Talks", set(), problems)
        took.append(time.process_time() - begun)
        assert len(returned.answers) == 100 and not problems.found
    assert min(took) < 1.5
    assert set(CHOICES) | set(RATINGS) >= {value for answer in returned.answers for value in answer.values.values()} - {
        "Some words of mine."
    }
