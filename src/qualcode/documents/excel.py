"""Workbooks whose cells stay what they are: words never become formulas."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .archive import printable, save_archive

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Spreadsheets take a cell that begins with one of these for a formula.
FORMULA_STARTS = tuple("=+-@\t\r")
# Excel shows no more characters in a cell; XlsxWriter would leave such a cell out without a word.
CELL_LIMIT = 32_767
_SHORTENED = " … [shortened: the csv table has all of it]"

Kind = Literal["text", "integer", "number", "percent"]
_NUMBER_FORMATS = {"text": "@", "integer": "0", "number": "0.0000", "percent": '0.0"%"'}
_WIDEST, _NARROWEST = 60, 8
# Points: of a line, and of the highest row that spreadsheets know.
_LINE, _HIGHEST = 16, 409


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: head, kind (a `percent` holds 36.4 for 36.4 %), width in characters (0: by content)."""

    name: str
    kind: Kind = "text"
    width: float = 0


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook; `title` stands above the header row, if there is one."""

    name: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[object]]
    title: str = ""


def save_workbook(path: Path, title: str, sheets: Sequence[Sheet]) -> None:
    """Write the sheets as an xlsx file in which text stays text, whole or not at all, and the same bytes every time."""
    from datetime import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties({"title": printable(title)[:255], "created": datetime(1980, 1, 1)})
        formats = _formats(workbook)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name[:31]), sheet, formats)
    save_archive(buffer.getvalue(), path)


def _formats(workbook: Workbook) -> dict[str, Format]:
    made = {
        kind: workbook.add_format({"num_format": shown, "valign": "top", "text_wrap": kind == "text"})
        for kind, shown in _NUMBER_FORMATS.items()
    }
    made["header"] = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    made["title"] = workbook.add_format({"bold": True, "font_size": 14})
    # The mark by which Excel keeps a text a text also when someone edits the cell.
    made["guarded"] = workbook.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "quote_prefix": True})
    return made


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    top = 0
    if sheet.title:
        worksheet.write_string(0, 0, cell_text(sheet.title), formats["title"])
        top = 1
    widths = [column.width or _width(sheet, position) for position, column in enumerate(sheet.columns)]
    for position, column in enumerate(sheet.columns):
        worksheet.write_string(top, position, cell_text(column.name), formats["header"])
        worksheet.set_column(position, position, widths[position])
    for number, row in enumerate(sheet.rows, top + 1):
        # Excel fits the height of a row to wrapped text by itself; LibreOffice shows its first line only.
        if (lines := _lines(row, widths)) > 1:
            worksheet.set_row(number, min(_HIGHEST, _LINE * lines))
        for position, (value, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _write_cell(worksheet, number, position, value, column.kind, formats)
    if sheet.columns:
        worksheet.autofilter(top, 0, top + max(1, len(sheet.rows)), len(sheet.columns) - 1)
    worksheet.freeze_panes(top + 1, 0)
    worksheet.repeat_rows(top)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)


def _write_cell(
    worksheet: Worksheet, row: int, position: int, value: object, kind: Kind, formats: dict[str, Format]
) -> None:
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        worksheet.write_blank(row, position, None, formats[kind])
    elif kind == "text":
        text = cell_text(str(value))
        guarded = text.startswith(FORMULA_STARTS)
        worksheet.write_string(row, position, text, formats["guarded" if guarded else "text"])
    else:
        # Through float, because numpy's own numbers are none to XlsxWriter.
        worksheet.write_number(row, position, float(str(value)), formats[kind])


def cell_text(text: str) -> str:
    """The text as a cell can hold it: no characters foreign to XML, not too long, and saying so if it was."""
    text = printable(text)
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(_SHORTENED)] + _SHORTENED


def _lines(row: Sequence[object], widths: Sequence[float]) -> int:
    """About how many lines the fullest cell of a row takes."""
    return max(
        (
            sum(math.ceil(max(1, len(line)) / max(1, width - 1)) for line in value.split("\n"))
            for value, width in zip(row, widths, strict=True)
            if isinstance(value, str)
        ),
        default=1,
    )


def _width(sheet: Sheet, position: int) -> float:
    """Room for the longest line of the column, within bounds."""
    head = (
        max((len(word) for word in sheet.columns[position].name.split()), default=0) * 1.1 + 3
    )  # bold, and the filter
    # Figures are short; a glance at the first rows is enough, and large tables stay quick.
    longest = max((len(str(row[position])) for row in sheet.rows[:1000]), default=0)
    return min(_WIDEST, max(_NARROWEST, head, longest * 1.05 + 1))
