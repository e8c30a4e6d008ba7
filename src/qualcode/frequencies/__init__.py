"""Count how many people, utterances and sources speak of each code, and describe the sample."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, load_codebook
from ..console import add_study
from ..counting import counted, figures_by_code, groupings
from ..study import load_study
from ..tables import percent

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("title", "frequencies")


def frequencies(rows: pd.DataFrame, codebook: Codebook, people: int, sources: int) -> pd.DataFrame:
    """The frequency table: a row per code in the codebook's order. `rows` are those of `counting.counted`."""
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
    table["of_participants"] = people
    table["of_sources"] = sources
    table["participants_percent"] = [percent(part, people) for part in table["participants"]]
    return table


def frequencies_by(
    rows: pd.DataFrame, utterances: pd.DataFrame, attributes: pd.DataFrame, codebook: Codebook, named: list[str]
) -> pd.DataFrame:
    """The same figures within each value of each attribute."""
    import pandas as pd

    parts = []
    for attribute, value, inside in groupings(utterances, attributes, named):
        within = rows[rows["utterance"].isin(inside["utterance"])]
        people = inside.loc[inside["role"] == "participant", "participant"].nunique()
        part = frequencies(within, codebook, people, inside["source"].nunique())
        parts.append(part.assign(attribute=attribute, value=value))
    return pd.concat(parts) if parts else tables.frame("frequencies_by", [])


def sample(participants: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """The make-up of the sample by every attribute of the participants."""
    people = set(participants.loc[participants["role"] == "participant", "participant"])
    known = attributes[
        (attributes["subject"] == "participant") & attributes["id"].isin(people) & (attributes["value"] != "")
    ]
    rows = []
    for attribute, group in known.groupby("attribute", sort=False):
        counts = group["value"].value_counts(sort=False)
        for value in sorted(counts.index, key=lambda value: (-counts[value], value)):
            rows.append(
                {
                    "attribute": attribute,
                    "value": value,
                    "participants": counts[value],
                    "of_participants": len(group),
                    "participants_percent": percent(counts[value], len(group)),
                }
            )
    return tables.frame("sample", rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    from .printed import write_printed

    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    attributes = tables.read(args.results, "attributes")
    rows = counted(args.results)
    people = int((participants["role"] == "participant").sum())
    table = frequencies(rows, codebook, people, utterances["source"].nunique())
    by = frequencies_by(rows, utterances, attributes, codebook, study.settings["frequencies"]["by"])
    make_up = sample(participants, attributes)
    tables.write(args.results, "frequencies", table)
    tables.write(args.results, "frequencies_by", by)
    tables.write(args.results, "sample", make_up)
    write_printed(args.results, study, table, by, make_up)
