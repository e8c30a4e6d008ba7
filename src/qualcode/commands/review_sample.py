"""Random samples of units for `qualcode review --sample`."""

from __future__ import annotations

from collections.abc import Sequence

from ..codings.sheets import is_sample
from ..errors import Problems, QualcodeError
from ..files import read_rows
from ..measures.units import Unit
from ..study import Study
from ..text import digest


def draw(units: Sequence[Unit], number: int, seed: str) -> list[Unit]:
    """A simple random sample without replacement, in random order: the same for the same seed, on every machine.

    Each unit's place is the SHA-256 of the seed and its id; those with the lowest are drawn.
    """
    return sorted(units, key=lambda unit: (digest(seed, unit.unit), unit.unit))[:number]


def earlier_units(study: Study, coder: str) -> set[tuple[str, int, int]]:
    """(source, start, end) of the units in earlier samples of a coder, filled in or not.

    Raises QualcodeError that names every file of theirs that cannot be read.
    """
    problems = Problems()
    found = set()
    theirs = (path for other, path in study.coding_files if other == coder)
    for path in (path for path in theirs if path.suffix.lower() in (".csv", ".xlsx")):
        try:
            header, rows = read_rows(path)
        except QualcodeError as error:
            problems.extend(error)
            continue
        if is_sample(header):
            cells = (tuple(row.cells.get(column, "") for column in ("source", "start", "end")) for row in rows)
            found |= {(source, int(start), int(end)) for source, start, end in cells if _numbers(start, end)}
    problems.stop()
    return found


def _numbers(*cells: str) -> bool:
    return all(cell.isdecimal() for cell in cells)
