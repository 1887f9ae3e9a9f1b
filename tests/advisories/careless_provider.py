"""Careless about its mail provider: an outage tells addresses apart, a hung provider never ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_app import addresses, clock
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import hash_token
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change

if TYPE_CHECKING:
    from reference_app.magic_link.repository import Recipient

SPEAKS = frozenset(
    {
        "an outage of the mail provider does not tell addresses apart",
        "a link works before the mail provider has confirmed the mail",
        "a mail provider that never answers does not hold a request open without end",
    }
)


def alter(change: Change) -> None:
    """Wait for the provider without end, send first and store then, send strangers nothing."""
    change.settings(mail_timeout_seconds=60.0)
    send = MagicLinkService._send

    async def nothing(self: SmtpSender, subject: str, html: str) -> None:
        pass

    async def store_afterwards(
        self: MagicLinkService, recipient: Recipient | None, raw_token: str
    ) -> None:
        token_hash = hash_token(raw_token)
        await self._repository.delete_token(token_hash)
        await send(self, recipient, raw_token)
        if recipient is not None:
            address = addresses.normalise(recipient.email)
            async with self._repository._pool.connection() as connection:
                await self._repository._store_token(connection, address, token_hash, clock.now())

    change.replace(SmtpSender, "rehearse", nothing)
    change.replace(MagicLinkService, "_send", store_afterwards)
