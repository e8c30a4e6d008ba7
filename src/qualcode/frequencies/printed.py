"""The tables of frequencies as people print and pass them on: docx in APA style, LaTeX, Markdown, xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..documents import Part
from ..rated import Disagreement
from ..study import ADDED, Study
from ..tables.printing import printed_rows, save_printed
from .by_group import by_group, make_up
from .notes import enough, with_marks, words_for
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
    disagree: Mapping[str, Disagreement],
    added: int = 0,
) -> None:
    """Write frequencies, frequencies_by and sample as xlsx, docx, tex and md into `results`.

    `disagree`: by code, how many disagree with it in member checks, and `added`: how many utterances participants added
    in answers to these, both of which the printed tables tell.
    `quotations` are exemplars by code that may be quoted. They stand only in what is read and not in the sheets: there
    the printed tables come first, then the whole table.
    """
    title, settings = study.settings["title"], study.settings["frequencies"]
    kinds = (source.kind for source in study.sources if source.kind != ADDED)
    words = replace(
        words_for(kinds, settings["of"], settings["interval"]), added=added, smallest=settings["smallest_cell"]
    )
    rows = {name: printed_rows(made[name]) for name in NAMES}
    codes, questions = with_marks(rows["frequencies"], disagree), study.settings["questions"]
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
        "frequencies_by": by_group(with_marks(rows["frequencies_by"], disagree), kept, words, settings, guide, fewer),
        "sample": make_up(rows["sample"], settings["smallest_cell"]),
    }
    heads = {
        "frequencies": "How many spoke of each theme",
        "frequencies_by": f"Themes by group of {words.people}",
        "sample": "Make-up of the sample",
    }
    for name in NAMES:
        on_sheets = of_all({}) if name == "frequencies" else None
        save_printed(results, name, title, heads[name], parts[name], rows[name], on_sheets)


def _in_order(sections: Sequence[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    return [code for _, codes in sections for code in codes]
