"""Queries on magic links. PostgreSQL decides what happens once, and what at most five times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg.rows import class_row

from reference_app.errors import (
    ApiError,
    RateLimitExceeded,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
)
from reference_app.magic_link import rate_limit, tokens
from reference_app.magic_link.turns import Turns

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

    from reference_app.database import Pool

_FOLD = "SELECT lower(%s)"

# A statement of its own: the next one must see what was committed while this one waited.
_LOCK_ADDRESS = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"

_COUNT_IN = """
    INSERT INTO magic_link_attempts ("addressKey", "attemptedAt")
    SELECT %(key)s, %(now)s
    WHERE (
        SELECT count(*) FROM magic_link_attempts
        WHERE "addressKey" = %(key)s AND "attemptedAt" > %(window_start)s
    ) < %(limit)s
"""

# When this one leaves the window, one request fewer than the limit is left in it.
_OLDEST_IN_THE_WAY = """
    SELECT "attemptedAt" FROM magic_link_attempts
    WHERE "addressKey" = %(key)s AND "attemptedAt" > %(window_start)s
    ORDER BY "attemptedAt" DESC OFFSET %(limit)s - 1 LIMIT 1
"""

# One statement whoever asks: without an active user it stores nothing, and costs the same.
_STORE = """
    WITH recipient AS (
        SELECT id, email FROM users WHERE lower(email) = %(address)s AND status = 'active'
    ), stored AS (
        INSERT INTO magic_link_tokens ("userId", "tokenHash", "expiresAt", "createdAt")
        SELECT id, %(token_hash)s, %(expires_at)s, %(now)s FROM recipient
    )
    SELECT id::text AS user_id, email FROM recipient
"""

_DELETE = """DELETE FROM magic_link_tokens WHERE "tokenHash" = %s"""

# Of several at once, the first holds the row; the others then find "usedAt" set and update nothing.
_SPEND = """
    UPDATE magic_link_tokens SET "usedAt" = %(now)s
    FROM users
    WHERE "tokenHash" = %(token_hash)s AND "usedAt" IS NULL AND "expiresAt" > %(now)s
        AND users.id = "userId" AND users.status = 'active'
    RETURNING "userId"::text
"""

_STATE = """
    SELECT "usedAt" IS NOT NULL, "expiresAt" <= %(now)s
    FROM magic_link_tokens WHERE "tokenHash" = %(token_hash)s
"""


@dataclass(frozen=True)
class Recipient:
    """An active user, with the address as it is stored."""

    user_id: str
    email: str


class MagicLinkRepository:
    """Attempts and tokens. What is refused is raised, as the error that it is answered with."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turns = Turns(pool.timeout)

    async def accept_request(
        self, address: str, token_hash: str, now: datetime
    ) -> Recipient | None:
        """Count a request in and store the token, if an active user has this normalised address.

        Returns that user, None when there is none. Raises RateLimitExceeded; a refused request is
        not counted.
        """
        async with (
            self._turns.turn(address),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            folded = await self._fold(connection, address)
            await self._count_in(connection, rate_limit.address_key(folded), now)
            return await self._store_token(connection, folded, token_hash, now)

    async def delete_token(self, token_hash: str) -> None:
        """Delete the token's row, if there is one (NFR-3)."""
        async with self._pool.connection() as connection:
            await connection.execute(_DELETE, (token_hash,))

    async def spend(self, token_hash: str, now: datetime) -> str:
        """Mark a live token of an active user as used; return the user's id, once (FR-6, EC-8).

        Raises TokenUsed, TokenExpired, TokenInvalid (EC-4 to EC-6).
        """
        user_id = await self._mark_used(token_hash, now)
        if user_id is None:
            raise await self._refusal(token_hash, now)
        return user_id

    async def _mark_used(self, token_hash: str, now: datetime) -> str | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_SPEND, {"token_hash": token_hash, "now": now})
            row = await cursor.fetchone()
        return row[0] if row else None

    async def _refusal(self, token_hash: str, now: datetime) -> type[ApiError]:
        """Return why a token could not be marked as used."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_STATE, {"token_hash": token_hash, "now": now})
            used, expired = await cursor.fetchone() or (False, False)
        if used:
            return TokenUsed
        return TokenExpired if expired else TokenInvalid

    async def _fold(self, connection: AsyncConnection[TupleRow], address: str) -> str:
        """Return the one spelling of all addresses that are equal to this one."""
        cursor = await connection.execute(_FOLD, (address,))
        [folded] = await cursor.fetchone() or [address]
        return str(folded)

    async def _count_in(
        self, connection: AsyncConnection[TupleRow], key: str, now: datetime
    ) -> None:
        await connection.execute(_LOCK_ADDRESS, {"key": key})
        given = {
            "key": key,
            "now": now,
            "window_start": now - rate_limit.WINDOW,
            "limit": rate_limit.MAX_REQUESTS,
        }
        counted = await connection.execute(_COUNT_IN, given)
        if counted.rowcount == 0:
            cursor = await connection.execute(_OLDEST_IN_THE_WAY, given)
            row = await cursor.fetchone()
            raise RateLimitExceeded(row[0] + rate_limit.WINDOW - now if row else None)

    async def _store_token(
        self, connection: AsyncConnection[TupleRow], address: str, token_hash: str, now: datetime
    ) -> Recipient | None:
        async with connection.cursor(row_factory=class_row(Recipient)) as cursor:
            await cursor.execute(
                _STORE,
                {
                    "address": address,
                    "token_hash": token_hash,
                    "expires_at": now + tokens.LIFETIME,
                    "now": now,
                },
            )
            return await cursor.fetchone()
