"""Quotations of real interviews, issued, and the interviews edited. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest
from conftest import StudyFolder
from issued_texts import Texts
from real_studies import build_pdpilot

from qualcode import tables
from qualcode.answers import AskedPart
from qualcode.member_checks.locating import SURELY
from qualcode.text import count_words

Turns = list[tuple[str, str]]


def edited(turns: Turns, chance: random.Random) -> Iterator[tuple[int, str, str]]:
    """What happens to a transcript that is read again: turns come and go, words are mended. With the turn it was."""
    for number, (person, said) in enumerate(turns):
        words, what = said.split(" "), chance.random()
        if what < 0.05:
            continue
        if what < 0.25 and len(words) > 3:
            at = chance.randrange(len(words))
            words[at] = words[at].replace("e", "ee").replace("t", "tt") or "mended"
        if what > 0.9:
            yield -1, person, chance.choice(["Okay.", "Yeah, I think so.", chance.choice(turns)[1]])
        yield number, person, " ".join(words)


@pytest.fixture(scope="module")
def interviews(real_data, tmp_path_factory) -> dict[str, Turns]:
    folder = tmp_path_factory.mktemp("real")
    study = StudyFolder(build_pdpilot(real_data, folder / "pdpilot"))
    assert study.run("utterances") == 0
    talk = tables.read(study.results, "utterances")
    return {
        str(source): list(rows[["participant", "text"]].itertuples(index=False, name=None))
        for source, rows in talk[talk["role"] != "heading"].groupby("source", sort=False)
    }


def quotations(
    texts: Texts, turns: dict[str, Turns], chance: random.Random
) -> Iterator[tuple[AskedPart, str, int, slice]]:
    """Random stretches of what participants said: the part, whose it is, in which turn and of which words of it."""
    for source, said in turns.items():
        for number, (person, text) in (turn for turn in enumerate(said) for _ in range(3)):
            words = text.split(" ")
            if not person or person == "Dan":
                continue
            first = chance.randrange(len(words))
            last = min(len(words), first + chance.randint(1, 40))
            start = len(" ".join(words[:first])) + bool(first)
            end = start + len(" ".join(words[first:last]))
            if any(char.isalnum() for char in text[start:end]):
                part = AskedPart(
                    source, f"{source}:{number + 1}", start, end, text[start:end], text[max(0, start - 32) : start],
                    text[end : end + 32],
                )  # fmt: skip
                yield part, person, number, slice(first, last)


@pytest.mark.parametrize("seed", range(3))
def test_real_quotations_are_covered_after_edits(interviews, tmp_path, seed):
    chance = random.Random(seed)
    asked = list(quotations(Texts(tmp_path, interviews), interviews, chance))
    after = {source: list(edited(turns, chance)) for source, turns in interviews.items()}
    (tmp_path / "now").mkdir()
    now = Texts(tmp_path / "now", {source: [turn[1:] for turn in turns] for source, turns in after.items()})
    rows = {row["utterance"]: row for row in now.rows}
    turns = {
        (source, was): rows[f"{source}:{number}"]
        for source, said in after.items()
        for number, (was, *_) in enumerate(said, 1)
    }
    there, covered = Counter[bool](), Counter[bool]()
    wrongly = letters = 0
    for part, person, number, words in asked:
        stands = now.talk.find(person, part)
        for stand in stands:
            text = " ".join(now.shown(stand))
            assert not stand.same or "".join(filter(str.isalnum, text.casefold())) == "".join(
                filter(str.isalnum, part.text.casefold())
            )
        spans = now.covered(part, person)
        taken = {(source, at) for source, start, end in spans for at in range(start, end)}
        if (row := turns.get((part.source, number))) is None:
            continue
        said = row["text"].split(" ")
        start = row["start"] + len(" ".join(said[: words.start])) + bool(words.start)
        wanted = {(part.source, at) for at in range(start, start + len(" ".join(said[words])))}
        sure = count_words(part.text) >= SURELY
        there[sure] += 1
        covered[sure] += wanted <= taken
        if sure:
            letters += len(wanted)
            wrongly += len(taken - wanted)
    assert there[True] > 600 and there[False] > 300
    print(f"{there}: covered {covered}, and {wrongly} characters besides {letters}")
    assert covered[True] == there[True]
    # Of "Yeah." said twice nothing tells which of both it was.
    assert covered[False] / there[False] > 0.95
    # What is said twice now is covered twice.
    assert wrongly / letters < 0.08


def test_each_of_many_quotations_is_found_where_it_was_moved_to(tmp_path):
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=7)) for _ in range(3000)]
    turns = {
        f"talk-{group}": [(f"p{5 * group + chance.randrange(5)}", " ".join(chance.choices(words, k=60)))
                          for _ in range(300)]
        for group in range(4)
    }  # fmt: skip
    texts = Texts(tmp_path, turns)
    asked = []
    for source, said in turns.items():
        for number, (person, text) in enumerate(said, 1):
            quote = text[: chance.randint(40, 300)].rsplit(" ", 1)[0]
            asked.append(
                (person, AskedPart(source, f"{source}:{number}", 0, len(quote), quote, "", text[len(quote) :][:32]))
            )
    assert len(asked) == 1_200
    (tmp_path / "now").mkdir()
    # A turn was put before all others of each talk, and a word before each.
    moved = {
        source: [("p0", "Hello."), *((who, f"Well {text}") for who, text in said)] for source, said in turns.items()
    }
    for now in (texts, Texts(tmp_path / "now", moved)):
        found = [now.talk.find(person, part) for person, part in asked]
        again = [
            now.talk.further(person, part, stands, [*stands[0].spans])
            for (person, part), stands in zip(asked, found, strict=True)
        ]
        assert all(len(stands) == 1 and stands[0].same for stands in found) and not any(again)
