"""Which sentences are suggested for which codes, by what was learned."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from test_suggestions_nearest import gathered_of, known_of

from qualcode.suggestions.learning import Learned
from qualcode.suggestions.offering import suggestion_rows

NAMES = ("help", "support", "clarity")
BOOK = SimpleNamespace(codes=NAMES, identities=lambda code: [code])


def offer(probability, threshold=(0.5, 0.5, 0.5), nearest=(), texts=None, **more):
    """(sentence, code, status) of what is offered; probabilities are rows of codes, of sentences nobody judged."""
    size = len(probability)
    nothing = np.zeros((size, 3), dtype=bool)
    gathered = gathered_of([[1.0, 0.0]] * size, texts)
    finished = more.pop("finished", np.zeros(size, dtype=bool))
    whole = {
        "codes": NAMES,
        "parents": [[], [0], []],
        "given": nothing,
        "known": nothing | finished[:, np.newaxis],
        "finished": finished,
        "turned_down": [[], [], []],
    } | more
    for name, value in whole.items():
        setattr(gathered, name, value)
    learned = [code for code in range(3) if code not in nearest]
    probability = np.array(probability, dtype=float)[:, learned]
    suggested = probability >= 0.5
    found = Learned(probability, probability, suggested, np.array(threshold, dtype=float)[learned])
    known = known_of(gathered, (0, "a", [1, 0], ()), (1, "b", [1, 0], ()), (2, "c", [1, 0], ()))
    return suggestion_rows(gathered, learned, found, known, list(nearest), BOOK)


def briefly(rows, status="proposed"):
    return [(row["utterance"], row["code"]) for row in rows if row["status"] == status]


def test_what_reaches_the_threshold_is_proposed():
    rows = offer([[0.1, 0.2, 0.5], [0.1, 0.2, 0.49]])
    assert briefly(rows) == [("talk:0", "clarity")] and ("talk:1", "clarity") in briefly(rows, "uncertain")


def test_who_abstains_only_asks():
    rows = offer([[0.1, 0.2, 0.9]], threshold=(0.5, 0.5, np.nan))
    assert not briefly(rows) and ("talk:0", "clarity") in briefly(rows, "uncertain")
    assert not offer([[0.1, 0.2, 0.9]], threshold=[np.nan] * 3, finished=np.ones(1, dtype=bool))


def test_ten_of_each_code_are_asked_about_the_most_probable():
    rows = offer([[0.0, 0.0, at / 100] for at in range(30)])
    asked = [row["utterance"] for row in rows if row["code"] == "clarity"]
    assert asked == [f"talk:{at}" for at in range(20, 30)]


def test_a_code_below_takes_the_place_of_one_above_where_it_is_proposed():
    assert briefly(offer([[0.9, 0.8, 0]])) == [("talk:0", "support")]
    rows = offer([[0.9, 0.3, 0]])
    assert briefly(rows) == [("talk:0", "help")]
    assert briefly(rows, "uncertain") == [("talk:0", "support"), ("talk:0", "clarity")]
    assert briefly(offer([[0.3, 0.9, 0]])) == [("talk:0", "support")]
    assert ("talk:0", "help") not in briefly(offer([[0.3, 0.2, 0]]), "uncertain")
    assert briefly(offer([[0.9, 0.0, 0.0]], nearest=[1])) == [("talk:0", "support")]


def test_what_is_judged_is_not_proposed():
    known = np.array([[False, True, False]])
    rows = offer([[0.9, 0.9, 0.9]], known=known, given=known)
    assert "support" not in {row["code"] for row in rows}
    rows = offer([[0.9, 0.9, 0.9]], codable=np.zeros(1, dtype=bool))
    assert rows == []


def test_a_second_look_is_of_what_is_finished_and_was_not_turned_down():
    given = np.array([[False, True, False]] * 2)
    rows = offer([[0.0, 0.9, 0.9]] * 2, finished=np.ones(2, dtype=bool), given=given, turned_down=[[], [], [1]])
    assert briefly(rows, "second look") == [("talk:0", "clarity")] and len(rows) == 1


def test_ids_are_of_words_and_code_and_do_not_depend_on_what_else_is_suggested():
    texts = ["We said so.", "We said so!", "Something else was said."]
    first, second, third = (row["coding"] for row in offer([[0, 0, 0.9]] * 3, texts=texts) if row["code"] == "clarity")
    assert len({first, second, third}) == 3
    judged = np.array([[True] * 3, [False] * 3, [False] * 3])
    rest = offer([[0, 0, 0.9]] * 3, texts=texts, known=judged)
    assert [row["coding"] for row in rest if row["code"] == "clarity"] == [second, third]
    moved = offer([[0, 0, 0.9]] * 3, texts=[texts[2], *texts[:2]])
    assert [row["coding"] for row in moved if row["code"] == "clarity"] == [third, first, second]
