"""Runs scenarios: a pytest plugin that turns what pytest-bdd reports into results."""

from __future__ import annotations

import pkgutil
import time
import traceback
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conformance import steps
from conformance.observe.evidence import Evidence, masked
from conformance.observe.log_errors import errors_since
from conformance.observe.mail.mailbox import Sink
from conformance.observe.settings import MailPart
from conformance.outcomes import (
    CantTell,
    Failed,
    Inapplicable,
    NoAnswer,
    Outcome,
    TargetLost,
    Untested,
    with_values,
)
from conformance.requirements.tags import ADVISORY, REALISTIC_MAIL, readings, requirement_ids
from conformance.run.collecting import tags_of
from conformance.run.events import Listener, ScenarioEnded, ScenarioStarted
from conformance.run.expected_failures import mark_expected_failures
from conformance.run.options import RunOptions
from conformance.run.result import HarnessError, ScenarioResult, StepResult
from conformance.steps.scene import Scene
from conformance.target.description import TargetDescription
from conformance.target.mailbox import DELAY_JITTER
from conformance.target.testbed import Testbed

_QUICK_MAIL_SECONDS = 0.01
# How long after an answer that tells of an error its line in the log may come.
_ERROR_SECONDS = 0.3
_PYTEST_OUTCOMES = {Outcome.PASSED: "passed", Outcome.FAILED: "failed"}


def step_modules() -> list[str]:
    """Return the names of the modules that may define steps: all of the room, packages aside."""
    found = pkgutil.iter_modules(steps.__path__, f"{steps.__name__}.")
    return [module.name for module in found if not module.ispkg]


@dataclass
class Recording:
    """One scenario while it runs. `scenario` and its steps are pytest-bdd's."""

    scenario: Any = None
    tags: frozenset[str] = frozenset()
    scene: Scene | None = None
    evidence: Evidence = field(default_factory=Evidence)
    steps: list[StepResult] = field(default_factory=list)
    current: Any = None
    started: float = field(default_factory=time.perf_counter)
    step_started: float = 0.0

    def step_begins(self, step: Any) -> None:
        """Note that a step begins."""
        self.current = step
        self.step_started = time.perf_counter()

    def step_ends(self, outcome: str) -> None:
        """Note how the current step ended."""
        seconds = time.perf_counter() - self.step_started
        step = self.current
        self.steps.append(StepResult(step.keyword.strip(), step.name, outcome, round(seconds, 3)))

    def result(self, error: BaseException | None) -> ScenarioResult | HarnessError:
        """Return the scenario's result; an error that is not an outcome is the harness's."""
        judged = self._judged(error)
        if judged is None and ADVISORY in self.tags and not isinstance(error, TargetLost):
            # An advisory never decides anything, not even by going wrong.
            judged = Outcome.CANT_TELL, f"the harness failed: {_described(error)}", None
        if judged is None:
            return HarnessError(self.scenario.name, _described(error))
        outcome, what, missing = judged
        expected, found = _expectation(error)
        points = tuple(sorted(self.evidence.points))
        if outcome is Outcome.FAILED:
            # Quoted, not judged: the log is no point by which it was seen.
            self.evidence.log_errors = self._logged_errors()
        return ScenarioResult(
            name=self.scenario.name,
            feature=self.scenario.feature.name,
            rule=self.scenario.rule.name if self.scenario.rule else "",
            path=Path(self.scenario.feature.filename).name,
            line=self.scenario.line_number,
            ids=requirement_ids(self.tags),
            outcome=outcome,
            advisory=ADVISORY in self.tags,
            message=masked(with_values(what, expected, found)),
            what=masked(what),
            expected=expected,
            found=found,
            missing=missing,
            points=points,
            steps=(*self._done(), *self._not_reached()),
            notes=tuple(self.evidence.notes),
            readings=readings(self.tags),
            evidence=self.evidence.as_dict(),
            seconds=round(time.perf_counter() - self.started, 3),
        )

    def _logged_errors(self) -> list[str]:
        logs = self.scene.testbed.logs if self.scene is not None else None
        if self.scene is None or logs is None:
            return []
        answers = self.evidence.exchanges
        broken = bool(answers) and (answers[-1].status >= 500 or bool(answers[-1].error))
        return errors_since(logs, self.scene.log_mark, _ERROR_SECONDS if broken else 0.0)

    def _judged(self, error: BaseException | None) -> tuple[Outcome, str, str | None] | None:
        match error:
            case None:
                return Outcome.PASSED, "", None
            case Untested():
                return Outcome.UNTESTED, str(error), error.point
            case CantTell():
                return Outcome.CANT_TELL, str(error), None
            case Inapplicable():
                return Outcome.INAPPLICABLE, str(error), None
            case Failed():
                return self._failure(error)
        return None

    def _failure(self, error: Failed) -> tuple[Outcome, str, str | None]:
        if self._still_setting_up(error):
            # What the scenario is about was never reached; what it depends on is judged elsewhere.
            return Outcome.CANT_TELL, f"the scenario could not be set up: {error.what}", None
        doubts = self.scene.doubts() if self.scene is not None else []
        if doubts:
            return Outcome.CANT_TELL, f"{error.what} (but {'; '.join(doubts)})", None
        return Outcome.FAILED, error.what, None

    def _still_setting_up(self, error: Failed) -> bool:
        """Return whether the failure came before the event, or is not of the event itself."""
        kind = self.current.type if self.current is not None else "then"
        return kind == "given" or (kind == "when" and not isinstance(error, NoAnswer))

    def _done(self) -> Iterator[StepResult]:
        """Yield the steps that were reached, with what was done within them before the last."""
        yield from self.steps[:-1]
        for keyword, text in self.evidence.within_step:
            yield StepResult(keyword, masked(text), "passed")
        yield from self.steps[-1:]

    def _not_reached(self) -> tuple[StepResult, ...]:
        rest = self.scenario.steps[len(self.steps) :]
        return tuple(StepResult(step.keyword.strip(), step.name, "skipped") for step in rest)


def _expectation(error: BaseException | None) -> tuple[str | None, str | None]:
    if not isinstance(error, Failed) or (error.expected is None and error.found is None):
        return None, None
    return masked(str(error.expected)), masked(str(error.found))


def _described(error: BaseException | None) -> str:
    text = masked(str(error))
    return (
        text
        if type(error).__module__.startswith("conformance")
        else f"{type(error).__name__}: {text}"
    )


class ScenarioRunner:
    """Runs one scenario after another on `testbed`, and emits how they begin and end.

    `places` are the places of items in the order of the run.
    """

    def __init__(self, options: RunOptions, emit: Listener) -> None:
        self.emit = emit
        self.testbed: Testbed | None = None
        self.places: dict[pytest.Item, int] = {}
        self._options = options
        self._recording = Recording()

    @pytest.fixture
    def scene(self) -> Iterator[Scene]:
        """Give what one scenario works with."""
        assert self.testbed is not None
        scene = Scene(self.testbed, self.testbed.begin_scenario())
        scene.seed, scene.explore = self._options.seed, self._options.explore
        scene.log_mark = self.testbed.logs.mark() if self.testbed.logs is not None else 0
        if self.testbed.shared.get("further_limit"):
            # What can be judged under it is judged (reading 22).
            scene.let_the_hour_pass()
        self._recording.scene, self._recording.evidence = scene, scene.evidence
        _set_mail_delay(self.testbed, self._options.description, self._recording.tags)
        with scene.stack:
            yield scene
        if ADVISORY not in self._recording.tags:
            self.testbed.history += scene.evidence.exchanges

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin a recording."""
        # What is shown is made below; pytest's own way parses sources, which costs and can fail.
        item.repr_failure = _message_of  # type: ignore[method-assign, assignment]
        self._recording = Recording(tags=tags_of(item))

    # First: what goes wrong in another plugin is reported under the scenario's name.
    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_before_scenario(self, scenario: Any) -> None:
        """Take the scenario with its outline's values filled in."""
        self._recording.scenario = scenario
        self.emit(ScenarioStarted(scenario.name, requirement_ids(self._recording.tags)))

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

    # Before the wrappers of other plugins, so that none of them takes an outcome for a failure.
    @pytest.hookimpl(wrapper=True, trylast=True)
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
            self.emit(result)
            report.longrepr = "".join(traceback.format_exception(error))
            if isinstance(error, TargetLost):
                report.longrepr = str(error)
                item.session.shouldstop = str(error)
            return
        # For the JUnit file of a user's pytest, which is written from the teardown's report.
        item.user_properties += result.links
        # An advisory decides nothing, so in a user's pytest it is not a failure either.
        decides = not (result.advisory and result.outcome is Outcome.FAILED)
        outcome = _PYTEST_OUTCOMES.get(result.outcome, "skipped") if decides else "skipped"
        report.outcome = outcome  # type: ignore[assignment]
        message = f"{'advisory, ' if result.advisory else ''}{result.outcome}: {result.message}"
        if report.outcome == "skipped":
            report.longrepr = (result.path, result.line, message)
        elif report.outcome == "failed":
            report.longrepr = f"{result.failing_step}\n{message}"
        self.emit(ScenarioEnded(self.places[item], result))
        if self._options.exitfirst and self._counts_as_failed(result):
            item.session.shouldstop = f"{result.selector} failed"

    def _counts_as_failed(self, result: ScenarioResult) -> bool:
        [judged] = mark_expected_failures([result], self._options.expected_failures)
        return judged.kind == Outcome.FAILED and not judged.advisory


def _message_of(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    return str(excinfo.value)


def _set_mail_delay(testbed: Testbed, description: TargetDescription, tags: frozenset[str]) -> None:
    """Let the mail provider take a realistic time where times are judged, and little elsewhere."""
    if isinstance(testbed.mailbox, Sink):
        realistic = (description.mail or MailPart()).delay_ms / 1000
        delay = realistic if REALISTIC_MAIL in tags else min(realistic, _QUICK_MAIL_SECONDS)
        testbed.mailbox.set_delay(delay, DELAY_JITTER)
