"""What the coding gives to quote of a theme: what coders chose, else candidates; and what is set against it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..console import counted_words, enumeration
from ..quoting import Quotable, Quotation, Sentences, Speech, candidates, columns, in_turn, quotable

if TYPE_CHECKING:
    import pandas as pd

EXEMPLAR, CANDIDATE = "Exemplar", "Candidate (not chosen by a coder)"
AGAINST, CONSIDER = "Set against this theme", "To consider"
NOTHING_AGAINST = "Nothing in the coding is set against this theme. Something in what was said may be."
# More people than this are not named.
MOST_NAMED = 8


@dataclass(frozen=True)
class Quoted:
    """Quotations under one label, each with what the label says of it in particular, and notes for the reader."""

    label: str
    quotations: tuple[tuple[Quotation, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What there is to quote. `codings` is the table open_codes, `most` how many quotations a theme gets at most.

    `quoted` are the places (source, start, end) of what themes before quote: others are preferred to them.
    """

    codings: pd.DataFrame
    sentences: Sentences
    speech: Speech
    pseudonyms: Mapping[str, str]
    most: int
    quoted: set[tuple[str, int, int]] = field(default_factory=set)

    def of(self, codes: Collection[str]) -> tuple[Quoted, Quoted]:
        """What speaks for a theme made of these codes, and what is set against it."""
        under = self.codings[self.codings["code"].isin(codes)]
        counted = under[under["counts"]]
        speaking = self._for(counted)
        shown = [quotation for quotation, _ in speaking.quotations]
        against = self._against(under, counted, shown)
        self.quoted.update(item.span for part in (speaking, against) for item, _ in part.quotations)
        return speaking, against

    def _for(self, counted: pd.DataFrame) -> Quoted:
        chosen = self._marked(counted, "exemplar")
        picked = in_turn(self._fresh_first(chosen))[: self.most]
        notes = _missing(chosen, len(picked), "exemplar")
        if chosen.quotations:
            return Quoted(EXEMPLAR, _plain(picked), notes)
        deviant = counted["use"] == "deviant"
        barred = quotable(counted[deviant], self.speech, self.pseudonyms).quotations
        found = [item for item in self._candidates(counted[~deviant]) if not _touches_any(item, barred)]
        notes += self._taken_back(counted)
        if not found and len(counted) and self.most:
            notes += (
                "No candidate can be quoted: no one whose words stand here has agreed to it, or what they say is too "
                "short or too long to stand alone, or repeats what someone else took back.",
            )
        return Quoted(CANDIDATE, _plain(found[: self.most]), notes)

    def _taken_back(self, counted: pd.DataFrame) -> tuple[str, ...]:
        """How many codings that nobody marked hold words that participants withdrew or want to change."""
        unmarked = counted[~counted["use"].isin(["exemplar", "deviant"])]
        number = quotable(unmarked, self.speech, self.pseudonyms).withdrawn
        return (_withdrawn(counted_words(number, "coding"), number),) if number else ()

    def _against(self, under: pd.DataFrame, counted: pd.DataFrame, shown: Sequence[Quotation]) -> Quoted:
        chosen = self._marked(counted, "deviant")
        picked = [item for item in in_turn(self._fresh_first(chosen)) if not _touches_any(item, shown)][: self.most]
        notes = _missing(chosen, len(picked), "coding marked deviant", "codings marked deviant")
        if chosen.quotations:
            return Quoted(AGAINST, _plain(picked), notes)
        pools = self._to_consider(under, counted)
        found: list[tuple[Quotation, str]] = []
        for why, pool in pools.items():
            taken = [*shown, *(quotation for quotation, _ in found)]
            found += [(item, why) for item in self._candidates(pool) if not _touches_any(item, taken)]
        if found:
            return Quoted(CONSIDER, tuple(found[: self.most]), notes)
        hidden = sum(len(pool) for pool in pools.values())
        if hidden and self.most:
            notes += (f"{counted_words(hidden, 'coding')} to consider in open_codes.csv cannot be quoted here.",)
        return Quoted(AGAINST, (), notes or (NOTHING_AGAINST,))

    def _marked(self, counted: pd.DataFrame, use: str) -> Quotable:
        """Counted codings with that mark. Words of moderators alone are no findings."""
        marked = counted[counted["use"] == use]
        data = [bool(self.sentences.touched(*place)) for place in columns(marked, "source", "start", "end")]
        return quotable(marked.loc[data], self.speech, self.pseudonyms)

    def _fresh_first(self, chosen: Quotable) -> list[Quotation]:
        return sorted(chosen.quotations, key=lambda item: item.span in self.quoted)

    def _candidates(self, codings: pd.DataFrame) -> list[Quotation]:
        return in_turn(candidates(codings, self.sentences, self.speech, self.pseudonyms, self.quoted))

    def _to_consider(self, under: pd.DataFrame, counted: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Codings that are no proof against a theme and may be read as one, by what they are, the strongest first.

        A sentence that counts for the theme is not held against it.
        """
        spans: dict[str, list[tuple[int, int]]] = {}
        for source, start, end in columns(counted, "source", "start", "end"):
            spans.setdefault(source, []).append((start, end))
        rules = under[(under["basis"] == "rule") & ~under["counts"]]
        free = [
            not any(begin < end and start < stop for begin, stop in spans.get(source, ()))
            for source, start, end in columns(rules, "source", "start", "end")
        ]
        rules = rules.loc[free]
        others = under[(under["use"] == "deviant") & (under["status"] == "accepted") & ~under["counts"]]
        return {
            "marked deviant by a coder whose coding does not count here": others,
            "the codebook's words for it are negated here": rules[rules["status"] == "negated"],
            "the codebook's words for it stand here, and a coder turned it down": rules[rules["status"] == "rejected"],
        }


def _plain(quotations: Sequence[Quotation]) -> tuple[tuple[Quotation, str], ...]:
    return tuple((quotation, "") for quotation in quotations)


def _touches_any(item: Quotation, others: Sequence[Quotation]) -> bool:
    return any(item.touches(other) for other in others)


def _missing(found: Quotable, shown: int, one: str, many: str = "") -> tuple[str, ...]:
    """What a reader has to know of marked codings that are not shown."""
    notes = []
    if more := len(found.quotations) - shown:
        notes.append(f"{counted_words(more, _further(one, shown), _further(many, shown))} not shown.")
    if found.declined:
        told = (f"{name} may not be quoted ({passages})" for name, passages in _named(found.declined))
        notes.append(f"Of {many or one + 's'} not shown: {'; '.join(told)}.")
    if found.withdrawn:
        held = counted_words(found.withdrawn, _further(one, shown), _further(many, shown))
        notes.append(_withdrawn(held, found.withdrawn))
    if found.waits:
        waiting = counted_words(found.waits, _further(one, shown), _further(many, shown))
        names = enumeration(name for name, _ in _named(found.waiting))
        notes.append(f"{waiting} {'waits' if found.waits == 1 else 'wait'} for an answer of {names}.")
    if found.never:
        held = counted_words(found.never, _further(one, shown), _further(many, shown))
        verb = "holds" if found.never == 1 else "hold"
        notes.append(f"{held} {verb} words that a coder marked never to be quoted.")
    return tuple(notes)


def _withdrawn(held: str, number: int) -> str:
    verb, still = ("holds", "it still counts") if number == 1 else ("hold", "they still count")
    return f"{held} {verb} words that a participant withdrew or changed in a member check; {still}."


def _further(noun: str, shown: int) -> str:
    return f"further {noun}" if noun and shown else noun


def _named(people: Mapping[str, int]) -> list[tuple[str, str]]:
    """Names, and in how many passages they speak; of many people some names, and the others together."""
    listed = [(name, counted_words(number, "passage")) for name, number in people.items()]
    if len(listed) <= MOST_NAMED:
        return listed
    others = counted_words(len(listed) - MOST_NAMED, "other person", "other people")
    passages = counted_words(sum([*people.values()][MOST_NAMED:]), "passage")
    return [*listed[:MOST_NAMED], (others, passages)]
