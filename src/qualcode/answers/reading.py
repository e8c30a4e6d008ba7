"""The folder member_checks of a study: packets that were issued, answers that came back, decisions on them."""

from __future__ import annotations

from pathlib import Path

from ..errors import Problems
from .model import Returned

# In the folder member_checks: what was sent, what is not read, and what was decided.
ISSUED, SET_ASIDE, DECISIONS = "issued", "set-aside", "decisions.csv"


def read_returned(folder: Path, title: str, problems: Problems) -> Returned:
    """Everything that was issued and that came back, `folder` being member_checks and `title` the study's.

    Each answer is read completely or not at all: `problems` says why not, in one line for each file.
    """
    return Returned()
