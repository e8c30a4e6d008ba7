"""Utterances that stand for a theme, and one that fits it badly; only of people who may be quoted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import tables
from ..quoting import Speech, columns, masked
from ..tables.themes import FITS_BADLY, TYPICAL
from ..text import count_words

if TYPE_CHECKING:
    import pandas as pd

QUOTATIONS = 5
# Words of an utterance that tells something by itself, and that a reader does not tire of.
SHORTEST, LONGEST = 5, 80


def voices(members: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Utterances by which themes can be known, by theme, the most central first; of equals the first in the talk.

    Columns: theme, similarity, utterance, source, participant, start, end, text. Left out are what repeats another's
    wording, and what was moved to a theme other than the one it is compared with.
    """
    own = members[(members["theme"] > 0) & (members["fitted"] == members["theme"]) & (members["repeats"] == "")]
    where = utterances[["utterance", "source", "participant", "start", "end", "text"]]
    found = own[["theme", "similarity", "utterance"]].merge(where, on="utterance")
    order = ["theme", "similarity", "source", "start"]
    return found.sort_values(order, ascending=[True, False, True, True]).reset_index(drop=True)


def quotations(voices: pd.DataFrame, speech: Speech) -> pd.DataFrame:
    """The table theme_quotations: of each theme up to QUOTATIONS typical utterances, and one that fits badly.

    Typical ones come from different people first (in documents: from different sources), then those of a fitting
    length with nothing masked, then the most central. The one that fits badly is the least central of those that are
    not typical. What a participant amended in a member check stands there as amended.
    """
    import numpy as np

    places = columns(voices, "source", "start", "end")
    may = voices[np.array([speech.may_pick(*place) for place in places], dtype=bool)]
    words = may["text"].map(count_words)
    # Short ones say too little: long ones are taken before them, and masked ones after all others.
    may = may.assign(unfit=(words > LONGEST) * 1 + (words < SHORTEST) * 2 + may["text"].map(masked).astype(int) * 4)
    may["person"] = may["participant"].where(may["participant"] != "", "\x1f" + may["source"])
    may = may.sort_values(["theme", "unfit"], kind="stable")
    may["turn"] = may.groupby(["theme", "person"]).cumcount()
    may = may.sort_values(["theme", "turn", "unfit"], kind="stable")
    may["rank"] = may.groupby("theme").cumcount() + 1
    typical = may[may["rank"] <= QUOTATIONS].assign(kind=TYPICAL)
    others = may[may["rank"] > QUOTATIONS].sort_values(["theme", "similarity"], kind="stable")
    badly = others.drop_duplicates("theme").assign(kind=FITS_BADLY, rank=1)
    chosen = [row for part in (typical, badly) for row in part.to_dict("records")]
    for row in chosen:
        row["quotation"] = speech.checked.told(row["source"], row["start"], row["text"])
    chosen.sort(key=lambda row: (row["theme"], row["kind"] == FITS_BADLY, row["rank"]))
    return tables.frame("theme_quotations", chosen)


def typical_of(quoted: pd.DataFrame) -> Mapping[int, list[str]]:
    """The typical quotations of each theme that has any, the most typical first."""
    typical = quoted[quoted["kind"] == TYPICAL].sort_values(["theme", "rank"])
    return {int(str(theme)): list(rows["quotation"]) for theme, rows in typical.groupby("theme")}
