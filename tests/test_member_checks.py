"""Answers to member checks, from files in the study to the tables, the log and what is printed."""

import csv
import io
import json

import pytest
from docx import Document
from openpyxl import load_workbook

from qualcode import tables
from qualcode.answers import ANSWERS_MARK, Asked, AskedConcept, AskedPart, AskedQuotation
from qualcode.answers.issuing import Finished, freeze
from qualcode.checked import Checked

STEP = ("utterances", "member_checks")
CONCEPTS = (AskedConcept("1", "support", "Support"), AskedConcept("2", "clarity", "Clarity"))
ANA = (
    (("2", "My mentor was always there."),),
    (("2", "The timing of our meetings was good."), ("5", "The training helped me to teach.")),
)
BEN = ((("4", "I got no support."),), (("4", "the expectations changed"),))


def asked(study, person, quotations, title="Talks", concepts=CONCEPTS, decides=True) -> Asked:
    """A packet about two concepts with a quotation each, made of parts (utterance, words), as the texts are now."""
    rows = {row["utterance"]: row["text"] for row in study.rows("utterances")}
    made = []
    for number, parts in enumerate(quotations, 1):
        found = []
        for utterance, words in parts:
            text = rows[f"talk:{utterance}"]
            start = text.index(words)
            end = start + len(words)
            found.append(
                AskedPart("talk", f"talk:{utterance}", start, end, words, text[max(0, start - 32) : start],
                          text[end : end + 32])
            )  # fmt: skip
        made.append(AskedQuotation(f"{number}.1", str(number), parts[0][1], tuple(found)))
    return Asked(title, person, concepts, tuple(made), decides)


def issue(study, *packets: Asked, day="2026-04-10") -> None:
    files = [Finished(item, {"docx": b"docx", "html": b"html", "json": item.to_json().encode()}) for item in packets]
    freeze(study.path / "member_checks" / "issued", day, files, study.path)


def answer(study, packet: Asked, name="", **values: str) -> None:
    """What a participant sends back: reflects_1="4", quotation_1_1="keep"."""
    given = {key.replace("_", " ", 1).replace("_", "."): value for key, value in values.items()}
    assert set(given) <= set(packet.questions)
    whole = {
        "qualcode": ANSWERS_MARK, "study": packet.study, "return_code": packet.return_code,
        "answers": {key: given.get(key, "") for key in packet.questions},
    }  # fmt: skip
    study.write(f"member_checks/{name or packet.participant}.json", json.dumps(whole))


def decide(study, *rows) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("return_code", "question", "decision", "reason", "by", "at"), *rows])
    study.write("member_checks/decisions.csv", text.getvalue())


@pytest.fixture
def sent(study):
    """Packets of two people that were issued."""
    study.run("utterances")
    packets = {"p1": asked(study, "p1", ANA), "p2": asked(study, "p2", BEN)}
    issue(study, *packets.values())
    return study, packets


def summary(study) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in study.rows("member_check_summary")}


def effects(study) -> list[tuple[str, str, str]]:
    return [(row["participant"], row["question"], row["effect"]) for row in study.rows("member_checks")]


def shown(study) -> str:
    """The talk as it may be shown."""
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    return Checked.of(tables.read(study.results, "member_checks")).told("talk", 0, text)


def printed(study) -> list[str]:
    """What is printed, by format."""
    name = study.results / "member_check_summary"
    document = Document(f"{name}.docx")
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    return [words, name.with_suffix(".tex").read_text("utf-8"), name.with_suffix(".md").read_text("utf-8")]


# --- nobody, and somebody -------------------------------------------------------------------------------------------


def test_where_no_packet_was_issued_tables_are_empty_and_the_printed_ones_say_so(study, problems_of):
    assert study.run(*STEP) == 0
    for name in ("member_checks", "member_check_packets", "member_check_summary"):
        assert study.rows(name) == []
    assert all("No packet was issued to participants." in text for text in printed(study))
    assert load_workbook(study.results / "member_check_summary.xlsx").sheetnames == ["member_check_summary", "columns"]
    assert "member_checks:" not in problems_of()


def test_packets_without_an_answer_are_told(sent, problems_of):
    study, packets = sent
    assert study.run(*STEP) == 0
    assert study.rows("member_checks") == []
    assert [(row["participant"], row["return_code"], row["issued"], row["answered"], row["questions"], row["answers"])
            for row in study.rows("member_check_packets")] == [
        ("p1", packets["p1"].return_code, "2026-04-10", "false", "4", "0"),
        ("p2", packets["p2"].return_code, "2026-04-10", "false", "4", "0"),
    ]  # fmt: skip
    said = problems_of()
    assert "2 packets sent, 0 answered" in said and "no answer yet from p1 and p2" in said
    assert all("2 people were sent a packet. No answer has come back yet." in text for text in printed(study))
    assert summary(study)["support"]["asked"] == "2" and summary(study)["support"]["answered"] == "0"


def test_every_answer_is_a_row_in_the_order_of_issuing(sent, problems_of):
    study, packets = sent
    # Whoever answers first, and whatever the files are called.
    answer(study, packets["p2"], "a", reflects_1="1", quotation_1_1="withdraw", reflects_2="3", add="One more thing.")
    answer(study, packets["p1"], "z", reflects_1="5", quotation_2_1="keep", change_2="Say  who.\r\n\r\nAnd when.")
    assert study.run(*STEP) == 0
    assert effects(study) == [
        ("p1", "reflects 1", "agrees"),
        ("p1", "quotation 2.1", "kept"),
        ("p1", "quotation 2.1", "kept"),
        ("p1", "change 2", "change asked for"),
        ("p2", "quotation 1.1", "withdrawn"),
        ("p2", "reflects 1", "disagrees"),
        ("p2", "reflects 2", "neither"),
        ("p2", "add", "added"),
    ]
    rows = tables.read(study.results, "member_checks")
    assert rows.loc[rows["question"] == "change 2", "words"].item() == "Say  who.\n\nAnd when."
    assert list(rows.loc[rows["effect"] == "kept", "part"]) == [1, 2]
    assert list(rows.loc[rows["effect"] == "kept", "quote"]) == [words for _, words in ANA[1]]
    by_person = {row["participant"]: row for row in study.rows("member_check_packets")}
    assert (by_person["p1"]["answered"], by_person["p1"]["answers"]) == ("true", "2")
    assert by_person["p2"]["answers"] == "3"
    said = problems_of()
    assert "2 packets sent, 2 answered" in said and "no answer yet" not in said
    assert "1 change asked for and not decided on" in said


# --- what becomes of quotations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"quotation_1_1": "keep"}, "My mentor was always there. The timing"),
        ({"quotation_1_1": "withdraw"}, "[words withdrawn by the participant] The timing"),
        ({"quotation_1_1": "change"}, "[words that the participant wants to change] The timing"),
        ({"quotation_1_1": "change", "words_1_1": "She was\n often\tthere."},
         "She was often there. [amended by the participant] The timing"),
        ({"words_1_1": "So."}, "So. [amended by the participant] The timing"),
    ],
)  # fmt: skip
def test_what_participants_say_of_a_quotation_is_what_is_shown(sent, given, told):
    study, packets = sent
    answer(study, packets["p1"], **given)
    assert study.run(*STEP) == 0
    assert told in shown(study)


def test_new_words_stand_once_for_a_quotation_of_several_parts(sent):
    study, packets = sent
    answer(study, packets["p1"], quotation_2_1="change", words_2_1="We met often, and I learned.")
    assert study.run(*STEP) == 0
    assert shown(study).count("We met often, and I learned. [amended by the participant]") == 1
    assert "[words amended by the participant]" in shown(study)
    assert not any(words in shown(study) for _, words in ANA[1])
    assert summary(study)["clarity"]["amended"] == "1"


def test_what_was_withdrawn_is_masked_in_its_second_copy_too(sent):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="withdraw")
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"Ben: Hello.\n\n{text}\nAna: MY MENTOR was always there.\n")
    assert study.run(*STEP) == 0
    assert shown(study).count("[words withdrawn by the participant]") == 2
    assert "always there" not in shown(study)
    rows = study.rows("member_checks")
    assert [row["part"] for row in rows] == ["1", "2"] and rows[1]["note"] == "the same words stand here too"
    assert summary(study)["support"]["withdrawn"] == "1"


def test_what_is_found_no_more_is_told_and_what_is_left_of_it_masked(sent, problems_of):
    study, packets = sent
    answer(study, packets["p2"], quotation_1_1="withdraw", quotation_2_1="keep")
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", text.replace("I got no support.", "So what.").replace("expectations", "hopes"))
    assert study.run(*STEP) == 0
    first, second = study.rows("member_checks")
    assert (first["source"], first["start"], first["note"]) == ("", "", "not found in the texts any more")
    assert second["source"] == "" and second["note"].startswith("changed since it was issued")
    said = problems_of()
    code = packets["p2"].return_code
    assert f"packet {code}: quotation 1.1: withdrawn: words of it are not found in the texts any more. If they" in said
    assert "quotation 2.1" not in said and "no support" not in said


def again(study, was: str, now: str, more: str) -> None:
    """The transcript is edited, and goes on."""
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    assert was in text
    study.write("transcripts/talk.txt", f"{text.replace(was, now)}\n{more}\n")


def test_where_words_were_edited_and_stand_elsewhere_as_they_were_both_are_masked_and_told(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="change", words_1_1="She was often there.")
    again(
        study, "My mentor was always there.", "My mentors were always there.", "Ana: I say my mentor was always there."
    )
    assert study.run(*STEP) == 0
    assert "always there" not in shown(study)
    # The new words stand where the quotation does, not in the place of what may be it.
    assert shown(study).count("She was often there. [amended by the participant]") == 1
    said = problems_of()
    lines = [line for line in said.splitlines() if packets["p1"].return_code in line]
    assert len(lines) == 1 and "quotation 1.1: amended: what is masked for it is not quite" in lines[0]
    assert "look whether it is this" in lines[0] and "mentor" not in said


def test_words_that_stand_elsewhere_only_are_told_as_perhaps_not_all(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="withdraw")
    again(study, "My mentor was always there.", "Someone helped.", "Ana: I say that my mentor was always there.")
    assert study.run(*STEP) == 0
    assert "always there" not in shown(study)
    assert "quotation 1.1: withdrawn: words of it may not be found" in problems_of()


def test_what_is_masked_as_it_was_issued_is_not_told(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="withdraw", quotation_2_1="withdraw")
    again(study, "Ana: My", "Ben: Hello.\n\nAna: My", "Ben: Well.")
    assert study.run(*STEP) == 0
    assert shown(study).count("[words withdrawn by the participant]") == 3
    assert packets["p1"].return_code not in problems_of()


def test_a_quotation_kept_frees_words_of_who_wanted_to_be_asked(sent):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="keep")
    assert study.run(*STEP) == 0
    checked = Checked.of(tables.read(study.results, "member_checks"))
    start = (study.results / "texts" / "talk.txt").read_text("utf-8").index("My mentor was always there.")
    assert checked.allows("p1", "talk", start, start + 27) and not checked.allows("p1", "talk", start, start + 35)
    assert not checked.allows("p2", "talk", start, start + 27)


def test_names_in_what_is_written_are_hidden_and_told_without_the_name(sent, problems_of):
    study, packets = sent
    answer(
        study, packets["p1"], "back", quotation_1_1="change", words_1_1="Ben was there.", change_1="Ask Ben and Ben."
    )
    assert study.run(*STEP) == 0
    said, code = problems_of(), packets["p1"].return_code
    assert f"packet {code}: words 1.1: 1 name hidden" in said
    assert f"packet {code}: change 1: 2 names hidden" in said
    assert "Ben" not in said and "Ben" not in (study.results / "member_checks.csv").read_text("utf-8")
    assert "Karl was there. [amended by the participant]" in shown(study)


def test_words_beside_a_withdrawal_are_not_taken_up(sent):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="withdraw", words_1_1="I never said it.")
    assert study.run(*STEP) == 0
    assert "never said" not in (study.results / "member_checks.csv").read_text("utf-8")


def test_what_others_repeat_of_it_is_told_and_stays(sent, problems_of):
    study, packets = sent
    text = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{text}\nBen: She says my mentor was always there.\n")
    answer(study, packets["p1"], quotation_1_1="withdraw")
    assert study.run(*STEP) == 0
    assert "She says my mentor was always there." in shown(study)
    said = problems_of()
    told = "others use words of it too (p2 in talk:6): look whether they may be quoted"
    assert f"packet {packets['p1'].return_code}: quotation 1.1: {told}" in said
    assert "always there" not in said
    (row,) = study.rows("member_checks")
    assert row["note"] == told


def test_new_words_that_hold_what_someone_else_took_back_are_not_shown(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], words_1_1="Unlike Ben, who says: I got no support, said I did.", words_2_1="We met.")
    answer(study, packets["p2"], quotation_1_1="withdraw")
    assert study.run(*STEP) == 0
    assert shown(study).count("[words withdrawn by the participant]") == 1
    assert "[words amended by the participant] We met. [amended by the participant]" in shown(study)
    first = study.rows("member_checks")[0]
    assert (first["effect"], first["words"]) == ("amended", "") and "someone else took back" in first["note"]
    said = problems_of()
    told = "the new words hold words that 'p2' withdrew in a member check: [words amended by the participant] is shown"
    assert f"packet {packets['p1'].return_code}: quotation 1.1: {told}" in said and "no support" not in said


# --- the analysis goes on -------------------------------------------------------------------------------------------


def test_later_changes_of_the_codebook_leave_answers_good(sent):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="2", reflects_2="5", change_1="No.")
    book = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("codebook.yaml", book.replace("{code: support,", "{code: backing, formerly: [support],")
                .replace("code: clarity\n    name: Clarity", "code: plain\n    name: Plain"))  # fmt: skip
    assert study.run(*STEP) == 0
    rows = {row["question"]: row for row in study.rows("member_checks")}
    assert rows["reflects 1"]["concept"] == "backing" and rows["reflects 1"]["concept_name"] == "Support"
    assert rows["reflects 2"]["concept"] == "clarity"
    assert rows["reflects 2"]["note"] == "the codebook has it no more"
    assert list(summary(study)) == ["all", "backing", "clarity"]
    assert summary(study)["clarity"]["name"] == "Clarity"


def test_of_concepts_merged_since_the_lowest_rating_counts(sent):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="5", reflects_2="1")
    answer(study, packets["p2"], reflects_1="5", reflects_2="4")
    book = (study.path / "codebook.yaml").read_text("utf-8")
    book = book.replace("{code: support,", "{code: support, formerly: [clarity],")
    study.write("codebook.yaml", book[: book.index("  - code: clarity")])
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "My mentor was always there."}])
    assert study.run(*STEP) == 0
    row = summary(study)["support"]
    assert (row["asked"], row["answered"], row["agree"], row["disagree"]) == ("2", "2", "1", "1")


def test_who_is_asked_again_counts_once_by_the_last_answer(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="1")
    again = asked(study, "p1", ANA, concepts=(*CONCEPTS, AskedConcept("3", "training", "Training")))
    issue(study, again, day="2026-05-01")
    answer(study, again, "again", reflects_1="4", reflects_3="3")
    assert study.run(*STEP) == 0
    found = summary(study)
    assert (found["all"]["asked"], found["all"]["answered"], found["all"]["agree"]) == ("2", "1", "1")
    assert (found["support"]["agree"], found["support"]["disagree"]) == ("1", "0")
    assert "no answer yet from p2" in problems_of()


def test_a_quotation_of_two_rounds_is_counted_once(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="keep", quotation_2_1="keep")
    answer(study, packets["p2"], quotation_1_1="withdraw")
    again = {person: asked(study, person, words, title="Again") for person, words in (("p1", ANA), ("p2", BEN))}
    issue(study, *again.values(), day="2026-05-01")
    answer(study, again["p2"], "again", quotation_1_1="keep", quotation_2_1="keep")
    assert study.run(*STEP) == 0
    found = summary(study)
    assert [[found[code][key] for key in ("kept", "withdrawn")] for code in found] == [
        ["3", "1"],
        ["1", "1"],
        ["2", "0"],
    ]
    assert all("Of 4 quotations of theirs" in text for text in printed(study))
    from qualcode.report.checking import quotations

    answers = tables.read(study.results, "member_checks")
    assert quotations(answers) == ["3 quotations kept as they are", "1 quotation withdrawn"]
    said = problems_of()
    assert "p1 answered an earlier packet, and not the last" in said and "no answer yet" not in said


def test_what_was_decided_stands_beside_what_was_asked_for(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], change_1="Say who.", change_2="Say when.")
    answer(study, packets["p2"], change_1="Less.")
    code = packets["p1"].return_code
    decide(study, (code, "change 1", "changed", "As Ana says.", "ruth", "2026-05-02"),
           (code, "change 2", "unchanged", "It is said below.", "ruth", "2026-05-02"))  # fmt: skip
    assert study.run(*STEP) == 0
    rows = {(row["participant"], row["question"]): row for row in study.rows("member_checks")}
    first = rows["p1", "change 1"]
    assert (first["decision"], first["reason"], first["by"], first["at"]) == (
        "changed", "As Rosa says.", "ruth", "2026-05-02",
    )  # fmt: skip
    assert rows["p2", "change 1"]["decision"] == ""
    found = summary(study)
    told = [[found[code][key] for key in ("changes_asked", "changed", "unchanged", "undecided")] for code in found]
    assert told == [["3", "1", "1", "1"], ["2", "1", "0", "1"], ["1", "0", "1", "0"]]
    assert "1 change asked for and not decided on" in problems_of()


def test_who_withdrew_is_listed_and_counted_nowhere(sent, problems_of):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="4")
    answer(study, packets["p2"], reflects_1="1", quotation_1_1="keep")
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Ben,Ben,Karl,active", "Ben,Ben,Karl,withdrawn"))
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "My mentor was always there."}])
    assert study.run(*STEP) == 0
    assert {row["participant"] for row in study.rows("member_checks")} == {"p1"}
    assert [(row["participant"], row["withdrew"]) for row in study.rows("member_check_packets")] == [
        ("p1", "false"),
        ("p2", "true"),
    ]
    assert summary(study)["all"]["asked"] == "1" and "no answer yet" not in problems_of()


# --- figures --------------------------------------------------------------------------------------------------------


def test_the_summary_counts_what_the_rows_say(sent):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="5", reflects_2="2", quotation_1_1="keep", quotation_2_1="withdraw")
    answer(study, packets["p2"], reflects_1="4", quotation_1_1="change", words_2_1="They changed.")
    assert study.run(*STEP) == 0
    found = summary(study)
    figures = ("asked", "answered", "agree", "neither", "disagree", "median", "kept", "amended", "waiting", "withdrawn")
    assert [[found[code][key] for key in figures] for code in ("all", "support", "clarity")] == [
        ["2", "2", "2", "0", "1", "4.0", "1", "1", "1", "1"],
        ["2", "2", "2", "0", "0", "4.5", "1", "0", "1", "0"],
        ["2", "1", "0", "0", "1", "2.0", "0", "1", "0", "1"],
    ]
    for text in printed(study):
        assert "2 people were sent a packet; 2 answered." in text
        assert "on which they decided, people kept 1, amended 1, want to change 1 and withdrew 1." in text
    book = load_workbook(study.results / "member_check_summary.xlsx")
    assert book.sheetnames == ["Table 1", "member_check_summary", "columns"]
    words = {row[0].value: [cell.value for cell in row[1:6]] for row in book["Table 1"].iter_rows()}
    assert words["Support"] == [2, 2, 0, 0, 4.5] and words["All main concepts"] == [2, 2, 0, 1, 4]


def test_figures_of_few_people_are_left_out_and_so_is_what_would_tell_them(sent):
    study, packets = sent
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nfrequencies: {smallest_cell: 2}\n")
    answer(study, packets["p1"], reflects_1="5", reflects_2="5")
    answer(study, packets["p2"], reflects_1="4", reflects_2="1")
    assert study.run(*STEP) == 0
    found = summary(study)
    assert [found[code]["suppressed"] for code in found] == ["true", "false", "true"]
    assert (found["support"]["agree"], found["support"]["disagree"]) == ("2", "0")
    for code in ("all", "clarity"):
        kept = {key: value for key, value in found[code].items() if value}
        assert set(kept) == {"code", "name", "asked", "suppressed"}
    assert all("left out, because a figure would tell of fewer than 2 people" in text for text in printed(study))


def test_what_single_people_ask_for_is_no_figure_that_goes_out_either(sent):
    study, packets = sent
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nfrequencies: {smallest_cell: 2}\n")
    answer(study, packets["p1"], reflects_1="5", quotation_1_1="withdraw")
    answer(study, packets["p2"], reflects_1="4")
    assert study.run(*STEP) == 0
    assert summary(study)["support"]["suppressed"] == "true" and summary(study)["clarity"]["suppressed"] == "false"


def test_the_same_answers_give_the_same_bytes(sent):
    study, packets = sent
    answer(study, packets["p1"], reflects_1="5", quotation_1_1="withdraw")
    names = [
        "member_checks.csv",
        *(f"member_check_summary.{suffix}" for suffix in ("csv", "xlsx", "docx", "tex", "md")),
    ]
    study.run(*STEP)
    first = [(study.results / name).read_bytes() for name in names]
    study.run("member_checks")
    assert first == [(study.results / name).read_bytes() for name in names]


def test_an_answer_that_cannot_be_read_leaves_the_earlier_tables_alone(sent):
    study, packets = sent
    answer(study, packets["p1"], quotation_1_1="withdraw")
    assert study.run(*STEP) == 0
    before = (study.results / "member_checks.csv").read_bytes()
    study.write("member_checks/other.csv", "return_code,question,answer\n9999-9999,reflects 1,3\n")
    assert study.run("member_checks") == 1
    assert (study.results / "member_checks.csv").read_bytes() == before
