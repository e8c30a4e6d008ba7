"""Codes that share utterances: the numbers are those of the talk, and no text meets another."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import combinations

import pytest
from drawing_checks import codebook_of, cooccurrences_of, frequencies_of, having, overlapping, shown_texts, talk_of
from matplotlib.patches import PathPatch

from qualcode import tables
from qualcode.figures import drawing
from qualcode.figures.networks import MOST_TIES, cooccurrence_matrix, cooccurrence_network

BOTH = pytest.mark.parametrize("draw", [cooccurrence_matrix, cooccurrence_network])


def drawn_of(draw, codebook, talk, **further):
    with drawing.fixed_style():
        return draw(cooccurrences_of(codebook, talk), frequencies_of(codebook, talk), codebook, "Why mentor", **further)


def chords(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]


def shared(codebook, talk):
    """How many utterances each two open codes share, counted one by one."""
    found = {}
    for one, other in combinations([code.code for code in codebook.codes if code.leaf], 2):
        if both := having(codebook, talk, one) & having(codebook, talk, other):
            found[one, other] = len(both)
    return found


@BOTH
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("codes", "levels"), [(10, 1), (10, 2), (30, 3), (60, 1), (60, 2), (60, 4)])
def test_no_text_meets_another(draw, codes: int, levels: int, seed: int) -> None:
    codebook = codebook_of(codes, levels, seed=seed)
    drawn = drawn_of(draw, codebook, talk_of(codebook, 120, seed=seed))
    with drawing.fixed_style():
        assert overlapping(drawn.figure) == []
        box = drawn.figure.get_tightbbox()
        assert all(
            box.x0 <= text.x0 / 300 and text.x1 / 300 <= box.x1 and box.y0 <= text.y0 / 300 and text.y1 / 300 <= box.y1
            for _, text in shown_texts(drawn.figure)
        )


def test_the_matrix_holds_each_pair_once_and_each_code() -> None:
    codebook = codebook_of(12, 2, longest=2)
    talk = talk_of(codebook, 80)
    axes = drawn_of(cooccurrence_matrix, codebook, talk).figure.axes[0]
    leaves = [code for code in codebook.codes if code.leaf]
    rows = {text.get_text(): text.xy[1] for text in axes.texts if text.get_text() in {leaf.name for leaf in leaves}}
    cell = axes.get_xlim()[1] / len(leaves)
    found = {}
    for text in axes.texts:
        if re.fullmatch(r"\d+", text.get_text()) and text.xycoords == "data":
            row = next(place for place, leaf in enumerate(leaves) if abs(rows[leaf.name] - text.xy[1]) < 1)
            found[leaves[int(text.xy[0] / cell)].code, leaves[row].code] = int(text.get_text())
    diagonal = {(leaf.code, leaf.code): len(having(codebook, talk, leaf.code)) for leaf in leaves}
    assert found == shared(codebook, talk) | diagonal


def test_the_network_joins_the_strongest_and_says_which() -> None:
    codebook = codebook_of(40, 2)
    talk = talk_of(codebook, 400, longest=6)
    pairs = shared(codebook, talk)
    drawn = drawn_of(cooccurrence_network, codebook, talk)
    number = len(chords(drawn.figure))
    least = min(sorted(pairs.values(), reverse=True)[:number])
    # All that are as strong as the weakest that is drawn, and no more than there is room for.
    assert number == sum(count >= least for count in pairs.values()) <= MOST_TIES < len(pairs)
    assert sum(count >= least - 1 for count in pairs.values()) > MOST_TIES
    told = f"of {len(pairs)} pairs that share utterances the {number} that share {least} or more"
    assert told in drawn.alt and f"(thickest: {max(pairs.values())})" in drawn.alt


def test_lines_are_as_thick_as_utterances_are_many() -> None:
    codebook = codebook_of(6, 1)
    talk = talk_of(codebook, 60)
    pairs = shared(codebook, talk)
    thick = sorted(patch.get_linewidth() for patch in chords(drawn_of(cooccurrence_network, codebook, talk).figure))
    counts = sorted(pairs.values())
    assert [one / thick[-1] for one in thick] == pytest.approx([count / counts[-1] for count in counts])


def test_every_code_is_on_the_circle_in_order_with_its_utterances() -> None:
    codebook = codebook_of(20, 2, longest=2)
    talk = talk_of(codebook, 20, longest=2)
    axes = drawn_of(cooccurrence_network, codebook, talk).figure.axes[0]
    leaves = [code for code in codebook.codes if code.leaf]
    wanted = [f"{leaf.name} ({len(having(codebook, talk, leaf.code))})" for leaf in leaves]
    found = [text for text in axes.texts if text.get_text() in set(wanted)]
    assert [text.get_text() for text in found] == wanted
    radius = axes.get_xlim()[1]
    assert [sum(coordinate**2 for coordinate in text.xy) ** 0.5 for text in found] == pytest.approx([radius] * 20)
    # Down the left side, then down the right one.
    assert found == sorted(found, key=lambda text: (text.xy[0] > 0, -text.xy[1]))
    alone = {
        code for code in (leaf.code for leaf in leaves) if not any(code in pair for pair in shared(codebook, talk))
    }
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == len(alone) > 0


def test_equally_strong_ties_are_never_drawn_in_part() -> None:
    codebook = codebook_of(30, 1)
    pairs = [
        {
            "code_a": one.code,
            "code_b": other.code,
            "utterances": 1,
            "of_utterances": 2,
            "jaccard": 0.5,
            "participants": 1,
        }
        for one, other in combinations(codebook.codes, 2)
    ][: MOST_TIES + 20]
    with drawing.fixed_style():
        drawn = cooccurrence_network(
            tables.frame("cooccurrences", pairs), frequencies_of(codebook, talk_of(codebook)), codebook, "Why mentor"
        )
    assert len(chords(drawn.figure)) == MOST_TIES + 20


@BOTH
def test_codebooks_that_do_not_fit_are_shown_from_above(draw) -> None:
    codebook = codebook_of(70, 2)
    drawn = drawn_of(draw, codebook, talk_of(codebook, 200))
    roots = [code for code in codebook.codes if code.level == 1]
    assert f"of {len(roots)} codes" in drawn.alt
    assert "Too many open codes (70) to draw all: down to level 1 of 2, with what is below" in drawn.alt


@BOTH
def test_the_alt_text_names_the_strongest_pair(draw) -> None:
    codebook = codebook_of(10, 2, longest=2)
    talk = talk_of(codebook, 100)
    pairs = shared(codebook, talk)
    either = {pair: len(having(codebook, talk, pair[0]) | having(codebook, talk, pair[1])) for pair in pairs}
    one, other = max(pairs, key=lambda pair: (pairs[pair], pairs[pair] / either[pair]))
    names = codebook.by_id
    first = (
        f"Most are shared by “{names[one].name}” with “{names[other].name}” ({pairs[one, other]} utterances, Jaccard"
    )
    alt = drawn_of(draw, codebook, talk).alt
    assert first in alt and f"{len(pairs)} pairs share utterances" in alt


@BOTH
def test_pairs_of_few_people_are_said_to_be_left_out(draw) -> None:
    codebook = codebook_of(6, 1)
    told = "Pairs that fewer than 5 people speak of are left out."
    drawn = drawn_of(draw, codebook, talk_of(codebook), smallest=5)
    with drawing.fixed_style():
        assert told in drawn.alt and any(told in text for text, _ in shown_texts(drawn.figure))


@BOTH
@pytest.mark.parametrize(("longest", "told"), [(0, "No coding counts yet"), (1, "No utterance has two codes")])
def test_where_nothing_is_shared_the_figure_says_why(draw, longest: int, told: str) -> None:
    codebook = codebook_of(5, 2)
    drawn = drawn_of(draw, codebook, talk_of(codebook, longest=longest))
    with drawing.fixed_style():
        assert any(told in text for text, _ in shown_texts(drawn.figure))
    assert drawn.alt.startswith(told)


@BOTH
def test_the_same_bytes_again(draw) -> None:
    codebook = codebook_of(20, 3)
    talk = talk_of(codebook)
    files = []
    for _ in range(2):
        with drawing.fixed_style():
            drawn_of(draw, codebook, talk).figure.savefig(into := BytesIO(), format="svg", metadata={"Date": None})
        files.append(into.getvalue())
    assert files[0] == files[1]
