"""Codes that counted codings bring together: in an utterance, near it, and in what others answer to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook
from ..counting import said
from .wording import Told

if TYPE_CHECKING:
    import pandas as pd


def turns_of(utterances: pd.DataFrame, coded: Iterable[str]) -> pd.DataFrame:
    """The units of relations in the order of the talk: what is data, without listening signals that no one coded."""
    words = said(utterances)
    return words[~words["backchannel"] | words["utterance"].isin(set(coded))]


def relate(
    credits: pd.DataFrame,
    turns: pd.DataFrame,
    told: Sequence[Told],
    codebook: Codebook,
    talk: Iterable[str],
    window: int,
) -> pd.DataFrame:
    """The table relations, of codes as they were coded and, in a codebook of several levels, of categories.

    `credits` has a row per counted coding and utterance: code, utterance, participant. `turns` are those of
    `turns_of`, `talk` the ids of the sources that are talk, `told` what `wording.worded` found.
    """
    import pandas as pd

    made = [_relations(credits, turns, told, codebook, talk, window).assign(of="codes")]
    if any(code.level > 1 for code in codebook.codes):
        category = {code.code: code.path[0] for code in codebook.codes}
        above = [item.of(category) for item in told]
        rolled = credits.assign(code=credits["code"].map(category))
        made.append(_relations(rolled, turns, above, codebook, talk, window).assign(of="categories"))
    rank = {"relation": {name: at for at, name in enumerate(tables.RELATIONS)}, "of": {"codes": 0, "categories": 1}}
    rank |= {"code_a": dict(codebook.order), "code_b": dict(codebook.order)}
    found = pd.concat(made, ignore_index=True).sort_values(
        list(rank), key=lambda column: column.map(rank[str(column.name)])
    )
    return tables.frame("relations", found.to_dict("records"))


def _relations(
    credits: pd.DataFrame,
    turns: pd.DataFrame,
    told: Sequence[Told],
    codebook: Codebook,
    talk: Iterable[str],
    window: int,
) -> pd.DataFrame:
    import pandas as pd

    turns = turns.reset_index(drop=True)
    turns = turns.assign(turn=turns.index, left=turns.groupby("source").cumcount(ascending=False))
    carried = credits[["code", "utterance", "participant"]].merge(
        turns[["utterance", "turn", "source"]], on="utterance"
    )
    carried = carried.assign(code=carried["code"].map(codebook.order))
    spoken = carried[carried["source"].isin(set(talk))]
    listed = turns[turns["source"].isin(set(talk))]
    parts = [
        _together("together", carried.rename(columns={"turn": "unit"}), len(turns)),
        _nearby(spoken, listed, window),
        _answered(spoken, listed, window),
    ]
    counted = pd.concat(parts, ignore_index=True)
    ids = [code.code for code in codebook.codes]
    names = {column: counted[column].map(dict(enumerate(ids))) for column in ("code_a", "code_b")}
    first = counted["first"].map(turns["utterance"])
    directed = counted["relation"] == "answered"
    counted = _chance(counted.assign(**names, directed=directed, utterance=first, wording="", quotation=""))
    worded = _worded(told, codebook)
    return pd.concat([counted.drop(columns="first").astype(object), worded.astype(object)], ignore_index=True)


def _together(relation: str, carried: pd.DataFrame, units: int) -> pd.DataFrame:
    """Pairs of codes within units, each pair once. `carried` has columns unit, code and participant."""
    pairs = _pairs(relation, carried, carried, units)
    return pairs[pairs["code_a"] < pairs["code_b"]]


def _nearby(spoken: pd.DataFrame, turns: pd.DataFrame, window: int) -> pd.DataFrame:
    """Pairs within windows of consecutive turns of a source (moving stanza window, Siebert-Evenstone et al. 2017).

    A window is known by its first turn; a source that is shorter than a window is one.
    """
    import pandas as pd

    number = turns.groupby("source")["turn"].agg(["min", "size"])
    windows = (number["size"] - window + 1).clip(lower=1)
    opens, last = spoken["source"].map(number["min"]), spoken["source"].map(number["min"] + windows - 1)
    moved = [
        spoken.assign(unit=unit)[(unit >= opens) & (unit <= last)]
        for unit in (spoken["turn"] - offset for offset in range(window))
    ]
    return _together("nearby", pd.concat(moved), int(windows.sum()))


def _answered(spoken: pd.DataFrame, turns: pd.DataFrame, window: int) -> pd.DataFrame:
    """Pairs of a code in a turn and a code in one of the next turns, by another person. Units: turns that have such."""
    import pandas as pd

    speaker = turns.set_index("turn")["participant"]
    # How many turns follow in the same source: no answer is looked for in another one.
    left = turns.set_index("turn")["left"]
    reached: set[int] = set()
    answers = []
    for offset in range(1, window + 1):
        later = speaker.reindex(speaker.index + offset).to_numpy()
        other = (left >= offset) & (speaker != "") & (later != "") & (speaker != later)
        asked = speaker.index[other]
        reached.update(asked)
        unit = spoken["turn"] - offset
        answers.append(spoken.assign(unit=unit)[unit.isin(asked)])
    first = spoken.assign(unit=spoken["turn"])
    return _pairs("answered", first[first["unit"].isin(reached)], pd.concat(answers), len(reached))


def _pairs(relation: str, a: pd.DataFrame, b: pd.DataFrame, units: int) -> pd.DataFrame:
    """Every pair of a code of `a` and one of `b` in the same unit, counted: columns of the table, and `first` unit.

    Where both are the same frame, people are credited with both codes; else those who are credited in `b`.
    """
    codes_a, codes_b = (frame[["unit", "code"]].drop_duplicates() for frame in (a, b))
    keys = ["code_a", "code_b"]
    met = codes_a.merge(codes_b, on="unit", suffixes=("_a", "_b")).groupby(keys)["unit"]
    made = met.agg(utterances="size", first="min").reset_index()
    credited = b.loc[b["participant"] != "", ["unit", "code", "participant"]].drop_duplicates()
    if a is b:
        people = credited.merge(credited, on=["unit", "participant"], suffixes=("_a", "_b"))
    else:
        people = codes_a.merge(credited, on="unit", suffixes=("_a", "_b"))
    people = people[[*keys, "participant"]].drop_duplicates().groupby(keys).size().rename("participants")
    made = made.merge(people.reset_index(), on=keys, how="left").fillna({"participants": 0})
    return made.assign(
        relation=relation,
        units=units,
        units_a=made["code_a"].map(codes_a["code"].value_counts()),
        units_b=made["code_b"].map(codes_b["code"].value_counts()),
    )


def _chance(pairs: pd.DataFrame) -> pd.DataFrame:
    """What chance would bring together; NPMI after Bouma (2009), not defined where every unit carries both."""
    import numpy as np

    columns = ("utterances", "units", "units_a", "units_b")
    both, units, a, b = (pairs[name].astype("float64") for name in columns)
    expected = a * b / units
    surprise = -np.log(both / units)
    npmi = np.log(both / expected) / surprise.where(surprise > 0)
    return pairs.assign(expected=expected, lift=both / expected, npmi=npmi)


def _worded(told: Sequence[Told], codebook: Codebook) -> pd.DataFrame:
    """What is told in words, by relation, pair and direction: counted, with every wording and the first sentence."""
    import pandas as pd

    by_pair: dict[tuple[str, str, str, bool], list[Told]] = {}
    for item in told:
        if item.code_a != item.code_b:
            pair = [item.code_a, item.code_b]
            code_a, code_b = pair if item.directed else sorted(pair, key=codebook.order.__getitem__)
            by_pair.setdefault((item.relation, code_a, code_b, item.directed), []).append(item)
    rows = [
        {
            "relation": relation,
            "code_a": code_a,
            "code_b": code_b,
            "directed": directed,
            "utterances": len({item.utterance for item in items}),
            "participants": len({person for item in items for person in item.participants}),
            "wording": "; ".join(dict.fromkeys(item.wording for item in items)),
            "quotation": items[0].quotation,
            "utterance": items[0].utterance,
        }
        for (relation, code_a, code_b, directed), items in by_pair.items()
    ]
    return pd.DataFrame(rows, columns=[column.name for column in tables.TABLES["relations"].columns])
