"""Surveys: ids, answers, attributes, what Qualtrics writes, and rows without number."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import left, read, said

from qualcode.errors import QualcodeError
from qualcode.files import TOLD

SURVEY = (
    'id,course,answer,more\n1,A,"The mentor, always there,\nhelped me a lot.",\n2,B,,I liked the long walks we took.\n'
)
QUALTRICS = [
    ["StartDate", "EndDate", "Status", "IPAddress", "ResponseId", "RecipientLastName", "LocationLatitude", "Q1", "Q2"],
    ["Start Date", "End Date", "Response Type", "IP Address", "Response ID", "Recipient Last Name", "Location Latitude",
     "What helped you most?", "Your school"],
    [f'{{"ImportId":"{name}"}}' for name in ("startDate", "endDate", "status", "ip", "_recordId", "last", "lat", "QID1", "QID2")],
    ["2024-01-01 10:00:00", "2024-01-01 10:05:00", "IP Address", "10.0.0.1", "R_1aB", "Reed", "48.1", "My mentor helped me most.", "A"],
    ["2024-01-01 11:00:00", "2024-01-01 11:05:00", "IP Address", "10.0.0.2", "R_2cD", "Ode", "48.2", "It was good to be heard.", "B"],
]  # fmt: skip


@pytest.fixture
def survey(tmp_path):
    """Reads a survey given as text or as rows."""

    def reading(table, **columns):
        if not isinstance(table, str):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(table)
            table = text.getvalue()
        path = tmp_path / "a.csv"
        path.write_bytes(table.encode())
        return read(path, "survey", **columns)

    return reading


def test_rows_are_respondents_and_columns_of_sentences_are_answers(survey):
    transcript = survey(SURVEY)
    assert [(turn.label, turn.question, turn.text, turn.place) for turn in transcript.turns] == [
        ("1", "answer", "The mentor, always there, helped me a lot.", "row 2"),
        ("2", "more", "I liked the long walks we took.", "row 3"),
    ]
    assert transcript.attributes == {"1": {"course": "A"}, "2": {"course": "B"}}
    assert left(transcript) == {
        "names of columns, and the rows of Qualtrics below them": 4,
        "ids of respondents: kept as who answered": 2,
        "attributes of respondents: kept as such": 2,
    }
    assert left(transcript, "columns") == {
        "columns read as answers: answer, more": 2,
        "columns read as attributes of respondents: course": 1,
    }
    assert left(transcript, "answers") == {"empty answers": 2}


def test_columns_can_be_named(survey):
    transcript = survey(SURVEY, id_column="id", text_columns=("more",))
    assert said(transcript) == [("2", "I liked the long walks we took.")]


def test_columns_that_tell_people_apart_stay_out(survey):
    rows = [[n, "AB"[n % 2], f"p{n}@x.example", f"Person {n}", "It was a very good year."] for n in range(8)]
    transcript = survey([["id", "course", "E-mail", "school", "answer"], *rows])
    assert transcript.attributes["1"] == {"course": "B"}
    assert left(transcript, "columns") == {
        "columns read as answers: answer": 1,
        "columns read as attributes of respondents: course": 1,
        "left out, because they tell who answered, when or from where: E-mail": 1,
        "left out, because nearly every value differs, as with names and addresses: school": 1,
    }


def test_an_export_of_qualtrics_with_three_header_rows(survey):
    transcript = survey(QUALTRICS)
    assert [(turn.label, turn.question, turn.text, turn.place) for turn in transcript.turns] == [
        ("R_1aB", "Q1", "My mentor helped me most.", "row 4"),
        ("R_2cD", "Q1", "It was good to be heard.", "row 5"),
    ]
    assert transcript.attributes == {"R_1aB": {"Q2": "A"}, "R_2cD": {"Q2": "B"}}
    (note,) = [note for note in left(transcript, "columns") if "tell who" in note]
    assert note.endswith(": StartDate, EndDate, Status, IPAddress, RecipientLastName, LocationLatitude")


def test_an_older_export_of_qualtrics_with_two_header_rows(survey):
    transcript = survey([*QUALTRICS[:2], *QUALTRICS[3:]])
    assert said(transcript) == [("R_1aB", "My mentor helped me most."), ("R_2cD", "It was good to be heard.")]
    assert survey([QUALTRICS[0], *QUALTRICS[3:]], id_column="ResponseId").turns == [
        turn.__class__(turn.label, turn.text, f"row {n}", "Q1") for n, turn in enumerate(transcript.turns, 2)
    ]


def test_columns_that_qualtrics_calls_its_own_may_be_questions_elsewhere(survey):
    transcript = survey(
        "id,Status,Progress,answer\n1,single,good,I was happy with it.\n2,single,bad,I was sad about it.\n"
    )
    assert transcript.attributes["2"] == {"Status": "single", "Progress": "bad"}


def test_metadata_are_read_where_they_are_named(survey):
    transcript = survey(QUALTRICS, text_columns=("RecipientLastName",))
    assert said(transcript) == [("R_1aB", "Reed"), ("R_2cD", "Ode")]


def test_a_first_column_that_names_people_is_not_taken_for_ids(survey):
    with pytest.raises(QualcodeError, match=r"the first column \('name'\) does not look like ids"):
        survey("name,answer\nAna Brennan,It was a very good year.\n")
    with pytest.raises(QualcodeError, match=r"the first column \('Timestamp'\) does not look like ids"):
        survey("Timestamp,answer\n2024/01/01 10:00:00,It was a very good year.\n")


def test_problems_of_a_survey_are_told_together(survey):
    with pytest.raises(QualcodeError) as raised:
        survey(SURVEY, id_column="no", text_columns=("reply",))
    assert "no column 'no'" in str(raised.value) and "no column 'reply'. The columns are: id, course" in str(
        raised.value
    )
    with pytest.raises(QualcodeError) as raised:
        survey("id,answer\n1,so it is for me\n1,so it was for him\n,so it is for all\n2,so it,is for no one\n")
    told = str(raised.value)
    assert "row 3: the respondent '1' stands already in row 2" in told and "row 4: the column 'id' is empty" in told
    assert "row 5: there are 3 cells, but the header names 2" in told
    with pytest.raises(QualcodeError, match="no column holds sentences"):
        survey("id,score\n1,2\n")


def test_a_fault_in_every_row_is_told_a_few_times(survey):
    rows = "".join("7,so it is for me and him\n" for _ in range(500))
    with pytest.raises(QualcodeError) as raised:
        survey("id,answer\n" + rows)
    assert len(raised.value.problems) == TOLD + 1
    assert f"{499 - TOLD} more rows have no id of their own. Is that the column of ids?" in str(raised.value)
    with pytest.raises(QualcodeError) as raised:
        survey("id,answer\n" + rows.replace(" and ", ","))
    assert f"{500 - TOLD} more rows have more cells than the header names" in str(raised.value)


def test_a_survey_may_be_an_xlsx_file(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in QUALTRICS:
        book.active.append(row)
    book.create_sheet().append(["two words"])
    book.save(tmp_path / "a.xlsx")
    transcript = read(tmp_path / "a.xlsx", "survey")
    assert said(transcript) == [("R_1aB", "My mentor helped me most."), ("R_2cD", "It was good to be heard.")]
    assert left(transcript)["sheets behind the first"] == 2


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ["a,b", 'say "hi"', "one\ntwo", "e\u0301 x", "\u2028a", "👩‍👩‍👧 ok", " x ", "=1+1", "'", "007"]
)


@settings(max_examples=150)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_no_word_of_any_survey_is_lost(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("survey") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["id", "a", "b", "c"], *([n, *row] for n, row in enumerate(rows))])
    try:
        transcript = read(path, "survey", text_columns=("a", "b"))
    except QualcodeError as error:
        assert "holds no words" in str(error)
        assert not any(cell.strip() for row in rows for cell in row[:2])
        return
    assert [turn.label for turn in transcript.turns] == [
        str(n) for n, row in enumerate(rows) for cell in row[:2] if cell.strip()
    ]


def test_a_survey_takes_little_memory_beside_its_answers(tmp_path):
    """Measured on 20,000 rows: 1,000,000 answers must fit into 800 MB with their ids and attributes."""
    rows = 20_000
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as handle:
        handle.write("id,course,age,answer\n")
        handle.writelines(f"r{n:06},{'AB'[n % 2]},{n % 60},{'a word ' * 6} {n}\n" for n in range(rows))
    tracemalloc.start()
    try:
        transcript = read(path, "survey")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(transcript.turns) == rows
    assert peak < 800 * rows


def test_a_second_header_is_no_respondent(survey):
    transcript = survey("ResponseId,Q1\nResponse ID,What helped you most of all?\nR_1,My mentor helped me a lot.\n")
    assert said(transcript) == [("R_1", "My mentor helped me a lot.")]


def test_ids_need_letters_or_digits(survey):
    with pytest.raises(QualcodeError, match="row 2: no id can be made of 'Анна'"):
        survey("id,a\nАнна,My mentor helped me a lot.\n", id_column="id")
