"""`feedback.json`: what to mend, in what order, for a program; see `feedback.schema.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance.outcomes import Outcome
from conformance.report.causes import Cause
from conformance.report.feedback_item import likely_faults, places
from conformance.report.findings import findings
from conformance.report.model import Report
from conformance.report.reproduction import last_requests, seen
from conformance.report.safe_text import json_text
from conformance.run.result import EXPECTED_FAILURE, ScenarioResult

SCHEMA_VERSION = "1.0"


def feedback_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `feedback.json`; it only ever grows within a version."""
    text = Path(__file__).with_name("feedback.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def feedback_json(report: Report) -> str:
    """Return the text of `feedback.json`."""
    found = findings(report)
    root = next((id_ for id_, cause in found.items() if cause.root), None)
    text = json_text(
        {
            "schema_version": SCHEMA_VERSION,
            "version": report.version,
            "target": report.target_name,
            "conclusion": report.conclusion.value,
            "exit_code": report.exit_code.value,
            "partial": report.partial or bool(report.broken_off),
            "score": {"passed": report.score.passed, "asked": report.score.asked},
            "errors": [str(error) for error in report.errors],
            "findings": [
                {
                    "id": id_,
                    "may_disappear_with": None if cause.root else root,
                    **_finding(cause, report),
                }
                for id_, cause in found.items()
            ],
            "undecided": [
                {"id": id_, "outcome": each.outcome.value, "reason": each.reason}
                for id_, each in report.requirements.items()
                if each.asked and each.outcome in (Outcome.CANT_TELL, Outcome.UNTESTED)
            ],
            "passed": report.ids(Outcome.PASSED),
            "expected_failures": report.ids(EXPECTED_FAILURE),
        }
    )
    return f"{text}\n"


def _finding(cause: Cause, report: Report) -> dict[str, Any]:
    shown = cause.shown_by
    earlier, requests = last_requests(shown)
    return {
        "ids": cause.ids,
        "sentences": {
            id_: report.requirements[id_].sentence
            for id_ in cause.ids
            if id_ in report.requirements
        },
        "what": shown.what,
        "expected": shown.expected,
        "found": shown.found,
        "places": places(cause),
        "likely_faults": [asdict(each) for each in likely_faults(cause, report)],
        "consequences": cause.consequences,
        "scenario": _scenario(shown),
        "steps": [{"text": f"{s.keyword} {s.text}", "outcome": s.outcome} for s in shown.steps],
        "earlier_requests": earlier,
        "requests": [asdict(request) for request in requests],
        "seen": seen(shown),
        "scenarios": [_scenario(each) for each in (*cause.scenarios, *cause.fallen)],
    }


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {"only": scenario.selector, "name": scenario.name, "ids": scenario.ids}
