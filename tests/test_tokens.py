import numpy as np
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.language import docbin, load_pipeline
from qualcode.tokens import parses_of, stored_tokens, tokens_of

SPOKEN = st.text(alphabet=st.sampled_from("ab c.,!?'’-éß😀\u00a0\n\t1$Ñ"), max_size=60)


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline("en_core_web_sm")


def spacy_sentences(doc):
    """The sentences as spaCy has them, without white space around them."""
    found = []
    for sentence in doc.sents:
        if words := sentence.text.strip():
            start = sentence.start_char + len(sentence.text) - len(sentence.text.lstrip())
            found.append((start, start + len(words)))
    return found


def same(tokens, docs):
    assert len(tokens) == sum(map(len, docs))
    assert tokens.sentences() == [spacy_sentences(doc) for doc in docs]
    for number, doc in enumerate(docs):
        for token in doc:
            at = tokens.first[number] + token.i
            assert tokens.utterance[at] == number
            assert (tokens.start[at], tokens.end[at]) == (token.idx, token.idx + len(token))
            assert tokens.forms[tokens.surface[at]] == token.text
            assert tokens.forms[tokens.lemma[at]] == token.lemma_
            assert (tokens.pos[at], tokens.tag[at], tokens.dep[at]) == (token.pos_, token.tag_, token.dep_)
            assert tokens.head[at] == tokens.first[number] + token.head.i
            assert tokens.space[at] == token.is_space


def test_the_columns_say_what_spacy_says(pipeline, tmp_path):
    docs = list(pipeline.pipe(["I got no support. Nobody told me!", "", "  Two  words ", "The training, which helped"]))
    stored = parses_of(tmp_path, "a")
    stored.parent.mkdir()
    docbin(docs).to_disk(stored)
    tokens = stored_tokens(tmp_path)("a")
    same(tokens, docs)
    assert tokens.parsed
    assert len(np.unique(tokens.sentence)) == sum(len(list(doc.sents)) for doc in docs if len(doc))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SPOKEN, max_size=4))
def test_whatever_is_said(texts):
    blank = spacy.blank("en")
    blank.add_pipe("sentencizer")
    tokens = tokens_of(blank.pipe(texts))
    same(tokens, list(blank.pipe(texts)))
    assert not tokens.parsed
    assert (tokens.head == np.arange(len(tokens))).all()


def test_nothing_at_all():
    tokens = tokens_of([])
    assert (len(tokens), tokens.sentences(), tokens.spans, list(tokens.first)) == (0, [], [], [0])
    assert len(tokens.pos) == len(tokens.space) == len(tokens.sentence) == 0


def test_forms_are_compared_without_case_and_kinds_of_apostrophe():
    tokens = tokens_of([spacy.blank("en")("Don’t CO\N{HYPHEN}TEACH")])
    assert [tokens.plain[at] for at in tokens.surface] == ["do", "n't", "co-teach"]


def test_what_follows_without_a_blank_is_glued_within_its_utterance():
    blank = spacy.blank("en")
    tokens = tokens_of(blank.pipe(["well-known, yes", "", "(no)"]))
    said = [tokens.forms[form] for form in tokens.surface]
    assert list(tokens.glued) == [False, True, True, True, False, False, True, True, False]
    assert said == ["well", "-", "known", ",", "yes", "(", "no", ")"]
