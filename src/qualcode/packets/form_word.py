"""A packet as a Word document that is filled in on a screen or on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ..answers import ADD, CHOICES, RATINGS
from ..answers.filled import CODE, STUDY, box
from ..documents import Controls, add_heading, add_paragraph, add_quotation, new_document, save_document
from .letter import Block, caption, intro, introduced, letter_of, say, spoke_of_this
from .model import Concept, Packet, Quotation

# Bytes above which a packet is compressed, so that it fits an e-mail.
_MOST = 200_000
_APART = "    "


def write_docx(made: Packet, path: Path) -> None:
    """The packet as a document; every question is a content control with the question's key as its tag."""
    code = say(made, "return_code")
    document = new_document(
        f"{made.title}: {say(made, 'title')}",
        header=f"{made.title} · {code} {made.return_code}",
        language=made.language,
        mark=say(made, "draft") if made.draft else "",
    )
    form = _Form(document, made)
    letter = letter_of(made)
    add_heading(document, say(made, "title"), 0)
    if made.draft:
        add_paragraph(document, say(made, "draft_means"), lead=f"{say(made, 'draft')}.")
    form.known_by(STUDY, made.title)
    form.known_by(CODE, made.return_code)
    add_paragraph(document, say(made, "return_code_means"))
    _add_blocks(document, letter.before)
    add_heading(document, say(made, "how_to"), 1)
    add_paragraph(document, say(made, "how_to_word"))
    add_heading(document, say(made, "concepts"), 1)
    add_paragraph(document, intro(made))
    _by_category(document, made.by_category, form.add_concept)
    if made.others:
        add_heading(document, say(made, "others"), 1)
        add_paragraph(document, say(made, "others_mean"))
        _by_category(document, made.others_by_category, form.add_other)
    add_heading(document, say(made, "add"), 1)
    add_paragraph(document, say(made, "add_means"), keep=True)
    form.add_field(ADD, say(made, "add"))
    _add_blocks(document, letter.after)
    save_document(document, path, _MOST)


def _add_blocks(document: Any, blocks: Iterable[Block]) -> None:
    for block in blocks:
        if block.level:
            add_heading(document, block.text, block.level)
        else:
            add_paragraph(document, block.text)


def _by_category(
    document: Any, groups: Sequence[tuple[str, list[Concept]]], add: Callable[[Concept, int], None]
) -> None:
    """Concepts below the headings of their categories; `add` is given the level of the concept's own heading."""
    for category, concepts in groups:
        if category:
            add_heading(document, category, 2)
        for concept in concepts:
            add(concept, 3 if category else 2)


class _Form:
    """Adds the parts of a packet that ask something."""

    def __init__(self, document: Any, made: Packet):
        self._document, self._made = document, made
        self._controls = Controls()

    def known_by(self, tag: str, text: str) -> None:
        """What an answer is known by; nobody can change it."""
        lead = say(self._made, tag.replace(" ", "_"))
        self._controls.add_locked(add_paragraph(self._document, "", lead=lead), tag, lead, text)

    def add_concept(self, concept: Concept, level: int) -> None:
        made, number = self._made, concept.number
        add_heading(self._document, say(made, "number", number=number, name=concept.name), level)
        if concept.definition:
            self._tell(concept.definition)
        self._tell(spoke_of_this(made, concept))
        for lines, quotation in introduced(made, concept):
            for line in lines:
                self._tell(line)
            self._add_quotation(quotation)
        if concept.voices:
            self._tell(say(made, "others_said"))
        for voice in concept.voices:
            add_paragraph(self._document, f"“{voice}”", style="Quotation")
        self._ask(say(made, "reflects"), say(made, "scale_means"))
        self._add_boxes(f"reflects {number}", {rating: rating for rating in RATINGS}, f"{number}. {concept.name}")
        self._ask(say(made, "should_change"))
        self.add_field(f"change {number}", f"{number}. {say(made, 'should_change')}")

    def add_other(self, concept: Concept, _level: int) -> None:
        add_paragraph(self._document, concept.definition, lead=f"{concept.name}.")

    def _tell(self, text: str, lead: str = "") -> None:
        add_paragraph(self._document, text, lead=lead, keep=True)

    def _ask(self, question: str, means: str = "") -> None:
        add_paragraph(self._document, means, lead=question, style="Question", keep=True)

    def _add_quotation(self, quotation: Quotation) -> None:
        made, number = self._made, quotation.number
        place = caption(made, quotation)
        add_quotation(self._document, f"“{quotation.text}”", place, quotation.before, quotation.after)
        if not made.decides:
            return
        add_paragraph(self._document, say(made, "may_we", number=number), style="Choice", keep=True)
        named = say(made, "quotation", number=number)
        self._add_boxes(f"quotation {number}", {choice: say(made, choice) for choice in CHOICES}, named)
        asks = say(made, "new_words", number=number)
        add_paragraph(self._document, asks, style="Choice", keep=True)
        self.add_field(f"words {number}", asks, style="Words")

    def _add_boxes(self, key: str, choices: dict[str, str], title: str) -> None:
        """A box for each choice. No-break spaces keep a box beside its word."""
        line = add_paragraph(self._document, "", style="Choice")
        for position, (value, text) in enumerate(choices.items()):
            if position:
                line.add_run(_APART)
            self._controls.add_box(line, box(key, value), f"{title}: {text}")
            line.add_run(f"\u00a0{text}")

    def add_field(self, key: str, title: str, style: str = "Field") -> None:
        """A field in a paragraph of its own, so that what is typed beside it is still known to be its answer."""
        line = add_paragraph(self._document, "", style=style)
        # The brackets and the pen tell the placeholder from an answer where a program forgets which of them it is.
        self._controls.add_field(line, key, title, f"[✎ {say(self._made, 'field')}]")
