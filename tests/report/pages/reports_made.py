"""Reports that the tests of the pages look at, as `report.json` holds them."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

from conformance.observe.evidence import Evidence, Exchange
from conformance.outcomes import Outcome
from conformance.report.html_report import html_report
from conformance.report.json_report import report_from
from tests.report.test_report_examples import every_kind, report_as_dict, run, scenario

Report = dict[str, Any]
HOSTILE = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
KINDS = ("passed", "failed", "expected_failure", "cant_tell", "untested", "inapplicable")


def page_of(report: Report) -> str:
    """Return the page of a report."""
    return html_report(report_from(report))


def all_kinds() -> Report:
    """Return a report with every outcome, every section, both plots and all kinds of evidence."""
    report = report_as_dict(every_kind())
    slow, fast = sample(165), sample(161)
    evidence = scenario_of(report, "AC-9")["evidence"]
    evidence["measurements"] = [comparison(slow, fast, (-14.0, 18.0)), latency(sample(40, 300))]
    evidence["rows"] = [{"table": "magic_link_tokens", "values": {"id": "7", "usedAt": None}}]
    evidence["log_lines"] = ['{"event": "magic_link_sent", "level": "info"}']
    evidence["mails"] = [
        {"to": ["a@example.com"], "subject": "Your login link", "text": "Open it", "html": "<p>"}
    ]
    report["diagnosis"] = [
        {"name": "used-again", "fault": "A used token works.", "similarity": 0.9, "ids": ["AC-4"]}
    ]
    return report


def all_passed() -> Report:
    """Return the report of a run in which everything passed."""
    return report_as_dict(run())


def hostile() -> Report:
    """Return a report in which every free text tries to be markup."""
    report: Report = _with_text(copy.deepcopy(all_kinds()))
    return report


def as_large_as_a_full_run() -> Report:
    """Return a report with rather more scenarios and exchanges than a full run has."""
    exchange = Exchange(
        method="POST",
        url="http://127.0.0.1:8000/auth/magic-link/verify",
        request_headers=(("accept", "*/*"), ("accept-encoding", "identity")) * 2,
        request_body=b'{"email": "somebody-with-a-name@example.com"}',
        status=200,
        headers=(("date", "Sun, 22 Nov 2026 23:20:13 GMT"), ("server", "uvicorn")) * 3,
        body=b'{"message":"If that email is registered, a link has been sent."}',
        elapsed=0.0123,
    )
    seen = Evidence(exchanges=[exchange] * 4)
    example = scenario(Outcome.PASSED, "FR-5", "EC-6", evidence=seen.as_dict())
    many = [replace(example, name=f"example {number}") for number in range(160)]
    report = report_as_dict(run(*many))
    for number in (0, 1):
        evidence = report["scenarios"][number]["evidence"]
        evidence["measurements"] = [latency(sample(40, 470)), comparison(sample(9), sample(9))]
    return report


def scenario_of(report: Report, id_: str) -> dict[str, Any]:
    """Return the first scenario that shows a requirement."""
    found: dict[str, Any] = report["scenarios"][report["requirements"][id_]["scenarios"][0]]
    return found


def comparison(
    registered: list[float],
    others: list[float],
    interval: tuple[float | None, float | None] = (1, 2),
) -> dict[str, Any]:
    ends = [end for end in interval if end is not None]
    return {
        "what": "seconds to answer, registered users against addresses nobody registered",
        "pairs": len(registered),
        "difference_of_medians_ms": sum(ends) / len(ends),
        "interval_ms": list(interval),
        "confidence": 0.998,
        "verdict": "within" if all(abs(end) < 50 for end in ends) else "outside",
        "registered_ms": registered,
        "others_ms": others,
    }


def latency(milliseconds: list[float], limit: int = 200) -> dict[str, Any]:
    return {
        "what": "seconds to answer",
        "limit_ms": limit,
        "over": sum(each > limit for each in milliseconds),
        "milliseconds": milliseconds,
    }


def sample(around: float, count: int = 16) -> list[float]:
    drawn = random.Random(count)
    return [round(drawn.lognormvariate(0, 0.2) * around, 1) for _ in range(count)]


def _with_text(value: Any, key: str = "") -> Any:
    """Put the hostile text behind every text that is free; the others are names of something."""
    if isinstance(value, dict):
        return {name: _with_text(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_text(item, key) for item in value]
    fixed = ("outcome", "conclusion", "started_at", "ids", "asked", "verdict", "schema_version")
    return f"{value} {HOSTILE}" if isinstance(value, str) and key not in fixed else value
