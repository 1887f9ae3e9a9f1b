"""Scenarios as the tables of `trace` show them: for a terminal, in Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.report.tables import wrapped
from conformance.requirements.scenarios import WrittenScenario

_WIDTH = 100


def text_of_scenarios(scenarios: Iterable[WrittenScenario]) -> Iterator[str]:
    """Yield scenarios as lines for a terminal, below the feature and rule that they are in."""
    place = ("", "")
    for scenario in scenarios:
        if place != (scenario.feature, scenario.rule):
            place = scenario.feature, scenario.rule
            yield from lines_of(": ".join(part for part in place if part), "    ")
        yield from lines_of(f"{scenario.name} ({scenario.path}:{scenario.line})", "      ")
        yield from lines_of(" ".join(tags_of(scenario)), "        ")


def lines_of(text: str, indent: str) -> list[str]:
    """Return text in lines of at most 100 characters."""
    return wrapped(text, _WIDTH, indent)


def scenario_cell(scenario: WrittenScenario) -> str:
    """Return a scenario as a part of a cell in a Markdown table."""
    place = ": ".join(part for part in (scenario.feature, scenario.rule) if part)
    tags = " ".join(f"`{tag}`" for tag in tags_of(scenario))
    return f"{escaped(place)}: **{escaped(scenario.name)}** {tags}"


def escaped(text: str) -> str:
    """Return text for a cell; outside of code, an outline's <value> would pass for HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def scenario_shape(given: WrittenScenario) -> dict[str, Any]:
    """Return a scenario as JSON has it."""
    return {
        "name": given.name,
        "feature": given.feature,
        "rule": given.rule,
        "path": given.path,
        "line": given.line,
        "tags": tags_of(given),
    }


def tags_of(scenario: WrittenScenario) -> list[str]:
    """Return a scenario's tags as they are written, sorted."""
    return [f"@{tag}" for tag in sorted(scenario.tags)]
