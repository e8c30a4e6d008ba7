"""Suggestions that are learned from what people coded, and how far they can be trusted."""

from __future__ import annotations

from .columns import CODE, CODING, END, PARTICIPANT, SOURCE, START, UTTERANCE, Table, boolean, integer, number, text

# What a suggestion rests on, and what becomes of it.
METHODS = ("learned", "nearest")
PROPOSED, UNCERTAIN, SECOND_LOOK = STANDING = ("proposed", "uncertain", "second look")

_CELLS = (
    integer("units", "sentences that are judged: in what people finished"),
    integer("coded", "of these, sentences that people gave the code"),
    integer("found", "of these, sentences that were suggested too"),
    integer("missed", "of these, sentences that were not"),
    integer("wrong", "sentences that were suggested and that people did not give the code"),
)

TABLES = (
    Table(
        "suggestions",
        "suggestions",
        "working",
        "Sentences that may have a code, by what people coded so far. Suggestions are not findings: people decide.",
        (
            CODING,
            UTTERANCE,
            integer("sentence", "its number within the utterance, from 1"),
            SOURCE,
            PARTICIPANT,
            START,
            END,
            text("quote", "the sentence"),
            CODE,
            text("basis", "learned: by a classifier; nearest: by the definition and examples nearest to it", *METHODS),
            number(
                "probability",
                "how probable it is that people give it the code, calibrated on transcripts held out (nearest: empty)",
                optional=True,
            ),
            number("likeness", "cosine of the most alike of what the reason names", decimals=3),
            text(
                "status",
                "proposed; uncertain: below the code's threshold, asked because it teaches; second look: in what is "
                "finished, where people did not give the code",
                *STANDING,
            ),
            text("because", "ids of the codings that are most like it, joined by `; ` (empty: the codebook alone)"),
            text("reason", "the coded passages, or the definition or example, that are most like it"),
        ),
        ("coding",),
    ),
    Table(
        "suggestion_quality",
        "suggestions",
        "shareable",
        "How good suggestions are: each sentence is judged by what was learned without its source, person or answer.",
        (
            text("code", "id of the code, or `all` for every pair of sentence and code that is learned"),
            text("basis", "what its suggestions rest on", *METHODS),
            text("held_out", "what is left out as a whole to judge it", "source", "participant", "answer", ""),
            integer("codings", "codings of people's that count"),
            integer("sources", "sources (of surveys: answers) in which they stand"),
            boolean("abstains", "whether nothing is suggested, for precision would be below what the study asks"),
            number("threshold", "probability from which on it is suggested", optional=True),
            *_CELLS,
            number("precision", "found / (found + wrong)", optional=True),
            number(
                "precision_low",
                "95 % interval by bootstrap over what is held out (empty: fewer than 10)",
                optional=True,
            ),
            number("precision_high", "its upper end", optional=True),
            number("recall", "found / coded", optional=True),
            number("recall_low", "its 95 % interval", optional=True),
            number("recall_high", "its upper end", optional=True),
            number("f1", "their harmonic mean", optional=True),
            number("f1_low", "its 95 % interval", optional=True),
            number("f1_high", "its upper end", optional=True),
            number("kappa", "Cohen's kappa (Cohen 1960) between suggestions and people", optional=True),
            number("kappa_low", "its 95 % interval", optional=True),
            number("kappa_high", "its upper end", optional=True),
            number("brier", "mean squared error of the probabilities (Brier 1950)", optional=True),
            number(
                "calibration_error",
                "mean distance of probability and share coded (Naeini 2015)",
                optional=True,
            ),
            text("people", "two coders who coded the same sentences, as the ceiling (empty: there are none)"),
            number("people_kappa", "their kappa in sentences", optional=True),
            text("note", "what to be careful about, and why something is empty"),
        ),
        ("code",),
    ),
    Table(
        "suggestion_quality_by",
        "suggestions",
        "working",
        "Whether suggestions err more about some people than about others: their errors by attribute.",
        (
            CODE,
            text("attribute", "name of the attribute"),
            text("value", "its value"),
            integer("participants", "people with that value"),
            *_CELLS,
            number("recall", "found / coded", optional=True),
            number("recall_of_others", "the same of everyone else whose value is known", optional=True),
            number("precision", "found / (found + wrong)", optional=True),
            number("precision_of_others", "the same of everyone else whose value is known", optional=True),
            boolean("fails", "whether suggestions do worse for these people than chance explains"),
            text("note", "what that rests on, or why it cannot be told"),
        ),
        ("code", "attribute", "value"),
    ),
    Table(
        "suggestion_calibration",
        "suggestions",
        "shareable",
        "Whether a probability means what it says: sentences by probability, all codes together.",
        (
            number("low", "probabilities from here", decimals=1),
            number("high", "to below here", decimals=1),
            integer("units", "pairs of sentence and code, held out"),
            number("probability", "mean probability", optional=True),
            number("coded", "share that people gave the code", optional=True),
        ),
        ("low",),
    ),
    Table(
        "suggestion_learning",
        "suggestions",
        "shareable",
        "The learning curve: how good suggestions were when less was coded, and what the next part may bring.",
        (
            text("code", "id of the code, or `all`: the mean over codes that are learned"),
            integer("step", "number of the step, in the order of the talk"),
            text("kind", "measured, or a forecast from what was measured", "measured", "forecast"),
            integer("sources", "sources (people, answers) that were learned from, on average"),
            number("share", "share of what is coded now, in %", decimals=1),
            number("codings", "codings of the code that were learned from, on average", decimals=1),
            number("kappa", "kappa on what was held out", optional=True),
            number("f1", "F1 on what was held out", optional=True),
            text("note", "what it means"),
        ),
        ("code", "step"),
    ),
)
