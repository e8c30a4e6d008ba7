"""Rich text (rtf): every paragraph in order, in tables and text boxes too; every word that stays out is counted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ..errors import failure
from ..study import Source
from . import story
from .model import LeftOut, Transcript
from .story import Paragraph, Story, Table

# Pictures are written out in it, so that it may be larger than other text; ten hours of talk have about 2 MB.
SIZE_LIMIT = 50 * 1024 * 1024
_DEPTH_LIMIT = 500
# A control word with its number, a byte in hexadecimal, a control symbol, a brace, a line end of the file, text.
_TOKEN = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|'(?P<byte>[0-9a-fA-F]{2})|(?P<symbol>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)"
)
_SPACES = {"tab": "\t", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005"}
_SIGNS = {
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "line": "\n", "zwj": "\u200d", "zwnj": "\u200c", "ltrmark": "\u200e", "rtlmark": "\u200f",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": story.SOFT_HYPHEN, b"{": "{", b"}": "}", b"\\": "\\"}
# Groups whose words stay out, by the word that they begin with.
_ASIDE = {
    "footnote": story.NOTES,
    "annotation": story.COMMENTS,
    **dict.fromkeys(
        ("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"), story.MARGINS
    ),
}
# Groups that hold no words of the text: tables of fonts and styles, pictures, instructions of fields, numbers of lists
# that the program makes, names of bookmarks, and what repeats the text for older programs.
_PASSED_OVER = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "objdata", "objclass", "objname", "objalias", "themedata",
    "datastore", "fldinst", "formfield", "listtable", "listoverridetable", "listtext", "pntext", "pn", "pnseclvl",
    "revtbl", "rsidtbl", "filetbl", "xmlnstbl", "generator", "template", "nonshppict", "nonesttables", "shprslt",
    "sp", "bkmkstart", "bkmkend", "atnid", "atnauthor", "atntime", "atnicn", "atndate", "atnref", "atnparent",
    "atrfstart", "atrfend", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "xe", "tc", "rxe", "txe",
    "datafield", "docvar", "userprops", "private", "background", "falt", "panose", "mmathPict", "mmathPr",
    "protusertbl",
}  # fmt: skip
# Groups that programs may pass over if they do not know them (\*): of those, these hold words, or groups with words.
_STARRED = {
    "annotation", "ud", "shpinst", "shppict", "shptxt", "nesttableprops", "fldrslt", "do", "dptxbxtext", "mmath",
    "moMath",
}  # fmt: skip
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def read_rtf(source: Source, labels: Collection[str]) -> Transcript:
    """Read an rtf file. Insertions, links, fields, tables and text boxes come in.

    Deletions, hidden words, comments, headers, footers and what no one said (notes below the talk) do not: they are
    counted. A document's footnotes and endnotes come in below the paragraph that calls them.

    Raises QualcodeError where the file is too large or no rtf.
    """
    size = source.path.stat().st_size
    if size > SIZE_LIMIT:
        wrong = f"the file has {size / 2**20:.0f} MB; rtf of up to {SIZE_LIMIT // 2**20} MB is read"
        raise failure(source.path, "", wrong, "Take its pictures out, or save it as docx.")
    data = source.path.read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        raise failure(source.path, "", "this is no rtf file", "Save it again as rtf or docx.")
    walk = _Walk(notes_come_in=source.kind == "document")
    if not walk.read(data):
        raise failure(source.path, "", "its groups stand inside one another too deeply", "Save it again as docx.")
    return walk.story().transcript(source, labels)


@dataclass(frozen=True)
class _State:
    """What a group inherits from the one around it: why its words stay out (None: it holds none), and their format."""

    aside: str | None = ""
    in_fonts: bool = False
    font: int = -1
    fallback: int = 1
    hidden: bool = False
    deleted: bool = False
    moved: bool = False
    in_table: bool = False


@dataclass
class _Flow:
    """Paragraphs that follow one another: of the text, of a text box or of a note."""

    blocks: list[Paragraph | Table] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    # Text boxes and notes met inside the paragraph: they follow it.
    inner: list[Paragraph | Table] = field(default_factory=list)
    cell: list[Paragraph | Table] = field(default_factory=list)
    row: list[list[Paragraph | Table]] = field(default_factory=list)
    rows: list[list[list[Paragraph | Table]]] = field(default_factory=list)


class _Walk:
    """A way through the file on which each word is met once: it comes in, or is put aside for a reason."""

    def __init__(self, *, notes_come_in: bool):
        self._story = Story()
        self._notes_come_in = notes_come_in
        self._state = _State()
        self._stack: list[tuple[_State, _Flow | None]] = []
        self._flow = _Flow()
        self._numbers = self._boxes = self._objects = 0
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._described = self._default_font = -1
        self._last_aside = ""
        self._pass_over = 0
        self._high = 0
        # What held before a group that says the same twice; and whether the file ends in the middle of a group.
        self._before_upr = _State()
        self._cut_off = False
        self._open_group = self._starred = False
        self._encoding = "cp1252"
        self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")

    def story(self) -> Story:
        """What was read."""
        if self._cut_off:
            note = "the file ends in the middle of a group: it may have been cut off"
            self._story.reported.append(LeftOut("encoding", 1, note))
        self._story.beside(self._boxes, self._objects)
        return self._story

    def read(self, data: bytes) -> bool:
        """Read the file; False where its groups are nested beyond all measure."""
        position = 0
        while match := _TOKEN.match(data, position):
            position = match.end()
            if match["brace"] == b"{":
                self._flush()
                self._stack.append((self._state, None))
                self._open_group, self._starred, self._pass_over = True, False, 0
                if len(self._stack) > _DEPTH_LIMIT:
                    return False
                continue
            if match["brace"]:
                self._flush()
                self._close_group()
                if not self._stack:
                    break
            elif match["word"]:
                word = match["word"].decode()
                number = int(match["number"]) if match["number"] else None
                if word == "bin":
                    position += max(0, number or 0)
                else:
                    self._meet_word(word, number)
            elif match["symbol"] == b"*":
                self._starred = True
                continue
            elif match["symbol"]:
                self._meet_symbol(match["symbol"])
            elif match["byte"]:
                self._put_bytes(bytes.fromhex(match["byte"].decode()))
            elif match["text"]:
                self._put_bytes(match["text"])
            self._open_group = self._starred = False
        self._flush()
        self._cut_off = bool(self._stack)
        while self._stack:
            self._close_group()
        self._end_paragraph(last=True)
        self._story.blocks = self._flow.blocks
        return True

    # --- groups ---

    def _close_group(self) -> None:
        self._state, outer = self._stack.pop()
        self._pass_over = 0
        if outer is not None:
            self._end_paragraph(last=True)
            outer.inner += self._flow.blocks
            self._flow = outer

    def _begin_destination(self, word: str) -> bool:
        """Whether the first word of a group says what the group is for."""
        state = self._state
        if state.aside is None and word != "ud":
            return not state.in_fonts
        if word == "fonttbl":
            self._state = replace(state, aside=None, in_fonts=True)
        elif word in _PASSED_OVER or (self._starred and word not in _STARRED):
            self._objects += word == "objdata"
            self._state = replace(state, aside=None)
        elif word == "footnote" and self._notes_come_in and not state.aside:
            self._enter(_State(font=state.font))
        elif word in _ASIDE:
            self._state = replace(state, aside=state.aside or _ASIDE[word], in_table=False)
            self._last_aside = ""
        elif word in ("shptxt", "dptxbxtext") and not state.aside:
            self._boxes += 1
            self._enter(_State(font=state.font))
        elif word == "upr":
            # The same words twice: for old programs, and in the group `ud` in Unicode.
            self._state = replace(state, aside=None)
            self._before_upr = state
        elif word == "ud" and state.aside is None:
            self._state = self._before_upr
        else:
            return False
        return True

    def _enter(self, state: _State) -> None:
        outer = self._stack[-1][0]
        self._stack[-1] = (outer, self._flow)
        self._flow, self._state = _Flow(), state

    # --- words of the file's language ---

    def _meet_word(self, word: str, number: int | None) -> None:
        if word == "u":
            self._put_unicode(number or 0)
            return
        self._flush()
        if self._pass_over:
            self._pass_over -= 1
            return
        if self._open_group and self._begin_destination(word):
            return
        if self._state.in_fonts:
            self._describe_font(word, number or 0)
        elif word in ("par", "sect", "page", "column"):
            self._end_paragraph()
        elif word in ("cell", "nestcell"):
            self._end_cell(nested=word == "nestcell")
        elif word == "row":
            self._end_row()
        elif word in _SIGNS or word in _SPACES:
            self._put(_SIGNS.get(word) or _SPACES[word])
        elif word in _PAGES:
            self._page = _PAGES[word]
        elif word == "ansicpg":
            self._page = _known(f"cp{number}") or self._page
        elif word == "deff":
            self._default_font = number or 0
        else:
            self._set_format(word, number)

    def _set_format(self, word: str, number: int | None) -> None:
        on = number != 0
        state = self._state
        if word == "f":
            self._state = replace(state, font=number or 0)
        elif word == "uc":
            self._state = replace(state, fallback=max(0, number or 0))
        elif word == "v":
            self._state = replace(state, hidden=on)
        elif word == "deleted":
            self._state = replace(state, deleted=on)
        elif word == "mvf":
            self._state = replace(state, moved=on)
        elif word == "plain":
            self._state = replace(state, hidden=False, deleted=False, moved=False, font=self._default_font)
        elif word == "pard":
            self._state = replace(state, in_table=False)
        elif word == "intbl":
            self._state = replace(state, in_table=True)

    def _describe_font(self, word: str, number: int) -> None:
        if word == "f":
            self._described = number
        elif word == "fcharset" and number in _CHARSETS and number:
            self._fonts[self._described] = _CHARSETS[number]
        elif word == "cpg" and (page := _known(f"cp{number}")):
            self._fonts[self._described] = page

    def _meet_symbol(self, symbol: bytes) -> None:
        self._flush()
        if self._pass_over:
            self._pass_over -= 1
        elif symbol in b"\r\n":
            self._end_paragraph()
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    # --- words of people ---

    def _put_bytes(self, data: bytes) -> None:
        passed = min(self._pass_over, len(data))
        self._pass_over -= passed
        data = data[passed:]
        if not data or self._state.aside is None:
            return
        encoding = self._fonts.get(self._state.font, self._page)
        if encoding != self._encoding:
            self._flush()
            self._encoding = encoding
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._put(self._decoder.decode(data))

    def _flush(self) -> None:
        """Half a letter of a script that has two bytes for each is no letter if something else follows."""
        if rest := self._decoder.decode(b"", final=True):
            self._put(rest)
        self._decoder.reset()

    def _put_unicode(self, number: int) -> None:
        self._flush()
        code = number % 0x10000
        self._pass_over = self._state.fallback
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00 if self._high else 0xFFFD
        self._high = 0
        self._put(chr(code))

    def _put(self, words: str) -> None:
        state = self._state
        if state.aside is None or not words:
            return
        reason = state.aside or (story.DELETED if state.deleted else story.MOVED if state.moved else "")
        reason = reason or (story.HIDDEN if state.hidden else "")
        if reason:
            self._story.leave(reason, words, joined=reason == self._last_aside)
        else:
            self._flow.text.append(words)
        self._last_aside = reason

    def _end_paragraph(self, *, last: bool = False) -> None:
        self._last_aside = ""
        if self._state.aside is None or (self._state.aside and not last):
            return
        flow = self._flow
        text, flow.text = "".join(flow.text), []
        self._numbers += 1
        found = [Paragraph(text, f"paragraph {self._numbers}"), *flow.inner]
        flow.inner = []
        if self._state.in_table and not last:
            flow.cell += found
            return
        self._end_table()
        flow.blocks += found

    def _end_cell(self, *, nested: bool) -> None:
        if self._state.aside != "":
            self._last_aside = ""
            return
        flow = self._flow
        self._numbers += 1
        flow.cell += [Paragraph("".join(flow.text), f"paragraph {self._numbers}"), *flow.inner]
        flow.text, flow.inner = [], []
        if not nested:  # the cells of a table in a cell are read one after another
            flow.row.append(flow.cell)
            flow.cell = []

    def _end_row(self) -> None:
        if self._state.aside == "" and self._flow.row:
            self._flow.rows.append(self._flow.row)
            self._flow.row = []

    def _end_table(self) -> None:
        flow = self._flow
        if flow.cell:
            flow.row.append(flow.cell)
        if flow.row:
            flow.rows.append(flow.row)
        if flow.rows:
            flow.blocks.append(Table(flow.rows))
        flow.cell, flow.row, flow.rows = [], [], []


def _known(encoding: str) -> str:
    """The encoding if Python has it, '' otherwise."""
    encoding = {"cp65001": "utf-8", "cp10000": "mac_roman", "cp1361": "johab", "cp936": "gbk"}.get(encoding, encoding)
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""
