"""Judging: a pytest plugin that runs scenarios on a testbed and tells a collector how they end."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from conformance.observe.mail import Sink
from conformance.observe.settings import MailPart
from conformance.outcomes import Outcome, TargetLost
from conformance.requirements.tags import REALISTIC_MAIL, requirement_ids
from conformance.run.collecting import Collector
from conformance.run.options import RunOptions
from conformance.run.recorder import Recording
from conformance.run.result import HarnessError
from conformance.steps.scene import Scene
from conformance.target.description import TargetDescription
from conformance.target.mailbox import DELAY_JITTER
from conformance.target.testbed import Testbed

STEP_MODULES = (
    "conformance.steps.addresses",
    "conformance.steps.advisories",
    "conformance.steps.answers",
    "conformance.steps.contract",
    "conformance.steps.concurrency",
    "conformance.steps.enumeration",
    "conformance.steps.instances",
    "conformance.steps.latency",
    "conformance.steps.links",
    "conformance.steps.logs",
    "conformance.steps.mail",
    "conformance.steps.mail_faults",
    "conformance.steps.malformed",
    "conformance.steps.provider_trouble",
    "conformance.steps.requests",
    "conformance.steps.schema",
    "conformance.steps.sessions",
    "conformance.steps.storage",
    "conformance.steps.tokens",
    "conformance.steps.users",
)
_QUICK_MAIL_SECONDS = 0.01
_PYTEST_OUTCOMES = {Outcome.PASSED: "passed", Outcome.FAILED: "failed"}


class Judge:
    """Runs one scenario after another on `testbed`.

    `collector` hears of each; `places` says where an item stands in the order of the run.
    """

    def __init__(self, options: RunOptions, collector: Collector) -> None:
        self.collector = collector
        self.testbed: Testbed | None = None
        self.places: dict[pytest.Item, int] = {}
        self._options = options
        self._recording = Recording()

    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        """Give what one scenario works with."""
        assert self.testbed is not None
        scene = Scene(self.testbed, self.testbed.begin_scenario())
        scene.remembered["seed"] = self._options.seed
        scene.log_mark = self.testbed.logs.mark() if self.testbed.logs is not None else 0
        self._recording.scene, self._recording.evidence = scene, scene.evidence
        _set_mail_delay(self.testbed, self._options.description, self._recording.tags)
        with scene.stack:
            yield scene

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin a recording."""
        # What is shown is made below; pytest's own way parses sources, which costs and can fail.
        item.repr_failure = _message_of  # type: ignore[method-assign, assignment]
        self._recording = Recording(tags=tags_of(item))

    def pytest_bdd_before_scenario(self, scenario: Any) -> None:
        """Take the scenario with its outline's values filled in."""
        self._recording.scenario = scenario
        self.collector.began(scenario.name, requirement_ids(self._recording.tags))

    def pytest_bdd_before_step(self, step: Any) -> None:
        """Note that a step begins."""
        self._recording.step_begins(step)

    def pytest_bdd_after_step(self) -> None:
        """Note that a step passed."""
        self._recording.step_ends("passed")

    def pytest_bdd_step_error(self) -> None:
        """Note that a step did not pass."""
        self._recording.step_ends("failed")

    def pytest_bdd_step_func_lookup_error(self, step: Any) -> None:
        """Note a step that no function is written for."""
        self._recording.step_begins(step)
        self._recording.step_ends("failed")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Take the outcome from the exception that ended the scenario."""
        report = yield
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, (KeyboardInterrupt, pytest.exit.Exception)):
            return report
        if call.when == "call" or error is not None:
            self._record(item, error, report)
        return report

    def _record(
        self, item: pytest.Item, error: BaseException | None, report: pytest.TestReport
    ) -> None:
        result = self._recording.result(error)
        if isinstance(result, HarnessError):
            self.collector.erred(result)
            report.longrepr = "".join(traceback.format_exception(error))
            if isinstance(error, TargetLost):
                report.longrepr = str(error)
                item.session.shouldstop = str(error)
            return
        # An advisory decides nothing, so that in a user's pytest it is no failure either.
        decides = not (result.advisory and result.outcome is Outcome.FAILED)
        outcome = _PYTEST_OUTCOMES.get(result.outcome, "skipped") if decides else "skipped"
        report.outcome = outcome  # type: ignore[assignment]
        told = f"{'advisory, ' if result.advisory else ''}{result.outcome}: {result.message}"
        if report.outcome == "skipped":
            report.longrepr = (result.path, result.line, told)
        elif report.outcome == "failed":
            report.longrepr = f"{result.failing_step}\n{told}"
        self.collector.ended(self.places[item], result)


def tags_of(item: pytest.Item) -> frozenset[str]:
    """Return the tags of an item's scenario, its rule's and its feature's."""
    return frozenset(mark.args[0] for mark in item.iter_markers("requirement"))


def feature_of(item: pytest.Item) -> str:
    """Return the name of the file that an item's scenario stands in."""
    template = scenario_wrapper_template_registry.get(getattr(item, "obj"))  # noqa: B009
    return Path(template.feature.filename).name if template is not None else ""


def _message_of(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    return str(excinfo.value)


def _set_mail_delay(testbed: Testbed, description: TargetDescription, tags: frozenset[str]) -> None:
    """Let the mail provider take a realistic time where times are judged, and little elsewhere."""
    if isinstance(testbed.mailbox, Sink):
        realistic = (description.mail or MailPart()).delay_ms / 1000
        delay = realistic if REALISTIC_MAIL in tags else min(realistic, _QUICK_MAIL_SECONDS)
        testbed.mailbox.set_delay(delay, DELAY_JITTER)
