import pytest
from answering import asked, issue, saved

from qualcode import frequencies as step
from qualcode.study import ADDITIONS, load_study
from qualcode.tables import frame

STEPS = ("utterances", "parses", "open_codes", "axial_codes", "frequencies")
FIRST = """Interviewer: How did it start?
Ana: My mentor helped. I felt safe.
Ben: I had no help at all.
Interviewer: And the feedback?
Ana: Feedback came late.
Ben: Feedback was kind.
"""
SECOND = """Interviewer: How did it start?
Cleo: I was alone. Then my mentor came.
Cleo: Feedback came late.
"""
BOOK = """codebook: B
codes:
  - {code: help, definition: What helps., codes: [{code: support, name: Being there}, {code: alone}]}
  - {code: feedback}
"""
PEOPLE = """participant,role,labels,school,years
p1,participant,Ana,primary,5
p2,participant,Ben,primary,9
p3,participant,Cleo,secondary,
i1,moderator,Interviewer,university,30
"""
CODINGS = [
    ("first", "support", "My mentor helped."),
    ("first", "support", "I felt safe.\nBen: I had no help"),
    ("first", "help", "I had no help at all."),
    ("first", "feedback", "Feedback came late."),
    ("second", "alone", "I was alone."),
    ("second", "feedback", "Feedback came late."),
]
GUIDE = "guide: [{id: start, text: S, cues: [how did it]}, {id: later, text: L, cues: [the feedback]}]\n"
COUNTS = ("participants", "of_participants", "utterances", "codings", "own_codings", "sources", "of_sources")


@pytest.fixture
def talks(study, monkeypatch):
    """Three people in two sources, with hand-countable codings: one of them crosses from Ana to Ben."""
    # The printed tables take most of the step's time and have tests of their own.
    monkeypatch.setattr("qualcode.frequencies.printed.write_printed", lambda *_, **__: None)
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n" + GUIDE)
    study.write("codebook.yaml", BOOK)
    study.write("participants.csv", PEOPLE)
    study.write("sources.csv", "source,file,kind,site\nfirst,a.txt,focus_group,north\nsecond,b.txt,interview,south\n")
    (study.path / "transcripts" / "talk.txt").unlink()
    study.write("transcripts/a.txt", FIRST)
    study.write("transcripts/b.txt", SECOND)
    code(study, *CODINGS)
    return study


def code(study, *rows):
    study.codings("anna", [dict(zip(("source", "code", "quote"), row, strict=True)) for row in rows])


def counts(row):
    return tuple(int(row[name]) for name in COUNTS)


def by(study, attribute):
    """COUNTS by value and code of an attribute."""
    rows = [row for row in study.rows("frequencies_by") if row["attribute"] == attribute]
    return {(row["value"], row["code"]): counts(row) for row in rows}


def test_people_utterances_codings_and_sources_by_hand(talks):
    assert talks.run(*STEPS) == 0
    assert {row["code"]: counts(row) for row in talks.rows("frequencies")} == {
        "help": (3, 3, 3, 4, 1, 2, 2),
        "support": (2, 3, 2, 2, 2, 1, 2),
        "alone": (1, 3, 1, 1, 1, 1, 2),
        "feedback": (2, 3, 2, 2, 2, 2, 2),
    }
    shares = {row["code"]: row["participants_percent"] for row in talks.rows("frequencies")}
    assert shares == {"help": "100.0", "support": "66.7", "alone": "33.3", "feedback": "66.7"}


def test_additions_in_member_checks_count_and_are_no_source(talks):
    title, more = load_study(talks.path).settings["title"], "My mentor called me later."
    issue(talks.path / "member_checks", asked("p3", study=title))
    saved(talks.path / "member_checks" / "p3.json", asked("p3", study=title), {"add": more})
    code(talks, *CODINGS, (ADDITIONS, "support", more))
    assert talks.run("utterances", "parses", "member_checks", *STEPS[2:]) == 0
    assert {row["code"]: counts(row) for row in talks.rows("frequencies")} == {
        "help": (3, 3, 4, 5, 1, 2, 2),
        "support": (3, 3, 3, 3, 3, 1, 2),
        "alone": (1, 3, 1, 1, 1, 1, 2),
        "feedback": (2, 3, 2, 2, 2, 2, 2),
    }
    assert {value for value, _ in by(talks, "source")} == {"first", "second"}
    assert by(talks, "site")["south", "support"] == (0, 1, 0, 0, 0, 0, 1)
    assert by(talks, "school")["secondary", "support"] == (1, 1, 1, 1, 1, 0, 1)


def test_every_code_of_the_codebook_stands_in_its_order_with_its_place(talks):
    code(talks, ("second", "alone", "I was alone."))
    talks.run(*STEPS)
    keys = ("level", "code", "name", "definition", "parent", "path", "participants")
    assert [tuple(row[key] for key in keys) for row in talks.rows("frequencies")] == [
        ("1", "help", "Help", "What helps.", "", "help", "1"),
        ("2", "support", "Being there", "", "help", "help > support", "0"),
        ("2", "alone", "Alone", "", "help", "help > alone", "1"),
        ("1", "feedback", "Feedback", "", "", "feedback", "0"),
    ]


def test_nothing_coded_is_noughts_not_an_empty_table(talks):
    talks.codings("anna", [{"source": "first", "action": "done"}])
    assert talks.run(*STEPS) == 0
    assert {counts(row) for row in talks.rows("frequencies")} == {(0, 3, 0, 0, 0, 0, 2)}


def test_moderators_are_credited_with_nothing_and_their_turns_are_no_utterances_of_a_code(talks):
    across = "I had no help at all.\nInterviewer: And the feedback?\nAna: Feedback came late."
    code(talks, ("first", "feedback", across))
    talks.run(*STEPS)
    whole = {row["code"]: counts(row) for row in talks.rows("frequencies")}
    assert whole["feedback"][0] == 2, "Ben and Ana"
    # The study's figures and those of its only coded source are the same utterances.
    assert whole["feedback"][2] == by(talks, "source")["first", "feedback"][2] == 2


def test_a_coding_for_one_person_is_not_credited_to_whom_it_touches(talks):
    row = {"source": "first", "code": "support", "quote": "I felt safe.\nBen: I had no help", "participant": "p1"}
    talks.codings("anna", [row])
    talks.run(*STEPS)
    (support,) = [row for row in talks.rows("frequencies") if row["code"] == "support"]
    assert support["participants"] == "1"


def test_attributes_of_people(talks):
    talks.run(*STEPS)
    school = by(talks, "school")
    assert school["primary", "help"] == (2, 2, 2, 3, 1, 1, 1)
    assert school["secondary", "help"] == (1, 1, 1, 1, 0, 1, 1)
    assert school["secondary", "support"] == (0, 1, 0, 0, 0, 0, 1)
    assert {value for value, _ in school} == {"primary", "secondary"}, "the moderator's school is no value"


def test_a_coding_across_two_groups_counts_in_each_with_that_groups_words(talks):
    talks.run(*STEPS)
    years = by(talks, "years")
    assert years["5", "support"] == (1, 1, 1, 2, 2, 1, 1)
    assert years["9", "support"] == (1, 1, 1, 1, 1, 1, 1)
    assert {value for value, _ in years} == {"5", "9"}, "nobody is counted where the attribute is not known"


def test_attributes_of_sources_and_sources_themselves(talks):
    talks.run(*STEPS)
    site, source = by(talks, "site"), by(talks, "source")
    assert site["north", "feedback"] == (1, 2, 1, 1, 1, 1, 1)
    assert site["south", "feedback"] == (1, 1, 1, 1, 1, 1, 1)
    assert {("first" if v == "north" else "second", c): n for (v, c), n in site.items()} == source


def test_guide_questions(talks):
    talks.run(*STEPS)
    question = by(talks, "question")
    assert question["start", "feedback"] == (1, 3, 1, 1, 1, 1, 2), "Cleo came to it before it was asked"
    assert question["later", "feedback"] == (1, 2, 1, 1, 1, 1, 1)
    assert question["later", "help"] == (0, 2, 0, 0, 0, 0, 1)


def test_by_names_the_attributes_to_count_by(talks):
    talks.run(*STEPS)
    everything = {row["attribute"] for row in talks.rows("frequencies_by")}
    assert everything == {"school", "years", "site", "source", "question"}
    text = (talks.path / "study.yaml").read_text("utf-8")
    talks.write("study.yaml", text + "frequencies: {by: [site, school]}\n")
    talks.run("frequencies")
    assert {row["attribute"] for row in talks.rows("frequencies_by")} == {"site", "school"}
    assert {row["attribute"] for row in talks.rows("sample")} == {"school", "years"}, "the sample is told in full"


def test_the_sample_with_halves_rounded_up():
    participants = [PERSON | {"participant": f"p{number}"} for number in range(16)]
    values = ["day"] + ["evening"] * 7 + ["online"] * 8
    rows = [{"subject": "participant", "id": f"p{n}", "attribute": "route", "value": v} for n, v in enumerate(values)]
    made = step.sample(frame("participants", participants), frame("attributes", rows))
    assert made.drop(columns=["attribute", "suppressed"]).to_records(index=False).tolist() == [
        ("online", 8, 16, 50.0),
        ("evening", 7, 16, 43.8),
        ("day", 1, 16, 6.3),
    ]


PERSON = {
    "role": "participant",
    "pseudonym": "P",
    "quote_consent": "yes",
    "kind": "survey",
    "utterances": 1,
    "words": 9,
}


def test_the_sample_leaves_moderators_and_sources_and_unknown_values_out(talks):
    talks.run(*STEPS)
    keys = ("attribute", "value", "participants", "of_participants", "participants_percent")
    assert [tuple(row[key] for key in keys) for row in talks.rows("sample")] == [
        ("school", "primary", "2", "3", "66.7"),
        ("school", "secondary", "1", "3", "33.3"),
        ("years", "5", "1", "2", "50.0"),
        ("years", "9", "1", "2", "50.0"),
    ]


def test_the_shares_of_the_published_survey_table(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nrules: apply\n")
    study.write(
        "codebook.yaml",
        "codebook: B\ncodes:\n- {code: feedback, words: [feedback]}\n- {code: advice, words: [advice]}\n",
    )
    answers = ["Feedback."] * 5 + ["Feedback and advice."] * 7 + ["Nothing at all."] * 21
    study.write("transcripts/talk.csv", "id,answer\n" + "".join(f"r{n},{text}\n" for n, text in enumerate(answers)))
    (study.path / "transcripts" / "talk.txt").unlink()
    study.write("sources.csv", "source,file,kind,text_columns\ntalk,talk.csv,survey,answer\n")
    study.write("participants.csv", "participant,role\nnobody,participant\n")
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    assert study.run(*STEPS) == 0
    shares = [
        (row["participants"], row["of_participants"], row["participants_percent"]) for row in study.rows("frequencies")
    ]
    assert shares == [("12", "33", "36.4"), ("7", "33", "21.2")]


# --- who was present, intervals, cases, pairs ----------------------------------------------------------------------

SILENT = PEOPLE + "p4,participant,Dan,primary,5\n"


def test_people_who_were_there_and_said_nothing_are_present(talks):
    head, *rows = SILENT.splitlines()
    listed = [f"{head},source"] + [f"{row},{'first' if row.startswith('p4') else ''}" for row in rows]
    talks.write("participants.csv", "\n".join([*listed, "p5,participant,Eva,primary,5,"]) + "\n")
    talks.run(*STEPS)
    figures = {row["code"]: row for row in talks.rows("frequencies")}
    assert [figures["support"][key] for key in ("of_participants", "of_present")] == ["3", "5"]
    assert figures["support"]["participants_percent"] == "66.7"
    there = {(row["attribute"], row["value"]): row["of_present"] for row in talks.rows("frequencies_by")}
    # Where Eva sat is not known, and what school she is from is.
    assert there["source", "first"] == "3"
    assert there["source", "second"] == "1"
    assert there["site", "north"] == "3"
    assert there["school", "primary"] == "4"
    assert there["question", "later"] == "3", "Dan was there when it was asked"
    text = (talks.path / "study.yaml").read_text("utf-8")
    talks.write("study.yaml", text + "frequencies: {of: present}\n")
    talks.run("frequencies")
    assert {row["code"]: row["participants_percent"] for row in talks.rows("frequencies")}["support"] == "40.0"


def test_who_withdrew_and_moderators_were_not_present(talks):
    talks.write("participants.csv", PEOPLE.replace("labels,", "status,labels,").replace("participant,Ana", "participant,,Ana")
                .replace("participant,Ben", "participant,,Ben").replace("participant,Cleo", "participant,withdrawn,Cleo")
                .replace("moderator,Int", "moderator,,Int"))  # fmt: skip
    talks.run(*STEPS)
    assert {(row["of_participants"], row["of_present"]) for row in talks.rows("frequencies")} == {("2", "2")}


def test_row_percentages_are_of_all_people_with_the_code(talks):
    talks.run(*STEPS)
    rows = {(row["attribute"], row["value"], row["code"]): row for row in talks.rows("frequencies_by")}
    assert rows["school", "primary", "feedback"]["row_percent"] == "50.0"
    assert rows["school", "secondary", "support"]["row_percent"] == "0.0"
    assert {row["suppressed"] for row in rows.values()} == {"false"}


def test_wilsons_intervals_stand_there_on_request(talks):
    talks.run(*STEPS)
    assert {row["percent_low"] for row in talks.rows("frequencies")} == {""}
    talks.write("study.yaml", (talks.path / "study.yaml").read_text("utf-8") + "frequencies: {interval: 95}\n")
    talks.run("frequencies")
    z = 1.959963984540054
    for row in talks.rows("frequencies"):
        n, share = int(row["of_participants"]), int(row["participants"]) / int(row["of_participants"])
        middle, half = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
        ends = [100 * max(0.0, (middle - half) / (1 + z * z / n)), 100 * min(1.0, (middle + half) / (1 + z * z / n))]
        assert [float(row["percent_low"]), float(row["percent_high"])] == pytest.approx(ends, abs=0.051)


def test_a_case_for_each_person_with_attributes_and_codes(talks):
    talks.write("participants.csv", PEOPLE.replace(",school,", ",support,"))
    talks.run(*STEPS)
    cases = talks.rows("cases")
    assert list(cases[0]) == [
        "participant", "source", "participant: support", "years", "help", "support", "alone", "feedback",
    ]  # fmt: skip
    assert [list(row.values()) for row in cases] == [
        ["p1", "", "primary", "5", "1", "1", "0", "1"],
        ["p2", "", "primary", "9", "1", "1", "0", "0"],
        ["p3", "", "secondary", "", "1", "0", "1", "1"],
    ]


def test_a_case_for_each_document_without_people(bare_study):
    bare_study.write("sources.csv", "source,file,kind,place\npaper,first talk.txt,document,=here\n")
    bare_study.codings("anna", [{"source": "paper", "code": "training", "quote": "The training helped me to teach."}])
    assert bare_study.run(*STEPS) == 0
    (case,) = bare_study.rows("cases")
    assert case == {
        "participant": "", "source": "paper", "place": "'=here", "help": "1", "support": "0", "training": "1", "clarity": "0",
    }  # fmt: skip


def test_pairs_of_codes_in_the_same_utterances(talks):
    talks.run(*STEPS)
    assert [list(row.values()) for row in talks.rows("cooccurrences")] == []
    code(
        talks, *CODINGS, ("first", "feedback", "My mentor helped. I felt safe."), ("second", "feedback", "I was alone.")
    )
    talks.run(*STEPS)
    assert [list(row.values()) for row in talks.rows("cooccurrences")] == [
        ["help", "feedback", "2", "5", "0.4000", "2"],
        ["support", "feedback", "1", "5", "0.2000", "1"],
        ["alone", "feedback", "1", "4", "0.2500", "1"],
    ]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("frequencies: {by: [schol]}", "study.yaml: frequencies: by: there is no attribute 'schol'"),
        ("confidential: {attributes: [Years]}", "study.yaml: confidential: attributes: there is no attribute 'Years'"),
    ],
)
def test_attributes_that_are_misspelt(talks, problems_of, setting, told):
    talks.write("study.yaml", f"title: T\ncodebook: codebook.yaml\n{setting}\n")
    assert talks.run(*STEPS) == 1
    assert f"{told}. Use one of: question, school, site, source, years." in problems_of()
