"""Rules: the codebook's words and patterns met in the stored parses, and what they propose, with the words they met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..codebook import Codebook
from ..codebook.indicators import Indicator, wordings
from ..tokens import Tokens
from .matching import Hit, Matching, Text
from .negation import negation
from .patterns import Pattern, Patterns

if TYPE_CHECKING:
    from spacy.language import Language

# What becomes of negated hits (a code's `negation`).
COUNT, ONLY = "count", "only"


class Proposal(NamedTuple):
    """A code for one sentence: `start` to `end` are characters of the utterance, counted from 0.

    `rule` is the indicator that speaks for it, met from `met_start` to `met_end`; `evidence` tells all of them.
    `negated`: all that speaks for it is negated; `stands`: the code counts it all the same, or it is not.
    """

    utterance: int
    start: int
    end: int
    code: str
    rule: str
    met_start: int
    met_end: int
    evidence: str
    negated: bool
    stands: bool


class Rules:
    """Every rule of a codebook, ready to be met. Raises QualcodeError for spaCy patterns that are not valid."""

    def __init__(self, codebook: Codebook, pipeline: Language) -> None:
        def tokens_of(word: str) -> Iterable[str]:
            return (token.text for token in pipeline.tokenizer(word))

        indicators = indicators_of(codebook, tokens_of)
        self._matching = Matching(item for item in indicators if not item.veto)
        self._vetoes = Matching(item for item in indicators if item.veto)
        self._patterns = Patterns(
            [
                Pattern(code.code, number, pattern, codebook.path, line)
                for code in codebook.codes
                for number, (pattern, line) in enumerate(
                    zip(code.patterns, code.lines.get("patterns", ()), strict=True), 1
                )
            ],
            pipeline,
        )
        self._negation = {code.code: code.negation for code in codebook.codes}
        self._order = codebook.order

    def hits(self, tokens: Tokens, path: Path) -> list[Hit]:
        """What the rules meet in a source and no veto takes back. `path` is where its parses are stored."""
        text = Text(tokens)
        found = self._matching.find(text)
        if self._patterns:
            found = sorted([*found, *self._patterns.find(tokens, path)], key=lambda hit: (hit.start, hit.end))
        if not self._vetoes:
            return found
        vetoes: dict[str, list[Hit]] = defaultdict(list)
        for veto in self._vetoes.find(text):
            vetoes[veto.indicator.code].append(veto)
        return [
            hit
            for hit in found
            if not any(hit.start < veto.end and veto.start < hit.end for veto in vetoes.get(hit.indicator.code, ()))
        ]

    def propose(self, tokens: Tokens, path: Path, texts: Sequence[str]) -> list[Proposal]:
        """At most one proposal per code and sentence, by position. `texts` are the utterances' words."""
        # Lists, not arrays: single items of an array take ten times as long to read.
        cues, sentence = negation(tokens).tolist(), tokens.sentence.tolist()
        by_sentence: dict[tuple[int, str], list[_Found]] = defaultdict(list)
        for hit in self.hits(tokens, path):
            cue = negated_by(hit, tokens, cues)
            if cue or self._negation[hit.indicator.code] != ONLY:
                by_sentence[sentence[hit.start], hit.indicator.code].append(_Found(hit, cue))
        order, spans, starts, ends = self._order, tokens.spans, tokens.start.tolist(), tokens.end.tolist()
        made = []
        for number, code in sorted(by_sentence, key=lambda key: (key[0], order[key[1]])):
            found = by_sentence[number, code]
            utterance, start, end = spans[number]
            # What is not negated speaks for the code, unless the code counts both.
            affirmed = [item for item in found if not item.cue]
            counts = found if self._negation[code] else affirmed
            met = (counts or found)[0].hit
            told = [
                _told(hit.indicator.typed, texts[utterance][starts[hit.start] : ends[hit.end - 1]], cue)
                for hit, cue in found
            ]
            met_start, met_end = starts[met.start], ends[met.end - 1]
            evidence = told[0] if len(told) == 1 else "; ".join(dict.fromkeys(told))
            made.append(
                Proposal(
                    utterance,
                    start,
                    end,
                    code,
                    met.indicator.typed,
                    met_start,
                    met_end,
                    evidence,
                    not affirmed,
                    bool(counts),
                )
            )
        return made


class _Found(NamedTuple):
    """A hit, and the word that negates it ('' if none does)."""

    hit: Hit
    cue: str


def indicators_of(codebook: Codebook, tokens_of: Callable[[str], Iterable[str]]) -> list[Indicator]:
    """The words of a codebook's codes, and those that veto them."""
    return [
        Indicator(code.code, typed, made, veto)
        for code in codebook.codes
        for words, veto in ((code.words, False), (code.unless, True))
        for typed in words
        for made in wordings(typed, tokens_of)
    ]


def negated_by(hit: Hit, tokens: Tokens, cues: Sequence[int]) -> str:
    """The word that negates a hit, '' if none does. `cues` are those of `negation.negation`, as a list.

    A cue that is part of the indicator itself negates nothing of it. A word within its opposite is negated by itself,
    and under a cue it is not ("not unhelpful").
    """
    cue = -1
    if max(cues[hit.start : hit.end]) >= 0:
        cue = cues[_head(hit, tokens)]
    outside = cue >= 0 and not hit.start <= cue < hit.end
    if outside == hit.affixed:
        return ""
    return tokens.forms[tokens.surface[cue if outside else hit.start]]


def _head(hit: Hit, tokens: Tokens) -> int:
    """The token that the others of a hit depend on: the first whose own head stands outside."""
    if hit.end - hit.start > 1:
        for position in range(hit.start, hit.end):
            head = int(tokens.head[position])
            if head == position or not hit.start <= head < hit.end:
                return position
    return hit.start


def _told(typed: str, words: str, cue: str) -> str:
    return f'{typed} → "{words}" (negated by "{cue}")' if cue else f'{typed} → "{words}"'
