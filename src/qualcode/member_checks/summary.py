"""Which packets were answered, and what participants said of each main concept, in numbers."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .. import tables
from ..answers import Returned
from ..checked import (
    AGREES,
    AMENDED,
    ASKED,
    DISAGREES,
    KEPT,
    NEITHER,
    WAITS,
    WITHDRAWN,
    Ratings,
    last_decisions,
    last_ratings,
    rated_as,
)
from ..codebook import ALL, Codebook
from ..rated import kept_back

if TYPE_CHECKING:
    import pandas as pd

# What the row of all packets is called.
EVERYONE = "All main concepts"
FIGURES = (
    "answered", "agree", "neither", "disagree", "median", "changes_asked", "changed", "unchanged", "undecided", "kept",
    "amended", "waiting", "withdrawn",
)  # fmt: skip


def packets(returned: Returned, rows: pd.DataFrame) -> pd.DataFrame:
    """The table member_check_packets; `rows` is member_checks."""
    back = {answer.issued.return_code for answer in returned.answers}
    asks = rows["question"].str.startswith(("reflects ", "quotation "))
    answered = rows[asks].drop_duplicates(["return_code", "question"]).groupby("return_code").size().to_dict()
    sent = [
        {
            "participant": item.asked.participant,
            "return_code": item.return_code,
            "issued": item.date,
            "answered": item.return_code in back,
            "questions": len(item.asked.concepts) + len(item.asked.quotations) * item.asked.decides,
            "answers": answered.get(item.return_code, 0),
            "withdrew": False,
        }
        for item in returned.issued
    ]
    gone = [
        {
            "participant": item.participant,
            "return_code": item.return_code,
            "issued": item.date,
            "answered": False,
            "questions": 0,
            "answers": 0,
            "withdrew": True,
        }
        for item in returned.emptied
    ]
    return tables.frame("member_check_packets", [*sent, *gone])


def summary(returned: Returned, rows: pd.DataFrame, codebook: Codebook, smallest: int = 0) -> pd.DataFrame:
    """The table member_check_summary: all packets first, then concept by concept in the order of the codebook.

    Concepts that the codebook has no more come last. Where a figure of a concept tells of fewer than `smallest` people,
    its figures are left out, and so are those of all packets, which would tell them by what is missing.
    """
    asked = _asked(returned, codebook)
    if not returned.issued:
        return tables.frame("member_check_summary", [])
    rated, decided = last_ratings(rows), last_decisions(rows)
    made = []
    for code in sorted(asked, key=lambda code: codebook.order.get(code, len(codebook.order))):
        names, people = asked[code]
        mine, ratings, quotations = (table[table["concept"] == code] for table in (rows, rated, decided))
        known = codebook.by_id.get(code)
        row = {"code": code, "name": _named(known.name if known else "", names), "asked": len(people)}
        row |= {"answered": len(ratings), "suppressed": _few(mine, ratings, quotations, smallest)}
        made.append(row | _figures(mine, ratings, quotations))
    whole: dict[str, Any] = {"code": ALL, "name": EVERYONE} | _figures(rows[rows["concept"] != ""], rated, decided)
    whole["asked"] = len({item.asked.participant for item in returned.issued})
    whole["answered"] = len({answer.issued.asked.participant for answer in returned.answers})
    whole["suppressed"] = any(row["suppressed"] for row in made) or 0 < whole["answered"] < smallest
    table = [row | (dict.fromkeys(FIGURES) if row["suppressed"] else {}) for row in [whole, *made]]
    return tables.frame("member_check_summary", table)


def _named(name: str, names: Collection[str]) -> str:
    """A concept's name now, and those under which people rated it; of one that the codebook lost, these alone."""
    if not name:
        return " / ".join(names)
    others = rated_as(name, names)
    return f"{name} (rated{others})" if others else name


def _asked(returned: Returned, codebook: Codebook) -> dict[str, tuple[dict[str, None], set[str]]]:
    """By concept as the codebook calls it now, its names in packets and whom it was sent to."""
    found: dict[str, tuple[dict[str, None], set[str]]] = {}
    for item in returned.issued:
        for concept in item.asked.concepts:
            now = codebook.current(concept.code)
            names, people = found.setdefault(now.code if now else concept.code, ({}, set()))
            names[concept.name] = None
            people.add(item.asked.participant)
    return found


def _figures(rows: pd.DataFrame, ratings: pd.DataFrame, decided: pd.DataFrame) -> dict[str, Any]:
    """What answers about a concept, or about all, come to."""
    asked = rows[rows["effect"] == ASKED]
    quotations = decided.drop_duplicates("quotation")
    return {
        "agree": int((ratings["effect"] == AGREES).sum()),
        "neither": int((ratings["effect"] == NEITHER).sum()),
        "disagree": int((ratings["effect"] == DISAGREES).sum()),
        "median": float(ratings["answer"].astype(int).median()) if len(ratings) else None,
        "changes_asked": len(asked),
        "changed": int((asked["decision"] == "changed").sum()),
        "unchanged": int((asked["decision"] == "unchanged").sum()),
        "undecided": int((asked["decision"] == "").sum()),
        "kept": int((quotations["effect"] == KEPT).sum()),
        "amended": int((quotations["effect"] == AMENDED).sum()),
        "waiting": int((quotations["effect"] == WAITS).sum()),
        "withdrawn": int((quotations["effect"] == WITHDRAWN).sum()),
    }


def _few(rows: pd.DataFrame, ratings: pd.DataFrame, decided: pd.DataFrame, smallest: int) -> bool:
    """Whether a figure of a concept tells of someone, and of fewer people than `smallest`."""
    counts = [int((ratings["effect"] == effect).sum()) for effect in (AGREES, NEITHER, DISAGREES)]
    asked = rows[rows["effect"] == ASKED].groupby("decision")["participant"].nunique()
    sizes = [*asked, *decided.groupby("effect")["participant"].nunique()]
    return kept_back(Ratings(counts[0], counts[1], counts[2]), smallest) or any(size < smallest for size in sizes)


def undecided(rows: pd.DataFrame) -> int:
    """How many answers ask for a change on which nothing is decided."""
    return int(((rows["effect"] == ASKED) & (rows["decision"] == "")).sum())
