import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.text import EDGE, GONE, SourceText, Utterance, clean, fold, is_backchannel, one_line

TURNS = [
    ("p1", "participant", "We agreed to meet. “Every” week, in fact."),
    ("i1", "moderator", "Okay."),
    ("p2", "participant", "We agreed to meet, too; it's the café."),
]


def source(turns=TURNS, labels=("Ana", "Ben", "Mod")) -> SourceText:
    names = {"p1": "Ana", "p2": "Ben", "i1": "Mod"}
    text, utterances, position = "", [], 0
    for number, (person, role, words) in enumerate(turns, 1):
        label = f"{names[person]}: "
        utterances.append(
            Utterance(f"s:{number}", person, role, position + len(label), position + len(label) + len(words))
        )
        text += label + words + "\n"
        position = len(text)
    return SourceText(text, utterances, labels)


@pytest.mark.parametrize(
    ("quote", "methods"),
    [
        ("We agreed to meet", ["exact", "exact"]),
        ("we AGREED  to\nmeet", ["normalised", "normalised"]),
        ('"Every" week, in fact', ["normalised"]),
        ("it’s the café", ["normalised"]),
        ("it's the cafe\u0301.", ["exact"]),
        ("in fact.\nMod: Okay.\nBen: We agreed", ["exact"]),
        ("in fact. Mod: Okay. Ben: We agreed", ["normalised"]),
        ("in fact. Okay. We agreed", ["normalised"]),
        ("We agreed to meat. Every week in facts", ["fuzzy"]),
        ("nothing of the kind was ever said here", []),
        ("greed to", []),
        ("", []),
        ("...", []),
        ("“", []),
        ("Ana", []),
    ],
)
def test_quotations_are_found(quote, methods):
    text = source()
    quote = unicodedata.normalize("NFC", quote)
    found = text.places(quote)
    assert [place.method for place in found] == methods
    for place in found:
        if place.method == "exact":
            assert text.text[place.start : place.end] == quote
        elif place.method == "normalised":
            assert text.key(place.start, place.end) == fold(text.without_labels(quote))


def test_a_span_covers_the_utterances_it_touches():
    text = source()
    (place,) = text.places("in fact. Okay. We agreed")
    assert [utterance.utterance for utterance in text.covered(place.start, place.end)] == ["s:1", "s:2", "s:3"]
    first = text.utterances[0]
    assert [u.utterance for u in text.covered(first.start, first.end)] == ["s:1"]


def test_equal_quotations_are_told_apart_by_their_order():
    text = source()
    first, second = text.places("We agreed to meet")
    assert text.key(first.start, first.end) == text.key(second.start, second.end)
    assert [text.occurrence(place.start, place.end) for place in (first, second)] == [1, 2]


@given(st.data())
def test_any_stretch_of_words_is_found_where_it_stands(data):
    words = st.text(alphabet="abcé 🙂\u200d👩👧ß“'", min_size=1).filter(lambda t: fold(t))
    turns = [("p1", "participant", one_line(data.draw(words)) or "x") for _ in range(data.draw(st.integers(1, 4)))]
    text = source(turns)
    utterance = data.draw(st.sampled_from(text.utterances))
    assert text.text[utterance.start : utterance.end] in [turn[2] for turn in turns]
    quote = text.text[utterance.start : utterance.end]
    found = text.places(quote)
    if any(char.isalnum() for char in quote):
        assert (utterance.start, utterance.end) in [(place.start, place.end) for place in found]
    for place in found:
        if place.method == "exact":
            assert text.text[place.start : place.end] == quote.strip()


@given(st.text())
def test_cleaning_leaves_no_control_characters_and_is_stable(text):
    cleaned, taken = clean(text)
    assert clean(cleaned) == (cleaned, 0)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in cleaned)
    assert taken >= 0


@pytest.mark.parametrize("text", ["Mm-hm.", "Right, right.", "Yeah, okay.", "(laughs)", "I agree.", "..."])
def test_listening_signals(text):
    assert is_backchannel(text)


@pytest.mark.parametrize("text", ["Right, the timing.", "No support.", "I agree with Ben about the timing."])
def test_words_that_say_something_are_no_listening_signals(text):
    assert not is_backchannel(text)


def test_what_stands_around_a_span_is_talk_without_labels():
    text = source()
    (place,) = text.places("Okay")
    assert text.around(place.start, place.end, 8) == (", in fact."[-8:], ".\nWe agre"[:8])
    before, after = text.around(place.start, place.end, 200)
    assert before == EDGE + "\n" + TURNS[0][2] and after == ".\n" + TURNS[2][2] + "\n" + EDGE


def test_the_marker_of_withdrawn_words_is_no_ones():
    text = source([TURNS[0], ("p2", "withdrawn", "[withdrawn]"), TURNS[2]])
    assert text.places("[withdrawn]") == text.places("withdrawn") == []
    (across,) = text.places("in fact.\nBen: [withdrawn]\nBen: We agreed")
    assert [item.utterance for item in text.covered(across.start, across.end)] == ["s:1", "s:3"]
    assert text.places("in fact.\nBen: [withdrawn]") == []
    first = text.utterances[0]
    assert text.around(first.start, first.end, 8) == (EDGE, GONE)


def test_an_answer_is_whose_it_is_and_to_what():
    words = [Utterance("s:1", "r1", "participant", 0, 3, "why"), Utterance("s:2", "r2", "participant", 4, 7, "why")]
    text = SourceText("yes\nyes\n", words, answers=True)
    assert [text.answer(u.start, u.end) for u in words] == ["r1: why", "r2: why"] and text.answer(0, 7) == ""
    alone = text.within("r2: why")
    assert alone.spans("yes") == [(4, 7)] and alone.around(4, 7, 8) == (EDGE, EDGE)
    assert text.within("r3: why") is None and SourceText("yes\nyes\n", words).answer(0, 3) == ""


LONG = "We met, and then we talked about it and agreed to meet. Later we ate. We all agreed on it... in the end."


@pytest.mark.parametrize(
    ("quote", "passages"),
    [
        ("and then … it and agreed", ["and then we talked about it and agreed"]),
        ("all … on it", ["all agreed on it"]),
        ("we … all agreed on", [LONG[start:86] for start in (0, 17, 62, 70)]),
        ("met ... we talked […] agreed to meet", ["met, and then we talked about it and agreed to meet"]),
        ("(…) we all agreed", ["We all agreed"]),
        ("agreed on it... in the end", ["agreed on it... in the end"]),
        ("in the end … we met", []),
        ("we … xx", []),
    ],
)
def test_words_may_be_left_out_of_a_quotation(quote, passages):
    text = SourceText(LONG, [Utterance("s:1", "p1", "participant", 0, len(LONG))])
    found = text.places(quote)
    assert [LONG[place.start : place.end] for place in found] == passages
    assert {place.method for place in found} <= {"elided"} or quote in LONG


def test_an_ellipsis_crosses_turns_and_never_stands_for_a_long_stretch():
    found = source().places("“Every” week … too; it's the café")
    assert [place.method for place in found] == ["elided"]
    apart = f"This is how it began. {'Word after word. ' * 200}And this is how it ended."
    text = SourceText(apart, [Utterance("s:1", "p1", "participant", 0, len(apart))])
    assert text.places("how it began … how it ended") == []


@given(
    st.lists(st.sampled_from(["we", "met", "and", "agreed", "plan", "then", "ate"]), min_size=5, max_size=60), st.data()
)
def test_a_passage_with_its_middle_left_out_is_among_those_found(words, data):
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 3))
    last = data.draw(st.integers(first + 2, len(words) - 1))
    quote = f"{words[first]} … {words[last]}"
    found = SourceText(text, [Utterance("s:1", "p1", "participant", 0, len(text))]).places(quote)
    spans = [(place.start, place.end) for place in found]
    for place in found:
        assert place.method == "elided"
        inside = text[place.start : place.end].split(" ")
        assert len(inside) > 1 and (inside[0], inside[-1]) == (words[first], words[last])
    if len(words[first] + words[last]) >= 6:
        begin = len(" ".join(words[:first])) + (first > 0)
        assert (begin, len(" ".join(words[: last + 1]))) in spans and spans == sorted(set(spans))


def test_a_part_that_stands_within_reach_twice_leaves_open_which_is_meant():
    turns = [("p1", "participant", "We plan it. We begin, and they agreed."), ("p2", "participant", "So we met.")]
    assert len(source(turns).places("we … they agreed")) == 2
    assert len(source(turns).places("we begin … agreed … so we")) == 1


def spoken(*turns: str) -> SourceText:
    return source([("p1", "participant", words) for words in turns])


@pytest.mark.parametrize(
    "quote",
    [
        "the plan\u00ads were mu\u00adch too big for a class\u00adroom",
        "\ufeffthe plans were\u200b much too\u2060 big for a classroom",
        "The plans, were much too big - for a class-\nroom!",
        "The plans were much [00:01:02] too big for a classroom",
    ],
)
def test_what_no_one_sees_and_punctuation_do_not_matter(quote):
    text = spoken("Well, the plans were (much) too big for a classroom. And then?")
    (place,) = text.places(quote)
    assert place.method == "normalised"
    assert text.text[place.start : place.end] == "the plans were (much) too big for a classroom"


def test_time_codes_beside_labels_are_passed_over():
    text = spoken("We started at 10:30 sharp.", "So we did, and it was good.")
    (place,) = text.places("started at 10:30 sharp. 00:04:32 ANA: So we did")
    assert text.text[place.start : place.end] == "started at 10:30 sharp.\nAna: So we did"
    (place,) = text.places("10:30 sharp.\n[04:32] Ana [04:33]: So we did")
    assert text.covered(place.start, place.end) == text.utterances


def test_what_is_only_alike_begins_and_ends_where_the_quotation_does():
    text = spoken(
        "The feature was odd, and a lot of maybe feature selection.", "So what did you use it for in the end?"
    )
    (place,) = text.places("feature selection. So what did you using it for in the end")
    assert text.text[place.start : place.end] == "feature selection.\nAna: So what did you use it for in the end"
    assert (place.method, place.score < 100) == ("fuzzy", True)


def test_passages_that_are_nearly_as_much_alike_are_told_too():
    text = spoken("A peaceful and free country like ours.", "I live in a peaceful and free country like that.")
    found = text.places("a peacsful and free country like")
    assert [text.text[place.start : place.end].casefold() for place in found] == [
        "a peaceful and free country like"
    ] * 2
    text = spoken("Here games accomplish this.", "Many of games that accomplish this.")
    assert len(text.places("of games accomplish this")) == 2


def test_a_passage_that_lacks_the_beginning_or_the_end_is_not_where_the_quotation_stands():
    long = "There are many further things that keep our people safe no matter where they go on any day of the year."
    text = spoken("It is late now.", long)
    assert [place.method for place in text.places(long.replace("people", "peopel"))] == ["fuzzy"]
    assert text.places(long.replace("people", "peopel") + " But nobody knew of that") == []
    assert text.places("the wind … " + long.replace("people", "peopel")) == []


def test_letters_of_the_talk_around_tell_equals_apart():
    text = source()
    first, second = text.places("We agreed to meet")
    assert text.agreeing(first, "", "“every” week") == len("everyweek") > text.agreeing(second, "", "“every” week")
    assert text.agreeing(second, "Okay.", "too") == len("okaytoo") > text.agreeing(first, "Okay.", "too")


def test_a_passage_longer_than_the_quotation_is_compared_whole():
    """A window as long as the quotation would cut the passage, and be like it by 88.5 of 100 only."""
    text = source([("p1", "participant", "We met in the town hall, like Greta says, all of us.")])
    (place,) = text.places("in the town hall, like Rosa says")
    assert text.text[place.start : place.end] == "in the town hall, like Greta says"
    assert place.score == 90.6
