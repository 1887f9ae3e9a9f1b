"""Has a supervisor judge a candidate; the same on this machine and on a worker of a cluster."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.sweep.limits import Limits
from conformance.sweep.order import Judged, Order
from conformance.sweep.processes import kill_marked
from conformance.sweep.workplace import python_path, remove
from conformance.target.launch.process import die_with_parent

_PREFIX = "mlc-sweep-"
# What a harness has to clear up when its supervisor is gone.
_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Task:
    """A candidate to be judged: its folder, or what is packed of it, and how.

    `sweep` is the sweep that it belongs to, by a name of its own.
    """

    sweep: str
    folder: str | bytes
    others: tuple[str, ...]
    description: str
    options: tuple[str, ...]
    limits: Limits


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
                env={**os.environ, "PYTHONPATH": python_path()},
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
    try:
        if isinstance(task.folder, str):
            return _supervised(task, directory, task.folder)
        with tempfile.NamedTemporaryFile(prefix=_PREFIX) as packed:
            packed.write(task.folder)
            packed.flush()
            return _supervised(task, directory, packed.name)
    finally:
        remove(directory)


def stop(sweep: str) -> None:
    """End what is being judged for a sweep in this process, and begin nothing more for it.

    Returns when nothing runs any more.
    """
    _supervisors.stop(sweep)


def _supervised(task: Task, directory: Path, folder: str) -> Judged:
    order = Order(
        str(directory),
        folder,
        isinstance(task.folder, bytes),
        task.others,
        task.description,
        task.options,
        task.limits,
    )
    process = _supervisors.start(task.sweep)
    if process is None:
        return Judged(trouble="it was broken off")
    try:
        told, _ = process.communicate(order.as_json().encode())
    finally:
        _supervisors.ended(task.sweep, process)
    try:
        return Judged.from_json(told.decode())
    except (ValueError, TypeError):
        kill_marked(directory, _PATIENCE_SECONDS)
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
