"""What `reproduce` does with a study and with an archive: steps run in a fresh folder, files and records compared."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..console import counted_words, progress
from ..errors import Problems, failure
from ..files import one_sentence, sha256

# What of a record is one value, and what it is called.
_SINGLE = {
    "study": "name of the study's folder",
    "qualcode": "qualcode's version",
    "code": "qualcode's code",
    "python": "Python",
    "system": "system",
}
_NESTED = ("packages", "inputs", "settings", "models", "codebook", "decided")
IDENTICAL = "identical"
# Hashes are told by their first characters.
_SHOWN = 12
# How much of what a failed step said is passed on.
_LINES = 12


def run_steps(steps: Sequence[str], study: Path, results: Path, folder: Path) -> None:
    """Run steps one after the other, each a process of its own in `folder`, where no cache is.

    Raises QualcodeError with what the step said, if one fails.
    """
    environment = {**os.environ, "PYTHONPATH": _absolute(os.environ.get("PYTHONPATH", ""))}
    for step in progress(list(steps), lambda step: f"step {step}"):
        command = [sys.executable, "-P", "-m", "qualcode.cli", step, str(study), "--results", str(results)]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
        if done.returncode:
            said = "\n".join(done.stderr.strip().splitlines()[-_LINES:])
            raise failure(f"step {step}", "", f"it could not be run again:\n{said}\n", "Mend that first.")


def _absolute(paths: str) -> str:
    return os.pathsep.join(str(Path(path).resolve()) for path in paths.split(os.pathsep) if path)


def read_record(path: Path, do: str = "Run `make results`.") -> dict[str, Any]:
    """A record of making (provenance.json). QualcodeError, with what to `do`, if there is none or it is damaged."""
    if not path.is_file():
        raise failure(path, "", "there is no record of what these results were made from", do)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        hashes_in(record), [record[key] for key in _SINGLE], [record[key].items() for key in _NESTED]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise failure(path, "", "the record is damaged, or of another version of qualcode", do) from None
    return record


def hashes_in(record: Mapping[str, Any]) -> dict[str, str]:
    """The hash of every file of results that a record names."""
    return {name: digest for of_class in record["results"].values() for name, digest in of_class.items()}


def compare_inputs(record: Mapping[str, Any], now: Mapping[str, Any], problems: Problems) -> None:
    """Add the inputs, settings and models that are not those of the record: results of others mean something else."""
    told = {"other": "is not what the results were made from", "gone": "is not there any more"}
    for name, wrong in _changed(record["inputs"], now["inputs"]):
        problems.add(f"input {name}", "", told.get(wrong, "was added after the results were made"))
    _compare("setting", record["settings"], now["settings"], problems)
    _compare("model", record["models"], now["models"], problems)


def compare_versions(record: Mapping[str, Any], now: Mapping[str, Any]) -> Problems:
    """What name, code, packages, Python, system are not those of the record: results may be identical all the same."""
    problems = Problems()
    for key, what in [(key, what) for key, what in _SINGLE.items() if key in now]:
        _compare(what, {"": record[key]}, {"": now[key]}, problems)
    _compare("package", record["packages"], now["packages"], problems)
    return problems


def _compare(what: str, then: Mapping[str, Any], now: Mapping[str, Any], problems: Problems) -> None:
    was, is_now = _flat(then), _flat(now)
    for name in sorted(was.keys() | is_now.keys()):
        if was.get(name) != is_now.get(name):
            made_with, found = _short(was.get(name, "nothing")), _short(is_now.get(name, "nothing"))
            problems.add(f"{what} {name}".strip(), "", f"the results were made with {made_with} (found {found})")


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(then.keys() | now.keys()):
        if name not in now:
            yield name, "gone"
        elif name not in then:
            yield name, "new"
        elif then[name] != now[name]:
            yield name, "other"


def _flat(value: Any, above: str = "") -> dict[str, Any]:
    """Nested mappings as one, keys joined by points.

    >>> _flat({"themes": {"number": 8}, "rules": "apply"})
    {'themes.number': 8, 'rules': 'apply'}
    """
    if not isinstance(value, Mapping) or not value:
        return {above.removesuffix("."): value}
    return {name: item for key, inner in value.items() for name, item in _flat(inner, f"{above}{key}.").items()}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{text[:_SHOWN]} …" if len(text) == 64 else text


def compare_files(
    names: Mapping[str, str], old: Path, new: Path, again: Collection[str], problems: Problems
) -> Iterator[tuple[str, str]]:
    """Compare files of results with what was made again, each told as (name, what came out); faults go to `problems`.

    `names` has the hashes of the record, `again` the files that are in `new`.
    """
    for name in sorted({*names, *again}):
        wrong = _wrong(name, names, old, new, again)
        if wrong:
            problems.add(name, "", wrong)
        yield name, wrong or IDENTICAL


def _wrong(name: str, names: Mapping[str, str], old: Path, new: Path, again: Collection[str]) -> str:
    if name not in names:
        return "was made now, and the record does not name it"
    if not (old / name).is_file():
        return "is missing: the record names it"
    if sha256(old / name) != names[name]:
        return "was changed after it was made: its bytes are not those of the record"
    if name not in again:
        return "was not made again"
    return "" if sha256(new / name) == names[name] else "is not the same when it is made again"


@contextmanager
def cleaning_up() -> Iterator[None]:
    """End as Ctrl-C does when this process is told to end: what is temporary holds people's words, and is deleted.

    Raises QualcodeError where the disk is full, or a file or folder cannot be read or written.
    """

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    except OSError as error:
        do = "See to its rights and to the room on the disk (TMPDIR names another place for temporary files)."
        wrong = f"this cannot be read or written ({one_sentence(error)})"
        raise failure(error.filename or tempfile.gettempdir(), "", wrong, do) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell(outcome: Sequence[tuple[str, str]]) -> None:
    """Print what came out file by file, and how many are identical."""
    for name, told in outcome:
        print(f"{name}: {told}")
    same = sum(told == IDENTICAL for _, told in outcome)
    print(f"{same:,} of {counted_words(len(outcome), 'file')} identical.")


def zipped(folder: Path) -> bytes:
    """A folder as a zip archive in memory."""
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
    return made.getvalue()


def finish(problems: Problems, versions: Problems) -> None:
    """Raise QualcodeError if anything is not the same, with the versions that may explain it; else only tell these."""
    if problems.found:
        problems.found += versions.found
    problems.stop()
    for other in versions.found:
        print(f"{other} All files are identical nevertheless.")
