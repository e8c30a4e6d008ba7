"""Paragraphs and tables, which docx, odt and rtf files are made of, as a transcript that accounts for every word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Names, read_header
from .model import LeftOut, Transcript, Turn
from .plain import turns

# Why words stay out.
DELETED = "deleted, and kept in the file as a tracked change"
MOVED = "moved by a tracked change: read where they stand now"
HIDDEN = "hidden by their format"
COMMENTS = "in comments"
NOTES = "in footnotes and endnotes, which no one said"
MARGINS = "in headers and footers"
DRAWINGS = "in drawings, charts and watermarks"
READINGS = "above or beside others as a guide to reading (ruby)"
PROMPTS = "prompts of form fields that were not filled in"
INSTRUCTIONS = "inside the instructions of a field"
_BESIDE = "in the heading of a table of talk, or in its columns beside speaker, time and words"

SOFT_HYPHEN = "\u00ad"
# What a table of talk may call the column of speakers, and what a time in a column of its own looks like.
_SPEAKER = re.compile(r"(?:speakers?|names?|participants?|who|persons?|voices?|labels?|roles?)", re.IGNORECASE)
_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_TIME = re.compile(rf"[\[(]?\s*{_CLOCK}(?:\s*(?:-|–|—|-->)\s*{_CLOCK})?\s*[\])]?")
# Where no one speaks twice, a table is talk if people say so many words on average: lists of people are shorter.
_SAID = 4


@dataclass
class Paragraph:
    """A paragraph's words as the program shows them (`\\n` where a line was broken by hand), and where it is."""

    text: str
    place: str


@dataclass
class Table:
    """Rows of cells; a cell is paragraphs and tables again."""

    rows: list[list[list[Paragraph | Table]]]


@dataclass
class Story:
    """What a reader gathers: blocks in their order, words that stay out by reason, and what else there is to report."""

    blocks: list[Paragraph | Table] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    reported: list[LeftOut] = field(default_factory=list)

    def leave(self, reason: str, text: str, *, joined: bool = False) -> None:
        """Put words aside. `joined`: they go on where the last of that reason ended, maybe in the middle of a word."""
        self.left.setdefault(reason, []).extend([text] if joined else ["\n", text])

    def transcript(self, source: Source, labels: Collection[str]) -> Transcript:
        """The story as turns (a document: as paragraphs), with every word that is in none of them accounted for.

        Raises QualcodeError where talk has no speaker's label anywhere.
        """
        tidied = _Tidied()
        for paragraph in _paragraphs(self.blocks):
            paragraph.text = tidied.text(paragraph.text)
        aside = {reason: count_words(tidied.text("".join(pieces))) for reason, pieces in self.left.items()}
        report = [*self.reported, *tidied.report()]
        if source.kind == "document":
            found = [Turn("", one_line(p.text), p.place) for p in _paragraphs(self.blocks) if p.text.strip()]
            words = sum(count_words(paragraph.text) for paragraph in _paragraphs(self.blocks))
            return Transcript(found, words + sum(aside.values()), report + _left_out(aside))
        reading = _Reading(labels, source.not_labels)
        reading.read(self.blocks)
        aside[_BESIDE] = count_words("\n".join(reading.beside))
        words = sum(count_words(line) for _, line in reading.lines) + sum(aside.values())
        found, apart = turns(source, reading.lines, {*labels, *reading.named})
        return Transcript(found, words, [*report, *_left_out(aside), *apart])


def inherited(name: str, values: Mapping[str, bool], parents: Mapping[str, str]) -> bool:
    """The value of a style: its own, or that of the nearest style that it is based on; False where none says."""
    met = set()
    while name and name not in values and name not in met:
        met.add(name)
        name = parents.get(name, "")
    return values.get(name, False)


def _left_out(counts: Mapping[str, int]) -> list[LeftOut]:
    return [LeftOut("words", count, reason) for reason, count in counts.items() if count]


def _paragraphs(blocks: Iterable[Paragraph | Table]) -> Iterator[Paragraph]:
    """Every paragraph in reading order, those of tables cell by cell."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            for row in block.rows:
                for cell in row:
                    yield from _paragraphs(cell)


class _Tidied:
    """Cleans texts and counts what that takes out: control characters, and hyphens that show only at line ends."""

    def __init__(self) -> None:
        self._controls = self._hyphens = 0

    def text(self, text: str) -> str:
        kept, controls = clean(text.replace(SOFT_HYPHEN, ""))
        self._hyphens += text.count(SOFT_HYPHEN)
        self._controls += controls
        return kept

    def report(self) -> Iterator[LeftOut]:
        if self._controls:
            yield LeftOut("characters", self._controls, "control characters, taken out")
        if self._hyphens:
            yield LeftOut("characters", self._hyphens, "soft hyphens, taken out")


# A cell of a table: (place, line) pairs without the blank ones.
_Lines = list[tuple[str, str]]


class _Reading:
    """The lines of talk in reading order. A row of a table of talk becomes a line `[time] Speaker: words`."""

    def __init__(self, labels: Collection[str], not_labels: Collection[str]):
        self.lines: _Lines = []
        self.beside: list[str] = []
        self.named: set[str] = set()
        self._names = Names(labels, not_labels)

    def read(self, blocks: Iterable[Paragraph | Table]) -> None:
        for block in blocks:
            if isinstance(block, Paragraph):
                self.lines += [(block.place, line) for line in block.text.split("\n")]
            elif not self._read_talk(block):
                for row in block.rows:
                    for cell in row:
                        self.read(cell)

    def _read_talk(self, table: Table) -> bool:
        """Read a table of speakers beside their words, row by row; False where it is none."""
        grid = [[_cell_lines(cell) for cell in row] for row in table.rows]
        width = max(Counter(map(len, grid)).items(), key=lambda item: item[1], default=(0, 0))[0]
        columns = [[_joined(row[n]) for row in grid if len(row) == width] for n in range(width)]
        times = [n for n in range(width) if _is_time(columns[n])]
        for speaker in (n for n in range(width) if n not in times):
            others = [n for n in range(width) if n != speaker and n not in times]
            words = max(others, key=lambda n: sum(map(count_words, columns[n])), default=speaker)
            if words != speaker and self._are_talk(columns[speaker], columns[words]):
                break
        else:
            return False
        for number, row in enumerate(grid):
            if len(row) != width:  # cells that were joined: a heading, or a remark across the table
                self.lines += [line for cell in row for line in cell]
            elif number == 0 and self._is_heading(_label(_joined(row[speaker]))):
                self.beside += [_joined(cell) for cell in row]
            else:
                self._read_row(row[speaker], row[words], row[times[0]] if times else [])
                self.beside += [_joined(cell) for n, cell in enumerate(row) if n not in (speaker, words, *times[:1])]
        return True

    def _read_row(self, speaker: _Lines, said: _Lines, time: _Lines) -> None:
        label = _label(_joined(speaker))
        if label:
            self.named.add(label)
            begin = f"[{_joined(time).strip('[]() ')}] " if time else ""
            self.lines.append((speaker[0][0], f"{begin}{label}: {said[0][1] if said else ''}"))
            self.lines += said[1:]
        else:  # goes on from the row above
            self.lines += said
            self.beside.append(_joined(time))

    def _are_talk(self, speakers: Sequence[str], words: Sequence[str]) -> bool:
        """Whether the cells of one column are labels, known or alike to names, and those of the other what was said."""
        labels = [_label(cell) for cell in speakers]
        headed = bool(labels) and self._is_heading(labels[0])
        labels = list(filter(None, labels[headed:]))
        names = Names(labels)
        if not labels or any(_header_label(f"{label}: x", names) != label for label in labels):
            return False
        known = 2 * sum(map(self._names.knows, labels)) >= len(labels)
        if not (known or headed or all(map(self._names.accepts, labels))):
            return False
        goes_on = len(set(labels)) < len(speakers) - headed
        return goes_on or sum(map(count_words, words[headed:])) >= _SAID * len(labels)

    def _is_heading(self, label: str) -> bool:
        return bool(_SPEAKER.fullmatch(label)) and not self._names.knows(label)


def _cell_lines(cell: Iterable[Paragraph | Table]) -> _Lines:
    lines = [(paragraph.place, line) for paragraph in _paragraphs(cell) for line in paragraph.text.split("\n")]
    return [(place, line) for place, line in lines if line.strip()]


def _joined(cell: _Lines) -> str:
    return one_line("\n".join(line for _, line in cell))


def _label(cell: str) -> str:
    return cell.rstrip().removesuffix(":").rstrip()


def _header_label(line: str, names: Names) -> str:
    header = read_header(line, names)
    return header.label if header else ""


def _is_time(column: Sequence[str]) -> bool:
    """Whether a column holds times and nothing else, under a heading of one word."""
    filled = [cell for cell in column if cell]
    filled = filled[1:] if filled and re.fullmatch(r"[^\W\d]+", filled[0]) else filled
    return bool(filled) and all(map(_TIME.fullmatch, filled))
