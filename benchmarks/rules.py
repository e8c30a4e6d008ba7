"""Measure how fast rules are met in stored parses, beside a bare PhraseMatcher, and how both grow.

usage: python benchmarks/rules.py [--repeats N] [--write]
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import run as workflow
import sections
from corpus import Corpus, build_study, edit_codebook, load_corpus

from qualcode.codebook import Code, Codebook
from qualcode.language import docbin, load_pipeline, read_parses, vocabulary
from qualcode.open_codes.rules import Rules
from qualcode.tokens import read_tokens

RULES = (100, 1_000, 10_000)
TIMES = (1, 10, 100)
SEED = 2007
# The most frequent words of all are in no one's codebook.
COMMON = 200
COPIES = 10


@dataclass(frozen=True)
class Stored:
    """A source: where its parses are stored, and the words of its utterances."""

    path: Path
    texts: list[str]


def store(corpus: Corpus, folder: Path) -> list[Stored]:
    """Parse the corpus once and keep the parses as the workflow does."""
    pipeline = load_pipeline("en_core_web_sm")
    stored = []
    for source, turns in corpus.sources.items():
        texts = [turn.words for turn in turns]
        path = folder / f"{source}.spacy"
        docbin(pipeline.pipe(texts)).to_disk(path)
        stored.append(Stored(path, texts))
    return stored


def codebook(corpus: Corpus, number: int) -> Codebook:
    """Codes with a list of two words and a phrase of two each, drawn by chance from the words of the corpus."""
    found = Counter(
        word.lower()
        for turns in corpus.sources.values()
        for turn in turns
        for word in turn.words.split()
        if word.isalpha()
    )
    words = [word for word, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))][COMMON:]
    chance = random.Random(SEED)
    codes = []
    for position in range(1, number + 1):
        one, two, three, four = chance.choices(words, k=4)
        key = f"code-{position}"
        codes.append(Code(key, key, "", 1, (key,), position, True, words=(one, two, f"{three} {four}")))
    return Codebook(Path("codebook.yaml"), "Benchmark", "", tuple(codes))


# --- what is compared ----------------------------------------------------------------------------------------------


def phrase_matcher(book: Codebook, pipeline: Any) -> Callable[[Sequence[Stored]], int]:
    """Read the parses as spaCy's documents and meet the same words and phrases, as typed, ignoring case."""
    from spacy.matcher import PhraseMatcher

    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    for code in book.codes:
        matcher.add(code.code, [pipeline.make_doc(word) for word in code.words])
    return lambda stored: sum(len(matcher(doc)) for item in stored for doc in read_parses(item.path, pipeline))


def hits(rules: Rules) -> Callable[[Sequence[Stored]], int]:
    """Read the parses and meet the rules, by form and lemma in context."""
    return lambda stored: sum(len(rules.hits(read_tokens(item.path), item.path)) for item in stored)


def proposals(rules: Rules) -> Callable[[Sequence[Stored]], int]:
    """The same with what the step makes of it: negation, and one proposal per code and sentence with its evidence."""
    return lambda stored: sum(len(rules.propose(read_tokens(item.path), item.path, item.texts)) for item in stored)


def seconds(work: Callable[[Sequence[Stored]], int], stored: Sequence[Stored]) -> tuple[float, int]:
    """Processor seconds and what was found. As timeit does, without the garbage collector, which strikes by chance."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    found = work(stored)
    took = time.process_time() - start
    gc.enable()
    return took, found


def compare(corpus: Corpus, stored: Sequence[Stored], repeats: int) -> list[str]:
    """A table of 100 to 10,000 rules, all in turns."""
    pipeline = vocabulary("en_core_web_sm")
    lines = [
        "| rules | terms | read and PhraseMatcher | read and meet | × | read and propose | × | found | proposed |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for number in RULES:
        book = codebook(corpus, number)
        rules = Rules(book, pipeline)
        works = {"bare": phrase_matcher(book, pipeline), "hits": hits(rules), "proposals": proposals(rules)}
        times: dict[str, list[float]] = {name: [] for name in works}
        found = {}
        for _ in range(repeats):
            for name, work in works.items():
                took, found[name] = seconds(work, stored)
                times[name].append(took)
        bare, met, proposed = (statistics.median(times[name]) for name in works)
        lines.append(
            f"| {number:,} | {3 * number:,} | {bare:.3f} | {met:.3f} | {met / bare:.2f} | {proposed:.3f} "
            f"| {proposed / bare:.2f} | {found['bare']:,} / {found['hits']:,} | {found['proposals']:,} |"
        )
    return lines


def growth(corpus: Corpus, stored: Sequence[Stored]) -> list[str]:
    """A table of 1,000 rules over more and more words: the same sources read again and again."""
    rules = Rules(codebook(corpus, 1_000), vocabulary("en_core_web_sm"))
    lines = ["| words | seconds | words per second |", "|--:|--:|--:|"]
    for times in TIMES:
        took, _ = seconds(proposals(rules), list(stored) * times)
        words = corpus.words() * times
        lines.append(f"| {words:,} | {took:.2f} | {words / took:,.0f} |")
    return lines


def edit(corpus: Corpus, folder: Path) -> list[str]:
    """What a codebook edit costs in a study of ten times the words, each source ten times under another name."""
    large = workflow.lay(folder, ["data/meetings"])
    sources = {f"{source}-{copy}": turns for copy in range(1, COPIES + 1) for source, turns in corpus.sources.items()}
    study = build_study(Corpus(corpus.about, sources, corpus.people), large / "data" / "meetings")
    workflow.timed(workflow.workflow(), large)
    edit_codebook(study)
    start = time.time()
    whole = workflow.timed(workflow.workflow(), large)
    steps = sorted(workflow.steps_since(large, start).items(), key=lambda item: -item[1])
    told = ", ".join(f"{step} {took:.1f}" for step, took in steps)
    reached = "yes" if steps and dict(steps)["open_codes"] <= 15 else "no"
    return [
        f"A word of the codebook edited in a study of {corpus.words() * COPIES:,} words: the step `open_codes` took "
        f"{dict(steps)['open_codes']:.1f} s (at most 15 s: {reached}), everything that follows from it, to the report, "
        f"{whole.seconds:.1f} s with {whole.memory / workflow.MEBIBYTE:.0f} MiB in the largest process. "
        f"Seconds by step: {told}.",
    ]


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=7, help="how often each is run (default: 7)")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    args = parser.parse_args()
    corpus = load_corpus(workflow.CHECKOUT / "data")
    with tempfile.TemporaryDirectory(prefix="qualcode-benchmark-") as temporary:
        stored = store(corpus, Path(temporary))
        lines = [
            f"Corpus: {corpus.about}; {corpus.words():,} words. Python {sys.version.split()[0]}. Processor seconds, "
            f"medians of {args.repeats} runs in turns. Each rule is a list of two words and a phrase of two.",
            "",
            *compare(corpus, stored, args.repeats),
            "",
            "1,000 rules over more words, read and propose:",
            "",
            *growth(corpus, stored),
            "",
            *edit(corpus, Path(temporary) / "large"),
        ]
    text = "\n".join(lines)
    print(text)
    if args.write:
        sections.write("rules", text)


if __name__ == "__main__":
    main()
