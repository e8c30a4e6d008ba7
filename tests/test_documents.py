import html
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from qualcode.documents import (
    CELL_LIMIT,
    PAGE_WIDTH,
    Cell,
    PrintedColumn,
    PrintedRow,
    PrintedTable,
    Sheet,
    SheetColumn,
    add_answer,
    add_heading,
    add_paragraph,
    add_quotation,
    add_table,
    cell_text,
    latex_document,
    latex_text,
    markdown_document,
    markdown_text,
    new_document,
    printable,
    save_document,
    save_workbook,
)

COLUMNS = (PrintedColumn("Theme", 0.7), PrintedColumn("n", 0.3, figures=True))
ROWS = (PrintedRow(("Support", "12"), about="Someone is there."), PrintedRow(("Advice", "7"), indent=1))


def a_document(path: Path) -> Path:
    document = new_document("A study\x00", header="Head", language="en-GB")
    add_heading(document, "A study", 0)
    add_heading(document, "Findings", 1)
    add_paragraph(document, "words\x0b here", lead="First.")
    add_quotation(document, "“=1+1 is what I said”", "talk, utterance 3")
    add_answer(document)
    add_table(document, 1, "Themes", COLUMNS, ROWS, "N = 33.")
    save_document(document, path)
    return path


def a_workbook(path: Path) -> Path:
    columns = (
        SheetColumn("words"),
        SheetColumn("n", "integer"),
        SheetColumn("share", "percent"),
        SheetColumn("k", "number"),
    )
    rows = [("=1+1", 3, 36.4, 0.5), ("http://example.org", 0, 0.0, float("nan")), ("007", None, 12.5, -1.25)]
    save_workbook(path, "A study", [Sheet("codes", columns, rows), Sheet("about", columns, rows, title="+Title")])
    return path


# --- docx ----------------------------------------------------------------------------------------------------------


def test_a_document_holds_what_was_added(tmp_path):
    document = docx.Document(a_document(tmp_path / "a.docx"))
    texts = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]
    assert ("Title", "A study") in texts
    assert ("Heading 1", "Findings") in texts
    assert ("Normal", "First. words here") in texts
    assert ("Quotation", "“=1+1 is what I said”") in texts
    assert ("Place", "talk, utterance 3") in texts
    assert ("Answer", "\n\n") in texts
    assert document.sections[0].header.paragraphs[0].text.startswith("Head\t")


def test_a_table_is_in_apa_style(tmp_path):
    document = docx.Document(a_document(tmp_path / "a.docx"))
    texts = [paragraph.text for paragraph in document.paragraphs]
    above = texts.index("Table 1")
    assert texts[above : above + 3] == ["Table 1", "Themes", "Note. N = 33."]
    assert document.styles["Table title"].font.italic
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Theme", "n"],
        ["Support\nSomeone is there.", "12"],
        ["Advice", "7"],
    ]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "Themes"
    # Rules above and below the header and at the end, and no others.
    sides = [
        {border.tag.rpartition("}")[2] for border in cell._tc.tcPr.iter() if border.get(qn("w:val")) == "single"}
        for cell in (row.cells[0] for row in table.rows)
    ]
    assert sides == [{"top", "bottom"}, set(), {"bottom"}]
    assert table.rows[2].cells[0].paragraphs[0].paragraph_format.left_indent is not None


def test_the_page_fits_a4_and_letter(tmp_path):
    section = docx.Document(a_document(tmp_path / "a.docx")).sections[0]
    assert round(section.page_width.mm) == PAGE_WIDTH
    letter = 279.4
    assert section.page_height.mm - section.bottom_margin.mm < letter - 12
    assert section.footer_distance.mm > 0


def test_a_document_tells_nothing_of_who_made_it_where_and_when(tmp_path):
    path = a_document(tmp_path / "a.docx")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml")
    assert names == ["[Content_Types].xml", "_rels/.rels", *sorted(names[2:])]
    assert not [name for name in names if "thumbnail" in name or "app.xml" in name or "customXml" in name]
    assert b"A study" in core
    assert b"en-GB" in core
    for telltale in (b"python-docx", b"creator>", b"created", b"modified", b"rsid", str(tmp_path).encode(), b"2013"):
        assert telltale not in core
    assert b"python-docx" not in everything
    assert b"rsid" not in everything
    assert str(tmp_path).encode() not in everything


def test_the_language_is_set_throughout(tmp_path):
    document = docx.Document(a_document(tmp_path / "a.docx"))
    assert {lang.get(qn("w:val")) for lang in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}


# --- xlsx ----------------------------------------------------------------------------------------------------------


def test_a_sheet_holds_text_and_figures_in_their_kinds(tmp_path):
    workbook = openpyxl.load_workbook(a_workbook(tmp_path / "a.xlsx"))
    codes, about = workbook["codes"], workbook["about"]
    assert [list(row) for row in codes.iter_rows(values_only=True)] == [
        ["words", "n", "share", "k"],
        ["=1+1", 3, 36.4, 0.5],
        ["http://example.org", 0, 0, None],
        ["007", None, 12.5, -1.25],
    ]
    assert codes["A1"].font.bold
    assert codes["C2"].number_format == '0.0"%"'
    assert codes["B2"].number_format == "0"
    assert codes["A2"].alignment.wrap_text
    assert codes.freeze_panes == "A2"
    assert codes.auto_filter.ref == "A1:D4"
    assert about["A1"].value == "+Title"
    assert about["A2"].value == "words"
    assert about.freeze_panes == "A3"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_look_like_formulas_stay_text(tmp_path, start):
    path = tmp_path / "a.xlsx"
    text = f'{start}HYPERLINK("http://example.org")'
    save_workbook(path, "t", [Sheet("s", (SheetColumn(text),), [(text,)], title=text)])
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert not [name for name in archive.namelist() if "hyperlink" in name.casefold()]
    sheet = openpyxl.load_workbook(path)["s"]
    for cell in (sheet["A1"], sheet["A2"], sheet["A3"]):
        assert cell.data_type == "s"
        assert cell.value.strip("\r\n\t_x0D") == text.strip("\r\t")
    assert sheet["A3"].quotePrefix


def test_a_workbook_tells_nothing_of_who_made_it_where_and_when(tmp_path):
    with zipfile.ZipFile(a_workbook(tmp_path / "a.xlsx")) as archive:
        core = archive.read("docProps/core.xml")
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"<dc:creator></dc:creator>" in core
    assert b"1980-01-01T00:00:00Z" in core
    assert str(tmp_path).encode() not in everything


def test_a_text_too_long_for_a_cell_is_shortened_and_says_so(tmp_path):
    shown = cell_text("x" * (CELL_LIMIT + 1))
    assert len(shown) == CELL_LIMIT
    assert shown.endswith("[shortened: the csv table has all of it]")
    assert cell_text("x" * CELL_LIMIT) == "x" * CELL_LIMIT


def a_form(path: Path) -> Path:
    columns = (
        SheetColumn("words", width=30, fill="#ffffff"),
        SheetColumn("choice", width=12, fill="#fff6d6", choices="=s!$A$2:$A$3"),
        SheetColumn("n", "integer", ink="#888888"),
    )
    marked = Cell("=one two three", marked=[(5, 8), (9, 14)])
    rows = [(marked, "", 1), (Cell("x", fill="#112233", ink="#ffffff", bold=True), "", 2)]
    foot = [("all", Cell("", choices=("done",)), Cell(3, formula="=SUM(C5:C6)"))]
    sheet = Sheet("s", columns, rows, "Title", ("First line.", "=Second line"), foot, frozen=1, printed=2)
    save_workbook(path, "A form", [sheet])
    return path


def test_a_sheet_to_fill_in_offers_choices_and_leaves_its_foot_out_of_the_filter(tmp_path):
    sheet = openpyxl.load_workbook(a_form(tmp_path / "a.xlsx"))["s"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == [
        "Title", "First line.", "=Second line", "words", "=one two three", "x", "all",
    ]  # fmt: skip
    assert sheet["A3"].data_type == "s" and sheet["A5"].data_type == "s"
    assert sheet.auto_filter.ref == "A4:C6" and sheet.freeze_panes == "B5"
    assert sheet.print_area == "'s'!$A$1:$B$7"
    offered = {str(item.sqref): (item.formula1, item.errorStyle) for item in sheet.data_validations.dataValidation}
    assert offered == {"B5:B6": ("s!$A$2:$A$3", "warning"), "B7": ('"done"', "warning")}
    assert sheet["C7"].value == "=SUM(C5:C6)"
    assert openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["s"]["C7"].value == 3


def test_cells_have_the_colours_of_their_column_or_their_own(tmp_path):
    sheet = openpyxl.load_workbook(a_form(tmp_path / "a.xlsx"))["s"]
    assert [sheet[place].fill.fgColor.rgb for place in ("A5", "A6", "B5")] == ["FFFFFFFF", "FF112233", "FFFFF6D6"]
    assert (sheet["A6"].font.color.rgb, sheet["A6"].font.b, sheet["C5"].font.color.rgb) == (
        "FFFFFFFF",
        True,
        "FF888888",
    )
    assert sheet["A5"].quotePrefix and not sheet["A6"].quotePrefix


def test_stretches_of_a_text_stand_out_and_the_text_stays_whole(tmp_path):
    cell = openpyxl.load_workbook(a_form(tmp_path / "a.xlsx"), rich_text=True)["s"]["A5"].value
    assert str(cell) == "=one two three"
    assert [str(piece) for piece in cell if hasattr(piece, "font") and piece.font.b] == ["two", "three"]


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30),
    data=st.data(),
)
def test_whatever_stands_out_the_text_is_the_same(tmp_path_factory, text, data):
    ends = sorted(
        data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6).filter(lambda n: len(n) % 2 == 0))
    )
    marked = list(zip(ends[::2], ends[1::2], strict=True))
    path = tmp_path_factory.getbasetemp() / "marked.xlsx"
    save_workbook(path, "t", [Sheet("s", (SheetColumn("c"),), [(Cell(text, marked=marked),)])])
    value = openpyxl.load_workbook(path)["s"]["A2"].value
    if "_x" not in text:
        assert (value or "") == printable(text)


@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_can_be_written_and_comes_back(tmp_path_factory, text):
    folder = tmp_path_factory.getbasetemp()
    document = new_document(text)
    add_paragraph(document, text)
    save_document(document, folder / "any.docx")
    shown = docx.Document(folder / "any.docx").paragraphs[0].text
    assert shown == printable(text).replace("\r\n", "\n").replace("\r", "\n") or "\r" in text
    save_workbook(folder / "any.xlsx", text, [Sheet("s", (SheetColumn("c"),), [(text,)])])
    value = openpyxl.load_workbook(folder / "any.xlsx")["s"]["A2"].value
    if "\r" not in text and "_x" not in text:
        assert (value or "") == printable(text)


# --- the same bytes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "locale"), [("Pacific/Kiritimati", "C"), ("America/Lima", "de_DE.UTF-8")])
def test_the_same_bytes_in_another_process_time_zone_and_locale(tmp_path, zone, locale):
    here = [a_document(tmp_path / "a.docx").read_bytes(), a_workbook(tmp_path / "a.xlsx").read_bytes()]
    there = tmp_path / "elsewhere"
    there.mkdir()
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[2]);"
        "import test_documents as t; f = pathlib.Path(sys.argv[1]);"
        "t.a_document(f / 'b.docx'); t.a_workbook(f / 'b.xlsx')"
    )
    environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": "7", "USER": "someone"}
    subprocess.run([sys.executable, "-c", code, there, Path(__file__).parent], env=environment, check=True)
    assert [(there / "b.docx").read_bytes(), (there / "b.xlsx").read_bytes()] == here


# --- printed tables as LaTeX and Markdown --------------------------------------------------------------------------

NASTY = r"""50% & C:\x_1 #$ {a} ~b^ | *c* <script> "q" 'r' `s` – — … -- [d] @e ‘f’ \end{document}"""
PRINTED = PrintedTable(
    NASTY,
    (PrintedColumn("Theme", 0.7), PrintedColumn("n\n(N = 3)", 0.3, figures=True)),
    (
        PrintedRow((NASTY, "=1+1"), about=NASTY, quotations=["“[x] & y” (Rosa)"]),
        PrintedRow(("[Advice]", "*"), indent=2, bold=True),
    ),
    NASTY,
)


def latex_signs(text: str) -> str:
    """The words of a line of LaTeX again, by undoing its commands."""
    names = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textbar": "|", "textless": "<"}
    names |= {"textgreater": ">", "textquotedbl": '"', "textasciigrave": "`", "textendash": "–", "textemdash": "—"}
    names |= {"textquoteleft": "‘", "textquoteright": "’", "ldots": "…"}
    text = re.sub(r"\\([a-z]+)\{\}", lambda found: names[found[1]], text)
    text = re.sub(r"\{([\[\]*])\}", r"\1", text)
    text = re.sub(r"([-,'])\{\}", r"\1", text)
    return re.sub(r"\\([{}$&#%_])", r"\1", text)


def test_latex_escapes_every_sign():
    assert latex_signs(latex_text(NASTY)) == NASTY
    plain = re.sub(r"\\[a-z]+\{\}|\\[{}$&#%_]|[-,']\{\}|\{[\[\]*]\}", "", latex_text(NASTY))
    assert not set(plain) & set('\\{}$&#%_~^<>|"`*[]'), plain


@given(st.text())
def test_no_words_begin_a_command_or_end_a_line_in_latex(words):
    made = latex_text(words)
    assert made.count("\n") == 0
    plain = re.sub(r"\\[a-z]+\{\}|\\[{}$&#%_]|[-,']\{\}|\{[\[\]*]\}", "", made)
    assert not set(plain) & set("\\{}$&#%_^")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here: this test was not run")
def test_latex_compiles_whatever_the_words_are(tmp_path):
    (tmp_path / "t.tex").write_text(latex_document(NASTY, NASTY, [PRINTED, NASTY, PRINTED]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout.decode("latin-1")[-2000:]
    assert (tmp_path / "t.pdf").stat().st_size > 5000


def test_latex_has_booktabs_rules_numbers_titles_notes_and_levels():
    made = latex_document("T", "H", [PRINTED, "Between.", PRINTED])
    assert [made.count(f"\\{rule}") for rule in ("toprule", "midrule", "bottomrule")] == [2, 2, 2]
    assert "\\textbf{Table 1}" in made
    assert "\\textbf{Table 2}" in made
    assert made.count("\\textit{Note.}") == 2
    assert "\\leftskip=2.4em \\textbf{{[}Advice{]}}" in made


def test_markdown_escapes_what_marks_and_keeps_the_columns():
    made = markdown_document("T", "H", [PRINTED])
    rows = [line for line in made.splitlines() if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [3, 3, 3, 3]
    assert "<script>" not in made
    # Every escape taken away, the words are there again.
    assert (
        html.unescape(re.sub(r"\\(?=[\\`*_{}\[\]|~$^#!@.=+:-])", "", markdown_text("a_b|c*d [e] <f> #g")))
        == "a_b|c*d [e] <f> #g"
    )


@pytest.mark.parametrize(
    "words", ["# head", "- item", "+ item", "1. item", "> quote", "= rule", "*x*", "a | b", "`c`", "[l](u)"]
)
def test_nothing_in_words_is_a_mark_in_markdown(words):
    made = markdown_text(words)
    assert re.match(r"\\[#\-+=*`\[]|\d+\\[.)]|&gt;|a \\\|", made), made
