"""Explain a suggestion that waits: what it rests on, and how to decide on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..tables import TABLES
from ..tables.learning import PROPOSED, SECOND_LOOK, UNCERTAIN
from .reading import Cells, rows

# Of each status: what to tell of it, and the option with which a review sheet has it.
_WHERE = {
    PROPOSED: ("", ""),
    UNCERTAIN: ("It is not likely enough to be suggested. ", " --order uncertain"),
    SECOND_LOOK: ("People finished this and did not give the code. ", " --all"),
}


def suggestions(results: Path) -> dict[str, Cells]:
    """The suggestions that the last run left, by their ids; none where it made none."""
    made = (results / TABLES["suggestions"].file).exists()
    return {row["coding"]: row for row in rows(results, "suggestions")} if made else {}


def rests_on(row: Cells) -> Iterator[str]:
    """What a suggestion rests on."""
    if row["basis"] == "learned":
        yield f"No one: it was learned from people's coding, with a probability of {float(row['probability']):.2f}."
    else:
        yield f"No one: too little is coded to learn from, and this is near (cosine {float(row['likeness']):.2f})."
    if row["reason"]:
        yield f"{row['reason'][0].upper()}{row['reason'][1:]}."


def decides(row: Cells, study: Path) -> str:
    """How someone decides on it."""
    told, option = _WHERE[row["status"]]
    return f"{told}Decide on it in a sheet of `qualcode review {study} --coder …{option}`."
