"""Word documents: every paragraph in order, in tables and text boxes too; every word that stays out is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from ..errors import failure
from ..study import Source
from . import story
from .model import Transcript
from .packaged import Package, open_package
from .story import Comment, Mark, Paragraph, Story, Table

# Word's own elements, in the usual dialect and in the strict one (ISO 29500) that Word can also save, and formulas.
_W = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_KNOWN = (
    *_W,
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}",
)
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": story.SOFT_HYPHEN}
_BLANKS = str.maketrans("\n\r\t", "   ")
# What Word's autocorrection makes of smileys, arrows and ticks (characters of the font Wingdings).
_SYMBOLS = {0xF04A: "☺", 0xF04B: "😐", 0xF04C: "☹", 0xF0DF: "←", 0xF0E0: "→", 0xF0E8: "➔", 0xF0FB: "✗", 0xF0FC: "✓"}
# Elements that hold no words of the text.
_PASSED_OVER = {
    "pPr", "rPr", "tblPr", "trPr", "tcPr", "tblGrid", "tblPrEx", "sdtPr", "sdtEndPr", "sectPr", "rubyPr", "instrText",
    "delInstrText", "fldData", "ffData", "binData",
}  # fmt: skip
# Parts of the file beside the text, and why their words stay out.
_PARTS = {
    "footnotes": story.NOTES,
    "endnotes": story.NOTES,
    "comments": story.COMMENTS,
    "header": story.MARGINS,
    "footer": story.MARGINS,
}
_DRAWINGS = ("diagramData", "chart", "chartEx")
# What a comment is about is between two marks; where it has none, it is about the place where it is called.
_MARKS = {"commentRangeStart": "start", "commentRangeEnd": "end", "commentReference": "point"}
# Other documents inside this one.
_EMBEDDED = ("aFChunk", "package", "oleObject", "subDocument")


def read_docx(source: Source, labels: Collection[str]) -> Transcript:
    """Read a docx file. Insertions, moves, links, fields, content controls, tables and text boxes come in.

    Deletions, hidden words, comments, headers, footers and what no one said (notes below the talk) do not: they are
    counted. A document's footnotes and endnotes come in below the paragraph that calls them. python-docx drops
    insertions, moves, content controls, smart tags, fields, tables and text boxes: this walks the XML.

    Raises QualcodeError where the file cannot be read.
    """
    return _read(source)[0].transcript(source, labels)


def read_commented(source: Source) -> tuple[list[Paragraph | Table], list[Comment]]:
    """The words of a docx file with the marks of its comments, and the comments in the order of the file.

    The words are those that `read_docx` reads. Raises QualcodeError where the file cannot be read.
    """
    story, comments = _read(source, commented=True)
    return story.blocks, comments


def _read(source: Source, commented: bool = False) -> tuple[Story, list[Comment]]:
    with open_package(source.path) as package:
        main = next(iter(package.relations("").get("officeDocument", [])), "word/document.xml")
        body = _child(package.xml(main), "body")
        if body is None:
            raise failure(source.path, "", "this is no Word document: it holds no text", "Save it as docx.")
        try:
            if commented:
                _settle_marks(body)
            found = _read_parts(source, package, main, body)
            return found, _comments(package, package.relations(main)) if commented else []
        except RecursionError:
            wrong = "tables or text boxes stand inside one another too deeply"
            raise failure(source.path, "", wrong, "Copy the text into a new document.") from None


def _read_parts(source: Source, package: Package, main: str, body: Any) -> Story:
    parts = package.relations(main)
    named = [(reason, name) for kind, reason in _PARTS.items() for name in dict.fromkeys(parts.get(kind, []))]
    beside = [(reason, root) for reason, name in named if (root := package.xml(name)) is not None]
    walk = _Walk(_hidden_styles(package, parts))
    if source.kind == "document":
        notes = (note for reason, root in beside if reason == story.NOTES for note in root)
        walk.notes = {(_name(note), _attribute(note, "id")): note for note in notes}
    walk.story.blocks = walk.part(body)
    for reason, root in beside:
        walk.part(root, reason)
    for name in (name for kind in _DRAWINGS for name in parts.get(kind, [])):
        root = package.xml(name)
        walk.story.leave(story.DRAWINGS, "\n".join(_drawn(root)) if root is not None else "")
    walk.story.beside(walk.boxes, sum(len(parts.get(kind, [])) for kind in _EMBEDDED))
    return walk.story


def _settle_marks(body: Any) -> None:
    """Put marks that stand between paragraphs, rows or cells into the paragraph behind them, or before them."""
    paragraphs = tuple(space + "p" for space in _W)
    begun: list[Any] = []
    last = None
    for element in list(body.iter(*paragraphs, *(space + name for space in _W for name in _MARKS))):
        if next(element.iterancestors(*paragraphs), None) is not None:
            continue
        if _name(element) == "p":
            element[:0] = begun
            begun, last = [], element
        elif _name(element) == "commentRangeStart":
            begun.append(element)
        elif last is not None:
            last.append(element)


def _comments(package: Package, parts: dict[str, list[str]]) -> list[Comment]:
    """The comments of a file. What answers what is told by the ids of their last paragraphs (ISO 29500, [MS-DOCX])."""
    roots = [root for name in parts.get("comments", [])[:1] if (root := package.xml(name)) is not None]
    elements = [element for root in roots for element in root if _name(element) == "comment"]
    ids = {_last_paragraph(element): _attribute(element, "id") for element in elements}
    answers = {}
    for name in parts.get("commentsExtended", [])[:1]:
        for item in () if (root := package.xml(name)) is None else root:
            told = {key.rpartition("}")[2]: value for key, value in item.attrib.items()}
            answers[told.get("paraId", "")] = ids.get(told.get("paraIdParent", ""), "")
    found: dict[str, Comment] = {}
    for number, element in enumerate(elements):
        words = "\n".join(paragraph.text for paragraph in story.paragraphs(_Walk(()).part(element)))
        comment, by, at = (_attribute(element, name) for name in ("id", "author", "date"))
        # A damaged file may use an id twice: the marks are those of the first.
        comment = comment if comment not in found else f"{comment} again, {number}"
        found[comment] = Comment(comment, words, by, at, answers.get(_last_paragraph(element), ""))
    return list(found.values())


def _last_paragraph(comment: Any) -> str:
    ids = [value for p in comment.iter("{*}p") for key, value in p.attrib.items() if key.endswith("}paraId")]
    return ids[-1] if ids else f"comment {_attribute(comment, 'id')}"


class _CommentMark(str):
    """A mark among the pieces of a paragraph: no words."""

    edge: str
    comment: str


def _paragraph_of(pieces: list[str], place: str) -> Paragraph:
    marks, length = [], 0
    for piece in pieces:
        if isinstance(piece, _CommentMark):
            marks.append(Mark(length, piece.edge, piece.comment))
        length += len(piece)
    return Paragraph("".join(pieces), place, tuple(marks))


class _Walk:
    """A way through the XML on which each word is met once: it comes in, or is put aside for a reason."""

    def __init__(self, hidden_styles: Collection[str]):
        self.story = Story()
        # Footnotes and endnotes that come in where they are called, by what they are and their id.
        self.notes: dict[tuple[str, str], Any] = {}
        self.boxes = 0
        self._called: set[Any] = set()
        self._hidden_styles = hidden_styles
        self._hidden_paragraph = False
        self._numbers = 0
        self._text: list[str] = []
        # Paragraphs met inside a paragraph (text boxes, notes): they follow it.
        self._inner: list[Paragraph | Table] = []
        # Words of a paragraph whose end was deleted: they begin the next one.
        self._carried: list[str] = []
        # Why the words met now stay out, '' where they come in; and why those met last did.
        self._aside = self._last_aside = ""
        # The fields that are open: True from where the result begins, which is what the page shows.
        self._fields: list[bool] = []
        self._field_marks: set[Any] = set()

    def part(self, root: Any, aside: str = "") -> list[Paragraph | Table]:
        """The paragraphs and tables of a part; with a reason, all its words are put aside."""
        self._fields = []
        self._field_marks = _field_marks(root)
        return self._set_aside(aside, self._blocks, root) + self._let_go()

    def _blocks(self, element: Any) -> list[Paragraph | Table]:
        found: list[Paragraph | Table] = []
        for child in element:
            name = _name(child)
            if name == "p":
                found += self._paragraph(child)
            elif name == "tbl":
                found += self._let_go()
                found.append(self._table(child))
            elif name == "AlternateContent":
                found += self._blocks(_alternative(child))
            elif name and name not in _PASSED_OVER and child not in self._called:
                found += self._set_aside(_reason(name, child), self._blocks, child)
        return found

    def _paragraph(self, element: Any) -> list[Paragraph | Table]:
        outer = self._text, self._inner, self._hidden_paragraph
        self._text, self._carried, self._inner, self._last_aside = self._carried, [], [], ""
        self._numbers += 1
        place = f"paragraph {self._numbers}"
        properties = _child(element, "pPr")
        self._hidden_paragraph = _attribute(_child(properties, "pStyle"), "val") in self._hidden_styles
        self._children(element)
        text, inner = self._text, self._inner
        self._text, self._inner, self._hidden_paragraph = outer
        self._last_aside = ""
        mark = _child(properties, "rPr")
        if _child(mark, "del") is None and _child(mark, "moveFrom") is None:
            return [_paragraph_of(text, place), *inner]
        self._carried = text
        return inner

    def _let_go(self) -> list[Paragraph | Table]:
        """Words that were to begin the next paragraph, where none comes."""
        pieces, self._carried = self._carried, []
        return [_paragraph_of(pieces, f"paragraph {self._numbers}")] if any(pieces) else []

    def _table(self, element: Any) -> Table:
        rows = []
        for row in _inside(element, "tr"):
            properties = _child(row, "trPr")
            reason = story.DELETED if _child(properties, "del") is not None else ""
            reason = reason or (story.HIDDEN if _is_on(_child(properties, "hidden")) else "")
            rows.append([self._set_aside(reason, self._cell, cell) for cell in _inside(row, "tc")])
        return Table(rows)

    def _cell(self, element: Any) -> list[Paragraph | Table]:
        deleted = _child(_child(element, "tcPr"), "cellDel") is not None
        return self._set_aside(story.DELETED if deleted else "", self._blocks, element) + self._let_go()

    def _children(self, element: Any) -> None:
        for child in element:
            self._inline(child)

    def _inline(self, element: Any) -> None:
        """What stands inside a paragraph."""
        name = _name(element)
        if not name or name in _PASSED_OVER:
            return
        if name in ("t", "delText"):
            # A line break in the XML is none in the text.
            self._put((element.text or "").translate(_BLANKS), story.DELETED if name == "delText" else "")
        elif name in _BREAKS:
            self._put(_BREAKS[name])
        elif name == "sym":
            self._put(_symbol(_attribute(element, "char")))
        elif name == "r":
            self._set_aside(story.HIDDEN if self._is_hidden(element) else "", self._children, element)
        elif name == "fldChar":
            self._meet_field(element)
        elif name == "p":
            self._inner += self._paragraph(element)
        elif name == "tbl":
            self._inner.append(self._table(element))
        elif name == "txbxContent":
            self.boxes += not self._aside
            self._inner += self._blocks(element) + self._let_go()
        elif name in ("footnoteReference", "endnoteReference"):
            self._call_note(name.removesuffix("Reference"), _attribute(element, "id"))
        elif name in _MARKS:
            mark = _CommentMark()
            mark.edge, mark.comment = _MARKS[name], _attribute(element, "id")
            self._text.append(mark)
        elif name == "AlternateContent":
            self._children(_alternative(element))
        elif name == "drawn":
            self.story.leave(story.DRAWINGS, "\n".join(_drawn(element)))
        else:
            self._set_aside(_reason(name, element), self._children, element)

    def _put(self, words: str, aside: str = "") -> None:
        aside = self._aside or aside or ("" if all(self._fields) else story.INSTRUCTIONS)
        if aside:
            self.story.leave(aside, words, joined=aside == self._last_aside)
        else:
            self._text.append(words)
        self._last_aside = aside

    def _set_aside(self, reason: str, walk: Callable[[Any], Any], element: Any) -> Any:
        outer = self._aside
        self._aside = outer or reason
        result = walk(element)
        self._aside = outer
        return result

    def _is_hidden(self, run: Any) -> bool:
        properties = _child(run, "rPr")
        vanish = _child(properties, "vanish")
        if vanish is not None:
            return _is_on(vanish)
        return self._hidden_paragraph or _attribute(_child(properties, "rStyle"), "val") in self._hidden_styles

    def _meet_field(self, mark: Any) -> None:
        kind = _attribute(mark, "fldCharType") if mark in self._field_marks else ""
        if kind == "begin":
            self._fields.append(False)
        elif self._fields and kind == "separate":
            self._fields[-1] = True
        elif self._fields and kind == "end":
            self._fields.pop()

    def _call_note(self, kind: str, note: str) -> None:
        if self._aside or (element := self.notes.pop((kind, note), None)) is None:
            return
        self._called.add(element)
        self._field_marks |= _field_marks(element)
        self._inner += self._blocks(element) + self._let_go()


def _name(element: Any) -> str:
    """What an element is: its name where it is Word's, "drawn" where it holds words of a drawing, '' for a comment."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    space, _, name = tag.rpartition("}")
    if space + "}" in _KNOWN:
        return name
    return "drawn" if name in ("txBody", "textpath") else "other"


def _child(element: Any, name: str) -> Any:
    if element is None:
        return None
    return next((found for space in _W if (found := element.find(space + name)) is not None), None)


def _attribute(element: Any, name: str) -> str:
    if element is None:
        return ""
    return next((value for space in _W if (value := element.get(space + name)) is not None), "")


def _is_on(element: Any) -> bool:
    """Whether a property that is on or off is on: it is where nothing else is said."""
    return element is not None and _attribute(element, "val") not in ("0", "false", "off", "none")


def _inside(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row: content controls and the like may stand around them."""
    for child in element:
        if (found := _name(child)) == name:
            yield child
        elif found and found not in _PASSED_OVER:
            yield from _inside(_alternative(child) if found == "AlternateContent" else child, name)


def _alternative(element: Any) -> Any:
    """One of the ways in which the same thing is written for new and old readers: the first that holds words."""
    choices = [child for child in element if _name(child) in ("Choice", "Fallback")]
    holding = (child for child in choices if any(_name(part) in ("t", "drawn") for part in child.iter()))
    return next(holding, choices[0] if choices else ())


def _reason(name: str, element: Any) -> str:
    """Why the words inside an element stay out, '' where they do not."""
    if name == "sdt" and _child(_child(element, "sdtPr"), "showingPlcHdr") is not None:
        return story.PROMPTS
    return {"del": story.DELETED, "moveFrom": story.MOVED, "rt": story.READINGS}.get(name, "")


def _field_marks(root: Any) -> set[Any]:
    """The marks of fields that are whole. A field that never ends would swallow the rest of the text."""
    whole: set[Any] = set()
    stack: list[list[Any]] = []
    for mark in root.iter(*(space + "fldChar" for space in _W)):
        kind = _attribute(mark, "fldCharType")
        if kind == "begin":
            stack.append([])
        if stack:
            stack[-1].append(mark)
        if stack and kind == "end":
            whole.update(stack.pop())
    return whole


def _hidden_styles(package: Package, parts: dict[str, list[str]]) -> frozenset[str]:
    """The styles of paragraphs and words that hide them, themselves or by what they are based on."""
    hides: dict[str, bool] = {}
    based_on: dict[str, str] = {}
    for root in map(package.xml, parts.get("styles", [])[:1]):
        for style in () if root is None else root:
            name = _attribute(style, "styleId")
            vanish = _child(_child(style, "rPr"), "vanish")
            if vanish is not None:
                hides[name] = _is_on(vanish)
            based_on[name] = _attribute(_child(style, "basedOn"), "val")
    return frozenset(name for name in based_on if story.inherited(name, hides, based_on))


def _drawn(root: Any) -> Iterator[str]:
    """The words of a drawing, a chart or a watermark, a line each."""
    yield root.get("string") or ""
    for paragraph in root.iter("{*}p"):
        yield "".join(element.text or "" for element in paragraph.iter("{*}t"))
    for cached in root.iter("{*}strCache"):
        yield from (element.text or "" for element in cached.iter("{*}v"))


def _symbol(code: str) -> str:
    try:
        number = int(code, 16)
        return _SYMBOLS.get(number, chr(number))
    except (ValueError, OverflowError):
        return "\ufffd"
