"""Workbooks whose cells stay what they are: words never become formulas."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .archive import printable, save_archive
from .printed import Kind, PrintedTable

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Spreadsheets take a cell that begins with one of these for a formula.
FORMULA_STARTS = tuple("=+-@\t\r")
# Excel shows no more characters in a cell; XlsxWriter would leave such a cell out without a word.
CELL_LIMIT = 32_767
_SHORTENED = " … [shortened: the csv table has all of it]"

_NUMBER_FORMATS = {"text": "@", "integer": "0", "number": "0.0000", "percent": '0.0"%"'}
_WIDEST, _NARROWEST = 60, 8
# Of the first column of a printed table, of others with words, and of the narrowest with figures.
_FIRST, _WORDS, _FIGURES = 46, 34, 7
# Points: of a line, and of the highest row that spreadsheets know.
_LINE, _HIGHEST = 16, 409
# Of the letters that stand out in a text, and of the lines around cells with a ground of their own.
_MARK, _LINES = "#B03A00", "#D0D0D0"


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its value.

    `fill` and `ink` are the colours of the ground and of the letters (#rrggbb), `marked` stretches of the text that
    stand out (start, end), `choices` what people choose from there (none: what the column says), and `formula` what a
    spreadsheet computes the value by. `kind` is what it holds where that is not what the column says.
    """

    value: object
    fill: str = ""
    ink: str = ""
    bold: bool = False
    marked: Sequence[tuple[int, int]] = ()
    choices: Sequence[str] = ()
    formula: str = ""
    indent: int = 0
    kind: Kind | None = None


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
    stay in sight; the first `printed` are printed (0: all). A `page` is made to be printed and not to be sorted:
    upright, with a `note` below.
    """

    name: str
    columns: Sequence[SheetColumn]
    rows: Sequence[Sequence[object]]
    title: str = ""
    above: Sequence[str] = ()
    foot: Sequence[Sequence[object]] = ()
    frozen: int = 0
    printed: int = 0
    page: bool = False
    note: str = ""


def printed_sheet(number: int, table: PrintedTable) -> Sheet:
    """A printed table as a page of a workbook, each number in a cell of its own; quotations are left out."""
    rows = []
    for row in table.rows:
        kinds = zip(row.typed, table.heads, strict=True)
        cells = [_typed(value, kind, row.bold) for value, (_, kind) in kinds]
        rows.append([Cell(row.typed[0], bold=row.bold, indent=row.indent), *cells[1:]])
    widths = (_FIRST, *(_WORDS if kind == "text" else _of_figures(head) for head, kind in table.heads[1:]))
    columns = [SheetColumn(head, kind, width) for (head, kind), width in zip(table.heads, widths, strict=True)]
    note = f"Note. {table.note}" if table.note else ""
    return Sheet(f"Table {number}", columns, rows, f"Table {number}", [table.title, *table.key], page=True, note=note)


def _of_figures(head: str) -> float:
    """Room for the longest word of the head of a column of figures."""
    return max(_FIGURES, *(len(word) * 1.15 + 1 for word in head.split()))


def _typed(value: object, kind: Kind, bold: bool) -> Cell:
    """A cell; words in the place of a number, such as a dash, are words."""
    return Cell(value, bold=bold, kind="text" if isinstance(value, str) else kind)


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

    def header(self, page: bool = False, figures: bool = False) -> Format:
        look: dict[str, object] = {"top": 1} if page else {}
        look |= {"align": "right"} if page and figures else {}
        return self.of(bold=True, bottom=1, text_wrap=True, valign="top", **look)

    def title(self) -> Format:
        return self.of(bold=True, font_size=14)

    def cell(
        self, kind: Kind, guarded: bool = False, fill: str = "", ink: str = "", bold: bool = False, **more: object
    ) -> Format:
        look: dict[str, object] = {"num_format": _NUMBER_FORMATS[kind], "valign": "top", "text_wrap": kind == "text"}
        # The mark by which Excel keeps a text a text also when someone edits the cell.
        look |= {"quote_prefix": True} if guarded else {}
        # A ground of its own hides the lines between cells.
        look |= {"bg_color": fill, "border": 1, "border_color": _LINES} if fill else {}
        look |= {"font_color": ink} if ink else {}
        look |= {"bold": True} if bold else {}
        return self.of(**look, **more)


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    widths = [column.width or _width(sheet, position) for position, column in enumerate(sheet.columns)]
    top = _write_head(worksheet, sheet, widths, formats)
    last = top + len(sheet.rows)
    for position, column in enumerate(sheet.columns):
        head = formats.header(sheet.page, column.kind != "text")
        worksheet.write_string(top, position, cell_text(column.name), head)
        worksheet.set_column(position, position, widths[position])
        _offer(worksheet, (top + 1, position, last, position), column.choices if sheet.rows else ())
    if sheet.page:
        worksheet.set_row(top, _LINE * _lines([Cell(column.name) for column in sheet.columns], widths))
    for number, row in enumerate([*sheet.rows, *sheet.foot], top + 1):
        cells = [value if isinstance(value, Cell) else Cell(value) for value in row]
        # Excel fits the height of a row to wrapped text by itself; LibreOffice shows its first line only.
        if (lines := _lines(cells, widths)) > 1:
            worksheet.set_row(number, min(_HIGHEST, _LINE * lines))
        more: dict[str, object] = {"bottom": 1} if sheet.page and number == last else {}
        for position, (cell, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            _write_cell(worksheet, number, position, cell, column, formats, more)
    if sheet.note:
        _write_lines(worksheet, last + len(sheet.foot) + 1, [sheet.note], widths, formats)
    if sheet.columns and not sheet.page:
        worksheet.autofilter(top, 0, top + max(1, len(sheet.rows)), len(sheet.columns) - 1)
    worksheet.freeze_panes(top + 1, sheet.frozen)
    worksheet.repeat_rows(top)
    if not sheet.page:
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
    return _write_lines(worksheet, top, sheet.above, widths, formats)


def _write_lines(
    worksheet: Worksheet, top: int, lines: Sequence[str], widths: Sequence[float], formats: _Formats
) -> int:
    """Write a line of words over all columns in each row from `top` on; gives the row after them."""
    for row, line in enumerate(lines, top):
        text = cell_text(line)
        worksheet.merge_range(row, 0, row, len(widths) - 1, "")
        worksheet.write_string(row, 0, text, formats.cell("text", text.startswith(FORMULA_STARTS)))
        worksheet.set_row(row, min(_HIGHEST, _LINE * _lines([Cell(text)], [sum(widths)])))
    return top + len(lines)


def _write_cell(
    worksheet: Worksheet,
    row: int,
    position: int,
    cell: Cell,
    column: SheetColumn,
    formats: _Formats,
    more: Mapping[str, object],
) -> None:
    value, kind = cell.value, cell.kind or column.kind
    text = cell_text(str(value)) if kind == "text" and value is not None else ""
    guarded = text.startswith(FORMULA_STARTS)
    aside: dict[str, object] = {"indent": cell.indent, "align": "left"} if cell.indent else {}
    aside |= {"align": "right"} if kind != column.kind else {}
    look = formats.cell(kind, guarded, cell.fill or column.fill, cell.ink or column.ink, cell.bold, **aside, **more)
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
