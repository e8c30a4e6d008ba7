"""A study is a folder: its settings, sources, people, redactions and codings, checked as far as listings go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..answers import Returned
from ..answers.reach import check_reach
from ..errors import Problems, QualcodeError, failure
from ..files import line_of
from ..yaml_files import read_yaml
from .accepting import ANSWERS, unaccepted
from .listings import read_participants, read_redactions, read_settings, read_sources
from .memos import read_memo
from .model import (
    ADDED,
    ADDITIONS,
    ANCHORS,
    MEMBER_CHECKS,
    MODERATOR_LABEL,
    UNKNOWN_LABEL,
    WITHDRAWN,
    Participant,
    Redaction,
    Source,
    Study,
    files_in,
    label_key,
    slug,
)
from .telling import heard_again, recorded, settings_told, sources_by_kind

__all__ = [
    "ADDED",
    "ADDITIONS",
    "ANCHORS",
    "ANSWERS",
    "CONSENSUS",
    "MEMBER_CHECKS",
    "MODERATOR_LABEL",
    "PRINTED",
    "UNKNOWN_LABEL",
    "WITHDRAWN",
    "Participant",
    "Redaction",
    "Source",
    "Study",
    "heard_again",
    "label_key",
    "load_studies",
    "load_study",
    "read_memo",
    "recorded",
    "settings_of",
    "settings_told",
    "slug",
    "sources_by_kind",
    "unaccepted",
]

CODING_SUFFIXES = {".csv", ".xlsx", ".docx"}
# Who outranks all other coders: what they decided together.
CONSENSUS = "consensus"
# What `authority` and the agreement table call by these words is no person.
RESERVED_CODERS = {"any", "all", "rules"}
# What to do about a name in what is printed.
PRINTED = "It would be printed: take it out. If it is only a word here, redactions.csv can say keep."


def load_study(folder: str | Path) -> Study:
    """Read a study folder. Raises QualcodeError that names every problem of its tables and listings."""
    folder = Path(folder)
    if not folder.is_dir():
        raise failure(
            folder, "", "there is no such study folder", "Check the path, or `studies` in config/config.yaml."
        )
    problems = Problems()
    settings, codebook = read_settings(folder, problems)
    sources = read_sources(folder, problems)
    participants = read_participants(folder, {source.source for source in sources}, problems)
    if settings.get("moderators") == "include":
        participants = [replace(person, role="participant") for person in participants]
    redactions = read_redactions(folder, problems)
    _check_reserved(folder, sources, problems)
    returned = _returned(folder, settings, participants, problems)
    sources += _additions(folder, returned)
    study = Study(folder, settings, codebook, tuple(sources), tuple(participants), tuple(redactions), returned)
    _check_coding_files(study, problems)
    _check_file_names(study, problems)
    _check_ids(study, problems)
    _check_replacements(study, problems)
    _check_names(study, problems)
    problems.stop()
    return study


def _returned(
    folder: Path, settings: Mapping[str, Any], participants: Iterable[Participant], problems: Problems
) -> Returned:
    """What is in the folder member_checks, without what people answered who withdrew."""
    checks = folder / MEMBER_CHECKS
    if not check_reach(checks, problems) or not (files := files_in(checks)):
        return Returned()
    from ..answers.reading import read_returned

    withdrawn = [person for person in participants if person.status == "withdrawn"]
    gone = {person.participant for person in withdrawn}
    # Whom no one had listed when the packet was issued was known by the label, as an id.
    gone |= {slug(label) for person in withdrawn for label in person.labels}
    gone -= {person.participant for person in participants if person.status != "withdrawn"}
    wording = settings.get("member_checks", {}).get("wording", {})
    returned = read_returned(checks, files, settings.get("title", ""), gone, problems, wording)
    for packet in returned.emptied:
        if packet.participant not in gone:
            wrong = f"the packet of '{packet.participant}' is gone that was issued then ({packet.participant}.json)"
            problems.add(packet.path, f"row {packet.row}", wrong, "Put the file back: answers to it are read by it.")
    return returned


def _additions(folder: Path, returned: Returned) -> list[Source]:
    """What participants added in their answers, as a source; none where they added nothing."""
    given = tuple(returned.additions())
    return [Source(ADDITIONS, folder / MEMBER_CHECKS, ADDED, given=given)] if given else []


def load_studies(folders: Iterable[str]) -> dict[str, Study]:
    """Studies by name. Raises QualcodeError for the problems of all of them, and for two studies of one name."""
    problems = Problems()
    studies: dict[str, Study] = {}
    for folder in folders:
        name = Path(folder).resolve().name
        if name in studies:
            problems.add(
                "config/config.yaml",
                "studies",
                f"two studies are named '{name}'",
                "Their results would mix: rename one.",
            )
            continue
        try:
            studies[name] = load_study(folder)
        except QualcodeError as error:
            problems.extend(error)
    problems.stop()
    return studies


def settings_of(study: Study, *keys: str) -> dict[str, Any]:
    """Those settings of a study that a step depends on."""
    return {key: study.settings.get(key) for key in keys}


def _check_reserved(folder: Path, sources: Iterable[Source], problems: Problems) -> None:
    """What participants added in member checks is a source that no one lists."""
    path = folder / "sources.csv"
    for source in sources:
        if source.source.casefold() == ADDITIONS:
            wrong = f"no source can have the id '{source.source}': what participants add in member checks is called so"
            problems.add(path if path.exists() else source.path, "", wrong, "Choose another id, or rename the file.")


def _check_coding_files(study: Study, problems: Problems) -> None:
    """A file of codings that is not read would be work lost in silence."""
    for path in files_in(study.folder / "codings"):
        coder = path.parent.name
        if study.depth(path) == 1 and path.name == ANCHORS:
            continue
        if study.depth(path) != 2:
            problems.add(path, "", "this is in no coder's folder", "Put it into codings/<coder>/.")
        elif coder in RESERVED_CODERS:
            problems.add(
                path.parent, "", f"no coder can be named '{coder}': the word means something else", "Rename it."
            )
        elif path.suffix.lower() not in CODING_SUFFIXES:
            what = f"codings of {coder} in a {path.suffix} file are not read"
            problems.add(path, "", what, "Save them as csv, xlsx or docx.")


def _check_names(study: Study, problems: Problems) -> None:
    """The title and the questions are printed: a name in them would travel on."""
    path = study.folder / "study.yaml"
    found = [(place, listed) for place, text in study.printed() for listed in study.names_in(text)]
    document = read_yaml(path) if found else None
    for place, listed in found:
        where = f"line {line_of(document, place)}, {place[0]}"
        problems.add(path, where, f"a name that is to be hidden stands here ({listed})", PRINTED)


def _check_ids(study: Study, problems: Problems) -> None:
    """Ids stand in every table and name files."""
    ids = [("sources.csv", "source", source.source) for source in study.sources]
    ids += [("participants.csv", "participant", person.participant) for person in study.participants]
    ids += [(f"codings/{coder}", "coder", coder) for coder in dict(study.coding_files)]
    ids += [("", "study", study.folder.resolve().name)]
    ids += [("study.yaml", "identifiers", (study.settings.get("identifiers") or {}).get("accepted", ""))]
    for file, column, value in ids:
        # A coder may well have a participant's first name, and is no participant.
        if len(study.names_in_id(value)) > (column == "coder"):
            wrong = f"'{value}' ({column}) holds a name that is to be hidden"
            problems.add(study.folder / file, "", wrong, "It stands in every table: choose one that tells nothing.")


def _check_replacements(study: Study, problems: Problems) -> None:
    """What takes the place of a name must not bring another in."""
    listed = study.everyone
    for item in study.redactions:
        met = listed.apply(item.replacement).counts if item.decision == "redact" else ()
        if any(listed.entries[number].person and listed.entries[number].person != item.place for number in met):
            wrong = "the replacement holds a name that is to be hidden, or the pseudonym of someone who withdrew"
            problems.add(study.folder / "redactions.csv", item.place.rpartition(".csv ")[2], wrong, "Write another.")


def _check_file_names(study: Study, problems: Problems) -> None:
    """Snakemake takes braces in the name of a file for a wildcard, and knows no way to write them otherwise."""
    for path in study.files("study", "transcripts", "people", "codings", "codebook", "memos", "member_checks"):
        if re.search(r"[{}\x00-\x1f]", str(path)):
            problems.add(path, "", "the file's name, or its folder's, holds a brace or a line break", "Rename it.")
