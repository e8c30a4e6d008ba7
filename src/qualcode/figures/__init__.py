"""Draw the figures as svg, png and pdf, each with words for who cannot see it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .. import tables
from ..cache import cache_folder
from ..checked import Checked
from ..codebook import Code, Codebook, load_codebook
from ..console import add_study
from ..counting import WHOLE, counted
from ..rated import MARK_MEANS, Disagreement, disagreements, marked
from ..study import Source, Study, load_study
from .agreeing import agreement_by_code
from .codes import MOST_ROWS, attributes_shown, codes_by_attribute, codes_by_participant, theme_frequencies
from .courses import TALK, talk_maps
from .drawing import Drawn
from .emergent import several, theme_figures
from .growth import new_information, saturation
from .hierarchy import code_tree
from .keeping import Gallery
from .learned import calibration, learning_curve
from .networks import cooccurrence_matrix, cooccurrence_network

if TYPE_CHECKING:
    import pandas as pd

    from ..tables import Release

SETTINGS = ("title", "guide", "frequencies", "saturation")
READ = ("participants", "attributes", "utterances", "frequencies", "frequencies_by", "saturation")
# Tables of steps that may not have been run: what has none says so.
THEMES = ("themes", "theme_choice", "theme_stability", "themes_by", "theme_hierarchy", "theme_quotations")
OTHERS = (
    "cooccurrences",
    "new_information",
    "agreement",
    "suggestion_learning",
    "suggestion_calibration",
    "member_checks",
)
# So many attributes of people have a figure of their own.
MOST_ATTRIBUTES = 3

Figure = tuple[str, Callable[..., Drawn], tuple[Any, ...]]


def outline(codebook: Codebook, disagree: Mapping[str, Disagreement] = MappingProxyType({})) -> Codebook:
    """The codebook with nothing but what figures show of it: an edit of words or definitions changes none of them.

    Names are marked where someone disagrees with the code.
    """
    codes = [
        Code(c.code, marked(c.name, c.code, disagree), "", c.level, c.path, 0, c.leaf, colour=c.colour)
        for c in codebook.codes
    ]
    return Codebook(Path(), "", "", tuple(codes))


def talk_map(
    rows: pd.DataFrame, talk: pd.DataFrame, people: pd.DataFrame, codebook: Codebook, source: Source, study: str,
    release: Release, mark: str = "",
) -> Drawn:  # fmt: skip
    """The map of one talk. All tables hold but what is of it."""
    return talk_maps(rows, talk, people, codebook, [source], study, release, mark)[source.source]


def with_marks(table: pd.DataFrame, disagree: Mapping[str, Disagreement]) -> pd.DataFrame:
    """A table of codes, their names marked where someone disagrees; how many do is no part of a figure."""
    names = [marked(name, code, disagree) for name, code in zip(table["name"], table["code"], strict=True)]
    return table.assign(name=names).drop(columns=["rated", "disagree"], errors="ignore")


def figures_of(study: Study, codebook: Codebook, read: dict[str, pd.DataFrame], rows: pd.DataFrame) -> Iterator[Figure]:
    """Every figure: its name, the function that draws it, and what it is given. `rows` are `counting.counted`'s."""
    title = str(study.settings["title"])
    smallest = int(study.settings["frequencies"]["smallest_cell"])
    disagree = disagreements(Checked.of(read["member_checks"]), smallest)
    mark = MARK_MEANS if disagree else ""
    codebook = outline(codebook, disagree)
    # Where small cells are kept back, single persons stay with the researchers.
    of_persons: Release = "working" if smallest else "shareable"
    of = str(study.settings["frequencies"]["of"])
    frequencies, by = (with_marks(_of(read[name], of), disagree) for name in ("frequencies", "frequencies_by"))
    frequencies, people = frequencies.drop(columns="definition"), read["participants"]
    rows = rows.drop(columns="coding").drop_duplicates()
    yield "theme_frequencies", theme_frequencies, (frequencies, of, codebook, title, mark)
    named = people[["participant", "role", "pseudonym"]]
    yield "codes_by_participant", codes_by_participant, (rows, named, frequencies, title, of_persons, mark)
    for name, attribute in _by_file(attributes_shown(several(by), read["attributes"])[:MOST_ATTRIBUTES]).items():
        inside = by[by["attribute"] == attribute]
        yield f"codes_by_{name}", codes_by_attribute, (inside, attribute, frequencies, title, mark)
    yield "code_tree", code_tree, (frequencies, codebook, title, mark)
    pairs = read["cooccurrences"]
    yield "cooccurrence_matrix", cooccurrence_matrix, (pairs, frequencies, codebook, title, 0, mark)
    yield "cooccurrence_network", cooccurrence_network, (pairs, frequencies, codebook, title, 0, mark)
    for source in study.sources:
        if source.kind in TALK:
            given = (*_of_talk(source, rows, read, codebook, title, of_persons), mark)
            yield f"talk_map_{source.source}", talk_map, given
    yield "saturation", saturation, (read["saturation"], title)
    threshold = float(study.settings["saturation"]["threshold"])
    yield "new_information", new_information, (read["new_information"], threshold, title)
    # Counts choose the rows where these are too many; else their changes leave the figure as it is.
    places = ["code", "name", "level", "path", *(["participants"] if len(frequencies) > MOST_ROWS else [])]
    yield "agreement_by_code", agreement_by_code, (read["agreement"], read["frequencies"][places], title)
    yield "suggestion_learning", learning_curve, (read["suggestion_learning"], title)
    yield "suggestion_calibration", calibration, (read["suggestion_calibration"], title)
    guide = {item["id"]: item["text"] for item in study.settings["guide"]}
    shown = next(iter(attributes_shown(several(read["themes_by"]), read["attributes"])), "")
    for name, (draw, given) in theme_figures(read, guide, shown, title).items():
        yield name, draw, given


def _of(table: pd.DataFrame, of: str) -> pd.DataFrame:
    """The table with of_participants as what percentages are of: people who answered, or who were present."""
    return table.assign(of_participants=table[WHOLE[of]])


def _by_file(attributes: Sequence[str]) -> dict[str, str]:
    """Attributes by a name for the file: attribute_1, attribute_2 …, because theirs may hold any letter."""
    return {f"attribute_{number}": attribute for number, attribute in enumerate(attributes, 1)}


def _of_talk(
    source: Source, rows: pd.DataFrame, read: dict[str, pd.DataFrame], codebook: Codebook, title: str, release: Release
) -> tuple[Any, ...]:
    """What the map of a talk is given: nothing of other talks, so that it stays as it is where they change."""
    talk = read["utterances"][read["utterances"]["source"] == source.source]
    people = read["participants"][read["participants"]["participant"].isin(talk["participant"])]
    # Where the file lies is no part of the figure.
    bare = Source(source.source, Path(), source.kind)
    coded = rows[rows["source"] == source.source]
    return coded, talk, people[["participant", "role", "pseudonym"]], codebook, bare, title, release


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    read = {name: tables.read(args.results, name) for name in READ}
    for name in (*THEMES, *OTHERS):
        made = (args.results / tables.TABLES[name].file).exists()
        read[name] = tables.read(args.results, name) if made else tables.frame(name, [])
    gallery = Gallery(args.results / "figures", cache_folder(study, "figures"))
    for name, draw, given in figures_of(study, load_codebook(study.codebook), read, counted(args.results)):
        gallery.hang(name, draw, *given)
    gallery.close()
    tables.write(args.results, "figures", tables.frame("figures", gallery.rows))
