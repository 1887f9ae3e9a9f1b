"""Connections to PostgreSQL: each statement ends within a time, whatever the target locks.

A transaction that the target never commits would hold the harness up for ever. It becomes an
outcome with a sentence that names the lock; a server that has fallen silent ends the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row

from conformance.observe.addresses import database_addresses
from conformance.outcomes import CantTell, TargetLost

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Limits:
    """How long to wait, in seconds: to connect, for a lock, for a statement, for any answer.

    Once a lock was not granted in time, `again` is what the later ones get.
    """

    connect: float = 10.0
    lock: float = 5.0
    again: float = 1.0
    statement: float = 60.0

    @property
    def silence(self) -> float:
        """After which a server that says nothing at all is given up."""
        return self.statement + 5.0


LIMITS = Limits()


class Locked(CantTell):
    """A session of somebody else's holds a lock for longer than the harness waits."""


class Connection(psycopg.Connection[DictRow]):
    """A connection that never waits longer than its limits say."""

    limits = LIMITS

    def wait(
        self, gen: PQGen[_Value], interval: float = 0.1, timeout: float | None = None
    ) -> _Value:
        """Wait as psycopg does, but not for ever."""
        try:
            return super().wait(gen, interval, timeout or self.limits.silence)
        except errors._WaitTimeout as error:
            self.pgconn.finish()
            raise TargetLost(
                f"the target's database has not answered for {self.limits.silence:g} s"
            ) from error

    def set_lock_timeout(self, seconds: float) -> None:
        """Wait that long for a lock from now on."""
        self.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds * 1000:.0f}ms"])


def connect(url: str, limits: Limits = LIMITS) -> Connection:
    """Open a connection that commits by itself; rows are dictionaries.

    The variables `PG…` of the caller's shell do not count. Raises `psycopg.Error`, and
    `UsageError` for a server that must not be connected to.
    """
    place = make_conninfo(url, **database_addresses(url))
    with without_pg_variables():
        connection = Connection.connect(
            place,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=max(2, round(limits.connect)),
            application_name="magic-link-conformance",
            client_encoding="utf8",
        )
    connection.limits = limits
    connection.execute(
        "SELECT set_config('statement_timeout', %s, false)", [f"{limits.statement * 1000:.0f}ms"]
    )
    connection.set_lock_timeout(limits.lock)
    return connection


@contextmanager
def without_pg_variables() -> Iterator[None]:
    """Take the variables of libpq out of this process's environment meanwhile."""
    taken = {name: value for name, value in os.environ.items() if is_pg_variable(name)}
    _taken.update(taken)
    for name in taken:
        del os.environ[name]
    try:
        yield
    finally:
        for name, value in taken.items():
            os.environ[name] = _taken.pop(name, value)


_taken: dict[str, str] = {}


def callers_environment() -> dict[str, str]:
    """Return this process's environment with the variables of libpq that were taken out."""
    return {**os.environ, **_taken}


def is_pg_variable(name: str) -> bool:
    """Return whether libpq reads a variable of that name."""
    return name.startswith("PG") and name[2:].isalpha()


def in_the_way(url: str, limits: Limits, error: psycopg.Error) -> str:
    """Return which sessions hold the locks that a statement waits for, as far as can be seen."""
    waited = f"a lock was not granted within {limits.lock:g} s"
    where = _relation(error)
    try:
        with connect(url, limits) as connection:
            holders = connection.execute(_HOLDERS, [limits.lock / 2]).fetchall()
    except (psycopg.Error, TargetLost):
        holders = []
    if not holders:
        return f"{where or 'a table of the target'} is locked: {waited}"
    return "; ".join(_holder(row, where) for row in holders)


def _relation(error: psycopg.Error) -> str:
    """Return the table of a row that is locked; PostgreSQL names no other."""
    _, found, name = (error.diag.context or "").partition(' in relation "')
    return f"a row of the table {name.partition(chr(34))[0]}" if found else ""


def _holder(row: dict[str, Any], where: str) -> str:
    what = where or f"the table {row['tables']}"
    if row["query"] is None:
        return f"{what} is locked by a transaction that was prepared and never committed"
    query = " ".join(row["query"].split())[:_SHOWN_QUERY]
    return (
        f"{what} is locked by another session of the target: `{query}`, open for "
        f"{row['seconds']:.0f} s; is a transaction never committed?"
    )


_SHOWN_QUERY = 200
# Only what conflicts with reading or writing a row; reading itself (AccessShareLock) does not.
_HOLDERS = """
SELECT string_agg(DISTINCT l.relation::regclass::text, ', ') AS tables, max(a.query) AS query,
       max(extract(epoch FROM clock_timestamp() - a.xact_start))::float8 AS seconds
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND l.mode <> 'AccessShareLock'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.relation >= 16384 OR l.mode = 'AccessExclusiveLock')
  AND (a.pid IS NULL OR a.xact_start < clock_timestamp() - make_interval(secs => %s))
GROUP BY coalesce(l.pid::text, l.virtualtransaction)
ORDER BY seconds DESC NULLS LAST LIMIT 3
"""
