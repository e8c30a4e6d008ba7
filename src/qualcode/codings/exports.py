"""Codings that other programs exported: Taguette's highlights, and MAXQDA's coded segments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..errors import Problems
from ..files import fitting, grid
from ..study import label_key
from .model import Decision

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_WRITTEN = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[./])(?P<second>\d{1,2})[./](?P<year>\d{4})"
    r"(?:,? (?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?(?: ?(?P<half>[AP])M)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Export:
    """A table that a program writes: what it calls the columns that we take, by what we call them.

    The first of several names that a row fills is taken. Columns of other names are passed over.
    """

    columns: Mapping[str, tuple[str, ...]]

    def wrote(self, header: Sequence[str]) -> bool:
        """Whether a table with this header is such an export."""
        names = set(map(label_key, header))
        return all(names & set(self.columns[cell]) for cell in ("source", "code", "quote"))


# What taguette/export.py of Taguette 1.4 writes: a row for each tag of a highlight.
TAGUETTE = Export({"source": ("document",), "code": ("tag",), "quote": ("content",)})
# "Coded segments" and "Retrieved segments" of MAXQDA 2018 to 24, in English and German.
MAXQDA = Export(
    {
        "source": ("document name", "document", "dokumentname", "dokument"),
        "code": ("code",),
        "quote": ("segment", "coded segment", "coded segments", "codiertes segment", "codierte segmente"),
        "memo": ("comment", "kommentar"),
        "by": ("modified by", "created by", "author", "bearbeitet von", "geändert von", "erstellt von", "autor"),
        "at": ("modified on", "modified", "created on", "created", "creation date", "bearbeitet am", "geändert am",
               "erstellt am", "erstellt"),
    }
)  # fmt: skip


def export_of(header: Sequence[str]) -> Export | None:
    """The kind of export that has this header, None where it is none."""
    return next((kind for kind in (TAGUETTE, MAXQDA) if kind.wrote(header)), None)


def read_export(coder: str, path: Path, kind: Export, problems: Problems) -> Iterator[Decision]:
    """The rows of an export. A document and a code are named as in the program that wrote it.

    MAXQDA repeats names of columns where it adds the variables of documents: the first of each counts.
    """
    rows = grid(path)
    header = [label_key(name) for name in next(rows, (1, []))[1]]
    while header and not header[-1]:
        header.pop()
    for number, cells in fitting(path, header, rows, problems):
        row = dict(zip(reversed(header), reversed(cells), strict=True))
        taken = {ours: next((row[name] for name in names if row.get(name)), "") for ours, names in kind.columns.items()}
        yield Decision(coder, path, number, taken | {"at": _date(taken.get("at", ""))})


def _date(written: str) -> str:
    """A date and time as ISO 8601 has them, '' where they can be read in more than one way.

    >>> _date("2026-03-02 10:30:00"), _date("14/03/2026 9:05"), _date("02.03.2026, 10:30"), _date("3/14/26")
    ('2026-03-02T10:30:00', '2026-03-14T09:05', '2026-03-02T10:30', '')
    """
    if _ISO.fullmatch(written):
        return written.replace(" ", "T")
    match = _WRITTEN.fullmatch(written)
    if not match:
        return ""
    first, second, year = (int(match[name]) for name in ("first", "second", "year"))
    # With full stops the day comes first wherever dates are written so.
    days = {(first, second)} if match["mark"] == "." else {(first, second), (second, first)}
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"] in "Pp")
    read = []
    for day, month in days:
        try:
            read.append(datetime(year, month, day, hour, int(match["minute"] or 0)))
        except ValueError:
            continue
    if len(read) != 1:
        return ""
    return read[0].isoformat(timespec="minutes") if match["hour"] else read[0].date().isoformat()
