"""The connection pool. Queries stand in the repositories, nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

if TYPE_CHECKING:
    from reference_app.settings import Settings

Pool: TypeAlias = AsyncConnectionPool[AsyncConnection[TupleRow]]

CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_MILLISECONDS = 5000


def make_pool(settings: Settings) -> Pool:
    """Return a closed pool; outside a transaction block every statement commits by itself."""
    return AsyncConnectionPool(
        settings.database_url.get_secret_value(),
        kwargs={
            "autocommit": True,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}",
        },
        min_size=min(2, settings.database_pool_size),
        max_size=settings.database_pool_size,
        timeout=settings.database_timeout_seconds,
        open=False,
    )
