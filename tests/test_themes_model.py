"""The ways of gathering that a study may choose, within BERTopic, and what they make of few and very many."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from test_themes_choice import words_of
from test_themes_clustering import clouds

from qualcode.errors import QualcodeError
from qualcode.themes import model
from qualcode.themes.clustering import unit
from qualcode.themes.material import Material
from qualcode.themes.model import FITS, likeness, propose
from qualcode.themes.terms import SEPARATOR, Terms

SETTINGS = {
    "number": "auto", "minimum_utterances": 30, "method": "ward", "topics": {}, "topic_similarity": 0.4,
    "context": False, "outliers": "keep", "seed": 2007,
}  # fmt: skip
D = 60


class Axes:
    """Stands in for the model of meanings: what begins with t and a number lies along that axis."""

    def encode(self, texts):
        made = np.full((len(texts), D), 0.01)
        for row, text in enumerate(texts):
            for word in text.replace(",", " ").split():
                if word[0] == "t" and word[1:].isdigit():
                    made[row, int(word[1:])] += 1
        return unit(made)


def material(vectors, repeats=()):
    n = len(vectors)
    rows = pd.DataFrame({"utterance": [f"talk:{k + 1}" for k in range(n)], "source": "talk", "participant": "p"})
    again = pd.DataFrame(list(repeats), columns=["utterance", "repeats"], dtype=object)
    return Material(rows, vectors, vectors, again, {})


def terms(labels):
    """Each utterance says the name of its theme and two words of the theme's own."""
    counts = words_of(labels)
    documents = [
        SEPARATOR + SEPARATOR.join([f"t{label}", *(f"w{word}" for word in counts[row].nonzero()[1])]) + SEPARATOR
        for row, label in enumerate(labels)
    ]
    return Terms(documents, {}, counts, [f"w{word}" for word in range(counts.shape[1])])


def proposed(vectors, labels, repeats=(), **settings):
    told = []
    made = propose(material(vectors, repeats), terms(labels), SETTINGS | settings, Axes(), told.append)
    return made, told


@pytest.mark.parametrize("method", ["ward", "kmeans"])
def test_clear_themes_are_found_numbered_by_size_and_named_by_their_words(method):
    vectors, labels = clouds((12, 30, 20), d=D)
    made, _ = proposed(vectors, labels, method=method)
    assert made.fitted.tolist() == [{0: 3, 1: 1, 2: 2}[label] for label in labels.tolist()]
    assert all(made.stability[theme] > 0.95 for theme in (1, 2, 3))
    assert [made.terms[theme][0] for theme in (1, 2, 3)] == ["t1", "t2", "t0"]
    assert [made.terms_by_meaning[theme][0] for theme in (1, 2, 3)] == ["t1", "t2", "t0"]
    assert all(len(made.terms_diverse[theme]) == 5 for theme in (1, 2, 3))


def test_repeats_count_when_themes_are_numbered():
    vectors, labels = clouds((20, 18), d=D)
    made, _ = proposed(vectors, labels, repeats=[(f"talk:{40 + n}", "talk:38") for n in range(4)], number=2)
    assert made.fitted[0] == 2 and made.fitted[-1] == 1


def test_likeness_is_the_cosine_seen_from_the_mean_of_all():
    vectors, labels = clouds((12, 30, 20), d=D, noise=2)
    found, centres = likeness(vectors, labels)
    away = vectors - vectors.mean(axis=0)
    middles = np.stack([unit(away[labels == label].mean(axis=0, keepdims=True))[0] for label in range(3)])
    assert centres == pytest.approx(middles)
    assert found == pytest.approx(unit(away) @ middles.T)
    assert (likeness(vectors, np.zeros(62, dtype=int))[0] == 1).all(), "one theme of all is like everything"


def test_what_is_no_more_like_its_theme_than_like_all_talk_fits_none():
    vectors, labels = clouds((30, 20, 12), d=D, noise=2)
    made, _ = proposed(vectors, labels, number=3)
    assert ((made.theme == 0) == (made.similarity < FITS)).all()
    assert (made.theme[made.theme > 0] == made.fitted[made.theme > 0]).all()
    moved, _ = proposed(vectors, labels, number=3, outliers="nearest")
    assert (moved.theme > 0).all()


def test_very_many_are_gathered_from_a_sample_and_all_join(monkeypatch):
    monkeypatch.setattr(model, "MOST_FOR_PAIRS", 300)
    vectors, labels = clouds((800, 600, 400), d=D, noise=0.6)
    made, told = proposed(vectors.astype(np.float32), labels)
    assert adjusted_rand_score(labels, made.fitted) > 0.99
    assert len(made.centres) == 3 and made.fitted[0] == 1
    assert told[0] == "1800 utterances: themes are made from 300 of them, all others join them"
    again, _ = proposed(vectors.astype(np.float32), labels)
    assert np.array_equal(made.fitted, again.fitted)


def test_guided_themes_begin_with_the_topics_that_are_named():
    # Two topics so near to one another that they are one theme unless someone asks for both.
    labels = np.repeat([0, 1, 2, 3], 15)
    near = (
        np.where(labels[:, None] < 2, 0.9 * np.eye(D)[50], 0)
        + np.eye(D)[labels] * np.where(labels < 2, 0.25, 1)[:, None]
    )
    vectors = unit(near + 0.05 * np.random.default_rng(1).standard_normal(near.shape))
    made, told = proposed(vectors, labels, method="guided", number=4, topics={"First": ["t0"], "Second": ["t1"]})
    assert adjusted_rand_score(labels, made.fitted) > 0.9
    assert "30 bootstraps of guided" in told
    assert made.sentence == "4 themes, as the study asks."


def test_zero_shot_gives_topics_what_is_like_them_and_gathers_the_rest():
    vectors, labels = clouds((20, 16, 14, 12), d=D)
    made, _ = proposed(
        vectors, labels, method="zero-shot", number=2, topics={"t0": [], "t1": ["t1"]}, topic_similarity=0.5
    )
    assert adjusted_rand_score(labels, made.fitted) == 1
    assert made.model.topic_labels_ is not None and min(made.stability.values()) > 0.9
    alone, _ = proposed(
        vectors[:36], labels[:36], method="zero-shot", topics={"t0": [], "t1": []}, topic_similarity=0.2
    )
    assert adjusted_rand_score(labels[:36], alone.fitted) == 1, "where nothing is left to gather"


def test_topics_are_told_with_the_theme_that_holds_them_or_that_nothing_is_near_them():
    vectors, labels = clouds((20, 16, 14), d=D)
    topics = {"t1": ["t1"], "nothing": ["t40"]}
    for method, similar in (("guided", 0.4), ("zero-shot", 0.5)):
        made, told = proposed(vectors, labels, method=method, number=3, topics=topics, topic_similarity=similar)
        theme = int(np.bincount(made.fitted[labels == 1]).argmax())
        assert made.topics == {theme: ["t1"], 0: ["nothing"]}
        assert told[-1] == "no utterance is near the topic 'nothing'"
        assert made.named == ({theme} if method == "zero-shot" else set())
    assert proposed(vectors, labels, number=3)[0].topics == {}


@pytest.mark.parametrize("method", ["guided", "zero-shot"])
def test_the_number_is_found_with_topics_too(method):
    vectors, labels = clouds((20, 16, 14), d=D)
    made, _ = proposed(vectors, labels, method=method, topics={"t0": ["t0"]})
    assert len(made.centres) >= 3
    assert [row["number"] for row in made.rows if row["chosen"]] == [len(made.centres)]
    assert made.sentence.endswith(f"as {method} found them.")


@pytest.mark.parametrize("n", [30, 62])
def test_hdbscan_keeps_its_settings_within_what_there_is(n):
    pytest.importorskip("umap", reason="umap-learn is not installed (qualcode[umap]): hdbscan was not tried")
    vectors, labels = clouds((30, 20, 12), d=D, noise=0.5)
    chosen = np.random.default_rng(1).permutation(62)[:n]
    made, _ = proposed(vectors[chosen], labels[chosen], method="hdbscan")
    inside = made.fitted > 0
    assert inside.mean() > 0.6 and adjusted_rand_score(labels[chosen][inside], made.fitted[inside]) > 0.9
    assert made.sentence.endswith("as hdbscan found them.")
    again, _ = proposed(vectors[chosen], labels[chosen], method="hdbscan")
    assert np.array_equal(made.fitted, again.fitted), "its seed is that of the study"


def refused(**settings):
    with pytest.raises(QualcodeError) as caught:
        propose(material(clouds()[0]), terms(clouds()[1]), SETTINGS | settings, Axes(), print)
    return str(caught.value)


def test_hdbscan_without_umap_is_a_plain_error(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "study.yaml: themes: method: hdbscan needs UMAP, which is not installed. The README says" in refused(
        method="hdbscan"
    )


def test_settings_that_do_not_go_together_are_refused():
    assert "guided needs topics to begin with" in refused(method="guided")
    assert "zero-shot needs topics to begin with" in refused(method="zero-shot")
    assert "topics without words (found B)" in refused(method="guided", topics={"A": ["a"], "B": []})
    assert "the method ward does not look at topics" in refused(topics={"A": ["a"]})


def test_methods_that_take_all_pairs_are_refused_for_very_many(monkeypatch):
    monkeypatch.setattr(model, "MOST_FOR_PAIRS", 50)
    assert "guided is for up to 50 utterances (found 62)" in refused(method="guided", topics={"A": ["a"]})
