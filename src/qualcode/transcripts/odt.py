"""OpenDocument texts (LibreOffice): every paragraph in order; every word that stays out is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from ..errors import failure
from ..study import Source
from . import story
from .model import Transcript
from .packaged import Package, open_package
from .story import Paragraph, Story, Table

_OPEN_DOCUMENT = "{urn:oasis:names:tc:opendocument:xmlns:"
# Elements that hold no words of the text: numbers that the program makes, titles and descriptions of pictures, who
# commented and when.
_PASSED_OVER = {
    "office:forms", "office:change-info", "office:binary-data", "office:scripts", "office:event-listeners",
    "text:sequence-decls", "text:variable-decls", "text:user-field-decls", "text:dde-connection-decls",
    "text:note-citation", "text:number", "text:script", "svg-compatible:title", "svg-compatible:desc",
    "creator", "date", "meta:date-string", "meta:creator-initials", "sender-initials",
}  # fmt: skip
_REASONS = {
    "text:deletion": story.DELETED,
    "text:ruby-text": story.READINGS,
    "text:placeholder": story.PROMPTS,
    "office:annotation": story.COMMENTS,
    "table:covered-table-cell": story.HIDDEN,
}
# Elements between which white space is layout of the XML; in all others of `text:`, it is typed.
_HOLDERS = {
    "text:list", "text:list-item", "text:list-header", "text:section", "text:note", "text:note-body", "text:ruby",
}  # fmt: skip
_MARGINS = {f"style:{where}{which}" for where in ("header", "footer") for which in ("", "-left", "-first")}
_WHITE = re.compile(r"[ \t\r\n]+")
# Blanks, tabs and line breaks that were typed, while those of the XML are folded; no XML can hold these characters.
_TYPED = {"text:s": "\x00", "text:tab": "\x01", "text:line-break": "\x02"}
_SHOWN = str.maketrans("\x00\x01\x02", " \t\n")
# More blanks in a row than anyone types.
_BLANKS_LIMIT = 1000


def read_odt(source: Source, labels: Collection[str]) -> Transcript:
    """Read an odt file. Insertions, links, fields, tables, text boxes and shapes come in.

    Deletions, hidden words, comments, headers, footers and what no one said (notes below the talk) do not: they are
    counted. A document's footnotes and endnotes come in below the paragraph that calls them.

    Raises QualcodeError where the file cannot be read.
    """
    with open_package(source.path) as package:
        _check_kind(package)
        body = _first(package.xml("content.xml"), "office:body")
        text = _first(body, "office:text")
        if text is None:
            wrong = "this OpenDocument file holds no text but a table, slides or a drawing"
            raise failure(source.path, "", wrong, "Save it as odt, a table as xlsx or csv.")
        try:
            found = _read_parts(source, package, text)
        except RecursionError:
            wrong = "tables or text boxes stand inside one another too deeply"
            raise failure(source.path, "", wrong, "Copy the text into a new document.") from None
    return found.transcript(source, labels)


def _check_kind(package: Package) -> None:
    manifest = package.xml("META-INF/manifest.xml")
    locked = manifest is not None and any(_name(element) == "manifest:encryption-data" for element in manifest.iter())
    if locked or "encrypted-package" in package:
        raise failure(package.path, "", "the file is locked with a password", "Save it without one.")
    if "content.xml" not in package:
        raise failure(package.path, "", "this is no OpenDocument text: it holds no content.xml", "Save it as odt.")


def _read_parts(source: Source, package: Package, text: Any) -> Story:
    content = text.getparent().getparent()
    styles = package.xml("styles.xml")
    named = [_first(styles, "office:styles"), content]
    walk = _Walk(_hidden_styles([root for root in named if root is not None]), notes_come_in=source.kind == "document")
    walk.story.blocks = walk.blocks(text)
    for element in () if styles is None else styles.iter():
        if _name(element) in _MARGINS:
            walk.set_aside(story.MARGINS, walk.blocks, element)
    walk.story.beside(walk.boxes, walk.embedded)
    return walk.story


class _Walk:
    """A way through the XML on which each word is met once: it comes in, or is put aside for a reason."""

    def __init__(self, hidden_styles: Collection[str], *, notes_come_in: bool):
        self.story = Story()
        self.boxes = self.embedded = 0
        self._hidden_styles = hidden_styles
        self._notes_come_in = notes_come_in
        self._numbers = 0
        self._text: list[str] = []
        # Paragraphs met inside a paragraph (text boxes, notes): they follow it.
        self._inner: list[Paragraph | Table] = []
        # Why the words met now stay out, '' where they come in; and why those met last did.
        self._aside = self._last_aside = ""

    def blocks(self, element: Any) -> list[Paragraph | Table]:
        """The paragraphs and tables of an element that holds such."""
        outer, self._inner = self._inner, []
        self._children(element)
        found, self._inner = self._inner, outer
        return found

    def set_aside(self, reason: str, walk: Callable[[Any], Any], element: Any) -> Any:
        """Walk an element; with a reason, all its words are put aside."""
        outer = self._aside
        self._aside = outer or reason
        result = walk(element)
        self._aside = outer
        return result

    def _paragraph(self, element: Any) -> None:
        outer = self._text, self._inner
        self._text, self._inner, self._last_aside = [], [], ""
        self._numbers += 1
        place = f"paragraph {self._numbers}"
        hidden = any(_is_true(part, "text:is-hidden") for part in element if _name(part) == "text:hidden-paragraph")
        self.set_aside(story.HIDDEN if hidden else self._hidden(element), self._children, element)
        text = _WHITE.sub(" ", "".join(self._text)).strip(" ").translate(_SHOWN)
        inner = self._inner
        self._text, self._inner = outer
        self._last_aside = ""
        self._inner += [Paragraph(text, place), *inner]

    def _children(self, element: Any) -> None:
        name = _name(element)
        typed = name.startswith("text:") and name not in _HOLDERS
        self._put_text(element.text, typed)
        for child in element:
            self._meet(child)
            self._put_text(child.tail, typed)

    def _meet(self, element: Any) -> None:
        name = _name(element)
        if not name or name in _PASSED_OVER or (name.startswith("text:") and name.endswith("-source")):
            return
        if name in ("text:p", "text:h"):
            self._paragraph(element)
        elif name == "table:table":
            self._inner.append(Table([self._row(row) for row in _rows(element)]))
        elif name == "text:s":
            count = _attribute(element, "text:c")
            self._put(_TYPED[name] * min(int(count) if count.isdecimal() else 1, _BLANKS_LIMIT))
        elif name in _TYPED:
            self._put(_TYPED[name])
        elif name == "text:note" and self._notes_come_in and not self._aside:
            self._inner += self.blocks(element)
        elif name == "text:hidden-text":
            shown = element.text and not _is_true(element, "text:is-hidden")
            words = element.text or _attribute(element, "text:string-value")
            self.set_aside("" if shown else story.HIDDEN, self._put, words)
        else:
            self.boxes += name == "draw:text-box" and not self._aside
            self.embedded += name in ("draw:object", "draw:object-ole")
            reason = _REASONS.get(name) or (story.NOTES if name == "text:note" else self._hidden(element))
            self.set_aside(reason, self._children, element)

    def _row(self, row: Any) -> list[list[Paragraph | Table]]:
        shown = _attribute(row, "table:visibility") in ("", "visible")
        cells = [cell for cell in row if _name(cell) in ("table:table-cell", "table:covered-table-cell")]
        found = []
        reaches_over = 0
        for cell in cells:
            reason = _REASONS.get(_name(cell), "") if shown else story.HIDDEN
            blocks = self.set_aside(reason, self.blocks, cell)
            if _name(cell) == "table:covered-table-cell" and reaches_over:
                reaches_over -= 1  # as in docx, cells that were joined across the row are one
                continue
            wide = _attribute(cell, "table:number-columns-spanned")
            reaches_over = int(wide[:4]) - 1 if wide.isdecimal() and int(wide[:4]) else 0
            found.append(blocks)
        return found

    def _hidden(self, element: Any) -> str:
        """Why the words of an element are not shown, '' where they are."""
        family = "text" if _name(element) == "text:span" else "paragraph"
        hidden = f"{family} {_attribute(element, 'text:style-name')}" in self._hidden_styles
        if _name(element) == "text:section":
            display = _attribute(element, "text:display")
            hidden = display == "none" or (display == "condition" and _is_true(element, "text:is-hidden"))
        return story.HIDDEN if hidden else ""

    def _put_text(self, text: str | None, typed: bool) -> None:
        if text and typed:
            self._put(text)
        elif text and text.strip():  # formulas
            self.set_aside(story.DRAWINGS, self._put, text)

    def _put(self, words: str) -> None:
        if self._aside:
            self.story.leave(self._aside, words.translate(_SHOWN), joined=self._aside == self._last_aside)
        else:
            self._text.append(words)
        self._last_aside = self._aside


def _name(element: Any) -> str:
    """An element's name with the prefix that OpenDocument gives it, '' for a comment."""
    return _short(element.tag) if isinstance(element.tag, str) else ""


def _short(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    if not space.startswith(_OPEN_DOCUMENT):
        return name
    prefix = space.removeprefix(_OPEN_DOCUMENT).rpartition(":")[0]
    return f"{'draw' if prefix == 'drawing' else prefix}:{name}"


def _attribute(element: Any, name: str) -> str:
    prefix, _, name = name.partition(":")
    return element.get(f"{_OPEN_DOCUMENT}{prefix}:1.0}}{name}") or ""


def _is_true(element: Any, name: str) -> bool:
    return _attribute(element, name) == "true"


def _first(element: Any, name: str) -> Any:
    return None if element is None else next((child for child in element if _name(child) == name), None)


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        name = _name(child)
        if name == "table:table-row":
            yield child
        elif name in ("table:table-header-rows", "table:table-rows", "table:table-row-group"):
            yield from _rows(child)


def _hidden_styles(roots: Iterable[Any]) -> frozenset[str]:
    """The styles (`family name`) that hide paragraphs and words, themselves or by what they are based on."""
    hides: dict[str, bool] = {}
    parents: dict[str, str] = {}
    for root in roots:
        for style in root.iter(f"{_OPEN_DOCUMENT}style:1.0}}style"):
            family = _attribute(style, "style:family")
            name = f"{family} {_attribute(style, 'style:name')}"
            parents[name] = f"{family} {_attribute(style, 'style:parent-style-name')}"
            properties = _first(style, "style:text-properties")
            if properties is not None and (display := _attribute(properties, "text:display")):
                hides[name] = display == "none"
    return frozenset(name for name in parents if story.inherited(name, hides, parents))
