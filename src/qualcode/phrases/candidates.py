"""Where phrases stand that may name a topic: noun phrases, verbs with their objects, or runs between stop words."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple

from ..idle_words import FILLERS, GENERIC, HEDGES, LIGHT, POINTING, bracketed

if TYPE_CHECKING:
    import numpy as np

    from ..tokens import Tokens

# Content words of a phrase, and tokens that it may have with hyphens and prepositions among them.
LONGEST = 4
WIDEST = 6
NOUN, VERB, RUN = "noun phrase", "verb and object", "words"
KINDS = (NOUN, VERB, RUN)
# Words that may stand between a verb and its object, or between "of" and the noun after it.
_GAP = 3
_BEFORE = ("amod", "compound", "nmod", "npadvmod", "nummod")
_OBJECTS = ("dobj", "obj", "oa")
HYPHENS = frozenset("-‐‑")
# Entities that say when or how much, not what.
_FIGURES = ("CARDINAL", "DATE", "MONEY", "ORDINAL", "PERCENT", "QUANTITY", "TIME")


class Found(NamedTuple):
    """Places of candidates of one kind, by the tokens that make them up, -1 after the last: shape (places, WIDEST).

    What stands between two of these tokens belongs to the place, but not to the phrase.
    """

    kind: str
    parts: np.ndarray


def candidates(
    tokens: Tokens, told: np.ndarray, names: Collection[str] = (), stop: Collection[str] = ()
) -> list[Found]:
    """Every place of every candidate in a source.

    `told`, shape (tokens,): which tokens are data. `names`: what people are called, as it is written. `stop`: words in
    lower case that part phrases where there is no parse; where there is one, its parts of speech do that.
    """
    words = _Words(tokens, told, names, () if tokens.parsed else stop)
    if not tokens.parsed:
        return [Found(RUN, words.runs())]
    return [Found(NOUN, _stacked([words.noun_phrases(), words.of_phrases()])), Found(VERB, words.objects())]


class _Words:
    """A source's tokens as candidates are made of them."""

    def __init__(self, tokens: Tokens, told: np.ndarray, names: Collection[str], stop: Collection[str]) -> None:
        import numpy as np

        self._tokens = tokens
        surface, lemma = tokens.surface, tokens.lemma
        banned = FILLERS | set(stop)
        unfit = self._of(lambda form: form in banned or not _is_word(form))
        named = np.array([form in names for form in tokens.forms] or [False])
        entity = tokens.entity
        self._told = told & ~bracketed(tokens)
        self._word = self._told & ~unfit[surface] & ~self._of(banned.__contains__)[lemma] & ~named[surface]
        self._word &= entity != "PERSON"
        self._joint = self._joints()
        # A window that begins or ends beside a joint cuts a hyphenated word.
        self._cut = np.append(self._joint, False)
        mark = self._of(lambda form: not any(map(str.isalnum, form)))[surface] & ~self._joint
        self._marks = np.concatenate([[0], np.cumsum(mark)])
        self._noun = self._word & np.isin(tokens.pos, ["NOUN", "PROPN"])
        self._generic = self._of(GENERIC.__contains__)[lemma] | np.isin(entity, _FIGURES)
        self._hedge = self._of(HEDGES.__contains__)[lemma]
        pointing = self._of(POINTING.__contains__)
        self._pointing = pointing[lemma] | pointing[surface] | (entity == "ORDINAL")
        self._telling_verb = self._word & (tokens.pos == "VERB") & ~self._of(LIGHT.__contains__)[lemma]

    def _of(self, asked: Callable[[str], bool]) -> np.ndarray:
        """Of which forms something holds."""
        import numpy as np

        return np.array([asked(form) for form in self._tokens.plain] or [False], dtype=bool)

    def _joints(self) -> np.ndarray:
        """The hyphens with no blank on either side."""
        tokens = self._tokens
        return self._of(HYPHENS.__contains__)[tokens.surface] & tokens.glued[:-1] & tokens.glued[1:]

    def _whole(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Which of the windows cut no hyphenated word and hold no punctuation but its hyphens."""
        import numpy as np

        cut = self._cut[np.maximum(first - 1, 0)] | self._cut[last + 1]
        return ~cut & (self._marks[last + 1] == self._marks[first])

    def _windows(self, inner: np.ndarray) -> list[np.ndarray]:
        """Windows of inner tokens and joints within a sentence that begin and end with inner ones, by their length."""
        import numpy as np

        tokens = self._tokens
        fitting = (inner | self._joint) & self._told
        starts = np.flatnonzero(inner)
        made = []
        for length in range(1, WIDEST + 1):
            last = starts + length - 1
            starts, last = starts[last < len(tokens)], last[last < len(tokens)]
            runs = fitting[last] & (tokens.sentence[last] == tokens.sentence[starts])
            starts, last = starts[runs], last[runs]
            whole = inner[last] & self._whole(starts, last)
            window = starts[whole][:, None] + np.arange(length)
            made.append(window[inner[window].sum(axis=1) <= LONGEST])
        return made

    def runs(self) -> np.ndarray:
        """Windows between stop words (Rose et al. 2010): what can be done without a model of the language."""
        return _stacked(self._windows(self._word))

    def noun_phrases(self) -> np.ndarray:
        """Windows of nouns, adjectives and participles that hang on one noun among them."""
        import numpy as np

        tokens = self._tokens
        describing = (tokens.pos == "ADJ") | ((tokens.pos == "VERB") & np.isin(tokens.dep, ["amod", "compound"]))
        number = self._told & (tokens.pos == "NUM") & self._cut[1:]
        inner = self._noun | (self._word & describing) | number
        # What describes a noun after it tells of that: "state" in "state testing".
        alone = self._noun & ~(np.isin(tokens.dep, _BEFORE) & (tokens.head > np.arange(len(tokens))))
        # "Labor Day" is a name for a time, or for something else that stands for anything.
        idle = self._hedge | (self._generic & (tokens.pos == "PROPN"))
        kept = []
        for window in self._windows(inner):
            head = tokens.head[window]
            away = (head < window[:, :1]) | (head > window[:, -1:]) | (head == window)
            root = away & inner[window]
            telling = (self._noun & ~self._generic)[window].any(axis=1) & ~idle[window[:, -1]]
            fit = (root.sum(axis=1) == 1) & (root & alone[window]).any(axis=1)
            kept.append(window[fit & telling & ~self._pointing[window[:, 0]] & ~self._repeating(window)])
        return _stacked(kept)

    def _repeating(self, window: np.ndarray) -> np.ndarray:
        """Which windows hold a word twice in a row, as people do who look for the next one."""
        lemma = self._tokens.lemma[window]
        return (lemma[:, 1:] == lemma[:, :-1]).any(axis=1)

    def of_phrases(self) -> np.ndarray:
        """A noun, "of" and a noun: "division of labor"."""
        import numpy as np

        tokens = self._tokens
        last = np.flatnonzero(self._noun & ~self._generic & (tokens.dep == "pobj"))
        of = tokens.head[last]
        first = tokens.head[of]
        fit = self._of("of".__eq__)[tokens.surface[of]] & (first == of - 1) & (of < last) & (last - of <= _GAP)
        fit &= self._noun[first] & ~self._hedge[first] & (tokens.lemma[first] != tokens.lemma[last])
        fit &= self._whole(first, last)
        return _stacked([np.stack([first, of, last], axis=1)[fit]])

    def objects(self) -> np.ndarray:
        """A verb with the noun that is its object, or the object of its preposition."""
        import numpy as np

        tokens = self._tokens
        noun = self._noun & ~self._generic
        last = np.flatnonzero(noun & np.isin(tokens.dep, _OBJECTS))
        verb = tokens.head[last]
        fit = self._telling_verb[verb] & (verb < last) & (last - verb <= _GAP + 1) & self._whole(verb, last)
        direct = np.stack([verb, last], axis=1)[fit]
        last = np.flatnonzero(noun & (tokens.dep == "pobj"))
        between = tokens.head[last]
        verb = tokens.head[between]
        fit = self._telling_verb[verb] & (tokens.dep[between] == "prep") & (verb == between - 1) & (between < last)
        fit &= (last - between <= _GAP) & self._whole(verb, last)
        return _stacked([direct, np.stack([verb, between, last], axis=1)[fit]])


def _is_word(form: str) -> bool:
    letters = form.replace("'", "").replace(".", "")
    # What was blackened by hand, as in "xxxx", is no word, nor is the rest of a contraction.
    return letters.isalpha() and len(set(letters)) > 1 and not form.startswith("'")


def _stacked(parts: list[np.ndarray]) -> np.ndarray:
    """Windows of different lengths below each other, filled up with -1."""
    import numpy as np

    filled = [np.pad(part, ((0, 0), (0, WIDEST - part.shape[1])), constant_values=-1) for part in parts]
    return np.concatenate([np.zeros((0, WIDEST), dtype=np.int64), *filled])
