from pathlib import Path

import numpy as np
import pytest

from qualcode.embeddings import embed
from qualcode.language import MiniLM

STEPS = ("utterances", "parses", "embeddings")


class Letters:
    """Stands in for a model: a vector that tells the text's length, and a note of what it was asked."""

    name, version, size = "letters", "letters-1", 3

    def __init__(self):
        self.asked: list[str] = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[len(text), 1, 0] for text in texts], dtype=np.float32)


@pytest.fixture
def quick(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    return study


@pytest.fixture
def asked(monkeypatch):
    """The sentences that the real model is asked to embed from now on."""
    texts: list[str] = []
    encode = MiniLM.encode

    def noted(self, batch):
        texts.extend(batch)
        return encode(self, batch)

    monkeypatch.setattr(MiniLM, "encode", noted)
    return texts


def vectors(study) -> dict[str, np.ndarray]:
    with np.load(study.results / "embeddings.npz") as stored:
        return dict(stored)


def cached() -> set[str]:
    (path,) = Path(".cache/qualcode/talks/embeddings").iterdir()
    with np.load(path) as stored:
        assert len(stored["keys"]) == len(stored["vectors"])
        return set(stored["keys"])


def test_vectors_come_in_the_order_of_the_texts_also_from_the_cache(tmp_path):
    model, cache = Letters(), tmp_path / "cache.npz"
    assert embed(["one", "three", "one"], model, cache)[:, 0].tolist() == [3, 5, 3]
    assert model.asked == ["one", "three"], "an equal sentence is embedded once"
    assert embed(["eleven", "three"], model, cache)[:, 0].tolist() == [6, 5]
    assert model.asked == ["one", "three", "eleven"], "only what is new is embedded"
    embed(["one"], model, cache)
    assert model.asked[3:] == ["one"], "what left the study left the cache"


def test_nothing_to_embed_gives_no_vectors(tmp_path):
    model, cache = Letters(), tmp_path / "cache.npz"
    assert embed([], model, cache).shape == (0, 3)
    embed(["words"], model, cache)
    assert embed([], model, cache).shape == (0, 3)
    embed(["words"], model, cache)
    assert model.asked == ["words", "words"]


def test_many_sentences_are_embedded_in_portions(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("qualcode.embeddings._PORTION", 2)
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    assert embed(texts, Letters(), tmp_path / "cache.npz")[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert "5 sentences, 5 of them new\n" in capsys.readouterr().err


def test_every_sentence_and_every_utterance_has_a_vector(quick):
    assert quick.run(*STEPS) == 0
    found = vectors(quick)
    assert found["utterances"].tolist() == [row["utterance"] for row in quick.rows("utterances")]
    assert found["sentence_utterances"].tolist() == [0, 1, 1, 2, 3, 3, 4, 4]
    assert found["sentence_vectors"].shape == (8, 384)
    assert found["vectors"].dtype == found["sentence_vectors"].dtype == np.float32
    assert np.linalg.norm(found["vectors"], axis=1) == pytest.approx(np.ones(5), abs=1e-6)


def test_an_utterance_is_the_mean_of_its_sentences_by_their_length(quick):
    quick.run(*STEPS)
    found = vectors(quick)
    lengths = [len("My mentor was always there."), len("The timing of our meetings was good.")]
    mean = found["sentence_vectors"][1] * lengths[0] + found["sentence_vectors"][2] * lengths[1]
    assert found["vectors"][1] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert np.array_equal(found["vectors"][2], found["sentence_vectors"][3]), "one sentence is the utterance"


def test_utterances_without_words_have_no_direction(quick):
    quick.write("transcripts/talk.txt", "Ana: …\n\nBen: My mentor left.\n\nAna: …\n")
    quick.codings("anna", [{"source": "talk", "action": "done"}])
    assert quick.run("utterances") == 0
    table = quick.results / "utterances.csv"
    table.write_text(table.read_text("utf-8").replace("…", ""), encoding="utf-8")
    assert quick.run(*STEPS[1:]) == 0
    assert [row["text"] for row in quick.rows("utterances")] == ["", "My mentor left.", ""]
    found = vectors(quick)
    assert found["vectors"].any(axis=1).tolist() == [False, True, False]
    assert found["sentence_utterances"].tolist() == [1]


def test_only_new_sentences_are_embedded_and_vanished_ones_leave_the_cache(quick, asked):
    quick.run(*STEPS)
    assert len(asked) == 8
    before = cached()
    asked.clear()
    text = (quick.path / "transcripts" / "talk.txt").read_text("utf-8")
    quick.write("transcripts/talk.txt", text.replace("My mentor was always there.", "My mentor left."))
    assert quick.run(*STEPS) == 0
    assert asked == ["My mentor left."]
    assert len(before - cached()) == len(cached() - before) == 1


def test_results_are_the_same_bytes_with_and_without_the_cache(quick, asked):
    quick.run(*STEPS)
    first = (quick.results / "embeddings.npz").read_bytes()
    asked.clear()
    quick.run("embeddings")
    assert asked == []
    assert (quick.results / "embeddings.npz").read_bytes() == first
    (path,) = Path(".cache/qualcode/talks/embeddings").iterdir()
    path.unlink()
    quick.run("embeddings")
    assert len(asked) == 8
    assert (quick.results / "embeddings.npz").read_bytes() == first


def test_sources_do_not_mix(quick):
    quick.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nalone,alone.txt,interview\n")
    quick.write("transcripts/alone.txt", "Ana: My mentor was always there.\n")
    quick.run(*STEPS)
    found = vectors(quick)
    assert found["utterances"].tolist()[-1] == "alone:1"
    assert np.array_equal(found["vectors"][-1], found["sentence_vectors"][1])


def test_parses_of_other_utterances_are_not_taken(quick):
    quick.run("utterances", "parses")
    quick.write("transcripts/talk.txt", "Ana: My mentor left.\n")
    quick.codings("anna", [{"source": "talk", "action": "done"}])
    quick.run("utterances")
    with pytest.raises(ValueError, match="zip"):
        quick.run("embeddings")


def test_another_model_without_its_extra_is_a_plain_error(quick, problems_of, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    quick.write(
        "study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nembeddings: {model: all-mpnet-base-v2}\n"
    )
    assert quick.run(*STEPS) == 1
    told = problems_of().splitlines()[-1]
    assert told == (
        "qualcode embeddings: study.yaml: embeddings: the model 'all-mpnet-base-v2' needs sentence-transformers. "
        "Install qualcode[transformers] (it brings torch), or leave `embeddings` out."
    )
