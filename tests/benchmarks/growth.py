"""Whether a verify or a request costs more as the tables grow from a thousand rows to a million.

Only the database's share can grow, so the repository is called by itself, one call at a time.
Beside the time stands the number of pages that PostgreSQL touches, which no load can disturb.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles

from conformance.target.database.postgres import EmbeddedPostgres, create_database
from reference_app.database import Pool
from reference_app.magic_link.repository import MagicLinkRepository
from reference_app.magic_link.tokens import hash_token
from reference_app.migrations import migrate
from tests.benchmarks.result import Result
from tests.benchmarks.servers import Rows, raw_token

_SIZES = (1_000, 30_000, 1_000_000)
_CALLS = 400
_WARM_UP = 50
# Two more levels of a B-tree, and what the machine does meanwhile.
_FLAT_WITHIN = 1.5
_FIRST_SPENT = 100_000_000
_MILLISECONDS = f"ms per call, first quartile of {_CALLS - _WARM_UP}"

Operation = Callable[[MagicLinkRepository], Awaitable[None]]


def verify(postgres: EmbeddedPostgres, _: Path) -> Result:
    """Measure a verify as outstanding tokens grow."""
    numbers = count(_FIRST_SPENT)

    async def spend(repository: MagicLinkRepository) -> None:
        token_hash = hash_token(raw_token(next(numbers)))
        await repository.spend(token_hash, datetime.now(UTC))

    def grow(rows: Rows, size: int, before: int) -> None:
        rows.add_tokens(before + 1, size - before)
        rows.add_tokens(_FIRST_SPENT + _SIZES.index(size) * _CALLS, _CALLS)

    return _measure("verify-growth", "outstanding tokens", postgres, grow, spend)


def request(postgres: EmbeddedPostgres, _: Path) -> Result:
    """Measure a request for a registered address as the attempts of the last hour grow."""
    numbers = count(1)

    async def accept(repository: MagicLinkRepository) -> None:
        number = next(numbers)
        token_hash = hash_token(raw_token(_FIRST_SPENT + number))
        address = f"user{number}@example.com"
        if await repository.accept_request(address, token_hash, datetime.now(UTC)) is None:
            raise RuntimeError("a registered address was not found")

    def grow(rows: Rows, size: int, before: int) -> None:
        rows.add_attempts(before + 1, size - before)

    return _measure("request-growth", "attempts", postgres, grow, accept)


def _measure(
    name: str,
    what: str,
    postgres: EmbeddedPostgres,
    grow: Callable[[Rows, int, int], None],
    operation: Operation,
) -> Result:
    result = Result(name)
    url = create_database(postgres.url, name)
    migrate(url)
    with closing(Rows(url)) as rows:
        rows.add_users(2_000)
        before = 0
        for size in _SIZES:
            grow(rows, size, before)
            before = size
            milliseconds, pages = asyncio.run(_cost(url, operation))
            result.add(f"{size:,} {what}", _MILLISECONDS, milliseconds)
            result.add(f"{size:,} {what}", "pages touched per call", pages)
    first, *_, last = (row[_MILLISECONDS] for row in result.figures.values())
    result.ratios[f"{_SIZES[-1]:,} : {_SIZES[0]:,}, ms"] = last / first
    result.aims[f"Flat: less than {_FLAT_WITHIN:g} times as long"] = last / first < _FLAT_WITHIN
    return result


async def _cost(url: str, operation: Operation) -> tuple[float, float]:
    """Return the time of a call in milliseconds, and the pages that one touches.

    Of the times the first quartile: what else the machine does makes calls slower, never faster.
    """
    async with Pool(url, max_size=1, timeout_seconds=5) as pool:
        repository = MagicLinkRepository(pool)
        for _ in range(_WARM_UP):
            await operation(repository)
        pages = await _pages(pool)
        seconds = []
        for _ in range(_CALLS - _WARM_UP):
            started = time.perf_counter()
            await operation(repository)
            seconds.append(time.perf_counter() - started)
        touched = await _pages(pool) - pages
    return quantiles(seconds, n=4)[0] * 1000, touched / (_CALLS - _WARM_UP)


async def _pages(pool: Pool) -> int:
    """Return how many pages this database's tables and indexes were asked for so far."""
    async with pool.connection() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        cursor = await connection.execute("""
            SELECT sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)
            FROM pg_statio_user_tables
        """)
        row = await cursor.fetchone()
    assert row
    return int(row[0])
