"""The brief of another feature than magic-link login: its spec, and what is undecided in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from conformance.cli.spec_files import features_beside, given_scenarios, given_spec
from conformance.report.safe_text import code, fenced
from conformance.requirements.openapi_files import read_openapi
from conformance.requirements.project_trace import trace_project
from conformance.requirements.spec_forms.model import Spec
from conformance.requirements.user_files import read_text

_TEXT = Path(__file__).with_name("project_brief.md")
_PLACEHOLDER = re.compile(r"\b(?:TBD|TODO|FIXME|NEEDS CLARIFICATION)\b|\?\?\?")


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
    for number, line in enumerate(spec.lines, 1):
        if _PLACEHOLDER.search(line):
            yield f"- line {number}: {code(line.strip(), 120)}"
    for each in spec.unread:
        yield f"- line {each.line}: {each.why}"
    if folder or openapi:
        scenarios = given_scenarios(folder) if folder else ()
        described = read_openapi(openapi) if openapi else None
        for gap in trace_project(spec, scenarios, described).gaps:
            if folder or gap.kind != "no-scenario":
                yield f"- {gap.message}"


def _block(text: str, language: str) -> str:
    return "\n".join(fenced(text.strip().splitlines(), language))
