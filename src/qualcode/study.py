"""A study is a folder: its settings, sources, people, redactions and codings, checked as far as listings go."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import Problems, QualcodeError, failure
from .files import Row, check_document, check_rows, read_rows, read_yaml, sha256, with_defaults
from .text import Hider

SURVEY_SUFFIXES = {".csv", ".xlsx"}
CODING_SUFFIXES = {".csv", ".xlsx"}
# The lock file of where each coding stood, beside the coders' folders.
ANCHORS = "anchors.csv"
# What `authority` and the agreement table call by these words is no person.
RESERVED_CODERS = {"any", "all", "rules"}
# Labels that say what someone does in the talk and not who they are; the first group asks, the second answers.
MODERATOR_LABEL = re.compile(r"(?:interviewer|moderator|facilitator|researcher|i|q)[ _-]?[0-9]*", re.IGNORECASE)
ROLE_LABEL = re.compile(
    MODERATOR_LABEL.pattern
    + r"|(?:participant|respondent|interviewee|student|teacher|mentor|speaker|p|s|r|a)[ _-]?[0-9a-z]?[0-9]*",
    re.IGNORECASE,
)
# Files that operating systems and Word leave behind.
_LITTER = re.compile(r"\.|~\$|Thumbs\.db$|desktop\.ini$", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A file of people's words, as sources.csv lists it."""

    source: str
    path: Path
    kind: str
    id_column: str = ""
    text_columns: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Participant:
    """A person as participants.csv lists them. `labels` are what transcripts call them; `names` are hidden."""

    participant: str
    role: str = "participant"
    source: str = ""
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    pseudonym: str = ""
    status: str = "active"
    quote_consent: str = "yes"
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Redaction:
    """Words that are hidden (`redact`), or kept although they look like a name (`keep`)."""

    text: str
    replacement: str
    kind: str
    decision: str


@dataclass(frozen=True)
class Study:
    """A study folder whose tables are sound. Contents (speakers, quotations) are checked by the steps that read it."""

    folder: Path
    settings: Mapping[str, Any]
    codebook: Path
    sources: tuple[Source, ...]
    participants: tuple[Participant, ...]
    redactions: tuple[Redaction, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def coding_files(self) -> list[tuple[str, Path]]:
        """(coder, file) of every file of codings, in order of coder and name."""
        return [(path.parent.name, path) for path in _files(self.folder / "codings") if _depth(self, path) == 2]

    def files(self, *kinds: str) -> list[Path]:
        """The files people wrote, by kind: study, transcripts, people, codings, codebook."""
        groups = {
            "study": [self.folder / "study.yaml"],
            "transcripts": [source.path for source in self.sources],
            "people": [
                path
                for name in ("sources.csv", "participants.csv", "redactions.csv")
                if (path := self.folder / name).exists()
            ],
            "codings": [path for _, path in self.coding_files],
            "codebook": [self.codebook],
        }
        return [path for kind in kinds for path in groups[kind]]

    def hashes(self, *kinds: str) -> dict[str, str]:
        """sha256 of those files by path, so that a change that keeps the modification time is noticed all the same."""
        return {path.as_posix(): sha256(path) for path in self.files(*kinds)}

    def people_in(self, source: str) -> list[Participant]:
        """The people whose labels hold in a source."""
        return [person for person in self.participants if person.source in ("", source)]

    def hidden(self, source: str) -> dict[str, Redaction]:
        """What is replaced in a source, by the text replaced: names and labels of people, then redactions.csv.

        A label is hidden in the talk too ("like Teresa said"), unless it only names a role. `keep` rows win.
        """
        names = [
            Redaction(name, person.pseudonym, "name", "redact")
            for person in self.people_in(source)
            for name in (*person.names, *(label for label in person.labels if not ROLE_LABEL.fullmatch(label)))
        ]
        kept = {redaction.text for redaction in self.redactions if redaction.decision == "keep"}
        chosen = {item.text: item for item in (*names, *self.redactions)}
        return {text: item for text, item in chosen.items() if text not in kept}

    def hider(self, source: str) -> Hider:
        """What hides the names in words of a source."""
        return Hider((text, item.replacement) for text, item in self.hidden(source).items())


def load_study(folder: str | Path) -> Study:
    """Read a study folder. Raises QualcodeError that names every problem of its tables and listings."""
    folder = Path(folder)
    if not folder.is_dir():
        raise failure(
            folder, "", "there is no such study folder", "Check the path, or `studies` in config/config.yaml."
        )
    problems = Problems()
    settings, codebook = _settings(folder, problems)
    sources = _sources(folder, problems)
    participants = _participants(folder, {source.source for source in sources}, problems)
    redactions = _redactions(folder, problems)
    study = Study(folder, settings, codebook, tuple(sources), tuple(participants), tuple(redactions))
    _check_coding_files(study, problems)
    problems.stop()
    return study


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


# --- the parts -----------------------------------------------------------------------------------------------------


def _settings(folder: Path, problems: Problems) -> tuple[dict[str, Any], Path]:
    path = folder / "study.yaml"
    nowhere = folder / "codebook.yaml"
    if not path.exists():
        problems.add(path, "", "the file is missing", "`qualcode init` lays a study that runs as it is.")
        return {}, nowhere
    try:
        document = read_yaml(path)
    except QualcodeError as error:
        problems.extend(error)
        return {}, nowhere
    before = len(problems.found)
    check_document(document, "study", path, problems)
    if len(problems.found) > before:
        return {}, nowhere
    settings = with_defaults(document, "study")
    questions = [question["id"] for question in settings["questions"]]
    _unique(questions, path, "questions", "question", problems)
    _unique([item["id"] for item in settings["guide"]], path, "guide", "guide question", problems)
    for item in settings["guide"]:
        if item.get("question", "") not in ["", *questions]:
            problems.add(path, "guide", f"'{item['id']}' names an unknown question (found '{item['question']}')")
    for codebook in (folder / settings["codebook"], Path("codebooks") / settings["codebook"]):
        if codebook.is_file():
            return settings, codebook
    problems.add(
        path,
        "codebook",
        f"there is no codebook of that name in {folder} or in codebooks/ (found '{settings['codebook']}')",
        "Put the file there or mend the name.",
    )
    return settings, nowhere


def _sources(folder: Path, problems: Problems) -> list[Source]:
    transcripts = folder / "transcripts"
    there = {path.relative_to(transcripts).as_posix(): path for path in _files(transcripts)}
    path = folder / "sources.csv"
    if not path.exists():
        if not there:
            problems.add(transcripts, "", "there are no transcripts", "Put at least one file there.")
        return [_unlisted(file) for file in there.values()]
    rows = _rows(path, "sources", problems)
    _unique([row.cells.get("source", "") for row in rows], path, "source", "source", problems, rows)
    _unique([row.cells.get("file", "") for row in rows], path, "file", "file", problems, rows)
    fixed = {"source", "file", "kind", "id_column", "text_columns"}
    sources = []
    for row in rows:
        cells = row.cells
        file = cells.get("file", "")
        if file and file not in there:
            do = "Put it there, or delete the row. Earlier results still hold its words."
            problems.add(path, f"row {row.number}", f"the file '{file}' is not in {transcripts}", do)
        columns = tuple(name.strip() for name in cells.get("text_columns", "").split(";") if name.strip())
        attributes = {key: value for key, value in cells.items() if key not in fixed}
        sources.append(
            Source(
                cells.get("source", ""),
                transcripts / file,
                cells.get("kind", ""),
                cells.get("id_column", ""),
                columns,
                attributes,
            )
        )
    for name in sorted(set(there) - {row.cells.get("file", "") for row in rows}):
        problems.add(path, "", f"the transcript '{name}' is not listed", "Add a row for it, or take the file away.")
    return sources


def _check_coding_files(study: Study, problems: Problems) -> None:
    """A file of codings that is not read would be work lost in silence."""
    for path in _files(study.folder / "codings"):
        coder = path.parent.name
        if _depth(study, path) == 1 and path.name == ANCHORS:
            continue
        if _depth(study, path) != 2:
            problems.add(path, "", "this is in no coder's folder", "Put it into codings/<coder>/.")
        elif coder in RESERVED_CODERS:
            problems.add(
                path.parent, "", f"no coder can be named '{coder}': the word means something else", "Rename it."
            )
        elif path.suffix.lower() not in CODING_SUFFIXES:
            what = f"codings of {coder} in a {path.suffix} file are not read"
            problems.add(path, "", what, "Save them as csv or xlsx.")


def _depth(study: Study, path: Path) -> int:
    """How many names a path has below codings/."""
    return len(path.relative_to(study.folder / "codings").parts)


def _unlisted(path: Path) -> Source:
    """A source for a file of a study without sources.csv."""
    kind = "survey" if path.suffix.lower() in SURVEY_SUFFIXES else "focus_group"
    return Source(slug(path.stem), path, kind)


def _participants(folder: Path, sources: set[str], problems: Problems) -> list[Participant]:
    path = folder / "participants.csv"
    if not path.exists():
        return []
    fixed = {"participant", "role", "source", "labels", "names", "pseudonym", "status", "quote_consent"}
    participants = []
    rows = _rows(path, "participants", problems)
    _unique([row.cells.get("participant", "") for row in rows], path, "participant", "participant", problems, rows)
    owners: dict[tuple[str, str], str] = {}
    for row in rows:
        cells = row.cells
        key = cells.get("participant", "")
        labels = _list(cells.get("labels", "")) or (key,)
        source = cells.get("source", "")
        if source and source not in sources:
            problems.add(path, f"row {row.number}", f"there is no source '{source}'", "Mend the id.")
        for label in labels:
            if (other := owners.setdefault((source, label), key)) != key:
                do = "Give each its own label, or name the source where the label holds."
                problems.add(path, f"row {row.number}", f"the label '{label}' belongs to '{other}' too", do)
        participants.append(
            Participant(
                key,
                cells.get("role", ""),
                source,
                labels,
                _list(cells.get("names", "")),
                cells.get("pseudonym", "") or key,
                cells.get("status", "") or "active",
                cells.get("quote_consent", "") or "yes",
                {name: value for name, value in cells.items() if name not in fixed},
            )
        )
    for row, person in zip(rows, participants, strict=True):
        if owner := next((p for p in participants if p is not person and person.pseudonym in p.names), None):
            wrong = f"the pseudonym '{person.pseudonym}' is a name of '{owner.participant}'"
            problems.add(path, f"row {row.number}", wrong, "Choose another.")
    pseudonyms = [person.pseudonym for person in participants]
    _unique(pseudonyms, path, "pseudonym", "pseudonym", problems, rows)
    return participants


def _redactions(folder: Path, problems: Problems) -> list[Redaction]:
    path = folder / "redactions.csv"
    if not path.exists():
        return []
    return [
        Redaction(*(row.cells.get(key, "") for key in ("text", "replacement", "kind", "decision")))
        for row in _rows(path, "redactions", problems)
    ]


def _rows(path: Path, name: str, problems: Problems) -> list[Row]:
    try:
        header, rows = read_rows(path)
    except QualcodeError as error:
        problems.extend(error)
        return []
    check_rows(header, rows, name, path, problems)
    if not rows:
        problems.add(path, "", "there are no rows below the header")
    return rows


def _unique(
    values: list[str], path: Path, column: str, noun: str, problems: Problems, rows: list[Row] | None = None
) -> None:
    """Report values that stand twice, also in another case: some file systems cannot tell them apart."""
    seen: dict[str, int] = {}
    for position, value in enumerate(values):
        first = seen.setdefault(value.casefold(), position)
        if value and first != position:
            place = f"row {rows[position].number}, {column}" if rows else column
            where = f" in row {rows[first].number}" if rows else ""
            alike = "" if values[first] == value else f" as '{values[first]}'"
            problems.add(path, place, f"the {noun} '{value}' stands already{where}{alike}", "Give each its own.")


def _files(folder: Path) -> list[Path]:
    """Every file in a folder and below it, without what systems leave behind."""
    paths = (path for path in folder.rglob("*") if path.is_file() and not _LITTER.match(path.name))
    return sorted(paths, key=lambda path: path.as_posix())


def _list(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(";") if item.strip())


def slug(text: str) -> str:
    """An id made of a name: 'Focus group 1' becomes 'Focus-group-1'.

    >>> slug("  Ana María (2)")
    'Ana-Mar-a-2'
    """
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_") or "unnamed"
