"""The printed thematic table: categories, subcategories and codes with people, groups, talk and an exemplar each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..codebook import Codebook
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
    over_hundred,
    part_of,
    people_of,
    share,
    share_heads,
    typed_share,
    unsafe,
)

Quotations = Mapping[str, Mapping[str, str]]

PLAIN = "Categories and Codes"


def thematic(
    codes: list[dict[str, Any]],
    words: Words,
    codebook: Codebook,
    questions: Sequence[Mapping[str, Any]],
    quotations: Quotations,
    least: int = 0,
) -> list[Part]:
    """Codes in the codebook's order, by the research question that each or the nearest code above it names.

    `quotations` has the exemplar of each code that may be quoted: words, who, place. Codes of which fewer than `least`
    people speak are left out.
    """
    people = people_of(codes, words)
    sections = by_question(codes, codebook, questions)
    if len(sections) < 2:
        sections = [(PLAIN, codes)]
    parts: list[Part] = []
    for title, rows in sections:
        kept, fewer = enough(rows, least, words)
        if kept or not rows:
            parts.append(_table(title, kept, people, words, quotations, fewer))
        else:
            parts.append(f"{title}: {fewer}")
    return parts


def by_question(
    codes: list[dict[str, Any]], codebook: Codebook, questions: Sequence[Mapping[str, Any]]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The codes of each research question that has some, with its title; last those of none."""
    asked = {code: _question(codebook, code) for code in codebook.by_id}
    parts = [(item["id"], f"Research Question {item['id']}: {item['text']}") for item in questions]
    parts.append(("", "Of No Research Question"))
    sections = [(title, [code for code in codes if asked.get(code["code"], "") == key]) for key, title in parts]
    return [(title, rows) for title, rows in sections if rows]


def _question(codebook: Codebook, code: str) -> str:
    return next((q for step in reversed(codebook.by_id[code].path) if (q := codebook.by_id[step].question)), "")


def _table(
    title: str, codes: list[dict[str, Any]], people: int, words: Words, quotations: Quotations, fewer: str
) -> PrintedTable:
    top = min((code["level"] for code in codes), default=1)
    deepest = max((code["level"] for code in codes), default=1)
    rows = [
        PrintedRow(
            (
                code["name"],
                part_of(code["participants"], people)
                + (f" ({share(code, words)}%){interval(code, words)}" if people else ""),
                part_of(code["sources"], code["of_sources"]),
                str(code["utterances"]),
                str(code["codings"]),
            ),
            indent=code["level"] - top,
            bold=code["level"] == 1 < deepest,
            quotations=[_quoted(quotations[code["code"]])] if code["code"] in quotations else (),
            typed=(
                code["name"],
                *((code["participants"], *typed_share(code, words)) if people else ()),
                code["sources"],
                code["utterances"],
                code["codings"],
            ),
        )
        for code in codes
    ]
    head = {1: "Category", 2: "Category and code"}.get(deepest, "Category, subcategory and code")
    columns = (
        PrintedColumn(head, 0.35),
        PrintedColumn(words.people.capitalize(), 0.22, figures=True),
        PrintedColumn(words.sources.capitalize(), 0.15, figures=True),
        PrintedColumn("Utterances", 0.15, figures=True),
        PrintedColumn("Codings", 0.13, figures=True),
    )
    heads: list[tuple[str, Kind]] = [(head, "text")]
    heads += [(f"{words.people.capitalize()}\n(of {people})", "integer"), *share_heads(words)] if people else []
    of_sources = f"\n(of {codes[0]['of_sources']})" if codes else ""
    heads += [
        (f"{words.sources.capitalize()}{of_sources}", "integer"),
        ("Utterances", "integer"),
        ("Codings", "integer"),
    ]
    took_part = "were present" if words.of == "present" else "took part"
    note = [
        f"{words.people.capitalize()}: how many of the {people} who {took_part} spoke of it at least once."
        if people
        else "Nobody is known by name or number in these sources, so people are not counted.",
        denominators(codes[0], words) if codes and people else "",
        "Every figure includes the codes below. Utterances are turns at talk, codings are passages given the code.",
        additions(words),
        over_hundred([code for code in codes if code["level"] == top], words, "categories" if top == 1 else "codes"),
        fewer,
        intervals_are(words) if people else "",
        "In italics: an exemplar that a coder chose." if any(row.quotations for row in rows) else "",
        unsafe(people),
        disagreeing(codes),
    ]
    if title == PLAIN and deepest > 2:
        title = "Categories, Subcategories and Codes"
    return PrintedTable(title, columns, rows, join(note), heads=heads)


def _quoted(quotation: Mapping[str, str]) -> str:
    place = f", {quotation['place']}" if quotation.get("place") else ""
    return f"“{quotation['words']}” ({quotation['who']}{place})"
