"""A PostgreSQL server for the whole session; each test that asks has a database of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import psycopg
import pytest

from conformance.control.postgres import EmbeddedPostgres, create_database, drop_database
from conformance.observation.database import Database
from conformance.target import DatabasePart

OpenDatabase = Callable[..., Database]


@pytest.fixture
def open_database(postgres: EmbeddedPostgres) -> Iterator[OpenDatabase]:
    """Make a database with these statements and connect to it as the harness does."""
    name = f"test_{secrets.token_hex(6)}"
    url = create_database(postgres.url, name)
    opened: list[Database] = []

    def open_database(*statements: str, **part: object) -> Database:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        database = Database(url, DatabasePart.model_validate(part), writable=True)
        opened.append(database)
        return database

    yield open_database
    for database in opened:
        database.close()
    drop_database(postgres.url, name)
