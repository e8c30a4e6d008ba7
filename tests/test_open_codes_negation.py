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
from qualcode.language import load_pipeline
from qualcode.open_codes.matching import Matching, Text
from qualcode.open_codes.negation import _cues, _windows, bases, negation
from qualcode.open_codes.rules import negated_by
from qualcode.tokens import tokens_of

HERE = Path(__file__).parent
ROOT = HERE.parent
# Where an utterance of the real transcripts begins and ends.
BOUNDS = {"qmsum-covid": '"', "serdif-taguette": "\n", "pdpilot": r"\n\s*\n", "zoom-vtt": r"\n\s*\n|-->.*\n"}
LABEL = re.compile(r"\s*\d*\s*[A-Z]\w+( \w+)?: ")


@cache
def pipeline(name):
    return load_pipeline(name)


def parsed(texts, name="en_core_web_sm"):
    return tokens_of(pipeline(name).pipe(texts))


def hits(tokens, word, utterance):
    def cut(typed):
        return [token.text for token in pipeline("blank:en").tokenizer(typed)]

    found = Matching([Indicator("code", word, pieces(word, cut))]).find(Text(tokens))
    return [hit for hit in found if tokens.utterance[hit.start] == utterance]


def window(tokens):
    """The rule of thumb on parsed words: what the parse is for."""
    return _windows(tokens, _cues(tokens), np.full(len(tokens), -1, dtype=np.int64))


def decisions(rows, name="en_core_web_sm", decide=negation):
    """The cue that negates each row's word, '' for none, as the rules tell it; a word not met is not negated."""
    tokens = parsed([row["sentence"] for row in rows], name)
    cues = decide(tokens).tolist()
    decided = []
    for number, row in enumerate(rows):
        cue = [negated_by(hit, tokens, cues) for hit in hits(tokens, row["word"], number)]
        decided.append(cue[0] if cue and all(cue) else "")
    return decided


def figures(rows, decided):
    """Precision, recall and their harmonic mean."""
    negated = [row["negated"] in {"yes", "1"} for row in rows]
    right = sum(bool(cue) and label for label, cue in zip(negated, decided, strict=True))
    precision, recall = right / sum(map(bool, decided)), right / sum(negated)
    return precision, recall, 2 * precision * recall / (precision + recall)


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
        ("We lack enthusiasm.", "enthusiasm", "lack"),
        ("They did not lack enthusiasm.", "enthusiasm", ""),
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
        ("The feedback that I never got was hers.", "feedback", ""),
        ("The feedback that I never got was hers.", "get", "never"),
        ("We can't rely on newspapers.", "newspaper", ""),
        ("We can't rely on newspapers.", "rely", "n't"),
        ("They are not eligible for any of the grants.", "grant", "not"),
        ("You may or may not know the college.", "know", ""),
        ("We asked whether it was useful or not useful.", "useful", ""),
        ("It isn't easy to combine the two roles.", "combine", ""),
        ("We weren't able to combine the two roles.", "combine", "n't"),
        ("He met a trainee he hadn't expected, who didn't speak.", "speak", "n't"),
        ("We didn't use the handbook.", "handbook", "n't"),
        ("There is no evidence that the plan works.", "work", ""),
        ("She didn't say that it was useful.", "useful", ""),
        ("I wouldn't say that it was useful.", "useful", "n't"),
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


def around(text, start, end, bound):
    """The words around a word of a transcript, white space as one blank, and where it begins in them."""
    left = max([0, *(match.end() for match in re.finditer(bound, text[:start]))])
    right = re.compile(bound).search(text, end)
    before = text[left:start]
    if match := LABEL.match(before):
        before = before[match.end() :]
    words = " ".join(before.split()) + (" " if before[-1:].isspace() and before.strip() else "")
    return words + " ".join(text[start : right.start() if right else None].split()), len(words)


def real_decisions(rows, folder, decide=negation):
    """As `decisions`, for words in real transcripts; a few are not met, because their lemma in the parse is another."""
    texts, passages = {}, []
    for row in rows:
        path = folder / row["dataset"] / row["file"]
        text = texts.setdefault(path, path.read_bytes().decode("utf-8"))
        passages.append(around(text, int(row["start"]), int(row["end"]), BOUNDS[row["dataset"]]))
    tokens = parsed([words for words, _ in passages])
    cues = decide(tokens).tolist()
    decided, met = [], 0
    for number, (row, (_, at)) in enumerate(zip(rows, passages, strict=True)):
        found = [
            hit for hit in hits(tokens, row["word"], number) if tokens.start[hit.start] <= at < tokens.end[hit.end - 1]
        ]
        met += bool(found)
        decided.append(negated_by(found[0], tokens, cues) if found else "")
    assert met >= 0.95 * len(rows)
    return decided


# Below what was measured once, when the work was done: precision, recall, and F1 of the words after a cue. The rules were
# made with the sets "development"; the others were not looked at. Of words drawn at random only 32 are negated: there
# the words after a cue do as well (F1 0.82) as the parse (0.81).
INVENTED = {"negation_development": (0.98, 0.98, 0.68), "negation": (0.9, 0.91, 0.8)}
REAL = {"development": (0.95, 0.97, 0.87), "test": (0.95, 0.91, 0.87), "random": (0.82, 0.77, 0.8)}


def check(rows, decided, by_window, floors):
    """By how much F1 is higher than that of the words after a cue."""
    precision, recall, harmonic = figures(rows, decided)
    baseline = figures(rows, by_window)[2]
    assert precision >= floors[0] and recall >= floors[1]
    assert baseline >= floors[2]
    return harmonic - baseline


@pytest.mark.parametrize("name", INVENTED)
def test_precision_and_recall_on_invented_sentences(name):
    rows = labelled(HERE / f"{name}.csv")
    assert len(rows) >= 150
    assert check(rows, decisions(rows), decisions(rows, decide=window), INVENTED[name]) > 0.1


@pytest.mark.parametrize("part", REAL)
def test_precision_and_recall_on_real_talk(real_data, part):
    rows = [row for row in labelled(ROOT / "benchmarks" / "negation_real.csv") if row["part"] == part]
    assert len(rows) >= 150
    gain = check(rows, real_decisions(rows, real_data), real_decisions(rows, real_data, window), REAL[part])
    assert gain > (-0.03 if part == "random" else 0.05)
