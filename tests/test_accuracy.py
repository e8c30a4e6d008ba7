"""The accuracy benchmark: its units, figures and readers. What it measures is in benchmarks/README.md."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import accuracy  # noqa: E402
import coded  # noqa: E402
import figures  # noqa: E402
import units as coded_units  # noqa: E402

real = pytest.mark.skipif("QUALCODE_DATA" not in os.environ, reason="needs the real data of QUALCODE_DATA")


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """One utterance of three sentences, parsed without a model."""
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    transcript = coded.Transcript("t", ["She helped. We met every week in her room. Fine."], [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coded_units, "CACHE", tmp_path_factory.mktemp("cache"))
        return coded_units.Units(transcript, False, pipeline)


def test_a_span_codes_sentences_it_shares_half_with(units):
    text = units.transcript.utterances[0]
    assert units.texts == ["She helped.", "We met every week in her room.", "Fine."]
    # Half of the first sentence, and of the second but a word.
    assert units.at(0, 5, text.index("met")) == [0]
    # A few words within a long sentence are that sentence's.
    assert units.at(0, text.index("week"), text.index(" in")) == [1]
    assert units.at(0, 0, len(text)) == [0, 1, 2]


def test_a_coding_counts_for_the_ancestors_too(units):
    made = units.matrix([coded.Coded(0, 0, 11, "leaf")], {"leaf": [0, 2]}, 3)
    assert made.tolist() == [[True, False, True], [False] * 3, [False] * 3]


def test_figures_are_those_of_scikit_learn():
    import numpy as np
    from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

    draw = np.random.default_rng(1)
    proposed, people = draw.random((200, 4)) < 0.3, draw.random((200, 4)) < 0.2
    people[:, 3] = proposed[:, 3]
    found = figures.figures(figures.counts(proposed, people))
    precision, recall, f1, _ = precision_recall_fscore_support(people, proposed)
    np.testing.assert_allclose(found.precision[:4], precision)
    np.testing.assert_allclose(found.recall[:4], recall)
    np.testing.assert_allclose(found.f1[:4], f1)
    kappa = [cohen_kappa_score(people[:, code], proposed[:, code]) for code in range(4)]
    np.testing.assert_allclose(found.kappa, [*kappa, cohen_kappa_score(people.ravel(), proposed.ravel())])


def test_nothing_proposed_is_no_division_by_nothing():
    import numpy as np

    none = np.zeros((5, 1), dtype=bool)
    found = figures.figures(figures.counts(none, ~none))
    assert (found.precision[0], found.recall[0], found.f1[0]) == (0, 0, 0)


def test_intervals_are_of_transcripts_and_always_the_same():
    import numpy as np

    alike = np.array([[[8, 2, 2, 88]]] * 6)
    low, high = figures.interval(figures.resampled(alike).f1)
    assert low[0] == high[0] == pytest.approx(0.8)
    differing = np.array([[[9, 1, 1, 89]], [[1, 9, 9, 81]], [[5, 5, 5, 85]]])
    drawn = figures.resampled(differing).f1
    low, high = figures.interval(drawn)
    assert low[0] == pytest.approx(0.1) and high[0] == pytest.approx(0.9)
    assert (drawn == figures.resampled(differing).f1).all()


@pytest.mark.parametrize(
    ("typed", "text", "met"),
    [
        ("mentor*", "my mentors", True),
        ("mentor", "my mentors", False),
        ("do n't know", "i don't know", True),
        ("right ?", "is that right?", True),
        ("not ~3 clear", "not very clear", False),
        ("not ~3 clear", "not clear", True),
        ("art", "the start", False),
        ('"means"', "it means", True),
    ],
)
def test_keywords_are_met_as_they_are_written(typed, text, met):
    assert bool(re.search(accuracy._searched(typed), text)) is met


def test_each_part_of_the_rules_is_taken_away_by_itself(tmp_path):
    book = tmp_path / "book.yaml"
    book.write_text(
        "codebook: b\ncodes:\n- {code: a, words: [not ~3 clear, 'mentor*', 'right ?'], unless: [clear cut]}\n"
    )
    codebook = load_codebook(book)
    lacking = {name: changed.codes[0] for name, changed in accuracy.without(codebook).items()}
    assert lacking["rules without lemmas"].words == ('"not" ~3 "clear"', "mentor*", '"right" "?"')
    assert lacking["rules without gaps"].words == ("not clear", "mentor*", "right ?")
    assert lacking["rules without vetoes"].unless == ()
    assert lacking["rules without negation"].negation == "count"
    assert all(code.unless for name, code in lacking.items() if name != "rules without vetoes")


def test_rare_codes_are_left_out_and_unknown_ones_told(tmp_path):
    book = tmp_path / "book.yaml"
    book.write_text("codebook: b\ncodes:\n- code: a\n  codes: [{code: often}, {code: seldom}]\n- code: one-place\n")
    many = [coded.Coded(0, 0, 1, "Often", number) for number in range(7)]
    many += [coded.Coded(0, 0, 1, "One place", 100 + number) for number in range(30)]
    # Parts of one coding are one coding.
    many += [coded.Coded(number, 0, 1, "Seldom", 99) for number in range(30)]
    transcripts = [coded.Transcript("1", [], many), *(coded.Transcript(name, [], many[:7]) for name in "23")]
    codebook = load_codebook(book)
    assert coded_units.scored(codebook, transcripts) == ["a", "often"]
    with pytest.raises(ValueError, match="lacks codes that people used: Other"):
        coded_units.scored(codebook, [coded.Transcript("1", [], [coded.Coded(0, 0, 1, "Other")])])


@pytest.mark.parametrize("data", coded.DATA, ids=lambda data: data.name)
def test_codebooks_have_no_problems(data):
    codebook = load_codebook(data.codebook)
    assert any(code.words for code in codebook.codes)


@real
@pytest.mark.parametrize("data", coded.DATA, ids=lambda data: data.name)
def test_what_people_coded_is_read(data):
    transcripts = data.read(Path(os.environ["QUALCODE_DATA"]) / data.folder)
    published = {"serdif": (17, 1930), "pdpilot": (7, 262), "teachers": (64, None), "students": (64, None)}
    number, codings = published[data.name]
    assert len(transcripts) == number
    for transcript in transcripts:
        for item in transcript.coded:
            assert 0 <= item.start < item.end <= len(transcript.utterances[item.utterance])
    if codings:
        read = len({(transcript.name, item.coding) for transcript in transcripts for item in transcript.coded})
        # What is missing covers only printed tasks or the interviewer's words, is not in the transcripts, or lost an end
        # to a page that was printed twice: only a piece of it would be found.
        assert 0.97 * codings <= read <= codings
    assert coded_units.scored(load_codebook(data.codebook), transcripts)
