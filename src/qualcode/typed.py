"""What people typed beside the transcripts, searched for names and for words that were withdrawn.

qualcode never edits what people wrote, so what is found there is told: the file and the place, never the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from .checked import AMENDED, INSTEAD, KEPT, WAITS, effect_of
from .checked import WITHDRAWN as TAKEN_BACK
from .codebook import Codebook
from .codings import memos, quoted
from .console import counted_words
from .errors import Problems
from .files import decode, line_of
from .study import PRINTED, WITHDRAWN, Study, label_key, slug
from .transcripts import Turn, read_transcript
from .yaml_files import read_yaml

# So many words in a row are a quotation; fewer are anyone's.
RUN = 5
# So many that two people say are no chance: one of them repeats the other.
REPEATED = 8
_Run = tuple[str, ...]
# What to do about such a quotation in what is printed.
TAKE_OUT = "They would be printed: take them out."
# An apostrophe, and what a word processor hides inside a word, part no words.
_INSIDE = "'’\u00ad\u200b\u200c\u200d\u2060"
_WORD = re.compile(rf"(?:[^\W_]|[{_INSIDE}])+")
_SILENT = str.maketrans("", "", _INSIDE)


@dataclass(frozen=True)
class Finding:
    """Something in a file that people wrote, for them to mend."""

    path: Path
    place: str
    told: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.path), self.place, self.told)))


@dataclass(frozen=True)
class Owner:
    """Whose words these are, and why they may not stand here: `effect` is that of a member check, '' who withdrew.

    `asked`: return code and question of that member check, where it matters.
    """

    person: str
    effect: str = ""
    asked: tuple[str, str] = ("", "")

    @property
    def told(self) -> str:
        """The words as a message names them."""
        if not self.effect:
            return f"words of '{self.person}', who withdrew,"
        done = {TAKEN_BACK: "withdrew", AMENDED: "changed", WAITS: "wants to change"}[self.effect]
        return f"words that '{self.person}' {done} in a member check"

    @property
    def marker(self) -> str:
        return INSTEAD[self.effect] if self.effect else WITHDRAWN


class Gone:
    """The words of people who withdrew, and quotations that were withdrawn or changed in a member check.

    Of people every RUN words in a row that no one else said too; `led` is what those who led the talk said: what of it
    stands in the guide is the study's own text. `taken` are quotations with their owners: what stands in the guide, in
    the words `anew` that their owner put in their place, or in the `talk` of others is not of these. Who repeats a
    whole quotation or REPEATED words of it in a row frees none of it. One of RUN - 1 words is looked for as a whole.
    """

    def __init__(
        self,
        said: Iterable[tuple[str, str]],
        others: Iterable[str] = (),
        led: Iterable[tuple[str, str]] = (),
        guide: Iterable[str] = (),
        taken: Iterable[tuple[Owner, str]] = (),
        talk: Iterable[tuple[str, str]] = (),
        anew: Iterable[tuple[str, str]] = (),
    ):
        own = {run for text in guide for run in _runs(_words(text))}
        self._whose = {run: Owner(person) for person, text in led for run in _runs(_words(text)) if run not in own}
        # What a participant said stays theirs, though it stands in the guide.
        self._whose |= {run: Owner(person) for person, text in said for run in _runs(_words(text))}
        if self._whose:
            for text in others:
                for run in _runs(_words(text)):
                    self._whose.pop(run, None)
        # Who withdrew has the last word on what both said.
        self._whose = {**_alone(taken, talk, guide, anew), **self._whose}
        self._lengths = sorted({len(run) for run in self._whose}, reverse=True)

    def spans(self, text: str) -> list[tuple[int, int, Owner]]:
        """Where their words stand in a text, and whose they are: stretches as long as they can be, in order."""
        met: list[tuple[int, int, Owner]] = []
        words = _words(text) if self._whose else []
        for length in self._lengths:
            for first, run in enumerate(_runs(words, length)):
                if owner := self._whose.get(run):
                    met.append((words[first][1], words[first + length - 1][2], owner))
        found: list[tuple[int, int, Owner]] = []
        for start, end, owner in sorted(met, key=lambda span: span[:2]):
            if found and found[-1][1] > start:
                if end <= found[-1][1]:
                    continue
                # It goes on: the same person's words, or those of one who said part of it and then something else.
                start = found.pop()[0] if found[-1][2] == owner else found[-1][1]
            found.append((start, end, owner))
        return found

    def __bool__(self) -> bool:
        return bool(self._whose)

    def hide(self, text: str) -> str:
        """The text with a marker in the place of their words."""
        for start, end, owner in reversed(self.spans(text)):
            text = text[:start] + owner.marker + text[end:]
        return text


def _alone(
    taken: Iterable[tuple[Owner, str]],
    talk: Iterable[tuple[str, str]],
    guide: Iterable[str],
    anew: Iterable[tuple[str, str]],
) -> dict[_Run, Owner]:
    """The runs of quotations that were taken back or changed, without those that are of others too: see `Gone`."""
    found: dict[_Run, Owner] = {}
    holders: dict[_Run, set[str]] = {}
    repeated: set[_Run] = set()
    for owner, text in taken:
        words = _words(text)
        for run in _runs(words, RUN - 1 if len(words) < RUN else RUN):
            # Who took words back, and who only changed them: the first outranks.
            if run not in found or owner.effect == TAKEN_BACK:
                found[run] = owner
            holders.setdefault(run, set()).add(owner.person)
        if len(words) >= RUN:
            repeated.update(_runs(words, min(len(words), REPEATED)))
    free = {run for text in guide for run in _free(text, found, set())}
    free |= {run for person, text in anew for run in _free(text, found, set()) if holders[run] == {person}}
    free |= {run for person, text in talk for run in _free(text, found, repeated) if person not in holders[run]}
    return {run: owner for run, owner in found.items() if run not in free}


def _free(text: str, found: Container[_Run], repeated: Collection[_Run]) -> Iterator[_Run]:
    """The runs of `found` that stand in a text elsewhere than in a stretch of it that is repeated."""
    words = _words(text)
    held: set[int] = set()
    for length in {len(run) for run in repeated}:
        for first, run in enumerate(_runs(words, length)):
            if run in repeated:
                held.update(range(first, first + length))
    for length in (RUN - 1, RUN):
        for first, run in enumerate(_runs(words, length)):
            if run in found and not held.issuperset(range(first, first + length)):
                yield run


def _words(text: str) -> list[tuple[str, int, int]]:
    """Words as they are compared (without case and apostrophes), with where each begins and ends."""
    found = ((match[0].translate(_SILENT), match.start(), match.end()) for match in _WORD.finditer(text))
    return [(unicodedata.normalize("NFKC", word).casefold(), start, end) for word, start, end in found if word]


def _runs(words: list[tuple[str, int, int]], length: int = RUN) -> Iterator[_Run]:
    plain = [word for word, _, _ in words]
    return zip(*(plain[first:] for first in range(length)), strict=False)


def gone(study: Study) -> Gone:
    """What people who withdrew said, and what others took back or changed in member checks.

    Read from the transcripts; nothing is read where no one withdrew anything.
    """
    answered, anew = _answered(study)
    if not answered and not any(person.status == "withdrawn" for person in study.participants):
        return Gone([])
    said: list[tuple[str, str]] = []
    led: list[tuple[str, str]] = []
    others: list[str] = []
    talk: list[tuple[str, str]] = []
    taken = list(answered)
    for source in study.sources:
        roster = study.roster(source.source)
        hider = study.hider(source.source)
        for turn in read_transcript(source, study.labels(source.source)).turns:
            person = roster.get(label_key(turn.label))
            speaker = person.participant if person is not None else slug(turn.label)
            if person is not None and person.status == "withdrawn":
                # People quote from the transcript, or from the text in which names are hidden.
                theirs = led if person.leads else said
                theirs += [(speaker, turn.text), (speaker, hider.hide(turn.text))]
                continue
            others.append(turn.text)
            if answered:
                hidden = hider.hide(turn.text)
                if person is None or not person.leads:
                    talk += [(speaker, turn.text), *([(speaker, hidden)] if hidden != turn.text else [])]
                taken += _as_typed([pair for pair in answered if pair[0].person == speaker], turn, hidden)
    guide = [text for place, text in study.printed() if place[0] == "guide"]
    return Gone(said, others, led, guide, taken, talk, anew)


def _answered(study: Study) -> tuple[list[tuple[Owner, str]], list[tuple[str, str]]]:
    """The words, as they were issued, of quotations that were withdrawn or changed or wait; and whose new words."""
    found: list[tuple[Owner, str]] = []
    anew: list[tuple[str, str]] = []
    for answer in study.returned.answers:
        asked = answer.issued.asked
        for quotation in asked.quotations:
            effect = effect_of(answer.values, quotation.number)
            if effect and effect != KEPT:
                # Where a quotation goes over several turns, whoever copied it may have copied it as one.
                texts = dict.fromkeys([*(part.text for part in quotation.parts), quotation.text])
                found += [(Owner(asked.participant, effect), text) for text in texts]
            if effect == AMENDED:
                anew.append((asked.participant, answer.values[f"words {quotation.number}"]))
    return found, anew


def _as_typed(answered: Sequence[tuple[Owner, str]], turn: Turn, hidden: str) -> Iterator[tuple[Owner, str]]:
    """Quotations that stand in a turn in which names were hidden, in the words of the transcript, names and all."""
    if not answered or hidden == turn.text:
        return
    raw, shown = _words(turn.text), _words(hidden)
    plain = [word for word, _, _ in shown]
    matcher = SequenceMatcher(None, [word for word, _, _ in raw], plain, autojunk=False)
    for owner, text in answered:
        words = [word for word, _, _ in _words(text)]
        for first in range(len(plain) - len(words) + 1) if words else ():
            if plain[first : first + len(words)] == words:
                start, end = _before(matcher, first, first + len(words))
                if start < end:
                    yield owner, turn.text[raw[start][1] : raw[end - 1][2]]


def _before(matcher: SequenceMatcher[str], first: int, last: int) -> tuple[int, int]:
    """Where words [first:last] of the hidden text stand among those of the text as it was; of a name all words."""
    start, end = -1, 0
    for _, begin, stop, shown_begin, shown_stop in matcher.get_opcodes():
        if shown_begin < last and first < shown_stop:
            same = stop - begin == shown_stop - shown_begin
            here = begin + max(first - shown_begin, 0) if same else begin
            start = here if start < 0 else start
            end = begin + min(last - shown_begin, shown_stop - shown_begin) if same else stop
    return max(start, 0), end


def findings(study: Study, words: Gone, files: Iterable[Path]) -> list[Finding]:
    """Names and withdrawn words in files of text, and in the memos of coders.

    These go nowhere, or are hidden on their way; for what is printed see `check_printed`.
    """
    found: list[Finding] = []
    for path in files:
        # study.yaml names on purpose whom participants answer; a name in what it prints stops `load_study`.
        names = path != study.folder / "study.yaml"
        found += [Finding(path, f"line {line}", told) for line, told in _told(study, words, decode(path)[0], names)]
    for _, path in study.coding_files:
        for place, memo in memos(path):
            found += [Finding(path, f"{place}, memo", told) for _, told in _told(study, words, memo)]
        found += _in_quotations(study, words, path)
    return list(dict.fromkeys(found))


def _in_quotations(study: Study, words: Gone, path: Path) -> Iterator[Finding]:
    """What a coder's file keeps of people who withdrew beside memos: in quotations, and in the talk around them.

    It goes nowhere from there, but whoever deletes their words has to know where they are: one finding for each person.
    Names are no finding there: quotations may have those of the transcript. Nor are quotations that were taken back or
    changed in a member check: they still count, by these very rows.
    """
    if study.names_in(path.name):
        yield Finding(path, "", "its name holds a name that is to be hidden: rename it, for records keep it.")
    places: dict[str, list[str]] = {}
    for place, text in quoted(path) if words else ():
        for owner in _owners(words, text):
            if not owner.effect:
                places.setdefault(owner.person, []).append(place)
    for person, (first, *more) in sorted(places.items()):
        further = f" (and {counted_words(len(more), 'place')} more in this file)" if more else ""
        yield Finding(path, first, f"words of '{person}', who withdrew, stand here{further}: delete them.")


def _told(study: Study, words: Gone, text: str, names: bool = True) -> list[tuple[int, str]]:
    """The lines of a text on which something stands, and what, in order."""
    told = [
        (text.count("\n", 0, start) + 1, f"{owner.told} stand here: take them out.")
        for start, _, owner in words.spans(text)
    ]
    for number, line in enumerate(text.split("\n") if names else [], 1):
        told += [(number, f"a name that is to be hidden stands here ({listed}).") for listed in study.names_in(line)]
    return sorted(told, key=lambda pair: pair[0])


def check_printed(study: Study, codebook: Codebook, words: Gone) -> None:
    """Raise QualcodeError for withdrawn words in what is printed of study.yaml and of a codebook.

    Tables, packets and the report would carry them on. So they would names: those in a codebook are told here, those
    in study.yaml stop `load_study`.
    """
    problems = Problems()
    settings = study.folder / "study.yaml"
    quoting = [(place, owner) for place, text in study.printed() for owner in _owners(words, text)]
    document = read_yaml(settings) if quoting else None
    for place, owner in quoting:
        wrong = f"{owner.told} stand here"
        problems.add(settings, f"line {line_of(document, place)}, {place[0]}", wrong, TAKE_OUT)
    printed = [(1, "its title", codebook.title)]
    for code in codebook.codes:
        for what, text in (
            ("id", re.sub("[-_]", " ", code.code)),
            ("name", code.name),
            ("definition", code.definition),
        ):
            printed.append((code.line, f"the {what} of this code", text))
    for line, what, text in printed:
        for listed in study.names_in(text):
            wrong = f"a name that is to be hidden stands in {what} ({listed})"
            problems.add(codebook.path, f"line {line}", wrong, PRINTED)
        for owner in _owners(words, text):
            wrong = f"{owner.told} stand in {what}"
            problems.add(codebook.path, f"line {line}", wrong, TAKE_OUT)
    problems.stop()


def _owners(words: Gone, text: str) -> list[Owner]:
    """Whose words stand in a text, each once."""
    return list(dict.fromkeys(owner for _, _, owner in words.spans(text)))
