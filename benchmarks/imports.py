"""Time the import of one talk in every format, and the memory of a survey of a million answers.

usage: python benchmarks/imports.py [--repeats N] [--write]
"""

from __future__ import annotations

import argparse
import csv
import html
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import sections
from corpus import Turn, load_corpus

CHECKOUT = Path(__file__).resolve().parent.parent
MEBIBYTE = 1024 * 1024
ANSWERS = 1_000_000
MOST = 2048  # MiB
WORDS = ["my", "mentor", "was", "always", "there", "and", "the", "meetings", "helped", "me", "to", "plan", "lessons"]
# The longest pdf that is asked for: beyond that it is the pages that cost, not the format.
PDF_LINES = 55


# --- one talk in every format --------------------------------------------------------------------------------------


def as_text(turns: Sequence[Turn]) -> bytes:
    return "\n\n".join(f"{turn.label}: {turn.words}" for turn in turns).encode()


def as_otter(turns: Sequence[Turn]) -> bytes:
    blocks = (f"{turn.label}  {_clock(n)[3:8]}  \n{turn.words}\n" for n, turn in enumerate(turns))
    return ("\n".join(blocks) + "\nTranscribed by https://otter.ai").encode()


def as_webvtt(turns: Sequence[Turn]) -> bytes:
    cues = (
        f"{n + 1}\n{_clock(n)} --> {_clock(n + 1)}\n{turn.label}: {html.escape(turn.words, quote=False)}\n"
        for n, turn in enumerate(turns)
    )
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def as_srt(turns: Sequence[Turn]) -> bytes:
    cues = (
        f"{n + 1}\n{_clock(n)} --> {_clock(n + 1)}\n{turn.label}: {turn.words}\n".replace(".000", ",000")
        for n, turn in enumerate(turns)
    )
    return "\n".join(cues).encode()


def as_csv(turns: Sequence[Turn]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("speaker", "text"), *((t.label, t.words) for t in turns)])
    return text.getvalue().encode()


def as_xlsx(turns: Sequence[Turn]) -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("speaker", "text"), *((t.label, t.words) for t in turns)]):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def as_docx(turns: Sequence[Turn]) -> bytes:
    import docx

    document = docx.Document()
    for turn in turns:
        document.add_paragraph(f"{turn.label}: {turn.words}")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def as_odt(turns: Sequence[Turn]) -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(f"<text:p>{html.escape(f'{t.label}: {t.words}', quote=False)}</text:p>" for t in turns)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{office}office:1.0" '
        f'xmlns:text="{office}text:1.0" office:version="1.2"><office:body><office:text>{body}</office:text>'
        "</office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return made.getvalue()


def as_rtf(turns: Sequence[Turn]) -> bytes:
    def escaped(text: str) -> str:
        return "".join(char if ord(char) < 128 else f"\\u{ord(char)}?" for char in text.translate(_RTF))

    body = "\\par\n".join(escaped(f"{turn.label}: {turn.words}") for turn in turns)
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\\f0\n" + body + "}").encode("ascii")


_RTF = str.maketrans({"\\": "\\\\", "{": "\\{", "}": "\\}"})


def as_pdf(turns: Sequence[Turn]) -> bytes:
    """Pages of lines in Helvetica, as a word processor would print them."""
    import textwrap

    lines = [line for turn in turns for line in [*textwrap.wrap(f"{turn.label}: {turn.words}", 95), ""]]
    pages = [lines[start : start + PDF_LINES] for start in range(0, len(lines), PDF_LINES)]
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
               b"/Encoding /WinAnsiEncoding >>"]  # fmt: skip
    kids = []
    for page in pages:
        shown = "".join(f"({line.translate(_PDF)}) Tj T*\n" for line in page)
        stream = f"BT /F1 10 Tf 13 TL 50 780 Td\n{shown}ET".encode("cp1252", "replace")
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {len(objects) + 2} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    kids_listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{kids_listed}] /Count {len(kids)} >>".encode()
    made, starts = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        starts.append(len(made))
        made += f"{number} 0 obj\n".encode() + item + b"\nendobj\n"
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>"
    return made + f"{end}\nstartxref\n{len(made)}\n%%EOF\n".encode()


_PDF = str.maketrans({"\\": "\\\\", "(": "\\(", ")": "\\)"})

FORMATS: dict[str, Callable[[Sequence[Turn]], bytes]] = {
    "txt": as_text,
    "otter.txt": as_otter,
    "vtt": as_webvtt,
    "srt": as_srt,
    "csv": as_csv,
    "xlsx": as_xlsx,
    "docx": as_docx,
    "odt": as_odt,
    "rtf": as_rtf,
    "pdf": as_pdf,
}


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


# What reads one talk in a fresh process and tells the seconds of the reader alone, and the words.
READ = """
import sys, time
from pathlib import Path
from qualcode.study import Source
from qualcode.text import count_words
from qualcode.transcripts import read_transcript
source = Source("talk", Path(sys.argv[1]), "focus_group")
labels = set(Path(sys.argv[2]).read_text(encoding="utf-8").split("\\n"))
start = time.perf_counter()
found = read_transcript(source, labels)
print(time.perf_counter() - start, sum(count_words(turn.text) for turn in found.turns))
"""
# The baseline: the plain text is opened, cut at its colons, and nothing is looked at.
BARE = """
import sys, time
from pathlib import Path
from qualcode.text import count_words
start = time.perf_counter()
text = Path(sys.argv[1]).read_text(encoding="utf-8")
turns = [line.partition(": ") for line in text.split("\\n\\n")]
print(time.perf_counter() - start, sum(count_words(words) for _, _, words in turns))
"""


def speeds(turns: Sequence[Turn], repeats: int, folder: Path) -> dict[str, tuple[float, int]]:
    """Median seconds and words read, by format."""
    labels = folder / "labels"
    labels.write_text("\n".join(sorted({turn.label for turn in turns})), encoding="utf-8")
    files = {}
    for name, make in FORMATS.items():
        files[name] = folder / f"talk.{name}"
        files[name].write_bytes(make(turns))
    taken: dict[str, list[tuple[float, int]]] = {}
    for _ in range(repeats):
        runs = [("bare script", BARE, files["txt"]), *((name, READ, path) for name, path in files.items())]
        for name, program, path in runs:
            said = subprocess.run(
                [sys.executable, "-c", program, path, labels], capture_output=True, text=True, check=True
            ).stdout.split()
            taken.setdefault(name, []).append((float(said[0]), int(said[1])))
    return {name: (statistics.median(s for s, _ in found), found[0][1]) for name, found in taken.items()}


# --- a survey of a million answers ---------------------------------------------------------------------------------


def survey(folder: Path) -> Path:
    """A study of one survey: a million people, an answer of about twelve words each, two attributes."""
    chance = random.Random(1)
    (folder / "transcripts").mkdir(parents=True)
    (folder / "study.yaml").write_text("title: Large\ncodebook: codebook.yaml\n", encoding="utf-8")
    (folder / "codebook.yaml").write_text("codebook: Large\ncodes: [{code: help, name: Help}]\n", encoding="utf-8")
    (folder / "sources.csv").write_text("source,file,kind\nform,form.csv,survey\n", encoding="utf-8")
    with (folder / "transcripts" / "form.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["id", "route", "year", "What helped you?"])
        for number in range(1, ANSWERS + 1):
            answer = " ".join(chance.choices(WORDS, k=12))
            writer.writerow([number, chance.choice("ABC"), chance.randint(1, 4), answer])
    return folder


def import_survey(folder: Path) -> tuple[float, float]:
    """Seconds and MiB of the largest process of `qualcode utterances` on it."""
    start = time.perf_counter()
    command = [str(Path(sys.executable).with_name("qualcode")), "utterances", str(folder), "--results", f"{folder}-out"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("benchmarks: the survey could not be imported")
    unit = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - start, usage.ru_maxrss * unit / MEBIBYTE


# --- telling -------------------------------------------------------------------------------------------------------


def report(about: str, found: dict[str, tuple[float, int]], large: tuple[float, float]) -> str:
    bare = found["bare script"][0] / found["bare script"][1]
    lines = [
        f"One talk: {about}.",
        "",
        "| format | words read | words per second | × bare script |",
        "|---|--:|--:|--:|",
    ]
    for name, (seconds, words) in found.items():
        lines.append(f"| {name} | {words:,} | {words / seconds:,.0f} | {seconds / words / bare:.0f} |")
    seconds, memory = large
    lines += [
        "",
        f"A survey of {ANSWERS:,} answers, one per person, with two attributes: `qualcode utterances` took "
        f"{seconds:.0f} s and {memory:,.0f} MiB (at most {MOST:,} MiB: {'reached' if memory <= MOST else 'missed'}).",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=3, help="how often each file is read (default: 3)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    args = parser.parse_args()
    corpus = load_corpus(CHECKOUT / "data")
    turns = [turn for source in corpus.sources.values() for turn in source]
    with tempfile.TemporaryDirectory(prefix="qualcode-imports-") as temporary:
        found = speeds(turns, args.repeats, Path(temporary))
        large = import_survey(survey(Path(temporary) / "survey"))
    text = report(corpus.about, found, large)
    print(text)
    if args.write:
        sections.write("imports", text)


if __name__ == "__main__":
    main()
