"""Headless Chromium, watched: what it asks for, what it complains about, what axe says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.components import axe_faults

Scheme = Literal["light", "dark"]
_PATIENCE_MILLISECONDS = 20_000
_SMALLEST_BUTTON_PIXELS = 44
# Chromium reports each page with an error's status so; that is no fault of the page.
_STATUS_REPORT = "Failed to load resource: the server responded with a status of 4"


@dataclass(frozen=True)
class Window:
    """A size in CSS pixels and a colour scheme."""

    width: int
    scheme: Scheme

    @property
    def height(self) -> int:
        return 844 if self.width < 500 else 800

    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}"


WINDOWS = [Window(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]


@dataclass
class Watched:
    """A page in a window of its own, with an empty cookie jar."""

    page: Page
    urls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    def press(self, button: str) -> None:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button, exact=True).click()

    def check(self) -> None:
        """Fail when the page in view would trouble somebody."""
        assert axe_faults(self.page) == []
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, "the page is wider than its window"
        for button in self.page.get_by_role("button").all():
            box = button.bounding_box()
            assert box
            assert box["height"] >= _SMALLEST_BUTTON_PIXELS

    def note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS_REPORT):
            self.complaints.append(message.text)


@contextmanager
def watched(browser: Browser, window: Window, *own: str) -> Iterator[Watched]:
    """Open a window; at its end fail on complaints and on requests to others than `own`."""
    context = browser.new_context(
        viewport={"width": window.width, "height": window.height},
        color_scheme=window.scheme,
        is_mobile=window.width < 500,
        has_touch=window.width < 500,
    )
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    try:
        seen = Watched(context.new_page())
        context.on("request", lambda request: seen.urls.append(request.url))
        context.on("console", seen.note)
        context.on("weberror", lambda error: seen.complaints.append(str(error.error)))
        yield seen
        assert seen.complaints == []
        assert [url for url in seen.urls if not url.startswith((*own, "data:"))] == []
    finally:
        context.close()
