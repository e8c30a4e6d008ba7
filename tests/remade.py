"""A small study with all its results, for the tests of what makes results again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import CODEBOOK, CODINGS, PARTICIPANTS, TRANSCRIPT, StudyFolder

from qualcode.cli import STEPS, main

SOURCES = "source,file,kind,date,audited_by,audited_at\ntalk,talk.txt,focus_group,2026-03-02,ruth,2026-03-05\n"
# Names in the names of files, in codings, in a memo, in an earlier codebook.
EARLIER = CODEBOOK.replace("definition: Learning to teach.", "definition: What Ana said of learning.")


def lay(folder: Path, settings: str = "") -> StudyFolder:
    """A study in `folder`/talks, coded by two people, not yet run."""
    study = StudyFolder(folder / "talks")
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\nauthority: cora\n{settings}")
    study.write("codebook.yaml", CODEBOOK)
    study.write("history/codebook-2026-03-01.yaml", EARLIER)
    study.write("sources.csv", SOURCES)
    study.write("participants.csv", PARTICIPANTS)
    study.write("redactions.csv", "text,replacement,kind,decision,by,at\nElm Park,[school],school,redact,ruth,\n")
    study.write("transcripts/talk.txt", TRANSCRIPT + "\nAna: Elm Park was a place to be.\n")
    study.codings("cora", [{**row, "round": "1", "at": "2026-03-06", "memo": "Ana again"} for row in CODINGS])
    study.codings("dana", [{**CODINGS[0], "round": "1", "at": "2026-03-07"}], "of Ana.csv")
    study.write("memos/on Ana.md", "Ana spoke of meetings.\n")
    return study


def run_steps(study: StudyFolder, *steps: str) -> None:
    """Run steps (all, if none are named) in this process, in the folder above the study."""
    before = Path.cwd()
    os.chdir(study.path.parent)
    try:
        for step in steps or STEPS:
            assert main([step, str(study.path), "--results", str(study.results)]) == 0, step
    finally:
        os.chdir(before)


def copied(study: StudyFolder, folder: Path) -> StudyFolder:
    """A copy of a study and its results, to change."""
    copy = StudyFolder(folder / study.path.name)
    shutil.copytree(study.path, copy.path)
    shutil.copytree(study.results, copy.results)
    return copy


def command(folder: Path, *arguments: str | Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run `qualcode` in a process of its own, in a folder; `path` is looked for packages first."""
    before = [path, os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, before))}
    line = [sys.executable, "-m", "qualcode.cli", *map(str, arguments)]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")


def flip(path: Path, at: int = -2) -> None:
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
