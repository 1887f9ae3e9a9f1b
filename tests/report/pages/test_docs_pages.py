"""The living documentation in a real browser: whole, linked, with the outcomes of a report."""

from __future__ import annotations

from urllib.parse import unquote, urldefrag

import pytest
from playwright.sync_api import Page, expect

from conformance.outcomes import Outcome
from conformance.requirements.scenarios import read_scenarios
from conformance.requirements.specification import load_specification
from conformance.requirements.trace import load_trace
from tests.report.pages.docs_made import (
    EXPECTED_FAILURE,
    PAGES,
    Site,
    fixture_plain,
    fixture_site,
    report,
    results,
)

site, plain = fixture_site, fixture_plain
SPEC = load_specification()
TRACE = load_trace()
_WORDS = {Outcome.CANT_TELL: "cannot tell", EXPECTED_FAILURE: "failed, expected"}
_WORST_FIRST = (
    Outcome.FAILED,
    EXPECTED_FAILURE,
    Outcome.CANT_TELL,
    Outcome.UNTESTED,
    Outcome.PASSED,
    Outcome.INAPPLICABLE,
)


@pytest.fixture(scope="module")
def shown(site: Site) -> dict[str, Page]:
    """Every page, opened once; only to be looked at."""
    return {name: site.open(name) for name in PAGES}


@pytest.fixture(scope="module")
def requirements(shown: dict[str, Page]) -> Page:
    return shown["requirements.html"]


@pytest.fixture(scope="module")
def features(shown: dict[str, Page]) -> Page:
    return shown["features.html"]


def test_every_link_leads_somewhere(shown: dict[str, Page], site: Site) -> None:
    anchors = {name: _all(page, "[id]", "id") for name, page in shown.items()}
    home = f"{site.directory.as_uri()}/"
    for name, page in shown.items():
        hrefs = _all(page, "a[href]", "href")
        assert hrefs
        for href in set(hrefs):
            address, fragment = urldefrag(href)
            file = address.removeprefix(home)
            assert file in anchors, f"{name} links to {href}"
            assert not fragment or unquote(fragment) in anchors[file], f"{name} links to {href}"


def test_no_id_stands_twice_on_a_page(shown: dict[str, Page]) -> None:
    for name, page in shown.items():
        ids = _all(page, "[id]", "id")
        assert sorted(ids) == sorted(set(ids)), name


def _all(page: Page, selector: str, attribute: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        selector, f"all => all.map(each => each.{attribute})"
    )
    return found


def _places(page: Page, selector: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        f"{selector} [data-place]", "all => all.map(each => each.dataset.place)"
    )
    return found


def test_every_requirement_has_its_section_with_its_sentence(requirements: Page) -> None:
    assert _all(requirements, "[data-requirement]", "id") == list(SPEC.requirements)
    for id_, requirement in SPEC.requirements.items():
        section = requirements.locator(f"[id='{id_}']")
        expect(section.locator("h3")).to_contain_text(requirement.title.replace("`", ""))
        assert section.locator(".binding").inner_text() == _plain(requirement.sentence)


def _plain(markdown: str) -> str:
    return markdown.replace("`", "").replace("*must*", "must")


@pytest.mark.parametrize("id_", SPEC.requirements)
def test_a_requirement_has_the_scenarios_that_show_it_and_no_others(
    requirements: Page, id_: str
) -> None:
    expected = [f"{each.path}:{each.line}" for each in TRACE.scenarios if id_ in each.ids]
    assert sorted(_places(requirements, f"[id='{id_}']")) == sorted(expected)
    assert expected


@pytest.mark.parametrize("id_", SPEC.requirements)
def test_a_requirement_has_the_readings_that_bear_on_it(requirements: Page, id_: str) -> None:
    expected = {number for number, entry in SPEC.readings.items() if id_ in entry.ids}
    links = requirements.locator(f"[id='{id_}'] .readings a").all()
    assert {int(str(link.get_attribute("href")).rpartition("-")[2]) for link in links} == expected


def test_every_scenario_stands_once_among_the_features_step_by_step(features: Page) -> None:
    written = {f"{each.path}:{each.line}": each for each in read_scenarios()}
    assert sorted(_places(features, "body")) == sorted(written)
    for place, scenario in written.items():
        example = features.locator(f"article[data-place='{place}']")
        expect(example.locator("h4")).to_contain_text(scenario.name)
        steps = example.locator(".gherkin .step-text").all_inner_texts()
        assert steps == [step.text for step in scenario.steps]
        rows = example.locator(".values-table tbody tr").count()
        assert rows == (len(scenario.rows) if scenario.rows != ({},) else 0)
        _assert_tags_are_linked(features, place, scenario.tags)


def _assert_tags_are_linked(features: Page, place: str, tags: frozenset[str]) -> None:
    """What stands at the scenario, at its rule and at its feature are together its tags."""
    around = f"article[data-place='{place}']"
    example = features.locator(
        f"{around} .tags, .rule:has({around}) > .tags, .feature:has({around}) > .tags"
    )
    words = " ".join(example.all_inner_texts()).split()
    assert {word.removeprefix("@") for word in words} == tags
    links = example.locator("a").all_inner_texts()
    linked = {tag for tag in tags if tag in SPEC.requirements or tag.startswith("reading-")}
    assert {link.removeprefix("@") for link in links} == linked


def test_every_reading_stands_in_the_ledger_with_its_scenarios(shown: dict[str, Page]) -> None:
    ledger = shown["ledger.html"]
    assert ledger.locator("[data-reading]").count() == len(SPEC.readings)
    for entry in TRACE.readings:
        section = ledger.locator(f"#reading-{entry.number}")
        places = _places(ledger, f"#reading-{entry.number}")
        assert places == [f"{each.path}:{each.line}" for each in entry.scenarios]
        assert section.locator(".bears .id").all_inner_texts() == list(entry.ids)
        assert (section.locator(".label").count() == 1) is entry.advises
        if entry.reason:
            assert entry.reason in " ".join(section.inner_text().split())


def test_the_prose_of_the_spec_is_there(shown: dict[str, Page]) -> None:
    overview = shown["index.html"]
    expect(overview.get_by_role("heading", name="Context")).to_be_visible()
    expect(overview.get_by_role("heading", name="Problem statement")).to_be_visible()
    expect(overview.get_by_role("cell", name="passwordHash")).to_be_visible()
    expect(overview.get_by_text("People who log in rarely do not want")).to_be_visible()


def test_the_interface_is_summarised(shown: dict[str, Page]) -> None:
    overview = shown["index.html"]
    statuses = {
        str(each.get_attribute("data-endpoint")): [
            str(row.get_attribute("data-status")) for row in each.locator("[data-status]").all()
        ]
        for each in overview.locator("[data-endpoint]").all()
    }
    assert statuses == {
        "/auth/magic-link/request": ["202", "429", "503", "4XX"],
        "/auth/magic-link/verify": ["200", "400", "4XX"],
        "/auth/login": ["200", "4XX"],
    }
    refused = overview.locator("[data-endpoint='/auth/magic-link/verify'] [data-status='400']")
    for code in ("TOKEN_EXPIRED", "TOKEN_USED", "TOKEN_INVALID"):
        expect(refused).to_contain_text(f'{{"error": "{code}"}}')


def test_the_report_is_named_on_every_page(shown: dict[str, Page]) -> None:
    for page in shown.values():
        expect(page.locator("header .run")).to_contain_text("the reference, 2026-01-02 03:04 UTC")
        expect(page.locator("header .run")).to_contain_text("Nonconformant")
        assert page.locator("text=changed since").count() == 0


def test_every_scenario_has_the_worst_outcome_of_its_rows(features: Page) -> None:
    found = iter(results())
    for written in read_scenarios():
        rows = [_kind_of(next(found)) for _ in written.rows]
        example = features.locator(f"article[data-place='{written.path}:{written.line}']")
        worst = min(rows, key=_WORST_FIRST.index)
        assert example.locator(".card-head .chip").inner_text() == _WORDS.get(worst, worst)
        chips = example.locator(".values-table .chip").all_inner_texts()
        expected = [_WORDS.get(kind, kind) for kind in rows] if written.rows != ({},) else []
        assert chips == expected


def _kind_of(result: object) -> str:
    pin, outcome = getattr(result, "expected_failure", None), getattr(result, "outcome", "")
    return EXPECTED_FAILURE if pin else str(outcome)


def test_every_requirement_has_its_outcome_and_its_reason(requirements: Page) -> None:
    for id_, requirement in report()["requirements"].items():
        section = requirements.locator(f"[id='{id_}']")
        kind = EXPECTED_FAILURE if requirement["failed_as_expected"] else requirement["outcome"]
        chip = section.locator("> .card-head .chip")
        assert chip.inner_text() == _WORDS.get(kind, kind)
        if requirement["reason"]:
            expect(section.locator("> .reason")).to_contain_text(requirement["reason"])


def test_without_a_report_no_outcome_is_shown(plain: Site) -> None:
    for name in ("index.html", "requirements.html", "features.html", "ledger.html"):
        page = plain.open(name)
        assert page.locator("main .chip, main .icon, header .run").count() == 0


def test_a_reader_gets_from_a_requirement_to_its_feature_and_its_reading(site: Site) -> None:
    page = site.open("requirements.html#AC-9")
    section = page.locator("#AC-9")
    section.locator("summary").first.press("Enter")
    section.get_by_role("link", name="In the feature “Security”").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Features")
    expect(page.locator("article:target h4")).to_contain_text("known and unknown addresses")
    expect(page.locator("article:target")).to_be_in_viewport()
    page.locator("article:target .tags a", has_text="@reading-14").click()
    expect(page.locator("#reading-14")).to_be_in_viewport()
    page.locator("#reading-14 .bears a", has_text="AC-9").click()
    expect(page.locator("#AC-9")).to_be_in_viewport()
