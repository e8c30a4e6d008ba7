"""Tables that the researcher types: answers that came on paper, and what was decided on answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..console import counted_words
from ..errors import Problems, QualcodeError
from ..files import Row, check_rows, read_rows, schema
from ..text import clean
from .filled import Filled, choices, question_of
from .model import ADD, Answer, Decided, typed_code

# The schemas of a row.
ANSWERS, DECISIONS = "answers", "check_decisions"
_QUESTIONS = "They are called as in `quotation 1.2`, `words 1.2`, `reflects 1`, `change 1` and `add`."
# What participants decide of their quotations holds; nothing is left to decide.
_DECIDED = ("reflects", "change", ADD)


def read_sheet(path: Path, problems: Problems) -> list[Filled]:
    """The answers in a csv, one for each return code, in their order; faults go to `problems`."""
    rows = _rows(path, ANSWERS, problems)
    by_code: dict[str, list[tuple[Row, str]]] = {}
    for row in rows:
        typed, code = row.cells.get("question", ""), row.cells.get("return_code", "")
        question = question_of(typed)
        if typed and not question:
            problems.add(path, f"row {row.number}, question", "there is no question of this kind", _QUESTIONS)
        elif typed and code:
            by_code.setdefault(typed_code(code) or code, []).append((row, question))
    return [_filled(path, code, given) for code, given in by_code.items()]


def _filled(path: Path, code: str, given: Iterable[tuple[Row, str]]) -> Filled:
    values: dict[str, list[str]] = {}
    first = 0
    for row, question in given:
        first = first or row.number
        text = clean(row.cells.get("answer", ""))[0].strip()
        values.setdefault(question, []).append(text.casefold() if choices(question) else text)
    return Filled(path, code, "", values, place=f"row {first}")


def read_decisions(
    path: Path, answers: Mapping[str, Answer], passed_over: Iterable[str], problems: Problems
) -> list[Decided]:
    """What was decided on answers, in the order of the rows. `answers` by return code; faults go to `problems`.

    Of the codes that are `passed_over`, those of people who withdrew or whose answer has faults, nothing is said.
    """
    found: dict[tuple[str, str], Decided] = {}
    over = set(passed_over)
    rows = _rows(path, DECISIONS, problems)
    for row in rows:
        cells = {name: row.cells.get(name, "") for name in ("decision", "reason", "by", "at")}
        code, question = typed_code(row.cells.get("return_code", "")), question_of(row.cells.get("question", ""))
        place = f"row {row.number}"
        if code in over or not (row.cells.get("return_code") and row.cells.get("question")):
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
    check_rows(header, rows, name, path, problems)
    return rows
