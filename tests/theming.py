"""Tables of the step `themes` as tests want them: whatever is not said is empty or 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from qualcode import tables

EMPTY = {"text": "", "integer": 0, "number": 0.0, "boolean": False}


def filled(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of a table, the columns that they leave out empty."""
    empty = {column.name: EMPTY[column.type] for column in tables.TABLES[name].columns}
    return tables.frame(name, [empty | dict(row) for row in rows])


def member(utterance: str, theme: int, similarity: float = 1.0, **more: object) -> dict[str, object]:
    return {"utterance": utterance, "theme": theme, "fitted": theme, "similarity": similarity, **more}


def write_themes(results: Path, members: list[dict[str, object]], themes: list[dict[str, object]]) -> None:
    """The tables of the step from members and rows of the table themes."""
    tables.write(results, "themes", filled("themes", themes))
    tables.write(results, "theme_members", filled("theme_members", members))
    tables.write(results, "theme_stability", filled("theme_stability", []))
