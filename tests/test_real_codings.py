"""Published codings as their programs exported them, placed. Skipped where QUALCODE_DATA is not set."""

from __future__ import annotations

import csv
import shutil
from collections import Counter

import pytest
from real_studies import build_pdpilot, write_rows

from qualcode.cli import main
from qualcode.study import slug
from qualcode.text import fold_all

# The codebook that the last export was made with.
TAGS = "data/transcripts/thematic-analysis/tags/csv/all_tags_20220303.csv"


def read(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def lay(folder, transcripts, kind, tags):
    """A study of these files, with a code for each tag."""
    (folder / "transcripts").mkdir(parents=True)
    for path in transcripts:
        shutil.copy(path, folder / "transcripts" / path.name)
    rows = [{"source": path.stem.split("_")[0], "file": path.name, "kind": kind} for path in transcripts]
    write_rows(folder / "sources.csv", rows)
    codes = "".join(f'- {{code: {slug(tag)}, name: "{tag}"}}\n' for tag in sorted(tags))
    (folder / "codebook.yaml").write_text(f"codebook: Usability\ncodes:\n{codes}", encoding="utf-8")
    (folder / "study.yaml").write_text(
        "title: Usability\ncodebook: codebook.yaml\nlanguage: blank:en\n", encoding="utf-8"
    )


def run(folder):
    results = folder.parent / "results"
    for step in ("utterances", "parses", "member_checks", "phrases", "open_codes"):
        assert main([step, str(folder), "--results", str(results)]) == 0
    return results


@pytest.fixture(scope="module")
def highlights(real_data, tmp_path_factory):
    """The 17 published texts, and the highlights in Taguette's own form, without their offsets."""
    folder = tmp_path_factory.mktemp("taguette") / "study"
    derived = real_data / "serdif-taguette" / "derived"
    published = read(derived / "gold_highlights.csv")
    lay(folder, sorted(derived.glob("P*.txt")), "document", {row["tag"] for row in published})
    exported = [
        {"id": str(number), "document": f"{row['doc']}.txt", "tag": row["tag"], "content": row["text"]}
        for number, row in enumerate(published, 1)
    ]
    write_rows(folder / "codings" / "authors" / "highlights.csv", exported)
    return derived, published, run(folder)


def test_highlights_land_on_the_published_spans(highlights):
    derived, published, results = highlights
    texts = {path.stem: path.read_text("utf-8") for path in sorted(derived.glob("P*.txt"))}
    ours = {name: (results / "texts" / f"{name}.txt").read_text("utf-8") for name in texts}
    record = {int(row["row"]): row for row in read(results / "decisions.csv")}
    assert len(record) == len(published) == 1930
    seen = Counter()
    for number, row in enumerate(published, 2):
        told, text = record[number], texts[row["doc"]]
        once = fold_all(text).count(fold_all(row["text"])) == 1
        if told["start"] == "":
            assert told["outcome"].startswith("no place: ")
            seen[once, "listed"] += 1
            continue
        # The spans are compared by the letters before and in them: our text has its own white space.
        start, end = (len(fold_all(text[: int(row[edge])])) for edge in ("start_char", "end_char"))
        here = ours[row["doc"]]
        found = tuple(len(fold_all(here[: int(told[edge])])) for edge in ("start", "end"))
        # Punctuation at the ends may be left out.
        near = abs(found[0] - start) <= 3 and abs(found[1] - end) <= 3
        seen[once, "stands" if near else "elsewhere"] += 1
    sure = sum(number for (once, _), number in seen.items() if once)
    assert seen[True, "stands"] >= 0.99 * sure > 1800, seen
    # What stands more than once is settled rightly or listed, never put somewhere else.
    assert seen[False, "elsewhere"] == 0 and seen[True, "elsewhere"] == 0, seen


def test_an_export_of_taguette_as_it_came(real_data, tmp_path):
    folder = tmp_path / "study"
    exported = real_data / "serdif-taguette" / TAGS
    raw = sorted((real_data / "serdif-taguette" / "data" / "transcripts" / "raw").glob("P*.odt"))
    assert len(raw) == 17
    lay(folder, raw, "document", {row["tag"] for row in read(exported)})
    (folder / "codings" / "authors").mkdir(parents=True)
    shutil.copy(exported, folder / "codings" / "authors" / exported.name)
    results = run(folder)
    record, lost = read(results / "decisions.csv"), read(results / "unplaced.csv")
    placed = [row for row in record if row["start"]]
    assert len(record) == len(read(exported)) == len(placed) + len(lost)
    assert len(placed) > 0.95 * len(record)
    # All but these stand more than once, or nowhere in what was published.
    reasons = Counter("times" if "times: " in row["reason"] else row["reason"] for row in lost)
    assert reasons["times"] >= 0.5 * len(lost), reasons
    assert all(row["nearest"] for row in lost)


def test_an_export_of_maxqda_as_it_came(real_data, tmp_path):
    folder = build_pdpilot(real_data, tmp_path / "study")
    exported = real_data / "pdpilot" / "gold" / "coded_segments.csv"
    (folder / "codings" / "authors" / "segments.csv").unlink()
    shutil.copy(exported, folder / "codings" / "authors" / exported.name)
    results = run(folder)
    record = read(results / "decisions.csv")
    assert len(record) == len(read(exported)) == 262
    assert all(row["start"] for row in record) and read(results / "unplaced.csv") == []
    codes = Counter(row["code"] for row in read(exported))
    assert sorted(Counter(row["now"] for row in record).values()) == sorted(codes.values())
