import numpy as np
import pandas as pd
import pytest

from qualcode import theme_codes
from qualcode.codebook import load_codebook
from qualcode.language import MiniLM
from qualcode.tables import frame, write

QUICK = "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n"
BOOK = """codebook: B
codes:
  - {code: help, name: Help, definition: What helps., codes: [{code: support, name: Support}]}
  - {code: clarity, name: Clarity}
"""
# Theme 1 lies along the first axis, theme 2 between the axes.
MEMBERS = frame(
    "theme_members",
    [
        {"utterance": key, "theme": theme, "similarity": 1}
        for key, theme in (("a:1", 1), ("a:2", 2), ("a:3", 1), ("a:4", 1), ("a:5", 2), ("a:6", 1))
    ],
)
VECTORS = np.array([[1, 0], [1, 0], [1, 0], [1, 0], [0, 1], [1, 0]], dtype=np.float32)
MEANINGS = np.array([[1, 0], [0, 1], [0.6, 0.8]])
# Support on three of theme 1's four utterances (twice on one), clarity on one of theme 2's two and on no member.
CODED = pd.DataFrame(
    [(code, key) for key in ("a:1", "a:3", "a:3", "a:6") for code in ("help", "support")]
    + [("help", "a:4"), ("clarity", "a:5"), ("clarity", "a:99")],
    columns=["code", "utterance"],
)


@pytest.fixture
def book(study):
    return load_codebook(study.write("codebook.yaml", BOOK))


def test_overlap_similarity_and_novelty_by_hand(book):
    half = 0.5**0.5
    found = theme_codes.compare(MEMBERS, VECTORS, CODED, book, MEANINGS).itertuples(index=False, name=None)
    expected = [
        (1, "help", 1.0, 1.0, 0.0),
        (1, "support", 0.75, 0.0, 0.0),
        (1, "clarity", 0.0, 0.6, 0.0),
        (2, "help", 0.0, half, 0.5),
        (2, "support", 0.0, half, 0.5),
        (2, "clarity", 0.5, half * 1.4, 0.5),
    ]
    for row, wanted in zip(found, expected, strict=True):
        assert row == (*wanted[:2], *(pytest.approx(value) for value in wanted[2:]))


def test_novelty_is_measured_by_the_first_level_only(book):
    deeper = CODED[CODED["code"] == "support"]
    found = theme_codes.compare(MEMBERS, VECTORS, deeper, book, MEANINGS)
    assert set(found["novelty"]) == {1.0}


def test_where_nothing_is_coded_every_theme_is_new(book):
    found = theme_codes.compare(MEMBERS, VECTORS, CODED.iloc[:0], book, MEANINGS)
    assert set(found["overlap"]) == {0.0}
    assert set(found["novelty"]) == {1.0}


def test_the_order_of_the_members_does_not_matter(book):
    order = [3, 5, 0, 2, 4, 1]
    mixed = theme_codes.compare(MEMBERS.iloc[order].reset_index(drop=True), VECTORS[order], CODED, book, MEANINGS)
    pd.testing.assert_frame_equal(mixed, theme_codes.compare(MEMBERS, VECTORS, CODED, book, MEANINGS))


def themes(study, *members: tuple[str, int]) -> None:
    rows = [{"utterance": key, "theme": theme, "similarity": 1} for key, theme in members]
    write(study.results, "theme_members", frame("theme_members", rows))


def test_the_step_takes_each_utterances_own_vector_and_embeds_names_with_definitions(study, monkeypatch):
    study.write("study.yaml", QUICK)
    study.write("codebook.yaml", BOOK)
    assert study.run("utterances", "parses", "open_codes", "axial_codes") == 0
    themes(study, ("talk:4", 1), ("talk:2", 2))
    keys = [row["utterance"] for row in study.rows("utterances")]
    axes = np.eye(384, dtype=np.float32)
    np.savez(study.results / "embeddings.npz", utterances=np.array(keys), vectors=axes[: len(keys)])
    asked = []

    def encode(self, texts):
        asked.extend(texts)
        return axes[[1, 3, 4]]

    monkeypatch.setattr(MiniLM, "encode", encode)
    assert study.run("theme_codes") == 0
    assert asked == ["Help. What helps.", "Support.", "Clarity."]
    assert [(row["theme"], row["code"], row["overlap"], row["similarity"]) for row in study.rows("theme_codes")] == [
        ("1", "help", "0.0000", "0.0000"),
        ("1", "support", "0.0000", "1.0000"),
        ("1", "clarity", "1.0000", "0.0000"),
        ("2", "help", "1.0000", "1.0000"),
        ("2", "support", "1.0000", "0.0000"),
        ("2", "clarity", "0.0000", "0.0000"),
    ]


def test_without_themes_the_table_is_empty(study):
    study.write("study.yaml", QUICK)
    study.run("utterances", "parses", "open_codes", "axial_codes")
    themes(study)
    assert study.run("theme_codes") == 0
    assert study.rows("theme_codes") == []
