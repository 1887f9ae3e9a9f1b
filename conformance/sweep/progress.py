"""What is to be seen while a sweep is under way."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.report.console import may_write_over
from conformance.report.safe_text import terminal
from conformance.sweep.rendering import outcome_in_words
from conformance.sweep.result import CandidateOutcome, CandidateResult

STYLES = {
    CandidateOutcome.CONFORMANT: "green",
    CandidateOutcome.NONCONFORMANT: "bold red",
    CandidateOutcome.INCOMPLETE: "bold yellow",
    CandidateOutcome.OVER_LIMIT: "bold magenta",
    CandidateOutcome.NOT_JUDGED: "bold magenta",
    CandidateOutcome.WRONG_DESCRIPTION: "bold magenta",
}
_OUTCOME_WIDTH = max(len(each) for each in CandidateOutcome) + 2


class SweepProgress:
    """A line for each finished candidate, and on a terminal a bar below them."""

    def __init__(self, console: Console, total: int, *, quiet: bool) -> None:
        self._console = console
        self._total = total
        self._finished = 0
        self._quiet = quiet
        self._bar = _bar(console) if not quiet and may_write_over(console) else None
        if self._bar is not None:
            self._bar.add_task("", total=total)
            self._bar.start()

    def finished(self, result: CandidateResult, *, kept: bool = False) -> None:
        """Show how a candidate ended; `kept` says that an earlier sweep found it."""
        self._finished += 1
        if not self._quiet:
            self._console.print(self._line(result, kept=kept), soft_wrap=True)
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _line(self, result: CandidateResult, *, kept: bool) -> Text:
        width = len(str(self._total))
        outcome = f"{outcome_in_words(result.outcome.value):{_OUTCOME_WIDTH}}"
        name = terminal(result.name)
        took = "kept" if kept else f"{result.wall_seconds:.1f} s"
        return Text.assemble(
            (f"{self._finished:{width}}/{self._total}  ", "dim"),
            (outcome, STYLES[result.outcome]),
            f"{result.passed}/{result.asked}  {took:>7}  ",
            (name, "bold"),
            f": {terminal(result.message)}" if result.message else "",
        )


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("candidates"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
