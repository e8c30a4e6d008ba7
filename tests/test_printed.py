import os
import subprocess
import sys
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode import tables
from qualcode.codebook import Code, Codebook
from qualcode.files import with_defaults
from qualcode.frequencies.notes import share, words_for
from qualcode.frequencies.printed import write_printed
from qualcode.study import Source, Study
from qualcode.tables import percent

# code, parent, participants, own codings
THEMES = [
    ("support", "", 12, 15),
    ("experience", "", 12, 14),
    ("feedback", "", 11, 12),
    ("advice", "", 7, 9),
    ("practice", "", 10, 0),
    ("planning", "practice", 2, 2),
    ("styles", "practice", 4, 4),
]


NOTHING = float("nan")


def a_study(form="thematic", kinds=("survey",), **settings) -> Study:
    sources = tuple(Source(f"s{number}", Path("x"), kind) for number, kind in enumerate(kinds))
    questions = [{"id": "rq1", "text": "What helps?"}, {"id": "rq2", "text": "What hinders?"}]
    typed = {"title": "=Mentors", "codebook": "x", "questions": questions, "frequencies": {"form": form, **settings}}
    return Study(Path("x"), with_defaults(typed, "study"), Path("x"), sources, (), ())


def a_codebook(table, tagged=()) -> Codebook:
    """The codebook of a frequency table; `tagged` are research questions by code."""
    questions = dict(tagged)
    codes = [
        Code(
            row.code,
            row.name,
            "",
            row.level,
            tuple(row.path.split(" > ")),
            1,
            True,
            question=questions.get(row.code, ""),
        )
        for row in table.itertuples(index=False, name="Row")
    ]
    return Codebook(Path("x"), "B", "1", tuple(codes))


def figures(participants, people, own=1, sources=1, present=None):
    return {
        "participants": participants,
        "of_participants": people,
        "of_present": people if present is None else present,
        "participants_percent": percent(participants, people),
        "percent_low": NOTHING,
        "percent_high": NOTHING,
        "utterances": 20 + participants,
        "codings": 30 + participants,
        "own_codings": own,
        "sources": 1,
        "of_sources": sources,
    }


def frequencies(themes=THEMES, people=33, sources=1):
    rows = []
    paths = {}
    for code, parent, participants, own in themes:
        paths[code] = f"{paths[parent]} > {code}" if parent else code
        row = {"level": paths[code].count(">") + 1, "code": code, "name": code.capitalize(), "parent": parent}
        row |= {"definition": f"What {code} is.", "path": paths[code]}
        rows.append(row | figures(participants, people, own, sources))
    return tables.frame("frequencies", rows)


def by(groups, codes=(("support", 1), ("practice", 1), ("planning", 2))):
    """Rows for (attribute, value, size, participants)."""
    return tables.frame(
        "frequencies_by",
        [
            {"attribute": attribute, "value": value, "level": level, "code": code, "name": code.capitalize()}
            | figures(participants, size)
            | {"row_percent": 0.0, "suppressed": False}
            for attribute, value, size, participants in groups
            for code, level in codes
        ],
    )


def sample(rows):
    return tables.frame(
        "sample",
        [
            {"attribute": a, "value": v, "participants": n, "of_participants": whole}
            | {"participants_percent": percent(n, whole), "suppressed": False}
            for a, v, n, whole in rows
        ],
    )


GROUPS = [("course", "PGCE", 31, 12), ("course", "BA", 2, 0), ("source", "survey", 33, 12)]
SAMPLE = [("course", "PGCE", 31, 33), ("course", "BA", 2, 33)]


def write(
    folder, study=None, table=None, groups=None, made_up=None, tagged=(), quotations=None, disagree=None, added=0
):
    table = frequencies() if table is None else table
    made = {
        "frequencies": table,
        "frequencies_by": by(GROUPS) if groups is None else groups,
        "sample": sample(SAMPLE) if made_up is None else made_up,
    }
    write_printed(folder, study or a_study(), a_codebook(table, tagged), made, quotations or {}, disagree or {}, added)


@pytest.fixture
def printed(tmp_path):
    """Writes the files and opens one."""

    def opened(name, *args, **kwargs):
        write(tmp_path, *args, **kwargs)
        return docx.Document(tmp_path / f"{name}.docx")

    return opened


def cells(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def texts(document):
    return [paragraph.text for paragraph in document.paragraphs]


def test_all_files_are_written(printed, tmp_path):
    printed("sample")
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}.{suffix}"
        for name in ("frequencies", "frequencies_by", "sample")
        for suffix in ("docx", "md", "tex", "xlsx")
    }


# --- words used ----------------------------------------------------------------------------------------------------


def test_words_used_is_the_table_of_the_mentor_studies(printed):
    document = printed("frequencies", a_study("words-used"))
    themes, areas = document.tables
    assert cells(themes) == [
        ["Theme", "% of respondents", "n"],
        ["Support\nWhat support is.", "36", "12"],
        ["Experience\nWhat experience is.", "36", "12"],
        ["Feedback\nWhat feedback is.", "33", "11"],
        ["Advice\nWhat advice is.", "21", "7"],
    ]
    assert themes.rows[1].cells[0].paragraphs[0].runs[0].bold
    # A theme that only gathers others has a table of its own, the most frequent first.
    assert cells(areas) == [["Subtheme", "n", "% of respondents"], ["Styles", "4", "12"], ["Planning", "2", "6"]]
    said = texts(document)
    assert said[0] == "=Mentors"
    assert said[said.index("Table 2") + 1] == "Practice"
    notes = [text for text in said if text.startswith("Note.")]
    assert "percentages are of all 33 respondents" in notes[0]
    assert "Percentages add to more than 100 because respondents can speak of several themes." in notes[0]
    assert "10 of the 33 respondents (30%) named at least one" in notes[1]
    assert "more than 100" not in notes[1]
    assert not [note for note in notes if "unsafe" in note]


def test_a_theme_with_codings_of_its_own_stands_among_the_themes(printed):
    table = frequencies([("practice", "", 10, 3), ("planning", "practice", 2, 2)])
    themes, areas = printed("frequencies", a_study("words-used"), table).tables
    assert cells(themes)[1] == ["Practice\nWhat practice is.", "30", "10"]
    assert cells(areas)[1] == ["Planning", "2", "6"]


def test_notes_say_only_what_holds(printed):
    few = frequencies([("support", "", 1, 1), ("advice", "", 2, 2)], people=19)
    (note,) = [text for text in texts(printed("frequencies", a_study("words-used"), few)) if text.startswith("Note.")]
    assert "more than 100" not in note
    assert "Percentages are unsafe below N = 20: read the counts." in note


@pytest.mark.parametrize("form", ["thematic", "words-used"])
@pytest.mark.parametrize("name", ["frequencies", "frequencies_by"])
def test_notes_tell_of_additions_in_member_checks(printed, form, name):
    def note(added, **settings):
        study = a_study(form, ["focus_group", "focus_group", "member_check"], **settings)
        return next(text for text in texts(printed(name, study, added=added)) if text.startswith("Note."))

    assert "Additions in member checks (2 utterances) count too, but not as one of the groups." in note(2)
    assert "Additions in member checks count too, but" in note(2, smallest_cell=3)
    assert "member checks" not in note(0)


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_percentages_are_rounded_half_up_from_the_counts(counts):
    part, whole = counts
    assert int(share({"participants": part, "of_participants": whole}, words_for(["survey"]))) == (
        200 * part + whole
    ) // (2 * whole)


# --- thematic ------------------------------------------------------------------------------------------------------


def test_thematic_keeps_people_sources_and_talk_apart(printed):
    themes = [("support", "", 3, 1), ("help", "support", 2, 1), ("phone", "help", 1, 1)]
    document = printed("frequencies", a_study(kinds=("focus_group",) * 2), frequencies(themes, 3, 2))
    (table,) = document.tables
    assert cells(table) == [
        ["Category, subcategory and code", "Participants", "Groups", "Utterances", "Codings"],
        ["Support", "3 of 3 (100%)", "1 of 2", "23", "33"],
        ["Help", "2 of 3 (67%)", "1 of 2", "22", "32"],
        ["Phone", "1 of 3 (33%)", "1 of 2", "21", "31"],
    ]
    indents = [row.cells[0].paragraphs[0].paragraph_format.left_indent for row in table.rows[1:]]
    assert indents[0] is None
    assert indents[1] < indents[2]
    (note,) = [text for text in texts(document) if text.startswith("Note.")]
    assert "how many of the 3 who took part" in note
    assert "more than 100" not in note
    assert "unsafe below N = 20" in note


def test_without_people_none_are_counted(printed):
    document = printed("frequencies", a_study(kinds=("document",)), frequencies([("support", "", 0, 1)], people=0))
    assert cells(document.tables[0])[1] == ["Support", "–", "1 of 1", "20", "30"]
    assert "people are not counted" in texts(document)[-1]


@pytest.mark.parametrize(
    ("kinds", "people", "sources"),
    [
        (["survey"], "respondents", "sources"),
        (["interview", "interview"], "participants", "interviews"),
        (["survey", "focus_group"], "participants", "sources"),
        ([], "participants", "sources"),
    ],
)
def test_people_and_sources_have_the_names_of_the_field(kinds, people, sources):
    assert (words_for(kinds).people, words_for(kinds).sources) == (people, sources)


# --- by attribute, sample ------------------------------------------------------------------------------------------


def test_by_prints_counts_with_the_share_of_each_group(printed):
    document = printed("frequencies_by")
    table = document.tables[0]
    assert cells(table) == [
        ["Theme", "PGCE\n(n = 31)", "BA\n(n = 2)"],
        ["Support", "12 (39%)", "0 (0%)"],
        ["Practice", "12 (39%)", "0 (0%)"],
        ["Planning", "12 (39%)", "0 (0%)"],
    ]
    said = " ".join(texts(document))
    assert "Percentages are unsafe below N = 20: this holds for BA." in said
    assert "n: respondents who answered." in said
    # What has one source has no table by source: it would say the same as the other.
    assert len(document.tables) == 1


def test_many_values_stand_in_several_tables_and_many_subcategories_in_the_sheet(printed):
    codes = [("support", 1), *((f"area-{number}", 2) for number in range(13))]
    paths = [("support", "", 9, 0), *((f"area-{number}", "support", 1, 1) for number in range(13))]
    groups = [("course", "PGCE", 31, 12), *(("school", f"School {number}", 5, 1) for number in range(7))]
    document = printed("frequencies_by", table=frequencies(paths), groups=by(groups, codes))
    assert [(len(table.rows), len(table.columns)) for table in document.tables] == [(2, 2), (2, 5), (2, 4)]
    titles = [text for text in texts(document) if text.startswith("Themes by")]
    assert titles[-2:] == ["Themes by School (1 of 2)", "Themes by School (2 of 2)"]
    assert "Figures of codes further down are in frequencies_by.xlsx." in texts(document)


@pytest.mark.parametrize(("values", "lengths"), [(6, [6]), (7, [4, 3]), (12, [6, 6]), (13, [5, 4, 4])])
def test_many_values_are_shared_out_evenly(printed, values, lengths):
    groups = by([("school", f"School {number}", 5, 1) for number in range(values)])
    document = printed("frequencies_by", groups=groups)
    assert [len(table.columns) - 1 for table in document.tables] == lengths


def test_groups_of_one_person_each_are_no_table(printed, tmp_path):
    groups = by([*GROUPS, *(("source", f"talk-{number}", 1, 1) for number in range(4))])
    document = printed("frequencies_by", groups=groups[groups["value"] != "survey"])
    assert [row[0] for row in cells(document.tables[0])] == ["Theme", "Support", "Practice", "Planning"]
    assert len(document.tables) == 1
    assert "Source: each of the 4 groups is one respondent, so that every share would be 0 or 100%." in " ".join(
        texts(document)
    )
    sheet = openpyxl.load_workbook(tmp_path / "frequencies_by.xlsx")["frequencies_by"]
    assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} >= {"talk-0", "talk-3"}


def test_questions_stand_above_the_table_by_question(printed, tmp_path):
    study = a_study()
    study.settings["guide"] = [{"id": "g1", "text": "What 50% helps?"}, {"id": "g2", "text": ""}]
    document = printed("frequencies_by", study, groups=by([("question", "g1", 9, 3), ("question", "g2", 9, 2)]))
    lines = texts(document)
    assert lines[lines.index("Themes by Question") + 1] == "g1: What 50% helps?"
    assert not any(line.startswith("g2: ") for line in lines)
    for suffix, words in (("md", "g1: What 50% helps?"), ("tex", "g1: What 50\\% helps?")):
        written = (tmp_path / f"frequencies_by.{suffix}").read_text("utf-8")
        assert written.index("Themes by Question") < written.index(words) < written.index("Practice")
    page = openpyxl.load_workbook(tmp_path / "frequencies_by.xlsx")["Table 1"]
    assert page["A3"].value == "g1: What 50% helps?"


def test_row_percentages_are_of_all_people_with_the_theme(printed):
    document = printed("frequencies_by", a_study(percent="row"))
    assert cells(document.tables[0])[1] == ["Support (n = 12)", "12 (100%)", "0 (0%)"]
    assert "of all respondents with the theme (row percentages)" in " ".join(texts(document))


def test_figures_that_are_left_out_are_dashes_and_never_noughts(printed):
    groups = by(GROUPS)
    out = groups["value"] == "BA"
    optional = [column.name for column in tables.TABLES["frequencies_by"].columns if column.optional]
    groups.loc[out, optional] = NOTHING
    groups["suppressed"] = out
    made_up = sample(SAMPLE)
    made_up.loc[1, ["participants", "participants_percent"]] = NOTHING
    made_up["suppressed"] = [False, True]
    document = printed("frequencies_by", a_study(smallest_cell=3), groups=groups, made_up=made_up)
    assert [row[2] for row in cells(document.tables[0])] == ["BA\n(n = –)", "–", "–", "–"]
    assert "–: left out, because it tells of fewer than 3 respondents" in " ".join(texts(document))
    assert cells(printed("sample", groups=groups, made_up=made_up).tables[0])[2] == ["", "BA", "–", "–"]


def test_percentages_of_those_present_and_who_answered(printed):
    table = frequencies([("support", "", 3, 1)], people=9).assign(of_present=12)
    document = printed("frequencies", a_study(kinds=("focus_group",), of="present"), table)
    assert cells(document.tables[0])[1][1] == "3 of 12 (25%)"
    said = " ".join(texts(document))
    assert "12 participants were present, 9 of whom spoke or answered." in said


def test_intervals_stand_beside_percentages_on_request(printed):
    table = frequencies([("support", "", 12, 1)]).assign(percent_low=22.5, percent_high=53.2)
    document = printed("frequencies", a_study("words-used", interval=95), table)
    assert cells(document.tables[0])[1][1] == "36 [23, 53]"
    assert "In square brackets: 95 % intervals (Wilson, 1927)." in " ".join(texts(document))
    assert "[" not in " ".join(texts(printed("frequencies", a_study("words-used"), table)))


# --- research questions, quotations, other formats -----------------------------------------------------------------

TAGGED = {"support": "rq1", "practice": "rq2"}


def test_a_table_for_each_research_question_where_codes_name_one(printed):
    document = printed("frequencies", tagged=TAGGED)
    titles = [text for text in texts(document) if text.startswith(("Research", "Of No"))]
    assert titles == [
        "Research Question rq1: What helps?",
        "Research Question rq2: What hinders?",
        "Of No Research Question",
    ]
    assert [len(table.rows) - 1 for table in document.tables] == [1, 3, 3]
    assert [row[0] for row in cells(document.tables[1])[1:]] == ["Practice", "Planning", "Styles"]


def test_quotations_stand_below_their_code_and_in_no_sheet(printed, tmp_path):
    quotations = {"support": {"words": "=She was there & “kind”_", "who": "Rosa", "place": "talk, turn 3"}}
    document = printed("frequencies", quotations=quotations)
    assert cells(document.tables[0])[2][0] == "“=She was there & “kind”_” (Rosa, talk, turn 3)"
    for suffix in ("tex", "md"):
        assert "She was there" in (tmp_path / f"frequencies.{suffix}").read_text("utf-8")
    sheets = openpyxl.load_workbook(tmp_path / "frequencies.xlsx")
    assert "She was there" not in str([list(sheet.values) for sheet in sheets])


def test_every_format_has_the_same_rows(printed, tmp_path):
    document = printed("frequencies")
    names = [row[0] for row in cells(document.tables[0])[1:]]
    marked = [line for line in (tmp_path / "frequencies.md").read_text("utf-8").splitlines() if line.startswith("|")]
    assert len(marked) == len(names) + 2
    assert all(name in line for name, line in zip(names, marked[2:], strict=True))
    rows = [line for line in (tmp_path / "frequencies.tex").read_text("utf-8").splitlines() if line.endswith("\\\\")]
    assert sum(any(name in line for name in names) for line in rows) == len(names)
    assert "12 of 33 (36\\%)" in "".join(rows)


def test_the_sample_is_described(printed):
    (table,) = printed("sample").tables
    assert cells(table) == [["Attribute", "Value", "n", "%"], ["Course", "PGCE", "31", "94"], ["", "BA", "2", "6"]]


def test_an_attribute_that_tells_people_apart_is_not_printed_value_by_value(printed):
    made_up = sample([("birth_year", str(1950 + number), 1, 21) for number in range(21)])
    (table,) = printed("sample", made_up=made_up).tables
    assert cells(table)[1:] == [["Birth year", "21 different values, see sample.xlsx", "", ""]]


def test_without_attributes_the_documents_say_so(printed):
    empty = {"groups": tables.frame("frequencies_by", []), "made_up": tables.frame("sample", [])}
    assert "No attributes of the people in this study are known." in texts(printed("sample", **empty))
    assert "No attributes of respondents were counted by." in " ".join(texts(printed("frequencies_by", **empty)))


# --- sheets --------------------------------------------------------------------------------------------------------


def test_sheets_hold_the_whole_table_and_what_its_columns_mean(printed, tmp_path):
    printed("sample", table=frequencies([("support", "", 12, 15)]).assign(name="=SUM(A1)", definition="-12"))
    workbook = openpyxl.load_workbook(tmp_path / "frequencies.xlsx")
    head, row = workbook["frequencies"].iter_rows(values_only=True)
    named = dict(zip(head, row, strict=True))
    assert list(head) == [column.name for column in tables.TABLES["frequencies"].columns]
    assert named["participants_percent"] == 36.4
    assert named["participants"] == 12
    assert named["name"] == "=SUM(A1)"
    assert workbook["frequencies"]["C2"].data_type == "s"
    meanings = dict(workbook["columns"].iter_rows(min_row=3, values_only=True))
    assert meanings["of_participants"] == "people who spoke or answered"


def test_the_first_sheet_is_the_printed_table(printed, tmp_path):
    quotations = {"support": {"words": "She was there", "who": "Rosa", "place": "talk, turn 3"}}
    printed("sample", quotations=quotations)
    page = openpyxl.load_workbook(tmp_path / "frequencies.xlsx").worksheets[0]
    rows = [[cell for cell in row if cell is not None] for row in page.iter_rows(values_only=True)]
    assert rows[:2] == [["Table 1"], ["Categories and Codes"]]
    assert rows[2] == ["Category and code", "Respondents\n(of 33)", "%", "Sources\n(of 1)", "Utterances", "Codings"]
    assert rows[3] == ["Support", 12, 36.4, 1, 32, 42]
    assert rows[8] == ["Planning", 2, 6.1, 1, 22, 32]
    assert (page["A8"].alignment.indent, page["A9"].alignment.indent) == (0, 1)
    assert rows[-1][0].startswith("Note. Respondents: how many of the 33")
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == (None, None) or (
        page.page_setup.orientation == "portrait"
    )
    assert page.auto_filter.ref is None
    assert "italics" not in rows[-1][0]


def test_the_first_sheet_of_words_used_has_definitions_and_figures_apart(printed, tmp_path):
    printed("sample", a_study("words-used"))
    first, within = openpyxl.load_workbook(tmp_path / "frequencies.xlsx").worksheets[:2]
    rows = list(first.iter_rows(values_only=True))
    assert rows[2:4] == [("Theme", "Definition", "%", "n"), ("Support", "What support is.", 36.4, 12)]
    assert list(within.iter_rows(values_only=True))[2:4] == [("Subtheme", "n", "%"), ("Styles", 4, 12.1)]


def test_pages_by_group_have_counts_and_shares_apart_and_dashes_for_what_is_left_out(printed, tmp_path):
    groups = by(GROUPS)
    out = (groups["value"] == "BA") & (groups["code"] == "practice")
    optional = [column.name for column in tables.TABLES["frequencies_by"].columns if column.optional]
    groups.loc[out, optional] = NOTHING
    groups["suppressed"] = out
    printed("frequencies_by", a_study(smallest_cell=3), groups=groups)
    page = openpyxl.load_workbook(tmp_path / "frequencies_by.xlsx").worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    assert rows[2] == ("Theme", "PGCE\n(n = 31)", "PGCE\n%", "BA\n(n = 2)", "BA\n%")
    assert rows[3] == ("Support", 12, 38.7, 0, 0)
    assert rows[4] == ("Practice", 12, 38.7, "–", "–")


def test_the_same_bytes_in_another_process_time_zone_and_locale(printed, tmp_path):
    printed("sample")
    there = tmp_path / "elsewhere"
    there.mkdir()
    code = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[2]); import test_printed as t;"
        "t.write(pathlib.Path(sys.argv[1]))"
    )
    environment = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "fr_FR.UTF-8", "PYTHONHASHSEED": "11"}
    subprocess.run([sys.executable, "-c", code, there, Path(__file__).parent], env=environment, check=True)
    made = sorted(there.iterdir())
    assert len(made) == 12
    assert {path.name for path in made if path.read_bytes() != (tmp_path / path.name).read_bytes()} == set()
