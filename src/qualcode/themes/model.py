"""Themes by BERTopic, each of its parts built explicitly, and what every utterance has to do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import failure
from .choice import BOOTSTRAPS, best_jaccard, choose, crossed, draw, mean_of_met, rand_index
from .clustering import BATCH, Components, Joining, KMeans, Space, Themes, Ward, by_size, centres, unit
from .terms import split

if TYPE_CHECKING:
    import numpy as np
    from bertopic import BERTopic

    from ..language import Embedder
    from .material import Material
    from .terms import Terms

# Ward's tree and neighbours need all pairs. Of more utterances than this, as many are drawn: from them the themes
# are made, and all others go to the nearest (mini-batch k-means, which moves the centres).
MOST_FOR_PAIRS = 5000
# An utterance that is less similar to its theme's centre than this, both seen from the mean of all, fits no theme.
FITS = 0.1
TERMS = 10
# Of so many leading terms, those that say it best are looked for.
_CANDIDATES = 30
# How much terms may resemble one another, 0 to 1 (Carbonell & Goldstein 1998).
_DIVERSITY = 0.5


@dataclass(frozen=True)
class Fitted:
    """BERTopic, fitted: the `labels` of n utterances from 0 (-1: none), shape (n,), and how well they hold.

    `stability` by label; `chance`: what no more than chance would be; `rows` of theme_choice, and the `sentence` that
    says why so many.
    """

    model: BERTopic
    labels: np.ndarray
    stability: Mapping[int, float]
    chance: float
    rows: Sequence[Mapping[str, object]]
    sentence: str


@dataclass(frozen=True)
class Proposal:
    """Themes of n utterances, numbered by size from 1, repeated wordings counted.

    Of shape (n,): `fitted`, the theme that the clustering gave (0: none); `theme`, after what fits none was left out
    (0) or moved; `similarity` to the centre of the fitted theme. By theme: `centres`, `stability`, and terms, leading
    first, and the `topics` of the study that it holds most of (0: those that no utterance is near). `chance`, `rows`,
    `sentence`: as in Fitted.
    """

    fitted: np.ndarray
    theme: np.ndarray
    similarity: np.ndarray
    centres: Mapping[int, np.ndarray]
    stability: Mapping[int, float]
    terms: Mapping[int, Sequence[str]]
    terms_by_meaning: Mapping[int, Sequence[str]]
    terms_diverse: Mapping[int, Sequence[str]]
    chance: float
    rows: Sequence[Mapping[str, object]]
    sentence: str
    model: BERTopic
    topics: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @property
    def named(self) -> set[int]:
        """Themes that zero-shot made of a topic: how well they hold says nothing, they were asked for."""
        return set(self.topics) - {0} if self.model.zeroshot_topic_list else set()


def propose(
    material: Material, terms: Terms, settings: Mapping[str, Any], embedder: Embedder, told: Callable[[str], None]
) -> Proposal:
    """Themes of the material, at least two utterances with terms, by the settings `themes` of the study; none of them
    (no `centres`) where nothing fits any.

    Raises QualcodeError where the settings ask for what cannot be done.
    """
    from threadpoolctl import threadpool_limits

    check(settings, len(material.vectors))
    words = Words(embedder, terms.documents, material.vectors)
    # Sums over several threads differ in their last digits, and thousands of small ones are slower by them.
    with threadpool_limits(limits=1):
        if settings["method"] in ("ward", "kmeans"):
            made = _chosen(material.heard, terms, settings, words, told)
        else:
            made = _refitted(material.heard, terms, settings, words, told)
        proposal = _described(material, terms.documents, settings["outliers"] == "nearest", made)
        topics = held(topics_of(settings), settings, words, material.heard, proposal.theme)
    for name in topics.get(0, ()):
        told(f"no utterance is near the topic '{name}'")
    return replace(proposal, topics=topics)


def _chosen(
    heard: np.ndarray, terms: Terms, settings: Mapping[str, Any], words: Words, told: Callable[[str], None]
) -> Fitted:
    """The number by stability and coherence, then BERTopic with it."""
    import numpy as np

    seed, asked = settings["seed"], _asked(settings)
    gathering = KMeans(seed) if settings["method"] == "kmeans" else Ward()
    if len(heard) <= MOST_FOR_PAIRS:
        choice = choose(heard, terms.counts, gathering, asked, seed, told)
        model = build(Space(), Themes(gathering, choice.number), words)
        labels = same = fit(model, terms.documents, heard)
    else:
        sample = np.sort(np.random.default_rng(seed).choice(len(heard), MOST_FOR_PAIRS, replace=False))
        told(f"{len(heard)} utterances: themes are made from {len(sample)} of them, all others join them")
        drawn = heard[sample].astype(np.float64)
        choice = choose(drawn, terms.counts[sample], gathering, asked, seed, told)
        components = Components(drawn)
        begin = centres(components.transform(drawn), choice.labels, choice.number)
        model = build(components, Joining(begin, seed), words)
        labels = fit(model, terms.documents, heard)
        same = labels[sample]
    # BERTopic numbers the themes anew.
    stable = {
        int(label): float(choice.jaccard[np.bincount(choice.labels[same == label], minlength=1).argmax()])
        for label in np.unique(labels)
    }
    return Fitted(model, labels, stable, choice.chance, choice.rows, choice.sentence)


def _refitted(
    heard: np.ndarray, terms: Terms, settings: Mapping[str, Any], words: Words, told: Callable[[str], None]
) -> Fitted:
    """A method that is more than a gathering of points: its bootstraps are those of the whole of BERTopic."""
    import numpy as np

    asked, method, seed = _asked(settings), settings["method"], settings["seed"]
    rows: list[dict[str, object]] = []
    number = asked
    if method != "hdbscan" and asked is None:
        choice = choose(heard, terms.counts, Ward(), None, seed, told)
        number, rows = choice.number, [row | {"chosen": False, "note": f"without {method}"} for row in choice.rows]
    model = by_method(settings, number, words)
    labels = fit(model, terms.documents, heard)
    told(f"{BOOTSTRAPS} bootstraps of {method}")
    stable, mean = bootstrapped(lambda: by_method(settings, number, words), terms.documents, heard, labels, seed)
    found = len(stable)
    why = f"as {method} found them" + (f" ({asked} were asked for)" if asked else "")
    if found == asked:
        why = "as the study asks"
    largest = float(np.bincount(labels[labels >= 0]).max() / len(labels)) if found else 0.0
    row = {"number": found, "stability": mean, "largest_share": largest, "chosen": True, "note": why}
    rows = sorted(
        [*(other for other in rows if other["number"] != found), row], key=lambda row: int(str(row["number"]))
    )
    return Fitted(model, labels, stable, 0.0, rows, f"{found} themes, {why}.")


def _asked(settings: Mapping[str, Any]) -> int | None:
    return None if settings["number"] == "auto" else int(settings["number"])


def check(settings: Mapping[str, Any], utterances: int) -> None:
    """What the settings ask for has to be possible. Raises QualcodeError."""
    import importlib.util

    method, topics = settings["method"], settings["topics"]
    if method == "hdbscan" and importlib.util.find_spec("umap") is None:
        do = "The README says how to install it (under Emergent themes); or take another method."
        raise failure("study.yaml", "themes: method", "hdbscan needs UMAP, which is not installed", do)
    if method in ("guided", "zero-shot") and not topics:
        do = "Name them under `topics:`, each with a few words, or take another method."
        raise failure("study.yaml", "themes: method", f"{method} needs topics to begin with", do)
    if method == "guided" and (empty := sorted(name for name, words in topics.items() if not words)):
        raise failure("study.yaml", "themes: topics", f"topics without words (found {', '.join(empty)})", "Add a few.")
    if topics and method not in ("guided", "zero-shot"):
        do = "Set `method: guided` or `zero-shot`, or take the topics out."
        raise failure("study.yaml", "themes: topics", f"the method {method} does not look at topics", do)
    if utterances > MOST_FOR_PAIRS and method in ("hdbscan", "guided", "zero-shot"):
        wrong = f"{method} is for up to {MOST_FOR_PAIRS} utterances (found {utterances})"
        raise failure("study.yaml", "themes: method", wrong, "Take ward or kmeans.")


# --- BERTopic -------------------------------------------------------------------------------------------------------


class Words:
    """What BERTopic asks for meanings: of documents, which have theirs, and of words. A backend in its sense."""

    def __init__(self, embedder: Embedder, documents: Sequence[str], vectors: np.ndarray) -> None:
        self._embedder = embedder
        self._documents, self._vectors = documents, vectors
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (texts, d)."""
        import numpy as np

        if not self._known:
            self._known = dict(zip(reversed(self._documents), reversed(self._vectors), strict=True))
        missing = sorted({text for text in texts if text not in self._known})
        self._known.update(zip(missing, self._embedder.encode(missing), strict=True))
        return np.stack([self._known[text] for text in texts])

    def backend(self) -> Any:
        from bertopic.backend import BaseEmbedder

        words = self

        class Backend(BaseEmbedder):
            def embed(self, documents: Sequence[str], verbose: bool = False) -> np.ndarray:  # noqa: ARG002
                return words(list(documents) if not isinstance(documents, str) else [documents])

        return Backend()


def build(reduction: Any, clustering: Any, words: Words, **more: Any) -> BERTopic:
    """BERTopic (Grootendorst 2022) of explicit parts: nothing is left to its defaults, nothing swapped in silence."""
    from bertopic import BERTopic
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    return BERTopic(
        # "english" would take apostrophes and accents out of the words.
        language="multilingual",
        embedding_model=words.backend(),
        umap_model=reduction,
        hdbscan_model=clustering,
        vectorizer_model=CountVectorizer(analyzer=split),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        top_n_words=TERMS,
        calculate_probabilities=False,
        verbose=False,
        **more,
    )


def by_method(settings: Mapping[str, Any], number: int | None, words: Words) -> BERTopic:
    """The model of a method that decides on the number itself, or begins with topics (None: it decides)."""
    topics = topics_of(settings)
    if settings["method"] == "hdbscan":
        parts = Density(settings["seed"])
        return build(parts.reduction(), parts.clustering(), words, nr_topics=number)
    if settings["method"] == "guided":
        seeds = [list(words) for words in settings["topics"].values()]
        return build(Space(), Themes(Ward(), max(number or 2, len(topics))), words, seed_topic_list=seeds)
    named = list(topics.values())
    rest = Themes(Ward(), number or 2)
    similar = settings["topic_similarity"]
    return build(Space(), rest, words, zeroshot_topic_list=named, zeroshot_min_similarity=similar)


def topics_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """What BERTopic compares utterances with, by the name of the study's topic; {} for other methods."""
    if settings["method"] == "guided":
        return {name: " ".join(words) for name, words in settings["topics"].items()}
    if settings["method"] == "zero-shot":
        return {name: ", ".join([name, *words]) for name, words in settings["topics"].items()}
    return {}


def held(
    topics: Mapping[str, str], settings: Mapping[str, Any], words: Words, heard: np.ndarray, themes: np.ndarray
) -> dict[int, list[str]]:
    """The topics of the study by the theme that holds most of what is near them, as BERTopic has it; 0: near none.

    Near is for zero-shot what is similar enough, and for guided what is more like the topic than like all talk.
    """
    import numpy as np

    found: dict[int, list[str]] = {}
    if not topics:
        return found
    similar = heard @ words(list(topics.values())).T
    middle = heard.mean(axis=0)
    least = settings["topic_similarity"] if settings["method"] == "zero-shot" else heard @ unit(middle[None])[0]
    near = np.where(similar.max(axis=1) >= least, similar.argmax(axis=1), -1)
    for number, name in enumerate(topics):
        inside = themes[(near == number) & (themes > 0)]
        found.setdefault(int(np.bincount(inside).argmax()) if len(inside) else 0, []).append(name)
    return found


class Density:
    """UMAP (McInnes et al. 2018) and HDBSCAN (Campello et al. 2013), BERTopic's defaults, kept within what n allows."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def reduction(self) -> Any:
        seed = self.seed

        class Reduction:
            def fit(self, vectors: np.ndarray, y: Any = None) -> Reduction:
                from umap import UMAP  # type: ignore[import-not-found]

                n = len(vectors)
                self.model = UMAP(
                    n_neighbors=max(2, min(15, n - 1)),
                    n_components=max(1, min(5, n - 2)),
                    min_dist=0.0,
                    metric="cosine",
                    init="spectral" if n > 20 else "random",
                    random_state=seed,
                    n_jobs=1,
                ).fit(vectors, y=y)
                return self

            def transform(self, vectors: np.ndarray) -> np.ndarray:
                return (
                    self.model.embedding_
                    if len(vectors) == len(self.model.embedding_)
                    else self.model.transform(vectors)
                )

        return Reduction()

    def clustering(self) -> Any:
        class Clustering:
            def fit(self, points: np.ndarray) -> Clustering:
                from sklearn.cluster import HDBSCAN

                least = max(3, min(10, len(points) // 20))
                self.labels_ = HDBSCAN(min_cluster_size=least, copy=True).fit_predict(points)
                return self

        return Clustering()


def fit(model: BERTopic, documents: Sequence[str], heard: np.ndarray) -> np.ndarray:
    """The topic of each document, from 0 (-1: none), shape (n,)."""
    import numpy as np

    # Guided topics move the vectors in place.
    topics, _ = model.fit_transform(list(documents), embeddings=heard.copy() if model.seed_topic_list else heard)
    return np.array(topics, dtype=np.int64)


def bootstrapped(
    made: Callable[[], BERTopic], documents: Sequence[str], heard: np.ndarray, labels: np.ndarray, seed: int
) -> tuple[dict[int, float], float]:
    """Stability of each label (Hennig 2007), and the mean adjusted Rand index, over bootstraps of a whole model."""
    import numpy as np

    chance = np.random.default_rng(seed)
    agreed: list[float] = []
    alike: list[np.ndarray] = []
    for _ in range(BOOTSTRAPS):
        drawn = draw(chance, len(heard))
        part = fit(made(), [documents[at] for at in drawn], heard[drawn])
        table = crossed(labels[drawn] + 1, part + 1, int(max(labels.max(), part.max())) + 2)
        agreed.append(rand_index(table))
        alike.append(best_jaccard(table[:, 1:])[1 : labels.max() + 2])
    stable = mean_of_met(alike)
    return {int(label): float(stable[label]) for label in np.unique(labels) if label >= 0}, float(np.mean(agreed))


# --- what comes of it -----------------------------------------------------------------------------------------------


def _described(material: Material, documents: Sequence[str], nearest: bool, made: Fitted) -> Proposal:
    """Who fits, themes numbered by size, and terms made anew of what fits. `nearest`: what fits none is moved."""
    import numpy as np

    labels = made.labels
    inside = labels >= 0
    similar, middle = likeness(material.vectors, labels)
    own = np.where(inside, similar[np.arange(len(labels)), labels], 0.0)
    final = np.where(inside & (own >= FITS), labels, similar.argmax(axis=1) if nearest and inside.any() else -1)
    place = {key: at for at, key in enumerate(material.utterances["utterance"])}
    voices = 1 + np.bincount([place[key] for key in material.repeats["repeats"]], minlength=len(labels))
    theme = by_size(final, voices)
    number = dict(zip(final.tolist(), theme.tolist(), strict=True)) | {-1: 0}
    # A theme that no one fits any more has a number behind all others.
    number |= {label: len(number) + at for at, label in enumerate(sorted(set(labels.tolist()) - set(number)))}
    terms = represent(made.model, documents, theme)
    there = {number[label]: label for label in sorted(set(final.tolist()) - {-1})}
    meant = next(int(str(row["number"])) for row in made.rows if row["chosen"])
    fewer = f" {len(there)} of them are left: the others are one with these, or nothing fits them."
    return Proposal(
        fitted=np.array([number[label] for label in labels.tolist()]),
        theme=theme,
        similarity=own,
        centres={at: middle[there[at]] for at in sorted(there)},
        stability={at: made.stability[there[at]] for at in sorted(there)},
        terms=terms[0],
        terms_by_meaning=terms[1],
        terms_diverse=terms[2],
        chance=made.chance,
        rows=made.rows,
        sentence=made.sentence + fewer * (len(there) < meant),
        model=made.model,
    )


def likeness(vectors: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine similarity of n utterances to the centres of k themes, both seen from the mean of all utterances.

    Seen from there, what everyone says in every theme counts for nothing. Shapes (n, k) and (k, d). A theme of all
    utterances lies in the mean itself: everything has similarity 1 to it; without themes, 0 to the one that is not.
    """
    import numpy as np

    number = int(labels.max()) + 1
    middle = vectors.mean(axis=0, dtype=np.float64)
    inside = labels >= 0
    away = unit(centres(vectors if inside.all() else vectors[inside], labels[inside], number) - middle)
    if number == 1 and inside.all():
        return np.ones((len(vectors), 1)), away
    found = np.zeros((len(vectors), max(number, 1)))
    for start in range(0, len(vectors), BATCH):
        found[start : start + BATCH, :number] = unit(vectors[start : start + BATCH] - middle) @ away.T
    return found, away


def represent(
    model: BERTopic, documents: Sequence[str], themes: np.ndarray
) -> tuple[dict[int, list[str]], dict[int, list[str]], dict[int, list[str]]]:
    """Terms of each theme: by c-TF-IDF, KeyBERT-inspired and by maximal marginal relevance. Numbers the model anew:
    its topic t is theme t + 1.
    """
    import logging

    from bertopic.representation import KeyBERTInspired, MaximalMarginalRelevance

    if not themes.any():
        return {}, {}, {}
    # It warns that no topics may be merged afterwards; none are.
    logging.getLogger("BERTopic").setLevel(logging.ERROR)
    model.update_topics(
        list(documents),
        topics=(themes - 1).tolist(),
        top_n_words=TERMS,
        vectorizer_model=model.vectorizer_model,
        ctfidf_model=model.ctfidf_model,
        representation_model={
            "meaning": KeyBERTInspired(top_n_words=TERMS, nr_repr_docs=5, nr_candidate_words=_CANDIDATES),
            "diverse": MaximalMarginalRelevance(diversity=_DIVERSITY, top_n_words=TERMS // 2),
        },
    )
    there = [topic for topic in sorted(model.topic_sizes_) if topic >= 0]
    aspects = model.topic_aspects_
    return (
        {topic + 1: _in_order(model.topic_representations_[topic]) for topic in there},
        {topic + 1: _in_order(aspects["meaning"][topic]) for topic in there},
        {topic + 1: _in_order(aspects["diverse"][topic]) for topic in there},
    )


def _in_order(weighted: Iterable[tuple[str, float]]) -> list[str]:
    """Terms by weight, equals by the alphabet. BERTopic fills up with empty terms."""
    ranked = sorted(weighted, key=lambda pair: (-round(float(pair[1]), 6), pair[0]))
    return list(dict.fromkeys(term for term, _ in ranked if term))
