"""People's codings as they come: one reader per kind of file, all giving decisions with the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..codebook import Codebook
from ..errors import Problems, QualcodeError
from ..files import check_rows, grid, read_rows
from ..study import Study
from .comments import comment_texts, read_comments
from .exports import export_of, read_export
from .mangling import Mangling, became_another, date_fault
from .model import Decision, place_in
from .naming import Names
from .sheets import is_sheet, read_sheet

__all__ = ["Decision", "memos", "place_in", "read_codings"]


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
                read = _read_table(coder, path, problems, codebook)
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


def _is_docx(path: Path) -> bool:
    return path.suffix.lower() == ".docx"


def _read_table(coder: str, path: Path, problems: Problems, codebook: Codebook | None = None) -> list[Decision]:
    header = next(grid(path), (1, []))[1]
    if kind := export_of(header):
        return list(read_export(coder, path, kind, problems))
    header, rows = read_rows(path)
    if is_sheet(header):
        for row in rows:
            if fault := date_fault(row.cells.get("at", "")):
                problems.add(path, f"row {row.number}, at", *fault)
        return read_sheet(coder, path, header, rows, problems, codebook)
    check_rows(header, rows, "codings", path, problems)
    return [Decision(coder, path, row.number, row.cells) for row in rows]


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
            wrong = f"'{typed}' may be any of {', '.join(map(repr, found))}"
            problems.add(decision.path, f"{decision.place}, {column}", wrong, "Write the id.")
            cells[column] = ""
        elif fault := became_another(typed, ids):
            problems.add(decision.path, f"{decision.place}, {column}", *fault)
            cells[column] = ""
    return replace(decision, cells=cells)


def _check_cells(decisions: Iterable[Decision], mangling: Mangling, problems: Problems) -> None:
    for decision in decisions:
        for column, fault in mangling.faults(decision):
            problems.add(decision.path, f"{decision.place}, {column}", *fault)
