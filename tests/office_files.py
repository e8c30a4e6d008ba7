"""Small office files and pdfs for the tests, built here from their parts: what no library writes, or none should."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

_PAGE = (595, 842)


def pack(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A zip file with these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_pdf(
    path: Path,
    pages: Iterable[Iterable[tuple[float, float, str]]],
    *,
    extra: str = "",
    turned: bool = False,
    size: tuple[int, int] = _PAGE,
) -> Path:
    """A pdf of text: for each page (x, y, words) in points from the lower left corner, in 10-point Helvetica.

    `turned`: the page lies on its side and is shown upright. `extra` is put into every page's dictionary and may refer to objects 4 (the font) and 5 (a picture).
    """
    objects: list[bytes] = [b"", b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    picture = zlib.compress(b"\x80" * 64)
    head = f"<</Type/XObject/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode/Length {len(picture)}>>"
    objects.append(head.encode() + b"stream\n" + picture + b"\nendstream")
    kids = []
    for page in pages:
        drawn = []
        for x, y, words in page:
            if words == "<picture>":
                drawn.append(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im0 Do Q")
            else:
                escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
                place = f"0 1 -1 0 {size[0] - y} {x}" if turned else f"1 0 0 1 {x} {y}"
                drawn.append(f"BT /F0 10 Tf {place} Tm ({escaped}) Tj ET")
        stream = "\n".join(drawn).encode("cp1252")
        objects.append(b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream))
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]} {size[1]}]/Contents {len(objects)} 0 R"
            f"/Resources<</Font<</F0 4 0 R>>/XObject<</Im0 5 0 R>>>>{'/Rotate 90' * turned}{extra}>>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    objects[2] = b"<<>>"
    written = bytearray(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    path.write_bytes(bytes(written))
    return path


def lock_pdf(path: Path, locked: Path, password: bytes) -> Path:
    """A pdf of `write_pdf` locked with a password (40-bit RC4, revision 2 of the standard security handler)."""
    pad = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
    owner, identity, permissions = bytes(32), b"0123456789abcdef", -4
    whole = (password + pad)[:32] + owner + permissions.to_bytes(4, "little", signed=True) + identity
    key = hashlib.md5(whole).digest()[:5]

    def hide(match: re.Match[bytes]) -> bytes:
        number = int(match["number"]).to_bytes(3, "little")
        return (
            match["before"] + _rc4(hashlib.md5(key + number + bytes(2)).digest()[:10], match["stream"]) + b"\nendstream"
        )

    pattern = rb"(?P<before>(?P<number>\d+) 0 obj\n<<[^>]*(?:>(?!>stream)[^>]*)*>>stream\n)(?P<stream>.*?)\nendstream"
    data = re.sub(pattern, hide, path.read_bytes(), flags=re.DOTALL)
    entry = f"/ID[<{identity.hex()}><{identity.hex()}>]/Encrypt<</Filter/Standard/V 1/R 2/P {permissions}/O<{owner.hex()}>/U<{_rc4(key, pad).hex()}>>>"
    locked.write_bytes(data.replace(b"/Root 1 0 R", b"/Root 1 0 R" + entry.encode()))
    return locked


def _rc4(key: bytes, data: bytes) -> bytes:
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


_WORD = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_OPEN = " ".join(
    f'xmlns:{prefix}="{_ODF}:{name}:1.0"'
    for prefix, name in {"draw": "drawing", **{n: n for n in ("office", "text", "table", "style", "manifest")}}.items()
)


def relations(targets: Mapping[str, str]) -> str:
    """What a part of a docx refers to: kinds by the name of the part."""
    items = (
        f'<Relationship Id="r{n}" Type="{_RELATION}/{kind}" Target="{name}"/>'
        for n, (name, kind) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(items)}</Relationships>'


def write_docx(path: Path, body: str, *, strict: bool = False, **parts: str) -> Path:
    """A docx with the XML of its body; `parts` (footnotes, comments, header, styles …) by their kind."""
    files = {
        "_rels/.rels": relations({"word/document.xml": "officeDocument"}),
        "word/document.xml": f"<w:document {_WORD}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations({f"{kind}.xml": kind for kind in parts}),
        **{f"word/{kind}.xml": f"<w:{kind} {_WORD}>{content}</w:{kind}>" for kind, content in parts.items()},
    }
    if strict:
        space = "http://purl.oclc.org/ooxml/wordprocessingml/main"
        files = {
            n: x.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", space)
            for n, x in files.items()
        }
    return pack(path, files)


def comment(number: int, *lines: str, by: str = "", at: str = "", paragraph: str = "") -> str:
    """The XML of a comment of a docx; `paragraph` is the id of its last paragraph, by which others answer it."""
    dated = f" w:date='{at}'" if at else ""
    name = f' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" w14:paraId="{paragraph}"'
    last = len(lines) - 1
    written = "".join(
        f"<w:p{name if paragraph and n == last else ''}><w:r><w:t>{escape(line)}</w:t></w:r></w:p>"
        for n, line in enumerate(lines)
    )
    return f"<w:comment w:id='{number}' w:author='{escape(by)}'{dated}>{written}</w:comment>"


def answer(paragraph: str, to: str = "", done: int = 0) -> str:
    """What commentsExtended.xml tells of a comment: which it answers, and whether it is resolved."""
    above = f' w15:paraIdParent="{to}"' if to else ""
    space = "http://schemas.microsoft.com/office/word/2012/wordml"
    return f'<w15:commentEx xmlns:w15="{space}" w15:paraId="{paragraph}"{above} w15:done="{done}"/>'


def marked(text: str) -> str:
    """A paragraph of a docx in which `{3` begins what comment 3 is about, `3}` ends it, and `{3}` is a point."""
    parts = re.split(r"(\{\d+\}|\{\d+|\d+\})", text)
    runs = []
    for part in parts:
        number = part.strip("{}")
        if number.isdigit() and part != number:
            kind = "Reference" if part[0] == "{" and part[-1] == "}" else "RangeStart" if part[0] == "{" else "RangeEnd"
            runs.append(f"<w:comment{kind} w:id='{number}'/>")
        elif part:
            runs.append(f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>')
    return f"<w:p>{''.join(runs)}</w:p>"


def write_odt(path: Path, text: str, *, automatic: str = "", styles: str = "", manifest: str = "") -> Path:
    """An odt with the XML of its text, of its automatic styles, and of what styles.xml and the manifest hold."""
    content = (
        f"<office:document-content {_OPEN}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:text>{text}</office:text></office:body></office:document-content>"
    )
    files = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "styles.xml": f"<office:document-styles {_OPEN}>{styles}</office:document-styles>",
        "META-INF/manifest.xml": f"<manifest:manifest {_OPEN}>{manifest}</manifest:manifest>",
    }
    return pack(path, files)
