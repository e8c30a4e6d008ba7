"""Small talks and codings to look for saturation in."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qualcode.study import Source
from qualcode.tables import frame

SETTINGS = {"base": 4, "run": 2, "threshold": 5, "orders": 200, "seed": 1}


def talk(*turns: tuple[str, str, int] | tuple[str, str, int, str]) -> pd.DataFrame:
    """Utterances of (source, role, length) and, if it is not p1, the participant; one after the other in a source."""
    rows: list[dict[str, object]] = []
    ends: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for source, role, length, *person in turns:
        number = numbers[source] = numbers.get(source, 0) + 1
        start = ends.get(source, 0)
        ends[source] = start + length
        row = {"utterance": f"{source}:{number}", "source": source, "participant": person[0] if person else "p1"}
        row |= {"role": role, "question": "", "backchannel": False, "start": start, "end": start + length}
        rows.append({**row, "time_start": "", "time_end": "", "text": "x"})
    return frame("utterances", rows)


def coded(*rows: tuple[str, str, str, bool], people: Sequence[str] = ()) -> pd.DataFrame:
    """Counted codings of (coding, code, utterance, own), credited to `people`, or to p1."""
    made = pd.DataFrame(rows, columns=["coding", "code", "utterance", "own"])
    made = made.assign(source=made["utterance"].str.partition(":")[0], participant=list(people) or "p1")
    return made.astype({"own": bool})


def listed(*names: str, kind: str = "interview", dates: Sequence[str] = ()) -> list[Source]:
    from pathlib import Path

    dated = dates or [""] * len(names)
    return [Source(name, Path(f"{name}.txt"), kind, date=date) for name, date in zip(names, dated, strict=True)]


def finished(*rows: tuple[str, str, int, bool]) -> pd.DataFrame:
    """The table coders of (source, coder, done_to, counts)."""
    names = ("source", "coder", "done_to", "counts")
    return frame("coders", [{**dict(zip(names, row, strict=True)), "coded": True, "said": True} for row in rows])
