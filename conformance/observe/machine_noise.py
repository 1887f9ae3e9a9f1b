"""The machine's own share of a time: how long our processes could run and were not let.

Linux counts for every thread how long it waited for a processor (`/proc/…/schedstat`), for the
machine how long any did (pressure stall information), and what a hypervisor took (steal).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROC = Path("/proc")
_NANOSECONDS = 1e-9
_MICROSECONDS = 1e-6
# Readings between two looks at which processes there are; a pool's connections come and go.
_READINGS = 25


@dataclass(frozen=True)
class Mark:
    """A moment: seconds waited so far by each thread of ours, by the machine, and stolen."""

    threads: dict[str, float]
    pressure: float
    stolen: float


class MachineNoise:
    """Measures how much of a time was spent waiting for a processor.

    `precise` says that the waiting processes are the target's own: it is a descendant of the
    harness's process, or served in it (`ours`), and the system counts. Otherwise what is measured
    is whether anything on the machine had to wait, which is an upper bound.
    """

    def __init__(self, *, ours: bool) -> None:
        self.precise = ours and (_PROC / "self" / "schedstat").exists()
        self._processes: list[int] = []
        self._readings = 0

    def mark(self) -> Mark:
        """Return this moment."""
        threads = self._threads() if self.precise else {}
        return Mark(threads, 0.0 if self.precise else _pressure(), _stolen())

    def since(self, mark: Mark) -> float:
        """Return the seconds of waiting since a moment."""
        now = self.mark()
        waited = sum(
            max(0.0, seconds - mark.threads.get(thread, seconds))
            for thread, seconds in now.threads.items()
        )
        return waited + (now.pressure - mark.pressure) + (now.stolen - mark.stolen)

    def _threads(self) -> dict[str, float]:
        if self._readings % _READINGS == 0:
            here = psutil.Process()
            self._processes = [here.pid, *(each.pid for each in here.children(recursive=True))]
        self._readings += 1
        found: dict[str, float] = {}
        for process in self._processes:
            found |= _waited(process)
        return found


def longest_wait(pid: int) -> float:
    """Return how long any one thread of a process or its descendants has waited, in seconds.

    It is 0 where the system does not count, and when the process is gone.
    """
    try:
        descendants = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return 0.0
    family = [pid, *(each.pid for each in descendants)]
    return max((seconds for each in family for seconds in _waited(each).values()), default=0.0)


def _waited(process: int) -> dict[str, float]:
    """Return the seconds that each thread of a process has waited; none when it is gone."""
    tasks = f"{_PROC}/{process}/task"
    found = {}
    try:
        # Read before each answer, dozens at a time: pathlib takes more than twice as long.
        for thread in os.listdir(tasks):  # noqa: PTH208
            found[f"{process}/{thread}"] = _waited_by(f"{tasks}/{thread}/schedstat") * _NANOSECONDS
    except (OSError, IndexError, ValueError):
        # A thread or a process that ended meanwhile has nothing to count.
        return found
    return found


def _waited_by(schedstat: str) -> int:
    descriptor = os.open(schedstat, os.O_RDONLY)
    try:
        return int(os.read(descriptor, 100).split()[1])
    finally:
        os.close(descriptor)


def _pressure() -> float:
    try:
        some = (_PROC / "pressure" / "cpu").read_text(encoding="ascii").splitlines()[0]
    except (OSError, IndexError):
        return 0.0
    return int(some.rpartition("total=")[2]) * _MICROSECONDS


def _stolen() -> float:
    try:
        return psutil.cpu_times().steal
    except (AttributeError, OSError):
        return 0.0
