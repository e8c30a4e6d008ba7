"""The lines of a pdf with their places. Run as a program of its own, so that no pdf can take all memory or time.

`python -m qualcode.transcripts.pdf_pages FILE` writes a JSON object for each page, or one with the key `wrong`.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import QualcodeError, failure

PAGES_LIMIT = 2000
SIZE_LIMIT = 200 * 1024 * 1024
# Of the program that reads: a page of talk takes a hundredth of a second and, with the library, 40 MB.
_SECONDS = 3
_MEMORY = 144 * 1024 * 1024
# Letters of a whole book on one page are no page.
_LETTERS_LIMIT = 200_000
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st", 0xAD: "-",
}  # fmt: skip
# What PDFium gives for the hyphen that divides a word at a line's end; the line end itself it leaves out.
_DIVIDED = 2
_POPUP, _WIDGET = 16, 20
# The text of a page runs as that of its first letters does.
_SAMPLE = 200
# Pages with fewer letters may be scans, with a number stamped on them.
_FEW_LETTERS = 200
# Gaps as wide as that many letter heights part columns; a number in the margin stands nearer to the line beside it.
_GAP, _NUMBER_GAP = 1.8, 0.8


@dataclass(frozen=True)
class Line:
    """A line of a page and its place, in points from the lower left corner: its ends, base line and upper edge."""

    text: str
    left: float
    right: float
    base: float
    top: float


@dataclass(frozen=True)
class Page:
    """A page in the order in which its text was written.

    `outside` are words that are written beside the visible page; `comments` those of notes and form fields;
    `picture` is the share of the page that its largest picture covers.
    """

    height: float
    lines: list[Line]
    outside: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    picture: float = 0.0


def read_pages(path: Path) -> tuple[list[Page], int]:
    """The pages of a pdf, and how many files are attached to it.

    Raises QualcodeError where it is locked, damaged, too large, or takes too much time or memory.
    """
    if path.stat().st_size > SIZE_LIMIT:
        wrong = f"the pdf is larger than {SIZE_LIMIT // 2**20} MB"
        raise failure(path, "", wrong, "Split it, or save its text as docx or txt.")
    pages: list[Page] = []
    attached = 0
    # -P: a file called json.py in the folder of the study is none of ours.
    command = [sys.executable, "-P", "-m", __name__, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        assert reader.stdout is not None
        for line in reader.stdout:
            found = json.loads(line)
            if "wrong" in found:
                raise failure(path, "", found["wrong"], found["do"])
            if "attached" in found:
                attached = found["attached"]
            else:
                pages.append(Page(**found | {"lines": [Line(*values) for values in found["lines"]]}))
    if reader.returncode:
        raise _stopped(path, len(pages))
    return pages, attached


def _stopped(path: Path, read: int) -> QualcodeError:
    wrong = f"page {read + 1} takes more than {_SECONDS} seconds or {_MEMORY // 2**20} MB to read, or is damaged"
    return failure(path, "", wrong, "Print it into a new pdf, or save its text as docx or txt.")


def main(path: str) -> None:
    """Write the pages of a pdf to standard output, within the limits of time and memory."""
    import pypdfium2

    _limit_memory()
    _limit_time()
    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            _write({"wrong": "the pdf is locked with a password", "do": "Save it without one."})
        else:
            wrong = "this is no pdf, or a damaged one"
            _write({"wrong": wrong, "do": "Open it in the program that made it and save it again."})
        return
    if count > PAGES_LIMIT:
        _write({"wrong": f"the pdf has {count} pages (at most {PAGES_LIMIT} are read)", "do": "Split it."})
        return
    for number in range(count):
        _limit_time()
        page = document[number]
        read = _read_page(page)
        if read is None:
            _write({"wrong": f"page {number + 1} holds more letters than a book", "do": "Print it into a new pdf."})
            return
        _write(vars(read) | {"lines": [list(vars(line).values()) for line in read.lines]})
        page.close()
    if attached := document.count_attachments():
        _write({"attached": attached})


def _read_page(page: Any) -> Page | None:
    """The page, None where it holds too many letters to be one."""
    box = page.get_bbox()
    words = page.get_textpage()
    if words.count_chars() > _LETTERS_LIMIT:
        return None
    turn = _Turned(words, box)
    lines, outside = [], []
    for letters in _lines(words):
        line = turn.line(letters)
        if any(box[0] <= letter.middle <= box[2] and box[1] <= letter.centre <= box[3] for letter in letters):
            lines.append(line)
        else:
            outside.append(line.text)
    few = sum(len(line.text) for line in lines) < _FEW_LETTERS
    return Page(turn.height, lines, outside, list(_comments(page)), _picture(page, box) if few else 0.0)


class _Letter(NamedTuple):
    """A character with its box and the place where it stands on its base line; a blank has no box."""

    text: str
    x: float
    y: float
    box: tuple[float, float, float, float]

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @property
    def centre(self) -> float:
        return (self.box[1] + self.box[3]) / 2


class _Turned:
    """Places on a page as they are where its text runs from left to right, measured from the lower left corner."""

    def __init__(self, words: Any, box: tuple[float, float, float, float]):
        from pypdfium2 import raw

        angles = [raw.FPDFText_GetCharAngle(words.raw, n) for n in range(min(words.count_chars(), _SAMPLE))]
        turns = Counter(round(angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0)
        self._quarters = turns.most_common(1)[0][0] if turns else 0
        corners = [self._turn(x, y) for x in box[::2] for y in box[1::2]]
        self._left, self._bottom = min(x for x, _ in corners), min(y for _, y in corners)
        self.height = max(y for _, y in corners) - self._bottom

    def _turn(self, x: float, y: float) -> tuple[float, float]:
        return ((x, y), (-y, x), (-x, -y), (y, -x))[self._quarters]

    def line(self, letters: list[_Letter]) -> Line:
        """A line of text from its letters."""
        marked = [letter for letter in letters if not letter.text.isspace()]
        corners = [self._turn(x, y) for letter in marked for x in letter.box[::2] for y in letter.box[1::2]]
        base = self._turn(marked[0].x, marked[0].y)[1]
        text = "".join(letter.text for letter in letters).translate(_LIGATURES)
        # On Windows, letters beyond the basic plane come in halves.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        xs, ys = zip(*corners, strict=True)
        places = (min(xs) - self._left, max(xs) - self._left, base - self._bottom, max(ys) - self._bottom)
        return Line(text.strip(), *(round(place, 2) for place in places))


def _lines(words: Any) -> Iterator[list[_Letter]]:
    """The letters of each line, and of each part of a line that a wide gap parts from the others."""
    found: list[_Letter] = []
    last: _Letter | None = None
    tallest = 0.0
    for letter in _letters(words):
        marked = not letter.text.isspace()
        gap = _distance(last, letter) if last and marked else 0.0
        wide = gap > _GAP * tallest or (gap > _NUMBER_GAP * tallest and _is_number(found))
        if last and (wide or letter.text == "\n"):
            yield found
            found, last, tallest = [], None, 0.0
        if marked:
            last = letter
            left, bottom, right, top = letter.box
            tallest = max(tallest, right - left, top - bottom)
        if letter.text != "\n":
            found.append(letter)


def _is_number(letters: list[_Letter]) -> bool:
    return len(letters) <= 7 and "".join(letter.text for letter in letters).strip().isdecimal()


def _distance(first: _Letter, second: _Letter) -> float:
    """Distance between the boxes of two letters."""
    a, b = first.box, second.box
    return max(b[0] - a[2], a[0] - b[2], b[1] - a[3], a[1] - b[3])


def _letters(words: Any) -> Iterator[_Letter]:
    """Every letter of a page and "\\n" at each line's end, the last one too."""
    from ctypes import byref, c_double

    from pypdfium2 import raw

    left, right, bottom, top, x, y = (c_double() for _ in range(6))
    box_of, origin_of = [byref(edge) for edge in (left, right, bottom, top)], [byref(x), byref(y)]
    for number in range(words.count_chars()):
        code = raw.FPDFText_GetUnicode(words.raw, number)
        if code in (0xA, 0xD):
            yield _Letter("\n", 0, 0, (0, 0, 0, 0))
            continue
        raw.FPDFText_GetCharBox(words.raw, number, *box_of)
        raw.FPDFText_GetCharOrigin(words.raw, number, *origin_of)
        box = (left.value, bottom.value, right.value, top.value)
        text = "-" if code == _DIVIDED else chr(code) if code else "\ufffd"
        yield _Letter(text, x.value, y.value, box)
        if code == _DIVIDED:
            yield _Letter("\n", 0, 0, (0, 0, 0, 0))
    yield _Letter("\n", 0, 0, (0, 0, 0, 0))


def _comments(page: Any) -> Iterator[str]:
    """The words of notes stuck to a page and what was typed into its form fields."""
    from ctypes import c_ushort

    from pypdfium2 import raw

    for number in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        note = raw.FPDFPage_GetAnnot(page.raw, number)
        kind = raw.FPDFAnnot_GetSubtype(note)
        if kind != _POPUP:  # it repeats the words of the note that it belongs to
            key = b"V" if kind == _WIDGET else b"Contents"
            size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
            text = (c_ushort * (size // 2 + 1))()
            raw.FPDFAnnot_GetStringValue(note, key, text, size)
            yield bytes(text)[: max(0, size - 2)].decode("utf-16-le", "replace")
        raw.FPDFPage_CloseAnnot(note)


def _picture(page: Any, box: tuple[float, float, float, float]) -> float:
    from pypdfium2 import raw

    area = max((box[2] - box[0]) * (box[3] - box[1]), 1)
    largest = 0.0
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = picture.get_bounds()
        largest = max(largest, (right - left) * (top - bottom) / area)
    return round(min(largest, 1.0), 2)


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits, and a system may set lower ones
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _limit_time() -> None:
    """Let the program be ended if what comes next takes more than _SECONDS of computing."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = math.ceil(used.ru_utime + used.ru_stime) + _SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _write(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
