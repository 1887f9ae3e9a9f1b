"""A few requests of the table of `python -m tests.reference.equal_time`.

The delay is long and the margin wide: what is seen here is whether a rehearsal waits at all. How
equal the times are is for the table to say.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.target.database.postgres import EmbeddedPostgres
from tests.reference.equal_time.measuring import (
    KINDS,
    Addresses,
    Cell,
    filled_database,
    measure,
)

DELAY_MS = 400


@pytest.fixture(scope="module")
def many_users(postgres: EmbeddedPostgres) -> str:
    return filled_database(postgres.url, users=100)


@pytest.mark.parametrize("provider", ["sendgrid", "smtp"])
def test_nobody_is_answered_before_the_provider_would_have(
    many_users: str, tmp_path: Path, provider: str
) -> None:
    cell = Cell(provider, DELAY_MS, in_flight=10)
    times = measure(cell, many_users, tmp_path, Addresses(), per_kind=10)
    assert times.per_kind == 10
    for kind in KINDS:
        assert times.median_ms(kind) > 0.8 * DELAY_MS
        assert abs(times.difference(kind).milliseconds) < 0.5 * DELAY_MS
