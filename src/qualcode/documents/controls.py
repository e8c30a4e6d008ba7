"""Content controls of Word documents (ECMA-376 part 1, 17.5.2): boxes to tick and fields to write in, known by tags."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from ..text import shortened
from .archive import printable

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

# Word refuses a file with a longer tag or title.
LONGEST = 64
_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
_BOX = (
    '<w14:checkbox><w14:checked w14:val="0"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
    '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
)


class Controls:
    """Adds content controls to the paragraphs of one document. None of them can be deleted by accident.

    `tag` is what a control is read by, `title` what screen readers say of it.
    """

    def __init__(self) -> None:
        self._ids = count(1)

    def add_box(self, paragraph: Paragraph, tag: str, title: str) -> None:
        """A box that is ticked by a click."""
        self._add(paragraph, tag, title, _BOX, '<w:r><w:rPr><w:rStyle w:val="Box"/></w:rPr><w:t>☐</w:t></w:r>')

    def add_field(self, paragraph: Paragraph, tag: str, title: str, placeholder: str) -> None:
        """A field for words of several lines, which shows the placeholder while it is empty."""
        run = f'<w:r><w:rPr><w:rStyle w:val="Placeholder"/></w:rPr><w:t>{_text(placeholder)}</w:t></w:r>'
        self._add(paragraph, tag, title, '<w:showingPlcHdr/><w:text w:multiLine="1"/>', run)

    def add_locked(self, paragraph: Paragraph, tag: str, title: str, text: str) -> None:
        """Words that nobody can change."""
        run = f'<w:r><w:t xml:space="preserve">{_text(text)}</w:t></w:r>'
        self._add(paragraph, tag, title, "<w:text/>", run, lock="sdtContentLocked")

    def _add(
        self, paragraph: Paragraph, tag: str, title: str, kind: str, content: str, lock: str = "sdtLocked"
    ) -> None:
        from lxml import etree

        # The schema wants these in this order.
        properties = (
            f"<w:alias w:val={_value(title)}/><w:tag w:val={_value(tag)}/>"
            f'<w:id w:val="{next(self._ids)}"/><w:lock w:val="{lock}"/>{kind}'
        )
        made = f"<w:sdt {_NAMES}><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
        paragraph._p.append(etree.fromstring(made))


def _text(text: str) -> str:
    return escape(printable(text))


def _value(text: str) -> str:
    return quoteattr(shortened(" ".join(printable(text).split()), LONGEST))
