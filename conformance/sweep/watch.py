"""Watches a tree of processes and its directory, and tells which limit it goes over."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from conformance.sweep.limits import MEGABYTE, Limits

# Looking at a large directory takes time: at most a twentieth of it is spent so.
_SHARE = 20
_DISK_SECONDS = 0.5


class Watch:
    """One candidate's limits; time counts from the making of it."""

    def __init__(self, limits: Limits, directory: Path) -> None:
        self._limits = limits
        self._directory = directory
        self._since = time.monotonic()
        self._next_look = self._since

    def over(self, processes: Sequence[psutil.Process]) -> str:
        """Return which limit is crossed, as `its time limit of 120 s`, or ""."""
        limits = self._limits
        if time.monotonic() - self._since > limits.seconds:
            return f"its time limit of {limits.seconds:g} s"
        tasks, resident = _use(processes)
        if tasks > limits.tasks:
            return f"its limit of {limits.tasks} processes and threads"
        # The sum of the resident sizes counts shared pages for each process that has them: it is
        # quick to get, and never too small.
        most = limits.memory_mb * MEGABYTE
        if resident > most and _proportional(processes) > most:
            return f"its memory limit of {limits.memory_mb} MB"
        if self._disk_is_over():
            return f"its disk limit of {limits.disk_mb} MB"
        return ""

    def _disk_is_over(self) -> bool:
        begun = time.monotonic()
        if begun < self._next_look:
            return False
        size = disk_usage(self._directory)
        ended = time.monotonic()
        self._next_look = ended + max(_DISK_SECONDS, _SHARE * (ended - begun))
        return size >= self._limits.disk_mb * MEGABYTE


def _use(processes: Sequence[psutil.Process]) -> tuple[int, int]:
    """Return the number of threads, of which a process has at least one, and the resident bytes."""
    threads = resident = 0
    for process in processes:
        with suppress(psutil.Error):
            threads += process.num_threads()
            resident += process.memory_info().rss
    return threads, resident


def _proportional(processes: Sequence[psutil.Process]) -> int:
    """Return the bytes that processes use, what they share counted once."""
    used = 0
    for process in processes:
        with suppress(psutil.Error):
            memory = process.memory_full_info()
            # Outside Linux there is no proportional size; `uss` leaves out what is shared.
            used += getattr(memory, "pss", memory.uss)
    return used


def disk_usage(directory: Path) -> int:
    """Return the bytes that a directory takes on disk; what vanishes meanwhile is left out."""
    used = 0
    folders = [str(directory)]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return used
