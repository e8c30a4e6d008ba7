"""A form as it came back, held against the packet that it answers: read completely, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..console import counted_words, enumeration
from ..errors import Problems
from .model import CHANGE, CHOICES, KEEP, RATINGS, Answer, Asked, Issued

# What a question is called in every form.
KEY = re.compile(r"(?:quotation|words) [1-9]\d*\.[1-9]\d*|(?:reflects|change) [1-9]\d*|add")
# How a docx form calls what tells the packet.
CODE, STUDY = "return code", "study"
# The ways out for a form that cannot be read.
TYPE_IT = "Type its answers into a csv (return_code, question, answer), and put the file into set-aside/."
MOST_NAMED = 6
# What is read of a box that is marked as ticked and shows none.
TWO_THINGS = "two things"


@dataclass(frozen=True)
class Filled:
    """What stands in a form. `code` is as it was typed, `title` '' where no study is named.

    `values`: by question what was filled in, several values where several stand there. `marks`: the marks of all
    fields that the form has, filled in or not; None for a csv, which has rows only for what was answered: `rows` are
    those of the values. `beside`: how many words were written beside the fields; `drawn`: how many drawings and the
    like came in.
    """

    path: Path
    code: str
    title: str
    values: Mapping[str, Sequence[str]]
    marks: Collection[str] | None = None
    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    beside: int = 0
    drawn: int = 0

    def places(self, questions: Iterable[str], only: Collection[str] | None = None) -> list[str]:
        """The rows of the answers to questions (`only`: of these values); one '' for what is no csv."""
        rows = {
            row
            for question in questions
            for row, value in zip(self.rows.get(question, ()), self.values.get(question, ()), strict=False)
            if only is None or value in only
        }
        return [f"row {row}" for row in sorted(rows)] or [""]


class _Fault(NamedTuple):
    """Why a form cannot be read, what to do, and in answer to which questions it stands, with which values (None: any).

    Without questions it is a fault of the form as a whole.
    """

    wrong: str
    do: str
    questions: Sequence[str] = ()
    values: Collection[str] | None = None


def choices(question: str) -> tuple[str, ...]:
    """What can be ticked in answer to a question; nothing where words are the answer."""
    return {"quotation": CHOICES, "reflects": RATINGS}.get(question.partition(" ")[0], ())


def question_of(typed: str) -> str:
    """A question as people type it, in its proper form; '' if it is none.

    >>> question_of(" Quotation  1.2"), question_of("quotation 1")
    ('quotation 1.2', '')
    """
    question = " ".join(typed.split()).casefold()
    return question if KEY.fullmatch(question) else ""


def box(question: str, value: str) -> str:
    """The mark of a box in a docx form.

    >>> box("reflects 1", "4")
    'reflects 1=4'
    """
    return f"{question}={value}"


def settled(filled: Filled, issued: Issued, expected: Iterable[str], problems: Problems) -> Answer | None:
    """The answer that a form gives to what was issued; None where `problems` says why it cannot be read.

    `expected` are the marks that a form of its kind has.
    """
    asked = issued.asked
    values = {question: [value for value in given if value] for question, given in filled.values.items()}
    values = {question: given for question, given in values.items() if given}
    faults = [
        *_of_marks(filled, expected),
        *_of_questions(values, asked),
        *(fault for question in asked.questions if question in values for fault in _of_values(question, values)),
    ]
    if not faults and not values:
        do = "If it came back empty, put it into set-aside/; else ask for it again."
        faults.append(_Fault("nothing is filled in", do))
    for fault in faults:
        for place in filled.places(fault.questions or filled.values, fault.values):
            problems.add(filled.path, place, fault.wrong, fault.do)
    if faults:
        return None
    answered = {question: values[question][0] for question in asked.questions if question in values}
    return Answer(issued, filled.path, _complete(answered, asked))


def _of_marks(filled: Filled, expected: Iterable[str]) -> Iterator[_Fault]:
    """What a form lacks to be read, and what it has that is not."""
    if filled.marks is None:
        return
    if missing := [mark for mark in expected if mark not in filled.marks]:
        what = f"{counted_words(len(missing), 'mark')} of the form {'is' if len(missing) == 1 else 'are'} gone"
        yield _Fault(f"{what}, so that it cannot be read: {enumeration(missing, most=MOST_NAMED)}", TYPE_IT)
    if filled.beside:
        wrong = f"{counted_words(filled.beside, 'word')} were written beside the fields, where nothing is read"
        yield _Fault(wrong, TYPE_IT)
    if filled.drawn:
        yield _Fault("something is drawn or pasted in, which is not read", TYPE_IT)


def _of_questions(values: Mapping[str, Sequence[str]], asked: Asked) -> Iterator[_Fault]:
    unasked = set(values) - set(asked.questions)
    shown = {f"{kind} {quotation.number}" for quotation in asked.quotations for kind in ("quotation", "words")}
    if barred := sorted(unasked & shown):
        wrong = f"who may not be quoted decides on no quotation ({enumeration(barred, most=MOST_NAMED)})"
        yield _Fault(wrong, "Leave it out: these words are quoted nowhere.", barred)
    if unknown := sorted(unasked - shown):
        # What is no question of ours may be words of a person.
        told = [f"'{name}'" if KEY.fullmatch(name) else "a question of another form" for name in unknown]
        named = enumeration(dict.fromkeys(told), most=MOST_NAMED)
        wrong = f"the packet with this return code does not ask what is answered here: {named}"
        yield _Fault(wrong, "Look at the numbers in the packet that was sent.", unknown)


def _of_values(question: str, values: Mapping[str, Sequence[str]]) -> Iterator[_Fault]:
    """What is wrong with the answer to one question."""
    given = sorted(set(values[question]))
    allowed = choices(question)
    others = set(given).difference(allowed)
    ask = "Ask what is meant, and type it into a csv; put this file into set-aside/."
    if TWO_THINGS in given and allowed:
        yield _Fault(f"'{question}': a box says two things: it is marked as ticked, and looks empty", ask, [question])
    elif allowed and others:
        wrong = f"'{question}': the answer is none of {enumeration(allowed, 'or')}"
        yield _Fault(wrong, "Mend it, or leave it out.", [question], others)
    elif len(given) > 1:
        told = f"{enumeration(given)} are ticked" if allowed else "there are several answers"
        yield _Fault(f"'{question}': {told}, where one can hold", ask, [question], given)
    elif given == [KEEP] and _words(question) in values:
        wrong = f"'{question}': the quotation is to be kept, and other words are given for it"
        yield _Fault(wrong, ask, [question, _words(question)])


def _complete(answered: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """Who gave other words for a quotation wants it changed, with or without a tick."""
    ticked = {question: CHANGE for question in asked.questions if _words(question) in answered}
    whole = {**ticked, **answered}
    return {question: whole[question] for question in asked.questions if question in whole}


def _words(question: str) -> str:
    kind, _, number = question.partition(" ")
    return f"words {number}" if kind == "quotation" else ""
