"""What a run tells GitHub Actions: the job's summary, the step's outputs, and annotations.

Each goes where the environment of the job says; without those variables nothing is written.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.report.findings import Finding, findings, place_of
from conformance.report.reading import Report
from conformance.report.safe_text import github_message, github_property
from conformance.report.summary import summary
from conformance.report.wording import ids_in_words

GITHUB_VARIABLES = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")
# GitHub shows ten errors of a step; the summary and the report have them all.
_ANNOTATIONS = 10


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
    lines = [_annotation(finding) for finding in findings(report)]
    lines += [
        f"::error title=error of the run::{github_message(each['where'] + ': ' + each['message'])}"
        for each in report["errors"]
    ]
    return lines[:_ANNOTATIONS]


def _annotation(finding: Finding) -> str:
    scenario = finding.told
    properties = {
        "file": place_of(scenario),
        "line": str(scenario["line"]),
        "title": f"{ids_in_words(finding.ids)} failed: {scenario['name']}",
    }
    shown = ",".join(f"{name}={github_property(value)}" for name, value in properties.items())
    return f"::error {shown}::{github_message(scenario['message'])}"


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
    score = report["score"]
    values = {
        "conclusion": report["conclusion"],
        "score": f"{score['passed']}/{score['asked']}",
        "report": str(path),
    }
    for name, value in values.items():
        # A value may hold line ends; a mark that nobody can guess ends it.
        mark = secrets.token_hex(16)
        yield f"{name}<<{mark}\n{value}\n{mark}\n"
