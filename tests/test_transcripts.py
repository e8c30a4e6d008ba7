from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from qualcode.errors import QualcodeError
from qualcode.study import Source
from qualcode.transcripts import read_transcript


def turns(path: Path, kind: str = "focus_group", labels=(), **columns):
    transcript = read_transcript(Source("s", path, kind, **columns), set(labels))
    return [(turn.label, turn.text) for turn in transcript.turns]


@pytest.fixture
def text(tmp_path):
    def write(words: str, name: str = "a.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(words.encode())
        return path

    return write


def test_turns_begin_with_a_name_and_other_lines_belong_to_the_turn_above(text):
    path = text(
        "Focus group\r\n\r\nAna María: One.\r\n   and two,\r\n\r\nthe end: so it goes.\r\n[Ben]: Three: four.\r\nDr. Hale:Five\r\n"
    )
    assert turns(path) == [
        ("", "Focus group"),
        ("Ana María", "One. and two, the end: so it goes."),
        ("Ben", "Three: four."),
        ("Dr. Hale", "Five"),
    ]


def test_labels_of_the_roster_win_over_what_looks_like_a_name(text):
    path = text("speaker one: Hello.\nAna: Hello. https://a.org\n")
    assert turns(path, labels=["speaker one"]) == [("speaker one", "Hello."), ("Ana", "Hello. https://a.org")]


def test_lines_are_split_at_line_ends_only(text):
    path = text("Ana: one\u2028two\x0bthree\x85four\n")
    (turn,) = turns(path)
    assert turn == ("Ana", "one\u2028twothreefour")


def test_a_transcript_without_labels_says_what_to_do(text):
    with pytest.raises(QualcodeError, match=r"no line begins with a speaker's label. Begin each turn with 'Name:'"):
        turns(text("just words\n"))


def test_a_document_is_read_by_paragraphs(text):
    path = text("# Title\n\nOne line\nand another.\n\n\nName: not a speaker here.\n", "a.md")
    assert turns(path, "document") == [
        ("", "# Title"),
        ("", "One line and another."),
        ("", "Name: not a speaker here."),
    ]


@pytest.mark.parametrize("words", ["", "\n \n", "\ufeff"])
def test_an_empty_transcript_is_an_error(text, words):
    with pytest.raises(QualcodeError, match="holds no words"):
        turns(text(words))


def test_an_unknown_format_is_an_error(text):
    with pytest.raises(QualcodeError, match=r"files that end in '\.xyz' are not read"):
        turns(text("Ana: x", "a.xyz"))


def test_cp1252_is_read_and_reported(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("Ana: café – “so”".encode("cp1252"))
    transcript = read_transcript(Source("s", path, "interview"), set())
    assert transcript.turns[0].text == "café – “so”"
    assert [item.what for item in transcript.left_out] == ["encoding"]


def test_docx_brings_all_words_or_counts_what_it_leaves(tmp_path):
    document = docx.Document()
    paragraph = document.add_paragraph("Ana: We ")
    insertion = OxmlElement("w:ins")
    run = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "inserted"
    run.append(words)
    insertion.append(run)
    paragraph._p.append(insertion)
    paragraph._p.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>two gone</w:delText></w:r></w:del>"))
    paragraph._p.append(
        parse_xml(
            f'<w:sdt {nsdecls("w")}><w:sdtContent><w:r><w:t xml:space="preserve"> and controlled</w:t></w:r></w:sdtContent></w:sdt>'
        )
    )
    paragraph.add_run(" end.").add_break()
    document.add_table(1, 2).rows[0].cells[0].text = "Ben: In a table."
    document.add_paragraph("more of Ben")
    box = document.add_paragraph("Cy: Here.").add_run()
    box._r.append(
        parse_xml(
            f"<w:pict {nsdecls('w')}><w:txbxContent><w:p><w:r><w:t>boxed words</w:t></w:r></w:p></w:txbxContent></w:pict>"
        )
    )
    assert box._r.find(qn("w:pict")) is not None
    path = tmp_path / "a.docx"
    document.save(path)
    transcript = read_transcript(Source("s", path, "interview"), set())
    assert [(turn.label, turn.text) for turn in transcript.turns] == [
        ("Ana", "We inserted and controlled end."),
        ("Ben", "In a table. more of Ben"),
        ("Cy", "Here."),
    ]
    assert {(item.what, item.count) for item in transcript.left_out} == {("deletions", 2), ("text boxes", 2)}


def test_a_broken_docx_is_an_error(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"not a zip")
    with pytest.raises(QualcodeError, match=r"this is not a \.docx file"):
        turns(path)


SURVEY = (
    'id,course,answer,more\n1,A,"The mentor, always there,\nhelped me a lot.",\n2,B,,I liked the long walks we took.\n'
)


def test_survey_rows_are_respondents_and_columns_of_sentences_are_answers(text):
    path = text(SURVEY, "a.csv")
    transcript = read_transcript(Source("s", path, "survey"), set())
    assert [(turn.label, turn.question, turn.text) for turn in transcript.turns] == [
        ("1", "answer", "The mentor, always there, helped me a lot."),
        ("2", "more", "I liked the long walks we took."),
    ]
    assert transcript.attributes == {"1": {"course": "A"}, "2": {"course": "B"}}
    assert [(item.what, item.count) for item in transcript.left_out] == [("columns", 2), ("answers", 2)]


def test_survey_columns_can_be_named(text):
    path = text(SURVEY, "a.csv")
    assert turns(path, "survey", id_column="id", text_columns=("more",)) == [("2", "I liked the long walks we took.")]


def test_survey_columns_that_tell_people_apart_stay_out(text):
    rows = "".join(f"{n},{'AB'[n % 2]},p{n}@x.org,It was a very good year.\n" for n in range(8))
    path = text("id,course,mail,answer\n" + rows, "a.csv")
    transcript = read_transcript(Source("s", path, "survey"), set())
    assert transcript.attributes["1"] == {"course": "B"}
    assert any("nearly every value differs" in item.note and "mail" in item.note for item in transcript.left_out)


def test_a_first_column_that_names_people_is_not_taken_for_ids(text):
    path = text("name,answer\nAoife Brennan,It was a very good year.\n", "a.csv")
    with pytest.raises(QualcodeError, match=r"the first column \('name'\) does not look like ids"):
        turns(path, "survey")


def test_a_survey_is_csv_or_xlsx(text):
    with pytest.raises(QualcodeError, match=r"a survey is csv or xlsx \(found '.docx'\)"):
        turns(text("x", "a.docx"), "survey")


def test_problems_of_a_survey(text):
    with pytest.raises(QualcodeError, match="the survey has no column 'reply'"):
        turns(text(SURVEY, "a.csv"), "survey", text_columns=("reply",))
    with pytest.raises(QualcodeError) as raised:
        turns(text("id,answer\n1,so it is for me\n1,so it was for him\n,so it is for all\n", "b.csv"), "survey")
    told = str(raised.value)
    assert "row 3: the respondent '1' stands already in row 2" in told and "row 4: the column 'id' is empty" in told
    with pytest.raises(QualcodeError, match="no column holds sentences"):
        turns(text("id,score\n1,2\n", "c.csv"), "survey")
