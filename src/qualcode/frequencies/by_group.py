"""The printed tables by group, and the make-up of the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ..console import counted_words
from ..documents import Kind, Part, PrintedColumn, PrintedRow, PrintedTable
from ..tables import percent
from .notes import (
    NONE,
    SAFE_PEOPLE,
    Words,
    additions,
    disagreeing,
    groups_are_small,
    interval,
    intervals_are,
    join,
    number,
    share,
    share_heads,
    shown,
    typed_share,
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
    fewer: str = "",
) -> list[Part]:
    """A table for each attribute, people's first: counts with percentages; the sheet has every level.

    `everyone` are the rows of all people for the codes that are printed, in their order, `questions` the texts of the
    guide by their ids, and `fewer` says which codes are left out.
    """
    levels = (1, 2) if sum(row["level"] == 2 for row in everyone) <= MOST_SUBCATEGORIES else (1,)
    sizes = {row["code"]: row["participants"] for row in everyone}
    places = {code: at for at, code in enumerate(sizes)}
    printed: list[Part] = []
    of_places = [name for name in ("source", "question") if any(row["attribute"] == name for row in groups)]
    names = [name for name in dict.fromkeys(row["attribute"] for row in groups) if name not in of_places]
    for attribute in [*names, *of_places]:
        rows = [
            row for row in groups
            if row["attribute"] == attribute and row["level"] in levels and row["code"] in places
        ]  # fmt: skip
        values = list(dict.fromkeys(row["value"] for row in rows))
        rows.sort(key=lambda row: places[row["code"]])
        if len(values) < 2 and attribute in of_places:
            continue
        if {row[words.whole] for row in rows} == {1} and settings["percent"] == "column":
            told = f"{shown(attribute)}: each of the {len(values)} groups is one {words.one}"
            printed.append(f"{told}, so that every share would be 0 or 100%. The counts are in frequencies_by.xlsx.")
            continue
        pieces = evenly(values, WIDEST)
        for position, piece in enumerate(pieces, 1):
            part = f" ({position} of {len(pieces)})" if len(pieces) > 1 else ""
            inside = [row for row in rows if row["value"] in piece]
            asked = {value: questions.get(value, "") for value in piece} if attribute == "question" else {}
            title = f"Themes by {shown(attribute)}{part}"
            printed.append(_table(title, piece, inside, words, settings, sizes, asked, fewer))
    if not printed:
        return [f"No attributes of {words.people} were counted by. They stand in the study's own tables."]
    if max((row["level"] for row in everyone), default=1) > max(levels):
        printed.append("Figures of codes further down are in frequencies_by.xlsx.")
    return printed


def evenly(values: Sequence[str], most: int) -> list[Sequence[str]]:
    """The values in as few pieces as hold at most so many each, none more than one longer than another.

    >>> [len(piece) for piece in evenly("abcdefg", 6)]
    [4, 3]
    """
    pieces = max(1, -(-len(values) // most))
    ends = [-(-len(values) * at // pieces) for at in range(pieces + 1)]
    return [values[start:end] for start, end in pairwise(ends)]


def _table(
    title: str,
    values: Sequence[str],
    rows: list[dict[str, Any]],
    words: Words,
    settings: Mapping[str, Any],
    sizes: Mapping[str, int],
    asked: Mapping[str, str],
    fewer: str,
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
            typed=(
                first["name"],
                *((sizes[code],) if across else ()),
                *(figure for value in values for figure in _typed(cells[code, value], words, across)),
            ),
        )
        for code, first in codes.items()
    ]
    heads: list[tuple[str, Kind]] = [("Theme", "text"), *([("n", "integer")] if across else [])]  # type: ignore[list-item]
    for value in values:
        ends = share_heads(replace(words, interval=0) if across else words, value)
        heads += [(f"{value}\n(n = {number(told[value])})", "integer"), *ends]
    first_share = 0.28 if len(values) > 4 else 0.4
    columns = [PrintedColumn("Theme", first_share)] + [
        PrintedColumn(f"{value}\n(n = {number(told[value])})", (1 - first_share) / len(values), figures=True)
        for value in values
    ]
    note = join(_note(values, rows, words, settings, told, fewer))
    key = [f"{value}: {text}" for value, text in asked.items() if text]
    return PrintedTable(title, columns, printed, note, key, heads)


def _note(
    values: Sequence[str],
    rows: list[dict[str, Any]],
    words: Words,
    settings: Mapping[str, Any],
    told: Mapping[str, float | None],
    fewer: str,
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
        additions(words),
        intervals_are(words) if not across else "",
        fewer.replace("frequencies.csv", "frequencies_by.csv"),
        f"{NONE}: left out, because it tells of fewer than {settings['smallest_cell']} {words.people} or would let "
        "such a figure be computed."
        if any(row["suppressed"] for row in rows)
        else "",
        f"Percentages are unsafe below N = {SAFE_PEOPLE}: {groups_are_small(small, list(values))}." if small else "",
        disagreeing(rows),
    ]


def _typed(row: Mapping[str, Any], words: Words, across: bool) -> tuple[object, ...]:
    """A count and its share on a sheet."""
    if row["participants"] is None:
        return (NONE, *(typed_share(row, words) if not across else (NONE,)))
    return (row["participants"], *((row["row_percent"],) if across else typed_share(row, words)))


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
            rows.append(PrintedRow((shown(attribute), many, "", ""), typed=(shown(attribute), many, None, None)))
            continue
        known.add(int(values[0]["of_participants"]))
        for position, row in enumerate(values):
            n = row["participants"]
            part = NONE if n is None else f"{percent(n, row['of_participants'], 0):.0f}"
            name = "" if position else shown(attribute)
            exact = NONE if n is None else percent(n, row["of_participants"])
            typed = (name, row["value"], NONE if n is None else n, exact)
            rows.append(PrintedRow((name, row["value"], number(n), part), typed=typed))
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
    heads: list[tuple[str, Kind]] = [("Attribute", "text"), ("Value", "text"), ("n", "integer"), ("%", "percent")]
    return [PrintedTable("Make-Up of the Sample", columns, rows, join(note), heads=heads)]
