"""Empty what is kept of people's words between runs: a study's caches, its logs and Snakemake's records of it."""

from __future__ import annotations

import argparse
import binascii
import os
import shutil
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

from ..answers.issuing import half_written
from ..errors import Problems, failure
from ..study import ANCHORS, load_study
from .anchor import forget

SNAKEMAKE = Path(".snakemake")
# A file for each output that Snakemake made, named after it, with its inputs, parameters and command.
RECORDS = ("metadata", "incomplete")
# What else Snakemake keeps there and never holds anything of a study: environments, and the lock of a run. All other
# things there (logs, backups, shadows, scripts of jobs) belong to runs, which make several studies at once.
SPARED = frozenset({*RECORDS, "locks", "conda", "conda-archive", "singularity", "pip-deployments", "source_cache"})
# By this file Snakemake knows when it made a folder.
TIMESTAMP = ".snakemake_timestamp"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.add_argument(
        "--with-results", action="store_true", help="remove results/<study>/ too, whoever put there what is in it"
    )
    parser.epilog = (
        "What people wrote (data/, codebooks/) is never touched; codings/anchors.csv, which qualcode writes, loses\n"
        "what stands in no transcript any more, and packets that a killed issue-packets left half written go. Results\n"
        "that stay are made anew by the next run. Where one of these folders is a link, or leads into what people\n"
        "wrote, nothing at all is deleted.\n\n"
        "Examples:\n  qualcode purge data/my-study\n  qualcode purge data/my-study --with-results"
    )


def run(args: argparse.Namespace) -> None:
    name = args.study.resolve().name
    results, cache, logs = Path("results") / name, Path(".cache") / "qualcode" / name, Path("logs") / name
    if not name:
        raise failure(args.study, "", "this is no study's folder", "Name one, e.g. data/my-study.")
    # What is kept of a study whose folder was deleted can go all the same.
    if not (args.study / "study.yaml").is_file() and not any(
        [*map(os.path.lexists, (results, cache, logs)), *_records(results)]
    ):
        wrong = f"there is no such study, and nothing is kept of one in {Path.cwd()}"
        raise failure(args.study, "", wrong, "Check the path, and the folder that you are in.")
    if any((SNAKEMAKE / "locks").glob("*.lock")):
        do = "Wait until it is finished. If it was killed: `snakemake --unlock`, then purge again."
        raise failure(SNAKEMAKE / "locks", "", "Snakemake is at work in this folder", do)
    _check_places([cache, logs, results, SNAKEMAKE], args.study)
    folders = [cache, logs, results] if args.with_results else [cache, logs]
    removed = [(folder.as_posix(), _remove(folder)) for folder in folders]
    removed.append((f"{SNAKEMAKE}: records of {results.as_posix()}", sum(map(_remove, _records(results)))))
    removed.append((f"{SNAKEMAKE}: logs and leavings of all runs", sum(map(_remove, _leavings()))))
    removed.append((f"{results.as_posix()}: half-written files", _outdate(results)))
    removed.append((f"{args.study}: half-issued packets", sum(map(_remove, half_written(args.study)))))
    told = [f"{what}: removed ({count} file{'s' * (count != 1)})." for what, count in removed if count]
    if not told:
        told = [f"Nothing is kept of '{name}' in {Path.cwd()}: purge looks in the folder that you are in."]
    print("\n".join(told))
    if results.is_dir():
        print(f"{results.as_posix()}: kept; the next run makes all of it anew. --with-results removes it now.")
    if (anchors := args.study / "codings" / ANCHORS).exists():
        # Last: a study that is not sound can be purged of everything else.
        lost = forget(load_study(args.study))
        print(
            f"{anchors}: words that are in no transcript any more were taken out of {lost} anchor{'s' * (lost != 1)}."
        )


def _check_places(folders: list[Path], study: Path) -> None:
    """Raise QualcodeError where deleting could meet what people wrote, or what is not qualcode's.

    A folder that is a link is not followed: what else is behind it, no one here knows. One below a link (`results` on
    another disk) bears the study's name there and is the study's, unless it overlaps with what people wrote.
    """
    problems = Problems()
    written = [path.resolve() for path in (study, Path("data"), Path("codebooks"), *Path("data").glob("*"))]
    for folder in filter(os.path.lexists, folders):
        place = folder.resolve()
        if any(place.is_relative_to(path) or path.is_relative_to(place) for path in written):
            wrong = f"this leads to {place}, where what people wrote is; nothing was deleted"
            problems.add(folder, "", wrong, "Take the link away, or name the study's own folder, then purge again.")
        elif folder.is_symlink():
            wrong = f"this is a link to {place}, and purge deletes nothing behind a link; nothing was deleted"
            problems.add(folder, "", wrong, "Delete there what is of the study, take the link away, then purge again.")
    problems.stop()


def _remove(path: Path) -> int:
    """Delete a file, or a folder with all that is in it; gives the number of files."""
    if not path.is_dir() or path.is_symlink():
        there = path.exists()
        path.unlink(missing_ok=True)
        return int(there)
    count = sum(not item.is_dir() for item in path.rglob("*"))
    shutil.rmtree(path)
    return count


def _records(results: Path) -> list[Path]:
    """Snakemake's records of what it made in a folder of results."""
    return [
        path
        for kind in RECORDS
        for path in (SNAKEMAKE / kind).rglob("*")
        if path.is_file() and Path(_recorded(path.relative_to(SNAKEMAKE / kind))).is_relative_to(results)
    ]


def _recorded(record: Path) -> str:
    """The output that a record is of: its name in base64, a long one cut into folders that begin with @."""
    try:
        return urlsafe_b64decode("".join(part.removeprefix("@") for part in record.parts)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _leavings() -> Iterator[Path]:
    return (path for path in sorted(SNAKEMAKE.glob("*")) if path.name not in SPARED)


def _outdate(results: Path) -> int:
    """Make all results look older than what they are made from, now that nothing records what that was.

    Deletes the temporary files of steps that were killed, and gives their number. Links, which no step makes, are left
    as they are, and what they lead to.
    """
    made = [path for path in results.rglob("*") if not path.is_symlink()]
    half = [path for path in made if path.is_file() and path.name.startswith(".") and path.name != TIMESTAMP]
    count = sum(map(_remove, half))
    for path in filter(Path.exists, made):
        # 0 would count as no time at all.
        os.utime(path, (1, 1))
    return count
