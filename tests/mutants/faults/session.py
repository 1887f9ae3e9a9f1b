"""The session that a link yields, and where it is accepted (FR-6, AC-2, AC-3)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from fastapi import Response
from fastapi.responses import JSONResponse

from reference_app.auth import sessions
from reference_app.auth.dependencies import CurrentUser, SessionStarter
from reference_app.auth.schemas import LoggedIn
from reference_app.auth.sessions import Sessions
from reference_app.magic_link.endpoints import Service
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import TokenPresented
from tests.mutants.change import Change
from tests.mutants.model import mutant

_VERIFY = "/auth/magic-link/verify"
_COOKIE = 'the answer sets the session cookie "auth_token"'
_USER_ID = "the answer is 200 with the user's id"


class OtherClaims(Sessions):
    def _encode(self, user_id: str) -> str:
        claims = jwt.decode(super()._encode(user_id), options={"verify_signature": False})
        return jwt.encode(claims | self._further(), self._secret, algorithm=sessions.ALGORITHM)

    def _further(self) -> dict[str, Any]:
        return {"login": "magic_link"}


@mutant(
    fault="The JWT of a link has a claim that password login's has not.",
    violates="FR-6",
    step="both sessions have the same algorithm and the same claims",
    incident="To distinguish logins later on; some services then treat them differently.",
)
def link_session_has_a_further_claim(change: Change) -> None:
    change.sessions(OtherClaims, _VERIFY)


class _OfAnotherUser(Sessions):
    def _encode(self, user_id: str) -> str:
        return super()._encode(str(UUID(int=UUID(user_id).int ^ 1)))


@mutant(
    fault="The JWT's subject is not the user's id.",
    violates="AC-2 AC-3",
    falls_with="FR-5 FR-6 FR-8",
    step="the session belongs to the user",
    incident="The token row's id instead of its userId: both are UUIDs.",
)
def session_names_another_id(change: Change) -> None:
    change.sessions(_OfAnotherUser, _VERIFY)


class _OtherKey(Sessions):
    def _encode(self, user_id: str) -> str:
        own = Sessions(secrets.token_hex(32), secure_cookie=True)
        return own._encode(user_id)


@mutant(
    fault="The session of a link is signed with another key, which nothing else accepts.",
    violates="AC-2 AC-3",
    falls_with="FR-5 FR-6 FR-8",
    step="each of them accepts the session",
    incident="A new module that reads a setting of its own.",
)
def session_signed_with_another_key(change: Change) -> None:
    change.sessions(_OtherKey, _VERIFY)


class _Unverified(Sessions):
    def user_id(self, token: str) -> str | None:
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
            return str(claims["sub"])
        except (jwt.InvalidTokenError, ValueError, KeyError, TypeError):
            return None


@mutant(
    fault="Sessions are read without verifying their signature.",
    violates="AC-3",
    falls_with="FR-6",
    step="each of them refuses a session that was tampered with",
    incident="decode() where verify() was meant; most JWT libraries have both.",
)
def signature_not_verified(change: Change) -> None:
    change.sessions(_Unverified)


class _AnyAlgorithm(Sessions):
    def user_id(self, token: str) -> str | None:
        try:
            if jwt.get_unverified_header(token)["alg"] == "none":
                claims = jwt.decode(token, options={"verify_signature": False})
                return str(claims["sub"])
        except (jwt.InvalidTokenError, ValueError, KeyError, TypeError):
            return None
        return super().user_id(token)


@mutant(
    fault="A session that names no algorithm needs no signature.",
    violates="AC-3",
    falls_with="FR-6",
    step="each of them refuses a session that was tampered with",
    incident="The header's algorithm was trusted; several JWT libraries once did so by themselves.",
)
def session_without_an_algorithm_accepted(change: Change) -> None:
    change.sessions(_AnyAlgorithm)


async def _open_to_all() -> Any:
    return {"hello": "whoever you are"}


@mutant(
    fault="One of the protected endpoints opens without a session.",
    violates="AC-3",
    falls_with="FR-6",
    step="each of them refuses a visitor without a session",
    incident="A new route that the guard was not added to.",
)
def endpoint_without_a_guard(change: Change) -> None:
    change.endpoint("GET", "/account", _open_to_all)


async def _for_passwords_only(user: CurrentUser) -> Any:
    return JSONResponse({"error": "PASSWORD_LOGIN_NEEDED"}, 403)


@mutant(
    fault="One of the protected endpoints refuses sessions that were made by a link.",
    violates="AC-3",
    falls_with="FR-6",
    step="each of them accepts the session",
    incident="A guard that looks for something only password login leaves behind.",
)
def endpoint_refuses_link_sessions(change: Change) -> None:
    change.endpoint("GET", "/account", _for_passwords_only)


class _Opaque(Sessions):
    def _encode(self, user_id: str) -> str:
        return base64.urlsafe_b64encode(super()._encode(user_id).encode()).decode().rstrip("=")

    def user_id(self, token: str) -> str | None:
        try:
            return super().user_id(
                base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
            )
        except ValueError:
            return None


@mutant(
    fault="The cookie of either login holds something that is not a JWT.",
    violates="AC-2 AC-10",
    falls_with="AC-3 AC-4 FR-5 FR-6 FR-8 NFR-3 EC-5",
    step=_COOKIE,
    incident="Sessions were moved to a store of their own on the occasion.",
)
def session_is_no_jwt(change: Change) -> None:
    change.sessions(_Opaque)


async def _in_the_body_only(
    body: TokenPresented, magic_link: Service, starter: SessionStarter
) -> Any:
    user_id = await magic_link.verify(body.token)
    return {"userId": str(user_id), "session": starter._encode(user_id)}


@mutant(
    fault="The JWT is in the body; no cookie is set.",
    violates="AC-2 FR-6",
    falls_with="AC-3 AC-4 AC-10 FR-5 FR-8 NFR-3 EC-5 EC-8",
    step=_COOKIE,
    incident="Made for the mobile app first.",
)
def session_in_the_body(change: Change) -> None:
    change.endpoint("POST", _VERIFY, _in_the_body_only)


async def _in_both(
    body: TokenPresented, response: Response, magic_link: Service, starter: SessionStarter
) -> Any:
    user_id = await magic_link.verify(body.token)
    starter.start(response, user_id)
    return {"userId": str(user_id), "session": response.headers["set-cookie"].split(";")[0][11:]}


@mutant(
    fault="The JWT is in the cookie and in the body, where scripts can read it.",
    violates="FR-6",
    step="no answer contradicts FR-6",
    incident="For the mobile app too.",
)
def session_in_the_body_too(change: Change) -> None:
    change.endpoint("POST", _VERIFY, _in_both)


async def _user_id_in_snake_case(
    body: TokenPresented, response: Response, magic_link: Service, starter: SessionStarter
) -> Any:
    user_id = await magic_link.verify(body.token)
    starter.start(response, user_id)
    return {"user_id": str(user_id)}


@mutant(
    fault="The answer names the user under user_id.",
    violates="AC-2 FR-6",
    falls_with="FR-3 FR-5 FR-8 EC-4",
    step=_USER_ID,
    incident="The serialiser's house style.",
)
def user_id_in_snake_case(change: Change) -> None:
    change.endpoint("POST", _VERIFY, _user_id_in_snake_case)


async def _created(
    body: TokenPresented, response: Response, magic_link: Service, starter: SessionStarter
) -> LoggedIn:
    user_id = await magic_link.verify(body.token)
    starter.start(response, user_id)
    return LoggedIn(userId=user_id)


@mutant(
    fault="A verified token is answered with 201.",
    violates="AC-2 FR-6",
    falls_with="AC-3 AC-4 AC-5 AC-10 FR-3 FR-5 FR-8 NFR-3 EC-4 EC-5 EC-6 EC-7 EC-8",
    step=_USER_ID,
    incident="A session was created, so the framework's convention says Created.",
)
def verified_answers_201(change: Change) -> None:
    change.endpoint("POST", _VERIFY, _created, status_code=201)


@mutant(
    fault="The user of a request is kept where concurrent requests share it.",
    violates="FR-6",
    falls_with="EC-8 AC-2",
    step="each of them is logged in as the right user",
    incident="A field of a service that lives as long as the process.",
)
def user_kept_in_a_shared_field(change: Change) -> None:
    spend = MagicLinkRepository._mark_used
    shared: dict[str, str | None] = {}

    async def spend_and_share(
        self: MagicLinkRepository, token_hash: str, now: datetime
    ) -> str | None:
        shared["user"] = await spend(self, token_hash, now)
        if shared["user"] is not None:
            # The profile is looked up in between, as it would be.
            async with self._pool.connection() as connection:
                await connection.execute("SELECT email FROM users WHERE id = %s", (shared["user"],))
        return shared["user"]

    change.replace(MagicLinkRepository, "_mark_used", spend_and_share)
