"""Packets that were issued, and answers to them in every format, made here from their parts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from office_files import pack

from qualcode.answers import ANSWERS_MARK, Asked, AskedConcept, AskedPart, AskedQuotation
from qualcode.answers.filled import box, choices

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
PROMPT = "[✎ Write here]"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


def asked(participant: str = "p1", quotations: Sequence[int] = (2, 1), **further: object) -> Asked:
    """What a packet asks: a concept for each number of quotations."""
    numbers = [(str(concept), f"{concept}.{n}") for concept, of in enumerate(quotations, 1) for n in range(1, of + 1)]
    return Asked(
        **{
            "study": "Talks",
            "participant": participant,
            "concepts": tuple(AskedConcept(str(n), f"code-{n}", f"Concept {n}") for n in range(1, len(quotations) + 1)),
            "quotations": tuple(
                AskedQuotation(number, concept, "My mentor", (AskedPart("talk", "talk:2", 0, 9, "My mentor"),))
                for concept, number in numbers
            ),
            **further,
        }
    )


def issue(checks: Path, *packets: Asked, day: str = "2026-04-10") -> Path:
    """Freeze packets in member_checks/issued/<day>, as the command does; gives that folder."""
    folder = checks / "issued" / day
    folder.mkdir(parents=True)
    rows = []
    for packet in packets:
        form(folder / f"{packet.participant}.docx", packet)
        (folder / f"{packet.participant}.html").write_text(packet.return_code, "utf-8")
        (folder / f"{packet.participant}.json").write_text(packet.to_json(), "utf-8")
        hashes = [_sha256(folder / f"{packet.participant}.{suffix}") for suffix in ("docx", "html", "json")]
        rows.append([packet.participant, packet.return_code, *hashes])
    sheet(folder / "manifest.csv", rows, ("participant", "return_code", "docx", "html", "json"))
    return folder


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sheet(
    path: Path,
    rows: Sequence[Sequence[str]],
    header: Sequence[str] = ("return_code", "question", "answer"),
    *,
    separator: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """A csv."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows([header, *rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def saved(path: Path, packet: Asked, given: Mapping[str, str], **further: object) -> Path:
    """What the form in the browser saves."""
    answers = {question: given.get(question, "") for question in packet.questions}
    whole = {"qualcode": ANSWERS_MARK, "study": packet.study, "return_code": packet.return_code, "answers": answers}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**whole, **further}, indent=1, ensure_ascii=False), "utf-8")
    return path


def form(
    path: Path,
    packet: Asked,
    given: Mapping[str, str] | None = None,
    *,
    shape: str = "inline",
    tags: bool = True,
    beside: str = "",
) -> Path:
    """A docx form. `shape`: how text fields stand there: inline, block (around paragraphs), or nested (in another
    control). `tags`: whether controls keep theirs, which LibreOffice takes away. `beside`: words beside the fields.
    """
    given = given or {}
    marked = lambda mark, properties, content: _control(mark if tags else "", properties, content)  # noqa: E731
    body = [
        _paragraph("<w:r><w:t>A letter to you.</w:t></w:r>"),
        _paragraph(marked("study", "<w:text/>", _runs(packet.study))),
        _paragraph(marked("return code", "<w:text/>", _runs(packet.return_code))),
    ]
    for question in packet.questions:
        body.append(_paragraph(_runs(f"What do you say to {question}?")))
        if values := choices(question):
            boxes = (_box(box(question, value) if tags else "", given.get(question) == value) for value in values)
            body.append(_paragraph(_runs(" or ").join(boxes)))
        else:
            body.append(_field(question if tags else "", given.get(question, ""), shape))
    body.append(_paragraph(_runs(beside)))
    document = f'<w:document xmlns:w="{W}" xmlns:w14="{W14}"><w:body>{"".join(body)}</w:body></w:document>'
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
    return pack(path, parts)


def _box(mark: str, ticked: bool) -> str:
    properties = f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/></w14:checkbox>'
    return _control(mark, properties, _runs("☒" if ticked else "☐"))


def _field(mark: str, words: str, shape: str) -> str:
    prompt = "" if words else "<w:showingPlcHdr/>"
    properties, content = f'{prompt}<w:text w:multiLine="1"/>', _runs(words or PROMPT)
    if shape == "block":
        return _control(mark, properties, "".join(_paragraph(_runs(line)) for line in (words or PROMPT).split("\n")))
    if shape == "nested":
        content = f"<w:sdt><w:sdtPr><w:id w:val='7'/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
    return _paragraph(_control(mark, properties, content))


def _control(mark: str, properties: str, content: str) -> str:
    tag = f"<w:tag w:val={quoteattr(mark)}/>" if mark else ""
    return f"<w:sdt><w:sdtPr>{tag}{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def _runs(words: str) -> str:
    lines = (f'<w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r>' for line in words.split("\n"))
    return "<w:r><w:br/></w:r>".join(lines)


def _paragraph(content: str) -> str:
    return f"<w:p>{content}</w:p>"
