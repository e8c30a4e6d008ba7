"""What came back from member checks, as rows of its three tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from qualcode import tables
from qualcode.checked import AGREES, DISAGREES, NEITHER

Row = Mapping[str, object]
QUOTATIONS = {"kept": "kept", "amended": "amended", "waiting": "waits for words", "withdrawn": "withdrawn"}


def rated(person: str, concept: str, answer: int, number: int = 1, **further: object) -> dict[str, object]:
    """A row of member_checks: a person rated a concept."""
    effect = AGREES if answer > 3 else NEITHER if answer == 3 else DISAGREES
    row = {"participant": person, "question": f"reflects {number}", "concept": concept, "answer": str(answer)}
    return {**row, "concept_name": concept.capitalize(), "effect": effect, **further}


def asked(person: str, concept: str, words: str, number: int = 1, **further: object) -> dict[str, object]:
    """A person wrote what should change about a concept."""
    row = {"participant": person, "question": f"change {number}", "concept": concept, "words": words}
    return {**row, "concept_name": concept.capitalize(), "effect": "change asked for", **further}


def quoted(
    person: str, effect: str, source: str, start: int, quote: str, number: str = "1.1", **further: object
) -> dict[str, object]:
    """A person decided on a quotation of theirs: kept, amended, withdrawn or waits for words."""
    where = {"source": source, "start": start, "end": start + len(quote), "quote": quote, "part": 1}
    answer = {"kept": "keep", "withdrawn": "withdraw"}.get(effect, "change")
    return {
        "participant": person,
        "question": f"quotation {number}",
        "answer": answer,
        "effect": effect,
        **where,
        **further,
    }


def added(person: str, words: str, **further: object) -> dict[str, object]:
    return {"participant": person, "question": "add", "words": words, "effect": "added", **further}


def code_of(person: str) -> str:
    """The return code of a person's packet, where a row does not name one."""
    return f"{person.upper():2>4.4}-2222"


def checks(
    results: Path, rows: Iterable[Row], packets: Iterable[Row] | None = None, summary: Sequence[Row] | None = None
) -> None:
    """Write the tables member_checks, member_check_packets and member_check_summary into `results`.

    What a row does not say has its default. Without `packets` each person of the rows was sent one and answered;
    without `summary` it is counted from the rows, as if each packet had each concept.
    """
    made = [
        _full("member_checks", {"return_code": code_of(str(row["participant"])), "issued": "2026-04-01", **row})
        for row in rows
    ]
    people = list(dict.fromkeys(str(row["participant"]) for row in made))
    sent = [
        _full("member_check_packets", {"return_code": code_of(str(row["participant"])), "issued": "2026-04-01", **row})
        for row in (
            packets if packets is not None else [{"participant": person, "answered": True} for person in people]
        )
    ]
    tables.write(results, "member_checks", tables.frame("member_checks", made))
    tables.write(results, "member_check_packets", tables.frame("member_check_packets", sent))
    counted = [_full("member_check_summary", row) for row in (summary if summary is not None else summed(made, sent))]
    tables.write(results, "member_check_summary", tables.frame("member_check_summary", counted))


def summed(rows: Sequence[Row], packets: Sequence[Row]) -> list[dict[str, object]]:
    """The summary of rows that are written out, counted another way than the step does: row by row."""
    if not packets:
        return []
    found = []
    for concept in ["all", *dict.fromkeys(str(row["concept"]) for row in rows if row["concept"])]:
        mine = [row for row in rows if concept in ("all", row["concept"])]
        effects = [row["effect"] for row in mine]
        decided = [row["decision"] for row in mine if row["effect"] == "change asked for"]
        ratings = sorted(int(str(row["answer"])) for row in mine if str(row["question"]).startswith("reflects"))
        people = len({row["participant"] for row in packets if row["answered"]})
        figures: dict[str, object] = {
            "code": concept,
            "name": "All main concepts" if concept == "all" else next(row["concept_name"] for row in mine),
            "asked": len({row["participant"] for row in packets}),
            "answered": people if concept == "all" else len(ratings),
            "agree": effects.count(AGREES),
            "neither": effects.count(NEITHER),
            "disagree": effects.count(DISAGREES),
            "median": None if not ratings else (ratings[(len(ratings) - 1) // 2] + ratings[len(ratings) // 2]) / 2,
            "changes_asked": len(decided),
            "changed": decided.count("changed"),
            "unchanged": decided.count("unchanged"),
            "undecided": decided.count(""),
            **{
                column: len({(row["return_code"], row["question"]) for row in mine if row["effect"] == effect})
                for column, effect in QUOTATIONS.items()
            },
        }
        found.append(figures)
    return found


def _full(name: str, row: Row) -> dict[str, Any]:
    """A row with a value for each column."""
    empty = {"text": "", "integer": 0, "number": 0.0, "boolean": False}
    columns = tables.TABLES[name].columns
    assert set(row) <= {column.name for column in columns}, row
    return {column.name: row.get(column.name, None if column.optional else empty[column.type]) for column in columns}


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The table member_checks itself."""
    return tables.frame("member_checks", [_full("member_checks", row) for row in rows])
