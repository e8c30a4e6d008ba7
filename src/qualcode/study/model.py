"""What a study is made of: its sources, its people, what is hidden, and where its files are."""

from __future__ import annotations

import glob
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..answers import DECISIONS, SET_ASIDE, Returned
from ..files import sha256
from ..hiding import Entry, Hider, names_alone, names_someone

# The lock file of where each coding stood, beside the coders' folders.
ANCHORS = "anchors.csv"
# The folder of what participants were sent and what they answered; what they added is a source of its own.
MEMBER_CHECKS, ADDITIONS, ADDED = "member_checks", "member-checks", "member_check"
# Labels that say what someone does in the talk and not who they are; the first group asks, the second answers.
MODERATOR_LABEL = re.compile(r"(?:interviewer|moderator|facilitator|researcher|i|q)[ _-]?[0-9]*", re.IGNORECASE)
ROLE_LABEL = re.compile(
    MODERATOR_LABEL.pattern
    + r"|(?:participant|respondent|interviewee|student|teacher|mentor|speaker|p|s|r|a)[ _-]?[0-9a-z]?[0-9]*",
    re.IGNORECASE,
)
# What a transcription service writes for a voice that it could not tell.
UNKNOWN_LABEL = re.compile(
    r"(?:unknown|unidentified)(?: (?:fe)?male)?(?: (?:speaker|voice|person))?(?: #?\d{1,3})?|"
    r"(?:speaker|voice) unknown|\?+",
    re.IGNORECASE,
)
# Signs that show nothing: marks of direction, joiners, the mark at the beginning of a file.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Names that Windows keeps for devices: no file can be called so, with or without an ending.
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
# What stands in the place of someone who withdrew: their words, and their name in the words of others.
WITHDRAWN = "[withdrawn]"
# The date of an earlier version of a codebook, and which of that day it is.
VERSION = re.compile(r"(\d{4}-\d\d-\d\d)(?:-([2-9]|[1-9]\d+))?")
# Files that operating systems and Word leave behind.
_LITTER = re.compile(r"\.|~\$|Thumbs\.db$|desktop\.ini$", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """A file of people's words, as sources.csv lists it.

    What participants added in answers to member checks is one source, of the kind `member_check`, that no one lists:
    `given` has it as (participant, words), and `path` is the folder.
    """

    source: str
    path: Path
    kind: str
    id_column: str = ""
    text_columns: tuple[str, ...] = ()
    speaker_column: str = ""
    not_labels: tuple[str, ...] = ()
    date: str = ""
    minutes: str = ""
    audited_by: str = ""
    audited_at: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    given: tuple[tuple[str, str], ...] = ()

    @property
    def alone(self) -> bool:
        """Whether each utterance stands for itself, so that those around it are no context: answers and additions."""
        return self.kind in ("survey", ADDED)


@dataclass(frozen=True, slots=True)
class Participant:
    """A person as participants.csv lists them. `labels` are what transcripts call them; `names` are hidden.

    `leads`: the person leads the talk, so that what they say may open a question of the guide. They do so too where
    the study counts moderators' words like those of participants, and their role is therefore participant.
    """

    participant: str
    role: str = "participant"
    source: str = ""
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    pseudonym: str = ""
    status: str = "active"
    quote_consent: str = "yes"
    attributes: Mapping[str, str] = field(default_factory=dict)
    leads: bool = False
    row: int = 0


@dataclass(frozen=True)
class Redaction:
    """Words that are hidden (`redact`), or kept although they look like a name (`keep`)."""

    text: str
    replacement: str
    kind: str
    decision: str
    place: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True)
class Study:
    """A study folder whose tables are sound. Contents (speakers, quotations) are checked by the steps that read it."""

    folder: Path
    settings: Mapping[str, Any]
    codebook: Path
    sources: tuple[Source, ...]
    participants: tuple[Participant, ...]
    redactions: tuple[Redaction, ...]
    returned: Returned = field(default_factory=Returned)

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def coding_files(self) -> list[tuple[str, Path]]:
        """(coder, file) of every file of codings, in order of coder and name."""
        return [(path.parent.name, path) for path in files_in(self.folder / "codings") if self.depth(path) == 2]

    @property
    def history(self) -> dict[str, Path]:
        """Earlier versions of the codebook by their date (and -2, -3 … of a day), oldest first.

        They are history/<codebook>-<date>.yaml beside it.
        """
        found = {}
        for path in (self.codebook.parent / "history").glob(f"{glob.escape(self.codebook.stem)}-*.yaml"):
            version = path.stem.removeprefix(f"{self.codebook.stem}-")
            if (match := VERSION.fullmatch(version)) and _is_date(match[1]):
                found[match[1], int(match[2] or 1)] = (version, path)
        return dict(found[key] for key in sorted(found))

    def authority(self, source: str) -> str:
        """Whose coding counts in a source where several coders finished it: a coder, any, all, or '' (not said)."""
        return self.settings.get("authority_for", {}).get(source, self.settings.get("authority", ""))

    def depth(self, path: Path) -> int:
        """How many names a path has below codings/."""
        return len(path.relative_to(self.folder / "codings").parts)

    def files(self, *kinds: str) -> list[Path]:
        """The files people wrote, by kind: those of provenance.INPUTS."""
        letter = self.settings.get("member_checks", {}).get("letter", "")
        answers = [path for path in self._member_checks if path != self.folder / MEMBER_CHECKS / DECISIONS]
        groups = {
            "study": [self.folder / "study.yaml"],
            "letter": [self.folder / letter] if letter else [],
            # What was added in answers is no file of its own: what was issued belongs to it, and the answers.
            "transcripts": [
                path for source in self.sources for path in (answers if source.kind == ADDED else [source.path])
            ],
            "member_checks": self._member_checks,
            "people": [
                path
                for name in ("sources.csv", "participants.csv", "redactions.csv")
                if (path := self.folder / name).exists()
            ],
            "codings": [
                *(path for _, path in self.coding_files),
                *(path for path in [self.folder / "codings" / ANCHORS] if path.exists()),
            ],
            "codebook": [self.codebook],
            "history": list(self.history.values()),
            "memos": [path for path in files_in(self.folder / "memos") if path.suffix.lower() == ".md"],
        }
        return list(dict.fromkeys(path for kind in kinds for path in groups[kind]))

    @cached_property
    def _member_checks(self) -> list[Path]:
        folder = self.folder / MEMBER_CHECKS
        return [path for path in files_in(folder) if path.relative_to(folder).parts[0] != SET_ASIDE]

    def hashes(self, *kinds: str) -> dict[str, str]:
        """sha256 of those files by path, so that a change that keeps the modification time is noticed all the same."""
        return {path.as_posix(): sha256(path) for path in self.files(*kinds)}

    def people_in(self, source: str) -> list[Participant]:
        """The people whose labels hold in a source: everyone in what was added in answers to member checks."""
        return [person for person in self.participants if person.source in ("", source) or source == ADDITIONS]

    def labels(self, source: str) -> list[str]:
        """What those people are called in the file, as listed, each once."""
        return list(dict.fromkeys(label for person in self.people_in(source) for label in person.labels))

    def roster(self, source: str) -> dict[str, Participant]:
        """Those people by their labels, as `label_key` compares them; what was added has their ids in that place."""
        if source == ADDITIONS:
            return {label_key(person.participant): person for person in self.participants}
        # A label that is listed for this very source goes before one that holds everywhere.
        people = sorted(self.people_in(source), key=lambda person: person.source != "")
        roster = {label_key(label): person for person in people for label in person.labels}
        # Ids of a survey may hold what no id can ("st 01"), and are known by what is made of them.
        return {label_key(slug(label)): person for person in people for label in person.labels} | roster

    def hidden(self, source: str) -> list[Entry]:
        """What is replaced in a source: the names of everyone, then what redactions.csv lists.

        Who is met in one interview may be spoken of in another. A label is hidden in the talk too ("like Teresa
        said"), unless it only names a role, but only where it holds.
        """
        here = [entry for person in self.people_in(source) for entry in _entries(person)]
        elsewhere = [
            replace(entry, here=False)
            for person in self.participants
            if person.source not in ("", source)
            for entry in _entries(person, labels=False)
        ]
        return here + elsewhere + self._redacted

    def hider(self, source: str) -> Hider:
        """What hides the names in words of a source."""
        return _hider(tuple(self.hidden(source)), self._kept)

    @cached_property
    def everyone(self) -> Hider:
        """What hides the names of all people, for what is written of no one source."""
        people = [entry for person in self.participants for entry in _entries(person)]
        return _hider(tuple(people + self._redacted), self._kept)

    @property
    def _redacted(self) -> list[Entry]:
        redact = [item for item in self.redactions if item.decision == "redact"]
        entries = [Entry(item.text, item.replacement, item.kind, item.place) for item in redact]
        # A person who is no participant: the place of the row says who it is, and the parts of the name go along.
        people = (item for item in redact if item.kind.casefold() in ("person", "name") and " " in item.text)
        return entries + [Entry(item.text, item.replacement, item.kind, item.place, item.place) for item in people]

    @property
    def _kept(self) -> tuple[str, ...]:
        return tuple(item.text for item in self.redactions if item.decision == "keep")

    def is_confidential(self, path: Path, patterns: Sequence[str] | None = None) -> bool:
        """Whether a file of the study's folder is confidential: by its path, its folder or a pattern.

        `patterns` are those of study.yaml (`confidential: files`), unless others are given.
        """
        if not path.is_relative_to(self.folder):
            return False
        name = path.relative_to(self.folder).as_posix()
        patterns = self.settings["confidential"]["files"] if patterns is None else patterns
        return any(fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern.rstrip('/')}/*") for pattern in patterns)

    def printed(self) -> list[tuple[list[str | int], str]]:
        """What is printed of study.yaml, each text with its place there."""
        texts: list[tuple[list[str | int], str]] = [(["title"], self.settings.get("title", ""))]
        for key in ("questions", "guide"):
            for number, item in enumerate(self.settings.get(key, [])):
                texts.append(([key, number, "text"], item["text"]))
                texts += [([key, number, "cues", at], cue) for at, cue in enumerate(item.get("cues", []))]
        return texts

    @cached_property
    def _names_alone(self) -> dict[str, str]:
        people = (entry for entry in self.everyone.entries if entry.person)
        return {word: entry.replacement for entry in people for word in names_alone(entry.text)}

    def names_in_id(self, value: str) -> set[str]:
        """The words of an id that are names to be hidden; an id that is someone's pseudonym has none."""
        words = set(re.split(r"[\W\d_]+", value.casefold())) - {item.casefold() for item in self._kept}
        return {word for word in words if self._names_alone.get(word, value).casefold() != value.casefold()}

    def names_in(self, text: str) -> list[str]:
        """Where the names are listed that stand in a text: telling more would be telling the names."""
        return list(dict.fromkeys(self.everyone.entries[number].place for number in self.everyone.apply(text).counts))


def _entries(person: Participant, labels: bool = True) -> list[Entry]:
    telling = [label for label in person.labels if labels and not ROLE_LABEL.fullmatch(label) and names_someone(label)]
    place = f"participants.csv row {person.row}"
    listed = dict.fromkeys([*person.names, *telling])
    gone = person.status == "withdrawn"
    return [Entry(text, person.pseudonym, "name", place, person.participant, surely=gone) for text in listed]


@lru_cache(maxsize=64)
def _hider(entries: tuple[Entry, ...], kept: tuple[str, ...]) -> Hider:
    """Steps ask for a source's hider again and again, and most sources have the same people."""
    return Hider(entries, kept)


def files_in(folder: Path) -> list[Path]:
    """Every file in a folder and below it, without what systems leave behind."""
    paths = (path for path in folder.rglob("*") if path.is_file() and not _LITTER.match(path.name))
    return sorted(paths, key=lambda path: path.as_posix())


def composed(text: str) -> str:
    """A text with each letter and its accents as one character (NFC), as canonical texts have them."""
    return unicodedata.normalize("NFC", text)


def label_key(label: str) -> str:
    """A speaker's label as it is compared: without case, stray blanks and invisible signs.

    >>> label_key(" Dr.  REED ")
    'dr. reed'
    """
    return " ".join(composed(_INVISIBLE.sub("", label)).casefold().split())


def slug(text: str) -> str:
    """An id made of a name: 'Focus group 1' becomes 'Focus-group-1'.

    >>> slug("  Ana María (2)")
    'Ana-Maria-2'
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    made = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_") or "unnamed"
    return f"{made}-1" if DEVICE.fullmatch(made) else made


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
