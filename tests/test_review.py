"""`qualcode review`: the sheets it writes, what they tell and keep to themselves, and what comes back from them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from conftest import CODEBOOK
from hypothesis import given
from hypothesis import strategies as st

from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.codebook.colours import PALETTE, category_colours
from qualcode.codings import read_codings
from qualcode.codings.sheets import DONE
from qualcode.codings.talk import Talk, Turn
from qualcode.commands.review_sample import draw
from qualcode.errors import Problems
from qualcode.study import load_study

STEPS = ("utterances", "parses")
DATE = "2026-04-01"
TALK = """Interviewer: What helped you most, Ana?

Ana: My mentor was always there. The timing of our meetings was good.

Ben: =SUM(1) was what I wrote, and the training did not help.

Ben: I got no support. Nobody told me what was expected of me, and the expectations changed.

Ana: I agree with Ben. The training helped me to teach.
"""
DONE_ROW = {"source": "talk", "action": "done"}
# No rule gives these words the same codes.
ANNA = [
    {"source": "talk", "code": "clarity", "quote": "My mentor was always there."},
    {"source": "talk", "code": "support", "quote": "the expectations changed", "participant": "p2"},
]
BOB = [
    {"source": "talk", "code": "training", "quote": "always there", "memo": "Zebra crossing."},
    DONE_ROW,
]


@pytest.fixture
def talk(study):
    study.write("transcripts/talk.txt", TALK)
    study.codings("anna", ANNA)
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nauthority: any\n")
    assert study.run(*STEPS) == 0
    return study


def review(study, *options, coder="anna", code=0):
    assert main(["review", str(study.path), "--coder", coder, "--date", DATE, *options]) == code


def sheet(study, name=f"review-talk-{DATE}.xlsx", coder="anna") -> Path:
    return study.path / "codings" / coder / name


def cells(path, name="Review"):
    """The rows of a sheet by the names of their columns."""
    header, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def fill(path, choose, name="Review"):
    """Fill in a sheet as people do: `choose` gives cells for a row."""
    workbook = openpyxl.load_workbook(path)
    page = workbook[name]
    columns = {cell.value: cell.column for cell in page[1]}
    for number, row in enumerate(cells(path, name), 2):
        for column, value in choose(row).items():
            page.cell(number, columns[column]).value = value
    workbook.save(path)


def decisions(study, coder="anna"):
    """What the coder's xlsx files say."""
    loaded, problems = load_study(study.path), Problems()
    found = read_codings(loaded, load_codebook(loaded.codebook), problems)
    problems.stop()
    return [item for item in found if item.coder == coder and item.path.suffix == ".xlsx"]


def unzipped(path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


# --- the sheet -----------------------------------------------------------------------------------------------------


def test_a_sheet_holds_every_proposal_in_the_order_of_the_talk(talk, capsys):
    review(talk, "--round", "2")
    told = capsys.readouterr().out
    assert talk.run("open_codes") == 0
    proposals = [row for row in talk.rows("open_codes") if row["basis"] == "rule"]
    *rows, last = cells(sheet(talk))
    assert [row["coding"] for row in rows] == [row["coding"] for row in proposals] and len(rows) == 6
    for row, proposal in zip(rows, proposals, strict=True):
        assert {key: str(row[key]) for key in ("quote", "code", "source", "start", "end")} == {
            key: proposal[key] for key in ("quote", "code", "source", "start", "end")
        }
        assert proposal["matched"] in row["evidence"] and row["round"] == "2" and row["at"] == DATE
        assert (row["evidence"].startswith("negated: ")) == (proposal["negated"] == "true")
        assert not (row["decision"] or row["use"] or row["memo"])
    assert {row["name"] for row in rows} == {"Support", "Clarity", "Training"}
    assert "negated" in "".join(row["evidence"] for row in rows)
    assert last["quote"] == "When you have finished talk, choose done here:" and last["source"] == "talk"
    assert f"{sheet(talk)}: 6 proposals to decide on." in told.replace(str(talk.path.resolve()), str(talk.path))


def test_the_context_shows_who_speaks_around_the_words_and_marks_them(talk):
    review(talk)
    page = openpyxl.load_workbook(sheet(talk), rich_text=True)["Review"]
    columns = {cell.value: cell.column for cell in page[1]}
    context = page.cell(2, columns["context"]).value
    assert str(context) == (
        "Interviewer: What helped you most, Rosa?\n"
        "Rosa: My mentor was always there. The timing of our meetings was good.\n"
        "Karl: =SUM(1) was what I wrote, and the training did not help."
    )
    (marked,) = [piece for piece in context if getattr(piece, "font", None) and piece.font.b]
    assert marked.text == page.cell(2, columns["quote"]).value == "My mentor was always there."
    assert page.cell(2, columns["speaker"]).value == "Rosa"


def test_the_sheet_is_pleasant_to_work_in(talk):
    review(talk)
    workbook = openpyxl.load_workbook(sheet(talk))
    page, codes = workbook["Review"], workbook["Codes"]
    assert workbook.sheetnames == ["Review", "Codes", "Summary"]
    assert page.freeze_panes == "C2" and page.auto_filter.ref == "A1:P7"
    assert page.page_setup.orientation == "landscape" and page.print_title_rows == "$1:$1"
    columns = {cell.value: cell.column_letter for cell in page[1]}
    lists = {str(item.sqref): item for item in page.data_validations.dataValidation}
    offered = lists[f"{columns['decision']}2:{columns['decision']}7"]
    assert offered.formula1 == "Codes!$A$2:$A$7" and offered.errorStyle == "warning"
    assert [cell.value for (cell,) in codes["A2:A7"]] == ["accept", "reject", "help", "support", "training", "clarity"]
    assert lists[f"{columns['use']}2:{columns['use']}7"].formula1 == '"exemplar,deviant,never"'
    assert lists[f"{columns['decision']}8"].formula1 == f'"{DONE}"'
    assert all(page[f"{columns[name]}2"].alignment.wrap_text for name in ("quote", "context", "memo"))
    fills = {page[f"{columns['code']}{row}"].fill.fgColor.rgb for row in range(2, 8)}
    assert len(fills) == 2, "help and what is below it, and clarity"
    asked, read = (page[f"{columns[name]}2"].fill.fgColor.rgb for name in ("decision", "quote"))
    assert asked != read


def test_words_that_look_like_formulas_stay_words(talk):
    review(talk)
    assert {row["quote"] for row in cells(sheet(talk))} >= {"=SUM(1) was what I wrote, and the training did not help."}
    with zipfile.ZipFile(sheet(talk)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b"SUM(1)" not in archive.read("xl/worksheets/sheet3.xml")


def test_the_summary_counts_by_formulas_that_hold_their_values(talk):
    review(talk, "--round", "2")
    formulas = openpyxl.load_workbook(sheet(talk))["Summary"]
    values = openpyxl.load_workbook(sheet(talk), data_only=True)["Summary"]
    rows = {row[0]: row[2:] for row in values.iter_rows(values_only=True)}
    assert rows["support"] == (2, 0, 0, 0, 0, 2) and rows["all"] == (6, 0, 0, 0, 0, 6)
    (support,) = [row for row in formulas.iter_rows(values_only=True) if row[0] == "support"]
    assert support[4].startswith("=COUNTIFS(Review!$D$2:$D$7,$A") and support[4].endswith(',"accept")')
    text = " ".join(str(row[0]) for row in values.iter_rows(values_only=True))
    assert "accepts it" in text and "Coder: anna, round: 2, made on 2026-04-01." in text
    assert load_codebook(load_study(talk.path).codebook).version in text


def test_the_same_work_gives_the_same_bytes(talk):
    review(talk)
    review(talk)
    assert sheet(talk).read_bytes() == sheet(talk, f"review-talk-{DATE}-2.xlsx").read_bytes()


def test_a_long_utterance_is_cut_between_words(talk):
    long = "We met before it. " * 40 + "My mentor was always there. " + "We met after it. " * 40
    talk.write("transcripts/talk.txt", TALK.replace("My mentor was always there.", long.strip()))
    assert talk.run(*STEPS) == 0
    review(talk)
    (context,) = {row["context"] for row in cells(sheet(talk)) if "always there" in str(row["evidence"])}
    assert "\nRosa: … " in context and " …\nKarl: " in context and len(context) < 700


def test_answers_of_a_survey_have_no_neighbours(study):
    study.write("transcripts/form.csv", "id,answer\n1,There was support from my mentor.\n2,Training was what I got.\n")
    study.write("sources.csv", "source,file,kind\nform,form.csv,survey\n")
    for path in ("participants.csv", "transcripts/talk.txt", "codings/anna/coding.csv"):
        (study.path / path).unlink()
    assert study.run(*STEPS) == 0
    review(study)
    contexts = [row["context"] for row in cells(sheet(study, f"review-form-{DATE}.xlsx"))[:-1]]
    assert [context.partition(": ")[2] for context in contexts] == [
        "There was support from my mentor.", "Training was what I got.",
    ]  # fmt: skip


# --- files ---------------------------------------------------------------------------------------------------------


def test_a_sheet_that_is_there_is_never_touched(talk):
    review(talk)
    fill(sheet(talk), lambda row: {"memo": f"mine: {row['quote']}"})
    before = sheet(talk).read_bytes()
    review(talk)
    review(talk, "--all")
    assert sheet(talk).read_bytes() == before
    names = sorted(path.name for path in sheet(talk).parent.glob("*.xlsx"))
    assert names == [f"review-talk-{DATE}-2.xlsx", f"review-talk-{DATE}-3.xlsx", f"review-talk-{DATE}.xlsx"]


def test_where_there_is_nothing_to_decide_nothing_is_written(talk, capsys):
    review(talk)
    fill(sheet(talk), lambda row: {"decision": "accept"} if row["coding"] else {})
    capsys.readouterr()
    review(talk)
    assert "There is nothing for anna to decide on: nothing was written." in capsys.readouterr().out
    assert len(list(sheet(talk).parent.glob("*.xlsx"))) == 1
    review(talk, "--all")
    shown = cells(sheet(talk, f"review-talk-{DATE}-2.xlsx"))
    assert len(shown) == 7 and shown[0]["others"].startswith("you accepted it")


def test_only_what_was_not_decided_on_comes_again(talk, capsys):
    review(talk)
    fill(sheet(talk), lambda row: {"decision": "reject"} if row["code"] == "support" else {"memo": "Hm."})
    capsys.readouterr()
    review(talk)
    again = cells(sheet(talk, f"review-talk-{DATE}-2.xlsx"))
    assert {row["code"] for row in again if row["coding"]} == {"clarity", "training"}
    assert "4 proposals to decide on (2 others decided already)." in capsys.readouterr().out


def test_sources_that_were_not_asked_for_are_told(talk, capsys):
    talk.write("transcripts/more.txt", TALK)
    talk.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nmore,more.txt,interview\n")
    assert talk.run(*STEPS) == 0
    review(talk, "--source", "more")
    assert "Left for another time: 6 in talk." in capsys.readouterr().out
    assert [path.name for path in sheet(talk).parent.glob("*.xlsx")] == [f"review-more-{DATE}.xlsx"]


def test_proposals_that_the_coder_gave_the_same_code_are_left_out(talk, capsys):
    """Not those on words with another code, nor with one that was withdrawn; decided ones count as decided."""
    mine = [
        {"source": "talk", "code": "support", "quote": "always there", "action": "apply", "at": "2026-01-01"},
        {"source": "talk", "code": "training", "quote": "The training helped", "action": "apply", "at": "2026-01-01"},
        {
            "source": "talk",
            "code": "training",
            "quote": "The training helped",
            "action": "withdraw",
            "at": "2026-01-02",
        },
    ]
    talk.codings("anna", mine)
    review(talk)
    told = capsys.readouterr().out
    assert (
        "5 proposals to decide on.\n1 more touches words to which anna gave the same code; --all shows them.\n" in told
    )
    rows = cells(sheet(talk))[:-1]
    assert "My mentor was always there." not in {row["quote"] for row in rows} and len(rows) == 5
    review(talk, "--all")
    assert "gave the same code" not in capsys.readouterr().out
    everything = cells(sheet(talk, f"review-talk-{DATE}-2.xlsx"))
    fill(sheet(talk), lambda row: {"decision": "reject"} if row["coding"] else {})
    review(talk)
    told = capsys.readouterr().out
    assert "There is nothing for anna to decide on: nothing was written.\n1 more touches words" in told
    rejected = [{"coding": row["coding"], "action": "reject"} for row in everything[:-1]]
    talk.codings("anna", mine[:1])
    talk.codings("anna", rejected, "rejected.csv")
    review(talk)
    assert "gave the same code" not in capsys.readouterr().out


def test_other_coders_codes_leave_no_proposal_out(talk):
    talk.codings("bob", [{"source": "talk", "code": "support", "quote": "always there"}])
    review(talk)
    assert len(cells(sheet(talk))) == 7


def test_earlier_sheets_of_a_source_are_told(talk, capsys):
    talk.write("transcripts/more.txt", TALK)
    talk.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\ntalk-more,more.txt,interview\n")
    assert talk.run(*STEPS) == 0
    review(talk, "--source", "talk-more")
    review(talk, coder="bob")
    capsys.readouterr()
    review(talk, "--source", "talk")
    assert "earlier sheet" not in capsys.readouterr().out, "of another source, and of another coder"
    review(talk, "--source", "talk")
    only = "decide on each proposal in one of them only."
    assert f"There is an earlier sheet: review-talk-{DATE}.xlsx; {only}" in capsys.readouterr().out
    review(talk, "--source", "talk")
    both = f"review-talk-{DATE}-2.xlsx and review-talk-{DATE}.xlsx"
    assert f"There are earlier sheets: {both}; {only}" in capsys.readouterr().out


def test_a_new_coder_is_not_named_like_someone_who_is_hidden(talk, problems_of):
    for name in ("ben", "Ben", "ben-2"):
        problems_of()
        review(talk, coder=name, code=1)
        wrong = f"'{name}' is a name that is to be hidden, and coders are named in tables. Use initials."
        assert wrong in problems_of()
    assert not (talk.path / "codings" / "ben").exists()
    talk.write("redactions.csv", "text,replacement,kind,decision\nBen,,,keep\n")
    assert talk.run(*STEPS) == 0
    review(talk, coder="ben")
    assert sheet(talk, coder="ben").exists()


def test_a_coder_who_is_named_so_already_goes_on(talk):
    talk.codings("ben", [DONE_ROW])
    review(talk, coder="ben")
    assert sheet(talk, coder="ben").exists()


def test_a_new_coder_gets_a_folder(talk):
    review(talk, coder="cleo")
    assert sheet(talk, coder="cleo").exists()
    assert decisions(talk, "cleo") == []


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (["--coder", "rules"], "no coder can be named 'rules'"),
        (["--coder", "Anna"], "Is it 'anna'?"),
        (["--coder", "../x"], "cannot be the name of a coder (found '../x')"),
        (["--coder", "anna", "--source", "tlk"], "there is no source 'tlk'. Is it talk?"),
        (["--coder", "anna", "--date", "1.4.2026"], "this is no date (found 1.4.2026)"),
        (["--coder", "anna", "--sample", "-1"], "so many units cannot be drawn (found -1)"),
        (["--coder", "anna", "--sample", "2", "--all"], "never holds a unit twice"),
        (["--coder", "anna", "--seed", "2"], "only a sample has a seed"),
    ],
)
def test_what_cannot_be_asked_for_is_told_and_nothing_written(talk, options, wrong, problems_of):
    problems_of()
    assert main(["review", str(talk.path), *options]) == 1
    assert wrong in problems_of()
    assert not list(talk.path.rglob("*.xlsx"))


def test_results_of_other_words_are_refused(talk, problems_of):
    talk.write("transcripts/talk.txt", TALK.replace("training", "course"))
    problems_of()
    review(talk, code=1)
    assert "was changed since the last run" in problems_of()
    assert not list(talk.path.rglob("*.xlsx"))


# --- what comes back -----------------------------------------------------------------------------------------------


def test_decisions_take_effect_when_the_sheet_is_saved(talk):
    review(talk, "--round", "2")

    def choose(row):
        if not row["coding"]:
            return {"decision": "done"}
        made = {"support": "accept", "training": "Clarity", "clarity": "reject"}[row["code"]]
        return {"decision": made, "memo": "=why", "use": "exemplar"} if made == "accept" else {"decision": made}

    fill(sheet(talk), choose)
    # openpyxl takes such a memo for a formula; a spreadsheet leaves it text in these cells.
    fill(sheet(talk), lambda row: {"memo": "why"} if row["memo"] else {})
    said = [(item.action, item["code"], item["use"], item["round"], item["memo"]) for item in decisions(talk)]
    assert sorted(said) == sorted(
        2 * [("accept", "", "exemplar", "2", "why")]
        + 2 * [("reject", "", "", "2", "")]
        + 2 * [("apply", "clarity", "", "2", "")]
        + 2 * [("reject", "", "", "2", "")]
        + [("done", "", "", "2", "")]
    )
    assert talk.run("open_codes") == 0
    assert talk.rows("unplaced") == []
    rows = talk.rows("open_codes")
    by_rule = {(row["code"], row["status"]) for row in rows if row["basis"] == "rule"}
    assert by_rule == {("support", "accepted"), ("training", "rejected"), ("clarity", "rejected")}
    assert sum(row["coder"] == "anna" and row["code"] == "clarity" for row in rows) == 3
    (coder,) = talk.rows("coders")
    assert coder["said"] == "true"


def test_a_sheet_that_was_just_written_says_nothing(talk):
    review(talk)
    assert decisions(talk) == []


# --- blind work ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("anna", "bob"), [(False, True), (True, False), (False, False)])
def test_a_sheet_is_the_same_whatever_others_did_before_both_are_done(talk, capsys, anna, bob):
    """Byte for byte: nothing of another coder's work is in the file, however it is looked at."""
    if anna:
        talk.codings("anna", [DONE_ROW], "done.csv")
    review(talk)
    alone = sheet(talk).read_bytes()
    sheet(talk).unlink()
    review(talk, coder="bob")
    fill(sheet(talk, coder="bob"), lambda row: {"decision": "reject", "memo": "Quagga."} if row["coding"] else {})
    talk.codings("bob", BOB if bob else BOB[:1])
    capsys.readouterr()
    review(talk)
    assert "independent" not in capsys.readouterr().out
    assert sheet(talk).read_bytes() == alone
    words = unzipped(sheet(talk)).lower()
    assert b">bob<" not in words and b"quagga" not in words and b"zebra" not in words


def test_when_both_are_done_a_sheet_tells_what_the_other_did(talk, capsys):
    talk.codings("anna", [DONE_ROW], "done.csv")
    talk.codings("bob", BOB)
    review(talk, coder="bob")
    fill(sheet(talk, coder="bob"), lambda row: {"decision": "accept"} if row["coding"] else {})
    capsys.readouterr()
    review(talk)
    told = capsys.readouterr().out
    assert "It shows what bob decided: decisions from now on are not independent.\n" in told
    assert "Give them a round of their own (--round), and report the agreement of the round before.\n" in told
    rows = cells(sheet(talk))
    assert rows[0]["others"] == "you coded it: clarity; bob accepted it; bob coded it: training"
    assert rows[2]["others"] == "bob accepted it"
    review(talk, "--round", "2")
    told = capsys.readouterr().out
    assert "not independent.\nReport the agreement of the round before.\n" in told and "--round" not in told
    assert b"zebra" not in unzipped(sheet(talk)).lower(), "codes and decisions are told, memos are not"


# --- samples -------------------------------------------------------------------------------------------------------


def test_a_sample_holds_units_and_nothing_of_rules(talk, capsys):
    review(talk, "--sample", "3", "--seed", "7")
    told = capsys.readouterr().out
    path = sheet(talk, f"sample-{DATE}.xlsx")
    rows = cells(path, "Sample")
    assert f"{path}: 3 utterances of 4, drawn at random (seed 7)." in told
    assert len({row["unit"] for row in rows}) == 3
    utterances = {row["utterance"]: row for row in talk.rows("utterances")}
    for row in rows:
        meant = utterances[row["unit"]]
        assert (row["text"], str(row["start"]), str(row["end"])) == (meant["text"], meant["start"], meant["end"])
        assert meant["role"] == "participant" and not any(row[f"code {number}"] for number in range(1, 6))
    header = list(rows[0])
    assert not {"evidence", "coding", "others", "name"} & set(header)
    assert "seed 7" in str(list(openpyxl.load_workbook(path)["Summary"].iter_rows(values_only=True)))
    again = openpyxl.load_workbook(path)["Codes"]
    assert [cell.value for (cell,) in again["A2:A6"]] == ["none", "help", "support", "training", "clarity"]


def test_samples_of_a_coder_never_hold_a_unit_twice(talk, capsys):
    review(talk, "--sample", "3")
    review(talk, "--sample", "3")
    assert "There are no more than these (asked for: 3): all were taken." in capsys.readouterr().out
    files = [sheet(talk, f"sample-{DATE}{which}.xlsx") for which in ("", "-2")]
    units = [row["unit"] for path in files for row in cells(path, "Sample")]
    assert len(units) == len(set(units)) == 4
    review(talk, "--sample", "1", code=1)
    assert "all 4 units of the study are in samples of anna already" in capsys.readouterr().err
    review(talk, "--sample", "4", coder="bob")
    assert len(cells(sheet(talk, f"sample-{DATE}.xlsx", "bob"), "Sample")) == 4


def test_a_sample_that_was_coded_counts_nowhere(talk):
    review(talk, "--sample", "4")
    fill(
        sheet(talk, f"sample-{DATE}.xlsx"),
        lambda row: {"code 1": "training", "code 2": "Clarity", "memo": row["unit"]},
        "Sample",
    )
    found = decisions(talk)
    assert {(item.action, item["code"], item.sample) for item in found} == {
        ("sampled", "", True), ("apply", "training", True), ("apply", "clarity", True),
    }  # fmt: skip
    assert talk.run("open_codes") == 0
    assert sum(row["basis"] == "human" for row in talk.rows("open_codes")) == 2
    assert talk.rows("unplaced") == []


def test_units_are_drawn_with_equal_chances_in_random_order():
    class Unit:
        def __init__(self, number):
            self.unit = f"talk:{number}"

    units = [Unit(number) for number in range(10)]
    draws = [[item.unit for item in draw(units, 3, str(seed))] for seed in range(2000)]
    first = [drawn[0] for drawn in draws]
    for unit in units:
        # Three standard errors of 2,000 draws around 0.3 and 0.1.
        assert abs(sum(unit.unit in drawn for drawn in draws) / 2000 - 0.3) < 0.031
        assert abs(first.count(unit.unit) / 2000 - 0.1) < 0.021
    assert draw(units, 3, "a") == draw(units[::-1], 3, "a")


# --- the consensus meeting -----------------------------------------------------------------------------------------


def test_the_consensus_gets_what_two_coders_coded(talk, capsys):
    review(talk, coder="consensus")
    assert "nothing was written" in capsys.readouterr().out
    talk.codings("bob", [{"source": "talk", "code": "training", "quote": "always there"}, *BOB[1:]])
    review(talk, coder="consensus")
    told = capsys.readouterr().out
    assert "3 passages, 3 to decide on (anna and bob)." in told and "consensus decides alone once it is done" in told
    path = sheet(talk, coder="consensus")
    rows = cells(path, "Meeting")
    fill(path, lambda row: {"decision": {"training": "accept", None: "done"}.get(row["code"])}, "Meeting")
    assert talk.run("open_codes") == 0
    counted = {(row["coder"], row["code"], row["quote"]) for row in talk.rows("open_codes") if row["counts"] == "true"}
    assert counted == {("consensus", "training", "always there")}
    assert [row["who"] for row in rows[:-1]] == ["anna only", "bob only", "anna only"]
    review(talk, coder="consensus")
    left = cells(sheet(talk, f"review-talk-{DATE}-2.xlsx", "consensus"), "Meeting")
    assert {row["code"] for row in left} - {None} == {"support", "clarity"}


def test_the_meeting_tells_who_may_still_code_blind(talk, capsys):
    talk.codings("bob", [{"source": "talk", "code": "training", "quote": "always there"}, DONE_ROW])
    review(talk, coder="consensus")
    warned = "In talk, {} did not say that they are done: do not open the sheet as long as they code blind."
    assert warned.format("anna") in capsys.readouterr().out
    talk.codings("anna", [DONE_ROW], "done.csv")
    review(talk, "--all", coder="consensus")
    assert "code blind" not in capsys.readouterr().out


def test_whose_word_counts_need_not_be_settled_to_meet_or_to_review(talk, capsys):
    talk.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\n")
    talk.codings("bob", [{"source": "talk", "code": "support", "quote": "always there"}])
    assert talk.run("open_codes") == 1
    assert "whose coding counts" in capsys.readouterr().err
    review(talk, coder="bob")
    review(talk, coder="consensus")
    fill(sheet(talk, coder="consensus"), lambda row: {} if row["code"] else {"decision": "done"}, "Meeting")
    assert talk.run("open_codes") == 0


# --- what sheets are made of ---------------------------------------------------------------------------------------


def test_categories_have_their_own_colour_or_one_of_the_palette(study):
    study.write("codebook.yaml", CODEBOOK.replace("    name: Clarity", "    colour: '#112233'\n    name: Clarity"))
    colours = category_colours(load_codebook(study.path / "codebook.yaml"))
    assert colours == {"help": PALETTE[0], "support": PALETTE[0], "training": PALETTE[0], "clarity": "#112233"}
    many = "codebook: B\ncodes:\n" + "".join(f"  - code: c{number}\n" for number in range(len(PALETTE) + 1))
    chosen = category_colours(load_codebook(study.write("codebook.yaml", many)))
    assert chosen["c0"] == chosen[f"c{len(PALETTE)}"] != chosen["c1"]


@given(
    said=st.lists(st.text("ab .", min_size=1, max_size=400).filter(str.strip), min_size=1, max_size=5),
    data=st.data(),
)
def test_what_stands_out_in_a_context_are_the_words_of_the_passage(said, data):
    turns, text = [], ""
    for number, words in enumerate(said):
        text += f"P{number}: "
        turns.append(Turn(f"P{number}", len(text), len(text) + len(words), words))
        text += words + "\n"
    first = data.draw(st.integers(0, len(turns) - 1))
    last = data.draw(st.integers(first, len(turns) - 1))
    start = data.draw(st.integers(turns[first].start, turns[first].end - 1))
    end = data.draw(st.integers(max(start, turns[last].start) + 1, turns[last].end))
    talk = Talk({"talk": turns}, {"talk": text}, set())
    shown, marked = talk.context("talk", start, end)
    assert [shown[slice(*place)] for place in marked] == [
        text[max(start, turn.start) : min(end, turn.end)] for turn in turns[first : last + 1]
    ]
    assert talk.speakers("talk", start, end) == ", ".join(turn.speaker for turn in turns[first : last + 1])
    assert [line.partition(":")[0] for line in shown.split("\n")] == [
        turn.speaker for turn in turns[max(0, first - 1) : last + 2]
    ]
