"""The units of real transcripts, by stored parses and vectors, and the codes that people or rules gave them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from coded import Coded, Transcript

from qualcode.codebook import Codebook
from qualcode.files import replacing
from qualcode.language import MINILM, Embedder, docbin, load_embedder, pipeline_version
from qualcode.open_codes.rules import Rules
from qualcode.text import digest
from qualcode.tokens import Tokens, read_tokens

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language

CACHE = Path(".cache") / "qualcode" / "accuracy"
# A code that people used less often, or in fewer transcripts, is left out.
MINIMUM, SOURCES = 20, 3


class Units:
    """The units of a transcript, utterances or sentences by its stored parses, and the codes that they were given."""

    def __init__(self, transcript: Transcript, whole: bool, pipeline: Language) -> None:
        self.transcript = transcript
        self.path = parsed(transcript.utterances, pipeline)
        self.tokens: Tokens = read_tokens(self.path)
        all_of_it = [(number, 0, len(words)) for number, words in enumerate(transcript.utterances)]
        self.spans = all_of_it if whole else [span for span in self.tokens.spans if span[0] >= 0]
        self.texts = [transcript.utterances[number][start:end] for number, start, end in self.spans]

    def at(self, utterance: int, start: int, end: int) -> list[int]:
        """The units that share at least half of the shorter of both with a stretch of an utterance."""
        return [
            number
            for number, (place, first, last) in self._of_utterance[utterance]
            if 2 * (min(end, last) - max(start, first)) >= min(end - start, last - first)
        ]

    @cached_property
    def _of_utterance(self) -> dict[int, list[tuple[int, tuple[int, int, int]]]]:
        found = defaultdict(list)
        for number, span in enumerate(self.spans):
            found[span[0]].append((number, span))
        return found

    def matrix(self, coded: Iterable[Coded], columns: Mapping[str, Sequence[int]], codes: int) -> np.ndarray:
        """Which unit has which code: bool, shape (units, codes). `columns` are those of a code and its ancestors."""
        import numpy as np

        made = np.zeros((len(self.spans), codes), dtype=bool)
        for item in coded:
            for unit in self.at(item.utterance, item.start, item.end):
                made[unit, columns.get(item.code, [])] = True
        return made


def parsed(texts: Sequence[str], pipeline: Language) -> Path:
    """The stored parses of a transcript, made if they are not kept yet."""
    stored = CACHE / f"{digest(pipeline_version(pipeline), *texts)}.spacy"
    if not stored.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with replacing(stored) as temporary:
            docbin(pipeline.pipe(texts)).to_disk(temporary)
    return stored


def vectors(texts: Sequence[str]) -> np.ndarray:
    """The stored vectors of texts, shape (texts, 384), made if they are not kept yet."""
    import numpy as np

    stored = CACHE / f"{digest(_embedder().version, *texts)}.npy"
    if not stored.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with replacing(stored) as temporary, temporary.open("wb") as handle:
            np.save(handle, _embedder().encode(texts))
    return np.load(stored)


@cache
def _embedder() -> Embedder:
    return load_embedder(MINILM)


def by_rules(units: Units, rules: Rules) -> list[Coded]:
    """What the codebook's rules propose, but for what is negated where the code does not count that."""
    proposals = rules.propose(units.tokens, units.path, units.transcript.utterances)
    return [Coded(item.utterance, item.start, item.end, item.code) for item in proposals if item.stands]


def scored(codebook: Codebook, transcripts: Sequence[Transcript], least: int = SOURCES) -> list[str]:
    """The ids of the codes that people used often enough and in enough transcripts, their subcodes counted."""
    by_name = {code.name: code for code in codebook.codes}
    if unknown := {item.code for transcript in transcripts for item in transcript.coded} - set(by_name):
        raise ValueError(f"{codebook.path.name} lacks codes that people used: {', '.join(sorted(unknown))}")
    codings = {
        (code, transcript.name, item.coding)
        for transcript in transcripts
        for item in transcript.coded
        for code in by_name[item.code].path
    }
    times = Counter(code for code, _, _ in codings)
    places = Counter(code for code, _ in {(code, source) for code, source, _ in codings})
    return [code.code for code in codebook.codes if times[code.code] >= MINIMUM and places[code.code] >= least]
