"""Words as people quote them: cleaning, and finding a quotation in a source."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, groupby

# Fuzzy matches below this similarity (0-100) are not placements, only hints.
FUZZY_THRESHOLD = 90.0
# Short quotations are never placed fuzzily: "I agree" resembles too much.
FUZZY_MINIMUM = 20

# Another passage whose similarity comes within this of the best one may be the one that was meant.
_RIVAL = 10.0
# By how much, in letters and in parts of its own length, a passage may be longer than a quotation that resembles it.
_MORE, _PART = 6, 5
# Equal stretches shorter than this are chance.
_BLOCK = 4

# Where words were left out of a quotation: "we … agreed", "we [...] agreed".
_ELLIPSIS = re.compile(r"\s*(?:[\[(]\s*)?(?:…|\.\s?\.\s?\.)\.?(?:\s*[\])])?\s*")
# The most letters that an ellipsis may stand for (about 200 words), and the fewest that the parts must have together.
_LEFT_OUT = 1000
_LEFT_IN = 6

# Time codes that a copy of a transcript brings along: "[00:04:32]", and bare ones beside a speaker's label.
_TIME = r"\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?"
_CODE = rf"(?:\[{_TIME}\]|\({_TIME}\))"

# Punctuation that a quotation may begin or end with or not.
ENDS = ".,;:!?…-"
# What stands in a context where the talk begins or ends, and where words of someone were withdrawn.
EDGE, GONE = "\x02", "\x03"

_QUOTES = frozenset("\"'`´‘’‚‛“”„‟«»‹›′″")
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
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
    question: str = ""

    @property
    def gone(self) -> bool:
        """Whether it only marks where the words of someone stood who withdrew."""
        return self.role == "withdrawn"


@dataclass(frozen=True)
class Place:
    """Where a quotation stands, how it was found (exact, normalised, elided, fuzzy) and how alike it is (0-100)."""

    start: int
    end: int
    method: str
    score: float = 100.0


class _FoldedCharacters(dict[str, str]):
    """What is left of each character in a folded text, worked out when it is first met."""

    def __missing__(self, char: str) -> str:
        # Soft hyphens, joiners and marks of direction are not seen.
        nothing = char.isspace() or char in _QUOTES or unicodedata.category(char) == "Cf"
        folded = "" if nothing else _DASHES.get(char) or unicodedata.normalize("NFKC", char).casefold()
        self[char] = folded
        return folded


_FOLDED = _FoldedCharacters()


@dataclass(frozen=True)
class Folded:
    """A text without case, white space, quotation marks and what is not seen, and where each character left stands."""

    text: str
    positions: Sequence[int] = field(repr=False)

    @classmethod
    def of(cls, text: str, spans: Iterable[tuple[int, int]]) -> Folded:
        letters: list[str] = []
        positions: list[int] = []
        for start, end in spans:
            folded = list(map(_FOLDED.__getitem__, text[start:end]))
            letters += folded
            if max(map(len, folded), default=0) < 2:
                positions += compress(range(start, end), folded)
            else:
                # Some characters fold to several: each of these keeps the one's position.
                positions += (at for at, part in zip(range(start, end), folded, strict=True) for _ in part)
        return cls("".join(letters), positions)

    def span(self, hit: int, length: int) -> tuple[int, int]:
        """Where `length` characters from `hit` on stand in the text."""
        return self.positions[hit], self.positions[hit + length - 1] + 1


def _hits(key: str, text: str) -> list[int]:
    hits = []
    hit = text.find(key)
    while hit >= 0:
        hits.append(hit)
        hit = text.find(key, hit + 1)
    return hits


def fold_all(text: str) -> str:
    """A text without case, white space, quotation marks and what is not seen."""
    return "".join(map(_FOLDED.__getitem__, text))


def fold(quote: str) -> str:
    """A quotation as it is compared: without case, white space, quotation marks and punctuation at its ends."""
    folded = fold_all(quote)
    return folded.strip(ENDS) or folded


class SourceText:
    """The canonical text of a source, ready to find quotations in. Speaker labels and white space are passed over.

    `answers`: each utterance is an answer to a question, as in a survey, and what stands around it is no context.
    """

    def __init__(
        self, text: str, utterances: Sequence[Utterance], labels: Iterable[str] = (), answers: bool = False
    ) -> None:
        self.text = text
        self.utterances = utterances
        self.answers = answers
        # The marker that stands in the place of withdrawn words is no one's words.
        self.spoken = [utterance for utterance in utterances if not utterance.gone]
        longest = sorted(set(labels), key=lambda label: (-len(label), label))
        joined = "|".join(map(re.escape, longest))
        time = rf"(?:{_CODE}|{_TIME})"
        label = rf"(?:(?<=^)|(?<=\s))(?:{time}\s*)?\[?(?:{joined})\]?(?:\s*{time})?\s*:\s*|" if joined else ""
        self._labels = re.compile(label + _CODE, re.MULTILINE | re.IGNORECASE)
        self._starts = [utterance.start for utterance in self.spoken]
        self._ends = [utterance.end for utterance in self.spoken]
        self._occurrences: dict[str, list[int]] = {}
        self._nearest: dict[str, Place | None] = {}

    @cached_property
    def folded(self) -> Folded:
        return Folded.of(self.text, [(utterance.start, utterance.end) for utterance in self.spoken])

    @cached_property
    def _lettered(self) -> Folded:
        """The folded text without punctuation."""
        kept = list(map(str.isalnum, self.folded.text))
        return Folded("".join(compress(self.folded.text, kept)), list(compress(self.folded.positions, kept)))

    @cached_property
    def version(self) -> str:
        """A digest of the whole text: positions hold as long as it is the same."""
        return digest(self.text)

    def covered(self, start: int, end: int) -> Sequence[Utterance]:
        """The utterances that a span touches, but for those that are gone."""
        return self.spoken[bisect_right(self._ends, start) : bisect_left(self._starts, end)]

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
        """Every place where the quotation stands: exactly, else normalised or elided, else those most alike."""
        return self.stands(quote) or self._fuzzy(quote)

    def stands(self, quote: str) -> list[Place]:
        """Every place where the quotation stands: exactly, else normalised, else with words left out (`…`).

        Normalised is without regard to case, white space and quotation marks, and in the end to punctuation.
        """
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
        unlabelled = self.without_labels(quote)
        parts = _parts(unlabelled)
        found = self._elided(parts) if parts != [fold(unlabelled)] else []
        return found or (self._unpunctuated(unlabelled) if len(parts) == 1 else [])

    def agreeing(self, place: Place, before: str, after: str) -> int:
        """How many letters of the talk around a place agree with what someone says that stands before and after it."""
        # There may be more blanks and punctuation here than there.
        now = self.around(place.start, place.end, 2 * (len(before) + len(after)))
        sides = ((_letters(before)[::-1], _letters(now[0])[::-1]), (_letters(after), _letters(now[1])))
        return sum(same_beginning(said, now) for said, now in sides)

    def spans(self, wording: str | re.Pattern[str]) -> list[tuple[int, int]]:
        """Where folded words stand, or match, be it within words; also where such places overlap."""
        if isinstance(wording, str):
            return [self._span(hit, len(wording)) for hit in self._hits(wording)] if wording else []
        overlapping = re.compile(f"(?=({wording.pattern}))")
        found = (match.span(1) for match in overlapping.finditer(self.folded.text))
        return [self._span(start, end - start) for start, end in found if end > start]

    def around(self, start: int, end: int, width: int) -> tuple[str, str]:
        """At most `width` characters of talk before and after a span, a line for each utterance, labels left out.

        EDGE stands where the talk begins or ends, GONE where words were withdrawn; neither counts as a character.
        """
        before: list[str] = []
        for item in map(self.utterances.__getitem__, range(bisect_left(self._all_starts, start) - 1, -1, -1)):
            before.insert(0, GONE if item.gone else self.text[item.start : min(item.end, start)])
            if item.gone or sum(map(len, before)) + len(before) > width:
                break
        else:
            before.insert(0, EDGE)
        after: list[str] = []
        for item in map(self.utterances.__getitem__, range(bisect_right(self._all_ends, end), len(self.utterances))):
            after.append(GONE if item.gone else self.text[max(item.start, end) : item.end])
            if item.gone or sum(map(len, after)) + len(after) > width:
                break
        else:
            after.append(EDGE)
        left, right = "\n".join(before), "\n".join(after)
        kept = width + 2  # a mark and its line end
        return (
            left if left[:1] in (EDGE, GONE) and len(left) <= kept else left[-width:],
            right if right[-1:] in (EDGE, GONE) and len(right) <= kept else right[:width],
        )

    def answer(self, start: int, end: int) -> str:
        """Whose answer to which question a span stands in; '' in talk, and where it stands in several."""
        found = self.covered(start, end) if self.answers else []
        return _answer(found[0]) if len(found) == 1 and found[0].participant else ""

    def within(self, answer: str) -> SourceText | None:
        """That answer alone, with its place in the text."""
        if answer not in self._answers:
            return None
        return SourceText(self.text, self._answers[answer])

    @cached_property
    def _answers(self) -> dict[str, list[Utterance]]:
        answers: dict[str, list[Utterance]] = {}
        for item in self.spoken:
            answers.setdefault(_answer(item), []).append(item)
        return answers

    @cached_property
    def _all_starts(self) -> list[int]:
        return [utterance.start for utterance in self.utterances]

    @cached_property
    def _all_ends(self) -> list[int]:
        return [utterance.end for utterance in self.utterances]

    def without_labels(self, quote: str) -> str:
        """The quotation without the speaker labels and time codes that a copy across turns brings along."""
        return self._labels.sub(" ", quote)

    def nearest(self, quote: str) -> Place | None:
        """The passage that resembles the quotation most, however little."""
        key = fold(self.without_labels(quote))
        if key not in self._nearest:
            self._nearest[key] = self._alike(key, 0, len(self.folded.text))
        return self._nearest[key]

    def _alike(self, key: str, low: int, high: int, least: float = 0.0) -> Place | None:
        """The passage between two characters of the folded text that resembles folded words most.

        None where none resembles them by `least` (0-100), or at all.
        """
        from rapidfuzz.distance import Indel
        from rapidfuzz.fuzz import partial_ratio_alignment

        if not key or high - low < len(key):
            return None
        # Windows are as long as the quotation, and less like it than what is longer.
        found = partial_ratio_alignment(key, self.folded.text[low:high], score_cutoff=max(0.0, least - _RIVAL))
        if found is None or found.dest_end <= found.dest_start:
            return None
        # Of the words around the ends of the window those are taken that fit best.
        margin = len(key) // _PART + _MORE
        start, end = low + found.dest_start, low + found.dest_end
        starts = [at for at in range(max(low, start - margin), min(start + margin, end)) if self._begins(at)]
        ends = [at for at in range(max(start + 1, end - margin), min(high, end + margin) + 1) if self._begins(at, -1)]

        def likeness(span: tuple[int, int]) -> float:
            return Indel.normalized_similarity(key, self.folded.text[slice(*span)])

        for _ in range(2):
            start = max([(start, end), *((at, end) for at in starts if at < end)], key=likeness)[0]
            end = max([(start, end), *((start, at) for at in ends if start < at)], key=likeness)[1]
        place = Place(*self._to_words(*self._span(start, end - start)), "fuzzy", round(100 * likeness((start, end)), 1))
        return place if place.score >= least else None

    def _begins(self, at: int, step: int = 1) -> bool:
        """Whether a word begins at a character of the folded text; with step -1, whether one ends before it."""
        position = self.folded.positions[at if step > 0 else at - 1]
        beside = position - step
        outside = not 0 <= beside < len(self.text) or not self.text[beside].isalnum()
        return outside and self.text[position].isalnum()

    def _exact(self, quote: str, cut: bool) -> list[Place]:
        found = []
        position = self.text.find(quote) if quote else -1
        while position >= 0:
            start, end = position, position + len(quote)
            # A speaker's label is no one's words, nor is the marker of withdrawn ones.
            if self.covered(start, end) and not self._on_marker(start, end) and (cut or self._whole_words(start, end)):
                found.append(Place(start, end, "exact"))
            position = self.text.find(quote, position + 1)
        return found

    def _on_marker(self, start: int, end: int) -> bool:
        """Whether a span that covers words begins or ends in the marker of withdrawn ones."""
        first, last = bisect_right(self._all_ends, start), bisect_left(self._all_starts, end) - 1
        return self.utterances[first].gone or self.utterances[last].gone

    def _normalised(self, quote: str, cut: bool) -> list[Place]:
        key = fold(quote)
        spans = [self._span(hit, len(key)) for hit in self._hits(key)] if key else []
        return [Place(start, end, "normalised") for start, end in spans if cut or self._whole_words(start, end)]

    def _unpunctuated(self, quote: str) -> list[Place]:
        """Where the letters and digits of a quotation stand as whole words, whatever punctuation is between them."""
        key = _letters(quote)
        hits = _hits(key, self._lettered.text) if key else []
        spans = [self._lettered.span(hit, len(key)) for hit in hits]
        return [Place(*span, "normalised") for span in spans if self._whole_words(*span)]

    def _elided(self, parts: Sequence[str]) -> list[Place]:
        """Where the parts around the ellipses stand one after the other, however far apart within reach.

        Where one begins or ends inside another, nothing tells which of them is meant.
        """
        if sum(map(len, parts)) < _LEFT_IN:
            return []
        # Each end of a chain of parts, with all the places where such a chain begins.
        chains = {end: {start} for start, end in self._whole(parts[0])}
        for part in parts[1:]:
            ends = sorted(chains)
            reached = {}
            for start, end in self._whole(part):
                before = ends[bisect_left(ends, start - _LEFT_OUT) : bisect_right(ends, start)]
                if before:
                    reached[end] = set().union(*(chains[earlier] for earlier in before))
            chains = reached
        found = sorted((start, end) for end, starts in chains.items() for start in starts)
        return [Place(*self._span(start, end - start), "elided") for start, end in found]

    def _whole(self, key: str) -> list[tuple[int, int]]:
        """Where folded words stand as whole words, in characters of the folded text."""
        return [(hit, hit + len(key)) for hit in self._hits(key) if self._whole_words(*self._span(hit, len(key)))]

    def _fuzzy(self, quote: str) -> list[Place]:
        """The passage most alike, if it is alike enough, and others that are nearly as much alike."""
        key = fold(self.without_labels(quote))
        if len(key) < FUZZY_MINIMUM or not (best := self.nearest(quote)) or best.score < FUZZY_THRESHOLD:
            return []
        positions = self.folded.positions
        start, end = bisect_left(positions, best.start), bisect_left(positions, best.end)
        # Where the quotation begins or ends with words that are not there, the passage is only a piece of it.
        parts = _parts(self.without_labels(quote))
        lost = _lost(key, self.folded.text[start:end])
        if any(
            letters >= min(len(part), FUZZY_MINIMUM) for letters, part in zip(lost, (parts[0], parts[-1]), strict=True)
        ):
            return []
        least = best.score - _RIVAL
        sides = (self._alike(key, *side, least) for side in ((0, start), (end, len(positions))))
        return sorted([best, *filter(None, sides)], key=lambda place: place.start)

    def _hits(self, key: str) -> list[int]:
        return _hits(key, self.folded.text)

    def _span(self, hit: int, length: int) -> tuple[int, int]:
        return self.folded.span(hit, length)

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


def _parts(quote: str) -> list[str]:
    """The folded parts of a quotation between its ellipses."""
    return [key for part in _ELLIPSIS.split(quote) if (key := fold(part))]


def _lost(key: str, passage: str) -> tuple[int, int]:
    """How many letters at either end of folded words have nothing like them in a passage."""
    from rapidfuzz.distance import Indel

    equal = [block for block in Indel.opcodes(key, passage) if block.tag == "equal"]
    blocks = [block for block in equal if block.src_end - block.src_start >= _BLOCK]
    return (blocks[0].src_start, len(key) - blocks[-1].src_end) if blocks else (len(key), len(key))


def same_beginning(first: str, second: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _letters(text: str) -> str:
    return "".join(char for char in fold_all(text) if char.isalnum())


def _answer(utterance: Utterance) -> str:
    return f"{utterance.participant}: {utterance.question}"
