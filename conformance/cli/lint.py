"""`magic-link-conformance lint FILE`: what keeps a spec from being tested, line by line."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.outcomes import UsageError
from conformance.report.safe_text import terminal
from conformance.requirements.lint import lint
from conformance.requirements.scenarios import UnreadableFeature, WrittenScenario, read_scenarios


def print_findings(file: Path, features: Path | None) -> int:
    """Print `FILE:LINE: [kind] sentence` for each finding; return 1 when there are any, else 0.

    Raises `UsageError` for a spec or for features that cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file}: {reason}") from error
    findings = lint(text, _scenarios(file, features))
    for finding in findings:
        click.echo(terminal(f"{file}:{finding.line}: [{finding.kind}] {finding.sentence}"))
    return 1 if findings else 0


def _scenarios(file: Path, features: Path | None) -> tuple[WrittenScenario, ...]:
    """Read the scenarios of the folder that was named, else of `features` beside the spec's."""
    beside = file.resolve().parent.parent / "features"
    folder = features or (beside if beside.is_dir() else None)
    if folder is None:
        return ()
    if not folder.is_dir():
        raise UsageError(f"--features: {folder} is no folder")
    try:
        return read_scenarios(folder)
    except UnreadableFeature as error:
        raise UsageError(str(error)) from error
