"""Word documents: every paragraph in order, in tables too; what is not imported is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ..errors import failure
from ..files import check_unpacked_size
from ..study import Source
from ..text import clean, count_words
from .model import LeftOut, Transcript
from .plain import paragraphs, turns

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read_docx(source: Source, labels: Collection[str]) -> Transcript:
    """Read a docx file. Insertions, moves, links and content controls come in; deletions do not.

    python-docx's own `paragraph.text` drops insertions, moves, content controls, smart tags and tables; this walks
    the XML.
    """
    import docx

    check_unpacked_size(source.path)
    try:
        document = docx.Document(str(source.path))
    except Exception as error:  # python-docx raises many kinds for a broken file
        raise failure(source.path, "", f"this docx file cannot be read ({error})", "Open and save it again.") from None
    body = document.element.body
    cleaned = [clean(_words(paragraph)) for paragraph in _paragraphs(body)]
    left_out = list(_left_out(document))
    if controls := sum(count for _, count in cleaned):
        left_out.append(LeftOut("characters", controls, "control characters, taken out"))
    texts = [text for text, _ in cleaned]
    if source.kind == "document":
        return Transcript(paragraphs("\n\n".join(texts)), left_out)
    return Transcript(turns(source, ((f"paragraph {n}", text) for n, text in enumerate(texts, 1)), labels), left_out)


def _paragraphs(body: Any) -> Iterator[Any]:
    for paragraph in body.iter(f"{_W}p"):
        if not _in_text_box(paragraph):
            yield paragraph


def _in_text_box(element: Any) -> bool:
    return next(element.iterancestors(f"{_W}txbxContent"), None) is not None


def _words(paragraph: Any) -> str:
    parts = []
    for element in paragraph.iter():
        if element.tag == f"{_W}t" and not _nested(element, paragraph) and not _struck(element):
            parts.append(element.text or "")
        elif element.tag in _BREAKS and element.getparent().tag == f"{_W}r" and not _nested(element, paragraph):
            parts.append(_BREAKS[element.tag])
    return "".join(parts)


def _nested(element: Any, paragraph: Any) -> bool:
    """Whether the element stands in a text box inside the paragraph: those are counted as left out."""
    return next(element.iterancestors(f"{_W}p"), None) is not paragraph


def _struck(element: Any) -> bool:
    """Whether the words were moved away from here (they stand where they were moved to)."""
    return next(element.iterancestors(f"{_W}moveFrom"), None) is not None


def _left_out(document: Any) -> Iterator[LeftOut]:
    body = document.element.body
    deleted = " ".join(element.text or "" for element in body.iter(f"{_W}delText"))
    # A text box is written twice, for new and for old readers (mc:AlternateContent): the old copy is not counted.
    boxes = " ".join(
        element.text or ""
        for element in body.iter(f"{_W}t")
        if _in_text_box(element) and not any("Fallback" in str(a.tag) for a in element.iterancestors())
    )
    for what, text, note in (
        ("deletions", deleted, "words of tracked deletions, left out"),
        ("text boxes", boxes, "words in text boxes, left out"),
    ):
        if words := count_words(text):
            yield LeftOut(what, words, note)
    for part in document.part.package.iter_parts():
        name = str(part.partname)
        for what in ("footnotes", "endnotes", "comments"):
            if name.startswith(f"/word/{what}."):
                from lxml import etree

                root = etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False))
                if words := count_words(" ".join(element.text or "" for element in root.iter(f"{_W}t"))):
                    yield LeftOut(what, words, f"words in {what}, left out")
