"""Figures: what is drawn, that nothing is missing from it, and that every run gives the same bytes."""

from __future__ import annotations

import html
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import chdir
from pathlib import Path

import pytest
from codings import BY_HAND
from theme_tables import lay_themes

from qualcode import cli, tables
from qualcode.codebook import load_codebook
from qualcode.codebook.colours import PALETTE, paler
from qualcode.figures import codes, drawing

THEME_FIGURES = (
    "emergent_themes", "theme_choice", "theme_map", "theme_tree", "themes_by_question", "themes_by_source",
    "themes_by_attribute",
)  # fmt: skip
# Those of a study without attributes of people.
NAMES = (
    "theme_frequencies", "codes_by_participant", "code_tree", "cooccurrence_matrix", "cooccurrence_network",
    "talk_map_talk", "saturation", "new_information", "agreement_by_code", "suggestion_learning",
    "suggestion_calibration", *THEME_FIGURES,
)  # fmt: skip
SUFFIXES = ("pdf", "png", "svg", "txt")
CODEBOOK = """
codebook: Support
codes:
  - code: support
    name: Support & <help>
    codes:
      - code: time
        name: Costs $5 or $6
      - code: money
        colour: "#123456"
  - code: other
    name: Other
"""


def lay_study(folder: Path, people: int = 3, themes: int = 0, attribute: bool = True) -> tuple[Path, Path]:
    """A study folder with one interview of `people` participants, and the tables of the steps before."""
    study, results = folder / "study", folder / "results"
    (study / "transcripts").mkdir(parents=True)
    (study / "study.yaml").write_text("title: Why <people> mentor\ncodebook: book.yaml\n", encoding="utf-8")
    (study / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    (study / "transcripts" / "talk.txt").write_text("P1: words\n", encoding="utf-8")
    persons = [f"p{number}" for number in range(1, people + 1)]
    write = {
        "utterances": [
            {"utterance": f"talk:{n}", "source": "talk", "participant": person, "role": "participant", "question": "",
             "backchannel": False, "start": 10 * n, "end": 10 * n + 8, "time_start": "", "time_end": "",
             "text": "words"}
            for n, person in enumerate(persons, 1)
        ],
        "participants": [
            {"participant": person, "role": "participant", "pseudonym": f"Name-{person}", "quote_consent": "yes",
             "kind": "interview", "utterances": 1, "words": 1}
            for person in persons
        ],
        "attributes": [
            {"subject": "participant", "id": person, "attribute": "school", "value": ("north", "south")[n % 2]}
            for n, person in enumerate(persons)
            if attribute
        ],
        "open_codes": [
            {"coding": f"c{n}", "source": "talk", "start": 10 * n, "end": 10 * n + 8, "quote": "words", "code": "time",
             "coder": "anna", "basis": "human", "evidence": "exact", "status": "accepted", "counts": True, "reason": "",
             "use": "", "round": "", "memo": "", **BY_HAND}
            for n in (1, 2)
        ],
        "open_code_utterances": [
            {"coding": f"c{n}", "utterance": f"talk:{n}", "participant": f"p{n}"} for n in (1, 2)
        ],
        "axial_codes": [
            {"coding": f"c{n}", "level": level, "code": code, "parent": "", "path": code, "own": code == "time"}
            for n in (1, 2)
            for level, code in ((1, "support"), (2, "time"))
        ],
        "saturation": [
            {"scope": scope, "position": n, "source": "talk" if scope == "source" else "", "codings": 2, "codes": 1,
             "new_codes": int(n == 1), "codes_so_far": 1}
            for scope, count in (("source", 1), ("tenth", 10))
            for n in range(1, count + 1)
        ],
    }  # fmt: skip
    figures_of = {
        "of_participants": people,
        "of_present": people + 1,
        "utterances": 2,
        "codings": 2,
        "own_codings": 2,
        "sources": 1,
        "of_sources": 1,
    }
    rows = [
        (1, "support", "Support & <help>", 2),
        (2, "time", "Costs $5 or $6", 2),
        (2, "money", "Money", 0),
        (1, "other", "Other", 0),
    ]
    write["frequencies"] = [
        {"level": level, "code": code, "name": name, "definition": "", "parent": "", "path": code, "participants": n,
         "participants_percent": tables.percent(n, people), **figures_of}
        for level, code, name, n in rows
    ]  # fmt: skip
    write["frequencies_by"] = [
        {"attribute": "school", "value": value, "level": level, "code": code, "name": name, "participants": 1,
         "participants_percent": 10.0, **figures_of, "of_participants": people // 2, "utterances": 7,
         "suppressed": False}
        for value in ("north", "south")
        for level, code, name, _ in rows
        if attribute
    ]  # fmt: skip
    for name, table in write.items():
        tables.write(results, name, tables.frame(name, table))
    if themes:
        lay_themes(results, themes)
    return study, results


def draw(study: Path, results: Path) -> dict[str, str]:
    """Run the step; the svg of each figure."""
    # The cache lies in the working folder.
    with chdir(study.parent):
        assert cli.main(["figures", str(study), "--results", str(results)]) == 0
    made = tables.read(results, "figures")["figure"]
    return {name: (results / "figures" / f"{name}.svg").read_text(encoding="utf-8") for name in made}


def texts(svg: str) -> list[str]:
    """The lines of text of a figure, which matplotlib leaves as comments beside the outlines of the letters."""
    builder = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    root = ET.fromstring(svg, builder)
    return [" ".join(html.unescape(node.text or "").split()) for node in root.iter() if node.tag is ET.Comment]


def test_theme_frequencies_names_every_code_with_its_count(tmp_path: Path) -> None:
    svg = texts(draw(*lay_study(tmp_path))["theme_frequencies"])
    for label in ("Support & <help>", "Costs $5 or $6", "Money", "Other", "Why <people> mentor"):
        assert label in svg
    assert svg.count("2 of 3") == 2
    assert svg.count("0 of 3") == 2
    assert "Number of participants (of 3)" in svg


def test_every_figure_comes_as_svg_png_at_300_dpi_pdf_and_words(tmp_path: Path) -> None:
    from PIL import Image

    study, results = lay_study(tmp_path, attribute=False)
    draw(study, results)
    made = sorted(path.name for path in (results / "figures").iterdir())
    assert made == sorted(["figures.csv", *(f"{name}.{suffix}" for name in NAMES for suffix in SUFFIXES)])
    for row in tables.read(results, "figures").to_dict("records"):
        path = results / "figures" / row["figure"]
        assert row["alt"] and path.with_suffix(".txt").read_text(encoding="utf-8") == row["alt"] + "\n"
        with Image.open(path.with_suffix(".png")) as image:
            assert round(image.info["dpi"][0]) == 300
            assert set(image.info) <= {"dpi", "Title", "Description"}
        root = ET.fromstring(path.with_suffix(".svg").read_text(encoding="utf-8"))
        words = {node.tag.rpartition("}")[2]: node.text for node in root if isinstance(node.tag, str)}
        assert (words["title"], words["desc"]) == (row["title"], row["alt"])
        pdf = path.with_suffix(".pdf").read_bytes()
        assert b"/FontFile2" in pdf and b"/Type3" not in pdf and b"/CreationDate" not in pdf


def test_the_words_of_a_pdf_are_letters_that_can_be_copied(tmp_path: Path) -> None:
    import pypdfium2

    study, results = lay_study(tmp_path)
    draw(study, results)
    page = pypdfium2.PdfDocument(results / "figures" / "theme_frequencies.pdf")[0]
    assert {"Support & <help>", "Costs $5 or $6", "2 of 3"} <= set(page.get_textpage().get_text_range().splitlines())


def test_few_participants_are_shown_one_by_one(tmp_path: Path) -> None:
    svg = texts(draw(*lay_study(tmp_path))["codes_by_participant"])
    assert [text for text in svg if text.startswith("Name-")] == ["Name-p1", "Name-p2", "Name-p3"]
    # support and time: one utterance each of p1 and p2; everything else is 0.
    assert svg.count("1") == 4
    assert svg.count("0") == 8


def test_more_participants_than_columns_are_not_shown_one_by_one(tmp_path: Path) -> None:
    found = texts(draw(*lay_study(tmp_path, people=31))["codes_by_participant"])
    assert "31 participants, too many for a column each" in " ".join(found)
    assert not any("Name-" in text for text in found)


def test_groups_are_shown_with_their_people_and_share(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path, people=16)
    drawn = draw(study, results)
    svg = texts(drawn["codes_by_attribute_1"])
    assert {"north (8)", "south (8)", "Which groups speak of what: school"} <= set(svg)
    assert svg.count("1 (13%)") == 8
    assert "codes_by_attribute_2" not in drawn


def test_letters_are_told_from_every_shade() -> None:
    for step in range(101):
        shade = (step / 100,) * 3
        light = shade[0] / 12.92 if shade[0] <= 0.04045 else ((shade[0] + 0.055) / 1.055) ** 2.4
        letters = 1.0 if drawing.ink_on(shade) == "white" else 0.0103
        assert (max(light, letters) + 0.05) / (min(light, letters) + 0.05) > 4


def test_what_a_table_keeps_back_is_a_dash_and_never_a_number(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path, people=16)
    by = tables.read(results, "frequencies_by")
    hidden = (by["value"] == "south") & (by["code"] != "support")
    figures_of = [column for column in by.columns if by[column].dtype.kind in "fiu" and column != "level"]
    by[figures_of] = by[figures_of].astype(float)
    by.loc[hidden, figures_of] = float("nan")
    tables.write(results, "frequencies_by", by.assign(suppressed=hidden))
    svg = texts(draw(study, results)["codes_by_attribute_1"])
    assert svg.count("–") == 3
    assert svg.count("1 (13%)") == 5
    assert {"south (8)", "–: so few people that the figure is kept back."} <= set(svg)
    assert "3 cells kept back" in alt_of(results, "codes_by_attribute_1")


def test_single_persons_stay_with_the_researchers_where_small_cells_do(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    classes = {}
    for smallest in (0, 3):
        settings = f"title: T\ncodebook: book.yaml\nfrequencies:\n  smallest_cell: {smallest}\n"
        (study / "study.yaml").write_text(settings, encoding="utf-8")
        draw(study, results)
        table = tables.read(results, "figures")
        classes[smallest] = dict(zip(table["figure"], table["release"], strict=True))
    persons = {"codes_by_participant", "talk_map_talk"}
    assert {name for name in classes[0] if classes[0][name] != classes[3][name]} == persons
    words = {name for name, release in classes[0].items() if release == "working"}
    assert words == set(THEME_FIGURES) - {"theme_choice"}


def test_who_the_people_are_taken_from_is_told(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    assert "Of 3 who spoke or answered." in " ".join(texts(draw(study, results)["theme_frequencies"]))
    settings = "title: T\ncodebook: book.yaml\nfrequencies: {of: present}\n"
    (study / "study.yaml").write_text(settings, encoding="utf-8")
    svg = texts(draw(study, results)["theme_frequencies"])
    assert "Of 4 who were present." in " ".join(svg)
    assert svg.count("2 of 4") == 2


def alt_of(results: Path, name: str) -> str:
    table = tables.read(results, "figures")
    return str(table.loc[table["figure"] == name, "alt"].item())


def test_words_for_who_cannot_see_it_have_the_counts(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    draw(study, results)
    alt = alt_of(results, "theme_frequencies")
    for row in tables.read(results, "frequencies").to_dict("records"):
        assert f"{row['name']}: {row['participants']} of {row['of_participants']}" in alt
    alt = alt_of(results, "codes_by_participant")
    # support is in an utterance each of p1 and p2, and so is time; p3 says nothing of any code.
    assert "Name-p1: most for Support & <help> and Costs $5 or $6 (1 utterance)." in alt
    assert "Name-p3: none." in alt
    new = ", ".join(str(n) for n in tables.read(results, "saturation").query("scope == 'tenth'")["new_codes"])
    assert f"New codes by tenth of the talk, in order: {new}." in alt_of(results, "saturation")


def test_saturation_shows_codes_so_far_by_tenth(tmp_path: Path) -> None:
    svg = texts(draw(*lay_study(tmp_path))["saturation"])
    assert "Tenth of what participants said, by length" in svg
    assert "Number of codes" in svg
    assert "There is one source, so there is no curve by source." in svg


def test_saturation_shows_sources_where_there_are_several(tmp_path: Path) -> None:
    rows = [
        {"scope": scope, "position": n, "source": name, "codings": 2, "codes": 1, "new_codes": 1, "codes_so_far": n}
        for scope, names in (("source", ["first-talk", "second-talk"]), ("tenth", [""] * 10))
        for n, name in enumerate(names, 1)
    ]
    study, results = lay_study(tmp_path)
    tables.write(results, "saturation", tables.frame("saturation", rows))
    svg = texts(draw(study, results)["saturation"])
    assert {"first-talk", "second-talk", "Source, in the order of the study"} <= set(svg)


def test_no_counted_coding_gives_figures_all_the_same(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    codings = tables.read(results, "open_codes")
    tables.write(results, "open_codes", codings.assign(counts=False))
    tables.write(results, "saturation", tables.read(results, "saturation").assign(codings=0, codes_so_far=0))
    drawn = draw(study, results)
    assert "No coding counts yet, so there is no code to meet." in texts(drawn["saturation"])


def test_nothing_is_cut_off(tmp_path: Path) -> None:
    """The outermost pixels of every figure are white, however long the names are."""
    import numpy as np
    from PIL import Image

    study, results = lay_study(tmp_path, themes=3)
    long = "A code with a name that goes on and on " * 4 + "x" * 90
    for name in ("frequencies", "themes"):
        table = tables.read(results, name)
        tables.write(results, name, table.assign(**{"name" if name == "frequencies" else "label": long}))
    people = tables.read(results, "participants")
    tables.write(results, "participants", people.assign(pseudonym=[f"Pseudonym{'m' * 40}{n}" for n in range(3)]))
    draw(study, results)
    for name in tables.read(results, "figures")["figure"]:
        with Image.open(results / "figures" / f"{name}.png") as image:
            pixels = np.asarray(image.convert("L"))
        edges = [pixels[:5], pixels[-5:], pixels[:, :5], pixels[:, -5:]]
        assert all((edge == 255).all() for edge in edges), name


@pytest.mark.parametrize(("upper", "lower", "deepest"), [(5, 20, 2), (5, 70, 1), (70, 0, 1), (0, 0, 1)])
def test_levels_are_left_out_until_the_rows_fit(upper: int, lower: int, deepest: int) -> None:
    assert codes.depth_shown([1] * upper + [2] * lower) == deepest


def test_colours_come_from_the_codebook_else_from_the_palette_and_pale_with_depth(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    chosen = codes.colours(load_codebook(path))
    assert chosen["money"] == "#123456"
    assert chosen["support"].casefold() == PALETTE[0].casefold()
    assert chosen["other"].casefold() == PALETTE[1].casefold()
    assert chosen["time"] == paler(PALETTE[0], 0.25)


def test_a_code_book_without_categories_has_one_colour(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text("codebook: Flat\ncodes: [{code: a}, {code: b}, {code: c}]\n", encoding="utf-8")
    assert len(set(codes.colours(load_codebook(path)).values())) == 1


def test_studies_of_documents_are_counted_by_source(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    table = tables.read(results, "frequencies").assign(of_participants=0, participants=0, sources=2, of_sources=4)
    rows, most, word = codes.frequency_rows(table, load_codebook(study / "book.yaml"))
    assert (most, word) == (4, "sources")
    assert {row.end for row in rows} == {"2 of 4"}


def test_only_the_fonts_that_come_with_matplotlib_are_used() -> None:
    import matplotlib
    from matplotlib.font_manager import FontProperties, findfont

    for weight in ("normal", "bold"):
        found = Path(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
        assert found.is_relative_to(matplotlib.get_data_path())


@pytest.mark.parametrize("step", ["figures", "report"])
def test_the_same_bytes_wherever_and_whenever(tmp_path: Path, step: str) -> None:
    study, results = lay_study(tmp_path / "here", themes=2)
    other, elsewhere = lay_study(tmp_path / "somewhere else" / "deeper", themes=2)
    # A matplotlibrc in the working folder must not change the figures.
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nfigure.facecolor: red\n", encoding="utf-8")
    runs = [
        (study, results, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}, tmp_path),
        (Path("study"), Path("results"), {"TZ": "Asia/Tokyo", "LC_ALL": "C", "OMP_NUM_THREADS": "4"}, other.parent),
    ]
    for folder, into, environment, cwd in runs:
        command = [sys.executable, "-m", "qualcode.cli", step, str(folder), "--results", str(into)]
        subprocess.run(command, check=True, cwd=cwd, env={**os.environ, **environment})
    one, two = (
        {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
        for base in (results, elsewhere)
    )
    assert one == two
    made = {name for name in one if name.startswith(f"{step}/")}
    # A study with one attribute of people, and the table of the figures.
    assert step != "figures" or len(made) == len(SUFFIXES) * (len(NAMES) + 1) + 1
    assert made
    for name in made:
        assert str(tmp_path).encode() not in one[name]
