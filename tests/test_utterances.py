from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.study import load_study
from qualcode.utterances import canonical, read_sources


def test_utterances_and_canonical_text(study):
    assert study.run("utterances") == 0
    rows = study.rows("utterances")
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    assert text.startswith("Interviewer: What helped you most, Rosa?\nRosa: My mentor was always there.")
    for row in rows:
        assert text[int(row["start"]) : int(row["end"])] == row["text"]
    assert [row["participant"] for row in rows] == ["i1", "p1", "p2", "p2", "p1"]
    assert [row["backchannel"] for row in rows] == ["false", "false", "true", "false", "false"]
    assert rows[0]["utterance"] == "talk:1"
    assert "Ana" not in text and "Ben" not in text
    assert [(r["place"], r["replacement"], r["count"], r["waiting"]) for r in study.rows("hidden")] == [
        ("participants.csv row 2", "Rosa", "1", "0"),
        ("participants.csv row 3", "Karl", "1", "0"),
    ]


def test_people_and_what_is_known_of_them(study):
    study.run("utterances")
    people = {row["participant"]: row for row in study.rows("participants")}
    assert people["p1"]["pseudonym"] == "Rosa" and people["p2"]["utterances"] == "2"
    known = {(row["subject"], row["id"], row["attribute"]): row["value"] for row in study.rows("attributes")}
    assert known["participant", "p2", "school"] == "secondary"


def test_the_guide_question_in_force(study):
    study.write(
        "study.yaml", "title: T\ncodebook: codebook.yaml\nguide: [{id: g1, text: x, cues: [helped you MOST]}]\n"
    )
    study.run("utterances")
    assert {row["question"] for row in study.rows("utterances")} == {"g1"}


GUIDE = """title: T
codebook: codebook.yaml
guide:
  - {id: g1, text: x, cues: ["what's  helped"]}
  - {id: g2, text: y, cues: [training]}
  - {id: g3, text: z, cues: [never said]}
"""


def test_what_could_not_be_assigned_to_the_guide_is_told(study):
    study.write("study.yaml", GUIDE)
    study.write(
        "transcripts/talk.txt",
        "Interviewer: Welcome.\nAna: Training.\nInterviewer: What’s helped you?\nBen: Training.\n"
        "Interviewer: And training?\nBen: Yes.\n",
    )
    assert study.run("utterances") == 0
    assert [row["question"] for row in study.rows("utterances")] == ["", "", "g1", "g1", "g2", "g2"]
    told = [(row["what"], row["count"], row["note"]) for row in study.rows("import_report")]
    assert ("turns", "2", "assigned to no question of the guide: they stand before the first cue or marker") in told
    assert ("questions", "1", "of the guide that no cue or marker opened: g3") in told


def test_markers_inside_turns_and_cues_after_markers_open_questions(study):
    study.write("study.yaml", GUIDE)
    study.write(
        "transcripts/talk.txt",
        "[question: g1]\n\nAna: Hi [laughs].\n\nInterviewer: You told what's helped. Now training?\n\nBen: Ho.\n\n"
        "Interviewer: [G3] Well?\n\nAna: Ha.\n",
    )
    assert study.run("utterances") == 0
    assert [row["question"] for row in study.rows("utterances")] == ["g1", "g2", "g2", "g3", "g3"]


def test_markers_in_the_file_open_questions(study, problems_of):
    study.write("study.yaml", GUIDE)
    study.write("transcripts/talk.txt", "[question: G2]\n\nAna: Hi.\n\nBen: Ho.\n\n[question: g1]\n\nAna: Ha.\n")
    assert study.run("utterances") == 0
    assert [row["question"] for row in study.rows("utterances")] == ["g2", "g2", "g1"]
    study.write("transcripts/talk.txt", "[Q9]\n\nAna: Hi.\n")
    assert study.run("utterances") == 1
    assert (
        "the marker 'Q9' above this turn names no question of the guide. The questions are: g1, g2, g3."
        in problems_of()
    )


def test_names_are_hidden_in_attributes_too_and_what_was_met_nowhere_is_told(study, problems_of):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("yes,primary", "yes,friend of Ben"))
    study.write("redactions.csv", "text,replacement,kind,decision\nOkonkow,[name],name,redact\n")
    study.run("utterances")
    assert "friend of Karl" in {row["value"] for row in study.rows("attributes")}
    told = problems_of()
    assert "redactions.csv row 2 is to be hidden, and was met nowhere" in told
    assert "Okonkow" not in told


def test_words_before_the_first_label_are_kept_and_are_no_data(study):
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", "Interview with a teacher of training\n" + text)
    assert study.run("utterances", "parses", "open_codes") == 0
    assert study.rows("utterances")[0]["role"] == "heading"
    assert "talk:1" not in {row["utterance"] for row in study.rows("coverage") + study.rows("open_code_utterances")}


def test_unknown_speakers_are_all_named_and_earlier_results_stay(study, problems_of):
    study.run("utterances")
    before = (study.results / "utterances.csv").read_bytes()
    study.write("transcripts/talk.txt", "Ana: Hi.\nBenn: Ho.\nCleo: Hu.\nBenn: He.\n")
    assert study.run("utterances") == 1
    told = problems_of()
    assert (
        "line 2: speakers that participants.csv does not list: 'Benn' (2 turns, much like 'Ben'); 'Cleo' (1 turn)."
        in told
    )
    assert (study.results / "utterances.csv").read_bytes() == before


@pytest.mark.parametrize(
    "broken", [b"", b"PK\x03\x04 cut off", b"%PDF-1.7 cut off", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(range(256))]
)
def test_files_that_cannot_be_read_leave_earlier_results_untouched(study, problems_of, broken):
    study.run("utterances")
    before = {path: path.read_bytes() for path in study.results.rglob("*") if path.is_file()}
    (study.path / "transcripts" / "talk.txt").write_bytes(broken)
    assert study.run("utterances") == 1
    told = [line for line in problems_of().splitlines() if line.startswith("qualcode")]
    assert len(told) == 1 and "talk.txt: " in told[0]
    assert before == {path: path.read_bytes() for path in study.results.rglob("*") if path.is_file()}


def test_labels_are_met_in_any_case_and_with_stray_blanks(study):
    study.write("transcripts/talk.txt", "INTERVIEWER : So?\nANA: Hi.\n  ben : Ho.\n")
    assert study.run("utterances") == 0
    assert [row["participant"] for row in study.rows("utterances")] == ["i1", "p1", "p2"]


def test_a_label_of_one_source_goes_before_one_of_all(study):
    study.write(
        "participants.csv",
        "participant,role,labels,source\np1,participant,Teacher,\np2,participant,Teacher,other\ni1,moderator,Interviewer,\n",
    )
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nother,other.txt,interview\n")
    study.write("transcripts/talk.txt", "Interviewer: So?\nTeacher: Hi.\n")
    study.write("transcripts/other.txt", "Interviewer: So?\nTeacher: Ho.\n")
    assert study.run("utterances") == 0
    assert {(row["source"], row["participant"]) for row in study.rows("utterances")} == {
        ("talk", "i1"), ("talk", "p1"), ("other", "i1"), ("other", "p2")
    }  # fmt: skip


def test_a_voice_that_was_not_told_is_data_of_no_one(study):
    study.write("transcripts/talk.txt", "Minutes of the talk\nAna: Hi.\nUnknown Speaker: The training was good.\n")
    assert study.run("utterances", "parses", "open_codes") == 0
    assert [(row["role"], row["participant"]) for row in study.rows("utterances")] == [
        ("heading", ""), ("participant", "p1"), ("", "")
    ]  # fmt: skip
    assert "talk:3" in {row["utterance"] for row in study.rows("open_code_utterances")}
    assert ("unattributed", "8") in {(row["what"], row["count"]) for row in study.rows("import_report")}


def test_words_before_a_colon_that_are_no_speaker(study):
    study.write("sources.csv", "source,file,kind,not_labels\ntalk,talk.txt,focus_group,Note; My View\n")
    study.write("transcripts/talk.txt", "Ana: Hi.\nNote: she laughs.\nMy View: it is good.\n")
    assert study.run("utterances") == 0
    assert [row["text"] for row in study.rows("utterances")] == ["Hi. Note: she laughs. My View: it is good."]


def test_moderators_count_where_the_study_says_so(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nmoderators: include\n")
    study.write("transcripts/talk.txt", "Interviewer: The training was good.\nAna: Hi.\n")
    study.codings("anna", [{"source": "talk", "code": "training", "quote": "The training was good."}])
    assert study.run("utterances", "parses", "open_codes") == 0
    assert [row["role"] for row in study.rows("utterances")] == ["participant", "participant"]
    assert {row["participant"] for row in study.rows("open_code_utterances")} == {"i1"}


def test_the_words_of_the_file_are_those_imported_and_those_left(study):
    study.run("utterances")
    report = [(row["what"], row["note"], int(row["count"])) for row in study.rows("import_report")]
    words = {note: count for what, note, count in report if what == "words"}
    whole = words.pop("in the file")
    assert whole == sum(words.values()) and words["imported"] == sum(
        len(row["text"].replace("'", "").split()) for row in study.rows("utterances")
    )


def test_a_file_whose_name_holds_a_name_is_told(study):
    study.write("sources.csv", "source,file,kind\ntalk,talk with Ana.txt,focus_group\n")
    (study.path / "transcripts" / "talk.txt").rename(study.path / "transcripts" / "talk with Ana.txt")
    assert study.run("utterances") == 0
    report = study.rows("import_report")
    assert {row["file"] for row in report} == {"talk with Rosa.txt"}
    assert any(row["note"].startswith("its name holds a name that is to be hidden") for row in report)


def test_without_a_roster_labels_are_people_and_interviewers_moderators(bare_study):
    assert bare_study.run("utterances") == 0
    assert {row["participant"]: row["role"] for row in bare_study.rows("participants")} == {
        "Interviewer": "moderator",
        "Ana": "participant",
        "Ben": "participant",
    }


def test_without_a_roster_a_label_in_another_case_is_the_same_person(bare_study):
    bare_study.write("transcripts/first talk.txt", "Ana M: Hi.\nANA M: Ho.\n")
    bare_study.write("transcripts/second talk.txt", "Ana  M : Ha.\nBen: Ho.\n")
    assert bare_study.run("utterances") == 0
    assert [row["participant"] for row in bare_study.rows("utterances")] == ["Ana-M", "Ana-M", "Ana-M", "Ben"]


def test_two_labels_of_one_id_are_refused(bare_study, problems_of):
    bare_study.write("transcripts/first talk.txt", "José L: Hi.\nJose L: Ho.\n")
    assert bare_study.run("utterances") == 1
    assert "the labels 'Jose L' and 'José L' both become 'Jose-L'" in problems_of()


def test_who_withdrew_leaves_a_marker_and_nothing_else(study):
    path = study.path / "participants.csv"
    study.run("utterances")
    before = study.rows("utterances")
    study.write("participants.csv", path.read_text("utf-8").replace("Karl,active", "Karl,withdrawn"))
    assert study.run("utterances", "parses") == 0
    for file in study.results.rglob("*"):
        if file.is_file() and file.suffix in (".csv", ".txt"):
            text = file.read_text("utf-8")
            assert "Nobody told me" not in text and "Karl" not in text and "p2" not in text
    after = study.rows("utterances")
    assert [row["utterance"] for row in after] == [row["utterance"] for row in before]
    assert [(row["role"], row["participant"], row["text"]) for row in after[2:4]] == [
        ("withdrawn", "", "[withdrawn]")
    ] * 2
    assert after[4]["text"] == "I agree with [withdrawn]. The training helped me to teach."
    assert any(
        r["note"] == "left out: their speakers withdrew" and r["count"] == "17" for r in study.rows("import_report")
    )


def test_a_respondent_withdraws_by_the_id_as_it_is_written(study, problems_of):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("sources.csv", "source,file,kind,id_column\ntalk,talk.txt,focus_group,\nform,form.csv,survey,who\n")
    study.write(
        "transcripts/form.csv",
        "who,answer\nst 01,The purple walrus needs a new umbrella.\nst 02,I was glad to have it.\n",
    )
    study.write("participants.csv", people + "w1,participant,st 01,,,withdrawn,,\nw2,participant,st 9,,,,no,\n")
    assert study.run("utterances") == 0
    assert "walrus" not in (study.results / "utterances.csv").read_text("utf-8")
    told = problems_of()
    assert "participants.csv row 6: this person withdrew or may not be quoted, and speaks nowhere" in told
    assert "row 5" not in told


def test_names_in_the_names_of_columns_are_hidden(study):
    study.write("sources.csv", "source,file,kind,home of Ana\ntalk,talk.txt,focus_group,x\nform,form.csv,survey,y\n")
    study.write(
        "transcripts/form.csv",
        "id,What did Ana do well?,What did Ben do well?,knows Ana\n1,She helped me to plan lessons.,He helped me to plan lessons.,yes\n",
    )
    assert study.run("utterances") == 0
    assert [row["question"] for row in study.rows("utterances")][-2:] == [
        "What did Rosa do well?",
        "What did Karl do well?",
    ]
    assert {"home of Rosa", "knows Rosa"} <= {row["attribute"] for row in study.rows("attributes")}


def test_a_label_that_holds_a_hidden_name_is_told_where_no_one_is_listed(bare_study, problems_of):
    bare_study.write("redactions.csv", "text,replacement,kind,decision\nAna,[name],person,redact\n")
    assert bare_study.run("utterances") == 1
    assert "the label or id of this turn holds a name that is to be hidden (redactions.csv row 2)" in problems_of()


def test_a_survey_beside_a_talk(study):
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nform,form.csv,survey\n")
    study.write("transcripts/form.csv", "id,route,answer\na1,short,I was glad to have a mentor.\n")
    assert study.run("utterances") == 0
    assert study.rows("utterances")[-1]["participant"] == "a1"
    assert (study.results / "texts" / "form.txt").read_text("utf-8") == "a1: I was glad to have a mentor.\n"


def test_texts_of_sources_that_are_gone_are_swept(study):
    study.run("utterances")
    (study.path / "transcripts" / "talk.txt").rename(study.path / "transcripts" / "talk2.txt")
    study.write("sources.csv", "source,file,kind\nother,talk2.txt,focus_group\n")
    assert study.run("utterances") == 0
    assert [path.name for path in (study.results / "texts").iterdir()] == ["other.txt"]


words = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=60)


@given(st.lists(words, min_size=1, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_offsets_hold_for_any_text(study, spoken):
    """Emoji, joiners, combining marks, CRLF, bidi and astral characters: the words stand where the table says."""
    text = "Ana: start\n" + "\n".join(f"Ben: {item}" for item in spoken)
    Path(study.path / "transcripts" / "talk.txt").write_bytes(text.encode())
    loaded = load_study(study.path)
    (found,) = _read(loaded)
    whole, rows = canonical(found)
    for start, end, words in zip(rows["start"], rows["end"], rows["text"], strict=True):
        assert whole[start:end] == words
    assert whole.count("\n") == len(rows["text"])


def _read(loaded):
    from qualcode.errors import QualcodeError

    try:
        return read_sources(loaded)
    except QualcodeError as error:
        # Words such as "Xy:" at the start of a line are speakers no one listed: reported, and not what is tried here.
        # A file full of control characters is no text.
        assert "participants.csv does not list" in str(error) or "this is no text" in str(error)
        from hypothesis import reject

        reject()
