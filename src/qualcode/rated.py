"""Disagreement with concepts in member checks, as it is told beside a concept wherever that is reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .checked import LEAD, Checked, Ratings
from .codebook import Codebook

# Stands at the name of a concept with which someone disagrees.
MARK = "†"
_SOME = (
    f"{LEAD}some of those who rated it say that it does not reflect their experience. How many is kept back, "
    "because they are few."
)
_KEPT_BACK = "some"
_SAYS = f"{MARK} In the member check, some who rated it say that it does not reflect their experience"
# What the mark says where there is no room for numbers.
MARK_MEANS = f"{_SAYS} (frequencies.csv: how many)."


@dataclass(frozen=True)
class Disagreement:
    """Disagreement with a concept: as a sentence, and as a part of those who rated it ("1 of 3")."""

    told: str
    part: str


def kept_back(ratings: Ratings, smallest: int) -> bool:
    """Whether so few people gave one of the answers that no figure of the concept goes out.

    `smallest` is `frequencies: smallest_cell`, 0 if nothing is kept back.
    """
    return any(0 < number < smallest for number in (ratings.agree, ratings.neither, ratings.disagree))


def disagreements(checked: Checked, smallest: int = 0, codebook: Codebook | None = None) -> dict[str, Disagreement]:
    """By code, the disagreement with it; codes with which no one disagrees are not in it.

    With the `codebook` it is told where people rated a concept under another name.
    """
    names = {code.code: code.name for code in codebook.codes} if codebook else {}
    return {
        code: _told(ratings, smallest, names.get(code, ""))
        for code, ratings in checked.concepts.items()
        if ratings.disagree
    }


def _told(ratings: Ratings, smallest: int, name: str) -> Disagreement:
    if kept_back(ratings, smallest):
        return Disagreement(_SOME, _KEPT_BACK)
    return Disagreement(ratings.told(name), f"{ratings.disagree:,} of {ratings.answered:,}")


def figures_of(checked: Checked, code: str, smallest: int = 0) -> tuple[float, float]:
    """How many people rated a concept and how many of them disagree; nan where none did or this is kept back."""
    ratings = checked.concepts.get(code, Ratings())
    if not ratings.answered or kept_back(ratings, smallest):
        return float("nan"), float("nan")
    return float(ratings.answered), float(ratings.disagree)


def marked(name: str, code: str, disagree: Mapping[str, Disagreement]) -> str:
    """The name of a code, with the mark where someone disagrees."""
    return f"{name}{MARK}" if code in disagree else name


def note(named: Iterable[tuple[str, Disagreement]]) -> str:
    """What the mark says, for the note of a table with these concepts (name, disagreement); '' for none."""
    parts = dict.fromkeys(f"{name} ({disagreement.part})" for name, disagreement in named)
    return f"{_SAYS}: {'; '.join(parts)}." if parts else ""
