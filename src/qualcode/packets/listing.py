"""Who gets a packet, who gets a draft, who gets none, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import tables
from ..console import counted_words
from ..quoting import records
from ..text import reading_grade
from .content import Material, packet
from .form_page import render_html
from .gate import UNFINISHED, UNREVIEWED, WAITS, Gate
from .letter import built_in, instructions, letter_text
from .model import Packet

if TYPE_CHECKING:
    import pandas as pd

# A letter is to be read with ease by whoever finished this grade.
MOST_GRADE = 9
# In a study of fewer people they may know of one another who said what.
FEW = 5
NO_CODING = "no counted coding covers this person's words"
NO_SURVEY = "survey respondents get none, unless study.yaml says `member_checks: {surveys: true}`"
NAMELESS = "the letter tells nobody whom to write to: study.yaml has no `member_checks: contact`"
# A packet of so many bytes fits an e-mail.
MOST_BYTES = 300_000
TRIMMED = "{shown} of {of} quotations are shown, so that it fits an e-mail (`member_checks: quotations` says how many)"
_HELD = {
    WAITS: "packets waiting for decisions on names and other identifiers",
    UNFINISHED: "packets waiting for coders to finish",
    UNREVIEWED: "packets waiting for a person to look at what rules coded",
}


@dataclass(frozen=True)
class Entry:
    """What becomes of one person's packet: what is `made` and its `page`, and the reasons why none or a draft is."""

    participant: str
    made: Packet | None
    page: str = ""
    reasons: tuple[str, ...] = ()
    issued: str = ""
    notes: tuple[str, ...] = ()

    @property
    def row(self) -> dict[str, object]:
        """The row of the table packets."""
        made = self.made
        return {
            "participant": self.participant,
            "made": made is not None,
            "reason": "; ".join(self.reasons),
            "draft": bool(made and made.draft),
            "concepts": len(made.concepts) if made else 0,
            "quotations": made.quotations if made else 0,
            "others_quotations": made.voices if made else 0,
            "return_code": made.return_code if made else "",
            "issued": self.issued,
            "grade": self.grade,
            "note": "; ".join(self.notes),
        }

    @property
    def grade(self) -> float | None:
        """The higher one of the reading grades of the letter and of the instructions; None: not in English."""
        return max((grade for _, grade in self._grades), default=None)

    @property
    def hard(self) -> list[str]:
        """What of the packet is hard to read."""
        hard = [(what, grade) for what, grade in self._grades if round(grade, 1) > MOST_GRADE]
        return [f"the {what} is hard to read (grade {grade:.1f}): shorten its sentences" for what, grade in hard]

    @cached_property
    def _grades(self) -> list[tuple[str, float]]:
        if self.made is None or self.made.language.split("-")[0].lower() != "en":
            return []
        texts = {"letter": letter_text(self.made), "wording": instructions(self.made)}
        return [(what, grade) for what, text in texts.items() if (grade := reading_grade(text)) is not None]

    @property
    def nameless(self) -> bool:
        """Whether the letter wants to tell whom to write to, and study.yaml does not."""
        made = self.made
        return made is not None and not made.contact and "{contact}" in (made.letter or built_in())


def entries(participants: pd.DataFrame, material: Material, gate: Gate, sent: pd.DataFrame) -> list[Entry]:
    """What becomes of the packet of each participant; moderators are not listed. `sent`: member_check_packets."""
    listed = records(participants[participants["role"] == "participant"])
    issued: dict[str, list[Mapping[str, Any]]] = {}
    for row in records(sent):
        issued.setdefault(row["participant"], []).append(row)
    return [
        _noted(_entry(person, material, gate), issued.get(person["participant"], ()), material) for person in listed
    ]


def _entry(person: Mapping[str, Any], material: Material, gate: Gate) -> Entry:
    participant = person["participant"]
    spoken = material.spoken.get(participant)
    if person["kind"] == "survey" and not material.settings["surveys"]:
        return Entry(participant, None, reasons=(NO_SURVEY,))
    if not spoken:
        categories = material.settings["categories"]
        reason = f"{NO_CODING}{' under `member_checks: categories`' if categories else ''}"
        return Entry(participant, None, reasons=(reason,))
    made = packet(person, material)
    reasons = tuple(gate.reasons(made, spoken))
    if reasons and not material.settings["drafts"]:
        return Entry(participant, None, reasons=reasons)
    fitting, page = _fitted(replace(made, draft="; ".join(reasons)))
    notes = (
        (TRIMMED.format(shown=fitting.quotations, of=made.quotations),) if fitting.quotations < made.quotations else ()
    )
    return Entry(participant, fitting, page, reasons, notes=notes)


def _fitted(made: Packet) -> tuple[Packet, str]:
    """The packet and its page: with fewer quotations of each concept if it were too large for an e-mail."""
    page = render_html(made)
    most = max((len(concept.quotations) for concept in made.concepts), default=0)
    while len(page.encode()) > MOST_BYTES and most > 1:
        most -= 1
        made = _trimmed(made, most)
        page = render_html(made)
    return made, page


def _trimmed(made: Packet, most: int) -> Packet:
    cut = (
        replace(concept, quotations=concept.quotations[:most], voices=concept.voices[:most])
        for concept in made.concepts
    )
    return replace(made, concepts=tuple(cut))


def _noted(entry: Entry, sent: Sequence[Mapping[str, Any]], material: Material) -> Entry:
    """With when the packet was issued, and what to bear in mind before it is."""
    if entry.made is None:
        return entry
    days = [row["issued"] for row in sent if row["return_code"] == entry.made.return_code]
    notes = list(entry.notes)
    if material.people < FEW:
        notes.append(f"few people took part ({material.people}): they may know who the others are")
    notes += entry.hard
    if entry.nameless:
        notes.append(NAMELESS)
    if sent and not days:
        notes.append(_another(sent[-1]))
    return replace(entry, issued=days[-1] if days else "", notes=tuple(notes))


def _another(sent: Mapping[str, Any]) -> str:
    """What is to be told of a packet whose person was sent another one."""
    was, own = ("answered", ", or the person's own answers changed it") if sent["answered"] else ("sent", "")
    return (
        f"a packet issued on {sent['issued']} was {was}, and this one differs (codings, codebook, letter or settings "
        f"have changed since{own}): answers to that one stay valid, so issue this one only for a second round"
    )


def table(listed: Sequence[Entry]) -> pd.DataFrame:
    """The table packets."""
    return tables.frame("packets", [entry.row for entry in listed])


def told(listed: Sequence[Entry]) -> list[str]:
    """What the log tells of the packets."""
    lines = []
    for begins, says in _HELD.items():
        if held := sum(any(reason.startswith(begins) for reason in entry.reasons) for entry in listed):
            lines.append(f"{says}: {held} (packets.csv says why)")
    made = [entry.made for entry in listed if entry.made]
    if drafts := sum(bool(item.draft) for item in made):
        lines.append(f"drafts, with DRAFT on every page and not to be sent: {drafts} of these")
    if made and made[0].people < FEW:
        lines.append(
            f"with {counted_words(made[0].people, 'person', 'people')} each may know who the others are, from concepts "
            "and counts alone: show no words of others (`member_checks: show`), leave out what tells who said it "
            "(`categories`), and ask everyone whether the others may read it"
        )
    hard = dict.fromkeys(what for entry in listed for what in entry.hard)
    lines += [f"{what} to reach {MOST_GRADE}" for what in hard]
    return lines + [NAMELESS] * any(entry.nameless for entry in listed)
