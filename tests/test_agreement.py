import math

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from qualcode.agreement import kappa

STEPS = ("utterances", "parses", "open_codes", "agreement")
MENTOR, EXPECTATIONS, SUPPORT = "My mentor was always there.", "the expectations changed", "I got no support."
WORDLESS = "codebook: B\ncodes:\n- code: support\n- code: clarity\n- code: training\n"


def settings(study, *lines: str) -> None:
    """Without a model of the language, which these tests do not need and which takes its time to load."""
    study.write(
        "study.yaml",
        "\n".join(["title: T", "codebook: codebook.yaml", "authority: any", "language: blank:en", *lines]) + "\n",
    )


def coding(code: str, quote: str, source: str = "talk", **more: str) -> dict[str, str]:
    return {"source": source, "code": code, "quote": quote, **more}


def figures(study, **wanted: str) -> dict[tuple[str, str], tuple[int, ...]]:
    """(units, both, only_a, only_b, neither) by code and scope."""
    return {
        (row["code"], row["scope"]): tuple(int(row[key]) for key in ("units", "both", "only_a", "only_b", "neither"))
        for row in study.rows("agreement")
        if all(row[key] == value for key, value in wanted.items())
    }


@examples(deadline=None)
@given(st.tuples(*[st.integers(0, 40)] * 4))
def test_kappa_is_that_of_scikit_learn(cells):
    both, only_a, only_b, neither = cells
    a = [1] * (both + only_a) + [0] * (only_b + neither)
    b = [1] * both + [0] * only_a + [1] * only_b + [0] * neither
    if len({*a, *b}) < 2:
        # Where one and the same value is all that both gave, chance alone agrees fully.
        assert kappa(*cells) is None
        return
    assert math.isclose(kappa(*cells), cohen_kappa_score(a, b), abs_tol=1e-9)


def test_kappa_by_hand():
    assert kappa(5, 0, 0, 5) == 1
    assert kappa(0, 5, 5, 0) == -1
    # Observed 8 of 10; by chance 0.3 * 0.3 + 0.7 * 0.7 = 0.58.
    assert kappa(2, 1, 1, 6) == pytest.approx((0.8 - 0.58) / (1 - 0.58))
    assert kappa(0, 0, 0, 0) is None


def test_units_that_nobody_coded_are_counted_and_moderators_are_not(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", "mentor was always"), coding("training", "The training helped")])
    assert study.run(*STEPS) == 0
    # Ana's two turns and Ben's two; the interviewer's is no unit.
    assert figures(study, coder_a="anna", coder_b="ben") == {
        ("support", "all"): (4, 1, 0, 0, 3),
        ("clarity", "all"): (4, 0, 1, 0, 3),
        ("training", "all"): (4, 0, 0, 1, 3),
        ("all", "all"): (12, 1, 1, 1, 9),
    }
    rows = {row["code"]: row for row in study.rows("agreement")}
    assert (rows["support"]["percent"], rows["support"]["kappa"]) == ("100.0", "1.0000")
    assert (rows["clarity"]["percent"], rows["clarity"]["kappa"]) == ("75.0", "0.0000")
    assert (rows["all"]["percent"], rows["all"]["kappa"]) == ("83.3", "0.4000")


def test_disagreements_say_who_gave_the_code_to_which_words(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", "mentor was always"), coding("training", "The training helped")])
    study.run(*STEPS)
    keys = ("unit", "code", "coder_a", "coder_b", "coded_by", "text")
    assert [tuple(row[key] for key in keys) for row in study.rows("disagreements")] == [
        (
            "talk:4",
            "clarity",
            "anna",
            "ben",
            "anna",
            "I got no support. Nobody told me what was expected of me, and the expectations changed.",
        ),
        ("talk:5", "training", "anna", "ben", "ben", "I agree with Karl. The training helped me to teach."),
    ]


def test_only_what_both_finished_is_compared(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    done = {"source": "talk", "action": "done", "quote": "The timing of our meetings was good."}
    study.codings("ben", [coding("support", MENTOR, action="apply"), done])
    study.run(*STEPS)
    assert figures(study) == {
        ("support", "all"): (1, 1, 0, 0, 0),
        ("clarity", "all"): (1, 0, 0, 0, 1),
        ("all", "all"): (2, 1, 0, 0, 1),
    }
    assert study.rows("disagreements") == []


def test_what_was_withdrawn_is_no_coding(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    taken_back = [coding("clarity", MENTOR, action=action) for action in ("apply", "withdraw")]
    study.codings("ben", [coding("support", MENTOR, action="apply"), *taken_back])
    study.run(*STEPS)
    assert figures(study)["clarity", "all"] == (4, 0, 1, 0, 3)


def test_rules_are_compared_only_on_codes_that_have_words_or_patterns(study):
    settings(study)
    book = (
        "codebook: B\ncodes:\n- {code: support, words: [support]}\n- {code: clarity, patterns: [[{LOWER: timing}]]}\n"
    )
    study.write("codebook.yaml", book + "- code: training\n")
    study.codings(
        "anna", [coding("support", SUPPORT), coding("clarity", EXPECTATIONS), coding("training", "The training")]
    )
    study.run(*STEPS)
    assert figures(study, coder_a="anna", coder_b="rules") == {
        # The word stands there, but no support was had: the rule does not say that it was.
        ("support", "all"): (4, 0, 1, 0, 3),
        ("clarity", "all"): (4, 0, 1, 1, 2),
        ("all", "all"): (8, 0, 2, 1, 5),
    }


def test_what_people_decided_about_a_proposal_does_not_change_what_the_rule_said(study):
    settings(study)
    study.run(*STEPS)
    before = study.rows("agreement")
    decided = [
        {"action": "reject", "coding": row["coding"]} for row in study.rows("open_codes") if row["basis"] == "rule"
    ]
    study.codings("anna", decided, "review.csv")
    study.run("open_codes", "agreement")
    assert "rejected" in {row["status"] for row in study.rows("open_codes")}
    assert study.rows("agreement") == before


def test_sentences_as_units(study):
    settings(study, "unit: sentence")
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", "The timing of our meetings was good."), coding("clarity", EXPECTATIONS)])
    study.run(*STEPS)
    # Two sentences of Ana, Ben's "Mm-hm.", two of his, two of Ana's.
    assert figures(study) == {
        ("support", "all"): (7, 0, 1, 1, 5),
        ("clarity", "all"): (7, 1, 0, 0, 6),
        ("all", "all"): (14, 1, 1, 1, 11),
    }
    assert {row["unit"] for row in study.rows("agreement")} == {"sentence"}
    assert [(row["unit"], row["coded_by"], row["text"]) for row in study.rows("disagreements")] == [
        ("talk:2.1", "anna", "My mentor was always there."),
        ("talk:2.2", "ben", "The timing of our meetings was good."),
    ]


def two_sources(study) -> None:
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nlater,later.txt,interview\n")
    study.write("transcripts/later.txt", "Interviewer: And now?\nAna: My mentor left.\nBen: Mine stayed.\n")


def test_several_sources_are_compared_each_and_together(study):
    two_sources(study)
    for coder, quote in (("anna", "My mentor left."), ("ben", "Mine stayed.")):
        study.codings(coder, [coding("support", MENTOR), coding("support", quote, source="later")])
    study.run(*STEPS)
    assert figures(study) == {
        ("support", "all"): (6, 1, 1, 1, 3),
        ("all", "all"): (6, 1, 1, 1, 3),
        ("support", "talk"): (4, 1, 0, 0, 3),
        ("all", "talk"): (4, 1, 0, 0, 3),
        ("support", "later"): (2, 0, 1, 1, 0),
        ("all", "later"): (2, 0, 1, 1, 0),
    }
    assert {row["unit"] for row in study.rows("disagreements")} == {"later:2", "later:3"}, "each of them once"


def test_a_source_that_one_of_them_did_not_code_is_not_compared(study):
    two_sources(study)
    study.codings("anna", [coding("support", MENTOR), coding("support", "My mentor left.", source="later")])
    study.codings("ben", [coding("support", MENTOR)])
    study.run(*STEPS)
    assert figures(study) == {("support", "all"): (4, 1, 0, 0, 3), ("all", "all"): (4, 1, 0, 0, 3)}


def test_a_source_that_one_of_them_finished_and_found_nothing_in_is_compared(study):
    two_sources(study)
    study.codings("anna", [coding("support", MENTOR), coding("support", "My mentor left.", source="later")])
    study.codings("ben", [coding("support", MENTOR, action="apply"), {"source": "later", "action": "done"}])
    study.run(*STEPS)
    assert figures(study)["support", "later"] == (2, 0, 1, 0, 1)


def test_coders_who_shared_no_source_are_not_compared(study):
    two_sources(study)
    study.codings("ben", [coding("support", "Mine stayed.", source="later")])
    assert study.run(*STEPS) == 0
    assert study.rows("agreement") == []


def test_three_coders_are_compared_in_pairs(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    for coder in ("ben", "cleo"):
        study.codings(coder, [coding("support", MENTOR)])
    study.run(*STEPS)
    pairs = {(row["coder_a"], row["coder_b"]) for row in study.rows("agreement")}
    assert pairs == {("anna", "ben"), ("anna", "cleo"), ("ben", "cleo")}


def test_who_only_decided_on_proposals_in_a_source_coded_nothing_there_and_is_not_compared_there(study):
    two_sources(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, words: [left]}\n")
    study.codings("anna", [coding("support", MENTOR), coding("support", "My mentor left.", source="later")])
    study.codings("ben", [coding("support", MENTOR)])
    study.run(*STEPS)
    (proposal,) = [row["coding"] for row in study.rows("open_codes") if row["basis"] == "rule"]
    study.codings("ben", [{"action": "accept", "coding": proposal}], "review.csv")
    study.run("open_codes", "agreement")
    assert figures(study, coder_b="ben") == {("support", "all"): (4, 1, 0, 0, 3), ("all", "all"): (4, 1, 0, 0, 3)}
