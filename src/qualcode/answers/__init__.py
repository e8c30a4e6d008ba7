"""Answers to member checks: what was issued, what came back, and what was decided on it."""

from __future__ import annotations

from .model import (
    ADD,
    ANSWERS_MARK,
    CHANGE,
    CHOICES,
    KEEP,
    PACKET_MARK,
    RATINGS,
    WITHDRAW,
    Answer,
    Asked,
    AskedConcept,
    AskedPart,
    AskedQuotation,
    Decided,
    Issued,
    Returned,
    typed_code,
)
from .reading import DECISIONS, ISSUED, SET_ASIDE, read_returned

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
    "Issued",
    "Returned",
    "read_returned",
    "typed_code",
]
