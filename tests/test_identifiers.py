"""What may still tell who is meant: found, listed without what was hidden, and holding packets back until decided."""

import re
import zipfile
from pathlib import Path

import answering
import pytest
from checking import added, asked, checks, quoted
from docx import Document

from qualcode import tables
from qualcode.cli import STEPS
from qualcode.hiding.names import fold
from qualcode.identifiers import Piece, by_model, by_pattern, finds
from qualcode.language import load_pipeline
from qualcode.study import load_study, unaccepted

BEFORE = ("utterances", "parses", "identifiers")
PACKETS = (*BEFORE, "open_codes", "axial_codes", "packets")


def decide(study, *rows):
    study.write("redactions.csv", "\n".join(["text,replacement,kind,decision,by,at", *rows]) + "\n")


def add(study, words, label="Ana"):
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{text}\n{label}: {words}\n")


# --- the table -----------------------------------------------------------------------------------------------------


def test_a_row_per_string_with_counts_and_an_example(study):
    add(study, "I met Marcus Obafemi in Chicago. Write to me@elm.org, or ask at Elm Park High School.")
    add(study, "Marcus Obafemi said so. I'm 34 years old.", "Ben")
    assert study.run(*BEFORE) == 0
    rows = {row["text"]: row for row in study.rows("identifiers")}
    marcus = rows["Marcus Obafemi"]
    assert (marcus["kind"], marcus["found_by"], marcus["count"], marcus["people"]) == ("person", "model", "2", "2")
    assert marcus["decision"] == "undecided" and marcus["sources"] == "talk"
    assert marcus["example"] == "I met Marcus Obafemi in Chicago. Write to me@elm.o…"
    kinds = {text: row["kind"] for text, row in rows.items()}
    assert kinds["Chicago"] == "place" and kinds["me@elm.org"] == "e-mail"
    assert kinds["Elm Park High School"] == "school" and kinds["I'm 34 years old"] == "age"


def test_what_was_hidden_is_listed_by_what_stands_there_now(study):
    decide(study, "Elm Park,[school],school,redact,ruth,2026-03-05")
    add(study, "ANA and ana at Elm Park. Karl said it.")
    study.run(*BEFORE)
    rows = {row["place"]: row for row in study.rows("identifiers") if row["place"]}
    assert rows["participants.csv row 2"]["text"] == "Rosa" and rows["participants.csv row 2"]["count"] == "3"
    school = rows["redactions.csv row 2"]
    assert (school["text"], school["decision"], school["by"], school["at"]) == (
        "[school]",
        "redact",
        "ruth",
        "2026-03-05",
    )
    # Pseudonyms are no finds, and no real name is written.
    assert not {"Rosa", "Karl"} & {row["text"] for row in study.rows("identifiers") if row["decision"] == "undecided"}
    written = (study.results / "identifiers.csv").read_text("utf-8") + (study.results / "hidden.csv").read_text("utf-8")
    assert not re.search(r"\bAna\b|\bBen\b|Elm", written, re.IGNORECASE)


def test_names_that_are_words_wait_and_redactions_decide(study):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace(",Ben,Karl", ",Ben;Will Grace,Karl"))
    add(study, "Will you ask Will? Grace knows. I will.")
    study.run(*BEFORE)
    rows = {row["text"]: row for row in study.rows("identifiers")}
    assert (rows["Will"]["kind"], rows["Will"]["found_by"]) == ("name that is a word", "roster")
    assert (rows["Will"]["count"], rows["Grace"]["decision"]) == ("1", "undecided")
    assert "Will you ask Karl? Grace knows. I will." in (study.results / "texts" / "talk.txt").read_text("utf-8")
    decide(study, "Will,[name],name,redact,ruth,2026-03-05", "grace,,word,keep,ruth,2026-03-06")
    study.run(*BEFORE)
    rows = {row["text"]: row for row in study.rows("identifiers")}
    assert "[name] you ask [name]? Grace knows." in (study.results / "texts" / "talk.txt").read_text("utf-8")
    assert "Will" not in rows
    assert not [row for row in rows.values() if row["kind"] == "name that is a word" and row["decision"] == "undecided"]


def test_keep_settles_a_whole_string_in_any_case(study):
    add(study, "I met Marcus Obafemi in Chicago.")
    decide(study, "CHICAGO,,place,keep,ruth,2026-03-05", "Marcus,,name,keep,ruth,2026-03-05")
    study.run(*BEFORE)
    rows = {row["text"]: row for row in study.rows("identifiers")}
    assert (rows["Chicago"]["decision"], rows["Chicago"]["by"], rows["Chicago"]["place"]) == (
        "keep",
        "ruth",
        "redactions.csv row 2",
    )
    assert rows["Marcus Obafemi"]["decision"] == "undecided"


def test_the_order_is_by_kind_then_count_then_alphabet(study):
    add(study, "Paris, Chicago, Chicago, Boston: I met Marcus Obafemi and me@elm.org.")
    study.run(*BEFORE)
    open_ones = [row["text"] for row in study.rows("identifiers") if row["decision"] == "undecided"]
    assert open_ones == ["Marcus Obafemi", "Chicago", "Boston", "Paris", "me@elm.org"]


def test_attributes_are_searched_and_without_a_model_patterns_are(study, problems_of):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("yes,primary", "yes,ask ben@elm.org"))
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    add(study, "I met Marcus Obafemi; call 555-0142.")
    assert study.run(*BEFORE) == 0
    found = {row["text"]: row["sources"] for row in study.rows("identifiers") if row["decision"] == "undecided"}
    assert found == {"Karl@elm.org": "(attributes)", "555-0142": "talk"}
    assert "without a language model" in problems_of()


# --- finding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call (555) 123-4567, +44 20 7946 0958 or 020 7946 0958.", ["(555) 123-4567", "+44 20 7946 0958", "020 7946 0958"]),
        ("In 2019-2020, 1,234,567 people on 2020-01-05 paid $1000000 at 10.30.", []),
        ("My id is 1234567, before S12345; 123-45-6789.", ["1234567", "S12345", "123-45-6789"]),
        ("See https://x.org/a?b=1, www.foo.com. Or bar.co.uk/x; e.g. this.That", ["https://x.org/a?b=1", "www.foo.com", "bar.co.uk/x"]),
        ("I'm 16, she's twenty-nine, a ten-year-old, born in May 1985.", ["I'm 16", "she's twenty-nine", "ten-year-old", "born in May 1985"]),
        ("I'm 20 minutes away, 100% sure; she's one too; aged 5%", []),
        ("At Lincoln High School, the University of North Texas, St. Mary's Primary School.",
         ["Lincoln High School", "University of North Texas", "St. Mary's Primary School"]),
        ("The High School. My School. In High School we had Middle School kids.", []),
        ("I live at 12 Elm Street, @tess_m is me", ["12 Elm Street", "@tess_m"]),
    ],
)  # fmt: skip
def test_patterns(text, found):
    assert sorted(item for _, item in by_pattern(text)) == sorted(found)


def test_the_model_is_heard_where_it_makes_sense():
    pipeline = load_pipeline("en_core_web_sm")

    def heard(text):
        return [item for doc in [pipeline(text)] for _, item in by_model(doc)]

    assert heard("So I told Deborah Kowalczyk about it in Chicago.") == ["Deborah Kowalczyk", "Chicago"]
    assert heard("XXXX XX went to JSON with XXXXX.") == []
    assert "deborah kowalczyk" in heard("so i told deborah kowalczyk about it yesterday")


def test_a_word_that_is_mostly_written_small_is_no_name():
    pipeline = load_pipeline("blank:en")
    doc = pipeline("Zoom said Kowalczyk.")
    doc.ents = [doc.char_span(0, 4, "PERSON"), doc.char_span(10, 19, "PERSON")]
    pieces = [Piece(doc.text, "a", "p"), Piece("we use zoom here", "a", "p")]
    assert set(finds(pieces, [doc], [], [])) == {"Kowalczyk"}
    assert set(finds(pieces[:1], [doc], ["Kowalczyk"], ["Zoom"])) == set()


# --- packets wait --------------------------------------------------------------------------------------------------


def waiting_study(study):
    add(study, "My mentor in Chicago was Marcus Obafemi, and the training there helped.")
    quote = "My mentor in Chicago was Marcus Obafemi"
    study.codings("anna", [{"source": "talk", "code": "training", "quote": quote}], "second.csv")
    study.codings("anna", [{"source": "talk", "code": "clarity", "quote": "the expectations changed"}])


def test_a_packet_waits_until_what_stands_in_it_is_decided(study, problems_of):
    waiting_study(study)
    assert study.run(*PACKETS) == 0
    rows = {row["participant"]: row for row in study.rows("packets/packets")}
    assert rows["p1"]["made"] == "false" and rows["p2"]["made"] == "true"
    assert "wait for a decision: Chicago; Marcus Obafemi" in rows["p1"]["reason"]
    assert "waiting for decisions on names and other identifiers: 1 (packets.csv says why)" in problems_of()
    folder = study.results / "packets"
    assert not list(folder.glob("p1.*")) and (folder / "p2.docx").exists()
    decide(study, "Chicago,,place,keep,ruth,2026-03-05", "Marcus Obafemi,[mentor],name,redact,ruth,2026-03-05")
    assert study.run(*PACKETS) == 0
    assert {row["made"] for row in study.rows("packets/packets")} == {"true"}
    assert "My mentor in Chicago was [mentor]" in (folder / "p1.html").read_text("utf-8")
    # A packet that was made earlier goes when something new waits.
    decide(study, "Marcus Obafemi,[mentor],name,redact,ruth,2026-03-05")
    assert study.run(*PACKETS) == 0
    assert not list(folder.glob("p1.*"))


def test_what_is_left_can_be_accepted_and_the_report_says_so(study, problems_of):
    waiting_study(study)
    study.run(*PACKETS, "report")
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert "2 strings in people" in page and "wait for a decision: Chicago; Marcus Obafemi" in page
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nidentifiers: {accepted: 'ruth, 2026-03-05'}\n")
    assert study.run("packets", "report") == 0
    assert (study.results / "packets" / "p1.docx").exists()
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert "The study accepts that they stay (ruth, 2026-03-05)." in page
    assert {row["decision"] for row in study.rows("identifiers") if not row["place"]} == {"undecided"}


ADDED = "The training by Marcus Obafemi helped me in Chicago."
DRAFT = ("member_checks", "identifiers", "open_codes", "axial_codes", "frequencies", "saturation", "packets")


def accept(study, day):
    study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nidentifiers: {{accepted: 'ruth, {day}'}}\n")


def waits_for(study):
    return set(unaccepted(tables.read(study.results, "identifiers"), load_study(study.path))["text"])


def test_what_came_with_answers_is_accepted_only_on_the_day_of_their_packets_or_later(study, problems_of):
    add(study, "I was in Chicago.")
    checks = study.path / "member_checks"
    answering.issue(checks, answering.asked("p1"), day="2026-04-10")
    answering.issue(checks, answering.asked("p2"), day="2026-05-01")
    answering.saved(checks / "back.json", answering.asked("p1"), {"add": ADDED, "change 1": "Ask Olga Petrenko."})
    exemplar = {"source": "member-checks", "code": "training", "quote": ADDED, "use": "exemplar"}
    study.codings("anna", [{**exemplar, "participant": "p1"}])
    accept(study, "2026-04-09")
    assert study.run("utterances", "parses", *DRAFT, "findings", "methods", "report") == 0
    # Chicago was accepted where Ana said it before.
    rows = {row["text"]: row["sources"] for row in study.rows("identifiers")}
    assert rows["Chicago"] == "talk; member-checks" and rows["Olga Petrenko"] == "(member checks)"
    assert waits_for(study) == {"Marcus Obafemi", "Olga Petrenko"}
    assert "2 of them came with answers to member checks: `identifiers: accepted` is older" in problems_of()
    findings, methods = (Document(study.results / name).paragraphs for name in ("findings.docx", "methods.docx"))
    assert any("Decide first: identifiers.csv lists “Marcus Obafemi”." in line.text for line in findings)
    assert any("accepted that, but not 2 of them, which came later with answers" in line.text for line in methods)
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert "This does not hold for 2 strings that came later with answers to member checks" in page
    # Nobody has answered what was issued last: there is nothing of it that someone would have to see.
    accept(study, "2026-04-10")
    assert waits_for(study) == set()
    assert study.run("identifiers", "findings", "methods", "report") == 0
    assert "accepted` is older" not in problems_of()
    assert not any("Decide first" in line.text for line in Document(study.results / "findings.docx").paragraphs)
    assert "This does not hold" not in (study.results / "report" / "index.html").read_text("utf-8")
    answering.saved(checks / "more.json", answering.asked("p2"), {"reflects 1": "5"})
    assert waits_for(study) == {"Marcus Obafemi", "Olga Petrenko"}
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\n")
    assert waits_for(study) == {"Marcus Obafemi", "Chicago", "Olga Petrenko"}


@pytest.mark.parametrize("said", ["Rosa'S", "Rosa’S", "Rosa's"])
def test_a_pseudonym_with_a_possessive_is_no_find(said):
    spacy = pytest.importorskip("spacy")
    doc = spacy.blank("en")(f"We went to {said} place on Kowalczyk street.")
    doc.ents = [doc.char_span(11, 11 + len(said), "PERSON"), doc.char_span(27, 36, "PERSON")]
    assert set(finds([Piece(doc.text, "a", "p")], [doc], ["Rosa"], [])) == {"Kowalczyk"}


@pytest.mark.parametrize("accepted", ["yes", "2026-03-05", "{by: ruth}", "ruth"])
def test_accepting_needs_a_name_and_a_day(study, problems_of, accepted):
    study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nidentifiers:\n  accepted: {accepted}\n")
    assert study.run("utterances") == 1
    assert "study.yaml: line" in problems_of()


# --- recall on what is listed, in every file -----------------------------------------------------------------------

LISTED = {
    "p1": ("Teresa Ann Marchetti", "Terry"),
    "p2": ("Noemí Márquez-López",),
    "p3": ("Bríd O'Hara", "B. O'Hara"),
    "p4": ("Will Zorba",),
}
TALK = """Terry: I am TERESA MARCHETTI, teresa's friends say terry. My mentor, Noemi
   Marquez Lopez, was always there. Marquez's training helped.

Noemí: I'm noemí marquez\u2010lopez. O’Hara and bríd and B. O’HARA, they told me what was expected. Write to
tmarchetti@elm.org, brid.ohara@elm.org or www.elm.org/noemi-marquez.

Brid: Támbien, Ter\u00adesa Q. Marchetti! I asked Will about the training. Will Zorba's timing, W. ZORBA's, zorba_2 and Zorba1.

Will: I will. Nobody told T. Marchetti. Will you mark my words, may I hope? It was the grace of a long, young rose.
"""


def contents(folder: Path):
    """The text of every file below a folder: its name, and its bytes or those of what is packed in it."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield name, name + "".join(archive.read(item).decode("utf-8", "replace") for item in archive.namelist())
        else:
            yield name, name + path.read_bytes().decode("utf-8", "replace")


def test_no_file_under_results_holds_what_the_lists_hide(study, capfd):
    rows = "".join(
        f"{key},participant,{label},{';'.join(names)},{pseudonym},elm for {names[0].split()[0]}\n"
        for (key, names), label, pseudonym in zip(
            LISTED.items(), ["Terry", "Noemí", "Brid", "Will"], ["Joanne", "Paz", "Una", "Tom"], strict=True
        )
    )
    study.write("participants.csv", "participant,role,labels,names,pseudonym,school\n" + rows)
    study.write("transcripts/Terry and Will.txt", TALK)
    (study.path / "transcripts" / "talk.txt").unlink()
    study.write("sources.csv", "source,file,kind,place\ntalk,Terry and Will.txt,focus_group,at Zorba's\n")
    codings = [
        {"source": "talk", "code": "support", "quote": "Noemi Marquez Lopez, was always there", "memo": "Terry again"},
        {"source": "talk", "code": "training", "quote": "I asked Will about the training", "memo": "of WILL ZORBA"},
        {"source": "talk", "code": "clarity", "quote": "Teresa said nothing of the kind"},
    ]
    study.codings("anna", codings)
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nidentifiers: {accepted: 'ruth, 2026-03-05'}\n")
    for step in STEPS:
        assert study.run(step) == 0, step
    said = capfd.readouterr()
    listed = {"teresa", "marchetti", "terry", "noemi", "marquez", "lopez", "brid", "ohara", "hara", "zorba"}
    files = dict(contents(study.results))
    assert len(files) > 40
    for name, text in [*files.items(), ("what was said", said.out + said.err)]:
        words = set(map(fold, re.findall(r"[^\W\d_]+(?:\u00ad\w+)?", text)))
        assert not words & listed, name
    text = files["texts/talk.txt"]
    assert (
        "I will. Nobody told Joanne. Will you mark my words, may I hope? It was the grace of a long, young rose."
        in text
    )
    assert "I asked Tom about the training. Tom's timing, Tom's, Tom_2 and Tom1." in text
    assert "Joanne@elm.org, Una@elm.org or www.elm.org/Paz" in text
    # The search finds what is there: the names stand in the transcript.
    assert listed - {"hara", "ohara"} <= set(map(fold, re.findall(r"[^\W\d_]+(?:\u00ad\w+)?", TALK)))


def test_the_table_is_the_same_bytes_when_made_again(study):
    add(study, "I met Marcus Obafemi in Chicago. Write to me@elm.org.")
    study.run(*BEFORE)
    before = (study.results / "identifiers.csv").read_bytes()
    study.run(*BEFORE)
    assert (study.results / "identifiers.csv").read_bytes() == before
    assert load_study(study.path).redactions == ()
    assert len(tables.read(study.results, "identifiers")) == 5


def test_strings_are_found_again_however_wide_their_blanks():
    from qualcode.hiding.phrases import Phrases

    text = "We met at Elm  Park, then at Elm\u00a0Park; Elm Parks is no hit."
    assert [text[start:end] for start, end, _ in Phrases(["Elm Park"]).find(text)] == ["Elm  Park", "Elm\u00a0Park"]


# --- answers to member checks --------------------------------------------------------------------------------------


def test_what_participants_write_of_a_packet_is_searched_too(study):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace(",Ben,Karl", ",Ben;Will Grace,Karl"))
    study.run("utterances", "parses")
    written = asked("p1", "help", "Marcus Obafemi told me so. Will you ask Will? Write to me@elm.org.")
    twice = quoted("p1", "amended", "talk", 40, "My mentor", words="I met Lucinda Okafor every week.")
    checks(study.results, [written, twice, {**twice, "part": 2}, added("p2", "Ask Ferdinand Achebe about the weeks.")])
    assert study.run("identifiers") == 0
    rows = {row["text"]: row for row in study.rows("identifiers")}
    for text, kind, count in [
        ("Marcus Obafemi", "person", "1"), ("me@elm.org", "e-mail", "1"), ("Lucinda Okafor", "person", "1"),
        ("Will", "name that is a word", "1"),
    ]:  # fmt: skip
        row = rows[text]
        assert (row["kind"], row["count"], row["sources"], row["people"]) == (kind, count, "(member checks)", "1")
        assert row["decision"] == "undecided"
    # What was added is a source of its own.
    assert not any("Achebe" in text for text in rows)
