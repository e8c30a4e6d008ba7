import dataclasses
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.open_codes.anchors import (
    CHANGED,
    NO_SOURCE,
    RULE,
    UNSURE,
    Anchors,
    Stood,
    find,
    renew,
    someone_withdrew,
    wordless,
    write,
)
from qualcode.study import Participant, Redaction, Source, Study
from qualcode.text import SourceText, Utterance, digest, fold

ANA = Participant("p1", labels=("Ana",), names=("Teresa",), pseudonym="Rosa")
LONG = "my mentor was always there for me"


def study(*people, redactions=(), folder="talks"):
    return Study(Path(folder), {}, Path("b.yaml"), (Source("s", Path("s.txt"), "interview"),), people, redactions)


def talk(*turns, gone=(), answers=False):
    """A text of turns, each by p1; a turn of a survey is (person, question, words)."""
    text, utterances = "", []
    for number, turn in enumerate(turns, 1):
        person, question, words = turn if answers else ("p1", "", turn)
        text += "" if number in gone else "Rosa: "
        role = "withdrawn" if number in gone else "participant"
        utterances.append(Utterance(f"s:{number}", person, role, len(text), len(text) + len(words), question))
        text += words + "\n"
    return SourceText(text, utterances, ["Rosa"], answers)


def anchored(text, quote, nth=0, of=None):
    """The anchor of the nth place of a quotation."""
    place = text.stands(quote)[nth]
    stood = Stood("0" * 12, "1" * 12, "s", place.start, place.end, "anna", "c", place.method, True)
    whose = of or study(ANA)
    (anchor,) = renew([stood], [], Anchors([], {}, whose), {"s": text}, whose)
    return anchor


def now(anchor, text, of=None):
    """The words before an anchored passage and itself where it is found in a changed text, or why it is not."""
    found = find(anchor, text, (of or study(ANA)).hider("s"))
    return found if isinstance(found, str) else (text.text[: found[0]][-8:], text.text[slice(*found)])


def test_an_anchor_holds_what_it_takes_to_tell_the_passage_from_its_equals():
    anchor = anchored(talk("We met. I agree, mostly.", "I agree, always."), "I agree")
    assert (anchor.quote, anchor.before, anchor.after) == ("I agree", "We met.", ", mostly.\nI agree, always.")
    # "We met" against nothing that is alike; of ", mostly" the first letter is not that of ", always".
    assert (anchor.needs_before, anchor.needs_after, anchor.rows) == (1, 1, 1)
    alone = anchored(talk(f"We met. {LONG.capitalize()}.", "I agree."), LONG)
    assert (alone.needs_before, alone.needs_after) == (0, 0)


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        (("Hello.", "So it was in the end. I agree. That is what they told us."), ("the end. ", "I agree")),
        (("So it was in the END: “I agree.” That is what they told us.",), ("e END: “", "I agree")),
        (("I agree.", "So it was in the end. I agree. That is what they told us."), ("the end. ", "I agree")),
        # The same words beside other talk are other words.
        (("So it was in the end. I agree. Nobody thought so.",), UNSURE),
        (("Nobody thought so. I agree. That is what they told us.",), UNSURE),
        (("So it was in the end. That is what they told us.", "I agree."), UNSURE),
        (("So it was in the end. I agree. That is what they told us.",) * 2, UNSURE),
        (("So it was in the end. We agree. That is what they told us.",), CHANGED),
    ],
)
def test_short_words_need_the_talk_on_both_sides(turns, found):
    anchor = anchored(talk("So it was in the end. I agree. That is what they told us."), "I agree")
    result = now(anchor, talk(*turns))
    assert result == (found if isinstance(found, str) else (found[0][-8:], found[1]))


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ((f"So it was in the end. {LONG} Nobody thought so.",), True),
        ((f"Nobody thought so. {LONG} That is what they told us.",), True),
        ((f"Nobody thought so. {LONG} And so on.",), False),
        (("So it was in the end. That is what they told us.", LONG), False),
        ((f"So it was in the end. {LONG} And so on.", LONG), False),
        ((f"So it was in the end. {LONG} {LONG} That is what they told us.",), False),
    ],
)
def test_long_words_that_have_no_equals_need_it_on_one(turns, found):
    anchor = anchored(talk(f"So it was in the end. {LONG} That is what they told us."), LONG)
    result = now(anchor, talk(*turns))
    assert (result == UNSURE) is not found


def test_of_equals_in_a_row_none_is_certain_when_one_comes_or_goes():
    row = ["Well, so it was in the end.", "Yes.", "Yes.", "Yes.", "That is what they told us."]
    for nth in range(3):
        anchor = anchored(talk(*row), "Yes.", nth)
        assert now(anchor, talk(*row[:1], "Yes.", *row[1:])) == UNSURE
        assert now(anchor, talk(*row[:1], *row[2:])) == UNSURE


def test_a_passage_across_turns_is_not_pieced_together_from_others():
    anchor = anchored(
        talk("So it was in the end.", "I agree.", "We met on Monday, always."), "I agree. We met on Monday"
    )
    copied = talk("So it was in the end.", "I agree.", "We met on Monday, always.", "We met on Monday, always.")
    assert now(anchor, copied) == UNSURE


def test_names_hidden_since_or_otherwise_are_passed_over():
    then = study(ANA)
    text = talk("So it was in the end: like Rosa says, in Lincoln High. That is what they told us.")
    anchor = anchored(text, "like Rosa says, in Lincoln High", of=then)
    assert anchor.hidden == "Rosa"
    since = study(
        dataclasses.replace(ANA, pseudonym="Greta"),
        redactions=(Redaction("Lincoln High", "[school]", "school", "redact"),),
    )
    changed = talk("So it was in the end: like Greta says, in [school]. That is what they told us.")
    assert now(anchor, changed, since)[1] == "like Greta says, in [school]"
    # Another word in the place of the name is another passage.
    other = talk("So it was in the end: like Ben says, in [school]. That is what they told us.")
    assert now(anchor, other, since) == CHANGED


def test_words_that_were_withdrawn_beside_a_passage_tell_nothing_of_it():
    turns = [
        "Nobody told me, they did.",
        f"{LONG.capitalize()}.",
        "So it was in the end.",
        "Yes.",
        "I agree with that.",
    ]
    text, left = talk(*turns), talk("[withdrawn]", *turns[1:2], "[withdrawn]", *turns[3:], gone=(1, 3))
    assert now(anchored(text, LONG), left)[1] == LONG.capitalize()
    assert now(anchored(text, "Yes."), left) == UNSURE


def test_an_answer_is_found_by_whose_it_is_and_to_what():
    first = talk(("r1", "why", "yes"), ("r2", "what", "yes"), ("r2", "why", "yes"), answers=True)
    anchor = anchored(first, "yes", 2)
    assert anchor.answer == "r2: why" and (anchor.before, anchor.after) == ("", "")
    more = talk(("r2", "why", "Yes"), ("r0", "why", "yes"), ("r1", "why", "yes"), answers=True)
    assert now(anchor, more) == ("Rosa: ", "Yes")
    assert now(anchor, talk(("r2", "why", "yes and yes"), answers=True)) == UNSURE
    assert now(anchor, talk(("r1", "why", "yes"), answers=True)).startswith("the answer that it stood in")


def test_ids_stay_with_what_is_anchored_and_no_other_passage_gets_them():
    text = talk("I agree.", "We met.", "I agree, yes.", "I agree.")
    plain = Anchors([], {"s": text}, study(ANA))
    spans = [(place.start, place.end) for place in text.stands("I agree")]

    def ids(anchors, text=text):
        return [anchors.identity("s", text, *span, RULE, "c") for span in spans]

    natural = ids(plain)
    assert natural == [digest("s", "iagree", which, RULE, "c") for which in (1, 2, 3)]
    # The one in the middle was anchored as the first: that is its id, and the others keep out of its way.
    anchor = dataclasses.replace(anchored(text, "I agree", 1), coding=natural[0], coder="")
    kept = ids(Anchors([anchor], {"s": text}, study(ANA)))
    assert kept == [natural[1], natural[0], natural[2]]
    # An id whose passage is not known is no one's.
    lost = ids(Anchors([dataclasses.replace(anchor, text="0" * 12, quote="never said")], {"s": text}, study(ANA)))
    assert lost == [natural[1], natural[2], digest("s", "iagree", 4, RULE, "c")]


def test_sources_that_are_gone_and_words_that_were_taken_out():
    text = talk("I agree.", "We met.")
    anchor = anchored(text, "We met")
    assert Anchors([anchor], {}, study(ANA)).place(anchor) == NO_SOURCE
    bare = wordless(anchor)
    assert now(bare, talk("I agree.", "We met.", "Yes.")) == CHANGED
    assert now(bare, text)[1] == "We met"


def test_of_what_is_not_known_to_stand_somewhere_anyone_may_have_withdrawn():
    gone = Participant("p9", source="other", status="withdrawn")
    assert someone_withdrew(study(ANA, gone), "") and someone_withdrew(study(ANA, gone), "other")
    assert not someone_withdrew(study(ANA, gone), "s")


ODD = st.text(alphabet="abc é🙂\u200d👩ß“',.=\"\u0301\u2028;[]…-\u202e\U0001d4d0", min_size=1, max_size=12)


@given(st.data())
def test_any_span_of_any_text_comes_back_from_the_file(data):
    turns = data.draw(st.lists(ODD.map(str.strip).filter(fold), min_size=1, max_size=4))
    text = talk(*turns)
    start = data.draw(st.integers(0, len(text.text) - 1))
    end = data.draw(st.integers(start + 1, len(text.text)))
    if not text.key(start, end):
        return
    with tempfile.TemporaryDirectory() as folder:
        whose = study(ANA, folder=folder)
        stood = Stood("0" * 12, "1" * 12, "s", start, end, "anna", "c", "exact")
        made = renew([stood], [], Anchors([], {}, whose), {"s": text}, whose)
        write(made, whose)
        read = Anchors.read(whose, {"s": text})
    (anchor,) = read.anchors
    assert read.place(anchor) == (start, end)
    # After an edit elsewhere: the same words, or none.
    edited = talk("Well.", *turns, "So.")
    found = find(anchor, edited, whose.hider("s"))
    assert isinstance(found, str) or edited.key(*found) == text.key(start, end)
