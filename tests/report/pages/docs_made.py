"""What the tests of the living documentation look at: a report on every scenario, a site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from conformance.outcomes import Outcome
from conformance.report.json_report import report_from
from conformance.report.site.writing import write_docs
from conformance.requirements.scenarios import fill_in, read_scenarios
from conformance.run.result import ScenarioResult
from tests.report.test_report_examples import report_as_dict, run

PAGES = ("index.html", "requirements.html", "features.html", "ledger.html", "glossary.html")
EXPECTED_FAILURE = "expected_failure"
_KINDS = (*Outcome, EXPECTED_FAILURE)


def results() -> Iterator[ScenarioResult]:
    """Yield a result of every row of every scenario, of all kinds in turn."""
    kinds = cycle(_KINDS)
    for written in read_scenarios():
        for row in written.rows:
            kind = next(kinds)
            yield ScenarioResult(
                name=fill_in(written.name, row),
                feature=written.feature,
                rule=written.rule,
                path=f"features/{written.path}",
                line=written.line + 100,
                ids=written.ids,
                outcome=Outcome.FAILED if kind == EXPECTED_FAILURE else Outcome(kind),
                advisory=written.advisory,
                message="" if kind == Outcome.PASSED else f"why it is {kind}",
                readings=written.readings,
                expected_failure="decided by somebody" if kind == EXPECTED_FAILURE else None,
            )


def report() -> dict[str, Any]:
    """Return a report with those results, in the shape of `report.json`."""
    made: dict[str, Any] = report_as_dict(run(*results()))
    return made


@dataclass
class Site:
    """A directory of pages, opened in a browser that is watched."""

    directory: Path
    browser: Browser
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, page: str, width: int = 1280, **context: Any) -> Page:
        """Open a page (`ledger.html#reading-4`) in a context of its own."""
        options = {"reduced_motion": "reduce", **context}
        opened = self.browser.new_context(viewport={"width": width, "height": 844}, **options)
        self.contexts.append(opened)
        shown = opened.new_page()
        shown.set_default_timeout(10_000)
        shown.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        shown.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        shown.on("request", lambda request: self._watch(request.url))
        shown.goto(f"{self.directory.as_uri()}/{page}")
        return shown

    def _watch(self, url: str) -> None:
        if not url.startswith((f"{self.directory.as_uri()}/", "data:")):
            self.faults.append(f"request: {url}")

    def close_pages(self) -> None:
        """Close every page."""
        while self.contexts:
            self.contexts.pop().close()

    def close(self) -> None:
        """Close every page; nothing may have gone wrong in any."""
        self.close_pages()
        assert self.faults == []


@pytest.fixture(scope="module", name="site")
def fixture_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages with the outcomes of a report."""
    made = Site(tmp_path_factory.mktemp("site"), browser)
    write_docs(made.directory, report_from(report()))
    yield made
    made.close()


@pytest.fixture(scope="module", name="plain")
def fixture_plain(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages without a report."""
    made = Site(tmp_path_factory.mktemp("plain"), browser)
    write_docs(made.directory)
    yield made
    made.close()
