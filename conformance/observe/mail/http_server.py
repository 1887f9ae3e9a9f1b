"""A small HTTP/1.1 server on asyncio and h11 whose handler may also cut the connection.

General servers always answer something; a mail provider in an outage does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import h11

READ_SIZE = 64 * 1024
# How long one request may take to come in.
REQUEST_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """One request with its whole body; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Response:
    """One answer; its length is added by the server."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class CutConnectionError(Exception):
    """Raised by a handler to close the connection without an answer."""


Handler = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Serves connections with keep-alive; every connection runs on its own."""

    def __init__(
        self, handler: Handler, max_body_bytes: int, request_seconds: float = REQUEST_SECONDS
    ) -> None:
        self._handler = handler
        self._max_body = max_body_bytes
        self._request_seconds = request_seconds
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self, host: str, port: int) -> int:
        """Start to listen and return the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def shut_down(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            # The last is raised for what h11 does not let a server say, such as a body after HEAD.
            with suppress(ConnectionError, TimeoutError, h11.LocalProtocolError):
                await self._converse(reader, writer)
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            try:
                request = await self._read(connection, reader, writer)
            except h11.RemoteProtocolError as error:
                await _send(connection, writer, Response(error.error_status_hint))
                return
            if request is None:
                return
            try:
                response = await self._handler(request)
            except CutConnectionError:
                writer.transport.abort()
                return
            await _send(connection, writer, response)
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _read(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Request | None:
        """Read the next request; None when the client is gone.

        A connection may stay idle for as long as it likes, as a client's pool expects.
        """
        head: h11.Request | None = None
        body = bytearray()
        async with asyncio.timeout(None) as limit:
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    if connection.they_are_waiting_for_100_continue:
                        go_on = h11.InformationalResponse(status_code=100, headers=[])
                        writer.write(connection.send(go_on))
                    connection.receive_data(await reader.read(READ_SIZE))
                    if limit.when() is None:
                        now = asyncio.get_running_loop().time()
                        limit.reschedule(now + self._request_seconds)
                elif isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > self._max_body:
                        raise h11.RemoteProtocolError("too large", error_status_hint=413)
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    return _request(head, bytes(body))
                else:  # ConnectionClosed, PAUSED
                    return None


def _request(head: h11.Request, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    target = head.target.decode("latin-1")
    return Request(head.method.decode("latin-1"), target.partition("?")[0], headers, body)


async def _send(
    connection: h11.Connection, writer: asyncio.StreamWriter, response: Response
) -> None:
    if connection.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
        return
    headers = {"Content-Length": str(len(response.body)), **response.headers}
    head = h11.Response(status_code=response.status, headers=list(headers.items()))
    writer.write(connection.send(head) or b"")
    if response.body:
        writer.write(connection.send(h11.Data(data=response.body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()
