import re
import shutil

import docx
import pytest

from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.codebook.formats import content, read_codebook

BOOK = """codebook: Mentors
codes:
  - code: help
    definition: What helps.
    codes:
      - code: support
        definition: Someone is there.
        not_when: 'It is "support staff", or “the door was open”, or lasting.'
        examples: ["My mentor supported me.", "I got no support.", "She waited for me after school.", ""]
        words: [support, "always there", "never met"]
      - code: training
        definition: Learning to teach.
        examples: ["The trainings helped."]
        words: ['"training"', "Always there"]
      - code: alone
        negation: only
        definition: No one is there.
        examples: ["I got no support.", "I got support."]
        patterns: [[{LOWER: support}]]
  - code: west
    formerly: [whole]
    examples: ["No words, so that nothing is missed."]
  - code: east
    definition: The other half.
    formerly: [whole]
"""


@pytest.fixture
def run(capsys):
    """Run `qualcode codebook …`; gives its exit code, what it printed, and what it said on standard error."""

    def made(*arguments):
        capsys.readouterr()
        code = main(["codebook", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return made


@pytest.fixture
def talks(study):
    study.write("codebook.yaml", BOOK)
    return study


def findings(out):
    return {(int(line), told) for line, told in re.findall(r"^\S+codebook\.yaml: line (\d+): (.*)$", out, re.MULTILINE)}


OF_THE_CODEBOOK = {
    (9, "the words of 'support' meet example 2 (of 4) only where it is negated, which does not count."),
    (9, "the words of 'support' miss example 3 (of 4): add one that is met, or leave it to people."),
    (6, "'support' of 'support' meets quotation 1 in `not_when`: see whether `unless` can tell them apart."),
    (13, "the words of 'training' miss example 1: add one that is met, or leave it to people."),
    (10, "'always there' is a word of several codes, and proposes all of them: support, training."),
    (18, "the words of 'alone' miss example 2 (of 2): add one that is met, or leave it to people."),
    (20, "the code 'west' has no definition."),
}


# --- check ---------------------------------------------------------------------------------------------------------


def test_check_tries_a_codebook_on_its_own_examples(talks, run):
    code, out, err = run("check", talks.path / "codebook.yaml")
    assert (code, err) == (0, "")
    assert findings(out) == OF_THE_CODEBOOK
    assert out.splitlines()[-1].endswith("codebook.yaml: 6 codes, 8 examples tried, 7 findings.")
    lines = [int(number) for number in re.findall(r": line (\d+): ", out)]
    assert lines == sorted(lines)


def test_check_never_prints_what_people_said(talks, run):
    _, out, _ = run("check", talks.path)
    for words in ("My mentor", "after school", "support staff", "door"):
        assert words not in out


def test_check_of_a_study_looks_for_the_words_in_the_talk(talks, run):
    code, out, _ = run("check", talks.path)
    assert code == 0 and "there are no results yet" in out
    assert findings(out) == OF_THE_CODEBOOK
    assert talks.run("utterances", "parses") == 0
    code, out, _ = run("check", talks.path)
    assert findings(out) == OF_THE_CODEBOOK | {(10, "'never met' of 'support' is met nowhere in the study.")}
    assert "no results" not in out


def test_check_without_a_model_of_the_language(talks, run):
    talks.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nlanguage: blank:de\n")
    code, out, _ = run("check", talks.path)
    assert code == 0
    # Without lemmas "supported" is not met.
    assert any(line == 9 and "miss example 1" in told for line, told in findings(out))


def test_check_of_a_table_tells_rows(talks, run, tmp_path):
    assert run("convert", talks.path, tmp_path / "book.xlsx")[0] == 0
    code, out, _ = run("check", tmp_path / "book.xlsx")
    assert code == 0
    assert "book.xlsx: row 3: the words of 'support' miss example 3 (of 4)" in out
    assert out.count(": row ") == len(OF_THE_CODEBOOK)


def test_check_of_a_codebook_that_cannot_be_read(talks, run):
    talks.write("codebook.yaml", "codebook: B\ncodes:\n- code: a\n  words: [~2]\n- code: a\n")
    code, out, err = run("check", talks.path)
    assert (code, out) == (1, "")
    assert "line 4" in err and "line 5" in err and "2 problems" in err


def test_check_of_patterns_that_are_not_valid_and_of_a_study_that_is_none(talks, run, tmp_path):
    talks.write("codebook.yaml", "codebook: B\ncodes:\n- code: a\n  patterns: [[{LOWR: x}]]\n")
    assert run("check", talks.path)[0] == 1
    (tmp_path / "empty").mkdir()
    code, _, err = run("check", tmp_path / "empty")
    assert code == 1 and "study.yaml: the file is missing" in err
    assert run("check", tmp_path / "nowhere.yaml")[0] == 1


def test_check_of_a_codebook_with_nothing_to_tell(talks, run):
    talks.write("codebook.yaml", "codebook: B\ncodes:\n- {code: a, definition: A., words: [x], examples: [x and y]}\n")
    code, out, _ = run("check", talks.path / "codebook.yaml")
    assert code == 0 and out.endswith("codebook.yaml: 1 code, 1 example tried, 0 findings.\n")
    talks.write("codebook.yaml", "codebook: B\ncodes: []\n")
    assert run("check", talks.path / "codebook.yaml")[0] == 0


def test_check_counts_the_rows_that_a_split_leaves_to_people(talks, run):
    said = "row of codings/ says 'whole', which was split into west, east: a person has to give each its code."
    assert "was split" not in run("check", talks.path)[1]
    row = {"source": "talk", "code": "whole", "quote": "My mentor was always there."}
    talks.codings("anna", [row, row | {"code": "support"}])
    assert (20, f"1 {said}") in findings(run("check", talks.path)[1])
    talks.codings("ben", [row, row], "more.csv")
    assert (20, f"3 {said.replace('row of', 'rows of').replace('says', 'say')}") in findings(
        run("check", talks.path)[1]
    )
    assert "was split" not in run("check", talks.path / "codebook.yaml")[1]


@pytest.mark.parametrize("change", ["transcript", "names", "another source"])
def test_check_does_not_look_for_words_in_talk_of_an_earlier_run(talks, run, change):
    assert talks.run("utterances", "parses") == 0
    assert "met nowhere" in run("check", talks.path)[1]
    if change == "transcript":
        talks.write("transcripts/talk.txt", "Ana: All is new.\n\nBen: Never met.\n")
    elif change == "names":
        talks.write("redactions.csv", "text,replacement,kind,decision\nmentor,[role],role,redact\n")
    else:
        talks.write("transcripts/more.txt", "Ana: All is new.\n")
        talks.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\nmore,more.txt,focus_group\n")
    code, out, _ = run("check", talks.path)
    assert code == 0 and "met nowhere" not in out
    assert out.count("which has changed since the last run: run `make results`.") == 1


def test_check_of_a_study_that_is_not_sound_looks_at_the_codebook_alone(talks, run):
    talks.write("participants.csv", "participant\n\n")
    code, out, _ = run("check", talks.path)
    assert code == 0 and findings(out) == OF_THE_CODEBOOK
    assert "the study is not sound, `qualcode check` says why." in out


def test_names_in_any_text_of_a_codebook_are_told_and_never_shown(talks, run, tmp_path):
    book = BOOK.replace("definition: The other half.", "use_when: As Zelda said.\n    memo: Ask Zelda.")
    book = book.replace('"never met"]', '"never met", zelda]').replace("{LOWER: support}", "{LOWER: {IN: [zelda]}}")
    talks.write("codebook.yaml", book)
    talks.write("redactions.csv", "text,replacement,kind,decision\nZelda,[friend],name,redact\n")
    told = {
        (10, "a name that is to be hidden stands in `words` of 'support' (redactions.csv row 2)."),
        (19, "a name that is to be hidden stands in `patterns` of 'alone' (redactions.csv row 2)."),
        (23, "a name that is to be hidden stands in `use_when` of 'east' (redactions.csv row 2)."),
        (23, "a name that is to be hidden stands in `memo` of 'east' (redactions.csv row 2)."),
    }
    _, out, _ = run("check", talks.path)
    assert {item for item in findings(out) if "to be hidden" in item[1]} == told
    code, out, _ = run("convert", talks.path, tmp_path / "a.csv")
    assert code == 0 and findings(out) == told and "go along into a.csv" in out
    assert "zelda" not in out.casefold()
    # What is not written is not told.
    _, out, _ = run("convert", talks.path, tmp_path / "a.docx", "--without-rules")
    assert findings(out) == {item for item in told if "use_when" in item[1]}
    assert "hidden" not in run("convert", talks.path / "codebook.yaml", tmp_path / "b.csv")[1]


# --- convert -------------------------------------------------------------------------------------------------------


def test_convert_there_and_back(talks, run, tmp_path):
    book = load_codebook(talks.path / "codebook.yaml")
    source = talks.path
    for target in ("one.docx", "two.csv", "three.xlsx", "four.yml", "five.yaml"):
        code, out, err = run("convert", source, tmp_path / target)
        assert (code, err) == (0, "") and f"{target}: 6 codes of" in out
        source = tmp_path / target
        assert content(read_codebook(source)) == content(book)


def test_convert_overwrites_only_if_told_to_and_never_itself(talks, run, tmp_path):
    target = tmp_path / "book.csv"
    target.write_text("someone's work")
    code, _, err = run("convert", talks.path, target)
    assert code == 1 and "there is a file of that name already" in err
    assert target.read_text() == "someone's work"
    assert run("convert", talks.path, target, "--force")[0] == 0
    assert len(read_codebook(target).codes) == 6
    book = talks.path / "codebook.yaml"
    before = book.read_bytes()
    code, _, err = run("convert", talks.path, book, "--force")
    assert code == 1 and "this is the codebook itself" in err
    assert book.read_bytes() == before


def test_convert_says_that_comments_are_lost(talks, run, tmp_path):
    assert "comments" not in run("convert", talks.path, tmp_path / "a.csv")[1]
    talks.write("codebook.yaml", f"# Why we do this.\n{BOOK}")
    assert "The comments in codebook.yaml are not in it." in run("convert", talks.path, tmp_path / "b.csv")[1]


def test_convert_to_a_kind_that_is_none(talks, run, tmp_path):
    code, _, err = run("convert", talks.path, tmp_path / "book.pdf")
    assert code == 1 and "a codebook is no '.pdf' file. Use one of: .yaml, .yml, .csv, .xlsx, .docx." in err


def test_convert_over_a_codebook_tells_what_changes(talks, run, tmp_path):
    target = tmp_path / "book.yaml"
    target.write_text(f"# Mine.\n{BOOK}".replace("formerly: [whole]", "colour: '#112233'", 1))
    talks.write("codebook.yaml", BOOK.replace('words: [support, "always there", "never met"]', "question: q"))
    code, out, _ = run("convert", talks.path, target, "--force")
    assert code == 0
    assert "The comments that stood in book.yaml are gone." in out
    assert "changed since the file that stood there:" in out
    assert "support: rules (words: 3 (3 gone) → words: 0); question (none → q)" in out
    assert "Memo, colour or marks of a theme changed: west." in out
    code, out, _ = run("convert", talks.path, target, "--force")
    assert "No code has changed since the file that stood there" in out
    target.write_text("codebook: [")
    assert "could not be read as a codebook" in run("convert", talks.path, target, "--force")[1]


def test_marks_of_a_theme_change_no_code(talks, run, tmp_path):
    target = tmp_path / "book.yaml"
    target.write_text(BOOK)
    talks.write("codebook.yaml", BOOK.replace('words: [support, "always there", "never met"]', "theme: [deadbeef]"))
    run("convert", talks.path, target, "--force")
    talks.write("codebook.yaml", BOOK.replace('words: [support, "always there", "never met"]', "theme: [deadbeed]"))
    out = run("convert", talks.path, target, "--force")[1]
    assert "Memo, colour or marks of a theme changed: support." in out and "changed since" not in out


def test_convert_for_an_appendix(talks, run, tmp_path):
    for name in ("a.csv", "a.xlsx", "a.yaml"):
        code, out, _ = run("convert", talks.path, tmp_path / name, "--without-rules")
        assert code == 0 and "for readers" in out
        support = read_codebook(tmp_path / name).by_id["support"]
        assert support.definition and support.examples and not support.words
    assert run("convert", talks.path, tmp_path / "a.docx", "--without-rules")[0] == 0
    (table,) = docx.Document(tmp_path / "a.docx").tables
    assert [cell.text for cell in table.rows[0].cells] == ["Code", "Definition", "Examples"]
    assert table.rows[2].cells[0].text == "1.1 Support\nsupport"
    assert table.rows[2].cells[2].text.startswith("“My mentor supported me.”")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_convert_from_a_file_that_is_not_utf8(talks, run, tmp_path, encoding):
    source = talks.path / "codebook.yaml"
    source.write_bytes(f"# Häuser\n{BOOK}".encode(encoding))
    code, out, err = run("convert", talks.path, tmp_path / "a.csv")
    assert (code, err) == (0, "") and "The comments in codebook.yaml are not in it." in out


def test_convert_to_where_nothing_can_be_written(talks, run, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.csv").mkdir()
    code, out, err = run("convert", talks.path, tmp_path / "file" / "a.csv")
    assert (code, out) == (1, "") and "file/a.csv: this file cannot be written (" in err
    for more in ([], ["--force"]):
        code, _, err = run("convert", talks.path, tmp_path / "folder.csv", *more)
        assert code == 1 and "this is a folder" in err
    long = tmp_path / f"{'a' * 300}.csv"
    for arguments in ((talks.path, long), (long, tmp_path / "a.csv")):
        code, _, err = run("convert", *arguments)
        assert code == 1 and "cannot be read or written" in err
    (talks.path / "history").write_text("")
    code, _, err = run("snapshot", talks.path)
    assert code == 1 and "this file cannot be written" in err


# --- snapshot ------------------------------------------------------------------------------------------------------


def kept(study):
    return sorted(path.name for path in (study.path / "history").glob("*"))


def test_snapshot_keeps_the_codebook_as_it_is_and_nothing_twice(talks, run):
    code, out, _ = run("snapshot", talks.path, "--date", "2026-03-02")
    assert code == 0 and out.endswith("codebook-2026-03-02.yaml: kept, with 6 codes.\n")
    assert (talks.path / "history" / "codebook-2026-03-02.yaml").read_text("utf-8") == BOOK
    code, out, _ = run("snapshot", talks.path, "--date", "2026-04-01")
    assert code == 0 and "there is nothing new to keep" in out
    assert kept(talks) == ["codebook-2026-03-02.yaml"]


def test_snapshots_of_one_day_are_counted(talks, run):
    for number in range(1, 12):
        talks.write("codebook.yaml", f"# {number}\n{BOOK}")
        code, out, _ = run("snapshot", talks.path, "--date", "2026-03-02")
        assert code == 0
        assert number == 1 or "No code has changed since 2026-03-02" in out
    assert len(kept(talks)) == 11 and "codebook-2026-03-02-11.yaml" in kept(talks)
    for number in range(1, 12):
        name = "codebook-2026-03-02.yaml" if number == 1 else f"codebook-2026-03-02-{number}.yaml"
        assert (talks.path / "history" / name).read_text("utf-8").startswith(f"# {number}\n")
    assert "nothing new" in run("snapshot", talks.path, "--date", "2026-03-02")[1]


def test_snapshot_tells_what_changed_and_how_many_codings_it_touches(study, run):
    assert run("snapshot", study.path, "--date", "2026-03-02")[0] == 0
    assert study.run("utterances", "parses", "open_codes") == 0
    supported = sum(row["code"] == "support" for row in study.rows("open_codes"))
    assert supported > 1
    text = (study.path / "codebook.yaml").read_text("utf-8")
    text = text.replace("code: support, name: Support,", "code: being-there, name: Being there, formerly: [support],")
    study.write("codebook.yaml", text.replace("name: Clarity", "name: Clearness"))
    code, out, _ = run("snapshot", study.path, "--date", "2026-03-09")
    assert code == 0
    assert re.search(r"^2 codes changed since 2026-03-02, with \d+ codings as of the last run:$", out, re.MULTILINE)
    assert f"  being-there ({supported} codings): renamed from support\n" in out
    assert re.search(r"^  clarity \(\d codings\): named \(Clarity → Clearness\)$", out, re.MULTILINE)


def test_snapshot_without_results_tells_no_codings(talks, run):
    run("snapshot", talks.path, "--date", "2026-03-02")
    text = BOOK.replace("code: west", "code: north").replace("formerly: [whole]", "formerly: [whole, west]", 1)
    talks.write("codebook.yaml", text)
    out = run("snapshot", talks.path, "--date", "2026-03-03")[1]
    assert "1 code changed since 2026-03-02:\n  north: renamed from west\n" in out


def test_snapshot_goes_on_from_the_last_version(talks, run):
    run("snapshot", talks.path, "--date", "2026-03-02")
    talks.write("codebook.yaml", f"# changed\n{BOOK}")
    code, _, err = run("snapshot", talks.path, "--date", "2026-03-01")
    assert code == 1 and "Give a date from 2026-03-02 on." in err
    for wrong in ("2026-3-2", "yesterday", "2026-02-30"):
        code, _, err = run("snapshot", talks.path, "--date", wrong)
        assert code == 1 and "this is no date" in err
    assert kept(talks) == ["codebook-2026-03-02.yaml"]


def test_snapshot_without_a_date_is_of_today(talks, run):
    run("snapshot", talks.path)
    (name,) = kept(talks)
    assert re.fullmatch(r"codebook-\d{4}-\d\d-\d\d\.yaml", name)


def test_a_codebook_that_cannot_be_read_is_not_kept(talks, run):
    talks.write("codebook.yaml", "codebook: B\ncodes:\n- cod: a\n")
    assert run("snapshot", talks.path)[0] == 1
    assert not (talks.path / "history").exists()


def test_every_subcommand_shows_an_example(capsys):
    for arguments in ([], ["check"], ["convert"], ["snapshot"]):
        with pytest.raises(SystemExit) as left:
            main(["codebook", *arguments, "--help"])
        assert left.value.code == 0
        assert "qualcode codebook " + (arguments[0] if arguments else "check") + " data/" in capsys.readouterr().out


def test_the_study_of_the_command_is_not_changed_by_check_and_convert(talks, run, tmp_path):
    copy = shutil.copytree(talks.path, tmp_path / "copy")
    run("check", talks.path)
    run("convert", talks.path, tmp_path / "a.docx")
    for path in copy.rglob("*"):
        if path.is_file():
            assert (talks.path / path.relative_to(copy)).read_bytes() == path.read_bytes()
    assert len(list(copy.rglob("*"))) == len(list(talks.path.rglob("*")))
