from qualcode.axial_codes import relate, roll_up
from qualcode.codebook import load_codebook
from qualcode.tables import frame

STEPS = ("utterances", "parses", "open_codes", "axial_codes")
DEEP = """codebook: Deep
codes:
  - code: help
    codes:
      - code: people
        codes: [{code: support}, {code: training}]
      - code: things
  - code: clarity
"""


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
    assert [study.rows(name) for name in ("axial_codes", "relations", "spanning_excerpts")] == [[], [], []]


def test_a_code_is_rolled_up_by_its_place_in_todays_codebook(study):
    book = load_codebook(study.write("moved.yaml", "codebook: M\ncodes:\n- code: top\n  codes: [{code: support}]\n"))
    made = roll_up(frame("open_codes", [CODED]), book)
    assert list(made["path"]) == ["top", "top > support"]


CODED = {"coding": "c1", "source": "talk", "start": 0, "end": 4, "quote": "word", "code": "support", "coder": "anna"}
CODED |= {"basis": "human", "evidence": "", "status": "accepted", "counts": True}
CODED |= {"reason": "", "use": "", "round": "", "memo": ""}


def test_relations_count_utterances_and_the_people_credited_with_both(study):
    book = load_codebook(study.write("codebook.yaml", DEEP))
    import pandas as pd

    rows = pd.DataFrame(
        [
            ("clarity", "t:1", "p1"),
            ("support", "t:1", "p1"),
            ("support", "t:1", "p1"),
            ("clarity", "t:2", "p1"),
            ("support", "t:2", "p1"),
            ("clarity", "t:3", ""),
            ("support", "t:3", ""),
            ("training", "t:4", "p2"),
            ("clarity", "t:5", "p2"),
        ],
        columns=["code", "utterance", "participant"],
    )
    assert relate(rows, book).to_dict("records") == [
        {"code_a": "support", "code_b": "clarity", "utterances": 3, "participants": 1}
    ]


def test_relations_stand_in_the_order_of_the_codebook_and_leave_proposals_out(study):
    quote = "My mentor was always there."
    coded(study, ("clarity", quote), ("training", quote), ("support", "mentor was"), ("things", "I agree with"))
    pairs = [(row["code_a"], row["code_b"], row["utterances"]) for row in study.rows("relations")]
    assert pairs == [("support", "training", "1"), ("support", "clarity", "1"), ("training", "clarity", "1")]


def test_spanning_excerpts_are_utterances_of_several_categories(study):
    quote = "My mentor was always there."
    coded(study, ("clarity", quote), ("support", quote), ("support", "I got no support."), ("training", "got no"))
    (row,) = study.rows("spanning_excerpts")
    assert row == {
        "utterance": "talk:2",
        "participant": "p1",
        "categories": "help; clarity",
        "codes": "support; clarity",
        "text": "My mentor was always there. The timing of our meetings was good.",
    }
