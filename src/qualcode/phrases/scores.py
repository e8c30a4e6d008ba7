"""What speaks for a phrase: that it is a unit, that it is this talk's own, that many say it, that it is on topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from math import log2
from typing import TYPE_CHECKING

from .candidates import LONGEST
from .catalogue import Catalogue

if TYPE_CHECKING:
    import numpy as np

# Beyond 256 times as often as in English, more tells nothing more.
_MOST_DISTINCT = 8.0
# A word by itself is less of a code than a phrase of two or more.
_BY_LENGTH = (0.5, 1.3, 1.6, 1.6)
# A single word is no unit by its form: it takes more to speak for it.
_FEWEST_OF_WORD = 3
# Doublings of the frequency that words have in English.
_LEAST_DISTINCT = 1.5
_LEAST_DISTINCT_WORD = 3.0
# How much a phrase gains by being nearer to what all of them are about.
_PULL = 1.5


def own_counts(catalogue: Catalogue) -> list[int]:
    """Of each phrase the places that are not within those of a longer phrase that is met twice or more.

    What C-value (Frantzi et al. 2000) estimates from counts can be counted here, where the places are known.
    """
    import numpy as np

    places = catalogue.places
    again = np.flatnonzero(catalogue.counts[catalogue.phrase] > 1)
    start, end = places.start[again], places.end[again]
    order = np.lexsort((-end, start, places.utterance[again]))
    # Positions over all utterances: each begins beyond the end of the one before.
    far = places.utterance[again][order] * (int(end.max(initial=0)) + 1)
    to = end[order] + far
    reached = np.maximum.accumulate(np.concatenate([[-1], to[:-1]]))
    # Of two that begin and end together, neither is within the other.
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (to[1:] == to[:-1]) & ((start[order] + far)[1:] == (start[order] + far)[:-1])
    inside = again[order[(reached >= to) & ~same]]
    return (catalogue.counts - np.bincount(catalogue.phrase[inside], minlength=len(catalogue))).tolist()


def against_english(catalogue: Catalogue, share: Callable[[str], float], idle: Collection[str]) -> list[float]:
    """By how many times the words of each phrase are commoner here than in English, 0 to 8 doublings, on average.

    This is the log ratio (Hardie 2014). `share` is that of a word in English, `idle` are words that say nothing.
    """
    often: dict[int, int] = defaultdict(int)
    common: dict[int, float] = defaultdict(float)
    for (form, _), count in catalogue.spoken.items():
        lemma = catalogue.lemma_of[form]
        often[lemma] += count
        common[lemma] = max(common[lemma], *(share(catalogue.words[number]) for number in {form, lemma}))
    said = sum(count for number, count in often.items() if catalogue.words[number].isalpha()) or 1

    def of_word(number: int) -> float:
        if not often[number]:
            return 0.0
        return min(_MOST_DISTINCT, max(0.0, log2(often[number] / said / common[number])))

    found = []
    for key in catalogue.keys:
        telling = content(key, catalogue.words, idle)
        found.append(sum(map(of_word, telling)) / len(telling) if telling else 0.0)
    return found


def content(key: Sequence[int], words: Sequence[str], idle: Collection[str]) -> list[int]:
    """The words of a phrase that say something: not "of", nor hyphens."""
    return [number for number in key[1:] if words[number] not in idle and words[number].strip("-‐‑")]


def against_utterances(utterances: Sequence[int], of_all: int) -> list[float]:
    """In how few utterances a phrase is met, 0 to 8 halvings (Spärck Jones 1972): where there is no reference."""
    return [min(_MOST_DISTINCT, max(0.0, log2(of_all / count))) for count in utterances]


def spread(counts: Sequence[int], voices: Sequence[int], of_all: int) -> list[float]:
    """Voices that use a phrase, of as many as its count allows: 1 where all do, less where one repeats it."""
    return [heard / max(1, min(count, of_all)) for count, heard in zip(counts, voices, strict=True)]


def score(own: int, words: int, distinct: float, spread_: float) -> float:
    """What speaks for a phrase before its meaning is looked at; 0 for what is no candidate."""
    if distinct < (_LEAST_DISTINCT_WORD if words == 1 else _LEAST_DISTINCT) or (words == 1 and own < _FEWEST_OF_WORD):
        return 0.0
    return log2(1 + own) * _BY_LENGTH[max(1, min(words, LONGEST)) - 1] * distinct * spread_**0.75


def relevance(vectors: np.ndarray, weights: Sequence[float], words: Sequence[int]) -> np.ndarray:
    """A factor about 1 for each phrase: the nearer to what all are about, the more (Bennani-Smires et al. 2018).

    `vectors` are of unit length, shape (phrases, d). Longer phrases lie farther out, so each is held against the mean
    of those with as many words.
    """
    import numpy as np

    from ..language import mean_direction

    if not len(vectors):
        return np.ones(0)
    near = vectors @ mean_direction(vectors, weights)
    lengths = np.array([min(number, 3) for number in words])
    for length in sorted(set(lengths.tolist())):
        near[lengths == length] -= near[lengths == length].mean()
    return np.exp(_PULL * near)
