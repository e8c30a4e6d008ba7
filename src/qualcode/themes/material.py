"""What themes are made of: participants' words that tell something, each wording once, and the talk around them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..counting import said
from ..text import count_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Kinds of sources in which a turn is understood from those around it.
TALK = ("focus_group", "interview")
# Beside a turn of so many words each neighbour weighs half of it.
HALF = 15
# Up to so many utterances sums are of twice the precision.
PRECISE = 20_000
_CHUNK = 8192
# What is no longer than this has no direction.
_NOTHING = 1e-6
# Why something that participants said is no material, in the order in which it is asked.
NO_WORDS, SIGNAL, ONLY_REMARKS, ONLY_NAMES, NO_MEANING = (
    "hold no words",
    "only signal listening",
    "hold only remarks in square brackets",
    "hold only names",
    "have no meaning that the model knows",
)
_REMARK = re.compile(r"\[[^\]]*\]?")
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Material:
    """The n utterances that themes are made of, in canonical order: by source id, then by their number in it.

    `vectors` and `heard` have shape (n, d), rows of unit length: what each utterance means by itself, and with the talk
    around it. `repeats` (columns utterance, repeats): what has the wording of one of `utterances`, and which.
    `left_out`: how many utterances of participants are neither, by reason.
    """

    utterances: pd.DataFrame
    vectors: np.ndarray
    heard: np.ndarray
    repeats: pd.DataFrame
    left_out: dict[str, int]


@dataclass(frozen=True)
class _Around:
    """All that tells something, repeats included, in canonical order: the source of each, whether this is talk, and
    the row of `vectors` that it has."""

    sources: np.ndarray
    talk: np.ndarray
    rows: np.ndarray
    vectors: np.ndarray


def gather(
    utterances: pd.DataFrame,
    participants: pd.DataFrame,
    kinds: Mapping[str, str],
    vectors: np.ndarray,
    context: bool,
) -> Material:
    """What participants said that tells something. The order of the rows of `utterances` does not matter.

    `vectors`, shape (rows of `utterances`, d): what each row means. `kinds`: the kind of each source. `context`:
    whether turns of talk are read with their neighbours; `heard` is the very array `vectors` where none is.
    """
    import numpy as np

    order = _canonical(utterances)
    told = said(utterances.iloc[order].reset_index(drop=True))
    rows = order[told.index]
    length = np.einsum("ij,ij->i", vectors, vectors)
    meant = ((length > 0) & np.isfinite(length))[rows]
    reasons = _reasons(told, meant, participants["pseudonym"])
    telling = np.array([not reason for reason in reasons], dtype=bool)
    left_out = Counter(reason for reason in reasons if reason)
    told, rows = told[telling], rows[telling]
    first = _first_of_wording(told["text"])
    fitted = np.flatnonzero(first == np.arange(len(rows)))
    again = np.flatnonzero(first != np.arange(len(rows)))
    ids = told["utterance"].to_numpy()
    kept = told.iloc[fitted].reset_index(drop=True)
    own = _unit(vectors, rows[fitted], np.float64 if len(kept) <= PRECISE else np.float32)
    heard = own
    if context:
        sources = told["source"]
        heard = _heard(own, kept, fitted, _Around(sources.to_numpy(), _is_talk(sources, kinds), rows, vectors))
    return Material(kept, own, heard, _repeats(ids[again], ids[first[again]]), _in_order(left_out))


def number_in_source(utterances: pd.DataFrame) -> np.ndarray:
    """The number n of each utterance `<source>:<n>`, from 1."""
    import numpy as np

    numbers = (int(utterance.rpartition(":")[2]) for utterance in utterances["utterance"])
    return np.fromiter(numbers, dtype=np.int64, count=len(utterances))


def _canonical(utterances: pd.DataFrame) -> np.ndarray:
    """The rows by source id, then by their number in it."""
    import numpy as np
    import pandas as pd

    return np.lexsort((number_in_source(utterances), pd.factorize(utterances["source"], sort=True)[0]))


def _is_talk(sources: pd.Series, kinds: Mapping[str, str]) -> np.ndarray:
    import numpy as np

    return np.asarray(sources.map(kinds).isin(TALK), dtype=bool)


def _repeats(utterance: np.ndarray, repeated: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"utterance": utterance, "repeats": repeated}, dtype=object)


def _in_order(left_out: Counter[str]) -> dict[str, int]:
    reasons = (NO_WORDS, SIGNAL, ONLY_REMARKS, ONLY_NAMES, NO_MEANING)
    return {reason: left_out[reason] for reason in reasons if left_out[reason]}


def _reasons(told: pd.DataFrame, known: np.ndarray, pseudonyms: Iterable[str]) -> list[str]:
    """Why each of the utterances is no material, '' for those that are. `known`: which have a meaning."""
    names = {word for name in pseudonyms for word in _words(name)}
    cells = zip(told["backchannel"], told["text"], known.tolist(), strict=True)
    return [_reason(signal, text, meant, names) for signal, text, meant in cells]


def _reason(signal: bool, text: str, meant: bool, names: set[str]) -> str:
    lacking = _speechless(text, names)
    # "…" has no words to signal with.
    return SIGNAL if signal and lacking != NO_WORDS else lacking or ("" if meant else NO_MEANING)


def _speechless(text: str, names: set[str]) -> str:
    """Which words an utterance lacks to be material, '' if none."""
    left = _REMARK.sub(" ", text) if "[" in text else text
    # Nearly everything has a word that is no name among its first ones: the search ends there.
    met = False
    for word in _words(left):
        if word not in names:
            return ""
        met = True
    if met:
        return ONLY_NAMES
    return ONLY_REMARKS if any(map(str.isalpha, text)) else NO_WORDS


def _words(text: str) -> Iterator[str]:
    """Words without possessives, as they are written."""
    return (match[0].replace("’", "'").removesuffix("'s") for match in _WORDS.finditer(text))


class _Letters(dict[int, str | None]):
    """What is left of each character in a wording: nothing of punctuation, white space and what is not seen."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = kept = None if unicodedata.category(char)[0] in "PZC" else char
        return kept


_LETTERS = _Letters()


def wording(text: str) -> str:
    """A text without case, punctuation and white space: what is the same wording.

    >>> wording("I don’t know …") == wording("i don't know")
    True
    """
    return text.translate(_LETTERS).casefold()


def _first_of_wording(texts: Iterable[str]) -> np.ndarray:
    """For each text the position of the first that has the same wording."""
    import numpy as np

    met: dict[str, int] = {}
    return np.array([met.setdefault(wording(text), number) for number, text in enumerate(texts)], dtype=np.int64)


def _unit(vectors: np.ndarray, rows: np.ndarray, dtype: type) -> np.ndarray:
    """These rows with unit length, worked out in chunks: the one copy that is needed."""
    import numpy as np

    made: np.ndarray = np.empty((len(rows), vectors.shape[1]), dtype=dtype)
    for at in range(0, len(rows), _CHUNK):
        part = vectors[rows[at : at + _CHUNK]].astype(np.float64)
        made[at : at + _CHUNK] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return made


def _heard(own: np.ndarray, kept: pd.DataFrame, at: np.ndarray, around: _Around) -> np.ndarray:
    """`own` with each turn of talk read with the turns before and after it in its source, the more the shorter it is.

    Each neighbour weighs HALF / (HALF + words of the turn): measured best on talk with topics marked by people.
    `at`: where each of `kept` stands in `around`.
    """
    import numpy as np

    turns = np.flatnonzero(around.talk[at])
    if not len(turns):
        return own
    same = np.concatenate([[False], around.sources[1:] == around.sources[:-1], [False]])
    texts = kept["text"].to_numpy()
    made = own.copy()
    for chunk in np.split(turns, range(_CHUNK, len(turns), _CHUNK)):
        place = at[chunk]
        weight = np.array([HALF / (HALF + count_words(text)) for text in texts[chunk]])[:, None]
        heard = own[chunk].astype(np.float64)
        for has, neighbour in ((same[place], place - 1), (same[place + 1], place + 1)):
            heard[has] += weight[has] * _unit(around.vectors, around.rows[neighbour[has]], np.float64)
        length = np.linalg.norm(heard, axis=1, keepdims=True)
        # Words that say the opposite of both neighbours might leave nothing: then they are heard by themselves.
        made[chunk] = np.where(length > _NOTHING, heard / np.maximum(length, _NOTHING), own[chunk])
    return made
