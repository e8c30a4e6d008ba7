"""Who speaks of which code, person by person, and which codes stand together."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook
from ..counting import said

if TYPE_CHECKING:
    import pandas as pd


def cases(
    rows: pd.DataFrame,
    utterances: pd.DataFrame,
    participants: pd.DataFrame,
    attributes: pd.DataFrame,
    codebook: Codebook,
    confidential: Collection[str] = (),
) -> pd.DataFrame:
    """A row for each participant, then one for each source without people; a column of 0 and 1 for each code."""
    import pandas as pd

    codes = [code.code for code in codebook.codes]
    people = list(participants.loc[participants["role"] == "participant", "participant"])
    spoken = utterances[utterances["participant"] != ""]["source"]
    documents = [source for source in dict.fromkeys(said(utterances)["source"]) if source not in set(spoken)]
    subjects = [("participant", person) for person in people] + [("source", source) for source in documents]
    shown = attributes[(attributes["value"] != "") & ~attributes["attribute"].isin(list(confidential))]
    known = {
        (subject, key, name): value
        for subject, key, name, value in shown[["subject", "id", "attribute", "value"]].itertuples(index=False)
    }
    names = list(dict.fromkeys(name for subject, key, name in known if (subject, key) in set(subjects)))
    heads = _told_apart(names, {"participant", "source", *codes})
    speak = set(zip(rows["participant"], rows["code"], strict=True))
    stand = set(zip(rows["source"], rows["code"], strict=True))
    made = []
    for subject, key in subjects:
        row: dict[str, object] = {"participant": key if subject == "participant" else ""}
        row["source"] = key if subject == "source" else ""
        row |= {heads[name]: known.get((subject, key, name), "") for name in names}
        row |= {code: int((key, code) in (speak if subject == "participant" else stand)) for code in codes}
        made.append(row)
    return pd.DataFrame(made, columns=["participant", "source", *heads.values(), *codes])


def _told_apart(names: list[str], taken: set[str]) -> dict[str, str]:
    """A head for each attribute that is none of those `taken`.

    >>> _told_apart(["school", "support"], {"support"})
    {'school': 'school', 'support': 'participant: support'}
    """
    heads = {name: name for name in names if name not in taken}
    used = {*taken, *heads}
    for name in names:
        head = name
        while name not in heads and head in used:
            head = f"participant: {head}"
        heads.setdefault(name, head)
        used.add(head)
    return {name: heads[name] for name in names}


def cooccurrences(rows: pd.DataFrame, codebook: Codebook, smallest: int = 0) -> pd.DataFrame:
    """Pairs of codes that stand in the same utterance, rolled up; `rows` are those of `counting.counted`."""
    data = said(rows)
    words = {code: set(part) for code, part in data.groupby("code")["utterance"]}
    who = {
        code: set(zip(part["utterance"], part["participant"], strict=True))
        for code, part in data[data["participant"] != ""].groupby("code")
    }
    found = []
    for first, second in combinations(codebook.codes, 2):
        a, b = first.code, second.code
        both = words.get(a, set()) & words.get(b, set())
        if not both or a in second.path or b in first.path:
            continue
        people = len({person for _, person in who.get(a, set()) & who.get(b, set())})
        if 0 < people < smallest:
            continue
        either = len(words[a] | words[b])
        row = {"code_a": a, "code_b": b, "utterances": len(both), "of_utterances": either}
        found.append(row | {"jaccard": len(both) / either, "participants": people})
    return tables.frame("cooccurrences", found)
