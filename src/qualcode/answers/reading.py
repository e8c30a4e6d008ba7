"""The folder member_checks of a study: packets that were issued, answers that came back, decisions on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from ..console import enumeration
from ..errors import Problems, QualcodeError, failure
from .filled import MOST_NAMED, TYPE_IT, Filled, settled
from .issued import read_issued
from .issuing import MANIFEST
from .model import DECISIONS, ISSUED, SET_ASIDE, Answer, Emptied, Issued, Returned, typed_code
from .saved import read_saved
from .sheets import read_decisions, read_sheet, rows_together
from .word import WordForm, marks_of, read_word

# What to do with a file that is not read, by its ending.
_OTHERS = {
    ".html": "A saved page holds no answers: ask for the file that its button saves (answers-….json).",
    ".doc": "Save it as docx in Word.",
    ".odt": "Save it as docx.",
    ".rtf": "Save it as docx.",
    ".xlsx": "Save the sheet as csv.",
}
_OTHERS[".htm"] = _OTHERS[".html"]


def read_returned(
    folder: Path,
    files: Sequence[Path],
    title: str,
    gone: Collection[str],
    problems: Problems,
    wording: Mapping[str, str] | None = None,
) -> Returned:
    """Everything that was issued and that came back, `folder` being member_checks and `title` the study's.

    `files` are all in the folder and below it. Each answer is read completely or not at all: `problems` says why not,
    in one line for each reason. What people answered who are `gone`, by their ids, is passed over. `wording` is what
    the study has its packets say.
    """
    below = {path: path.relative_to(folder).parts for path in files}
    before = len(problems.found)
    sent = [path for path in files if below[path][0] == ISSUED]
    issued, emptied = read_issued(folder / ISSUED, sent, problems)
    desk = _Desk(title, wording or {}, problems, issued, emptied, set(gone), sound=len(problems.found) == before)
    for path in files:
        if below[path][0] not in (ISSUED, SET_ASIDE) and below[path] != (DECISIONS,):
            desk.take(path)
    answers = desk.answers()
    decided = folder / DECISIONS
    codes = {packet.return_code for packet in desk.emptied}
    complete = len(problems.found) == before
    decisions = read_decisions(decided, answers, codes, complete, problems) if decided in below else []
    problems.found[before:] = rows_together(problems.found[before:])
    left = [packet for packet in issued if packet.asked.participant not in desk.gone]
    return Returned(tuple(left), tuple(answers.values()), tuple(decisions), tuple(desk.emptied))


class _Desk:
    """Takes in files and holds each answer against what was issued.

    `sound`: whether all of that could be read, so that an unknown code is one.
    """

    def __init__(
        self,
        title: str,
        wording: Mapping[str, str],
        problems: Problems,
        issued: Sequence[Issued],
        emptied: Sequence[Emptied],
        gone: set[str],
        sound: bool,
    ) -> None:
        self._title, self._wording, self._problems, self._sound, self.gone = title, wording, problems, sound, gone
        self._issued = {packet.return_code: packet for packet in issued}
        left = (packet for packet in issued if packet.asked.participant in gone)
        self.emptied = [*emptied, *map(_emptied, left)]
        self._gone = {packet.return_code for packet in self.emptied}
        self._read: dict[str, list[Answer]] = {}

    def answers(self) -> dict[str, Answer]:
        """The answers by return code, in the order of issuing."""
        return {code: self._together(code, self._read[code]) for code in self._issued if code in self._read}

    def _together(self, code: str, found: Sequence[Answer]) -> Answer:
        """Several files of one answer as one.

        Forms must say the same. A csv may answer what they leave open, and nothing otherwise.
        """
        files = sorted(found, key=_typed)
        for number, other in enumerate(files):
            differing = ((first, keys) for first in files[:number] if (keys := _differing(first, other)))
            for first, keys in islice(differing, 1):
                told = enumeration(keys, most=MOST_NAMED)
                wrong = f"{first.path.name} has the return code {code} too, and answers otherwise ({told})"
                do = "Ask which of them holds, and put the other into set-aside/."
                self._problems.add(other.path, "", wrong, do)
        whole = {key: value for answer in files for key, value in answer.values.items()}
        asked = files[0].issued.asked
        return replace(files[0], values={key: whole[key] for key in asked.questions if key in whole})

    def take(self, path: Path) -> None:
        """Read a file of answers."""
        try:
            for filled in self._filled(path):
                self._settle(filled)
        except QualcodeError as error:
            self._problems.extend(error)

    def _filled(self, path: Path) -> Iterator[Filled]:
        ending = path.suffix.lower()
        if ending == ".docx":
            yield self._of_word(read_word(path))
        elif ending == ".json" or (ending == ".txt" and _is_json(path)):
            yield read_saved(path)
        elif ending == ".csv":
            yield from read_sheet(path, self._wording, self._problems)
        else:
            what = f"{ending} files are not read" if ending else "files without an ending are not read"
            self._problems.add(path, "", f"{what}, and it may hold an answer", _OTHERS.get(ending, TYPE_IT))

    def _of_word(self, form: WordForm) -> Filled:
        code = typed_code(form.code)
        if code not in self._issued or code in self._gone:
            return form.filled(form)
        packet = self._issued[code]
        form.number(packet.asked)
        sent = packet.path.with_suffix(".docx")
        if not sent.is_file():
            wrong = f"the form that was issued is gone, so that nothing tells what was filled in ({sent.name})"
            raise failure(form.path, "", wrong, f"Put it back into {ISSUED}/{sent.parent.name}/.")
        return form.filled(read_word(sent))

    def _settle(self, filled: Filled) -> None:
        code = typed_code(filled.code)
        if code in self._gone:
            return
        packet = self._issued.get(code)
        if packet is None:
            if wrong := self._not_ours(filled, code):
                for place in filled.places(filled.values):
                    self._problems.add(filled.path, place, *wrong)
            return
        boxes = filled.path.suffix.lower() == ".docx"
        expected = marks_of(packet.asked) if boxes else packet.asked.questions
        if answer := settled(filled, packet, expected, self._problems):
            self._read.setdefault(code, []).append(answer)

    def _not_ours(self, filled: Filled, code: str) -> tuple[str, str] | None:
        """Why it cannot be told to which packet a form is an answer."""
        if not filled.code:
            return "the return code is gone, so that nobody can tell whose answer it is", TYPE_IT
        if not self._sound:
            return None
        if filled.title and _plain(filled.title) != _plain(self._title):
            return "this is an answer to another study: it bears another title", "Take it away."
        if not code:
            near = get_close_matches(filled.code.upper(), self._issued, 1, 0.7)
            return (
                "this is no return code: it is mistyped",
                f"Is it {near[0]}?" if near else "Compare it with the packet.",
            )
        return f"no packet with the return code {code} was issued", "Is it an answer to another study?"


def _emptied(packet: Issued) -> Emptied:
    return Emptied(packet.asked.participant, packet.return_code, packet.date, packet.path.with_name(MANIFEST), 0)


def _differing(first: Answer, other: Answer) -> list[str]:
    """The questions to which a second file of an answer says something else than the first."""
    held, more = first.values, other.values
    both = held.keys() & more.keys() if _typed(other) else held.keys() | more.keys()
    return [key for key in first.issued.asked.questions if key in both and held.get(key) != more.get(key)]


def _typed(answer: Answer) -> bool:
    """Whether the researcher typed it into a csv, which has rows only for what was answered."""
    return answer.path.suffix.lower() == ".csv"


def _is_json(path: Path) -> bool:
    """Whether a file begins as those that the form saves, which programs for mail may call otherwise."""
    with path.open("rb") as handle:
        return handle.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
