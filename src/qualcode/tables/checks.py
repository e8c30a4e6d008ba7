"""What went back to participants, and what they said of it."""

from __future__ import annotations

from ..checked import EFFECTS
from .columns import CODE, NAME, PARTICIPANT, Table, boolean, integer, number, text

RETURN_CODE = text("return_code", "the return code of the packet")
# What the analysts decide on what was asked for.
DECISIONS = ("changed", "unchanged")

TABLES = (
    Table(
        "member_checks",
        "member_checks",
        "working",
        "Every answer of a participant to a packet, read against what was issued, in the order of issuing: a row for "
        "each question that was answered; of a quotation for each place where words of it stand now: its parts, and "
        "second copies of what shall not be shown.",
        (
            text("participant", "id of the person who answered"),
            RETURN_CODE,
            text("issued", "when the packet was issued (YYYY-MM-DD)"),
            text("question", "the question: `reflects 1`, `change 1`, `quotation 1.2`, or `add`"),
            text("concept", "id of the main concept as the codebook calls it now (empty: `add`)"),
            text("concept_name", "its name in the packet"),
            integer("part", "which place of the quotation, counted from 1 (no quotation: 0)"),
            text("source", "where the words stand now (empty: no quotation, or not found)"),
            integer("start", "its first character there", optional=True),
            integer("end", "character after the last", optional=True),
            text("quote", "the part as it was issued"),
            text("answer", "1 to 5, or keep, change, withdraw (empty: words alone)"),
            text(
                "words",
                "what the participant wrote, names hidden; of an amended quotation, what shall stand at this place",
            ),
            text("effect", "what the answer means", *EFFECTS),
            text("decision", "what the analysts decided on it (empty: not yet, or nothing to decide)", "", *DECISIONS),
            text("reason", "why, in their words"),
            text("by", "who decided"),
            text("at", "when"),
            text("note", "what to know of it, such as that the words are not found any more"),
        ),
        ("return_code", "question", "part"),
    ),
    Table(
        "member_check_packets",
        "member_checks",
        "working",
        "Every packet that was issued and whether its answer came back, oldest first; at the end those of people who "
        "withdrew from the study since, whose answers are not read.",
        (
            PARTICIPANT,
            RETURN_CODE,
            text("issued", "when (YYYY-MM-DD)"),
            boolean("answered", "whether an answer came back and was read"),
            integer("questions", "what it asks: ratings and quotations to decide on"),
            integer("answers", "how many of these were answered"),
            boolean("withdrew", "whether the person has withdrawn from the study since"),
        ),
        ("return_code",),
    ),
    Table(
        "member_check_summary",
        "member_checks",
        "shareable",
        "What participants said of each main concept in member checks; first of all packets together (`all`). Who was "
        "asked twice counts once as a person, by the last rating, and words that were asked about twice are one "
        "quotation, withdrawn if they ever were. "
        "People who withdrew from the study since are not counted.",
        (
            CODE,
            NAME,
            integer("asked", "people whose packet has the concept; `all`: people who were sent a packet"),
            integer("answered", "of them, people who rated it; `all`: people who answered", optional=True),
            integer("agree", "people who rated it 4 or 5; `all`: such ratings", optional=True),
            integer("neither", "people who rated it 3; `all`: such ratings", optional=True),
            integer("disagree", "people who rated it 1 or 2; `all`: such ratings", optional=True),
            number("median", "median of these ratings (empty: none)", decimals=1, optional=True),
            integer("changes_asked", "answers that say what should change", optional=True),
            integer("changed", "of these, those after which the analysts changed something", optional=True),
            integer("unchanged", "those after which they left it as it is", optional=True),
            integer("undecided", "those on which they have not decided", optional=True),
            integer("kept", "quotations that participants kept as they are", optional=True),
            integer("amended", "quotations that participants put into other words", optional=True),
            integer("waiting", "quotations that they want to change, and have not said how", optional=True),
            integer("withdrawn", "quotations that they withdrew", optional=True),
            boolean("suppressed", "whether figures are left out (`frequencies: smallest_cell`)"),
        ),
        ("code",),
    ),
)
