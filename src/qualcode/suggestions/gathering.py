"""The sentences of a study, the codes that people gave them, and where people judged that a code is not there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..counting import SAID
from ..study import Study
from ..text import fold
from .features import Talk
from .judging import accepted, applied, came_to, counting, judged_to, met, of_people, turned_down
from .places import Marks

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


# Sentences of so many words are not said twice by chance.
_LONG = 6


@dataclass(frozen=True)
class Sentence:
    """A sentence: its `number` within its utterance from 1, and its characters in the source's canonical text."""

    utterance: str
    number: int
    source: str
    participant: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, eq=False)
class Gathered:
    """n sentences in the order of the talk, and what people said of them. k codes in the order of the codebook.

    `codable` (n,): whether it is data, and not only a signal of listening. `given`, `known` (n, k): whether people gave
    the code (or one below it), and where they judged that. `finished` (n,): in what they finished. `held_out` (n,): the
    number of the source, participant or answer that is left out as a whole, and `what` of these it is ('': there are
    not two). `codings`: for each code, the ids of its counted codings with the sentences of each. `turned_down`: for
    each code, the sentences for which someone whose word counts rejected it. `ruled` (n, k): whether rules meet it.
    """

    sentences: Sequence[Sentence]
    talk: Talk
    codes: Sequence[str]
    parents: Sequence[Sequence[int]]
    codable: np.ndarray
    given: np.ndarray
    known: np.ndarray
    finished: np.ndarray
    held_out: np.ndarray
    what: str
    codings: Sequence[Mapping[str, Sequence[int]]]
    turned_down: Sequence[Sequence[int]]
    ruled: np.ndarray


def gather(study: Study, results: Path, codebook: Codebook, made: Mapping[str, pd.DataFrame]) -> Gathered:
    """From the tables utterances, open_codes, coders and decisions in `made`, and the embeddings."""
    import numpy as np

    utterances = made["utterances"]
    with np.load(results / "embeddings.npz", allow_pickle=False) as stored:
        vectors, rows, spans = (stored[f"sentence_{name}"] for name in ("vectors", "utterances", "spans"))
    sentences = _sentences(utterances, rows.tolist(), spans.tolist())
    table = utterances.iloc[rows]
    surveys = {item.source for item in study.sources if item.alone}
    answers = table["source"].isin(surveys).to_numpy()
    codable = (table["role"].isin(SAID) & ~table["backchannel"]).to_numpy()
    marks = Marks(sentences, codebook)
    came = came_to(made["coders"], made["decisions"], made["open_codes"])
    finished = codable & marks.places.before(judged_to(made["coders"], came))
    taken = accepted(counting(made["decisions"], made["coders"]))
    people = of_people(made["open_codes"], taken)
    given = marks.of(people)
    down = marks.rows(turned_down(made["open_codes"], made["decisions"], made["coders"], codebook))
    known = finished[:, np.newaxis] & ~marks.of(applied(made["open_codes"], taken)) | given
    for code, at in enumerate(down):
        known[at, code] = True
    known &= codable[:, np.newaxis]
    copies = _copies(sentences, (codable & ~answers).tolist())
    what, held_out = _held_out(table.replace({"source": copies}), answers, np.asarray(known.any(axis=1)))
    return Gathered(
        sentences,
        _talk(sentences, vectors, rows, table, answers),
        [code.code for code in codebook.codes],
        [path[:-1] for path in marks.paths],
        codable,
        given & known,
        known,
        finished,
        held_out,
        what,
        marks.codings(people),
        down,
        marks.of(met(made["open_codes"], codebook)),
    )


def _talk(
    sentences: Sequence[Sentence], vectors: np.ndarray, rows: np.ndarray, table: pd.DataFrame, answers: np.ndarray
) -> Talk:
    """The talk, of surveys each answer by itself; `table` has a row of utterances for each sentence."""
    import numpy as np

    return Talk(
        [item.text for item in sentences],
        vectors,
        np.where(answers, table["source"].nunique() + rows, _numbered(table["source"])),
        rows,
        np.where(table["participant"] == "", -1, _numbered(table["participant"])),
        np.where(table["question"] == "", -1, _numbered(table["question"])),
    )


def _sentences(utterances: pd.DataFrame, rows: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[Sentence]:
    """Every sentence, by the row of its utterance and its place in it."""
    names = ("utterance", "source", "participant", "start", "text")
    columns = [utterances[name].tolist() for name in names]
    made: list[Sentence] = []
    number = 0
    for row, (start, end) in zip(rows, spans, strict=True):
        utterance, source, participant, offset, text = (column[row] for column in columns)
        number = number + 1 if made and made[-1].utterance == utterance else 1
        made.append(Sentence(utterance, number, source, participant, offset + start, offset + end, text[start:end]))
    return made


def _numbered(values: pd.Series) -> np.ndarray:
    """Values as numbers from 0, in the order in which they are first met."""
    import pandas as pd

    return pd.factorize(values)[0]


def _copies(sentences: Sequence[Sentence], said: Sequence[bool]) -> dict[str, str]:
    """Sources of which half of the longer sentences stand in an earlier source too, and that source.

    A transcript that lies there twice, as it came and corrected, would be judged by itself.
    """
    words: dict[str, set[str]] = defaultdict(set)
    for item, is_data in zip(sentences, said, strict=True):
        if is_data and len(item.text.split()) >= _LONG:
            words[item.source].add(fold(item.text))
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for source, of in words.items():
        shared = Counter(first[sentence] for sentence in of if sentence in first)
        earlier, number = min(shared.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        if 2 * number >= len(of):
            found[source] = earlier
        for sentence in of:
            first.setdefault(sentence, found.get(source, source))
    return found


def _held_out(table: pd.DataFrame, answers: np.ndarray, judged: np.ndarray) -> tuple[str, np.ndarray]:
    """What is left out as a whole, and its number for each sentence.

    Sources, with copies of them; of surveys each person's answers, in all of them; people, where one source of talk is
    all that was judged.
    Words of one person resemble each other, so that sentences of one are never on both sides.
    """
    import numpy as np

    people = ("\n" + table["participant"]).where(table["participant"] != "", table["utterance"])
    whole = np.where(answers, people, table["source"])
    if len(set(whole[judged])) > 1:
        return ("answer" if answers[judged].all() else "source"), _numbered(whole)
    known = judged & (table["participant"] != "").to_numpy()
    if len(set(table["participant"][known])) > 1:
        return "participant", _numbered(table["participant"])
    return "", np.zeros(len(table), dtype=int)
