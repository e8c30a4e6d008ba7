"""What goes into the paper and to the participants."""

from __future__ import annotations

from .columns import CODE, LEVEL, NAME, PARENT, PATH, Table, boolean, integer, number, text

FREQUENCIES = (
    integer("participants", "people with at least one counted coding on the code or below it"),
    integer("of_participants", "people who spoke or answered"),
    number("participants_percent", "participants in % of of_participants, halves rounded up", decimals=1),
    integer("utterances", "utterances with such a coding"),
    integer("codings", "counted codings on the code and below it"),
    integer("own_codings", "counted codings on the code itself"),
    integer("sources", "sources with such a coding"),
    integer("of_sources", "sources of the study"),
)


TABLES = (
    Table(
        "frequencies",
        "frequencies",
        "shareable",
        "How many people, utterances and sources speak of each code.",
        (LEVEL, CODE, NAME, text("definition", "definition of the code"), PARENT, PATH, *FREQUENCIES),
        ("code",),
    ),
    Table(
        "frequencies_by",
        "frequencies",
        "shareable",
        "The same, within each value of each attribute; sources and guide questions are attributes too.",
        (text("attribute", "the attribute"), text("value", "its value"), LEVEL, CODE, NAME, *FREQUENCIES),
        ("attribute", "value", "code"),
    ),
    Table(
        "sample",
        "frequencies",
        "shareable",
        "The make-up of the sample.",
        (
            text("attribute", "the attribute"),
            text("value", "its value"),
            integer("participants", "people with that value"),
            integer("of_participants", "people of whom the attribute is known"),
            number("participants_percent", "in % of of_participants, halves rounded up", decimals=1),
        ),
        ("attribute", "value"),
    ),
    Table(
        "saturation",
        "saturation",
        "shareable",
        "New codes per source in the order of the study, and per tenth of the talk.",
        (
            text("scope", "source or tenth", "source", "tenth"),
            integer("position", "which one, counted from 1"),
            text("source", "id of the source (empty: all of them)"),
            integer("codings", "counted codings there"),
            integer("codes", "different codes there"),
            integer("new_codes", "codes not met before"),
            integer("codes_so_far", "different codes up to here"),
        ),
        ("scope", "position"),
    ),
    Table(
        "packets",
        "packets",
        "working",
        "Who gets a member-checking packet, and who does not and why.",
        (
            text("participant", "id of the person"),
            boolean("made", "whether there is a packet"),
            text("reason", "why not"),
            integer("concepts", "main concepts in it"),
            integer("quotations", "the participant's own quotations in it"),
        ),
        ("participant",),
        folder="packets/",
    ),
)
