"""Request bodies are bounded, in length and in time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
import structlog
from fastapi import FastAPI, Request

from reference_app.errors import install_error_handlers
from reference_app.limits import MAX_BODY_BYTES, BodyLimit
from tests.reference.conftest import Reference
from tests.reference.servers import running

PATHS = ("/auth/magic-link/verify", "/auth/magic-link/request", "/auth/login")
JSON = {"Content-Type": "application/json"}


def body_of(length: int) -> bytes:
    """Return a JSON body of this length, with every member that an endpoint asks for."""
    start, end = b'{"email": "", "password": "", "token": "', b'"}'
    return start + b"a" * (length - len(start) - len(end)) + end


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


@pytest.mark.parametrize("path", PATHS)
def test_a_body_may_have_so_many_bytes_and_no_more(reference: Reference, path: str) -> None:
    longest, too_long = body_of(MAX_BODY_BYTES), body_of(MAX_BODY_BYTES + 1)
    for content in (longest, in_chunks(longest)):
        assert reference.client.post(path, content=content, headers=JSON).status_code != 413
    for content in (too_long, in_chunks(too_long)):
        refused = reference.client.post(path, content=content, headers=JSON)
        assert (refused.status_code, refused.json()) == (413, {"error": "REQUEST_ENTITY_TOO_LARGE"})


def test_a_body_without_an_end_is_refused_while_it_still_comes(reference: Reference) -> None:
    parts = urlsplit(str(reference.client.base_url))
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Type: application/json\r\n\r\n"
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(head % PATHS[0].encode() + chunk * (1 + MAX_BODY_BYTES // 0x2000))
        # The last chunk never comes.
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_body_that_does_not_come_is_given_up() -> None:
    app = FastAPI()
    install_error_handlers(app, structlog.get_logger())
    app.add_middleware(BodyLimit, max_seconds=0.1)

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"
    with running(app) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
            connection.sendall(head + b"1")
            with connection.makefile("rb") as stream:
                answer = stream.read()
        assert httpx2.post(url, content=b"11").json() == 2
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b'{"error":"REQUEST_TIMEOUT"}')
