"""How a codebook came to be: what each version changed, in codes, their place, their meaning and their rules.

The record that an audit trail asks for (Lincoln & Guba 1985), as of categories revised in rounds (Mayring 2014).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import SequenceMatcher
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING

from ..errors import Problems, QualcodeError
from . import Code, Codebook, load_codebook

if TYPE_CHECKING:
    from ..study import Study

CURRENT = "current"
# What may become of a code, in the order in which it is told. `named`: the name alone, under the same id.
CHANGES = (
    "added", "renamed", "merged", "split", "retired", "moved", "named", "redefined", "examples", "rules", "role",
    "question",
)  # fmt: skip
# What a code means, and what of that goes into tables word for word: the rest may hold words of people.
_MEANING = ("definition", "use_when", "not_when")
_RULES = ("words", "patterns", "unless")
# How like each other two definitions must be, and two lists of words, to be told as a rename that may be missing.
ALIKE, IN_COMMON = 0.85, 0.5
# Shorter definitions are like one another by chance.
_LONG_ENOUGH = 20


@dataclass(frozen=True)
class Change:
    """A row of table codebook_changes. `code` and `name` are those now, empty where the code is no more.

    `codings` touches what the codes have or had; `decide` of them need a person, because their code was split.
    """

    old: str
    new: str
    change: str
    code: str
    name: str
    before: str
    after: str
    codings: int = 0
    decide: int = 0
    note: str = field(default="", compare=False)

    @property
    def row(self) -> dict[str, str | int]:
        """The change by the columns of the table."""
        named = {"old": "from", "new": "to"}
        return {named.get(item.name, item.name): getattr(self, item.name) for item in fields(self)}


def versions(study: Study) -> list[tuple[str, Codebook]]:
    """Every version of a study's codebook by its label: a date (and -2, -3 …), and `current`.

    Raises QualcodeError that names every file that cannot be read, and every problem in it.
    """
    problems = Problems()
    read: list[tuple[str, Codebook]] = []
    for label, path in [*study.history.items(), (CURRENT, study.codebook)]:
        try:
            read.append((label, load_codebook(path)))
        except QualcodeError as error:
            problems.extend(error)
    problems.stop()
    return read


def changes(
    versions: Sequence[tuple[str, Codebook]], touched: Mapping[str, int], hide: Callable[[str], str] = str
) -> list[Change]:
    """What each version changed from the one before, in the order of the newer codebook, what is gone at the end.

    `touched` counts codings by the id they are kept under, now or then. A code is followed through `formerly` only.
    Ids, names and definitions are compared and told as `hide` shows them.
    """
    shown = shown_ids(versions, hide)
    told = [(label, _hidden(book, shown, hide)) for label, book in versions]
    codings = {shown.get(code, code): number for code, number in touched.items()}
    return [
        change
        for (old_label, old), (new_label, new) in pairwise(told)
        for change in _Comparison(old, new, codings, told[-1][1], (old_label, new_label)).changes()
    ]


def shown_ids(versions: Sequence[tuple[str, Codebook]], hide: Callable[[str], str]) -> dict[str, str]:
    """How each id of any version is told: those that hide alike are numbered, because they are different codes."""
    ids = dict.fromkeys(key for _, book in versions for code in book.codes for key in (*code.formerly, code.code))
    shown = {code: _without(code, hide) for code in ids}
    taken = {code for code, text in shown.items() if code == text}
    for code, text in shown.items():
        if code != text:
            # The first keeps the text, the next are "text (2)", "text (3)" …
            numbered = (f"{text} ({number})" for number in count(2))
            shown[code] = next(free for free in chain([text], numbered) if free not in taken)
            taken.add(shown[code])
    return shown


def _without(code: str, hide: Callable[[str], str]) -> str:
    """An id as it may be told: itself, or what its words are once names are hidden ("anas-plan": Ana's plan)."""
    words = re.sub("[-_]", " ", code)
    for text in (words, re.sub(r"(?<=\w)s\b", "'s", words)):
        if (hidden := hide(text)) != text:
            return hidden
    return hide(code)


def _hidden(book: Codebook, shown: Mapping[str, str], hide: Callable[[str], str]) -> Codebook:
    return replace(book, codes=tuple(told_code(code, shown, hide) for code in book.codes))


def told_code(code: Code, shown: Mapping[str, str], hide: Callable[[str], str]) -> Code:
    """A code with its name, definition and ids as they may be told (`shown` has the ids)."""
    return replace(
        code,
        code=shown[code.code],
        path=tuple(shown[above] for above in code.path),
        formerly=tuple(shown[former] for former in code.formerly),
        name=hide(code.name),
        definition=hide(code.definition),
    )


class _Comparison:
    """Two versions of a codebook, one after the other."""

    def __init__(
        self, old: Codebook, new: Codebook, touched: Mapping[str, int], last: Codebook, labels: tuple[str, str]
    ) -> None:
        self.old, self.new, self._touched, self._last, self._labels = old, new, touched, last, labels
        # The ids that each old id went on as: itself, one (renamed or merged), several (split) or none (retired).
        self._heirs = {c.code: [c.code] if c.code in new.by_id else new.heirs(c.code) for c in old.codes}
        self._ancestors = {
            code.code: [old_id for old_id, heirs in self._heirs.items() if heirs == [code.code]] for code in new.codes
        }
        self._split_into = {heir for heirs in self._heirs.values() if len(heirs) > 1 for heir in heirs}

    def changes(self) -> list[Change]:
        added = [
            code for code in self.new.codes if not self._ancestors[code.code] and code.code not in self._split_into
        ]
        retired = [code for code in self.old.codes if not self._heirs[code.code]]
        likely = _likely_renames(retired, added)
        made = [change for code in self.new.codes for change in self._of_code(code, added, likely)]
        for old_id, heirs in self._heirs.items():
            if len(heirs) > 1:
                made.append(self._split(old_id, heirs))
        by_old = {old: new for new, old in likely.items()}
        for code in retired:
            near = by_old.get(code.code)
            note = f"very like '{near}', which is new" if near else ""
            made.append(self._change("retired", None, code.code, "", [code.code], note))
        return made

    def _of_code(self, code: Code, added: Sequence[Code], likely: Mapping[str, str]) -> Iterator[Change]:
        ancestors = self._ancestors[code.code]
        if code in added:
            near = likely.get(code.code)
            note = f"very like '{near}', which is gone: if it is that code, write `formerly: [{near}]`" if near else ""
            yield self._change("added", code, "", code.code, [], note)
        if len(ancestors) > 1:
            yield self._change("merged", code, "; ".join(ancestors), code.code, ancestors)
        elif ancestors and ancestors[0] != code.code:
            yield self._change("renamed", code, ancestors[0], code.code, ancestors)
        # Of several that were merged, the new code is compared with the one that it goes on from, if it does.
        before = ancestors[0] if len(ancestors) == 1 else code.code if code.code in ancestors else ""
        if before:
            yield from self._within(self.old.by_id[before], code)

    def _within(self, old: Code, new: Code) -> Iterator[Change]:
        """What changed in a code that went on."""

        def change(kind: str, before: str, after: str, note: str = "") -> Change:
            return self._change(kind, new, before, after, [old.code], note)

        if self._moved(old, new):
            yield change("moved", " > ".join(old.path[:-1]), " > ".join(new.path[:-1]))
        if old.name != new.name and old.code == new.code:
            yield change("named", old.name, new.name)
        changed = [key for key in _MEANING if getattr(old, key) != getattr(new, key)]
        if changed:
            was, now = (code.definition if "definition" in changed else "" for code in (old, new))
            yield change("redefined", was, now, ", ".join(changed))
        if _changed(old, new, ("examples",)):
            was, now = _counts(old, new, ("examples",))
            yield change("examples", was, now)
        if _changed(old, new, _RULES) or old.negation != new.negation:
            was, now = _counts(old, new, _RULES)
            yield change("rules", was, now, "" if old.negation == new.negation else "negation")
        for key in ("role", "question"):
            if getattr(old, key) != getattr(new, key):
                yield change(key, getattr(old, key), getattr(new, key))

    def _moved(self, old: Code, new: Code) -> bool:
        """Whether a code stands below another one; not where that one was only renamed, merged or split."""
        if not old.parent:
            return bool(new.parent)
        return new.parent not in self._heirs[old.parent]

    def _split(self, old_id: str, heirs: Sequence[str]) -> Change:
        names = "; ".join(self.new.by_id[heir].name for heir in heirs)
        codings = self._touched.get(old_id, 0)
        into = "; ".join(heirs)
        return Change(*self._labels, "split", into, names, old_id, into, self._codings([old_id, *heirs]), codings)

    def _change(
        self, kind: str, code: Code | None, before: str, after: str, ancestors: Sequence[str], note: str = ""
    ) -> Change:
        ids = [*ancestors, *([code.code] if code else [])]
        now, name = (code.code, code.name) if code else ("", self.old.by_id[before].name)
        return Change(*self._labels, kind, now, name, before, after, self._codings(ids), 0, note)

    def _codings(self, ids: Sequence[str]) -> int:
        """Codings under the ids, and under those that they go by in the last version."""
        now = [heir.code for code in ids if (heir := self._last.current(code))]
        return sum(self._touched.get(code, 0) for code in dict.fromkeys([*ids, *now]))


def _items(code: Code, key: str) -> list[str]:
    """What a list holds, as text, because patterns cannot be compared otherwise; its order means nothing."""
    return sorted(map(str, getattr(code, key)))


def _changed(old: Code, new: Code, keys: Sequence[str]) -> bool:
    return any(_items(old, key) != _items(new, key) for key in keys)


def _counts(old: Code, new: Code, keys: Sequence[str]) -> tuple[str, str]:
    """How many items the lists had and have, how many are gone and new: not the items, which may be words of people."""
    before, after = [], []
    for key in keys:
        was, now = _items(old, key), _items(new, key)
        if was != now:
            gone, come = len(set(was) - set(now)), len(set(now) - set(was))
            before.append(f"{key}: {len(was)}" + f" ({gone} gone)" * bool(gone))
            after.append(f"{key}: {len(now)}" + f" ({come} new)" * bool(come))
    return "; ".join(before), "; ".join(after)


def _likely_renames(retired: Sequence[Code], added: Sequence[Code]) -> dict[str, str]:
    """New codes that are very like one that is gone, each with that one; the likest first, none twice."""
    pairs = [(-likeness(old, new), new.code, old.code) for new in added for old in retired]
    found: dict[str, str] = {}
    for unlike, new_id, old_id in sorted(pairs):
        if unlike and new_id not in found and old_id not in found.values():
            found[new_id] = old_id
    return found


def likeness(old: Code, new: Code) -> float:
    """0 where nothing says that two codes are one, else up to 1: of one name, or nearly equal definitions or words."""
    if old.name.casefold() == new.name.casefold():
        return 1.0
    best = 0.0
    if min(len(old.definition), len(new.definition)) >= _LONG_ENOUGH:
        matcher = SequenceMatcher(None, old.definition.casefold(), new.definition.casefold(), autojunk=False)
        if matcher.quick_ratio() >= ALIKE:
            best = matcher.ratio() if matcher.ratio() >= ALIKE else 0.0
    was, now = set(old.words), set(new.words)
    common = len(was & now) / len(was | now) if len(was & now) > 1 else 0.0
    return max(best, common if common >= IN_COMMON else 0.0)
