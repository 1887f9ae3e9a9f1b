"""HTTP as a client sees it: one request, one exchange, nothing remembered between them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

from conformance.observe.evidence import Evidence, Exchange
from conformance.observe.http_client import Headers, Request, has_many_clients
from conformance.outcomes import Inapplicable, Method, NoAnswer, Point, TargetLost

# Far above NFR-5's two seconds, so that slowness is judged where it belongs and nowhere else.
TIMEOUT_SECONDS = 15.0
# A target that has fallen silent would otherwise cost every scenario of the run its timeout.
_SILENCES = 3
_PLAIN = {"accept": "*/*", "accept-encoding": "identity", "connection": "close"}
_JSON = {"content-type": "application/json"}
JSON_IN_UTF8 = {"content-type": "application/json; charset=utf-8"}
"""The header of a JSON body that names its charset (reading 29)."""


class Wire:
    """The target's HTTP interface.

    Each request has a connection of its own, so that an idle connection which the target closes is
    never mistaken for a fault, and, on loopback, a client address of its own (127.x.y.z): a target
    that also limits by client address is not tripped, and one that limits by nothing else is
    found out. `headers` go with every request. `evidence` is set anew for each scenario. `lost` is
    asked after a failed connection and returns why the target is gone, or "". `elapsed` holds the
    seconds that each answer took. `absent` are paths that the target does not have yet: what takes
    them is `Inapplicable`.
    """

    def __init__(self, base_url: str, headers: Headers, lost: Callable[[], str]) -> None:
        self.base_url = base_url.rstrip("/")
        self.headers = dict(headers)
        self.evidence = Evidence()
        self.lost = lost
        self.elapsed: list[float] = []
        self.absent: frozenset[str] = frozenset()
        self._silences = 0

    @property
    def has_many_clients(self) -> bool:
        """Whether each request comes from a client address of its own."""
        return has_many_clients(self.base_url)

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

    def _expect_present(self, path: str) -> None:
        if path in self.absent:
            raise Inapplicable(f"{path} is not part of the slice")

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
        """Send one request; a missing answer is in the exchange's `error`.

        `timeout` is in seconds, for the whole exchange. With `keep` false the exchange does not
        become evidence (for long series).
        """
        self._expect_present(path)
        sent = {**_PLAIN, **self.headers, **(headers or {})}
        request = Request(method, self.base_url + path, body, sent)
        exchange = request.run(timeout)
        self.elapsed.append(exchange.elapsed)
        self.evidence.points.add(Point.WIRE)
        if keep:
            self.evidence.exchanges.append(exchange)
        return exchange

    def try_post(
        self, path: str, payload: Any, *, timeout: float = TIMEOUT_SECONDS, keep: bool = True
    ) -> Exchange:
        """POST `payload` as JSON, as `attempt` does."""
        body = json.dumps(payload).encode()
        return self.attempt("POST", path, body, _JSON, timeout=timeout, keep=keep)

    def burst(
        self,
        path: str,
        payloads: Sequence[Any],
        also: Sequence[str] = (),
        meanwhile: Callable[[Callable[[], int]], None] | None = None,
    ) -> list[Exchange]:
        """POST all `payloads` as JSON at once: one open connection each, released together.

        With `also`, the base URLs of further instances, they take turns. Every request is sent but
        for its last byte; then the last bytes follow within microseconds, so that the target has
        all of them in hand at the same time. Before the answers are read, `meanwhile` is called
        with a function that counts the requests that are answered already.
        """
        self._expect_present(path)
        headers = {**_PLAIN, **self.headers, **_JSON}
        bodies = [json.dumps(payload).encode() for payload in payloads]
        bases = cycle((self.base_url, *also))
        return self._send_together(
            [Request("POST", next(bases) + path, body, headers) for body in bodies], meanwhile
        )

    def burst_without_body(
        self, method: str, path: str, visitors: Sequence[Headers]
    ) -> list[Exchange]:
        """Send one request for each of the `visitors` at once, with the visitor's headers."""
        url, usual = self.base_url + path, {**_PLAIN, **self.headers}
        return self._send_together(
            [Request(method, url, b"", {**usual, **headers}) for headers in visitors]
        )

    def _send_together(
        self,
        requests: Sequence[Request],
        meanwhile: Callable[[Callable[[], int]], None] | None = None,
    ) -> list[Exchange]:
        try:
            for request in requests:
                request.send(TIMEOUT_SECONDS, held_back=1)
            for request in requests:
                request.release()
            if meanwhile is not None:
                meanwhile(lambda: sum(request.is_answered for request in requests))
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
