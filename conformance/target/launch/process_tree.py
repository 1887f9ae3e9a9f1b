"""A tree of processes: everything that a process started, also what has left its group.

On Linux the process at the top adopts whatever loses its parent (`PR_SET_CHILD_SUBREAPER`), so
that a daemon stays in the tree.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_PAUSE_SECONDS = 0.01
_LOOK_SECONDS = 0.2
_ROUNDS = 50


def adopt_orphans() -> None:
    """Make this process the parent of every descendant that loses its own."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """Return all descendants of a process, by default of this one; some may have ended."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def running_descendants() -> set[psutil.Process]:
    """Return the descendants of this process that have not ended."""
    return {each for each in descendants() if _runs(each)}


def bury(known: int) -> None:
    """Wait for adopted children that have ended, but for `known`, which somebody else waits for."""
    if sys.platform != "linux":
        return
    with suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == known:
                return
            os.waitpid(ended.si_pid, 0)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill processes, and what they have started since."""
    _signal(with_descendants(processes), signal.SIGKILL)


def kill_all(known: int, spared: Iterable[psutil.Process] = ()) -> int:
    """Kill all descendants but `spared` and what those start; return how many there were.

    `known` is as for `bury`. All are halted before the first is killed, so that none can start
    another in the meantime.
    """
    kept = set(spared)
    killed: set[psutil.Process] = set()
    for _ in range(_ROUNDS):
        there = _halted(kept)
        if not there:
            break
        killed |= there
        _signal(there, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)
        bury(known)
    return len(killed)


def _halted(kept: set[psutil.Process]) -> set[psutil.Process]:
    """Stop all descendants but `kept`, until no further one turns up."""
    halted: set[psutil.Process] = set()
    while new := running_descendants() - with_descendants(kept) - halted:
        # By group first: that reaches also those that are just being started.
        for group in _groups(new) - _groups(kept) - {os.getpgrp()}:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGSTOP)
        _signal(new, signal.SIGSTOP)
        halted |= new
    return halted


def _groups(processes: Iterable[psutil.Process]) -> set[int]:
    groups = set()
    for process in processes:
        with suppress(ProcessLookupError):
            groups.add(os.getpgid(process.pid))
    return groups


def _signal(processes: Iterable[psutil.Process], sig: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.send_signal(sig)


def with_descendants(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Return processes with all that they started."""
    found: set[psutil.Process] = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found |= {process, *process.children(recursive=True)}
    return found


def kill_marked(directory: Path, patience_seconds: float) -> None:
    """Kill what works in a directory or has it in its environment; for trees that lost their top.

    First it waits: the harness notices its supervisor's end and clears up by itself. This looks
        at every process of the machine.
    """
    deadline = time.monotonic() + patience_seconds
    while marked := [each for each in psutil.process_iter() if _marked(each, directory)]:
        if time.monotonic() > deadline:
            _signal(marked, signal.SIGKILL)
        time.sleep(_LOOK_SECONDS)


def _marked(process: psutil.Process, directory: Path) -> bool:
    try:
        values = process.environ().values()
        inside = Path(process.cwd()).is_relative_to(directory)
    except (psutil.Error, OSError):
        return False
    return inside or any(value.startswith(str(directory)) for value in values)


def cpu_seconds() -> float:
    """Return the CPU time of this process and of all descendants that it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
