"""Relations that people put in words: because, so that, in order to, if, leads to (the words are English)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ..tokens import Tokens


@dataclass(frozen=True)
class Told:
    """A sentence that says that code_a brings code_b about, as its cause, means or condition.

    Not `directed`: it says that one brings about the other, and both codes stand on the whole of it.
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


Opens = Literal["cause", "consequence", "between"]


@dataclass(frozen=True)
class Connective:
    """Words that relate what stands around them.

    `opens` is what the clause that they open is to the other one; between: what stands before them is the cause of
    what stands after them.
    """

    relation: str
    opens: Opens
    words: tuple[str, ...]


# By relation: what the clause is that they open, and their tokens.
_WORDINGS: tuple[tuple[str, Opens, str], ...] = (
    ("because", "cause", "because|'cause|’cause|cause|cuz|coz"),
    ("so that", "consequence", "so that"),
    ("in order to", "consequence", "in order to|in order for|in order that"),
    ("if", "cause", "if"),
    ("leads to", "between", "lead to|leads to|led to|leading to|result in|results in|resulted in|resulting in"),
    ("leads to", "between", "that 's why|that ’s why|that is why|which is why|therefore|, so"),
)
_BY_WORDS = {
    tuple(words.split()): Connective(relation, opens, tuple(words.split()))
    for relation, opens, wordings in _WORDINGS
    for words in wordings.split("|")
}
# A sentence that opens with these speaks of the one before it.
_JOINING = [words for words, item in _BY_WORDS.items() if item.opens == "between" and words[-1] in ("why", "therefore")]
_LONGEST = max(map(len, _BY_WORDS))
# Where there is a parse it has to bear out that these open a clause: "ask if …", "the cause of …".
_DOUBTFUL = {("if",), ("cause",)}
# "even if it rains" names no condition, "not because" no cause; "as if", "what if", "ask if" are none either.
_DENIED = {
    "because": {"not"},
    "if": {"even", "as", "what", "ask", "asked", "asking", "know", "wonder", "see", "sure", "tell"},
}
# "…, so far" and the like bring nothing about.
_NO_CONSEQUENCE = frozenset(["far", "on", "forth", "many", "much", "long", "to", "that", "called", "what", ",", "."])
_OPENING = frozenset(["and", "but", "so", "or", "well", "um", "uh", "yeah", "yes", "no", "oh", ","])
# What a clause may depend on by a slip of the parser, and is only a part of the clause that it is said of.
_IN_A_CLAUSE = frozenset(
    ["acomp", "amod", "attr", "compound", "dobj", "npadvmod", "nsubj", "nsubjpass", "pcomp", "pobj", "prep", "xcomp"]
)
# At least this share of a coding's words has to stand on one side.
_SHARE = 0.5


@dataclass(frozen=True)
class _Sentence:
    """A sentence as lists: words in lower case, relations, heads within the sentence, and what is no word."""

    words: list[str]
    dep: list[str]
    head: list[int]
    mark: list[bool]

    @classmethod
    def of(cls, tokens: Tokens, first: int, last: int) -> _Sentence:
        words = [tokens.forms[code].lower() for code in tokens.surface[first:last].tolist()]
        heads = [
            head - first if first <= head < last else at for at, head in enumerate(tokens.head[first:last].tolist())
        ]
        return cls(words, tokens.dep[first:last].tolist(), heads, [not any(map(str.isalnum, word)) for word in words])

    def below(self, root: int) -> set[int]:
        """A word and all that depends on it."""
        children: dict[int, list[int]] = {}
        for at, head in enumerate(self.head):
            if head != at:
                children.setdefault(head, []).append(at)
        found, waiting = set(), [root]
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += children.get(at, [])
        return found


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
    rows = rows[rows.groupby("sentence")["code"].transform("nunique") > 1].sort_values("sentence", kind="stable")
    ids, texts = utterances["utterance"].to_list(), utterances["text"].to_list()
    spans = zip(*(rows[name].tolist() for name in ("sentence", "code", "participant", "first", "last")), strict=True)
    for number, coded in groupby(spans, key=itemgetter(0)):
        begin, stop = np.searchsorted(joined, [number, number + 1]).tolist()
        where = int(tokens.utterance[begin])
        quotation = texts[where][int(tokens.start[begin]) : int(tokens.end[stop - 1])].strip()
        placed = [(code, person, set(range(first - begin, last - begin))) for _, code, person, first, last in coded]
        yield from _in_sentence(_Sentence.of(tokens, begin, stop), placed, ids[where], quotation)


def _joined(tokens: Tokens) -> np.ndarray:
    """The sentence of each token; one that opens by relating itself to what was said before it counts as part of that.

    "That's why …", and "Because …" where nothing in it depends on the reason.
    """
    import numpy as np

    begins = np.flatnonzero(np.diff(tokens.sentence, prepend=-1))
    joins = {at for words in _JOINING for at in _opened_by(tokens, begins, words)}
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
    sentence: _Sentence, spans: Sequence[tuple[str, str, set[int]]], utterance: str, quotation: str
) -> Iterator[Told]:
    """`spans` are code, participant and words of each coding.

    Two codes of which one stands on both sides are related by the sentence too, though it does not say which way.
    """
    for connective, at in connectives(sentence.words):
        length = len(connective.words)
        cause, consequence = sides(sentence, connective, at)
        joint = {*range(at, at + length), *(place for place, mark in enumerate(sentence.mark) if mark)}
        causes, consequences = (
            [(code, person) for code, person, span in spans if _stands_on(span - joint, side - joint, other - joint)]
            for side, other in ((cause, consequence), (consequence, cause))
        )
        wide = [(code, person) for code, person, span in spans if span & cause - joint and span & consequence - joint]
        words = " ".join(word for word in connective.words if word != ",").replace(" '", "'").replace(" ’", "’")
        open_ways = [*combinations(wide, 2), *product(wide, [*causes, *consequences])]
        for directed, ways in ((True, product(causes, consequences)), (False, iter(open_ways))):
            for (code_a, person_a), (code_b, person_b) in ways:
                people = frozenset({person_a} & {person_b} - {""})
                yield Told(connective.relation, code_a, code_b, words, quotation, utterance, people, directed)


def _stands_on(words: set[int], side: set[int], other: set[int]) -> bool:
    return bool(words) and not words & other and len(words & side) >= _SHARE * len(words)


def connectives(words: Sequence[str]) -> list[tuple[Connective, int]]:
    """Connectives in a sentence's words (lower case), with the place of each; where one is in another, the longer."""
    found = []
    taken = -1
    for at in range(len(words)):
        for length in range(_LONGEST, 0, -1):
            connective = _BY_WORDS.get(tuple(words[at : at + length]))
            if connective and at > taken and not _denied(connective, words, at):
                found.append((connective, at))
                taken = at + length - 1
                break
    return found


def _denied(connective: Connective, words: Sequence[str], at: int) -> bool:
    if connective.words == (",", "so"):
        return at + 2 >= len(words) or words[at + 2] in _NO_CONSEQUENCE
    return at > 0 and words[at - 1] in _DENIED.get(connective.relation, ())


def sides(sentence: _Sentence, connective: Connective, at: int) -> tuple[set[int], set[int]]:
    """The places of the words that tell the cause (means, condition), and of those that tell the consequence."""
    after = at + len(connective.words)
    if connective.opens == "between":
        return set(range(at)), set(range(after, len(sentence.words)))
    found = _by_dependency(sentence, at, after)
    if found is None and connective.words in _DOUBTFUL and (any(sentence.dep) or connective.words == ("cause",)):
        return set(), set()
    clause, main = found or _by_position(sentence.words, at, after)
    return (clause, main) if connective.opens == "cause" else (main, clause)


def _by_dependency(sentence: _Sentence, at: int, after: int) -> tuple[set[int], set[int]] | None:
    """The clause that the connective opens, and the one that this depends on, without what is coordinated with it."""
    inside = range(at, min(after + 1, len(sentence.words)))
    heads = [sentence.head[place] for place in inside if sentence.dep[place] in ("mark", "aux")]
    heads += [at] if sentence.dep[at] == "prep" else []
    for head in heads:
        above = sentence.head[head]
        while sentence.head[above] != above and (above in inside or sentence.dep[above] in _IN_A_CLAUSE):
            above = sentence.head[above]
        if sentence.dep[head] not in ("advcl", "prep", "relcl", "acl") or above == head:
            continue
        clause = sentence.below(head)
        main = sentence.below(above) - clause
        for place, dep in enumerate(sentence.dep):
            if dep == "conj" and sentence.head[place] == above and place not in clause:
                main -= sentence.below(place)
        return clause, main
    return None


def _by_position(words: Sequence[str], at: int, after: int) -> tuple[set[int], set[int]]:
    """The clause up to the comma where the connective opens the sentence; else all that follows it."""
    if not set(words[:at]) <= _OPENING:
        return set(range(after, len(words))), set(range(at))
    comma = next((place for place in range(after, len(words)) if words[place] == ","), len(words))
    return set(range(after, comma)), set(range(comma + 1, len(words)))
