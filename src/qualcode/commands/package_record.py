"""What tells an archive's reader what is in it: README.txt, RO-Crate metadata, the list of packages, the hashes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..console import counted_words, enumeration
from ..files import sha256, write_text
from ..provenance import needed_by, versions_of
from ..tables import RELEASES, Release

MANIFEST, README, CRATE = "manifest-sha256.txt", "README.txt", "ro-crate-metadata.json"
PROVENANCE = "provenance.json"
# RO-Crate 1.1 (Sefton et al. 2020); sha256 is schema.org's, and not among the terms of its context.
_CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
_LICENCE = "For reviewers of the study. Ask its authors before any other use."
_TYPES = {
    ".csv": "text/csv", ".json": "application/json", ".txt": "text/plain", ".lock": "text/plain",
    ".md": "text/markdown", ".tex": "application/x-tex", ".yaml": "application/yaml",
    ".svg": "image/svg+xml", ".png": "image/png", ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def names_in(folder: Path) -> list[str]:
    """All files of a folder by their paths in it, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write_manifest(folder: Path) -> None:
    """Hashes of all files, in the form that `sha256sum --check` reads."""
    lines = (f"{sha256(folder / name)}  {name}\n" for name in names_in(folder) if name != MANIFEST)
    write_text(folder / MANIFEST, "".join(lines))


def all_packages(start: str = "qualcode") -> dict[str, str]:
    """Versions of a package and of all that it needs, directly or not, as far as they are installed."""
    found: dict[str, str] = {}
    waiting = {start}
    while waiting:
        new = versions_of(sorted(waiting))
        found |= new
        waiting = {needed.replace("_", "-") for name in new for needed in needed_by(name)} - found.keys()
    return dict(sorted(found.items()))


def write_readme(folder: Path, title: str, left_out: Mapping[str, str], counted: str, paper: bool) -> None:
    """Tell what is in the archive, what was left out and why, and how to count again. `counted` says why nothing is."""
    quoted = "quotations of people who agreed to be quoted" if paper else "no quotations"
    lines = [
        title,
        "=" * len(title),
        "",
        f"An archive for reviewers, made by `qualcode package`: no transcripts, no names, {quoted}.",
        "counted/ has a row for each person, utterance and coding, by id: pass it on to no one.",
        "",
        "results/            tables, figures and documents, as they were made",
        "study/              the choices of the study, the codebook and its earlier versions, sources and people by id",
        "counted/            the rows that are counted, among them the record of decisions; an x stands for a word",
        "provenance.json     what the results were made from and with, who decided what, and the hash of every file",
        "packages.txt        versions of all packages; requirements.lock, where it is here, has their hashes",
        f"{MANIFEST} the hash of every file of this archive (sha256sum --check {MANIFEST})",
        f"{CRATE} a description for machines (RO-Crate 1.1)",
        "",
        "To count again:  qualcode reproduce <this archive>",
        *([counted] if counted else []),
        "Definitions and examples in the codebook are the researchers' text. Where they quote someone, so does study/.",
        "",
        "Left out",
        "--------",
        *gathered(left_out),
        "The study's own files (transcripts, names, redactions, codings, memos): they hold people's words and names.",
    ]
    write_text(folder / README, "\n".join(lines) + "\n")


def why_left_out(release: Release) -> str:
    """Why files of a release class are in no archive."""
    return f"{release} ({RELEASES[release]})"


def gathered(left_out: Mapping[str, str]) -> list[str]:
    """What was left out, a line for each reason: files by name, those of a folder by their number."""
    by_reason: dict[str, list[str]] = {}
    for name, why in left_out.items():
        by_reason.setdefault(why, []).append(name)
    lines = []
    for why, names in by_reason.items():
        folders = Counter(name.partition("/")[0] for name in names if "/" in name)
        alone = [name for name in names if folders[name.partition("/")[0]] < 2]
        inside = [f"{folder}/ ({number:,} files)" for folder, number in folders.items() if number > 1]
        lines.append(f"{why}: {', '.join(alone + inside)}")
    return lines


def write_crate(folder: Path, title: str, record: Mapping[str, Any], about: Mapping[str, str], date: str) -> None:
    """Write ro-crate-metadata.json for all files of a folder. `about` says what files are; `date` may be ''."""
    names = [name for name in names_in(folder) if name not in (MANIFEST, CRATE)]
    parts = [{"@id": quote(name)} for name in names]
    made = [{"@id": quote(name)} for name in names if name.startswith("results/")]
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": "Tables, figures, codebook, decisions and counted rows of a study, for reviewers. It holds no "
        "transcripts and no names.",
        **({"datePublished": date} if date else {}),
        "license": {"@id": "#licence"},
        "hasPart": parts,
        "mentions": [{"@id": "#making"}],
    }
    graph: list[dict[str, Any]] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": "#licence", "@type": "CreativeWork", "name": "Terms", "description": _LICENCE},
        {
            "@id": "#qualcode",
            "@type": "SoftwareApplication",
            "name": "qualcode",
            "version": record["qualcode"],
            "description": f"Python {record['python']}, {record['system']}; sha256 of the code: {record['code']}.",
        },
        {
            "@id": "#making",
            "@type": "CreateAction",
            "name": "Making the results",
            "instrument": {"@id": "#qualcode"},
            "result": made,
        },
        *(_file(folder, name, about.get(name, "")) for name in names),
    ]
    text = json.dumps({"@context": _CONTEXT, "@graph": graph}, indent=2, ensure_ascii=False)
    write_text(folder / CRATE, text + "\n")


def _file(folder: Path, name: str, about: str) -> dict[str, str]:
    path = folder / name
    return {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        **({"description": about} if about else {}),
        "encodingFormat": _TYPES.get(path.suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size),
        "sha256": sha256(path),
    }


def told(numbers: Mapping[str, int]) -> str:
    """How many files of each kind, as a sentence lists them."""
    return enumeration(f"{counted_words(number, 'file')} {kind}" for kind, number in numbers.items())
