"""docx, odt and rtf: every word of the file comes in, or is named with the reason why it does not."""

import random
from pathlib import Path
from xml.sax.saxutils import escape

import docx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_files import write_docx, write_odt

from qualcode.errors import QualcodeError
from qualcode.study import Source
from qualcode.text import count_words
from qualcode.transcripts import Transcript, read_transcript


def read(path: Path, kind: str = "interview", labels=("Ana", "Ben", "Cy")) -> Transcript:
    """The transcript, once its words are all accounted for."""
    transcript = read_transcript(Source("s", path, kind), set(labels))
    apart = sum(item.count for item in transcript.left_out if item.what == "words")
    assert transcript.words == sum(count_words(turn.text) for turn in transcript.turns) + apart
    return transcript


def turns(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.label, turn.text) for turn in transcript.turns]


def left(transcript: Transcript, *, labels: bool = False) -> dict[str, int]:
    """Words left out by the beginning of the reason."""
    items = [item for item in transcript.left_out if item.what == "words"]
    return {item.note: item.count for item in items if labels or not item.note.startswith("labels of speakers")}


def p(content: str, properties: str = "") -> str:
    return f"<w:p>{properties and f'<w:pPr>{properties}</w:pPr>'}{content}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r>{properties and f"<w:rPr>{properties}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


# --- docx --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [False, True])
def test_tracked_changes_come_in_or_are_counted_and_what_was_moved_stands_once(tmp_path, strict):
    gone = "<w:r><w:delText>two gone</w:delText></w:r>"
    body = (
        p(r("Ana: We ") + f"<w:ins>{r('inserted')}</w:ins><w:del>{gone}</w:del>" + r(" end."))
        + p(f"<w:moveFrom>{r('Here it was.')}</w:moveFrom>" + r("Ben: Yes. "))
        + p(r("Cy: ") + f"<w:moveTo>{r('Here it was.')}</w:moveTo>")
    )
    transcript = read(write_docx(tmp_path / "a.docx", body, strict=strict))
    assert turns(transcript) == [("Ana", "We inserted end."), ("Ben", "Yes."), ("Cy", "Here it was.")]
    assert left(transcript) == {
        "deleted, and kept in the file as a tracked change": 2,
        "moved by a tracked change: read where they stand now": 3,
    }


def test_a_word_in_several_runs_is_one_word_where_it_is_left_out_too(tmp_path):
    half = "<w:r><w:delText>{}</w:delText></w:r>"
    body = p(r("Ana: Th") + r("ing ") + f"<w:del>{half.format('wal')}{half.format('king')}</w:del>" + r("x"))
    transcript = read(write_docx(tmp_path / "a.docx", body))
    assert turns(transcript) == [("Ana", "Thing x")]
    assert left(transcript) == {"deleted, and kept in the file as a tracked change": 1}


def test_a_deleted_paragraph_end_joins_the_paragraphs(tmp_path):
    mark = "<w:rPr><w:del/></w:rPr>"
    body = p(r("Ana: We went ho"), mark) + p(r("me.")) + p(r("Ben: Last"), mark)
    assert turns(read(write_docx(tmp_path / "a.docx", body))) == [("Ana", "We went home."), ("Ben", "Last")]


def test_deleted_rows_and_cells_stay_out(tmp_path):
    cell = "<w:tc>{}{}</w:tc>"
    row = f"<w:tr><w:trPr><w:del/></w:trPr>{cell.format('', p(r('row gone')))}</w:tr>"
    kept = f"<w:tr>{cell.format('<w:tcPr><w:cellDel/></w:tcPr>', p(r('cell gone now')))}{cell.format('', p(r('kept')))}</w:tr>"
    transcript = read(write_docx(tmp_path / "a.docx", p(r("Ana: One.")) + f"<w:tbl>{row}{kept}</w:tbl>"))
    assert turns(transcript) == [("Ana", "One. kept")]
    assert left(transcript) == {"deleted, and kept in the file as a tracked change": 5}


def test_links_controls_tags_and_fields_come_in_without_their_instructions(tmp_path):
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    begin, separate, end = (mark.format(kind) for kind in ("begin", "separate", "end"))
    nested = begin + "<w:r><w:instrText>REF x</w:instrText></w:r>" + separate + r("condition") + end
    body = (
        p(
            r("Ana: ")
            + f"<w:hyperlink>{r('link ')}</w:hyperlink><w:smartTag><w:smartTag>{r('tag ')}</w:smartTag></w:smartTag>"
        )
        + f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{p(r('block'))}</w:sdtContent></w:sdt>"
        + p(f"<w:fldSimple w:instr='DATE'>{r('today ')}</w:fldSimple>")
        + p(begin + "<w:r><w:instrText>IF </w:instrText></w:r>" + nested + separate + r("result") + end + r(" after"))
        + p(begin + r(" a field that never ends is none"))
        + p(f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Click to type')}</w:sdtContent></w:sdt>")
        + f"<w:customXml>{p(r('Ben: custom ') + '<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>')}</w:customXml>"
    )
    transcript = read(write_docx(tmp_path / "a.docx", body))
    assert turns(transcript) == [
        ("Ana", "link tag block today result after a field that never ends is none"),
        ("Ben", "custom x=1"),
    ]
    assert left(transcript) == {
        "prompts of form fields that were not filled in": 3,
        "inside the instructions of a field": 1,
    }


def test_text_boxes_come_in_once_below_their_paragraph(tmp_path):
    box = f"<w:txbxContent>{p(r('Ben: In a box.'))}{p(r('Twice.'))}</w:txbxContent>"
    both = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    only_old = (
        "<mc:AlternateContent><mc:Choice Requires='x'/><mc:Fallback><w:r><w:t>old</w:t></w:r></mc:Fallback>"
        "</mc:AlternateContent>"
    )
    body = p(r("Ana: Be") + f"<w:r>{both}</w:r>" + r("fore.")) + p(r("Cy: ") + only_old)
    transcript = read(write_docx(tmp_path / "a.docx", body))
    assert turns(transcript) == [("Ana", "Before."), ("Ben", "In a box. Twice."), ("Cy", "old")]
    assert [(item.what, item.count) for item in transcript.left_out if item.what == "text boxes"] == [("text boxes", 1)]


def test_drawings_and_watermarks_are_counted(tmp_path):
    drawn = "<w:r><w:drawing><a:txBody><a:p><a:r><a:t>in a shape</a:t></a:r></a:p></a:txBody></w:drawing></w:r>"
    header = p("<w:r><w:pict><v:shape><v:textpath string='DRAFT ONLY'/></v:shape></w:pict></w:r>" + r("running head"))
    transcript = read(write_docx(tmp_path / "a.docx", p(r("Ana: Yes.") + drawn), header=header))
    assert turns(transcript) == [("Ana", "Yes.")]
    assert left(transcript) == {"in drawings, charts and watermarks": 5, "in headers and footers": 2}


NOTES = {
    "footnotes": f"<w:footnote w:id='1'>{p(r('first note'))}</w:footnote><w:footnote w:id='7'>{p(r('never called'))}</w:footnote>",
    "endnotes": f"<w:endnote w:id='1'>{p(r('an end note'))}</w:endnote>",
    "comments": f"<w:comment w:id='0' w:author='Me'>{p(r('so it is'))}</w:comment>",
    "footer": p(r("Page") + "<w:r><w:tab/></w:r>" + r("of 3")),
}


def test_notes_comments_and_margins_are_no_ones_words(tmp_path):
    calls = "<w:r><w:footnoteReference w:id='1'/></w:r><w:r><w:endnoteReference w:id='1'/></w:r><w:r><w:commentReference w:id='0'/></w:r>"
    path = write_docx(tmp_path / "a.docx", p(r("Ana: So.") + calls) + p(r("More.")), **NOTES)
    transcript = read(path)
    assert turns(transcript) == [("Ana", "So. More.")]
    assert left(transcript) == {
        "in footnotes and endnotes, which no one said": 7,
        "in comments": 3,
        "in headers and footers": 3,
    }
    document = read(path, "document")
    assert [turn.text for turn in document.turns] == ["Ana: So.", "first note", "an end note", "More."]
    assert left(document) == {
        "in footnotes and endnotes, which no one said": 2,
        "in comments": 3,
        "in headers and footers": 3,
    }


def test_hidden_words_stay_out_by_run_style_and_inherited_style(tmp_path):
    style = "<w:style w:styleId='{}'>{}</w:style>"
    styles = style.format("Secret", "<w:rPr><w:vanish/></w:rPr>") + style.format("Child", "<w:basedOn w:val='Secret'/>")
    styles += style.format("Loop", "<w:basedOn w:val='Loop'/>")
    body = (
        p(
            r("Ana: Seen ")
            + r("run ", "<w:vanish/>")
            + r("shown ", "<w:vanish w:val='0'/>")
            + r("style", "<w:rStyle w:val='Secret'/>")
        )
        + p(r("whole paragraph ") + r("but this", "<w:vanish w:val='false'/>"), "<w:pStyle w:val='Child'/>")
        + p(r(" and that."), "<w:pStyle w:val='Loop'/>")
    )
    transcript = read(write_docx(tmp_path / "a.docx", body, styles=styles))
    assert turns(transcript) == [("Ana", "Seen shown but this and that.")]
    assert left(transcript) == {"hidden by their format": 4}


def test_signs_breaks_and_hyphens(tmp_path):
    signs = (
        "<w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t><w:softHyphen/><w:t>erate</w:t><w:tab/><w:t>re\u00aduse</w:t>"
        "<w:sym w:font='Wingdings' w:char='F04A'/><w:sym w:char='zz'/></w:r><w:ruby><w:rt><w:r><w:t>above</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>base</w:t></w:r></w:rubyBase></w:ruby>"
    )
    lines = "<w:r><w:t>Ben: a</w:t><w:br/><w:t>Cy: b</w:t><w:br w:type='page'/><w:t>c\n   d</w:t></w:r>"
    transcript = read(write_docx(tmp_path / "a.docx", p(r("Ana: ") + signs) + p(lines)))
    assert turns(transcript) == [("Ana", "co-operate\treuse☺\ufffdbase"), ("Ben", "a"), ("Cy", "b c    d")]
    assert left(transcript) == {"above or beside others as a guide to reading (ruby)": 1}
    assert any(
        item.what == "characters" and item.count == 2 and "soft hyphens" in item.note for item in transcript.left_out
    )


def test_documents_inside_are_named(tmp_path):
    path = write_docx(tmp_path / "a.docx", p(r("Ana: See below.")) + "<w:altChunk/>", aFChunk="", oleObject="")
    assert any(item.what == "documents" and item.count == 2 for item in read(path).left_out)


def table(*rows) -> str:
    cells = ("".join(f"<w:tc>{''.join(p(r(line)) for line in cell.split('|'))}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def test_a_table_of_speakers_beside_their_words_is_talk(tmp_path):
    rows = [
        ("Who", "What"),
        ("Ana:", "We met.|It was: good."),
        ("", "Really."),
        ("ben", "No."),
        ("Stranger", "Hello there."),
    ]
    transcript = read(write_docx(tmp_path / "a.docx", p(r("Talk of May")) + table(*rows)))
    assert turns(transcript) == [
        ("", "Talk of May"),
        ("Ana", "We met. It was: good. Really."),
        ("ben", "No."),
        ("Stranger", "Hello there."),
    ]
    assert left(transcript) == {
        "in the heading of a table of talk, or in its columns beside speaker, time and words": 2
    }


def test_a_table_of_talk_may_have_numbers_and_times(tmp_path):
    rows = [("1", "[0:03]", "S1", "So it began."), ("2", "0:09", "S2", "Yes."), ("3", "1:00:10", "S1", "No.")]
    transcript = read(write_docx(tmp_path / "a.docx", table(*rows)), labels=())
    assert turns(transcript) == [("S1", "So it began."), ("S2", "Yes."), ("S1", "No.")]
    assert [turn.time_start for turn in transcript.turns] == ["00:00:03", "00:00:09", "01:00:10"]


def test_the_heading_of_a_table_of_talk_says_which_column_was_said(tmp_path):
    codes = "friendship, time, trust and money at school"
    rows = [("0:01", "Ana", "We met.", codes), ("0:05", "Ben", "No.", codes), ("0:09", "Ana", "Yes.", codes)]
    body = table(("Interview of May",), ("Time", "Speaker", "Transcript", "Codes"), *rows)
    assert turns(read(write_docx(tmp_path / "a.docx", body))) == [
        ("", "Interview of May"),
        ("Ana", "We met."),
        ("Ben", "No."),
        ("Ana", "Yes."),
    ]
    for heading in [], [("Time", "Speaker", "What", "Codes")]:
        with pytest.raises(QualcodeError, match="more than one column of this table of talk could hold what was said"):
            read(write_docx(tmp_path / "b.docx", table(*heading, *rows)))


def test_codes_that_look_like_names_are_no_speakers(tmp_path):
    rows = [
        ("Friendship", "Ana", "We met there."),
        ("School", "Ben", "No, not really."),
        ("School", "Ana", "Yes, we did."),
    ]
    assert turns(read(write_docx(tmp_path / "a.docx", table(*rows)))) == [(who, said) for _, who, said in rows]


@pytest.mark.parametrize("odd", ["[noise]", "00:10:00", "Topic 2: the school", "[Q2]"])
def test_one_odd_cell_among_the_speakers_leaves_a_table_of_talk_one(tmp_path, odd):
    rows = [("Ana", "We met."), ("Ben|00:12", "No."), (odd, "Doors slam."), ("Ana 00:15", "Yes."), ("Ben", "Well.")]
    transcript = read(write_docx(tmp_path / "a.docx", table(*rows)))
    found = [(turn.label, turn.time_start) for turn in transcript.turns]
    assert found[:-1] == [("Ana", ""), ("Ben", "00:00:12"), *[("Ben", "")] * (odd == "[Q2]"), ("Ana", "00:00:15")]
    assert found[-1] == ("Ben", "")
    assert transcript.turns[1].text.startswith("No.")
    assert "Doors slam." in " ".join(turn.text for turn in transcript.turns)
    rows_told = [item.count for item in transcript.left_out if item.what == "rows"]
    assert rows_told == [1]


def test_a_time_or_number_in_a_cell_belongs_to_the_speaker_beside_it(tmp_path):
    rows = [("1", "[00:05]", "Ben: Hi."), ("2", "[00:09]", "Ana: Twelve|people."), ("3", "00:12", "Ben: Oh.")]
    transcript = read(write_docx(tmp_path / "a.docx", table(*rows)))
    assert turns(transcript) == [("Ben", "Hi."), ("Ana", "Twelve people."), ("Ben", "Oh.")]
    assert [turn.time_start for turn in transcript.turns] == ["00:00:05", "00:00:09", "00:00:12"]
    answers = table(("Ana: How many?",), ("12",)) + table(("12", "people"), ("13", ""))
    assert turns(read(write_docx(tmp_path / "b.docx", answers))) == [("Ana", "How many? 12 12 people 13")]


def test_other_tables_are_read_cell_by_cell(tmp_path):
    people = table(("Name", "Role"), ("Ana", "teacher"), ("Ben", "head"))
    inside = f"<w:tbl><w:tr><w:tc>{p(r('Ana: outer'))}{table(('inner', 'cells'))}{p(r('again'))}</w:tc></w:tr></w:tbl>"
    transcript = read(write_docx(tmp_path / "a.docx", people + p(r("Ben: Now.")) + inside))
    assert turns(transcript) == [
        ("", "Name Role Ana teacher Ben head"),
        ("Ben", "Now."),
        ("Ana", "outer inner cells again"),
    ]
    document = read(write_docx(tmp_path / "b.docx", people), "document")
    assert [turn.text for turn in document.turns] == ["Name", "Role", "Ana", "teacher", "Ben", "head"]


def test_the_layout_of_teams(tmp_path):
    lines = [
        "Talk-20260312_101500-Meeting Transcript",
        "12 March 2026, 10:15AM",
        "27m 42s",
        "Ana Hill started transcription",
    ]
    said = (
        p(r("Ana Hill") + r("   0:03") + "<w:r><w:br/></w:r>" + r("Hello."))
        + p(r("Ben Ode   0:09"))
        + p(r("Hi there."))
    )
    body = "".join(p(r(line)) for line in lines) + said + p(r("Ana Hill stopped transcription"))
    transcript = read(write_docx(tmp_path / "a.docx", body), labels=["Ana Hill"])
    assert turns(transcript) == [("Ana Hill", "Hello."), ("Ben Ode", "Hi there.")]
    assert [turn.time_start for turn in transcript.turns] == ["00:00:03", "00:00:09"]


def test_a_document_under_another_name_is_found_through_the_relations(tmp_path):
    from office_files import pack, relations

    whole = write_docx(tmp_path / "a.docx", p(r("Ana: Yes.")))
    import zipfile

    text = zipfile.ZipFile(whole).read("word/document.xml")
    path = pack(
        tmp_path / "b.docx",
        {"_rels/.rels": relations({"/Word/Document2.xml": "officeDocument"}), "word\\document2.xml": text},
    )
    assert turns(read(path)) == [("Ana", "Yes.")]


def test_a_docx_without_text_says_so(tmp_path):
    from office_files import pack

    with pytest.raises(QualcodeError, match="this is no Word document: it holds no text"):
        read(pack(tmp_path / "a.docx", {"word/other.xml": "<a/>"}))


WORDS = st.text(alphabet=st.sampled_from("abzÄéß.,'-:👩‍🏫́ה \u00a0\u2028\u0085\tא1"), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(WORDS, max_size=4), st.booleans()), min_size=1, max_size=6), st.randoms())
def test_any_runs_and_tables_of_a_docx_come_back(tmp_path_factory, paragraphs, chance: random.Random):
    document = docx.Document()
    expected = []
    for runs, in_table in paragraphs:
        cells = document.add_table(1, 2).rows[0].cells if in_table else ()
        place = cells[1].paragraphs[0] if in_table else document.add_paragraph()
        for run in runs:
            place.add_run(run.replace("\u0085", ""))
        expected.append("".join(runs).replace("\u0085", ""))
    path = tmp_path_factory.mktemp("docx") / "a.docx"
    document.save(path)
    found = read(path, "document") if any(text.strip() for text in expected) else None
    same([turn.text for turn in found.turns] if found else [], expected)


def same(found, expected):
    """The same characters in the same order; blanks and the composition of letters aside."""
    import unicodedata

    def bare(texts):
        return unicodedata.normalize("NFC", "".join("".join(texts).split()))

    assert bare(found) == bare(unicodedata.normalize("NFC", text) for text in expected)


# --- odt ---------------------------------------------------------------------------------------------------------------


def test_an_odt_brings_all_words_or_counts_what_it_leaves(tmp_path):
    changes = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>two gone</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    text = changes + (
        "<text:h>Ana: We<text:s text:c='2'/>met<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>a note</text:p></text:note-body></text:note> here<office:annotation><text:p>my comment here</text:p>"
        "</office:annotation>.</text:h>"
        "<text:p>In <text:span text:style-name='H'>hidden words</text:span><text:a>a link</text:a><!-- no --> and\n   "
        "<text:span>a</text:span>span.<text:tab/>x<text:line-break/>Ben: <draw:frame><draw:text-box><text:p>Cy: boxed"
        "</text:p></draw:text-box></draw:frame>after.</text:p>"
        "<text:list><text:list-item><text:number>3.</text:number><text:p>Ana: item</text:p></text:list-item></text:list>"
        "<text:p>base<text:ruby><text:ruby-base>d</text:ruby-base><text:ruby-text>above</text:ruby-text></text:ruby></text:p>"
        "<text:section text:display='none'><text:p>hidden section</text:p></text:section>"
        "<text:p><text:hidden-paragraph text:is-hidden='true'/>hidden paragraph</text:p>"
        "<text:p><text:placeholder>type here</text:placeholder></text:p>"
        "<text:table-of-content><text:table-of-content-source>template</text:table-of-content-source>"
        "<text:index-body><text:p>contents</text:p></text:index-body></text:table-of-content>"
    )
    hides = "<style:style style:name='{}' style:family='text' {}><style:text-properties {}/></style:style>"
    automatic = hides.format("H", "style:parent-style-name='Secret'", "")
    styles = (
        f"<office:styles>{hides.format('Secret', '', 'text:display=' + chr(39) + 'none' + chr(39))}</office:styles>"
        "<office:master-styles><style:master-page><style:header><text:p>running head</text:p></style:header>"
        "<style:footer><text:p>foot</text:p></style:footer></style:master-page></office:master-styles>"
    )
    path = write_odt(tmp_path / "a.odt", text, automatic=automatic, styles=styles)
    transcript = read(path)
    assert turns(transcript) == [
        ("Ana", "We  met here. In a link and aspan.\tx"),
        ("Ben", "after."),
        ("Cy", "boxed"),
        ("Ana", "item based contents"),
    ]
    assert left(transcript) == {
        "deleted, and kept in the file as a tracked change": 2,
        "in footnotes and endnotes, which no one said": 2,
        "in comments": 3,
        "hidden by their format": 6,
        "above or beside others as a guide to reading (ruby)": 1,
        "prompts of form fields that were not filled in": 2,
        "in headers and footers": 3,
    }
    document = read(path, "document")
    assert "a note" in [turn.text for turn in document.turns]
    assert "in footnotes and endnotes, which no one said" not in left(document)


def test_an_odt_has_tables_of_talk_too(tmp_path):
    row = "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
    rows = f"<table:table-header-rows>{row.format('Speaker', 'Words')}</table:table-header-rows>{row.format('Ana', 'We met.')}{row.format('Ben', 'No.')}{row.format('Ana', 'Yes.')}"
    covered = "<table:table-row><table:covered-table-cell><text:p>under it</text:p></table:covered-table-cell></table:table-row>"
    transcript = read(write_odt(tmp_path / "a.odt", f"<table:table>{rows}{covered}</table:table>"))
    assert turns(transcript) == [("Ana", "We met."), ("Ben", "No."), ("Ana", "Yes.")]
    assert left(transcript)["hidden by their format"] == 2


def test_joined_cells_of_an_odt_are_one(tmp_path):
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"
    covered = "<table:covered-table-cell/>"
    rows = [
        cell.format(' table:number-columns-spanned="2"', "The first part") + covered,
        cell.format(' table:number-rows-spanned="2"', "Ana") + cell.format("", "We met."),
        covered + cell.format("", "Twice."),
        cell.format("", "Ben") + cell.format("", "No."),
    ]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    transcript = read(write_odt(tmp_path / "a.odt", f"<table:table>{body}</table:table>"))
    assert turns(transcript) == [("", "The first part"), ("Ana", "We met. Twice."), ("Ben", "No.")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.lists(WORDS, max_size=4), st.booleans()), min_size=1, max_size=6))
def test_any_spans_and_tables_of_an_odt_come_back(tmp_path_factory, paragraphs):
    text = ""
    for spans, in_table in paragraphs:
        typed = "".join(f"<text:span>{escape(s.replace(chr(0x85), ''))}</text:span>" for s in spans)
        cell = "<table:table><table:table-row><table:table-cell>{}</table:table-cell></table:table-row></table:table>"
        text += (cell if in_table else "{}").format(f"<text:p>{typed}</text:p>")
    expected = ["".join(spans).replace("\u0085", "") for spans, _ in paragraphs]
    path = write_odt(tmp_path_factory.mktemp("odt") / "a.odt", text)
    found = read(path, "document") if any(each.strip() for each in expected) else None
    same([turn.text for turn in found.turns] if found else [], expected)


# --- rtf ---------------------------------------------------------------------------------------------------------------

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fcharset204 Times;}{\f2\fcharset128 MS;}}"
)


def write_rtf(path: Path, text: bytes, end: bytes = b"}") -> Path:
    path.write_bytes(HEAD + text + end)
    return path


def test_an_rtf_brings_all_words_or_counts_what_it_leaves(tmp_path):
    path = write_rtf(
        tmp_path / "a.rtf",
        rb"""{\info{\author Me}}{\header running head\par}{\*\generator X;}{\stylesheet{\s1 Normal;}}
\pard\plain\f0 {\b Ana:} We \u8217?re caf\'e9 {\v hidden words} {\deleted two gone}{\revised new}\line Ben: {\mvf moved}a\~b\par
{\footnote{\super 1} a note\par} {\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}\par {\pntext 1.}Cy: {\shp{\*\shpinst{\sp{\sn a}}{\shptxt \pard Ana: boxed\par}}{\shprslt boxed}}more\par
{\upr{old}{\*\ud{n\u228?ew}}}{\*\unknown junk}{\pict\bin5 {{{{{ ffd8}\emdash x{\annotation my comment}\_y""",
    )
    transcript = read(path)
    assert turns(transcript) == [
        ("Ana", "We ’re café  new"),
        ("Ben", "a\u00a0b link"),
        ("Cy", "more"),
        ("Ana", "boxed näew—x-y"),
    ]
    assert left(transcript) == {
        "in headers and footers": 2,
        "hidden by their format": 2,
        "deleted, and kept in the file as a tracked change": 2,
        "moved by a tracked change: read where they stand now": 1,
        "in footnotes and endnotes, which no one said": 3,
        "in comments": 2,
    }
    document = read(path, "document")
    assert [turn.text for turn in document.turns][1:3] == ["link", "1 a note"]


def test_an_rtf_is_read_in_the_code_page_of_each_font(tmp_path):
    path = write_rtf(
        tmp_path / "a.rtf",
        rb"\f0 Ana: \'e9{\f1 \'cf\'f0\'e8}{\f2 \'83\'65\'83A}\u-10179?\u-8704?\uc0\u8364 x\uc2\u228\'61\'65y",
    )
    assert turns(read(path)) == [("Ana", "éПриテア😀€xäy")]


def test_a_table_of_talk_in_rtf(tmp_path):
    row = rb"\trowd\cellx1\cellx2\pard\intbl %s\cell %s\cell\row"
    text = (
        row % (b"Ana", rb"We met.\par Twice.")
        + row % (b"Ben", b"No.")
        + row % (b"Ana", rb"In {\pard\intbl\itap2 a\nestcell b\nestcell} it.")
    )
    transcript = read(write_rtf(tmp_path / "a.rtf", rb"Talk of May\par " + text + rb"\pard Cy: After.\par"))
    assert turns(transcript) == [
        ("", "Talk of May"),
        ("Ana", "We met. Twice."),
        ("Ben", "No."),
        ("Ana", "In a b it."),
        ("Cy", "After."),
    ]


def test_an_rtf_that_was_cut_off_is_read_and_says_so(tmp_path):
    transcript = read(write_rtf(tmp_path / "a.rtf", rb"Ana: We met.\par {\pict ff", end=b""))
    assert turns(transcript) == [("Ana", "We met.")]
    assert any("cut off" in item.note for item in transcript.left_out)


def test_an_rtf_that_is_nested_beyond_measure_is_an_error(tmp_path):
    with pytest.raises(QualcodeError, match="too deeply"):
        read(write_rtf(tmp_path / "a.rtf", b"{" * 100_000))


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_any_text_of_an_rtf_comes_back(tmp_path_factory, paragraphs):
    def written(text: str) -> str:
        units = text.encode("utf-16-le")
        codes = (int.from_bytes(units[n : n + 2], "little", signed=True) for n in range(0, len(units), 2))
        return "".join(rf"\u{code}?" if not 32 < code < 127 else rf"{{\b {chr(code)}}}" for code in codes)

    path = tmp_path_factory.mktemp("rtf") / "a.rtf"
    write_rtf(path, r"\par ".join(map(written, paragraphs)).encode())
    expected = [text.replace("\u0085", "") for text in paragraphs]
    found = read(path, "document") if any(text.strip() for text in expected) else None
    same([turn.text for turn in found.turns] if found else [], expected)


# --- xlsx --------------------------------------------------------------------------------------------------------------


def test_the_first_sheet_that_is_not_hidden_is_read_and_the_others_are_counted(tmp_path):
    book = openpyxl.Workbook()
    for state, words in ("hidden", "An old version."), ("visible", "The talk."), ("visible", "More."):
        sheet = book.create_sheet()
        sheet.sheet_state = state
        sheet.append(["Speaker", "Text"])
        sheet.append(["Ana", words])
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    transcript = read(tmp_path / "a.xlsx")
    assert turns(transcript) == [("Ana", "The talk.")]
    assert left(transcript)["sheets behind the first"] == 2 * 3 + 3 + 1
