"""What participants said of the main concepts, as a table to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..console import counted_words, enumeration
from ..documents import Kind, Part, PrintedColumn, PrintedRow, PrintedTable
from ..tables.printing import printed_rows, save_printed

if TYPE_CHECKING:
    import pandas as pd

TITLE = "What Participants Said of the Main Concepts"
NOBODY = "No packet was issued to participants."
# Head, column of the table, and share of the width.
_COLUMNS = (
    ("Rated by", "answered", 0.085), ("Agree", "agree", 0.09), ("Neither", "neither", 0.1),
    ("Disagree", "disagree", 0.12), ("Mdn", "median", 0.085), ("Changes asked for", "changes_asked", 0.13),
    ("Made", "changed", 0.09),
)  # fmt: skip
# What stands in the place of a figure that is left out, or that there is not.
_NONE = "–"


def write_printed(results: Path, title: str, summary: pd.DataFrame, smallest: int = 0) -> None:
    """Write member_check_summary as xlsx, docx, tex and md. `smallest` is `frequencies: smallest_cell`."""
    rows = printed_rows(summary)
    heading = "What participants said of the main concepts"
    save_printed(results, "member_check_summary", title, heading, _parts(rows, smallest), rows)


def _parts(rows: Sequence[Mapping[str, Any]], smallest: int) -> list[Part]:
    if not rows:
        return [NOBODY]
    whole, *concepts = rows
    if whole["answered"] == 0:
        return [f"{_people(whole['asked'])} sent a packet. No answer has come back yet."]
    shown = [*concepts, whole]
    printed = [
        PrintedRow((row["name"], *(_figure(row[key]) for _, key, _ in _COLUMNS)), typed=_typed(row), bold=row is whole)
        for row in shown
    ]
    columns = [PrintedColumn("Main concept", 0.3), *(PrintedColumn(head, share, True) for head, _, share in _COLUMNS)]
    heads: list[tuple[str, Kind]] = [("Main concept", "text")]
    heads += [(head, "number" if key == "median" else "integer") for head, key, _ in _COLUMNS]
    note = " ".join(filter(None, _notes(whole, any(row["suppressed"] for row in rows), smallest)))
    return [PrintedTable(TITLE, columns, printed, note, heads=heads)]


def _figure(value: float | None) -> str:
    return _NONE if value is None else f"{value:g}"


def _typed(row: Mapping[str, Any]) -> list[object]:
    return [row["name"], *(_NONE if row[key] is None else row[key] for _, key, _ in _COLUMNS)]


def _people(number: int) -> str:
    return counted_words(number, "person was", "people were")


def _notes(whole: Mapping[str, Any], suppressed: bool, smallest: int) -> list[str]:
    answered = "" if whole["answered"] is None else f"; {whole['answered']} answered"
    return [
        f"{_people(whole['asked'])} sent a packet{answered}.",
        "People rated from 1 to 5 how well a concept reflects their experience: 4 and 5 are counted as agreement, 3 as "
        "neither, 1 and 2 as disagreement; Mdn = median. Made counts the changes asked for that were made.",
        "The last row counts people under Rated by, and ratings under the other heads.",
        _quotations(whole),
        f"{_NONE}: left out, because a figure would tell of fewer than {smallest} people." if suppressed else "",
    ]


def _quotations(whole: Mapping[str, Any]) -> str:
    """What became of the quotations that people decided on."""
    told = (("kept", "kept"), ("amended", "amended"), ("want to change", "waiting"), ("withdrew", "withdrawn"))
    parts = [f"{did} {whole[key]}" for did, key in told if whole[key]]
    if not parts:
        return ""
    number = sum(whole[key] for _, key in told)
    return f"Of {counted_words(number, 'quotation')} of theirs on which they decided, people {enumeration(parts)}."
