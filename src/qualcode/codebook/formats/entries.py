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
from .. import DEEPEST, Code, Codebook, check_ids, check_indicators, code_of

# So many codes of a circle are named.
_SHOWN = 8


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
    # The tree is walked by recursion from here on.
    if _check_depth(path, named, problems):
        problems.stop()
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
    rows = {entry.code: entry.row for entry in reversed(entries)}
    for circle in _depths(entries)[1]:
        first = circle.index(min(circle, key=lambda code: rows[code]))
        upwards = circle[first:] + circle[:first]
        between = list(reversed(upwards[1:]))
        if len(between) > _SHOWN:
            between[_SHOWN:] = ["…"]
        wrong = f"'{upwards[0]}' stands below itself ({' > '.join([upwards[0], *between, upwards[0]])})"
        problems.add(path, f"row {rows[upwards[0]]}", wrong, "Give one of them another parent.")


def _check_depth(path: Path, entries: Sequence[Entry], problems: Problems) -> bool:
    """Whether a code stands deeper than any does that people work with; the first is told."""
    depths, _ = _depths(entries)
    deep = [entry for entry in entries if depths[entry.code] > DEEPEST]
    if deep:
        more = f", and so do {len(deep) - 1} more" if len(deep) > 1 else ""
        wrong = f"more than {DEEPEST} codes stand one below the other down to '{deep[0].code}'{more}"
        problems.add(path, f"row {deep[0].row}", wrong, "Look at the parents: a code may be missing its own.")
    return bool(deep)


def _depths(entries: Sequence[Entry]) -> tuple[dict[str, int], list[list[str]]]:
    """How many levels down each code stands, and every circle of codes, each followed by its parent."""
    parents = {entry.code: entry.parent for entry in reversed(entries)}
    depths: dict[str, int] = {}
    circles = []
    for code in [entry.code for entry in entries]:
        walk: dict[str, None] = {}
        while code in parents and code not in depths and code not in walk:
            walk[code] = None
            code = parents[code]
        above = depths.get(code, 0)
        chain = list(walk)
        if code in walk:
            circles.append(chain[chain.index(code) :])
            # What hangs on a circle hangs on no root, and is never deep.
            above = -len(entries)
        depths |= {item: above + distance for distance, item in enumerate(reversed(chain), 1)}
    return depths, circles


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
