"""What a packet says: its letter, and the words around concepts, quotations and questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
# The most words of a line that greets or signs.
_GREETING = 8
_INSTRUCTIONS = (
    "return_code_means", "how_to_word", "how_to_page", "concepts_mean", "concepts_quote", "consent_yes", "consent_ask",
    "consent_no", "may_we", "new_words", "reflects", "scale_means", "should_change", "others_mean", "add_means",
)  # fmt: skip
# Placeholders without which a text says nothing: a concept's name, which quotation, which file.
_NEEDED = ("number", "name", "file", "answered")
# What Markdown has and a letter has not: it would be shown as it is typed.
_UNREAD = {
    "a line across the page": re.compile(r"^(?:(?:[*_-]\s*){3,}|=+)$"),
    "a list": re.compile(r"^(?:[-*+]|1[.)])\s+\S"),
    "a block quotation": re.compile(r"^>"),
    "a table": re.compile(r"^\|"),
    "a link or picture": re.compile(r"\[[^\]]*\]\("),
    "code": re.compile(r"```|`[^`]+`"),
    "HTML": re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^>]*)?/?>|<!--"),
    "bold or italic type": re.compile(
        r"\*\*(?=[^\s*])|(?<!\w)__(?=[^\W_])|(?<![\w*])\*[^\s*][^*]*\*|(?<!\w)_[^\W_][^_]*_(?!\w)"
    ),
}


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


def letter_text(made: Packet) -> str:
    """The running sentences of the letter, a line for each paragraph, for a reading grade that is everybody's.

    Headings, greetings, signatures and the participant's pseudonym are not in it.
    """
    letter = letter_of(replace(made, pseudonym=""))
    return "\n".join(block.text for block in (*letter.before, *letter.after) if not block.level and _runs(block.text))


def _runs(text: str) -> bool:
    """Whether a paragraph is more than a greeting or a signature: few words without a full stop at the end."""
    return len(text.split()) > _GREETING or text.rstrip("\"'”’)]").endswith((".", "!", "?", "…"))


def instructions(made: Packet) -> str:
    """What packets of the study say around concepts and questions, a line for each key, for a reading grade.

    Labels and choices are not in it, nor what a participant's own packet alone says.
    """
    return "\n".join(say(made, key, number="1.1") for key in _INSTRUCTIONS)


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
        if line.strip() != PART:
            _check_marks(line.strip(), path, number, problems)
        for name in _PLACEHOLDER.findall(line):
            if name not in PLACEHOLDERS:
                _unknown(name, PLACEHOLDERS, path, f"line {number}", problems)


def _check_level(level: int, before: int, path: Path, number: int, problems: Problems) -> None:
    marks = "#" * level
    if level > _MOST_LEVELS:
        problems.add(path, f"line {number}", f"there are no headings with {marks}", "Use # or ##.")
    elif level > before + 1:
        problems.add(path, f"line {number}", f"a heading with {marks} has none with # before it", "Use #.")


def _check_marks(line: str, path: Path, number: int, problems: Problems) -> None:
    if unread := next((what for what, typed in _UNREAD.items() if typed.search(line)), ""):
        do = f"It may have paragraphs, headings (# and ##) and one line {PART}: take out other marks."
        problems.add(path, f"line {number}", f"a letter has no way to show {unread}", do)


def check_wording(wording: Mapping[str, str], path: Path, problems: Problems) -> None:
    """Tell which placeholders in a study's own wording are none of that key's, and which it cannot do without."""
    for key, text in sorted(wording.items()):
        place = f"member_checks, wording, {key}"
        known, used = _PLACEHOLDER.findall(_defaults()[key]), _PLACEHOLDER.findall(text)
        unknown = [name for name in used if name not in known]
        for name in unknown:
            _unknown(name, known, path, place, problems)
        missing = [f"{{{name}}}" for name in known if name in _NEEDED and name not in used]
        # A misspelt one is the one that is missing.
        if missing and not unknown:
            problems.add(path, place, f"{' and '.join(missing)} is not in it", "Put it where it is to stand.")


def _unknown(name: str, known: list[str] | tuple[str, ...], path: Path, place: str, problems: Problems) -> None:
    near = get_close_matches(name, known, n=1)
    named = ", ".join(f"{{{one}}}" for one in known)
    do = f"Did you mean {{{near[0]}}}?" if near else f"It may be: {named}." if known else "Take it out."
    problems.add(path, place, f"unknown placeholder {{{name}}}", do)
