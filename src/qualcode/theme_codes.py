"""Set the emergent themes against the codebook: which codes each theme touches, and what it adds."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from . import tables
from .codebook import Codebook, load_codebook
from .console import add_study
from .counting import counted
from .language import load_embedder
from .study import load_study

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SETTINGS = ("embeddings",)


def compare(
    members: pd.DataFrame, vectors: np.ndarray, rows: pd.DataFrame, codebook: Codebook, meanings: np.ndarray
) -> pd.DataFrame:
    """Overlap, similarity and novelty of every theme and code.

    `members` are theme_members, `vectors` those of its utterances, shape (members, d); `rows` those of
    `counting.counted`; `meanings` the vectors of the codes' names and definitions, shape (codes, d).
    """
    from .language import mean_direction

    coded = rows.groupby("code")["utterance"].agg(set).to_dict()
    roots = [code.code for code in codebook.codes if code.level == 1]
    found = []
    for theme in sorted(members["theme"].unique()):
        inside = (members["theme"] == theme).to_numpy()
        utterances = set(members.loc[inside, "utterance"])
        centre = mean_direction(vectors[inside], [1.0] * int(inside.sum()))
        overlap = {
            code.code: len(utterances & coded.get(code.code, set())) / len(utterances) for code in codebook.codes
        }
        novelty = 1 - max((overlap[root] for root in roots), default=0.0)
        for code, meaning in zip(codebook.codes, meanings, strict=True):
            found.append(
                {
                    "theme": theme,
                    "code": code.code,
                    "overlap": overlap[code.code],
                    "similarity": float(centre @ meaning),
                    "novelty": novelty,
                }
            )
    return tables.frame("theme_codes", found)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    import numpy as np

    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    members = tables.read(args.results, "theme_members")
    if members.empty:
        tables.write(args.results, "theme_codes", tables.frame("theme_codes", []))
        return
    with np.load(args.results / "embeddings.npz") as stored:
        row = {str(utterance): position for position, utterance in enumerate(stored["utterances"])}
        vectors = stored["vectors"][[row[utterance] for utterance in members["utterance"]]]
    embedder = load_embedder(study.settings["embeddings"]["model"])
    meanings = embedder.encode([f"{code.name}. {code.definition}".strip() for code in codebook.codes])
    table = compare(members, vectors, counted(args.results), codebook, meanings)
    tables.write(args.results, "theme_codes", table)
