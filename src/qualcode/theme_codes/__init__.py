"""Set the emergent themes against the codebook: what each shares with it, what it adds, and new ones as codes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, load_codebook
from ..console import add_study, counted_words, say
from ..counting import counted, said
from ..files import sha256, write_text
from ..language import load_embedder, mean_direction
from ..quoting import Speech
from ..study import Study, load_study
from ..tables.themes import ADOPTED, COVERED, NEW, SPREAD
from .marks import adopted, marks
from .proposals import Theme, file_text, telling_words
from .quotations import quotations, typical_of, voices
from .standing import shared, standing, untouched

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SETTINGS = ("embeddings",)
PROPOSALS = "codebook_proposals.yaml"


def compare(
    members: pd.DataFrame, vectors: np.ndarray, rows: pd.DataFrame, codebook: Codebook, meanings: np.ndarray
) -> pd.DataFrame:
    """Overlap, similarity and novelty of every theme and code.

    `members` are theme_members without those that fit none, `vectors` those of its utterances, shape (members, d);
    `rows` those of `counting.counted`; `meanings` the vectors of the codes' names and definitions, shape (codes, d).
    A theme's centre is that of its wordings, each once.
    """
    both, sizes = shared(members, rows), members["theme"].value_counts()
    roots = [code.code for code in codebook.codes if code.level == 1]
    once = (members["repeats"] == "").to_numpy()
    found = []
    for theme in sorted(sizes.index.tolist()):
        own = vectors[(members["theme"] == theme).to_numpy() & once]
        centre = mean_direction(own, [1.0] * len(own))
        overlap = {code.code: both.get((theme, code.code), 0) / int(sizes[theme]) for code in codebook.codes}
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
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    utterances, rows = tables.read(args.results, "utterances"), counted(args.results)
    every = tables.read(args.results, "theme_members")
    members = every[every["theme"] > 0].reset_index(drop=True)
    compared = _compared(study, args.results, members, rows, codebook)
    said_in = members[["theme", "utterance"]].merge(utterances[["utterance", "text"]], on="utterance")
    stand = standing(members, rows, compared, codebook, adopted(said_in, codebook))
    central = voices(members, utterances)
    participants, open_codes = tables.read(args.results, "participants"), tables.read(args.results, "open_codes")
    answers = tables.read(args.results, "member_checks")
    quoted = quotations(central, Speech.of(study, utterances, participants, open_codes, answers))
    missed = untouched(members, rows, codebook)
    tables.write(args.results, "theme_codes", compared)
    tables.write(args.results, "theme_standing", stand)
    tables.write(args.results, "codes_without_themes", missed)
    tables.write(args.results, "theme_quotations", quoted)
    themes = _themes(tables.read(args.results, "themes"), members, said(utterances), stand, quoted, central)
    origin = f"run {sha256(args.results / 'theme_members.csv')[:12]} (digest of theme_members.csv)"
    write_text(args.results / PROPOSALS, file_text(themes, codebook, _reason(args.results), origin))
    say(_told(themes, missed))


def _compared(
    study: Study, results: Path, members: pd.DataFrame, rows: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """The table theme_codes."""
    import numpy as np

    if members.empty or not codebook.codes:
        return tables.frame("theme_codes", [])
    with np.load(results / "embeddings.npz") as stored:
        row = {str(utterance): position for position, utterance in enumerate(stored["utterances"])}
        vectors = stored["vectors"][[row[utterance] for utterance in members["utterance"]]]
    embedder = load_embedder(study.settings["embeddings"]["model"])
    meanings = embedder.encode([f"{code.name}. {code.definition}".strip() for code in codebook.codes])
    return compare(members, vectors, rows, codebook, meanings)


def _themes(
    themes: pd.DataFrame,
    members: pd.DataFrame,
    data: pd.DataFrame,
    stand: pd.DataFrame,
    quoted: pd.DataFrame,
    central: pd.DataFrame,
) -> list[Theme]:
    """Each theme with its standing, quotations, marks and words that may be rules."""
    typical, marked, words = typical_of(quoted), marks(central), telling_words(themes, members, data)
    return [
        Theme(
            number=int(row.theme),
            label=row.label,
            note=row.note,
            utterances=int(row.utterances),
            participants=int(row.participants),
            status=row.status,
            code=row.code,
            overlap=float(row.overlap),
            quotations=typical.get(int(row.theme), []),
            marks=marked.get(int(row.theme), []),
            words=words.get(int(row.theme), []),
        )
        for row in themes.merge(stand, on="theme").sort_values("theme").itertuples()
    ]


def _reason(results: Path) -> str:
    """Why there are no themes, '' where there are."""
    facts = tables.read(results, "theme_stability").set_index("what")["note"]
    return str(facts.get("no themes", ""))


def _told(themes: list[Theme], missed: pd.DataFrame) -> str:
    if not themes:
        return "no themes to set against the codebook"
    number = {status: sum(theme.status == status for theme in themes) for status in (ADOPTED, COVERED, SPREAD, NEW)}
    standings = ", ".join(f"{found} {status}" for status, found in number.items())
    proposed = counted_words(sum(theme.proposed for theme in themes), "code")
    codes = counted_words(len(missed), "code")
    return f"{counted_words(len(themes), 'theme')}: {standings}; {proposed} proposed; no theme touches {codes}"
