"""The one place that tells the time.

Every time that is stored or compared comes from `now`, never from the database: one clock
decides, and a test that moves it moves everything. Durations are measured with the event loop's
clock, which never jumps.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
