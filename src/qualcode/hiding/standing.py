"""Whether a word that is also a name is one where it stands: surely, perhaps, or surely not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .names import APOSTROPHES, DASHES, TOKEN, fold, word_set

WORDS = Path(__file__).with_name("names_that_are_words.txt")
# How a hit is judged.
NAME, DOUBT, WORD = "name", "doubt", "word"
# Kinds of words: the sections of the file, and names too short to be told from abbreviations.
SHORT = "short"
# How far around a word is looked.
_BEFORE, _AFTER = 40, 30

CERTAIN_TITLES = word_set("mr mrs ms mx dr prof sra srta")
_ABBREVIATED = CERTAIN_TITLES | word_set("rev fr sr br st")
_DETERMINERS = word_set("a an the my your his her our their its these those every another some any no")
# Capitalised after a name, these speak for a heading ("What Will We Do").
_FUNCTION_WORDS = word_set(
    "a an the we you he she it they this that these those is are was were be do does did have has had can not and or "
    "but so if what how why when where who in on of for to with my your our their his her its"
)
# "Grace Hospital", "Bill Act": what is called after someone, or after no one.
_CALLED = word_set(
    "street avenue road lane drive square place court bridge school high elementary middle primary secondary academy "
    "college university institute church chapel hospital clinic centre center library hall house park garden gardens "
    "manor home homes bank county city town village island river lake hill hills valley beach bay act bill day week "
    "month fund foundation trust award prize"
)
_PLACE_PREPOSITIONS = word_set("in at from to near of around across through into toward towards outside inside via")
_IN_TIME = word_set(
    "in into since until till last next this every each early late mid during throughout past previous coming following"
)
# Only people are asked, thanked or know: beside these words the name of a month is a name.
_TO_PEOPLE = word_set(
    "ask asked asking tell told telling met meet thank thanks hi hello hey dear called named know knew helped loved "
    "said says aunt uncle miss sister brother friend colleague daughter son wife husband"
)
_OF_PEOPLE = word_set(
    "said says asked asks told tells thinks thought wants wanted knows knew feels felt helped helps believes taught "
    "agreed agrees laughs laughed who's herself himself"
)
_PART_OF_TIME = re.compile(
    r"\b(?:end|start|beginning|middle|month|half|week|weeks|rest|first|\d+(?:st|nd|rd|th)?)\s+of\s+$", re.I
)
_NUMBER_BEFORE = re.compile(r"\d(?:st|nd|rd|th)?\s+$")
_NUMBER_AFTER = re.compile(r",?\s*#?\d|\s+[A-Z]-?\d|-\d")
_OPENERS = '"“„«([{<*_‹'
_CLOSERS = '"”»)]}>*_›'


@cache
def _kinds() -> dict[str, frozenset[str]]:
    kinds: dict[str, frozenset[str]] = {}
    section = ""
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif not line.startswith("#"):
            for word in line.split():
                kinds[word] = kinds.get(word, frozenset()) | {section}
    return kinds


def kinds_of(word: str) -> frozenset[str]:
    """What else a name may be (word, date, place, adjective, short), by its folded form; nothing if only a name."""
    return _kinds().get(word) or (frozenset({SHORT}) if len(word) <= 2 and word.isascii() else frozenset())


def case_of(word: str) -> str:
    """lower, upper or title (a single capital and everything else).

    >>> case_of("will"), case_of("WILL"), case_of("Will"), case_of("W")
    ('lower', 'upper', 'title', 'title')
    """
    if word.islower():
        return "lower"
    return "upper" if word.isupper() and len(word) > 1 else "title"


def standing(text: str, start: int, end: int, kinds: frozenset[str], capitals: bool = False) -> str:
    """NAME, DOUBT or WORD for text[start:end], a name of these kinds; `capitals`: it is listed in capitals ("AJ")."""
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    case = case_of(text[start:end])
    previous = _previous(before)
    if previous in CERTAIN_TITLES:
        return NAME
    if "date" in kinds and (case != "lower" or "word" not in kinds) and _is_date(before, after):
        return WORD
    if case == "lower":
        return WORD if "word" in kinds else DOUBT
    if case == "upper":
        return NAME if capitals and not _among_capitals(before, after) else DOUBT
    if "adjective" in kinds or _is_called(before, after):
        return DOUBT
    # What is always capitalised is no less a name where a sentence begins.
    if kinds & {"word", "date"} and _opens(text, start):
        return DOUBT
    if "date" in kinds and not (previous in _TO_PEOPLE or _is_spoken_of(before, after)):
        return DOUBT
    if "place" in kinds and previous in _PLACE_PREPOSITIONS:
        return DOUBT
    return NAME


def _previous(before: str) -> str:
    """The word directly before, folded; '' after a punctuation mark other than the dot of a title."""
    match = re.search(r"([^\W\d_]+)(\.?)\s+$", before)
    word = fold(match[1]) if match else ""
    return word if match and (not match[2] or word in _ABBREVIATED) else ""


def _last_word(before: str) -> str:
    words = [match[0] for match in TOKEN.finditer(before)]
    return words[-1] if words else ""


def _opens(text: str, start: int) -> bool:
    """Whether a sentence, a quotation or a line may begin here, so that a capital says nothing."""
    position = start
    while position and (text[position - 1].isspace() or text[position - 1] in _OPENERS + APOSTROPHES):
        position -= 1
        if text[position] in "\n" + _OPENERS + APOSTROPHES:
            return True
    if not position:
        return True
    last = text[position - 1]
    if last == "." and fold(_last_word(text[max(0, position - _BEFORE) : position])) in _ABBREVIATED:
        return False
    return not (last.isalnum() or last in ",&")


def _is_called(before: str, after: str) -> bool:
    """Whether a capitalised word is part of what has a name without being a person: an article or a number is near."""
    if _previous(before) in _DETERMINERS:
        return True
    if _NUMBER_BEFORE.search(before) or _NUMBER_AFTER.match(after) or re.match(rf"[{DASHES}]\w", after):
        return True
    following = re.match(r"\s+([A-Z][a-z]*)\b", after)
    return following is not None and following[1].lower() in _FUNCTION_WORDS | _CALLED


def _is_date(before: str, after: str) -> bool:
    """Whether the name of a month or day is surely one: "in May", "May 5", "the end of May", "April and May"."""
    if re.match(rf"[{APOSTROPHES}]s\b", after):
        return False
    if _NUMBER_BEFORE.search(before) or _NUMBER_AFTER.match(after) or _PART_OF_TIME.search(before):
        return True
    if _previous(re.sub(rf"[{DASHES}]$", " ", before)) in _IN_TIME:
        return True
    beside = [re.search(r"([^\W\d_]+),?(?:\s+(?:and|or|to|through|until))?[\s/–-]+$", before)]
    beside.append(re.match(r",?(?:\s+(?:and|or|to|through|until))?[\s/–-]+([^\W\d_]+)", after))
    return any(
        match and "date" in kinds_of(fold(match[1])) and match[1].lower() not in ("may", "march") for match in beside
    )


def _is_spoken_of(before: str, after: str) -> bool:
    """Whether a word owns, speaks or thinks, or is spoken to: "May's", "May said", "well, May, you know"."""
    following = re.match(r"\s+([a-z']+)\b", after)
    owns = re.match(rf"[{APOSTROPHES}]s\b", after)
    addressed = before.endswith(", ") and after[:1] in (",", "?")
    return bool(owns) or addressed or (following is not None and following[1] in _OF_PEOPLE)


def _among_capitals(before: str, after: str) -> bool:
    """Whether the words around are in capitals too."""
    left, right = _last_word(before), re.search(r"[^\W\d_]+", after)
    return any(len(word) > 1 and word.isupper() for word in (left, right[0] if right else ""))
