"""Progress: a status line on a terminal, a line per scenario elsewhere, nothing when quiet."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from conformance.outcomes import Outcome
from conformance.report.progress import Progress
from conformance.run.events import RunStarted, ScenarioEnded, ScenarioStarted
from tests.report.test_report_examples import TOKEN, failed, scenario

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def terminal(stream: io.StringIO, **environment: str) -> Console:
    variables = {"TERM": "xterm", **environment}
    return Console(file=stream, width=80, height=25, force_terminal=True, _environ=variables)


def play(console: Console, *, quiet: bool = False) -> None:
    """Two scenarios: one that passes and one that fails."""
    progress = Progress(console, quiet=quiet)
    progress.handle(RunStarted(2))
    progress.handle(ScenarioStarted("a registered user asks for a link", ("FR-1", "AC-1")))
    passed = scenario(
        Outcome.PASSED, "FR-1", "AC-1", name="a registered user asks for a link", seconds=0.42
    )
    progress.handle(ScenarioEnded(0, passed))
    progress.handle(ScenarioStarted("a link is used twice", ("AC-4",)))
    progress.handle(ScenarioEnded(0, failed("AC-4", name="a link is used twice [bold]")))
    progress.close()
    progress.close()


def test_elsewhere_there_is_a_plain_line_per_scenario() -> None:
    stream = io.StringIO()
    play(Console(file=stream, width=80, _environ={}))

    assert stream.getvalue().splitlines() == [
        "passed        AC-1      a registered user asks for a link  0.4 s",
        "failed        AC-4      a link is used twice [bold]  0.4 s",
    ]


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_line_that_fits(outcome: Outcome) -> None:
    stream = io.StringIO()
    progress = Progress(Console(file=stream, width=80, _environ={}))
    progress.handle(
        ScenarioEnded(0, scenario(outcome, "NFR-5", name="字" * 100 + TOKEN, seconds=100.0))
    )
    progress.handle(ScenarioEnded(0, scenario(outcome, name="\x1b[2Jx", advisory=True)))
    first, second = stream.getvalue().splitlines()

    assert first.startswith(f"{outcome.value:12}  NFR-5")
    assert first.endswith("…  100.0 s")
    assert len(first) <= 80
    assert second == f"{outcome.value:12}  advisory  \ufffd[2Jx  0.4 s"


def test_quiet_shows_nothing_even_on_a_terminal() -> None:
    stream = io.StringIO()
    play(terminal(stream), quiet=True)

    assert stream.getvalue() == ""


def test_a_terminal_shows_a_status_line_and_keeps_failures() -> None:
    stream = io.StringIO()
    console = terminal(stream)
    progress = Progress(console)
    progress.handle(RunStarted(2))
    progress.handle(ScenarioStarted("a link is used twice", ("AC-4",)))
    console.print("something in between")  # brings the status line up to date
    progress.handle(ScenarioEnded(0, failed("AC-4", name="a link is used twice")))
    progress.close()
    shown = stream.getvalue()
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)

    assert "1 of 2  AC-4  a link is used twice  0 s" in words
    assert "failed        AC-4      a link is used twice  0.4 s\n" in words
    assert shown.rindex(SHOW) > shown.rindex(HIDE)
    assert shown.rstrip("\r\n").endswith("\x1b[2K")  # the status line is gone


def test_the_cursor_is_visible_all_the_while() -> None:
    stream = io.StringIO()
    progress = Progress(terminal(stream))
    progress.handle(RunStarted(1))
    begun = stream.getvalue()
    progress.close()

    assert begun.rindex(SHOW) > begun.rindex(HIDE)


@pytest.mark.parametrize("value", ["true", "1"])
def test_ci_gets_plain_lines(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CI", value)
    stream = io.StringIO()
    play(terminal(stream))

    assert HIDE not in stream.getvalue()
    assert "AC-1      a registered user" in stream.getvalue()


def test_a_dumb_terminal_gets_plain_lines() -> None:
    stream = io.StringIO()
    play(terminal(stream, TERM="dumb"))

    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 2


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    play(terminal(stream, NO_COLOR="1"))

    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", stream.getvalue())


def test_long_names_stay_on_one_line() -> None:
    stream = io.StringIO()
    console = terminal(stream)
    progress = Progress(console)
    progress.handle(RunStarted(1))
    progress.handle(ScenarioStarted("字" * 500, ("AC-4",)))
    console.print("in between")
    progress.close()
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())

    assert re.search(r"字{25,35}…  0 s", words)
    assert "字" * 36 not in words


def test_more_scenarios_than_announced_are_counted_honestly() -> None:
    stream = io.StringIO()
    console = terminal(stream)
    progress = Progress(console)
    progress.handle(RunStarted(0))
    progress.handle(ScenarioStarted("a link is used twice", ()))
    console.print("in between")
    progress.close()

    assert "1 of 1" in stream.getvalue()
