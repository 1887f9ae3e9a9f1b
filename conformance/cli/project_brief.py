"""The brief of another feature than magic-link login: its spec, and what is undecided in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import Template

from conformance.cli.spec_files import (
    features_beside,
    given_criteria,
    given_scenarios,
    given_spec,
)
from conformance.report.safe_text import code, fenced
from conformance.requirements.lint.check import lint
from conformance.requirements.lint.hunt import questions
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import trace_project
from conformance.requirements.spec_forms.model import Spec
from conformance.requirements.user_files import read_text

_TEXT = Path(__file__).with_name("project_brief.md")


def project_brief(file: Path, features: Path | None, openapi: Path | None) -> str:
    """Return the document in Markdown; the features are those beside the spec unless named.

    Raises `UsageError` for a file that cannot be read.
    """
    spec = given_spec(file)
    folder = features or features_beside(file)
    parts = {"the specification": "\n".join(spec.lines).strip()}
    if openapi:
        parts["the OpenAPI document"] = _block(read_text(openapi), "yaml")
    if folder:
        found = sorted(folder.rglob("*.feature"))
        parts["the features"] = "\n\n".join(_block(read_text(each), "gherkin") for each in found)
    return Template(_TEXT.read_text(encoding="utf-8")).substitute(
        title=spec.title or file.stem,
        parts="; ".join(["what is undecided", *parts]),
        undecided="\n".join(_undecided(spec, folder, openapi)) or "Nothing that a program can see.",
        sources="\n\n".join(f"# T{name[1:]}\n\n{text}" for name, text in parts.items()),
    )


def _undecided(spec: Spec, folder: Path | None, openapi: Path | None) -> Iterator[str]:
    """Yield what `lint` finds and asks, and what `trace` finds, as items of a list."""
    scenarios = given_scenarios(folder) if folder else ()
    criteria = given_criteria(folder) if folder else ()
    for finding in lint(replace(spec, features=criteria)):
        yield f"- line {finding.line}: {finding.message}: {code(finding.source.strip(), 120)}"
    for asked in questions(spec):
        yield f"- {asked.question} (because of {asked.because_of})"
    if folder or openapi:
        described = read_openapi(openapi) if openapi else None
        for gap in trace_project(spec, scenarios, described).gaps:
            if folder or gap.kind != "no-scenario":
                yield f"- {gap.message}"


def _block(text: str, language: str) -> str:
    return "\n".join(fenced(text.strip().splitlines(), language))
