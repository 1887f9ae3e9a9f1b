"""Password login, which must not change (AC-10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Response

from reference_app.addresses import normalise
from reference_app.auth.dependencies import Auth, SessionStarter
from reference_app.auth.passwords import Passwords
from reference_app.auth.schemas import Credentials, LoggedIn
from reference_app.auth.service import AuthService
from reference_app.auth.sessions import Sessions
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.mutants.model import mutant

_LOGIN = "/auth/login"


@mutant(
    fault="A login by link wipes the user's password.",
    violates="AC-10",
    falls_with="FR-6",
    step="the answer is 200",
    incident="The account was converted to password-less behind its owner's back.",
)
def link_wipes_the_password(change: Change) -> None:
    spend = MagicLinkRepository._mark_used

    async def spend_and_wipe(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> str | None:
        user_id = await spend(self, token_hash, now)
        async with self._pool.connection() as connection:
            await connection.execute(
                'UPDATE users SET "passwordHash" = NULL WHERE id = %s', (user_id,)
            )
        return user_id

    change.replace(MagicLinkRepository, "_mark_used", spend_and_wipe)


@mutant(
    fault="Password login accepts any password.",
    violates="AC-10",
    step="the answer sets no session cookie",
    incident="The comparison's promise was not awaited, and a promise is true.",
)
def any_password_will_do(change: Change) -> None:
    verify = Passwords.verify

    async def accept(self: Passwords, password_hash: str | None, password: str) -> bool:
        await verify(self, password_hash, password)
        return password_hash is not None

    change.replace(Passwords, "verify", accept)


@mutant(
    fault="A user who has no password logs in with any.",
    violates="AC-10",
    step="the answer sets no session cookie",
    incident="No hash, nothing to compare: the check was skipped along with it.",
)
def no_password_needs_none(change: Change) -> None:
    log_in = AuthService.log_in

    async def let_in(self: AuthService, email: str, password: str) -> str:
        user = await self._users.by_address(normalise(email))
        if user is not None and user.is_active and user.password_hash is None:
            return user.id
        return await log_in(self, email, password)

    change.replace(AuthService, "log_in", let_in)


@mutant(
    fault="Whoever logs in with an address that nobody registered gets a session of their own.",
    violates="AC-10",
    step="the answer sets no session cookie",
    incident="Signing up and logging in became one form.",
)
def strangers_are_logged_in(change: Change) -> None:
    log_in = AuthService.log_in

    async def sign_up(self: AuthService, email: str, password: str) -> str:
        if await self._users.by_address(normalise(email)) is None:
            return str(uuid4())
        return await log_in(self, email, password)

    change.replace(AuthService, "log_in", sign_up)


class _Readable(Sessions):
    def start(self, response: Response, user_id: str) -> None:
        super().start(response, user_id)
        cookie = response.headers["set-cookie"]
        response.headers["set-cookie"] = cookie.replace("; HttpOnly", "")


@mutant(
    fault="The cookie of either login is not httpOnly.",
    violates="AC-2 AC-10",
    falls_with="FR-5 FR-6 FR-8",
    step='the answer sets the session cookie "auth_token"',
    incident="The common session module took the weaker of two settings.",
)
def either_cookie_readable_by_scripts(change: Change) -> None:
    change.sessions(_Readable)


async def _answer_204(
    credentials: Credentials,
    response: Response,
    service: Auth,
    starter: SessionStarter,
) -> None:
    user_id = await service.log_in(credentials.email, credentials.password)
    starter.start(response, user_id)


@mutant(
    fault="Password login answers 204.",
    violates="AC-10",
    falls_with="FR-6",
    step="the answer is 200",
    incident="Nothing but the cookie was thought to matter.",
)
def login_answers_204(change: Change) -> None:
    change.endpoint("POST", _LOGIN, _answer_204, status_code=204)


async def _without_cookie(
    credentials: Credentials,
    service: Auth,
) -> Any:
    return LoggedIn(userId=await service.log_in(credentials.email, credentials.password))


@mutant(
    fault="Password login sets no cookie.",
    violates="AC-10",
    falls_with="FR-6",
    step='the answer sets the session cookie "auth_token"',
    incident="The line that set it moved into the magic link's handler.",
)
def login_sets_no_cookie(change: Change) -> None:
    change.endpoint("POST", _LOGIN, _without_cookie)


@mutant(
    fault="Users who logged in by link once can no longer log in by password.",
    violates="AC-10",
    falls_with="FR-6",
    step="the answer is 200",
    incident="A flag for the preferred way to log in, read as the only one.",
)
def link_shuts_out_the_password(change: Change) -> None:
    spend, log_in = MagicLinkRepository._mark_used, AuthService.log_in
    by_link: set[str | None] = set()

    async def spend_and_note(self: MagicLinkRepository, *given: Any) -> Any:
        user_id = await spend(self, *given)
        by_link.add(user_id)
        return user_id

    async def log_in_unless(self: AuthService, email: str, password: str) -> str:
        user_id = await log_in(self, email, password)
        return await log_in(self, email, "") if user_id in by_link else user_id

    change.replace(MagicLinkRepository, "_mark_used", spend_and_note)
    change.replace(AuthService, "log_in", log_in_unless)
