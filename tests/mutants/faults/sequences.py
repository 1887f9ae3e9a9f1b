"""Right each time that it is looked at alone, and wrong after something else."""

from __future__ import annotations

from typing import Any

from reference_app import clock
from reference_app.addresses import normalise
from reference_app.auth.service import AuthService
from reference_app.errors import (
    EmailSendFailed,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
    Unauthenticated,
)
from reference_app.magic_link import rate_limit
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import hash_token
from tests.mutants.change import Change
from tests.mutants.faults.limit import REMEMBER
from tests.mutants.model import mutant

STEPS = 1500
_OWNER = 'SELECT "userId"::text, email FROM magic_link_tokens JOIN users ON users.id = "userId"'
FORGET_ATTEMPTS = 'DELETE FROM magic_link_attempts WHERE "addressKey" = %s'
OPEN_LINKS = '"userId" = %s AND "usedAt" IS NULL AND "expiresAt" > %s'


def step_of(id_: str) -> str:
    return f"nothing that people did contradicts {id_}"


async def query(of: Any, statement: str, *parameters: object) -> list[Any]:
    async with of._pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []


async def owner(of: MagicLinkRepository, raw_token: str) -> tuple[str, str]:
    [row] = await query(of, f'{_OWNER} WHERE "tokenHash" = %s', hash_token(raw_token))
    return row[0], row[1]


@mutant(
    fault="Whoever has logged in by link is refused the next time.",
    violates="FR-6",
    step=step_of("FR-6"),
    incident="A row for each user's login by link, with a unique key, and its error caught.",
    explore=STEPS,
)
def second_login_by_link_refused(change: Change) -> None:
    spend = MagicLinkRepository.spend

    async def spend_once(self: MagicLinkRepository, token_hash: str, now: Any) -> str:
        used = await query(
            self,
            "SELECT 1 FROM magic_link_tokens AS one JOIN magic_link_tokens AS other"
            ' ON one."userId" = other."userId" AND other."usedAt" IS NOT NULL'
            ' WHERE one."tokenHash" = %s AND one."usedAt" IS NULL',
            token_hash,
        )
        if used:
            raise TokenInvalid
        return await spend(self, token_hash, now)

    change.replace(MagicLinkRepository, "spend", spend_once)


@mutant(
    fault="The third link of a user is mailed and not stored.",
    violates="FR-3",
    falls_with="FR-6",
    step=step_of("FR-3"),
    incident="A clean-up that keeps two links for each user ran after the insert, oldest first.",
    explore=STEPS,
)
def third_link_not_stored(change: Change) -> None:
    accept = MagicLinkRepository.accept_request

    async def accept_two(self: MagicLinkRepository, address: str, token_hash: str, now: Any) -> Any:
        recipient = await accept(self, address, token_hash, now)
        if recipient is not None:
            await query(
                self,
                'DELETE FROM magic_link_tokens WHERE "tokenHash" = %s AND'
                ' (SELECT count(*) FROM magic_link_tokens WHERE "userId" = %s) = 3',
                token_hash,
                recipient.user_id,
            )
        return recipient

    change.replace(MagicLinkRepository, "accept_request", accept_two)


@mutant(
    fault="An expired link that is opened counts as a request.",
    violates="FR-7",
    falls_with="EC-3",
    step=step_of("FR-7"),
    incident="A new link was to be mailed by itself, counted first, and never written.",
    explore=STEPS,
)
def expired_link_counts_as_a_request(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_and_count(self: MagicLinkService, raw_token: str) -> str:
        try:
            return await verify(self, raw_token)
        except TokenExpired:
            _, email = await owner(self._repository, raw_token)
            key = rate_limit.address_key(normalise(email).lower())
            await query(self._repository, REMEMBER, key, clock.now())
            raise

    change.replace(MagicLinkService, "verify", verify_and_count)


@mutant(
    fault="A used link that is opened again deletes the user's open links.",
    violates="FR-6",
    step=step_of("FR-6"),
    incident="Reuse detection, as refresh tokens have it; a mail scanner is enough.",
    explore=STEPS,
)
def used_link_revokes_the_others(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_or_revoke(self: MagicLinkService, raw_token: str) -> str:
        try:
            return await verify(self, raw_token)
        except TokenUsed:
            user_id, _ = await owner(self._repository, raw_token)
            statement = f"DELETE FROM magic_link_tokens WHERE {OPEN_LINKS}"
            await query(self._repository, statement, user_id, clock.now())
            raise

    change.replace(MagicLinkService, "verify", verify_or_revoke)


@mutant(
    fault="A mail that cannot be sent makes the user's used links valid again.",
    violates="EC-5",
    falls_with="AC-4",
    step=step_of("EC-5"),
    incident="What the request did was to be undone, by a column that logins write, too.",
    explore=2 * STEPS,
)
def failed_send_revives_used_links(change: Change) -> None:
    request = MagicLinkService.request

    async def request_or_revive(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except EmailSendFailed:
            await query(
                self._repository,
                'UPDATE magic_link_tokens SET "usedAt" = NULL FROM users'
                ' WHERE users.id = "userId" AND lower(email) = lower(%s)',
                normalise(email),
            )
            raise

    change.replace(MagicLinkService, "request", request_or_revive)


@mutant(
    fault="The second mail in an hour that cannot be sent is answered as if it had been.",
    violates="EC-7",
    falls_with="NFR-3",
    step=step_of("EC-7"),
    incident="Alarms for the first failure only; the answer went the way of the alarm.",
    explore=STEPS,
)
def second_failed_mail_hushed_up(change: Change) -> None:
    request, failed = MagicLinkService.request, set[str]()

    async def request_and_hush(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except EmailSendFailed:
            if email not in failed:
                failed.add(email)
                raise

    change.replace(MagicLinkService, "request", request_and_hush)


@mutant(
    fault="A user's status is remembered from the first request on.",
    violates="EC-2",
    # Who was deleted is remembered as well.
    falls_with="AC-6 EC-1",
    step=step_of("EC-2"),
    incident="The user was cached for the hour of the limit, status included.",
    explore=STEPS,
)
def status_remembered(change: Change) -> None:
    store, known = MagicLinkRepository._store_token, dict[str, Any]()

    async def store_for_the_known(
        self: MagicLinkRepository, connection: Any, address: str, token_hash: str, now: Any
    ) -> Any:
        recipient = await store(self, connection, address, token_hash, now)
        if recipient is not None:
            known[address] = recipient
        return known.get(address)

    change.replace(MagicLinkRepository, "_store_token", store_for_the_known)


@mutant(
    fault="The password is refused while the user has an open link.",
    violates="AC-10",
    step=step_of("AC-10"),
    incident="A state machine of logins: one that has begun must be ended first.",
    explore=STEPS,
)
def password_refused_while_a_link_is_open(change: Change) -> None:
    log_in = AuthService.log_in

    async def log_in_or_not(self: AuthService, email: str, password: str) -> str:
        user_id = await log_in(self, email, password)
        statement = f"SELECT 1 FROM magic_link_tokens WHERE {OPEN_LINKS}"
        if await query(self._users, statement, user_id, clock.now()):
            raise Unauthenticated
        return user_id

    change.replace(AuthService, "log_in", log_in_or_not)
