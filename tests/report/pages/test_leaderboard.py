"""The leaderboard's page in Chromium: reachable for all, and fit for a telephone."""

from __future__ import annotations

from typing import Literal

import pytest

from conformance.sweep.rendering import as_page
from tests.components import axe_faults
from tests.report.pages.conftest import OpenPage
from tests.sweep.results import board


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_page: OpenPage, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(as_page(board()), width=width, color_scheme=scheme)
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
