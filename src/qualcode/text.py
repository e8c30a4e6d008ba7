"""Words as people quote them: cleaning, hiding names, and finding a quotation in a source."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# Fuzzy matches below this similarity (0-100) are not placements, only hints.
FUZZY_THRESHOLD = 90.0
# Short quotations are never placed fuzzily: "I agree" resembles too much.
FUZZY_MINIMUM = 20

# Equal stretches shorter than this are chance when the ends of a fuzzy match are looked for.
_BLOCK = 6

_QUOTES = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_WORD = re.compile(r"\w[\w'’-]*")
_BACKCHANNEL = re.compile(
    r"(?:m+-?h+m+|mm+|hm+|uh-?huh|yeah|yes|yep|yup|no|nope|right|okay|ok|sure|exactly|absolutely|true|definitely|"
    r"totally|agreed|wow|oh|ah|um|uh|laughs|laughter|of course|i agree|me too|same here|for sure|that's right|"
    r"that's true|thank you|thanks|got it|i see)",
    re.IGNORECASE,
)


def clean(text: str) -> tuple[str, int]:
    """Text in NFC with `\\n` line ends and no control characters, and how many of these were taken out."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")
    return unicodedata.normalize("NFC", kept), len(text) - len(kept)


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


def _straight(text: str) -> str:
    return text.replace("’", "'")


class Hider:
    """Replaces names by pseudonyms: whole words, as written, longest first.

    Case matters: a person named Will would otherwise take every "will" along.
    """

    def __init__(self, replacements: Iterable[tuple[str, str]]):
        self.replacements = dict(replacements)
        self._by_match = {_straight(text): text for text in self.replacements}
        longest = sorted(self.replacements, key=lambda text: (-len(text), text))
        # Word types a curly apostrophe where a list has a straight one.
        joined = "|".join(re.escape(_straight(text)).replace("'", "['’]") for text in longest)
        self._pattern = re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if joined else None

    def hide(self, text: str) -> tuple[str, dict[str, int]]:
        """The text with everything hidden, and how often each was met."""
        counts: dict[str, int] = {}
        if self._pattern is None:
            return text, counts

        def replace(match: re.Match[str]) -> str:
            text = self._by_match[_straight(match[0])]
            counts[text] = counts.get(text, 0) + 1
            return self.replacements[text]

        return self._pattern.sub(replace, text), counts


def digest(*parts: object) -> str:
    """A short stable id of some values: 12 hex digits of a SHA-256 over them."""
    joined = "\x1f".join(map(str, parts))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]


# --- finding quotations --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Utterance:
    """What locating needs of an utterance: `text[start:end]` of the source is its words."""

    utterance: str
    participant: str
    role: str
    start: int
    end: int


@dataclass(frozen=True)
class Place:
    """Where a quotation stands, how it was found (exact, normalised, fuzzy) and how alike it is (0-100)."""

    start: int
    end: int
    method: str
    score: float = 100.0


@dataclass(frozen=True)
class Folded:
    """A text without case, white space and quotation marks, and for each character left its position in the text."""

    text: str
    positions: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, text: str, spans: Iterable[tuple[int, int]]) -> Folded:
        letters: list[str] = []
        positions: list[int] = []
        for start, end in spans:
            for position in range(start, end):
                char = text[position]
                if char.isspace() or char in _QUOTES:
                    continue
                # NFKC and casefold may give several characters for one: each keeps that one's position.
                for letter in _DASHES.get(char) or unicodedata.normalize("NFKC", char).casefold():
                    letters.append(letter)
                    positions.append(position)
        return cls("".join(letters), positions)


def fold(quote: str) -> str:
    """A quotation as it is compared: without case, white space, quotation marks and punctuation at its ends."""
    folded = Folded.of(quote, [(0, len(quote))]).text
    return folded.strip(".,;:!?…-") or folded


class SourceText:
    """The canonical text of a source, ready to find quotations in. Speaker labels and white space are passed over."""

    def __init__(self, text: str, utterances: Sequence[Utterance], labels: Iterable[str] = ()):
        self.text = text
        self.utterances = utterances
        longest = sorted(set(labels), key=lambda label: (-len(label), label))
        joined = "|".join(map(re.escape, longest))
        self._labels = re.compile(rf"(?:(?<=^)|(?<=\s))\[?(?:{joined})\]?\s*:\s*", re.MULTILINE) if joined else None
        self._starts = [utterance.start for utterance in utterances]
        self._ends = [utterance.end for utterance in utterances]
        self._occurrences: dict[str, list[int]] = {}

    @cached_property
    def folded(self) -> Folded:
        return Folded.of(self.text, [(utterance.start, utterance.end) for utterance in self.utterances])

    def covered(self, start: int, end: int) -> Sequence[Utterance]:
        """The utterances that a span touches."""
        return self.utterances[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

    def key(self, start: int, end: int) -> str:
        """The words of a span without the speaker labels in it, folded: what identity is made of."""
        return fold(" ".join(self.text[max(start, u.start) : min(end, u.end)] for u in self.covered(start, end)))

    def occurrence(self, start: int, end: int) -> int:
        """Which of the equal quotations in the source this span is, counted from 1."""
        key = self.key(start, end)
        if key not in self._occurrences:
            self._occurrences[key] = [self.folded.positions[hit] for hit in self._hits(key)]
        return bisect_left(self._occurrences[key], start) + 1

    def places(self, quote: str) -> list[Place]:
        """Every place where the quotation stands: exactly, else normalised, else the one nearest fuzzily."""
        if not fold(quote):
            return []
        wordings = dict.fromkeys((quote, self.without_labels(quote)))
        for cut in (False, True):
            for wording in wordings:
                # A selection with the mouse may cut a word at its ends; so may only a quotation too long to be chance.
                if cut and len(fold(wording)) < FUZZY_MINIMUM:
                    continue
                if found := self._exact(wording.strip(), cut) or self._normalised(wording, cut):
                    return found
        return self._fuzzy(quote)

    def without_labels(self, quote: str) -> str:
        """The quotation without the speaker labels that a copy across turns brings along."""
        return self._labels.sub(" ", quote) if self._labels else quote

    def nearest(self, quote: str) -> Place | None:
        """The passage that resembles the quotation most, however little."""
        from rapidfuzz.distance import Indel
        from rapidfuzz.fuzz import partial_ratio_alignment

        key = fold(self.without_labels(quote))
        if not key or len(self.folded.text) < len(key):
            return None
        found = partial_ratio_alignment(key, self.folded.text)
        if found is None or found.dest_end <= found.dest_start:
            return None
        # That window is as long as the quotation: where the source says more, widen it, then trim what does not match.
        margin = len(key) // 5 + _BLOCK
        first = max(0, found.dest_start - margin)
        window = self.folded.text[first : found.dest_end + margin]
        blocks = [b for b in Indel.opcodes(key, window) if b.tag == "equal" and b.dest_end - b.dest_start >= _BLOCK]
        start, end = found.dest_start, found.dest_end
        if blocks:
            start, end = first + blocks[0].dest_start, first + blocks[-1].dest_end
        score = 100 * Indel.normalized_similarity(key, self.folded.text[start:end])
        return Place(*self._to_words(*self._span(start, end - start)), "fuzzy", round(score, 1))

    def _exact(self, quote: str, cut: bool) -> list[Place]:
        found = []
        position = self.text.find(quote) if quote else -1
        while position >= 0:
            start, end = position, position + len(quote)
            # A speaker's label is no one's words.
            if self.covered(start, end) and (cut or self._whole_words(start, end)):
                found.append(Place(start, end, "exact"))
            position = self.text.find(quote, position + 1)
        return found

    def _normalised(self, quote: str, cut: bool) -> list[Place]:
        key = fold(quote)
        spans = [self._span(hit, len(key)) for hit in self._hits(key)] if key else []
        return [Place(start, end, "normalised") for start, end in spans if cut or self._whole_words(start, end)]

    def _fuzzy(self, quote: str) -> list[Place]:
        if len(fold(quote)) < FUZZY_MINIMUM:
            return []
        found = self.nearest(quote)
        return [found] if found and found.score >= FUZZY_THRESHOLD else []

    def _hits(self, key: str) -> list[int]:
        hits = []
        hit = self.folded.text.find(key)
        while hit >= 0:
            hits.append(hit)
            hit = self.folded.text.find(key, hit + 1)
        return hits

    def _span(self, hit: int, length: int) -> tuple[int, int]:
        positions = self.folded.positions
        return positions[hit], positions[hit + length - 1] + 1

    def _whole_words(self, start: int, end: int) -> bool:
        before = start > 0 and self.text[start].isalnum() and self.text[start - 1].isalnum()
        after = end < len(self.text) and self.text[end - 1].isalnum() and self.text[end].isalnum()
        return not (before or after)

    def _to_words(self, start: int, end: int) -> tuple[int, int]:
        """Widen a span to the words it cuts."""
        while start > 0 and self.text[start].isalnum() and self.text[start - 1].isalnum():
            start -= 1
        while end < len(self.text) and self.text[end - 1].isalnum() and self.text[end].isalnum():
            end += 1
        return start, end
