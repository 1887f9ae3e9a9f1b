"""A process of the harness that does a part of the run and sends what happens there."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any

from conformance.outcomes import harness_fault
from conformance.run.result import HarnessError
from conformance.target.launch.process import die_with_parent

context = multiprocessing.get_context("fork")
# What is served in a process may leave threads behind that never end, or close the connection.
_LAST_SECONDS = 10.0
# Sent last. A process that ends without it was ended: what it serves may call `os._exit(0)`.
_DONE = "done"


class Child:
    """A forked process that does `work`, which sends through its end of the connection.

    The process ends when its parent does. A terminal's Ctrl-C passes it by; `interrupt` raises
    `KeyboardInterrupt` in it.
    """

    def __init__(self, name: str, work: Callable[[Connection], None]) -> None:
        # What is buffered would be written twice.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(work, theirs), name=name)
        self._process.start()
        # The child's alone now, so that its end can be seen.
        theirs.close()
        # Not multiprocessing's sentinel: what the process started can hold that open.
        self._handle = os.pidfd_open(self.pid) if sys.platform == "linux" else None
        self._done = False

    @property
    def sentinel(self) -> int:
        """What becomes ready when the process ends."""
        return self._process.sentinel if self._handle is None else self._handle

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    def receive(self) -> Any:
        """Return what `wait_for` saw: what was sent next, None when the process has ended."""
        try:
            # What it started may hold the connection open longer than it lives.
            received = self.connection.recv() if self.connection.poll() else None
        except (EOFError, OSError):
            return None
        if received == _DONE:
            self._done = True
            return None
        return received

    def interrupt(self) -> None:
        """Break its work off; it stops what it has started."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()

    def end(self) -> HarnessError | None:
        """Wait until it has ended, and end it if that takes too long.

        Returns an error when its work was not done by then.
        """
        self._process.join(_LAST_SECONDS)
        if self._process.is_alive():
            self.kill()
            self._process.join()
        self.connection.close()
        if self._handle is not None:
            os.close(self._handle)
        if self._done:
            return None
        code = self._process.exitcode or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        return HarnessError(self._process.name, f"a process of the harness {how}")


def wait_for(children: Iterable[Child], seconds: float | None) -> list[Child]:
    """Return the children that have sent something or ended; none after so many `seconds`."""
    sources: dict[Any, Child] = {}
    for child in children:
        sources |= {child.connection: child, child.sentinel: child}
    return list(dict.fromkeys(sources[ready] for ready in wait(list(sources), seconds)))


def _run(work: Callable[[Connection], None], connection: Connection) -> None:
    # A terminal's Ctrl-C reaches every process of the run; the first of them ends the others.
    signal.signal(signal.SIGINT, _let_pass)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    die_with_parent()
    random.seed()
    # Whoever would hear of it may be gone, and what is served here may have closed the connection.
    with suppress(KeyboardInterrupt, EOFError, OSError):
        try:
            work(connection)
        except Exception as error:
            connection.send(HarnessError("the harness", harness_fault(error)))
    with suppress(OSError):
        connection.send(_DONE)


def _let_pass(signum: int, frame: FrameType | None) -> None:
    del signum, frame
