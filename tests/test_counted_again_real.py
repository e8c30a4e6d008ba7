"""The same on real studies: counts from the published codings, by none of the project's functions."""

from __future__ import annotations

from collections import defaultdict

import pytest
from counting_again import percent, rows_of, tree_of
from real_studies import build_bopp, build_pdpilot

from qualcode.cli import main

STEPS = (
    "utterances",
    "parses",
    "member_checks",
    "identifiers",
    "phrases",
    "open_codes",
    "axial_codes",
    "frequencies",
    "saturation",
)


def made(folder, build, data):
    study = build(data, folder / "real")
    results = folder / "results"
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        for step in STEPS:
            assert main([step, str(study), "--results", str(results)]) == 0
    return study, results


@pytest.fixture(scope="module")
def bopp(tmp_path_factory, real_data):
    return made(tmp_path_factory.mktemp("bopp"), build_bopp, real_data)


@pytest.fixture(scope="module")
def pdpilot(tmp_path_factory, real_data):
    return made(tmp_path_factory.mktemp("pdpilot"), build_pdpilot, real_data)


def lost(results):
    """Rows that found no place, by source and code: they are told and do not count."""
    return [(row["source"], row["code"], row["quote"]) for row in rows_of(results / "unplaced.csv")]


def test_answers(bopp):
    study, results = bopp
    assert not lost(results)
    people = defaultdict(set)
    for row in rows_of(study / "codings" / "authors" / "codes.csv"):
        people[row["code"]].add(row["participant"])
    answered = {row["respondent"] for row in read_survey(study) if row["why_art"].strip()}
    table = rows_of(results / "frequencies.csv")
    assert len(table) == len(people) > 40
    for row in table:
        assert int(row["participants"]) == int(row["utterances"]) == len(people[row["code"]]), row["code"]
        assert int(row["of_participants"]) == len(answered)
        assert row["participants_percent"] == percent(len(people[row["code"]]), len(answered), 1)


def read_survey(study):
    import csv

    return list(csv.DictReader((study / "transcripts" / "survey.csv").read_text("cp1252").splitlines(keepends=True)))


def test_interviews(pdpilot):
    """One participant in each of seven interviews: who speaks of a code are those in whose interview it was marked."""
    study, results = pdpilot
    above, _ = tree_of(study / "codebook.yaml")
    missing = lost(results)
    segments = rows_of(study / "codings" / "authors" / "segments.csv")
    placed = [(s["source"], s["code"], s["quote"]) for s in segments]
    placed = [segment for segment in placed if segment not in missing]
    interviews = defaultdict(set)
    for source, key, _ in placed:
        for code in above[key]:
            interviews[code].add(source)
    assert len(missing) <= 5 and len(interviews) > 50
    for row in rows_of(results / "frequencies.csv"):
        assert int(row["sources"]) == len(interviews[row["code"]]), row["code"]
        assert int(row["participants"]) == len(interviews[row["code"]]), row["code"]
        assert (int(row["of_participants"]), int(row["of_sources"])) == (7, 7)
    met: set[str] = set()
    for row in (row for row in rows_of(results / "saturation.csv") if row["scope"] == "source"):
        here = {code for source, code, _ in placed if source == row["source"]}
        assert int(row["new_codes"]) == len(here - met)
        met |= here
        assert int(row["codes_so_far"]) == len(met)
