"""The tables and settings of a study folder, read and checked as far as they go without its transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import Problems, QualcodeError
from ..files import Row, check_document, check_rows, read_rows, schema, with_defaults
from ..hiding import Entry, Hider
from ..yaml_files import read_yaml
from .model import DEVICE, ROLE_LABEL, WITHDRAWN, Participant, Redaction, Source, composed, files_in, label_key, slug

SURVEY_SUFFIXES = {".csv", ".xlsx"}


def read_settings(folder: Path, problems: Problems) -> tuple[dict[str, Any], Path]:
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


def read_sources(folder: Path, problems: Problems) -> list[Source]:
    transcripts = folder / "transcripts"
    there: dict[str, Path] = {}
    for path in files_in(transcripts):
        # macOS writes é as e and an accent of its own: the same name for people, another one for Linux.
        if (twin := there.setdefault(composed(path.relative_to(transcripts).as_posix()), path)) != path:
            wrong = f"there are two files of this name, whose accents are written differently ({path.parent.name}/)"
            problems.add(twin, "", wrong, "Rename one, or take it away.")
    path = folder / "sources.csv"
    if not path.exists():
        if not there:
            problems.add(transcripts, "", "there are no transcripts", "Put at least one file there.")
        return [_unlisted(file) for file in there.values()]
    rows = _rows(path, "sources", problems)
    ids = [row.cells.get("source", "") for row in rows]
    _unique(ids, path, "source", "source", problems, rows)
    _check_file_names(ids, path, "source", problems, rows)
    _unique([composed(row.cells.get("file", "")) for row in rows], path, "file", "file", problems, rows)
    sources = []
    for row in rows:
        cells = row.cells
        file = cells.get("file", "")
        if file and composed(file) not in there:
            do = "Put it there, or delete the row. Earlier results still hold its words."
            problems.add(path, f"row {row.number}", f"the file '{file}' is not in {transcripts}", do)
        sources.append(
            Source(
                cells.get("source", ""),
                there.get(composed(file), transcripts / file),
                cells.get("kind", ""),
                cells.get("id_column", ""),
                _list(cells.get("text_columns", "")),
                cells.get("speaker_column", ""),
                _list(cells.get("not_labels", "")),
                cells.get("date", ""),
                cells.get("minutes", ""),
                cells.get("audited_by", ""),
                cells.get("audited_at", ""),
                {key: value for key, value in cells.items() if key not in schema("sources")["properties"]},
            )
        )
    for name in sorted(set(there) - {composed(row.cells.get("file", "")) for row in rows}):
        problems.add(path, "", f"the transcript '{name}' is not listed", "Add a row for it, or take the file away.")
    return sources


def _unlisted(path: Path) -> Source:
    """A source for a file of a study without sources.csv."""
    kind = "survey" if path.suffix.lower() in SURVEY_SUFFIXES else "focus_group"
    return Source(slug(path.stem), path, kind)


def read_participants(folder: Path, sources: set[str], problems: Problems) -> list[Participant]:
    path = folder / "participants.csv"
    if not path.exists():
        return []
    participants = []
    rows = _rows(path, "participants", problems)
    ids = [row.cells.get("participant", "") for row in rows]
    _unique(ids, path, "participant", "participant", problems, rows)
    _check_file_names(ids, path, "participant", problems, rows)
    owners: dict[tuple[str, str], str] = {}
    for row in rows:
        cells = row.cells
        key = cells.get("participant", "")
        labels = _list(cells.get("labels", "")) or (key,)
        source = cells.get("source", "")
        if source and source not in sources:
            problems.add(path, f"row {row.number}", f"there is no source '{source}'", "Mend the id.")
        for label in labels:
            if (other := owners.setdefault((source, label_key(label)), key)) != key:
                do = "Give each its own label, or name the source where the label holds."
                problems.add(path, f"row {row.number}", f"the label '{label}' belongs to '{other}' too", do)
        names, pseudonym = _list(cells.get("names", "")), cells.get("pseudonym", "")
        status = cells.get("status", "") or "active"
        if status == "withdrawn":
            # Nothing of theirs may be found any more, their pseudonym in a memo or a quotation included.
            names, pseudonym = (*names, *filter(None, [pseudonym])), WITHDRAWN
        participants.append(
            Participant(
                key,
                cells.get("role", ""),
                source,
                labels,
                names,
                pseudonym or key,
                status,
                cells.get("quote_consent", "") or "yes",
                {name: value for name, value in cells.items() if name not in schema("participants")["properties"]},
                leads=cells.get("role") == "moderator",
                row=row.number,
            )
        )
    listed = Hider(Entry(name, "", person=person.participant) for person in participants for name in person.names)
    labelled: dict[str, list[Participant]] = {}
    for person in participants:
        for label in _told_labels(person):
            labelled.setdefault(label, []).append(person)
    for row, person in zip(rows, participants, strict=True):
        met = listed.apply(person.pseudonym, doubtful=True).counts
        if owner := next((listed.entries[number].person for number in met), ""):
            wrong = f"the pseudonym '{person.pseudonym}' holds a name of '{owner}'"
            problems.add(path, f"row {row.number}", wrong, "Choose another.")
        namesakes = [p for p in labelled.get(label_key(person.pseudonym), []) if p is not person]
        if namesakes and person.status != "withdrawn":
            wrong = f"the pseudonym '{person.pseudonym}' is the label of '{namesakes[0].participant}'"
            problems.add(path, f"row {row.number}", wrong, "Choose another: one would be taken for the other.")
    pseudonyms = ["" if person.status == "withdrawn" else person.pseudonym for person in participants]
    _unique(pseudonyms, path, "pseudonym", "pseudonym", problems, rows)
    return participants


def _told_labels(person: Participant) -> set[str]:
    """The labels of a person that say who it is, unless they go on by them."""
    told = (label for label in person.labels if label != person.pseudonym and not ROLE_LABEL.fullmatch(label))
    return set(map(label_key, told))


def read_redactions(folder: Path, problems: Problems) -> list[Redaction]:
    path = folder / "redactions.csv"
    if not path.exists():
        return []
    rows = _rows(path, "redactions", problems)
    _unique([row.cells.get("text", "") for row in rows], path, "text", "text", problems, rows)
    columns = ("text", "replacement", "kind", "decision", "by", "at")
    return [
        Redaction(place=f"redactions.csv row {row.number}", **{name: row.cells.get(name, "") for name in columns})
        for row in rows
    ]


def _rows(path: Path, name: str, problems: Problems) -> list[Row]:
    try:
        header, rows = read_rows(path)
    except QualcodeError as error:
        problems.extend(error)
        return []
    check_rows(header, rows, name, path, problems)
    # Nothing to hide is a list too; without sources there is no study.
    if not rows and name != "redactions":
        problems.add(path, "", "there are no rows below the header")
    return rows


def _check_file_names(values: list[str], path: Path, column: str, problems: Problems, rows: list[Row]) -> None:
    """Ids become names of files, on every system."""
    for row, value in zip(rows, values, strict=True):
        if DEVICE.fullmatch(value):
            wrong = f"'{value}' is the name of a device on Windows, and no file can be called so"
            problems.add(path, f"row {row.number}, {column}", wrong, "Choose another id.")


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


def _list(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(";") if item.strip())
