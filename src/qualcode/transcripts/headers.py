"""Where a turn begins: the ways in which transcripts write who speaks, and when."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from ..study.model import ROLE_LABEL, UNKNOWN_LABEL, label_key
from ..text import count_words

# Chinese and Japanese write a wide colon.
_COLON = "[:\uff1a](?!//)"
_CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3})?(?:\s?[AaPp]\.?[Mm](?![\w'’-])\.?)?"
_SPAN = rf"{_CLOCK}(?:\s*(?:-->|[-\u2013\u2014])\s*{_CLOCK})?"
_F4 = rf"#{_CLOCK}(?:-\d)?#"
# [04:32], (00:04:32), 00:19, 00:19 - 00:25, and #00:04:32-5# as f4transkript and MAXQDA write it.
_CODE = rf"(?:\[\s*{_SPAN}\s*\]|\(\s*{_SPAN}\s*\)|{_F4}|{_SPAN}(?!\w|[.,:]\d))"
_TIME = re.compile(
    r"(\d{1,3}:[0-5]\d(?::[0-5]\d)?)(?:[.,](\d{1,3})|-(\d)(?![\d:]))?(?:\s?([AaPp])\.?[Mm](?![\w'’-])\.?)?"
)
_LEADING_CODE = re.compile(rf"(?P<code>{_CODE})\s*")
_CLOSING_F4 = re.compile(rf"{_F4}$")
_LONGEST_CODE = 24
_BARE = re.compile(r"\d{1,3}:\d\d")
# Blanks in a row; a file of nothing but blanks is not to be tried in every way.
_GAP = r"\s{0,60}"
# A label has no colon, and at most 63 characters (MAXQDA's manual, focus groups) unless someone listed a longer one.
_LONGEST = 63
_LABEL = r"(?P<label>[^\s:\uff1a\[\]#][^:\uff1a\[\]\n]{0,199}?)"
_REST = r"\s*(?P<words>.*)"
_BEFORE_COLON = re.compile(rf"#?\s*{_LABEL}(?:(?<!\w)(?P<code>{_CODE}))?{_GAP}{_COLON}{_REST}")
_IN_BRACKETS = re.compile(rf"\[{_GAP}{_LABEL}{_GAP}\]{_GAP}(?P<code>{_CODE})?(?P<colon>{_GAP}{_COLON})?{_REST}")
_BEFORE_CODE = re.compile(rf"{_LABEL}(?P<gap>\s{{1,60}}|(?=[\[(]))(?P<code>{_CODE})")
# Zoom's chat: "From Ana Hill to Everyone:".
_CHAT = re.compile(r"(?P<before>From)\s+(?P<label>\S.{0,62}?)(?:\s+(?P<after>to\s+.+))?", re.IGNORECASE)
_MARKDOWN = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<inner>[^*_]{1,90})(?P=mark)(?P<rest>.*)")
_BULLET = re.compile(r"(?:>{2,3}|[-\u2013\u2014\u2022])\s*")
# Small words inside names.
_PARTICLES = re.compile(r"d[aeiou]|das|dos|del|della|v[ao]n|der|den|ter|l[ae]|[ae]l|ibn|bin|[ye]|of|the|[&-]")
_NAME_WORD = re.compile(r"#\d+|[\w.'\u2019&/-]+")
# Roles as no one would begin a sentence, and voices that are told apart by their number only.
_ROLE = re.compile(
    r"(?:(?:fe)?male |unknown |unidentified )?(?:speaker|voice|participant|respondent|student|person|man|woman)"
    r" ?#?(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)|(?:fe)?male (?:speaker|voice|participant)",
    re.IGNORECASE,
)
# "Ana and Ben": words of both.
_TOGETHER = re.compile(r"\s(?:and|und|et|y|[&+])\s|\s?[,/]\s")
# Signs beside a label that make it no other one, a remark in brackets, the number of a line: "1. **Ben** [on phone]".
_SIGNS_BEFORE = re.compile(r"(?:\d{1,4}[.)]?\s|[^\w\[]){0,20}")
_SIGNS_BEHIND = re.compile(r"(?:[^\w\[\](){}\n]|\[[^\[\]\n]{0,60}\]|\([^()\n]{0,60}\)|\)){0,20}")
_HEAD = re.compile(rf"[^:\uff1a\n]{{1,200}}(?={_COLON})")
_CF = r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
# What shows nothing and stands beside a word, not in it.
_INVISIBLE = re.compile(rf"(?<!\w)[{_CF}]+|[{_CF}]+(?!\w)")
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
        return likely or self.knows(label) or self._unlisted(label)

    def _unlisted(self, label: str) -> bool:
        """Whether the label says that someone speaks without looking like a name: `?`, `p2`, "Ana and Ben"."""
        key = label_key(label)
        if len(key) > _LONGEST or key in self._never:
            return False
        role = ROLE_LABEL.fullmatch(key) and re.search(r"\d|\w{4}", key)
        parts = _TOGETHER.split(label)
        together = len(parts) > 1 and any(map(self.knows, parts)) and all(self.knows(p) or name_like(p) for p in parts)
        return bool(role or UNKNOWN_LABEL.fullmatch(key) or _ROLE.fullmatch(key) or together)

    def begins(self, line: str) -> bool:
        """Whether a line begins with a known label, as written, and goes on to a colon, though it is no header.

        Labels of one letter are passed over, for "I" and "A" are words.
        """
        head = _HEAD.match(line[:200].strip())
        if not head or len(head[0]) > _LONGEST or label_key(head[0]) in self._never:
            return False
        words = head[0].split()
        starts = (" ".join(words[:count]).rstrip(",;.-\u2013\u2014") for count in range(1, len(words) + 1))
        return any(len(start) > 1 and start[0].isupper() and self.knows(start) for start in starts)


def name_like(label: str) -> bool:
    """Whether words look like a name or a role: up to six capitalised words, initials and numbers.

    >>> [name_like(label) for label in ("Ana María", "PARTICIPANT 12", "T/R1", "Dr. van der Berg (Utrecht)")]
    [True, True, True, True]
    >>> [name_like(label) for label in ("the thing is", "At 10", "Note", "For example", "3 John", "Ana, Ben")]
    [False, False, False, False, False, False]
    """
    # What stands in brackets behind a name may be anything: Ana (the one with the hat).
    words = re.sub(r"\s{0,60}\([^()]*\)$", "", label).split()
    if not label.isascii():  # vowel signs of Hindi and Thai are no letters to Python
        words = ["".join(char for char in word if unicodedata.category(char)[0] != "M") for word in words]
    if not all(words) or not words or len(words) > 6 or not words[0][0].isalpha() or _NO_NAMES.fullmatch(words[0]):
        return False
    capitals = (bool(_NAME_WORD.fullmatch(word)) and not word[0].islower() for word in words)
    return not words[0][0].islower() and all(
        c or _PARTICLES.fullmatch(word) for c, word in zip(capitals, words, strict=True)
    )


def read_header(line: str, names: Names) -> Header | None:
    """The header that a line begins with, None where it begins with words.

    Read are `Name:`, `[Name]:`, `#Name:`, with a time code before or behind the name, in brackets or bare; a line that
    is nothing but a name and a time (Otter, Teams); `[Name]` without a colon where the name is known; markdown's
    asterisks and a dash or `>>` before any of these. Where the name is known, signs and remarks in brackets may stand
    around it: `* Ben [on phone]: x`.

    >>> read_header("00:19 PARTICIPANT 12: We met.", Names())
    Header(label='PARTICIPANT 12', words='We met.', codes='00:19', around='')
    >>> read_header("We met at 10:30, and the thing is: we agreed.", Names(["Ana"]))
    """
    text = line.strip()
    if not line.isascii():
        head, colon, words = text[:200].partition(":")
        text = (_INVISIBLE.sub("", head) + colon + words + text[200:]).strip()
    found = _plain_header(text, names)
    if found is None and (bullet := _BULLET.match(text)):
        found = _plain_header(text[bullet.end() :], names)
    if found is None and (marked := _MARKDOWN.fullmatch(text)):
        found = _plain_header(marked["inner"] + marked["rest"], names)
    found = found or _known_among_signs(text, names)
    if found is None:
        return None
    # Lines that count as words ("_") may have been taken for markdown; a header that divides a word is none.
    parts = (found.label, found.words, found.codes, found.around)
    lost = count_words(line) - sum(map(count_words, parts))
    return None if lost < 0 else replace(found, around=f"{found.around}{' _' * lost}".strip()) if lost else found


def _known_among_signs(text: str, names: Names) -> Header | None:
    """The header of a known speaker with signs or brackets around the name."""
    head = _HEAD.match(text)
    if not head:
        return None
    before = _SIGNS_BEFORE.match(head[0])
    start = before.end() if before else 0
    for end in range(len(head[0]), start, -1):
        # The longest label goes first.
        behind = head[0][end:]
        if (not behind or _SIGNS_BEHIND.fullmatch(behind)) and names.knows(label := head[0][start:end].strip()):
            around = f"{head[0][:start]} {behind}".strip()
            code = _LEADING_CODE.fullmatch(behind.strip("* "))
            words = text[head.end() + 1 :].lstrip("* ")
            if code:
                return Header(label, words, code["code"], head[0][:start].strip())
            return Header(label, words, "", around)
    return None


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
    """(time code before, words, time code behind): f4's codes, and those in brackets behind a label.

    With `alone` (a line without a label), those in brackets or bare count only where they are all of the line.

    A bare time that could be an answer ("10:30") stays with the words.

    >>> split_codes("We met. #00:04:32-5#"), split_codes("[04:32]", alone=True)
    (('', 'We met.', '#00:04:32-5#'), ('[04:32]', '', ''))
    >>> split_codes("[04:32] We"), split_codes("10:30", alone=True)
    (('[04:32]', 'We', ''), ('', '10:30', ''))
    """
    text = words.strip()
    before = behind = ""
    leading = _LEADING_CODE.match(text)
    begins = text[:1] == "#" or (text[:1] in ("[", "(") and not alone)
    if leading and (begins or (alone and leading.end() == len(text) and not _BARE.fullmatch(text))):
        before, text = leading["code"], text[leading.end() :]
    if closing := _CLOSING_F4.search(text, max(0, len(text) - _LONGEST_CODE)):
        behind, text = closing[0], text[: closing.start()].rstrip()
    return before, text if before or behind else words, behind


def times(codes: str) -> list[str]:
    """The times in time codes as written: HH:MM:SS, or HH:MM:SS.mmm where the file gives fractions of a second.

    Two numbers are minutes and seconds, beside AM or PM hours and minutes. Tenths and hundredths are filled up to
    thousandths.

    >>> times("[0:03]"), times("1:02:03,5 - 75:10"), times("#00:01:12-4#")
    (['00:00:03'], ['01:02:03.500', '01:15:10'], ['00:01:12.400'])
    """
    found = []
    for clock, fraction, tenth, half in _TIME.findall(codes):
        numbers = [int(number) for number in clock.split(":")]
        if half:
            numbers = [numbers[0] % 12 + 12 * (half in "Pp"), *numbers[1:], *[0] * (3 - len(numbers))]
        seconds = sum(number * 60**power for power, number in enumerate(reversed(numbers)))
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
