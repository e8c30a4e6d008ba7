"""The codebook: a tree of codes whose leaves are open codes and whose ancestors are axial codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import Problems, failure
from ..files import check_document, line_of, sha256
from ..study.model import DEVICE
from ..yaml_files import read_yaml
from .indicators import pieces

# Where a code stands in the paradigm (Strauss & Corbin 1990), in the order in which it is told.
ROLES = ("condition", "context", "phenomenon", "action", "consequence")
# What tables call all codes together.
ALL = "all"


@dataclass(frozen=True)
class Code:
    """One code of the tree. `level` 1 is the root; `path` holds the ids from the root down to this code.

    `negation` says what becomes of negated hits: '' they are listed and do not count, `count` they count like others,
    `only` they alone count. `theme` has marks of the theme that the code was made of, which the machine gives. `lines`
    has the line of each item of a list, by the list's key.
    """

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
    use_when: str = ""
    not_when: str = ""
    memo: str = ""
    role: str = ""
    negation: str = ""
    theme: tuple[str, ...] = ()
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

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
            for old in dict.fromkeys(code.formerly):
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
        return [old for old in dict.fromkeys(code.formerly) if len(self._former[old]) == 1] + [code.code]

    def split_from(self, code: Code) -> list[str]:
        """The ids that the code has had, and that were split: which of the heirs a decision under one means is open."""
        return [old for old in dict.fromkeys(code.formerly) if len(self._former[old]) > 1]

    def heirs(self, code: str) -> list[str]:
        """The ids that a former id was renamed, merged or split into."""
        return [heir.code for heir in self._former.get(code, [])]


# No category has so many levels; deeper ones would end in the depths of a parser.
DEEPEST = 50
# What a code holds besides its id, name and children: single texts, and lists of texts.
TEXTS = ("definition", "use_when", "not_when", "question", "colour", "memo", "role", "negation")
LISTS = ("examples", "words", "unless", "formerly", "theme")


def default_name(code: str) -> str:
    """What a code is called that has no name: its id in words."""
    return code.replace("-", " ").replace("_", " ").capitalize()


def free_id(wanted: str, taken: set[str]) -> str:
    """An id that is none of `taken` (ids in small letters), to which it is added.

    >>> free_id("support", {"support"})
    'support-2'
    """
    code, further = wanted, 1
    while code.casefold() in taken:
        further += 1
        code = f"{wanted}-{further}"
    taken.add(code.casefold())
    return code


def load_codebook(path: Path) -> Codebook:
    """Read a codebook file. Raises QualcodeError that names every problem with its line."""
    problems = Problems()
    document = read_yaml(path, problems)
    codes: list[Code] = []
    if _depth(document) > DEEPEST:
        raise failure(path, "", f"codes are nested more than {DEEPEST} deep", "Gather them under fewer levels.")
    check_document(document, "codebook", path, problems)

    def walk(nodes: Any, ancestors: tuple[str, ...], place: tuple[str | int, ...]) -> None:
        for position, node in enumerate(nodes if isinstance(nodes, list) else ()):
            # What is no code has been told above.
            if isinstance(node, Mapping) and node.get("code"):
                here = (*place, position)
                codes.append(code_of(node, ancestors, here, document))
                walk(node.get("codes"), codes[-1].path, (*here, "codes"))

    walk(document.get("codes") if isinstance(document, Mapping) else None, (), ("codes",))
    title = _text(document.get("codebook")) if isinstance(document, Mapping) else ""
    codebook = Codebook(path, title, sha256(path)[:12], tuple(codes))
    check_ids(codebook, problems)
    check_indicators(codebook, problems)
    problems.stop()
    return codebook


def _depth(document: Any) -> int:
    """How many levels of codes there are, as far as they are too many: a level is a mapping in a list."""
    deep, level = 0, [document]
    while level and deep < 2 * DEEPEST + 4:
        items = [list(item.values()) if isinstance(item, Mapping) else item for item in level]
        level = [part for item in items if isinstance(item, list) for part in item if isinstance(part, (Mapping, list))]
        deep += 1
    return deep // 2 - 1


def code_of(node: Mapping[str, Any], ancestors: tuple[str, ...], here: Sequence[str | int], document: Any) -> Code:
    key = _text(node["code"]).strip()
    lists: dict[str, list[Any]] = {}
    for name in (*LISTS, "patterns"):
        given = node.get(name)
        lists[name] = given if isinstance(given, list) else []
    # Typed as Any: the fields are named by what the file may hold.
    texts: dict[str, Any] = {name: _text(node.get(name)).strip() for name in TEXTS}
    texts |= {name: tuple(map(_text, lists[name])) for name in LISTS}
    texts["formerly"] = tuple(old.strip() for old in texts["formerly"])
    return Code(
        code=key,
        name=_text(node.get("name")).strip() or default_name(key),
        level=len(ancestors) + 1,
        path=(*ancestors, key),
        line=line_of(document, [*here, "code"]),
        leaf=not node.get("codes"),
        patterns=tuple(_plain(lists["patterns"])),
        lines={
            name: tuple(line_of(document, [*here, name, position]) for position in range(len(items)))
            for name, items in lists.items()
            if items
        },
        **texts,
    )


def check_indicators(codebook: Codebook, problems: Problems) -> None:
    """Words that cannot be read as indicators."""
    for code in codebook.codes:
        for key, items in (("words", code.words), ("unless", code.unless)):
            for typed, line in zip(items, code.lines.get(key, ()), strict=True):
                try:
                    pieces(typed)
                except ValueError as error:
                    problems.add(codebook.path, f"line {line}", f"`{key}` of '{code.code}': {error} (found {typed})")


def check_ids(codebook: Codebook, problems: Problems) -> None:
    """Ids that no code can have or that stand twice, and former ids of codes that live on."""
    for code in codebook.codes:
        wrong = "means all codes in the tables" if code.code == ALL else "is the name of a device on Windows"
        if code.code == ALL or DEVICE.fullmatch(code.code):
            problems.add(codebook.path, f"line {code.line}", f"'{code.code}' {wrong}", "Choose another id.")
    seen: dict[str, Code] = {}
    for code in codebook.codes:
        first = seen.setdefault(code.code.casefold(), code)
        if first is not code:
            alike = "" if first.code == code.code else f" as '{first.code}'"
            place = f"line {code.line}"
            wrong = f"the code '{code.code}' stands already in line {first.line}{alike}"
            problems.add(codebook.path, place, wrong, "Give each its own id.")
    for code in codebook.codes:
        known: set[str] = set()
        for old in code.formerly:
            if old.casefold() in known:
                do = "Leave one of them."
                problems.add(
                    codebook.path, f"line {code.line}", f"'{old}' stands twice in `formerly` of '{code.code}'", do
                )
            known.add(old.casefold())
            if old.casefold() in seen:
                problems.add(
                    codebook.path,
                    f"line {code.line}",
                    f"'{code.code}' was formerly '{old}', but '{seen[old.casefold()].code}' is a living code",
                    "Take it out of `formerly`, or rename the living code.",
                )


def _plain(value: Any) -> Any:
    """ruamel's containers as plain dicts and lists, which spaCy's Matcher insists on."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (bool, int, float)) or value is None else _text(value)


def _text(value: Any) -> str:
    """A value as text, '' for none. JSON writes signs beyond the basic plane in two halves, which YAML leaves apart."""
    text = "" if value is None else str(value)
    if any("\ud800" <= char <= "\udfff" for char in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
