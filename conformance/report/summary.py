"""The summary of a run as Markdown, as a job of GitHub Actions shows it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.outcomes import ExitCode, Outcome
from conformance.report.findings import Finding, findings, place_of
from conformance.report.reading import Report
from conformance.report.safe_text import code, code_cell, markdown
from conformance.report.wording import EXIT_MEANING, counted, ids_in_words
from conformance.requirements.specification import load_specification, sort_key

_FINDINGS_SHOWN = 20
_LISTED = 10
_REASON_LIMIT = 200
_VALUE_LIMIT = 500


def summary(report: Report) -> str:
    """Return the page for a report in the shape of `report.schema.json`."""
    return "\n".join([*_head(report), "", *_table(report), *_failed(report), *_trouble(report)])


def _head(report: Report) -> Iterator[str]:
    score = report["score"]
    yield f"## Magic link: {report['conclusion']}, {score['passed']} of {score['asked']}"
    yield ""
    meaning = EXIT_MEANING[ExitCode(report["exit_code"])]
    target = code(report["target"].get("name", "the target"), 100)
    yield f"{target}: {meaning} (exit code {report['exit_code']})."
    if report["partial"]:
        yield ""
        yield "Only a part of the scenarios was asked for: such a run is never conformant."


def _table(report: Report) -> Iterator[str]:
    yield "| requirement | outcome | seen by | |"
    yield "| --- | --- | --- | --- |"
    for id_ in sorted(report["requirements"], key=sort_key):
        requirement = report["requirements"][id_]
        if requirement["asked"] or requirement["outcome"] == Outcome.FAILED:
            outcome = requirement["outcome"] + (
                ", expected" if requirement["failed_as_expected"] else ""
            )
            points = markdown(", ".join(requirement["points"]))
            yield f"| {id_} | {outcome} | {points} | {_about(report, id_)} |"
    yield ""


def _about(report: Report, id_: str) -> str:
    requirement = report["requirements"][id_]
    if requirement["outcome"] != Outcome.PASSED and requirement["reason"]:
        return code_cell(requirement["reason"], _REASON_LIMIT)
    known = load_specification().requirements
    return markdown(known[id_].title if id_ in known else requirement["sentence"], _REASON_LIMIT)


def _failed(report: Report) -> Iterator[str]:
    found = findings(report)
    if not found:
        return
    yield "### What failed, the most important first"
    yield ""
    for finding in found[:_FINDINGS_SHOWN]:
        yield from _finding(finding)
    if (more := len(found) - _FINDINGS_SHOWN) > 0:
        yield f"And {counted(more, 'finding', 'findings')} more: see `report.json`."
    yield ""


def _finding(finding: Finding) -> Iterator[str]:
    scenario = finding.told
    expected, found = scenario["expected"], scenario["found"]
    what = str(scenario["message"]).removesuffix(f": expected {expected}, found {found}")
    yield f"- **{ids_in_words(finding.ids)}**: {markdown(scenario['name'], _REASON_LIMIT)}"
    yield f"  ({place_of(scenario)}:{scenario['line']})"
    for label, value in (
        ("what", what),
        ("step", scenario["failing_step"]),
        ("expected", expected),
        ("found", found),
    ):
        if value is not None:
            yield f"  - {label}: {code(value, _VALUE_LIMIT)}"
    if (others := len(finding.scenarios) - 1) > 0:
        yield f"  - {counted(others, 'more scenario fails', 'more scenarios fail')} so"


def _trouble(report: Report) -> Iterator[str]:
    errors = [f"{each['where']}: {each['message']}" for each in report["errors"]]
    for title, texts in (
        ("Errors of the run", errors),
        ("Stale expected failures", report["stale_expected_failures"]),
    ):
        if texts:
            yield f"### {title}"
            yield ""
            yield from (f"- {code(text, _VALUE_LIMIT)}" for text in texts[:_LISTED])
            yield ""
