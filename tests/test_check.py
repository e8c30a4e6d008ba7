from qualcode.cli import main


def test_a_sound_study(study, capsys):
    assert main(["check", str(study.path)]) == 0
    assert "1 source, 4 codes, 2 rows of codings" in capsys.readouterr().out


def test_a_code_without_definition_is_told(study, capsys):
    study.write("codebook.yaml", "codebook: B\ncodes:\n- code: support\n- {code: clarity, definition: Clear.}\n")
    assert main(["check", str(study.path)]) == 0
    assert "line 3: the code 'support' has no definition" in capsys.readouterr().out


def test_all_problems_of_contents_at_once_and_nothing_is_written(study, capsys):
    study.write("transcripts/talk.txt", "Zoe: Hi.\n")
    study.write("codebook.yaml", "codebook: B\ncodes:\n- code: a\n- code: A\n")
    assert main(["check", str(study.path)]) == 1
    told = capsys.readouterr().err
    assert "does not list: 'Zoe' (1 turn)" in told and "the code 'A' stands already" in told
    assert not study.results.exists()


def test_unknown_codes_in_codings(study, capsys):
    study.codings("anna", [{"source": "talk", "code": "nope", "quote": "x"}])
    assert main(["check", str(study.path)]) == 1
    assert "there is no code 'nope'" in capsys.readouterr().err


def test_without_a_roster_a_quotation_across_turns_has_its_place_here_too(bare_study, capsys):
    across = "My mentor was always there. The timing of our meetings was good.\n\nBen: Mm-hm."
    bare_study.codings("me", [{"source": "first-talk", "code": "support", "quote": across}])
    assert main(["check", str(bare_study.path)]) == 0
    assert "no place" not in capsys.readouterr().out


def test_the_question_of_authority_and_quotations_without_a_place(study, capsys):
    study.codings("ben", [{"source": "talk", "code": "support", "quote": "never said by anyone at all"}])
    assert main(["check", str(study.path)]) == 1
    assert "whose coding counts?" in capsys.readouterr().err
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nauthority: anna\n")
    assert main(["check", str(study.path)]) == 0
    assert "coding.csv: row 2: no place: the quotation does not stand in the source" in capsys.readouterr().out


def test_a_confidential_file_that_is_not_there_is_told(study, capsys):
    study.write("memos/private.md", "Mine.\n")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nconfidential: {files: ['memos/*', nix.md]}\n")
    assert main(["check", str(study.path)]) == 0
    told = capsys.readouterr().out
    assert "'nix.md' is no file" in told and "'memos/*'" not in told


def test_what_packets_would_be_refused_for_is_told(study, capsys):
    choices = 'letter: mine.md, categories: [nix], wording: {may_we: "May we?"}'
    study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nmember_checks: {{{choices}}}\n")
    study.write("mine.md", "Dear {nam},\n\n- one\n\n---\n")
    study.write("transcripts/talk.txt", "Zoe: Hi.\n")
    assert main(["check", str(study.path)]) == 1
    told = capsys.readouterr().err
    for wrong in (
        "no such code (found nix)",
        "unknown placeholder {nam}",
        "show a list",
        "{number} is not in it",
        "'Zoe'",
    ):
        assert wrong in told


def test_many_codes_without_a_definition_are_one_line(study, capsys):
    codes = "".join(f"  - {{code: c{n}, name: C{n}}}\n" for n in range(30))
    study.write("codebook.yaml", f"codebook: Many\ncodes:\n{codes}")
    study.codings("anna", [{"source": "talk", "code": "c1", "quote": "My mentor was always there."}])
    assert main(["check", str(study.path)]) == 0
    told = capsys.readouterr().out
    assert "30 codes have no definition" in told and "'c7'" not in told
    assert "1 source, 30 codes, 1 row of codings." in told
