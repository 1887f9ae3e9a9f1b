"""`magic-link-conformance lint FILE`: what keeps a spec from being tested, line by line."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.outcomes import UsageError
from conformance.report.safe_text import terminal
from conformance.requirements.lint import lint
from conformance.requirements.scenarios import UnreadableFeature, WrittenScenario, read_scenarios
from conformance.requirements.user_files import read_text


@click.command()
@click.argument("file", type=given_path, metavar="FILE")
@click.option(
    "--features",
    type=given_path,
    metavar="DIR",
    help="The scenarios that cover it.  [default: ../features, relative to the spec]",
)
def command(file: Path, features: Path | None) -> None:
    """Show what keeps a spec from being testable: 0 nothing, 1 issues, 2 it cannot be read."""
    issues = lint(read_text(file), _scenarios(file, features))
    for issue in issues:
        click.echo(terminal(f"{file}:{issue.line}: [{issue.kind}] {issue.message}"))
    sys.exit(1 if issues else 0)


def _scenarios(file: Path, features: Path | None) -> tuple[WrittenScenario, ...]:
    """Read the scenarios of the folder that was named, else of `features` beside the spec's."""
    beside = file.resolve().parent.parent / "features"
    folder = features or (beside if beside.is_dir() else None)
    if folder is None:
        return ()
    if not folder.is_dir():
        raise UsageError(f"--features: {folder} is not a folder")
    try:
        return read_scenarios(folder)
    except UnreadableFeature as error:
        raise UsageError(str(error)) from error
