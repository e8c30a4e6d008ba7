"""Time a member check of 100 people: packets, issuing, reading 100 answers in Word, and finding what was withdrawn.

usage: python benchmarks/member_checks.py [--write]

Beside reading stands python-docx opening the same forms and listing their texts, without controls, checks or codes;
beside finding, `str.find` of the same words in the same texts, which finds them only as long as nobody edits a text.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sections
from corpus import SEED, load_corpus

from qualcode.answers import Asked
from qualcode.cli import main as qualcode
from qualcode.study import load_study

CHECKOUT = Path(__file__).resolve().parent.parent
PEOPLE, TURNS, CODES = 100, 40, 12
BEFORE = ("utterances", "parses", "member_checks", "identifiers", "phrases", "open_codes", "axial_codes")
ISSUED = Path("talks/member_checks/issued/2026-04-10")
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def build(folder: Path) -> None:
    """Interviews of one person each, every turn coded, in words of the benchmarks' corpus."""
    chance = random.Random(SEED)
    turns = [turn.words for said in load_corpus(CHECKOUT / "data").sources.values() for turn in said]
    turns = sorted({" ".join(words.split()[:60]) for words in turns if len(words.split()) > 20})
    (folder / "transcripts").mkdir(parents=True)
    (folder / "codings" / "anna").mkdir(parents=True)
    codings = ["source,code,quote,action"]
    for number in range(PEOPLE):
        said = chance.sample(turns, TURNS)
        (folder / "transcripts" / f"talk-{number}.txt").write_text("".join(f"P{number}: {words}\n\n" for words in said))
        codings += [
            f'talk-{number},code-{at % CODES},"{words.replace(chr(34), chr(34) * 2)}",' for at, words in enumerate(said)
        ]
        codings.append(f"talk-{number},,,done")
    (folder / "codings" / "anna" / "coding.csv").write_text("\n".join(codings) + "\n", encoding="utf-8")
    people = [f"p{number},participant,P{number}" for number in range(PEOPLE)]
    (folder / "participants.csv").write_text("\n".join(["participant,role,labels", *people]) + "\n")
    codes = "".join(f"  - {{code: code-{at}, name: Code {at}, definition: One of many.}}\n" for at in range(CODES))
    (folder / "codebook.yaml").write_text(f"codebook: Talks\ncodes:\n{codes}")
    settings = (
        'language: blank:en\nidentifiers: {accepted: "anna, 2026-03-05"}\nmember_checks: {quotations: 2, level: 1}\n'
    )
    (folder / "study.yaml").write_text(f"title: Talks\ncodebook: codebook.yaml\n{settings}")


def fill(sent: Path, answer: Path) -> None:
    """Every quotation withdrawn, as Word saves it."""
    from lxml import etree

    with zipfile.ZipFile(sent) as old, zipfile.ZipFile(answer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                tree = etree.fromstring(content)
                for tag in tree.iter(f"{W}tag"):
                    if re.fullmatch(r"quotation .*=withdraw", tag.get(f"{W}val")):
                        control = tag.getparent().getparent()
                        control.find(f".//{W14}checked").set(f"{W14}val", "1")
                        control.find(f"{W}sdtContent//{W}t").text = "☒"
                content = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
            new.writestr(name, content)


def timed(work: Callable[[], Any]) -> float:
    """Seconds of the processor; ends the program where a step fails."""
    begin, told = time.process_time(), io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        failed = work()
    if isinstance(failed, int) and failed:
        sys.exit(f"{told.getvalue()}\nbenchmarks: this failed")
    return time.process_time() - begin


def listed(forms: list[Path]) -> None:
    """The baseline of reading: the texts of every form."""
    import docx

    for form in forms:
        _ = [paragraph.text for paragraph in docx.Document(str(form)).paragraphs]


def searched(packets: list[Asked]) -> int:
    """The baseline of finding: how many of the issued words stand in the text of their source."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in Path("results/talks/texts").glob("*.txt")}
    parts = [part for packet in packets for quotation in packet.quotations for part in quotation.parts]
    return sum(texts[part.source].find(part.text) >= 0 for part in parts)


def measure() -> tuple[list[tuple[str, float, str]], int]:
    """Rows of what was done, seconds, and what stands beside it; and how many quotations were withdrawn."""
    import docx  # noqa: F401  what it takes to import is no part of reading

    build(Path("talks"))
    for step in BEFORE:
        timed(lambda step=step: qualcode([step, "talks"]))
    rows = [(f"`packets`: {PEOPLE} in docx, html and json", timed(lambda: qualcode(["packets", "talks"])), "")]
    issued = timed(lambda: qualcode(["issue-packets", "talks", "--date", "2026-04-10"]))
    rows.append(("`issue-packets`", issued, ""))
    for sent in sorted(ISSUED.glob("*.docx")):
        fill(sent, Path("talks/member_checks") / sent.name)
    forms = sorted(Path("talks/member_checks").glob("*.docx"))
    asked = [Asked.of(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(ISSUED.glob("*.json"))]
    opened = timed(lambda: listed(forms))
    read = timed(lambda: load_study("talks") and None)
    rows.append((f"reading {PEOPLE} answers in Word, all checks", read, f"python-docx lists their texts: {opened:.2f}"))
    scanned, found = timed(lambda: searched(asked) and None), searched(asked)
    rows.append(
        ("`member_checks`, texts as issued", timed(lambda: qualcode(["member_checks", "talks"])),
         f"`str.find`: {scanned:.2f}, finds {found:,}")
    )  # fmt: skip
    for path in Path("talks/transcripts").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        label = text.partition(":")[0]
        path.write_text(f"{label}: Hello.\n\n" + re.sub(r"\bthe (\w+)", r"the same \1", text), encoding="utf-8")
    timed(lambda: qualcode(["utterances", "talks"]))
    scanned, found = timed(lambda: searched(asked) and None), searched(asked)
    again = timed(lambda: qualcode(["member_checks", "talks"]))
    rows.append(("the same after every text was edited", again, f"`str.find`: {scanned:.2f}, finds {found:,}"))
    return rows, sum(len(packet.quotations) for packet in asked)


def report(rows: list[tuple[str, float, str]], quotations: int) -> str:
    """The figures as a table in Markdown."""
    lines = [
        f"{PEOPLE} people, {quotations:,} quotations, all withdrawn. Python {sys.version.split()[0]}, {os.cpu_count()} "
        "cores; seconds of the processor.",
        "",
        "| what | seconds | beside it |",
        "|---|--:|---|",
        *(f"| {what} | {seconds:.2f} | {beside} |" for what, seconds, beside in rows),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and with --write keep the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    args = parser.parse_args()
    here = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="qualcode-benchmark-") as temporary:
        os.chdir(temporary)
        text = report(*measure())
        os.chdir(here)
    print(text)
    if args.write:
        sections.write("member_checks", text)


if __name__ == "__main__":
    main()
