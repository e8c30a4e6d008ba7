"""What people gave, what they turned down, and how far they read: by that it is known where a code is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..codebook import Codebook

if TYPE_CHECKING:
    import pandas as pd


def of_people(open_codes: pd.DataFrame, taken: set[str]) -> pd.DataFrame:
    """The codings that count and that a person made or accepted: words that the study applies teach nothing."""
    return open_codes[open_codes["counts"] & ((open_codes["basis"] == "human") | open_codes["coding"].isin(taken))]


def applied(open_codes: pd.DataFrame, taken: set[str]) -> pd.DataFrame:
    """The words that the study applies and nobody decided on: that no person coded them does not say that they should.

    They count, so that who reads on leaves them as they are.
    """
    return open_codes[open_codes["counts"] & (open_codes["basis"] == "rule") & ~open_codes["coding"].isin(taken)]


def counting(decisions: pd.DataFrame, coders: pd.DataFrame) -> pd.DataFrame:
    """The decisions of those whose word counts in the source."""
    return decisions.merge(coders.loc[coders["counts"], ["source", "coder"]], on=["source", "coder"])


def accepted(decisions: pd.DataFrame) -> set[str]:
    """The ids of the codings that someone accepted: proposals of rules, and codings that were suggested."""
    return _ids(decisions[(decisions["action"] == "accept") & decisions["holds"] & ~decisions["sample"]])


def _ids(decisions: pd.DataFrame) -> set[str]:
    """The codings that decisions are about: one may be about several, where a code was split."""
    return {coding for joined in decisions["coding"] for coding in joined.split("; ")}


def came_to(coders: pd.DataFrame, decisions: pd.DataFrame, open_codes: pd.DataFrame) -> dict[tuple[str, str], int]:
    """By source and coder the character up to which who coded there judged all.

    Who did not say how far is taken to have come as far as the last of their codings: the next page may not be read
    yet. What they coded because a sheet asked about it does not tell how far they read.
    """
    said = decisions[(decisions["action"] == "done") & decisions["holds"]]
    told = set(zip(said["source"], said["coder"], strict=True))
    own = open_codes[(open_codes["basis"] == "human") & ~open_codes["coding"].isin(_asked(decisions))]
    last = own.groupby(["source", "coder"])["end"].max().to_dict()
    found = {}
    for row in coders[coders["coded"] | coders["said"]].itertuples():
        key, to = (row.source, row.coder), int(row.done_to)
        if row.said or key in told:
            found[key] = to
        elif key in last:
            found[key] = min(to, int(last[key]))
    return found


def _asked(decisions: pd.DataFrame) -> set[str]:
    """The ids of codings that a sheet asked about: accepted, or chosen in the place of what the same row rejects."""
    row = ["coder", "file", "row"]
    rejected = decisions.loc[decisions["action"] == "reject", row].drop_duplicates()
    instead = decisions[decisions["action"] == "apply"].merge(rejected, on=row)
    return _ids(decisions[decisions["action"] == "accept"]) | _ids(instead)


def judged_to(coders: pd.DataFrame, came: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Up to where everyone whose word counts in a source judged all of it, of those who `came` to some place in it."""
    found: dict[str, int] = {}
    for row in coders[coders["counts"]].itertuples():
        if (to := came.get((row.source, row.coder))) is not None:
            found[row.source] = min(to, found.get(row.source, to))
    return found


def turned_down(
    open_codes: pd.DataFrame, decisions: pd.DataFrame, coders: pd.DataFrame, codebook: Codebook
) -> Iterator[tuple[str, int, int, str]]:
    """(source, start, end, code) of what people whose word counts rejected, or withdrew."""
    whose = {(row.source, row.coder) for row in coders[coders["counts"]].itertuples()}
    held = decisions[decisions["holds"] & ~decisions["sample"] & decisions["start"].notna()]
    held = counting(held, coders)
    # What one accepts and another rejects is undecided.
    taken = accepted(held)
    for row in held[held["action"] == "reject"].itertuples():
        if taken.isdisjoint(row.coding.split("; ")):
            for code in [row.now] if row.now else codebook.heirs(row.code):
                yield row.source, int(row.start), int(row.end), code
    for row in open_codes[open_codes["status"] == "withdrawn"].itertuples():
        if (row.source, row.coder) in whose:
            yield row.source, int(row.start), int(row.end), row.code


def met(open_codes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """What the rules meet, and do not take back as negated, whatever people said of it.

    Else what is learned would know from the rules what people said.
    """
    rules = open_codes[open_codes["basis"] == "rule"]
    negation = rules["code"].map({code.code: bool(code.negation) for code in codebook.codes}).astype(bool)
    return rules[~rules["negated"] | negation]
