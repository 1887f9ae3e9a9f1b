"""Ageing of times in text, JSON and bytes, where they can be read; else it is said."""

from __future__ import annotations

import base64
import pickle
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance.target.clock.ageing import Ageing
from tests.conftest import OpenDatabase
from tests.target.test_ageing import QUARTER, TOKENS, USERS, age, values


def test_times_in_text_and_documents_move(open_database: OpenDatabase) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    number, written = int(now.timestamp()), now.isoformat()
    database = open_database(
        USERS,
        TOKENS.format(", data jsonb"),
        "CREATE TABLE attempts (key text PRIMARY KEY, hits json, notes text[])",
    )
    ageing = Ageing(database, ())
    statements: list[Any] = [
        f"""INSERT INTO magic_link_tokens VALUES (1, '{{"until": "{written}"}}')""",
        f"INSERT INTO attempts VALUES ('ada:{number}', '[{number}, 7]', ARRAY['{written}'])",
    ]
    for statement in statements:
        database.query(statement)
    ageing.age(QUARTER)
    earlier = (now - QUARTER).isoformat()
    assert values(database, "SELECT data->>'until' FROM magic_link_tokens") == [earlier]
    assert values(database, "SELECT key, hits, notes FROM attempts") == [
        f"ada:{number - 900}",
        f"[{number - 900}, 7]",
        [earlier],
    ]
    assert ageing.unshifted("tokens") == ageing.unshifted("limit") == []
    assert "times within attempts.hits were aged with the timestamps" in ageing.notes


def test_a_text_that_may_not_be_changed_is_reported(open_database: OpenDatabase) -> None:
    database = open_database(USERS, TOKENS.format(""), "CREATE TABLE attempts (at text UNIQUE)")
    ageing = Ageing(database, ())
    now = datetime.now(UTC).replace(microsecond=0)
    for when in (now, now - QUARTER):
        statement: Any = f"INSERT INTO attempts VALUES ('{when.isoformat()}')"
        database.query(statement)
    ageing.age(QUARTER)
    assert ageing.unshifted("limit") == [
        "attempts.at (text) seems to hold times that cannot be aged"
    ]


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", "23/11/2026, 13:05:59"),
        ("text", base64.b64encode(pickle.dumps([1795000000.5])).decode()),
        ("bytea", "\\x" + "00" * 65),
    ],
)
def test_what_cannot_be_read_is_reported(
    type_: str, value: str, open_database: OpenDatabase
) -> None:
    database = open_database(
        USERS, TOKENS.format(""), f"CREATE TABLE attempts (at timestamptz, hits {type_})"
    )
    ageing = Ageing(database, ())
    statement: Any = "INSERT INTO attempts VALUES (now(), %s)"
    database.query(statement, [value])
    ageing.age(QUARTER)
    assert ageing.unshifted("limit") == [
        f"attempts.hits ({type_}) seems to hold times that cannot be aged"
    ]
    assert ageing.unshifted("tokens") == []


def test_what_was_there_before_is_no_count_of_requests(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        TOKENS.format(""),
        "CREATE TABLE signing_keys (der bytea)",
        "INSERT INTO signing_keys SELECT decode(repeat('00', 200), 'hex')",
    )
    assert age(database).unshifted("limit") == []


def test_keys_and_hashes_are_no_times(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS, TOKENS.format(""), "CREATE TABLE attempts (key text, hash bytea, note varchar)"
    )
    ageing = Ageing(database, ())
    row = ("1763900000a" + "0" * 53, b"\0" * 64, "ada@example.com")
    statement: Any = "INSERT INTO attempts VALUES (%s, %s, %s)"
    database.query(statement, row)
    ageing.age(QUARTER)
    assert values(database, "SELECT * FROM attempts") == list(row)
    assert ageing.unshifted("limit") == []


def test_a_table_with_real_times_is_trusted_to_use_them(open_database: OpenDatabase) -> None:
    database = open_database(USERS, TOKENS.format(', "expiresAt" timestamptz, data text'))
    ageing = Ageing(database, ())
    database.query("INSERT INTO magic_link_tokens VALUES (1, now(), '12:00:00')")
    ageing.age(QUARTER)
    assert ageing.unshifted("tokens") == []


def test_times_in_the_texts_of_a_partitioned_table_move(open_database: OpenDatabase) -> None:
    database = open_database(
        USERS,
        TOKENS.format(""),
        "CREATE TABLE attempts (id int, hits text) PARTITION BY LIST (id)",
        "CREATE TABLE attempts_1 PARTITION OF attempts FOR VALUES IN (1)",
        "CREATE TABLE attempts_2 PARTITION OF attempts FOR VALUES IN (2)",
    )
    ageing = Ageing(database, ())
    number = int(time.time())
    statement: Any = f"INSERT INTO attempts VALUES (1, '{number}'), (2, '{number + 1}')"
    database.query(statement)
    ageing.age(QUARTER)
    assert sorted(values(database, "SELECT hits FROM attempts")) == [
        str(number - 900),
        str(number - 899),
    ]
