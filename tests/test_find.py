import shutil
import subprocess
import sys

import pytest

from qualcode.cli import main
from qualcode.commands.find import _clipped
from qualcode.commands.reading import near

STEPS = ("utterances", "parses")


def shown(capsys, *arguments):
    assert main(["find", *map(str, arguments)]) == 0
    return capsys.readouterr().out.splitlines()


def figures(lines, title):
    """The rows of one of the tables of counts: (name, hits, utterances)."""
    at = next(number for number, line in enumerate(lines) if line.split()[:2] == [title, "hits"])
    rows = []
    for line in lines[at + 1 :]:
        if not line:
            break
        name, hits, utterances = line.rsplit(maxsplit=2)
        rows.append((name.strip(), int(hits), int(utterances)))
    return rows


def test_hits_in_context_with_counts_of_everyone(study, capsys):
    assert study.run(*STEPS) == 0
    capsys.readouterr()
    lines = shown(capsys, "expect*", study.path)
    hits = [line for line in lines if line.startswith("  talk:")]
    assert [line.split()[:2] for line in hits] == [["talk:4", "Karl"]] * 2
    assert "Nobody told me what was  expected      of me, and" in hits[0]
    assert "of me, and the  expectations  changed." in hits[1]
    # The words stand below one another.
    assert hits[0].index("expected") == hits[1].index("expectations")
    assert "2 hits in 1 utterance, by 1 of 2 participants." in " ".join(lines)
    assert figures(lines, "participant") == [("Karl (p2)", 2, 1)]
    # A name that is hidden is shown nowhere.
    assert not any("Ben" in line or "Ana" in line for line in lines)


def test_a_gap_any_form_and_words_as_written(study, capsys):
    study.run(*STEPS)
    capsys.readouterr()
    assert "1 hit in" in "".join(shown(capsys, "timing ~2 meeting", study.path))
    assert "No hits" in "".join(shown(capsys, 'timing ~2 "meeting"', study.path))
    assert "No hits" in "".join(shown(capsys, "timing meeting", study.path))


def test_moderators_are_apart_unless_all_are_wanted(study, capsys):
    study.run(*STEPS)
    capsys.readouterr()
    lines = shown(capsys, "help*", study.path)
    assert [line.split()[0] for line in lines if line.startswith("  talk:")] == ["talk:5"]
    assert lines[-1] == "1 more in what moderators said, or in headings: --all lists them."
    lines = shown(capsys, "help*", study.path, "--all")
    assert [line.split()[0] for line in lines if line.startswith("  talk:")] == ["talk:1", "talk:5"]
    assert figures(lines, "participant") == [("Rosa (p1)", 1, 1)]


def test_the_limit_is_for_lines_and_not_for_counts(study, capsys):
    study.run(*STEPS)
    capsys.readouterr()
    every = shown(capsys, "the", study.path)
    lines = shown(capsys, "the", study.path, "--limit", "1", "--width", "9")
    assert sum(line.startswith("  talk:") for line in lines) == 1
    assert "  … and 2 more: --limit 3 lists all of them" in lines
    assert figures(lines, "participant") == figures(every, "participant") == [("Rosa (p1)", 2, 2), ("Karl (p2)", 1, 1)]
    assert max(len(line) for line in lines if line.startswith("  talk:")) < 45


def test_the_indicators_of_a_code_one_by_one_and_what_negates_them(study, capsys):
    study.run(*STEPS)
    capsys.readouterr()
    book = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("codebook.yaml", book.replace("[training]", '[train*, "no such words"]'))
    lines = shown(capsys, "--code", "training", study.path)
    assert figures(lines, "indicator") == [("train*", 1, 1), ("no such words", 0, 0)]
    lines = shown(capsys, "--code", "support", study.path)
    (negated,) = [line for line in lines if line.startswith("  talk:4")]
    assert negated.endswith('support; negated by "no": does not count')
    assert any(line.endswith("participants; 1 negated, which do not count.") for line in lines)
    assert sum(line.startswith("Negated words do not count for this code") for line in lines) == 1
    # Words that are typed are no code's: they are found and propose nothing.
    lines = shown(capsys, "support", study.path)
    assert any(line.endswith('negated by "no"') for line in lines)
    assert any(line.endswith("participants; 1 negated.") for line in lines)


def test_hits_that_a_code_does_not_take(study, capsys):
    study.write("transcripts/talk.txt", "Ana: I got support.\n\nBen: I got no support.\n")
    study.run(*STEPS)
    book = (study.path / "codebook.yaml").read_text("utf-8")
    study.write("codebook.yaml", book.replace("code: support,", "code: support, negation: only,"))
    capsys.readouterr()
    lines = shown(capsys, "--code", "support", study.path)
    marked = {line.split()[0]: line for line in lines if line.startswith("  talk:")}
    assert marked["talk:1"].endswith("support; not negated: does not propose")
    assert marked["talk:2"].endswith('support; negated by "no"')
    assert any(line.endswith("; 1 not negated, which propose nothing.") for line in lines)
    assert sum(line.startswith("`negation: only`: ") for line in lines) == 1
    study.write("codebook.yaml", book.replace("code: support,", "code: support, negation: count,"))
    lines = shown(capsys, "--code", "support", study.path)
    assert not any("does not" in line or "do not" in line for line in lines)


def test_who_has_withdrawn_since_is_not_shown(study, problems_of):
    study.run(*STEPS)
    problems_of()
    text = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", text.replace("Rosa,active", "Rosa,withdrawn"))
    assert main(["find", "mentor", str(study.path)]) == 1
    told = problems_of()
    assert told.count("someone has withdrawn since the last run") == 1 and "Run `make results`." in told
    study.run(*STEPS)
    assert main(["find", "mentor", str(study.path)]) == 0


def test_names_listed_since_are_hidden_and_a_hidden_name_says_what_stands_there(study, capsys):
    study.run(*STEPS)
    study.write(
        "redactions.csv",
        "text,replacement,kind,decision\nour meetings,[times],phrase,redact\nmentor,[role],role,redact\n",
    )
    capsys.readouterr()
    lines = shown(capsys, "meetings", study.path)
    (line,) = [line for line in lines if line.startswith("  talk:2")]
    assert "…[role] was always there. The timing of  [times]  was good." in line
    assert not any("our meetings" in line or "mentor" in line for line in lines)
    (line,) = [line for line in shown(capsys, "timing", study.path) if line.startswith("  talk:2")]
    assert "The  timing  of [times] was good." in line
    lines = shown(capsys, "Ana", study.path)
    assert lines[:2] == [
        f"{study.path}: Rosa",
        "A name that is hidden was typed (participants.csv row 2). In its place the talk has: Rosa",
    ]


def test_a_code_without_words_and_codes_that_are_not_there(study, problems_of):
    study.run(*STEPS)
    problems_of()
    assert main(["find", "--code", "help", str(study.path)]) == 1
    assert "'help' has no words and no patterns of its own. Those below it are support, training." in problems_of()
    assert main(["find", "--code", "suport", str(study.path)]) == 1
    assert "there is no code 'suport'. Is it support?" in problems_of()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a ~ b", "must give a number of words"),
        ('"a', "a quotation mark is not closed"),
        ("* *", "would be met everywhere"),
        ("", "there is nothing to look for"),
    ],
)
def test_what_cannot_be_looked_for(study, problems_of, words, told):
    study.run(*STEPS)
    problems_of()
    assert main(["find", words, str(study.path)]) == 1
    assert told in problems_of()


def test_the_studies_of_the_configuration_and_results_that_are_not_there(study, problems_of, capsys):
    assert main(["find", "help"]) == 1
    assert "config/config.yaml: there is no such file" in problems_of()
    config = study.path.parent / "config" / "config.yaml"
    config.parent.mkdir()
    config.write_text("studies: [talks, again]\n", encoding="utf-8")
    shutil.copytree(study.path, study.path.parent / "again")
    assert main(["find", "help"]) == 1
    told = problems_of()
    assert "results/talks: there are no results of talks here" in told and "results/again:" in told
    assert "Run `make results`" in told
    study.run(*STEPS)
    shutil.copytree(study.results, study.results.parent / "again")
    capsys.readouterr()
    assert [line for line in shown(capsys, "help*") if ": help*" in line] == ["talks: help*", "again: help*"]


def test_words_without_quotes_are_no_studies(study, problems_of):
    assert main(["find", "my", "mentor", "*"]) == 1
    assert "mentor: there is no such study folder. Words that are looked for stand in one pair" in problems_of()


def test_parses_that_are_not_those_of_the_words(study, problems_of):
    study.run(*STEPS)
    study.write("transcripts/talk.txt", "Ana: Support is what I had, and it helped.\n")
    study.run("utterances")
    problems_of()
    assert main(["find", "support", str(study.path)]) == 1
    assert "these parses are not those of utterances.csv. Run `make results`." in problems_of()


def test_without_a_model_words_are_found_as_they_are_written(study, capsys):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert study.run(*STEPS) == 0
    capsys.readouterr()
    assert "1 hit in 1 utterance" in "".join(shown(capsys, "expectations", study.path))
    assert "No hits" in "".join(shown(capsys, "expectation", study.path))


def test_a_reader_who_has_seen_enough(study):
    words = " ".join(["support"] * 4000)
    study.write("transcripts/talk.txt", f"Ana: {words}.\n")
    study.run(*STEPS)
    command = [sys.executable, "-m", "qualcode.cli", "find", "support", str(study.path), "--limit", "4000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=study.path.parent) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_words_are_cut_between_words_where_there_are_any():
    assert _clipped("one two three", 13) == "one two three"
    assert _clipped("one two three", 9) == "one two…"
    assert _clipped("one two three", 7) == "one…"
    assert _clipped("abcdefgh", 5) == "abcd…"
    assert _clipped("abc", 0) == ""
    assert near("suport", ["support", "training"]) == "Is it support?" and near("x", ["support"]) == ""
