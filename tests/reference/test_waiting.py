"""Requests that wait for one address, and everybody else meanwhile."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from reference_app.magic_link.rate_limit import address_key
from tests.reference.conftest import Database, Reference, Start
from tests.reference.processes import await_that

REQUESTS = 30
HELD = "held@example.com"


@contextmanager
def held(database: Database, address: str) -> Iterator[psycopg.Connection]:
    """Have an address's lock, as a request has it, until the connection is rolled back."""
    with psycopg.connect(database.url) as holder:
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        holder.execute(lock, (address_key(address),))
        yield holder
        holder.rollback()


def waiting(database: Database) -> int:
    [(count,)] = database.rows(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event = 'advisory'"
    )
    return int(count)


def arrived(reference: Reference) -> int:
    return reference.events().count(("info", "magic_link_requested"))


def test_a_burst_for_one_address_keeps_nobody_else_waiting(
    start: Start, database: Database
) -> None:
    reference = start(database_pool_size=2, database_timeout_seconds=15)
    token = secrets.token_hex(32)
    database.add_token(database.add_user("ada@example.com"), token)
    with ThreadPoolExecutor(REQUESTS) as threads, held(database, HELD) as holder:
        answers = [threads.submit(reference.request_link, HELD) for _ in range(REQUESTS)]
        await_that(lambda: arrived(reference) == REQUESTS and waiting(database) > 0)
        assert reference.verify(token).status_code == 200
        assert reference.request_link("else@example.com").status_code == 202
        assert waiting(database) == 1
        assert not any(answer.done() for answer in answers)
        holder.rollback()
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [202] * 5 + [429] * (REQUESTS - 5)


def test_an_address_that_stays_held_costs_503s_in_time(start: Start, database: Database) -> None:
    reference = start(database_timeout_seconds=1)
    with ThreadPoolExecutor(REQUESTS) as threads, held(database, HELD):
        # The client's own patience is twenty seconds, for all of them at once.
        answers = list(threads.map(reference.request_link, [HELD] * REQUESTS))
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.json() == {"error": "SERVICE_UNAVAILABLE"} for answer in answers)
