"""People's codings: the rows of codings/<coder>/, placed in the text, in the order in which they were decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..codebook import Codebook
from ..codings import Decision, read_codings
from ..errors import Problems
from ..study import Study
from ..text import SourceText
from .anchors import Anchor, Stood

# Of a code that is not known, so many characters are told.
LONGEST = 40


@dataclass(frozen=True)
class Coding:
    """A stretch of a source with a code, and who or what made it. `decided` holds coders' accept or reject.

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
    it. `stood` is where each row and each proposal that was decided on stands, as anchors have it. `record` tells what
    became of each row, in the order in which they were carried out.
    """

    codings: dict[str, Coding]
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    coders: set[tuple[str, str]] = field(default_factory=set)
    said: set[tuple[str, str]] = field(default_factory=set)
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
            problems.add(decision.path, place, f"there is no source '{decision['source']}'", do or "Mend the id.")
        if (person := decision["participant"]) and person not in people | listed:
            problems.add(decision.path, place, f"there is no participant '{person}'", "Mend the id.")
        code = decision["code"]
        if code and codebook.current(code) is None and not codebook.heirs(code):
            known = {code: code for code in codebook.by_id} | {item.name: item.code for item in codebook.codes}
            do = _nearest(code, known) or "Mend the id, or add the old id to `formerly` of the code that it became."
            # A comment may be free text, with words of people: no more of it than an id is long.
            told = code if len(code) <= LONGEST else f"{code[:LONGEST]} …"
            problems.add(decision.path, place, f"there is no code '{told}' in {codebook.path}", do)
    _check_contradictions(decisions, problems)
    problems.stop()
    return sorted(decisions, key=lambda d: (d.coder, d["at"], d.path.as_posix(), d.number))


def _check_contradictions(decisions: Iterable[Decision], problems: Problems) -> None:
    """A coder may change their mind: the later decision holds. Which one is that, only `at` can tell."""
    first: dict[tuple[str, str, str], Decision] = {}
    for decision in decisions:
        if decision.action not in ("accept", "reject"):
            continue
        earlier = first.setdefault((decision.coder, decision["coding"], decision["at"]), decision)
        if earlier.action != decision.action:
            where = earlier.place if earlier.path == decision.path else f"{earlier.place} of {earlier.path}"
            wrong = f"this {decision.action}s the proposal '{decision['coding']}', and {where} {earlier.action}s it"
            do = "Delete one of them, or give both the date of the decision (`at`): the later one holds."
            problems.add(decision.path, decision.place, wrong, do)


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
