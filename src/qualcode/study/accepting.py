"""What identifiers.csv lists and nobody decided on: what of it holds back, and what the study accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .model import ADDITIONS, Study

if TYPE_CHECKING:
    import pandas as pd

# Where words stand that participants wrote in answers to member checks.
ANSWERS = "(member checks)"
_DAY = re.compile(r"\d{4}-\d\d-\d\d$")


def unaccepted(identifiers: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The rows of table identifiers that nobody decided on, without those that `identifiers: accepted` covers.

    It covers what stands only in answers to member checks if it was said on the day of the last packet that was
    answered, or later: who accepted it before cannot have seen that.
    """
    waits = identifiers[identifiers["decision"] == "undecided"]
    accepted = study.settings["identifiers"].get("accepted", "")
    if not accepted:
        return waits
    day = match[0] if (match := _DAY.search(accepted)) else ""
    if day >= max((answer.issued.date for answer in study.returned.answers), default=""):
        return waits[:0]
    return waits.loc[[set(places.split("; ")) <= {ANSWERS, ADDITIONS} for places in waits["sources"]]]
