"""People's codings: the rows of codings/<coder>/, placed in the text, in the order in which they were decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from ..codebook import Code, Codebook
from ..errors import Problems, QualcodeError
from ..files import Row, check_rows, read_rows
from ..study import Study
from ..text import Place, SourceText, digest, fold
from .anchors import HUMAN, RULE, Anchor, Anchors, Stood, maker, someone_withdrew


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

    `stood` is where each row and each proposal that was decided on stands, as anchors have it.
    """

    codings: dict[str, Coding]
    done: dict[tuple[str, str], int] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    coders: set[tuple[str, str]] = field(default_factory=set)
    stood: list[Stood] = field(default_factory=list)


def read_decisions(study: Study, codebook: Codebook, sources: Mapping[str, SourceText]) -> list[Decision]:
    """Every row of every coder in the order of `at`, file and row.

    Raises QualcodeError that names every unknown source, code and participant. Codings of a code that was split are
    listed with those that find no place, for a person to say which of the new codes they are.
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
            do = _nearest(decision["source"], {source: source for source in sources})
            problems.add(decision.path, place, f"there is no source '{decision['source']}'", do or "Mend the id.")
        if (person := decision["participant"]) and person not in people | listed:
            problems.add(decision.path, place, f"there is no participant '{person}'", "Mend the id.")
        code = decision["code"]
        if code and codebook.current(code) is None and not codebook.heirs(code):
            known = {code: code for code in codebook.by_id} | {item.name: item.code for item in codebook.codes}
            do = _nearest(code, known) or "Mend the id, or add the old id to `formerly` of the code that it became."
            problems.add(decision.path, place, f"there is no code '{code}' in {codebook.path}", do)
    problems.stop()
    return sorted(decisions, key=lambda d: (d.coder, d["at"], d.path.as_posix(), d.row.number))


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


def carry_out(
    decisions: Sequence[Decision],
    proposals: Mapping[str, Coding],
    study: Study,
    codebook: Codebook,
    sources: Mapping[str, SourceText],
    anchors: Anchors,
    split: Mapping[str, Sequence[Coding]],
) -> Coded:
    """People's codings and their decisions on proposals, which are `proposals` by every id that they ever had.

    `split` are those by ids that they had under a code that was split since.
    """
    work = _Work(proposals, study, codebook, sources, anchors, split)
    for decision in decisions:
        work.carry_out(decision)
    return work.coded


class _Work:
    """Decisions being carried out, one after the other."""

    def __init__(
        self,
        proposals: Mapping[str, Coding],
        study: Study,
        codebook: Codebook,
        sources: Mapping[str, SourceText],
        anchors: Anchors,
        split: Mapping[str, Sequence[Coding]],
    ) -> None:
        self.proposals, self.codebook, self.sources, self.anchors = proposals, codebook, sources, anchors
        self.split = split
        # People's codings by every id that they have had; None where two would have had the same.
        self.named: dict[str, str | None] = {}
        self.coded = Coded({coding.coding: coding for coding in proposals.values()})
        self.hiders = {source: study.hider(source) for source in sources}
        self.withdrew = {source for source in sources if someone_withdrew(study, source)}
        self.applied: Counter[str] = Counter()

    def carry_out(self, decision: Decision) -> None:
        coded = self.coded
        if decision.action in ("accept", "reject"):
            self._decide(decision)
        elif decision.action == "withdraw" and decision["coding"]:
            self._withdraw(decision, decision["coding"], self.anchors.of_coding(decision["coding"]))
        elif decision.action == "done" and not decision["quote"]:
            coded.done[decision["source"], decision.coder] = len(self.sources[decision["source"]].text)
        else:
            self._place(decision)
        if decision.action not in ("accept", "reject") and decision["source"]:
            coded.coders.add((decision["source"], decision.coder))
        known = self.proposals.get(decision["coding"]) or coded.codings.get(decision["coding"])
        if source := decision["source"] or (known.source if known else ""):
            # Who has rows in a source is taken to have finished it; a `done` row may say how far.
            coded.done.setdefault((source, decision.coder), len(self.sources[source].text))

    def _decide(self, decision: Decision) -> None:
        named = decision["coding"]
        anchor = self.anchors.of_coding(named)
        proposal = self.proposals.get(named)
        if proposal is None and named in self.split:
            self._decide_split(decision, self.split[named], anchor)
            return
        if proposal is None:
            reason = "there is no such proposal any more"
            if named in self.coded.codings:
                reason = "this is a person's coding, not a proposal"
            elif anchor and isinstance(lost := self.anchors.place(anchor), str):
                reason = f"{reason}: {lost}"
            self._list(decision, reason, anchor, anchor.source if anchor else "", anchor.quote if anchor else "")
            return
        source, text, words = proposal.source, self.sources[proposal.source], (proposal.start, proposal.end)
        if (person := decision["participant"]) and not _said(person, text, *words):
            reason = f"the proposal is there, but these are not words of '{person}'"
            self._list(decision, reason, anchor, source, text.text[slice(*words)])
            return
        self._note(decision, proposal.coding)
        names = self.codebook.identities(self.codebook.by_id[proposal.code])
        code = next(name for name in names if self.anchors.identity(source, text, *words, RULE, name) == named)
        self.coded.stood.append(Stood(named, "", source, *words, "", code, ""))

    def _note(self, decision: Decision, coding: str) -> None:
        """Take down what someone decided about a proposal."""
        now = self.coded.codings[coding]
        self.coded.codings[coding] = replace(
            now,
            decided={**now.decided, decision.coder: decision.action},
            use=decision["use"] or now.use,
            round=decision["round"] or now.round,
            memo=decision["memo"] or now.memo,
        )

    def _decide_split(self, decision: Decision, proposals: Sequence[Coding], anchor: Anchor | None) -> None:
        """A decision on a proposal whose code was split. What was rejected comes back under none of the new codes.

        Which of them someone means who accepted it, they have to say.
        """
        if decision.action == "reject":
            for proposal in proposals:
                self._note(decision, proposal.coding)
            return
        first = proposals[0]
        ids = " or ".join(f"{item.coding} ({item.code})" for item in proposals)
        reason = f"the code of this proposal was split: accept or reject {ids}"
        self._list(decision, reason, anchor, first.source, self.sources[first.source].text[first.start : first.end])

    def _withdraw(self, decision: Decision, coding: str, anchor: Anchor | None) -> None:
        known = self.coded.codings.get(self.named.get(coding) or coding)
        if known is None or known.coder != decision.coder:
            reason = f"{decision.coder} has no such coding to withdraw"
            self._list(decision, reason, anchor)
            return
        self.coded.codings[known.coding] = replace(known, withdrawn=True, memo=decision["memo"] or known.memo)

    def _place(self, decision: Decision) -> None:
        source, coder = decision["source"], decision.coder
        text = self.sources[source]
        done = decision.action == "done"
        code = self.codebook.current(decision["code"])
        if code is None and not done:
            heirs = " and ".join(self.codebook.heirs(decision["code"]))
            reason = f"the code was split into {heirs}: say which of them this coding is now"
            self._list(decision, reason, self._anchor(decision, []), source, decision["quote"])
            return
        names = self.codebook.identities(code) if code and not done else [""]
        anchor = self._anchor(decision, names)
        place, reason = self._anchored(decision, anchor) if anchor else self._found(decision)
        if place is None:
            self._list(decision, reason, anchor, source, anchor.quote if anchor else decision["quote"])
            return
        evidence = place.method if place.method != "fuzzy" else f"fuzzy, {place.score:.0f} of 100"
        words = place.start, place.end
        coding = self.anchors.identity(source, text, *words, maker(coder, names[0]), names[0])
        row, applies = _row(decision, names[0]), decision.action == "apply"
        self.coded.stood.append(Stood(coding, row, source, *words, coder, names[0], evidence, applies))
        if done:
            self.coded.done[source, coder] = max(item.end for item in text.covered(*words))
        elif not applies:
            self._withdraw(decision, coding, anchor)
        elif code:
            formerly = self._also(coding, decision, words, code)
            earlier = self.coded.codings.get(coding)
            self.coded.codings[coding] = Coding(
                coding,
                source,
                *words,
                code.code,
                coder,
                HUMAN,
                evidence,
                decision["participant"] or (earlier.participant if earlier else ""),
                use=decision["use"] or (earlier.use if earlier else ""),
                round=decision["round"] or (earlier.round if earlier else ""),
                memo=decision["memo"] or (earlier.memo if earlier else ""),
                formerly=formerly,
            )

    def _also(self, coding: str, decision: Decision, words: tuple[int, int], code: Code) -> tuple[str, ...]:
        """The ids that a person's coding has had, or would have had, under the code's other names."""
        source, coder = decision["source"], decision.coder
        text = self.sources[source]
        names = [*self.codebook.identities(code)[1:], *self.codebook.split_from(code)]
        also = tuple(self.anchors.identity(source, text, *words, maker(coder, name), name) for name in names)
        for name in also:
            self.named[name] = coding if self.named.get(name, coding) == coding else None
        return also

    def _anchor(self, decision: Decision, names: Iterable[str]) -> Anchor | None:
        """The anchor of what a row asks for, if it has stood somewhere under one of the code's names."""
        applies = decision.action == "apply"
        for name in dict.fromkeys([decision["code"], *names]):
            row = _row(decision, name)
            # One more row like those that were anchored may mean a passage that has come in since.
            if anchor := self.anchors.of_row(row, self.applied[row] if applies else 0):
                self.applied[row] += applies
                return anchor
        return None

    def _anchored(self, decision: Decision, anchor: Anchor) -> tuple[Place | None, str]:
        """The place of a row that was anchored: where its passage stands now, and nowhere else."""
        text = self.sources[anchor.source]
        stands = self.anchors.place(anchor)
        if isinstance(stands, str):
            return None, f"{stands}: quote what it is to stand on now, or delete the row"
        if (person := decision["participant"]) and not _said(person, text, *stands):
            return None, f"the quotation stands in the source, but these are not words of '{person}'"
        words = text.key(*stands), text.occurrence(*stands)
        for quote in self.hiders[anchor.source].variants(decision["quote"]):
            for place in text.stands(quote):
                if (text.key(place.start, place.end), text.occurrence(place.start, place.end)) == words:
                    return place, ""
        return Place(*stands, anchor.evidence), ""

    def _found(self, decision: Decision) -> tuple[Place | None, str]:
        """The one place of a quotation that never was anchored, or why there is none."""
        text, reason = self.sources[decision["source"]], ""
        # Coders may quote the transcript as it came, with its names: these are hidden as they are in the text.
        wordings = self.hiders[decision["source"]].variants(decision["quote"])
        for places in filter(None, map(text.stands, wordings)):
            place, reason = _settle(decision, text, places)
            if place is not None:
                return place, ""
        alike = [place for words in wordings for place in text.places(words)]
        # Where someone withdrew, what is only alike may be the words of someone else.
        if reason or not alike or decision["source"] in self.withdrew:
            return None, reason or "the quotation does not stand in the source"
        return _settle(decision, text, [max(alike, key=lambda place: place.score)])

    def _list(self, decision: Decision, reason: str, anchor: Anchor | None, source: str = "", words: str = "") -> None:
        """Take a row down as one without a place, with the passage of the source that is nearest to the words."""
        text = self.sources.get(source)
        near = text.nearest(words) if text and words else None
        nearest = text.text[near.start : near.end] if text and near else ""
        self.coded.unplaced.append(Unplaced(decision, reason, nearest, anchor, source))


def _said(person: str, text: SourceText, start: int, end: int) -> bool:
    """Whether someone said any of the words of a span."""
    return any(item.participant == person for item in text.covered(start, end))


def _row(decision: Decision, code: str) -> str:
    """What a row asks for: rows that ask for the same stand in the same place."""
    quote = decision["quote"]
    cells = (decision["participant"], decision["start"], decision["end"])
    return digest(decision.coder, code, decision["source"], fold(quote) or quote, *cells)


def _settle(decision: Decision, text: SourceText, places: Sequence[Place]) -> tuple[Place | None, str]:
    """The one of the places of a quotation that its row means, or why there is none."""
    person = decision["participant"]
    if person:
        places = [place for place in places if _said(person, text, place.start, place.end)]
        if not places:
            return None, f"the quotation stands in the source, but these are not words of '{person}'"
    if len(places) > 1 and decision["start"]:
        places = [place for place in places if place.start == int(decision["start"])] or places
    if len(places) > 1:
        do = "quote more, or name the participant" if not person else "quote more"
        return None, f"the quotation stands {len(places)} times: {do}"
    return places[0], ""
