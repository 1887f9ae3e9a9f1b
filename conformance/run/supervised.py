"""The run of a command: in a child process, so that nothing there can pass for its end.

What the target does to that process (`os._exit(0)` in code that is served there) is an error of
the run, and when the findings are returned nothing that was started runs any more.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from conformance.run import suite as suite_package
from conformance.run.child import Child, wait_for
from conformance.run.conclusion import Findings
from conformance.run.events import Listener
from conformance.run.options import RunOptions
from conformance.run.session import ConformanceRun
from conformance.target.launch import process_tree, scratch
from conformance.target.launch.process import undisturbed

_BURY_SECONDS = 1.0
_STOP_SECONDS = 5.0


class _Before(NamedTuple):
    """What this process had before the run, which is not the run's to clear away."""

    processes: set[psutil.Process]
    directories: set[Path]


def run_supervised(options: RunOptions, listener: Listener) -> Findings:
    """Run the features and return what was found.

    `listener` hears of every event as it happens. A run that is broken off by Ctrl-C or SIGTERM
    returns too; its findings say so.
    """
    findings = Findings(listener)
    process_tree.adopt_orphans()
    before = _Before(process_tree.running_descendants(), scratch.directories())
    child = Child("the run", lambda connection: _run_pytest(options, connection))
    try:
        _listen(child, findings)
    except BaseException as error:
        # From here on everything is bounded: a second Ctrl-C would only leave things behind.
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        child.interrupt()
        _listen(child, findings)
        _end(child, findings, before)
        if not isinstance(error, KeyboardInterrupt):
            raise
        findings.break_off()
    else:
        with undisturbed():
            _end(child, findings, before)
    return findings


def _listen(child: Child, findings: Findings) -> None:
    while True:
        if wait_for([child], _BURY_SECONDS):
            event = child.receive()
            if event is None:
                return
            findings.handle(event)
        process_tree.bury(child.pid)


def _end(child: Child, findings: Findings, before: _Before) -> None:
    error = child.end()
    if error is not None:
        _stop_servers(before.processes)
    findings.left_running = process_tree.kill_all(0, before.processes)
    process_tree.bury(0)
    scratch.remove_all(before.directories)
    if error is not None:
        findings.handle(error)


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
