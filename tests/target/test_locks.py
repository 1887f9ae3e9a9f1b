"""What the target never commits: an outcome that names the lock, and no wait without an end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import psycopg
import pytest

from conformance.observe.connection import (
    Limits,
    Locked,
    callers_environment,
    connect,
    without_pg_variables,
)
from conformance.observe.database import Database
from conformance.observe.settings import DatabasePart
from conformance.outcomes import CantTell, TargetLost, Untested
from conformance.target.clock.ageing import Ageing
from conformance.target.clock.kinds import AgedClock
from conformance.target.database.postgres import (
    _SETTINGS,
    EmbeddedPostgres,
    create_database,
    drop_database,
)
from tests.conftest import OpenDatabase
from tests.observe.raw_server import raw_server, until_closed

LIMITS = Limits(connect=2, lock=0.2, again=0.05, statement=2)
TABLES = (
    "CREATE TABLE users (id int)",
    'CREATE TABLE magic_link_tokens (id int, "expiresAt" timestamptz)',
    "INSERT INTO magic_link_tokens VALUES (1, now())",
)
UPDATE = "UPDATE magic_link_tokens SET id = id"


@pytest.fixture
def database(open_database: OpenDatabase) -> Iterator[Database]:
    url = open_database(*TABLES).url
    with closing(Database(url, DatabasePart(), writable=True, limits=LIMITS)) as impatient:
        yield impatient


@contextmanager
def leaked(database: Database, statement: str) -> Iterator[psycopg.Connection]:
    """Run a statement in a transaction that is not committed."""
    with closing(psycopg.connect(database.url)) as connection:
        connection.execute(statement.encode())
        yield connection


@pytest.mark.parametrize(
    ("held", "wanted", "where"),
    [
        (UPDATE, UPDATE, "a row of the table magic_link_tokens"),
        ("DELETE FROM magic_link_tokens", UPDATE, "a row of the table magic_link_tokens"),
        ("LOCK TABLE users", "SELECT * FROM users", "the table users"),
        ("TRUNCATE users", "INSERT INTO users VALUES (2)", "the table users"),
        ("ALTER TABLE users ADD x int", "SELECT * FROM users", "the table users"),
    ],
)
def test_the_sentence_names_the_lock(
    database: Database, held: str, wanted: str, where: str
) -> None:
    with leaked(database, held):
        # Held for half the patience already: whoever came later would not be who is in the way.
        database.query("SELECT pg_sleep(0.15)")
        with pytest.raises(Locked) as raised:
            database.query(wanted)
    message = str(raised.value)
    assert where in message
    assert f"is locked by another session of the target: `{held}`, open for " in message
    assert "is a transaction never committed?" in message
    # When it is released, all is as before.
    database.query(wanted)


def test_a_transaction_that_was_prepared_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_SETTINGS, "max_prepared_transactions", "2")
    with closing(EmbeddedPostgres()) as server:
        url = create_database(server.url, "shop")
        with psycopg.connect(url) as holder:
            holder.execute("CREATE TABLE users (id int)")
        with closing(psycopg.connect(url)) as holder:
            holder.execute("LOCK TABLE users")
            holder.execute("PREPARE TRANSACTION 'forgotten'")
        with (
            closing(Database(url, DatabasePart(), writable=True, limits=LIMITS)) as database,
            pytest.raises(Locked, match="table users is locked by a transaction that was prepared"),
        ):
            database.query("SELECT * FROM users")


def test_only_the_first_lock_is_waited_for_patiently(database: Database) -> None:
    def limit() -> object:
        return database.query("SHOW lock_timeout")[0]["lock_timeout"]

    assert limit() == "200ms"
    with leaked(database, "LOCK TABLE users"), pytest.raises(Locked):
        database.query("SELECT * FROM users")
    database.query("SELECT * FROM users")
    assert limit() == "50ms"


def test_a_statement_that_takes_too_long(database: Database) -> None:
    with pytest.raises(CantTell, match=r"took too long: .* statement timeout"):
        database.query("SELECT pg_sleep(100)")


def test_ageing_tells_of_a_lock(database: Database) -> None:
    clock = AgedClock(Ageing(database, []))
    with leaked(database, UPDATE), pytest.raises(Locked, match="magic_link_tokens is locked"):
        clock.advance(timedelta(minutes=16))
    clock.advance(timedelta(minutes=16))


def test_a_time_that_the_table_refuses_to_have_moved(database: Database) -> None:
    database.query(
        "ALTER TABLE magic_link_tokens ADD CHECK (\"expiresAt\" > now() - interval '1 minute')"
    )
    with pytest.raises(Untested, match=r"cannot be moved: .* check constraint"):
        AgedClock(Ageing(database, [])).advance(timedelta(minutes=16))


def test_a_locked_catalogue(database: Database) -> None:
    locking = "LOCK TABLE pg_attribute IN ACCESS EXCLUSIVE MODE"
    with leaked(database, locking), pytest.raises(Locked, match="is locked"):
        database.tables()
    assert database.users().name == "users"


def test_a_server_that_has_fallen_silent_is_given_up() -> None:
    with raw_server(until_closed) as server:
        url = server.url.replace("http://", "postgresql://ada@")
        with pytest.raises(TargetLost, match="cannot be reached"):
            Database(url, DatabasePart(), writable=False, limits=LIMITS)


def test_a_halted_server_is_given_up(database: Database) -> None:
    [row] = database.query("SELECT pg_backend_pid() AS pid")
    database._connection.limits = Limits(statement=-4.5)
    os.kill(row["pid"], 19)
    try:
        with pytest.raises(TargetLost, match=r"has not answered for 0\.5 s"):
            database.query("SELECT 1")
    finally:
        os.kill(row["pid"], 18)


def test_sessions_and_locks_do_not_keep_a_database(
    postgres: EmbeddedPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    url = create_database(postgres.url, "kept")
    with closing(psycopg.connect(url)) as holder:
        holder.execute("LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE")
        drop_database(postgres.url, "kept")
    assert capsys.readouterr().err == ""


def test_a_database_that_cannot_be_dropped_is_told(
    postgres: EmbeddedPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    create_database(postgres.url, "left")
    with closing(psycopg.connect(postgres.url)) as holder:
        holder.execute("SELECT * FROM pg_database WHERE datname = 'left' FOR UPDATE")
        drop_database(postgres.url, "left", LIMITS)
    message = capsys.readouterr().err
    assert message.startswith("The database left could not be dropped (")
    assert message.endswith("): drop it by hand.\n")
    drop_database(postgres.url, "left")


def test_variables_of_the_callers_shell_do_not_count(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"PGSSLMODE": "require", "PGOPTIONS": "-c search_path=nowhere", "PGSERVICE": "none"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with connect(postgres.url) as connection:
        [row] = connection.execute("SHOW search_path").fetchall()
    assert "nowhere" not in row["search_path"]
    with without_pg_variables():
        assert not wrong.keys() & os.environ.keys()
        assert wrong.items() <= callers_environment().items()
        # Once more, as a worker does.
        with without_pg_variables():
            pass
        assert not wrong.keys() & os.environ.keys()
    assert wrong.items() <= os.environ.items()


def test_the_embedded_server_does_not_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    with closing(EmbeddedPostgres()) as server:
        create_database(server.url, "made")
