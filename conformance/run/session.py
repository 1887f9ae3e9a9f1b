"""The run: a pytest plugin that opens testbeds, has the features run on them and concludes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn, TypeVar

import pytest

from conformance.outcomes import ExitCode, HarnessFault, UsageError, harness_fault
from conformance.requirements.magic_link import SLICES
from conformance.requirements.tags import ADVISORY, EXPLORATION
from conformance.run.collecting import (
    decides,
    in_groups,
    in_order,
    is_wanted,
    judges_the_run,
    tags_of,
)
from conformance.run.conclusion import Findings, conclude_run
from conformance.run.events import (
    Listener,
    OpeningFailed,
    RunEnded,
    RunStarted,
    TargetOpened,
    TimeSpent,
    WorkersGivenUp,
)
from conformance.run.isolation import usual_workers, why_not_apart, worker_count
from conformance.run.options import RunOptions
from conformance.run.result import INTERRUPTION, HarnessError, RunResult
from conformance.run.scenario import ScenarioRunner, step_modules
from conformance.run.workers import Share, Workers
from conformance.target.database.postgres import OwnDatabase
from conformance.target.launch.in_process import preload
from conformance.target.launch.process import undisturbed
from conformance.target.testbed import Testbed
from conformance.target.testbed_setup import TestbedOpening

_Got = TypeVar("_Got")


class ConformanceRun:
    """A pytest plugin for one run; `listener` hears of every event.

    After the session `result` holds what was found; it is None when the run could not begin.
    """

    def __init__(self, options: RunOptions, listener: Listener | None = None) -> None:
        self.options = options
        self.result: RunResult | None = None
        self._findings = Findings(listener)
        self._runner = ScenarioRunner(options, self._findings.handle)
        self._opening = TestbedOpening(options.description, options.permissions)
        self._pytest_reports = False
        self._partial = bool(options.only)
        self._interrupted = False
        self._calm = ExitStack()

    # Collection

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the steps and the marker that carries a scenario's tags."""
        self._pytest_reports = config.pluginmanager.has_plugin("terminalreporter")
        config.addinivalue_line("markers", "requirement(tag): a tag of the scenario")
        config.pluginmanager.register(self._runner, "magic-link-conformance scenarios")
        for module in step_modules():
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
        kept = [item for item in items if is_wanted(item, self.options)]
        dropped = [item for item in items if item not in kept]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = in_order(kept, self.options)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that scenarios that decide something are left out, be it by pytest's own `-k`."""
        usual = [item for item in items if not {ADVISORY, EXPLORATION} & tags_of(item)]
        missed = (
            decides(item, self.options) if self.options.gate else tags_of(item) for item in usual
        )
        self._partial = self._partial or any(missed)

    # The session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run everything in workers, or open the one testbed and leave the loop to pytest."""
        if session.config.option.collectonly or session.testsfailed:
            return None
        self._findings.started_at = datetime.now(UTC)
        self._runner.places = {item: place for place, item in enumerate(session.items)}
        self._attempt(self._preload)
        options = self.options
        workers = worker_count(options.description, len(session.items), options.workers)
        if workers > 1 and self._run_in_workers(session, workers):
            return True
        testbed = self._attempt(self._opening.open)
        self._judge_on(testbed, self._findings.handle)
        self._findings.handle(RunStarted(len(session.items)))
        return None

    def _judge_on(self, testbed: Testbed, emit: Listener) -> None:
        if self.options.slice is not None:
            testbed.wire.absent = SLICES[self.options.slice]
        self._runner.testbed, self._runner.emit = testbed, emit
        emit(TargetOpened.on(testbed))

    def _attempt(self, step: Callable[[], _Got]) -> _Got:
        """Return what a step of the opening gives; where it cannot, the session is over."""
        try:
            return step()
        except (UsageError, HarnessFault) as error:
            self._findings.handle(_failure(error))
            self._give_up()

    def _give_up(self) -> NoReturn:
        refusal = self._findings.refusal
        assert refusal is not None
        pytest.exit(refusal.message, returncode=int(refusal.code))

    # Workers

    def _run_in_workers(self, session: pytest.Session, count: int) -> bool:
        """Return False when nothing was run, since the targets would not be apart."""
        share = Share(in_groups(session.items, self.options))
        # What is here by now stays: workers need not look through it, nor have copies of it.
        gc.freeze()
        work = partial(self._run_worker, session)
        with Workers(count, share, work, usual_workers(self.options.workers)) as workers:
            template = self._attempt(self._opening.prepare)
            assert template is not None
            self._findings.handle(RunStarted(len(session.items)))
            workers.run(template, self._findings.handle)
        refusal = self._findings.refusal
        if refusal is None:
            return bool(self._findings.target or self._findings.errors)
        if refusal.code is not ExitCode.USAGE or not self.options.description.prepare:
            self._give_up()
        # `prepare` may have written down where the first database is, and copies stay empty:
        # alone the target has the first, or gives the same reason.
        self._findings.handle(WorkersGivenUp(refusal.message))
        return False

    def _preload(self) -> None:
        part = self.options.description.in_process
        if part is not None:
            preload(part.preload)

    def _run_worker(
        self, session: pytest.Session, template: OwnDatabase, share: Share, emit: Listener
    ) -> None:
        """Run what can be claimed on a target of this worker's own; in a process of its own."""
        options = self.options
        opening = TestbedOpening(options.description, options.permissions, template)
        try:
            testbed = opening.open()
            if why := why_not_apart(testbed):
                emit(WorkersGivenUp(why))
            else:
                testbed.alone = False
                self._judge_on(testbed, emit)
                _claim_and_run(session, share)
                _run_all(session, [item for item in session.items if judges_the_run(item)])
                emit(TimeSpent.on(testbed))
        except (UsageError, HarnessFault) as error:
            emit(_failure(error))
        except Exception as error:
            emit(HarnessError("the harness", harness_fault(error)))
        finally:
            opening.close()

    # The end

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep an error that nobody foresaw for the report, which is written all the same."""
        fault = harness_fault(excinfo.value)
        if not self._findings.target:
            self._findings.handle(OpeningFailed(ExitCode.HARNESS, fault))
        self._findings.handle(HarnessError("the harness", fault))
        return not self._pytest_reports

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was broken off, so that its report says so."""
        # pytest's own way to stop a session, for a target that was lost, is a subclass of it.
        if excinfo.type is KeyboardInterrupt:
            self._interrupted = True
            # From here on everything is bounded: a second Ctrl-C would only leave things behind.
            self._calm.enter_context(undisturbed())
            self._findings.handle(INTERRUPTION)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note features that could not be read."""
        if report.failed:
            self._findings.handle(HarnessError(report.nodeid, str(report.longrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop everything that was started, conclude, and let the exit status say it."""
        if self._runner.testbed is not None:
            self._findings.handle(TimeSpent.on(self._runner.testbed))
        self._close()
        if self._findings.refusal is not None or session.config.option.collectonly:
            return
        self._findings.handle(RunEnded(self._partial, self._interrupted, self._broken_off(session)))
        self.result = conclude_run(self.options, self._findings)
        code = pytest.ExitCode.INTERRUPTED if self._interrupted else self.result.exit_code
        session.exitstatus = int(code)

    def _broken_off(self, session: pytest.Session) -> str:
        left = len(session.items) - len(self._findings.results)
        stopped = self.options.exitfirst and left > 0 and not self._findings.errors
        return "the run ended at the first failure (--exitfirst)" if stopped else ""

    def _close(self) -> None:
        try:
            self._opening.close()
        except Exception as error:
            self._findings.handle(HarnessError("stopping the target", harness_fault(error)))

    def pytest_unconfigure(self) -> None:
        """Stop what was started by a session that did not get as far as its end."""
        self._opening.close()
        self._calm.close()


def _failure(error: UsageError | HarnessFault) -> OpeningFailed:
    code = ExitCode.USAGE if isinstance(error, UsageError) else ExitCode.HARNESS
    return OpeningFailed(code, str(error))


def _claim_and_run(session: pytest.Session, share: Share) -> None:
    _run_all(session, (session.items[place] for place in share.claim()))
    if session.shouldstop:
        share.give_up()


def _run_all(session: pytest.Session, items: Iterable[pytest.Item]) -> None:
    for item in items:
        if session.shouldstop:
            return
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
