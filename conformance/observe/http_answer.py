"""The answer to an HTTP request as it comes in, bounded in time and size, or why there is none."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

CONNECTION_REFUSED = "connection refused"
_CHUNK = 65_536
# Framing of chunked bodies, headers and interim answers come on top of the body.
_FRAMING = 16
_MOST_INTERIM_ANSWERS = 100
_SHOWN_ERROR = 200


class Incoming(io.RawIOBase):
    """The bytes that a socket receives, up to a size and a deadline (by `time.perf_counter()`)."""

    def __init__(self, connection: socket.socket, deadline: float, most_body: int) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = _FRAMING * most_body

    def readable(self) -> bool:
        """Return True: buffered readers ask for it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes; `TimeoutError` at the deadline, `HTTPException` at the limit."""
        remaining = self._deadline - time.perf_counter()
        if remaining <= 0:
            raise TimeoutError
        if self._left <= 0:
            raise http.client.HTTPException("the answer has too much around its body")
        self._connection.settimeout(remaining)
        received = self._connection.recv_into(buffer)
        self._left -= received
        return received


class _Response(http.client.HTTPResponse):
    """The final answer; every interim one (1xx) before it is skipped."""

    def __init__(self, incoming: io.RawIOBase, method: str) -> None:
        readable: Any = _Readable(io.BufferedReader(incoming, _CHUNK))
        super().__init__(readable, method=method)

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(_MOST_INTERIM_ANSWERS):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(
            f"got more than {_MOST_INTERIM_ANSWERS} interim answers (1xx)"
        )


class _Readable:
    """What `HTTPResponse` takes for a socket."""

    def __init__(self, reader: io.BufferedReader) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode
        return self._reader


def read_answer(
    incoming: io.RawIOBase, method: str, most_bytes: int
) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Return status, headers and at most `most_bytes` of the body of the answer that comes in.

    Raises `OSError`, `ValueError` or `HTTPException` when there is none.
    """
    response = _Response(incoming, method)
    response.begin()
    content = bytearray()
    # Counted here: whether `length` shrinks while it is read depends on the version of Python.
    announced = response.length
    wanted = most_bytes if announced is None else min(announced, most_bytes)
    while len(content) < wanted:
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        content += chunk
    if announced is not None and len(content) < wanted:
        raise http.client.IncompleteRead(bytes(content), announced - len(content))
    return response.status, tuple(response.getheaders()), bytes(content)


def reason_of(error: Exception, spent: float) -> str:
    """Return in words why there is no answer."""
    known = next((words for kind, words in _REASONS.items() if isinstance(error, kind)), None)
    if known is not None:
        return known.format(spent=spent)
    message = str(error)[:_SHOWN_ERROR]
    if isinstance(error, (ValueError, http.client.HTTPException)) and message:
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


_REASONS: dict[type[Exception], str] = {
    TimeoutError: "the answer was not complete after {spent:.0f} s",
    ConnectionRefusedError: CONNECTION_REFUSED,
    http.client.RemoteDisconnected: "closed without answer",
    http.client.IncompleteRead: "the answer was cut off",
    http.client.LineTooLong: "a line of the answer's head is longer than 65,536 bytes",
    http.client.BadStatusLine: "what came back is not HTTP",
}
