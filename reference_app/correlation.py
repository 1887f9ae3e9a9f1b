"""One id for all that a request leaves behind: its log lines and its answer (X-Request-ID).

An id that comes along, from a proxy or from the client, is kept when it is sane. Known and unknown
addresses are treated alike (EC-1).
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
# Shorter than a token: none gets into the log by this way.
_SANE = re.compile(r"[A-Za-z0-9._-]{1,63}")


class RequestId:
    """ASGI middleware: binds the id to the log lines of the request and writes it on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under its id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        # Each request has a context of its own, which ends with it.
        clear_contextvars()
        bind_contextvars(request_id=request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self.app(scope, receive, send_with_id)


def current_id() -> str:
    """Return the id of the request at hand, or an empty string."""
    return str(get_contextvars().get("request_id", ""))
