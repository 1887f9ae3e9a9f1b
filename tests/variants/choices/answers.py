"""Other answers where none, or more than one, is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from reference_app import errors, limits
from reference_app.errors import ApiError, TokenExpired, TokenInvalid, TokenUsed, error_response
from reference_app.magic_link import repository
from reference_app.magic_link.repository import MagicLinkRepository
from tests.mutants.change import Change
from tests.variants.model import variant

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@variant("Malformed bodies are answered with 400 instead of 422 (reading 9).")
def malformed_bodies_400(change: Change) -> None:
    async def answer(_: Request, __: Exception) -> JSONResponse:
        return error_response(400, "BAD_REQUEST")

    def install(app: FastAPI) -> None:
        app.exception_handler(RequestValidationError)(answer)

    change.afterwards(install)


@variant("An error about a body repeats what was sent, as FastAPI does by itself (reading 32).")
def malformed_bodies_are_repeated(change: Change) -> None:
    def install(app: FastAPI) -> None:
        app.exception_handler(RequestValidationError)(request_validation_exception_handler)

    change.afterwards(install)


@variant("Errors have further members (reading 9).")
def errors_with_further_members(change: Change) -> None:
    def answer(status: int, code: str) -> JSONResponse:
        return JSONResponse({"error": code, "status": status, "message": "Sorry."}, status)

    change.replace(errors, "error_response", answer)


@variant("A token that is both used and expired is reported as expired (reading 4).")
def expired_before_used(change: Change) -> None:
    async def refusal(self: MagicLinkRepository, token_hash: str, now: datetime) -> type[ApiError]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                repository._STATE.encode(), {"token_hash": token_hash, "now": now}
            )
            used, expired = await cursor.fetchone() or (False, False)
        if expired:
            return TokenExpired
        return TokenUsed if used else TokenInvalid

    change.replace(MagicLinkRepository, "_refusal", refusal)


async def _not_found() -> JSONResponse:
    return error_response(404, "NOT_FOUND")


@variant("There is no page behind the link: a GET is answered with 404 (reading 8).")
def no_page_behind_the_link(change: Change) -> None:
    change.endpoint("GET", "/auth/magic-link/verify", _not_found)


class _FurtherHeaders:
    """Adds a request id and a CSRF cookie to every answer, as many services do."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        number = str(self.count).encode()

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", number),
                    (b"set-cookie", b"csrf=" + number + b"; Path=/; SameSite=Strict"),
                ]
            await send(message)

        await self.app(scope, receive, send_more)


@variant("Every answer has a request id and sets a further cookie (reading 26).")
def further_cookies_and_headers(change: Change) -> None:
    change.middleware(_FurtherHeaders)


class _Charset:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_charset(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, value + b"; charset=utf-8" if value == b"application/json" else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, send_with_charset)


@variant("The content type names a charset (reading 28).")
def content_type_with_charset(change: Change) -> None:
    change.middleware(_Charset)


@variant("A body that is much too large is answered with 400 and a code of its own (reading 9).")
def too_large_is_400(change: Change) -> None:
    def refusal(status: int, **further: Any) -> HTTPException:
        return HTTPException(400 if status == 413 else status, **further)

    change.replace(limits, "HTTPException", refusal)
