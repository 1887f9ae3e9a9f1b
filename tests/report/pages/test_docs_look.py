"""The living documentation is legible: phone and desk, light and dark, keyboard, paper, axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.components import axe_faults
from tests.report.pages.docs_made import PAGES, Site, fixture_site

site = fixture_site
_GRAVE = ("serious", "critical")
# All cards come from the same templates; axe takes minutes for every one of them.
_FEWER = "document.querySelectorAll('main .card').forEach((card, at) => at % 12 && card.remove())"


@pytest.fixture(autouse=True)
def _closed_at_once(site: Site) -> Iterator[None]:
    yield
    site.close_pages()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_fault(
    site: Site, name: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = site.open(name, width=width, color_scheme=scheme)
    page.evaluate(_FEWER)
    _open_all(page)
    assert page.locator("main .card, main .terms").count() > 0
    assert axe_faults(page, *_GRAVE) == []


def _open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(site: Site, name: str) -> None:
    page = site.open(name)
    _open_all(page)
    for width in (320, 390, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_reaches_the_pages_and_opens_a_scenario(site: Site) -> None:
    page = site.open("requirements.html")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("nav.pages a").first).to_be_focused()
    first = page.locator("details.folded").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.locator(".gherkin")).to_be_visible()
    page.keyboard.press("Enter")
    expect(first.locator(".gherkin")).to_be_hidden()


def test_the_page_that_is_shown_is_marked(site: Site) -> None:
    for name in PAGES:
        page = site.open(name)
        current = page.get_by_role("navigation", name="Pages").locator("[aria-current='page']")
        assert current.get_attribute("href") == name
        assert page.locator("h1").count() == 1


def test_on_a_phone_the_contents_are_folded_and_beside_the_text_elsewhere(site: Site) -> None:
    phone, desk = site.open("requirements.html", width=390), site.open("requirements.html")
    link = ".toc a[href='#AC-9']"
    expect(phone.locator(link)).to_be_hidden()
    phone.get_by_text("On this page").click()
    phone.locator(link).click()
    expect(phone.locator("#AC-9")).to_be_in_viewport()
    expect(desk.locator(link)).to_be_visible()


def test_on_paper_every_scenario_is_open_and_no_navigation_is_left(site: Site) -> None:
    page = site.open("requirements.html", width=794, color_scheme="dark")
    folded = page.locator("#AC-4 .folded .gherkin").first
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    assert page.locator("nav:visible").count() == 0
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(0, 0, 0)"
