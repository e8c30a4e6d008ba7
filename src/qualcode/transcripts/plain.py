"""Lines of text: talk, in which turns begin with a header (`Name:` and its kin), and documents, read by paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import Problems, failure
from ..files import TOLD
from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Header, Names, read_header, split_codes, times
from .model import LeftOut, Transcript, Turn

# [Q2], {Q2} and # Q2 alone on a line; other ids are announced: [question: warm-up].
_MARKER = re.compile(
    r"(?:\[|\{|#{1,6}\s)\s*(?:question:\s*(?P<named>[\w.-]{1,40})|(?P<id>q\d+[a-z]?))\s*[\]}]?", re.IGNORECASE
)
_NUMBERED = re.compile(r"\s*(?P<number>\d{1,6})[.)]?(?:\s+(?P<words>.*)|$)", re.DOTALL)
_MARKER_BEFORE = re.compile(
    rf"\s*(?P<marker>(?=[\[{{]){_MARKER.pattern})\s*(?<=[\]}}])\s*(?P<rest>\S.*)", re.IGNORECASE
)
# What ends a line beside \n: the breaks of Word and of Unicode.
_BREAK = re.compile("[\n\u2028\u2029]")
_BREAKS = dict.fromkeys((0x0B, 0x0C, 0x85), "\u2028")
# Words before a colon, which may have been meant for a label.
_LED = re.compile(r"\s*(?P<words>\S[^:\uff1a]{0,62}):(?!//)(?:\s|$)")
_LISTED = 20
# What Teams and Otter write around the talk.
_BRACKETS = re.compile(r"\s*\[(?P<label>[^\[\]:]*[^\W\d_][^\[\]:]*)\](?!\s*:)\s*\S")
_RECORDER = re.compile(r"(?P<name>.{1,80}?)\s+(?:started|stopped) transcription\.?", re.IGNORECASE)
_OTTER = re.compile(r"Transcribed by (?:https?://)?(?:www\.)?otter\.ai/?", re.IGNORECASE)
# Teams writes at most a title, a date and a duration above "started transcription".
_RECORDER_WITHIN = 6
# A numbering or a style of labels runs through a file if this share of its lines or headers follow it, and so many.
_THROUGHOUT = 0.8
_SEVERAL = 3

_Items: TypeAlias = list[tuple[str, str]]

LABELS = "labels of speakers: kept as who spoke"
CODES = "time codes: kept as times, not as words"
_NUMBERS = "numbers of paragraphs or lines"
MARKERS = "markers of guide questions: kept as the question"
_FURNITURE = "what the recording service wrote around the talk (title, date, duration, who started it)"
AROUND = "words beside the names of a chat (from, to everyone)"


def read_plain(source: Source, text: str, labels: Collection[str]) -> Transcript:
    """Turns of a transcript, or paragraphs of a document, from text as it was decoded."""
    if source.kind != "document":
        text = text.translate(_BREAKS)
    text, controls = clean(text)
    left_out = [LeftOut("characters", controls, "control characters, taken out")] if controls else []
    if source.kind == "document":
        return Transcript(paragraphs(text), count_words(text), left_out)
    lines = ((f"line {number}", line) for number, line in enumerate(text.split("\n"), 1))
    found, apart = turns(source, lines, labels)
    return Transcript(found, count_words(text), left_out + apart)


def paragraphs(text: str) -> list[Turn]:
    """The paragraphs of a document, attributed to no one."""
    found = []
    line = 1
    for block in re.split(r"(\n[ \t]*(?:\n[ \t]*)+)", text):
        if block.strip():
            found.append(Turn("", one_line(block), f"line {line}"))
        line += block.count("\n")
    return found


class Apart:
    """Words of a file that are kept apart from the talk, counted by the reason."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}

    def add(self, reason: str, text: str) -> None:
        """Count the words of a text that stands in no turn."""
        self.add_words(reason, count_words(text))

    def add_words(self, reason: str, words: int) -> None:
        """Words that have been counted already."""
        if words:
            self._words[reason] = self._words.get(reason, 0) + words

    def total(self) -> int:
        """All words that were kept apart."""
        return sum(self._words.values())

    def left_out(self) -> list[LeftOut]:
        """An entry per reason, in the order in which they were first met."""
        return [LeftOut("words", words, reason) for reason, words in self._words.items()]


@dataclass
class Open:
    """A turn that is being read."""

    label: str
    place: str
    question: str
    start: str = ""
    end: str = ""
    lines: list[str] = field(default_factory=list)

    def add(self, words: str, before: str, behind: str) -> None:
        """A further line, and the time codes that stood at its ends."""
        self.start = self.start or _first(before)
        self.end = _first(behind) or self.end
        self.lines.append(words)

    def closed(self) -> Turn:
        return Turn(self.label, one_line("\n".join(self.lines)), self.place, self.question, self.start, self.end)


def turns(
    source: Source, lines: Iterable[tuple[str, str]], labels: Collection[str]
) -> tuple[list[Turn], list[LeftOut]]:
    """(place, line or paragraph) pairs as turns, and what was kept apart from the talk.

    A turn begins where `headers.read_header` finds a speaker, and goes on to the next such line. A line that is nothing
    but `[Q2]`, `{Q2}`, `# Q2` or `[question: warm-up]` opens that question for the turns that follow, and so does one
    in brackets before a label or the words of a turn. The breaks of Unicode end lines as `\\n` does. Numbers before
    lines or paragraphs are taken off where they count through the file. Words before the first label are kept,
    attributed to no one. The words of all lines are those of the turns and of the "words" entries.

    Raises QualcodeError where no line has a label, and for lines that begin with a known one but are no header.
    """
    items = [(place, part) for place, text in lines for part in _BREAK.split(text)]
    names = Names(labels, source.not_labels)
    apart = Apart()
    items = _without_furniture(items, names, apart)
    items = _without_numbers(items, names, apart)
    names = Names({*labels, *_bracketed(items)}, source.not_labels)
    items = [item for each in items for item in _without_marker(each, names)]
    # Where blank lines separate paragraphs, lines without one between them are one paragraph.
    filled = [n for n, (_, line) in enumerate(items) if line.strip()]
    spaced = bool(filled) and filled[-1] - filled[0] >= len(filled)
    found: list[Open] = []
    question = waiting = ""
    joined, broken = 0, True
    led: Counter[str] = Counter()
    problems = Problems()
    faults = 0
    for n, (place, line) in enumerate(items):
        if not line.strip():
            broken = True
            continue
        marker = _MARKER.fullmatch(line.strip())
        if marker and not names.knows(_opened(marker)):
            apart.add(MARKERS, line)
            question = _opened(marker)
        elif header := read_header(line, names) or _alone(items, n, names):
            apart.add(LABELS, header.label)
            apart.add(CODES, header.codes)
            apart.add(AROUND, header.around)
            start, end, *_ = [*times(header.codes), "", ""]
            before, words, behind = split_codes(header.words)
            if opened := marker_before(words, names):
                marked, question, words = opened
                apart.add(MARKERS, marked)
            found.append(Open(header.label, place, question, start or waiting, end))
            found[-1].add(words, before, behind)
            apart.add(CODES, f"{before} {behind}")
            waiting = ""
        else:
            before, words, behind = split_codes(line, alone=True)
            apart.add(CODES, f"{before} {behind}")
            if names.begins(line):
                faults += 1
                if faults <= TOLD:
                    wrong = f"'{_head(line)}:' begins with a speaker's label, but is no label"
                    do = "Write the label as 'Name:'; if these are words of the talk, name them in `not_labels`."
                    problems.add(source.path, place, wrong, do)
            elif (leads := _LED.match(line)) and found:
                led[one_line(leads["words"])] += 1
            if not words.strip():
                # A time code that stands alone belongs to the turn below it.
                waiting = _first(before)
            elif found and found[-1].question == question:
                joined += bool(found[-1].label and any(found[-1].lines) and (broken or not spaced))
                found[-1].add(words, before, behind)
            else:
                found.append(Open(found[-1].label if found else "", place, question))
                found[-1].add(words, before, behind)
        broken = False
    read = [turn for turn in (each.closed() for each in found) if turn.text]
    if faults > TOLD:
        problems.add(source.path, "", f"{faults - TOLD} more lines begin with a speaker's label, but with no 'Name:'")
    problems.stop()
    if read and not any(each.label for each in found):
        do = "Begin each turn with 'Name:', or call the source a document in sources.csv."
        near = next(((place, line) for place, line in items if _LED.match(line)), ("", ""))
        wrong = "no line begins with a speaker's label"
        raise failure(source.path, near[0], f"{wrong} (nearest is '{_head(near[1])}:')" if near[0] else wrong, do)
    left_out = apart.left_out()
    if led:
        listed = ", ".join(f"'{words}' ({count})" for words, count in led.most_common(_LISTED))
        more = f", and {len(led) - _LISTED} others" if len(led) > _LISTED else ""
        note = f"begin with words and a colon that were taken for talk: {listed}{more}"
        left_out.append(LeftOut("lines", led.total(), note))
    if joined:
        left_out.append(LeftOut("paragraphs", joined, "without a speaker's label: joined to the turn above"))
    return read, left_out


def _head(line: str) -> str:
    return one_line(line.replace("\uff1a", ":").split(":")[0])


def _without_marker(item: tuple[str, str], names: Names) -> _Items:
    """A line as two where a marker stands before the label of a turn: `[Q2] Ana: words`."""
    place, line = item
    opened = marker_before(line, names)
    if opened and read_header(opened[2], names):
        return [(place, opened[0]), (place, opened[2])]
    return [item]


def marker_before(words: str, names: Names) -> tuple[str, str, str] | None:
    """(marker, question, rest) of words that a marker in brackets stands before; a speaker's label is no marker."""
    match = _MARKER_BEFORE.fullmatch(words)
    return (match["marker"], _opened(match), match["rest"]) if match and not names.knows(_opened(match)) else None


def _opened(marker: re.Match[str]) -> str:
    """The question that a marker opens, as written."""
    return marker["named"] or marker["id"]


def _alone(items: _Items, n: int, names: Names) -> Header | None:
    """The header of a line that is nothing but a known label, as listed, with words on the line below."""
    label = items[n][1].strip()
    if len(label) < 2 or not label[0].isupper() or not names.knows(label):
        return None
    below = items[n + 1][1] if n + 1 < len(items) else ""
    speaks = below.strip() and not names.knows(below.strip()) and not read_header(below, names)
    return Header(label, "") if speaks else None


def _first(codes: str) -> str:
    return next(iter(times(codes)), "")


def _without_furniture(items: _Items, names: Names, apart: Apart) -> _Items:
    """The lines without what Teams and Otter write above and below the talk."""

    def recorder(line: str) -> bool:
        match = _RECORDER.fullmatch(line.strip())
        return bool(match and names.accepts(match["name"], timed=True))

    filled = [n for n, (_, line) in enumerate(items) if line.strip()]
    above = next((n for n in filled[:_RECORDER_WITHIN] if recorder(items[n][1])), -1)
    if any(read_header(items[n][1], names) for n in filled if n < above):
        above = -1
    kept = []
    for n, (place, line) in enumerate(items):
        if n <= above or recorder(line) or _OTTER.fullmatch(line.strip()):
            apart.add(_FURNITURE, line)
        else:
            kept.append((place, line))
    return kept


def _without_numbers(items: _Items, names: Names, apart: Apart) -> _Items:
    """The lines without the numbers before them, if these count from one to the next through the whole file."""
    numbered = {n: match for n, (_, line) in enumerate(items) if (match := _NUMBERED.fullmatch(line))}
    if len(numbered) < _SEVERAL:
        return items
    # Numbers may start again where a turn does, as on each page. Lists within a turn count too, but with no labels.
    labelled = {n for n, match in numbered.items() if read_header(match["words"] or "", names)}
    # The longest series in which each number is the last one plus 1: a year in the title or an amount is in none.
    length: dict[int, int] = {}
    previous: dict[int, int | None] = {}
    last: dict[int, int] = {}
    ended: set[int] = set()
    for n, match in numbered.items():
        number = int(match["number"])
        if number == 1 and n in labelled and length:
            if length[before := _longest(length, last)] > 1:
                ended.add(before)
            last = {}
        previous[n] = last.get(number - 1)
        length[n] = 1 + (length[last[number - 1]] if number - 1 in last else 0)
        # A turn keeps its number against an item of a list.
        if number not in last or (n in labelled, length[n]) >= (last[number] in labelled, length[last[number]]):
            last[number] = n
    series: set[int] = set()
    for end in ended | {_longest(length, last)}:
        step: int | None = end
        while step is not None:
            series.add(step)
            step = previous[step]
    headers = labelled & series
    others = (labelled - series) | {
        n for n, (_, line) in enumerate(items) if n not in series and read_header(line, names)
    }
    filled = sum(bool(line.strip()) for _, line in items)
    through = len(headers) >= _THROUGHOUT * len(headers | others) > 0 or len(series) >= _THROUGHOUT * filled
    if len(series) < _SEVERAL or not through:
        return items
    for n in series:
        apart.add(_NUMBERS, numbered[n]["number"])
    return [(place, (numbered[n]["words"] or "") if n in series else line) for n, (place, line) in enumerate(items)]


def _longest(length: dict[int, int], last: dict[int, int]) -> int:
    return max(last.values(), key=lambda n: (length[n], -n))


def _bracketed(items: _Items) -> set[str]:
    """The names of a file whose paragraphs begin with `[Name]` and no colon, throughout."""
    paragraphs = [line for n, (_, line) in enumerate(items) if line.strip() and (not n or not items[n - 1][1].strip())]
    found = [match["label"] for line in paragraphs if (match := _BRACKETS.match(line))]
    return set(found) if len(found) >= max(_SEVERAL, _THROUGHOUT * len(paragraphs)) else set()
