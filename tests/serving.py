"""Servers that tests start: a process that answers over HTTP, and a mail server in a thread."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from aiosmtpd.controller import Controller

from conformance.target.launch.ports import free_port
from conformance.target.launch.process import die_with_parent, stop_group

ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Served:
    """A process that serves; `output` is the file that takes what it writes."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path


@contextmanager
def served(
    command: Sequence[str],
    environment: Mapping[str, str],
    output: Path,
    *,
    ready_path: str = "/health/ready",
) -> Iterator[Served]:
    """Run a server until the end of the block, from the moment that it is ready.

    It gets its port as PORT; `{port}` in the command is replaced by it as well. Raises RuntimeError
    when it ends, or does not answer 200 at `ready_path` within a minute.
    """
    port = free_port()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    server = Served(f"http://127.0.0.1:{port}", process, output)
    try:
        _await_ready(server, ready_path)
        yield server
    finally:
        stop_group(process)


def _await_ready(server: Served, path: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(server.url + path):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{server.output.read_text()[-2000:]}")
        time.sleep(_POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=10, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def smtp_server(handler: object, **options: Any) -> Iterator[int]:
    """Run aiosmtpd with a handler on a free port of 127.0.0.1 and give the port.

    `options` are those of aiosmtpd's controller.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
