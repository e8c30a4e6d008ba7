"""What both kinds of office file share: characters that XML can hold, and zip archives that tell of no moment."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from ..files import replacing

# What XML 1.0 has no way to write.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text without the characters that XML cannot hold.

    >>> printable("a\\x00b\\x0bc")
    'abc'
    """
    return _ILLEGAL.sub("", text)


def save_archive(office_file: bytes, path: Path, most: int | None = None) -> None:
    """Zip an office file again: entries in one order, of one date, and not compressed.

    What compression gives depends on the zlib that Python was built with; the files are small without it. One that
    must fit an e-mail is compressed all the same if it is larger than `most` bytes.
    """
    with zipfile.ZipFile(io.BytesIO(office_file)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # Readers of the format expect the list of contents first.
    order = sorted(parts, key=lambda name: (name != "[Content_Types].xml", not name.startswith("_rels/"), name))
    large = most is not None and sum(map(len, parts.values())) > most
    kind = zipfile.ZIP_DEFLATED if large else zipfile.ZIP_STORED
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in order:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # else it tells Windows from the others
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, parts[name], kind)
