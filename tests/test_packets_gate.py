"""What keeps a packet back, and drafts of those that are."""

import json

import pytest
from answering import asked, issue, saved
from checking import quoted
from packets_study import TURNS, Place

from qualcode.packets.gate import UNFINISHED, UNREVIEWED, WAITS

DRAFTS = "member_checks: {drafts: true}\n"
SAID = "The short videos helped me. I watched them on the bus."


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def waits(text, decision="undecided"):
    row = {"text": text, "kind": "person", "found_by": "model", "count": 1, "sources": "talk", "people": 1}
    return [row | {"example": "", "decision": decision, "by": "", "at": "", "place": ""}]


# --- names on which nobody has decided -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waiting", "held"),
    [
        (waits("short videos"), True),
        (waits("short videos", "keep"), False),
        (waits("my week"), False),
        (waits("short video"), False),
    ],
)
def test_a_packet_is_held_back_if_its_quotations_touch_what_waits(place, capsys, waiting, held):
    place.fill(waiting=waiting).run()
    assert place.file("a", "docx").exists() != held
    row = place.table["a"]
    assert row["made"] != held
    assert row["reason"].startswith(f"{WAITS}: short videos. To do: ") == held
    told = "packets waiting for decisions on names and other identifiers: 1 (packets.csv says why)"
    assert (told in capsys.readouterr().err) == (held or "my week" in waiting[0]["text"])


def test_what_stands_around_a_quotation_holds_it_back_too(place):
    codings = [("videos", "watched", "watched", "")]
    assert place.fill(codings=codings, waiting=waits("short videos")).run().table["a"]["made"] is False
    # Words that are not shown hold nothing back.
    turns = [("a", f"I was in Quito. {'And so on. ' * 12}Then I read it.")]
    codings = [("videos", "Then I read it", "Then I read it", "")]
    assert place.fill(turns=turns, codings=codings, waiting=waits("Quito")).run().table["a"]["made"] is True


def test_a_quotation_that_ends_within_what_waits_holds_the_packet_back(place):
    place.fill(waiting=waits("my week.")).run()
    assert not place.file("b", "docx").exists()
    assert place.file("a", "docx").exists()


def test_new_words_of_a_participant_hold_it_back_as_well(place):
    def new_words(text):
        return [quoted("a", "amended", "talk", text.index(SAID), SAID, words="Films from Quito helped.")]

    assert place.fill(checks=new_words, waiting=waits("Quito")).run().table["a"]["made"] is False
    assert place.fill(checks=new_words, waiting=waits("Lima")).run().table["a"]["made"] is True


def test_a_study_that_accepts_what_is_left_gets_its_packets(place):
    yaml = "identifiers: {accepted: 'ruth, 2026-03-05'}\n"
    assert place.fill(waiting=waits("short videos"), yaml=yaml).run().table["a"]["made"] is True


@pytest.mark.parametrize(("day", "made"), [("2026-04-09", False), ("2026-04-10", True)])
def test_accepting_does_not_hold_for_what_came_with_answers_to_later_packets(place, day, made):
    def new_words(text):
        return [quoted("a", "amended", "talk", text.index(SAID), SAID, words="Films from Quito helped.")]

    answers = place.study / "member_checks"
    issue(answers, asked("a"))
    saved(answers / "back.json", asked("a"), {"reflects 1": "5"})
    row = waits("Quito")[0] | {"sources": "(member checks)"}
    place.fill(checks=new_words, waiting=[row], yaml=f"identifiers: {{accepted: 'ruth, {day}'}}\n")
    assert place.run().table["a"]["made"] is made


# --- codings that nobody has looked at -----------------------------------------------------------------------------


def test_what_only_rules_coded_holds_the_packet_back_until_someone_accepts_it(place, capsys):
    row = place.fill(rules={"c0", "c1"}).run().table["a"]
    assert row["made"] is False
    assert row["reason"].startswith(f"{UNREVIEWED}: 2. To do: ")
    assert "packets waiting for a person to look at what rules coded: 1" in capsys.readouterr().err
    assert place.table["b"]["made"] is True
    assert place.fill(rules={"c0", "c1"}, accepted=["c0"]).run().table["a"]["reason"].startswith(f"{UNREVIEWED}: 1")
    assert place.fill(rules={"c0", "c1"}, accepted=["c0; c9", "c1"]).run().table["a"]["made"] is True


def test_a_coding_that_is_not_among_those_shown_counts_too(place):
    yaml = "member_checks: {quotations: 1}\n"
    assert place.fill(rules={"c0"}, yaml=yaml).run().table["a"]["made"] is False
    yaml = "member_checks: {categories: [people]}\n"
    assert place.fill(rules={"c0", "c1"}, yaml=yaml).run().table["a"]["made"] is True


def test_no_packet_before_a_coder_finished_what_the_person_said(place):
    """a speaks last; b's last words end some 30 characters before."""
    row = place.fill(done_to=0).run().table["a"]
    assert row["reason"] == f"{UNFINISHED}: talk. To do: code the rest, and write a row with `done`"
    assert place.table["b"]["made"] is False
    last = sum(len(words) + 4 for person, words in TURNS if person != "i1") + len(TURNS[0][1]) + 5
    place.fill(done_to=last - 10).run()
    assert (place.table["a"]["made"], place.table["b"]["made"]) == (False, True)


def test_all_reasons_are_given(place):
    reason = place.fill(waiting=waits("short videos"), rules={"c0"}, done_to=0).run().table["a"]["reason"]
    assert reason.startswith(WAITS)
    assert f"; {UNFINISHED}: talk" in reason
    assert f"; {UNREVIEWED}: 1" in reason


# --- drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_is_made_if_the_study_asks_for_it_and_says_why(place, capsys):
    before = place.fill().run().asked("a")
    row = place.fill(waiting=waits("short videos"), yaml=DRAFTS).run().table["a"]
    assert (row["made"], row["draft"]) == (True, True)
    assert row["reason"].startswith(f"{WAITS}: short videos")
    assert place.packet("a").draft == row["reason"]
    assert (place.table["b"]["made"], place.table["b"]["draft"], place.table["b"]["reason"]) == (True, False, "")
    assert "drafts, with DRAFT on every page and not to be sent: 1 of these" in capsys.readouterr().err
    # An answer to a draft is no answer to what is sent later.
    assert place.asked("a").return_code != before.return_code
    assert "DRAFT" in place.html("a")
    assert "DRAFT" not in place.html("b")


def test_a_packet_that_is_held_back_later_is_taken_away(place):
    place.fill().run()
    assert place.file("a", "json").exists()
    place.fill(waiting=waits("short videos")).run()
    assert not any(place.file("a", suffix).exists() for suffix in ("docx", "html", "json"))


def test_the_file_beside_a_packet_is_what_it_asks(place):
    place.fill().run()
    written = json.loads(place.file("b", "json").read_text(encoding="utf-8"))
    assert written["return_code"] == place.packet("b").return_code == place.asked("b").return_code
    assert written["return_code"] in place.text("b")
    assert {item["code"] for item in written["concepts"]} == {"resources", "people", "time"}
