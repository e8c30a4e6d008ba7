"""Negation: every construction, what holds for any text, and how often it is right on labelled sentences."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook.indicators import Indicator, pieces
from qualcode.language import docbin, load_pipeline
from qualcode.open_codes.matching import Matching, Text
from qualcode.open_codes.negation import bases, negation
from qualcode.open_codes.rules import negated_by
from qualcode.tokens import Tokens

HERE = Path(__file__).parent
ROOT = HERE.parent
# Where an utterance of the real transcripts begins and ends.
BOUNDS = {"qmsum-covid": '"', "serdif-taguette": "\n", "pdpilot": r"\n\s*\n", "zoom-vtt": r"\n\s*\n"}
LABEL = re.compile(r"\s*\d*\s*[A-Z]\w+( \w+)?: ")


@cache
def pipeline(name):
    return load_pipeline(name)


def parsed(texts, name="en_core_web_sm"):
    container = docbin()
    for doc in pipeline(name).pipe(texts):
        container.add(doc)
    return Tokens(container)


def hits(tokens, word, utterance):
    def tokens_of(typed):
        return [token.text for token in pipeline("blank:en").tokenizer(typed)]

    found = Matching([Indicator("code", word, pieces(word, tokens_of))]).find(Text(tokens))
    return [hit for hit in found if tokens.utterance[hit.start] == utterance]


def decisions(rows, name="en_core_web_sm"):
    """The cue that negates each row's word, '' for none, as the rules tell it; a word not met is not negated."""
    tokens = parsed([row["sentence"] for row in rows], name)
    cues = negation(tokens).tolist()
    decided = []
    for number, row in enumerate(rows):
        cue = [negated_by(hit, tokens, cues) for hit in hits(tokens, row["word"], number)]
        decided.append(cue[0] if cue and all(cue) else "")
    return decided


def precision_and_recall(rows, decided):
    right = sum(row["negated"] == "yes" for row, cue in zip(rows, decided, strict=True) if cue)
    return right / sum(map(bool, decided)), right / sum(row["negated"] == "yes" for row in rows)


def labelled(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    ("sentence", "word", "cue"),
    [
        ("I got no support.", "support", "no"),
        ("we didn't get any help", "help", "n't"),
        ("We didn’t get any help", "help", "n’t"),
        ("dont have any time for planning", "time", "nt"),
        ("She was unable to give guidance.", "guidance", "unable"),
        ("my mentor was quite unsupportive", "supportive", "unsupportive"),
        ("the insecurity of it", "security", "insecurity"),
        ("it is not unhelpful", "helpful", ""),
        ("I couldn't have done it without her support.", "support", ""),
        ("I couldn't have done it without her support.", "do", ""),
        ("We had to do it without a plan.", "plan", "without"),
        ("They gave us not only support but real friendship.", "support", ""),
        ("The support didn't help.", "support", ""),
        ("The support didn't help.", "help", "n't"),
        ("The support was not there when I needed it.", "support", "not"),
        ("No, we got support.", "support", ""),
        ("there was not enough support", "support", "not"),
        ("I don't think she was helpful.", "helpful", "n't"),
        ("I don't know whether they planned it together.", "plan", ""),
        ("Nobody offered guidance.", "guidance", "Nobody"),
        ("None of us received training.", "training", "None"),
        ("we had neither training nor support", "training", "neither"),
        ("we had neither training nor support", "support", "neither"),
        ("There is a lack of communication between the departments.", "communication", "lack"),
        ("communication was lacking", "communication", "lacking"),
        ("She hardly ever gave feedback.", "feedback", "hardly"),
        ("She refused to discuss the plan with me.", "discuss", "refused"),
        ("They failed to provide any training at all.", "training", "failed"),
        ("She never fails to encourage me.", "encourage", ""),
        ("the workload prevented me from reflecting", "reflect", "prevented"),
        ("No doubt the training helped.", "training", ""),
        ("I can't thank her enough for her guidance.", "guidance", ""),
        ("I can't complain about the support.", "support", ""),
        ("she couldn't be more supportive", "supportive", ""),
        ("we didn't get support until March", "support", ""),
        ("why didn't they offer any training?", "training", "n't"),
        ("Why don't you ask for help?", "help", ""),
        ("didn't you get any feedback?", "feedback", ""),
        ("She helped me, didn't she?", "help", ""),
        ("Although I did not like the school, the mentor supported me.", "support", ""),
        ("They never asked, so I decided on my own.", "decide", ""),
        ("They never asked, so I decided on my own.", "ask", "never"),
        ("They don't lecture, they coach.", "coach", ""),
        ("It's not about control but about trust.", "control", "not"),
        ("It's not about control but about trust.", "trust", ""),
        ("He gave me criticism instead of encouragement.", "encouragement", "instead"),
        ("rather than criticise she encouraged me", "criticise", "than"),
        ("I mean, I didn't, you know, get any feedback from them", "feedback", "n't"),
        ("There was little encouragement from the head.", "encouragement", "little"),
        ("She gave me a little encouragement every day.", "encouragement", ""),
        ("We were not observed, assessed or debriefed.", "debrief", "not"),
        ("he doesn't appreciate the effort that goes into a display", "effort", ""),
        ("the feedback that I never got", "feedback", "never"),
        ("I was too nervous to ask.", "ask", "too"),
        ("far from supportive", "supportive", "far"),
        ("nothing but encouragement from day one", "encouragement", ""),
        ("Was there any feedback? Not really.", "feedback", "Not"),
        ("we never got no support", "support", "never"),
        ("It is not impossible to combine the two roles.", "combine", ""),
        ("The visit was cancelled.", "visit", "cancelled"),
        ("Feedback was not provided.", "feedback", "not"),
        ("The supervision meetings were not recorded.", "supervision", ""),
    ],
)
def test_constructions(sentence, word, cue):
    assert decisions([{"sentence": sentence, "word": word}]) == [cue]


@pytest.mark.parametrize(
    ("sentence", "word", "cue"),
    [
        ("there was no real support, but advice", "support", "no"),
        ("there was no real support, but advice", "advice", ""),
        ("not only support", "support", ""),
        ("we managed without any help", "help", "without"),
        ("the help I got was not useful", "help", ""),
    ],
)
def test_without_a_model_the_words_after_a_cue_are_negated(sentence, word, cue):
    assert decisions([{"sentence": sentence, "word": word}], "blank:en") == [cue]


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("unsupportive", "supportive"),
        ("insecure", "secure"),
        ("impossible", "possible"),
        ("illegible", "legible"),
        ("irresponsible", "responsible"),
        ("disagreed", "agree"),
        ("hopeless", "hope"),
        ("non-existent", "existent"),
        ("uninteresting", "interesting"),
    ],
)
def test_words_within_their_opposites(form, base):
    assert base in bases(form)


@pytest.mark.parametrize(
    "form",
    [
        "until",
        "under",
        "unit",
        "uniform",
        "union",
        "unless",
        "uncle",
        "discover",
        "discuss",
        "display",
        "discipline",
        "inform",
        "information",
        "increase",
        "inside",
        "interest",
        "important",
        "improve",
        "import",
        "impress",
        "regardless",
        "nevertheless",
        "countless",
        "mentor",
        "in",
    ],
)
def test_words_that_only_look_like_opposites(form):
    assert bases(form) == ()


WORDS = st.sampled_from(
    [
        "no",
        "not",
        "n't",
        "never",
        "nothing",
        "nobody",
        "none",
        "neither",
        "nor",
        "without",
        "lack",
        "of",
        "unable",
        "to",
        "fail",
        "failed",
        "refuse",
        "hardly",
        "little",
        "few",
        "too",
        "anything",
        "but",
        "everything",
        "except",
        "rather",
        "than",
        "instead",
        "far",
        "from",
        "until",
        "if",
        "why",
        "which",
        "that",
        "who",
        "and",
        "or",
        "I",
        "she",
        "they",
        "the",
        "any",
        "support",
        "help",
        "helped",
        "helpful",
        "is",
        "was",
        "didn't",
        "don't",
        "couldn't",
        "have",
        "done",
        "it",
        "mentor",
        "training",
        ",",
        ".",
        "?",
        ":",
        ";",
        "-",
        "…",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(WORDS, max_size=25).map(" ".join), max_size=3), st.sampled_from(["en_core_web_sm", "blank:en"])
)
def test_any_words_have_cues_of_their_utterance_and_nothing_negates_itself(texts, name):
    tokens = parsed(texts, name)
    cues = negation(tokens)
    assert cues.shape == (len(tokens),) and cues.dtype == np.int64
    negated = np.flatnonzero(cues >= 0)
    assert (cues[negated] != negated).all() and (cues < len(tokens)).all()
    assert (tokens.utterance[cues[negated]] == tokens.utterance[negated]).all()
    # Of the sentence, or of the one that answers it.
    assert set((tokens.sentence[cues[negated]] - tokens.sentence[negated]).tolist()) <= {0, 1}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=15).map(" ".join), min_size=2, max_size=4))
def test_an_utterance_is_read_without_its_neighbours(texts):
    together = parsed(texts)
    cues = negation(together)
    for number, text in enumerate(texts):
        start, end = together.first[number : number + 2]
        alone = negation(parsed([text]))
        assert (np.where(cues[start:end] >= 0, cues[start:end] - start, -1) == alone).all()


def test_any_text_at_all():
    for text in [
        "",
        " ",
        "no",
        "n't",
        "not?",
        "None.",
        "? no",
        ": none",
        "Feedback: none",
        "no " * 300,
        "not a or " * 200,
    ]:
        for name in ["en_core_web_sm", "blank:en"]:
            assert len(negation(parsed([text], name))) == len(parsed([text], name))


def test_precision_and_recall_on_labelled_sentences():
    # At the first look, before the lists of cues were completed, 0.90 and 0.89: the higher figures are no longer blind.
    rows = labelled(HERE / "negation.csv")
    assert len(rows) >= 150
    precision, recall = precision_and_recall(rows, decisions(rows))
    assert precision >= 0.97 and recall >= 0.95
    # The rule of thumb, which needs no parse: what the parse is for.
    by_window = precision_and_recall(rows, decisions(rows, "blank:en"))
    assert by_window[0] < precision - 0.1 and by_window[1] < recall - 0.1


def test_precision_and_recall_on_sentences_of_development():
    rows = labelled(HERE / "negation_development.csv")
    precision, recall = precision_and_recall(rows, decisions(rows))
    assert precision >= 0.98 and recall >= 0.98


def around(text, start, end, bound):
    """The words around a word of a transcript, white space as one blank, and where it begins in them."""
    left = max([0, *(match.end() for match in re.finditer(bound, text[:start]))])
    right = re.compile(bound).search(text, end)
    before = text[left:start]
    if match := LABEL.match(before):
        before = before[match.end() :]
    words = " ".join(before.split()) + (" " if before[-1:].isspace() and before.strip() else "")
    return words + " ".join(text[start : right.start() if right else None].split()), len(words)


def test_precision_and_recall_on_real_talk(real_data):
    rows = labelled(ROOT / "benchmarks" / "negation_real.csv")
    texts = {}
    passages = []
    for row in rows:
        path = real_data / row["dataset"] / row["file"]
        text = texts.setdefault(path, path.read_bytes().decode("utf-8"))
        passages.append(around(text, int(row["start"]), int(row["end"]), BOUNDS[row["dataset"]]))
    tokens = parsed([words for words, _ in passages])
    cues = negation(tokens).tolist()
    decided, met = [], 0
    for number, (row, (_, at)) in enumerate(zip(rows, passages, strict=True)):
        found = [
            hit for hit in hits(tokens, row["word"], number) if tokens.start[hit.start] <= at < tokens.end[hit.end - 1]
        ]
        met += bool(found)
        decided.append(found and negated_by(found[0], tokens, cues))
    assert met >= 0.99 * len(rows)
    precision, recall = precision_and_recall(rows, decided)
    assert precision >= 0.75 and recall >= 0.7
