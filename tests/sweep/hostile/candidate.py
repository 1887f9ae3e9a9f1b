"""A candidate that misbehaves: `python candidate.py PORT MODE`.

Each mode is bounded, in size and in time, so that it does no harm even where nothing stops it.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

LIVES_SECONDS = 600.0
MEGABYTE = 1024 * 1024
MOST_CHILDREN = 150
MOST_LOG_BYTES = 1024 * MEGABYTE
MOST_MEMORY_BYTES = 1024 * MEGABYTE


def hang(port: int) -> None:
    """Take connections, and never answer."""
    with socket.create_server(("127.0.0.1", port)):
        time.sleep(LIVES_SECONDS)


def fork(children: int = MOST_CHILDREN) -> None:
    """Start daemons: each in a session of its own, its parent gone."""
    for _ in range(children):
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(LIVES_SECONDS)
            os._exit(0)
        os.waitpid(child, 0)


def fill_log() -> None:
    line = b"x" * MEGABYTE + b"\n"
    for _ in range(MOST_LOG_BYTES // len(line)):
        try:
            os.write(1, line)
        except OSError:
            return


def eat_memory() -> None:
    eaten = []
    for _ in range(MOST_MEMORY_BYTES // (16 * MEGABYTE)):
        eaten.append(b"x" * (16 * MEGABYTE))
        time.sleep(0.02)
    time.sleep(LIVES_SECONDS)


def kill_its_supervisor() -> None:
    """Kill the process above the harness, as one and the same user can."""
    # We are started by the fork in which the command does its work.
    command = _parent(os.getppid())
    os.kill(_parent(command), signal.SIGKILL)


def _parent(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    parent = re.search(r"^PPid:\s+(\d+)", status, re.MULTILINE)
    assert parent is not None
    return int(parent[1])


def tell() -> None:
    """Print what it is given, and write into the directory that it runs in."""
    Path("written-here").touch()
    seen = sorted(os.environ)
    sys.exit(f"around: {_names_around()}\ntold: {seen} {os.environ['HOME']} {Path.cwd()}")


def _names_around() -> list[str]:
    """Return the variables of the harness, of its supervisor and of the sweep."""
    names, pid = set(), os.getpid()
    for _ in range(4):
        pid = _parent(pid)
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        names |= {each.partition(b"=")[0].decode() for each in variables}
    return sorted(names)


def main() -> None:
    port, mode = int(sys.argv[1]), sys.argv[2]
    match mode:
        case "hangs":
            hang(port)
        case "forks":
            fork()
        case "fills-its-log":
            fill_log()
        case "eats-memory":
            eat_memory()
        case "kills-its-supervisor":
            kill_its_supervisor()
        case "leaves-daemons":
            fork(2)
            return
        case "tells":
            tell()
    time.sleep(LIVES_SECONDS)


main()
