"""Real interviews and a real survey, through the whole workflow. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

import csv
import re
from collections import Counter

from real_studies import build_bopp, build_pdpilot
from test_workflow import lay_house, snakemake

# What data/README.md of the real data explains: a label cut at a page break; a code whose segments are not shown.
EXPLAINED = {"Didn't know how to do something in PDPilot", "Anonymize"}


def table(place, study, name):
    with (place / "results" / study / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_seven_interviews_give_the_published_frequencies(real_data, tmp_path):
    build_pdpilot(real_data, tmp_path / "pdpilot")
    done = snakemake(lay_house(tmp_path), "--config", 'studies=["pdpilot"]')
    assert done.returncode == 0, done.stdout + done.stderr

    codings = table(tmp_path, "pdpilot", "open_codes")
    how = Counter("fuzzy" if row["evidence"].startswith("fuzzy") else row["evidence"] for row in codings)
    assert how["exact"] + how["normalised"] >= 246
    assert len(codings) + len(table(tmp_path, "pdpilot", "unplaced")) == 262

    with (real_data / "pdpilot" / "gold" / "code_system.csv").open(encoding="utf-8", newline="") as handle:
        published = {row["code"]: int(row["frequency"]) for row in csv.DictReader(handle)}
    counted = {row["name"]: int(row["own_codings"]) for row in table(tmp_path, "pdpilot", "frequencies")}
    assert len(published) == 91
    # One segment holds the interviewer's words alone, which are coded and do not count.
    asked = [row for row in codings if row["reason"].endswith("but these are no participant's words")]
    names = {row["code"]: row["name"] for row in table(tmp_path, "pdpilot", "frequencies")}
    assert len(asked) == 1 and asked[0]["counts"] == "false"
    counted[names[asked[0]["code"]]] += 1
    assert {name for name in published if counted[name] != published[name]} == EXPLAINED

    across = Counter(row["coding"] for row in table(tmp_path, "pdpilot", "open_code_utterances"))
    with (real_data / "pdpilot" / "gold" / "coded_segments.csv").open(encoding="utf-8", newline="") as handle:
        segments = [row["segment"] for row in csv.DictReader(handle)]
    expected = sum(bool(re.search(r"\n(Dan|Participant|Particpant):", segment)) for segment in segments)
    assert sum(n > 1 for n in across.values()) == expected > 100
    people = {row["participant"] for row in table(tmp_path, "pdpilot", "open_code_utterances")}
    assert "Dan" not in people and len(people - {""}) == 7
    # What the second look finds waits for a person, and packets that quote it wait too; the run goes on.
    undecided = {row["text"] for row in table(tmp_path, "pdpilot", "identifiers") if row["decision"] == "undecided"}
    packets = table(tmp_path, "pdpilot", "packets/packets")
    waiting = [row["reason"] for row in packets if row["made"] == "false" and row["participant"] != "Dan"]
    assert undecided and waiting and all(any(text in reason for text in undecided) for reason in waiting)
    made = list((tmp_path / "results" / "pdpilot" / "packets").glob("*.docx"))
    assert len(made) + len(waiting) == 7
    assert table(tmp_path, "pdpilot", "themes")


def test_open_answers_are_coded_as_published(real_data, tmp_path):
    build_bopp(real_data, tmp_path / "bopp")
    done = snakemake(lay_house(tmp_path), "--config", 'studies=["bopp"]')
    assert done.returncode == 0, done.stdout + done.stderr
    with (tmp_path / "bopp" / "codings" / "authors" / "codes.csv").open(encoding="utf-8", newline="") as handle:
        given = {(row["code"], row["participant"]) for row in csv.DictReader(handle)}
    assert table(tmp_path, "bopp", "unplaced") == []
    utterances = {row["utterance"]: row for row in table(tmp_path, "bopp", "utterances")}
    assert len(utterances) == 174
    code = {row["coding"]: row["code"] for row in table(tmp_path, "bopp", "open_codes")}
    placed = {(code[row["coding"]], row["participant"]) for row in table(tmp_path, "bopp", "open_code_utterances")}
    assert placed == given
    assert "read as Windows-1252" in (tmp_path / "results" / "bopp" / "import_report.csv").read_text("utf-8")
    assert not any("\ufffd" in row["text"] for row in utterances.values())
    assert all(row["made"] == "false" for row in table(tmp_path, "bopp", "packets/packets"))
