"""Gather open codes into axial codes: roll codings up the codebook, relate codes, list what spans categories."""

from __future__ import annotations

import argparse
from itertools import combinations
from typing import TYPE_CHECKING

from . import tables
from .codebook import Codebook, load_codebook
from .console import add_study
from .counting import said
from .study import load_study

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ()


def roll_up(open_codes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Each coding once per level from the root to its code; codings on parents stop at the parent."""
    rows = []
    for coding, key in zip(open_codes["coding"], open_codes["code"], strict=True):
        for ancestor in codebook.by_id[key].path:
            code = codebook.by_id[ancestor]
            rows.append(
                {
                    "coding": coding,
                    "level": code.level,
                    "code": code.code,
                    "parent": code.parent,
                    "path": " > ".join(code.path),
                    "own": code.code == key,
                }
            )
    return tables.frame("axial_codes", rows)


def relate(counted: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Pairs of codes that counted codings bring together in one utterance.

    `counted` has a row per counted coding and utterance: code, utterance, participant.
    """
    utterances: dict[tuple[str, str], set[str]] = {}
    participants: dict[tuple[str, str], set[str]] = {}
    for utterance, group in counted.groupby("utterance", sort=False):
        credited = {code: set(people) - {""} for code, people in group.groupby("code")["participant"]}
        for pair in combinations(sorted(credited, key=codebook.order.__getitem__), 2):
            utterances.setdefault(pair, set()).add(str(utterance))
            participants.setdefault(pair, set()).update(credited[pair[0]] & credited[pair[1]])
    ordered = sorted(utterances, key=lambda pair: (codebook.order[pair[0]], codebook.order[pair[1]]))
    return tables.frame(
        "relations",
        [
            {"code_a": a, "code_b": b, "utterances": len(utterances[a, b]), "participants": len(participants[a, b])}
            for a, b in ordered
        ],
    )


def span(counted: pd.DataFrame, utterances: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Utterances whose counted codings span several categories (level 1)."""
    by_utterance = counted.groupby("utterance", sort=False)["code"].agg(set)
    rows = []
    for utterance in utterances[utterances["utterance"].isin(by_utterance.index)].to_dict("records"):
        codes = sorted(by_utterance[utterance["utterance"]], key=codebook.order.__getitem__)
        categories = list(dict.fromkeys(codebook.by_id[code].path[0] for code in codes))
        if len(categories) > 1:
            rows.append({**utterance, "categories": "; ".join(categories), "codes": "; ".join(codes)})
    return tables.frame("spanning_excerpts", rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    codebook = load_codebook(load_study(args.study).codebook)
    open_codes = tables.read(args.results, "open_codes")
    credits = tables.read(args.results, "open_code_utterances")
    utterances = tables.read(args.results, "utterances")
    utterances = said(utterances)
    credits = credits[credits["utterance"].isin(utterances["utterance"])]
    counted = open_codes.loc[open_codes["counts"], ["coding", "code"]].merge(credits, on="coding")
    tables.write(args.results, "axial_codes", roll_up(open_codes, codebook))
    tables.write(args.results, "relations", relate(counted, codebook))
    tables.write(args.results, "spanning_excerpts", span(counted, utterances, codebook))
