"""Readers are chosen by content; plain text and documents. Formats have tests of their own (test_transcripts_*)."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import left, read, said

from qualcode.errors import QualcodeError
from qualcode.transcripts import LINE_LIMIT, TEXT_LIMIT


@pytest.fixture
def text(tmp_path):
    def write(words: str | bytes, name: str = "a.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(words if isinstance(words, bytes) else words.encode())
        return path

    return write


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def archive(**parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return data.getvalue()


# --- chosen by content ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.srt", "Ana: Hello.\nBen: Hi.\n", "plain text, although its name ends in .srt"),
        ("a.docx", "Ana: Hello.\nBen: Hi.\n", "plain text, although its name ends in .docx"),
        ("talk", "Ana: Hello.\nBen: Hi.\n", "plain text, although its name has no ending"),
        ("a.txt", workbook(["speaker", "text"], ["Ana", "Hello."], ["Ben", "Hi."]), "a spreadsheet (xlsx), although"),
        ("a.xlsx", "speaker,text\nAna,Hello.\nBen,Hi.\n", "a table (csv), although its name ends in .xlsx"),
        ("a.md", "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: Hello.\nBen: Hi.\n", "a caption file (vtt, srt), although"),
    ],
)
def test_what_the_file_holds_decides_and_another_ending_is_reported(text, name, data, what):
    transcript = read(text(data, name))
    assert said(transcript) == [("Ana", "Hello."), ("Ben", "Hi.")]
    (note,) = left(transcript, "encoding")
    assert note.startswith("is ") and what in note


def test_nothing_is_reported_where_ending_and_content_agree(text):
    srt = "1\n00:00:01,000 --> 00:00:02,000\nAna: Hello.\n"
    for name, data in (("a.md", "Ana: Hello.\n"), ("a.srt", srt), ("a.txt", srt), ("a.csv", "speaker,text\nAna,Hi\n")):
        assert not left(read(text(data, name)), "encoding")


@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.csv", "a.xlsx", "a.vtt", "a.odt", "a.pdf", "a.rtf"])
def test_an_empty_file_is_an_error(text, name):
    with pytest.raises(QualcodeError, match=r"the file is empty \(0 bytes\)"):
        read(text(b"", name))


@pytest.mark.parametrize("words", ["\n \n", "\ufeff", " \t\r\n", "WEBVTT\n\n"])
def test_a_file_of_blanks_is_an_error(text, words):
    with pytest.raises(QualcodeError, match="holds no words"):
        read(text(words))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", bytes(range(256)) * 40, "this is no text: "),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(500), "this is no text: "),
        ("a.txt", b"Ana: caf\xe9 \x81\x00", "neither UTF-8, UTF-16 nor Windows-1252"),
        ("a.txt", "Ana: Hello.".encode("utf-16-le"), "If it is text in UTF-16, save it as UTF-8"),
        ("a.doc", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), "locked with a password, or is of the old kind"),
        ("a.docx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), "locked with a password, or is of the old kind"),
        ("a.txt", archive(a="x"), "this is a zip archive. Unpack it"),
        (
            "a.ods",
            archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<x/>"),
            "another kind",
        ),
        ("a.txt", "<!DOCTYPE html><p>Ana: Hello.</p>", "this is a web page"),
        ("a.xyz", "Ana: x", r"files that end in '\.xyz' are not read. Save it as one of: docx, "),
        ("a.txt", archive(word__document_xml="x")[:-30], "damaged"),
    ],
)
def test_what_is_not_read_says_why(text, name, data, told):
    with pytest.raises(QualcodeError, match=told) as raised:
        read(text(data, name))
    assert len(raised.value.problems) == 1 and name in str(raised.value)


def test_tables_documents_and_surveys_must_be_called_what_they_are(text):
    with pytest.raises(QualcodeError, match=r"a survey is csv or xlsx \(found plain text\)"):
        read(text("Just words.", "a.docx"), "survey")
    with pytest.raises(QualcodeError, match=r"a document is text \(found a table \(csv\)\). Call it a survey"):
        read(text("speaker,text\nAna,Hi.\n", "a.csv"), "document")
    transcript = read(text("id,answer\n1,It was a good year.\n", "a.txt"), "survey")
    assert said(transcript) == [("1", "It was a good year.")]
    assert "a table (csv), although its name ends in .txt" in next(iter(left(transcript, "encoding")))


def test_text_beyond_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.txt"
    with path.open("wb") as handle:
        handle.write(b"Ana: Hello.\n")
        handle.truncate(TEXT_LIMIT + 1)
    with pytest.raises(QualcodeError, match="the file has 25 MB; text of up to 25 MB is read"):
        read(path)
    path.write_bytes(b"Ana: Hello." + b"\n" * (LINE_LIMIT + 1))
    with pytest.raises(QualcodeError, match="the file has 500,001 lines; text of up to 500,000 lines is read"):
        read(path)


@pytest.mark.parametrize("piece", [" ", "1", "[", "* ", "#00:00:01-1", "<v ", "(", "-->", "Ana ", "\u2028"])
def test_a_line_without_end_is_read_in_time_that_grows_with_it_only(text, piece):
    """Patterns that go back and forth over such lines would not end: this test would hang."""
    transcript = read(text(f"Ana: Hello.\nx{piece * 100_000}\nBen: Hi.\n"))
    assert [label for label, _ in said(transcript)] == ["Ana", "Ben"]
    captions = read(text(f"1\n00:01 --> 00:02\nAna: Hello.\nx{piece * 100_000}\n", "a.srt"))
    assert captions.turns[0].label == "Ana"


# --- plain text and documents --------------------------------------------------------------------------------------


def test_turns_begin_with_a_name_and_other_lines_belong_to_the_turn_above(text):
    transcript = read(
        text(
            "Focus group\r\n\r\nAna María: One.\r\n   and two,\r\n\r\nthe end: so it goes.\r\n[Ben]: Three: four.\r\n"
            "Dr. Hale:Five\r\n"
        )
    )
    assert said(transcript) == [
        ("", "Focus group"),
        ("Ana María", "One. and two, the end: so it goes."),
        ("Ben", "Three: four."),
        ("Dr. Hale", "Five"),
    ]
    assert [turn.place for turn in transcript.turns] == ["line 1", "line 3", "line 7", "line 8"]
    assert left(transcript) == {"labels of speakers: kept as who spoke": 5}
    assert left(transcript, "paragraphs") == {"without a speaker's label: joined to the turn above": 1}


def test_lines_are_split_at_line_ends_only_and_control_characters_part_words(text):
    transcript = read(text("Ana: one\u2028two\x0bthree\x85fo\x07ur\n"))
    assert said(transcript) == [("Ana", "one two three four")]
    assert left(transcript, "characters") == {"control characters, taken out": 1}


def test_a_transcript_without_labels_says_what_to_do(text):
    with pytest.raises(QualcodeError, match=r"no line begins with a speaker's label. Begin each turn with 'Name:'"):
        read(text("just words\n"))


def test_a_document_is_read_by_paragraphs(text):
    transcript = read(text("# Title\n\nOne line\nand another.\n\n\nName: not a speaker here.\n", "a.md"), "document")
    assert said(transcript) == [("", "# Title"), ("", "One line and another."), ("", "Name: not a speaker here.")]
    assert [turn.place for turn in transcript.turns] == ["line 1", "line 3", "line 7"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_gives_the_same_words(text, encoding):
    transcript = read(text("Ana: café – “so”\r\nBen: oui\r\n".encode(encoding)))
    assert said(transcript) == [("Ana", "café – “so”"), ("Ben", "oui")]
    warned = {"read as Windows-1252, because it is not valid UTF-8": 1} if encoding == "cp1252" else {}
    assert left(transcript, "encoding") == warned


ODD = [
    "👩‍👩‍👧",
    "e\u0301",
    "\u202eabc\u202c",
    "𝔘𝔫",
    "\u2028",
    "\x0b",
    "\x1c",
    "\x85",
    "\r\n",
    "\r",
    "\n",
    "\x00",
    "ﬁ",
    "\u00ad",
]
PIECES = st.one_of(
    st.sampled_from(
        [*ODD, " ", "Ana:", "[Ben]", "10:30", "00:04", "#", "**", "12", ":", "Q2", "\n\n", "\t", "-", "'", "word"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_word_of_any_text_is_lost(tmp_path_factory, words):
    """Whatever the text: each word of the file is in a turn or counted (`read` checks it), in the order of the file."""
    path = tmp_path_factory.mktemp("odd") / "a.txt"
    path.write_bytes(f"Ana: One.\n{words}\n".encode())
    try:
        transcript = read(path, labels=["Ana"])
    except QualcodeError as error:
        assert "this is no text" in str(error)
        return
    assert transcript.turns[0].label == "Ana"
    document = read(path, "document")
    assert document.words == transcript.words and not left(document)
