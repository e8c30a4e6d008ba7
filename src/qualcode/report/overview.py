"""The first page: the results in sections, what is still open, and every file that was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import tables
from ..codebook import Codebook
from ..provenance import files, input_name
from ..quoting import Speech, columns, exemplars, records
from ..study import ADDED, Study, heard_again, settings_of, settings_told
from ..tables import RELEASES, TABLES
from ..typed import Finding
from .compared import compared
from .sections import (
    answers,
    coverage,
    identifiers,
    in_vivo,
    meetings,
    summary,
    transcripts,
    undecided,
    with_whole,
)
from .suggested import card
from .themes import emergent

if TYPE_CHECKING:
    import pandas as pd

# More people than this are not listed one by one.
MOST_LISTED = 30
# What the steps findings and methods write.
DRAFTS = ("findings.docx", "methods.docx", "coreq.docx", "srqr.docx")
# The tables that the pages are made from; some of the others hold a row for each coding and level, or for each phrase.
READ = (
    "utterances",
    "participants",
    "attributes",
    "import_report",
    "member_checks",
    "member_check_packets",
    "member_check_summary",
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
    "frequencies_by",
    "cooccurrences",
    "sample",
    "saturation",
    "new_information",
    "agreement",
    "rule_quality",
    "rule_quality_by",
    "suggestions",
    "suggestion_quality",
    "suggestion_quality_by",
    "suggestion_calibration",
    "suggestion_learning",
    "packets",
    "figures",
)


@dataclass(frozen=True)
class Material:
    """What the pages are made from. A step that has not been run leaves an empty table, named in `missing`."""

    read: Mapping[str, pd.DataFrame]
    missing: frozenset[str]
    speech: Speech
    pseudonyms: Mapping[str, str]

    @classmethod
    def of(cls, study: Study, results: Path) -> Material:
        missing = frozenset(name for name in READ if not (results / TABLES[name].file).exists())
        read = {name: tables.frame(name, []) if name in missing else tables.read(results, name) for name in READ}
        speech = Speech.of(study, read["utterances"], read["participants"], read["open_codes"], read["member_checks"])
        return cls(read, missing, speech, dict(columns(read["participants"], "participant", "pseudonym")))

    @property
    def people(self) -> int:
        return int((self.read["participants"]["role"] == "participant").sum())


def overview(
    study: Study,
    codebook: Codebook,
    material: Material,
    results: Path,
    typed: Sequence[Finding],
    keys: Sequence[str],
) -> dict[str, Any]:
    """All that the first page shows, `typed` being what is theirs to mend in what people typed.

    `keys`: the settings that are told.
    """
    read, speech, pseudonyms = material.read, material.speech, material.pseudonyms
    participants, codings = read["participants"], read["open_codes"]
    of = study.settings["frequencies"]["of"]
    shown, marked = exemplars(codings, speech, pseudonyms)
    listed = {
        name: records(read[name])
        for name in (
            "frequencies",
            "sample",
            "participants",
            "saturation",
            "unplaced",
            "import_report",
            "paradigm",
        )
    }
    guide = {item["id"]: item["text"] for item in study.settings["guide"]}
    code_names = {code.code: code.name for code in codebook.codes}
    made = files(results, bool(study.settings["frequencies"]["smallest_cell"]))
    drafts = [(file["name"], file["about"]) for of in made.values() for file in of if file["name"] in DRAFTS]
    return {
        "summary": summary(study, read),
        "methods": heard_again(study),
        "questions": answers(study, codebook, with_whole(listed["frequencies"], of)),
        "people": material.people,
        "sources": sum(source.kind != ADDED for source in study.sources),
        "frequencies": with_whole(listed["frequencies"], of),
        "of": of,
        "interval": any(row["percent_low"] == row["percent_low"] for row in listed["frequencies"]),
        "exemplars": shown,
        "declined": marked.declined,
        "waiting": marked.waiting,
        "taken_back": marked.withdrawn,
        "sample": listed["sample"],
        "participants": listed["participants"] if len(participants) <= MOST_LISTED else [],
        "emergent": emergent(read, codebook, speech, pseudonyms, guide, results),
        "saturation": listed["saturation"],
        "saturation_told": [row for row in records(read["new_information"]) if row["sentence"]],
        "transcripts": transcripts(study, read),
        "agreement": compared(read, study.settings["unit"], code_names),
        "suggestions": card(study, codebook, read),
        "code_names": code_names,
        "unplaced": listed["unplaced"],
        "meetings": meetings(read["decisions"]),
        "undecided": undecided(codings, read["open_code_utterances"], codebook),
        "coverage": coverage(read["coverage_by"]),
        "in_vivo": in_vivo(read["in_vivo_codes"]),
        "changes": len(read["codebook_changes"]),
        "paradigm": listed["paradigm"],
        "identifiers": identifiers(read["identifiers"], study),
        "read_sources": set(read["utterances"]["source"]),
        "typed": [{"file": input_name(item.path, study), "place": item.place, "told": item.told} for item in typed],
        "import_report": listed["import_report"],
        "settings": settings_told(
            settings_of(study, *(key for key in keys if key not in ("title", "questions", "guide")))
        ),
        "releases": RELEASES,
        "files": made,
        "drafts": drafts,
    }


def language(model: str) -> str:
    """The language tag of people's words: en_core_web_sm is `en`, blank:de is `de`; '' where it is not one language."""
    tag = re.split(r"[_:]", model.removeprefix("blank:"))[0]
    return tag if re.fullmatch(r"[a-z]{2,3}", tag) and tag != "xx" else ""
