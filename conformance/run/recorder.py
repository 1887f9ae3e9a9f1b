"""Turns what pytest and pytest-bdd report about a scenario into its result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.observe.evidence import Evidence, masked
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
from conformance.requirements.tags import readings, requirement_ids
from conformance.run.result import HarnessError, ScenarioResult, StepResult
from conformance.steps.scene import Scene


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
        """Return the scenario's result; an error that is no outcome is the harness's."""
        judged = self._judged(error)
        if judged is None and "advisory" in self.tags and not isinstance(error, TargetLost):
            # An advisory never decides anything, not even by going wrong.
            judged = Outcome.CANT_TELL, f"the harness failed: {_described(error)}", None
        if judged is None:
            return HarnessError(self.scenario.name, _described(error))
        outcome, what, missing = judged
        expected, found = _expectation(error)
        return ScenarioResult(
            name=self.scenario.name,
            feature=self.scenario.feature.name,
            rule=self.scenario.rule.name if self.scenario.rule else "",
            path=Path(self.scenario.feature.filename).name,
            line=self.scenario.line_number,
            ids=requirement_ids(self.tags),
            outcome=outcome,
            advisory="advisory" in self.tags,
            message=masked(with_values(what, expected, found)),
            what=masked(what),
            expected=expected,
            found=found,
            missing=missing,
            points=tuple(sorted(self.evidence.points)),
            steps=tuple(self.steps) + self._not_reached(),
            notes=tuple(self.evidence.notes),
            readings=readings(self.tags),
            evidence=self.evidence.as_dict(),
            seconds=round(time.perf_counter() - self.started, 3),
        )

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
            # What the scenario is about was never reached; what it stands on is judged elsewhere.
            return Outcome.CANT_TELL, f"the scenario could not be set up: {error.what}", None
        doubts = self.scene.doubts() if self.scene is not None else []
        if doubts:
            return Outcome.CANT_TELL, f"{error.what} (but {'; '.join(doubts)})", None
        return Outcome.FAILED, error.what, None

    def _still_setting_up(self, error: Failed) -> bool:
        """Tell whether the failure came before the event, or is not of the event itself."""
        kind = self.current.type if self.current is not None else "then"
        return kind == "given" or (kind == "when" and not isinstance(error, NoAnswer))

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
