"""HTTP as a client sees it: one request, one exchange, nothing remembered between them."""

from __future__ import annotations

import http.client
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from conformance.observe.evidence import Evidence, Exchange
from conformance.outcomes import Method, NoAnswer, Point, TargetLost

# Far above NFR-5's two seconds, so that slowness is judged where it belongs and nowhere else.
TIMEOUT_SECONDS = 15.0
# A target that has fallen silent would otherwise cost every scenario of the run its timeout.
_SILENCES = 3
_BODY_LIMIT = 1_000_000
_CHUNK = 65_536
_PLAIN = {"accept": "*/*", "accept-encoding": "identity", "connection": "close"}
_JSON = {"content-type": "application/json"}

Headers = Mapping[str, str]


class Wire:
    """The target's HTTP interface.

    Each request has a connection of its own, so that an idle connection which the target closes is
    never mistaken for a fault, and, on loopback, a client address of its own (127.x.y.z): a target
    that also limits by client address is not tripped, and one that limits by nothing else is
    found out. `headers` go with every request. `evidence` is set anew for each scenario. `lost` is
    asked after a failed connection and returns why the target is gone, or "". `elapsed` holds the
    seconds that each answer took.
    """

    def __init__(self, base_url: str, headers: Headers, lost: Callable[[], str]) -> None:
        self.base_url = base_url.rstrip("/")
        self.headers = dict(headers)
        self.evidence = Evidence()
        self.lost = lost
        self.elapsed: list[float] = []
        self._silences = 0

    def post(self, path: str, payload: Any, headers: Headers | None = None) -> Exchange:
        """POST `payload` as JSON."""
        body = json.dumps(payload).encode()
        return self.send("POST", path, body, {**_JSON, **(headers or {})})

    def get(self, path: str, headers: Headers | None = None) -> Exchange:
        """GET `path`."""
        return self.send("GET", path, b"", headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Headers | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
    ) -> Exchange:
        """Send one request and return the exchange; no answer at all is a failure of the target.

        Raises `TargetLost` when it is gone, or has not answered the third time in a row.
        """
        exchange = self.attempt(method, path, body, headers, timeout=timeout)
        silent = bool(exchange.error) and exchange.elapsed >= timeout
        self._silences = self._silences + 1 if silent else 0
        if exchange.error:
            why = self.lost() or self._fallen_silent(exchange)
            if why:
                raise TargetLost(why)
            raise NoAnswer(f"the answer to {method} {path}", expected="one", found=exchange.error)
        return exchange

    def _fallen_silent(self, exchange: Exchange) -> str:
        if self._silences < _SILENCES:
            return ""
        return f"{self._silences} requests in a row were not answered: {exchange.error} each"

    def attempt(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Headers | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        keep: bool = True,
    ) -> Exchange:
        """Send one request; a missing answer is told in the exchange's `error`.

        `timeout` is in seconds, for the whole exchange. With `keep` false the exchange does not
        become evidence (for long series).
        """
        sent = {**_PLAIN, **self.headers, **(headers or {})}
        request = _Request(method, self.base_url + path, body, sent)
        exchange = request.run(timeout)
        self.elapsed.append(exchange.elapsed)
        self.evidence.points.add(Point.WIRE)
        if keep:
            self.evidence.exchanges.append(exchange)
        return exchange

    def burst(self, path: str, payloads: Sequence[Any], also: Sequence[str] = ()) -> list[Exchange]:
        """POST all `payloads` as JSON at once: one open connection each, released together.

        With `also`, the base URLs of further instances, they take turns. Every request is sent but
        for its last byte; then the last bytes follow within microseconds, so that the target has
        all of them in hand at the same time.
        """
        headers = {**_PLAIN, **self.headers, **_JSON}
        bodies = [json.dumps(payload).encode() for payload in payloads]
        bases = cycle((self.base_url, *also))
        requests = [_Request("POST", next(bases) + path, body, headers) for body in bodies]
        try:
            for request in requests:
                request.send(held_back=1)
            for request in requests:
                request.release()
            exchanges = [request.answer(TIMEOUT_SECONDS) for request in requests]
        except OSError as error:
            raise TargetLost(self.lost() or f"the target refused a connection: {error}") from error
        finally:
            for request in requests:
                request.close()
        # They are answered at the same time.
        self.elapsed.append(max(exchange.elapsed for exchange in exchanges))
        self.evidence.points.update((Point.WIRE, Method.REPETITION))
        self.evidence.exchanges.extend(exchanges)
        return exchanges


class _Request:
    """One request on a connection of its own."""

    def __init__(self, method: str, url: str, body: bytes, headers: Headers) -> None:
        self._method = method
        self._url = url
        self._body = body
        self._headers = dict(headers)
        self._connection = _connection(url)
        self._held = b""
        self._started = 0.0

    def run(self, timeout: float) -> Exchange:
        """Send, and return the exchange."""
        self._started = time.perf_counter()
        self._connection.timeout = timeout
        try:
            failure = self._try_to_send()
            answered = self.answer(timeout) if self._connection.sock else None
            if failure is not None and (answered is None or answered.error):
                return self._unanswered(failure)
            assert answered is not None
            return answered
        finally:
            self.close()

    def _try_to_send(self) -> OSError | None:
        # Not the end of it: a server may answer and close before it has read everything.
        try:
            self.send()
        except OSError as error:
            return error
        return None

    def send(self, held_back: int = 0) -> None:
        """Connect and send all but the last `held_back` bytes of the body."""
        self._connection.connect()
        target = self._url.split("/", 3)[3] if self._url.count("/") > 2 else ""
        given = {name.lower() for name in self._headers}
        self._connection.putrequest(
            self._method, "/" + target, skip_host="host" in given, skip_accept_encoding=True
        )
        headers = dict(self._headers)
        if self._body or self._method in {"POST", "PUT", "PATCH"}:
            headers["content-length"] = str(len(self._body))
        for name, value in headers.items():
            self._connection.putheader(name, value)
        split = len(self._body) - held_back
        self._held = self._body[split:]
        self._connection.endheaders(self._body[:split] or None)

    def release(self) -> None:
        """Send what was held back."""
        self._started = time.perf_counter()
        # A server may have answered and closed without it: then there is an answer to read.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._connection.send(self._held)

    def answer(self, timeout: float) -> Exchange:
        """Read the answer; what went wrong stands in the exchange's `error`."""
        deadline = self._started + timeout
        try:
            response = self._connection.getresponse()
            body = _read(response, deadline)
        except (OSError, http.client.HTTPException) as error:
            return self._unanswered(error)
        elapsed = time.perf_counter() - self._started
        return Exchange(
            self._method,
            self._url,
            tuple(self._headers.items()),
            self._body,
            response.status,
            tuple(response.getheaders()),
            body,
            elapsed,
        )

    def _unanswered(self, error: Exception) -> Exchange:
        spent = time.perf_counter() - self._started
        sent = tuple(self._headers.items())
        told = _told(error, spent)
        return Exchange(self._method, self._url, sent, self._body, elapsed=spent, error=told)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    content = bytearray()
    # Counted here: whether `length` shrinks while it is read depends on the version of Python.
    announced = response.length
    wanted = _BODY_LIMIT if announced is None else min(announced, _BODY_LIMIT)
    while len(content) < wanted:
        chunk = response.read1(_CHUNK)
        if not chunk:
            break
        content += chunk
        if time.perf_counter() > deadline:
            raise TimeoutError("the answer did not end in time")
    if announced is not None and len(content) < wanted:
        raise http.client.IncompleteRead(bytes(content), announced - len(content))
    return bytes(content)


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    source = _client_address() if host in {"127.0.0.1", "localhost"} else None
    if parts.scheme == "https":
        # Targets on loopback carry self-signed certificates.
        context = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(
            host, parts.port, timeout=TIMEOUT_SECONDS, context=context, source_address=source
        )
    address = "127.0.0.1" if source else host
    return http.client.HTTPConnection(
        address, parts.port, timeout=TIMEOUT_SECONDS, source_address=source
    )


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


def _told(error: Exception, spent: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no complete answer within {spent:.0f} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, http.client.RemoteDisconnected):
        return "closed without answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut off"
    if isinstance(error, http.client.BadStatusLine):
        return "what came back is not HTTP"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
