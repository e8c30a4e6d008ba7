"""What the section on agreement tells: coders beside each other, round by round, and what the rules are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..console import enumeration
from ..quoting import records

if TYPE_CHECKING:
    import pandas as pd

# All codes, or all sources, together.
_ALL = "all"


def compared(read: Mapping[str, pd.DataFrame], unit: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Rows of the tables agreement and rule_quality by the study's unit, over all sources, codes by their `names`.

    `pooled` and `codes` are about all that was coded, `rounds` pooled about each round; `rules` pooled about the rules,
    `rules_by_code` about each code's, `fails` about the groups for which they do worse. Those by code are rows, and
    the notes that they share.
    """
    agreement = read["agreement"]
    rows = [named(row, names) for row in records(agreement[(agreement["unit"] == unit) & (agreement["scope"] == _ALL)])]
    rules = [named(row, names) for row in records(read["rule_quality"])]
    by = read["rule_quality_by"]
    return {
        "unit": unit,
        "pooled": [row for row in rows if row["code"] == _ALL and not row["round"]],
        "codes": noted([row for row in rows if row["code"] != _ALL and not row["round"]]),
        "rounds": [row for row in rows if row["code"] == _ALL and row["round"]],
        "rules": [row for row in rules if row["code"] == _ALL],
        "rules_by_code": noted([row for row in rules if row["code"] != _ALL]),
        "fails": [named(row, names) for row in records(by[by["fails"]])],
    }


def noted(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows without the notes that most of them share, and these notes, each with the number of rows they are of."""
    notes = [row["note"].split("; ") if row["note"] else [] for row in rows]
    shared = {note: number for note, number in Counter(chain.from_iterable(notes)).items() if number > len(rows) / 2}
    own = ["; ".join(note for note in of_row if note not in shared) for of_row in notes]
    return {"rows": [{**row, "note": note} for row, note in zip(rows, own, strict=True)], "notes": shared}


def named(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A row with the name of its code, who is compared, and the kappa of as many coders as there are."""
    name = "all codes" if row["code"] == _ALL else names.get(row["code"], row["code"])
    if "coder_a" not in row:
        return {**row, "name": name}
    pair = bool(row["coder_b"])
    coders = (row["coder_a"], row["coder_b"]) if pair else row["coder_a"].split("; ")
    return {**row, "name": name, "coders": enumeration(coders), "kappa": row["kappa" if pair else "fleiss"]}
