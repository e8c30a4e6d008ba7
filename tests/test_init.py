import pytest

from qualcode.cli import main
from qualcode.study import load_study


def test_a_new_study_runs_as_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "data/my-study"]) == 0
    assert "make results STUDY=data/my-study" in capsys.readouterr().out
    study = load_study("data/my-study")
    assert [source.source for source in study.sources] == ["interview-1"]
    for step in (
        "utterances",
        "parses",
        "member_checks",
        "phrases",
        "open_codes",
        "embeddings",
        "axial_codes",
        "frequencies",
    ):
        assert main([step, "data/my-study"]) == 0
    text = (tmp_path / "results/my-study/texts/interview-1.txt").read_text("utf-8")
    assert "Nora" not in text and "Hillside" not in text and "[school]" in text
    unplaced = (tmp_path / "results/my-study/unplaced.csv").read_text("utf-8")
    assert unplaced.count("\n") == 1


def test_it_never_overwrites(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["init", "mine"])
    (tmp_path / "mine" / "study.yaml").write_text("title: Mine", encoding="utf-8")
    assert main(["init", "mine"]) == 1
    assert "there is something of that name already" in capsys.readouterr().err
    assert (tmp_path / "mine" / "study.yaml").read_text("utf-8") == "title: Mine"


@pytest.mark.parametrize("file", ["study.yaml", "codebook.yaml"])
def test_the_files_are_commented(tmp_path, monkeypatch, file):
    monkeypatch.chdir(tmp_path)
    main(["init", "mine"])
    assert (tmp_path / "mine" / file).read_text("utf-8").count("#") >= 2
