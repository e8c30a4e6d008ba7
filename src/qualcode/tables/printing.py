"""A table as people print it and pass it on: docx in APA style, LaTeX, Markdown, and xlsx with the whole table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents import (
    Kind,
    Part,
    PrintedTable,
    Sheet,
    SheetColumn,
    add_heading,
    add_paragraph,
    add_printed,
    latex_document,
    markdown_document,
    new_document,
    numbered,
    printed_sheet,
    save_document,
    save_workbook,
)
from ..files import write_text
from . import TABLES
from .columns import Column

if TYPE_CHECKING:
    import pandas as pd


def printed_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table; whole numbers are whole, and None where there is none."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else int(value) if value.is_integer() else value
    return value


def save_printed(
    results: Path,
    name: str,
    title: str,
    heading: str,
    parts: Sequence[Part],
    rows: Sequence[Mapping[str, Any]],
    on_sheets: Sequence[Part] | None = None,
) -> None:
    """Write the table of that name as docx, tex, md and xlsx into `results`, under the study's title and a heading.

    `parts` are what is printed, `rows` the whole table with None where there is nothing. A workbook has the printed
    tables first (`on_sheets`, if they differ from those that are read), then the whole table, then what its columns
    mean.
    """
    pages = numbered(parts if on_sheets is None else on_sheets)
    sheets = [printed_sheet(number, part) for number, part in pages if isinstance(part, PrintedTable)]
    save_workbook(results / f"{name}.xlsx", f"{title}: {name}", [*sheets, _whole(name, rows), _columns(name, title)])
    _save_docx(results / f"{name}.docx", title, heading, parts)
    write_text(results / f"{name}.tex", latex_document(title, heading, parts))
    write_text(results / f"{name}.md", markdown_document(title, heading, parts))


def _save_docx(path: Path, title: str, heading: str, parts: Sequence[Part]) -> None:
    document = new_document(f"{title}: {heading}", header=title)
    add_heading(document, title, 0)
    add_heading(document, heading, 1)
    for number, part in numbered(parts):
        if isinstance(part, PrintedTable):
            add_printed(document, number, part)
        else:
            add_paragraph(document, part)
    save_document(document, path)


def _whole(name: str, rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """The whole table, its columns named as in the csv, so that the data dictionary holds for it too."""
    columns = TABLES[name].columns
    return Sheet(
        name,
        [SheetColumn(column.name, _kind(column)) for column in columns],
        [[row[column.name] for column in columns] for row in rows],
    )


def _columns(name: str, title: str) -> Sheet:
    return Sheet(
        "columns",
        (SheetColumn("column"), SheetColumn("meaning", width=90)),
        [(column.name, column.about) for column in TABLES[name].columns],
        title=f"{title}: {TABLES[name].about}",
    )


def _kind(column: Column) -> Kind:
    if column.name.endswith("_percent") or column.name.startswith("percent_"):
        return "percent"
    return {"integer": "integer", "number": "number"}.get(column.type, "text")  # type: ignore[return-value]
