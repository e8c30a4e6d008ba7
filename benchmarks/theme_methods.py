"""Methods that find topics in utterances: ours, default BERTopic, LDA, NMF, and Ward on principal components."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from theme_measures import LEADING, leading_words
from theme_sets import CACHE, WORD, ThemeSet

from qualcode.files import replacing
from qualcode.text import digest
from qualcode.themes.terms import split

if TYPE_CHECKING:
    import numpy as np

    from qualcode.themes.model import Proposal

# As the step themes had it first.
PLAIN_COMPONENTS = 10
# Fits to the same units of what differs from fit to fit.
FITS = 3
# Of LDA and NMF, so that they are the same in every run.
SEED = 0


@dataclass(frozen=True)
class Found:
    """Topics from 0: `labels`, shape (n,), -1 where a unit is in none; `words`: leading lemmas of each, best first."""

    labels: np.ndarray
    words: Sequence[Sequence[str]]

    @property
    def number(self) -> int:
        return int(self.labels.max()) + 1 if len(self.labels) else 0


@dataclass(frozen=True)
class Method:
    """`fit(talk, number)`: topics of all units of the talk. `own_number`: it finds the number itself.

    `vectors`: where its topics have their centres, None where it reads words only. `kept`: fits are kept between runs,
    because they take long, or (default BERTopic) because every fit differs.
    """

    name: str
    fit: Callable[[ThemeSet, int], Found]
    vectors: Callable[[ThemeSet], np.ndarray] | None
    own_number: bool = False
    kept: bool = False

    def found(self, talk: ThemeSet, number: int, again: int = 0) -> Found:
        """The fit, or the one that is kept. `again` tells repeated fits of the same units apart."""
        if not self.kept:
            return self.fit(talk, number)
        units = talk.material.utterances["utterance"]
        asked = "" if self.own_number else number
        read = talk.texts if self.vectors else talk.terms.documents
        key = digest(self.name, _versions(), talk.name, asked, again, *units, *read, _sum(self, talk))
        stored = CACHE / "fits" / f"{key}.json"
        if not stored.exists():
            _keep(stored, self.fit(talk, number))
        return _kept(stored)

    def fits(self, talk: ThemeSet, number: int) -> list[Found]:
        """Several fits of the same units. The first is the one to go by: of default BERTopic, that with the median
        number of topics, because any single fit may be an odd one.
        """
        made = [self.found(talk, number, again) for again in range(FITS if self.own_number else 2)]
        if self.own_number:
            made.insert(0, made.pop(sorted(range(FITS), key=lambda at: made[at].number)[FITS // 2]))
        return made


def _sum(method: Method, talk: ThemeSet) -> str:
    import hashlib

    import numpy as np

    vectors = method.vectors(talk) if method.vectors else np.zeros(0)
    return hashlib.sha256(np.ascontiguousarray(vectors, dtype=np.float32).tobytes()).hexdigest()


def _versions() -> str:
    from importlib.metadata import version

    names = ["bertopic", "hdbscan", "scikit-learn", *(["umap-learn"] if find_spec("umap") else [])]
    return " ".join(version(name) for name in names)


def _keep(path: Path, found: Found) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps([found.labels.tolist(), found.words]), encoding="utf-8")


def _kept(path: Path) -> Found:
    import numpy as np

    labels, words = json.loads(path.read_text(encoding="utf-8"))
    return Found(np.array(labels, dtype=np.int64), words)


# --- by what utterances mean ---------------------------------------------------------------------------------------


def alone(talk: ThemeSet) -> np.ndarray:
    """What each unit means by itself."""
    return talk.material.vectors


def heard(talk: ThemeSet) -> np.ndarray:
    """What each unit means with the talk around it."""
    return talk.material.heard


def ours(vectors: Callable[[ThemeSet], np.ndarray]) -> Callable[[ThemeSet, int], Found]:
    """Themes as the step themes gathers them, by these vectors, all units in a theme."""

    def fit(talk: ThemeSet, number: int) -> Found:
        from qualcode.themes.clustering import Ward, space

        return _with_words(talk, Ward().partitions(space(vectors(talk)), [number])[number])

    return fit


def plain_ward(talk: ThemeSet, number: int) -> Found:
    """Ward (1963) on ten principal components: no talk around, no neighbours, no moving afterwards."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.decomposition import PCA

    vectors = alone(talk)
    points = PCA(n_components=min(PLAIN_COMPONENTS, *vectors.shape), svd_solver="full").fit_transform(vectors)
    return _with_words(talk, AgglomerativeClustering(min(number, len(points)), linkage="ward").fit_predict(points))


def _with_words(talk: ThemeSet, labels: np.ndarray) -> Found:
    return Found(labels, leading_words(labels, talk.terms.counts, talk.terms.words))


def bertopic_default(vectors: Callable[[ThemeSet], np.ndarray]) -> Callable[[ThemeSet, int], Found]:
    """BERTopic as it comes (Grootendorst 2022): UMAP, HDBSCAN, words as CountVectorizer cuts them. It gets the texts
    and these vectors and finds the number itself. Its words are counted as lemmas afterwards.
    """

    def fit(talk: ThemeSet, number: int) -> Found:  # noqa: ARG001  it finds the number itself
        import numpy as np
        from bertopic import BERTopic

        model = BERTopic(language="english")
        labels, _ = model.fit_transform(talk.texts, embeddings=vectors(talk))
        topics = sorted(set(labels) - {-1})
        words = [[word for word, _ in model.get_topic(topic)[:LEADING] if word] for topic in topics]
        return Found(np.array(labels), [as_lemmas(each, talk.lemma_of) for each in words])

    return fit


def as_lemmas(words: Sequence[str], lemma_of: Mapping[str, str]) -> list[str]:
    """Words as lemmas, each once: "meeting, meetings" says one thing."""
    return list(dict.fromkeys(lemma_of.get(word, word) for word in words))


# --- by words ------------------------------------------------------------------------------------------------------


def lda(talk: ThemeSet, number: int) -> Found:
    """Latent Dirichlet allocation (Blei et al. 2003) on counts of our terms, scikit-learn's defaults."""
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    return _factored(talk, CountVectorizer(analyzer=split), LatentDirichletAllocation(number, random_state=SEED))


def nmf(talk: ThemeSet, number: int) -> Found:
    """Non-negative matrix factorisation (Lee & Seung 1999) of TF-IDF of our terms, scikit-learn's defaults."""
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    return _factored(talk, TfidfVectorizer(analyzer=split), NMF(number, random_state=SEED))


def _factored(talk: ThemeSet, vectorizer: Any, model: Any) -> Found:
    """Each unit in the topic that has most of it; units without terms go to the largest."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        counts = vectorizer.fit_transform(talk.terms.documents)
        shares = model.fit_transform(counts)
    labels = shares.argmax(axis=1)
    told = np.asarray(counts.sum(axis=1)).ravel() > 0
    labels[~told] = np.bincount(labels[told], minlength=1).argmax()
    names = vectorizer.get_feature_names_out()
    words = [_single(names[np.argsort(-weights, kind="stable")]) for weights in model.components_]
    met, labels = np.unique(labels, return_inverse=True)
    return Found(labels, [words[topic] for topic in met])


def _single(terms: Sequence[str]) -> list[str]:
    """The first LEADING different words of terms; a phrase gives each of its words."""
    found: dict[str, None] = {}
    for term in terms:
        found.update(dict.fromkeys(WORD.findall(term)))
        if len(found) >= LEADING:
            break
    return list(found)[:LEADING]


# --- all of them ---------------------------------------------------------------------------------------------------

OURS, DEFAULT = "ours", "default BERTopic"
METHODS = (
    Method(OURS, ours(heard), heard),
    Method(DEFAULT, bertopic_default(alone), alone, own_number=True, kept=True),
    Method("LDA", lda, None, kept=True),
    Method("NMF", nmf, None, kept=True),
    Method("plain Ward", plain_ward, alone),
    Method("ours, each turn by itself", ours(alone), alone),
    Method("default BERTopic, with the talk around", bertopic_default(heard), heard, own_number=True, kept=True),
)


def can_run(method: Method) -> bool:
    """Default BERTopic would take PCA in silence where UMAP is missing."""
    return not method.own_number or find_spec("umap") is not None


# --- what the step offers ------------------------------------------------------------------------------------------


class Proposed(NamedTuple):
    """What the step themes offers: `found`, its themes with what fits none left out; `fitted`, shape (n,), with every
    unit in the theme that the clustering gave; all of its `proposal`.
    """

    found: Found
    fitted: np.ndarray
    proposal: Proposal


def proposed(talk: ThemeSet, number: int | str = "auto") -> Proposed:
    """The step's own proposal by its default settings, but for the number if one is given."""
    from qualcode.language import MINILM, load_embedder
    from qualcode.themes.model import propose

    made = propose(talk.material, talk.terms, settings() | {"number": number}, load_embedder(MINILM), lambda _: None)
    themes = sorted(made.terms)
    words = [_single(made.terms[theme]) for theme in themes]
    place = {theme: at for at, theme in enumerate(themes)}
    return Proposed(Found(_placed(made.theme, place), words), _placed(made.fitted, place), made)


def without_caution(talk: ThemeSet, made: Proposed) -> int:
    """How many of the themes the step offers without any caution."""
    from qualcode.themes import describing

    people = talk.material.utterances[["utterance", "source", "participant"]]
    voices = describing.members(talk.material, made.proposal).merge(people, on="utterance")
    table = describing.themes(made.proposal, voices, {}, talk.terms.shown)
    return int((table["note"] == "").sum())


def settings() -> dict[str, Any]:
    """What the schema of study.yaml has as the defaults of `themes`."""
    from qualcode.files import schema

    return {name: value["default"] for name, value in schema("study")["properties"]["themes"]["properties"].items()}


def _placed(themes: np.ndarray, place: Mapping[int, int]) -> np.ndarray:
    import numpy as np

    return np.array([place.get(theme, -1) for theme in themes.tolist()])
