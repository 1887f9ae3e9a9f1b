"""Findings as text, JSON and annotations of GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.report.lint_findings.checked import CheckedSpec
from conformance.report.safe_text import (
    github_message,
    github_property,
    json_text,
    terminal,
    terminal_lines,
)
from conformance.requirements.lint.finding import Finding

# In a terminal, more of a long line would hide what is marked.
_WIDTH = 100


def as_text(checked: Sequence[CheckedSpec]) -> str:
    """Return each finding with its line of the source, and what it is about marked."""
    lines: list[str] = []
    for each in checked:
        for finding in each.findings:
            place = f"{each.path}:{finding.line}:{finding.column}"
            lines.append(terminal(f"{place}: [{finding.code}] {finding.message}"))
            lines += [f"  {line}" for line in _excerpt(finding)]
    return "\n".join(lines)


def summary(checked: Sequence[CheckedSpec]) -> str:
    """Return what was read and how much was found, as one sentence for each spec."""
    return "\n".join(_summary(each) for each in checked)


def _summary(checked: CheckedSpec) -> str:
    spec = checked.spec
    read = ", ".join(
        (
            _counted(len(spec.requirements), "requirement", "requirements"),
            _counted(len(spec.edge_cases), "edge case", "edge cases"),
            _counted(len(spec.criteria), "criterion", "criteria"),
        )
    )
    found = _counted(len(checked.findings), "finding", "findings")
    return terminal(f"{checked.path}: {found}; {read} (form: {spec.form})")


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _excerpt(finding: Finding) -> Iterator[str]:
    """Yield the line of the source, a part of it if it is long, and marks below the phrase."""
    source = finding.source.replace("\t", " ")
    start = max(0, min(finding.column - 20, len(source) - _WIDTH))
    part = source[start : start + _WIDTH]
    shown = terminal_lines(part.strip())
    if not shown:
        return
    yield shown
    if len(shown) == len(part.strip()):
        before = finding.column - 1 - start - (len(part) - len(part.lstrip()))
        yield " " * before + "^" * min(finding.end_column - finding.column, len(shown) - before)


def as_json(checked: Sequence[CheckedSpec]) -> str:
    """Return the findings as JSON; `lint.schema.json` beside this module describes it."""
    return json_text({"version": 1, "specs": [_spec_shape(each) for each in checked]})


def _spec_shape(checked: CheckedSpec) -> dict[str, Any]:
    spec = checked.spec
    return {
        "path": checked.path,
        "form": spec.form,
        "requirements": len(spec.requirements),
        "edge_cases": len(spec.edge_cases),
        "criteria": len(spec.criteria),
        "findings": [
            {
                "code": each.code,
                "line": each.line,
                "column": each.column,
                "end_column": each.end_column,
                "message": each.message,
                "source": each.source,
            }
            for each in checked.findings
        ],
    }


def as_github(checked: Sequence[CheckedSpec], level: str) -> str:
    """Return a workflow command of GitHub for each finding; `level` is error or warning."""
    return "\n".join(
        _command(each.path, finding, level) for each in checked for finding in each.findings
    )


def _command(path: str, finding: Finding, level: str) -> str:
    properties = {
        "file": path,
        "line": str(finding.line),
        "col": str(finding.column),
        "endColumn": str(finding.end_column),
        "title": finding.code,
    }
    shown = ",".join(f"{name}={github_property(value)}" for name, value in properties.items())
    return f"::{level} {shown}::{github_message(finding.message)}"
