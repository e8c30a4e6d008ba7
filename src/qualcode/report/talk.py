"""The page of a source: all that was said, with what was coded in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..checked import Checked
from ..codebook import Codebook
from ..quoting import Speech, columns
from .passages import Passage

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

# More categories than this on the same words are told in the note alone.
MOST_LINES = 3
# Characters.
STRETCH = 1000
_TURN = ("utterance", "participant", "role", "question", "start", "end", "time_start", "text")


class Highlighter:
    """Marks the coded words of one source. What a person turned down is not marked."""

    def __init__(
        self,
        codebook: Codebook,
        classes: Mapping[str, str],
        passages: Sequence[Passage],
        source: str = "",
        checked: Checked | None = None,
    ):
        """`checked` says what participants withdrew or amended in the source."""
        self._source, self._checked = source, checked or Checked()
        self._classes = classes
        self._passages = sorted(
            (p for p in passages if p.counts or p.standing),
            key=lambda p: (p.start, p.end, codebook.order[p.code], p.coding),
        )
        # Where to look for what meets a turn: the passages that touch each stretch of the source.
        self._near: dict[int, list[int]] = {}
        for number, p in enumerate(self._passages):
            for stretch in range(p.start // STRETCH, p.end // STRETCH + 1):
                self._near.setdefault(stretch, []).append(number)
        self._anchored: set[str] = set()
        self._notes = 0

    def within(self, start: int, end: int) -> list[Passage]:
        stretches = range(start // STRETCH, end // STRETCH + 1)
        near = sorted({number for stretch in stretches for number in self._near.get(stretch, ())})
        return [p for p in (self._passages[number] for number in near) if p.start < end and start < p.end]

    def marked(self, words: str, start: int) -> Markup:
        """Words of the source that begin at `start`, with each stretch of the same codings marked.

        What stands in the place of withdrawn or amended words is one stretch, with all codings that meet these words.
        """
        from markupsafe import Markup, escape

        here = self.within(start, start + len(words))
        parts = []
        for begin, end, shown in self._checked.pieces(self._source, start, words):
            whole = shown != words[begin - start : end - start]
            cuts = {begin, end, *(min(max(at, begin), end) for p in here if not whole for at in (p.start, p.end))}
            for first, last in pairwise(sorted(cuts)):
                on = [p for p in here if p.start < last and first < p.end]
                text = shown if whole else words[first - start : last - start]
                parts.append(self._stretch(escape(text), on) if on and text.strip() else escape(text))
        return Markup("").join(parts)

    def _stretch(self, text: Markup, on: Sequence[Passage]) -> Markup:
        """One mark for all codings of a stretch: a line in the colour of each category, and a note that names them."""
        from markupsafe import Markup, escape

        new = [p.coding for p in on if p.coding not in self._anchored]
        self._anchored.update(new)
        anchors = Markup("").join(Markup('<span class="at" id="c-{}"></span>').format(coding) for coding in new)
        counting = [p for p in on if p.counts]
        colours = list(dict.fromkeys(self._classes[p.code] for p in counting or on))[:MOST_LINES]
        for colour in colours[1:]:
            text = Markup('<span class="{}">{}</span>').format(colour, text)
        self._notes += 1
        note = Markup("").join(self.note(p) for p in on)
        return Markup(
            '{}<span class="p"><mark class="{} {} n{}" tabindex="0" aria-describedby="n{}">{}</mark>'
            '<span class="note" role="tooltip" id="n{}">{}</span></span>'
        ).format(
            anchors, colours[0], "counts" if counting else "open", len(colours), self._notes, escape(text),
            self._notes, note,
        )  # fmt: skip

    def note(self, passage: Passage) -> Markup:
        """Code, coder, evidence, and why it counts or not."""
        from markupsafe import Markup

        counts = f"{'counts' if passage.counts else 'does not count'}: {passage.reason or passage.status}"
        barred = f"may not be quoted: {passage.barred}" if passage.barred else ""
        memo = f"memo: {passage.memo}" if passage.memo else ""
        told = "; ".join(filter(None, (counts, passage.evidence, passage.use, barred, memo)))
        return Markup('<span class="{}"><b>{}</b>, {}: {}. </span>').format(
            self._classes[passage.code], passage.name, passage.maker, told.rstrip(".")
        )

    def chips(self, start: int, end: int) -> list[dict[str, Any]]:
        """The codes beside a turn, each once, those that count first seen as such."""
        found: dict[str, dict[str, Any]] = {}
        for p in sorted(self.within(start, end), key=lambda p: not p.counts):
            found.setdefault(
                p.code,
                {"code": p.code, "coding": p.coding, "name": p.name, "counts": p.counts, "status": p.status,
                 "maker": p.maker, "colour": self._classes[p.code], "at": (p.start, p.end)},
            )  # fmt: skip
        return sorted(found.values(), key=lambda chip: chip["at"])


def turns(
    utterances: pd.DataFrame,
    highlighter: Highlighter,
    speech: Speech,
    pseudonyms: Mapping[str, str],
    guide: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The turns of one source in order. `utterances` and what the highlighter marks are those of the source."""
    found = []
    asked = ""
    for utterance, person, role, question, start, end, time, words in sorted(
        columns(utterances, *_TURN), key=lambda row: row[4]
    ):
        source, _, number = utterance.rpartition(":")
        found.append(
            {
                "number": number,
                "who": pseudonyms.get(person, person),
                "role": role,
                "time": time,
                "asked": guide.get(question, question) if question != asked else "",
                "barred": _barred(speech, source, start, end),
                "words": highlighter.marked(words, start),
                "chips": highlighter.chips(start, end),
            }
        )
        asked = question
    return found


def _barred(speech: Speech, source: str, start: int, end: int) -> str:
    """What is said beside a turn of which some or all may not be quoted."""
    if speech.refusing(source, start, end):
        if speech.declining(source, start, end):
            return "may not be quoted"
        marks = speech.checked.touching(source, start, end)
        kept = any(speech.may_quote(source, mark.start, mark.end) for mark in marks)
        return "may be quoted only in what was kept in a member check" if kept else "may not be quoted yet"
    if speech.withdrawing(source, start, end):
        return "may not be quoted in part: withdrawn in a member check, or to be changed"
    return "" if speech.may_quote(source, start, end) else "may not be quoted in part: a coder said never"
