import subprocess
import sys

from two_coders import EXPECTATIONS, MENTOR, STEPS, SUPPORT, WORDLESS, coding, figures, settings


def test_units_that_nobody_coded_are_counted_and_moderators_are_not(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", "mentor was always"), coding("training", "The training helped")])
    assert study.run(*STEPS) == 0
    # Ana's two turns and one of Ben's; the interviewer's is no unit, and neither is "Mm-hm."
    assert figures(study, coder_a="anna", coder_b="ben") == {
        ("support", "all"): (3, 1, 0, 0, 2),
        ("clarity", "all"): (3, 0, 1, 0, 2),
        ("training", "all"): (3, 0, 0, 1, 2),
        ("all", "all"): (9, 1, 1, 1, 6),
    }
    rows = {row["code"]: row for row in study.rows("agreement") if row["unit"] == "utterance"}
    assert (rows["support"]["percent"], rows["support"]["kappa"]) == ("100.0", "1.0000")
    assert (rows["clarity"]["percent"], rows["clarity"]["kappa"]) == ("66.7", "0.0000")
    # Observed 7 of 9; by chance (2 * 2 + 7 * 7) of 81: 10 of 28 are left.
    assert (rows["all"]["percent"], rows["all"]["kappa"]) == ("77.8", "0.3571")


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
    assert figures(study)["clarity", "all"] == (3, 0, 1, 0, 2)


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
        ("support", "all"): (3, 0, 1, 0, 2),
        ("clarity", "all"): (3, 0, 1, 1, 1),
        ("all", "all"): (6, 0, 2, 1, 3),
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
    # Two sentences of Ana, two of Ben, two of Ana.
    assert figures(study, unit="sentence") == {
        ("support", "all"): (6, 0, 1, 1, 4),
        ("clarity", "all"): (6, 1, 0, 0, 5),
        ("all", "all"): (12, 1, 1, 1, 9),
    }
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
        ("support", "all"): (5, 1, 1, 1, 2),
        ("all", "all"): (5, 1, 1, 1, 2),
        ("support", "talk"): (3, 1, 0, 0, 2),
        ("all", "talk"): (3, 1, 0, 0, 2),
        ("support", "later"): (2, 0, 1, 1, 0),
        ("all", "later"): (2, 0, 1, 1, 0),
    }
    assert {row["unit"] for row in study.rows("disagreements")} == {"later:2", "later:3"}, "each of them once"


def test_a_source_that_one_of_them_did_not_code_is_not_compared(study):
    two_sources(study)
    study.codings("anna", [coding("support", MENTOR), coding("support", "My mentor left.", source="later")])
    study.codings("ben", [coding("support", MENTOR)])
    study.run(*STEPS)
    assert figures(study) == {("support", "all"): (3, 1, 0, 0, 2), ("all", "all"): (3, 1, 0, 0, 2)}


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


def test_three_coders_are_compared_in_pairs_and_together(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    for coder in ("ben", "cleo"):
        study.codings(coder, [coding("support", MENTOR)])
    study.run(*STEPS)
    pairs = {(row["coder_a"], row["coder_b"]) for row in study.rows("agreement")}
    assert pairs == {("anna", "ben"), ("anna", "cleo"), ("ben", "cleo"), ("anna; ben; cleo", "")}
    assert figures(study, coder_b="") == {
        ("support", "all"): (3, 1, 0, 0, 2),
        ("clarity", "all"): (3, 0, 1, 0, 2),
        ("all", "all"): (6, 1, 1, 0, 4),
    }
    clarity = next(row for row in study.rows("agreement") if row["coder_b"] == "" and row["code"] == "clarity")
    # Of the nine pairs of judgements two differ; Fleiss' kappa: (7/9 - 65/81) / (1 - 65/81).
    assert (clarity["percent"], clarity["kappa"], clarity["fleiss"]) == ("77.8", "", "-0.1250")


def test_who_only_decided_on_proposals_in_a_source_coded_nothing_there_and_is_not_compared_there(study):
    two_sources(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, words: [left]}\n")
    study.codings("anna", [coding("support", MENTOR), coding("support", "My mentor left.", source="later")])
    study.codings("ben", [coding("support", MENTOR)])
    study.run(*STEPS)
    (proposal,) = [row["coding"] for row in study.rows("open_codes") if row["basis"] == "rule"]
    study.codings("ben", [{"action": "accept", "coding": proposal}], "review.csv")
    study.run("open_codes", "agreement")
    assert figures(study, coder_b="ben") == {("support", "all"): (3, 1, 0, 0, 2), ("all", "all"): (3, 1, 0, 0, 2)}


def test_by_character_every_character_of_an_utterance_is_judged(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [coding("support", "mentor was"), coding("support", "was always"), coding("clarity", MENTOR)])
    study.run(*STEPS)
    words = sum(len(row["text"]) for row in study.rows("utterances") if row["role"] == "participant")
    judged = words - len("Mm-hm.")
    assert figures(study, unit="character") == {
        ("support", "all"): (judged, len("mentor was always"), len("My ") + len(" there."), 0, judged - len(MENTOR)),
        ("clarity", "all"): (judged, 0, len("the expectations changed"), len(MENTOR), judged - len(MENTOR) - 24),
        ("all", "all"): (2 * judged, 17, 10 + 24, len(MENTOR), 2 * judged - 27 - len(MENTOR) - 24),
    }
    marked = {row["code"]: row["unitizing_alpha"] for row in study.rows("agreement") if row["unit"] == "character"}
    assert all(marked.values())
    assert not any(row["unitizing_alpha"] for row in study.rows("agreement") if row["unit"] != "character")


def test_the_consensus_is_compared_with_the_rules_alone(study):
    settings(study)
    study.codings("ben", [coding("support", MENTOR)])
    study.codings("consensus", [coding("support", MENTOR)])
    study.run(*STEPS)
    pairs = {(row["coder_a"], row["coder_b"]) for row in study.rows("agreement")}
    assert pairs == {("anna", "ben"), ("anna", "rules"), ("ben", "rules"), ("consensus", "rules")}


def test_an_accepted_proposal_is_given_by_who_accepted_it_until_they_think_better_of_it(study):
    settings(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, words: [training]}\n- code: clarity\n")
    study.codings("ben", [coding("support", MENTOR)])
    study.run(*STEPS)
    assert figures(study, coder_b="ben")["support", "all"] == (3, 1, 0, 0, 2)
    (proposal,) = [row["coding"] for row in study.rows("open_codes") if row["basis"] == "rule"]
    study.codings("ben", [{"action": "accept", "coding": proposal, "at": "2026-01-02"}], "review.csv")
    study.run("open_codes", "agreement")
    assert figures(study, coder_b="ben")["support", "all"] == (3, 1, 0, 1, 1)
    assert figures(study, coder_a="ben")["support", "all"] == (3, 1, 1, 0, 1)
    notes = {row["note"].split(";")[0] for row in study.rows("agreement") if "accepted" in row["note"]}
    assert notes == {"ben accepted 1 proposal of these rules: there they agree because they saw it"}
    study.codings("ben", [{"action": "reject", "coding": proposal, "at": "2026-01-03"}], "second.csv")
    study.run("open_codes", "agreement")
    assert figures(study, coder_b="ben")["support", "all"] == (3, 1, 0, 0, 2)


def test_accepted_proposals_are_told_where_they_stand_and_where_they_were_compared(study):
    two_sources(study)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, words: [mentor, support]}\n- code: clarity\n")
    study.run(*STEPS)
    proposals = [row for row in study.rows("open_codes") if row["basis"] == "rule" and row["source"] == "talk"]
    assert sorted((row["matched"], row["negated"]) for row in proposals) == [("mentor", "false"), ("support", "true")]
    accepted = [{"action": "accept", "coding": row["coding"], "at": "2026-01-02"} for row in proposals]
    study.codings("ben", [coding("clarity", MENTOR), coding("clarity", "My mentor left.", source="later")])
    study.codings("ben", accepted, "review.csv")
    study.run("open_codes", "agreement")
    told = {
        row["scope"]: row["note"].split(";")[0]
        for row in study.rows("agreement")
        if (row["coder_a"], row["unit"], row["code"]) == ("ben", "utterance", "support") and "accepted" in row["note"]
    }
    # The other one is negated: the rules do not say that the code is there.
    one = "ben accepted 1 proposal of these rules: there they agree because they saw it"
    assert told == {"all": one, "talk": one}


def test_who_finished_and_found_nothing_is_compared(study):
    settings(study)
    study.write("codebook.yaml", WORDLESS)
    study.codings("ben", [{"source": "talk", "action": "done"}])
    study.run(*STEPS)
    assert figures(study)["support", "all"] == (3, 0, 1, 0, 2)


def test_what_rules_miss_is_told_beside_what_people_coded(study):
    settings(study)
    study.run(*STEPS)
    quality = {
        row["code"]: (row["coded"], row["found"], row["missed"], row["wrong"]) for row in study.rows("rule_quality")
    }
    assert quality["clarity"] == ("1", "1", "0", "1")
    (wrong,) = [row for row in study.rows("rule_errors") if row["code"] == "clarity"]
    assert (wrong["error"], wrong["unit"], "timing" in wrong["evidence"]) == ("wrong", "talk:2", True)
    shared = {row["code"]: row for row in study.rows("agreement") if row["coder_b"] == "rules"}
    kappas = {row["code"]: row["kappa"] for row in study.rows("rule_quality")}
    assert all(kappas[code] == row["kappa"] for code, row in shared.items() if row["unit"] == "utterance")


def test_the_same_inputs_give_the_same_bytes(study):
    settings(study)
    for coder in ("ben", "cleo"):
        study.codings(coder, [coding("support", MENTOR), coding("clarity", SUPPORT)])
    names = ("agreement.csv", "disagreements.csv", "disagreements.xlsx", "rule_quality.csv", "rule_errors.csv")
    study.run(*STEPS)
    before = [(study.results / name).read_bytes() for name in names]
    study.run("agreement")
    assert [(study.results / name).read_bytes() for name in names] == before


def test_a_study_that_no_one_coded_loads_no_library_of_statistics(study):
    settings(study)
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    study.run(*STEPS)
    program = (
        "import sys; from qualcode.cli import main; main(sys.argv[1:]); "
        "print({name.split('.')[0] for name in sys.modules} & {'sklearn', 'statsmodels', 'scipy'})"
    )
    run = [sys.executable, "-c", program, "agreement", str(study.path), "--results", str(study.results)]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "set()"
    assert study.rows("agreement") == study.rows("rule_quality") == []
