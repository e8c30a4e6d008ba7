"""What every reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """Words in a row of one speaker. `label` is the speaker as written ('' where none is), `place` where it stands.

    `question` is the column of a survey's answer, or the marker that stood alone above the talk, as written ("Q2").
    Times are HH:MM:SS or HH:MM:SS.mmm, as precise as the file gives them; '' where it gives none.
    """

    label: str
    text: str
    place: str
    question: str = ""
    time_start: str = ""
    time_end: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Something of the file that did not come in, or came in changed: what, how many, and why.

    Every entry named "words" counts words (`text.count_words`) of the file that stand in no turn; the others count
    other things: characters, encoding, columns, answers, pages, paragraphs.
    """

    what: str
    count: int
    note: str


@dataclass(frozen=True)
class Transcript:
    """The turns of a file in order; `attributes` of respondents by label (surveys only).

    `words` are those of everything that is text in the file: labels, time codes, numbers and notes included. They are
    counted over the file and not over the turns, so that a reader that loses words is found out: `words` equals the
    words of all turns and of all "words" entries of `left_out`.
    """

    turns: list[Turn]
    words: int
    left_out: list[LeftOut] = field(default_factory=list)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
