"""Readers of transcripts, surveys and documents: one module per format, all returning a `Transcript`."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..errors import failure
from ..files import decode, encoding_of, is_office_file, open_archive
from ..study import ADDED, Source
from ..text import clean, count_words, one_line
from .model import LeftOut, Transcript, Turn

__all__ = ["LINE_LIMIT", "TEXT_LIMIT", "LeftOut", "Transcript", "Turn", "read_transcript"]

# Of text, captions and csv tables of talk; a survey may be of any size. Ten hours of talk have 0.6 MB and 6,000 lines.
TEXT_LIMIT = 25 * 1024 * 1024
LINE_LIMIT = 500_000
# What each kind of content is called, and the endings that announce it.
_FORMATS = {
    "docx": ("a Word document (docx)", (".docx", ".docm", ".dotx")),
    "odt": ("an OpenDocument text (odt)", (".odt", ".ott")),
    "xlsx": ("a spreadsheet (xlsx)", (".xlsx", ".xlsm")),
    "rtf": ("rich text (rtf)", (".rtf",)),
    "pdf": ("a pdf file", (".pdf",)),
    "captions": ("a caption file (vtt, srt)", (".vtt", ".srt", ".txt")),
    "csv": ("a table (csv)", (".csv", ".tsv")),
    "text": ("plain text", (".txt", ".md", ".text")),
}
_OF_ENDING = {ending: content for content, (_, endings) in _FORMATS.items() for ending in endings}
_TEXTS = ("captions", "csv", "text")
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype|html|\?xml)\b", re.IGNORECASE)
_EMPTY = "Put the transcript in, or take the file away."


def read_transcript(source: Source, labels: Collection[str]) -> Transcript:
    """Read a source's file. `labels` are the speaker labels known for it (none: any name-like label is a speaker).

    The reader is chosen by what the file holds; an ending that says something else is reported.

    Raises QualcodeError where the file cannot be read or holds no words.
    """
    if source.kind == ADDED:
        return _added(source)
    path = source.path
    content = _content(source)
    text = warning = ""
    if content in _TEXTS:
        size = path.stat().st_size
        if source.kind != "survey" and size > TEXT_LIMIT:
            wrong = f"the file has {size / 2**20:.0f} MB; text of up to {TEXT_LIMIT // 2**20} MB is read"
            raise failure(path, "", wrong, "Split it; if it is a survey, call it one in sources.csv.")
        if content == "csv":
            _, warning = encoding_of(path)
            if source.kind != "survey":
                _check_lines(path, path.read_bytes().count(b"\n"))
        else:
            from .captions import looks_like_captions

            text, warning = decode(path)
            _check_lines(path, text.count("\n"))
            content = "captions" if looks_like_captions(text) else "text"
    notes = [LeftOut("encoding", 1, warning)] if warning else []
    transcript = _read(source, content, text, labels)
    if not any(turn.text for turn in transcript.turns):
        raise failure(path, "", "the file holds no words", _EMPTY)
    name, endings = _FORMATS[content]
    if path.suffix.lower() not in endings:
        ending = f"ends in {path.suffix}" if path.suffix else "has no ending"
        notes.append(LeftOut("encoding", 1, f"is {name}, although its name {ending}"))
    return replace(transcript, left_out=[*notes, *transcript.left_out])


def _added(source: Source) -> Transcript:
    """What participants added in answers to member checks: a turn for each, whose label is the participant's id."""
    said = [(person, one_line(clean(words)[0])) for person, words in source.given]
    turns = [Turn(person, words, f"addition {number}") for number, (person, words) in enumerate(said, 1)]
    return Transcript(turns, sum(count_words(turn.text) for turn in turns))


def _check_lines(path: Path, lines: int) -> None:
    if lines > LINE_LIMIT:
        wrong = f"the file has {lines:,} lines; text of up to {LINE_LIMIT:,} lines is read"
        raise failure(path, "", wrong, "Split it, or take out what is no talk.")


def _content(source: Source) -> str:
    """What a file holds: a key of _FORMATS ("text" for captions too). Raises QualcodeError for what is not read."""
    path = source.path
    with path.open("rb") as handle:
        head = handle.read(4096)
    if not head:
        raise failure(path, "", "the file is empty (0 bytes)", _EMPTY)
    told = _OF_ENDING.get(path.suffix.lower(), "")
    if is_office_file(path):
        return _packed(source, told)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{\\rtf"):
        return "rtf"
    if told and told not in _TEXTS and b"\x00" in head:
        return told  # its reader says what is wrong
    if _WEB_PAGE.match(head):
        raise failure(path, "", "this is a web page or XML", "Open it, and save it as docx, odt or txt.")
    if path.suffix and not told:
        known = ", ".join(ending.lstrip(".") for ending in _OF_ENDING)
        wrong = f"files that end in '{path.suffix}' are not read"
        raise failure(path, "", wrong, f"Save it as one of: {known}.")
    table = told in ("csv", "xlsx") or (source.kind == "survey" and told == "text")
    return "csv" if table else "text"


def _packed(source: Source, told: str) -> str:
    """What a zip archive holds, by the names of its parts."""
    with open_archive(source.path) as archive:
        names = [name.replace("\\", "/").casefold() for name in archive.namelist()]
        if any(name.startswith("word/") for name in names):
            return "docx"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
        if "content.xml" in names:
            kind = b""
            with suppress(Exception):  # zipfile raises many kinds for a broken file; the reader tells them
                # What a file of LibreOffice is stands in a part of its own.
                kind = archive.open("mimetype").read(100)
            if kind and b"text" not in kind:
                wrong = "this is no text but another kind of OpenDocument file"
                raise failure(source.path, "", wrong, "Save a table as xlsx or csv, and anything else as odt.")
            return "odt"
    if told in ("docx", "odt", "xlsx"):
        return told  # its reader says what is wrong
    raise failure(source.path, "", "this is a zip archive", "Unpack it, and put the transcripts in that it holds.")


def _read(source: Source, content: str, text: str, labels: Collection[str]) -> Transcript:
    name = _FORMATS[content][0]
    table = content in ("csv", "xlsx")
    if source.kind == "survey" and not table:
        raise failure(source.path, "", f"a survey is csv or xlsx (found {name})", "Mend its kind in sources.csv.")
    if source.kind == "survey":
        from .survey import read_survey

        return read_survey(source)
    if table and source.kind == "document":
        do = "Call it a survey, an interview or a focus_group in sources.csv, or save it as text."
        raise failure(source.path, "", f"a document is text (found {name})", do)
    if table:
        from .talk_table import read_talk_table

        return read_talk_table(source)
    match content:
        case "docx":
            from .docx import read_docx

            return read_docx(source, labels)
        case "odt":
            from .odt import read_odt

            return read_odt(source, labels)
        case "rtf":
            from .rtf import read_rtf

            return read_rtf(source, labels)
        case "pdf":
            from .pdf import read_pdf

            return read_pdf(source, labels)
        case "captions":
            from .captions import read_captions

            return read_captions(source, text, labels)
        case _:
            from .plain import read_plain

            return read_plain(source, text, labels)
