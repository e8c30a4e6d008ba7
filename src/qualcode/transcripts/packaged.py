"""Parts of office files (docx, odt): unpacked and parsed without trusting what the archive says of itself."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from ..errors import QualcodeError, failure
from ..files import one_sentence, open_archive

# XML that is unpacked of one file, over all its parts; pictures and sound in it are not unpacked and do not count.
XML_LIMIT = 100 * 1024 * 1024
# Memory that the parsed XML may take, estimated from its tags and attributes (measured with lxml 6.1: 123 and 223
# bytes): the shortest tag takes four bytes of the file, so that 25 MB of XML could fill 750 MB.
MEMORY_LIMIT = 140 * 1024 * 1024
_OF_TAG = 125
_OF_ATTRIBUTE = 225
_CHUNK = 64 * 1024
_DO = "Open it in the program that made it and save it again."


class Package:
    """The parts of an office file, by their names. Nothing is unpacked but the XML that is asked for.

    XML with a document type is refused, because entities are declared there: none is resolved and none fetched.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile):
        self.path = path
        self._archive = archive
        self._parts: dict[str, list[zipfile.ZipInfo]] = {}
        for item in archive.infolist():
            self._parts.setdefault(_same(item.filename), []).append(item)
        self._unpacked = 0
        self._memory = 0

    def __contains__(self, name: str) -> bool:
        return _same(name) in self._parts

    def xml(self, name: str) -> Any:
        """The root element of a part, None where the file has no part of that name.

        Raises QualcodeError where it is damaged, locked, larger than the limits or not plain XML.
        """
        from lxml import etree

        if name not in self:
            return None
        parser = None
        before = b""
        try:
            for chunk in self._chunks(name):
                if parser is None:
                    # The parser is told the encoding: what the file says of it could hide a document type from us.
                    wide = chunk.startswith((b"\xff\xfe", b"\xfe\xff"))
                    parser = etree.XMLParser(
                        encoding="utf-16" if wide else "utf-8",
                        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                    )  # fmt: skip
                if b"<!DOCTYPE" in (before + chunk).replace(b"\x00", b""):
                    wrong = f"{name} declares a document type, which no program for writing does"
                    raise failure(self.path, "", wrong, _DO)
                before = chunk[-20:]
                parser.feed(chunk)
            return parser.close() if parser else None
        except etree.XMLSyntaxError as error:
            raise self._damaged(name, error) from None

    def relations(self, name: str) -> dict[str, list[str]]:
        """What a part of a docx refers to inside the file ('' for the file itself): names of parts by kind."""
        folder, _, file = name.rpartition("/")
        root = self.xml(join(folder, "_rels", f"{file}.rels"))
        found: dict[str, list[str]] = {}
        for element in () if root is None else root:
            if element.get("TargetMode") != "External":
                target = element.get("Target") or ""
                target = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(name), target))
                found.setdefault((element.get("Type") or "").rpartition("/")[2], []).append(target)
        return found

    def _chunks(self, name: str) -> Iterator[bytes]:
        items = self._parts[_same(name)]
        if len(items) > 1:
            raise failure(self.path, "", f"the file holds {name} more than once", _DO)
        if items[0].flag_bits & 1:
            raise failure(self.path, "", "the file is locked with a password", "Save it without one.")
        if items[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise failure(self.path, "", f"{name} is packed in a way that no program for writing uses", _DO)
        try:
            with self._archive.open(items[0]) as part:
                while chunk := part.read(_CHUNK):
                    self._count(chunk)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
            raise self._damaged(name, error) from None

    def _count(self, chunk: bytes) -> None:
        self._unpacked += len(chunk)
        tags = chunk.count(b"<") - chunk.count(b"</")
        self._memory += len(chunk) + tags * _OF_TAG + chunk.count(b"=") * _OF_ATTRIBUTE
        if self._unpacked > XML_LIMIT:
            wrong = f"the file unpacks to more than {XML_LIMIT // 2**20} MB without its pictures"
            raise failure(self.path, "", wrong, "Split it, or save it as plain text.")
        if self._memory > MEMORY_LIMIT:
            wrong = "the file holds more marks of layout than 150,000 words need if each is laid out by itself"
            raise failure(self.path, "", wrong, "Split it, or save it as plain text.")

    def _damaged(self, name: str, error: Exception) -> QualcodeError:
        return failure(self.path, "", f"the file is damaged: {name} cannot be read ({one_sentence(error)})", _DO)


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """An office file whose parts can be read. Raises QualcodeError where it is none, empty, locked or damaged."""
    with open_archive(path) as archive:
        yield Package(path, archive)


def _same(name: str) -> str:
    """Names of parts are equal whatever their case (ECMA-376, part 2); some packers write them with backslashes."""
    return name.replace("\\", "/").lstrip("/").casefold()
