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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 5.0


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
            # None stands for a handler that was not set from Python.
            signal.signal(name, signal.SIG_DFL if handler is None else handler)


def run_to_end(
    command: Sequence[str], directory: Path, env: Mapping[str, str], given: bytes, seconds: float
) -> tuple[int, list[str]]:
    """Run a command with `given` on its standard input; return its status and its output's lines.

    After `seconds`, or when somebody breaks it off, it is ended with all that it started. Raises
    `OSError` when it cannot be run and `subprocess.TimeoutExpired`.
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
            status = process.wait(seconds)
        except BaseException:
            stop_group(process)
            raise
        sink.seek(0)
        return status, sink.read().decode(errors="replace").splitlines()


def stop_group(process: subprocess.Popen[bytes], *, polite: signal.Signals = signal.SIGTERM) -> int:
    """End a process that leads a group of its own, with all that it started.

    The group is asked with `polite`, given five seconds, then killed. Returns the leader's exit
    status.
    """
    _signal_group(process.pid, polite)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    # Also after a clean end of the leader: what it started may still be there.
    _signal_group(process.pid, signal.SIGKILL)
    return process.wait()


def _signal_group(leader: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sig)
