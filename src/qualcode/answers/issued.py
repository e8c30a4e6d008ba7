"""What was sent: the packets below issued/, each in the folder of its day, held against the day's manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from ..errors import Problems, QualcodeError
from ..files import Row, read_rows, sha256
from .issuing import FILES, MANIFEST
from .model import Asked, Emptied, Issued

# The folder of a day on which packets were issued, and which of that day it is.
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:-([2-9]|[1-9]\d+))?")
_BELONGS = "An answer belongs into member_checks/ itself; only `qualcode issue-packets` writes into issued/."


def read_issued(folder: Path, files: Sequence[Path], problems: Problems) -> tuple[list[Issued], list[Emptied]]:
    """Packets that were sent, oldest first, and those whose file is gone.

    `files` are all in `folder`, which is issued/. Where a packet was issued again unchanged, the first time stands.
    """
    days: dict[tuple[str, int], list[Path]] = {}
    for path in files:
        parts = path.relative_to(folder).parts
        if len(parts) == 2 and (day := _day(parts[0])):
            days.setdefault(day, []).append(path)
        else:
            problems.add(path, "", "this is in no folder of a day on which packets were issued", _BELONGS)
    issued: dict[str, Issued] = {}
    emptied: dict[str, Emptied] = {}
    for day in sorted(days):
        for packet in _of_day(day[0], days[day], problems):
            if isinstance(packet, Issued):
                issued.setdefault(packet.return_code, packet)
            else:
                emptied.setdefault(packet.return_code, packet)
    return list(issued.values()), [packet for code, packet in emptied.items() if code not in issued]


def files_gone(issued: Iterable[Issued]) -> list[Path]:
    """The files of packets that are in issued/ no more, though their manifest names them."""
    paths = (packet.path.with_suffix(f".{suffix}") for packet in issued for suffix in FILES)
    return [path for path in paths if not path.is_file()]


def _day(name: str) -> tuple[str, int] | None:
    match = _DAY.fullmatch(name)
    try:
        return (date.fromisoformat(match[1]).isoformat(), int(match[2] or 1)) if match else None
    except ValueError:
        return None


def _of_day(day: str, files: Sequence[Path], problems: Problems) -> list[Issued | Emptied]:
    folder = files[0].parent
    path = folder / MANIFEST
    if path not in files:
        do = "Put it back: it says what was sent to whom. Or move the folder into set-aside/, if it was never sent."
        problems.add(path, "", "the manifest of these packets is missing", do)
        return []
    try:
        header, rows = read_rows(path)
    except QualcodeError as error:
        problems.extend(error)
        return []
    if missing := [name for name in ("participant", "return_code", *FILES) if name not in header]:
        problems.add(path, "row 1", f"columns are missing: {', '.join(missing)}", "Put the manifest back as it was.")
        return []
    known = {f"{row.cells['participant']}.{suffix}" for row in rows for suffix in FILES}
    for other in files:
        if other != path and other.name not in known:
            problems.add(other, "", f"{MANIFEST} does not name this file", _BELONGS)
    return [packet for row in rows if (packet := _packet(day, path, row, problems))]


def _packet(day: str, manifest: Path, row: Row, problems: Problems) -> Issued | Emptied | None:
    participant, code = row.cells["participant"], row.cells["return_code"]
    changed = [
        path
        for suffix in FILES
        if (path := manifest.parent / f"{participant}.{suffix}").is_file() and sha256(path) != row.cells[suffix]
    ]
    for path in changed:
        wrong = f"this is not the file that was issued ({MANIFEST}, row {row.number})"
        do = "If an answer was saved over it, move that into member_checks/ itself, and put the issued file back."
        problems.add(path, "", wrong, do)
    path = manifest.parent / f"{participant}.json"
    if not path.is_file():
        return Emptied(participant, code, day, manifest, row.number)
    if path in changed:
        return None
    asked = Asked.read(path.read_bytes())
    if asked is None or (asked.participant, asked.return_code) != (participant, code):
        problems.add(path, "", "this is no packet, or not the one that the manifest names", "Put it back as it was.")
        return None
    return Issued(asked, day, path)
