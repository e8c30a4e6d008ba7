from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.language import docbin, load_pipeline
from qualcode.themes.terms import MOST_CHARACTERS, NO_WORDS, SEPARATOR, label, read_terms, split
from qualcode.tokens import parses_of


@cache
def pipeline(language: str):
    return load_pipeline(language)


@pytest.fixture
def terms(tmp_path):
    """The terms of these texts, parsed as one source or as several."""

    def read(*texts: str, names=(), language="en_core_web_sm", sources=("talk",), only=None):
        rows = []
        for at, source in enumerate(sources):
            own = texts[at :: len(sources)]
            path = parses_of(tmp_path, source)
            path.parent.mkdir(exist_ok=True)
            docbin(pipeline(language).pipe(own)).to_disk(path)
            rows += [{"utterance": f"{source}:{n}", "source": source} for n in range(1, len(own) + 1)]
        table = pd.DataFrame(rows, columns=["utterance", "source"])
        return read_terms(table if only is None else table.iloc[only], tmp_path, names, language)

    return read


def of_all(made) -> Counter[str]:
    return Counter(term for document in made.documents for term in split(document))


def test_content_words_by_lemma_and_nothing_else(terms):
    made = terms("Um, we're carrying the heavy boxes, you know, and I don't think 12 buses came.")
    assert of_all(made) == {"carry": 1, "heavy": 1, "box": 1, "bus": 1}
    assert made.shown["carry"] == "carrying" and made.shown["bus"] == "buses"


def test_phrases_end_in_a_noun_and_are_met_twice(terms):
    made = terms("I wrote two lesson plans.", "She read my lesson plan.", "They use a group chat.")
    assert {term for term in of_all(made) if " " in term} == {"lesson plan"}
    # "group" stands for anything, and "group chat" is met once.
    assert split(made.documents[2]) == ["chat"]


def test_a_generic_noun_is_a_term_only_beside_another(terms):
    made = terms("The school year was a hard time.", "That school year is a good thing.", "It was a hard time.")
    found = of_all(made)
    assert found["school year"] == 2
    assert not {"year", "time", "thing", "hard time", "good thing", "hard", "good"} & set(found)


def test_an_answer_of_one_generic_word_is_that_word(terms):
    made = terms("Money.", "Time", "My help", "Right.", "It's me.", "That was a good time, I think.")
    assert [split(document) for document in made.documents] == [["money"], ["time"], ["help"], [], [], []]


def test_three_words_and_parts_that_are_only_said_within_them(terms):
    made = terms("We had a lesson plan template.", "I like the lesson plan template.", "A lesson plan helps.")
    phrases = {term: count for term, count in of_all(made).items() if " " in term}
    assert phrases == {"lesson plan template": 2, "lesson plan": 3}


def test_names_and_remarks_are_kept_out(terms):
    texts = ["Rosa's bus came.", "The Rosas waited [laughter] with Karl Berg.", "Mentor 1 drove the mentor home."]
    found = of_all(terms(*texts * 2, names=["Rosa", "Karl Berg", "Mentor 1"]))
    assert "bus" in found and found["mentor"] == 2
    assert not {term for term in found if {"rosa", "rosas", "karl", "berg", "laughter"} & set(term.split())}


def test_a_hyphenated_word_is_one(terms):
    made = terms("The follow-up was late.", "Our follow-ups were short.", "Mm-hm, self-esteem matters.")
    found = of_all(made)
    assert found["follow-up"] == 2 and found["self-esteem"] == 1
    assert not {"mm", "hm", "mm-hm", "follow", "esteem"} & set(found)


def test_apostrophes_of_both_kinds_are_alike(terms):
    one = terms("The teacher's desk and the children's desk, don't you're we'll.")
    other = terms("The teacher’s desk and the children’s desk, don’t you’re we’ll.")
    assert one.documents == other.documents
    assert of_all(one) == {"teacher": 1, "desk": 2, "child": 1}


def test_shown_as_people_write_it(terms):
    made = terms("Buses are late. We use Zoom daily.", "Zoom works, and Zoom helps.", "The buses stop. A bus.")
    assert made.shown["zoom"] == "Zoom"
    assert made.shown["bus"] == "buses"


def test_equals_are_shown_by_the_alphabet(terms):
    assert terms("The bus, the buses.").shown["bus"] == "bus"


def test_words_are_counted_and_sorted(terms):
    made = terms("A desk, a desk and a chair.", "Hello.", "The chairs.")
    assert made.words == ["chair", "desk"]
    assert made.counts.toarray().tolist() == [[1, 2], [0, 0], [1, 0]]
    assert made.documents[1] == ""


def test_only_the_utterances_asked_for_are_read_in_their_order(terms):
    texts = ["A desk.", "A chair.", "A lamp.", "A door."]
    made = terms(*texts, sources=("b", "a"), only=[3, 0])
    # The table has b:1, b:2, a:1, a:2: desk, lamp, chair, door.
    assert [split(document) for document in made.documents] == [["door"], ["desk"]]


def test_without_a_model_words_and_pairs(terms):
    made = terms("Der Lehrer schreibt Notizen.", "Lehrer schreibt und liest!", "…", language="blank:de")
    found = of_all(made)
    assert found["lehrer"] == found["schreibt"] == found["lehrer schreibt"] == 2
    assert not {"der", "und", "schreibt liest"} & set(found)
    # It opens a sentence once, and has its capital within the other.
    assert made.shown["lehrer"] == "Lehrer"


def test_without_a_model_contractions_tell_nothing(terms):
    found = of_all(terms("I can't and won't go, gonna say you're tired, we'll wait", language="blank:en"))
    assert set(found) == {"tired", "wait"}


@pytest.mark.parametrize("texts", [[], [""], ["Mm-hm.", "…", "[laughs]"], ["I was there."]])
def test_where_nothing_tells(terms, texts):
    for language in ("en_core_web_sm", "blank:en"):
        made = terms(*texts, language=language)
        assert made.documents == [""] * len(texts)
        assert made.words == [] and made.shown == {} and made.counts.shape == (len(texts), 0)


SPOKEN = st.lists(
    st.lists(
        st.sampled_from(
            ["lesson", "plans", "-", "follow", "up", ".", "[", "]", "Rosa's", "the", "’s", "school", "year", "n't"]
        ),
        max_size=9,
    ).map(" ".join),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(texts=SPOKEN, tight=st.booleans(), language=st.sampled_from(["en_core_web_sm", "blank:en", "blank:fr"]))
def test_whatever_is_said(tmp_path_factory, texts, tight, language):
    texts = [text.replace(" - ", "-") if tight else text for text in texts]
    results = tmp_path_factory.mktemp("r")
    parses_of(results, "s").parent.mkdir()
    docbin(pipeline(language).pipe(texts)).to_disk(parses_of(results, "s"))
    table = pd.DataFrame(
        {"utterance": [f"s:{n}" for n in range(1, len(texts) + 1)], "source": ["s"] * len(texts)}, dtype=object
    )
    made = read_terms(table, results, ["Rosa"], language)
    found = of_all(made)
    assert set(found) == set(made.shown)
    assert len(made.documents) == len(texts) and made.counts.shape == (len(texts), len(made.words))
    assert made.words == sorted(made.words) == sorted(term for term in found if " " not in term)
    # Counts are those of single words in the documents.
    for row, document in enumerate(made.documents):
        single = Counter(term for term in split(document) if " " not in term)
        assert dict(zip(made.words, made.counts.toarray()[row].tolist(), strict=True)) == {
            w: single[w] for w in made.words
        }
    for term in found:
        utterances = sum(term in split(document) for document in made.documents)
        assert " " not in term or (utterances >= 2 and 2 <= len(term.split(" ")) <= 3)
        assert "rosa" not in term and "[" not in term
    # What BERTopic joins with blanks, "emptydoc" in place of nothing, has the same terms.
    joined = " ".join(document or "emptydoc" for document in made.documents)
    assert Counter(split(joined)) == found


def test_split_knows_no_terms_in_what_is_none():
    assert split("") == split("emptydoc") == split("emptydoc emptydoc") == split("   ") == []
    assert split(f"{SEPARATOR}bus stop{SEPARATOR} {SEPARATOR}bus{SEPARATOR}") == ["bus stop", "bus"]


def test_a_label_is_of_terms_high_in_several_lists_and_repeats_no_word():
    shown = {"lesson plan": "lesson plans", "mentor": "mentors", "feedback": "feedback"}
    made = label(
        ["feedback", "lesson", "mentor"], ["lesson plan", "feedback", "plan"], ["feedback", "mentoring"], shown
    )
    assert made.split(", ")[:2] == ["feedback", "lesson plans"]
    assert "lesson" not in made.split(", ") and "plan" not in made.split(", ")


def test_labels_by_hand():
    assert label([], [], [], {}) == NO_WORDS
    assert label(["", "bus"], [""], [], {}) == "bus"
    assert label(["mentor", "mentors", "desk"], [], [], {}) == "mentor, desk"
    long = "a very long phrase of forty-five characters xx"
    assert label([long, "bus"], [long], [], {}) == long
    assert label(["teach", "teaching"], [], [], {"teach": "teaching"}) == "teaching"


WORDS = st.lists(
    st.sampled_from(["bus", "bus stop", "late bus", "desk", "school year", "a" * 30, "lamp", "chair", ""]), max_size=8
)


@given(WORDS, WORDS, WORDS)
def test_labels_are_short_and_of_different_words(one, two, three):
    made = label(one, two, three, {"desk": "desks"})
    parts = made.split(", ")
    assert len(parts) <= 3 and (len(parts) == 1 or len(made) <= MOST_CHARACTERS)
    words = " ".join(parts).split()
    assert len(words) == len(set(words))
    assert (made == NO_WORDS) == (not {*one, *two, *three} - {""})


def test_order_of_utterances_changes_only_their_order(terms):
    texts = ["My lesson plan failed.", "Zoom is a lesson plan.", "The school year.", "That school year on Zoom."]
    one, other = terms(*texts), terms(*texts[::-1])
    assert one.documents == other.documents[::-1]
    assert one.shown == other.shown and one.words == other.words
    np.testing.assert_array_equal(one.counts.toarray(), other.counts.toarray()[::-1])
