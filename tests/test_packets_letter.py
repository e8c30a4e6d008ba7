"""The letter of a packet and the words around its questions: what is checked, and how hard they are to read."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packing import packet

from qualcode.errors import Problems
from qualcode.packets.form_page import render_html
from qualcode.packets.letter import (
    PLACEHOLDERS,
    TEMPLATES,
    check_letter,
    check_wording,
    instructions,
    letter_of,
    letter_text,
)
from qualcode.packets.listing import MOST_GRADE, Entry
from qualcode.text import reading_grade

MARKS = "It may have paragraphs, headings (# and ##) and one line ---: take out other marks."
# Forty words, and none of them is short.
HARD = "Considering institutional responsibilities, organisational accountability necessitates comprehensive " * 5
HARD = f"{HARD}{'participation ' * 5}."


# --- wording -------------------------------------------------------------------------------------------------------


def test_placeholders_that_a_key_does_not_have_are_told():
    problems = Problems()
    wording = {"spoke_of_this": "{poeple} of {of}", "title": "For {name}", "saved": "{file}"}
    check_wording(wording, Path("study.yaml"), problems)
    assert list(map(str, problems.found)) == [
        "study.yaml: member_checks, wording, spoke_of_this: unknown placeholder {poeple}. Did you mean {people}?",
        "study.yaml: member_checks, wording, title: unknown placeholder {name}. Take it out.",
    ]


@pytest.mark.parametrize(
    ("key", "text", "missing"),
    [
        ("may_we", "May we use it?", "{number}"),
        ("number", "A concept", "{number} and {name}"),
        ("in_general", "In general", "{name}"),
        ("saved", "Saved.", "{file}"),
        # Study and participants may be better off without these.
        ("spoke_of_this", "Several people spoke of this.", ""),
        ("place", "your talk", ""),
        ("title", "Your words", ""),
        ("may_we", "May we use {nubmer}?", None),
    ],
)
def test_what_a_text_cannot_do_without_is_told(key, text, missing):
    problems = Problems()
    check_wording({key: text}, Path("study.yaml"), problems)
    wrong = f"study.yaml: member_checks, wording, {key}: {missing} is not in it. Put it where it is to stand."
    if missing is None:
        wrong = f"study.yaml: member_checks, wording, {key}: unknown placeholder {{nubmer}}. Did you mean {{number}}?"
    assert list(map(str, problems.found)) == ([] if missing == "" else [wrong])


# --- letter --------------------------------------------------------------------------------------------------------


def checked(text):
    problems = Problems()
    check_letter(text, Path("letter.md"), problems)
    return list(map(str, problems.found))


def test_the_built_in_letter_is_in_order():
    assert checked((TEMPLATES / "packet.letter.md").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Dear all", ["letter.md: no line is just ---. Put it between what stands before the concepts and what stands after them."]),
        ("a\n---\nb\n---\nc", ["letter.md: line 4: a second line is just ---. Take it out: the letter has two parts."]),
        ("{titel}\n---\n{x}", ["letter.md: line 1: unknown placeholder {titel}. Did you mean {title}?",
                               "letter.md: line 3: unknown placeholder {x}. It may be: {title}, {pseudonym}, {contact}, {deadline}."]),
        ("## Two\n---\n# One\n## Two", ["letter.md: line 1: a heading with ## has none with # before it. Use #."]),
        ("# One\n---\n## Two", ["letter.md: line 3: a heading with ## has none with # before it. Use #."]),
        ("# One\n### Three\n---", ["letter.md: line 2: there are no headings with ###. Use # or ##."]),
        ("a\n---\nb\n----", [f"letter.md: line 4: a letter has no way to show a line across the page. {MARKS}"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_letter_is_told_by_line(text, told):
    assert checked(text) == told


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("- one", "a list"),
        ("  * one", "a list"),
        ("1. one", "a list"),
        ("===", "a line across the page"),
        ("* * *", "a line across the page"),
        ("> as we said", "a block quotation"),
        ("| a | b |", "a table"),
        ("Look at [our page](https://example.org).", "a link or picture"),
        ("![](logo.png)", "a link or picture"),
        ("Write `yes`.", "code"),
        ("One<br>two", "HTML"),
        ("Please **do not", "bold or italic type"),
        ("Please __do not__ send", "bold or italic type"),
        ("# **What** we did", "bold or italic type"),
        ("Please *do not* send", "bold or italic type"),
        ("Please _do not_ send", "bold or italic type"),
    ],
)
def test_marks_that_would_be_shown_as_they_are_typed_are_refused(line, unread):
    told = [f"letter.md: line 3: a letter has no way to show {unread}. {MARKS}"]
    assert checked(f"Dear all,\n\n{line}\n---\n") == told


@pytest.mark.parametrize(
    "line",
    ["on 30. April", "30. April", "ann_b_lee@example.org", "<ann@example.org>", "[see below] (p. 3)", "Signed: ______",
     "– Ann Lee", "5 * 3 * 2", "-1 or +1", "a|b", "#1", "{title}"],
)  # fmt: skip
def test_marks_that_mean_nothing_are_kept(line):
    assert checked(f"Dear all,\n\n{line}\n---\n") == []
    assert letter_of(packet(letter=f"{line}\n---\n", title="T")).before[0].text == line.replace("{title}", "T")


WORDS = st.text(st.sampled_from("ab #{}-\n.é"), max_size=40)


@settings(max_examples=200)
@given(WORDS, WORDS)
def test_any_letter_without_a_problem_is_shown_word_for_word(first, second):
    text = f"{first}\n---\n{second}"
    if checked(text):
        return
    letter = letter_of(packet(letter=text))
    for part, blocks in ((first, letter.before), (second, letter.after)):
        said = " ".join(block.text for block in blocks).split()
        lines = [re.sub(r"^#+\s+", "", line.strip()) for line in part.splitlines()]
        assert said == " ".join(lines).split()


def test_placeholders_are_those_that_are_told():
    filled = letter_of(packet(letter="\n\n".join(f"{{{name}}}" for name in PLACEHOLDERS) + "\n---\n")).before
    assert [block.text for block in filled] == ["What <b>helps</b> & why", "Rosa", "Ann Lee (ann@example.org)", "1 May"]


# --- plain language ------------------------------------------------------------------------------------------------


def grade(**more):
    return Entry("a", packet(title="Talks", contact="Ann Lee", **more))


def test_letter_and_instructions_are_in_plain_language():
    """Flesch-Kincaid grade (Kincaid et al. 1975) of 6 at most, syllables counted by vowel groups."""
    made = packet(title="Talks", contact="Ann Lee")
    for text in (letter_text(made), instructions(made)):
        words = re.findall(r"[A-Za-z']+", text)
        sentences = len(re.findall(r"[.!?](?:\s|$)", text))
        syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower()))) for word in words)
        assert 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59 <= 6


def test_what_is_graded_is_what_packets_say():
    looks = [packet(title="Talks", pseudonym="", quote_consent=consent) for consent in ("yes", "ask", "no")]
    read = " ".join(map(render_html, looks))
    lines = [*letter_text(looks[0]).splitlines(), *instructions(looks[0]).splitlines()]
    missing = [line for line in lines if not all(part in read for part in line.split(" quotation 1.1"))]
    # Only the document says how a document is filled in.
    assert [line.partition(".")[0] for line in missing] == ["Click a box to tick it"]
    assert len(lines) > 20


def test_headings_greetings_and_signatures_are_no_sentences():
    letter = (
        f"# A heading of some words\n\nDear {{pseudonym}},\n\n{HARD}\n\n---\n\n## What\n\nYours,\n\nAnn Lee (Leeds)\n"
    )
    assert letter_text(packet(letter=letter)) == HARD
    assert (
        letter_text(packet(letter="We read what you and everybody else had told us\n---\nThank you!")).count("\n") == 1
    )


def test_one_hard_sentence_is_a_hard_letter():
    easy, hard = grade(), grade(letter=f"Dear you,\n\n{HARD}\n\n---\n\nAnn Lee\n")
    assert easy.hard == [] and easy.grade < MOST_GRADE
    assert hard.grade == reading_grade(HARD) > MOST_GRADE
    assert hard.hard == [f"the letter is hard to read (grade {hard.grade:.1f}): shorten its sentences"]


def test_hard_wording_is_told_however_easy_the_letter_is():
    hard = grade(wording=dict.fromkeys(("how_to_word", "how_to_page", "concepts_mean", "others_mean"), HARD))
    assert hard.grade > MOST_GRADE
    assert hard.hard == [f"the wording is hard to read (grade {hard.grade:.1f}): shorten its sentences"]


def test_the_grade_is_the_same_for_everybody():
    others = grade(pseudonym="Wilhelmina Theodora", quote_consent="no", concepts=[], others=())
    assert others.grade == grade().grade
    assert grade(language="es").grade is None
