"""The layers under a verify as applications of their own, each with the least that it takes.

Every one answers POST /auth/magic-link/verify with 200 and a user id. Those without a database
answer the same id to everybody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from reference_app import clock
from reference_app.auth.schemas import LoggedIn
from reference_app.auth.sessions import Sessions
from reference_app.database import make_pool
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.schemas import TokenPresented
from reference_app.magic_link.tokens import hash_token
from reference_app.settings import load_settings

LAYERS = ("uvicorn", "starlette", "fastapi", "fastapi_psycopg", "fastapi_psycopg_pyjwt")

_NOBODY = str(UUID(int=0))
_VERIFY = "/auth/magic-link/verify"
_READY = "/health/ready"

Spend = Callable[[str], Awaitable[str]]
Lifespan = Callable[[FastAPI], Any]


def uvicorn() -> Any:
    """Return an ASGI application that reads the body and answers."""
    body = b'{"userId":"00000000-0000-0000-0000-000000000000"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def starlette() -> Starlette:
    """Return routing, and JSON without types."""

    async def verify(request: Request) -> JSONResponse:
        await request.json()
        return JSONResponse({"userId": _NOBODY})

    async def ready(_: Request) -> JSONResponse:
        return JSONResponse({})

    return Starlette(routes=[Route(_VERIFY, verify, methods=["POST"]), Route(_READY, ready)])


def fastapi() -> FastAPI:
    """Return routing, and a body and an answer that are checked."""

    async def nobody(_: str) -> str:
        return _NOBODY

    return _typed(nobody)


def fastapi_psycopg() -> FastAPI:
    """Return that with the reference's statement on its pool."""
    spend, lifespan = _spending()
    return _typed(spend, lifespan)


def fastapi_psycopg_pyjwt() -> FastAPI:
    """Return that with the session: all that the specification asks of a verify but the log."""
    spend, lifespan = _spending()
    secret = load_settings().jwt_secret.get_secret_value()
    return _typed(spend, lifespan, Sessions(secret, secure_cookie=True))


def _typed(
    spend: Spend, lifespan: Lifespan | None = None, sessions: Sessions | None = None
) -> FastAPI:
    app = FastAPI(openapi_url=None, lifespan=lifespan, telemetry={"tracing": False})

    async def verify(body: TokenPresented, response: Response) -> LoggedIn:
        user_id = await spend(body.token)
        if sessions:
            sessions.start(response, user_id)
        return LoggedIn(userId=user_id)

    async def ready() -> dict[str, str]:
        return {}

    app.post(_VERIFY)(verify)
    app.get(_READY)(ready)
    return app


def _spending() -> tuple[Spend, Lifespan]:
    settings = load_settings()
    pool = make_pool(settings)
    repository = MagicLinkRepository(pool)

    async def spend(token: str) -> str:
        return await repository.spend(hash_token(token), clock.now())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    return spend, lifespan
