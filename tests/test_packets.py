"""What stands in a packet: concepts, how many spoke of them, and the participant's own words."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from checking import quoted
from hypothesis import given, settings
from hypothesis import strategies as st
from packets_study import CODINGS, TURNS, Place

from qualcode.errors import QualcodeError
from qualcode.packets import content
from qualcode.packets.choosing import choose, quotation
from qualcode.packets.model import Passage


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_packet_holds_the_participants_own_words_with_their_places(place):
    asked = place.fill().run().asked("a")
    # Exemplars come before longer quotations; a coding that spans two people is cut to the words of each.
    assert [(item.number, item.text) for item in asked.quotations] == [
        ("1.1", "A guide of one page would do."),
        ("1.2", "The short videos helped me. I watched them on the bus."),
        ("2.1", "Nobody answered the phone."),
    ]
    assert [part.utterance for item in asked.quotations for part in item.parts] == ["talk:7", "talk:2", "talk:4"]
    row = place.table["a"]
    assert (row["made"], row["reason"], row["draft"]) == (True, "", False)
    assert (row["concepts"], row["quotations"], row["others_quotations"]) == (2, 3, 0)
    assert row["return_code"] == asked.return_code
    for item in asked.quotations:
        assert item.text in " ".join(place.docx("a"))
        assert item.text in place.html("a")


def test_concepts_stand_with_definition_and_count(place):
    made = place.fill().packet("a")
    assert [(item.number, item.category, item.name, item.definition, item.people) for item in made.concepts] == [
        (1, "Help", "Resources", "Things that explain the work.", 2),
        (2, "Help", "People who answer", "There is somebody to ask.", 2),
    ]
    assert made.people == 2


def test_what_only_others_spoke_of_is_named_without_quotations(place):
    made = place.fill().packet("a")
    assert [(item.name, item.number, item.quotations, item.voices) for item in made.others] == [("Time", 0, (), ())]
    assert "hours left" not in place.run().text("a")


def test_where_a_part_stands_is_told_by_its_utterance(place):
    codings = [*CODINGS, ("time", "watched them", "the bus", "")]
    part = place.fill(codings=codings).run().asked("a").quotations[-1].parts[0]
    said = TURNS[1][1]
    assert said[part.start : part.end] == part.text == "watched them on the bus"
    assert (part.before, part.after) == ("The short videos helped me. I ", ".")


# --- who gets one --------------------------------------------------------------------------------------------------


def test_moderators_are_not_listed(place):
    assert set(place.fill().run().table) == {"a", "b"}
    assert not place.file("i1", "docx").exists()


def test_without_a_counted_coding_there_is_no_packet(place):
    table = place.fill(codings=[CODINGS[0]]).run().table
    assert table["b"]["made"] is False
    assert table["b"]["reason"] == "no counted coding covers this person's words"
    assert not place.file("b", "html").exists()


def test_survey_respondents_get_packets_only_if_the_study_says_so(place):
    assert "surveys: true" in str(place.fill(kind="survey").run().table["a"]["reason"])
    assert not place.file("a", "docx").exists()
    assert place.fill(kind="survey", yaml="member_checks: {surveys: true}\n").run().table["a"]["made"] is True
    assert place.packet("a").people == 2


def test_packets_of_people_who_get_none_any_more_are_removed(place):
    place.fill().run()
    for suffix in ("docx", "html", "json"):
        (place.results / "packets" / f"gone.{suffix}").write_bytes(b"")
    place.fill(codings=[CODINGS[0]]).run()
    assert set(place.bytes) == {"a.docx", "a.html", "a.json", "packets.csv"}


def test_when_a_packet_was_issued_is_told_as_long_as_it_is_the_same(place):
    code = place.fill().run().asked("a").return_code
    sent = [{"participant": "a", "return_code": "2222-2222", "issued": "2026-03-01"}]
    sent += [{"participant": "a", "return_code": code, "issued": "2026-04-01"}]
    assert place.fill(sent=sent).run().table["a"]["issued"] == "2026-04-01"
    assert place.table["b"]["issued"] == ""
    row = place.fill(sent=sent, pseudonym="Rosalind").run().table["a"]
    assert row["issued"] == ""
    assert "a packet issued on 2026-04-01 was sent, and this one differs" in row["note"]
    assert "answers to that one stay valid" in row["note"] and "own answers" not in row["note"]
    row = place.fill(sent=[sent[0], sent[1] | {"answered": True}], pseudonym="Rosalind").run().table["a"]
    assert "a packet issued on 2026-04-01 was answered, and this one differs" in row["note"]
    assert "or the person's own answers changed it" in row["note"]


# --- what the study chooses ----------------------------------------------------------------------------------------


def test_only_concepts_at_or_below_the_categories_are_in_it(place):
    place.fill(yaml="member_checks: {categories: [resources, time]}\n").run()
    assert [item.name for item in place.asked("a").concepts] == ["Resources"]
    assert [item.name for item in place.asked("b").concepts] == ["Resources", "Time"]
    place.fill(yaml="member_checks: {categories: [help]}\n").run()
    assert [item.name for item in place.asked("a").concepts] == ["Resources", "People who answer"]
    assert place.packet("a").others == ()
    table = place.fill(yaml="member_checks: {categories: [time]}\n").run().table
    assert table["a"]["reason"] == "no counted coding covers this person's words under `member_checks: categories`"
    assert table["b"]["made"] is True


def test_all_that_is_wrong_with_the_choices_is_told_at_once(place):
    yaml = """member_checks:
  categories: [nothing, videos, tme]
  letter: gone.md
  deadline: 1 May, says Ana Lee
  wording: {spoke_of_this: "{peple} did"}
"""
    place.fill(yaml=yaml)
    (place.study / "participants.csv").write_text(
        "participant,role,labels,names,pseudonym\na,participant,A,Ana Lee,Rosa\nb,participant,B,,Karl\n"
    )
    with pytest.raises(QualcodeError) as raised:
        place.run()
    told = str(raised.value)
    assert len(raised.value.problems) == 5
    assert "no such code (found nothing, tme)" in told
    assert "level 2, and these stand below (found videos)" in told
    assert "there is no such file (found gone.md)" in told
    assert "unknown placeholder {peple}" in told
    assert "a name that is to be hidden stands here (participants.csv row 2)" in told
    assert "Lee" not in told


def test_a_letter_may_be_signed_by_who_leads_the_study_and_name_nobody_else(place):
    place.fill(yaml="member_checks: {letter: letter.md}\n")
    (place.study / "participants.csv").write_text(
        "participant,role,labels,names,pseudonym\ni1,moderator,I1,Eva Berg,Interviewer\nb,participant,B,Kai Ode,Karl\n"
    )
    (place.study / "letter.md").write_text("Dear {pseudonym}, please read this.\n\n---\n\nYours, Eva Berg\n")
    assert "Yours, Eva Berg" in place.run().html("a")
    (place.study / "letter.md").write_text("Dear {pseudonym}, Kai Ode was there too.\n\n---\n\nEva Berg\n")
    with pytest.raises(QualcodeError, match=r"letter.md: line 1: a name .* \(participants.csv row 3\)"):
        place.run()


# --- notes ---------------------------------------------------------------------------------------------------------


MANY = [*TURNS, *((person, "I had time for it.") for person in ("c", "d", "e"))]


@pytest.mark.parametrize(("turns", "people", "few"), [(TURNS, 2, True), (MANY[:-1], 4, True), (MANY, 5, False)])
def test_fewer_than_five_people_are_told_to_take_care(place, capsys, turns, people, few):
    place.fill(turns=turns).run()
    assert (f"with {people} people each may know who the others are" in capsys.readouterr().err) == few
    assert (f"few people took part ({people})" in place.table["a"]["note"]) == few


def test_the_reading_grade_is_told_where_the_packet_is_in_english(place, capsys):
    assert 0 < place.fill().run().table["a"]["grade"] < 9
    assert "hard to read" not in capsys.readouterr().err
    place.fill(yaml="member_checks: {letter: hard.md}\n")
    long = "Considering institutional responsibilities, organisational accountability necessitates comprehensive "
    (place.study / "hard.md").write_text(long * 8 + "participation.\n\n---\n\n" + long * 8 + "consultation.\n")
    row = place.run().table["a"]
    assert row["grade"] > 9
    assert f"the letter is hard to read (grade {row['grade']:.1f})" in row["note"]
    assert "the letter is hard to read (grade" in capsys.readouterr().err
    row = place.fill(yaml="member_checks: {letter: hard.md, language: es}\n").run().table["a"]
    assert row["grade"] != row["grade"]
    assert "hard to read" not in row["note"]


def test_a_letter_that_names_nobody_to_write_to_is_told(place, capsys):
    wrong = "the letter tells nobody whom to write to: study.yaml has no `member_checks: contact`"
    assert wrong in place.fill().run().table["a"]["note"]
    assert capsys.readouterr().err.count(wrong) == 1
    assert wrong not in place.fill(yaml="member_checks: {contact: Ann}\n").run().table["a"]["note"]
    # The study's own letter may say it in its own way.
    place.fill(yaml="member_checks: {letter: letter.md}\n")
    (place.study / "letter.md").write_text("Hello.\n\n---\n\nWrite to Ann.\n")
    assert wrong not in place.run().table["a"]["note"]


# --- which quotations ----------------------------------------------------------------------------------------------


def passage(coding, start, end, use="", utterance="s:1", position=0, text="", backchannel=False, source="s", **more):
    words = text or "x" * (end - start)
    return Passage(coding, "k", use, source, utterance, position, start, end, words, backchannel, **more)


def chosen(spoken, most=5, never=None):
    return [parts[0].coding for parts in choose(spoken, most, never or {})]


def test_exemplars_come_first_then_the_longest_then_the_earliest():
    spoken = [
        passage("short", 0, 5),
        passage("long", 100, 140, utterance="s:2", position=1),
        passage("later", 200, 205, utterance="s:3", position=2),
        passage("exemplar", 300, 304, "exemplar", utterance="s:4", position=3),
    ]
    assert chosen(spoken) == ["exemplar", "long", "short", "later"]
    assert chosen(spoken, most=2) == ["exemplar", "long"]
    assert chosen(spoken, most=0) == []


def test_what_must_never_be_quoted_is_not_quoted_under_another_code_either():
    spoken = [passage("free", 0, 5), passage("barred", 10, 30)]
    assert chosen(spoken, never={"s": [(25, 40)]}) == ["free"]
    assert chosen(spoken, never={"s": [(30, 40)]}) == ["barred", "free"]
    assert chosen(spoken, never={"another": [(0, 40)]}) == ["barred", "free"]


def test_never_is_heeded_by_the_step(place):
    codings = [*CODINGS, ("time", "The short", "short videos", "never")]
    place.fill(codings=codings).run()
    assert "short videos" not in "".join([*place.docx("a"), place.html("a")])
    assert place.asked("a").quotations[0].text == "A guide of one page would do."


def test_words_that_another_quotation_holds_are_not_shown_twice():
    assert chosen([passage("inner", 5, 10), passage("outer", 0, 20)]) == ["outer"]
    assert chosen([passage("inner", 5, 10, "exemplar"), passage("outer", 0, 20)]) == ["inner"]
    assert chosen([passage("twin2", 0, 20), passage("twin1", 0, 20)]) == ["twin1"]


def test_signals_of_listening_are_not_quoted(place):
    assert chosen([passage("hm", 0, 6, backchannel=True)]) == []
    place.fill().run()
    assert "Mm-hm" not in place.text("b")
    assert "People who answer" in [item.name for item in place.asked("b").concepts]


@given(
    st.lists(
        st.builds(
            lambda coding, start, length, use: passage(f"c{coding}", start, start + length, use),
            st.integers(0, 5),
            st.integers(0, 50),
            st.integers(1, 20),
            st.sampled_from(["", "exemplar", "deviant"]),
        ),
        max_size=8,
    ),
    st.integers(0, 4),
)
def test_no_more_quotations_than_asked_and_none_twice(spoken, most):
    found = choose(spoken, most, {})
    assert len(found) <= most
    assert max(Counter(parts[0].coding for parts in found).values(), default=0) <= 1


def test_utterances_that_follow_one_another_are_joined_without_a_mark():
    parts = [passage("c", 0, 3, text="one"), passage("c", 5, 8, utterance="s:2", position=1, text="two")]
    assert quotation("1.1", parts).text == "one two"
    apart = [parts[0], passage("c", 9, 12, utterance="s:3", position=2, text="two")]
    assert quotation("1.1", apart).text == "one […] two"


def test_codings_on_a_category_itself_are_a_concept_of_their_own(place):
    place.fill(codings=[*CODINGS, ("help", "Nobody answered", "the phone.", "")])
    assert place.packet("a").concepts[0].name == "Help (in general)"
    # b spoke of what stands below it: the category is not among what b left out.
    assert "in general" not in place.run().text("b")


@pytest.mark.parametrize(("level", "first"), [(1, "Help"), (2, "Resources"), (3, "Videos"), (9, "Videos")])
def test_the_level_of_the_main_concepts_is_the_studys_choice(place, level, first):
    made = place.fill(yaml=f"member_checks: {{level: {level}}}\n").packet("a")
    assert made.concepts[0].name == first
    # A leaf higher up is a concept of its own.
    assert "Time" in [item.name for item in made.others]


WORDS = st.text(st.sampled_from("abcdefgh "), min_size=3, max_size=30).map(lambda text: f"xx{text}xx".strip())


@settings(max_examples=60)
@given(st.data())
def test_a_passage_never_holds_words_of_another(data):
    """Whatever spans are coded, each participant's passages are cut out of that participant's utterances."""
    import pandas as pd

    people = data.draw(st.lists(st.sampled_from(["a", "b"]), min_size=2, max_size=6))
    text, utterances = "", []
    for number, person in enumerate(people):
        words = data.draw(WORDS).upper() if person == "a" else data.draw(WORDS)
        text += "0: "
        row = {"utterance": f"s:{number}", "participant": person, "start": len(text), "end": len(text) + len(words)}
        utterances.append(row | {"text": words, "backchannel": False, "question": ""})
        text += words + "\n"
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 1, len(text)))
    rows = [
        {"coding": "c", "code": "time", "own": True, "utterance": u["utterance"], "participant": u["participant"]}
        for u in utterances
        if u["start"] < end and start < u["end"]
    ]
    counted = pd.DataFrame(rows, columns=["coding", "code", "own", "utterance", "participant"]).assign(source="s")
    counted["own"] = counted["own"].astype(bool)
    codes = pd.DataFrame([{"coding": "c", "start": start, "end": end, "use": ""}])
    codebook = a_codebook()
    found = content.passages(counted, codes, pd.DataFrame(utterances), codebook, 2)
    for person, spoken in found.items():
        for passage in spoken:
            assert passage.text == text[passage.start : passage.end].strip()
            assert passage.text == (passage.text.upper() if person == "a" else passage.text.lower())


def a_codebook():
    from qualcode.codebook import Code, Codebook

    return Codebook(Path("c.yaml"), "", "", (Code("time", "Time", "", 1, ("time",), 1, True),))


# --- what was decided before ---------------------------------------------------------------------------------------


def decided(effect, **further):
    """Rows of member_checks for the words on videos, at their place in the text."""
    said = "The short videos helped me. I watched them on the bus."
    return lambda text: [quoted("a", effect, "talk", text.index(said), said, **further)]


def test_what_was_withdrawn_or_waits_for_words_is_quoted_no_more(place):
    for effect in ("withdrawn", "waits for words"):
        place.fill(checks=decided(effect)).run()
        assert [item.text for item in place.asked("a").quotations] == [
            "A guide of one page would do.",
            "Nobody answered the phone.",
        ]
        assert "short videos" not in place.text("a")
        assert [item.people for item in place.packet("a").concepts] == [2, 2]


def test_what_was_amended_is_shown_as_amended(place):
    place.fill(checks=decided("amended", words="Short films were a help.")).run()
    asked = place.asked("a")
    assert asked.quotations[1].text == "Short films were a help. [amended by the participant]"
    # How it was said is kept beside it, so that the place is found again.
    assert asked.quotations[1].parts[0].text.startswith("The short videos helped me.")
    assert "short videos" not in "".join([*place.docx("a"), place.html("a")])


def test_of_a_quotation_over_several_turns_the_new_words_stand_once(place):
    words = ["I watched them on the bus.", "Nobody answered the phone."]
    rows = [("I saw them all.", words[0], 1), ("", words[1], 2)]
    place.fill(
        codings=[("people", "I watched them", "the phone.", "")],
        checks=lambda text: [
            quoted("a", "amended", "talk", text.index(quote), quote, words=new) | {"part": part}
            for new, quote, part in rows
        ],
    )
    assert place.run().asked("a").quotations[0].text == "I saw them all. [amended by the participant]"


# --- context -------------------------------------------------------------------------------------------------------


def test_a_quotation_stands_with_what_else_the_person_said_in_the_turn(place):
    guide = "guide: [{id: g1, text: What helped you most?}]\n"
    place.fill(
        codings=[*CODINGS, ("videos", "helped me", "helped me", "exemplar")],
        yaml=guide,
        questions=["g1"] * 3 + [""] * 4,
    )
    first, second = place.packet("a").concepts[0].quotations[:2]
    assert (first.before, first.text, first.after) == ("", "A guide of one page would do.", "")
    assert (second.before, second.text, second.after) == (
        "The short videos",
        "helped me",
        ". I watched them on the bus.",
    )
    assert (first.question, second.question) == ("", "What helped you most?")


@given(st.integers(0, 80), st.integers(0, 80))
def test_at_most_thirty_words_on_either_side_and_where_they_were_cut(before, after):
    said = " ".join([*(f"b{n}" for n in range(before)), "words", *(f"a{n}" for n in range(after))])
    start = said.index("words")
    part = passage("c", 100 + start, 100 + start + 5, text="words", base=100, said=said)
    made = quotation("1.1", [part])
    shown = [f"b{n}" for n in range(before)][-30:]
    assert made.before == " ".join(["…"] * (before > 30) + shown)
    assert made.after == " ".join([*(f"a{n}" for n in range(after))][:30] + ["…"] * (after > 30))
    first, last = (place - 100 for place in made.parts[0].shown)
    assert said[first:last].split() == [*shown, "words", *made.after.replace("…", "").split()]


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(1, 40)), max_size=4))
def test_context_stops_where_words_are_never_to_be_quoted(spans):
    said = " ".join(f"w{n:02}" for n in range(30))
    start = said.index("w15")
    never = {"s": [(first, first + length) for first, length in spans]}
    made = quotation("1.1", [passage("c", start, start + 3, text="w15", base=0, said=said)], never)
    first, last = made.parts[0].shown
    for begin, end in never["s"]:
        assert not (begin < start and first < min(end, start))
        assert not (end > start + 3 and max(begin, start + 3) < last)
    nearest = max([0, *(min(end, start) for begin, end in never["s"] if begin < start)])
    assert set(made.before.split()) - {"…"} == set(said[nearest:start].split())


# --- consent -------------------------------------------------------------------------------------------------------


def test_who_does_not_want_to_be_quoted_is_not_asked_for_quotations(place):
    asked = place.fill(consent="no").run().asked("a")
    assert asked.decides is False
    assert [item.number for item in asked.quotations] == ["1.1", "1.2", "2.1"]
    assert asked.questions == ["reflects 1", "change 1", "reflects 2", "change 2", "add"]
    assert place.fill(consent="ask").run().asked("a").decides is True


# --- same bytes ----------------------------------------------------------------------------------------------------


def test_packets_are_the_same_bytes_in_another_process_time_zone_and_locale(place):
    here = place.fill().run().bytes
    for name in here:
        (place.results / "packets" / name).unlink()
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"}
    command = [sys.executable, "-m", "qualcode.cli", "packets", place.study, "--results", place.results]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert place.bytes == here
