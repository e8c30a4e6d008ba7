"""The printed table of words used: theme with its definition, share of people, n (as in published survey studies)."""

from __future__ import annotations

from typing import Any

from ..documents import PrintedColumn, PrintedRow, PrintedTable
from .notes import (
    Words,
    denominators,
    interval,
    intervals_are,
    join,
    most_first,
    n_means,
    over_hundred,
    people_of,
    share,
    unsafe,
)


def words_used(codes: list[dict[str, Any]], words: Words) -> list[PrintedTable]:
    """Themes by share of people, most frequent first; then what belongs to a theme that only gathers others."""
    people = people_of(codes, words)
    gathers = {code["parent"] for code in codes}
    themes = [code for code in codes if code["level"] == 1]
    above = [code for code in themes if code["code"] in gathers and not code["own_codings"]]
    first = most_first(theme for theme in themes if theme not in above)
    printed: list[PrintedTable] = []
    if first:
        rows = [
            PrintedRow((theme["name"], _percent(theme, words), str(theme["participants"])), about=theme["definition"])
            for theme in first
        ]
        note = [n_means(words, people, "theme"), over_hundred(first, words, "themes"), *_common(codes, words)]
        title = f"Themes in What {people} {words.people.capitalize()} Said"
        printed.append(PrintedTable(title, _columns("Theme", words), rows, join(note)))
    for theme in (theme for theme in themes if theme["code"] in gathers):
        areas = most_first(code for code in codes if code["parent"] == theme["code"])
        rows = [PrintedRow((area["name"], str(area["participants"]), _percent(area, words))) for area in areas]
        some = f"{theme['participants']} of the {people} {words.people} ({share(theme, words)}%) named at least one of"
        note = [
            f"{theme['definition'].rstrip('.')}." if theme["definition"] else "",
            n_means(words, people, "subtheme"),
            f"{some} these.",
            over_hundred(areas, words, "subthemes"),
            *_common(codes, words),
        ]
        printed.append(PrintedTable(theme["name"], _columns("Subtheme", words, counts_first=True), rows, join(note)))
    return printed


def _percent(row: dict[str, Any], words: Words) -> str:
    return f"{share(row, words)}{interval(row, words)}"


def _common(codes: list[dict[str, Any]], words: Words) -> list[str]:
    return [denominators(codes[0], words), intervals_are(words), unsafe(people_of(codes, words))]


def _columns(first: str, words: Words, counts_first: bool = False) -> list[PrintedColumn]:
    percent, n = PrintedColumn(f"% of {words.people}", 0.22, figures=True), PrintedColumn("n", 0.12, figures=True)
    return [PrintedColumn(first, 0.66), *([n, percent] if counts_first else [percent, n])]
