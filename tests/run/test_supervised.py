"""Work in a child process: it has an end, whatever becomes of that process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import psutil
import pytest

from conformance.run import child, supervised
from conformance.run.conclusion import Findings
from conformance.run.events import RunEnded
from conformance.run.result import INTERRUPTION, HarnessError
from conformance.run.supervised import Ended, supervise

pytestmark = pytest.mark.run


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised, "_GRACE_SECONDS", 0.3)
    monkeypatch.setattr(child, "_LAST_SECONDS", 0.3)


def supervising(work: Callable[[Connection], None], limit: float = 0) -> tuple[list[object], Ended]:
    handled: list[object] = []
    return handled, supervise("the work", work, handled.append, limit)


def test_what_is_sent_is_handled_and_the_end_is_no_error() -> None:
    handled, ended = supervising(lambda connection: connection.send("found"), 60)
    assert handled == ["found"]
    assert ended == Ended()


def test_work_that_takes_too_long_is_asked_to_end() -> None:
    def work(connection: Connection) -> None:
        try:
            threading.Event().wait()
        finally:
            connection.send("cleared up")

    handled, ended = supervising(work, 0.3)
    assert handled == ["cleared up"]
    assert (ended.in_time, ended.error) == (False, None)


def test_work_that_does_not_want_to_end_is_killed() -> None:
    def work(connection: Connection) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        connection.send(os.getpid())
        threading.Event().wait()

    [pid], ended = supervising(work, 0.3)
    assert not ended.in_time
    assert ended.error == HarnessError("the work", "a process of the harness was ended by signal 9")
    assert isinstance(pid, int)
    assert not psutil.pid_exists(pid)


def test_work_that_was_halted_is_killed() -> None:
    handled, ended = supervising(lambda _: os.kill(os.getpid(), signal.SIGSTOP), 0.3)
    assert handled == []
    assert not ended.in_time
    assert ended.error is not None


def test_a_thread_that_never_ends_does_not_keep_the_process() -> None:
    def work(connection: Connection) -> None:
        threading.Thread(target=threading.Event().wait).start()
        connection.send("found")

    handled, ended = supervising(work)
    assert handled == ["found"]
    assert ended == Ended()


def test_a_closed_connection_is_no_end() -> None:
    def work(connection: Connection) -> None:
        connection.close()
        time.sleep(1_000)

    _, ended = supervising(work)
    assert ended.error == HarnessError("the work", "a process of the harness was ended by signal 9")


def test_a_run_that_ran_out_of_time_was_interrupted_by_nobody() -> None:
    findings = Findings()
    findings.handle(INTERRUPTION)
    findings.handle(HarnessError("a scenario", "TypeError"))
    findings.handle(RunEnded(partial=False, interrupted=True))
    findings.run_out_of_time(60)
    assert not findings.interrupted
    assert [each.where for each in findings.errors] == ["a scenario"]
    assert findings.broken_off == "the time limit of 60 s was reached (--time-limit)"
