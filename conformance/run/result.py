"""What a run found: scenarios, requirements, the run; the shapes that every report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

from pydantic import computed_field

from conformance.outcomes import Conclusion, ExitCode, Outcome, conclude, exit_code, worst
from conformance.requirements.scenarios import selector_of

# Where the time of a run goes. Parts overlap, and those of workers add up.
PARTS = {
    "starting": "starting the target and its instances",
    "answers": "waiting for the target's answers",
    "mail_provider": "the mail provider's own delay",
    "sampling": "scenarios that judge times by samples",
    "scenarios": "all scenarios",
}


# What a scenario or a requirement ended as: an outcome, or a failure that was expected.
EXPECTED_FAILURE = "expected_failure"
KINDS = ("failed", EXPECTED_FAILURE, "cant_tell", "untested", "passed", "inapplicable")


@dataclass(frozen=True)
class StepResult:
    """One Gherkin step: `outcome` is passed, failed (whatever stopped it) or skipped."""

    keyword: str
    text: str
    outcome: str
    seconds: float = 0.0


@dataclass(frozen=True)
class ScenarioResult:
    """One scenario, as it ended.

    `ids` are the requirements that it shows. `message` says why it did not pass: `what`, and
    for failures what was `expected` and `found` where there are such values. `points` are the
    points of observation and control by which it was seen. `missing` names the point that an
    untested scenario needs.
    `evidence` is what `Evidence.as_dict` returns, masked. `expected_failure` is the reason why a
    failure was expected.
    """

    name: str
    feature: str
    rule: str
    path: str
    line: int
    ids: tuple[str, ...]
    outcome: Outcome
    advisory: bool = False
    message: str = ""
    expected: str | None = None
    found: str | None = None
    what: str = ""
    missing: str | None = None
    points: tuple[str, ...] = ()
    steps: tuple[StepResult, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[int, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    expected_failure: str | None = None

    @property
    def kind(self) -> str:
        """How it ended: one of `KINDS`."""
        return EXPECTED_FAILURE if self.expected_failure is not None else self.outcome.value

    @property
    def place(self) -> str:
        """The feature file, from the top of the project."""
        return f"features/{PurePath(self.path).name}"

    @property
    def selector(self) -> str:
        """What `--only` takes for it; see `selector_of`."""
        return selector_of(self.path, self.line)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """What other tools link it by: its requirements, its readings, its place."""
        return (
            *(("requirement", id_) for id_ in self.ids),
            *(("reading", str(reading)) for reading in self.readings),
            ("feature", self.place),
            ("line", str(self.line)),
        )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reproduce(self) -> tuple[str, ...]:
        """Commands that repeat its last requests."""
        return tuple(each["curl"] for each in self.evidence.get("exchanges", ()))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def failing_step(self) -> str | None:
        """The step that stopped the scenario, with its keyword."""
        stopped = (step for step in self.steps if step.outcome == "failed")
        return next((f"{step.keyword} {step.text}" for step in stopped), None)


@dataclass(frozen=True)
class HarnessError:
    """A fault of the harness, or a target that was lost: an error of the run."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


INTERRUPTION = HarnessError("the run", "it was interrupted")


@dataclass(frozen=True)
class RequirementResult:
    """One requirement: the worst outcome of its scenarios.

    `not_run` counts its scenarios that the run left out: without them nothing counts as passed.
    """

    id: str
    sentence: str
    outcome: Outcome
    asked: bool
    scenarios: tuple[ScenarioResult, ...] = ()
    reason: str = ""
    not_run: int = 0

    @property
    def judged(self) -> Outcome:
        """The outcome that the conclusion counts: as if expected failures had passed."""
        if not self.scenarios:
            return self.outcome
        every = (Outcome.PASSED if s.expected_failure else s.outcome for s in self.scenarios)
        return _if_whole(worst(every), self.not_run)

    @property
    def failed_as_expected(self) -> bool:
        """Whether it failed, and only in scenarios that were expected to."""
        return self.outcome is Outcome.FAILED and self.judged is not Outcome.FAILED

    @property
    def points(self) -> tuple[str, ...]:
        """Every point by which its scenarios were seen."""
        return tuple(sorted({point for scenario in self.scenarios for point in scenario.points}))


@dataclass(frozen=True)
class RunResult:
    """A whole run.

    `asked` are the ids that it was asked about; `partial` says that scenarios were left out by
    choice, so that it cannot be conformant. `stale_expected_failures` are sentences about those
    that are out of date. `target` describes the target and how it was reached and observed.
    `durations` are seconds by part of the work; see `PARTS`. `slice` names the part of the service
    that is there, where it is not all of it. `broken_off` says why the run did not go on to its
    end, if it is not an error. `gate` says that what decides none of `asked` was left out.
    """

    target: dict[str, Any]
    asked: tuple[str, ...]
    partial: bool
    requirements: tuple[RequirementResult, ...]
    advisories: tuple[ScenarioResult, ...]
    errors: tuple[HarnessError, ...]
    stale_expected_failures: tuple[str, ...]
    started_at: datetime
    seconds: float
    version: str
    durations: dict[str, float] = field(default_factory=dict)
    slice: str | None = None
    broken_off: str | None = None
    gate: bool = False

    @property
    def conclusion(self) -> Conclusion:
        """What the run says about what it was asked; expected failures are shown, not counted."""
        outcomes = {result.id: result.judged for result in self.requirements}
        # What was not reached must not read as green.
        stopped = bool(self.errors or self.broken_off)
        return conclude(outcomes, self.asked, partial=self.partial or stopped)

    @property
    def exit_code(self) -> ExitCode:
        """What the command line ends with after this run."""
        return exit_code(
            self.conclusion,
            harness_errors=bool(self.errors),
            stale_expected_failures=bool(self.stale_expected_failures),
        )

    @property
    def scenarios(self) -> tuple[ScenarioResult, ...]:
        """Every judged scenario, once, in the order of the requirements."""
        # By identity: the rows of an outline share their place and may share a name.
        every = [scenario for result in self.requirements for scenario in result.scenarios]
        return tuple({id(scenario): scenario for scenario in every}.values())


def requirement_result(
    id_: str,
    sentence: str,
    asked: bool,
    scenarios: Sequence[ScenarioResult],
    written: int | None = None,
) -> RequirementResult:
    """Return a requirement's result: the worst of its scenarios', with that scenario's reason.

    `written` is how many scenarios the features have for it, by default those that ran.
    """
    not_run = max((written or 0) - len(scenarios), 0)
    worst_of_all = worst(scenario.outcome for scenario in scenarios)
    outcome = _if_whole(worst_of_all, not_run)
    reason = next((s.message for s in scenarios if s.outcome is outcome and s.message), "")
    if not scenarios:
        reason = "no scenario of it ran"
    elif outcome is not worst_of_all:
        reason = f"{not_run} of {written} scenarios were not run"
    return RequirementResult(id_, sentence, outcome, asked, tuple(scenarios), reason, not_run)


def _if_whole(outcome: Outcome, not_run: int) -> Outcome:
    """Return the outcome; a good one takes all scenarios."""
    good = outcome in (Outcome.PASSED, Outcome.INAPPLICABLE)
    return Outcome.UNTESTED if good and not_run else outcome


def worse(one: ScenarioResult, other: ScenarioResult) -> ScenarioResult:
    """Return the result with the worse outcome, the first when they are alike."""
    return one if worst((one.outcome, other.outcome)) is one.outcome else other


def scenarios_of(id_: str, scenarios: Iterable[ScenarioResult]) -> list[ScenarioResult]:
    """Return the judged scenarios that show a requirement."""
    return [scenario for scenario in scenarios if id_ in scenario.ids and not scenario.advisory]
