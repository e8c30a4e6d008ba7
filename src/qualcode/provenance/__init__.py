"""Every file that was made, who may see it, and the record of its making."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..codebook import Codebook
from ..files import sha256
from ..study import Study
from ..tables import RELEASES, TABLES, Release
from .deciding import decided
from .making import (
    INPUTS,
    input_name,
    inputs,
    machinery,
    made_from,
    needed_by,
    packages,
    settings_in_force,
    shown_inputs,
    versions_of,
)

__all__ = [
    "INPUTS", "PROPOSALS", "RECORD", "described", "files", "input_name", "inputs", "machinery", "made",
    "made_from", "needed_by", "packages", "provenance", "settings_in_force", "shown_inputs", "versions_of",
]  # fmt: skip

# Written by the step theme_codes.
PROPOSALS = "codebook_proposals.yaml"
# Written by the step report, after all else.
RECORD = "report/provenance.json"
# Written by the step figures: what each shows, and who may see it.
_DRAWN = "figures/figures.csv"
# Printed tables that quote people, in the formats that do; in the form words-used they quote no one.
_QUOTING = ("frequencies.docx", "frequencies.tex", "frequencies.md")
# Where small figures are suppressed: tables that go out otherwise, and tell of single sources and persons.
_OF_FEW = ("agreement", "theme_members")
_WRITTEN: dict[str, tuple[Release, str]] = {
    "findings.docx": ("paper", "A draft of the findings, by research question, to be edited."),
    "methods.docx": ("shareable", "A draft of the methods, with the study's numbers, to be edited."),
    "coreq.docx": ("shareable", "COREQ (Tong, Sainsbury & Craig 2007), as far as the study's files answer it."),
    "srqr.docx": ("shareable", "SRQR (O'Brien et al. 2014), as far as the study's files answer it."),
}


def made(results: Path) -> list[str]:
    """Names of all files under results/<study>/ but the record itself, in order; hidden ones are left out."""
    names = (path.relative_to(results).as_posix() for path in results.rglob("*") if not path.is_dir())
    return sorted(name for name in names if name != RECORD and not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in Path(name).parts)


def files(results: Path, suppressed: bool = False) -> dict[Release, list[dict[str, str]]]:
    """Every file made, by release class: its name, its link from the report, and what it is. Without the report's."""
    found: dict[Release, list[dict[str, str]]] = {release: [] for release in RELEASES}
    for name in made(results):
        if not name.startswith("report/"):
            release, about = described(name, results, suppressed=suppressed)
            found[release].append({"name": name, "link": quote(f"../{name}"), "about": about})
    return found


def described(
    name: str, results: Path | None = None, form: str = "thematic", suppressed: bool = False
) -> tuple[Release, str]:
    """The release class of a file under results/<study>/, and what it is. What is not known is not let out.

    What a figure holds is known from `results`. `form` is that of the printed frequency table; `suppressed` says that
    the study suppresses small figures.
    """
    path = Path(name)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    for table in TABLES.values():
        if name == table.file:
            return "working" if suppressed and table.name in _OF_FEW else table.release, table.about
    if name in _WRITTEN:
        return _WRITTEN[name]
    if folder == "packets" and path.suffix == ".json":
        return (
            "working",
            "What a packet asks and of which words, for reading its answer: it stays with the researchers.",
        )
    if folder == "packets":
        return "participant", "A packet for one person: it goes to that person and to no one else."
    if folder == "figures":
        return _figure(path.stem, results)
    if folder == "texts":
        return "working", "The text of a source as it was read, names hidden: what every position counts in."
    if folder == "parses":
        return "working", "The grammar of a source, for the steps after it."
    if folder == "report":
        return "working", "A page of the report: it shows people's words."
    if name == PROPOSALS:
        return "working", "Themes that the codebook does not have, as codes ready to paste into it."
    if path.suffix == ".npz":
        return "working", "What utterances mean, as vectors: the themes are made from them."
    if path.stem in TABLES and not folder:
        table = TABLES[path.stem]
        quotes = name in _QUOTING and form == "thematic"
        return "paper" if quotes else table.release, f"{table.about} To print, as {path.suffix[1:]}."
    return "working", "Made by the workflow."


def _figure(stem: str, results: Path | None) -> tuple[Release, str]:
    """The class and title of a figure, as the step that drew it says."""
    if results and (results / _DRAWN).exists():
        with (results / _DRAWN).open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                if row["figure"] == stem:
                    return "shareable" if row["release"] == "shareable" else "working", row["title"]
    return "working", "A figure."


def provenance(study: Study, codebook: Codebook, results: Path, settings: Sequence[str] = ()) -> dict[str, Any]:
    """The record of a study's results: what they were made from and with, who decided what, and a hash of each file.

    No time, no absolute path, no name of a person, of a computer or its user. Hashes are sha256 of the bytes.
    """
    hashes: dict[str, dict[str, str]] = {release: {} for release in RELEASES}
    form, suppressed = study.settings["frequencies"]["form"], bool(study.settings["frequencies"]["smallest_cell"])
    for name in made(results):
        hashes[described(name, results, form, suppressed)[0]][name] = sha256(results / name)
    return {**made_from(study, codebook, settings), "decided": decided(study, results), "results": hashes}
