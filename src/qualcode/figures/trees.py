"""The figure of a tree: leaves with their words at the left, joined from the nearest to the farthest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..codebook.colours import PALETTE
from ..measures.trees import Bracket
from .drawing import GAP, GREY, LINE, RULE, SIZE, SMALL, canvas, head, put, shortened, width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS, TREE, BETWEEN = 330.0, 220.0, 9.0


@dataclass(frozen=True)
class Leaf:
    """An end of the tree: what it is called, words that stand for it, and its colour."""

    name: str
    words: str = ""
    colour: str = PALETTE[0]


@dataclass(frozen=True)
class _Block:
    """A leaf's lines, and how much room they take (points)."""

    name: list[str]
    words: list[str]

    @property
    def high(self) -> float:
        return (len(self.name) * SIZE + len(self.words) * SMALL) * LINE

    @property
    def wide(self) -> float:
        return max([width(line, SIZE) for line in self.name] + [width(line, SMALL) for line in self.words])


def tree(
    leaves: Sequence[Leaf], joins: Sequence[Bracket], axis: str, title: str, notes: Sequence[str], lines: int
) -> Figure:
    """A tree over the leaves, first at the top; words of a leaf take at most so many `lines`."""
    blocks = [
        _Block(wrapped(leaf.name, WORDS, SIZE), shortened(leaf.words, WORDS, SMALL, lines) if leaf.words else [])
        for leaf in leaves
    ]
    whole = sum(block.high + BETWEEN for block in blocks)
    figure, axes = canvas(TREE, whole)
    left = -max(block.wide for block in blocks) - GAP
    middles, top = [], whole
    for block in blocks:
        middles.append(top - (block.high + BETWEEN) / 2)
        _words(axes, block, left, middles[-1] + block.high / 2)
        top -= block.high + BETWEEN
    _lines(axes, leaves, joins, middles)
    axes.set_ylim(0, whole)
    axes.set_xlim(0, max(join.height for join in joins) * 1.04 or 1.0)
    axes.set_yticks([])
    axes.tick_params(labelsize=SMALL)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_xlabel(axis)
    head(axes, title, notes, left, TREE - left)
    return figure


def _words(axes: Axes, block: _Block, left: float, top: float) -> None:
    at = (0, top)
    put(axes, "\n".join(block.name), at, (left, 0), xycoords=("axes fraction", "data"), va="top")
    if block.words:
        below = -len(block.name) * SIZE * LINE
        put(axes, "\n".join(block.words), at, (left, below), xycoords=("axes fraction", "data"), va="top",
            fontsize=SMALL, color=GREY)  # fmt: skip


def _lines(axes: Axes, leaves: Sequence[Leaf], joins: Sequence[Bracket], middles: Sequence[float]) -> None:
    for join in joins:
        ends = [_between(middles, place) for place in join.places]
        for place, end, height in zip(join.places, ends, join.heights, strict=True):
            colour = leaves[int(place)].colour if not height and place == int(place) else PALETTE[0]
            axes.plot([height, join.height], [end, end], color=colour, linewidth=1.4)
        axes.plot([join.height] * 2, ends, color=PALETTE[0], linewidth=1.4)


def _between(middles: Sequence[float], place: float) -> float:
    """The height of a place that may lie between two leaves, which are not equally far apart."""
    below = int(place)
    share = place - below
    return middles[below] if not share else (1 - share) * middles[below] + share * middles[below + 1]
