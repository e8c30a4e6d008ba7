"""The best phrases of a catalogue, and those of one meaning together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..idle_words import share_in_english
from . import scores
from .candidates import HYPHENS
from .catalogue import Catalogue

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# As many of the best are looked at by their meaning, and written.
MOST = 500
# Phrases of a group are at least so alike, on average: cosine distance of their vectors.
_APART = 0.3
# A group is met in the words of two people, or three times (utterances and people together); one that a single word
# leads, once more.
_FEWEST = 4
# Where none of its phrases is met twice, it takes three.
_FEWEST_OF_RARE = 3
# The leading phrase is met at least half as often as the commonest of the group.
_LEADING = 2


@dataclass(frozen=True)
class Phrase:
    """A phrase with its place in the catalogue, the wording that is met most often, and what speaks for it."""

    number: int
    phrase: str
    indicators: str
    words: int
    voices: int
    spread: float
    own: int
    distinct: float
    score: float


def ranked(
    catalogue: Catalogue, utterances: pd.DataFrame, voice: np.ndarray, of_all: int, english: bool, idle: frozenset[str]
) -> list[Phrase]:
    """The best phrases by all but their meaning, best first; no two are of one kind and wording.

    `utterances` are all of the study in order, `voice` who is heard in each, one of `of_all`; `idle` are the language's
    stop words.
    """
    import numpy as np

    heard = np.unique(np.stack([catalogue.phrase, voice[catalogue.places.utterance]], axis=1), axis=0)[:, 0]
    voices = np.bincount(heard, minlength=len(catalogue)).tolist()
    counts = catalogue.counts.tolist()
    spreads = scores.spread(counts, voices, of_all)
    own = scores.own_counts(catalogue)
    if english:
        distinct = scores.against_english(catalogue, share_in_english, idle)
    else:
        met = np.unique(np.stack([catalogue.phrase, catalogue.places.utterance], axis=1), axis=0)[:, 0]
        distinct = scores.against_utterances(np.bincount(met, minlength=len(catalogue)).tolist(), len(utterances))
    words = [len(scores.content(key, catalogue.words, idle)) for key in catalogue.keys]
    made = [scores.score(*item) for item in zip(own, words, distinct, spreads, strict=True)]
    order = sorted((n for n, value in enumerate(made) if value > 0), key=lambda n: (-made[n], catalogue.keys[n]))
    groups = catalogue.groups
    found: dict[tuple[int, str], Phrase] = {}
    for number in order:
        wording = _wording(catalogue, groups[number], utterances)
        phrase = Phrase(
            number,
            wording,
            _indicators(catalogue, groups[number]),
            words[number],
            voices[number],
            spreads[number],
            own[number],
            distinct[number],
            made[number],
        )
        found.setdefault((catalogue.keys[number][0], wording), phrase)
        if len(found) == MOST:
            break
    return list(found.values())


def _wording(catalogue: Catalogue, places: np.ndarray, utterances: pd.DataFrame) -> str:
    """What is said most often at these places, in small letters unless most of it is written otherwise."""
    at = catalogue.places.at(places)
    texts = utterances["text"].to_numpy()
    met = Counter(
        texts[row][start:end]
        for row, start, end in zip(at.utterance.tolist(), at.start.tolist(), at.end.tolist(), strict=True)
    )
    folded: Counter[str] = Counter()
    for text, count in met.items():
        folded[text.casefold()] += count
    best = min(folded, key=lambda text: (-folded[text], len(text), text))
    return min((text for text in met if text.casefold() == best), key=lambda text: (-met[text], text.swapcase()))


def _indicators(catalogue: Catalogue, places: np.ndarray) -> str:
    """What meets all places of a phrase in a codebook, joined by `; `: forms that do not vary, else lemmas; and gaps.

    A form whose lemma the tagger took for another stands beside the others.
    """
    at = catalogue.places.at(places)
    words: list[int] = []
    for part in range(int((at.surface[0] > 0).sum())):
        forms, lemmas = Counter(at.surface[:, part].tolist()), Counter(at.lemma[:, part].tolist())
        words.append(min(forms if len(forms) == 1 else lemmas, key=lambda n, of=lemmas: (-of[n], n)))  # type: ignore[misc]
    gaps = at.gap.max(axis=0).tolist()
    met = ((at.surface[:, : len(words)] == words) | (at.lemma[:, : len(words)] == words)).all(axis=1)
    others = sorted({tuple(row[: len(words)]) for row in at.surface[~met].tolist()})
    return "; ".join(_typed([catalogue.words[word] for word in form], gaps) for form in [words, *others])


def _typed(words: Sequence[str], gaps: Sequence[int]) -> str:
    """An indicator as people type it: words at a hyphen without a blank.

    >>> _typed(["sign", "two", "-", "page", "form"], [0, 2, 0, 0, 0])
    'sign ~2 two-page form'
    """
    made = words[0]
    for before, word, gap in zip(words, words[1:], gaps[1:], strict=False):
        tied = before in HYPHENS or word in HYPHENS
        made += ("" if tied else f" ~{gap} " if gap else " ") + word
    return made


def grouped(phrases: Sequence[Phrase], vectors: np.ndarray) -> list[int]:
    """The group of each phrase, phrases of one meaning, numbered from 0. `vectors` are of unit length, (phrases, d)."""
    from sklearn.cluster import AgglomerativeClustering

    if len(phrases) < 2:
        return [0] * len(phrases)
    clustering = AgglomerativeClustering(n_clusters=None, distance_threshold=_APART, metric="cosine", linkage="average")
    return clustering.fit_predict(vectors).tolist()


@dataclass(frozen=True)
class Group:
    """Phrases of one meaning, the leading one first, and what speaks for them together."""

    phrases: tuple[Phrase, ...]
    score: float


def groups_of(
    catalogue: Catalogue, phrases: Sequence[Phrase], vectors: np.ndarray, voice: np.ndarray, of_all: int
) -> list[Group]:
    """Groups that are met in two utterances or more, best first. `voice` is who is heard in each utterance."""
    import numpy as np

    pull = scores.relevance(vectors, [item.score for item in phrases], [item.words for item in phrases])
    members: dict[int, list[int]] = defaultdict(list)
    for position, label in enumerate(grouped(phrases, vectors)):
        members[label].append(position)
    by_phrase = catalogue.groups
    made = []
    for inside in members.values():
        inside.sort(key=lambda n: (-phrases[n].score * float(pull[n]), n))
        met = [np.unique(catalogue.places.utterance[by_phrase[phrases[n].number]]) for n in inside]
        utterances = np.unique(np.concatenate(met))
        often = [len(of_one) for of_one in met]
        if max(often) < 2 and len(utterances) < _FEWEST_OF_RARE:
            continue
        enough = max(max(often) / _LEADING, min(2, max(often)))
        leading = next(n for n, count in zip(inside, often, strict=True) if count >= enough)
        inside.insert(0, inside.pop(inside.index(leading)))
        first = phrases[leading]
        voices = len(np.unique(voice[utterances]))
        if len(utterances) + voices < _FEWEST + (first.words == 1):
            continue
        spread = scores.spread([len(utterances)], [voices], of_all)[0]
        together = scores.score(len(utterances), first.words, first.distinct, spread)
        if together:
            made.append(Group(tuple(phrases[n] for n in inside), together * float(pull[leading])))
    return sorted(made, key=lambda group: (-round(group.score, 9), group.phrases[0].phrase))
