"""A packet in plain language, as docx and as one html page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..documents import (
    add_answer,
    add_heading,
    add_paragraph,
    add_quotation,
    new_document,
    printable,
    save_document,
)
from .content import Concept, Packet

TEMPLATES = Path(__file__).parents[1] / "templates"
SCALE = (1, 2, 3, 4, 5)
CHOICES = ("keep", "change", "leave out")
REFLECTS = "How well does this reflect your experience?"
SCALE_MEANS = "1 means not at all, 5 means very well."
CHANGE = "What should change?"
ADD = "Anything to add?"


@dataclass(frozen=True)
class Wording:
    """The sentences of a packet, in plain language: short, without terms of the trade."""

    title: str
    thanks: tuple[str, ...]
    done: tuple[str, ...]
    concepts: str
    consent: str
    others: str
    following: tuple[str, ...]


def wording(made: Packet) -> Wording:
    """What a packet says apart from concepts and quotations, which depends on where the person spoke and on consent."""
    heard = {
        "focus_group": "We wrote down what people said in the group. In our texts, people have other names.",
        "interview": "We wrote down what people said in the interviews. In our texts, people have other names.",
        "survey": "We put all the answers together.",
    }
    consent = {
        "yes": "For each quotation, please choose: keep it, change it, or leave it out.",
        "ask": "You asked us to check with you first. We will quote only the words that you tell us to keep.",
        "no": "You asked us not to quote you, and we will not. "
        "We show you your words so that you can check how we understood them.",
    }
    after = [
        "We read every answer. Where you tell us that we got it wrong, we look at it again and note what we change.",
        "We will not quote words that you ask us to leave out.",
    ]
    if made.deadline:
        after.insert(0, f"Please answer by {_sentence(made.deadline)}")
    sender = made.contact or "the person who gave it to you"
    after.insert(0, f"Please send your answers to {_sentence(sender)}")
    return Wording(
        title="Your words and what we made of them",
        thanks=(
            f"Thank you for taking part in our study “{made.title}”.",
            "This letter shows you what we learned from you. Please tell us if we got it right.",
            "You choose what to answer, and you may skip any question.",
            f"In our texts you are called {_sentence(made.pseudonym)}",
        ),
        done=(
            heard.get(made.kind, "We put together what people said."),
            "We read all of it and marked what each part is about.",
            "Then we put parts that belong together under one idea. We call these ideas the main concepts.",
            "A computer program helped us to search and to count.",
        ),
        concepts="These are the main concepts that we found in your words. Below each one you see words of yours "
        "that belong to it. There may be more of them than we show."
        if made.quotations
        else "These are the main concepts that we found in your words.",
        consent=consent[made.quote_consent] if made.quotations else "",
        others="Other people spoke of these too. We found nothing of yours that belongs here. "
        "If one of them matters to you as well, please tell us.",
        following=tuple(after),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def spoke_of_this(made: Packet, concept: Concept) -> str:
    """How many people spoke of a concept, in words."""
    return f"{concept.people} of {made.people} people in the study spoke of this."


# --- docx and html -------------------------------------------------------------------------------------------------


def write_docx(made: Packet, path: Path) -> None:
    """The packet as a document to type in or to print."""
    says = wording(made)
    document = new_document(f"{made.title}: {says.title}", header=made.title)
    add_heading(document, says.title, 0)
    add_paragraph(document, "Dear participant,")
    add_paragraph(document, " ".join(says.thanks))
    add_heading(document, "What we did with your words", 1)
    add_paragraph(document, " ".join(says.done))
    add_heading(document, "How to answer", 1)
    add_paragraph(
        document,
        "Type into this document, or print it and write on it. To tick a box ☐, put an X in its place. "
        "The boxes with a frame are for your words; they grow as you type.",
    )
    add_heading(document, "What you spoke of", 1)
    add_paragraph(document, f"{says.concepts} {says.consent}".strip())
    for category, concepts in made.by_category:
        if category:
            add_heading(document, category, 2)
        for concept in concepts:
            _add_concept(document, made, concept, 3 if category else 2)
    if made.others:
        add_heading(document, "What others spoke of", 1)
        add_paragraph(document, says.others)
    for category, concepts in made.others_by_category:
        if category:
            add_heading(document, category, 2)
        for concept in concepts:
            add_paragraph(document, concept.definition, lead=f"{concept.name}.")
    add_heading(document, ADD, 1)
    add_answer(document, lines=5)
    add_heading(document, "What happens next", 1)
    for text in says.following:
        add_paragraph(document, text, keep=True)
    add_paragraph(document, "Thank you!")
    save_document(document, path)


def _add_concept(document: Any, made: Packet, concept: Concept, level: int) -> None:
    add_heading(document, f"{concept.number}. {concept.name}", level)
    if concept.definition:
        add_paragraph(document, concept.definition, keep=True)
    add_paragraph(document, spoke_of_this(made, concept), keep=True)
    if concept.quotations:
        add_paragraph(document, "You said:", keep=True)
    for quoted in concept.quotations:
        add_quotation(document, f"“{printable(quoted.text)}”", f"Quotation {quoted.number} ({quoted.place})")
        if made.quote_consent != "no":
            add_paragraph(document, _boxes(CHOICES), style="Choice")
    add_paragraph(document, f"{REFLECTS} {SCALE_MEANS}", keep=True)
    add_paragraph(document, _boxes(map(str, SCALE)), style="Choice", keep=True)
    add_paragraph(document, CHANGE, keep=True)
    add_answer(document, lines=2)


def _boxes(choices: Iterable[str]) -> str:
    """Boxes to tick. No-break spaces keep a box beside its word."""
    return "    ".join(f"☐\u00a0{choice}" for choice in choices)


def render_html(made: Packet) -> str:
    """The packet as one page that needs nothing else: no scripts, no fonts or pictures from elsewhere."""
    return printable(
        _template().render(
            packet=made,
            says=wording(made),
            spoke_of_this=spoke_of_this,
            scale=SCALE,
            choices=CHOICES,
            reflects=REFLECTS,
            scale_means=SCALE_MEANS,
            change=CHANGE,
            add=ADD,
        )
    )


@cache
def _template() -> Any:
    """Compiled once for all packets."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("packet.html.j2")
