"""The passages behind the codes, and the groups of talk by which each table counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..checked import WAITS, WITHDRAWN
from ..codebook import Codebook
from ..console import enumeration
from ..counting import SAID, groupings
from ..quoting import Speech, columns

if TYPE_CHECKING:
    import pandas as pd

# More people than this are not told apart in a table, and passages not by person.
MOST_PEOPLE = 30
PERSON = "person"
# Where a coding stands that no one has turned down.
STANDING = ("accepted", "proposed")
_SHOWN = (
    "coding", "source", "start", "end", "quote", "code", "coder", "basis", "evidence", "status", "counts", "reason",
    "use", "round", "memo",
)  # fmt: skip
# Told of a coding that the codebook's words made, where the words that they met may not be shown.
_NOT_SHOWN = "the words that the rule met are not shown"


@dataclass(frozen=True)
class Group:
    """A value by which a table counts; `key` is its anchor on the page of a code."""

    key: str
    attribute: str
    value: str


@dataclass(frozen=True)
class Passage:
    """A coding as pages show it. `credits`: the utterances it covers, and who is credited with each ('': no one).

    `quote` has the words as they may be shown after member checks.
    """

    coding: str
    source: str
    start: int
    end: int
    quote: str
    code: str
    coder: str
    basis: str
    evidence: str
    status: str
    counts: bool
    reason: str
    use: str
    round: str
    memo: str
    name: str
    who: str
    place: str
    # Who speaks first in a passage of several turns.
    opens: str
    barred: str
    credits: tuple[tuple[str, str], ...] = ()

    @property
    def maker(self) -> str:
        return self.coder or "the codebook's words"

    @property
    def standing(self) -> bool:
        return self.status in STANDING


@dataclass
class Tally:
    """What of a code falls into a group: codings, the utterances that are data, and the people credited."""

    codings: set[str] = field(default_factory=set)
    utterances: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)

    def add(self, coding: str, utterance: str, person: str, data: bool) -> None:
        self.codings.add(coding)
        if data:
            self.utterances.add(utterance)
        if person:
            self.people.add(person)


class Behind:
    """Every coding, by code with all that is below it, and by the groups that tables count by.

    `pairs` are the pairs of codes that a table shows together: on the pages of both stands what has both.
    """

    def __init__(
        self,
        read: Mapping[str, pd.DataFrame],
        codebook: Codebook,
        speech: Speech,
        pseudonyms: Mapping[str, str],
        pairs: Sequence[tuple[str, str]] = (),
    ):
        self._codebook = codebook
        self._tallies: dict[str, dict[str, Tally]] = {}
        self.passages = _passages(read, codebook, speech, pseudonyms)
        self.groups, self._of_utterance, self._of_person = _groups(read)
        self._data = {u for u, role in columns(read["utterances"], "utterance", "role") if role in SAID}
        self._partners: dict[str, list[str]] = {}
        for first, second in pairs:
            self._partners.setdefault(first, []).append(second)
            self._partners.setdefault(second, []).append(first)
        self.by_code: dict[str, list[Passage]] = {code.code: [] for code in codebook.codes}
        self._codes_of: dict[str, set[str]] = {}
        for passage in self.passages:
            if passage.counts:
                for code in codebook.by_id[passage.code].path:
                    self.by_code[code].append(passage)
                    for utterance, _ in passage.credits:
                        self._codes_of.setdefault(utterance, set()).add(code)

    def together(self, code: str) -> str:
        """The anchor, on another code's page, of what has this code too."""
        return f"w{self._codebook.order[code]}"

    def falls(self, utterance: str, person: str) -> list[str]:
        """The anchors of the groups into which an utterance falls, whatever the page is about."""
        return [*self._of_utterance.get(utterance, ()), *self._of_person.get(person, ())]

    def keys(self, code: str, utterance: str, person: str) -> list[str]:
        """The anchors, on the page of a code, of the groups into which an utterance falls."""
        found = self.falls(utterance, person)
        codes = self._codes_of.get(utterance, ())
        return found + [self.together(other) for other in self._partners.get(code, ()) if other in codes]

    def tallies(self, code: str) -> dict[str, Tally]:
        """What falls into each group, by its anchor; '' is all of it."""
        if code not in self._tallies:
            found: dict[str, Tally] = {"": Tally()}
            for passage in self.by_code[code]:
                for utterance, person in passage.credits:
                    for key in ("", *self.keys(code, utterance, person)):
                        found.setdefault(key, Tally()).add(passage.coding, utterance, person, utterance in self._data)
            self._tallies[code] = found
        return self._tallies[code]


def _passages(
    read: Mapping[str, pd.DataFrame], codebook: Codebook, speech: Speech, pseudonyms: Mapping[str, str]
) -> list[Passage]:
    """Every coding on a code that the codebook has, in the order of the table (by source and position)."""
    credits: dict[str, list[tuple[str, str]]] = {}
    for coding, utterance, person in columns(read["open_code_utterances"], "coding", "utterance", "participant"):
        credits.setdefault(coding, []).append((utterance, person))
    found = []
    for row in columns(read["open_codes"], *_SHOWN):
        given: dict[str, Any] = dict(zip(_SHOWN, row, strict=True))
        if given["code"] not in codebook.by_id:
            continue
        place = (given["source"], int(given["start"]), int(given["end"]))
        given["quote"] = speech.checked.told(place[0], place[1], given["quote"])
        if given["basis"] == "rule" and speech.checked.covering(*place):
            given["evidence"] = _NOT_SHOWN
        speakers = [pseudonyms.get(person, person) for person in speech.speakers(*place) if person]
        found.append(
            Passage(
                **given,
                name=codebook.by_id[given["code"]].name,
                who=" and ".join(speakers),
                place=speech.place(*place),
                opens=pseudonyms.get(speech.opening(*place), ""),
                barred=barred(speech, pseudonyms, *place),
                credits=tuple(credits.get(given["coding"], ())),
            )
        )
    return found


def barred(speech: Speech, pseudonyms: Mapping[str, str], source: str, start: int, end: int) -> str:
    """Why a passage may not be quoted, '' where it may."""
    if declining := speech.declining(source, start, end):
        return f"{_names(declining, pseudonyms)} said no"
    if withdrawing := speech.withdrawing(source, start, end):
        kinds = {mark.kind for mark in speech.checked.covering(source, start, end)}
        done = (
            "withdrew words of it" if WITHDRAWN in kinds
            else "wants to change it" if WAITS in kinds
            else "amended words that are not whole here"
        )  # fmt: skip
        return f"{_names(withdrawing, pseudonyms)} {done}"
    if refusing := speech.refusing(source, start, end):
        return f"it waits for an answer of {_names(refusing, pseudonyms)}"
    return "" if speech.may_quote(source, start, end) else "a coder said never"


def _names(people: Sequence[str], pseudonyms: Mapping[str, str]) -> str:
    return enumeration(pseudonyms.get(person, "someone unknown") for person in people)


def _groups(read: Mapping[str, pd.DataFrame]) -> tuple[list[Group], dict[str, list[str]], dict[str, list[str]]]:
    """The groups in the order of their tables, and the keys of those of each utterance and each person."""
    groups: list[Group] = []
    of_person: dict[str, list[str]] = {}
    people = read["participants"][read["participants"]["role"] == "participant"]
    if len(people) <= MOST_PEOPLE:
        for person, pseudonym in columns(people, "participant", "pseudonym"):
            groups.append(Group(f"g{len(groups)}", PERSON, pseudonym))
            of_person[person] = [groups[-1].key]
    of_utterance: dict[str, list[str]] = {}
    told = list(dict.fromkeys(read["frequencies_by"]["attribute"]))
    # Named, so that what the table leaves out is left out here, too.
    for attribute, value, inside in groupings(read["utterances"], read["attributes"], told) if told else ():
        groups.append(Group(f"g{len(groups)}", attribute, value))
        for utterance in inside["utterance"]:
            of_utterance.setdefault(utterance, []).append(groups[-1].key)
    return groups, of_utterance, of_person
