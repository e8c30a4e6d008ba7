"""The real workflow, run as people run it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, StudyFolder, interview

from qualcode.cli import STEPS, main
from qualcode.provenance import described

RELEASED = {".csv", ".xlsx", ".docx", ".html", ".svg", ".png", ".json", ".txt", ".pdf", ".tex", ".md"}


def lay_house(folder: Path) -> Path:
    """The workflow's files, in a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("Snakefile", "environment.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("config", "profiles", "workflow"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def snakemake(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def run(study: StudyFolder, *arguments: str, ok: bool = True) -> str:
    done = snakemake(study.path.parent, "--config", f'studies=["{study.path.name}"]', *arguments)
    told = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, told
    assert ok or done.returncode == 1
    return told


def jobs(told: str) -> set[str]:
    """The steps that a run (or a dry run) has to do."""
    return set(re.findall(rf"^({'|'.join(STEPS)}) +\d+$", told, re.MULTILINE))


@pytest.fixture
def house(study: StudyFolder) -> StudyFolder:
    lay_house(study.path.parent)
    return study


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> StudyFolder:
    """The house with all its results, run once."""
    study = interview(tmp_path_factory.mktemp("house"))
    lay_house(study.path.parent)
    run(study)
    return study


@pytest.fixture
def made(finished: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    """A copy of it."""
    monkeypatch.chdir(tmp_path)
    return finished.copied(tmp_path)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory) -> tuple[Path, Path]:
    """Both examples, twice: other folder, time zone, locale, hash seed and number of cores."""
    places = []
    for name, cores, environment in (
        ("one", "1", {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        ("two/deeper", "2", {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
    ):
        place = lay_house(tmp_path_factory.mktemp("run") / name)
        for folder in ("data", "codebooks"):
            shutil.copytree(ROOT / folder, place / folder)
        done = snakemake(place, "--cores", cores, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        places.append(place)
    return places[0], places[1]


def released(place: Path) -> dict[str, bytes]:
    results = place / "results"
    return {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.suffix in RELEASED
    }


def test_two_runs_give_the_same_bytes(two_runs):
    one, two = map(released, two_runs)
    assert list(one) == list(two)
    assert [name for name in one if one[name] != two[name]] == []
    kinds = {Path(name).suffix for name in one}
    assert kinds >= {".csv", ".xlsx", ".docx", ".html", ".svg", ".png", ".pdf", ".tex", ".md"}
    assert len(one) > 80


def test_no_released_file_tells_of_the_machine_or_the_moment(two_runs):
    place = two_runs[0]
    for name, data in released(place).items():
        texts = {"": data}
        if name.endswith((".docx", ".xlsx")):
            with zipfile.ZipFile(place / "results" / name) as archive:
                texts = {item: archive.read(item) for item in archive.namelist()}
        for part, text in texts.items():
            assert str(place).encode() not in text and b"/tmp/" not in text, name
            # The template's author; methods.docx lists the packages in use.
            assert not part.startswith("docProps") or b"python-docx" not in text, name


def rows(place: Path, study: str, table: str) -> list[dict[str, str]]:
    with (place / "results" / study / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_student_teachers_come_out_as_the_published_survey(two_runs):
    table = {row["code"]: row for row in rows(two_runs[0], "student-teachers", "frequencies")}
    counts = {code: int(row["participants"]) for code, row in table.items()}
    themes = ["support", "experience", "targets-feedback", "advice-guidance"]
    assert [counts[code] for code in themes] == [12, 12, 11, 7]
    assert [table[code]["participants_percent"] for code in themes] == ["36.4", "36.4", "33.3", "21.2"]
    practice = [row for row in table.values() if row["parent"] == "practice"]
    assert [int(row["participants"]) for row in practice] == [4, 2, 2, 2, 1, 1, 1, 1]
    sample = {
        (row["attribute"], row["value"]): int(row["participants"])
        for row in rows(two_runs[0], "student-teachers", "sample")
    }
    assert sorted((n for (attribute, _), n in sample.items() if attribute == "course"), reverse=True) == [16, 15, 2]
    assert sample["route", "School Direct"] == 10 and sample["route", "Core university provision"] == 21


def test_where_rules_and_person_differ_the_results_show_it(two_runs):
    codes = rows(two_runs[0], "student-teachers", "open_codes")
    rejected = [row for row in codes if row["status"] == "rejected"]
    assert len(rejected) == 8
    assert all(row["basis"] == "rule" and row["counts"] == "false" for row in rejected)
    quotes = " ".join(row["quote"] for row in rejected)
    assert "didn't get any help" in quotes and "unable to give me" in quotes and "unsupportive" in quotes
    assert all(row["reason"] == "rejected by anna" and row["memo"] for row in rejected)
    pairs = {
        row["code"]: row for row in rows(two_runs[0], "student-teachers", "agreement") if row["coder_b"] == "rules"
    }
    assert int(pairs["support"]["only_a"]) > 0 and int(pairs["support"]["only_b"]) > 0
    assert 0.5 < float(pairs["all"]["kappa"]) < 1
    assert rows(two_runs[0], "student-teachers", "unplaced") == []


def test_clinical_mentors_is_coded_whole(two_runs):
    place = two_runs[0]
    assert rows(place, "clinical-mentors", "unplaced") == []
    people = {row["participant"]: row for row in rows(place, "clinical-mentors", "participants")}
    assert [row["role"] for row in people.values()].count("participant") == 3
    assert [row["role"] for row in people.values()].count("moderator") == 2
    report = rows(place, "clinical-mentors", "import_report")
    assert (
        7800 <= sum(int(row["count"]) for row in report if row["note"] == "imported" and row["what"] == "words") <= 8500
    )
    questions = [row["question"] for row in rows(place, "clinical-mentors", "utterances")]
    assert list(dict.fromkeys(filter(None, questions))) == ["g1", "g2", "g3", "g4"]
    leaves = [row for row in rows(place, "clinical-mentors", "frequencies") if int(row["own_codings"])]
    assert len(leaves) >= 25
    pooled = next(
        row
        for row in rows(place, "clinical-mentors", "agreement")
        if (row["code"], row["coder_a"], row["coder_b"]) == ("all", "anna", "ben")
    )
    assert 0.5 < float(pooled["kappa"]) < 0.85
    assert {row["source"] for row in rows(place, "clinical-mentors", "coders")} == {"focus-group"}
    assert [
        row["participant"] for row in rows(place, "clinical-mentors", "packets/packets") if row["made"] == "true"
    ] == [
        "m1",
        "m2",
        "m3",
    ]


def test_no_name_of_an_invented_person_is_left(two_runs):
    names = ["Teresa", "Desmond", "Noemí", "Hale", "Anand", "Marchetti", "Pruitt", "Castellanos"]
    pattern = re.compile(rf"\b({'|'.join(names)})\b")
    for name, data in released(two_runs[0]).items():
        if name.startswith("clinical-mentors/") and not name.endswith((".png", "identifiers.csv")):
            texts = [data]
            if name.endswith((".docx", ".xlsx")):
                with zipfile.ZipFile(two_runs[0] / "results" / name) as archive:
                    texts = [archive.read(item) for item in archive.namelist()]
            for text in texts:
                assert not pattern.search(text.decode("utf-8", "replace")), name


def test_nothing_to_be_done_the_second_time(two_runs):
    done = snakemake(two_runs[0])
    assert done.returncode == 0
    assert "Nothing to be done" in done.stdout + done.stderr


def test_snakemakes_own_report_has_what_may_go_out_with_captions(two_runs, tmp_path):
    page = tmp_path / "report.html"
    done = snakemake(two_runs[0], "--report", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    text = page.read_text("utf-8")
    held = set(re.findall(r'"results/clinical-mentors/([\w./-]+)": \{"name"', text))
    assert held >= {"frequencies.csv", "figures/theme_frequencies.svg", "new_information.csv", "agreement.csv"}
    assert "How many people, utterances and sources speak of each code" in text
    assert {described(name, two_runs[0] / "results" / "clinical-mentors")[0] for name in held} == {"shareable"}


def test_a_step_reads_only_what_its_rule_declares(two_runs, tmp_path, monkeypatch):
    """Each step is run beside nothing but its declared inputs, and makes the same bytes."""
    from test_house import RULES

    place = two_runs[0]
    monkeypatch.chdir(place)
    whole = place / "results" / "student-teachers"
    for step in STEPS:
        if step == "report":
            continue  # it lists what is there; its inputs are everything
        alone = tmp_path / step
        shutil.rmtree(place / ".cache", ignore_errors=True)
        declared = RULES[step].split("input:")[1].split("output:")[0]
        for name in re.findall(r'"results/\{study\}/([^"]+)"', declared):
            target = alone / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (whole / name).is_dir() else shutil.copy)(whole / name, target)
        inputs = {path for path in alone.rglob("*") if path.is_file()}
        assert main([step, "data/student-teachers", "--results", str(alone)]) == 0
        for path in alone.rglob("*"):
            if path.is_file() and path not in inputs:
                assert path.read_bytes() == (whole / path.relative_to(alone)).read_bytes(), (step, path.name)


def test_a_folder_of_transcripts_a_codebook_and_codings_runs(bare_study):
    lay_house(bare_study.path.parent)
    bare_study.codings("me", [{"source": "first-talk", "code": "support", "quote": "My mentor was always there."}])
    told = run(bare_study)
    assert (bare_study.results / "report" / "index.html").exists()
    assert "bare: utterances: 1 of 1: first-talk" in told
    assert jobs(told) == set(STEPS)


def test_a_new_study_runs_to_the_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "data/mine"]) == 0
    lay_house(tmp_path)
    done = snakemake(tmp_path, "--config", 'studies=["data/mine"]')
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path.name for path in (tmp_path / "results" / "mine" / "packets").iterdir()}
    assert {"p1.docx", "p1.html", "packets.csv"} <= made
    assert "too few" in (tmp_path / "results" / "mine" / "theme_stability.csv").read_text("utf-8")


def test_a_file_that_disappears_behind_results_is_an_error(made):
    (made.path / "transcripts" / "talk.txt").unlink()
    told = run(made, ok=False)
    assert "the file 'talk.txt' is not in talks/transcripts" in told and "Nothing was run" in told
    assert "Traceback" not in told
    assert (made.results / "open_codes.csv").exists()


def test_changes_are_noticed_also_with_the_time_kept_and_touch_only_what_they_must(made):
    assert jobs(run(made, "-n")) == set()
    path = made.path / "transcripts" / "talk.txt"
    times = path.stat()
    made.write("transcripts/talk.txt", path.read_text("utf-8").replace("helped me to teach", "helped us to teach"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert jobs(run(made, "-n")) == set(STEPS)
    run(made)
    assert "helped us to teach" in (made.results / "utterances.csv").read_text("utf-8")

    made.write("codebook.yaml", (made.path / "codebook.yaml").read_text("utf-8").replace("timing", "meeting"))
    by_codebook = jobs(run(made, "-n"))
    assert not by_codebook & {"utterances", "parses", "embeddings", "themes"}
    assert by_codebook >= {"open_codes", "axial_codes", "theme_codes", "frequencies", "packets", "report"}
    run(made)

    made.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nunit: sentence\n")
    assert jobs(run(made, "-n")) == {"agreement", "figures", "methods", "report"}


def test_a_failed_step_leaves_its_results_alone_and_is_tried_again(made):
    kept = {path: path.read_bytes() for path in made.results.rglob("*") if path.is_file()}
    sound = (made.path / "codings" / "anna" / "coding.csv").read_text("utf-8")
    made.write("codings/anna/coding.csv", sound.replace("clarity", "clearness"))
    for _ in range(2):
        told = run(made, ok=False)
        assert "row 3: there is no code 'clearness'" in told and "Traceback" not in told
        assert {path: path.read_bytes() for path in made.results.rglob("*") if path.is_file()} == kept
    made.write("codings/anna/coding.csv", sound)
    assert "open_codes" in jobs(run(made))
    assert "Nothing to be done" in run(made)


def test_what_a_killed_run_left_behind_stops_no_later_one(made):
    left = made.path.parent / ".snakemake" / "backups" / "results" / "talks" / "parses"
    left.mkdir(parents=True)
    (left / "talk.spacy").write_bytes(b"half")
    made.write("transcripts/talk.txt", (made.path / "transcripts" / "talk.txt").read_text("utf-8") + "Ana: More.\n")
    told = run(made)
    assert "parses" in jobs(told) and "talks: open results/talks/report/index.html" in told


def test_names_of_studies_and_files_may_be_odd(house):
    odd = "my 'odd' $(touch injected) study"
    file = 'd\'Été "$(touch injected)" [1]; & more.txt'
    (house.path / "transcripts" / "talk.txt").rename(house.path / "transcripts" / file)
    quoted = file.replace('"', '""')
    house.write("sources.csv", f'source,file,kind\ntalk,"{quoted}",focus_group\n')
    house.path.rename(house.path.parent / odd)
    (house.path.parent / "config" / "config.yaml").write_text(json.dumps({"studies": [odd]}), encoding="utf-8")
    done = snakemake(house.path.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (house.path.parent / "results" / odd / "report" / "index.html").exists()
    assert not list(house.path.parent.rglob("injected"))


def test_who_withdraws_is_gone_from_all_results(made):
    assert (made.results / "packets" / "p2.docx").exists()
    people = (made.path / "participants.csv").read_text("utf-8")
    made.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    run(made)
    assert not list((made.results / "packets").glob("p2.*"))
    for path in [*made.results.rglob("*"), *(made.path.parent / ".cache").rglob("*")]:
        if path.is_file():
            assert b"Nobody told me" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('studies=["talks", "elsewhere/talks"]', "two studies are named 'talks'"),
        ('studies=["nowhere"]', "nowhere: there is no such study folder"),
        ("studies=talks", "'studies' must be a list"),
        ('{studies: ["talks"], rules: apply}', "unknown key 'rules'"),
    ],
)
def test_mistakes_in_the_configuration(house, config, told):
    shutil.copytree(house.path, house.path.parent / "elsewhere" / "talks")
    arguments = ["--config", config]
    if config.startswith("{"):
        (house.path.parent / "config" / "config.yaml").write_text("studies: [talks]\nrules: apply\n", encoding="utf-8")
        arguments = []
    done = snakemake(house.path.parent, *arguments)
    assert done.returncode == 1
    assert told in done.stdout + done.stderr
