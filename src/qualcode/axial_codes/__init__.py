"""Gather open codes into axial codes: roll codings up the codebook, relate codes, tell how the codebook changed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook
from ..codebook.changes import changes, versions
from ..console import add_study
from ..content import spread
from ..counting import coded, counted, said
from ..study import Study, load_study
from ..tokens import stored_tokens
from ..typed import gone
from .paradigm import paradigm_table
from .relations import relate, turns_of
from .wording import worded

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("relations",)


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


def span(credits: pd.DataFrame, utterances: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Utterances whose counted codings span several categories (level 1), in the order of the talk."""
    by_utterance = credits.groupby("utterance", sort=False)["code"].agg(set)
    rows = []
    for utterance in utterances[utterances["utterance"].isin(by_utterance.index)].to_dict("records"):
        codes = sorted(by_utterance[utterance["utterance"]], key=codebook.order.__getitem__)
        categories = list(dict.fromkeys(codebook.by_id[code].path[0] for code in codes))
        if len(categories) > 1:
            lists = {"categories": "; ".join(categories), "codes": "; ".join(codes)}
            rows.append({**utterance, **lists, "number": len(categories)})
    return tables.frame("spanning_excerpts", rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    history = versions(study)
    codebook = history[-1][1]
    open_codes = tables.read(args.results, "open_codes")
    utterances = tables.read(args.results, "utterances")
    tables.write(args.results, "axial_codes", roll_up(open_codes, codebook))
    codings = coded(open_codes, tables.read(args.results, "open_code_utterances"), utterances)
    credits = codings[["coding", "utterance", "participant"]]
    told = worded(_places(open_codes), credits, utterances, stored_tokens(args.results))
    window = study.settings["relations"]["window"]
    relations = relate(codings, turns_of(utterances, codings["utterance"]), told, codebook, _talk(study), window)
    tables.write(args.results, "relations", relations)
    tables.write(args.results, "spanning_excerpts", span(codings, said(utterances), codebook))
    tables.write(args.results, "paradigm", paradigm_table(counted(args.results), relations, codebook))
    touched = _touched(open_codes, tables.read(args.results, "unplaced"), codebook)
    words_gone = gone(study)
    # Earlier versions may still hold names, and words of people who withdrew.
    changed = changes(history, touched, lambda text: study.everyone.hide(words_gone.hide(text)))
    tables.write(args.results, "codebook_changes", tables.frame("codebook_changes", [item.row for item in changed]))


def _touched(open_codes: pd.DataFrame, unplaced: pd.DataFrame, codebook: Codebook) -> dict[str, int]:
    """How many codings each code has, and how many rows wait under an id that is no code any more."""
    import pandas as pd

    waiting = unplaced.loc[~unplaced["code"].isin([*codebook.by_id, ""]), "code"]
    return {str(code): int(number) for code, number in pd.concat([open_codes["code"], waiting]).value_counts().items()}


def _places(open_codes: pd.DataFrame) -> pd.DataFrame:
    """Counted codings (coding, source, code) with the words that they rest on (start, end), one place a row.

    A rule's are the words that it met; a person's the quotation, unless the codebook's words for the same code stand
    in it: they tell where in it the code is met.
    """
    import pandas as pd

    keys, edges = ["source", "code"], ["matched_start", "matched_end"]
    counting = open_codes[open_codes["counts"]]
    met = open_codes[open_codes["matched_start"].notna() & ~open_codes["status"].isin(["rejected", "negated"])]
    quoted = counting[counting["matched_start"].isna()].drop(columns=edges)
    inside = _inside(quoted, met[[*keys, *edges]].drop_duplicates(), keys)
    whole = quoted[~quoted["coding"].isin(inside["coding"])]
    whole = whole.assign(matched_start=whole["start"], matched_end=whole["end"])
    found = pd.concat([counting[counting["matched_start"].notna()], inside, whole])[["coding", *keys, *edges]]
    found = found.rename(columns={"matched_start": "start", "matched_end": "end"})
    return found.astype({"start": "int64", "end": "int64"}).drop_duplicates()


def _inside(quoted: pd.DataFrame, met: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Each quotation with each of the places of the same `keys` that stands in it, looked up by where they begin."""
    import numpy as np

    met = met.sort_values([*keys, "matched_start"], kind="stable").reset_index(drop=True)
    blocks = met.groupby(keys, sort=False).indices
    low, high = np.zeros(len(quoted), dtype=np.int64), np.zeros(len(quoted), dtype=np.int64)
    for key, rows in quoted.groupby(keys, sort=False).indices.items():
        if key in blocks:
            begins = met["matched_start"].to_numpy()[blocks[key]].astype(np.int64)
            opens, closes = (quoted[edge].to_numpy()[rows].astype(np.int64) for edge in ("start", "end"))
            low[rows] = blocks[key][0] + np.searchsorted(begins, opens, side="left")
            high[rows] = blocks[key][0] + np.searchsorted(begins, closes, side="left")
    of, place = spread(low, high)
    edges = ["matched_start", "matched_end"]
    made = quoted.iloc[of].assign(**{edge: met[edge].to_numpy()[place] for edge in edges})
    return made[made["matched_end"].le(made["end"])]


def _talk(study: Study) -> list[str]:
    """The sources in which turns follow one another."""
    return [source.source for source in study.sources if source.kind in ("focus_group", "interview")]
