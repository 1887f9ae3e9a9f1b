"""What commands print to: a console, and standard error for their complaints."""

from __future__ import annotations

import os
from contextlib import suppress

import click
from rich.console import Console

from conformance.report.safe_text import terminal_lines

_NO = ("", "0", "false", "no")


def may_write_over(console: Console) -> bool:
    """Return whether lines can be written over: on a terminal, and not in CI."""
    return console.is_interactive and os.environ.get("CI", "").lower() in _NO


def complain(sentence: str) -> None:
    """Print on standard error what went wrong; a target's last lines may be in it."""
    click.echo(f"magic-link-conformance: {terminal_lines(sentence)}", err=True)


class PatientConsole(Console):
    """A console whose reader may go away (`| head`): the run goes on, and nothing more is printed.

    Its reports are written and its exit code is what it would have been.
    """

    def on_broken_pipe(self) -> None:
        """Print nothing from here on, instead of ending the process."""
        self.quiet = True
        with suppress(SystemExit):
            super().on_broken_pipe()
