"""Right each time that it is looked at alone, and wrong after something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

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

_STEPS = 1500
_OWNER = 'SELECT "userId", email FROM magic_link_tokens JOIN users ON users.id = "userId"'
_FORGET_ATTEMPTS = 'DELETE FROM magic_link_attempts WHERE "addressKey" = %s'
_OPEN_LINKS = '"userId" = %s AND "usedAt" IS NULL AND "expiresAt" > %s'


def _step(id_: str) -> str:
    return f"nothing that people did contradicts {id_}"


async def _query(of: Any, statement: str, *parameters: object) -> list[Any]:
    async with of._pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []


async def _owner(of: MagicLinkRepository, raw_token: str) -> tuple[UUID, str]:
    [row] = await _query(of, f'{_OWNER} WHERE "tokenHash" = %s', hash_token(raw_token))
    return row[0], row[1]


def _after_a_password_login(change: Change, do: Callable[[Any, UUID, str], Any]) -> None:
    log_in = AuthService.log_in

    async def log_in_and_do(self: AuthService, email: str, password: str) -> UUID:
        user_id = await log_in(self, email, password)
        await do(self._users, user_id, email)
        return user_id

    change.replace(AuthService, "log_in", log_in_and_do)


def _after_a_login_by_link(change: Change, do: Callable[[Any, UUID, str], Any]) -> None:
    verify = MagicLinkService.verify

    async def verify_and_do(self: MagicLinkService, raw_token: str) -> UUID:
        user_id = await verify(self, raw_token)
        await do(self._repository, user_id, raw_token)
        return user_id

    change.replace(MagicLinkService, "verify", verify_and_do)


@mutant(
    fault="Whoever has logged in by link is refused the next time.",
    violates="FR-6",
    step=_step("FR-6"),
    incident="A row for each user's login by link, with a unique key, and its error caught.",
    explore=_STEPS,
)
def second_login_by_link_refused(change: Change) -> None:
    spend = MagicLinkRepository.spend

    async def spend_once(self: MagicLinkRepository, token_hash: str, now: Any) -> UUID:
        used = await _query(
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
    step=_step("FR-3"),
    incident="A clean-up that keeps two links for each user ran after the insert, oldest first.",
    explore=_STEPS,
)
def third_link_not_stored(change: Change) -> None:
    accept = MagicLinkRepository.accept_request

    async def accept_two(self: MagicLinkRepository, address: str, token_hash: str, now: Any) -> Any:
        recipient = await accept(self, address, token_hash, now)
        if recipient is not None:
            await _query(
                self,
                'DELETE FROM magic_link_tokens WHERE "tokenHash" = %s AND'
                ' (SELECT count(*) FROM magic_link_tokens WHERE "userId" = %s) = 3',
                token_hash,
                recipient.user_id,
            )
        return recipient

    change.replace(MagicLinkRepository, "accept_request", accept_two)


@mutant(
    fault="A password login deletes the user's open links.",
    violates="FR-6",
    step=_step("FR-6"),
    incident="Nobody who knows the password needs a link, it was said; the mail is open already.",
    explore=_STEPS,
)
def password_login_revokes_links(change: Change) -> None:
    async def revoke(users: Any, user_id: UUID, _: str) -> None:
        statement = f"DELETE FROM magic_link_tokens WHERE {_OPEN_LINKS}"
        await _query(users, statement, user_id, clock.now())

    _after_a_password_login(change, revoke)


@mutant(
    fault="A password login gives the user's open links another 15 minutes.",
    violates="FR-8",
    falls_with="EC-4",
    step=_step("FR-8"),
    incident="Every activity prolongs the session; links were taken for a part of it.",
    explore=2 * _STEPS,
)
def password_login_prolongs_links(change: Change) -> None:
    async def prolong(users: Any, user_id: UUID, _: str) -> None:
        await _query(
            users,
            "UPDATE magic_link_tokens SET \"expiresAt\" = %s + interval '15 minutes'"
            f" WHERE {_OPEN_LINKS}",
            clock.now(),
            user_id,
            clock.now(),
        )

    _after_a_password_login(change, prolong)


@mutant(
    fault="A password login empties the address's count of requests.",
    violates="FR-7",
    step=_step("FR-7"),
    incident="A limiter for wrong passwords is reset by a right one; both share the table.",
    explore=_STEPS,
)
def password_login_empties_the_count(change: Change) -> None:
    async def forget(users: Any, _: UUID, email: str) -> None:
        await _query(users, _FORGET_ATTEMPTS, rate_limit.address_key(normalise(email)))

    _after_a_password_login(change, forget)


@mutant(
    fault="A login by link empties the address's count of requests.",
    violates="FR-7",
    step=_step("FR-7"),
    incident="Whoever logs in has shown that the mailbox is theirs; so may whoever reads along.",
    explore=_STEPS,
)
def link_login_empties_the_count(change: Change) -> None:
    async def forget(links: Any, _: UUID, raw_token: str) -> None:
        _, email = await _owner(links, raw_token)
        await _query(links, _FORGET_ATTEMPTS, rate_limit.address_key(normalise(email)))

    _after_a_login_by_link(change, forget)


@mutant(
    fault="A login by link deletes the rows of the user's other links, used ones included.",
    violates="EC-5",
    falls_with="AC-4",
    step=_step("EC-5"),
    incident="Tidying up; the link of the morning says INVALID in the evening.",
    explore=_STEPS,
)
def link_login_forgets_the_others(change: Change) -> None:
    async def forget(links: Any, user_id: UUID, raw_token: str) -> None:
        await _query(
            links,
            'DELETE FROM magic_link_tokens WHERE "userId" = %s AND "tokenHash" <> %s',
            user_id,
            hash_token(raw_token),
        )

    _after_a_login_by_link(change, forget)


@mutant(
    fault="An expired link that is opened counts as a request.",
    violates="FR-7",
    falls_with="EC-3",
    step=_step("FR-7"),
    incident="A new link was to be mailed by itself, counted first, and never written.",
    explore=_STEPS,
)
def expired_link_counts_as_a_request(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_and_count(self: MagicLinkService, raw_token: str) -> UUID:
        try:
            return await verify(self, raw_token)
        except TokenExpired:
            _, email = await _owner(self._repository, raw_token)
            key = rate_limit.address_key(normalise(email))
            await _query(self._repository, REMEMBER, key, clock.now())
            raise

    change.replace(MagicLinkService, "verify", verify_and_count)


@mutant(
    fault="A used link that is opened again deletes the user's open links.",
    violates="FR-6",
    step=_step("FR-6"),
    incident="Reuse detection, as refresh tokens have it; a mail scanner is enough.",
    explore=_STEPS,
)
def used_link_revokes_the_others(change: Change) -> None:
    verify = MagicLinkService.verify

    async def verify_or_revoke(self: MagicLinkService, raw_token: str) -> UUID:
        try:
            return await verify(self, raw_token)
        except TokenUsed:
            user_id, _ = await _owner(self._repository, raw_token)
            statement = f"DELETE FROM magic_link_tokens WHERE {_OPEN_LINKS}"
            await _query(self._repository, statement, user_id, clock.now())
            raise

    change.replace(MagicLinkService, "verify", verify_or_revoke)


@mutant(
    fault="A mail that cannot be sent makes the user's used links valid again.",
    violates="EC-5",
    falls_with="AC-4",
    step=_step("EC-5"),
    incident="What the request did was to be undone, by a column that logins write, too.",
    explore=2 * _STEPS,
)
def failed_send_revives_used_links(change: Change) -> None:
    request = MagicLinkService.request

    async def request_or_revive(self: MagicLinkService, email: str) -> None:
        try:
            await request(self, email)
        except EmailSendFailed:
            await _query(
                self._repository,
                'UPDATE magic_link_tokens SET "usedAt" = NULL FROM users'
                ' WHERE users.id = "userId" AND lower(email) = %s',
                normalise(email),
            )
            raise

    change.replace(MagicLinkService, "request", request_or_revive)


@mutant(
    fault="The second mail in an hour that cannot be sent is answered as if it had been.",
    violates="EC-7",
    falls_with="NFR-3",
    step=_step("EC-7"),
    incident="Alarms for the first failure only; the answer went the way of the alarm.",
    explore=_STEPS,
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
    step=_step("EC-2"),
    incident="The user was cached for the hour of the limit, status included.",
    explore=_STEPS,
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
    step=_step("AC-10"),
    incident="A state machine of logins: one that has begun must be ended first.",
    explore=_STEPS,
)
def password_refused_while_a_link_is_open(change: Change) -> None:
    log_in = AuthService.log_in

    async def log_in_or_not(self: AuthService, email: str, password: str) -> UUID:
        user_id = await log_in(self, email, password)
        statement = f"SELECT 1 FROM magic_link_tokens WHERE {_OPEN_LINKS}"
        if await _query(self._users, statement, user_id, clock.now()):
            raise Unauthenticated
        return user_id

    change.replace(AuthService, "log_in", log_in_or_not)
