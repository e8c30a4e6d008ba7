"""What new codes are looked for in, one after the other: sources, participants, or tenths of a talk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..counting import said

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TENTHS = 10


@dataclass(frozen=True)
class Units:
    """`number` units in their given order, and which codes each has: a pair of `unit` and code.

    Pairs are sorted by code; `starts` is where the pairs of each code begin. Units count from 0.
    """

    number: int
    unit: np.ndarray
    starts: np.ndarray

    @property
    def codes(self) -> int:
        return len(self.starts)


def tenths(utterances: pd.DataFrame) -> pd.Series:
    """The tenth of all that participants said, by characters, in which each of these utterances begins; from 1."""
    words = said(utterances)
    length = words["end"] - words["start"]
    before = length.cumsum() - length
    tenth = (before * TENTHS // max(1, int(length.sum()))).clip(upper=TENTHS - 1) + 1
    return tenth.set_axis(words["utterance"])


def placed(rows: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Each counted coding once, where it begins in what participants said, with the `tenth`. Only its own code."""
    tenth = tenths(utterances)
    place = {utterance: number for number, utterance in enumerate(utterances["utterance"])}
    own = rows[rows["own"] & rows["utterance"].isin(tenth.index)]
    own = own.assign(place=own["utterance"].map(place), tenth=own["utterance"].map(tenth))
    return own.sort_values("place", kind="stable").drop_duplicates("coding")


def read_by_coders(utterances: pd.DataFrame, coders: pd.DataFrame | None) -> pd.DataFrame:
    """What participants said as far as someone whose word counts finished it (`coders`; None: all of it).

    What nobody finished is no unit without new codes: nobody looked.
    """
    words = said(utterances)
    if coders is None:
        return words
    done = coders[coders["counts"].astype(bool)].groupby("source")["done_to"].max()
    return words[words["start"] < words["source"].map(done).fillna(0)]


def of_sources(rows: pd.DataFrame, utterances: pd.DataFrame, read: pd.DataFrame) -> Units:
    """Sources of which something was read, in the order of the study."""
    first = placed(rows, utterances)
    first = first[first["utterance"].isin(read["utterance"])]
    return _units(first["source"], first["code"], list(dict.fromkeys(read["source"])))


def of_participants(rows: pd.DataFrame, read: pd.DataFrame) -> Units:
    """People of whose words something was read."""
    people = list(dict.fromkeys(read.loc[read["role"] == "participant", "participant"]))
    own = rows[rows["own"] & rows["utterance"].isin(read["utterance"]) & rows["participant"].isin(people)]
    return _units(own["participant"], own["code"], [person for person in people if person])


def of_tenths(rows: pd.DataFrame, utterances: pd.DataFrame, read: pd.DataFrame) -> Units:
    """Tenths of one talk, up to the last of which something was read."""
    inside = utterances[utterances["source"].isin(read["source"])]
    first = placed(rows, inside)
    first = first[first["utterance"].isin(read["utterance"])]
    whole = len(read) == len(said(inside))
    last = TENTHS if whole else int(tenths(inside).loc[read["utterance"]].max())
    return _units(first["tenth"], first["code"], range(1, last + 1))


def _units(unit: pd.Series, code: pd.Series, order: Sequence[object]) -> Units:
    import numpy as np

    place = {name: number for number, name in enumerate(order)}
    pairs = sorted({(str(c), place[u]) for u, c in zip(unit, code, strict=True) if u in place})
    starts = [at for at, (c, _) in enumerate(pairs) if at == 0 or pairs[at - 1][0] != c]
    units = np.array([at for _, at in pairs], dtype=np.int64)
    return Units(len(place), units, np.array(starts, dtype=np.int64))
