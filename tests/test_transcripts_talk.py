"""Who speaks, and when: headers of turns in lines of text, captions, tables of talk."""

from datetime import time
from time import perf_counter

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import left, read, said

from qualcode.errors import QualcodeError
from qualcode.transcripts.headers import Names, read_header

LABELS = "labels of speakers: kept as who spoke"
CODES = "time codes: kept as times, not as words"
NUMBERS = "numbers of paragraphs or lines"
MARKERS = "markers of guide questions: kept as the question"


@pytest.fixture
def talk(tmp_path):
    """Reads a transcript given as text."""

    def reading(text, labels=(), name="a.txt", **columns):
        path = tmp_path / name
        path.write_bytes(text.encode())
        return read(path, labels=labels, **columns)

    return reading


def spans(transcript):
    return [(turn.label, turn.time_start, turn.time_end) for turn in transcript.turns]


# --- headers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "label", "words", "codes"),
    [
        ("Ana María: One: two.", "Ana María", "One: two.", ""),
        ("  Ana  María  :One", "Ana  María", "One", ""),
        ("ana: One", "ana", "One", ""),
        ("[Ana] One", "Ana", "One", ""),
        ("[Ana]: One", "Ana", "One", ""),
        ("[Cleo]: One", "Cleo", "One", ""),
        ("#Ana: One", "Ana", "One", ""),
        ("00:19 PARTICIPANT 12: One", "PARTICIPANT 12", "One", "00:19"),
        ("[04:32] RESEARCHER:", "RESEARCHER", "", "[04:32]"),
        ("RESEARCHER [04:32]: One", "RESEARCHER", "One", "[04:32]"),
        ("Cleo (00:04:32): One", "Cleo", "One", "(00:04:32)"),
        ("Cleo 00:03 - 00:05: One", "Cleo", "One", "00:03 - 00:05"),
        ("Cleo Hart  2:57  ", "Cleo Hart", "", "2:57"),
        ("Unknown Speaker  2:57", "Unknown Speaker", "", "2:57"),
        ("Hart, Cleo   1:02:57", "Hart, Cleo", "", "1:02:57"),
        ("Ana 0:03", "Ana", "", "0:03"),
        ("00:19 Ana", "Ana", "", "00:19"),
        ("[Cleo] 00:00:04", "Cleo", "", "00:00:04"),
        ("00:21:14\tCleo Hart:\tOne", "Cleo Hart", "One", "00:21:14"),
        ("#00:00:01-2# Cleo: One", "Cleo", "One", "#00:00:01-2#"),
        ("**Cleo:** One", "Cleo", "One", ""),
        ("**Cleo**: One", "Cleo", "One", ""),
        (">> CLEO: One", "CLEO", "One", ""),
        ("- Cleo: One", "Cleo", "One", ""),
        ("T/R1: One", "T/R1", "One", ""),
        ("P1: 3 of us", "P1", "3 of us", ""),
        ("Dr. van der Berg (Utrecht, online): One", "Dr. van der Berg (Utrecht, online)", "One", ""),
        ("林: One", "林", "One", ""),
        ("林\uff1aOne", "林", "One", ""),
        (f"{'x' * 90} : One", "x" * 90, "One", ""),
        ("X" * 63 + ": One", "X" * 63, "One", ""),
    ],
)
def test_the_ways_to_write_who_speaks(line, label, words, codes):
    header = read_header(line, Names(["Ana", "Ana María", "x" * 90]))
    assert header is not None
    assert (header.label, header.words, header.codes) == (label, words, codes)


@pytest.mark.parametrize(
    "line",
    [
        "Note: we left early.",
        "For example: the timing.",
        "the thing is: we agreed.",
        "So, Ana: what do you think?",
        "At 10:30 we met.",
        "We met at 10:30",
        "10:30 was too late.",
        "10:30",
        "John 3:16 says so.",
        "https://ana.example",
        "HTTPS://ana.example",
        "[laughs] Yes.",
        "[Cleo] Yes.",
        "Cleo 2:57",
        "See you on Monday  10:30 or so",
        "X" * 64 + ": One",
        "Kim: is a name that sources.csv calls none.",
        ": One",
        "",
    ],
)
def test_words_before_a_colon_are_not_always_a_label(line):
    assert read_header(line, Names(["Ana"], ["kim"])) is None


def test_a_label_that_is_listed_counts_even_where_it_does_not_look_like_one(talk):
    transcript = talk(
        "speaker one: Hello.\nNote: Hi. https://a.org\nAt 10:30 we met.\n", labels=["speaker one", "Note"]
    )
    assert said(transcript) == [("speaker one", "Hello."), ("Note", "Hi. https://a.org At 10:30 we met.")]


def test_someone_whom_no_one_listed_is_not_taken_for_words_of_the_speaker_above(talk):
    transcript = talk("Ana: One.\nCleo: Two.\nKim: is called no label.\n", labels=["Ana", "Ben"], not_labels=("KIM",))
    assert said(transcript) == [("Ana", "One."), ("Cleo", "Two. Kim: is called no label.")]


# --- layouts -------------------------------------------------------------------------------------------------------


def test_otter(talk):
    transcript = talk(
        "Ana Hill  0:03  \nHello there.\nAnd more.\n\nUnknown Speaker  2:57  \nYes.\n\nTranscribed by https://otter.ai\n"
    )
    assert said(transcript) == [("Ana Hill", "Hello there. And more."), ("Unknown Speaker", "Yes.")]
    assert spans(transcript) == [("Ana Hill", "00:00:03", ""), ("Unknown Speaker", "00:02:57", "")]
    furniture = "what the recording service wrote around the talk (title, date, duration, who started it)"
    assert left(transcript) == {furniture: 5, LABELS: 4, CODES: 4}
    assert not left(transcript, "paragraphs")


def test_teams_as_lines(talk):
    transcript = talk(
        "Mentors-20240301_100000-Meeting Transcript\nMarch 1, 2024, 9:00AM\n27m 42s\n\n"
        "Hill, Ana started transcription\n\nHill, Ana   0:03\nHello.\n\nBen Ode   0:07\nthe thing is: Hi.\nAna stopped by.\n\n"
        "Hill, Ana stopped transcription\n",
        labels=["Hill, Ana", "Ben Ode"],
    )
    assert said(transcript) == [("Hill, Ana", "Hello."), ("Ben Ode", "the thing is: Hi. Ana stopped by.")]
    assert transcript.turns[1].time_start == "00:00:07"


def test_words_about_a_transcription_are_words(talk):
    text = "Ana: Hello.\nBen: Then Cleo started transcription.\nand so the man stopped transcription\n"
    assert said(talk(text))[1] == ("Ben", "Then Cleo started transcription. and so the man stopped transcription")


def test_a_line_with_time_and_name_above_the_words(talk):
    transcript = talk("00:19 PARTICIPANT 12:\nWe met.\nOften.\n\n[1:04:32] RESEARCHER:\n\nWhy?\n")
    assert said(transcript) == [("PARTICIPANT 12", "We met. Often."), ("RESEARCHER", "Why?")]
    assert [turn.time_start for turn in transcript.turns] == ["00:00:19", "01:04:32"]


def test_time_codes_alone_and_those_of_f4(talk):
    transcript = talk(
        "[00:00:05.5]\nAna: We met. #00:00:12-3#\n\nBen: Yes.\nOften. #00:00:15-0#\n\nAna: At what time?\nBen: 10:30\n10:45\n"
    )
    assert said(transcript) == [
        ("Ana", "We met."), ("Ben", "Yes. Often."), ("Ana", "At what time?"), ("Ben", "10:30 10:45"),
    ]  # fmt: skip
    assert spans(transcript)[:3] == [
        ("Ana", "00:00:05.500", "00:00:12.300"), ("Ben", "", "00:00:15.000"), ("Ana", "", ""),
    ]  # fmt: skip


def test_a_numbering_that_runs_through_the_file_is_no_words(talk):
    transcript = talk(
        "2024 Interview\n1    Dan: One.\n\n2    Ana: 3 of us\n     met.\n3    Dan: 12 others.\n4    Ana: No.\n"
    )
    assert said(transcript) == [
        ("", "2024 Interview"), ("Dan", "One."), ("Ana", "3 of us met."), ("Dan", "12 others."), ("Ana", "No."),
    ]  # fmt: skip
    assert left(transcript)[NUMBERS] == 4
    lines = talk("1 Dan: One\n2 and two.\n3\n4 Ana: Yes.\n5 No.\n")
    assert said(lines) == [("Dan", "One and two."), ("Ana", "Yes. No.")]


def test_a_list_in_the_talk_keeps_its_numbers(talk):
    transcript = talk("Ana: Three things.\n1. We met.\n2. We talked.\n3. We left.\nBen: Yes.\nAna: No.\n")
    assert said(transcript)[0] == ("Ana", "Three things. 1. We met. 2. We talked. 3. We left.")
    assert NUMBERS not in left(transcript)


def test_names_in_brackets_without_a_colon_are_labels_where_the_file_is_written_so(talk):
    assert said(talk("[id1] Hello.\n\n[id2] Yes.\nAnd no.\n\n[id1] Good.\n\n[id3] Bye.\n", labels=["id1"])) == [
        ("id1", "Hello."), ("id2", "Yes. And no."), ("id1", "Good."), ("id3", "Bye."),
    ]  # fmt: skip
    assert said(talk("Ana: Hello.\n[laughs] Yes.\nBen: Good.\n")) == [("Ana", "Hello. [laughs] Yes."), ("Ben", "Good.")]


def test_a_chat_of_zoom(talk):
    transcript = talk(
        "00:21:14\tAna Hill:\tHello.\r\n09:22:01 From  Ben Ode  to  Everyone:\r\n\tHi\r\n09:23:00 From Ana : Yes\r\n"
    )
    assert said(transcript) == [("Ana Hill", "Hello."), ("Ben Ode", "Hi"), ("Ana", "Yes")]
    assert left(transcript)["words beside the names of a chat (from, to everyone)"] == 4


def test_styles_may_differ_within_a_study_and_a_file(talk):
    transcript = talk("Ana: One.\n[Ben]: Two.\n00:19 Ana: Three.\nBen [00:25]:\nFour.\n", labels=["Ana", "Ben"])
    assert said(transcript) == [("Ana", "One."), ("Ben", "Two."), ("Ana", "Three."), ("Ben", "Four.")]


@pytest.mark.parametrize("marker", ["[Q2]", "{Q2}", "## Q2", "[ question: Q2 ]"])
def test_a_marker_alone_on_a_line_opens_a_question(talk, marker):
    transcript = talk(f"Ana: One.\n\n{marker}\nstill Ana.\n\nBen: Two [Q3] three.\n{{question: warm-up}}\nAna: Four.\n")
    assert [(turn.label, turn.text, turn.question) for turn in transcript.turns] == [
        ("Ana", "One.", ""), ("Ana", "still Ana.", "Q2"), ("Ben", "Two [Q3] three.", "Q2"), ("Ana", "Four.", "warm-up"),
    ]  # fmt: skip
    assert MARKERS in left(transcript)


def test_a_speaker_called_q2_is_no_marker(talk):
    assert said(talk("[Q2]\nHello.\n", labels=["Q2"])) == [("Q2", "Hello.")]


@pytest.mark.parametrize(
    "style",
    ["{label}: {words}", "[{label}]: {words}", "#{label}: {words}", "00:19 {label}: {words}", "[04:32] {label}: {words}",
     "{label} [04:32]: {words}", "{label} (00:04:32):\n{words}", "{label}  4:32  \n{words}\n", "{n}   {label}: {words}",
     "**{label}:** {words}", "00:21:14\t{label}:\t{words}", "1\n00:00:01,000 --> 00:00:02,000\n{label}: {words}\n"],
)  # fmt: skip
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ana", "Ben Ode", "María José", "P 12", "Dr. Hale", "speaker one", "O’Neil-Smith", "林"]),
            st.lists(st.sampled_from(["We", "met:", "at", "10:30,", "[Q1]", "I’d", "say", "👩\u200d👩\u200d👧", "—", "é", "é", "12", "Ana", "3:16", "don't"]), min_size=1),
        ),
        min_size=3, max_size=8,
    )
)  # fmt: skip
def test_every_style_gives_the_labels_and_words_back(tmp_path_factory, style, turns):
    path = tmp_path_factory.mktemp("style") / "a.txt"
    text = "".join(
        style.format(label=label, words=" ".join(["Well", *words]), n=n) + "\n"
        for n, (label, words) in enumerate(turns, 1)
    )
    path.write_text(text, encoding="utf-8")
    found = read(path, labels={label for label, _ in turns})
    wanted = [(label, " ".join(["Well", *words]).replace("e\u0301", "é")) for label, words in turns]
    if "-->" in style:  # cues of one speaker are joined
        for position in range(len(wanted) - 1, 0, -1):
            if wanted[position][0] == wanted[position - 1][0]:
                wanted[position - 1] = (wanted[position][0], f"{wanted[position - 1][1]} {wanted.pop(position)[1]}")
    assert said(found) == wanted


# --- captions ------------------------------------------------------------------------------------------------------

TEAMS = """WEBVTT
Kind: captions

NOTE duration:"00:12:34.5670000"

NOTE language:en-us

2b4c-11/12-0
00:00:01.500 --> 00:00:03.000
<v Ana María>Hello &amp; good
day, I&#39;m here</v>

2b4c-11/13-0
00:00:03.000 --> 00:00:04.000 align:start position:0%
<v Ana María>again.</v>

2b4c-11/14-1
01:00:04.000 --> 01:00:05.000
<v.loud Ben><i>Yes</i>, if a < b and c > d.</v> <v Ana María>No.</v>
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_captions_of_teams(talk, end):
    transcript = talk(TEAMS.replace("\n", end), name="a.vtt")
    assert said(transcript) == [
        ("Ana María", "Hello & good day, I'm here again."),
        ("Ben", "Yes, if a < b and c > d."),
        ("Ana María", "No."),
    ]
    assert spans(transcript)[:2] == [
        ("Ana María", "00:00:01.500", "00:00:04.000"),
        ("Ben", "01:00:04.000", "01:00:05.000"),
    ]
    assert [turn.place for turn in transcript.turns] == ["line 9", "line 18", "line 18"]
    assert left(transcript) == {
        "head, notes and styles of the caption file": 12,
        "numbers and ids of cues": 6,
        CODES: 28,
        LABELS: 7,
    }


def test_captions_of_zoom_keep_cues_without_a_name_apart(talk):
    transcript = talk(
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAna: One: two.\n\n2\n00:00:03.000 --> 00:00:04.000\nMm-hm.\n\n"
        "3\n00:00:05.000 --> 00:00:06.000\nAna: Three\nfour.\n\n4\n00:00:07.000 --> 00:00:08.000\nAna: Five.\n",
        name="a.vtt",
    )
    assert said(transcript) == [("Ana", "One: two."), ("", "Mm-hm."), ("Ana", "Three four. Five.")]
    assert spans(transcript)[2] == ("Ana", "00:00:05.000", "00:00:08.000")


def test_captions_without_any_name_are_attributed_to_no_one(talk):
    transcript = talk(
        "WEBVTT\n\nNOTE Confidence: 0.6945\n\nab12-cd\n00:00:01.000 --> 00:00:02.000\nthe first\n\n"
        "NOTE Confidence: 0.8\n\nab12-ce\n00:00:03.000 --> 00:00:04.000\nthe second\n",
        name="a.vtt",
    )
    assert said(transcript) == [("", "the first"), ("", "the second")]


def test_damaged_captions_lose_no_words(talk):
    transcript = talk(
        "1\n00:00:01,000 --> 00:00:02,000\nAna: One\n\nafter a blank line\n2\n00:00:xx,000 --> 00:00:04,000\n"
        "Ben: {\\an8}<font color=red>two</font>\n\n\n4\n00:00:05,000 --> 00:00:06,000\n\n5\n",
        name="a.srt",
    )
    assert said(transcript) == [("Ana", "One after a blank line"), ("Ben", "two"), ("", "5")]
    assert spans(transcript)[1] == ("Ben", "", "00:00:04.000")


def test_cues_that_no_blank_line_parts(talk):
    transcript = talk("1\n00:01 --> 00:02\nAna: I have\n3\n2\n00:03 --> 00:04\nBen: So\n", name="a.srt")
    assert said(transcript) == [("Ana", "I have 3"), ("Ben", "So")]


PIECES = st.sampled_from(
    [
        "Ana: ", "<v Ben>", "</v>", "<i>", "&amp;", "&lt;v Cy&gt;", "word", "é", "e\u0301", "\n", "\n\n", " --> ", "NOTE x", "7",
        "\n00:01.000 --> 00:02.000\n", "\n9\n00:00:03,000 --> 00:00:04,000\n", "<", ">", "STYLE", "a < b > c", "&#10;", "{\\an8}",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["WEBVTT\n\n", ""]))
def test_no_word_of_any_captions_is_lost(tmp_path_factory, text, head):
    """`read` checks that each word of the file is in a turn or counted."""
    path = tmp_path_factory.mktemp("captions") / "a.vtt"
    path.write_text(f"{head}1\n00:00:00.000 --> 00:00:01.000\nDana: Hello\n\n{text}\n", encoding="utf-8")
    assert read(path).turns[0].label == "Dana"


# --- tables of talk ------------------------------------------------------------------------------------------------


def test_a_table_of_talk_joins_the_rows_of_one_speaker(talk):
    transcript = talk(
        "Start,End,Speaker,Text,Tag\n0:01,0:02,Ana,One.,x y\n0:03,0:04,,Two.,\n0:05,0:06,Ben,,z\n0:07,,,Three.,\n"
        "soon,,Ana,Four.,\n",
        name="a.csv",
    )
    assert said(transcript) == [("Ana", "One. Two."), ("Ben", "Three."), ("Ana", "Four.")]
    assert spans(transcript) == [("Ana", "00:00:01", "00:00:04"), ("Ben", "00:00:07", ""), ("Ana", "", "")]
    assert [turn.place for turn in transcript.turns] == ["row 2", "row 5", "row 6"]
    assert left(transcript) == {
        "names of columns": 5,
        CODES: 14,
        LABELS: 3,
        "cells of columns that hold neither speakers nor words: Tag": 3,
        "times that are not written as hours, minutes and seconds": 1,
    }


def test_turns_that_are_numbered_are_not_joined(talk):
    transcript = talk("turn,speaker,sentence\n1,S,One.\n1,S,Two.\n2,S,Three.\n,S,Four.\n", name="a.csv")
    assert said(transcript) == [("S", "One. Two."), ("S", "Three. Four.")]


def test_a_table_of_talk_in_a_workbook_with_notes_and_further_sheets(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ([None, "TimeStamp", "Speaker", "Sentence"], [1, time(0, 1, 5), "T", "So: 3?"], [2, None, "Ana", 4]):
        sheet.append(row)
    sheet["D2"].comment = openpyxl.comments.Comment("two words", "Cleo")
    book.create_sheet("Tags").append(["further words here"])
    book.save(tmp_path / "a.xlsx")
    transcript = read(tmp_path / "a.xlsx", "interview")
    assert said(transcript) == [("T", "So: 3?"), ("Ana", "4")]
    assert transcript.turns[0].time_start == "00:01:05"
    assert left(transcript)["sheets behind the first"] == 3
    assert left(transcript)["comments and text boxes of the spreadsheet"] == 2


def test_columns_of_talk_that_are_missing_or_ambiguous_are_named(talk):
    with pytest.raises(QualcodeError) as raised:
        talk("when,name,who,note\n1,Ana,x,y\n", name="a.csv")
    told = str(raised.value)
    assert "row 1: more than one column could hold the speakers: 'name', 'who'. Name it in `speaker_column`" in told
    assert "row 1: no column is recognised as that of the words. Name it in `text_columns`" in told
    assert "The columns are: when, name, who, note." in told
    chosen = talk("when,name,who,note\n1,Ana,x,y\n", name="a.csv", speaker_column="name", text_columns=("note",))
    assert said(chosen) == [("Ana", "y")]
    with pytest.raises(QualcodeError) as raised:
        talk("name,text\nAna,x\n", name="a.csv", speaker_column="whom", text_columns=("words", "text"))
    told = str(raised.value)
    assert "the table has no column 'whom'" in told and "one column of words (found 2)" in told
    with pytest.raises(QualcodeError, match="'text' is named for the speakers and for the words"):
        talk("name,text\nAna,x\n", name="a.csv", speaker_column="text")


def test_a_table_without_rows_holds_no_words(talk):
    with pytest.raises(QualcodeError, match="holds no words"):
        talk("speaker,text\n", name="a.csv")
    with pytest.raises(QualcodeError, match="holds no words"):
        talk("\n\n", name="a.csv")


# --- labels that nearly are ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["Unknown speaker: x", "?: x", "??: x", "Female speaker 2: x", "Speaker one: x", "p2: x", "Participant #4: x",
     "Ana and Ben: x", "Juan Carlos de la Cruz García: x", "प्रिया: x", "สมชาย ใจดี: x"],
)  # fmt: skip
def test_voices_that_no_one_listed_are_no_words_of_others(line):
    found = read_header(line, Names(["Ana", "Ben", "p1"]))
    assert found and (found.label, found.words) == (line.split(":")[0], "x")


@pytest.mark.parametrize("line", ["at: x", "so: x", "the thing and Ben: x", "This is what Ana and I said: x"])
def test_words_are_no_voices(line):
    assert read_header(line, Names(["Ana", "Ben"])) is None


@pytest.mark.parametrize(
    "line",
    ["Ben [on phone]: x", "Ben?: x", "(Ben): x", "Ben*: x", "“Ben”: x", "* Ben: x", "### Ben: x", "1. **Ben:** x",
     "\ufeffBen: x", "Ben\u200e: x", "\u200b Ben : x", "Ben [00:01]: x", "Ben: [00:00:01] x", "Ben: (0:05) x",
     "Ben 10:31 PM: x", "10:31 PM Ben: x", "Ben\nx", "[Q2] Ben: x", "Ben: {Q2} x"],
)  # fmt: skip
def test_signs_around_a_known_label_make_it_no_other_one(talk, line):
    transcript = talk(f"Ana: One.\n{line}\nAna: Two.\n", ["Ana", "Ben"])
    assert said(transcript) == [("Ana", "One."), ("Ben", "x"), ("Ana", "Two.")]
    assert [turn.question for turn in transcript.turns] == (["", "Q2", "Q2"] if "Q2" in line else ["", "", ""])


def test_twelve_hours_are_read_as_hours(talk):
    assert spans(talk("Ana 10:31 PM: a\n12:05 am Ben: b\n", ["Ana", "Ben"])) == [
        ("Ana", "22:31:00", ""),
        ("Ben", "00:05:00", ""),
    ]


def test_a_line_that_begins_with_a_label_but_is_none_is_an_error(talk):
    with pytest.raises(QualcodeError, match="line 2: 'Ben, laughing:' begins with a speaker's label"):
        talk("Ana: One.\nBen, laughing: x\n", ["Ana", "Ben"])
    told = talk("Ana: One.\nBen, laughing: x\nI think this: y\n", ["Ana", "Ben", "I"], not_labels=("Ben, laughing",))
    assert said(told) == [("Ana", "One. Ben, laughing: x I think this: y")]
    taken = "begin with words and a colon that were taken for talk: 'Ben, laughing' (1), 'I think this' (1)"
    assert left(told, "lines") == {taken: 1 + 1}


def test_without_labels_the_nearest_line_is_named(talk):
    with pytest.raises(QualcodeError, match=r"line 2: no line begins with a speaker's label .nearest is 'the thing:'"):
        talk("One.\nthe thing: two\n")


def test_numbers_that_start_again_and_lists_within_turns(talk):
    again = talk("1 Ana: a\n2 Ben: b\n3 Ana: c\n1 Ben: d\n2 Ana: e\n")
    assert said(again) == [("Ana", "a"), ("Ben", "b"), ("Ana", "c"), ("Ben", "d"), ("Ana", "e")]
    listed = talk("1 Ana: a\n2 Ben: b\n3 Nora: Three:\n1. time\n2. money\n3. trust\n4 Ben: c\n")
    assert said(listed) == [("Ana", "a"), ("Ben", "b"), ("Nora", "Three: 1. time 2. money 3. trust"), ("Ben", "c")]


@pytest.mark.parametrize("sign", ["\x0b", "\f", "\x85", "\u2028", "\u2029"])
def test_breaks_end_lines(talk, sign):
    assert said(talk(f"Ana: Hello.{sign}Ben: Hi.\n")) == [("Ana", "Hello."), ("Ben", "Hi.")]


def test_angle_brackets_that_are_no_tags_are_words(talk):
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<V Ana>a <i think> <b>so</b></v> x <b and c> d\n"
    assert said(talk(text, name="a.vtt")) == [("Ana", "a <i think> so"), ("", "x <b and c> d")]


def test_a_csv_table_with_a_comma_too_many_is_refused(talk):
    with pytest.raises(QualcodeError, match="row 2: there are 3 cells, but the header names 2"):
        talk("speaker,text\nAna,Well, yes\n", name="a.csv")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v " + " " * 100_000 + "\nAna: x\n"),
        ("a.txt", "Ana: x" + "\u0301\u0323" * 100_000),
        ("a.txt", "Ana: x\nBen" + " " * 100_000 + "x\n[Ben" + " " * 100_000 + "x\n"),
        ("a.csv", "speaker,text\n" + "Ana,some words that were said\n" * 30_000),
    ],
)
def test_odd_files_are_read_in_time(talk, name, text):
    begun = perf_counter()
    talk(text, name=name)
    assert perf_counter() - begun < 5


def test_markers_in_cells_open_a_question(talk):
    table = talk("speaker,text\nAna,One\nAna,[Q2] Two?\nBen,Yes.\n", name="a.csv")
    assert [(turn.label, turn.text, turn.question) for turn in table.turns] == [
        ("Ana", "One", ""),
        ("Ana", "Two?", "Q2"),
        ("Ben", "Yes.", "Q2"),
    ]
