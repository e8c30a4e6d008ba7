"""The printed table of words used: theme with its definition, share of people, n (as in published survey studies)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..documents import Kind, Part, PrintedColumn, PrintedRow, PrintedTable
from .notes import (
    Words,
    additions,
    denominators,
    disagreeing,
    enough,
    interval,
    intervals_are,
    join,
    most_first,
    n_means,
    over_hundred,
    people_of,
    share,
    share_heads,
    typed_share,
    unsafe,
)

DEFINITION: tuple[str, Kind] = ("Definition", "text")


def words_used(codes: list[dict[str, Any]], words: Words, least: int = 0) -> list[Part]:
    """Themes by share of people, most frequent first; then what belongs to a theme that only gathers others.

    Codes of which fewer than `least` people speak are left out.
    """
    people = people_of(codes, words)
    gathers = {code["parent"] for code in enough(codes, least, words)[0]}
    themes = [code for code in codes if code["level"] == 1]
    above = [code for code in themes if code["code"] in gathers and not code["own_codings"]]
    first, fewer = enough(most_first(theme for theme in themes if theme not in above), least, words)
    printed: list[Part] = []
    if first:
        defined = any(theme["definition"] for theme in first)
        rows = [
            PrintedRow(
                (theme["name"], _percent(theme, words), str(theme["participants"])),
                about=theme["definition"],
                typed=(
                    theme["name"],
                    *([theme["definition"]] if defined else []),
                    *typed_share(theme, words),
                    theme["participants"],
                ),
            )
            for theme in first
        ]
        note = [n_means(words, people, "theme"), over_hundred(first, words, "themes"), fewer, *_common(codes, words)]
        note.append(disagreeing(first))
        title = f"Themes in What {people} {words.people.capitalize()} Said"
        heads: list[tuple[str, Kind]] = [("Theme", "text"), *([DEFINITION] if defined else [])]
        heads += [*share_heads(words), ("n", "integer")]
        printed.append(PrintedTable(title, _columns("Theme", words), rows, join(note), heads=heads))
    elif fewer:
        printed.append(fewer)
    printed += [_within(theme, codes, words, least) for theme in themes if theme["code"] in gathers]
    return printed


def _within(theme: dict[str, Any], codes: list[dict[str, Any]], words: Words, least: int) -> PrintedTable:
    """What belongs to a theme that gathers others."""
    people = people_of(codes, words)
    areas, fewer = enough(most_first(code for code in codes if code["parent"] == theme["code"]), least, words)
    rows = [
        PrintedRow(
            (area["name"], str(area["participants"]), _percent(area, words)),
            typed=(area["name"], area["participants"], *typed_share(area, words)),
        )
        for area in areas
    ]
    some = f"{theme['participants']} of the {people} {words.people} ({share(theme, words)}%) named at least one of"
    note = [
        f"{theme['definition'].rstrip('.')}." if theme["definition"] else "",
        n_means(words, people, "subtheme"),
        f"{some} these.",
        over_hundred(areas, words, "subthemes"),
        fewer,
        *_common(codes, words),
        disagreeing([theme, *areas]),
    ]
    heads: list[tuple[str, Kind]] = [("Subtheme", "text"), ("n", "integer"), *share_heads(words)]
    return PrintedTable(theme["name"], _columns("Subtheme", words, counts_first=True), rows, join(note), heads=heads)


def themes_first(codes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most people first at every level, each code behind the one it belongs to."""
    below: dict[str, list[dict[str, Any]]] = {}
    for code in codes:
        below.setdefault(code["parent"], []).append(code)

    def from_here(parent: str) -> Iterator[dict[str, Any]]:
        for code in most_first(below.get(parent, [])):
            yield code
            yield from from_here(code["code"])

    return list(from_here(""))


def _percent(row: dict[str, Any], words: Words) -> str:
    return f"{share(row, words)}{interval(row, words)}"


def _common(codes: list[dict[str, Any]], words: Words) -> list[str]:
    return [denominators(codes[0], words), additions(words), intervals_are(words), unsafe(people_of(codes, words))]


def _columns(first: str, words: Words, counts_first: bool = False) -> list[PrintedColumn]:
    percent, n = PrintedColumn(f"% of {words.people}", 0.22, figures=True), PrintedColumn("n", 0.12, figures=True)
    return [PrintedColumn(first, 0.66), *([n, percent] if counts_first else [percent, n])]
