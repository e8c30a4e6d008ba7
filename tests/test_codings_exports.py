"""Codings that Taguette and MAXQDA exported."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from datetime import datetime

import pytest
from conftest import StudyFolder
from real_studies import build_pdpilot
from test_codings import read, xlsx

from qualcode.codebook import load_codebook
from qualcode.codings import memos
from qualcode.codings.exports import MAXQDA, TAGUETTE, export_of
from qualcode.study import load_study, slug


def kept(study, coder: str = "ben"):
    return [decision for decision in read(study) if decision.coder == coder]


def test_taguettes_highlights_are_read_a_row_for_each_tag(study):
    rows = [
        ["id", "document", "tag", "content"],
        ["1", "talk.txt", "Support", "always there"],
        ["1", "talk.txt", "clarity", "always there"],
        ["2", "talk.odt", "", "The timing"],
    ]
    xlsx(study.path / "codings/ben/all_tags.xlsx", rows)
    study.codings("cleo", [dict(zip(rows[0][::-1], row[::-1], strict=True)) for row in rows[1:]], "all_tags.csv")
    for coder in ("ben", "cleo"):
        assert [(d["source"], d["code"], d["quote"], d.place, d.action) for d in kept(study, coder)] == [
            ("talk", "support", "always there", "row 2", "apply"),
            ("talk", "clarity", "always there", "row 3", "apply"),
            ("talk", "", "The timing", "row 4", "apply"),
        ]


def test_maxqdas_segments_are_read_whatever_else_is_in_them(study):
    rows = [
        ["Color", "Comment", "Document group", "Document name", "Code", "Beginning", "End", "Weight score", "Segment",
         "Modified by", "Modified on", "Area", "Coverage %", "Document name", None],
        ["●", "why?", "Round 1", "talk", "Help > Support", 2, 2, 0, "always there", "Ben", datetime(2026, 3, 2, 10, 30), 12,
         0.25, "again", None],
        ["●", None, "Round 1", "talk", "Help\\Training", 2, 2, 0, "The training\nhelped", "Ben", "03/04/2026 10:30", 12, 0.25,
         "again", None],
    ]  # fmt: skip
    path = xlsx(study.path / "codings/ben/Coded Segments.xlsx", rows)
    found = kept(study)
    assert [[d[c] for c in ("source", "code", "quote", "memo", "by", "at")] for d in found] == [
        ["talk", "support", "always there", "why?", "Ben", "2026-03-02T10:30"],
        ["talk", "training", "The training\nhelped", "", "Ben", ""],
    ]
    assert list(memos(path)) == [("row 2", "why?")]


def test_maxqdas_segments_in_german(study):
    study.write(
        "codings/ben/segmente.csv",
        "Farbe;Kommentar;Dokumentgruppe;Dokumentname;Code;Segment;Erstellt von;Erstellt am\n"
        ";;;TALK;SUPPORT;always there;Ben;02.03.2026 10:30\n",
    )
    (found,) = kept(study)
    assert [found[c] for c in ("source", "code", "by", "at")] == ["talk", "support", "Ben", "2026-03-02T10:30"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["content", "ID", "Tag", " document "], TAGUETTE),
        (["DOCUMENT", "code", "Segment"], MAXQDA),
        (["source", "code", "quote"], None),
        (["document", "code", "quote"], None),
        ([], None),
    ],
)
def test_exports_are_told_by_their_header(header, kind):
    assert export_of(header) is kind


def test_what_a_spreadsheet_did_to_an_export_is_told_too(study):
    study.write("codings/ben/t.csv", "id,document,tag,content\n1,talk.txt,Support,#NAME?\n2,talk.txt,3-Apr,so,more\n")
    _, told = read(study, problems=True)
    assert [problem.split("t.csv: ")[1].split(":")[0] for problem in told] == ["row 3", "row 3, code", "row 2, quote"]


def test_every_row_of_a_real_export_of_taguette_has_its_source_and_code(real_data, tmp_path):
    base = real_data / "serdif-taguette" / "data" / "transcripts"
    export = base / "thematic-analysis" / "tags" / "csv" / "all_tags_20220303.csv"
    study = StudyFolder(tmp_path / "sessions")
    files = sorted((base / "raw").glob("*.odt"))
    for path in files:
        study.write(f"transcripts/{path.name}", "")
    listed = "".join(f"session-{n},{path.name},interview\n" for n, path in enumerate(files))
    study.write("sources.csv", f"source,file,kind\n{listed}")
    with (base / "thematic-analysis" / "codebooks" / "codebook_20220303_8.csv").open(
        encoding="utf-8", newline=""
    ) as rows:
        tags = [row["tag"] for row in csv.DictReader(rows)]
    codes = [{"code": slug(tag.casefold()), "name": tag} for tag in tags]
    study.write("codebook.yaml", json.dumps({"codebook": "Sessions", "codes": codes}))
    study.write("study.yaml", "title: Sessions\ncodebook: codebook.yaml\n")
    study.write("participants.csv", "participant,role,labels\np,participant,Participant\n")
    (study.path / "codings" / "authors").mkdir(parents=True)
    shutil.copy(export, study.path / "codings" / "authors")
    found = read(study)
    with export.open(encoding="utf-8", newline="") as rows:
        published = list(csv.DictReader(rows))
    ids = {path.name: f"session-{n}" for n, path in enumerate(files)}
    names = {code["name"]: code["code"] for code in codes}
    assert len(found) == len(published) == 1930
    assert [(d["source"], d["code"], d["quote"]) for d in found] == [
        (ids[row["document"]], names[row["tag"]], row["content"].strip()) for row in published
    ]


def test_every_row_of_a_real_export_of_maxqda_has_its_source_and_code(real_data, tmp_path):
    folder = build_pdpilot(real_data, tmp_path / "pdpilot")
    shutil.rmtree(folder / "codings")
    (folder / "codings" / "authors").mkdir(parents=True)
    export = real_data / "pdpilot" / "gold" / "coded_segments.csv"
    shutil.copy(export, folder / "codings" / "authors")
    found = read(StudyFolder(folder))
    codebook = load_codebook(load_study(folder).codebook)
    with export.open(encoding="utf-8", newline="") as rows:
        published = list(csv.DictReader(rows))
    assert len(found) == len(published) == 262
    assert Counter((d["source"], codebook.by_id[d["code"]].name) for d in found) == Counter(
        (row["document"], row["code"].split(" > ")[-1]) for row in published
    )
