import shutil

import numpy as np
import pandas as pd
import pytest
from theming import filled, member, write_themes

from qualcode import theme_codes
from qualcode.cli import main
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
MEMBERS = filled(
    "theme_members",
    [member(key, theme) for key, theme in (("a:1", 1), ("a:2", 2), ("a:3", 1), ("a:4", 1), ("a:5", 2), ("a:6", 1))],
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


def test_a_repeated_wording_counts_for_the_overlap_and_once_for_the_centre(book):
    members = MEMBERS.assign(repeats=["", "", "a:1", "a:1", "", "a:1"])
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 1]], dtype=np.float32)
    found = theme_codes.compare(members, vectors, CODED, book, MEANINGS)
    assert list(found.loc[0, ["overlap", "similarity"]]) == [1.0, 1.0]


# --- the step ------------------------------------------------------------------------------------------------------

BUS = [
    "The bus takes two hours",
    "My bus was late again",
    "No bus runs after six",
    "The bus fare went up",
    "I missed the bus",
]
FOOD = [
    "Lunch was cold soup",
    "We had soup again",
    "The canteen soup is salty",
    "Nobody likes cold soup",
    "Soup on Mondays",
]
TALK = "".join(f"{'AnaBen'[n % 2 * 3 :][:3]}: {words}.\n\n" for n, words in enumerate([*BUS, *FOOD]))


@pytest.fixture
def talk(study, monkeypatch):
    """A study of two themes, run up to this step; codes mean nothing in particular."""

    def encode(self, texts):
        return np.eye(384, dtype=np.float32)[: len(texts)]

    monkeypatch.setattr(MiniLM, "encode", encode)
    study.write("study.yaml", QUICK)
    study.write("codebook.yaml", BOOK)
    study.write(
        "participants.csv", "participant,role,labels,quote_consent\np1,participant,Ana,yes\np2,participant,Ben,yes\n"
    )
    study.write("transcripts/talk.txt", TALK)
    shutil.rmtree(study.path / "codings")
    return study


def run(study, themes=((1, BUS), (2, FOOD)), notes=("", "")) -> dict[str, tuple[str, str]]:
    """Run all but the step `themes`, in whose place themes are said by the beginnings of their utterances.

    Gives the status and the code of each theme, by its first word.
    """
    assert study.run("utterances", "parses", "open_codes", "axial_codes") == 0
    rows = study.rows("utterances")
    of = {words.casefold(): theme for theme, own in themes for words in own}
    members = [
        member(row["utterance"], of[words], 1 - n / 100)
        for n, row in enumerate(rows)
        if (words := row["text"].casefold().rstrip(".!")) in of
    ]
    told = [
        {"theme": theme, "label": own[0], "note": note, "utterances": len(own), "participants": 2}
        for (theme, own), note in zip(themes, notes, strict=True)
    ]
    write_themes(study.results, members, told)
    keys = np.array([row["utterance"] for row in rows])
    np.savez(study.results / "embeddings.npz", utterances=keys, vectors=np.eye(384, dtype=np.float32)[: len(keys)])
    assert study.run("theme_codes") == 0
    by_theme = {str(theme): own[0] for theme, own in themes}
    return {by_theme[row["theme"]]: (row["status"], row["code"]) for row in study.rows("theme_standing")}


def proposed(study) -> list[str]:
    return [code.code for code in load_codebook(study.results / "codebook_proposals.yaml").codes]


def adopt(study) -> str:
    """Paste what is proposed into the codebook; gives its text."""
    text = BOOK + (study.results / "codebook_proposals.yaml").read_text("utf-8").split("\ncodes:\n")[1]
    study.write("codebook.yaml", text)
    return text


NEW = {BUS[0]: ("new", ""), FOOD[0]: ("new", "")}
KNOWN = {BUS[0]: ("adopted", "the-bus-takes-two-hours"), FOOD[0]: ("adopted", "lunch-was-cold-soup")}


def test_what_is_proposed_is_adopted_by_pasting_and_then_proposed_no_more(talk):
    assert run(talk) == NEW
    assert proposed(talk) == ["the-bus-takes-two-hours", "lunch-was-cold-soup"]
    adopt(talk)
    assert run(talk) == KNOWN
    assert proposed(talk) == []


def test_an_adopted_theme_is_known_with_another_number_more_talk_and_other_words(talk):
    run(talk)
    text = adopt(talk)
    assert run(talk, ((1, FOOD), (2, BUS))) == KNOWN
    talk.write(
        "transcripts/more.txt", "Ana: The bus driver waved.\n\nAna: Soup is warm today.\n\nBen: A bus of my own.\n"
    )
    talk.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nmore,more.txt,interview\n")
    larger = ((1, [*BUS, "The bus driver waved", "A bus of my own"]), (2, [*FOOD, "Soup is warm today"]))
    assert run(talk, larger) == KNOWN
    # Two of five utterances of each theme are edited, another in nothing but its signs.
    edited = TALK.replace("after six", "after seven").replace("went up", "fell").replace("salty", "fine")
    edited = edited.replace("on Mondays", "on Fridays").replace("My bus was late again.", "MY BUS was late again!")
    talk.write("transcripts/talk.txt", edited)
    after = ((1, [*BUS[:2], BUS[4], "No bus runs after seven"]), (2, [*FOOD[:2], FOOD[3], "Soup on Fridays"]))
    assert run(talk, after) == KNOWN
    talk.write(
        "codebook.yaml", text.replace("code: lunch-was-cold-soup", "code: food").replace("name: Lunch", "name: L")
    )
    assert run(talk, after) == KNOWN | {FOOD[0]: ("adopted", "food")}


def test_a_theme_whose_words_are_gone_is_adopted_no_more_and_the_check_says_nothing(talk, capsys):
    run(talk)
    adopt(talk)
    other = ["The train was full", "A train a day"]
    talk.write("transcripts/talk.txt", f"Ana: {other[0]}.\n\nBen: {other[1]}.\n\n" + TALK[TALK.index("Ben: Lunch") :])
    assert run(talk, ((1, other), (2, FOOD))) == {other[0]: ("new", ""), FOOD[0]: KNOWN[FOOD[0]]}
    capsys.readouterr()
    assert main(["codebook", "check", str(talk.path)]) == 0
    told = capsys.readouterr().out
    findings = [line.partition("codebook.yaml: ")[2] for line in told.splitlines()]
    assert findings[0] == "line 3: the code 'support' has no definition."
    assert not any("theme" in finding or "mark" in finding for finding in findings)


def test_themes_with_a_caution_are_not_proposed(talk):
    run(talk, notes=("unstable", ""))
    assert proposed(talk) == ["lunch-was-cold-soup"]
    told = (talk.results / "codebook_proposals.yaml").read_text("utf-8")
    assert "# - Theme 1 (The bus takes two hours): unstable." in told


def test_a_theme_that_a_code_covers_is_not_proposed_and_codes_no_theme_touches_are_told(talk):
    talk.write("transcripts/talk.txt", TALK + "Ana: Clear as day.\n")
    rows = [{"source": "talk", "code": "support", "quote": f"{words}."} for words in BUS[:3]]
    talk.codings("anna", [*rows, {"source": "talk", "code": "clarity", "quote": "Clear as day."}])
    assert run(talk) == {BUS[0]: ("covered", "support"), FOOD[0]: ("new", "")}
    assert proposed(talk) == ["lunch-was-cold-soup"]
    (row,) = talk.rows("codes_without_themes")
    assert (row["code"], row["utterances"], row["in_themes"], row["theme"]) == ("clarity", "1", "0", "0")


def test_only_who_agreed_is_quoted_in_the_table_and_in_the_proposals(talk):
    talk.write(
        "participants.csv", "participant,role,labels,quote_consent\np1,participant,Ana,yes\np2,participant,Ben,no\n"
    )
    rows = [{"source": "talk", "code": "help", "quote": BUS[0], "use": "never"}]
    talk.codings("anna", rows)
    run(talk)
    quoted = talk.rows("theme_quotations")
    assert {row["participant"] for row in quoted} == {"p1"}
    assert [row["quotation"] for row in quoted if row["theme"] == "1"] == [f"{BUS[2]}.", f"{BUS[4]}."]
    told = (talk.results / "codebook_proposals.yaml").read_text("utf-8")
    examples = [
        example for code in load_codebook(talk.results / "codebook_proposals.yaml").codes for example in code.examples
    ]
    assert set(examples) <= {row["quotation"] for row in quoted} and BUS[1] not in told


def test_the_step_takes_each_utterances_own_vector_and_embeds_names_with_definitions(study, monkeypatch):
    study.write("study.yaml", QUICK)
    study.write("codebook.yaml", BOOK)
    assert study.run("utterances", "parses", "open_codes", "axial_codes") == 0
    members = [member("talk:4", 1), member("talk:2", 2), member("talk:5", 0)]
    write_themes(study.results, members, [{"theme": 1}, {"theme": 2}])
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


def test_without_themes_the_tables_are_empty_and_the_file_says_why(study):
    study.write("study.yaml", QUICK)
    study.run("utterances", "parses", "open_codes", "axial_codes")
    write_themes(study.results, [], [])
    note = "2 usable utterances are too few: 30 are needed"
    write(
        study.results, "theme_stability", frame("theme_stability", [{"what": "no themes", "value": "0", "note": note}])
    )
    assert study.run("theme_codes") == 0
    for table in ("theme_codes", "theme_standing", "codes_without_themes", "theme_quotations"):
        assert study.rows(table) == []
    assert proposed(study) == []
    assert f"There is nothing to propose: {note}." in (study.results / "codebook_proposals.yaml").read_text("utf-8")


def test_a_codebook_without_codes_has_nothing_in_common_with_any_theme(talk):
    talk.write("codebook.yaml", "codebook: B\ncodes: []\n")
    assert run(talk) == NEW
    assert talk.rows("theme_codes") == [] and len(proposed(talk)) == 2
