"""The printed thematic table: categories, subcategories and codes with people, groups, talk and an exemplar each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..codebook import Codebook
from ..documents import PrintedColumn, PrintedRow, PrintedTable
from .notes import Words, denominators, interval, intervals_are, join, over_hundred, part_of, people_of, share, unsafe

Quotations = Mapping[str, Mapping[str, str]]


def thematic(
    codes: list[dict[str, Any]],
    words: Words,
    codebook: Codebook,
    questions: Sequence[Mapping[str, Any]],
    quotations: Quotations,
) -> list[PrintedTable]:
    """Every code in the codebook's order, by the research question that it or the nearest code above it names.

    `quotations` has the exemplar of each code that may be quoted: words, who, place.
    """
    asked = {code: _question(codebook, code) for code in codebook.by_id}
    parts = [(item["id"], f"Research Question {item['id']}: {item['text']}") for item in questions]
    parts.append(("", "Of No Research Question"))
    sections = [(title, [code for code in codes if asked.get(code["code"], "") == key]) for key, title in parts]
    sections = [(title, rows) for title, rows in sections if rows]
    if len(sections) < 2:
        return [_table("", codes, words, quotations)]
    return [_table(title, rows, words, quotations) for title, rows in sections]


def _question(codebook: Codebook, code: str) -> str:
    return next((q for step in reversed(codebook.by_id[code].path) if (q := codebook.by_id[step].question)), "")


def _table(title: str, codes: list[dict[str, Any]], words: Words, quotations: Quotations) -> PrintedTable:
    people = people_of(codes, words)
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
            bold=code["level"] == 1,
            quotations=[_quoted(quotations[code["code"]])] if code["code"] in quotations else (),
        )
        for code in codes
    ]
    head = {1: "Category", 2: "Category and code"}.get(deepest, "Category, subcategory and code")
    columns = (
        PrintedColumn(head, 0.39),
        PrintedColumn(words.people.capitalize(), 0.22, figures=True),
        PrintedColumn(words.sources.capitalize(), 0.13, figures=True),
        PrintedColumn("Utterances", 0.14, figures=True),
        PrintedColumn("Codings", 0.12, figures=True),
    )
    took_part = "were present" if words.of == "present" else "took part"
    note = [
        f"{words.people.capitalize()}: how many of the {people} who {took_part} spoke of it at least once."
        if people
        else "Nobody is known by name or number in these sources, so people are not counted.",
        denominators(codes[0], words) if codes and people else "",
        "Every figure includes the codes below. Utterances are turns at talk, codings are passages given the code.",
        over_hundred([code for code in codes if code["level"] == top], words, "categories" if top == 1 else "codes"),
        intervals_are(words) if people else "",
        "In italics: an exemplar that a coder chose." if any(row.quotations for row in rows) else "",
        unsafe(people),
    ]
    plain = "Categories, Subcategories and Codes" if deepest > 2 else "Categories and Codes"
    return PrintedTable(title or plain, columns, rows, join(note))


def _quoted(quotation: Mapping[str, str]) -> str:
    place = f", {quotation['place']}" if quotation.get("place") else ""
    return f"“{quotation['words']}” ({quotation['who']}{place})"
