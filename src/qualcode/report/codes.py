"""The pages of the codebook and of each code: what it means, how it changed, and every passage behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ..codebook import Code, Codebook
from .passages import Behind, Group, Passage, Tally

# What member checks say of codes, by code.
Checks = Mapping[str, Sequence[str]]

# Texts and lists of a code, as the codebook's page heads them.
_TOLD = {
    "use_when": "Use when",
    "not_when": "Not when",
    "question": "Research question",
    "role": "Place in the paradigm",
    "memo": "Memo",
}
_LISTED = {
    "examples": "Examples",
    "words": "Words that propose it",
    "unless": "Unless",
    "formerly": "Formerly",
}
_NEGATION = {"": "", "count": "counts like any other", "only": "alone counts"}


def described(code: Code, hide: Callable[[str], str], checks: Checks) -> list[tuple[str, list[str]]]:
    """What the codebook says of a code besides its name and definition, names hidden: (heading, items).

    First of all what participants said of it in member checks.
    """
    told = [(head, [getattr(code, key)]) for key, head in _TOLD.items() if getattr(code, key)]
    told += [(head, list(getattr(code, key))) for key, head in _LISTED.items() if getattr(code, key)]
    told += [("Patterns", [str(pattern) for pattern in code.patterns])] if code.patterns else []
    told += [("What is negated", [_NEGATION[code.negation]])] if code.negation else []
    hidden = [(head, [hide(item) for item in items]) for head, items in told]
    return [("Member check", list(checks[code.code])), *hidden] if code.code in checks else hidden


def tree(
    codebook: Codebook, behind: Behind, classes: Mapping[str, str], hide: Callable[[str], str], checks: Checks
) -> list[dict[str, Any]]:
    """Every code in the codebook's order with its description and how often it counts."""
    found = []
    for code in codebook.codes:
        tally = behind.tallies(code.code)[""]
        found.append(
            {
                "code": code.code,
                "name": code.name,
                "level": code.level,
                "colour": classes[code.code],
                "definition": hide(code.definition),
                "told": described(code, hide, checks),
                **figures(tally),
            }
        )
    return found


def figures(tally: Tally) -> dict[str, int]:
    return {"codings": len(tally.codings), "utterances": len(tally.utterances), "people": len(tally.people)}


def shown(passage: Passage, keys: Sequence[str], colour: str) -> dict[str, Any]:
    """A passage as its row on a page."""
    return {"passage": passage, "classes": " ".join([colour, *keys])}


def by_source(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(source, list(of)) for source, of in groupby(rows, key=lambda row: row["passage"].source)]


def page_of(
    code: Code,
    codebook: Codebook,
    behind: Behind,
    colour: str,
    hide: Callable[[str], str],
    changes: Sequence[Mapping[str, Any]],
    checks: Checks,
) -> dict[str, Any]:
    """All that the page of a code shows: a passage of a code below it stands on its page too."""
    rows = []
    for passage in behind.by_code[code.code]:
        keys = [key for utterance, person in passage.credits for key in behind.keys(code.code, utterance, person)]
        rows.append(shown(passage, list(dict.fromkeys(keys)), colour))
    others = [p for p in behind.passages if p.code == code.code and not p.counts]
    tallies = behind.tallies(code.code)
    groups: list[dict[str, Any]] = [
        {"group": group, **figures(tallies[group.key])} for group in _groups(code, codebook, behind, tallies)
    ]
    return {
        "code": code,
        "above": [codebook.by_id[key] for key in code.path[:-1]],
        "below": [below for below in codebook.codes if below.parent == code.code],
        "definition": hide(code.definition),
        "told_of_code": described(code, hide, checks),
        "figures": figures(tallies[""]),
        "groups": groups,
        "by_attribute": [(name, list(of)) for name, of in groupby(groups, key=lambda row: row["group"].attribute)],
        "sources": by_source(rows),
        "others": [shown(passage, [], colour) for passage in others],
        "changes": [row for row in changes if code.code in row["code"].split("; ")],
    }


def _groups(code: Code, codebook: Codebook, behind: Behind, tallies: Mapping[str, Tally]) -> list[Group]:
    """The groups into which something of the code falls, and the codes that tables show together with it."""
    pairs = [
        Group(behind.together(other.code), "together with", other.name)
        for other in codebook.codes
        if other.code != code.code
    ]
    return [group for group in (*behind.groups, *pairs) if group.key in tallies]


def filters(groups: Sequence[Mapping[str, Any]]) -> str:
    """The style that, without a script, leaves of a page only what falls into the group that its address names."""
    return "".join(
        f"#{key}:target~.by li:not(.{key}){{display:none}}\n#{key}:target~.by:not(:has(.{key})){{display:none}}\n"
        for key in (row["group"].key for row in groups)
    )
