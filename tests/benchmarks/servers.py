"""The servers that are measured, each one process, on one PostgreSQL."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app.migrations import migrate
from tests.serving import served
from tests.targets.installing import installed_express

_TICKS = os.sysconf("SC_CLK_TCK")
_SHARED = {
    "APP_BASE_URL": "app.example.com",
    "JWT_SECRET": secrets.token_hex(32),
    "MAIL_FROM": "login@example.com",
    # Nothing that is measured here sends mail.
    "SENDGRID_API_KEY": "none",
    "SENDGRID_BASE_URL": "http://127.0.0.1:9",
}


@dataclass(frozen=True)
class Server:
    """One process and its database."""

    name: str
    url: str
    database_url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that the process has used, without PostgreSQL's."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def reference(
    postgres: EmbeddedPostgres, scratch: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run the reference with one worker; `settings` are further ones."""
    environment = {"MAIL_PROVIDER": "sendgrid", **(settings or {})}
    command = [sys.executable, "-m", "reference_app", "serve"]
    with _started("reference", command, environment, "/health/ready", postgres, scratch) as server:
        yield server


@contextmanager
def layer(name: str, postgres: EmbeddedPostgres, scratch: Path) -> Iterator[Server]:
    """Run one of `stack.LAYERS` on a database that is migrated."""
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", f"tests.benchmarks.stack:{name}"),
        *("--port", "{port}", "--log-level", "warning", "--no-access-log"),
        *("--no-proxy-headers", "--no-server-header"),
    ]
    environment = {"MAIL_PROVIDER": "sendgrid"}
    with _started(name, command, environment, "/health/ready", postgres, scratch) as server:
        yield server


@contextmanager
def express(postgres: EmbeddedPostgres, scratch: Path) -> Iterator[Server]:
    """Run the Express target in production mode."""
    folder = installed_express()
    command = ["sh", "-c", f"cd {folder} && node src/migrate.js && exec node src/server.js"]
    environment = {"NODE_ENV": "production"}
    with _started("express", command, environment, "/healthz", postgres, scratch) as server:
        yield server


@contextmanager
def _started(
    name: str,
    command: list[str],
    environment: dict[str, str],
    ready_path: str,
    postgres: EmbeddedPostgres,
    scratch: Path,
) -> Iterator[Server]:
    database_url = create_database(postgres.url, name)
    if name != "express":
        migrate(database_url)
    settings = {**_SHARED, **environment, "DATABASE_URL": database_url}
    log = scratch / f"{name}.log"
    with served(command, settings, log, ready_path=ready_path) as server:
        yield Server(name, server.url, database_url, server.process.pid)


class Rows:
    """Fills the tables of a server, whichever stack it is."""

    def __init__(self, database_url: str) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def add_users(self, count: int, password_hash: str | None = None) -> None:
        """Add `user1@example.com` and so on."""
        self._connection.execute(
            """
            INSERT INTO users (email, "passwordHash", "updatedAt")
            SELECT 'user' || n || '@example.com', %s, now() FROM generate_series(1, %s) AS n
            """,
            (password_hash, count),
        )

    def set_password_hash(self, password_hash: str) -> None:
        """Give every user this hash."""
        self._connection.execute('UPDATE users SET "passwordHash" = %s', (password_hash,))

    def add_tokens(
        self, first: int, count: int, *, as_hash: bool = False, settle: bool = True
    ) -> None:
        """Add live tokens of users in turn: `raw_token(first)` and so on.

        With `as_hash` the number itself is stored in place of the hash, for pgbench.
        """
        spelled = "lpad(to_hex(n), 64, '0')"
        stored = spelled if as_hash else f"encode(sha256({spelled}::bytea), 'hex')"
        self._connection.execute(
            f"""
            INSERT INTO magic_link_tokens ("userId", "tokenHash", "expiresAt")
            SELECT ids[1 + n %% cardinality(ids)], {stored}, now() + interval '1 hour'
            FROM (SELECT array_agg(id) AS ids FROM users) AS all_users,
                generate_series(%s::bigint, %s::bigint) AS n
            """.encode(),
            (first, first + count - 1),
        )
        if settle:
            self.settle()

    def add_attempts(self, first: int, count: int) -> None:
        """Add attempts within the hour, of as many addresses."""
        self._connection.execute(
            """
            INSERT INTO magic_link_attempts ("addressKey", "attemptedAt")
            SELECT encode(sha256(n::text::bytea), 'hex'), now() - (n %% 3600) * interval '1 second'
            FROM generate_series(%s::bigint, %s::bigint) AS n
            """,
            (first, first + count - 1),
        )
        self.settle()

    def settle(self) -> None:
        """Do what autovacuum and the checkpointer would do sooner or later."""
        self._connection.execute("VACUUM ANALYZE")
        self._connection.execute("CHECKPOINT")

    def count(self, query: bytes) -> int:
        """Return the one number that a query gives."""
        row = self._connection.execute(query).fetchone()
        assert row
        return int(row[0])


def raw_token(number: int) -> str:
    """Return the raw token with this number."""
    return f"{number:064x}"
