"""What spreadsheets do to cells: ids that became numbers or dates, formulas, lost characters, words cut off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ..files import schema
from ..study import Study
from ..transcripts import read_transcript
from .model import Decision, told

# What is wrong, and what to do about it.
Fault = tuple[str, str]

# Errors of Excel, LibreOffice and Google Sheets, in English, German, French and Spanish.
_ERROR = re.compile(r"#[¡¿]?[A-ZÄÖÜÉÀ]+(?:/[0-9A-Z]+)?[!?]|#N/[AD]|#NV|#{4,}|Err:\d{3}")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_DIGITS = 12
_ID = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")
_MONTH = r"(?:jan|feb|f[ée]v|m[aä]r|mrz|apr|avr|ma[iy]|jun|jui|jul|aug|ao[uû]|sep|o[ck]t|nov|de[cz])\w*\.?"
_DATE = re.compile(
    r"\d{1,4}[-./]\d{1,2}(?:[-./]\d{1,4})?(?:[T ]\d\d:\d\d.*)?|"
    rf"\d{{1,2}}[-. ]+{_MONTH}(?:[- ]\d+)?|{_MONTH}[- ]\d+",
    re.IGNORECASE,
)
# UTF-8 that was read as Windows-1252 ("donâ€™t", "cafÃ©", "Â£5") or as Mac Roman ("don‚Äôt", "caf√©"). Quotation marks
# are left out of the second signs: they may stand behind a capital letter.
_MOJIBAKE = re.compile(
    "â€[™œ\u009d\u02dc“”¦]|Ã[\u00a0-\u00aa\u00ac-\u00ba¼-¿Ÿž]|Â[\u00a0-\u00aa\u00ac-\u00ba¼-¿]|‚Ä[ôòúùìî¶]|√[©®ü±∂≠¥]"
    # Mac Roman that was read as Windows-1252 ("donÕt", "cafŽ"): capitals within a word.
    "|(?<=[a-zß-ÿ])[ÕŽŠŸ]"
)
_LOST = "\ufffd"
# The most that a cell holds, in the units in which Excel counts.
_CELL = 32_767


class Mangling:
    """Tells what spreadsheets did to the cells of a study's codings."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._transcripts: dict[str, str] = {}

    def faults(self, decision: Decision) -> Iterator[tuple[str, Fault]]:
        """The columns of a row to which something was done, with what is wrong and what to do about it."""
        for column, cell in decision.cells.items():
            if _ERROR.fullmatch(cell):
                do = "What begins with =, +, - or @ is a formula to a spreadsheet: type it again with ' before it."
                yield column, (f"this is an error of the spreadsheet, and no words (found {cell})", do)
            elif lost := self._lost(cell, decision["source"] if column == "quote" else ""):
                do = "Copy the words again, and save the table as xlsx, or as csv in UTF-8."
                yield column, (f"letters were lost when the table was saved (found {lost})", do)
        if fault := _id_fault(decision["coding"], told(decision["coding"], self._study)):
            yield "coding", fault
        # A blank at the end that was taken off since may have been the last that the cell held.
        if _CELL - 1 <= len(decision["quote"].encode("utf-16-le", "surrogatepass")) // 2 <= _CELL:
            wrong = f"the quotation fills a cell of a spreadsheet ({_CELL:,} characters) and was cut there"
            yield "quote", (wrong, "Divide it into several rows.")

    def _lost(self, cell: str, source: str) -> str:
        """The signs that tell that letters were lost; '' where there are none, or the source itself has them."""
        found = [_LOST] if _LOST in cell else _MOJIBAKE.findall(cell)
        return next((sign for sign in found if not source or sign not in self._transcript(source)), "")

    def _transcript(self, source: str) -> str:
        if source not in self._transcripts:
            listed = [item for item in self._study.sources if item.source == source]
            read = [read_transcript(item, self._study.labels(source)) for item in listed]
            self._transcripts[source] = "\n".join(turn.text for transcript in read for turn in transcript.turns)
        return self._transcripts[source]


def became_another(typed: str, known: Iterable[str], tell: Callable[[str], str] = str) -> Fault | None:
    """What a spreadsheet made of an id that is not among those known, where it looks like a number or a date.

    `tell` gives what may be told of it.

    >>> became_another("7", ["007", "talk"])
    ("there is no '7'", "A spreadsheet takes the zeros before a number away. Is it '007'?")
    >>> became_another("talks", ["talk"])
    """
    if typed.isdecimal():
        meant = [name for name in known if name.isdecimal() and name.lstrip("0") == typed.lstrip("0")]
        hint = "A spreadsheet takes the zeros before a number away."
        return (f"there is no '{tell(typed)}'", f"{hint} Is it '{meant[0]}'?") if len(meant) == 1 else None
    made = "number" if _SCIENTIFIC.fullmatch(typed) else "date" if _DATE.fullmatch(typed) else ""
    do = f"A spreadsheet may have made a {made} of it: format the column as text, and type it again."
    return (f"there is no '{tell(typed)}'", do) if made else None


def date_fault(at: str, tell: Callable[[str], str]) -> Fault | None:
    """What is wrong with a date that is not written as workflow/schemas/codings.schema.json wants it."""
    wanted = schema("codings")["properties"]["at"]
    return (
        (f"'{tell(at)}' does not fit: {wanted['description']}", "")
        if at and not re.search(wanted["pattern"], at)
        else None
    )


def _id_fault(coding: str, shown: str) -> Fault | None:
    do = "Format the column as text, and copy the id again."
    if not coding or _ID.fullmatch(coding):
        return None
    if _SCIENTIFIC.fullmatch(coding):
        return f"a spreadsheet took this id for a number (found {coding})", do
    if coding.isdecimal() and len(coding) < _DIGITS:
        wrong = f"a spreadsheet took the zeros before this id away (found {coding})"
        return wrong, f"Is it '{coding.zfill(_DIGITS)}'? {do}"
    return f"the id of a coding is 12 of the signs 0-9 and a-f (found {shown})", do
