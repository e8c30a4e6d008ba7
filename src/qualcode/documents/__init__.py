"""Office files (docx, xlsx) that come out byte for byte the same wherever and whenever they are made."""

from .archive import printable
from .excel import CELL_LIMIT, FORMULA_STARTS, Cell, Kind, Sheet, SheetColumn, cell_text, save_workbook
from .word import (
    PAGE_WIDTH,
    PrintedColumn,
    PrintedRow,
    add_answer,
    add_heading,
    add_paragraph,
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
    "Kind",
    "PrintedColumn",
    "PrintedRow",
    "Sheet",
    "SheetColumn",
    "add_answer",
    "add_heading",
    "add_paragraph",
    "add_quotation",
    "add_table",
    "cell_text",
    "new_document",
    "printable",
    "save_document",
    "save_workbook",
]
