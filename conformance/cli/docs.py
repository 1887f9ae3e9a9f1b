"""`magic-link-conformance docs`: the living documentation as static pages."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.cli.spec_files import features_beside, given_scenarios, given_spec
from conformance.outcomes import UsageError
from conformance.report.json_report import read_report
from conformance.report.safe_text import terminal
from conformance.report.site.writing import write_docs, write_project_docs


@click.command()
@click.argument("spec", type=given_path, metavar="[SPEC]", required=False)
@click.option(
    "--features", type=given_path, metavar="DIR", help="Its scenarios.  [default: beside the spec]"
)
@click.option(
    "--out", type=given_path, required=True, metavar="DIR", help="Where the pages are written."
)
@click.option(
    "--report", type=given_path, metavar="FILE", help="A report.json whose outcomes are shown too."
)
def command(spec: Path | None, features: Path | None, out: Path, report: Path | None) -> None:
    """Write the spec, its scenarios and its ledger as static pages.

    Without SPEC, of magic-link login; with it, of any feature, in the forms that `lint` reads.
    """
    if spec is None and features:
        raise UsageError("name the spec: docs SPEC --features DIR")
    if spec is not None and report:
        raise UsageError("--report has outcomes of magic-link login: leave it out, or SPEC")
    if spec is None:
        written = write_docs(out, read_report(report) if report is not None else None)
    else:
        folder = features or features_beside(spec)
        if folder:
            given_scenarios(folder)
        written = write_project_docs(out, given_spec(spec), folder)
    click.echo(terminal(f"wrote {len(written)} pages; begin with {written[0]}"))
    for path in written:
        click.echo(f"  {terminal(path)}")
