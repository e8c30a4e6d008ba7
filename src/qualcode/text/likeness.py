"""Words that resemble a quotation: where in a source they stand, and what of the quotation they lack."""

from __future__ import annotations

from .folding import Folded

# Fuzzy matches below this similarity (0-100) are not placements, only hints.
FUZZY_THRESHOLD = 90.0
# Short quotations are never placed fuzzily: "I agree" resembles too much.
FUZZY_MINIMUM = 20

# Another passage whose similarity comes within this of the best one may be the one that was meant.
RIVAL = 10.0
# By how much, in letters and in parts of its own length, a passage may be longer than a quotation that resembles it.
_MORE, _PART = 6, 5
# Equal stretches shorter than this are chance.
_BLOCK = 4


def most_alike(key: str, text: str, folded: Folded, low: int, high: int, least: float) -> tuple[int, int, float] | None:
    """The passage between two characters of the folded text that resembles folded words most.

    Its span in the text, widened to whole words, and how alike it is (0-100, normalised Indel similarity); None where
    none resembles them by `least`, or at all.
    """
    from rapidfuzz.distance import Indel
    from rapidfuzz.fuzz import partial_ratio_alignment

    if not key or high - low < len(key):
        return None
    # Windows are as long as the quotation, and less like it than what is longer.
    found = partial_ratio_alignment(key, folded.text[low:high], score_cutoff=max(0.0, least - RIVAL))
    if found is None or found.dest_end <= found.dest_start:
        return None
    # Of the words around the ends of the window those are taken that fit best.
    margin = len(key) // _PART + _MORE
    start, end = low + found.dest_start, low + found.dest_end
    starts = [at for at in range(max(low, start - margin), min(start + margin, end)) if _begins(text, folded, at)]
    ends = [
        at for at in range(max(start + 1, end - margin), min(high, end + margin) + 1) if _begins(text, folded, at, -1)
    ]

    def likeness(span: tuple[int, int]) -> float:
        return Indel.normalized_similarity(key, folded.text[slice(*span)])

    for _ in range(2):
        start = max([(start, end), *((at, end) for at in starts if at < end)], key=likeness)[0]
        end = max([(start, end), *((start, at) for at in ends if start < at)], key=likeness)[1]
    score = round(100 * likeness((start, end)), 1)
    return (*_to_words(text, *folded.span(start, end - start)), score) if score >= least else None


def _begins(text: str, folded: Folded, at: int, step: int = 1) -> bool:
    """Whether a word begins at a character of the folded text; with step -1, whether one ends before it."""
    position = folded.positions[at if step > 0 else at - 1]
    beside = position - step
    outside = not 0 <= beside < len(text) or not text[beside].isalnum()
    return outside and text[position].isalnum()


def whole_words(text: str, start: int, end: int) -> bool:
    """Whether a span cuts no word."""
    before = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not (before or after)


def _to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to the words it cuts."""
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def unlike_ends(key: str, passage: str) -> tuple[int, int]:
    """How many letters at either end of folded words have nothing like them in a passage."""
    from rapidfuzz.distance import Indel

    equal = [block for block in Indel.opcodes(key, passage) if block.tag == "equal"]
    blocks = [block for block in equal if block.src_end - block.src_start >= _BLOCK]
    return (blocks[0].src_start, len(key) - blocks[-1].src_end) if blocks else (len(key), len(key))
