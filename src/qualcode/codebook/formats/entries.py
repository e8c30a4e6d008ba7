"""Codes as the rows of a table name them, put together to a codebook with every problem told by its row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ...errors import Problem, Problems
from ...files import check_document, sha256
from .. import Code, Codebook, check_ids, check_indicators, code_of


@dataclass(frozen=True)
class Entry:
    """A code as one row has it: number of the row, id of the code above ('' at the root), and its keys as in YAML."""

    row: int
    parent: str
    node: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.node.get("code") or "")


def assemble(path: Path, title: str, entries: Sequence[Entry], problems: Problems) -> Codebook:
    """The codebook of these rows, children below their parents in the order of the rows.

    Raises QualcodeError for all that is wrong with them, and for what `problems` holds already.
    """
    for entry in entries:
        told = Problems()
        check_document({"codebook": "", "codes": [entry.node]}, "codebook", path, told)
        problems.found += [replace(problem, place=f"row {entry.row}") for problem in told.found]
    named = [entry for entry in entries if entry.code]
    _check_parents(path, named, problems)
    codebook = Codebook(path, title, sha256(path)[:12], tuple(_in_order(named)))
    told = Problems()
    check_ids(codebook, told)
    check_indicators(codebook, told)
    problems.found += [_by_row(problem) for problem in told.found]
    problems.stop()
    return codebook


def _check_parents(path: Path, entries: Sequence[Entry], problems: Problems) -> None:
    parents = {entry.code: entry.parent for entry in reversed(entries)}
    for entry in entries:
        if entry.parent and entry.parent not in parents:
            near = get_close_matches(entry.parent, parents, n=1)
            wrong = f"'{entry.code}' stands below '{entry.parent}', and there is no such code"
            problems.add(path, f"row {entry.row}", wrong, f"Did you mean '{near[0]}'?" if near else "Add it.")
    told: set[str] = set()
    for entry in entries:
        circle = _circle(entry.code, parents)
        if circle and not told & set(circle):
            told |= set(circle)
            wrong = f"'{entry.code}' stands below itself ({' > '.join([circle[0], *reversed(circle)])})"
            problems.add(path, f"row {entry.row}", wrong, "Give one of them another parent.")


def _circle(code: str, parents: dict[str, str]) -> list[str]:
    """The ids from a code up to itself, empty where its ancestors end at a root."""
    above = [code]
    while (parent := parents.get(above[-1], "")) and parent not in above:
        above.append(parent)
    return above if parent == code else []


def _in_order(entries: Sequence[Entry]) -> Iterator[Code]:
    codes = {entry.code for entry in entries}
    children: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        # A parent that is not there has been told: its children are checked like all others.
        children[entry.parent if entry.parent in codes else ""].append(entry)

    def below(parent: str, ancestors: tuple[str, ...]) -> Iterator[Code]:
        # Taken out: of two rows with one id, only the first has what stands below it.
        for entry in children.pop(parent, []):
            node = entry.node | {"codes": children.get(entry.code, [])}
            code = code_of(node, ancestors, (), {})
            rows = {key: (entry.row,) * len(lines) for key, lines in code.lines.items()}
            yield replace(code, line=entry.row, lines=rows)
            yield from below(entry.code, code.path)

    return below("", ())


def _by_row(problem: Problem) -> Problem:
    """A problem that tells of lines, told of rows."""
    place, wrong = (re.sub(r"\bline (?=\d)", "row ", text) for text in (problem.place, problem.wrong))
    return replace(problem, place=place, wrong=wrong)
