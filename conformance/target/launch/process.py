"""Child processes that end with the harness, whatever ends it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_MOST_OUTPUT = 100_000_000
_LAST_BYTES = 64_000


def die_with_parent() -> None:
    """Ask Linux to end this process with its parent; run between fork and exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM meanwhile: a second one must not break off the clearing up."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    for name in before:
        signal.signal(name, signal.SIG_IGN)
    try:
        yield
    finally:
        for name, handler in before.items():
            # None is a handler that was not set from Python.
            signal.signal(name, signal.SIG_DFL if handler is None else handler)


class CommandLost(Exception):
    """A command did not end, or wrote without an end; the message says which."""


def run_to_end(
    command: Sequence[str],
    directory: Path,
    env: Mapping[str, str],
    given: bytes,
    seconds: float,
    most_bytes: int = _MOST_OUTPUT,
) -> tuple[int, list[str]]:
    """Run a command with `given` on its standard input; return its status and last lines.

    After `seconds`, or `most_bytes` of output, or when somebody breaks it off, it is ended with all
    that it started. Raises `OSError` when it cannot be run and `CommandLost`.
    """
    # Files, not pipes: what the command leaves running in the background may keep them open.
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as sink:
        source.write(given)
        source.seek(0)
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=dict(env),
            stdin=source,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        try:
            status = _await_end(process, sink.fileno(), seconds, most_bytes)
        except BaseException:
            stop_group(process)
            raise
        sink.seek(max(0, os.fstat(sink.fileno()).st_size - _LAST_BYTES))
        return status, sink.read(_LAST_BYTES).decode(errors="replace").splitlines()


def _await_end(process: subprocess.Popen[bytes], sink: int, seconds: float, most_bytes: int) -> int:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(min(_LOOK_SECONDS, seconds))
        if os.fstat(sink).st_size > most_bytes:
            raise CommandLost(f"it wrote more than {most_bytes / 1e6:g} MB")
        if time.monotonic() > deadline:
            raise CommandLost(f"it did not end within {seconds:g} s")


def stop_group(process: subprocess.Popen[bytes], *, polite: signal.Signals = signal.SIGTERM) -> int:
    """End a process that leads a group of its own, with all that it started.

    The group is asked with `polite`, given five seconds, then killed. Returns the leader's exit
    status.
    """
    _signal_group(process.pid, polite)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    # Also after a clean end of the leader: what it started may still be there.
    kill_group(process.pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        # A process that hangs in the kernel does not even die of this.
        process.wait(_GRACE_SECONDS)
    return process.returncode or 0


def kill_group(leader: int) -> None:
    """Kill a process that leads a group of its own, with its group."""
    _signal_group(leader, signal.SIGKILL)


def _signal_group(leader: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sig)
