"""Disagreement in member checks is told wherever a concept is reported, and nothing of it where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import checks, frame, rated
from conftest import StudyFolder, interview
from docx import Document
from openpyxl import load_workbook

from qualcode.checked import Checked, Ratings
from qualcode.rated import MARK, disagreements, figures_of, kept_back, note

STEPS = ("utterances", "parses", "identifiers", "open_codes", "axial_codes")
SAYS = "1 of 2 people who rated it says that it does not reflect their experience"
ROWS = [
    rated("p1", "support", 5),
    rated("p2", "support", 1),
    rated("p1", "clarity", 4, 2),
    rated("p2", "clarity", 4, 2),
]


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study that was coded, with answers to member checks and no results of what reads them yet."""
    root = tmp_path_factory.mktemp("rated")
    study = interview(root)
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert study.run(*STEPS) == 0
    return study


def told(
    coded: StudyFolder, folder: Path, rows: list[dict[str, object]], *steps: str, settings: str = ""
) -> StudyFolder:
    """The study in another folder, with these answers, and what reads them."""
    study = coded.copied(folder)
    text = (study.path / "study.yaml").read_text(encoding="utf-8")
    study.write("study.yaml", text + settings)
    checks(study.results, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert study.run(*steps) == 0
    return study


def text_of(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_figures_of_few_people_are_kept_back() -> None:
    checked = Checked.of(frame(ROWS))
    assert figures_of(checked, "support") == (2, 1) and figures_of(checked, "clarity") == (2, 0)
    assert all(value != value for value in figures_of(checked, "training"))
    assert all(value != value for value in figures_of(checked, "support", smallest=2))
    assert figures_of(checked, "clarity", smallest=2) == (2, 0)
    assert set(disagreements(checked)) == {"support"} and SAYS in disagreements(checked)["support"].told
    hidden = disagreements(checked, smallest=2)["support"]
    assert "some of those who rated it" in hidden.told and not any(char.isdigit() for char in hidden.told + hidden.part)


@pytest.mark.parametrize(
    ("ratings", "smallest", "hidden"),
    [
        (Ratings(1, 0, 0), 0, False),
        (Ratings(4, 0, 5), 5, True),
        (Ratings(5, 0, 5), 5, False),
        (Ratings(9, 2, 9), 5, True),
        (Ratings(), 5, False),
    ],
)
def test_a_concept_is_kept_back_if_one_answer_is_of_few(ratings: Ratings, smallest: int, hidden: bool) -> None:
    assert kept_back(ratings, smallest) == hidden


def test_the_note_names_each_concept_once() -> None:
    support = disagreements(Checked.of(frame(ROWS)))["support"]
    assert note([("Support", support), ("Support", support)]).count("Support (1 of 2)") == 1
    assert note([]) == ""


@pytest.mark.parametrize("form", ["thematic", "words-used"])
def test_tables_mark_the_concept_and_count_who_disagrees(coded: StudyFolder, tmp_path: Path, form: str) -> None:
    study = told(
        coded, tmp_path, ROWS, "frequencies", settings=f"frequencies: {{form: {form}, percent: row, by: [school]}}\n"
    )
    counted = {row["code"]: (row["rated"], row["disagree"]) for row in study.rows("frequencies")}
    assert counted == {"help": ("", ""), "support": ("2", "1"), "training": ("", ""), "clarity": ("2", "0")}
    for name in ("frequencies.md", "frequencies.tex"):
        printed = (study.results / name).read_text(encoding="utf-8")
        assert "Support†" in printed and "Clarity†" not in printed, name
        assert "Support (1 of 2)." in printed, name
    printed = text_of(study.results / "frequencies.docx")
    assert "Support†" in printed and f"{MARK} In the member check" in printed
    sheets = load_workbook(study.results / "frequencies.xlsx")
    cells = [str(cell.value) for row in sheets.worksheets[0].iter_rows() for cell in row]
    if form == "thematic":
        assert "Support†" in cells
    whole = {row[1].value: row for row in sheets["frequencies"].iter_rows()}
    assert whole["support"][2].value == "Support", "the whole table is that of the csv"
    groups = (study.results / "frequencies_by.md").read_text(encoding="utf-8")
    assert "Support†" in groups and "Support (1 of 2)." in groups


def test_without_disagreement_tables_and_figures_are_as_before(coded: StudyFolder, tmp_path: Path) -> None:
    silent = told(coded, tmp_path / "none", [], "frequencies", "saturation", "figures")
    agreed = told(coded, tmp_path / "agree", [rated("p1", "support", 5)], "frequencies", "saturation", "figures")
    for path in sorted((silent.results / "figures").iterdir()):
        assert path.read_bytes() == (agreed.results / "figures" / path.name).read_bytes(), path.name
        assert MARK.encode() not in path.read_bytes()
    for name in ("frequencies", "frequencies_by"):
        for suffix in ("md", "tex"):
            file = f"{name}.{suffix}"
            assert (silent.results / file).read_bytes() == (agreed.results / file).read_bytes(), file
            assert MARK not in (silent.results / file).read_text(encoding="utf-8")


def test_figures_mark_the_concept_and_say_what_the_mark_means(coded: StudyFolder, tmp_path: Path) -> None:
    study = told(coded, tmp_path, ROWS, "frequencies", "saturation", "figures")
    alts = {row["figure"]: row["alt"] for row in study.rows("figures/figures")}
    for name in ("theme_frequencies", "codes_by_participant", "code_tree", "talk_map_talk"):
        assert MARK in alts[name] and "does not reflect their experience" in alts[name], name
    assert MARK not in alts["saturation"]
    # What was drawn before is not taken for it.
    again = told(study, tmp_path / "again", [], "figures")
    assert not any(MARK in row["alt"] for row in again.rows("figures/figures"))


def test_findings_tell_it_below_the_figures(coded: StudyFolder, tmp_path: Path) -> None:
    study = told(coded, tmp_path, ROWS, "frequencies", "findings")
    printed = text_of(study.results / "findings.docx")
    assert printed.count(SAYS) == 1
    line = next(line for line in printed.splitlines() if SAYS in line)
    assert "1 of 2 participants" in line and ".." not in line


def test_findings_tell_no_figure_of_few(coded: StudyFolder, tmp_path: Path) -> None:
    study = told(coded, tmp_path, ROWS, "frequencies", "findings", settings="frequencies: {smallest_cell: 3}\n")
    printed = text_of(study.results / "findings.docx")
    assert SAYS not in printed and "How many is kept back" in printed
    assert {row["rated"] for row in study.rows("frequencies")} == {""}
    assert "Support (some)" in (study.results / "frequencies.md").read_text(encoding="utf-8")
