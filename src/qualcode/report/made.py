"""Every file that was made, and the record of its making."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..codebook import Codebook
from ..files import sha256
from ..study import Study, settings_of
from ..tables import RELEASES, TABLES, Release

# Written by the step theme_codes.
PROPOSALS = "codebook_proposals.yaml"
# All that people wrote.
INPUTS = ("study", "transcripts", "people", "codings", "codebook", "history", "memos")
FIGURES = {
    "theme_frequencies": "How many participants speak of each code.",
    "codes_by_participant": "How many utterances of each participant, or of each group, carry a code.",
    "saturation": "Different codes met so far, and codes not met before, as the talk went on.",
    "emergent_themes": "Utterances and participants of each theme that the machine proposes.",
    "theme_choice": "What speaks for each number of themes, and which was chosen.",
    "theme_tree": "Which themes are alike, with a quotation of each.",
    "themes_by_question": "Utterances of each theme by guide question, and their share.",
    "themes_by_source": "Utterances of each theme by source, in the order of dates, and their share.",
    "themes_by_attribute": "Utterances of each theme by the first attribute of participants, and their share.",
}
# Labels of themes are words of people, and so are quotations.
WORKING_FIGURES = {"emergent_themes", "theme_tree", "themes_by_question", "themes_by_source", "themes_by_attribute"}


def files(results: Path) -> dict[Release, list[dict[str, str]]]:
    """Every file made, by release class: its name, its link from the report, and what it is."""
    found: dict[Release, list[dict[str, str]]] = {release: [] for release in RELEASES}
    for path in sorted(results.rglob("*"), key=lambda path: path.relative_to(results).as_posix()):
        name = path.relative_to(results).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts) or name.startswith("report/"):
            continue
        release, about = described(name)
        found[release].append({"name": name, "link": quote(f"../{name}"), "about": about})
    return found


def described(name: str) -> tuple[Release, str]:
    """The release class of a file under results/<study>/, and what it is. What is not known is not let out."""
    path = Path(name)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    for table in TABLES.values():
        if name == table.file:
            return table.release, table.about
    if folder == "packets":
        return "participant", "A packet for one person: it goes to that person and to no one else."
    if folder == "figures":
        release: Release = "working" if path.stem in WORKING_FIGURES else "shareable"
        return release, FIGURES.get(path.stem, "A figure.")
    if folder == "texts":
        return "working", "The text of a source as it was read, names hidden: what every position counts in."
    if folder == "parses":
        return "working", "The grammar of a source, for the steps after it."
    if name == PROPOSALS:
        return "working", "Themes that the codebook does not have, as codes ready to paste into it."
    if path.suffix == ".npz":
        return "working", "What utterances mean, as vectors: the themes are made from them."
    if path.stem in TABLES:
        return TABLES[path.stem].release, f"{TABLES[path.stem].about} To print, as {path.suffix[1:]}."
    return "working", "Made by the workflow."


def provenance(study: Study, codebook: Codebook, results: Path, settings: Sequence[str]) -> dict[str, Any]:
    """What the results were made from and with. No time, no absolute path, no name of a computer or its user."""
    import platform

    hashes: dict[str, dict[str, str]] = {release: {} for release in RELEASES}
    for table in TABLES.values():
        if (results / table.file).exists():
            hashes[table.release][table.file] = sha256(results / table.file)
    inputs: dict[str, str] = {}
    for path in study.files(*INPUTS):
        name = input_name(path, study)
        # Two files may be called the same once names are hidden.
        number = sum(taken == name or taken.startswith(f"{name} (") for taken in inputs)
        inputs[f"{name} ({number + 1})" if number else name] = sha256(path)
    return {
        "qualcode": __version__,
        "python": platform.python_version(),
        "packages": packages(),
        "study": study.folder.resolve().name,
        "codebook": {"title": codebook.title, "version": codebook.version},
        "inputs": inputs,
        "settings": settings_of(study, *settings),
        "tables": hashes,
    }


def input_name(path: Path, study: Study) -> str:
    """A file by its path in the study's folder, names hidden; a codebook that lies elsewhere as codebooks/<name>."""
    if path.is_relative_to(study.folder):
        return study.everyone.hide(path.relative_to(study.folder).as_posix())
    return f"codebooks/{study.everyone.hide(path.name)}"


def packages() -> dict[str, str]:
    """Versions of the packages that qualcode declares it needs, as far as they are installed."""
    from importlib.metadata import PackageNotFoundError, requires, version

    found = {}
    for requirement in requires("qualcode") or []:
        match = re.match(r"[\w.-]+", requirement)
        if match is None or "extra ==" in requirement:
            continue
        try:
            found[match[0].lower()] = version(match[0])
        except PackageNotFoundError:
            continue
    return found
