"""Real docx, odt and pdf files: their words against the text that others took out of them."""

import difflib

import pytest
from real_studies import without_numbers
from test_transcripts_office import read

from qualcode.transcripts import Transcript


def words(transcript: Transcript) -> list[str]:
    return " ".join(f"{turn.label and turn.label + ':'} {turn.text}" for turn in transcript.turns).split()


def different(found: list[str], wanted: list[str]) -> list[tuple[str, str]]:
    """What was wanted and what was found instead, wherever they differ."""
    matched = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    steps = (step for step in matched.get_opcodes() if step[0] != "equal")
    return [(" ".join(wanted[a:b]), " ".join(found[c:d])) for _, a, b, c, d in steps]


@pytest.mark.parametrize("number", range(1, 18))
def test_odt_transcripts_bring_every_word_in_order(real_data, number):
    folder = real_data / "serdif-taguette"
    (path,) = (folder / "data" / "transcripts" / "raw").glob(f"P{number}_*.odt")
    transcript = read(path, "document")
    derived = (folder / "derived" / f"P{number}.txt").read_text("utf-8").split()
    # In three of the sessions, the researchers took a hyphen out of one word after they had exported the file.
    slips = {6, 14, 15}
    assert different(words(transcript), derived) == ([("reusable", "re-usable")] if number in slips else [])
    assert transcript.left_out == []


@pytest.mark.parametrize("number", range(1, 8))
def test_pdf_transcripts_bring_every_word_in_order(real_data, number):
    folder = real_data / "pdpilot"
    path = folder / "results" / "transcripts" / f"P{number}.pdf"
    transcript = read(path, labels=("Dan", "Participant"))
    derived = without_numbers((folder / "txt" / f"P{number}.txt").read_text("utf-8")).split()
    # The heading of the page is no talk, but a word of the file; a word divided at a line's end is joined.
    joined = {5: [("two- way", "two-way")], 7: [("non- monotonic", "non-monotonic")]}
    assert different(words(transcript), derived) == [("", "Interview"), *joined.get(number, [])]
    assert {turn.label for turn in transcript.turns} == {"", "Dan", "Participant"} | (
        {"Particpant"} if number == 5 else set()
    )
    reasons = [item.note for item in transcript.left_out if item.what == "words"]
    assert any("numbers of pages, paragraphs and lines" in reason for reason in reasons)
    assert any("printed twice" in reason for reason in reasons)


def test_small_documents_are_read_whole(real_data):
    folder = real_data / "qualcoder-examples"
    docx = read(folder / "ID1.docx", "document")
    assert (len(docx.turns), docx.words, docx.left_out) == (3, 116, [])
    assert docx.turns[1].text.startswith("I guess some less computer-savvy people would have some trouble")
    odt = read(folder / "ID2.odt", "document")
    assert (len(odt.turns), odt.left_out) == (3, [])
    assert odt.turns[2].text == "The course cost €200.00 and I do not want to waste my money."


def test_an_export_of_a_thousand_highlights_is_read_whole(real_data):
    import docx

    folder = real_data / "serdif-taguette" / "data" / "transcripts" / "thematic-analysis" / "tags" / "text"
    path = folder / "all_tags_20220303.docx"
    plain = " ".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs).split()
    assert len(plain) > 50_000
    assert words(read(path, "document")) == plain
