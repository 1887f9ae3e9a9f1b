"""Whatever a target's database holds is read as a value."""

from __future__ import annotations

import pytest

from conformance.observe.catalogue import foreign_keys, indexes, primary_key
from tests.conftest import OpenDatabase

TABLE = 'CREATE TABLE magic_link_tokens (id uuid, "tokenHash" text, value {kind})'


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("timestamptz", "infinity", "infinity"),
        ("timestamptz", "-infinity", "-infinity"),
        ("timestamp", "0044-03-15 BC", "0044-03-15 00:00:00 BC"),
        ("timestamp", "294276-12-31", "294276-12-31 00:00:00"),
        ("date", "infinity", "infinity"),
        ("interval", "178000000 years", "178000000 years"),
        ("jsonb", f"{'[' * 1_000}{']' * 1_000}", f"{'[' * 1_000}{']' * 1_000}"),
        ("json", '{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        ("timestamptz[]", "{infinity}", ["infinity"]),
    ],
)
def test_a_value_that_python_does_not_know_is_text(
    open_database: OpenDatabase, kind: str, value: str, read: object
) -> None:
    database = open_database(
        TABLE.format(kind=kind),
        f"INSERT INTO magic_link_tokens VALUES (NULL, 'h', '{value}')",
    )
    [row] = database.token_rows("tokenHash", "h")
    assert row["value"] == read


def test_names_of_any_form_are_looked_up(open_database: OpenDatabase) -> None:
    database = open_database(
        'CREATE TABLE "%s ""t""" ("%(a)s" int PRIMARY KEY)',
        'CREATE TABLE magic_link_tokens ("token_hash" text, "100% {x}" int REFERENCES "%s ""t""")',
        'CREATE UNIQUE INDEX "%" ON magic_link_tokens (token_hash)',
    )
    table, other = database.tokens(), database.find_table('%s "t"')
    assert other is not None
    assert primary_key(database, other) == ("%(a)s",)
    assert [key.refers_to[1] for key in foreign_keys(database, table)] == ['%s "t"']
    assert [index.name for index in indexes(database, table)] == ["%"]
    assert database.token_rows("tokenHash", "h") == []


def test_rows_of_a_database_without_an_encoding_are_text(open_database: OpenDatabase) -> None:
    database = open_database()
    database.query("SET client_encoding = 'SQL_ASCII'")
    [row] = database.query("SELECT 'a'::text AS value, 'b'::name AS name")
    assert row == {"value": "a", "name": "b"}
