"""Anchors: where each coding stood, kept in codings/anchors.csv, so that it follows its passage or is listed.

A passage is found again in a changed text by its words and by the talk before and after it. It is the same passage
where these were the only ones of their kind when it was anchored, seen from either side, and still are. Where that is
not certain it is no one's place: words that are equal to it may be other words.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import count
from pathlib import Path

from ..errors import Problems
from ..files import Row, check_rows, read_rows, schema, write_text
from ..hiding import SHARED, Hider
from ..study import ANCHORS, Study
from ..text import EDGE, ENDS, FUZZY_MINIMUM, GONE, SourceText, digest, fold, fold_all

HUMAN, RULE, DONE = "human", "rule", "done"

# Characters of talk that are kept from before and after a passage.
WIDTH = 32
# Where it is looked for now there may be more blanks and punctuation.
WIDE = 2 * WIDTH
# Letters of them that must be the same at least: fewer are the same by chance.
ENOUGH = 12
# Where there is more talk before or after what is kept.
_CUT = "…"
# What stands for any name that is hidden, where contexts are compared.
_NAME = "\x04"

MEND = "No one edits this file: restore it as it was, or delete it and run `qualcode anchor`."

CHANGED = "the words that it stood on were changed or taken away"
UNSURE = "the words that it stood on are there, but not certainly those: others are equal to them"
NO_ANSWER = "the answer that it stood in is no longer there"
NO_SOURCE = "the source that it stood in is no longer there"


@dataclass(frozen=True)
class Anchor:
    """Where a coding stood. `row` is what a coder's row asked for; a proposal that was decided on has none.

    `text` is the version of the source. `needs_before` letters of the talk before tell the passage from its equals in
    the source, and so do `needs_after`; 0: the passage has no equals, and is long enough to have none by chance.
    """

    coding: str
    row: str
    rows: int
    source: str
    text: str
    start: int
    end: int
    coder: str
    code: str
    evidence: str
    quote: str
    before: str
    after: str
    needs_before: int
    needs_after: int
    hidden: str
    answer: str
    number: int = field(default=0, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.coding, self.row

    @property
    def maker(self) -> str:
        return maker(self.coder, self.code)


COLUMNS = tuple(item.name for item in fields(Anchor) if item.name != "number")
_NUMBERS = tuple(item.name for item in fields(Anchor) if item.type == "int")


def maker(coder: str, code: str) -> str:
    """Who or what made a coding, as identity has it; a coder's mark of how far they came has no code."""
    return RULE if not coder else f"{HUMAN} {coder}" if code else f"{DONE} {coder}"


def someone_withdrew(study: Study, source: str) -> bool:
    """Whether words that are not in a source may be those of someone who withdrew; '': in whatever source."""
    people = study.people_in(source) if source else study.participants
    return any(person.status == "withdrawn" for person in people)


class Anchors:
    """Where the anchored passages stand now, and the ids that they keep."""

    def __init__(self, anchors: Iterable[Anchor], sources: Mapping[str, SourceText], study: Study) -> None:
        self.anchors = sorted(anchors, key=_order)
        self._rows: dict[str, list[Anchor]] = {}
        for anchor in self.anchors:
            self._rows.setdefault(anchor.row, []).append(anchor)
        self._ids = {anchor.coding: anchor for anchor in self.anchors}
        self._kept: dict[tuple[str, str, str, str], dict[int, str]] = {}
        self._free: dict[tuple[str, str, str, str], tuple[list[str], Iterator[int]]] = {}
        self._found: dict[tuple[str, str], tuple[int, int] | str] = {}
        hider = cache(study.hider)
        for anchor in self.anchors:
            text = sources.get(anchor.source)
            found = NO_SOURCE if text is None else find(anchor, text, hider(anchor.source))
            self._found[anchor.key] = found
            if text is not None and not isinstance(found, str):
                group = (anchor.source, anchor.maker, anchor.code, text.key(*found))
                self._kept.setdefault(group, {}).setdefault(text.occurrence(*found), anchor.coding)

    @classmethod
    def read(cls, study: Study, sources: Mapping[str, SourceText]) -> Anchors:
        """Those of codings/anchors.csv, if there is one. Raises QualcodeError naming every row that is wrong."""
        path = study.folder / "codings" / ANCHORS
        return cls(_read(path, sources) if path.exists() else [], sources, study)

    def of_row(self, row: str, before: int) -> Anchor | None:
        """The anchor of what a row asks for that has so many rows like it before it; one that is new has none."""
        for anchor in self._rows.get(row, []):
            if before < max(anchor.rows, 1):
                return anchor
            before -= anchor.rows
        return None

    def of_coding(self, coding: str) -> Anchor | None:
        """The anchor of a coding or a proposal by its id."""
        return self._ids.get(coding)

    def place(self, anchor: Anchor) -> tuple[int, int] | str:
        """Where the anchored passage stands now, or why that is not known."""
        return self._found[anchor.key]

    def identity(self, source: str, text: SourceText, start: int, end: int, maker: str, code: str) -> str:
        """The id of a coding: a hash of source, words, which of the equal quotations it is, maker and code.

        Edits elsewhere in the source, and renames of the code, leave it alone. An anchored passage keeps its id also
        where equal ones were put before it, or a name in it is hidden otherwise; no other passage ever gets that id.
        """
        key, which = text.key(start, end), text.occurrence(start, end)
        if not self._ids:
            return digest(source, key, which, maker, code)
        group = (source, maker, code, key)
        kept = self._kept.get(group, {})
        if which in kept:
            return kept[which]
        place = which - sum(other < which for other in kept)
        free, numbers = self._free.setdefault(group, ([], count(1)))
        while len(free) < place:
            made = digest(source, key, next(numbers), maker, code)
            if made not in self._ids:
                free.append(made)
        return free[place - 1]


# --- finding a passage again ---------------------------------------------------------------------------------------


def find(anchor: Anchor, text: SourceText, hider: Hider) -> tuple[int, int] | str:
    """Where an anchored passage stands in the text as it is now, or why that is not known."""
    if anchor.text == text.version:
        return anchor.start, anchor.end
    scope = text.within(anchor.answer) if anchor.answer else text
    if scope is None:
        return NO_ANSWER
    # Names that are hidden now were perhaps not then, and those of then may be hidden behind other words now.
    wordings = hider.variants(anchor.quote) if anchor.quote else []
    hidden = _replacements(hider)
    then = frozenset(anchor.hidden.split(";"))

    def spans(wordings: Iterable[str]) -> list[tuple[int, int]]:
        return sorted({span for words in wordings for span in scope.spans(_wording(words, then - hidden, hidden))})

    def held(span: tuple[int, int], side: int, kept: Sequence[str], needs: int) -> bool:
        return any(_held(words, _outwards(scope.around(*span, WIDE), side, hidden | then), needs) for words in kept)

    found = spans(wordings)
    if not found:
        return CHANGED
    # The words at either end with the talk beyond it: in a passage across turns, one of them may have been copied.
    first, last = (spans({_lines(words)[at] for words in wordings}) for at in (0, -1))
    contexts = [(before, after) for before in hider.variants(anchor.before) for after in hider.variants(anchor.after)]
    before, after = ([_outwards(_ended(both), side, hidden | then) for both in contexts] for side in (0, 1))
    starts = [span[0] for span in first if held(span, 0, before, anchor.needs_before)]
    ends = [span[1] for span in last if held(span, 1, after, anchor.needs_after)]
    if len(found) == 1:
        # The talk on one side was changed: a passage whose words there have no equals has not changed with it.
        starts = starts or [found[0][0]] * (not anchor.needs_before and len(first) == 1 and len(ends) == 1)
        ends = ends or [found[0][1]] * (not anchor.needs_after and len(last) == 1 and len(starts) == 1)
    sure = [(start, end) for start, end in found if starts == [start] and ends == [end]]
    if not sure:
        return UNSURE
    start, end = sure[0]
    # Beside words that are spelt as these were, they may have changed places with them.
    spelt = {words.rstrip(ENDS) for words in wordings}
    near = [(s, e) for s, e in found if start - (e - s) - WIDE <= s <= end + WIDE]
    alike = [span for span in near if _words(scope, *span).rstrip(ENDS) in spelt]
    return UNSURE if alike and sure[0] not in alike else _with_ends(scope, sure[0], anchor.quote)


def _words(text: SourceText, start: int, end: int) -> str:
    """The words of a span, a line for each utterance, labels left out."""
    return "\n".join(text.text[max(start, item.start) : min(end, item.end)] for item in text.covered(start, end))


def _lines(quote: str) -> list[str]:
    """The words of each utterance of a passage, but for those in which it holds no more than a quotation mark."""
    return [line for line in quote.split("\n") if fold(line)] or [quote]


def _wording(words: str, retired: frozenset[str], hidden: frozenset[str]) -> str | re.Pattern[str]:
    """Words as they are looked for: folded, and open to any name where they hold one that names no one any more."""
    names = _any_of(retired)
    if names is None or not names.search(words):
        return fold(words)
    others = "|".join(re.escape(name) for name in sorted(map(fold_all, hidden), key=lambda name: (-len(name), name)))
    parts = list(map(fold_all, names.split(words)))
    parts[0], parts[-1] = parts[0].lstrip(ENDS), parts[-1].rstrip(ENDS)
    return re.compile(f"(?:{others})".join(map(re.escape, parts)))


def _replacements(hider: Hider) -> frozenset[str]:
    """What may stand in the place of a name."""
    return frozenset({SHARED, *(entry.replacement for entry in hider.entries)})


@cache
def _any_of(names: frozenset[str]) -> re.Pattern[str] | None:
    joined = "|".join(re.escape(name) for name in sorted(names - {""}, key=lambda name: (-len(name), name)))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if joined else None


def _outwards(around: tuple[str, str], side: int, names: frozenset[str]) -> str:
    """What is compared of the talk before (side 0) or after (1) a passage, read away from it.

    Letters and digits, folded, and the marks at the far end; one name that is hidden is as good as another.
    """
    hidden = _any_of(names)
    text = hidden.sub(_NAME, around[side]) if hidden else around[side]
    letters = "".join(char for char in fold_all(text) if char.isalnum() or char in (EDGE, GONE, _NAME))
    return letters if side else letters[::-1]


def _ended(kept: tuple[str, str]) -> tuple[str, str]:
    """Contexts as they were kept, with the mark of the edge where they are not cut off."""
    before, after = kept
    return (before if before.startswith(_CUT) else EDGE + before, after if after.endswith(_CUT) else after + EDGE)


def _same(kept: str, now: str) -> int:
    """How many letters agree, from the passage outwards; where talk ended, it may be that it was withdrawn since."""
    pairs = zip(kept, now, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b and (a, b) != (EDGE, GONE)), min(len(kept), len(now)))


def _held(kept: str, now: str, needs: int) -> bool:
    """Whether a context is still there, as far as it takes to tell the passage from its equals."""
    same = _same(kept, now)
    whole = same == len(kept) and kept.endswith(EDGE)
    return same >= max(needs, ENOUGH) or (whole and same >= needs) or (now[same : same + 1] == GONE and not needs)


def _with_ends(text: SourceText, span: tuple[int, int], quote: str) -> tuple[int, int]:
    """A span with the punctuation that the passage had at its end, which is not looked for."""
    start, end = span
    ending = quote[len(quote.rstrip(ENDS)) :]
    return (start, end + len(ending)) if text.text.startswith(ending, end) else (start, end)


# --- anchoring -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stood:
    """Where a row of a coder put a coding, or where a proposal stands that was decided on (`row` is then '')."""

    coding: str
    row: str
    source: str
    start: int
    end: int
    coder: str
    code: str
    evidence: str
    applies: bool = False


def renew(
    stood: Iterable[Stood],
    unplaced: Iterable[Anchor],
    anchors: Anchors,
    sources: Mapping[str, SourceText],
    study: Study,
) -> list[Anchor]:
    """The anchors of all that stands somewhere, and those of rows that were not placed or carried out."""
    renewed: dict[tuple[str, str], Anchor] = {}
    hider = cache(study.hider)
    for item in stood:
        key = item.coding, item.row
        if key not in renewed:
            renewed[key] = _anchored(item, sources[item.source], hider(item.source))
        renewed[key] = replace(renewed[key], rows=renewed[key].rows + item.applies)
    for anchor in unplaced:
        if anchor.key not in renewed:
            stands = anchors.place(anchor)
            renewed[anchor.key] = (
                kept(anchor, study)
                if isinstance(stands, str)
                else moved(anchor, sources[anchor.source], stands, hider(anchor.source))
            )
    return sorted(renewed.values(), key=_order)


def kept(anchor: Anchor, study: Study) -> Anchor:
    """The anchor of a passage that is not in its source any more: names hidden, without words of who withdrew."""
    if someone_withdrew(study, anchor.source):
        return wordless(anchor)
    hide = study.hider(anchor.source).hide
    return replace(anchor, quote=hide(anchor.quote), before=hide(anchor.before), after=hide(anchor.after))


def wordless(anchor: Anchor) -> Anchor:
    """An anchor without the words: what it stood on is found again only where the whole text is as it was."""
    return replace(anchor, quote="", before="", after="", hidden="")


def moved(anchor: Anchor, text: SourceText, place: tuple[int, int], hider: Hider) -> Anchor:
    """The anchor of the same coding where its passage stands now."""
    item = Stood(anchor.coding, anchor.row, anchor.source, *place, anchor.coder, anchor.code, anchor.evidence)
    return replace(_anchored(item, text, hider), rows=anchor.rows)


def _anchored(item: Stood, text: SourceText, hider: Hider) -> Anchor:
    start, end = item.start, item.end
    answer = text.answer(start, end)
    scope = (text.within(answer) if answer else None) or text
    quote = _words(text, start, end)
    words = _lines(quote)
    before, after = scope.around(start, end, WIDTH)
    hidden = _replacements(hider)
    # The equals of the words at either end; the first and the last of these are themselves.
    firsts, lasts = scope.spans(fold(words[0])), scope.spans(fold(words[-1]))
    firsts.remove(next(span for span in firsts if span[0] >= start))
    lasts.remove(next(span for span in reversed(lasts) if span[1] <= end))

    def needs(side: int, equals: list[tuple[int, int]], words: str) -> int:
        if not equals and len(fold(words)) >= FUZZY_MINIMUM:
            return 0
        own, *others = (
            _outwards(around, side, hidden).replace(GONE, EDGE)
            for around in ((before, after), *(scope.around(*span, WIDE) for span in equals))
        )
        return 1 + max((_same(own, other) for other in others), default=0)

    names = _any_of(hidden)
    standing = names.findall("\n".join((before, quote, after))) if names else []
    return Anchor(
        coding=item.coding,
        row=item.row,
        rows=0,
        source=item.source,
        text=text.version,
        start=start,
        end=end,
        coder=item.coder,
        code=item.code,
        evidence=item.evidence,
        quote=quote,
        before=before[1:].strip() if before[:1] in (EDGE, GONE) else _CUT + before.strip(),
        after=after[:-1].strip() if after[-1:] in (EDGE, GONE) else after.strip() + _CUT,
        needs_before=needs(0, firsts, words[0]),
        needs_after=needs(1, lasts, words[-1]),
        hidden=";".join(sorted(set(standing))),
        answer=answer,
    )


# --- the file ------------------------------------------------------------------------------------------------------


def _read(path: Path, sources: Mapping[str, SourceText]) -> list[Anchor]:
    header, rows = read_rows(path)
    problems = Problems()
    for column in sorted(set(COLUMNS) - set(header) - set(schema("anchors")["required"])):
        problems.add(path, "row 1", f"the column '{column}' is missing", MEND)
    check_rows(header, rows, "anchors", path, problems)
    problems.stop()
    anchors: dict[tuple[str, str], Anchor] = {}
    for row in rows:
        anchor = _anchor(row)
        text = sources.get(anchor.source)
        unchanged = text is not None and text.version == anchor.text
        wrong = ""
        if (first := anchors.setdefault(anchor.key, anchor)) is not anchor:
            wrong = f"the coding '{anchor.coding}' stands already in row {first.number}"
        elif text and unchanged and anchor.quote and fold(anchor.quote) != text.key(anchor.start, anchor.end):
            wrong = f"these are not the words at {anchor.start} to {anchor.end} of '{anchor.source}'"
        if wrong:
            problems.add(path, f"row {row.number}", wrong, MEND)
    problems.stop()
    return list(anchors.values())


def _anchor(row: Row) -> Anchor:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    return Anchor(**{**cells, **{name: int(cells[name]) for name in _NUMBERS if name != "number"}}, number=row.number)  # type: ignore[arg-type]


def write(anchors: Iterable[Anchor], study: Study) -> None:
    """Write codings/anchors.csv, whole or not at all; a file that would be the same, or empty, is left alone."""
    anchors = sorted(anchors, key=_order)
    path = study.folder / "codings" / ANCHORS
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(anchor, name) for name in COLUMNS] for anchor in anchors)
    if path.read_bytes() != text.getvalue().encode() if path.exists() else anchors:
        write_text(path, text.getvalue())


def _order(anchor: Anchor) -> tuple[str, int, int, str, str]:
    return anchor.source, anchor.start, anchor.end, anchor.coding, anchor.row
