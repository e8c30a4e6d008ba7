"""The methods text and the checklists as Word documents, open places highlighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents import (
    PrintedColumn,
    PrintedRow,
    add_heading,
    add_paragraph,
    add_table,
    new_document,
    printable,
    save_document,
)
from .items import Checklist, Row
from .material import Material
from .phrases import Open, Paragraph, Paragraphs, capital
from .record import input_hashes, package_versions, settings_in_force
from .references import references

if TYPE_CHECKING:
    from docx.document import Document

# How an open place of a checklist begins, and an answer that the researchers wrote themselves.
OPEN, OWN = "Open:", "By the researchers:"
_HOW_TO_READ = (
    "A draft made from the study's own files, to be edited: every number stands in the tables or in what was typed. "
    "What only the researchers know is left open in [brackets]."
)


def write_methods(material: Material, sections: Mapping[str, Paragraphs], path: Path) -> None:
    """methods.docx: the sections in order, then inputs, packages and settings as tables."""
    title = f"Methods: {material.settings['title']}"
    document = new_document(title, header=material.settings["title"])
    add_heading(document, title, 0)
    add_paragraph(document, _HOW_TO_READ)
    for heading, paragraphs in sections.items():
        add_heading(document, heading, 1)
        for paragraph in paragraphs:
            _add(document, paragraph)
    if used := references(sections):
        add_heading(document, "References", 1)
    for reference in used:
        add_paragraph(document, reference)
    add_heading(document, "Appendix: what the results were made from", 1)
    _appendix(document, material)
    save_document(document, path)


def _add(document: Document, paragraph: Paragraph) -> None:
    """Sentences in a row; open places in brackets, highlighted."""
    made = add_paragraph(document, "")
    for number, part in enumerate(paragraph):
        text = f"[{part.text}]" if isinstance(part, Open) else part
        if number:
            made.add_run(" ")
        run = made.add_run(printable(text))
        if isinstance(part, Open):
            _highlight(run)


def _highlight(run: Any) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _appendix(document: Document, material: Material) -> None:
    tables = (
        ("Files that people wrote", ("File", "sha256, first digits"), input_hashes(material)),
        ("Packages that qualcode needs", ("Package", "Version"), package_versions()),
        ("Settings in force, defaults included", ("Setting", "Value"), settings_in_force(material)),
    )
    for number, (title, heads, rows) in enumerate(tables, 1):
        columns = [PrintedColumn(heads[0], 0.6), PrintedColumn(heads[1], 0.4)]
        add_table(document, number, title, columns, [PrintedRow(row) for row in rows])


def write_checklist(checklist: Checklist, rows: Sequence[Row], title: str, path: Path) -> None:
    """A checklist as a table for each of its groups, with what is still open highlighted."""
    document = new_document(f"{checklist.title}: {title}", header=title)
    add_heading(document, checklist.title, 0)
    add_paragraph(document, title)
    add_paragraph(document, f"{capital(checklist.standing(rows))}.")
    add_paragraph(document, checklist.source)
    columns = [PrintedColumn("No.", 0.07, figures=True), PrintedColumn("Item", 0.33), PrintedColumn("Answer", 0.6)]
    for number, (group, items) in enumerate(groupby(rows, key=lambda row: row.group), 1):
        listed = list(items)
        add_table(document, number, group, columns, [PrintedRow((str(row.number), row.topic, "")) for row in listed])
        for cells, row in zip(document.tables[-1].rows[1:], listed, strict=True):
            _fill(cells.cells, row)
    save_document(document, path)


def _fill(cells: Sequence[Any], row: Row) -> None:
    """The question below the topic, and the answer with where it stands."""
    _, item, answer = cells
    item.paragraphs[0].runs[0].bold = True
    _line(item, row.asks)
    lines = [(f"{OWN} {row.own}", False)] if row.own else []
    if row.answer.told:
        lines += [(row.answer.told, False), (f"Where: {row.answer.where}", False)]
    if row.answer.open and not row.own:
        lines.append((f"{OPEN} {row.answer.open}", True))
    for number, (text, is_open) in enumerate(lines):
        _line(answer, text, first=not number, highlighted=is_open)


def _line(cell: Any, text: str, *, first: bool = False, highlighted: bool = False) -> None:
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    paragraph._p.style = "Tabletext"
    run = paragraph.add_run(printable(text))
    if highlighted:
        _highlight(run)
