"""The groups that figures are told for, and which of their figures are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..counting import MOST_VALUES, figures_by_code, gathered, groupings, of_people
from .present import Present
from .suppression import Grid, suppressed

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Group:
    """The people and utterances with a value of an attribute; `value` is None for those of whom it is not known.

    `told`: figures by code are told for it, and not only how many people it has.
    """

    attribute: str
    value: str | None
    utterances: frozenset[str]
    people: frozenset[str]
    sources: int
    present: int
    told: bool = True


def groups_of(
    utterances: pd.DataFrame,
    attributes: pd.DataFrame,
    present: Present,
    named: list[str],
    confidential: Collection[str] = (),
) -> list[Group]:
    """Every group in the order of `counting.groupings`."""
    persons = of_people(attributes)
    found = []
    for attribute, value, inside in groupings(utterances, attributes, named, confidential):
        heard = _heard(inside)
        if attribute in persons:
            there = present.with_value(heard, persons[attribute], value)
        else:
            there = present.in_sources(inside["source"])
        sources = gathered(inside)["source"].nunique()
        found.append(Group(attribute, value, frozenset(inside["utterance"]), heard, sources, there))
    return found


def left_out(
    groups: Sequence[Group],
    others: Sequence[Group],
    rows: pd.DataFrame,
    utterances: pd.DataFrame,
    codebook: Codebook,
    smallest: int,
) -> tuple[set[tuple[str, str, str]], set[tuple[str, str]]]:
    """(attribute, value, code) of figures by code to leave out, and (attribute, value) of numbers of people.

    `groups` have figures by code; of `others` only the sample tells how many people they are.
    """
    import numpy as np

    if not smallest:
        return set(), set()
    everyone = _heard(utterances)
    few = [group for group in others if sum(other.attribute == group.attribute for other in others) <= MOST_VALUES]
    columns = _with_unknown([*groups, *few], utterances)
    if not columns:
        return set(), _many(others, few, smallest)
    codes = [code.code for code in codebook.codes]
    counts, totals = [], figures_by_code(rows, codes)
    for group in columns:
        within = figures_by_code(rows[rows["utterance"].isin(group.utterances)], codes)
        counts.append([len(group.people), *within["participants"]])
    never = np.zeros((len(codes) + 1, len(columns)), bool)
    for at, group in enumerate(columns):
        never[1:, at] = group.value is None or not group.told
    grid = _grid(columns, np.array(counts, "int64").reshape(len(columns), -1).T, codebook, everyone, totals, never)
    known = np.zeros(grid.counts.shape, bool)
    known[:, [at for at, group in enumerate(columns) if 0 < group.present < smallest]] = True
    hidden = suppressed(grid, smallest, known)
    cells, sizes = set(), set()
    for at, group in enumerate(columns):
        if group.value is None:
            continue
        cells |= {(group.attribute, group.value, code) for line, code in enumerate(codes, 1) if hidden[line, at]}
        if hidden[0, at]:
            sizes.add((group.attribute, group.value))
    return cells, sizes | _many(others, few, smallest)


def _heard(utterances: pd.DataFrame) -> frozenset[str]:
    return frozenset(utterances.loc[utterances["role"] == "participant", "participant"])


def _with_unknown(groups: Sequence[Group], utterances: pd.DataFrame) -> list[Group]:
    """The groups, and for each attribute those of whom it is not known."""
    found = []
    for attribute, members in _by_attribute(groups).items():
        said = frozenset(utterances["utterance"]).difference(*(group.utterances for group in members))
        nobody = _heard(utterances[utterances["utterance"].isin(said)])
        found += [*members, Group(attribute, None, said, nobody, 0, len(nobody))] if said else members
    return found


def _by_attribute(groups: Sequence[Group]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.attribute, []).append(group)
    return found


def _grid(
    columns: Sequence[Group],
    counts: NDArray[np.int64],
    codebook: Codebook,
    everyone: frozenset[str],
    totals: pd.DataFrame,
    never: NDArray[np.bool_],
) -> Grid:
    import numpy as np

    own = dict(zip(totals["code"], totals["own_codings"], strict=True))
    names = list(dict.fromkeys(group.attribute for group in columns))
    places: dict[str, list[int]] = {}
    for at, group in enumerate(columns):
        places.setdefault(group.attribute, []).append(at)
    partitions = {name: at for name, at in places.items() if _apart([columns[place].people for place in at])}
    parts = [
        (at, inside)
        for name, finer in partitions.items()
        for at, group in enumerate(columns)
        if group.attribute != name and (inside := _making_up(group, finer, columns))
    ]
    patterns = Counter(tuple(person in group.people for group in columns) for person in sorted(everyone))
    return Grid(
        counts,
        np.array([len(everyone), *totals["participants"]], "int64"),
        [-1, *(codebook.order[code.parent] + 1 if code.parent else 0 for code in codebook.codes)],
        [False, *(own[code.code] == 0 for code in codebook.codes)],
        [names.index(group.attribute) for group in columns],
        list(partitions.values()),
        parts,
        never,
        _told_elsewhere(columns, everyone, len(totals) + 1),
        np.array(list(patterns), float).reshape(len(patterns), len(columns)).T,
        np.array(list(patterns.values()), "int64"),
    )


def _told_elsewhere(columns: Sequence[Group], everyone: frozenset[str], rows: int) -> NDArray[np.bool_]:
    """All figures of a group that is everyone, and of how many people an attribute is known."""
    import numpy as np

    told = np.zeros((rows, len(columns)), bool)
    told[:, [at for at, group in enumerate(columns) if group.people == everyone]] = True
    told[0, [at for at, group in enumerate(columns) if group.value is None]] = True
    return told


def _apart(sets: Sequence[frozenset[str]]) -> bool:
    return sum(map(len, sets)) == len(frozenset().union(*sets))


def _making_up(group: Group, finer: Sequence[int], columns: Sequence[Group]) -> list[int]:
    """The columns that together are the people of a group, if there are such ones."""
    inside = [at for at in finer if columns[at].people and columns[at].people <= group.people]
    return inside if sum(len(columns[at].people) for at in inside) == len(group.people) else []


def _many(others: Sequence[Group], few: Sequence[Group], smallest: int) -> set[tuple[str, str]]:
    """The same for attributes of so many values that nothing but their sizes is told."""
    found: set[tuple[str, str]] = set()
    rest = [group for group in others if group not in few]
    for attribute, members in _by_attribute(rest).items():
        sizes = {group.value or "": len(group.people) for group in members}
        found |= {(attribute, value) for value in _smallest_first(sizes, smallest)}
    return found


def _smallest_first(sizes: Mapping[str, int], smallest: int) -> list[str]:
    """The values of fewer people, and the next smallest until those left out are more than one and enough people."""
    order = sorted(sizes, key=lambda value: (sizes[value], value))
    hidden = [value for value in order if sizes[value] < smallest]
    while hidden and len(hidden) < len(order) and (len(hidden) < 2 or sum(sizes[v] for v in hidden) < smallest):
        hidden.append(order[len(hidden)])
    return hidden
