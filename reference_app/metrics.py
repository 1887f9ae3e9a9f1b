"""Metrics for Prometheus, in its client's default registry; `GET /metrics` shows them.

No label names anybody, and nothing tells registered addresses from others (AC-9): a rehearsal
counts as a mail does. docs/reference/operations.md says who may read them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Counter, Gauge, Histogram, generate_latest

from reference_app.errors import (
    ApiError,
    EmailSendFailed,
    RateLimitExceeded,
    TokenExpired,
    TokenInvalid,
    TokenUsed,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reference_app.database import Pool

# Whatever has no code of its own: the database is away or not migrated, or a fault of ours.
UNAVAILABLE = "unavailable"


class Outcomes:
    """Counts calls by how they end; a refusal is named by the code that it is answered with."""

    def __init__(self, name: str, text: str, success: str, *refusals: type[ApiError]) -> None:
        self._success = success
        self._counter = Counter(name, text, ["outcome"])
        # From the start, so that the first of each is seen as an increase.
        for outcome in (success, UNAVAILABLE, *(each.code.lower() for each in refusals)):
            self._counter.labels(outcome)

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        """Count the block, or as a decorator each call."""
        try:
            yield
        except Exception as error:
            outcome = error.code.lower() if isinstance(error, ApiError) else UNAVAILABLE
            self._counter.labels(outcome).inc()
            raise
        self._counter.labels(self._success).inc()


LINKS = Outcomes(
    "magic_link_requests",
    "Requests for a link, for known and unknown addresses alike.",
    "accepted",
    RateLimitExceeded,
    EmailSendFailed,
)
TOKENS = Outcomes(
    "magic_link_tokens",
    "Tokens that were presented.",
    "verified",
    TokenUsed,
    TokenExpired,
    TokenInvalid,
)
MAIL_SECONDS = Histogram(
    "magic_link_mail_seconds",
    "How long the provider took for a mail or a rehearsal, accepted or not.",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
_POOL = {
    "pool_size": Gauge("magic_link_pool_size", "Connections to the database."),
    "pool_available": Gauge("magic_link_pool_available", "Those of them that nobody uses."),
    "requests_waiting": Gauge("magic_link_pool_waiting", "Requests that wait for a connection."),
}

router = APIRouter()


@router.get("/metrics")
async def metrics() -> Response:
    """Show what this process has counted."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def watch(pool: Pool) -> None:
    """Show this pool: a process has one, and the last one counts."""
    for name, gauge in _POOL.items():
        gauge.set_function(partial(_stat, pool, name))


def _stat(pool: Pool, name: str) -> float:
    return pool.get_stats()[name]
