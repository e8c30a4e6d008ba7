"""What a packet says: its letter, and the words around concepts, quotations and questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from ..errors import Problems
from ..files import schema
from .model import Concept, Packet, Quotation

TEMPLATES = Path(__file__).parents[1] / "templates"
# What a letter may name in braces.
PLACEHOLDERS = ("title", "pseudonym", "contact", "deadline")
# The line of a letter that parts what stands before the concepts from what stands after the questions.
PART = "---"

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_HEADING = re.compile(r"(#+)\s+(.*)")
_MOST_LEVELS = 2


@dataclass(frozen=True)
class Block:
    """A paragraph of a letter (level 0), or a heading of level 1 or 2 below the packet's title."""

    level: int
    text: str


@dataclass(frozen=True)
class Letter:
    """The blocks before the concepts, and those after the questions."""

    before: tuple[Block, ...]
    after: tuple[Block, ...]


def letter_of(made: Packet) -> Letter:
    """The study's letter or the built-in one, placeholders filled.

    Where no deadline is set, paragraphs that name it are left out.
    """
    values = {
        "title": made.title,
        "pseudonym": made.pseudonym,
        "contact": made.contact or say(made, "no_contact"),
        "deadline": made.deadline,
    }
    before, after = (
        tuple(
            Block(block.level, filled(block.text, values))
            for block in blocks
            if made.deadline or "{deadline}" not in block.text
        )
        for blocks in _parts(made.letter or built_in())
    )
    return Letter(before, after)


@cache
def built_in() -> str:
    """The letter of a study that has none of its own."""
    return (TEMPLATES / "packet.letter.md").read_text(encoding="utf-8")


def _parts(text: str) -> tuple[list[Block], list[Block]]:
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if line.strip() == PART), len(lines))
    return list(_blocks(lines[:at])), list(_blocks(lines[at + 1 :]))


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Headings stand on a line of their own; lines that follow one another are one paragraph, as in Markdown."""
    paragraph: list[str] = []
    for line in [*lines, ""]:
        heading = _HEADING.fullmatch(line.strip())
        if line.strip() and not heading:
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield Block(0, " ".join(paragraph))
            paragraph = []
        if heading:
            yield Block(len(heading[1]), heading[2])


def filled(text: str, values: Mapping[str, object]) -> str:
    """A text with its placeholders filled; a full stop at the end of a value and one behind it are one.

    >>> filled("Answer by {deadline}.", {"deadline": "1 Sept."})
    'Answer by 1 Sept.'
    """

    def value(match: re.Match[str]) -> str:
        found = str(values.get(match[1], match[0]))
        return found.removesuffix(".") if text.startswith(".", match.end()) else found

    return _PLACEHOLDER.sub(value, text)


# --- words around concepts and questions ---------------------------------------------------------------------------


@cache
def _defaults() -> dict[str, str]:
    keys = schema("study")["properties"]["member_checks"]["properties"]["wording"]["properties"]
    return {key: spec["default"] for key, spec in keys.items()}


def say(made: Packet, key: str, **values: object) -> str:
    """The study's own words for a key of `member_checks: wording`, or qualcode's, with these values in their places."""
    return filled(made.wording.get(key) or _defaults()[key], values)


def intro(made: Packet) -> str:
    """What stands before the concepts that the participant spoke of."""
    if not made.quotations:
        return say(made, "concepts_mean")
    return " ".join(say(made, key) for key in ("concepts_mean", "concepts_quote", f"consent_{made.quote_consent}"))


def caption(made: Packet, quotation: Quotation) -> str:
    """The name of a quotation and where it stands: source and numbers of its utterances."""
    name = say(made, "quotation", number=quotation.number)
    numbers = [part.utterance.rpartition(":")[2] for part in quotation.parts]
    if not numbers:
        return name
    key = "place" if len(numbers) == 1 else "places"
    return f"{name} ({say(made, key, source=quotation.parts[0].source, numbers=', '.join(numbers))})"


def introduced(made: Packet, concept: Concept) -> list[tuple[list[str], Quotation]]:
    """Each quotation of a concept with the lines before it: what was asked, where that changes, and who speaks."""
    found: list[tuple[list[str], Quotation]] = []
    for position, quotation in enumerate(concept.quotations):
        lines: list[str] = []
        if not position or quotation.question != concept.quotations[position - 1].question:
            asked = [f"{say(made, 'asked')} {quotation.question}"] if quotation.question else []
            lines = [*asked, say(made, "you_said")]
        found.append((lines, quotation))
    return found


def spoke_of_this(made: Packet, concept: Concept) -> str:
    """How many people spoke of a concept, in words."""
    return say(made, "spoke_of_this", people=concept.people, of=made.people)


def plain_text(made: Packet) -> str:
    """Letter, instructions and questions as paragraphs of whole sentences, for a reading grade.

    Headings, labels of choices, concepts and quotations are not in it.
    """
    letter = letter_of(made)
    keys = ["how_to_word", "return_code_means"]
    questions = ["reflects", "scale_means", "should_change", "add", "add_means"]
    if made.quotations and made.decides:
        questions = ["may_we", "new_words", *questions]
    if made.others:
        questions.append("others_mean")
    says = [say(made, key, number="1.1") for key in questions]
    how = [say(made, key) for key in keys]
    before, after = ([block.text for block in part if not block.level] for part in (letter.before, letter.after))
    return "\n\n".join(_sentence(text) for text in [*before, *how, intro(made), *says, *after])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ",", ":", "…")) else f"{text}."


# --- checks --------------------------------------------------------------------------------------------------------


def check_letter(text: str, path: Path, problems: Problems) -> None:
    """Tell what is wrong with a study's own letter, by line."""
    lines = text.splitlines()
    parts = [number for number, line in enumerate(lines, 1) if line.strip() == PART]
    if not parts:
        wrong = f"no line is just {PART}"
        problems.add(path, "", wrong, "Put it between what stands before the concepts and what stands after them.")
    for number in parts[1:]:
        problems.add(path, f"line {number}", f"a second line is just {PART}", "Take it out: the letter has two parts.")
    level = 0
    for number, line in enumerate(lines, 1):
        if line.strip() == PART:
            level = 0
        if heading := _HEADING.fullmatch(line.strip()):
            _check_level(len(heading[1]), level, path, number, problems)
            level = len(heading[1])
        for name in _PLACEHOLDER.findall(line):
            if name not in PLACEHOLDERS:
                _unknown(name, PLACEHOLDERS, path, f"line {number}", problems)


def _check_level(level: int, before: int, path: Path, number: int, problems: Problems) -> None:
    marks = "#" * level
    if level > _MOST_LEVELS:
        problems.add(path, f"line {number}", f"there are no headings with {marks}", "Use # or ##.")
    elif level > before + 1:
        problems.add(path, f"line {number}", f"a heading with {marks} has none with # before it", "Use #.")


def check_wording(wording: Mapping[str, str], path: Path, problems: Problems) -> None:
    """Tell which placeholders in a study's own wording are none of that key's."""
    for key, text in sorted(wording.items()):
        known = _PLACEHOLDER.findall(_defaults()[key])
        for name in _PLACEHOLDER.findall(text):
            if name not in known:
                _unknown(name, known, path, f"member_checks, wording, {key}", problems)


def _unknown(name: str, known: list[str] | tuple[str, ...], path: Path, place: str, problems: Problems) -> None:
    near = get_close_matches(name, known, n=1)
    named = ", ".join(f"{{{one}}}" for one in known)
    do = f"Did you mean {{{near[0]}}}?" if near else f"It may be: {named}." if known else "Take it out."
    problems.add(path, place, f"unknown placeholder {{{name}}}", do)
