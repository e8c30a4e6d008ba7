"""A printed table, whatever format it is written in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

# What a cell of a sheet holds; a `percent` holds 36.4 for 36.4 %.
Kind = Literal["text", "integer", "number", "percent"]


@dataclass(frozen=True)
class PrintedColumn:
    """A column of a printed table: its head, its share of the text's width (0-1), and whether it holds figures."""

    name: str
    share: float
    figures: bool = False


@dataclass(frozen=True)
class PrintedRow:
    """A row of a printed table. `about` stands below the first cell; `indent` shows the level of the first cell.

    `quotations` stand below the row over its whole width. `typed` are its words and numbers on a sheet.
    """

    cells: Sequence[str]
    about: str = ""
    indent: int = 0
    bold: bool = False
    quotations: Sequence[str] = ()
    typed: Sequence[object] = ()


@dataclass(frozen=True)
class PrintedTable:
    """A printed table without its number: title and the lines of its `key` above, note below.

    `heads` are the columns of the rows' `typed` cells on a sheet, where each number has a cell of its own: head, kind.
    """

    title: str
    columns: Sequence[PrintedColumn]
    rows: Sequence[PrintedRow]
    note: str = ""
    key: Sequence[str] = ()
    heads: Sequence[tuple[str, Kind]] = ()


# A table, or a paragraph between tables.
Part = PrintedTable | str


def numbered(parts: Iterable[Part]) -> Iterator[tuple[int, Part]]:
    """Each part with the number of the last table up to it: tables are counted from 1."""
    number = 0
    for part in parts:
        number += isinstance(part, PrintedTable)
        yield number, part
