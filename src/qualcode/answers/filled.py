"""A form as it came back, held against the packet that it answers: read completely, or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..console import counted_words, enumeration
from ..errors import Problems
from .model import CHANGE, CHOICES, KEEP, RATINGS, Answer, Asked, Issued

# What a question is called in every form.
KEY = re.compile(r"(?:quotation|words) [1-9]\d*\.[1-9]\d*|(?:reflects|change) [1-9]\d*|add")
# How a docx form calls what tells the packet.
CODE, STUDY = "return code", "study"
# The ways out for a form that cannot be read.
TYPE_IT = "Type its answers into a csv (return_code, question, answer), and put the file into set-aside/."
_MOST_NAMED = 6


@dataclass(frozen=True)
class Filled:
    """What stands in a form. `code` is as it was typed, `title` '' where no study is named, `place` where it stands.

    `values`: by question what was filled in, several values where several stand there. `marks`: the marks of all
    fields that the form has, filled in or not; None for a csv, which has rows only for what was answered. `beside`:
    how many words were written beside the fields.
    """

    path: Path
    code: str
    title: str
    values: Mapping[str, Sequence[str]]
    marks: Collection[str] | None = None
    place: str = ""
    beside: int = 0


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
        faults.append(("nothing is filled in", do))
    for wrong, do in faults:
        problems.add(filled.path, filled.place, wrong, do)
    if faults:
        return None
    answered = {question: values[question][0] for question in asked.questions if question in values}
    return Answer(issued, filled.path, _complete(answered, asked))


def _of_marks(filled: Filled, expected: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What a form lacks to be read, and what it has that is not."""
    if filled.marks is None:
        return
    if missing := [mark for mark in expected if mark not in filled.marks]:
        what = f"{counted_words(len(missing), 'mark')} of the form {'is' if len(missing) == 1 else 'are'} gone"
        yield f"{what}, so that it cannot be read: {_named(missing)}", TYPE_IT
    if filled.beside:
        yield f"{counted_words(filled.beside, 'word')} were written beside the fields, where nothing is read", TYPE_IT


def _of_questions(values: Mapping[str, Sequence[str]], asked: Asked) -> Iterator[tuple[str, str]]:
    if unknown := sorted(set(values) - set(asked.questions)):
        # What is no question of ours may be words of a person.
        told = [f"'{name}'" if KEY.fullmatch(name) else "a question of another form" for name in unknown]
        wrong = f"the packet with this return code does not ask what is answered here: {_named(dict.fromkeys(told))}"
        yield wrong, "Look at the numbers in the packet that was sent."


def _of_values(question: str, values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with the answer to one question."""
    given = sorted(set(values[question]))
    allowed = choices(question)
    ask = "Ask what is meant, and type it into a csv; put this file into set-aside/."
    if allowed and not set(given) <= set(allowed):
        yield f"'{question}': the answer is none of {enumeration(allowed, 'or')}", "Mend it, or leave it out."
    elif len(given) > 1:
        told = f"{enumeration(given)} are ticked" if allowed else "there are several answers"
        yield f"'{question}': {told}, where one can hold", ask
    elif given == [KEEP] and _words(question) in values:
        yield f"'{question}': the quotation is to be kept, and other words are given for it", ask


def _complete(answered: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """Who gave other words for a quotation wants it changed, with or without a tick."""
    ticked = {question: CHANGE for question in asked.questions if _words(question) in answered}
    whole = {**ticked, **answered}
    return {question: whole[question] for question in asked.questions if question in whole}


def _words(question: str) -> str:
    kind, _, number = question.partition(" ")
    return f"words {number}" if kind == "quotation" else ""


def _named(items: Iterable[str]) -> str:
    """Items, the first of them where there are many."""
    shown = list(items)
    more = [f"{len(shown) - _MOST_NAMED:,} more"] if len(shown) > _MOST_NAMED else []
    return enumeration(shown[:_MOST_NAMED] + more)
