"""The code tree: categories, subcategories and codes from left to right, each with how many people speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..codebook import Code, Codebook
from ..console import counted_words, enumeration
from .codes import colours
from .drawing import (
    GAP,
    GREY,
    LABEL_WIDTH,
    LINE,
    SIZE,
    SMALL,
    Drawn,
    canvas,
    explained,
    head,
    plain,
    put,
    width,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TITLE = "The codes, and how many speak of them"
# More ends than this do not fit a printed page: the deepest levels are folded until the others do.
MOST_CODES = 60
NOTHING = "No coding counts yet"
BETWEEN, ELBOW, DOT = 5.0, 34.0, 5.0


@dataclass
class _Branch:
    """A code as it stands in the figure, in points: its lines, its numbers, what is below it, and its middle."""

    code: Code
    lines: list[str]
    numbers: str
    people: int
    below: list[_Branch] = field(default_factory=list)
    middle: float = 0.0

    @property
    def bold(self) -> bool:
        return bool(self.below) and self.code.level == 1

    @property
    def own(self) -> float:
        return len(self.lines) * SIZE * LINE + BETWEEN

    @property
    def high(self) -> float:
        return max(self.own, sum(branch.high for branch in self.below))

    @property
    def wide(self) -> float:
        last = width(self.lines[-1], SIZE, self.bold) + GAP + width(self.numbers, SMALL)
        return max([last, *(width(line, SIZE, self.bold) for line in self.lines[:-1])])


def shown(codebook: Codebook, utterances: Mapping[str, int], most: int = MOST_CODES) -> tuple[list[Code], str]:
    """The ends of the codebook that a figure has room for, in its order, and a sentence where these are not all.

    They are its open codes, else the codes at the deepest level at which they are at most `most`, with what is below
    them; of a codebook that is wider than this, those with most utterances.
    """
    open_codes = sum(code.leaf for code in codebook.codes)
    deepest = max((code.level for code in codebook.codes), default=1)
    for level in range(deepest, 0, -1):
        ends = [code for code in codebook.codes if code.level == level or (code.leaf and code.level < level)]
        if len(ends) <= most:
            break
    else:
        ranked = sorted(ends, key=lambda code: -utterances.get(code.code, 0))[:most]
        kept = {code.code for code in ranked}
        told = f"The {most} with most utterances, of {len(ends)}: all of them are in frequencies.csv."
        return [code for code in ends if code.code in kept], told
    if level == deepest:
        return ends, ""
    return ends, (
        f"Too many open codes ({open_codes}) to draw all: down to level {level} of {deepest}, with what is below; all "
        "are in frequencies.csv."
    )


def names_of(codebook: Codebook, codes: Iterable[Code]) -> list[str]:
    """The names of codes, and of those that they stand under."""
    inside = {key for code in codes for key in code.path}
    return [code.name for code in codebook.codes if code.code in inside]


def by_code(frequencies: pd.DataFrame, column: str) -> dict[str, int]:
    """A figure of each code."""
    return {code: int(value) for code, value in zip(frequencies["code"], frequencies[column], strict=True)}


def code_tree(frequencies: pd.DataFrame, codebook: Codebook, study: str, mark: str = "") -> Drawn:
    """The codebook as a tree, with the participants and utterances of each code.

    `frequencies` is the table of this name. Documents, which have no participants, are counted by source. `mark` says
    what a mark at a code's name means.
    """
    if not codebook.codes:
        message = "The codebook has no codes."
        return Drawn(TITLE, message, plain(TITLE, [study], message))
    word = "participants" if frequencies["of_participants"].max() else "sources"
    whole = int(frequencies[f"of_{word}"].max())
    people, utterances = (by_code(frequencies, column) for column in (word, "utterances"))
    ends, fewer = shown(codebook, utterances)
    trees = _grown(codebook, ends, people, utterances)
    disagreed = explained(mark, names_of(codebook, ends))
    notes = [
        study,
        f"Beside each code: {word} (of {whole}), and utterances, with a counted coding on it or below. Lines are the "
        f"thicker, the more {word}.",
        disagreed,
        fewer,
    ]
    figure, axes = canvas(*_laid(trees))
    chosen = colours(codebook)
    left = _columns(trees)
    for tree in trees:
        _draw(axes, tree, left, chosen, max(whole, 1))
    axes.set_xlim(0, figure.get_figwidth() * 72)
    axes.set_ylim(0, figure.get_figheight() * 72)
    axes.set_axis_off()
    head(axes, TITLE, notes, 0, figure.get_figwidth() * 72)
    return Drawn(TITLE, _alt(codebook, ends, people, utterances, (word, whole), (disagreed, fewer)), figure)


def _grown(
    codebook: Codebook, ends: Sequence[Code], people: Mapping[str, int], utterances: Mapping[str, int]
) -> list[_Branch]:
    """The trees over the ends, those at the root first."""
    wanted = {key for code in ends for key in code.path}
    last = {code.code for code in ends}
    below = {code.parent for code in codebook.codes if code.code in wanted}
    branches: dict[str, _Branch] = {}
    for code in codebook.codes:
        if code.code not in wanted:
            continue
        folded = sum(code.code in other.path[:-1] for other in codebook.codes) if code.code in last else 0
        name = f"{code.name} (+ {counted_words(folded, 'code')})" if folded else code.name
        lines = wrapped(name, LABEL_WIDTH, SIZE, code.level == 1 and code.code in below)
        numbers = f"{people.get(code.code, 0)}; {utterances.get(code.code, 0)}"
        branches[code.code] = branch = _Branch(code, lines, numbers, people.get(code.code, 0))
        if code.parent:
            branches[code.parent].below.append(branch)
    return [branch for branch in branches.values() if not branch.code.parent]


def _laid(trees: Sequence[_Branch]) -> tuple[float, float]:
    """Give every branch its place. Returns how wide and how high all are (points)."""
    # Categories stand apart from each other.
    apart = [GAP if tree.below else 0.0 for tree in trees]
    top = whole = sum(tree.high for tree in trees) + sum(apart)
    for tree, space in zip(trees, apart, strict=True):
        _place(tree, top - space / 2)
        top -= tree.high + space
    starts, widest = _columns(trees), _widest(trees)
    return starts[len(widest) - 1] + widest[-1], whole


def _place(branch: _Branch, top: float) -> None:
    inside = top - (branch.high - sum(part.high for part in branch.below)) / 2
    for part in branch.below:
        _place(part, inside)
        inside -= part.high
    branch.middle = top - branch.high / 2


def _widest(trees: Sequence[_Branch]) -> list[float]:
    """How wide the names of each level are."""
    found, level = [], list(trees)
    while level:
        found.append(DOT + GAP / 2 + max(branch.wide for branch in level))
        level = [part for branch in level for part in branch.below]
    return found


def _columns(trees: Sequence[_Branch]) -> list[float]:
    """Where the names of each level begin."""
    starts = [0.0]
    for wide in _widest(trees)[:-1]:
        starts.append(starts[-1] + wide + ELBOW)
    return starts


def _draw(axes: Axes, branch: _Branch, left: Sequence[float], chosen: Mapping[str, str], whole: int) -> None:
    start, colour = left[branch.code.level - 1], chosen[branch.code.code]
    filled = colour if branch.people else "white"
    axes.plot([start + DOT / 2], [branch.middle], "o", markersize=DOT, color=colour, markerfacecolor=filled,
              clip_on=False)  # fmt: skip
    # The middle of the lines is the middle of the branch, so that the numbers stand beside the last of them.
    begin = start + DOT + GAP / 2
    last = branch.middle - (len(branch.lines) - 1) / 2 * SIZE * LINE
    for number, line in enumerate(reversed(branch.lines)):
        at = (begin, last + number * SIZE * LINE)
        put(axes, line, at, (0, 0), xycoords="data", va="center_baseline",
            fontweight="bold" if branch.bold else "normal")  # fmt: skip
    beside = begin + width(branch.lines[-1], SIZE, branch.bold) + GAP * 0.75
    put(axes, branch.numbers, (beside, last), (0, 0), xycoords="data", va="center_baseline", fontsize=SMALL, color=GREY)
    if not branch.below:
        return
    end = left[branch.code.level]
    turn = end - ELBOW / 2
    middles = [branch.middle, *(part.middle for part in branch.below)]
    _line(axes, (begin + branch.wide + GAP, turn), [branch.middle] * 2, colour, _thick(branch, whole))
    _line(axes, [turn] * 2, (min(middles), max(middles)), colour, 1.0)
    for part in branch.below:
        _line(axes, (turn, end), [part.middle] * 2, chosen[part.code.code], _thick(part, whole))
        _draw(axes, part, left, chosen, whole)


def _line(axes: Axes, across: Sequence[float], up: Sequence[float], colour: str, thick: float) -> None:
    axes.plot(across, up, color=colour, linewidth=thick, solid_capstyle="butt", zorder=1)


def _thick(branch: _Branch, whole: int) -> float:
    return 0.5 + 2.5 * branch.people / whole


def _alt(
    codebook: Codebook,
    ends: Sequence[Code],
    people: Mapping[str, int],
    utterances: Mapping[str, int],
    counted_by: tuple[str, int],
    notes: tuple[str, ...],
) -> str:
    word, whole = counted_by
    roots = [code for code in codebook.codes if code.level == 1]
    lines = [
        f"A tree of the codebook: {counted_words(len(roots), 'code')} at the root, {len(ends)} at the ends.",
        *notes,
    ]
    for codes, what in ((roots, "at the root"), (ends, "at the ends")):
        most = max((people.get(code.code, 0) for code in codes), default=0)
        if most:
            first = [code for code in codes if people.get(code.code, 0) == most]
            names = [
                f"“{code.name}” ({counted_words(utterances.get(code.code, 0), 'utterance')})" for code in first[:3]
            ]
            names += [f"{len(first) - 3} more"] if len(first) > 3 else []
            lines.append(f"Of the codes {what}, most {word} ({most} of {whole}) speak of {enumeration(names)}.")
        if codes == ends:
            break
    silent = sum(not people.get(code.code, 0) for code in ends)
    lines.append(f"{counted_words(silent, 'code')} at the ends: no counted coding." if silent else "")
    return " ".join(line for line in lines if line)
