"""The schema, migrated by alembic without a file of configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import UndefinedTable
from psycopg.sql import SQL, Identifier
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from reference_app.database import CONNECT_TIMEOUT_SECONDS
from reference_app.errors import SchemaOutdated
from reference_app.migrations.users_table import MigrationError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from reference_app.database import Pool

# Of its own: an application that has migrations has an `alembic_version`, with another history.
VERSION_TABLE = "magic_link_version"

# Any number, as long as nothing else locks it.
_LOCK_KEY = 7_205_759_403_792_793

# Until it had a table of its own, the history was in `alembic_version`, and had one revision.
_HAS_FORMER_TABLES = text(f"""
    SELECT to_regclass('{VERSION_TABLE}') IS NULL
        AND to_regclass('magic_link_attempts') IS NOT NULL
        AND to_regclass('alembic_version') IS NOT NULL
""")
_FORMER_REVISIONS = text("SELECT version_num FROM alembic_version")
_FIRST = "0001"
_REVISION = SQL("SELECT version_num FROM {}").format(Identifier(VERSION_TABLE))


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; several processes may do so at once.

    Raises psycopg.OperationalError when the database cannot be reached, MigrationError when it
    is not such that it can be migrated; then it is left as it was.
    """
    config = _config()
    # Connected here, so that errors are psycopg's and the URL is read as everywhere else.
    raw_connection = psycopg.connect(database_url, connect_timeout=CONNECT_TIMEOUT_SECONDS)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: raw_connection, poolclass=NullPool
    )
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            config.attributes["connection"] = connection
            if _is_migrated_as_before(connection):
                command.stamp(config, _FIRST)
            command.upgrade(config, revision)
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise MigrationError(f"The migration was undone: {reason}.") from error


def _is_migrated_as_before(connection: Connection) -> bool:
    if not connection.scalar(_HAS_FORMER_TABLES):
        return False
    return list(connection.scalars(_FORMER_REVISIONS)) == [_FIRST]


class Schema:
    """What the database holds, against what this code needs."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        revisions = ScriptDirectory.from_config(_config()).walk_revisions()
        self._outdated = {each.revision for each in revisions if not each.is_head}

    async def expect_current(self) -> None:
        """Raise SchemaOutdated before the migrations, psycopg.OperationalError in an outage.

        A revision that this code does not know is a later one: during a deployment the old code
        goes on serving.
        """
        async with self._pool.connection() as connection:
            try:
                cursor = await connection.execute(_REVISION)
            except UndefinedTable:
                raise SchemaOutdated from None
            row = await cursor.fetchone()
        if row is None or row[0] in self._outdated:
            raise SchemaOutdated


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
