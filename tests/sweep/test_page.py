"""The leaderboard's page in Chromium: reachable for all, and fit for a telephone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from conformance.sweep.page import as_page
from tests.components import chromium
from tests.sweep.results import board


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, width: int, scheme: str
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    try:
        page.set_content(as_page(board()))
        faults = [
            f"{each['id']}: {node['html']}"
            for each in Axe().run(page).response["violations"]
            for node in each["nodes"]
        ]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()
