"""The work of a command: in a child process, so that nothing there can pass for its end.

What the target does to that process (`os._exit(0)` in code that is served there) is an error of
the run, and in the end nothing that was started runs any more.
"""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from conformance.run import suite as suite_package
from conformance.run.child import Child, wait_for
from conformance.run.conclusion import Findings
from conformance.run.events import Listener
from conformance.run.options import RunOptions
from conformance.run.result import HarnessError
from conformance.run.session import ConformanceRun
from conformance.target.launch import process_tree, scratch
from conformance.target.launch.process import undisturbed

_BURY_SECONDS = 1.0
_STOP_SECONDS = 5.0
# To stop the target and the database, and to leave the scenarios that are under way.
_GRACE_SECONDS = 60.0


class _Before(NamedTuple):
    """What this process had before the run, which is not the run's to clear away."""

    processes: set[psutil.Process]
    directories: set[Path]


@dataclass
class Ended:
    """How supervised work ended.

    `error` says that its process did not get to its end. `in_time` is False when the work was
    broken off by its time limit, `interrupted` True when somebody did that. `left_running` counts
    the processes that had to be ended afterwards.
    """

    error: HarnessError | None = None
    in_time: bool = True
    interrupted: bool = False
    left_running: int = 0


def run_supervised(options: RunOptions, listener: Listener) -> Findings:
    """Run the features and return what was found.

    `listener` hears of every event as it happens. A run that is broken off, by Ctrl-C, SIGTERM or
    its time limit, returns too; its findings say so.
    """
    findings = Findings(listener)
    ended = supervise("the run", partial(_run_pytest, options), findings.handle, options.time_limit)
    findings.left_running = ended.left_running
    if not ended.in_time:
        findings.run_out_of_time(options.time_limit)
    if ended.error is not None:
        findings.handle(ended.error)
    if ended.interrupted:
        findings.break_off()
    return findings


def supervise(
    name: str,
    work: Callable[[Connection], None],
    handle: Callable[[Any], None],
    time_limit: float,
) -> Ended:
    """Do work in a child process for at most `time_limit` seconds (0: as long as it takes).

    `handle` gets what it sends. When this returns, nothing that was started runs any more.
    """
    process_tree.adopt_orphans()
    before = _Before(process_tree.running_descendants(), scratch.directories())
    child, ended = Child(name, work), Ended()
    try:
        ended.in_time = _listen(child, handle, time_limit or math.inf)
    except BaseException as error:
        # From here on everything is bounded: a second Ctrl-C would only leave things behind.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _break_off(child, handle)
        _end(child, ended, before)
        if not isinstance(error, KeyboardInterrupt):
            raise
        ended.interrupted = True
        return ended
    with undisturbed():
        if not ended.in_time:
            _break_off(child, handle)
        _end(child, ended, before)
    return ended


def _listen(child: Child, handle: Callable[[Any], None], seconds: float) -> bool:
    """Handle what is sent until the child has ended; return False when it has not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if wait_for([child], min(_BURY_SECONDS, seconds)):
            event = child.receive()
            if event is None:
                return True
            handle(event)
        process_tree.bury(child.pid)
    return False


def _break_off(child: Child, handle: Callable[[Any], None]) -> None:
    """Have the child stop what it has started, and end it if it does not."""
    child.interrupt()
    if not _listen(child, handle, _GRACE_SECONDS):
        child.kill()


def _end(child: Child, ended: Ended, before: _Before) -> None:
    ended.error = child.end()
    if ended.error is not None:
        _stop_servers(before.processes)
    ended.left_running = process_tree.kill_all(0, before.processes)
    process_tree.bury(0)
    scratch.remove_all(before.directories)


def _stop_servers(spared: set[psutil.Process]) -> None:
    """Stop the database server of a child that was ended; killed, it would leave memory behind."""
    left = process_tree.running_descendants() - spared
    for process in left:
        with suppress(psutil.Error):
            if process.name() == "postgres" and process.ppid() == os.getpid():
                process.send_signal(signal.SIGINT)
                process.wait(_STOP_SECONDS)


def _run_pytest(options: RunOptions, connection: Connection) -> None:
    """Run the features in a pytest of our own: no configuration and no plugin of the caller's."""
    suite = Path(suite_package.__path__[0])
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    arguments = [
        str(suite),
        *("-c", os.devnull, "--rootdir", str(suite)),
        *("-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler"),
        *("--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "--capture=no"),
    ]
    pytest.main(arguments, plugins=[ConformanceRun(options, connection.send)])
