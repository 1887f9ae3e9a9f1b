"""`magic-link-conformance docs`: the living documentation as static pages."""

from __future__ import annotations

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
    written = write_docs(out, read_report(report) if report is not None else None)
    click.echo(terminal(f"wrote {len(written)} pages; begin with {written[0]}"))
    for path in written:
        click.echo(f"  {terminal(path)}")
