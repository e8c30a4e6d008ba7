"""The report in a browser, opened from the disk: nothing runs, nothing leaves, and everyone can get everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import reporting
from browser import DESK, PHONE, chromium, opened, violations
from conftest import StudyFolder

__all__ = ["chromium"]

KINDS = (
    "index.html",
    "codebook.html",
    "tables.html",
    "memos.html",
    "codes/help.html",
    "transcripts/talk.html",
    "themes/1.html",
)


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    return reporting.run(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def folder(talks: StudyFolder) -> Path:
    return talks.results / "report"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaves_and_nothing_runs(chromium: Any, folder: Path, kind: str) -> None:
    with opened(chromium, folder / kind) as (page, told):
        assert told.complaints == []
        assert told.requests and all(request.startswith("file:") for request in told.requests)
        assert "ran" not in page.title().split()
        assert page.evaluate("document.scripts.length") == 0


def test_words_of_a_transcript_stay_words(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "transcripts/talk.html") as (page, _):
        assert reporting.HOSTILE in page.locator("#u5 .said").inner_text()
        assert page.locator("main img").count() == 0


def test_the_policy_refuses_scripts_styles_and_requests(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "codes/help.html") as (page, told):
        page.evaluate(
            """() => {
            const script = document.createElement('script');
            script.textContent = "document.title = 'ran'";
            document.head.append(script);
            document.body.insertAdjacentHTML('beforeend',
              '<img id="out" src="https://example.org/x.png" onerror="document.title = \\'ran\\'"><p id="loud" style="color: red">x</p>');
            }"""
        )
        assert page.title() != "ran"
        assert page.evaluate("getComputedStyle(document.getElementById('loud')).color") != "rgb(255, 0, 0)"
        assert page.evaluate("fetch('index.html').then(() => 'went', () => 'refused')") == "refused"
        assert "https://example.org/x.png" in told.refused
        assert all(url.startswith("file:") for url in set(told.requests) - set(told.refused))
        assert any("Content Security Policy" in complaint for complaint in told.complaints)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", KINDS)
def test_everyone_can_read_the_pages(chromium: Any, folder: Path, kind: str, size: dict[str, int]) -> None:
    assert violations(chromium, folder / kind, size) == []


def test_axe_would_find_what_is_wrong(chromium: Any, tmp_path: Path) -> None:
    """The check itself can fail."""
    (tmp_path / "bad.html").write_text("<!DOCTYPE html><html><body><img src='x.png'></body></html>", encoding="utf-8")
    assert any(found.startswith("image-alt") for found in violations(chromium, tmp_path / "bad.html"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_narrow_screen_scrolls_one_way(chromium: Any, folder: Path, kind: str) -> None:
    with opened(chromium, folder / kind, PHONE) as (page, _):
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], width


def test_the_tab_key_reaches_a_coded_passage_and_opens_its_note(chromium: Any, folder: Path) -> None:
    with opened(chromium, folder / "transcripts/talk.html") as (page, _):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".note:visible").count() == 0
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "MARK":
                break
        note = page.locator(".note:visible")
        assert note.count() == 1
        assert "Support, anna: counts" in note.inner_text()
        assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == note.get_attribute("id")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "MARK"
        assert page.locator(".note:visible").count() == 1
        assert page.locator(".note:visible").get_attribute("id") != note.get_attribute("id") or note.count() == 1


def test_pointing_at_a_passage_opens_its_note_within_the_window(chromium: Any, folder: Path) -> None:
    for size in (DESK, PHONE):
        with opened(chromium, folder / "transcripts/talk.html", size) as (page, _):
            page.locator("mark.n2").first.hover()
            note = page.locator(".note:visible")
            assert note.count() == 1
            box = note.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
            assert "Clarity" in note.inner_text() and "Support" in note.inner_text()


def test_a_cell_shows_only_what_it_counts(chromium: Any, folder: Path) -> None:
    """From the table, by a click, to the passages of one group; and from there to all of them."""
    with opened(chromium, folder / "tables.html") as (page, _):
        row = page.locator("section[aria-labelledby='by-person'] tbody tr").first
        row.locator("td a").first.click()
        page.wait_for_url("**/codes/help.html#g*")
        whole = page.locator(".by li").count()
        shown = page.locator(".by li:visible").count()
        assert 0 < shown < whole
        assert "Rosa" in page.locator(".only:visible").inner_text()
        page.locator(".only:visible a").click()
        assert page.locator(".by li:visible").count() == whole


def test_any_passage_is_two_clicks_away(chromium: Any, folder: Path, talks: StudyFolder) -> None:
    anchors = {f"c-{row['coding']}" for row in talks.rows("open_codes") if row["counts"] == "true"}
    found: set[str] = set()
    with opened(chromium, folder / "index.html") as (page, _):
        links = page.evaluate("[...document.querySelectorAll('main a')].map(a => a.href.split('#')[0])")
        for link in sorted({link for link in links if "/codes/" in link or "/transcripts/" in link}):
            page.goto(link)
            found |= set(page.evaluate("[...document.querySelectorAll('[id^=c-]')].map(node => node.id)"))
    assert anchors <= found


def test_print_has_everything(chromium: Any, folder: Path, tmp_path: Path) -> None:
    import pypdfium2

    with opened(chromium, folder / "transcripts/talk.html") as (page, _):
        page.locator("mark").first.focus()
        page.pdf(path=str(tmp_path / "talk.pdf"))
    with opened(chromium, folder / "codes/clarity.html") as (page, _):
        page.pdf(path=str(tmp_path / "code.pdf"))
    texts = {}
    for name in ("talk", "code"):
        document = pypdfium2.PdfDocument(tmp_path / f"{name}.pdf")
        texts[name] = " ".join(" ".join(leaf.get_textpage().get_text_range() for leaf in document).split())
        document.close()
    assert "must not be passed on" in texts["talk"]
    assert "the training helped me to teach" in texts["talk"] and "document.title = 'ran'" in texts["talk"]
    assert "Clarity" in texts["talk"], "the codes stand beside the turns"
    assert "anna: counts" not in texts["talk"], "notes stay on the screen"
    assert "Does not count" in texts["code"], "what is folded is printed too"
