"""What a login does to the links and the count of its user; only a sequence shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_app import clock
from reference_app.addresses import normalise
from reference_app.auth.service import AuthService
from reference_app.magic_link import rate_limit
from reference_app.magic_link.service import MagicLinkService
from reference_app.magic_link.tokens import hash_token
from tests.mutants.change import Change
from tests.mutants.faults.sequences import (
    FORGET_ATTEMPTS,
    OPEN_LINKS,
    STEPS,
    owner,
    query,
    step_of,
)
from tests.mutants.model import mutant


def _after_a_password_login(change: Change, do: Callable[[Any, str, str], Any]) -> None:
    log_in = AuthService.log_in

    async def log_in_and_do(self: AuthService, email: str, password: str) -> str:
        user_id = await log_in(self, email, password)
        await do(self._users, user_id, email)
        return user_id

    change.replace(AuthService, "log_in", log_in_and_do)


def _after_a_login_by_link(change: Change, do: Callable[[Any, str, str], Any]) -> None:
    verify = MagicLinkService.verify

    async def verify_and_do(self: MagicLinkService, raw_token: str) -> str:
        user_id = await verify(self, raw_token)
        await do(self._repository, user_id, raw_token)
        return user_id

    change.replace(MagicLinkService, "verify", verify_and_do)


@mutant(
    fault="A password login lets the user's open links expire.",
    violates="FR-8",
    falls_with="FR-6",
    step=step_of("FR-8"),
    incident="Nobody who knows the password needs a link, it was said; the mail is open already.",
    explore=STEPS,
)
def password_login_ends_links(change: Change) -> None:
    async def end(users: Any, user_id: str, _: str) -> None:
        statement = f'UPDATE magic_link_tokens SET "expiresAt" = %s WHERE {OPEN_LINKS}'
        now = clock.now()
        await query(users, statement, now, user_id, now)

    _after_a_password_login(change, end)


@mutant(
    fault="A password login empties the address's count of requests.",
    violates="FR-7",
    step=step_of("FR-7"),
    incident="A limiter for wrong passwords is reset by a right one; both share the table.",
    explore=STEPS,
)
def password_login_empties_the_count(change: Change) -> None:
    async def forget(users: Any, _: str, email: str) -> None:
        await query(users, FORGET_ATTEMPTS, rate_limit.address_key(normalise(email).lower()))

    _after_a_password_login(change, forget)


@mutant(
    fault="A login by link empties the address's count of requests.",
    violates="FR-7",
    step=step_of("FR-7"),
    incident="Whoever logs in has shown that the mailbox is theirs; so may whoever reads along.",
    explore=STEPS,
)
def link_login_empties_the_count(change: Change) -> None:
    async def forget(links: Any, _: str, raw_token: str) -> None:
        _, email = await owner(links, raw_token)
        await query(links, FORGET_ATTEMPTS, rate_limit.address_key(normalise(email).lower()))

    _after_a_login_by_link(change, forget)


@mutant(
    fault="A login by link deletes the rows of the user's other links, used ones included.",
    violates="EC-5",
    falls_with="AC-4",
    step=step_of("EC-5"),
    incident="Tidying up; the link of the morning says INVALID in the evening.",
    explore=STEPS,
)
def link_login_forgets_the_others(change: Change) -> None:
    async def forget(links: Any, user_id: str, raw_token: str) -> None:
        await query(
            links,
            'DELETE FROM magic_link_tokens WHERE "userId" = %s AND "tokenHash" <> %s',
            user_id,
            hash_token(raw_token),
        )

    _after_a_login_by_link(change, forget)
