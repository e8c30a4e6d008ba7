"""What becomes of each answer: the rows of member_checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..answers import ADD, Answer, Asked, AskedConcept, AskedPart, AskedQuotation, Decided
from ..checked import AGREES, AMENDED, DISAGREES, KEPT, NEITHER, WAITS, WITHDRAWN, effect_of
from ..codebook import Codebook
from ..console import counted_words, enumeration
from ..study import Study
from ..text import clean
from .locating import MISSING, OTHER_WORDS, Stand, Talk

ASKED, ADDED = "change asked for", "added"
_RATED = {"1": DISAGREES, "2": DISAGREES, "3": NEITHER, "4": AGREES, "5": AGREES}
IGNORED = "what was written beside it is in the answer alone"
_MASKED = {WITHDRAWN: "withdrawn", WAITS: "to be changed", AMENDED: "amended"}
_TAKE_OUT = (
    "If they stand there in another form, they are still shown: take them out of the transcript, or hide them by "
    "redactions.csv."
)


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
        return made

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
                yield {"question": question, "words": words[question], "effect": ADDED}

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
        path = (
            answer.path.relative_to(self.study.folder) if answer.path.is_relative_to(self.study.folder) else answer.path
        )
        for question in answer.issued.asked.questions:
            kind = question.partition(" ")[0]
            if kind not in ("words", "change", ADD):
                continue
            text = clean(answer.values.get(question, ""))[0].strip()
            hidden = self.study.everyone.apply(" ".join(text.split()) if kind == "words" else text)
            if hidden.text:
                found[question] = hidden.text
            if names := sum(hidden.counts.values()):
                self.say(f"{path}: {question}: {counted_words(names, 'name')} hidden in what was written")
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
        places = self._places(asked, quotation, effect)
        whole = next((part for part, stand, _ in places if stand), None)
        number = 0
        for part, stand, note in places:
            for at, (source, start, end) in enumerate(stand.spans if stand else [("", None, None)]):
                number += 1
                # The new words stand once for the whole quotation, in the place of its first part.
                shown = written if effect == AMENDED and at == 0 and part is (whole or part) else ""
                notes = "; ".join(filter(None, (about["note"], note, remark)))
                yield known | {
                    "part": number, "source": source, "start": start, "end": end, "quote": part.text,
                    "words": shown, "note": notes,
                }  # fmt: skip

    def _places(
        self, asked: Asked, quotation: AskedQuotation, effect: str
    ) -> list[tuple[AskedPart, Stand | None, str]]:
        """Where each part stands now, with a note; None where it is not found."""
        placed: list[tuple[AskedPart, Stand | None, str]] = []
        taken: set[tuple[str, int, int]] = set()
        for part in quotation.parts:
            found = self.talk.find(asked.participant, part)
            if effect == KEPT:
                same = [stand for stand in found if stand.same][:1]
                stands, note = same, OTHER_WORDS if found else MISSING
            else:
                stands, note = [*found, *self.talk.copies(asked.participant, part, found)], MISSING
                if not found:
                    stands = self.talk.remains(asked.participant, part)
                    told = f"{_MASKED[effect]}: words of it are not found in the texts any more. {_TAKE_OUT}"
                    self.say(f"packet {asked.return_code}: quotation {quotation.number}: {told}")
            new = [stand for stand in stands if not taken.intersection(stand.spans)]
            taken.update(span for stand in new for span in stand.spans)
            placed += [(part, stand, stand.note) for stand in new] if stands else [(part, None, note)]
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
