"""Holds what concurrent requests write, until all of them wait: then a missing guard shows.

Whether two requests overlap is chance. While a transaction of the harness's own holds the row or
the tables, each request gets as far as what it wants to write; let go, they go on together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import psycopg
from psycopg import sql

from conformance.observe.connection import Connection, Limits, connect
from conformance.observe.database import Database
from conformance.target.database.minting import stored_hash

# In seconds. The whole stays below what a target may set as its own timeout for a statement.
_LONGEST = 0.7
_QUIET = 0.2
_BETWEEN_LOOKS = 0.02
_LIMITS = Limits(lock=0.3)
_WAITING = """
SELECT query FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


class Hold:
    """A transaction that holds a lock until requests wait for it; without one nothing is held.

    `waited` is how many requests did when it let go, `early` how many were answered before that.
    `statements` are those that waited.
    """

    def __init__(self, database: Database, connection: Connection | None) -> None:
        self._database = database
        self._connection = connection
        self.waited = 0
        self.early = 0
        self.statements: set[str] = set()

    def until_all_wait(self, requests: int, answered: Callable[[], int]) -> None:
        """Let go once all requests wait or are answered, or no more have come for a while."""
        if self._connection is None:
            return
        began = changed = time.monotonic()
        while True:
            waiting = self._database.query(_WAITING)
            self.statements |= {row["query"] for row in waiting}
            if len(waiting) > self.waited:
                self.waited, changed = len(waiting), time.monotonic()
            self.early = answered()
            now = time.monotonic()
            is_quiet = self.waited > 1 and now - changed > _QUIET
            if self.waited + self.early >= requests or is_quiet or now - began > _LONGEST:
                break
            time.sleep(_BETWEEN_LOOKS)
        self._connection.rollback()


def hold_token(database: Database, token: str) -> AbstractContextManager[Hold]:
    """Hold a token's row against writers; where there is none, nothing is held."""
    table = database.find_tokens()
    column = table and database.find_column(table, "tokenHash")
    if table is None or column is None:
        return nullcontext(Hold(database, None))
    statement = sql.SQL("SELECT 1 FROM {} WHERE {}::text = {} FOR UPDATE").format(
        table.identifier, sql.Identifier(column.name), sql.Literal(stored_hash(token))
    )
    return _held(database, statement)


def hold_tables(database: Database) -> AbstractContextManager[Hold]:
    """Hold every table against writers, not against readers."""
    tables = sql.SQL(", ").join(table.identifier for table in database.tables())
    return _held(database, sql.SQL("LOCK TABLE {} IN SHARE MODE").format(tables))


@contextmanager
def _held(database: Database, statement: sql.Composed) -> Iterator[Hold]:
    connection = _locking(database, statement) if database.writable else None
    try:
        yield Hold(database, connection)
    finally:
        if connection is not None:
            connection.close()


def _locking(database: Database, statement: sql.Composed) -> Connection | None:
    """Return a connection whose transaction holds the lock; None when it cannot be had at once."""
    connection = connect(database.url, _LIMITS)
    try:
        connection.autocommit = False
        cursor = connection.execute(statement)
    except psycopg.Error:
        connection.close()
        return None
    if cursor.description and cursor.fetchone() is None:
        connection.close()
        return None
    return connection
