"""`magic-link-conformance docs`: the living documentation as static pages."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.report.reading import read_report
from conformance.report.safe_text import terminal
from conformance.report.site.site import write_docs


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
