"""Judges candidates on this machine: a supervisor each, some at once."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from conformance.sweep.judging import Task, judge, stop
from conformance.sweep.order import Judged
from conformance.target.launch.process import undisturbed

# A run waits for mail and for answers most of its time.
_WORKERS_PER_CORE = 3


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_workers() -> int:
    """Return how many candidates are judged at once unless somebody says otherwise."""
    return _WORKERS_PER_CORE * cores()


class ThisMachine:
    """Judges `workers` candidates at once on this machine, each under its own supervisor."""

    packs = False

    def __init__(self, workers: int | None) -> None:
        self.workers = workers or default_workers()
        self.cores: int | None = cores()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def judge(self, tasks: Mapping[str, Task]) -> Generator[tuple[str, Judged]]:
        """Judge tasks and yield each with its name, as they end.

        Once the iterator is closed nothing runs any more, whatever broke it off.
        """
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="sweep")
        try:
            futures = {pool.submit(judge, task): name for name, task in tasks.items()}
            for future in as_completed(futures):
                # Taken out: a result holds its reports, and a thousand of them do not fit.
                yield futures.pop(future), future.result()
        finally:
            with undisturbed():
                for sweep in {task.sweep for task in tasks.values()}:
                    stop(sweep)
                pool.shutdown(wait=True, cancel_futures=True)
