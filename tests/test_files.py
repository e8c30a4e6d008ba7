from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import Problems, QualcodeError
from qualcode.files import (
    check_document,
    check_rows,
    decode,
    encoding_of,
    grid,
    line_of,
    read_rows,
    replacing,
    schema,
    with_defaults,
    write_text,
)
from qualcode.yaml_files import read_yaml


@pytest.mark.parametrize(
    ("data", "text", "warned"),
    [
        ("café".encode(), "café", False),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "café", False),
        ("café".encode("utf-16"), "café", False),
        ("café – “so”".encode("cp1252"), "café – “so”", True),
    ],
)
def test_decoding_never_guesses(tmp_path, data, text, warned):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    found, warning = decode(path)
    assert found == text
    assert bool(warning) == warned


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"caf\xe9 \x81", "byte 3: this is neither UTF-8"),
        (b"\xff\xfea", "byte 2: this is neither UTF-8"),
        (b"a" * 3_000_000 + b"\xe9\x81", "byte 3000000: this is neither UTF-8"),
        (bytes(200), "this is no text: 200 of its 200 bytes are control characters"),
        ("text without a mark".encode("utf-16-le"), "If it is text in UTF-16, save it as UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path, data, told):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    for reading in (decode, encoding_of):
        with pytest.raises(QualcodeError, match=told):
            reading(path)


def test_stray_control_characters_do_not_make_a_text_binary(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x00\x01" + b"so it goes " * 10)
    assert decode(path) == ("\x00\x01" + "so it goes " * 10, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 5])
def test_an_encoding_is_found_in_pieces_as_in_the_whole(tmp_path, monkeypatch, encoding, chunk):
    monkeypatch.setattr("qualcode.files._CHUNK", chunk)
    path = tmp_path / "a.txt"
    for text in ("aé👩‍👩‍👧\u2028ß", "é", "👧"):
        path.write_bytes(text.encode(encoding))
        if chunk > 1 or encoding != "utf-16":  # a mark of two bytes has no half
            assert text.encode(encoding).decode(encoding_of(path)[0]) == text == decode(path)[0]
    path.write_bytes("aé ß".encode("cp1252"))
    assert encoding_of(path) == ("cp1252", "read as Windows-1252, because it is not valid UTF-8")


def test_cells_stay_as_typed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c,d\n007,1E5,None,NA\n\n,,,\n x ,,,\n", encoding="utf-8")
    header, rows = read_rows(path)
    assert header == ["a", "b", "c", "d"]
    assert [row.cells for row in rows] == [
        {"a": "007", "b": "1E5", "c": "None", "d": "NA"},
        {"a": "x", "b": "", "c": "", "d": ""},
    ]
    assert [row.number for row in rows] == [2, 5]


def test_semicolons_and_line_breaks_in_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('a;b\r\n"one\r\ntwo\u2028three";2\r\n'.encode())
    _, rows = read_rows(path)
    assert rows[0].cells == {"a": "one\ntwo\u2028three", "b": "2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_row_by_row_in_every_encoding(tmp_path, encoding, end):
    path = tmp_path / "a.csv"
    path.write_bytes(f'"a, b";c{end}"é{end}“x”";2{end}{end}3;4{end}'.encode(encoding))
    rows = grid(path)
    assert next(rows) == (1, ["a, b", "c"])
    assert list(rows) == [(2, ["é\n“x”", "2"]), (3, []), (4, ["3", "4"])]


def test_a_quotation_mark_that_is_never_closed_takes_no_rows_along(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,two\n2,"three\n3,four\n', encoding="utf-8")
    with pytest.raises(QualcodeError, match=r"line 3: this is not a csv table \(unexpected end of data\). Put cells"):
        read_rows(path)


def test_the_first_sheet_is_the_table_and_further_ones_can_be_told(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.create_sheet().append([None, "b c"])
    book.save(tmp_path / "a.txt")
    told = []
    assert list(grid(tmp_path / "a.txt", told.append)) == [(1, ["a"])] == list(grid(tmp_path / "a.txt"))
    assert told == ["", "b c"]


def test_xlsx_reads_like_csv(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([7, "=1+1 is text"])
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    _, rows = read_rows(tmp_path / "a.xlsx")
    assert rows[0].cells == {"a": "7", "b": "=1+1 is text"}


def test_every_fault_of_a_table_is_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,a,,b\n1,2,3,4,5\n", encoding="utf-8")
    with pytest.raises(QualcodeError) as raised:
        read_rows(path)
    told = str(raised.value)
    assert "'a' stands twice" in told and "column 3: the column has no name" in told and "row 2" in told


@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\x0b\x85")),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
    )
)
def test_any_cell_survives_a_csv(tmp_path_factory, grid):
    import csv

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([["a", "b"], *grid])
    _, rows = read_rows(path)
    assert [[row.cells["a"], row.cells["b"]] for row in rows] == [
        [cell.strip() for cell in cells] for cells in grid if any(cell.strip() for cell in cells)
    ]


def test_yaml_keeps_text_as_text_and_refuses_duplicates(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("answer: yes\nlist:\n  - a\n  - b\n", encoding="utf-8")
    document = read_yaml(path)
    assert document["answer"] == "yes"
    assert line_of(document, ["list", 1]) == 4
    path.write_text("a: 1\nb: 2\na: 3\n", encoding="utf-8")
    with pytest.raises(QualcodeError, match=r"line 3: the key 'a' stands twice"):
        read_yaml(path)
    path.write_text("a: &x [1]\nb: *x\n", encoding="utf-8")
    with pytest.raises(QualcodeError, match="anchors"):
        read_yaml(path)
    path.write_text("a: [1\nb: 2\n", encoding="utf-8")
    with pytest.raises(QualcodeError, match="not valid YAML"):
        read_yaml(path)


def test_problems_of_a_document_have_lines_and_suggestions(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("title: 12\ncodebook: a.yaml\nrulez: apply\nthemes:\n  number: 1\nrules: maybe\n", encoding="utf-8")
    problems = Problems()
    check_document(read_yaml(path), "study", path, problems)
    told = [str(problem) for problem in problems.found]
    assert any("line 3: unknown key 'rulez'. Did you mean 'rules'?" in line for line in told)
    assert any("line 1: 'title' must be text (found 12). Put it in quotation marks." in line for line in told)
    assert any("line 6: 'maybe' is not allowed here. Use one of: propose, apply." in line for line in told)
    assert any("line 5" in line for line in told)


def test_rows_are_checked_with_their_numbers(tmp_path):
    path = tmp_path / "redactions.csv"
    path.write_text("text,decision,wrong\nHill,redact,\n,keep,\n", encoding="utf-8")
    header, rows = read_rows(path)
    problems = Problems()
    check_rows(header, rows, "redactions", path, problems)
    told = "\n".join(map(str, problems.found))
    assert "unknown column 'wrong'" in told
    assert "row 2" not in told, "what follows from a misspelt column is not told"
    path.write_text("text,decision\nHill,redact\n,keep\n", encoding="utf-8")
    header, rows = read_rows(path)
    check_rows(header, rows, "redactions", path, problems)
    told = "\n".join(map(str, problems.found))
    assert "row 2: 'replacement' is missing" in told
    assert "row 3: 'text' is missing" in told


def test_a_misspelt_column_is_no_attribute(tmp_path):
    path = tmp_path / "participants.csv"
    path.write_text("participant,role,name,quote-consent,course\np1,participant,Ann,no,x\n", encoding="utf-8")
    header, rows = read_rows(path)
    problems = Problems()
    check_rows(header, rows, "participants", path, problems)
    told = [str(problem) for problem in problems.found]
    assert len(told) == 2
    assert "the column 'name' looks misspelt. Did you mean 'names'?" in told[0]
    assert "Did you mean 'quote_consent'?" in told[1]


def test_defaults_come_from_the_schema():
    settings = with_defaults({"title": "T", "codebook": "c", "themes": {"number": 3}}, "study")
    assert settings["rules"] == "propose"
    assert (settings["themes"]["number"], settings["themes"]["minimum_utterances"]) == (3, 30)
    assert settings["embeddings"] == {"model": "all-MiniLM-L6-v2"}


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old\n")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_fixed_keys_are_fixed_at_every_level():
    """A misspelt key must never pass: only attributes and rules_for are open, and they say so."""

    def objects(node, place):
        if isinstance(node, dict):
            if node.get("type") == "object" and "properties" in node:
                yield place, node
            for key, value in node.items():
                yield from objects(value, f"{place}/{key}")

    names = [
        path.name.removesuffix(".schema.json") for path in (Path(__file__).parents[1] / "workflow/schemas").glob("*")
    ]
    assert len(names) == 10
    for name in names:
        for place, node in objects(schema(name), name):
            assert "additionalProperties" in node, place
            assert node["additionalProperties"] is False or place in ("sources", "participants")


def test_dates_and_line_ends_in_an_xlsx_file_are_told_apart_from_what_excel_makes_of_them(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["day", "moment", "almost", "number", "lines"])
    almost = datetime(2026, 3, 2, 10, 29, 59, 999_990)
    book.active.append([date(2026, 3, 2), datetime(2026, 3, 2, 10, 30, 5), almost, 7.0, "one_x000D_\ntwo"])
    book.save(tmp_path / "t.xlsx")
    assert list(grid(tmp_path / "t.xlsx"))[1] == (
        2, ["2026-03-02", "2026-03-02T10:30:05", "2026-03-02T10:30", "7", "one\ntwo"],
    )  # fmt: skip
