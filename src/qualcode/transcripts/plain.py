"""Plain text: a turn begins with `Name:` at the start of a line (MAXQDA's way); others belong to the turn above."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ..errors import failure
from ..files import decode
from ..study import Source
from ..text import clean, one_line
from .model import LeftOut, Transcript, Turn

# A label stands before a colon, has at most 63 characters and no other colon (MAXQDA's manual, focus groups).
_LABELLED = re.compile(r"\s*\[?(?P<label>[^\s\[\]:][^\[\]:\n]{0,62}?)\]?\s*:(?!//)\s*(?P<words>.*)", re.DOTALL)
# What looks like a name although no one listed it: up to five capitalised words, initials or numbers.
_NAME_LIKE = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?:\s+(?:[^\W\d_a-z][\w.'’-]*|\d+|\(?[A-Z]\)?|de|da|van|von|der|la|le|al|bin)){0,4}"
)


def read_plain(source: Source, labels: Collection[str]) -> Transcript:
    """Read a txt or md file; a document's paragraphs are separated by blank lines, a transcript's turns by labels."""
    raw, warning = decode(source.path)
    text, controls = clean(raw)
    left_out = [LeftOut("encoding", 1, warning)] if warning else []
    if controls:
        left_out.append(LeftOut("characters", controls, "control characters, taken out"))
    if source.kind == "document":
        return Transcript(paragraphs(text), left_out)
    lines = ((f"line {number}", line) for number, line in enumerate(text.split("\n"), 1))
    return Transcript(turns(source, lines, labels), left_out)


def turns(source: Source, lines: Iterable[tuple[str, str]], labels: Collection[str]) -> list[Turn]:
    """(place, line) pairs as turns. Words before the first label are kept, attributed to no one.

    Raises QualcodeError where no line has a label.
    """
    found: list[tuple[str, str, list[str]]] = []
    for place, line in lines:
        label, words = split_label(line, labels)
        if label:
            found.append((label, place, [words]))
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            found.append(("", place, [line]))
    if not any(label for label, _, _ in found) and found:
        do = "Begin each turn with 'Name:', or call the source a document in sources.csv."
        raise failure(source.path, "", "no line begins with a speaker's label", do)
    return [Turn(label, one_line("\n".join(words)), place) for label, place, words in found]


def split_label(line: str, labels: Collection[str]) -> tuple[str, str]:
    """(label, words) of a line; the label is '' where the line has none.

    >>> split_label("Dana: The thing is: we met.", ["Dana"])
    ('Dana', 'The thing is: we met.')
    >>> split_label("the thing is: we met.", [])
    ('', 'the thing is: we met.')
    """
    match = _LABELLED.fullmatch(line)
    if match and (match["label"] in labels or _NAME_LIKE.fullmatch(match["label"])):
        return match["label"], match["words"]
    return "", line


def paragraphs(text: str) -> list[Turn]:
    """The paragraphs of a document, attributed to no one."""
    found = []
    line = 1
    for block in re.split(r"(\n[ \t]*(?:\n[ \t]*)+)", text):
        if block.strip():
            found.append(Turn("", one_line(block), f"line {line}"))
        line += block.count("\n")
    return found
