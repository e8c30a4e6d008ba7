"""Sheets that qualcode wrote and a person filled in: reviews of proposals, random samples, the consensus meeting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from ..codebook import Codebook
from ..errors import Problems
from ..files import Row
from ..tables.learning import METHODS
from .mangling import became_another
from .model import Decision

ACCEPT, REJECT, DONE, NONE = "accept", "reject", "done", "none"
# What a proposal rests on: words of the codebook, or what people coded.
RULE = "rule"
BASES = (RULE, *METHODS)
USES = ("exemplar", "deviant", "never")
# What marks the decisions of a consensus meeting, which wait until it is done with their source.
MEETING = "meeting"
# What the code columns of a sample are called: `code 1` …
CODE_COLUMN = re.compile(r"code [1-9][0-9]*")
SAMPLE_CODES = tuple(f"code {number}" for number in range(1, 6))

# How near a word must be to one of these to be taken for a slip; a code that is as near is known by the codebook.
_SLIP = 0.82
# How near a word must be to a code to be asked whether it is that.
_NEAR = 0.75
_ID = re.compile(r"[0-9a-f]{12}")
# By which a code is chosen whose id means something else in a sheet.
_ESCAPE = "code "
_RESERVED = (ACCEPT, REJECT, DONE, NONE)
# Columns that only these sheets have.
_OURS = {"speaker", "context", "evidence", "others", "who", "unit"}


def choice(code: str) -> str:
    """A code as it stands in a drop-down: its id, but for ids that mean something else there.

    >>> choice("support"), choice("none")
    ('support', 'code none')
    """
    return f"{_ESCAPE}{code}" if code.casefold() in _RESERVED else code


def is_sheet(header: Sequence[str]) -> bool:
    """Whether a table is one of these sheets, by its columns."""
    return {"decision", "coding"} <= set(header) or is_sample(header)


def is_sample(header: Sequence[str]) -> bool:
    """Whether a table is a random sample of units."""
    return {"unit", "code 1"} <= set(header)


def lost_columns(header: Sequence[str]) -> list[str]:
    """The columns that a table lacks to be one of these sheets, where others show that it was one."""
    if len(_OURS & set(header)) < 2 or is_sheet(header):
        return []
    sample = "unit" in header or any(map(CODE_COLUMN.fullmatch, header))
    return [name for name in (("unit", "code 1") if sample else ("decision", "coding")) if name not in header]


def read_sheet(
    coder: str,
    path: Path,
    header: Sequence[str],
    rows: Sequence[Row],
    problems: Problems,
    codebook: Codebook | None = None,
    tell: Callable[[str], str] = str,
) -> list[Decision]:
    """What a person decided in a sheet; codes are as they were typed. What is wrong goes to `problems`.

    A row that nobody filled in says nothing, but in a random sample that its unit was drawn. `codebook` tells codes
    from slips of the pen and from what is no decision, `tell` gives what a message may tell of a cell.
    """
    reader = _Reader(path, problems, codebook, tell)
    sample = is_sample(header)
    read = reader.sampled if sample else reader.met if "who" in header else reader.reviewed
    return [
        Decision(coder, path, row.number, {name: cell for name, cell in cells.items() if cell}, sample)
        for row in rows
        for cells in read(row)
    ]


def _place(row: Row, column: str = "") -> str:
    return f"row {row.number}, {column}" if column else f"row {row.number}"


class _Reader:
    """Reads rows as the cells of decisions, in the columns of workflow/schemas/codings.schema.json."""

    def __init__(self, path: Path, problems: Problems, codebook: Codebook | None, tell: Callable[[str], str]) -> None:
        self._path, self._problems, self._codebook, self._tell = path, problems, codebook, tell
        codes = codebook.codes if codebook else ()
        self._known = {name.casefold() for code in codes for name in (code.code, code.name, *code.formerly)}

    def reviewed(self, row: Row) -> Iterator[dict[str, str]]:
        """A proposal: accept, reject, or another code, which turns it down and codes the words with that code."""
        if self._basis(row) in METHODS:
            yield from self._suggested(row)
            return
        decision, about, told = self._decision(row), _about(row), _told(row)
        if decision == DONE:
            yield from self._done(row, "coding")
        elif not decision:
            if told and self._is_id(row):
                yield about | told | {"action": "note", "coding": _coding(row)}
        elif not _coding(row):
            wrong = f"there is a decision, but no id of a proposal (found '{self._tell(decision)}')"
            do = "Put the id back under `coding`; new codings go into a table of their own (source, code, quote)."
            self._problems.add(self._path, _place(row, "coding"), wrong, do)
        elif self._is_id(row):
            proposal = about | {"coding": _coding(row)}
            if decision in (ACCEPT, REJECT):
                yield proposal | told | {"action": decision}
                return
            passage = self._passage(row)
            if "start" in passage and decision.casefold() in _codes(row):
                # The code that is proposed, on the words for which it is.
                yield proposal | told | {"action": ACCEPT}
            elif passage:
                yield proposal | {"action": REJECT}
                yield about | told | passage | {"action": "apply", "code": decision}

    def _suggested(self, row: Row) -> Iterator[dict[str, str]]:
        """A suggestion: as for a rule's proposal, but the row itself says which words and which code it is about."""
        decision, told = self._decision(row), _told(row)
        if decision == DONE:
            yield from self._done(row, "code")
            return
        if not (decision or told):
            return
        code, passage = _one_line(row.cells.get("code", "")), self._passage(row)
        if not code:
            do = "Put the code back, or delete the row."
            self._problems.add(self._path, _place(row, "code"), "the code is missing", do)
        if not (passage and code and self._is_id(row)):
            return
        about = _about(row) | passage | {"basis": self._basis(row)}
        named = about | {"coding": _coding(row), "code": code}
        if decision in (ACCEPT, REJECT, ""):
            yield named | told | {"action": decision or "note"}
        elif decision.casefold() in _codes(row):
            yield named | told | {"action": ACCEPT}
        else:
            yield named | {"action": REJECT}
            yield about | told | {"action": "apply", "code": decision}

    def met(self, row: Row) -> Iterator[dict[str, str]]:
        """A passage of the consensus meeting: what is accepted becomes a coding, the rest is noted."""
        if _coding(row):
            yield from self.reviewed(row)
            return
        decision, about, told = self._decision(row), _about(row), _told(row)
        if decision == DONE:
            yield from self._done(row, "code")
            return
        if not (decision or told):
            return
        code = _one_line(row.cells.get("code", ""))
        passage = self._passage(row)
        if not code:
            do = "Put the code back, or delete the row."
            self._problems.add(self._path, _place(row, "code"), "the code is missing", do)
        if not (passage and code):
            return
        about |= {"meeting": MEETING}
        words = about | told | passage
        if not decision:
            yield words | {"action": "note", "code": code}
        elif decision == REJECT:
            yield words | _turned_down(code)
        elif decision == ACCEPT:
            yield words | {"action": "apply", "code": code}
        else:
            yield about | passage | _turned_down(code)
            yield words | {"action": "apply", "code": decision}

    def sampled(self, row: Row) -> Iterator[dict[str, str]]:
        """A unit of a random sample: it was read, and these are its codes; or it was drawn and is not decided on yet.

        Whether all that were drawn were read decides whether they still are a random sample.
        """
        typed = [_one_line(cell) for column, cell in row.cells.items() if CODE_COLUMN.fullmatch(column)]
        given = {cell.casefold(): _code(cell) for cell in typed if cell}
        about, told = _about(row), _told(row)
        unit = self._passage(row, "text") if given or told or row.cells.get("unit") else {}
        if given and unit:
            if NONE in given and len(given) > 1:
                wrong = f"'{NONE}' stands beside a code"
                self._problems.add(self._path, _place(row), wrong, f"Leave the codes or '{NONE}'.")
                return
            yield about | told | unit | {"action": "sampled"}
            for code in dict.fromkeys(code for word, code in given.items() if word != NONE):
                yield about | unit | {"action": "apply", "code": code}
        elif unit:
            yield about | told | unit | {"action": "note"}

    def _done(self, row: Row, key: str) -> Iterator[dict[str, str]]:
        """That a source is done. `key` is filled in what there is to decide on, where that would be a slip."""
        if row.cells.get(key):
            wrong = f"'{DONE}' says that the whole source is done, and this row is one to decide on"
            self._problems.add(self._path, _place(row, "decision"), wrong, f"Choose '{DONE}' in the last row.")
        elif not row.cells.get("source"):
            do = "Put back the source's id."
            self._problems.add(self._path, _place(row, "source"), "it is not said which source is done", do)
        else:
            yield _about(row) | _told(row) | {"action": DONE}

    def _decision(self, row: Row) -> str:
        """The decision of a row as a word of ours or a code as typed; '' for none, and for one that cannot be meant."""
        use = row.cells.get("use", "")
        if use and use.casefold() not in USES:
            self._unknown(row, "use", use, USES, 0.6)
        typed = _one_line(row.cells.get("decision", ""))
        word = typed.casefold()
        if word in (ACCEPT, REJECT, DONE):
            return word
        if word not in self._known and get_close_matches(word, (ACCEPT, REJECT, DONE), 1, _SLIP):
            self._unknown(row, "decision", typed, (ACCEPT, REJECT, DONE), _SLIP)
            return ""
        code = _code(typed)
        if code and not self._may_be_code(code):
            about = _coding(row) or row.cells.get("code")
            do = f"Choose {ACCEPT}, {REJECT} or a code of the codebook." if about else f"Choose {DONE}, or nothing."
            self._problems.add(self._path, _place(row, "decision"), f"'{self._tell(typed)}' is no decision", do)
            return ""
        return code

    def _basis(self, row: Row) -> str:
        """What a proposal rests on; without the column, or in an empty cell, it is a rule's."""
        typed = row.cells.get("basis", "")
        if typed and typed.casefold() not in BASES:
            self._unknown(row, "basis", typed, BASES, _SLIP)
        return typed.casefold()

    def _may_be_code(self, typed: str) -> bool:
        """Whether what was typed is a code, or near enough to one, or what a spreadsheet made of one."""
        if self._codebook is None or became_another(typed, self._codebook.by_id):
            return True
        last = re.split(r"[>\\]", typed.casefold())[-1].strip()
        return any(get_close_matches(word, self._known, 1, _NEAR) for word in (typed.casefold(), last))

    def _unknown(self, row: Row, column: str, typed: str, known: Sequence[str], cutoff: float) -> None:
        near = get_close_matches(typed.casefold(), known, 1, cutoff)
        do = f"Is it '{near[0]}'?" if near else f"Use one of: {', '.join(known)}."
        self._problems.add(self._path, _place(row, column), f"'{self._tell(typed)}' is not known here", do)

    def _is_id(self, row: Row) -> bool:
        """Whether the id of a proposal is one, or there is none."""
        coding = _coding(row)
        if coding and not _ID.fullmatch(coding):
            found = self._tell(row.cells["coding"])
            wrong = f"this is no id of a proposal (found '{found}'): it has 12 digits from 0 to 9 and a to f"
            do = "A spreadsheet may have taken it for a number: copy it from open_codes.csv as text."
            self._problems.add(self._path, _place(row, "coding"), wrong, do)
            return False
        return True

    def _passage(self, row: Row, words: str = "quote") -> dict[str, str]:
        """Where the words stand, without the position where they were edited; empty where something is missing."""
        missing = [column for column in ("source", words) if not row.cells.get(column)]
        for column in missing:
            self._problems.add(self._path, _place(row, column), "the cell is empty", "Put back what stood here.")
        if missing:
            return {}
        quote, start, end = (row.cells.get(column, "") for column in (words, "start", "end"))
        fits = start.isdecimal() and end.isdecimal() and int(end) - int(start) == len(quote)
        return {"quote": quote} | ({"start": start, "end": end} if fits else {})


def _about(row: Row) -> dict[str, str]:
    """What goes with every decision of a row."""
    return {column: row.cells.get(column, "") for column in ("source", "round", "by", "at")}


def _turned_down(code: str) -> dict[str, str]:
    """That a passage does not have a code, also where the same coder gave it before."""
    return {"action": "note", "code": code, "turned_down": "yes"}


def _told(row: Row) -> dict[str, str]:
    """What a person wrote beside a decision."""
    cells: Mapping[str, str] = row.cells
    told = {"memo": cells.get("memo", ""), "use": cells.get("use", "").casefold()}
    return {column: cell for column, cell in told.items() if cell}


def _coding(row: Row) -> str:
    return row.cells.get("coding", "").casefold()


def _codes(row: Row) -> set[str]:
    """What the code of a proposal may be called."""
    return {_one_line(row.cells.get(column, "")).casefold() for column in ("code", "name")} - {""}


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _code(typed: str) -> str:
    word = typed.casefold()
    return typed[len(_ESCAPE) :] if word.startswith(_ESCAPE) and word[len(_ESCAPE) :] in _RESERVED else typed
