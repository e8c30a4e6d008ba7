"""What agreement says of work that may be missing: sources nobody said done in, rows without a place or a round."""

from __future__ import annotations

import openpyxl
import pytest
from two_coders import EXPECTATIONS, MENTOR, STEPS, SUPPORT, WORDLESS, coding, settings

from qualcode.cli import main

DONE = {"source": "talk", "action": "done"}
NOWHERE = coding("support", "Words that no one said in all of this talk, not even nearly.")


def notes(study, **wanted: str) -> set[str]:
    """The single notes of the rows of utterances that are asked for, pooled and of all sources unless `wanted` says so."""
    wanted = {"unit": "utterance", "code": "all", "scope": "all", "round": "", **wanted}
    rows = [row for row in study.rows("agreement") if all(row[key] == value for key, value in wanted.items())]
    assert rows
    return {note for row in rows for note in row["note"].split("; ")}


def about(found: set[str], *words: str) -> set[str]:
    return {note for note in found if any(word in note for word in words)}


CAREFUL = ("has not said done", "no place", "in no round")


@pytest.fixture
def coded(study):
    """Two coders, of whom neither said done."""
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", MENTOR)])
    return study


# --- done ----------------------------------------------------------------------------------------------------------


def unsaid(*coders: str, where: str = "talk") -> set[str]:
    return {f"{who} has not said done in {where}: what {who} had not come to counts as not coded" for who in coders}


def test_who_has_not_said_done_is_told_where_all_is_pooled_and_only_there(coded):
    assert coded.run(*STEPS) == 0
    assert about(notes(coded), *CAREFUL) == unsaid("anna", "ben")
    assert not about(notes(coded, code="support"), *CAREFUL)
    coded.codings("ben", [DONE], "done.csv")
    coded.run("open_codes", "agreement")
    assert about(notes(coded), *CAREFUL) == unsaid("anna")
    coded.codings("anna", [DONE], "done.csv")
    coded.run("open_codes", "agreement")
    assert not about(notes(coded), *CAREFUL)


def test_who_says_how_far_they_are_is_not_told(coded):
    coded.codings("ben", [{**DONE, "quote": "The timing of our meetings was good."}], "done.csv")
    coded.run(*STEPS)
    assert about(notes(coded), *CAREFUL) == unsaid("anna")


def test_a_done_row_that_finds_no_place_says_nothing(coded):
    coded.codings("ben", [{**DONE, "quote": NOWHERE["quote"]}], "done.csv")
    coded.run(*STEPS)
    assert about(notes(coded), *CAREFUL) == unsaid("anna", "ben")


def test_sources_are_counted_and_only_those_that_are_compared(coded):
    coded.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nlater,later.txt,interview\n")
    coded.write("transcripts/later.txt", "Interviewer: And now?\nAna: My mentor left.\nBen: Mine stayed.\n")
    coded.codings("anna", [coding("support", "My mentor left.", source="later")], "later.csv")
    coded.codings("anna", [DONE], "done.csv")
    coded.run(*STEPS)
    assert about(notes(coded), *CAREFUL) == unsaid("ben")
    coded.codings("ben", [coding("support", "My mentor left.", source="later")], "later.csv")
    coded.run("open_codes", "agreement")
    assert about(notes(coded), *CAREFUL) == unsaid("anna", where="later") | unsaid("ben", where="2 sources")
    assert not about(notes(coded, scope="talk"), *CAREFUL)


def test_rules_are_never_told(coded):
    coded.write("codebook.yaml", WORDLESS.replace("- code: training", "- {code: training, words: [training]}"))
    coded.codings("ben", [DONE], "done.csv")
    coded.run(*STEPS)
    assert not about(notes(coded, coder_a="ben", coder_b="rules"), *CAREFUL)
    assert about(notes(coded, coder_a="anna", coder_b="rules"), *CAREFUL) == unsaid("anna")


# --- no place ------------------------------------------------------------------------------------------------------


def test_rows_without_a_place_are_told_with_whose_they_are(coded):
    for coder in ("anna", "ben"):
        coded.codings(coder, [DONE], "done.csv")
    gone = {"source": "talk", "action": "accept", "coding": "0123456789ab"}
    coded.codings("ben", [{**NOWHERE, "action": "apply"}], "more.csv")
    coded.run(*STEPS)
    assert about(notes(coded), *CAREFUL) == {"1 row of ben has no place, and counts as not coded"}
    assert not about(notes(coded, code="support"), *CAREFUL)
    coded.codings("anna", [{**NOWHERE, "action": action} for action in ("apply", "withdraw")], "more.csv")
    coded.codings("ben", [gone], "review.csv")
    coded.run("open_codes", "agreement")
    assert about(notes(coded), *CAREFUL) == {
        "1 row of anna has no place, and counts as not coded",
        "2 rows of ben have no place, and count as not coded",
    }


# --- rounds --------------------------------------------------------------------------------------------------------


def test_rows_of_no_round_are_told_beside_the_rounds(coded):
    for coder in ("anna", "ben"):
        row = {**coding("clarity", EXPECTATIONS), "round": "1", "at": "2026-03-03"}
        coded.codings(coder, [row], "first.csv")
        coded.codings(coder, [DONE], "done.csv")
    coded.codings("ben", [coding("support", MENTOR), coding("training", SUPPORT)], "more.csv")
    coded.run(*STEPS)
    rows = [row for row in coded.rows("decisions") if row["action"] == "apply" and not row["round"]]
    own = [sum(row["coder"] == coder for row in rows) for coder in ("anna", "ben")]
    assert own == [2, 3]
    assert about(notes(coded, round="1"), *CAREFUL) == {
        "2 rows of anna are in no round: left out",
        "3 rows of ben are in no round: left out",
    }
    assert not about(notes(coded, round="1", code="clarity"), *CAREFUL)
    assert not about(notes(coded), *CAREFUL)


def test_a_round_tells_rows_of_its_own_that_have_no_place(coded):
    for coder, rows in (("anna", []), ("ben", [NOWHERE])):
        own = [coding("clarity", EXPECTATIONS), *rows]
        coded.codings(coder, [{**row, "round": "1", "at": "2026-03-03"} for row in own], "first.csv")
        coded.codings(coder, [DONE], "done.csv")
    coded.run(*STEPS)
    assert about(notes(coded, round="1"), "no place") == {"1 row of ben has no place, and counts as not coded"}


# --- random samples ------------------------------------------------------------------------------------------------


def fill(path, *codes: str) -> None:
    """Fill in the first code of as many units of a sample."""
    workbook = openpyxl.load_workbook(path)
    page = workbook["Sample"]
    column = next(cell.column for cell in page[1] if cell.value == "code 1")
    for number, code in enumerate(codes, 2):
        page.cell(number, column).value = code or None
    workbook.save(path)


def test_rho_waits_for_the_units_of_a_sample_that_nobody_filled_in(study):
    settings(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, words: [mentor]}\n")
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    lines = "".join(f"Ana: {'My mentor' if n % 3 else 'Someone'} said this, and that was day {n}.\n" for n in range(40))
    study.write("transcripts/talk.txt", f"Interviewer: And?\n{lines}")
    assert study.run("utterances", "parses") == 0
    assert main(["review", str(study.path), "--coder", "anna", "--date", "2026-04-01", "--sample", "20"]) == 0
    path = study.path / "codings" / "anna" / "sample-2026-04-01.xlsx"

    def figures():
        assert study.run("open_codes", "agreement") == 0
        return next(row for row in study.rows("rule_quality") if row["code"] == "support")

    said = "of 20 units of the random sample are not decided yet ('none' says that no code fits): rho waits for them"
    nothing = figures()
    assert (nothing["sample_units"], nothing["sample_kappa"], nothing["rho"]) == ("0", "", "")
    assert f"20 {said}" in nothing["note"]
    texts = [row[1] for row in openpyxl.load_workbook(path)["Sample"].iter_rows(min_row=2, values_only=True)]
    codes = ["support" if "mentor" in text else "none" for text in texts]
    fill(path, *codes[:10])
    half = figures()
    assert (half["sample_units"], half["sample_kappa"], half["rho"]) == ("10", "", "")
    assert f"10 {said}" in half["note"]
    marked = [(row["action"], row["sample"]) for row in study.rows("decisions")]
    assert marked.count(("note", "true")) == 10 and study.rows("unplaced") == []
    fill(path, *codes)
    whole = figures()
    assert (whole["sample_units"], whole["sample_kappa"]) == ("20", "1.0000") and 0 <= float(whole["rho"]) < 0.2
    assert "not decided" not in whole["note"]
