"""Files made to do harm, or damaged: one plain error each, within little time and memory, and nothing fetched."""

import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from office_files import pack, relations, write_docx, write_odt, write_pdf

# Of the reader and of the program that reads pdfs, with Python and the libraries.
MEMORY = 300 * 2**20
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
READ = """
import resource, sys, time
from pathlib import Path
from qualcode.errors import QualcodeError
from qualcode.study import Source
from qualcode.transcripts import read_transcript
path, kind = Path(sys.argv[1]), sys.argv[2]
begun = time.process_time()
try:
    read_transcript(Source("s", path, kind), {"Ana"})
    print("read")
except QualcodeError as error:
    print(len(error.problems), error)
status = Path("/proc/self/status")
ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if status.exists():  # the other figure is that of the process that started us, where that was larger
    ours = int(status.read_text().partition("VmHWM:")[2].split()[0])
used = (ours + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024
print(used, time.process_time() - begun)
"""


def told(path: Path, kind: str = "interview") -> str:
    """What reading a file says, in a process of its own, once it has kept within the memory allowed."""
    command = [sys.executable, "-c", READ, str(path), kind]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=path.parent)
    assert ran.returncode == 0, ran.stderr
    message, _, figures = ran.stdout.rstrip("\n").rpartition("\n")
    assert int(figures.split()[0]) < MEMORY, figures
    assert "Traceback" not in ran.stdout + ran.stderr
    if message != "read":
        assert message.startswith("1 ") and message.count("\n") == 0, "one error, in one line"
    return message


def bomb(path: Path, name: str, body: bytes, megabytes: int, others=None, head=b"", tail=b"") -> Path:
    """An archive with one part of many megabytes, packed to almost nothing."""
    block = body * (2**20 // len(body) + 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (others or {}).items():
            if part != name:
                archive.writestr(part, content)
        with archive.open(name, "w") as out:
            out.write(head)
            for _ in range(megabytes):
                out.write(block)
            out.write(tail)
    return path


DOCX = {"_rels/.rels": relations({"word/document.xml": "officeDocument"})}
HEAD = f"<w:document {W}><w:body>".encode()


@pytest.mark.parametrize(
    "body", [b" ", b"<w:p/>", b"<w:p><w:r><w:t>word </w:t></w:r></w:p>", b'<w:p w:a="" w:b="" w:c=""/>']
)
def test_a_docx_that_unpacks_to_a_hundred_times_its_size(tmp_path, body):
    path = bomb(tmp_path / "a.docx", "word/document.xml", body, 400, DOCX, HEAD, b"</w:body></w:document>")
    assert path.stat().st_size < 3 * 2**20
    message = told(path)
    ways = ("the file unpacks to more than 100 MB", "more marks of layout", "Text node too long")
    assert any(way in message for way in ways), message


def test_an_odt_that_unpacks_to_a_hundred_times_its_size(tmp_path):
    path = bomb(
        tmp_path / "a.odt",
        "content.xml",
        b"<a/>",
        300,
        {"mimetype": "application/vnd.oasis.opendocument.text"},
        b"<a>",
        b"</a>",
    )
    assert "more marks of layout" in told(path)


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
STRINGS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'


def workbook(sheet: bytes | str, **parts) -> dict:
    kind = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    return {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        "_rels/.rels": relations({"xl/workbook.xml": "officeDocument"}),
        "xl/workbook.xml": f'<workbook xmlns="{kind}" xmlns:r="{r}"><sheets><sheet name="a" sheetId="1" r:id="r0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            {"worksheets/sheet1.xml": "worksheet", "sharedStrings.xml": "sharedStrings"}
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": STRINGS.format(""),
        **parts,
    }


@pytest.mark.parametrize("name", ["xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_an_xlsx_that_unpacks_to_a_hundred_times_its_size(tmp_path, name):
    path = bomb(tmp_path / "a.xlsx", name, b"<row/>", 300, workbook(SHEET.format("")))
    assert "as no table does" in told(path, "survey")


def test_an_xlsx_that_claims_the_whole_sheet_is_read_by_what_it_holds(tmp_path):
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{a}</t></is></c><c r="B{n}" t="inlineStr"><is><t>{b}</t></is></c></row>'
        for n, a, b in [(1, "id", "answer"), (2, "1", "so it is for me"), (900, "2", "so it was for him")]
    )
    path = pack(
        tmp_path / "a.xlsx", workbook(SHEET.format(f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData>'))
    )
    assert told(path, "survey") == "read"


ENTITIES = (
    "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_docx_and_odt(tmp_path, encoding):
    text = f"{ENTITIES}<w:document {W}><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"
    path = pack(tmp_path / "a.docx", {**DOCX, "word/document.xml": text.encode(encoding)})
    assert "word/document.xml declares a document type" in told(path)
    assert "declares a document type" in told(
        pack(tmp_path / "a.odt", {"content.xml": (ENTITIES + "<a>&j;</a>").encode(encoding)})
    )


def test_entities_are_refused_in_xlsx(tmp_path):
    inside = "<sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row></sheetData>"
    message = told(pack(tmp_path / "a.xlsx", workbook(ENTITIES + SHEET.format(inside))), "survey")
    assert "this xlsx file cannot be read" in message
    message = told(
        pack(
            tmp_path / "b.xlsx",
            workbook(SHEET.format(""), **{"xl/sharedStrings.xml": ENTITIES + STRINGS.format("&j;")}),
        ),
        "survey",
    )
    assert "this xlsx file cannot be read" in message


def test_external_entities_are_never_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("Ana: the secret words")
    declared = f"<!DOCTYPE a [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"
    text = f"{declared}<w:document {W}><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    for message in (
        told(pack(tmp_path / "a.docx", {**DOCX, "word/document.xml": text})),
        told(pack(tmp_path / "a.odt", {"content.xml": declared + "<a>&x;</a>"})),
        told(pack(tmp_path / "a.xlsx", workbook(declared + SHEET.format("&x;"))), "survey"),
    ):
        assert message != "read" and "secret words" not in message


def test_an_encoding_that_hides_a_document_type_is_not_believed(tmp_path):
    text = b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>"
    assert "is damaged: word/document.xml cannot be read" in told(
        pack(tmp_path / "a.docx", {**DOCX, "word/document.xml": text})
    )


def lying(path: Path, name: str, says: int) -> Path:
    """The archive with a wrong size of a part in its directory and before the part."""
    data = bytearray(path.read_bytes())
    for signature, place, names in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = data.find(signature)
        while at >= 0:
            if data[at + names : at + names + len(name)] == name.encode():
                data[at + place : at + place + 4] = struct.pack("<I", says)
            at = data.find(signature, at + 4)
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("says", [100, 10_000])
def test_sizes_that_are_lies_are_found_out(tmp_path, says):
    path = bomb(tmp_path / "a.docx", "word/document.xml", b"<w:p/>", 300, DOCX, HEAD, b"</w:body></w:document>")
    assert "the file is damaged: word/document.xml cannot be read" in told(lying(path, "word/document.xml", says))
    path = bomb(tmp_path / "a.xlsx", "xl/sharedStrings.xml", b"<si/>", 300, workbook(SHEET.format("")))
    assert "this xlsx file cannot be read" in told(lying(path, "xl/sharedStrings.xml", says), "survey")


def test_a_list_of_countless_entries_is_not_read(tmp_path):
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    listed = entry * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(listed), 0, 0)
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\x03\x04" + listed + end)
    assert "too many entries" in told(path)


def test_archives_in_archives_and_names_that_lead_elsewhere_are_never_unpacked(tmp_path):
    inner = bomb(tmp_path / "inner.zip", "zeros", bytes(1024), 200)
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>Ana: Yes.</w:t></w:r></w:p></w:body></w:document>"
    parts = {**DOCX, "word/document.xml": body, "word/media/inner.zip": inner.read_bytes(), "../../outside.txt": "out"}
    path = tmp_path / "deep" / "deeper" / "a.docx"
    path.parent.mkdir(parents=True)
    assert told(pack(path, parts)) == "read"
    assert not list(tmp_path.rglob("outside.txt"))
    parts["_rels/.rels"] = relations({"../../../inner.zip": "officeDocument"})
    assert "this is no Word document" in told(pack(path, parts))


def test_pictures_may_be_of_any_size(tmp_path):
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>Ana: Yes.</w:t></w:r></w:p></w:body></w:document>"
    path = bomb(tmp_path / "a.docx", "word/media/image1.bmp", bytes(1024), 300, {**DOCX, "word/document.xml": body})
    assert told(path) == "read"


@pytest.mark.parametrize("kind", ["docx", "odt", "xlsx"])
def test_a_truncated_archive_is_an_error_wherever_it_ends(tmp_path, kind):
    whole = {
        "docx": lambda path: write_docx(path, "<w:p><w:r><w:t>Ana: Yes.</w:t></w:r></w:p>"),
        "odt": lambda path: write_odt(path, "<text:p>Ana: Yes.</text:p>"),
        "xlsx": lambda path: pack(path, workbook(SHEET.format(""))),
    }[kind](tmp_path / f"a.{kind}")
    data = whole.read_bytes()
    for share in (0.1, 0.5, 0.99):
        whole.write_bytes(data[: int(len(data) * share)])
        assert "damaged" in told(whole, "survey" if kind == "xlsx" else "interview")


def test_a_part_that_is_damaged_stands_twice_is_packed_oddly_or_locked(tmp_path):
    body = f"<w:document {W}><w:body><w:p><w:r><w:t>Ana: {'Yes. ' * 200}</w:t></w:r></w:p></w:body></w:document>"
    path = pack(tmp_path / "a.docx", {**DOCX, "word/document.xml": body})
    data = bytearray(path.read_bytes())
    at = data.find(zlib.compress(body.encode(), 6, -15)[:20])
    assert at > 0
    data[at + 10 : at + 14] = b"\xff\xff\xff\xff"
    path.write_bytes(bytes(data))
    assert "the file is damaged: word/document.xml cannot be read" in told(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        for name, content in [*DOCX.items(), ("word/document.xml", body), ("word/document.xml", body)]:
            archive.writestr(name, content)
    assert "holds word/document.xml more than once" in told(tmp_path / "b.docx")
    with zipfile.ZipFile(tmp_path / "c.docx", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/document.xml", body)
    assert "packed in a way" in told(tmp_path / "c.docx")
    path = pack(tmp_path / "d.docx", {"word/document.xml": body})
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(signature) + place] |= 1
    path.write_bytes(bytes(data))
    assert "locked with a password" in told(path)


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.odt", "a.txt"])
def test_a_locked_office_file_says_so(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(3000))
    assert "locked with a password, or is of the old kind" in told(path, "survey" if name == "a.xlsx" else "interview")


def test_a_locked_odt_says_so(tmp_path):
    locked = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    assert "locked with a password" in told(write_odt(tmp_path / "a.odt", "<text:p>x</text:p>", manifest=locked))


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.odt", "a.rtf", "a.pdf"])
def test_empty_files_and_bytes_without_meaning(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    kind = "survey" if name == "a.xlsx" else "interview"
    assert "the file is empty" in told(path, kind)
    path.write_bytes(bytes(range(256)) * 40)
    assert told(path, kind) != "read"


def test_tables_nested_beyond_measure_are_an_error(tmp_path):
    for depth in (40, 84, 400):
        body = (
            "<w:tbl><w:tr><w:tc>" * depth
            + "<w:p><w:r><w:t>Ana: Yes.</w:t></w:r></w:p>"
            + "</w:tc></w:tr></w:tbl>" * depth
        )
        message = told(write_docx(tmp_path / "a.docx", body))
        if depth == 40:
            assert message == "read"
        else:
            assert "too deeply" in message or "Excessive depth" in message


# --- pdf ---------------------------------------------------------------------------------------------------------------


def pdf(path: Path, stream: bytes, *, filters: str = "/FlateDecode") -> Path:
    """A pdf of one page with that stream as its contents."""
    write_pdf(path, [[(72, 700, "Ana: Yes.")]])
    data = path.read_bytes()
    begin = data.rindex(b"<</Length")
    end = data.index(b"\nendstream", begin)
    written = data[:begin] + b"<</Length %d/Filter[%b]>>stream\n" % (len(stream), filters.encode()) + stream
    # The list of places is wrong now: readers look for the objects themselves.
    path.write_bytes(written + data[end:])
    return path


def test_a_pdf_page_that_unpacks_to_a_gigabyte(tmp_path):
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"BT ET " * 2**17) for _ in range(1300)) + packer.flush()
    assert "page 1 takes more than" in told(pdf(tmp_path / "a.pdf", packed))
    twice = zlib.compress(packed, 9)
    assert "page 1 takes more than" in told(pdf(tmp_path / "b.pdf", twice, filters="/FlateDecode/FlateDecode"))


def test_a_pdf_page_with_more_letters_than_a_book(tmp_path):
    words = b"word " * 80
    lines = b"".join(b"BT /F0 1 Tf 1 0 0 1 10 %f Tm (%b) Tj ET\n" % (n, words) for n in range(800))
    assert "page 1 holds more letters than a book" in told(pdf(tmp_path / "a.pdf", zlib.compress(lines)))


def test_a_pdf_whose_pages_hold_one_another(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", [[(72, 700, "Ana: Yes.")]])
    path.write_bytes(path.read_bytes().replace(b"/Kids[7 0 R]", b"/Kids[2 0 R]"))
    assert told(path) != "read"


@pytest.mark.parametrize("size", [200, 5000])
def test_pdfs_damaged_anywhere_never_break_the_reader(tmp_path, size):
    import random

    chance = random.Random(size)
    path = write_pdf(tmp_path / "a.pdf", [[(72, 700 - 20 * n, f"Ana: Yes {n}.") for n in range(9)]])
    data = path.read_bytes()
    for _ in range(3):
        broken = bytearray(data)
        for _ in range(len(data) // size + 1):
            broken[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(broken))
        told(path)
