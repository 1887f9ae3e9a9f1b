"""What a run has found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.outcomes import ExitCode
from conformance.run.options import Listener
from conformance.run.result import HarnessError, ScenarioResult


class Collector(Protocol):
    """Who is told what a run finds, be it in this process or from a worker."""

    def opened(self, target: dict[str, Any]) -> None:
        """Take the facts about a target that is up."""

    def gave_up(self, code: ExitCode, complaint: str) -> None:
        """Note that a target could not be had, and why."""

    def began(self, name: str, ids: tuple[str, ...]) -> None:
        """Note that a scenario begins."""

    def ended(self, place: int, result: ScenarioResult) -> None:
        """Take the result of the scenario at `place` in the order of the run."""

    def erred(self, error: HarnessError) -> None:
        """Take an error of the run."""

    def spent(self, seconds: dict[str, float]) -> None:
        """Take where the time of one testbed went."""


@dataclass
class Collected:
    """Everything that was found, and the complaint of a run that could not begin."""

    listener: Listener | None = None
    target: dict[str, Any] = field(default_factory=dict)
    errors: list[HarnessError] = field(default_factory=list)
    code: ExitCode = ExitCode.HARNESS
    complaint: str = ""
    seconds: list[dict[str, float]] = field(default_factory=list)
    _results: dict[int, ScenarioResult] = field(default_factory=dict)

    @property
    def results(self) -> list[ScenarioResult]:
        """The results in the order of the run."""
        return [self._results[place] for place in sorted(self._results)]

    def opened(self, target: dict[str, Any]) -> None:
        """Keep the facts about the first target that is up, and how many there are."""
        workers = self.target.get("workers", 0) + 1
        self.target = {**(self.target or target), "workers": workers}

    def gave_up(self, code: ExitCode, complaint: str) -> None:
        """Keep the first complaint."""
        if not self.complaint:
            self.code, self.complaint = code, complaint

    def began(self, name: str, ids: tuple[str, ...]) -> None:
        """Tell the listener."""
        if self.listener is not None:
            self.listener.scenario_started(name, ids)

    def ended(self, place: int, result: ScenarioResult) -> None:
        """Keep a result and tell the listener."""
        self._results[place] = result
        if self.listener is not None:
            self.listener.scenario_ended(result)

    def erred(self, error: HarnessError) -> None:
        """Keep an error."""
        self.errors.append(error)

    def spent(self, seconds: dict[str, float]) -> None:
        """Keep where the time of one testbed went."""
        self.seconds.append(seconds)
