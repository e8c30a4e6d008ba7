"""Answers that lie in the folder and cannot be reached: each is told, and nothing is read around them."""

import os
from pathlib import Path

import pytest
from answering import asked, issue, saved

from qualcode.errors import QualcodeError
from qualcode.study import load_study


@pytest.fixture
def checks(study):
    folder = study.path / "member_checks"
    issue(folder, asked())
    saved(folder / "a.json", asked(), {"add": "x"})
    assert load_study(study.path).returned.answers
    return folder


def told(checks):
    with pytest.raises(QualcodeError) as raised:
        load_study(checks.parent)
    return [str(problem).replace(str(checks), "") for problem in raised.value.problems]


def refusing(monkeypatch, owner, name, path):
    """Let a path be closed to us, as it is for everyone but the superuser."""
    original = getattr(owner, name)

    def opened(given, *args, **kwargs):
        if os.fspath(given) == os.fspath(path):
            raise PermissionError(13, "Permission denied", os.fspath(given))
        return original(given, *args, **kwargs)

    monkeypatch.setattr(owner, name, opened)


def test_what_cannot_be_read_is_told_in_one_line_each(checks, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    saved(elsewhere / "b.json", asked(), {"add": "y"})
    (checks / "cloud").symlink_to(elsewhere)
    (checks / "gone.json").symlink_to(elsewhere / "none.json")
    (checks / "by mail").mkdir()
    os.mkfifo(checks / "by mail" / "pipe.json")
    (checks / ".answers.json").write_text("{}")
    do = "and it may hold an answer. Put a file there that can be read, or take it away."
    assert told(checks) == [
        f"/.answers.json: hidden files are not read, {do}",
        f"/by mail/pipe.json: this is no file with words in it, {do}",
        f"/cloud: a folder that is only a link is not read, {do}",
        f"/gone.json: the link leads to no file, {do}",
    ]


def test_links_to_files_litter_and_what_is_set_aside_are_no_faults(checks, tmp_path):
    (checks / "a.json").replace(tmp_path / "a.json")
    (checks / "a.json").symlink_to(tmp_path / "a.json")
    for name in (".DS_Store", "._a.json", ".~lock.a.docx#", "~$a.docx", "Thumbs.db", ".gitkeep"):
        (checks / name).write_text("x")
    (checks / "set-aside").mkdir()
    (checks / "set-aside" / ".old.json").write_text("x")
    (checks / "set-aside" / "old").symlink_to(tmp_path)
    assert len(load_study(checks.parent).returned.answers) == 1


@pytest.mark.parametrize("name", ["a.json", "issued/2026-04-10/manifest.csv", "issued/2026-04-10/p1.json"])
def test_a_file_that_is_closed_to_us_is_told_in_one_line(checks, monkeypatch, name):
    refusing(monkeypatch, Path, "open", checks / name)
    (line,) = told(checks)
    assert line.startswith(f"/{name}: the file cannot be opened (Permission denied), and it may hold an answer.")


def test_a_folder_that_is_closed_to_us_is_told_in_one_line(checks, monkeypatch):
    (checks / "by mail").mkdir()
    refusing(monkeypatch, os, "scandir", checks / "by mail")
    (line,) = told(checks)
    assert line.startswith("/by mail: the folder cannot be opened (Permission denied), and it may hold an answer.")


def test_a_file_in_the_place_of_the_folder_is_told(study):
    (study.path / "member_checks").write_text("return_code,question,answer\n")
    (line,) = told(study.path / "member_checks")
    assert line.startswith(": this is no folder, and it may hold an answer.")
