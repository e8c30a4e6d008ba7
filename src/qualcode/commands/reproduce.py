"""Make a study's results again from its inputs, and tell file by file what is identical and what differs and why.

Every step runs in a fresh folder with empty caches; the results that are there are only read. What differs of the
inputs, settings, versions and models is named, and each file that is not the same.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..codebook import load_codebook
from ..console import say, speak_for
from ..errors import Problems, QualcodeError, failure
from ..provenance import INPUTS, RECORD, made, made_from
from ..steps import STEPS
from ..study import Study, load_study
from .reproduce_archive import reproduce_archive
from .reproducing import (
    cleaning_up,
    compare_files,
    compare_inputs,
    compare_versions,
    finish,
    hashes_in,
    read_record,
    run_steps,
    tell,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "study", type=Path, help="the study's folder, or an archive that `qualcode package` made (.zip)"
    )
    parser.add_argument("--results", type=Path, help="the results to compare with (default: results/<study>)")
    parser.add_argument(
        "--keep", type=Path, help="an empty folder where what is made again stays: it holds people's words"
    )
    parser.epilog = (
        "The exit code is 0 where everything is identical, 1 where something is not, 2 where the command is wrong.\n\n"
        "Examples:\n  qualcode reproduce data/my-study\n  qualcode reproduce my-study-package.zip"
    )


def run(args: argparse.Namespace) -> None:
    with cleaning_up(), _fresh(args.keep) as folder:
        if args.study.suffix.lower() == ".zip":
            reproduce_archive(args.study, folder)
            return
        study = load_study(args.study)
        speak_for(study.folder.resolve().name, "reproduce")
        reproduce(study, args.results or Path("results") / study.folder.resolve().name, folder, STEPS)


def reproduce(study: Study, results: Path, folder: Path, steps: tuple[str, ...]) -> None:
    """Make results again in `folder`. Raises QualcodeError that names all that is not the same."""
    record = read_record(results / RECORD)
    problems = Problems()
    now = made_from(study, load_codebook(study.codebook), tuple(record["settings"]))
    compare_inputs(record, now, problems)
    versions = compare_versions(record, now)
    again = folder / "results" / study.folder.resolve().name
    try:
        run_steps(steps, copy_inputs(study, folder), again, folder)
    except QualcodeError as error:
        # What differs may be why.
        problems.extend(error)
        finish(problems, versions)
    names = hashes_in(record)
    outcome = list(compare_files(names, results, again, made(again), problems))
    for name in made(results):
        if name not in names:
            problems.add(name, "", wrong := "is among the results, and the record does not name it")
            outcome.append((name, wrong))
    tell(outcome)
    finish(problems, versions)
    if not versions.found and (results / RECORD).read_bytes() != (again / RECORD).read_bytes():
        raise failure(RECORD, "", "the record was changed after it was made")


def copy_inputs(study: Study, folder: Path) -> Path:
    """Copy all that people wrote to `folder`, laid out as it was; gives the study's folder there."""
    target = folder / "data" / study.folder.resolve().name
    for path in study.files(*INPUTS):
        if path.is_relative_to(study.folder):
            place = target / path.relative_to(study.folder)
        elif path.is_absolute():
            continue  # study.yaml names it by its whole path: it is found where it is
        else:
            place = folder / path
        if not place.resolve().is_relative_to(folder.resolve()):
            do = "Put it into the study's folder or into codebooks/."
            raise failure(path, "", "this lies outside of the study and of codebooks/", do)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return target


@contextmanager
def _fresh(keep: Path | None) -> Iterator[Path]:
    """An empty folder: one that is named and stays, or one that is deleted afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="qualcode-") as name:
            yield Path(name).resolve()
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise failure(keep, "", "this is no empty folder", "Name a new one.")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()
    say(f"{keep}: here is what was made again; of a study it holds people's words")
