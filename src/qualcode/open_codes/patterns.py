"""spaCy patterns of the codebook, matched in a process of their own that is ended when one takes too long."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codebook.indicators import Indicator
from ..errors import Problems
from ..files import one_sentence
from ..tokens import Tokens
from .matching import Hit

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from spacy.language import Language
    from spacy.tokens import Doc

# Seconds that one pattern may take in one source: so much, and so much for each token.
BUDGET, BUDGET_PER_TOKEN = 10.0, 50e-6
# Bytes that the process may use beyond what is loaded: repeated wildcards give the square of the words, and more.
MEMORY = 1 << 30


# spaCy writes a token that is repeated {n} times out n times before anything else.
MOST_REPEATED = 100
_REPEATED = re.compile(r"['\"]OP['\"]: ['\"]\{(?:\d*,)?(\d+),?\}")


@dataclass(frozen=True)
class Pattern:
    """A pattern of a code: the `number`th, counted from 1, and where it stands in the codebook."""

    code: str
    number: int
    pattern: Sequence[Any]
    file: Path
    line: int

    @property
    def dependency(self) -> bool:
        return isinstance(self.pattern[0], dict) and "RIGHT_ID" in self.pattern[0]

    @property
    def indicator(self) -> Indicator:
        return Indicator(self.code, f"pattern {self.number}", ())

    def report(self, problems: Problems, wrong: str, do: str = "") -> None:
        problems.add(self.file, f"line {self.line}", f"pattern {self.number} of '{self.code}' {wrong}", do)


class Patterns:
    """The patterns of a codebook. Raises QualcodeError naming all that are not valid."""

    def __init__(self, patterns: Sequence[Pattern], pipeline: Language) -> None:
        self._patterns, self._pipeline = patterns, pipeline
        problems = Problems()
        for pattern in patterns:
            if max(map(int, _REPEATED.findall(repr(pattern.pattern))), default=0) > MOST_REPEATED:
                pattern.report(problems, f"repeats a token more than {MOST_REPEATED} times", "Use + or * instead.")
                continue
            try:
                _matcher(pattern, pipeline)
            except Exception as error:  # spaCy raises many kinds: ValueError, MatchPatternError, KeyError, re.error
                pattern.report(problems, f"is not a spaCy pattern: {' '.join(str(error).split())[:200]}")
        problems.stop()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def find(self, tokens: Tokens, path: Path) -> list[Hit]:
        """Every hit in a source. Raises QualcodeError naming all patterns that took longer than their budget."""
        budget = BUDGET + BUDGET_PER_TOKEN * len(tokens)
        hits: list[Hit] = []
        problems = Problems()
        left = list(self._patterns)
        while left:
            done, why = self._run(left, path, budget)
            for pattern, spans in zip(left, done, strict=False):
                hits += [
                    Hit(pattern.indicator, int(tokens.first[utterance]) + start, int(tokens.first[utterance]) + end)
                    for utterance, start, end in spans
                ]
            if why:
                do = "Make it simpler: fewer * and + operators in a row, no repetitions within REGEX."
                left[len(done)].report(problems, why, do)
            left = left[len(done) + 1 :] if why else []
        problems.stop()
        return hits

    def _run(
        self, patterns: Sequence[Pattern], path: Path, budget: float
    ) -> tuple[list[list[tuple[int, int, int]]], str]:
        """The hits of each pattern up to the first that cannot be matched, and why it cannot ('' if all can)."""
        # A fork has all that is loaded already; elsewhere the process begins anew.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(there, patterns, path, self._pipeline.lang), daemon=True)
        process.start()
        there.close()
        done: list[list[tuple[int, int, int]]] = []
        try:
            here.recv()  # the parses are read: from here on it is the pattern that takes the time
            while len(done) < len(patterns):
                if not here.poll(budget):
                    return done, f"takes too long: it was stopped after {budget:.0f} seconds"
                found = here.recv()
                if isinstance(found, str):
                    return done, f"cannot be matched ({found})"
                done.append(found)
        except EOFError:
            return done, "takes too much memory"
        finally:
            process.kill()
            process.join()
            here.close()
        return done, ""


def _work(results: Connection, patterns: Sequence[Pattern], path: Path, language: str) -> None:
    """Send, for each pattern, its hits as (utterance, start, end) in tokens of the utterance."""
    from ..language import read_parses, vocabulary

    pipeline = vocabulary(language)
    docs = read_parses(path, pipeline)
    _limit_memory()
    results.send(None)
    for pattern in patterns:
        try:
            found: list[tuple[int, int, int]] | str = list(_spans(pattern, docs, pipeline))
        except MemoryError:
            return
        except Exception as error:  # what a pattern asks of a token may not be there
            found = one_sentence(error)
        results.send(found)
    results.close()


def _limit_memory() -> None:
    """Only Linux tells how much is in use; elsewhere time alone is limited."""
    used = Path("/proc/self/statm")
    if used.exists():
        import resource

        limit = int(used.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _spans(pattern: Pattern, docs: Sequence[Doc], pipeline: Language) -> Iterator[tuple[int, int, int]]:
    matcher = _matcher(pattern, pipeline)
    for utterance, doc in enumerate(docs):
        if not len(doc):
            continue
        if pattern.dependency:
            if doc.has_annotation("DEP"):
                for _, matched in matcher(doc):
                    yield utterance, min(matched), max(matched) + 1
        else:
            for _, start, end in matcher(doc):
                yield utterance, start, end


def _matcher(pattern: Pattern, pipeline: Language):  # type: ignore[no-untyped-def]
    from spacy.matcher import DependencyMatcher, Matcher

    matcher = (DependencyMatcher if pattern.dependency else Matcher)(pipeline.vocab, validate=True)
    matcher.add("pattern", [list(pattern.pattern)])
    return matcher
