"""What all tests share."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from conformance.observe.database import Database
from conformance.observe.settings import DatabasePart
from conformance.target.database.postgres import EmbeddedPostgres, create_database, drop_database

OpenDatabase = Callable[..., Database]

# With vfork, a process started from one thread while others run has been seen to fail with
# "Bad address" (EFAULT); several tests start processes from threads.
setattr(subprocess, "_USE_VFORK", False)  # noqa: B010 - the documented switch, untyped


_TIERS = ("unit", "run", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every test into one tier: `run` by its marker, `browser` by what it uses, else `unit`."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        elif not any(item.get_closest_marker(tier) for tier in _TIERS):
            item.add_marker("unit")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for everybody; each takes a database of its own."""
    with closing(EmbeddedPostgres()) as server:
        yield server


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
