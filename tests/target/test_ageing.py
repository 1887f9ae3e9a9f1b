"""Ageing: whatever times the target's own tables hold move back, and nothing else does."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from conformance.observe.database import Database
from conformance.target.clock.ageing import Ageing
from tests.conftest import OpenDatabase

USERS = 'CREATE TABLE users (id int, "createdAt" timestamptz)'
TOKENS = "CREATE TABLE magic_link_tokens (id int{})"
NOON = datetime(2031, 1, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
EARLIER = NOON - QUARTER


def age(database: Database, *epoch_columns: str) -> Ageing:
    ageing = Ageing(database, epoch_columns)
    ageing.age(QUARTER)
    return ageing


def values(database: Database, statement: Any) -> list[Any]:
    return [value for row in database.query(statement) for value in row.values()]


def test_every_kind_of_timestamp_moves(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE magic_link_tokens (a timestamptz, b timestamp, c timestamptz(3), d date)",
        "INSERT INTO magic_link_tokens VALUES"
        " ('2031-01-01 12:00Z', '2031-01-01 12:00', NULL, '2031-01-01')",
    )
    age(database)
    assert values(database, "SELECT * FROM magic_link_tokens") == [
        EARLIER,
        EARLIER.replace(tzinfo=None),
        None,
        # A day is no time: moving it by minutes would change nothing or too much.
        date(2031, 1, 1),
    ]


def test_every_table_of_the_target_s_moves_but_the_accounts(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE SCHEMA limits",
        "CREATE TABLE limits.attempts (at timestamptz)",
        "CREATE TABLE quiet (at timestamptz)",
        "INSERT INTO users VALUES (1, '2031-01-01 12:00Z')",
        "INSERT INTO limits.attempts VALUES ('2031-01-01 12:00Z')",
    )
    age(database)
    assert values(database, 'SELECT "createdAt" FROM users') == [NOON]
    assert values(database, "SELECT at FROM limits.attempts") == [EARLIER]


def test_accounts_under_another_name_stay_too(open_database: OpenDatabase) -> None:
    database = open_database(
        "CREATE TABLE people (created_at timestamptz)",
        "INSERT INTO people VALUES ('2031-01-01 12:00Z')",
        users="people",
    )
    age(database)
    assert values(database, "SELECT * FROM people") == [NOON]


def test_generated_columns_follow_by_themselves(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE attempts (at timestamp,"
        " until timestamp GENERATED ALWAYS AS (at + interval '1 hour') STORED)",
        "INSERT INTO attempts (at) VALUES ('2031-01-01 12:00')",
    )
    age(database)
    [row] = database.query("SELECT at, until FROM attempts")
    assert row["until"] - row["at"] == timedelta(hours=1)
    assert row["at"] == EARLIER.replace(tzinfo=None)


def test_a_time_in_a_key_may_meet_that_of_another_row(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE attempts (at timestamptz PRIMARY KEY)",
        "INSERT INTO attempts SELECT '2031-01-01 12:00Z'::timestamptz - i * interval '15 minutes'"
        " FROM generate_series(0, 9) AS i",
    )
    age(database)
    moved = values(database, "SELECT at FROM attempts ORDER BY at DESC")
    assert moved == [EARLIER - i * QUARTER for i in range(10)]


def test_epoch_numbers_move_in_their_own_unit(open_database: OpenDatabase) -> None:
    now = int(time.time())
    database = open_database(
        USERS,
        "CREATE TABLE attempts (s int, ms bigint, us bigint, f float8, hits int, price numeric)",
        f"INSERT INTO attempts VALUES ({now}, {now}000, {now}000000, {now}.5, 3, 9.99)",
    )
    ageing = age(database)
    [row] = database.query("SELECT s, ms, us, f, hits, price::float8 FROM attempts")
    assert list(row.values()) == [
        now - 900,
        (now - 900) * 1_000,
        (now - 900) * 1_000_000,
        now - 899.5,
        3,
        9.99,
    ]
    assert len(ageing.notes) == 4


def test_what_is_long_past_stays(open_database: OpenDatabase) -> None:
    now = int(time.time())
    old = now - 20 * 86_400
    database = open_database(
        USERS,
        "CREATE TABLE attempts (at timestamptz, until timestamptz, s bigint)",
        "INSERT INTO attempts VALUES"
        f" (now() - interval '20 days', now() - interval '19 days', {old}),"
        f" (now() - interval '20 days', now() + interval '1 day', {now}),"
        " (now(), NULL, NULL)",
    )
    before = database.query("SELECT at, until, s FROM attempts ORDER BY ctid")
    age(database)
    after = database.query("SELECT at, until, s FROM attempts ORDER BY at DESC, s")
    assert after == [
        {**before[2], "at": before[2]["at"] - QUARTER},
        before[0],
        {"at": before[1]["at"] - QUARTER, "until": before[1]["until"] - QUARTER, "s": now - 900},
    ]


def test_rows_of_years_do_not_hide_an_epoch_column(open_database: OpenDatabase) -> None:
    now = int(time.time())
    years = 5 * 365 * 86_400
    database = open_database(
        USERS,
        "CREATE TABLE attempts (s bigint, hits int)",
        f"INSERT INTO attempts VALUES ({now - years}, 0), ({now}, {now - years})",
    )
    age(database)
    moved = values(database, "SELECT s, hits FROM attempts ORDER BY s")
    assert moved == [now - years, 0, now - 900, now - years]


def test_a_named_epoch_column_may_lie_far_off(open_database: OpenDatabase) -> None:
    far = int(time.time()) + 90 * 86_400
    database = open_database(
        USERS, "CREATE TABLE t (a bigint, b bigint)", f"INSERT INTO t VALUES ({far}, {far})"
    )
    age(database, "t.a")
    assert values(database, "SELECT a, b FROM t") == [far - 900, far]


def test_lists_of_times_move(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE attempts (hits timestamptz[])",
        "INSERT INTO attempts VALUES (ARRAY['2031-01-01 12:00Z'::timestamptz]), (NULL), ('{}')",
    )
    age(database)
    assert values(database, "SELECT hits FROM attempts") == [[EARLIER], None, []]


def test_lists_of_epoch_numbers_move(open_database: OpenDatabase) -> None:
    now = int(time.time())
    database = open_database(
        USERS,
        "CREATE TABLE attempts (hits bigint[], ids int[])",
        f"INSERT INTO attempts VALUES (ARRAY[{now}, {now - 60}], ARRAY[1, 2]), ('{{}}', NULL)",
    )
    age(database)
    assert values(database, "SELECT hits FROM attempts") == [[now - 900, now - 960], []]
    assert values(database, "SELECT ids FROM attempts") == [[1, 2], None]


def test_a_trigger_does_not_undo_it(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE attempts (at timestamptz)",
        "INSERT INTO attempts VALUES ('2031-01-01 12:00Z')",
        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN NEW.at = now(); RETURN NEW; END$$",
        "CREATE TRIGGER touch BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION touch()",
    )
    age(database)
    assert values(database, "SELECT at FROM attempts") == [EARLIER]


def test_it_adds_up(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        "CREATE TABLE attempts (at timestamptz)",
        "INSERT INTO attempts VALUES ('2031-01-01 12:00Z')",
    )
    ageing = Ageing(database, ())
    for _ in range(3):
        ageing.age(QUARTER)
    assert values(database, "SELECT at FROM attempts") == [NOON - 3 * QUARTER]
