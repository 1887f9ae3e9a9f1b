"""The schema, migrated by alembic without a file of configuration."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text

from reference_app.database import CONNECT_TIMEOUT_SECONDS

# Any number, as long as nothing else locks it.
_LOCK_KEY = 7_205_759_403_792_793


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; several processes may do so at once.

    Raises psycopg.OperationalError when the database cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    # Connected here, so that errors are psycopg's and the URL is read as everywhere else.
    raw_connection = psycopg.connect(database_url, connect_timeout=CONNECT_TIMEOUT_SECONDS)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: raw_connection, poolclass=NullPool
    )
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
