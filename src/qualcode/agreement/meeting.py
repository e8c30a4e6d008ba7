"""The consensus meeting: what coders coded side by side, so that they decide together on each passage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..codebook.colours import category_colours
from ..codings.sheets import ACCEPT, DONE, REJECT, USES
from ..codings.talk import Talk
from ..codings.workbook import (
    FILL_IN,
    READ,
    About,
    code_cell,
    codes_sheet,
    context_cell,
    decision_columns,
    done_row,
    place_columns,
    save_new,
)
from ..documents import Cell, Sheet, SheetColumn, save_workbook
from ..measures.units import Unit
from ..study import CONSENSUS, Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Given:
    """A stretch of a source that a coder gave a code, or turned down as a proposal, and what was noted beside it."""

    coder: str
    start: int
    end: int
    memo: str = ""
    use: str = ""
    rejected: bool = False


@dataclass(frozen=True)
class Passage:
    """What is decided at once: codings of one code that touch a same unit, from their first character to their last.

    `words`, `memos` and `uses` are each coder's own, by coder; `rejected` are those who turned a proposal of it down.
    `alike`: all who finished the passage coded the same units, in words that overlap.
    """

    source: str
    start: int
    end: int
    code: str
    words: Mapping[str, str]
    memos: Mapping[str, str]
    uses: Mapping[str, str]
    rejected: Sequence[str]
    who: str
    alike: bool


def passages(
    codebook: Codebook, made: Mapping[str, pd.DataFrame], units: Sequence[Unit], talk: Talk
) -> tuple[list[Passage], dict[str, list[str]]]:
    """The passages of a meeting by source and position, those on which coders differ first; and who meets, by source.

    `made` holds the tables open_codes, decisions and coders. Only sources that two coders finished are met about.
    """
    meet = _meeting(made["coders"])
    ends = {(row.source, row.coder): int(row.done_to) for row in made["coders"].itertuples()}
    given = _given(made["open_codes"], made["decisions"])
    found = []
    for source, coders in meet.items():
        inside = [unit for unit in units if unit.source == source]
        done = {coder: ends[source, coder] for coder in coders}
        for code in codebook.codes:
            theirs = [item for item in given.get((source, code.code), []) if item.coder in done]
            refused = [item for item in theirs if item.rejected]
            groups = _groups([item for item in theirs if not item.rejected], inside)
            found += [_passage(source, code.code, group, refused, done, inside, talk) for group in groups]
    order = {source: position for position, source in enumerate(meet)}
    found.sort(key=lambda p: (order[p.source], p.alike, p.start, p.end, codebook.order[p.code]))
    return found, meet


def undecided(found: Sequence[Passage], made: Mapping[str, pd.DataFrame]) -> list[Passage]:
    """The passages on which the coder `consensus` has said nothing yet: no coding, and no note that turned one down."""
    decisions, codings = made["decisions"], made["open_codes"]
    mine = codings[(codings["coder"] == CONSENSUS) & (codings["status"] != "withdrawn")]
    notes = decisions[(decisions["coder"] == CONSENSUS) & (decisions["action"] == "note")]
    notes = notes[notes["start"].notna() & notes["end"].notna()]
    decided: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for table, column in ((mine, "code"), (notes, "now")):
        for row in table.to_dict("records"):
            decided.setdefault((row["source"], row[column]), []).append((int(row["start"]), int(row["end"])))
    return [
        item
        for item in found
        if not any(start < item.end and item.start < end for start, end in decided.get((item.source, item.code), []))
    ]


def write_meeting(
    path: Path,
    study: Study,
    codebook: Codebook,
    made: Mapping[str, pd.DataFrame],
    units: Sequence[Unit],
    talk: Talk,
) -> None:
    """Write all passages of all sources as an xlsx file: the same bytes every time. For `made` see `passages`.

    Where no source has two coders, the file says so.
    """
    found, meet = passages(codebook, made, units, talk)
    if not meet:
        nothing = "No source was finished by two coders yet: there is nothing to compare."
        save_workbook(path, study.name, [Sheet("Meeting", [SheetColumn("note", width=90)], [[nothing]])])
        return
    save_workbook(path, _title(study), _sheets(found, meet, study, codebook, talk, None))


def save_meeting(
    path: Path, found: Sequence[Passage], coders: Sequence[str], codebook: Codebook, talk: Talk, about: About
) -> None:
    """Write the passages of one source as a new sheet of the coder `consensus`. No file may be there yet."""
    source = found[0].source
    save_new(path, _title(about.study), _sheets(found, {source: coders}, about.study, codebook, talk, about))


def _title(study: Study) -> str:
    return f"{study.name}: consensus meeting"


# --- who coded what ------------------------------------------------------------------------------------------------


def _meeting(coders: pd.DataFrame) -> dict[str, list[str]]:
    """Who finished each source that two or more finished, in the order of the study and of names."""
    took_part = coders[(coders["coded"] | coders["said"]) & (coders["coder"] != CONSENSUS)]
    by_source = {str(source): sorted(group["coder"]) for source, group in took_part.groupby("source", sort=False)}
    return {source: found for source, found in by_source.items() if len(found) > 1}


def _given(codings: pd.DataFrame, decisions: pd.DataFrame) -> dict[tuple[str, str], list[_Given]]:
    """What each coder coded and did not withdraw, and the proposals that they decided on, by source and code."""
    found: dict[tuple[str, str], list[_Given]] = {}
    for row in codings[(codings["basis"] == "human") & (codings["status"] != "withdrawn")].itertuples():
        given = _Given(row.coder, row.start, row.end, row.memo, row.use)
        found.setdefault((row.source, row.code), []).append(given)
    proposals = codings[codings["basis"] == "rule"].set_index("coding")
    decided = decisions[decisions["action"].isin(["accept", "reject"]) & decisions["holds"] & ~decisions["sample"]]
    for row in decided[decided["coding"].isin(proposals.index)].itertuples():
        proposal = proposals.loc[row.coding]
        place = int(proposal["start"]), int(proposal["end"])
        given = _Given(row.coder, *place, rejected=row.action == "reject")
        found.setdefault((proposal["source"], proposal["code"]), []).append(given)
    return found


def _groups(given: Sequence[_Given], units: Sequence[Unit]) -> list[list[_Given]]:
    """Those that touch a same unit, or overlap, together."""
    groups: list[list[_Given]] = []
    reach = -1
    for item, (start, end) in sorted(
        ((item, _widened(item, units)) for item in given), key=lambda pair: (*pair[1], pair[0].start, pair[0].coder)
    ):
        if start >= reach:
            groups.append([])
        groups[-1].append(item)
        reach = max(reach, end)
    return groups


def _touched(item: _Given, units: Sequence[Unit]) -> Sequence[Unit]:
    first = bisect_right(units, item.start, key=lambda unit: unit.end)
    return units[first : bisect_left(units, item.end, key=lambda unit: unit.start)]


def _widened(item: _Given, units: Sequence[Unit]) -> tuple[int, int]:
    touched = _touched(item, units)
    if not touched:
        return item.start, item.end
    return min(item.start, touched[0].start), max(item.end, touched[-1].end)


def _passage(
    source: str,
    code: str,
    group: Sequence[_Given],
    refused: Sequence[_Given],
    done: Mapping[str, int],
    units: Sequence[Unit],
    talk: Talk,
) -> Passage:
    start, end = min(item.start for item in group), max(item.end for item in group)
    by_coder: dict[str, list[_Given]] = {}
    for item in sorted(group, key=lambda item: (item.coder, item.start, item.end)):
        by_coder.setdefault(item.coder, []).append(item)
    words = {
        coder: " / ".join(dict.fromkeys(talk.words(source, item.start, item.end) for item in items))
        for coder, items in by_coder.items()
    }
    memos, uses = (
        {
            coder: "; ".join(dict.fromkeys(filter(None, (getattr(item, noted) for item in items))))
            for coder, items in by_coder.items()
        }
        for noted in ("memo", "use")
    )
    covered = {
        coder: {unit.unit for item in items for unit in _touched(item, units)} for coder, items in by_coder.items()
    }
    unread = [coder for coder, reached in done.items() if reached < end and coder not in by_coder]
    same = all(one == next(iter(covered.values())) for one in covered.values()) and _overlap(by_coder.values())
    alike = same and len(by_coder) == len(done)
    rejected = sorted({item.coder for item in refused if item.start < end and start < item.end} - set(by_coder))
    who = _who(list(by_coder), unread, same)
    return Passage(source, start, end, code, words, memos, uses, rejected, who, alike)


def _overlap(by_coder: Iterable[Sequence[_Given]]) -> bool:
    """Whether there are words that lie between the first and the last that each of them coded."""
    edges = [(min(item.start for item in items), max(item.end for item in items)) for items in by_coder]
    return max(start for start, _ in edges) < min(end for _, end in edges)


def _who(coders: Sequence[str], unread: Sequence[str], same: bool) -> str:
    told = f"{coders[0]} only" if len(coders) == 1 else " and ".join(coders)
    told += "" if same else ", not the same passage"
    return told + (f" ({' and '.join(unread)} did not come so far)" if unread else "")


# --- the sheets ----------------------------------------------------------------------------------------------------


def _sheets(
    found: Sequence[Passage],
    meet: Mapping[str, Sequence[str]],
    study: Study,
    codebook: Codebook,
    talk: Talk,
    about: About | None,
) -> list[Sheet]:
    coders = sorted({coder for names in meet.values() for coder in names})
    columns = [
        SheetColumn("speaker", width=12, fill=READ),
        SheetColumn("code", width=19, fill=READ),
        SheetColumn("name", width=20, fill=READ),
        SheetColumn("quote", width=38, fill=READ),
        SheetColumn("context", width=52, fill=READ),
    ]
    taken = {column.name for column in [*columns, *_deciding(codebook)]} | {"by"}
    columns += [
        SheetColumn(coder if coder not in taken else f"{coder} (coder)", width=28, fill=READ) for coder in coders
    ]
    columns += _deciding(codebook)
    colours = category_colours(codebook)
    cells = {code: code_cell(code, colours) for code in {item.code for item in found}}
    rows = [_row(item, coders, cells[item.code], codebook, talk, about) for item in found]
    foot = [done_row(source, columns, about) for source in meet]
    # The file among the results is made anew by every run: what is typed into it there is lost.
    meeting = Sheet(
        "Meeting" if about else "Copy before you decide", columns, rows, foot=foot, frozen=2, printed=len(columns) - 4
    )
    return [meeting, codes_sheet(codebook, (ACCEPT, REJECT)), _summary(found, meet, study, codebook, about)]


def _deciding(codebook: Codebook) -> list[SheetColumn]:
    when = [SheetColumn("round", width=8, fill=FILL_IN), SheetColumn("at", width=12, fill=FILL_IN)]
    who = SheetColumn("who", width=18, fill=READ)
    return [who, *decision_columns(codebook), *when, *place_columns("coding")]


def _row(
    item: Passage, coders: Sequence[str], code: Cell, codebook: Codebook, talk: Talk, about: About | None
) -> list[object]:
    place = item.source, item.start, item.end
    # What they agree on, or only one of them says, of quoting it.
    uses = {use for use in item.uses.values() if use}
    return [
        talk.speakers(*place),
        code,
        codebook.by_id[item.code].name,
        talk.words(*place),
        context_cell(talk, *place),
        *(_own(item, coder) for coder in coders),
        item.who,
        ACCEPT if item.alike else "",
        uses.pop() if len(uses) == 1 and uses <= set(USES) else "",
        "",
        about.round if about else "",
        about.at if about else "",
        "",
        *place,
    ]


def _own(item: Passage, coder: str) -> str:
    """What a coder did with a passage, in their own words."""
    lines = [item.words.get(coder, "rejected" if coder in item.rejected else "")]
    lines += [f"[{what}: {told}]" for what in ("use", "memo") if (told := getattr(item, f"{what}s").get(coder, ""))]
    return "\n".join(lines)


def _summary(
    found: Sequence[Passage],
    meet: Mapping[str, Sequence[str]],
    study: Study,
    codebook: Codebook,
    about: About | None,
) -> Sheet:
    """How many passages there are, by source, and what to do with them."""
    above = [
        f"Decide together on each passage: {ACCEPT} codes the words under quote, which you may edit, with the code; "
        f"another code takes its place; {REJECT} codes nothing. What all coded alike is accepted already: look whether "
        "you still agree.",
        f"Save the file in codings/{CONSENSUS}/, and choose {DONE} in the last row when you have decided on all of it. "
        f"From then on the coder {CONSENSUS} decides alone in this source: what has no decision does not count.",
        f"Study: {study.name} ({study.settings.get('title', '')}). Codebook: version {codebook.version}."
        + (f" Made on {about.at}." if about else ""),
    ]
    columns = [
        SheetColumn("source", width=26),
        SheetColumn("coders", width=40),
        *(SheetColumn(name, "integer", width=16) for name in ("passages", "differ", "alike")),
    ]
    rows: list[list[object]] = []
    for source, coders in meet.items():
        alike = [item.alike for item in found if item.source == source]
        rows.append([source, ", ".join(coders), len(alike), alike.count(False), alike.count(True)])
    total = [len(found), *(sum(item.alike is kind for item in found) for kind in (False, True))]
    foot = [[Cell(value, bold=True) for value in ("all", "", *total)]]
    return Sheet("Summary", columns, rows, _title(study), above, foot)
