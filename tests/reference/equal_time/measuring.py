"""Times of requests for three kinds of addresses, in random order."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx2
import psycopg

from conformance.steps.statistics.equivalence import median_difference_interval
from conformance.target.database.postgres import create_database
from reference_app.migrations import migrate
from tests.reference.equal_time.provider import provider
from tests.reference.processes import launched

KINDS = ("known", "unknown", "suspended")
# Over SMTP the reference has learnt its provider's pace by then.
LEARNING_SENDS = 10
CONFIDENCE = 0.95
USERS = 50_000


@dataclass(frozen=True)
class Cell:
    """One line of the table: a provider, its delay, and how many requests are in flight."""

    provider: str
    delay_ms: int
    in_flight: int


@dataclass(frozen=True)
class Difference:
    """A difference of medians with its confidence interval, in milliseconds."""

    milliseconds: float
    low: float
    high: float


@dataclass
class Times:
    """How long the requests of a cell took, in seconds by kind."""

    cell: Cell
    seconds: dict[str, list[float]]

    @property
    def per_kind(self) -> int:
        """Return the number of requests of the rarest kind."""
        return min(map(len, self.seconds.values()))

    def median_ms(self, kind: str) -> float:
        """Return the median time of a kind."""
        return median(self.seconds[kind]) * 1000

    def difference(self, kind: str) -> Difference:
        """Return how much longer a kind takes than the known."""
        interval = median_difference_interval(self.seconds[kind], self.seconds["known"], CONFIDENCE)
        found = self.median_ms(kind) - self.median_ms("known")
        return Difference(found, interval.low * 1000, interval.high * 1000)


class Addresses:
    """Addresses that nobody has asked for yet: the limit is five requests an hour."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def fresh(self, kind: str) -> str:
        """Return the next address of a kind."""
        return f"{kind}{next(self._numbers)}@example.com"


def filled_database(server_url: str, users: int = USERS) -> str:
    """Return the URL of a migrated database with active and suspended users."""
    url = create_database(server_url, "equal_time")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for kind, status in (("known", "active"), ("suspended", "suspended")):
            connection.execute(
                """
                INSERT INTO users (email, status)
                SELECT %s || n || '@example.com', %s FROM generate_series(0, %s) AS n
                """,
                (kind, status, users),
            )
        connection.execute("VACUUM ANALYZE")
    return url


def measure(
    cell: Cell,
    database_url: str,
    scratch: Path,
    addresses: Addresses,
    *,
    per_kind: int,
    seconds: float = 60.0,
    copies: int = 1,
) -> Times:
    """Measure a cell with `copies` references side by side, each with all requests in flight.

    Ends after `per_kind` requests of each kind, or after `seconds` of measuring.
    """
    with ExitStack() as stack:
        mail = stack.enter_context(provider(cell.provider, cell.delay_ms / 1000))
        names = [scratch / f"{cell.provider}{cell.delay_ms}-{n}.log" for n in range(copies)]
        urls = [stack.enter_context(launched(database_url, each, mail)).url for each in names]
        runs = asyncio.run(
            _measure_all(urls, cell, addresses, -(-per_kind // copies), seconds), debug=False
        )
    return Times(cell, {kind: [s for run in runs for s in run[kind]] for kind in KINDS})


async def _measure_all(
    urls: list[str], cell: Cell, addresses: Addresses, per_kind: int, seconds: float
) -> list[dict[str, list[float]]]:
    return await asyncio.gather(
        *(_measure_one(url, cell, addresses, per_kind, seconds) for url in urls)
    )


async def _measure_one(
    url: str, cell: Cell, addresses: Addresses, per_kind: int, seconds: float
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    kinds = _in_random_order(per_kind)
    limits = httpx2.Limits(max_connections=cell.in_flight)
    async with httpx2.AsyncClient(base_url=url, limits=limits, timeout=30, trust_env=False) as http:
        if cell.provider == "smtp":
            await asyncio.gather(
                *(_request(http, addresses.fresh("known")) for _ in range(LEARNING_SENDS))
            )
        deadline = time.monotonic() + seconds

        async def worker() -> None:
            for kind in kinds:
                times[kind].append(await _request(http, addresses.fresh(kind)))
                if time.monotonic() > deadline:
                    return

        await asyncio.gather(*(worker() for _ in range(cell.in_flight)))
    return times


def _in_random_order(per_kind: int) -> Iterator[str]:
    """Yield the kinds, each once in every three."""
    for _ in range(per_kind):
        yield from random.sample(KINDS, len(KINDS))


async def _request(http: httpx2.AsyncClient, address: str) -> float:
    started = time.perf_counter()
    response = await http.post("/auth/magic-link/request", json={"email": address})
    elapsed = time.perf_counter() - started
    assert response.status_code == 202, response.text
    return elapsed
