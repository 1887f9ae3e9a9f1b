"""The living documentation is legible: phone and desk, light and dark, keyboard, paper, axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.components import axe_faults
from tests.report.pages.docs_made import PAGES, Site, fixture_site

site = fixture_site
_GRAVE = ("serious", "critical")
_LEGIBLE_PIXELS = 12
# All cards come from the same templates; axe takes minutes for every one of them.
_FEWER = "document.querySelectorAll('main .card').forEach((card, at) => at % 12 && card.remove())"
# Boxes of all texts of the diagram that is shown, as it stands on the screen.
_TEXTS = """svg => [...svg.querySelectorAll('text')].map(text => {
  const box = text.getBoundingClientRect();
  return {what: text.textContent, x: box.x, y: box.y, right: box.right, bottom: box.bottom};
})"""


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


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("anchor", ["requesting", "verifying"])
def test_a_diagram_fits_and_its_texts_keep_apart(site: Site, anchor: str, width: int) -> None:
    page = site.open("index.html", width=width)
    diagrams = page.locator(f"#{anchor} svg:visible")
    assert diagrams.count() == 1
    outer = diagrams.bounding_box()
    assert outer is not None
    texts: list[dict[str, Any]] = diagrams.evaluate(_TEXTS)
    assert len(texts) > 20
    for text in texts:
        assert outer["x"] <= text["x"], text
        assert text["right"] <= outer["x"] + outer["width"], text
    overlapping = [
        (one["what"], other["what"])
        for index, one in enumerate(texts)
        for other in texts[index + 1 :]
        if _overlap(one, other)
    ]
    assert overlapping == []
    scale = outer["width"] / float(str(diagrams.get_attribute("width")))
    assert scale * 13 >= _LEGIBLE_PIXELS


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    # Line boxes are taller than their letters.
    return bool(
        one["x"] < other["right"]
        and other["x"] < one["right"]
        and one["y"] + 2 < other["bottom"]
        and other["y"] + 2 < one["bottom"]
    )


@pytest.mark.parametrize("anchor", ["requesting", "verifying"])
def test_a_diagram_is_told_in_words_by_the_same_numbers(site: Site, anchor: str) -> None:
    page = site.open("index.html")
    diagram = page.locator(f"#{anchor} svg:visible")
    numbers = diagram.locator(".number").all_text_contents()
    words = page.locator(f"#{anchor}-words > li")
    assert numbers == [str(number) for number in range(1, words.count() + 1)]
    assert diagram.get_attribute("role") == "img"
    assert diagram.get_attribute("aria-describedby") == f"{anchor}-words"
    name = page.locator(f"[id='{diagram.get_attribute('aria-labelledby')}']").text_content()
    assert name
    assert name.startswith("Sequence diagram: ")


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
