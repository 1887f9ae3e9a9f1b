"""Careless about the link, the token, the session and the address."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from reference_app.auth.sessions import Sessions
from reference_app.errors import ApiError
from reference_app.magic_link import rate_limit, repository, service, tokens
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.service import MagicLinkService
from reference_app.schemas import AnyString
from tests.mutants.change import Change
from tests.variants.choices.logs import (
    address_in_the_lines_about_mails,
    refused_requests_are_not_received,
)
from tests.variants.choices.requests import refused_requests_counted

SPEAKS = frozenset(
    {
        "a mail scanner that opens the link does not use it up",
        "the page behind the link keeps the token to itself",
        "opening the link leaves no token in the log",
        "the database does not see the token when it is verified",
        "a login leaves no session and no whole address in the log",
        "no line about a link that was sent holds the whole address",
        "no line about a mail that could not be sent holds the whole address",
        "a request beyond the limit was received like any other",
        "a token is presented in capitals",
        "a token is presented with blanks around it",
        "a token is presented with a line break behind it",
        "another site cannot log its visitor in with a form",
        "another site cannot log its visitor in with plain text",
        "the session stays on safe connections and on the service's own site",
        "a user who was suspended meanwhile is not logged in",
        "a link from before a change of password is refused",
        "another spelling of the address does not fill the mailbox any further",
        "a stranger who keeps asking does not keep the owner out for good",
        "a link works before the mail provider has confirmed the mail",
        "a slow mail provider does not slow down logins",
        "requests do not queue for a slow mail provider",
    }
)
_VERIFY = "/auth/magic-link/verify"
_asked: ContextVar[str] = ContextVar("asked", default="")
_presented: ContextVar[str] = ContextVar("presented", default="")


def alter(change: Change) -> None:
    """Be careless in every way that has nothing to do with a provider in trouble."""
    change.settings(mail_timeout_seconds=2.0, cookie_secure=False)
    _use_up_on_get(change)
    _take_any_form(change)
    _take_any_spelling(change)
    _log_the_session(change)
    address_in_the_lines_about_mails(change)
    refused_requests_are_not_received(change)
    _count_as_spelt(change)
    _wait_for_one_another(change)
    _trace_the_statement(change)
    change.rewrite(repository, "_SPEND", " AND users.status = 'active'", "")
    refused_requests_counted(change)


def _use_up_on_get(change: Change) -> None:
    async def open_link(request: Request, token: str) -> HTMLResponse:
        magic_link: MagicLinkService = request.app.state.magic_link
        magic_link._log.info("link_opened", url=str(request.url))
        try:
            await magic_link.verify(token)
        except ApiError:
            return HTMLResponse("<p>This link is not valid.</p>")
        return HTMLResponse("<p>You are logged in.</p>")

    change.endpoint("GET", _VERIFY, open_link)


def _take_any_form(change: Change) -> None:
    async def verify(request: Request, response: Response) -> dict[str, str]:
        body = await request.body()
        if "form" in request.headers.get("content-type", ""):
            token = parse_qs(body.decode())["token"][0]
        else:
            token = (await request.json())["token"]
        user_id = await request.app.state.magic_link.verify(token)
        request.app.state.sessions.start(response, user_id)
        return {"userId": str(user_id)}

    change.endpoint("POST", _VERIFY, verify)


def _take_any_spelling(change: Change) -> None:
    change.replace(service, "hash_token", lambda raw: tokens.hash_token(raw.strip().lower()))


def _log_the_session(change: Change) -> None:
    class Told(Sessions):
        log: Any = None

        def start(self, response: Response, user_id: Any) -> None:
            super().start(response, user_id)
            cookie = response.headers["set-cookie"].replace("; SameSite=lax", "")
            response.headers["set-cookie"] = cookie
            Told.log.info("session_started", cookie=cookie)

    def give_log(app: FastAPI) -> None:
        Told.log = app.state.magic_link._log

    change.sessions(Told)
    change.afterwards(give_log)


def _count_as_spelt(change: Change) -> None:
    request, address_key = MagicLinkService.request, rate_limit.address_key

    async def remember_and_request(self: MagicLinkService, email: str) -> None:
        _asked.set(email)
        await request(self, email)

    change.replace(MagicLinkService, "request", remember_and_request)
    change.replace(rate_limit, "address_key", lambda _: address_key(_asked.get()))


def _wait_for_one_another(change: Change) -> None:
    """Let logins wait while a mail is under way, as a blocking client in an event loop does."""
    busy = asyncio.Lock()
    request, verify = MagicLinkService.request, MagicLinkService.verify

    async def request_alone(self: MagicLinkService, email: str) -> None:
        async with busy:
            await request(self, email)

    async def verify_alone(self: MagicLinkService, raw_token: AnyString) -> Any:
        async with busy:
            return await verify(self, raw_token)

    change.replace(MagicLinkService, "request", request_alone)
    change.replace(MagicLinkService, "verify", verify_alone)


def _trace_the_statement(change: Change) -> None:
    """Write the token before the statement that spends it, as a comment."""
    verify = MagicLinkService.verify

    async def note_and_verify(self: MagicLinkService, raw_token: AnyString) -> Any:
        _presented.set(raw_token if raw_token.isalnum() else "")
        return await verify(self, raw_token)

    async def mark_used(self: MagicLinkRepository, token_hash: str, now: datetime) -> Any:
        statement = f"/* {_presented.get()} */ {repository._SPEND}".encode()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, {"token_hash": token_hash, "now": now})
            row = await cursor.fetchone()
        return row[0] if row else None

    change.replace(MagicLinkService, "verify", note_and_verify)
    change.replace(MagicLinkRepository, "_mark_used", mark_used)
