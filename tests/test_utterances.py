from pathlib import Path

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
    assert {(r["text"], r["replacement"], r["count"]) for r in study.rows("identifiers")} == {
        ("Ana", "Rosa", "1"),
        ("Ben", "Karl", "1"),
    }


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


def test_names_are_hidden_in_attributes_too_and_what_was_met_nowhere_is_told(study, problems_of):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("yes,primary", "yes,friend of Ben"))
    study.write("redactions.csv", "text,replacement,kind,decision\nOkonkow,[name],name,redact\n")
    study.run("utterances")
    assert "friend of Karl" in {row["value"] for row in study.rows("attributes")}
    assert "'Okonkow' is to be hidden, and was met nowhere" in problems_of()


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
    assert "line 2: the speaker 'Benn' is not in participants.csv (2 turns)" in told and "'Cleo'" in told
    assert (study.results / "utterances.csv").read_bytes() == before


def test_without_a_roster_labels_are_people_and_interviewers_moderators(bare_study):
    assert bare_study.run("utterances") == 0
    assert {row["participant"]: row["role"] for row in bare_study.rows("participants")} == {
        "Interviewer": "moderator",
        "Ana": "participant",
        "Ben": "participant",
    }


def test_two_labels_of_one_id_are_refused(bare_study, problems_of):
    bare_study.write("transcripts/first talk.txt", "Ana M: Hi.\nAna-M: Ho.\n")
    assert bare_study.run("utterances") == 1
    assert "the labels 'Ana M' and 'Ana-M' both become 'Ana-M'" in problems_of()


def test_who_withdrew_is_left_out_everywhere(study):
    path = study.path / "participants.csv"
    study.write("participants.csv", path.read_text("utf-8").replace("Karl,active", "Karl,withdrawn"))
    assert study.run("utterances", "parses") == 0
    for file in study.results.rglob("*"):
        if file.is_file() and file.suffix in (".csv", ".txt"):
            assert "Nobody told me" not in file.read_text("utf-8")
    assert any(
        r["note"] == "left out: their speakers withdrew" and r["count"] == "17" for r in study.rows("import_report")
    )


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
    whole, rows = canonical(found, loaded)
    for row in rows:
        assert whole[row["start"] : row["end"]] == row["text"]
    assert whole.count("\n") == len(rows)


def _read(loaded):
    from qualcode.errors import QualcodeError

    try:
        return read_sources(loaded)
    except QualcodeError as error:
        # Words such as "Xy:" at the start of a line are speakers no one listed: reported, and not what is tried here.
        assert "is not in participants.csv" in str(error)
        from hypothesis import reject

        reject()
