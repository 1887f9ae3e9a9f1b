"""Deletes what nobody asks about any more: old tokens and old attempts.

Run daily (`python -m reference_app retention`), while everything else runs. It walks each table
once along the primary key, in small transactions: no request waits for it for long, and no further
index is needed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from reference_app import clock
from reference_app.database import CONNECT_TIMEOUT_SECONDS
from reference_app.magic_link import rate_limit

BATCH_ROWS = 1000
STATEMENT_TIMEOUT_MILLISECONDS = 30_000

_DELETE = SQL("""
    WITH batch AS (
        SELECT id, {time} < %(before)s AS old FROM {table}
        WHERE id > %(after)s ORDER BY id LIMIT %(rows)s
    ), deleted AS (
        DELETE FROM {table} USING batch WHERE {table}.id = batch.id AND old
    )
    SELECT id, old FROM batch ORDER BY id
""")
_DELETE_TOKENS = _DELETE.format(table=Identifier("magic_link_tokens"), time=Identifier("expiresAt"))
_DELETE_ATTEMPTS = _DELETE.format(
    table=Identifier("magic_link_attempts"), time=Identifier("attemptedAt")
)


def delete_old_rows(database_url: str, *, token_days: int) -> tuple[int, int]:
    """Delete tokens that expired `token_days` ago, and attempts that no longer count.

    Until then a token is still called used or expired (EC-4, EC-5); afterwards it is unknown
    (EC-6). Returns how many tokens and how many attempts were deleted. Raises
    psycopg.OperationalError when the database cannot be reached.
    """
    now = clock.now()
    with psycopg.connect(
        database_url,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        options=f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}",
    ) as connection:
        tokens = _walk(connection, _DELETE_TOKENS, UUID(int=0), now - timedelta(days=token_days))
        # Twice the window, since the clocks of several machines may differ.
        attempts = _walk(connection, _DELETE_ATTEMPTS, 0, now - 2 * rate_limit.WINDOW)
    return tokens, attempts


def _walk(
    connection: psycopg.Connection[Any], statement: Composed, after: Any, before: datetime
) -> int:
    deleted = 0
    while True:
        rows = connection.execute(
            statement, {"after": after, "before": before, "rows": BATCH_ROWS}
        ).fetchall()
        deleted += sum(bool(old) for _, old in rows)
        if len(rows) < BATCH_ROWS:
            return deleted
        after = rows[-1][0]
