"""Where a run is printed to."""

from __future__ import annotations

from contextlib import suppress

from rich.console import Console


class PatientConsole(Console):
    """A console whose reader may go away (`| head`): the run goes on, and nothing more is printed.

    Its reports are written and its exit code is what it would have been.
    """

    def on_broken_pipe(self) -> None:
        """Print nothing from here on, instead of ending the process."""
        self.quiet = True
        with suppress(SystemExit):
            super().on_broken_pipe()
