import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.theme_codes.marks import MARKS, adopted, mark_of, marks

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"]


def book(study, **codes: list[str]):
    lines = [f"- {{code: {code}, theme: {[mark_of(word) for word in words]}}}" for code, words in codes.items()]
    return load_codebook(study.write("codebook.yaml", "codebook: B\ncodes:\n" + "\n".join(lines) + "\n"))


def said_in(**themes: list[str]) -> pd.DataFrame:
    """Utterances by theme: `t1` is theme 1."""
    rows = [(int(theme[1:]), word) for theme, words in themes.items() for word in words]
    return pd.DataFrame(rows, columns=["theme", "text"])


def test_case_white_space_and_punctuation_make_no_other_mark():
    assert mark_of("My mentor — always there!") == mark_of("  my MENTOR\nalways, there ")
    assert mark_of("My mentor") != mark_of("My mentors")
    assert mark_of("…?! 👍") == ""
    assert mark_of("Straße 5") == mark_of("STRASSE 5")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_a_mark_is_eight_hexadecimal_digits_of_any_text(text):
    mark = mark_of(text)
    assert mark == "" or (len(mark) == 8 and set(mark) <= set("0123456789abcdef"))


def test_a_theme_is_marked_by_its_ten_most_central_wordings():
    voices = said_in(t1=["…", "Alpha", "alpha!", *WORDS], t2=["one"])
    found = marks(voices)
    assert found == {1: [mark_of(word) for word in WORDS[:MARKS]], 2: [mark_of("one")]}


@pytest.mark.parametrize(
    ("theme", "known"),
    [
        (WORDS[:10], True),
        (WORDS[:5], True),  # half of the marks
        (WORDS[:4], False),
        ([], False),
        (["ALPHA.", "Beta?", "gamma", "delta", " epsilon", "something", "else"], True),
    ],
)
def test_a_theme_with_half_of_a_codes_marks_is_adopted(study, theme, known):
    assert adopted(said_in(t1=["other"], t2=theme), book(study, mine=WORDS[:10])) == ({2: "mine"} if known else {})


@pytest.mark.parametrize(
    ("held", "of", "known"), [(1, 1, True), (1, 2, False), (2, 2, True), (1, 3, False), (2, 3, True), (2, 4, True)]
)
def test_at_least_two_marks_are_found_or_all_where_there_are_fewer(study, held, of, known):
    assert bool(adopted(said_in(t1=WORDS[:held]), book(study, mine=WORDS[:of]))) == known


def test_a_theme_with_less_than_half_of_the_marks_is_not_it_and_equals_are_both(study):
    code = book(study, mine=WORDS[:10])
    assert adopted(said_in(t1=WORDS[:4], t2=WORDS[4:10]), code) == {2: "mine"}
    assert adopted(said_in(t1=WORDS[:5], t2=WORDS[5:10]), code) == {1: "mine", 2: "mine"}


def test_a_code_merged_of_three_is_that_of_all_their_themes_also_after_edits_of_turns(study):
    themes = {f"t{number}": [f"{word} {number}" for word in WORDS[:MARKS]] for number in (1, 2, 3)}
    code = book(study, merged=[word for words in themes.values() for word in words])
    edited = themes | {"t1": themes["t1"][3:], "t2": [*themes["t2"][5:], "another turn"], "t3": themes["t3"][6:]}
    assert adopted(said_in(**themes), code) == {1: "merged", 2: "merged", 3: "merged"}
    assert adopted(said_in(**edited), code) == {1: "merged", 2: "merged"}


def test_of_two_codes_a_theme_takes_the_one_with_more_marks_then_the_first(study):
    theme = said_in(t1=WORDS)
    assert adopted(theme, book(study, less=WORDS[:3], more=WORDS[3:8])) == {1: "more"}
    assert adopted(theme, book(study, first=WORDS[:3], second=WORDS[3:6])) == {1: "first"}


def test_codes_without_marks_adopt_nothing(study):
    assert adopted(said_in(t1=WORDS), book(study, mine=[])) == {}
