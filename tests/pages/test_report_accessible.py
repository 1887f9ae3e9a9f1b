"""axe finds no serious fault in the HTML report, with everything in it opened."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from conformance.report.html_report import render_report
from tests.pages import reports_made as made
from tests.pages.conftest import OpenPage

_GRAVE = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_serious_fault(
    open_page: OpenPage, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(
        render_report(made.all_kinds()), width=width, color_scheme=scheme, reduced_motion="reduce"
    )
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = Axe().run(page)
    faults = [
        f"{each['id']}: {each['help']}: {node['html']}"
        for each in found.response["violations"]
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]
    assert faults == []


def test_axe_would_find_one(open_page: OpenPage) -> None:
    faint = "<html lang=en><title>t</title><main><h1>t</h1><p style='color:#ccc'>faint</p></main>"
    found = Axe().run(open_page(faint))
    assert [each["id"] for each in found.response["violations"]] == ["color-contrast"]
