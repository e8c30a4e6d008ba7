"""The tables of frequencies as people print and pass them on: docx in APA style, xlsx for further work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents import (
    Kind,
    PrintedColumn,
    PrintedRow,
    Sheet,
    SheetColumn,
    add_heading,
    add_paragraph,
    add_table,
    new_document,
    save_document,
    save_workbook,
)
from ..study import Study
from ..tables import TABLES, Column, percent

if TYPE_CHECKING:
    import pandas as pd

# Fewer people than this make a percentage unsafe: one person moves it by more than five points.
SAFE_PEOPLE = 20
# More values than this do not fit beside one another on a page.
WIDEST = 6
# Codes of level 2 are printed by attribute only up to this many; the sheet has all of them.
MOST_SUBCATEGORIES = 12
# An attribute with more values than this describes single people: the printed sample only says how many values.
MOST_VALUES = 20


@dataclass(frozen=True)
class Words:
    """What the people and the sources of a study are called."""

    people: str
    one: str
    sources: str


def write_printed(results: Path, study: Study, table: pd.DataFrame, by: pd.DataFrame, sample: pd.DataFrame) -> None:
    """Write frequencies, frequencies_by and sample as xlsx and docx into `results`."""
    title, words = study.settings["title"], words_for(source.kind for source in study.sources)
    codes, groups, made_up = _records(table), _records(by), _records(sample)
    for name, rows in (("frequencies", codes), ("frequencies_by", groups), ("sample", made_up)):
        save_workbook(results / f"{name}.xlsx", f"{title}: {name}", [_sheet(name, rows), _columns_sheet(name, title)])
    form = _words_used if study.settings["frequencies"]["form"] == "words-used" else _thematic
    printed = {
        "frequencies": form(codes, words),
        "frequencies_by": _by(groups, made_up, words),
        "sample": _sample(made_up),
    }
    heads = {
        "frequencies": "How many spoke of each theme",
        "frequencies_by": f"Themes by group of {words.people}",
        "sample": "Make-up of the sample",
    }
    for name, parts in printed.items():
        document = new_document(f"{title}: {heads[name]}", header=title)
        add_heading(document, title, 0)
        add_heading(document, heads[name], 1)
        number = 0
        for part in parts:
            if isinstance(part, str):
                add_paragraph(document, part)
            else:
                number += 1
                add_table(document, number, part.title, part.columns, part.rows, part.note)
        save_document(document, results / f"{name}.docx")


def words_for(kinds: Iterable[str]) -> Words:
    """People who answer a survey are respondents, all others participants; sources are groups if all of them are.

    >>> words_for(["survey"]).people, words_for(["focus_group", "interview"]).sources
    ('respondents', 'sources')
    """
    different = set(kinds)
    people = "respondents" if different == {"survey"} else "participants"
    sources = {"focus_group": "groups", "interview": "interviews", "document": "documents"}
    return Words(
        people, people[:-1], sources[different.pop()] if len(different) == 1 and different <= {*sources} else "sources"
    )


# --- the printed tables --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """A printed table without its number."""

    title: str
    columns: Sequence[PrintedColumn]
    rows: Sequence[PrintedRow]
    note: str


def _words_used(codes: list[dict[str, Any]], words: Words) -> list[Printed | str]:
    """Themes by share of people, most frequent first; then what belongs to a theme that only gathers others."""
    people = _people(codes)
    gathers = {code["parent"] for code in codes}
    themes = [code for code in codes if code["level"] == 1]
    above = [code for code in themes if code["code"] in gathers and not code["own_codings"]]
    shown = _most_first(theme for theme in themes if theme not in above)
    printed: list[Printed | str] = []
    if shown:
        rows = [
            PrintedRow((theme["name"], _share(theme), str(theme["participants"])), about=theme["definition"])
            for theme in shown
        ]
        note = [_n_means(words, people, "theme"), _over_hundred(shown, words, "themes"), _unsafe(people)]
        columns = (
            PrintedColumn("Theme", 0.66),
            PrintedColumn(f"% of {words.people}", 0.22, figures=True),
            PrintedColumn("n", 0.12, figures=True),
        )
        printed.append(Printed(f"Themes in What {people} {words.people.capitalize()} Said", columns, rows, _join(note)))
    for theme in (theme for theme in themes if theme["code"] in gathers):
        areas = _most_first(code for code in codes if code["parent"] == theme["code"])
        rows = [PrintedRow((area["name"], str(area["participants"]), _share(area))) for area in areas]
        some = f"{theme['participants']} of the {people} {words.people} ({_share(theme)}%) named at least one of these."
        note = [
            f"{theme['definition'].rstrip('.')}." if theme["definition"] else "",
            _n_means(words, people, "subtheme"),
            some,
            _over_hundred(areas, words, "subthemes"),
            _unsafe(people),
        ]
        columns = (
            PrintedColumn("Subtheme", 0.66),
            PrintedColumn("n", 0.12, figures=True),
            PrintedColumn(f"% of {words.people}", 0.22, figures=True),
        )
        printed.append(Printed(theme["name"], columns, rows, _join(note)))
    return printed


def _thematic(codes: list[dict[str, Any]], words: Words) -> list[Printed | str]:
    """Every code in the codebook's order, its level shown by indentation; people, sources and talk kept apart."""
    people = _people(codes)
    rows = [
        PrintedRow(
            (
                code["name"],
                _of(code["participants"], people) + (f" ({_share(code)}%)" if people else ""),
                _of(code["sources"], code["of_sources"]),
                str(code["utterances"]),
                str(code["codings"]),
            ),
            indent=code["level"] - 1,
            bold=code["level"] == 1,
        )
        for code in codes
    ]
    deepest = max((code["level"] for code in codes), default=1)
    head = {1: "Category", 2: "Category and code"}.get(deepest, "Category, subcategory and code")
    columns = (
        PrintedColumn(head, 0.42),
        PrintedColumn(words.people.capitalize(), 0.2, figures=True),
        PrintedColumn(words.sources.capitalize(), 0.13, figures=True),
        PrintedColumn("Utterances", 0.14, figures=True),
        PrintedColumn("Codings", 0.11, figures=True),
    )
    note = [
        f"{words.people.capitalize()}: how many of the {people} who took part spoke of it at least once."
        if people
        else "Nobody is known by name or number in these sources, so people are not counted.",
        "Every figure includes the codes below. Utterances are turns at talk, codings are passages given the code.",
        _over_hundred([code for code in codes if code["level"] == 1], words, "categories"),
        _unsafe(people),
    ]
    return [
        Printed(
            "Categories, Subcategories and Codes" if deepest > 2 else "Categories and Codes", columns, rows, _join(note)
        )
    ]


def _by(groups: list[dict[str, Any]], sample: list[dict[str, Any]], words: Words) -> list[Printed | str]:
    """One table per attribute of people: counts with the share of each group; the sheet has everything else."""
    attributes = list(dict.fromkeys(row["attribute"] for row in sample))
    there = {row["attribute"] for row in groups}
    printed: list[Printed | str] = []
    if len({row["code"] for row in groups if row["level"] == 2}) <= MOST_SUBCATEGORIES:
        levels: tuple[int, ...] = (1, 2)
    else:
        levels = (1,)
    for attribute in (name for name in attributes if name in there):
        rows = [row for row in groups if row["attribute"] == attribute and row["level"] in levels]
        values = list(dict.fromkeys(row["value"] for row in rows))
        if len(values) > WIDEST:
            printed.append(
                f"{_shown(attribute)}: {len(values)} values are too many for a page. See frequencies_by.xlsx."
            )
            continue
        printed.append(_by_attribute(attribute, values, rows, words))
    if not printed:
        printed.append(f"No attributes of {words.people} were counted by. They stand in the study's own tables.")
    elsewhere = [
        _shown(name).lower() for name in dict.fromkeys(row["attribute"] for row in groups) if name not in attributes
    ]
    if elsewhere:
        printed.append(f"Figures by {', '.join(elsewhere)}, and of codes further down, are in frequencies_by.xlsx.")
    return printed


def _by_attribute(attribute: str, values: list[str], rows: list[dict[str, Any]], words: Words) -> Printed:
    cells = {(row["code"], row["value"]): row for row in rows}
    sizes = {row["value"]: row["of_participants"] for row in rows}
    codes = {row["code"]: row for row in rows}
    printed = [
        PrintedRow(
            (
                first["name"],
                *(f"{(cell := cells[code, value])['participants']} ({_share(cell)}%)" for value in values),
            ),
            indent=first["level"] - 1,
        )
        for code, first in codes.items()
    ]
    first_share = 0.28 if len(values) > 4 else 0.4
    columns = [PrintedColumn("Theme", first_share)] + [
        PrintedColumn(f"{value}\n(n = {sizes[value]})", (1 - first_share) / len(values), figures=True)
        for value in values
    ]
    small = [value for value in values if sizes[value] < SAFE_PEOPLE]
    note = [
        f"Number of {words.people} with the theme, and in brackets their share of the group at the head of the column.",
        f"Percentages are unsafe below N = {SAFE_PEOPLE}: {_groups_are_small(small, values)}." if small else "",
    ]
    return Printed(f"Themes by {_shown(attribute)}", columns, printed, _join(note))


def _groups_are_small(small: list[str], values: list[str]) -> str:
    return "this holds for every group here" if len(small) == len(values) else f"this holds for {', '.join(small)}"


def _sample(sample: list[dict[str, Any]]) -> list[Printed | str]:
    """The make-up of the sample; an attribute with very many values only says how many."""
    rows = []
    smallest: set[int] = set()
    for attribute in dict.fromkeys(row["attribute"] for row in sample):
        values = [row for row in sample if row["attribute"] == attribute]
        if len(values) > MOST_VALUES:
            rows.append(PrintedRow((_shown(attribute), f"{len(values)} different values, see sample.xlsx", "", "")))
            continue
        smallest.add(values[0]["of_participants"])
        for position, row in enumerate(values):
            share = f"{percent(row['participants'], row['of_participants'], 0):.0f}"
            rows.append(
                PrintedRow(("" if position else _shown(attribute), row["value"], str(row["participants"]), share))
            )
    if not rows:
        return ["No attributes of the people in this study are known."]
    columns = (
        PrintedColumn("Attribute", 0.3),
        PrintedColumn("Value", 0.46),
        PrintedColumn("n", 0.12, figures=True),
        PrintedColumn("%", 0.12, figures=True),
    )
    known = ", ".join(map(str, sorted(smallest)))
    note = [
        f"Percentages are of those of whom the attribute is known (N = {known}), rounded." if smallest else "",
        _unsafe(min(smallest, default=SAFE_PEOPLE)),
    ]
    return [Printed("Make-Up of the Sample", columns, rows, _join(note))]


# --- notes and cells -----------------------------------------------------------------------------------------------


def _records(data: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in data.to_dict("records")]


def _people(codes: list[dict[str, Any]]) -> int:
    return int(codes[0]["of_participants"]) if codes else 0


def _share(row: dict[str, Any]) -> str:
    """Whole per cent from the counts, halves rounded up: never from a percentage that was rounded before."""
    return f"{percent(row['participants'], row['of_participants'], 0):.0f}"


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "–"


def _most_first(codes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most people first; the codebook's order where they are as many."""
    return sorted(codes, key=lambda code: -code["participants"])


def _n_means(words: Words, people: int, row: str) -> str:
    return f"n = {words.people} who spoke of the {row}; percentages are of all {people} {words.people}, rounded."


def _over_hundred(rows: list[dict[str, Any]], words: Words, several: str) -> str:
    over = sum(row["participants"] for row in rows) > _people(rows) if rows else False
    return f"Percentages add to more than 100 because {words.people} can speak of several {several}." if over else ""


def _unsafe(people: int) -> str:
    return f"Percentages are unsafe below N = {SAFE_PEOPLE}: read the counts." if 0 < people < SAFE_PEOPLE else ""


def _join(sentences: Iterable[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _shown(attribute: str) -> str:
    """An attribute's name as a reader takes it: `years_as_mentor` is 'Years as mentor'."""
    spaced = attribute.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


# --- sheets --------------------------------------------------------------------------------------------------------


def _sheet(name: str, rows: list[dict[str, Any]]) -> Sheet:
    """The whole table, its columns named as in the csv, so that the data dictionary holds for it too."""
    columns = TABLES[name].columns
    return Sheet(
        name,
        [SheetColumn(column.name, _kind(column)) for column in columns],
        [[row[column.name] for column in columns] for row in rows],
    )


def _columns_sheet(name: str, title: str) -> Sheet:
    return Sheet(
        "columns",
        (SheetColumn("column"), SheetColumn("meaning", width=90)),
        [(column.name, column.about) for column in TABLES[name].columns],
        title=f"{title}: {TABLES[name].about}",
    )


def _kind(column: Column) -> Kind:
    if column.name.endswith("_percent"):
        return "percent"
    return {"integer": "integer", "number": "number"}.get(column.type, "text")  # type: ignore[return-value]
