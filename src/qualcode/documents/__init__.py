"""Printed tables and office files that come out byte for byte the same wherever and whenever they are made."""

from .archive import printable
from .controls import Controls
from .excel import CELL_LIMIT, FORMULA_STARTS, Cell, Sheet, SheetColumn, cell_text, printed_sheet, save_workbook
from .latex import latex_document, latex_text
from .markdown import markdown_document, markdown_text
from .printed import Kind, Part, PrintedColumn, PrintedRow, PrintedTable, numbered
from .word import (
    PAGE_WIDTH,
    add_answer,
    add_heading,
    add_paragraph,
    add_printed,
    add_quotation,
    add_table,
    new_document,
    save_document,
)

__all__ = [
    "CELL_LIMIT",
    "FORMULA_STARTS",
    "PAGE_WIDTH",
    "Cell",
    "Controls",
    "Kind",
    "Part",
    "PrintedColumn",
    "PrintedRow",
    "PrintedTable",
    "Sheet",
    "SheetColumn",
    "add_answer",
    "add_heading",
    "add_paragraph",
    "add_printed",
    "add_quotation",
    "add_table",
    "cell_text",
    "latex_document",
    "latex_text",
    "markdown_document",
    "markdown_text",
    "new_document",
    "numbered",
    "printable",
    "printed_sheet",
    "save_document",
    "save_workbook",
]
