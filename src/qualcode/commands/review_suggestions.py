"""Suggestions in the sheets of `qualcode review`: which are still to decide on, and what comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from .. import tables
from ..codebook import Codebook
from ..codings.sheets import RULE
from ..codings.workbook import Proposal
from ..console import counted_words
from ..tables.learning import PROPOSED, SECOND_LOOK
from ..text import SourceText

if TYPE_CHECKING:
    import pandas as pd

P = TypeVar("P", bound=Proposal)
S = TypeVar("S", "Said", "Suggestion")
LIKELY, UNCERTAIN, TRANSCRIPT = ORDERS = ("likely", "uncertain", "transcript")
# So many suggestions are as much as a person decides on at a sitting.
MOST = 100
# What is told of a suggestion whose reasons would tell what others coded, by its basis.
WITHHELD = {"learned": "learned from codings that count", "nearest": "near its definition, examples or codings"}


@dataclass(frozen=True)
class Suggestion(Proposal):
    """A suggestion as a person decides on it; `likeness`, `status` and `because` are those of table suggestions."""

    likeness: float = 0.0
    status: str = ""
    because: tuple[str, ...] = ()


class Said(NamedTuple):
    """A coding, or a decision on one (`what`)."""

    coding: str
    source: str
    start: int
    end: int
    code: str
    coder: str
    what: str = ""


class Known:
    """What a coder may know of the work on a study, and what they said themselves.

    `made` are the tables open_codes, decisions and coders.
    """

    def __init__(self, coder: str, made: Mapping[str, pd.DataFrame], codebook: Codebook) -> None:
        self.coder, self.made, self.codebook = coder, made, codebook
        coders = made["coders"].sort_values("coder")
        columns = (coders[name].tolist() for name in ("source", "coder", "said"))
        self._worked: dict[str, dict[str, bool]] = {}
        for source, other, said in zip(*columns, strict=True):
            self._worked.setdefault(source, {})[other] = said

    def visible(self, source: str) -> dict[str, str]:
        """Whose codes a sheet may show, and what it calls them: others' only where both said that they are done."""
        worked = self._worked.get(source, {})
        others = [other for other, said in worked.items() if said and other != self.coder and worked.get(self.coder)]
        return {self.coder: "you"} | {other: other for other in others}

    def blind(self, source: str) -> bool:
        """Whether others worked on a source and the coder may not see what they did."""
        return not self._worked.get(source, {}).keys() <= self.visible(source).keys()

    def codings(self) -> Iterator[Said]:
        """What the coder may see of the codings that people made."""
        table = self.made["open_codes"]
        for row in table[(table["basis"] == "human") & (table["status"] != "withdrawn")].itertuples():
            if row.coder in self.visible(row.source):
                yield Said(row.coding, row.source, row.start, row.end, row.code, row.coder)

    def decisions(self) -> Iterator[Said]:
        """What the coder may see of the decisions that hold; where a code was split, on each of its heirs."""
        codings, table = self.made["open_codes"], self.made["decisions"]
        codes = dict(zip(codings["coding"], codings["code"], strict=True))
        table = table[table["holds"] & ~table["sample"] & table["start"].notna()]
        for row in table[table["action"].isin(["accept", "reject", "withdraw"])].itertuples():
            if row.coder in self.visible(row.source):
                now = row.now or codes.get(row.coding, "")
                for code in [now] if now else self.codebook.heirs(row.code):
                    yield Said(row.coding, row.source, int(row.start), int(row.end), code, row.coder, row.action)

    @cached_property
    def citable(self) -> set[str]:
        """The ids of codings that the coder made or accepted, or may see that others did: reasons name all who did."""
        own = {item.coding for item in self.codings()}
        table, accepts = self.made["open_codes"], self.made["decisions"]
        rules = set(table.loc[table["basis"] == "rule", "coding"])
        accepts = accepts[(accepts["action"] == "accept") & accepts["holds"]]
        hidden = {row.coding for row in accepts.itertuples() if row.coder not in self.visible(row.source)}
        accepted = {item.coding for item in self.decisions() if item.what == "accept"}
        return own | (accepted & rules - hidden)

    def within(self, code: str, other: str) -> bool:
        """Whether a code is another one, or a kind of it."""
        return other in self.codebook.by_id[code].path


def read_suggestions(
    results: Path, sources: Mapping[str, SourceText], codebook: Codebook
) -> tuple[list[Suggestion], list[str]]:
    """The suggestions of the last run that are of words and codes as they are now, and what to tell of the others."""
    path = results / tables.TABLES["suggestions"].file
    if not path.exists():
        return [], [f"Suggestions are left out: {path} is not there. Run `make results`."]
    found, old = [], 0
    for row in tables.read(results, "suggestions").itertuples():
        text, code = sources.get(row.source), codebook.current(row.code)
        if code is None or text is None or text.text[row.start : row.end] != row.quote:
            old += 1
            continue
        probability = None if row.probability != row.probability else row.probability
        place = row.coding, row.source, row.start, row.end, code.code
        because = tuple(filter(None, row.because.split("; ")))
        found.append(Suggestion(*place, row.reason, "", row.basis, probability, row.likeness, row.status, because))
    changed = "their words or codes were changed since they were made. Run `make results`."
    return found, [f"{counted_words(old, 'suggestion')} left out: {changed}"] * bool(old)


class Open:
    """The suggestions of a study that a coder may be asked about; `hide` takes out of reasons what must not be told."""

    def __init__(self, suggestions: Iterable[Suggestion], known: Known, hide: Callable[[str], str]) -> None:
        self._known, self._hide = known, hide
        self._codings, self._decisions = _by_source(known.codings()), _by_source(known.decisions())
        self._codes = Counter(item.code for item in known.codings())
        self._suggestions = _by_source(suggestions)

    def of(self, source: str, uncertain: bool, everything: bool) -> tuple[list[Suggestion], set[str], set[str]]:
        """What is suggested in a source, with what may be told of it.

        Beside it the ids of what the coder decided on, and of what touches words that the coder gave the code.
        """
        # That people who finished a source did not give a code tells of their coding.
        second = everything and not self._known.blind(source)
        asked = {PROPOSED} | ({"uncertain"} if uncertain else set()) | ({SECOND_LOOK} if second else set())
        found: list[Suggestion] = []
        decided, same = set(), set()
        for item in self._suggestions.get(source, []):
            if item.status not in asked:
                continue
            said = _touching(self._decisions.get(source, []), item, item.code)
            coded = _touching(self._codings.get(source, []), item)
            if any(row.coder == self._known.coder for row in said):
                decided.add(item.coding)
            if any(row.coder == self._known.coder and self._known.within(row.code, item.code) for row in coded):
                same.add(item.coding)
            rejected = {row.coder: "rejected it" for row in said if row.what == "reject"}
            touching = [(row.coder, row.code) for row in coded]
            others = "; ".join(told_of(rejected, self._known.visible(source), touching))
            found.append(replace(item, others=others))
        return found, decided, same

    def ordered(self, proposals: Iterable[Proposal], order: str) -> list[Proposal]:
        """Proposals as they are decided on.

        Likely: the most probable first, then rules' as they stand in the talk, then those that are only near. Uncertain
        (Lewis & Gale 1994): those nearest to a probability of a half, then those that are only near, codes with the
        fewest codings first, then rules'. Transcript: all as they stand in the talk.
        """

        def place(item: Proposal) -> tuple[float, ...]:
            talk = item.start, item.end, self._known.codebook.order[item.code]
            likeness = item.likeness if isinstance(item, Suggestion) else 0.0
            if order == TRANSCRIPT:
                return talk
            if item.probability is not None:
                fewest = self._codes[item.code] if order == UNCERTAIN else 0
                first = abs(item.probability - 0.5) if order == UNCERTAIN else -item.probability
                return 0, first, fewest, *talk
            if item.basis == RULE:
                return 2, *talk
            return (1, self._codes[item.code], -likeness, *talk) if order == UNCERTAIN else (3, -likeness, *talk)

        return sorted(proposals, key=place)

    def limited(self, proposals: Sequence[Proposal], most: int, order: str) -> tuple[list[Proposal], int]:
        """Proposals in order with at most so many suggestions, those that come first; and how many more there are.

        Of a transcript, those that are the likeliest.
        """
        chosen = [
            item.coding
            for item in self.ordered(proposals, LIKELY if order == TRANSCRIPT else order)
            if item.basis != RULE
        ]
        waiting = set(chosen[most:])
        return self.ordered((item for item in proposals if item.coding not in waiting), order), len(waiting)

    def unseen(self, items: Iterable[Proposal]) -> int:
        """How many suggestions rest on codings that the coder may not see."""
        suggested = (item for item in items if isinstance(item, Suggestion))
        return sum(not self._known.citable.issuperset(item.because) for item in suggested)

    def reasoned(self, item: P) -> P:
        """A suggestion with its reason as this coder may read it.

        A reason quotes codings that count, whoever made them. It is shown where the coder made or may see all of these:
        else it would tell those who code blind how others code.
        """
        if not isinstance(item, Suggestion):
            return item
        reason = WITHHELD[item.basis] if self.unseen([item]) else self._hide(item.evidence)
        return replace(item, evidence=f"{SECOND_LOOK}: {reason}" if item.status == SECOND_LOOK else reason)


def merged(proposals: Sequence[Proposal], open_: Open, suggested: Sequence[Suggestion]) -> list[Proposal]:
    """Proposals of rules and suggestions, of which those of the same words and code are one: the rule's, with both."""
    by_code: dict[str, list[Proposal]] = {}
    for item in proposals:
        by_code.setdefault(item.code, []).append(item)
    twice: dict[str, Suggestion] = {}
    left: list[Proposal] = []
    for item in suggested:
        alike = [other for other in by_code.get(item.code, []) if _overlap(other, item)]
        twice |= {other.coding: item for other in alike}
        left += [] if alike else [item]
    both = [
        replace(item, probability=also.probability, evidence=f"{item.evidence}\n{open_.reasoned(also).evidence}")
        if (also := twice.get(item.coding))
        else item
        for item in proposals
    ]
    return both + left


def told_of(by: Mapping[str, str], visible: Mapping[str, str], touching: Sequence[Sequence[str]]) -> Iterator[str]:
    """What may be told of a proposal, coder by coder: what they decided on it, and how they coded words of it.

    `touching` are (coder, code).
    """
    for coder, called in visible.items():
        if coder in by:
            yield f"{called} {by[coder]}"
        if codes := dict.fromkeys(code for who, code in touching if who == coder):
            yield f"{called} coded it: {', '.join(codes)}"


def _overlap(one: Proposal, other: Proposal) -> bool:
    return one.start < other.end and other.start < one.end


def _by_source(items: Iterable[S]) -> dict[str, list[S]]:
    found: dict[str, list[S]] = {}
    for item in items:
        found.setdefault(item.source, []).append(item)
    return found


def _touching(rows: Iterable[Said], item: Proposal, code: str = "") -> list[Said]:
    """The rows on words of a proposal, of one code where that is given."""
    return [row for row in rows if row.start < item.end and item.start < row.end and code in ("", row.code)]
