"""Write the report: one page with the results, what is still open and every file made, and the record of its making."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import __version__, tables
from ..codebook import Codebook, load_codebook
from ..console import add_study, counted_words, say
from ..files import write_text
from ..quoting import Speech, columns, exemplars, records
from ..study import Study, load_study, settings_of
from ..tables import RELEASES, TABLES
from ..typed import Finding, findings, gone
from .compared import compared
from .made import FIGURES, files, input_name, provenance
from .sections import (
    answers,
    coverage,
    flattened,
    identifiers,
    in_vivo,
    meetings,
    methods,
    packets,
    summary,
    undecided,
)
from .suggested import card
from .themes import emergent

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
# More people than this are not listed one by one.
MOST_LISTED = 30
# The tables that the page is made from; some of the others hold a row for each coding and level, or for each phrase.
READ = (
    "utterances",
    "participants",
    "attributes",
    "import_report",
    "identifiers",
    "open_codes",
    "open_code_utterances",
    "coders",
    "decisions",
    "unplaced",
    "coverage_by",
    "in_vivo_codes",
    "codebook_changes",
    "paradigm",
    "themes",
    "theme_members",
    "theme_choice",
    "theme_stability",
    "themes_by",
    "theme_hierarchy",
    "theme_codes",
    "theme_standing",
    "theme_quotations",
    "codes_without_themes",
    "frequencies",
    "sample",
    "saturation",
    "agreement",
    "rule_quality",
    "rule_quality_by",
    "suggestions",
    "suggestion_quality",
    "suggestion_quality_by",
    "suggestion_calibration",
    "suggestion_learning",
    "packets",
)


def render(context: Mapping[str, Any]) -> str:
    """The page, everything in it escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["thousands"] = lambda number: f"{int(number):,}"
    environment.filters["decimals"] = lambda number, places: f"{tables.round_half_up(number, places) + 0.0:.{places}f}"
    environment.globals["counted_words"] = counted_words
    return environment.get_template("report.html.j2").render(context)


def gather(study: Study, codebook: Codebook, results: Path, typed: Sequence[Finding]) -> dict[str, Any]:
    """All that the page shows, `typed` being what is theirs to mend in what people typed.

    A step that has not been run leaves an empty table.
    """
    missing = {name for name in READ if not (results / TABLES[name].file).exists()}
    read = {name: tables.frame(name, []) if name in missing else tables.read(results, name) for name in READ}
    participants, codings, frequencies = read["participants"], read["open_codes"], read["frequencies"]
    pseudonyms = dict(columns(participants, "participant", "pseudonym"))
    speech = Speech.of(study, read["utterances"], participants, codings)
    shown, waiting = exemplars(codings, speech, pseudonyms)
    made, refused = packets(read["packets"], pseudonyms)
    listed = {
        name: records(read[name])
        for name in (
            "frequencies",
            "sample",
            "participants",
            "saturation",
            "unplaced",
            "import_report",
            "codebook_changes",
            "paradigm",
        )
    }
    guide = {item["id"]: item["text"] for item in study.settings["guide"]}
    code_names = {code.code: code.name for code in codebook.codes}
    figures = {name: about for name, about in FIGURES.items() if (results / "figures" / f"{name}.svg").exists()}
    return {
        "version": __version__,
        "title": study.settings["title"],
        "codebook": codebook,
        "language": _language(study.settings["language"]),
        "summary": summary(study, read),
        "methods": methods(study),
        "questions": answers(study, codebook, frequencies),
        "people": int((participants["role"] == "participant").sum()),
        "sources": len(study.sources),
        "frequencies": listed["frequencies"],
        "exemplars": shown,
        "waiting": waiting,
        "figures": figures,
        "sample": listed["sample"],
        "participants": listed["participants"] if len(participants) <= MOST_LISTED else [],
        "emergent": emergent(read, codebook, speech, pseudonyms, guide, results),
        "saturation": listed["saturation"],
        "agreement": compared(read, study.settings["unit"], code_names),
        "suggestions": card(study, codebook, read),
        "code_names": code_names,
        "unplaced": listed["unplaced"],
        "meetings": meetings(read["decisions"]),
        "undecided": undecided(codings, read["open_code_utterances"], codebook),
        "coverage": coverage(read["coverage_by"]),
        "in_vivo": in_vivo(read["in_vivo_codes"]),
        "changes": listed["codebook_changes"],
        "paradigm": listed["paradigm"],
        "identifiers": identifiers(read["identifiers"], study),
        "packets": made,
        "without_packet": refused,
        "typed": [{"file": input_name(item.path, study), "place": item.place, "told": item.told} for item in typed],
        "import_report": listed["import_report"],
        "settings": flattened(
            settings_of(study, *(key for key in SETTINGS if key not in ("title", "questions", "guide")))
        ),
        "releases": RELEASES,
        "files": files(results),
        "missing": missing,
    }


def _language(model: str) -> str:
    """The language tag of people's words: en_core_web_sm is `en`, blank:de is `de`; '' where it is not one language."""
    tag = re.split(r"[_:]", model.removeprefix("blank:"))[0]
    return tag if re.fullmatch(r"[a-z]{2,3}", tag) and tag != "xx" else ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    folder = args.results / "report"
    typed = findings(study, gone(study), study.files("study", "codebook", "memos"))
    if typed:
        say(f"{counted_words(len(typed), 'place')} in what people typed hold names, or words of people who withdrew:")
        say(f"see `qualcode check {args.study}`, or {folder / 'index.html'}")
    record = json.dumps(
        provenance(study, codebook, args.results, SETTINGS), indent=2, sort_keys=True, ensure_ascii=False
    )
    page = render(gather(study, codebook, args.results, typed))
    write_text(folder / "provenance.json", record + "\n")
    write_text(folder / "index.html", page)
