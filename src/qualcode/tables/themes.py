"""Emergent themes."""

from __future__ import annotations

from .columns import CODE, NAME, PARTICIPANT, THEME, UTTERANCE, Table, boolean, integer, number, text

# What becomes of an utterance: theme_members.note says it.
FITS_NONE, MOVED, REPEATS = "fits no theme", "moved to the nearest theme", "repeats another's wording"
# Cautions of a theme.
UNSTABLE, ONE_PERSON, NAMED = "unstable", "one person's topic", "named, not found"
# How a theme stands to the codebook.
ADOPTED, COVERED, SPREAD, NEW = "adopted", "covered", "spread", "new"
# How a quotation stands for its theme.
TYPICAL, FITS_BADLY = "typical", "fits badly"

TABLES = (
    Table(
        "themes",
        "themes",
        "working",
        "Emergent themes that the machine proposes. They are offered, never imposed.",
        (
            THEME,
            text("label", "a few words for it, as people say them"),
            text("topic", "the study's topic that it holds most of (guided and zero-shot; empty: none)"),
            text("terms", "leading terms by c-TF-IDF over lemmas and phrases, joined by `; `"),
            text("terms_by_meaning", "terms nearest to what its central utterances mean (KeyBERT-inspired)"),
            text("terms_diverse", "of these, terms that differ from one another (maximal marginal relevance)"),
            integer("utterances", "utterances in the theme, repeated wordings included"),
            integer("of_utterances", "utterances that tell something"),
            integer("participants", "people in the theme"),
            integer("of_participants", "people in these utterances"),
            integer("sources", "sources in the theme"),
            integer("of_sources", "sources in these utterances"),
            integer("groups", "focus groups in the theme"),
            integer("of_groups", "focus groups in these utterances"),
            number("stability", "mean Jaccard similarity to the nearest cluster over bootstraps (Hennig 2007)"),
            number("cohesion", "mean cosine similarity of its utterances to its centre"),
            number("largest_share", "share of its utterances by the person who speaks most in it (no person known: 0)"),
            text("note", f"cautions, joined by `; `: {ONE_PERSON}, {UNSTABLE}, {NAMED} (empty: none)"),
        ),
        ("theme",),
    ),
    Table(
        "theme_members",
        "themes",
        "shareable",
        "Which utterance belongs to which theme, and what was moved: take `fitted` for `theme` to undo it.",
        (
            UTTERANCE,
            integer("theme", "number of the theme; 0: fits none"),
            integer("fitted", "the theme that the clustering gave, before what fits none was left out or moved"),
            number("similarity", "cosine similarity of what it says by itself to the centre of the fitted theme"),
            text("repeats", "id of the utterance whose wording it repeats (empty: none)"),
            text("note", f"{FITS_NONE}; {MOVED}; {REPEATS} (empty: as fitted)", FITS_NONE, MOVED, REPEATS, ""),
        ),
        ("utterance",),
    ),
    Table(
        "theme_choice",
        "themes",
        "shareable",
        "What speaks for each number of themes, and which was chosen.",
        (
            integer("number", "how many themes"),
            number("stability", "mean adjusted Rand index (Hubert & Arabie 1985) to the themes of bootstraps"),
            number("chance_stability", "the same for points without themes that are spread alike", optional=True),
            number("coherence", "mean NPMI of leading words within utterances (Lau et al. 2014)", optional=True),
            number("chance_coherence", "the same for themes of the same sizes dealt out at random", optional=True),
            number("largest_share", "share of the utterances in the largest theme"),
            number("score", "stability and coherence, each less that of chance, added", optional=True),
            boolean("chosen", "whether it was chosen"),
            text("note", "why it was not to be chosen, or who chose it (empty: neither)"),
        ),
        ("number",),
    ),
    Table(
        "theme_stability",
        "themes",
        "shareable",
        "How the themes were made and how well they hold.",
        (
            text("what", "the figure"),
            text("value", "its value"),
            text("note", "what it means"),
        ),
        ("what",),
    ),
    Table(
        "themes_by",
        "themes",
        "working",
        "Themes by person, guide question, source and attribute, sources in the order of their dates.",
        (
            text("attribute", "participant, question, source, or the name of an attribute of people or sources"),
            text("value", "its value"),
            THEME,
            integer("utterances", "utterances of the theme with this value"),
            integer("of_utterances", "utterances with this value that tell something"),
            number("percent", "utterances in % of of_utterances, halves rounded up", decimals=1),
            integer("participants", "people with the theme among those with this value"),
            integer("of_participants", "people with this value"),
            text("terms", "leading terms of the theme as it is spoken of here (BERTopic's topics per class)"),
        ),
        ("attribute", "value", "theme"),
    ),
    Table(
        "theme_hierarchy",
        "themes",
        "working",
        "Which themes are alike: the two nearest are joined, then the next, up to one (Ward 1963).",
        (
            integer("merge", "number of the joining; beyond the themes' numbers, so that later ones can name it"),
            integer("left", "a theme, or an earlier joining"),
            integer("right", "the other"),
            number("distance", "how far apart they are"),
            integer("utterances", "utterances in both together"),
            text("terms", "leading terms of both together"),
        ),
        ("merge",),
    ),
    Table(
        "theme_codes",
        "theme_codes",
        "shareable",
        "Themes set against the codebook.",
        (
            THEME,
            CODE,
            number("overlap", "share of the theme's utterances that carry a counted coding on the code or below it"),
            number("similarity", "cosine similarity of the theme's centre to the code's name and definition"),
            number("novelty", "1 minus the largest overlap of the theme with any code of the first level"),
        ),
        ("theme", "code"),
    ),
    Table(
        "theme_standing",
        "theme_codes",
        "shareable",
        "How each theme stands to the codebook.",
        (
            THEME,
            text(
                "status",
                f"{ADOPTED}: a code was made of it; {COVERED}: half of it or more carries one code; {SPREAD}: half of "
                f"it or more carries codes, but no single one; {NEW}: less carries any",
                ADOPTED,
                COVERED,
                SPREAD,
                NEW,
            ),
            text("code", "the code that was made of it, else the one that most of its utterances carry (empty: none)"),
            number("overlap", "share of the theme's utterances that carry this code"),
            text("similar_code", "the code whose name and definition are nearest in meaning"),
            number("similarity", "cosine similarity to it"),
            number("novelty", "share of the theme's utterances that carry no code"),
        ),
        ("theme",),
    ),
    Table(
        "codes_without_themes",
        "theme_codes",
        "shareable",
        "Codes that no theme gathers: on less than a tenth of every theme, and less than a third of theirs in any.",
        (
            CODE,
            NAME,
            integer("utterances", "utterances with a counted coding on the code or below it"),
            integer("in_themes", "of these, utterances in a theme"),
            integer("theme", "the theme with most of them (0: none)"),
            number("share", "share of the code's utterances in this theme"),
        ),
        ("code",),
    ),
    Table(
        "theme_quotations",
        "theme_codes",
        "working",
        "Utterances that stand for a theme, from different people first, and one that fits it badly; only of people "
        "who may be quoted.",
        (
            THEME,
            text("kind", f"{TYPICAL} or {FITS_BADLY}", TYPICAL, FITS_BADLY),
            integer("rank", "1 is the most typical"),
            UTTERANCE,
            PARTICIPANT,
            number("similarity", "cosine similarity to the theme's centre"),
            text("quotation", "the words"),
        ),
        ("theme", "kind", "rank"),
    ),
)
