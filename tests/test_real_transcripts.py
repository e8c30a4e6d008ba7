"""Real transcripts, tables and surveys: every word arrives, with the person who said it. Office files and pdf have
their own tests (test_real_documents)."""

import json
import re
from collections import Counter

import pytest
from reading import left, read, said

from qualcode.text import count_words

TALKMOVES = 64


def test_a_real_meeting_of_zoom(real_data):
    path = real_data / "zoom-vtt" / "inst" / "extdata" / "meeting001_transcript.vtt"
    transcript = read(path, labels=["Andrew Knight", "Paul McCartney", "John Lennon", "George Harrison", "Ringo Starr"])
    blocks = path.read_text("utf-8").strip().split("\n\n")[1:]
    assert len(blocks) == 300
    spoken = Counter()
    words = []
    for block in blocks:
        name, colon, rest = "\n".join(block.split("\n")[2:]).partition(": ")
        spoken[name if colon else ""] += count_words(rest if colon else name)
        words += (rest if colon else name).split()
    assert " ".join(text for _, text in said(transcript)).split() == words
    found = Counter()
    for label, text in said(transcript):
        found[label] += count_words(text)
    assert found == spoken and set(found) == {
        "Andrew Knight", "Paul McCartney", "John Lennon", "George Harrison", "Ringo Starr", "",
    }  # fmt: skip
    assert transcript.turns[0].time_start == "00:00:04.859"
    times = [turn.time_start for turn in transcript.turns]
    assert times == sorted(times) and all(turn.time_start < turn.time_end for turn in transcript.turns)


def test_a_real_chat_of_zoom(real_data):
    path = real_data / "zoom-vtt" / "inst" / "extdata" / "meeting001_chat.txt"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    transcript = read(path)
    assert [(turn.time_start, f"{turn.label}:", turn.text) for turn in transcript.turns] == [tuple(row) for row in rows]


def test_every_sentence_of_64_lessons_arrives_with_its_speaker(real_data):
    import openpyxl

    paths = sorted((real_data / "talkmoves").rglob("*.xlsx"))
    assert len(paths) == TALKMOVES
    for path in paths:
        rows = list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))
        speaker, sentence = rows[0].index("Speaker"), rows[0].index("Sentence")
        wanted: list[tuple[str, str]] = []
        who = ""
        for row in rows[1:]:
            who = " ".join(str(row[speaker] or "").split()) or who
            # What a spreadsheet took for a date comes as one, without the hour that no one typed.
            said = str("" if row[sentence] is None else row[sentence]).removesuffix(" 00:00:00")
            wanted += [(who, word) for word in said.split()]
        transcript = read(path, "focus_group")
        assert [
            (" ".join(turn.label.split()), word) for turn in transcript.turns for word in turn.text.split()
        ] == wanted, path.name


@pytest.mark.parametrize("name", [f"P{n}" for n in range(1, 8)])
def test_real_numbered_interviews_as_text(real_data, name):
    """MAXQDA's numbers are no words; the labels and the words of its paragraphs come back."""
    path = real_data / "pdpilot" / "txt" / f"{name}.txt"
    text = path.read_text("utf-8").replace("\f", "")
    transcript = read(path, "interview", labels=["Dan", "Participant", "Particpant"])
    labels = re.findall(r"^\s*\d*\s*(Dan|Partici?pant):", text, re.MULTILINE)
    assert [turn.label for turn in transcript.turns if turn.label] == labels
    assert not any(re.match(r"\d+\s+(Dan|Participant):", turn.text) for turn in transcript.turns)
    assert left(transcript)["numbers of paragraphs or lines"] >= len(labels) - 2


@pytest.mark.parametrize("number", range(11))
def test_real_meetings_of_many_speakers(real_data, tmp_path, number):
    document = json.loads((real_data / "qmsum-covid" / f"covid_{number}.json").read_text("utf-8"))
    turns = [(turn["speaker"].strip(), turn["content"]) for turn in document["meeting_transcripts"]]
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{speaker}: {words}\n" for speaker, words in turns), encoding="utf-8")
    transcript = read(path, labels={speaker for speaker, _ in turns})
    assert [(turn.label, turn.text.split()) for turn in transcript.turns] == [
        (speaker, words.split()) for speaker, words in turns if words.strip()
    ]


def test_real_sessions_without_labels_are_documents(real_data):
    paths = sorted((real_data / "serdif-taguette" / "derived").glob("P*.txt"))
    assert len(paths) == 17
    for path in paths:
        transcript = read(path, "document")
        assert " ".join(text for _, text in said(transcript)).split() == path.read_text("utf-8").split()
        assert not left(transcript)


def test_small_files_of_qualcoder(real_data):
    folder = real_data / "qualcoder-examples"
    talk = read(folder / "transcript.txt", labels=["id1", "ID2"])
    assert [label for label, _ in said(talk)] == ["id1", "id2", "id3", "id1", "id3", "id1", "id2"]
    survey = read(folder / "survey456.csv", "survey", id_column="Case")
    assert [(turn.label, turn.question) for turn in survey.turns] == [(f"ID{n}", "freetext") for n in (4, 5, 6)]
    assert survey.attributes["ID4"] == {"Age": "24", "Gender": "f", "Interest": "shopping"}
    survey = read(folder / "survey789.xlsx", "survey")
    assert Counter(turn.question for turn in survey.turns) == {"Qual_hobby_opinions": 3, "Qual_pet_opinions": 3}
    assert survey.attributes["ID8"]["Age"] == ""


def test_a_real_survey_in_windows_1252(real_data):
    import csv

    path = real_data / "llmcode-bopp" / "test_data" / "bopp_test.csv"
    rows = list(csv.DictReader(path.read_text("cp1252").splitlines(keepends=True)))
    transcript = read(path, "survey", id_column=next(iter(rows[0])), text_columns=("why_art",))
    assert [turn.text.split() for turn in transcript.turns] == [
        row["why_art"].split() for row in rows if row["why_art"]
    ]
    assert left(transcript, "encoding")
