"""The words of utterances that tell what they are about: lemmas and short phrases, and labels made of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..codebook.indicators import plain
from ..idle_words import FILLERS, GENERIC, HEDGES, LIGHT, POINTING, bracketed
from ..language import vocabulary
from ..tokens import Tokens, parses_of, read_tokens
from .material import number_in_source

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import scipy.sparse

SEPARATOR = "\x1f"
# Up to so many words and signs are an answer by themselves, though each could stand for anything.
_ANSWER = 2
# A phrase is met in so many utterances, or it is none.
FEWEST = 2
# A label.
MOST_TERMS, MOST_CHARACTERS = 3, 40
NO_WORDS = "(no telling words)"
# Reciprocal rank fusion: published with 60, for lists of hundreds; in lists of ten, ranks would hardly count then.
_RANK = 10
# By how much what has several words tells more than what has one.
_PHRASE = 1.5
# Kinds of words. A participle that describes is a verb alone and an adjective in a phrase; WORD: no model says.
_NONE, _NOUN, _NAME, _ADJECTIVE, _VERB, _PARTICIPLE, _WORD = range(7)
_KINDS = {"NOUN": _NOUN, "PROPN": _NAME, "ADJ": _ADJECTIVE, "VERB": _VERB}
_BEFORE_NOUNS = ("amod", "compound")
_PERSON = ("PERSON", "PER")
# What is left where contractions are taken apart.
_REST = frozenset(["n't", "nt", "ca", "wo", "sha", "ai", "gon", "na", "ta", "lem"])


@dataclass(frozen=True)
class Terms:
    """The terms of n utterances.

    `documents`: each one's terms, SEPARATOR before, between and after them, '' if it has none (see `split`).
    `shown`: how people write each term most often. `counts`: how often each lemma is said, shape (n, len(words));
    `words`: the lemmas in the order of its columns, sorted.
    """

    documents: list[str]
    shown: dict[str, str]
    counts: scipy.sparse.csr_matrix
    words: list[str]


def split(document: str) -> list[str]:
    """The terms of a document, or of several joined by blanks as BERTopic joins those of a topic.

    What is not between separators is no term: blanks between documents, and "emptydoc", which BERTopic puts in place of
    nothing.

    >>> split("\\x1fplan\\x1flesson plan\\x1f  \\x1fbus\\x1f")
    ['plan', 'lesson plan', 'bus']
    """
    return [term for term in document.split(SEPARATOR)[1:-1] if term[:1] != " "]


def read_terms(utterances: pd.DataFrame, results: Path, names: Iterable[str], language: str) -> Terms:
    """The terms of these utterances, read from the stored parses of their sources.

    `names`: what people are called, which is kept out with its parts. Single words: nouns, names of things, adjectives
    and verbs by their lemmas; phrases of two or three words: adjectives and nouns that end in a noun, the last by its
    lemma, in at least FEWEST utterances. Without a model of the language: words in lower case, and pairs of them.
    """
    reader = _Reader(names, language)
    numbers = number_in_source(utterances) - 1
    for source, rows in utterances.reset_index(drop=True).groupby("source", sort=False).indices.items():
        reader.read(read_tokens(parses_of(results, str(source))), numbers[rows], rows)
    return reader.terms(len(utterances))


class _Reader:
    """Words of one source after another as columns; hyphenated words are one."""

    def __init__(self, names: Iterable[str], language: str) -> None:
        self._names = _name_parts(names)
        self._stop = frozenset(map(plain, vocabulary(language).Defaults.stop_words)) | FILLERS | _REST
        # The lists of idle words are English ones.
        self._english = language.removeprefix("blank:").startswith("en")
        self._numbers: dict[str, int] = {}
        self._columns: list[_Columns] = []

    def read(self, tokens: Tokens, numbers: np.ndarray, rows: np.ndarray) -> None:
        """Take up the utterances of a source: `numbers` in it from 0, and the rows that they become."""
        import numpy as np

        assert numbers.max(initial=-1) < len(tokens.first) - 1, "the parses are those of other utterances"
        row = np.full(len(tokens.first) - 1, -1, dtype=np.int32)
        row[numbers] = rows
        self._columns.append(_columns_of(tokens, row, self._numbers))

    def terms(self, utterances: int) -> Terms:
        """The terms of all that was read, of so many utterances."""
        import numpy as np

        forms = list(self._numbers)
        said = _joined(self._columns)
        self._columns.clear()
        keys = sorted({plain(form) for form in forms})
        place = {key: number for number, key in enumerate(keys)}
        key = np.array([place[plain(form)] for form in forms], dtype=np.int32)
        surface = key[said.written]
        lemma = np.where(np.array([not form for form in forms], dtype=bool)[said.lemma], said.written, said.lemma)
        word = _as_nouns(key[lemma], surface, said.kind)
        fit = np.array([_is_word(item) and item not in self._stop for item in keys], dtype=bool)
        content = (said.kind > _NONE) & fit[word] & fit[surface] & ~self._named(said, forms)
        lists = [
            np.array([self._english and item in listed for item in keys], dtype=bool)
            for listed in (LIGHT, GENERIC | POINTING, POINTING, HEDGES)
        ]
        return _Talk(said, forms, keys, surface, word, content, *lists).terms(utterances)

    def _named(self, said: _Columns, forms: Sequence[str]) -> np.ndarray:
        """Which words are names: those with a capital or tagged as one. A Hope does not take away all hope."""
        import numpy as np

        named = np.array([_is_name(form, self._names) for form in forms], dtype=bool)
        capital = np.array([form != form.lower() for form in forms], dtype=bool)
        return named[said.written] & (capital[said.written] | np.isin(said.kind, (_NAME, _WORD)))


def _name_parts(names: Iterable[str]) -> frozenset[str]:
    parts = {part for name in names for word in plain(name).split() for part in (word, *word.split("-"))}
    return frozenset(part for part in parts if len(part) > 1 and any(map(str.isalpha, part)))


def _is_name(form: str, parts: frozenset[str]) -> bool:
    """Whether a form, or a part of it between hyphens, is a part of names, also as a possessive or in the plural."""
    bare = plain(form).removesuffix("'s").removesuffix("'")
    return any(
        not parts.isdisjoint((part, part.removesuffix("s"), part.removesuffix("es"), part.removesuffix("'s")))
        for part in {bare, *bare.split("-")}
    )


def _is_word(key: str) -> bool:
    """Whether a form is a word: no number, single letter, sign, rest of a contraction or blackened "xxxx"."""
    letters = key.replace("'", "").replace("-", "").replace(".", "")
    lettered = letters.isalpha() or (bool(letters) and all(unicodedata.category(char)[0] in "LM" for char in letters))
    # In scripts without capitals one letter may be a word.
    whole = key.strip("'-") == key
    return lettered and whole and (len(set(letters)) > 1 or letters.upper() == letters.lower())


# --- words as columns ----------------------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """Words in order, arrays of shape (words,): the row of the utterance of each, how it is written and its lemma as
    numbers of forms, its kind, whether it opens a sentence, and whether it stands right after the word before it."""

    row: np.ndarray
    written: np.ndarray
    lemma: np.ndarray
    kind: np.ndarray
    opens: np.ndarray
    tied: np.ndarray


def _joined(columns: Sequence[_Columns]) -> _Columns:
    import numpy as np

    types = (np.int32, np.int32, np.int32, np.uint8, bool, bool)
    empty = [np.zeros(0, dtype=kind) for kind in types]
    return _Columns(*(np.concatenate(parts) for parts in zip(empty, *columns, strict=True)))


def _columns_of(tokens: Tokens, row: np.ndarray, numbers: dict[str, int]) -> _Columns:
    """The words of the utterances that have a `row` (-1: none). `numbers` of forms grows by new ones."""
    import numpy as np

    kind = _kinds(tokens)
    joint = _joints(tokens)
    kept = np.flatnonzero((row[tokens.utterance] >= 0) & ~tokens.space)
    begins = kept[~(joint[kept] | joint[kept - 1])]
    number = np.array([numbers.setdefault(form, len(numbers)) for form in tokens.forms] or [0], dtype=np.int32)
    written, lemma, kinds = number[tokens.surface[begins]], number[tokens.lemma[begins]], kind[begins]
    for at in np.flatnonzero(joint[np.minimum(begins + 1, len(tokens) - 1)] & (begins + 1 < len(tokens))).tolist():
        first = last = int(begins[at])
        while joint[last + 1]:
            last += 2
        one, other, kinds[at] = _hyphenated(tokens, kind, first, last)
        written[at], lemma[at] = (numbers.setdefault(form, len(numbers)) for form in (one, other))
    sentence = tokens.sentence[begins]
    opens = np.zeros(len(begins), dtype=bool)
    lettered = np.flatnonzero(_of(tokens, lambda form: any(map(str.isalpha, form)))[tokens.surface[begins]])
    opens[lettered] = np.diff(sentence[lettered], prepend=-1) != 0
    tied = np.diff(sentence, prepend=-1) == 0
    return _Columns(row[tokens.utterance[begins]], written, lemma, kinds, opens, tied)


def _kinds(tokens: Tokens) -> np.ndarray:
    """The kind of each token; _NONE for what is no content, for persons, and for remarks in square brackets."""
    import numpy as np

    if not (tokens.pos != "").any():
        kind = np.full(len(tokens), _WORD, dtype=np.uint8)
    else:
        kind = np.zeros(len(tokens), dtype=np.uint8)
        for pos, number in _KINDS.items():
            kind[tokens.pos == pos] = number
        kind[(kind == _VERB) & np.isin(tokens.dep, _BEFORE_NOUNS)] = _PARTICIPLE
    kind[bracketed(tokens) | np.isin(tokens.entity, _PERSON)] = _NONE
    return kind


def _of(tokens: Tokens, asked: Callable[[str], bool]) -> np.ndarray:
    """Of which forms something holds."""
    import numpy as np

    return np.array([asked(form) for form in tokens.plain] or [False], dtype=bool)


def _joints(tokens: Tokens) -> np.ndarray:
    """The hyphens with a word and no blank on either side. Shape (tokens + 1,), the last is none."""
    import numpy as np

    hyphen = tokens.glued[:-1] & tokens.glued[1:] & _of(tokens, "-".__eq__)[tokens.surface]
    word = np.concatenate([[False], _of(tokens, str.isalnum)[tokens.surface], [False]])
    return np.append(hyphen & word[:-2] & word[2:], False)


def _hyphenated(tokens: Tokens, kind: np.ndarray, first: int, last: int) -> tuple[str, str, int]:
    """How a hyphenated word is written, its lemma and its kind."""
    parts = [tokens.forms[number] for number in tokens.surface[first : last + 1].tolist()]
    kinds = kind[first : last + 1 : 2].tolist()
    if kinds[-1] in (_NOUN, _NAME):
        return "".join(parts), "".join(parts[:-1]) + tokens.forms[tokens.lemma[last]], _NOUN
    if kinds[-1] in (_VERB, _PARTICIPLE):
        return "".join(parts), "".join(parts), _ADJECTIVE
    # "follow-up": a noun, though its last part is none.
    return "".join(parts), "".join(parts), kinds[-1] or (_NOUN if any(kinds) else _NONE)


def _as_nouns(word: np.ndarray, surface: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """`word` with the lemma that a form has most often as a noun where it was taken for a name ("Mentors")."""
    import numpy as np

    noun = kind == _NOUN
    pairs, count = np.unique(np.stack([surface[noun], word[noun]]), axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -count, pairs[0]))
    forms, first = np.unique(pairs[0][order], return_index=True)
    lemma = np.full(max(surface.max(initial=0), word.max(initial=0)) + 1, -1, dtype=word.dtype)
    lemma[forms] = pairs[1][order][first]
    known = (kind == _NAME) & (lemma[surface] >= 0)
    return np.where(known, lemma[surface], word)


# --- terms ---------------------------------------------------------------------------------------------------------


class _Occurrences(NamedTuple):
    """Where terms are said, arrays of shape (occurrences,): number of the term, and its first and last word."""

    term: np.ndarray
    first: np.ndarray
    last: np.ndarray


@dataclass(frozen=True)
class _Talk:
    """Words with what is known of each: numbers of `keys` as it is said (`surface`) and of its lemma (`word`), and
    whether it is `content`; then, of each key, whether it is on a list."""

    said: _Columns
    forms: Sequence[str]
    keys: Sequence[str]
    surface: np.ndarray
    word: np.ndarray
    content: np.ndarray
    light: np.ndarray
    idle: np.ndarray
    pointing: np.ndarray
    hedge: np.ndarray

    def terms(self, utterances: int) -> Terms:
        import numpy as np
        from scipy.sparse import csr_matrix

        alone = np.flatnonzero(self._telling(utterances))
        used, column = np.unique(self.word[alone], return_inverse=True)
        words = [self.keys[number] for number in used.tolist()]
        phrases, names = self._phrases()
        phrases = phrases._replace(term=phrases.term + len(words))
        every = _Occurrences(*(np.concatenate(pair) for pair in zip((column, alone, alone), phrases, strict=True)))
        names = words + names
        counts = csr_matrix(
            (np.ones(len(alone), dtype=np.int32), (self.said.row[alone], column)), shape=(utterances, len(words))
        )
        return Terms(self._documents(every, names, utterances), self._shown(every, names), counts, words)

    def _telling(self, utterances: int) -> np.ndarray:
        """Which words are terms by themselves; of an answer that is but a word ("Money.", "My time") whatever it is."""
        import numpy as np

        kind, row = self.said.kind, self.said.row
        verb = np.isin(kind, (_VERB, _PARTICIPLE))
        some = self.content & ~(self.light[self.word] & (verb | (kind == _WORD))) & ~(self.idle[self.word] & ~verb)
        whole = np.bincount(row, minlength=utterances) <= _ANSWER
        return some | (self.content & whole[row] & (np.bincount(row[some], minlength=utterances) == 0)[row])

    def _phrases(self) -> tuple[_Occurrences, list[str]]:
        """Where phrases are said that enough utterances have, and these phrases, sorted."""
        import numpy as np

        pairs, triples = self._windows(2), self._windows(3)
        start = np.concatenate([pairs, triples])
        end = start + np.repeat([1, 2], [len(pairs), len(triples)])
        middle = np.where(end - start == 2, self.surface[np.minimum(start + 1, end)], -1)
        first, term = _distinct(self.surface[start], middle, self.word[end])
        utterance, _ = _distinct(term, self.said.row[start])
        enough = np.bincount(term[utterance], minlength=len(first)) >= FEWEST
        enough &= ~_parts(term, start, end, len(first))
        parts = ((self.surface[start[at]], middle[at], self.word[end[at]]) for at in first[enough].tolist())
        names = [" ".join(self.keys[part] for part in phrase if part >= 0) for phrase in parts]
        order = sorted(range(len(names)), key=names.__getitem__)
        number = np.full(len(first), -1, dtype=np.int64)
        number[np.flatnonzero(enough)[order]] = np.arange(len(order))
        kept = enough[term]
        return _Occurrences(number[term[kept]], start[kept], end[kept]), [names[at] for at in order]

    def _windows(self, length: int) -> np.ndarray:
        """Where phrases of so many words begin."""
        import numpy as np

        kind = self.said.kind
        noun = self.content & np.isin(kind, (_NOUN, _NAME, _WORD))
        inner = noun | (self.content & np.isin(kind, (_ADJECTIVE, _PARTICIPLE)))
        telling = noun & ~self.idle[self.word] & ~(self.light[self.word] & (kind == _WORD))
        if length > 2:
            # Runs of any words soon hold a verb.
            inner = inner & (kind != _WORD)
        follows = np.append(inner[1:] & self.said.tied[1:] & (self.word[1:] != self.word[:-1]), False)[: len(inner)]
        fit, some = inner & ~self.pointing[self.word] & ~self.pointing[self.surface], telling
        for step in range(1, length):
            fit = fit & _later(follows, step - 1)
            some = some | _later(telling, step)
        last = noun & ~self.hedge[self.word]
        return np.flatnonzero(fit & some & _later(last, length - 1))

    def _documents(self, every: _Occurrences, names: Sequence[str], utterances: int) -> list[str]:
        import numpy as np

        row = self.said.row[every.first]
        order = np.argsort(row, kind="stable")
        terms = np.array(names, dtype=object)[every.term[order]].tolist() if names else []
        bounds = np.searchsorted(row[order], np.arange(utterances + 1)).tolist()
        return [
            SEPARATOR + SEPARATOR.join(terms[start:end]) + SEPARATOR if end > start else ""
            for start, end in pairwise(bounds)
        ]

    def _shown(self, every: _Occurrences, names: Sequence[str]) -> dict[str, str]:
        """How each term is written most often: in lower case, unless it has a capital wherever it opens no sentence."""
        import numpy as np

        written, opens = self.said.written, self.said.opens[every.first]
        middle = np.where(every.last - every.first == 2, written[np.minimum(every.first + 1, every.last)], -1)
        first, ways = _distinct(every.term, written[every.first], middle, written[every.last], opens)
        of = every.term[first].tolist()
        ordered = zip(of, first.tolist(), np.bincount(ways).tolist(), strict=True)
        made = {}
        for term, group in groupby(ordered, lambda way: way[0]):
            ways_of = [(self._written(every, at), bool(opens[at]), count) for _, at, count in group]
            made[names[term]] = _most_said(ways_of)
        return made

    def _written(self, every: _Occurrences, at: int) -> str:
        return " ".join(self.forms[form] for form in self.said.written[every.first[at] : every.last[at] + 1].tolist())


def _later(flags: np.ndarray, steps: int) -> np.ndarray:
    """Of each word, what holds of the one so many words later."""
    import numpy as np

    return np.append(flags[steps:], np.zeros(min(steps, len(flags)), dtype=bool))


def _distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first place of each distinct row of these columns of numbers from -1 on, sorted, and which one each is."""
    import numpy as np

    code = columns[0].astype(np.int64)
    for column in columns[1:]:
        # Renumbered each time, so that the product stays small.
        code = np.unique(code, return_inverse=True)[1] * (int(column.max(initial=0)) + 2) + column + 1
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return first, which


def _parts(term: np.ndarray, start: np.ndarray, end: np.ndarray, terms: int) -> np.ndarray:
    """Which phrases of two words are only ever said within one and the same phrase of three."""
    import numpy as np

    pair = end - start == 1
    at = np.full(end.max(initial=0) + 1, -1, dtype=np.int64)
    at[start[pair]] = term[pair]
    longer = np.concatenate([term[~pair], term[~pair]])
    within = np.concatenate([at[start[~pair]], at[start[~pair] + 1]])
    longer, within = longer[within >= 0], within[within >= 0]
    first, which = _distinct(within, longer)
    said = np.bincount(term, minlength=terms)
    swallowed = np.zeros(terms, dtype=bool)
    swallowed[within[first[np.bincount(which, minlength=len(first)) == said[within[first]]]]] = True
    return swallowed


def _most_said(ways: Sequence[tuple[str, bool, int]]) -> str:
    """The writing of a term that is met most, equals by the alphabet. Ways: as written, whether it opens a sentence."""
    lower: dict[str, int] = {}
    for written, _, count in ways:
        lower[written.lower()] = lower.get(written.lower(), 0) + count
    best = min(lower, key=lambda form: (-lower[form], form))
    inside = {written: count for written, opens, count in ways if not opens and written.lower() == best}
    if not inside or best in inside:
        return best
    return min(inside, key=lambda form: (-inside[form], form))


# --- labels --------------------------------------------------------------------------------------------------------


def label(by_weight: Sequence[str], by_meaning: Sequence[str], diverse: Sequence[str], shown: Mapping[str, str]) -> str:
    """Up to three terms that say what a theme is about, as people write them.

    Terms that stand high in several of the three lists come first (reciprocal rank fusion, Cormack et al. 2009),
    phrases before single words; no two share a word. At most 40 characters, unless the first alone is longer.

    >>> label(["feedback", "lesson", "lesson plan"], ["lesson plan", "feedback"], ["lesson plan"], {})
    'lesson plan, feedback'
    """
    scores: dict[str, float] = {}
    for terms in (by_weight, by_meaning, diverse):
        for rank, term in enumerate(dict.fromkeys(terms), 1):
            scores[term] = scores.get(term, 0) + (_PHRASE if " " in term else 1) / (_RANK + rank)
    chosen: list[str] = []
    met: set[str] = set()
    for term in sorted(filter(None, scores), key=lambda term: (-round(scores[term], 9), term)):
        form = shown.get(term, term)
        words = {_stem(word) for word in f"{term} {form}".split()}
        if met.isdisjoint(words) and (not chosen or len(", ".join([*chosen, form])) <= MOST_CHARACTERS):
            chosen.append(form)
            met |= words
        if len(chosen) == MOST_TERMS:
            break
    return ", ".join(chosen) or NO_WORDS


def _stem(word: str) -> str:
    """A word without its plural, roughly: "mentors" and "mentor" are one in a label."""
    return plain(word).removesuffix("'s").removesuffix("s")
