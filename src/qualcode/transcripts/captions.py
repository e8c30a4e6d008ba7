"""Captions (WebVTT and SRT): cues with times, as Zoom, Teams and Stream write them; cues of one speaker are joined.

Own code, because the kept libraries lose words: webvtt-py drops cues with a damaged time, what follows a blank line in
a cue, and all voices of a cue but the first; pysubs2 drops the voices and takes the ids of cues for words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape

from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Names, read_header, time_of
from .model import LeftOut, Transcript
from .plain import AROUND, CODES, LABELS, Apart, Open

# A damaged time begins a cue too: what stands below it was said.
_TIMING = re.compile(r"\s*(?P<start>[\d:.,]{0,12}\d\S{0,12})\s*-->\s*(?P<end>[\d:.,]{0,12}\d\S{0,12})(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t](?P<name>[^<>\n]*)>", re.IGNORECASE)
_VOICE_END = re.compile(r"</v>", re.IGNORECASE)
# Only what is a tag: in "a < b and c > d" there is none, nor in "<i think>".
_TAG = re.compile(
    r"</?(?:v|c|i|b|u|s|em|strong|lang|ruby|rt|font)(?:\.[^\s<>]*)?\s?>|<lang(?:\.[^\s<>]*)?\s[\w-]{1,20}>|"
    r"<font\s[^<>\n]*=[^<>\n]*>|<\d[\d:.]*>|\{\\[^{}\n]*\}",
    re.IGNORECASE,
)
_NOTE = re.compile(r"(?:NOTE(?:[ \t].*)?|STYLE|REGION)\s*")

_IDS = "numbers and ids of cues"
_NOTES = "head, notes and styles of the caption file"


@dataclass
class _Cue:
    """A cue: the line where it begins (from 0), its times, and its lines as written."""

    line: int
    start: str
    end: str
    lines: list[str]


def looks_like_captions(text: str) -> bool:
    """Whether a text begins as caption files do: with WEBVTT, or with a cue's time within its first lines."""
    first = [line for line in text[:2000].split("\n") if line.strip()][:3]
    return text.startswith("WEBVTT") or any(_TIMING.fullmatch(line.rstrip("\r")) for line in first)


def read_captions(source: Source, text: str, labels: Collection[str]) -> Transcript:
    """Turns of a caption file from its text as decoded: `<v Name>` and `Name:` are labels.

    A cue without a name is a turn of its own, attributed to no one: who spoke before need not speak on.
    """
    text, controls = clean(text)
    left_out = [LeftOut("characters", controls, "control characters, taken out")] if controls else []
    words = count_words(_bare(text))
    names = Names(labels, source.not_labels)
    apart = Apart()
    turns: list[Open] = []
    for cue in _cues(text.split("\n"), text.startswith("WEBVTT"), apart):
        for label, said in _spoken("\n".join(cue.lines), names, apart):
            if not (said := one_line(said)):
                continue
            if turns and label and turns[-1].label == label:
                turns[-1].add(said, "", cue.end)
            else:
                turns.append(Open(label, f"line {cue.line + 1}", "", cue.start, cue.end, [said]))
    return Transcript([turn.closed() for turn in turns], words, left_out + apart.left_out())


def _cues(lines: list[str], webvtt: bool, apart: Apart) -> Iterator[_Cue]:
    """The cues of a file; what is neither a time nor said is told to `apart`."""
    cue: _Cue | None = None
    note = False
    number = 0
    for position, line in enumerate(lines):
        blank_above = position == 0 or not lines[position - 1].strip()
        timing_below = position + 1 < len(lines) and _TIMING.fullmatch(lines[position + 1])
        if timing := _TIMING.fullmatch(line):
            if cue:
                yield cue
            apart.add(CODES, _bare(line))
            cue, note = _Cue(position, time_of(timing["start"]), time_of(timing["end"]), []), False
        elif not line.strip():
            note = False
        elif timing_below and (blank_above or line.strip() == str(number + 1)):
            number = int(line) if line.strip().isdecimal() else number
            apart.add(_IDS, _bare(line))
        elif cue is None or note or (webvtt and blank_above and _NOTE.fullmatch(line)):
            note = True
            apart.add(_NOTES, _bare(line))
        else:
            cue.lines.append(line)
    if cue:
        yield cue


def _spoken(text: str, names: Names, apart: Apart) -> Iterator[tuple[str, str]]:
    """(label, words) of what a cue says, in order; the label is '' where none is given."""
    before, *voiced = _VOICE.split(text)
    yield from _headed(before, names, apart)
    for name, said in zip(voiced[::2], voiced[1::2], strict=True):
        name = one_line(_plain(name))
        apart.add(LABELS, name)
        said, *others = _VOICE_END.split(said, maxsplit=1)
        # What stands behind the voice is someone else's, unless it is a sign.
        other = "".join(others)
        signs = not count_words(_plain(other))
        yield name, _plain(said + other if signs else said)
        if not signs:
            yield from _headed(other, names, apart)


def _headed(text: str, names: Names, apart: Apart) -> Iterator[tuple[str, str]]:
    """(label, words) of text that may have headers `Name:`."""
    label = ""
    lines: list[str] = []
    for line in _plain(text).split("\n"):
        if header := read_header(line, names):
            yield label, "\n".join(lines)
            label, lines = header.label, [header.words]
            apart.add(LABELS, header.label)
            apart.add(CODES, header.codes)
            apart.add(AROUND, header.around)
        else:
            lines.append(line)
    yield label, "\n".join(lines)


def _bare(text: str) -> str:
    """All words of a caption file's lines, the names in its tags included."""
    return _plain(_VOICE.sub(r" \g<name> ", text))


def _plain(text: str) -> str:
    """Text of cues without tags, and with entities such as &amp; as the characters that they stand for."""
    return clean(unescape(_TAG.sub("", _VOICE_END.sub(" ", text))))[0]
