"""People's codings: the rows of codings/<coder>/, placed in the text, in the order in which they were decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..codebook import Codebook
from ..errors import Problems, QualcodeError
from ..files import Row, check_rows, read_rows
from ..study import Study
from ..text import Hider, Place, SourceText, digest

HUMAN, RULE = "human", "rule"


@dataclass(frozen=True)
class Decision:
    """One row of a coder's file."""

    coder: str
    path: Path
    row: Row

    def __getitem__(self, column: str) -> str:
        return self.row.cells.get(column, "")

    @property
    def action(self) -> str:
        return self["action"] or "apply"


@dataclass(frozen=True)
class Coding:
    """A stretch of a source with a code, and who or what made it. `decided` holds coders' accept or reject."""

    coding: str
    source: str
    start: int
    end: int
    code: str
    coder: str
    basis: str
    evidence: str
    participant: str = ""
    withdrawn: bool = False
    use: str = ""
    round: str = ""
    memo: str = ""
    decided: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unplaced:
    """A row that could not be placed or carried out, and why."""

    decision: Decision
    reason: str
    nearest: str = ""


@dataclass
class Coded:
    """What people did: their codings by id, how far each finished each source, and the rows that found no place."""

    codings: dict[str, Coding]
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    coders: set[tuple[str, str]] = field(default_factory=set)


def identity(source: str, text: SourceText, start: int, end: int, maker: str, code: str) -> str:
    """The id of a coding: edits elsewhere in the source, and renames of the code, leave it alone."""
    return digest(source, text.key(start, end), text.occurrence(start, end), maker, code)


def read_decisions(study: Study, codebook: Codebook, sources: Mapping[str, SourceText]) -> list[Decision]:
    """Every row of every coder in the order of `at`, file and row.

    Raises QualcodeError that names every unknown source, code and participant, and codes that were split.
    """
    problems = Problems()
    decisions: list[Decision] = []
    for coder, path in study.coding_files:
        try:
            header, rows = read_rows(path)
        except QualcodeError as error:
            problems.extend(error)
            continue
        check_rows(header, rows, "codings", path, problems)
        decisions += [Decision(coder, path, row) for row in rows]
    people = {item.participant for text in sources.values() for item in text.utterances}
    listed = {person.participant for person in study.participants}
    for decision in decisions:
        place = f"row {decision.row.number}"
        if decision["source"] and decision["source"] not in sources:
            problems.add(decision.path, place, f"there is no source '{decision['source']}'", "Mend the id.")
        if (person := decision["participant"]) and person not in people | listed:
            problems.add(decision.path, place, f"there is no participant '{person}'", "Mend the id.")
        if (code := decision["code"]) and codebook.current(code) is None:
            if heirs := codebook.heirs(code):
                wrong = f"the code '{code}' was split into {' and '.join(heirs)}"
                problems.add(decision.path, place, wrong, "Say which of them this coding is now.")
            else:
                do = "Mend the id, or add the old id to `formerly` of the code that it became."
                problems.add(decision.path, place, f"there is no code '{code}' in {codebook.path}", do)
    problems.stop()
    return sorted(decisions, key=lambda d: (d.coder, d["at"], d.path.as_posix(), d.row.number))


def check_ids(study: Study, codebook: Codebook) -> None:
    """Raise QualcodeError for codes that study.yaml names and questions that the codebook names, but are nowhere."""
    problems = Problems()
    for code in study.settings["rules_for"]:
        if code not in codebook.by_id:
            problems.add(study.folder / "study.yaml", "rules_for", f"there is no code '{code}' in {codebook.path}")
    questions = {question["id"] for question in study.settings["questions"]}
    for item in codebook.codes:
        if questions and item.question and item.question not in questions:
            wrong = f"'{item.code}' names a question that study.yaml does not have (found '{item.question}')"
            problems.add(
                codebook.path, f"line {item.line}", wrong, f"The questions are: {', '.join(sorted(questions))}."
            )
    problems.stop()


def carry_out(
    decisions: Sequence[Decision],
    proposals: Mapping[str, Coding],
    study: Study,
    codebook: Codebook,
    sources: Mapping[str, SourceText],
) -> Coded:
    """People's codings and their decisions on proposals, which are `proposals` by every id that they ever had."""
    coded = Coded({coding.coding: coding for coding in proposals.values()})
    hiders = {source: study.hider(source) for source in sources}
    for decision in decisions:
        if decision.action in ("accept", "reject"):
            _decide(decision, proposals, coded)
        elif decision.action == "withdraw" and decision["coding"]:
            _withdraw(decision, decision["coding"], coded)
        else:
            source = decision["source"]
            _place(decision, sources[source], hiders[source], codebook, coded)
        if decision.action not in ("accept", "reject") and decision["source"]:
            coded.coders.add((decision["source"], decision.coder))
        known = proposals.get(decision["coding"]) or coded.codings.get(decision["coding"])
        if source := decision["source"] or (known.source if known else ""):
            # Who has rows in a source is taken to have finished it; a `done` row may say how far.
            coded.done.setdefault((source, decision.coder), len(sources[source].text))
    return coded


def _decide(decision: Decision, proposals: Mapping[str, Coding], coded: Coded) -> None:
    proposal = proposals.get(decision["coding"])
    if proposal is None:
        made_by_hand = decision["coding"] in coded.codings
        reason = "this is a person's coding, not a proposal" if made_by_hand else "there is no such proposal any more"
        coded.unplaced.append(Unplaced(decision, reason))
        return
    now = coded.codings[proposal.coding]
    coded.codings[now.coding] = replace(
        now,
        decided={**now.decided, decision.coder: decision.action},
        use=decision["use"] or now.use,
        round=decision["round"] or now.round,
        memo=decision["memo"] or now.memo,
    )


def _withdraw(decision: Decision, coding: str, coded: Coded) -> None:
    known = coded.codings.get(coding)
    if known is None or known.coder != decision.coder:
        reason = f"{decision.coder} has no such coding to withdraw"
        coded.unplaced.append(Unplaced(decision, reason))
        return
    coded.codings[coding] = replace(known, withdrawn=True, memo=decision["memo"] or known.memo)


def _place(decision: Decision, text: SourceText, hider: Hider, codebook: Codebook, coded: Coded) -> None:
    source = decision["source"]
    if decision.action == "done" and not decision["quote"]:
        coded.done[source, decision.coder] = len(text.text)
        return
    # Coders may quote the transcript as it came, with its names: these are hidden as they are in the text.
    raw = decision["quote"]
    place, reason = _settle(decision, text, raw)
    if place is None and (hidden := hider.hide(raw)[0]) != raw:
        place, reason = _settle(decision, text, hidden)
    if place is None:
        near = text.nearest(raw)
        coded.unplaced.append(Unplaced(decision, reason, text.text[near.start : near.end] if near else ""))
        return
    if decision.action == "done":
        coded.done[source, decision.coder] = max(item.end for item in text.covered(place.start, place.end))
        return
    code = codebook.current(decision["code"])
    assert code is not None, "read_decisions checks codes"
    coding = identity(source, text, place.start, place.end, f"{HUMAN} {decision.coder}", codebook.identities(code)[0])
    if decision.action == "withdraw":
        _withdraw(decision, coding, coded)
        return
    earlier = coded.codings.get(coding)
    coded.codings[coding] = Coding(
        coding,
        source,
        place.start,
        place.end,
        code.code,
        decision.coder,
        HUMAN,
        place.method if place.method != "fuzzy" else f"fuzzy, {place.score:.0f} of 100",
        decision["participant"] or (earlier.participant if earlier else ""),
        use=decision["use"] or (earlier.use if earlier else ""),
        round=decision["round"] or (earlier.round if earlier else ""),
        memo=decision["memo"] or (earlier.memo if earlier else ""),
    )


def _settle(decision: Decision, text: SourceText, quote: str) -> tuple[Place | None, str]:
    """The one place of a quotation, or why there is none."""
    places = text.places(quote)
    if not places:
        return None, "the quotation does not stand in the source"
    person = decision["participant"]
    if person:
        places = [
            place for place in places if any(u.participant == person for u in text.covered(place.start, place.end))
        ]
        if not places:
            return None, f"the quotation stands in the source, but these are not words of '{person}'"
    if len(places) > 1 and decision["start"]:
        places = [place for place in places if place.start == int(decision["start"])] or places
    if len(places) > 1:
        do = "quote more, or name the participant" if not person else "quote more"
        return None, f"the quotation stands {len(places)} times: {do}"
    return places[0], ""
