"""What GitHub Actions gets from a run: the job's summary, the step's outputs, and annotations.

Each goes where the environment of the job says; without those variables nothing is written.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.outcomes import Outcome
from conformance.report.causes import Cause, causes
from conformance.report.model import Report, Requirement
from conformance.report.safe_text import code, code_cell, github_message, github_property, markdown
from conformance.report.tables import bullets, table
from conformance.report.wording import (
    EXIT_MEANING,
    about,
    consequences_in_words,
    counted,
    ids_in_words,
)

GITHUB_VARIABLES = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
# GitHub shows ten errors of a step; the summary and the report have them all.
_ANNOTATIONS = 10
_CAUSES_SHOWN = 20
_LISTED = 10
_REASON_LIMIT = 200
_VALUE_LIMIT = 500


@contextmanager
def without_commands(environment: Mapping[str, str]) -> Iterator[None]:
    """Keep GitHub from obeying what is printed meanwhile: some of it is a target's answer."""
    if environment.get("GITHUB_ACTIONS") != "true":
        yield
        return
    mark = secrets.token_hex(16)
    click.echo(f"::stop-commands::{mark}")
    try:
        yield
    finally:
        click.echo(f"::{mark}::")


def error_lines(report: Report, environment: Mapping[str, str]) -> list[str]:
    """Return the `::error` lines for what failed, in a job of GitHub Actions; elsewhere none."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    lines = [_annotation(cause) for cause in causes(report)]
    lines += [f"::error title=error of the run::{github_message(each)}" for each in report.errors]
    return lines[:_ANNOTATIONS]


def _annotation(cause: Cause) -> str:
    scenario = cause.shown_by
    properties = {
        "file": scenario.place,
        "line": str(scenario.line),
        "title": f"{ids_in_words(cause.ids)} failed: {scenario.name}",
    }
    shown = ",".join(f"{name}={github_property(value)}" for name, value in properties.items())
    return f"::error {shown}::{github_message(scenario.message)}"


def write_for_github(report: Report, path: Path, environment: Mapping[str, str]) -> list[str]:
    """Append the summary and the outputs to the files that the environment names.

    `path` is that of `report.json`. Returns a sentence for each file that cannot be written: the
    run is none the worse for it.
    """
    texts = {
        "GITHUB_STEP_SUMMARY": summary(report) + "\n",
        "GITHUB_OUTPUT": "".join(_outputs(report, path)),
    }
    complaints = []
    for variable, text in texts.items():
        if not (name := environment.get(variable)):
            continue
        try:
            with Path(name).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            complaints.append(f"{variable}: {name}: {error.strerror}")
    return complaints


def _outputs(report: Report, path: Path) -> Iterator[str]:
    score = report.score
    values = {
        "conclusion": report.conclusion,
        "score": f"{score.passed}/{score.asked}",
        "report": str(path),
    }
    for name, value in values.items():
        # A value may hold line ends; a mark that nobody can guess ends it.
        mark = secrets.token_hex(16)
        yield f"{name}<<{mark}\n{value}\n{mark}\n"


def summary(report: Report) -> str:
    """Return the summary of the job, as Markdown."""
    rows = (
        _cells(id_, requirement)
        for id_, requirement in report.requirements.items()
        if requirement.listed
    )
    trouble = (
        ("Errors of the run", report.errors),
        ("Stale expected failures", report.stale_expected_failures),
    )
    lines = [*_head(report), "", *table("requirement | outcome | seen by | ", rows), ""]
    lines += _failed(report)
    for title, texts in trouble:
        lines += bullets(title, (code(text, _VALUE_LIMIT) for text in texts[:_LISTED]))
    return "\n".join(lines)


def _head(report: Report) -> Iterator[str]:
    score, meaning = report.score, EXIT_MEANING[report.exit_code]
    yield f"## Magic link: {report.conclusion}, {score.passed} of {score.asked}"
    yield ""
    yield f"{code(report.target_name, 100)}: {meaning} (exit code {report.exit_code.value})."
    if report.partial:
        yield ""
        yield "Only a part of the scenarios was asked for: such a run is never conformant."
    if report.gate:
        yield ""
        yield "Only what decides these requirements was run: the others were not looked at."
    if report.broken_off:
        yield ""
        yield f"{code(report.broken_off, 200)}: such a run is never conformant."


def _cells(id_: str, requirement: Requirement) -> list[str]:
    passed = requirement.outcome is Outcome.PASSED
    return [
        id_,
        requirement.outcome + (", expected" if requirement.failed_as_expected else ""),
        markdown(", ".join(requirement.points)),
        (markdown if passed else code_cell)(about(id_, requirement), _REASON_LIMIT),
    ]


def _failed(report: Report) -> Iterator[str]:
    found = causes(report)
    if not found:
        return
    yield "### What failed, the most important first"
    yield ""
    for cause in found[:_CAUSES_SHOWN]:
        yield from _cause(cause)
    if (more := len(found) - _CAUSES_SHOWN) > 0:
        yield f"And {counted(more, 'more finding', 'more findings')}: see `report.json`."
    yield ""


def _cause(cause: Cause) -> Iterator[str]:
    scenario = cause.shown_by
    yield f"- **{ids_in_words(cause.ids)}**: {markdown(scenario.name, _REASON_LIMIT)}"
    yield f"  ({scenario.place}:{scenario.line})"
    for label, value in (
        ("what", scenario.what),
        ("step", scenario.failing_step),
        ("expected", scenario.expected),
        ("found", scenario.found),
    ):
        if value is not None:
            yield f"  - {label}: {code(value, _VALUE_LIMIT)}"
    if along := consequences_in_words(cause):
        yield f"  - {along}"
    if (others := len(cause.scenarios) + len(cause.fallen) - 1) > 0:
        yield f"  - {counted(others, 'more scenario fails', 'more scenarios fail')} alike"
