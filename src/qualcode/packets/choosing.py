"""Which of a participant's words a packet quotes, and what of their own stands around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ..checked import Checked
from .model import Passage, Quotation

# Between two passages of one person stands what someone else said.
OMISSION = " […] "
# What else the person said is shown up to so many words on either side, and says where it is cut.
AROUND = 30
_CUT = "…"
_WORD = re.compile(r"\S+")

# The spans of a source that a coder said are never to be quoted.
Never = Mapping[str, Sequence[tuple[int, int]]]


def choose(
    spoken: Sequence[Passage], most: int, never: Never, checked: Checked | None = None
) -> list[tuple[Passage, ...]]:
    """At most `most` quotations for one concept: exemplars first, then the longest, then the earliest.

    Each is the passages of one coding. Left out: what must never be quoted, what the participant withdrew or wants to
    change, mere signals of listening, and what another chosen quotation holds already.
    """
    codings: dict[str, list[Passage]] = {}
    for passage in spoken:
        if passage.text and not passage.backchannel:
            codings.setdefault(passage.coding, []).append(passage)
    candidates = [
        tuple(parts)
        for parts in codings.values()
        if not any(_is_barred(part, never) for part in parts) and not (checked and _is_taken_back(parts, checked))
    ]
    candidates.sort(
        key=lambda parts: (
            parts[0].use != "exemplar",
            -sum(len(part.text) for part in parts),
            [(part.position, part.start - part.base, part.end - part.base) for part in parts],
            # The id of a coding over several utterances is made of what others said too.
            not parts[0].alone,
            parts[0].coding,
        )
    )
    chosen: list[tuple[Passage, ...]] = []
    for parts in candidates:
        if len(chosen) < most and not any(_within(parts, other) or _within(other, parts) for other in chosen):
            chosen.append(parts)
    return chosen


def _is_barred(passage: Passage, never: Never) -> bool:
    return any(start < passage.end and passage.start < end for start, end in never.get(passage.source, ()))


def _is_taken_back(parts: Sequence[Passage], checked: Checked) -> bool:
    """Whether the participant took words of this coding back, or wants to change them."""
    return checked.bars(parts[0].source, *((part.start, part.end) for part in parts))


def _within(inner: Sequence[Passage], outer: Sequence[Passage]) -> bool:
    return all(any(b.utterance == a.utterance and b.start <= a.start and a.end <= b.end for b in outer) for a in inner)


def quotation(
    number: str,
    parts: Sequence[Passage],
    never: Never | None = None,
    checked: Checked | None = None,
    question: str = "",
) -> Quotation:
    """The passages of one coding as a quotation; what others said in between is marked as left out.

    What the participant amended is shown as amended. `question` is what the guide asked.
    """
    checked = checked or Checked()
    words = [(part, told) for part in parts if (told := _told(part, checked))]
    text = words[0][1]
    for (before, _), (part, told) in pairwise(words):
        text += (" " if part.position == before.position + 1 else OMISSION) + told
    start, before_words = _before(parts[0], never or {}, checked)
    end, after_words = _after(parts[-1], never or {}, checked)
    shown = [replace(part, shown=(part.start, part.end)) for part in parts]
    shown[0] = replace(shown[0], shown=(start, shown[0].end))
    shown[-1] = replace(shown[-1], shown=(shown[-1].shown[0], end))
    return Quotation(number, text, tuple(shown), before_words, after_words, question)


def _told(part: Passage, checked: Checked) -> str:
    """The words of a part; '' where others that the participant wrote stand for it in another part."""
    marks = checked.covering(part.source, part.start, part.end)
    if marks and not any(mark.words for mark in marks) and (marks[0].start, marks[-1].end) == (part.start, part.end):
        return ""
    return checked.told(part.source, part.start, part.text)


def _kept_out(passage: Passage, never: Never, checked: Checked) -> list[tuple[int, int]]:
    """Spans of the utterance, by its own positions, whose words are not shown around a quotation either."""
    spans = [*never.get(passage.source, ())]
    spans += [(mark.start, mark.end) for mark in checked.marks.get(passage.source, ()) if mark.covers]
    return [(start - passage.base, end - passage.base) for start, end in spans]


def _before(passage: Passage, never: Never, checked: Checked) -> tuple[int, str]:
    """Where the words shown before a passage begin in the source, and these words."""
    stop = passage.start - passage.base
    edge = max([0, *(min(end, stop) for start, end in _kept_out(passage, never, checked) if start < stop)])
    found = list(_WORD.finditer(passage.said, edge, stop))[-AROUND:]
    if not any(any(map(str.isalnum, word[0])) for word in found):
        return passage.start, ""
    begin = found[0].start()
    words = " ".join(word[0] for word in found)
    return passage.base + begin, f"{_CUT} {words}" if passage.said[:begin].strip() else words


def _after(passage: Passage, never: Never, checked: Checked) -> tuple[int, str]:
    """Where the words shown after a passage end in the source, and these words."""
    begin = passage.end - passage.base
    spans = _kept_out(passage, never, checked)
    edge = min([len(passage.said), *(max(start, begin) for start, end in spans if end > begin)])
    found = list(_WORD.finditer(passage.said, begin, edge))[:AROUND]
    if not any(any(map(str.isalnum, word[0])) for word in found):
        return passage.end, ""
    end = found[-1].end()
    words = " ".join(word[0] for word in found)
    return passage.base + end, f"{words} {_CUT}" if passage.said[end:].strip() else words
