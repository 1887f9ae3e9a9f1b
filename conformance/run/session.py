"""The run: a pytest plugin that opens testbeds, has the features run on them and concludes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import pytest

from conformance.outcomes import ExitCode, HarnessFault, UsageError, harness_fault
from conformance.requirements.specification import sort_key
from conformance.requirements.tags import REALISTIC_MAIL, SLOW, requirement_ids
from conformance.run.collecting import Collected, Collector
from conformance.run.concluding import Findings, conclude_run, target_facts
from conformance.run.durations import spent_on
from conformance.run.isolation import is_apart, usual_workers, worker_count
from conformance.run.judge import STEP_MODULES, Judge, feature_of, tags_of
from conformance.run.options import Listener, RunOptions
from conformance.run.result import HarnessError, RunResult
from conformance.run.workers import Reporting, Share, Workers
from conformance.target.database.own_database import OwnDatabase
from conformance.target.launch.in_process import preload
from conformance.target.launch.process import undisturbed
from conformance.target.testbed import Testbed
from conformance.target.testbed_setup import TestbedOpening

# Groups of scenarios that share something expensive: schemathesis's requests, the answers to
# addresses of two kinds (`conformance.steps.enumeration`), hundreds of links
# (`conformance.steps.harvest`). They come first, the longest before the others, and then the
# scenarios that are tagged as slow: they start the service once more, or repeat much.
_LONG = ("contract", "strangers", "suspended", "harvest")
_REALISTIC = {"NFR-1": "harvest", "NFR-5": "harvest", "EC-2": "suspended"}
_Got = TypeVar("_Got")


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
        self._collected = Collected(listener)
        self._judge = Judge(options, self._collected)
        self._opening = TestbedOpening(options.description, options.permissions)
        self._started_at = datetime.now(UTC)
        self._pytest_reports = False
        self._partial = bool(options.only)
        self._calm = ExitStack()

    # Collection

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the steps and the marker that carries a scenario's tags."""
        self._pytest_reports = config.pluginmanager.has_plugin("terminalreporter")
        config.addinivalue_line("markers", "requirement(tag): a tag of the scenario")
        config.pluginmanager.register(self._judge, "magic-link-conformance judge")
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
        kept = [item for item in items if self._is_wanted(tags_of(item))]
        dropped = [item for item in items if item not in kept]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = sorted(kept, key=_order)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that scenarios that decide something are left out, be it by pytest's own `-k`."""
        deciding = [item for item in items if "advisory" not in tags_of(item)]
        self._partial = self._partial or any(tags_of(item) for item in deciding)

    def _is_wanted(self, tags: frozenset[str]) -> bool:
        if "advisory" in tags and not self.options.advisories:
            return False
        return not self.options.only or bool({*self.options.only} & tags)

    # The session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run everything in workers, or open the one testbed and leave the loop to pytest."""
        if session.config.option.collectonly or session.testsfailed:
            return None
        self._started_at = datetime.now(UTC)
        self._judge.places = {item: place for place, item in enumerate(session.items)}
        _had(self._preload, self._collected)
        self._give_up_on_complaint()
        options = self.options
        workers = worker_count(options.description, len(session.items), options.workers)
        if workers > 1 and self._run_in_workers(session, workers):
            return True
        testbed = _had(self._opening.open, self._collected)
        self._give_up_on_complaint()
        self._judge_on(testbed, self._collected)
        self._tell_started(session)
        return None

    def _tell_started(self, session: pytest.Session) -> None:
        if self._collected.listener is not None:
            self._collected.listener.started(len(session.items))

    def _judge_on(self, testbed: Testbed | None, collector: Collector) -> None:
        assert testbed is not None
        self._judge.testbed, self._judge.collector = testbed, collector
        collector.opened(target_facts(testbed))

    def _give_up_on_complaint(self) -> None:
        if self._collected.complaint:
            self.exit_code, self.complaint = self._collected.code, self._collected.complaint
            pytest.exit(self.complaint, returncode=int(self.exit_code))

    # Workers

    def _run_in_workers(self, session: pytest.Session, count: int) -> bool:
        """Return False when nothing was run, since the targets would not be apart."""
        share, work = Share(_groups(session.items)), partial(self._run_worker, session)
        with Workers(count, share, work, usual_workers(self.options.workers)) as workers:
            template = _had(self._opening.prepare, self._collected)
            self._give_up_on_complaint()
            assert template is not None
            self._tell_started(session)
            workers.run(template, self._collected)
        if self._collected.target:
            return True
        if self._collected.code is ExitCode.USAGE and self.options.description.prepare:
            # `prepare` may have written down where the first database is, and copies stay empty:
            # alone the target has the first, or gives the same reason.
            self._collected.complaint = ""
        self._give_up_on_complaint()
        return bool(self._collected.errors)

    def _preload(self) -> None:
        part = self.options.description.in_process
        if part is not None:
            preload(part.preload)

    def _run_worker(
        self, session: pytest.Session, template: OwnDatabase, share: Share, reporting: Reporting
    ) -> None:
        """Run what can be claimed on a target of this worker's own; in a process of its own."""
        options = self.options
        opening = TestbedOpening(options.description, options.permissions, template)
        try:
            testbed = _had(opening.open, reporting)
            if testbed is not None and is_apart(testbed):
                testbed.alone = False
                self._judge_on(testbed, reporting)
                _claim_and_run(session, share)
                reporting.spent(spent_on(testbed))
        except Exception as error:
            reporting.erred(HarnessError("the harness", harness_fault(error)))
        finally:
            opening.close()

    # The end

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep an error that nobody foresaw for the report, which is written all the same."""
        fault = harness_fault(excinfo.value)
        if not self._collected.target:
            self.complaint = fault
        self._collected.erred(HarnessError("the harness", fault))
        return not self._pytest_reports

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was broken off, so that its report says so."""
        # pytest's own way to stop a session, for a target that was lost, is a subclass of it.
        if excinfo.type is KeyboardInterrupt:
            self.interrupted = True
            # From here on everything is bounded: a second Ctrl-C would only leave things behind.
            self._calm.enter_context(undisturbed())
            self._collected.erred(HarnessError("the run", "it was interrupted"))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note features that could not be read."""
        if report.failed:
            self._collected.erred(HarnessError(report.nodeid, str(report.longrepr)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Conclude, and let the exit status say it."""
        if self.complaint or session.config.option.collectonly:
            return
        collected = self._collected
        if self._judge.testbed is not None:
            collected.spent(spent_on(self._judge.testbed))
        self.result = conclude_run(
            self.options,
            Findings(
                collected.results,
                collected.errors,
                collected.target,
                collected.seconds,
                self._partial,
                self._started_at,
            ),
        )
        self.exit_code = self.result.exit_code
        broken_off = pytest.ExitCode.INTERRUPTED if self.interrupted else None
        session.exitstatus = broken_off or int(self.exit_code)
        if self.finished is not None:
            self.finished(self.result)

    def pytest_unconfigure(self) -> None:
        """Stop everything that was started."""
        self._opening.close()
        self._calm.close()


def _had(step: Callable[[], _Got], collector: Collector) -> _Got | None:
    """Return what a step of the opening gives, None when the collector has heard why it cannot."""
    try:
        return step()
    except UsageError as error:
        collector.gave_up(ExitCode.USAGE, str(error))
    except HarnessFault as error:
        collector.gave_up(ExitCode.HARNESS, str(error))
    return None


def _claim_and_run(session: pytest.Session, share: Share) -> None:
    for place in share.claim():
        item = session.items[place]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if session.shouldstop:
            share.give_up()
            return


def _order(item: pytest.Item) -> tuple[Any, ...]:
    tags = tags_of(item)
    ids = requirement_ids(tags)
    first = sort_key(ids[0]) if ids else (9, 0, "")
    # Together and first: a target that learns its provider's pace learns it once.
    return ("advisory" in tags, REALISTIC_MAIL not in tags, first)


def _groups(items: list[pytest.Item]) -> list[list[int]]:
    """Return places in the order in which they are claimed; a group shares what is expensive."""
    groups: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        groups.setdefault(_group(item), []).append(place)
    # The long ones first: what is left at the end should be short.
    return sorted(groups.values(), key=lambda places: _turn(items[places[0]]))


def _turn(item: pytest.Item) -> int:
    group = _group(item)
    return _LONG.index(group) if group in _LONG else len(_LONG) + (SLOW not in tags_of(item))


def _group(item: pytest.Item) -> str:
    tags = tags_of(item)
    if REALISTIC_MAIL in tags:
        return next((name for id_, name in _REALISTIC.items() if id_ in tags), "strangers")
    return "contract" if feature_of(item) == "contract.feature" else item.nodeid
