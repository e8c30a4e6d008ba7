"""Answers as docx, json and csv: what is filled in comes back as it was, whatever the program that saved it."""

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import pytest
from answering import PROMPT, W, asked, form, issue, saved, sheet
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from office_files import pack

from qualcode.answers import CHOICES, RATINGS
from qualcode.answers.filled import choices
from qualcode.answers.reading import read_returned
from qualcode.answers.word import read_word
from qualcode.errors import Problems, QualcodeError
from qualcode.study import files_in
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


def back(write):
    """What is read of an answer that `write` writes into the folder member_checks."""
    with tempfile.TemporaryDirectory() as made:
        checks = Path(made) / "member_checks"
        issue(checks, PACKET)
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
@given(answers(), st.sampled_from(("inline", "block", "nested")), st.booleans())
def test_what_is_filled_into_a_docx_comes_back(filled, shape, tags):
    assert back(lambda checks: form(checks / "a.docx", PACKET, filled, shape=shape, tags=tags)) == filled


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
        sent = read_word(form(Path(made) / "a.docx", PACKET))
    found = sent.filled(sent)
    assert found.code == PACKET.return_code and found.title == "Talks"
    assert not any(value for given in found.values.values() for value in given)


# --- docx ----------------------------------------------------------------------------------------------------------


def changed(path, change):
    """A docx whose text was changed as XML."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["word/document.xml"] = change(parts["word/document.xml"])
    return pack(path, parts)


def with_part(path, kind, content):
    """A docx to which a part beside the body was added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts[f"word/{kind}.xml"] = f'<w:{kind} xmlns:w="{W}">{content}</w:{kind}>'
    parts["word/_rels/document.xml.rels"] = (
        f'<Relationships><Relationship Id="r1" Type="http://x/{kind}" Target="{kind}.xml"/></Relationships>'
    )
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


@pytest.mark.parametrize("kept", ["", "3"])
def test_a_box_that_is_marked_as_ticked_and_looks_empty_is_refused(tmp_path, kept):
    empty = lambda text: box_of(text, "reflects 1=2", lambda c: c.replace("☒", "☐"))  # noqa: E731
    more = lambda text: box_of(text, f"reflects 1={kept}", lambda c: c.replace("☐", "☒")) if kept else text  # noqa: E731
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, {"reflects 1": "2", "reflects 2": "3"}), lambda text: more(empty(text))
    )
    told = "/a.docx: 'reflects 1': a box says two things: it is marked as ticked, and looks empty. Ask what is meant"
    assert refusal(tmp_path, write).startswith(told)


def test_two_boxes_that_are_marked_as_ticked_are_two(tmp_path):
    def mark(control):
        return control.replace('w14:checked w14:val="0"', 'w14:checked w14:val="1"').replace("☐", "")

    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET, {"reflects 1": "2"}), lambda text: box_of(text, "reflects 1=5", mark)
    )
    assert refusal(tmp_path, write).startswith("/a.docx: 'reflects 1': 2 and 5 are ticked, where one can hold.")


@pytest.mark.parametrize("ticked", ["0", "1"])
def test_something_else_than_a_tick_is_refused(tmp_path, ticked):
    def write_in(control):
        return control.replace("☐", "maybe").replace('w14:checked w14:val="0"', f'w14:checked w14:val="{ticked}"')

    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET), lambda text: box_of(text, "reflects 1=2", write_in)
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
    write = lambda checks: changed(form(checks / "a.docx", PACKET, {"reflects 1": "1"}), lost)  # noqa: E731
    assert back(write) == {"reflects 1": "1"}
    write = lambda checks: changed(  # noqa: E731
        form(checks / "a.docx", PACKET), lambda text: lost(text).replace(PROMPT, f"{PROMPT}But why?", 1)
    )
    assert back(write) == {"quotation 1.1": "change", "words 1.1": "But why?"}


def test_words_are_an_answer_even_where_a_program_still_calls_them_a_prompt():
    answer = lambda text: box_of(text, "add", lambda control: control.replace(PROMPT, "But why?"))  # noqa: E731
    assert back(lambda checks: changed(form(checks / "a.docx", PACKET), answer)) == {"add": "But why?"}


@pytest.mark.parametrize("before", [{"reflects 1": "1"}, {"reflects 1": "1", "add": "Tap here."}])
def test_what_word_writes_into_a_field_that_was_emptied_is_no_answer(before):
    empty = lambda text: box_of(text, "add", lambda control: control.replace(PROMPT, "Tap here."))  # noqa: E731
    parts = (
        "<w:docParts><w:docPart><w:docPartBody><w:p><w:r><w:t>Tap </w:t></w:r> <w:r><w:t>here.</w:t></w:r></w:p>"
        "</w:docPartBody></w:docPart></w:docParts>"
    )
    write = lambda checks: changed(form(checks / "a.docx", PACKET, before), empty)  # noqa: E731
    assert back(lambda checks: with_part(write(checks), "glossaryDocument", parts)) == before


@pytest.mark.parametrize("kind", ["comments", "footnotes", "endnotes", "header", "footer"])
def test_words_outside_the_body_are_not_lost_in_silence(tmp_path, kind):
    part = "<w:p><w:r><w:t>Please</w:t></w:r> <w:r><w:tab/><w:t>withdraw</w:t></w:r><w:r><w:t> it</w:t></w:r></w:p>"
    write = lambda checks: with_part(form(checks / "a.docx", PACKET, {"add": "x"}), kind, part)  # noqa: E731
    assert refusal(tmp_path, write).startswith(
        "/a.docx: 3 words were written beside the fields, where nothing is read."
    )


def test_what_stood_at_the_edges_of_pages_is_nobodys_answer(tmp_path):
    """Programs write the edges of first and even pages beside the others, and the numbers of pages anew."""
    edge = "<w:p><w:r><w:t>Talks, page</w:t><w:tab/></w:r><w:fldSimple w:instr='PAGE'><w:r><w:t>{}</w:t></w:r></w:fldSimple></w:p>"
    sent = with_part(form(tmp_path / "sent.docx", PACKET), "header", edge.format(1))
    came = with_part(form(tmp_path / "came.docx", PACKET, {"add": "x"}), "header", edge.format(15) * 3)
    assert read_word(came).filled(read_word(sent)).beside == 0


@pytest.mark.parametrize(
    "what",
    [
        "<w:r><w:drawing/></w:r>",
        "<w:r><w:pict/></w:r>",
        "<w:r><w:object/></w:r>",
        "<m:oMath xmlns:m='m'><m:r><m:t>1</m:t></m:r></m:oMath>",
        "<x:AlternateContent xmlns:x='x'><x:Choice><w:contentPart/></x:Choice><x:Fallback><w:pict/></x:Fallback>"
        "</x:AlternateContent>",
    ],
)
@pytest.mark.parametrize("place", ["beside", "within"])
def test_what_is_drawn_or_pasted_in_is_not_lost_in_silence(tmp_path, what, place):
    def draw(text):
        if place == "within":
            return box_of(text, "add", lambda control: control.replace("<w:sdtContent>", f"<w:sdtContent>{what}"))
        return text.replace("</w:body>", f"<w:p>{what}</w:p></w:body>")

    write = lambda checks: changed(form(checks / "a.docx", PACKET, {"add": "x"}), draw)  # noqa: E731
    assert refusal(tmp_path, write).startswith("/a.docx: something is drawn or pasted in, which is not read. Type its")
    sent = read_word(changed(form(tmp_path / "sent.docx", PACKET), draw))
    assert sent.filled(sent).drawn == 0


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


# --- json ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "the file is damaged: it is not the json that the form saves"),
        ("[" * 100_000, "the file is damaged"),
        ('{"qualcode": "a", "qualcode": "b"}', "the file is damaged"),
        (
            '{"qualcode": "qualcode answers 1", "study": "", "return_code": "", "answers": {"add": "", "Add ": "x"}}',
            "the file is damaged: a question stands twice in it",
        ),
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


def test_half_a_sign_in_a_json_is_read_as_the_sign_for_what_is_none():
    write = lambda checks: saved(checks / "a.json", PACKET, {"add": "a-b 🗵"})  # noqa: E731
    halve = lambda path: path.write_text(path.read_text("utf-8").replace("a-b", "a\\ud800b"), "utf-8")  # noqa: E731
    assert back(lambda checks: halve(write(checks))) == {"add": "a\N{REPLACEMENT CHARACTER}b 🗵"}


def test_a_hundred_answers_are_read(tmp_path):
    checks = tmp_path / "member_checks"
    packets = [asked(f"p{number}", quotations=(2,) * 12) for number in range(100)]
    issue(checks, *packets)
    for packet in packets:
        given = {question: (choices(question) or ["Some words of mine."])[0] for question in packet.questions}
        given = {question: value for question, value in given.items() if not question.startswith("words")}
        form(checks / f"{packet.participant}.docx", packet, given)
    problems = Problems()
    returned = read_returned(checks, files_in(checks), "Talks", set(), problems)
    assert len(returned.answers) == 100 and not problems.found
    assert set(CHOICES) | set(RATINGS) >= {value for answer in returned.answers for value in answer.values.values()} - {
        "Some words of mine."
    }
