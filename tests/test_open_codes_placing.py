"""What becomes of each row of a coder, and the record of it."""

from collections import Counter
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.codings import Decision
from qualcode.open_codes.anchors import Anchors
from qualcode.open_codes.placing import carry_out
from qualcode.study import load_study
from qualcode.text import SourceText, Utterance

STEPS = ("utterances", "parses", "open_codes")
TALK = """Interviewer: And the meetings?

Ana: We met every week. It helped me a lot to see other schools.

Ben: We met every week. In the second year nobody came any more.
"""


def by_quote(study, **wanted):
    return [row for row in study.rows("open_codes") if all(row[key] == value for key, value in wanted.items())]


def record(study):
    return {(row["file"], int(row["row"])): row for row in study.rows("decisions")}


def test_equal_passages_are_told_apart_by_the_talk_around(study):
    study.write("transcripts/talk.txt", TALK)
    row = {"source": "talk", "code": "support", "quote": "We met every week."}
    rows = [
        row | {"after": "In the second year nobody came"},
        row | {"before": "And the meetings?", "after": "It helped"},
        row | {"after": "It"},
        row | {"participant": "p2", "code": "clarity"},
    ]
    study.codings("anna", rows)
    assert study.run(*STEPS) == 0
    placed = {(row["code"], int(row["start"])) for row in by_quote(study, basis="human")}
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    first, second = text.index("We met"), text.rindex("We met")
    assert placed == {("support", second), ("support", first), ("clarity", second)}
    (lost,) = study.rows("unplaced")
    assert lost["row"] == "4" and "stands 2 times" in lost["reason"]


def test_every_row_is_in_the_record_with_what_became_of_it(study):
    study.run(*STEPS)
    proposal = by_quote(study, basis="rule", code="training")[0]["coding"]
    study.codings(
        "anna",
        [
            {
                "source": "talk",
                "code": "support",
                "quote": "My mentor was always there.",
                "round": "1",
                "at": "2026-01-02",
            },
            {"source": "talk", "code": "support", "quote": "My mentor … there", "round": "1", "at": "2026-01-02"},
            {"source": "talk", "code": "support", "quote": "nothing like this was ever said"},
            {"coding": proposal, "action": "reject", "at": "2026-01-03"},
            {"coding": proposal, "action": "accept", "at": "2026-02-03", "by": "Anna K."},
            {"coding": "0123456789ab", "action": "accept"},
            {
                "source": "talk",
                "code": "support",
                "quote": "My mentor was always there.",
                "action": "withdraw",
                "at": "2026-03-01",
            },
            {"source": "talk", "action": "done"},
        ],
    )
    assert study.run("open_codes") == 0
    told = record(study)
    assert len(told) == 8 and len(study.rows("unplaced")) == 2
    first, withdrawn = told["coding.csv", 2], told["coding.csv", 8]
    assert (first["holds"], first["round"], first["now"]) == ("false", "1", "support")
    assert (withdrawn["holds"], withdrawn["coding"]) == ("true", first["coding"])
    # Without its ends' full stop it is the same passage by words, and one coding.
    assert told["coding.csv", 3]["outcome"].startswith("placed (elided)")
    assert told["coding.csv", 4]["outcome"] == "no place: the quotation does not stand in the source"
    assert told["coding.csv", 5]["outcome"] == "rejected; decided again later"
    assert (told["coding.csv", 6]["outcome"], told["coding.csv", 6]["holds"]) == ("accepted", "true")
    assert told["coding.csv", 7]["coding"] == "0123456789ab" and told["coding.csv", 7]["holds"] == "false"
    assert told["coding.csv", 9]["outcome"] == "done with the whole source"
    assert by_quote(study, coding=proposal)[0]["status"] == "accepted"
    (coder,) = study.rows("coders")
    assert (coder["coder"], coder["said"], coder["coded"]) == ("anna", "true", "true")


@pytest.mark.parametrize(
    ("dates", "stops"), [(("", ""), True), (("2026-01-02", "2026-01-02"), True), (("", "2026-01-02"), False)]
)
def test_who_accepts_and_rejects_the_same_proposal_is_asked(study, problems_of, dates, stops):
    study.run(*STEPS)
    proposal = by_quote(study, basis="rule", code="training")[0]["coding"]
    before = (study.results / "open_codes.csv").read_bytes()
    study.codings("anna", [{"coding": proposal, "action": "accept", "at": dates[0]}], "one.csv")
    study.codings("anna", [{"coding": proposal, "action": "reject", "at": dates[1]}], "two.csv")
    problems_of()
    assert study.run("open_codes") == stops
    if stops:
        told = problems_of()
        assert f"two.csv: row 2: this rejects the proposal '{proposal}', and row 2 of " in told
        assert "one.csv accepts it" in told
        assert (study.results / "open_codes.csv").read_bytes() == before
    else:
        assert by_quote(study, coding=proposal)[0]["status"] == "rejected"


def test_two_coders_may_decide_differently(study):
    study.run(*STEPS)
    proposal = by_quote(study, basis="rule", code="training")[0]["coding"]
    study.codings("anna", [{"coding": proposal, "action": "accept"}], "one.csv")
    study.codings("ben", [{"coding": proposal, "action": "reject"}], "one.csv")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: any\n")
    assert study.run("open_codes") == 0
    assert all(row["holds"] == "true" for row in study.rows("decisions") if row["coding"] == proposal)


@pytest.fixture
def carried(study):
    """Carries decisions out without files: what sheets say that no table can."""

    def carry(*decisions: Decision):
        book = load_codebook(study.path / "codebook.yaml")
        text = "We met every week. It helped."
        sources = {"talk": SourceText(text, [Utterance("talk:1", "p1", "participant", 0, len(text))])}
        loaded = load_study(study.path)
        return carry_out(decisions, {}, loaded, book, sources, Anchors.read(loaded, sources), {})

    return carry


def test_a_sample_is_in_the_record_and_is_no_coding(carried):
    unit = {"source": "talk", "quote": "We met every week.", "start": "0", "end": "18"}
    path = Path("codings/anna/sample.xlsx")
    coded = carried(
        Decision("anna", path, 2, unit | {"action": "sampled"}, sample=True),
        Decision("anna", path, 2, unit | {"action": "apply", "code": "support"}, sample=True),
    )
    assert not coded.codings and not coded.done and not coded.coders and not coded.unplaced
    assert [(item.decision.action, item.span, item.holds) for item in coded.record] == [
        ("sampled", (0, 18), True),
        ("apply", (0, 18), True),
    ]


def test_comments_without_a_code_or_without_words_are_listed(carried):
    path = Path("codings/anna/talk.docx")
    coded = carried(
        Decision("anna", path, 1, {"source": "talk", "quote": "It helped.", "memo": "Ask her."}),
        Decision("anna", path, 2, {"source": "talk", "code": "support", "quote": ""}),
    )
    assert Counter(item.reason for item in coded.unplaced) == {
        "there is no code in it": 1,
        "the comment stands at no words: mark the words that it is about": 1,
    }
    assert len(coded.record) == 2 and not any(item.holds for item in coded.record)


def test_what_a_meeting_leaves_uncoded_is_in_the_record(carried):
    path = Path("codings/consensus/review.xlsx")
    cells = {"source": "talk", "quote": "It helped.", "action": "note", "code": "support", "memo": "Not ours."}
    coded = carried(
        Decision("consensus", path, 2, cells), Decision("consensus", path, 3, cells | {"quote": "Nowhere said."})
    )
    first, second = coded.record
    assert (first.told, first.span, first.code, first.holds) == ("noted", (19, 29), "support", True)
    assert second.told.startswith("no place: ") and len(coded.unplaced) == 1
    assert not coded.codings and not coded.done


def test_rows_under_a_code_that_was_split_keep_their_place_in_the_record(study):
    study.run(*STEPS)
    proposal = by_quote(study, basis="rule", code="training")[0]["coding"]
    row = {"source": "talk", "code": "training", "quote": "The training helped me to teach."}
    study.codings("anna", [row, {"coding": proposal, "action": "accept"}])
    assert study.run("open_codes") == 0
    before = record(study)
    assert before["coding.csv", 3]["code"] == "training"
    study.write(
        "codebook.yaml",
        "codebook: B\ncodes:\n- {code: taught, formerly: [training], words: [training]}\n"
        "- {code: learnt, formerly: [training], words: [training]}\n",
    )
    assert study.run("open_codes") == 0
    after = record(study)
    assert len(study.rows("unplaced")) == 2
    for key in before:
        assert {name: after[key][name] for name in ("start", "end", "code")} == {
            name: before[key][name] for name in ("start", "end", "code")
        }
        assert (after[key]["holds"], after[key]["now"]) == ("false", "")


def test_the_time_of_day_tells_which_decision_is_later_only_where_both_have_it(study, problems_of):
    study.run(*STEPS)
    proposal = by_quote(study, basis="rule", code="training")[0]["coding"]
    for dates, stops in (
        (("2026-01-02", "2026-01-02T10:30"), True),
        (("2026-01-02T10:30", "2026-01-02 10:30"), True),
        (("2026-01-02 11:30", "2026-01-02T10:30"), False),
    ):
        rows = [
            {"coding": proposal, "action": action, "at": at}
            for action, at in zip(("accept", "reject"), dates, strict=True)
        ]
        study.codings("anna", rows)
        assert study.run("open_codes") == stops
    assert by_quote(study, coding=proposal)[0]["status"] == "accepted"


MERGED = """codebook: B
codes:
  - {code: support, formerly: [training], words: [support, training]}
"""
APART = """codebook: B
codes:
  - {code: support, words: [training]}
  - {code: training, words: [training]}
"""


@pytest.mark.parametrize("later", ["", "2026-01-03"])
def test_decisions_that_contradict_each_other_once_codes_are_merged_are_listed(study, later):
    study.write("codebook.yaml", APART)
    (study.path / "codings/anna/coding.csv").unlink()
    study.run(*STEPS)
    ids = {row["code"]: row["coding"] for row in study.rows("open_codes")}
    rows = [
        {"coding": ids["support"], "action": "accept", "at": "2026-01-02"},
        {"coding": ids["training"], "action": "reject", "at": later or "2026-01-02"},
    ]
    study.codings("anna", rows)
    assert study.run("open_codes") == 0 and study.rows("unplaced") == []
    study.write("codebook.yaml", MERGED)
    assert study.run("open_codes") == 0
    listed = study.rows("unplaced")
    (merged,) = by_quote(study, matched="training")
    if later:
        assert listed == [] and merged["status"] == "rejected"
    else:
        assert [row["row"] for row in listed] == ["2", "3"] and merged["status"] == "proposed"
        assert listed[0]["reason"].startswith("row 3 rejects what is the same proposal since codes were merged")
        assert {row["code"] for row in study.rows("decisions")} == {"support", "training"}


def test_what_the_consensus_takes_back_does_not_count(study):
    header = "code,quote,decision,memo,at,coding,source,start,end,who,context,speaker\n"
    passage = "support,My mentor was always there.,{},,{},,talk,,,,,\n"
    (study.path / "codings/anna/coding.csv").unlink()
    done = ",When you have finished,done,,,,talk,,,,,\n"
    first = header + passage.format("accept", "2026-01-02") + done
    study.write("codings/consensus/review-talk-2026-01-02.csv", first)
    study.run(*STEPS)
    assert [row["counts"] for row in study.rows("open_codes") if row["basis"] == "human"] == ["true"]
    # The second sheet of a day is the later one.
    second = study.write(
        "codings/consensus/review-talk-2026-01-02-2.csv", header + passage.format("reject", "2026-01-02")
    )
    assert study.run("open_codes") == 0
    assert [row["status"] for row in study.rows("open_codes") if row["basis"] == "human"] == ["withdrawn"]
    told = {row["file"]: row for row in study.rows("decisions") if row["action"] != "done"}
    assert told["review-talk-2026-01-02.csv"]["holds"] == "false"
    assert told[second.name]["outcome"].endswith("withdrawn")


def test_a_withdrawal_without_a_date_says_why_it_finds_nothing(study):
    row = {"source": "talk", "code": "support", "quote": "My mentor was always there."}
    study.codings("anna", [row | {"at": "2026-01-02", "action": "apply"}, row | {"action": "withdraw"}])
    study.run(*STEPS)
    assert [row["reason"] for row in study.rows("unplaced")] == [
        "anna has no such coding to withdraw yet: rows without a date (at) go before those that have one"
    ]


def test_the_record_holds_no_names(study):
    row = {"source": "talk", "code": "support", "quote": "My mentor was always there."}
    study.codings(
        "anna", [row | {"by": "Ana", "round": "with Ana"}, row | {"by": "ab", "round": "2", "quote": "Zebra"}]
    )
    study.run(*STEPS)
    assert [(row["by"], row["round"]) for row in study.rows("decisions")] == [("Rosa", "with Rosa"), ("ab", "2")]


@pytest.mark.parametrize("source", ["", "talk"])
def test_a_memo_below_a_sheet_that_is_about_nothing_is_listed(study, source):
    (study.path / "codings/anna/coding.csv").unlink()
    header = "code,quote,decision,memo,coding,source\n"
    study.write("codings/anna/review.csv", f"{header},,,These are good.,,{source}\n")
    study.run(*STEPS)
    (listed,) = study.rows("unplaced")
    assert (listed["row"], listed["action"]) == ("2", "note")
    assert listed["reason"].startswith("it stands beside no proposal and no words")
