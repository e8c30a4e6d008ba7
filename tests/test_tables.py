import csv
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from qualcode import tables
from qualcode.cli import STEPS

ODD = (
    "007",
    "NA",
    "None",
    "null",
    'he said "no", twice',
    "two\nlines",
    "  padded  ",
    "1e5",
    "#N/A",
    "Élan\u2028é",
    "=1+1",
)
REFUSALS = (SchemaErrors, ValueError, TypeError, KeyError)
REAL = dict(tables.TABLES)
# A table of its own, so that new columns of the real ones change nothing here.
TALLY = tables.Table(
    "tally",
    "utterances",
    "shareable",
    "For these tests.",
    (
        tables.Column("source", "text", "-"),
        tables.Column("coder", "text", "-"),
        tables.Column("kind", "text", "-", ("human", "rule", "")),
        tables.Column("count", "integer", "-"),
        tables.Column("sure", "boolean", "-"),
        tables.Column("share", "number", "-", optional=True),
    ),
    ("source", "coder"),
)
ROW = {"source": "talk", "coder": "anna", "kind": "human", "count": 40, "sure": True, "share": 0.25}


@pytest.fixture(scope="module", autouse=True)
def _tally():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(tables.TABLES, "tally", TALLY)
        yield


def odd_rows(table: tables.Table) -> list[dict[str, object]]:
    """Rows of a table whose every cell is a cell that csv readers like to spoil."""
    rows = []
    for number, odd in enumerate(("", *ODD)):
        fill = {"integer": number, "number": number - 2.5, "boolean": number % 2 == 0, "text": odd}
        row = {column.name: fill[column.type] for column in table.columns}
        row |= {c.name: c.values[number % len(c.values)] for c in table.columns if c.values}
        rows.append(row)
    return rows if len({tuple(row[name] for name in table.key) for row in rows}) == len(rows) else rows[:2]


@pytest.mark.parametrize("name", REAL)
def test_a_table_comes_back_as_it_was_written(tmp_path, name):
    written = tables.frame(name, odd_rows(tables.TABLES[name]))
    tables.write(tmp_path, name, written)
    pd.testing.assert_frame_equal(tables.read(tmp_path, name), written)
    assert (tmp_path / tables.TABLES[name].file).is_file()


@pytest.mark.parametrize("name", REAL)
def test_an_empty_table_has_its_columns_and_types(tmp_path, name):
    tables.write(tmp_path, name, tables.frame(name, []))
    back = tables.read(tmp_path, name)
    assert len(back) == 0
    assert back.dtypes.to_dict() == tables.frame(name, odd_rows(tables.TABLES[name])).dtypes.to_dict()


@settings(deadline=None, max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n")))
def test_any_words_come_back(tmp_path_factory, words):
    folder = tmp_path_factory.mktemp("words")
    tables.write(folder, "tally", tables.frame("tally", [ROW | {"coder": words}]))
    assert list(tables.read(folder, "tally")["coder"]) == [words]


def test_a_carriage_return_in_a_memo_breaks_no_row(study):
    # csv quotes it only from Python 3.13 on; every reader takes it for the end of a row.
    memo = '"typed on an old\rMac"'
    study.write("codings/anna/coding.csv", f"source,code,quote,memo\ntalk,support,My mentor was always there.,{memo}\n")
    assert study.run("utterances", "parses", "open_codes") == 0
    read = tables.read(study.results, "open_codes")
    assert set(read["basis"]) == {"human", "rule"}
    (kept,) = read.loc[read["basis"] == "human", "memo"]
    assert kept.replace("\r", "\n") == "typed on an old\nMac"


def test_the_bytes_are_utf_8_with_plain_line_ends_and_fixed_decimals(tmp_path):
    rows = [ROW | {"coder": "é", "share": share, "count": n} for n, share in enumerate((0.12345, -0.00001, None))]
    rows = [row | {"source": f"s{row['count']}", "sure": row["count"] > 0} for row in rows]
    tables.write(tmp_path, "tally", tables.frame("tally", rows))
    assert (tmp_path / "tally.csv").read_bytes().decode() == (
        "source,coder,kind,count,sure,share\ns0,é,human,0,false,0.1235\ns1,é,human,1,true,0.0000\ns2,é,human,2,true,\n"
    )
    assert tables.read(tmp_path, "tally")["share"].isna().tolist() == [False, False, True]


HEADER = "source,coder,kind,count,sure,share\n"
SOUND = "talk,anna,human,40,true,0.25\n"
REFUSED = {
    "a column is missing": "source,coder,kind,count,share\ntalk,anna,human,40,0.25\n",
    "a column is unknown": "source,coder,kind,count,sure,share,mood\ntalk,anna,human,40,true,0.25,good\n",
    "words for a number": HEADER + SOUND.replace("40", "many"),
    "no number": HEADER + SOUND.replace("40", ""),
    "a fraction for a whole number": HEADER + SOUND.replace("40", "1.5"),
    "a word for true or false": HEADER + SOUND.replace("true", "maybe"),
    "neither true nor false": HEADER + SOUND.replace("true", ""),
    "a value that is not allowed": HEADER + SOUND.replace("human", "robot"),
    "the same key twice": HEADER + SOUND + SOUND.replace("40", "50"),
}


def test_a_sound_file_is_read(tmp_path):
    (tmp_path / "tally.csv").write_text(HEADER + SOUND, encoding="utf-8")
    assert tables.read(tmp_path, "tally").to_dict("records") == [ROW]


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_file_that_breaks_its_declaration_is_refused(tmp_path, text):
    (tmp_path / "tally.csv").write_text(text, encoding="utf-8")
    with pytest.raises(REFUSALS):
        tables.read(tmp_path, "tally")


@pytest.mark.parametrize(
    "rows",
    [
        [{key: value for key, value in ROW.items() if key != "count"}],
        [ROW | {"count": "many"}],
        [ROW | {"count": 1.5}],
        [ROW | {"sure": "maybe"}],
        [ROW | {"coder": None}],
        [ROW | {"kind": "robot"}],
        [ROW, ROW],
    ],
    ids=["missing column", "words for a number", "fraction", "no truth", "no words", "value not allowed", "same key"],
)
def test_what_breaks_the_declaration_is_not_written_and_the_earlier_table_stays(tmp_path, rows):
    tables.write(tmp_path, "tally", tables.frame("tally", [ROW]))
    with pytest.raises(REFUSALS):
        tables.write(tmp_path, "tally", pd.DataFrame(rows))
    assert (tmp_path / "tally.csv").read_text("utf-8") == HEADER + SOUND.replace("0.25", "0.2500")
    assert [path.name for path in tmp_path.iterdir()] == ["tally.csv"]


@pytest.mark.parametrize(
    ("value", "decimals", "rounded"),
    [(0.5, 0, 1), (12.5, 0, 13), (-12.5, 0, -13), (36.36, 0, 36), (2.675, 2, 2.68), (1.005, 2, 1.01), (0.05, 1, 0.1)],
)
def test_halves_are_rounded_away_from_zero(value, decimals, rounded):
    assert tables.round_half_up(value, decimals) == rounded


@pytest.mark.parametrize(
    ("part", "whole", "decimals", "shown"),
    [(1, 16, 1, 6.3), (1, 8, 0, 13), (1, 200, 0, 1), (12, 33, 0, 36), (12, 33, 1, 36.4), (7, 33, 0, 21), (0, 0, 1, 0)],
)
def test_percentages_round_halves_up_and_nothing_of_nothing_is_nothing(part, whole, decimals, shown):
    assert tables.percent(part, whole, decimals) == shown


@given(st.floats(-2, 2), st.integers(0, 4))
def test_no_cell_ever_says_minus_nothing(value, decimals):
    cell = tables._decimal(value, decimals)
    assert float(cell) != 0 or not cell.startswith("-")
    assert abs(float(cell) - value) <= 0.5 * 10**-decimals + 1e-12


@pytest.mark.parametrize("table", REAL.values(), ids=REAL)
def test_every_table_is_made_by_a_step_and_says_who_may_see_it(table):
    assert table.step in STEPS
    assert table.release in tables.RELEASES
    assert table.about
    assert all(column.about for column in table.columns)
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)


def test_no_table_that_goes_out_holds_words_of_people():
    shareable = [table for table in REAL.values() if table.release == "shareable"]
    assert shareable
    for table in shareable:
        assert not {"text", "quote", "quotation", "memo"} & {column.name for column in table.columns}, table.name


def test_the_dictionary_is_that_of_the_code():
    readme = Path(__file__).parents[1] / "results" / "README.md"
    assert readme.read_text(encoding="utf-8") == tables.dictionary(), "run `make docs`"


def test_the_dictionary_tells_of_every_table_column_and_value():
    told = tables.dictionary()
    for table in REAL.values():
        assert f"## {table.file}\n\n{table.about} Step `{table.step}`; {table.release}" in told
    assert "(participant, moderator, heading, withdrawn, empty) |" in told


FORMULAS = ("=1+1", "+A1", "-A1", "@SUM(1)", "\t=1", "'=1", "''-x", '=HYPERLINK("http://example.org";"x")', "- dash")


def test_words_that_would_be_formulas_are_guarded_in_what_goes_out_and_come_back(tmp_path):
    rows = [
        {"attribute": "a", "value": text, "of_participants": 1, "suppressed": True} for text in (*FORMULAS, "-5", "x")
    ]
    made = tables.frame("sample", rows)
    tables.write(tmp_path, "sample", made)
    pd.testing.assert_frame_equal(tables.read(tmp_path, "sample"), made)
    with (tmp_path / "sample.csv").open(encoding="utf-8", newline="") as handle:
        values = [row["value"] for row in csv.DictReader(handle)]
    assert values[:-2] == [f"'{text}" for text in FORMULAS]
    assert values[-2:] == ["-5", "x"]


@given(st.text("'=+-@ a5.\t"))
def test_a_guarded_text_comes_back(text):
    assert tables.unguarded(tables.guarded(text)) == text
    assert not re.match(r"[=+@\t-]", tables.guarded(text)) or re.fullmatch(r"[+-][0-9]+([.,][0-9]+)?", text)


def test_further_columns_come_back_as_text(tmp_path):
    made = pd.DataFrame({"participant": ["p1"], "source": [""], "=x": ["+y"], "support": [1]})
    tables.write(tmp_path, "cases", made)
    assert (tmp_path / "cases.csv").read_text("utf-8") == "participant,source,'=x,support\np1,,'+y,1\n"
    assert tables.read(tmp_path, "cases").to_dict("records") == [
        {"participant": "p1", "source": "", "=x": "+y", "support": "1"}
    ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice here: this test was not run")
def test_a_spreadsheet_computes_nothing_of_a_csv(tmp_path):
    rows = [{"attribute": "a", "value": text, "of_participants": 1, "suppressed": True} for text in FORMULAS]
    tables.write(tmp_path, "sample", tables.frame("sample", rows))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "sample.csv"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    sheet = openpyxl.load_workbook(tmp_path / "sample.xlsx").active
    shown = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in shown} == {"s"}
    assert [cell.value.lstrip("'").strip() for cell in shown] == [text.lstrip("'").strip() for text in FORMULAS]
