"""Surveys as csv or xlsx: one row per respondent, one or more columns of answers, attributes in the others."""

from __future__ import annotations

from ..errors import Problems
from ..files import Row, decode, read_rows
from ..study import Source, slug
from ..text import clean, count_words, one_line
from .model import LeftOut, Transcript, Turn

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
        attributes[respondent] = {name: row.cells[name] for name in header if name not in (id_column, *columns)}
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


def _answer_columns(header: list[str], id_column: str, rows: list[Row]) -> list[str]:
    """The columns whose cells are sentences."""
    found = []
    for column in header:
        cells = [row.cells[column] for row in rows if row.cells[column]]
        if column != id_column and cells and sum(map(count_words, cells)) / len(cells) >= _SENTENCE:
            found.append(column)
    return found
