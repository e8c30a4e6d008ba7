"""Paragraphs and tables, which docx, odt and rtf files are made of, as a transcript that accounts for every word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import failure
from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Names, read_header
from .model import LeftOut, Transcript, Turn
from .plain import turns
from .talk_table import words_columns

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
_ODD_ROWS = "of a table of talk without a speaker: joined to the speaker above"
_BESIDE = "in the heading of a table of talk, or in its columns beside speaker, time and words"

SOFT_HYPHEN = "\u00ad"
# What a table of talk may call the column of speakers, and what a time in a column of its own looks like.
_SPEAKER = re.compile(r"(?:speakers?|names?|participants?|who|persons?|voices?|labels?|roles?)", re.IGNORECASE)
_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?"
_TIME = re.compile(rf"[\[(]?\s*{_CLOCK}(?:\s*(?:-|–|—|-->)\s*{_CLOCK})?\s*[\])]?")
# A column may hold so large a share of other things than labels: where its heading or known labels vouch for it, half.
_ODD, _ODD_AMONG_KNOWN = 0.2, 0.5
# A label and a time in one cell.
_TIMED = re.compile(rf"(?P<label>.*\S) (?P<time>{_TIME.pattern})")
# A time or a number in a cell of its own.
MARK = re.compile(rf"{_TIME.pattern}|\d{{1,6}}[.)]?")
# Where no one speaks twice, a table is talk if people say so many words on average: lists of people are shorter.
_SAID = 4


@dataclass(frozen=True)
class Mark:
    """Where the words that a comment is about begin (`start`) or end (`end`), or where it is called (`point`).

    `offset` counts characters of the paragraph's text.
    """

    offset: int
    edge: str
    comment: str


@dataclass
class Paragraph:
    """A paragraph's words as the program shows them (`\\n` where a line was broken by hand), and where it is."""

    text: str
    place: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Comment:
    """A comment as it stands in a file: its words, who wrote it and when, as written; `answers` a comment or ''."""

    comment: str
    text: str
    by: str = ""
    at: str = ""
    answers: str = ""


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

    def beside(self, boxes: int, documents: int) -> None:
        """Report text boxes, which are read where they are anchored, and files inside the file, which are not."""
        if boxes:
            note = "read below the paragraph beside which they stand"
            self.reported.append(LeftOut("text boxes", boxes, note))
        if documents:
            self.reported.append(LeftOut("documents", documents, "stand inside this one and were not read"))

    def transcript(self, source: Source, labels: Collection[str]) -> Transcript:
        """The story as turns (a document: as paragraphs), with every word that is in none of them accounted for.

        Raises QualcodeError where talk has no speaker's label anywhere.
        """
        tidied = _Tidied()
        for paragraph in paragraphs(self.blocks):
            paragraph.text = tidied.text(paragraph.text)
        aside = {reason: count_words(tidied.text("".join(pieces))) for reason, pieces in self.left.items()}
        report = [*self.reported, *tidied.report()]
        if source.kind == "document":
            found = [Turn("", one_line(p.text), p.place) for p in paragraphs(self.blocks) if p.text.strip()]
            words = sum(count_words(paragraph.text) for paragraph in paragraphs(self.blocks))
            return Transcript(found, words + sum(aside.values()), report + _left_out(aside))
        reading = _Reading(source, labels)
        reading.read(self.blocks)
        aside[_BESIDE] = count_words("\n".join(reading.beside))
        words = sum(count_words(line) for _, line in reading.lines) + sum(aside.values())
        if reading.odd:
            report.append(LeftOut("rows", reading.odd, _ODD_ROWS))
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


def paragraphs(blocks: Iterable[Paragraph | Table]) -> Iterator[Paragraph]:
    """Every paragraph in reading order, those of tables cell by cell."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block
        else:
            for row in block.rows:
                for cell in row:
                    yield from paragraphs(cell)


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

    def __init__(self, source: Source, labels: Collection[str]):
        self.lines: _Lines = []
        self.beside: list[str] = []
        self.named: set[str] = set()
        self.odd = 0
        self._path = source.path
        self._names = Names(labels, source.not_labels)

    def read(self, blocks: Iterable[Paragraph | Table]) -> None:
        for block in blocks:
            if isinstance(block, Paragraph):
                self.lines += [(block.place, line) for line in block.text.split("\n")]
            elif not self._read_talk(block):
                for row in block.rows:
                    self._read_cells(row)

    def _read_cells(self, row: Sequence[list[Paragraph | Table]]) -> None:
        """Read a row cell by cell; a time or number stands on the line of the speaker beside it."""
        marks: _Lines = []
        for cell in row:
            lines = _cell_lines(cell)
            first = cell[0] if cell else None
            if len(lines) == 1 and MARK.fullmatch(lines[0][1].strip()):
                marks += lines
                continue
            if marks and isinstance(first, Paragraph) and read_header(first.text.split("\n")[0], self._names):
                first.text = " ".join([*(mark.strip() for _, mark in marks), first.text])
                marks = []
            elif lines:
                self.lines += marks
                marks = []
            self.read(cell)
            if lines:  # a name that fills a cell of a list is no label of the next cell
                self.lines.append((lines[-1][0], ""))
        self.lines += marks

    def _read_talk(self, table: Table) -> bool:
        """Read a table of speakers beside their words, row by row; False where it is none."""
        grid = [[_cell_lines(cell) for cell in row] for row in table.rows]
        width = max(Counter(map(len, grid)).items(), key=lambda item: item[1], default=(0, 0))[0]
        full = [row for row in grid if len(row) == width]
        columns = [[_joined(row[n]) for row in full] for n in range(width)]
        times = [n for n in range(width) if _is_time(columns[n])]
        for speaker in sorted(set(range(width)) - set(times), key=lambda n: self._likely(full, n), reverse=True):
            others = [n for n in range(width) if n != speaker and n not in times]
            words = self._words_column(columns, speaker, others)
            if words is not None and self._are_talk(_labels(full, speaker), columns[words]):
                break
        else:
            return False
        headed = self._is_heading(_labels(full, speaker)[0])
        if not (headed and len(words_columns([columns[n][0] for n in others])) == 1):
            self._check_prose([columns[n][headed:] for n in others], full[0])
        spoken = False
        for row in grid:
            if len(row) != width:  # cells that were joined: a heading, or a remark across the table
                self.lines += [line for cell in row for line in cell]
                self.odd += spoken and any(row)
            elif headed and row is full[0]:
                self.beside += [_joined(cell) for cell in row]
            else:
                spoken = self._read_row(row[speaker], row[words], row[times[0]] if times else [], spoken)
                self.beside += [_joined(cell) for n, cell in enumerate(row) if n not in (speaker, words, *times[:1])]
        return True

    def _read_row(self, speaker: _Lines, said: _Lines, time: _Lines, spoken: bool) -> bool:
        """Read what a speaker said. `spoken`, and what is returned: whether there was a speaker in the table so far."""
        label, clocks = _label_and_times(speaker)
        if label and _is_label(label):
            self.named.add(label)
            clocks = [_joined(time), *clocks] if time else clocks
            begin = f"[{clocks[0].strip('[]() ')}] " if clocks else ""
            self.lines.append((speaker[0][0], f"{begin}{label}: {said[0][1] if said else ''}"))
            self.lines += said[1:]
            self.beside += clocks[1:]
            return True
        # Goes on from the row above, or is a remark.
        self.odd += spoken and bool(label or said)
        self.lines += [*(speaker if label else []), *said]
        self.beside += [_joined(time), *([] if label else clocks)]
        return spoken

    def _likely(self, rows: Sequence[Sequence[_Lines]], column: int) -> tuple[bool, int]:
        """What makes a column that of the speakers: its heading, and how many known labels it has."""
        labels = _labels(rows, column)
        return self._is_heading(labels[0]), sum(map(self._names.knows, labels))

    def _words_column(self, columns: Sequence[Sequence[str]], speaker: int, others: Sequence[int]) -> int | None:
        """The column of what was said: the one whose heading says so, else the one with the most words."""
        if self._is_heading(_label(columns[speaker][0])):
            named = words_columns([columns[n][0] for n in others])
            if len(named) == 1:
                return others[named[0]]
        return max(others, key=lambda n: sum(map(count_words, columns[n])), default=None)

    def _check_prose(self, columns: Iterable[Sequence[str]], first: Sequence[_Lines]) -> None:
        """Refuse a table in which more than one column may be what was said."""
        lettered = ([cell for cell in column if re.search(r"[^\W\d_]", cell)] for column in columns)
        # A word in each cell is a code, a role, or an id.
        prose = [column for column in lettered if sum(map(count_words, column)) > len(column)]
        if len(prose) > 1:
            wrong = "more than one column of this table of talk could hold what was said"
            do = "Give it a first row that names its columns (Speaker, Text, Codes), or take out the other columns."
            raise failure(self._path, next(cell[0][0] for cell in first if cell), wrong, do)

    def _are_talk(self, labels: Sequence[str], words: Sequence[str]) -> bool:
        """Whether the cells of one column are labels, known or alike to names, and those of the other what was said."""
        headed = bool(labels) and self._is_heading(labels[0])
        rows = len(labels) - headed
        filled = list(filter(None, labels[headed:]))
        labels = list(filter(_is_label, filled))
        known = 2 * sum(map(self._names.knows, labels)) >= len(filled)
        odd = len(filled) - (len(labels) if known or headed else sum(map(self._names.accepts, labels)))
        if not labels or odd > (_ODD_AMONG_KNOWN if known or headed else _ODD) * len(filled):
            return False
        goes_on = len(set(labels)) < rows - (len(filled) - len(labels))
        return goes_on or sum(map(count_words, words[headed:])) >= _SAID * len(labels)

    def _is_heading(self, label: str) -> bool:
        return bool(_SPEAKER.fullmatch(label)) and not self._names.knows(label)


def _cell_lines(cell: Iterable[Paragraph | Table]) -> _Lines:
    lines = [(paragraph.place, line) for paragraph in paragraphs(cell) for line in paragraph.text.split("\n")]
    return [(place, line) for place, line in lines if line.strip()]


def _joined(cell: _Lines) -> str:
    return one_line("\n".join(line for _, line in cell))


def _label(cell: str) -> str:
    return cell.rstrip().removesuffix(":").rstrip()


def _label_and_times(cell: _Lines) -> tuple[str, list[str]]:
    """The label in a cell, '' for none, and the times behind it or on lines of their own."""
    clocks = [line for _, line in cell if _TIME.fullmatch(line.strip())]
    label = _label(_joined([(place, line) for place, line in cell if line not in clocks]))
    if timed := _TIMED.fullmatch(label):
        label, clocks = _label(timed["label"]), [timed["time"], *clocks]
    return label, clocks


def _labels(rows: Iterable[Sequence[_Lines]], column: int) -> list[str]:
    return [_label_and_times(row[column])[0] for row in rows]


def _is_label(text: str) -> bool:
    """Whether a text can stand before a colon as a label; not so `[noise]` and `Topic 2: the school`."""
    header = None if text.startswith(("[", "(")) else read_header(f"{text}: x", Names([text]))
    return header is not None and header.label == text


def _is_time(column: Sequence[str]) -> bool:
    """Whether a column holds times and nothing else, under a heading of one word."""
    filled = [cell for cell in column if cell]
    filled = filled[1:] if filled and re.fullmatch(r"[^\W\d]+", filled[0]) else filled
    return bool(filled) and all(map(_TIME.fullmatch, filled))
