"""Draw the figures: theme frequencies, codes by participant, saturation and emergent themes, as svg and png."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, load_codebook
from ..codebook.colours import PALETTE, paler
from ..console import add_study
from ..counting import counted
from ..study import load_study
from .drawing import Row, bars, curves, fixed_style, heat_map, plain, save
from .emergent import several, theme_figures

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SETTINGS = ("title", "guide")
# Tables of emergent themes; a step that has not been run leaves them out.
THEMES = ("themes", "theme_choice", "theme_stability", "themes_by", "theme_hierarchy", "theme_quotations")
# More rows than this do not fit a printed page: the deepest levels are left out until the others do.
MOST_ROWS = 50
# More columns than this are no longer read person by person.
MOST_PARTICIPANTS = 15


def depth_shown(levels: Sequence[int]) -> int:
    """The deepest level at which a figure still has at most MOST_ROWS rows; 1 at the least."""
    deepest = max(levels, default=1)
    while deepest > 1 and sum(level <= deepest for level in levels) > MOST_ROWS:
        deepest -= 1
    return deepest


def colours(codebook: Codebook) -> dict[str, str]:
    """A colour for each code: its own or that of the nearest code above it, paler with every level between."""
    roots = [code.code for code in codebook.codes if code.level == 1]
    flat = all(code.leaf for code in codebook.codes)
    palette = {root: PALETTE[0 if flat else number % len(PALETTE)] for number, root in enumerate(roots)}
    chosen = {}
    for code in codebook.codes:
        given = [key for key in code.path if codebook.by_id[key].colour]
        base = given[-1] if given else code.path[0]
        between = len(code.path) - 1 - code.path.index(base)
        chosen[code.code] = paler(codebook.by_id[base].colour or palette[base], min(0.5, 0.25 * between))
    return chosen


def frequency_rows(frequencies: pd.DataFrame, codebook: Codebook) -> tuple[list[Row], int, str]:
    """A bar per code, the number of all participants, and the word for them (documents have none: sources)."""
    people = int(frequencies["of_participants"].max()) if len(frequencies) else 0
    counts, of, word = ("participants", "of_participants", "participants")
    if not people:
        counts, of, word = ("sources", "of_sources", "sources")
        people = int(frequencies[of].max()) if len(frequencies) else 0
    shown = frequencies[frequencies["level"] <= depth_shown(list(frequencies["level"]))]
    colour = colours(codebook)
    rows = [
        Row(
            row["name"],
            row["level"] - 1,
            row[counts],
            f"{row[counts]} of {row[of]}",
            colour.get(row["code"], PALETTE[0]),
        )
        for row in shown.to_dict("records")
    ]
    return rows, people, word


def by_person(
    rows: pd.DataFrame, participants: pd.DataFrame, codes: Sequence[str]
) -> tuple[list[str], list[list[int]]]:
    """Pseudonyms, and utterances by code and person. `rows` are those of `counting.counted`."""
    people = participants[participants["role"] == "participant"]
    counts = rows.groupby(["code", "participant"])["utterance"].nunique().to_dict()
    grid = [[int(counts.get((code, person), 0)) for person in people["participant"]] for code in codes]
    return list(people["pseudonym"]), grid


def first_attribute(counted_by: pd.DataFrame, attributes: pd.DataFrame) -> str:
    """The first attribute of participants that a table counts by, '' if there is none."""
    known = set(attributes.loc[attributes["subject"] == "participant", "attribute"])
    # One that is called as something else is has the subject before it.
    taken = {name for name in ("source", "question") if name in known}
    names = (known - taken) | {f"participant: {name}" for name in taken}
    return next((str(name) for name in counted_by["attribute"] if name in names), "")


def by_group(
    frequencies_by: pd.DataFrame, attributes: pd.DataFrame, codes: Sequence[str]
) -> tuple[str, list[str], list[list[int]]]:
    """The first attribute of participants, its values with the people in each, and utterances by code and value.

    The attribute is '' where the participants have none that was counted by.
    """
    attribute = first_attribute(frequencies_by, attributes)
    inside = frequencies_by[frequencies_by["attribute"] == attribute]
    people = inside.drop_duplicates("value").set_index("value")["of_participants"].to_dict()
    counts = inside.set_index(["code", "value"])["utterances"].to_dict()
    grid = [[int(counts.get((code, value), 0)) for value in people] for code in codes]
    return attribute, [f"{value} ({number})" for value, number in people.items()], grid


def theme_frequencies(frequencies: pd.DataFrame, codebook: Codebook, study: str) -> tuple[str, Figure]:
    """How many participants speak of each code."""
    rows, people, word = frequency_rows(frequencies, codebook)
    title = f"How many {word} speak of each code"
    if not rows:
        return title, plain(title, [study], "The codebook has no codes.")
    deepest = max(row.depth for row in rows) + 1
    below = max(frequencies["level"])
    notes = [study, f"{word.capitalize()} with at least one counted coding on the code or below it."]
    if below > deepest:
        notes.append(f"Down to level {deepest} of {below}: all {len(frequencies)} codes are in frequencies.csv.")
    return title, bars(rows, people, f"Number of {word} (of {people})", title, notes)


def codes_by_participant(
    rows: pd.DataFrame,
    participants: pd.DataFrame,
    attributes: pd.DataFrame,
    frequencies: pd.DataFrame,
    frequencies_by: pd.DataFrame,
    study: str,
) -> tuple[str, Figure]:
    """Utterances by code and participant; by the first attribute where there are too many people to tell apart."""
    upper = frequencies[frequencies["level"] <= 2]
    shown = upper[upper["level"] <= depth_shown(list(upper["level"]))]
    names = [Row(name, level - 1) for name, level in zip(shown["name"], shown["level"], strict=True)]
    codes = list(shown["code"])
    people = int((participants["role"] == "participant").sum())
    notes = [study, "Utterances with a counted coding on the code or below it."]
    if people <= MOST_PARTICIPANTS:
        title = "Who speaks of what"
        if not people or not codes:
            return title, plain(title, [study], "There is no participant, or no code, to count utterances by.")
        columns, grid = by_person(rows, participants, codes)
        return title, heat_map(
            names, columns, grid, ["Columns: participants by pseudonym. Cells: number of utterances."], title, notes
        )
    title = "Which groups speak of what"
    attribute, columns, grid = by_group(frequencies_by, attributes, codes)
    if not attribute or not codes:
        message = (
            f"The study has {people} participants, too many for a column each, and no attribute of theirs that was "
            "counted by. Add one to participants.csv, or to the survey's columns."
        )
        return title, plain(title, [study], message)
    axis = (
        f"Columns: {attribute} (number of participants). Cells: number of utterances. Mind that groups differ in size."
    )
    return title, heat_map(names, columns, grid, [axis], title, notes)


def saturation(table: pd.DataFrame, study: str) -> tuple[str, Figure]:
    """How many different codes had been met as the talk went on."""
    title = "How much was still new towards the end"
    if not table["codings"].sum():
        return title, plain(title, [study], "No coding counts yet, so there is no code to meet.")
    return title, curves(table, title, [study, "Only counted codings, each on its own code."])


def _read_if_made(results: Path, name: str) -> pd.DataFrame:
    made = (results / tables.TABLES[name].file).exists()
    return tables.read(results, name) if made else tables.frame(name, [])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    title = str(study.settings["title"])
    read = {
        name: tables.read(args.results, name)
        for name in ("participants", "attributes", "frequencies", "frequencies_by", "saturation")
    }
    themes = {name: _read_if_made(args.results, name) for name in THEMES}
    guide = {item["id"]: item["text"] for item in study.settings["guide"]}
    with fixed_style():
        figures = {
            "theme_frequencies": theme_frequencies(read["frequencies"], codebook, title),
            "codes_by_participant": codes_by_participant(
                counted(args.results),
                read["participants"],
                read["attributes"],
                read["frequencies"],
                read["frequencies_by"],
                title,
            ),
            "saturation": saturation(read["saturation"], title),
            **theme_figures(
                {**themes, "participants": read["participants"]},
                guide,
                first_attribute(several(themes["themes_by"]), read["attributes"]),
                title,
            ),
        }
        for name, (heading, figure) in figures.items():
            save(figure, args.results / "figures", name, heading)
