"""Compare coders with each other and with the rules: percent agreement and Cohen's kappa, uncoded units included."""

from __future__ import annotations

import argparse
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from . import tables
from .codebook import Codebook, load_codebook
from .console import add_study
from .counting import SAID
from .study import load_study
from .tables import percent
from .tokens import read_tokens

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("unit",)
RULES = "rules"


@dataclass(frozen=True)
class Unit:
    """A stretch of a participant's words that is coded or not: characters `start` to `end` of its source."""

    unit: str
    source: str
    start: int
    end: int
    text: str


def kappa(both: int, only_a: int, only_b: int, neither: int) -> float | None:
    """Cohen's kappa (Cohen 1960) of a 2 x 2 table; None where chance alone agrees fully.

    >>> kappa(20, 5, 10, 15)
    0.4
    """
    units = both + only_a + only_b + neither
    if not units:
        return None
    observed = (both + neither) / units
    a, b = (both + only_a) / units, (both + only_b) / units
    chance = a * b + (1 - a) * (1 - b)
    return None if chance == 1 else round((observed - chance) / (1 - chance), 12)


def agreement(
    units: Sequence[Unit],
    given: Mapping[str, set[tuple[str, str]]],
    done: Mapping[tuple[str, str], int],
    codebook: Codebook,
    unit: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables agreement and disagreements for every pair of coders.

    `given` holds each coder's (unit, code) pairs; `done` how far (source, coder) got, in characters: only units that
    both finished are compared. The rules finish everything.
    """
    figures, differences = [], []
    place = {item.unit: position for position, item in enumerate(units)}
    for a, b in combinations(sorted(given, key=lambda coder: (coder == RULES, coder)), 2):
        shared = [
            item
            for item in units
            if all(coder == RULES or item.end <= done.get((item.source, coder), -1) for coder in (a, b))
        ]
        scopes = {"all": shared}
        sources = list(dict.fromkeys(item.source for item in shared))
        if len(sources) > 1:
            scopes |= {source: [item for item in shared if item.source == source] for source in sources}
        used = {code for coder in (a, b) for _, code in given[coder]}
        codes = [
            code.code for code in codebook.codes if code.code in used and (b != RULES or code.words or code.patterns)
        ]
        for scope, inside in scopes.items():
            ids = {item.unit for item in inside}
            pooled = [0, 0, 0, 0]
            for code in codes:
                by_a, by_b = ({u for u, c in given[coder] if c == code and u in ids} for coder in (a, b))
                cells = [len(by_a & by_b), len(by_a - by_b), len(by_b - by_a), len(ids - by_a - by_b)]
                pooled = [total + cell for total, cell in zip(pooled, cells, strict=True)]
                if ids:
                    figures.append(_row(code, a, b, unit, scope, cells))
                if scope == "all":
                    differences += [
                        {"unit": key, "code": code, "coder_a": a, "coder_b": b, "coded_by": a if key in by_a else b}
                        for key in by_a ^ by_b
                    ]
            if ids and codes:
                figures.append(_row("all", a, b, unit, scope, pooled))
    text = {item.unit: item.text for item in units}
    differences.sort(key=lambda row: (place[row["unit"]], codebook.order[row["code"]], row["coder_a"], row["coder_b"]))
    return (
        tables.frame("agreement", figures),
        tables.frame("disagreements", [{**row, "text": text[row["unit"]]} for row in differences]),
    )


def _row(code: str, a: str, b: str, unit: str, scope: str, cells: list[int]) -> dict[str, object]:
    both, only_a, only_b, neither = cells
    return {
        "code": code,
        "coder_a": a,
        "coder_b": b,
        "unit": unit,
        "scope": scope,
        "units": sum(cells),
        "both": both,
        "only_a": only_a,
        "only_b": only_b,
        "neither": neither,
        "percent": percent(both + neither, sum(cells)),
        "kappa": kappa(*cells),
    }


def given_by(units: Sequence[Unit], codings: pd.DataFrame, codebook: Codebook) -> dict[str, set[tuple[str, str]]]:
    """(unit, code) pairs by coder: what people coded and did not withdraw, and what the rules hit, decided or not.

    Where a code does not count what is negated, its rules do not say that it is there.
    """
    # Units of a source follow one another in its text, so that those a coding touches are found by halving.
    by_source: dict[str, list[Unit]] = {}
    for item in units:
        by_source.setdefault(item.source, []).append(item)
    starts = {source: [item.start for item in found] for source, found in by_source.items()}
    ends = {source: [item.end for item in found] for source, found in by_source.items()}
    counting = {code.code for code in codebook.codes if code.negation}
    refused = codings["negated"] & ~codings["code"].isin(counting)
    found: dict[str, set[tuple[str, str]]] = {}
    for row in codings[(codings["status"] != "withdrawn") & ~refused].itertuples():
        pairs = found.setdefault(RULES if row.basis == "rule" else row.coder, set())
        if row.source in by_source:
            first, last = bisect_right(ends[row.source], row.start), bisect_left(starts[row.source], row.end)
            pairs.update((item.unit, row.code) for item in by_source[row.source][first:last])
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    utterances = tables.read(args.results, "utterances")
    unit = study.settings["unit"]
    units: list[Unit] = []
    for source, group in utterances.groupby("source", sort=False):
        path = args.results / "parses" / f"{source}.spacy"
        sentences = read_tokens(path).sentences() if unit == "sentence" else [[]] * len(group)
        for row, spans in zip(group.itertuples(), sentences, strict=True):
            if row.role not in SAID:
                continue
            if unit == "utterance":
                units.append(Unit(row.utterance, row.source, row.start, row.end, row.text))
                continue
            for number, (start, end) in enumerate(spans, 1):
                key = f"{row.utterance}.{number}"
                units.append(Unit(key, row.source, row.start + start, row.start + end, row.text[start:end]))
    coders = tables.read(args.results, "coders")
    done = {(row.source, row.coder): row.done_to for row in coders[coders["coded"]].itertuples()}
    given = given_by(units, tables.read(args.results, "open_codes"), codebook)
    # Who only decided on proposals coded nothing of their own, and cannot be compared.
    figures, differences = agreement(units, given, done, codebook, unit)
    tables.write(args.results, "agreement", figures)
    tables.write(args.results, "disagreements", differences)
