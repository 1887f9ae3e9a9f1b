"""The join of any project's spec, features and OpenAPI document: text, Markdown, JSON, HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.report.pages.shell import render
from conformance.report.safe_text import json_text
from conformance.report.scenario_text import (
    escaped,
    lines_of,
    scenario_cell,
    scenario_shape,
    text_of_scenarios,
)
from conformance.report.tables import table
from conformance.requirements.project_trace import ProjectTrace, TracedEntry, TracedOperation


def as_text(joined: ProjectTrace) -> str:
    """Return the join for a terminal."""
    lines: list[str] = []
    for each in joined.entries:
        title = f": {each.entry.title}" if each.entry.title else ""
        lines += [f"{each.id} ({each.entry.kind}){title}", *lines_of(each.entry.text, "  ")]
        lines += text_of_scenarios(each.scenarios)
        lines += lines_of(_otherwise(each), "    ")
        lines.append("")
    for operation in joined.operations:
        lines += lines_of(f"{operation.operation}: {_named(operation)}", "")
    return "\n".join(lines).rstrip("\n")


def _otherwise(given: TracedEntry) -> str:
    """Return what shows an entry besides its own scenarios, or why nothing does."""
    if given.through:
        return f"{'also ' if given.scenarios else ''}by way of {', '.join(given.through)}"
    if given.reason:
        return f"no scenario: {given.reason}"
    return "" if given.scenarios else "no scenario"


def _named(given: TracedOperation) -> str:
    ids = f"named by {', '.join(given.ids)}" if given.ids else "named by no requirement"
    statuses = ", ".join(given.described.statuses) if given.described else "not described"
    return f"{ids}; OpenAPI: {statuses or 'no answer'}"


def as_markdown(joined: ProjectTrace) -> str:
    """Return the join as Markdown tables: entries, operations, and what is missing."""
    entries = (
        (each.id, escaped(each.entry.title or each.entry.text), "<br>".join(_cells(each)))
        for each in joined.entries
    )
    operations = ((f"`{each.operation}`", _named(each)) for each in joined.operations)
    parts = [
        [*table("id | requirement | scenarios", entries)],
        [*table("operation | where", operations)] if joined.operations else [],
        [f"- {escaped(gap.message)}" for gap in joined.gaps],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _cells(given: TracedEntry) -> Iterator[str]:
    yield from (scenario_cell(scenario) for scenario in given.scenarios)
    if otherwise := _otherwise(given):
        yield f"*{escaped(otherwise)}*"


def as_json(joined: ProjectTrace) -> str:
    """Return the join as JSON: `entries`, `operations`, `gaps`."""
    return json_text(
        {
            "title": joined.title,
            "entries": [_entry_shape(each) for each in joined.entries],
            "operations": [_operation_shape(each) for each in joined.operations],
            "gaps": [
                {"kind": gap.kind, "file": gap.path or gap.file, "line": gap.line or None}
                | {"message": gap.message}
                for gap in joined.gaps
            ],
        }
    )


def _entry_shape(given: TracedEntry) -> dict[str, Any]:
    return {
        "id": given.id,
        "kind": given.entry.kind,
        "title": given.entry.title,
        "sentence": given.entry.text,
        "line": given.entry.line,
        "reason": given.reason or None,
        "scenarios": [scenario_shape(each) for each in given.scenarios],
        "through": list(given.through),
    }


def _operation_shape(given: TracedOperation) -> dict[str, Any]:
    return {
        "operation": str(given.operation),
        "ids": list(given.ids),
        "statuses": list(given.described.statuses) if given.described else None,
        "codes": list(given.described.codes) if given.described else None,
    }


def as_html(joined: ProjectTrace) -> str:
    """Return the join as one self-contained page."""
    shown = sum(each.is_shown or bool(each.reason) for each in joined.entries)
    return render(
        "trace.html",
        title=f"{joined.title or 'Spec'}: spec, scenarios and interface",
        styles=("trace.css",),
        joined=joined,
        shown=shown,
        otherwise=_otherwise,
    )


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json, "html": as_html}
