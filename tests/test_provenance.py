"""Every file that was made, who may see it, and the record of its making."""

from __future__ import annotations

import csv
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from remade import lay, run_steps

from qualcode.codebook import load_codebook
from qualcode.provenance import described, files, made, making, provenance
from qualcode.study import load_study
from qualcode.tables import RELEASES

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("frequencies.csv", "shareable"),
        ("frequencies.xlsx", "shareable"),
        ("frequencies.docx", "paper"),
        ("frequencies.tex", "paper"),
        ("frequencies.md", "paper"),
        ("frequencies_by.docx", "shareable"),
        ("findings.docx", "paper"),
        ("methods.docx", "shareable"),
        ("coreq.docx", "shareable"),
        ("srqr.docx", "shareable"),
        ("open_codes.csv", "working"),
        ("disagreements.xlsx", "working"),
        ("packets/p1.docx", "participant"),
        ("packets/packets.csv", "working"),
        ("report/index.html", "working"),
        ("report/frequencies.csv", "working"),
        ("texts/frequencies.txt", "working"),
        ("figures/theme_frequencies.svg", "working"),
    ],
)
def test_the_release_class_of_a_file_is_known(name, release):
    assert described(name)[0] == release


def test_a_printed_table_of_words_used_quotes_no_one():
    assert described("frequencies.docx", form="words-used")[0] == "shareable"


@pytest.mark.parametrize("name", ["agreement.csv", "theme_members.csv"])
def test_tables_of_single_sources_and_persons_stay_where_small_figures_are_suppressed(name):
    assert described(name)[0] == "shareable" and described(name, suppressed=True)[0] == "working"
    assert described("frequencies_by.csv", suppressed=True)[0] == "shareable"


def test_what_is_not_known_is_not_let_out():
    assert described("something.else")[0] == "working"


def test_a_figure_is_what_its_step_says(tmp_path):
    (tmp_path / "figures").mkdir()
    rows = "figure,title,alt,release\ncode_tree,The codes,…,shareable\ntheme_tree,Themes,…,working\nodd,Odd,…,paper\n"
    (tmp_path / "figures" / "figures.csv").write_text(rows, encoding="utf-8")
    for suffix in ("svg", "png", "pdf", "txt"):
        assert described(f"figures/code_tree.{suffix}", tmp_path) == ("shareable", "The codes")
        assert described(f"figures/theme_tree.{suffix}", tmp_path)[0] == "working"
    assert described("figures/odd.svg", tmp_path)[0] == described("figures/unknown.svg", tmp_path)[0] == "working"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    laid = lay(tmp_path_factory.mktemp("provenance"), "language: blank:en\nchecklists: {coreq: {'1': Ruth did}}\n")
    run_steps(
        laid,
        "utterances",
        "parses",
        "member_checks",
        "identifiers",
        "phrases",
        "open_codes",
        "axial_codes",
        "frequencies",
    )
    (laid.results / "figures").mkdir()
    (laid.results / "figures" / ".snakemake_timestamp").touch()
    (laid.results / "report").mkdir()
    (laid.results / "report" / "index.html").write_text("a page")
    (laid.results / "report" / "provenance.json").write_text("earlier")
    return laid


def record_of(study) -> dict:
    loaded = load_study(study.path)
    return provenance(loaded, load_codebook(loaded.codebook), study.results, ("title",))


def test_every_file_is_in_the_record_with_its_hash_and_class(study):
    record = record_of(study)
    found = {name: digest for of_class in record["results"].values() for name, digest in of_class.items()}
    there = [path for path in study.results.rglob("*") if path.is_file() and not path.name.startswith(".")]
    names = {path.relative_to(study.results).as_posix(): path for path in there}
    del names["report/provenance.json"]
    assert found == {name: sha256(path.read_bytes()).hexdigest() for name, path in names.items()}
    assert made(study.results) == sorted(names)
    assert list(record["results"]) == list(RELEASES)
    assert "report/index.html" in record["results"]["working"] and "frequencies.docx" in record["results"]["paper"]
    listed = {item["name"] for items in files(study.results).values() for item in items}
    assert listed == {name for name in names if not name.startswith("report/")}


def test_the_record_tells_what_results_were_made_with(study):
    record = record_of(study)
    assert record["inputs"]["codebook.yaml"] == sha256((study.path / "codebook.yaml").read_bytes()).hexdigest()
    assert len(record["inputs"]) == 10
    assert record["settings"]["frequencies"]["form"] == "thematic" and record["settings"]["title"] == "Talks"
    assert record["models"]["blank:en"] == {} and len(record["models"]["all-MiniLM-L6-v2"]["hash"]) == 12
    assert re.fullmatch(r"[0-9a-f]{64}", record["code"]) and record["packages"]["pandas"]
    assert record == record_of(study)
    json.dumps(record)


def test_the_record_names_no_one_and_no_place(study):
    text = json.dumps(record_of(study))
    assert not re.search(r"\bAna\b|\bBen\b|Elm Park|Ruth did", text) and str(study.path.parent) not in text
    assert "codings/dana/of Rosa.csv" in text and "memos/on Rosa.md" in text


def test_the_record_tells_who_decided_what(study):
    decided = record_of(study)["decided"]
    with (study.results / "decisions.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for coder in ("cora", "dana"):
        own = [row for row in rows if row["coder"] == coder]
        for name, column in (("actions", "action"), ("rounds", "round"), ("files", "file"), ("by", "by")):
            values = [row[column] for row in own]
            assert decided["coders"][coder][name] == {value: values.count(value) for value in values}
    assert decided["coders"]["dana"]["files"] == {"of Rosa.csv": 1} and decided["coders"]["cora"]["rounds"] == {"1": 2}
    assert decided["audited"] == {"talk": "ruth, 2026-03-05"}
    assert decided["redactions"] == [{"by": "ruth", "decision": "redact", "rows": 1}]
    assert decided["authority"] == {"talk": "cora"}


def test_a_model_is_known_by_what_is_in_it(study, tmp_path, monkeypatch):
    package = tmp_path / "qx_model"
    (package / "weights").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('a model is not run to be known')")
    (package / "weights" / "data").write_bytes(b"12345")
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = load_study(study.path)
    loaded.settings["language"] = "qx_model"
    first = making.models(loaded)["qx_model"]
    shutil.rmtree(package / "__pycache__", ignore_errors=True)
    assert first == making.models(loaded)["qx_model"] and first["package"] == "qx_model"
    (package / "weights" / "data").write_bytes(b"12346")
    assert making.models(loaded)["qx_model"]["hash"] != first["hash"]
    (package / "weights" / "data").write_bytes(b"12345")
    (package / "weights" / "data").rename(package / "weights" / "other")
    assert making.models(loaded)["qx_model"]["hash"] != first["hash"]


def test_the_code_is_known_by_its_files_and_its_defaults(monkeypatch):
    first = making.code_hash()
    assert first == making.code_hash()
    monkeypatch.setattr(making, "schema", lambda name: {"default": name})
    assert making.code_hash() != first


def test_all_schemas_of_what_people_type_are_known():
    there = {path.name.removesuffix(".schema.json") for path in (ROOT / "workflow" / "schemas").glob("*.json")}
    assert set(making._SCHEMAS) == there


def test_the_report_comes_after_every_other_rule():
    """Its record is true only where nothing is made after it."""
    rules = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for name, text in re.findall(r"^rule (\w+):\n((?:(?!^rule ).*\n?)*)", path.read_text("utf-8"), re.MULTILINE):
            rules[name] = text
    needed, waiting = set(), {"report"}
    while waiting:
        needed |= waiting
        inputs = "".join(rules[name].split("output:")[0] for name in waiting)
        read = set(re.findall(r"results/\{study\}/([\w./]+)", inputs))
        waiting = {
            name
            for name, text in rules.items()
            if read & set(re.findall(r"results/\{study\}/([\w./]+)", text.split("output:")[1].split("log:")[0]))
        } - needed
    assert needed == set(rules)
