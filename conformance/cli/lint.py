"""`magic-link-conformance lint FILE…`: what an implementer of a spec would have to guess."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.cli.spec_files import features_beside, given_criteria, spec_text
from conformance.outcomes import UsageError
from conformance.report.lint_findings.checked import CheckedSpec
from conformance.report.lint_findings.formats import as_github, as_json, as_text, summary
from conformance.report.lint_findings.questions import as_json as questions_json
from conformance.report.lint_findings.questions import as_text as questions_text
from conformance.report.lint_findings.sarif import as_sarif
from conformance.requirements.lint.baseline import baseline_text, new_ones, read_baseline
from conformance.requirements.lint.check import lint
from conformance.requirements.lint.hunt import questions
from conformance.requirements.lint.pages import pages
from conformance.requirements.spec_forms.forms import FORMS, read_spec
from conformance.requirements.spec_forms.model import Spec


@dataclass(frozen=True)
class _Settings:
    form: str | None
    features: Path | None
    off: tuple[str, ...]
    baseline: Path | None


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option(
    "--form",
    type=click.Choice(sorted(FORMS)),
    help="What form the specs have.  [default: what their headings show]",
)
@click.option(
    "--features",
    type=given_path,
    metavar="DIR",
    help="The scenarios that cover it.  [default: beside the spec]",
)
@click.option(
    "--off", multiple=True, metavar="CODE", help="Leave a rule out; may be given several times."
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
)
@click.option("--warn", is_flag=True, help="Exit with 0 whatever was found.")
@click.option(
    "--baseline",
    type=given_path,
    metavar="JSON",
    help="Report only what this file does not know.",
)
@click.option(
    "--write-baseline",
    type=given_path,
    metavar="JSON",
    help="Write what was found into this file, and exit with 0.",
)
@click.option(
    "--edge-cases", is_flag=True, help="Ask instead about the edge cases that are not decided."
)
@click.option("--explain", metavar="CODE", help="Print the page of a rule.")
def command(
    files: tuple[str, ...],
    output: str,
    warn: bool,
    write_baseline: Path | None,
    edge_cases: bool,
    explain: str | None,
    **given: object,
) -> None:
    """Show what an implementer of a spec would have to guess.

    FILE is a spec in Markdown, of spec-kit, Kiro or OpenSpec, or of your own; - is standard
    input. Exit codes: 0 nothing found, 1 findings, 2 a file cannot be read. With --edge-cases it
    asks questions, and the exit code is 0.
    """
    if explain is not None:
        click.echo(_page(explain))
        return
    if not files:
        raise UsageError("lint needs a FILE, or - for standard input")
    settings = _Settings(**given)  # type: ignore[arg-type]
    for code in settings.off:
        _page(code)
    if edge_cases:
        click.echo(_edge_cases(files, settings, output))
        return
    checked = [_checked(file, settings) for file in files]
    if write_baseline is not None:
        _write(write_baseline, baseline_text({each.path: each.findings for each in checked}))
        return
    _print(checked, output, "warning" if warn else "error")
    sys.exit(1 if any(each.findings for each in checked) and not warn else 0)


def _page(code: str) -> str:
    if code not in pages():
        raise UsageError(f"there is no rule “{code}”; the rules are {', '.join(sorted(pages()))}")
    return pages()[code].text()


def _checked(file: str, settings: _Settings) -> CheckedSpec:
    """Read and check one spec; raises `UsageError` when it or its features cannot be read."""
    spec = _spec(file, settings)
    findings = lint(spec, settings.off)
    if settings.baseline is not None:
        findings = new_ones(findings, read_baseline(settings.baseline).get(file, {}))
    return CheckedSpec(file, spec, tuple(findings))


def _spec(file: str, settings: _Settings) -> Spec:
    path = given_path(file)
    folder = settings.features or features_beside(path)
    criteria = given_criteria(folder) if folder else ()
    return replace(read_spec(spec_text(path), settings.form), features=criteria)


def _edge_cases(files: tuple[str, ...], settings: _Settings, output: str) -> str:
    """Return the questions to the specs; raises `UsageError` for a format that has none."""
    specs = [(file, _spec(file, settings)) for file in files]
    asked = [CheckedSpec(file, spec, questions=tuple(questions(spec))) for file, spec in specs]
    if output == "text":
        return questions_text(asked)
    if output == "json":
        return questions_json(asked)
    raise UsageError("--edge-cases prints text or json; code scanning takes findings only")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _print(checked: list[CheckedSpec], output: str, level: str) -> None:
    shown = {
        "text": lambda: as_text(checked),
        "json": lambda: as_json(checked),
        "sarif": lambda: as_sarif(checked, level),
        "github": lambda: as_github(checked, level),
    }[output]()
    if shown:
        click.echo(shown)
    if output == "text":
        click.echo(summary(checked), err=True)
