"""`report.json`: everything that a run found, in the shape of `report.schema.json`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from conformance.observe.evidence import masked
from conformance.outcomes import Outcome
from conformance.report.diagnosis import Likeness, diagnose
from conformance.report.wording import (
    asked_outcomes,
    curl_lines,
    requirement_fails_as_expected,
    run_exit_code,
)
from conformance.report.writing import write_whole
from conformance.requirements.specification import sort_key
from conformance.run.result import RequirementResult, RunResult, ScenarioResult

SCHEMA_VERSION = "2.0"
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@lru_cache(maxsize=1)
def _schema_text() -> str:
    return Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8")


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `report.json`; it only ever grows within a version."""
    schema: dict[str, Any] = json.loads(_schema_text())
    return schema


def report_as_dict(result: RunResult) -> dict[str, Any]:
    """Return a run as JSON-like data, masked; requirements name their scenarios by index."""
    scenarios = result.scenarios
    index = {id(scenario): number for number, scenario in enumerate(scenarios)}
    requirements = sorted(result.requirements, key=lambda each: sort_key(each.id))
    report = {
        "schema_version": SCHEMA_VERSION,
        "version": result.version,
        "conclusion": result.conclusion.value,
        "exit_code": run_exit_code(result).value,
        "asked": result.asked,
        "partial": result.partial,
        "score": {
            "passed": len(asked_outcomes(result).get(Outcome.PASSED, [])),
            "asked": len(result.asked),
        },
        "target": result.target,
        "started_at": _utc(result.started_at),
        "seconds": round(result.seconds, 3),
        "requirements": {each.id: _requirement(each, index) for each in requirements},
        "scenarios": [_scenario(each) for each in scenarios],
        "advisories": [_scenario(each) for each in result.advisories],
        "errors": [{"where": each.where, "message": each.message} for each in result.errors],
        "stale_expected_failures": result.stale_expected_failures,
        "diagnosis": [_likeness(each) for each in diagnose(scenarios)],
        "durations": dict(result.durations),
    }
    shown = masked(_plain(report))
    assert isinstance(shown, dict)
    for each in requirements:
        # The spec's own words hold no secret, though the form of the link looks like one.
        shown["requirements"][each.id]["sentence"] = _text(each.sentence)
    return shown


def write_json(report: Mapping[str, Any], path: Path) -> None:
    """Write what `report_as_dict` returned to `path`; the file is either whole or not there."""
    text = json.dumps(report, ensure_ascii=False, allow_nan=False, indent=2)
    write_whole(path, f"{text}\n")


def _likeness(likeness: Likeness) -> dict[str, Any]:
    return {
        "name": likeness.name,
        "fault": likeness.fault,
        "similarity": likeness.similarity,
        "ids": likeness.ids,
    }


def _requirement(requirement: RequirementResult, index: Mapping[int, int]) -> dict[str, Any]:
    return {
        "outcome": requirement.outcome.value,
        "sentence": requirement.sentence,
        "asked": requirement.asked,
        "reason": requirement.reason,
        "failed_as_expected": requirement_fails_as_expected(requirement),
        "points": requirement.points,
        "scenarios": [index[id(scenario)] for scenario in requirement.scenarios],
    }


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "feature": scenario.feature,
        "rule": scenario.rule,
        "path": scenario.path,
        "line": scenario.line,
        "ids": scenario.ids,
        "outcome": scenario.outcome.value,
        "advisory": scenario.advisory,
        "message": scenario.message,
        "expected": scenario.expected,
        "found": scenario.found,
        "missing": scenario.missing,
        "failing_step": scenario.failing_step,
        "steps": [
            {
                "keyword": step.keyword,
                "text": step.text,
                "outcome": step.outcome,
                "seconds": round(step.seconds, 3),
            }
            for step in scenario.steps
        ],
        "points": scenario.points,
        "notes": scenario.notes,
        "readings": scenario.readings,
        "expected_failure": scenario.expected_failure,
        "seconds": round(scenario.seconds, 3),
        "reproduce": curl_lines(scenario),
        "evidence": scenario.evidence,
    }


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: no NaN, no lone surrogates, no foreign types."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(_text(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [_plain(item) for item in value]
    return _utc(value) if isinstance(value, datetime) else _text(value)


def _text(value: object) -> str:
    shown = value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else value
    return _SURROGATE.sub("\ufffd", str(shown))
