"""The benchmark of themes: its measures against brute force and libraries, its sets, and what it does without UMAP."""

from __future__ import annotations

import itertools
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import coded  # noqa: E402
import theme_cost  # noqa: E402
import theme_measures as measures  # noqa: E402
import theme_methods as methods  # noqa: E402
import theme_sets as sets  # noqa: E402
import themes  # noqa: E402

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


# --- measures ------------------------------------------------------------------------------------------------------


def pairs_agree(a, b):
    """The adjusted Rand index by counting pairs (Hubert & Arabie 1985)."""
    pairs = list(itertools.combinations(range(len(a)), 2))
    together = sum(a[i] == a[j] and b[i] == b[j] for i, j in pairs)
    first, second = sum(a[i] == a[j] for i, j in pairs), sum(b[i] == b[j] for i, j in pairs)
    expected = first * second / len(pairs) if pairs else 0
    most = (first + second) / 2
    return (together - expected) / (most - expected) if most != expected else 1.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=25))
def test_agreement_counts_pairs_of_what_both_have_in_a_topic(rows):
    a, b = np.array(rows).T
    both = [(x, y) for x, y in rows if x >= 0 and y >= 0]
    expected = pairs_agree(*zip(*both, strict=True)) if both else 0.0
    assert measures.agreement(a, b) == pytest.approx(expected)


def test_bootstraps_are_the_same_each_time_and_hold_two_thirds():
    drawn, again = (list(measures.bootstraps(1000, 30)) for _ in range(2))
    assert len(drawn) == 30 and all(np.array_equal(a, b) for a, b in zip(drawn, again, strict=True))
    assert all((np.diff(rows) > 0).all() and rows[0] >= 0 and rows[-1] < 1000 for rows in drawn)
    assert np.mean([len(rows) for rows in drawn]) / 1000 == pytest.approx(1 - 1 / math.e, abs=0.01)
    assert not np.array_equal(drawn[0], drawn[1])
    # More of them begin with the same ones, so that kept fits can be used.
    assert np.array_equal(next(measures.bootstraps(1000, 1)), drawn[0])


def test_outliers_go_where_bertopics_own_reduction_puts_them():
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction

    draw = np.random.default_rng(4)
    vectors = np.abs(draw.normal(size=(60, 5)))
    given_labels = np.where(draw.random(60) < 0.3, -1, draw.integers(0, 3, 60))

    class Fixed:
        def fit(self, _):
            self.labels_ = given_labels
            return self

    model = BERTopic(umap_model=BaseDimensionalityReduction(), hdbscan_model=Fixed(), language="multilingual")
    documents = [f"word{number % 7} other{number % 3}" for number in range(60)]
    labels, _ = model.fit_transform(documents, embeddings=vectors)
    labels = np.array(labels)
    assert (labels < 0).any() and set(labels) == {-1, 0, 1, 2}
    reduced = model.reduce_outliers(documents, list(labels), strategy="embeddings", embeddings=vectors)
    assert measures.nearest(vectors, labels).tolist() == list(reduced)


def test_nothing_but_outliers_is_one_topic():
    assert measures.nearest(np.eye(3), np.full(3, -1)).tolist() == [0, 0, 0]


def test_covering_keeps_the_most_alike():
    vectors = np.array([[1, 0], [1, 0.1], [0.3, 1], [0, 1], [0.1, 1], [0, 1]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    kept = measures.covering(vectors, labels, 5 / 6)
    assert kept.tolist() == [0, 0, -1, 1, 1, 1]
    assert measures.covering(vectors, labels, 1.0).tolist() == labels.tolist()
    assert (measures.covering(vectors, labels, 0.0) == -1).all()


def npmi_by_hand(words, units):
    values = []
    for a, b in itertools.combinations(words, 2):
        p_a, p_b = (sum(word in unit for unit in units) / len(units) for word in (a, b))
        both = sum(a in unit and b in unit for unit in units) / len(units)
        values.append(-1 if both == 0 else 1 if both == 1 else math.log(both / p_a / p_b) / -math.log(both))
    return sum(values) / len(values)


@settings(deadline=None)
@given(
    st.lists(st.frozensets(st.sampled_from("abcdef")), min_size=1, max_size=12),
    st.lists(st.lists(st.sampled_from("abcdef"), unique=True, max_size=4), max_size=3),
)
def test_coherence_is_the_mean_npmi_of_pairs(units, topics):
    expected = [npmi_by_hand(words, units) for words in topics if len(words) > 1]
    found = measures.coherence(topics, units)
    assert found == pytest.approx(sum(expected) / len(expected)) if expected else math.isnan(found)
    assert math.isnan(found) or -1 <= found <= 1 + 1e-9


def test_coherence_of_known_cases():
    assert measures.coherence([["a", "b"]], [frozenset("ab"), frozenset("c")]) == pytest.approx(1)
    assert measures.coherence([["a", "b"]], [frozenset("a"), frozenset("b")]) == -1
    independent = [frozenset(unit) for unit in ("ab", "a", "b", "")]
    assert measures.coherence([["a", "b"]], independent) == pytest.approx(0)


def test_diversity_is_the_share_of_different_words():
    assert measures.diversity([["a", "b"], ["b", "c"]]) == 0.75
    assert math.isnan(measures.diversity([[], []]))


@settings(deadline=None)
@given(LABELS)
def test_match_is_f1_weighted_by_the_size_of_peoples_topics(rows):
    people, labels = np.array(rows).T
    expected = 0.0
    for topic in set(people.tolist()):
        mine = {row for row, value in enumerate(people) if value == topic}
        theirs = [{row for row, value in enumerate(labels) if value == label} for label in set(labels.tolist())]
        expected += len(mine) * max(2 * len(mine & other) / (len(mine) + len(other)) for other in theirs)
    assert measures.best_match(people, labels) == pytest.approx(expected / len(rows))


def test_match_of_the_same_and_of_unrelated_topics():
    people = np.array(["x", "x", "y", "y"])
    assert (
        measures.best_match(people, np.array([1, 1, 0, 0])) == measures.information(people, np.array([1, 1, 0, 0])) == 1
    )
    assert measures.information(people, np.array([0, 1, 0, 1])) == pytest.approx(0)
    assert measures.best_match(people, np.zeros(4)) == pytest.approx(2 / 3)
    assert math.isnan(measures.best_match(people[:0], np.zeros(0)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 2), st.lists(st.integers(0, 14), max_size=6)), min_size=1, max_size=20))
def test_leading_words_are_those_of_bertopics_class_tf_idf(rows):
    from bertopic.vectorizers import ClassTfidfTransformer

    labels = np.unique([label for label, _ in rows if label >= 0])
    where = {int(label): place for place, label in enumerate(labels)}
    topic = np.array([where.get(label, -1) for label, _ in rows])
    counts = np.zeros((len(rows), 15))
    for row, (_, said) in enumerate(rows):
        np.add.at(counts[row], said, 1)
    words = [f"word{number:02}" for number in range(15)]
    found = measures.leading_words(topic, csr_matrix(counts), words)
    assert len(found) == len(labels)
    by_topic = np.array([counts[topic == number].sum(axis=0) for number in range(len(labels))]).reshape(-1, 15)
    said = by_topic.sum(axis=0) > 0
    if said.sum() < 2:
        # BERTopic's transformer fails on a vocabulary of one word.
        assert {word for leading in found for word in leading} <= {words[place] for place in np.flatnonzero(said)}
        return
    model = ClassTfidfTransformer(reduce_frequent_words=True)
    weights = model.fit_transform(csr_matrix(by_topic[:, said])).toarray()
    names = [word for word, there in zip(words, said, strict=True) if there]
    for leading, row in zip(found, weights, strict=True):
        ranked = sorted((-round(weight, 9), name) for weight, name in zip(row, names, strict=True) if weight > 0)
        # A word said everywhere may weigh nothing: it leads nowhere in either.
        assert [word for word in leading if (0.0, word) not in ranked][: len(ranked)] == [n for _, n in ranked[:10]]


# --- sets ----------------------------------------------------------------------------------------------------------


def test_the_planted_talk_is_read_whole():
    said = sets.read_planted()[0]
    assert len(said.texts) == len(said.people) == len(said.topics) == 500
    assert said.topics.count(sets.NONE) == 65 and len(set(said.topics)) == 11


def test_meetings_are_read_with_who_chairs_and_with_topics(tmp_path):
    turns = [
        ("The Chair (Hon. A)", "Order."),
        ("Ms. B (C, Lib.)", "The {disfmarker} boats\nare late."),
        ("Mr. D", "No."),
    ]
    meeting = {
        "meeting_transcripts": [{"speaker": speaker, "content": words} for speaker, words in turns],
        "topic_list": [{"topic": "Boats", "relevant_text_span": [["1", "7"]]}],
    }
    import json

    (tmp_path / "m.json").write_text(json.dumps(meeting), encoding="utf-8")
    said = sets.read_meetings(tmp_path)[0]
    assert said.texts == ["Order.", "The boats are late.", "No."]
    assert said.roles == ["moderator", "participant", "participant"] and said.people[1] == "Ms. B"
    assert said.topics == ["", "m: Boats", "m: Boats"]
    assert sets.read_meetings(tmp_path, only=["other"]) == []


def test_an_utterance_has_the_code_with_most_of_its_characters():
    pieces = [
        coded.Coded(0, 0, 4, "b"),
        coded.Coded(0, 4, 6, "a"),
        coded.Coded(0, 6, 8, "a"),
        coded.Coded(0, 8, 9, "c"),
    ]
    transcript = coded.Transcript("t", ["nine char", "none"], pieces, ["participant", "moderator"])
    said = sets.read_coded(lambda _: [transcript], Path("nowhere"))[0]
    # As many characters of both: the first of the alphabet.
    assert said.topics == ["a", ""] and said.people == ["t", "moderator"]


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """48 answers on two topics and four words too short, through the project's own material and terms."""
    from qualcode.language import load_pipeline

    frames = {
        "bus": "The {} bus to the school was late again on {}.",
        "exam": "Marking the {} exam papers took me the whole of {}.",
    }
    adjectives = ["old", "new", "first", "second"]
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    rows = [
        (topic, form.format(adjective, day))
        for topic, form in frames.items()
        for adjective in adjectives
        for day in days
    ]
    rows += [("bus", "Buses again."), ("exam", "Too many."), (sets.NONE, "Can you please repeat that question?")]
    topics, texts = zip(*rows, strict=True)
    people = [f"p{number % 6}" for number in range(len(rows))]
    said = sets.Said("survey", "survey", texts, people, ["participant"] * len(rows), topics)
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr(sets, "CACHE", folder / "themes")
        patch.setattr("units.CACHE", folder / "units")
        yield sets.made_of("made", "a made set", [said], load_pipeline("en_core_web_sm"))


def test_units_are_utterances_of_four_words(talk):
    assert len(talk) == 49 and "Too many." not in talk.texts
    assert talk.judged.sum() == 48 and len(talk.lemmas) == len(talk.terms.documents) == len(talk.material.heard) == 49
    bus = talk.lemmas[talk.texts.index("The old bus to the school was late again on Monday.")]
    assert {"bus", "school", "be", "late", "the"} <= bus
    assert talk.lemma_of["papers"] == "paper" and talk.lemma_of["took"] == "take"


def test_a_part_keeps_rows_together(talk):
    rows = np.array([3, 10, 40])
    part = talk.part(rows)
    assert part.texts == [talk.texts[row] for row in rows] and list(part.topics) == list(talk.topics[rows])
    assert np.array_equal(part.material.heard, talk.material.heard[rows])
    assert part.terms.documents == [talk.terms.documents[row] for row in rows]
    assert (part.terms.counts != talk.terms.counts[rows]).nnz == 0


def test_talk_without_themes_has_the_same_words_and_sizes_and_other_meanings(talk):
    made, again, other = (sets.without_themes(talk, seed) for seed in (1, 1, 2))
    assert len(made) == len(talk) and made.texts == again.texts != other.texts
    assert [len(text.split()) for text in made.texts] == [len(text.split()) for text in talk.texts]
    assert sorted(" ".join(made.texts).split()) == sorted(" ".join(talk.texts).split())
    dealt, were = ([sets.split(document) for document in each.terms.documents] for each in (made, talk))
    assert list(map(len, dealt)) == list(map(len, were)) and dealt != were
    assert sorted(itertools.chain(*dealt)) == sorted(itertools.chain(*were))
    assert np.array_equal(made.terms.counts.sum(axis=0), talk.terms.counts.sum(axis=0))
    assert np.allclose(np.linalg.norm(made.material.vectors, axis=1), 1)
    assert np.array_equal(made.material.vectors, again.material.vectors)
    middle = [each.material.vectors.mean(axis=0) for each in (made, talk)]
    assert middle[0] @ middle[1] / np.prod([np.linalg.norm(each) for each in middle]) > 0.9


# --- methods -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [methods.OURS, "plain Ward", "ours, each turn by itself", "NMF", "LDA"])
def test_methods_find_two_plain_topics(talk, name, monkeypatch, tmp_path):
    monkeypatch.setattr(methods, "CACHE", tmp_path)
    method = next(method for method in methods.METHODS if method.name == name)
    rows = talk.judged.nonzero()[0]
    part = talk.part(rows)
    found = method.found(part, 2)
    assert found.number == 2 and len(found.labels) == len(part) and (found.labels >= 0).all()
    assert measures.agreement(found.labels, np.unique(part.topics, return_inverse=True)[1]) > 0.8
    leading = {word for words in found.words for word in words[:6]}
    assert {"bus", "exam"} <= leading and all(len(words) <= 10 for words in found.words)
    same = method.found(part, 2)
    assert np.array_equal(same.labels, found.labels) and same.words == found.words


def test_fits_that_take_long_are_kept_by_what_they_are_of(talk, monkeypatch, tmp_path):
    monkeypatch.setattr(methods, "CACHE", tmp_path)
    made = []

    def fit(part, number):
        made.append((len(part), number))
        return methods.Found(np.zeros(len(part), dtype=np.int64) - 1, [])

    method = methods.Method("slow", fit, methods.alone, own_number=True, kept=True)
    assert (method.found(talk, 2).labels == -1).all() and method.found(talk, 5).number == 0
    # It finds the number itself, so that the same units are the same fit.
    assert made == [(len(talk), 2)]
    made.clear()
    assert len(method.fits(talk, 2)) == 3 and made == [(len(talk), 2)] * 2
    made.clear()
    method.found(talk, 2, again=1)
    method.found(talk.part(np.arange(20)), 2)
    assert made == [(20, 2)]


def test_the_fit_with_the_median_number_is_gone_by(talk):
    numbers = iter([9, 2, 5])
    method = methods.Method(
        "other each time",
        lambda part, _: methods.Found(np.arange(len(part)) % next(numbers), []),
        methods.alone,
        own_number=True,
    )
    assert [found.number for found in method.fits(talk, 0)] == [5, 9, 2]


def test_words_become_lemmas_once():
    assert methods.as_lemmas(["meetings", "don", "meeting"], {"meetings": "meeting"}) == ["meeting", "don"]
    assert methods._single(["lesson plan", "plan", "bus"]) == ["lesson", "plan", "bus"]


# --- tables and the program ----------------------------------------------------------------------------------------


def test_a_table_has_means_over_whole_sets_and_over_all():
    values = {("ours", "meetings"): 0.5, ("ours", "meeting 0"): 0.2, ("LDA", "meetings"): 0.25}
    lines = themes.grid(values, ["meetings", "meeting 0"]).split("\n")
    assert lines[0] == "|  | meetings | meeting 0 | mean of 1 | mean of 2 |"
    assert lines[2] == "| ours | 0.50 | 0.20 | 0.50 | 0.35 |"
    assert lines[3] == "| LDA | 0.25 |  | 0.25 |  |"


def test_aims_say_what_was_missed():
    made = themes.Measured(talks={"planted": None})  # type: ignore[dict-item]
    made.stability = {(themes.OURS, "planted"): 0.5, (themes.DEFAULT, "planted"): 0.4}
    made.match = {(themes.OURS, "planted"): 0.4, (themes.DEFAULT, "planted"): 0.3}
    cost = theme_cost.Costs(1000, "planted", {theme_cost.CHOOSE: theme_cost.Cost(1, 4, 2, 300, "")})
    cost.of[theme_cost.PLAIN] = theme_cost.Cost(1, 2, 1, 300, "")
    cost.of[theme_cost.DEFAULT] = theme_cost.Cost(1, 24, 8, 900, "")
    cost.of[theme_cost.MILLION] = theme_cost.Cost(1, 100, 0, 7000, "40 themes")
    lines = themes.aims(made, cost).split("\n")
    assert [line.rsplit("|", 2)[1].strip() for line in lines[2:]] == ["no", "yes", "yes", "no", "yes", "yes", "no"]
    assert "| +0.10 | +0.15 |" in lines[2] and "| 6.0 | 5 |" in lines[4] and "| 4.0 | 5 |" in lines[5]


def test_without_umap_the_rest_is_measured_and_the_way_out_is_said(monkeypatch, capsys, talk, tmp_path):
    monkeypatch.setattr(methods, "find_spec", lambda _: None)
    monkeypatch.setattr(methods, "CACHE", tmp_path)
    monkeypatch.setattr(themes, "read_set", lambda *_: talk)
    arguments = ["--sets", "planted", "--methods", "ours", "default BERTopic", "plain Ward", "--bootstraps", "2"]
    monkeypatch.setattr(sys, "argv", ["themes.py", *arguments, "--parts", "stability"])
    themes.main()
    shown = capsys.readouterr()
    assert "umap-learn is not installed" in shown.err and "requirements-umap.lock" in shown.err
    assert "| plain Ward |" in shown.out and "| default BERTopic |" not in shown.out
    assert "(the headline)" in shown.out and "aim" not in shown.out


def test_only_a_full_run_is_written(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["themes.py", "--write", "--sets", "planted"])
    with pytest.raises(SystemExit):
        themes.main()
    assert "measured in full" in capsys.readouterr().err


def test_answers_are_around_centres_and_use_their_words():
    made = theme_cost.answers(400)
    assert len(made) == 400 and made.material.vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(made.material.vectors, axis=1), 1, atol=1e-5)
    similar = made.material.vectors @ made.material.vectors.T
    same = made.topics[:, None] == made.topics[None]
    assert similar[same & ~np.eye(400, dtype=bool)].mean() > 0.4 > 0.1 > abs(similar[~same].mean())
    for row in (0, 399):
        terms = sets.split(made.terms.documents[row])
        assert 4 <= len(terms) <= 12 and made.terms.counts[row].sum() == len(terms)
        assert {f"own{made.topics[row]:02}", "common"} >= {term[:5] if term[0] == "o" else "common" for term in terms}


def test_the_peak_is_that_of_this_process():
    before = theme_cost.peak()
    block = np.ones(30 * 2**20 // 8)
    assert block.sum() and 0 < before <= theme_cost.peak()
