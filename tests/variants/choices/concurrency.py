"""Other ways to let the database decide who is first (EC-8, FR-7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from reference_app.errors import ApiError, TokenUsed
from reference_app.magic_link import rate_limit, repository
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.variants.model import variant

_LOCK = 'SELECT 1 FROM magic_link_tokens WHERE "tokenHash" = %s FOR UPDATE'


@variant("The token's row is locked, and looked at then.")
def row_locked_first(change: Change) -> None:
    async def mark_used(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_LOCK, (token_hash,))
            return await _spend(connection, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", mark_used)


@variant("Whoever finds the token's row locked is too late, and does not wait.")
def no_waiting_for_a_token(change: Change) -> None:
    refusal = MagicLinkRepository._refusal

    async def mark_used(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        async with self._pool.connection() as connection, connection.transaction():
            try:
                await connection.execute(f"{_LOCK} NOWAIT".encode(), (token_hash,))
            except psycopg.errors.LockNotAvailable:
                vars(self).setdefault("too_late", set()).add(token_hash)
                raise psycopg.Rollback from None
            return await _spend(connection, token_hash, now)
        return None

    async def refused(self: MagicLinkRepository, token_hash: str, now: datetime) -> type[ApiError]:
        if token_hash in vars(self).get("too_late", ()):
            return TokenUsed
        return await refusal(self, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", mark_used)
    change.replace(MagicLinkRepository, "_refusal", refused)


@variant("Serializable transactions decide; what fails to be serialized is tried again.")
def serializable(change: Change) -> None:
    async def mark_used(self: MagicLinkRepository, token_hash: str, now: datetime) -> str | None:
        while True:
            try:
                async with self._pool.connection() as connection, connection.transaction():
                    await connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    return await _spend(connection, token_hash, now)
            except psycopg.errors.SerializationFailure:
                continue

    async def accept_request(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> Any:
        while True:
            try:
                async with self._pool.connection() as connection, connection.transaction():
                    await connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    folded = await self._fold(connection, address)
                    await self._count_in(connection, rate_limit.address_key(folded), now)
                    return await self._store_token(connection, folded, token_hash, now)
            except psycopg.errors.SerializationFailure:
                continue

    change.replace(MagicLinkRepository, "_mark_used", mark_used)
    change.replace(MagicLinkRepository, "accept_request", accept_request)
    change.replace(repository, "_LOCK_ADDRESS", "SELECT %(key)s::text")


async def _spend(connection: Any, token_hash: str, now: datetime) -> str | None:
    cursor = await connection.execute(
        repository._SPEND.encode(), {"token_hash": token_hash, "now": now}
    )
    row = await cursor.fetchone()
    return row[0] if row else None
