import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.tables import frame
from qualcode.text import count_words, is_backchannel
from qualcode.themes.material import PRECISE, gather, wording

PEOPLE = frame(
    "participants",
    [
        {"participant": key, "role": "participant", "pseudonym": name, "quote_consent": "yes", "kind": "interview"}
        | {"utterances": 1, "words": 1}
        for key, name in (("p1", "Rosa Diaz"), ("p2", "Mentor 2"))
    ],
)


def talk(*texts: str, source: str = "talk", roles: str = "") -> pd.DataFrame:
    """Utterances of a source; `roles` has a letter for each, m for a moderator."""
    rows = [
        {"utterance": f"{source}:{n}", "source": source, "participant": "p1", "question": "", "start": n, "end": n + 1}
        | {"role": "moderator" if roles[n - 1 : n] == "m" else "participant", "backchannel": is_backchannel(text)}
        | {"time_start": "", "time_end": "", "text": text}
        for n, text in enumerate(texts, 1)
    ]
    return frame("utterances", rows)


def axes(rows: int, size: int = 0) -> np.ndarray:
    return np.eye(rows, size or rows, dtype=np.float32)


def made(said, vectors=None, kinds=None, context=True):
    kinds = kinds or dict.fromkeys(said["source"], "interview")
    return gather(said, PEOPLE, kinds, axes(len(said)) if vectors is None else vectors, context)


def same(one, other) -> None:
    pd.testing.assert_frame_equal(one.utterances, other.utterances)
    pd.testing.assert_frame_equal(one.repeats, other.repeats)
    assert one.vectors.tobytes() == other.vectors.tobytes()
    assert one.heard.tobytes() == other.heard.tobytes()
    assert one.left_out == other.left_out and list(one.left_out) == list(other.left_out)


def test_what_tells_nothing_is_left_out_and_counted_once():
    texts = [
        "We met.",
        "Mm-hm.",
        "What about you?",
        "…",
        "12",
        "[long pause]",
        "Rosa’s?",
        "Mentor 2?",
        "We left.",
        "Bus.",
    ]
    vectors = axes(10)
    vectors[[3, 9]] = 0
    found = made(talk(*texts, roles="ppm"), vectors)
    assert list(found.utterances["text"]) == ["We met.", "We left."]
    assert list(found.utterances.index) == [0, 1]
    assert found.left_out == {
        "only signal listening": 1,
        "hold no words": 2,
        "hold only remarks in square brackets": 1,
        "hold only names": 2,
        "have no meaning that the model knows": 1,
    }


def test_words_beside_remarks_and_names_are_material():
    texts = ["[laughs] The bus.", "Rosa drove.", "the rosa bush", "It was [", "мост", "橋"]
    assert len(made(talk(*texts)).utterances) == len(texts)


def test_each_wording_counts_once_and_the_others_are_named():
    found = made(talk("I don't know", "The bus.", "I  DON’T know…", "the bus", "The bus late.", "The bus?"))
    assert list(found.utterances["utterance"]) == ["talk:1", "talk:2", "talk:5"]
    assert found.repeats.to_dict("list") == {
        "utterance": ["talk:3", "talk:4", "talk:6"],
        "repeats": ["talk:1", "talk:2", "talk:2"],
    }
    assert found.left_out == {}


def test_marks_on_letters_are_no_punctuation():
    assert wording("कि") != wording("का")
    assert wording("Straße!") == wording("STRASSE")


def test_vectors_have_unit_length_and_are_precise_where_they_are_few():
    found = made(talk("One bus.", "Two buses."), np.array([[3, 4], [0, 2]], dtype=np.float32), context=False)
    assert found.vectors.dtype == np.float64
    np.testing.assert_allclose(found.vectors, [[0.6, 0.8], [0, 1]], atol=1e-7)
    assert found.heard is found.vectors


def test_a_turn_is_heard_with_the_usable_turns_around_it():
    said = talk(
        "The bus is late.", "Mm-hm.", "And then?", "It never came.", "THE BUS IS LATE", "We walked.", roles="ppm"
    )
    vectors = axes(6).astype(np.float64)
    found = made(said, vectors)
    own = [0, 3, 5]
    weights = [15 / (15 + count_words(said["text"][row])) for row in own]
    # A repeat is a neighbour too: "THE BUS IS LATE" stands between the last two.
    expected = np.array(
        [
            vectors[0] + weights[0] * vectors[3],
            vectors[3] + weights[1] * (vectors[0] + vectors[4]),
            vectors[5] + weights[2] * vectors[4],
        ]
    )
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found.heard, expected, atol=1e-12)
    np.testing.assert_allclose(found.vectors, vectors[own])


def test_a_short_turn_takes_more_from_around_it():
    words = " ".join(f"word{chr(97 + n)}" for n in range(20))
    found = made(talk("Before it.", "Short.", "After it.", words, "The end."))
    assert found.heard[1] @ found.vectors[1] < found.heard[3] @ found.vectors[3] < 1


@pytest.mark.parametrize(("kind", "heard"), [("focus_group", 1), ("interview", 1), ("survey", 0), ("document", 0)])
def test_only_talk_is_heard_with_what_is_around_and_only_within_a_source(kind, heard):
    said = pd.concat([talk("The bus.", "We walked."), talk("A desk.", source="other")], ignore_index=True)
    found = made(said, kinds={"talk": kind, "other": kind})
    assert list(found.utterances["utterance"]) == ["other:1", "talk:1", "talk:2"]
    assert (found.heard is found.vectors) == (not heard)
    np.testing.assert_allclose(found.heard[0], found.vectors[0])
    assert bool(np.abs(found.heard - found.vectors).max() > 0.1) == bool(heard)


def test_surveys_beside_talk_stay_as_they_are():
    said = pd.concat([talk("The bus.", "We walked."), talk("A desk.", "A chair.", source="form")], ignore_index=True)
    found = made(said, kinds={"talk": "interview", "form": "survey"})
    assert found.heard[:2].tobytes() == found.vectors[:2].tobytes()
    assert (found.heard[2:] != found.vectors[2:]).any(axis=1).all()


def test_neighbours_that_leave_nothing_leave_the_turn_itself():
    words = "bus " * 15
    found = made(talk("Not late.", words, "Never so."), np.array([[-1.0, 0], [1, 0], [-1, 0]]))
    np.testing.assert_allclose(found.heard[1], [1, 0])


def test_nothing_said():
    found = made(talk(), np.zeros((0, 4), dtype=np.float32))
    assert len(found.utterances) == len(found.repeats) == 0
    assert found.vectors.shape == found.heard.shape == (0, 4)
    assert made(talk("Mm-hm.", "Yeah.")).left_out == {"only signal listening": 2}


TEXTS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c:d"]),
        st.sampled_from(
            ["The bus", "the bus!", "Mm-hm.", "[laughs]", "We walked home.", "Rosa", "…", "It rained again"]
        ),
        st.sampled_from(["participant", "moderator", ""]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_table_does_not_matter(cells, chance):
    numbers: dict[str, int] = {}
    rows = []
    for source, text, role in cells:
        n = numbers[source] = numbers.get(source, 0) + 1
        row = talk(text, source=source).iloc[0].to_dict()
        rows.append(row | {"utterance": f"{source}:{n}", "role": role, "start": n})
    said = frame("utterances", rows)
    vectors = np.random.default_rng(1).standard_normal((len(said), 7)).astype(np.float32)
    vectors[: len(said) // 5] = 0
    kinds = {"a": "focus_group", "b": "survey", "c:d": "interview"}
    one = made(said, vectors, kinds)
    order = list(range(len(said)))
    chance.shuffle(order)
    same(one, made(said.iloc[order].reset_index(drop=True), vectors[order], kinds))
    # Labels of rows may be anything.
    same(one, made(said.iloc[order].set_axis([0] * len(said), axis=0), vectors[order], kinds))
    told = said["role"].isin(["participant", ""]).sum()
    assert len(one.utterances) + len(one.repeats) + sum(one.left_out.values()) == told


def test_hundreds_of_thousands_take_seconds():
    n = 200_000
    texts = [f"answer about number {k} and buses" for k in range(n)]
    said = pd.DataFrame(
        {"utterance": [f"s:{k + 1}" for k in range(n)], "source": "s", "role": "participant", "backchannel": False}
        | {"text": texts}
    )
    vectors = np.random.default_rng(0).standard_normal((n, 16)).astype(np.float32)
    begun = time.process_time()
    found = gather(said, PEOPLE, {"s": "interview"}, vectors, context=True)
    assert time.process_time() - begun < 15
    assert len(found.utterances) == n > PRECISE
    assert found.vectors.dtype == found.heard.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.heard, axis=1), 1, atol=1e-5)
