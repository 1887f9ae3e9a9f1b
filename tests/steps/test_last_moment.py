"""Seeing what holds until the last moment: how long before it, and what if that is over."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from conformance.observe.evidence import Evidence, Exchange
from conformance.steps.scene import Scene

if TYPE_CHECKING:
    from conformance.target.testbed import Testbed

HOUR = timedelta(hours=1)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return the moment that it is, `seconds`; it stands still."""
    moment = SimpleNamespace(seconds=1_000.0)
    monkeypatch.setattr("conformance.steps.scene.time.monotonic", lambda: moment.seconds)
    return moment


def scene(slowest: float = 0.1, how: str = "aged") -> Scene:
    clock = SimpleNamespace(how=how)
    testbed = SimpleNamespace(clock=clock, need_clock=lambda: clock)
    answers = [Exchange("POST", "/", (), b"", 202, elapsed=each) for each in (0.01, slowest)]
    return Scene(cast("Testbed", testbed), Evidence(exchanges=answers))


@pytest.mark.parametrize(("slowest", "left"), [(0.1, 3), (1.5, 15), (9, 20)])
def test_a_few_seconds_are_left_and_more_where_answers_are_slow(
    now: SimpleNamespace, slowest: float, left: float
) -> None:
    # Forty seconds of the hour are over.
    by = scene(slowest).nearly(HOUR, since=now.seconds - 40)
    assert by.total_seconds() == pytest.approx(3_600 - 40 - left)


def test_a_failure_is_in_doubt_once_they_are_over(now: SimpleNamespace) -> None:
    looking = scene()
    looking.nearly(HOUR, since=now.seconds)
    now.seconds += 2.9
    assert looking.doubts() == []
    now.seconds += 0.2
    assert "the time was over" in looking.doubts()[0]


def test_where_the_time_is_waited_for_they_begin_after_it(now: SimpleNamespace) -> None:
    looking = scene(how="waited")
    now.seconds += looking.nearly(HOUR, since=now.seconds).total_seconds()
    now.seconds += 2.9
    assert looking.doubts() == []
