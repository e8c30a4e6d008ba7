"""Saturation of published codings, counted again in plain Python. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

import csv
import random
import shutil
from statistics import median_low

import pytest
from real_studies import build_bopp, build_pdpilot, write_rows

from qualcode.cli import main
from qualcode.study import slug

STEPS = ("utterances", "parses", "member_checks", "open_codes", "axial_codes", "saturation")


def read(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def build_taguette(data, folder):
    """17 sessions with the published highlights."""
    derived = data / "serdif-taguette" / "derived"
    (folder / "transcripts").mkdir(parents=True)
    texts = sorted(derived.glob("P*.txt"))
    for path in texts:
        shutil.copy(path, folder / "transcripts" / path.name)
    write_rows(folder / "sources.csv", [{"source": p.stem, "file": p.name, "kind": "document"} for p in texts])
    published = read(derived / "gold_highlights.csv")
    tags = sorted({row["tag"] for row in published})
    codes = "".join(f'- {{code: {slug(tag)}, name: "{tag}"}}\n' for tag in tags)
    (folder / "codebook.yaml").write_text(f"codebook: Usability\ncodes:\n{codes}", encoding="utf-8")
    (folder / "study.yaml").write_text("title: Usability\ncodebook: codebook.yaml\n", encoding="utf-8")
    rows = [{"source": row["doc"], "code": slug(row["tag"]), "quote": row["text"]} for row in published]
    write_rows(folder / "codings" / "authors" / "highlights.csv", rows)
    return folder


def made(folder, build, data):
    from qualcode import tables

    study = build(data, folder / "study")
    with (study / "study.yaml").open("a", encoding="utf-8") as handle:
        handle.write("language: blank:en\n")
    results = folder / "results"
    for name in ("phrases", "phrase_places"):
        tables.write(results, name, tables.frame(name, []))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        for step in STEPS:
            assert main([step, str(study), "--results", str(results)]) == 0
    return study, results


def codings_that_found_their_place(study, results):
    """Rows of the authors' file, as they typed them, without those that are told as lost or count for nothing."""
    lost = {int(row["row"]) for row in read(results / "unplaced.csv")}
    (path,) = (study / "codings" / "authors").iterdir()
    silent = {row["coding"] for row in read(results / "open_codes.csv") if row["counts"] == "false"}
    silent = {int(row["row"]) for row in read(results / "decisions.csv") if row["coding"] in silent}
    return [row for number, row in enumerate(read(path), 2) if number not in lost | silent]


def in_order(sets, base, run, threshold):
    """Codes so far at each place, and where saturation is reached (None: nowhere)."""
    so_far = [len(set().union(*sets[:at])) for at in range(len(sets) + 1)]
    for at in range(base, len(sets) - run + 1):
        if so_far[base] and 100 * (so_far[at + run] - so_far[at]) <= threshold * so_far[base]:
            return so_far[1:], at
    return so_far[1:], None


def rows_of(results, scope):
    return [row for row in read(results / "new_information.csv") if row["scope"] == scope]


@pytest.mark.parametrize(("build", "sources"), [(build_taguette, 17), (build_pdpilot, 7)])
def test_interviews(real_data, tmp_path, build, sources):
    study, results = made(tmp_path, build, real_data)
    names = [row["source"] for row in read(study / "sources.csv")]
    placed = codings_that_found_their_place(study, results)
    sets = [{row["code"] for row in placed if row["source"] == name} for name in names]
    told, *rows = rows_of(results, "source")
    assert len(rows) == sources == int(told["units"]) and sum(map(bool, sets)) == sources
    so_far, reached = in_order(sets, 4, 2, 5)
    assert [int(row["codes_so_far"]) for row in rows] == so_far
    table = [row for row in read(results / "saturation.csv") if row["scope"] == "source"]
    assert [int(row["codes_so_far"]) for row in table] == so_far
    told_in_order = told["sentence"].partition("In the order of the study it ")[2]
    assert told_in_order.startswith(f"was reached at {reached} (+2)." if reached else "was not reached.")
    # Other random orders than those of the step: what they tell is nearly the same.
    draw = random.Random(11)
    orders = [in_order(draw.sample(sets, sources), 4, 2, 5) for _ in range(3000)]
    for at, row in enumerate(rows):
        assert abs(int(row["codes_median"]) - median_low([found[at] for found, _ in orders])) <= 1
        by_here = sum(point is not None and point <= at + 1 for _, point in orders)
        assert float(row["reached_percent"]) == pytest.approx(100 * by_here / len(orders), abs=6)
    assert rows[-1]["codes_low"] == rows[-1]["codes_high"] == str(so_far[-1])


def test_people_of_a_survey(real_data, tmp_path):
    study, results = made(tmp_path, build_bopp, real_data)
    placed = codings_that_found_their_place(study, results)
    people = {row["participant"] for row in placed}
    told, *rows = rows_of(results, "participant")
    # Who was not coded answered all the same; nobody knows it of those behind the last coding.
    assert len(people) <= int(told["units"]) == len(rows) <= 174
    codes = {row["code"] for row in placed}
    assert {rows[-1][name] for name in ("codes_low", "codes_median", "codes_high")} == {str(len(codes))}
    sets = [{row["code"] for row in placed if row["participant"] == person} for person in sorted(people)]
    sets += [set()] * (len(rows) - len(sets))
    draw = random.Random(3)
    orders = [in_order(draw.sample(sets, len(sets)), 4, 2, 5)[0] for _ in range(200)]
    for at in (3, 20, 80):
        assert int(rows[at]["codes_median"]) == pytest.approx(median_low([found[at] for found in orders]), abs=1)
