"""A browser without a window, and what is asked of pages in it. Nothing is fetched from anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Any:
    """The browser that the machine has; tests that need it skip without one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine: pages were not opened in a browser")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pages were not opened")
    return _launched(found, request.config)


@cache
def _launched(path: str, config: pytest.Config) -> Any:
    """Once for all modules that import the fixture: two at a time playwright does not bear."""
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    config.add_cleanup(playwright.stop)
    browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    config.add_cleanup(browser.close)
    return browser


@dataclass
class Told:
    """What a page asked for and complained of while it was open; what was `refused` never left."""

    requests: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Any, path: Path, size: dict[str, int] = DESK, policy: bool = True) -> Iterator[tuple[Any, Told]]:
    """A file as a page, and what it tells. Without the `policy` of the page, a test may bring its own script."""
    told = Told()
    context = browser.new_context(viewport=size, bypass_csp=not policy)
    try:
        page = context.new_page()
        page.on("request", lambda request: told.requests.append(request.url))
        page.on("requestfailed", lambda request: told.refused.append(request.url))
        page.on("console", lambda message: told.complaints.append(message.text))
        page.on("pageerror", lambda error: told.complaints.append(str(error)))
        page.goto(path.resolve().as_uri())
        yield page, told
    finally:
        context.close()


def violations(browser: Any, path: Path, size: dict[str, int] = DESK) -> list[str]:
    """What axe finds wrong with a page: its rule, and the first element."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    with opened(browser, path, size, policy=False) as (page, _):
        found = axe.Axe().run(page).response["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found]
