import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook.indicators import Indicator, pieces, wordings
from qualcode.language import load_pipeline
from qualcode.open_codes.matching import Matching, Text
from qualcode.tokens import tokens_of


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline("en_core_web_sm")


@pytest.fixture(scope="module")
def met(pipeline):
    """The words that indicators meet in what is said, in order."""

    def words(said, *typed):
        def tokens_in(word):
            return [token.text for token in pipeline.tokenizer(word)]

        docs = list(pipeline.pipe([said] if isinstance(said, str) else said))
        tokens = tokens_of(docs)
        indicators = [Indicator("c", item, made) for item in typed for made in wordings(item, tokens_in)]
        hits = Matching(indicators).find(Text(tokens))
        found = []
        for hit in hits:
            number = int(tokens.utterance[hit.start])
            first = int(tokens.first[number])
            found.append(docs[number][hit.start - first : hit.end - first].text)
        return found

    return words


@pytest.mark.parametrize(
    ("said", "typed", "found"),
    [
        ("The timing of the course was bad.", "timing", ["timing"]),
        ("It was my first time and I took the train.", "timing", []),
        ("Training helped; I took the train to a training.", "training", ["Training", "training"]),
        ("They met their mentors. We meet a mentor.", "meet", ["met", "meet"]),
        ("They met their mentors.", '"meet"', []),
        ("They met, we meet.", '"meet"', ["meet"]),
        ("Mentoring, mentors and a mentor.", "mentor*", ["Mentoring", "mentors", "mentor"]),
        ("A co-mentoring pair, co-mentors.", "co-mentor*", ["co-mentoring", "co-mentors"]),
        ("I know what is expected, what was not expected.", "what * expected", ["what is expected"]),
        (
            "My mentor and I could meet. My mentor meets me.",
            "mentor ~3 meet",
            ["mentor and I could meet", "mentor meets"],
        ),
        ("My mentor and I could meet.", "mentor ~2 meet", []),
        ("My mentor, frankly, met me.", "mentor ~1 meet", ["mentor, frankly, met"]),
        ("She is my mentor. We met.", "mentor ~3 meet", []),
        ("Here’s your part and HERE'S YOUR PART.", "here's your part", ["Here’s your part", "HERE'S YOUR PART"]),
        ("The mentor said the mentor met.", "the ~1 met", ["the mentor met"]),
        ("Don't tell me. I do not.", "don't", ["Don't"]),
        ("I DON'T KNOW. I don‘t.", "don't know", ["DON'T KNOW"]),
        ("Ask Mr. Smith, or mr. smith.", "mr. smith", ["Mr. Smith", "mr. smith"]),
        ("Schüler und Schu\u0308ler", "schu\u0308ler", ["Schüler"]),
        ("A co‑mentor.", "co-mentor", ["co‑mentor"]),
        ("He was unsupportive and supportive.", "supportive", ["unsupportive", "supportive"]),
        ("He was unsupportive.", '"supportive"', []),
        ("Until the unit met.", "it", []),
    ],
)
def test_what_an_indicator_meets(met, said, typed, found):
    assert met(said, typed) == found


def test_nothing_is_met_across_utterances(met):
    assert met(["my first", "time here", "first time"], "first time", "first ~3 time") == ["first time", "first time"]


def test_indicators_that_meet_the_same_words_keep_their_order(met):
    assert met("no support at all", "support", "sup*", "no support") == ["no support", "support", "support"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("*", "there is no word in it"),
        ("* *", "there is no word in it"),
        ('"', "a quotation mark is not closed"),
        ('""', "there is no word in it"),
        ("*ing", "must be the end of a word"),
        ("a*b", "must be the end of a word"),
        ("mentor ~", "must give a number of words from 1 to 20"),
        ("mentor ~0 meet", "must give a number of words from 1 to 20"),
        ("mentor ~99 meet", "must give a number of words from 1 to 20"),
        ("~2 meet", "must stand between two words"),
        ("mentor ~2", "must stand between two words"),
        ("a ~2 ~2 b", "must stand between two words"),
        ("who ~x decide", "must give a number of words from 1 to 20"),
        (" ".join("abcdefghijklmnopqrstuvwxyzabcdefg"), "it has 33 words"),
    ],
)
def test_what_cannot_be_read_is_told(typed, told):
    with pytest.raises(ValueError, match=told):
        pieces(typed)


def test_curly_quotation_marks_are_quotation_marks():
    assert pieces("“Met” ~2 us") == pieces('"met" ~2 us')


WORDS = st.sampled_from(["a", "b", "c", "ab", ".", ","])
TYPED = st.lists(st.sampled_from(["a", "b", "c", "a*", "*", "~1", "~2", '"ab"']), min_size=1, max_size=5)


def ways(tokens, sentence, parts, place=0, before=None):
    """Every way in which pieces stand in a run of tokens, by trying them all."""
    if place == len(parts):
        yield ()
        return
    piece = parts[place]
    for position, token in enumerate(tokens):
        if before is not None:
            between = tokens[before + 1 : position]
            near = position == before + 1 or (piece.gap and sentence[position] == sentence[before])
            if position <= before or not near or sum(word.isalnum() for word in between) > piece.gap:
                continue
        fits = token == piece.word if piece.word else token.startswith(piece.beginning) and token.isalnum()
        if fits:
            yield from ((position, *rest) for rest in ways(tokens, sentence, parts, place + 1, position))


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), TYPED)
def test_as_if_every_way_were_tried(words, typed):
    try:
        parts = pieces(" ".join(typed))
    except ValueError:
        return
    blank = spacy.blank("en")
    blank.add_pipe("sentencizer")
    doc = blank.get_pipe("sentencizer")(spacy.tokens.Doc(blank.vocab, words=words))
    tokens = tokens_of([doc])
    sentence = [number for number, span in enumerate(doc.sents) for _ in span]
    every = list(ways(words, sentence, parts))
    hits = Matching([Indicator("c", "typed", parts)]).find(Text(tokens))
    # Once at each place of the most telling piece at which there is a way, and in no other words.
    telling = max(range(len(parts)), key=lambda n: (bool(parts[n].word), len(parts[n].word or parts[n].beginning)))
    assert len(hits) == len({way[telling] for way in every})
    assert {(hit.start, hit.end) for hit in hits} <= {(way[0], way[-1] + 1) for way in every}


def test_no_indicator_takes_more_steps_than_its_gaps_are_wide(met):
    """Tried one after the other, the ways of this one are some 20 to the power of 14."""
    assert met("a " * 300 + "c", " ~20 ".join(["a"] * 14 + ["b"])) == []
