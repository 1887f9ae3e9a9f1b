"""How long the session of a link lives (FR-6)."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Response

from reference_app import clock
from reference_app.auth import sessions
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.tokens import LIFETIME
from tests.mutants.change import Change
from tests.mutants.faults.session import OtherClaims
from tests.mutants.model import mutant

_VERIFY = "/auth/magic-link/verify"
_NO_PASSWORD = 'SELECT 1 FROM users WHERE id = %s AND "passwordHash" IS NULL'
_WITHOUT_PASSWORD = set[str]()
# Ten minutes are as long as a process may well have run.
_STARTED_AT = datetime.now(UTC) - timedelta(minutes=10)
_EXPIRES_AT = 'SELECT "expiresAt" FROM magic_link_tokens WHERE "tokenHash" = %s'


class _ShortLived(OtherClaims):
    def _further(self) -> dict[str, Any]:
        return {"exp": int((clock.now() + timedelta(hours=1)).timestamp())}


@mutant(
    fault="The session of a link lives for an hour, password login's for seven days.",
    violates="FR-6",
    step="both sessions live equally long",
    incident="A library's default lifetime; people are logged out at lunch.",
)
def link_session_lives_an_hour(change: Change) -> None:
    change.sessions(_ShortLived, _VERIFY)


class _ShortWithoutPassword(OtherClaims):
    def start(self, response: Response, user_id: str) -> None:
        self.short = user_id in _WITHOUT_PASSWORD
        super().start(response, user_id)

    def _further(self) -> dict[str, Any]:
        day = {"exp": int((clock.now() + timedelta(days=1)).timestamp())}
        return day if self.short else {}


@mutant(
    fault="The session of a user without a password lives for a day, others' for seven.",
    violates="FR-6",
    step="both sessions live equally long",
    incident="Whoever set no password was taken for a guest.",
)
def password_less_sessions_are_short(change: Change) -> None:
    spend = MagicLinkRepository.spend

    async def spend_and_look(self: MagicLinkRepository, token_hash: str, now: datetime) -> str:
        user_id = await spend(self, token_hash, now)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_NO_PASSWORD, (user_id,))
            if await cursor.fetchone():
                _WITHOUT_PASSWORD.add(user_id)
        return user_id

    change.replace(MagicLinkRepository, "spend", spend_and_look)
    change.sessions(_ShortWithoutPassword, _VERIFY)


class _FromTheStart(OtherClaims):
    def _further(self) -> dict[str, Any]:
        return {
            "iat": int(_STARTED_AT.timestamp()),
            "exp": int((_STARTED_AT + sessions.LIFETIME).timestamp()),
        }


@mutant(
    fault="The session of a link is counted from the start of the process.",
    violates="FR-6",
    step="both sessions live equally long",
    incident="def start(response, user, now=timezone.now()): a default is computed once.",
)
def link_session_counts_from_the_start(change: Change) -> None:
    change.sessions(_FromTheStart, _VERIFY)


@mutant(
    fault="The session of a link is counted from the moment at which the link was made.",
    violates="FR-6",
    step="both sessions live equally long",
    incident="The JWT is made with the mail and handed out later; or one column times everything.",
)
def link_session_counts_from_the_link(change: Change) -> None:
    made_at = ContextVar[datetime]("made_at")
    spend = MagicLinkRepository.spend

    async def spend_and_look(self: MagicLinkRepository, token_hash: str, now: datetime) -> str:
        user_id = await spend(self, token_hash, now)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_EXPIRES_AT, (token_hash,))
            [expires_at] = await cursor.fetchone() or (now,)
        made_at.set(expires_at - LIFETIME)
        return user_id

    class FromTheLink(OtherClaims):
        def _further(self) -> dict[str, Any]:
            return {"exp": int((made_at.get() + sessions.LIFETIME).timestamp())}

    change.replace(MagicLinkRepository, "spend", spend_and_look)
    change.sessions(FromTheLink, _VERIFY)
