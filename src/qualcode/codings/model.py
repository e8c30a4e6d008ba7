"""What a coder's file says, whatever kind of file it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..study import Study
from ..tables.learning import METHODS

# What becomes of a decision of a consensus meeting that is not done with the source.
WAITS = "waits until the meeting is done with the source"
# How the outcome of a code ends that a coder chose in the place of one that was suggested.
INSTEAD = "instead of a suggestion"
# No id is longer: what is may be words of people.
LONGEST = 40


@dataclass(frozen=True)
class Decision:
    """One thing that a coder says: a row of a table, a code in a comment, a decision in a review sheet.

    `cells` are named as in workflow/schemas/codings.schema.json. `number` is the row as a spreadsheet shows it, or the
    comment counted from 1; `place` says it in words. What belongs to a random sample of units (`sample`) tests the
    rules, and is no coding of the data.

    Beside the actions of the schema there are two that only sheets have: `note` attaches a memo or a use to a proposal
    without deciding on it, or to a passage of a consensus meeting, which does not get the code where the cell
    `turned_down` is filled, or says that a unit of a sample is not decided yet; `sampled` says that it is. What a
    meeting decided has the cell `meeting`, and `waits` until the meeting is done with the source.

    What is about a suggestion names its `basis`, and says itself which passage and code it is about: what learns from
    codings is made after them, so that no table tells.
    """

    coder: str
    path: Path
    number: int
    cells: Mapping[str, str]
    sample: bool = False

    @property
    def place(self) -> str:
        return place_in(self.path, self.number)

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def action(self) -> str:
        return self["action"] or "apply"

    @property
    def suggested(self) -> bool:
        """Whether it is about a suggestion that was learned, and not about what a rule proposes."""
        return self["basis"] in METHODS


def told(typed: str, study: Study) -> str:
    """What a message tells of a cell, in which anything may stand by mistake: no names, and no more than an id."""
    return study.everyone.hide(typed) if len(typed) <= LONGEST else f"a text of {len(typed):,} characters"


def place_in(file: str | Path, number: int | str) -> str:
    """Where in a coder's file a decision stands.

    >>> place_in("focus-group.docx", 3), place_in("round-1.csv", "7")
    ('comment 3', 'row 7')
    """
    return f"{'comment' if Path(file).suffix.lower() == '.docx' else 'row'} {number}"
