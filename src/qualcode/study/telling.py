"""What a study is made of, in sentences and lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..console import counted_words, enumeration
from .model import ADDED, Source, Study

_KINDS = {
    "focus_group": ("focus group", "focus groups"),
    "interview": ("interview", "interviews"),
    "survey": ("survey", "surveys"),
    "document": ("document", "documents"),
}
_ADDITIONS = "additions in answers to member checks"
# What was said aloud, and may have been recorded: a survey or a document never was.
_RECORDED = ("focus_group", "interview")
# More recordings than this are told as a number.
_MOST_NAMED = 8


def sources_by_kind(study: Study) -> list[str]:
    """How many sources there are of each kind: `2 focus groups`, `1 survey`; what was added in answers comes last."""
    kinds = [source.kind for source in study.sources]
    told = [counted_words(kinds.count(kind), *words) for kind, words in _KINDS.items() if kind in kinds]
    added = sum(len(source.given) for source in study.sources if source.kind == ADDED)
    return [*told, counted_words(added, "addition in an answer to a member check", _ADDITIONS)] if added else told


def recorded(study: Study) -> list[Source]:
    """The sources that were said aloud."""
    return [source for source in study.sources if source.kind in _RECORDED]


def heard_again(study: Study) -> list[str]:
    """Which recordings were heard again, by whom and when, and which ones by nobody, as sources.csv says."""
    heard: dict[str, list[str]] = {}
    unheard = []
    for source in recorded(study):
        if not (source.audited_by or source.audited_at):
            unheard.append(source.source)
            continue
        by = study.hider(source.source).hide(source.audited_by)
        how = f"{f' by {by}' if by else ''}{f' on {source.audited_at}' if source.audited_at else ''}"
        heard.setdefault(how, []).append(source.source)
    told = [f"{_recordings(names)} heard again{how}." for how, names in heard.items()]
    return [*told, f"{_recordings(unheard)} not heard again."] if unheard else told


def _recordings(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"The recording of {names[0]} was"
    shown = enumeration(names) if len(names) <= _MOST_NAMED else f"{len(names)} sources (sources.csv)"
    return f"The recordings of {shown} were"


def settings_told(settings: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Settings as lines of name and value; the name of a block and a key are joined by a colon."""
    lines: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            lines += settings_told(value, f"{name}: ")
        elif value is None or value in ("", [], {}):
            lines.append((name, "(none)"))
        elif isinstance(value, list):
            lines.append((name, enumeration(map(str, value))))
        else:
            lines.append((name, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)))
    return lines
