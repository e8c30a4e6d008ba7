"""What is drawn of emergent themes: their number, their size, which are alike, and who speaks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..codebook.colours import PALETTE, paler
from ..console import counted_words, enumeration
from ..measures.trees import brackets, leaves
from ..tables import percent
from ..tables.themes import TYPICAL, UNSTABLE
from .choices import Panel, choice
from .drawing import SMALL, TOLD, Drawn, Row, bars, nothing, shortened
from .grids import heat_map, strongest
from .stability import DOUBTFUL, STABLE, dots_named, named
from .trees import Leaf, tree

if TYPE_CHECKING:
    import pandas as pd

    from ..tables import Release

# More columns than this are no longer read one by one.
MOST_VALUES = 15
# With more themes than this their quotations take one line each in the tree, else up to three.
MANY_THEMES, LINES = 20, 3
# As much of a quotation as three lines can hold, and more; points of a column's name.
MOST_LETTERS, COLUMN = 400, 160.0
PALE = paler(PALETTE[0], 0.5)
TITLES = {
    "emergent_themes": "Themes that the machine proposes",
    "theme_choice": "How many themes",
    "theme_map": "How large and how stable each theme is",
    "theme_tree": "Which themes are alike",
    "themes_by_question": "Themes by guide question",
    "themes_by_source": "Themes by source",
    "themes_by_attribute": "Themes by group of people",
}
# Labels of themes and quotations are words of people; how many themes there are is not.
RELEASES: dict[str, Release] = {"theme_choice": "shareable"}
OFFERED = "Offered, never imposed: people decide."


def theme_figures(
    read: Mapping[str, pd.DataFrame], guide: Mapping[str, str], attribute: str, study: str
) -> dict[str, tuple[Callable[..., Drawn], tuple[Any, ...]]]:
    """By name of the figure, the function that draws it and what it is given.

    `read` are the tables of the steps themes and theme_codes, and participants; `guide` are the questions' words by id,
    `attribute` is the one of people that themes are shown by ('' if there is none).
    """
    themes = read["themes"]
    if themes.empty:
        reason = why_none(read["theme_stability"])
        return {
            name: (nothing, (title, study, reason, RELEASES.get(name, "working"))) for name, title in TITLES.items()
        }
    stability, choice_told = read["theme_choice"], said_of(read["theme_stability"], "choice")
    by = {name: read["themes_by"][read["themes_by"]["attribute"] == name] for name in ("question", "source", attribute)}
    named = themes[["theme", "label", "note"]]
    tree_of = (themes, read["theme_hierarchy"], _most_typical(read["theme_quotations"], read["participants"]), study)
    title = f"Themes by {attribute}" if attribute else TITLES["themes_by_attribute"]
    return {
        "emergent_themes": (emergent_themes, (themes, study)),
        "theme_choice": (theme_choice, (stability, choice_told, study)),
        "theme_map": (theme_map, (themes, said_of(read["theme_stability"], "stable from"), study)),
        "theme_tree": (theme_tree, tree_of),
        "themes_by_question": (
            themes_by,
            (named, by["question"], "question", TITLES["themes_by_question"], study, guide),
        ),
        "themes_by_source": (themes_by, (named, by["source"], "source", TITLES["themes_by_source"], study, {})),
        "themes_by_attribute": (themes_by, (named, by[attribute], attribute, title, study, {})),
    }


def several(by: pd.DataFrame) -> pd.DataFrame:
    """The rows of the attributes that have several values, or all if none has."""
    compared = by[by.groupby("attribute")["value"].transform("nunique") > 1]
    return compared if len(compared) else by


def said_of(stability: pd.DataFrame, what: str, column: str = "value") -> str:
    """A cell of the row `what` of the table theme_stability, '' where it has none."""
    return str(next(iter(stability.loc[stability["what"] == what, column]), ""))


def why_none(stability: pd.DataFrame) -> str:
    """Why there are no themes, as a sentence; `stability` has no rows where the step has not been run."""
    if stability.empty:
        return "The step themes has not been run."
    reason = said_of(stability, "no themes", "note").strip().rstrip(".")
    return f"No themes are proposed: {reason}." if reason else "No themes are proposed. theme_stability.csv says why."


def name_of(row: Mapping[str, Any]) -> str:
    return f"{row['theme']}. {row['label']}"


def size_of(row: Mapping[str, Any]) -> str:
    """Utterances and people of a theme; where no people are known, its sources."""
    utterances = counted_words(row["utterances"], "utterance")
    if not row["of_participants"]:
        return f"{utterances}, {counted_words(row['sources'], 'source')}"
    return f"{utterances}, {counted_words(row['participants'], 'person', 'people')}"


def cautions(themes: pd.DataFrame, mark: str) -> str:
    """What marks themes with a caution, '' if there are none."""
    told = dict.fromkeys(caution for note in themes["note"] for caution in note.split("; ") if caution)
    return f"{mark}: {enumeration(told, 'or')} (themes.csv says which)." if told else ""


def emergent_themes(themes: pd.DataFrame, study: str) -> Drawn:
    """A bar per theme: its utterances, with its people and cautions in words."""
    rows = [
        Row(
            name_of(row),
            0,
            row["utterances"],
            size_of(row) + (f" ({row['note']})" if row["note"] else ""),
            PALE if row["note"] else PALETTE[0],
        )
        for row in themes.to_dict("records")
    ]
    notes = [study, f"Clusters of utterances that mean something alike. {OFFERED}"]
    if themes["note"].any():
        notes.append("Paler: with a caution.")
    most, title = int(themes["utterances"].max()), TITLES["emergent_themes"]
    told = "; ".join(f"{row.label}: {row.end}" for row in rows[:TOLD])
    more = f" {counted_words(len(rows) - TOLD, 'smaller theme')} in themes.csv." if len(rows) > TOLD else ""
    alt = f"Bar chart of {counted_words(len(rows), 'theme')} by the utterances in each. {told}.{more}"
    return Drawn(title, alt, bars(rows, most, "Number of utterances", title, notes), "working")


def theme_map(themes: pd.DataFrame, limit: str, study: str) -> Drawn:
    """A dot per theme by stability and size, with its name; below the `limit` of theme_stability one is unstable."""
    title = TITLES["theme_map"]
    limit = limit or f"{DOUBTFUL:.2f}"
    solid = max(float(limit), STABLE)
    found = themes.to_dict("records")
    names = [named(name_of(row), f"{row['stability']:.2f}") for row in found]
    notes = [
        study,
        "Across: how often a theme came out again from parts of the talk (mean Jaccard similarity over bootstraps, "
        f"Hennig 2007; 1: always). Dashed: below {limit} it is unstable, from {solid:.2f} on it is stable. "
        "Up: its size.",
        cautions(themes, "Hollow"),
    ]
    sizes = [int(row["utterances"]) for row in found]
    figure = dots_named(
        names,
        [float(row["stability"]) for row in found],
        sizes,
        [bool(row["note"]) for row in found],
        (float(limit), solid),
        ("Stability", "Utterances"),
        title,
        notes,
    )
    unstable = [UNSTABLE in row["note"].split("; ") for row in found]
    stable = sum(row["stability"] >= solid and not out for row, out in zip(found, unstable, strict=True))
    told = "; ".join(
        f"{name}: {counted_words(size, 'utterance')}" for name, size in zip(names[:TOLD], sizes, strict=False)
    )
    alt = (
        f"Dot chart of {counted_words(len(found), 'theme')} by stability and size: {stable} of them stable "
        f"({solid:.2f} or more), {sum(unstable)} unstable (below {limit}). {told}."
    )
    return Drawn(title, alt, figure, "working")


def theme_choice(table: pd.DataFrame, sentence: str, study: str) -> Drawn:
    """Stability, coherence and score by number of themes, with the sentence that says why one was chosen."""
    title = TITLES["theme_choice"]
    if table.empty:
        return nothing(title, study, sentence or "The number of themes was not chosen among several.")
    table = table.sort_values("number")
    numbers = [int(number) for number in table["number"]]
    allowed = [bool(chosen or not note) for chosen, note in zip(table["chosen"], table["note"], strict=True)]
    dotted = "Dotted: the same by chance alone."
    notes = [study, sentence, dotted, *_not_allowed(numbers, allowed, list(table["note"]))]
    stability, coherence, score, *chance = (
        list(table[name]) for name in ("stability", "coherence", "score", "chance_stability", "chance_coherence")
    )
    panels = [
        Panel("Stability: how alike themes are when made again from part of the talk", stability, chance[0]),
        Panel("Coherence: how often leading words of a theme are said together", coherence, chance[1], PALETTE[1]),
        Panel("Score: stability and coherence, each less that of chance", score, (), PALETTE[2]),
    ]
    chosen = next((int(number) for number in table.loc[table["chosen"], "number"]), None)
    figure = choice(numbers, allowed, chosen, panels, "Number of themes", title, notes)
    scores = ", ".join(
        f"{number}: {value:.2f}"
        for number, value in zip(numbers, score, strict=True)
        if value is not None and value == value
    )
    alt = (
        f"Lines of stability, coherence and score by number of themes. {sentence} Score by number of themes: {scores}."
    )
    return Drawn(title, alt, figure)


def _not_allowed(numbers: Sequence[int], allowed: Sequence[bool], reasons: Sequence[str]) -> list[str]:
    """Why hollow numbers were not to be chosen, numbers of one reason together."""
    by_reason: dict[str, list[int]] = {}
    for number, fair, reason in zip(numbers, allowed, reasons, strict=True):
        if not fair:
            by_reason.setdefault(reason, []).append(number)
    told = [f"{_runs(found, numbers)}: {reason}" for reason, found in by_reason.items()]
    return [f"Hollow: not to be chosen ({'; '.join(told)})."] if told else []


def _runs(found: Sequence[int], numbers: Sequence[int]) -> str:
    """Numbers in words, those that follow one another among `numbers` together: `2 to 4 and 20`."""
    places = [(numbers.index(number), number) for number in found]
    runs: list[str] = []
    for _, run in groupby(enumerate(places), key=lambda item: item[1][0] - item[0]):
        inside = [number for _, (_, number) in run]
        runs += [f"{inside[0]} to {inside[-1]}"] if len(inside) > 2 else map(str, inside)
    return enumeration(runs)


def theme_tree(themes: pd.DataFrame, hierarchy: pd.DataFrame, words: Mapping[int, str], study: str) -> Drawn:
    """Themes joined by how alike they are, each with its most typical quotation (`words`) if someone may be quoted."""
    title = TITLES["theme_tree"]
    if hierarchy.empty:
        return nothing(title, study, "There is one theme, so that there is nothing to join.", "working")
    by_theme = {row["theme"]: row for row in themes.to_dict("records")}
    ends = [
        Leaf(
            f"{name_of(row)} ({size_of(row)}){'*' if row['note'] else ''}",
            words.get(row["theme"], ""),
            PALE if row["note"] else PALETTE[0],
        )
        for row in (by_theme[theme] for theme in leaves(hierarchy))
    ]
    notes = [
        study,
        "Themes that mean something alike are joined, the nearest first (Ward 1963). Below each theme its most typical "
        "quotation of someone who may be quoted.",
        cautions(themes, "* paler"),
    ]
    joins = brackets(hierarchy)
    order = "; ".join(end.name for end in ends[:TOLD])
    nearest = hierarchy.sort_values("distance", kind="stable").iloc[0]
    alt = (
        f"Tree of {counted_words(len(ends), 'theme')}, the alike ones beside each other. The first to be joined are "
        f"themes {int(nearest['left'])} and {int(nearest['right'])}. From top to bottom: {order}."
    )
    figure = tree(ends, joins, "Distance", title, notes, LINES if len(ends) <= MANY_THEMES else 1)
    return Drawn(title, alt, figure, "working")


def _most_typical(quotations: pd.DataFrame, participants: pd.DataFrame) -> dict[int, str]:
    """The most typical quotation of each theme, with the pseudonym of who says it."""
    pseudonyms = dict(zip(participants["participant"], participants["pseudonym"], strict=True))
    first = quotations[quotations["kind"] == TYPICAL].sort_values(["theme", "rank"]).drop_duplicates("theme")
    found = {}
    for row in first.to_dict("records"):
        who = pseudonyms.get(row["participant"]) or row["utterance"].rpartition(":")[0]
        words = " ".join(str(row["quotation"]).split())
        found[int(row["theme"])] = f"{who}: “{words[:MOST_LETTERS]}{'…' if len(words) > MOST_LETTERS else '”'}"
    return found


def themes_by(
    themes: pd.DataFrame, inside: pd.DataFrame, attribute: str, title: str, study: str, told: Mapping[str, str]
) -> Drawn:
    """Utterances of each theme by the values of an attribute, and their share of what was said there.

    `inside` are the rows of themes_by of this attribute; `told` are words for values, which stand below the figure.
    """
    sizes = {str(value): int(number) for value, number in zip(inside["value"], inside["of_utterances"], strict=True)}
    if len(sizes) < 2:
        return nothing(title, study, nothing_to_compare(attribute, len(sizes)), "working")
    kept = largest(sizes)
    left_out = len(sizes) - len(kept)
    cells = inside.set_index(["theme", "value"])
    counts = cells["utterances"].to_dict()
    rows = [Row(name_of(row) + ("*" if row["note"] else "")) for row in themes.to_dict("records")]
    keys = list(themes["theme"])
    columns = [f"{' '.join(shortened(value, COLUMN, SMALL))} ({sizes[value]})" for value in kept]
    notes = [
        study,
        "Cells: utterances of the theme, and in % of the column's; the higher this share, the darker.",
        f"The {MOST_VALUES} with most utterances; {counted_words(left_out, 'other')} in themes_by.csv."
        if left_out
        else "",
        cautions(themes, "*"),
    ]
    order = ", those with a date in its order" if attribute == "source" else ""
    axis = [f"Columns: {PLURALS.get(attribute, attribute)}{order} (utterances that tell something)."]
    axis += [f"{value}: {told[value]}" for value in kept if told.get(value, value) != value]
    grid = [[int(counts.get((theme, value), 0)) for value in kept] for theme in keys]
    # Anew from the counts: what is rounded twice is wrong.
    shares = [[percent(count, sizes[value], 0) for count, value in zip(line, kept, strict=True)] for line in grid]
    alt = (
        f"Heat map of {counted_words(len(rows), 'theme')} by {counted_words(len(kept), attribute or 'group')}; each "
        f"cell is the number of utterances. {strongest([row.label for row in rows], columns, grid, 'utterance')}"
    )
    return Drawn(title, alt, heat_map(rows, columns, grid, axis, title, notes, shares), "working")


PLURALS = {"question": "guide questions", "source": "sources"}


def largest(sizes: Mapping[str, int]) -> list[str]:
    """At most MOST_VALUES values, those with most utterances, in the order in which they come."""
    ranked = sorted(sizes, key=lambda value: -sizes[value])[:MOST_VALUES]
    return [value for value in sizes if value in set(ranked)]


def nothing_to_compare(attribute: str, values: int) -> str:
    if values:
        return f"All is of one {attribute}, so that there is nothing to compare."
    if attribute == "question":
        return "No utterance answers a guide question that the study knows: add a guide to study.yaml."
    return "No attribute of the participants was counted by. Add one to participants.csv, or to the survey's columns."
