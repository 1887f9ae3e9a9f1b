"""The schema, migrated by alembic without a file of configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import UndefinedTable
from sqlalchemy import NullPool, create_engine, text

from reference_app.database import CONNECT_TIMEOUT_SECONDS
from reference_app.errors import SchemaOutdated

if TYPE_CHECKING:
    from reference_app.database import Pool

# Any number, as long as nothing else locks it.
_LOCK_KEY = 7_205_759_403_792_793


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; several processes may do so at once.

    Raises psycopg.OperationalError when the database cannot be reached.
    """
    config = _config()
    # Connected here, so that errors are psycopg's and the URL is read as everywhere else.
    raw_connection = psycopg.connect(database_url, connect_timeout=CONNECT_TIMEOUT_SECONDS)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: raw_connection, poolclass=NullPool
    )
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


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
                cursor = await connection.execute("SELECT version_num FROM alembic_version")
            except UndefinedTable:
                raise SchemaOutdated from None
            row = await cursor.fetchone()
        if row is None or row[0] in self._outdated:
            raise SchemaOutdated


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
