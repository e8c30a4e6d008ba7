"""The codebook: a tree of codes whose leaves are open codes and whose ancestors are axial codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .errors import Problems
from .files import check_document, line_of, read_yaml, sha256


@dataclass(frozen=True)
class Code:
    """One code of the tree. `level` 1 is the root; `path` holds the ids from the root down to this code."""

    code: str
    name: str
    definition: str
    level: int
    path: tuple[str, ...]
    line: int
    leaf: bool
    formerly: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    patterns: tuple[Any, ...] = ()
    unless: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    question: str = ""
    colour: str = ""

    @property
    def parent(self) -> str:
        return self.path[-2] if len(self.path) > 1 else ""


@dataclass(frozen=True)
class Codebook:
    """Codes in the order of the file."""

    path: Path
    title: str
    version: str
    codes: tuple[Code, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Code]:
        return {code.code: code for code in self.codes}

    @cached_property
    def order(self) -> Mapping[str, int]:
        return {code.code: position for position, code in enumerate(self.codes)}

    @cached_property
    def _former(self) -> Mapping[str, list[Code]]:
        former: dict[str, list[Code]] = {}
        for code in self.codes:
            for old in code.formerly:
                former.setdefault(old, []).append(code)
        return former

    def current(self, code: str) -> Code | None:
        """The living code of an id, followed through `formerly`; None if it is unknown or was split."""
        if code in self.by_id:
            return self.by_id[code]
        heirs = self._former.get(code, [])
        return heirs[0] if len(heirs) == 1 else None

    def identities(self, code: Code) -> list[str]:
        """Every id the code has had, oldest first: identity is traced to the first, so that a rename changes no id.

        An id that was split is no one's: the codings of its heirs would be taken for one another.
        """
        return [old for old in code.formerly if len(self._former[old]) == 1] + [code.code]

    def heirs(self, code: str) -> list[str]:
        """The ids that a former id was renamed, merged or split into."""
        return [heir.code for heir in self._former.get(code, [])]


def load_codebook(path: Path) -> Codebook:
    """Read a codebook file. Raises QualcodeError that names every problem with its line."""
    document = read_yaml(path)
    problems = Problems()
    check_document(document, "codebook", path, problems)
    problems.stop()
    codes: list[Code] = []

    def walk(nodes: list[Any], ancestors: tuple[str, ...], place: tuple[str | int, ...]) -> None:
        for position, node in enumerate(nodes):
            here = (*place, position)
            key = node["code"]
            children = node.get("codes") or []
            codes.append(
                Code(
                    code=str(key),
                    name=str(node.get("name") or key.replace("-", " ").replace("_", " ").capitalize()),
                    definition=str(node.get("definition") or ""),
                    level=len(ancestors) + 1,
                    path=(*ancestors, str(key)),
                    line=line_of(document, [*here, "code"]),
                    leaf=not children,
                    formerly=tuple(map(str, node.get("formerly") or ())),
                    words=tuple(map(str, node.get("words") or ())),
                    patterns=tuple(_plain(node.get("patterns") or ())),
                    unless=tuple(map(str, node.get("unless") or ())),
                    examples=tuple(map(str, node.get("examples") or ())),
                    question=str(node.get("question") or ""),
                    colour=str(node.get("colour") or ""),
                )
            )
            walk(children, (*ancestors, str(key)), (*here, "codes"))

    walk(document["codes"], (), ("codes",))
    codebook = Codebook(path, str(document["codebook"]), sha256(path)[:12], tuple(codes))
    _check_ids(codebook, problems)
    problems.stop()
    return codebook


def _check_ids(codebook: Codebook, problems: Problems) -> None:
    seen: dict[str, Code] = {}
    for code in codebook.codes:
        first = seen.setdefault(code.code.casefold(), code)
        if first is not code:
            alike = "" if first.code == code.code else f" as '{first.code}'"
            place = f"line {code.line}"
            wrong = f"the code '{code.code}' stands already in line {first.line}{alike}"
            problems.add(codebook.path, place, wrong, "Give each its own id.")
    for code in codebook.codes:
        for old in code.formerly:
            if old == code.code or old in codebook.by_id:
                problems.add(
                    codebook.path,
                    f"line {code.line}",
                    f"'{code.code}' was formerly '{old}', but '{old}' is a living code",
                    "Take it out of `formerly`, or rename the living code.",
                )


def _plain(value: Any) -> Any:
    """ruamel's containers as plain dicts and lists, which spaCy's Matcher insists on."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)
