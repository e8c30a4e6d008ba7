from pathlib import Path

import pandas as pd
from conftest import CODINGS
from hypothesis import given
from hypothesis import strategies as st

from qualcode.axial_codes import roll_up
from qualcode.axial_codes.paradigm import paradigm_table
from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.counting import figures_by_code
from qualcode.tables import frame

STEPS = ("utterances", "parses", "phrases", "open_codes", "axial_codes")
DEEP = """codebook: Deep
codes:
  - code: help
    codes:
      - code: people
        codes: [{code: support}, {code: training}]
      - code: things
  - code: clarity
"""


# Ids and parents of a codebook of four levels.
TREE = {"a": "", "ab": "a", "abc": "ab", "abcd": "abc", "abe": "ab", "af": "a", "g": "", "gh": "g"}


def coded(study, *rows: tuple[str, str]) -> None:
    """Run the steps on this codebook with these (code, quotation) rows of anna."""
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    study.write("codebook.yaml", DEEP)
    study.codings("anna", [{"source": "talk", "code": code, "quote": quote} for code, quote in rows])
    assert study.run(*STEPS) == 0


def test_a_coding_stands_once_at_every_level_down_to_its_own(study):
    coded(study, ("support", "My mentor was always there."))
    keys = ("level", "code", "parent", "path", "own")
    assert [tuple(row[key] for key in keys) for row in study.rows("axial_codes")] == [
        ("1", "help", "", "help", "false"),
        ("2", "people", "help", "help > people", "false"),
        ("3", "support", "people", "help > people > support", "true"),
    ]
    assert {row["coding"] for row in study.rows("axial_codes")} == {row["coding"] for row in study.rows("open_codes")}


def test_codings_on_parents_stop_at_the_parent(study):
    coded(study, ("people", "My mentor was always there."), ("clarity", "the expectations changed"))
    found = {(row["level"], row["code"], row["own"]) for row in study.rows("axial_codes")}
    assert found == {("1", "help", "false"), ("2", "people", "true"), ("1", "clarity", "true")}


def test_codings_that_do_not_count_are_rolled_up_too(study):
    assert study.run(*STEPS) == 0
    proposed = {row["coding"] for row in study.rows("open_codes") if row["counts"] == "false"}
    assert proposed
    assert proposed <= {row["coding"] for row in study.rows("axial_codes")}


def test_nothing_coded_gives_empty_tables(study):
    coded(study, ("support", "My mentor was always there."))
    study.codings("anna", [{"source": "talk", "action": "done"}])
    assert study.run(*STEPS) == 0
    for name in ("axial_codes", "relations", "spanning_excerpts", "paradigm"):
        assert study.rows(name) == [], name


def test_a_code_is_rolled_up_by_its_place_in_todays_codebook(study):
    book = load_codebook(study.write("moved.yaml", "codebook: M\ncodes:\n- code: top\n  codes: [{code: support}]\n"))
    made = roll_up(frame("open_codes", [CODED]), book)
    assert list(made["path"]) == ["top", "top > support"]


CODED = {"coding": "c1", "source": "talk", "start": 0, "end": 4, "quote": "word", "code": "support", "coder": "anna"}
CODED |= {"basis": "human", "evidence": "", "status": "accepted", "counts": True, "rule": "", "matched": ""}
CODED |= {
    "negated": False,
    "matched_start": None,
    "matched_end": None,
    "codebook": "",
    "reason": "",
    "use": "",
    "round": "",
    "memo": "",
}


def test_spanning_excerpts_are_utterances_of_several_categories(study):
    quote = "My mentor was always there."
    coded(study, ("clarity", quote), ("support", quote), ("support", "I got no support."), ("training", "got no"))
    (row,) = study.rows("spanning_excerpts")
    assert row == {
        "utterance": "talk:2",
        "source": "talk",
        "participant": "p1",
        "number": "2",
        "categories": "help; clarity",
        "codes": "support; clarity",
        "text": "My mentor was always there. The timing of our meetings was good.",
    }


def tree() -> Codebook:
    codes = []
    for code, parent in TREE.items():
        above = next((item.path for item in codes if item.code == parent), ())
        codes.append(Code(code, code, "", len(above) + 1, (*above, code), 1, code not in TREE.values()))
    return Codebook(Path(), "", "", tuple(codes))


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(TREE)), st.integers(1, 5), st.sampled_from(["p1", "p2", "p3", ""])),
        max_size=25,
    )
)
def test_at_each_level_people_utterances_and_codings_are_counted_once_and_never_added(codings):
    book = tree()
    open_codes = frame(
        "open_codes", [CODED | {"coding": f"c{n}", "code": code} for n, (code, _, _) in enumerate(codings)]
    )
    credits = pd.DataFrame(
        [(f"c{n}", f"t:{at}", person, "t", "participant") for n, (_, at, person) in enumerate(codings)],
        columns=["coding", "utterance", "participant", "source", "role"],
    )
    rows = roll_up(open_codes, book).merge(credits, on="coding")
    figures = figures_by_code(rows, list(TREE)).set_index("code")
    for code in book.codes:
        below = {item.code for item in book.codes if code.code in item.path}
        inside = [(n, at, person) for n, (own, at, person) in enumerate(codings) if own in below]
        assert figures.loc[code.code, "participants"] == len({person for _, _, person in inside} - {""})
        assert figures.loc[code.code, "utterances"] == len({at for _, at, _ in inside})
        assert figures.loc[code.code, "codings"] == len(inside)
        assert figures.loc[code.code, "own_codings"] == sum(own == code.code for own, _, _ in codings)


def test_a_person_with_two_child_codes_is_one_person_of_the_parent(study):
    coded(study, ("support", "My mentor was always there."), ("training", "The training helped me to teach."))
    assert study.run("frequencies") == 0
    found = {row["code"]: (row["participants"], row["utterances"], row["codings"]) for row in study.rows("frequencies")}
    assert found["people"] == ("1", "2", "2")
    assert found["support"] == found["training"] == ("1", "1", "1")


ROLES = """codebook: Roles
codes:
  - code: duties
    role: condition
    name: Duties
    definition: What is to be done.
    codes: [{code: hours}, {code: worry, role: consequence}]
  - {code: help, role: action}
  - {code: rest}
"""


def test_the_paradigm_stands_by_role_and_codes_take_that_of_the_nearest_above_them(study):
    book = load_codebook(study.write("codebook.yaml", ROLES))
    rows = pd.DataFrame(
        [("c1", "duties", False, "t:1", "p1"), ("c1", "hours", True, "t:1", "p1"), ("c2", "help", True, "t:2", "p2")],
        columns=["coding", "code", "own", "utterance", "participant"],
    ).assign(source="t", role="participant")
    told = {
        "of": "codes",
        "utterances": 1,
        "participants": 1,
        "wording": "because",
        "quotation": "q",
        "utterance": "t:1",
    }
    relations = frame(
        "relations",
        [
            told | {"relation": "because", "code_a": "hours", "code_b": "worry"},
            told | {"relation": "if", "code_a": "hours", "code_b": "worry"},
            told | {"relation": "together", "code_a": "hours", "code_b": "help"},
        ],
    )
    made = paradigm_table(rows, relations, book)
    keys = ["role", "code", "own", "participants", "codings", "relations"]
    assert made[keys].values.tolist() == [
        ["condition", "duties", True, 1, 1, ""],
        ["condition", "hours", False, 1, 1, "leads to: worry"],
        ["action", "help", True, 1, 1, ""],
        ["consequence", "worry", True, 0, 0, "follows from: hours"],
    ]
    assert made["definition"].iloc[0] == "What is to be done."


def test_the_step_tells_what_became_of_the_codes_of_an_earlier_codebook(study):
    study.write("history/codebook-2026-01-01.yaml", DEEP.replace("clarity", "clearness"))
    coded(study, ("clarity", "the expectations changed"))
    assert [(row["change"], row["code"]) for row in study.rows("codebook_changes")] == [
        ("added", "clarity"),
        ("retired", ""),
    ]


def test_earlier_versions_of_the_codebook_carry_no_names_on(study):
    now = (study.path / "codebook.yaml").read_text("utf-8")
    before = now.replace("Someone is there.", "Ana says that someone is there.")
    study.write("history/codebook-2026-03-02.yaml", before)
    assert study.run(*STEPS) == 0
    (row,) = study.rows("codebook_changes")
    assert (row["change"], row["code"]) == ("redefined", "support")
    assert (row["before"], row["after"]) == ("Rosa says that someone is there.", "Someone is there.")


def test_ids_of_earlier_versions_that_name_one_person_in_several_ways_are_told_apart(study):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace(",Ana,Ana,", ",Ana,Ana;Lee;Ana Lee,"))
    now = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("history/codebook-2026-03-02.yaml", f"{now}  - code: ana\n  - code: lee\n  - code: anas-plan\n")
    assert study.run(*STEPS) == 0
    rows = study.rows("codebook_changes")
    assert [(row["change"], row["before"], row["name"]) for row in rows] == [
        ("retired", "Rosa", "Rosa"),
        ("retired", "Rosa (2)", "Rosa"),
        ("retired", "Rosa's plan", "Anas plan"),
    ]


def test_ids_of_earlier_versions_that_quote_one_who_withdrew_are_told_apart(study):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Ben,Ben,Karl,active", "Ben,Ben,Karl,withdrawn"))
    study.codings("anna", CODINGS[:1])
    now = (study.path / "codebook.yaml").read_text("utf-8")
    quoting = "nobody-told-me-what-was-expected", "told-me-what-was-expected-of-me"
    study.write("history/codebook-2026-03-02.yaml", now + "".join(f"  - code: {code}\n" for code in quoting))
    assert study.run(*STEPS) == 0
    assert [row["before"] for row in study.rows("codebook_changes")] == ["[withdrawn]", "[withdrawn] (2)"]
