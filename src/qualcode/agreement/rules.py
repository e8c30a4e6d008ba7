"""What the rules of each code are worth against what people coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .. import tables
from ..codebook import Codebook
from ..console import counted_words
from ..measures.coefficients import counts_of_two, intervals, kappa, library_kappa, note
from ..measures.groups import CHANCE, errors_by, errors_of, share
from ..measures.units import Unit
from .rho import THRESHOLD, rho

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# A unit, and a code that it was given.
Pair = tuple[str, str]
ALL = "all"


class Sample(NamedTuple):
    """The units of a random sample that a person read, what they gave there, and the units not decided on yet."""

    read: AbstractSet[str]
    given: AbstractSet[Pair]
    waiting: AbstractSet[str] = frozenset()


def rule_quality(
    units: Sequence[Unit],
    given_by_person: Mapping[str, AbstractSet[Pair]],
    given_by_rules: AbstractSet[Pair],
    done: Mapping[tuple[str, str], int],
    sampled: Mapping[str, Sample],
    attributes: pd.DataFrame,
    codebook: Codebook,
    evidence: Mapping[Pair, str],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables rule_quality, rule_quality_by and rule_errors, for each person who coded.

    `units` are those of the study in the order of the talk. `given_by_person` and `given_by_rules` hold pairs of unit
    and code; `done` how far (source, coder) is finished, in characters: only units that end there or before are
    compared. `sampled` is that of `samples`, `attributes` the table of that name, `evidence` what the rules met.

    The rows of a coder are the codes that have rules, then `all`, whose units are their pairs of unit and code. A code
    that the person gave and that has no rules has a row that says so. What rules miss or take wrongly in a sample is
    counted and not told: who mends rules by it has no sample any more.
    """
    quality: list[dict[str, object]] = []
    by: list[dict[str, object]] = []
    errors: list[dict[str, str]] = []
    for coder in sorted(given_by_person.keys() | sampled.keys()):
        finished = [unit for unit in units if unit.end <= done.get((unit.source, coder), -1)]
        if not finished and coder not in sampled:
            continue
        whole = _Against(coder, finished, given_by_person.get(coder, frozenset()), given_by_rules, codebook)
        sample = None
        if coder in sampled:
            drawn = sampled[coder]
            there = [unit for unit in units if unit.unit in drawn.read]
            waiting = sum(unit.unit in drawn.waiting for unit in units)
            gone = len(drawn.read) + len(drawn.waiting) - len(there) - waiting
            sample = _Tested(_Against(coder, there, drawn.given, given_by_rules, codebook), gone, waiting)
        quality += _quality(whole, sample)
        by += _by(whole, attributes)
        errors += _errors(whole, evidence)
    place = {unit.unit: position for position, unit in enumerate(units)}
    errors.sort(key=lambda row: (place[row["unit"]], codebook.order[row["code"]], row["coder"]))
    return (
        tables.frame("rule_quality", quality),
        tables.frame("rule_quality_by", by),
        tables.frame("rule_errors", errors),
    )


def samples(decisions: pd.DataFrame, units: Sequence[Unit]) -> dict[str, Sample]:
    """Each coder's random sample from the table `decisions`: all units that were drawn, and the pairs given there.

    A unit that is none any more (the text was changed since, or the study's `unit`) has an id that no unit has.
    """
    ids = {(unit.source, unit.start, unit.end): unit.unit for unit in units}
    found: dict[str, tuple[set[str], set[Pair], set[str]]] = {}
    for row in decisions[decisions["sample"]].itertuples():
        read, given, noted = found.setdefault(row.coder, (set(), set(), set()))
        unit = ids.get((row.source, row.start, row.end), f"{row.file}, row {row.row}")
        (noted if row.action == "note" else read).add(unit)
        if row.action == "apply" and row.now:
            given.add((unit, row.now))
    return {coder: Sample(read, given, noted - read) for coder, (read, given, noted) in found.items()}


@dataclass(frozen=True)
class _Against:
    """A person and the rules on the same units."""

    coder: str
    units: Sequence[Unit]
    person: AbstractSet[Pair]
    rules: AbstractSet[Pair]
    codebook: Codebook

    @cached_property
    def ruled(self) -> list[str]:
        return [code.code for code in self.codebook.codes if code.words or code.patterns]

    @cached_property
    def unruled(self) -> set[str]:
        """Codes that the person gave and that have no rules."""
        ids = {unit.unit for unit in self.units}
        return {code for unit, code in self.person if unit in ids}.difference(self.ruled)

    @cached_property
    def clusters(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys(unit.cluster for unit in self.units))

    def cells(self, codes: Sequence[str]) -> np.ndarray:
        """Units of each cluster that are found, missed, taken wrongly, neither: (clusters, codes + 1, 4), last all."""
        import numpy as np

        row = {cluster: position for position, cluster in enumerate(self.clusters)}
        of = {unit.unit: row[unit.cluster] for unit in self.units}
        column = {code: position for position, code in enumerate(codes)}
        made = np.zeros((len(row), len(codes) + 1, 4), dtype=np.int64)
        sizes = np.bincount(np.array(list(of.values()), dtype=np.int64), minlength=len(row))
        made[:, :-1, 3] = sizes[:, np.newaxis]
        for pair in self.person | self.rules:
            unit, code = pair
            if unit in of and code in column:
                kind = 3 - 2 * (pair in self.person) - (pair in self.rules)
                made[of[unit], column[code], [kind, 3]] += [1, -1]
        made[:, -1] = made[:, :-1].sum(axis=1)
        return made


class _Tested(NamedTuple):
    """A person and the rules on what was read of a random sample.

    So many units of it are `gone`, as no unit stands there any more, and so many are `waiting` to be decided on.
    """

    against: _Against
    gone: int
    waiting: int


def _quality(whole: _Against, sample: _Tested | None) -> list[dict[str, object]]:
    """Rows of the table rule_quality of one coder."""
    by_cluster = whole.cells(whole.ruled)
    cells = by_cluster.sum(axis=0).tolist()
    low, high = intervals(by_cluster, kappa)
    read = sample.against.cells(whole.ruled).sum(axis=0).tolist() if sample else []
    rows: dict[str, dict[str, object]] = {}
    for position, code in enumerate([*whole.ruled, ALL] if whole.ruled else []):
        agree, counts = library_kappa(cells[position]), [int(count) for count in counts_of_two(cells[position])]
        notes = [note(counts, len(whole.clusters), agree, low[position] == low[position])]
        row = _figures(code, whole, cells[position]) | {"kappa": agree, "low": low[position], "high": high[position]}
        row |= _of_sample(sample, read[position] if sample else (), code, notes)
        rows[code] = row | {"note": "; ".join(filter(None, notes))}
    unruled = whole.unruled | (sample.against.unruled if sample else set())
    for code in unruled:
        given = sum(whole.cells([code])[:, 0, 1].tolist())
        rows[code] = _figures(code, whole, [0, given, 0, len(whole.units) - given]) | {
            "recall": None,
            "sample_units": len(sample.against.units) if sample else 0,
            "note": "this code has no words or patterns",
        }
    order = [code.code for code in whole.codebook.codes] + [ALL]
    return [rows[code] for code in order if code in rows]


def _figures(code: str, against: _Against, cells: Sequence[int]) -> dict[str, object]:
    found, missed, wrong, _ = cells
    return {
        "code": code,
        "coder": against.coder,
        "participants": len(against.clusters),
        **errors_of(cells),
        "f1": share(2 * found, 2 * found + missed + wrong) if found + wrong and found + missed else None,
    }


def _of_sample(sample: _Tested | None, cells: Sequence[int], code: str, notes: list[str]) -> dict[str, object]:
    """The columns about the random sample, with what is to be said of them in `notes`.

    As long as units are not decided on there are no figures: those that are may have been picked by hand.
    """
    if sample is None:
        notes.append("rho: not applicable, there is no random sample (qualcode review --sample)")
        return {"sample_units": 0}
    if sample.gone:
        notes.append(f"{counted_words(sample.gone, 'unit')} of the sample left out: no unit stands there any more")
    units, given = sum(cells), cells[0] + cells[1]
    if sample.waiting:
        drawn = counted_words(len(sample.against.units) + sample.waiting, "unit")
        are = "is" if sample.waiting == 1 else "are"
        said = f"{sample.waiting:,} of {drawn} of the random sample {are} not decided yet"
        notes.append(f"{said} ('none' says that no code fits): rho waits for them")
        return {"sample_units": units}
    figures: dict[str, object] = {"sample_units": units, "sample_kappa": library_kappa(cells)}
    if code == ALL:
        notes.append("rho: of single codes only")
        return figures
    found = rho(library_kappa(cells), given / units, units) if units else None
    if found is None:
        notes.append(f"rho: not defined, {given} of {counted_words(units, 'unit')} in the sample have the code")
    elif found >= CHANCE:
        notes.append(f"rho is not below {CHANCE:g}: the sample does not show that kappa is {THRESHOLD:g} or more")
    return figures | {"rho": found}


def _by(against: _Against, attributes: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of the table rule_quality_by of one coder: only codes that the person or the rules gave."""
    named = [position for position, (source, _) in enumerate(against.clusters) if not source]
    people = [against.clusters[position][1] for position in named]
    found = errors_by(against.cells(against.ruled)[named], [*against.ruled, ALL], people, attributes)
    return [row | {"coder": against.coder} for row in found]


def _errors(against: _Against, evidence: Mapping[Pair, str]) -> list[dict[str, str]]:
    """Rows of the table rule_errors of one coder, in no order."""
    units, ruled = {unit.unit: unit for unit in against.units}, set(against.ruled)
    return [
        {
            "code": code,
            "coder": against.coder,
            "error": "missed" if (unit, code) in against.person else "wrong",
            "unit": unit,
            "source": units[unit].source,
            "participant": units[unit].participant,
            "evidence": evidence.get((unit, code), ""),
            "text": units[unit].text,
        }
        for unit, code in against.person ^ against.rules
        if unit in units and code in ruled
    ]
