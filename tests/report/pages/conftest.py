"""One headless Chromium for all tests of pages; every page in it is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.components import chromium

OpenPage = Callable[..., Page]


# Not for the whole session: while it is open, nothing else can run an event loop in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


class Pages:
    """Opens pages, each in a context of its own, and keeps whatever goes wrong in any."""

    def __init__(self, browser: Browser, directory: Path) -> None:
        self.faults: list[str] = []
        self._browser = browser
        self._directory = directory
        self._contexts: list[BrowserContext] = []

    def open(self, html: str, at: str = "", width: int = 1280, **context: Any) -> Page:
        """Write a page to a file and open it there, scrolled to `at` (`#AC-9`)."""
        file = self._directory / f"page-{len(self._contexts)}.html"
        file.write_text(html, encoding="utf-8")
        opened = self._browser.new_context(viewport={"width": width, "height": 844}, **context)
        self._contexts.append(opened)
        page = opened.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._watch(request.url, file))
        page.goto(f"{file.as_uri()}{at}")
        return page

    def _watch(self, url: str, file: Path) -> None:
        if url.split("#")[0] != file.as_uri() and url != "data:,":
            self.faults.append(f"request: {url}")

    def close(self) -> None:
        """Close every page; nothing may have gone wrong in any."""
        for context in self._contexts:
            context.close()
        assert self.faults == []


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[OpenPage]:
    """Open a page of the test's own, to do with it what it likes."""
    pages = Pages(browser, tmp_path)
    yield pages.open
    pages.close()


@pytest.fixture(scope="module")
def shared_pages(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Open pages that several tests look at and leave as they are."""
    pages = Pages(browser, tmp_path_factory.mktemp("pages"))
    yield pages
    pages.close()
