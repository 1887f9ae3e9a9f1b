"""axe finds no serious fault in the HTML report, with everything in it opened."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.components import axe_faults
from tests.report.pages import reports_made as made
from tests.report.pages.conftest import OpenPage

_GRAVE = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault(
    open_page: OpenPage, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(
        made.page_of(made.all_kinds()), width=width, color_scheme=scheme, reduced_motion="reduce"
    )
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert axe_faults(page, *_GRAVE) == []


def test_axe_would_find_one(open_page: OpenPage) -> None:
    faint = "<html lang=en><title>t</title><main><h1>t</h1><p style='color:#ccc'>faint</p></main>"
    [found] = axe_faults(open_page(faint))
    assert found.startswith("color-contrast:")
