"""Right the first times and wrong when it is tried once more; only a sequence shows it."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import Any

from reference_app import clock
from reference_app.addresses import normalise
from reference_app.errors import (
    ApiError,
    EmailSendFailed,
    RateLimitExceeded,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
)
from reference_app.magic_link import rate_limit
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import generate_token, hash_token
from tests.mutants.change import Change
from tests.mutants.faults.sequences import STEPS, query, step_of
from tests.mutants.model import mutant

_TOKEN_LENGTH = 64
_A_QUARTER = "interval '15 minutes'"


@mutant(
    fault="An address that nobody registered is invited when it comes back after a quarter.",
    violates="AC-6",
    falls_with="EC-1",
    step=step_of("AC-6"),
    incident="Whoever tries twice wants an account, it was thought.",
    explore=STEPS,
)
def returning_stranger_is_invited(change: Change) -> None:
    accept = MagicLinkRepository.accept_request
    send = MagicLinkService._send

    async def accept_and_note(
        self: MagicLinkRepository, address: str, token_hash: str, now: Any
    ) -> Any:
        found = await accept(self, address, token_hash, now)
        if found is None:
            statement = (
                'SELECT 1 FROM magic_link_attempts WHERE "addressKey" = %s'
                f' AND "attemptedAt" < %s - {_A_QUARTER}'
            )
            key = rate_limit.address_key(address.lower())
            if await query(self, statement, key, now):
                invited[token_hash] = address
        return found

    async def send_or_invite(self: MagicLinkService, recipient: Any, raw_token: str) -> None:
        address = invited.pop(hash_token(raw_token), None)
        if address is not None and "@" in address:
            await self._mail.send(
                address, self._texts.subject, "<p>You have no account. Join us!</p>"
            )
            return
        await send(self, recipient, raw_token)

    invited = dict[str, str]()
    change.replace(MagicLinkRepository, "accept_request", accept_and_note)
    change.replace(MagicLinkService, "_send", send_or_invite)


@mutant(
    fault="Whoever has logged in within the hour and is refused gets a mail all the same.",
    violates="AC-7",
    falls_with="AC-1 FR-3",
    step=step_of("AC-7"),
    incident="The limit is against strangers; who has just logged in is no stranger.",
    explore=STEPS,
)
def refused_user_is_mailed_after_a_login(change: Change) -> None:
    request = MagicLinkService.request

    async def request_and_mail(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except RateLimitExceeded:
            used = await query(
                self._repository,
                'SELECT 1 FROM magic_link_tokens JOIN users ON users.id = "userId"'
                " WHERE lower(email) = lower(%s) AND status = 'active' AND \"usedAt\" > %s",
                normalise(email),
                clock.now() - rate_limit.WINDOW,
            )
            if used:
                await self._mail.send(email, self._texts.subject, self._mail_body(generate_token()))
            raise

    change.replace(MagicLinkService, "request", request_and_mail)


@mutant(
    fault="The third refusal in a row names another error.",
    violates="EC-3",
    step=step_of("EC-3"),
    incident="A second limiter behind the first, against those who do not give up.",
    explore=STEPS,
)
def third_refusal_names_another_error(change: Change) -> None:
    class AddressLocked(ApiError):
        status = 429
        code = "ADDRESS_LOCKED"

    request, refusals = MagicLinkService.request, Counter[str]()

    async def request_or_lock(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except RateLimitExceeded:
            refusals[email] += 1
            if refusals[email] >= 3:
                raise AddressLocked from None
            raise
        refusals.pop(email, None)

    change.replace(MagicLinkService, "request", request_or_lock)


@mutant(
    fault="An expired link that is opened for the third time is called invalid.",
    violates="EC-4",
    falls_with="AC-5",
    step=step_of("EC-4"),
    incident="Who asks three times is told less.",
    explore=STEPS,
)
def expired_link_is_invalid_the_third_time(change: Change) -> None:
    verify, times = MagicLinkService.verify, Counter[str]()

    async def verify_and_count(self: MagicLinkService, raw_token: str) -> str:
        try:
            return await verify(self, raw_token)
        except TokenExpired:
            times[raw_token] += 1
            if times[raw_token] >= 3:
                raise TokenInvalid from None
            raise

    change.replace(MagicLinkService, "verify", verify_and_count)


@mutant(
    fault="A used token with a character added is called used.",
    violates="EC-6",
    step=step_of("EC-6"),
    incident="What is presented is cut to the length of a token where the reason is looked up.",
    explore=STEPS,
)
def used_token_and_more_is_used(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_and_explain(self: MagicLinkService, raw_token: str) -> str:
        try:
            return await verify(self, raw_token)
        except TokenInvalid:
            cut = hash_token(raw_token[:_TOKEN_LENGTH])
            statement = 'SELECT 1 FROM magic_link_tokens WHERE "tokenHash" = %s'
            if await query(self._repository, f'{statement} AND "usedAt" IS NOT NULL', cut):
                raise TokenUsed from None
            raise

    change.replace(MagicLinkService, "verify", verify_and_explain)


@mutant(
    fault="Of a user's second mail that cannot be sent the row is kept.",
    violates="NFR-3",
    falls_with="EC-7",
    step=step_of("NFR-3"),
    incident="The clean-up was to run once for each user, and ran once.",
    explore=STEPS,
)
def second_failed_send_keeps_its_row(change: Change) -> None:
    request, delete = MagicLinkService.request, MagicLinkRepository.delete_token
    failed, kept = Counter[str](), ContextVar[bool]("kept", default=False)

    async def request_and_count(self: MagicLinkService, email: str) -> None:
        kept.set(failed[email] > 0)
        try:
            await request(self, email)
        except EmailSendFailed:
            failed[email] += 1
            raise

    async def delete_the_first(self: MagicLinkRepository, token_hash: str) -> None:
        if not kept.get():
            await delete(self, token_hash)

    change.replace(MagicLinkService, "request", request_and_count)
    change.replace(MagicLinkRepository, "delete_token", delete_the_first)
