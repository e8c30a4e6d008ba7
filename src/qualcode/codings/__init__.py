"""People's codings as they come: one reader per kind of file, all giving decisions with the same cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..codebook import Codebook
from ..errors import Problems, QualcodeError
from ..files import Row, check_rows, grid, open_archive, read_rows
from ..study import Study, label_key
from .comments import comment_texts, commented_text, read_comments
from .exports import export_of, read_export
from .mangling import Mangling, became_another, date_fault
from .model import INSTEAD, LONGEST, WAITS, Decision, place_in, told
from .naming import Names
from .sheets import is_sheet, lost_columns, read_sheet

__all__ = ["INSTEAD", "WAITS", "Decision", "memos", "place_in", "quoted", "read_codings", "told"]


def read_codings(study: Study, codebook: Codebook, problems: Problems) -> list[Decision]:
    """What every coder's files say, in the order of coder, file and row. What is wrong with them goes to `problems`.

    Sources and codes are named by their ids, also where a file names them otherwise; what is not known stays as it was
    typed.
    """
    names, mangling = Names(study, codebook), Mangling(study)
    decisions: list[Decision] = []
    for coder, path in study.coding_files:
        try:
            if _is_docx(path):
                read = read_comments(coder, path, study, names, problems)
            else:
                read = _read_table(coder, path, problems, study, codebook)
            resolved = [_resolved(decision, study, codebook, names, problems) for decision in read]
            if not _is_docx(path):
                _check_cells(resolved, mangling, problems)
            decisions += resolved
        except QualcodeError as error:
            problems.extend(error)
    return decisions


def memos(path: Path) -> Iterator[tuple[str, str]]:
    """The memos in a coder's file, each with its place: those of a table, and all words of the comments of a docx.

    Raises QualcodeError for an unreadable file.
    """
    if _is_docx(path):
        yield from comment_texts(path)
        return
    for decision in _read_table("", path, Problems()):
        if decision["memo"]:
            yield decision.place, decision["memo"]


def quoted(path: Path) -> Iterator[tuple[str, str]]:
    """All else that stands in a coder's file, where people's words may be: quotations and the talk around them.

    Each with its place: a row with all its cells but the memo, or a paragraph of a docx counted from 1. Raises
    QualcodeError for an unreadable file.
    """
    if _is_docx(path):
        for number, text in enumerate(commented_text(path), 1):
            yield f"paragraph {number}", text
        return
    rows = grid(path)
    header = next(rows, (1, []))[1]
    memo = {position for position, name in enumerate(header) if label_key(name) in ("memo", "comment", "kommentar")}
    for number, cells in rows:
        yield place_in(path, number), "\n\n".join(cell for at, cell in enumerate(cells) if at not in memo)


def _is_docx(path: Path) -> bool:
    return path.suffix.lower() == ".docx"


def _read_table(
    coder: str, path: Path, problems: Problems, study: Study | None = None, codebook: Codebook | None = None
) -> list[Decision]:
    header = next(grid(path), (1, []))[1]
    tell = partial(told, study=study) if study else str
    if kind := export_of(header):
        _check_further(path, problems)
        return list(read_export(coder, path, kind, problems))
    header, rows = read_rows(path)
    if is_sheet(header):
        for row in rows:
            if fault := date_fault(row.cells.get("at", ""), tell):
                problems.add(path, f"row {row.number}, at", *fault)
        return read_sheet(coder, path, header, rows, problems, codebook, tell)
    if lost := lost_columns(header):
        do = "Give each its name again, or start from a new sheet."
        wrong = f"this was a sheet of `qualcode review`, and it has no column {' and no column '.join(map(repr, lost))}"
        problems.add(path, "row 1", wrong, do)
        return []
    _check_further(path, problems)
    _check_rows(header, rows, path, problems, tell)
    return [Decision(coder, path, row.number, row.cells) for row in rows]


def _check_rows(
    header: Sequence[str], rows: Sequence[Row], path: Path, problems: Problems, tell: Callable[[str], str]
) -> None:
    """Check a table of codings. Where cells have moved, words of people stand in any column: `tell` shortens them."""
    found = Problems()
    check_rows(header, rows, "codings", path, found)
    wrong = {problem.place.partition(",")[0] for problem in found.found}
    rows = [row for row in rows if place_in(path, row.number) in wrong]
    rows = [Row(row.number, {tell(name): tell(cell) for name, cell in row.cells.items()}) for row in rows]
    if wrong:
        check_rows(list(map(tell, header)), rows, "codings", path, problems)


def _check_further(path: Path, problems: Problems) -> None:
    """Only the first sheet of a workbook is read: codings on another would be lost in silence."""
    if path.suffix.lower() != ".xlsx":
        return
    with open_archive(path) as archive:
        sheets = sum("/worksheets/sheet" in name.lower() for name in archive.namelist())
    if sheets < 2:
        return
    heads: set[str] = set()
    for _ in grid(path, lambda cell: heads.add(label_key(cell[:LONGEST]))):
        pass
    if {"source", "code", "quote"} <= heads or {"coding", "action"} <= heads or export_of(sorted(heads)):
        wrong = "there are codings on more sheets than the first, which alone is read"
        problems.add(path, "", wrong, "Save each sheet as a file of its own.")


def _resolved(decision: Decision, study: Study, codebook: Codebook, names: Names, problems: Problems) -> Decision:
    """The decision with its source and code named by their ids. A cell that is told to be wrong is told only once."""
    cells = dict(decision.cells)
    if decision["coding"].isalnum():
        cells["coding"] = decision["coding"].lower()
    known: dict[str, tuple[list[str], Iterable[str]]] = {
        "source": (names.sources(decision["source"]), [source.source for source in study.sources]),
        "code": (names.codes(decision["code"]), codebook.by_id),
    }
    for column, (found, ids) in known.items():
        typed = decision[column]
        if len(found) == 1:
            cells[column] = found[0]
        elif found:
            wrong = f"'{told(typed, study)}' may be any of {', '.join(map(repr, found))}"
            problems.add(decision.path, f"{decision.place}, {column}", wrong, "Write the id.")
            cells[column] = ""
        elif fault := became_another(typed, ids, partial(told, study=study)):
            problems.add(decision.path, f"{decision.place}, {column}", *fault)
            cells[column] = ""
    return replace(decision, cells=cells)


def _check_cells(decisions: Iterable[Decision], mangling: Mangling, problems: Problems) -> None:
    for decision in decisions:
        for column, fault in mangling.faults(decision):
            problems.add(decision.path, f"{decision.place}, {column}", *fault)
