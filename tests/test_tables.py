import csv
from pathlib import Path

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
CODER = {"source": "talk", "coder": "anna", "done_to": 40, "counts": True}


def odd_rows(table: tables.Table) -> list[dict[str, object]]:
    """Rows of a table whose every cell is a cell that csv readers like to spoil."""
    rows = []
    for number, odd in enumerate(("", *ODD)):
        fill = {"integer": number, "number": number - 2.5, "boolean": number % 2 == 0, "text": odd}
        row = {column.name: fill[column.type] for column in table.columns}
        row |= {c.name: c.values[number % len(c.values)] for c in table.columns if c.values}
        rows.append(row)
    return rows if len({tuple(row[name] for name in table.key) for row in rows}) == len(rows) else rows[:2]


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_comes_back_as_it_was_written(tmp_path, name):
    written = tables.frame(name, odd_rows(tables.TABLES[name]))
    tables.write(tmp_path, name, written)
    pd.testing.assert_frame_equal(tables.read(tmp_path, name), written)
    assert (tmp_path / tables.TABLES[name].file).is_file()


@pytest.mark.parametrize("name", tables.TABLES)
def test_an_empty_table_has_its_columns_and_types(tmp_path, name):
    tables.write(tmp_path, name, tables.frame(name, []))
    back = tables.read(tmp_path, name)
    assert len(back) == 0
    assert back.dtypes.to_dict() == tables.frame(name, odd_rows(tables.TABLES[name])).dtypes.to_dict()


@settings(deadline=None, max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n")))
def test_any_words_come_back(tmp_path_factory, words):
    folder = tmp_path_factory.mktemp("words")
    tables.write(folder, "coders", tables.frame("coders", [CODER | {"coder": words}]))
    assert list(tables.read(folder, "coders")["coder"]) == [words]


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
    row = {"theme": 1, "code": "é", "overlap": 0.12345, "similarity": -0.00001, "novelty": 1}
    tables.write(tmp_path, "theme_codes", tables.frame("theme_codes", [row]))
    expected = "theme,code,overlap,similarity,novelty\n1,é,0.1235,0.0000,1.0000\n"
    assert (tmp_path / "theme_codes.csv").read_bytes() == expected.encode()


def test_a_figure_that_is_not_defined_is_an_empty_cell(tmp_path):
    columns = [column.name for column in tables.TABLES["agreement"].columns]
    row = dict.fromkeys(columns, 0) | {"code": "all", "coder_a": "a", "coder_b": "b", "unit": "utterance", "scope": "x"}
    tables.write(tmp_path, "agreement", tables.frame("agreement", [row | {"kappa": None}]))
    with (tmp_path / "agreement.csv").open(encoding="utf-8") as handle:
        assert next(csv.DictReader(handle))["kappa"] == ""
    assert tables.read(tmp_path, "agreement")["kappa"].isna().all()


REFUSED = {
    "a column is missing": "source,coder,done_to\ntalk,anna,40\n",
    "a column is unknown": "source,coder,done_to,counts,mood\ntalk,anna,40,true,good\n",
    "words for a number": "source,coder,done_to,counts\ntalk,anna,far,true\n",
    "no number": "source,coder,done_to,counts\ntalk,anna,,true\n",
    "a fraction for a whole number": "source,coder,done_to,counts\ntalk,anna,1.5,true\n",
    "a word for true or false": "source,coder,done_to,counts\ntalk,anna,40,maybe\n",
    "neither true nor false": "source,coder,done_to,counts\ntalk,anna,40,\n",
    "the same key twice": "source,coder,done_to,counts\ntalk,anna,40,true\ntalk,anna,50,true\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_file_that_breaks_its_declaration_is_refused(tmp_path, text):
    (tmp_path / "coders.csv").write_text(text, encoding="utf-8")
    with pytest.raises((SchemaErrors, ValueError, KeyError)):
        tables.read(tmp_path, "coders")


@pytest.mark.parametrize(
    "rows",
    [
        [{key: value for key, value in CODER.items() if key != "done_to"}],
        [CODER | {"done_to": "far"}],
        [CODER | {"done_to": 1.5}],
        [CODER | {"counts": "maybe"}],
        [CODER | {"coder": None}],
        [CODER, CODER],
    ],
    ids=["missing column", "words for a number", "fraction", "neither true nor false", "no words", "same key"],
)
def test_what_breaks_the_declaration_is_not_written_and_the_earlier_table_stays(tmp_path, rows):
    tables.write(tmp_path, "coders", tables.frame("coders", [CODER]))
    before = (tmp_path / "coders.csv").read_bytes()
    with pytest.raises((SchemaErrors, ValueError, KeyError)):
        tables.write(tmp_path, "coders", pd.DataFrame(rows))
    assert (tmp_path / "coders.csv").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["coders.csv"]


def test_values_that_a_column_does_not_allow_are_refused(tmp_path):
    row = {"subject": "participant", "id": "p1", "attribute": "school", "value": "primary"}
    tables.write(tmp_path, "attributes", tables.frame("attributes", [row]))
    with pytest.raises(SchemaErrors, match="person"):
        tables.write(tmp_path, "attributes", tables.frame("attributes", [row | {"subject": "person"}]))


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


@pytest.mark.parametrize("table", tables.TABLES.values(), ids=tables.TABLES)
def test_every_table_is_made_by_a_step_and_says_who_may_see_it(table):
    assert table.step in STEPS
    assert table.release in tables.RELEASES
    assert table.about
    assert all(column.about for column in table.columns)
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)


def test_no_table_that_goes_out_holds_words_of_people():
    shareable = [table for table in tables.TABLES.values() if table.release == "shareable"]
    assert shareable
    for table in shareable:
        assert not {"text", "quote", "quotation", "memo"} & {column.name for column in table.columns}, table.name


def test_the_dictionary_is_that_of_the_code():
    readme = Path(__file__).parents[1] / "results" / "README.md"
    assert readme.read_text(encoding="utf-8") == tables.dictionary(), "run `make docs`"


def test_the_dictionary_tells_of_every_table_column_and_value():
    told = tables.dictionary()
    for table in tables.TABLES.values():
        assert f"## {table.file}\n\n{table.about} Step `{table.step}`; {table.release}" in told
    assert "| role | text | participant or moderator (empty: a document) (participant, moderator, empty) |" in told
