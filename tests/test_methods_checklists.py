"""COREQ and SRQR: their items, what the study's files answer, and what is left open."""

from __future__ import annotations

import re

import pytest
from docx import Document

from qualcode.methods.items import COREQ, SRQR, Answer

STEPS = ("utterances", "identifiers", "open_codes", "axial_codes", "frequencies", "saturation", "packets", "methods")


def settings(study, *lines: str) -> None:
    study.write("study.yaml", "\n".join(["title: T", "codebook: codebook.yaml", "language: blank:en", *lines]) + "\n")


def items(study, name: str) -> dict[int, tuple[str, str, str]]:
    """Topic, question and answer of each item by its number."""
    found = {}
    for table in Document(str(study.results / f"{name}.docx")).tables:
        for row in table.rows[1:]:
            number, item, answer = (cell.text for cell in row.cells)
            topic, _, asks = item.partition("\n")
            found[int(number)] = topic, asks, answer
    return found


def head(study, name: str) -> dict[str, int]:
    """The counts in the head of a checklist."""
    text = next(p.text for p in Document(str(study.results / f"{name}.docx")).paragraphs if p.text.endswith("in all."))
    found = {part.rpartition(":")[0]: int(part.rpartition(":")[2]) for part in text.split("; ")[:-1]}
    assert sum(found.values()) == int(re.search(r"of (\d+) items in all", text)[1])
    return found


@pytest.fixture
def coded(study):
    settings(study)
    assert study.run(*STEPS[:1], "parses", *STEPS[1:]) == 0
    return study


def test_coreq_has_32_items_in_three_domains(coded):
    found = items(coded, "coreq")
    assert sorted(found) == list(range(1, 33))
    groups = list(COREQ.groups)
    assert [sum(len(COREQ.groups[g]) for g in groups if f"Domain {n}" in g) for n in (1, 2, 3)] == [8, 15, 9]
    topics = {number: topic for number, (topic, _, _) in found.items()}
    assert topics[1] == "Interviewer/facilitator" and topics[12] == "Sample size" and topics[22] == "Data saturation"
    assert topics[24] == "Number of data coders" and topics[32] == "Clarity of minor themes"


def test_srqr_has_21_items(coded):
    found = items(coded, "srqr")
    assert sorted(found) == list(range(1, 22))
    assert [len(group) for group in SRQR.groups.values()] == [2, 2, 11, 2, 2, 2]
    assert found[9][0] == "Ethical issues pertaining to human subjects" and found[21][0] == "Funding"


def test_transcripts_returned_is_not_feedback_on_findings(coded):
    found = items(coded, "coreq")
    assert found[23][0] == "Transcripts returned" and "returned to participants for comment" in found[23][1]
    assert found[28][0] == "Participant checking" and "feedback on the findings" in found[28][1]
    assert found[23][2].startswith("Open:"), "no file tells of transcripts that went back"
    assert found[28][2].startswith("Packets that ask for feedback on the findings were made for 2 of 2 participants.")
    assert "Open: write whether packets were sent" in found[28][2], "a packet is no answer"


def test_hearing_the_recording_again_is_neither(study):
    study.write("sources.csv", "source,file,kind,audited_by,audited_at\ntalk,talk.txt,focus_group,Ruth,2026-03-05\n")
    settings(study)
    study.run("utterances", "methods")
    found = items(study, "coreq")
    assert found[23][2].startswith("Open:") and found[28][2].startswith("Open:")
    assert found[19][2].startswith("Of 1 recording, the researchers heard 1 again.")


def test_the_head_counts_what_the_items_say(coded):
    for name in ("coreq", "srqr"):
        answers = [answer for _, _, answer in items(coded, name).values()]
        counts = head(coded, name)
        assert counts["Answered from the study's files"] == sum("Open:" not in text for text in answers)
        assert counts["open"] == sum(text.startswith("Open:") for text in answers)
        both = sum("Open:" in text and not text.startswith("Open:") for text in answers)
        assert counts["answered from them in part"] == both
        assert counts["answered by the researchers"] == 0


def test_researchers_answer_items_themselves(coded):
    before = head(coded, "coreq")
    settings(coded, "checklists: {coreq: {'2': 'PhD, EdD', '12': 'Two people.'}, srqr: {'21': 'No one paid for it.'}}")
    coded.run("methods")
    found, after = items(coded, "coreq"), head(coded, "coreq")
    assert found[2][2] == "By the researchers: PhD, EdD"
    assert found[12][2].startswith("By the researchers: Two people.\n2 participants in 1 focus group.")
    assert items(coded, "srqr")[21][2] == "By the researchers: No one paid for it."
    assert after["answered by the researchers"] == 2 and after["open"] == before["open"] - 1
    assert after["Answered from the study's files"] == before["Answered from the study's files"] - 1


def test_an_answer_of_blanks_is_none(coded):
    settings(coded, "checklists: {coreq: {'2': ' '}}")
    coded.run("methods")
    assert items(coded, "coreq")[2][2].startswith("Open:")


def test_names_in_answers_are_hidden(coded):
    settings(coded, "checklists: {coreq: {'11': 'Ana asked the others.'}}")
    coded.run("methods")
    assert items(coded, "coreq")[11][2] == "By the researchers: Rosa asked the others."


def test_every_answer_says_where_it_stands(coded):
    for name in ("coreq", "srqr"):
        for _, _, answer in items(coded, name).values():
            assert answer.startswith("Open:") or "\nWhere: " in answer


def test_what_the_files_answer(coded):
    found = items(coded, "coreq")
    assert found[12][2] == "2 participants in 1 focus group.\nWhere: participants.csv; sources.csv"
    assert found[24][2].startswith("1 coder: anna.")
    assert found[25][2].startswith("4 codes on 2 levels, 4 with a definition.")
    assert found[21][2] == "Open: write how long the talk took: sources.csv lists no minutes"


def test_answered_needs_every_item():
    with pytest.raises(KeyError):
        COREQ.filled({1: Answer("x", "y")}, {})


def test_open_places_are_highlighted(coded):
    for table in Document(str(coded.results / "coreq.docx")).tables:
        for row in table.rows[1:]:
            for paragraph in row.cells[2].paragraphs:
                for run in paragraph.runs:
                    assert bool(run.font.highlight_color) == run.text.startswith("Open:")
