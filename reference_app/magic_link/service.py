"""Asking for a link and spending it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import psycopg

from reference_app import addresses, clock, metrics
from reference_app.errors import (
    ApiError,
    EmailSendFailed,
    RateLimitExceeded,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
)
from reference_app.magic_link.texts import ENGLISH, MailTexts
from reference_app.magic_link.tokens import LIFETIME, generate_token, hash_token
from reference_app.mail.sender import EmailSendError

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from reference_app.magic_link.repository import MagicLinkRepository, Recipient
    from reference_app.mail.sender import EmailSender

# How often a row is tried to delete that an outage of the database kept.
RETRY_SECONDS = 5.0

_REFUSED_TOKENS: dict[type[ApiError], str] = {
    TokenUsed: "magic_link_used_token_presented",
    TokenExpired: "magic_link_expired_token_presented",
    TokenInvalid: "magic_link_invalid_token_presented",
}


class MagicLinkService:
    """The two operations of a magic link."""

    def __init__(
        self,
        repository: MagicLinkRepository,
        mail: EmailSender,
        app_base_url: str,
        log: FilteringBoundLogger,
        texts: MailTexts = ENGLISH,
    ) -> None:
        self._repository = repository
        self._mail = mail
        self._app_base_url = app_base_url
        self._log = log
        self._texts = texts
        # Only so that they are not forgotten: the event loop does not hold them.
        self._late_deletions: set[asyncio.Task[None]] = set()

    @metrics.LINKS.counted()
    async def request(self, email: str) -> None:
        """Mail a link to the active user with this address (FR-3).

        For everybody else it does the same work without a mail, so that neither the answer nor its
        time tells who is registered (AC-9, EC-1, EC-2). Raises RateLimitExceeded, EmailSendFailed.
        """
        address = addresses.normalise(email)
        domain = addresses.domain(address)
        self._log.info("magic_link_requested", email_domain=domain)
        raw_token = generate_token()
        try:
            # Committed before the mail goes out: the link works the moment it arrives.
            recipient = await self._repository.accept_request(
                address, hash_token(raw_token), clock.now()
            )
        except RateLimitExceeded:
            self._log.warning("magic_link_rate_limited", email_domain=domain)
            raise
        try:
            await self._send(recipient, raw_token)
        except EmailSendError as error:
            self._log.error("magic_link_email_failed", email_domain=domain, reason=str(error))
            await self._delete(hash_token(raw_token))
            raise EmailSendFailed from error

    @metrics.TOKENS.counted()
    async def verify(self, raw_token: str) -> str:
        """Spend a token and return whose it was. Raises TokenUsed, TokenExpired, TokenInvalid."""
        try:
            user_id = await self._repository.spend(hash_token(raw_token), clock.now())
        except (TokenUsed, TokenExpired, TokenInvalid) as refusal:
            self._log.warning(_REFUSED_TOKENS[type(refusal)])
            raise
        self._log.info("magic_link_verified", user_id=user_id)
        return user_id

    async def _send(self, recipient: Recipient | None, raw_token: str) -> None:
        html = self._mail_body(raw_token)
        with metrics.MAIL_SECONDS.time():
            if recipient is None:
                await self._mail.rehearse(self._texts.subject, html)
                return
            await self._mail.send(recipient.email, self._texts.subject, html)
        self._log.info("magic_link_sent", user_id=recipient.user_id)

    async def _delete(self, token_hash: str) -> None:
        try:
            await self._repository.delete_token(token_hash)
        except psycopg.Error as error:
            self._log.error("magic_link_token_not_deleted", error_type=type(error).__name__)
            task = asyncio.create_task(self._delete_late(token_hash))
            self._late_deletions.add(task)
            task.add_done_callback(self._late_deletions.discard)

    async def _delete_late(self, token_hash: str) -> None:
        """Delete the row once the database is back; when it has expired, retention does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LIFETIME.total_seconds()):
                while True:
                    await asyncio.sleep(RETRY_SECONDS)
                    with suppress(psycopg.Error):
                        return await self._repository.delete_token(token_hash)

    def _mail_body(self, raw_token: str) -> str:
        link = escape(f"{self._app_base_url}/auth/magic-link/verify?token={raw_token}")
        minutes = int(LIFETIME.total_seconds() // 60)
        note = self._texts.note.format(minutes=minutes)
        return (
            f'<!doctype html>\n<html lang="{self._texts.lang}">'
            f"<p>{escape(self._texts.invitation)}</p>"
            f'<p><a href="{link}">{link}</a></p>'
            f"<p>{escape(note)}</p></html>"
        )
