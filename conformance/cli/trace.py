"""`magic-link-conformance trace`: the sentences of the spec and their scenarios, as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from conformance.cli.parameters import FORMAT
from conformance.report.safe_text import json_text
from conformance.report.tables import table, wrapped
from conformance.requirements.scenarios import WrittenScenario
from conformance.requirements.trace import Trace, TracedReading, TracedRequirement, gaps, load_trace

_WIDTH = 100


@click.command()
@FORMAT
def command(form: str) -> None:
    """Print each requirement with its scenarios, or the reason why it has none."""
    joined = load_trace()
    click.echo({"text": as_text, "markdown": as_markdown, "json": as_json}[form](joined))
    found = gaps(joined)
    for gap in found:
        click.echo(f"magic-link-conformance: {gap}", err=True)
    sys.exit(1 if found else 0)


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
    yield from _wrapped(given.sentence, "  ")
    yield from _text_of_scenarios(given.scenarios)
    if given.reason:
        yield from _wrapped(f"no scenario: {given.reason}", "  ")
    if given.advisories:
        yield "  advice:"
        yield from _text_of_scenarios(given.advisories)
    yield ""


def _text_of_reading(given: TracedReading) -> Iterator[str]:
    yield from _wrapped(f"reading {given.number}: {given.question}", "")
    yield f"  bears on {', '.join(given.ids)}"
    yield from _text_of_scenarios(given.scenarios)
    if given.reason:
        yield from _wrapped(f"no scenario: {given.reason}", "  ")
    yield ""


def _text_of_scenarios(scenarios: Iterable[WrittenScenario]) -> Iterator[str]:
    place = ("", "")
    for scenario in scenarios:
        if place != (scenario.feature, scenario.rule):
            place = scenario.feature, scenario.rule
            yield from _wrapped(": ".join(part for part in place if part), "    ")
        yield from _wrapped(f"{scenario.name} ({scenario.path}:{scenario.line})", "      ")
        yield from _wrapped(" ".join(_tags(scenario)), "        ")


def _wrapped(text: str, indent: str) -> list[str]:
    return wrapped(text, _WIDTH, indent)


def as_markdown(joined: Trace) -> str:
    """Return the join as two Markdown tables."""
    requirements = (
        (each.id, each.level, _escaped(each.sentence), _shown_by(each, each.advisories))
        for each in joined.requirements
    )
    readings = (
        (entry.number, _escaped(entry.question), ", ".join(entry.ids), _shown_by(entry))
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
    cells = [_cell_of(scenario) for scenario in (*given.scenarios, *advisories)]
    cells += [f"*none:* {_escaped(given.reason)}"] if given.reason else []
    return "<br>".join(cells)


def _cell_of(scenario: WrittenScenario) -> str:
    place = ": ".join(part for part in (scenario.feature, scenario.rule) if part)
    tags = " ".join(f"`{tag}`" for tag in _tags(scenario))
    return f"{_escaped(place)}: **{_escaped(scenario.name)}** {tags}"


def _escaped(text: str) -> str:
    # Outside of code, an outline's <value> would pass for HTML.
    return text.replace("|", "\\|").replace("<", "&lt;")


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
        "scenarios": [_scenario_shape(each) for each in given.scenarios],
        "advisories": [_scenario_shape(each) for each in given.advisories],
    }


def _reading_shape(given: TracedReading) -> dict[str, Any]:
    return {
        "number": given.number,
        "question": given.question,
        "advisory": given.advises,
        "bears_on": list(given.ids),
        "reason": given.reason or None,
        "scenarios": [_scenario_shape(each) for each in given.scenarios],
    }


def _scenario_shape(given: WrittenScenario) -> dict[str, Any]:
    return {
        "name": given.name,
        "feature": given.feature,
        "rule": given.rule,
        "path": given.path,
        "line": given.line,
        "tags": _tags(given),
    }


def _tags(scenario: WrittenScenario) -> list[str]:
    return [f"@{tag}" for tag in sorted(scenario.tags)]
