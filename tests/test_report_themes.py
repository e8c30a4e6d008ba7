"""What the report tells of emergent themes: how well they hold, how they stand to the codebook, and in whose words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from test_report import PEOPLE, lay_figures, lay_study, make, section, words_of
from theme_tables import CHOICE, by, lay_none, lay_themes, quotation, theme

from qualcode import tables
from qualcode.report.themes import MOST_VALUES, accounted, joins
from qualcode.tables.themes import FITS_NONE, MOVED, REPEATS

WORDS = {person: words for person, *_, words in PEOPLE}


def lay(folder: Path, **instead: list[dict[str, object]]) -> tuple[Path, Path]:
    study, results = lay_study(folder)
    lay_themes(results, **instead)
    return study, results


def told(folder: Path, **instead: list[dict[str, object]]) -> str:
    return section(make(*lay(folder, **instead))[1], "themes")


def member(number: int, theme: int, note: str = "", repeats: str = "") -> dict[str, object]:
    return {
        "utterance": f"talk:{number}",
        "theme": theme,
        "fitted": 1,
        "similarity": 0.5,
        "repeats": repeats,
        "note": note,
    }


def standing(number: int, status: str, code: str = "", **cells: object) -> dict[str, object]:
    return {"theme": number, "status": status, "code": code, "overlap": 0.625, "similar_code": "money",
            "similarity": 0.44, "novelty": 0.255, **cells}  # fmt: skip


def cells(root: ET.Element, caption: str) -> list[list[str]]:
    rows = root.findall(f".//table/caption[@id='{caption}']/../tbody/tr")
    return [[words_of(cell) for cell in row] for row in rows]


def test_themes_are_offered_and_never_imposed(tmp_path: Path) -> None:
    assert "offered as a second look, never imposed, and no number above depends on them" in told(tmp_path)


def test_the_choice_is_explained(tmp_path: Path) -> None:
    root = make(*lay(tmp_path))[1]
    assert CHOICE in section(root, "themes")
    rows = cells(root, "theme-choice-caption")
    assert rows[0] == ["2", "0.32", "0.10", "0.08", "-0.02", "50", "0.44", "one theme holds most"]
    assert [row[-1] for row in rows] == ["one theme holds most", "chosen", "–", "a theme is too small"]


def test_every_utterance_is_accounted_for() -> None:
    rows = [
        member(1, 1), member(2, 0, FITS_NONE), member(3, 0, FITS_NONE), member(4, 2, MOVED),
        *(member(n, 1, REPEATS, "talk:1") for n in range(5, 9)),
    ]  # fmt: skip
    fits, moved, repeats = accounted(tables.frame("theme_members", rows))
    assert fits.startswith("8 utterances tell something: 6 are in a theme, 2 (25.0 %) fit none.")
    assert moved.startswith("1 utterance that fit none went to the nearest theme")
    assert repeats.startswith("4 utterances repeat the wording of another")
    assert accounted(tables.frame("theme_members", [])) == []


def test_what_was_left_out_is_told_but_for_what_stands_elsewhere(tmp_path: Path) -> None:
    root = make(*lay(tmp_path))[1]
    assert cells(root, "stability-caption") == [["left out: signals", "7", "only signal listening"]]


def test_each_theme_has_its_figures_and_cautions(tmp_path: Path) -> None:
    root = make(*lay(tmp_path))[1]
    rows = cells(root, "themes-caption")
    assert rows[0] == [
        "1. label 1, talk", "19 of 60", "1 of 3", "1 of 2", "1 of 1", "0.70", "0.55", "unstable, one person's topic",
    ]  # fmt: skip
    assert rows[1][-1] == "–"
    found = section(root, "themes")
    assert "Unstable (theme 1): made again from part of the talk" in found
    assert "One person's topic (theme 1): one person says most of it" in found


def test_a_caution_names_all_its_themes_and_none_is_no_box(tmp_path: Path) -> None:
    rows = [theme(n, note="unstable") for n in (1, 2, 3)]
    assert "Unstable (themes 1, 2 and 3)" in told(tmp_path / "a", themes=rows)
    assert "with caution" not in told(tmp_path / "b", themes=[theme(n) for n in (1, 2, 3)])


def test_columns_that_tell_nothing_are_left_out(tmp_path: Path) -> None:
    root = make(*lay(tmp_path, themes=[theme(1, groups=0, of_groups=0)]))[1]
    heads = [words_of(head) for head in root.findall(".//table/caption[@id='themes-caption']/../thead/tr/th")]
    assert "Groups" not in heads and len(heads) == len(cells(root, "themes-caption")[0])


def test_the_standing_names_codes(tmp_path: Path) -> None:
    rows = [standing(1, "adopted", "time"), standing(2, "covered", "support"), standing(3, "new", novelty=1.0)]
    codes = [
        {"theme": 2, "code": code, "overlap": overlap, "similarity": 0.2, "novelty": 0.3}
        for code, overlap in (("other", 0.0), ("time", 0.5), ("support", 0.625), ("money", 0.1), ("x", 0.05))
    ]
    root = make(*lay(tmp_path, theme_standing=rows, theme_codes=codes))[1]
    found = cells(root, "themes-codes-caption")
    assert [row[1:3] for row in found] == [
        ["adopted as Time", "26"],
        ["mostly covered by Support (63 %)", "26"],
        ["new", "100"],
    ]
    assert found[1][3] == "Support: 11 of 18 (63 %)Time: 9 of 18 (50 %)Money: 2 of 18 (10 %)"
    assert found[0][3] == "none"
    assert "The code nearest in meaning: Money (0.44)." in section(root, "themes")


def test_where_themes_were_not_set_against_the_codebook_the_report_says_so(tmp_path: Path) -> None:
    study, results = lay(tmp_path)
    for name in ("theme_codes", "theme_standing", "theme_quotations", "codes_without_themes"):
        (results / f"{name}.csv").unlink()
    found = section(make(study, results)[1], "themes")
    assert "The step theme_codes has not been run" in found
    assert "To adopt" not in found and "Codes that no theme" not in found


def test_quotations_have_name_and_place_and_the_one_that_fits_badly(tmp_path: Path) -> None:
    quotations = [
        quotation(1, "typical", 2, "talk:3", "p3", "Second <most> typical"),
        quotation(1, "typical", 1, "talk:1", "p1", WORDS["p1"]),
        quotation(1, "fits badly", 1, "talk:3", "p3", "The odd one"),
    ]
    root = make(*lay(tmp_path, theme_quotations=quotations))[1]
    details = next(part for part in root.iter("details") if words_of(part).startswith("1. label 1"))
    found = words_of(details)
    assert "(2 typical quotations, one that fits badly)" in found
    first, second = f"“{WORDS['p1']}” Joanne, talk:1", "“Second <most> typical” Beatriz, talk:3"
    assert found.index(first) < found.index(second) < found.index("Fits badly: “The odd one” Beatriz, talk:3")
    assert details.get("open") is None
    assert "Leading terms: label 1, talk. Nearest in meaning: meant. That differ most: other." in found


@pytest.mark.parametrize("bar", ["consent", "never", "gone"])
def test_no_one_is_quoted_who_may_not_be(tmp_path: Path, bar: str) -> None:
    """Whatever theme_quotations holds: consent may have been taken back since, or a coder have said `never`."""
    words = "Words that are in no other table"
    study, results = lay(tmp_path, theme_quotations=[quotation(1, "typical", 1, "talk:3", "p3", words)])
    assert words in make(study, results)[0]
    if bar == "consent":
        people = tables.read(results, "participants")
        tables.write(results, "participants", people.assign(quote_consent="no"))
    elif bar == "never":
        codings = tables.read(results, "open_codes")
        spoken = tables.read(results, "utterances").set_index("utterance").loc["talk:3"]
        tables.write(results, "open_codes", codings.assign(start=spoken["start"], end=spoken["end"], use="never"))
    else:
        rows = tables.read(results, "utterances")
        tables.write(results, "utterances", rows[rows["utterance"] != "talk:3"])
    page, root = make(study, results)
    assert words not in page
    assert "No one in it may be quoted." in section(root, "themes")


def test_values_have_a_row_each_with_shares(tmp_path: Path) -> None:
    root = make(*lay(tmp_path))[1]
    tables_by = [cells(root, f"themes-by-{n}") for n in (1, 2, 3)]
    assert tables_by[0] == [
        ["first", "25", "1 (4 %)", "2 (8 %)", "3 (12 %)"],
        ["second", "25", "2 (8 %)", "3 (12 %)", "4 (16 %)"],
    ]
    # The guide's words stand with the question's id.
    assert [row[0] for row in tables_by[1]] == ["g1: Tell us of help", "g2"]
    assert [row[0] for row in tables_by[2]] == ["north", "south"]


def test_attributes_of_one_value_or_of_too_many_have_no_table(tmp_path: Path) -> None:
    many = [row for n in range(MOST_VALUES + 1) for row in by("source", f"s{n}", {1: 1, 2: 0, 3: 0}, 5)]
    found = told(tmp_path / "a", themes_by=[*by("question", "g1", {1: 1, 2: 0, 3: 0}, 5), *many])
    assert "By question" not in found
    assert f"By source ({MOST_VALUES + 1} values) There are too many to list here." in found
    assert "there is nothing to compare" in told(tmp_path / "b", themes_by=[])


def test_the_name_of_an_attribute_keeps_its_capitals(tmp_path: Path) -> None:
    rows = [row for value in ("yes", "no") for row in by("iPad at DfE", value, {1: 1, 2: 1, 3: 1}, 5)]
    root = make(*lay(tmp_path, themes_by=rows))[1]
    assert words_of(root.findall(".//table/caption[@id='themes-by-1']/../thead/tr/th")[0]) == "IPad at DfE"


def test_figures_stand_with_what_they_show_and_others_are_not_shown(tmp_path: Path) -> None:
    study, results = lay(tmp_path, themes_by=by("question", "g1", {1: 1, 2: 1, 3: 1}, 5) + by("school", "north", {1: 1, 2: 1, 3: 1}, 5)
        + by("school", "south", {1: 1, 2: 1, 3: 1}, 5))  # fmt: skip
    tables.write(results, "attributes", tables.frame("attributes", [
        {"subject": "participant", "id": "p1", "attribute": "school", "value": "north"}]))  # fmt: skip
    drawn = (
        "theme_choice",
        "emergent_themes",
        "theme_tree",
        "themes_by_attribute",
        "themes_by_question",
        "themes_by_source",
    )
    lay_figures(results, *drawn)
    images = [image.get("src") for image in make(study, results)[1].iter("img")]
    for name in ("theme_choice", "emergent_themes", "theme_tree", "themes_by_attribute"):
        assert images.count(f"figures/{name}.svg") == 1, name
    # One question only: the figure says that there is nothing to compare, and so does the text.
    assert "figures/themes_by_question.svg" not in images
    assert "figures/themes_by_source.svg" not in images


def test_the_tree_is_told_in_a_table(tmp_path: Path) -> None:
    rows = cells(make(*lay(tmp_path))[1], "theme-joins-caption")
    assert rows == [
        ["1. label 1, talk", "2. label 2, talk", "1.00", "37", "both 1, x"],
        ["1, 2", "3. label 3, talk", "2.00", "54", "both 2, x"],
    ]
    assert joins(tables.frame("theme_hierarchy", []), {1: "one"}) == []


def test_codes_that_no_theme_touches_are_named(tmp_path: Path) -> None:
    rows = [
        {"code": "money", "name": "Money <b>", "utterances": 1200, "in_themes": 3, "theme": 2, "share": 0.125},
        {"code": "other", "name": "Other", "utterances": 5, "in_themes": 0, "theme": 0, "share": 0.0},
    ]
    against = {"theme_standing": [standing(1, "new")]}
    root = make(*lay(tmp_path / "a", codes_without_themes=rows, **against))[1]
    assert cells(root, "untouched-caption") == [
        ["Money <b>", "1,200", "3", "theme 2 (13 %)"],
        ["Other", "5", "0", "none"],
    ]
    assert "None: every code with counted codings stands on" in told(tmp_path / "b", **against)


def test_the_way_to_adopt_a_theme_is_told(tmp_path: Path) -> None:
    study, results = lay(
        tmp_path, theme_standing=[standing(1, "new"), standing(2, "new"), standing(3, "adopted", "time")]
    )
    (results / "codebook_proposals.yaml").write_text("codes: []\n", encoding="utf-8")
    page, root = make(study, results)
    assert "2 themes are neither adopted nor mostly covered" in section(root, "themes")
    assert page.count('href="../codebook_proposals.yaml"') == 2
    files = section(root, "files")
    assert files.index("codebook_proposals.yaml") < files.index("Shareable")


def test_without_themes_the_reason_and_phrases_are_told(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    lay_none(results, "12 usable <turns> are too few: 30 are needed")
    spoken = tables.read(results, "utterances").set_index("utterance")["start"]

    def phrase(words: str, group: int, score: float, people: int, said: int) -> dict[str, object]:
        return {"phrase": words, "kind": "noun phrase", "group": group, "group_score": score, "score": said, "indicators": "",
                "count": said, "utterances": said, "participants": people, "own": said, "distinctiveness": 5.0,
                "spread": 1.0}  # fmt: skip

    def place(words: str, group: int, utterance: str) -> dict[str, object]:
        start = int(spoken[utterance])
        return {"phrase": words, "kind": "noun phrase", "group": group, "utterance": utterance, "start": start,
                "end": start + 3, "sentence_start": start, "sentence_end": start + 9}  # fmt: skip

    many = [phrase(f"phrase {n}", n, 50.0 - n, 2, 3) for n in range(5, 30)]
    tables.write(results, "phrases", tables.frame("phrases", [
        phrase("of the same", 1, 90.0, 2, 4), phrase("lesson <plan>", 1, 90.0, 2, 7),
        phrase("Calvin's own", 2, 80.0, 1, 9), phrase("one may quote", 3, 85.0, 1, 2), *many,
    ]))  # fmt: skip
    places = [place("Calvin's own", 2, "talk:2"), place("one may quote", 3, "talk:3")]
    tables.write(results, "phrase_places", tables.frame("phrase_places", places))
    page, root = make(study, results)
    found = section(root, "themes")
    assert "No themes are proposed: 12 usable <turns> are too few: 30 are needed." in found
    rows = cells(root, "phrases-caption")
    # One of each group, by the group's score; what one person says who may not be quoted is left out.
    assert rows[:3] == [["lesson <plan>", "2", "7"], ["one may quote", "1", "2"], ["phrase 5", "2", "3"]]
    assert len(rows) == 15
    assert "Calvin's own" not in page
    assert "How many themes" not in found


def test_no_phrases_are_told_where_that_step_was_not_run(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    lay_none(results, "")
    found = section(make(study, results)[1], "themes")
    assert "No themes are proposed. Phrases instead There are none to show." in found


def test_a_step_that_was_not_run_is_named(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    for path in results.glob("theme*.csv"):
        path.unlink()
    found = section(make(study, results)[1], "themes")
    assert "The step themes has not been run" in found
    assert "Phrases" not in found


def test_the_section_is_accessible(tmp_path: Path) -> None:
    rows = [{"code": "money", "name": "Money", "utterances": 12, "in_themes": 3, "theme": 2, "share": 0.1}]
    page, root = make(*lay(tmp_path, theme_standing=[standing(1, "new")], codes_without_themes=rows))
    part = root.find(".//section[@aria-labelledby='themes']")
    assert part is not None
    headings = [node.tag for node in part.iter() if re.fullmatch("h[1-6]", node.tag)]
    assert headings[0] == "h2" and set(headings[1:]) == {"h3"}
    captions = [node.get("id") for node in part.iter("caption")]
    assert len(captions) == len(set(captions)) == len(list(part.iter("table"))) > 6
    for table in part.iter("table"):
        heads = table.findall("thead/tr/th")
        assert all(head.get("scope") == "col" for head in heads)
        for row in table.findall("tbody/tr"):
            assert row[0].tag == "th" and row[0].get("scope") == "row"
            assert len(row) == len(heads)
    assert all(words_of(part[0]) for part in root.iter("details") if part[0].tag == "summary")
    assert "<script" not in page
