"""A mailbox for trying the load: an SMTP sink that answers the two calls of Mailpit's API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI

from tests.reference.servers import SmtpSink, running, smtp_sink


@contextmanager
def mailbox() -> Iterator[tuple[SmtpSink, str]]:
    """Run the sink and give it with the API's base URL."""
    with smtp_sink() as sink, running(_api(sink)) as url:
        yield sink, url


def _api(sink: SmtpSink) -> FastAPI:
    app = FastAPI()

    @app.get("/api/v1/search")
    async def search(query: str, limit: int = 50) -> dict[str, Any]:
        wanted = query.removeprefix('to:"').removesuffix('"')
        found = [
            {"ID": str(number)}
            for number, (recipient, _) in enumerate(sink.delivered)
            if recipient == wanted
        ]
        return {"messages": found[::-1][:limit]}

    @app.get("/api/v1/message/{number}")
    async def message(number: int) -> dict[str, Any]:
        body = sink.delivered[number][1].get_body(("plain",))
        assert body
        return {"Text": body.get_content()}

    return app
