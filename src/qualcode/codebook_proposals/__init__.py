"""Propose changes of the codebook: codes that look like one, or like two, and phrases that may be a subcategory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, load_codebook
from ..console import add_study, say
from ..counting import coded
from ..language import load_embedder
from ..study import Study, load_study
from ..tokens import stored_tokens
from .proposals import alike, divide, group, looked_for, proposal_table
from .quotations import gather

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("embeddings",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    open_codes, utterances = tables.read(args.results, "open_codes"), tables.read(args.results, "utterances")
    codings = coded(open_codes, tables.read(args.results, "open_code_utterances"), utterances)
    quotes = gather(codings, utterances, stored_tokens(args.results), args.results / "embeddings.npz")
    found = [*alike(quotes, codebook), *divide(quotes, codebook), *_groups(study, args.results, codebook, utterances)]
    tables.write(args.results, "codebook_proposals", proposal_table(found))
    say(looked_for(found, quotes))


def _groups(study: Study, results: Path, codebook: Codebook, utterances: pd.DataFrame) -> list[dict[str, object]]:
    """Candidate subcategories of in vivo codes; none where these, or vectors, were not made."""
    made = [results / tables.TABLES[name].file for name in ("in_vivo_codes", "phrase_places")]
    if not all(path.exists() for path in [*made, results / "embeddings.npz"]):
        return []
    places = tables.read(results, "phrase_places").merge(utterances[["utterance", "participant"]], on="utterance")
    people = {
        int(str(number)): (set(found["utterance"]), set(found["participant"]))
        for number, found in places.groupby("group")
    }
    encode = load_embedder(study.settings["embeddings"]["model"]).encode
    return group(tables.read(results, "in_vivo_codes"), people, codebook, encode)
