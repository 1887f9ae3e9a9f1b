"""Puts together what a run found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from conformance.requirements.resources import version
from conformance.requirements.scenarios import scenario_counts
from conformance.requirements.specification import load_specification, sort_key
from conformance.run.durations import in_all
from conformance.run.expected_failures import mark_expected_failures, stale_expected_failures
from conformance.run.options import RunOptions
from conformance.run.result import (
    HarnessError,
    RunResult,
    ScenarioResult,
    requirement_result,
    scenarios_of,
)
from conformance.target.testbed import Testbed


@dataclass(frozen=True)
class Findings:
    """What was collected while the scenarios ran.

    `target` is what `target_facts` returns, empty when no target was reached; `spent` is where the
    time of each testbed went; `partial` says that scenarios were left out.
    """

    results: Sequence[ScenarioResult]
    errors: Sequence[HarnessError]
    target: Mapping[str, Any]
    spent: Sequence[Mapping[str, float]]
    partial: bool
    started_at: datetime


def conclude_run(options: RunOptions, findings: Findings) -> RunResult:
    """Return the result of a run: every requirement of the spec with its scenarios."""
    results = mark_expected_failures(findings.results, options.expected_failures)
    requirements = load_specification().requirements
    written = scenario_counts()
    return RunResult(
        target={**_target(options), **findings.target},
        asked=options.asked,
        partial=findings.partial,
        requirements=tuple(
            requirement_result(
                id_,
                requirements[id_].sentence,
                id_ in options.asked,
                scenarios_of(id_, results),
                written[id_],
            )
            for id_ in sorted(requirements, key=sort_key)
        ),
        advisories=tuple(result for result in results if result.advisory),
        errors=tuple(findings.errors),
        stale_expected_failures=tuple(stale_expected_failures(results, options.expected_failures)),
        started_at=findings.started_at,
        seconds=round((datetime.now(UTC) - findings.started_at).total_seconds(), 1),
        durations=in_all(findings.spent, results),
        version=version(),
    )


def target_facts(testbed: Testbed) -> dict[str, Any]:
    """Return where a target was reached and how it was observed and controlled."""
    return {
        "base_url": testbed.wire.base_url,
        "mail": testbed.mailbox.name if testbed.mailbox else None,
        "database": "by SQL" if testbed.database else None,
        "clock": testbed.clock.how if testbed.clock else None,
        "logs": str(testbed.logs.path.name) if testbed.logs else None,
    }


def _target(options: RunOptions) -> dict[str, Any]:
    description = options.description
    reached = "in process" if description.in_process else "launched"
    return {
        "name": description.name,
        "reached": "running already" if description.base_url else reached,
        "seed": options.seed,
    }
