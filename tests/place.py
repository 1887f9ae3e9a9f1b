"""A place to run the command in, as a process; it knows what the command left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

REPOSITORY = Path(__file__).parents[1]
STUB = Path(__file__).parent / "stubs" / "target.py"
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, output, errors, and the report if it wrote one."""

    code: int
    out: str
    err: str
    report: dict[str, Any] | None

    def outcome(self, id_: str) -> str:
        assert self.report is not None, self.err
        outcome: str = self.report["requirements"][id_]["outcome"]
        return outcome


class Command:
    """The command while it runs."""

    def __init__(self, process: subprocess.Popen[str], reports: Path) -> None:
        self.process = process
        self._reports = reports
        self._read: list[str] = []

    def read_until(self, wanted: str) -> str:
        """Return the first line of standard output that holds `wanted`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._read.append(line)
            if wanted in line:
                return line.strip()
        raise AssertionError(f"{wanted!r} never came: {''.join(self._read)} {self.end().err}")

    def interrupt(self, sig: signal.Signals) -> Ended:
        self.process.send_signal(sig)
        return self.end()

    def end(self, seconds: float = _PATIENCE_SECONDS) -> Ended:
        """Wait for the end; a command that takes too long is killed and fails the test."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        file = self._reports / "report.json"
        report = json.loads(file.read_text()) if file.exists() else None
        return Ended(self.process.returncode, "".join(self._read) + (out or ""), err, report)


class Place:
    """A directory with its own temporary directory, so that leftovers are found exactly."""

    def __init__(self) -> None:
        # Not pytest's: PostgreSQL's own user has to get at what lies below.
        self.directory = Path(tempfile.mkdtemp(prefix="place-"))
        self.directory.chmod(0o755)
        self.temporary = self.directory / "tmp"
        self.temporary.mkdir(mode=0o777)
        self.temporary.chmod(0o777)
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._started:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, *arguments: str, **variables: str) -> Command:
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", *arguments],
            cwd=self.directory,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(REPOSITORY),
                "TMPDIR": str(self.temporary),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return Command(process, self.directory / "conformance-report")

    def run(self, *arguments: str, **variables: str) -> Ended:
        return self.start("run", *arguments, **variables).end()

    def describe(self, text: str) -> str:
        """Write a description and return its path."""
        path = self.directory / "target.toml"
        path.write_text(text)
        return str(path)

    def run_target(self, text: str, *arguments: str) -> Ended:
        return self.run("--target", self.describe(text), *arguments)

    def leftovers(self) -> list[str]:
        """Return the processes that still run here and the temporary files that are still there."""
        return self.temporary_files() + eventually_none(self._processes)

    def temporary_files(self) -> list[str]:
        return [str(path) for path in self.temporary.iterdir()]

    def _processes(self) -> list[str]:
        marks = (str(self.temporary).encode(), str(self.directory).encode())
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                told = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
                if any(mark in told for mark in marks):
                    found.append(f"{folder.name}: {(folder / 'cmdline').read_bytes()!r}")
        return found


def eventually_none(look: Callable[[], list[str]], seconds: float = 3.0) -> list[str]:
    """Return what is still found after at most `seconds`: a killed process takes a moment."""
    deadline = time.monotonic() + seconds
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def launch(mode: str, *further: str, environment: str = "") -> str:
    """Return a description that launches the stub in this mode."""
    lines = [
        "[launch]",
        f'command = ["{{python}}", "{STUB}", "{{port}}", "{mode}"]',
        "ready_seconds = 5",
        f"environment = {{ {environment} }}",
        *further,
    ]
    return "\n".join(lines)
