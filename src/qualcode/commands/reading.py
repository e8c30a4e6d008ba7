"""What commands read of the results: which studies, and rows of tables as text, without waiting for pandas."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from ..errors import Problems, failure
from ..files import grid
from ..open_codes import source_text
from ..study import Study, load_studies
from ..tables import TABLES
from ..text import SourceText, Utterance
from ..utterances import SourceTurns, canonical, read_sources
from ..yaml_files import read_yaml

CONFIG = Path("config/config.yaml")
Cells = dict[str, str]


def add_studies(parser: argparse.ArgumentParser) -> None:
    """The studies that a command looks into."""
    parser.add_argument(
        "studies", nargs="*", metavar="STUDY", help="study folders (default: those of config/config.yaml)"
    )


def studies_with(folders: Sequence[str], *tables: str) -> list[tuple[Study, Path]]:
    """(study, folder of its results) of the folders given, else of those in config/config.yaml.

    Raises QualcodeError for studies that are not sound, for every table that is not there, and where the results
    still hold words of someone who has withdrawn since.
    """
    problems = Problems()
    found = [(study, Path("results") / name) for name, study in load_studies(folders or _configured()).items()]
    for study, results in found:
        missing = [TABLES[table].file for table in tables if not (results / TABLES[table].file).exists()]
        if missing:
            wrong = f"there are no results of {study.folder} here (missing: {', '.join(missing)})"
            problems.add(results, "", wrong, "Run `make results`, in the folder that you are in now.")
        elif _holds_withdrawn(study, results):
            wrong = "someone has withdrawn since the last run, and their words are still in these results"
            problems.add(results, "", wrong, "Run `make results`.")
    problems.stop()
    return found


def _holds_withdrawn(study: Study, results: Path) -> bool:
    gone = {person.participant for person in study.participants if person.status == "withdrawn"}
    return bool(gone) and any(
        row["participant"] in gone and row["role"] != "withdrawn" for row in rows(results, "utterances")
    )


def _configured() -> list[str]:
    if not CONFIG.exists():
        do = "Name a study, e.g. data/my-study, or go to the project's folder."
        raise failure(CONFIG, "", f"there is no such file in {Path.cwd()}", do)
    document = read_yaml(CONFIG)
    named = document.get("studies") if isinstance(document, dict) else None
    if not isinstance(named, list) or not named:
        raise failure(CONFIG, "studies", "no study is named here", "Name one there, or on the command line.")
    return [str(item) for item in named]


def rows(results: Path, table: str) -> list[Cells]:
    """The rows of a table that is there, every cell as it is written."""
    lines = grid(results / TABLES[table].file)
    header = next(lines, (1, []))[1]
    return [dict(zip(header, cells, strict=True)) for _, cells in lines if cells]


def show(text: str) -> None:
    """Print, also where the reader of it (`| head`) has seen enough before the end."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Python would try to write what is left once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def called(person: str, people: Mapping[str, Cells]) -> str:
    """Someone by pseudonym and id; `people` are the rows of participants by id."""
    pseudonym = people[person]["pseudonym"] if person in people else ""
    return f"{pseudonym} ({person})" if pseudonym not in ("", person) else person


def near(named: str, known: Iterable[str]) -> str:
    """The known ids that are nearest to one that is not known, as a question; '' if none is near."""
    alike = get_close_matches(named, list(known), n=3, cutoff=0.6)
    return f"Is it {' or '.join(alike)}?" if alike else ""


def day_of(given: str) -> str:
    """The day that was given, else today, as 2026-03-02. Raises QualcodeError for what is no date."""
    try:
        return date.fromisoformat(given).isoformat() if given else date.today().isoformat()
    except ValueError:
        raise failure("", "--date", f"this is no date (found {given})", "Write it as 2026-03-02.") from None


# --- the talk as it is now -----------------------------------------------------------------------------------------


def texts(study: Study, read: Iterable[SourceTurns]) -> dict[str, SourceText]:
    """The canonical texts as a run would make them now."""
    sources = {}
    for found in read:
        text, columns = canonical(found)
        keys = ("utterance", "participant", "role", "start", "end", "question")
        spoken = [Utterance(*values) for values in zip(*(columns[key] for key in keys), strict=True)]
        sources[found.source.source] = source_text(study, found.source.source, text, spoken)
    return sources


def changed_texts(study: Study, results: Path) -> list[tuple[Path, str]]:
    """The texts of the last run that are not what the transcripts, and what is hidden in them, give now, and why."""
    found = []
    for source, text in texts(study, read_sources(study)).items():
        path = results / "texts" / f"{source}.txt"
        if not path.exists():
            found.append((path, "the text is not there"))
        elif path.read_text(encoding="utf-8") != text.text:
            found.append((path, "the transcript, or what is hidden in it, was changed since the last run"))
    return found


def check_texts(study: Study, results: Path) -> None:
    """Raise QualcodeError where the results are of other words than people read now."""
    problems = Problems()
    for path, wrong in changed_texts(study, results):
        problems.add(path, "", wrong, "Run `make results` first.")
    problems.stop()
