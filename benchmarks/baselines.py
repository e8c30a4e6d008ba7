"""What suggestions are measured beside: regressions on words and on sentence vectors, rules alone, the majority.

Each method takes a talk and a round of it, and says which sentences it suggests for which code (bool, shape (n, codes))
and how probable each is (None: it gives no probability). Only what the round asks for counts.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING, Any

from talks import Round, Talk

if TYPE_CHECKING:
    import numpy as np

    Method = Callable[[Talk, Round], tuple[np.ndarray, np.ndarray | None]]

STRENGTHS = (0.1, 1, 10, 100)
WEIGHTS = (None, "balanced")
INNER = 4


def by_words(talk: Talk, part: Round) -> tuple[np.ndarray, None]:
    """TF-IDF of words and pairs of words in a row, and logistic regression."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    vectorizer.fit([talk.texts[row] for row in np.flatnonzero(part.learn.any(axis=1)).tolist()])
    return by_regression(talk, part, vectorizer.transform(talk.texts).tocsr()), None


def by_vectors(talk: Talk, part: Round) -> tuple[np.ndarray, None]:
    """The sentence's MiniLM vector and logistic regression."""
    return by_regression(talk, part, talk.vectors.astype(float)), None


def by_rules_alone(talk: Talk, part: Round) -> tuple[np.ndarray, None]:
    """What the codebook's rules propose; nothing is learned."""
    assert talk.ruled is not None
    return talk.ruled & part.ask, None


def by_majority(talk: Talk, part: Round) -> tuple[np.ndarray, None]:
    """Each code for all sentences or none, as most of what was coded has it."""
    coded = (talk.given & part.learn).sum(axis=0)
    return part.ask & (2 * coded > part.learn.sum(axis=0)), None


def by_regression(talk: Talk, part: Round, features: Any) -> np.ndarray:
    """A logistic regression for each code: strength and weights of the classes are those whose threshold gives the
    highest kappa by cross-validation over transcripts, and that threshold is used.
    """
    import numpy as np

    suggested = np.zeros_like(part.ask)
    for code in range(len(talk.codes)):
        rows, asked = np.flatnonzero(part.learn[:, code]), np.flatnonzero(part.ask[:, code])
        given = talk.given[rows, code]
        if not given.any() or given.all():
            suggested[asked, code] = given.all() and len(given) > 0
            continue
        inner = _folds(part.groups[rows])
        tuned = []
        for strength, weights in product(STRENGTHS, WEIGHTS):
            scores = _held_out(features[rows], given, inner, strength, weights)
            tuned.append((*threshold_for_kappa(scores, given), strength, weights))
        threshold, _, strength, weights = max(tuned, key=lambda found: found[1])
        fitted = _regression(strength, weights).fit(features[rows], given)
        suggested[asked, code] = fitted.decision_function(features[asked]) >= threshold
    return suggested


def _regression(strength: float, weights: str | None) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, class_weight=weights, solver="liblinear", max_iter=1000, random_state=0)


def _folds(groups: np.ndarray) -> np.ndarray:
    """The inner fold of each row: groups in turns."""
    import numpy as np

    return np.unique(groups, return_inverse=True)[1] % INNER


def _held_out(features: Any, given: np.ndarray, inner: np.ndarray, strength: float, weights: str | None) -> np.ndarray:
    """The score of each row by what was fitted without its fold, lowest where nothing could be fitted."""
    import numpy as np

    scores = np.full(len(given), -np.inf)
    for fold in np.unique(inner):
        kept = inner != fold
        if given[kept].any() and not given[kept].all():
            fitted = _regression(strength, weights).fit(features[kept], given[kept])
            scores[~kept] = fitted.decision_function(features[~kept])
    return scores


def threshold_for_kappa(scores: np.ndarray, given: np.ndarray) -> tuple[float, float]:
    """The score from which on suggesting gives the highest kappa, half way to the next score, and that kappa."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    sorted_scores, coded = scores[order], given[order]
    found, rows, all_coded = np.cumsum(coded), np.arange(1, len(coded) + 1), coded.sum()
    chance = rows * (len(coded) - all_coded) + (len(coded) - rows) * all_coded
    kappa = 2 * (found * len(coded) - rows * all_coded) / chance
    after = np.append(sorted_scores[1:], -np.inf)
    kappa[sorted_scores == after] = -1
    best = int(kappa.argmax())
    here, there = sorted_scores[best], after[best]
    return float((here + there) / 2 if np.isfinite(there) else here), float(kappa[best])
