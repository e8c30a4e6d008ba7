"""What people coded in the real data of QUALCODE_DATA: transcripts, and the stretches of them that have a code."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from qualcode.files import grid
from qualcode.text import SourceText, Utterance, one_line

CODEBOOKS = Path(__file__).with_name("accuracy")


class Coded(NamedTuple):
    """A stretch of an utterance, in characters, that has a code. `coding`: which coding of people's it is a part of."""

    utterance: int
    start: int
    end: int
    code: str
    coding: int = 0


@dataclass(frozen=True)
class Transcript:
    name: str
    utterances: Sequence[str]
    coded: Sequence[Coded]


@dataclass(frozen=True)
class DataSet:
    """Transcripts that people coded. `whole`: the unit is the utterance, else the sentence."""

    name: str
    about: str
    folder: str
    read: Callable[[Path], list[Transcript]]
    whole: bool = False

    @property
    def unit(self) -> str:
        return "an utterance" if self.whole else "a sentence"

    @property
    def codebook(self) -> Path:
        return CODEBOOKS / f"{self.name}.yaml"


# --- what people coded ---------------------------------------------------------------------------------------------


def read_serdif(folder: Path) -> list[Transcript]:
    """Think-aloud sessions, an utterance per line, what the transcriber notes included, printed tasks left out."""
    highlights = defaultdict(list)
    for row in _rows(folder / "derived" / "gold_highlights.csv"):
        highlights[row["doc"]].append((int(row["start_char"]), int(row["end_char"]), row["tag"]))
    made = []
    for path in sorted((folder / "derived").glob("P*.txt")):
        text = path.read_text(encoding="utf-8")
        lines = [(_PRINTED.match(text, line.start(), line.end()), line.end()) for line in re.finditer(".+", text)]
        spans = [(printed.end(), end) for printed, end in lines if printed and printed.end() < end]
        made.append(_transcript(path.stem, text, spans, highlights[path.stem]))
    return made


# What a line begins with that no one says: the speaker, and tasks ("3", "3.a", "a.ii") up to the end of a sentence.
_PRINTED = re.compile(
    r"\s*(?:MODERATOR:\s*)?(?:(?:\d+(?:\.\w)?[ ](?:.*?(?:[.?:]|[(]Q1[)])(?=\s|$)|.*)"
    r"|[a-c]\.[ivx]+[ ](?:Data Provenance|Data Lineage|Full Metadata Exploration|.*?\?|.*))\s*)*"
)


def read_pdpilot(folder: Path) -> list[Transcript]:
    """Interviews, an utterance per turn of the participant. MAXQDA gives no places: each segment is looked for."""
    segments = defaultdict(list)
    for row in _rows(folder / "gold" / "coded_segments.csv"):
        segments[row["document"]].append((row["segment"], row["code"].split(" > ")[-1]))
    made = []
    for path in sorted((folder / "txt").glob("P*.txt")):
        turns = _turns(path.read_text(encoding="utf-8"))
        text = "\n".join(f"{label}: {words}" for label, words in turns)
        spans, start = [], 0
        for label, words in turns:
            start += len(label) + 2
            spans.append((start, start + len(words)))
            start += len(words) + 1
        talk = SourceText(
            text,
            [Utterance(str(number), "", "participant", *span) for number, span in enumerate(spans)],
            {label for label, _ in turns},
        )
        placed = [(place, code) for quote, code in segments[path.stem] for place in talk.places(quote)[:1]]
        answers = [span for span, (label, _) in zip(spans, turns, strict=True) if label != "Dan"]
        made.append(_transcript(path.stem, text, answers, [(place.start, place.end, code) for place, code in placed]))
    return made


def _turns(printed: str) -> list[tuple[str, str]]:
    """(label, words) of each turn of MAXQDA's print, without the numbers in its margin and on its pages."""
    furniture = re.compile(r"\s*(Interview|(\d+\s+)?\d+/\d+|\d+)?\s*")
    lines = [line for line in printed.replace("\f", "\n").split("\n") if not furniture.fullmatch(line)]
    talk = one_line("\n".join(re.sub(r"^\d+\s+", "", line) for line in lines))
    # One of the files has a slip of the pen in a label.
    parts = re.split(r"(?:^|\s)(Dan|Participant|Particpant): ", talk)
    return list(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))


def read_lessons(tag: str, names: Mapping[str, str]) -> Callable[[Path], list[Transcript]]:
    """Lessons, an utterance per sentence that has a label in a column. Labels are known by the digit they begin with:
    the names are spelt in many ways. What has a digit that is not in `names` is left out.
    """

    def read(folder: Path) -> list[Transcript]:
        made = []
        for path in sorted((folder / "subset-1").glob("*.xlsx")):
            rows = grid(path)
            header = next(rows)[1]
            cells = [dict(zip(header, row, strict=False)) for _, row in rows]
            said = [(one_line(cell["Sentence"]), names.get(cell.get(tag, "")[:1])) for cell in cells]
            said = [(words, code) for words, code in said if words and code is not None]
            coded = [Coded(number, 0, len(words), code, number) for number, (words, code) in enumerate(said) if code]
            made.append(Transcript(path.stem, [words for words, _ in said], coded))
        return made

    return read


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _transcript(
    name: str, text: str, spans: Sequence[tuple[int, int]], coded: Iterable[tuple[int, int, str]]
) -> Transcript:
    """The utterances that stand at these places of a text, and what was coded of each."""
    parts = [
        Coded(number, max(start, first) - first, min(end, last) - first, code, coding)
        for coding, (start, end, code) in enumerate(coded)
        for number, (first, last) in enumerate(spans)
        if start < last and first < end
    ]
    return Transcript(name, [text[first:last] for first, last in spans], parts)


TEACHERS = {
    "1": "",
    "2": "Keeping Everyone Together",
    "3": "Getting Students to Relate",
    "4": "Restating",
    "5": "Revoicing",
    "8": "Pressing for Accuracy",
    "9": "Pressing for Reasoning",
}
STUDENTS = {
    "1": "",
    "2": "Relating to Another Student",
    "3": "Asking for More Information",
    "4": "Making a Claim",
    "5": "Providing Evidence or Reasoning",
}
DATA = (
    DataSet("serdif", "Think-aloud sessions with a tool for health data", "serdif-taguette", read_serdif),
    DataSet("pdpilot", "Interviews on a tool for data scientists", "pdpilot", read_pdpilot, whole=True),
    DataSet(
        "teachers",
        "Mathematics lessons, what teachers say",
        "talkmoves",
        read_lessons("Teacher Tag", TEACHERS),
        whole=True,
    ),
    DataSet(
        "students",
        "Mathematics lessons, what students say",
        "talkmoves",
        read_lessons("Student Tag", STUDENTS),
        whole=True,
    ),
)
