"""What participants are asked in a packet, and what they answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

# No sign that is taken for another one (0 and O, 1, I and L); 31 is a prime, as the check sign needs.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 7
KEEP, CHANGE, WITHDRAW = CHOICES = ("keep", "change", "withdraw")
RATINGS = ("1", "2", "3", "4", "5")
ADD = "add"
# In the folder member_checks: what was sent, what is not read, and what was decided.
ISSUED, SET_ASIDE, DECISIONS = "issued", "set-aside", "decisions.csv"
# How a file says that it is one of ours; the number goes up when the form of the file changes.
PACKET_MARK, ANSWERS_MARK = "qualcode packet 1", "qualcode answers 1"


@dataclass(frozen=True)
class AskedPart:
    """Words of the participant in one utterance: text[start:end] of the utterance, and what stood around them in it.

    Positions are those in the utterance, so that what others say leaves them, and the return code, alone.
    """

    source: str
    utterance: str
    start: int
    end: int
    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class AskedQuotation:
    """A quotation of the participant by its number in the packet (`1.2`), under the concept of number `1`."""

    number: str
    concept: str
    text: str
    parts: tuple[AskedPart, ...]


@dataclass(frozen=True)
class AskedConcept:
    """A main concept by its number in the packet, the code's id and its name there."""

    number: str
    code: str
    name: str


@dataclass(frozen=True)
class Asked:
    """All that a packet asks of one participant. `decides`: whether it asks what may be quoted.

    Written beside the packet as `<participant>.json`; the return code is made from all of it, so that an answer tells
    exactly what it is an answer to.
    """

    study: str
    participant: str
    concepts: tuple[AskedConcept, ...]
    quotations: tuple[AskedQuotation, ...]
    decides: bool = True
    # A digest of all that the participant reads: the letter, what is asked, other people's words.
    content: str = ""

    @cached_property
    def return_code(self) -> str:
        """`K7QM-3XPA`: seven signs of a hash of what is asked, and one that tells most slips in typing."""
        number = int.from_bytes(hashlib.sha256(self._canonical().encode()).digest(), "big")
        digits = []
        for _ in range(_LENGTH):
            number, digit = divmod(number, len(_SIGNS))
            digits.append(digit)
        return _grouped("".join(_SIGNS[digit] for digit in (*digits, _check(digits))))

    @cached_property
    def questions(self) -> list[str]:
        """The keys of all fields, in the order of the packet: those of docx, html, json and csv alike."""
        return [key for concept in self.concepts for key in self._of(concept)] + [ADD]

    def _of(self, concept: AskedConcept) -> Iterator[str]:
        for quotation in self.quotations:
            if quotation.concept == concept.number and self.decides:
                yield f"quotation {quotation.number}"
                yield f"words {quotation.number}"
        yield f"reflects {concept.number}"
        yield f"change {concept.number}"

    def _canonical(self) -> str:
        return json.dumps(self._fields(), sort_keys=True, ensure_ascii=False, default=vars)

    def _fields(self) -> dict[str, Any]:
        """All that is asked; `asdict` would copy it first, which takes ten times as long."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def to_json(self) -> str:
        """The file `<participant>.json`."""
        whole = {"qualcode": PACKET_MARK, "return_code": self.return_code, **self._fields()}
        return json.dumps(whole, indent=1, ensure_ascii=False, default=vars) + "\n"

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Asked:
        """From the parsed file. Raises KeyError, TypeError or ValueError for what `to_json` did not write."""
        if document["qualcode"] != PACKET_MARK:
            raise ValueError("another kind of file")
        made = cls(
            study=document["study"],
            participant=document["participant"],
            concepts=tuple(AskedConcept(**item) for item in document["concepts"]),
            quotations=tuple(
                AskedQuotation(**{**item, "parts": tuple(AskedPart(**part) for part in item["parts"])})
                for item in document["quotations"]
            ),
            decides=document["decides"],
            content=document["content"],
        )
        if made.return_code != document["return_code"]:
            raise ValueError("the return code does not belong to it")
        return made

    @classmethod
    def read(cls, content: bytes) -> Asked | None:
        """From the file itself; None for what `to_json` did not write."""
        try:
            return cls.of(json.loads(content))
        except (KeyError, TypeError, ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Issued:
    """A packet that was sent: what it asked, when (YYYY-MM-DD), and the file that keeps it."""

    asked: Asked
    date: str
    path: Path

    @property
    def return_code(self) -> str:
        return self.asked.return_code


@dataclass(frozen=True)
class Answer:
    """What came back with one return code: the value of each question that was answered, by its key.

    Values are as in CHOICES and RATINGS, or words as they were typed, names and all.
    """

    issued: Issued
    path: Path
    values: Mapping[str, str]


@dataclass(frozen=True)
class Decided:
    """What the analysts decided on something that a participant asked for: a row of decisions.csv."""

    return_code: str
    question: str
    decision: str
    reason: str = ""
    by: str = ""
    at: str = ""
    row: int = 0


@dataclass(frozen=True)
class Emptied:
    """What is left of a packet that was sent to someone who withdrew, or whose file is gone: that it was sent.

    `row` is that of the manifest, which is `path`; 0 where the file is there and only its person is gone.
    """

    participant: str
    return_code: str
    date: str
    path: Path
    row: int


@dataclass(frozen=True)
class Returned:
    """Everything in the folder member_checks: packets issued (oldest first), answers, and decisions on them.

    Answers are in the order in which their packets were issued.
    """

    issued: tuple[Issued, ...] = ()
    answers: tuple[Answer, ...] = ()
    decisions: tuple[Decided, ...] = ()
    emptied: tuple[Emptied, ...] = ()

    def additions(self) -> list[tuple[str, str]]:
        """What participants added, (participant, words), in the order of issuing."""
        given = [(answer.issued.asked.participant, answer.values.get(ADD, "")) for answer in self.answers]
        return [pair for pair in given if pair[1].strip()]


def _check(digits: list[int]) -> int:
    return sum((place + 2) * digit for place, digit in enumerate(digits)) % len(_SIGNS)


def _grouped(signs: str) -> str:
    return f"{signs[:4]}-{signs[4:]}"


def typed_code(text: str) -> str:
    """A return code as people type it, in its proper form; '' if it can be none (a slip in typing).

    >>> typed_code(" 2222 2222 "), typed_code("22222223")
    ('2222-2222', '')
    """
    signs = "".join(char for char in text.upper() if char.isalnum())
    if len(signs) != _LENGTH + 1 or not set(signs) <= set(_SIGNS):
        return ""
    digits = [_SIGNS.index(sign) for sign in signs]
    return _grouped(signs) if _check(digits[:-1]) == digits[-1] else ""
