"""What coders coded side by side, for the consensus meeting, and what comes back from it."""

from __future__ import annotations

import shutil

import openpyxl
import pytest

from qualcode import tables
from qualcode.agreement.meeting import passages, undecided, write_meeting
from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.codings.talk import read_talk
from qualcode.measures.units import codable_units
from qualcode.study import load_study
from qualcode.tokens import read_tokens

STEPS = ("utterances", "parses", "open_codes")
TALK = """Interviewer: What helped you most?

Ana: My mentor was always there. The timing of our meetings was good.

Ben: I got no support. Nobody told me what was expected of me, and the expectations changed.

Ana: I agree. The training helped me to teach.
"""
SUPPORT, TIMING = "My mentor was always there.", "The timing of our meetings was good."
CHANGED, TRAINING = "the expectations changed", "The training helped me to teach."


@pytest.fixture
def talk(study):
    study.write("transcripts/talk.txt", TALK)
    shutil.rmtree(study.path / "codings")
    return study


def code(study, coder, *rows, **more):
    """Codings of a coder in the only source: (code, quotation)."""
    study.codings(coder, [{"source": "talk", "code": code, "quote": quote, **more} for code, quote in rows])


def prepared(study, unit="utterance"):
    """What the meeting is made from: study, codebook, tables, units and the talk."""
    study.write(
        "study.yaml",
        f"title: T\ncodebook: codebook.yaml\nauthority: any\nlanguage: blank:en\nunit: {unit}\n",
    )
    assert study.run(*STEPS) == 0
    loaded = load_study(study.path)
    made = {name: tables.read(study.results, name) for name in ("open_codes", "decisions", "coders")}
    sentences = {"talk": read_tokens(study.results / "parses" / "talk.spacy").sentences()}
    utterances = tables.read(study.results, "utterances")
    units = codable_units(utterances, sentences, unit)
    return loaded, load_codebook(loaded.codebook), made, units, read_talk(loaded, study.results, utterances)


def met(study, unit="utterance"):
    _, codebook, made, units, talk = prepared(study, unit)
    found, _ = passages(codebook, made, units, talk)
    return found


def told(found):
    return [(item.code, item.who, item.alike, dict(item.words)) for item in found]


def test_codings_of_one_code_that_touch_a_unit_are_decided_on_at_once(talk):
    code(talk, "anna", ("support", SUPPORT), ("clarity", CHANGED))
    code(talk, "ben", ("support", TIMING), ("training", "The training"))
    assert told(met(talk)) == [
        # They agree about the utterance, and not about the words: nobody coded all of these.
        ("support", "anna and ben, not the same passage", False, {"anna": SUPPORT, "ben": TIMING}),
        ("clarity", "anna only", False, {"anna": CHANGED}),
        ("training", "ben only", False, {"ben": "The training"}),
    ]
    (support,) = [item for item in met(talk) if item.code == "support"]
    text = (talk.results / "texts" / "talk.txt").read_text("utf-8")
    assert text[support.start : support.end] == f"{SUPPORT} {TIMING}"
    # By sentences they coded different units, and nobody both.
    assert [item[:3] for item in told(met(talk, "sentence"))][:2] == [
        ("support", "anna only", False),
        ("support", "ben only", False),
    ]


def test_a_longer_passage_brings_those_that_it_touches_together(talk):
    whole = f"{SUPPORT} {TIMING} I got no support."
    code(talk, "anna", ("support", "always there"), ("support", "no support"))
    code(talk, "ben", ("support", whole))
    (found,) = met(talk, "sentence")
    assert dict(found.words)["anna"] == "always there / no support"
    assert (found.who, found.alike) == ("anna and ben, not the same passage", False)


def test_three_coders_agree_only_where_all_do(talk):
    for coder, rows in {"anna": ["support"], "ben": ["support"], "cleo": ["clarity"]}.items():
        code(talk, coder, *((name, SUPPORT) for name in rows), ("training", TRAINING))
    assert [(item.code, item.who, item.alike) for item in met(talk)] == [
        ("support", "anna and ben", False),
        ("clarity", "cleo only", False),
        ("training", "anna and ben and cleo", True),
    ]


def test_what_one_has_not_come_to_is_told(talk):
    code(talk, "anna", ("support", SUPPORT), ("training", TRAINING))
    talk.codings("ben", [{"source": "talk", "code": "clarity", "quote": TIMING}], "a.csv")
    talk.codings("ben", [{"source": "talk", "action": "done", "quote": CHANGED}], "b.csv")
    assert ("training", "anna only (ben did not come so far)") in [(item.code, item.who) for item in met(talk)]


def test_an_accepted_proposal_is_the_coders_own_and_a_rejected_one_nobodys(talk):
    code(talk, "anna", ("clarity", CHANGED))
    code(talk, "ben", ("clarity", CHANGED))
    prepared(talk)
    proposals = {row["code"]: row for row in talk.rows("open_codes") if row["basis"] == "rule"}
    talk.codings("ben", [{"coding": proposals["training"]["coding"], "action": "accept"}], "review.csv")
    talk.codings("anna", [{"coding": proposals["support"]["coding"], "action": "reject"}], "review.csv")
    found = met(talk)
    assert told(found)[0] == ("training", "ben only", False, {"ben": proposals["training"]["quote"]})
    assert [item.code for item in found] == ["training", "clarity"]


def test_what_was_withdrawn_and_what_the_consensus_says_is_not_met_about(talk):
    code(talk, "anna", ("support", SUPPORT))
    talk.codings("anna", [{"source": "talk", "code": "support", "quote": SUPPORT, "action": "withdraw"}], "later.csv")
    code(talk, "ben", ("clarity", CHANGED))
    code(talk, "consensus", ("training", TRAINING))
    assert [(item.code, item.who) for item in met(talk)] == [("clarity", "ben only")]


def test_a_source_of_one_coder_is_not_met_about(talk, tmp_path):
    code(talk, "anna", ("support", SUPPORT))
    code(talk, "consensus", ("support", SUPPORT))
    ready = prepared(talk)
    assert passages(*ready[1:]) == ([], {})
    write_meeting(tmp_path / "m.xlsx", *ready)
    sheet = openpyxl.load_workbook(tmp_path / "m.xlsx").active
    assert sheet["A2"].value == "No source was finished by two coders yet: there is nothing to compare."


def test_what_the_consensus_decided_does_not_come_again(talk):
    code(talk, "anna", ("support", SUPPORT), ("training", TRAINING), ("clarity", TIMING))
    code(talk, "ben", ("clarity", CHANGED))
    code(talk, "consensus", ("support", "always there"))
    _, codebook, made, units, words = prepared(talk)
    found, _ = passages(codebook, made, units, words)
    assert [item.code for item in undecided(found, made)] == ["clarity", "clarity", "training"]
    (training,) = [item for item in found if item.code == "training"]
    note = {
        "coder": "consensus", "file": "review.xlsx", "row": 2, "action": "note", "source": "talk", "code": "training",
        "now": "training", "start": training.start, "end": training.end, "holds": True, "sample": False,
    }  # fmt: skip
    columns = {column.name: "" for column in tables.TABLES["decisions"].columns}
    made["decisions"] = tables.frame("decisions", [*made["decisions"].to_dict("records"), columns | note])
    assert [item.code for item in undecided(found, made)] == ["clarity", "clarity"]


# --- the workbook --------------------------------------------------------------------------------------------------


def workbook(study, path):
    write_meeting(path, *prepared(study))
    header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_workbook_puts_coders_side_by_side(talk, tmp_path):
    code(talk, "anna", ("support", SUPPORT), ("clarity", CHANGED), memo="=Sure?")
    code(talk, "ben", ("support", "always there"))
    differ, alike, last = workbook(talk, tmp_path / "m.xlsx")
    assert (differ["code"], differ["anna"], differ["ben"], differ["decision"]) == (
        "clarity", f"{CHANGED}\n[memo: =Sure?]", None, None,
    )  # fmt: skip
    assert (differ["speaker"], differ["who"], differ["quote"]) == ("Karl", "anna only", CHANGED)
    assert f"Karl: I got no support. Nobody told me what was expected of me, and {CHANGED}." in differ["context"]
    assert (alike["code"], alike["ben"], alike["decision"]) == ("support", "always there", "accept")
    assert last["source"] == "talk" and last["decision"] is None and "choose done" in last["quote"]
    assert not (differ["coding"] or alike["coding"] or differ["at"])
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames == ["Copy before you decide", "Codes", "Summary"]
    assert ("talk", "anna, ben", 2, 1, 1) in list(book["Summary"].iter_rows(values_only=True))


def test_uses_and_rejections_are_shown(talk, tmp_path):
    prepared(talk)
    (proposal,) = [row["coding"] for row in talk.rows("open_codes") if row["code"] == "training"]
    code(talk, "anna", ("training", TRAINING), ("support", SUPPORT), use="exemplar")
    code(talk, "ben", ("support", SUPPORT))
    talk.codings("ben", [{"coding": proposal, "action": "reject"}], "review.csv")
    training, support, _ = workbook(talk, tmp_path / "m.xlsx")
    assert (training["anna"], training["ben"]) == (f"{TRAINING}\n[use: exemplar]", "rejected")
    assert (training["who"], training["decision"], training["use"]) == ("anna only", None, "exemplar")
    assert (support["decision"], support["use"], support["ben"]) == ("accept", "exemplar", SUPPORT)


def test_the_workbook_is_the_same_every_time(talk, tmp_path):
    code(talk, "anna", ("support", SUPPORT), ("clarity", CHANGED))
    code(talk, "ben", ("support", SUPPORT))
    ready = prepared(talk)
    for name in ("a.xlsx", "b.xlsx"):
        write_meeting(tmp_path / name, *ready)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_coder_may_be_called_like_a_column(talk, tmp_path):
    code(talk, "memo", ("support", SUPPORT))
    code(talk, "by", ("clarity", CHANGED))
    rows = workbook(talk, tmp_path / "m.xlsx")
    assert rows[0]["memo (coder)"] == SUPPORT and rows[1]["by (coder)"] == CHANGED


def test_what_is_saved_in_the_folder_of_the_consensus_is_its_word_once_it_is_done(talk, capsys):
    code(talk, "anna", ("support", SUPPORT), ("clarity", CHANGED))
    code(talk, "ben", ("support", SUPPORT), ("training", CHANGED))
    path = talk.path / "codings" / "consensus" / "disagreements.xlsx"
    path.parent.mkdir()
    workbook(talk, path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, place["code"]).value == "clarity":
            sheet.cell(row, place["decision"]).value = "accept"
            sheet.cell(row, place["quote"]).value = "expectations changed"
        elif sheet.cell(row, place["code"]).value == "training":
            sheet.cell(row, place["decision"]).value = "help"
    book.save(path)
    assert talk.run("open_codes") == 0
    # As long as the meeting is not done, all stays as it was.
    assert {row["coder"] for row in talk.rows("open_codes") if row["counts"] == "true"} == {"anna", "ben"}
    waiting = [row for row in talk.rows("decisions") if row["coder"] == "consensus"]
    assert {(row["action"], row["holds"]) for row in waiting} == {("note", "true")} and len(waiting) == 4
    assert all(row["outcome"] == "waits until the meeting is done with the source" for row in waiting)
    assert "consensus" not in {row["coder"] for row in talk.rows("coders")}
    capsys.readouterr()
    assert main(["check", str(talk.path)]) == 0
    assert "4 decisions of the consensus on talk WAIT: choose done" in capsys.readouterr().out
    sheet.cell(sheet.max_row, place["decision"]).value = "done"
    book.save(path)
    assert talk.run("open_codes") == 0
    counted = [row for row in talk.rows("open_codes") if row["counts"] == "true"]
    assert [(row["coder"], row["code"], row["quote"]) for row in counted] == [
        ("consensus", "support", SUPPORT),
        ("consensus", "help", CHANGED),
        ("consensus", "clarity", "expectations changed"),
    ]
