"""Serves an implementation as a process of its own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from conformance.control.postgres import free_port
from conformance.control.process import die_with_parent, stop_group

ROOT = Path(__file__).resolve().parents[2]
JWT_SECRET = "0123456789abcdef" * 2
_READY_SECONDS = 60.0


def settings(database_url: str, smtp_port: int, app_base_url: str) -> dict[str, str]:
    """Return the environment variables that every implementation is served with."""
    return {
        "DATABASE_URL": database_url,
        "MIGRATE_ON_START": "true",
        "APP_BASE_URL": app_base_url,
        "JWT_SECRET": JWT_SECRET,
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "login@example.com",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
    }


@contextmanager
def served(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run a server until the end of the block and give its base URL.

    The server gets its port as PORT; `{port}` in the command is replaced by it as well. `log`
    takes its output. Raises RuntimeError when it is not ready within a minute.
    """
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _await_ready(process, f"{url}/health/ready", log)
        yield url
    finally:
        stop_group(process)


def _await_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
