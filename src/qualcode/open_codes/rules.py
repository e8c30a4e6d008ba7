"""Rules: the codebook's words and patterns, matched against the stored parses, with the words that matched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from ..codebook import Code, Codebook
from ..errors import Problems

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class Hit(NamedTuple):
    """An indicator that matched: tokens `start` to `end` (exclusive) of the utterance."""

    code: str
    indicator: str
    start: int
    end: int


@dataclass(frozen=True)
class Proposal:
    """A code for one sentence of an utterance (characters `start` to `end`), with the hits that speak for it."""

    code: str
    start: int
    end: int
    evidence: str


class _Piece(NamedTuple):
    """One token of an indicator: a word, the beginning of a word, or (both empty) any word."""

    word: str
    beginning: str

    def matches(self, forms: tuple[str, str]) -> bool:
        if self.word:
            return self.word in forms
        return any(form.startswith(self.beginning) for form in forms) if self.beginning else forms[0].isalnum()


@dataclass(frozen=True)
class _Indicator:
    code: str
    typed: str
    pieces: tuple[_Piece, ...]
    veto: bool


class Rules:
    """Every indicator of a codebook, ready to be matched.

    A word matches a token by its surface form or by its lemma in context, ignoring case, as it is typed: words are
    never lemmatised out of context, or "timing" would find "first time" and miss "The timing". `*` stands for any
    ending, or alone for any one word. Raises QualcodeError for spaCy patterns that are not valid.
    """

    def __init__(self, codebook: Codebook, pipeline: Language):
        indicators = [
            _Indicator(code.code, typed, pieces, veto)
            for code in codebook.codes
            for words, veto in ((code.words, False), (code.unless, True))
            for typed in words
            if (pieces := tuple(_pieces(typed, pipeline)))
        ]
        self._by_word: dict[str, list[_Indicator]] = defaultdict(list)
        self._other: list[_Indicator] = []
        for indicator in indicators:
            first = indicator.pieces[0]
            (self._by_word[first.word] if first.word else self._other).append(indicator)
        self._first = cache(self._starting_with)
        self._matcher, self._names = _matcher(codebook, pipeline)
        self._order = codebook.order

    def propose(self, doc: Doc, sentences: Sequence[tuple[int, int]]) -> list[Proposal]:
        """At most one proposal per code and sentence of an utterance."""
        hits, vetoes = self._hits(doc)
        standing = [hit for hit in hits if not any(_overlap(hit, veto) for veto in vetoes if veto.code == hit.code)]
        found: dict[tuple[int, int, str], list[Hit]] = defaultdict(list)
        for hit in standing:
            position = doc[hit.start].idx
            for start, end in sentences:
                if start <= position < end:
                    found[start, end, hit.code].append(hit)
        return [
            Proposal(code, start, end, _evidence(doc, found[start, end, code]))
            for start, end, code in sorted(found, key=lambda key: (key[0], self._order[key[2]]))
        ]

    def _hits(self, doc: Doc) -> tuple[list[Hit], list[Hit]]:
        tokens = [token for token in doc if not token.is_space]
        forms = [(_plain(token.text), _plain(token.lemma_)) for token in tokens]
        hits: list[Hit] = []
        vetoes: list[Hit] = []
        for position, first in enumerate(forms):
            for indicator in self._first(first):
                end = position + len(indicator.pieces)
                if end <= len(forms) and all(
                    piece.matches(form) for piece, form in zip(indicator.pieces, forms[position:end], strict=True)
                ):
                    hit = Hit(indicator.code, indicator.typed, tokens[position].i, tokens[end - 1].i + 1)
                    (vetoes if indicator.veto else hits).append(hit)
        if self._matcher is not None:
            for key, start, end in self._matcher(doc):
                code, shown = self._names[doc.vocab.strings[key]]
                hits.append(Hit(code, shown, start, end))
        return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.indicator)), vetoes

    def _starting_with(self, forms: tuple[str, str]) -> list[_Indicator]:
        by_word = [indicator for form in dict.fromkeys(forms) for indicator in self._by_word.get(form, ())]
        return by_word + [indicator for indicator in self._other if indicator.pieces[0].matches(forms)]


def _pieces(typed: str, pipeline: Language) -> Iterator[_Piece]:
    for word in typed.split():
        if word == "*":
            yield _Piece("", "")
        elif word.endswith("*"):
            yield _Piece("", _plain(word[:-1]))
        else:
            yield from (_Piece(_plain(token.text), "") for token in pipeline.tokenizer(word))


def _plain(form: str) -> str:
    return form.casefold().replace("’", "'")


def _overlap(hit: Hit, veto: Hit) -> bool:
    return hit.start < veto.end and veto.start < hit.end


def _evidence(doc: Doc, hits: Iterable[Hit]) -> str:
    return "; ".join(dict.fromkeys(f'{hit.indicator} → "{doc[hit.start : hit.end].text}"' for hit in hits))


def _matcher(codebook: Codebook, pipeline: Language):  # type: ignore[no-untyped-def]
    """spaCy's Matcher for the token patterns, and (code, what to show) by the pattern's name."""
    if not any(code.patterns for code in codebook.codes):
        return None, {}
    from spacy.matcher import Matcher

    matcher = Matcher(pipeline.vocab, validate=True)
    problems = Problems()
    names: dict[str, tuple[str, str]] = {}
    for code in codebook.codes:
        for number, pattern in enumerate(code.patterns, 1):
            name = f"{code.code} pattern {number}"
            names[name] = (code.code, f"pattern {number}")
            try:
                matcher.add(name, [pattern])
            except ValueError as error:
                _report(codebook, code, number, error, problems)
    problems.stop()
    return matcher, names


def _report(codebook: Codebook, code: Code, number: int, error: ValueError, problems: Problems) -> None:
    detail = " ".join(str(error).split())[:200]
    problems.add(
        codebook.path, f"line {code.line}", f"pattern {number} of '{code.code}' is not a spaCy pattern: {detail}"
    )
