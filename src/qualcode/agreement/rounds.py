"""Rounds of coding: who gave what in each, by the codebook of its time, so that their agreement stays what it was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING

from ..codebook import Codebook, load_codebook
from ..codebook.changes import shown_ids
from ..codings import INSTEAD
from ..console import counted_words
from ..study import CONSENSUS, Study
from .comparing import Given, Span

if TYPE_CHECKING:
    import pandas as pd

# What shows that someone coded a source themselves, as against deciding on what was proposed.
_CODES = ("apply", "withdraw", "done")
# How the outcome of a row begins that could not be placed or carried out.
_NO_PLACE = "no place"


def given_in_rounds(
    decisions: pd.DataFrame, ends: Mapping[str, int], study: Study, codebook: Codebook
) -> Iterator[Given]:
    """What people had given by the end of each round in which two of them or more coded the same source.

    That is what they gave in it and in earlier rounds and had not taken back, in the sources that they coded in the
    round, by the codes of that time: who revises their coding writes down only what changes. Later rounds change
    nothing. `decisions` is that table, `ends` the last character of each source. Rows of a random sample and of no
    round are left out, the latter counted. Raises QualcodeError for an earlier codebook that cannot be read.
    """
    rows = decisions[~decisions["sample"] & decisions["coder"].ne(CONSENSUS)]
    # People name their rounds, and the table goes out.
    rows = rows.assign(round=[study.everyone.hide(label) for label in rows["round"]])
    order = _in_order(rows[rows["round"] != ""])
    rows = rows.assign(turn=[order.get(label, -1) for label in rows["round"]])
    rows = rows.sort_values(["turn", "at", "file", "row"], kind="stable")
    for label, turn in order.items():
        now = rows[rows["turn"] == turn]
        own = now["action"].isin(_CODES) & ~now["outcome"].str.endswith(INSTEAD)
        coded = now.loc[own, ["source", "coder"]].drop_duplicates()
        if coded["source"].duplicated().any():
            so_far = rows[rows["turn"] <= turn].merge(coded, on=["source", "coder"])
            done = {(key, who): _done_to(so_far, key, who, ends[key]) for key, who in sorted(coded.values.tolist())}
            last = now.loc[now["coder"].isin(coded["coder"]), "at"].max()[:10]
            given = _given(label, last, so_far[so_far["turn"] >= 0], done, study, codebook)
            yield replace(given, said=said_done(so_far), outside=_coding_rows(so_far[so_far["turn"] < 0]))


def said_done(decisions: pd.DataFrame) -> set[tuple[str, str]]:
    """(source, coder) of who says that they are done with a source, or how far they are."""
    rows = _done_rows(decisions)
    return set(zip(rows["source"], rows["coder"], strict=True))


def lost_rows(decisions: pd.DataFrame) -> dict[tuple[str, str], int]:
    """How many codings of each (source, coder) have no place; source '' where that is not known."""
    without = decisions["outcome"].str.startswith(_NO_PLACE) & ~decisions["sample"]
    return _counted(decisions[without & decisions["action"].isin(("apply", "accept"))])


def _done_rows(decisions: pd.DataFrame) -> pd.DataFrame:
    return decisions[(decisions["action"] == "done") & ~decisions["outcome"].str.startswith(_NO_PLACE)]


def _coding_rows(rows: pd.DataFrame) -> dict[tuple[str, str], int]:
    """How many rows of each (source, coder) code, or change what was coded."""
    return _counted(rows[rows["action"].isin(("apply", "withdraw", "accept", "reject"))])


def _counted(rows: pd.DataFrame) -> dict[tuple[str, str], int]:
    return dict(Counter(zip(rows["source"], rows["coder"], strict=True)))


def _in_order(rows: pd.DataFrame) -> dict[str, int]:
    """Rounds as they began, by number or name where it is not known when: each with its position."""
    began = {str(label): min(filter(None, group["at"]), default="") for label, group in rows.groupby("round")}
    dated = all(began.values())
    key = {label: re.sub(r"\d+", lambda match: match[0].zfill(9), label) for label in began}
    ordered = sorted(began, key=lambda label: (began[label] if dated else "", key[label], label))
    return {label: position for position, label in enumerate(ordered)}


def _done_to(rows: pd.DataFrame, source: str, coder: str, end: int) -> int:
    """How far a coder came in a source: what the last `done` row says, else to its end."""
    rows = _done_rows(rows)
    said = rows[(rows["source"] == source) & (rows["coder"] == coder)]["end"].tolist()
    return int(said[-1]) if said and said[-1] == said[-1] else end


def _given(
    label: str, last: str, rows: pd.DataFrame, done: Mapping[tuple[str, str], int], study: Study, codebook: Codebook
) -> Given:
    standing = {str(coder): list(_standing(group)) for coder, group in rows.groupby("coder")}
    written = {code for found in standing.values() for code, *_ in found}
    version, then, note = _of_the_time(last, written, study, codebook)
    # An earlier codebook may still hold names.
    shown = shown_ids([(version, then)], study.everyone.hide)
    named = {code: shown.get(_then(code, then, codebook), "") for code in written}
    spans = {
        coder: [Span(source, start, end, named[code]) for code, source, start, end in found if named[code]]
        for coder, found in standing.items()
    }
    if lost := sum(map(len, standing.values())) - sum(map(len, spans.values())):
        codings = counted_words(lost, "coding is", "codings are")
        note += f"; {codings} left out: that codebook has no such code, or it became several"
    codes = [shown[code.code] for code in then.codes]
    note = note.removeprefix("; ")
    return Given(spans, done, codes, frozenset(), version or codebook.version, label, note, lost=lost_rows(rows))


def _of_the_time(last: str, written: AbstractSet[str], study: Study, codebook: Codebook) -> tuple[str, Codebook, str]:
    """The codebook of a round that ended on a date ('' if no row says when): its label, itself, and what to be told.

    Copies are made before or after codes are changed: of the last one until that date, those after it and the codebook
    as it is (its label ''), the first that knows most of the codes that were written.
    """
    if not last:
        return "", codebook, "by the codebook as it is: no row of the round says when (`at`)"
    until = [label for label in study.history if label[:10] <= last]
    since = until[-1:] + [label for label in study.history if label[:10] > last]
    books = [(label, load_codebook(study.history[label])) for label in since] + [("", codebook)]
    label, then = max(books, key=lambda book: sum(book[1].current(code) is not None for code in written))
    if label in until:
        return label, then, ""
    told = f"by the copy of {label}" if label else "by the codebook as it is"
    before = (
        f"that of {until[-1]} does not have all codes" if until else f"there is no copy in history/ of {last} or before"
    )
    return label, then, f"{told}: {before}"


def _standing(rows: pd.DataFrame) -> Iterator[tuple[str, str, int, int]]:
    """(code, source, start, end) of what one coder gave, in the order of the rows, and did not take back."""
    given: dict[str, dict[str, tuple[str, str, int, int]]] = {}
    accepted: dict[tuple[str, str, int, int], str] = {}
    for row in rows[rows["start"].notna()].itertuples():
        # What was two codes then may be one coding now.
        written = row.code if row.action in ("apply", "withdraw") else ""
        what = (row.code or row.now, row.source, int(row.start), int(row.end))
        if row.action in ("apply", "accept"):
            given.setdefault(row.coding, {})[written] = what
            if row.action == "accept":
                accepted[what] = row.coding
        elif row.action == "reject":
            # Where the code was split since, the row that accepted it has another id.
            for coding in (row.coding, accepted.get(what, "")):
                given.get(coding, {}).pop("", None)
        elif row.action == "withdraw":
            of_coding = given.get(row.coding, {})
            if of_coding.pop(written, None) is None:
                of_coding.clear()
    for of_coding in given.values():
        yield from of_coding.values()


def _then(code: str, then: Codebook, now: Codebook) -> str:
    """What a code was called in an earlier codebook: by its former ids there, or by those that it has had since."""
    if known := then.current(code):
        return known.code
    heir = now.current(code)
    before = [old.code for old in then.codes if heir and now.current(old.code) is heir]
    return before[0] if len(before) == 1 else ""
