import shutil

from qualcode import tables
from qualcode.cli import main

STEPS = ("utterances", "parses", "open_codes")


def explain(capsys, *arguments):
    """What is told, as (title, text) pairs by coding."""
    capsys.readouterr()
    assert main(["explain", *map(str, arguments)]) == 0
    return [parts(block) for block in capsys.readouterr().out.strip().split("\n\n\n")]


def parts(block):
    found, title = {}, "id"
    for line in block.splitlines():
        if line.strip():
            title = line[:10].strip() or title if found else "id"
            text = line[12:] if found else line
            found[title] = f"{found.get(title, '')} {text.strip()}".strip()
    return found


def coding(study, **wanted):
    (row,) = [row for row in study.rows("open_codes") if all(row[key] == value for key, value in wanted.items())]
    return row["coding"]


def test_a_coding_of_a_person(study, capsys):
    study.codings(
        "anna",
        [
            {"source": "talk", "code": "clarity", "quote": "The timing of our meetings", "round": "2", "memo": "Ana!"},
            {"source": "talk", "code": "support", "quote": "My mentor was always there.", "use": "exemplar"},
        ],
    )
    assert study.run(*STEPS) == 0
    (told,) = explain(capsys, coding(study, basis="human", code="support"), study.path)
    assert told["Words"] == "“My mentor was always there.”"
    assert told["Where"].startswith("talk:2, said by Rosa (p1); characters ")
    assert told["Code"] == "support: Help > Support. Someone is there."
    row = f"row 3 of {study.path / 'codings/anna/coding.csv'}"
    assert told["Made by"] == (
        f"anna, in {row}. The quotation was found in the text: exact. On quoting it, anna says exemplar."
    )
    assert told["Counts"] == "Yes (accepted): anna coded it."
    assert "withdraw under `action`" in told["To change"]
    rule = coding(study, basis="rule", quote="My mentor was always there.")
    assert told["Besides"] == f"{rule}: support, by the words `always there`; proposed, does not count."
    (told,) = explain(capsys, coding(study, basis="human", code="clarity"), study.path)
    assert "round 2" in told["Made by"] and told["Memo"] == "Rosa!"


def test_a_quotation_with_a_slip_and_a_hidden_name_finds_its_row(study, capsys):
    study.codings(
        "anna", [{"source": "talk", "code": "support", "quote": "I agree with Ben. The trainning helped me to teach"}]
    )
    study.run(*STEPS)
    (told,) = explain(capsys, coding(study, basis="human"), study.path)
    assert told["Made by"].startswith(f"anna, in row 2 of {study.path / 'codings/anna/coding.csv'}")
    assert "fuzzy, " in told["Made by"] and "Ben" not in " ".join(told.values())


def test_a_proposal_that_waits_and_one_that_the_study_applies(study, capsys):
    study.run(*STEPS)
    waiting = coding(study, basis="rule", code="training")
    (told,) = explain(capsys, waiting[:6], study.path)
    assert "`training` met “training”" in told["Made by"] and "has not changed since" in told["Made by"]
    assert told["Counts"].startswith("No (proposed)")
    assert f"a row in codings/anna/ that has {waiting} under `coding` and accept under `action`" in told["To change"]
    assert "`rules_for: {training: apply}`" in told["To change"]
    # What is told to change it does change it.
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules_for: {training: apply}\n")
    study.run("open_codes")
    (told,) = explain(capsys, waiting, study.path)
    assert told["Counts"] == "Yes (accepted): the study applies the words of this code."
    assert "`rules_for: {training: propose}`" in told["To change"] and "reject" in told["To change"]
    study.codings("anna", [{"coding": waiting, "action": "reject"}, {"source": "talk", "action": "done"}])
    study.run("open_codes")
    (told,) = explain(capsys, waiting, study.path)
    assert told["Decided"] == f"anna says reject in row 2 of {study.path / 'codings/anna/coding.csv'}."
    assert told["Counts"] == "No (rejected): rejected by anna."
    assert told["To change"] == f"It counts when row 2 of {study.path / 'codings/anna/coding.csv'} says accept."


def test_what_is_negated(study, capsys):
    study.run(*STEPS)
    negated = coding(study, status="negated", code="support")
    (told,) = explain(capsys, negated, study.path)
    assert '(negated by "no")' in told["Made by"] and told["Counts"].startswith("No (negated)")
    assert "`negation: count` at support in the codebook" in told["To change"]


def test_coders_whose_word_does_not_count_and_moderators(study, capsys):
    study.codings("ben", [{"source": "talk", "code": "training", "quote": "The training helped me to teach."}])
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "What helped you most"}])
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: anna\n")
    study.run(*STEPS)
    bens = coding(study, coder="ben")
    (told,) = explain(capsys, bens, study.path)
    assert told["To change"] == (
        "The code counts here when anna gives it; this coding counts with `authority: ben` or any in study.yaml."
    )
    (told,) = explain(capsys, coding(study, coder="anna"), study.path)
    assert "(credited to no one)" in told["Where"] and told["To change"].startswith("`moderators: include`")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: all\n")
    study.run("open_codes")
    (told,) = explain(capsys, bens, study.path)
    assert told["To change"].startswith("It counts when all of anna and ben give the code here")
    waiting = coding(study, basis="rule", code="training")
    (told,) = explain(capsys, waiting, study.path)
    # ben coded the same words himself.
    assert told["To change"].startswith("It counts with a row in codings/anna/ that has")
    study.codings("ben", [{"coding": waiting, "action": "accept"}], "decided.csv")
    study.codings("anna", [{"coding": waiting, "action": "reject"}], "decided.csv")
    study.run("open_codes")
    (told,) = explain(capsys, waiting, study.path)
    accepting, rejecting = (f"row 2 of {study.path / 'codings' / coder / 'decided.csv'}" for coder in ("ben", "anna"))
    assert told["To change"].startswith(f"It counts when {rejecting} says accept. anna and ben have to agree: ")
    assert told["To change"].endswith(f"it is set aside when {accepting} says reject.")


def test_a_codebook_that_has_changed_since(study, capsys):
    study.run(*STEPS)
    waiting = coding(study, basis="rule", code="training")
    old = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("history/codebook-2026-01-01.yaml", old)
    study.write("codebook.yaml", old.replace("[training]", "[workshop]"))
    (told,) = explain(capsys, waiting, study.path)
    assert "The codebook has changed since" in told["Made by"] and "codebook-2026-01-01.yaml" in told["Made by"]
    assert "`training` is no longer among the words of training." in told["Made by"]
    study.write("codebook.yaml", old.replace("code: training", "code: learning, formerly: [training]"))
    (told,) = explain(capsys, waiting, study.path)
    assert told["Code"].startswith("learning (formerly training): Help > Training.")


def test_every_coding_of_an_utterance(study, capsys):
    study.run(*STEPS)
    capsys.readouterr()
    assert main(["explain", "talk:2", str(study.path)]) == 0
    out = capsys.readouterr().out
    here = [row for row in study.rows("open_code_utterances") if row["utterance"] == "talk:2"]
    assert len(here) == 3 and all(f"{row['coding']}, in " in out for row in here)
    assert main(["explain", "talk:3", str(study.path)]) == 0
    assert "said by Karl (p2): no coding touches it." in capsys.readouterr().out
    assert main(["explain", "talk:33", str(study.path)]) == 1
    assert "there is no utterance 'talk:33'. Is it talk:3" in capsys.readouterr().err


def test_ids_that_are_not_there_and_those_of_several(study, problems_of):
    assert main(["explain", "abcd", str(study.path)]) == 1
    assert "there are no results of" in problems_of()
    study.codings("anna", [{"coding": "0123456789ab", "action": "reject", "source": "talk"}])
    study.run(*STEPS)
    problems_of()
    known = study.rows("open_codes")[0]["coding"]
    assert main(["explain", known[:3], str(study.path)]) == 1
    assert "Give 4 digits at least." in problems_of()
    wrong = known[:-1] + ("0" if known[-1] != "0" else "1")
    assert main(["explain", wrong, str(study.path)]) == 1
    assert f"Is it {known}?" in problems_of()
    assert main(["explain", "0123456789ab", str(study.path)]) == 1
    told = problems_of()
    assert "Row 2 of" in told and "names it and found no place" in told
    again = study.path.parent / "again"
    shutil.copytree(study.path, again)
    shutil.copytree(study.results, study.results.parent / "again")
    assert main(["explain", known, "talks", "again"]) == 1
    assert f"2 codings begin with '{known}' ({known} (talks), {known} (again)). Give more digits" in problems_of()


def decide(study, coder, coding, action):
    study.codings(coder, [{"coding": coding, "action": action}, {"source": "talk", "action": "done"}], "decided.csv")


def counts(study, coding):
    (row,) = [row for row in study.rows("open_codes") if row["coding"] == coding]
    return row["counts"], row["status"]


def test_what_is_told_to_change_a_coding_that_several_reject_changes_it(study, capsys):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: all\n")
    for coder in ("ben", "cleo"):
        study.codings(coder, [{"source": "talk", "action": "done"}])
    study.run(*STEPS)
    waiting = coding(study, basis="rule", code="training")
    (told,) = explain(capsys, waiting, study.path)
    assert "a row each in codings/anna/, codings/ben/ and codings/cleo/ that has" in told["To change"]
    decide(study, "anna", waiting, "reject")
    decide(study, "ben", waiting, "reject")
    study.run("open_codes")
    assert counts(study, waiting) == ("false", "rejected")
    (told,) = explain(capsys, waiting, study.path)
    rows = " and ".join(f"row 2 of {study.path / 'codings' / coder / 'decided.csv'}" for coder in ("anna", "ben"))
    assert told["To change"] == f"It counts when {rows} say accept, and cleo accepts it too."
    for coder in ("anna", "ben"):
        decide(study, coder, waiting, "accept")
    study.run("open_codes")
    assert counts(study, waiting) == ("false", "proposed")
    (told,) = explain(capsys, waiting, study.path)
    assert told["To change"].startswith("It counts with a row in codings/cleo/ that has")
    decide(study, "cleo", waiting, "accept")
    study.run("open_codes")
    assert counts(study, waiting) == ("true", "accepted")


def test_the_last_row_of_a_coder_holds(study, capsys):
    study.run(*STEPS)
    waiting = coding(study, basis="rule", code="training")
    study.codings(
        "anna",
        [
            {"coding": waiting, "action": "accept", "at": "2026-02-01"},
            {"coding": waiting, "action": "reject", "at": "2026-01-01"},
        ],
        "decided.csv",
    )
    study.run("open_codes")
    assert counts(study, waiting) == ("true", "accepted")
    (told,) = explain(capsys, waiting, study.path)
    assert told["Decided"].startswith("anna says reject in row 3") and "anna says accept in row 2" in told["Decided"]
    assert told["To change"].startswith("It counts no longer with a row")


def test_a_coding_is_found_by_the_ids_that_it_has_had(study, capsys):
    study.run(*STEPS)
    waiting = coding(study, basis="rule", code="training")
    decide(study, "anna", waiting, "reject")
    book = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("codebook.yaml", book.replace("code: training,", "code: learning, formerly: [teaching, training],"))
    study.run("open_codes")
    now = coding(study, basis="rule", code="learning")
    assert now != waiting
    for named in (waiting, waiting[:7]):
        (told,) = explain(capsys, named, study.path)
        assert told["id"] == f"{waiting}, now {now}, in {study.path}"
        assert told["Decided"] == f"anna says reject in row 2 of {study.path / 'codings/anna/decided.csv'}."
        assert told["To change"].startswith("It counts when row 2 of")
    (told,) = explain(capsys, now, study.path)
    assert told["id"] == f"{now}, in {study.path}" and told["Decided"]


def test_names_and_people_who_withdrew_since_the_last_run(study, capsys, problems_of):
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "always there", "memo": "The mentor."}])
    book = (study.path / "codebook.yaml").read_text("utf-8")
    book = book.replace("definition: Someone is there.", "definition: A mentor is there., use_when: Ana says so.")
    study.write("codebook.yaml", book)
    study.run(*STEPS)
    human = coding(study, basis="human")
    study.write("redactions.csv", "text,replacement,kind,decision\nmentor,[role],role,redact\n")
    (told,) = explain(capsys, human, study.path)
    assert told["Code"] == "support: Help > Support. A [role] is there. Use when: Rosa says so."
    assert told["Memo"] == "The [role]."
    (told,) = explain(capsys, coding(study, basis="rule", quote="My mentor was always there."), study.path)
    assert told["Words"] == "“My [role] was always there.”"
    text = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", text.replace("Rosa,active", "Rosa,withdrawn"))
    problems_of()
    assert main(["explain", human, str(study.path)]) == 1
    assert "someone has withdrawn since the last run" in problems_of()
    # Where only the first step ran again, the codings still hold the words.
    study.run("utterances")
    problems_of()
    assert main(["explain", human, str(study.path)]) == 1
    told = problems_of()
    assert "its codings are not those of the words in" in told and "always there" not in told


def test_a_suggestion_that_waits(study, capsys):
    study.codings("anna", [{"source": "talk", "code": "clarity", "quote": "The timing of our meetings"}])
    assert study.run(*STEPS) == 0
    said = next(row for row in study.rows("utterances") if row["role"] == "participant")
    row = {"coding": "abcdef012345", "utterance": said["utterance"], "sentence": 1, "source": said["source"]}
    row |= {"participant": said["participant"], "start": int(said["start"]), "end": int(said["end"])}
    row |= {"quote": said["text"], "code": "support", "basis": "learned", "probability": 0.71, "likeness": 0.4}
    row |= {"status": "second look", "because": "", "reason": "because anna coded “something”"}
    tables.write(study.results, "suggestions", tables.frame("suggestions", [row]))
    (told,) = explain(capsys, "ABCDEF012345", study.path)
    assert told["id"].startswith("abcdef012345, a suggestion") and told["Words"] == f"“{said['text']}”"
    assert "probability of 0.71" in told["Made by"] and "Because anna coded" in told["Made by"]
    assert told["Counts"].startswith("No") and "--all" in told["To change"] and told["Code"].startswith("support")
