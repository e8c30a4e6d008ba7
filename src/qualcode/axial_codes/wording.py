"""Relations that people put in words: because, so that, in order to, if, leads to (the words are English)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING

from .connectives import JOINING, Sentence, related

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ..tokens import Tokens


@dataclass(frozen=True)
class Told:
    """A sentence that says that code_a brings code_b about, as its cause, means or condition.

    Not `directed`: it does not tell which way, as a code stands on both sides, or something is denied before "because"
    that may be the relation.
    """

    relation: str
    code_a: str
    code_b: str
    wording: str
    quotation: str
    utterance: str
    participants: frozenset[str]
    directed: bool = True

    def of(self, above: Mapping[str, str]) -> Told:
        """The same of what stands above the codes."""
        return replace(self, code_a=above[self.code_a], code_b=above[self.code_b])


# At least this share of a coding's words has to stand on one side.
_SHARE = 0.5


def worded(
    places: pd.DataFrame, credits: pd.DataFrame, utterances: pd.DataFrame, tokens_of: Callable[[str], Tokens]
) -> list[Told]:
    """What is told in sentences that carry counted codings on either side of a connective, in the order of the talk.

    `places`: coding, source, code, start, end (characters of the source's canonical text); `credits`: coding,
    utterance, participant. A place across several utterances says nothing.
    """
    bounds = utterances[["utterance", "start", "end"]].rename(columns={"start": "opens", "end": "closes"})
    rows = places.merge(credits, on="coding").merge(bounds, on="utterance")
    rows = rows[(rows["start"] >= rows["opens"]) & (rows["end"] <= rows["closes"])]
    made: list[Told] = []
    coded = dict(list(rows.groupby("source")))
    for source, said in utterances.groupby("source", sort=False):
        if source in coded and coded[source]["code"].nunique() > 1:
            made += _in_source(coded[source], said, tokens_of(str(source)))
    return made


def _in_source(rows: pd.DataFrame, utterances: pd.DataFrame, tokens: Tokens) -> Iterator[Told]:
    import numpy as np

    places = {utterance: at for at, utterance in enumerate(utterances["utterance"])}
    at = rows["utterance"].map(places).to_numpy()
    first, last = _tokens_within(tokens, at, rows["start"] - rows["opens"], rows["end"] - rows["opens"])
    rows = rows.assign(first=first, last=last)[last > first]
    joined = _joined(tokens)
    # A place over several sentences stands on the whole of those in its middle.
    rows = rows.assign(
        sentence=[range(joined[a], joined[b - 1] + 1) for a, b in zip(rows["first"], rows["last"], strict=True)]
    )
    rows = rows.explode("sentence").astype({"sentence": "int64"}) if len(rows) else rows
    begins = np.searchsorted(joined, rows["sentence"].to_numpy())
    stops = np.searchsorted(joined, rows["sentence"].to_numpy() + 1)
    rows = rows.assign(first=np.maximum(rows["first"], begins), last=np.minimum(rows["last"], stops))
    rows = rows.drop_duplicates(["sentence", "code", "participant", "first", "last"])
    rows = rows[rows.groupby("sentence")["code"].transform("nunique") > 1].sort_values("sentence", kind="stable")
    ids, texts = utterances["utterance"].to_list(), utterances["text"].to_list()
    spans = zip(*(rows[name].tolist() for name in ("sentence", "code", "participant", "first", "last")), strict=True)
    for number, coded in groupby(spans, key=itemgetter(0)):
        begin, stop = np.searchsorted(joined, [number, number + 1]).tolist()
        where = int(tokens.utterance[begin])
        quotation = texts[where][int(tokens.start[begin]) : int(tokens.end[stop - 1])].strip()
        placed = [(code, person, set(range(first - begin, last - begin))) for _, code, person, first, last in coded]
        yield from _in_sentence(Sentence.of(tokens, begin, stop), placed, ids[where], quotation)


def _joined(tokens: Tokens) -> np.ndarray:
    """The sentence of each token; one that opens by relating itself to what was said before it counts as part of that.

    "That's why …", and "Because …" where nothing in it depends on the reason.
    """
    import numpy as np

    begins = np.flatnonzero(np.diff(tokens.sentence, prepend=-1))
    joins = {at for words in JOINING for at in _opened_by(tokens, begins, words)}
    if tokens.parsed:
        for at in _opened_by(tokens, begins, ("because",)):
            head = tokens.head[at]
            if head == at or (tokens.dep[at] == "mark" and tokens.head[head] == head):
                joins.add(at)
    inside = np.zeros(len(tokens) + 1, dtype=np.int64)
    inside[[at for at in joins if at and tokens.utterance[at] == tokens.utterance[at - 1]]] = 1
    return tokens.sentence - np.cumsum(inside[:-1])


def _opened_by(tokens: Tokens, begins: np.ndarray, words: Sequence[str]) -> list[int]:
    """Where sentences begin with these words."""
    import numpy as np

    lower = np.array([form.lower() for form in tokens.forms] or [""], dtype=object)
    places = begins[begins + len(words) <= len(tokens)]
    for offset, word in enumerate(words):
        codes = np.flatnonzero(lower == word)
        places = places[np.isin(tokens.surface[places + offset], codes)]
    return [int(at) for at in places]


def _tokens_within(
    tokens: Tokens, utterance: np.ndarray, start: pd.Series, end: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    """First token that ends after `start`, and the one after the last that begins before `end`."""
    import numpy as np

    width = int(max(tokens.end.max(initial=0), end.max())) + 1
    base = utterance * width
    first = np.searchsorted(tokens.utterance * width + tokens.end, base + start.to_numpy(), side="right")
    last = np.searchsorted(tokens.utterance * width + tokens.start, base + end.to_numpy(), side="left")
    return first, last


def _in_sentence(
    sentence: Sentence, spans: Sequence[tuple[str, str, set[int]]], utterance: str, quotation: str
) -> Iterator[Told]:
    """`spans` are code, participant and words of each coding.

    Two codes of which one tells something on both sides are related by the sentence too, though it does not say
    which way; nor does it where something is denied that may be the relation.
    """
    for item in related(sentence):
        words = item.connective.words
        joint = {*range(item.at, item.at + len(words)), *sentence.empty}
        cause, consequence = item.cause - joint, item.consequence - joint
        # Each code and person once, so that a long sentence that says it all again costs no more.
        causes, consequences = (
            dict.fromkeys((code, person) for code, person, span in spans if _stands_on(span - joint, side, other))
            for side, other in ((cause, consequence), (consequence, cause))
        )
        telling = [sentence.content & side for side in (cause, consequence)]
        wide = dict.fromkeys(
            (code, person) for code, person, span in spans if all(not span.isdisjoint(side) for side in telling)
        )
        wording = " ".join(word for word in words if word != ",").replace(" '", "'").replace(" ’", "’")
        open_ways = [*combinations(wide, 2), *product(wide, [*causes, *consequences])]
        for directed, ways in ((item.sure, product(causes, consequences)), (False, iter(open_ways))):
            for (code_a, person_a), (code_b, person_b) in ways:
                people = frozenset({person_a} & {person_b} - {""})
                yield Told(item.connective.relation, code_a, code_b, wording, quotation, utterance, people, directed)


def _stands_on(words: set[int], side: set[int], other: set[int]) -> bool:
    return bool(words) and not words & other and len(words & side) >= _SHARE * len(words)
