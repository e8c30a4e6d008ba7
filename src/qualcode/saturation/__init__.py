"""Count new codes per source and per tenth of the talk, and find where they run out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .. import tables
from ..console import add_study
from ..counting import counted
from ..study import ADDED, load_study
from .information import new_information
from .units import TENTHS, placed, read_by_coders

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("saturation", "rules")


def saturation(rows: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """New codes by source, in the order of the study, and by tenth of all words that participants said.

    Only the code itself counts, not those above it. `rows` are those of `counting.counted`; a coding that covers
    several utterances belongs to the first.
    """
    first = placed(rows, utterances)
    order = {source: number for number, source in enumerate(dict.fromkeys(utterances["source"]), 1)}
    steps = [("source", number, source, first[first["source"] == source]) for source, number in order.items()]
    steps += [("tenth", n, "", first[first["tenth"] == n]) for n in range(1, TENTHS + 1)]
    made = []
    met: dict[str, set[str]] = {"source": set(), "tenth": set()}
    for scope, number, source, part in steps:
        codes = set(part["code"])
        new = codes - met[scope]
        met[scope] |= new
        made.append(
            {
                "scope": scope,
                "position": number,
                "source": source,
                "codings": len(part),
                "codes": len(codes),
                "new_codes": len(new),
                "codes_so_far": len(met[scope]),
            }
        )
    return tables.frame("saturation", made)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    utterances = tables.read(args.results, "utterances")
    # What came back when all had been gathered and coded is no further unit of what was gathered.
    added = [source.source for source in study.sources if source.kind == ADDED]
    utterances = utterances[~utterances["source"].isin(added)]
    rows = counted(args.results)
    rows = rows[~rows["source"].isin(added)]
    # Where the words of the codebook are the coding, they are looked for in all that was said.
    coders = None if study.settings["rules"] == "apply" else tables.read(args.results, "coders")
    read = read_by_coders(utterances, coders)
    tables.write(args.results, "saturation", saturation(rows, utterances))
    found = new_information(rows, utterances, read, study.sources, study.settings["saturation"])
    tables.write(args.results, "new_information", found)
