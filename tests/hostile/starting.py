"""What a hostile target does before it serves: to itself, to the run, to its database."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

LINES = {
    "logs deeply nested lines": '{"level": ' * 100_000,
    "logs a line without end": "x" * 8_000_000,
    "logs what patterns choke on": f"INFO {'a' * 60}!",
    "steers logs": "\x1b]0;owned\x07\x1b[2J::error::forged",
}


def leave_daemons() -> None:
    """Start two daemons: one in a session of its own, one that was forked twice and listens."""
    for number in range(2):
        if os.fork() == 0:
            os.setsid()
            if number == 1 and os.fork():
                os._exit(0)
            kept = socket.create_server(("127.0.0.1", 0))
            with Path("daemons").open("a") as file:
                file.write(f"{os.getpid()}\n")
            signal.sigwait({signal.SIGUSR1})
            kept.close()
    while len(Path("daemons").read_text().split() if Path("daemons").exists() else ()) < 2:
        time.sleep(0.01)


def write_reports() -> None:
    """Go on writing a report of our own into the directory of the run's."""
    if os.fork() == 0:
        os.setsid()
        while True:
            for name in ("report.json", "report.html"):
                with contextlib.suppress(OSError):
                    Path("conformance-report", name).write_text('{"forged": true}')
            time.sleep(0.01)


def tell_environments() -> None:
    """Write down what can be read of the environment of every process above."""
    with Path("environments").open("w") as file:
        # Not of those that started the command: they are the tests.
        for above in psutil.Process().parents()[:2]:
            json.dump(above.environ(), file)


def leave_at_once() -> None:
    print("line one\nthe setting FLAVOUR is missing", flush=True)  # noqa: T201
    sys.exit(3)


def log(line: str) -> None:
    """Write a line again and again."""

    def write() -> None:
        while True:
            print(line, flush=True)  # noqa: T201
            time.sleep(0.5)

    threading.Thread(target=write, daemon=True).start()


def lock_the_users() -> None:
    """Hold a lock that is never let go."""
    connection = psycopg.connect(os.environ["DATABASE_URL"])
    connection.execute("LOCK TABLE users")
    globals()["_kept"] = connection


def drop_the_tables() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP TABLE users, magic_link_tokens")


def end_all_sessions() -> None:
    """End whatever session there is in the database, again and again."""
    ours = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def end() -> None:
        while True:
            ours.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    threading.Thread(target=end, daemon=True).start()


ACTS: dict[str, Callable[[], object]] = {
    "exits at once": leave_at_once,
    "ignores SIGTERM": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "leaves daemons": leave_daemons,
    "writes reports": write_reports,
    "tells": tell_environments,
    "removes what it was given": lambda: shutil.rmtree(os.environ["SCRATCH"]),
    "locks its users": lock_the_users,
    "drops its tables": drop_the_tables,
    "ends all sessions": end_all_sessions,
}


def act(kind: str) -> None:
    if kind in ACTS:
        ACTS[kind]()
    if kind in LINES:
        log(LINES[kind])
