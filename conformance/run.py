"""The run: a pytest plugin that opens the testbed, runs the features and concludes."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.concluding import Findings, conclude_run
from conformance.control.process import undisturbed
from conformance.observation.mail import Sink
from conformance.observation.mail.choice import DELAY_JITTER
from conformance.opening import TestbedOpening
from conformance.outcomes import (
    ExitCode,
    HarnessFault,
    Outcome,
    TargetLost,
    exit_code,
    harness_fault,
)
from conformance.recorder import Recording, requirement_ids
from conformance.results import HarnessError, RunResult, ScenarioResult
from conformance.run_options import Listener, RunOptions
from conformance.specification import sort_key
from conformance.steps.scene import Scene
from conformance.target import DescriptionError, MailPart, TargetDescription
from conformance.testbed import Testbed

STEP_MODULES = (
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
# The tag of scenarios that need a mail provider as slow as a real one.
REALISTIC_MAIL = "realistic-mail"
_QUICK_MAIL_SECONDS = 0.01
_PYTEST_OUTCOMES = {Outcome.PASSED: "passed", Outcome.FAILED: "failed"}


class ConformanceRun:
    """A pytest plugin for one run.

    After the session `result` holds what was found, `exit_code` what a command should end with,
    `complaint` the sentence for a run that could not begin; `interrupted` says that somebody broke
    it off.
    """

    def __init__(self, options: RunOptions, listener: Listener | None = None) -> None:
        self.options = options
        self.result: RunResult | None = None
        self.exit_code = ExitCode.HARNESS
        self.complaint = ""
        self.interrupted = False
        self.finished: Callable[[RunResult], None] | None = None
        self._listener = listener
        self._opening = TestbedOpening(options.description, options.permissions)
        self._testbed: Testbed | None = None
        self._recording = Recording()
        self._results: list[ScenarioResult] = []
        self._errors: list[HarnessError] = []
        self._started_at = datetime.now(UTC)
        self._pytest_reports = False
        self._partial = bool(options.only)
        self._calm = ExitStack()

    # Collection

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the steps and the marker that carries a scenario's tags."""
        self._pytest_reports = config.pluginmanager.has_plugin("terminalreporter")
        config.addinivalue_line("markers", "requirement(tag): a tag of the scenario")
        for module in STEP_MODULES:
            config.pluginmanager.import_plugin(module)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_apply_tag(self, tag: str, function: Callable[..., object]) -> object:
        """Turn a tag into a mark that strict marker settings accept."""
        return pytest.mark.requirement(tag)(function)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep what was asked for, acceptance criteria first."""
        kept = [item for item in items if self._is_wanted(_tags(item))]
        dropped = [item for item in items if item not in kept]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = sorted(kept, key=_order)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that scenarios that decide something are left out, be it by pytest's own `-k`."""
        deciding = [item for item in items if "advisory" not in _tags(item)]
        self._partial = self._partial or any(_tags(item) for item in deciding)

    def _is_wanted(self, tags: frozenset[str]) -> bool:
        if "advisory" in tags and not self.options.advisories:
            return False
        return not self.options.only or bool({*self.options.only} & tags)

    # The session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Open the testbed, unless there is nothing to run."""
        if session.config.option.collectonly or session.testsfailed:
            return
        self._started_at = datetime.now(UTC)
        try:
            self._testbed = self._opening.open()
        except DescriptionError as error:
            self._give_up(ExitCode.USAGE, str(error))
        except HarnessFault as error:
            self._give_up(ExitCode.HARNESS, str(error))
        if self._listener is not None:
            self._listener.started(len(session.items))

    def _give_up(self, code: ExitCode, complaint: str) -> None:
        self.exit_code, self.complaint = code, complaint
        pytest.exit(complaint, returncode=int(code))

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep an error that nobody foresaw for the report, which is written all the same."""
        fault = harness_fault(excinfo.value)
        if self._testbed is None:
            self.complaint = fault
        self._errors.append(HarnessError("the harness", fault))
        return not self._pytest_reports

    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        """Give what one scenario works with."""
        assert self._testbed is not None
        scene = Scene(self._testbed, self._testbed.begin_scenario())
        scene.remembered["seed"] = self.options.seed
        scene.log_mark = self._testbed.logs.mark() if self._testbed.logs is not None else 0
        self._recording.scene, self._recording.evidence = scene, scene.evidence
        _set_mail_delay(self._testbed, self.options.description, self._recording.tags)
        with scene.stack:
            yield scene

    # Scenarios

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin a recording."""
        # What is shown is made below; pytest's own way parses sources, which costs and can fail.
        item.repr_failure = _message_of  # type: ignore[method-assign, assignment]
        self._recording = Recording(tags=_tags(item))

    def pytest_bdd_before_scenario(self, scenario: Any) -> None:
        """Take the scenario with its outline's values filled in."""
        self._recording.scenario = scenario
        if self._listener is not None:
            ids = requirement_ids(self._recording.tags)
            self._listener.scenario_started(scenario.name, ids)

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
            self._errors.append(result)
            report.longrepr = "".join(traceback.format_exception(error))
            if isinstance(error, TargetLost):
                report.longrepr = str(error)
                item.session.shouldstop = str(error)
            return
        self._results.append(result)
        # An advisory decides nothing, so that in a user's pytest it is no failure either.
        decides = not (result.advisory and result.outcome is Outcome.FAILED)
        outcome = _PYTEST_OUTCOMES.get(result.outcome, "skipped") if decides else "skipped"
        report.outcome = outcome  # type: ignore[assignment]
        told = f"{'advisory, ' if result.advisory else ''}{result.outcome}: {result.message}"
        if report.outcome == "skipped":
            report.longrepr = (result.path, result.line, told)
        elif report.outcome == "failed":
            report.longrepr = f"{result.failing_step}\n{told}"
        if self._listener is not None:
            self._listener.scenario_ended(result)

    # The end

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was broken off, so that its report says so."""
        # pytest's own way to stop a session, for a target that was lost, is a subclass of it.
        if excinfo.type is KeyboardInterrupt:
            self.interrupted = True
            # From here on everything is bounded: a second Ctrl-C would only leave things behind.
            self._calm.enter_context(undisturbed())
            self._errors.append(HarnessError("the run", "it was interrupted"))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note features that could not be read."""
        if report.failed:
            self._errors.append(HarnessError(report.nodeid, str(report.longrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Conclude, and let the exit status say it."""
        if self.complaint or session.config.option.collectonly:
            return
        findings = Findings(self._results, self._errors, self._partial, self._started_at)
        self.result = conclude_run(self.options, self._testbed, findings)
        self.exit_code = exit_code(
            self.result.conclusion,
            harness_errors=bool(self.result.errors),
            stale_pins=bool(self.result.stale_pins),
        )
        broken_off = pytest.ExitCode.INTERRUPTED if self.interrupted else None
        session.exitstatus = broken_off or int(self.exit_code)
        if self.finished is not None:
            self.finished(self.result)

    def pytest_unconfigure(self) -> None:
        """Stop everything that was started."""
        self._opening.close()
        self._calm.close()


def _message_of(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    return str(excinfo.value)


def _tags(item: pytest.Item) -> frozenset[str]:
    return frozenset(mark.args[0] for mark in item.iter_markers("requirement"))


def _order(item: pytest.Item) -> tuple[Any, ...]:
    ids = requirement_ids(_tags(item))
    first = sort_key(ids[0]) if ids else (9, 0, "")
    tags = _tags(item)
    # Together and first: a target that learns its provider's pace learns it once.
    return ("advisory" in tags, REALISTIC_MAIL not in tags, first)


def _set_mail_delay(testbed: Testbed, description: TargetDescription, tags: frozenset[str]) -> None:
    """Let the mail provider take a realistic time where times are judged, and little elsewhere."""
    if isinstance(testbed.mailbox, Sink):
        realistic = (description.mail or MailPart()).delay_ms / 1000
        delay = realistic if REALISTIC_MAIL in tags else min(realistic, _QUICK_MAIL_SECONDS)
        testbed.mailbox.set_delay(delay, DELAY_JITTER)
