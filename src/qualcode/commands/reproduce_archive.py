"""Count again from an archive that `qualcode package` made, and from nothing else."""

from __future__ import annotations

import csv
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from .. import tables
from ..agreement import accepted_suggestions, compared_in, given_by, quality, with_suggestions
from ..agreement.comparing import Line
from ..agreement.rounds import given_in_rounds
from ..agreement.rows import rows_of
from ..axial_codes import roll_up
from ..axial_codes.paradigm import paradigm_table
from ..codebook import Codebook, load_codebook
from ..console import counted_words
from ..counting import counted
from ..errors import Problems, QualcodeError, failure
from ..files import one_sentence, open_archive, sha256
from ..measures.units import SENTENCE, codable_units
from ..provenance import described, machinery
from ..study import Study, load_study
from .package_counted import SENTENCES
from .package_record import MANIFEST, PROVENANCE, names_in
from .reproducing import IDENTICAL, compare_versions, finish, hashes_in, read_record, run_steps

# More is no archive of ours.
_MOST_BYTES = 2 * 1024**3
_MOST_FILES = 20_000
_LONGEST_NAME = 200
_ANEW = "Get the archive anew."
# What is counted again: by steps, and by the parts of steps that need no words.
_STEPS = ("frequencies", "saturation", "figures")
_AXIAL = ("axial_codes", "paradigm")
_AGREEMENT = ("agreement", "rule_quality", "rule_quality_by")
# Figures of emergent themes, all but the last.
_OF_THEMES, _OF_CODES = ("theme_", "themes_", "emergent_"), "theme_frequencies"
# Tables by group, and figures of them.
_BY_GROUP = ("frequencies_by", "sample", "rule_quality_by", "codes_by_attribute")
_CANNOT = "cannot be made again from the archive alone"


def reproduce_archive(path: Path, folder: Path) -> None:
    """Unpack an archive into an empty folder, check it, count again, and compare what went out.

    Raises QualcodeError that names each file that is damaged, changed, missing or not the same.
    """
    archive, again = folder / "archive", folder / "results"
    unpack(path, archive)
    with _told_of(archive):
        record = read_record(archive / PROVENANCE, _ANEW)
    there = [name.removeprefix("results/") for name in names_in(archive) if name.startswith("results/")]
    check(archive, there, hashes_in(record))
    print(f"{path}: sha256 {sha256(path)}; every file in it is as the archive's own record says.")
    if not (archive / "counted").is_dir():
        print("There are no rows to count again from, as README.txt says: nothing was made again.")
        return
    problems, versions = Problems(), compare_versions(record, machinery())
    try:
        with _told_of(archive):
            study = _count(archive, record["codebook"].get("version", ""), again)
    except QualcodeError as error:
        problems.extend(error)
        finish(problems, versions)
    outcome = list(_compare(there, archive / "results", again, study, problems))
    for name, told in outcome:
        print(f"{name}: {told}")
    same = sum(told == IDENTICAL for _, told in outcome)
    others = sum(told.startswith(_CANNOT) for _, told in outcome)
    print(f"{same:,} of {counted_words(len(outcome), 'file')} reproduced from the archive alone; {others:,} cannot be.")
    finish(problems, versions)


def _count(archive: Path, version: str, again: Path) -> Study:
    """Count again from what was unpacked into `archive`; gives the study as the archive has it."""
    [stub] = (path.parent for path in (archive / "study").glob("*/study.yaml"))
    study = load_study(stub)
    if not study.codebook.resolve().is_relative_to(stub.resolve()):
        raise failure(stub / "study.yaml", "", "its codebook lies outside of the archive")
    try:
        lay(archive, again)
        recount(study, version, archive / "counted" / SENTENCES, again)
    except QualcodeError:
        raise
    except Exception as error:  # rows that someone else wrote may break in many ways
        raise failure("counted/", "", f"the rows cannot be counted ({one_sentence(error)})", _ANEW) from None
    run_steps(_STEPS, stub, again, again.parent)
    return study


@contextmanager
def _told_of(archive: Path) -> Iterator[None]:
    """Tell what is wrong with a file by its name in the archive: where that was unpacked is gone afterwards."""
    try:
        yield
    except QualcodeError as error:
        places = {f"{archive}{os.sep}": "", f"{archive.parent / 'results'}{os.sep}": "counted/"}
        problems = Problems()
        for item in error.problems:
            file, wrong = item.file, item.wrong
            for place, shown in places.items():
                file, wrong = file.replace(place, shown), wrong.replace(place, shown)
            problems.add(file, item.place, wrong, _ANEW)
        raise QualcodeError(problems.found) from None


# --- what is in the archive ----------------------------------------------------------------------------------------


def unpack(path: Path, folder: Path) -> None:
    """Unpack an archive; nothing is written outside of `folder`. Raises QualcodeError for what is no such archive."""
    if not path.is_file():
        raise failure(path, "", "there is no such archive", "`qualcode package` makes one.")
    with open_archive(path) as archive:
        entries = archive.infolist()
        _check_entries(path, entries)
        for entry in entries:
            place = folder / entry.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(entry) as packed, place.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
                raise failure(path, entry.filename, f"it is damaged ({one_sentence(error)})", _ANEW) from None


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    problems, names = Problems(), [entry.filename for entry in entries]
    folders = {str(folder) for name in names for folder in PurePosixPath(name[:_LONGEST_NAME]).parents}
    for entry in entries:
        if _is_odd(entry) or entry.filename in folders:
            shown = repr(entry.filename[:_LONGEST_NAME])[1:-1]
            problems.add(path, shown, "no archive of qualcode has such an entry", "Do not use it.")
    if len({name.casefold() for name in names}) < len(names):
        problems.add(path, "", "two files in it have the same name", "Do not use it.")
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        problems.add(path, "", "it unpacks to more than any archive of qualcode does", "Do not use it.")
    uncountable = any(map(_is_counted, names)) and sum(map(_is_study, names)) != 1
    if not {MANIFEST, PROVENANCE} <= set(names) or uncountable:
        problems.add(path, "", "parts of it are missing", "`qualcode package` makes such archives.")
    problems.stop()


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is no file, or has a name that some system takes for something else than a path below."""
    name = entry.filename
    if entry.is_dir() or stat.S_ISLNK(entry.external_attr >> 16) or len(name) > _LONGEST_NAME:
        return True
    return bool({"", ".", ".."} & set(name.split("/"))) or any(char in "\\:" or ord(char) < 32 for char in name)


def _is_counted(name: str) -> bool:
    return name.startswith("counted/")


def _is_study(name: str) -> bool:
    return name.startswith("study/") and name.endswith("/study.yaml") and name.count("/") == 2


def check(archive: Path, results: list[str], hashes: dict[str, str]) -> None:
    """Raise QualcodeError that names every file that is not as the manifest says, and result that the record denies."""
    problems, there = Problems(), names_in(archive)
    lines = (archive / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}
    for name in sorted(listed.keys() | set(there) - {MANIFEST}):
        if name not in there:
            problems.add(name, "", "is missing from the archive")
        elif name not in listed:
            problems.add(name, "", f"was added to the archive: {MANIFEST} does not name it")
        elif sha256(archive / name) != listed[name]:
            problems.add(name, "", "was changed after the archive was made")
    for name in results:
        if sha256(archive / "results" / name) != hashes.get(name):
            problems.add(f"results/{name}", "", f"is not the file that {PROVENANCE} tells of")
    problems.stop()


# --- counting again ------------------------------------------------------------------------------------------------


def lay(archive: Path, results: Path) -> None:
    """Lay the rows, and those tables that are not made again, where steps look for them."""
    compared = _AGREEMENT if (archive / "counted" / tables.TABLES["decisions"].file).exists() else ()
    for table in tables.TABLES.values():
        rows, made = archive / "counted" / table.file, archive / "results" / table.file
        again = table.step in _STEPS or table.name in (*_AXIAL, *compared)
        for path in [path for path in (rows, made) if path.is_file() and not (path == made and again)]:
            (results / table.file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, results / table.file)
            tables.read(results, table.name)


def recount(study: Study, version: str, sentences: Path, results: Path) -> None:
    """Make the tables again that need no words and belong to steps that do: axial codes, the paradigm, agreement.

    `version` is that of the codebook as the study has it; the archive's has another, since it was written anew.
    """
    codebook = replace(load_codebook(study.codebook), version=version)
    tables.write(results, "axial_codes", roll_up(tables.read(results, "open_codes"), codebook))
    paradigm = paradigm_table(counted(results), tables.read(results, "relations"), codebook)
    tables.write(results, "paradigm", paradigm)
    if (results / tables.TABLES["decisions"].file).exists():
        _compare_coders(study, codebook, sentences, results)


def _compare_coders(study: Study, codebook: Codebook, sentences: Path, results: Path) -> None:
    names = ("utterances", "open_codes", "decisions", "coders", "attributes")
    utterances, open_codes, decisions, coders, attributes = (tables.read(results, name) for name in names)
    given = given_by(open_codes, decisions, coders, codebook)
    unit = study.settings["unit"]
    levels = tables.UNITS if given.groups else (unit,)
    spans = _sentences(sentences, list(utterances["utterance"])) if SENTENCE in levels else {}
    units = {level: codable_units(utterances, spans, level) for level in levels}
    ends = {str(source): int(end) for source, end in utterances.groupby("source")["end"].max().items()}
    compared = [given, *given_in_rounds(decisions, ends, study, codebook)]
    asked = accepted_suggestions(open_codes, decisions, coders)
    rows = [with_suggestions(row, asked) for of in compared for pair in compared_in(of, units) for row in rows_of(pair)]
    tables.write(results, "agreement", tables.frame("agreement", rows))
    made = quality(given, Line(unit, units[unit]), decisions, attributes, codebook)
    for name in ("rule_quality", "rule_quality_by"):
        tables.write(results, name, made[name])


def _sentences(path: Path, utterances: list[str]) -> dict[str, list[list[tuple[int, int]]]]:
    """Spans of sentences by source, a list for each utterance."""
    inside: dict[str, list[tuple[int, int]]] = {utterance: [] for utterance in utterances}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            inside[row["utterance"]].append((int(row["start"]), int(row["end"])))
    made: dict[str, list[list[tuple[int, int]]]] = {}
    for utterance, spans in inside.items():
        made.setdefault(utterance.rpartition(":")[0], []).append(spans)
    return made


# --- comparing -----------------------------------------------------------------------------------------------------


def _compare(names: list[str], old: Path, new: Path, study: Study, problems: Problems) -> Iterator[tuple[str, str]]:
    for name in names:
        wrong = ""
        if why := _cannot(name, study, new):
            yield name, f"{_CANNOT}: {why}"
            continue
        if not (new / name).is_file():
            wrong = "was not made again"
        elif sha256(new / name) != sha256(old / name):
            wrong = "is not the same when it is counted again"
        if wrong:
            problems.add(name, "", wrong)
        yield name, wrong or IDENTICAL


def _cannot(name: str, study: Study, results: Path) -> str:
    """Why a file cannot be made again without words, '' if it can."""
    stem = Path(name).stem
    if study.settings["frequencies"]["smallest_cell"] and stem.startswith(_BY_GROUP):
        return "attributes are left out, as the study suppresses small figures"
    if name.startswith("figures/"):
        of_themes = stem.startswith(_OF_THEMES) and stem != _OF_CODES
        return "it is drawn from emergent themes, which are made from words" if of_themes else ""
    if described(name, form=study.settings["frequencies"]["form"])[0] == "paper":
        return "it quotes people"
    if stem in _AGREEMENT and not (results / tables.TABLES["decisions"].file).exists():
        return "codings, or earlier codebooks, are confidential"
    table = tables.TABLES.get(stem)
    if table and (table.step in _STEPS or stem in (*_AXIAL, *_AGREEMENT)):
        return ""
    return "it is made from words, or from files that are not here"
