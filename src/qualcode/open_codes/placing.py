"""People's decisions carried out: quotations placed in the text, proposals accepted or rejected, codings withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..codebook import Code, Codebook
from ..codings import INSTEAD, WAITS, Decision
from ..console import enumeration, say
from ..study import Study
from ..text import FUZZY_MINIMUM, Place, SourceText, fold
from .anchors import HUMAN, RULE, Anchor, Anchors, Stood, maker, someone_withdrew
from .passages import evidence_of, incomplete, puts_code, row_of, said_by, the_one_meant
from .people import Coded, Coding, Outcome, Unplaced, merged, where

# Progress is told after so many rows: a quotation that stands nowhere may take a tenth of a second.
TOLD_EVERY = 1000


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
    work.dated = {(d.coder, d["source"], d["code"]) for d in decisions if d["at"] and d.action == "apply"}
    opposed = merged(decisions, proposals, codebook)
    for number, decision in enumerate(decisions):
        if number and number % TOLD_EVERY == 0:
            say(f"{number:,} of {len(decisions):,} rows of people")
        if other := opposed.get(id(decision)):
            work.refuse(decision, other)
        else:
            work.carry_out(decision)
    work.coded.record = _held(work.coded.record)
    for key in sorted(work.coded.judges):
        # Who only decided on suggestions finished nothing: these are of some sentences.
        work.coded.done.setdefault(key, 0)
    return work.coded


def _held(record: Sequence[Outcome]) -> list[Outcome]:
    """The record, in which only a coder's last word on a coding, or on how far they came, holds."""

    def key(item: Outcome) -> tuple[str, str] | None:
        decides = item.holds and item.decision.action != "note" and not item.decision.sample
        return (item.decision.coder, item.coding or item.source) if decides else None

    last = {key(item): number for number, item in enumerate(record)}
    return [
        replace(item, holds=False, told=f"{item.told}; decided again later")
        if key(item) and last[key(item)] != number
        else item
        for number, item in enumerate(record)
    ]


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
        # (coder, source, code) of what rows with a date code.
        self.dated: set[tuple[str, str, str]] = set()

    def carry_out(self, decision: Decision) -> None:
        coded, action = self.coded, decision.action
        if decision.sample:
            self._mark(decision, "in a random sample")
            return
        if action == "note" and (decision.suggested or not decision["coding"]):
            self._mark(decision, WAITS if decision["waits"] else "noted")
            return
        if decision.suggested:
            coded.judges.add((decision["source"], decision.coder))
            self._reject(decision) if action == "reject" else self._place(decision)
            return
        if action in ("accept", "reject", "note"):
            self._decide(decision)
        elif action == "withdraw" and decision["coding"]:
            self._withdraw(decision, decision["coding"], self.anchors.of_coding(decision["coding"]))
        elif action == "done" and not decision["quote"]:
            coded.done[decision["source"], decision.coder] = len(self.sources[decision["source"]].text)
            coded.said.add((decision["source"], decision.coder))
            self._record(decision, "done with the whole source", "", decision["source"])
        else:
            self._place(decision)
        if action == "note":
            return
        if action not in ("accept", "reject") and decision["source"]:
            coded.coders.add((decision["source"], decision.coder))
        known = self.proposals.get(decision["coding"]) or coded.codings.get(decision["coding"])
        if source := decision["source"] or (known.source if known else ""):
            # Who has rows in a source is taken to have finished it; a `done` row may say how far.
            coded.done.setdefault((source, decision.coder), len(self.sources[source].text))

    def refuse(self, decision: Decision, other: Decision) -> None:
        """Carry out neither of two decisions that contradict each other: the coder has to say which of them holds."""
        do = "delete one of them, or give the later one its date (at)"
        if decision.suggested:
            reason = f"{where(other, decision)} {other.action}s what is the same suggestion now: {do}"
            self._list(decision, reason, None, decision["source"], decision["quote"])
            return
        proposal = self.proposals[decision["coding"]]
        text, words = self.sources[proposal.source], (proposal.start, proposal.end)
        says = f"{where(other, decision)} {other.action}s what is the same proposal since codes were merged"
        reason = f"{says}: {do}"
        anchor = self.anchors.of_coding(decision["coding"])
        names = self.codebook.identities(self.codebook.by_id[proposal.code])
        written = self._under(decision["coding"], proposal, names)
        self._list(decision, reason, anchor, proposal.source, text.text[slice(*words)], words, written)

    def _record(
        self, decision: Decision, told: str, coding: str, source: str, span: tuple[int, int] | None = None
    ) -> None:
        """Take down what became of a row that was carried out."""
        written = decision["code"]
        now = self._now(written)
        self.coded.record.append(Outcome(decision, told, coding, source, span, now, written, holds=True))

    def _now(self, written: str) -> str:
        """What a code is called now; '' for none, and where it was split."""
        code = self.codebook.current(written)
        return code.code if code else ""

    def _mark(self, decision: Decision, told: str) -> None:
        """What is said of words and is no coding: a unit of a random sample, a passage that a meeting left uncoded."""
        place, reason = None, "it stands beside no proposal and no words: write the memo in their row"
        if decision["source"] and decision["quote"]:
            place, reason = self._found(decision)
        if place is None:
            self._list(decision, reason, None, decision["source"], decision["quote"])
            return
        if decision["turned_down"]:
            told += self._turn_down(decision, place)
        self._record(decision, told, "", decision["source"], (place.start, place.end))

    def _turn_down(self, decision: Decision, place: Place) -> str:
        """Withdraw what the same coder coded so before in a passage; what to tell of it."""
        code, coded = self.codebook.current(decision["code"]), self.coded
        before = {
            key: replace(item, withdrawn=True)
            for key, item in coded.codings.items()
            if (item.source, item.coder) == (decision["source"], decision.coder) and not item.withdrawn
            if code and item.code == code.code and item.start < place.end and place.start < item.end
        }
        coded.codings |= before
        for number, item in enumerate(coded.record):
            if item.holds and item.coding in before:
                coded.record[number] = replace(item, holds=False, told=f"{item.told}; turned down later")
        return f"; {', '.join(before)} withdrawn" if before else ""

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
            elif anchor is None and decision["source"]:
                reason += "; if it was a suggestion, put its `basis` back (learned or nearest), which its row lacks"
            self._list(decision, reason, anchor, anchor.source if anchor else "", anchor.quote if anchor else "")
            return
        source, text, words = proposal.source, self.sources[proposal.source], (proposal.start, proposal.end)
        if (person := decision["participant"]) and not said_by(person, text, *words):
            reason = f"the proposal is there, but these are not words of '{person}'"
            self._list(decision, reason, anchor, source, text.text[slice(*words)])
            return
        names = self.codebook.identities(self.codebook.by_id[proposal.code])
        written = self._under(named, proposal, names)
        self._note(decision, [proposal.coding], written)
        self.coded.stood.append(Stood(named, "", source, *words, "", written, ""))

    def _under(self, named: str, proposal: Coding, names: Iterable[str]) -> str:
        """Which of the names of its code gives a proposal the id by which it is named."""
        text, words = self.sources[proposal.source], (proposal.start, proposal.end)
        ids = {self.anchors.identity(proposal.source, text, *words, RULE, name): name for name in names}
        return ids.get(named, "")

    def _note(self, decision: Decision, codings: Sequence[str], written: str) -> None:
        """Take down what someone decided about a proposal, or noted on it; about several where its code was split."""
        decided = {decision.coder: decision.action} if decision.action != "note" else {}
        for coding in codings:
            now = self.coded.codings[coding]
            self.coded.codings[coding] = replace(
                now,
                decided={**now.decided, **decided},
                use=decision["use"] or now.use,
                round=decision["round"] or now.round,
                memo=decision["memo"] or now.memo,
            )
        told = {"accept": "accepted", "reject": "rejected", "note": "noted"}[decision.action]
        of_split = " under each of the codes that its code was split into" if len(codings) > 1 else ""
        span = now.start, now.end
        self.coded.record.append(
            Outcome(decision, told + of_split, "; ".join(codings), now.source, span, now.code, written, holds=True)
        )

    def _decide_split(self, decision: Decision, proposals: Sequence[Coding], anchor: Anchor | None) -> None:
        """A decision on a proposal whose code was split. What was rejected comes back under none of the new codes.

        Which of them someone means who accepted it, they have to say.
        """
        first = proposals[0]
        written = self._under(decision["coding"], first, self.codebook.split_from(self.codebook.by_id[first.code]))
        if decision.action == "reject":
            self._note(decision, [proposal.coding for proposal in proposals], written)
            return
        ids = " or ".join(f"{item.coding} ({item.code})" for item in proposals)
        reason = f"the code of this proposal was split: accept or reject {ids}"
        words = first.start, first.end
        self._list(
            decision, reason, anchor, first.source, self.sources[first.source].text[slice(*words)], words, written
        )

    def _withdraw(self, decision: Decision, coding: str, anchor: Anchor | None) -> None:
        known = self.coded.codings.get(self.named.get(coding) or coding)
        if known is None or known.coder != decision.coder:
            reason = f"{decision.coder} has no such coding to withdraw"
            if not decision["at"] and (decision.coder, decision["source"], decision["code"]) in self.dated:
                reason += " yet: rows without a date (at) go before those that have one"
            self._list(decision, reason, anchor)
            return
        self.coded.codings[known.coding] = replace(known, withdrawn=True, memo=decision["memo"] or known.memo)
        self._record(decision, "withdrawn", known.coding, known.source, (known.start, known.end))

    def _place(self, decision: Decision) -> None:
        source, coder = decision["source"], decision.coder
        if reason := incomplete(decision):
            self._list(decision, reason, None, source, decision["before"] + decision["after"])
            return
        text = self.sources[source]
        done = decision.action == "done"
        code = self.codebook.current(decision["code"])
        if code is None and not done:
            heirs = " and ".join(self.codebook.heirs(decision["code"]))
            reason = f"the code was split into {heirs}: say which of them this coding is now"
            # Where it stands is known all the same, and in which round it was coded so.
            anchor = self._anchor(decision, [])
            place, _ = self._anchored(decision, anchor) if anchor else self._found(decision)
            words = (place.start, place.end) if place else None
            self._list(decision, reason, anchor, source, decision["quote"], words)
            return
        names = self.codebook.identities(code) if code and not done else [""]
        anchor = self._anchor(decision, names)
        place, reason = self._anchored(decision, anchor) if anchor else self._found(decision)
        if place is None:
            self._list(decision, reason, anchor, source, anchor.quote if anchor else decision["quote"])
            return
        words, evidence = (place.start, place.end), evidence_of(place)
        coding = self.anchors.identity(source, text, *words, maker(coder, names[0]), names[0])
        row, applies = row_of(decision, names[0]), puts_code(decision)
        self.coded.stood.append(Stood(coding, row, source, *words, coder, names[0], evidence, applies))
        if done:
            self.coded.done[source, coder] = max(item.end for item in text.covered(*words))
            self._record(decision, f"done up to here ({evidence})", "", source, words)
        elif not applies:
            self._withdraw(decision, coding, anchor)
        elif code:
            formerly = self._also(coding, decision, words, code)
            earlier = self.coded.codings.get(coding)
            # What a coder coded without being asked stays their own.
            alone = earlier is not None and not (earlier.withdrawn or earlier.suggested)
            suggested = decision.action == "accept" and not alone
            self.coded.codings[coding] = Coding(
                coding,
                source,
                *words,
                code.code,
                coder,
                HUMAN,
                f"accepted suggestion ({evidence})" if suggested else evidence,
                decision["participant"] or (earlier.participant if earlier else ""),
                use=decision["use"] or (earlier.use if earlier else ""),
                round=decision["round"] or (earlier.round if earlier else ""),
                memo=decision["memo"] or (earlier.memo if earlier else ""),
                formerly=formerly,
                suggested=suggested,
            )
            told = "accepted a suggestion" if decision.action == "accept" else "placed"
            instead = f", {INSTEAD}" if decision.suggested and decision.action == "apply" else ""
            self._record(decision, f"{told} ({evidence}){instead}", coding, source, words)

    def _reject(self, decision: Decision) -> None:
        """Take down that a suggestion was turned down, under each of the codes that its code became.

        What the same coder accepted before is withdrawn; what they coded without being asked is not.
        """
        source, coder = decision["source"], decision.coder
        text, code = self.sources[source], self.codebook.current(decision["code"])
        now = [code.code] if code else self.codebook.heirs(decision["code"])
        names = self.codebook.identities(code) if code else []
        anchor = self._anchor(decision, names)
        place, reason = self._anchored(decision, anchor) if anchor else self._found(decision)
        if place is None or not now:
            reason = reason if place is None else "there is no such code any more"
            self._list(decision, reason, anchor, source, anchor.quote if anchor else decision["quote"])
            return
        words, told, holds = (place.start, place.end), "rejected a suggestion", True
        oldest = [self.codebook.identities(self.codebook.by_id[key])[0] for key in now]
        ids = [self.anchors.identity(source, text, *words, maker(coder, name), name) for name in oldest]
        if code:
            row = row_of(decision, names[0])
            self.coded.stood.append(Stood(ids[0], row, source, *words, coder, names[0], evidence_of(place)))
        for earlier in [self.coded.codings[key] for key in ids if key in self.coded.codings]:
            if earlier.suggested:
                self.coded.codings[earlier.coding] = replace(earlier, withdrawn=True)
            elif not earlier.withdrawn:
                told, holds = f"{told}, but {coder} coded it so: the coding stands", False
        told += " under each of the codes that its code was split into" if len(now) > 1 else ""
        written = decision["code"]
        outcome = Outcome(decision, told, "; ".join(ids), source, words, self._now(written), written, holds)
        self.coded.record.append(outcome)

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
        applies = puts_code(decision)
        for name in dict.fromkeys([decision["code"], *names]):
            row = row_of(decision, name)
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
        if (person := decision["participant"]) and not said_by(person, text, *stands):
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
            place, reason = the_one_meant(decision, text, places)
            if place is not None:
                return place, ""
        alike = {(place.start, place.end): place for words in wordings for place in text.places(words)}
        # Where someone withdrew, what is only alike may be the words of someone else.
        if reason or not alike or decision["source"] in self.withdrew:
            return None, reason or f"the quotation does not stand in the source{self._elsewhere(decision)}"
        return the_one_meant(decision, text, list(alike.values()))

    def _elsewhere(self, decision: Decision) -> str:
        """Where else a quotation stands, as a file that is named by the wrong source has them."""
        words = fold(decision["quote"])
        if len(words) < FUZZY_MINIMUM:
            return ""
        found = [key for key, text in self.sources.items() if words in text.folded.text]
        return f": it stands in {enumeration(found)}" if found else ""

    def _list(
        self,
        decision: Decision,
        reason: str,
        anchor: Anchor | None,
        source: str = "",
        words: str = "",
        span: tuple[int, int] | None = None,
        written: str = "",
    ) -> None:
        """Take a row down as one without a place, with the passage of the source that is nearest to the words.

        Where the code was split, its words have a place (`span`), and it is the code that they are asked about.
        """
        text = self.sources.get(source)
        near = text.nearest(words) if text and words else None
        nearest = text.text[near.start : near.end] if text and near else ""
        self.coded.unplaced.append(Unplaced(decision, reason, nearest, anchor, source))
        written = decision["code"] or written
        now, told = self._now(written), f"no place: {reason}"
        self.coded.record.append(Outcome(decision, told, decision["coding"], source, span, now, written))
