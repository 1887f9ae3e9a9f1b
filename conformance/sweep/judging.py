"""Judges candidates, each under a supervisor of its own: one, or some at once on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from conformance.sweep.order import Judged, Order
from conformance.sweep.workplace import python_path, remove
from conformance.target.launch.placeholders import INHERITED
from conformance.target.launch.process import die_with_parent, undisturbed
from conformance.target.launch.process_tree import kill_marked

_PREFIX = "mlc-sweep-"
# What a harness has to clear up when its supervisor is gone.
_PATIENCE_SECONDS = 15.0
# What a supervisor takes beside its candidate's time: to copy the folder, and to clear up.
_SLACK_SECONDS = 300.0


@dataclass(frozen=True)
class Task:
    """A candidate to be judged for a sweep, which has a name of its own.

    `packed` is what `pack` made of the candidate's folder when that is on another machine.
    """

    sweep: str
    order: Order
    packed: bytes | None = None


def _environment() -> dict[str, str]:
    """Return the environment of a supervisor: a candidate could read it."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": python_path()}


class _Supervisors:
    """The supervisors that run in this process's name, by sweep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, set[subprocess.Popen[bytes]]] = defaultdict(set)
        self._stopped: set[str] = set()

    def start(self, sweep: str) -> subprocess.Popen[bytes] | None:
        """Start one, unless the sweep has been stopped."""
        with self._lock:
            if sweep in self._stopped:
                return None
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "conformance.sweep.supervisor"],
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Out of reach of the terminal's Ctrl-C: it is stopped by us.
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
            self._running[sweep].add(process)
            return process

    def ended(self, sweep: str, process: subprocess.Popen[bytes]) -> None:
        """Forget one that has ended."""
        with self._lock:
            self._running[sweep].discard(process)

    def stop(self, sweep: str) -> None:
        """Stop those of a sweep, for good, and return when they have ended."""
        with self._lock:
            self._stopped.add(sweep)
            running = list(self._running[sweep])
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


_supervisors = _Supervisors()


def judge(task: Task) -> Judged:
    """Judge one candidate. Blocks until it is judged, or its sweep is stopped."""
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
    order = replace(task.order, directory=str(directory))
    try:
        if task.packed is None:
            return _supervised(task.sweep, order)
        with tempfile.NamedTemporaryFile(prefix=_PREFIX) as packed:
            packed.write(task.packed)
            packed.flush()
            return _supervised(task.sweep, replace(order, folder=packed.name, packed=True))
    finally:
        remove(directory)


def stop(sweep: str) -> None:
    """End what is being judged for a sweep in this process, and begin nothing more for it.

    Returns when nothing runs any more.
    """
    _supervisors.stop(sweep)


def _supervised(sweep: str, order: Order) -> Judged:
    process = _supervisors.start(sweep)
    if process is None:
        return Judged(trouble="it was broken off")
    try:
        judged, _ = process.communicate(
            order.as_json().encode(), order.limits.seconds + _SLACK_SECONDS
        )
    except subprocess.TimeoutExpired:
        # A candidate can halt its supervisor.
        process.kill()
        judged, _ = process.communicate()
    finally:
        _supervisors.ended(sweep, process)
    try:
        return Judged.from_json(judged.decode())
    except (ValueError, TypeError):
        kill_marked(Path(order.directory), _PATIENCE_SECONDS)
        return Judged(trouble=f"its supervisor ended with status {process.returncode}")


def options_of_run(asked: Sequence[str], only: Sequence[str], seed: int | None) -> tuple[str, ...]:
    """Return the options that every candidate's `run` is given.

    One worker: what is judged side by side here are candidates.
    """
    options = ["--workers", "1", f"--require={','.join(asked)}"]
    if only:
        options.append(f"--only={','.join(only)}")
    if seed is not None:
        options.append(f"--seed={seed}")
    return tuple(options)


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
    """Judges `workers` candidates at once on this machine, each under its own supervisor.

    One whose time ran out while there was more to do than there are cores is judged again, alone:
    the machine may have been slow, and not the candidate.

    `packs` says whether folders have to travel, `cores` is None where they are not known.
    """

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
            starved: list[str] = []
            for future in as_completed(futures):
                # Taken out: a result holds its reports, and a thousand of them do not fit.
                name, judged = futures.pop(future), future.result()
                if judged.out_of_time and len(tasks) > 1 and psutil.getloadavg()[0] > cores():
                    starved.append(name)
                else:
                    yield name, judged
            for name in starved:
                yield name, pool.submit(judge, tasks[name]).result()
        finally:
            with undisturbed():
                for sweep in {task.sweep for task in tasks.values()}:
                    stop(sweep)
                pool.shutdown(wait=True, cancel_futures=True)
