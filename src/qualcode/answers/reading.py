"""The folder member_checks of a study: packets that were issued, answers that came back, decisions on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from ..errors import Problems, QualcodeError
from .filled import TYPE_IT, Filled, settled
from .issued import read_issued
from .issuing import MANIFEST
from .model import DECISIONS, ISSUED, SET_ASIDE, Answer, Emptied, Issued, Returned, typed_code
from .saved import read_saved
from .sheets import read_decisions, read_sheet
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
    folder: Path, files: Sequence[Path], title: str, gone: Collection[str], problems: Problems
) -> Returned:
    """Everything that was issued and that came back, `folder` being member_checks and `title` the study's.

    `files` are all in the folder and below it. Each answer is read completely or not at all: `problems` says why not,
    in one line for each reason. What people answered who are `gone`, by their ids, is passed over.
    """
    below = {path: path.relative_to(folder).parts for path in files}
    before = len(problems.found)
    sent = [path for path in files if below[path][0] == ISSUED]
    issued, emptied = read_issued(folder / ISSUED, sent, problems)
    desk = _Desk(title, problems, issued, emptied, set(gone), sound=len(problems.found) == before)
    for path in files:
        if below[path][0] not in (ISSUED, SET_ASIDE) and below[path] != (DECISIONS,):
            desk.take(path)
    answers = desk.answers()
    decided = folder / DECISIONS
    decisions = read_decisions(decided, answers, desk.passed_over - set(answers), problems) if decided in below else []
    left = [packet for packet in issued if packet.asked.participant not in desk.gone]
    return Returned(tuple(left), tuple(answers.values()), tuple(decisions), tuple(desk.emptied))


class _Desk:
    """Takes in files and holds each answer against what was issued.

    `sound`: whether all of that could be read, so that an unknown code is one.
    """

    def __init__(
        self,
        title: str,
        problems: Problems,
        issued: Sequence[Issued],
        emptied: Sequence[Emptied],
        gone: set[str],
        sound: bool,
    ) -> None:
        self._title, self._problems, self._sound, self.gone = title, problems, sound, gone
        self._issued = {packet.return_code: packet for packet in issued}
        left = (packet for packet in issued if packet.asked.participant in gone)
        self.emptied = [*emptied, *map(_emptied, left)]
        self._gone = {packet.return_code for packet in self.emptied}
        self.passed_over = set(self._gone)
        self._read: dict[str, list[Answer]] = {}

    def answers(self) -> dict[str, Answer]:
        """The answers by return code, in the order of issuing; several files of one answer must say the same."""
        for code, found in self._read.items():
            for other in found[1:]:
                if other.values != found[0].values:
                    wrong = f"{found[0].path.name} has the return code {code} too, and answers otherwise"
                    do = "Ask which of them holds, and put the other into set-aside/."
                    self._problems.add(other.path, "", wrong, do)
        return {code: self._read[code][0] for code in self._issued if code in self._read}

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
        elif ending == ".json" or (
            ending == ".txt" and path.read_bytes()[:10].lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"{"
        ):
            yield read_saved(path)
        elif ending == ".csv":
            yield from read_sheet(path, self._problems)
        else:
            what = f"{ending} files are not read" if ending else "files without an ending are not read"
            self._problems.add(path, "", f"{what}, and it may hold an answer", _OTHERS.get(ending, TYPE_IT))

    def _of_word(self, form: WordForm) -> Filled:
        packet = self._issued.get(typed_code(form.code))
        if packet is None:
            return form.filled()
        form.number(packet.asked)
        sent = packet.path.with_suffix(".docx")
        return form.filled(read_word(sent) if sent.is_file() else None)

    def _settle(self, filled: Filled) -> None:
        code = typed_code(filled.code)
        if code in self._gone:
            return
        packet = self._issued.get(code)
        if wrong := self._not_ours(filled, code, packet):
            self._problems.add(filled.path, filled.place, *wrong)
        if packet is None or wrong:
            return
        self.passed_over.add(code)
        boxes = filled.path.suffix.lower() == ".docx"
        expected = marks_of(packet.asked) if boxes else packet.asked.questions
        if answer := settled(filled, packet, expected, self._problems):
            self._read.setdefault(code, []).append(answer)

    def _not_ours(self, filled: Filled, code: str, packet: Issued | None) -> tuple[str, str] | None:
        """Why it cannot be told to which packet a form is an answer."""
        if not filled.code:
            return "the return code is gone, so that nobody can tell whose answer it is", TYPE_IT
        titles = {_plain(self._title), _plain(packet.asked.study if packet else self._title)}
        if filled.title and _plain(filled.title) not in titles:
            return "this is an answer to another study: it bears another title", "Take it away."
        if packet or not self._sound:
            return None
        if not code:
            near = get_close_matches(filled.code.upper(), self._issued, 1, 0.7)
            return (
                "this is no return code: it is mistyped",
                f"Is it {near[0]}?" if near else "Compare it with the packet.",
            )
        return f"no packet with the return code {code} was issued", "Is it an answer to another study?"


def _emptied(packet: Issued) -> Emptied:
    return Emptied(packet.asked.participant, packet.return_code, packet.date, packet.path.with_name(MANIFEST), 0)


def _is_json(path: Path) -> bool:
    """Whether a file begins as those that the form saves, which programs for mail may call otherwise."""
    with path.open("rb") as handle:
        return handle.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
