"""Ageing moves all stored times or none: what breaks it off leaves nothing half moved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from conformance.observe.connection import Locked
from conformance.observe.database import Database
from conformance.outcomes import Untested
from conformance.target.clock.ageing import Ageing
from conformance.target.clock.kinds import AgedClock
from tests.conftest import OpenDatabase

QUARTER = timedelta(minutes=15)
# Tables are aged by name: `attempts` before `tokens`.
TABLES = (
    "CREATE TABLE users (id int)",
    "CREATE TABLE attempts (at timestamptz)",
    "CREATE TABLE tokens (at timestamptz)",
    "INSERT INTO attempts VALUES (now())",
    "INSERT INTO tokens VALUES (now())",
)
# Fires even where triggers are left out.
ON_TOKENS = """
CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER t BEFORE UPDATE ON tokens FOR EACH ROW EXECUTE FUNCTION break_off();
ALTER TABLE tokens ENABLE ALWAYS TRIGGER t;
"""


def times(database: Database) -> list[object]:
    statement = "SELECT (SELECT at FROM attempts) AS a, (SELECT at FROM tokens) AS t"
    [row] = database.query(statement)
    return list(row.values())


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("PERFORM pg_terminate_backend(pg_backend_pid());", "stored times cannot be moved"),
        ("RAISE EXCEPTION 'not here';", "stored times cannot be moved: not here"),
    ],
    ids=["a connection that is dropped", "a trigger that refuses"],
)
def test_what_fails_halfway_moves_nothing(open_database: OpenDatabase, act: str, told: str) -> None:
    database = open_database(*TABLES, ON_TOKENS.replace("{}", act))
    before = times(database)
    clock = AgedClock(Ageing(database, ()))
    with pytest.raises(Untested, match=told):
        clock.advance(QUARTER)
    assert times(database) == before
    database.query("DROP TRIGGER t ON tokens")
    clock.advance(QUARTER)
    assert times(database) == [each - QUARTER for each in before]  # type: ignore[operator]


def test_a_lock_halfway_moves_nothing(open_database: OpenDatabase) -> None:
    database = open_database(*TABLES)
    before = times(database)
    with closing(psycopg.connect(database.url)) as target:
        target.execute("UPDATE tokens SET at = at")
        database.query("SET lock_timeout = '100ms'")
        with pytest.raises(Locked):
            Ageing(database, ()).age(QUARTER)
    assert times(database) == before


def test_of_two_that_wait_for_one_another_the_target_goes_on(open_database: OpenDatabase) -> None:
    """The target holds what is moved next, and waits for what was moved already."""
    pause = ON_TOKENS.replace("tokens", "attempts").replace("BEFORE", "AFTER")
    database = open_database(*TABLES, pause.replace("{}", "PERFORM pg_advisory_xact_lock(1);"))
    before = times(database)
    with (
        closing(psycopg.connect(database.url)) as target,
        closing(psycopg.connect(database.url, autocommit=True)) as gate,
        ThreadPoolExecutor(2) as workers,
    ):
        target.execute("SET deadlock_timeout = '1min'")
        target.execute("UPDATE tokens SET at = at")
        gate.execute("SELECT pg_advisory_lock(1)")
        ageing = workers.submit(Ageing(database, ()).age, QUARTER)
        _await_waiting(gate, 1)
        waiting = workers.submit(target.execute, "DELETE FROM attempts")
        _await_waiting(gate, 2)
        gate.execute("SELECT pg_advisory_unlock(1)")
        waiting.result(60)
        target.rollback()
        ageing.result(60)
    assert times(database) == [each - QUARTER for each in before]  # type: ignore[operator]


def _await_waiting(connection: psycopg.Connection, number: int) -> None:
    """Wait until so many sessions wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while connection.execute(waiting).fetchone() != (number,):
        pass
