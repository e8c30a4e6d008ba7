"""Count how many people, utterances and sources speak of each code, and describe the sample."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import tables
from ..codebook import Codebook, load_codebook
from ..console import add_study
from ..counting import PLACES, counted, figures_by_code, gathered, of_people
from ..errors import Problems
from ..quoting import Speech, exemplars
from ..rated import disagreements, figures_of
from ..study import Study, load_study
from ..tables import percent
from .cases import cases, cooccurrences
from .groups import Group, groups_of, left_out
from .present import Present

if TYPE_CHECKING:
    import pandas as pd

    from ..checked import Checked

SETTINGS = ("title", "questions", "guide", "frequencies", "confidential")


def frequencies(
    rows: pd.DataFrame, codebook: Codebook, people: int, present: int, sources: int, settings: Mapping[str, Any]
) -> pd.DataFrame:
    """The frequency table: a row per code in the codebook's order. `rows` are those of `counting.counted`.

    Percentages are of `people` (who spoke or answered) or of those `present`, as the settings say.
    """
    table = figures_by_code(rows, [code.code for code in codebook.codes])
    described = [
        {
            "level": code.level,
            "name": code.name,
            "definition": code.definition,
            "parent": code.parent,
            "path": " > ".join(code.path),
        }
        for code in codebook.codes
    ]
    import pandas as pd

    table = pd.concat([pd.DataFrame(described), table], axis=1)
    table["of_participants"], table["of_present"], table["of_sources"] = people, present, sources
    whole = present if settings["of"] == "present" else people
    table["participants_percent"] = [percent(part, whole) for part in table["participants"]]
    table["percent_low"], table["percent_high"] = wilson(list(table["participants"]), whole, settings["interval"])
    return table


def wilson(parts: Sequence[int], whole: int, confidence: float) -> tuple[list[float], list[float]]:
    """The ends of the intervals of Wilson (1927) around parts of a whole, in %; nan where there are none."""
    if not confidence or not whole:
        return [float("nan")] * len(parts), [float("nan")] * len(parts)
    from statsmodels.stats.proportion import proportion_confint

    ends = [proportion_confint(part, whole, alpha=1 - confidence / 100, method="wilson") for part in parts]
    return [100 * max(0.0, low) for low, _ in ends], [100 * min(1.0, high) for _, high in ends]


def frequencies_by(
    rows: pd.DataFrame,
    groups: Sequence[Group],
    codebook: Codebook,
    settings: Mapping[str, Any],
    hidden: Collection[tuple[str, str, str]] = (),
) -> pd.DataFrame:
    """The same figures within each group; none for the `hidden` (attribute, value, code)."""
    import pandas as pd

    parts = []
    everyone = figures_by_code(rows, [code.code for code in codebook.codes])["participants"]
    for group in groups:
        within = rows[rows["utterance"].isin(group.utterances)]
        part = frequencies(within, codebook, len(group.people), group.present, group.sources, settings)
        part = part.assign(attribute=group.attribute, value=group.value)
        part["row_percent"] = [percent(n, whole) for n, whole in zip(part["participants"], everyone, strict=True)]
        part["suppressed"] = [(group.attribute, group.value, code) in hidden for code in part["code"]]
        parts.append(part)
    if not parts:
        return tables.frame("frequencies_by", [])
    made = pd.concat(parts, ignore_index=True)
    optional = [column.name for column in tables.TABLES["frequencies_by"].columns if column.optional]
    made = made.astype(dict.fromkeys(optional, "float64"))
    made.loc[made["suppressed"], optional] = float("nan")
    if settings["smallest_cell"]:
        made[["codings", "own_codings"]] = float("nan")
    return made


def sample(
    participants: pd.DataFrame,
    attributes: pd.DataFrame,
    hidden: Collection[tuple[str, str]] = (),
    confidential: Collection[str] = (),
) -> pd.DataFrame:
    """The make-up of the sample by every attribute of the participants that is not confidential."""
    people = set(participants.loc[participants["role"] == "participant", "participant"])
    known = attributes[
        (attributes["subject"] == "participant") & attributes["id"].isin(people) & (attributes["value"] != "")
    ]
    shown = {name: head for head, name in of_people(attributes).items()}
    rows = []
    for attribute, group in known[~known["attribute"].isin(list(confidential))].groupby("attribute", sort=False):
        counts = group["value"].value_counts(sort=False)
        out = {value for value in counts.index if (shown[str(attribute)], value) in hidden}
        # The order of what is left out would tell which is more.
        for value in sorted(counts.index, key=lambda value: (value in out, -counts[value] * (value not in out), value)):
            told = {} if value in out else {"participants": counts[value]}
            told |= {} if value in out else {"participants_percent": percent(counts[value], len(group))}
            rows.append(
                {"attribute": attribute, "value": value, "of_participants": len(group), "suppressed": value in out}
                | told
            )
    return tables.frame("sample", rows)


def only_in_the_sample(groups: Sequence[Group], everything: Sequence[Group], persons: Collection[str]) -> list[Group]:
    """The groups of people that have no figures by code, and of which the sample tells all the same."""
    counted_by = {group.attribute for group in groups}
    return [
        replace(group, told=False)
        for group in everything
        if group.attribute in persons and group.attribute not in counted_by
    ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    read = {name: tables.read(args.results, name) for name in ("utterances", "participants", "attributes")}
    check_attributes(study, read["attributes"])
    answers = tables.read(args.results, "member_checks")
    codings = tables.read(args.results, "open_codes")
    speech = Speech.of(study, read["utterances"], read["participants"], codings, answers)
    smallest = study.settings["frequencies"]["smallest_cell"]
    made = make(study, codebook, counted(args.results), **read)
    made["frequencies"] = with_ratings(made["frequencies"], speech.checked, smallest)
    for name, table in made.items():
        tables.write(args.results, name, table)
    from .printed import write_printed

    pseudonyms = dict(zip(read["participants"]["participant"], read["participants"]["pseudonym"], strict=True))
    shown, _ = exemplars(codings, speech, pseudonyms)
    added = len(read["utterances"]) - len(gathered(read["utterances"]))
    write_printed(args.results, study, codebook, made, shown, disagreements(speech.checked, smallest), added)


def with_ratings(table: pd.DataFrame, checked: Checked, smallest: int) -> pd.DataFrame:
    """The table frequencies with the people who rated each code in member checks, and those who disagree."""
    rated = [figures_of(checked, code, smallest) for code in table["code"]]
    return table.assign(rated=[number for number, _ in rated], disagree=[number for _, number in rated])


def check_attributes(study: Study, attributes: pd.DataFrame) -> None:
    """Raise QualcodeError for settings that name an attribute that there is not.

    A misspelt one would not be counted by, or would go out though it is confidential.
    """
    names = {name for person in study.participants for name in person.attributes}
    names |= {name for source in study.sources for name in source.attributes} | set(attributes["attribute"])
    known = names.union(PLACES, (f"participant: {name}" for name in names), (f"source: {name}" for name in names))
    problems = Problems()
    for block, key in (("frequencies", "by"), ("confidential", "attributes")):
        for name in study.settings[block][key]:
            if name not in known:
                do = f"Use one of: {', '.join(sorted(names.union(PLACES)))}."
                problems.add("study.yaml", f"{block}: {key}", f"there is no attribute '{name}'", do)
    problems.stop()


def make(
    study: Study,
    codebook: Codebook,
    rows: pd.DataFrame,
    utterances: pd.DataFrame,
    participants: pd.DataFrame,
    attributes: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Every table of this step by its name. `rows` are those of `counting.counted`."""
    settings, confidential = study.settings["frequencies"], study.settings["confidential"]["attributes"]
    there = Present.of(study, utterances, participants)
    groups = groups_of(utterances, attributes, there, settings["by"], confidential)
    smallest = settings["smallest_cell"]
    cells: set[tuple[str, str, str]] = set()
    sizes: set[tuple[str, str]] = set()
    if smallest:
        persons = of_people(attributes)
        # Named, so that attributes of many values are among them.
        everything = groups_of(utterances, attributes, there, list(persons), confidential) if persons else []
        others = only_in_the_sample(groups, everything, persons)
        cells, sizes = left_out(groups, others, rows, utterances, codebook, smallest)
    people = int((participants["role"] == "participant").sum())
    sources = gathered(utterances)["source"].nunique()
    return {
        "frequencies": frequencies(rows, codebook, people, there.everyone(), sources, settings),
        "frequencies_by": frequencies_by(rows, groups, codebook, settings, cells),
        "sample": sample(participants, attributes, sizes, confidential),
        "cases": cases(rows, utterances, participants, attributes, codebook, confidential),
        "cooccurrences": cooccurrences(rows, codebook, smallest),
    }
