"""The report's section on member checking, and what the other pages say of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import reporting
from browser import DESK, PHONE, chromium, violations
from checking import added, asked, checks, code_of, quoted, rated
from conftest import StudyFolder
from test_report import parsed, section

from qualcode import tables

__all__ = ["chromium"]

ROWS = [
    rated("p1", "support", 5), rated("p2", "support", 1), rated("p3", "support", 4),
    asked("p1", "support", "Name those who <help>."),
    asked("p2", "support", "Say that it was rare.", decision="changed", reason="Smith saw too little", by="anna",
          at="2026-05-02"),
    quoted("p1", "amended", "talk", 40, "My mentor was always there.", words="My mentor was often there."),
    quoted("p3", "withdrawn", "talk", 400, "We all say so"),
    {**quoted("p2", "kept", "", 0, "", number="1.4"), "start": None, "end": None,
     "note": "the words are not found any more"},
    added("p3", "Time was short."),
]  # fmt: skip
SENT = [{"participant": person, "answered": True, "questions": 9, "answers": 4} for person in ("p1", "p2", "p3")]
SENT += [{"participant": "p4", "questions": 9}, {"participant": "p9", "withdrew": True}]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    return reporting.run(tmp_path_factory.mktemp("checked"))


def page(laid: StudyFolder, folder: Path, rows=(), packets=None, made=None) -> Path:
    """The report of the study with these answers and packets."""
    study = laid.copied(folder)
    checks(study.results, rows, packets)
    empty = {"reason": "", "draft": False, "others_quotations": 0, "return_code": "", "issued": "", "note": ""}
    tables.write(study.results, "packets", tables.frame("packets", [
        {**empty, "participant": person, "made": True, "concepts": 2, "quotations": 3, **(made or {})} for person in ("p1", "p2")
    ]))  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert study.run("report") == 0
    return study.results / "report"


@pytest.fixture(scope="module")
def report(laid: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report after three of five people answered. No test changes it."""
    return page(laid, tmp_path_factory.mktemp("answered"), ROWS, SENT)


def overview(report: Path) -> ET.Element:
    return parsed((report / "index.html").read_text(encoding="utf-8"))


def test_who_answered_what_they_said_and_what_was_decided(report: Path) -> None:
    root = overview(report)
    told = section(root, "member-checking")
    assert "5 packets sent, 3 answered." in told and "No answer yet from Nora:" in told
    assert "withdrew since" in told
    assert "Rosa“Name those who <help>.”" in told and f"decisions.csv: {code_of('p1')}, change 1." in told
    assert "Not decided." in told
    assert "Decided: changed: [a teacher] saw too little (anna, 2026-05-02)." in told and "Smith" not in told
    assert "1 quotation put into other words" in told and "1 quotation withdrawn" in told
    assert "1 addition: member_checks.csv has them" in told
    assert "Karl, quotation 1.4: the words are not found any more" in told
    assert "often there" not in told and "We all say so" not in told, "numbers, never words of quotations"
    waiting = section(root, "open")
    assert "No answer yet from Nora." in waiting and "1 change asked for and not decided on" in waiting


def test_words_of_people_who_did_not_agree_are_not_shown(report: Path) -> None:
    for path in sorted(report.rglob("*.html")):
        assert "it was rare" not in path.read_text(encoding="utf-8"), path
    assert "not shown, because Karl has not agreed to be quoted" in section(overview(report), "member-checking")
    assert "Karl wrote what should change: see member_checks.csv." in (report / "codes/support.html").read_text("utf-8")


def test_disagreement_stands_beside_the_concept_on_every_page(report: Path) -> None:
    says = "1 of 3 people who rated it says that it does not reflect their experience"
    for name in ("index.html", "codebook.html", "tables.html", "codes/support.html", "codes/help.html"):
        assert says in (report / name).read_text(encoding="utf-8"), name
    frequencies = section(overview(report), "frequencies")
    assert frequencies.count(says) == 1 and "Support†" in frequencies and "Training†" not in frequencies


def test_without_member_checks_nothing_is_marked(laid: StudyFolder, tmp_path: Path) -> None:
    report = page(laid, tmp_path)
    told = section(overview(report), "member-checking")
    assert "No packet has been issued" in told and "2 ready to be sent, of 2 participants" in told
    for path in sorted(report.rglob("*.html")):
        assert 'class="dagger"' not in path.read_text(encoding="utf-8"), path
    assert "Nothing is open." in section(overview(report), "open")


def test_drafts_and_notes_are_told(laid: StudyFolder, tmp_path: Path) -> None:
    report = page(laid, tmp_path, made={"draft": True, "reason": "no coder has finished", "note": "grade 11.2"})
    root = overview(report)
    told = section(root, "member-checking")
    assert (
        "0 ready to be sent" in told and "draft, not to be sent" in told and "no coder has finished; grade 11.2" in told
    )
    assert "Only a draft, not to be sent for Rosa and Karl: no coder has finished" in section(root, "open")


def test_who_answered_an_earlier_packet_alone_is_told_apart(laid: StudyFolder, tmp_path: Path) -> None:
    sent = [{"participant": "p1", "answered": True}, {"participant": "p1", "return_code": "2222-2222"}]
    root = overview(page(laid, tmp_path, [rated("p1", "support", 4)], sent))
    for part in ("member-checking", "open"):
        told = section(root, part)
        assert "Rosa answered an earlier packet, and not the last." in told and "No answer yet" not in told


def test_no_changes_were_recommended(laid: StudyFolder, tmp_path: Path) -> None:
    report = page(laid, tmp_path, [rated("p1", "support", 4)])
    assert "No changes were recommended." in section(overview(report), "member-checking")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everyone_can_read_it(chromium: Any, report: Path, size: dict[str, int]) -> None:
    for name in ("index.html", "codes/support.html", "codebook.html"):
        assert violations(chromium, report / name, size) == [], name
