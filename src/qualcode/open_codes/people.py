"""People's codings: the rows of codings/<coder>/, placed in the text, in the order in which they were decided."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from ..codebook import Codebook
from ..codings import Decision, read_codings, told
from ..errors import Problems
from ..study import Study
from ..text import SourceText, fold
from .anchors import Anchor, Stood

# What of one proposal can be said only once.
OPPOSITE = ("accept", "reject")


@dataclass(frozen=True)
class Coding:
    """A stretch of a source with a code, and who or what made it. `decided` holds coders' accept or reject.

    Of a person: whether it was `suggested` to them, and they accepted it.
    Of a rule: the indicator that speaks for it, where it was `met`, whether all that it met is negated, whether it
    `stands` all the same, and the ids that it has had under the code's other former names.
    """

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
    rule: str = ""
    met: tuple[int, int] | None = None
    negated: bool = False
    stands: bool = True
    formerly: tuple[str, ...] = ()
    suggested: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a row: the coding it is about, where that stands, and what its code is called now.

    `written` is the code as the row has it, or under which the proposal stood that it names. `holds`: it is carried
    out, and the coder has said nothing else of that coding since.
    """

    decision: Decision
    told: str
    coding: str = ""
    source: str = ""
    span: tuple[int, int] | None = None
    code: str = ""
    written: str = ""
    holds: bool = False


@dataclass(frozen=True)
class Unplaced:
    """A row that could not be placed or carried out, why, what is nearest to it, and where it stood if it ever did."""

    decision: Decision
    reason: str
    nearest: str = ""
    anchor: Anchor | None = None
    known: str = ""

    @property
    def source(self) -> str:
        return self.decision["source"] or (self.anchor.source if self.anchor else "") or self.known


@dataclass
class Coded:
    """What people did: their codings by id, how far each finished each source, and the rows that found no place.

    `coders` coded in a source and did not only decide on proposals; `said` are those who say that they are done with
    it, `judges` those who decided on suggestions, which are of some sentences only. `stood` is where each row and each
    proposal that was decided on stands, as anchors have it. `record` tells what became of each row, in the order in
    which they were carried out.
    """

    codings: dict[str, Coding]
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    coders: set[tuple[str, str]] = field(default_factory=set)
    said: set[tuple[str, str]] = field(default_factory=set)
    judges: set[tuple[str, str]] = field(default_factory=set)
    stood: list[Stood] = field(default_factory=list)
    record: list[Outcome] = field(default_factory=list)


def read_decisions(study: Study, codebook: Codebook, sources: Mapping[str, SourceText]) -> list[Decision]:
    """Every row of every coder in the order of `at`, file and row.

    Raises QualcodeError that names every unknown source, code and participant, and every pair of decisions of a coder
    that contradict each other. Codings of a code that was split are listed with those that find no place, for a person
    to say which of the new codes they are.
    """
    problems = Problems()
    decisions = read_codings(study, codebook, problems)
    people = {item.participant for text in sources.values() for item in text.utterances}
    listed = {person.participant for person in study.participants}
    for decision in decisions:
        place = decision.place
        if decision["source"] and decision["source"] not in sources:
            do = _nearest(decision["source"], {source: source for source in sources})
            wrong = f"there is no source '{told(decision['source'], study)}'"
            problems.add(decision.path, place, wrong, do or "Mend the id.")
        if (person := decision["participant"]) and person not in people | listed:
            problems.add(decision.path, place, f"there is no participant '{told(person, study)}'", "Mend the id.")
        # What was turned down need not be a code any more.
        code = decision["code"] if not decision.suggested or decision.action in ("accept", "apply") else ""
        if code and codebook.current(code) is None and not codebook.heirs(code):
            known = {code: code for code in codebook.by_id} | {item.name: item.code for item in codebook.codes}
            do = _nearest(code, known) or "Mend the id, or add the old id to `formerly` of the code that it became."
            problems.add(decision.path, place, f"there is no code '{told(code, study)}' in {codebook.path}", do)
    for decision, other in contested((d, (d.coder, d["coding"])) for d in decisions if _opposes(d)):
        what = "suggestion" if decision.suggested else "proposal"
        wrong = f"this {decision.action}s the {what} '{decision['coding']}', and {where(other, decision)} "
        do = "Delete one of them, or give the later one a later date, or a time (`at`): it holds."
        problems.add(decision.path, decision.place, f"{wrong}{other.action}s it", do)
    problems.stop()
    hide = study.everyone.hide
    nameless = (
        replace(d, cells={**d.cells, "by": hide(d["by"]), "round": hide(d["round"])}) if d["by"] or d["round"] else d
        for d in decisions
    )
    return sorted(_until_done(list(nameless)), key=_order)


def _until_done(decisions: Sequence[Decision]) -> Iterator[Decision]:
    """Decisions, of which those of a consensus meeting are notes as long as it is not done with their source.

    Else a meeting that goes on for two afternoons would take all that is not decided yet out of the tables.
    """
    done = {(d.coder, d["source"]) for d in decisions if d.action == "done" and not d["quote"]}
    for decision in decisions:
        if decision["meeting"] and (decision.coder, decision["source"]) not in done:
            cells = {**decision.cells, "action": "note", "turned_down": "", "waits": "yes"}
            yield replace(decision, cells=cells)
        else:
            yield decision


def _order(decision: Decision) -> tuple[str, str, str, str, int]:
    # The second sheet of a day ends in -2, the tenth in -10: a later sheet goes later.
    sheet = re.sub(r"\d+", lambda match: match[0].zfill(9), decision.path.stem)
    return decision.coder, _time(decision), sheet, decision.path.suffix, decision.number


def contested(decisions: Iterable[tuple[Decision, Hashable]]) -> Iterator[tuple[Decision, Decision]]:
    """Decisions, given with what they are about, that contradict a coder's last word on the same; and that last word.

    A coder may change their mind: the later decision holds. Which one is that, only `at` can tell: of two of one day
    both need the time. The last of each pair in the order of files and rows comes first.
    """
    groups: dict[Hashable, list[Decision]] = {}
    for decision, about in decisions:
        groups.setdefault(about, []).append(decision)
    for group in groups.values():
        last = max(group, key=_order)
        for other in group:
            if other.action != last.action and not _surely_before(_time(other), _time(last)):
                first, second = sorted((other, last), key=lambda d: (d.path.as_posix(), d.number))
                yield second, first


def merged(decisions: Sequence[Decision], proposals: Mapping[str, Coding], codebook: Codebook) -> dict[int, Decision]:
    """Decisions of one coder on proposals that are one since their codes were merged, where they contradict each other.

    So are suggestions of the same words and code. Each, by its identity, with one that it contradicts.
    """
    about = [(d, key) for d in decisions if d.action in OPPOSITE and (key := _decided_on(d, proposals, codebook))]
    found: dict[int, Decision] = {}
    for one, other in contested((d, (d.coder, key)) for d, key in about):
        found.setdefault(id(one), other)
        found.setdefault(id(other), one)
    return found


def _opposes(decision: Decision) -> bool:
    return decision.action in OPPOSITE and bool(decision["coding"])


def _decided_on(decision: Decision, proposals: Mapping[str, Coding], codebook: Codebook) -> Hashable:
    """What a decision is about, the same for what is the same now; '' where that is not known."""
    if decision.suggested:
        code = codebook.current(decision["code"])
        words = fold(decision["quote"]) or decision["quote"]
        return (decision["source"], words, decision["start"], code.code) if code else ""
    proposal = proposals.get(decision["coding"])
    return proposal.coding if proposal else ""


def where(decision: Decision, seen_from: Decision) -> str:
    """Where a row stands, for someone who reads another."""
    return decision.place if decision.path == seen_from.path else f"{decision.place} of {decision.path}"


def _time(decision: Decision) -> str:
    return decision["at"].replace(" ", "T")


def _surely_before(one: str, other: str) -> bool:
    if not (one and other):
        # What has no date goes before all that has one.
        return one < other
    both = min(len(one), len(other))
    return one[:both] < other[:both]


def _nearest(typed: str, known: Mapping[str, str]) -> str:
    """The id that was probably meant, as a question, by what may have been typed for each; '' if none is near."""
    ids = {name.casefold(): key for name, key in known.items()}
    near = get_close_matches(typed.casefold(), ids, n=1, cutoff=0.75)
    return f"Is it '{ids[near[0]]}'?" if near else ""


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
