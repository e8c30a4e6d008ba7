"""How themes stand to the codebook: adopted, covered or new; and the codes that no theme touches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook
from ..counting import said
from ..tables.themes import ADOPTED, COVERED, NEW, SPREAD

if TYPE_CHECKING:
    import pandas as pd

# A code covers a theme that carries it on this share of its utterances.
MOST = 0.5
# A theme touches a code that this share of the theme's utterances carry, or of whose utterances it holds that share.
TOUCHED, HELD = 1 / 10, 1 / 3


def shared(members: pd.DataFrame, rows: pd.DataFrame) -> dict[tuple[int, str], int]:
    """How many utterances of each theme carry each code, or one below it; pairs without any are left out.

    `members` are theme_members without those that fit none, `rows` those of `counting.counted`.
    """
    pairs = rows[["code", "utterance"]].drop_duplicates()
    both = members[["theme", "utterance"]].merge(pairs, on="utterance")
    sizes = both.groupby(["theme", "code"]).size()
    return {(int(theme), str(code)): int(number) for (theme, code), number in sizes.items()}


def standing(
    members: pd.DataFrame, rows: pd.DataFrame, compared: pd.DataFrame, codebook: Codebook, made_of: Mapping[int, str]
) -> pd.DataFrame:
    """The table theme_standing. `compared` is the table theme_codes, `made_of` the code made of each adopted theme.

    A theme is covered by the deepest code that at least half of its utterances carry (of equally deep ones by that with
    most), spread where that many carry codes but no single one. Its novelty is the share of its utterances that carry
    no code at all.
    """
    carrying = members["utterance"].isin(set(rows["utterance"]))
    novelty = 1 - carrying.groupby(members["theme"]).mean()
    by_theme = {int(str(theme)): found.set_index("code") for theme, found in compared.groupby("theme")}
    nothing = compared.iloc[:0].set_index("code")
    made = []
    for theme in sorted(members["theme"].unique().tolist()):
        codes = by_theme.get(theme, nothing)
        covering = _covering(codes["overlap"].to_dict(), codebook)
        code = made_of.get(theme) or covering or _most(codes["overlap"].to_dict(), codebook)
        near = str(codes["similarity"].idxmax()) if len(codes) else ""
        made.append(
            {
                "theme": theme,
                "status": _status(theme in made_of, bool(covering), novelty[theme]),
                "code": code,
                "overlap": codes["overlap"].get(code, 0.0),
                "similar_code": near,
                "similarity": codes["similarity"].get(near, 0.0),
                "novelty": novelty[theme],
            }
        )
    return tables.frame("theme_standing", made)


def _status(is_adopted: bool, is_covered: bool, novelty: float) -> str:
    if is_adopted:
        return ADOPTED
    return COVERED if is_covered else SPREAD if 1 - novelty >= MOST else NEW


def _most(overlap: Mapping[str, float], codebook: Codebook) -> str:
    """The code that most of a theme carries, the deepest of equals, '' if it carries none."""
    best = max(codebook.codes, key=lambda code: (overlap.get(code.code, 0.0), code.level), default=None)
    return best.code if best and overlap.get(best.code) else ""


def _covering(overlap: Mapping[str, float], codebook: Codebook) -> str:
    """The deepest code with at least half of a theme, '' if none has so much."""
    codes = [code for code in codebook.codes if overlap.get(code.code, 0.0) >= MOST]
    best = max(codes, key=lambda code: (code.level, overlap[code.code]), default=None)
    return best.code if best else ""


def untouched(members: pd.DataFrame, rows: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The table codes_without_themes: codes with counted codings that no theme touches.

    A theme touches a code where at least a tenth of the theme's utterances carry the code, or where the theme holds at
    least a third of the utterances that carry it. The code carries what is coded below it, and is touched where one
    below it is. Codes on moderators' turns alone are left out, and without themes there is nothing to say.
    """
    both = shared(members, rows)
    sizes = members["theme"].value_counts().to_dict()
    carried = said(rows).groupby("code")["utterance"].nunique().to_dict()
    # Members are participants' words and those of documents, so that every code here has some of its own.
    touched = {
        code
        for (theme, code), number in both.items()
        if number / sizes[theme] >= TOUCHED or number / carried[code] >= HELD
    }
    touched |= {above for code in codebook.codes if code.code in touched for above in code.path}
    made = []
    for code in codebook.codes:
        if not sizes or not carried.get(code.code) or code.code in touched:
            continue
        inside = {theme: number for (theme, of), number in both.items() if of == code.code}
        most = min(inside, key=lambda theme: (-inside[theme], theme), default=0)
        made.append(
            {
                "code": code.code,
                "name": code.name,
                "utterances": carried[code.code],
                "in_themes": sum(inside.values()),
                "theme": most,
                "share": inside.get(most, 0) / carried[code.code],
            }
        )
    return tables.frame("codes_without_themes", made)
