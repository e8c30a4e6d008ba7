import shutil

import pytest
from office_files import comment, marked, write_docx

from qualcode.cli import main

STEPS = ("utterances", "parses", "open_codes")
ROWS = [
    {"source": "talk", "code": "support", "quote": "My mentor was always there.", "round": "1", "at": "2026-01-02"},
    {"source": "talk", "code": "clarity", "quote": "The timing of our meetings", "round": "1", "at": "2026-01-02T10:30"},
    {
        "source": "talk", "code": "clarity", "quote": "The timing of our meetings", "round": "2", "at": "2026-02-05",
        "action": "withdraw", "memo": "Time is no clarity, Ana!", "by": "A. Koch",
    },
]  # fmt: skip


@pytest.fixture
def told(study, capsys):
    """Runs the command; gives what it says, line ends and indentation made blanks."""

    def tell(*arguments, code=0):
        capsys.readouterr()
        assert main(["history", str(study.path), *arguments]) == code
        said = capsys.readouterr()
        return " ".join((said.err if code else said.out).split())

    study.codings("anna", ROWS)
    assert study.run(*STEPS) == 0
    return tell


def test_who_decided_what_when_and_in_which_round(study, told):
    (proposal,) = [row for row in study.rows("open_codes") if row["code"] == "training"]
    study.codings("ben", [{"coding": proposal["coding"], "action": "reject", "memo": "Not help."}], "review.csv")
    everything = told()
    assert everything.index("2026-01-02 anna, round 1: coded support") < everything.index("2026-02-05 anna (A. Koch)")
    assert "anna, round 1 10:30: coded clarity “The timing of our meetings” (talk:2, p1)" in everything
    assert "round 2: withdrew clarity" in everything and "Memo: Time is no clarity, Rosa!" in everything
    assert "Placed (exact); decided again later. codings/anna/coding.csv, row 3, coding " in everything
    assert "without a date ben: rejected the proposal training, made by “training”" in everything
    assert everything.endswith("4 decisions.")


def test_a_round_that_holds_a_name_is_found_by_it_and_told_without_it(study, told):
    study.codings("anna", [ROWS[0] | {"round": "after Ben left"}])
    said = told("--round", "after Ben left")
    assert said.endswith("1 decision of those asked for.")
    assert "anna, round after Karl left: coded support" in said and "Ben" not in said


def test_narrowed_by_code_person_coding_coder_and_round(study, told):
    assert told("--code", "support").endswith("1 decision of those asked for.")
    assert told("--participant", "p1").endswith("3 decisions of those asked for.")
    assert told("--participant", "p2").endswith("0 decisions of those asked for.")
    for called in ("P1", "rosa", "ANA"):
        assert told("--participant", called).endswith("3 decisions of those asked for.")
    assert told("--participant", "Interviewer").endswith("0 decisions of those asked for.")
    assert told("--round", "2").endswith("1 decision of those asked for.")
    assert told("--coder", "anna").endswith("3 decisions of those asked for.")
    (withdrawn,) = [row for row in study.rows("open_codes") if row["status"] == "withdrawn"]
    assert told("--coding", withdrawn["coding"][:8]).endswith("2 decisions of those asked for.")


@pytest.mark.parametrize(
    ("option", "named", "says"),
    [
        ("--code", "suport", "there is no code 'suport'. Is it support?"),
        ("--code", "zzz", "there is no code 'zzz'. The codes are: help, support, training and clarity."),
        ("--participant", "zzz", "there is no participant 'zzz'. The participants are: i1, p1 and p2."),
        ("--participant", "Roza", "there is no participant 'Roza'. Is it Rosa?"),
        ("--coder", "ana", "there is no coder 'ana'. Is it anna?"),
        ("--coder", "zzz", "there is no coder 'zzz'. The coders are: anna."),
        ("--coding", "ffffffff", "no coding is named 'ffffffff'"),
        ("--coding", "a", "no coding is named 'a'"),
    ],
)
def test_what_is_not_there(told, option, named, says):
    assert says in told(option, named, code=1)


def test_of_many_codes_twelve_are_named(study, told):
    codes = "".join(f"  - {{code: c{number:02}}}\n" for number in range(20))
    study.write("codebook.yaml", (study.path / "codebook.yaml").read_text("utf-8") + codes)
    assert (
        "The codes are: help, support, training, clarity, c00, c01, c02, c03, c04, c05, c06, c07 and 12 more."
        in told("--code", "zzz", code=1)
    )


def test_a_label_may_be_of_another_person_in_each_source(study, told):
    study.write("transcripts/more.txt", "Ana: We met on Mondays.\n\nBen: That was good.\n")
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nmore,more.txt,interview\n")
    study.write(
        "participants.csv",
        "participant,role,source,labels,names,pseudonym\np1,participant,talk,Ana,,Rosa\np2,participant,talk,Ben,,Karl\n"
        "p3,participant,more,Ana,,Lena\np4,participant,more,Ben,,Otto\ni1,moderator,talk,Interviewer,,Interviewer\n",
    )
    study.codings("ben", [{"source": "more", "code": "clarity", "quote": "on Mondays"}])
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: any\n")
    assert study.run(*STEPS) == 0
    assert told("--participant", "ana").endswith("4 decisions of those asked for.")
    assert told("--participant", "lena").endswith("1 decision of those asked for.")


def test_a_memo_on_words_in_a_comment_is_told(study, told):
    path = study.path / "codings" / "anna" / "talk round 2.docx"
    body = marked("Ana: My {0mentor was always there0}.")
    write_docx(path, body, comments=comment(0, "memo: Ask Ben about it."))
    assert study.run("open_codes") == 0
    said = told("--round", "2")
    assert "anna, round 2: noted on these words “mentor was always there” (talk:2, p1) Memo: Ask Karl about it." in said
    assert "Noted. codings/anna/talk round 2.docx, comment 1." in said
    assert study.rows("unplaced") == []


def test_renames_and_versions_of_the_codebook(study, told):
    book = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("history/codebook-2026-01-01.yaml", book)
    study.write("codebook.yaml", book.replace("code: clarity", "code: expectations\n    formerly: [clarity]"))
    named = told("--code", "clarity")
    assert named == told("--code", "expectations")
    assert "coded expectations (then clarity)" in named and "2 decisions" in named
    assert "Codebook, as it is now against 2026-01-01: expectations: renamed from clarity" in named
    assert "Codebook" not in told("--code", "expectations", "--coder", "anna")


def test_rows_without_a_place_are_told_and_words_of_who_withdrew_are_not(study, told):
    study.codings("ben", [{"source": "talk", "code": "support", "quote": "Nothing that Ben ever said here"}])
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: anna\n")
    said = told("--coder", "ben")
    assert "ben: coded support “Nothing that Karl ever said here” (talk) No place: the quotation does not" in said
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert "Run `make results` first." in told(code=1)
    assert study.run(*STEPS) == 0
    assert "“not shown: someone here withdrew”" in told("--coder", "ben")


def test_two_peoples_edits_in_two_copies_merge_without_loss(study, tmp_path):
    """Each works in a copy of the study; both folders of codings are put together again."""
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: any\n")
    assert study.run(*STEPS) == 0
    (proposal,) = [row for row in study.rows("open_codes") if row["code"] == "training"]
    copies = [tmp_path / name / "talks" for name in ("here", "there")]
    for copy in copies:
        shutil.copytree(study.path, copy)
    study.codings("anna", [{"coding": proposal["coding"], "action": "accept"}], "review.csv")
    shutil.copytree(study.path / "codings" / "anna", copies[0] / "codings" / "anna", dirs_exist_ok=True)
    study.codings("ben", ROWS)
    shutil.copytree(study.path / "codings" / "ben", copies[1] / "codings" / "ben", dirs_exist_ok=True)
    assert study.run("open_codes") == 0
    expected = {name: study.rows(name) for name in ("open_codes", "decisions", "coders", "unplaced")}
    assert {row["coder"] for row in expected["decisions"]} == {"anna", "ben"}
    shutil.rmtree(study.path / "codings")
    for copy in copies:
        shutil.copytree(copy / "codings", study.path / "codings", dirs_exist_ok=True)
    assert study.run("open_codes") == 0
    assert {name: study.rows(name) for name in expected} == expected
