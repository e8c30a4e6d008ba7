"""What is nearest to a code in meaning, and the reasons that are told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from qualcode.suggestions.features import Talk
from qualcode.suggestions.gathering import Sentence
from qualcode.suggestions.nearest import LEAST_ALIKE, OFFERED, Anchor, Known, coded, defined, offered


def gathered_of(vectors: list[list[float]], texts: list[str] | None = None, **more):
    texts = texts or [f"These are the words of {at}." for at in range(len(vectors))]
    sentences = [Sentence(f"talk:{at}", 1, "talk", "p1", 10 * at, 10 * at + 9, text) for at, text in enumerate(texts)]
    zeros = np.zeros(len(vectors), dtype=int)
    talk = Talk(texts, np.array(vectors, dtype=np.float32), zeros, zeros, zeros, zeros)
    return SimpleNamespace(sentences=sentences, talk=talk, codable=np.ones(len(vectors), dtype=bool), **more)


def code(name: str, definition: str = "", examples: tuple[str, ...] = ()):
    return SimpleNamespace(name=name, definition=definition, examples=examples)


def encode(texts):
    return np.array([[len(text), 1.0] for text in texts])


def test_a_code_is_known_by_its_definition_or_its_name_and_by_its_examples():
    codes = [code("Support", "Someone is there."), code("Fear", examples=("I was afraid.", "x" * 200))]
    anchors, vectors = defined(codes, encode)
    assert [(anchor.code, anchor.coding) for anchor in anchors] == [(0, ""), (1, ""), (1, ""), (1, "")]
    assert [anchor.told for anchor in anchors][:3] == ["its definition", "its name", "its example “I was afraid.”"]
    assert len(anchors[3].told) < 120
    texts = ["Support: Someone is there.", "Fear", "I was afraid.", "x" * 200]
    assert vectors[:, 0].tolist() == [len(text) for text in texts]


def test_a_coded_passage_points_where_its_sentences_do_by_their_lengths():
    gathered = gathered_of([[1, 0], [0, 1]], ["Long words that go on and on.", "Short."])
    gathered.codings = [{"aaa": [0, 1], "bbb": []}, {"ccc": [1]}]
    anchors, vectors = coded(gathered, {"aaa": "anna", "ccc": "ben"}.get)
    assert [(anchor.code, anchor.coding, anchor.sentences) for anchor in anchors] == [
        (0, "aaa", (0, 1)),
        (1, "ccc", (1,)),
    ]
    assert anchors[0].told == "because anna coded “Long words that go on and on. Short.” (talk:0)"
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    assert vectors[0, 0] / vectors[0, 1] == pytest.approx(29 / 6)


def known_of(gathered, *anchors: tuple[int, str, list[float], tuple[int, ...]]) -> Known:
    made = [Anchor(at, coding, f"{coding or 'its definition'}", rows) for at, coding, _, rows in anchors]
    return Known(gathered, made, np.array([vector for *_, vector, _ in anchors], dtype=float).reshape(-1, 2))


def test_alike_is_the_cosine_of_the_most_alike():
    gathered = gathered_of([[1, 0], [0, 1], [0.6, 0.8]])
    known = known_of(gathered, (0, "", [1, 0], ()), (0, "a", [0, 1], ()), (2, "", [0, -1], ()))
    assert known.alike(0, [0, 1, 2]) == pytest.approx([1, 1, 0.8])
    assert known.alike(2, [1]) == pytest.approx([-1])
    assert known.alike(1, [0, 1]).tolist() == [0, 0], "nothing is known of it"


def test_reasons_name_the_two_most_alike_and_never_the_sentence_itself():
    gathered = gathered_of([[1, 0], [0.6, 0.8]])
    known = known_of(
        gathered, (0, "", [1, 0], ()), (0, "a", [1, 0], (0,)), (0, "b", [0, 1], (1,)), (0, "c", [0.8, 0.6], (1,)),
        (1, "d", [1, 0], ()),
    )  # fmt: skip
    likeness, because, told = known.reasons(0, 0, True)
    assert (likeness, because, told) == (pytest.approx(0.8), "c; b", "c; b")
    likeness, because, told = known.reasons(0, 0, False)
    assert (likeness, because, told) == (pytest.approx(1), "c", "like its definition; c")
    assert known.reasons(0, 1, True)[1] == "a"
    assert known.reasons(3, 0, False) == (0.0, "", "")


def test_what_is_offered_is_alike_and_long_enough_the_most_alike_first():
    angles = np.linspace(0, np.pi / 2, 12)
    gathered = gathered_of([[np.cos(angle), np.sin(angle)] for angle in angles])
    known = known_of(gathered, (0, "", [1, 0], ()))
    assert offered(known, gathered, 0, list(range(12))) == list(range(OFFERED))
    assert offered(known, gathered, 0, [11, 9, 3]) == [3], "no less alike than the least"
    assert np.cos(angles[9]) < LEAST_ALIKE < np.cos(angles[3])
    few = gathered_of([[1, 0], [1, 0]], ["Too few words.", "These are words enough."])
    assert offered(known_of(few, (0, "", [1, 0], ())), few, 0, [0, 1]) == [1]
    assert offered(known, gathered, 0, []) == [] and offered(known, gathered, 1, [0]) == []
