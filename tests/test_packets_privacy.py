"""Whose words a packet holds: the participant's own, and others' only where the study and they allow it."""

import re
import shutil

import pytest
from checking import quoted
from conftest import TRANSCRIPT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packets_study import CODINGS, TURNS, Place

ALL = "member_checks: {show: all, others: 3}\n"
STEPS = ("utterances", "parses", "identifiers", "open_codes", "axial_codes", "packets")


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def files(place, person):
    return {name: data for name, data in place.bytes.items() if name.startswith(f"{person}.")}


# --- own words alone -----------------------------------------------------------------------------------------------


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
    for suffix in ("docx", "html", "json"):
        assert after[f"a.{suffix}"] == before[f"a.{suffix}"]
        assert after[f"b.{suffix}"] != before[f"b.{suffix}"]


def test_a_quotation_across_turns_leaves_out_what_others_said(place):
    place.fill(codings=[("people", "I watched them", "one page", "")]).run()
    said = "I watched them on the bus. […] Nobody answered the phone. […] A guide of one page"
    assert place.asked("a").quotations[0].text == said
    assert [part.utterance for part in place.asked("a").quotations[0].parts] == ["talk:2", "talk:4", "talk:7"]
    theirs = "I never watched a single one of those. […] There are no hours left in my week."
    assert place.asked("b").quotations[0].text == theirs


WORDS = {person: st.lists(st.sampled_from([f"{person}word{n}" for n in range(40)]), min_size=1, max_size=45)
         for person in ("a", "b", "i1")}  # fmt: skip
CODES = st.sampled_from(["videos", "guide", "people", "time", "help"])


@st.composite
def talks(draw):
    """A talk, the same with other words of everyone but a, and codings of both: (code, start, end, use).

    A coding begins and ends at words of a, or at the edge of what another said.
    """
    people = ["a", *draw(st.lists(st.sampled_from(["a", "b", "i1"]), min_size=1, max_size=5)), "b"]
    first = [draw(WORDS[person]) for person in people]
    second = [said if person == "a" else draw(WORDS[person]) for person, said in zip(people, first, strict=True)]
    codings = []
    for _ in range(draw(st.integers(1, 5))):
        begin, end = sorted(draw(st.tuples(*[st.integers(0, len(people) - 1)] * 2)))
        at, to = (draw(st.integers(0, len(first[turn]) - 1)) for turn in (begin, end))
        codings.append((draw(CODES), begin, at, end, to, draw(st.sampled_from(["", "exemplar"]))))
    return people, first, second, codings


def placed(people, said, codings):
    """The codings by their places in the text."""
    starts, text = [], ""
    for person, words in zip(people, said, strict=True):
        text += f"{person.upper()}: "
        starts.append(len(text))
        text += " ".join(words) + "\n"
    found = []
    for code, begin, at, end, to, use in codings:
        at = at if people[begin] == "a" else 0
        to = to if people[end] == "a" else len(said[end]) - 1
        if begin == end and at > to:
            at, to = to, at
        start = starts[begin] + len(" ".join([*said[begin][:at], ""]))
        found.append((code, start, starts[end] + len(" ".join(said[end][: to + 1])), use))
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talks())
def test_whatever_others_say_a_packet_is_the_same_and_holds_none_of_it(tmp_path_factory, talk):
    people, first, second, codings = talk
    place = Place(tmp_path_factory.mktemp("place"))
    made = []
    for said in (first, second):
        turns = [(person, " ".join(words)) for person, words in zip(people, said, strict=True)]
        place.fill(turns=turns, spans=placed(people, said, codings)).run()
        made.append(files(place, "a"))
        if made[-1]:
            assert not re.search(r"(bword|i1word)\d", place.text("a"))
    assert made[0] == made[1]
    shutil.rmtree(place.study.parent)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.sampled_from(["one", "two", "three", "four"]), min_size=4, max_size=9)), min_size=2, max_size=6))  # fmt: skip
def test_no_run_of_four_words_of_another_that_are_not_the_participants_own(tmp_path_factory, turns):
    """People use the same few words: what a packet shows of a talk are runs of one person's words all the same."""
    place = Place(tmp_path_factory.mktemp("place"))
    said = [(person, " ".join(words)) for person, words in turns]
    length = sum(len(words) + 4 for _, words in said)
    place.fill(turns=said, spans=[("videos", 0, length - 1, ""), ("time", length // 3, 2 * length // 3, "")]).run()
    if not place.file("a", "json").exists():
        return
    own = set(runs([word for person, words in turns if person == "a" for word in words]))
    for item in (item for concept in place.packet("a").concepts for item in concept.quotations):
        for shown in (item.before, *item.text.split("[…]"), item.after):
            # Codings may begin and end within a word.
            assert set(runs(shown.replace("…", "").split()[1:-1])) <= own
    shutil.rmtree(place.study.parent)


def runs(words):
    return [tuple(words[at : at + 4]) for at in range(len(words) - 3)]


def test_the_same_through_all_steps(study):
    """Ben's words and the places of everything after them change, what he is coded with does not."""
    study.codings(
        "anna",
        [
            {"source": "talk", "code": "support", "quote": "My mentor was always there."},
            {"source": "talk", "code": "clarity", "quote": "the expectations changed", "participant": "p2"},
            {"source": "talk", "code": "training", "quote": "The training helped me to teach."},
        ],
    )
    assert study.run(*STEPS) == 0
    folder = study.results / "packets"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    reworded = TRANSCRIPT.replace(
        "I got no support. Nobody told me what was expected of me, and the expectations changed.",
        "Honestly, not a soul ever explained a thing to me in all those long weeks, and plans were thrown over.",
    )
    assert reworded != TRANSCRIPT
    study.write("transcripts/talk.txt", reworded)
    study.codings(
        "anna",
        [
            {"source": "talk", "code": "support", "quote": "My mentor was always there."},
            {"source": "talk", "code": "clarity", "quote": "plans were thrown over", "participant": "p2"},
            {"source": "talk", "code": "training", "quote": "The training helped me to teach."},
        ],
    )
    assert study.run(*STEPS) == 0
    for suffix in ("docx", "html", "json"):
        assert (folder / f"p1.{suffix}").read_bytes() == before[f"p1.{suffix}"]
        assert (folder / f"p2.{suffix}").read_bytes() != before[f"p2.{suffix}"]


def test_nothing_tells_who_took_part_or_where_it_was_made(study):
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nmember_checks: {contact: ann@example.org}\n")
    assert study.run(*STEPS) == 0
    place = Place(study.path.parent)
    place.results = study.results
    for person, others in (("p1", ("Ben", "Karl")), ("p2", ("Ana", "Rosa"))):
        text = place.text(person)
        for name in ("Ana", "Ben", *others, "anna", str(study.path), "talk.txt", "/root", "/home", "/tmp"):
            assert not re.search(rf"\b{re.escape(name)}\b", text), name
        assert set(re.findall(r"[\w.-]+@[\w-]+\.[\w.]*\w", text)) == {"ann@example.org"}
        # Whoever made a document of ours is nobody.
        assert re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>(.*?)</", text) in ([], ["", ""], [""])


# --- words of others -----------------------------------------------------------------------------------------------


MORE = [
    *TURNS,
    ("c", "Videos were too long for me."),
    ("d", "I liked the videos a lot, as Rosa did."),
    ("e", "The videos that [name] made were fine."),
    ("f", "XXXX videos and more videos."),
]
OF_MORE = [
    *CODINGS,
    ("videos", "Videos were", "for me.", ""),
    ("videos", "I liked the", "Rosa did.", ""),
    ("videos", "The videos that", "were fine.", ""),
    ("videos", "XXXX videos", "more videos.", ""),
]


def voices(place, person="a", concept="resources"):
    return next(item.voices for item in place.packet(person).concepts if item.code == concept)


def test_words_of_others_are_shown_if_the_study_says_so_and_never_whose_they_are(place):
    place.fill(turns=MORE, codings=OF_MORE)
    assert voices(place) == ()
    place.fill(turns=MORE, codings=OF_MORE, yaml=ALL).run()
    # Not those with a pseudonym, the mark of a name or masked speech.
    assert set(voices(place)) == {"I never watched a single one of those.", "Videos were too long for me."}
    assert place.table["a"]["others_quotations"] == 2
    for words in voices(place):
        assert words in place.html("a")
        assert words in " ".join(place.docx("a"))
    shown = place.text("a")
    assert "Karl" not in shown
    assert not re.search(r"\btalk:(3|8)\b|utterance (3|8)\b", shown)
    # A coding over several people's words is quoted as nobody's.
    assert voices(place, "a", "people") == ()
    # Their own words stand among the quotations.
    assert "I never watched a single one of those." not in voices(place, "b")


@pytest.mark.parametrize("consent", ["no", "ask"])
def test_who_did_not_agree_to_be_quoted_is_not_quoted_to_others(place, consent):
    place.fill(turns=MORE, codings=OF_MORE, yaml=ALL, consent={"b": consent})
    assert voices(place) == ("Videos were too long for me.",)


def test_who_wanted_to_be_asked_is_quoted_to_others_once_they_said_keep(place):
    def kept(text):
        said = "I never watched a single one of those."
        return [quoted("b", "kept", "talk", text.index(said), said)]

    place.fill(turns=MORE, codings=OF_MORE, yaml=ALL, consent={"b": "ask"}, checks=kept)
    assert len(voices(place)) == 2


@pytest.mark.parametrize("effect", ["withdrawn", "waits for words"])
def test_what_others_took_back_is_not_shown(place, effect):
    def back(text):
        said = "I never watched a single one of those."
        return [quoted("b", effect, "talk", text.index("single"), said[said.index("single") :])]

    place.fill(turns=MORE, codings=OF_MORE, yaml=ALL, checks=back)
    assert voices(place) == ("Videos were too long for me.",)


def test_what_repeats_words_that_someone_else_took_back_is_not_shown(place):
    turns = [("a", "It was nine at night when the doors broke."), *MORE]
    turns += [("c", "As she said, nine at night when the doors went, with videos.")]
    codings = [*OF_MORE, ("videos", "As she said", "with videos.", "")]

    def back(text):
        said = "nine at night when the doors broke"
        return [quoted("a", "withdrawn", "talk", text.index(said), said)]

    place.fill(turns=turns, codings=codings, yaml=ALL)
    assert any("nine at night" in words for words in voices(place, "b"))
    place.fill(turns=turns, codings=codings, yaml=ALL, checks=back)
    assert "Videos were too long for me." in voices(place, "b")
    assert not any("nine at night" in words for words in voices(place, "b"))


def test_what_waits_for_a_decision_or_is_never_to_be_quoted_is_not_shown_either(place):
    waiting = {"text": "single", "kind": "person", "found_by": "model", "count": 1, "sources": "talk", "people": 1}
    waiting |= {"example": "", "decision": "undecided", "by": "", "at": "", "place": ""}
    place.fill(turns=MORE, codings=OF_MORE, yaml=ALL, waiting=[waiting])
    assert voices(place) == ("Videos were too long for me.",)
    codings = [*OF_MORE, ("time", "too long", "for me", "never")]
    place.fill(turns=MORE, codings=codings, yaml=ALL)
    assert voices(place) == ("I never watched a single one of those.",)


def test_no_more_of_others_than_the_study_says_and_in_an_order_that_tells_nothing(place):
    shown = [voices(place.fill(turns=MORE, codings=OF_MORE, yaml=ALL.replace("3", str(most)))) for most in range(4)]
    assert [len(words) for words in shown] == [0, 1, 2, 2]
    # Whoever comes first in the talk and in the list of people: the order is that of the words.
    swapped = [*TURNS[:2], ("c", TURNS[2][1]), *TURNS[3:], ("b", "Videos were too long for me."), *MORE[8:]]
    assert voices(place.fill(turns=swapped, codings=OF_MORE, yaml=ALL)) == shown[3]


def test_a_packet_of_many_concepts_with_everything_shown_fits_an_email(place):
    """60 concepts, five quotations of 40 words and more of each person, and words of three others."""
    codes = "\n".join(f"  - {{code: k{n}, name: Concept {n}, definition: {'What it means. ' * 10}}}" for n in range(60))
    turns, spans, at = [], [], 0
    for n in range(60):
        for person in "abcd":
            for part in range(5 if person == "a" else 1):
                words = f"{person}{n} {part} " + "said something of some length about it " * (7 + part) + "here."
                turns.append((person, words))
                spans.append((f"k{n}", at + 3, at + 3 + len(words), ""))
                at += 3 + len(words) + 1
    place.codebook = f"codebook: Many\ncodes:\n{codes}\n"
    place.fill(turns=turns, spans=spans, yaml=ALL).run()
    row = place.table["a"]
    assert row["concepts"] == 60
    # More than one of each concept, and fewer than would be too much to send.
    assert 120 <= row["quotations"] < 300
    assert f"{row['quotations']} of 300 quotations are shown" in str(row["note"])
    assert len(place.asked("a").quotations) == row["quotations"]
    for suffix in ("docx", "html"):
        assert place.file("a", suffix).stat().st_size < 300_000
    place.fill(turns=turns, spans=spans, yaml="member_checks: {show: all, quotations: 2}\n")
    assert place.packet("a").quotations == 120
    assert place.packet("a").voices == 60
