"""Whether rules or suggestions fail for some people more than for others.

Automatic coding may err more about one group than about another, and what is told of the groups is then wrong even
where the rules look good on the whole (Ashwin, Chhabra and Rao 2025, Using Large Language Models for Qualitative
Analysis can Introduce Serious Bias).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..console import counted_words

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# An attribute with more values than this tells people apart rather than groups.
MOST_VALUES = 12
FEWEST_PEOPLE, FEWEST_UNITS = 5, 10
CHANCE = 0.05
# Shuffles, and how many of them at once.
REPLICATES, AT_ONCE = 1000, 100


@dataclass(frozen=True, eq=False)
class Groups:
    """Values of attributes, and who has them: `inside` and `others` (groups, people) are all whose value is known."""

    names: Sequence[tuple[str, str]]
    inside: np.ndarray
    others: np.ndarray


def groups_of(attributes: pd.DataFrame, people: Sequence[str]) -> Groups:
    """The groups that `people` (ids of participants) make by the table `attributes`, in its order, values sorted.

    Attributes of which there is one value, more than 12, or one for each person, make no groups.
    """
    import numpy as np

    place = {person: position for position, person in enumerate(people)}
    known = attributes[
        (attributes["subject"] == "participant") & attributes["id"].isin(place) & (attributes["value"] != "")
    ]
    names, inside, others = [], [], []
    for attribute, rows in known.groupby("attribute", sort=False):
        values = sorted(set(rows["value"]))
        if not 1 < len(values) <= min(MOST_VALUES, len(rows) - 1):
            continue
        of = np.full(len(people), -1)
        of[[place[person] for person in rows["id"]]] = [values.index(value) for value in rows["value"]]
        names += [(str(attribute), value) for value in values]
        inside += [of == number for number in range(len(values))]
        others += [(of >= 0) & (of != number) for number in range(len(values))]
    shape = (len(names), len(people))
    return Groups(names, np.array(inside, dtype=bool).reshape(shape), np.array(others, dtype=bool).reshape(shape))


@dataclass(frozen=True)
class Side:
    """Units in error, units in question, and people who said any of these."""

    bad: int
    units: int
    people: int

    @property
    def enough(self) -> bool:
        return self.people >= FEWEST_PEOPLE and self.units >= FEWEST_UNITS


@dataclass(frozen=True)
class Finding:
    """Errors in what a group said, beside everyone else whose value is known; `chance` as in `worse`."""

    group: Side
    others: Side
    chance: float | None

    @property
    def fails(self) -> bool:
        return self.chance is not None and self.chance < CHANCE


def findings(bad: np.ndarray, units: np.ndarray, groups: Groups) -> list[list[Finding]]:
    """For each group and comparison: `bad` of `units` (people, comparisons) are in error."""
    inside, others = _sides(bad, units, groups.inside), _sides(bad, units, groups.others)
    tested = [[a.enough and b.enough for a, b in zip(*rows, strict=True)] for rows in zip(inside, others, strict=True)]
    chance = worse(bad, units, groups, tested)
    return [
        [Finding(a, b, None if p != p else float(p)) for a, b, p in zip(*rows, strict=True)]
        for rows in zip(inside, others, chance, strict=True)
    ]


def _sides(bad: np.ndarray, units: np.ndarray, who: np.ndarray) -> list[list[Side]]:
    sums = [(who.astype(int) @ data).tolist() for data in (bad, units, units > 0)]
    return [[Side(*cell) for cell in zip(*rows, strict=True)] for rows in zip(*sums, strict=True)]


def worse(
    bad: np.ndarray, units: np.ndarray, groups: Groups, tested: Sequence[Sequence[bool]], seed: int = 0
) -> np.ndarray:
    """How often chance makes any tested group look so much worse than everyone else: (groups, comparisons), 0 to 1.

    `bad` of `units` (people, comparisons) are in error: whole numbers. What is not `tested` is nan.

    People are shuffled between groups with all that they said, because words of one person resemble each other:
    Fisher's exact test takes units for independent, and even corrected after Holm it names a group in a third of
    simulated studies in which rules fail for no group, only for some people (tests/test_agreement_rules.py). The
    largest difference of each shuffle is held against each observed one, which corrects for the number of comparisons
    (Westfall and Young 1993, single-step maxT).
    """
    import numpy as np

    enough = np.array(tested, dtype=bool).reshape(len(groups.names), bad.shape[1])
    found = np.full(enough.shape, np.nan)
    if not enough.any():
        return found
    random = np.random.default_rng(seed)
    both = np.concatenate([bad, units], axis=1).astype(float)
    observed = _differences(both, groups.inside, groups.others)[enough]
    shuffled = []
    for _ in range(0, REPLICATES, AT_ONCE):
        orders = random.permuted(np.tile(np.arange(len(bad)), (AT_ONCE, 1)), axis=1)
        inside, others = (np.swapaxes(who[:, orders], 0, 1) for who in (groups.inside, groups.others))
        shuffled.append(_differences(both, inside, others)[:, enough])
    drawn = np.concatenate(shuffled)
    spread = drawn.std(axis=0)
    spread[spread == 0] = np.inf
    largest = (drawn / spread).max(axis=1)
    # What is equal but for rounding is equal.
    as_large = largest[:, np.newaxis] >= observed / spread - 1e-9
    found[enough] = (1 + as_large.sum(axis=0)) / (REPLICATES + 1)
    return found


def _differences(both: np.ndarray, inside: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How much larger the share in error is inside, in its standard error if units were independent; 0 if undefined.

    `both` (people, 2 x comparisons), errors before units; `inside` and `others` (..., groups, people).
    """
    import numpy as np

    # Sums of whole numbers are exact in any order: no number of threads changes them.
    bad, units = np.split(inside.astype(float) @ both, 2, axis=-1)
    bad_others, units_others = np.split(others.astype(float) @ both, 2, axis=-1)
    every = units + units_others
    share = np.divide(bad + bad_others, every, out=np.zeros_like(every), where=every > 0)
    error = np.sqrt(
        np.divide(share * (1 - share) * units * units_others, every, out=np.zeros_like(every), where=every > 0)
    )
    return np.divide(bad - units * share, error, out=np.zeros_like(every), where=error > 0)


def errors_of(cells: Sequence[int]) -> dict[str, object]:
    """Columns `units` to `recall` of cells: units found, missed, taken wrongly, neither. None: not defined."""
    found, missed, wrong, _ = cells
    return {
        "units": sum(cells),
        "coded": found + missed,
        "found": found,
        "missed": missed,
        "wrong": wrong,
        "precision": share(found, found + wrong),
        "recall": share(found, found + missed),
    }


def errors_by(
    cells: np.ndarray, codes: Sequence[str], people: Sequence[str], attributes: pd.DataFrame
) -> list[dict[str, object]]:
    """Rows on each code and group of people: `code` to `note` of tables rule_quality_by and suggestion_quality_by.

    `cells` (people, codes, 4) are those of `errors_of`; `people` ids of participants, `attributes` the table of that
    name. A code that no one gave, neither a person nor the machine, has no rows.
    """
    import numpy as np

    groups = groups_of(attributes, people)
    used = [position for position in range(len(codes)) if cells[:, position, :3].any()]
    if not groups.names or not used:
        return []
    cells = cells[:, used]
    found, missed, wrong = (cells[..., kind] for kind in range(3))
    bad = np.concatenate([missed, wrong], axis=1)
    of = np.concatenate([found + missed, found + wrong], axis=1)
    compared = findings(bad, of, groups)
    tests = sum(finding.chance is not None for row in compared for finding in row)
    rows = []
    for position, at in enumerate(used):
        for group, (attribute, value) in enumerate(groups.names):
            missing, taking = compared[group][position], compared[group][position + len(used)]
            told = _told(missing, "missed", tests), _told(taking, "taken wrongly", tests)
            row = {
                "code": codes[at],
                "attribute": attribute,
                "value": value,
                "participants": int(groups.inside[group].sum()),
                "recall_of_others": _right(missing.others),
                "precision_of_others": _right(taking.others),
                "fails": missing.fails or taking.fails,
                "note": "; ".join(filter(None, told)),
            }
            rows.append(row | errors_of(cells[groups.inside[group], position].sum(axis=0).tolist()))
    return rows


def _told(finding: Finding, what: str, tests: int) -> str:
    """What a comparison found, in plain words; '' if there are no more errors in the group than elsewhere."""
    if finding.chance is None:
        side, who = (finding.others, "others ") if finding.group.enough else (finding.group, "")
        people, units = counted_words(side.people, "participant"), counted_words(side.units, "unit")
        return f"{what}: too few {who}to tell ({people}, {units})"
    if not finding.fails:
        return ""
    here, there = (
        f"{side.bad:,} of {counted_words(side.units, 'unit')} of {counted_words(side.people, 'participant')}"
        for side in (finding.group, finding.others)
    )
    corrected = (
        f"p = {finding.chance:.3f} by shuffling participants, corrected for {counted_words(tests, 'comparison')}"
    )
    return f"{what} more often than elsewhere: {here}, beside {there} ({corrected})"


def share(part: int, whole: int) -> float | None:
    """Part of a whole; None of nothing."""
    return part / whole if whole else None


def _right(side: Side) -> float | None:
    return share(side.units - side.bad, side.units)
