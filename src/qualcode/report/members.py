"""The pages of emergent themes: every utterance that a theme gathers, by the groups that tables count by."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..counting import SAID
from ..quoting import Speech, columns, records
from .passages import Behind, Tally, barred

if TYPE_CHECKING:
    import pandas as pd


def pages_of(
    read: Mapping[str, pd.DataFrame], behind: Behind, speech: Speech, pseudonyms: Mapping[str, str]
) -> dict[int, dict[str, Any]]:
    """What the page of each theme shows, by its number: its utterances in the order of the talk, and their groups."""
    of_theme = dict(columns(read["theme_members"], "utterance", "theme"))
    rows: dict[int, list[dict[str, Any]]] = {}
    tallies: dict[int, dict[str, Tally]] = {}
    for utterance, source, start, end, person, role, words in columns(
        read["utterances"], "utterance", "source", "start", "end", "participant", "role", "text"
    ):
        theme = of_theme.get(utterance, 0)
        if not theme:
            continue
        keys = behind.falls(utterance, person)
        for key in ("", *keys):
            tally = tallies.setdefault(theme, {}).setdefault(key, Tally())
            tally.add(utterance, utterance, person, role in SAID)
        rows.setdefault(theme, []).append(
            {
                "source": source,
                "anchor": f"u{utterance.rpartition(':')[2]}",
                "words": speech.checked.told(source, start, words),
                "who": pseudonyms.get(person, person),
                "place": speech.place(source, start, end),
                "barred": barred(speech, pseudonyms, source, start, end),
                "classes": " ".join(keys),
            }
        )
    return {
        row["theme"]: _page(row, rows.get(row["theme"], []), tallies.get(row["theme"], {}), behind)
        for row in records(read["themes"])
    }


def _page(
    theme: Mapping[str, Any], rows: list[dict[str, Any]], tallies: Mapping[str, Tally], behind: Behind
) -> dict[str, Any]:
    groups = [
        {"group": group, "utterances": len(tallies[group.key].utterances), "people": len(tallies[group.key].people)}
        for group in behind.groups
        if group.key in tallies
    ]
    return {
        "theme": theme,
        "groups": groups,
        "by_attribute": [(name, list(of)) for name, of in groupby(groups, key=_attribute)],
        "sources": [(source, list(of)) for source, of in groupby(rows, key=lambda row: row["source"])],
    }


def _attribute(row: Mapping[str, Any]) -> str:
    return str(row["group"].attribute)
