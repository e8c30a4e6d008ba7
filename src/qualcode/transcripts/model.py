"""What every reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Turn:
    """Words in a row of one speaker. `label` is the speaker as written ('' where none is), `place` where it stands."""

    label: str
    text: str
    place: str
    question: str = ""
    time_start: str = ""
    time_end: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Something of the file that did not come in, or came in changed: what, how many, and why."""

    what: str
    count: int
    note: str


@dataclass(frozen=True)
class Transcript:
    """The turns of a file in order; `attributes` of respondents by label (surveys only)."""

    turns: list[Turn]
    left_out: list[LeftOut] = field(default_factory=list)
    attributes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
