"""What the methods text must not tell: names, words of who withdrew, words that may not be quoted. And small studies."""

from __future__ import annotations

import csv
import re

import pytest
from conftest import PARTICIPANTS, TRANSCRIPT
from docx import Document
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from qualcode import tables
from qualcode.methods.items import COREQ, SRQR

MEMO = "---\ndate: 2026-03-02\nby: {by}\nabout: positionality\n---\n\n{text}\n"
STEPS = ("utterances", "parses", "identifiers", "open_codes", "axial_codes", "frequencies", "saturation", "packets")
ABSENT = "write a positionality statement"


def told(study) -> str:
    """All that stands in the three documents."""
    text = []
    for name in ("methods", "coreq", "srqr"):
        document = Document(str(study.results / f"{name}.docx"))
        text += [paragraph.text for paragraph in document.paragraphs]
        text += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(text)


def section(study, heading: str) -> str:
    """The words below one heading of the methods text."""
    found, inside = [], False
    for paragraph in Document(str(study.results / "methods.docx")).paragraphs:
        if paragraph.style.name.startswith("Heading"):
            inside = paragraph.text == heading
        elif inside:
            found.append(paragraph.text)
    return "\n".join(found)


def consent(study, value: str) -> None:
    study.write("participants.csv", PARTICIPANTS.replace("Karl,active,yes", f"Karl,active,{value}"))


@pytest.fixture
def plain(study):
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    return study


def test_names_are_hidden_wherever_they_were_typed(plain):
    plain.write("memos/positionality-of-ana.md", MEMO.format(by="Ana", text="I know Ana well.\n\nBen is my brother."))
    plain.write("sources.csv", "source,file,kind,audited_by,audited_at\ntalk,talk.txt,focus_group,Ben,2026-03-05\n")
    plain.write(
        "study.yaml",
        "title: Talks\ncodebook: codebook.yaml\nlanguage: blank:en\n"
        "checklists: {srqr: {'7': 'At the school of Ana.'}}\nthemes: {method: guided, topics: {what Ben likes: [tea]}}\n",
    )
    assert plain.run(*STEPS, "methods") == 0
    text = told(plain)
    assert "I know Rosa well." in text and "Karl is my brother." in text and "heard again by Karl on 2026-03-05" in text
    assert "At the school of Rosa." in text and "Written by Rosa" in text and "positionality-of-Rosa.md" in text
    assert not re.search(r"\b(Ana|Ben)\b", text, re.IGNORECASE)


@trying(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_name=st.sampled_from(["Xanthippe", "Oluwaseun", "Þórunn", "Jean-Luc", "Zoë"]),
    surname=st.sampled_from(["Quillfeather", "Nakagawa-Ruiz", "O'Hanrahan"]),
    place=st.sampled_from(["memo", "by", "audited", "answer", "file", "redaction"]),
)
def test_no_listed_name_gets_through(plain, given_name, surname, place):
    name = f"{given_name} {surname}"
    plain.write("participants.csv", PARTICIPANTS.replace("Ana,Ana,Rosa", f"Ana,Ana;{name},Rosa"))
    here = {
        key: name if key == place else "Someone" for key in ("memo", "by", "audited", "answer", "file", "redaction")
    }
    for path in (plain.path / "memos").glob("*.md"):
        path.unlink()
    plain.write(
        f"memos/positionality {here['file'] if place == 'file' else ''}.md",
        MEMO.format(by=here["by"], text=here["memo"]),
    )
    plain.write(
        "sources.csv",
        f"source,file,kind,audited_by,audited_at\ntalk,talk.txt,focus_group,{here['audited']},2026-03-05\n",
    )
    plain.write(
        "redactions.csv",
        f"text,replacement,kind,decision,by,at\nUtopia,[place],place,redact,{here['redaction']},2026-03-05\n",
    )
    answer = here["answer"].replace("'", "''")
    plain.write(
        "study.yaml",
        f"title: Talks\ncodebook: codebook.yaml\nlanguage: blank:en\nchecklists: {{coreq: {{'5': '{answer}'}}}}\n",
    )
    assert plain.run("utterances", "methods") == 0
    text = told(plain)
    assert given_name not in text and surname not in text
    assert ABSENT not in text


def test_the_memo_of_whoever_writes_about_positionality(plain):
    plain.write("memos/2026-01-02-a.md", MEMO.format(by="ruth", text="First I was a mentor."))
    plain.write("memos/positionality.md", "No head at all.\n\nTwo paragraphs.")
    plain.write("memos/other.md", "---\nabout: round 1\n---\nWhat I changed.")
    plain.run("utterances", "methods")
    text = section(plain, "Positionality")
    assert "Written by ruth on 2026-03-02, names hidden:\nFirst I was a mentor." in text
    assert "Written, names hidden:\nNo head at all.\nTwo paragraphs." in text and "What I changed." not in text


def test_a_confidential_memo_stays_where_it_is(plain):
    plain.write("memos/positionality.md", "I owe one of them money.")
    plain.run("utterances", "methods")
    assert "I owe one of them money." in told(plain)
    plain.write(
        "study.yaml", "title: Talks\ncodebook: codebook.yaml\nlanguage: blank:en\nconfidential: {files: ['memos/*']}\n"
    )
    plain.run("methods")
    assert "money" not in told(plain) and ABSENT in section(plain, "Positionality")


@pytest.mark.parametrize("value", ["no", "ask", "yes"])
def test_only_who_agreed_is_quoted_in_a_memo(plain, value):
    consent(plain, value)
    plain.write("memos/positionality.md", "He said nobody told me what was expected of me, and I believed it.")
    plain.run("utterances", "methods")
    text = section(plain, "Positionality")
    assert ("nobody told me what was expected of me" in text) == (value == "yes")
    assert ("[words of a participant who did not agree to be quoted]" in text) == (value != "yes")
    assert ("1 passage was taken out" in text) == (value != "yes") and "I believed it." in text


def test_what_is_never_to_be_quoted_stays_out_of_the_memo(plain):
    plain.codings(
        "anna", [{"source": "talk", "code": "support", "quote": "My mentor was always there.", "use": "never"}]
    )
    plain.write("memos/positionality.md", "She said my mentor was always there.")
    plain.run(*STEPS[:1], "parses", "open_codes", "methods")
    assert "mentor was always there" not in section(plain, "Positionality")


def test_who_withdrew_is_counted_and_not_quoted(plain):
    plain.write("participants.csv", PARTICIPANTS.replace("Karl,active", "Karl,withdrawn"))
    plain.write("memos/positionality.md", "He said nobody told me what was expected of me.")
    plain.run("utterances", "methods")
    assert "Consent was withdrawn by 1 more person; nothing that they said was analyzed." in told(plain)
    assert "nobody told me" not in told(plain) and "1 participant, in 1 focus group" in told(plain)


def test_one_and_many(plain):
    plain.write("sources.csv", "source,file,kind,minutes\ntalk,talk.txt,interview,61.5\nmore,more.txt,interview,\n")
    plain.write("transcripts/more.txt", TRANSCRIPT)
    plain.run("utterances", "methods")
    text = section(plain, "Data")
    assert "The data came from 2 interviews." in text
    assert "The talk took 61.5 minutes where its length is known." in text
    assert "The length of 1 of 2 recordings is not known (sources.csv has no minutes)." in text
    assert "The recordings of talk and more were not heard again." in section(plain, "Preparation of transcripts")
    plain.write("sources.csv", "source,file,kind,minutes\ntalk,talk.txt,interview,61.5\nmore,more.txt,interview,30\n")
    plain.run("methods")
    assert "The talk took 91.5 minutes in all, 30 to 61.5 minutes each (M = 45.8)." in section(plain, "Data")


def test_a_study_without_people_coders_or_history(bare_study):
    bare_study.write("transcripts/notes.txt", "A paper on mentors.\n\nIt has two paragraphs.\n")
    (bare_study.path / "transcripts" / "first talk.txt").unlink()
    bare_study.write("sources.csv", "source,file,kind\nnotes,notes.txt,document\n")
    bare_study.write("study.yaml", "title: Bare\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert bare_study.run(*STEPS, "methods") == 0
    text = told(bare_study)
    assert "The study read 1 document; no participant is known." in text
    assert "No person coded." in text and "No earlier version of the codebook was kept." in text
    assert "heard again" not in section(bare_study, "Preparation of transcripts")
    assert section(bare_study, "Agreement") == "" and section(bare_study, "Emergent themes") == ""
    for checklist in (COREQ, SRQR):
        rows = [row for t in Document(str(bare_study.results / f"{checklist.name}.docx")).tables for row in t.rows[1:]]
        assert len(rows) == sum(map(len, checklist.groups.values())) and all(row.cells[2].text for row in rows)


def test_a_study_of_which_only_the_talk_was_read(plain):
    """The steps after it were not run: nothing is made up in their place."""
    assert plain.run("utterances", "methods") == 0
    assert (
        "No person coded." in told(plain)
        and section(plain, "Saturation") == ""
        and section(plain, "Member checking") == ""
    )


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ([4, 0, 0], "Of 4 codes met in 3 sources, 4 were met in the first; none was new in the last 2."),
        ([1, 2, 3], "Of 6 codes met in 3 sources, 1 was met in the first, and 3 not before the last."),
        ([0, 1], "Of 1 code met in 2 sources, 0 were met in the first, and 1 not before the last."),
    ],
)
def test_new_codes_by_source(plain, new, says):
    plain.run("utterances")
    rows = [
        {"scope": "source", "position": n, "source": f"s{n}", "codings": 9, "codes": 9, "new_codes": count,
         "codes_so_far": sum(new[:n])} for n, count in enumerate(new, 1)
    ]  # fmt: skip
    tables.write(plain.results, "saturation", tables.frame("saturation", rows))
    plain.run("methods")
    assert says in section(plain, "Saturation")


def test_more_than_two_coders_and_intervals(plain):
    plain.run("utterances")
    numbers = {
        column.name: None for column in tables.TABLES["agreement"].columns if column.type in ("integer", "number")
    }
    counts = dict.fromkeys(("participants", "both", "only_a", "only_b", "neither"), 1) | {
        "units": 1200,
        "prevalence": 1.0,
    }
    row = {
        **numbers,
        **counts,
        "code": "all",
        "scope": "all",
        "unit": "utterance",
        "round": "",
        "codebook": "x",
        "note": "",
    }
    three = {"coder_a": "a; b; c", "coder_b": "", "percent": 88.25, "fleiss": 0.555, "low": 0.4, "high": 0.695}
    rules = {"coder_a": "a", "coder_b": "rules", "percent": 12.3, "kappa": 0.123}
    tables.write(plain.results, "agreement", tables.frame("agreement", [row | three, row | rules]))
    plain.run("methods")
    text = section(plain, "Agreement")
    assert "a, b and c agreed on 88.3% of 1,200 pairs; Fleiss' κ = 0.56, 95% CI [0.40, 0.70]." in text
    assert "12.3" not in text, "rules are no coder"


def everything_printed(study) -> str:
    """All words of the methods text and of both checklists."""
    found = []
    for name in ("methods", "coreq", "srqr"):
        document = Document(str(study.results / f"{name}.docx"))
        found += [paragraph.text for paragraph in document.paragraphs]
        found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(found)


def test_names_on_which_no_one_decided_stay_in_the_table_of_packets(study):
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    quote = "Write to me at daniel.duck@example.org if the training helps."
    study.write("transcripts/talk.txt", f"{talk}\nAna: {quote}\n")
    study.codings("anna", [{"source": "talk", "code": "training", "quote": quote}])
    assert study.run(*STEPS, "methods") == 0
    reasons = [row["reason"] for row in study.rows("packets/packets")]
    assert any("daniel.duck" in reason for reason in reasons)
    assert "daniel.duck" not in everything_printed(study)
    text = section(study, "Member checking")
    one = "No packet was written for 1 participant: "
    assert f"{one}their quotations wait for decisions on names and other identifiers." in text
    assert f"{one}no coding that counted covered words of theirs." in text


def test_no_cell_of_a_table_that_may_hold_words_is_printed(plain):
    plain.codings("anna", [{"source": "talk", "code": "support", "quote": "My mentor was always there."}])
    assert plain.run(*STEPS, "methods") == 0
    secret = "Daniel Duck of Entenhausen"
    for name, columns in (
        ("open_codes", ("reason", "evidence", "memo")),
        ("packets", ("reason",)),
        ("agreement", ("note",)),
        ("decisions", ("outcome",)),
        ("codebook_changes", ("note",)),
        ("rule_quality", ("note",)),
        ("new_information", ("note",)),
        ("hidden", ("participant",)),
    ):
        if not (plain.results / tables.TABLES[name].file).exists():
            continue
        table = tables.read(plain.results, name)
        for column in columns:
            if column in table and not next(c for c in tables.TABLES[name].columns if c.name == column).values:
                table[column] = secret
        if name == "open_codes":
            table["counts"] = False
        tables.write(plain.results, name, table)
    tables.write(plain.results, "packets", tables.frame("packets", [
        {"participant": "ana", "made": False, "reason": secret, "draft": False, "concepts": 0, "quotations": 0,
         "others_quotations": 0, "return_code": "", "issued": "", "note": secret}]))  # fmt: skip
    assert plain.run("methods") == 0
    assert secret not in everything_printed(plain) and "Entenhausen" not in everything_printed(plain)
    assert "No packet was written for 1 participant: for another reason." in section(plain, "Member checking")
    assert "Of the codings that people made, 1 did not count: for another reason." in section(plain, "Coding")


def test_why_codings_do_not_count(plain):
    mine = {"source": "talk", "code": "support"}
    rows = [
        mine | {"quote": "My mentor was always there."},
        mine | {"quote": "My mentor was always there."},
        mine | {"quote": "What helped you most, Ana?"},
        mine | {"quote": "Nobody said these words in the whole talk."},
    ]
    plain.codings("anna", rows)
    plain.run(*STEPS, "methods")
    text = section(plain, "Coding")
    assert "anna gave codes to passages 4 times." in text
    assert "1 row of the coders had no place in the texts or could not be carried out (unplaced.csv)." in text
    assert "1 time, a coder gave the same code to the same passage again." in text
    assert "Of the codings that people made, 1 did not count: in words of no participant." in text
    assert "In the end, 1 coding counted" in text


def test_small_cells_stay_hidden(plain):
    rows = [f"p{n},participant,L{n},,N{n},active,yes,{'rural' if n == 1 else 'urban'}" for n in range(1, 8)]
    plain.write("participants.csv", "\n".join([PARTICIPANTS.splitlines()[0], *rows]) + "\n")
    plain.write("transcripts/talk.txt", "\n\n".join(f"L{n}: My mentor was always there." for n in range(1, 8)))
    plain.codings("anna", [{"source": "talk", "code": "support", "quote": "My mentor was always there."}])
    plain.write(
        "study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nfrequencies: {smallest_cell: 3}\n"
    )
    assert plain.run(*STEPS[:6], "methods") == 0
    with (plain.results / "sample.csv").open(encoding="utf-8", newline="") as handle:
        hidden = [row["value"] for row in csv.DictReader(handle) if row["suppressed"] == "true"]
    assert "rural" in hidden
    assert all(f"{value} (–)" in section(plain, "Participants and setting") for value in hidden)


def test_a_confidential_attribute_is_not_told(plain):
    plain.write(
        "study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nconfidential: {attributes: [school]}\n"
    )
    assert plain.run(*STEPS[:6], "methods") == 0
    assert "primary" not in told(plain)


def test_confidential_files_and_attributes_are_not_named(plain):
    plain.write("memos/positionality.md", "I owe one of them money.")
    plain.write(
        "study.yaml",
        "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nfrequencies: {by: [school, role]}\n"
        "confidential: {attributes: [school], files: [memos]}\n",
    )
    assert plain.run("utterances", "methods") == 0
    assert "confidential file 1" in told(plain) and "participants.csv" in told(plain)
    assert "positionality.md" not in told(plain) and "school" not in told(plain)


ANSWERED = """title: Talks
codebook: codebook.yaml
language: blank:en
checklists: {coreq: {'6': 'One said nobody told me what was expected of me. That was odd.'}}
"""


@pytest.mark.parametrize("value", ["no", "ask", "yes"])
def test_only_who_agreed_is_quoted_in_answers_to_checklists(plain, value):
    consent(plain, value)
    plain.write("study.yaml", ANSWERED)
    plain.run("utterances", "methods")
    assert ("nobody told me what was expected" in told(plain)) == (value == "yes")
    assert ("[words of a participant who did not agree to be quoted]" in told(plain)) == (value != "yes")
    assert "One said" in told(plain) and "That was odd." in told(plain)


def test_words_of_who_withdrew_and_words_never_to_be_quoted_stand_in_no_answer(plain):
    plain.write("study.yaml", ANSWERED)
    plain.write("participants.csv", PARTICIPANTS.replace("Ben,Karl,active", "Ben,Karl,withdrawn"))
    plain.run("utterances", "methods")
    assert "One said" in told(plain) and "nobody told me what was expected" not in told(plain)
    plain.write("participants.csv", PARTICIPANTS)
    plain.codings(
        "anna",
        [{"source": "talk", "code": "clarity", "quote": "Nobody told me what was expected of me", "use": "never"}],
    )
    plain.run("utterances", "parses", "open_codes", "methods")
    assert "One said" in told(plain) and "nobody told me what was expected" not in told(plain)


def test_real_interviews(real_data, tmp_path, monkeypatch):
    """Seven interviews: their people, words and codings are counted again, and none of their words gets through."""
    from conftest import StudyFolder
    from real_studies import build_pdpilot

    monkeypatch.chdir(tmp_path)
    study = StudyFolder(build_pdpilot(real_data, tmp_path / "pilot"))
    (study.path / "study.yaml").write_text(
        "title: Pilot\ncodebook: codebook.yaml\nlanguage: blank:en\n", encoding="utf-8"
    )
    assert study.run("utterances", "parses", "open_codes", "axial_codes", "methods") == 0
    people, codings = study.rows("participants"), study.rows("open_codes")
    ours = [row for row in people if row["role"] == "participant"]
    assert f"Those who took part were {len(ours)} participants, in 7 interviews." in told(study)
    words = sum(int(row["words"]) for row in ours)
    assert f"participants spoke or wrote {words:,} words" in section(study, "Data")
    counting = [row for row in codings if row["counts"] == "true"]
    assert f"In the end, {len(counting):,} codings counted" in section(study, "Coding")
    text = " ".join(told(study).casefold().split())
    for row in study.rows("utterances"):
        said = row["text"].casefold().split()
        assert not any(" ".join(said[n : n + 8]) in text for n in range(len(said) - 7))
