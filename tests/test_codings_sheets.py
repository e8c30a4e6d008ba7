"""Sheets that people fill in, read back: what each row asks for, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.codebook import Codebook, load_codebook
from qualcode.codings import Decision
from qualcode.codings.sheets import choice, is_sheet, lost_columns, read_sheet
from qualcode.errors import Problems
from qualcode.files import Row

REVIEW = (
    "speaker", "quote", "context", "code", "name", "evidence", "decision", "use", "memo", "others", "round", "at",
    "coding", "source", "start", "end",
)  # fmt: skip
MEETING = (
    "speaker", "code", "name", "quote", "context", "anna", "ben", "who", "decision", "use", "memo", "round", "at",
    "coding", "source", "start", "end",
)  # fmt: skip
SAMPLE = (
    "speaker", "text", "context", "code 1", "code 2", "code 3", "code 4", "code 5", "memo", "at", "unit", "source",
    "start", "end",
)  # fmt: skip
ID = "96fdb460d9fd"
PROPOSAL = {
    "quote": "Always there.", "code": "support", "name": "Support", "coding": ID, "source": "talk", "start": "10",
    "end": "23", "round": "2", "at": "2026-04-01",
}  # fmt: skip
PASSAGE = PROPOSAL | {"coding": "", "who": "anna only", "anna": "Always there."}
SUGGESTED = (*REVIEW, "basis", "probability")
SUGGESTION = PROPOSAL | {"basis": "learned", "probability": "71"}
UNIT = {"text": "Always there.", "unit": "talk:3", "source": "talk", "start": "10", "end": "23", "at": "2026-04-01"}
BOOK = """codebook: Mentors
codes:
  - {code: support, name: Support, definition: d}
  - {code: respect, name: Respect, definition: d, formerly: [esteem]}
  - {code: none, name: Nobody, definition: d}
"""


@pytest.fixture
def codebook(tmp_path: Path) -> Codebook:
    path = tmp_path / "codebook.yaml"
    path.write_text(BOOK, encoding="utf-8")
    return load_codebook(path)


def read(header, *rows, codebook=None):
    """The decisions in rows that begin at row 2, and what is wrong."""
    problems = Problems()
    typed = [Row(number, {name: row.get(name, "") for name in header}) for number, row in enumerate(rows, 2)]
    decisions = read_sheet("anna", Path("review.xlsx"), header, typed, problems, codebook)
    return decisions, [str(problem) for problem in problems.found]


def only(header, row, codebook=None) -> Decision:
    decisions, problems = read(header, row, codebook=codebook)
    assert problems == []
    (decision,) = decisions
    return decision


def test_sheets_are_told_by_their_columns():
    assert is_sheet(REVIEW) and is_sheet(MEETING) and is_sheet(SAMPLE)
    assert not is_sheet(["source", "code", "quote", "coding", "action"])
    assert not is_sheet(["unit", "code"])


# --- proposals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "action"), [("accept", "accept"), (" Reject ", "reject"), ("ACCEPT", "accept")])
def test_accept_and_reject_whatever_their_case(typed, action):
    decision = only(REVIEW, PROPOSAL | {"decision": typed, "use": "Exemplar", "memo": "Good."})
    assert decision.cells == {
        "action": action, "coding": ID, "source": "talk", "round": "2", "at": "2026-04-01", "use": "exemplar",
        "memo": "Good.",
    }  # fmt: skip
    assert (decision.coder, decision.number, decision.place, decision.sample) == ("anna", 2, "row 2", False)


def test_another_code_turns_the_proposal_down_and_codes_the_words():
    decisions, problems = read(REVIEW, PROPOSAL | {"decision": "clarity", "use": "never", "memo": "Rather this."})
    assert not problems
    about = {"source": "talk", "round": "2", "at": "2026-04-01"}
    assert [dict(item.cells) for item in decisions] == [
        about | {"action": "reject", "coding": ID},
        about
        | {"action": "apply", "code": "clarity", "quote": "Always there.", "start": "10", "end": "23"}
        | {"use": "never", "memo": "Rather this."},
    ]


def test_words_that_were_edited_have_no_position():
    _, applied = read(REVIEW, PROPOSAL | {"decision": "clarity", "quote": "there"})[0]
    assert applied["quote"] == "there"
    assert "start" not in applied.cells and "end" not in applied.cells


@pytest.mark.parametrize("typed", ["support", "Support", " SUPPORT"])
def test_the_code_that_is_proposed_is_an_acceptance(typed):
    assert only(REVIEW, PROPOSAL | {"decision": typed}).action == "accept"


def test_the_code_that_is_proposed_on_other_words_is_a_coding_of_these():
    actions = [item.action for item in read(REVIEW, PROPOSAL | {"decision": "support", "quote": "there"})[0]]
    assert actions == ["reject", "apply"]


def test_a_row_without_a_decision_says_nothing_or_is_a_note():
    assert read(REVIEW, PROPOSAL, PROPOSAL | {"memo": ""}, {}) == ([], [])
    note = only(REVIEW, PROPOSAL | {"memo": "Think again."})
    assert (note.action, note["coding"], note["memo"]) == ("note", ID, "Think again.")
    assert only(REVIEW, PROPOSAL | {"use": "never"})["use"] == "never"


def test_done_is_said_for_the_source():
    done = only(
        REVIEW, {"quote": "When you have finished talk …", "decision": "Done", "source": "talk", "at": "2026-04-02"}
    )
    assert done.cells == {"action": "done", "source": "talk", "at": "2026-04-02"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("acept", "accept"), ("rejected", "reject"), ("Doone", "done"), ("accepts", "accept")]
)
def test_a_slip_of_the_pen_is_told_with_what_is_nearest(typed, meant, codebook):
    for known in (None, codebook):
        decisions, problems = read(REVIEW, PROPOSAL, PROPOSAL | {"decision": typed}, codebook=known)
        assert decisions == []
        assert problems == [f"review.xlsx: row 3, decision: '{typed}' is not known here. Is it '{meant}'?"]


@pytest.mark.parametrize("typed", ["yes", "x", "ok", "1", "Ja", "agree"])
@pytest.mark.parametrize(("header", "row"), [(REVIEW, PROPOSAL), (MEETING, PASSAGE)])
def test_a_word_that_is_no_decision_is_told_as_such(header, row, typed, codebook):
    decisions, problems = read(header, row | {"decision": typed}, codebook=codebook)
    told = f"'{typed}' is no decision. Choose accept, reject or a code of the codebook."
    assert decisions == [] and problems == [f"review.xlsx: row 2, decision: {told}"]
    assert read(header, row | {"decision": typed})[1] == [], "without a codebook it may be a code"


def test_in_the_row_of_done_only_done_is_asked_for(codebook):
    row = {"quote": "When you have finished talk …", "source": "talk", "decision": "yes"}
    assert read(REVIEW, row, codebook=codebook)[1] == [
        "review.xlsx: row 2, decision: 'yes' is no decision. Choose done, or nothing."
    ]


@pytest.mark.parametrize(
    "typed", ["support", "Nobody", "esteem", "suport", "Help > Support", "Help \\ support", "code none", "2026-01-02"]
)
def test_codes_and_what_is_near_one_or_a_spreadsheet_made_of_one_are_left_to_who_knows_codes(typed, codebook):
    decisions, problems = read(REVIEW, PROPOSAL | {"decision": typed, "code": "other", "name": ""}, codebook=codebook)
    assert problems == [] and [item.action for item in decisions] == ["reject", "apply"]


def test_what_is_told_of_a_word_that_is_no_decision_is_what_may_be_told(codebook):
    problems = Problems()
    row = Row(2, dict.fromkeys(REVIEW, "") | PROPOSAL | {"decision": "words of someone"})
    assert read_sheet("anna", Path("r.xlsx"), REVIEW, [row], problems, codebook, lambda cell: cell[:5] + "…") == []
    assert str(problems.found[0]).startswith("r.xlsx: row 2, decision: 'words…' is no decision.")


def test_a_code_that_looks_like_a_slip_is_a_code(codebook):
    book = codebook.path.read_text(encoding="utf-8").replace("respect", "rejects")
    codebook.path.write_text(book, encoding="utf-8")
    actions = [
        d.action for d in read(REVIEW, PROPOSAL | {"decision": "Rejects"}, codebook=load_codebook(codebook.path))[0]
    ]
    assert actions == ["reject", "apply"]


def test_a_code_whose_id_means_something_else_can_be_chosen_all_the_same():
    assert choice("none") == "code none" and choice("support") == "support"
    _, applied = read(REVIEW, PROPOSAL | {"decision": "code none"})[0]
    assert applied["code"] == "none"
    _, applied = read(SAMPLE, UNIT | {"code 1": choice("none")})[0]
    assert applied["code"] == "none"


@pytest.mark.parametrize("typed", ["1.23457E+11", "96fdb460d9f", "96fdb460d9fg", "12345678901"])
def test_an_id_that_is_none_is_told(typed):
    for row in ({"decision": "accept"}, {"decision": "clarity"}, {"memo": "m"}):
        decisions, (problem,) = read(REVIEW, PROPOSAL | row | {"coding": typed})
        assert decisions == []
        assert f"row 2, coding: this is no id of a proposal (found '{typed}')" in problem


def test_what_is_missing_is_told_for_every_row_at_once():
    rows = [
        PROPOSAL | {"decision": "accept", "coding": ""},
        PROPOSAL | {"decision": "clarity", "quote": "", "source": ""},
        PROPOSAL | {"decision": "accept", "use": "exemplary"},
    ]
    _, problems = read(REVIEW, *rows)
    assert [problem.split(": ")[1] for problem in problems] == [
        "row 2, coding",
        "row 3, source",
        "row 3, quote",
        "row 4, use",
    ]
    assert problems[-1].endswith("'exemplary' is not known here. Is it 'exemplar'?")


@given(
    rows=st.lists(st.sampled_from(["accept", "reject", "clarity", ""]), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_rows_and_empty_rows_between_do_not_matter(rows, order):
    filled = [PROPOSAL | {"coding": f"{number:012x}", "decision": typed} for number, typed in enumerate(rows)]
    shuffled = [*filled, {}]
    order.shuffle(shuffled)

    def said(found):
        return sorted(sorted(item.cells.items()) for item in found[0])

    assert said(read(REVIEW, *shuffled)) == said(read(REVIEW, *filled))
    assert len(said(read(REVIEW, *filled))) == sum({"clarity": 2, "": 0}.get(typed, 1) for typed in rows)


# --- suggestions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "action"), [("accept", "accept"), ("REJECT", "reject"), ("Support", "accept")])
def test_a_suggestion_carries_all_that_it_is_about(typed, action):
    decision = only(SUGGESTED, SUGGESTION | {"decision": typed, "memo": "m", "use": "never"})
    assert decision.suggested and decision.cells == {
        "action": action, "coding": ID, "source": "talk", "round": "2", "at": "2026-04-01", "basis": "learned",
        "code": "support", "quote": "Always there.", "start": "10", "end": "23", "memo": "m", "use": "never",
    }  # fmt: skip


def test_another_code_turns_a_suggestion_down_and_codes_the_words():
    (rejected, applied), problems = read(
        SUGGESTED, SUGGESTION | {"decision": "clarity", "memo": "m", "basis": "Nearest"}
    )
    assert problems == [] and rejected.suggested and applied.suggested
    assert (rejected.action, rejected["code"], rejected["coding"], rejected["memo"]) == ("reject", "support", ID, "")
    assert (applied.action, applied["code"], applied["coding"], applied["memo"]) == ("apply", "clarity", "", "m")
    assert rejected["basis"] == applied["basis"] == "nearest" and applied["quote"] == "Always there."


def test_words_of_a_suggestion_may_be_edited():
    decision = only(SUGGESTED, SUGGESTION | {"decision": "accept", "quote": "there"})
    assert (decision.action, decision["quote"], decision["start"]) == ("accept", "there", "")


def test_a_suggestion_without_a_decision_says_nothing_or_is_a_note():
    assert read(SUGGESTED, SUGGESTION) == ([], [])
    note = only(SUGGESTED, SUGGESTION | {"memo": "Think again."})
    assert (note.action, note["quote"], note["code"], note["memo"]) == (
        "note",
        "Always there.",
        "support",
        "Think again.",
    )


@pytest.mark.parametrize("basis", ["rule", "", "Rule"])
def test_a_rules_proposal_is_read_as_without_the_column(basis):
    row = PROPOSAL | {"decision": "accept"}
    assert only(SUGGESTED, row | {"basis": basis}).cells == only(REVIEW, row).cells


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"basis": "lerned"}, "row 2, basis: 'lerned' is not known here. Is it 'learned'?"),
        ({"basis": "0.7"}, "row 2, basis: '0.7' is not known here. Use one of: rule, learned, nearest."),
        ({"code": ""}, "row 2, code: the code is missing. Put the code back, or delete the row."),
        ({"quote": ""}, "row 2, quote: the cell is empty. Put back what stood here."),
        ({"source": ""}, "row 2, source: the cell is empty. Put back what stood here."),
        ({"coding": "1E+11"}, "row 2, coding: this is no id of a proposal (found '1E+11')"),
        ({"decision": "done"}, "row 2, decision: 'done' says that the whole source is done"),
        ({"decision": "yes"}, "row 2, decision: 'yes' is no decision."),
    ],
)
def test_what_was_done_to_a_suggestion_is_told(cells, told, codebook):
    found, (problem,) = read(SUGGESTED, SUGGESTION | {"decision": "accept"} | cells, codebook=codebook)
    assert f"review.xlsx: {told}" in problem
    assert not [item for item in found if item.suggested]


# --- the consensus meeting -----------------------------------------------------------------------------------------


def test_an_accepted_passage_of_the_meeting_is_a_coding():
    decision = only(MEETING, PASSAGE | {"decision": "accept", "use": "exemplar", "memo": "Agreed."})
    assert decision.cells == {
        "action": "apply", "code": "support", "quote": "Always there.", "start": "10", "end": "23", "source": "talk",
        "round": "2", "at": "2026-04-01", "use": "exemplar", "memo": "Agreed.", "meeting": "meeting",
    }  # fmt: skip


def test_what_the_meeting_turns_down_is_a_note_with_its_place():
    note = only(MEETING, PASSAGE | {"decision": "reject"})
    assert (note.action, note["code"], note["quote"], note["start"]) == ("note", "support", "Always there.", "10")
    assert only(MEETING, PASSAGE | {"memo": "Ask cleo."}).action == "note"


def test_another_code_of_the_meeting_takes_the_place_of_the_first():
    note, applied = read(MEETING, PASSAGE | {"decision": "clarity", "memo": "Agreed."})[0]
    assert (note.action, note["code"], note["memo"]) == ("note", "support", "")
    assert (applied.action, applied["code"], applied["memo"]) == ("apply", "clarity", "Agreed.")


def test_a_meeting_sheet_that_nobody_filled_in_says_only_what_it_came_with():
    assert read(MEETING, PASSAGE, {"source": "talk", "quote": "When you have finished …"}) == ([], [])
    assert only(MEETING, {"source": "talk", "decision": "done"}).action == "done"


def test_a_passage_without_a_code_is_told():
    decisions, (problem,) = read(MEETING, PASSAGE | {"decision": "accept", "code": ""})
    assert decisions == [] and "row 2, code: the code is missing" in problem


def test_a_proposal_in_a_meeting_sheet_is_one():
    assert only(MEETING, PASSAGE | {"decision": "accept", "coding": ID}).action == "accept"


# --- samples -------------------------------------------------------------------------------------------------------


def test_a_unit_of_a_sample_was_read_and_has_its_codes():
    decisions, problems = read(
        SAMPLE, UNIT | {"code 1": "support", "code 3": "Clarity", "code 4": "support", "memo": "m"}
    )
    assert not problems
    assert [(item.action, item["code"], item["memo"]) for item in decisions] == [
        ("sampled", "", "m"), ("apply", "support", ""), ("apply", "Clarity", ""),
    ]  # fmt: skip
    assert all(item.sample and item["quote"] == "Always there." and item["start"] == "10" for item in decisions)


def test_a_unit_that_no_code_fits_was_read():
    assert only(SAMPLE, UNIT | {"code 1": "None"}).action == "sampled"


def test_units_that_nobody_filled_in_were_not_read():
    assert read(SAMPLE, {}) == ([], [])
    for memo in ("", "Later."):
        drawn = only(SAMPLE, UNIT | {"memo": memo})
        assert (drawn.action, drawn.sample, drawn["quote"], drawn["memo"]) == ("note", True, "Always there.", memo)
        assert (drawn["source"], drawn["start"], drawn["end"]) == ("talk", "10", "23")


def test_a_unit_of_a_sample_that_lost_its_words_is_told_also_where_nobody_decided():
    decisions, (problem,) = read(SAMPLE, UNIT | {"text": ""})
    assert decisions == [] and "row 2, text: the cell is empty" in problem


def test_none_beside_a_code_is_told():
    decisions, (problem,) = read(SAMPLE, UNIT | {"code 1": "none", "code 2": "support"})
    assert decisions == [] and problem == "review.xlsx: row 2: 'none' stands beside a code. Leave the codes or 'none'."


@pytest.mark.parametrize(
    ("header", "row", "wrong"),
    [
        (REVIEW, {"decision": "done", "quote": "When you have finished …"}, "row 2, source: it is not said which"),
        (MEETING, {"decision": "done", "quote": "When you have finished …"}, "row 2, source: it is not said which"),
        (REVIEW, PROPOSAL | {"decision": "done"}, "row 2, decision: 'done' says that the whole source is done"),
        (MEETING, PASSAGE | {"decision": "done"}, "row 2, decision: 'done' says that the whole source is done"),
    ],
)
def test_done_holds_only_for_a_source_and_in_its_own_row(header, row, wrong):
    decisions, problems = read(header, row)
    assert decisions == [] and len(problems) == 1 and wrong in problems[0]


@pytest.mark.parametrize(
    ("header", "gone", "lost"),
    [
        (REVIEW, {"decision"}, ["decision"]),
        (REVIEW, {"coding", "speaker", "others"}, ["coding"]),
        (MEETING, {"decision", "coding"}, ["decision", "coding"]),
        (SAMPLE, {"unit"}, ["unit"]),
        (SAMPLE, {"code 1"}, ["code 1"]),
        (REVIEW, {"memo"}, []),
        (("source", "code", "quote"), set(), []),
    ],
)
def test_a_sheet_that_lost_a_column_that_it_needs_is_still_known(header, gone, lost):
    assert lost_columns([name for name in header if name not in gone]) == lost


@pytest.mark.parametrize(("decision", "turned_down"), [("reject", "yes"), ("respect", "yes"), ("", "")])
def test_what_a_meeting_turns_down_is_told_from_what_it_only_notes(decision, turned_down):
    decisions, problems = read(MEETING, PASSAGE | {"decision": decision, "memo": "why"})
    assert problems == []
    assert (decisions[0].action, decisions[0]["code"], decisions[0]["turned_down"]) == ("note", "support", turned_down)
