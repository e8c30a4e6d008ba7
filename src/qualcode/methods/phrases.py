"""How sentences of the methods text are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .. import tables
from ..console import counted_words


@dataclass(frozen=True)
class Open:
    """A place for what only the researchers know: what to write there, without brackets."""

    text: str


# A paragraph is sentences and open places in a row.
Paragraph = list[str | Open]
Paragraphs = list[Paragraph]


def was(number: int, one: str, many: str = "") -> str:
    """A number with its noun and verb.

    >>> was(1, "code"), was(2, "code")
    ('1 code was', '2 codes were')
    """
    return f"{counted_words(number, one, many)} {'was' if number == 1 else 'were'}"


def decimals(value: float, places: int = 2) -> str:
    """A figure, halves rounded up.

    >>> decimals(0.715), decimals(-0.0049)
    ('0.72', '0.00')
    """
    return f"{tables.round_half_up(value, places) + 0.0:.{places}f}"


def percentage(part: int, whole: int) -> str:
    """A share in %, halves rounded up.

    >>> percentage(1, 8)
    '12.5%'
    """
    return f"{tables.percent(part, whole):.1f}%"


def minutes(value: float) -> str:
    """Minutes with one decimal, or none where there is nothing to tell.

    >>> minutes(1260.0), minutes(62.25)
    ('1,260 minutes', '62.3 minutes')
    """
    shown = f"{tables.round_half_up(value, 1):,.1f}".removesuffix(".0")
    return f"{shown} minute{'' if shown == '1' else 's'}"


def known(value: float | None) -> bool:
    """Whether a figure of a table is defined."""
    return value is not None and value == value


def capital(text: str) -> str:
    """A sentence's beginning; an id that opens it stays as it is written.

    >>> capital("no code")
    'No code'
    """
    return text[:1].upper() + text[1:]


def joined(sentences: Iterable[str]) -> list[str]:
    """The sentences that say something."""
    return [sentence for sentence in sentences if sentence]
