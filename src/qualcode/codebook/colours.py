"""A colour for each category of a codebook, by which people find their way in sheets."""

from __future__ import annotations

from . import Codebook

# Okabe & Ito's colours for every kind of colour vision, without black and the yellow that is lost on white paper;
# the last two are of Tol's muted scheme.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#666666")


def category_colours(codebook: Codebook) -> dict[str, str]:
    """The colour of each code's category, the code of level 1 above it: its own if it has one, else of the palette."""
    roots = [code for code in codebook.codes if code.level == 1]
    chosen = {root.code: root.colour or PALETTE[number % len(PALETTE)] for number, root in enumerate(roots)}
    return {code.code: chosen[code.path[0]] for code in codebook.codes}


def paler(colour: str, share: float) -> str:
    """A colour mixed with that share of white.

    >>> paler("#000000", 0.6)
    '#999999'
    """
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
