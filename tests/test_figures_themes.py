"""Figures of emergent themes: how many, which are alike, and who speaks of them."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import pytest
from matplotlib.text import Text
from test_figures import THEME_FIGURES as NAMES
from test_figures import draw, lay_study, texts
from theme_tables import CHOICE, by, choices, joined, lay_none, lay_themes, quotation, theme

from qualcode import tables
from qualcode.codebook.colours import PALETTE
from qualcode.figures import THEMES, drawing, emergent, grids
from qualcode.figures.trees import Leaf, tree
from qualcode.measures.trees import brackets, leaves


def made(folder: Path, attribute: str = "school", **instead):
    """The figures of the tables that `lay_themes` writes."""
    folder.mkdir(exist_ok=True)
    lay_themes(folder, **instead)
    read = {name: tables.read(folder, name) for name in THEMES}
    people = [{"participant": f"p{n}", "pseudonym": f"Name-p{n}"} for n in range(1, 4)]
    blank = {column.name: 0 if column.type == "integer" else "" for column in tables.TABLES["participants"].columns}
    read["participants"] = tables.frame("participants", [{**blank, **person} for person in people])
    with drawing.fixed_style():
        plans = emergent.theme_figures(read, {}, attribute, "Study")
        found = {name: draw(*given).figure for name, (draw, given) in plans.items()}
        for figure in found.values():
            figure.draw_without_rendering()
    return found


def drawn(folder: Path, number: int = 3, **instead: list[dict[str, object]]) -> dict[str, list[str]]:
    """The lines of text of each figure."""
    attribute = "school" if instead.get("themes_by", True) else ""
    return {
        name: [line for text in figure.findobj(Text) for line in text.get_text().split("\n")]
        for name, figure in made(folder, attribute, number=number, **instead).items()
    }


def test_themes_carry_their_label_people_and_cautions(tmp_path: Path) -> None:
    found = drawn(tmp_path)["emergent_themes"]
    assert "1. label 1, talk" in found
    assert "19 utterances, 1 person (unstable; one person's topic)" in found
    assert "18 utterances, 2 people" in found
    assert "Paler: with a caution." in found


def test_themes_of_documents_are_counted_by_source(tmp_path: Path) -> None:
    rows = [theme(1, participants=0, of_participants=0, sources=2)]
    assert "19 utterances, 2 sources" in drawn(tmp_path, 1, themes=rows)["emergent_themes"]


def test_the_choice_is_told_and_marked(tmp_path: Path) -> None:
    found = drawn(tmp_path)["theme_choice"]
    assert CHOICE in found
    assert "Hollow: not to be chosen (2: one theme holds most; 5: a theme is too small)." in " ".join(found)
    # Tick labels: the chosen number has the word below it.
    assert "chosen" in found and {"2", "3", "4", "5"} <= set(found)
    assert "Stability: how alike themes are when made again from part of the talk (of 3: 0.33)" in found
    assert "Coherence: how often leading words of a theme are said together (of 3: 0.08)" in found
    assert "Score: stability and coherence, each less that of chance (of 3: 0.46)" in found


def test_a_number_that_the_study_asks_for_is_not_hollow(tmp_path: Path) -> None:
    rows = choices(3, chosen=3, barred={3: "the study asks for it"})
    found = drawn(tmp_path, theme_choice=rows)["theme_choice"]
    assert not any("Hollow" in text for text in found)
    assert "chosen" in found


def test_unstable_is_what_the_table_calls_so_and_the_limit_is_the_tables(tmp_path: Path) -> None:
    rows = [theme(1, stability=0.6088, note="unstable"), theme(2, stability=0.8), theme(3, stability=0.55, note="unstable"),
            theme(4, stability=0.7, note="one person's topic")]  # fmt: skip
    with drawing.fixed_style():
        found = emergent.theme_map(tables.frame("themes", rows), "0.61", "Study")
    assert "1 of them stable (0.75 or more), 2 unstable (below 0.61)." in found.alt
    said = " ".join(line for text in found.figure.findobj(Text) for line in text.get_text().split("\n"))
    assert "below 0.61 it is unstable, from 0.75 on it is stable" in said
    lines = {line.get_xdata()[0] for line in found.figure.axes[0].lines if line.get_linestyle() == "--"}
    assert lines == {0.61, 0.75}


def test_where_chance_is_high_nothing_below_it_is_stable(tmp_path: Path) -> None:
    rows = [theme(1, stability=0.78, note="unstable"), theme(2, stability=0.9)]
    with drawing.fixed_style():
        found = emergent.theme_map(tables.frame("themes", rows), "0.80", "Study")
    assert "1 of them stable (0.80 or more), 1 unstable (below 0.80)." in found.alt


def test_a_method_that_finds_the_number_gives_a_figure_that_says_so(tmp_path: Path) -> None:
    assert CHOICE in drawn(tmp_path, theme_choice=[])["theme_choice"]


@pytest.mark.parametrize(
    ("found", "told"),
    [([2, 3], "2 and 3"), ([2, 3, 4, 16], "2 to 4 and 16"), ([4, 8, 16], "4 to 16"), ([2, 8], "2 and 8")],
)
def test_numbers_that_follow_one_another_are_told_together(found: list[int], told: str) -> None:
    assert emergent._runs(found, [2, 3, 4, 8, 16]) == told


def test_the_tree_names_each_theme_with_its_most_typical_quotation(tmp_path: Path) -> None:
    quotations = [
        quotation(2, "typical", 2, "talk:1", "p1", "Not the first."),
        quotation(2, "typical", 1, "talk:2", "p2", "The most\ntypical of all."),
        quotation(3, "fits badly", 1, "talk:3", "p3", "It fits badly."),
    ]
    found = drawn(tmp_path, theme_quotations=quotations)["theme_tree"]
    assert "1. label 1, talk (19 utterances, 1 person)*" in found
    assert found.index("2. label 2, talk (18 utterances, 2 people)") + 1 == found.index(
        "Name-p2: “The most typical of all.”"
    )
    assert not any("Not the first" in text or "fits badly" in text for text in found)
    assert "* paler: unstable or one person's topic (themes.csv says which)." in found


def test_long_quotations_are_cut_at_a_word(tmp_path: Path) -> None:
    words = "however long somebody speaks " * 30
    found = drawn(tmp_path, theme_quotations=[quotation(1, "typical", 1, "talk:1", "p1", words)])["theme_tree"]
    lines = [text for text in found if "somebody" in text]
    assert len(lines) == 3
    last = lines[-1].split()[-1]
    assert last.endswith("…") and last[:-1] in words.split()


def test_letters_that_the_font_has_not_give_no_warnings(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = drawn(
            tmp_path, theme_quotations=[quotation(1, "typical", 1, "talk:1", "p1", "We laughed \U0001f469 很多")]
        )
    assert "Name-p1: “We laughed \U0001f469 很多”" in found["theme_tree"]


def test_one_theme_makes_no_tree(tmp_path: Path) -> None:
    assert any("nothing to join" in text for text in drawn(tmp_path, 1)["theme_tree"])


def test_lines_of_the_tree_lead_from_leaf_to_leaf_without_crossing() -> None:
    """Each leaf has one line from 0; what is joined stands side by side."""
    rng = random.Random(7)
    rows, sizes, number = [], {n: 50 - n for n in range(1, 13)}, 12
    while len(sizes) > 1:
        left, right = sorted(rng.sample(sorted(sizes), 2))
        number += 1
        sizes[number] = sizes.pop(left) + sizes.pop(right)
        rows.append({"merge": number, "left": left, "right": right, "distance": float(number - 12),
                     "utterances": sizes[number], "terms": ""})  # fmt: skip
    table = tables.frame("theme_hierarchy", rows)
    ends = [Leaf(f"{n}", "some words " * n, PALETTE[1] if n % 2 else PALETTE[0]) for n in leaves(table)]
    with drawing.fixed_style():
        figure = tree(ends, brackets(table), "Distance", "Title", [], 2)
    lines = [(line.get_xdata(), line.get_ydata(), line.get_color()) for line in figure.axes[0].get_lines()]
    starts = [(float(y[0]), colour) for x, y, colour in lines if x[0] == 0 and x[1] > 0]
    # From top to bottom, as the leaves stand, and in their colours.
    assert [colour for _, colour in sorted(starts, reverse=True)] == [end.colour for end in ends]
    level = [(min(x), max(x), float(y[0])) for x, y, _ in lines if y[0] == y[1]]
    upright = [(float(x[0]), min(y), max(y)) for x, y, _ in lines if x[0] == x[1]]
    assert len(level) == 22 and len(upright) == 11
    assert not [1 for x, low, high in upright for a, b, y in level if a < x < b and low < y < high]


def test_columns_show_counts_and_shares(tmp_path: Path) -> None:
    found = drawn(tmp_path)
    # Theme 2 at north is 2 of 25, at south 3 of 25.
    assert {"north (25)", "south (25)", "2 (8%)", "3 (12%)", "Themes by school"} <= set(found["themes_by_attribute"])
    assert {"first (25)", "second (25)", "2. label 2, talk", "1. label 1, talk*"} <= set(found["themes_by_source"])
    assert {"g1 (25)", "g2 (25)"} <= set(found["themes_by_question"])


def test_questions_are_told_in_words(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path, themes=3)
    settings = study / "study.yaml"
    guide = "guide: [{id: g1, text: What <helps> you?}, {id: g9, text: Not asked}]\n"
    settings.write_text(settings.read_text(encoding="utf-8") + guide, encoding="utf-8")
    found = texts(draw(study, results)["themes_by_question"])
    assert "g1: What <helps> you?" in found
    assert not any("Not asked" in text for text in found)


def test_the_shade_is_the_share_and_not_the_count() -> None:
    with drawing.fixed_style():
        figure = grids.heat_map(
            [drawing.Row("a")], ["small", "large", "none"], [[2, 5, 0]], [], "Title", [], [[50.0, 5.0, 0.0]]
        )
    small, large, none = (sum(colour[:3]) for colour in figure.axes[0].collections[0].get_facecolors())
    assert small < large < none == 3


def test_halves_are_rounded_up_in_cells() -> None:
    assert grids._told(1, 12.5) == "1 (13%)"


@pytest.mark.parametrize("name", ["source", "question", "attribute"])
def test_one_value_is_nothing_to_compare(tmp_path: Path, name: str) -> None:
    attribute = "school" if name == "attribute" else name
    found = drawn(tmp_path, themes_by=by(attribute, "only", {1: 4, 2: 5, 3: 6}, 25))
    assert any(f"All is of one {attribute}" in text for text in found[f"themes_by_{name}"])


def test_the_first_attribute_with_several_values_is_shown(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path, themes=3)
    attributes = tables.read(results, "attributes")
    one = attributes.assign(attribute="country", value="UK")
    tables.write(
        results, "attributes", tables.frame("attributes", [*one.to_dict("records"), *attributes.to_dict("records")])
    )
    rows = by("country", "UK", {1: 4, 2: 5, 3: 6}, 25) + tables.read(results, "themes_by").to_dict("records")
    tables.write(results, "themes_by", tables.frame("themes_by", rows))
    assert "Themes by school" in texts(draw(study, results)["themes_by_attribute"])


def test_more_values_than_can_be_read_leave_out_the_smallest(tmp_path: Path) -> None:
    rows = [row for n in range(20) for row in by("source", f"talk-{n:02}", {1: 1, 2: 2, 3: 0}, 10 + (n != 4) * n)]
    found = drawn(tmp_path, themes_by=rows)["themes_by_source"]
    columns = [text for text in found if text.startswith("talk-")]
    # The five smallest are 00, 01, 02, 03 and 04; the others keep their order.
    assert columns == [f"talk-{n:02} ({10 + n})" for n in range(5, 20)]
    assert "The 15 with most utterances; 5 others in themes_by.csv." in found


def test_no_attribute_and_no_guide_are_told(tmp_path: Path) -> None:
    found = drawn(tmp_path, themes_by=[])
    assert "add a guide to study.yaml" in " ".join(found["themes_by_question"])
    assert "No attribute of the participants" in " ".join(found["themes_by_attribute"])


def test_without_themes_every_figure_says_why(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    lay_none(results, "12 usable utterances are too few")
    svg = draw(study, results)
    for name in NAMES:
        assert "No themes are proposed: 12 usable utterances are too few." in texts(svg[name]), name


def test_where_the_step_was_not_run_every_figure_says_so(tmp_path: Path) -> None:
    svg = draw(*lay_study(tmp_path))
    for name in NAMES:
        assert "The step themes has not been run." in texts(svg[name]), name


@pytest.mark.parametrize("number", [2, 40])
def test_no_text_stands_on_another(tmp_path: Path, number: int) -> None:
    """Long labels, names and quotations, few and many themes."""
    long = "Verantwortungsübernahmebereitschaftserklärungen, what people say at length, more"
    many = [f"a source with a long name {n}" for n in range(12)]
    numbers = range(1, number + 1)
    found = made(
        tmp_path,
        "",
        number=number,
        themes=[
            theme(n, label=long if n % 3 else "short", note="unstable" if n % 2 else "", utterances=100)
            for n in numbers
        ],
        theme_choice=choices(*range(2, 41), chosen=number, barred=dict.fromkeys(range(30, 41), "a theme is too small")),
        theme_hierarchy=joined(number),
        theme_quotations=[quotation(n, "typical", 1, "talk:1", "p1", "words of somebody " * 20) for n in numbers],
        themes_by=[row for name in many for row in by("source", name, dict.fromkeys(numbers, 100), 120)],
    )
    for name, figure in found.items():
        boxes = [text.get_window_extent() for axes in figure.axes for text in shown(axes)]
        assert len(boxes) > (3 if name not in ("themes_by_question", "themes_by_attribute") else 2)
        for place, one in enumerate(boxes):
            assert not [other for other in boxes[place + 1 :] if overlap(one, other)], name


def shown(axes):
    """Every text of the axes that is drawn and not slanted (a slanted text's box is wider than it)."""
    outside = [
        tick.label1
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    ]
    return [
        text
        for text in axes.findobj(Text)
        if text.get_text().strip() and not text.get_rotation() % 90 and text not in outside
    ]


def overlap(one, other) -> bool:
    """Whether boxes share more than the room that letters leave above and below them."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > 0.5 and high > 2.5


def test_the_themes_look_the_same_in_grey() -> None:
    """Themes with a caution are told apart by lightness, not by hue."""

    def light(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    assert light(emergent.PALE) - light(PALETTE[0]) > 60
