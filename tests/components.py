"""What tests need beside Python: programs that a machine may not have, and CI always has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright


def need(there: bool, component: str) -> None:
    """Skip with the reason; in CI, which installs every component, a missing one is a failure."""
    if not there:
        told = f"{component} is not on this machine"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)


def need_node() -> None:
    """Need Node.js and npm, for the Express target."""
    need(shutil.which("node") is not None and shutil.which("npm") is not None, "Node.js with npm")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium, headless.

    Nothing else can run an event loop in this thread until the block ends.
    """
    program = shutil.which("chromium")
    need(program is not None, "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def axe_faults(page: Page, *impacts: str) -> list[str]:
    """Return what axe finds on a page, as `rule: help: element`; of these impacts, or of all."""
    return [
        f"{each['id']}: {each['help']}: {node['html']}"
        for each in Axe().run(page).response["violations"]
        if not impacts or each["impact"] in impacts
        for node in each["nodes"]
    ]
