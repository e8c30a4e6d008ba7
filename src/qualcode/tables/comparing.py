"""Coders compared with each other, and rules with coders."""

from __future__ import annotations

from .columns import CODE, PARTICIPANT, SOURCE, Table, boolean, integer, number, text

# In what agreement is counted.
UNITS = ("utterance", "sentence", "character")


TABLES = (
    Table(
        "agreement",
        "agreement",
        "shareable",
        "How far coders, and the rules, agree: units coded by nobody are counted.",
        (
            text("code", "id of the code, or `all` for every pair of unit and code"),
            text("coder_a", "a coder; all of them joined by `; ` where more than two are compared at once"),
            text("coder_b", "another coder, or `rules` (empty: more than two at once)"),
            text("unit", "what is compared", *UNITS),
            text("scope", "id of the source, or `all`"),
            text("round", "round of coding (empty: all that they coded, by the codebook as it is)"),
            text(
                "codebook", "version of the codebook that the codes are those of: its date, or 12 digits of its sha256"
            ),
            integer("participants", "people whose words are compared (sources, where no one is known)"),
            integer(
                "units", "codable units that all of them finished: no moderator's, none that only signals listening"
            ),
            integer("both", "units that all of them gave the code"),
            integer("only_a", "units that only coder_a gave it (of more than two: that some gave it)"),
            integer("only_b", "units that only coder_b gave it (of more than two: 0)"),
            integer("neither", "units that none of them gave it"),
            number("prevalence", "share of all judgements that give the code, in %", decimals=1),
            number("percent", "agreement in % of units (of more than two: of pairs of coders)", decimals=1),
            number("kappa", "Cohen's kappa (Cohen 1960) of two coders; empty where it is not defined", optional=True),
            number(
                "low",
                "95 % interval of kappa (of more than two: of fleiss), by bootstrap over participants",
                optional=True,
            ),
            number("high", "its upper end (empty: fewer than 10 participants)", optional=True),
            number("alpha", "Krippendorff's alpha, nominal (Krippendorff 2011)", optional=True),
            number("alpha_low", "its 95 % interval", optional=True),
            number("alpha_high", "its upper end", optional=True),
            number("ac1", "Gwet's AC1 (Gwet 2008)", optional=True),
            number("ac1_low", "its 95 % interval", optional=True),
            number("ac1_high", "its upper end", optional=True),
            number("pabak", "prevalence-adjusted bias-adjusted kappa (Byrt, Bishop and Carlin 1993)", optional=True),
            number("fleiss", "Fleiss' kappa (Fleiss 1971) of more than two coders", optional=True),
            number(
                "unitizing_alpha", "Krippendorff's alpha for spans (Krippendorff 1995); of characters", optional=True
            ),
            text("note", "what to be careful about, and why something is empty"),
        ),
        ("code", "coder_a", "coder_b", "unit", "scope", "round"),
    ),
    Table(
        "disagreements",
        "agreement",
        "working",
        "Where two coders differ.",
        (
            text("unit", "id of the utterance, or `<utterance>.<sentence>`"),
            CODE,
            text("coder_a", "a coder"),
            text("coder_b", "another coder, or `rules`"),
            text("coded_by", "which of the two gave the code"),
            text("text", "the words"),
        ),
        ("unit", "code", "coder_a", "coder_b"),
    ),
    Table(
        "rule_quality",
        "agreement",
        "shareable",
        "What the rules of each code are worth against what people coded.",
        (
            CODE,
            text("coder", "the person"),
            integer("participants", "people whose words are compared (sources, where no one is known)"),
            integer("units", "codable units that the person finished"),
            integer("coded", "units that the person gave the code"),
            integer("found", "of these, units that its rules met too"),
            integer("missed", "of these, units that its rules did not meet"),
            integer("wrong", "units that its rules met and the person did not give the code"),
            number("precision", "found / (found + wrong); empty where the rules met nothing", optional=True),
            number("recall", "found / coded; empty where the person gave the code to nothing", optional=True),
            number("f1", "their harmonic mean", optional=True),
            number("kappa", "Cohen's kappa (Cohen 1960)", optional=True),
            number("low", "its 95 % interval by bootstrap over participants (empty: fewer than 10)", optional=True),
            number("high", "its upper end", optional=True),
            integer("sample_units", "units of a random sample that the person read"),
            number("sample_kappa", "Cohen's kappa on that sample (empty: it is not all decided)", optional=True),
            number(
                "rho", "Shaffer's rho of that sample (empty: there is none, or it is not all decided)", optional=True
            ),
            text("note", "what to be careful about, and why something is empty"),
        ),
        ("code", "coder"),
    ),
    Table(
        "rule_quality_by",
        "agreement",
        "working",
        "Whether rules fail for some people more than for others: their errors by attribute.",
        (
            CODE,
            text("coder", "the person that the rules are compared with"),
            text("attribute", "name of the attribute"),
            text("value", "its value"),
            integer("participants", "people with that value"),
            integer("units", "codable units of theirs that the person finished"),
            integer("coded", "units that the person gave the code"),
            integer("found", "of these, units that its rules met too"),
            integer("missed", "of these, units that its rules did not meet"),
            integer("wrong", "units that its rules met and the person did not give the code"),
            number("recall", "found / coded", optional=True),
            number("recall_of_others", "the same of everyone else whose value is known", optional=True),
            number("precision", "found / (found + wrong)", optional=True),
            number("precision_of_others", "the same of everyone else whose value is known", optional=True),
            boolean("fails", "whether the rules do worse for these people than chance explains"),
            text("note", "what that rests on, or why it cannot be told"),
        ),
        ("code", "coder", "attribute", "value"),
    ),
    Table(
        "rule_errors",
        "agreement",
        "working",
        "What the rules missed, and what they took wrongly, by what people coded.",
        (
            CODE,
            text("coder", "the person"),
            text("error", "missed: the person gave the code; wrong: the rules did", "missed", "wrong"),
            text("unit", "id of the utterance, or `<utterance>.<sentence>`"),
            SOURCE,
            PARTICIPANT,
            text("evidence", "what the rules met"),
            text("text", "the words"),
        ),
        ("code", "coder", "unit"),
    ),
)
