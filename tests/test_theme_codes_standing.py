import pandas as pd
import pytest

from qualcode.codebook import load_codebook
from qualcode.tables import frame
from qualcode.theme_codes.standing import shared, standing, untouched

BOOK = """codebook: B
codes:
  - {code: help, name: Help, codes: [{code: support, name: Support}, {code: advice, name: Advice}]}
  - {code: clarity, name: Clarity}
"""
ABOVE = {"support": ["help"], "advice": ["help"]}


@pytest.fixture
def book(study):
    return load_codebook(study.write("codebook.yaml", BOOK))


def members(**themes: int) -> pd.DataFrame:
    """`t1=3`: theme 1 has the utterances t1:1 to t1:3."""
    rows = [
        {"utterance": f"{theme}:{n}", "theme": int(theme[1:]), "fitted": 1, "similarity": 1, "repeats": "", "note": ""}
        for theme, number in themes.items()
        for n in range(1, number + 1)
    ]
    return frame("theme_members", rows)


def coded(**codes: list[str]) -> pd.DataFrame:
    """Rows as `counting.counted` has them: each coding also on the codes above."""
    rows = [
        (above, key, "moderator" if key.startswith("m:") else "participant")
        for code, keys in codes.items()
        for key in keys
        for above in [*ABOVE.get(code, []), code]
    ]
    return pd.DataFrame(rows, columns=["code", "utterance", "role"])


def keys(theme: str, first: int, last: int) -> list[str]:
    return [f"{theme}:{n}" for n in range(first, last + 1)]


def stand(book, inside, rows, similarity=0.0, made_of=()):
    both, sizes = shared(inside, rows), inside["theme"].value_counts()
    compared = [
        {"theme": theme, "code": code.code, "overlap": both.get((theme, code.code), 0) / sizes[theme]}
        | {"similarity": similarity + 0.1 * (code.code == "advice"), "novelty": 0}
        for theme in sorted(sizes.index)
        for code in book.codes
    ]
    table = standing(inside, rows, frame("theme_codes", compared), book, dict(made_of))
    return [tuple(row) for row in table.itertuples(index=False)]


def test_a_theme_is_covered_by_the_deepest_code_on_half_of_it(book):
    rows = coded(support=keys("t1", 1, 5), advice=keys("t1", 6, 9))
    assert stand(book, members(t1=10), rows) == [(1, "covered", "support", 0.5, "advice", 0.1, pytest.approx(0.1))]


def test_codes_below_one_cover_together_what_none_covers_alone(book):
    rows = coded(support=keys("t1", 1, 4), advice=keys("t1", 5, 8))
    (row,) = stand(book, members(t1=10), rows)
    assert row[1:4] == ("covered", "help", 0.8)


def test_less_than_half_is_new_and_its_novelty_counts_what_carries_no_code(book):
    rows = coded(support=keys("t1", 1, 2), clarity=keys("t1", 2, 4))
    (row,) = stand(book, members(t1=10), rows)
    assert row == (1, "new", "clarity", 0.3, "advice", 0.1, pytest.approx(0.6)), "with the code that most of it carries"


def test_half_of_it_coded_by_no_single_code_is_spread(book):
    rows = coded(support=keys("t1", 1, 4), clarity=keys("t1", 5, 7))
    (row,) = stand(book, members(t1=10), rows)
    assert row[1:3] == ("spread", "support") and row[6] == pytest.approx(0.3)


def test_an_adopted_theme_names_its_code_whatever_covers_it(book):
    rows = coded(support=keys("t1", 1, 9), clarity=keys("t1", 1, 2))
    (row,) = stand(book, members(t1=10), rows, made_of={1: "clarity"})
    assert row[1:4] == ("adopted", "clarity", 0.2)


def test_without_codes_or_codings_every_theme_is_new(book, study):
    assert [row[1:4] for row in stand(book, members(t1=3, t2=2), coded())] == [("new", "", 0.0)] * 2
    empty = load_codebook(study.write("empty.yaml", "codebook: B\ncodes: []\n"))
    assert stand(empty, members(t1=3), coded()) == [(1, "new", "", 0.0, "", 0.0, 1.0)]


def test_a_code_on_too_little_of_every_theme_and_held_by_none_is_without_themes(book):
    rows = coded(support=[*keys("t1", 1, 2), *keys("t2", 1, 1), *keys("x", 1, 6), "m:1"], clarity=["m:2"])
    (row,) = untouched(members(t1=30, t2=30), rows, book).iloc[1:].itertuples(index=False)
    assert tuple(row) == ("support", "Support", 9, 3, 1, pytest.approx(2 / 9))


@pytest.mark.parametrize(
    ("support", "without"),
    [
        ([*keys("t1", 1, 3), *keys("x", 1, 30)], []),  # a tenth of the theme
        ([*keys("t1", 1, 2), *keys("x", 1, 4)], []),  # a third of the code
        ([*keys("t1", 1, 2), *keys("x", 1, 5)], ["help", "support"]),
        (["m:1"], []),  # nothing of participants
        (keys("x", 1, 5), ["help", "support"]),
    ],
)
def test_what_touches_a_code(book, support, without):
    assert list(untouched(members(t1=30), coded(support=support), book)["code"]) == without


def test_a_code_is_touched_where_one_below_it_is(book):
    # Support is held by theme 1 to a third; help, with all of advice, is not.
    rows = coded(support=["t1:1", *keys("x", 1, 2)], advice=keys("y", 1, 9))
    assert list(untouched(members(t1=30), rows, book)["code"]) == ["advice"]


def test_without_themes_nothing_is_said_of_codes(book):
    assert untouched(members(), coded(support=["t1:1"]), book).empty
