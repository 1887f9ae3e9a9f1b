"""A load generator: prepared requests over kept connections, nothing parsed but status and length.

Written for this because what is needed is small: a closed loop for the most that a server does, and
an open loop at a fixed rate, whose latencies count from the moment at which a request was due, so
that a server that stalls cannot slow down the questions. It costs about 40 microseconds of
processor time per request; `Load.client_share` says how much of a processor it used.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_DRAIN_SECONDS = 10.0


@dataclass(frozen=True)
class Load:
    """What came of a load: answers of the wanted status, latencies in seconds, sorted."""

    seconds: float
    latencies: list[float]
    refused: int
    client_share: float

    @property
    def rate(self) -> float:
        """Requests a second that were answered as wanted."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: int) -> float:
        """Return a percentile of the latencies, in milliseconds."""
        return quantiles(self.latencies, n=100)[percent - 1] * 1000


def post(base_url: str, path: str, body: bytes) -> bytes:
    """Return the bytes of a POST of JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(base_url).netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One request at a time; tells the run of each answer."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._due_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes, due_at: float) -> None:
        assert self._transport
        self._due_at = due_at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_HEAD_END)
        length = _LENGTH.search(head)
        if not end or (length and len(body) < int(length[1])):
            return
        self._received = b""
        self._run.answered(self, int(head[9:12]), self._due_at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost()

    def close(self) -> None:
        assert self._transport
        self._transport.abort()


class _Run:
    def __init__(self, requests: Iterator[bytes], status: int, rate: float | None) -> None:
        self._requests = requests
        self._status = status
        self._rate = rate
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()
        self._open = 0
        self._ends_at = 0.0
        self._done = asyncio.Event()
        self._broken = False
        self.latencies: list[float] = []
        self.refused = 0

    async def run(self, base_url: str, connections: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        address = urlsplit(base_url)
        host, port = address.hostname or "", address.port or 80
        made = [
            await loop.create_connection(lambda: _Connection(self), host, port)
            for _ in range(connections)
        ]
        started = time.perf_counter()
        self._ends_at = started + seconds if self._rate is None else math.inf
        self._idle.extend(protocol for _, protocol in made)
        if self._rate is None:
            while self._idle:
                self._send(time.perf_counter())
        else:
            await self._pace(started, int(seconds * self._rate), self._rate)
        await asyncio.wait_for(self._done.wait(), seconds + _DRAIN_SECONDS)
        for _, protocol in made:
            protocol.close()
        if self._broken:
            raise ConnectionError(f"{base_url} closed a connection")

    async def _pace(self, started: float, count: int, rate: float) -> None:
        """Send what is due, on time or, without an idle connection, as soon as there is one."""
        for number in range(count):
            due_at = started + number / rate
            delay = due_at - time.perf_counter()
            if delay > 0:
                await asyncio.sleep(delay)
            elif not self._idle:
                await asyncio.sleep(0)
            self._waiting.append(due_at)
            self._send_waiting()
        self._ends_at = 0.0
        self._finish_when_drained()

    def answered(self, connection: _Connection, status: int, due_at: float) -> None:
        now = time.perf_counter()
        self._open -= 1
        if status == self._status:
            self.latencies.append(now - due_at)
        else:
            self.refused += 1
        self._idle.append(connection)
        if self._rate is not None:
            self._send_waiting()
        elif now < self._ends_at:
            self._send(now)
        self._finish_when_drained()

    def lost(self) -> None:
        self._broken = not self._done.is_set()
        self._done.set()

    def _send_waiting(self) -> None:
        while self._waiting and self._idle:
            self._send(self._waiting.popleft())

    def _send(self, due_at: float) -> None:
        self._open += 1
        self._idle.popleft().send(next(self._requests), due_at)

    def _finish_when_drained(self) -> None:
        ended = time.perf_counter() >= self._ends_at
        if ended and not self._open and not self._waiting:
            self._done.set()


def load(
    base_url: str,
    requests: Iterator[bytes],
    *,
    status: int = 200,
    connections: int = 16,
    seconds: float,
    rate: float | None = None,
) -> Load:
    """Send requests for some seconds: at `rate` a second, or without it as fast as answers come.

    Raises ConnectionError when the server hangs up and TimeoutError when it stops answering.
    """
    run = _Run(requests, status, rate)
    used, started = time.process_time(), time.perf_counter()
    asyncio.run(run.run(base_url, connections, seconds))
    elapsed = time.perf_counter() - started
    share = (time.process_time() - used) / elapsed
    return Load(elapsed, sorted(run.latencies), run.refused, share)
