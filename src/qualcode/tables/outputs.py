"""What goes into the paper and to the participants."""

from __future__ import annotations

from .columns import CODE, LEVEL, NAME, PARENT, PATH, Column, Table, boolean, integer, number, text


def _figures(optional: bool) -> tuple[Column, ...]:
    """The figures of a code; `optional` where they may be suppressed."""
    return (
        integer("participants", "people with at least one counted coding on the code or below it", optional),
        integer("of_participants", "people who spoke or answered", optional),
        integer("of_present", "people who were there, whether they said something or not", optional),
        number(
            "participants_percent",
            "participants in % of of_participants, or of of_present (`frequencies: of`), halves rounded up",
            decimals=1,
            optional=optional,
        ),
        number("percent_low", "lower end of Wilson's interval (empty unless `frequencies: interval`)", 1, True),
        number("percent_high", "upper end", 1, True),
        integer("utterances", "utterances with such a coding", optional),
        integer("codings", "counted codings on the code and below it", optional),
        integer("own_codings", "counted codings on the code itself", optional),
        integer("sources", "sources with such a coding, without what was added in member checks", optional),
        integer("of_sources", "sources of the study, or of the group, without the same", optional),
    )


TABLES = (
    Table(
        "frequencies",
        "frequencies",
        "shareable",
        "How many people, utterances and sources speak of each code.",
        (
            *(LEVEL, CODE, NAME, text("definition", "definition of the code"), PARENT, PATH, *_figures(False)),
            integer(
                "rated", "people who rated it in a member check (empty: none, or kept back: `smallest_cell`)", True
            ),
            integer("disagree", "of them, people who say that it does not reflect their experience (1 or 2)", True),
        ),
        ("code",),
    ),
    Table(
        "frequencies_by",
        "frequencies",
        "shareable",
        "The same, within each value of each attribute; sources and guide questions are attributes too. With "
        "`frequencies: smallest_cell`, figures of fewer people are empty, and so are others from which they could be "
        "computed; codings and own_codings are then empty throughout, because they add up over the codes.",
        (
            text("attribute", "the attribute"),
            text("value", "its value"),
            LEVEL,
            CODE,
            NAME,
            *_figures(True),
            number("row_percent", "participants in % of all people with the code", decimals=1, optional=True),
            boolean("suppressed", "whether the figures are left out"),
        ),
        ("attribute", "value", "code"),
    ),
    Table(
        "sample",
        "frequencies",
        "shareable",
        "The make-up of the sample: people who spoke or answered.",
        (
            text("attribute", "the attribute"),
            text("value", "its value"),
            integer("participants", "people with that value", optional=True),
            integer("of_participants", "people of whom the attribute is known"),
            number("participants_percent", "in % of of_participants, halves rounded up", decimals=1, optional=True),
            boolean("suppressed", "whether the figures are left out (`frequencies: smallest_cell`)"),
        ),
        ("attribute", "value"),
    ),
    Table(
        "cases",
        "frequencies",
        "working",
        "Who speaks of which code, for statistics programs: a row for each person, and each document without people.",
        (
            text("participant", "id of the person (empty: a document)"),
            text("source", "id of the document (empty: a person)"),
        ),
        ("participant", "source"),
        further="first one column per attribute (`participant: x` where x is the name of another column), then one per "
        "code in the codebook's order: 1 if the code or one below it has a counted coding there, else 0",
    ),
    Table(
        "cooccurrences",
        "frequencies",
        "shareable",
        "Pairs of codes in the same utterances, on the codes or below them, of which neither is above the other. With "
        "`frequencies: smallest_cell`, pairs of fewer people are left out.",
        (
            text("code_a", "id of the code that stands first in the codebook"),
            text("code_b", "id of the other"),
            integer("utterances", "utterances with both"),
            integer("of_utterances", "utterances with either"),
            number("jaccard", "utterances / of_utterances (Jaccard 1901)"),
            integer("participants", "people who have both in one utterance"),
        ),
        ("code_a", "code_b"),
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
        "new_information",
        "saturation",
        "shareable",
        "Whether new codes had run out (Guest, Namey & Chen 2020), over random orders and in the order of the study. "
        "Row 0 of each scope has the sentence for the paper; there is no other row where it cannot be computed.",
        (
            text(
                "scope",
                "what is counted one after the other: sources, participants, or tenths of the one talk",
                "source",
                "participant",
                "tenth",
            ),
            integer("position", "after how many of them; 0: what came out"),
            integer("units", "how many there are"),
            integer("orders", "orders that were tried (0: only the given one, or not computable)"),
            integer("new_codes", "in the given order: codes met here first (participants: empty)", optional=True),
            integer("codes_so_far", "in the given order: different codes up to here", optional=True),
            integer("run_codes", "in the given order: codes met first in the run after this position", optional=True),
            number("run_percent", "these in % of the codes of the base", decimals=1, optional=True),
            integer("codes_median", "different codes up to here, median of the orders", optional=True),
            integer("codes_low", "their 5th percentile", optional=True),
            integer("codes_high", "their 95th percentile", optional=True),
            number("run_median", "% of new codes in the run after this position, median", decimals=1, optional=True),
            number("run_low", "its 5th percentile", decimals=1, optional=True),
            number("run_high", "its 95th percentile (empty: the base had no codes)", decimals=1, optional=True),
            number("reached_percent", "% of the orders that had reached saturation by here", decimals=1, optional=True),
            text("sentence", "row 0: what came out, or why it cannot be computed, as a sentence"),
            text("note", "row 0: what to bear in mind"),
        ),
        ("scope", "position"),
    ),
    Table(
        "figures",
        "figures",
        "working",
        "Every figure: each is figures/<figure>.svg, .png, .pdf, and .txt with the words of `alt`. Those of working "
        "figures name themes in people's words, or tell of single persons.",
        (
            text("figure", "name of its files"),
            text("title", "its title"),
            text("alt", "what it shows, for who cannot see it"),
            text("release", "who may see it: working or shareable", "working", "shareable"),
        ),
        ("figure",),
        folder="figures/",
    ),
    Table(
        "packets",
        "packets",
        "working",
        "Who gets a member-checking packet, and who does not and why; drafts are told apart.",
        (
            text("participant", "id of the person"),
            boolean("made", "whether there is a packet"),
            text("reason", "why not"),
            boolean("draft", "whether it is a draft (`member_checks: drafts`), not to be sent; reason says why"),
            integer("concepts", "main concepts in it"),
            integer("quotations", "the participant's own quotations in it"),
            integer("others_quotations", "other people's quotations in it"),
            text("return_code", "its return code (empty: no packet)"),
            text("issued", "when a packet of this return code was issued (empty: it was not)"),
            number(
                "grade",
                "reading grade of the letter or the fixed words, the higher (Kincaid et al. 1975; empty: not English)",
                1,
                True,
            ),
            text("note", "what to bear in mind before it is sent"),
        ),
        ("participant",),
        folder="packets/",
    ),
)
