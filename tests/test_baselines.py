"""The benchmark of suggestions: what it reads and holds out, and the methods that it measures beside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from qualcode.codebook import Code, Codebook, load_codebook

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import baselines  # noqa: E402
import coded  # noqa: E402
import figures  # noqa: E402
import talks  # noqa: E402
import units  # noqa: E402

real = pytest.mark.skipif("QUALCODE_DATA" not in os.environ, reason="needs the real data of QUALCODE_DATA")


@pytest.fixture
def talk():
    """Twelve transcripts of ten sentences. The first code is told by a word, the second by a number of the vector."""
    import numpy as np

    draw = np.random.default_rng(3)
    given = draw.random((120, 2)) < 0.4
    vectors = draw.normal(scale=0.3, size=(120, 6))
    vectors[:, 0] += np.where(given[:, 1], 1.5, -1.5)
    codes = [Code(name, name, "", 1, (name,), 0, True) for name in ("word", "vector")]
    fillers = [f"filler{number}" for number in draw.integers(5, size=120)]
    return talks.Talk(
        "made",
        "Made (`nowhere/`)",
        "a sentence",
        Codebook(Path("made"), "Made", "", tuple(codes)),
        codes,
        [f"we met {'mentor' if has else 'nobody'} {filler}" for has, filler in zip(given[:, 0], fillers, strict=True)],
        ["participant"] * 120,
        np.arange(120) // 10,
        np.arange(120) // 10,
        np.arange(120) // 2,
        given,
        np.ones((120, 2), dtype=bool),
        None,
        vectors.astype(np.float32),
    )


def _kappa(talk, part, suggested):
    cells = figures.counts(suggested, talk.given, part.ask)
    return figures.figures(cells).kappa[:2]


def test_every_reported_transcript_is_held_out_once_and_never_learned_from(talk):
    import numpy as np

    parts = talks.rounds(talk)
    asked = sum(part.ask.astype(int) for part in parts)
    assert (asked[np.isin(talk.transcript, [1, 3, 5, 7, 9, 11])] == 1).all() and asked.sum() == 120
    for part in parts:
        learned, held = set(talk.transcript[part.learn[:, 0]]), set(talk.transcript[part.ask[:, 0]])
        assert not learned & held and learned | held == set(range(12))


def test_a_smaller_share_is_part_of_a_larger_one(talk):
    for few, some, many, every in zip(*(talks.rounds(talk, step) for step in (8, 4, 2, 1)), strict=True):
        assert few.learn.any()
        assert (
            (few.learn <= some.learn).all() and (some.learn <= many.learn).all() and (many.learn <= every.learn).all()
        )
        assert few.learn.sum() < some.learn.sum() < many.learn.sum() < every.learn.sum()


def test_one_transcript_is_held_out_in_parts_that_cut_no_utterance(talk):
    import numpy as np

    alone = talk.of([4])
    made = talks.groups(talk, alone)
    rows = np.flatnonzero(alone.any(axis=1))
    assert len(set(made[rows])) == talks.PARTS
    assert all(len(set(made[talk.utterance == number])) == 1 for number in set(talk.utterance[rows]))
    assert (talks.groups(talk, talk.of([4, 5])) == talk.transcript).all()


def test_regressions_find_what_their_features_tell(talk):
    part = talks.rounds(talk)[0]
    words, _ = baselines.by_words(talk, part)
    vectors, _ = baselines.by_vectors(talk, part)
    assert not (words & ~part.ask).any() and not (vectors & ~part.ask).any()
    assert _kappa(talk, part, words)[0] == 1
    assert _kappa(talk, part, vectors)[1] > 0.9
    # The vectors do not tell the word, nor words the vectors.
    assert abs(_kappa(talk, part, vectors)[0]) < 0.5 and abs(_kappa(talk, part, words)[1]) < 0.5


def test_regressions_do_not_look_at_what_is_held_out(talk):
    from dataclasses import replace

    part = talks.rounds(talk)[0]
    other = replace(talk, given=talk.given ^ part.ask)
    for method in (baselines.by_words, baselines.by_vectors, baselines.by_majority):
        assert (method(talk, part)[0] == method(other, part)[0]).all()


def test_a_code_that_is_everywhere_or_nowhere_needs_no_regression(talk):
    from dataclasses import replace

    given = talk.given.copy()
    given[:, 0], given[:, 1] = True, False
    part = talks.rounds(talk)[0]
    for method in (baselines.by_vectors, baselines.by_majority):
        suggested = method(replace(talk, given=given), part)[0]
        assert (suggested[:, 0] == part.ask[:, 0]).all() and not suggested[:, 1].any()


def test_the_threshold_gives_the_highest_kappa_that_there_is():
    import numpy as np
    from sklearn.metrics import cohen_kappa_score

    draw = np.random.default_rng(5)
    for _ in range(20):
        given = draw.random(40) < 0.3
        # Few values, so that many are tied.
        scores = np.round(given + draw.normal(size=40), 1)
        threshold, kappa = baselines.threshold_for_kappa(scores, given)
        tried = [cohen_kappa_score(given, scores >= value) for value in scores]
        assert kappa == pytest.approx(max(tried))
        assert cohen_kappa_score(given, scores >= threshold) == pytest.approx(kappa)


def test_what_is_not_judged_is_not_counted():
    import numpy as np

    proposed, people = np.array([[True], [True], [False], [False]]), np.array([[True], [False], [True], [False]])
    judged = np.array([[True], [True], [False], [True]])
    assert figures.counts(proposed, people, judged).tolist() == [[1, 1, 0, 1]] * 2


def test_calibration_error_is_the_distance_of_probability_and_share():
    import numpy as np

    probability = np.array([0.25] * 4 + [0.95] * 4)
    assert figures.calibration_error(probability, np.array([1, 0, 0, 0, 1, 1, 1, 1])) == pytest.approx(0.025)
    assert figures.calibration_error(np.array([1.0]), np.array([True])) == 0


def test_what_nobody_judged_is_left_out_with_its_place():
    said = coded.Transcript(
        "t",
        ["asked", "answered", "thanked"],
        [coded.Coded(1, 0, 8, "a"), coded.Coded(2, 0, 7, "b")],
        ["moderator", "participant", "participant"],
        {0: frozenset(), 2: frozenset({"b"})},
    )
    judged = said.judged()
    assert judged.utterances == ["answered", "thanked"] and judged.roles == ["participant"] * 2
    assert judged.coded == [coded.Coded(0, 0, 8, "a"), coded.Coded(1, 0, 7, "b")]
    assert judged.only == {1: frozenset({"b"})}


def test_marks_in_answers_are_read_as_codings(tmp_path):
    folder = tmp_path / coded.BOPP
    folder.mkdir(parents=True)
    (folder / "bopp_test_coded_texts.csv").write_text(
        'text,coded_text\nx,"It **moves me**<sup>feeling; art</sup> and **looks good**<sup>art</sup>."\n',
        encoding="utf-8",
    )
    (folder / "bopp_test_code_descriptions.csv").write_text(
        "code,description\nart,What is art\nunused,Nothing\n", encoding="utf-8"
    )
    (answer,) = coded.read_bopp(tmp_path)
    assert answer.utterances == ["It moves me and looks good."]
    assert answer.coded == [
        coded.Coded(0, 3, 11, "feeling", 0),
        coded.Coded(0, 3, 11, "art", 0),
        coded.Coded(0, 16, 26, "art", 1),
    ]
    codes = coded.codes_of_bopp(tmp_path).codes
    assert [(code.code, code.definition) for code in codes] == [
        ("art", "What is art"),
        ("feeling", ""),
        ("unused", "Nothing"),
    ]


def test_the_codebook_of_exchanges_has_no_problems():
    assert [code.name for code in load_codebook(coded.UPTAKE.codebook).codes] == [
        "High uptake",
        "Low uptake",
        "Student off task",
        "Teacher off task",
    ]


@real
@pytest.mark.parametrize(
    ("data", "transcripts", "utterances"),
    [(coded.UPTAKE, 774, 2 * 2246), (coded.ANSWERS, 90, 90)],
    ids=["uptake", "bopp"],
)
def test_what_people_coded_is_read(data, transcripts, utterances):
    folder = Path(os.environ["QUALCODE_DATA"]) / data.folder
    read = data.read(folder)
    assert (len(read), sum(len(item.utterances) for item in read)) == (transcripts, utterances)
    for item in read:
        assert all(0 <= part.start < part.end <= len(item.utterances[part.utterance]) for part in item.coded)
        assert all(part.code in item.only.get(part.utterance, {part.code}) for part in item.coded)
    assert units.scored(data.codes(folder), read, data.sources)


@real
@pytest.mark.parametrize("data", coded.DATA[1:], ids=lambda data: data.name)
def test_what_is_not_judged_is_still_read(data):
    for item in data.read(Path(os.environ["QUALCODE_DATA"]) / data.folder):
        judged = item.judged()
        assert len(item.roles) == len(item.utterances) and len(judged.coded) == len(item.coded)
        assert len(judged.utterances) == len(item.utterances) - len(item.only)
        assert len(set(judged.roles)) <= len(set(item.roles))
