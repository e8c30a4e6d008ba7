"""Small studies to try things on, and a way to run steps on them."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qualcode import tables
from qualcode.cli import main
from qualcode.steps import STEPS

ROOT = Path(__file__).parents[1]

TRANSCRIPT = """Interviewer: What helped you most, Ana?

Ana: My mentor was always there. The timing of our meetings was good.

Ben: Mm-hm.

Ben: I got no support. Nobody told me what was expected of me, and the expectations changed.

Ana: I agree with Ben. The training helped me to teach.
"""
CODEBOOK = """codebook: Mentors
codes:
  - code: help
    name: Help
    definition: What helps.
    codes:
      - {code: support, name: Support, definition: Someone is there., words: [support, "always there"]}
      - {code: training, name: Training, definition: Learning to teach., words: [training]}
  - code: clarity
    name: Clarity
    definition: Knowing what is expected.
    words: ["what * expected", expectation, timing]
"""
PARTICIPANTS = """participant,role,labels,names,pseudonym,status,quote_consent,school
p1,participant,Ana,Ana,Rosa,active,yes,primary
p2,participant,Ben,Ben,Karl,active,yes,secondary
i1,moderator,Interviewer,,Interviewer,active,yes,
"""
CODINGS = [
    {"source": "talk", "code": "support", "quote": "My mentor was always there."},
    {"source": "talk", "code": "clarity", "quote": "the expectations changed", "participant": "p2"},
]


class StudyFolder:
    """A study in a temporary folder, its files written as text."""

    def __init__(self, path: Path):
        self.path = path
        self.results = path.parent / "results" / path.name

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def codings(self, coder: str, rows: list[dict[str, str]], file: str = "coding.csv") -> Path:
        columns = list(dict.fromkeys(key for row in rows for key in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
        return self.write(f"codings/{coder}/{file}", text.getvalue())

    def run(self, *steps: str) -> int:
        """Run steps; stops at the first that fails and gives its exit code.

        Where `phrases` was not run, it is as if it had found none: few tests are about them, and it loads a model.
        Where `member_checks` was not run, it is as if no packet had been issued.
        """
        for step in steps:
            if step not in STEPS[: STEPS.index("member_checks") + 1] and (self.results / "utterances.csv").exists():
                for name in ("member_checks", "member_check_packets", "member_check_summary"):
                    if not (self.results / f"{name}.csv").exists():
                        tables.write(self.results, name, tables.frame(name, []))
            if step == "open_codes" and not (self.results / "phrases.csv").exists():
                for name in ("phrases", "phrase_places"):
                    tables.write(self.results, name, tables.frame(name, []))
            if code := main([step, str(self.path), "--results", str(self.results)]):
                return code
        return 0

    def copied(self, folder: Path) -> StudyFolder:
        """The same study, with its results, in another folder: what many tests begin with need run once only."""
        shutil.copytree(self.path.parent, folder, dirs_exist_ok=True)
        return StudyFolder(folder / self.path.name)

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.results / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))


# Files that take a minute and more begin first, so that no worker is left with one of them at the end.
LONGEST = (
    "test_workflow",
    "test_withdrawal",
    "test_reproduce",
    "test_package",
    "test_masking",
    "test_member_check_loop",
    "test_suggestions_real",
    "test_themes_real",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


def interview(root: Path) -> StudyFolder:
    """An interview of two people, coded by anna."""
    folder = StudyFolder(root / "talks")
    folder.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\n")
    folder.write("codebook.yaml", CODEBOOK)
    folder.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\n")
    folder.write("participants.csv", PARTICIPANTS)
    folder.write("transcripts/talk.txt", TRANSCRIPT)
    folder.codings("anna", CODINGS)
    return folder


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    monkeypatch.chdir(tmp_path)
    return interview(tmp_path)


@pytest.fixture
def bare_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    """The least that runs: a title, a codebook, a transcript."""
    monkeypatch.chdir(tmp_path)
    folder = StudyFolder(tmp_path / "bare")
    folder.write("study.yaml", "title: Bare\ncodebook: codebook.yaml\n")
    folder.write("codebook.yaml", CODEBOOK)
    folder.write("transcripts/first talk.txt", TRANSCRIPT)
    return folder


@pytest.fixture
def problems_of(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What was said on standard error."""
    return lambda: capsys.readouterr().err


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data named by QUALCODE_DATA; tests that need it skip without it."""
    named = os.environ.get("QUALCODE_DATA", "")
    if not named or not Path(named).is_dir():
        pytest.skip("QUALCODE_DATA does not name a folder of real data: this test was not run")
    return Path(named).resolve()
