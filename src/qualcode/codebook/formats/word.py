"""Codebooks as docx: the table that a paper's appendix needs, and one that colleagues can edit and send back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...documents import PrintedColumn, PrintedRow, add_heading, add_table, new_document, save_document
from ...errors import Problems, failure
from .. import LISTS, Code, Codebook
from .cells import json_cell, list_cell, read_text, text_cell
from .entries import Entry, assemble
from .sheets import node_of

if TYPE_CHECKING:
    from docx.table import Table, _Cell

_HEADS = ("Code", "Definition", "Examples", "Rules and notes")
# Width of the page and of the columns on A4 on its side, in mm.
_MARGIN = 20
_WIDTHS = (54, 86, 55, 62)
_WIDTHS_OF_APPENDIX = (60, 114, 83)
# What stands before each text in its cell; the definition stands there without.
_USE = {"use_when": "Use when", "not_when": "Not when"}
_NOTES = {
    "words": "Words", "unless": "Unless", "patterns": "Patterns", "negation": "Negated", "role": "Role",
    "question": "Question", "formerly": "Formerly", "colour": "Colour", "memo": "Memo",
    "theme": "Marks of the theme",
}  # fmt: skip
_KEYS = {label: key for key, label in (_USE | _NOTES).items()}
_LABELLED = re.compile(rf"({'|'.join(_KEYS)}):\s*")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)\.?\s+")
_SEPARATOR = "; "
# Elements that show nothing, what was deleted with changes tracked, and what is written once more for older readers.
_UNSEEN = {"pPr", "rPr", "tblPr", "trPr", "tcPr", "del", "moveFrom", "instrText", "delText", "Fallback"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DO = "`qualcode codebook convert` makes a table that can be read back."


def write_docx(codebook: Codebook, path: Path, target: Path) -> None:
    """Write a Word document: the tree with its numbers, on A4 on its side."""
    del target
    _write_document(codebook, path, _WIDTHS)


def write_appendix(codebook: Codebook, path: Path, target: Path) -> None:
    """Write that document without the column of rules and notes."""
    del target
    _write_document(codebook, path, _WIDTHS_OF_APPENDIX)


def _write_document(codebook: Codebook, path: Path, widths: Sequence[int]) -> None:
    """A document with a table of as many of the columns as there are `widths` (mm)."""
    document = new_document(codebook.title, header=codebook.title.replace("\n", " "))
    _turn(document)
    add_heading(document, text_cell(codebook.title) or json_cell([""]), 0)
    columns = [PrintedColumn(head, width) for head, width in zip(_HEADS, widths, strict=False)]
    rows = [
        PrintedRow((f"{number} {text_cell(code.name)}", *[""] * (len(widths) - 1)), code.code, code.level - 1)
        for number, code in zip(_numbers(codebook.codes), codebook.codes, strict=True)
    ]
    caption = "Codes, what they mean, and when they are used"
    add_table(document, 1, caption, columns, rows, "Codes stand below the categories that they belong to.")
    _fill(document.tables[-1], codebook.codes, widths)
    save_document(document, path)


def _numbers(codes: Sequence[Code]) -> Iterator[str]:
    """The place of each code in the tree: 1, 1.1, 1.2, 2 …"""
    counts: list[int] = []
    for code in codes:
        counts = [*counts[: code.level], *([0] * (code.level - len(counts)))]
        counts[-1] += 1
        yield ".".join(map(str, counts))


def _turn(document: Any) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)
    stops = document.styles["Header"].paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(Mm(sum(_WIDTHS)), WD_TAB_ALIGNMENT.RIGHT)


def _fill(table: Table, codes: Sequence[Code], widths: Sequence[int]) -> None:
    from docx.shared import Mm, Pt, RGBColor

    head, *rows = table.rows
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row, code in zip([head, *rows], [None, *codes], strict=True):
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Mm(width)
        if code is None:
            continue
        for run in cells[0].paragraphs[1].runs:
            run.font.color.rgb, run.font.size = RGBColor(0x55, 0x55, 0x55), Pt(9)
        uses = [(f"{label}:", text_cell(getattr(code, key))) for key, label in _USE.items()]
        _write(cells[1], [("", _definition(code.definition)), *uses])
        _write(cells[2], [("", f"“{text_cell(example)}”") for example in code.examples])
        if len(widths) == len(_HEADS):
            _write(cells[3], [(f"{label}:", _note(code, key)) for key, label in _NOTES.items()])


def _definition(text: str) -> str:
    return json_cell([text]) if _LABELLED.match(text) else text_cell(text)


def _note(code: Code, key: str) -> str:
    value = getattr(code, key)
    if key == "patterns":
        return json_cell(value)
    return list_cell(value, _SEPARATOR) if key in LISTS else text_cell(value)


def _write(cell: _Cell, paragraphs: Sequence[tuple[str, str]]) -> None:
    """The paragraphs of a cell that are not empty, each with its label in italics."""
    told = [(label, text) for label, text in paragraphs if text]
    for position, (label, text) in enumerate(told):
        paragraph = cell.paragraphs[0] if not position else cell.add_paragraph(style="Table text")
        if label:
            paragraph.add_run(f"{label} ").italic = True
        paragraph.add_run(text)


# --- reading back --------------------------------------------------------------------------------------------------


def read_docx(path: Path) -> Codebook:
    """The codebook of a docx file, tracked changes taken as accepted, layout and styles of no account.

    Tables of codes are read one after the other. Raises QualcodeError that names every problem with its row (the head
    of the first table is row 1, and rows are counted on from table to table).
    """
    from ...transcripts.packaged import open_package

    with open_package(path) as package:
        main = next(iter(package.relations("").get("officeDocument", [])), "word/document.xml")
        root = package.xml(main)
    body = next(iter(_named(root, "body")), None) if root is not None else None
    title, tables = _title_and_tables(body)
    if not any(map(_headed, tables)):
        heads = ", ".join(_HEADS)
        raise failure(path, "", f"the document has no table of codes (with the columns {heads})", _DO)
    problems = Problems()
    entries: list[Entry] = []
    known: dict[str, str] = {}
    number = 0
    for position, table in enumerate(tables, 1):
        if not _headed(table):
            if any(_like_code(row) for row in _named(table, "tr")):
                wrong = f"its rows look like codes, and its first row is not the head of such a table ({_HEADS[0]}, …)"
                problems.add(path, f"table {position}", wrong, "Join it to the table of codes, or give it that head.")
            continue
        head = number + 1
        for number, row in enumerate(_named(table, "tr"), head):
            cells = _cells(row)
            if number == head or not any(any(cell) for cell in cells):
                continue
            if len(cells) != len(_HEADS):
                wrong = f"there are {len(cells)} cells, and the table has {len(_HEADS)} columns"
                problems.add(path, f"row {number}", wrong, "Undo what was merged or split.")
                continue
            entries.append(_entry(path, number, cells, known, problems))
    return assemble(path, path.stem if title is None else title, entries, problems)


def _title_and_tables(body: Any) -> tuple[str | None, list[Any]]:
    """The first paragraph before the table of codes, None if there is none, and every table of the document."""
    title = None
    for block in () if body is None else body:
        if _local(block) == "p" and title is None and (text := _text(block).strip()):
            title = read_text(text)
        if _local(block) == "tbl" and _headed(block):
            break
    return title, [] if body is None else list(_named(body, "tbl"))


def _headed(table: Any) -> bool:
    """Whether a table is one of codes."""
    row = next(_named(table, "tr"), None)
    return row is not None and [" ".join(cell).casefold() for cell in _cells(row)] == [h.casefold() for h in _HEADS]


def _like_code(row: Any) -> bool:
    """Whether a row begins as those of codes do: a number with a name, and an id below."""
    cells = _cells(row)
    lines = [line for line in cells[0] if line] if cells else []
    return len(cells) == len(_HEADS) and len(lines) == 2 and bool(_NUMBERED.match(lines[0]))


def _entry(path: Path, row: int, cells: list[list[str]], known: dict[str, str], problems: Problems) -> Entry:
    name, *rest = [line for line in cells[0] if line] or [""]
    numbered = _NUMBERED.match(name)
    number = numbered[1] if numbered else ""
    if not number or len(rest) != 1:
        wrong = "the first cell must hold the number and the name of the code, and in a second paragraph its id"
        problems.add(path, f"row {row}", wrong, "Write it as in the rows around it.")
    elif number in known:
        problems.add(path, f"row {row}", f"the number {number} stands twice", "Number the codes anew.")
    code = rest[0] if rest else ""
    above = number.rpartition(".")[0]
    if above and above not in known:
        wrong = f"no row before this one has the number {above}, below which {number} stands"
        problems.add(path, f"row {row}", wrong, "Number the codes anew, categories first.")
    known.setdefault(number, code)
    given = {"code": code, "name": name[numbered.end() :] if numbered else name} | _texts(cells[1], cells[3])
    node = node_of(given, _SEPARATOR, path, row, problems)
    if cells[2]:
        node["examples"] = [_example(line) for line in cells[2] if line]
    return Entry(row, known.get(above, "") if above else "", node)


def _example(line: str) -> str:
    quoted = len(line) > 1 and line[0] in '“"' and line[-1] in '”"'
    return read_text(line[1:-1] if quoted else line)


def _texts(meaning: Sequence[str], notes: Sequence[str]) -> dict[str, str]:
    """The texts of two cells by their keys; a paragraph without a label goes on with the one before."""
    found: dict[str, str] = {}
    for paragraphs, key in ((meaning, "definition"), (notes, "memo")):
        for paragraph in paragraphs:
            if labelled := _LABELLED.match(paragraph):
                key, paragraph = _KEYS[labelled[1]], paragraph[labelled.end() :]
            if paragraph:
                found[key] = f"{found[key]}\n{paragraph}" if key in found else paragraph
    return found


def _cells(row: Any) -> list[list[str]]:
    """The paragraphs of each cell; none where the row was deleted with changes tracked."""
    if any(_local(mark) == "del" for properties in _named(row, "trPr") for mark in properties):
        return []
    return [[_text(paragraph).strip() for paragraph in _named(cell, "p")] for cell in _named(row, "tc")]


def _text(element: Any) -> str:
    made = []
    for child in element:
        name = _local(child)
        if name == "t":
            made.append(child.text or "")
        elif name in _SIGNS:
            made.append(_SIGNS[name])
        elif name not in _UNSEEN:
            made.append(_text(child))
    return "".join(made)


def _named(element: Any, name: str) -> Iterator[Any]:
    """The elements of that name below one, in order, none of them within another."""
    for child in element:
        if _local(child) == name:
            yield child
        elif _local(child) not in _UNSEEN or name == "trPr":
            yield from _named(child, name)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
