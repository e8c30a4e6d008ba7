"""The table new_information: where new codes ran out, told in figures and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import tables
from ..study import Source
from ..tables import percent
from .orders import Course, Criterion, new_codes, over_orders, quantiles
from .sentences import Material, Told, not_computable, sentence
from .units import Units, of_participants, of_sources, of_tenths

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def new_information(
    rows: pd.DataFrame,
    utterances: pd.DataFrame,
    read: pd.DataFrame,
    sources: Sequence[Source],
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """The table new_information. `rows` are those of `counting.counted`, `read` the utterances that someone finished.

    Sources are the units where there are as many as base and run together: fewer hold no run. Where there are fewer,
    participants are, in random orders, and of one talk its tenths, in the order in which it went. Settings are
    those under `saturation` in study.yaml.
    """
    criterion = Criterion(settings["base"], settings["run"], settings["threshold"])
    material = Material(utterances, read, {source.source: source for source in sources}, criterion)
    by_source = of_sources(rows, utterances, read)
    made = [*_scope("source", by_source, material, settings)]
    if by_source.number < criterion.least:
        made += _scope("participant", of_participants(rows, read), material, settings)
        if material.one_talk:
            made += _scope("tenth", of_tenths(rows, utterances, read), material, settings)
        else:
            made.append(_first("tenth", Told(by_source.number, 0, material.no_course, "")))
    return tables.frame("new_information", made)


def _scope(scope: str, units: Units, material: Material, settings: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    import numpy as np

    criterion = material.criterion
    why = not_computable(scope, units, material)
    if why:
        yield _first(scope, Told(units.number, 0, why, ""))
        return
    # An order of people tells nothing where they talk to each other, and time goes one way.
    given = Course(new_codes(units, np.arange(units.number))[None, :], criterion) if scope != "participant" else None
    drawn = over_orders(units, settings["orders"], settings["seed"]) if scope != "tenth" else None
    many = Course(drawn, criterion) if drawn is not None else None
    told = sentence(scope, units, material, given, many)
    yield _first(scope, told)
    for row in _positions(units.number, criterion, given, many):
        yield {"scope": scope, "units": units.number, "orders": told.orders, "sentence": "", "note": "", **row}


def _first(scope: str, told: Told) -> dict[str, object]:
    return {
        "scope": scope,
        "position": 0,
        "units": told.units,
        "orders": told.orders,
        "sentence": told.sentence,
        "note": told.note,
    }


def _positions(
    units: int, criterion: Criterion, given: Course | None, many: Course | None
) -> Iterator[dict[str, object]]:
    """The figures of each position, counted from 1."""
    runs = range(criterion.base, units - criterion.run + 1)
    of_given = _given(given) if given else {}
    of_many = _many(many) if many else {}
    for position in range(1, units + 1):
        row: dict[str, object] = {"position": position}
        for name, values in {**of_given, **of_many}.items():
            if len(values) == units:
                row[name] = values[position - 1]
            elif position in runs:
                value = values[position - criterion.base]
                row[name] = value if value != float("inf") else None
        if many:
            row["reached_percent"] = percent(int((many.points <= position).sum()), len(many.points))
        yield row


def _given(course: Course) -> dict[str, np.ndarray]:
    return {
        "new_codes": course.new[0],
        "codes_so_far": course.so_far[0],
        "run_codes": course.run_codes[0],
        "run_percent": course.run_percent[0],
    }


def _many(course: Course) -> dict[str, np.ndarray]:
    names = ("median", "low", "high")
    codes = dict(zip((f"codes_{name}" for name in names), quantiles(course.so_far), strict=True))
    runs = dict(zip((f"run_{name}" for name in names), quantiles(course.run_percent), strict=True))
    return codes | runs
