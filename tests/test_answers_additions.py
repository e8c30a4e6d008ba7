"""What participants add in answers to member checks: a source of its own, in words of people who are known."""

import pytest
from answering import asked, issue, saved, sheet
from conftest import CODINGS, PARTICIPANTS

from qualcode.cli import main
from qualcode.errors import QualcodeError
from qualcode.files import sha256
from qualcode.provenance import inputs
from qualcode.study import ADDED, ADDITIONS, load_study, sources_by_kind
from qualcode.transcripts import read_transcript
from qualcode.typed import gone
from qualcode.utterances import read_sources

SURVEY = "id,What helped you?\nr1,The training helped me a lot.\nr2,Nobody was there for me at all.\n"


def answer(study, given, day="2026-04-10"):
    """Issue a packet for each person and let them add something."""
    issue(study.path / "member_checks", *map(asked, given), day=day)
    for person, words in given.items():
        saved(study.path / "member_checks" / f"{day} {person}.json", asked(person), {"add": words, "reflects 1": "4"})


def with_survey(study):
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nform,form.csv,survey\n")
    study.write("transcripts/form.csv", SURVEY)


def said(study):
    """(participant, role, words) of the utterances that were added."""
    assert study.run("utterances") == 0
    rows = [row for row in study.rows("utterances") if row["source"] == ADDITIONS]
    return [(row["participant"], row["role"], row["text"]) for row in rows]


def problems(study, read=load_study):
    with pytest.raises(QualcodeError) as raised:
        read(study.path)
    return str(raised.value)


def test_a_study_without_member_checks_reads_nothing_and_has_no_such_source(study):
    found = load_study(study.path)
    assert found.returned.issued == () and found.files("member_checks") == []
    (study.path / "member_checks").mkdir()
    (study.path / "member_checks" / ".DS_Store").write_text("x")
    found = load_study(study.path)
    assert [source.source for source in found.sources] == ["talk"] and found.files("member_checks") == []


def test_answers_that_add_nothing_make_no_source(study):
    answer(study, {"p1": ""})
    assert [source.source for source in load_study(study.path).sources] == ["talk"]


def test_an_addition_is_an_utterance_of_the_person_with_names_hidden(study):
    answer(study, {"p1": "Ben and I\r\n\r\nmet there.", "p2": "I got support later."})
    assert said(study) == [
        ("p1", "participant", "Karl and I met there."),
        ("p2", "participant", "I got support later."),
    ]
    text = (study.results / "texts" / f"{ADDITIONS}.txt").read_text("utf-8")
    assert text == "Rosa: Karl and I met there.\nKarl: I got support later.\n"
    (found,) = [source for source in load_study(study.path).sources if source.kind == ADDED]
    assert found.alone and read_transcript(found, ()).words == 9
    assert [row["note"] for row in study.rows("import_report") if row["source"] == ADDITIONS] == [
        "imported", "in the file", "imported",
    ]  # fmt: skip


def test_no_participant_is_doubled_or_changes_kind(study):
    with_survey(study)
    study.write("participants.csv", PARTICIPANTS.replace("participant,role", "participant,source,role").replace(
        "p1,", "p1,talk,").replace("p2,", "p2,,").replace("i1,", "i1,talk,"))  # fmt: skip
    assert study.run("utterances") == 0
    before = {row["participant"]: (row["kind"], row["pseudonym"]) for row in study.rows("participants")}
    answer(study, {"r2": "Later someone was.", "p1": "And more.", "p2": "So it was."})
    assert [person for person, _, _ in said(study)] == ["r2", "p1", "p2"]
    after = {row["participant"]: (row["kind"], row["pseudonym"]) for row in study.rows("participants")}
    assert after == before and len(study.rows("participants")) == len(before)


def test_people_whom_no_one_listed_are_known_by_their_ids(bare_study):
    path = bare_study.path / "transcripts" / "first talk.txt"
    path.write_text("Dr. Ana M.: I was there.\n\nBen: So was I.\n", "utf-8")
    answer(bare_study, {"Dr-Ana-M": "I came back."})
    assert said(bare_study) == [("Dr-Ana-M", "participant", "I came back.")]
    assert [row["participant"] for row in bare_study.rows("participants")] == ["Dr-Ana-M", "Ben"]


def test_a_label_that_is_someone_elses_id_tells_nothing(study):
    study.write("participants.csv", PARTICIPANTS.replace("p1,participant,Ana,", "p1,participant,Ana;p2,"))
    answer(study, {"p2": "I got support later."})
    assert said(study) == [("p2", "participant", "I got support later.")]


@pytest.mark.parametrize("words", ["I was there too.", ""])
def test_people_who_are_nowhere_any_more_are_named_whatever_they_answered(study, words):
    answer(study, {"p1": "", "p9": words})
    assert problems(study, lambda path: read_sources(load_study(path))) == (
        f"{study.path / 'member_checks'}: packets were issued to people who are in no source any more, nor in "
        "participants.csv: p9. Keep the row of p9 in participants.csv, under that id (its status may be withdrawn)."
    )


def test_who_withdrew_under_another_id_than_that_of_the_packet_is_told(study, capsys):
    answer(study, {"p1": "I came back."})
    study.write(
        "participants.csv",
        PARTICIPANTS.replace("p1,participant", "p11,participant").replace("Rosa,active", "Rosa,withdrawn"),
    )
    assert study.run("utterances") == 1
    assert "Keep the row of p1 in participants.csv" in capsys.readouterr().err
    study.write("participants.csv", PARTICIPANTS.replace("Rosa,active", "Rosa,withdrawn"))
    assert study.run("utterances") == 0


def test_a_file_of_answers_whose_name_holds_a_name_is_told_by_check_and_by_no_record(study, capsys):
    answer(study, {"p1": "I came back with Ben."})
    checks = study.path / "member_checks"
    path = next(checks.glob("*.json"))
    digest = sha256(path)
    named = path.rename(checks / "Ana answers.json")
    study.write("member_checks/decisions.csv", "return_code,question,decision,reason,by,at\n")
    assert main(["check", str(study.path)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "rename it" in line]
    assert told == [f"{named}: its name holds a name that is to be hidden: rename it."]
    names = {name for name in inputs(load_study(study.path)) if name.startswith("member_checks/")}
    issued = {f"issued/2026-04-10/{name}" for name in ("manifest.csv", "p1.docx", "p1.html", "p1.json")}
    assert names == {f"member_checks/{name}" for name in (digest[:12], "decisions.csv", *issued)}
    assert study.run("utterances", "member_checks") == 0
    said = capsys.readouterr().err
    assert f"packet {asked('p1').return_code}: add: 1 name hidden" in said and "Ana" not in said


def test_who_withdrew_leaves_nothing_here(study):
    answer(study, {"p1": "I came back in May to see them again.", "p2": "I got support later."})
    study.write("participants.csv", PARTICIPANTS.replace("Rosa,active", "Rosa,withdrawn"))
    assert said(study) == [("p2", "participant", "I got support later.")]
    found = load_study(study.path)
    assert [item.participant for item in found.returned.emptied] == ["p1"]
    assert gone(found).spans("the timing of our meetings was good")
    (study.path / "member_checks/issued/2026-04-10/p1.json").unlink()
    assert [item.participant for item in load_study(study.path).returned.emptied] == ["p1"]


def test_who_was_listed_as_withdrawn_only_later_leaves_nothing_either(bare_study):
    answer(bare_study, {"Ana": "I came back in May.", "Interviewer": "I did not."})
    rows = "x1,participant,Ana,,,withdrawn\nx2,participant,Ben,,,\nInterviewer,participant,,,,\n"
    bare_study.write("participants.csv", f"participant,role,labels,names,pseudonym,status\n{rows}")
    assert said(bare_study) == [("Interviewer", "participant", "I did not.")]


def test_the_packet_of_someone_who_did_not_withdraw_must_be_there(study):
    answer(study, {"p1": "x", "p2": "y"})
    (study.path / "member_checks/issued/2026-04-10/p2.json").unlink()
    told = problems(study)
    assert "manifest.csv: row 3: the packet of 'p2' is gone that was issued then (p2.json). Put the file back" in told
    assert len(told.splitlines()) == 1


def test_faults_of_answers_are_told_with_those_of_tables_and_nothing_is_written(study, problems_of):
    answer(study, {"p1": "x"})
    assert study.run("utterances") == 0
    before = (study.results / "utterances.csv").read_bytes()
    sheet(study.path / "member_checks" / "b.csv", [["2222-2222", "add", "My secret words"]])
    study.write("redactions.csv", "text,decision\nHill,redact\n")
    assert study.run("utterances") == 1
    told = problems_of()
    assert (
        "b.csv: row 2: no packet with the return code 2222-2222 was issued" in told and "redactions.csv: row 2" in told
    )
    assert "secret" not in told and (study.results / "utterances.csv").read_bytes() == before


@pytest.mark.parametrize("name", [ADDITIONS, "Member-Checks"])
def test_no_other_source_can_be_called_so(study, name):
    study.write("sources.csv", f"source,file,kind\n{name},talk.txt,focus_group\n")
    study.codings("anna", [{**row, "source": name} for row in CODINGS])
    assert f"sources.csv: no source can have the id '{name}': what participants add in member checks" in problems(study)


def test_a_file_without_a_listing_cannot_be_called_so_either(bare_study):
    bare_study.write("transcripts/Member checks.txt", "Ana: Hello there.")
    assert "Member checks.txt: no source can have the id 'Member-checks'" in problems(bare_study)


def test_files_are_told_by_kind(study):
    answer(study, {"p1": "x", "p2": ""})
    checks = study.path / "member_checks"
    sheet(checks / "decisions.csv", [], ("return_code", "question", "decision"))
    sheet(checks / "set-aside" / "old.csv", [])
    found = load_study(study.path)
    every = [path for path in checks.rglob("*") if path.is_file() and "set-aside" not in path.parts]
    assert set(found.files("member_checks")) == set(every)
    talk = study.path / "transcripts" / "talk.txt"
    assert set(found.files("transcripts")) == {talk, *every} - {checks / "decisions.csv"}
    assert len(found.files("transcripts", "member_checks")) == len(every) + 1
    study.write("member_checks/a{b}.json", (checks / "2026-04-10 p1.json").read_text("utf-8"))
    assert "a{b}.json: the file's name, or its folder's, holds a brace or a line break. Rename it." in problems(study)


def test_what_a_study_is_made_of_is_told_with_its_additions(study):
    answer(study, {"p1": "x", "p2": "y"})
    assert sources_by_kind(load_study(study.path)) == ["1 focus group", "2 additions in answers to member checks"]
    (study.path / "member_checks" / "2026-04-10 p1.json").unlink()
    assert sources_by_kind(load_study(study.path))[1] == "1 addition in an answer to a member check"


def test_files_that_were_issued_and_are_gone_are_told_by_check(study, capsys):
    folder = issue(study.path / "member_checks", asked("p1"), asked("p2"))
    assert main(["check", str(study.path)]) == 0
    assert "are gone" not in capsys.readouterr().out
    (folder / "p1.docx").unlink()
    (folder / "p2.html").unlink()
    assert main(["check", str(study.path)]) == 0
    (told,) = (line for line in capsys.readouterr().out.splitlines() if "are gone" in line)
    assert told.startswith(
        f"{folder.parent}: files that were issued are gone: 2026-04-10/p1.docx and 2026-04-10/p2.html."
    )


def test_additions_are_coded_like_any_source_and_codings_follow_their_words(study, capsys):
    with_survey(study)
    answer(study, {"p2": "I got support later. It was always there for us."}, "2026-04-10")
    rows = [*CODINGS, {"source": ADDITIONS, "code": "support", "quote": "always there for us"}]
    study.codings("anna", rows)
    steps = ("utterances", "parses", "open_codes")
    assert study.run(*steps) == 0
    assert main(["anchor", str(study.path)]) == 0
    counted = [row for row in study.rows("open_codes") if row["source"] == ADDITIONS and row["coder"] == "anna"]
    assert [(row["quote"], row["counts"]) for row in counted] == [("always there for us", "true")]
    # Another answer comes back, to a packet that was issued before: what was coded follows its words.
    answer(study, {"r1": "The mentor was always there for us too, and we were glad."}, "2026-04-01")
    assert study.run(*steps) == 0
    (row,) = [row for row in study.rows("open_codes") if row["source"] == ADDITIONS and row["coder"] == "anna"]
    assert (row["coding"], row["quote"]) == (counted[0]["coding"], "always there for us")
    utterance = next(
        item for item in study.rows("utterances") if item["participant"] == "p2" and item["source"] == ADDITIONS
    )
    assert int(utterance["start"]) < int(row["start"]) < int(utterance["end"])
    assert study.rows("unplaced") == []
    capsys.readouterr()
    for command in (["check", str(study.path)], ["find", "support", str(study.path)], ["history", str(study.path)]):
        assert main(command) == 0, command
    assert ADDITIONS in capsys.readouterr().out


def test_additions_are_no_unit_of_saturation(study):
    steps = ("utterances", "parses", "open_codes", "axial_codes", "saturation")
    rows = [*CODINGS, {"source": "talk", "action": "done", "quote": ""}]
    study.codings("anna", rows)
    assert study.run(*steps) == 0
    tables = ("saturation", "new_information")
    before = [(study.results / f"{name}.csv").read_bytes() for name in tables]
    answer(study, {"p2": "The training came later."})
    study.codings("anna", [*rows, {"source": ADDITIONS, "code": "training", "quote": "The training came later."}])
    assert study.run(*steps) == 0
    assert [(study.results / f"{name}.csv").read_bytes() for name in tables] == before
