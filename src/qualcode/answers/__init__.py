"""Answers to member checks: what was issued, what came back, and what was decided on it.

`reading` reads them; it is imported where there is something to read.
"""

from __future__ import annotations

from .model import (
    ADD,
    ANSWERS_MARK,
    CHANGE,
    CHOICES,
    DECISIONS,
    ISSUED,
    KEEP,
    PACKET_MARK,
    RATINGS,
    SET_ASIDE,
    WITHDRAW,
    Answer,
    Asked,
    AskedConcept,
    AskedPart,
    AskedQuotation,
    Decided,
    Emptied,
    Issued,
    Returned,
    typed_code,
)

__all__ = [
    "ADD",
    "ANSWERS_MARK",
    "CHANGE",
    "CHOICES",
    "DECISIONS",
    "ISSUED",
    "KEEP",
    "PACKET_MARK",
    "RATINGS",
    "SET_ASIDE",
    "WITHDRAW",
    "Answer",
    "Asked",
    "AskedConcept",
    "AskedPart",
    "AskedQuotation",
    "Decided",
    "Emptied",
    "Issued",
    "Returned",
    "typed_code",
]
