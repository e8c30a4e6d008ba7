"""What people type: YAML and tables read strictly, checked against the JSON Schemas, every problem with its place."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from .errors import Problems, failure

# Faults of one kind that are told of the rows of a table: one separator too many may give a million.
TOLD = 20
# What is longer is no id and no setting.
LONGEST = 60
# Text is read in such pieces where it need not be in memory as a whole.
_CHUNK = 1024 * 1024
# All but tab, line ends, form feed, vertical tab and escape; a file with so many, and such a share of them, is no text.
_CONTROL_BYTES = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\n\r\f\v\x1b")
_CONTROLS = 8
_CONTROL_SHARE = 0.05
_NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
# How office files that were locked with a password begin, and the older binary ones.
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# The list of an archive's entries: about 50,000 of them.
_DIRECTORY_LIMIT = 4 * 1024 * 1024
# Tables unpack to about ten times their size (measured on prose, figures and one word a million times); bombs to 1,000.
_UNPACKED_RATIO = 50
_UNPACKED_GRACE = 10 * 1024 * 1024


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def decode(path: Path) -> tuple[str, str]:
    """Text of a file, and a warning ('' if none). A byte-order mark decides, then strict UTF-8, then Windows-1252.

    Never guesses further: guessers are wrong in silence. Raises QualcodeError where the bytes are no text.
    """
    data = path.read_bytes()
    encoding, warning = _encoding(path, [data])
    return data.decode(encoding), warning


def encoding_of(path: Path) -> tuple[str, str]:
    """The encoding by which `decode` reads a file, and its warning, without taking the whole file into memory."""
    with path.open("rb") as handle:
        return _encoding(path, iter(lambda: handle.read(_CHUNK), b""))


def _encoding(path: Path, chunks: Iterable[bytes]) -> tuple[str, str]:
    decoder: codecs.IncrementalDecoder | None = None
    encoding, place, size, controls = "utf-8-sig", "", 0, 0
    undefined = nul = False
    for chunk in chunks:
        if decoder is None:
            encoding = "utf-16" if chunk.startswith((b"\xff\xfe", b"\xfe\xff")) else encoding
            decoder = codecs.getincrementaldecoder(encoding)()
        if not place:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                place = f"byte {size - pending + error.start}"
        size += len(chunk)
        controls += len(chunk) - len(chunk.translate(None, _CONTROL_BYTES))
        undefined = undefined or len(chunk.translate(None, _NOT_IN_CP1252)) < len(chunk)
        nul = nul or b"\x00" in chunk
    if decoder and not place:
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            place = f"byte {size - pending}"
    if encoding != "utf-16" and controls >= _CONTROLS and controls > _CONTROL_SHARE * size:
        wrong = f"this is no text: {controls} of its {size} bytes are control characters"
        do = "If it is text in UTF-16, save it as UTF-8; otherwise its ending is not that of its kind."
        raise failure(path, "", wrong, do)
    if not place:
        return encoding, ""
    if encoding == "utf-16" or undefined or nul:
        raise failure(path, place, "this is neither UTF-8, UTF-16 nor Windows-1252 text", "Save it as UTF-8 text.")
    return "cp1252", "read as Windows-1252, because it is not valid UTF-8"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place only when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with `\\n` line ends, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


# --- tables that people type ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row of a typed table: its number as a spreadsheet shows it, and its cells (all text, stripped)."""

    number: int
    cells: Mapping[str, str]


def read_rows(path: Path) -> tuple[list[str], list[Row]]:
    """Header and rows of a csv or xlsx file, every cell as text; blank rows are passed over.

    Raises QualcodeError for columns that stand twice or have no name, rows wider than the header, unreadable files.
    """
    rows = grid(path)
    problems = Problems()
    header = header_of(path, next(rows, (1, []))[1], problems)
    read = [
        Row(number, dict(zip(header, cells, strict=True))) for number, cells in fitting(path, header, rows, problems)
    ]
    problems.stop()
    return header, read


def header_of(path: Path, cells: Sequence[str], problems: Problems) -> list[str]:
    """Names of columns from the first row; faults go to `problems`. Raises QualcodeError where there is no column."""
    header = [name.strip() for name in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise failure(path, "", "the file is empty", "Give it a header row and at least one row.")
    for position, name in enumerate(header, 1):
        if not name:
            problems.add(path, f"row 1, column {position}", "the column has no name", "Name it or delete it.")
        elif name in header[: position - 1]:
            problems.add(path, f"row 1, column {position}", f"the column '{name}' stands twice", "Delete one.")
    return header


def fitting(
    path: Path, header: Sequence[str], rows: Iterable[tuple[int, list[str]]], problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, stripped and as wide as the header; what stands beyond it goes to `problems`."""
    width, wider = len(header), 0
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if any(cells[width:]):
            wider += 1
            if wider <= TOLD:
                wrong = f"there are {len(cells)} cells, but the header names {width}"
                problems.add(path, f"row {number}", wrong, "Put quotation marks around cells that hold a comma.")
        yield number, cells[:width] + [""] * (width - len(cells))
    if wider > TOLD:
        problems.add(path, "", f"{wider - TOLD} more rows have more cells than the header names")


def grid(path: Path, further: Callable[[str], None] | None = None) -> Iterator[tuple[int, list[str]]]:
    """Rows of a csv file or of the first sheet of an xlsx file, one at a time: (number, cells as text).

    `further`, if given, is told every cell of the sheets behind the first when that has been read.
    """
    with path.open("rb") as handle:
        damaged = path.suffix.lower() == ".xlsx" and b"\x00" in handle.read(4096)
    return _xlsx_grid(path, further) if damaged or is_office_file(path) else _csv_grid(path)


def is_office_file(path: Path) -> bool:
    """Whether a file begins as docx, odt and xlsx files do (zip archives), or their locked and older kinds (OLE)."""
    with path.open("rb") as handle:
        return handle.read(len(_OLE)).startswith((b"PK\x03\x04", _OLE))


def _csv_grid(path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(10_000_000)
    encoding, _ = encoding_of(path)
    with path.open(encoding=encoding) as lines:
        # A German or French Excel writes semicolons: whichever separates the header more often is the separator.
        first = re.sub(r'"[^"]*"', "", lines.readline())
        lines.seek(0)
        # Strict: a quotation mark that is never closed would take the rest of the file into one cell.
        reader = csv.reader(lines, delimiter=max(",;\t", key=first.count), strict=True)
        line = 1
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
                line = reader.line_num + 1
        except csv.Error as error:
            do = 'Put cells that hold quotation marks in quotation marks, and double those inside ("").'
            raise failure(path, f"line {line}", f"this is not a csv table ({error})", do) from None


def _xlsx_grid(path: Path, further: Callable[[str], None] | None = None) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    check_unpacked_size(path)
    book = None
    handle = path.open("rb")  # openpyxl refuses a path with another ending
    try:
        book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
        # What people see in the first place is the first sheet that is not hidden.
        sheets: list[Any] = sorted(book.worksheets, key=lambda sheet: bool(sheet.sheet_state != "visible"))
        for position, sheet in enumerate(sheets if further else sheets[:1]):
            # A file may claim to reach to the last cell of the sheet: what it holds decides, not what it says.
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if further and position:
                    for cell in cells:
                        further(_cell_text(cell))
                else:
                    yield number, [_cell_text(cell) for cell in cells]
    except Exception as error:  # openpyxl raises many kinds for a broken file
        wrong = f"this xlsx file cannot be read ({one_sentence(error)})"
        raise failure(path, "", wrong, "Open and save it again.") from None
    finally:
        if book is not None:
            book.close()
        handle.close()


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        # Spreadsheets count days: a time of day comes out a few microseconds beside what was typed.
        cell = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
        text = cell.isoformat(timespec="seconds" if cell.second else "minutes")
        return text.removesuffix("T00:00")
    # How the format writes a carriage return, which openpyxl leaves as it is.
    return str(cell).replace("_x000D_", "")


# --- office files --------------------------------------------------------------------------------------------------


class _Handle(io.FileIO):
    """A file that is read in pieces only: zipfile takes in the list of an archive's entries in one, however long."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = os.fstat(self.fileno()).st_size - self.tell()
        if size > _DIRECTORY_LIMIT:
            raise zipfile.BadZipFile("it lists too many entries")
        return super().read(size)


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An office file as the zip archive that it is; nothing of it is unpacked yet.

    Raises QualcodeError where it is empty, locked, of the old binary kind (doc, xls), damaged or no such file at all.
    """
    with path.open("rb") as opened:
        head = opened.read(len(_OLE))
    if not head:
        raise failure(path, "", "the file is empty", "Save it again, or take it away.")
    if head == _OLE:
        wrong = "the file is locked with a password, or is of the old kind (doc, xls)"
        raise failure(path, "", wrong, "Take the password away and save it as docx, odt or xlsx.")
    with _Handle(path) as handle:
        try:
            archive = zipfile.ZipFile(handle)
        except Exception as error:  # zipfile raises many kinds for a broken file
            wrong = f"this is no {path.suffix.lstrip('.')} file, or a damaged one ({one_sentence(error)})"
            raise failure(path, "", wrong, "Open it in the program that made it and save it again.") from None
        with archive:
            yield archive


def check_unpacked_size(path: Path) -> None:
    """Refuse an xlsx file whose tables would fill the memory: one that unpacks to far more than any table does.

    The sizes that the archive tells can be relied on: zipfile never unpacks more of an entry than was told.
    """
    size = path.stat().st_size
    with open_archive(path) as archive:
        parts = [item for item in archive.infolist() if item.filename.lower().endswith((".xml", ".rels"))]
    rows = [item for item in parts if re.search(r"/worksheets/|sharedstrings", item.filename.lower())]
    unpacked = sum(item.file_size for item in rows)
    others = sum(item.file_size for item in parts) - unpacked
    if unpacked > max(_UNPACKED_GRACE, _UNPACKED_RATIO * size) or others > _UNPACKED_GRACE:
        wrong = f"the file unpacks from {size / 2**20:.1f} MB to {(unpacked + others) / 2**20:.0f} MB, as no table does"
        raise failure(path, "", wrong, "Copy the cells into a new file, or save the table as csv.")


def one_sentence(error: Exception) -> str:
    """The message of a library's error, in one line and short enough to be read."""
    told = " ".join(str(error).split()) or type(error).__name__
    return told if len(told) <= 120 else f"{told[:120]} …"


# --- JSON Schemas --------------------------------------------------------------------------------------------------


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of what people type: study, sources, participants, redactions, codings, codebook or config."""
    package = Path(__file__).parent
    for folder in (package / "schemas", package.parents[1] / "workflow" / "schemas"):
        path = folder / f"{name}.schema.json"
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"no schema named {name}")


def line_of(document: Any, path: Sequence[str | int]) -> int:
    """1-based line where the value at `path` begins (the nearest ancestor's, where the value has none)."""
    line = 0
    for step in path:
        try:
            line = document.lc.key(step)[0] if isinstance(step, str) else document.lc.item(step)[0]
            document = document[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1


def check_document(document: Any, name: str, path: Path, problems: Problems) -> None:
    """Check a YAML document against a schema; each problem gets the line where it stands."""
    for error in _errors(document, name):
        line = line_of(document, list(error.absolute_path))
        for place, wrong, do in _in_words(error):
            key_line = line_of(document, [*error.absolute_path, place]) if place else line
            problems.add(path, f"line {key_line}", wrong, do)


def check_rows(header: Sequence[str], rows: Sequence[Row], name: str, path: Path, problems: Problems) -> None:
    """Check a table's header and rows against the schema of one row; empty cells count as absent."""
    known = schema(name)["properties"]
    needed = schema(name).get("required", [])
    for column in needed:
        if column not in header:
            problems.add(path, "row 1", f"the column '{column}' is missing", "Add it.")
    if schema(name).get("additionalProperties") is False:
        for column in header:
            if column not in known:
                do = _suggestion(column, known) or f"The columns are: {', '.join(known)}."
                problems.add(path, "row 1", f"unknown column '{column}'", do)
        if any(column not in known for column in header):
            return  # what is missing below follows from that
    else:
        for column in header:
            if column not in known and (near := _suggestion(column.lower().replace("-", "_"), known, 0.85)):
                # A misspelt `names` would be taken for an attribute, and hide no one.
                do = f"{near} If it is an attribute of its own, give it a name that is less alike."
                problems.add(path, "row 1", f"the column '{column}' looks misspelt", do)
    for row in rows:
        cells = {column: cell for column, cell in row.cells.items() if cell and (column in known or _open(name))}
        for error in _errors(cells, name):
            if error.validator == "required" and any(f"'{c}'" in error.message for c in needed if c not in header):
                continue  # the header has been told already
            place = f"row {row.number}"
            if error.absolute_path:
                place += f", {error.absolute_path[0]}"
            for _, wrong, do in _in_words(error):
                problems.add(path, place, wrong, do)


def with_defaults(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The document as plain dicts and lists, with the schema's defaults filled in at every level."""

    def fill(value: Any, spec: Mapping[str, Any]) -> Any:
        if isinstance(value, Mapping):
            properties = spec.get("properties", {})
            filled = {str(key): fill(item, properties.get(key, {})) for key, item in value.items()}
            for key, sub in properties.items():
                if key not in filled and "default" in sub:
                    filled[key] = fill(sub["default"], sub)
            return filled
        if isinstance(value, list):
            return [fill(item, spec.get("items", {})) for item in value]
        return value

    return fill(document, schema(name))


def _open(name: str) -> bool:
    return schema(name).get("additionalProperties") is not False


def _errors(document: Any, name: str) -> list[Any]:
    import jsonschema

    draft = jsonschema.Draft202012Validator
    # What is no number (.nan) is neither too small nor too large.
    numbers = draft.TYPE_CHECKER.redefine(
        "number", lambda _, value: draft.TYPE_CHECKER.is_type(value, "number") and value == value
    )
    validator = jsonschema.validators.extend(draft, type_checker=numbers)(schema(name))
    return sorted(validator.iter_errors(document), key=lambda error: [str(step) for step in error.absolute_path])


_LIMITS = {
    "minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than", "exclusiveMaximum": "less than",
}  # fmt: skip


def _in_words(error: Any) -> list[tuple[str, str, str]]:
    """(offending key or '', what is wrong, what to do) for one jsonschema error."""
    found = error.instance
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            unknown = [key for key in found if key not in known]
            return [
                (key, f"unknown key '{key}'", _suggestion(key, known) or f"The keys are: {', '.join(known)}.")
                for key in unknown
            ]
        case "required":
            missing = [key for key in error.validator_value if key not in found]
            return [("", f"'{key}' is missing", "Add it.") for key in missing if f"'{key}'" in error.message]
        case "type":
            wanted = error.validator_value
            wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
            words = {"string": "text", "object": "a block of keys", "array": "a list", "integer": "a whole number"}
            words |= {"number": "a number"}
            name = error.absolute_path[-1] if error.absolute_path else "the file"
            label = f"'{name}'" if isinstance(name, str) else f"item {name + 1}" if isinstance(name, int) else name
            return [
                (
                    "",
                    f"{label} must be {words.get(wanted, wanted)} (found {_shown(found)})",
                    _quoting(found) if wanted == "string" else "",
                )
            ]
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" as limit:
            key = error.absolute_path[-1]
            label = f"'{key}'" if isinstance(key, str) else f"item {key + 1}"
            allowed = f"{_LIMITS[limit]} {error.validator_value}"
            return [("", f"{label} must be {allowed} (found {_shown(found)})", "")]
        case "enum":
            return [
                (
                    "",
                    f"{_shown(found)} is not allowed here",
                    f"Use one of: {', '.join(map(str, error.validator_value))}.",
                )
            ]
        case "anyOf" if "description" in error.schema:
            return [("", str(error.schema["description"]), "")]
        case "pattern" if "description" in error.schema:
            return [("", f"{_shown(found)} does not fit: {error.schema['description']}", "")]
        case _:
            return [("", f"{_shown(found)}: {error.message.replace(repr(found), 'it')}", "")]


def _suggestion(key: str, known: Mapping[str, Any], cutoff: float = 0.6) -> str:
    near = get_close_matches(str(key), known, n=1, cutoff=cutoff)
    return f"Did you mean '{near[0]}'?" if near else ""


def _shown(value: object) -> str:
    """A value as a message shows it. What is longer than an id or a setting may be words of people."""
    if isinstance(value, str) and len(value) > LONGEST:
        return f"a text of {len(value):,} characters"
    return f"'{value}'" if isinstance(value, str) else "nothing" if value is None else str(value)[:60]


def _quoting(value: object) -> str:
    return "Put it in quotation marks." if isinstance(value, (bool, int, float)) else ""
