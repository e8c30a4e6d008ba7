"""The sentences of a data set with what people coded, as arrays to learn from, and which of them are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coded import DataSet
from units import Units, by_rules, scored, vectors

from qualcode.codebook import Code, Codebook
from qualcode.open_codes.rules import Rules

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language

    from qualcode.suggestions.learning import Task

FOLDS = 5
# A transcript by itself is held out in so many parts of it.
PARTS = 4


@dataclass(frozen=True)
class Talk:
    """The n sentences of a data set in their order, and its codes.

    Of shape (n,): the numbers, counted through, of `transcript`, of the `stretch` beyond which no talk is around it,
    and of its `utterance`; `roles`. Of shape (n, codes), bool: `given`, what people coded; `known`, what they judged;
    `ruled`, what rules propose (None: there are none).
    `vectors`: shape (n, 384). `task`: what the step suggestions makes of all this, once it is made.
    """

    name: str
    about: str
    unit: str
    codebook: Codebook
    codes: Sequence[Code]
    texts: Sequence[str]
    roles: Sequence[str]
    transcript: np.ndarray
    stretch: np.ndarray
    utterance: np.ndarray
    given: np.ndarray
    known: np.ndarray
    ruled: np.ndarray | None
    vectors: np.ndarray
    task: Task | None = None

    @cached_property
    def transcripts(self) -> list[int]:
        return sorted(set(self.transcript.tolist()))

    @property
    def reported(self) -> list[int]:
        """The second, fourth, … transcript, of which figures are given: what was tuned was tuned on the others."""
        return [number for number in self.transcripts if number % 2]

    def of(self, transcripts: Sequence[int]) -> np.ndarray:
        """What people judged in some transcripts: bool, shape (n, codes)."""
        import numpy as np

        return self.known & np.isin(self.transcript, transcripts)[:, None]


class Round(NamedTuple):
    """`learn`, `ask`: what may be learned from and what is held out, bool, shape (n, codes). `groups`: shape (n,)."""

    learn: np.ndarray
    ask: np.ndarray
    groups: np.ndarray


def rounds(talk: Talk, every: int = 1) -> list[Round]:
    """Each part of the reported transcripts held out once, and every so many-th of all the others to learn from."""
    folds = min(FOLDS, len(talk.reported))
    made = []
    for fold in range(folds):
        held = talk.reported[fold::folds]
        learn = talk.of([number for number in talk.transcripts if number not in held][::every])
        made.append(Round(learn, talk.of(held), groups(talk, learn)))
    return made


def groups(talk: Talk, learn: np.ndarray) -> np.ndarray:
    """What is held out as a whole in tuning: transcripts, or where there is only one, PARTS of it."""
    import numpy as np

    rows = np.flatnonzero(learn.any(axis=1))
    if len(np.unique(talk.transcript[rows])) > 1:
        return talk.transcript
    utterances = np.unique(talk.utterance[rows])
    return np.searchsorted(utterances, talk.utterance, side="right") * PARTS // (len(utterances) + 1)


def read_talk(data: DataSet, folder: Path, pipeline: Language) -> Talk:
    """A data set with its stored parses and vectors, made where they are not kept yet."""
    import numpy as np

    codebook = data.codes(folder)
    transcripts = data.read(folder)
    kept = scored(codebook, transcripts, data.sources)
    codes = [codebook.by_id[code] for code in kept]
    columns = {code.code: [kept.index(up) for up in code.path if up in kept] for code in codebook.codes}
    named = {code.name: columns[code.code] for code in codebook.codes}
    rules = Rules(codebook, pipeline) if any(code.words or code.patterns for code in codebook.codes) else None
    units = [Units(transcript, data.whole, pipeline) for transcript in transcripts]
    firsts = np.cumsum([0, *(len(item.transcript.utterances) for item in units)])
    texts = [text for item in units for text in item.texts]
    spans = [[span[0] for span in item.spans] for item in units]
    transcript = np.repeat(np.arange(len(units)), list(map(len, spans)))
    utterance = np.concatenate([first + np.array(of, int) for first, of in zip(firsts, spans, strict=False)])
    return Talk(
        data.name,
        f"{data.about} (`{data.folder}/`)",
        data.unit,
        codebook,
        codes,
        texts,
        [item.transcript.roles[span[0]] if item.transcript.roles else "" for item in units for span in item.spans],
        transcript,
        utterance // data.run if data.run else transcript,
        utterance,
        np.vstack([item.matrix(item.transcript.coded, named, len(kept)) for item in units]),
        np.vstack([_known(item, codes) for item in units]),
        np.vstack([item.matrix(by_rules(item, rules), columns, len(kept)) for item in units]) if rules else None,
        vectors(texts),
    )


def _known(units: Units, codes: Sequence[Code]) -> np.ndarray:
    import numpy as np

    only = units.transcript.only
    judged = [[span[0] not in only or code.name in only[span[0]] for code in codes] for span in units.spans]
    return np.array(judged, dtype=bool).reshape(-1, len(codes))
