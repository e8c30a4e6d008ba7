"""The printed tables by group, and the make-up of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..console import counted_words
from ..documents import Part, PrintedColumn, PrintedRow, PrintedTable
from ..tables import percent
from .notes import (
    NONE,
    SAFE_PEOPLE,
    Words,
    groups_are_small,
    interval,
    intervals_are,
    join,
    number,
    share,
    shown,
    unsafe,
)

# More values than this do not fit beside one another on a page: the others follow in further tables.
WIDEST = 6
# Codes of level 2 are printed by attribute only up to this many; the sheet has all of them.
MOST_SUBCATEGORIES = 12
# An attribute with more values than this describes single people: the printed sample only says how many values.
MOST_VALUES = 20


def by_group(
    groups: list[dict[str, Any]],
    everyone: list[dict[str, Any]],
    words: Words,
    settings: Mapping[str, Any],
    questions: Mapping[str, str],
) -> list[Part]:
    """A table for each attribute, people's first: counts with percentages; the sheet has every level.

    `everyone` are the rows of all people, `questions` the texts of the guide by their ids.
    """
    levels = (1, 2) if sum(row["level"] == 2 for row in everyone) <= MOST_SUBCATEGORIES else (1,)
    sizes = {row["code"]: row["participants"] for row in everyone}
    printed: list[Part] = []
    of_places = [name for name in ("source", "question") if any(row["attribute"] == name for row in groups)]
    names = [name for name in dict.fromkeys(row["attribute"] for row in groups) if name not in of_places]
    for attribute in [*names, *of_places]:
        rows = [row for row in groups if row["attribute"] == attribute and row["level"] in levels]
        values = list(dict.fromkeys(row["value"] for row in rows))
        if len(values) < 2 and attribute in of_places:
            continue
        pieces = [values[at : at + WIDEST] for at in range(0, len(values), WIDEST)]
        for position, piece in enumerate(pieces, 1):
            part = f" ({position} of {len(pieces)})" if len(pieces) > 1 else ""
            inside = [row for row in rows if row["value"] in piece]
            asked = {value: questions.get(value, "") for value in piece} if attribute == "question" else {}
            printed.append(_table(f"Themes by {shown(attribute)}{part}", piece, inside, words, settings, sizes, asked))
    if not printed:
        return [f"No attributes of {words.people} were counted by. They stand in the study's own tables."]
    if max((row["level"] for row in everyone), default=1) > max(levels):
        printed.append("Figures of codes further down are in frequencies_by.xlsx.")
    return printed


def _table(
    title: str,
    values: Sequence[str],
    rows: list[dict[str, Any]],
    words: Words,
    settings: Mapping[str, Any],
    sizes: Mapping[str, int],
    asked: Mapping[str, str],
) -> PrintedTable:
    cells = {(row["code"], row["value"]): row for row in rows}
    codes = {row["code"]: row for row in rows}
    across = settings["percent"] == "row"
    told = {
        value: next((n for row in rows if row["value"] == value and (n := row[words.whole]) is not None), None)
        for value in values
    }
    printed = [
        PrintedRow(
            (
                f"{first['name']} (n = {sizes[code]})" if across else first["name"],
                *(_cell(cells[code, value], words, sizes[code] if across else None) for value in values),
            ),
            indent=first["level"] - 1,
        )
        for code, first in codes.items()
    ]
    first_share = 0.28 if len(values) > 4 else 0.4
    columns = [PrintedColumn("Theme", first_share)] + [
        PrintedColumn(f"{value}\n(n = {number(told[value])})", (1 - first_share) / len(values), figures=True)
        for value in values
    ]
    return PrintedTable(title, columns, printed, join(_note(values, rows, words, settings, told, asked)))


def _note(
    values: Sequence[str],
    rows: list[dict[str, Any]],
    words: Words,
    settings: Mapping[str, Any],
    told: Mapping[str, float | None],
    asked: Mapping[str, str],
) -> list[str]:
    across = settings["percent"] == "row"
    small = [value for value in values if (size := told[value]) is not None and 0 < size < SAFE_PEOPLE]
    of = (
        f"of all {words.people} with the theme (row percentages)"
        if across
        else "of the group at the head of the column"
    )
    there = {row["value"]: row for row in rows if row["of_present"] is not None}
    silent = [
        f"{value} {row['of_present']:.0f} present, {row['of_participants']:.0f} answered"
        for value, row in there.items()
        if row["of_present"] != row["of_participants"]
    ]
    return [
        f"Number of {words.people} with the theme, and in brackets their share {of}.",
        f"n: {words.those}.",
        f"{'; '.join(silent)}." if silent else "",
        intervals_are(words) if not across else "",
        "".join(f"{value}: {text} " for value, text in asked.items() if text).strip(),
        f"{NONE}: left out, because it tells of fewer than {settings['smallest_cell']} {words.people} or would let "
        "such a figure be computed."
        if any(row["suppressed"] for row in rows)
        else "",
        f"Percentages are unsafe below N = {SAFE_PEOPLE}: {groups_are_small(small, list(values))}." if small else "",
    ]


def _cell(row: Mapping[str, Any], words: Words, across: int | None) -> str:
    if row["participants"] is None:
        return NONE
    if across is not None:
        return f"{row['participants']:.0f} ({percent(row['participants'], across, 0):.0f}%)"
    return f"{row['participants']:.0f} ({share(row, words)}%){interval(row, words)}"


def make_up(sample: list[dict[str, Any]], smallest: int = 0) -> list[Part]:
    """The make-up of the sample; an attribute with very many values only says how many."""
    rows = []
    known: set[int] = set()
    for attribute in dict.fromkeys(row["attribute"] for row in sample):
        values = [row for row in sample if row["attribute"] == attribute]
        if len(values) > MOST_VALUES:
            many = f"{counted_words(len(values), 'different value')}, see sample.xlsx"
            rows.append(PrintedRow((shown(attribute), many, "", "")))
            continue
        known.add(int(values[0]["of_participants"]))
        for position, row in enumerate(values):
            n = row["participants"]
            part = NONE if n is None else f"{percent(n, row['of_participants'], 0):.0f}"
            rows.append(PrintedRow(("" if position else shown(attribute), row["value"], number(n), part)))
    if not rows:
        return ["No attributes of the people in this study are known."]
    columns = (
        PrintedColumn("Attribute", 0.3),
        PrintedColumn("Value", 0.46),
        PrintedColumn("n", 0.12, figures=True),
        PrintedColumn("%", 0.12, figures=True),
    )
    numbers = ", ".join(map(str, sorted(known)))
    out = any(row["suppressed"] for row in sample)
    note = [
        f"Percentages are of those of whom the attribute is known (N = {numbers}), rounded." if known else "",
        f"{NONE}: left out, because fewer than {smallest} people have it or could be computed to." if out else "",
        unsafe(min(known, default=SAFE_PEOPLE)),
    ]
    return [PrintedTable("Make-Up of the Sample", columns, rows, join(note))]
