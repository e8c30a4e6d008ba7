import os
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode import embeddings
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


def cached() -> set[bytes]:
    (path,) = Path(".cache/qualcode/talks/embeddings").iterdir()
    return set(np.load(path, allow_pickle=False)["key"])


def test_vectors_come_in_the_order_of_the_texts_also_from_the_cache(tmp_path):
    model, cache = Letters(), tmp_path / "cache.npy"
    assert embed(["one", "three", "one"], model, cache)[:, 0].tolist() == [3, 5, 3]
    assert model.asked == ["three", "one"], "an equal sentence is embedded once, the longest come first"
    assert embed(["eleven", "three"], model, cache)[:, 0].tolist() == [6, 5]
    assert model.asked == ["three", "one", "eleven"], "only what is new is embedded"
    embed(["one"], model, cache)
    assert model.asked[3:] == ["one"], "what left the study left the cache"


def test_nothing_to_embed_gives_no_vectors(tmp_path):
    model, cache = Letters(), tmp_path / "cache.npy"
    assert embed([], model, cache).shape == (0, 3)
    embed(["words"], model, cache)
    assert embed([], model, cache).shape == (0, 3)
    embed(["words"], model, cache)
    assert model.asked == ["words", "words"]


@pytest.fixture
def small(monkeypatch):
    """Portions of few characters, and few rows at a time."""
    monkeypatch.setattr(embeddings, "_PORTION", 5)
    monkeypatch.setattr(embeddings, "_PORTIONS", 10_000)
    monkeypatch.setattr(embeddings, "_ROWS", 2)


TEXTS = ["a", "bb", "ccc", "dddd", "eeeee"]


def test_many_sentences_are_embedded_in_portions_and_their_share_is_told(tmp_path, small, capsys, monkeypatch):
    # Another test of this process may have run a step, whose name would stand before each line.
    monkeypatch.setattr("qualcode.console._speaker", "")
    model = Letters()
    assert embed(TEXTS, model, tmp_path / "cache.npy")[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert model.asked == TEXTS[::-1]
    assert capsys.readouterr().err.splitlines() == [
        "5 sentences, 5 of them different, 5 to embed",
        "1 of 5 sentences embedded, 33% of their characters",
        "2 of 5 sentences embedded, 60% of their characters",
        "5 of 5 sentences embedded, 100% of their characters",
    ]


def test_lines_of_progress_and_files_stay_few_in_big_jobs():
    texts = ["x" * 1000] * 100_000
    portions = list(embeddings._portions(np.arange(len(texts)), texts))
    assert len(portions) == embeddings._PORTIONS
    assert {len(portion) for portion, _, _ in portions} == {2000}
    assert [done for _, done, _ in portions][-1] == len(texts)


@given(st.lists(st.text(max_size=9), max_size=40))
def test_portions_hold_every_new_text_once(texts):
    new = np.arange(0, len(texts), 2)
    portions = list(embeddings._portions(new, texts))
    together = [at for portion, _, _ in portions for at in portion]
    assert sorted(together) == new.tolist()
    lengths = [len(texts[at]) for at in together]
    assert lengths == sorted(lengths, reverse=True)
    assert [share for _, _, share in portions][-1:] == [1.0] * bool(texts)


@given(st.lists(st.sampled_from(["", "a", "bb", "ccc", "dddd"]), max_size=12))
def test_equal_texts_share_their_vector(tmp_path_factory, texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embeddings, "_ROWS", 2)
        model = Letters()
        found = embed(texts, model, tmp_path_factory.mktemp("cache") / "cache.npy")
    assert found[:, 0].tolist() == [len(text) for text in texts]
    assert sorted(model.asked) == sorted(set(texts))


class Interrupted(Letters):
    """Stands in for a run that is stopped while it embeds its third portion."""

    def encode(self, texts):
        if len(self.asked) == 2:
            raise KeyboardInterrupt
        return super().encode(texts)


def test_a_run_that_was_interrupted_is_taken_up_where_it_stopped(tmp_path, small):
    cache = tmp_path / "cache.npy"
    with pytest.raises(KeyboardInterrupt):
        embed(TEXTS, Interrupted(), cache)
    assert not cache.exists()
    model = Letters()
    assert embed(TEXTS, model, cache)[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert model.asked == ["ccc", "bb", "a"]
    assert [path.name for path in tmp_path.iterdir()] == ["cache.npy"]
    before = cache.read_bytes()
    embed(TEXTS, model, cache)
    assert model.asked == ["ccc", "bb", "a"]
    assert cache.read_bytes() == before


def test_what_an_interrupted_run_left_of_words_that_are_gone_goes_too(tmp_path, small):
    cache = tmp_path / "cache.npy"
    with pytest.raises(KeyboardInterrupt):
        embed(TEXTS, Interrupted(), cache)
    model = Letters()
    embed(["eeeee"], model, cache)
    assert model.asked == []
    assert [path.name for path in tmp_path.iterdir()] == ["cache.npy"]
    assert len(np.load(cache)) == 1


# A run that says when it has done a portion, and takes its time for each.
SLOW = """
import sys, time
from pathlib import Path
import numpy as np
from qualcode import embeddings
sys.path.insert(0, sys.argv[1])
from test_embeddings import Letters, TEXTS
embeddings._PORTION, embeddings._PORTIONS = 5, 10_000
class Slow(Letters):
    def encode(self, texts):
        time.sleep(float(sys.argv[3]))
        return super().encode(texts)
model = Slow()
found = embeddings.embed(TEXTS * 3, model, Path(sys.argv[2]))
assert found[:, 0].tolist() == [1, 2, 3, 4, 5] * 3
"""


def start(cache: Path, seconds: float) -> subprocess.Popen:
    command = [sys.executable, "-c", SLOW, str(Path(__file__).parent), str(cache), str(seconds)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name == "nt", reason="there are no signals to kill with")
def test_a_process_that_was_killed_loses_only_the_portion_it_was_at(tmp_path, small):
    cache = tmp_path / "cache.npy"
    process = start(cache, 0.5)
    for line in process.stderr:
        if line.startswith("2 of 5"):
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait() == -signal.SIGKILL
    process.stderr.close()
    model = Letters()
    assert embed(TEXTS, model, cache)[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert model.asked == ["ccc", "bb", "a"]


def test_runs_at_the_same_time_do_not_harm_each_other(tmp_path):
    cache = tmp_path / "cache.npy"
    processes = []
    for number in range(3):
        processes.append(start(cache, 0.2 + 0.05 * number))
        time.sleep(0.1)
    for process in processes:
        told = process.communicate()[1]
        assert process.returncode == 0, told
    model = Letters()
    assert embed(TEXTS, model, cache)[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert model.asked == []
    assert [path.name for path in tmp_path.iterdir()] == ["cache.npy"]


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("sprung"),)


def damaged(kind: str, path: Path) -> None:
    whole = path.read_bytes()
    if kind == "another form":
        np.save(path, np.zeros(3, dtype=embeddings._form(7)))
    elif kind == "an archive":
        path.write_bytes(b"")
        with path.open("wb") as handle:
            np.savez(handle, keys=np.array(["a"]), vectors=np.zeros((1, 3)))
    elif kind == "a trap":
        np.save(path, np.array([Trap()], dtype=object), allow_pickle=True)
    else:
        path.write_bytes(
            {"empty": b"", "no array": b"PNG" * 99, "cut in its head": whole[:40], "cut in a row": whole[:-70]}[kind]
        )


@pytest.mark.parametrize("name", ["cache.npy", "cache-0123.npy"])
@pytest.mark.parametrize(
    "kind", ["empty", "no array", "cut in its head", "cut in a row", "another form", "an archive", "a trap"]
)
def test_files_that_are_damaged_or_of_something_else_are_made_anew(tmp_path, monkeypatch, kind, name):
    monkeypatch.chdir(tmp_path)
    cache = tmp_path / "kept" / "cache.npy"
    embed(TEXTS, Letters(), cache)
    good = cache.read_bytes()
    if name != cache.name:
        cache.rename(cache.with_name(name))
    damaged(kind, cache.with_name(name))
    model = Letters()
    assert embed(TEXTS, model, cache)[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert len(model.asked) == (2 if kind == "cut in a row" else 5)
    assert cache.read_bytes() == good
    assert [path.name for path in cache.parent.iterdir()] == ["cache.npy"]
    assert not Path("sprung").exists()


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_byte_that_changed_gives_another_vector(tmp_path_factory, data):
    cache = tmp_path_factory.mktemp("cache") / "cache.npy"
    embed(TEXTS, Letters(), cache)
    written = bytearray(cache.read_bytes())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    cache.write_bytes(written)
    assert embed(TEXTS, Letters(), cache).tolist() == [[length, 1, 0] for length in range(1, 6)]


def test_a_row_that_the_disk_lost_is_no_vector(tmp_path):
    cache = tmp_path / "cache.npy"
    embed(["words"], Letters(), cache)
    written = cache.read_bytes()
    cache.write_bytes(written[:-16] + bytes(16))
    model = Letters()
    assert embed(["words"], model, cache).tolist() == [[5, 1, 0]]
    assert model.asked == ["words"]


def test_another_model_takes_nothing_from_the_cache_and_leaves_nothing_of_it(tmp_path):
    embed(["one"], Letters(), tmp_path / "letters-1.npy")
    (tmp_path / "older.npz").write_bytes(b"vectors")
    (tmp_path / "letters-1-0123.npy").write_bytes(b"of a run that was interrupted")
    (tmp_path / "notes.txt").write_text("not ours")
    model = Letters()
    model.version = "numbers-2"
    embed(["one"], model, tmp_path / "numbers-2.npy")
    assert model.asked == ["one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "numbers-2.npy"]
    cache = tmp_path / "numbers-2.npy"
    model.version = "numbers-3"
    embed(["one"], model, cache)
    assert model.asked == ["one", "one"], "the version is part of the key, whatever the file is called"


def test_keys_are_long_enough_for_millions():
    keys = embeddings._keys("v", ["one", "two", "one", "one\x1f"])
    assert keys.dtype.itemsize * 4 == 128
    assert len(set(keys.tolist())) == 3
    assert embeddings._keys("w", ["one"])[0] != keys[0]


class Wide(Letters):
    """Vectors as long as those of the real model, which cost nothing to make."""

    size = 384

    def encode(self, texts):
        return np.full((len(texts), 384), 0.05, dtype=np.float32)


@pytest.mark.parametrize("kept", [False, True])
def test_memory_holds_the_vectors_and_little_else(tmp_path, monkeypatch, kept):
    monkeypatch.setattr(embeddings, "_ROWS", 500)
    monkeypatch.setattr(embeddings, "_PORTION", 10_000)
    texts = [f"Sentence {number}" for number in range(20_000)] * 2
    if kept:
        embed(texts, Wide(), tmp_path / "cache.npy")
    tracemalloc.start()
    try:
        found = embed(texts, Wide(), tmp_path / "cache.npy")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 1.2 * found.nbytes


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
