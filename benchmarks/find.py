"""Time `qualcode find` on 100,000 words, beside a plain regular expression that shows the same words in context.

usage: python benchmarks/find.py [--repeats N] [--write]

Each is a program of its own, start-up and all; what it takes to start is measured by itself and taken off. A regular
expression knows the letters of words, not their forms, sentences, speakers or what negates them: it is the least that
finding words in context can cost.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import sections
from corpus import build_study, load_corpus

CHECKOUT = Path(__file__).resolve().parent.parent
LIMIT, WIDTH = 100, 40
# What is looked for, and the expression that comes nearest to it.
QUERIES = {
    "support*": r"\bsupport\w*",
    "the": r"\bthe\b",
    "need* ~3 help": r"\bneed\w*(?:\W+\w+){0,3}?\W+help\b",
    '"thank you" ~2 question': r"\bthank you(?:\W+\w+){0,2}?\W+question\b",
}
AIM = 1.0


def seconds(command: Sequence[str], folder: Path) -> float:
    """What a program takes. Ends this one with its words where it fails."""
    env = os.environ | {"PYTHONPATH": str(CHECKOUT / "src")}
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nbenchmarks: this failed: {' '.join(command)}")
    return taken


def scan(expression: str, folder: Path) -> None:
    """The baseline: every match in every text, the first of them with the words on either side."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found += [(path.stem, text, match) for match in re.finditer(expression, text, re.IGNORECASE)]
    for source, text, match in found[:LIMIT]:
        before, after = text[max(0, match.start() - WIDTH) : match.start()], text[match.end() : match.end() + WIDTH]
        print(source, before.replace("\n", " ").rjust(WIDTH), match[0], after.replace("\n", " "))
    print(len(found))


def measure(study: Path, repeats: int) -> dict[str, dict[str, float]]:
    """Median seconds by query and by what was run, in turns, so that a slow moment of the machine meets all alike."""
    folder = study.parent
    python, texts = sys.executable, folder / "results" / study.name / "texts"
    costs: dict[str, dict[str, list[float]]] = {}
    for _ in range(repeats):
        for query, expression in QUERIES.items():
            for name, command in {
                "find": [python, "-m", "qualcode.cli", "find", query, str(study), "--limit", str(LIMIT)],
                "import spacy": [python, "-c", "import spacy; spacy.blank('en')"],
                "scan": [python, __file__, "--scan", expression, "--texts", str(texts)],
                "nothing": [python, __file__, "--scan", "", "--texts", "nowhere"],
            }.items():
                costs.setdefault(query, {}).setdefault(name, []).append(seconds(command, folder))
    return {
        query: {name: statistics.median(taken) for name, taken in of_query.items()} for query, of_query in costs.items()
    }


def report(figures: dict[str, dict[str, float]], hits: dict[str, str], about: str, repeats: int) -> str:
    """The figures as a table in Markdown."""
    lines = [
        f"{about}. Python {sys.version.split()[0]}, {os.cpu_count()} cores; medians of {repeats} runs, in seconds.",
        "",
        "| looked for | hits | `qualcode find`, all | without importing spaCy | `re` alone, without starting Python "
        f"| at most {AIM:.0f} s |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for query, found in figures.items():
        own, least = found["find"] - found["import spacy"], found["scan"] - found["nothing"]
        cells = [f"`{query}`", hits[query], f"{found['find']:.2f}", f"{own:.2f}", f"{least:.2f}"]
        lines.append(f"| {' | '.join([*cells, 'yes' if own <= AIM else 'no'])} |")
    return "\n".join(lines)


def hits_of(study: Path, query: str) -> str:
    """How many hits `qualcode find` tells of."""
    command = [sys.executable, "-m", "qualcode.cli", "find", query, str(study), "--limit", "0"]
    env = os.environ | {"PYTHONPATH": str(CHECKOUT / "src")}
    out = subprocess.run(command, cwd=study.parent, env=env, capture_output=True, text=True, check=True).stdout
    match = re.search(r"^([\d,]+) hits? in", out, re.MULTILINE)
    return match[1] if match else "0"


def main() -> None:
    """Measure, print, and with --write keep the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=5, help="how often each is run (default: 5)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    parser.add_argument("--scan", help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.scan is not None:
        scan(args.scan, args.texts)
        return
    corpus = load_corpus(CHECKOUT / "data")
    with tempfile.TemporaryDirectory(prefix="qualcode-benchmark-") as temporary:
        study = build_study(corpus, Path(temporary).resolve() / "meetings")
        for step in ("utterances", "parses"):
            seconds([sys.executable, "-m", "qualcode.cli", step, str(study)], study.parent)
        figures = measure(study, args.repeats)
        hits = {query: hits_of(study, query) for query in QUERIES}
    text = report(figures, hits, f"Corpus: {corpus.about}; {corpus.words():,} words", args.repeats)
    print(text)
    if args.write:
        sections.write("find", text)


if __name__ == "__main__":
    main()
