import pytest

from qualcode.errors import Problem, Problems, QualcodeError, failure


def test_a_problem_says_file_place_what_and_what_to_do():
    problem = Problem("a.csv", "row 2", "the code 'x' is unknown", "Mend it")
    assert str(problem) == "a.csv: row 2: the code 'x' is unknown. Mend it."


def test_a_question_keeps_its_question_mark():
    assert str(Problem("a", "", "whose coding counts?")) == "a: whose coding counts?"


def test_all_problems_are_raised_together():
    problems = Problems()
    problems.stop()
    problems.add("a.csv", "row 1", "one")
    problems.extend(failure("b.csv", "row 2", "two"))
    with pytest.raises(QualcodeError) as raised:
        problems.stop()
    assert str(raised.value) == "a.csv: row 1: one.\nb.csv: row 2: two."
