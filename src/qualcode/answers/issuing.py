"""Freezing packets: a copy of what is sent, in a folder by its day, with a manifest of what each file was."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Problems, failure
from ..files import read_rows, write_text
from .model import Asked, Issued

MANIFEST = "manifest.csv"
# The files of a packet by their endings; each is a column of the manifest, with its sha256.
FILES = ("docx", "html", "json")
# How folders begin that hold what is half written; one stays behind where a run is killed.
_HALF = ".issuing-"
_BODY = "word/document.xml"
_AGAIN = "Run `make results` again."


@dataclass(frozen=True)
class Finished:
    """A packet as the step packets made it: what it asks, and the bytes of its files by their endings."""

    asked: Asked
    files: Mapping[str, bytes]


def read_finished(folder: Path, participant: str, return_code: str, problems: Problems) -> Finished | None:
    """A packet of `folder`, if all its files are there and bear its return code; else `problems` says why not."""
    files: dict[str, bytes] = {}
    for suffix in FILES:
        path = folder / f"{participant}.{suffix}"
        if path.is_file():
            files[suffix] = path.read_bytes()
        else:
            problems.add(path, "", "the file is not there", _AGAIN)
    if len(files) < len(FILES):
        return None
    asked = Asked.read(files["json"])
    fits = {
        "json": asked is not None and (asked.participant, asked.return_code) == (participant, return_code),
        "docx": return_code in _body(files["docx"]),
        "html": return_code in files["html"].decode("utf-8", errors="replace"),
    }
    for suffix in (suffix for suffix in FILES if not (return_code and fits[suffix])):
        problems.add(
            folder / f"{participant}.{suffix}", "", "the file is damaged, or does not bear the packet's code", _AGAIN
        )
    return Finished(asked, files) if asked and return_code and all(fits.values()) else None


def _body(docx: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as archive:
            return archive.read(_BODY).decode("utf-8")
    except (zipfile.BadZipFile, KeyError, ValueError):
        return ""


def freeze(issued: Path, day: str, packets: Sequence[Finished], work: Path) -> list[Issued]:
    """Write packets and their manifest into `issued`/<day>, or <day>-2 …, whole or not at all.

    `work` is a folder on the same disk where what is half written is met by no step.
    """
    names = [day, *(f"{day}-{number}" for number in range(2, 2 + _count(issued)))]
    target = next(issued / name for name in names if not (issued / name).exists())
    with tempfile.TemporaryDirectory(dir=work, prefix=_HALF) as beside:
        whole = Path(beside) / target.name
        whole.mkdir()
        for packet in packets:
            for suffix in FILES:
                (whole / f"{packet.asked.participant}.{suffix}").write_bytes(packet.files[suffix])
        write_text(whole / MANIFEST, _manifest(packets))
        issued.mkdir(parents=True, exist_ok=True)
        whole.rename(target)
    return [Issued(item.asked, day, target / f"{item.asked.participant}.json") for item in packets]


def half_written(work: Path) -> list[Path]:
    """The folders in `work` that killed runs left behind, with packets in them."""
    return sorted(path for path in work.glob(f"{_HALF}*") if path.is_dir() and not path.is_symlink())


def _count(folder: Path) -> int:
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def _manifest(packets: Sequence[Finished]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("participant", "return_code", *FILES))
    for packet in packets:
        digests = [hashlib.sha256(packet.files[suffix]).hexdigest() for suffix in FILES]
        writer.writerow((packet.asked.participant, packet.asked.return_code, *digests))
    return text.getvalue()


def frozen(item: Issued) -> dict[str, bytes]:
    """The files of a packet that was issued, by their endings. Raises QualcodeError where one is not as it was."""
    listed = read_rows(item.path.parent / MANIFEST)[1]
    row = next((row.cells for row in listed if row.cells.get("return_code") == item.return_code), {})
    files: dict[str, bytes] = {}
    problems = Problems()
    for suffix in FILES:
        path = item.path.with_suffix(f".{suffix}")
        files[suffix] = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(files[suffix]).hexdigest() != row.get(suffix):
            problems.add(path, "", "the file is gone, or not as it was issued", "Put it back as it was (a backup).")
    problems.stop()
    return files


def check_day(issued: Path, day: str) -> None:
    """Raise QualcodeError where packets were issued after that day: what was sent is known by the order of days."""
    later = sorted(path.name for path in issued.glob("[0-9]*") if path.name[:10] > day)
    if later:
        wrong = f"packets were issued after that day (found {day}; the last: {later[-1][:10]})"
        raise failure("", "--date", wrong, "Give the day on which they are sent.")
