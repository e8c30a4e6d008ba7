"""Agreement of a round is by the codebook of its time, and stays what it was."""

from two_coders import EXPECTATIONS, MENTOR, STEPS, SUPPORT, coding, figures, settings

from qualcode import tables
from qualcode.agreement.rounds import given_in_rounds
from qualcode.codebook import load_codebook
from qualcode.study import load_study

TRAINING = "The training helped me to teach."
FIRST = "codebook: B\ncodes:\n- code: support\n- code: duties\n- code: roles\n"
MERGED = "codebook: B\ncodes:\n- code: support\n- {code: clarity, formerly: [duties, roles]}\n"


def in_round(label: str, at: str, *rows: dict[str, str]) -> list[dict[str, str]]:
    return [{"action": "apply", **row, "round": label, "at": at} for row in rows]


def first_round(study, book: str = FIRST) -> None:
    settings(study)
    study.write("codebook.yaml", book)
    study.write("history/codebook-2026-03-02.yaml", FIRST)
    one = in_round("1", "2026-03-03", coding("support", MENTOR), coding("duties", EXPECTATIONS))
    other = in_round("1", "2026-03-04", coding("support", MENTOR), coding("roles", EXPECTATIONS))
    study.codings("anna", one, "coding.csv")
    study.codings("ben", other, "coding.csv")


def told(study, **wanted: str) -> list[dict[str, str]]:
    return [row for row in study.rows("agreement") if all(row[key] == value for key, value in wanted.items())]


HEIRS = "- {code: one, formerly: [roles]}\n- {code: two, formerly: [roles]}\n"


def record(coder: str, row: int, action: str, code: str, start: int, sample: bool = False) -> dict[str, object]:
    """A row of the table decisions."""
    what = {"coder": coder, "file": "c.csv", "row": row, "action": action, "source": "talk", "code": code, "now": code}
    where = {"participant": "", "coding": f"{coder}-{row}", "start": start, "end": start + 5, "round": "1", "by": ""}
    return {**what, **where, "at": "2026-03-03", "sample": sample, "holds": True, "outcome": ""}


OF_FIRST = {
    ("support", "all"): (3, 1, 0, 0, 2),
    ("duties", "all"): (3, 0, 1, 0, 2),
    ("roles", "all"): (3, 0, 0, 1, 2),
    ("all", "all"): (9, 1, 1, 1, 6),
}


def test_a_round_stays_what_it_was_when_codes_are_merged_later(study):
    first_round(study)
    study.run(*STEPS)
    before = told(study, round="1")
    assert figures(study, round="1") == OF_FIRST
    assert {(row["codebook"], row["unit"]) for row in before} == {
        ("2026-03-02", unit) for unit in ("utterance", "sentence", "character")
    }
    first_round(study, MERGED)
    again = in_round("2", "2026-03-20", coding("clarity", SUPPORT))
    study.codings("ben", again, "second.csv")
    study.run("open_codes", "agreement")
    assert told(study, round="1") == before
    # By the codebook as it is they agree: what were two codes is one.
    assert figures(study) == {
        ("support", "all"): (3, 1, 0, 0, 2),
        ("clarity", "all"): (3, 1, 0, 0, 2),
        ("all", "all"): (6, 2, 0, 0, 4),
    }
    assert not told(study, round="2"), "only one of them coded in it"


def test_a_round_is_what_stands_at_its_end(study):
    """Who revises their coding writes down only what changes."""
    first_round(study, MERGED)
    study.write("history/codebook-2026-03-15.yaml", MERGED)
    study.codings("anna", in_round("2", "2026-03-20", coding("support", TRAINING)), "second.csv")
    back = {**coding("support", MENTOR), "action": "withdraw"}
    study.codings("ben", in_round("2", "2026-03-21", coding("support", TRAINING), back), "second.csv")
    study.run(*STEPS)
    assert figures(study, round="1") == OF_FIRST
    assert figures(study, round="2") == {
        ("support", "all"): (3, 1, 1, 0, 1),
        ("clarity", "all"): (3, 1, 0, 0, 2),
        ("all", "all"): (6, 2, 1, 0, 3),
    }
    assert {row["codebook"] for row in told(study, round="2")} == {"2026-03-15"}


def test_where_the_last_copy_does_not_have_the_codes_of_a_round_the_next_one_that_has_them_serves(study):
    first_round(study, MERGED)
    for coder in ("anna", "ben"):
        study.codings(coder, in_round("2", "2026-03-20", coding("clarity", SUPPORT)), "second.csv")
    study.run(*STEPS)
    assert figures(study, round="1") == OF_FIRST
    assert figures(study, round="2")["clarity", "all"] == (3, 1, 0, 0, 2)
    (pooled,) = told(study, round="2", unit="utterance", code="all")
    assert pooled["note"].startswith("by the codebook as it is: that of 2026-03-02 does not have all codes")
    assert pooled["codebook"] == told(study, round="", code="all")[0]["codebook"]


def test_what_is_withdrawn_in_its_own_round_is_no_coding_of_it(study):
    first_round(study)
    back = {**coding("roles", EXPECTATIONS), "action": "withdraw"}
    study.codings("ben", in_round("1", "2026-03-05", back), "second.csv")
    study.run(*STEPS)
    assert figures(study, round="1") == {
        ("support", "all"): (3, 1, 0, 0, 2),
        ("duties", "all"): (3, 0, 1, 0, 2),
        ("all", "all"): (6, 1, 1, 0, 4),
    }


def test_proposals_that_were_accepted_in_a_round_are_part_of_it(study):
    first_round(study, FIRST.replace("- code: support", "- {code: support, words: [training]}"))
    study.run(*STEPS)
    (proposal,) = [row["coding"] for row in study.rows("open_codes") if row["basis"] == "rule"]
    accepted = {"source": "talk", "action": "accept", "coding": proposal}
    study.codings("ben", in_round("1", "2026-03-05", accepted), "review.csv")
    study.codings("anna", in_round("2", "2026-03-20", {**accepted, "action": "reject"}), "review.csv")
    study.run("open_codes", "agreement")
    assert figures(study, round="1")["support", "all"] == (3, 1, 0, 1, 1)
    assert figures(study, coder_b="ben")["support", "all"] == (3, 1, 0, 1, 1)
    turned_down = {**accepted, "action": "reject"}
    study.codings("ben", in_round("1", "2026-03-06", turned_down), "second.csv")
    study.run("open_codes", "agreement")
    assert figures(study, round="1")["support", "all"] == (3, 1, 0, 0, 2)


def test_how_far_they_came_is_what_they_said_in_the_round(study):
    first_round(study)
    done = {"source": "talk", "action": "done", "quote": "The timing of our meetings was good."}
    study.codings("ben", in_round("1", "2026-03-05", done), "done.csv")
    later = {"source": "talk", "action": "done"}
    study.codings("ben", in_round("2", "2026-03-21", later), "later.csv")
    study.run(*STEPS)
    assert figures(study, round="1")["support", "all"] == (1, 1, 0, 0, 0)
    assert figures(study)["support", "all"] == (3, 1, 0, 0, 2)


def test_without_a_date_or_an_earlier_codebook_the_one_as_it_is_serves_and_that_is_told(study):
    first_round(study, MERGED)
    (study.path / "history" / "codebook-2026-03-02.yaml").unlink()
    study.run(*STEPS)
    assert figures(study, round="1")["clarity", "all"] == (3, 1, 0, 0, 2)
    (pooled,) = told(study, round="1", unit="utterance", code="all")
    why = "by the codebook as it is: there is no copy in history/ of 2026-03-04 or before"
    assert pooled["note"].startswith(why)
    for coder in ("anna", "ben"):
        study.codings(coder, in_round("1", "", coding("support", MENTOR), coding("roles", SUPPORT)))
    study.write("history/codebook-2026-03-02.yaml", FIRST)
    study.run("open_codes", "agreement")
    (pooled,) = told(study, round="1", unit="utterance", code="all")
    assert pooled["note"].startswith("by the codebook as it is: no row of the round says when")


def test_a_copy_made_after_the_round_serves_where_it_alone_has_the_codes(study):
    first_round(study, MERGED)
    history = study.path / "history"
    (history / "codebook-2026-03-02.yaml").rename(history / "codebook-2026-03-05.yaml")
    study.run(*STEPS)
    assert figures(study, round="1") == OF_FIRST
    assert {row["codebook"] for row in told(study, round="1")} == {"2026-03-05"}


def test_codings_of_codes_that_the_codebook_of_the_round_does_not_have_are_left_out_and_counted(study):
    first_round(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- code: duties\n- code: support\n" + HEIRS)
    study.write("history/codebook-2026-03-02.yaml", "codebook: B\ncodes:\n- code: support\n")
    rows = [
        record("anna", 2, "apply", "support", 0),
        record("anna", 3, "apply", "duties", 10),
        record("anna", 4, "apply", "roles", 20),
        record("ben", 2, "apply", "support", 0),
        record("ben", 3, "sampled", "duties", 10, sample=True),
    ]
    frame = tables.frame("decisions", rows)
    (found,) = given_in_rounds(frame, {"talk": 90}, load_study(study.path), load_codebook(study.path / "codebook.yaml"))
    given = {coder: [(span.code, span.start) for span in spans] for coder, spans in found.spans.items()}
    assert given == {"anna": [("support", 0), ("duties", 10)], "ben": [("support", 0)]}
    assert found.done == {("talk", "anna"): 90, ("talk", "ben"): 90}
    assert found.note.endswith("1 coding is left out: that codebook has no such code, or it became several")


def test_names_in_an_earlier_codebook_or_the_name_of_a_round_do_not_go_out(study):
    first_round(study)
    named = FIRST.replace("roles", "anas-plan")
    study.write("history/codebook-2026-03-02.yaml", named)
    study.write("codebook.yaml", FIRST.replace("code: roles", "{code: plan, formerly: [anas-plan]}"))
    for coder in ("anna", "ben"):
        study.codings(coder, in_round("with Ana", "2026-03-03", coding("anas-plan", MENTOR)))
    assert study.run(*STEPS) == 0
    rounds = {(row["round"], row["code"]) for row in study.rows("agreement") if row["round"]}
    assert rounds == {("with Rosa", "Rosa's plan"), ("with Rosa", "all")}


def test_what_was_accepted_and_turned_down_later_stays_so_when_its_code_is_split(study):
    first_round(study, "codebook: B\ncodes:\n- code: support\n- code: duties\n- {code: roles, words: [mentor]}\n")
    study.run(*STEPS)
    (proposal,) = [row["coding"] for row in study.rows("open_codes") if row["basis"] == "rule"]
    decided = {"source": "talk", "coding": proposal}
    rows = in_round("1", "2026-03-05", {**decided, "action": "accept"})
    rows += in_round("2", "2026-03-20", coding("support", SUPPORT), {**decided, "action": "reject"})
    study.codings("anna", rows, "review.csv")
    study.codings("ben", in_round("2", "2026-03-20", coding("support", SUPPORT)), "later.csv")
    study.run("open_codes", "agreement")
    before = figures(study, round="2")
    # The mentor's sentence is no more anna's.
    assert before["roles", "all"] == (3, 0, 0, 1, 2) and figures(study, round="1")["roles", "all"] == (3, 0, 1, 1, 1)
    words = HEIRS.replace("[roles]", "[roles], words: [mentor]")
    study.write("codebook.yaml", f"codebook: B\ncodes:\n- code: support\n- code: duties\n{words}")
    study.run("open_codes", "agreement")
    assert figures(study, round="2") == before
