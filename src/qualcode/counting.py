"""What is counted and by what: codings rolled up the codebook, and the groups that figures are told for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import tables
from .console import say
from .study import ADDITIONS

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("participants", "utterances", "codings", "own_codings", "sources")
# An attribute with more values than this tells people apart rather than groups: it is counted only if it is named.
MOST_VALUES = 20

# What every utterance has, whatever attributes a study knows.
PLACES = ("source", "question")

# The column that percentages are of, by what study.yaml says (`frequencies: of`).
WHOLE = {"answered": "of_participants", "present": "of_present"}

# Whose utterances are data: participants', and those of documents, which have no speakers.
SAID = ("participant", "")


def said(utterances: pd.DataFrame) -> pd.DataFrame:
    """The utterances that are data: not the moderators', and not what stands before the first speaker's label."""
    return utterances[utterances["role"].isin(SAID)]


def gathered(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without what participants added in answers to member checks: that is no source that was gathered."""
    return rows[rows["source"] != ADDITIONS]


def coded(open_codes: pd.DataFrame, credits: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Counted codings by utterance that is data: a row of `open_codes` with one of `credits` (open_code_utterances)."""
    credits = credits[credits["utterance"].isin(said(utterances)["utterance"])]
    return open_codes[open_codes["counts"]].merge(credits, on="coding")


def counted(results: Path) -> pd.DataFrame:
    """One row per counted coding, code on or above it, and utterance it covers.

    Columns: coding, level, code, own (whether it stands on this very code), utterance, role (of its speaker),
    participant ('' where no one is credited), source, question.
    """
    codings = tables.read(results, "open_codes")
    codings = codings.loc[codings["counts"], ["coding"]]
    utterances = tables.read(results, "utterances")[["utterance", "role", "source", "question"]]
    return (
        codings.merge(tables.read(results, "axial_codes")[["coding", "level", "code", "own"]], on="coding")
        .merge(tables.read(results, "open_code_utterances"), on="coding")
        .merge(utterances, on="utterance")
    )


def figures_by_code(rows: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """FIGURES of each code, in the given order, 0 where nothing was coded. `rows` are those of `counted`.

    Participants and utterances are never mixed: an utterance of someone who is not credited still counts as one.
    Moderators' turns are no utterances of a code, but a coding that a person put there stays a coding. What was added
    in answers to member checks counts, but is none of the `sources`.
    """
    grouped = rows.groupby("code")
    credited = rows[rows["participant"] != ""].groupby("code")
    own = rows[rows["own"]].groupby("code")
    found = {
        "participants": credited["participant"].nunique(),
        "utterances": said(rows).groupby("code")["utterance"].nunique(),
        "codings": grouped["coding"].nunique(),
        "own_codings": own["coding"].nunique(),
        "sources": gathered(rows).groupby("code")["source"].nunique(),
    }
    import pandas as pd

    return pd.DataFrame(found).reindex(codes).fillna(0).astype("int64").rename_axis("code").reset_index()


def of_people(attributes: pd.DataFrame) -> dict[str, str]:
    """The attributes of participants by the names that `groupings` gives them."""
    names = attributes.loc[attributes["subject"] == "participant", "attribute"].unique()
    # A name that is taken already must not take its place.
    return {f"participant: {name}" if name in PLACES else str(name): str(name) for name in names}


def groupings(
    utterances: pd.DataFrame, attributes: pd.DataFrame, named: list[str], confidential: Collection[str] = ()
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(attribute, value, the rows of `utterances` with it), attribute by attribute, values as they are first met.

    By source and question, then by the `attributes` of people and of sources; with `named` (study.yaml:
    `frequencies: by`) only by these, and without it by none that has more than 20 values; never by those that are
    `confidential`. What was added in answers to member checks is in no group by source.
    """
    people = utterances["participant"].where(utterances["role"] == "participant")
    long = attributes[(attributes["value"] != "") & ~attributes["attribute"].isin(list(confidential))]
    members = {column: utterances[column].where(utterances[column] != "") for column in PLACES}
    members["source"] = members["source"].where(members["source"] != ADDITIONS)
    for name, attribute in of_people(long).items():
        values = long[(long["subject"] == "participant") & (long["attribute"] == attribute)]
        members[name] = people.map(values.set_index("id")["value"])
    for attribute, group in long[long["subject"] == "source"].groupby("attribute", sort=False):
        name = f"source: {attribute}" if attribute in members else str(attribute)
        members[name] = utterances["source"].map(group.set_index("id")["value"])
    for attribute, values in members.items():
        different = list(dict.fromkeys(values.dropna()))
        if (named and attribute not in named) or attribute in confidential:
            continue
        if len(different) > MOST_VALUES and not named:
            say(f"'{attribute}' has {len(different)} values, too many to count by (unless `frequencies: by` names it)")
            continue
        for value in different:
            yield attribute, str(value), utterances.loc[values == value]
