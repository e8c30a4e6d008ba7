"""The report of published studies: what it shows is what was published, counted again in plain Python."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from browser import DESK, PHONE, chromium, opened, violations
from conftest import StudyFolder
from real_studies import build_pdpilot
from test_report import links_of, parsed

from qualcode.study import slug

__all__ = ["chromium"]

STEPS = ("utterances", "parses", "open_codes", "axial_codes", "frequencies", "saturation", "report")


@pytest.fixture(scope="module")
def interviews(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Seven interviews with the 262 segments that their authors published."""
    folder = tmp_path_factory.mktemp("report") / "pdpilot"
    build_pdpilot(real_data, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        study = StudyFolder(folder)
        assert study.run(*STEPS) == 0
    return study


def segments(real_data: Path) -> list[dict[str, str]]:
    with (real_data / "pdpilot" / "gold" / "coded_segments.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def test_every_published_segment_stands_on_the_page_of_its_code(interviews: StudyFolder, real_data: Path) -> None:
    """And on those of the codes above it, as often as it was published and no more; one repeats another."""
    apart = [row["code"] for row in interviews.rows("open_codes") if row["counts"] == "false"]
    assert len(apart) == 1
    wanted: Counter[str] = Counter()
    for row in segments(real_data):
        codes = [slug(code) for code in row["code"].split(" > ")]
        if codes[-1] in apart:
            apart.remove(codes[-1])
            continue
        wanted.update(set(codes))
    found = Counter()
    for path in (interviews.results / "report" / "codes").glob("*.html"):
        root = parsed(path.read_text(encoding="utf-8"))
        parts = [node for node in root.iter() if node.get("class") == "by"]
        found[path.stem] = sum(1 for part in parts for _ in part.iter("li"))
    assert +found == wanted


def test_every_published_segment_is_marked_in_its_transcript(interviews: StudyFolder, real_data: Path) -> None:
    def letters(words: str) -> str:
        # The published segments hold labels of speakers and numbers of lines, which no one said.
        return "".join(filter(str.isalpha, re.sub(r"\b(?:Partici?pant|Dan)\b|\d+", "", words).casefold()))

    seen, missing = 0, 0
    for source in sorted({row["document"] for row in segments(real_data)}):
        text = (interviews.results / "report" / "transcripts" / f"{source}.html").read_text(encoding="utf-8")
        marked = letters("".join("".join(node.itertext()) for node in parsed(text).iter("mark")))
        for row in segments(real_data):
            words = letters(row["segment"])
            for at in range(0, len(words) - 20, 20) if row["document"] == source else ():
                seen += 1
                missing += words[at : at + 20] not in marked
    assert seen > 3000 and missing < 0.01 * seen, (seen, missing)


def test_every_link_leads_somewhere(interviews: StudyFolder) -> None:
    assert len(links_of(interviews.results / "report")) > 40


def test_the_pages_hold_in_a_browser(interviews: StudyFolder, chromium) -> None:
    folder = interviews.results / "report"
    for path in (folder / "index.html", folder / "tables.html", *sorted((folder / "transcripts").glob("*.html"))[:2]):
        assert violations(chromium, path) == []
        for size in (DESK, PHONE):
            with opened(chromium, path, size) as (page, told):
                assert told.complaints == []
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
