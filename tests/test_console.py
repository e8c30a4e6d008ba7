import argparse
from pathlib import Path

import pytest

from qualcode import console


@pytest.fixture(autouse=True)
def no_speaker(monkeypatch):
    monkeypatch.setattr(console, "_speaker", "")


def test_progress_says_which_and_how_many_on_standard_error_and_gives_every_item(capsys):
    assert list(console.progress(["a", "b"], str.upper)) == ["a", "b"]
    said = capsys.readouterr()
    assert said.err == "1 of 2: A\n2 of 2: B\n"
    assert said.out == ""


def test_progress_speaks_before_the_work_is_done(capsys):
    items = console.progress([1, 2], str)
    next(items)
    assert capsys.readouterr().err == "1 of 2: 1\n"


def test_what_is_said_names_the_study_and_the_step(capsys):
    console.speak_for("talks", "parses")
    console.say("done")
    assert capsys.readouterr().err == "talks: parses: done\n"


def test_sentences_tell_numbers_and_lists():
    assert console.counted_words(1, "hit") == "1 hit" and console.counted_words(2000, "hit") == "2,000 hits"
    assert console.counted_words(0, "person", "people") == "0 people"
    assert console.enumeration(iter("abc")) == "a, b and c" and console.enumeration(["a", "b"], "or") == "a or b"
    assert console.enumeration(["a"]) == "a" and console.enumeration([]) == "none"


def test_every_step_says_whose_it_is(study, problems_of):
    study.run("utterances")
    assert problems_of() == "talks: utterances: 1 of 1: talk\n"


def test_every_step_takes_a_study_and_a_folder_of_results():
    parser = argparse.ArgumentParser()
    console.add_study(parser)
    assert parser.parse_args(["data/talks"]) == argparse.Namespace(study=Path("data/talks"), results=None)
    assert parser.parse_args(["data/talks", "--results", "out"]).results == Path("out")
