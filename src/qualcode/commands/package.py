"""Make one archive for reviewers: what may be shared, the codebook, the decisions and what counts can be made from.

It holds no transcripts, no names, and nothing that the study calls confidential, but a row for each person, utterance
and coding, by id. `qualcode reproduce` counts again from it. The same results give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import tables
from ..checked import Checked
from ..codebook import load_codebook
from ..documents.archive import save_archive
from ..errors import Problems, failure
from ..files import sha256, write_text
from ..provenance import RECORD, described, inputs, made_from, shown_inputs
from ..quoting import covered_words
from ..study import Study, load_study, slug
from .package_counted import told_attributes, write_codebooks, write_counted, write_stub
from .package_record import (
    PROVENANCE,
    all_packages,
    gathered,
    told,
    why_left_out,
    write_crate,
    write_manifest,
    write_readme,
)
from .package_search import holds_names
from .reproducing import cleaning_up, compare_inputs, compare_versions, hashes_in, read_record, zipped

LOCK = "requirements.lock"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# Its texts stand beside the figures that may go out; those of the others hold words.
_FIGURES = "figures/figures.csv"
_CHANGES = "codebook_changes.csv"
_NO_ROWS = (
    "counted/ is not here, because the study suppresses small figures (`smallest_cell`) and rows would tell them."
)
_NO_ATTRIBUTES = (
    "Tables by group cannot be counted again: attributes are left out, as the study suppresses small figures."
)
_NO_CODEBOOK = "counted/ is not here, because the codebook is confidential."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/my-study")
    parser.add_argument("--results", type=Path, help="its results (default: results/<study>)")
    parser.add_argument("--to", type=Path, help="the archive (default: <study>-package.zip)")
    parser.add_argument("--paper", action="store_true", help="also what quotes people who agreed to be quoted")
    parser.add_argument(
        "--rows", action="store_true", help="rows of single persons even where the study suppresses small figures"
    )
    parser.epilog = (
        "Examples:\n  qualcode package data/my-study\n  qualcode package data/my-study --to review.zip --paper"
    )


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    name = study.folder.resolve().name
    results, target = args.results or Path("results") / name, args.to or Path(f"{name}-package.zip")
    if target.suffix.lower() != ".zip":
        raise failure(target, "", "an archive's name ends in .zip", "Name it so.")
    record = read_record(results / RECORD)
    others = _check(study, results, record)
    with cleaning_up(), tempfile.TemporaryDirectory(prefix="qualcode-") as made:
        folder = Path(made)
        left_out = fill(study, results, record, folder, paper=args.paper, rows=args.rows)
        save_archive(zipped(folder), target)
        numbers = {kind: sum(path.is_file() for path in (folder / kind).rglob("*")) for kind in _parts(folder)}
    but = ", but rows of single persons" * ("counted" in numbers)
    print(f"{target}: {told(numbers)}. It holds no transcripts and no names{but}: see README.txt.")
    for line in gathered(left_out):
        print(f"left out: {line}")
    for other in others.found:
        print(f"not as the results were made: {other}")
    print(f"sha256 of the archive: {sha256(target)}")


def _parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def _check(study: Study, results: Path, record: Mapping[str, Any]) -> Problems:
    """Raise QualcodeError where results are not those of the record, or not of the study as it is.

    Gives the versions that are others now.
    """
    problems, now = Problems(), made_from(study, load_codebook(study.codebook), tuple(record["settings"]))
    compare_inputs(record, now, problems)
    for name, digest in hashes_in(record).items():
        if not (results / name).is_file() or sha256(results / name) != digest:
            problems.add(results / name, "", "was changed after it was made, or is missing")
    if problems.found:
        problems.add(results, "", "an archive is made of results that are up to date", "Run `make results` first.")
    problems.stop()
    return compare_versions(record, now)


def fill(
    study: Study, results: Path, record: Mapping[str, Any], folder: Path, *, paper: bool = False, rows: bool = False
) -> dict[str, str]:
    """Lay all that the archive holds into an empty folder; gives what was left out of the results, and why."""
    left_out: dict[str, str] = {}
    about = _copy_results(study, results, record, folder, paper, left_out)
    suppressed = bool(study.settings["frequencies"]["smallest_cell"])
    lacking = _NO_CODEBOOK if study.is_confidential(study.codebook) else _NO_ROWS if suppressed and not rows else ""
    stub = folder / "study" / slug(study.folder.resolve().name)
    if lacking != _NO_CODEBOOK:
        utterances, people = tables.read(results, "utterances"), tables.read(results, "participants")
        silent = set(people.loc[people["quote_consent"] != "yes", "participant"])
        spoken = list(utterances.loc[utterances["participant"].isin(silent), "text"])
        answers = Checked.of(tables.read(results, "member_checks"))
        taken = [words for _, words in covered_words(answers, utterances)]
        known = write_codebooks(study, [*spoken, *taken], stub)
        write_stub(study, told_attributes(study, results), stub)
        if not lacking:
            write_counted(study, results, known, folder / "counted")
            if not (folder / "counted" / tables.TABLES["decisions"].file).exists():
                left_out["decisions.csv"] = (
                    "codings, or earlier codebooks, are confidential: agreement cannot be counted again"
                )
    title = study.settings["title"]
    write_text(folder / PROVENANCE, _json(_told_record(study, record)))
    write_text(folder / "packages.txt", "".join(f"{name}=={number}\n" for name, number in all_packages().items()))
    if (lock := Path(__file__).parents[3] / LOCK).is_file():
        shutil.copyfile(lock, folder / LOCK)
    for name in [name for name in left_out if (folder / "counted" / name).is_file()]:
        del left_out[name]
    counted = lacking or (_NO_ATTRIBUTES if suppressed else "")
    write_readme(folder, title, left_out, counted, paper)
    write_crate(folder, title, record, about, _last_date(study, results))
    write_manifest(folder)
    return left_out


def _copy_results(
    study: Study, results: Path, record: Mapping[str, Any], folder: Path, paper: bool, left_out: dict[str, str]
) -> dict[str, str]:
    """Copy the results that may go out; gives what each is by its name in the archive."""
    classes = ("shareable", "paper") if paper else ("shareable",)
    form, suppressed = study.settings["frequencies"]["form"], bool(study.settings["frequencies"]["smallest_cell"])
    about = {}
    for name in sorted(hashes_in(record)):
        release, what = described(name, results, form, suppressed)
        if release not in classes:
            left_out[name] = why_left_out(release)
        elif why := _may_not(study, results, name):
            left_out[name] = why
        else:
            place = folder / "results" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(results / name, place)
            about[f"results/{name}"] = what
    return about


def _may_not(study: Study, results: Path, name: str) -> str:
    """Why a file that may be shared stays out of the archive all the same; '' if it need not."""
    if name == _FIGURES:
        return "it describes figures that hold words too; what the others show stands beside them"
    if name == _CHANGES and any(study.is_confidential(path) for path in study.files("codebook", "history")):
        return "it tells of versions of the codebook that are confidential"
    if name.endswith(".csv") and _attributes_in(results / name) & set(study.settings["confidential"]["attributes"]):
        return "it tells of an attribute that is confidential"
    if holds_names(results / name, study):
        return "a name that is to be hidden stands in it"
    return ""


def _attributes_in(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return {row.get("attribute", "") for row in csv.DictReader(handle)} - {""}


def _told_record(study: Study, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record without what tells of confidential files and attributes."""
    told = dict(zip(inputs(study), shown_inputs(study), strict=True))
    files = {Path(name).name for name in told if told[name] != name}
    coders = record["decided"]["coders"]
    shown = {
        who: {**what, "files": {name: number for name, number in what["files"].items() if name not in files}}
        for who, what in coders.items()
    }
    attributes = study.settings["confidential"]["attributes"]
    settings = {key: value for key, value in record["settings"].items() if key not in ("confidential", "identifiers")}
    frequencies = settings["frequencies"]
    settings["frequencies"] = {**frequencies, "by": [name for name in frequencies["by"] if name not in attributes]}
    return {
        **record,
        "inputs": {told.get(name, name): digest for name, digest in record["inputs"].items()},
        "settings": settings,
        "decided": {**record["decided"], "coders": shown},
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _last_date(study: Study, results: Path) -> str:
    """The last day that the study knows of, '' if it knows none: no archive tells when it was made."""
    days = [source.date for source in study.sources] + [source.audited_at for source in study.sources]
    days += [item.at for item in study.redactions] + [version[:10] for version in study.history]
    days += list(tables.read(results, "decisions")["at"])
    return max((day[:10] for day in days if _DAY.match(day)), default="")
