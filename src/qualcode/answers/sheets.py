"""Tables that the researcher types: answers that came on paper, and what was decided on answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..console import counted_words, enumeration
from ..errors import Problem, Problems, QualcodeError
from ..files import Row, check_rows, read_rows, schema
from ..text import clean
from .filled import Filled, choices, question_of
from .model import ADD, CHOICES, Answer, Decided, typed_code

# The schemas of a row.
ANSWERS, DECISIONS = "answers", "check_decisions"
_QUESTIONS = "They are called as in `quotation 1.2`, `words 1.2`, `reflects 1`, `change 1` and `add`."
# What participants decide of their quotations holds; nothing is left to decide.
_DECIDED = ("reflects", "change", ADD)
_ROW = re.compile(r"row (\d+)")
# A number as a spreadsheet may write it.
_WHOLE = re.compile(r"(\d+)[.,]0+")
_MOST_ROWS = 6


def read_sheet(path: Path, wording: Mapping[str, str], problems: Problems) -> list[Filled]:
    """The answers in a csv, one for each return code, in their order; faults go to `problems`.

    A choice may be typed as a packet calls it, by qualcode's words or by those of the study's `wording`.
    """
    spec = schema("study")["properties"]["member_checks"]["properties"]["wording"]["properties"]
    calls = ({choice: spec[choice]["default"] for choice in CHOICES}, wording, dict(zip(CHOICES, CHOICES, strict=True)))
    called = {plain: choice for by in calls for choice in CHOICES if (plain := _plain(by.get(choice, "")))}
    rows = _rows(path, ANSWERS, problems)
    by_code: dict[str, list[tuple[Row, str]]] = {}
    for row in rows:
        typed, code = row.cells.get("question", ""), row.cells.get("return_code", "")
        question = question_of(typed)
        if typed and not question:
            problems.add(path, f"row {row.number}, question", "there is no question of this kind", _QUESTIONS)
        elif typed and code:
            by_code.setdefault(typed_code(code) or code, []).append((row, question))
    return [_filled(path, code, given, called) for code, given in by_code.items()]


def _filled(path: Path, code: str, given: Iterable[tuple[Row, str]], called: Mapping[str, str]) -> Filled:
    values: dict[str, list[str]] = {}
    rows: dict[str, list[int]] = {}
    for row, question in given:
        text = row.cells.get("answer", "")
        value = _ticked(text, called) if choices(question) else clean(text)[0].strip()
        values.setdefault(question, []).append(value)
        rows.setdefault(question, []).append(row.number)
    return Filled(path, code, "", values, rows=rows)


def _ticked(text: str, called: Mapping[str, str]) -> str:
    plain = _plain(text)
    number = _WHOLE.fullmatch(plain)
    return number[1] if number else called.get(plain, plain)


def _plain(text: str) -> str:
    return " ".join(clean(text)[0].split()).casefold().rstrip(".")


def read_decisions(
    path: Path, answers: Mapping[str, Answer], gone: Collection[str], complete: bool, problems: Problems
) -> list[Decided]:
    """What was decided on answers, in the order of the rows. `answers` by return code; faults go to `problems`.

    Nothing is said of the return codes of people who are `gone`, nor of any without an answer unless `answers` are
    `complete`.
    """
    found: dict[tuple[str, str], Decided] = {}
    rows = _rows(path, DECISIONS, problems)
    for row in rows:
        cells = {name: row.cells.get(name, "") for name in ("decision", "reason", "by", "at")}
        code, question = typed_code(row.cells.get("return_code", "")), question_of(row.cells.get("question", ""))
        place = f"row {row.number}"
        waits = code in gone or not (complete or code in answers)
        if waits or not (row.cells.get("return_code") and row.cells.get("question")):
            continue
        if code not in answers:
            wrong = "no answer has the return code of this decision"
            problems.add(path, f"{place}, return_code", wrong, "Mend the code: it stands in member_checks.csv.")
        elif question.partition(" ")[0] not in _DECIDED:
            do = "Decisions are on `reflects 1`, `change 1` or `add`; what is said of a quotation holds as it is."
            problems.add(path, f"{place}, question", "there is nothing to decide on this", do)
        elif question not in answers[code].values:
            wrong = f"nothing was answered to '{question}' with this return code"
            problems.add(path, f"{place}, question", wrong, "Mend the question, or delete the row.")
        elif (code, question) in found:
            wrong = f"row {found[code, question].row} is a decision on the same"
            problems.add(path, place, wrong, "Keep the one that holds.")
        else:
            found[code, question] = Decided(code, question, **cells, row=row.number)
    return list(found.values())


def _rows(path: Path, name: str, problems: Problems) -> list[Row]:
    """The rows of a table that the schema `name` describes; none where its columns are others."""
    try:
        header, rows = read_rows(path)
    except QualcodeError as error:
        problems.extend(error)
        return []
    columns = list(schema(name)["properties"])
    wanted = "The columns are: " + ", ".join(columns) + "."
    if others := len(set(header) - set(columns)):
        # Where the header is missing, the first row is an answer, which no message may tell.
        problems.add(path, "row 1", counted_words(others, "unknown column"), wanted)
        return []
    if name == ANSWERS and "answer" not in header:
        problems.add(path, "row 1", "the column 'answer' is missing", wanted)
        return []
    if name == DECISIONS:
        rows = [Row(row.number, {**row.cells, "decision": row.cells.get("decision", "").casefold()}) for row in rows]
    check_rows(header, rows, name, path, problems)
    return rows


def rows_together(found: Iterable[Problem]) -> list[Problem]:
    """Problems, with those that are the same in several rows of a table as one, which names the rows."""
    rows: dict[Problem, set[int]] = {}
    for problem in found:
        match = _ROW.match(problem.place)
        alike = replace(problem, place=problem.place[match.end() :]) if match else problem
        rows.setdefault(alike, set()).update([int(match[1])] if match else [])
    return [replace(alike, place=f"{_named(sorted(numbers))}{alike.place}") for alike, numbers in rows.items()]


def _named(rows: Sequence[int]) -> str:
    if len(rows) > 2 and rows[-1] - rows[0] == len(rows) - 1:
        return f"rows {rows[0]} to {rows[-1]}"
    return f"row{'s' * (len(rows) > 1)} {enumeration(map(str, rows), most=_MOST_ROWS)}" if rows else ""
