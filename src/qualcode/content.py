"""Words that tell what talk is about, and ranges of them: what steps that look into sentences share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Parts of speech that tell something.
CONTENT = frozenset(["NOUN", "PROPN", "VERB", "ADJ"])
# Words that say nothing of what talk is about, besides those of every text.
LIGHT = frozenset(
    ["say", "tell", "think", "know", "want", "like", "make", "mean", "come", "look", "let", "thing", "way", "lot",
     "sure", "kind", "sort", "really", "just", "yeah", "gonna", "okay"]
)  # fmt: skip
# Where there is no model to say what a word is, short ones are left out.
LONG_ENOUGH = 4


@cache
def stop_words() -> frozenset[str]:
    """The English words that stand in every text."""
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset(STOP_WORDS)


def spread(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every place from `low` to before `high`, and which of the ranges it is of: (range, place), in order."""
    import numpy as np

    number = np.maximum(high - low, 0)
    of = np.repeat(np.arange(len(number)), number)
    return of, np.arange(len(of)) - (np.cumsum(number) - number)[of] + low[of]
