"""`magic-link-conformance brief`: what an agent needs before it builds, on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.brief_text import DEFAULT_KIND, brief
from conformance.outcomes import UsageError


def print_brief(kind: str | None, out: Path | None) -> int:
    """Print the brief, or write it to `out`, and return 0.

    Raises `UsageError` for a file that cannot be written.
    """
    text = brief(kind or DEFAULT_KIND)
    if out is None:
        click.echo(text, nl=False)
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out: {out}: {error.strerror}") from error
    click.echo(f"{out} is written: {len(text):,} characters.")
    return 0
