"""Word documents with the styles of this project."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .archive import printable, save_archive
from .printed import PrintedColumn, PrintedRow, PrintedTable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

FONT = "Arial"
# In mm. A4's width and the height of US Letter less margins: printed on either, nothing is cut.
PAGE_WIDTH, PAGE_HEIGHT = 210, 297
MARGIN_SIDE, MARGIN_TOP, MARGIN_BOTTOM = 22, 25, 36
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN_SIDE
# A table of no more rows is never broken over two pages.
_ROWS_TOGETHER = 20
# In points between the words of a field and its lower rule: the most that the format has.
_ROOM = 31
# The relationships of python-docx's template that go: they tell of its author, its machine and its day.
_TELLTALE = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml")
# How the names of its styles begin that nothing here uses, a quarter of its size.
_UNUSED = (
    "BodyText", "BookTitle", "Caption", "Emphasis", "Intense", "List", "Macro", "Quote", "Strong", "Subtitle", "Subtle",
    "TOC",
)  # fmt: skip


def new_document(title: str, header: str = "", language: str = "en-US", mark: str = "") -> Document:
    """An empty document with the title in its properties, clean styles, and a header with the page number.

    `mark` stands large above the header of every page.
    """
    import docx

    document = docx.Document(io.BytesIO(_blank(language)))
    document.core_properties.title = printable(title)[:255]
    _set_page(document, printable(header))
    if mark:
        _add_mark(document, printable(mark))
    return document


def _add_mark(document: Document, mark: str) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.header.paragraphs[0].insert_paragraph_before(mark, style="Mark")
    # Room for it above the text, wherever a program does not make it itself.
    section.header_distance = Mm(5)


@cache
def _blank(language: str) -> bytes:
    """A document with our styles and nothing in it: made once, because a study may have hundreds of packets."""
    import docx

    document = docx.Document()
    _strip_template(document)
    document.core_properties.language = language
    _set_language(document, language)
    _set_styles(document)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _add_styled(place: Any, style: str) -> Paragraph:
    """An empty paragraph of a style. python-docx's own look-up goes through all styles for every paragraph."""
    paragraph: Paragraph = place.add_paragraph()
    if style != "Normal":
        paragraph._p.style = style.replace(" ", "")
    return paragraph


def add_heading(document: Document, text: str, level: int) -> Paragraph:
    """A heading of level 1 to 9; 0 is the document's title."""
    heading = _add_styled(document, f"Heading {level}" if level else "Title")
    heading.add_run(printable(text))
    return heading


def add_paragraph(
    document: Document, text: str, *, lead: str = "", style: str = "Normal", keep: bool = False
) -> Paragraph:
    """A paragraph, with words in bold before it; `keep` holds it on the page of what follows."""
    paragraph = _add_styled(document, style)
    if lead:
        paragraph.add_run(f"{printable(lead)} ").bold = True
    if text:
        paragraph.add_run(printable(text))
    if keep:
        paragraph.paragraph_format.keep_with_next = True
    return paragraph


def add_quotation(document: Document, text: str, place: str, before: str = "", after: str = "") -> None:
    """A block of someone's words, paler what stood `before` and `after` them, and below it where they stand."""
    paragraph = add_paragraph(document, "", style="Quotation")
    if before:
        paragraph.add_run(f"{printable(before)} ")._r.style = "Context"
    paragraph.add_run(printable(text))
    if after:
        paragraph.add_run(f" {printable(after)}")._r.style = "Context"
    add_paragraph(document, place, style="Place")


def add_answer(document: Document, lines: int = 3) -> None:
    """An empty box of that many lines to write or type in."""
    box = _add_styled(document, "Answer")
    for _ in range(lines - 1):
        box.add_run().add_break()


def add_table(
    document: Document,
    number: int,
    title: str,
    columns: Sequence[PrintedColumn],
    rows: Sequence[PrintedRow],
    note: str = "",
) -> None:
    """A table in APA style (7th edition): number and italic title above, horizontal rules only, the note below.

    The header row is marked as one, for screen readers, and comes again on every page.
    """
    add_printed(document, number, PrintedTable(title, columns, rows, note))


def add_printed(document: Document, number: int, printed: PrintedTable) -> None:
    """`add_table` of a table that other formats have too."""
    columns, rows, note = printed.columns, printed.rows, printed.note
    add_paragraph(document, f"Table {number}", style="Table number", keep=True)
    add_paragraph(document, printed.title, style="Table title", keep=True)
    for line in printed.key:
        add_paragraph(document, line, style="Table key", keep=True)
    table = document.add_table(rows=0, cols=len(columns))
    table.autofit = False
    _describe(table, printed.title)
    head = table.add_row()
    for cell, column in zip(head.cells, columns, strict=True):
        _fill(cell, column.name, column, bold=True)
        _rule(cell, "top", "bottom")
    _mark_header(head)
    for position, row in enumerate(rows, 1):
        last = position == len(rows)
        made = table.add_row()
        _keep_whole(made)
        first = made.cells[0]
        for cell, text, column in zip(made.cells, row.cells, columns, strict=True):
            _fill(cell, text, column, row.bold or bool(row.about and cell._tc is first._tc))
            if last and not row.quotations:
                _rule(cell, "bottom")
        if row.about:
            _add_styled(first, "Table text").add_run(printable(row.about))
        _indent(first, row.indent)
        # A short table stays on one page; of a long one, no last row stands alone with the note.
        if len(rows) <= _ROWS_TOGETHER or position > len(rows) - 3 or row.quotations:
            _keep_with_next(made)
        for at, quotation in enumerate(row.quotations, 1):
            _add_quoted(table, quotation, row.indent, last and at == len(row.quotations))
    _set_widths(table, columns)
    closing = _add_styled(document, "Table note")
    if note:
        closing.add_run("Note. ").italic = True
        closing.add_run(printable(note))


def _add_quoted(table: Any, quotation: str, indent: int, last: bool) -> None:
    """A row that is one cell, for words too long for a column."""
    row = table.add_row()
    cell = row.cells[0].merge(row.cells[-1])
    cell.paragraphs[0]._p.style = "Tabletext"
    cell.paragraphs[0].add_run(printable(quotation)).italic = True
    _indent(cell, indent + 1)
    if last:
        _rule(cell, "bottom")


def save_document(document: Document, path: Path, most: int | None = None) -> None:
    """Write the document, whole or not at all, with nothing in it that tells when or where it was made.

    What is larger than `most` bytes is compressed.
    """
    buffer = io.BytesIO()
    document.save(buffer)
    save_archive(buffer.getvalue(), path, most)


def _strip_template(document: Document) -> None:
    """Take out of python-docx's template what tells of its making, and the styles of tables, 9/10 of its size."""
    from docx.oxml.ns import qn

    for rels in (document.part.package.rels, document.part.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.rpartition("/")[2] in _TELLTALE]:
            del rels[key]
    properties = document.core_properties._element
    for child in list(properties):
        properties.remove(child)
    settings = document.settings.element
    for child in list(settings):
        if child.tag.rpartition("}")[2] in ("zoom", "rsids", "docId", "proofState", "savePreviewPicture"):
            settings.remove(child)
    section = document.sections[0]._sectPr
    for attribute in [name for name in section.attrib if str(name).rpartition("}")[2].startswith("rsid")]:
        del section.attrib[attribute]
    styles = document.styles.element
    for style in styles.findall(qn("w:style")):
        name = style.get(qn("w:styleId"))
        if name.startswith(_UNUSED) or (style.get(qn("w:type")) == "table" and name != "TableNormal"):
            styles.remove(style)
    for latent in styles.findall(qn("w:latentStyles")):
        styles.remove(latent)
    for mark in list(styles.iter(qn("w:rsid"))):
        mark.getparent().remove(mark)


def _set_language(document: Document, language: str) -> None:
    from docx.oxml.ns import qn

    for tag, root in (("w:lang", document.styles.element), ("w:themeFontLang", document.settings.element)):
        for element in root.iter(qn(tag)):
            element.set(qn("w:val"), language)
            element.attrib.pop(qn("w:eastAsia"), None)


def _set_styles(document: Document) -> None:
    """One typeface in black throughout, and the styles that the helpers use."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    for fonts in list(document.styles.element.iter(qn("w:rFonts"))):
        parent = fonts.getparent()
        if parent.getparent().tag == qn("w:rPrDefault"):
            fonts.attrib.clear()
            for script in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{script}"), FONT)
        else:
            parent.remove(fonts)
    sizes = {"Title": (18, 0, 6), "Heading 1": (15, 18, 6), "Heading 2": (12.5, 14, 4), "Heading 3": (11, 10, 3)}
    for name, (size, before, after) in sizes.items():
        style = document.styles[name]
        style.font.size, style.font.bold, style.font.italic = Pt(size), True, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
        for tag in ("w:pBdr", "w:contextualSpacing"):
            for element in list(style.element.iter(qn(tag))):
                element.getparent().remove(element)
        for tag in ("w:spacing", "w:kern"):  # of letters
            for element in style.element.rPr.findall(qn(tag)):
                style.element.rPr.remove(element)
    normal = document.styles["Normal"]
    normal.font.size = Pt(11)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    # name: size, space before, space after (pt), left indent (mm)
    for name, (size, before, after, left) in {
        "Table number": (11, 12, 2, 0),
        "Table title": (11, 0, 4, 0),
        "Table key": (10, 0, 3, 0),
        "Table text": (10, 2, 2, 0),
        "Table note": (9.5, 4, 14, 0),
        "Quotation": (11, 6, 1, 8),
        "Place": (9.5, 0, 3, 8),
        "Choice": (10.5, 0, 5, 8),
        "Answer": (11, 3, 10, 2),
        "Question": (11, 8, 3, 0),
        "Field": (11, 3, 12, 2),
        "Words": (11, 3, 12, 10),
        "Mark": (20, 0, 4, 0),
    }.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        style.font.size = Pt(size)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.left_indent = Mm(left)
    for name in ("Answer", "Field", "Words"):
        document.styles[name].paragraph_format.keep_together = True
    document.styles["Mark"].font.bold = True
    document.styles["Table number"].font.bold = True
    document.styles["Table title"].font.italic = True
    document.styles["Table text"].paragraph_format.line_spacing = 1.0
    _border(document.styles["Quotation"].element, "left", size=18, colour="808080", space=8)
    _border(document.styles["Place"].element, "left", size=18, colour="808080", space=8)
    document.styles["Place"].font.color.rgb = RGBColor(0x45, 0x45, 0x45)
    for name in ("Answer", "Field", "Words"):
        style = document.styles[name]
        # Below the words of a field there is room to write by hand where nobody can type beside the control.
        below = 4 if name == "Answer" else _ROOM
        for side, space in (("top", 4), ("left", 4), ("bottom", below), ("right", 4)):
            _border(style.element, side, size=6, colour="808080", space=space)
        style.paragraph_format.right_indent = Mm(2)
    box = document.styles.add_style("Box", WD_STYLE_TYPE.CHARACTER)
    box.font.name, box.font.size = "MS Gothic", Pt(13)
    box.element.rPr.rFonts.set(qn("w:eastAsia"), "MS Gothic")
    for name in ("Placeholder", "Context"):
        document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER).font.color.rgb = RGBColor(0x59, 0x59, 0x59)


def _border(style: Any, *sides: str, size: int, colour: str, space: int) -> None:
    """Rules around a paragraph style: size in eighths of a point, space to the text in points."""
    from docx.oxml.ns import qn

    properties = style.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = _element("w:pBdr")
    for side in sides:
        borders.append(_element(f"w:{side}", val="single", sz=size, space=space, color=colour))
    # The schema wants the rules before the spacing and indents.
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl"
    )


def _set_page(document: Document, header: str) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_WIDTH), Mm(PAGE_HEIGHT)
    section.left_margin = section.right_margin = Mm(MARGIN_SIDE)
    section.top_margin, section.bottom_margin = Mm(MARGIN_TOP), Mm(MARGIN_BOTTOM)
    section.header_distance = section.footer_distance = Mm(12)
    style = document.styles["Header"]
    style.font.size = Pt(9)
    stops = style.paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    paragraph = section.header.paragraphs[0]
    paragraph.add_run(f"{header}\t")
    field = _element("w:fldSimple", instr="PAGE")
    run = _element("w:r")
    run.append(_element("w:t"))
    run[0].text = "1"
    field.append(run)
    paragraph._p.append(field)


def _element(tag: str, **attributes: object) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _fill(cell: _Cell, text: str, column: PrintedColumn, bold: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    paragraph._p.style = "Tabletext"
    paragraph.add_run(printable(text)).bold = bold or None
    if column.figures:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _indent(cell: _Cell, level: int) -> None:
    from docx.shared import Mm

    for paragraph in cell.paragraphs:
        if level:
            paragraph.paragraph_format.left_indent = Mm(5 * level)


def _rule(cell: _Cell, *sides: str) -> None:
    borders = _element("w:tcBorders")
    for side in ("top", "bottom"):
        if side in sides:
            borders.append(_element(f"w:{side}", val="single", sz=8, space=0, color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)


def _mark_header(row: Any) -> None:
    _keep_whole(row)
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    _keep_with_next(row)


def _keep_with_next(row: Any) -> None:
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def _keep_whole(row: Any) -> None:
    """Let no page end within the row."""
    row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def _describe(table: Any, title: str) -> None:
    """The table's name for screen readers."""
    table._tbl.tblPr.append(_element("w:tblCaption", val=printable(title)))


def _set_widths(table: Any, columns: Sequence[PrintedColumn]) -> None:
    from docx.shared import Mm

    whole = sum(column.share for column in columns)
    widths = [Mm(round(TEXT_WIDTH * column.share / whole, 1)) for column in columns]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        # A merged cell is there once for each column, and is as wide as all of them.
        if row.cells[0]._tc is row.cells[-1]._tc and len(widths) > 1:
            row.cells[0].width = sum(widths)
            continue
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
