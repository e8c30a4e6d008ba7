"""The page of tables: codes by each thing that talk is grouped by, every count a way to the passages behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..counting import WHOLE
from ..quoting import records
from .passages import PERSON, Behind

if TYPE_CHECKING:
    import pandas as pd

# More pairs of codes than this are left to the file.
MOST_PAIRS = 100


def strongest(cooccurrences: pd.DataFrame) -> pd.DataFrame:
    """The pairs of codes that meet most often, as many as a page shows."""
    return cooccurrences.sort_values("utterances", ascending=False, kind="stable").head(MOST_PAIRS)


def by_person(codebook: Codebook, behind: Behind) -> dict[str, Any] | None:
    """Utterances by code and person; None where there are too many people, or none."""
    groups = [group for group in behind.groups if group.attribute == PERSON]
    if not groups:
        return None
    rows = []
    for code in codebook.codes:
        tallies = behind.tallies(code.code)
        cells = [
            {"key": group.key, "number": len(tallies[group.key].utterances) if group.key in tallies else 0}
            for group in groups
        ]
        rows.append({"code": code.code, "name": code.name, "level": code.level, "cells": cells})
    return {"heads": [group.value for group in groups], "rows": rows}


def by_attribute(
    frequencies_by: pd.DataFrame, behind: Behind, of: str, guide: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each attribute a row per code and a cell per value; a cell that is suppressed has no figures.

    `of`: whether groups are of people who answered, or who were present. `guide`: the words of questions by id.
    """
    whole = WHOLE[of]
    keys = {(group.attribute, group.value): group.key for group in behind.groups}
    found = []
    for attribute, inside in frequencies_by.groupby("attribute", sort=False):
        values: dict[str, int] = {}
        rows: dict[str, dict[str, Any]] = {}
        for row in records(inside):
            values.setdefault(row["value"], _whole(row[whole]))
            kept = rows.setdefault(
                row["code"], {"code": row["code"], "name": row["name"], "level": row["level"], "cells": []}
            )
            kept["cells"].append(_cell(row, keys.get((str(attribute), row["value"]), "")))
        found.append(
            {
                "attribute": attribute,
                "heads": list(values.items()),
                "asked": [(value, guide[value]) for value in values if attribute == "question" and value in guide],
                "rows": list(rows.values()),
                "suppressed": any(cell["suppressed"] for row in rows.values() for cell in row["cells"]),
            }
        )
    return found


def _cell(row: dict[str, Any], key: str) -> dict[str, Any]:
    suppressed = bool(row.get("suppressed", False)) or row["utterances"] != row["utterances"]
    return {
        "key": key,
        "suppressed": suppressed,
        "people": _whole(row["participants"]),
        "utterances": _whole(row["utterances"]),
    }


def _whole(number: float) -> int:
    """A count that may be left empty, as 0."""
    return int(number) if number == number else 0


def pairs(cooccurrences: pd.DataFrame, codebook: Codebook, behind: Behind) -> list[dict[str, Any]]:
    """The pairs shown, with names and the anchor of what has both."""
    return [
        {
            **row,
            "name_a": codebook.by_id[row["code_a"]].name,
            "name_b": codebook.by_id[row["code_b"]].name,
            "key": behind.together(row["code_b"]),
        }
        for row in records(strongest(cooccurrences))
        if row["code_a"] in codebook.by_id and row["code_b"] in codebook.by_id
    ]
