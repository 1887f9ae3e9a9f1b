"""Scenarios side by side: every worker is a process with a target and a database of its own.

What one scenario does to the time, the mail or the rows of a target would disturb another on the
same target; on targets of their own they cannot disturb one another.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from types import FrameType, TracebackType
from typing import Any, Self

import psutil

from conformance.outcomes import ExitCode
from conformance.run.collecting import Collected
from conformance.run.result import HarnessError, ScenarioResult
from conformance.target.database.own_database import OwnDatabase
from conformance.target.launch.ports import keep_to
from conformance.target.launch.process import die_with_parent, undisturbed

_context = multiprocessing.get_context("fork")
# How often, in seconds, to look whether the processors are idle, and how busy, in per cent, they
# are while one more target would only take what the others need.
_LOOK_SECONDS = 1.0
_BUSY = 50.0


class Share:
    """The groups of scenarios (places in the order of the run) that are still to be claimed."""

    def __init__(self, groups: Sequence[Sequence[int]]) -> None:
        self._groups = groups
        self._next = _context.Value("i", 0)

    def give_up(self) -> None:
        """Leave the rest undone: a target is lost."""
        with self._next.get_lock():
            self._next.value = len(self._groups)

    def left(self) -> int:
        """Return how many groups nobody has claimed yet."""
        claimed: int = self._next.value
        return max(0, len(self._groups) - claimed)

    def claim(self) -> Iterator[int]:
        """Yield places until all groups are claimed."""
        while True:
            with self._next.get_lock():
                number = self._next.value
                self._next.value = number + 1
            if number >= len(self._groups):
                return
            yield from self._groups[number]


class Reporting:
    """The collector that a worker tells: it hands everything on to the process of the run."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def opened(self, target: dict[str, Any]) -> None:
        """Hand on the facts about the target."""
        self._connection.send(("opened", (target,)))

    def gave_up(self, code: ExitCode, complaint: str) -> None:
        """Hand on why the target could not be had."""
        self._connection.send(("gave_up", (code, complaint)))

    def began(self, name: str, ids: tuple[str, ...]) -> None:
        """Hand on that a scenario begins."""
        self._connection.send(("began", (name, ids)))

    def ended(self, place: int, result: ScenarioResult) -> None:
        """Hand on a result."""
        self._connection.send(("ended", (place, result)))

    def erred(self, error: HarnessError) -> None:
        """Hand on an error."""
        self._connection.send(("erred", (error,)))

    def spent(self, seconds: dict[str, float]) -> None:
        """Hand on where the time went."""
        self._connection.send(("spent", (seconds,)))


Work = Callable[[OwnDatabase, Share, Reporting], None]


@dataclass
class _Worker:
    process: ForkProcess
    connection: Connection
    opened: bool = False


class Workers:
    """Processes that do the same `work` on one share, each with a target of its own.

    They are forked when the with-block begins, which is best before this process has threads, and
    wait to be let go: the first in `run`, each further one when the target of the one before is up,
    since targets that start at the same time slow one another down. So it goes for `usual` of
    them (None: all); the others are let go one by one while the processors are mostly idle, as they
    are when the answers of a target take long. `busy` returns how busy they have been since it was
    asked last, in per cent.
    """

    def __init__(
        self,
        count: int,
        share: Share,
        work: Work,
        usual: int | None = None,
        busy: Callable[[], float] = psutil.cpu_percent,
    ) -> None:
        self._count, self._share, self._work = count, share, work
        self._usual = count if usual is None else usual
        self._busy, self._looked_at = busy, 0.0
        self._waiting: list[_Worker] = []
        self._running: dict[Connection, _Worker] = {}

    def __enter__(self) -> Self:
        try:
            for number in range(self._count):
                self._waiting.append(_start(number, self._count, self._share, self._work))
        except BaseException:
            self._dismiss()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with undisturbed():
            self._dismiss()

    def run(self, template: OwnDatabase, collected: Collected) -> None:
        """Hand each worker the prepared database and take what they tell until all have ended.

        When the run is broken off they are too, in good order, before the interrupt goes on.
        """
        try:
            self._let_go(template)
            self._listen(template, collected)
        except BaseException:
            with undisturbed():
                self._dismiss()
                for worker in self._running.values():
                    with suppress(ProcessLookupError):
                        os.kill(worker.process.pid or 0, signal.SIGTERM)
                self._listen(template, collected)
            raise

    def _let_go(self, template: OwnDatabase) -> None:
        if self._waiting:
            worker = self._waiting.pop(0)
            self._running[worker.connection] = worker
            worker.connection.send(template)

    def _dismiss(self) -> None:
        """Send home those that wait still."""
        for worker in self._waiting:
            with suppress(OSError):
                worker.connection.send(None)
            worker.process.join()
            worker.connection.close()
        self._waiting.clear()

    def _listen(self, template: OwnDatabase, collected: Collected) -> None:
        while self._running:
            patience = _LOOK_SECONDS if self._waiting else None
            for connection in wait(list(self._running), patience):
                assert isinstance(connection, Connection)
                worker = self._running[connection]
                try:
                    told, arguments = connection.recv()
                except (EOFError, ConnectionResetError):
                    self._end(worker, collected)
                else:
                    getattr(collected, told)(*arguments)
                    if told == "opened":
                        worker.opened = True
                        self._go_on(template)
            if self._one_more_would_help():
                self._let_go(template)

    def _go_on(self, template: OwnDatabase) -> None:
        if self._count - len(self._waiting) < self._usual:
            self._let_go(template)
        else:
            # From here on it counts how busy the processors are.
            self._busy()
            self._looked_at = time.monotonic()

    def _one_more_would_help(self) -> bool:
        """Tell whether there is work for one more worker, and processors with nothing to do."""
        running = self._running.values()
        if not self._waiting or not all(worker.opened for worker in running):
            return False
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS or self._share.left() <= 2 * len(running):
            return False
        self._looked_at = now
        return self._busy() < _BUSY

    def _end(self, worker: _Worker, collected: Collected) -> None:
        del self._running[worker.connection]
        worker.process.join()
        worker.connection.close()
        if not worker.opened:
            # What it could not have, the next one could not have either.
            self._dismiss()
        code = worker.process.exitcode
        if code:
            how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
            collected.erred(HarnessError(worker.process.name, f"a process of the harness {how}"))


def _start(number: int, of: int, share: Share, work: Work) -> _Worker:
    ours, theirs = _context.Pipe()
    process = _context.Process(
        target=_run_worker, args=(number, of, share, work, theirs), name=f"worker {number + 1}"
    )
    process.start()
    # The worker's alone now, so that its end can be seen.
    theirs.close()
    return _Worker(process, ours)


def _run_worker(number: int, of: int, share: Share, work: Work, connection: Connection) -> None:
    # A terminal's Ctrl-C reaches every process of the run; the first of them ends the others.
    signal.signal(signal.SIGINT, _let_pass)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    die_with_parent()
    keep_to(number, of)
    random.seed()
    with suppress(KeyboardInterrupt, BrokenPipeError, EOFError):
        template = connection.recv()
        if template is not None:
            work(template, share, Reporting(connection))


def _let_pass(signum: int, frame: FrameType | None) -> None:
    del signum, frame
