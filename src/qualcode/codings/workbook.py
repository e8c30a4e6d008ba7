"""Workbooks in which people decide: a sheet to fill in, the codes to choose from, and how far the work is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..codebook import Codebook
from ..codebook.colours import category_colours, paler
from ..documents import Cell, Sheet, SheetColumn, save_workbook
from ..errors import failure
from ..measures.units import Passage
from ..study import Study
from ..tables import round_half_up
from .sheets import ACCEPT, DONE, NONE, REJECT, RULE, SAMPLE_CODES, USES, choice
from .talk import Talk

# The ground of the cells that people fill in and of those that they read, and the letters of what only qualcode needs.
FILL_IN, READ, ASIDE = "#FFF6D6", "#FFFFFF", "#8C8C8C"
# The sheets behind the first.
CODES, SUMMARY = "Codes", "Summary"
_MEANINGS = {
    ACCEPT: "The code fits these words.",
    REJECT: "The code does not fit these words.",
    NONE: "No code of the codebook fits these words.",
}

_SUGGESTED = (
    "Where basis is learned or nearest, no rule proposes the code: it is suggested because these words are like others "
    "that were coded so (learned), or like its definition and examples (nearest). The probability says to about how "
    "many of a hundred such sentences people gave the code; the report says how far that holds. What you accept "
    "becomes your own coding; suggestions are no findings."
)


@dataclass(frozen=True)
class About:
    """What a workbook is about: whose it is, the round of coding ('' none), and the day on which it is made."""

    study: Study
    coder: str
    round: str
    at: str


@dataclass(frozen=True)
class Proposal:
    """A proposal of a rule, or a suggestion, as a person decides on it.

    `others` is what may be told of the decisions of others, `probability` that of a suggestion (0 to 1).
    """

    coding: str
    source: str
    start: int
    end: int
    code: str
    evidence: str
    others: str = ""
    basis: str = RULE
    probability: float | None = None


class Unit(Passage, Protocol):
    """A unit of a random sample, and where it stands."""

    @property
    def unit(self) -> str: ...


def decision_columns(codebook: Codebook) -> list[SheetColumn]:
    """The columns in which people decide about a row."""
    return [
        SheetColumn("decision", width=16, fill=FILL_IN, choices=_range(codebook, (ACCEPT, REJECT))),
        SheetColumn("use", width=11, fill=FILL_IN, choices=USES),
        SheetColumn("memo", width=28, fill=FILL_IN),
    ]


def place_columns(key: str) -> list[SheetColumn]:
    """The columns, which people need not read, of a row's id (`key` is its head) and of where it stands."""
    ids = [SheetColumn(key, width=14, ink=ASIDE), SheetColumn("source", width=11, ink=ASIDE)]
    return ids + [SheetColumn(name, "integer", width=8, ink=ASIDE) for name in ("start", "end")]


def code_cell(code: str, colours: Mapping[str, str], shown: str = "") -> Cell:
    """A code on the colour of its category (one of `category_colours`), so pale that it is easily read."""
    return Cell(shown or code, fill=paler(colours[code], 0.55))


def context_cell(talk: Talk, source: str, start: int, end: int) -> Cell:
    """A passage within what was said around it."""
    text, marked = talk.context(source, start, end)
    return Cell(text, marked=marked)


def done_row(source: str, columns: Sequence[SheetColumn], about: About | None) -> list[object]:
    """The row in which a coder says that a source is done, below all others."""
    said = {
        "quote": Cell(f"When you have finished {source}, choose {DONE} here:", bold=True),
        "decision": Cell("", choices=(DONE,)),
        "round": about.round if about else "",
        "at": about.at if about else "",
        "source": source,
    }
    return [said.get(column.name, "") for column in columns]


def codes_sheet(codebook: Codebook, words: Sequence[str]) -> Sheet:
    """The codes with their definitions; the words before them are what else can be chosen."""
    columns = [
        SheetColumn("code", width=26),
        SheetColumn("name", width=28),
        SheetColumn("path", width=34),
        SheetColumn("definition", width=50),
        SheetColumn("use_when", width=40),
        SheetColumn("not_when", width=40),
    ]
    rows: list[list[object]] = [[Cell(word, bold=True), "", "", _MEANINGS[word], "", ""] for word in words]
    colours = category_colours(codebook)
    for code in codebook.codes:
        cell = code_cell(code.code, colours, choice(code.code))
        path = " > ".join(codebook.by_id[key].name for key in code.path[:-1])
        rows.append([cell, code.name, path, code.definition, code.use_when, code.not_when])
    return Sheet(CODES, columns, rows, frozen=1)


def save_review(
    path: Path, source: str, proposals: Sequence[Proposal], codebook: Codebook, talk: Talk, about: About
) -> None:
    """Write the sheet in which a coder decides on the proposals of a source. No file may be there yet."""
    told = any(item.others for item in proposals)
    learned = _learned(proposals)
    of_suggestions = [SheetColumn("basis", width=9, fill=READ), SheetColumn("probability", "percent", 12, READ)]
    columns = [
        SheetColumn("speaker", width=12, fill=READ),
        SheetColumn("quote", width=40, fill=READ),
        SheetColumn("context", width=60, fill=READ),
        SheetColumn("code", width=19, fill=READ),
        SheetColumn("name", width=20, fill=READ),
        SheetColumn("evidence", width=36 if learned else 24, fill=READ),
        *(of_suggestions if learned else ()),
        *decision_columns(codebook),
        SheetColumn("others", width=22 if told else 9, fill=READ),
        SheetColumn("round", width=8, fill=FILL_IN),
        SheetColumn("at", width=12, fill=FILL_IN),
        *place_columns("coding"),
    ]
    colours = category_colours(codebook)
    cells = {code: code_cell(code, colours) for code in {item.code for item in proposals}}
    rows: list[list[object]] = [
        [
            talk.speakers(item.source, item.start, item.end),
            talk.words(item.source, item.start, item.end),
            context_cell(talk, item.source, item.start, item.end),
            cells[item.code],
            codebook.by_id[item.code].name,
            item.evidence,
            *((item.basis, _percent(item.probability)) if learned else ()),
            *("", "", ""),
            item.others,
            about.round,
            about.at,
            item.coding,
            item.source,
            item.start,
            item.end,
        ]
        for item in proposals
    ]
    review = Sheet("Review", columns, rows, foot=[done_row(source, columns, about)], frozen=2, printed=len(columns) - 4)
    summary = _review_summary(source, proposals, review, codebook, about)
    save_new(path, f"Review of {source}", [review, codes_sheet(codebook, (ACCEPT, REJECT)), summary])


def _learned(proposals: Sequence[Proposal]) -> bool:
    """Whether there is more than rules propose, or more to tell of what they propose."""
    return any(item.basis != RULE or item.probability is not None for item in proposals)


def _percent(probability: float | None) -> float | None:
    """In whole % from 1 to 99: no probability is known more exactly, and none is certain."""
    return None if probability is None else min(max(round_half_up(100 * probability), 1.0), 99.0)


def save_sample(
    path: Path, units: Sequence[Unit], codebook: Codebook, talk: Talk, about: About, drawn: Sequence[str]
) -> None:
    """Write the sheet in which a coder codes a random sample of units, without anyone's or any rule's codes.

    `drawn` are sentences that say how the units were drawn. No file may be there yet.
    """
    columns = [
        SheetColumn("speaker", width=12, fill=READ),
        SheetColumn("text", width=46, fill=READ),
        SheetColumn("context", width=60, fill=READ),
        *(SheetColumn(name, width=18, fill=FILL_IN, choices=_range(codebook, (NONE,))) for name in SAMPLE_CODES),
        SheetColumn("memo", width=28, fill=FILL_IN),
        SheetColumn("at", width=12, fill=FILL_IN),
        *place_columns("unit"),
    ]
    rows: list[list[object]] = [
        [
            talk.speakers(item.source, item.start, item.end),
            talk.words(item.source, item.start, item.end),
            context_cell(talk, item.source, item.start, item.end),
            *([""] * len(SAMPLE_CODES)),
            "",
            about.at,
            item.unit,
            item.source,
            item.start,
            item.end,
        ]
        for item in units
    ]
    sample = Sheet("Sample", columns, rows, frozen=2, printed=len(columns) - 4)
    save_new(
        path, "Random sample", [sample, codes_sheet(codebook, (NONE,)), _sample_summary(sample, about, codebook, drawn)]
    )


def save_new(path: Path, title: str, sheets: Sequence[Sheet]) -> None:
    """Write a workbook. Raises QualcodeError where there is a file already: people may have filled it in."""
    if path.exists():
        raise failure(path, "", "there is a file of that name already", "Nothing was written: try again.")
    save_workbook(path, title, sheets)


def _range(codebook: Codebook, words: Sequence[str]) -> str:
    """Where the words that can be chosen stand."""
    return f"={CODES}!$A$2:$A${1 + len(words) + len(codebook.codes)}"


def _review_summary(
    source: str, proposals: Sequence[Proposal], review: Sheet, codebook: Codebook, about: About
) -> Sheet:
    """How many proposals of each code are decided, by formulas that follow what people fill in."""
    last = 1 + len(proposals)
    codes, decisions = (_cells(review, name, last) for name in ("code", "decision"))
    above = [
        counts_sentence(about.study),
        f"Choose {ACCEPT}, {REJECT} or another code under decision: another code turns the proposal down and codes the "
        "words under quote, which you may edit. Under use, say whether the words may be quoted: as an exemplar, as a "
        "deviant case, or never; under memo, write why. Save the file under this name: what you decided takes effect "
        "with the next run, and nothing but you ever changes this file.",
        *([_SUGGESTED] if _learned(proposals) else []),
        _whose(about, codebook),
    ]
    counts = {item.code: 0 for item in sorted(proposals, key=lambda item: codebook.order[item.code])}
    for item in proposals:
        counts[item.code] += 1
    columns = [
        SheetColumn("code", width=26),
        SheetColumn("name", width=30),
        *(
            SheetColumn(name, "integer", width=12)
            for name in ("proposals", "decided", "accepted", "rejected", "other", "left")
        ),
    ]
    # The title, the lines above, the header.
    first = 1 + len(above) + 2
    colours = category_colours(codebook)
    rows: list[list[object]] = []
    for row, (code, number) in enumerate(counts.items(), first):
        here = f"{codes},$A{row},{decisions}"
        formulas = [
            (f"=COUNTIFS({codes},$A{row})", number),
            (f'=COUNTIFS({here},"<>")', 0),
            (f'=COUNTIFS({here},"{ACCEPT}")', 0),
            (f'=COUNTIFS({here},"{REJECT}")', 0),
            (f"=D{row}-E{row}-F{row}", 0),
            (f"=C{row}-D{row}", number),
        ]
        cells = [Cell(value, formula=formula) for formula, value in formulas]
        rows.append([code_cell(code, colours), codebook.by_id[code].name, *cells])
    sums = [(letter, 0 if letter in "DEFG" else len(proposals)) for letter in "CDEFGH"]
    ends = first + len(rows) - 1
    total = [Cell(value, bold=True, formula=f"=SUM({at}{first}:{at}{ends})") for at, value in sums]
    foot = [[Cell("all", bold=True), "", *total]]
    return Sheet(SUMMARY, columns, rows, f"Review of {source} by {about.coder}", above, foot)


def _sample_summary(sample: Sheet, about: About, codebook: Codebook, drawn: Sequence[str]) -> Sheet:
    last = 1 + len(sample.rows)
    above = [
        *drawn,
        f"Read each unit by itself and choose its codes, one in each column, or {NONE} where no code fits. "
        "Leave a row empty until you have decided. What stands here tests the rules of the codebook: it counts in no "
        "table of themes.",
        _whose(about, codebook),
    ]
    columns = [
        SheetColumn("units", "integer", width=30),
        SheetColumn("decided", "integer", width=30),
        SheetColumn("left", "integer", width=60),
    ]
    row = 1 + len(above) + 2
    areas = "+".join(f'({_cells(sample, name, last)}<>"")' for name in SAMPLE_CODES)
    cells = [
        Cell(len(sample.rows)),
        Cell(0, formula=f"=SUMPRODUCT(--(({areas})>0))"),
        Cell(len(sample.rows), formula=f"=A{row}-B{row}"),
    ]
    return Sheet(SUMMARY, columns, [cells], f"Random sample for {about.coder}", above)


def _cells(sheet: Sheet, name: str, last: int) -> str:
    """The cells of a column as formulas name them."""
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name([column.name for column in sheet.columns].index(name))
    return f"{sheet.name}!${letter}$2:${letter}${last}"


def counts_sentence(study: Study) -> str:
    """What a decision does in this study."""
    applies, others = study.settings["rules"] == "apply", study.settings["rules_for"]
    said = (
        "The words of the codebook count in this study unless someone whose word counts rejects them."
        if applies
        else "A proposal counts only when someone whose word counts accepts it."
    )
    unlike = [code for code, rule in sorted(others.items()) if (rule == "apply") != applies]
    return said + (f" It is the other way round for {', '.join(unlike)}." if unlike else "")


def _whose(about: About, codebook: Codebook) -> str:
    told = [f"Coder: {about.coder}", f"round: {about.round}" if about.round else "no round", f"made on {about.at}"]
    title = about.study.settings.get("title", "")
    return f"{', '.join(told)}. Study: {about.study.name} ({title}). Codebook: version {codebook.version}."
