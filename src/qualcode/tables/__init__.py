"""Every table, declared once: columns, types, key and release class. Steps read and write only through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..documents import FORMULA_STARTS
from ..errors import failure
from ..files import replacing
from . import checks, coding, comparing, learning, outputs, talk, themes
from .coding import ACTIONS, RELATIONS
from .columns import RELEASES, Column, Release, Table
from .comparing import UNITS

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ACTIONS", "RELATIONS", "RELEASES", "TABLES", "UNITS", "Column", "Release", "Table", "dictionary", "frame",
    "guarded", "percent", "read", "round_half_up", "unguarded", "write",
]  # fmt: skip

_ALL = tuple(table for part in (talk, checks, coding, themes, outputs, comparing, learning) for table in part.TABLES)
TABLES: dict[str, Table] = {table.name: table for table in _ALL}

# What a spreadsheet would compute, and apostrophes before it; a number is none of it.
_FORMULA = re.compile(f"'*[{re.escape(''.join(FORMULA_STARTS))}]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")

_DTYPES = {"text": "str", "integer": "int64", "number": "float64", "boolean": "bool"}


def frame(name: str, rows: Sequence[Mapping[str, object]] | Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Rows, or lists by column, as a DataFrame with the table's columns and types, also when there are none."""
    import pandas as pd

    table = TABLES[name]
    made = pd.DataFrame(rows, columns=[column.name for column in table.columns])
    return made.astype({column.name: _dtype(column) for column in table.columns})


def read(results: Path, name: str) -> pd.DataFrame:
    """A table of a study's results, checked. Ids and words are text ('007' and 'NA' stay as they are)."""
    import pandas as pd

    table = TABLES[name]
    path = results / table.file
    if not path.exists():
        raise failure(path, "", f"the table is not there: the step {table.step} makes it", "Run `make results`.")
    with path.open(encoding="utf-8", newline="") as handle:
        raw = pd.read_csv(handle, dtype=str, keep_default_na=False, na_filter=False)
    if table.guarded:
        raw = _each_text(raw, table, unguarded)
    typed = raw.copy()
    for column in table.columns:
        if column.type == "boolean":
            typed[column.name] = raw[column.name].map({"true": True, "false": False})
        elif column.type != "text":
            typed[column.name] = pd.to_numeric(raw[column.name].where(raw[column.name] != "", None))
    return _checked(typed, table)


def write(results: Path, name: str, data: pd.DataFrame) -> None:
    """Write a table as UTF-8 csv with `\\n` line ends, checked against its declaration, whole or not at all."""
    table = TABLES[name]
    declared = [column.name for column in table.columns]
    data = _checked(data[[*declared, *(name for name in data if table.further and name not in declared)]], table)
    shown = data.copy()
    for column in table.columns:
        if column.type == "text":
            # Python before 3.13 does not quote a carriage return, and every reader takes it for the end of a row.
            shown[column.name] = data[column.name].str.replace(r"\r\n?", "\n", regex=True)
        elif column.type == "boolean":
            shown[column.name] = data[column.name].map({True: "true", False: "false"})
        elif column.type == "number":
            shown[column.name] = [_decimal(value, column.decimals) for value in data[column.name]]
        elif column.type == "integer" and column.optional:
            shown[column.name] = [
                "" if value is None or value != value else str(int(value)) for value in data[column.name]
            ]
    if table.guarded:
        shown = _each_text(shown, table, guarded)
    with replacing(results / table.file) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        shown.to_csv(handle, index=False, lineterminator="\n")


def guarded(text: str) -> str:
    """A text with an apostrophe before it if a spreadsheet would take it for a formula; `unguarded` takes it away.

    >>> guarded("=1+1"), guarded("-5"), guarded("'=1"), guarded("'tis")
    ("'=1+1", '-5', "''=1", "'tis")
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("-5"), unguarded("'tis")
    ('=1+1', '-5', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _each_text(data: pd.DataFrame, table: Table, change: Callable[[str], str]) -> pd.DataFrame:
    """The table with every word of it changed, heads of further columns too."""
    plain = {column.name for column in table.columns if column.type != "text"}
    changed = data.assign(**{name: data[name].astype(str).map(change) for name in data if name not in plain})
    return changed.rename(columns={name: change(str(name)) for name in data})


def _decimal(value: float, decimals: int) -> str:
    """A float with fixed decimals, halves rounded away from zero; '' where it is not defined, never '-0.0'."""
    if value is None or value != value:
        return ""
    return f"{round_half_up(value, decimals) + 0.0:.{decimals}f}"


def round_half_up(value: float, decimals: int = 0) -> float:
    """Round as people do: 12.5 to 13, where Python's own rounding gives 12.

    >>> round_half_up(12.5), round_half_up(2.675, 2)
    (13.0, 2.68)
    """
    from decimal import ROUND_HALF_UP, Decimal

    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def percent(part: int, whole: int, decimals: int = 1) -> float:
    """Part in % of the whole, halves rounded up; 0 of 0 is 0."""
    from decimal import ROUND_HALF_UP, Decimal

    if not whole:
        return 0.0
    exact = Decimal(100) * Decimal(int(part)) / Decimal(int(whole))
    return float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def _dtype(column: Column) -> str:
    return "float64" if column.optional and column.type == "integer" else _DTYPES[column.type]


def _checked(data: pd.DataFrame, table: Table) -> pd.DataFrame:
    import pandera.pandas as pa

    # pandera's own coercion takes "maybe" for true and 1.5 for 1.
    strict = {"boolean": "boolean", "integer": "Int64"}
    data = data.astype({c.name: strict[c.type] for c in table.columns if c.type in strict})
    columns = {
        column.name: pa.Column(
            _dtype(column),
            pa.Check.isin(column.values) if column.values else None,
            nullable=column.optional,
        )
        for column in table.columns
    }
    return pa.DataFrameSchema(columns, unique=list(table.key), strict=not table.further, coerce=True).validate(
        data, lazy=True
    )


def dictionary() -> str:
    """The data dictionary as Markdown: results/README.md is made from it."""
    lines = [
        "# The tables under results/",
        "",
        "Made from `src/qualcode/tables/` by `make docs`; do not edit. Every table is UTF-8 csv with a header. The",
        "release class says who may see it:",
        "",
    ]
    lines += [f"- **{release}**: {about}" for release, about in RELEASES.items()]
    lines += [
        "",
        "In tables that go out, and in cases.csv, a text that a spreadsheet would take for a formula (it begins with",
        "=, +, -, @ or a tab, and is no number) has an apostrophe before it. Take it away when you read such a table",
        "in a program; working tables hold all words as they are.",
    ]
    for table in _ALL:
        key = " and ".join(f"`{name}`" for name in table.key)
        lines += [
            "",
            f"## {table.file}",
            "",
            f"{table.about} Step `{table.step}`; {table.release}; one row per {key}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        for column in table.columns:
            values = f" ({', '.join(value or 'empty' for value in column.values)})" if column.values else ""
            lines.append(f"| {column.name} | {column.type} | {column.about}{values} |")
        if table.further:
            lines.append(f"| … | text | {table.further} |")
    return "\n".join(lines) + "\n"
