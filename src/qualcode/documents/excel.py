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
# Of the letters that stand out in a text, and of the lines around cells with a ground of their own.
_MARK, _LINES = "#B03A00", "#D0D0D0"


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its value.

    `fill` and `ink` are the colours of the ground and of the letters (#rrggbb), `marked` stretches of the text that
    stand out (start, end), `choices` what people choose from there (none: what the column says), and `formula` what a
    spreadsheet computes the value by.
    """

    value: object
    fill: str = ""
    ink: str = ""
    bold: bool = False
    marked: Sequence[tuple[int, int]] = ()
    choices: Sequence[str] = ()
    formula: str = ""


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: head, kind (a `percent` holds 36.4 for 36.4 %), width in characters (0: by content).

    `fill` and `ink` colour its cells. `choices` is what people choose from there: words, or the range that holds them
    (`=Codes!$A$2:$A$9`); another word is warned of and can be kept.
    """

    name: str
    kind: Kind = "text"
    width: float = 0
    fill: str = ""
    ink: str = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook; `title` and the lines `above` stand above the header row, if there are any.

    The rows of `foot` stand below the others, and are not filtered and sorted with them. The first `frozen` columns
    stay in sight; the first `printed` are printed (0: all).
    """

    name: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[object]]
    title: str = ""
    above: Sequence[str] = ()
    foot: Sequence[Sequence[object]] = ()
    frozen: int = 0
    printed: int = 0


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
        formats = _Formats(workbook)
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name[:31]), sheet, formats)
    save_archive(buffer.getvalue(), path)


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def of(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def header(self) -> Format:
        return self.of(bold=True, bottom=1, text_wrap=True, valign="top")

    def title(self) -> Format:
        return self.of(bold=True, font_size=14)

    def cell(self, kind: Kind, guarded: bool, fill: str, ink: str, bold: bool) -> Format:
        look: dict[str, object] = {"num_format": _NUMBER_FORMATS[kind], "valign": "top", "text_wrap": kind == "text"}
        # The mark by which Excel keeps a text a text also when someone edits the cell.
        look |= {"quote_prefix": True} if guarded else {}
        # A ground of its own hides the lines between cells.
        look |= {"bg_color": fill, "border": 1, "border_color": _LINES} if fill else {}
        look |= {"font_color": ink} if ink else {}
        look |= {"bold": True} if bold else {}
        return self.of(**look)


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    widths = [column.width or _width(sheet, position) for position, column in enumerate(sheet.columns)]
    top = _write_head(worksheet, sheet, widths, formats)
    last = top + len(sheet.rows)
    for position, column in enumerate(sheet.columns):
        worksheet.write_string(top, position, cell_text(column.name), formats.header())
        worksheet.set_column(position, position, widths[position])
        _offer(worksheet, (top + 1, position, last, position), column.choices if sheet.rows else ())
    for number, row in enumerate([*sheet.rows, *sheet.foot], top + 1):
        cells = [value if isinstance(value, Cell) else Cell(value) for value in row]
        # Excel fits the height of a row to wrapped text by itself; LibreOffice shows its first line only.
        if (lines := _lines(cells, widths)) > 1:
            worksheet.set_row(number, min(_HIGHEST, _LINE * lines))
        for position, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            _write_cell(worksheet, number, position, cell, column, formats)
    if sheet.columns:
        worksheet.autofilter(top, 0, top + max(1, len(sheet.rows)), len(sheet.columns) - 1)
    worksheet.freeze_panes(top + 1, sheet.frozen)
    worksheet.repeat_rows(top)
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.fit_to_pages(1, 0)
    if sheet.printed:
        worksheet.print_area(0, 0, last + len(sheet.foot), sheet.printed - 1)


def _write_head(worksheet: Worksheet, sheet: Sheet, widths: Sequence[float], formats: _Formats) -> int:
    """Write what stands above the table; gives the row of the header."""
    top = 0
    if sheet.title:
        worksheet.write_string(0, 0, cell_text(sheet.title), formats.title())
        top = 1
    wide = sum(widths)
    for line in sheet.above:
        text = cell_text(line)
        worksheet.merge_range(top, 0, top, len(sheet.columns) - 1, "")
        worksheet.write_string(top, 0, text, formats.cell("text", text.startswith(FORMULA_STARTS), "", "", False))
        worksheet.set_row(top, min(_HIGHEST, _LINE * _lines([Cell(text)], [wide])))
        top += 1
    return top


def _write_cell(
    worksheet: Worksheet, row: int, position: int, cell: Cell, column: SheetColumn, formats: _Formats
) -> None:
    value, kind = cell.value, column.kind
    text = cell_text(str(value)) if kind == "text" and value is not None else ""
    guarded = text.startswith(FORMULA_STARTS)
    look = formats.cell(kind, guarded, cell.fill or column.fill, cell.ink or column.ink, cell.bold)
    _offer(worksheet, (row, position, row, position), cell.choices)
    if cell.formula:
        worksheet.write_formula(row, position, cell.formula, look, value)
    elif value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        worksheet.write_blank(row, position, None, look)
    elif cell.marked and len(pieces := _pieces(text, cell.marked, formats)) > 2:
        worksheet.write_rich_string(row, position, *pieces, look)
    elif kind == "text":
        worksheet.write_string(row, position, text, look)
    else:
        # Through float, because numpy's own numbers are none to XlsxWriter.
        worksheet.write_number(row, position, float(str(value)), look)


def _pieces(text: str, marked: Sequence[tuple[int, int]], formats: _Formats) -> list[str | Format]:
    """A text as XlsxWriter takes one in several formats: a format before each piece that has one."""
    pieces: list[str | Format] = []
    at = 0
    for start, end in marked:
        pieces += [piece for piece in [text[at:start]] if piece]
        pieces += [formats.of(bold=True, font_color=_MARK), text[start:end]] if text[start:end] else []
        at = max(at, end)
    return pieces + [piece for piece in [text[at:]] if piece]


def _offer(worksheet: Worksheet, where: tuple[int, int, int, int], choices: Sequence[str]) -> None:
    """Let people choose from a list in these cells (first row and column, last row and column)."""
    if choices:
        source = choices if isinstance(choices, str) else list(choices)
        said = "This is none of the words on the list. Keep it all the same?"
        options = {"validate": "list", "source": source, "error_type": "warning", "error_message": said}
        worksheet.data_validation(*where, options)


def cell_text(text: str) -> str:
    """The text as a cell can hold it: no characters foreign to XML, not too long, and saying so if it was."""
    text = printable(text)
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(_SHORTENED)] + _SHORTENED


def _lines(cells: Sequence[Cell], widths: Sequence[float]) -> int:
    """About how many lines the fullest cell of a row takes."""
    return max(
        (
            sum(math.ceil(max(1, len(line)) / max(1, width - 1)) for line in cell.value.split("\n"))
            for cell, width in zip(cells, widths, strict=True)
            if isinstance(cell.value, str)
        ),
        default=1,
    )


def _width(sheet: Sheet, position: int) -> float:
    """Room for the longest line of the column, within bounds."""
    head = (
        max((len(word) for word in sheet.columns[position].name.split()), default=0) * 1.1 + 3
    )  # bold, and the filter
    # Figures are short; a glance at the first rows is enough, and large tables stay quick.
    longest = max((len(_shown(row[position])) for row in sheet.rows[:1000]), default=0)
    return min(_WIDEST, max(_NARROWEST, head, longest * 1.05 + 1))


def _shown(value: object) -> str:
    return str(value.value if isinstance(value, Cell) else value)
