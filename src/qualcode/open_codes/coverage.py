"""What nobody coded: the passages that no coding touches, and how much of the talk is coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .. import tables
from ..counting import SAID
from ..tables import percent
from ..text import count_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Sentences = Mapping[str, Sequence[Sequence[tuple[int, int]]]]

ALL = "all"
# Between the words of two utterances of a passage.
BETWEEN = " / "


def coverage(
    utterances: pd.DataFrame, sentences: Sentences, open_codes: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables coverage and coverage_by.

    `sentences` are (start, end) in characters of the utterance, for each utterance of a source in the order of the
    table. A sentence is coded where a coding touches it that counts, or that a person made and did not withdraw.
    What only signals listening is no part of either table.
    """
    said = _said(utterances, sentences, open_codes)
    return _passages(said), _shares(said)


@dataclass(frozen=True)
class _Said:
    """The sentences that are data, in order: arrays of shape (sentences,).

    `row` is the position of each one's utterance in `utterances`, which holds only what is data or interrupts it;
    `start` and `end` are characters of the utterance.
    """

    utterances: pd.DataFrame
    row: np.ndarray
    start: np.ndarray
    end: np.ndarray
    words: np.ndarray
    coded: np.ndarray


def _said(utterances: pd.DataFrame, sentences: Sentences, open_codes: pd.DataFrame) -> _Said:
    import numpy as np

    waiting = {source: iter(found) for source, found in sentences.items()}
    of_rows = [next(waiting[source]) for source in utterances["source"]]
    # Who only listens does not interrupt; who asks does, and someone who withdrew, who spoke.
    interrupting = [*SAID, "moderator", "withdrawn"]
    speaking = (utterances["role"].isin(interrupting) & ~utterances["backchannel"].astype(bool)).to_numpy()
    spoken = utterances[speaking].reset_index(drop=True)
    kept = [
        found if role in SAID else [] for found, role in zip(compress(of_rows, speaking), spoken["role"], strict=True)
    ]
    row = np.repeat(np.arange(len(kept)), [len(found) for found in kept])
    spans = np.array([*chain.from_iterable(kept)], dtype=np.int64).reshape(-1, 2)
    texts = spoken["text"].tolist()
    words = [count_words(texts[at][start:end]) for at, (start, end) in zip(row.tolist(), spans.tolist(), strict=True)]
    offset = spoken["start"].to_numpy(dtype=np.int64)[row]
    coded = np.zeros(len(row), dtype=bool)
    of_source = spoken["source"].to_numpy()[row]
    for source, codings in _telling(open_codes).groupby("source"):
        here = of_source == source
        coded[here] = _touched(offset[here] + spans[here, 0], offset[here] + spans[here, 1], codings)
    return _Said(spoken, row, spans[:, 0], spans[:, 1], np.array(words, dtype=np.int64), coded)


def _telling(open_codes: pd.DataFrame) -> pd.DataFrame:
    standing = (open_codes["basis"] == "human") & (open_codes["status"] != "withdrawn")
    return open_codes[open_codes["counts"].astype(bool) | standing]


def _touched(starts: np.ndarray, ends: np.ndarray, codings: pd.DataFrame) -> np.ndarray:
    """Which spans share a character with a coding: more codings begin before a span's end than end before its start."""
    import numpy as np

    begun = np.searchsorted(np.sort(codings["start"].to_numpy(dtype=np.int64)), ends, side="left")
    ended = np.searchsorted(np.sort(codings["end"].to_numpy(dtype=np.int64)), starts, side="right")
    return begun > ended


def _passages(said: _Said) -> pd.DataFrame:
    """Runs of sentences that no one coded, of one speaker in one question, longest first."""
    import numpy as np

    speaker = said.utterances[["source", "participant", "role", "question"]]
    turn = (speaker != speaker.shift()).any(axis=1).cumsum().to_numpy()[said.row]
    bare = np.flatnonzero(~said.coded)
    apart = np.diff(bare, prepend=-2) > 1
    apart |= np.diff(turn[bare], prepend=-1) != 0
    parted = apart | (np.diff(said.row[bare], prepend=-1) != 0)
    number = np.cumsum(apart)[parted]
    words = np.bincount(np.cumsum(apart), weights=said.words[bare])
    first, last = bare[parted], bare[np.append(np.flatnonzero(parted)[1:], len(bare)) - 1] if len(bare) else bare
    pieces = zip(
        number.tolist(), said.row[first].tolist(), said.start[first].tolist(), said.end[last].tolist(), strict=True
    )
    spoken = said.utterances.to_dict("list")
    made = [_passage(spoken, [*group], int(words[key])) for key, group in groupby(pieces, key=itemgetter(0))]
    ordered = sorted((item for item in made if item["words"]), key=lambda item: -int(str(item["words"])))
    return tables.frame("coverage", ordered)


def _passage(
    spoken: Mapping[str, Sequence[Any]], pieces: Sequence[tuple[int, int, int, int]], words: int
) -> dict[str, object]:
    """The row of a passage of which `pieces` tell (its number, utterance, start and end there)."""
    (_, first, start, _), (_, last, _, end) = pieces[0], pieces[-1]
    return {
        **{name: spoken[name][first] for name in ("utterance", "source", "participant", "question")},
        "start": int(spoken["start"][first]) + start,
        "end": int(spoken["start"][last]) + end,
        "words": words,
        "utterances": len(pieces),
        "text": BETWEEN.join(spoken["text"][at][begin:stop] for _, at, begin, stop in pieces),
    }


def _shares(said: _Said) -> pd.DataFrame:
    """How many words and utterances are coded: of all, by source, participant and question."""
    import numpy as np

    size = len(said.utterances)
    whole = said.utterances.assign(
        all=ALL,
        words=np.bincount(said.row, weights=said.words, minlength=size).astype(np.int64),
        coded_words=np.bincount(said.row, weights=said.words * said.coded, minlength=size).astype(np.int64),
        utterances=said.utterances["role"].isin(SAID).astype(np.int64),
        coded_utterances=(np.bincount(said.row, weights=said.coded, minlength=size) > 0).astype(np.int64),
    )
    whole = whole[whole["role"].isin(SAID)]
    figures = ["words", "coded_words", "utterances", "coded_utterances"]
    rows = []
    for attribute in (ALL, "source", "participant", "question"):
        summed = whole[whole[attribute] != ""].groupby(attribute, sort=False)[figures].sum()
        for value, figure in zip(summed.index.tolist(), summed.to_dict("records"), strict=True):
            share = percent(int(figure["coded_words"]), int(figure["words"]))
            rows.append({"attribute": attribute, "value": value, "percent": share, **figure})
    return tables.frame("coverage_by", rows)
