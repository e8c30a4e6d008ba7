"""Codebooks as yaml, csv, xlsx and docx files, each read back as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ...errors import QualcodeError, failure
from ...files import replacing
from .. import Code, Codebook, load_codebook
from .sheets import read_sheet, write_csv, write_xlsx
from .word import read_docx, write_appendix, write_docx
from .yaml import write_yaml

Made = TypeVar("Made")

_READERS: Mapping[str, Callable[[Path], Codebook]] = {
    ".yaml": load_codebook,
    ".yml": load_codebook,
    ".csv": read_sheet,
    ".xlsx": read_sheet,
    ".docx": read_docx,
}
# Lists of a code that a paper's appendix does not print.
_RULES = ("words", "patterns", "unless", "formerly", "theme")
_WRITERS: Mapping[str, Callable[[Codebook, Path, Path], None]] = {
    ".yaml": write_yaml,
    ".yml": write_yaml,
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".docx": write_docx,
}


def read_codebook(path: Path) -> Codebook:
    """A codebook file of any kind. In csv, xlsx and docx the `line` of a code is its row (that of the table in docx).

    Raises QualcodeError that names every problem with its line or row.
    """
    reader = _of_kind(path, _READERS)
    if not path.is_file():
        raise failure(path, "", "there is no such file", "Check the path.")
    return reader(path)


def write_codebook(codebook: Codebook, path: Path) -> None:
    """Write a codebook as the ending of `path` says, whole or not at all; comments of a YAML file are not kept.

    What was written is read back before it takes its place: QualcodeError where a kind of file cannot hold a code.
    """
    writer = _of_kind(path, _WRITERS)
    with writing(path) as temporary:
        writer(codebook, temporary, path)
        try:
            different = _different(codebook, read_codebook(temporary))
        except QualcodeError as error:
            different = "; ".join(dict.fromkeys(problem.wrong for problem in error.problems))
        if different:
            wrong = f"a {path.suffix} file cannot hold this codebook as it is ({different})"
            raise failure(path, "", wrong, "Shorten what is long, or choose another kind of file.")


def without_rules(codebook: Codebook, path: Path) -> Codebook:
    """The codebook as a paper's appendix prints it: what codes mean, and not how their words are met.

    In docx the column of rules and notes goes as a whole, and with it roles, questions and memos.
    """
    left_out: dict[str, Any] = {"negation": "", "colour": ""} | dict.fromkeys(_RULES, ())
    if path.suffix.lower() == ".docx":
        left_out |= {"role": "", "question": "", "memo": ""}
    return replace(codebook, codes=tuple(replace(code, **left_out) for code in codebook.codes))


def write_without_rules(codebook: Codebook, path: Path) -> None:
    """Write `without_rules` of a codebook, for readers: a docx file of it cannot be read back."""
    writer = _of_kind(path, {**_WRITERS, ".docx": write_appendix})
    with writing(path) as temporary:
        writer(without_rules(codebook, path), temporary, path)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """`files.replacing`, with a plain error where the file cannot be written: QualcodeError."""
    try:
        with replacing(path) as temporary:
            yield temporary
    except OSError as error:
        wrong = f"this file cannot be written ({error.strerror})"
        raise failure(path, "", wrong, "Give another name or folder.") from None
    except UnicodeEncodeError:
        wrong = "the codebook holds half a character (\\ud800 to \\udfff), which no file can hold"
        raise failure(path, "", wrong, "Take it out.") from None


def content(codebook: Codebook) -> tuple[str, tuple[Code, ...]]:
    """What a codebook says, wherever it stands: its title and its codes, without their lines."""
    return codebook.title, tuple(replace(code, line=0) for code in codebook.codes)


def _different(codebook: Codebook, back: Codebook) -> str:
    """The codes that did not come back as they were, '' if all did."""
    title, codes = content(codebook)
    title_back, codes_back = content(back)
    by_id = {code.code: code for code in codes_back}
    lost = [code.code for code in codes if code != by_id.get(code.code)]
    if lost or title != title_back:
        return ", ".join(["its title"] * (title != title_back) + lost)
    return "" if codes == codes_back else "the order of its codes"


def _of_kind(path: Path, kinds: Mapping[str, Made]) -> Made:
    if path.suffix.lower() not in kinds:
        raise failure(path, "", f"a codebook is no '{path.suffix}' file", f"Use one of: {', '.join(kinds)}.")
    return kinds[path.suffix.lower()]
