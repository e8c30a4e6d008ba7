"""The whole member check on a small study: packets, issuing, answers in Word and from the page, and what they change."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from conftest import interview
from lxml import etree

from qualcode.answers import ANSWERS_MARK, Asked
from qualcode.cli import STEPS, main
from qualcode.provenance import files

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
WITHDRAWN_WORDS = "the expectations changed"
ADDED_WORDS = "The library was open late, which helped me too."
NEW_WORDS = "My mentor was there when it mattered."
DONE = {"source": "talk", "code": "", "quote": "", "action": "done"}
CODED = [
    {"source": "talk", "code": "support", "quote": "My mentor was always there."},
    {"source": "talk", "code": "training", "quote": "The training helped me to teach."},
    {"source": "talk", "code": "clarity", "quote": WITHDRAWN_WORDS, "participant": "p2"},
    DONE,
]
BEFORE = STEPS[: STEPS.index("packets") + 1]


def asked_of(study, participant: str) -> Asked:
    (path,) = (study.path / "member_checks" / "issued").glob(f"*/{participant}.json")
    return Asked.of(json.loads(path.read_text(encoding="utf-8")))


def number_of(asked: Asked, words: str) -> str:
    return next(item.number for item in asked.quotations if item.text == words)


def answer_on_the_page(study, asked: Asked, values: dict[str, str]) -> None:
    whole = {"qualcode": ANSWERS_MARK, "study": asked.study, "return_code": asked.return_code}
    answers = {key: values.get(key, "") for key in asked.questions}
    study.write("member_checks/answers.json", json.dumps({**whole, "answers": answers}))


def answer_in_word(study, participant: str, values: dict[str, str]) -> None:
    """The issued docx, its boxes ticked and its fields filled as Word does, saved under another name."""
    (path,) = (study.path / "member_checks" / "issued").glob(f"*/{participant}.docx")
    left = dict(values)
    with zipfile.ZipFile(path) as sent, zipfile.ZipFile(study.path / "member_checks" / "reply.docx", "w") as back:
        for name in sent.namelist():
            content = sent.read(name)
            if name == "word/document.xml":
                tree = etree.fromstring(content)
                for control in tree.iter(f"{W}sdt"):
                    _fill(control, left)
                content = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
            back.writestr(name, content)
    assert not left, "every question is in the form"


def _fill(control: etree._Element, values: dict[str, str]) -> None:
    tag = control.find(f"{W}sdtPr/{W}tag").get(f"{W}val")
    question, _, value = tag.partition("=")
    if value and values.get(question) == value:
        control.find(f".//{W14}checked").set(f"{W14}val", "1")
        control.find(f"{W}sdtContent//{W}t").text = "☒"
        del values[question]
    elif not value and tag in values:
        placeholder = control.find(f"{W}sdtPr/{W}showingPlcHdr")
        placeholder.getparent().remove(placeholder)
        control.find(f"{W}sdtContent//{W}t").text = values.pop(tag)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study whose packets are made and not issued."""
    root = tmp_path_factory.mktemp("made")
    study = interview(root)
    study.codings("anna", CODED)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert study.run(*BEFORE) == 0
    return study


@pytest.fixture
def answered(made, tmp_path, monkeypatch):
    """The study after p1 amended a quotation and added something, and p2 withdrew one and disagreed."""
    monkeypatch.chdir(tmp_path)
    study = made.copied(tmp_path)
    assert main(["issue-packets", str(study.path), "--date", "2026-04-10"]) == 0
    first, second = asked_of(study, "p1"), asked_of(study, "p2")
    amended = number_of(first, "My mentor was always there.")
    answer_on_the_page(
        study,
        first,
        {f"quotation {amended}": "change", f"words {amended}": NEW_WORDS, "reflects 1": "5", "add": ADDED_WORDS},
    )
    answer_in_word(
        study,
        "p2",
        {f"quotation {number_of(second, WITHDRAWN_WORDS)}": "withdraw", "reflects 1": "2", "change 1": "Less of it."},
    )
    return study


def test_answers_are_carried_into_the_analysis_and_everything_that_is_made_of_it(answered, capsys):
    counted = coded(answered)
    assert answered.run(*STEPS) == 0, capsys.readouterr().err
    effects = {(row["participant"], row["question"]): row["effect"] for row in answered.rows("member_checks")}
    assert {key: effect for key, effect in effects.items() if not key[1].startswith(("quotation", "words"))} == {
        ("p1", "reflects 1"): "agrees",
        ("p1", "add"): "added",
        ("p2", "reflects 1"): "disagrees",
        ("p2", "change 1"): "change asked for",
    }
    assert sorted(effect for key, effect in effects.items() if key[1].startswith("quotation")) == [
        "amended",
        "withdrawn",
    ]
    # What was withdrawn still counts.
    assert coded(answered) == counted
    added = [row for row in answered.rows("utterances") if row["source"] == "member-checks"]
    assert [(row["participant"], row["text"]) for row in added] == [("p1", ADDED_WORDS)]
    shown = {path.name: text_of(path) for path in released(answered.results)}
    assert [name for name, text in shown.items() if WITHDRAWN_WORDS in text] == []
    assert any(NEW_WORDS in text and "[amended by the participant]" in text for text in shown.values())
    assert any("[words withdrawn by the participant]" in text for text in shown.values())


def coded(study) -> list[tuple[str, ...]]:
    keys = ("coding", "code", "source", "start", "end", "counts")
    return [tuple(row[key] for key in keys) for row in study.rows("open_codes") if row["source"] == "talk"]


def released(results: Path) -> list[Path]:
    """Everything that goes out, and the pages that are looked at."""
    going = (
        results / item["name"] for release, found in files(results).items() if release != "working" for item in found
    )
    shown = [*going, *(results / "report").rglob("*.html")]
    return sorted(
        path for path in shown if path.suffix in {".html", ".docx", ".xlsx", ".md", ".tex", ".csv", ".json", ".svg"}
    )


def text_of(path: Path) -> str:
    """The words of a file, without what marks them up."""
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as archive:
            raw = " ".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    else:
        raw = path.read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]*>", "", raw).split())


def test_who_was_asked_and_answered_is_not_asked_again(answered, capsys):
    assert answered.run(*BEFORE) == 0
    before = sorted(answered.path.rglob("*"))
    capsys.readouterr()
    assert main(["issue-packets", str(answered.path), "--date", "2026-05-01"]) == 0
    told = capsys.readouterr().out
    assert "issued on 2026-04-10, and changed since: p1 and p2." in told
    assert sorted(answered.path.rglob("*")) == before


def test_an_unread_answer_stops_the_run_and_leaves_the_results_as_they_are(answered, capsys):
    reply = answered.path / "member_checks" / "answers.json"
    whole = json.loads(reply.read_text(encoding="utf-8"))
    code = whole["return_code"]
    reply.write_text(
        json.dumps({**whole, "return_code": code[:-1] + ("2" if code[-1] != "2" else "3")}), encoding="utf-8"
    )
    before = {path: path.read_bytes() for path in answered.results.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert answered.run("utterances") == 1
    told = capsys.readouterr().err
    assert "answers.json" in told and NEW_WORDS not in told and ADDED_WORDS not in told
    assert {path: path.read_bytes() for path in answered.results.rglob("*") if path.is_file()} == before
