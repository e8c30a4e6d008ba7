"""Count new codes per source and per tenth of the talk: how much was still being learned towards the end."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from . import tables
from .console import add_study
from .counting import counted, said

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ()
TENTHS = 10


def saturation(rows: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """New codes by source, in the order of the study, and by tenth of all words that participants said.

    Only the code itself counts, not those above it. `rows` are those of `counting.counted`; a coding that covers
    several utterances belongs to the first.
    """
    own = rows[rows["own"]]
    words = said(utterances)
    length = words["end"] - words["start"]
    before = length.cumsum() - length
    tenth = (before * TENTHS // max(1, int(length.sum()))).clip(upper=TENTHS - 1) + 1
    position = dict(zip(words["utterance"], tenth, strict=True))
    order = {source: number for number, source in enumerate(dict.fromkeys(utterances["source"]), 1)}
    place = {utterance: number for number, utterance in enumerate(utterances["utterance"])}
    first = own[own["utterance"].isin(position)].assign(place=own["utterance"].map(place)).sort_values("place")
    first = first.drop_duplicates("coding")
    steps = [("source", number, source, first[first["source"] == source]) for source, number in order.items()]
    steps += [("tenth", n, "", first[first["utterance"].map(position) == n]) for n in range(1, TENTHS + 1)]
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
    utterances = tables.read(args.results, "utterances")
    tables.write(args.results, "saturation", saturation(counted(args.results), utterances))
