"""Runs the load against the reference on this machine: a master and some workers.

`python -m tests.load.local [--workers 2] [--users 10] [--seconds 10]` prints a table in Markdown
and ends with the master's exit code.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from conformance.target.database.postgres import EmbeddedPostgres
from conformance.target.launch.ports import free_port
from conformance.target.launch.process import die_with_parent, stop_group
from tests.benchmarks.servers import Rows, reference
from tests.load.mailpit import mailbox

_LOCUSTFILE = Path(__file__).parent / "locustfile.py"
_ADDRESSES = 20_000
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """The master's exit code, its figures by method and path, its messages, and what was spent."""

    code: int
    stats: dict[str, dict[str, Any]]
    messages: str
    tokens_used: int


def run(*, workers: int, users: int, seconds: int, options: tuple[str, ...] = ()) -> Outcome:
    """Put load on the reference; without workers, Locust runs alone."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mlc-load-")))
        sink, mailbox_url = stack.enter_context(mailbox())
        postgres = stack.enter_context(closing(EmbeddedPostgres()))
        smtp = {
            "MAIL_PROVIDER": "smtp",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(sink.port),
            "SMTP_TLS": "none",
        }
        server = stack.enter_context(reference(postgres, scratch, smtp))
        rows = stack.enter_context(closing(Rows(server.database_url)))
        rows.add_users(_ADDRESSES)
        port = str(free_port())
        for _ in range(workers):
            stack.enter_context(_worker(port))
        command = [
            *_locust("--headless", "--host", server.url, "--users", str(users)),
            *("--spawn-rate", str(users), "--run-time", f"{seconds}s", "--stop-timeout", "10"),
            *("--json", "--mailbox", mailbox_url, "--addresses", "user{n}@example.com"),
            *("--address-count", str(_ADDRESSES), *options),
        ]
        if workers:
            command += ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
            command += ["--expect-workers", str(workers), "--most-workers", str(workers)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + _PATIENCE_SECONDS,
            preexec_fn=die_with_parent,
        )
        used = rows.count(b'SELECT count(*) FROM magic_link_tokens WHERE "usedAt" IS NOT NULL')
    stats = {f"{entry['method']} {entry['name']}": entry for entry in _figures(done.stdout)}
    return Outcome(done.returncode, stats, done.stderr, used)


def _figures(output: str) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = json.loads(output) if output.strip() else []
    return figures


def _locust(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", str(_LOCUSTFILE), *arguments]


@contextmanager
def _worker(port: str) -> Iterator[None]:
    process = subprocess.Popen(
        _locust("--worker", "--master-host", "127.0.0.1", "--master-port", port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        yield
    finally:
        stop_group(process)


def main() -> int:
    """Run once and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.local")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=10)
    called = parser.parse_args()
    outcome = run(workers=called.workers, users=called.users, seconds=called.seconds)
    sys.stderr.write(outcome.messages)
    sys.stdout.write(_table(outcome))
    return outcome.code


def _table(outcome: Outcome) -> str:
    lines = ["| | answers | failed | P50 ms | P99 ms |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, entry in outcome.stats.items():
        p50, p99 = (percentile(entry["response_times"], share) for share in (0.5, 0.99))
        counts = f"{entry['num_requests']} | {entry['num_failures']}"
        lines.append(f"| {name} | {counts} | {p50:g} | {p99:g} |")
    verdict = "held" if outcome.code == 0 else "**not held**"
    lines += ["", f"Tokens used in the database: {outcome.tokens_used}. NFR-5: {verdict}."]
    return "\n".join(lines) + "\n"


def percentile(counts: dict[str, int], share: float) -> float:
    """Return the smallest time that this share of the answers does not exceed.

    `counts` is Locust's: how many answers there were by their rounded time in milliseconds.
    """
    wanted = share * sum(counts.values())
    seen = 0
    for milliseconds, count in sorted((float(time), count) for time, count in counts.items()):
        seen += count
        if seen >= wanted:
            return milliseconds
    return 0.0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.OperationalError as error:
        sys.exit(f"The database did not answer: {error}")
