"""Talk as a table (csv or xlsx): a column of speakers, a column of words, and times if there are any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..errors import Problems, QualcodeError, failure
from ..files import fitting, grid, is_office_file, open_archive
from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Names, time_of
from .model import LeftOut, Transcript
from .packaged import Package
from .plain import CODES, LABELS, MARKERS, Apart, Open, marker_before

# Names of columns without case, blanks and signs; those of the first group go before those of the second.
_SPEAKERS = (
    ("speaker", "speakers", "speakername", "speakerlabel"),
    ("name", "participant", "person", "who", "participantname", "label", "voice", "author"),
)
_WORDS = (
    ("text", "sentence", "utterance", "transcript", "transcription", "speech", "content", "words", "talk", "said"),
    ("dialogue", "message", "comment", "turntext", "line", "caption"),
)
_STARTS = (("start", "starttime", "timestart", "begin", "from"), ("timestamp", "time", "timecode"))
_ENDS = (("end", "endtime", "timeend", "stop", "to"),)
_TURNS = (("turn", "turnid", "turnnumber", "turnno"),)

_NAMES = "names of columns"
_OTHERS = "cells of columns that hold neither speakers nor words: {}"
_UNREAD_TIMES = "times that are not written as hours, minutes and seconds"
_SHEETS = "sheets behind the first"
_NOTES = "comments and text boxes of the spreadsheet"


def read_talk_table(source: Source) -> Transcript:
    """Read a table of talk. Rows in a row of one speaker are one turn, unless a column numbers the turns otherwise.

    An empty cell for the speaker means that the one above goes on. Columns are recognised by their header, or named by
    `speaker_column` and `text_columns` of sources.csv. Raises QualcodeError for columns that are missing or ambiguous.
    """
    further: list[str] = []
    rows = grid(source.path, further.append)
    header = [clean(cell)[0].strip() for cell in next((cells for _, cells in rows if any(cells)), [])]
    if not header:
        raise failure(source.path, "", "the file holds no words", "Put the transcript in, or take the file away.")
    speaker, words = _columns(source, header)
    turn, start, end = (_optional(header, names, {speaker, words}) for names in (_TURNS, _STARTS, _ENDS))
    apart, names = Apart(), Names()
    others = [name for n, name in enumerate(header) if n not in (speaker, words, start, end)]
    rest = _OTHERS.format(", ".join(filter(None, others)) or "without a name")
    for name in header:
        apart.add(_NAMES, name)
    turns: list[Open] = []
    problems = Problems()
    if not is_office_file(source.path):
        rows = fitting(source.path, header, rows, problems)
    total = sum(map(count_words, header))
    controls = continued = 0
    # The speaker and the number of the turn that go on until a row names others.
    speaking, numbered, question = "", "", ""
    before: tuple[str, str, str] | None = None
    for number, raw in rows:
        cleaned = [clean(cell) for cell in raw] + [("", 0)] * (len(header) - len(raw))
        controls += sum(count for _, count in cleaned)
        cells = [one_line(cell) for cell, _ in cleaned]
        total += sum(map(count_words, cells))
        times = ["" if column is None else time_of(cells[column]) for column in (start, end)]
        for column, cell in enumerate(cells):
            if column == speaker:
                apart.add(LABELS, cell)
            elif column in (start, end):
                apart.add(CODES if time_of(cell) else _UNREAD_TIMES, cell)
            elif column != words:
                apart.add(rest, cell)
        continued += bool(cells[words] and not cells[speaker] and speaking)
        speaking = cells[speaker] or speaking
        numbered = (cells[turn] if turn is not None else "") or numbered
        if not cells[words]:
            continue
        if opened := marker_before(cells[words], names):
            marked, question, cells[words] = opened
            apart.add(MARKERS, marked)
        if before == (speaking, numbered, question):
            turns[-1].add(cells[words], "", times[1])
        else:
            turns.append(Open(speaking, f"row {number}", question, times[0], times[1], [cells[words]]))
        before = (speaking, numbered, question)
    problems.stop()
    total += count_beside(source, further, apart)
    left_out = [LeftOut("characters", controls, "control characters, taken out")] if controls else []
    if continued:
        left_out.append(LeftOut("rows", continued, "without a speaker: joined to the speaker above"))
    return Transcript([each.closed() for each in turns], total, left_out + apart.left_out())


def count_beside(source: Source, further: Iterable[str], apart: Apart) -> int:
    """Words beside the table, in `further` sheets, comments and text boxes of an xlsx; they are told to `apart`."""
    total = 0
    for cell in further:
        words = clean(cell)[0]
        apart.add(_SHEETS, words)
        total += count_words(words)
    if not is_office_file(source.path):
        return total
    with open_archive(source.path) as archive:
        package = Package(source.path, archive)
        for name in sorted(archive.namelist()):
            if re.search(r"(?:^|/)(?:comments?\d*|threadedComment\d*|drawing\d+)\.xml$", name, re.IGNORECASE):
                root = package.xml(name)
                # Comments have <t> in runs, text boxes <a:t>, threaded comments <text>.
                for element in root.iter("{*}t", "{*}text") if root is not None else ():
                    words = clean(element.text or "")[0]
                    apart.add(_NOTES, words)
                    total += count_words(words)
    return total


def _columns(source: Source, header: Sequence[str]) -> tuple[int, int]:
    """The places of the speakers' column and of the words' column."""
    problems = Problems()
    found = []
    if len(source.text_columns) > 1:
        wrong = f"a table of talk has one column of words (found {len(source.text_columns)})"
        problems.add("sources.csv", source.source, wrong, "Name one in `text_columns`.")
    for kind, named, names, setting in (
        ("speakers", source.speaker_column, _SPEAKERS, "speaker_column"),
        ("words", source.text_columns[0] if source.text_columns else "", _WORDS, "text_columns"),
    ):
        try:
            found.append(_column(source, header, kind, named, names, setting))
        except QualcodeError as error:
            problems.extend(error)
    problems.stop()
    if found[0] == found[1]:
        raise failure("sources.csv", source.source, f"'{header[found[0]]}' is named for the speakers and for the words")
    return found[0], found[1]


def _column(
    source: Source, header: Sequence[str], kind: str, named: str, names: Sequence[Sequence[str]], setting: str
) -> int:
    listed = f"The columns are: {', '.join(name or '(without a name)' for name in header)}."
    if named:
        places = [n for n, name in enumerate(header) if name == named]
        if len(places) != 1:
            what = f"the table has {'several columns' if places else 'no column'} '{named}'"
            raise failure("sources.csv", source.source, what, listed)
        return places[0]
    places = _matching(header, names)
    if len(places) == 1:
        return places[0]
    do = f"Name it in `{setting}` of sources.csv. {listed}"
    if places:
        which = ", ".join(f"'{header[n]}'" for n in places)
        raise failure(source.path, "row 1", f"more than one column could hold the {kind}: {which}", do)
    raise failure(source.path, "row 1", f"no column is recognised as that of the {kind}", do)


def words_columns(header: Sequence[str]) -> list[int]:
    """The places of columns whose names say that they hold what was said."""
    return _matching(header, _WORDS)


def _matching(header: Sequence[str], names: Sequence[Sequence[str]]) -> list[int]:
    """The places of columns with the names of the first group that any has."""
    plain = [re.sub(r"[\W_]+", "", name).casefold() for name in header]
    return next(filter(None, ([n for n, name in enumerate(plain) if name in group] for group in names)), [])


def _optional(header: Sequence[str], names: Sequence[Sequence[str]], taken: set[int]) -> int | None:
    places = [n for n in _matching(header, names) if n not in taken]
    return places[0] if len(places) == 1 else None
