"""What people typed beside the transcripts, searched for names and for words of people who withdrew.

qualcode never edits what people wrote, so what is found there is told: the file and the place, never the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .codebook import Codebook
from .codings import memos, quoted
from .console import counted_words
from .errors import Problems
from .files import decode, line_of
from .study import PRINTED, WITHDRAWN, Study, label_key
from .transcripts import read_transcript
from .yaml_files import read_yaml

# So many words in a row are a quotation; fewer are anyone's.
RUN = 5
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


class Gone:
    """The words of people who withdrew: every RUN words in a row that no one else said too.

    `led` is what those who led the talk said: what of it stands in the guide is the study's own text.
    """

    def __init__(
        self,
        said: Iterable[tuple[str, str]],
        others: Iterable[str] = (),
        led: Iterable[tuple[str, str]] = (),
        guide: Iterable[str] = (),
    ):
        own = {run for text in guide for run in _runs(_words(text))}
        self._whose = {run: person for person, text in led for run in _runs(_words(text)) if run not in own}
        # What a participant said stays theirs, though it stands in the guide.
        self._whose |= {run: person for person, text in said for run in _runs(_words(text))}
        if self._whose:
            for text in others:
                for run in _runs(_words(text)):
                    self._whose.pop(run, None)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where their words stand in a text, and the id of the person: stretches as long as they can be, in order."""
        found: list[tuple[int, int, str]] = []
        words = _words(text) if self._whose else []
        for first, run in enumerate(_runs(words)):
            if (person := self._whose.get(run)) is None:
                continue
            start, end = words[first][1], words[first + RUN - 1][2]
            if found and found[-1][1] > start:
                # It goes on: the same person's words, or those of one who said part of it and then something else.
                start = found.pop()[0] if found[-1][2] == person else found[-1][1]
            found.append((start, end, person))
        return found

    def __bool__(self) -> bool:
        return bool(self._whose)

    def hide(self, text: str) -> str:
        """The text with a marker in the place of their words."""
        for start, end, _ in reversed(self.spans(text)):
            text = text[:start] + WITHDRAWN + text[end:]
        return text


def _words(text: str) -> list[tuple[str, int, int]]:
    """Words as they are compared (without case and apostrophes), with where each begins and ends."""
    found = ((match[0].translate(_SILENT), match.start(), match.end()) for match in _WORD.finditer(text))
    return [(unicodedata.normalize("NFKC", word).casefold(), start, end) for word, start, end in found if word]


def _runs(words: list[tuple[str, int, int]]) -> Iterator[tuple[str, ...]]:
    plain = [word for word, _, _ in words]
    return zip(*(plain[first:] for first in range(RUN)), strict=False)


def gone(study: Study) -> Gone:
    """What people who withdrew said, read from the transcripts; nothing is read where no one withdrew."""
    said: list[tuple[str, str]] = []
    led: list[tuple[str, str]] = []
    others: list[str] = []
    if not any(person.status == "withdrawn" for person in study.participants):
        return Gone(said)
    for source in study.sources:
        roster = study.roster(source.source)
        hider = study.hider(source.source)
        for turn in read_transcript(source, study.labels(source.source)).turns:
            person = roster.get(label_key(turn.label))
            if person is not None and person.status == "withdrawn":
                # People quote from the transcript, or from the text in which names are hidden.
                theirs = led if person.leads else said
                theirs += [(person.participant, turn.text), (person.participant, hider.hide(turn.text))]
            else:
                others.append(turn.text)
    guide = [text for place, text in study.printed() if place[0] == "guide"]
    return Gone(said, others, led, guide)


def findings(study: Study, words: Gone, files: Iterable[Path]) -> list[Finding]:
    """Names and words of people who withdrew in files of text, and in the memos of coders.

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
    Names are no finding there: quotations may have those of the transcript.
    """
    if study.names_in(path.name):
        yield Finding(path, "", "its name holds a name that is to be hidden: rename it, for records keep it.")
    places: dict[str, list[str]] = {}
    for place, text in quoted(path) if words else ():
        for person in _people(words, text):
            places.setdefault(person, []).append(place)
    for person, (first, *more) in sorted(places.items()):
        further = f" (and {counted_words(len(more), 'place')} more in this file)" if more else ""
        yield Finding(path, first, f"words of '{person}', who withdrew, stand here{further}: delete them.")


def _told(study: Study, words: Gone, text: str, names: bool = True) -> list[tuple[int, str]]:
    """The lines of a text on which something stands, and what, in order."""
    told = [
        (text.count("\n", 0, start) + 1, f"words of '{person}', who withdrew, stand here: take them out.")
        for start, _, person in words.spans(text)
    ]
    for number, line in enumerate(text.split("\n") if names else [], 1):
        told += [(number, f"a name that is to be hidden stands here ({listed}).") for listed in study.names_in(line)]
    return sorted(told, key=lambda pair: pair[0])


def check_printed(study: Study, codebook: Codebook, words: Gone) -> None:
    """Raise QualcodeError for words of people who withdrew in what is printed of study.yaml and of a codebook.

    Tables, packets and the report would carry them on. So they would names: those in a codebook are told here, those
    in study.yaml stop `load_study`.
    """
    problems = Problems()
    settings = study.folder / "study.yaml"
    quoting = [(place, person) for place, text in study.printed() for person in _people(words, text)]
    document = read_yaml(settings) if quoting else None
    for place, person in quoting:
        wrong = f"words of '{person}', who withdrew, stand here"
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
        for person in _people(words, text):
            wrong = f"words of '{person}', who withdrew, stand in {what}"
            problems.add(codebook.path, f"line {line}", wrong, TAKE_OUT)
    problems.stop()


def _people(words: Gone, text: str) -> list[str]:
    """Whose words stand in a text, each person once."""
    return list(dict.fromkeys(person for _, _, person in words.spans(text)))
