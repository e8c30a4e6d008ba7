"""In vivo codes: phrases of the talk offered as open codes, set apart by whether the codebook covers them already."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, default_name, free_id
from ..content import spread
from ..quoting import Speech, columns
from ..study import slug

if TYPE_CHECKING:
    import pandas as pd

QUOTATIONS = 3
# As many of the codes that cover a candidate are named.
_CODES = 5
# Longer than this a sentence tells more of the talk than of the phrase; shorter than that, too little.
_SHORT, _LONG = 30, 200
# Positions of a source's text lie below this, so that source and position make one number.
_SOURCE = 10**9


def in_vivo_codes(
    number: int,
    codebook: Codebook,
    phrases: pd.DataFrame,
    places: pd.DataFrame,
    open_codes: pd.DataFrame,
    utterances: pd.DataFrame,
    speech: Speech,
) -> pd.DataFrame:
    """The table in_vivo_codes: the best candidates that the codebook does not cover, then the best that it does.

    At most `number` of either. `phrases` and `places` are the tables phrases and phrase_places. A candidate is covered
    where more than half of its places lie in words that a rule met or in a counted coding of a person. What stands
    nowhere but in words that participants withdrew or changed in member checks is no candidate.
    """
    import pandas as pd

    if phrases.empty:
        return tables.frame("in_vivo_codes", [])
    phrases, places = _standing(phrases, places, speech)
    leading = phrases.drop_duplicates("group").set_index("group")
    met = _distinct_places(places, utterances)
    codes = _covering(met, open_codes, utterances)
    share = met["place"].isin(codes["place"]).groupby(met["group"]).mean()
    groups = leading.assign(covered=(share > 0.5).reindex(leading.index, fill_value=False))
    chosen = groups.groupby("covered", sort=True).head(number)
    chosen = pd.concat([chosen[~chosen["covered"]], chosen[chosen["covered"]]])
    met = met[met["group"].isin(chosen.index)]
    grouped = met.groupby("group")
    people = met[met["participant"] != ""].groupby("group")["participant"].nunique()
    spoke = utterances.loc[(utterances["role"] == "participant") & (utterances["participant"] != ""), "participant"]
    rows = chosen.reset_index()[["group", "phrase", "kind", "covered"]].assign(
        score=chosen["group_score"].to_numpy(),
        count=grouped.size().reindex(chosen.index).to_numpy(),
        utterances=grouped["utterance"].nunique().reindex(chosen.index).to_numpy(),
        participants=people.reindex(chosen.index, fill_value=0).to_numpy(),
        of_participants=spoke.nunique(),
    )
    rows = rows.merge(_together(phrases, chosen.index, codebook), on="group")
    texts = {"covered_by": _most_first(codes, codebook), **_quotations(met, utterances, speech)}
    for column, by_group in texts.items():
        rows[column] = [by_group.get(group, "") for group in rows["group"]]
    return tables.frame("in_vivo_codes", rows)


def _standing(phrases: pd.DataFrame, places: pd.DataFrame, speech: Speech) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Phrases, with their places, that also stand where no one withdrew or changed them."""
    if not speech.checked.marks:
        return phrases, places
    covered = [
        bool(speech.checked.covering(utterance.rpartition(":")[0], start, end))
        for utterance, start, end in columns(places, "utterance", "start", "end")
    ]
    key = ["phrase", "kind"]
    lost = places.assign(covered=covered).groupby(key)["covered"].all()
    gone = lost.index[lost]
    kept = [table[~table.set_index(key).index.isin(gone)] for table in (phrases, places)]
    return kept[0].reset_index(drop=True), kept[1].reset_index(drop=True)


def _distinct_places(places: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Places of groups, those left out that begin within another of the same group; with source and participant.

    `place` numbers them, `at` and `to` are positions over all sources.
    """
    import pandas as pd

    where = utterances[["utterance", "source", "participant"]]
    met = places.merge(where, on="utterance", how="left")
    offset = pd.Series(pd.factorize(utterances["source"])[0], utterances["utterance"]).mul(_SOURCE)
    met["at"] = met["start"] + met["utterance"].map(offset)
    met["to"] = met["end"] + met["utterance"].map(offset)
    met = met.sort_values(["group", "at", "to"], ascending=[True, True, False], kind="stable")
    reached = met.groupby("group")["to"].cummax().groupby(met["group"]).shift(fill_value=-1)
    met = met[met["at"] >= reached].reset_index(drop=True)
    return met.assign(place=met.index)


def _covering(met: pd.DataFrame, open_codes: pd.DataFrame, utterances: pd.DataFrame) -> pd.DataFrame:
    """Which codes cover which places: columns place, group, code; a pair once.

    A rule covers the words that it met, whatever was decided of the proposal; a person what was coded, if it counts.
    """
    import numpy as np
    import pandas as pd

    by_rule = open_codes["basis"] == "rule"
    spans = open_codes[by_rule & open_codes["matched_start"].notna() | ~by_rule & open_codes["counts"].astype(bool)]
    rule = spans["basis"] == "rule"
    number = dict(zip(utterances["source"].unique(), range(utterances["source"].nunique()), strict=True))
    offset = spans["source"].map(number).mul(_SOURCE)
    start = (spans["matched_start"].where(rule, spans["start"]).astype("int64") + offset).to_numpy()
    end = (spans["matched_end"].where(rule, spans["end"]).astype("int64") + offset).to_numpy()
    order = met.sort_values("at", kind="stable")
    at, to = order["at"].to_numpy(), order["to"].to_numpy()
    # A place overlaps a span where it begins before its end and ends after its start; no place is as long as `longest`.
    longest = int((to - at).max()) + 1 if len(order) else 0
    first, last = np.searchsorted(at, start - longest), np.searchsorted(at, end)
    which, row = spread(first, last)
    overlapping = to[row] > start[which]
    found = order.iloc[row[overlapping]][["place", "group"]]
    return pd.DataFrame(found).assign(code=spans["code"].to_numpy()[which[overlapping]]).drop_duplicates()


def _most_first(codes: pd.DataFrame, codebook: Codebook) -> dict[int, str]:
    """Of each group the codes that cover most places of it, equals in the order of the codebook, _CODES of them."""
    sizes = codes.groupby(["group", "code"]).size().rename("size").reset_index()
    sizes["order"] = sizes["code"].map(codebook.order)
    ranked = sizes.sort_values(["group", "size", "order"], ascending=[True, False, True], kind="stable")
    return {int(group): "; ".join(rows["code"].head(_CODES)) for group, rows in ranked.groupby("group")}


def _together(phrases: pd.DataFrame, groups: Collection[int], codebook: Codebook) -> pd.DataFrame:
    """Columns group, variants and paste of some groups: other phrases, and a line for the codebook with all of them."""
    import pandas as pd

    taken = {code.casefold() for item in codebook.codes for code in (item.code, *item.formerly)}
    rows = []
    by_group = phrases.groupby("group", sort=False)
    words_of, indicators_of = by_group["phrase"].agg(list), by_group["indicators"].agg("; ".join)
    for group in groups:
        words, indicators = words_of[group], indicators_of[group]
        others = dict.fromkeys(word for word in words if word.casefold() != words[0].casefold())
        rows.append(
            {
                "group": group,
                "variants": "; ".join(others),
                "paste": paste(words[0], list(dict.fromkeys(indicators.split("; "))), taken),
            }
        )
    return pd.DataFrame(rows, columns=["group", "variants", "paste"])


def paste(phrase: str, indicators: Collection[str], taken: set[str]) -> str:
    """A line for the codebook; its id is none of `taken` (in small letters), and is added to it.

    >>> paste("learning plan", ["learning plan"], set())
    '- {code: learning-plan, name: "Learning plan", words: ["learning plan"]}'
    """
    code = free_id(slug(phrase.casefold()), taken)
    # In quotation marks where YAML would take it for something else ("null", "12"); JSON is YAML.
    shown = code if any(char.isalpha() for char in code) and code not in _NO_TEXT else json.dumps(code)
    name = phrase if phrase[:1].isupper() else default_name(phrase) if _plain_case(phrase) else phrase
    words = json.dumps(list(indicators), ensure_ascii=False)
    return f"- {{code: {shown}, name: {json.dumps(name, ensure_ascii=False)}, words: {words}}}"


_NO_TEXT = frozenset(["null", "true", "false"])


def _plain_case(phrase: str) -> bool:
    return phrase == phrase.casefold() and "-" not in phrase and "_" not in phrase


def _quotations(met: pd.DataFrame, utterances: pd.DataFrame, speech: Speech) -> dict[str, dict[int, str]]:
    """quotation_n and utterance_n of each group: sentences of those who may be quoted, from different people first."""
    spans = columns(met, "source", "sentence_start", "sentence_end")
    may = met.loc[[speech.may_pick(*span) for span in spans]]
    length = may["sentence_end"] - may["sentence_start"]
    may = may.assign(far=(length - length.clip(_SHORT, _LONG)).abs())
    may = may.sort_values(["group", "far", "at"], kind="stable").drop_duplicates(["group", "utterance"])
    may["turn"] = may.groupby(["group", "source", "participant"]).cumcount()
    may = may.sort_values(["group", "turn", "far", "at"], kind="stable")
    may = may[may.groupby("group").cumcount() < QUOTATIONS]
    said_ = utterances.set_index("utterance")
    found: dict[str, dict[int, str]] = {}
    for nth in range(QUOTATIONS):
        rows = may[may.groupby("group").cumcount() == nth]
        words = [
            speech.checked.told(
                item.source, item.sentence_start, text[item.sentence_start - begin : item.sentence_end - begin]
            )
            for item in rows.itertuples()
            for begin, text in [said_.loc[item.utterance, ["start", "text"]]]
        ]
        found[f"quotation_{nth + 1}"] = dict(zip(rows["group"], words, strict=True))
        found[f"utterance_{nth + 1}"] = dict(zip(rows["group"], rows["utterance"], strict=True))
    return found
