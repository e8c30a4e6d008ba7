"""What people type: YAML and tables read strictly, checked against the JSON Schemas, every problem with its place."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from .errors import Problems, failure

# Larger uncompressed office files are refused before they are parsed: a 328 kB docx can unpack to 300 MB.
UNPACKED_LIMIT = 300 * 1024 * 1024


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def decode(path: Path) -> tuple[str, str]:
    """Text of a file, and a warning ('' if none). A byte-order mark decides, then strict UTF-8, then Windows-1252.

    Never guesses further: guessers are wrong in silence. Raises QualcodeError where the bytes are no text.
    """
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding), ""
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
    if b"\x00" not in data:
        try:
            return data.decode("cp1252"), "read as Windows-1252, because it is not valid UTF-8"
        except UnicodeDecodeError as error:
            place = f"byte {error.start}"
    raise failure(path, place, "this is neither UTF-8, UTF-16 nor Windows-1252 text", "Save it as UTF-8 text.")


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
    grid = list(_xlsx_grid(path) if path.suffix.lower() == ".xlsx" else _csv_grid(path))
    if not grid:
        raise failure(path, "", "the file is empty", "Give it a header row and at least one row.")
    problems = Problems()
    _, header = grid[0]
    header = [name.strip() for name in header]
    while header and not header[-1]:
        header.pop()
    for position, name in enumerate(header, 1):
        if not name:
            problems.add(path, f"row 1, column {position}", "the column has no name", "Name it or delete it.")
        elif name in header[: position - 1]:
            problems.add(path, f"row 1, column {position}", f"the column '{name}' stands twice", "Delete one.")
    rows = []
    for number, cells in grid[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(header) :]):
            problems.add(
                path,
                f"row {number}",
                f"there are {len(cells)} cells, but the header names {len(header)}",
                "Put quotation marks around cells that hold a comma.",
            )
        padded = [cell.strip() for cell in cells] + [""] * len(header)
        rows.append(Row(number, dict(zip(header, padded, strict=False))))
    problems.stop()
    return header, rows


def _csv_grid(path: Path) -> Iterator[tuple[int, list[str]]]:
    text, _ = decode(path)
    # A German or French Excel writes semicolons: whichever separates the header more often is the separator.
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n"), newline=""), delimiter=delimiter)
    csv.field_size_limit(10_000_000)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise failure(path, f"line {reader.line_num}", f"this is not a csv table ({error})") from None


def _xlsx_grid(path: Path) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    check_unpacked_size(path)
    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # openpyxl raises many kinds for a broken file
        raise failure(path, "", f"this xlsx file cannot be read ({error})", "Open and save it again.") from None
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, [_cell_text(cell) for cell in cells]


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def check_unpacked_size(path: Path) -> None:
    """Refuse a zipped office file that would unpack beyond UNPACKED_LIMIT, or that is no zip file at all."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile:
        raise failure(path, "", f"this is not a {path.suffix} file", "Open and save it again.") from None
    if size > UNPACKED_LIMIT:
        raise failure(path, "", f"the file unpacks to {size // 2**20} MB", "Leave pictures out of it.")


# --- YAML ----------------------------------------------------------------------------------------------------------


def read_yaml(path: Path) -> Any:
    """A YAML 1.2 file as nested mappings and lists that remember their lines; duplicate keys and aliases are errors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError

    text, _ = decode(path)
    # An alias needs an anchor: without one there is no need to read the file twice.
    if "&" in text and _uses_alias(text):
        raise failure(path, "", "the file uses YAML anchors and aliases (& and *)", "Write the values out.")
    try:
        return YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1
        key = str(error.problem).split('"')[1] if '"' in str(error.problem) else "a key"
        raise failure(path, f"line {line}", f"the key '{key}' stands twice", "Keep one of them.") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else ""
        wrong = f"this is not valid YAML: {error.problem or error.context}"
        do = "Indent with blanks (no tabs), align the dashes, and put text that holds ': ' or begins with * in quotes."
        raise failure(path, place, wrong, do) from None


def _uses_alias(text: str) -> bool:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    try:
        return any(isinstance(event, AliasEvent) for event in YAML(typ="rt").parse(text))
    except YAMLError:
        return False  # the loader reports it with its line


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

    validator = jsonschema.Draft202012Validator(schema(name))
    return sorted(validator.iter_errors(document), key=lambda error: [str(step) for step in error.absolute_path])


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
            name = error.absolute_path[-1] if error.absolute_path else "the file"
            label = f"'{name}'" if isinstance(name, str) else f"item {name + 1}" if isinstance(name, int) else name
            return [("", f"{label} must be {words.get(wanted, wanted)} (found {_shown(found)})", _quoting(found))]
        case "enum":
            return [
                ("", f"'{found}' is not allowed here", f"Use one of: {', '.join(map(str, error.validator_value))}.")
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
    return f"'{value}'" if isinstance(value, str) else "nothing" if value is None else str(value)[:60]


def _quoting(value: object) -> str:
    return "Put it in quotation marks." if isinstance(value, (bool, int, float)) else ""
