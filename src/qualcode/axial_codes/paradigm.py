"""The codes by the part that they play in the paradigm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import tables
from ..codebook import ROLES, Code, Codebook
from ..counting import figures_by_code

if TYPE_CHECKING:
    import pandas as pd

# Relations that stand in the talk itself, in one direction.
_WORDED = tables.RELATIONS[3:]


def paradigm_table(rows: pd.DataFrame, relations: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The table paradigm (Strauss & Corbin 1990), empty where no code has a role. `rows` are those of `counted`.

    A code without a role of its own plays the part of the nearest code above it that has one.
    """
    roles = {code.code: _role(code, codebook) for code in codebook.codes}
    listed = sorted((code for code in codebook.codes if roles[code.code]), key=lambda c: ROLES.index(roles[c.code]))
    figures = figures_by_code(rows, [code.code for code in listed]).to_dict("records")
    worded = relations[relations["relation"].isin(_WORDED) & relations["directed"]]
    return tables.frame(
        "paradigm",
        [
            {
                **found,
                "role": roles[code.code],
                "code": code.code,
                "name": code.name,
                "definition": code.definition,
                "own": bool(code.role),
                "relations": _related(code.code, worded),
            }
            for code, found in zip(listed, figures, strict=True)
        ],
    )


def _role(code: Code, codebook: Codebook) -> str:
    return next((role for above in reversed(code.path) if (role := codebook.by_id[above].role)), "")


def _related(code: str, worded: pd.DataFrame) -> str:
    """What people say that the code leads to, and what it follows from."""
    told = {
        "leads to": worded.loc[worded["code_a"] == code, "code_b"],
        "follows from": worded.loc[worded["code_b"] == code, "code_a"],
    }
    return "; ".join(f"{how}: {', '.join(dict.fromkeys(codes))}" for how, codes in told.items() if len(codes))
