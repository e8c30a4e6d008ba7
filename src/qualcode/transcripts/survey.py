"""Surveys as csv or xlsx: one row per respondent, one or more columns of answers, attributes in the others."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from ..errors import Problems
from ..files import TOLD, fitting, grid, header_of
from ..study import Source, slug
from ..text import clean, count_words, one_line
from .model import LeftOut, Transcript, Turn
from .plain import Apart
from .talk_table import count_beside

# Ids that tell nothing: 7, r07, st-01, P_12.
_OPAQUE = re.compile(r"[A-Za-z]{0,4}[-_ ]?[0-9]{1,8}|")
# A column holds answers if its cells have this many words on average.
_SENTENCE = 4
# Columns of Qualtrics that must be named alike in two rows before the second is taken for a header.
_ALIKE = 3
# Equal cells of a column are kept once, until so many different ones have been met.
_DIFFERENT = 10_000

# Columns that tell who answered, from where and when, whatever program made the file (letters and digits only).
_IDENTIFYING = re.compile(
    r"ip(?:address)?|(?:start|end|recorded|submit|submission)(?:date|time)|timestamp|latitude|longitude|"
    r"location(?:latitude|longitude)|recipient(?:lastname|firstname|email)|(?:first|last|full|user|sur)name|"
    r"e?mail(?:address)?|(?:tele)?phone(?:number)?|external(?:data)?reference"
)
# What Qualtrics adds beside these; in other surveys they may be questions ("Status", "Progress").
_QUALTRICS = re.compile(
    r"status|progress|finished|duration(?:inseconds)?|response(?:id|set)|distributionchannel|userlanguage|q(?:recaptcha|"
    r"relevantid|ballotboxstuffing|duplicate|fraud)\w*|name"
)
# What people type beside a choice ("Other, please specify") is theirs, and no group of people.
_WORDS_OF_THEIRS = re.compile(r"_TEXT$|please specify|\bother\b.*\btext\b", re.IGNORECASE)
_RESPONSE_ID = re.compile(r"respon(?:se|dent)id")
_IMPORT_ID = re.compile(r'\s*\{\s*"ImportId"\s*:')

# What `slug` makes of a text without letters and digits.
_UNNAMED = slug("")

_Row: TypeAlias = tuple[int, list[str]]

_HEADERS = "names of columns, and the rows of Qualtrics below them"
_IDS = "ids of respondents: kept as who answered"
_ATTRIBUTES = "attributes of respondents: kept as such"
_METADATA = "left out, because they tell who answered, when or from where"
_TELLING = "left out, because nearly every value differs, as with names and addresses"


_FREE = "left out, because people typed there what they liked; `text_columns` makes them answers"


@dataclass(slots=True, eq=False)
class _Column:
    """A column as it is read: its cells in order of the rows (if they are kept), and the number of their words."""

    name: str
    kept: bool
    metadata: bool
    cells: list[str] = field(default_factory=list)
    words: int = 0
    filled: int = 0
    _known: dict[str, str] = field(default_factory=dict)

    def add(self, cell: str) -> None:
        self.words += count_words(cell)
        self.filled += cell != ""
        if self.kept:
            known = self._known
            self.cells.append(known.setdefault(cell, cell) if len(known) < _DIFFERENT else known.get(cell, cell))

    def groups(self) -> bool:
        """Whether the column groups people: it has at most half as many different values as values."""
        return len(set(filter(None, self.cells))) <= max(3, self.filled / 2)

    def identifies(self) -> bool:
        """Whether each row has an id of its own, and one that tells nothing."""
        alone = self.filled == len(self.cells) == len(set(self.cells))
        return alone and all(map(_OPAQUE.fullmatch, self.cells))


def read_survey(source: Source) -> Transcript:
    """Read a survey of any number of rows. The two or three header rows of Qualtrics' exports are recognised.

    Ids are those of `id_column`; without it those of the first column, or of ResponseId where that holds none. Answers
    are those of `text_columns`, else of the columns that hold sentences. Columns that tell who answered, when and from
    where are left out, unless they are named so.

    Raises QualcodeError for columns that are not there, ids that are missing or stand twice, and rows that do not fit.
    """
    path, problems, apart = source.path, Problems(), Apart()
    further: list[str] = []
    raw = grid(path, further.append)
    header = header_of(path, [clean(cell)[0] for cell in next(raw, (1, []))[1]], problems)
    for name in (source.id_column, *source.text_columns):
        if name and name not in header:
            do = f"The columns are: {', '.join(header)}."
            problems.add("sources.csv", source.source, f"the survey has no column '{name}'", do)
    problems.stop()
    above, rows = _split_headers(header, fitting(path, header, raw, problems))
    columns = _columns(source, header, bool(above))
    numbers, controls = _fill(columns, rows)
    ids = _id_column(source, columns, problems)
    answers = _answers(source, columns, ids)
    if not answers:
        problems.add(path, "", "no column holds sentences", "Name the answers in `text_columns` of sources.csv.")
    respondents = _respondents(path, ids, numbers, problems)
    problems.stop()

    left_out = []
    if not source.text_columns:
        names = ", ".join(column.name for column in answers)
        left_out.append(LeftOut("columns", len(answers), f"columns read as answers: {names}"))
    for row in (header, *above):
        apart.add(_HEADERS, "\n".join(row))
    apart.add_words(_IDS, ids.words)
    groups = []
    left: dict[str, list[str]] = {}
    for column in columns:
        if column is ids or column in answers:
            continue
        if not column.metadata and not _WORDS_OF_THEIRS.search(column.name) and column.groups():
            groups.append(column)
            apart.add_words(_ATTRIBUTES, column.words)
        else:
            reason = _METADATA if column.metadata else _FREE if _WORDS_OF_THEIRS.search(column.name) else _TELLING
            left.setdefault(reason, []).append(column.name)
            apart.add_words(f"in columns {reason}", column.words)
    if groups:
        listed = ", ".join(column.name for column in groups)
        left_out.append(LeftOut("columns", len(groups), f"columns read as attributes of respondents: {listed}"))
    left_out += [LeftOut("columns", len(names), f"{reason}: {', '.join(names)}") for reason, names in left.items()]
    count_beside(source, further, apart)
    if controls:
        left_out.append(LeftOut("characters", controls, "control characters, taken out"))
    if unanswered := sum(len(numbers) - column.filled for column in answers):
        left_out.append(LeftOut("answers", unanswered, "empty answers"))
    words = apart.total() + sum(column.words for column in answers)
    turns = [
        Turn(respondent, answer, f"row {number}", column.name)
        for row, (respondent, number) in enumerate(zip(respondents, numbers, strict=True))
        for column in answers
        if (answer := column.cells[row])
    ]
    return Transcript(turns, words, left_out + apart.left_out(), _attributes(respondents, groups))


def _split_headers(header: Sequence[str], rows: Iterator[_Row]) -> tuple[list[list[str]], Iterator[_Row]]:
    """The rows below the header that Qualtrics writes (question texts, then ids of import), and the rows of answers."""
    first = list(islice(rows, 2))
    above = 0
    for count, (_, cells) in enumerate(first, 1):
        if all(_IMPORT_ID.match(cell) for cell in cells if cell):
            above = count
    if first and not above:
        # Older exports have the question texts only: for the columns of Qualtrics, their names with blanks.
        told = [
            _letters(name) for name, cell in zip(header, first[0][1], strict=True) if _letters(name) == _letters(cell)
        ]
        # A row that repeats its column's name where the id stands is no one's answer either.
        repeated = bool(told) and _letters(header[0]) == _letters(first[0][1][0]) != ""
        named = any(_RESPONSE_ID.fullmatch(letters) for letters in told)
        above = int(sum(map(_is_metadata, told)) >= _ALIKE or repeated or named)
    return [[clean(cell)[0] for cell in cells] for _, cells in first[:above]], chain(first[above:], rows)


def _is_metadata(letters: str) -> bool:
    return bool(_IDENTIFYING.fullmatch(letters) or _QUALTRICS.fullmatch(letters))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def _columns(source: Source, header: Sequence[str], qualtrics: bool) -> list[_Column]:
    """Empty columns; the cells of metadata are not kept, unless they may be the ids."""
    columns = []
    for place, name in enumerate(header):
        letters = _letters(name)
        named = name in (source.id_column, *source.text_columns)
        metadata = not named and (_is_metadata(letters) if qualtrics else bool(_IDENTIFYING.fullmatch(letters)))
        ids = not source.id_column and (place == 0 or bool(_RESPONSE_ID.fullmatch(letters)))
        columns.append(_Column(name, ids or not metadata, metadata))
    return columns


def _fill(columns: Sequence[_Column], rows: Iterable[_Row]) -> tuple[array[int], int]:
    """Read the rows into the columns. Returns the rows' numbers, and how many control characters were taken out."""
    numbers = array("L")
    controls = 0
    for number, cells in rows:
        numbers.append(number)
        for column, cell in zip(columns, cells, strict=True):
            if cell:
                cell, taken = clean(cell)
                cell = one_line(cell)
                controls += taken
            column.add(cell)
    return numbers, controls


def _id_column(source: Source, columns: Sequence[_Column], problems: Problems) -> _Column:
    first = columns[0]
    if source.id_column:
        named = next(column for column in columns if column.name == source.id_column)
        if any("@" in cell for cell in named.cells):
            wrong = f"the column '{named.name}' holds e-mail addresses, and would name the respondents everywhere"
            problems.add(source.path, "", wrong, "Add a column of ids (1, 2, 3 …), and name that in `id_column`.")
        return named
    given = next((column for column in columns if _RESPONSE_ID.fullmatch(_letters(column.name))), None)
    if given and not first.identifies():
        return given
    if not all(map(_OPAQUE.fullmatch, first.cells)):
        wrong = f"the first column ('{first.name}') does not look like ids, and would name the respondents everywhere"
        do = "Name the column of ids in `id_column` of sources.csv; if there is none, add one (1, 2, 3 …)."
        problems.add(source.path, "", wrong, do)
    return first


def _answers(source: Source, columns: Sequence[_Column], ids: _Column) -> list[_Column]:
    """The columns that are named as answers, else those whose cells are sentences."""
    if source.text_columns:
        return [column for column in columns if column.name in source.text_columns]
    others = [column for column in columns if not column.metadata and column is not ids and column.filled]
    return [column for column in others if column.words >= _SENTENCE * column.filled]


def _respondents(path: Path, ids: _Column, numbers: Sequence[int], problems: Problems) -> list[str]:
    """An id for each row. Rows without one and rows with that of another go to `problems`, the first of them."""
    respondents = [slug(cell) if cell else "" for cell in ids.cells]
    first: dict[str, int] = {}
    faults = 0
    for respondent, number, cell in zip(respondents, numbers, ids.cells, strict=True):
        nameless = respondent == _UNNAMED and _letters(cell) != _UNNAMED
        if respondent and not nameless and first.setdefault(respondent.casefold(), number) == number:
            continue
        faults += 1
        if faults > TOLD:
            continue
        place = f"row {number}"
        if not respondent:
            problems.add(path, place, f"the column '{ids.name}' is empty", "Give each respondent an id.")
        elif nameless:
            problems.add(path, place, f"no id can be made of '{cell}'", "Ids need letters (a to z) or digits.")
        else:
            wrong = f"the respondent '{respondent}' stands already in row {first[respondent.casefold()]}"
            problems.add(path, place, wrong, "Give each row an id of its own.")
    if faults > TOLD:
        problems.add(path, "", f"{faults - TOLD} more rows have no id of their own", "Is that the column of ids?")
    return respondents


def _attributes(respondents: Sequence[str], groups: Sequence[_Column]) -> dict[str, dict[str, str]]:
    """The attributes of each respondent; those who have the same share one dict, for there may be a million."""
    names = [column.name for column in groups]
    shared: dict[tuple[str, ...], dict[str, str]] = {}
    found = {}
    for row, respondent in enumerate(respondents):
        values = tuple(column.cells[row] for column in groups)
        found[respondent] = shared.setdefault(values, dict(zip(names, values, strict=True)))
    return found
