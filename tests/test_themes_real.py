"""Themes of published interviews: plain counts of their tables, no names, and the same bytes in every process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict

import pytest
from conftest import StudyFolder
from real_studies import build_pdpilot
from test_real_codings import read

TABLES = ("themes", "theme_members", "theme_choice", "theme_stability", "themes_by", "theme_hierarchy")


@pytest.fixture(scope="module")
def pdpilot(real_data, tmp_path_factory):
    folder = StudyFolder(build_pdpilot(real_data, tmp_path_factory.mktemp("pdpilot") / "study"))
    folder.write("study.yaml", "title: PDPilot\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder.path.parent)
        assert folder.run("utterances", "parses", "embeddings", "themes") == 0
    return folder


def written(study):
    return {name: (study.results / f"{name}.csv").read_bytes() for name in TABLES}


def voices(study):
    """Utterances with a theme's number, each with what the table utterances knows of it."""
    said = {row["utterance"]: row for row in study.rows("utterances")}
    return [said[row["utterance"]] | {"theme": row["theme"]} for row in study.rows("theme_members")]


def test_the_table_themes_is_a_plain_count_of_the_members(pdpilot):
    heard, rows = voices(pdpilot), pdpilot.rows("themes")
    assert rows and {row["theme"] for row in heard} - {"0"} == {row["theme"] for row in rows}
    for row in rows:
        inside = [voice for voice in heard if voice["theme"] == row["theme"]]
        people = Counter(voice["participant"] for voice in inside)
        assert int(row["utterances"]) == len(inside) and int(row["of_utterances"]) == len(heard)
        assert int(row["participants"]) == len(people)
        assert int(row["sources"]) == len({voice["source"] for voice in inside})
        assert int(row["groups"]) == int(row["of_groups"]) == 0
        assert float(row["largest_share"]) == pytest.approx(max(people.values()) / len(inside), abs=1e-4)
    assert [int(row["utterances"]) for row in rows] == sorted((int(row["utterances"]) for row in rows), reverse=True)


def test_the_table_themes_by_is_a_plain_count_by_source(pdpilot):
    heard = voices(pdpilot)
    said, people, everyone = Counter(), defaultdict(set), defaultdict(set)
    for voice in heard:
        for theme in (voice["theme"], "all"):
            said[voice["source"], theme] += 1
            people[voice["source"], theme].add(voice["participant"])
        everyone[voice["source"]].add(voice["participant"])
    rows = [row for row in pdpilot.rows("themes_by") if row["attribute"] == "source"]
    assert len(rows) == len(everyone) * len(pdpilot.rows("themes"))
    for row in rows:
        source, place = row["value"], (row["value"], row["theme"])
        assert (int(row["utterances"]), int(row["of_utterances"])) == (said[place], said[source, "all"])
        assert (int(row["participants"]), int(row["of_participants"])) == (len(people[place]), len(everyone[source]))
        assert float(row["percent"]) == pytest.approx(100 * said[place] / said[source, "all"], abs=0.051)
        assert bool(row["terms"]) == bool(said[place])


def test_every_utterance_of_a_participant_is_used_repeated_or_left_out_for_a_reason(pdpilot):
    facts = pdpilot.rows("theme_stability")
    counted = [row for row in facts if row["what"] in ("usable utterances", "repeated wordings")]
    left_out = [row for row in facts if row["note"] == "utterances of participants, left out"]
    spoken = [row for row in pdpilot.rows("utterances") if row["role"] == "participant"]
    assert len(counted) == 2 and left_out
    assert sum(int(row["value"]) for row in counted + left_out) == len(spoken)
    assert {row["utterance"] for row in pdpilot.rows("theme_members")} <= {row["utterance"] for row in spoken}


def test_no_theme_is_called_by_a_name_or_by_what_only_moderators_said(pdpilot):
    shown = [row[name] for row in pdpilot.rows("themes") for name in ("label", "terms", "terms_by_meaning")]
    shown += [row["terms"] for table in ("themes_by", "theme_hierarchy") for row in pdpilot.rows(table)]
    used = set(re.findall(r"\w+", " ".join(shown).lower()))
    listed = [row["pseudonym"] for row in pdpilot.rows("participants")]
    listed += [label for row in read(pdpilot.path / "participants.csv") for label in row["labels"].split(";")]
    assert used and used.isdisjoint(re.findall(r"[^\W\d]+", " ".join(listed).lower()))
    own = " ".join(voice["text"] for voice in voices(pdpilot)).lower()
    assert used <= set(re.findall(r"\w+", own))


@pytest.mark.parametrize(("hashes", "threads"), [("0", "1"), ("7", "2")])
def test_other_processes_and_other_orders_of_sources_give_the_same_bytes(pdpilot, hashes, threads):
    first, listing = written(pdpilot), pdpilot.path / "sources.csv"
    head, *rows = listing.read_text("utf-8").splitlines(keepends=True)
    environment = os.environ | {"PYTHONHASHSEED": hashes, "OMP_NUM_THREADS": threads}
    if hashes != "0":
        pdpilot.write("sources.csv", "".join([head, *reversed(rows)]))
    try:
        for step in ("utterances", "parses", "embeddings", "themes"):
            command = [sys.executable, "-m", "qualcode.cli", step, str(pdpilot.path), "--results", str(pdpilot.results)]
            subprocess.run(command, env=environment, cwd=pdpilot.path.parent, check=True, capture_output=True)
        again = written(pdpilot)
    finally:
        pdpilot.write("sources.csv", "".join([head, *rows]))
    # Rows of sources stand in the order of the study where no dates tell another.
    for name, content in first.items():
        if hashes != "0" and name in ("themes_by", "theme_members"):
            assert sorted(again[name].splitlines()) == sorted(content.splitlines()), name
        else:
            assert again[name] == content, name
