"""Pdf files with text: the lines of the pages put together again into paragraphs, without what stands around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from ..errors import failure
from ..language import common_words
from ..study import Source
from ..text import clean, count_words, one_line
from .headers import Names, read_header
from .model import LeftOut, Transcript, Turn
from .pdf_pages import Line, Page, read_pages
from .plain import turns

_FURNITURE = "in headers and footers, numbers of pages, paragraphs and lines"
_OUTSIDE = "beside the visible page"
_COMMENTS = "in comments and form fields"
_TWICE = "in lines that are printed twice, at the end of a page and cut in half at the beginning of the next"
_HALVES = "halves of words that were divided at the end of a line, now joined"

# Places on a page, in points: equal ones differ by less.
_NEAR = 3.0
# Lines with the same words in the same place are no talk if they stand on this share of the pages, and on three.
_RUNNING, _RUNNING_PAGES = 0.5, 3
# The part of a page, above and below, in which headers, footers and page numbers stand.
_MARGIN = 0.12
_PAGE_NUMBER = re.compile(
    r"(?P<page>\W*(?:page|seite|p\.)\s*)?\W*(?P<number>\d{1,4})(?P<all>\s*(?:/|of|von)\s*\d{1,4})?\W*", re.IGNORECASE
)
# A number in the margin counts on from the last one in this share of the cases.
_COUNTING = 0.8
# A new paragraph begins below a gap of so many line distances.
_GAP = 1.35
# A line that ends that share of the page's width before the margin is short: it may be the last of its paragraph.
_SHORT = 0.15
_SENTENCE_END = re.compile(r"[.?!…:;][\"'”’»)\]]*$|[\])}]$")
_DIVIDED = re.compile(r"(?P<word>[^\W\d_][\w'’-]*)[-‐]$")
_FIRST_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# Where that share of the lines ends in a hyphen, the program divided words; elsewhere people typed the hyphens.
_DIVIDING = 0.04
# First parts of words with a hyphen that do not stand alone.
_PREFIXES = {"anti", "co", "ex", "inter", "multi", "non", "post", "pre", "pro", "re", "self", "semi", "sub", "un"}
# Letters that the pdf's font has no meaning for; more of them than this and the text is not to be had.
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")
_UNKNOWN_SHARE = 0.1
# So many joined words are named in the report.
_TOLD = 30
# A time in a column of its own before that of the speakers.
_BEFORE_LABEL = re.compile(r"^[\[(#]?\d{1,3}:\d\d[\d:.,\s–—-]*[\])#]?\s*")
# A page that holds no words but a picture over so much of it was scanned.
_SCANNED = 0.4


@dataclass
class _Row:
    """A line of a page as it is read across: its words, its page (from 1), and its place on it in points."""

    text: str
    page: int
    left: float
    right: float
    base: float
    top: float


@dataclass
class _Aside:
    """Words that stay out, by reason."""

    texts: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, text: str) -> None:
        self.texts.setdefault(reason, []).append(text)

    def left_out(self) -> list[LeftOut]:
        counts = {reason: sum(map(count_words, texts)) for reason, texts in self.texts.items()}
        return [LeftOut("words", count, reason) for reason, count in counts.items() if count]


def read_pdf(source: Source, labels: Collection[str]) -> Transcript:
    """Read a pdf that holds text. Lines are joined to paragraphs, and words divided at line ends are joined.

    Headers, footers, and numbers of pages, paragraphs and lines are taken out and counted, and so are words beside
    the visible page, comments, and lines that a program printed twice where it cut a page. Columns are read in the
    order in which the file holds them.

    Raises QualcodeError where the file cannot be read, and where pages are scans without text.
    """
    pages, attached = read_pages(source.path)
    pages, controls = _cleaned(pages)
    aside = _Aside()
    for page in pages:
        for text in page.outside:
            aside.add(_OUTSIDE, text)
        for text in page.comments:
            aside.add(_COMMENTS, clean(text)[0])
    total = sum(count_words(line.text) for page in pages for line in page.lines)
    names = None if source.kind == "document" else Names(labels, source.not_labels)
    rows = _rows(pages, _furniture(pages, names), names, aside)
    _check_words(source, pages, rows)
    rows = list(_without_repeats(pages, rows, aside))
    joined = [(f"page {part[0].page}", part) for part in _paragraphs(rows, names)]
    words = _Words(rows)
    texts = [(place, words.join([row.text for row in part])) for place, part in joined]
    report = [LeftOut("characters", controls, "control characters, taken out")] if controls else []
    if unknown := sum(len(_UNKNOWN.findall(text)) for _, text in texts):
        report.append(LeftOut("characters", unknown, "letters that the pdf does not name"))
    if attached:
        report.append(LeftOut("documents", attached, "attached to this one and not read"))
    beside = sum(item.count for item in aside.left_out() if item.note in (_OUTSIDE, _COMMENTS))
    report += aside.left_out()
    if words.halves:
        told = ", ".join(dict.fromkeys(words.joined[:_TOLD])) + ", …" * (len(words.joined) > _TOLD)
        report.append(LeftOut("words", words.halves, f"{_HALVES}: {told}"))
    if names is None:
        found = [Turn("", one_line(text), place) for place, text in texts if text.strip()]
        return Transcript(found, total + beside, report)
    found, apart = turns(source, texts, labels)
    return Transcript(found, total + beside, report + apart)


def _cleaned(pages: Sequence[Page]) -> tuple[list[Page], int]:
    taken = 0
    found = []
    for page in pages:
        lines = []
        for line in page.lines:
            text, controls = clean(line.text)
            taken += controls
            if text := text.strip():
                lines.append(replace(line, text=text))
        found.append(replace(page, lines=lines, outside=[clean(text)[0] for text in page.outside]))
    return found, taken


def _check_words(source: Source, pages: Sequence[Page], rows: Sequence[_Row]) -> None:
    """Refuse scans, and fonts that do not say what their letters mean."""
    held = {row.page for row in rows}
    scans = [str(n) for n, page in enumerate(pages, 1) if n not in held and page.picture >= _SCANNED]
    if scans:
        wrong = f"{_listed(scans)} a scan: a picture of a page, without text"
        raise failure(source.path, "", wrong, "Have a program recognise the text (OCR), and check what it reads.")
    letters = "".join(row.text for row in rows)
    if len(_UNKNOWN.findall(letters)) > _UNKNOWN_SHARE * len(letters):
        wrong = "the pdf does not say what the letters of its font mean, so that its text cannot be copied out of it"
        raise failure(source.path, "", wrong, "Save the text from the program that made it, or use OCR.")


def _listed(pages: Sequence[str]) -> str:
    shown = ", ".join(pages[:10]) + (" …" if len(pages) > 10 else "")
    return f"pages {shown} ({len(pages)} in all) are each" if len(pages) > 1 else f"page {shown} is"


# --- what stands around the text -------------------------------------------------------------------------------------


def _furniture(pages: Sequence[Page], names: Names | None) -> set[tuple[int, int]]:
    """(page, line) of what was printed around the text, both counted from 0."""
    return _page_numbers(pages) | _running(pages, names) | _margin_numbers(pages)


def _page_numbers(pages: Sequence[Page]) -> set[tuple[int, int]]:
    """Numbers above or below the text that count with the pages."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for number, page in enumerate(pages):
        for position, line in enumerate(page.lines):
            match = _PAGE_NUMBER.fullmatch(line.text)
            if match and _is_at_edge(page, line):
                if len(pages) == 1 and match["page"] and match["all"]:
                    return {(number, position)}
                # Where the first page is number 7, all are 6 ahead.
                found.setdefault((int(match["number"]) - number, round(line.base / (2 * _NEAR))), []).append(
                    (number, position)
                )
    best = max(found.values(), key=len, default=[])
    first = [place for ahead, places in found.items() if ahead[0] == 1 for place in places]
    return set(best) if len(best) > 1 else set(first if len(pages) == 1 else ())


def _is_at_edge(page: Page, line: Line) -> bool:
    return min(line.base, page.height - line.base) < _MARGIN * page.height


def _running(pages: Sequence[Page], names: Names | None) -> set[tuple[int, int]]:
    """Lines with the same words, figures aside, in the same place: above and below on half the pages, else on all.

    Of two pages only what stands above and below on both. In talk (`names` given), lines of speakers are none.
    """
    found: dict[tuple[str, int, int], list[tuple[int, int]]] = {}
    for number, page in enumerate(pages):
        for position, line in enumerate(page.lines):
            if names and _is_speaker(line.text, names):
                continue
            key = (re.sub(r"\d+", "0", line.text), round(line.left / _NEAR), round(line.base / _NEAR))
            found.setdefault(key, []).append((number, position))
    running = set()
    for places in found.values():
        number, position = places[0]
        edge = _is_at_edge(pages[number], pages[number].lines[position])
        least = 2 if edge and len(pages) == 2 else _RUNNING_PAGES
        if len(places) >= max(least, (_RUNNING if edge else 1) * len(pages)):
            running.update(places)
    return running


def _is_speaker(text: str, names: Names) -> bool:
    """Whether a line is a label, or begins with a known one: "Project: Our schools" may be a header."""
    header = read_header(text, names)
    return names.knows(text) or (header is not None and (not header.words or names.knows(header.label)))


def _margin_numbers(pages: Sequence[Page]) -> set[tuple[int, int]]:
    """Numbers beside the text that count on: of its lines, or of its paragraphs."""
    found = []
    for number, page in enumerate(pages):
        texts = [line for line in page.lines if not line.text.isdecimal()]
        left, right = _mode([line.left for line in texts]), max((line.right for line in texts), default=0.0)
        for position, line in enumerate(page.lines):
            if line.text.isdecimal() and len(line.text) < 7 and (line.right < left or line.left > right):
                found.append((number, position, int(line.text), line.base))
    found.sort(key=lambda item: (item[0], -item[3]))
    # The lines of each page may be numbered anew, and the last paragraph's number stands again on the next page.
    on = sum(0 <= then[2] - now[2] <= 10 or then[0] != now[0] for now, then in pairwise(found))
    if len(found) < 3 or on < _COUNTING * (len(found) - 1):
        return set()
    return {(number, position) for number, position, _, _ in found}


# --- lines -----------------------------------------------------------------------------------------------------------


def _rows(
    pages: Sequence[Page], furniture: Collection[tuple[int, int]], names: Names | None, aside: _Aside
) -> list[_Row]:
    """The lines of every page in reading order, those that stand side by side as one; furniture is put aside.

    A known label in a column of its own gets the colon that it has elsewhere.
    """
    rows: list[_Row] = []
    for number, page in enumerate(pages):
        kept = []
        for position, line in enumerate(page.lines):
            if (number, position) in furniture:
                aside.add(_FURNITURE, line.text)
            else:
                kept.append(line)
        if not _has_columns(kept):
            kept = _down_the_page(kept)
        first = True
        for line in kept:
            if not first and abs(line.base - rows[-1].base) < _NEAR and line.left > rows[-1].right - _NEAR:
                label = names is not None and names.knows(_BEFORE_LABEL.sub("", rows[-1].text))
                rows[-1].text += f"{':' * label} {line.text}"
                rows[-1].right = line.right
            else:
                rows.append(_Row(line.text, number + 1, line.left, line.right, line.base, line.top))
            first = False
    return rows


def _has_columns(lines: Sequence[Line | _Row]) -> bool:
    """Whether text stands in columns: a third of it ends left of the middle, and a third begins right of it."""
    if not lines:
        return False
    middle = _between(lines)
    left = sum(len(line.text) for line in lines if line.right <= middle)
    right = sum(len(line.text) for line in lines if line.left >= middle)
    return 3 * min(left, right) > sum(len(line.text) for line in lines)


def _between(lines: Sequence[Line | _Row]) -> float:
    return (min(line.left for line in lines) + max(line.right for line in lines)) / 2


def _down_the_page(lines: Sequence[Line]) -> list[Line]:
    """Lines from above to below, and from left to right where they share a base line.

    Programs may write all labels of a page before all words.
    """
    found: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.base):
        if found and abs(found[-1][0].base - line.base) < _NEAR:
            found[-1].append(line)
        else:
            found.append([line])
    return [line for row in found for line in sorted(row, key=lambda line: line.left)]


def _without_repeats(pages: Sequence[Page], rows: Sequence[_Row], aside: _Aside) -> Iterator[_Row]:
    """Rows without those that a program printed a second time: a line that a page's upper edge cuts (MAXQDA)."""
    before: _Row | None = None
    for row in rows:
        cut = row.top >= pages[row.page - 1].height - _NEAR
        if before and before.page == row.page - 1 and before.text == row.text and cut:
            aside.add(_TWICE, row.text)
        else:
            yield row
        before = row


def _paragraphs(rows: Sequence[_Row], names: Names | None) -> Iterator[list[_Row]]:
    """Rows that belong together. In talk (`names` given), each row that begins with a speaker begins a paragraph."""
    steps = [first.base - second.base for first, second in pairwise(rows)]
    distance = _mode([step for step in steps if step > 1])
    middles = {page: _columns_meet(list(group)) for page, group in groupby(rows, key=lambda row: row.page)}
    columns: dict[tuple[int, bool], list[_Row]] = {}
    for row in rows:
        columns.setdefault((row.page, row.left < middles[row.page]), []).append(row)
    margins = {column: _mode([row.left for row in group]) for column, group in columns.items()}
    ends = {column: max(row.right for row in group) for column, group in columns.items()}
    part: list[_Row] = []
    before = (0, False)
    for row in rows:
        column = (row.page, row.left < middles[row.page])
        if part and _begins(part[-1], row, distance, margins[column], ends[before], names):
            yield part
            part = []
        part.append(row)
        before = column
    if part:
        yield part


def _columns_meet(rows: Sequence[_Row]) -> float:
    """Where the right one of two columns begins at the earliest; 0 where there is but one."""
    return _between(rows) if _has_columns(rows) else 0.0


def _begins(before: _Row, row: _Row, distance: float, margin: float, end: float, names: Names | None) -> bool:
    """Whether a row begins a paragraph."""
    below = row.page == before.page and before.base - row.base > _GAP * distance > 0
    hanging = row.left < margin - _NEAR
    indented = row.left > margin + _NEAR and abs(row.left - before.left) > _NEAR
    short = before.right < end - _SHORT * (end - margin) and bool(_SENTENCE_END.search(before.text))
    if below or hanging or indented or short:
        return True
    if names is None:
        return False
    header = read_header(before.text, names)
    return read_header(row.text, names) is not None or (header is not None and not header.words)


def _mode(values: Sequence[float]) -> float:
    """The most frequent value, to half a point; 0 for none."""
    counts = Counter(round(2 * value) / 2 for value in values)
    return max(counts, key=lambda value: (counts[value], -value), default=0.0)


class _Words:
    """Joins the lines of a paragraph, and words divided at their ends: what the text has elsewhere decides how."""

    def __init__(self, rows: Sequence[_Row]):
        self.halves = 0
        self.joined: list[str] = []
        whole = (_DIVIDED.sub("", row.text) for row in rows)
        words = (word for text in whole for word in re.findall(r"[^\W\d_][\w'’-]*\w|\w", text))
        self._known = Counter(map(str.casefold, words))
        divided = sum(bool(_DIVIDED.search(row.text)) for row in rows)
        self._dividing = divided > 3 and divided >= _DIVIDING * len(rows)

    def join(self, lines: Sequence[str]) -> str:
        text = lines[0]
        for line in lines[1:]:
            first, second = _DIVIDED.search(text), _FIRST_WORD.match(line)
            joint = self._joint(first["word"], second[0]) if first and second else None
            if joint is None:
                text = f"{text} {line}"
            else:
                self.halves += 1
                self.joined.append(f"{first['word']}{joint}{second[0]}" if first and second else "")
                text = text[:-1] + joint + line
        return text

    def _joint(self, first: str, second: str) -> str | None:
        """What stands between the halves of a word, a hyphen or nothing; None where they are no halves."""
        whole, hyphened = f"{first}{second}".casefold(), f"{first}-{second}".casefold()
        if self._known[whole] != self._known[hyphened]:
            return "" if self._known[whole] > self._known[hyphened] else "-"
        if second[0].isupper() or first.casefold() == second.casefold():
            return None
        if self._dividing:
            # A program that divides words also breaks lines after the hyphens that people typed: self-assessment.
            words = common_words()
            if whole in words:
                return ""
            begins = first.casefold() in _PREFIXES or first.casefold() in words or self._known[first.casefold()]
            ends = (len(second) > 3 and second.casefold() in words) or self._known[second.casefold()]
            return "-" if begins and ends else ""
        # "non-monotonic" is one word, "the wor- the work" is someone who began anew.
        begun = first.casefold() not in _PREFIXES and not self._known[first.casefold()]
        return None if begun else "-"
