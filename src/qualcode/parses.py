"""Parse every utterance with spaCy once: later steps read the stored parses, so editing a codebook never re-parses."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from . import tables
from .cache import cache_folder
from .console import add_study, progress
from .files import replacing
from .language import docbin, load_pipeline, pipeline_version
from .study import load_study
from .text import digest
from .tokens import parses_of

SETTINGS = ("language",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    utterances = tables.read(args.results, "utterances")
    pipeline = load_pipeline(study.settings["language"])
    version = pipeline_version(pipeline)
    cache = cache_folder(study, "parses")
    made = args.results / "parses"
    made.mkdir(parents=True, exist_ok=True)
    by_source = [(source, list(group["text"])) for source, group in utterances.groupby("source", sort=False)]
    used = set()
    for source, texts in progress(by_source, lambda item: str(item[0])):
        stored = cache / f"{digest(version, *texts)}.spacy"
        if not stored.exists():
            with replacing(stored) as temporary:
                docbin(pipeline.pipe(texts)).to_disk(temporary)
        used.add(stored)
        with replacing(parses_of(args.results, source)) as temporary:
            shutil.copyfile(stored, temporary)
    _sweep(made, {parses_of(args.results, source) for source, _ in by_source})
    _sweep(cache, used)


def _sweep(folder: Path, keep: set[Path]) -> None:
    """Delete parses of words that are no longer in the study: a withdrawn person's words must not linger."""
    for path in folder.glob("*.spacy"):
        if path not in keep:
            path.unlink()
