"""Starts a described target as a process of its own, and ends it with all that it started."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

from conformance.observe.http_answer import CONNECTION_REFUSED
from conformance.observe.http_client import get
from conformance.observe.machine_noise import longest_wait
from conformance.outcomes import TargetLost, UsageError
from conformance.target.description import Launch
from conformance.target.launch import process_tree
from conformance.target.launch.placeholders import fill
from conformance.target.launch.process import (
    CommandLost,
    die_with_parent,
    kill_group,
    run_to_end,
    stop_group,
)

_SHOWN_LINES = 15
_PREPARE_SECONDS = 300.0
_READY_ANSWER_SECONDS = 2.0
_LOOK_SECONDS = 0.5
# How much longer a target may take that is kept waiting for a processor by something else.
_MOST_WAITING_SECONDS = 90.0
_MOST_OUTPUT = 500_000_000


class OutputFile:
    """The target's captured output, a file that is read while it is written.

    A target that writes more than `most_bytes` is stopped: it would fill the disk.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_OUTPUT) -> None:
        self.path = path
        self.most_bytes = most_bytes
        path.touch()

    def size(self) -> int:
        """Return how many bytes there are by now."""
        return self.path.stat().st_size

    def tail(self) -> str:
        """Return the last lines, for messages."""
        with self.path.open("rb") as file:
            file.seek(max(0, self.size() - 8_000))
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_SHOWN_LINES:])


def run_prepare(
    commands: list[list[str]], directory: Path, env: Mapping[str, str], values: Mapping[str, str]
) -> None:
    """Run the description's `prepare` commands; one that fails ends the run."""
    for command in commands:
        filled = [fill(part, values, "prepare") for part in command]
        try:
            status, output = run_to_end(filled, directory, env, b"", _PREPARE_SECONDS)
        except OSError as error:
            raise UsageError(f"prepare: {' '.join(filled)}: {error.strerror}") from error
        except CommandLost as error:
            raise TargetLost(f"prepare: {' '.join(filled)}: {error}") from error
        if status:
            raise TargetLost(
                f"prepare: {' '.join(filled)} ended with status {status}:\n"
                + "\n".join(output[-_SHOWN_LINES:])
            )


class LaunchedTarget:
    """A running target process.

    `start` returns when the target is ready; a target that ends or is not ready in time is a
    `TargetLost` with the last lines of its output.
    """

    def __init__(
        self,
        launch: Launch,
        directory: Path,
        env: Mapping[str, str],
        values: Mapping[str, str],
        output: OutputFile,
    ) -> None:
        self._launch = launch
        self._directory = directory
        self._env = dict(env)
        self._values = values
        self.output = output
        self.base_url = values["base_url"]
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()
        self._is_flooding = False

    def start(self) -> None:
        """Start the command and wait until it is ready."""
        command = [fill(part, self._values, "launch.command") for part in self._launch.command]
        with self.output.path.open("ab") as sink:
            try:
                self._process = subprocess.Popen(
                    command,
                    cwd=self._directory,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_confine,
                )
            except OSError as error:
                raise UsageError(
                    f"launch.command: {command[0]} in {self._directory}: {error.strerror}"
                ) from error
        threading.Thread(target=self._watch, args=[self._process], daemon=True).start()
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the process should its output flood the disk."""
        while not self._stopped.wait(_LOOK_SECONDS):
            if self.output.size() > self.output.most_bytes:
                self._is_flooding = True
                kill_group(process.pid)
                return

    def _await_ready(self) -> None:
        started = time.monotonic()
        port = self._values["port"]
        seen = f"nothing listens on 127.0.0.1:{port}, the {{port}} it was given"
        path = self._launch.ready_path
        # A target that listens on `localhost` may choose the other loopback address.
        bases = cycle((self.base_url, self.base_url.replace("127.0.0.1", "[::1]")))
        while self._has_time(time.monotonic() - started):
            ended = self.ended()
            if ended:
                raise TargetLost(f"the target did not start: {ended}")
            base = next(bases)
            answer = get(base + (path or "/"), _READY_ANSWER_SECONDS)
            # Without a path to ask, any answer shows that it listens.
            if not answer.error and (path is None or answer.status < 400):
                self.base_url = base
                return
            if not answer.error:
                seen = f"GET {path} answered {answer.status}"
            elif base == self.base_url and answer.error != CONNECTION_REFUSED:
                seen = f"GET {path or '/'}: {answer.error}"
            time.sleep(0.03)
        raise TargetLost(
            f"the target was not ready within {self._launch.ready_seconds:g} s: {seen}"
            f"{self._last_lines()}"
        )

    def _has_time(self, spent: float) -> bool:
        """Tell whether it may start still; time in which it was not let run is not its own."""
        over = spent - self._launch.ready_seconds
        if over < 0 or self._process is None:
            return over < 0
        return over < min(longest_wait(self._process.pid), _MOST_WAITING_SECONDS)

    def ended(self) -> str:
        """Return how the process ended, with its last lines, or "" while it runs."""
        if self._process is None:
            return "it is not running"
        status = self._process.poll()
        if status is None:
            return ""
        if self._is_flooding:
            return f"it was stopped, having written more than {self.output.most_bytes / 1e6:g} MB"
        return f"its process ended with status {status}{self._last_lines()}"

    def _last_lines(self) -> str:
        tail = self.output.tail()
        return f"; the last lines of its output:\n{tail}" if tail else "; it printed nothing"

    def stop(self) -> None:
        """End the target with all that it started."""
        self._stopped.set()
        if self._process is not None:
            started = process_tree.descendants(self._process.pid)
            stop_group(self._process)
            process_tree.kill(started)
            self._process = None


def _confine() -> None:
    """Have the target end with us, and keep what it starts below it: daemons, too."""
    die_with_parent()
    process_tree.adopt_orphans()
