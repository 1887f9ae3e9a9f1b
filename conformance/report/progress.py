"""What is to be seen while a run is under way."""

from __future__ import annotations

import atexit
import time

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from conformance.outcomes import Outcome
from conformance.report.console import may_write_over
from conformance.report.safe_text import terminal
from conformance.report.terminal import STYLES
from conformance.requirements.specification import sort_key
from conformance.run.events import (
    Event,
    RunStarted,
    ScenarioEnded,
    ScenarioStarted,
    WorkersGivenUp,
)
from conformance.run.result import ScenarioResult

_PER_SECOND = 8
_SHOWN_AT_ONCE = (Outcome.FAILED, Outcome.CANT_TELL)


class Progress:
    """The scenario under way and how those before it ended.

    On a terminal it is one line that is written over, with failures left above it;
    elsewhere (pipe, file, dumb terminal, `CI` in the environment) a line per scenario. The cursor
    is never hidden, so that there is nothing to restore after a killed run.
    """

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._total = 0
        self._begun = 0
        self._line = Text("starting")
        self._since = time.monotonic()
        self._spinner = Spinner("line")
        self._live: Live | None = None

    def handle(self, event: Event) -> None:
        """Show what an event says."""
        match event:
            case RunStarted(scenarios):
                self._start(scenarios)
            case WorkersGivenUp(why):
                self._say(f"not side by side: {why}")
            case ScenarioStarted(name, ids):
                self._scenario_started(name, ids)
            case ScenarioEnded(result=result):
                self._scenario_ended(result)

    def _start(self, total: int) -> None:
        self._total = total
        if self._quiet or self._live or not may_write_over(self._console):
            return
        self._since = time.monotonic()
        self._live = Live(
            get_renderable=self._status,
            console=self._console,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        atexit.register(self.close)
        self._live.start()
        self._console.show_cursor(True)

    def _say(self, sentence: str) -> None:
        if not self._quiet:
            self._console.print(Text(terminal(sentence)), soft_wrap=True)

    def _scenario_started(self, name: str, ids: tuple[str, ...]) -> None:
        self._begun += 1
        line = Text(f"{self._begun} of {max(self._total, self._begun)}  ")
        line.append(f"{_first(ids)}  " if ids else "", style="bold")
        self._show(line.append(terminal(name)))

    def _scenario_ended(self, result: ScenarioResult) -> None:
        # On a terminal only what did not go well is shown for good.
        if not self._quiet and (not self._live or result.outcome in _SHOWN_AT_ONCE):
            self._console.print(_ended(result, self._console.width), soft_wrap=True)
        if self._begun >= self._total:
            self._show(Text("stopping what was started"))

    def _show(self, line: Text) -> None:
        self._line = line
        self._since = time.monotonic()
        if self._live is not None:
            # At once: a scenario may end before the next turn.
            self._live.refresh()

    def close(self) -> None:
        """Take the status line away; may be called more than once."""
        if self._live is None:
            return
        live, self._live = self._live, None
        atexit.unregister(self.close)
        live.stop()

    def _status(self) -> Spinner:
        elapsed = f"  {time.monotonic() - self._since:.0f} s"
        line = self._line.copy()
        line.truncate(max(self._console.width - len(elapsed) - 4, 1), overflow="ellipsis")
        self._spinner.update(text=line.append(elapsed, style="dim"))
        return self._spinner


def _first(ids: tuple[str, ...]) -> str:
    return min(ids, key=sort_key)


def _ended(result: ScenarioResult, width: int) -> Text:
    outcome = f"{result.outcome.value:12}  "
    label = "advisory" if result.advisory or not result.ids else _first(result.ids)
    seconds = f"  {result.seconds:.1f} s"
    name = Text(terminal(result.name))
    name.truncate(max(width - len(outcome) - 10 - len(seconds), 10), overflow="ellipsis")
    return Text.assemble(
        (outcome, STYLES[result.outcome]), f"{label:8}  ", name, (seconds, "dim"), no_wrap=True
    )
