"""Collects what a run finds, and concludes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from conformance.outcomes import Method, Outcome
from conformance.requirements.facts import ids_of_slice
from conformance.requirements.magic_link import SLICES
from conformance.requirements.resources import version
from conformance.requirements.scenarios import scenario_counts
from conformance.requirements.specification import load_specification, sort_key
from conformance.run.events import (
    Event,
    Listener,
    OpeningFailed,
    RunEnded,
    ScenarioEnded,
    TargetOpened,
    TimeSpent,
    WorkersGivenUp,
)
from conformance.run.expected_failures import mark_expected_failures, stale_expected_failures
from conformance.run.options import RunOptions
from conformance.run.result import (
    INTERRUPTION,
    PARTS,
    HarnessError,
    RequirementResult,
    RunResult,
    ScenarioResult,
    requirement_result,
    scenarios_of,
    worse,
)


@dataclass
class Findings:
    """What a run has found so far; `handle` takes its events and hands them on to `listener`.

    `target` holds the facts about the first target and how many `workers` had one; it is empty
    while there is none. `left_running` counts the processes that had to be ended afterwards.
    `broken_off` says why the run did not go on to its end: the time limit, or `--exitfirst`.
    """

    listener: Listener | None = None
    target: dict[str, Any] = field(default_factory=dict)
    errors: list[HarnessError] = field(default_factory=list)
    spent: list[dict[str, float]] = field(default_factory=list)
    ended: RunEnded | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    left_running: int = 0
    broken_off: str = ""
    _results: dict[int, ScenarioResult] = field(default_factory=dict)
    _refusals: list[OpeningFailed] = field(default_factory=list)
    _given_up: list[WorkersGivenUp] = field(default_factory=list)

    @property
    def results(self) -> list[ScenarioResult]:
        """The results in the order of the run."""
        return [self._results[place] for place in sorted(self._results)]

    def handle(self, event: Event) -> None:
        """Keep what an event says."""
        match event:
            case TargetOpened(facts):
                workers = self.target.get("workers", 0) + 1
                self.target = {**(self.target or facts), "workers": workers}
            case OpeningFailed():
                self._refusals.append(event)
            case WorkersGivenUp():
                self._given_up.append(event)
            case ScenarioEnded(place, result):
                # Where each worker judges it the worst counts, and the listener hears of that.
                known = self._results.get(place)
                if known is not None and worse(known, result) is known:
                    return
                self._results[place] = result
            case HarnessError():
                self.errors.append(event)
            case TimeSpent(seconds):
                self.spent.append(seconds)
            case RunEnded():
                self.ended = event
                self.broken_off = self.broken_off or event.broken_off
        if self.listener is not None:
            self.listener(event)

    @property
    def interrupted(self) -> bool:
        """Whether somebody broke the run off."""
        return self.ended is not None and self.ended.interrupted

    @property
    def refusal(self) -> OpeningFailed | None:
        """Why there was no target; None when there was one, or nothing was tried."""
        return self._refusals[0] if self._refusals and not self.target else None

    @property
    def workers_given_up(self) -> str:
        """Why there were fewer workers than there might have been, "" when none was given up."""
        further = [each.message for each in self._refusals if self.target]
        return next(iter([*(each.why for each in self._given_up), *further]), "")

    def break_off(self) -> None:
        """Note that somebody broke the run off, unless its events said so."""
        if not self.interrupted:
            self.handle(INTERRUPTION)
            self.handle(RunEnded(partial=True, interrupted=True))

    def run_out_of_time(self, seconds: float) -> None:
        """Note that it was the time limit that broke the run off, and nobody else."""
        self.broken_off = f"the time limit of {seconds:g} s was reached (--time-limit)"
        self.errors = [each for each in self.errors if each != INTERRUPTION]
        if self.ended is not None:
            self.ended = replace(self.ended, interrupted=False)


def conclude_run(options: RunOptions, findings: Findings) -> RunResult:
    """Return the result of a run: every requirement of the spec with its scenarios.

    A run whose end nobody heard of is partial.
    """
    results = mark_expected_failures(findings.results, options.expected_failures)
    requirements = load_specification().requirements
    written = scenario_counts()
    return RunResult(
        target={**_target(options), **findings.target, **_fewer_workers(findings)},
        asked=options.asked,
        partial=findings.ended is None or findings.ended.partial,
        requirements=tuple(
            _beyond_the_slice(id_, options.slice)
            if options.slice is not None and id_ not in ids_of_slice(options.slice)
            else requirement_result(
                id_,
                requirements[id_].sentence,
                id_ in options.asked,
                scenarios_of(id_, results),
                written[id_],
            )
            for id_ in sorted(requirements, key=sort_key)
        ),
        slice=options.slice,
        gate=options.gate,
        advisories=tuple(result for result in results if result.advisory),
        errors=tuple(findings.errors),
        broken_off=findings.broken_off or None,
        stale_expected_failures=tuple(
            stale_expected_failures(results, options.expected_failures, written)
        ),
        started_at=findings.started_at,
        seconds=round((datetime.now(UTC) - findings.started_at).total_seconds(), 1),
        durations=_durations(findings.spent, results),
        version=version(),
    )


def _beyond_the_slice(id_: str, slice_: str) -> RequirementResult:
    sentence = load_specification().requirements[id_].sentence
    missing = ", ".join(sorted(SLICES[slice_]))
    reason = f"the slice {slice_} has no {missing} yet"
    return RequirementResult(id_, sentence, Outcome.INAPPLICABLE, asked=False, reason=reason)


def _target(options: RunOptions) -> dict[str, Any]:
    description = options.description
    reached = "in process" if description.in_process else "launched"
    return {
        "name": description.name,
        "reached": "running already" if description.base_url else reached,
        "seed": options.seed,
    }


def _fewer_workers(findings: Findings) -> dict[str, str]:
    why = findings.workers_given_up
    return {"workers_given_up": why} if why else {}


def _durations(
    spent: Iterable[Mapping[str, float]], results: Sequence[ScenarioResult]
) -> dict[str, float]:
    """Return the seconds of a run by part, summed over its testbeds."""
    total = dict.fromkeys(PARTS, 0.0)
    for part, seconds in (item for each in spent for item in each.items()):
        total[part] += seconds
    total["scenarios"] = sum(each.seconds for each in results)
    total["sampling"] = sum(each.seconds for each in results if Method.STATISTIC in each.points)
    return {part: round(seconds, 3) for part, seconds in total.items()}
