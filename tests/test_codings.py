"""Reading people's codings: tables of ours, names of sources and codes, what spreadsheets do to cells."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.codings import memos, read_codings
from qualcode.codings.mangling import became_another
from qualcode.codings.naming import Names
from qualcode.errors import Problems
from qualcode.files import schema
from qualcode.study import load_study

ROOT = Path(__file__).parents[1]


def read(study, problems: bool = False):
    """The decisions of a study's coders; with `problems` these too, as they are told."""
    loaded, found = load_study(study.path), Problems()
    decisions = read_codings(loaded, load_codebook(loaded.codebook), found)
    if problems:
        return decisions, list(map(str, found.found))
    assert not found.found
    return decisions


def xlsx(path: Path, rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def told(study, row: dict[str, str]) -> list[str]:
    """What is wrong with a row of anna's, without the file's name."""
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "always there"} | row])
    return [problem.split("coding.csv: ")[1] for problem in read(study, problems=True)[1]]


def test_rows_are_decisions_in_the_order_of_coder_file_and_row(study):
    study.codings("ben", [{"source": "talk", "action": "done"}], "b.csv")
    study.codings("ben", [{"coding": "0123456789AB", "action": "reject", "memo": "no"}], "a.csv")
    found = read(study)
    assert [(d.coder, d.path.name, d.number, d.place, d.action) for d in found] == [
        ("anna", "coding.csv", 2, "row 2", "apply"),
        ("anna", "coding.csv", 3, "row 3", "apply"),
        ("ben", "a.csv", 2, "row 2", "reject"),
        ("ben", "b.csv", 2, "row 2", "done"),
    ]
    assert found[2]["coding"] == "0123456789ab"
    assert list(memos(study.path / "codings/ben/a.csv")) == [("row 2", "no")]


@pytest.mark.parametrize("example", ["clinical-mentors", "student-teachers"])
def test_the_examples_are_read_whole(example):
    loaded, problems = load_study(ROOT / "data" / example), Problems()
    codebook = load_codebook(loaded.codebook)
    found = read_codings(loaded, codebook, problems)
    rows = 0
    for _, path in loaded.coding_files:
        with path.open(encoding="utf-8", newline="") as lines:
            rows += sum(1 for _ in csv.DictReader(lines))
    assert not problems.found and len(found) == rows > 0


_CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="=\ufffd\ufffe\uffff"), max_size=20
)
_ROW = st.fixed_dictionaries({"quote": _CELL, "memo": _CELL, "before": _CELL, "round": _CELL})


@settings(max_examples=40, deadline=None)
@given(st.lists(_ROW, min_size=1, max_size=5))
def test_cells_come_out_as_they_went_in(tmp_path_factory, rows):
    from conftest import CODEBOOK, PARTICIPANTS, TRANSCRIPT, StudyFolder

    study = StudyFolder(tmp_path_factory.mktemp("x") / "talks")
    for name, text in {"study.yaml": "title: T\ncodebook: codebook.yaml\n", "codebook.yaml": CODEBOOK}.items():
        study.write(name, text)
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\n")
    study.write("participants.csv", PARTICIPANTS)
    study.write("transcripts/talk.txt", TRANSCRIPT)
    rows = [{"source": "talk", "code": "support"} | row for row in rows]
    study.codings("anna", rows)
    xlsx(
        study.path / "codings/ben/coding.xlsx", [list(rows[0]), *([row[column] for column in rows[0]] for row in rows)]
    )
    found, _ = read(study, problems=True)
    for coder in ("anna", "ben"):
        assert [{c: d[c] for c in rows[0]} for d in found if d.coder == coder] == [
            {column: cell.strip() for column, cell in row.items()} for row in rows
        ]


def test_the_first_visible_sheet_is_read(study):
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    for title, code in (("one", "support"), ("two", "clarity")):
        sheet = book.create_sheet(title)
        sheet.append(["source", "code", "quote", "at"])
        sheet.append(["talk", code, "always there", datetime(2026, 3, 2, 10, 30)])
    sheet["C1"] = "comment"
    (study.path / "codings/ben").mkdir()
    book.save(study.path / "codings/ben/coding.xlsx")
    assert [(d["code"], d["at"]) for d in read(study) if d.coder == "ben"] == [("support", "2026-03-02T10:30")]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["Source", "code", "quote"], ["talk", "support", "always there"]),
        (["coding", "action"], ["0123456789ab", "accept"]),
        (["id", "document", "tag", "content"], ["1", "talk", "support", "always there"]),
    ],
)
def test_codings_on_a_further_sheet_are_not_lost_in_silence(study, header, row):
    path = xlsx(study.path / "codings/ben/coding.xlsx", [["source", "code", "quote"], ["talk", "clarity", "good"]])
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("more")
    sheet.append(header)
    sheet.append(row)
    book.save(path)
    _, problems = read(study, problems=True)
    assert len(problems) == 1 and "there are codings on more sheets than the first" in problems[0]


@pytest.mark.parametrize("column", ["action", "use", "start", "at", "coding"])
def test_words_and_names_that_stand_in_a_wrong_column_are_not_told(study, column):
    words = "I cried in the car park behind the gym, Ana said"
    for typed in (words, "Ana went home"):
        study.codings("anna", [{"source": "talk", "code": "support", "quote": "always there", column: typed}])
        (problem,) = read(study, problems=True)[1]
        assert "row 2" in problem and column in problem
        assert not re.search("cried|Ana ", problem), problem
        assert (f"a text of {len(words)} characters" in problem) == (typed == words)


def test_a_table_without_a_header_tells_no_words(study):
    study.write("codings/anna/coding.csv", "talk,support,I cried in the car park behind the gym with Ana\n")
    _, problems = read(study, problems=True)
    assert len(problems) == 3 and all("row 1: unknown column" in problem for problem in problems)
    assert not any("cried" in problem for problem in problems)


# --- names ---------------------------------------------------------------------------------------------------------


def test_sources_and_codes_are_named_by_their_ids_whatever_people_call_them(study):
    typed = [
        ("TALK", "Support"),
        ("talk.txt", " support "),
        ("talk.odt", "Help > SUPPORT"),
        ("Talk (2)", "help\\support"),
    ]
    study.codings("anna", [{"source": source, "code": code, "quote": "always there"} for source, code in typed])
    assert [(d["source"], d["code"]) for d in read(study)] == [("talk", "support")] * len(typed)


def names(study, sources: str = "", codebook: str = "") -> Names:
    if sources:
        study.write("sources.csv", f"source,file,kind\n{sources}")
        (study.path / "transcripts" / "talk.txt").unlink()
        for line in sources.splitlines():
            study.write(f"transcripts/{line.split(',')[1]}", "Ana: We met.\n")
    if codebook:
        study.write("codebook.yaml", codebook)
    loaded = load_study(study.path)
    return Names(loaded, load_codebook(loaded.codebook))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("p1", ["P1"]),
        ("P1_GMT2021.odt", ["P1"]),
        ("P10 anna", ["P10"]),
        ("P100", []),
        ("P2.txt", ["second"]),
        ("p2 (round 2)", ["second"]),
        ("group", ["group"]),
        ("Group-1", ["group-1"]),
        ("group-12", []),
        ("group anna", ["group"]),
        ("group-1-anna", ["group-1"]),
        ("long_name_of", ["third"]),
        ("long", ["third"]),
        ("lon", []),
        ("same", ["fourth", "same-too"]),
        ("", []),
    ],
)
def test_a_source_is_called_by_its_id_or_file_and_more_words_behind(study, typed, meant):
    listed = "P1,a1.txt\nP10,a10.txt\nsecond,P2.txt\ngroup,g.txt\ngroup-1,g1.txt\nthird,long_name_of_a_file.txt\n"
    listed += "fourth,same.txt\nsame-too,same.md\n"
    rows = "".join(f"{line},interview\n" for line in listed.splitlines())
    assert names(study, rows).sources(typed) == meant


BOOK = """codebook: B
codes:
  - code: good
    name: Benefits
    codes: [{code: time-1, name: Time}, {code: c-plus, name: "C+"}, {code: trust, formerly: [faith]}]
  - code: bad
    name: Barriers
    codes: [{code: time-2, name: time, formerly: [old]}, {code: c-minus, name: "C-"}, {code: split-a, formerly: [gone]}]
  - {code: far, name: "A > B", formerly: [gone], codes: [{code: deep, codes: [{code: deepest, name: Deepest of all}]}]}
"""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("time-1", ["time-1"]),
        ("TIME-2", ["time-2"]),
        ("faith", ["faith"]),
        ("Old", ["old"]),
        ("gone", ["gone"]),
        ("benefits", ["good"]),
        ("Time", ["time-1", "time-2"]),
        ("Benefits > Time", ["time-1"]),
        ("barriers\\ TIME", ["time-2"]),
        ("Benefits > Nothing", []),
        ("Nothing > Time", []),
        ("a > b", ["far"]),
        ("far > deepest of  all", ["deepest"]),
        ("deep > far", []),
        ("c+", ["c-plus"]),
        ("C", []),
        ("deepest_of-all", ["deepest"]),
        ("帮助", []),
        ("> Time", []),
        ("", []),
    ],
)
def test_a_code_is_called_by_its_id_a_former_id_its_name_or_a_path(study, typed, meant):
    assert names(study, codebook=BOOK).codes(typed) == meant


def test_a_name_of_two_codes_is_told_with_both_ids(study):
    study.write("codebook.yaml", BOOK)
    assert told(study, {"code": "Time"}) == ["row 2, code: 'Time' may be any of 'time-1', 'time-2'. Write the id."]


def test_what_is_not_known_stays_as_it_was_typed(study):
    study.codings("anna", [{"source": "Talks", "code": "Suport", "quote": "always there"}])
    assert [(d["source"], d["code"]) for d in read(study)] == [("Talks", "Suport")]


# --- what spreadsheets do ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["#NAME?", "#DIV/0!", "#N/A", "#NV", "#WERT!", "#¿NOMBRE?", "########", "Err:509"])
def test_errors_of_a_spreadsheet_are_told(study, cell):
    assert told(study, {"quote": cell}) == [
        f"row 2, quote: this is an error of the spreadsheet, and no words (found {cell}). "
        "What begins with =, +, - or @ is a formula to a spreadsheet: type it again with ' before it."
    ]


@pytest.mark.parametrize("cell", ["#1", "#metoo", "###", "# N/A", "Error: 509", "#NAME? she asked"])
def test_words_that_look_like_errors_are_words(study, cell):
    assert told(study, {"quote": cell}) == []


@pytest.mark.parametrize(
    ("cell", "sign"),
    [
        ("donâ€™t", "â€™"),
        ("cafÃ©", "Ã©"),
        ("Â£5", "Â£"),
        ("don‚Äôt", "‚Äô"),
        ("caf√©", "√©"),
        ("caf\ufffd", "\ufffd"),
        ("donÕt", "Õ"),
        ("cafŽ", "Ž"),
    ],
)
def test_lost_letters_are_told_unless_the_transcript_has_them_too(study, cell, sign):
    wrong = f"letters were lost when the table was saved (found {sign})"
    do = "Copy the words again, and save the table as xlsx, or as csv in UTF-8."
    assert told(study, {"quote": cell}) == [f"row 2, quote: {wrong}. {do}"]
    study.write("transcripts/talk.txt", f"Ana: We said {cell} then.\n")
    assert told(study, {"quote": cell}) == []
    assert told(study, {"memo": cell}) == [f"row 2, memo: {wrong}. {do}"]


@pytest.mark.parametrize("cell", ["CAFÉ»", "„MENÜ“", "«IRMû", "São ÃO", "naïve Â", "2 ‚Ä", "Škoda Õ", "NÕO"])
def test_letters_of_other_languages_are_not_lost_ones(study, cell):
    assert told(study, {"memo": cell}) == []


@pytest.mark.parametrize(
    ("coding", "wrong"),
    [
        ("1.23457E+11", "a spreadsheet took this id for a number (found 1.23457E+11). Format the column as text, and"),
        ("1,2e+30", "a spreadsheet took this id for a number (found 1,2e+30)"),
        ("12345678901", "a spreadsheet took the zeros before this id away (found 12345678901). Is it '012345678901'?"),
        ("0123456789ag", "the id of a coding is 12 of the signs 0-9 and a-f (found 0123456789ag)"),
        ("0123456789abc", "the id of a coding is 12 of the signs 0-9 and a-f (found 0123456789abc)"),
    ],
)
def test_ids_of_codings_that_became_numbers_are_told(study, coding, wrong):
    (found,) = told(study, {"coding": coding, "action": "reject"})
    assert found.startswith(f"row 2, coding: {wrong}")


@pytest.mark.parametrize(
    "at", ["2026-03-02", "2026-03-02T10:30", "2026-03-02 10:30:15.5", "2026-03-02T10:30:00+01:00", "2026-03-02T10:30Z"]
)
def test_dates_as_iso_8601_has_them_are_read(study, at):
    assert told(study, {"at": at}) == []


@pytest.mark.parametrize(
    "at", ["12/03/2026", "2.3.2026", "2026-13-01", "46083", "March 2", "2026-3-2", "2026-03-02T25:00"]
)
def test_other_dates_are_told_with_what_to_write(study, at):
    assert told(study, {"at": at}) == [
        f"row 2, at: '{at}' does not fit: a date is written year-month-day, with a time or without"
        " (2026-03-02, 2026-03-02T10:30)."
    ]


def test_dates_in_a_sheet_are_told_too(study):
    study.codings(
        "ben", [{"coding": "0123456789ab", "decision": "reject", "source": "talk", "at": "2.3.2026"}], "review.csv"
    )
    found, problems = read(study, problems=True)
    assert [(d.action, d["coding"]) for d in found if d.coder == "ben"] == [("reject", "0123456789ab")]
    assert len(problems) == 1 and "review.csv: row 2, at: '2.3.2026' does not fit" in problems[0]


def test_ids_that_became_numbers_or_dates_are_told_once_and_with_a_hint(study):
    study.write("sources.csv", "source,file,kind\n007,talk.txt,focus_group\n")
    study.write("codebook.yaml", "codebook: B\ncodes: [{code: 3-4}, {code: '012'}]\n")
    row = {"source": "7", "code": "4-Mar"}
    assert told(study, row) == [
        "row 2, source: there is no '7'. A spreadsheet takes the zeros before a number away. Is it '007'?",
        "row 2, code: there is no '4-Mar'. A spreadsheet may have made a date of it: format the column as text, and type it again.",
    ]
    assert [(d["source"], d["code"]) for d in read(study, problems=True)[0]] == [("", "")]
    assert told(study, {"source": "007", "code": "12"}) == [
        "row 2, code: there is no '12'. A spreadsheet takes the zeros before a number away. Is it '012'?"
    ]


@pytest.mark.parametrize("typed", ["2026-03-04", "04/03/2026", "Mar-04", "4. Mrz", "3E+05", "2026-03-04T10:30"])
def test_what_looks_like_a_date_or_a_number_is_taken_for_one(typed):
    assert became_another(typed, ["3-4"]) is not None


@pytest.mark.parametrize("typed", ["talk-3", "7", "march", "may", "a-1", "12th"])
def test_other_ids_are_only_unknown(typed):
    assert became_another(typed, ["3-4"]) is None


def test_a_quotation_that_was_cut_with_its_cell_is_told(study):
    for length in (32_767, 32_766):
        assert told(study, {"quote": "x" * length}) == [
            "row 2, quote: the quotation fills a cell of a spreadsheet (32,767 characters) and was cut there."
            " Divide it into several rows."
        ]
    assert told(study, {"quote": "x" * 32_000}) == told(study, {"quote": "x" * 33_000}) == []


def test_positions_that_became_numbers_with_exponents_are_told(study):
    (found,) = told(study, {"start": "1.2E+05"})
    assert found.startswith("row 2, start: '1.2E+05' does not fit: a position is a whole number")


def test_a_half_saved_xlsx_is_told_in_one_sentence_and_everything_else_with_it(study):
    path = xlsx(study.path / "codings/ben/coding.xlsx", [["source", "code", "quote"], ["talk", "support", "always"]])
    path.write_bytes(path.read_bytes()[:1500])
    study.codings("cleo", [{"source": "talk", "code": "support", "quote": "#REF!"}, {"coding": "12", "action": "nod"}])
    _, problems = read(study, problems=True)
    assert len(problems) == 4
    assert "this is no xlsx file, or a damaged one" in problems[0] and "\n" not in problems[0]
    assert ["row 3, action" in problems[1], "row 2, quote" in problems[2], "row 3, coding" in problems[3]] == [True] * 3


def test_a_csv_as_excel_saves_it_in_german_is_read(study):
    path = study.path / "codings/ben/coding.csv"
    path.parent.mkdir()
    path.write_bytes("source;code;quote;memo\r\ntalk;Support;always there;für „später“\r\n".encode("cp1252"))
    assert [(d["code"], d["memo"]) for d in read(study) if d.coder == "ben"] == [("support", "für „später“")]


def test_the_schema_names_what_docx_and_exports_give():
    assert {"before", "after"} <= set(schema("codings")["properties"])
