"""Words as they are written: cleaned, put on one line, counted, digested."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import groupby

_WORD = re.compile(r"\w[\w'’-]*")
# The whole of the category Cc but \t and \n.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# No language piles up so many marks on a letter; normalising takes the square of their number unless they are in order.
_MARKS = re.compile(r"[^\x00-\x7f\w\s]{100,}")
_BACKCHANNEL = re.compile(
    r"(?:m+-?h+m+|mm+|hm+|uh-?huh|yeah|yes|yep|yup|no|nope|right|okay|ok|sure|exactly|absolutely|true|definitely|"
    r"totally|agreed|wow|oh|ah|um|uh|laughs|laughter|of course|i agree|me too|same here|for sure|that's right|"
    r"that's true|thank you|thanks|got it|i see)",
    re.IGNORECASE,
)


def clean(text: str) -> tuple[str, int]:
    """Text in NFC with `\\n` line ends and no control characters, and how many of these were taken out.

    Those that part words (form feed, vertical tab, next line and the like) leave a blank.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept, taken = _CONTROLS.subn(lambda match: " " if match[0].isspace() else "", text)
    return unicodedata.normalize("NFC", _MARKS.sub(_in_order, kept)), taken


def _in_order(match: re.Match[str]) -> str:
    """Marks in the canonical order, which makes the text no other one."""
    apart = "".join(unicodedata.normalize("NFD", char) for char in match[0])
    runs = groupby(apart, key=lambda char: unicodedata.combining(char) > 0)
    return "".join("".join(sorted(run, key=unicodedata.combining) if marks else run) for marks, run in runs)


def one_line(text: str) -> str:
    """The text of one utterance: lines and their indentation joined by single blanks.

    >>> one_line(" We agreed\\n     to meet. ")
    'We agreed to meet.'
    """
    return " ".join(stripped for line in text.split("\n") if (stripped := line.strip()))


def count_words(text: str) -> int:
    """Number of words, counting contractions and hyphenated words once."""
    return sum(1 for _ in _WORD.finditer(text))


def is_backchannel(text: str) -> bool:
    """Whether an utterance only signals listening.

    >>> is_backchannel("Mm-hm. Right, right."), is_backchannel("Right, the timing.")
    (True, False)
    """
    left = _BACKCHANNEL.sub("", text)
    return count_words(text) <= 6 and not re.search(r"\w", left)


def shortened(text: str, longest: int) -> str:
    """A text of at most so many characters: a longer one is cut behind a word, and says so.

    >>> shortened("one two three", 8), shortened("one", 8)
    ('one …', 'one')
    """
    return text if len(text) <= longest else f"{text[: longest - 1].rsplit(maxsplit=1)[0]} …"


def digest(*parts: object) -> str:
    """A short stable id of some values: 12 hex digits of a SHA-256 over them."""
    joined = "\x1f".join(map(str, parts))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
