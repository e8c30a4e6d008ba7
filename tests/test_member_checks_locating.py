"""Words that were issued are found again in texts that were corrected, cut and moved, with other names hidden."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from issued_texts import Texts

from qualcode.hiding import Entry, Hider
from qualcode.member_checks.locating import ANOTHER, COPY, LEFT, SEVERAL

WORDS = [
    "mentor", "training", "school", "meeting", "timing", "support", "nobody", "always", "rather", "lesson", "morning",
    "pupil", "board", "question", "answer", "planning", "observe", "evening", "letter", "travel", "garden", "window",
]  # fmt: skip


@pytest.fixture
def texts(tmp_path):
    count = iter(range(99))

    def make(sources, *hidden: tuple[str, str]) -> Texts:
        folder = tmp_path / str(next(count))
        folder.mkdir()
        sources = sources if isinstance(sources, dict) else {"talk": sources}
        return Texts(folder, sources, Hider([Entry(text, to, "name", text, "") for text, to in hidden]))

    return make


ISSUED = [
    ("ana", "Well, my mentor was always there for me. She met me every week, and she listened."),
    ("ben", "Mm-hm."),
    ("ana", "I agree."),
    ("ben", "I got no support from the school board."),
    ("ana", "I agree. The training helped me to teach at Elm Park school, it really did."),
]


@pytest.mark.parametrize(
    ("words", "now", "found"),
    [
        # Nothing changed; a turn is inserted; the talk around was corrected; the source was renamed.
        ("my mentor was always there for me", ISSUED, [["my mentor was always there for me"]]),
        ("my mentor was always there for me", [("ben", "Hello."), *ISSUED], [["my mentor was always there for me"]]),
        ("She met me every week", [("ana", "My mentor was there. She met me every week!")], [["She met me every week"]]),
        ("She met me every week", {"group": ISSUED}, [["She met me every week"]]),
        # Case, punctuation and blanks; a typo; a word more; a word in another turn of the person.
        ("my mentor was always there for me", [("ana", "My  mentor—was always there, for me.")],
         [["My  mentor—was always there, for me"]]),
        ("She met me every week, and she listened.", [("ana", "Yes. She meet me every weak, and she listend. So.")],
         [["She meet me every weak, and she listend."]]),
        ("met me", [("ana", "Well, my mentor was always there for me. She meets me every week, and she listened.")],
         [["meets me"]]),
        # A turn was parted by another one.
        ("She met me every week, and she listened.",
         [("ana", "She met me every week,"), ("ben", "Right."), ("ana", "and she listened.")],
         [["She met me every week,", "and she listened."]]),
        # A few words are found only where what stood around is there too.
        ("I agree", [("ben", "No."), ("ana", "I agree, mostly."), ("ana", "I agree.")], [["I agree"]]),
        ("met me", [("ana", "No one met me at the station. He met me there.")], []),
        ("She met me every week", [("ben", "Something else."), ("ana", "Nothing like it.")], []),
        # Words of someone else are another's, unless they can only be these.
        ("I agree", [("ben", "I agree."), ("ana", "No.")], []),
        ("my mentor was always there for me", [("ben", "my mentor was always there for me"), ("ana", "No.")],
         [["my mentor was always there for me"]]),
    ],
)  # fmt: skip
def test_what_was_issued_is_found(texts, words, now, found):
    part = texts(ISSUED).part(words)
    assert texts(now).found(part) == found


def test_words_that_another_person_says_now_are_told_so(texts):
    part = texts(ISSUED).part("my mentor was always there for me")
    now = texts([("ben", "my mentor was always there for me"), ("ana", "No.")])
    assert [stand.note for stand in now.talk.find("ana", part)] == [ANOTHER]


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ((), [("Elm Park", "[school]")]),
        ([("Elm Park", "[school]")], [("Elm Park", "Rosewood")]),
        ([("Elm Park", "[school]")], ()),
        ([("Elm Park", "Oakdale")], [("Elm Park", "[school]")]),
    ],
)
def test_names_may_be_hidden_otherwise_than_they_were(texts, then, now):
    made = texts(ISSUED, *then)
    quote = made.hider.hide("teach at Elm Park school")
    after = texts([("ben", "New."), *ISSUED], *now)
    assert after.found(made.part(quote)) == [[after.hider.hide("teach at Elm Park school")]]


def test_a_name_hidden_since_leaves_the_words_those_that_were_kept(texts):
    part = texts(ISSUED).part("teach at Elm Park school")
    (stand,) = texts([("ben", "New."), *ISSUED], ("Elm Park", "[school]")).talk.find("ana", part)
    assert stand.same


def test_a_word_changed_since_makes_them_other_words(texts):
    part = texts(ISSUED).part("She met me every week, and she listened.")
    (stand,) = texts([("ana", "She met me every day, and she listened.")]).talk.find("ana", part)
    assert not stand.same and "alike" in stand.note


def test_of_several_places_that_one_is_meant_around_which_the_same_stands(texts):
    turns = [("ana", "It was good to have support in spring."), ("ana", "It was good to have support in autumn.")]
    part = texts(turns).part("good to have support", number=2)
    after = texts([("ben", "Hello."), ("ana", "Oh."), *turns])
    (stand,) = after.talk.find("ana", part)
    (_, start, _) = stand.spans[0]
    assert after.texts["talk"][start:].startswith("good to have support in autumn")


def test_where_nothing_tells_which_is_meant_all_are_taken(texts):
    part = texts([("ana", "I agree."), ("ben", "Why?")]).part("I agree.")
    after = texts([("ben", "So?"), ("ana", "I agree."), ("ben", "Why?"), ("ana", "I agree.")])
    stands = after.talk.find("ana", part)
    assert [after.shown(stand) for stand in stands] == [["I agree."], ["I agree."]]
    assert {stand.note for stand in stands} == {SEVERAL}


def test_second_copies_of_long_quotations_are_found_and_those_of_others_are_not(texts):
    said = "my mentor was always there for me"
    now = texts({"talk": ISSUED, "copy": [("ana", f"{said.upper()} and I agree."), ("ben", said)]})
    part = now.part(said)
    found = now.talk.find("ana", part)
    (copy,) = now.talk.further("ana", part, found, list(found[0].spans))
    assert now.shown(copy) == [said.upper()] and copy.note == COPY and copy.spans[0][0] == "copy"
    assert now.masked(now.part("I agree.")) == ["I agree."]


def test_where_the_words_were_corrected_they_are_covered_though_they_stand_elsewhere_as_they_were(texts):
    said = "my mentor was always there for me"
    part = texts(ISSUED).part(said)
    now = texts([("ana", f"Yes, {said}."), ("ana", ISSUED[0][1].replace("mentor was", "mentors were"))])
    found = now.talk.find("ana", part)
    assert [now.shown(stand) for stand in found] == [[said]]
    assert now.masked(part) == [said, said.replace("r was", "rs were")]


def test_of_words_that_are_gone_those_that_are_left_are_found(texts):
    part = texts(ISSUED).part("my mentor was always there for me. She met me every week, and she listened.")
    now = texts([("ana", "So my mentor was always there for me, and that is all there is to say of it here."),
                 ("ben", "She met me every week")])  # fmt: skip
    assert now.talk.find("ana", part) == []
    (stand,) = now.talk.further("ana", part, [], [])
    assert now.shown(stand) == ["my mentor was always there for me"] and stand.note == LEFT


BIKE = "My turquoise bicycle got stolen behind the gymnasium twice."


@pytest.mark.parametrize("where", ["talk", "other"])
@pytest.mark.parametrize(
    ("edited", "covered"),
    [
        ("That year was hard. My turquoise bicycle got stolen behind the old gymnasium",
         "My turquoise bicycle got stolen behind the old gymnasium"),
        ("That year was hard. It was when my turquoise bicycle got stolen one night.",
         "my turquoise bicycle got stolen"),
        # What was issued stands between the same words still, and resembles itself little.
        ("That year was hard. My blue bike got taken behind the gymnasium twice. We never found it again.",
         "My blue bike got taken behind the gymnasium twice."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("alone", [True, False])
def test_words_said_twice_are_covered_where_they_were_issued_though_they_were_edited_there(
    texts, where, edited, covered, alone
):
    turns = [("ana", f"That year was hard. {BIKE} We never found it again."), ("ben", "Oh.")]
    again = [("ana", BIKE if alone else f"As I told you: {BIKE} So I walk.")]
    then = {"talk": [*turns, *again]} if where == "talk" else {"talk": turns, "other": again}
    part = texts(then).part(BIKE, number=1)
    turns[0] = ("ana", edited)
    now = texts({"talk": [*turns, *again]} if where == "talk" else {"talk": turns, "other": again})
    assert sorted(now.masked(part)) == sorted([BIKE, covered])


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("Well, I said to them: ", ""), ("", " And that was it, really."), ("Well, I said: ", " That was it.")],
)
def test_of_a_turn_parted_in_two_with_a_typo_in_each_half_both_are_covered(texts, before, after):
    part = texts([("ana", f"{before}{BIKE}{after}"), ("ben", "Oh."), ("ana", "Yes.")]).part(BIKE)
    halves = "My turqoise bicycle got stolen", "behind the gymnasum twice."
    now = texts([("ana", before + halves[0]), ("ben", "Stolen?"), ("ana", halves[1] + after), ("ana", "Yes.")])
    assert now.masked(part) == [*halves]


def test_of_words_that_stood_before_it_and_stand_twice_now_those_are_taken_between_which_it_resembles_itself(texts):
    part = texts([("ana", f"He said: {BIKE} So I walk.")]).part(BIKE)
    changed = "My blue bike got taken behind the gymnasium twice."
    now = texts([("ana", f"He said: no. And then he said: {changed} So I walk.")])
    assert now.masked(part) == [changed]


def test_more_words_in_the_place_of_a_quotation_leave_none_of_it(texts):
    part = texts([("ana", f"{BIKE} So."), ("ana", "Another talk.")]).part(BIKE)
    now = texts([("ana", f"My turquoise bicycle got stolen {'again and ' * 9} behind the gymnasium twice. So."),
                 ("ana", BIKE)])  # fmt: skip
    assert BIKE in now.masked(part) and "My turquoise bicycle got stolen" in now.masked(part)


def test_repeated_words_are_covered_to_the_last(texts):
    part = texts([("ana", "no no no no no, I say.")]).part("no no no no no")
    now = texts([("ana", "So no no no no no no no.")])
    assert "".join(now.masked(part)).count("no") == 7


def test_who_is_called_otherwise_now_is_found_in_all_words(texts):
    part = texts(ISSUED).part("my mentor was always there for me")
    now = texts([("anna-2", words) if person == "ana" else (person, words) for person, words in ISSUED])
    assert now.found(part) == [["my mentor was always there for me"]]


# --- random talks and edits ----------------------------------------------------------------------------------------


def sentence(chance: random.Random, least: int = 3) -> str:
    words = [chance.choice(WORDS) for _ in range(chance.randint(least, 12))]
    return " ".join(words).capitalize() + chance.choice(".!?")


def edited(turns: list[tuple[str, str]], keep: int, quote: str, chance: random.Random) -> list[tuple[str, str]]:
    """Turns inserted, taken away, merged into others and reworded; only the quotation in its turn stays."""
    after: list[tuple[str, str]] = []
    for number, (person, words) in enumerate(turns):
        for _ in range(chance.choice((0, 0, 1, 2))):
            after.append((chance.choice(("ana", "ben")), sentence(chance)))
        if number == keep:
            before, behind = words.split(quote, 1)
            change = chance.randrange(3)
            before = sentence(chance) + " " if change == 1 else before
            behind = " " + sentence(chance) if change == 2 else behind
            after.append((person, f"{before}{quote}{behind}"))
        elif chance.random() < 0.7:
            after.append((person, words if chance.random() < 0.7 else sentence(chance)))
    return after


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**9), st.booleans())
@example(7, True)
def test_whatever_is_edited_around_it_a_quotation_is_found_and_covered(seed, hide):
    chance = random.Random(seed)
    turns = [(chance.choice(("ana", "ben")), " ".join(sentence(chance) for _ in range(chance.randint(1, 4))))
             for _ in range(chance.randint(2, 12))] + [("ana", f"{sentence(chance)} {sentence(chance, 8)}")]  # fmt: skip
    keep = chance.choice([number for number, (person, _) in enumerate(turns) if person == "ana"])
    words = turns[keep][1].split()
    # Names that are hidden later, some of them within the quotation.
    names = [(f"Zed{chance.randint(10, 99)}", "[candidate]")] if hide else []
    for name, _ in names:
        words.insert(chance.randrange(len(words)), name)
    turns[keep] = ("ana", " ".join(words))
    first = chance.randrange(max(1, len(words) - 5))
    quote = " ".join(words[first : first + chance.randint(5, 15)])
    if len(quote.split()) < 5:
        return
    with tempfile.TemporaryDirectory() as before, tempfile.TemporaryDirectory() as now:
        issued = Texts(Path(before), {"talk": turns})
        part = issued.part(quote, number=keep + 1)
        after = Texts(
            Path(now),
            {"talk": edited(turns, keep, quote, chance)},
            Hider([Entry(text, to, "person", text, "") for text, to in names]),
        )
        stands = after.talk.find("ana", part)
        shown = [" ".join(after.shown(stand)) for stand in stands]
        assert after.hider.hide(quote) in shown and all(stand.same for stand in stands)
        # With the second copies nothing of it is left in the person's words.
        spans = after.covered(part)
        text = list(after.texts["talk"])
        for _, start, end in spans:
            text[start:end] = "\0" * (end - start)
        masked = "".join(text)
        own = [masked[row["start"] : row["end"]] for row in after.rows if row["participant"] == "ana"]
        assert not any(after.hider.hide(quote) in words for words in own)
        # Spans stay within turns of the person.
        turns_now = [(row["start"], row["end"]) for row in after.rows if row["participant"] == "ana"]
        assert all(any(a <= start and end <= b for a, b in turns_now) for _, start, end in spans)
