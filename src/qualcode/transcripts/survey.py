"""Surveys as csv or xlsx: one row per respondent, one or more columns of answers, attributes in the others."""

from __future__ import annotations

import re

from ..errors import Problems
from ..files import Row, decode, read_rows
from ..study import Source, slug
from ..text import clean, count_words, one_line
from .model import LeftOut, Transcript, Turn

# Ids that tell nothing: 7, r07, st-01, P_12.
_OPAQUE = re.compile(r"[A-Za-z]{0,4}[-_ ]?[0-9]{1,8}|")
# A column holds answers if its cells have this many words on average.
_SENTENCE = 4


def read_survey(source: Source) -> Transcript:
    """Read a survey. Raises QualcodeError for columns that are not there and respondents that stand twice."""
    header, rows = read_rows(source.path)
    problems = Problems()
    id_column = source.id_column or header[0]
    columns = list(source.text_columns) or _answer_columns(header, id_column, rows)
    left_out = []
    if source.path.suffix.lower() == ".csv" and (warning := decode(source.path)[1]):
        left_out.append(LeftOut("encoding", 1, warning))
    if not source.text_columns:
        left_out.append(LeftOut("columns", len(columns), f"columns read as answers: {', '.join(columns)}"))
    for column in (id_column, *columns):
        if column not in header:
            do = f"The columns are: {', '.join(header)}."
            problems.add("sources.csv", source.source, f"the survey has no column '{column}'", do)
    problems.stop()
    if not source.id_column and not all(_OPAQUE.fullmatch(row.cells[id_column]) for row in rows):
        wrong = f"the first column ('{id_column}') does not look like ids, and would name the respondents everywhere"
        do = "Name the column of ids in `id_column` of sources.csv; if there is none, add one (1, 2, 3 …)."
        problems.add(source.path, "", wrong, do)
    telling, others = _attributes([name for name in header if name not in (id_column, *columns)], rows)
    if others:
        note = f"columns left out, because nearly every value differs, as with names and addresses: {', '.join(others)}"
        left_out.append(LeftOut("columns", len(others), note))
    if not columns:
        problems.add(source.path, "", "no column holds sentences", "Name the answers in `text_columns` of sources.csv.")
    turns: list[Turn] = []
    attributes: dict[str, dict[str, str]] = {}
    first: dict[str, int] = {}
    controls = unanswered = 0
    for row in rows:
        place = f"row {row.number}"
        respondent = slug(row.cells[id_column]) if row.cells[id_column] else ""
        if not respondent:
            problems.add(source.path, place, f"the column '{id_column}' is empty", "Give each respondent an id.")
            continue
        if first.setdefault(respondent.casefold(), row.number) != row.number:
            wrong = f"the respondent '{respondent}' stands already in row {first[respondent.casefold()]}"
            problems.add(source.path, place, wrong, "Give each row an id of its own.")
        attributes[respondent] = {name: row.cells[name] for name in telling}
        for column in columns:
            answer, taken = clean(row.cells[column])
            controls += taken
            unanswered += not answer.strip()
            if answer.strip():
                turns.append(Turn(respondent, one_line(answer), place, question=column))
    problems.stop()
    if controls:
        left_out.append(LeftOut("characters", controls, "control characters, taken out"))
    if unanswered:
        left_out.append(LeftOut("answers", unanswered, "empty answers"))
    return Transcript(turns, left_out, attributes)


def _attributes(columns: list[str], rows: list[Row]) -> tuple[list[str], list[str]]:
    """Columns that group people, and columns that tell them apart: more different values than half the answers."""
    groups: list[str] = []
    others: list[str] = []
    for column in columns:
        values = [row.cells[column] for row in rows if row.cells[column]]
        (groups if len(set(values)) <= max(3, len(values) / 2) else others).append(column)
    return groups, others


def _answer_columns(header: list[str], id_column: str, rows: list[Row]) -> list[str]:
    """The columns whose cells are sentences."""
    found = []
    for column in header:
        cells = [row.cells[column] for row in rows if row.cells[column]]
        if column != id_column and cells and sum(map(count_words, cells)) / len(cells) >= _SENTENCE:
            found.append(column)
    return found
