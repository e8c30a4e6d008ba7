"""Write the report: a folder of pages with the results, every passage behind them, and the record of its making."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from ..codebook import Codebook, load_codebook
from ..console import add_study, counted_words, say
from ..files import write_text
from ..provenance import input_name, provenance
from ..quoting import columns, records
from ..rated import disagreements
from ..study import ADDED, Study, load_study
from ..typed import Finding, findings, gone
from .checking import by_code, checking
from .codes import filters, page_of, tree
from .crossings import by_attribute, by_person, pairs, strongest
from .members import pages_of
from .memos import memos
from .overview import Material, language, overview
from .pages import Site, category_classes
from .passages import Behind
from .talk import Highlighter, turns

SETTINGS = (
    "title",
    "questions",
    "guide",
    "rules",
    "rules_for",
    "authority",
    "authority_for",
    "unit",
    "language",
    "embeddings",
    "themes",
    "frequencies",
    "identifiers",
    "relations",
    "in_vivo_codes",
    "suggestions",
)
HEADINGS = {
    "focus_group": "Transcript", "interview": "Transcript", "survey": "Answers", "document": "Document",
    ADDED: "Additions",
}  # fmt: skip
# Figures that have a place of their own; the others stand with the tables.
PLACED = (
    "theme_frequencies",
    "codes_by_participant",
    "code_tree",
    "saturation",
    "new_information",
    "cooccurrence_matrix",
    "cooccurrence_network",
    "agreement_by_code",
    "suggestion_learning",
    "suggestion_calibration",
    "emergent_themes",
    "theme_map",
    "theme_choice",
    "theme_tree",
    "themes_by_question",
    "themes_by_source",
    "themes_by_attribute",
)


def write_pages(
    study: Study, codebook: Codebook, results: Path, typed: Sequence[Finding], hide: Callable[[str], str]
) -> list[str]:
    """Write every page; gives the names of those that were taken away. `hide` takes names out of what people typed."""
    material = Material.of(study, results)
    read = material.read
    figures = {
        row["figure"]: row
        for row in records(read["figures"])
        if (results / "figures" / f"{row['figure']}.svg").exists()
    }
    classes = category_classes(codebook)
    behind = Behind(
        read,
        codebook,
        material.speech,
        material.pseudonyms,
        columns(strongest(read["cooccurrences"]), "code_a", "code_b"),
    )
    changes = records(read["codebook_changes"])
    disagree = disagreements(material.speech.checked, study.settings["frequencies"]["smallest_cell"], codebook)
    checked = checking(study, read, material.pseudonyms, hide)
    checks = by_code(disagree, checked["requests"])
    shared = {
        "version": __version__,
        "title": study.settings["title"],
        "quoted": _quoted(study),
        "figures": figures,
        "missing": material.missing,
        "people": material.people,
        "disagreed": disagree,
    }
    site = Site(results / "report", codebook, shared)
    for name in figures:
        site.put(f"figures/{name}.svg", (results / "figures" / f"{name}.svg").read_bytes())
    themes = pages_of(read, behind, material.speech, material.pseudonyms)
    linked = {
        "group_keys": {(group.attribute, group.value): group.key for group in behind.groups},
        "themes_by_key": {theme: {row["group"].key for row in page["groups"]} for theme, page in themes.items()},
    }
    told = overview(study, codebook, material, results, typed, SETTINGS)
    site.page("index.html", "", {**told, **linked, "checking": checked})
    for theme, page in themes.items():
        heading = f"Proposed theme {theme}: {page['theme']['label']}"
        site.page(f"themes/{theme}.html", "theme.", page, heading, filters(page["groups"]))
    shown = tree(codebook, behind, classes, hide, checks)
    site.page("codebook.html", "codebook.", {"tree": shown, "changes": changes}, "Codebook")
    site.page("tables.html", "tables.", _tables(study, codebook, behind, material, figures), "Tables")
    for code in codebook.codes:
        context = page_of(code, codebook, behind, classes[code.code], hide, changes, checks)
        site.page(f"codes/{code.code}.html", "code.", context, f"Code: {code.name}", filters(context["groups"]))
    _write_transcripts(site, study, codebook, behind, material)
    links = {code.code: f"codes/{code.code}.html" for code in codebook.codes}
    written = memos(study.files("memos"), hide, lambda path: input_name(path, study), links)
    site.page("memos.html", "memos.", {"memos": written}, "Memos")
    return site.remove_stale()


def _write_transcripts(site: Site, study: Study, codebook: Codebook, behind: Behind, material: Material) -> None:
    classes = category_classes(codebook)
    spoken = dict(list(material.read["utterances"].groupby("source")))
    for source in study.sources:
        if source.source not in spoken:
            continue
        passages = [passage for passage in behind.passages if passage.source == source.source]
        highlighter = Highlighter(codebook, classes, passages, source.source, material.speech.checked)
        told = turns(spoken[source.source], highlighter, material.speech, material.pseudonyms, _guide(study))
        context = {
            "source": source,
            "turns": told,
            "unit": material.speech.units.get(source.source, "turn"),
            "counting": sum(passage.counts for passage in passages),
            "standing": sum(passage.standing and not passage.counts for passage in passages),
        }
        site.page(
            f"transcripts/{source.source}.html", "transcript.", context, f"{HEADINGS[source.kind]}: {source.source}"
        )


def _tables(
    study: Study, codebook: Codebook, behind: Behind, material: Material, figures: dict[str, Any]
) -> dict[str, Any]:
    together = material.read["cooccurrences"]
    return {
        "person": by_person(codebook, behind),
        "attributes": by_attribute(
            material.read["frequencies_by"], behind, study.settings["frequencies"]["of"], _guide(study)
        ),
        "pairs": pairs(together, codebook, behind),
        "of_pairs": len(together),
        "further": [name for name in figures if name not in PLACED and not name.startswith("talk_map_")],
    }


def _guide(study: Study) -> dict[str, str]:
    return {item["id"]: item["text"] for item in study.settings["guide"]}


def _quoted(study: Study) -> Any:
    """The attribute that tells the language of people's words; nothing where that is not known."""
    from markupsafe import Markup

    tag = language(study.settings["language"])
    return Markup(' lang="{}"').format(tag) if tag else Markup("")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    folder = args.results / "report"
    withdrawn = gone(study)
    typed = findings(study, withdrawn, study.files("study", "codebook", "memos"))
    if typed:
        say(
            f"{counted_words(len(typed), 'place')} in what people typed hold names, or words of people who withdrew or "
            "took them back:"
        )
        say(f"see `qualcode check {args.study}`, or {folder / 'index.html'}")
    stale = write_pages(study, codebook, args.results, typed, lambda text: study.everyone.hide(withdrawn.hide(text)))
    if stale:
        say(f"{counted_words(len(stale), 'page or figure', 'pages or figures')} of what is gone were removed")
    record = json.dumps(
        provenance(study, codebook, args.results, SETTINGS), indent=2, sort_keys=True, ensure_ascii=False
    )
    write_text(folder / "provenance.json", record + "\n")
