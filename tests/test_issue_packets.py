"""Issuing packets: what is frozen and what is refused, and drafts of e-mails whose addresses nothing else reads."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qualcode import tables
from qualcode.answers import ANSWERS_MARK, Asked, AskedConcept, AskedPart, AskedQuotation, Issued, issuing
from qualcode.answers.issuing import FILES, MANIFEST
from qualcode.cli import main
from qualcode.commands import issue_mail
from qualcode.commands.issue_mail import Addressed, made_draft, read_addresses
from qualcode.errors import QualcodeError
from qualcode.study import load_study
from qualcode.text import reading_grade

SOURCE = Path(__file__).parents[1] / "src" / "qualcode"
ADDRESSES = "participant,address,name\np1,ana@example.org,Ana Lopez\np2,ben@example.org,\n"
FROZEN = Path("talks/member_checks/issued")


def asked_of(participant: str, words: str = "My mentor was always there.") -> Asked:
    part = AskedPart("talk", "talk:2", 0, len(words), words)
    return Asked(
        study="Talks",
        participant=participant,
        concepts=(AskedConcept("1", "support", "Support"),),
        quotations=(AskedQuotation("1.1", "1", words, (part,)),),
    )


def docx_with(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document>{text}</w:document>")
    return made.getvalue()


def lay_packets(results: Path, *people: dict[str, object]) -> dict[str, Asked]:
    """The packets and packets.csv as the step leaves them: a row for each of `people`, a packet for those that have one."""
    made: dict[str, Asked] = {}
    rows = []
    (results / "packets").mkdir(exist_ok=True)
    for person in people:
        row = {"made": True, "reason": "", "draft": False, "note": "", "grade": None, "issued": "", **person}
        words = str(row.pop("words", "My mentor was always there."))
        row |= {"concepts": 1, "quotations": 1, "others_quotations": 0, "return_code": ""}
        if row["made"]:
            asked = made[str(row["participant"])] = asked_of(str(row["participant"]), words)
            row["return_code"] = asked.return_code
            base = results / "packets" / asked.participant
            base.with_suffix(".json").write_text(asked.to_json(), encoding="utf-8")
            base.with_suffix(".html").write_text(f"<p>{asked.return_code} für dich</p>", encoding="utf-8")
            base.with_suffix(".docx").write_bytes(docx_with(asked.return_code))
        rows.append(row)
    tables.write(results, "packets", tables.frame("packets", rows))
    return made


@pytest.fixture
def finished(study):
    """The study `talks` with packets of both its people, none of them issued."""
    study.run("utterances")
    study.asked = lay_packets(study.results, {"participant": "p1"}, {"participant": "p2"})
    return study


def issue(*options: str) -> int:
    return main(["issue-packets", "talks", *options])


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / MANIFEST).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def everything(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def answer(asked: Asked, name: str = "back.json", **values: str) -> Path:
    """An answer file as the html packet saves it."""
    given = {"reflects 1": "5", **values}
    answers = {key: given.get(key, "") for key in asked.questions}
    whole = {"qualcode": ANSWERS_MARK, "study": "Talks", "return_code": asked.return_code, "answers": answers}
    path = Path("talks/member_checks") / name
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


# --- issuing -------------------------------------------------------------------------------------------------------


def test_packets_are_frozen_byte_for_byte_with_a_manifest(finished, capsys):
    assert issue("--date", "2026-04-10") == 0
    folder = FROZEN / "2026-04-10"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [MANIFEST, *(f"{person}.{suffix}" for person in ("p1", "p2") for suffix in FILES)]
    )
    for row in manifest(folder):
        assert row["return_code"] == finished.asked[row["participant"]].return_code
        for suffix in FILES:
            frozen = (folder / f"{row['participant']}.{suffix}").read_bytes()
            assert frozen == (finished.results / "packets" / f"{row['participant']}.{suffix}").read_bytes()
            assert hashlib.sha256(frozen).hexdigest() == row[suffix]
    told = capsys.readouterr().out
    assert "talks/member_checks/issued/2026-04-10: 2 packets issued (p1 and p2)." in told
    assert "Put what comes back into talks/member_checks" in told
    assert told.endswith("Nothing was sent: that is left to you.\n")
    assert {item.return_code for item in load_study("talks").returned.issued} == {
        asked.return_code for asked in finished.asked.values()
    }


def test_what_was_issued_is_not_issued_again(finished, capsys):
    issue("--date", "2026-04-10")
    before = everything(Path("talks"))
    capsys.readouterr()
    assert issue("--date", "2026-04-11") == 0
    assert everything(Path("talks")) == before
    assert "issued already, on 2026-04-10: p1 and p2\n" in capsys.readouterr().out


def test_a_second_issue_of_a_day_has_a_folder_of_its_own(finished):
    assert issue("--date", "2026-04-10", "--only", "p2") == 0
    assert issue("--date", "2026-04-10") == 0
    assert [row["participant"] for row in manifest(FROZEN / "2026-04-10")] == ["p2"]
    assert [row["participant"] for row in manifest(FROZEN / "2026-04-10-2")] == ["p1"]
    assert {item.date for item in load_study("talks").returned.issued} == {"2026-04-10"}


def test_a_packet_that_changed_is_issued_only_to_whom_it_is_asked_for(finished, capsys):
    issue("--date", "2026-04-10")
    lay_packets(finished.results, {"participant": "p1", "words": "My mentor was"}, {"participant": "p2"})
    capsys.readouterr()
    assert issue("--date", "2026-04-12") == 0
    told = capsys.readouterr().out
    assert "issued on 2026-04-10, and changed since: p1. --only issues the new packet" in told
    assert not (FROZEN / "2026-04-12").exists()
    assert issue("--date", "2026-04-12", "--only", "p1") == 0
    assert [row["participant"] for row in manifest(FROZEN / "2026-04-12")] == ["p1"]
    assert issue("--date", "2026-04-09", "--only", "p2") == 0, "nothing is issued, so that no day is wrong"
    lay_packets(finished.results, {"participant": "p1"}, {"participant": "p2", "words": "I got"})
    assert issue("--date", "2026-04-09", "--only", "p2") == 1
    assert "packets were issued after that day (found 2026-04-09; the last: 2026-04-12)" in capsys.readouterr().err


def test_drafts_and_people_without_a_packet_are_named_and_their_reasons_are_not_told(finished, capsys):
    reason = "names or other identifiers in its quotations wait for a decision: Zebulon"
    lay_packets(
        finished.results,
        {"participant": "p1", "note": "With 2 people each may know who the others are."},
        {"participant": "p2", "draft": True, "reason": reason},
        {"participant": "p3", "made": False, "reason": reason},
    )
    assert issue("--date", "2026-04-10") == 0
    told = capsys.readouterr()
    assert "not issued, because a draft: p2 (packets.csv says why)" in told.out
    assert "without a packet: p3 (packets.csv says why)" in told.out
    assert "p1: With 2 people each may know who the others are." in told.out
    assert "Zebulon" not in told.out + told.err
    assert [row["participant"] for row in manifest(FROZEN / "2026-04-10")] == ["p1"]


def test_who_is_asked_for_and_has_no_packet_to_issue_is_a_problem_and_all_are_told(finished, capsys):
    lay_packets(finished.results, {"participant": "p1", "draft": True}, {"participant": "p2"})
    assert issue("--only", "p1", "p2", "i1") == 1
    told = capsys.readouterr().err
    assert "p1: the packet is a draft. packets.csv says why." in told
    assert "i1: there is no packet." in told and "2 problems" in told
    assert issue("--only", "p9") == 1
    assert "--only: there is no participant 'p9'." in capsys.readouterr().err
    assert not Path("talks/member_checks").exists()


def test_where_nothing_can_be_issued_it_fails(finished, capsys):
    lay_packets(finished.results, {"participant": "p1", "draft": True}, {"participant": "p2", "made": False})
    assert issue() == 1
    assert "packets.csv: no packet can be issued." in capsys.readouterr().err


def test_someone_who_has_withdrawn_gets_none(finished, capsys, monkeypatch):
    people = (finished.path / "participants.csv").read_text("utf-8").replace("Karl,active", "Karl,withdrawn")
    finished.write("participants.csv", people)
    assert issue() == 1
    assert "Run `make results` first." in capsys.readouterr().err, "the texts of the last run still hold their words"
    monkeypatch.setattr("qualcode.commands.issue_packets.check_texts", lambda *_: None)
    assert issue() == 1
    assert "p2: there is a packet, and this person has withdrawn. Run `make results` first." in capsys.readouterr().err
    assert not Path("talks/member_checks").exists()


def test_packets_of_other_words_than_the_study_has_now_are_refused(finished, capsys):
    transcript = finished.path / "transcripts" / "talk.txt"
    transcript.write_text(transcript.read_text("utf-8").replace("Mm-hm", "Yes"), encoding="utf-8")
    assert issue() == 1
    assert "the transcript, or what is hidden in it, was changed since the last run" in capsys.readouterr().err


def record_of(finished) -> None:
    """The record of making, of the study as it is."""
    from qualcode.provenance import inputs

    single = dict.fromkeys(("study", "qualcode", "code", "python", "system"), "")
    nested = {name: {} for name in ("packages", "settings", "models", "codebook", "decided")}
    hashed = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in inputs(load_study("talks")).items()}
    made = {f"packets/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (finished.results / "packets").iterdir()}  # fmt: skip
    record = {**single, **nested, "inputs": hashed, "results": {"participant": made}}
    (finished.results / "report").mkdir(exist_ok=True)
    (finished.results / "report" / "provenance.json").write_text(json.dumps(record), encoding="utf-8")


def test_packets_older_than_the_studys_files_are_refused(finished, capsys):
    record_of(finished)
    assert issue("--only", "p1") == 0
    assert issue("--only", "p2") == 0, "what was issued since makes no packet old"
    lay_packets(finished.results, {"participant": "p1"}, {"participant": "p2", "words": "I got"})
    assert issue("--only", "p2") == 1
    assert "p2.json: was changed after it was made. Run `make results` first." in capsys.readouterr().err
    finished.codings("anna", [{"source": "talk", "code": "support", "quote": "I got no support."}])
    assert issue("--only", "p2") == 1
    told = capsys.readouterr().err
    assert "codings/anna/coding.csv: was changed, added or taken away after the packets were made." in told


def test_an_answer_that_came_since_is_told_by_its_hash_and_not_by_its_name(finished, capsys):
    assert issue("--only", "p1") == 0
    record_of(finished)
    path = answer(asked_of("p1"), "from Ana.json", **{"reflects 1": "5"})
    capsys.readouterr()
    assert issue("--only", "p2") == 1
    told = capsys.readouterr().err
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    assert f"member_checks/{digits}: was changed, added or taken away after the packets were made." in told
    assert "Ana" not in told


@pytest.mark.parametrize("suffix", FILES)
def test_a_file_that_is_missing_or_of_another_packet_is_refused(finished, capsys, suffix):
    path = finished.results / "packets" / f"p1.{suffix}"
    path.unlink()
    assert issue() == 1
    assert f"p1.{suffix}: the file is not there. Run `make results` again." in capsys.readouterr().err
    for content in (b"", b"PK\x03\x04 no archive", (finished.results / "packets" / f"p2.{suffix}").read_bytes()):
        path.write_bytes(content)
        assert issue() == 1
        assert f"p1.{suffix}: the file is damaged, or does not bear the packet's code." in capsys.readouterr().err
    assert not Path("talks/member_checks").exists()


@pytest.mark.parametrize("failing", ["write_bytes", "rename", "write_text"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_nothing(finished, capsys, monkeypatch, failing, error):
    before = everything(Path("talks"))
    calls = []

    def fail(*_, **__):
        calls.append(1)
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(issuing if failing == "write_text" else Path, failing, fail)
        assert issue() == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert calls
    assert "Traceback" not in capsys.readouterr().err
    assert everything(Path("talks")) == before
    assert not any(path.name.startswith(".issuing") for path in Path("talks").iterdir())


@pytest.mark.parametrize("command", ["issue-packets", "purge"])
def test_what_a_killed_run_left_behind_is_removed(finished, capsys, command):
    left = finished.path / ".issuing-abc" / "2026-04-10"
    left.mkdir(parents=True)
    (left / "p1.json").write_text("words", encoding="utf-8")
    other = finished.write(".issuing-note", "mine")
    assert main([command, "talks"]) == 0
    assert not left.parent.exists() and other.exists()
    told = capsys.readouterr().out
    assert ".issuing-abc: removed; a run that was killed" in told or "half-issued packets: removed (1 file)" in told


def test_a_folder_that_cannot_be_written_is_told(finished, capsys, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "talks")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    assert issue() == 1
    assert "talks: this cannot be read or written" in capsys.readouterr().err


def test_wrong_usage(finished, capsys):
    with pytest.raises(SystemExit) as left:
        main(["issue-packets"])
    assert left.value.code == 2
    assert issue("--date", "10.4.2026") == 1
    assert "this is no date" in capsys.readouterr().err
    assert issue("--remind") == 1
    assert "--remind: this is about e-mails, and there are no addresses." in capsys.readouterr().err
    assert main(["issue-packets", "nowhere"]) == 1


# --- addresses -----------------------------------------------------------------------------------------------------


def addresses(text: str = ADDRESSES, name: str = "private/addresses.csv") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_fault_of_the_table_of_addresses_is_told_at_once_and_no_address(finished, capsys):
    rows = [
        "p1,ana@example.org", "p9,else@example.org", "p1,again@example.org", "p2,ANA@example.org", "i1,nobody",
        ",who@example.org", "p2,", "p2,a@b@example.org", "p2,ben@localhost", "p2,.ben@example.org", "p2,ben@ex..org",
        "p2,a@example.org; b@example.org", "p2,<ben@example.org>",
    ]  # fmt: skip
    table = addresses("participant,address\n" + "\n".join(rows) + "\n")
    assert issue("--mail-merge", str(table)) == 1
    told = capsys.readouterr()
    for line in (
        "row 3: there is no participant of this id", "row 4: the participant of row 2 stands here again",
        "row 5: the address of row 2 stands here again. Nobody may get another's packet",
        "row 6, address: this is no e-mail address", "row 7: no participant is named",
        "row 8, address: there is no e-mail address", "row 9, address: this is no", "row 10, address: this is no",
        "row 11, address: this is no", "row 12, address: this is no", "row 13, address: this is no",
        "row 14, address: this is no",
    ):  # fmt: skip
        assert line in told.err, line
    assert "@" not in (told.out + told.err).replace("name@example.org", "")
    assert not Path("talks/member_checks").exists(), "nothing is issued where the addresses are wrong"


def test_a_table_without_its_columns_is_refused_and_what_looks_misspelt(finished, capsys):
    assert issue("--mail-merge", str(addresses("p1,ana@example.org\n"))) == 1
    told = capsys.readouterr().err
    assert "the column 'participant' is missing" in told and "ana@" not in told
    assert issue("--mail-merge", str(addresses("participant,address,salutatoin,phone\np1,a@b.org,Dear A,1\n"))) == 1
    assert "row 1, column 3: the name of this column looks misspelt. Is it salutation?" in capsys.readouterr().err
    assert issue("--mail-merge", "nowhere.csv") == 1
    assert "nowhere.csv: there is no such file." in capsys.readouterr().err


def test_a_table_as_excel_saves_it_is_read(finished):
    path = addresses("\ufeffparticipant;address;Telephone;salutation\r\np1;ana@example.org;1;Dear Ana\r\n;;;\r\n")
    found = read_addresses(path, load_study("talks"), Path("results/talks"), {"p1"})
    assert found == {"p1": Addressed("ana@example.org", salutation="Dear Ana")}


@pytest.mark.parametrize(
    "place", ["results/a.csv", "results/talks/a.csv", "elsewhere/a.csv", "talks/member_checks/a.csv", "talks/memos/a.csv",
              "talks/codings/anna/a.csv", "talks/transcripts/a.csv", "talks/participants.csv"],
)  # fmt: skip
def test_addresses_may_not_lie_where_anything_reads_them(finished, capsys, place):
    kept = (finished.path / "participants.csv").read_bytes()
    study = load_study("talks")
    addresses(name=place)
    with pytest.raises(QualcodeError, match=r"which steps read|addresses may not be here"):
        read_addresses(Path(place), study, Path("elsewhere"), {"p1", "p2"})
    (finished.path / "participants.csv").write_bytes(kept)


@pytest.mark.parametrize("place", ["results/mail", "talks/member_checks/mail", "talks/codings/mail", "private"])
def test_drafts_may_not_lie_there_either_nor_over_anything(finished, capsys, place):
    table = addresses()
    assert issue("--mail-merge", str(table), "--to", place) == 1
    told = capsys.readouterr().err
    assert "e-mails may not be written here" in told or "nothing is written over" in told
    assert not Path("talks/member_checks").exists() and table.read_text("utf-8") == ADDRESSES


def test_the_table_of_addresses_is_read_by_this_command_alone():
    def naming(word: str) -> list[str]:
        paths = [*SOURCE.rglob("*.py"), *(SOURCE.parents[1] / "workflow").rglob("*.smk")]
        return sorted(path.name for path in paths if re.search(word, path.read_text("utf-8")))

    assert naming(r"\bread_addresses\b") == ["issue_mail.py", "issue_packets.py"]
    assert naming("issue_mail") == ["issue_packets.py"]
    assert naming("issue_packets") == []
    assert naming("mail_merge") == ["issue_mail.py", "issue_packets.py"]


# --- e-mails -------------------------------------------------------------------------------------------------------


def drafts(folder: str = "private/mail-talks") -> dict[str, object]:
    parse = message_from_bytes
    return {path.stem: parse(path.read_bytes(), policy=policy.default) for path in sorted(Path(folder).glob("*.eml"))}


def merged(folder: str = "private/mail-talks") -> list[dict[str, str]]:
    with (Path(folder) / "mail_merge.csv").open(encoding="utf-8-sig", newline="") as rows:
        return list(csv.DictReader(rows))


def test_a_draft_holds_the_packet_of_its_participant_and_tells_no_sender_and_no_moment(finished, capsys):
    finished.write(
        "study.yaml",
        "title: Talks\ncodebook: codebook.yaml\nmember_checks: {deadline: 1 May 2026, contact: 'Ruth, ruth@uni.example'}\n",
    )
    assert issue("--date", "2026-04-10", "--mail-merge", str(addresses())) == 0
    found = drafts()
    assert list(found) == ["p1", "p2"]
    for participant, mail in found.items():
        assert set(mail.keys()) == {"To", "Subject", "X-Unsent", "MIME-Version", "Content-Type"}
        body = mail.get_body().get_content()
        asked = finished.asked[participant]
        assert asked.return_code in body and "until 1 May 2026" in body and "Ruth, ruth@uni.example" in body
        attached = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
        assert attached == {
            f"{participant}.{suffix}": (FROZEN / "2026-04-10" / f"{participant}.{suffix}").read_bytes()
            for suffix in ("docx", "html")
        }
    assert str(found["p1"]["To"]) == "Ana Lopez <ana@example.org>" and str(found["p2"]["To"]) == "ben@example.org"
    assert found["p1"].get_body().get_content().startswith("Hello Ana Lopez,")
    assert [(row["participant"], row["address"], row["return_code"]) for row in merged()] == [
        ("p1", "ana@example.org", finished.asked["p1"].return_code),
        ("p2", "ben@example.org", finished.asked["p2"].return_code),
    ]
    for row in merged():
        assert Path(row["docx"]).read_bytes() == (FROZEN / "2026-04-10" / f"{row['participant']}.docx").read_bytes()
    assert Path("private/mail-talks").stat().st_mode & 0o077 == 0
    told = capsys.readouterr()
    assert "private/mail-talks: 2 e-mails as drafts (.eml)" in told.out
    assert "@" not in told.out + told.err
    assert "Nothing was sent" in told.out


@pytest.mark.parametrize("remind", [False, True])
def test_what_drafts_say_is_easy_to_read(remind):
    choices = {"title": "Talks", "member_checks": {"deadline": "1 May 2026", "contact": "Ruth Reed"}}
    files = {"docx": b"", "html": b""}
    item = Issued(asked_of("p1"), "2026-04-10", Path("p1.json"))
    body = made_draft(item, Addressed("a@example.org"), files, choices, remind).get_body().get_content()
    assert reading_grade(body) <= 7


def test_the_same_drafts_are_made_every_time_and_nothing_is_written_over(finished, capsys):
    table = str(addresses())
    assert issue("--mail-merge", table) == 0
    before = everything(Path("private/mail-talks"))
    assert issue("--mail-merge", table) == 1
    assert "this is there already, and nothing is written over" in capsys.readouterr().err
    assert everything(Path("private/mail-talks")) == before
    assert issue("--mail-merge", table, "--to", "private/more/again") == 0
    again = everything(Path("private/more/again"))
    assert list(again.values()) == list(before.values())


def test_who_has_no_address_is_told_and_who_withdrew_is_left_out(finished, capsys):
    assert issue("--mail-merge", str(addresses("participant,address\np2,ben@example.org\n"))) == 0
    assert "no address: p1. Bring them their packets otherwise." in capsys.readouterr().out
    assert list(drafts()) == ["p2"]
    people = (finished.path / "participants.csv").read_text("utf-8").replace("Karl,active", "Karl,withdrawn")
    finished.write("participants.csv", people)
    assert issue("--remind", "--mail-merge", str(addresses())) == 0
    assert list(drafts("private/mail-talks-reminder")) == ["p1"]


def test_reminders_go_to_those_who_have_not_answered(finished, capsys):
    issue("--date", "2026-04-10")
    answer(finished.asked["p1"])
    assert issue("--remind", "--mail-merge", str(addresses())) == 0
    found = drafts("private/mail-talks-reminder")
    assert list(found) == ["p2"] and found["p2"]["Subject"].startswith("A reminder:")
    assert "We have no answer from you yet." in found["p2"].get_body().get_content().replace("\n", " ")
    assert "1 reminder as drafts (.eml)" in capsys.readouterr().out
    # Without --remind: everything was issued, so that the drafts are for whoever has not answered.
    assert issue("--mail-merge", "private/addresses.csv") == 0
    assert list(drafts()) == ["p2"] and not drafts()["p2"]["Subject"].startswith("A reminder:")
    answer(finished.asked["p2"], "other.json")
    assert issue("--remind", "--mail-merge", "private/addresses.csv", "--to", "private/third") == 0
    assert "whoever was issued a packet has answered" in capsys.readouterr().out
    assert not Path("private/third").exists()


def test_who_answered_an_earlier_packet_is_reminded_only_by_name(finished, capsys):
    issue("--date", "2026-04-10")
    answer(finished.asked["p1"])
    lay_packets(finished.results, {"participant": "p1", "words": "My mentor was"}, {"participant": "p2"})
    assert issue("--date", "2026-04-12", "--only", "p1") == 0
    capsys.readouterr()
    assert issue("--remind", "--mail-merge", str(addresses())) == 0
    assert list(drafts("private/mail-talks-reminder")) == ["p2"]
    assert "p1 answered an earlier packet, and not the last. --only writes" in capsys.readouterr().out
    assert issue("--remind", "--only", "p1", "--mail-merge", str(addresses()), "--to", "private/named") == 0
    assert list(drafts("private/named")) == ["p1"]


def test_a_packet_that_is_not_as_it_was_issued_is_not_sent(finished, capsys):
    issue("--date", "2026-04-10")
    (FROZEN / "2026-04-10" / "p1.docx").write_bytes(docx_with("other"))
    assert issue("--remind", "--mail-merge", str(addresses())) == 1
    assert "p1.docx" in capsys.readouterr().err
    assert [path.name for path in Path("private").iterdir()] == ["addresses.csv"]


def test_no_step_tells_an_address(finished, capsys):
    """Whatever is made after the e-mails holds none of them, nor does the study."""
    assert issue("--date", "2026-04-10", "--mail-merge", str(addresses())) == 0
    answer(finished.asked["p1"])
    assert finished.run("utterances") == 0
    told = capsys.readouterr()
    for content in [*everything(Path("talks")).values(), *everything(Path("results")).values()]:
        assert b"example.org" not in content and b"Ana Lopez" not in content
    assert "example.org" not in told.out + told.err


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=120)
LOCAL = st.text(st.characters(categories=["L", "N"], include_characters="!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=30)
LABEL = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)


def read_header(mail: bytes, name: str) -> str:
    """A header by RFC 2047, without Python's newer parser, which puts blanks between parts of a long name."""
    return str(make_header(decode_header(unfolded(mail, name))))


def read_mailbox(mail: bytes) -> tuple[str, str]:
    name, address = parseaddr(unfolded(mail, "To"))
    return str(make_header(decode_header(name))), address


def unfolded(mail: bytes, name: str) -> str:
    found = re.search(rf"^{name}:([^\r\n]*(?:\r\n [^\r\n]*)*)", mail.decode("utf-8"), re.MULTILINE)
    return " ".join(found[1].split())


@settings(max_examples=200, deadline=None)
@given(LOCAL, LABEL, WORDS, WORDS, WORDS, WORDS, st.booleans())
def test_a_draft_is_read_back_as_it_was_written(local, label, name, salutation, subject, title, remind):
    said = {key: " ".join(issue_mail.printable(text).split())
            for key, text in (("name", name), ("salutation", salutation), ("subject", subject))}  # fmt: skip
    person = Addressed(f"{local}@{label}.org", **said)
    assume(issue_mail._is_address(person.address))
    item = Issued(asked_of("p1"), "2026-04-10", Path("p1.json"))
    choices = {"title": title, "member_checks": {"deadline": "", "contact": title}}
    files = {"docx": bytes(range(256)), "html": "<p>ä</p>\r\n".encode()}
    draft = made_draft(item, person, files, choices, remind)
    written = draft.as_bytes()
    assert written == made_draft(item, person, files, choices, remind).as_bytes()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert local.isascii() <= written.isascii()
    mail = message_from_bytes(written, policy=policy.default)
    name, address = read_mailbox(written)
    assert name == person.name
    assert address == f"{local}@{f'{label}.org'.encode('idna').decode()}"
    assert read_header(written, "Subject") == " ".join(draft["Subject"].split())
    assert [part.get_payload(decode=True) for part in mail.iter_attachments()] == list(files.values())
    assert set(mail.keys()) == {"To", "Subject", "X-Unsent", "MIME-Version", "Content-Type"}


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["p1", "p2", "p9", ""]) | CELLS, CELLS | st.just("a@b.org"), CELLS), max_size=6)
)
def test_any_table_of_addresses_is_read_whole_or_refused_with_rows(finished, rows):
    text = io.StringIO()
    csv.writer(text).writerows([("participant", "address", "name"), *rows])
    path = addresses()
    path.write_bytes(text.getvalue().encode())
    known = {"p1", "p2"}
    try:
        people = read_addresses(path, load_study("talks"), Path("results/talks"), known)
    except QualcodeError as error:
        assert error.problems and all(item.file == str(path) for item in error.problems)
        return
    assert set(people) <= known and len(people) == len({one.address.casefold() for one in people.values()})
    assert {person: one.address for person, one in people.items()} == {
        row[0].strip(): row[1].strip() for row in rows if any(cell.strip() for cell in row)
    }
