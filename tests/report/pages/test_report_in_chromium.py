"""The HTML report in a real browser: every outcome, filters, links, plots, keyboard, paper."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.report.pages import reports_made as made
from tests.report.pages.conftest import OpenPage, Pages


@pytest.fixture(scope="module")
def all_kinds() -> str:
    return made.page_of(made.all_kinds())


@pytest.fixture(scope="module")
def page_of_all(shared_pages: Pages, all_kinds: str) -> Page:
    """The report of all kinds, opened once; only to be looked at."""
    return shared_pages.open(all_kinds)


def visible_rows(page: Page) -> list[str]:
    return [str(row.get_attribute("id")) for row in page.locator("[data-kind]:visible").all()]


def test_it_says_at_the_top_what_a_reviewer_asks(page_of_all: Page) -> None:
    header = page_of_all.locator("header")
    expect(header.get_by_role("heading", level=1)).to_have_text("Nonconformant")
    expect(header).to_contain_text("the reference: 5 of 10 asked requirements passed")
    expect(header).to_contain_text("http://127.0.0.1:8000")
    expect(header).to_contain_text("Database seennot at all")


@pytest.mark.parametrize("kind", made.KINDS)
def test_every_outcome_has_a_row_a_shape_and_a_word(page_of_all: Page, kind: str) -> None:
    words = {"cant_tell": "cannot tell", "expected_failure": "failed, expected"}
    chip = page_of_all.locator(f'[data-kind="{kind}"] > summary .chip').first
    expect(chip).to_be_visible()
    expect(chip).to_have_text(words.get(kind, kind))
    box = chip.locator(f'use[href="#i-{kind}"]').bounding_box()
    assert box is not None
    assert box["width"] > 8


def test_rows_are_grouped_as_the_spec_is(page_of_all: Page) -> None:
    page = page_of_all
    titles = page.locator(".group-title").all_inner_texts()
    assert [title.split()[0] for title in titles] == [
        "Acceptance",
        "Functional",
        "Non-functional",
        "Edge",
    ]
    assert len(visible_rows(page)) == 31
    assert visible_rows(page)[9:11] == ["AC-10", "FR-1"]


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("What failed", "the status of the answer: expected 400, found 200"),
        ("What was not decided", "needs clock: nothing is described"),
        ("Expected failures", "known, to be mended in spring"),
        ("Stale expected failures", "the expected failure of AC-1 is no longer needed"),
        ("Errors of the run", "the database did not stop"),
        ("What it looks like", "A used token works."),
    ],
)
def test_what_stands_in_the_way_is_told_before_the_rows(
    page_of_all: Page, heading: str, text: str
) -> None:
    section = page_of_all.get_by_role("region", name=heading, exact=True)
    expect(section).to_contain_text(text)


def test_a_run_without_trouble_has_no_sections_about_it(open_page: OpenPage) -> None:
    page = open_page(made.page_of(made.all_passed()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Conformant")
    assert page.get_by_role("heading", level=2).all_inner_texts() == ["Requirements"]
    assert page.locator("[data-kind][open]").count() == 0


def test_a_failure_is_open_with_its_step_and_both_values(page_of_all: Page) -> None:
    page = page_of_all
    row = page.locator("#AC-4")
    step = row.locator(".step-failed").first
    expect(step).to_be_visible()
    expect(step).to_contain_text('Then the answer is 400 with the error "TOKEN_USED" failed here')
    assert step.locator("dd").all_inner_texts() == ["400", "200"]
    expect(row.locator(".step-skipped").first).to_contain_text("not reached: And a new link")
    expect(row).to_contain_text("seen twice")
    expect(row).to_contain_text("ledger reading 4")


def test_an_exchange_opens_to_its_curl_line_and_copies_it(
    open_page: OpenPage, all_kinds: str
) -> None:
    page = open_page(all_kinds, permissions=["clipboard-read", "clipboard-write"])
    exchange = page.locator("#AC-4 .evidence .exchange").first
    exchange.locator("summary").click()
    expect(exchange.locator(".copyable")).to_contain_text("curl -i -X POST http://127.0.0.1:8000")
    exchange.get_by_role("button", name="Copy").click()
    expect(exchange.get_by_role("button")).to_have_text("Copied the curl command")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == exchange.locator(".copyable code").text_content()
    assert "c0ffee" not in exchange.inner_text()


def test_mail_rows_and_log_lines_can_be_read(open_page: OpenPage, all_kinds: str) -> None:
    row = open_page(all_kinds, "#AC-9").locator("#AC-9")
    for summary in row.locator(".exchange > summary").all():
        summary.click()
    expect(row).to_contain_text("to a@example.com")
    expect(row.get_by_text("Open it")).to_be_visible()
    expect(row.get_by_text("usedAt")).to_be_visible()
    expect(row.get_by_text("NULL")).to_be_visible()
    expect(row.get_by_text("magic_link_sent")).to_be_visible()


def test_the_filter_works_with_the_keyboard_and_is_in_the_address(
    open_page: OpenPage, all_kinds: str
) -> None:
    page = open_page(all_kinds)
    every = visible_rows(page)
    failed = page.get_by_role("button", name="Failed 2", exact=True)
    failed.focus()
    page.keyboard.press("Enter")
    assert visible_rows(page) == ["AC-4", "EC-5"]
    assert failed.get_attribute("aria-pressed") == "true"
    expect(page.get_by_role("status")).to_have_text("2 of 31 requirements shown")
    assert page.url.endswith("#show=failed")
    page.get_by_role("button", name="All 31").focus()
    page.keyboard.press("Space")
    assert visible_rows(page) == every
    assert failed.get_attribute("aria-pressed") == "false"
    assert "#" not in page.url


@pytest.mark.parametrize("kind", made.KINDS)
def test_an_address_with_a_filter_opens_filtered(
    open_page: OpenPage, all_kinds: str, kind: str
) -> None:
    page = open_page(all_kinds, f"#show={kind}")
    shown = page.locator("[data-kind]:visible")
    assert shown.count() > 0
    assert {row.get_attribute("data-kind") for row in shown.all()} == {kind}


def test_a_filter_that_is_none_shows_everything(open_page: OpenPage, all_kinds: str) -> None:
    assert len(visible_rows(open_page(all_kinds, "#show=everything"))) == 31


def test_every_link_leads_somewhere_and_every_id_is_there_once(page_of_all: Page) -> None:
    page = page_of_all
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    ids = page.eval_on_selector_all("[id]", "all => all.map(each => each.id)")
    assert len(ids) == len(set(ids))
    assert set(made.all_kinds()["requirements"]) <= set(ids)
    assert {f"#{id_}" for id_ in made.all_kinds()["requirements"]} <= set(links)
    assert [link for link in links if not (link[0] == "#" and link[1:] in ids)] == []


def test_a_link_opens_its_row_and_takes_the_focus_there(
    open_page: OpenPage, all_kinds: str
) -> None:
    page = open_page(all_kinds)
    row = page.locator("#FR-1")
    expect(row).not_to_have_attribute("open", "")
    page.get_by_role("link", name="FR-1 passed", exact=True).click()
    expect(row).to_have_attribute("open", "")
    expect(row.locator("summary").first).to_be_focused()
    expect(row).to_be_in_viewport()


def test_a_link_to_a_row_that_is_filtered_out_shows_it(open_page: OpenPage, all_kinds: str) -> None:
    page = open_page(all_kinds, "#show=failed")
    page.get_by_role("link", name="FR-1 passed", exact=True).click()
    expect(page.locator("#FR-1")).to_be_in_viewport()
    expect(page.get_by_role("button", name="All 31")).to_have_attribute("aria-pressed", "true")


def test_a_scenario_of_several_requirements_is_told_once(
    open_page: OpenPage, all_kinds: str
) -> None:
    page = open_page(all_kinds, "#EC-5")
    row = page.locator("#EC-5")
    assert row.locator(".scenario").count() == 0
    row.get_by_role("link", name="an example that failed").click()
    scenario = page.locator("#AC-4 .scenario")
    expect(scenario).to_have_attribute("open", "")
    expect(scenario.locator("summary").first).to_be_focused()


def test_rows_open_with_the_keyboard_and_all_together(open_page: OpenPage, all_kinds: str) -> None:
    page = open_page(all_kinds)
    page.locator("#FR-2 > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#FR-2")).to_have_attribute("open", "")
    page.get_by_role("button", name="Open all").click()
    assert page.locator("[data-kind]:not([open])").count() == 0
    page.get_by_role("button", name="Close all").click()
    assert page.locator("[data-kind][open]").count() == 0


def test_the_first_tab_stop_skips_to_the_content(open_page: OpenPage, all_kinds: str) -> None:
    page = open_page(all_kinds)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def center(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


def plotted(open_page: OpenPage, measurement: dict[str, Any], width: int) -> Page:
    report = made.all_kinds()
    made.scenario_of(report, "AC-9")["evidence"]["measurements"] = [measurement]
    return open_page(made.page_of(report), "#AC-9", width)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    ("interval", "inside"), [((-14.0, 18.0), True), ((147.0, 168.0), False), ((55.0, 60.0), False)]
)
def test_the_interval_stands_in_the_band_or_beside_it(
    open_page: OpenPage, interval: tuple[float, float], inside: bool, width: int
) -> None:
    measurement = made.comparison(made.sample(165, 36), made.sample(10, 36), interval)
    page = plotted(open_page, measurement, width)
    band = page.locator("#AC-9 .band").bounding_box()
    assert band is not None
    value = center(page, "#AC-9 .interval circle")
    assert (band["x"] < value < band["x"] + band["width"]) is inside
    assert page.locator("#AC-9 .series-a circle").count() == 36
    assert page.locator("#AC-9 .series-b circle").count() == 36
    assert center(page, "#AC-9 .series-b .middle") < center(page, "#AC-9 .series-a .middle")
    expect(page.get_by_role("img", name="Difference of the medians")).to_be_visible()
    expect(page.get_by_role("img", name="Both distributions")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_latencies_stand_on_their_side_of_the_limit(open_page: OpenPage, width: int) -> None:
    page = plotted(open_page, made.latency([*made.sample(40, 99), 350.0]), width)
    limit = center(page, "#AC-9 .limit")
    bars = [bar.bounding_box() for bar in page.locator("#AC-9 .series-a rect").all()]
    right = [bar for bar in bars if bar is not None and bar["x"] > limit]
    assert len(right) == 1
    assert len(bars) > 5
    picture = page.get_by_role("img", name="against its limit")
    expect(picture).to_contain_text("1 of 100 answers took longer than 200 ms")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_screen(open_page: OpenPage, all_kinds: str, width: int) -> None:
    page = open_page(all_kinds, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_text_stays_text(open_page: OpenPage) -> None:
    page = open_page(made.page_of(made.hostile()))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert "owned" in page.title()
    assert page.title() != "owned"
    assert page.locator("img[src]").count() == 0
    assert page.locator("script").count() == 1
    expect(page.locator("#AC-4 .why").first).to_contain_text(made.HOSTILE)


def test_it_can_be_read_without_scripts(open_page: OpenPage, all_kinds: str) -> None:
    page = open_page(all_kinds, java_script_enabled=False)
    expect(page.get_by_role("group", name="Show requirements by outcome")).to_be_hidden()
    expect(page.locator("#AC-4 .step-failed").first).to_be_visible()
    page.locator("#FR-1 > summary").click()
    expect(page.locator("#FR-1 .scenario").first).to_be_visible()


def test_on_paper_it_is_dark_on_white_without_buttons(open_page: OpenPage, all_kinds: str) -> None:
    page = open_page(all_kinds, color_scheme="dark")
    page.emulate_media(media="print")
    style = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert style == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator("button:visible").count() == 0
    assert page.pdf().startswith(b"%PDF")
