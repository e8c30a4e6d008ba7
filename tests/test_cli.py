import pytest

from qualcode import __version__
from qualcode.cli import COMMANDS, STEPS, main


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in STEPS + COMMANDS)


def test_wrong_usage_is_2(capsys):
    assert main([]) == 2
    assert main(["uterances"]) == 2
    assert "there is no command 'uterances'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["utterances"])
    assert left.value.code == 2


@pytest.mark.parametrize("name", STEPS + COMMANDS)
def test_each_subcommand_has_help(name, capsys):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"qualcode {name}" in capsys.readouterr().out


def test_the_users_problem_is_1_with_every_problem_and_no_traceback(study, capsys):
    study.write("sources.csv", "source,file,kind\ntalk,gone.txt,chat\n")
    assert main(["utterances", str(study.path)]) == 1
    told = capsys.readouterr().err
    assert "'chat' is not allowed" in told and "'gone.txt' is not in" in told and "problems" in told
    assert "Traceback" not in told


def test_a_bug_of_ours_is_a_traceback(study, monkeypatch):
    monkeypatch.setattr("qualcode.utterances.load_study", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["utterances", str(study.path)])


def test_results_go_to_the_studys_name_by_default(study):
    assert main(["utterances", str(study.path)]) == 0
    assert (study.path.parent / "results" / "talks" / "utterances.csv").exists()


def test_progress_says_whose_it_is(study, capsys):
    study.run("utterances")
    assert "talks: utterances: 1 of 1: talk" in capsys.readouterr().err
