"""Who may be quoted, and which passages are: those that coders chose, and candidates."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from .checked import INSTEAD, Checked
from .content import LIGHT, LONG_ENOUGH, stop_words
from .counting import said
from .study import ADDED, Study
from .text import count_words, is_backchannel
from .typed import Gone, Owner

if TYPE_CHECKING:
    import pandas as pd

    from .tokens import Tokens

# Words of a candidate that tells something by itself and is read at one glance; no candidate is longer than LONGEST.
SHORTEST, FITTING, LONGEST = 8, 60, 120
# As sentences look: from a capital letter or a digit to a full stop, whatever quotation marks stand around it.
_COMPLETE = re.compile(r"[\"'“‘(\[]*[^\W_a-zß-öø-ÿ].*[.!?…][\"'”’)\]]*", re.DOTALL)
# What an utterance is called by the kind of its source; of talk it is a turn.
_UNITS = {"survey": "answer", "document": "paragraph", ADDED: "addition"}
# Speech that was masked before it came here.
_MASKED = re.compile(r"X{3,}|\bx{3,}\b")
# Someone of whom nothing is known.
NOT_KNOWN = "a person who is not known"


@dataclass(frozen=True)
class Speech:
    """Who speaks where, who may be quoted, which spans a coder said never to quote, and what member checks said.

    `spoken` has, by source in the order of the study, the utterances as they stand, none within another, `numbered`
    the number and the time code ('' where there is none) of each; `units` says what they are called if not turns. In
    `echoes` people repeat what someone else took back in a member check.
    """

    spoken: Mapping[str, Sequence[tuple[int, int, str]]]
    consent: Mapping[str, str]
    never: Mapping[str, Sequence[tuple[int, int]]]
    documents: frozenset[str]
    numbered: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)
    echoes: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        study: Study,
        utterances: pd.DataFrame,
        participants: pd.DataFrame,
        codings: pd.DataFrame,
        member_checks: pd.DataFrame,
    ) -> Speech:
        """`codings` and `member_checks` are the tables open_codes and member_checks."""
        spoken: dict[str, list[tuple[int, int, str]]] = {source.source: [] for source in study.sources}
        numbered: dict[str, list[tuple[str, str]]] = {}
        wanted = ("source", "start", "end", "participant", "utterance", "time_start")
        for source, start, end, person, utterance, time in sorted(columns(utterances, *wanted)):
            spoken.setdefault(source, []).append((start, end, person))
            numbered.setdefault(source, []).append((utterance.rpartition(":")[2], time))
        never: dict[str, list[tuple[int, int]]] = {}
        for source, start, end in columns(codings[codings["use"] == "never"], "source", "start", "end"):
            never.setdefault(source, []).append((start, end))
        consent = dict(columns(participants, "participant", "quote_consent"))
        documents = frozenset(source.source for source in study.sources if source.kind == "document")
        units = {source.source: _UNITS[source.kind] for source in study.sources if source.kind in _UNITS}
        again: dict[str, list[tuple[int, int]]] = {}
        for echo in echoes(member_checks, utterances):
            again.setdefault(echo.source, []).append((echo.start, echo.end))
        return cls(spoken, consent, never, documents, numbered, units, Checked.of(member_checks), again)

    def _within(self, source: str, start: int, end: int) -> slice:
        """Which utterances of a source a span reaches into."""
        spans = self.spoken.get(source, ())
        last = first = bisect_left(spans, (end,))
        while first and spans[first - 1][1] > start:
            first -= 1
        return slice(first, last)

    def speakers(self, source: str, start: int, end: int) -> list[str]:
        """The people whose words a span holds, '' for words of no known person."""
        spans = self.spoken.get(source, ())[self._within(source, start, end)]
        return list(dict.fromkeys(person for _, _, person in spans))

    def opening(self, source: str, start: int, end: int) -> str:
        """Who speaks first in a span of several turns, which names the others alone; '' where it needs no name."""
        met = self.spoken.get(source, ())[self._within(source, start, end)]
        return met[0][2] if len(met) > 1 and source not in self.documents else ""

    def place(self, source: str, start: int, end: int) -> str:
        """Where a span stands: "group-1, turn 12", "group-1, turns 12 to 14, 00:04:32", "form, answer 3"."""
        met = self.numbered.get(source, ())[self._within(source, start, end)]
        if not met:
            return source
        unit = self.units.get(source, "turn")
        turns = f"{unit}s {met[0][0]} to {met[-1][0]}" if len(met) > 1 else f"{unit} {met[0][0]}"
        return ", ".join(part for part in (source, turns, met[0][1]) if part)

    def refusing(self, source: str, start: int, end: int) -> list[str]:
        """The speakers in a span who have not said yes to being quoted. Documents have no one to ask.

        Who wanted to be asked first said yes to what they kept or amended in a member check.
        """
        met = self.spoken.get(source, ())[self._within(source, start, end)]
        unsure = dict.fromkeys(
            person
            for begin, stop, person in met
            if (person or source not in self.documents)
            and self.consent.get(person) != "yes"
            and not (
                self.consent.get(person) == "ask"
                and self.checked.allows(person, source, max(start, begin), min(end, stop))
            )
        )
        return list(unsure)

    def withdrawing(self, source: str, start: int, end: int) -> list[str]:
        """Those who took back, changed or want to change words of a span, so that it cannot be quoted."""
        if not self.checked.bars(source, (start, end)):
            return []
        return list(dict.fromkeys(mark.participant for mark in self.checked.covering(source, start, end)))

    def declining(self, source: str, start: int, end: int) -> list[str]:
        """Those of them who said no; the others have still to answer."""
        return [person for person in self.refusing(source, start, end) if self.consent.get(person) == "no"]

    def may_quote(self, source: str, start: int, end: int) -> bool:
        barred = any(begin < end and start < stop for begin, stop in self.never.get(source, ()))
        if barred or self.checked.bars(source, (start, end)):
            return False
        return not self.refusing(source, start, end)

    def may_pick(self, source: str, start: int, end: int) -> bool:
        """Whether a span may be quoted though no coder chose it: not where it repeats what someone else took back."""
        repeats = any(begin < end and start < stop for begin, stop in self.echoes.get(source, ()))
        return not repeats and self.may_quote(source, start, end)


@dataclass(frozen=True)
class Quotation:
    """Words that may be quoted: text[start:end] of the source, under which code, whose they are and where they stand.

    What a participant amended in a member check stands in `words` as amended, and says so. `voices` are the ids of the
    speakers; where no one is known, as in documents, the source is the one voice. `opens` is the pseudonym of the first
    of several turns, '' for words of one. `amended`: whether a participant amended something in them.
    """

    code: str
    source: str
    start: int
    end: int
    words: str
    who: str
    place: str
    voices: tuple[str, ...]
    opens: str = ""
    amended: bool = False

    @property
    def told(self) -> str:
        """The words as a reader needs them: over several turns with the name of who begins."""
        return f"{self.opens}: {self.words}" if self.opens else self.words

    @property
    def span(self) -> tuple[str, int, int]:
        return self.source, self.start, self.end

    def touches(self, other: Quotation) -> bool:
        """Whether both share words."""
        return self.source == other.source and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Quotable:
    """The codings that may be quoted, in the order of the study, and how many may not.

    `declined` counts those in which someone speaks who said no, by pseudonym, and `waiting` the others that wait for a
    person's answer; `waits` is how many these are (one may wait for several people). `withdrawn` are those of which
    participants withdrew words or want to change them, `never` those that hold words which a coder said never to quote.
    Each is counted once: as declined before withdrawn, waiting and never.
    """

    quotations: tuple[Quotation, ...]
    declined: Mapping[str, int]
    waiting: Mapping[str, int]
    waits: int
    never: int
    withdrawn: int = 0


def quotable(codings: pd.DataFrame, speech: Speech, pseudonyms: Mapping[str, str]) -> Quotable:
    """Which of these rows of open_codes may be quoted, each passage under a code once."""
    order = {source: number for number, source in enumerate(speech.spoken)}
    rows = columns(codings, "source", "start", "end", "code", "quote")
    found: dict[tuple[Any, ...], Quotation] = {}
    declined: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    waits = never = withdrawn = 0
    for source, start, end, code, words in sorted(rows, key=lambda row: (order.get(row[0], len(order)), *row)):
        if declining := speech.declining(source, start, end):
            declined.update(pseudonyms.get(person, NOT_KNOWN) for person in declining)
        elif speech.withdrawing(source, start, end):
            withdrawn += 1
        elif refusing := speech.refusing(source, start, end):
            waiting.update(pseudonyms.get(person, NOT_KNOWN) for person in refusing)
            waits += 1
        elif not speech.may_quote(source, start, end):
            never += 1
        else:
            found.setdefault(
                (source, start, end, code), _quotation(code, source, start, end, words, speech, pseudonyms)
            )
    told = (dict(sorted(declined.items())), dict(sorted(waiting.items())))
    return Quotable(tuple(found.values()), *told, waits, never, withdrawn)


def _quotation(
    code: str, source: str, start: int, end: int, words: str, speech: Speech, pseudonyms: Mapping[str, str]
) -> Quotation:
    people = [person for person in speech.speakers(source, start, end) if person]
    who = " and ".join(pseudonyms[person] for person in people) or source
    place, opens = speech.place(source, start, end), pseudonyms.get(speech.opening(source, start, end), "")
    shown = speech.checked.told(source, start, words)
    voices, amended = tuple(people) or (source,), bool(speech.checked.covering(source, start, end))
    return Quotation(code, source, start, end, shown, who, place, voices, opens, amended)


def exemplars(
    codings: pd.DataFrame, speech: Speech, pseudonyms: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], Quotable]:
    """The first quotable exemplar of each code (words, who, place), and all that coders marked so."""
    found = quotable(codings[codings["counts"] & (codings["use"] == "exemplar")], speech, pseudonyms)
    shown: dict[str, dict[str, str]] = {}
    for item in found.quotations:
        shown.setdefault(item.code, {"words": item.told, "who": item.who, "place": item.place})
    return shown, found


def in_turn(quotations: Sequence[Quotation]) -> list[Quotation]:
    """The first of each voice, then the second of each, and so on; none that shares words with an earlier one."""
    turns: Counter[tuple[str, ...]] = Counter()
    ranked = []
    for at, item in enumerate(quotations):
        ranked.append((turns[item.voices], at, item))
        turns[item.voices] += 1
    chosen: list[Quotation] = []
    for _, _, item in sorted(ranked, key=lambda entry: entry[:2]):
        if not any(item.touches(other) for other in chosen):
            chosen.append(item)
    return chosen


@dataclass(frozen=True)
class Sentences:
    """The sentences of those whose words are data, without signals of listening, by source in the order of the text.

    Each is (start, end, words of the utterance, its start).
    """

    spans: Mapping[str, Sequence[tuple[int, int, str, int]]]

    @classmethod
    def of(cls, utterances: pd.DataFrame, tokens_of: Callable[[str], Tokens], sources: Container[str]) -> Sentences:
        """`utterances` is the table, `tokens_of` what reads the stored parses of one of the `sources`."""
        data = set(said(utterances[~utterances["backchannel"]])["utterance"])
        spans: dict[str, list[tuple[int, int, str, int]]] = {}
        for source, group in utterances.groupby("source", sort=False):
            if source not in sources:
                continue
            rows = columns(group, "utterance", "start", "text")
            for (utterance, start, text), found in zip(rows, tokens_of(str(source)).sentences(), strict=True):
                if utterance in data:
                    within = [(start + begin, start + end, text, start) for begin, end in found]
                    spans.setdefault(str(source), []).extend(within)
        return cls(spans)

    def touched(self, source: str, start: int, end: int) -> Sequence[tuple[int, int, str, int]]:
        """The sentences that a span touches."""
        spans = self.spans.get(source, ())
        first = bisect_left(spans, start + 1, key=lambda span: span[1])
        return spans[first : bisect_left(spans, end, key=lambda span: span[0])]

    def runs(self, source: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """(start, end, words) of whole sentences in a row that a span touches, all of one utterance.

        From each sentence on as many as have no more than FITTING words together, but one at least.
        """
        spans = self.touched(source, start, end)
        for at, (begins, ends, text, base) in enumerate(spans):
            for span in spans[at + 1 :]:
                if span[3] != base or count_words(text[begins - base : span[1] - base]) > FITTING:
                    break
                ends = span[1]
            yield begins, ends, text[begins - base : ends - base]


def candidates(
    codings: pd.DataFrame,
    sentences: Sentences,
    speech: Speech,
    pseudonyms: Mapping[str, str],
    quoted: Container[tuple[str, int, int]] = (),
) -> list[Quotation]:
    """Passages that may stand for these codings where no coder chose one, the best of each person, the best first.

    A passage is whole sentences of one utterance that a coding touches, at most 60 words of them, or one sentence of at
    most 120. Before others come those of 8 to 60 words that begin and end as sentences do, then any of 8 to 60 words,
    then longer ones, then shorter ones; those in which speech is masked (XXXX) come last. Within these, those come
    after others that are `quoted` elsewhere (source, start, end), and then what tells most comes first: its different
    content words, each once for itself and once for every other person who uses it under these codings, squared, by its
    number of words. Ties are decided by the order of the study. Signals of listening are left out, and what repeats
    words that someone else took back.
    """
    order = {source: number for number, source in enumerate(speech.spoken)}
    rows = columns(codings, "source", "start", "end", "code")
    found: dict[tuple[str, int, int], Quotation] = {}
    for source, start, end, code in sorted(rows, key=lambda row: (order.get(row[0], len(order)), *row)):
        for begins, ends, words in sentences.runs(source, start, end):
            if count_words(words) <= LONGEST and not is_backchannel(words) and speech.may_pick(source, begins, ends):
                found.setdefault(
                    (source, begins, ends), _quotation(code, source, begins, ends, words, speech, pseudonyms)
                )
    used: dict[tuple[str, ...], set[str]] = {}
    for item in found.values():
        used.setdefault(item.voices, set()).update(content_words(item.words))
    users = Counter(word for words in used.values() for word in words)
    best: dict[tuple[str, ...], Quotation] = {}
    for item in sorted(found.values(), key=lambda item: _standing(item, users, quoted)):
        best.setdefault(item.voices, item)
    # Answers of a survey may be equal: the same words twice tell no more.
    return list({item.words.casefold(): item for item in reversed(best.values())}.values())[::-1]


def _standing(
    item: Quotation, users: Mapping[str, int], quoted: Container[tuple[str, int, int]]
) -> tuple[bool, int, bool, float]:
    """How a candidate ranks, the lowest first. `users` says how many voices use a word, its own included."""
    length = count_words(item.words)
    telling = sum(users[word] for word in content_words(item.words))
    fits = SHORTEST <= length <= FITTING
    unfit = 0 if fits and _COMPLETE.fullmatch(item.words) else 1 if fits else 2 if length > FITTING else 3
    return masked(item.words), unfit, item.span in quoted, -(telling**2) / max(length, 1)


def covered_words(checked: Checked, utterances: pd.DataFrame) -> list[tuple[str, str]]:
    """What participants withdrew or changed in member checks, as their sources have it now: (participant, words)."""
    return [
        (mark.participant, text[max(mark.start - start, 0) : mark.end - start])
        for source, start, end, text in columns(utterances, "source", "start", "end", "text")
        for mark in checked.covering(source, start, end)
    ]


@dataclass(frozen=True)
class Echo:
    """Words of an utterance, by their place in the source, that repeat words of someone else, their `owner`."""

    source: str
    start: int
    end: int
    utterance: str
    speaker: str
    owner: Owner


def echoes(member_checks: pd.DataFrame, utterances: pd.DataFrame) -> list[Echo]:
    """Stretches that repeat a run of words (see `typed.Gone`) that someone else took back, in the order of the talk.

    `member_checks` and `utterances` are the tables. Left out is what the speaker took back too.
    """
    rows = member_checks[member_checks["effect"].isin(INSTEAD)]
    if rows.empty:
        return []
    checked = Checked.of(member_checks)
    taken = []
    for row in rows.itertuples():
        owner = Owner(row.participant, row.effect, (row.return_code, row.question))
        taken.append((owner, row.quote))
        # The words may have been corrected since.
        first, last = (int(row.start), int(row.end)) if row.source else (0, 0)
        now = utterances[(utterances["source"] == row.source) & (utterances["start"] < last)]
        taken += [
            (owner, item.text[max(first - item.start, 0) : last - item.start])
            for item in now[now["end"] > first].itertuples()
        ]
    gone = Gone([], taken=taken)
    found = []
    for item in utterances.itertuples():
        for start, end, owner in gone.spans(item.text):
            first, last = item.start + start, item.start + end
            own = checked.covering(item.source, first, last)
            if owner.person != item.participant and not any(m.start <= first and last <= m.end for m in own):
                found.append(Echo(item.source, first, last, item.utterance, item.participant, owner))
    return found


def repeated(found: Iterable[Echo]) -> dict[tuple[str, str], str]:
    """What is to be told of quotations (return code, question) whose words others use too."""
    places: dict[tuple[str, str], dict[str, None]] = {}
    for echo in found:
        places.setdefault(echo.owner.asked, {})[f"{echo.speaker or 'someone'} in {echo.utterance}"] = None
    return {
        asked: f"others use words of it too ({', '.join(met)}): look whether they may be quoted"
        for asked, met in places.items()
    }


def masked(words: str) -> bool:
    """Whether something in these words was masked: a run of X."""
    return bool(_MASKED.search(words))


@cache
def content_words(text: str) -> frozenset[str]:
    """The different words that tell what a passage is about, in small letters."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return frozenset(word for word in words if len(word) >= LONG_ENOUGH) - stop_words() - LIGHT


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dicts."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def columns(table: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """The rows of some columns as tuples."""
    return list(table[list(names)].itertuples(index=False, name=None))
