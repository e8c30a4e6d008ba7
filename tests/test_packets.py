import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from codings import BY_HAND
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode import packets, tables
from qualcode.axial_codes import roll_up
from qualcode.codebook import load_codebook
from qualcode.packets import content
from qualcode.packets.content import Packet, Passage, choose, quotation
from qualcode.packets.letter import wording
from qualcode.text import is_backchannel

CODEBOOK = """codebook: Mentors
codes:
  - code: help
    name: Help
    definition: What helps mentors.
    codes:
      - code: resources
        name: Resources
        definition: Things that explain the work.
        codes: [{code: videos, name: Videos}, {code: guide, name: Guide}]
      - {code: people, name: People who answer, definition: There is somebody to ask.}
  - {code: time, name: Time, definition: Finding the hours.}
"""
TURNS = [
    ("i1", "Welcome. What helped you?"),
    ("a", "The short videos helped me. I watched them on the bus."),
    ("b", "I never watched a single one of those."),
    ("a", "Nobody answered the phone."),
    ("b", "Mm-hm."),
    ("b", "There are no hours left in my week."),
    ("a", "A guide of one page would do."),
]
# (code, first words, last words, use): from where to where in the text
CODINGS = [
    ("videos", "The short videos", "on the bus.", ""),
    ("guide", "A guide", "would do.", "exemplar"),
    ("videos", "I never watched", "of those.", ""),
    ("people", "Nobody answered", "Mm-hm.", ""),
    ("time", "no hours left", "my week", ""),
]


class Place:
    """A study's folder and results, with tables as the earlier steps would have left them."""

    def __init__(self, root: Path):
        self.study, self.results = root / "talks", root / "results"

    def fill(
        self, turns=TURNS, codings=CODINGS, yaml="", kind="focus_group", consent="yes", pseudonym="Rosa", waiting=()
    ):
        (self.study / "transcripts").mkdir(parents=True, exist_ok=True)
        (self.study / "transcripts" / "talk.txt").write_text("read by an earlier step", encoding="utf-8")
        (self.study / "study.yaml").write_text(f"title: What <b>helps</b> & why\ncodebook: codebook.yaml\n{yaml}")
        (self.study / "codebook.yaml").write_text(CODEBOOK)
        text, utterances = "", []
        for number, (person, words) in enumerate(turns, 1):
            text += f"{person.upper()}: "
            role = "moderator" if person.startswith("i") else "participant"
            utterances.append(
                {
                    "utterance": f"talk:{number}",
                    "source": "talk",
                    "participant": person,
                    "role": role,
                    "question": "",
                    "backchannel": is_backchannel(words),
                    "start": len(text),
                    "end": len(text) + len(words),
                    "time_start": "",
                    "time_end": "",
                    "text": words,
                }
            )
            text += words + "\n"
        open_codes, credited = [], []
        for number, (code, first, last, use) in enumerate(codings):
            start, end = text.index(first), text.index(last) + len(last)
            row = {"coding": f"c{number}", "source": "talk", "start": start, "end": end, "quote": text[start:end]}
            row |= {"code": code, "coder": "anna", "basis": "human", "evidence": "exact", "status": "accepted"}
            open_codes.append(
                row | {"counts": True, "reason": "", "use": use, "round": "", "memo": "a memo of anna"} | BY_HAND
            )
            for utterance in utterances:
                if utterance["start"] < end and start < utterance["end"]:
                    who = utterance["participant"] if utterance["role"] == "participant" else ""
                    credited.append({"coding": f"c{number}", "utterance": utterance["utterance"], "participant": who})
        participants = [
            {
                "participant": person,
                "role": "moderator" if person.startswith("i") else "participant",
                "pseudonym": {"a": pseudonym, "b": "Karl"}.get(person, person),
                "quote_consent": consent,
                "kind": kind,
                "utterances": 1,
                "words": 1,
            }
            for person in dict.fromkeys(person for person, _ in turns)
        ]
        codes = tables.frame("open_codes", open_codes)
        tables.write(self.results, "utterances", tables.frame("utterances", utterances))
        tables.write(self.results, "participants", tables.frame("participants", participants))
        tables.write(self.results, "open_codes", codes)
        tables.write(self.results, "identifiers", tables.frame("identifiers", waiting))
        tables.write(self.results, "open_code_utterances", tables.frame("open_code_utterances", credited))
        tables.write(self.results, "axial_codes", roll_up(codes, load_codebook(self.study / "codebook.yaml")))
        return self

    def run(self):
        packets.run(argparse.Namespace(study=self.study, results=self.results))
        return self

    @property
    def table(self) -> dict[str, dict[str, object]]:
        return {row["participant"]: row for row in tables.read(self.results, "packets").to_dict("records")}

    def docx(self, person: str) -> list[str]:
        return [paragraph.text for paragraph in docx.Document(self.file(person, "docx")).paragraphs]

    def html(self, person: str) -> str:
        return self.file(person, "html").read_text(encoding="utf-8")

    def file(self, person: str, suffix: str) -> Path:
        return self.results / "packets" / f"{person}.{suffix}"

    @property
    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.results / "packets").iterdir())}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_packet_holds_the_participants_own_words_with_their_places(place):
    texts = place.fill().run().docx("a")
    assert "“The short videos helped me. I watched them on the bus.”" in texts
    # A coding that spans two people is cut to the words of each.
    assert "“Nobody answered the phone.”" in texts
    # Exemplars come before longer quotations.
    assert texts.index("“A guide of one page would do.”") < texts.index(
        "“The short videos helped me. I watched them on the bus.”"
    )
    assert "Quotation 1.1 (talk, utterance 7)" in texts
    assert "Quotation 1.2 (talk, utterance 2)" in texts
    assert place.table["a"] == {"participant": "a", "made": True, "reason": "", "concepts": 2, "quotations": 3}


def test_concepts_stand_under_their_category_with_definition_and_count(place):
    texts = place.fill().run().docx("a")
    start = texts.index("1. Resources")
    assert texts[start - 1] == "Help"
    assert texts[start : start + 3] == [
        "1. Resources",
        "Things that explain the work.",
        "2 of 2 people in the study spoke of this.",
    ]
    assert "2. People who answer" in texts
    assert not [text for text in texts if text.startswith("3. ")]


def test_what_only_others_spoke_of_is_named_without_quotations(place):
    texts = place.fill().run().docx("a")
    assert texts.index("What others spoke of") < texts.index("Time. Finding the hours.")
    assert "Time. Finding the hours." in texts
    assert "hours left" not in " ".join(texts)
    assert "<dt>Time</dt>" in place.html("a")


def test_each_packet_asks_what_member_checks_ask(place):
    place.fill(yaml="member_checks: {contact: Ann Lee (ann@example.org), deadline: 1 May}\n").run()
    texts = place.docx("a")
    assert texts.count("How well does this reflect your experience? 1 means not at all, 5 means very well.") == 2
    assert texts.count("☐\u00a01    ☐\u00a02    ☐\u00a03    ☐\u00a04    ☐\u00a05") == 2
    assert texts.count("☐\u00a0keep    ☐\u00a0change    ☐\u00a0leave out") == 3
    assert texts.count("What should change?") == 2
    assert "Anything to add?" in texts
    assert "What happens next" in texts
    for text in (" ".join(texts), place.html("a")):
        assert "Please send your answers to Ann Lee (ann@example.org)." in text
        assert "Please answer by 1 May." in text
        assert text.count("Rosa") == 1
        assert "Dear participant" in text


def test_what_nobody_but_the_researchers_should_see_stays_out(place):
    for text in (" ".join(place.fill().run().docx("a")), place.html("a")):
        assert "memo" not in text
        assert "anna" not in text
        assert "Karl" not in text
        assert "Welcome" not in text


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
    assert "2 of 2 people in the study spoke of this." in place.docx("a")


def test_packets_of_people_who_get_none_any_more_are_removed(place):
    place.fill().run()
    (place.results / "packets" / "gone.docx").write_bytes(b"")
    (place.results / "packets" / "gone.html").write_bytes(b"")
    place.fill(codings=[CODINGS[0]]).run()
    assert set(place.bytes) == {"a.docx", "a.html", "packets.csv"}


# --- privacy -------------------------------------------------------------------------------------------------------


def test_other_peoples_words_leave_a_packet_untouched(place):
    before = place.fill().run().bytes
    reworded = [
        ("i1", "Hello there, everyone."),
        TURNS[1],
        ("b", "Quite another thing altogether, and at length."),
        TURNS[3],
        ("b", "Yeah."),
        ("b", "Weekends only, sadly."),
        TURNS[6],
    ]
    codings = [
        CODINGS[0],
        CODINGS[1],
        ("videos", "Quite another", "at length.", ""),
        ("people", "Nobody answered", "Yeah.", ""),
        ("time", "Weekends only", "sadly", ""),
    ]
    after = place.fill(turns=reworded, codings=codings).run().bytes
    assert after["a.docx"] == before["a.docx"]
    assert after["a.html"] == before["a.html"]
    assert after["b.docx"] != before["b.docx"]


def test_a_quotation_across_turns_leaves_out_what_others_said(place):
    place.fill(codings=[("people", "I watched them", "one page", "")]).run()
    said = "I watched them on the bus. […] Nobody answered the phone. […] A guide of one page"
    assert f"“{said}”" in place.docx("a")
    assert "Quotation 1.1 (talk, utterances 2, 4 and 7)" in place.docx("a")
    assert "I never watched a single one of those. […] There are no hours left in my week." in place.html("b")


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
        utterances.append(row | {"text": words, "backchannel": False})
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


# --- which quotations ----------------------------------------------------------------------------------------------


def passage(coding, start, end, use="", utterance="s:1", position=0, text="", backchannel=False, source="s"):
    return Passage(coding, "k", use, source, utterance, position, start, end, text or "x" * (end - start), backchannel)


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
    assert "short videos" not in " ".join(place.docx("a"))
    assert "short videos" not in place.html("a")
    assert "“A guide of one page would do.”" in place.docx("a")


def test_words_that_another_quotation_holds_are_not_shown_twice():
    assert chosen([passage("inner", 5, 10), passage("outer", 0, 20)]) == ["outer"]
    assert chosen([passage("inner", 5, 10, "exemplar"), passage("outer", 0, 20)]) == ["inner"]
    assert chosen([passage("twin2", 0, 20), passage("twin1", 0, 20)]) == ["twin1"]


def test_signals_of_listening_are_not_quoted(place):
    assert chosen([passage("hm", 0, 6, backchannel=True)]) == []
    place.fill().run()
    assert "Mm-hm" not in place.html("b")
    assert "People who answer" in place.html("b")


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
    assert quotation("1.1", parts).place == "s, utterances 1 and 2"


def test_codings_on_a_category_itself_are_a_concept_of_their_own(place):
    texts = place.fill(codings=[*CODINGS, ("help", "Nobody answered", "the phone.", "")]).run().docx("a")
    assert "1. Help (in general)" in texts
    # b spoke of what stands below it: the category is not among what b left out.
    assert "in general" not in " ".join(place.docx("b"))


@pytest.mark.parametrize(("level", "first"), [(1, "1. Help"), (2, "1. Resources"), (3, "1. Videos"), (9, "1. Videos")])
def test_the_level_of_the_main_concepts_is_the_studys_choice(place, level, first):
    texts = place.fill(yaml=f"member_checks: {{level: {level}}}\n").run().docx("a")
    assert first in texts
    # A leaf higher up is a concept of its own.
    assert "Time. Finding the hours." in texts


# --- what waits for a decision -------------------------------------------------------------------------------------


def waits(text, decision="undecided"):
    row = {"text": text, "kind": "person", "found_by": "model", "count": 1, "sources": "talk", "people": 1}
    return [row | {"example": "", "decision": decision, "by": "", "at": "", "place": ""}]


@pytest.mark.parametrize(
    ("waiting", "held"),
    [
        (waits("short videos"), True),
        (waits("short videos", "keep"), False),
        (waits("my week"), False),
        (waits("short video"), False),
    ],
)
def test_a_packet_is_held_back_if_its_quotations_touch_what_waits(place, waiting, held):
    place.fill(waiting=waiting).run()
    assert (place.results / "packets" / "a.docx").exists() != held
    row = tables.read(place.results, "packets").set_index("participant").loc["a"]
    assert row["made"] != held
    assert row["reason"].startswith("names or other identifiers in its quotations wait for a decision: short") == held


def test_a_quotation_that_ends_within_what_waits_holds_the_packet_back(place):
    place.fill(waiting=waits("my week.")).run()
    assert not (place.results / "packets" / "b.docx").exists()
    assert (place.results / "packets" / "a.docx").exists()


# --- consent -------------------------------------------------------------------------------------------------------


def test_who_does_not_want_to_be_quoted_is_not_asked_for_quotations(place):
    place.fill(consent="no").run()
    texts = place.docx("a")
    assert "“Nobody answered the phone.”" in texts
    assert not [text for text in texts if "keep" in text]
    assert 'name="quotation:' not in place.html("a")
    assert "You asked us not to quote you, and we will not." in place.html("a")


def test_who_wants_to_be_asked_is_asked(place):
    place.fill(consent="ask").run()
    assert "We will quote only the words that you tell us to keep." in place.html("a")


# --- html ----------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unlabelled = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "input" and "label" not in self.open:
            self.unlabelled += 1
        if tag not in ("meta", "input", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_is_whole_accessible_and_needs_nothing_else(place):
    text = place.fill().run().html("a")
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": "en"}]
    assert not page.all("script") + page.all("link") + page.all("img") + page.all("form")
    assert not re.search(r"https?:|url\(|@import", text)
    assert "viewport" in str(page.all("meta"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.unlabelled == 0
    labelled = {label.get("for") for label in page.all("label")}
    assert {area["id"] for area in page.all("textarea")} <= labelled
    assert len(page.all("legend")) == len(page.all("fieldset"))
    names = {control["name"] for control in page.all("input")}
    assert {"quotation:c0", "reflects:resources", "reflects:people"} <= names
    assert len({attributes["id"] for _, attributes in page.tags if "id" in attributes}) == sum(
        "id" in attributes for _, attributes in page.tags
    )
    assert len(text.encode()) < 300_000


def test_what_people_wrote_is_escaped(place):
    turns = [("a", 'I said <script>alert("x")</script> & \x0bmore'), TURNS[2]]
    place.fill(turns=turns, codings=[("time", "I said", "more", "")], pseudonym="<i>Rosa</i>").run()
    text = place.html("a")
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; more" in text
    assert "&lt;i&gt;Rosa&lt;/i&gt;" in text
    assert "What &lt;b&gt;helps&lt;/b&gt; &amp; why" in text
    assert '“I said <script>alert("x")</script> & more”' in place.docx("a")


# --- plain language, same bytes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", ["yes", "ask", "no"])
@pytest.mark.parametrize("kind", ["focus_group", "interview", "survey", "document"])
def test_the_letter_is_in_plain_language(kind, consent):
    """Flesch-Kincaid grade, syllables counted by vowel groups."""
    concept = content.Concept("c", "", "C", "", 1, 1, (content.Quotation("1.1", "c", "words", "talk, utterance 1"),))
    says = wording(Packet("a", "Rosa", consent, kind, "Talks", 3, (concept,), (), "Ann Lee", "1 May"))
    text = " ".join([*says.thanks, *says.done, says.concepts, says.consent, says.others, *says.following])
    words = re.findall(r"[A-Za-z']+", text)
    sentences = len(re.findall(r"[.!?](?:\s|$)", text))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower()))) for word in words)
    assert 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59 < 9


def test_packets_are_the_same_bytes_in_another_process_time_zone_and_locale(place):
    here = place.fill().run().bytes
    for name in here:
        (place.results / "packets" / name).unlink()
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "3"}
    command = [sys.executable, "-m", "qualcode.cli", "packets", place.study, "--results", place.results]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert place.bytes == here
