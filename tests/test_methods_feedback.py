"""Member checking in the methods text and in COREQ: every number counted again, nothing of what participants wrote."""

from __future__ import annotations

import re

import pytest
from answering import asked as packet_of
from answering import issue, saved
from checking import added, asked, checks, quoted, rated
from conftest import interview
from docx import Document

from qualcode import tables

STEPS = ("utterances", "parses", "identifiers", "open_codes", "axial_codes", "frequencies", "saturation", "packets")
# Words that only participants wrote.
SECRET = "zebras"
ROWS = [
    rated("p1", "support", 5),
    rated("p2", "support", 2),
    rated("p1", "clarity", 4, number=2),
    rated("p2", "clarity", 3, number=2),
    asked("p1", "support", f"Say more of {SECRET}.", decision="changed", reason="The definition was too narrow", by="anna",
          at="2026-05-02"),
    asked("p2", "clarity", f"{SECRET} all the way.", number=2, decision="unchanged", reason="Karl's own view stands apart."),
    quoted("p1", "kept", "talk", 50, "My mentor was always there."),
    quoted("p2", "withdrawn", "talk", 150, "the expectations changed"),
    quoted("p2", "amended", "talk", 130, "I got no support", number="1.2", words=f"There were {SECRET}"),
    added("p1", f"One more word on {SECRET}."),
]  # fmt: skip
SENT = [
    {"participant": "p1", "answered": True},
    {"participant": "p2", "answered": True, "issued": "2026-04-03"},
    {"participant": "p3", "issued": "2026-04-03"},
]


def settings(study, *lines: str) -> None:
    study.write("study.yaml", "\n".join(["title: T", "codebook: codebook.yaml", "language: blank:en", *lines]) + "\n")


def methods(study, rows, packets=None, summary=None, section="Member checking") -> str:
    """A section of the text, open places in brackets."""
    checks(study.results, rows, packets, summary)
    assert study.run("methods") == 0
    said: dict[str, list[str]] = {}
    heading = ""
    for paragraph in Document(str(study.results / "methods.docx")).paragraphs:
        if paragraph.style.name.startswith("Heading"):
            heading = paragraph.text
        else:
            said.setdefault(heading, []).append(paragraph.text)
    return "\n".join(said.get(section, []))


def item(study, name: str, number: int) -> str:
    for table in Document(str(study.results / f"{name}.docx")).tables:
        for row in table.rows[1:]:
            if row.cells[0].text == str(number):
                return row.cells[2].text
    raise AssertionError(number)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("coded")
    study = interview(root)
    settings(study)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert study.run(*STEPS) == 0
    return study


@pytest.fixture
def coded(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return made.copied(tmp_path)


def test_what_came_back_is_told_in_numbers_and_in_the_analysts_words(coded):
    told = methods(coded, ROWS, SENT)
    assert "A packet was sent to 3 participants between 2026-04-01 and 2026-04-03" in told
    assert "Of 3 participants, 2 answered (66.7%)." in told
    assert "Of 4 ratings of the main concepts, 2 (50.0%) were 4 or 5, 1 was 3 and 1 was 1 or 2." in told
    assert "Participants disagreed (1 or 2) with “Support” (1 of 2 people who rated it)." in told
    assert "Of 3 quotations that participants decided on, 1 was kept as it is, 1 was put into other words" in told
    assert "1 was withdrawn (masked wherever the study quotes)" in told
    assert (
        "2 answers said what should change about a concept: after 1 something was changed and after 1 nothing" in told
    )
    assert "On “Support”, something was changed: The definition was too narrow." in told
    assert "What participants added in 1 answer became a source of its own" in told
    assert "[decide on" not in told
    whole = "\n".join(p.text for p in Document(str(coded.results / "methods.docx")).paragraphs)
    assert SECRET not in whole and "Karl's own" in told


def test_coreq_and_srqr_are_answered_from_it(coded):
    methods(coded, ROWS, SENT)
    answer = item(coded, "coreq", 28)
    assert "Of 3 participants, 2 answered (66.7%)." in answer and "2 answers said what should change" in answer
    assert "Open:" not in answer and "member_check_summary.csv" in answer
    assert "2 answers said what should change" in item(coded, "srqr", 15)
    assert SECRET not in answer


def test_an_open_request_stays_open(coded):
    told = methods(coded, [rated("p1", "support", 4), asked("p1", "support", SECRET)])
    assert "1 answer said what should change about a concept: 1 waits for a decision." in told
    assert "[decide on 1 change asked for: member_checks/decisions.csv]" in told
    assert "Open: decide on 1 change asked for" in item(coded, "coreq", 28)


def test_no_changes_were_recommended(coded):
    told = methods(coded, [rated("p1", "support", 4), rated("p2", "support", 5)])
    assert "No changes were recommended." in told and "No one disagreed with a concept." in told
    assert "No one decided on a quotation." in told
    assert "No changes were recommended." in item(coded, "coreq", 28)


def test_without_an_answer_nothing_is_said_of_answers(coded):
    told = methods(coded, [], [{"participant": "p1"}, {"participant": "p9", "withdrew": True}], [])
    assert "No one has answered yet." in told and "0 answered" not in told
    assert "1 participant withdrew from the study since, and is left out" in told
    assert "No changes" not in told and "rating" not in told
    assert "Open: write how many answered" in item(coded, "coreq", 28)


def test_without_packets_sent_the_place_stays_open(coded):
    told = methods(coded, [], [], [])
    assert "[say to whom packets were sent" in told and "answered (" not in told
    assert "Open: write whether packets were sent" in item(coded, "coreq", 28)


def test_figures_of_few_people_are_not_told(coded):
    settings(coded, "frequencies: {smallest_cell: 3}")
    concepts = [{"code": "support", "name": "Support", "asked": 3, "suppressed": True}]
    summary = [{"code": "all", "name": "All main concepts", "asked": 3, "suppressed": True}, *concepts]
    told = methods(coded, ROWS, SENT, summary)
    assert "Ratings of 1 concept are left out, because fewer than 3 people gave one of the answers." in told
    assert not re.search(r"answered \(|ratings of|disagreed|\d answers? said", told)
    assert "Support" not in told and "too narrow" not in told and "Karl's own view stands apart" in told
    assert "What was decided on concepts whose figures are left out is not told." in told
    assert "What participants added became a source of its own" in told


def test_how_few_changes_wait_is_not_told_either(coded):
    settings(coded, "frequencies: {smallest_cell: 3}")
    concepts = [{"code": "support", "name": "Support", "asked": 3, "suppressed": True}]
    summary = [{"code": "all", "name": "All main concepts", "asked": 3, "suppressed": True}, *concepts]
    told = methods(coded, [asked("p1", "support", SECRET)], SENT, summary)
    assert "[decide on the changes asked for: member_checks/decisions.csv]" in told
    answer = item(coded, "coreq", 28)
    assert "decide on the changes asked for" in answer and "Support" not in answer


def test_packets_that_were_sent_are_told_once(coded):
    packets = tables.read(coded.results, "packets")
    tables.write(
        coded.results, "packets", packets.assign(made=False, reason="no counted coding covers words of theirs")
    )
    told = methods(coded, ROWS, SENT[:1])
    assert "A packet was sent to 1 participant" in told and "was written for" in told
    assert "A member-checking packet" not in told and told.count("with the main concepts") == 1
    assert "No packet was written for 1 participant: no coding that counted covered words of theirs." in told
    assert "written for" not in methods(coded, ROWS, SENT), "both were sent one"


@pytest.mark.parametrize(
    ("smallest", "told_of"),
    [
        (0, "1 wanted to be asked first (was asked in the member check and kept 1 of their 3 quotations)"),
        (2, "1 wanted to be asked first"),
    ],
)
def test_who_wanted_to_be_asked_was_asked_in_the_member_check(coded, smallest, told_of):
    settings(coded, f"frequencies: {{smallest_cell: {smallest}}}")
    people = tables.read(coded.results, "participants")
    people.loc[people["participant"] == "p2", "quote_consent"] = "ask"
    tables.write(coded.results, "participants", people)
    start = "Of 2 participants, 1 might be quoted and "
    assert f"{start}1 had still to be asked (" in methods(coded, [], [], [], "Participants and setting")
    # What they kept in a second round they withdrew in the first, and that holds.
    kept = quoted("p2", "kept", "talk", 130, "x", number="1.3")
    again = quoted("p2", "kept", "talk", 150, "the expectations changed", return_code="2222-2222")
    told = methods(coded, [*ROWS, kept | {"start": 190, "end": 199}, again], SENT, section="Participants and setting")
    assert f"{start}{told_of} (participants.csv" in told
    assert told_of in item(coded, "srqr", 9)


def test_additions_are_told_apart_from_what_was_gathered(coded):
    coded.write("sources.csv", "source,file,kind,date\ntalk,talk.txt,focus_group,2026-02-12\n")
    packet = packet_of("p1", study="T")
    issue(coded.path / "member_checks", packet)
    saved(coded.path / "member_checks" / "p1.json", packet, {"add": SECRET})
    told = methods(coded, ROWS, SENT, section="Data")
    assert told.startswith("The data came from 1 focus group, gathered on 2026-02-12. ")
    assert "What participants added in 1 answer came later, in the member check, and counts as data too." in told
    setting = methods(coded, ROWS, SENT, section="Participants and setting")
    assert "Those who took part were 2 participants, in 1 focus group." in setting
    assert "came later" not in methods(coded, ROWS[:-1], SENT, section="Data")


def test_reasons_do_not_carry_what_participants_wrote(coded):
    wrote = "the many grey zebras of our school yard"
    row = asked("p1", "support", f"Tell of {wrote}!", decision="unchanged", reason=f"Rosa asks for {wrote}, too much")
    told = methods(coded, [row])
    assert "On “Support”, nothing was changed: Rosa asks for" in told and "zebras" not in told


def test_names_in_reasons_are_hidden(coded):
    row = asked("p1", "support", "More.", decision="changed", reason="Ana was right", by="anna")
    told = methods(coded, [row])
    assert "Rosa was right" in told and "Ana" not in told


@pytest.mark.parametrize(
    ("reason", "printed"),
    [
        (
            "no coder whose word counts has finished all that this person said (talk)",
            "no coder had finished all that they said",
        ),
        ("codings of rules that no person has accepted count in it: 3", "no person had accepted codings of rules"),
    ],
)
def test_a_draft_is_no_packet(coded, reason, printed):
    packets = tables.read(coded.results, "packets")
    tables.write(coded.results, "packets", packets.assign(made=True, draft=True, reason=reason))
    told = methods(coded, [], [], [])
    assert "written for 0 of 2 participants" in told
    assert "Only a draft, which is not to be sent, was written for 2 participants" in told and printed in told
    assert "no packet was made" in item(coded, "coreq", 28)
