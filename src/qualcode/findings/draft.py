"""The draft as a document to edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..console import enumeration
from ..documents import add_answer, add_heading, add_paragraph, new_document, save_document
from ..hiding.phrases import Phrases
from ..quoting import Quotation
from ..study import Study
from ..text import count_words
from .evidence import AGAINST, CANDIDATE, CONSIDER, EXEMPLAR, Quoted
from .sections import Section, Theme

if TYPE_CHECKING:
    from docx.document import Document

INTERPRETATION = "Your interpretation"
NOTHING = "No coding counts yet: there is nothing to report."
# Quotations of so many words or more are blocks, without quotation marks (APA 7, section 8.27).
BLOCK_FROM = 40
_BLOCK_INDENT = 12.7  # mm


def write_draft(path: Path, study: Study, sections: list[Section], undecided: Phrases) -> None:
    """Write findings.docx. Quotations in which `undecided` finds something say so."""
    title = study.settings["title"]
    document = new_document(f"{title}: findings", header=f"{title}: draft of the findings")
    add_heading(document, "Findings: a draft", 0)
    add_heading(document, "About this draft", 1)
    for text in about(study):
        add_paragraph(document, text)
    if not any(section.themes or section.fewer for section in sections):
        add_paragraph(document, NOTHING)
    for section in sections:
        if section.title:
            add_heading(document, section.title, 1)
        if section.title and not (section.themes or section.uncoded or section.fewer):
            add_paragraph(document, "No code of the codebook speaks to this question.")
        for theme in section.themes:
            _add_theme(document, theme, undecided)
        if section.fewer:
            add_paragraph(document, section.fewer)
        if section.uncoded:
            add_paragraph(document, f"No coding counts under {enumeration(section.uncoded)}.")
    save_document(document, path)


def about(study: Study) -> list[str]:
    """What a reader has to know before using the draft."""
    present = study.settings["frequencies"]["of"] == "present"
    whole = "were present, whether they said something or not" if present else "spoke or answered"
    return [
        "qualcode made this draft from the codings that count. It asserts nothing besides: every number stands in "
        f"frequencies.csv (participants are those who {whole}), and every quotation stands, letter for letter, in the "
        "text of its source at the place named with it (before words of several turns stands who begins; where a "
        "participant amended a quotation in a member check, their new words stand, and it says so). What the "
        "themes mean is for you to write, in the framed boxes.",
        "Only people who agreed to be quoted are quoted, and who said no is told apart from who has still to "
        "answer. Read each quotation before it goes out: whoever knows the "
        "people may know them by their words. Work on a copy of this file, because each run writes it anew.",
        f"“{EXEMPLAR}” and “{AGAINST}”: a coder marked it (use: exemplar, use: deviant). “{CANDIDATE}”: chosen by a "
        "rule, one of each person: whole sentences coded with the theme, where there are such of 8 to 60 words, with "
        f"many words that others use under it too. “{CONSIDER}”: where nothing that counts is marked deviant, what a "
        "coder marked so whose coding does not count, and proposals of the codebook's words that are negated or were "
        "turned down; a person has to judge.",
    ]


def _add_theme(document: Document, theme: Theme, undecided: Phrases) -> None:
    add_heading(document, theme.code.name, min(theme.heading, 9))
    if theme.code.definition:
        add_paragraph(document, theme.code.definition)
    add_paragraph(document, theme.figures)
    if theme.part:
        add_paragraph(document, f"Of these, to this question speaks what is coded under {theme.part}.")
    for line in theme.below:
        _indent(add_paragraph(document, f"{line.figures}.", lead=f"{line.name}:"), 5 * (line.depth + 1))
    if theme.uncoded:
        add_paragraph(document, f"No coding counts under {enumeration(theme.uncoded)}.")
    for quoted in theme.quoted:
        _add_quoted(document, quoted, theme, undecided)
    if theme.fewer:
        add_paragraph(document, theme.fewer)
    if theme.quoted:
        add_paragraph(document, "", lead=INTERPRETATION, keep=True)
        add_answer(document, lines=4)


def _add_quoted(document: Document, quoted: Quoted, theme: Theme, undecided: Phrases) -> None:
    for quotation, why in quoted.quotations:
        name = theme.names.get(quotation.code, "")
        also = "; ".join(filter(None, (why, "amended by the participant" if quotation.amended else "")))
        label = f"{quoted.label}{f', {name}' if name else ''}{f' ({also})' if also else ''}:"
        _add_quotation(document, label, quotation)
        if waiting := list(dict.fromkeys(phrase for _, _, phrase in undecided.find(quotation.words))):
            listed = enumeration(f"“{phrase}”" for phrase in waiting)
            add_paragraph(document, f"Decide first: identifiers.csv lists {listed}.", style="Place")
    for note in quoted.notes:
        add_paragraph(document, note)


def _add_quotation(document: Document, label: str, quotation: Quotation) -> None:
    who = "" if quotation.who == quotation.source else f"{quotation.who}, "
    place = f"({who}{quotation.place})"
    if count_words(quotation.words) < BLOCK_FROM and "\n" not in quotation.words:
        add_paragraph(document, f"“{quotation.told}” {place}", lead=label)
        return
    add_paragraph(document, "", lead=label, keep=True)
    _indent(add_paragraph(document, f"{quotation.told} {place}"), _BLOCK_INDENT)


def _indent(paragraph: object, width: float) -> None:
    from docx.shared import Mm

    paragraph.paragraph_format.left_indent = Mm(width)  # type: ignore[attr-defined]
