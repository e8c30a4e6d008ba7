import unicodedata

import pytest

from qualcode.errors import QualcodeError
from qualcode.study import load_studies, load_study, settings_of, slug


def problems(study) -> str:
    with pytest.raises(QualcodeError) as raised:
        load_study(study.path)
    return str(raised.value)


def test_a_sound_study_loads(study):
    found = load_study(study.path)
    assert found.name == "talks"
    assert [source.source for source in found.sources] == ["talk"]
    assert [person.participant for person in found.participants] == ["p1", "p2", "i1"]
    assert found.participants[0].attributes == {"school": "primary"}
    assert found.settings["rules"] == "propose"
    assert settings_of(found, "rules", "authority") == {"rules": "propose", "authority": None}
    assert [(coder, path.name) for coder, path in found.coding_files] == [("anna", "coding.csv")]


def test_title_and_codebook_are_enough(bare_study):
    found = load_study(bare_study.path)
    assert [(source.source, source.kind) for source in found.sources] == [("first-talk", "focus_group")]
    assert found.participants == ()


def test_the_codebook_is_looked_for_in_the_study_then_in_codebooks(study):
    (study.path / "codebook.yaml").rename(study.path / "moved.yaml")
    assert "there is no codebook of that name" in problems(study)
    shared = study.path.parent / "codebooks"
    shared.mkdir()
    (study.path / "moved.yaml").rename(shared / "codebook.yaml")
    assert load_study(study.path).codebook.as_posix() == "codebooks/codebook.yaml"


def test_all_problems_of_all_tables_are_told_at_once(study):
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nunitt: utterance\nlanguage: 3\n")
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nTALK,gone.txt,chat\n")
    study.write("transcripts/extra.txt", "Ana: Hello.")
    study.write("participants.csv", "participant,role,labels\np1,participant,Ana\nP1,boss,Ana\n")
    study.write("redactions.csv", "text,decision\nHill,redact\n")
    told = problems(study)
    for expected in (
        "study.yaml: line 3: unknown key 'unitt'. Did you mean 'unit'?",
        "study.yaml: line 4: 'language' must be text (found 3)",
        "sources.csv: row 3, kind: 'chat' is not allowed here",
        "sources.csv: row 3, source: the source 'TALK' stands already in row 2 as 'talk'",
        "sources.csv: row 3: the file 'gone.txt' is not in",
        "the transcript 'extra.txt' is not listed",
        "participants.csv: row 3, role: 'boss' is not allowed here",
        "participants.csv: row 3, participant: the participant 'P1' stands already in row 2 as 'p1'",
        "the label 'Ana' belongs to 'p1' too",
        "redactions.csv: row 2: 'replacement' is missing",
    ):
        assert expected in told, expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: A\ntitle: B\ncodebook: codebook.yaml\n", "line 2: the key 'title' stands twice"),
        ("codebook: codebook.yaml\n", "'title' is missing"),
        ("title: A\ncodebook: other.yaml\n", "there is no codebook of that name"),
        ("- a\n", "must be a block of keys"),
        (
            "title: A\ncodebook: codebook.yaml\nguide: [{id: g1, text: x, question: rq9}]\n",
            "unknown question (found 'rq9')",
        ),
        ("title: A\ncodebook: codebook.yaml\nquestions: [{id: a, text: x}, {id: A, text: y}]\n", "'A' stands already"),
        ("title: A\nfrequencies: {interval: 100}\n", "line 2: 'interval' must be less than 100 (found 100)"),
        ("title: A\nfrequencies: {interval: .nan}\n", "line 2: 'interval' must be a number (found nan)"),
        ("title: A\nchecklists: {coreq: {33: x}}\n", "the items of COREQ are numbered from 1 to 32"),
        ('title: A\nchecklists: {srqr: {"22": x}}\n', "the items of SRQR are numbered from 1 to 21"),
    ],
)
def test_problems_of_study_yaml(study, text, expected):
    study.write("study.yaml", text)
    assert expected in problems(study)


def test_a_missing_study_yaml_and_missing_folder(study):
    (study.path / "study.yaml").unlink()
    assert "the file is missing" in problems(study)
    with pytest.raises(QualcodeError, match="no such study folder"):
        load_study(study.path / "nowhere")


def test_two_studies_of_one_name_are_refused(study):
    with pytest.raises(QualcodeError, match="two studies are named 'talks'"):
        load_studies([str(study.path), str(study.path / ".." / "talks")])


def test_files_that_systems_leave_behind_are_no_transcripts(study):
    for name in (".DS_Store", "~$talk.docx", "Thumbs.db"):
        study.write(f"transcripts/{name}", "x")
    assert len(load_study(study.path).sources) == 1


def test_codings_in_a_format_that_is_not_read_are_an_error_not_silence(study):
    study.write("codings/anna/notes.odt", "x")
    assert "codings of anna in a .odt file are not read. Save them as csv, xlsx or docx." in problems(study)


def test_codings_outside_a_coders_folder_are_an_error_not_silence(study):
    study.write("codings/stray.csv", "source,code,quote\n")
    study.write("codings/anna/deep/more.csv", "source,code,quote\n")
    study.write("codings/rules/coding.csv", "source,code,quote\n")
    study.write("codings/anchors.csv", "id\n")
    told = problems(study)
    assert "codings/stray.csv: this is in no coder's folder" in told
    assert "codings/anna/deep/more.csv: this is in no coder's folder" in told
    assert "no coder can be named 'rules'" in told
    assert "anchors" not in told


def test_transcripts_may_lie_in_folders_and_none_is_overlooked(study):
    study.write("transcripts/spring/more.txt", "Ana: Hello.")
    assert "the transcript 'spring/more.txt' is not listed" in problems(study)
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nmore,spring/more.txt,interview\n")
    assert [source.source for source in load_study(study.path).sources] == ["talk", "more"]


def test_hashes_tell_content_apart_and_not_times(study):
    import os

    before = load_study(study.path).hashes("transcripts", "codebook")
    path = study.path / "transcripts" / "talk.txt"
    stat = path.stat()
    study.write("transcripts/talk.txt", path.read_text("utf-8").replace("most", "best"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after = load_study(study.path).hashes("transcripts", "codebook")
    assert before[path.as_posix()] != after[path.as_posix()]
    assert len(before) == 2 and sum(before[key] != after[key] for key in before) == 1


def test_what_is_hidden_in_a_source(study):
    study.write("redactions.csv", "text,replacement,kind,decision\nHill,[school],place,redact\nBen,,name,keep\n")
    loaded = load_study(study.path)
    assert [(entry.text, entry.replacement, entry.place) for entry in loaded.hidden("talk")] == [
        ("Ana", "Rosa", "participants.csv row 2"),
        ("Ben", "Karl", "participants.csv row 3"),
        ("Hill", "[school]", "redactions.csv row 2"),
    ]
    assert loaded.hider("talk").hide("Ana and Ben at Hill") == "Rosa and Ben at [school]"


def test_labels_that_name_a_role_are_not_hidden_in_the_talk(study):
    study.write(
        "participants.csv",
        "participant,role,labels,pseudonym\np1,participant,Ana,Rosa\np2,participant,Participant,Karl\ni1,moderator,Interviewer,I\n",
    )
    assert [entry.text for entry in load_study(study.path).hidden("talk")] == ["Ana"]


@pytest.mark.parametrize("pseudonym", ["Ana", "ANA", "Anna Obafemi", "Rose", "marquez"])
def test_a_pseudonym_that_holds_a_name_is_refused(study, pseudonym):
    rows = f"p1,participant,A,Ana Márquez;Obafemi,{pseudonym}\np2,participant,B,Rose Vann,Karl\n"
    study.write("participants.csv", f"participant,role,labels,names,pseudonym\n{rows}")
    assert f"row 2: the pseudonym '{pseudonym}' holds a name of" in problems(study)


def test_a_text_is_decided_on_once(study):
    study.write("redactions.csv", "text,replacement,kind,decision\nHill,[a],place,redact\nhill,,place,keep\n")
    assert "redactions.csv: row 3, text: the text 'hill' stands already in row 2 as 'Hill'" in problems(study)


@pytest.mark.parametrize("name", ["../x", "CON", "com1", "a b", "P:1", ""])
def test_ids_that_cannot_name_a_file_are_refused(study, name):
    study.write("sources.csv", f"source,file,kind\n{name},talk.txt,focus_group\n")
    assert "row 2, source" in problems(study) or "row 2: 'source' is missing" in problems(study)
    study.write("participants.csv", f"participant,role,labels\n{name},participant,Ana\n")
    assert "participants.csv: row 2" in problems(study)


def test_names_of_files_may_be_odd_and_their_accents_written_either_way(study):
    odd = 'd\'Été "$(touch x)" [1]; & more.txt'
    study.write(f"transcripts/{unicodedata.normalize('NFD', odd)}", "Ana: Hello.")
    study.write(
        "sources.csv", 'source,file,kind\ntalk,talk.txt,focus_group\nodd,"' + odd.replace('"', '""') + '",interview\n'
    )
    loaded = load_study(study.path)
    assert loaded.sources[1].path.read_text("utf-8") == "Ana: Hello."
    study.write(f"transcripts/{unicodedata.normalize('NFC', odd)}", "Ana: Hello again.")
    assert "two files of this name, whose accents are written differently" in problems(study)


def test_names_of_files_that_snakemake_cannot_take_are_told(study):
    study.write("transcripts/talk {1}.txt", "Ana: Hello.")
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nodd,talk {1}.txt,interview\n")
    study.codings("anna", [{"source": "talk"}], "round {2}.csv")
    told = problems(study)
    assert "talk {1}.txt: the file's name, or its folder's, holds a brace" in told and "round {2}.csv" in told


def test_a_name_is_hidden_in_the_talk_of_others_too(study):
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nother,other.txt,interview\n")
    study.write("transcripts/other.txt", "Participant: Hello.")
    study.write(
        "participants.csv",
        "participant,role,source,labels,names,pseudonym\np1,participant,talk,Participant,Teresa Marchetti,Rosa\n"
        "p2,participant,other,Participant,Ana Marchetti,Karl\n",
    )
    hider = load_study(study.path).hider("other")
    assert hider.hide("Teresa Marchetti, Teresa and Ana; Marchetti.") == "Rosa, [name] and Karl; Karl."


def test_ids_and_coders_that_hold_a_name_are_refused(study):
    people = "participant,role,labels,names,pseudonym\nmaria,participant,Ana,Maria Hale,Rosa\np2,participant,Ben,,Ana\n"
    study.write("participants.csv", people)
    study.write("sources.csv", "source,file,kind\nwith-hale,talk.txt,focus_group\n")
    study.write("redactions.csv", "text,replacement,kind,decision\nOak Hill,[Hale place],place,redact\n")
    study.codings("hale-maria", [{"source": "with-hale", "action": "done"}])
    told = problems(study)
    for text in (
        "'maria' (participant) holds a name that is to be hidden",
        "'with-hale' (source) holds a name",
        "'hale-maria' (coder) holds a name",
        "redactions.csv: row 2: the replacement holds a name",
        "the pseudonym 'Ana' is the label of 'maria'",
    ):
        assert text in told, text
    study.write("redactions.csv", "text,replacement,kind,decision\nHale,,,keep\n")
    assert "with-hale" not in problems(study)


def test_labels_that_differ_in_case_alone_are_one(study):
    study.write("participants.csv", "participant,role,labels\np1,participant,Ana\np2,participant,ANA\n")
    assert "the label 'ANA' belongs to 'p1' too" in problems(study)


def test_slugs_are_ids():
    assert slug("Ana María (2)") == "Ana-Maria-2"
    assert slug("…") == "unnamed"
