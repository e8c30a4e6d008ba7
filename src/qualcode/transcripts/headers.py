"""Where a turn begins: the ways in which transcripts write who speaks, and when."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from ..study import label_key

# Chinese and Japanese write a wide colon.
_COLON = "[:\uff1a](?!//)"
_CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3})?"
_SPAN = rf"{_CLOCK}(?:\s*(?:-->|[-\u2013\u2014])\s*{_CLOCK})?"
_F4 = rf"#{_CLOCK}(?:-\d)?#"
# [04:32], (00:04:32), 00:19, 00:19 - 00:25, and #00:04:32-5# as f4transkript and MAXQDA write it.
_CODE = rf"(?:\[\s*{_SPAN}\s*\]|\(\s*{_SPAN}\s*\)|{_F4}|{_SPAN}(?!\w|[.,:]\d))"
_TIME = re.compile(r"(\d{1,3}:[0-5]\d(?::[0-5]\d)?)(?:[.,](\d{1,3})|-(\d)(?![\d:]))?")
_LEADING_CODE = re.compile(rf"(?P<code>{_CODE})\s*")
_CLOSING_F4 = re.compile(rf"{_F4}$")
_LONGEST_CODE = 24
_BARE = re.compile(r"\d{1,3}:\d\d")
# A label has no colon, and at most 63 characters (MAXQDA's manual, focus groups) unless someone listed a longer one.
_LONGEST = 63
_LABEL = r"(?P<label>[^\s:\uff1a\[\]#][^:\uff1a\[\]\n]{0,199}?)"
_REST = r"\s*(?P<words>.*)"
_BEFORE_COLON = re.compile(rf"#?\s*{_LABEL}(?:(?<!\w)(?P<code>{_CODE}))?\s*{_COLON}{_REST}")
_IN_BRACKETS = re.compile(rf"\[\s*{_LABEL}\s*\]\s*(?P<code>{_CODE})?(?P<colon>\s*{_COLON})?{_REST}")
_BEFORE_CODE = re.compile(rf"{_LABEL}(?P<gap>\s+|(?=[\[(]))(?P<code>{_CODE})")
# Zoom's chat: "From Ana Hill to Everyone:".
_CHAT = re.compile(r"(?P<before>From)\s+(?P<label>\S.{0,62}?)(?:\s+(?P<after>to\s+.+))?", re.IGNORECASE)
_MARKDOWN = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<inner>[^*_]{1,90})(?P=mark)(?P<rest>.*)")
_BULLET = re.compile(r"(?:>{2,3}|[-\u2013\u2014\u2022])\s*")
# Small words inside names.
_PARTICLES = re.compile(r"d[aeiou]|das|dos|del|della|v[ao]n|der|den|ter|l[ae]|[ae]l|ibn|bin|[ye]|of|the|[&-]")
_NAME_WORD = re.compile(r"[\w.'\u2019&/-]+")
# Capitalised words that stand before a colon in talk and in headings, and name no one.
_NO_NAMES = re.compile(
    r"notes?|n\.?b\.?|p\.?s\.?|examples?|yes|no|ok|okay|so|well|and|but|because|or|also|first|second|third|finally|again|"
    r"anyway|actually|now|then|here|there|this|that|these|those|what|why|how|when|where|at|today|date|time|duration|"
    r"length|place|location|title|topic|subject|interview|transcript|transcription|recording|file|keywords|summary|"
    r"source|page|language|re|https?|mailto",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """The beginning of a turn: its label as written and the words behind it on the line.

    `codes` are time codes as written; `around` is what stood beside the name and is none ("From", "to Everyone").
    """

    label: str
    words: str
    codes: str = ""
    around: str = ""


class Names:
    """What may be a speaker's label in a file.

    Labels that are `known` count in any case. Others count where they look like a name: someone whom no one listed is
    then told, where taking the label for words would give one person's words to another.
    """

    def __init__(self, known: Collection[str] = (), not_labels: Collection[str] = ()):
        self._never = frozenset(map(label_key, not_labels))
        self._known = frozenset(map(label_key, known)) - self._never

    def knows(self, label: str) -> bool:
        """Whether the label is known, whatever its case and its blanks."""
        return label_key(label) in self._known

    def accepts(self, label: str, timed: bool = False) -> bool:
        """Whether the label is known or looks like a name; beside a time code also one written "Hill, Ana"."""
        name = label.replace(", ", " ", 1) if timed else label
        likely = len(label) <= _LONGEST and name_like(name) and label_key(label) not in self._never
        return likely or self.knows(label)


def name_like(label: str) -> bool:
    """Whether words look like a name or a role: up to five capitalised words, initials and numbers.

    >>> [name_like(label) for label in ("Ana María", "PARTICIPANT 12", "T/R1", "Dr. van der Berg (Utrecht)")]
    [True, True, True, True]
    >>> [name_like(label) for label in ("the thing is", "At 10", "Note", "For example", "3 John", "Ana, Ben")]
    [False, False, False, False, False, False]
    """
    # What stands in brackets behind a name may be anything: Ana (the one with the hat).
    words = re.sub(r"\s*\(.*\)$", "", label).split()
    if not words or len(words) > 5 or not words[0][0].isalpha() or _NO_NAMES.fullmatch(words[0]):
        return False
    capitals = (bool(_NAME_WORD.fullmatch(word)) and not word[0].islower() for word in words)
    return not words[0][0].islower() and all(
        c or _PARTICLES.fullmatch(word) for c, word in zip(capitals, words, strict=True)
    )


def read_header(line: str, names: Names) -> Header | None:
    """The header that a line begins with, None where it begins with words.

    Read are `Name:`, `[Name]:`, `#Name:`, with a time code before or behind the name, in brackets or bare; a line that
    is nothing but a name and a time (Otter, Teams); `[Name]` without a colon where the name is known; markdown's
    asterisks and a dash or `>>` before any of these.

    >>> read_header("00:19 PARTICIPANT 12: We met.", Names())
    Header(label='PARTICIPANT 12', words='We met.', codes='00:19', around='')
    >>> read_header("We met at 10:30, and the thing is: we agreed.", Names(["Ana"]))
    """
    text = line.strip()
    found = _plain_header(text, names)
    if found is None and (bullet := _BULLET.match(text)):
        found = _plain_header(text[bullet.end() :], names)
    if found is None and (marked := _MARKDOWN.fullmatch(text)):
        found = _plain_header(marked["inner"] + marked["rest"], names)
    return found


def _plain_header(text: str, names: Names) -> Header | None:
    whole = text
    leading = _LEADING_CODE.match(text)
    code = leading["code"] if leading else ""
    text = text[leading.end() :] if leading else text
    if match := _IN_BRACKETS.fullmatch(text):
        label, codes = match["label"], f"{code} {match['code'] or ''}".strip()
        sure = names.knows(label) or (bool(codes or match["colon"]) and names.accepts(label, bool(codes)))
        return Header(label, match["words"], codes) if sure else None
    if match := _BEFORE_COLON.fullmatch(text):
        label, codes = match["label"].rstrip(), f"{code} {match['code'] or ''}".strip()
        if code and (chat := _CHAT.fullmatch(label)):
            return Header(chat["label"], match["words"], codes, f"{chat['before']} {chat['after'] or ''}".strip())
        # "John 3:16" and "At 10:30" are no labels, unless someone listed them.
        numbers = label[-1].isdigit() and text[match.start("words") - 1] in ":\uff1a" and match["words"][:1].isdigit()
        if names.knows(label) or (names.accepts(label, bool(codes)) and not numbers):
            return Header(label, match["words"], codes)
    if not code and (match := _BEFORE_CODE.fullmatch(whole)):
        # "Ana Hill   0:03" is a header; "Ana 0:03" is one only where Ana is known.
        wide = len(match["gap"]) != 1 or match["gap"] == "\t" or match["code"][0] in "[("
        if names.knows(match["label"]) or (wide and names.accepts(match["label"], True)):
            return Header(match["label"], "", match["code"])
    return Header(text, "", code) if code and names.knows(text) else None


def split_codes(words: str, alone: bool = False) -> tuple[str, str, str]:
    """(time code before, words, time code behind): f4's codes, and with `alone` words that are nothing but a code.

    A bare time that could be an answer ("10:30") stays with the words.

    >>> split_codes("We met. #00:04:32-5#"), split_codes("[04:32]", alone=True), split_codes("10:30", alone=True)
    (('', 'We met.', '#00:04:32-5#'), ('[04:32]', '', ''), ('', '10:30', ''))
    """
    text = words.strip()
    before = behind = ""
    leading = _LEADING_CODE.match(text)
    if leading and (text[0] == "#" or (alone and leading.end() == len(text) and not _BARE.fullmatch(text))):
        before, text = leading["code"], text[leading.end() :]
    if closing := _CLOSING_F4.search(text, max(0, len(text) - _LONGEST_CODE)):
        behind, text = closing[0], text[: closing.start()].rstrip()
    return before, text if before or behind else words, behind


def times(codes: str) -> list[str]:
    """The times in time codes as written: HH:MM:SS, or HH:MM:SS.mmm where the file gives fractions of a second.

    Two numbers are minutes and seconds. Tenths and hundredths are filled up to thousandths.

    >>> times("[0:03]"), times("1:02:03,5 - 75:10"), times("#00:01:12-4#")
    (['00:00:03'], ['01:02:03.500', '01:15:10'], ['00:01:12.400'])
    """
    found = []
    for clock, fraction, tenth in _TIME.findall(codes):
        seconds = sum(int(number) * 60**power for power, number in enumerate(reversed(clock.split(":"))))
        written = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        found.append(f"{written}.{fraction or tenth:0<3}" if fraction or tenth else written)
    return found


def time_of(text: str) -> str:
    """A time that stands by itself, as `times` writes it; '' where the text is something else.

    >>> time_of("00:01:05"), time_of("[0:03.5]"), time_of("00:0x"), time_of("12")
    ('00:01:05', '00:00:03.500', '', '')
    """
    bare = text.strip().strip("#[]()").strip()
    return times(bare)[0] if _TIME.fullmatch(bare) else ""
