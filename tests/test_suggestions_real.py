"""Suggestions on published codings, of which the last third is kept back. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from real_studies import build_pdpilot, write_rows
from sklearn.metrics import cohen_kappa_score
from test_real_codings import lay, read

from qualcode import tables
from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.measures.coefficients import library_kappa
from qualcode.measures.units import SENTENCE, codable_units
from qualcode.study import load_study
from qualcode.suggestions.places import Marks
from qualcode.tokens import stored_tokens


class KeptBack:
    """What was suggested for the sources that are kept back, and what people coded there: (sentences, codes) each."""

    def __init__(self, folder: Path, codings: str) -> None:
        results = folder.parent / "results"
        run(folder, "utterances", "parses", "member_checks", "embeddings", "phrases", "open_codes")
        everything = tables.read(results, "open_codes")
        keep_back(folder, codings)
        run(folder, "open_codes", "suggestions")
        self.quality = tables.read(results, "suggestion_quality").set_index("code")
        self.rows = tables.read(results, "suggestions")
        self.open_codes = tables.read(results, "open_codes")
        utterances = tables.read(results, "utterances")
        read_tokens = stored_tokens(results)
        spans = {source: read_tokens(source).sentences() for source in utterances["source"].unique()}
        self.texts = {source: (results / "texts" / f"{source}.txt").read_text("utf-8") for source in spans}
        self.kept = coded = set(self.open_codes.loc[self.open_codes["counts"], "source"])
        units = [unit for unit in codable_units(utterances, spans, SENTENCE) if unit.source not in coded]
        book = load_codebook(load_study(folder).codebook)
        # A code that abstains is judged, and suggests nothing here.
        offers = self.quality[(self.quality["basis"] == "learned") & ~self.quality["abstains"]].drop(index="all")
        learned = [book.order[code] for code in offers.index]
        found, missed, wrong = (offers[name].sum() for name in ("found", "missed", "wrong"))
        self.by_validation = library_kappa([found, missed, wrong, offers["units"].sum() - found - missed - wrong])
        proposed = self.rows[(self.rows["status"] == "proposed") & (self.rows["basis"] == "learned")]
        gold = everything[everything["basis"] == "human"]
        self.given = Marks(units, book).of(gold)[:, learned]
        self.suggested = Marks(units, book).of(proposed)[:, learned]

    @property
    def kappa(self) -> float:
        return cohen_kappa_score(self.given.ravel(), self.suggested.ravel())

    def at_random(self) -> float:
        """The kappa of as many suggestions of each code at random: the mean of twenty tries."""
        random = np.random.default_rng(1)
        tries = (random.permuted(self.suggested, axis=0) for _ in range(20))
        return float(np.mean([cohen_kappa_score(self.given.ravel(), of.ravel()) for of in tries]))


def run(folder: Path, *steps: str) -> None:
    for step in steps:
        assert main([step, str(folder), "--results", str(folder.parent / "results")]) == 0


def keep_back(folder: Path, name: str) -> None:
    """Take the codings of the last third of the sources away, and say that the others are done."""
    path = folder / "codings" / "authors" / name
    rows = read(path)
    sources = [row["source"] for row in read(folder / "sources.csv")]
    kept = sources[: -(len(sources) // 3)]
    document = "source" if "source" in rows[0] else "document"
    rows = [row for row in rows if row[document].removesuffix(".txt") in kept]
    path.unlink()
    write_rows(path, rows)
    write_rows(path.with_name("done.csv"), [{"source": source, "action": "done"} for source in kept])


@pytest.fixture(scope="module")
def serdif(real_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serdif") / "study"
    derived = real_data / "serdif-taguette" / "derived"
    published = read(derived / "gold_highlights.csv")
    lay(folder, sorted(derived.glob("P*.txt"))[::2], "document", {row["tag"] for row in published})
    exported = [
        {"id": str(number), "document": f"{row['doc']}.txt", "tag": row["tag"], "content": row["text"]}
        for number, row in enumerate(published, 1)
        if (folder / "transcripts" / f"{row['doc']}.txt").exists()
    ]
    write_rows(folder / "codings" / "authors" / "highlights.csv", exported)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder.parent)
        return KeptBack(folder, "highlights.csv")


@pytest.fixture(scope="module")
def pdpilot(real_data, tmp_path_factory):
    folder = build_pdpilot(real_data, tmp_path_factory.mktemp("pdpilot") / "study")
    (folder / "study.yaml").write_text(
        "title: PDPilot\ncodebook: codebook.yaml\nlanguage: blank:en\nsuggestions: {precision: 0.3}\n", encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder.parent)
        return KeptBack(folder, "segments.csv")


def test_what_is_suggested_for_texts_that_were_kept_back(serdif):
    assert serdif.kappa > 0.3
    assert serdif.kappa > serdif.at_random() + 0.2
    assert abs(serdif.by_validation - serdif.kappa) < 0.15


def test_what_is_suggested_for_interviews_of_few_codings(pdpilot):
    assert pdpilot.kappa > 0.25
    assert pdpilot.kappa > pdpilot.at_random() + 0.2
    assert abs(pdpilot.by_validation - pdpilot.kappa) < 0.15


@pytest.mark.parametrize("name", ["serdif", "pdpilot"])
def test_every_row_tells_where_it_stands_and_why(name, request):
    found = request.getfixturevalue(name)
    assert len(found.rows) and found.rows["coding"].is_unique
    counted = set(found.open_codes.loc[found.open_codes["counts"], "coding"])
    for row in found.rows.itertuples():
        assert found.texts[row.source][row.start : row.end] == row.quote
        assert set(filter(None, row.because.split("; "))) <= counted
        assert row.reason and (row.basis == "learned") == (row.probability == row.probability)
    done = found.rows["source"].isin(found.kept)
    assert (found.rows["status"][done] == "second look").all() and (found.rows["status"][~done] != "second look").all()
