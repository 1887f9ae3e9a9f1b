"""Holding what concurrent requests write until they wait."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from conformance.observe.database import Database
from conformance.target.database.holding import hold_tables, hold_token
from conformance.target.database.minting import stored_hash
from tests.conftest import OpenDatabase

TOKEN = "ab" * 32
TABLES = (
    "CREATE TABLE users (id uuid PRIMARY KEY)",
    'CREATE TABLE magic_link_tokens ("tokenHash" varchar(64) UNIQUE, "usedAt" timestamptz)',
    "CREATE TABLE attempts (address text)",
    f"INSERT INTO magic_link_tokens VALUES ('{stored_hash(TOKEN)}', NULL)",
)
# Each looks first and writes then, as a service without a guard does.
FIND = 'SELECT 1 FROM magic_link_tokens WHERE "usedAt" IS NULL'
MARK = 'UPDATE magic_link_tokens SET "usedAt" = now()'
COUNT = "SELECT count(*) FROM attempts HAVING count(*) < 1"
REMEMBER = "INSERT INTO attempts VALUES ('ada@example.com')"


def look_then_write(url: str, look: str, write: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute(look.encode()).fetchone() is None:
            return False
        connection.execute(write.encode())
        return True


def answered(requests: list[Future[bool]]) -> int:
    return sum(request.done() for request in requests)


@pytest.mark.parametrize("requests", [2, 6])
def test_without_a_guard_each_request_passes(open_database: OpenDatabase, requests: int) -> None:
    database = open_database(*TABLES)
    for holding, look, write in (
        (hold_token(database, TOKEN), FIND, MARK),
        (hold_tables(database), COUNT, REMEMBER),
    ):
        with ThreadPoolExecutor(requests) as pool, holding as hold:
            sent = [
                pool.submit(look_then_write, database.url, look, write) for _ in range(requests)
            ]
            hold.until_all_wait(requests, partial(answered, sent))
            assert hold.waited == requests
            assert hold.early == 0
            assert all(request.result() for request in sent)


def test_a_guarded_update_passes_once(open_database: OpenDatabase) -> None:
    database = open_database(*TABLES)
    guarded = MARK + ' WHERE "usedAt" IS NULL RETURNING 1'

    def verify() -> bool:
        with psycopg.connect(database.url, autocommit=True) as connection:
            return connection.execute(guarded.encode()).fetchone() is not None

    with ThreadPoolExecutor(4) as pool, hold_token(database, TOKEN) as hold:
        sent = [pool.submit(verify) for _ in range(4)]
        hold.until_all_wait(4, partial(answered, sent))
        assert hold.waited == 4
        assert sum(request.result() for request in sent) == 1


def test_what_does_not_wait_is_counted_as_early(open_database: OpenDatabase) -> None:
    database = open_database(*TABLES)

    def verify() -> bool:
        with psycopg.connect(database.url, autocommit=True) as connection:
            try:
                connection.execute(FIND.encode() + b" FOR UPDATE NOWAIT")
            except psycopg.errors.LockNotAvailable:
                return False
            return True

    with ThreadPoolExecutor(2) as pool, hold_token(database, TOKEN) as hold:
        sent = [pool.submit(verify) for _ in range(2)]
        hold.until_all_wait(2, partial(answered, sent))
        assert (hold.waited, hold.early) == (0, 2)


def not_writable(database: Database) -> None:
    database.writable = False


def without_the_row(database: Database) -> None:
    database.query("DELETE FROM magic_link_tokens")


def without_the_table(database: Database) -> None:
    database.query("DROP TABLE magic_link_tokens")


@pytest.mark.parametrize("alter", [not_writable, without_the_row, without_the_table])
def test_what_cannot_be_held_is_left_alone(open_database: OpenDatabase, alter: object) -> None:
    database = open_database(*TABLES)
    assert callable(alter)
    alter(database)
    with hold_token(database, TOKEN) as hold:
        hold.until_all_wait(2, lambda: 2)
        assert (hold.waited, hold.early) == (0, 0)
