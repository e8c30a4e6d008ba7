"""What people coded in the real data of QUALCODE_DATA: transcripts, and the stretches of them that have a code."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from qualcode.codebook import Code, Codebook, load_codebook
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
    """What was said, and what people coded of it.

    `roles`: who speaks each utterance. `only`: the names of the codes for which an utterance is judged, where it is not
    judged for all; none: it is there only as what stands around others.
    """

    name: str
    utterances: Sequence[str]
    coded: Sequence[Coded]
    roles: Sequence[str] = ()
    only: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def judged(self) -> Transcript:
        """The transcript without what is judged for no code."""
        kept = [number for number in range(len(self.utterances)) if self.only.get(number) != frozenset()]
        at = {number: place for place, number in enumerate(kept)}
        return Transcript(
            self.name,
            [self.utterances[number] for number in kept],
            [item._replace(utterance=at[item.utterance]) for item in self.coded if item.utterance in at],
            [self.roles[number] for number in kept] if self.roles else (),
            {at[number]: codes for number, codes in self.only.items() if codes},
        )


@dataclass(frozen=True)
class DataSet:
    """Transcripts that people coded. `whole`: the unit is the utterance, else the sentence.

    `sources`: in how many transcripts a code has to be used. `run`: how many utterances in a row are one piece of talk
    (0: all of a transcript). `defined`: reads the codes from the data, where they are in no codebook of ours.
    """

    name: str
    about: str
    folder: str
    read: Callable[[Path], list[Transcript]]
    whole: bool = False
    sources: int = 3
    run: int = 0
    defined: Callable[[Path], Codebook] | None = None

    @property
    def unit(self) -> str:
        return "an utterance" if self.whole else "a sentence"

    @property
    def codebook(self) -> Path:
        return CODEBOOKS / f"{self.name}.yaml"

    def codes(self, folder: Path) -> Codebook:
        """The codebook: of benchmarks/accuracy, or as the data define it."""
        return self.defined(folder) if self.defined else load_codebook(self.codebook)


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
        roles = [
            "moderator" if text.startswith("MODERATOR:", text.rfind("\n", 0, end) + 1) else "participant"
            for _, end in spans
        ]
        made.append(_transcript(path.stem, text, spans, highlights[path.stem], roles))
    return made


# What a line begins with that no one says: the speaker, and tasks ("3", "3.a", "a.ii") up to the end of a sentence.
_PRINTED = re.compile(
    r"\s*(?:MODERATOR:\s*)?(?:(?:\d+(?:\.\w)?[ ](?:.*?(?:[.?:]|[(]Q1[)])(?=\s|$)|.*)"
    r"|[a-c]\.[ivx]+[ ](?:Data Provenance|Data Lineage|Full Metadata Exploration|.*?\?|.*))\s*)*"
)


def read_pdpilot(folder: Path) -> list[Transcript]:
    """Interviews, an utterance per turn; only the participant's are judged. MAXQDA gives no places: each segment is
    looked for.
    """
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
        coded = [(place.start, place.end, code) for place, code in placed]
        roles = ["moderator" if label == "Dan" else "participant" for label, _ in turns]
        made.append(_transcript(path.stem, text, spans, coded, roles, context="moderator"))
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
    """Lessons, an utterance per sentence; those that have a label in a column are judged. Labels are known by the digit
    they begin with: the names are spelt in many ways. What has a digit that is not in `names` is not judged.
    """

    def read(folder: Path) -> list[Transcript]:
        made = []
        for path in sorted((folder / "subset-1").glob("*.xlsx")):
            rows = grid(path)
            header = next(rows)[1]
            cells = [dict(zip(header, row, strict=False)) for _, row in rows]
            cells = [cell | {"Sentence": words} for cell in cells if (words := one_line(cell["Sentence"]))]
            said = [cell["Sentence"] for cell in cells]
            labels = [names.get(cell.get(tag, "")[:1]) for cell in cells]
            coded = [Coded(number, 0, len(said[number]), code, number) for number, code in enumerate(labels) if code]
            only = {number: frozenset[str]() for number, code in enumerate(labels) if code is None}
            made.append(Transcript(path.stem, said, coded, _of_lesson(cells), only))
        return made

    return read


def _of_lesson(cells: Sequence[Mapping[str, str]]) -> list[str]:
    """Who is a teacher and who a student, by the column in which most labels of a speaker stand."""
    labels: Counter[str] = Counter()
    for cell in cells:
        labels[cell.get("Speaker", "")] += bool(cell.get("Student Tag")) - bool(cell.get("Teacher Tag"))
    return ["student" if labels[cell.get("Speaker", "")] > 0 else "teacher" for cell in cells]


def read_uptake(folder: Path) -> list[Transcript]:
    """Exchanges of a student's and a teacher's turn, by lesson. Codes are what most raters said; where they had no
    majority, the teacher's turn is not judged for uptake.
    """
    lessons = defaultdict(list)
    for row in _rows(folder / "data" / "uptake_data.csv"):
        lessons[int(row["obs_id"])].append(row)
    made = []
    for lesson in sorted(lessons):
        said: list[str] = []
        coded: list[Coded] = []
        only: dict[int, frozenset[str]] = {}
        for row in lessons[lesson]:
            uptake = row["uptake_majority"].partition(".")[0]
            turns = (
                ("student_text", [row["student_on_task_majority"] == "0"], ["Student off task"]),
                (
                    "teacher_text",
                    [row["teacher_on_task_majority"] == "0", uptake == "2", uptake == "0"],
                    ["Teacher off task", *(["High uptake", "Low uptake"] if uptake else [])],
                ),
            )
            for column, given, codes in turns:
                number = len(said)
                said.append(one_line(row[column]) or "-")
                only[number] = frozenset(codes)
                names = [code for code, has in zip(codes, given, strict=False) if has]
                coded += [Coded(number, 0, len(said[number]), code, number) for code in names]
        made.append(Transcript(f"{lesson:06}", said, coded, ["student", "teacher"] * (len(said) // 2), only))
    return made


BOPP = Path("test_data") / "games_as_art"


def read_bopp(folder: Path) -> list[Transcript]:
    """Answers to an open question, a transcript each, with the codes behind what has them: **words**<sup>a; b</sup>."""
    made = []
    for number, row in enumerate(_rows(folder / BOPP / "bopp_test_coded_texts.csv"), start=1):
        words, coded, end = "", [], 0
        for coding, mark in enumerate(re.finditer(r"\*\*(.*?)\*\*<sup>(.*?)</sup>", row["coded_text"], re.S)):
            words += row["coded_text"][end : mark.start()]
            names = [name for name in map(str.strip, mark[2].split(";")) if name]
            coded += [Coded(0, len(words), len(words) + len(mark[1]), name, coding) for name in names if mark[1]]
            words += mark[1]
            end = mark.end()
        made.append(Transcript(f"{number:03}", [words + row["coded_text"][end:]], coded))
    return made


def codes_of_bopp(folder: Path) -> Codebook:
    """The inductive codes, with the definitions of those that have one."""
    rows = _rows(folder / BOPP / "bopp_test_code_descriptions.csv")
    defined = {row["code"].strip(): one_line(row["description"]) for row in rows}
    names = sorted({item.code for answer in read_bopp(folder) for item in answer.coded} | set(defined))
    codes = [Code(name, name, defined.get(name, ""), 1, (name,), 0, True) for name in names]
    return Codebook(folder, "Games as art", "", tuple(codes))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _transcript(
    name: str,
    text: str,
    spans: Sequence[tuple[int, int]],
    coded: Iterable[tuple[int, int, str]],
    roles: Sequence[str],
    context: str = "",
) -> Transcript:
    """The utterances that stand at these places of a text, and what was coded of them, but of those of one role."""
    parts = [
        Coded(number, max(start, first) - first, min(end, last) - first, code, coding)
        for coding, (start, end, code) in enumerate(coded)
        for number, (first, last) in enumerate(spans)
        if start < last and first < end and roles[number] != context
    ]
    only = {number: frozenset[str]() for number, role in enumerate(roles) if role == context}
    return Transcript(name, [text[first:last] for first, last in spans], parts, roles, only)


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
# What rules were written for: accuracy.py measures these.
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
UPTAKE = DataSet("uptake", "Exchanges in mathematics lessons", "uptake", read_uptake, whole=True, run=2)
ANSWERS = DataSet("bopp", "Open answers on games as art", "llmcode-bopp", read_bopp, sources=20, defined=codes_of_bopp)
