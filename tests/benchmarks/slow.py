"""The reference with requests for links that take 0.3 s at least, whoever asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reference_app import main

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

_PATH = "/auth/magic-link/request"
_SECONDS = 0.3


class SlowRequests:
    """Lets each request for a link wait."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == _PATH:
            await asyncio.sleep(_SECONDS)
        await self._app(scope, receive, send)


def create_app() -> FastAPI:
    """Return the application; what uvicorn calls."""
    app = main.create_app()
    app.add_middleware(SlowRequests)
    return app
