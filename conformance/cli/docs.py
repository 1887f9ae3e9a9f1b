"""`magic-link-conformance docs`: the living documentation as static pages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.report.json_report import read_report
from conformance.report.safe_text import terminal
from conformance.report.site.writing import write_docs


@click.command()
@click.option(
    "--out", type=given_path, required=True, metavar="DIR", help="Where the pages are written."
)
@click.option(
    "--report", type=given_path, metavar="FILE", help="A report.json whose outcomes are shown too."
)
def command(out: Path, report: Path | None) -> None:
    """Write the spec, its scenarios and its ledger as static pages."""
    sys.exit(write_documentation(out, report))


def write_documentation(out: Path, report: Path | None) -> int:
    """Write the pages into `out`, with the outcomes of a report if one is given; return 0.

    Raises `UsageError` for a file that is no report and for a directory that cannot be
    written.
    """
    given = read_report(report) if report is not None else None
    written = write_docs(out, given)
    click.echo(terminal(f"wrote {len(written)} pages; begin with {written[0]}"))
    for path in written:
        click.echo(f"  {terminal(path)}")
    return 0
