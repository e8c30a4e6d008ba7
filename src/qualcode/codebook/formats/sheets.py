"""Codebooks as csv and xlsx: a row for each code."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ...documents import FORMULA_STARTS, Sheet, SheetColumn, save_workbook
from ...errors import Problems
from ...files import Row, read_rows, write_text
from .. import LISTS, TEXTS, Code, Codebook
from .cells import json_cell, list_cell, read_json, read_list, read_text, text_cell
from .entries import Entry, assemble

# The columns in the order in which people read a code, and their widths in a spreadsheet (characters). The title of
# the codebook stands in the first row of the last.
_WIDTHS = {
    "code": 24, "parent": 20, "name": 26, "definition": 50, "use_when": 40, "not_when": 40, "examples": 44,
    "words": 28, "patterns": 30, "unless": 20, "negation": 10, "formerly": 20, "role": 13, "question": 11,
    "colour": 10, "memo": 40, "theme": 12, "codebook": 30,
}  # fmt: skip
COLUMNS = tuple(_WIDTHS)


def write_csv(codebook: Codebook, path: Path, target: Path) -> None:
    """Write a csv file, with the mark by which spreadsheets know UTF-8."""
    del target
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    # A csv file has no way to say that a cell is no formula, unless it does not begin like one.
    writer.writerows(_rows(codebook, FORMULA_STARTS))
    write_text(path, "\ufeff" + made.getvalue())


def write_xlsx(codebook: Codebook, path: Path, target: Path) -> None:
    """Write an xlsx file of one sheet, all of it text."""
    del target
    columns = [SheetColumn(name, width=width) for name, width in _WIDTHS.items()]
    save_workbook(path, codebook.title, [Sheet("Codebook", columns, _rows(codebook, ()))])


def read_sheet(path: Path) -> Codebook:
    """The codebook of a csv or xlsx file. Raises QualcodeError that names every problem with its row."""
    header, rows = read_rows(path)
    problems = Problems()
    if "code" not in header:
        problems.add(path, "row 1", "the column 'code' is missing", "Add it: it holds the ids of the codes.")
    for column in header:
        if column not in COLUMNS:
            near = get_close_matches(column, COLUMNS, n=1)
            do = f"Did you mean '{near[0]}'?" if near else f"The columns are: {', '.join(COLUMNS)}."
            problems.add(path, "row 1", f"unknown column '{column}'", do)
    problems.stop()
    titles = {row.cells["codebook"]: row.number for row in reversed(rows) if row.cells.get("codebook")}
    if len(titles) > 1:
        number = max(titles.values())
        problems.add(path, f"row {number}, codebook", "this is a second title", "Leave it in the first row only.")
    coded = [row for row in rows if any(cell for column, cell in row.cells.items() if column != "codebook")]
    entries = [Entry(row.number, row.cells.get("parent", ""), _node(row, path, problems)) for row in coded]
    title = read_text(next(reversed(titles))) if titles else path.stem
    return assemble(path, title, entries, problems)


def _rows(codebook: Codebook, forbidden: tuple[str, ...]) -> list[list[str]]:
    # A codebook without codes still has a title.
    rows = [_cells(code, forbidden) for code in codebook.codes] or [{}]
    rows[0]["codebook"] = text_cell(codebook.title, forbidden) or json_cell([""])
    return [[row.get(column, "") for column in COLUMNS] for row in rows]


def _cells(code: Code, forbidden: tuple[str, ...]) -> dict[str, str]:
    cells = {"code": code.code, "parent": code.parent, "patterns": json_cell(code.patterns)}
    cells |= {key: text_cell(getattr(code, key), forbidden) for key in ("name", *TEXTS)}
    return cells | {key: list_cell(getattr(code, key), forbidden=forbidden, apart=_apart(key)) for key in LISTS}


def _apart(key: str) -> str:
    """What parts the items of a list besides line ends: people type semicolons, which belong to sentences as well."""
    return "" if key == "examples" else ";"


def _node(row: Row, path: Path, problems: Problems) -> dict[str, Any]:
    return node_of(row.cells, "\n", path, row.number, problems)


def node_of(cells: Mapping[str, str], separator: str, path: Path, row: int, problems: Problems) -> dict[str, Any]:
    """The keys of a code as in YAML, by the cells of its row; what is empty is left out."""
    node: dict[str, Any] = {}
    for key in ("code", "name", *TEXTS, *LISTS, "patterns"):
        cell = cells.get(key, "")
        if not cell:
            continue
        try:
            if key in LISTS:
                node[key] = read_list(cell, separator, _apart(key))
            elif key == "patterns":
                node[key] = read_json(cell)
            else:
                node[key] = cell if key == "code" else read_text(cell)
        except ValueError as error:
            problems.add(path, f"row {row}, {key}", str(error), "Write an item on each line instead, without [.")
    return node
