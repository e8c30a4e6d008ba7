"""Propose emergent themes with BERTopic: PCA and Ward clustering, so that the same words give the same themes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import tables
from .console import add_study, say
from .counting import said
from .study import load_study

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SETTINGS = ("themes",)
COMPONENTS = 10
BOOTSTRAPS = 30
BOOTSTRAP_SEED = 2007
# Ward needs the distances of all pairs: beyond this many utterances they do not fit a laptop.
MOST_UTTERANCES = 20_000
# Below this a cluster is not to be trusted (Hennig 2007).
UNSTABLE = 0.6
TERMS = 10
# Words of talk that say nothing of what it is about.
FILLERS = frozenset(
    [
        "um",
        "uh",
        "mm",
        "hm",
        "mm-hm",
        "mhm",
        "yeah",
        "yes",
        "yep",
        "okay",
        "ok",
        "oh",
        "ah",
        "er",
        "erm",
        "like",
        "just",
        "really",
        "know",
        "mean",
        "kind",
        "sort",
        "thing",
        "things",
        "got",
        "gonna",
        "going",
        "don't",
        "didn't",
        "doesn't",
        "it's",
        "that's",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "you're",
        "you've",
        "we're",
        "we've",
        "they're",
        "there's",
        "he's",
        "she's",
        "can't",
        "won't",
        "isn't",
        "wasn't",
        "let's",
        "right",
        "well",
        "actually",
        "maybe",
        "say",
        "said",
    ]
)


@dataclass(frozen=True)
class Fit:
    """Themes numbered by size from 1: `member` holds each utterance's theme, `terms` the leading terms of each."""

    member: list[int]
    terms: dict[int, list[str]]


def usable(utterances: pd.DataFrame) -> pd.DataFrame:
    """What themes are made of: participants' words, without listening signals and repeated wordings."""
    telling = said(utterances[~utterances["backchannel"]])
    return telling[~telling["text"].str.casefold().duplicated()]


def how_many(asked: Any, utterances: int) -> int:
    """The number of themes: the study's, or the square root of half the utterances (Mardia et al. 1979), 2 to 12."""
    if asked == "auto":
        return max(2, min(12, round((utterances / 2) ** 0.5)))
    return int(asked)


def fit(texts: list[str], vectors: np.ndarray, number: int, names: Iterable[str] = ()) -> Fit:
    """Fit BERTopic (Grootendorst 2022) on utterance vectors of shape (n, d), every component built explicitly.

    `names` are kept out of the terms, and so is what stands in square brackets: "[laughs]", "[school]".
    """
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    model = BERTopic(
        # "english" would take apostrophes and accents out of the words.
        language="multilingual",
        embedding_model=None,
        umap_model=_reduction(vectors),
        hdbscan_model=_clustering(number),
        vectorizer_model=CountVectorizer(
            stop_words=_stop_words(names), ngram_range=(1, 2), token_pattern=r"(?u)\b[^\W\d_][\w'’-]+\b"
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        top_n_words=TERMS,
        calculate_probabilities=False,
        verbose=False,
    )
    words = [_plain(text) for text in texts]
    topics, _ = model.fit_transform(words, embeddings=vectors)
    order = _by_size(topics)
    leading = {order[topic]: _leading(model.get_topic(topic) or []) for topic in order}
    return Fit([order[topic] for topic in topics], leading)


def _plain(text: str) -> str:
    """Words without what stands in square brackets and without possessives, apostrophes straight as in FILLERS."""
    return re.sub(r"'s\b", "", re.sub(r"\[[^\]]*\]", " ", text).replace("’", "'"))


def _leading(weighted: Iterable[tuple[str, float]]) -> list[str]:
    """Terms by weight, equals by the alphabet. BERTopic fills up with empty terms."""
    return [term for term, _ in sorted(weighted, key=lambda pair: (-round(pair[1], 9), pair[0])) if term]


def _by_size(topics: list[int]) -> dict[int, int]:
    """New numbers of topics: the largest is 1, and of equals the one that is met first."""
    met = list(dict.fromkeys(topics))
    ranked = sorted(met, key=lambda topic: (-topics.count(topic), met.index(topic)))
    return {topic: number for number, topic in enumerate(ranked, 1)}


def _reduction(vectors: np.ndarray) -> Any:
    from sklearn.decomposition import PCA

    return PCA(n_components=min(COMPONENTS, *vectors.shape), svd_solver="full")


def _clustering(number: int) -> Any:
    from sklearn.cluster import AgglomerativeClustering

    return AgglomerativeClustering(n_clusters=number, linkage="ward")


def _stop_words(names: Iterable[str]) -> list[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    parts = (part for name in names for part in re.findall(r"[^\W\d_][\w'’-]+", _plain(name.casefold())))
    return sorted(ENGLISH_STOP_WORDS | FILLERS | set(parts))


def stability(vectors: np.ndarray, member: list[int], number: int) -> dict[int, float]:
    """Mean over bootstraps of each theme's Jaccard similarity to its nearest cluster (Hennig 2007), 0 to 1."""
    import numpy as np

    chance = np.random.default_rng(BOOTSTRAP_SEED)
    themes = np.array(member)
    found: dict[int, list[float]] = {theme: [] for theme in sorted(set(member))}
    for _ in range(BOOTSTRAPS):
        drawn = np.unique(chance.integers(0, len(vectors), len(vectors)))
        if len(drawn) <= number:
            continue
        part = vectors[drawn]
        clusters = _clustering(number).fit_predict(_reduction(part).fit_transform(part))
        for theme, values in found.items():
            inside = themes[drawn] == theme
            if inside.any():
                values.append(max(_jaccard(inside, clusters == cluster) for cluster in range(number)))
    return {theme: sum(values) / len(values) if values else 0.0 for theme, values in found.items()}


def _jaccard(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


def centres(vectors: np.ndarray, member: list[int]) -> dict[int, np.ndarray]:
    """The mean direction of each theme's utterances."""
    import numpy as np

    from .language import mean_direction

    themes = np.array(member)
    return {
        theme: mean_direction(vectors[themes == theme], [1.0] * member.count(theme)) for theme in sorted(set(member))
    }


def may_be_quoted(words: pd.DataFrame, participants: pd.DataFrame) -> pd.Series:
    """Which utterances are of people who said yes to being quoted; a source without people has no one to ask."""
    agreed = set(participants.loc[participants["quote_consent"] == "yes", "participant"])
    peopled = set(words.loc[words["participant"] != "", "source"])
    return words["participant"].isin(agreed) | ~words["source"].isin(peopled)


def describe(
    words: pd.DataFrame, vectors: np.ndarray, made: Fit, stable: dict[int, float], quotable: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables themes and theme_members. A theme is quoted by its most central utterance that is `quotable`."""
    middle = centres(vectors, made.member)
    similar = [float(vector @ middle[theme]) for vector, theme in zip(vectors, made.member, strict=True)]
    members = words.assign(theme=made.member, similarity=similar)
    rows = []
    for theme, group in members.groupby("theme"):
        central = group[quotable[group.index]].sort_values(["similarity", "utterance"], ascending=[False, True])
        nearest = central.iloc[0] if len(central) else {"text": "", "utterance": ""}
        terms = made.terms.get(int(str(theme)), [])
        people = group.loc[group["participant"] != "", "participant"].nunique()
        rows.append(
            {
                "theme": theme,
                "label": ", ".join(terms[:4]) or "(no telling words)",
                "terms": "; ".join(terms),
                "utterances": len(group),
                "participants": people,
                "sources": group["source"].nunique(),
                "stability": stable[int(str(theme))],
                "note": _caution(people, stable[int(str(theme))], words["participant"].nunique()),
                "quotation": nearest["text"],
                "utterance": nearest["utterance"],
            }
        )
    return tables.frame("themes", rows), members[["utterance", "theme", "similarity"]]


def _caution(people: int, stable: float, speakers: int) -> str:
    cautions = []
    if people == 1 and speakers > 1:
        cautions.append("one person's topic")
    if stable < UNSTABLE:
        cautions.append("unstable")
    return "; ".join(cautions)


def _facts(entries: list[tuple[str, object, str]]) -> pd.DataFrame:
    return tables.frame("theme_stability", [{"what": w, "value": str(v), "note": n} for w, v, n in entries])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    import numpy as np

    settings = load_study(args.study).settings["themes"]
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    words = usable(utterances)
    with np.load(args.results / "embeddings.npz") as stored:
        vectors = stored["vectors"][words.index]
    told = vectors.any(axis=1)
    words, vectors = words[told], vectors[told].astype(np.float64)
    facts: list[tuple[str, object, str]] = [
        ("usable utterances", len(words), "participants' words, without listening signals and repeated wordings"),
    ]
    number = how_many(settings["number"], len(words))
    reason = ""
    if len(words) < settings["minimum_utterances"]:
        reason = f"{len(words)} usable utterances are too few: {settings['minimum_utterances']} are needed"
    elif len(words) > MOST_UTTERANCES:
        reason = f"{len(words)} usable utterances are more than {MOST_UTTERANCES}, which Ward clustering can hold"
    elif number > len(words):
        reason = f"{number} themes cannot be made of {len(words)} utterances"
    if not reason:
        try:
            made = fit(list(words["text"]), vectors, number, participants["pseudonym"])
        except ValueError as error:
            # CountVectorizer's words for texts that hold nothing but fillers.
            if "vocabulary" not in str(error) and "no terms remain" not in str(error):
                raise
            reason = "the utterances hold no telling words"
    if reason:
        say(f"no themes: {reason}")
        tables.write(args.results, "themes", tables.frame("themes", []))
        tables.write(args.results, "theme_members", tables.frame("theme_members", []))
        tables.write(args.results, "theme_stability", _facts([*facts, ("no themes", 0, reason)]))
        return
    say(f"{number} themes of {len(words)} utterances; {BOOTSTRAPS} bootstraps")
    stable = stability(vectors, made.member, number)
    themes, members = describe(words, vectors, made, stable, may_be_quoted(words, participants))
    facts += [
        (
            "themes",
            number,
            "as the study asks"
            if settings["number"] != "auto"
            else "square root of half the utterances (Mardia et al. 1979)",
        ),
        ("components", min(COMPONENTS, *vectors.shape), "of a principal component analysis (full decomposition)"),
        ("bootstraps", BOOTSTRAPS, f"drawn with the seed {BOOTSTRAP_SEED}; the themes themselves have no random start"),
        (
            "mean stability",
            f"{sum(stable.values()) / len(stable):.2f}",
            f"below {UNSTABLE} a theme is called unstable (Hennig 2007)",
        ),
    ]
    tables.write(args.results, "themes", themes)
    tables.write(args.results, "theme_members", members)
    tables.write(args.results, "theme_stability", _facts(facts))
