"""Scenarios side by side: every worker is a process with a target and a database of its own.

What one scenario does to the time, the mail or the rows of a target would disturb another on the
same target; on targets of their own they cannot disturb one another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import psutil

from conformance.run.child import Child, context, wait_for
from conformance.run.events import Listener, TargetOpened
from conformance.target.database.postgres import OwnDatabase
from conformance.target.launch.ports import keep_to
from conformance.target.launch.process import undisturbed

# How often, in seconds, to look whether the processors are idle, and how busy, in per cent, they
# are while one more target would only take what the others need.
_LOOK_SECONDS = 1.0
_BUSY = 50.0


class Share:
    """The groups of scenarios (places in the order of the run) that are still to be claimed."""

    def __init__(self, groups: Sequence[Sequence[int]]) -> None:
        self._groups = groups
        self._next = context.Value("i", 0)

    def give_up(self) -> None:
        """Leave the rest undone: a target is lost, or the first failure was to end the run."""
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


Work = Callable[[OwnDatabase, Share, Listener], None]
"""What a worker does with its database, the share and whoever its events go to."""


@dataclass
class _Worker:
    child: Child
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
        self._running: dict[Child, _Worker] = {}

    def __enter__(self) -> Self:
        try:
            for number in range(self._count):
                self._waiting.append(_Worker(self._child(number)))
        except BaseException:
            self._dismiss()
            raise
        return self

    def _child(self, number: int) -> Child:
        def work(connection: Connection) -> None:
            keep_to(number, self._count)
            template = connection.recv()
            if template is not None:
                self._work(template, self._share, connection.send)

        return Child(f"worker {number + 1}", work)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with undisturbed():
            self._dismiss()

    def run(self, template: OwnDatabase, handle: Listener) -> None:
        """Hand each worker the prepared database; handle their events until all have ended.

        When the run is broken off they are too, in good order, before the interrupt goes on.
        """
        try:
            self._let_go(template)
            self._listen(template, handle)
        except BaseException:
            with undisturbed():
                self._dismiss()
                for worker in self._running.values():
                    worker.child.interrupt()
                self._listen(template, handle)
            raise

    def _let_go(self, template: OwnDatabase) -> None:
        if self._waiting:
            worker = self._waiting.pop(0)
            self._running[worker.child] = worker
            worker.child.connection.send(template)

    def _dismiss(self) -> None:
        """Send home those that wait still."""
        for worker in self._waiting:
            with suppress(OSError):
                worker.child.connection.send(None)
            worker.child.end()
        self._waiting.clear()

    def _listen(self, template: OwnDatabase, handle: Listener) -> None:
        while self._running:
            patience = _LOOK_SECONDS if self._waiting else None
            for child in wait_for(self._running, patience):
                worker = self._running[child]
                event = child.receive()
                if event is None:
                    self._end(worker, handle)
                    continue
                handle(event)
                if isinstance(event, TargetOpened):
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
        """Return whether there is work for one more worker, and processors with nothing to do."""
        running = self._running.values()
        if not self._waiting or not all(worker.opened for worker in running):
            return False
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS or self._share.left() <= 2 * len(running):
            return False
        self._looked_at = now
        return self._busy() < _BUSY

    def _end(self, worker: _Worker, handle: Listener) -> None:
        del self._running[worker.child]
        error = worker.child.end()
        if not worker.opened:
            # What it could not have, the next one could not have either.
            self._dismiss()
        if error is not None:
            handle(error)
