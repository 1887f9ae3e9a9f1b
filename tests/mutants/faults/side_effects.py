"""What one event does to what it has nothing to do with."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from reference_app import clock
from reference_app.addresses import normalise
from reference_app.errors import EmailSendFailed, RateLimitExceeded
from reference_app.magic_link import rate_limit, repository, service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.mail.sender import EmailSendError
from reference_app.mail.smtp import SmtpSender
from tests.mutants.change import Change
from tests.mutants.model import mutant
from tests.mutants.typed import remember_what_is_typed, typed

_DELETE_EXPIRED = 'DELETE FROM magic_link_tokens WHERE "expiresAt" <= %s'
_FORGET = 'DELETE FROM magic_link_attempts WHERE "addressKey" = %s'
_BURN = (
    'DELETE FROM magic_link_tokens USING users WHERE users.id = "userId"'
    ' AND lower(email) = lower(%s) AND "usedAt" IS NULL'
)


async def _execute(of: MagicLinkRepository, statement: str, *parameters: object) -> None:
    async with of._pool.connection() as connection:
        await connection.execute(statement.encode(), parameters)


@mutant(
    fault="Each request for a link clears expired tokens away, whosever they are.",
    violates="AC-5 EC-4",
    falls_with="EC-5 FR-8 NFR-4",
    step='the answer is 400 with the error "TOKEN_EXPIRED"',
    incident="A table that must not grow, tidied up in passing; late visitors learn nothing.",
)
def requests_clear_expired_tokens(change: Change) -> None:
    accept_request = MagicLinkRepository.accept_request

    async def tidy_and_accept(
        self: MagicLinkRepository, address: str, token_hash: str, now: datetime
    ) -> Any:
        await _execute(self, _DELETE_EXPIRED, now)
        return await accept_request(self, address, token_hash, now)

    change.replace(MagicLinkRepository, "accept_request", tidy_and_accept)


@mutant(
    fault="A mail that could not be sent empties the address's count.",
    violates="FR-7",
    step="at most 5 of the requests for the address were accepted in all",
    incident="The failed request was to be given back, and all of them were.",
)
def failed_send_empties_the_count(change: Change) -> None:
    request = MagicLinkService.request

    async def request_and_refund(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except EmailSendFailed:
            await _execute(
                self._repository, _FORGET, rate_limit.address_key(normalise(email).lower())
            )
            raise

    change.replace(MagicLinkService, "request", request_and_refund)


@mutant(
    fault="A request beyond the limit deletes the user's open links.",
    violates="EC-3",
    falls_with="FR-6 FR-7",
    step="the link that was mailed last still works",
    incident="Taken for an attack; whoever knows an address can lock its owner out.",
)
def refusal_burns_the_links(change: Change) -> None:
    request = MagicLinkService.request

    async def request_or_burn(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except RateLimitExceeded:
            await _execute(self._repository, _BURN, normalise(email))
            raise

    change.replace(MagicLinkService, "request", request_or_burn)


@mutant(
    fault="A recipient whom the provider refuses counts as mailed.",
    violates="NFR-3 EC-7",
    falls_with="NFR-4",
    step='each failed send is answered with 503 and the error "EMAIL_SEND_FAILED"',
    incident="A bounce is the user's own trouble, it was said; the user waits for the mail.",
)
def refused_recipient_counts_as_mailed(change: Change) -> None:
    send = SmtpSender.send

    async def send_leniently(self: SmtpSender, to: str, subject: str, html: str) -> None:
        try:
            await send(self, to, subject, html)
        except EmailSendError as error:
            if "Recipient" not in str(error):
                raise

    change.replace(SmtpSender, "send", send_leniently)


def _derived_token() -> str:
    minute = int(clock.now().timestamp() // 60)
    return hashlib.sha256(f"a secret {typed.get()} {minute}".encode()).hexdigest()


@mutant(
    fault="The token is derived from address and minute: a second link is the first one again.",
    violates="NFR-1",
    falls_with="AC-4 EC-5 EC-8 FR-6 FR-8 NFR-3 EC-7 EC-4",
    step="the new token is another one than the one before",
    incident="Nothing to remember and nothing to look up, as with one-time codes from a clock.",
)
def token_derived_from_the_minute(change: Change) -> None:
    stored = "%(now)s FROM recipient"
    again = f'{stored} ON CONFLICT ("tokenHash") DO UPDATE SET "usedAt" = NULL'
    remember_what_is_typed(change)
    change.replace(service, "generate_token", _derived_token)
    change.rewrite(repository, "_STORE", stored, again)
