"""A thousand random edits of a talk full of equal passages: every coding stays on its words, or is listed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from qualcode.codebook import Code, Codebook
from qualcode.codings import Decision
from qualcode.open_codes.anchors import RULE, Anchors, renew, write
from qualcode.open_codes.passages import row_of
from qualcode.open_codes.people import Coded, Coding
from qualcode.open_codes.placing import carry_out
from qualcode.study import Participant, Redaction, Source, Study
from qualcode.text import SourceText, Utterance, fold

EDITS = 1000
ROWS = 12
SHORT = ["Yes.", "No.", "I agree.", "Yes, yes.", "I got no support.", "the timing", "it was good", "Okay, and then?"]
LONG = [
    "My mentor was always there for me, really.",
    "I agree with Teresa about the timing of it.",
    "We met at Lincoln High on most afternoons.",
    "Nobody told me what was expected of me, and the support was thin.",
]
RARE = [
    "moss",
    "fern",
    "gorse",
    "heather",
    "bracken",
    "sedge",
    "rush",
    "reed",
    "alder",
    "birch",
    "willow",
    "hazel",
    "rowan",
    "aspen",
    "larch",
    "spruce",
    "yew",
]
CODES = ("support", "timing", "help")


@dataclass(frozen=True)
class Word:
    """A word (or a name of several) with a number of its own, which stays with it through every edit."""

    number: int
    text: str


@dataclass(frozen=True)
class Turn:
    speaker: str
    words: tuple[Word, ...]


class Talk:
    """A talk that is edited, and its canonical text with the number of the word that each character is of."""

    def __init__(self, chance: random.Random):
        self.chance, self.numbers = chance, count()
        self.names = {"p1": "Rosa", "p2": "Karl", "p3": "Lena"}
        self.redactions: list[Redaction] = []
        self.turns = [self.new_turn() for _ in range(30)]

    def new_words(self, text: str) -> list[Word]:
        for name in ("Lincoln High",):
            text = text.replace(name, name.replace(" ", "\x00"))
        return [Word(next(self.numbers), word.replace("\x00", " ")) for word in text.split()]

    def new_turn(self) -> Turn:
        chance, words = self.chance, []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
            kind = chance.random()
            rare = f"We saw the {' and the '.join(chance.sample(RARE, 3))} there."
            words += self.new_words(chance.choice(SHORT) if kind < 0.6 else chance.choice(LONG) if kind < 0.8 else rare)
        return Turn(chance.choice(("p1", "p2", "p3", "i1")), tuple(words))

    def study(self, folder: Path) -> Study:
        people = [
            Participant("p1", labels=("Ana",), names=("Teresa",), pseudonym=self.names["p1"]),
            Participant("p2", labels=("Ben",), pseudonym=self.names["p2"]),
            Participant("p3", labels=("Cy",), pseudonym=self.names["p3"]),
            Participant("i1", "moderator", labels=("Interviewer",), pseudonym="Interviewer"),
        ]
        sources = (Source("talk", Path("talk.txt"), "focus_group"),)
        return Study(folder, {}, Path("codebook.yaml"), sources, tuple(people), tuple(self.redactions))

    def read(self, study: Study) -> tuple[SourceText, list[int]]:
        """The canonical text, and for each of its characters the number of its word (-1: of none)."""
        hider = study.hider("talk")
        people = {person.participant: person for person in study.participants}
        text, owners, utterances = "", [], []
        for number, turn in enumerate(self.turns, 1):
            text += f"{people[turn.speaker].pseudonym}: "
            owners += [-1] * (len(text) - len(owners))
            start = len(text)
            for word in turn.words:
                hidden = hider.hide(word.text)
                text += hidden + " "
                owners += [word.number] * len(hidden) + [-1]
            text = text[:-1] + "\n"
            owners[-1] = -1
            assert text[start:-1] == hider.hide(" ".join(word.text for word in turn.words))
            role = "moderator" if turn.speaker == "i1" else "participant"
            utterances.append(Utterance(f"talk:{number}", turn.speaker, role, start, len(text) - 1))
        labels = [label for person in study.participants for label in (*person.labels, person.pseudonym)]
        return SourceText(text, utterances, labels), owners

    # --- edits -----------------------------------------------------------------------------------------------------

    def edit(self) -> str:
        """Change something at random, and say what."""
        name = self.chance.choice(
            [
                "insert",
                "delete",
                "replace",
                "duplicate",
                "move",
                "split",
                "join",
                "letters",
                "speaker",
                "pseudonym",
                "redaction",
                "typo",
            ]
        )
        before = self.turns
        getattr(self, name)(self.chance.randrange(len(self.turns)))
        if [(turn.speaker, [w.text for w in turn.words]) for turn in before] == [
            (turn.speaker, [w.text for w in turn.words]) for turn in self.turns
        ]:
            self.turns = before  # nothing is to be seen of it: equal words changed places
        return name

    def insert(self, at: int) -> None:
        self.turns = [*self.turns[:at], self.new_turn(), *self.turns[at:]]

    def delete(self, at: int) -> None:
        if len(self.turns) > 20:
            self.turns = self.turns[:at] + self.turns[at + 1 :]

    def replace(self, at: int) -> None:
        """Other words in a turn; with those that stay as they are at its ends, nothing was done."""
        old, new = list(self.turns[at].words), list(self.new_turn().words)
        ends: tuple[list[Word], list[Word]] = ([], [])
        for end, side in ((0, ends[0]), (-1, ends[1])):
            while old and new and fold(old[end].text) == fold(new[end].text):
                side.append(Word(old.pop(end).number, new.pop(end).text))
        words = (*ends[0], *new, *reversed(ends[1]))
        self.turns = [*self.turns[:at], replace(self.turns[at], words=words), *self.turns[at + 1 :]]

    def duplicate(self, at: int) -> None:
        copy = replace(self.turns[at], words=tuple(replace(w, number=next(self.numbers)) for w in self.turns[at].words))
        to = self.chance.choice((at, at + 1, self.chance.randrange(len(self.turns))))
        self.turns = [*self.turns[:to], copy, *self.turns[to:]]

    def move(self, at: int) -> None:
        turn, rest = self.turns[at], self.turns[:at] + self.turns[at + 1 :]
        to = self.chance.choice((max(at - 1, 0), at + 1, self.chance.randrange(len(self.turns))))
        self.turns = [*rest[:to], turn, *rest[to:]]

    def split(self, at: int) -> None:
        turn = self.turns[at]
        if len(turn.words) > 1:
            cut = self.chance.randrange(1, len(turn.words))
            other = self.chance.choice(("p1", "p2", turn.speaker))
            parts = [replace(turn, words=turn.words[:cut]), Turn(other, turn.words[cut:])]
            self.turns = [*self.turns[:at], *parts, *self.turns[at + 1 :]]

    def join(self, at: int) -> None:
        if at + 1 < len(self.turns):
            joined = replace(self.turns[at], words=self.turns[at].words + self.turns[at + 1].words)
            self.turns = [*self.turns[:at], joined, *self.turns[at + 2 :]]

    def letters(self, at: int) -> None:
        """Case, quotation marks and white space, of several turns."""
        change = self.chance.choice((str.upper, str.lower, lambda word: f"“{word}”", lambda word: word + " "))
        for place in {at, self.chance.randrange(len(self.turns))}:
            words = tuple(w if w.text in ("Teresa", "Lincoln High") else replace(w, text=change(w.text).replace("  ", " ")) for w in self.turns[place].words)  # fmt: skip
            words = (*words[:-1], replace(words[-1], text=words[-1].text.strip()))
            self.turns = [*self.turns[:place], replace(self.turns[place], words=words), *self.turns[place + 1 :]]

    def speaker(self, at: int) -> None:
        turn = replace(self.turns[at], speaker=self.chance.choice(("p1", "p2", "p3")))
        self.turns = [*self.turns[:at], turn, *self.turns[at + 1 :]]

    def pseudonym(self, _: int) -> None:
        free = {"Rosa", "Karl", "Lena", "Peter", "Mia", "Otto"} - set(self.names.values())
        self.names[self.chance.choice(sorted(self.names))] = self.chance.choice(sorted(free))

    def redaction(self, _: int) -> None:
        hide = Redaction("Lincoln High", self.chance.choice(("[school]", "[place]")), "school", "redact")
        self.redactions = [] if self.redactions and self.chance.random() < 0.3 else [hide]

    def typo(self, at: int) -> None:
        """A word or two mended."""
        turn = self.turns[at]
        place = self.chance.randrange(len(turn.words))
        word = Word(next(self.numbers), self.chance.choice(["hm", "well", *RARE]))
        words = (*turn.words[:place], word, *turn.words[place + self.chance.randrange(2) :])
        self.turns = [*self.turns[:at], replace(turn, words=words), *self.turns[at + 1 :]]


@dataclass
class Made:
    """A row of a coder, the numbers of the words that it was given to, and the id of the coding."""

    decision: Decision
    words: list[int]
    coding: str
    lost: int = 0


class Desk:
    """A coder who codes a talk while others edit it, and anchors between the edits."""

    def __init__(self, seed: int, folder: Path):
        self.chance = random.Random(seed)
        self.talk = Talk(self.chance)
        self.folder = folder
        self.rows = count(2)
        self.made: list[Made] = []
        codes = [Code(code, code, "", 1, (code,), 1, True) for code in CODES]
        self.codebook = Codebook(Path("codebook.yaml"), "B", "", tuple(codes))
        self.look()
        self.anchor()

    def look(self) -> None:
        """The talk as it is now, with all that people decided carried out on it."""
        self.study = self.talk.study(self.folder)
        self.text, self.owners = self.talk.read(self.study)
        self.sources = {"talk": self.text}
        self.anchors = Anchors.read(self.study, self.sources)
        self.code()

    def code(self) -> None:
        self.coded = self.carry_out([made.decision for made in self.made])

    def carry_out(self, decisions: list[Decision]):
        proposals: dict[str, Coding] = {}
        for utterance in self.text.utterances:
            words = self.text.text[utterance.start : utterance.end].casefold()
            for code in CODES[:2]:
                if code in words or (code == "support" and "agree" in words):
                    span = utterance.start, utterance.end
                    made = self.anchors.identity("talk", self.text, *span, RULE, code)
                    assert made not in proposals, "an id is that of one passage"
                    proposals[made] = Coding(made, "talk", *span, code, "", RULE, "")
        return carry_out(decisions, proposals, self.study, self.codebook, self.sources, self.anchors, {})

    def anchor(self) -> None:
        lost = [item.anchor for item in self.coded.unplaced if item.anchor]
        write(renew(self.coded.stood, lost, self.anchors, self.sources, self.study), self.study)
        self.anchors = Anchors.read(self.study, self.sources)
        self.code()

    def words(self, start: int, end: int) -> list[int]:
        letters = (at for at in range(start, end) if self.text.text[at].isalnum() and self.owners[at] >= 0)
        return list(dict.fromkeys(self.owners[at] for at in letters))

    def decision(self, **cells: str) -> Decision:
        return Decision("anna", Path("a.csv"), next(self.rows), cells)

    def add(self) -> None:
        """One more row: a coding, a decision on a proposal, or a withdrawal."""
        kind = self.chance.random()
        if kind < 0.2:
            ids = [key for key, coding in self.coded.codings.items() if coding.basis == RULE and not coding.decided]
            cells = {
                "action": self.chance.choice(("accept", "reject")),
                "coding": self.chance.choice(sorted(ids) or [""]),
            }
        elif kind < 0.3:
            ids = [key for key, coding in self.coded.codings.items() if coding.basis != RULE and not coding.withdrawn]
            cells = {"action": "withdraw", "coding": self.chance.choice(sorted(ids) or [""])}
        else:
            cells = self.quotation()
        if not any(cells.values()) or cells.get("coding") == "":
            return
        row = self.decision(**cells)
        if any(row.cells == made.decision.cells for made in self.made):
            return
        coded = self.carry_out([*(made.decision for made in self.made), row])
        if any(item.decision is row for item in coded.unplaced):
            return
        if key := cells.get("coding"):
            coding = coded.codings[key]
        else:
            (stood,) = {s.coding for s in coded.stood if s.row == row_of(row, cells["code"])}
            coding = coded.codings[stood]
            assert self.words(coding.start, coding.end)
        self.made.append(Made(row, self.words(coding.start, coding.end), coding.coding))
        self.coded = coded

    def quotation(self) -> dict[str, str]:
        """A passage of up to two turns with what it takes to tell it from its equals, sometimes with a slip in it."""
        at = self.chance.randrange(len(self.text.utterances))
        first = self.text.utterances[at]
        last = self.text.utterances[min(at + (self.chance.random() < 0.3), len(self.text.utterances) - 1)]
        starts = [p for p in range(first.start, first.end) if p == first.start or self.text.text[p - 1] == " "]
        ends = [p for p in range(last.start + 1, last.end + 1) if p == last.end or self.text.text[p] == " "]
        start = self.chance.choice([first.start, self.chance.choice(starts)])
        ends = [end for end in ends if end > start]
        if not ends:
            return {}
        end = self.chance.choice([ends[-1], self.chance.choice(ends)])
        quote = self.text.text[start:end].strip()
        if self.chance.random() < 0.15 and len(quote) > 40:
            quote = quote[:12] + quote[13:].replace("the", "teh", 1)
        cells = {"source": "talk", "code": self.chance.choice(CODES), "quote": quote}
        places = self.text.places(quote)
        if len(places) > 1:
            cells["start"] = str(start)
        return cells

    def check(self, what: str, earlier: Coded) -> Counter[str]:
        """Every row stands on the very words that it was given to, or is listed with what it stood on."""
        seen: Counter[str] = Counter()
        lost = {id(item.decision): item for item in self.coded.unplaced}
        for made in self.made:
            if (item := lost.get(id(made.decision))) is not None:
                assert item.anchor is not None and item.anchor.quote, (what, made)
                assert item.nearest or not made.decision["quote"], (what, made)
                made.lost += 1
                seen["lost"] += 1
                continue
            cells = made.decision.cells
            coding = self.coded.codings[made.coding]
            if not cells.get("coding"):
                stood = {s.coding for s in self.coded.stood if s.row == row_of(made.decision, cells["code"])}
                assert stood == {made.coding}, (what, made, stood)
            assert self.words(coding.start, coding.end) == made.words, (
                what, made, self.text.text[coding.start - 60 : coding.end + 60], coding)  # fmt: skip
            if made.coding not in {other.coding for other in self.made if id(other.decision) in lost}:
                before = earlier.codings[made.coding]
                assert (coding.withdrawn, coding.decided) == (before.withdrawn, before.decided), (what, made)
            seen["stands"] += 1
        assert seen["lost"] + seen["stands"] == len(self.made)
        return seen


def edited(seed: int, edits: int, every: int, folder: Path) -> dict[str, Counter[str]]:
    """How many rows stood and were lost, by edit. The coder codes and anchors after so many edits each."""
    desk = Desk(seed, folder)
    told: dict[str, Counter[str]] = {}
    for number in range(edits):
        if len(desk.talk.turns) > 60:
            desk.talk.turns, desk.made = desk.talk.turns[:30], []
            desk.look()
        if number % every == 0:
            while len(desk.made) < ROWS:
                desk.add()
            desk.anchor()
        earlier = desk.coded
        what = desk.talk.edit()
        desk.look()
        told.setdefault(what, Counter()).update(desk.check(f"edit {number}: {what}", earlier))
        # Whoever reads of a row without a place takes it out, or says it anew.
        gone = {made.coding for made in desk.made if made.lost}
        desk.made = [made for made in desk.made if made.coding not in gone]
        desk.code()
    return told


@pytest.mark.parametrize(("edits", "every"), [(EDITS, 1), (EDITS // 5, 5)])
def test_a_thousand_edits_shift_nothing_and_lose_nothing(tmp_path, edits, every):
    told = edited(1, edits, every, tmp_path)
    assert len(told) == 12
    total = sum(told.values(), Counter())
    # Nor is all of it put on the list, where nothing can be wrong: what an edit left alone stands.
    assert total["stands"] > 0.95 * total.total()
    for what in ("speaker", "letters", "split", "join"):
        assert told[what]["stands"] > 0.98 * told[what].total(), what
