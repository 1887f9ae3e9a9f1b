"""Times within text move back in the form that they have; whatever else is text stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conformance.target.clock.written_times import has_another_form, moved_back

NOW = datetime(2026, 11, 23, 13, 5, 59, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("2026-11-23T13:05:59Z", "2026-11-23T12:50:59Z"),
        ("2026-11-23 13:05:59.123456+00", "2026-11-23 12:50:59.123456+00"),
        ("2026-11-23T00:05:59.123+01:00", "2026-11-22T23:50:59.123+01:00"),
        ('["2026-11-23 13:05", 7]', '["2026-11-23 12:50", 7]'),
        (f"{EPOCH}", f"{EPOCH - 900}"),
        (
            f'{{"hits": [{EPOCH}.25, {EPOCH}123]}}',
            f'{{"hits": [{EPOCH - 900}.25, {EPOCH - 900}123]}}',
        ),
        (f"magic:ada@example.com:{EPOCH}", f"magic:ada@example.com:{EPOCH - 900}"),
        (f"i:{EPOCH};", f"i:{EPOCH - 900};"),
    ],
)
def test_a_time_moves_in_its_own_form(text: str, moved: str) -> None:
    assert moved_back(text, timedelta(minutes=15), NOW) == moved


@pytest.mark.parametrize(
    "text",
    [
        "2019-01-01T00:00:00Z",
        "2026-13-45T99:99:99Z",
        "1700000000",
        f"ada{EPOCH}@example.com",
        f"0.{EPOCH}",
        f"{EPOCH}a7",
        f"5d41402a-{EPOCH}",
        "2026-11-23",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert moved_back(text, timedelta(minutes=15), NOW) == text


def test_a_time_of_day_in_another_form_is_seen() -> None:
    assert has_another_form("Mon, 23 Nov 2026 13:05:59 GMT")
    assert not has_another_form("2026-11-23T13:05:59Z, and 15:05")
