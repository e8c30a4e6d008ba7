"""Embed every sentence and pool the vectors to utterances; nothing is cut in silence."""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from . import tables
from .cache import cache_folder
from .console import add_study, say
from .files import replacing
from .language import Embedder, load_embedder, mean_direction
from .study import load_study
from .text import digest
from .tokens import parses_of, read_tokens

if TYPE_CHECKING:
    import numpy as np

SETTINGS = ("embeddings",)
# Sentences embedded between two lines of progress.
_PORTION = 2000


def embed(texts: list[str], embedder: Embedder, cache: Path) -> np.ndarray:
    """Vectors of the texts, shape (texts, d), float32; those of earlier runs are taken from the cache."""
    import numpy as np

    keys = [digest(embedder.version, text) for text in texts]
    known = _load(cache)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    say(f"{len(texts)} sentences, {len(missing)} of them new")
    new = list(missing.items())
    for start in range(0, len(new), _PORTION):
        portion = new[start : start + _PORTION]
        vectors = embedder.encode([text for _, text in portion])
        known.update((key, vector) for (key, _), vector in zip(portion, vectors, strict=True))
        say(f"{min(start + _PORTION, len(new))} of {len(new)} embedded")
    kept = sorted(set(keys))
    if missing or len(kept) != len(known):
        with replacing(cache) as temporary:
            stacked = np.stack([known[key] for key in kept]) if kept else np.zeros((0, embedder.size), np.float32)
            np.savez(temporary.with_suffix(".npz"), keys=np.array(kept, dtype="U12"), vectors=stacked)
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, embedder.size), np.float32)


def _load(cache: Path) -> dict[str, np.ndarray]:
    import numpy as np

    if not cache.exists():
        return {}
    with np.load(cache) as stored:
        return dict(zip(map(str, stored["keys"]), stored["vectors"], strict=True))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    import numpy as np

    study = load_study(args.study)
    utterances = tables.read(args.results, "utterances")
    owners: list[int] = []
    places: list[tuple[int, int]] = []
    texts: list[str] = []
    position = 0
    for source, group in utterances.groupby("source", sort=False):
        tokens = read_tokens(parses_of(args.results, str(source)))
        for words, spans in zip(group["text"], tokens.sentences(), strict=True):
            owners += [position] * len(spans)
            places += spans
            texts += [words[start:end] for start, end in spans]
            position += 1
    embedder = load_embedder(study.settings["embeddings"]["model"])
    vectors = embed(texts, embedder, cache_folder(study, "embeddings") / f"{embedder.version}.npz")
    pooled = np.zeros((len(utterances), embedder.size), dtype=np.float32)
    bounds = np.searchsorted(owners, np.arange(len(utterances) + 1))
    for row, (start, end) in enumerate(pairwise(bounds)):
        if end > start:
            # A sentence weighs by its length: "Right." must not outweigh what follows.
            pooled[row] = mean_direction(vectors[start:end], [len(text) for text in texts[start:end]])
    with replacing(args.results / "embeddings.npz") as temporary:
        np.savez(
            temporary.with_suffix(".npz"),
            utterances=np.array(utterances["utterance"], dtype=str),
            vectors=pooled,
            sentence_utterances=np.array(owners, dtype=np.int64),
            sentence_spans=np.array(places, dtype=np.int64).reshape(-1, 2),
            sentence_vectors=vectors,
        )
