"""Agreement on published codings, against counting unit by unit. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

import csv
import random
import shutil

import numpy as np
import pytest
from real_studies import write_rows
from sklearn.metrics import cohen_kappa_score

from qualcode import tables
from qualcode.cli import main
from qualcode.study import slug
from qualcode.tokens import stored_tokens

STEPS = ("utterances", "parses", "member_checks", "phrases", "open_codes")


def run(folder, *steps):
    results = folder.parent / "results"
    for step in steps:
        assert main([step, str(folder), "--results", str(results)]) == 0
    return results


def second_coder(codings, texts, chance):
    """Codings of someone who leaves a quarter out, takes other words in, and now and then another code."""
    codes = sorted(set(codings["code"]))
    for row in codings.itertuples():
        if chance.random() < 0.25:
            continue
        text = texts[row.source]
        start = min(max(0, row.start + chance.choice([0, 0, 0, 40, -40, 200])), len(text) - 50)
        end = min(len(text), max(start + 25, row.end + chance.choice([0, 0, 0, 30, -30])))
        code = row.code if chance.random() < 0.9 else chance.choice(codes)
        yield {"source": row.source, "code": code, "quote": text[start:end], "start": str(start), "end": str(end)}


@pytest.fixture(scope="module")
def coded(real_data, tmp_path_factory):
    """The 17 published texts, their highlights as those of one coder, and a second coder made of them."""
    folder = tmp_path_factory.mktemp("agreement") / "study"
    derived = real_data / "serdif-taguette" / "derived"
    with (derived / "gold_highlights.csv").open(encoding="utf-8", newline="") as handle:
        published = list(csv.DictReader(handle))
    (folder / "transcripts").mkdir(parents=True)
    names = sorted(path.stem for path in derived.glob("P*.txt"))
    for name in names:
        shutil.copy(derived / f"{name}.txt", folder / "transcripts")
    write_rows(folder / "sources.csv", [{"source": n, "file": f"{n}.txt", "kind": "document"} for n in names])
    codes = "".join(f"- code: {slug(tag)}\n" for tag in sorted({row["tag"] for row in published}))
    (folder / "codebook.yaml").write_text(f"codebook: B\ncodes:\n{codes}", encoding="utf-8")
    settings = "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nauthority: any\n"
    (folder / "study.yaml").write_text(settings, encoding="utf-8")
    rows = [{"source": row["doc"], "code": slug(row["tag"]), "quote": row["text"]} for row in published]
    write_rows(folder / "codings" / "authors" / "highlights.csv", rows)
    results = run(folder, *STEPS)
    texts = {name: (results / "texts" / f"{name}.txt").read_text("utf-8") for name in names}
    made = list(second_coder(tables.read(results, "open_codes"), texts, random.Random(5)))
    write_rows(folder / "codings" / "second" / "codes.csv", made)
    return run(folder, "open_codes", "agreement")


def places(results, level):
    """(source, start, end) of every unit, characters one by one."""
    utterances = tables.read(results, "utterances")
    for source, group in utterances.groupby("source", sort=False):
        sentences = stored_tokens(results)(source).sentences()
        for row, spans in zip(group.itertuples(), sentences, strict=True):
            if row.role or row.backchannel:
                continue
            if level == "utterance":
                yield source, row.start, row.end
            for start, end in spans if level == "sentence" else ():
                yield source, row.start + start, row.start + end
            for at in range(row.start, row.end) if level == "character" else ():
                yield source, at, at + 1


def judged(results, level):
    """Who gave which code to which unit, (units,) for each coder and code, with the source of each unit."""
    units = list(places(results, level))
    codings = tables.read(results, "open_codes")
    by_source = {}
    for position, (source, start, end) in enumerate(units):
        by_source.setdefault(source, []).append((position, start, end))
    arrays = {source: np.array(found).T for source, found in by_source.items()}
    gave = {}
    for row in codings.itertuples():
        given = gave.setdefault((row.coder, row.code), np.zeros(len(units), dtype=int))
        position, start, end = arrays[row.source]
        given[position[(start < row.end) & (row.start < end)]] = 1
    return gave, np.array([source for source, _, _ in units])


@pytest.mark.parametrize("level", ["utterance", "sentence", "character"])
def test_figures_of_two_coders_are_those_of_counting_one_by_one(coded, level):
    gave, sources = judged(coded, level)
    coders = tables.read(coded, "coders").groupby("source")["coder"].nunique()
    shared = sorted(coders[coders == 2].index)
    rows = tables.read(coded, "agreement")
    rows = rows[(rows["unit"] == level) & (rows["round"] == "")]
    codes = sorted({code for _, code in gave})
    nothing = np.zeros(len(sources), dtype=int)
    seen = 0
    for scope in ["all", "P2", "P9"]:
        inside = np.isin(sources, shared) if scope == "all" else sources == scope
        table = rows[rows["scope"] == scope].set_index("code")
        pooled = []
        for code in codes:
            a, b = (gave.get((coder, code), nothing)[inside] for coder in ("authors", "second"))
            pooled.append((a, b))
            both, neither = int((a & b).sum()), int((1 - (a | b)).sum())
            row = table.loc[code]
            cells = tuple(int(row[name]) for name in ("units", "both", "only_a", "only_b", "neither"))
            assert cells == (len(a), both, int(a.sum()) - both, int(b.sum()) - both, neither), (scope, code)
            if len({*a.tolist(), *b.tolist()}) == 2:
                assert row["kappa"] == pytest.approx(cohen_kappa_score(a, b), abs=1e-4)
                seen += 1
        a, b = (np.concatenate([pair[who] for pair in pooled]) for who in (0, 1))
        assert table.loc["all", "kappa"] == pytest.approx(cohen_kappa_score(a, b), abs=1e-4)
        assert table.loc["all", "participants"] == (len(shared) if scope == "all" else 1)
    assert seen > 20
    whole = rows[(rows["scope"] == "all") & (rows["code"] == "all")].iloc[0]
    assert whole["low"] < whole["kappa"] < whole["high"]
