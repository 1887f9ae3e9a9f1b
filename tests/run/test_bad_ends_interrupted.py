"""Ctrl-C and SIGTERM in the middle of a run: nothing stays behind, what was found is kept."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest

from tests.place import Command, Ended, Place

pytestmark = pytest.mark.run

# A part whose first scenario takes a moment; when it has ended, the next one is under way.
PART = ("--only", "AC-1,AC-2,AC-3,AC-4,AC-5,AC-7")
UNDER_WAY = "a registered user asks for a link"


WAYS = {
    ("in process", signal.SIGINT): (),
    ("in process", signal.SIGTERM): (),
    ("as a process", signal.SIGINT): ("--spawn",),
    ("as a process", signal.SIGTERM): ("--spawn",),
}


@dataclass(frozen=True)
class Interrupted:
    ended: Ended
    leftovers: list[str]


def _interrupted(how: tuple[str, ...], sig: signal.Signals) -> Interrupted:
    with Place() as place:
        command = place.start("run", *PART, *how)
        command.read_until(UNDER_WAY)
        return Interrupted(command.interrupt(sig), place.leftovers())


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[tuple[str, signal.Signals], Interrupted]]:
    """All ways at once: they have nothing in common."""
    with ThreadPoolExecutor(len(WAYS)) as workers:
        begun = {way: workers.submit(_interrupted, how, way[1]) for way, how in WAYS.items()}
        yield {way: future.result() for way, future in begun.items()}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]}-{way[1].name}")
def test_in_the_middle(
    runs: dict[tuple[str, signal.Signals], Interrupted], way: tuple[str, signal.Signals]
) -> None:
    ended = runs[way].ended
    assert ended.code == 130, ended.err
    assert ended.err == "magic-link-conformance: it was interrupted\n"
    assert "Traceback" not in ended.out
    assert runs[way].leftovers == []
    assert ended.outcome("AC-5") == "untested"
    assert UNDER_WAY in _passed(ended)
    assert ended.report is not None
    assert ended.report["conclusion"] == "incomplete"
    assert ended.report["errors"] == [{"where": "the run", "message": "it was interrupted"}]


def _passed(ended: Ended) -> set[str]:
    """Return the names of the scenarios that had passed by then."""
    assert ended.report is not None
    return {each["name"] for each in ended.report["scenarios"] if each["outcome"] == "passed"}


@pytest.fixture
def place() -> Iterator[Place]:
    with Place() as place:
        yield place


def test_again_and_again(place: Place) -> None:
    command = place.start("run", *PART, "--spawn")
    command.read_until(UNDER_WAY)
    # While everything is stopped and the report is written, impatience must do no harm.
    while command.process.poll() is None:
        command.process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    ended = command.end()
    assert ended.code == 130
    assert UNDER_WAY in _passed(ended)
    assert place.leftovers() == []


def test_while_schemathesis_sends_its_requests(place: Place) -> None:
    command = place.start("run", "--only", "FR-1,EC-6", "--spawn")
    command.read_until(UNDER_WAY)
    command.process.send_signal(signal.SIGINT)
    ended = command.end()
    assert ended.code == 130
    assert place.leftovers() == []


def test_while_the_target_starts(place: Place) -> None:
    waiting = '[launch]\ncommand = ["sleep", "1000"]\n[database]\n'
    command = place.start("run", "--target", place.describe(waiting))
    command.read_until("makes a new database")
    _await_child(command, "sleep")
    ended = command.interrupt(signal.SIGTERM)
    assert ended.code == 130
    assert "Traceback" not in ended.out + ended.err
    assert place.leftovers() == []


def _await_child(command: Command, name: str) -> None:
    """Wait until something that the command started is a process of this name."""
    run = psutil.Process(command.process.pid)
    while command.process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            if name in {each.name() for each in run.children(recursive=True)}:
                return
        time.sleep(0.01)
    raise AssertionError(command.end().err)
