"""While time is moved in the harness's own process, pytest measures in real time."""

from __future__ import annotations

from datetime import timedelta

from _pytest.timing import Instant

from conformance.target.clock.kinds import FrozenClock


def test_durations_of_pytest_do_not_jump() -> None:
    clock, began = FrozenClock(), Instant()
    clock.advance(timedelta(minutes=14))
    try:
        assert began.elapsed().seconds < 60
    finally:
        clock.close()
