"""The reading grade of a letter."""

import pytest

from qualcode.text import reading_grade
from qualcode.text.grade import syllables

# As dictionaries divide them.
KNOWN = {
    1: "the made asked friend through league help learned read school said week words please",
    2: "people places table wanted houses being create maybe player quiet science something useful didn't",
    3: "area actual syllable video period everyone sentences media idea",
    4: "reality experience information community society participant",
    5: "university organization association opportunity",
}
COUNTED = [(word, count) for count, words in KNOWN.items() for word in words.split()]


@pytest.mark.parametrize(("word", "count"), COUNTED)
def test_syllables_are_counted_as_dictionaries_divide_words(word, count):
    assert syllables(word) == count
    assert syllables(word.upper()) == count


def test_the_grade_is_that_of_published_examples():
    # 13 words with 24 syllables; 6 words with 6.
    platypus = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert reading_grade(platypus) == pytest.approx(11.3, abs=0.05)
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.001)


def test_a_sentence_ends_with_its_mark_or_its_line():
    sentence = "The cat sat on the mat."
    assert reading_grade(f"{sentence} {sentence}") == reading_grade(sentence)
    assert reading_grade("The cat sat on the mat\nThe cat sat on the mat") == reading_grade(sentence)
    assert reading_grade("The cat sat on the mat…” Is the cat sat on (the mat)?") == reading_grade(
        f"{sentence} Is {sentence}"
    )
    # Initials and addresses end none.
    assert reading_grade("Write to A. B. Lee at ann.lee@example.org now.") == reading_grade("Write to A B Lee at now.")
    assert reading_grade("") is None
    assert reading_grade("… — …") is None
