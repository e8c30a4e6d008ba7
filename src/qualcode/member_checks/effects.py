"""What becomes of each answer: the rows of member_checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..answers import ADD, Answer, Asked, AskedConcept, AskedPart, AskedQuotation, Decided
from ..checked import ADDITION, AGREES, AMENDED, ASKED, DISAGREES, INSTEAD, KEPT, NEITHER, WAITS, WITHDRAWN, effect_of
from ..codebook import Codebook
from ..console import counted_words, enumeration
from ..study import Study
from ..typed import Gone, Owner
from .locating import MISSING, OTHER_WORDS, Span, Stand, Talk, left

_RATED = {"1": DISAGREES, "2": DISAGREES, "3": NEITHER, "4": AGREES, "5": AGREES}
KEPT_OUT = "the new words hold words that someone else took back: they are not shown"
IGNORED = "what was written beside it is in the answer alone"
_MASKED = {WITHDRAWN: "withdrawn", WAITS: "to be changed", AMENDED: "amended"}
_LOST = "words of it are not found in the texts any more"
_UNSURE = "words of it may not be found: where it stands now, other words are around it"
_DOUBTFUL = "what is masked for it is not quite what was issued: look whether it is this (member_checks.csv)"
_TAKE_OUT = (
    "If they stand there in another form, they are still shown: take them out of the transcript, or hide them by "
    "redactions.csv."
)

_Placed = tuple[AskedPart, Stand | None, str]


@dataclass
class Reading:
    """Reads the answers of a study against what was issued. `say` takes what is to be told, never words of people."""

    study: Study
    codebook: Codebook
    talk: Talk
    say: Callable[[str], None]
    _decided: dict[tuple[str, str], Decided] = field(init=False)

    def __post_init__(self) -> None:
        decisions = self.study.returned.decisions
        self._decided = {(item.return_code, item.question): item for item in decisions}

    def rows(self) -> list[dict[str, Any]]:
        """A row for each question that was answered, and for each place of a quotation, in the order of issuing."""
        answers = {answer.issued.return_code: answer for answer in self.study.returned.answers}
        made = []
        for issued in self.study.returned.issued:
            if answer := answers.get(issued.return_code):
                for row in self._of(answer):
                    made.append(self._whole(row, answer))
        self._keep_out(made)
        return made

    def _keep_out(self, rows: Sequence[dict[str, Any]]) -> None:
        """Take out new words that hold what another participant withdrew or changed: none of them are shown."""
        taken = [(Owner(row["participant"], row["effect"]), row["quote"]) for row in rows if row["effect"] in INSTEAD]
        for row in rows:
            if row["effect"] != AMENDED or not row["words"]:
                continue
            others = Gone([], taken=[pair for pair in taken if pair[0].person != row["participant"]])
            owners = dict.fromkeys(owner.told for *_, owner in others.spans(row["words"]))
            if owners:
                row.update(words="", note="; ".join(filter(None, (row["note"], KEPT_OUT))))
                told = f"the new words hold {enumeration(owners)}: {INSTEAD[AMENDED]} is shown in their place"
                self.say(f"packet {row['return_code']}: {row['question']}: {told}")

    def _of(self, answer: Answer) -> Iterator[dict[str, Any]]:
        asked = answer.issued.asked
        words = self._words(answer)
        quotations = {f"quotation {item.number}": item for item in asked.quotations}
        concepts = {item.number: item for item in asked.concepts}
        for question in asked.questions:
            kind, _, number = question.partition(" ")
            concept = concepts.get(number.partition(".")[0])
            about = self._about(concept) if concept else {}
            value = answer.values.get(question, "")
            if question in quotations:
                about |= {"question": question, "answer": value}
                yield from self._quotation(asked, quotations[question], effect_of(answer.values, number), words, about)
            elif kind == "reflects" and value:
                yield about | {"question": question, "answer": value, "effect": _RATED[value]}
            elif kind == "change" and question in words:
                yield about | {"question": question, "words": words[question], "effect": ASKED}
            elif question == ADD and question in words:
                yield {"question": question, "words": words[question], "effect": ADDITION}

    def _about(self, concept: AskedConcept) -> dict[str, Any]:
        now = self.codebook.current(concept.code)
        note = ""
        if now is None:
            heirs = self.codebook.heirs(concept.code)
            note = f"the codebook has split it into {enumeration(heirs)}" if heirs else "the codebook has it no more"
        return {"concept": now.code if now else concept.code, "concept_name": concept.name, "note": note}

    def _words(self, answer: Answer) -> dict[str, str]:
        """What was written, by question, names hidden; in the place of a quotation as one line."""
        found: dict[str, str] = {}
        for question in answer.issued.asked.questions:
            kind = question.partition(" ")[0]
            if kind not in ("words", "change", ADD):
                continue
            text = answer.values.get(question, "")
            hidden = self.study.everyone.apply(" ".join(text.split()) if kind == "words" else text)
            if hidden.text:
                found[question] = hidden.text
            if names := sum(hidden.counts.values()):
                told = f"{counted_words(names, 'name')} hidden in what was written"
                self.say(f"packet {answer.issued.return_code}: {question}: {told}")
        return found

    def _quotation(
        self, asked: Asked, quotation: AskedQuotation, effect: str, words: Mapping[str, str], about: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        if not effect:
            return
        written = words.get(f"words {quotation.number}", "")
        effect = WAITS if effect == AMENDED and not written else effect
        known = dict(about) | {"effect": effect}
        remark = IGNORED if written and effect != AMENDED else ""
        places = self._kept(asked, quotation) if effect == KEPT else self._covered(asked, quotation, effect)
        whole, first = next(((part, stand) for part, stand, _ in places if stand), (None, None))
        number, hide = 0, self.study.everyone.hide
        for part, stand, note in places:
            for at, (source, start, end) in enumerate(stand.spans if stand else [("", None, None)]):
                number += 1
                # The new words stand once for the whole quotation, in the place of its first part, and of its copies.
                here = stand is first or (part is whole and stand is not None and stand.same)
                shown = written if effect == AMENDED and at == 0 and here else ""
                notes = "; ".join(filter(None, (about["note"], note, remark)))
                yield known | {
                    "part": number, "source": source, "start": start, "end": end, "quote": hide(part.text),
                    "words": shown, "note": notes,
                }  # fmt: skip

    def _kept(self, asked: Asked, quotation: AskedQuotation) -> list[_Placed]:
        """Where each part stands now, with a note; None where it is not found as it was."""
        placed: list[_Placed] = []
        for part in quotation.parts:
            found = self.talk.find(asked.participant, part)
            same = next((stand for stand in found if stand.same), None)
            placed.append((part, same, same.note if same else OTHER_WORDS if found else MISSING))
        return placed

    def _covered(self, asked: Asked, quotation: AskedQuotation, effect: str) -> list[_Placed]:
        """Every place where each part stands, or may stand, with a note; None where it is not found.

        No two of them share words.
        """
        placed: list[_Placed] = []
        taken: list[Span] = []
        doubts: list[str] = []
        each = [self.talk.find(asked.participant, part) for part in quotation.parts]
        apart = [left(found, taken) for found in each]
        for part, found, stands in zip(quotation.parts, each, apart, strict=True):
            stands += self.talk.further(asked.participant, part, found, taken)
            placed += [(part, stand, stand.note) for stand in stands]
            if not found:
                doubts.append(f"{_LOST}. {_TAKE_OUT}")
            if not found and not stands:
                placed.append((part, None, MISSING))
            if not all(stand.same for stand in stands):
                doubts.append(f"{_DOUBTFUL}.")
            elif found and not self.talk.settles(asked.participant, part, found):
                doubts.append(f"{_UNSURE}. {_TAKE_OUT}")
        for told in dict.fromkeys(doubts):
            self.say(f"packet {asked.return_code}: quotation {quotation.number}: {_MASKED[effect]}: {told}")
        return placed

    def _whole(self, row: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        """A row with what all rows have, and what was decided."""
        issued = answer.issued
        code = issued.return_code
        decided = self._decided.get((code, row["question"]))
        empty = dict.fromkeys(("concept", "concept_name", "source", "quote", "answer", "words", "note"), "")
        return {
            **empty,
            "participant": issued.asked.participant,
            "return_code": code,
            "issued": issued.date,
            "part": 0,
            "start": None,
            "end": None,
            **row,
            "decision": decided.decision if decided else "",
            "reason": self.study.everyone.hide(decided.reason) if decided else "",
            "by": decided.by if decided else "",
            "at": decided.at if decided else "",
        }
