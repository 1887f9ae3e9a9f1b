"""Moving the time: what takes too long tells nothing about a lifetime of minutes."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.evidence import Evidence
from conformance.outcomes import CantTell
from conformance.steps.scene import Scene
from conformance.target.testbed import Testbed

QUARTER = timedelta(minutes=15)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the readings of a clock that shows one after the other."""
    readings = [100.0, 100.0]
    monkeypatch.setattr(time, "monotonic", lambda: readings.pop(0))
    return readings


def scene(how: str) -> Scene:
    clock = SimpleNamespace(how=how, advance=lambda by: None)
    return Scene(cast("Testbed", SimpleNamespace(need_clock=lambda: clock)), Evidence())


def test_time_that_is_moved_at_once_has_moved(passing: list[float]) -> None:
    moved = scene("aged")
    moved.advance(QUARTER, "tokens")
    assert moved.moved == "tokens"


def test_a_move_that_takes_long_decides_nothing(passing: list[float]) -> None:
    passing[1] = 109.0
    with pytest.raises(CantTell, match="took 9 s"):
        scene("aged").advance(QUARTER, "tokens")


def test_time_that_is_waited_for_may_take_as_long_as_it_takes(passing: list[float]) -> None:
    passing[1] = 1000.0
    scene("waited").advance(QUARTER, "tokens")
