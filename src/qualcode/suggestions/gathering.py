"""The sentences of a study, the codes that people gave them, and where people judged that a code is not there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..codebook import Codebook
from ..counting import SAID
from ..study import Study
from ..text import fold
from .features import Talk

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


# Sentences of so many words are not said twice by chance.
_LONG = 6


class Passage(Protocol):
    """Words of a source, in characters of its canonical text."""

    @property
    def source(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


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

    @cached_property
    def order(self) -> dict[str, int]:
        return {code: at for at, code in enumerate(self.codes)}


def gather(study: Study, results: Path, codebook: Codebook, made: Mapping[str, pd.DataFrame]) -> Gathered:
    """From the tables utterances, open_codes, coders and decisions in `made`, and the embeddings."""
    import numpy as np

    utterances = made["utterances"]
    with np.load(results / "embeddings.npz", allow_pickle=False) as stored:
        vectors, rows, spans = (stored[f"sentence_{name}"] for name in ("vectors", "utterances", "spans"))
    sentences = _sentences(utterances, rows.tolist(), spans.tolist())
    table = utterances.iloc[rows]
    surveys = {item.source for item in study.sources if item.kind == "survey"}
    answers = table["source"].isin(surveys).to_numpy()
    talk = Talk(
        [item.text for item in sentences],
        vectors,
        np.where(answers, len(utterances) + rows, _numbered(table["source"])),
        rows,
        np.where(table["participant"] == "", -1, _numbered(table["participant"])),
        np.where(table["question"] == "", -1, _numbered(table["question"])),
    )
    codes = [code.code for code in codebook.codes]
    order = {code: at for at, code in enumerate(codes)}
    paths = [[order[up] for up in code.path] for code in codebook.codes]
    accepted = _accepted(_counting(made["decisions"], made["coders"]))
    people = _of_people(made["open_codes"], accepted)
    places = Places(sentences)
    given = np.zeros((len(sentences), len(codes)), dtype=bool)
    codings: list[dict[str, list[int]]] = [{} for _ in codes]
    for row in people.itertuples():
        at = places.at(row.source, row.start, row.end)
        given[np.ix_(at, paths[order[row.code]])] = True
        for up in paths[order[row.code]]:
            codings[up][row.coding] = at
    codable = (table["role"].isin(SAID) & ~table["backchannel"]).to_numpy()
    came = came_to(made["coders"], made["decisions"], made["open_codes"])
    finished = codable & places.before(_judged_to(made["coders"], came))
    known = np.repeat(finished[:, np.newaxis], len(codes), axis=1)
    for row in _applied(made["open_codes"], accepted).itertuples():
        known[np.ix_(places.at(row.source, row.start, row.end), paths[order[row.code]])] = False
    known |= given
    turned_down: list[list[int]] = [[] for _ in codes]
    for source, start, end, code in _turned_down(made["open_codes"], made["decisions"], made["coders"], codebook):
        turned_down[order[code]] += places.at(source, start, end)
        known[turned_down[order[code]], order[code]] = True
    known &= codable[:, np.newaxis]
    copies = _copies(sentences, (codable & ~answers).tolist())
    what, held_out = _held_out(table.replace({"source": copies}), answers, np.asarray(known.any(axis=1)))
    above = [path[:-1] for path in paths]
    ruled = _ruled(made["open_codes"], places, paths, codebook, len(sentences))
    return Gathered(
        sentences, talk, codes, above, codable, given & known, known, finished, held_out, what, codings, turned_down,
        ruled,
    )  # fmt: skip


def _ruled(
    open_codes: pd.DataFrame,
    places: Places,
    paths: Sequence[Sequence[int]],
    codebook: Codebook,
    size: int,
) -> np.ndarray:
    """Which sentences the rules of a code, or of one below it, meet, whatever people said of it: (sentences, codes)."""
    import numpy as np

    made = np.zeros((size, len(paths)), dtype=bool)
    for row in open_codes[open_codes["basis"] == "rule"].itertuples():
        if not row.negated or codebook.by_id[row.code].negation:
            made[np.ix_(places.at(row.source, row.start, row.end), paths[codebook.order[row.code]])] = True
    return made


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


def _of_people(open_codes: pd.DataFrame, accepted: set[str]) -> pd.DataFrame:
    """The codings that count and that a person made or accepted: words that the study applies teach nothing."""
    return open_codes[open_codes["counts"] & ((open_codes["basis"] == "human") | open_codes["coding"].isin(accepted))]


def _applied(open_codes: pd.DataFrame, accepted: set[str]) -> pd.DataFrame:
    """The words that the study applies and nobody decided on: that no person coded them does not say that they should.

    They count, so that who reads on leaves them as they are.
    """
    return open_codes[open_codes["counts"] & (open_codes["basis"] == "rule") & ~open_codes["coding"].isin(accepted)]


def _counting(decisions: pd.DataFrame, coders: pd.DataFrame) -> pd.DataFrame:
    """The decisions of those whose word counts in the source."""
    return decisions.merge(coders.loc[coders["counts"], ["source", "coder"]], on=["source", "coder"])


def _accepted(decisions: pd.DataFrame) -> set[str]:
    """The ids of the codings that someone accepted: proposals of rules, and codings that were suggested."""
    return _ids(decisions[(decisions["action"] == "accept") & decisions["holds"] & ~decisions["sample"]])


def _ids(decisions: pd.DataFrame) -> set[str]:
    """The codings that decisions are about: one may be about several, where a code was split."""
    return {coding for joined in decisions["coding"] for coding in joined.split("; ")}


def came_to(coders: pd.DataFrame, decisions: pd.DataFrame, open_codes: pd.DataFrame) -> dict[tuple[str, str], int]:
    """By source and coder the character up to which who coded there judged all.

    Who did not say how far is taken to have come as far as the last of their codings: the next page may not be read
    yet. What they coded because a sheet asked about it does not tell how far they read.
    """
    said = decisions[(decisions["action"] == "done") & decisions["holds"]]
    told = set(zip(said["source"], said["coder"], strict=True))
    own = open_codes[(open_codes["basis"] == "human") & ~open_codes["coding"].isin(_asked(decisions))]
    last = own.groupby(["source", "coder"])["end"].max().to_dict()
    found = {}
    for row in coders[coders["coded"] | coders["said"]].itertuples():
        key, to = (row.source, row.coder), int(row.done_to)
        if row.said or key in told:
            found[key] = to
        elif key in last:
            found[key] = min(to, int(last[key]))
    return found


def _asked(decisions: pd.DataFrame) -> set[str]:
    """The ids of codings that a sheet asked about: accepted, or chosen in the place of what the same row rejects."""
    row = ["coder", "file", "row"]
    rejected = decisions.loc[decisions["action"] == "reject", row].drop_duplicates()
    instead = decisions[decisions["action"] == "apply"].merge(rejected, on=row)
    return _ids(decisions[decisions["action"] == "accept"]) | _ids(instead)


def _judged_to(coders: pd.DataFrame, came: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Up to where everyone whose word counts in a source judged all of it, of those who `came` to some place in it."""
    found: dict[str, int] = {}
    for row in coders[coders["counts"]].itertuples():
        if (to := came.get((row.source, row.coder))) is not None:
            found[row.source] = min(to, found.get(row.source, to))
    return found


def _turned_down(
    open_codes: pd.DataFrame, decisions: pd.DataFrame, coders: pd.DataFrame, codebook: Codebook
) -> Iterator[tuple[str, int, int, str]]:
    """(source, start, end, code) of what people whose word counts rejected, or withdrew."""
    counting = {(row.source, row.coder) for row in coders[coders["counts"]].itertuples()}
    held = decisions[decisions["holds"] & ~decisions["sample"] & decisions["start"].notna()]
    held = _counting(held, coders)
    # What one accepts and another rejects is undecided.
    accepted = _accepted(held)
    for row in held[held["action"] == "reject"].itertuples():
        if accepted.isdisjoint(row.coding.split("; ")):
            for code in [row.now] if row.now else codebook.heirs(row.code):
                yield row.source, int(row.start), int(row.end), code
    for row in open_codes[open_codes["status"] == "withdrawn"].itertuples():
        if (row.source, row.coder) in counting:
            yield row.source, int(row.start), int(row.end), row.code


class Places:
    """Finds the sentences of a passage, among sentences in the order of the talk."""

    def __init__(self, sentences: Sequence[Passage]) -> None:
        import numpy as np

        self._rows: dict[str, list[int]] = defaultdict(list)
        for at, item in enumerate(sentences):
            self._rows[item.source].append(at)
        self._size = len(sentences)
        self._starts = {source: np.array([sentences[at].start for at in rows]) for source, rows in self._rows.items()}
        self._ends = {source: np.array([sentences[at].end for at in rows]) for source, rows in self._rows.items()}

    def at(self, source: str, start: int, end: int) -> list[int]:
        """The sentences that share at least half of the shorter of both with a passage.

        So neither a word too many nor a passage within a long sentence decides.
        """
        import numpy as np

        if source not in self._rows:
            return []
        starts, ends = self._starts[source], self._ends[source]
        first, last = np.searchsorted(ends, start, side="right"), np.searchsorted(starts, end, side="left")
        near = range(int(first), int(last))
        return [
            self._rows[source][at]
            for at in near
            if 2 * (min(end, int(ends[at])) - max(start, int(starts[at])))
            >= min(end - start, int(ends[at] - starts[at]))
        ]

    def before(self, to: Mapping[str, int]) -> np.ndarray:
        """Which sentences end at or before the character of their source."""
        import numpy as np

        made = np.zeros(self._size, dtype=bool)
        for source, rows in self._rows.items():
            made[rows] = self._ends[source] <= to.get(source, -1)
        return made


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
