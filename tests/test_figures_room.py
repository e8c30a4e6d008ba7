"""No text of a figure stands on another or is cut off, at 10 to 60 codes with long names."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.text import Text

from qualcode import tables
from qualcode.codebook import Code, Codebook
from qualcode.figures import (
    agreeing,
    codes,
    drawing,
    growth,
    hierarchy,
    learned,
    networks,
)
from qualcode.figures.keeping import MARGIN

LONG = "Verantwortungsübernahmebereitschaft of mentors, candidates and everybody else who has something to say"
# Letters do not fill their boxes: lines of text may come so near (points).
LEADING = 2.5


def blank(table: str, /, **cells: object) -> dict[str, object]:
    """A row of a table: 0 and '' where nothing is given, nothing where a column may be empty."""
    empty = {"integer": 0, "number": 0.0, "text": "", "boolean": False}
    columns = tables.TABLES[table].columns
    return {c.name: None if c.optional else empty[c.type] for c in columns} | cells


def book(number: int) -> Codebook:
    """So many codes at two levels, every third with a long name; a category holds four."""
    made = []
    for at in range(number):
        category = at // 5 * 5
        path = (f"c{category}",) if at == category else (f"c{category}", f"c{at}")
        leaf = at != category or at == number - 1
        name = f"{at} {LONG}" if at % 3 == 0 else f"Code number {at}"
        made.append(Code(f"c{at}", name, "", len(path), path, 0, leaf))
    return Codebook(Path(), "", "", tuple(made))


def counts(codebook: Codebook, of: int = 1000):
    rows = [
        blank("frequencies", level=c.level, code=c.code, name=c.name, path=" > ".join(c.path),
              participants=(37 * at) % of, of_participants=of, of_present=of, utterances=9000 - at, of_sources=3)
        for at, c in enumerate(codebook.codes)
    ]  # fmt: skip
    return tables.frame("frequencies", rows)


def by_group(codebook: Codebook, groups: int):
    rows = [
        blank("frequencies_by", attribute="school", value=f"{LONG[:40]} {group}", level=c.level, code=c.code,
              name=c.name, participants=100 + at, of_participants=1000, participants_percent=10.0 + at,
              suppressed=at % 7 == 3)
        for group in range(groups)
        for at, c in enumerate(codebook.codes)
    ]  # fmt: skip
    return tables.frame("frequencies_by", rows)


def coded(codebook: Codebook, people: int):
    import pandas as pd

    rows = [
        {"code": c.code, "participant": f"p{person}", "utterance": f"t:{person}-{at}-{n}"}
        for person in range(people)
        for at, c in enumerate(codebook.codes)
        for n in range((at * person) % 13)
    ]
    return pd.DataFrame(rows, columns=["code", "participant", "utterance"])


def persons(number: int):
    rows = [
        blank("participants", participant=f"p{n}", role="participant", pseudonym=f"Pseudonym of {LONG[:20]} {n}")
        for n in range(number)
    ]
    return tables.frame("participants", rows)


def agreed(codebook: Codebook):
    rows = [
        blank("agreement", code=code, coder_a="anna", coder_b="ben", unit="utterance", scope="all", units=4662,
              percent=99.9, kappa=None if at % 5 == 4 else math.cos(at), low=-0.3 if at % 2 else None,
              high=0.9 if at % 2 else None)
        for at, code in enumerate(["all", *(c.code for c in codebook.codes if c.leaf)])
    ]  # fmt: skip
    return tables.frame("agreement", rows)


def pairs(codebook: Codebook):
    leaves = [c.code for c in codebook.codes if c.leaf]
    rows = [
        blank("cooccurrences", code_a=a, code_b=b, utterances=1 + (at * 7) % 900, of_utterances=1000, jaccard=0.1)
        for at, (a, b) in enumerate(combinations(leaves, 2))
        if at % 2
    ]
    return tables.frame("cooccurrences", rows)


def grown(sources: int):
    rows = [
        {"scope": scope, "position": n, "source": f"{LONG[:30]} {n}" if scope == "source" else "", "codings": 900,
         "codes": n, "new_codes": max(0, 20 - n), "codes_so_far": 100 + 15 * n}
        for scope, count in (("tenth", 10), ("source", sources))
        for n in range(1, count + 1)
    ]  # fmt: skip
    return tables.frame("saturation", rows)


def ran_out(sources: int):
    rows = [blank("new_information", scope=scope, sentence=f"Sentence {scope}. {LONG}") for scope in growth.SCOPES]
    rows += [
        blank("new_information", scope=scope, position=n, new_codes=1, codes_so_far=n, run_percent=50.0 / n,
              codes_median=n, codes_low=n // 2, codes_high=2 * n, run_median=40.0 / n, run_low=0.0, run_high=90.0 / n)
        for scope in ("source", "participant")
        for n in range(1, sources + 1)
    ]  # fmt: skip
    return tables.frame("new_information", rows)


def figures(number: int) -> dict[str, drawing.Drawn]:
    """A figure of each kind of so many codes; with more codes come more groups, people and sources."""
    codebook = book(number)
    frequencies = counts(codebook)
    wide = {10: 2, 30: 15, 60: 40}[number]
    calibrated = [blank("suggestion_calibration", low=n / 10, high=(n + 1) / 10, units=88_888, probability=n / 10,
                        coded=n / 10) for n in range(10)]  # fmt: skip
    steps = [blank("suggestion_learning", code="all", step=n, kind="forecast" if n > 5 else "measured",
                   share=10.0 * n, kappa=n / 10, f1=n / 9) for n in range(1, 8)]  # fmt: skip
    return {
        "theme_frequencies": codes.theme_frequencies(frequencies, "answered", codebook, "Study"),
        "codes_by_participant": codes.codes_by_participant(
            coded(codebook, min(wide, 30)), persons(min(wide, 30)), frequencies, "Study", "shareable"
        ),
        "codes_by_attribute": codes.codes_by_attribute(by_group(codebook, wide), "school", frequencies, "Study"),
        "code_tree": hierarchy.code_tree(frequencies, codebook, "Study"),
        "cooccurrence_matrix": networks.cooccurrence_matrix(pairs(codebook), frequencies, codebook, "Study"),
        "cooccurrence_network": networks.cooccurrence_network(pairs(codebook), frequencies, codebook, "Study"),
        "saturation": growth.saturation(grown(wide), "Study"),
        "new_information": growth.new_information(ran_out(wide), 5.0, "Study"),
        "agreement_by_code": agreeing.agreement_by_code(agreed(codebook), frequencies, "Study"),
        "learning": learned.learning_curve(tables.frame("suggestion_learning", steps), "Study"),
        "calibration": learned.calibration(tables.frame("suggestion_calibration", calibrated), "Study"),
    }


def corners(text: Text) -> list[tuple[float, float]]:
    """The corners of a text as it is drawn, slanted where it is (pixels)."""
    angle = text.get_rotation()
    if not angle % 90:
        box = text.get_window_extent()
        return [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]
    assert text.get_rotation_mode() == "anchor"
    text.set_rotation(0)
    box = text.get_window_extent()
    east, north = text.get_transform().transform(text.get_unitless_position())
    text.set_rotation(angle)
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    around = [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]
    return [
        (east + (x - east) * cosine - (y - north) * sine, north + (x - east) * sine + (y - north) * cosine)
        for x, y in around
    ]


def meet(one: list[tuple[float, float]], other: list[tuple[float, float]], room: float) -> bool:
    """Whether two boxes share more than so many pixels: no line along one of their sides parts them."""
    for box in (one, other):
        for (x0, y0), (x1, y1) in zip(box, [*box[1:], box[0]], strict=True):
            length = math.hypot(x1 - x0, y1 - y0)
            if not length:
                return False
            across = ((y0 - y1) / length, (x1 - x0) / length)
            spans = [[x * across[0] + y * across[1] for x, y in points] for points in (one, other)]
            if min(max(spans[0]), max(spans[1])) - max(min(spans[0]), min(spans[1])) <= room:
                return False
    return True


def shown(figure) -> list[Text]:
    """Every text that is drawn: not those of ticks beyond the axes."""
    outside = {
        tick.label1
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not axes.axison or not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    return [text for text in figure.findobj(Text) if text.get_text().strip() and text not in outside]


@pytest.mark.parametrize("number", [10, 30, 60])
def test_no_text_meets_another_and_none_is_cut_off(number: int) -> None:
    with drawing.fixed_style():
        for name, drawn in figures(number).items():
            figure = drawn.figure
            figure.draw_without_rendering()
            boxes = [(text.get_text(), corners(text)) for text in shown(figure) if text.get_visible()]
            assert len(boxes) > 10, name
            room = LEADING * figure.dpi / 72
            met = [(one[0], other[0]) for one, other in combinations(boxes, 2) if meet(one[1], other[1], room)]
            assert not met, (name, met[:5])
            page = figure.get_tightbbox().padded(MARGIN)
            low, high = [side * figure.dpi for side in page.min], [side * figure.dpi for side in page.max]
            for text, box in boxes:
                assert all(low[0] < x < high[0] and low[1] < y < high[1] for x, y in box), (name, text)


def flat(number: int) -> Codebook:
    """So many codes without categories."""
    made = [Code(f"c{at}", f"Code {at}", "", 1, (f"c{at}",), 0, True) for at in range(number)]
    return Codebook(Path(), "", "", tuple(made))


def test_of_a_wide_codebook_the_codes_of_most_people_are_drawn_in_its_order() -> None:
    codebook = flat(300)
    # The last hundred and the first have most people: of the first ones, which are equal, those that come first.
    table = counts(codebook).assign(participants=[5 if at < 100 else 1 if at < 260 else 9 for at in range(300)])
    kept = [f"Code {at}" for at in (*range(20), *range(260, 300))]
    told = "The 60 codes of most participants; all 300 are in"
    groups = by_group(codebook, 2)
    drawings = {
        "frequencies.csv": lambda: codes.theme_frequencies(table, "answered", codebook, "Study"),
        "cases.csv": lambda: codes.codes_by_participant(coded(codebook, 3), persons(3), table, "Study", "shareable"),
        "frequencies_by.csv": lambda: codes.codes_by_attribute(groups, "school", table, "Study"),
    }
    for where, draw in drawings.items():
        with drawing.fixed_style():
            drawn = draw()
        assert f"{told} {where}." in drawn.alt
        said = [text.get_text() for text in drawn.figure.findobj(Text)]
        assert [text for text in said if text.startswith("Code ")] == kept
        assert any(f"{told} {where}." in " ".join(text.split("\n")) for text in said)
        assert drawn.figure.get_figheight() < 20


def test_agreement_is_drawn_for_the_codes_of_most_people_and_those_above_them() -> None:
    codebook = book(100)
    table = counts(codebook).assign(participants=[at if at % 5 else 0 for at in range(100)])
    with drawing.fixed_style():
        drawn = agreeing.agreement_by_code(agreed(codebook), table, "Study")
    rows, left_out = agreeing._rows({c.code: {"fleiss": 0.5, "kappa": 0.5, "percent": 1, "low": 0, "high": 1}
                                     for c in codebook.codes if c.leaf}, table, False)  # fmt: skip
    names = [row.label for row, _ in rows]
    assert names == [code.name for code in codebook.codes[40:]] and left_out == 40
    assert "The 60 codes of most people; 40 more in agreement.csv." in drawn.alt


def test_texts_that_meet_would_be_found() -> None:
    with drawing.fixed_style():
        figure, axes = drawing.canvas(200, 200)
        for at, (offset, angle) in enumerate([((0, 0), 0), ((20, 5), 0), ((100, 100), 60), ((105, 100), 60)]):
            drawing.put(axes, f"words {at}", (0, 0), offset, rotation=angle, rotation_mode="anchor")
        figure.draw_without_rendering()
        boxes = [corners(text) for text in shown(figure) if text.get_text().startswith("words")]
    assert [pair for pair in combinations(range(4), 2) if meet(boxes[pair[0]], boxes[pair[1]], 1)] == [(0, 1), (2, 3)]


@pytest.mark.parametrize("number", [10, 60])
def test_the_numbers_drawn_are_those_of_the_table(number: int) -> None:
    with drawing.fixed_style():
        codebook = book(number)
        figure = codes.theme_frequencies(counts(codebook), "answered", codebook, "Study").figure
    said = [text.get_text() for text in shown(figure)]
    for row in counts(codebook).to_dict("records"):
        assert f"{row['participants']} of 1000" in said
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == list(counts(codebook)["participants"])
