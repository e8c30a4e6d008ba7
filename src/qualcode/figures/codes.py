"""What is drawn of the codebook's codes: how many people speak of each, who, and which groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..codebook.colours import PALETTE, paler
from ..console import counted_words
from ..tables import percent
from .drawing import TOLD, Drawn, Row, bars, explained, nothing
from .grids import KEPT_BACK, heat_map, strongest

if TYPE_CHECKING:
    import pandas as pd

    from ..tables import Release

# More rows than this do not fit a printed page: the deepest levels are left out until the others do, and of a codebook
# that is wider than this, the codes of which fewest people speak.
MOST_ROWS = 60
# More columns than this are no longer read person by person, or group by group.
MOST_PARTICIPANTS, MOST_GROUPS = 30, 15


def depth_shown(levels: Sequence[int]) -> int:
    """The deepest level at which a figure still has at most MOST_ROWS rows; 1 at the least."""
    deepest = max(levels, default=1)
    while deepest > 1 and sum(level <= deepest for level in levels) > MOST_ROWS:
        deepest -= 1
    return deepest


def colours(codebook: Codebook) -> dict[str, str]:
    """A colour for each code: its own or that of the nearest code above it, paler with every level between."""
    roots = [code.code for code in codebook.codes if code.level == 1]
    flat = all(code.leaf for code in codebook.codes)
    palette = {root: PALETTE[0 if flat else number % len(PALETTE)] for number, root in enumerate(roots)}
    chosen = {}
    for code in codebook.codes:
        given = [key for key in code.path if codebook.by_id[key].colour]
        base = given[-1] if given else code.path[0]
        between = len(code.path) - 1 - code.path.index(base)
        chosen[code.code] = paler(codebook.by_id[base].colour or palette[base], min(0.5, 0.25 * between))
    return chosen


def frequency_rows(frequencies: pd.DataFrame, codebook: Codebook) -> tuple[list[Row], int, str]:
    """A bar per code, the number of all participants, and the word for them (documents have none: sources)."""
    word = told_by(frequencies)
    of = f"of_{word}"
    people = int(frequencies[of].max()) if len(frequencies) else 0
    colour = colours(codebook)
    rows = [
        Row(row["name"], row["level"] - 1, row[word], f"{row[word]} of {row[of]}", colour.get(row["code"], PALETTE[0]))
        for row in _shown(frequencies).to_dict("records")
    ]
    return rows, people, word


def theme_frequencies(frequencies: pd.DataFrame, of: str, codebook: Codebook, study: str, mark: str = "") -> Drawn:
    """How many participants speak of each code, of those who answered or of those who were present (`of`).

    `mark` says, here and below, what a mark at a code's name means.
    """
    rows, people, word = frequency_rows(frequencies, codebook)
    title = f"How many {word} speak of each code"
    if not rows:
        return nothing(title, study, "The codebook has no codes.")
    whole = ""
    if word == "participants":
        whole = f" Of {people} who {'were present' if of == 'present' else 'spoke or answered'}."
    fewer = _fewer(frequencies, "frequencies.csv")
    disagreed = explained(mark, (row.label for row in rows))
    notes = [study, f"{word.capitalize()} with at least one counted coding on the code or below it.{whole}",
             disagreed, fewer]  # fmt: skip
    ranked = sorted(rows, key=lambda row: -row.value)
    told = "; ".join(f"{row.label}: {row.end}" for row in ranked[:TOLD])
    alt = f"Bar chart of {counted_words(len(rows), 'code')} by how many of {people} {word} speak of each. {told}."
    if len(rows) > TOLD:
        every = "" if fewer else "; all are in frequencies.csv"
        alt += f" The other {len(rows) - TOLD} have {ranked[TOLD].value} at the most{every}."
    alt += _after(disagreed) + _after(fewer)
    return Drawn(title, alt, bars(rows, people, f"Number of {word} (of {people})", title, notes))


def codes_by_participant(
    rows: pd.DataFrame, participants: pd.DataFrame, frequencies: pd.DataFrame, study: str, release: Release,
    mark: str = "",
) -> Drawn:  # fmt: skip
    """Utterances by code and person. `rows` are those of `counting.counted`; each person has a column."""
    title = "Who speaks of what"
    people = participants[participants["role"] == "participant"]
    shown = _shown(frequencies)
    if shown.empty or people.empty:
        return nothing(title, study, "There is no participant, or no code, to count utterances by.")
    if len(people) > MOST_PARTICIPANTS:
        message = f"The study has {len(people)} participants, too many for a column each: see codes by attribute."
        return nothing(title, study, message)
    counts = rows.groupby(["code", "participant"])["utterance"].nunique().to_dict()
    grid = [[int(counts.get((code, person), 0)) for person in people["participant"]] for code in shown["code"]]
    disagreed = explained(mark, shown["name"])
    notes = [
        study,
        "Utterances with a counted coding on the code or below it.",
        disagreed,
        _fewer(frequencies, "cases.csv"),
    ]
    axis = ["Columns: participants by pseudonym. Cells: number of utterances, darker the more there are."]
    columns = list(people["pseudonym"])
    alt = (
        f"Heat map of {counted_words(len(shown), 'code')} by {counted_words(len(columns), 'participant')}; each cell "
        f"is the number of utterances. {strongest(list(shown['name']), columns, grid, 'utterance')}"
        f"{_after(disagreed)}{_after(_fewer(frequencies, 'cases.csv'))}"
    )
    return Drawn(title, alt, heat_map(_rows(shown), columns, grid, axis, title, notes), release)


def attributes_shown(counted_by: pd.DataFrame, attributes: pd.DataFrame) -> list[str]:
    """The attributes of participants that a table counts by, in its order."""
    known = set(attributes.loc[attributes["subject"] == "participant", "attribute"])
    # One that is called as something else is has the subject before it.
    taken = {name for name in ("source", "question") if name in known}
    names = (known - taken) | {f"participant: {name}" for name in taken}
    return [str(name) for name in dict.fromkeys(counted_by["attribute"]) if name in names]


def codes_by_attribute(
    frequencies_by: pd.DataFrame, attribute: str, frequencies: pd.DataFrame, study: str, mark: str = ""
) -> Drawn:
    """People of each group who speak of each code, and in % of the group; `–` where the table keeps a figure back."""
    title = f"Which groups speak of what: {attribute}"
    inside = frequencies_by[frequencies_by["attribute"] == attribute]
    shown = _shown(frequencies)
    if shown.empty or inside.empty:
        return nothing(title, study, "There is no group, or no code, to count people by.")
    # Where all figures of a group are kept back, its size is too.
    sizes = inside.groupby("value", sort=False)["of_participants"].max().fillna(0).astype(int).to_dict()
    kept = set(sorted(sizes, key=lambda value: -sizes[value])[:MOST_GROUPS])
    values = [value for value in sizes if value in kept]
    cells = {(row["code"], row["value"]): _cell(row) for row in inside.to_dict("records")}
    grid = [[cells.get((code, value), (0, 0.0)) for value in values] for code in shown["code"]]
    counts = [[count for count, _ in line] for line in grid]
    hidden = sum(count is None for line in counts for count in line)
    disagreed = explained(mark, shown["name"])
    notes = [
        study,
        "People of the group with a counted coding on the code or below it, and in % of the group.",
        disagreed,
        f"The {MOST_GROUPS} largest groups of {len(sizes)}: all are in frequencies_by.csv."
        if len(sizes) > len(values)
        else "",
        f"{KEPT_BACK}: so few people that the figure is kept back." if hidden else "",
        _fewer(frequencies, "frequencies_by.csv"),
    ]
    columns = [f"{value} ({sizes[value] or KEPT_BACK})" for value in values]
    alt = (
        f"Heat map of {counted_words(len(shown), 'code')} by {counted_words(len(values), 'group')} of {attribute}; "
        f"each cell is the number of people and their share of the group. "
        f"{strongest(list(shown['name']), columns, counts, 'person', 'people')}"
        f"{_after(disagreed)}{_after(_fewer(frequencies, 'frequencies_by.csv'))}"
    )
    if hidden:
        alt += f" {counted_words(hidden, 'cell')} kept back, because so few people are in them."
    axis = [f"Columns: {attribute} (people). The higher the share of the group, the darker."]
    percents = [[share for _, share in line] for line in grid]
    return Drawn(title, alt, heat_map(_rows(shown), columns, counts, axis, title, notes, percents))


def _cell(row: dict[str, Any]) -> tuple[int | None, float]:
    """People of a group and their share; no number where it is kept back."""
    if row.get("suppressed") or row["participants"] != row["participants"]:
        return None, 0.0
    # Anew from the counts: what is rounded twice is wrong.
    return int(row["participants"]), percent(int(row["participants"]), int(row["of_participants"]), 0)


def told_by(frequencies: pd.DataFrame) -> str:
    """The column that codes are counted by: documents have no participants."""
    people = len(frequencies) and not frequencies["of_participants"].max()
    return "sources" if people else "participants"


def most_spoken_of(places: pd.DataFrame, counts: str, most: int = MOST_ROWS) -> pd.DataFrame:
    """At most so many rows of a table: the codes with the highest `counts` and those above them, in its order.

    Of codes that are equal, those that come first.
    """
    kept: set[str] = set()
    for path in places.sort_values(counts, ascending=False, kind="stable")["path"]:
        wanted = kept | set(path.split(" > "))
        if len(wanted) > most:
            break
        kept = wanted
    return places[places["code"].isin(kept)]


def _shown(frequencies: pd.DataFrame) -> pd.DataFrame:
    upper = frequencies[frequencies["level"] <= depth_shown(list(frequencies["level"]))]
    return most_spoken_of(upper, told_by(frequencies))


def _rows(shown: pd.DataFrame) -> list[Row]:
    return [Row(name, level - 1) for name, level in zip(shown["name"], shown["level"], strict=True)]


def _fewer(frequencies: pd.DataFrame, table: str) -> str:
    """A sentence where codes are left out."""
    deepest, below = depth_shown(list(frequencies["level"])), max(frequencies["level"], default=1)
    shown = len(_shown(frequencies))
    every = f"all {len(frequencies)} are in {table}."
    if shown < (frequencies["level"] <= deepest).sum():
        return f"The {shown} codes of most {told_by(frequencies)}; {every}"
    return f"Codes down to level {deepest} of {below}; {every}" if below > deepest else ""


def _after(sentence: str) -> str:
    return f" {sentence}" if sentence else ""
