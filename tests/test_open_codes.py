import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.text import fold

STEPS = ("utterances", "parses", "open_codes")


def by_quote(study, **wanted):
    rows = study.rows("open_codes")
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def test_a_moderators_words_may_be_coded_and_do_not_count(study):
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "What helped you most"}])
    assert study.run(*STEPS) == 0
    (asked,) = by_quote(study, basis="human")
    assert (asked["counts"], asked["reason"]) == ("false", "anna coded it, but these are no participant's words")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nmoderators: include\n")
    assert study.run(*STEPS) == 0
    assert by_quote(study, basis="human")[0]["counts"] == "true"


def test_people_and_rules_side_by_side(study):
    assert study.run(*STEPS) == 0
    human = by_quote(study, basis="human")
    assert [(row["code"], row["quote"], row["evidence"], row["counts"]) for row in human] == [
        ("support", "My mentor was always there.", "exact", "true"),
        ("clarity", "the expectations changed", "exact", "true"),
    ]
    rules = {(row["code"], row["quote"]): row for row in by_quote(study, basis="rule")}
    assert rules["support", "I got no support."]["status"] == "negated"
    assert rules["support", "I got no support."]["evidence"] == 'support → "support" (negated by "no")'
    clarity = rules["clarity", "Nobody told me what was expected of me, and the expectations changed."]
    assert clarity["evidence"] == 'what * expected → "what was expected"; expectation → "expectations"'
    assert rules["clarity", "The timing of our meetings was good."]["evidence"] == 'timing → "timing"'
    assert rules["training", "The training helped me to teach."]["status"] == "proposed"
    assert all(row["counts"] == "false" for row in rules.values())
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    for row in study.rows("open_codes"):
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]


def test_words_match_surface_or_lemma_in_context_never_out_of_it(study):
    study.write(
        "transcripts/talk.txt", "Ana: It was my first time. I took the train. The timing was bad. Trainings help.\n"
    )
    study.codings("anna", [{"source": "talk", "action": "done"}])
    study.run(*STEPS)
    assert {(row["code"], row["quote"]) for row in by_quote(study, basis="rule")} == {
        ("clarity", "The timing was bad."),
        ("training", "Trainings help."),
    }


def test_moderators_are_never_coded_and_unless_vetoes_what_it_overlaps(study):
    study.write(
        "codebook.yaml",
        "codebook: B\ncodes:\n- code: time\n  words: ['tim*']\n  unless: ['first time']\n- code: support\n- code: clarity\n",
    )
    study.write(
        "transcripts/talk.txt", "Interviewer: Time?\nAna: My first time, but the timing was fine. First time.\n"
    )
    study.codings("anna", [{"source": "talk", "action": "done"}])
    study.run(*STEPS)
    (row,) = by_quote(study, basis="rule")
    assert row["evidence"] == 'tim* → "timing"'


def test_spacy_patterns_and_their_mistakes(study, problems_of):
    book = "codebook: B\ncodes:\n- code: support\n- code: clarity\n  patterns: [[{LEMMA: always}, {POS: ADV}]]\n"
    study.write("codebook.yaml", book)
    assert study.run(*STEPS) == 0
    (row,) = by_quote(study, basis="rule")
    assert row["evidence"] == 'pattern 1 → "always there"'
    study.write("codebook.yaml", book.replace("LEMMA", "LEMA"))
    assert study.run("open_codes") == 1
    assert "line 5: pattern 1 of 'clarity' is not a spaCy pattern" in problems_of()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"source": "nowhere", "code": "support", "quote": "x"}, "row 2: there is no source 'nowhere'"),
        ({"source": "talk", "code": "suport", "quote": "x"}, "row 2: there is no code 'suport'"),
        ({"source": "talk", "code": "support", "quote": "x", "participant": "p9"}, "there is no participant 'p9'"),
        ({"source": "talk", "code": "", "quote": "x"}, "row 2: 'code' is missing"),
        ({"source": "talk", "code": "support", "quote": "x", "action": "aply"}, "'aply' is not allowed here"),
        ({"source": "", "code": "", "quote": "", "action": "accept"}, "'coding' is missing"),
        ({"source": "", "code": "", "quote": "q", "action": "withdraw"}, "a withdrawal needs"),
    ],
)
def test_mistakes_in_codings(study, problems_of, row, told):
    study.codings("anna", [row])
    assert study.run(*STEPS) == 1
    assert told in problems_of()


def test_no_row_is_lost(study):
    study.codings(
        "anna",
        [
            {"source": "talk", "code": "support", "quote": "never said anywhere in this talk"},
            {"source": "talk", "code": "support", "quote": "e", "participant": ""},
            {"source": "talk", "code": "support", "quote": "me"},
            {"source": "talk", "code": "support", "quote": "me", "participant": "p1"},
            {"source": "talk", "code": "support", "quote": "The training", "participant": "p2"},
            {"source": "talk", "action": "accept", "coding": "000000000000"},
            {"source": "talk", "action": "withdraw", "code": "clarity", "quote": "The training helped"},
        ],
    )
    assert study.run(*STEPS) == 0
    lost = {row["row"]: row for row in study.rows("unplaced")}
    assert len(lost) + len(by_quote(study, basis="human")) == 7
    assert lost["2"]["reason"] == "the quotation does not stand in the source"
    assert lost["4"]["reason"].startswith("the quotation stands 3 times: quote more, or name the participant")
    assert lost["6"]["reason"] == "the quotation stands in the source, but these are not words of 'p2'"
    assert lost["7"]["reason"].startswith("there is no such proposal any more; if it was a suggestion,")
    assert lost["8"]["reason"] == "anna has no such coding to withdraw"
    assert len(by_quote(study, basis="human", quote="me")) == 1


def test_quotations_are_hidden_like_the_text_and_may_cross_turns(study):
    study.codings(
        "anna",
        [
            {"source": "talk", "code": "clarity", "quote": "I agree with Ben."},
            {
                "source": "talk",
                "code": "support",
                "quote": "expectations changed.\n\nAna: I agree with Ben. The training",
            },
        ],
    )
    assert study.run(*STEPS) == 0
    assert study.rows("unplaced") == []
    assert [row["quote"] for row in by_quote(study, basis="human")] == [
        "expectations changed.\nRosa: I agree with Karl. The training",
        "I agree with Karl.",
    ]
    across = by_quote(study, code="support", basis="human")[0]["coding"]
    credits = {(r["utterance"], r["participant"]) for r in study.rows("open_code_utterances") if r["coding"] == across}
    assert credits == {("talk:4", "p2"), ("talk:5", "p1")}


def test_a_quotation_with_names_is_found_exactly_before_it_is_found_fuzzily(study):
    study.codings("anna", [{"source": "talk", "code": "clarity", "quote": "I agree with Ben. The training helped me"}])
    assert study.run(*STEPS) == 0
    assert [row["evidence"] for row in by_quote(study, basis="human")] == ["exact"]


def test_a_coding_is_credited_to_whom_it_names_and_never_to_moderators(study):
    quote = "Ana?\nAna: My mentor was always there. The timing of our meetings was good.\nBen: Mm-hm."
    study.codings("anna", [{"source": "talk", "code": "support", "quote": quote, "participant": "p1"}])
    assert study.run(*STEPS) == 0
    (coding,) = by_quote(study, basis="human")
    credits = [
        (r["utterance"], r["participant"])
        for r in study.rows("open_code_utterances")
        if r["coding"] == coding["coding"]
    ]
    assert credits == [("talk:1", ""), ("talk:2", "p1"), ("talk:3", "")]


def test_withdrawn_codings_do_not_count_and_can_be_made_again(study):
    row = {"source": "talk", "code": "support", "quote": "My mentor was always there."}
    study.codings("anna", [row | {"action": ""}, row | {"action": "withdraw"}])
    study.run(*STEPS)
    (coding,) = by_quote(study, basis="human")
    assert (coding["status"], coding["counts"], coding["reason"]) == ("withdrawn", "false", "anna withdrew it")
    study.codings("anna", [row | {"action": ""}, row | {"action": "withdraw"}, row | {"action": "apply"}])
    study.run("open_codes")
    assert by_quote(study, basis="human")[0]["status"] == "accepted"


def test_rules_propose_or_apply_and_rejection_outranks(study):
    study.run(*STEPS)
    proposals = {row["quote"]: row["coding"] for row in by_quote(study, basis="rule")}
    decided = [
        {"action": "reject", "coding": proposals["I got no support."]},
        {"action": "accept", "coding": proposals["The timing of our meetings was good."]},
    ]
    study.codings("anna", decided, "review.csv")
    for rules, waiting in (("propose", ("proposed", "false")), ("apply", ("accepted", "true"))):
        study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nrules: {rules}\n")
        study.run("open_codes")
        now = {row["quote"]: (row["status"], row["counts"]) for row in by_quote(study, basis="rule")}
        assert now["I got no support."] == ("rejected", "false")
        assert now["The timing of our meetings was good."] == ("accepted", "true")
        assert now["The training helped me to teach."] == waiting
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules: apply\nrules_for: {training: propose}\n")
    study.run("open_codes")
    assert by_quote(study, basis="rule", code="training")[0]["counts"] == "false"


def test_a_rename_revives_no_rejected_proposal(study):
    study.run(*STEPS)
    (proposal,) = by_quote(study, basis="rule", code="training")
    study.codings("anna", [{"action": "reject", "coding": proposal["coding"]}], "review.csv")
    book = (study.path / "codebook.yaml").read_text("utf-8")
    renamed = book.replace("code: training,", "code: learning, formerly: [training],")
    study.write("codebook.yaml", renamed)
    study.run("open_codes")
    (now,) = by_quote(study, basis="rule", code="learning")
    assert (now["coding"], now["status"]) == (proposal["coding"], "rejected")
    # Merged into another code: the proposal's id is that code's, and the decision still finds it.
    merged = book.replace(
        "      - {code: training, name: Training, definition: Learning to teach., words: [training]}\n", ""
    )
    study.write(
        "codebook.yaml", merged.replace("words: [support,", "formerly: [aid, training], words: [training, support,")
    )
    study.run("open_codes")
    (now,) = [row for row in by_quote(study, basis="rule", code="support") if "training" in row["quote"]]
    assert now["status"] == "rejected"


def test_an_edit_above_leaves_ids_alone(study):
    study.run(*STEPS)
    before = {(row["code"], row["basis"], row["quote"]): row["coding"] for row in study.rows("open_codes")}
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", text.replace("What helped", "Thank you all for coming. What helped"))
    study.run(*STEPS)
    assert {(r["code"], r["basis"], r["quote"]): r["coding"] for r in study.rows("open_codes")} == before


def test_after_a_merge_equal_codings_of_one_coder_are_one(study):
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: one, formerly: [support, training]}\n- code: clarity\n")
    quote = {"source": "talk", "quote": "My mentor was always there."}
    study.codings(
        "anna", [quote | {"code": "support", "use": "exemplar"}, quote | {"code": "training", "memo": "seen twice"}]
    )
    study.codings("ben", [quote | {"code": "training"}])
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: any\n")
    study.run(*STEPS)
    rows = by_quote(study, code="one", basis="human")
    assert [(row["coder"], row["use"], row["memo"]) for row in rows] == [
        ("anna", "exemplar", "seen twice"),
        ("ben", "", ""),
    ]


def test_a_split_lists_the_codings_that_need_a_person(study):
    study.write(
        "codebook.yaml",
        "codebook: B\ncodes:\n- {code: a, formerly: [support]}\n- {code: b, formerly: [support]}\n- code: clarity\n",
    )
    assert study.run(*STEPS) == 0
    (row,) = study.rows("unplaced")
    assert (row["file"], row["row"], row["code"]) == ("coding.csv", "2", "support")
    assert row["reason"] == "the code was split into a and b: say which of them this coding is now"
    assert row["nearest"] == "My mentor was always there"
    assert [row["code"] for row in by_quote(study, basis="human")] == ["clarity"]


def test_settings_that_name_unknown_codes_and_questions_are_told(study, problems_of):
    study.write(
        "study.yaml",
        "title: T\ncodebook: codebook.yaml\nrules_for: {suport: apply}\nquestions: [{id: rq1, text: Why?}]\n",
    )
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: support, question: rq2}\n- code: clarity\n")
    assert study.run(*STEPS) == 1
    told = problems_of()
    assert "rules_for: there is no code 'suport'" in told
    assert "line 3: 'support' names a question that study.yaml does not have (found 'rq2')" in told


def test_a_step_without_what_it_reads_says_what_to_run(study, problems_of):
    assert study.run("open_codes") == 1
    assert "utterances.csv: the table is not there: the step utterances makes it. Run `make results`." in problems_of()


def test_what_is_not_placed_shows_no_name_and_no_words_of_who_withdrew(study):
    lost = {"source": "talk", "code": "support", "quote": "Ben said nobody was there that day", "memo": "Ben again"}
    study.codings(
        "anna", [lost, {"source": "talk", "code": "clarity", "quote": "The timing of our", "memo": "Ben too"}]
    )
    study.run(*STEPS)
    assert study.rows("unplaced")[0]["quote"] == "Karl said nobody was there that day"
    assert by_quote(study, basis="human")[0]["memo"] == "Karl too"
    (proposal,) = by_quote(study, basis="rule", code="training")
    study.codings("anna", [{"coding": proposal["coding"], "action": "reject", "memo": "Not Ben's"}], "review.csv")
    study.run(*STEPS)
    assert by_quote(study, basis="rule", code="training")[0]["memo"] == "Not Karl's"
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    study.run(*STEPS)
    assert study.rows("unplaced")[0]["quote"].startswith("(not shown: someone in this source withdrew")


TWO = {"source": "talk", "code": "support", "quote": "My mentor was always there."}


@pytest.mark.parametrize(
    ("authority", "counts"),
    [
        ("anna", {("anna", "support"), ("anna", "clarity")}),
        ("ben", {("ben", "support")}),
        ("any", {("anna", "support"), ("anna", "clarity"), ("ben", "support")}),
        ("all", {("anna", "support"), ("ben", "support")}),
    ],
)
def test_whose_word_counts(study, authority, counts):
    study.codings("ben", [TWO | {"quote": "mentor was always"}])
    study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nauthority: {authority}\n")
    assert study.run(*STEPS) == 0
    assert {(row["coder"], row["code"]) for row in by_quote(study, basis="human", counts="true")} == counts
    assert all(row["reason"] for row in study.rows("open_codes"))


def test_authority_is_settled_source_by_source(study, problems_of):
    study.write("transcripts/second.txt", "Ana: My mentor was always there.\n")
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nsecond,second.txt,interview\n")
    mine = [TWO, TWO | {"source": "second"}]
    study.codings("anna", mine)
    study.codings("ben", mine)
    book = "title: T\ncodebook: codebook.yaml\nauthority: anna\nauthority_for: {second: ben}\n"
    study.write("study.yaml", book)
    assert study.run(*STEPS) == 0
    counting = {(row["source"], row["coder"]) for row in by_quote(study, basis="human", counts="true")}
    assert counting == {("talk", "anna"), ("second", "ben")}
    assert {(row["source"], row["coder"]) for row in study.rows("coders") if row["counts"] == "true"} == counting
    study.write("study.yaml", book.replace("second:", "third:"))
    assert study.run("open_codes") == 1
    assert "study.yaml: authority_for: there is no source 'third'" in problems_of()


def test_several_coders_and_no_answer_stop_with_the_question(study, problems_of):
    study.run(*STEPS)
    before = (study.results / "open_codes.csv").read_bytes()
    study.codings("ben", [TWO])
    assert study.run("open_codes") == 1
    told = problems_of()
    assert "anna and ben coded 'talk': whose coding counts? Say `authority:` anna, ben, any or all" in told
    assert (study.results / "open_codes.csv").read_bytes() == before


def test_consensus_needs_no_answer(study):
    study.codings("ben", [TWO])
    study.codings("consensus", [TWO])
    assert study.run(*STEPS) == 0
    assert {row["coder"] for row in by_quote(study, basis="human", counts="true")} == {"consensus"}


def test_two_who_disagree_about_a_proposal_leave_it_undecided(study):
    study.run(*STEPS)
    (proposal,) = by_quote(study, basis="rule", code="training")
    study.codings("anna", [{"action": "accept", "coding": proposal["coding"]}], "review.csv")
    study.codings("ben", [{"action": "reject", "coding": proposal["coding"]}], "review.csv")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: any\n")
    study.run("open_codes")
    (now,) = by_quote(study, basis="rule", code="training")
    assert (now["status"], now["counts"]) == ("proposed", "false")
    assert now["reason"] == "accepted by anna, rejected by ben: undecided"


def test_done_says_how_far_a_coder_came(study):
    study.codings(
        "ben", [TWO | {"action": ""}, {"source": "talk", "code": "", "quote": "My mentor was always", "action": "done"}]
    )
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: anna\n")
    study.run(*STEPS)
    done = {row["coder"]: (int(row["done_to"]), row["counts"]) for row in study.rows("coders")}
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    assert done == {"anna": (len(text), "true"), "ben": (text.index("meetings was good.") + 18, "false")}


def test_what_nobody_coded(study):
    study.run(*STEPS)
    assert [row["utterance"] for row in study.rows("coverage")] == ["talk:5", "talk:2", "talk:4"]


def test_a_language_without_a_model_still_codes(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert study.run(*STEPS) == 0
    assert by_quote(study, basis="rule", code="training")


def test_a_model_that_is_not_installed_says_what_to_do(study, problems_of):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: en_core_web_huge\n")
    assert study.run("utterances", "parses") == 1
    assert "the spaCy model 'en_core_web_huge' is not installed. Install it" in problems_of()


odd = st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).map(str.strip)
ODD = [
    "👩🏽‍🏫 said \u202eyes\u202c",
    "e\u0301t\u00e9 \u2028 naïve",
    "𝒽ello \U0001f9d1\u200d\U0001f33e",
    "ﬁne ①",
    "İstanbul ẞ ŉ",
]


@given(st.lists(odd.filter(fold) | st.sampled_from(ODD), min_size=1, max_size=6, unique_by=fold))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_coding_stands_where_it_says_whatever_the_text(study, spoken):
    """Emoji, joiners, combining marks, bidi and astral characters: quote and offsets agree, and no row is lost."""
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    study.write("transcripts/talk.txt", "Ana: So.\r\n" + "\r\n".join(f"Ben: {words} end." for words in spoken))
    study.codings("anna", [{"source": "talk", "code": "clarity", "quote": f"{words} end."} for words in spoken])
    assert study.run("utterances", "parses", "open_codes") == 0
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    codings = study.rows("open_codes")
    for row in codings:
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]
    people = [row for row in codings if row["basis"] == "human"]
    assert len(people) + len(study.rows("unplaced")) == len(spoken)


SENTENCES = "Ana: My mentor gave support. The support was good.\nBen: Support came late.\n"


def test_a_merge_revives_no_withdrawn_coding(study):
    first = {"source": "talk", "code": "support", "quote": "My mentor was always there."}
    study.codings("anna", [first])
    study.run(*STEPS)
    (coding,) = (row["coding"] for row in by_quote(study, basis="human"))
    study.codings("anna", [first, {"action": "withdraw", "coding": coding, "at": "2026-04-01"}])
    book = "codebook: B\ncodes:\n- code: support\n  formerly: [aid]\n- code: clarity\n"
    study.write("codebook.yaml", book)
    assert study.run("open_codes") == 0
    (row,) = by_quote(study, basis="human")
    assert (row["status"], row["counts"]) == ("withdrawn", "false")
    assert row["coding"] != coding and coding in row["formerly"]
    # Someone else claims the former id, too: the row still says which code it is now.
    study.write("codebook.yaml", book + "- code: other\n  formerly: [aid]\n")
    assert study.run("open_codes") == 0
    assert [row["status"] for row in by_quote(study, basis="human")] == ["withdrawn"]


def test_what_was_rejected_comes_back_under_no_part_of_a_split_and_who_accepted_is_asked(study):
    study.write("transcripts/talk.txt", SENTENCES)
    study.write("codebook.yaml", "codebook: B\ncodes:\n- code: support\n  words: [support]\n")
    study.codings("anna", [{"source": "talk", "action": "done"}])
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules: apply\n")
    study.run(*STEPS)
    one, two, _ = (row["coding"] for row in by_quote(study, basis="rule"))
    decided = [{"action": "reject", "coding": one}, {"action": "accept", "coding": two}]
    study.codings("anna", [{"source": "talk", "action": "done"}, *decided])
    study.write(
        "codebook.yaml",
        "codebook: B\ncodes:\n- {code: given, formerly: [support], words: [support]}\n"
        "- {code: good, formerly: [support], words: [good]}\n",
    )
    assert study.run("open_codes") == 0
    status = {(row["code"], row["quote"]): row["status"] for row in by_quote(study, basis="rule")}
    assert status["given", "My mentor gave support."] == "rejected"
    assert status["given", "Support came late."] == "accepted"
    (lost,) = study.rows("unplaced")
    assert lost["action"] == "accept" and lost["source"] == "talk" and lost["quote"] == ""
    assert lost["reason"].startswith("the code of this proposal was split: accept or reject ")
    assert "(given)" in lost["reason"] and "(good)" in lost["reason"]
    assert lost["nearest"] == "The support was good"


def test_a_code_may_be_typed_by_its_name_and_what_is_near_is_asked_for(study, problems_of):
    study.write("codebook.yaml", "codebook: B\ncodes:\n- {code: role-clarity, name: Clear roles}\n")
    row = {"source": "talk", "quote": "The training"}
    study.codings("anna", [row | {"code": "Clear roles"}, row | {"source": "Talk", "code": "Role  clarity"}])
    assert study.run(*STEPS) == 0
    assert [row["code"] for row in by_quote(study, basis="human")] == ["role-clarity"]
    study.codings("anna", [row | {"source": "tallk", "code": "Clear role"}, row | {"code": "Role clarify"}])
    assert study.run("open_codes") == 1
    told = problems_of()
    assert "there is no source 'tallk'. Is it 'talk'?" in told
    assert told.count("Is it 'role-clarity'?") == 2


def test_negated_hits_by_what_the_code_says_of_them(study):
    book = "codebook: B\ncodes:\n- code: none\n  words: [support]\n- {code: every, words: [support], negation: count}\n"
    study.write("codebook.yaml", book + "- {code: no, words: [support], negation: only}\n")
    study.write("transcripts/talk.txt", "Ana: I got no support. I got support.\n")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules: apply\n")
    study.codings("anna", [{"source": "talk", "action": "done"}])
    study.run(*STEPS)
    found = {(row["code"], row["quote"]): (row["negated"], row["status"]) for row in by_quote(study, basis="rule")}
    assert found == {
        ("none", "I got no support."): ("true", "negated"),
        ("none", "I got support."): ("false", "accepted"),
        ("every", "I got no support."): ("true", "accepted"),
        ("every", "I got support."): ("false", "accepted"),
        ("no", "I got no support."): ("true", "accepted"),
    }
    (row,) = by_quote(study, code="none", status="negated")
    assert (row["counts"], row["matched"], row["rule"]) == ("false", "support", "support")
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    assert text[int(row["matched_start"]) : int(row["matched_end"])] == "support"
    assert len(row["codebook"]) == 12
    study.codings("anna", [{"source": "talk", "action": "done"}, {"action": "accept", "coding": row["coding"]}])
    study.run("open_codes")
    (row,) = by_quote(study, code="none", coding=row["coding"])
    assert (row["status"], row["counts"], row["negated"]) == ("accepted", "true", "true")
