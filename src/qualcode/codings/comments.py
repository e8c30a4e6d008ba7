"""Codings in Word: a transcript whose comments are the codes of the words that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..console import enumeration
from ..errors import Problems
from ..files import schema
from ..study import Source, Study, label_key
from ..text import clean
from ..transcripts.docx import read_commented
from ..transcripts.headers import Names as Labels
from ..transcripts.headers import read_header, split_codes
from ..transcripts.story import MARK, SOFT_HYPHEN, Comment, Paragraph, Table, paragraphs
from .model import Decision, told
from .naming import Names

# So much of the talk around a passage tells it from its equals.
_AROUND = 64
_CELL = re.compile(r"(use|round|participant|memo)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
# So many parts between commas may together be the name of a code.
_TOGETHER = 8
_PART = re.compile(r"[^,;]+")
# What may stand in the name of a file behind its source.
_ROUND = re.compile(r"(?<![^\W_])round(?:[ _-]([^\W_]+)|(\d[^\W_]*))", re.IGNORECASE)
# So many sources are named to someone who missed them all.
_LISTED = 8
# Word writes local time and calls it UTC.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?")


@dataclass
class _Thread:
    """A comment and what was answered to it; `number` counts those that answer none, in the order of the text."""

    number: int
    comment: Comment
    answers: list[Comment] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"comment {self.number}"

    def answered(self) -> Iterator[str]:
        """The answers, each with its author where someone else began."""
        for answer in self.answers:
            text = clean(answer.text)[0].strip()
            yield f"{answer.by}: {text}" if text and answer.by not in ("", self.comment.by) else text


@dataclass
class _Said:
    """What a comment says: codes, cells that hold for all of them, and whether the coder is done so far."""

    codes: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    done: bool = False


def read_comments(coder: str, path: Path, study: Study, names: Names, problems: Problems) -> list[Decision]:
    """One decision for each code in the comments of a docx file, which is named by its source.

    A comment holds codes, separated by commas, semicolons or lines, and may hold lines `memo: …` (to its end),
    `use: …`, `round: …` and `participant: …`, which go with all its codes; answers go to the memo, with their authors
    if these are others. `done` says that the coder is done up to these words. A comment that is about no words has an
    empty `quote`, one without a code an empty `code`: where it has a memo on words, the action is `note`. `before` and
    `after` are the talk around the words, 64 characters of it. What a file's name calls a round is that of all
    comments that name none ("focus-group round 2.docx").

    Raises QualcodeError where the file cannot be read.
    """
    found = names.sources(path.stem)
    source = next((item for item in study.sources if [item.source] == found), None)
    if source is None:
        which = f"{' and '.join(map(repr, found))} could be meant" if found else "no source is called so"
        do = "Call the file by the id of its source, as in 'focus-group.docx' or 'focus-group round 2.docx'."
        known = [item.source for item in study.sources]
        do += "" if found else f" The sources are: {enumeration(known, most=_LISTED)}."
        problems.add(path, "", f"whose transcript this is cannot be told: {which}", do)
        source = Source("", path, "interview")
    labels = None if source.kind == "document" else Labels(study.labels(source.source), source.not_labels)
    blocks, comments = read_commented(replace(source, path=path))
    talk = _Talk(blocks, labels)
    in_round = _round(path.stem, source)
    threads = _threads(comments, talk)
    if not threads:
        do = "A coded transcript has its codes in comments; a transcript without any belongs into transcripts/."
        problems.add(path, "", "there are no comments in it", do)
    decisions: list[Decision] = []
    for thread in threads:
        said = _read(thread, names)
        said.cells["round"] = said.cells.get("round") or in_round
        _check(said, path, thread, study, problems)
        decisions += _decisions(Decision(coder, path, thread.number, {}), source, thread, said, talk)
    return decisions


def _round(stem: str, source: Source) -> str:
    """The round in what the name of a file has behind that of its source; '' if it tells none."""
    names = [label_key(name) for name in (source.source, source.path.stem, source.path.name)]
    named = max((name for name in names if name and label_key(stem).startswith(name)), key=len, default=None)
    behind = next((stem[at:] for at in range(len(stem) + 1) if label_key(stem[:at]) == named), "")
    found = _ROUND.search(behind)
    return found[1] or found[2] if found else ""


def commented_text(path: Path) -> Iterator[str]:
    """The paragraphs of a docx file with comments, without the comments."""
    for block in read_commented(Source("", path, "interview"))[0]:
        yield from (paragraph.text for paragraph in paragraphs([block]))


def comment_texts(path: Path) -> Iterator[tuple[str, str]]:
    """The words of all comments of a docx file with their answers, each with its place."""
    blocks, comments = read_commented(Source("", path, "interview"))
    for thread in _threads(comments, _Talk(blocks, None)):
        yield thread.place, "\n".join(item.text for item in [thread.comment, *thread.answers])


class _Talk:
    """The words of a document without the headers of turns, and where in them the marks of comments are.

    Turns and paragraphs are parted by `\\n`.
    """

    def __init__(self, blocks: Sequence[Paragraph | Table], labels: Labels | None) -> None:
        lines: list[str] = []
        self._length = 0
        self._marks: dict[str, dict[str, int]] = {}
        for block in blocks:
            for paragraph in paragraphs([block]):
                self._add(paragraph, labels, isinstance(block, Table), lines)
        self.text = "\n".join(lines)

    def _add(self, paragraph: Paragraph, labels: Labels | None, in_table: bool, lines: list[str]) -> None:
        begin = 0
        for line in paragraph.text.split("\n"):
            start, end = (0, len(line)) if labels is None else _words(line, labels, in_table)
            end = end if line[start:end].strip() else start
            for mark in paragraph.marks:
                if begin <= mark.offset <= begin + len(line):
                    inside = min(max(mark.offset - begin, start), end) - start
                    self._marks.setdefault(mark.comment, {}).setdefault(mark.edge, self._length + inside)
            if start < end:
                lines.append(line[start:end])
                self._length += end - start + 1
            begin += len(line) + 1

    def span(self, comment: str) -> tuple[int, int]:
        """The words that a comment is about, without blanks around them; where they end twice if there are none."""
        marks = self._marks.get(comment, {})
        start = marks.get("start", marks.get("point", len(self.text)))
        end = max(start, marks.get("end", marks.get("point", start)))
        words = self.text[start:end]
        start += len(words) - len(words.lstrip())
        return start, max(start, start + len(words.strip()))

    def around(self, start: int, end: int) -> tuple[str, str, str]:
        """The talk before a span, its words, and the talk behind it."""
        before, after = self.text[max(0, start - _AROUND) : start], self.text[end : end + _AROUND]
        return _cleaned(before), _cleaned(self.text[start:end]), _cleaned(after)


def _cleaned(text: str) -> str:
    return clean(text.replace(SOFT_HYPHEN, ""))[0].strip()


def _words(line: str, labels: Labels, in_table: bool) -> tuple[int, int]:
    """Where in a line the words are that someone said: not the label, nor time codes."""
    bare = line.strip()
    named = labels.knows(bare.removesuffix(":")) and (in_table or (len(bare) > 1 and bare[0].isupper()))
    if named or (in_table and MARK.fullmatch(bare)):
        return 0, 0
    header = read_header(line, labels)
    _, words, _ = split_codes(header.words if header else line, alone=header is None)
    words = words.strip()
    start = line.rfind(words) if words else 0
    return (start, start + len(words)) if start >= 0 else (0, len(line))


def _threads(comments: Sequence[Comment], talk: _Talk) -> list[_Thread]:
    known = {comment.comment: comment for comment in comments}
    first: dict[str, str] = {}
    for comment in comments:
        _follow(comment.comment, known, first)
    begun = [comment for comment in comments if first[comment.comment] == comment.comment]
    begun.sort(key=lambda comment: talk.span(comment.comment))
    threads = {comment.comment: _Thread(number, comment) for number, comment in enumerate(begun, 1)}
    for comment in comments:
        if first[comment.comment] != comment.comment:
            threads[first[comment.comment]].answers.append(comment)
    return list(threads.values())


def _follow(comment: str, known: dict[str, Comment], first: dict[str, str]) -> None:
    """Note the comment with which the thread of a comment begins; those that answer each other begin one each."""
    met: dict[str, None] = {}
    here = comment
    while here in known and here not in first and here not in met:
        met[here] = None
        here = known[here].answers
    begins = first.get(here) or ("" if here in met else next(reversed(met), ""))
    first.update({one: begins or one for one in met})


def _read(thread: _Thread, names: Names) -> _Said:
    said = _Said()
    lines = clean(thread.comment.text)[0].split("\n")
    for number, line in enumerate(map(str.strip, lines)):
        if not line or names.codes(line):
            said.codes += [line] if line else []
        elif cell := _CELL.fullmatch(line):
            name = cell[1].casefold()
            if name == "memo":
                said.cells[name] = "\n".join([cell[2], *lines[number + 1 :]]).strip()
                break
            said.cells[name] = cell[2].strip()
        else:
            said.codes += _codes(line, names)
    said.done = any(code.casefold() == "done" and not names.codes(code) for code in said.codes)
    said.codes = [code for code in said.codes if code.casefold() != "done" or names.codes(code)]
    memo = [said.cells.get("memo", ""), *thread.answered()]
    said.cells["memo"] = "\n".join(filter(None, memo))
    # A code that stands twice in a comment is one.
    meant: dict[tuple[str, ...], str] = {}
    for code in said.codes:
        meant.setdefault(tuple(names.codes(code)) or (code.casefold(),), code)
    said.codes = list(meant.values())
    return said


def _codes(line: str, names: Names) -> list[str]:
    """The codes of a line; several parts that are together the name of a code are one."""
    parts = [part for part in _PART.finditer(line) if part[0].strip()]
    found = []
    while parts:
        ends = range(min(len(parts), _TOGETHER), 1, -1)
        together = (n for n in ends if names.codes(line[parts[0].start() : parts[n - 1].end()].strip()))
        taken = next(together, 1)
        found.append(line[parts[0].start() : parts[taken - 1].end()].strip())
        parts = parts[taken:]
    return found


def _check(said: _Said, path: Path, thread: _Thread, study: Study, problems: Problems) -> None:
    uses = schema("codings")["properties"]["use"]["enum"]
    if (use := said.cells.get("use", "").casefold()) and use not in uses:
        wrong = f"'{told(said.cells['use'], study)}' is not allowed here"
        problems.add(path, f"{thread.place}, use", wrong, f"Use one of: {', '.join(uses)}.")
    if use:
        said.cells["use"] = use


def _decisions(bare: Decision, source: Source, thread: _Thread, said: _Said, talk: _Talk) -> Iterator[Decision]:
    before, quote, after = talk.around(*talk.span(thread.comment.comment))
    at = _TIME.match(thread.comment.at)
    cells = {
        "source": source.source, "quote": quote, "before": before, "after": after,
        "by": thread.comment.by, "at": at[0] if at else "", **said.cells,
    }  # fmt: skip
    bare_memo = bool(quote and said.cells["memo"] and not said.codes)
    for code in said.codes or ([] if said.done else [""]):
        yield replace(bare, cells={**cells, "code": code, "action": "note" if bare_memo else "apply"})
    if said.done:
        # Called at a point, the comment is about the words before it.
        yield replace(bare, cells={**cells, "quote": quote or before, "code": "", "action": "done"})
