"""What people call sources and codes, as the ids that these have: file names, names of codes, paths of names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from ..codebook import Code, Codebook
from ..study import Source, Study, label_key

# What may part the name of a source from the rest of a file's name, and the codes of a path ("Help > Time").
_PARTING = re.compile(r"[-_ .(]+")
_STEP = re.compile(r"\s*[>\\]\s*")

# Ids by what they may be called: the surest first.
_Levels = list[Mapping[str, set[str]]]


class Names:
    """The ids of a study's sources and of a codebook's codes by what people call them."""

    def __init__(self, study: Study, codebook: Codebook) -> None:
        self._sources, self._codebook = study.sources, codebook
        self._met: dict[tuple[str, str], list[str]] = {}

    def sources(self, typed: str) -> list[str]:
        """The ids of the sources that something typed may mean: none or several where that is not certain.

        A source is called by its id, by the name of its file or by its stem, in any case, and with more words behind
        one of them. What goes on as the name of another source does ("talk-3" beside `talk` and `talk-1`) is neither.
        """
        if ("source", typed) not in self._met:
            stem = re.sub(r"\.[^.\s]{1,5}$", "", typed)
            found = [typed] if any(source.source == typed for source in self._sources) else []
            found = found or _first(self._files, (label_key(typed), label_key(stem)))
            self._met["source", typed] = found or self._going_on(label_key(typed), label_key(stem))
        return self._met["source", typed]

    def codes(self, typed: str) -> list[str]:
        """The ids of the codes that something typed may mean: an id or former id, a name, a path of names.

        The parts of a path ("Help > Time", as MAXQDA writes it) are the names of a code and of codes that it stands in.
        """
        if ("code", typed) not in self._met:
            found = [typed] if typed in self._codebook.by_id or self._codebook.heirs(typed) else []
            found = found or _first(self._names, (label_key(typed), _words(typed)))
            self._met["code", typed] = found or self._at(typed)
        return self._met["code", typed]

    @cached_property
    def _files(self) -> _Levels:
        ways: list[Callable[[Source], str]] = [lambda s: s.source, lambda s: s.path.name, lambda s: s.path.stem]
        return [_by_name((label_key(way(source)), source.source) for source in self._sources) for way in ways]

    @cached_property
    def _names(self) -> _Levels:
        codes = self._codebook.codes
        ids = [*self._codebook.by_id, *(old for code in codes for old in code.formerly)]
        names = [(code.name, code.code) for code in codes]
        return [
            _by_name((label_key(known), known) for known in ids),
            _by_name((label_key(name), code) for name, code in names),
            _by_name((_words(name), code) for name, code in [*zip(ids, ids, strict=True), *names]),
        ]

    def _going_on(self, typed: str, stem: str) -> list[str]:
        """The source whose name something typed begins with; or those whose file's name begins with it."""
        known = _by_name(
            (name, id) for level in (self._files[0], self._files[2]) for name in level for id in level[name]
        )
        begun = {name: rest for name in known if (rest := _rest(typed, name))}
        if not begun:
            return sorted({source for name, ids in known.items() if _rest(name, stem) for source in ids})
        longest = max(begun, key=len)
        rivals = [_rest(name, longest) for name, ids in known.items() if ids != known[longest]]
        if any(rest and rest[0].isdigit() == begun[longest][0].isdigit() for rest in rivals):
            return []
        return sorted(known[longest])

    def _at(self, typed: str) -> list[str]:
        """The codes at the end of a path of names; those of which the path names every ancestor go first."""
        *above, last = _STEP.split(typed)
        found = [code for code in self._codebook.codes if above and _is_called(code, last)]
        found = [code for code in found if self._stands_in(code, above)]
        whole = [code for code in found if code.level == len(above) + 1]
        return [code.code for code in whole or found]

    def _stands_in(self, code: Code, names: Iterable[str]) -> bool:
        above = iter([self._codebook.by_id[ancestor] for ancestor in code.path[:-1]])
        return all(any(_is_called(ancestor, name) for ancestor in above) for name in names)


def _is_called(code: Code, name: str) -> bool:
    return _words(name) in (_words(code.code), _words(code.name))


def _words(name: str) -> str:
    """A name as it is compared with ids, which have hyphens for blanks.

    >>> _words("Clear  expectations"), _words("clear-expectations"), _words("Support -")
    ('clear expectations', 'clear expectations', 'support -')
    """
    return re.sub(r"(?<=\w)[-_](?=\w)", " ", label_key(name))


def _by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, known in pairs:
        found[name].add(known)
    return found


def _first(levels: _Levels, keys: Iterable[str]) -> list[str]:
    """The ids of the surest level at which one of the keys is known."""
    keys = list(keys)
    return next((sorted(ids) for level in levels for key in keys if (ids := level.get(key))), [])


def _rest(name: str, beginning: str) -> str:
    """What stands behind the beginning of a name and a sign that parts them; '' where that is nothing."""
    if not beginning or not name.startswith(beginning):
        return ""
    parting = _PARTING.match(name, len(beginning))
    return name[parting.end() :] if parting else ""
