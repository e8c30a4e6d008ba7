import copy
import csv
import json
from dataclasses import replace
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.codebook.formats import content, read_codebook, write_codebook, write_without_rules
from qualcode.codebook.formats.cells import list_cell, read_list, read_text, text_cell
from qualcode.errors import QualcodeError

ROOT = Path(__file__).parents[1]
KINDS = ("yaml", "csv", "xlsx", "docx")
BOOK = """codebook: "Mentors: a study"
codes:
  - code: help
    name: Help
    definition: What helps.
    question: rq1
    colour: "#1f77b4"
    codes:
      - code: support
        name: Being there
        definition: "Someone is there: in person."
        use_when: "- at any time"
        not_when: 'It is about "the training".'
        examples: ["always there", "=SUM(A1)", "“I knew”, she said", "two\\nlines", " blanks ", "[laughs] yes", ""]
        words: [support, "always there", '"as typed"', "door* ~2 open", "true", "no support"]
        unless: ["no support"]
        patterns: [[{LOWER: support, OP: "?"}, {LEMMA: {IN: [a, "yes"]}, IS_ALPHA: true}], [{LENGTH: {">=": 2}}]]
        formerly: [aid, backing]
        theme: ["00000012", deadbeef, "1e345678", "12345678"]
        role: condition
        negation: count
        memo: |
          First thought.

          Second thought.
      - code: training
  - code: "2026"
    name: "true"
    definition: "Use when: it looks like a label."
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return load_codebook(path)


def problems(path):
    with pytest.raises(QualcodeError) as raised:
        read_codebook(path)
    return str(raised.value)


# --- round trips ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_from_kind_to_kind(book, tmp_path, kind):
    first = tmp_path / f"first.{kind}"
    write_codebook(book, first)
    assert content(read_codebook(first)) == content(book)
    for other in KINDS:
        second = tmp_path / f"second.{other}"
        write_codebook(read_codebook(first), second)
        assert content(read_codebook(second)) == content(book)


@pytest.mark.parametrize("name", ["clinical-mentors", "student-teachers"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_come_back_and_the_bytes_are_the_same_twice(name, kind, tmp_path):
    book = load_codebook(ROOT / "codebooks" / f"{name}.yaml")
    path = tmp_path / f"book.{kind}"
    write_codebook(book, path)
    assert content(read_codebook(path)) == content(book)
    first = path.read_bytes()
    write_codebook(read_codebook(path), path)
    assert path.read_bytes() == first


letters = st.characters(
    exclude_categories=("Cs", "Cc", "Cn", "Co"), include_characters="\n\t", exclude_characters="\ufeff"
)
texts = st.one_of(
    st.text(letters, max_size=30), st.sampled_from(["no", "1.5", "- a", "a: b", "a #b", "'", '["x"]', "1.2 b"])
)
words = st.sampled_from(
    ["support", "door* open", "a ~2 b", '"as is"', "a; b", "[sic]", " spaced", "=b", "on", "c\nd", "it’s"]
)
values = st.recursive(
    st.one_of(st.booleans(), st.integers(-9, 9), texts), lambda x: st.lists(x, max_size=2), max_leaves=3
)
token = st.dictionaries(st.sampled_from(["LOWER", "OP", "_"]), values, max_size=2)


@st.composite
def codebooks(draw):
    """A document of up to six codes, each with any of its keys."""
    roots, nodes = [], []
    for number in range(draw(st.integers(0, 6))):
        keys = {
            "name": texts.filter(bool), "definition": texts, "use_when": texts, "not_when": texts, "memo": texts,
            "examples": st.lists(texts, max_size=3), "words": st.lists(words, max_size=3),
            "unless": st.lists(words, max_size=2), "patterns": st.lists(st.lists(token, min_size=1, max_size=2), max_size=2),
            "role": st.sampled_from(["context", "action"]), "negation": st.just("only"), "question": st.just("rq1"),
            "formerly": st.just([f"old-{number}"]), "colour": st.just("#aabbcc"),
            "theme": st.lists(st.sampled_from(["00000012", "deadbeef", "1e345678", "12345678"]), max_size=2),
        }  # fmt: skip
        chosen = draw(st.lists(st.sampled_from(sorted(keys)), unique=True, max_size=8))
        node = {"code": f"{draw(st.sampled_from(['c', 'null-', '1e', '0x']))}{number}"} | {
            k: draw(keys[k]) for k in chosen
        }
        parent = draw(st.sampled_from([None, *nodes]))
        (roots if parent is None else parent.setdefault("codes", [])).append(node)
        nodes.append(node)
    return {"codebook": draw(texts), "codes": roots}


@pytest.mark.parametrize("kind", KINDS)
def test_any_codebook_comes_back(kind, tmp_path):
    source, target = tmp_path / "source.yaml", tmp_path / f"target.{kind}"

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
    @given(codebooks())
    def back(document):
        # JSON is YAML too, so that the YAML of ours is not read from itself.
        source.write_text(
            json.dumps(document, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"), "utf-8"
        )
        book = load_codebook(source)
        write_codebook(book, target)
        assert content(read_codebook(target)) == content(book)

    back()


@pytest.mark.parametrize("kind", KINDS)
def test_characters_that_xml_or_a_spreadsheet_cannot_hold(kind, tmp_path):
    source, target = tmp_path / "source.yaml", tmp_path / f"target.{kind}"
    source.write_text(
        'codebook: "a\\u0007"\ncodes:\n- {code: a, definition: "b\\r\\nc\\u007f", examples: ["\\ufffe"]}\n', "utf-8"
    )
    book = load_codebook(source)
    assert book.codes[0].definition == "b\r\nc\x7f"
    write_codebook(book, target)
    assert content(read_codebook(target)) == content(book)


def test_what_a_kind_of_file_cannot_hold_is_refused_and_leaves_no_file(tmp_path):
    source, target = tmp_path / "source.yaml", tmp_path / "target.xlsx"
    source.write_text(f"codebook: B\ncodes:\n- code: long\n  memo: {'word ' * 8000}\n- code: short\n", "utf-8")
    with pytest.raises(QualcodeError, match=r"a .xlsx file cannot hold this codebook as it is \(long\)"):
        write_codebook(load_codebook(source), target)
    assert [path.name for path in tmp_path.iterdir()] == ["source.yaml"]


def test_cells_are_what_people_would_type_and_json_only_where_that_would_be_lost():
    assert list_cell(["one", "two three"]) == "one\ntwo three"
    assert read_list("one\n\n  two three \n") == ["one", "two three"]
    assert read_list("[“as Word types it”]") == ["as Word types it"]
    for items in (["a\nb"], [" a"], ["[a]"], [""], ["a", ""]):
        assert list_cell(items).startswith("[") and read_list(list_cell(items)) == items
    for text in ("Plain.", "[sic] he said", "[]", '["a", "b"]', '"quoted"'):
        assert text_cell(text) == text and read_text(text) == text
    for text in (" a", "a\n", '["a"]', "a\rb"):
        assert text_cell(text) != text and read_text(text_cell(text)) == text


# --- yaml ----------------------------------------------------------------------------------------------------------


def test_yaml_is_pleasant_to_edit(book, tmp_path):
    path = tmp_path / "out.yaml"
    write_codebook(book, path)
    lines = path.read_text("utf-8").split("\n")
    assert lines[0].startswith("# A tree of codes") and "README.md" in lines[0]
    for line in (
        'codebook: "Mentors: a study"',
        "  - code: help",
        "    definition: What helps.",
        "      - code: support",
        '        words: [support, "always there", "\\"as typed\\"", "door* ~2 open", "true", "no support"]',
        '          - [{"LENGTH": {">=": 2}}]',
        "          - always there",
        '  - code: "2026"',
    ):
        assert line in lines, line
    assert lines[lines.index("  - code: help") - 1] == ""


def test_a_text_of_several_lines_is_a_block(tmp_path):
    source = tmp_path / "source.yaml"
    source.write_text('codebook: B\ncodes:\n- {code: a, memo: "One: two\\n\\n- three # four"}\n', "utf-8")
    write_codebook(load_codebook(source), tmp_path / "out.yaml")
    assert "    memo: |-\n      One: two\n\n      - three # four\n" in (tmp_path / "out.yaml").read_text("utf-8")


def test_editors_find_the_schema_from_where_the_file_is(book, tmp_path):
    (tmp_path / "workflow" / "schemas").mkdir(parents=True)
    (tmp_path / "workflow" / "schemas" / "codebook.schema.json").write_text("{}")
    target = tmp_path / "data" / "my-study" / "codebook.yaml"
    write_codebook(book, target)
    first = target.read_text("utf-8").split("\n")[0]
    assert first == "# yaml-language-server: $schema=../../workflow/schemas/codebook.schema.json"
    assert content(load_codebook(target)) == content(book)


@pytest.mark.parametrize(
    "path", ["codebooks/clinical-mentors.yaml", "codebooks/student-teachers.yaml", "data/x/codebook.yaml"]
)
def test_the_codebooks_of_the_project_name_the_schema_that_is_there(path):
    # The template is laid as data/<study>/codebook.yaml.
    file = (
        ROOT / path
        if (ROOT / path).exists()
        else ROOT / "src" / "qualcode" / "commands" / "new_study" / "codebook.yaml"
    )
    first = file.read_text("utf-8").split("\n")[0]
    relative = first.removeprefix("# yaml-language-server: $schema=")
    assert relative != first
    assert (
        (ROOT / path).parent.resolve() / relative
    ).resolve() == ROOT / "workflow" / "schemas" / "codebook.schema.json" or (
        path.startswith("data") and relative == "../../workflow/schemas/codebook.schema.json"
    )


# --- csv and xlsx --------------------------------------------------------------------------------------------------


def test_a_row_per_code_with_lists_on_lines(book, tmp_path):
    write_codebook(book, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [(row["code"], row["parent"], row["name"]) for row in rows] == [
        ("help", "", "Help"), ("support", "help", "Being there"), ("training", "help", "Training"), ("2026", "", "true"),
    ]  # fmt: skip
    assert [row["codebook"] for row in rows] == ["Mentors: a study", "", "", ""]
    assert rows[1]["words"].split("\n")[:3] == ["support", "always there", '"as typed"']
    assert rows[1]["formerly"] == "aid\nbacking"
    assert json.loads(rows[1]["patterns"])[1] == [{"LENGTH": {">=": 2}}]


def test_no_cell_is_a_formula(book, tmp_path):
    write_codebook(book, tmp_path / "out.csv")
    write_codebook(book, tmp_path / "out.xlsx")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as handle:
        cells = [cell for row in csv.reader(handle) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    values = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in values} == {"s"}
    assert "- at any time" in [cell.value for cell in values]


def test_rows_in_any_order_make_the_tree(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("code;parent;words\nb;a;x\na;;\nc;b;\nd;a;\n", encoding="utf-8")
    read = read_codebook(path)
    assert [code.path for code in read.codes] == [("a",), ("a", "b"), ("a", "b", "c"), ("a", "d")]
    assert [code.line for code in read.codes] == [3, 2, 4, 5]
    assert [code.leaf for code in read.codes] == [False, False, True, True]
    assert read.title == "book" and read.by_id["b"].words == ("x",)


def test_all_that_is_wrong_with_a_table_by_its_rows(tmp_path):
    path = tmp_path / "book.csv"
    rows = [
        ["code", "parent", "words", "patterns", "formerly", "role", "colour", "codebook"],
        ["a", "", "", "", "", "", "", "One"],
        ["b", "aa", "", "", "", "", "", ""],
        ["c", "e", "", "", "", "", "", ""],
        ["d", "c", '["x"', "", "", "", "", ""],
        ["e", "d", "", "{broken", "", "", "", ""],
        ["A", "", "~3 x", "", "b", "hero", "red", "Two"],
        ["", "a", "x", "", "", "", "", ""],
        ["two words", "", "", '[["x"]]', "", "", "", ""],
    ]
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    told = problems(path)
    for part in (
        "row 3: 'b' stands below 'aa', and there is no such code. Did you mean 'a'?",
        "row 4: 'c' stands below itself (c > d > e > c).",
        "row 5, words: what begins with [ must be a JSON list",
        "row 6, patterns: what begins with [ must be a JSON list",
        "row 7: the code 'A' stands already in row 2 as 'a'",
        "row 7: 'A' was formerly 'b', but 'b' is a living code",
        "row 7: `words` of 'A': '~3' must stand between two words",
        "row 7: 'hero' is not allowed here",
        "row 7: 'red' does not fit: a colour is written like",
        "row 7, codebook: this is a second title",
        "row 8: 'code' is missing",
        "row 9: 'two words' does not fit",
        "row 9: item 1 must be a block of keys",
    ):
        assert part in told, part
    assert told.count("stands below itself") == 1


def test_unknown_and_missing_columns(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text("Code,wrods\na,x\n", encoding="utf-8")
    told = problems(path)
    assert "row 1: the column 'code' is missing" in told
    assert "unknown column 'wrods'. Did you mean 'words'?" in told


# --- docx ----------------------------------------------------------------------------------------------------------


def test_the_table_of_an_appendix(book, tmp_path):
    write_codebook(book, tmp_path / "out.docx")
    document = docx.Document(tmp_path / "out.docx")
    section = document.sections[0]
    assert section.page_width > section.page_height
    assert document.paragraphs[0].text == "Mentors: a study"
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows[0] == ["Code", "Definition", "Examples", "Rules and notes"]
    assert [row[0] for row in rows[1:]] == [
        "1 Help\nhelp",
        "1.1 Being there\nsupport",
        "1.2 Training\ntraining",
        "2 true\n2026",
    ]
    assert rows[2][1] == 'Someone is there: in person.\nUse when: - at any time\nNot when: It is about "the training".'
    assert rows[2][2].startswith("“always there”\n“=SUM(A1)”\n")
    assert "Unless: no support\n" in rows[2][3] and "Formerly: aid; backing\n" in rows[2][3]


def test_what_colleagues_do_to_a_document_is_read(book, tmp_path):
    path = tmp_path / "out.docx"
    write_codebook(book, path)
    document = docx.Document(path)
    table = document.tables[0]
    new = table.add_row().cells
    new[0].text = "2.1. Late"
    new[0].add_paragraph("late")
    new[1].text = "Too late."
    new[1].add_paragraph("Or never.")
    new[1].add_paragraph("Not when:  It is early.")
    new[2].text = "after the term"
    new[2].add_paragraph('"in June"')
    new[3].text = "Words: late; too late"
    for paragraph in document.paragraphs:
        paragraph.style = document.styles["Normal"]
    run = table.rows[1].cells[1].paragraphs[0].add_run(" And deleted.")._r
    parent = run.getparent()
    deletion = parent.makeelement(parent.tag[:-1] + "del", {})
    parent.replace(run, deletion)
    deletion.append(run)
    document.save(path)
    read = read_codebook(path)
    late = read.by_id["late"]
    assert (late.path, late.name, late.definition) == (("2026", "late"), "Late", "Too late.\nOr never.")
    assert (late.not_when, late.words) == ("It is early.", ("late", "too late"))
    assert late.examples == ("after the term", "in June")
    assert read.by_id["help"].definition == "What helps."
    assert content(read)[1][:3] == content(book)[1][:3]


def test_what_is_wrong_with_a_document_by_its_rows(book, tmp_path):
    path = tmp_path / "out.docx"
    write_codebook(book, path)
    document = docx.Document(path)
    rows = document.tables[0].rows
    rows[1].cells[0].paragraphs[0].text = "Help"
    rows[3].cells[0].paragraphs[0].text = "3.1 Training"
    rows[4].cells[3].text = "Role: hero"
    document.save(path)
    told = problems(path)
    assert "row 2: the first cell must hold the number and the name of the code" in told
    assert "row 4: no row before this one has the number 3, below which 3.1 stands" in told
    assert "row 5: 'hero' is not allowed here" in told


@pytest.mark.parametrize(("name", "held", "wrong"), [
    ("a.docx", b"no office file", "this is no docx file"),
    ("a.docx", b"", "the file is empty"),
    ("a.xlsx", b"PK\x03\x04broken", "this is no xlsx file"),
    ("a.txt", b"", "a codebook is no '.txt' file"),
])  # fmt: skip
def test_files_that_are_no_codebooks(name, held, wrong, tmp_path):
    (tmp_path / name).write_bytes(held)
    assert wrong in problems(tmp_path / name)


def test_a_document_without_a_table_of_codes(tmp_path):
    document = docx.Document()
    document.add_paragraph("Words.")
    document.add_table(2, 2)
    document.save(tmp_path / "a.docx")
    assert "has no table of codes (with the columns Code, Definition, Examples, Rules and notes)" in problems(
        tmp_path / "a.docx"
    )


def test_a_file_that_is_not_there(tmp_path):
    assert "there is no such file" in problems(tmp_path / "a.csv")


# --- what attackers and Word make of it ----------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "cell", "wrong"), [
    ("patterns", "[" * 100_000, "the JSON is nested more than 20 deep"),
    ("patterns", "[" * 60 + "]" * 60, "the JSON is nested more than 20 deep"),
    ("words", "[" * 100_000, "the JSON is nested more than 20 deep"),
    ("words", '["\\ud800"]', "the JSON names half a character"),
    ("patterns", '[[{"LOWER": {"IN": ["\\udfff"]}}]]', "the JSON names half a character"),
    ("patterns", '[[{"\\udfff": 1}]]', "the JSON names half a character"),
])  # fmt: skip
def test_json_that_cannot_be_worked_with(tmp_path, column, cell, wrong):
    path = tmp_path / "book.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["code", column], ["a", cell]])
    assert f"row 2, {column}: {wrong}" in problems(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '["\\ud800"]'])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "docx", "yaml"])
def test_a_text_that_only_looks_like_json_stays_as_it_is_typed(tmp_path, text, kind):
    text = text[:30_000]
    path = tmp_path / "book.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["code", "definition", "codebook"], ["a", text, "Title"]])
    book = read_codebook(path)
    assert book.codes[0].definition == text
    write_codebook(book, tmp_path / f"again.{kind}")
    assert content(read_codebook(tmp_path / f"again.{kind}")) == content(book)


def test_both_halves_of_a_character_are_one(tmp_path):
    assert read_text('["\\ud83d\\ude00"]') == "\U0001f600" and read_list('["\\ud83d\\ude00"]') == ["\U0001f600"]


@pytest.mark.parametrize(("number", "deep"), [(50, 0), (51, 1), (1500, 1450)])
def test_a_chain_of_parents_has_an_end(tmp_path, number, deep):
    path = tmp_path / "book.csv"
    rows = [[f"c{n}", f"c{n - 1}" if n > 1 else ""] for n in range(1, number + 1)]
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["code", "parent"], *reversed(rows)])
    if not deep:
        assert read_codebook(path).codes[-1].level == 50
        return
    told = problems(path)
    assert told.startswith(f"{path}: row 2: more than 50 codes stand one below the other down to 'c{number}'")
    assert (f"and so do {deep - 1} more" in told) == (deep > 1)


def test_a_circle_is_told_beside_a_chain_and_shortly(tmp_path):
    path = tmp_path / "book.csv"
    rows = [[f"r{n}", f"r{(n + 1) % 3000}"] for n in range(3000)] + [["x", "r7"]]
    rows += [[f"c{n}", f"c{n - 1}" if n > 1 else ""] for n in range(1, 1500)]
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["code", "parent"], *rows])
    told = problems(path).splitlines()
    assert told[0].startswith(f"{path}: row 2: 'r0' stands below itself (r0 > r2999 > ") and len(told[0]) < 300
    assert "down to 'c51', and so do 1448 more" in told[1] and len(told) == 2


def test_text_boxes_are_read_once(book, tmp_path):
    path = tmp_path / "out.docx"
    write_codebook(book, path)
    document = docx.Document(path)
    cell = document.tables[0].rows[1].cells[1]
    box = "<w:r><w:t>Boxed.</w:t></w:r>"
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    names += 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f"<mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    cell.paragraphs[0]._p.append(parse_xml(f"<mc:AlternateContent {names}>{both}</mc:AlternateContent>"))
    document.save(path)
    assert read_codebook(path).by_id["help"].definition == "What helps.Boxed."


def test_a_table_that_was_split_is_read_or_told(book, tmp_path):
    path = tmp_path / "out.docx"
    write_codebook(book, path)
    document = docx.Document(path)
    table = document.tables[0]._tbl
    second = copy.deepcopy(table)
    rows = table.tr_lst[1:]
    for row in rows[2:]:
        table.remove(row)
    for row in second.tr_lst[1:3]:
        second.remove(row)
    table.addnext(second)
    second.addprevious(document.add_paragraph("In between.")._p)
    document.save(path)
    assert content(read_codebook(path)) == content(book)
    second.remove(second.tr_lst[0])
    document.save(path)
    assert f"{path}: table 2: its rows look like codes, and its first row is not the head" in problems(path)


def test_problems_of_a_second_table_have_rows_that_are_counted_on(book, tmp_path):
    path = tmp_path / "out.docx"
    write_codebook(book, path)
    document = docx.Document(path)
    table = document.tables[0]._tbl
    table.addnext(copy.deepcopy(table))
    document.save(path)
    told = problems(path)
    assert "row 7: the number 1 stands twice" in told and "row 7: the code 'help' stands already in row 2" in told


def test_an_appendix_says_what_codes_mean_and_not_how_they_are_met(book, tmp_path):
    write_without_rules(book, tmp_path / "a.docx")
    (table,) = docx.Document(tmp_path / "a.docx").tables
    told = "\n".join(cell.text for row in table.rows for cell in row.cells)
    assert "Someone is there: in person." in told and "“always there”" in told
    for word in ("door*", "backing", "First thought", "condition", "LOWER", "#1f77b4", "deadbeef"):
        assert word not in told
    write_without_rules(book, tmp_path / "a.yaml")
    kept = read_codebook(tmp_path / "a.yaml").by_id["support"]
    assert (kept.role, kept.memo, kept.words, kept.formerly, kept.negation, kept.theme) == (
        "condition", book.by_id["support"].memo, (), (), "", ()
    )  # fmt: skip


def test_half_a_character_in_a_codebook_is_no_traceback(book, tmp_path):
    odd = replace(book, codes=(replace(book.codes[0], memo="\ud800"),))
    for kind in ("yaml", "csv"):
        with pytest.raises(QualcodeError, match=r"half a character|cannot hold this codebook"):
            write_codebook(odd, tmp_path / f"a.{kind}")
        assert not list(tmp_path.glob(f"*a.{kind}*"))
