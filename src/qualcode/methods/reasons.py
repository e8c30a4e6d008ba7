"""Reasons that tables give, in words of our own.

A cell may hold names that nobody has decided on, or words of people: none is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

Kinds = tuple[tuple[str, str], ...]
# Each kind is known by what its cells hold, the first that fits; the second is what is printed.
OTHER = "for another reason"
NO_PACKET: Kinds = (
    ("wait for a decision", "their quotations wait for decisions on names and other identifiers"),
    ("has finished all that", "no coder had finished all that they said"),
    ("no person has accepted", "no person had accepted codings of rules that count in it"),
    ("no counted coding covers", "no coding that counted covered words of theirs"),
    ("survey respondents get none", "respondents of surveys were to get none"),
)
NOT_COUNTED: Kinds = (
    ("these are no participant's words", "in words of no participant"),
    ("withdrew it", "withdrawn again by the coder"),
    ("decides in this source", "by a coder whose coding was not the one that counts in that source"),
    ("but not all of", "not given by every coder"),
)
CAREFUL: Kinds = (
    ("read ac1 and pabak", "the code or the codes are so rare, or so common, that κ is to be read beside AC1"),
    ("there is no unit that all", "no unit was finished by all"),
    ("kappa and alpha are not defined", "κ and α are not defined"),
    ("few units", "there are few units"),
    ("no interval for kappa", "there is no interval for κ, which is not defined in most resamples"),
    ("no interval:", "there are too few participants for intervals"),
    ("has not said done", "what a coder had not come to counts as not coded"),
    ("count as not coded", "rows without a place count as not coded"),
    ("counts as not coded", "what has no place or was not reached counts as not coded"),
    ("by the codebook as it is", "compared by the codebook as it is now"),
    ("left out: that codebook", "codings of codes that the codebook of the round lacks were left out"),
    ("because they saw it", "where coders were shown the same proposals, they may agree because they saw them"),
)


def kind(cell: str, kinds: Kinds) -> str:
    """What kind of reason a cell gives.

    >>> kind("Anna withdrew it", NOT_COUNTED), kind("Anna was ill", NOT_COUNTED)
    ('withdrawn again by the coder', 'for another reason')
    """
    return next((says for held, says in kinds if held in cell), OTHER)


def counted_kinds(cells: Iterable[str], kinds: Kinds) -> list[tuple[str, int]]:
    """How many cells there are of each kind, the most first."""
    counts = Counter(kind(cell, kinds) for cell in cells)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def careful(cell: str) -> str:
    """What the cell `note` of table agreement warns of, its parts each by its kind, '' if nothing."""
    parts = [part for part in cell.split("; ") if part]
    found = [says for held, says in CAREFUL if any(_first(part) == held for part in parts)]
    return "; ".join(found)


def _first(part: str) -> str:
    return next((held for held, _ in CAREFUL if held in part), "")
