"""Embed every sentence and pool the vectors to utterances; nothing is cut in silence."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
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
# Characters embedded between two lines of progress, about four seconds on two cores, each portion safe on disk; in big
# jobs a share of all, so that it stays at so many lines and files.
_PORTION = 250_000
_PORTIONS = 50
# Rows that are copied, read or written at a time.
_ROWS = 16_384


def embed(texts: Sequence[str], embedder: Embedder, cache: Path) -> np.ndarray:
    """Vectors of the texts, shape (texts, d), float32; those of earlier runs are taken from the file `cache`.

    Equal texts are embedded once, the longest first. Each portion is written beside the cache when it is done, so that
    a run that was interrupted is taken up where it stopped; at the end the cache holds these texts and no others.
    Several runs may use one cache at the same time.
    """
    import numpy as np

    keys = _keys(embedder.version, texts)
    known, first, of = np.unique(keys, return_index=True, return_inverse=True)
    vectors = np.zeros((len(texts), embedder.size), dtype=np.float32)
    found = np.zeros(len(known), dtype=bool)
    parts = set(cache.parent.glob(f"{cache.stem}-*{cache.suffix}"))
    stored = _take(cache, known, first, vectors, found)
    for part in sorted(parts):
        _take(part, known, first, vectors, found)
    new = first[~found]
    say(f"{len(texts):,} sentences, {len(known):,} of them different, {len(new):,} to embed")
    for portion, done, share in _portions(new, texts):
        vectors[portion] = embedder.encode([texts[at] for at in portion])
        part = cache.with_name(f"{cache.stem}-{digest(*keys[portion])}{cache.suffix}")
        _write(part, keys, vectors, portion)
        parts.add(part)
        say(f"{done:,} of {len(new):,} sentences embedded, {share:.0%} of their characters")
    if parts or stored != len(known):
        _write(cache, keys, vectors, first)
    _sweep(cache, parts)
    again = np.flatnonzero(first[of] != np.arange(len(texts)))
    for rows in _chunks(again):
        vectors[rows] = vectors[first[of[rows]]]
    return vectors


def _keys(version: str, texts: Sequence[str]) -> np.ndarray:
    """What the vectors of texts are kept under: 128 bits, hexadecimal.

    With the 48 bits of `text.digest`, two of a million sentences would share a vector in one study of 560.
    """
    import numpy as np

    hashed = (blake2b(f"{version}\x1f{text}".encode(), digest_size=16).hexdigest() for text in texts)
    return np.fromiter((item.encode() for item in hashed), dtype="S32", count=len(texts))


def _portions(new: np.ndarray, texts: Sequence[str]) -> Iterator[tuple[np.ndarray, int, float]]:
    """Positions of texts, the longest first; how many there are up to here, and their share of all characters."""
    import numpy as np

    lengths = np.array([len(texts[at]) for at in new], dtype=np.int64)
    order = np.lexsort((new, -lengths))
    ends = np.cumsum(np.maximum(lengths[order], 1))
    total = ends[-1] if len(ends) else 0
    bounds = np.flatnonzero(np.diff((ends - 1) // max(_PORTION, total // _PORTIONS))) + 1
    for start, end in pairwise([0, *bounds, len(new)] if len(new) else []):
        yield new[order[start:end]], end, ends[end - 1] / total


# --- what is kept between runs -------------------------------------------------------------------------------------


def _form(size: int) -> np.dtype:
    """A row of a stored file: the key of a text, its vector, and a check sum that tells a damaged one."""
    import numpy as np

    return np.dtype([("key", "S32"), ("check", "<u4"), ("vector", "<f4", (size,))])


def _check(vectors: np.ndarray) -> np.ndarray:
    import numpy as np

    # Not 0 for a row of zeros, which a file holds where the disk lost what was written.
    return np.ascontiguousarray(vectors).view("<u4").sum(axis=1, dtype=np.uint32) + np.uint32(1)


def _take(path: Path, known: np.ndarray, first: np.ndarray, vectors: np.ndarray, found: np.ndarray) -> int:
    """Put the stored vectors of known keys into place; the number of rows that are stored, 0 where there is no file."""
    import numpy as np

    rows = 0
    for stored in _read(path, _form(vectors.shape[1])):
        rows += len(stored)
        at = np.searchsorted(known, stored["key"])
        wanted = at < len(known)
        wanted[wanted] = known[at[wanted]] == stored["key"][wanted]
        wanted &= _check(stored["vector"]) == stored["check"]
        vectors[first[at[wanted]]] = stored["vector"][wanted]
        found[at[wanted]] = True
    return rows


def _read(path: Path, form: np.dtype) -> Iterator[np.ndarray]:
    """The rows of a stored file, some at a time; none of one that is damaged, of another form, or not there."""
    import numpy as np

    # numpy raises many kinds for a broken file; what cannot be read is embedded again.
    with suppress(Exception), path.open("rb") as handle:
        np.lib.format.read_magic(handle)
        if np.lib.format.read_array_header_1_0(handle)[2] == form:
            while len(rows := np.fromfile(handle, form, _ROWS)):
                yield rows


def _write(path: Path, keys: np.ndarray, vectors: np.ndarray, rows: np.ndarray) -> None:
    import numpy as np

    form = _form(vectors.shape[1])
    head = {"descr": np.lib.format.dtype_to_descr(form), "fortran_order": False, "shape": (len(rows),)}
    with replacing(path) as temporary, temporary.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, head)
        for chunk in _chunks(rows):
            stored = np.zeros(len(chunk), dtype=form)
            stored["key"], stored["vector"] = keys[chunk], vectors[chunk]
            stored["check"] = _check(vectors[chunk])
            handle.write(stored.tobytes())


def _chunks(rows: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), _ROWS):
        yield rows[start : start + _ROWS]


def _sweep(cache: Path, parts: set[Path]) -> None:
    """Delete the parts that are in the cache now, and what other models left: a withdrawn person's words among them."""
    for path in cache.parent.iterdir():
        others = path.suffix in (".npy", ".npz") and not path.name.lstrip(".").startswith(cache.stem)
        if path in parts or others:
            path.unlink(missing_ok=True)


# --- the step ------------------------------------------------------------------------------------------------------


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
    vectors = embed(texts, embedder, cache_folder(study, "embeddings") / f"{embedder.version}.npy")
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
