"""Judges one candidate: `python -m conformance.sweep.supervisor`, an order on standard input.

It runs `magic-link-conformance run` in the candidate's own directory, watches everything that this
starts, ends all of it, and prints what came out as JSON (`Judged`). SIGTERM breaks it off.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import psutil

from conformance.sweep.order import MEGABYTE, TIME_LIMIT, Judged, Limits, Order
from conformance.sweep.workplace import OUTPUT, Workplace, workplace
from conformance.target.launch import process_tree
from conformance.target.launch.process import die_with_parent

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
            return f"{TIME_LIMIT} of {limits.seconds:g} s"
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


# A look takes about 5 ms: 1 % of a core.
_LOOK_SECONDS = 0.5
# What the harness has to write its report and stop its database, once it has been asked to end.
_GRACE_SECONDS = 15.0
_OWN_DATABASE = "postgres"


class _BrokenOff(Exception):
    """Somebody asked for the end."""


def judge(order: Order) -> Judged:
    """Judge a candidate; nothing that was started runs any more when this returns."""
    begun = time.monotonic()
    try:
        with workplace(order) as place:
            run = _Run(order, place)
            try:
                run.watch()
            finally:
                _undisturbed()
                left = run.end()
            left += place.left_running()
            judged = Judged(run.exit_code, run.over, "", left, files=place.files())
    except _BrokenOff:
        judged = Judged(trouble="it was broken off")
    except OSError as error:
        judged = Judged(trouble=f"{error.filename or order.folder}: {error.strerror or error}")
    return replace(
        judged,
        cpu_seconds=round(process_tree.cpu_seconds(), 2),
        wall_seconds=round(time.monotonic() - begun, 2),
    )


class _Run:
    """The run of the harness, with all that it starts."""

    def __init__(self, order: Order, place: Workplace) -> None:
        self.over = ""
        self._watch = Watch(order.limits, place.directory)
        self._largest_file = order.limits.disk_mb * MEGABYTE
        with (place.reports / OUTPUT).open("wb") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                place.run_command(order),
                cwd=place.directory,
                env=place.environment(),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._confine,
            )

    def _confine(self) -> None:
        """Set what a process and its children inherit; run between fork and exec."""
        die_with_parent()
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._largest_file, self._largest_file))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):
            # When memory runs out, Linux is to take it from here.
            Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")

    @property
    def exit_code(self) -> int | None:
        """The run's own exit code; None while it goes on, and when a signal ended it."""
        code = self._process.returncode
        return code if code is not None and code >= 0 else None

    def watch(self) -> None:
        """Return when the run has ended, or something is over its limit."""
        while not self._ended(_LOOK_SECONDS) and not self.over:
            process_tree.bury(self._process.pid)
            self.over = self._watch.over(process_tree.descendants())

    def end(self) -> int:
        """End everything; return how many processes the candidate had left running.

        The candidate is killed at once. The harness is asked first: it writes a report of what it
        found, and stops its database without leaving shared memory behind.
        """
        left = 0
        if not self._ended(0):
            process_tree.kill_all(self._process.pid, self._harness())
            self._process.terminate()
            self._ended(_GRACE_SECONDS)
        else:
            left = len(process_tree.running_descendants())
        process_tree.kill_all(self._process.pid)
        self._ended(_GRACE_SECONDS)
        process_tree.bury(self._process.pid)
        return left

    def _ended(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _harness(self) -> set[psutil.Process]:
        """Return the processes of the run itself, and of its database server."""
        with suppress(psutil.NoSuchProcess):
            run = psutil.Process(self._process.pid)
            # It does its work in a fork of itself.
            own = [each for each in run.children() if each.cmdline() == run.cmdline()]
            servers = [
                server
                for each in own
                for server in each.children()
                if server.name() == _OWN_DATABASE
            ]
            return {run, *own, *process_tree.with_descendants(servers)}
        return set()


def _break_off(signum: int, frame: FrameType | None) -> None:
    del signum, frame
    _undisturbed()
    raise _BrokenOff


def _undisturbed() -> None:
    """Ignore further signals: nothing may break off the clearing up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def main() -> None:
    """Read an order, judge, print."""
    signal.signal(signal.SIGTERM, _break_off)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process_tree.adopt_orphans()
    os.umask(0o022)
    try:
        order = Order.from_json(sys.stdin.read())
    except _BrokenOff:
        return
    judged = judge(order).as_json()
    try:
        sys.stdout.write(judged)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who asked is gone.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
