"""`magic-link-conformance trace`: the sentences of a spec and their scenarios, as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from conformance.cli.parameters import given_path
from conformance.cli.spec_files import features_beside, given_scenarios, given_spec, write_text
from conformance.outcomes import UsageError
from conformance.report.safe_text import json_text, terminal, terminal_lines
from conformance.report.scenario_text import (
    escaped,
    lines_of,
    scenario_cell,
    scenario_shape,
    text_of_scenarios,
)
from conformance.report.tables import table
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import trace_project
from conformance.requirements.scenarios import WrittenScenario
from conformance.requirements.trace import Trace, TracedReading, TracedRequirement, gaps, load_trace


@click.command()
@click.argument("spec", type=given_path, metavar="[SPEC]", required=False)
@click.option(
    "--features", type=given_path, metavar="DIR", help="Its scenarios.  [default: beside the spec]"
)
@click.option("--openapi", type=given_path, metavar="FILE", help="Its OpenAPI document.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    show_default=True,
)
@click.option("--out", type=given_path, metavar="FILE", help="Write it to this file.")
def command(
    spec: Path | None, features: Path | None, openapi: Path | None, form: str, out: Path | None
) -> None:
    """Print each requirement with its scenarios, or the reason why it has none.

    Without SPEC, of magic-link login. With SPEC (in Markdown, in any of the forms that `lint`
    reads), of any feature: what has no scenario, scenarios that show nothing, ids that are
    unknown and, with --openapi, operations, statuses and error codes that only one of them has.
    Ends with 1 when something is missing.
    """
    if spec is not None:
        sys.exit(_print_project(spec, features, openapi, form, out))
    if features or openapi or out or form == "html":
        raise UsageError("name the spec: trace SPEC --features DIR")
    sys.exit(_print_own(form))


def _print_project(
    file: Path, features: Path | None, openapi: Path | None, form: str, out: Path | None
) -> int:
    """Print the join of a project's files, or write it to `out`; return 1 when it has gaps.

    Raises `UsageError` for a file that cannot be read or written.
    """
    # Jinja is imported only when it is needed.
    from conformance.report.project_trace import FORMATS

    spec = given_spec(file)
    folder = features or features_beside(file)
    if folder is None:
        raise UsageError(f"--features: name the folder of the scenarios of {file}")
    described = read_openapi(openapi) if openapi else None
    joined = trace_project(spec, given_scenarios(folder), described)
    text = FORMATS[form](joined)
    if out is None:
        click.echo(terminal_lines(text) if form == "text" else text)
    else:
        write_text(out, text)
    for each in spec.unread:
        click.echo(terminal(f"{file}:{each.line}: not read: {each.why}"), err=True)
    files = {"spec": str(file), "features": str(folder), "openapi": str(openapi)}
    for gap in joined.gaps:
        place = str(folder / gap.path) if gap.path else files[gap.file]
        line = f":{gap.line}" if gap.line else ""
        click.echo(terminal(f"{place}{line}: [{gap.kind}] {gap.message}"), err=True)
    return 1 if joined.gaps else 0


def _print_own(form: str) -> int:
    """Print the join as text, Markdown or JSON; return 1 when it has gaps, else 0."""
    joined = load_trace()
    click.echo({"text": as_text, "markdown": as_markdown, "json": as_json}[form](joined))
    found = gaps(joined)
    for gap in found:
        click.echo(f"magic-link-conformance: {gap}", err=True)
    return 1 if found else 0


def as_text(joined: Trace) -> str:
    """Return the join for a terminal."""
    lines: list[str] = []
    for requirement in joined.requirements:
        lines += _text_of_requirement(requirement)
    for entry in joined.readings:
        lines += _text_of_reading(entry)
    return "\n".join(lines).rstrip("\n")


def _text_of_requirement(given: TracedRequirement) -> Iterator[str]:
    yield f"{given.id} ({given.level}): {given.title}"
    yield from lines_of(given.sentence, "  ")
    yield from text_of_scenarios(given.scenarios)
    if given.reason:
        yield from lines_of(f"no scenario: {given.reason}", "  ")
    if given.advisories:
        yield "  advice:"
        yield from text_of_scenarios(given.advisories)
    yield ""


def _text_of_reading(given: TracedReading) -> Iterator[str]:
    yield from lines_of(f"reading {given.number}: {given.question}", "")
    yield f"  bears on {', '.join(given.ids)}"
    yield from text_of_scenarios(given.scenarios)
    if given.reason:
        yield from lines_of(f"no scenario: {given.reason}", "  ")
    yield ""


def as_markdown(joined: Trace) -> str:
    """Return the join as two Markdown tables."""
    requirements = (
        (each.id, each.level, escaped(each.sentence), _shown_by(each, each.advisories))
        for each in joined.requirements
    )
    readings = (
        (entry.number, escaped(entry.question), ", ".join(entry.ids), _shown_by(entry))
        for entry in joined.readings
    )
    return "\n".join(
        [
            *table("id | level | sentence | scenarios", requirements),
            "",
            *table("reading | question | bears on | scenarios", readings),
        ]
    )


def _shown_by(
    given: TracedRequirement | TracedReading, advisories: tuple[WrittenScenario, ...] = ()
) -> str:
    cells = [scenario_cell(scenario) for scenario in (*given.scenarios, *advisories)]
    cells += [f"*none:* {escaped(given.reason)}"] if given.reason else []
    return "<br>".join(cells)


def as_json(joined: Trace) -> str:
    """Return the join as JSON: `requirements`, `readings`, and every gap as a sentence."""
    shape = {
        "requirements": [_requirement_shape(each) for each in joined.requirements],
        "readings": [_reading_shape(entry) for entry in joined.readings],
        "gaps": gaps(joined),
    }
    return json_text(shape)


def _requirement_shape(given: TracedRequirement) -> dict[str, Any]:
    return {
        "id": given.id,
        "level": given.level,
        "title": given.title,
        "sentence": given.sentence,
        "reason": given.reason or None,
        "scenarios": [scenario_shape(each) for each in given.scenarios],
        "advisories": [scenario_shape(each) for each in given.advisories],
    }


def _reading_shape(given: TracedReading) -> dict[str, Any]:
    return {
        "number": given.number,
        "question": given.question,
        "advisory": given.advises,
        "bears_on": list(given.ids),
        "reason": given.reason or None,
        "scenarios": [scenario_shape(each) for each in given.scenarios],
    }
