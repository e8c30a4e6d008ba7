"""YAML as people type it: every value with its line, duplicate keys and aliases refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import Problems, failure
from .files import decode, one_sentence


def read_yaml(path: Path, problems: Problems | None = None) -> Any:
    """A YAML 1.2 file as nested mappings and lists that remember their lines.

    Raises QualcodeError for what is no YAML, for aliases, and for duplicate keys, all of them; with `problems` these
    are added there, and the first of the keys holds.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError

    text, _ = decode(path)
    # An alias needs an anchor: without one there is no need to read the file twice.
    if "&" in text and _uses_alias(text):
        raise failure(path, "", "the file uses YAML anchors and aliases (& and *)", "Write the values out.")
    try:
        return YAML(typ="rt").load(text)
    except DuplicateKeyError:
        found = problems or Problems()
        for line, key in _duplicates(YAML(typ="rt").compose(text)):
            found.add(path, f"line {line}", f"the key '{key}' stands twice", "Keep one of them.")
        if problems is None:
            found.stop()
        tolerant = YAML(typ="rt")
        tolerant.allow_duplicate_keys = True
        return tolerant.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}" if mark else ""
        wrong = f"this is not valid YAML: {error.problem or error.context}"
        do = "Indent with blanks (no tabs), align the dashes, and put text that holds ': ' or begins with * in quotes."
        raise failure(path, place, wrong, do) from None
    except Exception as error:  # dates, numbers and tags that are none, nesting without end: ruamel raises many kinds
        wrong = f"this YAML file cannot be read ({one_sentence(error)})"
        raise failure(path, "", wrong, "Put what is no number or date in quotation marks.") from None


def _uses_alias(text: str) -> bool:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    try:
        return any(isinstance(event, AliasEvent) for event in YAML(typ="rt").parse(text))
    except (YAMLError, RecursionError):
        return False  # the loader reports it with its line


def _duplicates(node: Any) -> Iterator[tuple[int, str]]:
    """(line, key) of every key that stands in its mapping already."""
    if not isinstance(node.value, list):
        return
    seen = set()
    for item in node.value:
        if isinstance(item, tuple):
            key, item = item
            if str(key.value) in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(str(key.value))
        yield from _duplicates(item)
