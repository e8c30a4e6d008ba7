"""Every table, figure and page against counts made again from what people typed, by none of the project's functions."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
from counting_again import Count, count_survey, count_talk, names_of, percent, printed_names, rows_of, tree_of, turns_of
from docx import Document

from qualcode import tables
from qualcode.cli import main

ROOT = Path(__file__).parents[1]
STEPS = (
    "utterances", "parses", "member_checks", "identifiers", "phrases", "open_codes", "axial_codes", "frequencies",
    "saturation", "agreement",
    "findings", "figures", "report",
)  # fmt: skip


class Example:
    """An example study with its results, and its counts made again."""

    def __init__(self, name: str, folder: Path):
        self.folder = folder / "data" / name
        shutil.copytree(ROOT / "data" / name, self.folder)
        shutil.copytree(ROOT / "codebooks", folder / "codebooks")
        self.codebook = folder / "codebooks" / f"{name}.yaml"
        self.results = folder / "results" / name
        self.people: dict[str, dict[str, str]] = {}
        self.counts: dict[str, Count] = {}

    def run(self, steps: Iterable[str] = STEPS) -> None:
        for step in steps:
            assert main([step, str(self.folder), "--results", str(self.results)]) == 0


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """Three mentors, coded by a person."""
    made = Example("clinical-mentors", tmp_path_factory.mktemp("talk"))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(made.folder.parents[1])
        made.run()
    listed = [row for row in rows_of(made.folder / "participants.csv") if row["role"] == "participant"]
    made.people = {row["participant"]: {key: row[key] for key in ("setting", "years_as_mentor")} for row in listed}
    made.counts = count_talk(made.folder, made.codebook, ["anna/round-1.csv", "anna/round-2.csv"])
    return made


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """33 answers, whose words stand for themselves."""
    made = Example("student-teachers", tmp_path_factory.mktemp("survey"))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(made.folder.parents[1])
        made.run()
    answers = rows_of(made.folder / "transcripts" / "survey.csv")
    made.people = {row["respondent"]: {key: row[key] for key in ("course", "route")} for row in answers}
    said = {row["respondent"]: row["answer"] for row in answers}
    made.counts = count_survey(made.folder, made.codebook, said, ["anna/coding.csv", "anna/review.csv"])
    return made


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """The talk, to which a mentor added something in a member check that is coded too."""
    made = Example("clinical-mentors", tmp_path_factory.mktemp("answered"))
    more = "I wish I had been paid for it. My resources were my own."
    with (made.folder / "member_checks" / "telephone-calls.csv").open("a", encoding="utf-8") as handle:
        handle.write(f"HFTQ-RPM6,add,{more}\n")
    (person,) = {
        row["participant"]
        for row in rows_of(next((made.folder / "member_checks" / "issued").glob("*/manifest.csv")))
        if row["return_code"] == "HFTQ-RPM6"
    }
    (label,) = [row["labels"] for row in rows_of(made.folder / "participants.csv") if row["participant"] == person]
    rows = ["source,code,quote,participant,action", "member-checks,resources,My resources were my own.,,"]
    (made.folder / "codings" / "anna" / "round-3.csv").write_text("\n".join(rows), "utf-8")
    for table in ("phrases", "phrase_places"):
        tables.write(made.results, table, tables.frame(table, []))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(made.folder.parents[1])
        made.run(step for step in STEPS[:11] if step != "phrases")
    files = [f"anna/round-{number}.csv" for number in (1, 2, 3)]
    made.counts = count_talk(made.folder, made.codebook, files, [f"{label}: {more}"])
    return made


@pytest.fixture(params=["talk", "survey"])
def example(request):
    return request.getfixturevalue(request.param)


def test_the_published_shape_of_the_survey(survey):
    """36, 36, 33 and 21 % of 33 respondents."""
    found = [
        len(survey.counts[code].people) for code in ("support", "experience", "targets-feedback", "advice-guidance")
    ]
    assert found == [12, 12, 11, 7]
    assert [percent(n, 33, 0) for n in found] == ["36", "36", "33", "21"]


def test_frequencies(example):
    rows = rows_of(example.results / "frequencies.csv")
    assert {row["code"] for row in rows} >= set(example.counts)
    for row in rows:
        count = example.counts.get(row["code"], Count())
        assert int(row["participants"]) == len(count.people), row["code"]
        assert int(row["of_participants"]) == len(example.people)
        assert row["participants_percent"] == percent(len(count.people), len(example.people), 1)
        assert int(row["utterances"]) == len(count.turns), row["code"]


def test_codings_of_the_talk(talk):
    for row in rows_of(talk.results / "frequencies.csv"):
        count = talk.counts.get(row["code"], Count())
        assert (int(row["codings"]), int(row["own_codings"])) == (len(count.codings), len(count.own)), row["code"]


def test_additions_in_member_checks_count_and_are_no_group(talk, answered):
    for row in rows_of(answered.results / "frequencies.csv"):
        count = answered.counts.get(row["code"], Count())
        found = [int(row[name]) for name in ("participants", "utterances", "codings", "own_codings")]
        assert found == [len(count.people), len(count.turns), len(count.codings), len(count.own)], row["code"]
        assert (int(row["sources"]), int(row["of_sources"])) == (len(count.sources), 1), row["code"]
    before, now = talk.counts["resources"], answered.counts["resources"]
    assert len(now.turns) == len(before.turns) + 1 and len(now.codings) == len(before.codings) + 1
    by_source = [row for row in rows_of(answered.results / "frequencies_by.csv") if row["attribute"] == "source"]
    assert {row["value"] for row in by_source} == {"focus-group"}
    said = " ".join(paragraph.text for paragraph in Document(str(answered.results / "findings.docx")).paragraphs)
    assert set(re.findall(r"in (\d of \d [a-z ]+?) and", said)) == {"1 of 1 focus group"}


def test_frequencies_by_every_attribute(example):
    rows = {
        (row["attribute"], row["value"], row["code"]): row for row in rows_of(example.results / "frequencies_by.csv")
    }
    compared = 0
    for attribute in next(iter(example.people.values())):
        for value in {about[attribute] for about in example.people.values()}:
            group = {person for person, about in example.people.items() if about[attribute] == value}
            for code, count in example.counts.items():
                row = rows[attribute, value, code]
                assert int(row["participants"]) == len(count.people & group)
                assert int(row["of_participants"]) == len(group)
                assert row["participants_percent"] == percent(len(count.people & group), len(group), 1)
                compared += 1
    assert compared >= 2 * len(example.counts)


def test_the_sample(example):
    rows = {(row["attribute"], row["value"]): row for row in rows_of(example.results / "sample.csv")}
    expected = {
        (attribute, value): sum(other[attribute] == value for other in example.people.values())
        for about in example.people.values()
        for attribute, value in about.items()
    }
    assert {key: int(row["participants"]) for key, row in rows.items()} == expected


def test_saturation_meets_every_code_once(talk):
    rows = rows_of(talk.results / "saturation.csv")
    own = {code for code, count in talk.counts.items() if count.own}
    for scope in ("source", "tenth"):
        part = [row for row in rows if row["scope"] == scope]
        assert sum(int(row["new_codes"]) for row in part) == int(part[-1]["codes_so_far"]) == len(own)
        assert sum(int(row["codings"]) for row in part) == len({c for count in talk.counts.values() for c in count.own})


# --- what is printed -------------------------------------------------------------------------------------------------


def docx_rows(path):
    """Without the rows that are one cell: quotations."""
    import docx

    rows = [row.cells for table in docx.Document(path).tables for row in table.rows]
    return [[cell.paragraphs[0].text for cell in cells] for cells in rows if cells[0]._tc is not cells[-1]._tc]


def md_rows(path):
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| :"):
            cells = [cell.split("<br>")[0].replace("&nbsp;", "").strip() for cell in line.strip("| ").split(" | ")]
            yield [cell.removeprefix("**").removesuffix("**") for cell in cells]


def tex_rows(path):
    for line in path.read_text("utf-8").splitlines():
        if " & " in line and not line.lstrip().startswith("%"):
            cells = re.sub(r"\\\\\*?(\[.*?\])?$", "", line).split(r"\newline")
            first, rest = cells[0], cells[-1].split(" & ")[1:] if len(cells) > 1 else []
            parts = [first, *rest] if rest else first.split(" & ")
            for wrong, right in (
                (r"\\leftskip=[\d.]+em ", ""),
                (r"\\textbf\{(.*)\}", r"\1"),
                ("{}", ""),
                (r"\\%", "%"),
            ):
                parts = [re.sub(wrong, right, part).strip() for part in parts]
            yield parts


READERS = {"docx": docx_rows, "md": md_rows, "tex": tex_rows}


@pytest.mark.parametrize("kind", READERS)
def test_the_thematic_table_as_printed(talk, kind):
    found = [tuple(row) for row in READERS[kind](talk.results / f"frequencies.{kind}")]
    names = printed_names(talk.folder, talk.codebook)
    assert "†" in names["technical"]
    for code, name in names.items():
        count = talk.counts.get(code, Count())
        n = len(count.people)
        expected = (
            name,
            f"{n} of 3 ({percent(n, 3, 0)}%)",
            f"{min(n, 1)} of 1",
            str(len(count.turns)),
            str(len(count.codings)),
        )
        assert expected in found, code
    heads = [row for row in found if row[1] == "Participants"]
    assert len(found) == len(names) + len(heads), "and nothing else"


@pytest.mark.parametrize("kind", READERS)
def test_the_words_used_table_as_printed(survey, kind):
    found = [tuple(row) for row in READERS[kind](survey.results / f"frequencies.{kind}")]
    above, _ = tree_of(survey.codebook)
    for code, name in names_of(survey.codebook).items():
        n = len(survey.counts.get(code, Count()).people)
        share = percent(n, 33, 0)
        if len(above[code]) > 1:
            assert (name, str(n), share) in found, code
        elif code != "practice":
            assert (name, share, str(n)) in found, code


@pytest.mark.parametrize("kind", READERS)
def test_groups_as_printed(survey, kind):
    found = list(READERS[kind](survey.results / f"frequencies_by.{kind}"))
    names = names_of(survey.codebook)
    checked = 0
    for attribute in ("course", "route"):
        groups: dict[str, set[str]] = {}
        for person, about in survey.people.items():
            groups.setdefault(about[attribute], set()).add(person)
        for code, name in names.items():
            people = survey.counts.get(code, Count()).people
            cells = {
                f"{len(people & group)} ({percent(len(people & group), len(group), 0)}%)" for group in groups.values()
            }
            assert any(row[0] == name and set(row[1:]) == cells for row in found), (attribute, code)
            checked += 1
    assert checked == 2 * len(names)


def test_the_sheet(example):
    from openpyxl import load_workbook

    book = load_workbook(example.results / "frequencies.xlsx")
    head, *rows = book["frequencies"].iter_rows(values_only=True)
    assert len(rows) == len(names_of(example.codebook))
    for row in (dict(zip(head, row, strict=True)) for row in rows):
        count = example.counts.get(row["code"], Count())
        assert (row["participants"], row["utterances"]) == (len(count.people), len(count.turns))
        assert f"{row['participants_percent']:.1f}" == percent(len(count.people), len(example.people), 1)


def test_the_pages_of_the_sheet(example):
    from openpyxl import load_workbook

    book = load_workbook(example.results / "frequencies.xlsx")
    assert book.sheetnames[0] == "Table 1"
    codes = {name: code for code, name in printed_names(example.folder, example.codebook).items()}
    found = set()
    for sheet in (sheet for sheet in book if sheet.title.startswith("Table")):
        rows = list(sheet.iter_rows(values_only=True))
        at = next(number for number, row in enumerate(rows) if "%" in row)
        head = [str(cell).split("\n")[0] for cell in rows[at]]
        for row in (dict(zip(head, row, strict=True)) for row in rows[at + 1 :] if row[0] in codes):
            count = example.counts.get(codes[row[head[0]]], Count())
            assert row.get("n", row.get("Participants")) == len(count.people)
            assert f"{row['%']:.1f}" == percent(len(count.people), len(example.people), 1)
            assert row.get("Utterances", len(count.turns)) == len(count.turns)
            found.add(codes[row[head[0]]])
    gathering = {"practice"} if "practice" in codes.values() else set()
    spoken_of = {code for code, count in example.counts.items() if count.people}
    assert spoken_of - gathering <= found <= spoken_of


def test_cases(example):
    rows = rows_of(example.results / "cases.csv")
    assert {row["participant"] for row in rows} == set(example.people)
    for row in rows:
        for code in names_of(example.codebook):
            assert row[code] == str(int(row["participant"] in example.counts.get(code, Count()).people))


def test_codes_that_meet(example):
    above, _ = tree_of(example.codebook)
    met = {}
    for one, other in combinations(above, 2):
        both = example.counts.get(one, Count()).turns & example.counts.get(other, Count()).turns
        if both and one not in above[other] and other not in above[one]:
            met[one, other] = len(both)
    rows = rows_of(example.results / "cooccurrences.csv")
    assert {(row["code_a"], row["code_b"]): int(row["utterances"]) for row in rows} == met


def test_the_draft_of_the_findings(example):
    import docx

    lines = {paragraph.text for paragraph in docx.Document(example.results / "findings.docx").paragraphs}
    told = [line for line in lines if re.match(r"\d+ of \d+ (participants|respondents) speak", line)]
    whole = len(example.people)
    counted = {(len(count.people), len(count.turns)) for count in example.counts.values()}
    assert len(told) > 3
    for line in told:
        people, of, utterances = int(line.split()[0]), int(line.split()[2]), re.search(r"(\d+) utterances?", line)
        assert of == whole
        assert any(people == n and (not utterances or int(utterances[1]) == turns) for n, turns in counted), line


@pytest.mark.parametrize("name", ["theme_frequencies"])
def test_the_bars_of_the_figure(example, name):
    """Each bar's words, read out of the pdf."""
    import pypdfium2

    page = pypdfium2.PdfDocument(example.results / "figures" / f"{name}.pdf")[0].get_textpage().get_text_range()
    ends = Counter(re.findall(r"\b(\d+ of \d+)\b", page))
    counts = Counter(
        f"{len(example.counts.get(code, Count()).people)} of {len(example.people)}"
        for code in names_of(example.codebook)
    )
    assert not counts - ends


# --- the pages of the report -----------------------------------------------------------------------------------------


def page(example, name):
    return (example.results / "report" / name).read_text("utf-8")


def test_pages_of_codes(example):
    """What a page says of its code, and the passages that it shows as counting."""
    for code in names_of(example.codebook):
        count = example.counts.get(code, Count())
        text = page(example, f"codes/{code}.html")
        counting = text.partition('id="passages"')[2].partition('id="others"')[0]
        if not count.turns:
            assert "utterances of" not in counting
            continue
        told = re.search(r"<strong>([\d,]+) utterances? of ([\d,]+) (?:participant|respondent)s?; ", text)
        assert (int(told[1]), int(told[2])) == (len(count.turns), len(count.people)), code
        passages = set(re.findall(r'<li class="[^"]*" id="c-(\w+)"', counting))
        if count.codings:
            assert len(passages) == len(count.codings), code


def test_cells_of_persons_on_the_page_of_tables(talk):
    table = page(talk, "tables.html").partition("</table>")[0]
    cells = dict(
        re.findall(r'href="codes/([\w-]+)\.html"[^>]*>[^<]*</a>.{,300}?</th>((?:<td.*?</td>\s*)+)', table, re.DOTALL)
    )
    assert set(cells) >= set(talk.counts)
    people = [row["participant"] for row in rows_of(talk.folder / "participants.csv") if row["role"] == "participant"]
    _, turns = turns_of(talk.folder / "transcripts" / "focus-group.txt")
    labels = {row["labels"]: row["participant"] for row in rows_of(talk.folder / "participants.csv")}
    for code, count in talk.counts.items():
        shown = [int(cell.replace(",", "")) for cell in re.findall(r">([\d,]+)<", cells[code])][: len(people)]
        assert shown == [sum(labels[turns[n][2]] == person for _, n in count.turns) for person in people], code


# --- figures, read out of their pdf ------------------------------------------------------------------------------------


def drawn(example, name):
    import pypdfium2

    text = pypdfium2.PdfDocument(example.results / "figures" / f"{name}.pdf")[0].get_textpage().get_text_range()
    return [line.strip() for line in text.splitlines()]


def test_the_cells_of_the_heat_map_by_person(talk):
    _, turns = turns_of(talk.folder / "transcripts" / "focus-group.txt")
    people = {row["labels"]: row["participant"] for row in rows_of(talk.folder / "participants.csv")}
    order = [row["participant"] for row in rows_of(talk.folder / "participants.csv") if row["role"] == "participant"]
    expected = []
    for code in names_of(talk.codebook):
        said = Counter(people[turns[n][2]] for _, n in talk.counts.get(code, Count()).turns)
        expected.append(" ".join(str(said[person]) for person in order))
    assert drawn(talk, "codes_by_participant")[: len(expected)] == expected


def test_people_and_utterances_in_the_code_tree(example):
    lines = drawn(example, "code_tree")
    for code, name in printed_names(example.folder, example.codebook).items():
        count = example.counts.get(code, Count())
        assert f"{name} {len(count.people)}; {len(count.turns)}" in lines, code


def test_the_diagonal_of_the_matrix_of_codes_that_meet(talk):
    lines = drawn(talk, "cooccurrence_matrix")
    above, _ = tree_of(talk.codebook)
    leaves = set(above) - {code for path in above.values() for code in path[:-1]}
    for code in leaves:
        assert f"{len(talk.counts.get(code, Count()).turns)} {names_of(talk.codebook)[code]}" in lines, code
