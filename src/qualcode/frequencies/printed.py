"""The tables of frequencies as people print and pass them on: docx in APA style, LaTeX, Markdown, xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..documents import (
    Kind,
    Part,
    PrintedTable,
    Sheet,
    SheetColumn,
    add_heading,
    add_paragraph,
    add_printed,
    latex_document,
    markdown_document,
    new_document,
    numbered,
    printed_sheet,
    save_document,
    save_workbook,
)
from ..files import write_text
from ..study import Study
from ..tables import TABLES, Column
from .by_group import by_group, make_up
from .notes import enough, records, words_for
from .thematic import by_question, thematic
from .words_used import themes_first, words_used

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("frequencies", "frequencies_by", "sample")


def write_printed(
    results: Path,
    study: Study,
    codebook: Codebook,
    made: Mapping[str, pd.DataFrame],
    quotations: Mapping[str, Mapping[str, str]],
) -> None:
    """Write frequencies, frequencies_by and sample as xlsx, docx, tex and md into `results`.

    `quotations` are exemplars by code that may be quoted. They stand only in what is read and not in the sheets: there
    the printed tables come first, then the whole table.
    """
    title, settings = study.settings["title"], study.settings["frequencies"]
    words = words_for((source.kind for source in study.sources), settings["of"], settings["interval"])
    rows = {name: records(made[name]) for name in NAMES}
    codes, questions = rows["frequencies"], study.settings["questions"]
    form, least = settings["form"], settings["least"]
    guide = {item["id"]: item["text"] for item in study.settings["guide"]}

    def of_all(quoted: Mapping[str, Mapping[str, str]]) -> list[Part]:
        if form == "words-used":
            return words_used(codes, words, least)
        return thematic(codes, words, codebook, questions, quoted, least)

    by_theme = themes_first(codes) if form == "words-used" else _in_order(by_question(codes, codebook, questions))
    kept, fewer = enough(by_theme, least, words)
    parts: dict[str, Sequence[Part]] = {
        "frequencies": of_all(quotations),
        "frequencies_by": by_group(rows["frequencies_by"], kept, words, settings, guide, fewer),
        "sample": make_up(rows["sample"], settings["smallest_cell"]),
    }
    for name in NAMES:
        pages = numbered(parts[name] if name != "frequencies" else of_all({}))
        sheets = [printed_sheet(number, part) for number, part in pages if isinstance(part, PrintedTable)]
        sheets += [_sheet(name, rows[name]), _columns_sheet(name, title)]
        save_workbook(results / f"{name}.xlsx", f"{title}: {name}", sheets)
    heads = {
        "frequencies": "How many spoke of each theme",
        "frequencies_by": f"Themes by group of {words.people}",
        "sample": "Make-up of the sample",
    }
    for name in NAMES:
        _save_docx(results / f"{name}.docx", title, heads[name], parts[name])
        write_text(results / f"{name}.tex", latex_document(title, heads[name], parts[name]))
        write_text(results / f"{name}.md", markdown_document(title, heads[name], parts[name]))


def _in_order(sections: Sequence[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    return [code for _, codes in sections for code in codes]


def _save_docx(path: Path, title: str, heading: str, parts: Sequence[Part]) -> None:
    document = new_document(f"{title}: {heading}", header=title)
    add_heading(document, title, 0)
    add_heading(document, heading, 1)
    for number, part in numbered(parts):
        if isinstance(part, PrintedTable):
            add_printed(document, number, part)
        else:
            add_paragraph(document, part)
    save_document(document, path)


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
    if column.name.endswith("_percent") or column.name.startswith("percent_"):
        return "percent"
    return {"integer": "integer", "number": "number"}.get(column.type, "text")  # type: ignore[return-value]
