from pathlib import Path

import pytest

from qualcode.errors import QualcodeError
from qualcode.language import docbin, load_pipeline
from qualcode.open_codes import patterns
from qualcode.open_codes.patterns import Pattern, Patterns
from qualcode.tokens import read_tokens

ENDLESS = [{"TEXT": {"REGEX": r"(a|a)*(a|a)*(a|a)*b$"}}]
WILD = [{"OP": "*"}, {"OP": "*"}, {"OP": "*"}, {"OP": "*"}, {"OP": "*"}, {"TEXT": "z"}]
OBJECT = [
    {"RIGHT_ID": "verb", "RIGHT_ATTRS": {"LEMMA": "get"}},
    {"LEFT_ID": "verb", "REL_OP": ">", "RIGHT_ID": "object", "RIGHT_ATTRS": {"DEP": "dobj"}},
]


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline("en_core_web_sm")


@pytest.fixture
def find(pipeline, tmp_path):
    """What patterns meet in what is said: code and words."""

    def found(said, *given):
        docs = list(pipeline.pipe(said))
        path = tmp_path / "talk.spacy"
        docbin(docs).to_disk(path)
        tokens = read_tokens(path)
        every = [Pattern("c", number, item, Path("book.yaml"), 10 + number) for number, item in enumerate(given, 1)]
        words = []
        for hit in Patterns(every, pipeline).find(tokens, path):
            utterance = int(tokens.utterance[hit.start])
            first = int(tokens.first[utterance])
            words.append((hit.indicator.typed, docs[utterance][hit.start - first : hit.end - first].text))
        return words

    return found


def test_token_and_dependency_patterns(find):
    said = ["", "My mentor was always there.", "She got some help in the end. I get it."]
    assert find(said, [{"LEMMA": "always"}, {"POS": "ADV"}], OBJECT) == [
        ("pattern 1", "always there"),
        ("pattern 2", "got some help"),
        ("pattern 2", "get it"),
    ]


def test_every_pattern_that_is_not_valid_is_told(pipeline):
    given = [
        Pattern("a", 1, [{"LEMA": "x"}], Path("book.yaml"), 4),
        Pattern("b", 2, [{"LEMMA": "x"}], Path("book.yaml"), 5),
        Pattern("b", 3, [{"TEXT": {"REGEX": "("}}], Path("book.yaml"), 6),
        Pattern("b", 4, [{"RIGHT_ID": "verb"}], Path("book.yaml"), 7),
        Pattern("b", 5, [{"LOWER": "a", "OP": "{3000000}"}], Path("book.yaml"), 8),
        Pattern("b", 6, [{"LOWER": "a", "OP": "{2,3000000}"}], Path("book.yaml"), 9),
        Pattern("b", 7, [{"LOWER": "a", "OP": "{1,3}"}], Path("book.yaml"), 10),
    ]
    with pytest.raises(QualcodeError) as raised:
        Patterns(given, pipeline)
    assert [problem.place for problem in raised.value.problems] == ["line 4", "line 6", "line 7", "line 8", "line 9"]
    assert raised.value.problems[0].wrong.startswith("pattern 1 of 'a' is not a spaCy pattern")
    assert raised.value.problems[3].wrong == "pattern 5 of 'b' repeats a token more than 100 times"


def test_a_pattern_that_asks_for_what_is_not_there_is_told_as_that(find):
    with pytest.raises(QualcodeError, match=r"line 11: pattern 1 of 'c' cannot be matched .*foo"):
        find(["I got support."], [{"_": {"foo": "a"}}], [{"LOWER": "support"}])


def test_no_pattern_can_hang_the_run_and_the_others_are_tried_all_the_same(find, monkeypatch):
    monkeypatch.setattr(patterns, "BUDGET", 2.0)
    monkeypatch.setattr(patterns, "MEMORY", 1 << 28)
    with pytest.raises(QualcodeError) as raised:
        find(["a" * 60 + " was here", "so " * 400], ENDLESS, [{"LEMMA": "be"}], WILD)
    told = [str(problem) for problem in raised.value.problems]
    assert [line.split(" takes")[0] for line in told] == [
        "book.yaml: line 11: pattern 1 of 'c'",
        "book.yaml: line 13: pattern 3 of 'c'",
    ]
    assert "takes too long" in told[0] and "Make it simpler" in told[0]


def test_a_slow_machine_spoils_no_pattern(find):
    assert find(["I was there."] * 2000, [{"LEMMA": "be"}]) == [("pattern 1", "was")] * 2000
