"""Links that are opened again, or late, within the hour after they were made (EC-4, EC-5)."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import psycopg
from fastapi import FastAPI

from reference_app.errors import ApiError, TokenExpired, TokenUsed
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.mutants.model import mutant

_EITHER = 'the answer is 400 with the error "TOKEN_USED" or "TOKEN_EXPIRED"'
_HALF_AN_HOUR = timedelta(minutes=30)


@mutant(
    fault="A used link is called expired five minutes after its use.",
    violates="EC-5",
    step='the answer is 400 with the error "TOKEN_USED"',
    incident="Use cuts the expiry short, and expiry is looked at first.",
)
def used_links_expire_early(change: Change) -> None:
    refusal = MagicLinkRepository._refusal
    used_at = 'SELECT "usedAt" FROM magic_link_tokens WHERE "tokenHash" = %s'

    async def expired_first(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> type[ApiError]:
        found = await refusal(self, token_hash, now)
        if found is not TokenUsed:
            return found
        async with self._pool.connection() as connection:
            cursor = await connection.execute(used_at, (token_hash,))
            [used] = await cursor.fetchone() or (now,)
        return TokenExpired if used + timedelta(minutes=5) <= now else TokenUsed

    change.replace(MagicLinkRepository, "_refusal", expired_first)


@mutant(
    fault="An expired token is marked as used when it is presented.",
    violates="EC-4",
    falls_with="AC-5 FR-8",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="Whatever is presented is spent, to be on the safe side.",
)
def expired_tokens_are_spent(change: Change) -> None:
    refusal = MagicLinkRepository._refusal
    spend = 'UPDATE magic_link_tokens SET "usedAt" = %s WHERE "tokenHash" = %s'

    async def spend_and_refuse(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> type[ApiError]:
        found = await refusal(self, token_hash, now)
        async with self._pool.connection() as connection:
            await connection.execute(spend, (now, token_hash))
        return found

    change.replace(MagicLinkRepository, "_refusal", spend_and_refuse)


@mutant(
    fault="A token is accepted for five seconds longer than it lives.",
    violates="FR-8",
    falls_with="EC-4",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="The leeway of a JWT library, taken over for links.",
)
def leeway_of_five_seconds(change: Change) -> None:
    mark_used = MagicLinkRepository._mark_used

    async def mark_a_little_earlier(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> Any:
        return await mark_used(self, token_hash, now - timedelta(seconds=5))

    change.replace(MagicLinkRepository, "_mark_used", mark_a_little_earlier)


def _clear_away(change: Change, which: str) -> None:
    """Delete rows of a kind before a token is looked up."""
    mark_used = MagicLinkRepository._mark_used

    async def tidy_and_mark(self: MagicLinkRepository, token_hash: str, now: datetime) -> Any:
        async with self._pool.connection() as connection:
            delete = f"DELETE FROM {_TABLE} WHERE {which}"
            await connection.execute(delete.encode(), {"before": now - _HALF_AN_HOUR})
        return await mark_used(self, token_hash, now)

    change.replace(MagicLinkRepository, "_mark_used", tidy_and_mark)


_TABLE = "magic_link_tokens"


@mutant(
    fault="Used links are forgotten half an hour after their use.",
    violates="EC-5 EC-4",
    step=_EITHER,
    incident="A clean-up that keeps what is open, and forgets what was used.",
)
def used_links_forgotten_within_the_hour(change: Change) -> None:
    _clear_away(change, '"usedAt" <= %(before)s')


@mutant(
    fault="Expired links are forgotten a quarter of an hour after they expired.",
    violates="AC-5 EC-4",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="A clean-up job whose interval is that of the links.",
)
def expired_links_forgotten_within_the_hour(change: Change) -> None:
    _clear_away(change, '"usedAt" IS NULL AND "createdAt" <= %(before)s')


@mutant(
    fault="Used tokens are cleared away whenever the service starts.",
    violates="EC-5",
    step='the answer is 400 with the error "TOKEN_USED"',
    incident="A tidy-up in the start script: after a deployment links read as never made.",
)
def used_links_forgotten_at_a_start(change: Change) -> None:
    def tidy(_: FastAPI) -> None:
        # Nowhere, where the application is only put together.
        if (url := os.environ.get("DATABASE_URL")) is None:
            return
        with psycopg.connect(url) as connection:
            if connection.execute("SELECT to_regclass('magic_link_tokens')").fetchone() != (None,):
                connection.execute('DELETE FROM magic_link_tokens WHERE "usedAt" IS NOT NULL')

    change.afterwards(tidy)
