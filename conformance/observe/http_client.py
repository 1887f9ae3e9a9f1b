"""One HTTP request on a connection of its own, with one deadline for all of it.

With a timeout for each read an answer could go on forever: a byte a second, an endless series of
interim answers, headers or trailers. Here every read gets the time that is left for the exchange.
"""

from __future__ import annotations

import http.client
import json
import random
import select
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from conformance.observe.addresses import IPV4, addresses_of
from conformance.observe.evidence import Exchange
from conformance.observe.http_answer import Incoming, read_answer, reason_of

BODY_LIMIT = 1_000_000
# What may be in a path as it is: what RFC 3986 allows there, and "%", which is escaped already.
_IN_PATHS = "/?:@!$&'()*+,;=-._~%[]#"

Headers = Mapping[str, str]


def get(url: str, seconds: float, most_bytes: int = BODY_LIMIT) -> Exchange:
    """GET a URL as `call` does."""
    return call("GET", url, seconds, most_bytes=most_bytes)


def call(
    method: str, url: str, seconds: float, payload: Any = None, most_bytes: int = BODY_LIMIT
) -> Exchange:
    """Call a URL, with its `user:password@` if it has one; a missing answer is in `error`.

    A `payload` is sent as JSON. An answer with a longer body than `most_bytes` is an error as well.
    """
    parts = urlsplit(url)
    headers = {"accept": "*/*", "accept-encoding": "identity", "connection": "close"}
    body = b""
    if payload is not None:
        headers["content-type"] = "application/json"
        body = json.dumps(payload).encode()
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["authorization"] = f"Basic {b64encode(credentials.encode()).decode()}"
    host = parts.netloc.rpartition("@")[2]
    request = Request(method, parts._replace(netloc=host).geturl(), body, headers)
    request.most_bytes = most_bytes + 1
    exchange = request.run(seconds)
    if len(exchange.body) <= most_bytes:
        return exchange
    return request.unanswered(ValueError(f"the answer is longer than {most_bytes:,} bytes"))


class Request:
    """One request; its answer, or why there is none, comes as an exchange.

    `most_bytes` of a body are read, the rest is left out.
    """

    def __init__(self, method: str, url: str, body: bytes, headers: Headers) -> None:
        self.most_bytes = BODY_LIMIT
        self._method = method
        self._url = url
        self._body = body
        self._headers = dict(headers)
        self._connection = _connection(url)
        self._held = b""
        self._started = 0.0

    def run(self, timeout: float) -> Exchange:
        """Send, and return the exchange; `timeout` is in seconds, for all of it."""
        self._started = time.perf_counter()
        try:
            failure = self._try_to_send(timeout)
            answered = self.answer(timeout) if self._connection.sock else None
            if failure is not None and (answered is None or answered.error):
                return self.unanswered(failure)
            assert answered is not None
            return answered
        finally:
            self.close()

    def _try_to_send(self, timeout: float) -> OSError | None:
        # Not the end of it: a server may answer and close before it has read everything.
        try:
            self.send(timeout)
        except OSError as error:
            return error
        return None

    def send(self, timeout: float, held_back: int = 0) -> None:
        """Connect and send all but the last `held_back` bytes of the body within `timeout`.

        Of a request without a body, all is held back.
        """
        deadline = time.perf_counter() + timeout
        self._connection.timeout = timeout
        self._connection.connect()
        target = self._url.split("/", 3)[3] if self._url.count("/") > 2 else ""
        given = {name.lower() for name in self._headers}
        self._connection.putrequest(
            self._method,
            "/" + quote(target, safe=_IN_PATHS),
            skip_host="host" in given,
            skip_accept_encoding=True,
        )
        headers = dict(self._headers)
        if self._body or self._method in {"POST", "PUT", "PATCH"}:
            headers["content-length"] = str(len(self._body))
        for name, value in headers.items():
            self._connection.putheader(name, value)
        if held_back and not self._body:
            return
        split = len(self._body) - held_back
        self._held = self._body[split:]
        self._allow_until(deadline)
        self._connection.endheaders()
        self._allow_until(deadline)
        self._connection.send(self._body[:split])

    def _allow_until(self, deadline: float) -> None:
        remaining = deadline - time.perf_counter()
        if remaining <= 0:
            raise TimeoutError
        self._connection.sock.settimeout(remaining)

    def release(self) -> None:
        """Send what was held back."""
        self._started = time.perf_counter()
        # A server may have answered and closed without it: then there is an answer to read.
        with suppress(BrokenPipeError, ConnectionResetError):
            if self._held:
                self._connection.send(self._held)
            else:
                self._connection.endheaders()

    @property
    def is_answered(self) -> bool:
        """Whether an answer has begun to come in, or the connection was closed."""
        return bool(select.select([self._connection.sock], [], [], 0)[0])

    def answer(self, timeout: float) -> Exchange:
        """Read the answer; what went wrong is in the exchange's `error`."""
        deadline = self._started + timeout
        try:
            incoming = Incoming(self._connection.sock, deadline, self.most_bytes)
            status, headers, body = read_answer(incoming, self._method, self.most_bytes)
        except (OSError, ValueError, http.client.HTTPException) as error:
            return self.unanswered(error)
        elapsed = time.perf_counter() - self._started
        sent = tuple(self._headers.items())
        return Exchange(self._method, self._url, sent, self._body, status, headers, body, elapsed)

    def unanswered(self, error: Exception) -> Exchange:
        """Return the exchange for a request that got no answer, and why."""
        spent = time.perf_counter() - self._started
        sent = tuple(self._headers.items())
        why = reason_of(error, spent)
        return Exchange(self._method, self._url, sent, self._body, elapsed=spent, error=why)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def has_many_clients(url: str) -> bool:
    """Return whether each request to a URL comes from a client address of its own."""
    return _OWNS_ALL_OF_LOOPBACK and set(addresses_of(urlsplit(url).hostname or "")) == {IPV4}


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, parts.port)
    if parts.scheme == "https":
        # Targets on loopback carry self-signed certificates.
        context = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(host, parts.port, context=context)
    setattr(connection, "_create_connection", _connect)  # noqa: B010 - what subclasses replace
    return connection


def _connect(
    place: tuple[str, int], timeout: float, source_address: tuple[str, int] | None
) -> socket.socket:
    """Connect to one of the addresses that were decided about."""
    del source_address
    host, port = place
    failure: OSError | None = None
    deadline = time.monotonic() + timeout
    for address in addresses_of(host):
        source = _client_address() if address == IPV4 else None
        remaining = max(0.01, deadline - time.monotonic())
        try:
            return socket.create_connection((address, port), remaining, source)
        except OSError as error:
            failure = failure or error
    raise failure or OSError(f"{host} has no address")


def _client_address() -> tuple[str, int] | None:
    """Return a source address for one connection; only Linux owns all of 127.0.0.0/8."""
    if not _OWNS_ALL_OF_LOOPBACK:
        return None
    return f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}", 0


def _owns_all_of_loopback() -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.77.77.77", 0))
        except OSError:
            return False
    return True


_OWNS_ALL_OF_LOOPBACK = _owns_all_of_loopback()
