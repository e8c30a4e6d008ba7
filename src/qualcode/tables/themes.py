"""Emergent themes."""

from __future__ import annotations

from .columns import CODE, THEME, UTTERANCE, Table, integer, number, text

TABLES = (
    Table(
        "themes",
        "themes",
        "working",
        "Emergent themes that the machine proposes. They are offered, never imposed.",
        (
            THEME,
            text("label", "the leading terms"),
            text("terms", "ten leading terms by c-TF-IDF, joined by `; `"),
            integer("utterances", "usable utterances in the theme"),
            integer("participants", "people in the theme"),
            integer("sources", "sources in the theme"),
            number("stability", "mean Jaccard similarity to the nearest cluster over bootstraps (Hennig 2007)"),
            text("note", "a caution, such as one person's topic"),
            text("quotation", "the utterance nearest to the theme's centre that may be quoted (empty: none)"),
            text("utterance", "its id"),
        ),
        ("theme",),
    ),
    Table(
        "theme_members",
        "themes",
        "shareable",
        "Which utterance belongs to which theme.",
        (UTTERANCE, THEME, number("similarity", "cosine similarity to the theme's centre")),
        ("utterance",),
    ),
    Table(
        "theme_stability",
        "themes",
        "shareable",
        "How the themes were made and how well they hold.",
        (text("what", "the figure"), text("value", "its value"), text("note", "what it means")),
        ("what",),
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
)
