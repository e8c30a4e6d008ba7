"""Themes by question, source and attribute: counts by hand, terms against BERTopic's own."""

import numpy as np
import pandas as pd
import pytest
from bertopic import BERTopic
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.cluster import AgglomerativeClustering
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer

from qualcode.tables import frame, read, write
from qualcode.themes.splits import Orders, Wording, themes_by
from qualcode.themes.terms import SEPARATOR
from qualcode.themes.terms import split as split_terms

DATES = {"pilot": "", "march": "2026-03-01", "late": "", "january": "2026-01-09"}
ORDERS = Orders(DATES, ["warm-up", "feedback", "end"])
COUNTS = ("utterances", "of_utterances", "percent", "participants", "of_participants")
# source, participant, question, theme; 0 fits none, None tells nothing
TALK = [
    ("pilot", "p1", "end", 1),
    ("pilot", "p2", "feedback", 2),
    ("march", "p1", "feedback", 1),
    ("march", "p1", "feedback", 1),
    ("march", "p2", "feedback", 0),
    ("march", "p3", "", None),
    ("late", "p3", "warm-up", 2),
    ("january", "p3", "warm-up", 2),
    ("january", "", "warm-up", 0),
]
ATTRIBUTES = frame(
    "attributes",
    [
        {"subject": subject, "id": key, "attribute": attribute, "value": value}
        for subject, key, attribute, value in [
            ("participant", "p1", "years", "9"),
            ("participant", "p2", "years", "10"),
            ("participant", "p3", "years", "10"),
            ("source", "january", "site", "north"),
            ("source", "march", "site", "early"),
        ]
    ],
)


def spoken(rows=TALK):
    """The table utterances, and the members (utterance, theme)."""
    made, members = [], []
    for number, (source, person, question, theme) in enumerate(rows, 1):
        key = f"{source}:{number}"
        made.append(
            {"utterance": key, "source": source, "participant": person, "role": "participant" if person else "",
             "question": question, "backchannel": theme is None, "start": 0, "end": 1, "time_start": "", "time_end": "",
             "text": "x"}
        )  # fmt: skip
        if theme is not None:
            members.append({"utterance": key, "theme": theme})
    return frame("utterances", made), pd.DataFrame(members, columns=["utterance", "theme"])


def silent(utterances):
    return {}


def split(rows=TALK, attributes=ATTRIBUTES, named=(), wording=silent):
    utterances, members = spoken(rows)
    return themes_by(members, utterances, attributes, list(named), ORDERS, wording)


def told(table, attribute):
    rows = table[table["attribute"] == attribute]
    return {(r.value, r.theme): tuple(getattr(r, name) for name in COUNTS) for r in rows.itertuples()}


def values(table, attribute):
    return list(dict.fromkeys(table.loc[table["attribute"] == attribute, "value"]))


def test_utterances_and_people_by_hand():
    table = split()
    assert told(table, "question") == {
        ("warm-up", 1): (0, 3, 0.0, 0, 1),
        ("warm-up", 2): (2, 3, 66.7, 1, 1),
        ("feedback", 1): (2, 4, 50.0, 1, 2),
        ("feedback", 2): (1, 4, 25.0, 1, 2),
        ("end", 1): (1, 1, 100.0, 1, 1),
        ("end", 2): (0, 1, 0.0, 0, 1),
    }
    assert told(table, "years") == {
        ("9", 1): (3, 3, 100.0, 1, 1),
        ("9", 2): (0, 3, 0.0, 0, 1),
        ("10", 1): (0, 4, 0.0, 0, 2),
        ("10", 2): (3, 4, 75.0, 2, 2),
    }
    assert told(table, "site")["early", 1] == (2, 3, 66.7, 1, 2), "what tells nothing is counted nowhere"


def test_sources_stand_in_the_order_of_their_dates_and_the_others_after_them():
    assert values(split(), "source") == ["january", "march", "pilot", "late"]
    assert values(split(TALK[::-1]), "source") == ["january", "march", "pilot", "late"]


def test_questions_stand_as_in_the_guide_and_numbers_as_one_counts():
    table = split(TALK[::-1])
    assert values(table, "question") == ["warm-up", "feedback", "end"]
    assert values(table, "years") == ["9", "10"]
    assert values(table, "site") == ["early", "north"]
    columns = [("pilot", "p1", "Q10", 1), ("pilot", "p1", "Q9", 2), ("pilot", "p1", "end", 1)]
    assert values(split(columns), "question") == ["end", "Q9", "Q10"]


def test_the_order_of_the_rows_changes_nothing():
    utterances, members = spoken()
    shuffled = utterances.sample(frac=1, random_state=4), members.sample(frac=1, random_state=5)
    found = themes_by(shuffled[1], shuffled[0], ATTRIBUTES, [], ORDERS, silent)
    pd.testing.assert_frame_equal(found, split())


def test_only_the_attributes_that_are_named():
    assert set(split(named=["site", "question"])["attribute"]) == {"site", "question"}


def test_without_themes_there_are_no_rows(tmp_path):
    for rows in ([], [(*row[:3], 0) for row in TALK]):
        table = split(rows)
        assert not len(table)
        write(tmp_path, "themes_by", table)
        assert not len(read(tmp_path, "themes_by"))


def test_the_table_can_be_written_and_terms_are_asked_for_each_value(tmp_path):
    asked = []

    def wording(utterances):
        asked.append(sorted(utterances))
        return {2: "late; early"}

    table = split(named=["years"], wording=wording)
    assert asked == [["march:3", "march:4", "pilot:1"], ["january:8", "late:7", "march:5", "pilot:2"]]
    write(tmp_path, "themes_by", table)
    assert list(read(tmp_path, "themes_by")["terms"]) == ["", "late; early"] * 2


WORDS = {
    0: ["bus", "train", "fare", "ticket", "station", "delay", "walk"],
    1: ["mark", "grade", "essay", "lesson plan", "rubric", "exam", "walk"],
    2: ["sleep", "home", "evening", "weekend", "tired", "dinner", "exam"],
}


def document(said):
    return SEPARATOR + SEPARATOR.join(said) + SEPARATOR


@pytest.fixture(scope="module")
def fitted():
    """A model of 400 utterances about three topics, whose words differ between two schools, and what it was fitted on."""
    chance = np.random.default_rng(3)
    topic, school = chance.choice(3, 400, p=[0.5, 0.3, 0.2]), chance.integers(0, 2, 400)
    odds = np.array([7, 6, 5, 4, 3, 2, 1.0])
    documents = []
    for about, where in zip(topic, school, strict=True):
        weights = odds[::-1] ** 2 if where else odds
        said = chance.choice(WORDS[about], chance.integers(1, 6), p=weights / weights.sum())
        documents.append(document(said))
    vectors = np.eye(3)[topic] + chance.normal(0, 0.05, (400, 3))
    model = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=PCA(2),
        hdbscan_model=AgglomerativeClustering(3),
        vectorizer_model=CountVectorizer(analyzer=split_terms),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
    )
    topics, _ = model.fit_transform(documents, embeddings=vectors)
    ids = [f"talk:{number}" for number in range(1, 401)]
    themes = pd.Series(topics, index=ids) + 1
    return model, pd.Series(documents, index=ids), themes, [["north", "south"][where] for where in school]


def wording_of(fitted, themes=None, shown=None):
    model, documents, made, _ = fitted
    return Wording(model, documents, made if themes is None else themes, shown or {})


def test_terms_and_counts_are_those_of_bertopic(fitted):
    model, documents, themes, schools = fitted
    people = [f"p{number}" for number in range(400)]
    attributes = frame(
        "attributes",
        [
            {"subject": "participant", "id": key, "attribute": "school", "value": value}
            for key, value in zip(people, schools, strict=True)
        ],
    )
    utterances, _ = spoken([("talk", key, "", 1) for key in people])
    members = pd.DataFrame({"utterance": themes.index, "theme": themes.to_numpy()})
    weights = model.c_tf_idf_.copy()
    table = themes_by(members, utterances, attributes, ["school"], Orders({"talk": ""}), wording_of(fitted))
    assert abs(weights - model.c_tf_idf_).max() == 0, "the model stays as it is"
    theirs = model.topics_per_class(documents.tolist(), schools, global_tuning=True)
    model.c_tf_idf_ = weights
    expected = {(r.Class, r.Topic + 1): (r.Frequency, r.Words.replace(", ", "; ")) for r in theirs.itertuples()}
    assert len(expected) == 6
    assert {(r.value, r.theme): (r.utterances, r.terms) for r in table.itertuples()} == expected
    plain = pd.Series(schools, index=themes.index).groupby([schools, themes]).size()
    assert {key: frequency for key, (frequency, _) in expected.items()} == plain.to_dict()
    # The schools speak of it in other words.
    assert len({words for _, words in expected.values()}) == 6


def test_terms_stand_as_people_say_them_and_without_themes_that_are_not_met(fitted):
    _, _, themes, _ = fitted
    shown = {"lesson plan": "lesson plans"}
    second = themes.index[themes == 2]
    assert list(wording_of(fitted)(pd.Series(second))) == [2]
    plain = wording_of(fitted)(pd.Series(second))[2].split("; ")
    assert "lesson plan" in plain and len(plain) == 5
    found = wording_of(fitted, shown=shown)(pd.Series(second))[2].split("; ")
    assert found == [shown.get(term, term) for term in plain]
    assert wording_of(fitted)(pd.Series(["other:1", "other:2"])) == {}, "repeats were not fitted"


def test_terms_of_several_themes_together_are_those_of_one_theme_made_of_them(fitted):
    model, _, themes, _ = fitted
    wording = wording_of(fitted)
    for theme in (1, 2, 3):
        weighted = sorted(model.get_topic(theme - 1), key=lambda pair: (-round(pair[1], 9), pair[0]))
        assert wording.together(frozenset({theme})) == [term for term, _ in weighted if term]
    merged = wording_of(fitted, themes.replace({3: 1}))
    assert wording.together(frozenset({1, 3})) == merged.together(frozenset({1}))
    assert len(merged.together(frozenset({1}))) == 10


def test_utterances_that_fit_none_give_no_terms(fitted):
    _, documents, themes, _ = fitted
    odd = [key for key in themes.index if "delay" in documents[key]]
    emptied = themes.copy()
    emptied[odd] = 0
    assert "delay" in wording_of(fitted)(pd.Series(themes.index))[1]
    left = wording_of(fitted, emptied)(pd.Series(themes.index))
    assert sorted(left) == [1, 2, 3] and not any("delay" in terms for terms in left.values())


def test_equal_terms_stand_by_the_alphabet_however_the_utterances_are_ordered(fitted):
    model, _, _, _ = fitted
    said = ["walk", "train", "bus", "fare", "delay", "station", "ticket"]
    documents = pd.Series([document([term]) for term in said], index=[f"t:{n}" for n in range(7)])
    themes = pd.Series(1, index=documents.index)
    alike = model.ctfidf_model._idf_diag
    try:
        model.ctfidf_model._idf_diag = alike.multiply(0) + type(alike)(np.eye(alike.shape[0]))
        for order in (documents, documents[::-1]):
            assert Wording(model, order, themes, {})(pd.Series(order.index)) == {1: "bus; delay; fare; station; ticket"}
    finally:
        model.ctfidf_model._idf_diag = alike
