import csv
import re

import pytest

from qualcode.cli import main
from qualcode.commands.anchor import forget
from qualcode.study import load_study

STEPS = ("utterances", "parses", "open_codes")
AGREED = "I agree. We met every Monday in the library."
TALK = f"""Interviewer: What helped you most?

Ana: My mentor was always there. I agree. The timing of our meetings was good.

Ben: {AGREED}

Ana: Nobody told me what was expected of me. I agree.

Ben: The training helped me to teach.
"""


@pytest.fixture
def talk(study):
    study.write("transcripts/talk.txt", TALK)
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    return study


def anchor(study, capsys):
    """What the command says; it must succeed."""
    capsys.readouterr()
    assert main(["anchor", str(study.path)]) == 0
    return capsys.readouterr().out


def lines(study):
    with (study.path / "codings" / "anchors.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def edit(study, old, new):
    """Change the transcript, and run."""
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    assert old in text
    study.write("transcripts/talk.txt", text.replace(old, new, 1))
    assert study.run(*STEPS) == 0


def human(study):
    return {row["coding"]: row for row in study.rows("open_codes") if row["basis"] == "human"}


def where(study, row):
    """The talk before a coding, to tell where it stands."""
    return (study.results / "texts" / "talk.txt").read_text("utf-8")[: int(row["start"])]


def coded(study, *quotes, **cells):
    study.codings("anna", [{"source": "talk", "code": "support", "quote": quote, **cells} for quote in quotes])
    assert study.run(*STEPS) == 0


def test_the_lock_file_says_where_each_coding_stands(talk, capsys):
    coded(talk, "My mentor was always there.", AGREED)
    said = anchor(talk, capsys)
    assert "anchors.csv: 2 anchored (2 new)." in said
    text = (talk.results / "texts" / "talk.txt").read_text("utf-8")
    first, second = lines(talk)
    assert text[int(first["start"]) : int(first["end"])] == first["quote"] == "My mentor was always there."
    assert (first["before"], first["after"]) == ("What helped you most?", "I agree. The timing of our meet…")
    assert (second["before"], second["after"]) == (
        "…timing of our meetings was good.",
        "Nobody told me what was expected…",
    )
    assert {first["coding"], second["coding"]} == set(human(talk))


def test_running_it_again_changes_nothing(talk, capsys):
    coded(talk, "My mentor was always there.")
    anchor(talk, capsys)
    path = talk.path / "codings" / "anchors.csv"
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert "1 anchored (1 as before)." in anchor(talk, capsys)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert talk.run("open_codes") == 0 and talk.rows("unplaced") == []


def test_a_study_without_codings_is_told_so(talk, capsys):
    assert talk.run(*STEPS) == 0
    assert "0 anchored (there are no codings)." in anchor(talk, capsys)
    assert not (talk.path / "codings" / "anchors.csv").exists()


def test_a_quotation_that_comes_to_stand_twice_stays_on_its_passage(talk, capsys):
    coded(talk, "We met every Monday")
    anchor(talk, capsys)
    (coding,) = human(talk)
    edit(talk, "My mentor was", "We met every Monday. My mentor was")
    ((now, row),) = human(talk).items()
    assert now == coding and where(talk, row).endswith("Karl: I agree. ")
    assert talk.rows("unplaced") == []
    assert "1 anchored (1 moved)." in anchor(talk, capsys)


def test_a_quotation_that_is_left_only_elsewhere_is_listed_with_both_texts(talk, capsys):
    coded(talk, "My mentor was always there.")
    anchor(talk, capsys)
    edit(talk, "My mentor was always there. ", "")
    edit(talk, "The training helped", "My mentor was always there. The training helped")
    assert human(talk) == {}
    (lost,) = talk.rows("unplaced")
    assert lost["quote"] == lost["anchored"] == "My mentor was always there."
    assert lost["nearest"] == "My mentor was always there"
    assert lost["reason"].startswith("the words that it stood on are there, but not certainly those")
    assert re.fullmatch(r"\d+-\d+, after “What helped you most\?”, before “I agree. The.*…”", lost["stood"])
    said = anchor(talk, capsys)
    assert "0 anchored (1 without a place)." in said
    assert "coding.csv: row 2: talk" in said and "stood on: “My mentor was always there.”" in said
    # It stays listed until someone says what it is to stand on, and then that is where it stands.
    assert talk.run("open_codes") == 0 and len(talk.rows("unplaced")) == 1
    coded(talk, "My mentor was always there. The training")
    assert talk.rows("unplaced") == [] and len(human(talk)) == 1
    assert "1 anchored (1 new, 1 taken out, for which no row asks any more)." in anchor(talk, capsys)


def test_what_was_anchored_exactly_is_never_placed_fuzzily(talk, capsys):
    quote = "Nobody told me what was expected of me"
    coded(talk, quote)
    anchor(talk, capsys)
    edit(talk, quote, quote.replace("told", "tells"))
    (lost,) = talk.rows("unplaced")
    assert lost["anchored"] == quote and lost["nearest"] == quote.replace("told", "tells")
    # Without an anchor the same row has a place.
    (talk.path / "codings" / "anchors.csv").unlink()
    assert talk.run("open_codes") == 0
    assert [row["evidence"][:5] for row in human(talk).values()] == ["fuzzy"]


def test_what_was_placed_fuzzily_keeps_its_passage_and_its_score(talk, capsys):
    coded(talk, "Nobody told me what was expectd of me")
    (before,) = human(talk).values()
    anchor(talk, capsys)
    edit(talk, "What helped", "Thank you. What helped")
    (after,) = human(talk).values()
    assert after["evidence"] == before["evidence"] and after["evidence"].startswith("fuzzy, 9")
    assert (after["quote"], after["coding"]) == (before["quote"], before["coding"])
    edit(talk, "was expected of me", "was expectd of me")
    assert human(talk) == {} and talk.rows("unplaced")[0]["anchored"] == before["quote"]


def test_another_row_like_an_anchored_one_may_mean_what_has_come_in_since(talk, capsys):
    quote = "We met every Monday"
    coded(talk, quote, quote)
    anchor(talk, capsys)
    edit(talk, "The training", f"{quote}. The training")
    assert len(human(talk)) == 1 and talk.rows("unplaced") == []
    coded(talk, quote, quote, quote)
    assert len(human(talk)) == 1
    (lost,) = talk.rows("unplaced")
    assert (lost["row"], lost["reason"]) == ("4", "the quotation stands 2 times: quote more, or name the participant")


def test_decisions_follow_their_proposal_past_equals(talk, capsys):
    sentence = "The training helped me to teach."
    coded(talk, AGREED)
    (proposal,) = [row for row in talk.rows("open_codes") if row["basis"] == "rule" and row["quote"] == sentence]
    talk.codings("anna", [{"action": "reject", "coding": proposal["coding"]}], "review.csv")
    assert talk.run("open_codes") == 0
    anchor(talk, capsys)
    edit(talk, "My mentor", f"{sentence} My mentor")

    def status():
        rows = [row for row in talk.rows("open_codes") if row["basis"] == "rule" and row["quote"] == sentence]
        return [(row["coding"] == proposal["coding"], row["status"]) for row in rows]

    assert status() == [(False, "proposed"), (True, "rejected")]
    assert "2 anchored (2 moved)." in anchor(talk, capsys)
    # The one that was rejected goes: the decision is listed, and does not pass to the other.
    edit(talk, f"\n\nBen: {sentence}", "")
    assert status() == [(False, "proposed")]
    (lost,) = talk.rows("unplaced")
    assert lost["reason"].startswith("there is no such proposal any more: the words that it stood on")
    assert (lost["action"], lost["source"], lost["code"], lost["anchored"]) == ("reject", "talk", "training", sentence)


def test_a_decision_that_names_someone_else_than_who_speaks_is_listed(talk):
    coded(talk, AGREED)
    (proposal,) = [row for row in talk.rows("open_codes") if row["code"] == "training" and row["basis"] == "rule"]
    decision = {"action": "accept", "coding": proposal["coding"], "source": "talk"}
    talk.codings("anna", [decision | {"participant": "p1"}], "review.csv")
    assert talk.run("open_codes") == 0
    assert talk.rows("unplaced")[0]["reason"] == "the proposal is there, but these are not words of 'p1'"
    talk.codings("anna", [decision | {"participant": "p2"}], "review.csv")
    assert talk.run("open_codes") == 0
    assert talk.rows("unplaced") == []


def test_withdrawals_by_id_stay_with_the_coding(talk, capsys):
    row = {"source": "talk", "code": "support", "quote": "I agree.", "participant": "p2"}
    talk.codings("anna", [row])
    assert talk.run(*STEPS) == 0
    (coding,) = human(talk)
    talk.codings("anna", [{"action": "withdraw", "coding": coding}], "later.csv")
    assert talk.run(*STEPS) == 0
    anchor(talk, capsys)
    edit(talk, "Ana: My mentor was always there. I agree.", "Ana: My mentor was always there.")
    ((now, row),) = human(talk).items()
    assert (now, row["status"]) == (coding, "withdrawn") and where(talk, row).endswith("Karl: ")


def test_a_name_that_is_hidden_since_or_otherwise_leaves_codings_where_they_are(talk, capsys):
    edit(talk, "in the library.", "in the Lincoln Library, like Ana says, all of us.")
    quote = "in the Lincoln Library, like Ana says"
    coded(talk, quote)
    anchor(talk, capsys)
    (coding,) = human(talk)
    assert lines(talk)[0]["quote"] == "in the Lincoln Library, like Rosa says"
    people = (talk.path / "participants.csv").read_text("utf-8")
    talk.write("participants.csv", people.replace("Rosa", "Greta"))
    talk.write("redactions.csv", "text,replacement,kind,decision\nLincoln Library,[library],place,redact\n")
    # The coder's own words are of no help here, or only alike.
    row = {"source": "talk", "code": "support"}
    talk.codings("anna", [row | {"quote": "like Rosa says"}, row | {"quote": quote.replace("Ana", "Rosa")}])
    lock = (talk.path / "codings" / "anchors.csv").read_text("utf-8")
    assert talk.run(*STEPS) == 0
    assert [row["quote"] for row in talk.rows("unplaced")] == ["like Rosa says"]
    assert [row["evidence"] for row in human(talk).values()] == ["fuzzy, 91 of 100"]
    talk.codings("anna", [{"source": "talk", "code": "support", "quote": quote}])
    assert talk.run(*STEPS) == 0
    ((now, row),) = human(talk).items()
    assert (now, row["quote"]) == (coding, "in the [library], like Greta says")
    said = anchor(talk, capsys)
    assert "1 anchored (1 changed in name or spelling)." in said
    assert "“in the Lincoln Library, like Rosa says” is now “in the [library], like Greta says”" in said
    after = (talk.path / "codings" / "anchors.csv").read_text("utf-8")
    assert "Lincoln" in lock and "Lincoln" not in after and "Rosa" not in after


def test_an_edit_that_is_undone_brings_the_coding_back(talk, capsys):
    coded(talk, "My mentor was always there.")
    anchor(talk, capsys)
    before = human(talk)
    edit(talk, "My mentor was always there. ", "")
    anchor(talk, capsys)
    edit(talk, "Ana: I agree.", "Ana: My mentor was always there. I agree.")
    assert human(talk) == before and talk.rows("unplaced") == []


def test_answers_of_a_survey_are_those_of_their_person(study, capsys):
    study.write("sources.csv", "source,file,kind,id_column,text_columns\nform,form.csv,survey,id,what;why\n")
    (study.path / "transcripts" / "talk.txt").unlink()
    (study.path / "participants.csv").unlink()
    answers = [f"r{n},{'yes' if n % 2 else 'no'},yes\n" for n in range(1, 9)]
    study.write("transcripts/form.csv", "id,what,why\n" + "".join(answers))
    rows = [{"source": "form", "code": "support", "quote": "yes", "participant": f"r{n}"} for n in (2, 4, 8)]
    study.codings("anna", rows)
    assert study.run(*STEPS) == 0

    def placed():
        of = {row["coding"]: row["participant"] for row in study.rows("open_code_utterances")}
        return {of[coding]: coding for coding in human(study)}

    before = placed()
    assert set(before) == {"r2", "r4", "r8"}
    anchor(study, capsys)
    # Others answer, above and below; one of them takes back an answer.
    answers[3] = "r4,no,never\n"
    study.write("transcripts/form.csv", "id,what,why\nr0,yes,yes\n" + "".join(answers) + "r9,yes,yes\n")
    assert study.run(*STEPS) == 0
    assert placed() == {person: before[person] for person in ("r2", "r8")}
    (lost,) = study.rows("unplaced")
    assert lost["row"] == "3" and lost["anchored"] == "yes"


def test_who_withdrew_is_quoted_nowhere_and_the_others_keep_their_codings(talk, capsys):
    rows = [
        {"source": "talk", "code": "support", "quote": "My mentor was always there. I agree."},
        {"source": "talk", "code": "support", "quote": AGREED},
        {"source": "talk", "code": "clarity", "quote": "Nobody told me what was expected of me. I agree."},
        {"source": "talk", "code": "clarity", "quote": "The training helped me, to teach"},
    ]
    talk.codings("anna", rows)
    assert talk.run(*STEPS) == 0
    anchor(talk, capsys)
    before = human(talk)
    people = (talk.path / "participants.csv").read_text("utf-8")
    talk.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert talk.run(*STEPS) == 0
    # What Ana said between Ben's turns keeps its coding, though the talk around it is gone.
    kept = [key for key, row in before.items() if "mentor" in row["quote"] or "Nobody" in row["quote"]]
    assert list(human(talk)) == kept
    lost = talk.rows("unplaced")
    assert [row["row"] for row in lost] == ["3", "5"]
    for row in lost:
        assert row["quote"].startswith("(not shown") and "someone who withdrew" in row["reason"]
        assert row["nearest"] == row["anchored"] == "" and re.fullmatch(r"\d+-\d+", row["stood"])
    said = anchor(talk, capsys)
    assert "2 anchored (1 as before, 1 moved, 2 without a place)." in said
    lock = (talk.path / "codings" / "anchors.csv").read_text("utf-8")
    for words in ("library", "Monday", "training", "Karl"):
        assert words not in lock and words not in said
    assert len(lines(talk)) == 4


def test_purging_takes_the_words_out_of_the_lock_file(talk, capsys):
    coded(talk, "The training helped me to teach.", "Nobody told me what was expected of me")
    anchor(talk, capsys)
    people = (talk.path / "participants.csv").read_text("utf-8")
    talk.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert forget(load_study(talk.path)) == 1
    lock = (talk.path / "codings" / "anchors.csv").read_text("utf-8")
    assert "training" not in lock and "Nobody told me" in lock
    assert forget(load_study(talk.path)) == 0
    assert talk.run(*STEPS) == 0
    assert [row["row"] for row in talk.rows("unplaced")] == ["2"] and len(human(talk)) == 1


def test_no_coding_lands_on_the_marker_of_withdrawn_words(talk):
    people = (talk.path / "participants.csv").read_text("utf-8")
    talk.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    coded(talk, "[withdrawn]", "withdrawn", "[withdrawn]\nRosa: Nobody told me")
    assert human(talk) == {} and len(talk.rows("unplaced")) == 3
    # What is only alike may be someone else's words.
    coded(talk, "Nobody told me what was expectd of me")
    assert human(talk) == {} and talk.rows("unplaced")[0]["reason"].startswith("the quotation does not stand in")


def test_results_of_another_text_are_not_anchored(talk, capsys):
    assert main(["anchor", str(talk.path)]) == 1
    assert "talk.txt: the text is not there. Run `make results` first." in capsys.readouterr().err
    coded(talk, AGREED)
    talk.write("transcripts/talk.txt", TALK + "\nAna: Thanks.\n")
    assert main(["anchor", str(talk.path)]) == 1
    assert "was changed since the last run. Run `make results` first." in capsys.readouterr().err
    assert not (talk.path / "codings" / "anchors.csv").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("coding,row,", "coding,line,"), "row 1: unknown column 'line'"),
        (lambda text: text.replace(",hidden,answer", ""), "row 1: the column 'answer' is missing"),
        (lambda text: re.sub(r"^[0-9a-f]{12},", "?,", text, flags=re.M), "row 2, coding: '?' does not fit"),
        (lambda text: text.replace("My mentor", "Our mentor"), "row 2: these are not the words at 41 to 68 of 'talk'"),
        (lambda text: text + text.partition("\n")[2], "stands already in row 2"),
        (lambda text: re.sub(r",talk,(\w{12}),\d+,", r",talk,\1,ten,", text), "row 2, start: 'ten' does not fit"),
    ],
)
def test_a_lock_file_that_was_edited_is_told_by_row(talk, capsys, change, told):
    coded(talk, "My mentor was always there.")
    anchor(talk, capsys)
    path = talk.path / "codings" / "anchors.csv"
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    before = (talk.results / "open_codes.csv").read_bytes()
    for command in (["open_codes", str(talk.path), "--results", str(talk.results)], ["anchor", str(talk.path)]):
        assert main(command) == 1
        assert told in capsys.readouterr().err
    assert (talk.results / "open_codes.csv").read_bytes() == before


def test_a_renamed_or_merged_code_keeps_its_places(talk, capsys):
    coded(talk, "We met every Monday")
    anchor(talk, capsys)
    book = (talk.path / "codebook.yaml").read_text("utf-8")
    talk.write("codebook.yaml", book.replace("code: support,", "code: backing, formerly: [aid, support],"))
    edit(talk, "My mentor was", "We met every Monday. My mentor was")
    (row,) = human(talk).values()
    assert row["code"] == "backing" and where(talk, row).endswith("Karl: I agree. ")
