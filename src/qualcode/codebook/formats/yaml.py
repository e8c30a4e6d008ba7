"""Codebooks as YAML that is pleasant to edit: words on one line, quotation marks only where they are needed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...files import write_text
from .. import TEXTS, Code, Codebook

_SCHEMA = Path("workflow", "schemas", "codebook.schema.json")
_HEADER = """\
# A tree of codes: the leaves are open codes, the codes above them axial codes. README.md tells what each key means and
# how words are met. After renaming or merging a code, keep its old id under `formerly`.
"""
# What YAML takes for something else than text; words that older readers take for it are quoted too.
_NO_TEXT = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)
# What begins with a letter, and holds neither a comment nor a key, needs no quotation marks.
_PLAIN = re.compile(r"[^\W\d_](?:[^:#\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|:(?=\S)|(?<=\S)#)*")
_PLAIN_IN_LIST = re.compile(r"[^\W\d_][\w'’*-]*")
# Characters that YAML has no way to write but by their number.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_FIRST = ("definition", "use_when", "not_when")
_LAST = tuple(key for key in TEXTS if key not in _FIRST)


def write_yaml(codebook: Codebook, path: Path, target: Path) -> None:
    """Write YAML at `path` that will stand at `target`."""
    write_text(path, schema_comment(target) + as_yaml(codebook))


def schema_comment(target: Path) -> str:
    """The line by which editors find the schema, '' where the workflow is in no folder above the file."""
    folder = target.resolve().parent
    for above in (folder, *folder.parents):
        if (above / _SCHEMA).is_file():
            relative = Path(os.path.relpath(above / _SCHEMA, folder)).as_posix()
            return f"# yaml-language-server: $schema={relative}\n"
    return ""


def as_yaml(codebook: Codebook, header: str = _HEADER) -> str:
    """The codebook as YAML 1.2, below a header of comments."""
    lines = [f"codebook: {_scalar(codebook.title)}", "codes:" if codebook.codes else "codes: []"]
    for code in codebook.codes:
        if code.level == 1:
            lines.append("")
        lines += _lines(code)
    return header + "\n".join(lines) + "\n"


def _lines(code: Code) -> Iterator[str]:
    indent = " " * (4 * code.level - 2)
    yield f"{indent}- code: {_scalar(code.code)}"
    indent += "  "
    yield f"{indent}name: {_scalar(code.name)}"
    yield from _texts(code, _FIRST, indent)
    if code.examples:
        yield f"{indent}examples:"
        yield from (f"{indent}  - {_scalar(example)}" for example in code.examples)
    if code.words:
        yield f"{indent}words: {_flow(code.words)}"
    if code.patterns:
        yield f"{indent}patterns:"
        yield from (f"{indent}  - {_json(pattern)}" for pattern in code.patterns)
    for key in ("unless", "formerly", "theme"):
        if items := getattr(code, key):
            yield f"{indent}{key}: {_flow(items)}"
    yield from _texts(code, _LAST, indent)
    if not code.leaf:
        yield f"{indent}codes:"


def _texts(code: Code, keys: Sequence[str], indent: str) -> Iterator[str]:
    for key in keys:
        if not (text := getattr(code, key)):
            continue
        if _fits_block(text):
            yield f"{indent}{key}: |-"
            yield from (f"{indent}  {line}" if line else "" for line in text.split("\n"))
        else:
            yield f"{indent}{key}: {_scalar(text)}"


def _fits_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is: no blanks at the ends of lines, nothing unseen."""
    lines = text.split("\n")
    return len(lines) > 1 and bool(lines[0] and lines[-1]) and all(
        line == line.strip() and not re.search(r"[\x00-\x1f]", line) and not _UNSEEN.search(line) for line in lines
    )  # fmt: skip


def _flow(items: Sequence[str]) -> str:
    return f"[{', '.join(item if _is_plain(item, _PLAIN_IN_LIST) else _json(item) for item in items)}]"


def _scalar(text: str) -> str:
    return text if _is_plain(text, _PLAIN) else _json(text)


def _is_plain(text: str, form: re.Pattern[str]) -> bool:
    return bool(form.fullmatch(text)) and text == text.strip() and not _NO_TEXT.fullmatch(text)


def _json(value: Any) -> str:
    """A value as JSON, which is YAML too."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
